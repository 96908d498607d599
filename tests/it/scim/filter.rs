use admittance::scim::{
    Error,
    filter::{self, Filter, UniqueLookup},
    leniency::{Deviation, Leniency},
    schema::{ENTERPRISE_USER, ResourceType, USER},
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{codes, made, reading, whole};

fn ada() -> Map<String, Value> {
    let body = json!({
        "userName": "Ada@Example.com", "externalId": "X1", "active": true, "title": "Engineer",
        "name": {"familyName": "Lovelace"},
        "emails": [
            {"value": "ada@work.example", "type": "work", "primary": true},
            {"value": "ada@home.example", "type": "home"},
        ],
        "x509Certificates": [{"value": "AAAA"}],
        ENTERPRISE_USER: {"department": "R", "manager": {"value": "m1"}},
    });
    let mut ada = whole("u1", &made(&ResourceType::user(), &body));
    ada.insert("meta".to_owned(), json!({"lastModified": "2026-11-22T00:00:00.000Z", "version": "W/\"1\""}));
    ada
}

fn parse_with(leniency: Leniency, text: &str) -> Result<Filter, Error> {
    reading(leniency, |reading| filter::parse(text, &ResourceType::user(), reading)).0
}

fn parse(text: &str) -> Filter {
    parse_with(Leniency::strict(), text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn finds(filters: &[&str]) {
    for text in filters {
        assert!(parse(text).matches(&ada()), "{text} should find");
        let negated = format!("not ({text})");
        assert!(!parse(&negated).matches(&ada()), "{negated} should not find");
    }
}

#[track_caller]
fn misses(filters: &[&str]) {
    for text in filters {
        assert!(!parse(text).matches(&ada()), "{text} should not find");
    }
}

#[track_caller]
fn refused(leniency: Leniency, text: &str) -> usize {
    match parse_with(leniency, text) {
        Err(error @ Error::Filter { position, .. }) => {
            assert_eq!((error.status(), error.scim_type().unwrap().as_str()), (400, "invalidFilter"));
            assert!(error.to_string().contains(&format!("byte {position}")), "{error}");
            position
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn q1_operators_words_and_precedence() {
    finds(&[
        "userName eq \"ada@example.com\"",
        "userName EQ \"ada@example.com\" AND active Eq true",
        "title ne \"Boss\"",
        "title co \"gine\"",
        "title sw \"Eng\"",
        "title ew \"eer\"",
        "title gt \"A\"",
        "title ge \"engineer\"",
        "title lt \"Z\"",
        "title le \"ENGINEER\"",
        "title pr",
        // `and` binds more strongly than `or`.
        "active eq true or active eq false and title eq \"x\"",
        "title eq \"x\" and active eq false or active eq true",
        "not (title eq \"x\") and active eq true",
        "((((active eq true))))",
    ]);
    misses(&["(active eq true or active eq false) and title eq \"x\"", "not (active eq true)"]);
}

#[test]
fn q2_values_are_json() {
    finds(&[r#"title eq "\u0045ngineer""#, "active eq true", "active ne false", "nickName eq null"]);
    for text in
        [r#"title eq "a"#, r#"title eq "\x""#, "title eq", "title eq ", "active eq TRUE", "active eq tru"]
    {
        refused(Leniency::strict(), text);
    }
}

#[test]
fn q3_forms_of_attributes() {
    let urn = format!("{USER}:userName eq \"ada@example.com\"");
    let extension = format!("{ENTERPRISE_USER}:manager.value eq \"m1\"");
    let complex = format!("{ENTERPRISE_USER}:manager eq \"m1\"");
    let lower = urn.to_ascii_lowercase();
    finds(&[
        &urn,
        &lower,
        &extension,
        &complex,
        "name.familyName eq \"lovelace\"",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\" and value co \"@work\"]",
        "emails[type eq \"work\"].value eq \"ada@work.example\"",
        "emails[not (type eq \"work\")].value eq \"ada@home.example\"",
    ]);
    for text in
        ["emails[type[a eq \"b\"]]", "userName[a eq \"b\"]", "emails.type[value pr]", "emails[type eq \"w\""]
    {
        refused(Leniency::strict(), text);
    }
}

#[test]
fn q4_one_value_is_enough_and_brackets_mean_the_same_value() {
    finds(&["emails co \"@home\"", "emails.type eq \"home\"", "emails.type ne \"home\""]);
    misses(&["emails[type eq \"work\" and value co \"@home\"]"]);
    finds(&["emails.type eq \"work\" and emails.value co \"@home\""]);
}

#[test]
fn q5_missing_attributes() {
    misses(&[
        "nickName eq \"a\"",
        "nickName co \"a\"",
        "nickName gt \"a\"",
        "nickName pr",
        "nickName ne null",
    ]);
    finds(&[
        "nickName ne \"a\"",
        "nickName eq null",
        "phoneNumbers ne \"1\"",
        "phoneNumbers eq null",
        "title ne null",
    ]);
}

#[test]
fn q6_case_counts_where_the_schema_says() {
    finds(&[
        "userName eq \"ADA@EXAMPLE.COM\"",
        "externalId eq \"X1\"",
        "id eq \"u1\"",
        "meta.version eq \"W/\\\"1\\\"\"",
    ]);
    misses(&["externalId eq \"x1\"", "id eq \"U1\"", "meta.version eq \"w/\\\"1\\\"\""]);
    let mut greek = ada();
    greek.insert("title".to_owned(), json!("ΣΊΣΥΦΟΣ"));
    assert!(parse("title eq \"σίσυφος\"").matches(&greek));
}

#[test]
fn q7_types_decide_what_can_be_compared() {
    finds(&[
        "meta.lastModified gt \"2026-11-21T23:59:59Z\"",
        "meta.lastModified eq \"2026-11-22T01:00:00+01:00\"",
        "meta.lastModified le \"2026-11-22T00:00:00Z\"",
    ]);
    for text in [
        "active gt true",
        "active co \"t\"",
        "active eq \"true\"",
        "x509Certificates.value gt \"AAAA\"",
        "title eq 7",
        "title eq true",
        "title gt null",
        "meta.lastModified eq \"yesterday\"",
        "meta.lastModified co \"2026\"",
        "name eq \"x\"",
        "addresses eq \"x\"",
    ] {
        refused(Leniency::interop(), text);
    }
}

#[test]
fn q8_unknown_attributes_compare_as_missing_or_are_refused() {
    for (text, matches) in [
        ("colour eq \"blue\"", false),
        ("colour pr", false),
        ("colour ne \"blue\"", true),
        ("colour eq null", true),
        ("emails.colour eq \"blue\"", false),
        ("emails[colour eq \"blue\"]", false),
        ("things[a eq \"b\" and c pr].d eq 7", false),
    ] {
        refused(Leniency::strict(), text);
        let (filter, notes) =
            reading(Leniency::interop(), |reading| filter::parse(text, &ResourceType::user(), reading));
        assert_eq!(filter.unwrap().matches(&ada()), matches, "{text}");
        assert!(codes(&notes).iter().all(|code| *code == "scim.unknown_in_filter") && !notes.is_empty());
    }
}

#[test]
fn q9_what_does_not_parse_is_refused_with_its_place() {
    for (text, position) in [
        ("", 0),
        ("title", 5),
        ("title foo \"a\"", 6),
        ("title eq \"a\" and", 13),
        ("title eq \"a\" title eq \"b\"", 13),
        ("(title pr", 9),
        ("title pr)", 8),
        ("title eq\"a\"", 8),
        ("not title pr", 4),
        ("title eq \"a\"or active eq true", 12),
        ("or", 2),
        ("é eq \"a\"", 0),
    ] {
        assert_eq!(refused(Leniency::interop(), text), position, "{text:?}");
    }
}

#[test]
fn q10_length_terms_and_depth_are_bounded() {
    let terms = |count: usize| vec!["title pr"; count].join(" and ");
    assert!(parse_with(Leniency::strict(), &terms(64)).is_ok());
    refused(Leniency::strict(), &terms(65));
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse_with(Leniency::strict(), &nested(16)).is_ok());
    refused(Leniency::strict(), &nested(17));
    refused(Leniency::strict(), &"(".repeat(8 * 1024));
    refused(Leniency::strict(), &format!("title eq \"{}\"", "x".repeat(8 * 1024)));
}

#[test]
fn q11_passwords_cannot_be_asked_for() {
    for text in ["password eq \"secret\"", "password pr", "password sw \"s\""] {
        refused(Leniency::interop(), text);
    }
}

#[test]
fn l7_extension_attributes_without_their_urn() {
    for text in ["manager eq \"m1\"", "department eq \"r\"", "manager.value eq \"m1\""] {
        refused(Leniency::strict(), text);
        assert!(parse_with(Leniency::interop(), text).unwrap().matches(&ada()), "{text}");
    }
}

#[test]
fn l12_unquoted_values() {
    let text = "externalId eq X1";
    refused(Leniency::strict(), text);
    refused(Leniency::interop().without(Deviation::UnquotedFilterValue), text);
    assert!(parse_with(Leniency::interop(), text).unwrap().matches(&ada()));
    assert!(parse_with(Leniency::interop(), "(externalId eq X1)").unwrap().matches(&ada()));
    refused(Leniency::interop(), "externalId eq X1\"");
}

#[test]
fn x5_unique_lookups_are_recognised() {
    let lookup = |text: &str| parse(text).unique_lookup().map(|lookup| format!("{lookup:?}"));
    assert_eq!(parse("userName eq \"a\"").unique_lookup(), Some(UniqueLookup::UserName("a")));
    assert_eq!(parse("externalId eq \"a\"").unique_lookup(), Some(UniqueLookup::ExternalId("a")));
    assert_eq!(parse("id eq \"a\"").unique_lookup(), Some(UniqueLookup::Id("a")));
    assert_eq!(parse("displayName eq \"a\"").unique_lookup(), Some(UniqueLookup::DisplayName("a")));
    for text in
        ["userName sw \"a\"", "userName eq \"a\" and active eq true", "title eq \"a\"", "not (id eq \"a\")"]
    {
        assert_eq!(lookup(text), None, "{text}");
    }
}

/// Filters of every form, over the attributes of users.
fn filters() -> impl Strategy<Value = String> {
    let operand = prop::sample::select(vec![
        "userName",
        "externalId",
        "title",
        "name.familyName",
        "emails",
        "emails.type",
    ]);
    let operator = prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
    let text = (operand, operator, "[a-zA-Z\"\\\\é\u{1F600} )]{0,6}")
        .prop_map(|(operand, operator, text)| format!("{operand} {operator} {}", Value::from(text)));
    let leaf = prop_oneof![
        4 => text,
        1 => prop::sample::select(vec!["title pr", "active eq true", "active ne false", "nickName eq null", "emails pr"])
            .prop_map(str::to_owned),
        1 => "[a-z@]{0,4}".prop_map(|text| format!("emails[type eq {}]", Value::from(text))),
        1 => "[a-z@]{0,4}".prop_map(|text| format!("emails[type eq \"work\" or value co {}].primary eq true", Value::from(text))),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" and "))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| format!("({})", parts.join(" or "))),
            inner.prop_map(|part| format!("not ({part})")),
        ]
    })
}

proptest! {
    #[test]
    fn q10_printing_and_parsing_again_gives_the_same_filter(text in filters()) {
        if let Ok(filter) = parse_with(Leniency::strict(), &text) {
            let printed = filter.to_string();
            prop_assert_eq!(parse_with(Leniency::strict(), &printed).unwrap(), filter, "{}", printed);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z \\[\\]().\"eqnort]{0,40}") {
        let _ = parse_with(Leniency::interop(), &text);
    }
}
