//! scim.md §3.3.

use admittance::testing::scim_client::{JumpCloud, Person};
use serde_json::json;

use super::Scene;

fn jumpcloud(scene: &Scene) -> JumpCloud {
    JumpCloud(scene.service())
}

#[test]
fn double_slash() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let jumpcloud = jumpcloud(&scene);
    let doubled = scene.send(&jumpcloud.look_up_user_doubling_the_slash("ada@example.com"));
    assert_eq!(doubled.ids(), [id]);
    assert_eq!(doubled.body, scene.send(&jumpcloud.look_up_user("ada@example.com")).body);
    assert!(doubled.noted("scim.double_slash"));
}

#[test]
fn test_connection() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    let user = scene.send(&jumpcloud.create_user(&Person::named("test")));
    let group = scene.send(&jumpcloud.create_group("test", &[]));
    assert_eq!((user.status, group.status), (201, 201));
    assert_eq!(scene.send(&jumpcloud.delete_user(&user.id())).status, 204);
    assert_eq!(scene.send(&jumpcloud.delete_group(&group.id())).status, 204);
}

#[test]
fn test_connection_users_only() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    // Each test of the connection uses the same name.
    for _ in 0..2 {
        let user = scene.send(&jumpcloud.create_user(&Person::named("test")));
        assert_eq!(user.status, 201);
        assert_eq!(scene.send(&jumpcloud.delete_user(&user.id())).status, 204);
    }
}

#[test]
fn lookup_user() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    assert_eq!(scene.send(&jumpcloud.look_up_user("ada@example.com")).total(), 0);
    let id = scene.send(&jumpcloud.create_user(&Person::ada())).id();
    assert_eq!(scene.send(&jumpcloud.look_up_user("ada@example.com")).ids(), [id]);
}

#[test]
fn update_user_put() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    let id = scene.send(&jumpcloud.create_user(&Person::ada())).id();
    let grace = Person { given_name: "Grace".to_owned(), ..Person::ada() };
    let answer = scene.send(&jumpcloud.put_user(&id, &grace));
    assert_eq!((answer.status, &answer.body["name"]["givenName"]), (200, &json!("Grace")));
}

#[test]
fn takeover_group() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    let (a, b) = (scene.user("a"), scene.user("b"));
    let group = scene.group("Team", &[&a]);
    assert_eq!(scene.send(&jumpcloud.look_up_group("Team")).ids(), [group.as_str()]);
    assert!(scene.send(&jumpcloud.add_members(&group, &[&b])).is_success());
    assert_eq!(scene.send(&jumpcloud.look_up_group("Team")).total(), 1);
    scene.assert_members(&group, &[&a, &b]);
}

#[test]
fn rename_group() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    let a = scene.user("a");
    let group = scene.group("Team", &[&a]);
    let rename = jumpcloud.rename_group(&group, "Renamed");
    assert!(scene.send_twice(&rename, &jumpcloud.look_up_group("Renamed")).is_success());
    assert_eq!(scene.send(&jumpcloud.look_up_group("Renamed")).ids(), [group.as_str()]);
    scene.assert_members(&group, &[&a]);
}

#[test]
fn add_member() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    let (a, b) = (scene.user("a"), scene.user("b"));
    let group = scene.group("Team", &[&a]);
    let add = jumpcloud.add_members(&group, &[&b]);
    assert!(scene.send_twice(&add, &jumpcloud.look_up_group("Team")).is_success());
    scene.assert_members(&group, &[&a, &b]);
}

#[test]
fn remove_member_value_list() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    let (a, b, c) = (scene.user("a"), scene.user("b"), scene.user("c"));
    let group = scene.group("Team", &[&a, &b, &c]);
    let remove = jumpcloud.remove_members(&group, &[&c]);
    assert!(scene.send_twice(&remove, &jumpcloud.look_up_group("Team")).is_success());
    scene.assert_members(&group, &[&a, &b]);
}

#[test]
fn group_delete() {
    let scene = Scene::new();
    let jumpcloud = jumpcloud(&scene);
    let group = scene.group("Team", &[]);
    assert_eq!(scene.send(&jumpcloud.delete_group(&group)).status, 204);
    assert_eq!(scene.send(&jumpcloud.delete_group(&group)).status, 404);
}
