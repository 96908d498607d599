//! The characteristics of attributes, each under every operation that it can affect; and the attributes of the standard.

use admittance::scim::{
    access::{Access, Scopes},
    schema::{ENTERPRISE_USER, GROUP, ResourceType, Schema, USER},
};
use serde_json::{Value, json};

use super::service::{Service, config};

const THING: &str = "urn:example:Thing";
const SET: &str = "set by the service";

/// Things with an attribute of each kind.
fn with_things() -> Service {
    let attribute = |name: &str, characteristic: &str, value: &str| json!({"name": name, "type": "string", "caseExact": true, (characteristic): value});
    let schema = json!({"id": THING, "name": "Thing", "attributes": [
        {"name": "number", "type": "string", "required": true, "returned": "always"},
        attribute("readOnly", "mutability", "readOnly"),
        attribute("immutable", "mutability", "immutable"),
        attribute("writeOnly", "mutability", "writeOnly"),
        attribute("readWrite", "mutability", "readWrite"),
        attribute("always", "returned", "always"),
        attribute("never", "returned", "never"),
        attribute("default", "returned", "default"),
        attribute("request", "returned", "request"),
        attribute("none", "uniqueness", "none"),
        attribute("server", "uniqueness", "server"),
        attribute("global", "uniqueness", "global"),
    ]});
    let schema = Schema::from_json(schema.to_string().as_bytes()).unwrap();
    let things = ResourceType::new("Thing", "/Things", schema).unwrap();
    Service::with(config().with_type(things).unwrap())
}

fn thing(number: &str, attributes: &Value) -> Value {
    let mut thing = json!({"schemas": [THING], "number": number});
    for (name, value) in attributes.as_object().unwrap() {
        thing[name] = value.clone();
    }
    thing
}

fn made(service: &mut Service, attributes: &Value) -> String {
    let reply = service.send("POST", "/Things", thing("1", attributes));
    assert_eq!(reply.status, 201, "{}", reply.text);
    format!("/Things/{}", reply.id())
}

fn stored(service: &Service, path: &str, name: &str) -> Value {
    let id = path.rsplit('/').next().unwrap();
    service.row(id).resource.attributes().get(name).cloned().unwrap_or_default()
}

fn op(op: &str, name: &str, value: &Value) -> Value {
    json!([{"op": op, "path": name, "value": value}])
}

#[test]
fn a1_read_only_under_each_operation() {
    let mut service = with_things();
    let path = made(&mut service, &json!({"readOnly": "mine"}));
    assert_eq!(stored(&service, &path, "readOnly"), Value::Null, "POST: passed over");
    let things = service.config.resource_type("Thing").unwrap().clone();
    let found = things.own("readOnly").unwrap();
    let id = path.rsplit('/').next().unwrap().to_owned();
    service.row_mut(&id).resource.set(&found, Some(json!(SET)));
    for body in [json!({"readOnly": "mine"}), json!({"readOnly": null}), json!({})] {
        let reply = service.send("PUT", &path, thing("1", &body));
        assert_eq!((reply.status, &reply.body["readOnly"]), (200, &json!(SET)), "PUT: it stays");
    }
    for name in ["add", "replace", "remove"] {
        service.patch(&path, op(name, "readOnly", &json!("mine"))).fails(400, "mutability");
    }
    let pathless = json!([{"op": "replace", "value": {"readOnly": "mine"}}]);
    assert_eq!(service.patch(&path, pathless.clone()).body["readOnly"], SET);
    service.config = service.config.clone().with_leniency(admittance::scim::leniency::Leniency::strict());
    service.patch(&path, pathless).fails(400, "mutability");
    assert_eq!(
        service.get("/Things?filter=readOnly+sw+%22set%22").body["totalResults"],
        1,
        "it is read by filters"
    );
}

#[test]
fn a1_immutable_under_each_operation() {
    let mut service = with_things();
    let path = made(&mut service, &json!({}));
    let set = service.patch(&path, op("add", "immutable", &json!("a")));
    assert_eq!((set.status, &set.body["immutable"]), (200, &json!("a")), "PATCH: unassigned, it may be set");
    let path = made(&mut service, &json!({"immutable": "a"}));
    for same in [json!({"immutable": "a"}), json!({})] {
        assert_eq!(service.send("PUT", &path, thing("1", &same)).body["immutable"], "a", "PUT: it stays");
    }
    service.send("PUT", &path, thing("1", &json!({"immutable": "A"}))).fails(400, "mutability");
    for (name, value) in
        [("add", json!("b")), ("replace", json!("b")), ("replace", Value::Null), ("remove", Value::Null)]
    {
        service.patch(&path, op(name, "immutable", &value)).fails(400, "mutability");
    }
    service.patch(&path, json!([{"op": "replace", "value": {"immutable": "b"}}])).fails(400, "mutability");
    for name in ["add", "replace"] {
        assert_eq!(service.patch(&path, op(name, "immutable", &json!("a"))).status, 200, "the same again");
    }
    assert_eq!(stored(&service, &path, "immutable"), "a");
}

#[test]
fn a1_write_only_under_each_operation() {
    let mut service = with_things();
    let reply = service.send("POST", "/Things", thing("1", &json!({"writeOnly": "w1"})));
    let path = format!("/Things/{}", reply.id());
    let mut replies = vec![reply];
    assert_eq!(stored(&service, &path, "writeOnly"), "w1");
    replies.push(service.send("PUT", &path, thing("1", &json!({"writeOnly": "w2"}))));
    assert_eq!(stored(&service, &path, "writeOnly"), "w2");
    replies.push(service.send("PUT", &path, thing("1", &json!({}))));
    assert_eq!(stored(&service, &path, "writeOnly"), "w2", "nobody can give back what nobody can read");
    for (name, value, after) in
        [("add", "w3", json!("w3")), ("replace", "w4", json!("w4")), ("remove", "", Value::Null)]
    {
        replies.push(service.patch(&path, op(name, "writeOnly", &json!(value))));
        assert_eq!(stored(&service, &path, "writeOnly"), after, "{name}");
    }
    made(&mut service, &json!({"writeOnly": "w5"}));
    for target in [&path, "/Things", "/Things?attributes=writeOnly", &format!("{path}?attributes=writeOnly")]
    {
        replies.push(service.get(target));
    }
    replies.push(service.send("POST", "/Things/.search", json!({"attributes": ["writeOnly"]})));
    for reply in replies {
        assert!(reply.status < 300 && !reply.text.contains("writeOnly"), "{}", reply.text);
    }
    service.get("/Things?filter=writeOnly+eq+%22w5%22").fails(400, "invalidFilter");
    service.get("/Things?sortBy=writeOnly").fails(400, "invalidValue");
}

#[test]
fn a1_read_write_under_each_operation() {
    let mut service = with_things();
    let path = made(&mut service, &json!({"readWrite": "a"}));
    assert_eq!(service.get(&path).body["readWrite"], "a");
    assert_eq!(service.send("PUT", &path, thing("1", &json!({"readWrite": "b"}))).body["readWrite"], "b");
    assert!(service.send("PUT", &path, thing("1", &json!({}))).body.get("readWrite").is_none());
    assert_eq!(service.patch(&path, op("add", "readWrite", &json!("c"))).body["readWrite"], "c");
    assert_eq!(service.patch(&path, op("replace", "readWrite", &json!("d"))).body["readWrite"], "d");
    let pathless = json!([{"op": "replace", "value": {"readWrite": "e"}}]);
    assert_eq!(service.patch(&path, pathless).body["readWrite"], "e");
    assert!(service.patch(&path, op("remove", "readWrite", &Value::Null)).body.get("readWrite").is_none());
}

/// A part that nobody may read is found out neither by an answer nor by a filter, in whatever place.
#[test]
fn a1_q11_parts_that_nobody_reads() {
    let part = |name: &str, extra: Value| {
        let mut part = json!({"name": name, "type": "string"});
        part.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        part
    };
    let parts = json!([
        part("value", json!({})),
        part("pin", json!({"mutability": "writeOnly"})),
        part("puk", json!({"returned": "never"})),
        part("type", json!({"returned": "always"})),
    ]);
    let schema = json!({"id": "urn:example:Card", "name": "Card", "attributes": [
        {"name": "keys", "type": "complex", "multiValued": true, "subAttributes": parts},
        {"name": "main", "type": "complex", "subAttributes": parts},
        {"name": "safe", "type": "complex", "multiValued": true, "mutability": "writeOnly", "subAttributes": parts},
    ]});
    let schema = Schema::from_json(schema.to_string().as_bytes()).unwrap();
    let mut service =
        Service::with(config().with_type(ResourceType::new("Card", "/Cards", schema).unwrap()).unwrap());
    let key = json!({"value": "a", "pin": "1234", "puk": "1234", "type": "t"});
    let body = json!({"schemas": ["urn:example:Card"], "keys": [key], "main": key, "safe": [key]});
    let reply = service.send("POST", "/Cards", body);
    assert_eq!(reply.status, 201, "{}", reply.text);
    let path = format!("/Cards/{}", reply.id());
    assert_eq!(reply.body["keys"], json!([{"value": "a", "type": "t"}]));
    for query in [
        "",
        "?attributes=keys.pin,main.puk,safe",
        "?attributes=keys,main,safe.value",
        "?excludedAttributes=safe",
    ] {
        let text = service.get(&format!("{path}{query}")).text;
        assert!(!text.contains("1234") && !text.contains("safe"), "{query}: {text}");
    }
    for filter in [
        "keys.pin+eq+%221234%22",
        "keys[puk+sw+%221%22]",
        "main.pin+pr",
        "safe+pr",
        "safe[value+pr]",
        "safe.value+pr",
    ] {
        service.get(&format!("/Cards?filter={filter}")).fails(400, "invalidFilter");
    }
    for by in ["main.pin", "keys.puk", "safe", "safe.value"] {
        service.get(&format!("/Cards?sortBy={by}")).fails(400, "invalidValue");
    }
    let guess = json!([{"op": "replace", "path": "keys[pin eq \"1234\"].value", "value": "b"}]);
    service.patch(&path, guess).fails(400, "invalidPath");
}

/// What an answer holds of the four kinds, under each operation that has a body to answer with.
#[test]
fn a1_returned_under_each_operation() {
    let mut service = with_things();
    let all = json!({"always": "1", "never": "2", "default": "3", "request": "4"});
    let path = made(&mut service, &all);
    for (query, expected) in [
        ("", "always default"),
        ("attributes=number", "always"),
        ("attributes=default", "always default"),
        ("attributes=request", "always request"),
        ("attributes=never", "always"),
        ("attributes=never,request,default,always", "always default request"),
        ("excludedAttributes=default", "always"),
        ("excludedAttributes=always", "always default"),
        ("excludedAttributes=request,never", "always default"),
    ] {
        let with = |target: &str| format!("{target}?{query}");
        let names: Vec<&str> =
            query.split_once('=').map(|(_, names)| names.split(',').collect()).unwrap_or_default();
        let mut search = json!({});
        if let Some((name, _)) = query.split_once('=') {
            search[name] = json!(names);
        }
        let bodies = [
            ("GET", service.get(&with(&path)).body),
            ("list", service.get(&with("/Things")).body["Resources"][0].clone()),
            ("search", service.send("POST", "/Things/.search", search).body["Resources"][0].clone()),
            ("PUT", service.send("PUT", &with(&path), thing("1", &all)).body),
            ("PATCH", {
                let body = json!({"Operations": op("replace", "default", &json!("3"))});
                service.send("PATCH", &with(&path), body).body
            }),
            ("POST", {
                let reply = service.send("POST", &with("/Things"), thing("2", &all));
                assert_eq!(reply.status, 201, "{}", reply.text);
                let id = format!("/Things/{}", reply.id());
                assert_eq!(service.send("DELETE", &id, Value::Null).status, 204);
                reply.body
            }),
        ];
        for (operation, body) in bodies {
            let shown: Vec<_> = ["always", "default", "never", "request"]
                .into_iter()
                .filter(|name| body.get(name).is_some())
                .collect();
            assert_eq!(shown.join(" "), expected, "{operation} with {query}: {body}");
            assert!(body.get("id").is_some(), "id is always there");
        }
    }
    for name in ["always", "default", "request"] {
        let target = format!("/Things?filter={name}+pr&sortBy={name}");
        assert_eq!(service.get(&target).body["totalResults"], 1, "{name}");
    }
    service.get("/Things?filter=never+pr").fails(400, "invalidFilter");
    service.get("/Things?sortBy=never").fails(400, "invalidValue");
}

#[test]
fn a1_uniqueness_under_each_operation() {
    let mut service = with_things();
    let first = made(&mut service, &json!({"none": "x", "server": "x", "global": "x"}));
    let other = made(&mut service, &json!({"none": "x", "server": "y", "global": "y"}));
    for name in ["server", "global"] {
        let taken = json!({(name): "x"});
        service.send("POST", "/Things", thing("1", &taken)).fails(409, "uniqueness");
        service.send("PUT", &other, thing("1", &taken)).fails(409, "uniqueness");
        for operation in ["add", "replace"] {
            service.patch(&other, op(operation, name, &json!("x"))).fails(409, "uniqueness");
        }
        let bulk = json!({"Operations": [
            {"method": "POST", "path": "/Things", "bulkId": "b", "data": thing("1", &taken)},
        ]});
        assert_eq!(service.send("POST", "/Bulk", bulk).body["Operations"][0]["status"], "409");
        assert_eq!(stored(&service, &other, name), "y");
        // Case counts where the schema says so; its own value is no conflict.
        assert_eq!(service.patch(&other, op("replace", name, &json!("X"))).status, 200);
        assert_eq!(service.patch(&other, op("replace", name, &json!("y"))).status, 200);
        assert_eq!(service.patch(&first, op("replace", name, &json!("x"))).status, 200);
        // A value that is given up is free.
        assert_eq!(service.patch(&first, op("remove", name, &Value::Null)).status, 200);
        assert_eq!(service.patch(&other, op("add", name, &json!("x"))).status, 200);
    }
    assert_eq!(service.patch(&other, op("replace", "none", &json!("x"))).status, 200);
    // Another tenant may have what is unique in one; the scope travels with the claim.
    use admittance::scim::change::UniqueScope::{Everywhere, Tenant};
    service.access = Some(Access::new("c2", Scopes::all()));
    let body = thing("1", &json!({"server": "x", "global": "z"})).to_string().into_bytes();
    let request = http::Request::post("/scim/v2/connections/c2/Things").body(body).unwrap();
    assert_eq!(service.answer(request).status, 201);
    let claims = &service.changes.last().unwrap().unique;
    let claims: Vec<_> = claims.iter().map(|claim| (claim.attribute.as_str(), claim.scope)).collect();
    assert_eq!(claims, [("server", Tenant), ("global", Everywhere)]);
}

/// RFC 7643 §4.1, §4.2, §4.3 and §8.7.1, in the order of the standard: type, `*` for several values, `!` for required,
/// the parts, and what is not the usual.
#[test]
fn f1_f2_the_attributes_of_the_standard() {
    let plural = "value display type primary";
    let user = [
        ("userName", "string !", "", "server"),
        ("name", "complex", "formatted familyName givenName middleName honorificPrefix honorificSuffix", ""),
        ("displayName", "string", "", ""),
        ("nickName", "string", "", ""),
        ("profileUrl", "reference", "", ""),
        ("title", "string", "", ""),
        ("userType", "string", "", ""),
        ("preferredLanguage", "string", "", ""),
        ("locale", "string", "", ""),
        ("timezone", "string", "", ""),
        ("active", "boolean", "", ""),
        ("password", "string", "", "writeOnly never"),
        ("emails", "complex *", plural, ""),
        ("phoneNumbers", "complex *", plural, ""),
        ("ims", "complex *", plural, ""),
        ("photos", "complex *", plural, ""),
        (
            "addresses",
            "complex *",
            "formatted streetAddress locality region postalCode country type primary",
            "",
        ),
        ("groups", "complex *", "value $ref display type", "readOnly"),
        ("entitlements", "complex *", plural, ""),
        ("roles", "complex *", plural, ""),
        ("x509Certificates", "complex *", plural, ""),
    ];
    let group =
        [("displayName", "string !", "", "server"), ("members", "complex *", "value $ref type display", "")];
    let enterprise = [
        ("employeeNumber", "string", "", ""),
        ("costCenter", "string", "", ""),
        ("organization", "string", "", ""),
        ("division", "string", "", ""),
        ("department", "string", "", ""),
        ("manager", "complex", "value $ref displayName", ""),
    ];
    let mut service = Service::new();
    for (urn, expected) in [(USER, user.as_slice()), (GROUP, &group), (ENTERPRISE_USER, &enterprise)] {
        let schema = service.get(&format!("/Schemas/{urn}")).body;
        let shown: Vec<_> = schema["attributes"].as_array().unwrap().iter().map(shown).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, kind, parts, unusual)| [*name, *kind, *parts, *unusual].map(str::to_owned))
            .collect();
        assert_eq!(shown, expected, "{urn}");
    }
    let part = |urn: &str, path: [&str; 2]| {
        let schemas = [ResourceType::user(), ResourceType::group()];
        let found =
            schemas.iter().find_map(|one| one.qualified(urn, path[0]).map(|found| found.attribute.clone()));
        found.unwrap().sub_attribute(path[1]).unwrap().clone()
    };
    assert_eq!(part(ENTERPRISE_USER, ["manager", "displayName"]).mutability.as_str(), "readOnly");
    for name in ["value", "$ref", "type"] {
        assert_eq!(part(GROUP, ["members", name]).mutability.as_str(), "immutable");
    }
    assert_eq!(part(GROUP, ["members", "type"]).canonical_values, ["User", "Group"]);
    assert_eq!(part(USER, ["emails", "type"]).canonical_values, ["work", "home", "other"]);
}

fn shown(attribute: &Value) -> [String; 4] {
    let text = |name: &str| attribute[name].as_str().unwrap_or_default().to_owned();
    let mut kind = text("type");
    for (name, mark) in [("multiValued", " *"), ("required", " !")] {
        if attribute[name] == true {
            kind += mark;
        }
    }
    let parts = attribute["subAttributes"].as_array().into_iter().flatten();
    let parts: Vec<_> = parts.map(|part| part["name"].as_str().unwrap()).collect();
    let usual = [("mutability", "readWrite"), ("returned", "default"), ("uniqueness", "none")];
    let unusual: Vec<_> = usual.into_iter().map(|(name, usual)| (text(name), usual)).collect();
    let unusual: Vec<_> =
        unusual.iter().filter(|(text, usual)| text != usual).map(|(text, _)| text.as_str()).collect();
    [text("name"), kind, parts.join(" "), unusual.join(" ")]
}
