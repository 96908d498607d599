//! Lists: their order, their numbers, and what they cost.

use admittance::{
    scim::{
        filter::{
            self,
            sql::{Column, Columns, Dialect, lower},
        },
        leniency::Leniency,
        schema::{ENTERPRISE_USER, ResourceType},
    },
    testing::scim_client::{EntraMode, Person},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    clients::{Scene, entra, okta},
    reading,
    service::{Service, user},
};

fn names(service: &mut Service, query: &str) -> String {
    let list = service.get(&format!("/Users?{query}"));
    assert_eq!(list.status, 200, "{}", list.text);
    let resources = list.body["Resources"].as_array().unwrap();
    resources.iter().map(|one| one["userName"].as_str().unwrap()).collect()
}

fn with_users() -> Service {
    let mut service = Service::new();
    for (name, title, emails, department) in [
        ("a", json!("b"), json!([{"value": "z@x"}, {"value": "a@x", "primary": true}]), json!("R")),
        ("b", Value::Null, json!([{"value": "m@x"}, {"value": "b@x"}]), Value::Null),
        ("c", json!("A"), Value::Null, json!("Q")),
        ("d", json!("B"), json!([{"value": "C@x"}]), json!("R")),
        ("e", Value::Null, json!([{"type": "work"}]), json!("r")),
    ] {
        let mut body = user(name);
        body["title"] = title;
        body["emails"] = emails;
        body[ENTERPRISE_USER] = json!({"department": department});
        assert_eq!(service.send("POST", "/Users", body).status, 201);
    }
    service
}

#[test]
fn p1_order() {
    let mut service = with_users();
    for (query, expected) in [
        ("", "abcde"),
        ("sortBy=userName", "abcde"),
        ("sortBy=USERNAME&sortOrder=ASCENDING", "abcde"),
        ("sortBy=userName&sortOrder=descending", "edcba"),
        // Case does not count; what is equal goes by identifier, in either direction; no value is last, or first.
        ("sortBy=title", "cadbe"),
        ("sortBy=title&sortOrder=descending", "beadc"),
        // The primary value, or else the first.
        ("sortBy=emails", "adbce"),
        ("sortBy=emails.value&sortOrder=descending", "cebda"),
        ("sortBy=department", "cadeb"),
        (
            "sortBy=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department&sortOrder=descending",
            "badec",
        ),
        ("sortBy=meta.created", "abcde"),
        ("sortBy=id&sortOrder=descending", "edcba"),
        ("sortOrder=descending", "abcde"),
    ] {
        assert_eq!(names(&mut service, query), expected, "{query}");
    }
    for (query, _) in [
        ("sortBy=colour", ()),
        ("sortBy=name", ()),
        ("sortBy=password", ()),
        ("sortBy=title&sortOrder=up", ()),
    ] {
        service.get(&format!("/Users?{query}")).fails(400, "invalidValue");
    }
}

#[test]
fn p3_p4_totals_and_numbers_of_a_page() {
    let mut service = with_users();
    for (query, total, page) in [
        ("", 5, 5),
        ("count=2", 5, 2),
        ("count=2&startIndex=5", 5, 1),
        ("count=2&startIndex=6", 5, 0),
        ("count=2&startIndex=1000000", 5, 0),
        ("count=0", 5, 0),
        ("count=1&filter=department+eq+%22r%22", 3, 1),
        ("count=2&startIndex=3&filter=department+eq+%22r%22", 3, 1),
        ("count=2&startIndex=4&filter=department+eq+%22r%22", 3, 0),
        ("filter=department+eq+%22none%22", 0, 0),
    ] {
        let list = service.get(&format!("/Users?{query}"));
        assert_eq!(list.status, 200, "{}", list.text);
        assert_eq!(list.body["totalResults"], total, "{query}");
        assert_eq!(list.body["itemsPerPage"], page, "{query}");
        assert_eq!(list.body["Resources"].as_array().unwrap().len(), page, "{query}");
    }
}

#[test]
fn p9_pages_by_index_give_each_once() {
    let mut service = with_users();
    for (by, whole) in [("userName", "abcde"), ("title", "cadbe"), ("emails", "adbce")] {
        for count in 1..6 {
            let pages: String = (0..6)
                .map(|page| {
                    names(&mut service, &format!("sortBy={by}&count={count}&startIndex={}", page * count + 1))
                })
                .collect();
            assert_eq!(pages, whole);
        }
    }
}

/// Each answer to a client takes a few round trips, however large the group or the tenant: at 1 ms each, more than ten
/// times the 25 requests a second that Entra ID wants.
#[test]
fn y3_a_request_takes_a_few_fetches() {
    let mut service = with_users();
    let members: Vec<String> = service.rows.keys().map(|(_, id)| id.to_string()).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    let team = service.group("team", &members);
    let remove =
        json!({"Operations": [{"op": "remove", "path": format!("members[value eq \"{}\"]", members[0])}]});
    let replace =
        json!({"Operations": [{"op": "replace", "path": "members", "value": [{"value": members[1]}]}]});
    let manager = json!({"Operations": [{"op": "add", "path": "manager", "value": members[1]}]});
    let (group, one) = (format!("/Groups/{team}"), format!("/Users/{}", members[0]));
    for (method, path, body) in [
        ("GET", one.as_str(), Value::Null),
        ("GET", "/Users?filter=userName+eq+%22a%22", Value::Null),
        ("GET", "/Groups?excludedAttributes=members", Value::Null),
        ("GET", "/Groups", Value::Null),
        ("POST", "/Users", user("new")),
        ("PUT", one.as_str(), user("A")),
        ("PATCH", one.as_str(), manager),
        ("PATCH", group.as_str(), remove),
        ("PATCH", group.as_str(), replace),
        ("DELETE", one.as_str(), Value::Null),
    ] {
        let (fetches, changes) = (service.fetches.len(), service.changes.len());
        let reply = service.send(method, path, body);
        assert!(reply.status < 300, "{method} {path}: {}", reply.text);
        let (fetches, changes) = (service.fetches.len() - fetches, service.changes.len() - changes);
        assert!(fetches <= 2 && changes <= 1, "{method} {path}: {fetches} fetches, {changes} changes");
    }
}

/// Every PATCH of the clients, twice: the second is as if it had not been.
#[test]
fn h13_each_patch_of_a_client_twice() {
    for mode in [EntraMode::Default, EntraMode::Flagged] {
        let scene = Scene::new();
        let (okta, entra) = (okta(&scene), entra(&scene, mode));
        let [a, b, c] = ["a", "b", "c"].map(|name| scene.user(name));
        let team = scene.group("Team", &[&a, &b]);
        let (user, group) = (okta.read_user(&a), okta.read_group(&team));
        let role = r#"{"id":"1","value":"25","displayName":"Role"}"#;
        for (request, read) in [
            (okta.set_active(&a, false), &user),
            (okta.set_active(&a, true), &user),
            (okta.rename_group(&team, "Crew"), &group),
            (okta.change_members(&team, &[&a], &[&c]), &group),
            (okta.replace_members(&team, &[&b]), &group),
            (entra.set_active(&a, false), &user),
            (entra.set_active(&a, true), &user),
            (entra.add(&a, &[("nickName", json!("Al"))]), &user),
            (entra.set(&a, &[("emails[type eq \"work\"].value", json!("x@example.com"))]), &user),
            (entra.add(&a, &[("addresses[type eq \"work\"].locality", json!("Oslo"))]), &user),
            (entra.set_manager(&a, &b), &user),
            (entra.set_manager_as_list(&a, &c), &user),
            (entra.add(&a, &[("roles", json!([{"value": role}]))]), &user),
            (entra.rename_group(&team, "Team"), &group),
            (entra.add_members(&team, &[&a, &c]), &group),
            (entra.remove_members(&team, &[&a]), &group),
            (entra.patch("Users", &a, &json!([{"op": "replace", "value": {
                "displayName": "A B", "name.givenName": "A", (format!("{ENTERPRISE_USER}:employeeNumber")): "1",
            }}])), &user),
        ] {
            assert!(scene.send_twice(&request, read).is_success(), "{request:?}");
        }
        assert_eq!(Person::ada().given_name, "Ada");
    }
}

proptest! {
    /// The text of a condition is the host's: whatever a client compares with changes what is bound and nothing else.
    #[test]
    fn z3_the_sql_is_the_same_whatever_is_compared(
        one in any::<String>(), other in any::<String>(), operator in prop::sample::select(vec!["eq", "ne", "co", "sw", "ew", "gt"]),
    ) {
        let users = ResourceType::user();
        let columns = Columns::new().with("userName", Column::Folded("u.name".to_owned()));
        let sql = |text: &str| {
            let filter = format!("userName {operator} {} or not (userName {operator} {})", Value::from(text), Value::from(text));
            let filter = reading(Leniency::strict(), |reading| filter::parse(&filter, &users, reading)).0;
            filter.ok().map(|filter| lower(&filter, &columns, Dialect::Sqlite, 1).unwrap().sql)
        };
        // A text can be longer than a filter may be.
        if let (Some(one), Some(other)) = (sql(&one), sql(&other)) {
            prop_assert_eq!(one, other);
        }
    }
}
