use admittance::scim::{
    Error,
    leniency::Leniency,
    projection::Projection,
    schema::{ENTERPRISE_USER, ResourceType},
};
use serde_json::{Map, Value, json};

use super::{codes, reading};

fn representation() -> Map<String, Value> {
    let Value::Object(members) = json!({
        "schemas": ["urn:x"], "id": "u1", "meta": {"version": "1"}, "userName": "ada", "password": "secret",
        "name": {"familyName": "L", "givenName": "A"},
        "emails": [{"value": "a@example.com", "type": "work"}],
        ENTERPRISE_USER: {"department": "R", "costCenter": "1"},
    }) else {
        panic!()
    };
    members
}

fn parse(leniency: Leniency, only: Option<&str>, without: Option<&str>) -> Result<Projection, Error> {
    let split = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let (only, without) = (only.map(split), without.map(split));
    reading(leniency, |reading| {
        Projection::parse(
            only.as_ref().map(|names| names.iter().map(String::as_str)),
            without.as_ref().map(|names| names.iter().map(String::as_str)),
            &ResourceType::user(),
            reading,
        )
    })
    .0
}

#[track_caller]
fn gives(only: Option<&str>, without: Option<&str>, expected: Value) {
    let projection = parse(Leniency::strict(), only, without).unwrap();
    assert_eq!(Value::Object(projection.apply(&ResourceType::user(), representation())), expected);
}

#[test]
fn j1_always_and_named_or_default_less_named() {
    gives(Some("userName"), None, json!({"schemas": ["urn:x"], "id": "u1", "userName": "ada"}));
    gives(Some("password"), None, json!({"schemas": ["urn:x"], "id": "u1"}));
    gives(
        None,
        Some("id,schemas,meta,name,emails,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
        json!({"schemas": ["urn:x"], "id": "u1", "userName": "ada"}),
    );
}

#[test]
fn j1_what_is_never_returned_is_not_by_default() {
    let everything = Projection::Default.apply(&ResourceType::user(), representation());
    assert!(!everything.contains_key("password"));
    assert_eq!(everything.len(), representation().len() - 1);
}

#[test]
fn j3_what_is_left_out_need_not_be_loaded() {
    let group = ResourceType::group();
    let members = group.own("members").unwrap();
    let (projection, _) = reading(Leniency::strict(), |reading| {
        Projection::parse(None::<[&str; 0]>, Some(["MEMBERS"]), &group, reading)
    });
    assert!(!projection.unwrap().includes(&members));
    assert!(Projection::Default.includes(&members));
}

#[test]
fn j4_parts_urns_and_both_at_once() {
    let base = json!({"schemas": ["urn:x"], "id": "u1"});
    let with = |name: &str, value: Value| {
        let mut all = base.clone();
        all[name] = value;
        all
    };
    gives(Some("name.familyName"), None, with("name", json!({"familyName": "L"})));
    gives(Some("emails.value"), None, with("emails", json!([{"value": "a@example.com"}])));
    gives(Some(ENTERPRISE_USER), None, with(ENTERPRISE_USER, json!({"department": "R", "costCenter": "1"})));
    let department = format!("{ENTERPRISE_USER}:department");
    gives(Some(&department), None, with(ENTERPRISE_USER, json!({"department": "R"})));
    let refused = parse(Leniency::strict(), Some("userName"), Some("name")).unwrap_err();
    assert_eq!(refused.scim_type().unwrap().as_str(), "invalidValue");
    let (both, notes) = reading(Leniency::interop(), |reading| {
        Projection::parse(Some(["userName"]), Some(["userName"]), &ResourceType::user(), reading)
    });
    assert!(both.unwrap().apply(&ResourceType::user(), representation()).contains_key("userName"));
    assert_eq!(codes(&notes), ["scim.both_projections"]);
    let excluded = parse(Leniency::strict(), None, Some("name.familyName")).unwrap();
    let rest = excluded.apply(&ResourceType::user(), representation());
    assert_eq!(rest["name"], json!({"givenName": "A"}));
}

#[test]
fn l21_filters_in_names() {
    let name = "emails[type eq \"work\"]";
    assert!(parse(Leniency::strict(), Some(name), None).is_err());
    let (projection, notes) = reading(Leniency::interop(), |reading| {
        Projection::parse(Some([name]), None::<[&str; 0]>, &ResourceType::user(), reading)
    });
    assert!(projection.unwrap().apply(&ResourceType::user(), representation()).contains_key("emails"));
    assert_eq!(codes(&notes), ["scim.filter_in_projection"]);
}
