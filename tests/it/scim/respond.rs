use std::time::Duration;

use admittance::{
    crypto::Secret,
    scim::{
        Error,
        access::{Access, Scope},
        respond,
        service::PatchAnswer,
    },
};
use serde_json::{Value, json};

use super::service::{BASE, Service, TENANT, config, group, user};

fn location(path: &str) -> String {
    format!("{BASE}/connections/{TENANT}{path}")
}

#[test]
fn status_and_headers_of_a_resource() {
    let mut service = Service::new();
    let created = service.send("POST", "/Users", user("ada"));
    let path = format!("/Users/{}", created.id());
    assert_eq!(created.status, 201);
    assert_eq!(created.header("location"), Some(location(&path).as_str()));
    assert_eq!(created.header("etag"), created.body["meta"]["version"].as_str());
    let meta = json!({"resourceType": "User", "created": "2026-11-22T00:01:00.000Z",
        "lastModified": "2026-11-22T00:01:00.000Z", "location": location(&path), "version": "W/\"1\""});
    assert_eq!(created.body["meta"], meta);
    let read = service.get(&path);
    assert_eq!((read.status, read.header("location")), (200, None));
    assert_eq!(read.body, created.body);
    let put = service.send("PUT", &path, user("Ada"));
    assert_eq!((put.status, put.header("etag")), (200, Some("W/\"2\"")));
    let deleted = service.send("DELETE", &path, Value::Null);
    assert_eq!((deleted.status, deleted.header("content-type")), (204, None));
}

/// What a host calls a version may be any text.
#[test]
fn v1_versions_are_the_hosts() {
    let mut service = Service::new();
    let id = service.user("ada");
    let path = format!("/Users/{id}");
    for (version, etag) in [("a\"b", "W/\"a%22b\""), ("7", "W/\"7\""), ("é %", "W/\"%C3%A9%20%25\"")] {
        service.row_mut(&id).facts.version = version.into();
        let reply = service.get(&path);
        assert_eq!(reply.header("etag"), Some(etag));
        assert_eq!(reply.body["meta"]["version"], etag);
        let etag = etag.to_owned();
        assert_eq!(service.send_with("GET", &path, &[("if-none-match", &etag)], Value::Null).status, 304);
    }
}

#[test]
fn v2_if_none_match() {
    let mut service = Service::new();
    let path = format!("/Users/{}", service.user("ada"));
    let read = |service: &mut Service, tag: &str| {
        service.send_with("GET", &path, &[("if-none-match", tag)], Value::Null)
    };
    for tag in ["W/\"1\"", "\"1\"", "*", "\"x\", W/\"1\"", "W/\"0\",\"1\""] {
        let reply = read(&mut service, tag);
        assert_eq!((reply.status, reply.text.as_str()), (304, ""), "{tag}");
        assert_eq!(reply.header("etag"), Some("W/\"1\""));
    }
    for tag in ["W/\"2\"", "1", "", "W/1", "\"1"] {
        assert_eq!(read(&mut service, tag).status, 200, "{tag}");
    }
    service.send_with("PUT", &path, &[("if-none-match", "*")], user("b")).fails(412, "");
}

#[test]
fn v2_if_match() {
    let mut service = Service::new();
    let path = format!("/Users/{}", service.user("ada"));
    let title = json!({"Operations": [{"op": "add", "path": "title", "value": "Dr"}]});
    for tag in ["W/\"2\"", "nonsense", "", "1"] {
        for (method, body) in
            [("PUT", user("b")), ("PATCH", title.clone()), ("DELETE", Value::Null), ("GET", Value::Null)]
        {
            service.send_with(method, &path, &[("if-match", tag)], body).fails(412, "");
        }
    }
    assert_eq!(service.changes.len(), 1, "nothing was committed");
    assert_eq!(service.send_with("PATCH", &path, &[("if-match", "*")], title).status, 200);
    assert_eq!(service.send_with("PUT", &path, &[("if-match", "W/\"2\"")], user("b")).status, 200);
    service.send_with("PUT", &path, &[("if-match", "W/\"2\"")], user("c")).fails(412, "");
    assert_eq!(service.send_with("DELETE", &path, &[("if-match", "\"0\", \"3\"")], Value::Null).status, 204);
    service.send_with("PUT", &path, &[("if-match", "*")], user("c")).fails(404, "");
}

#[test]
fn patch_answers() {
    let mut service = Service::new();
    let user = format!("/Users/{}", service.user("ada"));
    let group = format!("/Groups/{}", service.group("team", &[]));
    let rename =
        |name: &str| json!({"Operations": [{"op": "replace", "path": "displayName", "value": name}]});
    assert_eq!(service.send("PATCH", &user, rename("a")).status, 200);
    let reply = service.send("PATCH", &group, rename("a"));
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    assert!(reply.header("etag").is_some());
    for query in ["attributes=displayName", "excludedAttributes=members"] {
        let reply = service.send("PATCH", &format!("{group}?{query}"), rename("b"));
        assert_eq!((reply.status, &reply.body["displayName"]), (200, &json!("b")));
        assert!(reply.body.get("members").is_none());
    }
    let answers = config().with_patch_answer("User", PatchAnswer::NoContent);
    service.config = answers.with_patch_answer("Group", PatchAnswer::Resource);
    assert_eq!(service.send("PATCH", &user, rename("c")).status, 204);
    assert_eq!(service.send("PATCH", &group, rename("c")).body["displayName"], "c");
}

/// An answer to a change of members shows those that come of it.
#[test]
fn patch_answer_with_members() {
    let mut service = Service::with(config().with_patch_answer("Group", PatchAnswer::Resource));
    let [a, b] = ["a", "b"].map(|name| service.user(name));
    let path = format!("/Groups/{}", service.group("team", &[&a]));
    let change = json!([{"op": "add", "path": "members", "value": [{"value": b, "display": "B"}]},
        {"op": "remove", "path": format!("members[value eq \"{a}\"]")}]);
    let reply = service.patch(&path, change);
    let member =
        json!({"value": b, "display": "B", "type": "User", "$ref": location(&format!("/Users/{b}"))});
    assert_eq!(reply.body["members"], json!([member]), "{}", reply.text);
    assert_eq!(service.get(&path).body, reply.body);
}

#[test]
fn j2_j3_excluded_members_are_absent_and_never_loaded() {
    let mut service = Service::new();
    let ada = service.user("ada");
    let team = service.group("team", &[&ada]);
    let path = format!("/Groups/{team}");
    let without = "excludedAttributes=members";
    let replies = [
        service.get(&format!("{path}?{without}")),
        service.get(&format!("/Groups?{without}&filter=displayName+eq+%22team%22")),
        service.get(&format!("{path}?attributes=displayName")),
        service.send("PUT", &format!("{path}?{without}"), json!({"displayName": "team"})),
    ];
    for reply in replies {
        assert_eq!(reply.status, 200);
        assert!(!reply.text.contains("members"), "{}", reply.text);
    }
    assert!(!service.asked_for_members());
    service.get(&path);
    assert!(service.asked_for_members());
}

#[test]
fn j5_projection_of_every_answer() {
    let mut service = Service::new();
    let mut body = user("ada");
    body["name"] = json!({"familyName": "Byron", "givenName": "Ada"});
    body["title"] = json!("Dr");
    let only = "attributes=name.familyName";
    let id = service.send("POST", &format!("/Users?{only}"), body.clone());
    let path = format!("/Users/{}?{only}", id.id());
    let search = json!({"attributes": ["name.familyName"]});
    let operations = json!({"Operations": [{"op": "replace", "path": "title", "value": "Prof"}]});
    let bodies = [
        id.body,
        service.get(&path).body,
        service.get(&format!("/Users?{only}")).body["Resources"][0].clone(),
        service.send("POST", "/Users/.search", search).body["Resources"][0].clone(),
        service.send("PUT", &path, body).body,
        service.send("PATCH", &path, operations).body,
    ];
    for body in bodies {
        let expected =
            json!({"schemas": [admittance::scim::schema::USER], "id": "r1", "name": {"familyName": "Byron"}});
        assert_eq!(body, expected);
    }
}

#[test]
fn list_response() {
    let mut service = Service::new();
    let nobody = service.get("/Users?filter=userName+eq+%22x%22&startIndex=1&count=100");
    let empty = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0,
        "startIndex": 1, "itemsPerPage": 0, "Resources": []});
    assert_eq!((nobody.status, nobody.body), (200, empty));
    for name in ["a", "b", "c"] {
        service.user(name);
    }
    let page = service.get("/Users?startIndex=2&count=5").body;
    assert_eq!(
        (&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]),
        (&json!(3), &json!(2), &json!(2))
    );
    let none = service.get("/Users?count=0").body;
    assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(3), &json!([])));
    assert_eq!(service.get("/Users?startIndex=9").body["totalResults"], 3);
}

#[test]
fn p5_p7_cursors() {
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    let with_cursors = config().with_cursors(key, Duration::from_secs(60)).unwrap();
    let mut service = Service::with(with_cursors);
    for name in ["a", "b", "c", "d", "e"] {
        service.user(name);
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = service.get(&format!("/Users?cursor={cursor}&count=2")).body;
        let resources = page["Resources"].as_array().unwrap();
        names.extend(resources.iter().map(|one| one["userName"].as_str().unwrap().to_owned()));
        assert!(page.get("startIndex").is_none());
        match page["nextCursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    let next = service.get("/Users?cursor&count=2").body["nextCursor"].as_str().unwrap().to_owned();
    service.get(&format!("/Users?cursor={next}&count=3")).fails(400, "invalidCount");
    service.get(&format!("/Users?cursor={next}&count=2&startIndex=1")).fails(400, "invalidValue");
    service.get(&format!("/Users?cursor={next}&count=2&filter=active+pr")).fails(400, "invalidCursor");
    service.get(&format!("/Users?cursor={next}&count=2&sortBy=title")).fails(400, "invalidCursor");
    service.get(&format!("/Groups?cursor={next}&count=2")).fails(400, "invalidCursor");
    service.now = super::service::at("2026-11-22T00:02:00Z");
    service.get(&format!("/Users?cursor={next}&count=2")).fails(400, "expiredCursor");
    // A service without cursors does not pretend that a page is the last one.
    Service::new().get("/Users?cursor").fails(400, "invalidCursor");
}

#[test]
fn k5_scopes() {
    let cases: [(Scope, &[(&str, &str)]); 4] = [
        (Scope::UsersRead, &[("GET", "/Users"), ("GET", "/Users/x"), ("POST", "/Users/.search")]),
        (
            Scope::UsersWrite,
            &[("POST", "/Users"), ("PUT", "/Users/x"), ("PATCH", "/Users/x"), ("DELETE", "/Users/x")],
        ),
        (Scope::GroupsRead, &[("GET", "/Groups"), ("GET", "/Groups/x"), ("POST", "/Groups/.search")]),
        (
            Scope::GroupsWrite,
            &[("POST", "/Groups"), ("PUT", "/Groups/x"), ("PATCH", "/Groups/x"), ("DELETE", "/Groups/x")],
        ),
    ];
    for (scope, requests) in cases {
        let others = Scope::ALL.into_iter().filter(|one| *one != scope).collect();
        let mut without = Service::new();
        without.access = Some(Access::new(TENANT, others));
        let mut with = Service::new();
        with.access = Some(Access::new(TENANT, [scope].into_iter().collect()));
        for (method, path) in requests {
            let body = json!({"userName": "a", "displayName": "g",
                "Operations": [{"op": "replace", "path": "displayName", "value": "x"}]});
            let body = match *method {
                "POST" | "PUT" | "PATCH" if path.ends_with(".search") => json!({}),
                "PATCH" => json!({"Operations": body["Operations"]}),
                "POST" | "PUT" => body,
                _ => Value::Null,
            };
            let refused = without.send(method, path, body.clone());
            refused.fails(403, "");
            assert!(refused.body["detail"].as_str().unwrap().contains(scope.as_str()));
            assert_ne!(with.send(method, path, body).status, 403, "{method} {path}");
        }
    }
}

#[test]
fn errors_of_the_host() {
    let cases = [
        (Error::Unauthorized, 401),
        (Error::SwitchedOff, 403),
        (Error::TooManyRequests, 429),
        (Error::Host, 500),
    ];
    for (error, status) in cases {
        let response = respond::error(&error);
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["content-type"], "application/scim+json");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["status"], status.to_string());
        let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap());
        assert_eq!(challenge, (status == 401).then_some("Bearer"));
    }
}

#[test]
fn details_repeat_nothing_that_was_sent() {
    let mut service = Service::new();
    let secret = "s3cr3t-value";
    let replies = [
        service.send("POST", "/Users", json!({"userName": "a", "active": secret})),
        service.send("POST", "/Users", json!({"userName": [secret, secret]})),
        service.send("POST", "/Groups", group("g", &[secret])),
        service.send("POST", "/Users", json!({"userName": "a", "password": {"x": secret}})),
    ];
    for reply in replies {
        assert_eq!(reply.status, 400);
        assert!(!reply.text.contains(secret), "{}", reply.text);
    }
}
