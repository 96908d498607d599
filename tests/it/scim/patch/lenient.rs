//! Deviations of PATCH requests: each is refused by the standard's wording and read, with its note, otherwise.

use admittance::scim::{
    leniency::{Deviation, Leniency},
    resource::app_roles,
    schema::{ENTERPRISE_USER, ResourceType},
};
use serde_json::{Value, json};

use super::{ada, body, group, home, patched, work};
use crate::scim::codes;

#[track_caller]
fn deviates(deviation: Deviation, body: &Value, scim_type: &str, attribute: &str, expected: &Value) {
    let user = ResourceType::user();
    let refused = patched(&user, Leniency::strict(), &ada(), body).unwrap_err();
    assert_eq!(refused.status(), 400, "{refused}");
    assert_eq!(refused.scim_type().unwrap().as_str(), scim_type, "{refused}");
    let (after, notes) = patched(&user, Leniency::strict().with(deviation), &ada(), body).unwrap();
    assert_eq!(codes(&notes), [deviation.code()]);
    assert_eq!(after.attributes().get(attribute).unwrap_or(&Value::Null), expected);
    assert!(patched(&user, Leniency::interop().without(deviation), &ada(), body).is_err());
}

fn one(operation: Value) -> Value {
    body(&json!([operation]))
}

#[test]
fn l1_operation_case() {
    for op in ["Replace", "REPLACE"] {
        let body = one(json!({"op": op, "path": "title", "value": "x"}));
        deviates(Deviation::OperationCase, &body, "invalidSyntax", "title", &json!("x"));
    }
}

#[test]
fn l2_text_boolean() {
    let body = one(json!({"op": "replace", "path": "active", "value": "False"}));
    deviates(Deviation::TextBoolean, &body, "invalidValue", "active", &json!(false));
}

#[test]
fn l3_remove_by_value() {
    let body = one(json!({"op": "remove", "path": "emails", "value": [{"value": "ada@work.example"}]}));
    deviates(Deviation::RemoveByValue, &body, "invalidValue", "emails", &json!([home()]));
}

#[test]
fn l4_list_of_one() {
    let body = one(json!({"op": "replace", "path": "title", "value": ["x"]}));
    deviates(Deviation::ListOfOne, &body, "invalidValue", "title", &json!("x"));
}

#[test]
fn l5_bare_element() {
    let body = one(json!({"op": "add", "path": "emails", "value": {"value": "c@example.com"}}));
    let expected = json!([work(), home(), {"value": "c@example.com"}]);
    deviates(Deviation::BareElement, &body, "invalidValue", "emails", &expected);
}

#[test]
fn l6_bare_value() {
    let path = format!("{ENTERPRISE_USER}:manager");
    let body = one(json!({"op": "add", "path": path, "value": "m1"}));
    let expected = json!({"department": "R", "manager": {"value": "m1"}});
    deviates(Deviation::BareValue, &body, "invalidValue", ENTERPRISE_USER, &expected);
}

#[test]
fn h12_every_shape_of_manager_reads_as_one() {
    let path = format!("{ENTERPRISE_USER}:manager");
    for (path, value) in [
        (path.as_str(), json!("m1")),
        (&path, json!({"value": "m1"})),
        ("manager", json!([{"$ref": "../Users/m1", "value": "m1"}])),
        ("manager", json!({"value": "m1", "displayName": "M"})),
        ("manager.value", json!("m1")),
    ] {
        let body = one(json!({"op": "Add", "path": path, "value": value}));
        let (after, _) = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body).unwrap();
        assert_eq!(after.attributes()[ENTERPRISE_USER]["manager"], json!({"value": "m1"}), "{body}");
        let remove = one(json!({"op": "Remove", "path": path}));
        let (after, _) = patched(&ResourceType::user(), Leniency::interop(), &after, &remove).unwrap();
        assert_eq!(after.attributes()[ENTERPRISE_USER], json!({"department": "R"}));
    }
}

#[test]
fn l7_unqualified_extension() {
    let body = one(json!({"op": "replace", "path": "department", "value": "S"}));
    deviates(
        Deviation::UnqualifiedExtension,
        &body,
        "invalidPath",
        ENTERPRISE_USER,
        &json!({"department": "S"}),
    );
}

#[test]
fn l8_path_keys() {
    let number = format!("{ENTERPRISE_USER}:employeeNumber");
    let body = one(json!({"op": "replace", "value": {number: "1"}}));
    let expected = json!({"department": "R", "employeeNumber": "1"});
    deviates(Deviation::PathKeys, &body, "invalidPath", ENTERPRISE_USER, &expected);
    let body = one(json!({"op": "replace", "value": {"name.givenName": "A"}}));
    let expected = json!({"familyName": "Lovelace", "givenName": "A"});
    deviates(Deviation::PathKeys, &body, "invalidPath", "name", &expected);
    let body = one(json!({"op": "replace", "value": {"emails[type eq \"work\"].value": "c@example.com"}}));
    let expected = json!([{"value": "c@example.com", "type": "work", "primary": true}, home()]);
    deviates(Deviation::PathKeys, &body, "invalidPath", "emails", &expected);
}

#[test]
fn l9_create_on_filter() {
    let body = one(json!({"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1"}));
    let expected = json!([{"type": "work", "value": "1"}]);
    deviates(Deviation::CreateOnFilter, &body, "noTarget", "phoneNumbers", &expected);
    // Later operations of the request find what the first made.
    let address = |part: &str| json!({"op": "Add", "path": format!("addresses[type eq \"work\"].{part}"), "value": part});
    let body = super::body(&json!([address("formatted"), address("locality"), address("region")]));
    let (after, _) = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body).unwrap();
    let expected =
        json!([{"type": "work", "formatted": "formatted", "locality": "locality", "region": "region"}]);
    assert_eq!(after.attributes()["addresses"], expected);
    // Other filters say nothing of what the value should be.
    for filter in
        ["type ne \"work\"", "type eq \"work\" or type eq \"home\"", "not (type eq \"work\")", "value pr"]
    {
        let path = format!("phoneNumbers[{filter}].value");
        let body = one(json!({"op": "replace", "path": path, "value": "1"}));
        let error = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body).unwrap_err();
        assert_eq!(error.scim_type().unwrap().as_str(), "noTarget", "{filter}");
    }
}

#[test]
fn l9_what_is_created_is_what_the_filter_finds() {
    let user = ResourceType::user();
    for (path, value) in [
        // Another value than the filter asks for: the same request would make one more each time.
        ("phoneNumbers[type eq \"work\"]", json!({"value": "1", "type": "home"})),
        ("phoneNumbers[type eq \"work\"].type", json!("home")),
        ("phoneNumbers[type eq \"work\" and type eq \"home\"].value", json!("1")),
        // No part of the attribute, and none that clients set.
        ("phoneNumbers[colour eq \"blue\"].value", json!("1")),
        ("phoneNumbers[colour eq \"blue\"]", json!({"value": "1"})),
    ] {
        let body = one(json!({"op": "replace", "path": path, "value": value}));
        let error = patched(&user, Leniency::interop(), &ada(), &body).unwrap_err();
        assert_eq!(error.scim_type().unwrap().as_str(), "noTarget", "{path}");
    }
    let nobody = group(&[]);
    for path in ["members[display eq \"Ada\"].type", "members[$ref eq \"https://x.example/u\"].type"] {
        let body = one(json!({"op": "add", "path": path, "value": "User"}));
        let error = patched(&ResourceType::group(), Leniency::interop(), &nobody, &body).unwrap_err();
        assert_eq!(error.scim_type().unwrap().as_str(), "noTarget", "{path}");
    }
}

#[test]
fn l18_adding_null_takes_nothing_out() {
    let name = json!({"op": "add", "path": "name.familyName", "value": null});
    let part = json!({"op": "add", "path": "emails[type eq \"work\"].type", "value": null});
    let several = json!({"op": "add", "path": "emails", "value": null});
    let without_path = json!({"op": "add", "value": {"title": null, "emails": null}});
    for operation in [name, part, several, without_path] {
        for leniency in [Leniency::strict(), Leniency::interop()] {
            let body = one(operation.clone());
            let (after, _) = patched(&ResourceType::user(), leniency, &ada(), &body).unwrap();
            assert_eq!(after, ada(), "{operation}");
        }
    }
}

#[test]
fn h5_null_where_the_filter_matches_nothing() {
    let user = ResourceType::user();
    for path in ["phoneNumbers[type eq \"work\"].value", "phoneNumbers[type eq \"work\"]"] {
        let body = one(json!({"op": "replace", "path": path, "value": null}));
        let error = patched(&user, Leniency::strict(), &ada(), &body).unwrap_err();
        assert_eq!(error.scim_type().unwrap().as_str(), "noTarget", "{path}");
        let (after, _) = patched(&user, Leniency::interop(), &ada(), &body).unwrap();
        assert_eq!(after, ada(), "{path}");
    }
}

#[test]
fn l10_read_only_in_body() {
    for name in ["id", "meta", "schemas", "groups"] {
        let body = one(json!({"op": "replace", "value": {name: "x", "title": "Dr"}}));
        deviates(Deviation::ReadOnlyInBody, &body, "mutability", "title", &json!("Dr"));
    }
}

#[test]
fn l11_schemas_absent() {
    let body = json!({"Operations": [{"op": "replace", "path": "title", "value": "Dr"}]});
    deviates(Deviation::SchemasAbsent, &body, "invalidSyntax", "title", &json!("Dr"));
}

#[test]
fn l14_unknown_attribute() {
    let body = one(json!({"op": "replace", "value": {"colour": "blue", "title": "Dr"}}));
    deviates(Deviation::UnknownAttribute, &body, "invalidSyntax", "title", &json!("Dr"));
}

/// Both settings store it as sent; it is read for the host where the deviation is.
#[test]
fn l15_json_in_a_role_is_stored_as_sent_and_read_for_the_host() {
    let role = r#"{"id":"1","value":"25","displayName":"Role","x":null}"#;
    let body =
        body(&json!([{"op": "add", "path": "roles", "value": [{"value": role}, {"value": "{plain}"}]}]));
    for (leniency, notes) in [(Leniency::interop(), vec!["scim.json_in_role"]), (Leniency::strict(), vec![])]
    {
        let (after, noted) = patched(&ResourceType::user(), leniency, &ada(), &body).unwrap();
        assert_eq!(after.attributes()["roles"], json!([{"value": role}, {"value": "{plain}"}]));
        assert_eq!(codes(&noted), notes);
        let read = app_roles(&after, leniency);
        let read: Vec<_> = read
            .iter()
            .map(|role| [&role.id, &role.value, &role.display_name].map(|text| text.as_deref().unwrap()))
            .collect();
        let expected = if leniency == Leniency::interop() { vec![["1", "25", "Role"]] } else { vec![] };
        assert_eq!(read, expected);
    }
}

/// Text of any kind is a role of its own, and no fault.
#[test]
fn l15_what_is_no_role_in_json() {
    let nested = format!("{}1{}", "{\"id\":".repeat(40), "}".repeat(40));
    for text in [
        "admin",
        "{",
        "{}",
        "[]",
        "\"25\"",
        r#"{"id":7}"#,
        r#"{"id":"a","id":"b"}"#,
        r#"{"id":"a"} x"#,
        &nested,
    ] {
        let body = body(&json!([{"op": "add", "path": "roles", "value": [{"value": text}]}]));
        let (after, noted) = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body).unwrap();
        assert_eq!(after.attributes()["roles"], json!([{"value": text}]));
        assert_eq!((noted.len(), app_roles(&after, Leniency::interop())), (0, vec![]), "{text}");
    }
    let body = body(&json!([{"op": "add", "path": "roles", "value": [{"value": r#"{"value":"25"}"#}]}]));
    let (after, _) = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body).unwrap();
    assert_eq!(app_roles(&after, Leniency::interop())[0].value.as_deref(), Some("25"));
}
