//! The condition of each operator and type of column, to the letter, with what is bound.

use std::collections::BTreeMap;

use admittance::scim::{
    filter::{
        self,
        sql::{Bind, Column, Columns, Condition, Dialect, Table, lower},
    },
    leniency::Leniency,
    schema::{ResourceType, Schema},
};

use super::super::reading;

/// A type with an attribute of each kind.
fn things() -> ResourceType {
    let part = |name: &str, kind: &str| format!(r#"{{"name": "{name}", "type": "{kind}"}}"#);
    let one = |name: &str, kind: &str, case_exact: bool| {
        format!(r#"{{"name": "{name}", "type": "{kind}", "caseExact": {case_exact}}}"#)
    };
    let attributes = [
        one("name", "string", false),
        one("code", "string", true),
        one("on", "boolean", false),
        one("size", "integer", false),
        one("weight", "decimal", false),
        one("seen", "dateTime", false),
        one("key", "binary", true),
        one("link", "reference", true),
        format!(
            r#"{{"name": "tags", "type": "complex", "multiValued": true, "subAttributes": [{}]}}"#,
            [part("value", "string"), part("primary", "boolean"), part("rank", "integer")].join(",")
        ),
    ];
    let schema = format!(
        r#"{{"id": "urn:example:Thing", "name": "Thing", "attributes": [{}]}}"#,
        attributes.join(",")
    );
    ResourceType::new("Thing", "/Things", Schema::from_json(schema.as_bytes()).unwrap()).unwrap()
}

fn columns() -> Columns {
    let tags = BTreeMap::from([
        ("value".to_owned(), Column::Folded("g.v".to_owned())),
        ("primary".to_owned(), Column::Boolean("g.p".to_owned())),
        ("rank".to_owned(), Column::Number("g.r".to_owned())),
    ]);
    Columns::new()
        .with("name", Column::Folded("t.n".to_owned()))
        .with("code", Column::Exact("t.c".to_owned()))
        .with("on", Column::Boolean("t.o".to_owned()))
        .with("size", Column::Number("t.s".to_owned()))
        .with("weight", Column::Number("t.w".to_owned()))
        .with("seen", Column::Milliseconds("t.m".to_owned()))
        .with("key", Column::Exact("t.k".to_owned()))
        .with("link", Column::Exact("t.l".to_owned()))
        .with_table(
            "tags",
            Table { from: "tags g".to_owned(), belongs: "g.thing = t.id".to_owned(), columns: tags },
        )
}

fn lowered(text: &str, dialect: Dialect) -> Condition {
    let things = things();
    let filter = reading(Leniency::interop(), |reading| filter::parse(text, &things, reading)).0;
    lower(&filter.unwrap_or_else(|error| panic!("{text}: {error}")), &columns(), dialect, 1)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn x4_the_text_of_each_condition() {
    let mut lines = 0;
    for line in GOLDEN.lines() {
        let [dialect, filter, sql, binds] = line.split('|').collect::<Vec<_>>().try_into().unwrap();
        let dialect = match dialect {
            "PostgreSql" => Dialect::PostgreSql,
            "Sqlite" => Dialect::Sqlite,
            other => panic!("{other}"),
        };
        let condition = lowered(filter, dialect);
        assert_eq!(condition.sql, sql, "{dialect:?}: {filter}");
        assert_eq!(shown(&condition.binds), binds, "{dialect:?}: {filter}");
        lines += 1;
    }
    assert!(lines >= 190, "{lines}");
}

/// What is written above holds every operator that an attribute takes, in both dialects, and no value in the SQL.
#[test]
fn x4_no_operator_is_left_out() {
    let ordered: &[&str] = &["eq", "ne", "gt", "ge", "lt", "le", "pr", "eq null"];
    let texts: &[&str] = &["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "eq null"];
    let equal: &[&str] = &["eq", "ne", "pr", "eq null"];
    for dialect in ["PostgreSql", "Sqlite"] {
        for (attribute, operators) in [
            ("name", texts),
            ("code", texts),
            ("link", texts),
            ("tags", texts),
            ("on", equal),
            ("key", equal),
            ("tags.primary", equal),
            ("size", ordered),
            ("weight", ordered),
            ("seen", ordered),
            ("tags.rank", ordered),
        ] {
            for operator in operators {
                let start = format!("{dialect}|{attribute} {operator}");
                assert!(GOLDEN.lines().any(|line| line.starts_with(&start)), "{start}");
            }
        }
    }
    assert!(GOLDEN.lines().all(|line| !line.split('|').nth(2).unwrap().contains(['Ä', 'ä', '7', '5'])));
    let nothing_of_the_other = |line: &str| match line.starts_with("Sqlite") {
        true => !line.contains('$') && !line.contains("COLLATE"),
        false => !line.contains('?') && !line.contains("instr"),
    };
    assert!(GOLDEN.lines().all(nothing_of_the_other));
}

/// As the file has them.
fn shown(binds: &[Bind]) -> String {
    let shown: Vec<_> = binds
        .iter()
        .map(|bind| match bind {
            Bind::Text(text) => format!("Text({text:?})"),
            Bind::Integer(number) => format!("Integer({number})"),
            Bind::Real(number) => format!("Real({number})"),
            Bind::Boolean(value) => format!("Boolean({value})"),
            other => panic!("{other:?}"),
        })
        .collect();
    format!("[{}]", shown.join(", "))
}

/// Dialect, filter, SQL and values to bind, a line each.
const GOLDEN: &str = include_str!("golden.txt");
