//! A filter finds the same in memory and on SQLite, pages by cursor leave out and repeat nothing, and what two clients
//! change at once both holds, in real transactions.

mod postgresql;
mod race;

use std::collections::{BTreeMap, BTreeSet};

use admittance::{
    crypto::Secret,
    fold::fold,
    scim::{
        filter::{
            self,
            sql::{Bind, Column, Columns, Dialect, Table, lower},
        },
        leniency::{Deviation, Leniency},
        page::{CursorScope, CursorSeal, PageParameters, PageRequest, Position},
        schema::{ENTERPRISE_USER, ResourceType},
        sort::{Order, Sort},
    },
    time::Timestamp,
};
use proptest::prelude::*;
use rusqlite::{Connection, ToSql, params, types::ToSqlOutput};
use serde_json::{Map, Value, json};

use super::{limits, read, reading, whole};

const TABLES: &str = "
    CREATE TABLE users (
        id TEXT PRIMARY KEY, external_id TEXT, user_name TEXT NOT NULL, title TEXT, nick_name TEXT, family_name TEXT,
        profile TEXT, active INTEGER, modified INTEGER, department TEXT, manager TEXT
    ) WITHOUT ROWID;
    CREATE TABLE emails (user_id TEXT NOT NULL, value TEXT, type TEXT, display TEXT, is_primary INTEGER);
    CREATE TABLE certificates (user_id TEXT NOT NULL, value TEXT, type TEXT);
";

fn columns() -> Columns {
    let folded = |name: &str| Column::Folded(name.to_owned());
    let exact = |name: &str| Column::Exact(name.to_owned());
    let table = |from: &str, belongs: &str, columns: &[(&str, Column)]| Table {
        from: from.to_owned(),
        belongs: belongs.to_owned(),
        columns: columns.iter().map(|(part, column)| ((*part).to_owned(), column.clone())).collect(),
    };
    let emails = [
        ("value", folded("e.value")),
        ("type", folded("e.type")),
        ("display", folded("e.display")),
        ("primary", Column::Boolean("e.is_primary".to_owned())),
    ];
    let certificates = [("value", exact("c.value")), ("type", folded("c.type"))];
    Columns::new()
        .with("id", exact("u.id"))
        .with("externalId", exact("u.external_id"))
        .with("userName", folded("u.user_name"))
        .with("title", folded("u.title"))
        .with("nickName", folded("u.nick_name"))
        .with("name.familyName", folded("u.family_name"))
        .with("profileUrl", exact("u.profile"))
        .with("active", Column::Boolean("u.active".to_owned()))
        .with("meta.lastModified", Column::Milliseconds("u.modified".to_owned()))
        .with(&format!("{ENTERPRISE_USER}:department"), folded("u.department"))
        .with(&format!("{ENTERPRISE_USER}:manager.value"), exact("u.manager"))
        .with_table("emails", table("emails e", "e.user_id = u.id", &emails))
        .with_table("x509Certificates", table("certificates c", "c.user_id = u.id", &certificates))
}

/// A user as a filter sees it, from the body that a client sends. Empty texts are stored.
fn user(id: &str, body: &Value, modified: Option<&str>) -> Map<String, Value> {
    let leniency = Leniency::interop().without(Deviation::EmptyText);
    let mut user = whole(id, &read(&ResourceType::user(), leniency, body).unwrap().0);
    if let Some(modified) = modified {
        user.insert("meta".to_owned(), json!({ "lastModified": modified }));
    }
    user
}

fn database(users: &[Map<String, Value>]) -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(TABLES).unwrap();
    let transaction = connection.transaction().unwrap();
    for user in users {
        let text = |path: &[&str]| {
            let value = path.iter().try_fold(user.get(path[0])?, |value, name| match *name {
                name if name == path[0] => Some(value),
                name => value.get(name),
            });
            Some(value?.as_str()?.to_owned())
        };
        let folded = |path: &[&str]| text(path).map(|text| fold(&text));
        let id = text(&["id"]).unwrap();
        transaction
            .execute(
                "INSERT INTO users VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    id,
                    text(&["externalId"]),
                    folded(&["userName"]),
                    folded(&["title"]),
                    folded(&["nickName"]),
                    folded(&["name", "familyName"]),
                    text(&["profileUrl"]),
                    user.get("active").and_then(Value::as_bool),
                    text(&["meta", "lastModified"])
                        .map(|text| Timestamp::parse(&text).unwrap().at.to_unix_millis()),
                    folded(&[ENTERPRISE_USER, "department"]),
                    text(&[ENTERPRISE_USER, "manager", "value"]),
                ],
            )
            .unwrap();
        let values = |name: &str| user.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        for email in values("emails") {
            let part = |name: &str| email.get(name).and_then(Value::as_str).map(fold);
            let primary = email.get("primary").and_then(Value::as_bool);
            transaction
                .execute(
                    "INSERT INTO emails VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![id, part("value"), part("type"), part("display"), primary],
                )
                .unwrap();
        }
        for certificate in values("x509Certificates") {
            let part = |name: &str| certificate.get(name).and_then(Value::as_str);
            let type_ = part("type").map(fold);
            transaction
                .execute("INSERT INTO certificates VALUES (?1, ?2, ?3)", params![id, part("value"), type_])
                .unwrap();
        }
    }
    transaction.commit().unwrap();
    connection
}

/// A bound value, as SQLite takes it.
struct Bound<'b>(&'b Bind);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self.0 {
            Bind::Text(text) => text.to_sql(),
            Bind::Integer(number) => number.to_sql(),
            Bind::Real(number) => number.to_sql(),
            Bind::Boolean(value) => value.to_sql(),
            other => panic!("{other:?}"),
        }
    }
}

/// Who is found on SQLite, and in memory.
fn found(
    connection: &Connection,
    users: &[Map<String, Value>],
    text: &str,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let (filter, _) =
        reading(Leniency::interop(), |reading| filter::parse(text, &ResourceType::user(), reading));
    let filter = filter.unwrap_or_else(|error| panic!("{text}: {error}"));
    let condition = lower(&filter, &columns(), Dialect::Sqlite, 1).unwrap_or_else(|e| panic!("{text}: {e}"));
    let sql = format!("SELECT id FROM users u WHERE {}", condition.sql);
    let mut statement = connection.prepare(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let binds = rusqlite::params_from_iter(condition.binds.iter().map(Bound));
    let rows = statement.query_map(binds, |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let matching = users.iter().filter(|user| filter.matches(user));
    (rows, matching.map(|user| user["id"].as_str().unwrap().to_owned()).collect())
}

fn three_users() -> Vec<Map<String, Value>> {
    vec![
        user(
            "u1",
            &json!({
                "userName": "Ada@Example.com", "externalId": "X1", "active": true, "title": "Größe_100%",
                "name": {"familyName": "O'Hara"}, "profileUrl": "https://example.com/Ada",
                "emails": [
                    {"value": "ada@work.example", "type": "work", "primary": true},
                    {"value": "ada@home.example", "type": "home", "primary": false},
                ],
                "x509Certificates": [{"value": "AAAA"}],
                ENTERPRISE_USER: {"department": "R", "manager": {"value": "m1"}},
            }),
            Some("2026-11-22T00:00:00.000Z"),
        ),
        user(
            "u2",
            &json!({
                "userName": "b", "active": false, "title": "a\u{0}b", "nickName": "",
                "emails": [{"type": "work"}, {"value": "b@x", "display": "Ada"}],
                "x509Certificates": [{"value": "aaaa", "type": "ΣΊΣΥΦΟΣ"}],
            }),
            Some("2026-11-22T01:00:00+01:00"),
        ),
        user("U1", &json!({"userName": "c", "externalId": "x1", "title": "a"}), None),
    ]
}

#[test]
fn x4_sqlite_finds_what_is_meant() {
    let users = three_users();
    let connection = database(&users);
    for (text, expected) in [
        ("id eq \"u1\"", vec!["u1"]),
        ("externalId eq \"x1\"", vec!["U1"]),
        ("externalId ne \"x1\"", vec!["u1", "u2"]),
        ("userName eq \"ADA@example.COM\"", vec!["u1"]),
        ("title eq \"GRÖSSE_100%\"", vec![]),
        ("title eq \"GRÖßE_100%\"", vec!["u1"]),
        ("title co \"_\"", vec!["u1"]),
        ("title co \"%\"", vec!["u1"]),
        ("name.familyName eq \"o'hara\"", vec!["u1"]),
        ("title sw \"\"", vec!["U1", "u1", "u2"]),
        ("title ew \"\"", vec!["U1", "u1", "u2"]),
        ("title co \"\"", vec!["U1", "u1", "u2"]),
        // A text may hold the character that ends one in C.
        ("title eq \"A\\u0000B\"", vec!["u2"]),
        ("title sw \"a\\u0000\"", vec!["u2"]),
        ("title sw \"a\"", vec!["U1", "u2"]),
        ("title ew \"\\u0000b\"", vec!["u2"]),
        ("title ew \"b\"", vec!["u2"]),
        ("title ew \"a\"", vec!["U1"]),
        ("title co \"\\u0000\"", vec!["u2"]),
        ("title gt \"a\"", vec!["u1", "u2"]),
        ("title lt \"a\\u0000b\"", vec!["U1"]),
        ("nickName eq null", vec!["U1", "u1", "u2"]),
        ("nickName eq \"\"", vec!["u2"]),
        ("nickName ne \"x\"", vec!["U1", "u1", "u2"]),
        ("nickName pr", vec![]),
        ("not (active eq true)", vec!["U1", "u2"]),
        ("active ne true", vec!["U1", "u2"]),
        ("active eq null", vec!["U1"]),
        ("profileUrl sw \"https://example.com/a\"", vec![]),
        ("emails pr", vec!["u1", "u2"]),
        ("emails eq null", vec!["U1"]),
        ("not (emails pr)", vec!["U1"]),
        ("emails.value ne \"b@x\"", vec!["U1", "u1"]),
        ("not (emails.value eq \"b@x\")", vec!["U1", "u1"]),
        ("emails.display eq null", vec!["U1", "u1"]),
        ("emails.display ne \"ada\"", vec!["U1", "u1"]),
        ("emails[display ne \"ada\"]", vec!["u1", "u2"]),
        ("emails[type eq \"work\" and value eq null]", vec!["u2"]),
        ("emails[type eq \"work\"].value co \"home\"", vec![]),
        ("emails[not (type eq \"work\")].value co \"home\"", vec!["u1"]),
        ("emails.primary eq false", vec!["u1"]),
        ("emails[primary ne true]", vec!["u1", "u2"]),
        ("x509Certificates.value eq \"AAAA\"", vec!["u1"]),
        ("x509Certificates.type eq \"σίσυφος\"", vec!["u2"]),
        ("meta.lastModified eq \"2026-11-22T00:00:00Z\"", vec!["u1", "u2"]),
        ("meta.lastModified lt \"2026-11-22T00:00:00.001Z\"", vec!["u1", "u2"]),
        ("meta.lastModified gt \"2026-11-22T00:00:00+01:00\"", vec!["u1", "u2"]),
        ("manager eq \"m1\" and department eq \"r\"", vec!["u1"]),
        ("manager ne \"m1\"", vec!["U1", "u2"]),
        ("colour ne \"blue\" and not (emails[colour pr] or things[a pr])", vec!["U1", "u1", "u2"]),
    ] {
        let (rows, matching) = found(&connection, &users, text);
        assert_eq!(matching.iter().map(String::as_str).collect::<Vec<_>>(), expected, "in memory: {text}");
        assert_eq!(rows, matching, "on SQLite: {text}");
    }
}

/// Few characters, so that values are found: other cases, folding that changes length, wildcards, the quote, NUL.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!['a', 'A', 'b', 'ß', 'İ', 'Σ', 'ς', '%', '_', '\'', '\0', '😀']),
        0..4,
    )
    .prop_map(String::from_iter)
}

fn instant() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "2026-11-22T00:00:00Z",
        "2026-11-22T01:00:00+01:00",
        "2026-11-22T00:00:00.001Z",
        "2026-11-21T23:59:59Z",
    ])
}

fn users() -> impl Strategy<Value = Vec<Map<String, Value>>> {
    let maybe = || prop::option::of(text());
    let email =
        (maybe(), prop::option::of(prop::sample::select(vec!["work", "Work", "home"])), maybe(), 0..3_u8)
            .prop_map(|(value, kind, display, primary)| {
                // One value at most is the primary one: that is chosen below.
                let primary = if primary == 0 { Value::Null } else { json!(false) };
                json!({"value": value, "type": kind, "display": display, "primary": primary})
            });
    let emails = (prop::collection::vec(email, 0..3), any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(mut emails, at, primary)| {
            if primary && !emails.is_empty() {
                let at = at.index(emails.len());
                emails[at]["primary"] = json!(true);
            }
            emails
        },
    );
    let single = (text(), maybe(), maybe(), maybe(), maybe(), maybe());
    let other = (prop::option::of(any::<bool>()), prop::option::of(instant()), emails, maybe(), maybe());
    let one = (single, other).prop_map(|(single, other)| {
        let (name, external, title, nick, family, profile) = single;
        let (active, modified, emails, department, manager) = other;
        let body = json!({
            "userName": format!("n{name}"), "externalId": external, "title": title, "nickName": nick,
            "name": {"familyName": family}, "profileUrl": profile, "active": active, "emails": emails,
            ENTERPRISE_USER: {"department": department, "manager": {"value": manager}},
        });
        (body, modified)
    });
    prop::collection::vec(one, 1..6).prop_map(|users| {
        let each = users.into_iter().enumerate();
        each.map(|(index, (body, modified))| user(&format!("u{index}"), &body, modified)).collect()
    })
}

/// Filters of every form that the columns can say.
fn filters() -> impl Strategy<Value = String> {
    let texts = vec![
        "id",
        "externalId",
        "userName",
        "title",
        "nickName",
        "name.familyName",
        "profileUrl",
        "department",
        "manager",
        "emails",
        "emails.type",
        "emails.display",
        "colour",
    ];
    let others = vec!["active", "emails.primary"];
    let parts = vec!["value", "type", "display", "colour"];
    let compared = |operands: Vec<&'static str>| {
        let operators = vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];
        (prop::sample::select(operands), prop::sample::select(operators), text())
            .prop_map(|(operand, operator, text)| format!("{operand} {operator} {}", Value::from(text)))
    };
    let present = |operands: Vec<&'static str>| {
        let test = prop::sample::select(vec!["pr", "eq null", "ne null"]);
        (prop::sample::select(operands), test).prop_map(|(operand, test)| format!("{operand} {test}"))
    };
    let boolean = |operands: Vec<&'static str>| {
        let test = prop::sample::select(vec!["eq true", "eq false", "ne true", "ne false", "eq null"]);
        (prop::sample::select(operands), test).prop_map(|(operand, test)| format!("{operand} {test}"))
    };
    let dates = (prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]), instant())
        .prop_map(|(operator, instant)| format!("meta.lastModified {operator} \"{instant}\""));
    let within = combined(prop_oneof![
        4 => compared(parts.clone()),
        1 => present(parts.clone()),
        1 => boolean(vec!["primary"]),
    ]);
    let values = (within, prop::option::of(compared(parts))).prop_map(|(within, after)| match after {
        Some(after) => format!("emails[{within}].{after}"),
        None => format!("emails[{within}]"),
    });
    // A complex attribute as a whole has no column.
    let with_others =
        texts.iter().chain(&others).map(|one| if *one == "manager" { "manager.value" } else { one });
    let with_others: Vec<_> = with_others.collect();
    combined(prop_oneof![
        5 => compared(texts),
        2 => present(with_others),
        1 => boolean(others),
        1 => dates,
        3 => values,
    ])
}

fn combined(leaf: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    leaf.prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

proptest! {
    #[test]
    fn x4_sqlite_finds_what_matches_in_memory(
        users in users(),
        filters in prop::collection::vec(filters(), 1..12),
    ) {
        let connection = database(&users);
        for text in filters {
            let (rows, matching) = found(&connection, &users, &text);
            prop_assert_eq!(rows, matching, "{}", text);
        }
    }

    #[test]
    fn p9_pages_by_cursor_give_each_row_once(
        users in prop::collection::vec(prop::option::of(text()), 0..20),
        count in 1..7_usize,
        by_title in any::<bool>(),
        descending in any::<bool>(),
    ) {
        let users: Vec<_> = (0..).zip(users).map(|(index, title)| {
            // Identifiers in another order than that of the rows.
            user(&format!("{:02}", index * 7 % 20), &json!({"userName": "n", "title": title}), None)
        }).collect();
        let connection = database(&users);
        let order = if descending { Order::Descending } else { Order::Ascending };
        let seen = walk(&connection, count, by_title.then_some(order));
        let mut expected: Vec<_> = users.iter().collect();
        let direction = if descending { "descending" } else { "ascending" };
        let by = if by_title { "title" } else { "id" };
        let direction = if by_title { direction } else { "ascending" };
        let (sort, _) = reading(Leniency::strict(), |reading| {
            Sort::parse(by, Some(direction), &ResourceType::user(), reading)
        });
        let sort = sort.unwrap();
        expected.sort_by(|one, other| sort.compare(one, other));
        let expected: Vec<_> = expected.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
        prop_assert_eq!(seen, expected);
    }
}

/// Every identifier that a client sees who follows the cursors, in order.
fn walk(connection: &Connection, count: usize, by_title: Option<Order>) -> Vec<String> {
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    let seal = CursorSeal { key: &key, timeout: std::time::Duration::from_secs(600) };
    let now = Timestamp::parse("2026-11-22T00:00:00Z").unwrap().at;
    let scope = CursorScope { tenant: "acme", query: "users", count };
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let number = count.to_string();
        let parameters =
            PageParameters { count: Some(&number), cursor: Some(&cursor), ..PageParameters::default() };
        let page = PageRequest::parse(parameters, "acme", "users", Some(seal), &limits(), now).unwrap();
        let PageRequest::Cursor { after, count } = page else { panic!("{page:?}") };
        let (mut rows, more) = rows_after(connection, after.as_ref(), count, by_title);
        seen.extend(rows.iter().map(|row| row.id.clone()));
        let Some(last) = rows.pop().filter(|_| more) else { return seen };
        cursor = seal.seal(last, &scope, now);
    }
}

/// A page by its place: the rows after one, found by an index, however far into the list.
fn rows_after(
    connection: &Connection,
    after: Option<&Position>,
    count: usize,
    by_title: Option<Order>,
) -> (Vec<Position>, bool) {
    let key = after.and_then(|position| position.sort_key.as_deref());
    let (condition, order) = match (by_title, after, key) {
        (None, None, _) => ("1", "id"),
        (None, Some(_), _) => ("id > :id", "id"),
        (Some(Order::Ascending), None, _) => ("1", "title IS NULL, title, id"),
        (Some(Order::Ascending), Some(_), Some(_)) => {
            ("title IS NULL OR (title, id) > (:key, :id)", "title IS NULL, title, id")
        }
        (Some(Order::Ascending), Some(_), None) => ("title IS NULL AND id > :id", "title IS NULL, title, id"),
        (Some(Order::Descending), None, _) => ("1", "title IS NOT NULL, title DESC, id"),
        (Some(Order::Descending), Some(_), Some(_)) => {
            ("title < :key OR (title = :key AND id > :id)", "title IS NOT NULL, title DESC, id")
        }
        (Some(Order::Descending), Some(_), None) => {
            ("title IS NOT NULL OR id > :id", "title IS NOT NULL, title DESC, id")
        }
    };
    let sql = format!("SELECT title, id FROM users WHERE {condition} ORDER BY {order} LIMIT :limit");
    let mut statement = connection.prepare(&sql).unwrap();
    let limit = i64::try_from(count + 1).unwrap();
    let id = after.map(|position| position.id.as_str());
    let named: BTreeMap<&str, &dyn ToSql> =
        BTreeMap::from([(":id", &id as &dyn ToSql), (":key", &key), (":limit", &limit)]);
    for (name, value) in named {
        if let Some(index) = statement.parameter_index(name).unwrap() {
            statement.raw_bind_parameter(index, value).unwrap();
        }
    }
    let mut rows = statement.raw_query();
    let mut page = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let sort_key: Option<String> = row.get(0).unwrap();
        page.push(Position { sort_key: sort_key.filter(|_| by_title.is_some()), id: row.get(1).unwrap() });
    }
    let more = page.len() > count;
    page.truncate(count);
    (page, more)
}
