mod delta;
mod lenient;

use admittance::{
    note::Note,
    scim::{
        Error,
        leniency::Leniency,
        patch::{self, PATCH_OP},
        resource::Resource,
        schema::{ENTERPRISE_USER, ResourceType},
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{made, object, reading};

pub(super) fn body(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

pub(super) fn patched(
    resource_type: &ResourceType,
    leniency: Leniency,
    resource: &Resource,
    body: &Value,
) -> Result<(Resource, Vec<Note>), Error> {
    let (after, notes) = reading(leniency, |reading| {
        patch::parse(resource_type, object(body), reading)?.apply(resource, reading)
    });
    Ok((after?, notes))
}

fn ada() -> Resource {
    made(
        &ResourceType::user(),
        &json!({
            "userName": "ada", "title": "Engineer",
            "name": {"familyName": "Lovelace", "givenName": "Ada"},
            "emails": [
                {"value": "ada@work.example", "type": "work", "primary": true},
                {"value": "ada@home.example", "type": "home"},
            ],
            ENTERPRISE_USER: {"department": "R"},
        }),
    )
}

fn group(members: &[&str]) -> Resource {
    let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
    made(&ResourceType::group(), &json!({"displayName": "Engineers", "members": members}))
}

fn members(group: &Resource) -> Vec<String> {
    let members = group.attributes().get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

/// What an operation makes of an attribute of a user, in either setting.
#[track_caller]
fn gives(operation: Value, attribute: &str, expected: Value) {
    for leniency in [Leniency::strict(), Leniency::interop()] {
        let (after, notes) =
            patched(&ResourceType::user(), leniency, &ada(), &body(&json!([operation]))).unwrap();
        assert_eq!(after.attributes().get(attribute).unwrap_or(&Value::Null), &expected);
        assert_eq!(notes, [], "{operation}");
    }
}

#[track_caller]
fn refuses(leniency: Leniency, operation: Value, scim_type: &str) {
    let error = patched(&ResourceType::user(), leniency, &ada(), &body(&json!([operation]))).unwrap_err();
    assert_eq!(
        (error.status(), error.scim_type().unwrap().as_str()),
        (400, scim_type),
        "{operation}: {error}"
    );
}

fn work() -> Value {
    json!({"value": "ada@work.example", "type": "work", "primary": true})
}

fn home() -> Value {
    json!({"value": "ada@home.example", "type": "home"})
}

#[test]
fn h3_add() {
    gives(json!({"op": "add", "path": "title", "value": "Dr"}), "title", json!("Dr"));
    gives(json!({"op": "add", "value": {"title": "Dr", "nickName": "A"}}), "nickName", json!("A"));
    let merged = json!({"familyName": "King", "givenName": "Ada"});
    gives(json!({"op": "add", "path": "name", "value": {"familyName": "King"}}), "name", merged.clone());
    gives(json!({"op": "add", "path": "name.familyName", "value": "King"}), "name", merged);
    let other = json!({"value": "c@example.com"});
    gives(
        json!({"op": "add", "path": "emails", "value": [other]}),
        "emails",
        json!([work(), home(), {"value": "c@example.com"}]),
    );
    gives(
        json!({"op": "add", "path": "emails[type eq \"home\"]", "value": {"display": "H"}}),
        "emails",
        json!([work(), {"value": "ada@home.example", "type": "home", "display": "H"}]),
    );
    gives(
        json!({"op": "add", "path": "emails[type eq \"home\"].display", "value": "H"}),
        "emails",
        json!([work(), {"value": "ada@home.example", "type": "home", "display": "H"}]),
    );
}

#[test]
fn h3_replace() {
    gives(json!({"op": "replace", "path": "title", "value": "Dr"}), "title", json!("Dr"));
    gives(
        json!({"op": "replace", "value": {"emails": [{"value": "c@example.com"}]}}),
        "emails",
        json!([{"value": "c@example.com"}]),
    );
    gives(
        json!({"op": "replace", "path": "name", "value": {"familyName": "King"}}),
        "name",
        json!({"familyName": "King", "givenName": "Ada"}),
    );
    gives(json!({"op": "replace", "path": "emails", "value": [home()]}), "emails", json!([home()]));
    gives(
        json!({"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "c@example.com"}}),
        "emails",
        json!([work(), {"value": "c@example.com"}]),
    );
    gives(
        json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@example.com"}),
        "emails",
        json!([{"value": "c@example.com", "type": "work", "primary": true}, home()]),
    );
    let department = format!("{ENTERPRISE_USER}:department");
    gives(
        json!({"op": "replace", "path": department, "value": "S"}),
        ENTERPRISE_USER,
        json!({"department": "S"}),
    );
    gives(
        json!({"op": "replace", "value": {ENTERPRISE_USER: {"costCenter": "1"}}}),
        ENTERPRISE_USER,
        json!({"department": "R", "costCenter": "1"}),
    );
    gives(
        json!({"op": "replace", "path": ENTERPRISE_USER, "value": {"costCenter": "1"}}),
        ENTERPRISE_USER,
        json!({"department": "R", "costCenter": "1"}),
    );
}

#[test]
fn h3_remove() {
    gives(json!({"op": "remove", "path": "title"}), "title", json!(null));
    gives(json!({"op": "remove", "path": "name.familyName"}), "name", json!({"givenName": "Ada"}));
    gives(json!({"op": "remove", "path": "emails"}), "emails", json!(null));
    gives(json!({"op": "remove", "path": "emails[type eq \"work\"]"}), "emails", json!([home()]));
    gives(
        json!({"op": "remove", "path": "emails[type eq \"work\"].primary"}),
        "emails",
        json!([{"value": "ada@work.example", "type": "work"}, home()]),
    );
    gives(json!({"op": "remove", "path": ENTERPRISE_USER}), ENTERPRISE_USER, json!(null));
    for leniency in [Leniency::strict(), Leniency::interop()] {
        refuses(leniency, json!({"op": "remove"}), "noTarget");
    }
}

#[test]
fn h3_a_value_left_empty_is_dropped() {
    let phones = made(
        &ResourceType::user(),
        &json!({"userName": "a", "phoneNumbers": [{"value": "1"}, {"type": "home"}]}),
    );
    let operations = json!([{"op": "remove", "path": "phoneNumbers[value eq \"1\"].value"}]);
    let (after, _) = patched(&ResourceType::user(), Leniency::strict(), &phones, &body(&operations)).unwrap();
    assert_eq!(after.attributes()["phoneNumbers"], json!([{"type": "home"}]));
}

#[test]
fn h1_all_or_nothing_and_in_order() {
    let before = ada();
    let operations = json!([
        {"op": "replace", "path": "title", "value": "a"},
        {"op": "remove", "path": "title"},
        {"op": "add", "path": "title", "value": "b"},
    ]);
    let (after, _) = patched(&ResourceType::user(), Leniency::strict(), &before, &body(&operations)).unwrap();
    assert_eq!(after.text("title"), Some("b"));
    let failing = json!([
        {"op": "replace", "path": "title", "value": "a"},
        {"op": "remove", "path": "userName"},
    ]);
    assert!(patched(&ResourceType::user(), Leniency::interop(), &before, &body(&failing)).is_err());
    assert_eq!(before, ada());
}

#[test]
fn h2_the_form_of_a_request() {
    let fails = |body: Value| {
        let error = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body).unwrap_err();
        assert_eq!(error.scim_type().unwrap().as_str(), "invalidSyntax", "{body}: {error}");
    };
    fails(json!({"schemas": [PATCH_OP]}));
    fails(json!({"schemas": ["urn:x"], "Operations": [{"op": "remove", "path": "title"}]}));
    fails(body(&json!([])));
    fails(body(&json!({"op": "remove", "path": "title"})));
    fails(body(&json!(["remove"])));
    fails(body(&json!([{"path": "title"}])));
    fails(body(&json!([{"op": "move", "path": "title"}])));
    fails(body(&json!([{"op": 1, "path": "title"}])));
    fails(body(&json!([{"op": "remove", "path": 7}])));
    let many = vec![json!({"op": "remove", "path": "title"}); 1001];
    let error = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body(&json!(many))).unwrap_err();
    assert_eq!(error.status(), 413);
}

#[test]
fn h4_adding_what_is_there_changes_nothing() {
    let again =
        json!({"op": "add", "path": "emails", "value": [{"value": "ADA@home.example", "type": "HOME"}]});
    gives(again, "emails", json!([work(), home()]));
    let operations =
        json!([{"op": "add", "path": "members", "value": [{"value": "a", "display": "A"}, {"value": "c"}]}]);
    let (after, _) =
        patched(&ResourceType::group(), Leniency::strict(), &group(&["a", "b"]), &body(&operations)).unwrap();
    assert_eq!(members(&after), ["a", "b", "c"]);
}

#[test]
fn h5_a_filter_that_matches_nothing_in_strict() {
    for operation in ["add", "replace"] {
        let path = "emails[type eq \"other\"].value";
        refuses(
            Leniency::strict(),
            json!({"op": operation, "path": path, "value": "x@example.com"}),
            "noTarget",
        );
    }
    gives(json!({"op": "remove", "path": "emails[type eq \"other\"]"}), "emails", json!([work(), home()]));
}

#[test]
fn h6_a_removal_is_never_widened() {
    let survivors = |operation: Value| {
        let before = group(&["a", "b", "c"]);
        let (after, _) =
            patched(&ResourceType::group(), Leniency::interop(), &before, &body(&json!([operation])))
                .unwrap();
        members(&after)
    };
    assert_eq!(survivors(json!({"op": "remove", "path": "members", "value": [{"value": "a"}]})), ["b", "c"]);
    assert_eq!(
        survivors(json!({"op": "remove", "path": "members", "value": [{"value": "z"}]})),
        ["a", "b", "c"]
    );
    assert_eq!(survivors(json!({"op": "remove", "path": "members", "value": []})), ["a", "b", "c"]);
    assert_eq!(survivors(json!({"op": "remove", "path": "members", "value": [{}]})), ["a", "b", "c"]);
    assert_eq!(survivors(json!({"op": "remove", "path": "members", "value": {"value": "b"}})), ["a", "c"]);
    assert_eq!(survivors(json!({"op": "remove", "path": "members", "value": "c"})), ["a", "b"]);
    assert_eq!(survivors(json!({"op": "remove", "path": "members[value eq \"z\"]"})), ["a", "b", "c"]);
    assert_eq!(survivors(json!({"op": "remove", "path": "members[value eq \"A\"]"})), ["a", "b", "c"]);
    assert_eq!(survivors(json!({"op": "remove", "path": "members"})), [] as [&str; 0]);
    let operations = json!([{"op": "remove", "path": "emails", "value": [{"type": "home"}]}]);
    let (after, _) = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body(&operations)).unwrap();
    assert_eq!(after.attributes()["emails"], json!([work()]));
}

#[test]
fn h7_a_value_without_members_leaves_them() {
    let operations = json!([{"op": "replace", "value": {"displayName": "New"}}]);
    let (after, _) =
        patched(&ResourceType::group(), Leniency::strict(), &group(&["a"]), &body(&operations)).unwrap();
    assert_eq!((after.text("displayName"), members(&after)), (Some("New"), vec!["a".to_owned()]));
}

#[test]
fn h8_one_primary_value() {
    gives(
        json!({"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}),
        "emails",
        json!([
            {"value": "ada@work.example", "type": "work", "primary": false},
            {"value": "ada@home.example", "type": "home", "primary": true},
        ]),
    );
    gives(
        json!({"op": "add", "path": "emails", "value": [{"value": "c@example.com", "primary": true}]}),
        "emails",
        json!([
            {"value": "ada@work.example", "type": "work", "primary": false},
            home(),
            {"value": "c@example.com", "primary": true},
        ]),
    );
    refuses(
        Leniency::interop(),
        json!({"op": "replace", "path": "emails[value pr].primary", "value": true}),
        "invalidValue",
    );
}

#[test]
fn h9_what_may_not_change() {
    for path in ["id", "meta", "groups", "schemas", "groups.value", "meta.version"] {
        refuses(Leniency::interop(), json!({"op": "replace", "path": path, "value": "x"}), "mutability");
        refuses(Leniency::interop(), json!({"op": "remove", "path": path}), "mutability");
    }
    let manager = format!("{ENTERPRISE_USER}:manager.displayName");
    refuses(Leniency::interop(), json!({"op": "replace", "path": manager, "value": "x"}), "mutability");
    let operations = json!([{"op": "replace", "path": "members[value eq \"a\"].value", "value": "b"}]);
    let error =
        patched(&ResourceType::group(), Leniency::interop(), &group(&["a"]), &body(&operations)).unwrap_err();
    assert_eq!(error.scim_type().unwrap().as_str(), "mutability");
}

#[test]
fn h10_paths_and_values() {
    for path in [
        "colour",
        "name.colour",
        "emails[colour",
        "emails[type eq \"a\"]x",
        "title[a eq \"b\"]",
        "urn:x:a",
        "",
        "emails.value[type pr]",
    ] {
        refuses(Leniency::strict(), json!({"op": "replace", "path": path, "value": "x"}), "invalidPath");
        refuses(Leniency::interop(), json!({"op": "replace", "path": path, "value": "x"}), "invalidPath");
    }
    for value in [json!({"a": 1}), json!([["a"]])] {
        refuses(
            Leniency::interop(),
            json!({"op": "replace", "path": "title", "value": value}),
            "invalidValue",
        );
    }
    refuses(Leniency::interop(), json!({"op": "replace", "path": "title"}), "invalidValue");
    refuses(Leniency::interop(), json!({"op": "remove", "path": "userName"}), "invalidValue");
    refuses(Leniency::interop(), json!({"op": "replace", "path": "userName", "value": null}), "invalidValue");
    refuses(Leniency::interop(), json!({"op": "replace", "value": "title"}), "invalidValue");
}

#[test]
fn l18_null_unassigns() {
    gives(json!({"op": "replace", "path": "title", "value": null}), "title", json!(null));
    gives(json!({"op": "replace", "value": {"title": null}}), "title", json!(null));
    gives(json!({"op": "replace", "path": "emails", "value": []}), "emails", json!(null));
    gives(json!({"op": "add", "path": "title", "value": null}), "title", json!("Engineer"));
}

#[test]
fn l20_removing_what_is_absent_changes_nothing() {
    gives(json!({"op": "remove", "path": "nickName"}), "nickName", json!(null));
    gives(
        json!({"op": "remove", "path": "phoneNumbers[type eq \"work\"].value"}),
        "phoneNumbers",
        json!(null),
    );
    gives(
        json!({"op": "remove", "path": "name.middleName"}),
        "name",
        json!({"familyName": "Lovelace", "givenName": "Ada"}),
    );
}

#[test]
fn h4_adding_a_value_takes_out_none_that_are_like_each_other() {
    let user = ResourceType::user();
    let like = json!([{"locality": "Paris", "type": "work"}, {"locality": "PARIS", "type": "work"}]);
    let before = made(&user, &json!({"userName": "ada", "addresses": like}));
    let body = body(&json!([{"op": "add", "path": "addresses", "value": [
        {"locality": "Rome"}, {"locality": "paris", "type": "work"}, {"locality": "ROME"},
    ]}]));
    let (after, _) = patched(&user, Leniency::strict(), &before, &body).unwrap();
    let expected = json!([{"locality": "Paris", "type": "work"}, {"locality": "PARIS", "type": "work"}, {"locality": "Rome"}]);
    assert_eq!(after.attributes()["addresses"], expected);
}

/// Comparing each value with each other would take 36 million comparisons, three times.
#[test]
fn z1_many_values_are_compared_by_their_identity() {
    let emails: Vec<_> = (0..6_000).map(|number| json!({"value": format!("{number}@x")})).collect();
    let body = body(&json!([
        {"op": "add", "path": "emails", "value": emails},
        {"op": "add", "path": "emails", "value": emails},
        {"op": "Remove", "path": "emails", "value": emails},
    ]));
    let (after, _) = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body).unwrap();
    assert_eq!(after.attributes()["emails"], json!([work(), home()]));
}

proptest! {
    /// Whatever is sent, nothing panics, and applied twice gives the same as once. A value that is replaced by its filter
    /// may not fit the filter any more: those paths end in a part.
    #[test]
    fn any_operation_is_applied_or_refused(
        op in "(?i)add|replace|remove|x",
        path in prop::option::of(prop::sample::select(vec![
            "title", "emails", "emails[type eq \"work\"].display", "emails[type eq \"x\"].value", "name", "name.givenName",
            "manager", "active", "emails.primary", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ])),
        value in prop::sample::select(vec![
            json!(null), json!("x"), json!(true), json!("False"), json!(7), json!([]), json!({}), json!([{"value": "a"}]),
            json!({"value": "a", "primary": true}), json!({"title": "a", "emails[type eq \"work\"].value": "b"}),
            json!([{"value": "ada@work.example"}]), json!({"givenName": "x"}),
        ]),
    ) {
        let mut operation = json!({"op": op, "value": value});
        if let Some(path) = path {
            operation["path"] = json!(path);
        }
        let body = body(&json!([operation]));
        if let Ok((once, _)) = patched(&ResourceType::user(), Leniency::interop(), &ada(), &body) {
            let (twice, _) = patched(&ResourceType::user(), Leniency::interop(), &once, &body).unwrap();
            prop_assert_eq!(once.attributes(), twice.attributes());
        }
    }
}
