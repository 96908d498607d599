use admittance::scim::{leniency::Leniency, service::QueryPrivacy};
use http::Request;
use serde_json::{Value, json};

use super::service::{Service, config, user};

fn request(method: &str, uri: &str, content_type: Option<&str>, body: &str) -> Request<Vec<u8>> {
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    request.body(body.as_bytes().to_vec()).unwrap()
}

const USERS: &str = "/scim/v2/connections/c1/Users";

#[test]
fn r1_media_types() {
    let taken = [
        Some("application/scim+json"),
        Some("application/json"),
        Some("Application/SCIM+JSON; charset=utf-8"),
        None,
    ];
    for (index, content_type) in taken.into_iter().enumerate() {
        let mut service = Service::new();
        let body = user(&format!("ada{index}")).to_string();
        let reply = service.answer(request("POST", USERS, content_type, &body));
        assert_eq!(reply.status, 201, "{content_type:?}");
        assert_eq!(reply.header("content-type"), Some("application/scim+json"));
    }
    for content_type in ["text/plain", "application/xml", "application/scim+jsonx", ""] {
        let mut service = Service::new();
        let reply = service.answer(request("POST", USERS, Some(content_type), &user("ada").to_string()));
        reply.fails(400, "invalidSyntax");
    }
}

#[test]
fn r2_names_in_any_case() {
    let mut service = Service::new();
    let body =
        json!({"SCHEMAS": [admittance::scim::schema::USER], "USERNAME": "ada", "Name": {"FAMILYNAME": "B"}});
    let id = service.send("POST", "/Users", body).id();
    let reply = service.get("/Users?filter=USERNAME%20EQ%20%22ada%22&attributes=NAME.familyname");
    assert_eq!(reply.body["Resources"][0]["name"]["familyName"], "B");
    // Names of parameters are exact: this one is unknown, and ignored.
    assert_eq!(service.get("/Users?FILTER=nonsense").body["totalResults"], 1);
    assert_eq!(service.get(&format!("/Users/{id}")).status, 200);
}

#[test]
fn r3_parameters() {
    let mut service = Service::new();
    let id = service.user("ada");
    for query in ["?aadOptscim062020", "?", "?&", "?x=1&x=2", "?%zz=1", "?count=1&"] {
        assert_eq!(service.get(&format!("/Users{query}")).status, 200, "{query}");
        assert_eq!(service.get(&format!("/Users/{id}{query}")).status, 200, "{query}");
    }
    assert_eq!(service.send("PUT", &format!("/Users/{id}?"), user("ada")).status, 200);
    for name in
        ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"]
    {
        service.get(&format!("/Users?{name}=1&{name}=1")).fails(400, "invalidSyntax");
    }
    service.get("/Users?filter=%zz").fails(400, "invalidSyntax");
    service.get("/Users?filter=%ff").fails(400, "invalidSyntax");
}

#[test]
fn r4_slashes() {
    let mut service = Service::new();
    let id = service.user("ada");
    for path in ["//Users", "///Users", "/Users/", "//Users/"] {
        assert_eq!(service.get(path).body["totalResults"], 1, "{path}");
    }
    assert_eq!(service.get(&format!("//Users/{id}/")).status, 200);
    assert_eq!(service.get("//Users").codes(), ["scim.double_slash"]);
    assert!(service.get("/Users/").notes.is_empty());
    let reply = service.answer(request("GET", "/scim/v2//connections/c1//Users", None, ""));
    assert_eq!(reply.status, 200);
    for path in ["/Users//", &format!("/Users//{id}")] {
        service.get(path).fails(404, "");
    }
}

#[test]
fn r5_spaces() {
    let mut service = Service::new();
    service.user("ada b");
    for query in ["userName+eq+%22ada+b%22", "userName%20eq%20%22ada%20b%22"] {
        assert_eq!(service.get(&format!("/Users?filter={query}")).body["totalResults"], 1, "{query}");
    }
    // In a path a plus is a plus.
    assert_eq!(service.get("/Users/a+b").status, 404);
    assert!(format!("{:?}", service.fetches.last().unwrap()).contains("a+b"));
}

#[test]
fn r6_numbers_and_texts() {
    let mut service = Service::new();
    let body = service.get("/Users").body;
    for number in ["totalResults", "startIndex", "itemsPerPage"] {
        assert!(body[number].is_u64(), "{number}");
    }
    assert_eq!(service.get("/Users/x").body["status"], "404");
}

#[test]
fn r7_bodies() {
    let bad = [
        "",
        " ",
        "nonsense",
        "[]",
        "\"x\"",
        "1",
        "null",
        "{\"userName\":\"a\"} x",
        "{\"userName\":\"a\",\"userName\":\"b\"}",
        "{\"userName\":\"a\",\"name\":{\"familyName\":\"a\",\"familyName\":\"b\"}}",
        "{\"userName\":\"a\",\"USERNAME\":\"b\"}",
    ];
    for body in bad {
        for (method, uri) in
            [("POST", USERS.to_owned()), ("PUT", format!("{USERS}/x")), ("PATCH", format!("{USERS}/x"))]
        {
            let mut service = Service::new();
            service.answer(request(method, &uri, None, body)).fails(400, "invalidSyntax");
            assert!(service.fetches.is_empty() && service.changes.is_empty());
        }
    }
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(16), "]".repeat(16));
    Service::new().answer(request("POST", USERS, None, &deep)).fails(400, "invalidSyntax");
}

#[test]
fn r7_limits_of_a_body() {
    let mut limits = super::limits();
    limits.body = 200;
    limits.members = 2;
    let mut service = Service::with(config().with_limits(limits));
    let mut body = user("ada");
    body["title"] = json!("x".repeat(200));
    service.send("POST", "/Users", body).fails(413, "");
    let three = super::service::group("g", &["a", "b", "c"]);
    service.send("POST", "/Groups", three).fails(413, "");
    let add = |count: usize| {
        let members: Vec<_> = (0..count).map(|id| json!({"value": id.to_string()})).collect();
        json!({"Operations": [{"op": "add", "path": "members", "value": members}]})
    };
    service.send("PATCH", "/Groups/x", add(3)).fails(413, "");
    // Bodies of many members stay within the bounds of the JSON reader.
    let ids: Vec<String> = (0..20_000).map(|id| format!("{id:0>36}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    Service::new().send("POST", "/Groups", super::service::group("g", &ids)).fails(400, "invalidValue");
}

#[test]
fn r8_endpoints_and_methods() {
    let mut service = Service::new();
    for path in ["/Nothing", "/Users/a/b", "/users", "/Users/%ff", "/Schemas/a/b", "/Bulk/x", "/Me/x"] {
        service.get(path).fails(404, "");
    }
    let wrong = [
        ("/Users", "PUT", "GET, POST"),
        ("/Users", "PATCH", "GET, POST"),
        ("/Users", "DELETE", "GET, POST"),
        ("/Groups/x", "POST", "GET, PUT, PATCH, DELETE"),
        ("/Users/.search", "GET", "POST"),
        ("/.search", "GET", "POST"),
        ("/Bulk", "GET", "POST"),
        ("/Me", "POST", "GET, PUT, PATCH, DELETE"),
        ("/", "POST", "GET"),
    ];
    for (path, method, allow) in wrong {
        let reply = service.send(method, path, Value::Null);
        reply.fails(405, "");
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    }
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/x"]
    {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let reply = service.send(method, path, json!({}));
            reply.fails(405, "");
            assert_eq!(reply.header("allow"), Some("GET"));
        }
    }
}

#[test]
fn r8_versions_of_the_protocol() {
    let mut service = Service::new();
    for uri in ["/scim/v1/Users", "/scim/v3/connections/c1/Users", "/scim/v1"] {
        service.answer(request("GET", uri, None, "")).fails(400, "invalidVers");
    }
    for uri in [
        "/",
        "/scim",
        "/scim/v2x/Users",
        "/scim/version/Users",
        "/other/v1/Users",
        "/scim/v2",
        "/scim/v2/Users",
    ] {
        service.answer(request("GET", uri, None, "")).fails(404, "");
    }
}

#[test]
fn r9_filter_on_discovery() {
    let mut service = Service::new();
    for path in ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"] {
        service.get(&format!("{path}?filter=id+pr")).fails(403, "");
        assert_eq!(service.get(&format!("{path}?count=1")).status, 200);
    }
}

#[test]
fn sensitive_filters_in_addresses() {
    let mut service = Service::with(config().with_queries(QueryPrivacy::Forbidden));
    service.user("ada");
    for filter in ["userName+eq+%22ada%22", "id+pr+and+(not(emails.value+pr))", "emails[type+eq+%22work%22]"]
    {
        service.get(&format!("/Users?filter={filter}")).fails(400, "sensitive");
        service.get(&format!("/?filter={filter}")).fails(400, "sensitive");
    }
    for filter in ["id+eq+%22x%22", "externalId+eq+%22x%22", "meta.lastModified+pr"] {
        assert_eq!(service.get(&format!("/Users?filter={filter}")).status, 200);
    }
    service.get("/Users?filter=nonsense").fails(400, "invalidFilter");
    let search = json!({"filter": "userName eq \"ada\""});
    assert_eq!(service.send("POST", "/Users/.search", search).body["totalResults"], 1);
}

#[test]
fn f12_search() {
    let mut service = Service::new();
    for name in ["ada", "bob", "cyd"] {
        service.user(name);
    }
    let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    let body = json!({"schemas": [urn], "filter": "userName gt \"a\"", "sortBy": "userName", "sortOrder": "descending",
        "startIndex": 2, "count": 1, "attributes": ["userName", "name.familyName"]});
    let found = service.send("POST", "/Users/.search", body);
    assert_eq!(found.status, 200, "{}", found.text);
    let same = "filter=userName+gt+%22a%22&sortBy=userName&sortOrder=descending&startIndex=2&count=1\
        &attributes=userName,name.familyName";
    assert_eq!(found.body, service.get(&format!("/Users?{same}")).body);
    assert_eq!(found.body["Resources"][0]["userName"], "bob");
    let bad = [
        (json!({"filter": "nonsense"}), "invalidFilter"),
        (json!({"count": "x"}), "invalidValue"),
        (json!({"attributes": [1]}), "invalidValue"),
        (json!({"count": 1, "COUNT": 1}), "invalidSyntax"),
    ];
    for (body, scim_type) in bad {
        service.send("POST", "/Users/.search", body).fails(400, scim_type);
    }
    assert_eq!(service.send("POST", "/Users/.search", json!({"count": null})).body["totalResults"], 3);
    let mut strict = Service::with(config().with_leniency(Leniency::strict()));
    strict.send("POST", "/Users/.search", json!({"count": 1})).fails(400, "invalidSyntax");
    strict.send("POST", "/Users/.search", json!({"schemas": [urn], "size": 1})).fails(400, "invalidSyntax");
}

#[test]
fn f12_search_of_all_types() {
    let mut service = Service::new();
    for name in ["ada", "bob"] {
        service.user(name);
    }
    for name in ["g1", "g2"] {
        service.group(name, &[]);
    }
    let names = |body: &Value| -> Vec<String> {
        let name = |one: &Value| one["userName"].as_str().or(one["displayName"].as_str()).unwrap().to_owned();
        body["Resources"].as_array().unwrap().iter().map(name).collect()
    };
    let all = service.send("POST", "/.search", json!({}));
    assert_eq!(names(&all.body), ["ada", "bob", "g1", "g2"]);
    assert_eq!(all.body, service.get("/").body);
    assert_eq!(all.body, service.get("").body);
    for (start, count, expected) in [
        (1, 3, vec!["ada", "bob", "g1"]),
        (2, 2, vec!["bob", "g1"]),
        (3, 2, vec!["g1", "g2"]),
        (4, 9, vec!["g2"]),
        (5, 9, vec![]),
    ] {
        let reply = service.send("POST", "/.search", json!({"startIndex": start, "count": count}));
        assert_eq!(names(&reply.body), expected, "{start} {count}");
        assert_eq!(reply.body["totalResults"], 4);
        assert_eq!(reply.body["itemsPerPage"], expected.len());
    }
    let users = service.send("POST", "/.search", json!({"filter": "meta.resourceType eq \"User\""}));
    assert_eq!(names(&users.body), ["ada", "bob"]);
    service.send("POST", "/.search", json!({"filter": "("})).fails(400, "invalidFilter");
    service.send("POST", "/.search", json!({"cursor": ""})).fails(400, "invalidValue");
}

#[test]
fn f13_me() {
    let mut service = Service::new();
    let ada = service.user("ada");
    service.get("/Me").fails(404, "");
    service.access = service.access.clone().map(|access| access.with_me(ada.as_str()));
    let me = service.get("/Me");
    assert_eq!(me.body, service.get(&format!("/Users/{ada}")).body);
    assert!(me.body["meta"]["location"].as_str().unwrap().ends_with(&format!("/Users/{ada}")));
    assert_eq!(
        service.patch("/Me", json!([{"op": "add", "path": "title", "value": "Dr"}])).body["title"],
        "Dr"
    );
    assert_eq!(service.send("PUT", "/Me", user("ada")).status, 200);
    assert_eq!(service.send("DELETE", "/Me", Value::Null).status, 204);
    service.get("/Me").fails(404, "");
}
