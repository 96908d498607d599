//! What a log shows of requests and of what becomes of them: identifiers and names of attributes, and nothing personal.

use std::{collections::BTreeMap, time::Duration};

use admittance::{
    crypto::Secret,
    scim::{
        effect::Effect,
        fetch::Target,
        filter::{
            self,
            sql::{Column, Columns, Dialect, lower},
        },
        leniency::Leniency,
        page::{CursorScope, PageParameters},
        schema::{ENTERPRISE_USER, GROUP, ResourceType, USER},
    },
};
use serde_json::{Value, json};

use super::{
    reading,
    service::{Service, config},
};

/// It stands wherever a person or a secret could.
const PERSONAL: &str = "Zelda";

fn is_silent(text: &str) -> bool {
    !admittance::fold::fold(text).contains("zelda")
}

#[track_caller]
fn assert_silent(value: &dyn std::fmt::Debug) {
    let shown = format!("{value:?}");
    assert!(is_silent(&shown), "{shown}");
}

fn user(name: &str) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE_USER], "userName": name, "externalId": "e1", "password": "Zelda's password",
        "name": {"givenName": PERSONAL, "familyName": PERSONAL}, "displayName": PERSONAL, "nickName": PERSONAL,
        "emails": [{"value": "zelda@example.com", "type": "work", "display": PERSONAL}],
        "roles": [{"value": PERSONAL}], ENTERPRISE_USER: {"department": PERSONAL, "employeeNumber": PERSONAL},
    })
}

#[test]
fn no_step_shows_a_personal_value() {
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    let mut service = Service::with(config().with_cursors(key, Duration::from_secs(60)).unwrap());
    service.log = Some(Vec::new());
    let zelda = service.send("POST", "/Users", user("zelda")).id();
    let other = service.send("POST", "/Users", user("zelda2")).id();
    service.send("POST", "/Users", user("ZELDA")).fails(409, "uniqueness");
    let path = format!("/Users/{zelda}");
    service.get(&path);
    let mut changed = user("Zelda3");
    changed["title"] = json!(PERSONAL);
    assert_eq!(service.send("PUT", &path, changed).status, 200);
    let rename = json!([
        {"op": "replace", "path": "userName", "value": "Zelda4"},
        {"op": "replace", "path": "emails[value eq \"zelda@example.com\"].display", "value": "Zelda5"},
        {"op": "add", "value": {"password": "another of Zelda's"}},
    ]);
    let reply = service.patch(&path, rename);
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_silent(&reply.effects);
    assert!(matches!(&reply.effects[0], Effect::Renamed { to, .. } if to == "Zelda4"), "the host sees it");
    let members = json!([{"value": zelda, "display": PERSONAL}]);
    let team = json!({"schemas": [GROUP], "displayName": "Zelda's friends", "members": members});
    let team = format!("/Groups/{}", service.send("POST", "/Groups", team).id());
    let friends = json!([
        {"op": "replace", "path": "displayName", "value": "No friends of Zelda"},
        {"op": "add", "path": "members", "value": [{"value": other, "display": PERSONAL}]},
    ]);
    assert_eq!(service.patch(&team, friends).status, 204);
    for query in [
        "filter=userName+eq+%22Zelda4%22",
        "filter=emails[value+co+%22zelda%22]+or+name.familyName+sw+%22Zelda%22",
        "filter=userName+eq+Zelda",
        "sortBy=userName&cursor&count=1",
    ] {
        let reply = service.get(&format!("/Users?{query}"));
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    let page = service.get("/Users?sortBy=userName&cursor&count=1");
    let cursor = page.body["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!(service.get(&format!("/Users?sortBy=userName&cursor={cursor}&count=1")).status, 200);
    service.send("POST", "/.search", json!({"filter": "displayName co \"Zelda\""}));
    let bulk = json!({"Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": user("zelda6")},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {
            "displayName": "Zelda's others", "members": [{"value": "bulkId:u", "display": PERSONAL}],
        }},
        {"method": "PATCH", "path": path, "data": {
            "Operations": [{"op": "add", "path": "nickName", "value": "Zelda7"}],
        }},
    ]});
    let reply = service.send("POST", "/Bulk", bulk);
    assert!(
        reply.body["Operations"].as_array().unwrap().iter().all(|one| one["status"].as_str() < Some("300"))
    );
    service.send("DELETE", &path, Value::Null);
    let log = service.log.take().unwrap();
    assert!(log.len() > 60, "{}", log.len());
    for line in log {
        assert!(is_silent(&line), "{line}");
    }
    assert_silent(&service.fetches);
    assert_silent(&service.changes);
    assert!(service.changes.iter().any(|change| change.unique.iter().any(|one| one.value.contains("zelda"))));
}

/// What a client is told of its mistake names attributes, and not what it has sent for them.
#[test]
fn no_error_and_no_note_shows_a_personal_value() {
    for leniency in [Leniency::interop(), Leniency::strict()] {
        let mut service = Service::with(config().with_leniency(leniency));
        service.log = Some(Vec::new());
        let first = service.send("POST", "/Users", json!({"schemas": [USER], "userName": "a"})).id();
        let path = format!("/Users/{first}");
        let patch = |path: &str, value: Value| {
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": path, "value": value}],
            })
        };
        let pathless = |value: Value| {
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "value": value}],
            })
        };
        for (method, target, body) in [
            ("POST", "/Users", json!({"schemas": [USER], "userName": {"value": PERSONAL}})),
            ("POST", "/Users", json!({"schemas": [USER], "userName": "b", "active": PERSONAL})),
            (
                "POST",
                "/Users",
                json!({"schemas": [USER], "userName": "c", "x509Certificates": [{"value": "Zelda!"}]}),
            ),
            ("POST", "/Users", json!({"schemas": [USER], "userName": "d", "emails": "zelda@example.com"})),
            (
                "POST",
                "/Users",
                json!({"schemas": [USER], "userName": "e", "manager": 7, "title": [PERSONAL, PERSONAL]}),
            ),
            ("PATCH", path.as_str(), patch("emails[value eq \"zelda@example.com\"]", json!(1))),
            ("PATCH", path.as_str(), patch("emails[value eq \"zelda@example.com\"].nope", json!("x"))),
            (
                "PATCH",
                path.as_str(),
                patch("emails[value eq \"zelda@example.com\" or type pr].value", json!("x")),
            ),
            ("PATCH", path.as_str(), patch("emails[value eq \"zelda@example.com\"", json!("x"))),
            ("PATCH", path.as_str(), patch("emails[value eq Zelda].primary", json!(PERSONAL))),
            ("PATCH", path.as_str(), patch("manager", json!({"value": "nobody", "displayName": PERSONAL}))),
            (
                "PATCH",
                path.as_str(),
                pathless(json!({"emails[value eq \"zelda@example.com\"].value": "zelda"})),
            ),
            ("GET", "/Users?filter=userName+eq+%22Zelda%22+Zelda", Value::Null),
            ("GET", "/Users?filter=active+eq+%22Zelda%22", Value::Null),
            ("GET", "/Users?filter=userName+eq+Zelda", Value::Null),
            ("GET", "/Users?attributes=emails[value+eq+%22Zelda%22]", Value::Null),
            ("GET", "/Users?cursor=Zelda", Value::Null),
            ("GET", "/Users?count=Zelda", Value::Null),
            ("GET", "/Users?sortBy=title&sortOrder=Zelda", Value::Null),
        ] {
            let reply = service.send(method, target, body.clone());
            assert_silent(&reply.notes);
            if reply.status >= 400 {
                assert!(is_silent(&reply.text), "{method} {target} {body}: {}", reply.text);
            }
        }
        for line in service.log.take().unwrap() {
            assert!(is_silent(&line), "{line}");
        }
    }
}

#[test]
fn filters_and_what_is_made_of_them() {
    let users = ResourceType::user();
    let filter = reading(Leniency::strict(), |reading| {
        filter::parse("userName eq \"Zelda\" or title co \"zelda\" or active eq true", &users, reading)
    })
    .0
    .unwrap();
    assert_silent(&filter);
    assert!(filter.to_string().contains(PERSONAL), "its text has it, for those who ask");
    let columns = ["userName", "title"]
        .into_iter()
        .fold(Columns::new(), |columns, name| columns.with(name, Column::Folded("c".to_owned())))
        .with("active", Column::Boolean("a".to_owned()));
    for dialect in [Dialect::Sqlite, Dialect::PostgreSql] {
        let condition = lower(&filter, &columns, dialect, 1).unwrap();
        assert_silent(&condition);
        assert_eq!(condition.binds.len(), 3);
    }
    for text in
        ["userName eq \"Zelda\"", "externalId eq \"Zelda\"", "id eq \"Zelda\"", "displayName eq \"Zelda\""]
    {
        let filter = reading(Leniency::strict(), |reading| filter::parse(text, &users, reading)).0.unwrap();
        assert_silent(&filter.unique_lookup().unwrap());
    }
    assert_silent(&Target::UserName { folded: PERSONAL.to_owned() });
    assert_silent(&CursorScope { tenant: "acme", query: "User?userName eq \"Zelda\"", count: 1 });
    assert_silent(&PageParameters { cursor: Some(PERSONAL), ..PageParameters::default() });
    let kinds = BTreeMap::from([
        (
            "Renamed",
            Effect::Renamed {
                resource_type: "User".to_owned(),
                id: "u1".into(),
                from: PERSONAL.to_owned(),
                to: PERSONAL.to_owned(),
            },
        ),
        ("PasswordSet", Effect::PasswordSet { user: "u1".into(), password: Secret::new(PERSONAL) }),
    ]);
    for (name, effect) in kinds {
        assert_silent(&effect);
        let shown = format!("{effect:?}");
        assert!(shown.starts_with(name) && shown.contains("u1"), "{shown}");
    }
}
