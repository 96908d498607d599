//! scim.md §3.2. `E0` is the default mode, `E1` the one with the flag.

use admittance::testing::scim_client::{Entra, EntraMode, Person};
use serde_json::{Value, json};

use super::{ENTERPRISE, Scene};

const GUID: &str = "7f2e1a34-0000-4000-8000-0d1b2c3d4e5f";

fn e0(scene: &Scene) -> Entra {
    Entra { service: scene.service(), mode: EntraMode::Default }
}

fn e1(scene: &Scene) -> Entra {
    Entra { service: scene.service(), mode: EntraMode::Flagged }
}

/// The same in both modes, each on a store of its own.
fn both(test: impl Fn(&Scene, &Entra)) {
    for mode in [e0, e1] {
        let scene = Scene::new();
        test(&scene, &mode(&scene));
    }
}

fn read(scene: &Scene, id: &str) -> Value {
    let answer = scene.send(&e0(scene).read_user(id));
    assert_eq!(answer.status, 200);
    answer.body
}

fn refused(answer: &super::Answer) -> (u16, &Value) {
    (answer.status, &answer.body["scimType"])
}

#[test]
fn test_connection() {
    both(|scene, entra| {
        let answer = scene.send(&entra.test_connection(GUID));
        assert_eq!((answer.total(), answer.ids()), (0, vec![]));
    });
}

#[test]
fn flag_ignored_in_url() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let (plain, flagged) = (scene.send(&e0(&scene).read_user(&id)), scene.send(&e1(&scene).read_user(&id)));
    assert_eq!((flagged.status, &flagged.body), (200, &plain.body));
    assert!(scene.send(&e1(&scene).set(&id, &[("displayName", json!("Flag"))])).is_success());
    assert_eq!(read(&scene, &id)["displayName"], "Flag");
}

#[test]
fn match_external_id_unquoted() {
    both(|scene, entra| {
        let id = scene.user("jyoung");
        let answer = scene.send(&entra.look_up_external_id("jyoung-ext"));
        assert_eq!(answer.ids(), [id]);
        assert!(answer.noted("scim.unquoted_filter_value"));
    });
}

#[test]
fn match_work_email() {
    both(|scene, entra| {
        let id = scene.user("ada");
        scene.user("grace");
        assert_eq!(scene.send(&entra.look_up_work_address("ada@example.com")).ids(), [id]);
    });
}

#[test]
fn reference_check() {
    both(|scene, entra| {
        let (id, boss) = (scene.user("ada"), scene.user("boss"));
        assert!(scene.send(&entra.set_manager(&id, &boss)).is_success());
        let found = scene.send(&entra.check_reference(&id, &boss));
        assert_eq!(found.ids(), [id.as_str()]);
        assert!(found.body["Resources"][0].get("userName").is_none(), "attributes=id");
        assert_eq!(scene.send(&entra.check_reference(&id, &id)).total(), 0);
    });
}

#[test]
fn match_case_insensitive() {
    both(|scene, entra| {
        let user = scene.user("ada");
        let group = scene.group("Team", &[]);
        assert_eq!(scene.send(&entra.look_up_user("ADA@EXAMPLE.COM")).ids(), [user]);
        assert_eq!(scene.send(&entra.look_up_group("tEAM")).ids(), [group]);
    });
}

#[test]
fn group_list_excludes_members() {
    both(|scene, entra| {
        let a = scene.user("a");
        scene.group("Team", &[&a]);
        let answer = scene.send(&entra.look_up_group("Team"));
        assert_eq!(answer.total(), 1);
        assert!(answer.body["Resources"][0].get("members").is_none());
    });
}

#[test]
fn group_get_excludes_members() {
    both(|scene, entra| {
        let a = scene.user("a");
        let group = scene.group("Team", &[&a]);
        let answer = scene.send(&entra.read_group(&group));
        assert_eq!((answer.status, answer.body.get("members")), (200, None));
    });
}

#[test]
fn create_user_nulls() {
    both(|scene, entra| {
        let answer = scene.send(&entra.create_user(&Person::ada()));
        assert_eq!(answer.status, 201, "{}", answer.body);
        let body = &answer.body;
        for absent in ["roles", "title", "addresses", "manager", "department"] {
            assert!(body.get(absent).is_none(), "{absent}");
        }
        assert_eq!(body["name"], json!({"familyName": "Byron", "givenName": "Ada"}));
        assert_eq!(body[ENTERPRISE], json!({"department": "Sales"}));
        assert_eq!(body["active"], true);
        assert!(answer.noted("scim.unknown_attribute"));
    });
}

#[test]
fn create_user_string_active() {
    let scene = Scene::new();
    let answer = scene.send(&e0(&scene).create_user(&Person::ada()));
    assert_eq!((answer.status, &answer.body["active"]), (201, &json!(true)));
    assert!(answer.noted("scim.text_boolean"));
}

#[test]
fn create_group_unknown_urn() {
    both(|scene, entra| {
        let answer = scene.send(&entra.create_group(GUID, "Team"));
        assert_eq!((answer.status, &answer.body["externalId"]), (201, &json!(GUID)));
        assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]));
        assert!(answer.noted("scim.unknown_schema"));
    });
}

#[test]
fn group_duplicate_name() {
    both(|scene, entra| {
        assert_eq!(scene.send(&entra.create_group(GUID, "Team")).status, 201);
        let again = scene.send(&entra.create_group("another", "TEAM"));
        assert_eq!(refused(&again), (409, &json!("uniqueness")));
    });
}

#[test]
fn active_string_false() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let answer = scene.send_twice(&e0(&scene).set_active(&id, false), &e0(&scene).read_user(&id));
    assert!(answer.is_success() && answer.noted("scim.text_boolean"));
    assert_eq!(read(&scene, &id)["active"], false);
}

#[test]
fn add_simple() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let add = e0(&scene).add(&id, &[("nickName", json!("Countess"))]);
    assert!(scene.send_twice(&add, &e0(&scene).read_user(&id)).is_success());
    assert_eq!(read(&scene, &id)["nickName"], "Countess");
}

#[test]
fn replace_work_email() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let set = e0(&scene).set(&id, &[("emails[type eq \"work\"].value", json!("x@example.com"))]);
    assert!(scene.send_twice(&set, &e0(&scene).read_user(&id)).is_success());
    let emails = read(&scene, &id)["emails"].clone();
    assert_eq!(emails, json!([{"primary": true, "type": "work", "value": "x@example.com"}]));
}

#[test]
fn create_on_absent_email() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let entra = e0(&scene);
    let home =
        json!([{"op": "Replace", "path": "emails", "value": [{"type": "home", "value": "h@example.com"}]}]);
    assert!(scene.send(&entra.patch("Users", &id, &home)).is_success());
    let set = entra.set(&id, &[("emails[type eq \"work\"].value", json!("x@example.com"))]);
    let answer = scene.send_twice(&set, &entra.read_user(&id));
    assert!(answer.is_success() && answer.noted("scim.create_on_filter"));
    let emails = read(&scene, &id)["emails"].clone();
    assert_eq!(emails.as_array().unwrap().len(), 2);
    assert!(emails.as_array().unwrap().contains(&json!({"type": "work", "value": "x@example.com"})));
}

#[test]
fn create_on_absent_address() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let parts = [("formatted", "1 Main Road"), ("locality", "Leeds"), ("region", "Yorkshire")];
    let paths = parts.map(|(part, value)| (format!("addresses[type eq \"work\"].{part}"), json!(value)));
    let paths: Vec<_> = paths.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
    let add = e0(&scene).add(&id, &paths);
    assert!(scene.send_twice(&add, &e0(&scene).read_user(&id)).is_success());
    let one = json!([{
        "type": "work", "formatted": "1 Main Road", "locality": "Leeds", "region": "Yorkshire",
    }]);
    assert_eq!(read(&scene, &id)["addresses"], one);
}

/// H12: whatever was sent, one shape comes back.
fn assert_manager(scene: &Scene, id: &str, boss: &str) {
    let location = format!("https://example.com/scim/v2/connections/acme/Users/{boss}");
    let expected = json!({"value": boss, "$ref": location});
    assert_eq!(read(scene, id)[ENTERPRISE]["manager"], expected);
}

#[test]
fn manager_string() {
    let scene = Scene::new();
    let (id, boss) = (scene.user("ada"), scene.user("boss"));
    let set = e0(&scene).set_manager(&id, &boss);
    assert!(scene.send_twice(&set, &e0(&scene).read_user(&id)).is_success());
    assert_manager(&scene, &id, &boss);
}

#[test]
fn manager_array() {
    let scene = Scene::new();
    let (id, boss) = (scene.user("ada"), scene.user("boss"));
    let set = e0(&scene).set_manager_as_list(&id, &boss);
    assert!(scene.send_twice(&set, &e0(&scene).read_user(&id)).is_success());
    assert_manager(&scene, &id, &boss);
}

#[test]
fn manager_object() {
    let scene = Scene::new();
    let (id, boss) = (scene.user("ada"), scene.user("boss"));
    let set = e1(&scene).set_manager(&id, &boss);
    assert!(scene.send_twice(&set, &e1(&scene).read_user(&id)).is_success());
    assert_manager(&scene, &id, &boss);
}

#[test]
fn manager_round_trip() {
    both(|scene, entra| {
        let (id, boss) = (scene.user("ada"), scene.user("boss"));
        assert!(scene.send(&entra.set_manager(&id, &boss)).is_success());
        let before = read(scene, &id);
        let seen = before[ENTERPRISE]["manager"]["value"].as_str().unwrap();
        assert_eq!(seen, boss);
        assert!(scene.send(&entra.set_manager(&id, seen)).is_success());
        assert_eq!(read(scene, &id), before, "a cycle more changes nothing, the version included");
    });
}

#[test]
fn remove_member_value_list() {
    let scene = Scene::new();
    let (a, b, c) = (scene.user("a"), scene.user("b"), scene.user("c"));
    let group = scene.group("Team", &[&a, &b, &c]);
    let remove = e0(&scene).remove_members(&group, &[&b]);
    let answer = scene.send_twice(&remove, &e0(&scene).read_group(&group));
    assert!(answer.is_success() && answer.noted("scim.remove_by_value"));
    scene.assert_members(&group, &[&a, &c]);
}

#[test]
fn remove_member_filter() {
    let scene = Scene::new();
    let (a, b, c) = (scene.user("a"), scene.user("b"), scene.user("c"));
    let group = scene.group("Team", &[&a, &b, &c]);
    let remove = e1(&scene).remove_members(&group, &[&c]);
    assert!(scene.send_twice(&remove, &e1(&scene).read_group(&group)).is_success());
    scene.assert_members(&group, &[&a, &b]);
}

#[test]
fn add_many_members() {
    both(|scene, entra| {
        let users = ["a", "b", "c", "d"].map(|name| scene.user(name));
        let [a, b, c, d] = users.each_ref().map(String::as_str);
        let group = scene.group("Team", &[a]);
        let add = entra.add_members(&group, &[b, c, d, a]);
        assert!(scene.send_twice(&add, &entra.read_group(&group)).is_success());
        scene.assert_members(&group, &[a, b, c, d]);
    });
}

#[test]
fn rename_keeps_members() {
    both(|scene, entra| {
        let (a, b) = (scene.user("a"), scene.user("b"));
        let group = scene.group("Team", &[&a, &b]);
        let rename = entra.rename_group(&group, "Renamed");
        assert!(scene.send_twice(&rename, &entra.read_group(&group)).is_success());
        let operation = json!([{"op": "Replace", "path": "externalId", "value": "x"}]);
        assert!(scene.send(&entra.patch("Groups", &group, &operation)).is_success());
        let read = scene.send(&entra.read_group(&group)).body;
        assert_eq!((&read["displayName"], &read["externalId"]), (&json!("Renamed"), &json!("x")));
        scene.assert_members(&group, &[&a, &b]);
    });
}

#[test]
fn pathless_dotted_keys() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let number = format!("{ENTERPRISE}:employeeNumber");
    let set = e1(&scene)
        .set(&id, &[("displayName", json!("A B")), ("name.givenName", json!("A")), (&number, json!("1"))]);
    let answer = scene.send_twice(&set, &e1(&scene).read_user(&id));
    assert!(answer.is_success() && answer.noted("scim.path_keys"));
    let user = read(&scene, &id);
    assert_eq!(user["displayName"], "A B");
    assert_eq!(user["name"], json!({"givenName": "A", "familyName": "Byron"}));
    assert_eq!(user[ENTERPRISE], json!({"employeeNumber": "1"}));
}

#[test]
fn role_json_string() {
    both(|scene, entra| {
        let id = scene.user("ada");
        let role = r#"{"id":"06b07648","value":"25","displayName":"Role"}"#;
        let add = entra.add(&id, &[("roles", json!([{"value": role}]))]);
        assert!(scene.send_twice(&add, &entra.read_user(&id)).is_success());
        assert_eq!(read(scene, &id)["roles"], json!([{"value": role}]));
    });
}

#[test]
fn primary_string() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let home = json!([{"type": "home", "primary": "True", "value": "h@example.com"}]);
    let add = e0(&scene).add(&id, &[("emails", home)]);
    assert!(scene.send_twice(&add, &e0(&scene).read_user(&id)).is_success());
    let emails = read(&scene, &id)["emails"].clone();
    let primary: Vec<_> =
        emails.as_array().unwrap().iter().filter(|one| one["primary"] == json!(true)).collect();
    assert_eq!(primary, [&json!({"type": "home", "primary": true, "value": "h@example.com"})]);
}

#[test]
fn one_op_per_attribute() {
    let scene = Scene::new();
    let id = scene.user("ada");
    let attributes = [
        ("displayName", json!("D")),
        ("name.givenName", json!("G")),
        ("name.familyName", json!("F")),
        ("title", json!("T")),
        ("preferredLanguage", json!("en-GB")),
        ("nickName", json!("N")),
        ("emails[type eq \"work\"].value", json!("w@example.com")),
        ("phoneNumbers[type eq \"mobile\"].value", json!("1")),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", json!("S")),
        ("active", json!(false)),
    ];
    let set = e0(&scene).set(&id, &attributes);
    assert!(scene.send_twice(&set, &e0(&scene).read_user(&id)).is_success());
    let user = read(&scene, &id);
    for (name, value) in
        [("displayName", "D"), ("title", "T"), ("preferredLanguage", "en-GB"), ("nickName", "N")]
    {
        assert_eq!(user[name], value);
    }
    assert_eq!(user["name"], json!({"givenName": "G", "familyName": "F"}));
    assert_eq!(user["emails"][0]["value"], "w@example.com");
    assert_eq!(user["phoneNumbers"], json!([{"type": "mobile", "value": "1"}]));
    assert_eq!(user[ENTERPRISE]["department"], "S");
    assert_eq!(user["active"], false);
}

#[test]
fn both_modes_one_user() {
    let scene = Scene::new();
    let id = scene.user("ada");
    assert!(
        scene.send(&e0(&scene).set(&id, &[("title", json!("One")), ("active", json!(false))])).is_success()
    );
    let set = [("title", json!("Two")), ("active", json!(true)), ("name.givenName", json!("Both"))];
    assert!(scene.send(&e1(&scene).set(&id, &set)).is_success());
    let user = read(&scene, &id);
    assert_eq!((&user["title"], &user["active"]), (&json!("Two"), &json!(true)));
    assert_eq!(user["name"], json!({"givenName": "Both", "familyName": "Byron"}));
}

#[test]
fn delete_twice() {
    both(|scene, entra| {
        let id = scene.user("ada");
        assert_eq!(scene.send(&entra.delete_user(&id)).status, 204);
        assert_eq!(scene.send(&entra.delete_user(&id)).status, 404);
        assert_eq!(scene.send(&entra.read_user(&id)).status, 404);
    });
}

#[test]
fn disabled_user_readable() {
    both(|scene, entra| {
        let id = scene.user("ada");
        assert!(scene.send(&entra.set_active(&id, false)).is_success());
        assert_eq!(read(scene, &id)["active"], false);
        let found = scene.send(&entra.look_up_user("ada@example.com"));
        assert_eq!((found.ids(), &found.body["Resources"][0]["active"]), (vec![id.as_str()], &json!(false)));
    });
}
