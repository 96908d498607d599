//! scim.md §3.1.

use std::collections::BTreeSet;

use admittance::{
    crypto::Secret,
    scim::{effect::Effect, fetch::Origin, tenant::ResourceId},
    testing::{
        scim_client::{Okta, Person},
        scim_store::Account,
    },
};
use serde_json::{Value, json};

use super::{Scene, now, tenant};

fn okta(scene: &Scene) -> Okta {
    Okta(scene.service())
}

#[test]
fn test_connector_empty_list() {
    let scene = Scene::new();
    let answer = scene.send(&okta(&scene).look_up_user("test@okta.local"));
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.body,
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 0,
            "startIndex": 1,
            "itemsPerPage": 0,
            "Resources": [],
        })
    );
}

#[test]
fn import_first_page() {
    let scene = Scene::new();
    let id = scene.user("ada");
    scene.user("grace");
    let answer = scene.send(&okta(&scene).import_first_page());
    assert_eq!((answer.total(), answer.ids()), (2, vec![id.as_str()]));
    let user = &answer.body["Resources"][0];
    assert_eq!(user["name"], json!({"givenName": "Ada", "familyName": "Byron"}));
    assert_eq!(user["active"], true);
    assert_eq!(user["emails"][0]["value"], "ada@example.com");
}

#[test]
fn group_match_by_name() {
    let scene = Scene::new();
    let okta = okta(&scene);
    assert_eq!(scene.send(&okta.look_up_group("Team")).total(), 0);
    let group = scene.group("Team", &[]);
    let found = scene.send(&okta.look_up_group("Team"));
    assert_eq!((found.total(), found.ids()), (1, vec![group.as_str()]));
}

#[test]
fn create_user() {
    let scene = Scene::new();
    let answer = scene.send(&okta(&scene).create_user(&Person::ada()));
    assert_eq!(answer.status, 201);
    let body = &answer.body;
    assert_eq!(body["userName"], "ada@example.com");
    assert_eq!(body["externalId"], "ada-ext");
    assert_eq!(body["locale"], "en-US");
    assert_ne!(body["id"], "ada-ext");
    assert_eq!(body["meta"]["resourceType"], "User");
    let location = format!("https://example.com/scim/v2/connections/acme/Users/{}", answer.id());
    assert_eq!(body["meta"]["location"], Value::from(location));
    assert_eq!(Value::from(answer.etag.clone()), body["meta"]["version"]);
    for absent in ["password", "groups"] {
        assert!(body.get(absent).is_none(), "{absent} in {body}");
    }
    let user = ResourceId::from(answer.id());
    let password = Effect::PasswordSet { user: user.clone(), password: Secret::new("1mz050nq") };
    assert!(answer.effects.contains(&password));
    // C6: the store holds none either, and nothing shows it.
    let stored = scene.store.resource(&tenant(), &user).unwrap();
    assert!(!stored.resource.attributes().contains_key("password"));
    assert!(!format!("{:?}", scene.store).contains("1mz050nq"));
    assert!(!format!("{:?}", answer.effects).contains("1mz050nq"));
}

#[test]
fn create_duplicate() {
    let scene = Scene::new();
    scene.user("ada");
    let answer = scene.send(&okta(&scene).create_user(&Person::ada()));
    assert_eq!((answer.status, &answer.body["scimType"]), (409, &json!("uniqueness")));
    assert_eq!(answer.effects, []);
    assert_eq!(scene.send(&okta(&scene).import_first_page()).total(), 1);
}

#[test]
fn lookup_case_insensitive() {
    let scene = Scene::new();
    let id = scene.user("ada");
    assert_eq!(scene.send(&okta(&scene).look_up_user("ADA@Example.COM")).ids(), [id]);
}

#[test]
fn put_profile() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let id = scene.user("ada");
    let mut profile = scene.send(&okta.read_user(&id)).body;
    profile["name"] = json!({"givenName": "Augusta", "middleName": "", "familyName": "Byron"});
    profile["groups"] = json!([]);
    let answer = scene.send_twice(&okta.put_user(&id, &profile), &okta.read_user(&id));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["id"], Value::from(id));
    assert_eq!(answer.body["name"], json!({"givenName": "Augusta", "familyName": "Byron"}));
    assert_eq!(answer.body["emails"][0]["value"], "ada@example.com");
}

#[test]
fn deactivate_patch() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let id = scene.user("ada");
    let answer = scene.send_twice(&okta.set_active(&id, false), &okta.read_user(&id));
    assert!(answer.is_success());
    assert_eq!(answer.effects, [Effect::Deactivated { user: ResourceId::from(id.as_str()) }]);
    let read = scene.send(&okta.read_user(&id));
    assert_eq!((read.status, &read.body["active"]), (200, &json!(false)));
    assert_eq!(scene.send(&okta.look_up_user("ada@example.com")).total(), 1, "it can still be found");
}

#[test]
fn reactivate_patch() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let id = scene.user("ada");
    let group = scene.group("Team", &[&id]);
    assert!(scene.send(&okta.set_active(&id, false)).is_success());
    let answer = scene.send_twice(&okta.set_active(&id, true), &okta.read_user(&id));
    assert_eq!(answer.effects, [Effect::Activated { user: ResourceId::from(id.as_str()) }]);
    assert_eq!(scene.send(&okta.read_user(&id)).body["active"], true);
    // G8: the group has kept its member, so access comes back.
    scene.assert_members(&group, &[&id]);
}

#[test]
fn deactivate_put() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let id = scene.user("ada");
    let mut profile = scene.send(&okta.read_user(&id)).body;
    profile["active"] = json!(false);
    let answer = scene.send_twice(&okta.put_user(&id, &profile), &okta.read_user(&id));
    assert_eq!((answer.status, &answer.body["active"]), (200, &json!(false)));
    assert_eq!(answer.effects, [Effect::Deactivated { user: ResourceId::from(id) }]);
}

#[test]
fn group_push_create() {
    let scene = Scene::new();
    let answer = scene.send(&okta(&scene).push_group("Team"));
    assert_eq!((answer.status, &answer.body["displayName"]), (201, &json!("Team")));
    assert!(answer.body.get("members").is_none());
    scene.assert_members(&answer.id(), &[]);
}

#[test]
fn group_rename_with_id() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let (a, b) = (scene.user("a"), scene.user("b"));
    let group = scene.group("Team", &[&a, &b]);
    let answer = scene.send_twice(&okta.rename_group(&group, "New name"), &okta.read_group(&group));
    assert!(answer.is_success());
    let renamed = Effect::Renamed {
        resource_type: "Group".to_owned(),
        id: ResourceId::from(group.as_str()),
        from: "Team".to_owned(),
        to: "New name".to_owned(),
    };
    assert_eq!(answer.effects, [renamed]);
    assert!(answer.noted("scim.read_only_in_body"));
    let read = scene.send(&okta.read_group(&group)).body;
    assert_eq!((&read["id"], &read["displayName"]), (&json!(group), &json!("New name")));
    scene.assert_members(&group, &[&a, &b]);
}

#[test]
fn members_remove_filter_add() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let (a, b, c) = (scene.user("a"), scene.user("b"), scene.user("c"));
    let group = scene.group("Team", &[&a, &b]);
    let answer = scene.send_twice(&okta.change_members(&group, &[&a], &[&c]), &okta.read_group(&group));
    assert!(answer.is_success());
    let id = || ResourceId::from(group.as_str());
    let added = Effect::MembersAdded { group: id(), members: vec![ResourceId::from(c.as_str())] };
    let removed = Effect::MembersRemoved { group: id(), members: vec![ResourceId::from(a.as_str())] };
    assert!(answer.effects.contains(&added) && answer.effects.contains(&removed));
    assert_eq!(answer.effects.len(), 2);
    scene.assert_members(&group, &[&b, &c]);
}

#[test]
fn members_full_replace() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let (a, b, c) = (scene.user("a"), scene.user("b"), scene.user("c"));
    let group = scene.group("Team", &[&a, &b]);
    let answer = scene.send_twice(&okta.replace_members(&group, &[&b, &c]), &okta.read_group(&group));
    assert!(answer.is_success());
    scene.assert_members(&group, &[&b, &c]);
}

#[test]
fn group_put_members() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let (a, b, c) = (scene.user("a"), scene.user("b"), scene.user("c"));
    let group = scene.group("Team", &[&a]);
    let put = okta.put_group(&group, "Put", &[&b, &c]);
    let answer = scene.send_twice(&put, &okta.read_group(&group));
    assert_eq!((answer.status, &answer.body["displayName"]), (200, &json!("Put")));
    scene.assert_members(&group, &[&b, &c]);
}

#[test]
fn group_delete() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let a = scene.user("a");
    let group = scene.group("Team", &[&a]);
    assert_eq!(scene.send(&okta.read_user(&a)).body["groups"][0]["value"], json!(group));
    assert_eq!(scene.send(&okta.delete_group(&group)).status, 204);
    assert_eq!(scene.send(&okta.read_group(&group)).status, 404);
    assert_eq!(scene.send(&okta.delete_group(&group)).status, 404);
    let user = scene.send(&okta.read_user(&a));
    assert_eq!((user.status, user.body.get("groups")), (200, None), "C8: its users stay");
}

#[test]
fn stable_pages() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let made: BTreeSet<_> = (0..5).map(|number| scene.user(&format!("u{number}"))).collect();
    let pages = [1, 3, 5].map(|start| scene.send(&okta.import_page(start, 2)));
    let mut seen = BTreeSet::new();
    for (page, items) in pages.iter().zip([2, 2, 1]) {
        assert_eq!((page.total(), &page.body["itemsPerPage"]), (5, &json!(items)));
        seen.extend(page.ids().into_iter().map(str::to_owned));
    }
    assert_eq!(seen, made);
    let past = scene.send(&okta.import_page(6, 2));
    assert_eq!((past.total(), past.ids()), (5, vec![]));
}

#[test]
fn not_found_error() {
    let scene = Scene::new();
    let answer = scene.send(&okta(&scene).read_user("010101001010101011001010101011"));
    assert_eq!((answer.status, &answer.body["status"]), (404, &json!("404")));
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    // T2: nor is the user of another connection found, nor taken as a member.
    let other = scene.store.config().tenant_url(&"other".into());
    let service = admittance::testing::scim_client::Service::new(other, Secret::new("another token"));
    let foreign = scene.send(&Okta(service).create_user(&Person::ada())).id();
    assert_eq!(scene.send(&okta(&scene).read_user(&foreign)).status, 404);
    let group = scene.group("Team", &[]);
    let refused = scene.send(&okta(&scene).change_members(&group, &[], &[&foreign]));
    assert_eq!((refused.status, &refused.body["scimType"]), (400, &json!("invalidValue")));
}

#[test]
fn unauthorized_error() {
    let scene = Scene::new();
    // T3: a token of another connection is as wrong as one of none.
    for token in ["wrong", "another token"] {
        let wrong = Okta(scene.service().with_token(Secret::new(token)));
        for request in [wrong.read_user("1"), wrong.create_user(&Person::ada()), wrong.import_first_page()] {
            let answer = scene.send(&request);
            assert_eq!((answer.status, &answer.body["status"]), (401, &json!("401")));
            assert!(!answer.body.to_string().contains(token));
        }
    }
}

#[test]
fn adopt_existing_sso_user() {
    let scene = Scene::new();
    let okta = okta(&scene);
    let account = |user_name, origin| Account { user_name, origin };
    let made = account("Ada@Example.com", Origin::SignIn);
    let id = scene.store.add_account(&tenant(), &made, now());
    assert_eq!(scene.send(&okta.look_up_user("ada@example.com")).total(), 0);
    let answer = scene.send(&okta.create_user(&Person::ada()));
    assert_eq!((answer.status, answer.id().as_str()), (201, id.as_str()));
    assert!(answer.effects.contains(&Effect::Adopted { user: id.clone() }));
    assert_eq!(scene.send(&okta.look_up_user("ada@example.com")).ids(), [id.as_str()]);
    // Once it is managed, it is never adopted again.
    assert_eq!(scene.send(&okta.create_user(&Person::ada())).status, 409);
    // Neither is an account that no sign-in of this connection has made.
    scene.store.add_account(&tenant(), &account("grace@example.com", Origin::Elsewhere), now());
    let refused = scene.send(&okta.create_user(&Person::named("grace")));
    assert_eq!((refused.status, &refused.body["scimType"]), (409, &json!("uniqueness")));
}
