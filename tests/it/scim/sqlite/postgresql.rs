//! The same rows on a PostgreSQL server, where one is given: see `tests/oracles/postgresql/run`.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::Write as _,
    process::{Command, Stdio},
};

use proptest::{strategy::ValueTree, test_runner::TestRunner};

use super::*;

/// `SCIM_POSTGRESQL` holds the arguments of `psql` for a database to work in.
#[test]
#[ignore = "a server comes from tests/oracles/postgresql/run"]
fn x4_postgresql_finds_what_matches_in_memory() {
    let mut script = "SET client_min_messages = warning; SET standard_conforming_strings = on;\n".to_owned();
    let mut expected = Vec::new();
    let mut runner = TestRunner::deterministic();
    let mut unsupported = 0;
    for round in 0..60 {
        let users: Vec<_> = match round {
            0 => three_users().into_iter().map(without_nul).collect(),
            _ => users().new_tree(&mut runner).unwrap().current().into_iter().map(without_nul).collect(),
        };
        tables(&mut script, &users);
        for text in texts(round, &mut runner) {
            let (filter, _) =
                reading(Leniency::interop(), |reading| filter::parse(&text, &ResourceType::user(), reading));
            let filter = filter.unwrap_or_else(|error| panic!("{text}: {error}"));
            let Ok(condition) = lower(&filter, &columns(), Dialect::PostgreSql, 1) else {
                assert!(text.contains("\\u0000"), "{text}");
                unsupported += 1;
                continue;
            };
            let types: Vec<_> = condition.binds.iter().map(|bind| typed(bind).0).collect();
            let values: Vec<_> = condition.binds.iter().map(|bind| typed(bind).1).collect();
            let list = |texts: Vec<String>| match texts.as_slice() {
                [] => String::new(),
                texts => format!("({})", texts.join(", ")),
            };
            writeln!(
                script,
                "PREPARE f{} AS SELECT id FROM users u WHERE {};\n\\echo ={}\nEXECUTE f{};\nDEALLOCATE f;",
                list(types.into_iter().map(str::to_owned).collect()),
                condition.sql,
                expected.len(),
                list(values)
            )
            .unwrap();
            let matching: BTreeSet<String> = users
                .iter()
                .filter(|user| filter.matches(user))
                .map(|user| user["id"].as_str().unwrap().to_owned())
                .collect();
            expected.push((text, matching));
        }
    }
    assert!(expected.len() > 500 && unsupported > 0, "{} {unsupported}", expected.len());
    let answer = psql(&script);
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for line in answer.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix('=') {
            Some(number) => {
                assert_eq!(number, found.len().to_string());
                found.push(BTreeSet::new());
            }
            None => {
                found.last_mut().unwrap().insert(line.to_owned());
            }
        }
    }
    assert_eq!(found.len(), expected.len());
    for ((text, matching), found) in expected.iter().zip(found) {
        assert_eq!(found, *matching, "{text}");
    }
    println!("{} filters on PostgreSQL find what they find in memory", expected.len());
}

/// Those that are written down, then generated ones.
fn texts(round: usize, runner: &mut TestRunner) -> Vec<String> {
    if round == 0 {
        return MEANT.iter().map(|text| (*text).to_owned()).collect();
    }
    (0..12).map(|_| filters().new_tree(runner).unwrap().current()).collect()
}

const MEANT: [&str; 24] = [
    "title co \"_\"",
    "title co \"%\"",
    "title eq \"GRÖßE_100%\"",
    "name.familyName eq \"o'hara\"",
    "title sw \"\"",
    "title ew \"\"",
    "title co \"\"",
    "title gt \"a\"",
    "title ge \"B\"",
    "userName lt \"b\"",
    "externalId gt \"X\"",
    "externalId le \"X1\"",
    "id gt \"a\"",
    "id lt \"u1\"",
    "profileUrl sw \"https://example.com/a\"",
    "profileUrl ew \"Ada\"",
    "nickName eq null",
    "nickName eq \"\"",
    "active ne true",
    "emails[type eq \"work\" and value eq null]",
    "emails[primary ne true]",
    "x509Certificates.type eq \"σίσυφος\"",
    "meta.lastModified lt \"2026-11-22T00:00:00.001Z\"",
    "colour ne \"blue\" and not (emails[colour pr])",
];

/// PostgreSQL has no text with this character in it.
fn without_nul(user: Map<String, Value>) -> Map<String, Value> {
    let text = Value::Object(user).to_string().replace("\\u0000", "");
    serde_json::from_str(&text).unwrap()
}

fn tables(script: &mut String, users: &[Map<String, Value>]) {
    script.push_str("DROP TABLE IF EXISTS users, emails, certificates;\n");
    let tables = TABLES.replace(" WITHOUT ROWID", "").replace("active INTEGER", "active BOOLEAN");
    script.push_str(
        &tables
            .replace("is_primary INTEGER", "is_primary BOOLEAN")
            .replace("modified INTEGER", "modified BIGINT"),
    );
    for user in users {
        let at = |path: &[&str]| {
            path.iter().try_fold(&Value::Object(user.clone()), |value, name| value.get(name)).cloned()
        };
        let exact = |path: &[&str]| literal(at(path).as_ref().and_then(Value::as_str));
        let folded = |path: &[&str]| literal(at(path).as_ref().and_then(Value::as_str).map(fold).as_deref());
        let modified = at(&["meta", "lastModified"]).map_or("NULL".to_owned(), |text| {
            Timestamp::parse(text.as_str().unwrap()).unwrap().at.to_unix_millis().to_string()
        });
        let id = exact(&["id"]);
        let row = [
            id.clone(),
            exact(&["externalId"]),
            folded(&["userName"]),
            folded(&["title"]),
            folded(&["nickName"]),
            folded(&["name", "familyName"]),
            exact(&["profileUrl"]),
            at(&["active"]).map_or("NULL".to_owned(), |value| value.to_string()),
            modified,
            folded(&[ENTERPRISE_USER, "department"]),
            exact(&[ENTERPRISE_USER, "manager", "value"]),
        ];
        writeln!(script, "INSERT INTO users VALUES ({});", row.join(", ")).unwrap();
        let values = |name: &str| user.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        for email in values("emails") {
            let part = |name: &str| literal(email.get(name).and_then(Value::as_str).map(fold).as_deref());
            let primary = email.get("primary").map_or("NULL".to_owned(), Value::to_string);
            let row = [id.clone(), part("value"), part("type"), part("display"), primary];
            writeln!(script, "INSERT INTO emails VALUES ({});", row.join(", ")).unwrap();
        }
        for certificate in values("x509Certificates") {
            let part = |name: &str| certificate.get(name).and_then(Value::as_str);
            let row = [id.clone(), literal(part("value")), literal(part("type").map(fold).as_deref())];
            writeln!(script, "INSERT INTO certificates VALUES ({});", row.join(", ")).unwrap();
        }
    }
}

/// A value to bind, with the type that a driver gives it.
fn typed(bind: &Bind) -> (&'static str, String) {
    match bind {
        Bind::Text(text) => ("text", literal(Some(text))),
        Bind::Integer(number) => ("bigint", number.to_string()),
        Bind::Real(number) => ("double precision", number.to_string()),
        Bind::Boolean(value) => ("boolean", value.to_string()),
        other => panic!("{other:?}"),
    }
}

fn literal(text: Option<&str>) -> String {
    text.map_or("NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")))
}

fn psql(script: &str) -> String {
    let arguments = std::env::var("SCIM_POSTGRESQL").expect("SCIM_POSTGRESQL names the server");
    let mut child = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
        .args(arguments.split_whitespace())
        .env("PGCLIENTENCODING", "UTF8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let answer = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(script.as_bytes()));
        child.wait_with_output().unwrap()
    });
    assert!(answer.status.success(), "{:?}", answer.status);
    String::from_utf8(answer.stdout).unwrap()
}
