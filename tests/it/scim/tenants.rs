use admittance::{
    endpoint::UrlPolicy,
    scim::{
        access::{Access, Scopes},
        fetch::{Fetched, Loaded, Reference, Stored, Target},
        machine::{self, Context, Step},
        schema::ENTERPRISE_USER,
        service::{ConfigError, ServiceConfig, Tenancy},
        tenant::TenantId,
    },
};
use http::Request;
use serde_json::{Value, json};

use super::service::{Service, config, group, user};

/// A user of another tenant, who is there.
fn with_a_stranger() -> (Service, String) {
    let mut service = Service::new();
    let stranger = service.user("stranger");
    let rows = std::mem::take(&mut service.rows);
    service.rows = rows.into_iter().map(|((_, id), row)| (("other".into(), id), row)).collect();
    (service, stranger)
}

#[test]
fn t1_every_fetch_and_change_carries_the_tenant() {
    let mut service = Service::new();
    let ada = service.user("ada");
    let team = service.group("team", &[&ada]);
    service.patch(&format!("/Groups/{team}"), json!([{"op": "remove", "path": "members[type eq \"User\"]"}]));
    service.get("/Users");
    service.send("POST", "/.search", json!({}));
    service.send("DELETE", &format!("/Users/{ada}"), Value::Null);
    assert!(service.fetches.iter().all(|fetch| fetch.tenant.as_str() == "c1"));
    assert!(service.changes.iter().all(|change| change.tenant.as_str() == "c1"));
    assert!(service.fetches.len() > 6 && service.changes.len() == 4);
}

#[test]
fn t2_what_belongs_to_another_tenant_does_not_exist() {
    let (mut service, stranger) = with_a_stranger();
    let ada = service.user("ada");
    let team = service.group("team", &[]);
    for nobody in [stranger.as_str(), "nobody"] {
        let path = format!("/Users/{nobody}");
        service.get(&path).fails(404, "");
        service.send("PUT", &path, user("x")).fails(404, "");
        service.patch(&path, json!([{"op": "add", "path": "title", "value": "x"}])).fails(404, "");
        service.send("DELETE", &path, Value::Null).fails(404, "");
        let manager = json!([{"op": "add", "path": "manager", "value": nobody}]);
        service.patch(&format!("/Users/{ada}"), manager).fails(400, "invalidValue");
        let mut body = user("new");
        body[ENTERPRISE_USER] = json!({"manager": {"value": nobody}});
        service.send("POST", "/Users", body).fails(400, "invalidValue");
        service.send("POST", "/Groups", group("g", &[nobody])).fails(400, "invalidValue");
        let add = json!([{"op": "add", "path": "members", "value": [{"value": nobody}]}]);
        service.patch(&format!("/Groups/{team}"), add).fails(400, "invalidValue");
        let data = json!({"displayName": "b", "members": [{"value": nobody}]});
        let bulk =
            json!({"Operations": [{"method": "POST", "path": "/Groups", "bulkId": "b", "data": data}]});
        let reply = service.send("POST", "/Bulk", bulk);
        assert_eq!(reply.body["Operations"][0]["response"]["scimType"], "invalidValue");
    }
    assert_eq!(service.get("/Users").body["totalResults"], 1);
    assert_eq!(service.rows.len(), 3);
    // The same name may be there too.
    service.user("stranger");
}

#[test]
fn t2_a_cursor_of_another_tenant() {
    let key = admittance::crypto::Secret::new("0123456789abcdef0123456789abcdef");
    let config = config().with_cursors(key, std::time::Duration::from_secs(60)).unwrap();
    let mut service = Service::with(config);
    for name in ["a", "b"] {
        service.user(name);
    }
    let cursor = service.get("/Users?cursor&count=1").body["nextCursor"].as_str().unwrap().to_owned();
    let path = format!("Users?cursor={cursor}&count=1");
    assert_eq!(service.get(&format!("/{path}")).status, 200);
    service.access = Some(Access::new("c2", Scopes::all()));
    let request = Request::get(format!("/scim/v2/connections/c2/{path}")).body(Vec::new()).unwrap();
    service.answer(request).fails(400, "invalidCursor");
}

/// A host that tells of more than it was asked for proves nothing.
#[test]
fn t2_only_references_that_were_asked_for_count() {
    let mut service = Service::new();
    let (ada, boss) = (service.user("ada"), service.user("boss"));
    let request = Request::patch(format!("/scim/v2/connections/c1/Users/{ada}"));
    let body = json!({"Operations": [{"op": "add", "path": "manager", "value": "nobody"}]});
    let request = request.body(body.to_string().into_bytes()).unwrap();
    let context = Context::new(service.access.clone(), service.now);
    let mut step = machine::begin(&service.config, &context, &request);
    let more = Reference { id: boss.as_str().into(), resource_type: "User".to_owned() };
    let row = service.row(&ada);
    let stored = Stored { facts: row.facts.clone(), resource: row.resource.clone(), protected: false };
    let done = loop {
        step = match step {
            Step::Need(need) => {
                let target = match &need.fetch().target {
                    Target::One { .. } => Loaded::One(Some(stored.clone())),
                    _ => Loaded::Nothing,
                };
                need.loaded(Fetched { references: vec![more.clone()], ..Fetched::new(target) })
            }
            Step::Commit(commit) => panic!("{commit:?}"),
            Step::Done(done) => break done,
        }
    };
    assert_eq!(done.response.status(), 400);
}

#[test]
fn t3_a_token_is_for_one_connection() {
    let mut service = Service::new();
    service.user("ada");
    let fetches = service.fetches.len();
    for access in [None, Some(Access::new("c2", Scopes::all())), Some(Access::new("C1", Scopes::all()))] {
        service.access = access;
        for path in ["/Users", "/Nothing", "/Bulk", "/Me", "/"] {
            let reply = service.get(path);
            reply.fails(401, "");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
        }
    }
    assert_eq!(service.fetches.len(), fetches);
}

#[test]
fn t4_addresses_are_the_configured_ones() {
    let mut service = Service::new();
    // Each request names another host.
    let ada = service.user("ada");
    let team = service.group("team", &[&ada]);
    for path in
        [format!("/Users/{ada}"), format!("/Groups/{team}"), "/Users".to_owned(), "/Schemas".to_owned()]
    {
        let text = service.get(&path).text;
        assert!(text.contains("https://sso.example.com/scim/v2/connections/c1/") && !text.contains("evil"));
    }
}

#[test]
fn t4_identifiers_are_encoded() {
    let tenant = TenantId::from("a/b?");
    let config = config();
    let user = config.resource_type("User").unwrap();
    let location = config.location(&tenant, user, &"x y/é".into());
    assert_eq!(location, "https://sso.example.com/scim/v2/connections/a%2Fb%3F/Users/x%20y%2F%C3%A9");
    let mut service = Service::with(config.clone());
    service.access = Some(Access::new(tenant, Scopes::all()));
    let uri = "/scim/v2/connections/a%2Fb%3F/Users";
    let reply = service.answer(Request::get(uri).body(Vec::new()).unwrap());
    assert_eq!(reply.status, 200, "{}", reply.text);
}

#[test]
fn t1_a_service_of_one_tenant() {
    let single = Tenancy::Single("c1".into());
    let config =
        ServiceConfig::new("http://127.0.0.1:8080/scim/v2/", UrlPolicy::HttpOnLoopback, single).unwrap();
    let mut service = Service::with(config);
    let request = Request::post("/scim/v2/Users").body(user("ada").to_string().into_bytes()).unwrap();
    let reply = service.answer(request);
    assert_eq!(reply.header("location"), Some("http://127.0.0.1:8080/scim/v2/Users/r1"));
    assert_eq!(service.changes[0].tenant.as_str(), "c1");
    let reply = service.answer(Request::get("/scim/v2//Users/r1").body(Vec::new()).unwrap());
    assert_eq!(reply.status, 200);
}

#[test]
fn configurations_that_are_refused() {
    let of = |url: &str| ServiceConfig::new(url, UrlPolicy::Https, Tenancy::InPath);
    assert!(matches!(of("http://sso.example.com/scim"), Err(ConfigError::Url(_))));
    assert!(matches!(of("/scim"), Err(ConfigError::Url(_))));
    assert!(matches!(of("https://sso.example.com/scim?x"), Err(ConfigError::Query)));
    let schema = br#"{"id": "urn:example:X", "name": "X", "attributes": [{"name": "x"}]}"#;
    let schema = admittance::scim::schema::Schema::from_json(schema).unwrap();
    for (name, endpoint) in [("User", "/Xs"), ("X", "/Groups"), ("X", "/Bulk"), ("X", "/Me")] {
        let other = admittance::scim::schema::ResourceType::new(name, endpoint, schema.clone()).unwrap();
        assert!(matches!(config().with_type(other), Err(ConfigError::TypeTaken { .. })), "{name} {endpoint}");
    }
    let short = admittance::crypto::Secret::new("short");
    assert!(config().with_cursors(short, std::time::Duration::from_secs(1)).is_err());
}
