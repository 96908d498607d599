mod golden;

use std::collections::BTreeMap;

use admittance::scim::{
    filter::{
        self,
        sql::{Bind, Column, Columns, Condition, Dialect, Table, Unsupported, lower},
    },
    leniency::Leniency,
    schema::ResourceType,
};

use super::reading;

fn columns() -> Columns {
    let emails = BTreeMap::from([
        ("value".to_owned(), Column::Folded("e.value_folded".to_owned())),
        ("type".to_owned(), Column::Folded("e.type_folded".to_owned())),
    ]);
    Columns::new()
        .with("id", Column::Exact("u.id".to_owned()))
        .with("userName", Column::Folded("u.user_name_folded".to_owned()))
        .with("active", Column::Boolean("u.active".to_owned()))
        .with("title", Column::Exact("u.title".to_owned()))
        .with("meta.lastModified", Column::Milliseconds("u.modified".to_owned()))
        .with_table(
            "emails",
            Table { from: "emails e".to_owned(), belongs: "e.user_id = u.id".to_owned(), columns: emails },
        )
}

fn lowered(text: &str, dialect: Dialect) -> Result<Condition, Unsupported> {
    let filter =
        reading(Leniency::interop(), |reading| filter::parse(text, &ResourceType::user(), reading)).0;
    lower(&filter.unwrap(), &columns(), dialect, 1)
}

#[test]
fn x4_values_are_bound_and_folded() {
    let sqlite = lowered("userName eq \"ADA' OR 1=1 --\" and active eq true", Dialect::Sqlite).unwrap();
    assert_eq!(
        sqlite.sql,
        "((u.user_name_folded IS NOT NULL AND u.user_name_folded = ?1) AND (u.active IS NOT NULL AND u.active = ?2))"
    );
    assert_eq!(sqlite.binds, [Bind::Text("ada' or 1=1 --".to_owned()), Bind::Boolean(true)]);
    let postgres = lowered("userName gt \"A\" or id co \"b\"", Dialect::PostgreSql).unwrap();
    assert_eq!(
        postgres.sql,
        "((u.user_name_folded IS NOT NULL AND u.user_name_folded COLLATE \"C\" > $1) \
         OR (u.id IS NOT NULL AND position($2 IN u.id) > 0))"
    );
}

#[test]
fn x4_several_values_are_another_table() {
    let one = lowered("emails[type eq \"work\" and value sw \"a\"]", Dialect::Sqlite).unwrap();
    assert!(
        one.sql.starts_with("EXISTS (SELECT 1 FROM emails e WHERE e.user_id = u.id AND ("),
        "{}",
        one.sql
    );
    assert_eq!(one.binds, [Bind::Text("work".to_owned()), Bind::Text("a".to_owned())]);
    let other = lowered("emails ne \"a\"", Dialect::Sqlite).unwrap();
    assert!(other.sql.starts_with("(NOT EXISTS (") && other.sql.contains(") OR EXISTS ("), "{}", other.sql);
}

#[test]
fn x4_what_cannot_be_said_is_an_error() {
    // No column; a column of another kind; a text whose case does not count without its folded column.
    for text in [
        "nickName pr",
        "title eq \"a\"",
        "emails.display eq \"a\"",
        "phoneNumbers pr",
        "name.familyName eq \"a\"",
    ] {
        assert!(lowered(text, Dialect::Sqlite).is_err(), "{text}");
    }
    assert!(lowered("active eq true or nickName pr", Dialect::Sqlite).is_err());
    // PostgreSQL has no text with a NUL, and cannot be asked for one.
    assert!(lowered("userName eq \"a\\u0000\"", Dialect::PostgreSql).is_err());
    assert!(lowered("userName eq \"a\\u0000\"", Dialect::Sqlite).is_ok());
}

#[test]
fn x4_unknown_attributes_are_missing_there_too() {
    assert_eq!(lowered("colour pr", Dialect::Sqlite).unwrap().sql, "(1 = 0)");
    assert_eq!(lowered("colour ne \"a\"", Dialect::Sqlite).unwrap().sql, "(1 = 1)");
    assert_eq!(lowered("not (colour eq null)", Dialect::Sqlite).unwrap().sql, "NOT ((1 = 1))");
}

#[test]
fn placeholders_go_on_from_where_the_host_is() {
    let filter = reading(Leniency::strict(), |reading| {
        filter::parse("id eq \"a\" or id eq \"b\"", &ResourceType::user(), reading)
    });
    let condition = lower(&filter.0.unwrap(), &columns(), Dialect::PostgreSql, 4).unwrap();
    assert!(condition.sql.contains("$4") && condition.sql.contains("$5"));
}
