use admittance::scim::{
    leniency::{Deviation, Leniency},
    schema::{ENTERPRISE_USER, GROUP, ResourceType, Schema, USER},
};
use serde_json::{Value, json};

use super::{codes, made, read};

fn user() -> ResourceType {
    ResourceType::user()
}

/// Each deviation of a body: refused by the standard's wording, read with its note otherwise.
#[track_caller]
fn deviates(deviation: Deviation, mut body: Value, status: u16, scim_type: &str, expected: &Value) {
    if body.get("schemas").is_none() && deviation != Deviation::SchemasAbsent {
        body["schemas"] = json!([USER]);
    }
    if body.get("userName").is_none() {
        body["userName"] = json!("ada");
    }
    let refused = read(&user(), Leniency::strict(), &body).unwrap_err();
    assert_eq!(refused.status(), status, "{refused}");
    assert_eq!(refused.scim_type().unwrap().as_str(), scim_type, "{refused}");
    // Nothing but this one is needed, and it is noted.
    let only = Leniency::strict().with(deviation);
    let (resource, notes) = read(&user(), only, &body).unwrap();
    assert_eq!(codes(&notes), [deviation.code()]);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(resource.attributes().get(name).unwrap_or(&Value::Null), value, "{name}");
    }
    assert!(read(&user(), Leniency::interop().without(deviation), &body).is_err());
}

#[test]
fn l2_text_boolean() {
    deviates(
        Deviation::TextBoolean,
        json!({"active": "True"}),
        400,
        "invalidValue",
        &json!({"active": true}),
    );
    let primary = json!({"emails": [{"value": "a@example.com", "primary": "FALSE"}]});
    let read = json!({"emails": [{"value": "a@example.com", "primary": false}]});
    deviates(Deviation::TextBoolean, primary, 400, "invalidValue", &read);
    for value in [json!("yes"), json!(1), json!(""), json!({})] {
        assert!(read_fails(json!({"userName": "ada", "active": value})), "{value}");
    }
}

#[test]
fn l4_list_of_one() {
    deviates(Deviation::ListOfOne, json!({"title": ["Dr"]}), 400, "invalidValue", &json!({"title": "Dr"}));
    assert!(read_fails(json!({"userName": "ada", "title": ["a", "b"]})));
    assert!(read_fails(json!({"userName": "ada", "title": [["a"]]})));
}

#[test]
fn l5_bare_element() {
    let expected = json!({"emails": [{"value": "a@example.com"}]});
    let object = json!({"emails": {"value": "a@example.com"}});
    deviates(Deviation::BareElement, object, 400, "invalidValue", &expected);
    deviates(Deviation::BareElement, json!({"emails": "a@example.com"}), 400, "invalidValue", &expected);
}

#[test]
fn l6_bare_value() {
    let body = json!({ENTERPRISE_USER: {"manager": "m1"}, "schemas": [USER, ENTERPRISE_USER]});
    let expected = json!({ENTERPRISE_USER: {"manager": {"value": "m1"}}});
    deviates(Deviation::BareValue, body, 400, "invalidValue", &expected);
}

#[test]
fn l11_schemas_absent() {
    deviates(Deviation::SchemasAbsent, json!({}), 400, "invalidSyntax", &json!({"userName": "ada"}));
}

#[test]
fn l13_unknown_and_former_schemas() {
    let body = json!({"schemas": [USER, "urn:example:other"]});
    deviates(Deviation::UnknownSchema, body, 400, "invalidValue", &json!({}));
    let former = "urn:scim:schemas:extension:enterprise:2.0";
    let body = json!({
        "schemas": ["urn:scim:schemas:core:2.0", former], "userName": "ada", former: {"department": "R"},
    });
    let user = made(&user(), &body);
    assert_eq!(user.attributes()[ENTERPRISE_USER], json!({"department": "R"}));
}

#[test]
fn l14_unknown_attribute_and_extension_at_top_level() {
    let body = json!({"favouriteColour": "blue"});
    deviates(Deviation::UnknownAttribute, body, 400, "invalidSyntax", &json!({"favouriteColour": null}));
    let body = json!({"department": "R"});
    let expected = json!({ENTERPRISE_USER: {"department": "R"}});
    deviates(Deviation::UnknownAttribute, body, 400, "invalidSyntax", &expected);
    let body = json!({"name": {"familyName": "L", "nick": "x"}});
    deviates(Deviation::UnknownAttribute, body, 400, "invalidSyntax", &json!({"name": {"familyName": "L"}}));
}

#[test]
fn l16_scalar_as_text() {
    deviates(Deviation::ScalarAsText, json!({"title": 7}), 400, "invalidValue", &json!({"title": "7"}));
    deviates(Deviation::ScalarAsText, json!({"title": true}), 400, "invalidValue", &json!({"title": "true"}));
}

#[test]
fn l19_empty_text() {
    let body = json!({"schemas": [USER], "userName": "ada", "title": ""});
    let (strict, _) = read(&user(), Leniency::strict(), &body).unwrap();
    assert_eq!(strict.attributes()["title"], json!(""));
    let (interop, notes) = read(&user(), Leniency::interop(), &body).unwrap();
    assert!(!interop.attributes().contains_key("title"));
    assert_eq!(codes(&notes), ["scim.empty_text"]);
}

#[test]
fn a4_other_than_canonical_keeps_the_clients_case() {
    let body = json!({"emails": [{"value": "a@example.com", "type": "Office"}]});
    let expected = json!({"emails": [{"value": "a@example.com", "type": "Office"}]});
    deviates(Deviation::OtherThanCanonical, body, 400, "invalidValue", &expected);
    let body =
        json!({"schemas": [USER], "userName": "ada", "emails": [{"value": "a@example.com", "type": "WORK"}]});
    let (strict, _) = read(&user(), Leniency::strict(), &body).unwrap();
    assert_eq!(strict.attributes()["emails"][0]["type"], json!("WORK"));
}

#[test]
fn a5_texts_are_stored_as_received() {
    let user = made(&user(), &json!({"userName": "ada", "displayName": "  e\u{301} "}));
    assert_eq!(user.text("displayName"), Some("  e\u{301} "));
}

#[test]
fn c1_what_the_service_sets_is_passed_over() {
    let body = json!({
        "userName": "ada", "id": "mine", "meta": {"version": "1"}, "groups": [{"value": "g"}], "externalId": "x1",
    });
    let user = made(&user(), &body);
    assert_eq!(user.attributes().keys().collect::<Vec<_>>(), ["externalId", "userName"]);
    assert_eq!(user.external_id(), Some("x1"));
}

#[test]
fn c2_absent_null_and_empty_are_one_state() {
    let absent = made(&user(), &json!({"userName": "ada"}));
    for empty in [json!(null), json!([])] {
        let body = json!({"userName": "ada", "title": null, "emails": empty, "name": {"givenName": null}});
        assert_eq!(made(&user(), &body), absent);
    }
}

#[test]
fn c4_required_attributes() {
    for body in [json!({}), json!({"userName": null}), json!({"userName": ""}), json!({"userName": []})] {
        let error = read(&user(), Leniency::interop(), &body).unwrap_err();
        assert_eq!((error.status(), error.scim_type().unwrap().as_str()), (400, "invalidValue"), "{body}");
    }
}

#[test]
fn r2_names_are_read_in_any_case_and_once() {
    let user_made = made(&user(), &json!({"USERNAME": "ada", "Name": {"GIVENNAME": "Ada"}}));
    assert_eq!(user_made.text("userName"), Some("ada"));
    assert_eq!(user_made.attributes()["name"], json!({"givenName": "Ada"}));
    let twice = read(&user(), Leniency::interop(), &json!({"userName": "ada", "USERNAME": "bob"}));
    assert_eq!(twice.unwrap_err().scim_type().unwrap().as_str(), "invalidSyntax");
}

#[test]
fn h8_two_primary_values_are_refused() {
    let emails =
        json!([{"value": "a@x.example", "primary": true}, {"value": "b@x.example", "primary": true}]);
    assert!(read_fails(json!({"userName": "ada", "emails": emails})));
}

#[test]
fn references_are_built_here() {
    let group = made(
        &ResourceType::group(),
        &json!({"displayName": "g", "members": [{"value": "u1", "$ref": "../Users/u1", "display": "Ada"}]}),
    );
    assert_eq!(group.attributes()["members"], json!([{"value": "u1", "display": "Ada"}]));
}

#[test]
fn long_texts_are_refused_and_roles_may_be_longer() {
    let long = "x".repeat(8 * 1024 + 1);
    assert!(read_fails(json!({"userName": "ada", "title": long})));
    let body = json!({"userName": "ada", "roles": [{"value": long}]});
    assert!(read(&user(), Leniency::interop(), &body).is_ok());
    let longest = "x".repeat(64 * 1024 + 1);
    assert!(read_fails(json!({"userName": "ada", "roles": [{"value": longest}]})));
}

#[test]
fn types_are_checked() {
    for (name, value) in [
        ("userName", json!({"a": 1})),
        ("emails", json!([["a"]])),
        ("emails", json!(7)),
        ("emails", json!([true])),
        ("name", json!("Ada")),
        ("name", json!(1)),
        ("x509Certificates", json!([{"value": "not base64 !"}])),
        ("profileUrl", json!(7)),
    ] {
        let mut body = json!({"userName": "ada"});
        body[name] = value.clone();
        assert!(read_fails(body), "{name}: {value}");
    }
}

/// F3: a schema of the host's own, as data.
#[test]
fn f3_custom_types_and_extensions_follow_the_same_rules() {
    let device = Schema::from_json(
        json!({"id": "urn:example:Device", "name": "Device", "attributes": [
            {"name": "serial", "required": true, "caseExact": true, "uniqueness": "server"},
            {"name": "batteryLevel", "type": "integer"},
            {"name": "seenAt", "type": "dateTime"},
        ]})
        .to_string()
        .as_bytes(),
    )
    .unwrap();
    let device = ResourceType::new("Device", "/Devices", device).unwrap();
    let made_device =
        made(&device, &json!({"serial": "s1", "batteryLevel": 7, "seenAt": "2026-11-22T00:00:00Z"}));
    assert_eq!(made_device.attributes()["batteryLevel"], json!(7));
    for body in [
        json!({"batteryLevel": 7}),
        json!({"serial": "s", "batteryLevel": 7.5}),
        json!({"serial": "s", "seenAt": "yesterday"}),
    ] {
        assert!(read(&device, Leniency::interop(), &body).is_err(), "{body}");
    }
}

#[test]
fn schemas_that_the_rules_cannot_work_on_are_refused() {
    let refused = [
        json!({"id": "Device", "name": "d", "attributes": []}),
        json!({"id": "urn:x", "name": "d", "attributes": [{"name": "a"}, {"name": "A"}]}),
        json!({"id": "urn:x", "name": "d", "attributes": [{"name": "id"}]}),
        json!({"id": "urn:x", "name": "d", "attributes": [{"name": "a b"}]}),
        json!({"id": "urn:x", "name": "d", "attributes": [{"name": "a", "type": "complex"}]}),
        json!({"id": "urn:x", "name": "d", "attributes": [{"name": "a", "subAttributes": [{"name": "b"}]}]}),
        json!({"id": "urn:x", "name": "d", "attributes": [{"name": "a", "type": "complex", "subAttributes": [
            {"name": "b", "type": "complex", "subAttributes": [{"name": "c"}]}]}]}),
    ];
    for schema in refused {
        assert!(Schema::from_json(schema.to_string().as_bytes()).is_err(), "{schema}");
    }
    let again = Schema::new(GROUP, "Group", "", Vec::new());
    assert!(ResourceType::group().extended(again, false).is_err());
}

#[track_caller]
fn read_fails(body: Value) -> bool {
    match read(&user(), Leniency::interop(), &body) {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(
                (error.status(), error.scim_type().unwrap().as_str()),
                (400, "invalidValue"),
                "{error}"
            );
            true
        }
    }
}
