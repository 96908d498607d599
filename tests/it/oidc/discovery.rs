//! Discovery: the request, and each check of the document with an answer that fails only that one.

use std::collections::BTreeSet;

use admittance::endpoint::UrlPolicy;
use admittance::note::Note;
use admittance::oidc::{EntraTenants, Error, IssuerPolicy, Policy, Provider, discovery};
use http::{Method, Response};
use serde_json::{Value, json};

use super::given::{self, ISSUER};

type Read = Result<(Provider, Vec<Note>), Error>;

#[test]
fn the_request_has_one_slash_before_the_well_known_path() {
    let urls = [
        ("https://idp.example", "https://idp.example/.well-known/openid-configuration"),
        ("https://idp.example/", "https://idp.example/.well-known/openid-configuration"),
        ("https://h.example/realms/R", "https://h.example/realms/R/.well-known/openid-configuration"),
        (
            "https://login.microsoftonline.com/common/v2.0",
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
        ),
    ];
    for (issuer, url) in urls {
        let request = discovery::request(issuer, &Policy::new()).unwrap();
        assert_eq!((request.method(), request.uri().to_string().as_str()), (&Method::GET, url));
        assert_eq!(request.headers()["accept"], "application/json");
        assert!(request.body().is_empty());
    }
}

#[test]
fn the_request_goes_to_no_address_that_is_not_followed() {
    for issuer in [
        "http://idp.example",
        "https://user@idp.example",
        "https://idp.example#x",
        "https://10.0.0.1",
        "https://localhost",
        "idp.example",
        "",
    ] {
        assert_eq!(discovery::request(issuer, &Policy::new()).unwrap_err().code(), "oidc.url_not_allowed");
    }
    let error = discovery::request("https://idp.example?x=1", &Policy::new()).unwrap_err();
    assert_eq!(error.code(), "oidc.configuration_invalid");
}

#[test]
fn the_document_becomes_a_provider_that_can_be_stored() {
    let provider = given::provider();
    assert_eq!(provider.issuer, ISSUER);
    assert_eq!(provider.token_endpoint, "https://idp.example/token");
    assert_eq!(provider.userinfo_endpoint.as_deref(), Some("https://idp.example/userinfo"));
    assert_eq!(provider.id_token_signing_alg_values_supported, Some(vec!["RS256".to_owned()]));
    let stored = serde_json::to_string(&provider).unwrap();
    assert_eq!(serde_json::from_str::<Provider>(&stored).unwrap(), provider);
    let other_version = stored.replacen("\"version\":1", "\"version\":2", 1);
    assert!(serde_json::from_str::<Provider>(&other_version).is_err());
}

/// By hand: the document that an administrator has pasted, judged as one that was fetched.
#[test]
fn a_document_without_its_answer() {
    let document = given::document();
    let read =
        |document: &Value| discovery::parse_document(ISSUER, document.to_string().as_bytes(), &Policy::new());
    assert_eq!(read(&document).unwrap(), (given::provider(), vec![]));
    assert_eq!(
        read(&with("issuer", json!("https://evil.example"))).unwrap_err().code(),
        "oidc.discovery_issuer_mismatch"
    );
    assert_eq!(
        read(&with("jwks_uri", json!("http://idp.example/jwks"))).unwrap_err().code(),
        "oidc.url_not_allowed"
    );
    let twice =
        discovery::parse_document(ISSUER, br#"{"issuer":"a","issuer":"b"}"#, &Policy::new()).unwrap_err();
    assert_eq!((twice.code(), twice.actual().as_deref()), ("oidc.json_duplicate_member", Some("issuer")));
}

/// §2.1 #4: absent optional members take the specification's default.
#[test]
fn absent_members_take_their_default() {
    let (provider, notes) = read(&json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://idp.example/authorize",
        "token_endpoint": "https://idp.example/token",
        "jwks_uri": "https://idp.example/jwks",
    }))
    .unwrap();
    let by_hand = Provider::new(
        ISSUER,
        "https://idp.example/authorize",
        "https://idp.example/token",
        "https://idp.example/jwks",
    );
    assert_eq!((provider, notes), (by_hand.clone(), vec![]));
    assert_eq!(by_hand.response_modes_supported, ["query", "fragment"]);
    assert_eq!(by_hand.token_endpoint_auth_methods_supported, ["client_secret_basic"]);
    assert!(!by_hand.request_parameter_supported && !by_hand.require_pushed_authorization_requests);
    assert!(!by_hand.authorization_response_iss_parameter_supported);
    assert_eq!(by_hand.id_token_signing_alg_values_supported, None);

    let nulls = with("userinfo_endpoint", Value::Null);
    assert_eq!(read(&nulls).unwrap().0.userinfo_endpoint, None);
}

/// §2.1 #1.
#[test]
fn another_status_than_200() {
    for status in [201, 204, 302, 404, 500] {
        let error = parsed(&given::json_response(status, &given::document())).unwrap_err();
        assert_eq!(error.code(), "oidc.http_status");
        assert_eq!((error.expected(), error.actual()), (Some("200".to_owned()), Some(status.to_string())));
    }
}

/// §2.1 #2.
#[test]
fn another_content_type_than_json() {
    let body = given::document().to_string();
    for fine in
        ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x"]
    {
        assert!(parsed(&given::response(200, fine, body.clone())).is_ok(), "{fine}");
    }
    for wrong in ["text/html", "application/jsonx", "application/jwk-set+json", "", "text/json"] {
        let error = parsed(&given::response(200, wrong, body.clone())).unwrap_err();
        assert_eq!((error.code(), error.actual().as_deref()), ("oidc.content_type", Some(wrong)));
    }
    let none = Response::builder().body(body.clone().into_bytes()).unwrap();
    assert_eq!(parsed(&none).unwrap_err().code(), "oidc.content_type");
    let two = Response::builder()
        .header("Content-Type", "application/json")
        .header("Content-Type", "text/html")
        .body(body.into_bytes())
        .unwrap();
    assert_eq!(parsed(&two).unwrap_err().code(), "oidc.content_type");
}

/// §2.1 #2.
#[test]
fn a_body_that_is_too_large() {
    let mut body = given::document().to_string();
    body.extend(std::iter::repeat_n(' ', 1024 * 1024 - body.len()));
    assert!(parsed(&given::response(200, "application/json", body.clone())).is_ok());
    body.push(' ');
    let error = parsed(&given::response(200, "application/json", body)).unwrap_err();
    assert_eq!(error.code(), "oidc.body_too_large");
    assert_eq!(error.expected().as_deref(), Some("at most 1048576 bytes"));
    assert_eq!(error.actual().as_deref(), Some("1048577 bytes"));
}

/// §2.1 #2.
#[test]
fn a_body_that_is_no_strict_json_object() {
    let body = given::document().to_string();
    let wrong = [
        (format!("{body} {{}}"), "oidc.json_invalid"),
        (format!("\u{feff}{body}"), "oidc.json_invalid"),
        (format!("[{body}]"), "oidc.json_invalid"),
        (body.replacen('{', "{\"issuer\":\"https://idp.example\",", 1), "oidc.json_duplicate_member"),
        (String::new(), "oidc.json_invalid"),
    ];
    for (body, code) in wrong {
        assert_eq!(
            parsed(&given::response(200, "application/json", body.clone())).unwrap_err().code(),
            code,
            "{body}"
        );
    }
}

/// §2.1 #3, §4.
#[test]
fn discovery_issuer_other() {
    let error = read(&with("issuer", json!("https://evil.example"))).unwrap_err();
    assert_eq!(error.code(), "oidc.discovery_issuer_mismatch");
    assert_eq!(error.expected().as_deref(), Some(ISSUER));
    assert_eq!(error.actual().as_deref(), Some("https://evil.example"));
    for wrong in [json!(["https://idp.example"]), json!(1), Value::Null] {
        assert_eq!(read(&with("issuer", wrong)).unwrap_err().code(), "oidc.discovery_issuer_mismatch");
    }
    assert_eq!(read(&without("issuer")).unwrap_err().code(), "oidc.discovery_issuer_mismatch");
    // Nothing is folded or normalised.
    for wrong in
        ["https://IDP.example", "HTTPS://idp.example", "https://idp.example:443", "https://idp.example "]
    {
        let error = read(&with("issuer", json!(wrong))).unwrap_err();
        assert_eq!(error.code(), "oidc.discovery_issuer_mismatch");
    }
}

/// §2.7, §4: a slash at the end is significant, both ways.
#[test]
fn discovery_issuer_slash() {
    let error = read(&with("issuer", json!("https://idp.example/"))).unwrap_err();
    assert_eq!(error.code(), "oidc.discovery_issuer_mismatch");

    let slash = with("issuer", json!("https://oauth.id.jumpcloud.com/"));
    let answer = given::json_response(200, &slash);
    let read = |configured| discovery::parse_response(configured, &answer, &Policy::new());
    assert_eq!(read("https://oauth.id.jumpcloud.com/").unwrap().0.issuer, "https://oauth.id.jumpcloud.com/");
    let error = read("https://oauth.id.jumpcloud.com").unwrap_err();
    assert_eq!(error.code(), "oidc.discovery_issuer_mismatch");
}

/// §2.1 #4.
#[test]
fn a_required_member_is_missing() {
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        for document in [without(member), with(member, Value::Null)] {
            let error = read(&document).unwrap_err();
            assert_eq!((error.code(), error.expected().as_deref()), ("oidc.metadata_missing", Some(member)));
        }
    }
}

#[test]
fn a_member_of_another_type_is_not_read_as_absent() {
    let wrong = [
        ("token_endpoint", json!(7)),
        ("userinfo_endpoint", json!(["https://idp.example/userinfo"])),
        ("authorization_response_iss_parameter_supported", json!("true")),
        ("require_pushed_authorization_requests", json!(1)),
        ("response_types_supported", json!("code")),
        ("id_token_signing_alg_values_supported", json!(["RS256", 7])),
        ("code_challenge_methods_supported", json!({"S256": true})),
        ("mtls_endpoint_aliases", json!("https://mtls.idp.example")),
        ("mtls_endpoint_aliases", json!({"token_endpoint": 1})),
    ];
    for (member, value) in wrong {
        let error = read(&with(member, value)).unwrap_err();
        assert_eq!(error.code(), "oidc.metadata_invalid", "{member}");
    }
}

/// §2.1 #5, §4.
#[test]
fn discovery_http() {
    for member in ENDPOINTS {
        let url = format!("http://idp.example/{member}");
        let error = read(&with(member, json!(url))).unwrap_err();
        assert_eq!((error.code(), error.actual()), ("oidc.url_not_allowed", Some(url)), "{member}");
        assert!(error.to_string().starts_with(member));
    }
    let alias = with("mtls_endpoint_aliases", json!({"token_endpoint": "http://mtls.idp.example/token"}));
    assert_eq!(read(&alias).unwrap_err().code(), "oidc.url_not_allowed");

    // Loopback is for development, and asked for by name.
    let local = with("token_endpoint", json!("http://127.0.0.1:8080/token"));
    assert_eq!(read(&local).unwrap_err().code(), "oidc.url_not_allowed");
    let mut policy = Policy::new();
    policy.urls = UrlPolicy::HttpOnLoopback;
    let (provider, notes) =
        discovery::parse_response(ISSUER, &given::json_response(200, &local), &policy).unwrap();
    assert_eq!(provider.token_endpoint, "http://127.0.0.1:8080/token");
    assert_eq!(notes.len(), 1, "another host: {notes:?}");
}

/// §2.1 #5, §4.
#[test]
fn discovery_user_info() {
    for member in ENDPOINTS {
        for url in [
            "https://user:secret@idp.example/x",
            "https://user@idp.example/x",
            "https://idp.example@evil.example/x",
        ] {
            let error = read(&with(member, json!(url))).unwrap_err();
            assert_eq!(error.code(), "oidc.url_not_allowed", "{member}");
            assert!(!format!("{error:?} {error}").contains("secret"));
        }
    }
}

/// §2.1 #5.
#[test]
fn an_endpoint_with_a_fragment_or_inside_of_a_network() {
    for member in ENDPOINTS {
        let error = read(&with(member, json!("https://idp.example/x#y"))).unwrap_err();
        assert_eq!(error.code(), "oidc.url_not_allowed", "{member}");
    }
    for member in ["token_endpoint", "jwks_uri", "userinfo_endpoint"] {
        for inside in
            ["https://169.254.169.254/latest", "https://10.0.0.1/x", "https://localhost/x", "https://[::1]/x"]
        {
            let error = read(&with(member, json!(inside))).unwrap_err();
            assert_eq!(error.code(), "oidc.url_not_allowed", "{member} {inside}");
        }
    }
}

/// §2.1 #6.
#[test]
fn response_types_without_code() {
    let error = read(&with("response_types_supported", json!(["id_token", "code id_token"]))).unwrap_err();
    assert_eq!(error.code(), "oidc.unsupported_by_provider");
    assert_eq!(error.actual().as_deref(), Some("id_token, code id_token"));
    assert!(read(&without("response_types_supported")).is_ok());
}

/// §2.1 #7.
#[test]
fn pkce_that_is_not_advertised_is_a_note() {
    let (_, notes) = read(&with("code_challenge_methods_supported", json!(["plain"]))).unwrap();
    let note = Note::new("oidc.pkce_not_advertised")
        .field("code_challenge_methods_supported")
        .expected("S256")
        .actual("plain");
    assert_eq!(notes, [note]);
    assert_eq!(read(&without("code_challenge_methods_supported")).unwrap().1, []);
}

/// §2.1 #8.
#[test]
fn an_endpoint_at_another_host_is_a_note() {
    let (provider, notes) = read(&with("token_endpoint", json!("https://tokens.example/token"))).unwrap();
    assert_eq!(provider.token_endpoint, "https://tokens.example/token");
    let note = Note::new("oidc.other_origin")
        .field("token_endpoint")
        .expected("idp.example")
        .actual("tokens.example");
    assert_eq!(notes, [note]);
}

/// §2.7: at Entra's shared authorities the document holds a template.
#[test]
fn an_entra_template() {
    const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let read = |configured: &str, actual: &str, issuer| {
        let mut policy = Policy::new();
        policy.issuer = issuer;
        let answer = given::json_response(200, &entra(actual));
        discovery::parse_response(configured, &answer, &policy).map(|(provider, _)| provider.issuer)
    };
    let tenants =
        || IssuerPolicy::EntraTenants { allowed: EntraTenants::Only(BTreeSet::from([TENANT.to_owned()])) };
    let any = || IssuerPolicy::EntraTenants { allowed: EntraTenants::Any };
    for authority in ["common", "organizations", "consumers"] {
        let configured = format!("https://login.microsoftonline.com/{authority}/v2.0");
        assert_eq!(read(&configured, TEMPLATE, tenants()).unwrap(), TEMPLATE);
        assert_eq!(read(&configured, TEMPLATE, any()).unwrap(), TEMPLATE);
        for wrong in [&configured, "https://evil.example/v2.0", &TEMPLATE.replace("{tenantid}", TENANT)] {
            assert_eq!(
                read(&configured, wrong, tenants()).unwrap_err().code(),
                "oidc.discovery_issuer_mismatch"
            );
        }
        // Without the policy, byte for byte.
        let error = read(&configured, TEMPLATE, IssuerPolicy::Exact).unwrap_err();
        assert_eq!(error.code(), "oidc.discovery_issuer_mismatch");
    }
    // What the consumers' authority says in fact.
    let consumers = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
    assert!(read("https://login.microsoftonline.com/consumers/v2.0", consumers, any()).is_ok());
    // The older version has its issuer at another host.
    let older =
        read("https://login.microsoftonline.com/common", "https://sts.windows.net/{tenantid}/", any());
    assert!(older.is_ok());
    // A tenant's own authority.
    let own = TEMPLATE.replace("{tenantid}", TENANT);
    assert_eq!(read(&own, &own, tenants()).unwrap(), own);
    assert_eq!(read(&own, TEMPLATE, tenants()).unwrap_err().code(), "oidc.discovery_issuer_mismatch");
    // Two places are no template.
    let twice = "https://{tenantid}.example/{tenantid}/v2.0";
    let error = read("https://login.microsoftonline.com/common/v2.0", twice, any()).unwrap_err();
    assert_eq!(error.code(), "oidc.discovery_issuer_mismatch");
}

/// §2.7.
#[test]
fn google_has_one_issuer() {
    let mut policy = Policy::new();
    policy.issuer = IssuerPolicy::Google;
    let read = |configured: &str, actual: &str| {
        let answer = given::json_response(200, &with("issuer", json!(actual)));
        discovery::parse_response(configured, &answer, &policy).map(|(provider, _)| provider.issuer)
    };
    const GOOGLE: &str = "https://accounts.google.com";
    assert_eq!(read(GOOGLE, GOOGLE).unwrap(), GOOGLE);
    for (configured, actual) in [
        (GOOGLE, "accounts.google.com"),
        ("accounts.google.com", "accounts.google.com"),
        ("https://idp.example", "https://idp.example"),
        ("https://idp.example", GOOGLE),
    ] {
        assert_eq!(read(configured, actual).unwrap_err().code(), "oidc.discovery_issuer_mismatch");
    }
}

/// §6: what administrators paste.
#[test]
fn okta_domains_become_issuers() {
    let fine = [
        ("acme.okta.com", "https://acme.okta.com"),
        (" https://acme.okta.com/ ", "https://acme.okta.com"),
        ("https://acme.oktapreview.com", "https://acme.oktapreview.com"),
        ("https://acme.okta.com/oauth2/default", "https://acme.okta.com/oauth2/default"),
        ("acme.okta.com/oauth2/aus1a2b3", "https://acme.okta.com/oauth2/aus1a2b3"),
        ("https://acme.okta.com/.well-known/openid-configuration", "https://acme.okta.com"),
        // Elsewhere a slash may be part of the name.
        ("https://acme.eu.auth0.com/", "https://acme.eu.auth0.com/"),
        ("https://idp.example/realms/R/.well-known/openid-configuration", "https://idp.example/realms/R"),
        ("idp.example", "https://idp.example"),
        ("http://localhost:8080/x", "http://localhost:8080/x"),
    ];
    for (text, issuer) in fine {
        assert_eq!(discovery::issuer_of(text).unwrap(), issuer, "{text}");
    }
    for mistake in
        ["acme-admin.okta.com", "https://acme-admin.okta.com/", "https://ACME-ADMIN.okta.com/admin/dashboard"]
    {
        let error = discovery::issuer_of(mistake).unwrap_err();
        assert_eq!(error.code(), "oidc.configuration_invalid");
        assert!(error.to_string().contains("-admin"), "{error}");
    }
}

const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const ENDPOINTS: [&str; 7] = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
    "revocation_endpoint",
    "pushed_authorization_request_endpoint",
];

fn with(member: &str, value: Value) -> Value {
    let mut document = given::document();
    document[member] = value;
    document
}

fn without(member: &str) -> Value {
    let mut document = given::document();
    document.as_object_mut().unwrap().remove(member);
    document
}

fn entra(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "token_endpoint": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "jwks_uri": "https://login.microsoftonline.com/common/discovery/v2.0/keys",
        "response_types_supported": ["code"],
    })
}

fn read(document: &Value) -> Read {
    parsed(&given::json_response(200, document))
}

fn parsed(response: &Response<Vec<u8>>) -> Read {
    discovery::parse_response(ISSUER, response, &Policy::new())
}
