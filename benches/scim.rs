//! SCIM requests against the least that anybody must do for the same bytes: `serde_json` parses the same bodies, SQLite
//! runs the same queries.
//!
//! Prints `scim/patch ratio 1.23` and so on; exit status 1 when a ratio is above its bound.
//!
//! - `user-body`: a POST's body, read by the schema. `filter`: one parsed and tried on a user; the floor parses the user.
//! - `patch`: two operations on a user, from the bytes of both. `member-loaded-10000`: one member into a group that was
//!   loaded, from the bytes of both; `1000-members-loaded-10000`: a thousand.
//! - `delta`, `1000-delta`: one member and a thousand into a group of each size by delta, from the request's bytes;
//!   `delta-100000-to-10` is the cost with the largest group to the cost with the smallest.
//! - `page`: 100 of 100 000 users by SQL on SQLite, from request to answer. `token`: one checked; the floor hashes once.

#[allow(dead_code, reason = "the other benchmarks use more of it")]
mod measure;

use std::{collections::BTreeMap, hint::black_box, process::ExitCode, time::Duration};

use admittance::{
    crypto::{DigestAlgorithm, Secret, digest},
    endpoint::UrlPolicy,
    entropy::OsEntropy,
    fold::fold,
    id::Revision,
    json::parse_object,
    limits::{JsonLimits, Limits, ScimLimits},
    scim::{
        access::{Access, Scopes},
        change::{Member, MembersChange},
        fetch::{Facts, Fetched, ListQuery, Loaded, Page, Stored, Target},
        filter::{
            self,
            sql::{Bind, Column, Columns, Dialect, lower},
        },
        leniency::Leniency,
        machine::{Context, Done, Step, begin},
        page::PageRequest,
        patch,
        resource::{Purpose, Reading, Resource, read},
        schema::ResourceType,
        service::{ServiceConfig, Tenancy},
        tenant::ResourceId,
        token::{self, Bearer, NewToken},
    },
    testing::scim_client::{Okta, Person, Service},
    time::Timestamp,
};
use http::Request;
use rusqlite::{Connection, types::ToSql};
use serde_json::{Value, json};

use measure::{Comparison, compare_within, warm_up};

const LONG: Duration = Duration::from_secs(2);
const BODY: f64 = 4.0;
/// The floor makes one small object of each member; a delta reads it by the schema, then keys it, then looks it up.
const MANY: f64 = 6.0;
const PAGE: f64 = 1.5;
const LEVEL: f64 = 1.5;
/// The floor is far below a microsecond, so every allocation shows.
const TOKEN: f64 = 8.0;
const SIZES: [usize; 4] = [10, 1_000, 10_000, 100_000];
const ROWS: usize = 100_000;

fn main() -> ExitCode {
    warm_up();
    let mut within = true;
    let mut show = |name: &str, bound: f64, comparison: Comparison| {
        println!("scim/{name} ratio {:.2}", comparison.ratio);
        println!("    floor {:.1?}, subject {:.1?}, bound {bound}", comparison.floor, comparison.subject);
        within &= comparison.ratio <= bound;
    };
    show("user-body", BODY, user_body());
    show("filter", BODY, filter());
    show("patch", BODY, patch());
    for (name, count) in [("member", 1), ("1000-members", 1_000)] {
        show(&format!("{name}-loaded-10000"), BODY, members_loaded(10_000, count));
    }
    for size in SIZES {
        show(&format!("delta-{size}"), BODY, delta(size, 1));
        show(&format!("1000-delta-{size}"), MANY, delta(size, 1_000));
    }
    show("delta-100000-to-10", LEVEL, delta_of_sizes(10, 100_000));
    show("page", PAGE, page());
    show("token", TOKEN, check_token());
    if within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn user_body() -> Comparison {
    let (body, users) = (user().to_string().into_bytes(), ResourceType::user());
    compare_within(
        BODY,
        LONG,
        || parse(&body),
        || {
            let body = parse_object(black_box(&body), &JsonLimits::default()).unwrap();
            black_box(with_reading(|reading| read(&users, body, Purpose::Create, reading)).unwrap());
        },
    )
}

fn filter() -> Comparison {
    let text = r#"userName eq "ADA@example.com" and emails[type eq "work" and value co "@example.com"]"#;
    let (body, users) = (user().to_string().into_bytes(), ResourceType::user());
    let resource = resource();
    compare_within(
        BODY,
        LONG,
        || parse(&body),
        || {
            let filter = with_reading(|reading| filter::parse(black_box(text), &users, reading)).unwrap();
            assert!(filter.matches(resource.attributes()));
        },
    )
}

fn patch() -> Comparison {
    let operations = json!([
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "x@example.com"},
        {"op": "add", "path": "title", "value": "Countess"},
    ]);
    let request = patch_body(&operations);
    let stored = serde_json::to_vec(&resource()).unwrap();
    patched(&ResourceType::user(), &request, &stored)
}

fn members_loaded(size: usize, count: usize) -> Comparison {
    let members: Vec<Value> = (0..size).map(|one| json!({"value": member(one), "type": "User"})).collect();
    let stored = json!({"displayName": "Team", "members": members}).to_string().into_bytes();
    patched(&ResourceType::group(), &add(count), &stored)
}

/// From the bytes of a request and of a stored resource to the resource after it.
fn patched(resource_type: &ResourceType, request: &[u8], stored: &[u8]) -> Comparison {
    let floor = || {
        parse(request);
        parse(stored);
    };
    compare_within(BODY, LONG, floor, || {
        let body = parse_object(black_box(request), &JsonLimits::default()).unwrap();
        let stored: Resource = serde_json::from_slice(black_box(stored)).unwrap();
        black_box(with_reading(|reading| {
            let ops = patch::parse(resource_type, body, reading).unwrap();
            ops.apply(&stored, reading).unwrap()
        }));
    })
}

fn delta(size: usize, count: usize) -> Comparison {
    let (request, stored, groups) = (add(count), group(size), ResourceType::group());
    let bound = if count == 1 { BODY } else { MANY };
    compare_within(
        bound,
        LONG,
        || parse(&request),
        || assert_eq!(by_delta(&groups, &request, &stored), count),
    )
}

fn delta_of_sizes(small: usize, large: usize) -> Comparison {
    let (request, small, large) = (add(1), group(small), group(large));
    let groups = ResourceType::group();
    compare_within(
        LEVEL,
        LONG,
        || assert_eq!(by_delta(&groups, &request, &small), 1),
        || assert_eq!(by_delta(&groups, &request, &large), 1),
    )
}

/// From the bytes of a request to how many members it really adds.
fn by_delta(groups: &ResourceType, request: &[u8], stored: &BTreeMap<ResourceId, ()>) -> usize {
    let body = parse_object(black_box(request), &JsonLimits::default()).unwrap();
    let delta =
        with_reading(|reading| patch::parse(groups, body, reading).unwrap().membership_delta()).unwrap();
    let add = delta.add.into_keys().map(|id| Member {
        id: id.into(),
        resource_type: "User".to_owned(),
        display: None,
    });
    let remove = delta.remove.into_iter().map(ResourceId::from).collect();
    let change = MembersChange { base: delta.base, add: add.collect(), remove };
    black_box(change.effect_on(stored)).added.len()
}

fn page() -> Comparison {
    let database = Database::new();
    let base = "https://example.com/scim/v2/connections/acme";
    let service = Service::new(base, Secret::new("not checked here"));
    let query = "/Users?filter=active%20eq%20true&startIndex=50001&count=100";
    let request = service.request(http::Method::GET, query);
    let config =
        ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath).unwrap();
    let context = Context::new(Some(Access::new("acme", Scopes::all())), now());
    compare_within(
        PAGE,
        LONG,
        || database.bare(),
        || {
            let done = database.answer(&config, &context, black_box(&request));
            assert_eq!(done.response.status(), 200);
        },
    )
}

fn check_token() -> Comparison {
    let new = NewToken { prefix: "acme", label: "Okta", scopes: Scopes::all(), expires_at: None };
    let (text, record) = token::generate(new, &[], &mut OsEntropy, now()).unwrap();
    let request = Okta(Service::new("https://example.com", text)).create_user(&Person::ada());
    let secret = [b'0'; 64];
    let floor = || {
        black_box(digest(DigestAlgorithm::Sha256, black_box(&secret)));
    };
    compare_within(TOKEN, LONG, floor, || {
        let bearer = Bearer::from_headers(black_box(request.headers())).unwrap();
        black_box(token::authenticate(&bearer, [&record], "acme", now()).unwrap());
    })
}

/// 100 000 users of one tenant, their attributes as JSON, and columns for what is filtered by.
struct Database {
    connection: Connection,
    columns: Columns,
}

impl Database {
    fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE users (id TEXT PRIMARY KEY, user_name TEXT, active INTEGER, modified INTEGER,
                 version TEXT, body TEXT) WITHOUT ROWID; BEGIN",
            )
            .unwrap();
        let mut insert = connection.prepare("INSERT INTO users VALUES (?1, ?2, 1, ?3, '1', ?4)").unwrap();
        for row in 0..ROWS {
            let name = format!("u{row}@example.com");
            let mut body = serde_json::to_value(resource()).unwrap();
            body["userName"] = Value::from(name.as_str());
            let values: [&dyn ToSql; 4] =
                [&member(row), &fold(&name), &now().to_unix_millis(), &body.to_string()];
            insert.execute(values).unwrap();
        }
        drop(insert);
        connection.execute_batch("COMMIT").unwrap();
        let columns = Columns::new()
            .with("userName", Column::Folded("user_name".to_owned()))
            .with("active", Column::Boolean("active".to_owned()));
        Self { connection, columns }
    }

    /// The two queries, written by hand.
    fn bare(&self) {
        let binds: [&dyn ToSql; 1] = [&1];
        black_box(self.rows("active = ?1", &binds, 100, 50_000, |_, body, _| body.len()));
    }

    fn answer(&self, config: &ServiceConfig, context: &Context, request: &Request<Vec<u8>>) -> Done {
        let Step::Need(need) = begin(config, context, request) else { panic!("nothing to load") };
        let Target::List(query) = &need.fetch().target else { panic!("no list") };
        let page = self.load(query);
        let Step::Done(done) = need.loaded(Fetched::new(Loaded::Page(page))) else { panic!("no answer") };
        done
    }

    fn load(&self, query: &ListQuery) -> Page {
        let filter = query.filter.as_ref().unwrap();
        let condition = lower(filter, &self.columns, Dialect::Sqlite, 1).unwrap();
        let binds: Vec<Box<dyn ToSql>> = condition
            .binds
            .into_iter()
            .map(|bind| -> Box<dyn ToSql> {
                match bind {
                    Bind::Text(text) => Box::new(text),
                    Bind::Boolean(value) => Box::new(value),
                    _ => panic!("no such value here"),
                }
            })
            .collect();
        let binds: Vec<&dyn ToSql> = binds.iter().map(|bind| &**bind).collect();
        let PageRequest::Index { start_index, count } = query.page else { panic!("no index") };
        let (total, resources) =
            self.rows(&condition.sql, &binds, count, start_index - 1, |id, body, version| {
                let id = ResourceId::from(id);
                let version = Revision::from(version);
                let facts = Facts { id, created: now(), last_modified: now(), version };
                Stored { facts, resource: serde_json::from_str(body).unwrap(), protected: false }
            });
        Page { total: Some(total), resources, next: None }
    }

    fn rows<T>(
        &self,
        condition: &str,
        binds: &[&dyn ToSql],
        count: usize,
        skip: usize,
        read: impl Fn(&str, &str, &str) -> T,
    ) -> (usize, Vec<T>) {
        let total = format!("SELECT count(*) FROM users WHERE {condition}");
        let mut total = self.connection.prepare(&total).unwrap();
        let total: i64 = total.query_row(binds, |row| row.get(0)).unwrap();
        let total = usize::try_from(total).unwrap();
        let page = format!(
            "SELECT id, body, version FROM users WHERE {condition} ORDER BY id LIMIT {count} OFFSET {skip}"
        );
        let mut page = self.connection.prepare(&page).unwrap();
        let text = |row: &rusqlite::Row<'_>, at| row.get::<_, String>(at);
        let rows = page.query_map(binds, |row| Ok(read(&text(row, 0)?, &text(row, 1)?, &text(row, 2)?)));
        let rows: Vec<T> = rows.unwrap().collect::<Result<_, rusqlite::Error>>().unwrap();
        assert_eq!((total, rows.len()), (ROWS, count));
        (total, rows)
    }
}

fn parse(body: &[u8]) {
    black_box(serde_json::from_slice::<Value>(black_box(body)).unwrap());
}

fn with_reading<T>(read: impl FnOnce(&mut Reading<'_>) -> T) -> T {
    let limits: ScimLimits = Limits::default().scim;
    read(&mut Reading::new(Leniency::interop(), &limits))
}

fn resource() -> Resource {
    let body = parse_object(user().to_string().as_bytes(), &JsonLimits::default()).unwrap();
    with_reading(|reading| read(&ResourceType::user(), body, Purpose::Create, reading)).unwrap()
}

fn group(size: usize) -> BTreeMap<ResourceId, ()> {
    (0..size).map(|one| (ResourceId::from(member(one)), ())).collect()
}

fn member(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// As many new members.
fn add(count: usize) -> Vec<u8> {
    let new: Vec<_> =
        (0..count).map(|one| json!({"value": format!("ffffffff-0000-4000-8000-{one:012}")})).collect();
    patch_body(&json!([{"op": "add", "path": "members", "value": new}]))
}

fn patch_body(operations: &Value) -> Vec<u8> {
    json!({"schemas": [patch::PATCH_OP], "Operations": operations}).to_string().into_bytes()
}

fn user() -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "userName": "ada@example.com",
        "externalId": "00u1a2b3c4d5e6f7",
        "name": {"givenName": "Ada", "familyName": "Byron", "formatted": "Ada Byron"},
        "displayName": "Ada Byron",
        "emails": [
            {"primary": true, "type": "work", "value": "ada@example.com"},
            {"type": "home", "value": "ada@home.example"},
        ],
        "phoneNumbers": [{"type": "work", "value": "+44 20 7946 0000"}],
        "addresses": [{"type": "work", "locality": "London", "country": "GB", "streetAddress": "1 Main Road"}],
        "locale": "en-GB",
        "active": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Mathematics", "employeeNumber": "1815",
        },
    })
}

fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_795_000_000_000).unwrap()
}
