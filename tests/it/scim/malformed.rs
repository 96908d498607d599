//! What nobody should send, each named: a client error with an Error body, and nothing stored is different after it.

mod body;
mod bulk;
mod filter;
mod patch;
mod query;
mod transport;
mod value;

use std::{collections::BTreeSet, time::Duration};

use admittance::{
    crypto::Secret,
    endpoint::UrlPolicy,
    scim::{
        fetch::Origin,
        leniency::Leniency,
        service::{ServiceConfig, Tenancy},
        tenant::{ResourceId, TenantId},
    },
    testing::scim_store::{Account, ScimStore},
    time::Timestamp,
};
use http::{HeaderValue, Request, Response};
use serde_json::{Value, json};

/// One malformed request. `{ada}` and the like in it stand for identifiers of the [`Scene`].
struct Case {
    name: &'static str,
    method: &'static str,
    /// Below the connection, where it begins with a slash and not with `!`.
    target: String,
    headers: Vec<(&'static str, &'static [u8])>,
    body: Vec<u8>,
    status: u16,
    scim_type: &'static str,
    refused: Refused,
}

/// Who refuses the request, and how.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// Every service, as a whole.
    Always,
    /// Every service, as the last operation of a bulk request.
    AsOperation,
    /// A service that reads no deviation; another reads it.
    InStrict,
}

/// A case with a body; an empty one is none.
fn case(
    name: &'static str,
    method: &'static str,
    target: &str,
    body: impl Into<Vec<u8>>,
    (status, scim_type): (u16, &'static str),
) -> Case {
    Case {
        name,
        method,
        target: target.to_owned(),
        headers: vec![("authorization", b"Bearer a token"), ("content-type", b"application/scim+json")],
        body: body.into(),
        status,
        scim_type,
        refused: Refused::Always,
    }
}

impl Case {
    fn in_strict(self) -> Self {
        Self { refused: Refused::InStrict, ..self }
    }

    /// With this header in place of the one that is there; without it, where the value is empty.
    fn header(mut self, name: &'static str, value: &'static [u8]) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        if !value.is_empty() {
            self.headers.push((name, value));
        }
        self
    }

    fn also_header(mut self, name: &'static str, value: &'static [u8]) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A service with somebody of each kind.
struct Scene {
    store: ScimStore,
    names: Vec<(&'static str, String)>,
}

impl Scene {
    fn new(leniency: Leniency) -> Self {
        let config = ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath)
            .unwrap()
            .with_cursors(Secret::new("0123456789abcdef0123456789abcdef"), Duration::from_secs(60))
            .unwrap()
            .with_leniency(leniency);
        let store = ScimStore::new(config)
            .with_connection("acme", Secret::new("a token"))
            .with_connection("other", Secret::new("another token"));
        let mut scene = Self { store, names: Vec::new() };
        let user = |name: &str| {
            json!({
                "schemas": [USER], "userName": name, "externalId": format!("ext-{name}"), "title": "Dr",
                "emails": [{"value": format!("{name}@example.com"), "type": "work", "primary": true}],
            })
        };
        for (tenant, name) in [("acme", "ada"), ("acme", "boss"), ("acme", "root"), ("other", "stranger")] {
            scene.make(tenant, "/Users", name, &user(name));
        }
        let ada = scene.id("ada");
        for (tenant, name, members) in [
            ("acme", "team", json!([{"value": ada}])),
            ("acme", "crew", json!([])),
            ("other", "band", json!([])),
        ] {
            scene.make(
                tenant,
                "/Groups",
                name,
                &json!({
                    "schemas": [GROUP], "displayName": name, "members": members,
                }),
            );
        }
        let root = ResourceId::from(scene.id("root"));
        scene.store.protect(&TenantId::from("acme"), &root);
        let local = Account { user_name: "local", origin: Origin::Elsewhere };
        let local = scene.store.add_account(&TenantId::from("acme"), &local, now());
        scene.names.push(("{local}", local.to_string()));
        for (name, target, at) in [
            ("{cursor}", "/Users?cursor=&count=1", now()),
            ("{old_cursor}", "/Users?cursor=&count=1", Timestamp::parse("2026-11-22T11:00:00Z").unwrap().at),
            ("{sorted_cursor}", "/Users?cursor=&count=1&sortBy=userName", now()),
        ] {
            let page = scene.json("acme", target, at);
            scene.names.push((name, page["nextCursor"].as_str().unwrap().to_owned()));
        }
        scene
    }

    fn make(&mut self, tenant: &str, target: &str, name: &'static str, body: &Value) {
        let request = Request::post(address(tenant, target)).header("authorization", token(tenant));
        let done = self.store.answer(&request.body(body.to_string().into_bytes()).unwrap(), now());
        assert_eq!(done.response.status(), 201, "{name}");
        let made: Value = serde_json::from_slice(done.response.body()).unwrap();
        let placeholder: &'static str =
            PLACEHOLDERS.iter().find(|one| one.trim_matches(['{', '}']) == name).unwrap();
        self.names.push((placeholder, made["id"].as_str().unwrap().to_owned()));
    }

    fn id(&self, name: &str) -> String {
        self.names.iter().find(|(one, _)| one.trim_matches(['{', '}']) == name).unwrap().1.clone()
    }

    fn json(&self, tenant: &str, target: &str, at: Timestamp) -> Value {
        let request = Request::get(address(tenant, target)).header("authorization", token(tenant));
        let done = self.store.answer(&request.body(Vec::new()).unwrap(), at);
        assert_eq!(done.response.status(), 200, "{target}");
        serde_json::from_slice(done.response.body()).unwrap()
    }

    /// All that can be seen, of both connections.
    fn all(&self) -> Vec<Value> {
        let lists = ["acme", "other"].into_iter().flat_map(|tenant| {
            ["/Users", "/Groups"].map(|target| self.json(tenant, &format!("{target}?count=500"), now()))
        });
        let local = self.store.resource(&TenantId::from("acme"), &ResourceId::from(self.id("local")));
        lists.chain([json!(format!("{local:?}"))]).collect()
    }

    fn named(&self, text: &[u8]) -> Vec<u8> {
        // Only short texts hold names, and those are UTF-8 where they do.
        match std::str::from_utf8(text) {
            Ok(text) if text.len() < 10_000 && text.contains('{') => self
                .names
                .iter()
                .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
                .into_bytes(),
            _ => text.to_vec(),
        }
    }

    fn send(&self, case: &Case) -> Response<Vec<u8>> {
        let target = String::from_utf8(self.named(case.target.as_bytes())).unwrap();
        let uri = match target.strip_prefix('!') {
            Some(path) => path.to_owned(),
            None => address("acme", &target),
        };
        let mut request = Request::builder().method(case.method).uri(uri);
        for (name, value) in &case.headers {
            request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
        }
        let done = self.store.answer(&request.body(self.named(&case.body)).unwrap(), now());
        assert_eq!(done.effects, [], "{}: a failure has no effects", case.name);
        let text = String::from_utf8_lossy(done.response.body());
        assert!(!text.contains("secret") && !text.contains("a token"), "{}: {text}", case.name);
        drop(text);
        done.response
    }
}

/// What is wrong with an answer to a malformed request; nothing, where it is an Error body as RFC 7644 §3.12 has it.
fn wrong(case: &Case, response: &Response<Vec<u8>>) -> Result<(), String> {
    let text = String::from_utf8_lossy(response.body()).into_owned();
    let shown = || format!("{}: {} {text}", case.name, response.status());
    let media_type = response.headers().get("content-type").map(|value| value.to_str().unwrap());
    if media_type != Some("application/scim+json") {
        return Err(format!("media type {media_type:?} of {}", shown()));
    }
    let body: Value = serde_json::from_slice(response.body()).map_err(|_| shown())?;
    let (status, error) = match case.refused {
        Refused::AsOperation => {
            let part = body["Operations"].as_array().and_then(|parts| parts.last()).unwrap_or(&Value::Null);
            let status = part["status"].as_str().unwrap_or_default().parse().unwrap_or(0);
            if response.status() != 200 {
                return Err(shown());
            }
            (status, part["response"].clone())
        }
        Refused::Always | Refused::InStrict => (response.status().as_u16(), body),
    };
    let members: BTreeSet<&str> =
        error.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let known = BTreeSet::from(["schemas", "status", "scimType", "detail"]);
    let is_error = status == case.status
        && error["schemas"] == json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        && error["status"] == json!(case.status.to_string())
        && error["detail"].as_str().is_some_and(|detail| !detail.is_empty() && detail.len() < 400)
        && members.is_subset(&known);
    // RFC 7644 §3.12 has a keyword for 400, and `uniqueness` for 409.
    let has_type = match error.get("scimType") {
        None => case.scim_type.is_empty(),
        Some(scim_type) => *scim_type == case.scim_type,
    };
    if is_error && has_type { Ok(()) } else { Err(shown()) }
}

fn cases() -> Vec<Case> {
    [
        transport::cases(),
        body::cases(),
        value::cases(),
        query::cases(),
        filter::cases(),
        patch::cases(),
        bulk::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn all_are_refused(leniency: Leniency, counts: impl Fn(&Case) -> bool) {
    let mut scene = Scene::new(leniency);
    let before = scene.all();
    let mut failed = Vec::new();
    for case in cases().iter().filter(|case| counts(case)) {
        let response = scene.send(case);
        failed.extend(wrong(case, &response).err());
        if scene.all() != before {
            failed.push(format!("{}: something is stored", case.name));
            scene = Scene::new(leniency);
        }
    }
    assert!(failed.is_empty(), "{} of them:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn z1_malformed_requests_are_client_errors_in_interop() {
    all_are_refused(Leniency::interop(), |case| case.refused != Refused::InStrict);
}

#[test]
fn z1_malformed_requests_are_client_errors_in_strict() {
    all_are_refused(Leniency::strict(), |_| true);
}

#[test]
fn z1_the_battery_has_150_names() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len(), "a name is given twice");
    let always = cases.iter().filter(|case| case.refused != Refused::InStrict).count();
    assert!(always >= 150, "{always}");
    let strict = cases.len() - always;
    assert!(strict >= 25, "{strict}");
    // Each keyword that a request alone can bring about has a case.
    let types: BTreeSet<&str> = cases.iter().map(|case| case.scim_type).collect();
    for scim_type in [
        "invalidSyntax",
        "invalidFilter",
        "invalidPath",
        "invalidValue",
        "invalidVers",
        "noTarget",
        "mutability",
        "uniqueness",
        "invalidCursor",
        "expiredCursor",
        "invalidCount",
    ] {
        assert!(types.contains(scim_type), "{scim_type}");
    }
}

fn address(tenant: &str, target: &str) -> String {
    format!("/scim/v2/connections/{tenant}{target}")
}

fn token(tenant: &str) -> &'static str {
    if tenant == "acme" { "Bearer a token" } else { "Bearer another token" }
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap().at
}

/// An address with this filter.
fn filtered(filter: &str) -> String {
    use std::fmt::Write as _;
    let mut target = "/Users?filter=".to_owned();
    for byte in filter.bytes() {
        match byte {
            byte if byte.is_ascii_alphanumeric() => target.push(char::from(byte)),
            byte => write!(target, "%{byte:02X}").unwrap(),
        }
    }
    target
}

const PLACEHOLDERS: [&str; 7] = ["{ada}", "{boss}", "{root}", "{stranger}", "{team}", "{crew}", "{band}"];
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const SYNTAX: (u16, &str) = (400, "invalidSyntax");
const VALUE: (u16, &str) = (400, "invalidValue");
const PATH: (u16, &str) = (400, "invalidPath");
const FILTER: (u16, &str) = (400, "invalidFilter");
const NO_TARGET: (u16, &str) = (400, "noTarget");
const MUTABILITY: (u16, &str) = (400, "mutability");
const UNIQUENESS: (u16, &str) = (409, "uniqueness");
const UNAUTHORIZED: (u16, &str) = (401, "");
const FORBIDDEN: (u16, &str) = (403, "");
const NOT_FOUND: (u16, &str) = (404, "");
const METHOD: (u16, &str) = (405, "");
const OTHER_VERSION: (u16, &str) = (412, "");
const TOO_LARGE: (u16, &str) = (413, "");
