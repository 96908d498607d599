//! What the provider refuses: assertions, request objects, proofs and pushed requests with one thing wrong, each after
//! the same with nothing wrong.

use admittance::testing::oidc_provider::{
    OidcProvider, RegisteredAuthentication, RegisteredClient, RequestError, TestKey,
};
use admittance::time::Timestamp;
use http::{Request, Response};
use serde_json::{Value, json};
use url::Url;

const CALLBACK: &str = "https://rp.example/callback";

#[test]
fn client_assertions() {
    let right = json!({
        "iss": "client-1", "sub": "client-1", "aud": "https://op.example",
        "iat": seconds(), "exp": seconds() + 60, "jti": "a-1",
    });
    let push = |provider: &mut OidcProvider, key: TestKey, claims: &Value| {
        let header = json!({ "alg": key.default_algorithm().as_str() });
        let assertion =
            key.sign_jws(key.default_algorithm(), &header, claims.to_string().as_bytes()).unwrap();
        let mut form = parameters();
        form.push(("client_assertion_type".into(), ASSERTION_TYPE.into()));
        form.push(("client_assertion".into(), assertion));
        let request = post(&provider.endpoints.pushed_authorization, &form);
        provider.receive(&request, now())
    };
    let mut provider = provider();
    assert_eq!(push(&mut provider, TestKey::Ed25519, &right).status(), 201);
    let wrong = [
        ("jti", json!("a-1"), "used before"),
        ("jti", Value::Null, "no jti"),
        ("iss", json!("client-2"), "another issuer"),
        ("sub", json!("client-2"), "another subject"),
        ("aud", json!("https://other-op.example"), "for another provider"),
        ("aud", json!(["https://op.example"]), "for a list of providers"),
        ("exp", json!(seconds() - 1), "expired"),
        ("exp", json!(seconds() + 3600), "for an hour"),
        ("exp", Value::Null, "without an end"),
        ("iat", json!(seconds() + 60), "from the future"),
    ];
    for (index, (name, value, what)) in wrong.into_iter().enumerate() {
        let mut claims = right.clone();
        claims["jti"] = json!(format!("b-{index}"));
        claims[name] = value;
        assert_eq!(push(&mut provider, TestKey::Ed25519, &claims).status(), 401, "{what}");
    }
    let mut claims = right.clone();
    claims["jti"] = json!("c-1");
    assert_eq!(push(&mut provider, TestKey::OtherEd25519, &claims).status(), 401, "another key");
    assert_eq!(push(&mut provider, TestKey::Ed25519, &claims).status(), 201);
}

#[test]
fn request_objects() {
    let mut right: serde_json::Map<String, Value> =
        parameters().into_iter().map(|(name, value)| (name, json!(value))).collect();
    for (name, value) in [
        ("iss", json!("client-1")),
        ("aud", json!("https://op.example")),
        ("iat", json!(seconds())),
        ("exp", json!(seconds() + 300)),
    ] {
        right.insert(name.to_owned(), value);
    }
    let mut provider = provider();
    let mut read = |key: TestKey, typ: &str, claims: &serde_json::Map<String, Value>| {
        let header = json!({ "alg": key.default_algorithm().as_str(), "typ": typ });
        let payload = Value::Object(claims.clone()).to_string();
        let object = key.sign_jws(key.default_algorithm(), &header, payload.as_bytes()).unwrap();
        let mut url = Url::parse(&provider.endpoints.authorization).unwrap();
        url.query_pairs_mut().append_pair("client_id", "client-1").append_pair("request", &object);
        provider.read_request(&url, now())
    };
    assert!(read(TestKey::Ed25519, OBJECT, &right).is_ok());
    let refused = |outcome| matches!(outcome, Err(RequestError::RequestObject { .. }));
    assert!(refused(read(TestKey::OtherEd25519, OBJECT, &right)), "another key");
    assert!(refused(read(TestKey::Ed25519, "JWT", &right)), "another type");
    for (name, value) in [
        ("iss", json!("client-2")),
        ("client_id", json!("client-2")),
        ("aud", json!("https://other-op.example")),
        ("exp", json!(seconds() - 1)),
        ("exp", json!(seconds() + 3600)),
    ] {
        let mut claims = right.clone();
        claims.insert(name.to_owned(), value);
        assert!(refused(read(TestKey::Ed25519, OBJECT, &claims)), "{name}");
    }
}

#[test]
fn dpop_proofs() {
    let mut provider = provider();
    provider.clients[0].authentication = RegisteredAuthentication::None;
    let endpoint = provider.endpoints.pushed_authorization.clone();
    let key = TestKey::P256;
    let right_header = json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": key.jwk() });
    let right = json!({ "htm": "POST", "htu": endpoint, "iat": seconds(), "jti": "p-0" });
    let mut push = |header: &Value, claims: &Value, nonces: bool| {
        provider.dpop_nonces = nonces;
        let proof = key.sign_jws(key.default_algorithm(), header, claims.to_string().as_bytes()).unwrap();
        let mut request = post(&provider.endpoints.pushed_authorization, &parameters());
        request.headers_mut().insert("dpop", proof.parse().unwrap());
        provider.receive(&request, now())
    };
    assert_eq!(push(&right_header, &right, false).status(), 201);
    let error = |response: &Response<Vec<u8>>| {
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        body["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(error(&push(&right_header, &right, false)), "invalid_dpop_proof", "used before");
    for (name, value) in [
        ("htm", json!("GET")),
        ("htu", json!("https://op.example/token")),
        ("htu", json!(format!("{endpoint}?a=b"))),
        ("iat", json!(seconds() - 3600)),
        ("iat", Value::Null),
        ("jti", Value::Null),
    ] {
        let mut claims = right.clone();
        claims["jti"] = json!(format!("p-{name}-{value}"));
        claims[name] = value;
        assert_eq!(error(&push(&right_header, &claims, false)), "invalid_dpop_proof", "{claims}");
    }
    let mut private = key.jwk();
    private["d"] = json!("c2VjcmV0");
    for (name, value) in
        [("typ", json!("JWT")), ("jwk", Value::Null), ("jwk", TestKey::OtherP256.jwk()), ("jwk", private)]
    {
        let (mut header, mut claims) = (right_header.clone(), right.clone());
        claims["jti"] = json!(format!("h-{name}-{value}"));
        header[name] = value;
        assert_eq!(error(&push(&header, &claims, false)), "invalid_dpop_proof", "{header}");
    }
    let mut claims = right.clone();
    claims["jti"] = json!("n-1");
    let asked = push(&right_header, &claims, true);
    assert_eq!(error(&asked), "use_dpop_nonce");
    claims["jti"] = json!("n-2");
    claims["nonce"] = json!(asked.headers()["dpop-nonce"].to_str().unwrap());
    assert_eq!(push(&right_header, &claims, true).status(), 201);
}

#[test]
fn pushed_requests() {
    let mut provider = provider();
    provider.clients[0].authentication = RegisteredAuthentication::None;
    provider.clients[0].require_pushed_requests = true;
    let push = |provider: &mut OidcProvider| {
        let request = post(&provider.endpoints.pushed_authorization, &parameters());
        let response = provider.receive(&request, now());
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let mut url = Url::parse(&provider.endpoints.authorization).unwrap();
        url.query_pairs_mut()
            .append_pair("client_id", "client-1")
            .append_pair("request_uri", body["request_uri"].as_str().unwrap());
        url
    };
    let url = push(&mut provider);
    assert!(provider.read_request(&url, now()).is_ok());
    assert!(provider.read_request(&url, now()).is_err(), "used before");
    let url = push(&mut provider);
    let late = now().saturating_add(std::time::Duration::from_secs(61));
    assert!(provider.read_request(&url, late).is_err(), "expired");
    let mut url = push(&mut provider);
    url.query_pairs_mut().append_pair("scope", "openid");
    assert!(provider.read_request(&url, now()).is_err(), "something beside it");
    let mut url = Url::parse(&provider.endpoints.authorization).unwrap();
    url.query_pairs_mut().extend_pairs(parameters());
    assert!(matches!(provider.read_request(&url, now()), Err(RequestError::Delivery { .. })), "not pushed");
}

fn provider() -> OidcProvider {
    let mut client = RegisteredClient::public("client-1", CALLBACK);
    client.authentication = RegisteredAuthentication::PrivateKeyJwt;
    client.keys = vec![TestKey::Ed25519.jwk()];
    OidcProvider::new(1).with_client(client)
}

fn parameters() -> Vec<(String, String)> {
    [
        ("client_id", "client-1"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn post(url: &str, form: &[(String, String)]) -> Request<Vec<u8>> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    Request::post(url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body.into_bytes())
        .unwrap()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}

fn seconds() -> i64 {
    now().to_unix_millis() / 1000
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const OBJECT: &str = "oauth-authz-req+jwt";
