use admittance::scim::{
    effect::Effect,
    fetch::Origin,
    leniency::{Deviation, Leniency},
    schema::{ENTERPRISE_USER, ResourceType, Schema, USER},
};
use serde_json::{Value, json};

use super::service::{BASE, Service, TENANT, config, group, holder, user};

fn strict() -> Service {
    Service::with(config().with_leniency(Leniency::strict()))
}

#[test]
fn c1_id_meta_and_groups_are_the_services() {
    let mut service = Service::new();
    let mut body = user("ada");
    body["id"] = json!("mine");
    body["meta"] = json!({"version": "W/\"9\"", "created": "2000-01-01T00:00:00Z"});
    body["groups"] = json!([{"value": "g"}]);
    body["externalId"] = json!("ext-1");
    let reply = service.send("POST", "/Users", body);
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.body["id"], "r1");
    assert_eq!(reply.body["externalId"], "ext-1");
    assert_eq!(reply.body["meta"]["created"], "2026-11-22T00:01:00.000Z");
    assert!(reply.body.get("groups").is_none());
    assert_eq!(service.row("r1").resource.external_id(), Some("ext-1"));
}

/// CVE-2025-41115: the client's identifier, even one that looks like ours, leads nowhere.
#[test]
fn c1_z2_an_external_id_is_no_id() {
    let mut service = Service::new();
    let first = service.user("ada");
    let mut body = user("eve");
    body["externalId"] = json!(first);
    let eve = service.send("POST", "/Users", body).id();
    assert_ne!(eve, first);
    let mut body = user("bob");
    body["externalId"] = json!("1");
    let bob = service.send("POST", "/Users", body).id();
    assert_eq!(service.get("/Users/1").status, 404);
    assert_eq!(service.get(&format!("/Users/{bob}")).body["userName"], "bob");
    assert_eq!(service.get(&format!("/Users/{first}")).body["userName"], "ada");
}

#[test]
fn c2_unassigned_is_one_state() {
    let mut service = Service::new();
    let mut body = user("ada");
    body["title"] = Value::Null;
    body["emails"] = json!([]);
    body["name"] = json!({});
    let reply = service.send("POST", "/Users", body);
    assert_eq!(reply.status, 201);
    for absent in ["title", "emails", "name"] {
        assert!(reply.body.get(absent).is_none(), "{absent}");
    }
}

#[test]
fn c3_put_replaces_every_attribute() {
    let mut service = Service::new();
    let mut body = user("ada");
    body["title"] = json!("Dr");
    body["emails"] = json!([{"value": "a@example.com"}]);
    body[ENTERPRISE_USER] = json!({"department": "Sales"});
    let id = service.send("POST", "/Users", body).id();
    let mut body = user("ada");
    body["nickName"] = json!("A");
    let reply = service.send("PUT", &format!("/Users/{id}"), body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.body["nickName"], "A");
    assert_eq!(reply.body["schemas"], json!([USER]));
    for gone in ["title", "emails", ENTERPRISE_USER] {
        assert!(reply.body.get(gone).is_none(), "{gone}");
    }
    assert_eq!(service.get(&format!("/Users/{id}")).body, reply.body);
}

#[test]
fn c3_put_neither_locks_nor_unlocks_in_silence() {
    let mut service = Service::new();
    let mut body = user("ada");
    body["active"] = json!(false);
    let id = service.send("POST", "/Users", body).id();
    let reply = service.send("PUT", &format!("/Users/{id}"), user("ada"));
    assert_eq!(reply.body["active"], false);
    assert!(reply.effects.is_empty());
}

#[test]
fn c3_read_only_values_stay_and_given_ones_are_ignored() {
    let mut service = Service::new();
    let ada = service.user("ada");
    let team = service.group("team", &[&ada]);
    let mut body = user("ada");
    body["id"] = json!("other");
    body["groups"] = json!([{"value": "nonsense"}]);
    body["meta"] = json!({"resourceType": "Group"});
    let reply = service.send("PUT", &format!("/Users/{ada}"), body);
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.body["id"], ada);
    assert_eq!(reply.body["groups"][0]["value"], team);
    assert_eq!(reply.body["groups"][0]["$ref"], format!("{BASE}/connections/{TENANT}/Groups/{team}"));
    assert_eq!(reply.body["meta"]["resourceType"], "User");
    assert!(reply.codes().contains(&"scim.read_only_in_body"));
    assert!(service.row(&ada).resource.attributes().get("groups").is_none(), "it is not stored");
}

fn badges() -> ResourceType {
    let schema = br#"{"id": "urn:example:Badge", "name": "Badge", "attributes": [
        {"name": "number", "type": "string", "required": true, "uniqueness": "global", "caseExact": true},
        {"name": "color", "mutability": "immutable"},
        {"name": "printed", "mutability": "readOnly"},
        {"name": "pin", "mutability": "writeOnly"},
        {"name": "holder", "type": "complex", "subAttributes": [
            {"name": "value", "caseExact": true},
            {"name": "$ref", "type": "reference", "referenceTypes": ["User"], "mutability": "readOnly"}]},
        {"name": "note", "returned": "request"}, {"name": "kind", "returned": "always"}]}"#;
    ResourceType::new("Badge", "/Badges", Schema::from_json(schema).unwrap()).unwrap()
}

fn with_badges() -> Service {
    Service::with(config().with_type(badges()).unwrap())
}

#[test]
fn f3_a_type_of_the_host_follows_the_same_rules() {
    let mut service = with_badges();
    let ada = service.user("ada");
    let body = json!({"schemas": ["urn:example:Badge"], "number": "7", "holder": {"value": ada}});
    let reply = service.send("POST", "/Badges", body);
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.body["holder"]["$ref"], format!("{BASE}/connections/{TENANT}/Users/{ada}"));
    let body = json!({"schemas": ["urn:example:Badge"], "number": "8", "holder": {"value": "nobody"}});
    service.send("POST", "/Badges", body).fails(400, "invalidValue");
    let found = service.get("/Badges?filter=number%20eq%20%227%22");
    assert_eq!(found.body["totalResults"], 1);
}

#[test]
fn c3_a1_immutable_given_with_another_value() {
    let mut service = with_badges();
    let badge = |color: Option<&str>| {
        let mut body = json!({"schemas": ["urn:example:Badge"], "number": "7"});
        if let Some(color) = color {
            body["color"] = json!(color);
        }
        body
    };
    let path = format!("/Badges/{}", service.send("POST", "/Badges", badge(None)).id());
    // As long as there is none, it may be set.
    assert_eq!(service.send("PUT", &path, badge(Some("red"))).body["color"], "red");
    assert_eq!(service.send("PUT", &path, badge(Some("red"))).status, 200);
    assert_eq!(service.send("PUT", &path, badge(None)).body["color"], "red");
    service.send("PUT", &path, badge(Some("blue"))).fails(400, "mutability");
    let replace = json!([{"op": "replace", "path": "color", "value": "blue"}]);
    service.patch(&path, replace).fails(400, "mutability");
    assert_eq!(service.get(&path).body["color"], "red");
}

#[test]
fn a1_read_only_and_write_only() {
    let mut service = with_badges();
    let body = json!({"schemas": ["urn:example:Badge"], "number": "7", "printed": "x", "pin": "1234"});
    let reply = service.send("POST", "/Badges", body.clone());
    let path = format!("/Badges/{}", reply.id());
    assert!(reply.body.get("printed").is_none(), "a client does not set it");
    let mut replies = vec![reply];
    replies.push(service.get(&path));
    replies.push(service.get(&format!("{path}?attributes=pin,number")));
    replies.push(service.send("PUT", &path, body));
    replies.push(service.patch(&path, json!([{"op": "replace", "path": "pin", "value": "1234"}])));
    replies.push(service.get("/Badges"));
    for reply in replies {
        assert!(reply.status < 300, "{}", reply.text);
        assert!(!reply.text.contains("1234") && !reply.text.contains("pin"), "{}", reply.text);
    }
    let printed = json!([{"op": "replace", "path": "printed", "value": "y"}]);
    service.patch(&path, printed).fails(400, "mutability");
}

#[test]
fn a1_returned() {
    let mut service = with_badges();
    let body = json!({"schemas": ["urn:example:Badge"], "number": "7", "note": "n", "kind": "k"});
    let reply = service.send("POST", "/Badges", body.clone());
    let path = format!("/Badges/{}", reply.id());
    let number = "?attributes=number";
    let without = "?excludedAttributes=number,kind";
    assert!(reply.body.get("note").is_none() && reply.body["kind"] == "k");
    for reply in [service.get(&path), service.send("PUT", &path, body.clone())] {
        assert!(reply.body.get("note").is_none() && reply.body["kind"] == "k" && reply.body["number"] == "7");
    }
    for reply in
        [service.get(&format!("{path}{without}")), service.send("PUT", &format!("{path}{without}"), body)]
    {
        assert!(reply.body["kind"] == "k" && reply.body.get("number").is_none());
    }
    assert_eq!(service.get(&format!("{path}?attributes=note")).body["note"], "n");
    let reply = service.get(&format!("{path}{number}"));
    assert!(
        reply.body["kind"] == "k" && reply.body.get("note").is_none() && reply.body.get("meta").is_none()
    );
    assert_eq!(service.get("/Badges?attributes=note").body["Resources"][0]["note"], "n");
}

#[test]
fn c4_required() {
    let mut service = Service::new();
    service.send("POST", "/Users", json!({"schemas": [USER]})).fails(400, "invalidValue");
    service.send("POST", "/Users", json!({"schemas": [USER], "userName": ""})).fails(400, "invalidValue");
    let id = service.user("ada");
    service.send("PUT", &format!("/Users/{id}"), json!({"schemas": [USER]})).fails(400, "invalidValue");
    service.send("POST", "/Groups", json!({"members": []})).fails(400, "invalidValue");
}

#[test]
fn c5_active_on_create() {
    let mut service = Service::new();
    assert_eq!(service.send("POST", "/Users", user("ada")).body["active"], true);
    let mut body = user("bob");
    body["active"] = json!(false);
    assert_eq!(service.send("POST", "/Users", body).body["active"], false);
}

#[test]
fn c6_password_goes_to_the_host_alone() {
    let mut service = Service::new();
    let mut body = user("ada");
    body["password"] = json!("1mz050nq");
    let created = service.send("POST", "/Users", body.clone());
    let id = created.id();
    let path = format!("/Users/{id}");
    let put = service.send("PUT", &path, body);
    let patched = service.patch(&path, json!([{"op": "replace", "path": "password", "value": "1mz050nq"}]));
    let pathless = service.patch(&path, json!([{"op": "add", "value": {"password": "1mz050nq"}}]));
    for reply in [created, put, patched, pathless] {
        assert!(reply.status < 300, "{}", reply.text);
        assert!(!reply.text.contains("1mz050nq") && reply.body.get("password").is_none());
        let [Effect::PasswordSet { user, password }] = reply.effects.as_slice() else {
            panic!("{:?}", reply.effects)
        };
        assert!(user.as_str() == id && password.is("1mz050nq"));
        let shown = format!("{:?} {:?} {:?}", reply.effects, reply.notes, service.changes);
        assert!(!shown.contains("1mz050nq"));
    }
    assert!(service.row(&id).resource.attributes().get("password").is_none());
    let asked = service.get(&format!("{path}?attributes=password,userName"));
    assert!(asked.body["userName"] == "ada" && asked.body.get("password").is_none());
    service.get("/Users?filter=password%20eq%20%221mz050nq%22").fails(400, "invalidFilter");
    // A service that takes none reads past it.
    let mut service = Service::with(config().without_passwords());
    let mut body = user("ada");
    body["password"] = json!("1mz050nq");
    let reply = service.send("POST", "/Users", body);
    assert!(reply.status == 201 && reply.effects.is_empty());
}

#[test]
fn c7_adopts_what_a_sign_in_made() {
    let mut service = Service::new();
    service.holders.insert("ada@corp.example".to_owned(), holder("u-77", Origin::SignIn));
    let reply = service.send("POST", "/Users", user("Ada@corp.example"));
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.body["id"], "u-77");
    assert_eq!(reply.body["meta"]["created"], "2026-01-01T00:00:00.000Z");
    assert_eq!(reply.effects, [Effect::Adopted { user: "u-77".into() }]);
}

#[test]
fn c7_adopts_nobody_elses_account() {
    for origin in [Origin::Elsewhere, Origin::Provisioned] {
        let mut service = Service::new();
        service.holders.insert("ada".to_owned(), holder("u-77", origin));
        service.send("POST", "/Users", user("ada")).fails(409, "uniqueness");
        assert!(service.changes.is_empty());
    }
}

#[test]
fn c7_z6_adoption_does_not_lock_a_protected_account() {
    let mut service = Service::new();
    let mut held = holder("u-77", Origin::SignIn);
    held.protected = true;
    service.holders.insert("ada".to_owned(), held);
    let mut body = user("ada");
    body["active"] = json!(false);
    service.send("POST", "/Users", body).fails(403, "");
    assert_eq!(service.send("POST", "/Users", user("ada")).status, 201);
}

#[test]
fn c7_adoption_with_active_false_ends_access() {
    let mut service = Service::new();
    service.holders.insert("ada".to_owned(), holder("u-77", Origin::SignIn));
    let mut body = user("ada");
    body["active"] = json!(false);
    let effects = service.send("POST", "/Users", body).effects;
    let user: admittance::scim::tenant::ResourceId = "u-77".into();
    assert_eq!(effects, [Effect::Adopted { user: user.clone() }, Effect::Deactivated { user }]);
}

#[test]
fn c8_delete() {
    let mut service = Service::new();
    let ada = service.user("ada");
    let team = service.group("team", &[&ada]);
    let reply = service.send("DELETE", &format!("/Users/{ada}"), Value::Null);
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert_eq!(
        reply.effects,
        [Effect::Deleted { resource_type: "User".to_owned(), id: ada.as_str().into() }]
    );
    assert!(service.members(&team).is_empty());
    service.send("DELETE", &format!("/Users/{ada}"), Value::Null).fails(404, "");
    service.get(&format!("/Users/{ada}")).fails(404, "");
    let bob = service.user("bob");
    let other = service.group("other", &[&bob]);
    assert_eq!(service.send("DELETE", &format!("/Groups/{other}"), Value::Null).status, 204);
    assert_eq!(service.get(&format!("/Users/{bob}")).status, 200);
}

#[test]
fn l17_group_put_without_members() {
    let mut service = Service::new();
    let ada = service.user("ada");
    let team = service.group("team", &[&ada]);
    let path = format!("/Groups/{team}");
    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "crew"});
    let reply = service.send("PUT", &path, body.clone());
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.codes(), ["scim.members_kept"]);
    assert_eq!(reply.body["members"][0]["value"], ada);
    assert_eq!(service.members(&team), std::slice::from_ref(&ada));
    let renamed = Effect::Renamed {
        resource_type: "Group".to_owned(),
        id: team.as_str().into(),
        from: "team".to_owned(),
        to: "crew".to_owned(),
    };
    assert_eq!(reply.effects, [renamed]);
    service.config = service.config.clone().with_leniency(Leniency::strict());
    let reply = service.send("PUT", &path, body);
    assert!(reply.body.get("members").is_none());
    assert!(service.members(&team).is_empty());
    let removed = Effect::MembersRemoved { group: team.as_str().into(), members: vec![ada.as_str().into()] };
    assert_eq!(reply.effects, [removed]);
}

#[test]
fn c3_group_put_takes_exactly_the_list() {
    let mut service = Service::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| service.user(name));
    let team = service.group("team", &[&a, &b]);
    let reply = service.send("PUT", &format!("/Groups/{team}"), group("team", &[&b, &c, &c]));
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(service.members(&team), [b, c.clone()]);
    let group: admittance::scim::tenant::ResourceId = team.as_str().into();
    let effects = [
        Effect::MembersAdded { group: group.clone(), members: vec![c.as_str().into()] },
        Effect::MembersRemoved { group, members: vec![a.as_str().into()] },
    ];
    assert_eq!(reply.effects, effects);
    assert!(!service.fetches.last().unwrap().references.is_empty());
    assert!(!service.asked_for_members(), "those who were in it need not be loaded");
}

#[test]
fn a2_the_unique_index_decides() {
    let mut service = Service::new();
    let ada = service.user("Ada");
    let claim = &service.changes.last().unwrap().unique;
    assert_eq!((claim[0].attribute.as_str(), claim[0].value.as_str()), ("userName", "ada"));
    assert_eq!(claim.len(), 1);
    service.send("POST", "/Users", user("ADA")).fails(409, "uniqueness");
    let bob = service.user("bob");
    service.send("PUT", &format!("/Users/{bob}"), user("aDa")).fails(409, "uniqueness");
    let rename = json!([{"op": "replace", "path": "userName", "value": "ada"}]);
    service.patch(&format!("/Users/{bob}"), rename).fails(409, "uniqueness");
    // Its own name in another case is free.
    assert_eq!(service.send("PUT", &format!("/Users/{ada}"), user("ADA")).body["userName"], "ADA");
    // Nothing was looked up before it was written.
    assert!(!service.fetches.iter().any(|fetch| format!("{:?}", fetch.target).contains("List")));
}

#[test]
fn a2_claims_of_every_scope() {
    let mut service = with_badges();
    service.send("POST", "/Badges", json!({"schemas": ["urn:example:Badge"], "number": "A7"}));
    let claim = &service.changes.last().unwrap().unique[0];
    assert_eq!(claim.value, "A7");
    assert_eq!(claim.scope, admittance::scim::change::UniqueScope::Everywhere);
}

#[test]
fn a3_group_names() {
    let mut service = Service::new();
    let team = service.group("Team", &[]);
    service.send("POST", "/Groups", group("TEAM", &[])).fails(409, "uniqueness");
    let other = service.group("other", &[]);
    let rename = json!([{"op": "replace", "value": {"displayName": "team"}}]);
    service.patch(&format!("/Groups/{other}"), rename).fails(409, "uniqueness");
    assert_eq!(service.get(&format!("/Groups/{team}")).body["displayName"], "Team");
    let mut service = Service::with(config().with_repeated_group_names());
    service.group("Team", &[]);
    service.group("Team", &[]);
}

#[test]
fn a4_canonical_values_advise() {
    let mut body = user("ada");
    body["emails"] = json!([{"value": "a@example.com", "type": "Private"}]);
    let mut service = Service::new();
    let reply = service.send("POST", "/Users", body.clone());
    assert_eq!(reply.body["emails"][0]["type"], "Private");
    assert!(reply.codes().contains(&Deviation::OtherThanCanonical.code()));
    strict().send("POST", "/Users", body.clone()).fails(400, "invalidValue");
    body["emails"][0]["type"] = json!("WORK");
    assert_eq!(strict().send("POST", "/Users", body).body["emails"][0]["type"], "WORK");
}

#[test]
fn a5_strings_as_received() {
    let mut service = Service::new();
    let mut body = user(" Ada\u{301} ");
    body["title"] = json!("  Dr  ");
    let reply = service.send("POST", "/Users", body);
    assert_eq!(reply.body["userName"], " Ada\u{301} ");
    assert_eq!(reply.body["title"], "  Dr  ");
}

#[test]
fn h12_manager() {
    let mut service = Service::new();
    let (boss, ada) = (service.user("boss"), service.user("ada"));
    let path = format!("/Users/{ada}");
    let manager = format!("{ENTERPRISE_USER}:manager");
    let shapes = [
        json!({"op": "Add", "path": manager, "value": boss}),
        json!({"op": "Add", "path": "manager", "value": [{"$ref": format!("../Users/{boss}"), "value": boss}]}),
        json!({"op": "replace", "path": manager, "value": {"value": boss}}),
        json!({"op": "replace", "path": format!("{manager}.value"), "value": boss}),
    ];
    for shape in shapes {
        service.patch(&path, json!([{"op": "remove", "path": manager}]));
        let reply = service.patch(&path, json!([shape]));
        assert_eq!(reply.status, 200, "{shape}: {}", reply.text);
        let one = json!({"value": boss, "$ref": format!("{BASE}/connections/{TENANT}/Users/{boss}")});
        assert_eq!(service.get(&path).body[ENTERPRISE_USER]["manager"], one, "{shape}");
    }
    let nobody = json!([{"op": "replace", "path": manager, "value": "nobody"}]);
    service.patch(&path, nobody).fails(400, "invalidValue");
    let team = service.group("team", &[]);
    let group = json!([{"op": "replace", "path": manager, "value": team}]);
    service.patch(&path, group).fails(400, "invalidValue");
    assert_eq!(service.patch(&path, json!([{"op": "remove", "path": manager}])).status, 200);
    assert!(service.get(&path).body.get(ENTERPRISE_USER).is_none());
}
