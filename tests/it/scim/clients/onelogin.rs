//! scim.md §3.4.

use admittance::testing::scim_client::{OneLogin, Person};
use serde_json::json;

use super::Scene;

fn onelogin(scene: &Scene) -> OneLogin {
    OneLogin(scene.service())
}

#[test]
fn trailing_ampersand() {
    let scene = Scene::new();
    let onelogin = onelogin(&scene);
    assert_eq!(scene.send(&onelogin.look_up_user("ada@example.com")).total(), 0);
    let id = scene.user("ada");
    assert_eq!(scene.send(&onelogin.look_up_user("ada@example.com")).ids(), [id]);
}

#[test]
fn trailing_question_mark() {
    let scene = Scene::new();
    let onelogin = onelogin(&scene);
    let id = scene.send(&onelogin.create_user(&Person::ada())).id();
    let grace = Person { given_name: "Grace".to_owned(), ..Person::ada() };
    let answer = scene.send(&onelogin.put_user(&id, &grace));
    assert_eq!((answer.status, &answer.body["name"]["givenName"]), (200, &json!("Grace")));
}

#[test]
fn old_schema_urns_create() {
    let scene = Scene::new();
    let answer = scene.send(&onelogin(&scene).create_user_with_old_urns(&Person::ada()));
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    assert_eq!(answer.body["userName"], "ada@example.com");
    assert!(answer.noted("scim.unknown_schema"));
}

#[test]
fn old_schema_urns_put() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let grace = Person { given_name: "Grace".to_owned(), ..Person::ada() };
    let answer = scene.send(&onelogin(&scene).put_user_with_old_urns(&id, &grace));
    assert_eq!((answer.status, &answer.body["name"]["givenName"]), (200, &json!("Grace")));
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
}

#[test]
fn group_patch() {
    let scene = Scene::new();
    let onelogin = onelogin(&scene);
    let (a, b, c) = (scene.user("a"), scene.user("b"), scene.user("c"));
    let group = scene.group("Team", &[&a]);
    assert!(scene.send(&onelogin.add_members(&group, &[&b, &c])).is_success());
    scene.assert_members(&group, &[&a, &b, &c]);
    assert!(scene.send(&onelogin.remove_member(&group, &b)).is_success());
    scene.assert_members(&group, &[&a, &c]);
}
