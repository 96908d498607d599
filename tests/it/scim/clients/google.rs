//! scim.md §3.5.

use admittance::testing::scim_client::{Google, Person};
use serde_json::json;

use super::Scene;

#[test]
fn probe() {
    let scene = Scene::new();
    let google = Google(scene.service());
    assert_eq!(scene.send(&google.probe()).total(), 0);
    scene.user("ada");
    assert_eq!(scene.send(&google.probe()).ids().len(), 1);
}

#[test]
fn suspend() {
    let scene = Scene::new();
    let google = Google(scene.service());
    let id = scene.send(&google.create_user(&Person::ada())).id();
    let answer = scene.send(&google.suspend(&id));
    assert_eq!((answer.status, &answer.body["active"]), (200, &json!(false)));
}

#[test]
fn delete() {
    let scene = Scene::new();
    let google = Google(scene.service());
    let id = scene.send(&google.create_user(&Person::ada())).id();
    assert_eq!(scene.send(&google.delete(&id)).status, 204);
    assert_eq!(scene.send(&google.probe()).total(), 0);
}
