use admittance::scim::{
    access::{Access, Scope},
    effect::Effect,
    fetch::Origin,
    leniency::Leniency,
    schema::ENTERPRISE_USER,
};
use serde_json::{Value, json};

use super::service::{BASE, Reply, Service, TENANT, config, holder};

#[track_caller]
fn bulk(service: &mut Service, operations: Value) -> Reply {
    bulk_with(service, json!({"Operations": operations}))
}

#[track_caller]
fn bulk_with(service: &mut Service, mut body: Value) -> Reply {
    body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]);
    service.send("POST", "/Bulk", body)
}

fn results(reply: &Reply) -> Vec<(&str, &str)> {
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
    reply.body["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["bulkId"].as_str().unwrap_or_default(), one["status"].as_str().unwrap()))
        .collect()
}

fn post_user(bulk_id: &str, name: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"userName": name}})
}

fn post_group(bulk_id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({"value": format!("bulkId:{id}")})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": {"displayName": name, "members": members}})
}

fn post_report(bulk_id: &str, name: &str, manager: &str) -> Value {
    let manager = json!({"manager": {"value": format!("bulkId:{manager}")}});
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"userName": name, ENTERPRISE_USER: manager}})
}

#[test]
fn b1_limits() {
    let mut limits = super::limits();
    limits.bulk_operations = 2;
    limits.bulk_body = 600;
    let mut service = Service::with(config().with_limits(limits));
    let three = json!([post_user("a", "a"), post_user("b", "b"), post_user("c", "c")]);
    bulk(&mut service, three).fails(413, "");
    bulk(&mut service, json!([post_user("a", &"x".repeat(600))])).fails(413, "");
    assert!(service.fetches.is_empty(), "nothing has run");
    let two = json!([post_user("a", "a"), post_user("b", "b")]);
    assert_eq!(results(&bulk(&mut service, two)), [("a", "201"), ("b", "201")]);
}

#[test]
fn b1_fail_on_errors() {
    let operations = json!([
        post_user("a", "a"),
        post_user("b", "A"),
        post_user("c", "c"),
        post_user("d", "C"),
        post_user("e", "e")
    ]);
    for (most, expected) in [(1, 2), (2, 4), (3, 5)] {
        let mut service = Service::new();
        let reply = bulk_with(&mut service, json!({"failOnErrors": most, "Operations": operations}));
        assert_eq!(results(&reply).len(), expected, "{most}");
        assert_eq!(service.rows.len(), expected.div_ceil(2));
    }
    for most in [json!(0), json!(-1), json!("1"), json!(1.5)] {
        let body = json!({"failOnErrors": most, "Operations": operations});
        bulk_with(&mut Service::new(), body).fails(400, "invalidValue");
    }
}

#[test]
fn b1_requests_that_are_none() {
    let mut service = Service::new();
    for body in [json!({}), json!({"Operations": {}}), json!({"Operations": null})] {
        bulk_with(&mut service, body).fails(400, "invalidSyntax");
    }
    assert_eq!(bulk(&mut service, json!([])).body["Operations"], json!([]));
    let mut strict = Service::with(config().with_leniency(Leniency::strict()));
    strict.send("POST", "/Bulk", json!({"Operations": []})).fails(400, "invalidSyntax");
}

#[test]
fn b2_references_backwards_and_forwards() {
    for order in [[0, 1, 2], [2, 1, 0]] {
        let mut service = Service::new();
        let operations =
            [post_user("ada", "ada"), post_user("bob", "bob"), post_group("team", "team", &["ada", "bob"])];
        let operations: Vec<_> = order.into_iter().map(|at| operations[at].clone()).collect();
        let reply = bulk(&mut service, json!(operations));
        let names = order.map(|at| ["ada", "bob", "team"][at]);
        assert_eq!(results(&reply), names.map(|name| (name, "201")), "results are in the client's order");
        let team = service.rows.values().find(|row| row.resource_type == "Group").unwrap();
        assert_eq!(team.members.len(), 2);
    }
}

#[test]
fn b2_references_in_paths_filters_and_texts() {
    let mut service = Service::new();
    let reply = bulk(
        &mut service,
        json!([
            {"method": "PATCH", "path": "/Groups/bulkId:team", "data": {"Operations": [
                {"op": "remove", "path": "members[value eq \"bulkId:ada\"]"},
                {"op": "add", "path": "members", "value": [{"value": "bulkId:bob", "$ref": "../Users/bulkId:bob"}]}]}},
            post_group("team", "team", &["ada"]), post_user("ada", "ada"), post_user("bob", "bob"),
            {"method": "PATCH", "path": "/Users/bulkId:ada", "data": [{"op": "add", "path": "title", "value": "Dr"}]},
        ]),
    );
    assert_eq!(results(&reply), [("", "204"), ("team", "201"), ("ada", "201"), ("bob", "201"), ("", "200")]);
    let id = |name: &str| {
        let row = service.rows.values().find(|row| row.resource.text("userName") == Some(name));
        row.unwrap().facts.id.to_string()
    };
    let team = service.rows.values().find(|row| row.resource_type == "Group").unwrap();
    assert_eq!(service.members(team.facts.id.as_str()), [id("bob")]);
    assert_eq!(service.row(&id("ada")).resource.text("title"), Some("Dr"));
}

#[test]
fn b3_cycles() {
    let mut service = Service::new();
    let operations = json!([
        post_report("a", "a", "b"),
        post_report("b", "b", "c"),
        post_report("c", "c", "a"),
        post_report("self", "self", "self"),
        post_group("team", "team", &["a"]),
        post_report("d", "d", "a")
    ]);
    let reply = bulk(&mut service, operations);
    let all = ["a", "b", "c", "self", "team", "d"].map(|name| (name, "201"));
    assert_eq!(results(&reply), all, "{}", reply.text);
    let manager = |service: &mut Service, name: &str| {
        let list = service.get(&format!("/Users?filter=userName+eq+%22{name}%22")).body;
        let manager = list["Resources"][0][ENTERPRISE_USER]["manager"]["value"].as_str().unwrap().to_owned();
        service.row(&manager).resource.text("userName").unwrap().to_owned()
    };
    for (name, boss) in [("a", "b"), ("b", "c"), ("c", "a"), ("self", "self"), ("d", "a")] {
        assert_eq!(manager(&mut service, name), boss, "{name}");
    }
    // The version is that of the completed resource.
    for (result, name) in reply.body["Operations"].as_array().unwrap().iter().zip(["a", "b", "c"]) {
        let path = result["location"].as_str().unwrap().rsplit_once("/Users").unwrap().1.to_owned();
        let read = service.get(&format!("/Users{path}"));
        assert_eq!(read.header("etag"), result["version"].as_str(), "{name}");
    }
}

#[test]
fn b3_a_cycle_of_groups() {
    let mut service = Service::new();
    let reply = bulk(&mut service, json!([post_group("a", "a", &["b"]), post_group("b", "b", &["a"])]));
    assert_eq!(results(&reply), [("a", "201"), ("b", "201")]);
    assert!(service.rows.values().all(|row| row.members.len() == 1));
}

#[test]
fn b3_a_cycle_that_cannot_be_completed_leaves_nothing() {
    let mut service = Service::new();
    service.user("taken");
    let operations =
        json!([post_report("a", "a", "b"), post_report("b", "taken", "a"), post_group("g", "g", &["a"])]);
    let reply = bulk(&mut service, operations);
    assert_eq!(results(&reply), [("a", "409"), ("b", "409"), ("g", "409")]);
    assert_eq!(reply.body["Operations"][1]["response"]["scimType"], "uniqueness");
    assert_eq!(service.rows.len(), 1);
    assert!(reply.effects.is_empty());
    // A manager that is a group fails in the second step.
    let group = json!({"method": "POST", "path": "/Groups", "bulkId": "g",
        "data": {"displayName": "g", "members": [{"value": "bulkId:u"}]}});
    let reply = bulk(&mut service, json!([post_report("u", "u", "g"), group]));
    assert_eq!(results(&reply).iter().map(|one| one.1).collect::<Vec<_>>(), ["400", "409"]);
    assert_eq!(service.rows.len(), 1);
}

/// An account that a sign-in had made is never taken back: it was there before.
#[test]
fn b3_c7_an_adopted_account_stays() {
    let mut service = Service::new();
    service.user("taken");
    service.holders.insert("a".to_owned(), holder("u-77", Origin::SignIn));
    let operations = json!([post_report("a", "a", "b"), post_report("b", "taken", "a")]);
    let reply = bulk(&mut service, operations);
    assert_eq!(results(&reply), [("a", "409"), ("b", "409")]);
    assert!(service.row("u-77").resource.text("userName").is_some());
    assert_eq!(reply.effects, [Effect::Adopted { user: "u-77".into() }]);
}

/// A password of a resource in a cycle is handed over once.
#[test]
fn b3_c6_passwords() {
    let mut service = Service::new();
    let mut first = post_report("a", "a", "b");
    first["data"]["password"] = json!("1mz050nq");
    let reply = bulk(&mut service, json!([first, post_report("b", "b", "a")]));
    assert_eq!(results(&reply), [("a", "201"), ("b", "201")]);
    assert!(matches!(reply.effects.as_slice(), [Effect::PasswordSet { .. }]), "{:?}", reply.effects);
    assert!(!reply.text.contains("1mz050nq"));
}

#[test]
fn b4_bulk_ids() {
    let mut service = Service::new();
    let nameless = json!({"method": "POST", "path": "/Users", "data": {"userName": "n"}});
    let reply = bulk(
        &mut service,
        json!([
            post_user("a", "a"),
            post_user("a", "b"),
            nameless,
            post_group("g", "g", &["nobody"]),
            post_user("z", "z")
        ]),
    );
    let statuses: Vec<_> = results(&reply).into_iter().map(|one| one.1).collect();
    assert_eq!(statuses, ["201", "400", "400", "400", "201"]);
    for failed in [1, 2, 3] {
        assert_eq!(reply.body["Operations"][failed]["response"]["scimType"], "invalidValue");
    }
}

#[test]
fn b4_what_depends_on_a_failure_is_not_run() {
    let mut service = Service::new();
    service.user("taken");
    let commits = service.changes.len();
    let patch = json!({"method": "DELETE", "path": "/Users/bulkId:b"});
    let reply = bulk(
        &mut service,
        json!([post_group("g", "g", &["b"]), post_group("h", "h", &["g"]), post_user("b", "taken"), patch]),
    );
    assert_eq!(results(&reply).iter().map(|one| one.1).collect::<Vec<_>>(), ["409"; 4]);
    assert_eq!(service.changes.len(), commits + 1, "only the one that failed was tried");
}

#[test]
fn b5_results() {
    let mut service = Service::new();
    let ada = service.user("ada");
    let reply = bulk(
        &mut service,
        json!([
            post_user("b", "bob"),
            {"method": "put", "path": format!("/Users/{ada}"), "version": "W/\"1\"", "data": {"userName": "Ada"}},
            {"method": "PUT", "path": format!("/Users/{ada}"), "version": "W/\"1\"", "data": {"userName": "ADA"}},
            {"method": "DELETE", "path": format!("/Users/{ada}")},
            {"method": "DELETE", "path": format!("/Users/{ada}")},
        ]),
    );
    let location = |id: &str| format!("{BASE}/connections/{TENANT}/Users/{id}");
    let operations = reply.body["Operations"].as_array().unwrap();
    let bob = json!({"method": "POST", "bulkId": "b", "version": "W/\"2\"", "location": location("r2"), "status": "201"});
    assert_eq!(operations[0], bob);
    let put = json!({"method": "PUT", "version": "W/\"3\"", "location": location(&ada), "status": "200"});
    assert_eq!(operations[1], put);
    assert_eq!(
        (&operations[2]["status"], &operations[2]["response"]["status"]),
        (&json!("412"), &json!("412"))
    );
    assert_eq!(operations[3], json!({"method": "DELETE", "location": location(&ada), "status": "204"}));
    assert_eq!(operations[4]["response"]["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(operations[4]["status"], "404");
}

#[test]
fn b5_operations_that_are_none() {
    let mut service = Service::new();
    let operations = json!([
        7, {"path": "/Users"}, {"method": "GET", "path": "/Users/x"}, {"method": "PUT", "path": "/Nothing/x", "data": {}},
        {"method": "PUT", "path": "/Users/x"}, {"method": "POST", "path": "/Users", "bulkId": "q", "data": "x"},
        {"method": "POST", "path": "/Bulk", "bulkId": "r", "data": {"Operations": []}}, post_user("ok", "ok"),
        {"method": "POST", "path": "/Users/.search", "bulkId": "s", "data": {}}
    ]);
    let reply = bulk(&mut service, operations);
    let statuses: Vec<_> = results(&reply).into_iter().map(|one| one.1).collect();
    assert_eq!(statuses, ["400", "400", "405", "404", "400", "400", "404", "201", "404"]);
}

#[test]
fn b5_scopes_count_for_each_operation() {
    let mut service = Service::new();
    service.access = Some(Access::new(TENANT, [Scope::UsersWrite].into_iter().collect()));
    let reply = bulk(&mut service, json!([post_group("g", "g", &[]), post_user("u", "u")]));
    assert_eq!(results(&reply), [("g", "403"), ("u", "201")]);
}

#[test]
fn z6_the_rest_goes_on() {
    let mut service = Service::new();
    let root = service.user("root");
    service.row_mut(&root).protected = true;
    let reply = bulk(
        &mut service,
        json!([{"method": "DELETE", "path": format!("/Users/{root}")}, post_user("u", "u")]),
    );
    assert_eq!(results(&reply), [("", "403"), ("u", "201")]);
}

/// Z1: no recursion over the operations, and no time that grows faster than their number.
#[test]
fn z1_long_chains_and_cycles() {
    let mut service = Service::new();
    let chain: Vec<_> = (0..300)
        .map(|at| post_report(&format!("b{at}"), &format!("u{at}"), &format!("b{}", (at + 1) % 300)))
        .collect();
    let reply = bulk(&mut service, json!(chain));
    assert!(results(&reply).iter().all(|one| one.1 == "201"));
    assert_eq!(service.rows.len(), 300);
}
