//! Pushed authorization requests (RFC 9126): when, what, and the answer.

use admittance::oidc::authorization::{Options, Start, begin, parse_pushed_response};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::{Dpop, DpopKey, DpopNonce};
use admittance::oidc::{Client, Error, Pending, Provider};
use http::{Method, Request};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::authorization::{asking, assert_claims, key, signing, verified};
use super::given;

#[test]
fn pushed_when_the_provider_requires_it_or_the_client_is_registered_so() {
    let mut offering = provider();
    assert!(matches!(started(&offering, &given::client()), Start::Redirect(_)), "nobody asks for it");
    let mut client = given::client();
    client.registered.pushed_authorization_requests = true;
    assert!(matches!(started(&offering, &client), Start::Push(_)));
    offering.require_pushed_authorization_requests = true;
    assert!(matches!(started(&offering, &given::client()), Start::Push(_)));

    offering.pushed_authorization_request_endpoint = None;
    for client in [client, given::client()] {
        let error =
            begin(&offering, &client, &Options::default(), &mut given::Counter::default(), given::now());
        assert_eq!(error.unwrap_err().code(), "oidc.unsupported_by_provider");
    }
}

#[test]
fn the_request_holds_what_the_browser_would_have_carried() {
    let (request, pending) = push(&client(), &Options::default());
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "https://idp.example/par");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    let sent = fields(&request);
    let stored = serde_json::to_value(&pending).unwrap();
    for (name, value) in [
        ("client_id", "client-1"),
        ("response_type", "code"),
        ("redirect_uri", "https://rp.example/callback"),
        ("scope", "openid profile email"),
        ("state", stored["state"].as_str().unwrap()),
        ("nonce", stored["nonce"].as_str().unwrap()),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(all(&sent, name), [value]);
    }
    assert_eq!(all(&sent, "code_challenge").len(), 1);
    assert_eq!(all(&sent, "code_verifier").len(), 0);
}

#[test]
fn the_client_authenticates() {
    let basic =
        client().authenticated_by(ClientAuthentication::ClientSecretBasic { secret: "s3cret".into() });
    let (request, _) = push(&basic, &Options::default());
    assert_eq!(request.headers()["authorization"], "Basic Y2xpZW50LTE6czNjcmV0");
    let post = client().authenticated_by(ClientAuthentication::ClientSecretPost { secret: "s3cret".into() });
    let (request, _) = push(&post, &Options::default());
    assert_eq!(all(&fields(&request), "client_secret"), ["s3cret"]);
    assert!(request.headers().get("authorization").is_none());
    let shown = format!("{:?}", Start::Push(request));
    assert_eq!(shown, "Push(https://idp.example/par)");
}

/// §1: an assertion for the provider, also where the request is not for its token endpoint.
#[test]
fn the_client_authenticates_with_its_key() {
    let client = client().authenticated_by(ClientAuthentication::PrivateKeyJwt).with_signing_key(key("p256"));
    let (request, _) = push(&client, &Options::default());
    let sent = fields(&request);
    let (header, claims) = given::decoded(all(&sent, "client_assertion")[0]);
    assert_eq!((&header["alg"], &claims["aud"]), (&json!("ES256"), &json!("https://idp.example")));
    assert_eq!(all(&sent, "client_assertion_type").len(), 1);
}

/// RFC 8705 §5.
#[test]
fn a_client_with_a_certificate_uses_the_alias() {
    let mut provider = provider();
    provider.mtls_endpoint_aliases.pushed_authorization_request_endpoint =
        Some("https://mtls.idp.example/par".to_owned());
    let client = client().authenticated_by(ClientAuthentication::MutualTls);
    let (start, _) =
        begin(&provider, &client, &Options::default(), &mut given::Counter::default(), given::now()).unwrap();
    let Start::Push(request) = start else { panic!("{start:?}") };
    assert_eq!(request.uri(), "https://mtls.idp.example/par");
    assert_eq!(all(&fields(&request), "client_id"), ["client-1"]);
}

/// RFC 9449 §10: the code is bound to the key, in the browser's request and in a pushed one.
#[test]
fn a_dpop_key_binds_the_code() {
    let key = DpopKey::new(key("p256"));
    let mut options = Options::default();
    options.dpop = Dpop::With { key: &key, nonce: DpopNonce::None };
    let (request, pending) = push(&client(), &options);
    assert_eq!(pending.dpop_jkt(), Some(key.thumbprint()));
    assert_eq!(all(&fields(&request), "dpop_jkt"), [key.thumbprint()]);
    let (header, claims) = given::decoded(request.headers()["dpop"].to_str().unwrap());
    assert_eq!((&header["typ"], &claims["htm"]), (&json!("dpop+jwt"), &json!("POST")));
    assert_eq!(claims["htu"], json!("https://idp.example/par"));
    assert_eq!(claims.get("nonce"), None);

    let (start, pending) =
        begin(&provider(), &given::client(), &options, &mut given::Counter::default(), given::now()).unwrap();
    let Start::Redirect(url) = start else { panic!("{start:?}") };
    assert!(url.query_pairs().any(|(name, value)| name == "dpop_jkt" && value == key.thumbprint()));
    assert_eq!(pending.dpop_jkt(), Some(key.thumbprint()));
}

/// §2.3 #2.
#[test]
fn a_wanted_nonce_is_followed_once() {
    let key = DpopKey::new(key("p256"));
    let first = Dpop::With { key: &key, nonce: DpopNonce::None };
    let wanted = |status: u16| {
        let mut response = given::json_response(status, &json!({"error": "use_dpop_nonce"}));
        response.headers_mut().insert("DPoP-Nonce", "n-1".parse().unwrap());
        response
    };
    for status in [400, 401] {
        let error = parse_pushed_response(&provider(), &client(), first, &wanted(status)).unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), ("oidc.use_dpop_nonce", true));
        let Error::UseDpopNonce { nonce } = error else { panic!("{error:?}") };
        let mut options = Options::default();
        options.dpop = first.retry(&nonce);
        let (request, _) = push(&client(), &options);
        let (_, claims) = given::decoded(request.headers()["dpop"].to_str().unwrap());
        assert_eq!(claims["nonce"], json!("n-1"));
        let error = parse_pushed_response(&provider(), &client(), options.dpop, &wanted(status)).unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), ("oidc.dpop_nonce_repeated", false));
    }
    for other in [wanted(403), given::json_response(400, &json!({"error": "use_dpop_nonce"}))] {
        let error = parse_pushed_response(&provider(), &client(), first, &other).unwrap_err();
        assert_eq!(error.code(), "oidc.token_error");
    }
}

/// RFC 9126 §3: beside the object nothing but the client.
#[test]
fn a_request_object_is_pushed_alone() {
    let mut client = signing("p256");
    client.registered.pushed_authorization_requests = true;
    // Without `request_parameter_supported`, which is about the browser's request.
    let (start, pending) =
        begin(&provider(), &client, &asking(), &mut given::Counter::default(), given::now()).unwrap();
    let Start::Push(request) = start else { panic!("{start:?}") };
    let sent = fields(&request);
    let mut names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["client_id", "request"]);
    let claims = verified(all(&sent, "request")[0], "p256", admittance::jose::Algorithm::ES256);
    assert_claims(&claims, &pending);
}

#[test]
fn the_browser_carries_two_names_and_nothing_else() {
    let url = answered(201, &answer()).unwrap();
    assert_eq!(
        url.as_str(),
        "https://idp.example/authorize?client_id=client-1&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc"
    );
    let mut provider = provider();
    provider.authorization_endpoint = "https://idp.example/authorize?p=1".to_owned();
    let response = given::json_response(201, &answer());
    let url = parse_pushed_response(&provider, &client(), Dpop::Off, &response).unwrap();
    assert!(url.as_str().starts_with("https://idp.example/authorize?p=1&client_id=client-1&request_uri=urn"));
}

/// §2.3 #9.
#[test]
fn an_answer_without_a_usable_name() {
    for (member, value) in [
        ("request_uri", Value::Null),
        ("request_uri", json!("")),
        ("request_uri", json!(7)),
        ("request_uri", json!(["urn:x"])),
        ("expires_in", Value::Null),
        ("expires_in", json!(0)),
        ("expires_in", json!(-60)),
        ("expires_in", json!("60")),
    ] {
        let mut answer = answer();
        answer[member] = value.clone();
        assert_eq!(answered(201, &answer).unwrap_err().code(), "oidc.par_response", "{member} {value}");
    }
}

/// §2.3 #1.
#[test]
fn an_answer_that_is_no_json_object() {
    let body = answer().to_string();
    let read = |media_type: &str, body: String| {
        let response = given::response(201, media_type, body);
        parse_pushed_response(&provider(), &client(), Dpop::Off, &response).unwrap_err().code()
    };
    assert_eq!(read("text/html", body.clone()), "oidc.content_type");
    assert_eq!(read("application/json", body.clone() + "x"), "oidc.json_invalid");
    assert_eq!(
        read("application/json", body.replacen('{', "{\"expires_in\":1,", 1)),
        "oidc.json_duplicate_member"
    );
    let large = body + &" ".repeat(1024 * 1024);
    assert_eq!(read("application/json", large), "oidc.body_too_large");
}

/// §2.3 #3.
#[test]
fn another_status_than_201() {
    let error =
        answered(400, &json!({"error": "invalid_request", "error_description": "no\r\n"})).unwrap_err();
    assert_eq!(error.code(), "oidc.token_error");
    assert_eq!(error.actual().as_deref(), Some("invalid_request, no"));
    for status in [200, 302, 500] {
        let error = answered(status, &answer()).unwrap_err();
        assert_eq!(error.code(), "oidc.http_status");
        assert_eq!((error.expected(), error.actual()), (Some("201".to_owned()), Some(status.to_string())));
    }
    let html = given::response(503, "text/html", "<p>later</p>");
    let error = parse_pushed_response(&provider(), &client(), Dpop::Off, &html).unwrap_err();
    assert_eq!(error.code(), "oidc.http_status");
}

fn answer() -> Value {
    json!({"request_uri": "urn:ietf:params:oauth:request_uri:6esc", "expires_in": 60})
}

fn answered(status: u16, body: &Value) -> Result<Url, Error> {
    parse_pushed_response(&provider(), &client(), Dpop::Off, &given::json_response(status, body))
}

fn push(client: &Client, options: &Options<'_>) -> (Request<Vec<u8>>, Pending) {
    let (start, pending) =
        begin(&provider(), client, options, &mut given::Counter::default(), given::now()).unwrap();
    let Start::Push(request) = start else { panic!("{start:?}") };
    (request, pending)
}

fn started(provider: &Provider, client: &Client) -> Start {
    begin(provider, client, &Options::default(), &mut given::Counter::default(), given::now()).unwrap().0
}

fn client() -> Client {
    let mut client = given::client();
    client.registered.pushed_authorization_requests = true;
    client
}

fn provider() -> Provider {
    let mut provider = given::provider();
    provider.pushed_authorization_request_endpoint = Some("https://idp.example/par".to_owned());
    provider
}

fn fields(request: &Request<Vec<u8>>) -> Vec<(String, String)> {
    form_urlencoded::parse(request.body()).into_owned().collect()
}

fn all<'f>(fields: &'f [(String, String)], name: &str) -> Vec<&'f str> {
    fields.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
}
