//! The authorization request: what it always has, each option, what is refused, and request objects.

use std::time::Duration;

use admittance::crypto::{DigestAlgorithm, digest};
use admittance::encoding::base64url_encode;
use admittance::endpoint::UrlPolicy;
use admittance::entropy::{Entropy, EntropyError};
use admittance::jose::{
    Algorithm, Algorithms, Compact, Jwks, KeyIssuer, PrivateKey, TokenType, Verification,
};
use admittance::json::{self, Object};
use admittance::limits::Limits;
use admittance::oidc::authorization::{Options, Prompt, ResponseMode, Start, begin};
use admittance::oidc::client::{ClientAuthentication, Registered};
use admittance::oidc::{Client, EntraTenants, Error, IssuerPolicy, Pending, Provider};
use serde_json::{Value, json};
use url::Url;

use super::given;

#[test]
fn the_least_that_is_asked_for() {
    let (url, pending) = redirect(&given::provider(), &given::client(), &Options::default());
    let stored = serde_json::to_value(&pending).unwrap();
    let text = |member: &str| stored[member].as_str().unwrap().to_owned();
    let challenge =
        base64url_encode(digest(DigestAlgorithm::Sha256, text("code_verifier").as_bytes()).as_ref());
    let (state, nonce) = (text("state"), text("nonce"));
    let expected = [
        ("client_id", "client-1"),
        ("response_type", "code"),
        ("redirect_uri", "https://rp.example/callback"),
        ("scope", "openid profile email"),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(&url[..url::Position::AfterPath], "https://idp.example/authorize");
    assert_eq!(parameters(&url), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    // 32 bytes each, one after the other from the source.
    let bytes = |from: u8| base64url_encode(&(from..from + 32).collect::<Vec<_>>());
    assert_eq!([state, nonce, text("code_verifier")], [bytes(0), bytes(32), bytes(64)]);
}

#[test]
fn what_is_kept() {
    let mut options = Options::default();
    options.scopes = vec!["email".to_owned(), "openid".to_owned(), "email".to_owned()];
    options.max_age_seconds = Some(300);
    options.essential_acr = vec!["phr".to_owned()];
    options.hd = Some("corp.example".to_owned());
    options.organization = Some("org_1".to_owned());
    options.response_mode = Some(ResponseMode::FormPost);
    options.return_to = Some("/reports".to_owned());
    let (_, pending) = redirect(&given::provider(), &given::client(), &options);
    assert_eq!(pending.created_at(), given::now());
    assert_eq!((pending.issuer(), pending.client_id()), (given::ISSUER, "client-1"));
    assert_eq!(pending.redirect_uri(), "https://rp.example/callback");
    assert_eq!(pending.response_mode(), Some(ResponseMode::FormPost));
    assert_eq!(pending.scopes(), ["openid", "email"]);
    assert_eq!(pending.max_age(), Some(Duration::from_secs(300)));
    assert_eq!(pending.essential_acr(), ["phr"]);
    assert_eq!((pending.hd(), pending.organization()), (Some("corp.example"), Some("org_1")));
    assert_eq!((pending.dpop_jkt(), pending.return_to()), (None, Some("/reports")));

    let stored = serde_json::to_string(&pending).unwrap();
    assert_eq!(serde_json::from_str::<Pending>(&stored).unwrap(), pending);
    for wrong in
        [stored.replacen("\"version\":1", "\"version\":2", 1), stored.replacen('{', "{\"more\":1,", 1)]
    {
        assert!(serde_json::from_str::<Pending>(&wrong).is_err());
    }
}

#[test]
fn every_option_is_a_parameter() {
    let mut options = Options::default();
    options.scopes = vec!["groups".to_owned(), "https://graph.example/.default".to_owned()];
    options.prompt = vec![Prompt::Login, Prompt::SelectAccount];
    options.max_age_seconds = Some(0);
    options.login_hint = Some("ada+1@corp.example".to_owned());
    options.domain_hint = Some("corp.example".to_owned());
    options.hd = Some("corp.example".to_owned());
    options.organization = Some("org_1".to_owned());
    options.id_token_hint = Some("e.e.e".into());
    options.ui_locales = vec!["de-CH".to_owned(), "en".to_owned()];
    options.acr_values = vec!["phr".to_owned(), "mfa".to_owned()];
    options.essential_acr = vec!["phr".to_owned()];
    options.claims = Some(json::Object::new().with("userinfo", json!({"email": null})));
    options.resource = vec!["https://api.example/a".to_owned(), "urn:b".to_owned()];
    options.response_mode = Some(ResponseMode::FormPost);
    options.parameters =
        vec![("display".to_owned(), "popup".to_owned()), ("x y".to_owned(), "a&b=ü".to_owned())];
    let (url, _) = redirect(&given::provider(), &given::client(), &options);
    let sent = parameters(&url);
    for (name, value) in [
        ("scope", "openid groups https://graph.example/.default"),
        ("response_mode", "form_post"),
        ("prompt", "login select_account"),
        ("max_age", "0"),
        ("login_hint", "ada+1@corp.example"),
        ("domain_hint", "corp.example"),
        ("hd", "corp.example"),
        ("organization", "org_1"),
        ("id_token_hint", "e.e.e"),
        ("ui_locales", "de-CH en"),
        ("acr_values", "phr mfa"),
        ("resource", "https://api.example/a"),
        ("resource", "urn:b"),
        ("display", "popup"),
        ("x y", "a&b=ü"),
    ] {
        assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{name}: {sent:?}");
    }
    let claims: Value = serde_json::from_str(one(&sent, "claims")).unwrap();
    assert_eq!(
        claims,
        json!({"userinfo": {"email": null}, "id_token": {"acr": {"essential": true, "values": ["phr"]}}})
    );
}

#[test]
fn essential_acr_joins_the_claims_for_the_id_token() {
    let mut options = Options::default();
    options.essential_acr = vec!["phr".to_owned()];
    options.claims = Some(json::Object::new().with("id_token", json!({"groups": {"essential": true}})));
    let (url, _) = redirect(&given::provider(), &given::client(), &options);
    let claims: Value = serde_json::from_str(one(&parameters(&url), "claims")).unwrap();
    let acr = json!({"essential": true, "values": ["phr"]});
    assert_eq!(claims, json!({"id_token": {"groups": {"essential": true}, "acr": acr}}));
    for claims in [json!({"acr": null}), json!("x")] {
        options.claims = Some(json::Object::new().with("id_token", claims));
        assert_eq!(
            refused(&given::provider(), &given::client(), &options).code(),
            "oidc.configuration_invalid"
        );
    }
}

#[test]
fn the_endpoint_keeps_its_own_query() {
    let mut provider = given::provider();
    provider.authorization_endpoint = "https://idp.example/authorize?p=B2C_1%2fx&y=".to_owned();
    let (url, _) = redirect(&provider, &given::client(), &Options::default());
    assert!(url.query().unwrap().starts_with("p=B2C_1%2fx&y=&client_id=client-1&"), "{url}");
    for own in ["client_id=evil", "x=1&redirect_uri=https://evil.example", "%73tate=x"] {
        provider.authorization_endpoint = format!("https://idp.example/authorize?{own}");
        let error = refused(&provider, &given::client(), &Options::default());
        assert_eq!(error.code(), "oidc.configuration_invalid", "{own}");
    }
}

#[test]
fn options_that_cannot_be_used() {
    let client = given::client();
    let wrong: [fn(&mut Options<'_>); 16] = [
        |options| options.scopes = vec![String::new()],
        |options| options.scopes = vec!["a b".to_owned()],
        |options| options.scopes = vec!["a\"".to_owned()],
        |options| options.prompt = vec![Prompt::None, Prompt::Login],
        |options| options.hd = Some("*".to_owned()),
        |options| options.ui_locales = vec!["de en".to_owned()],
        |options| options.acr_values = vec![String::new()],
        |options| options.essential_acr = vec!["a b".to_owned()],
        |options| options.resource = vec!["/relative".to_owned()],
        |options| options.resource = vec!["https://api.example#x".to_owned()],
        |options| options.parameters = vec![(String::new(), "x".to_owned())],
        |options| options.parameters = vec![("state".to_owned(), "x".to_owned())],
        |options| options.parameters = vec![("request".to_owned(), "x".to_owned())],
        |options| options.parameters = vec![("request_uri".to_owned(), "x".to_owned())],
        |options| options.parameters = vec![("aud".to_owned(), "x".to_owned())],
        |options| {
            options.parameters = vec![("x".to_owned(), "1".to_owned()), ("x".to_owned(), "2".to_owned())]
        },
    ];
    for (at, change) in wrong.into_iter().enumerate() {
        let mut options = Options::default();
        change(&mut options);
        let error = refused(&given::provider(), &client, &options);
        assert_eq!(error.code(), "oidc.configuration_invalid", "{at}");
    }
    for reserved in [
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "response_mode",
        "prompt",
        "max_age",
        "login_hint",
        "domain_hint",
        "hd",
        "id_token_hint",
        "ui_locales",
        "acr_values",
        "claims",
        "resource",
        "organization",
        "dpop_jkt",
        "client_secret",
        "client_assertion",
        "client_assertion_type",
        "iss",
        "exp",
        "iat",
        "nbf",
        "jti",
        "sub",
        "registration",
        "grant_type",
        "code",
        "code_verifier",
    ] {
        let mut options = Options::default();
        options.parameters = vec![(reserved.to_owned(), "x".to_owned())];
        assert_eq!(
            refused(&given::provider(), &client, &options).code(),
            "oidc.configuration_invalid",
            "{reserved}"
        );
    }
}

#[test]
fn a_response_mode_that_the_provider_does_not_have() {
    let mut provider = given::provider();
    provider.response_modes_supported = vec!["query".to_owned()];
    let mut options = Options::default();
    options.response_mode = Some(ResponseMode::Query);
    redirect(&provider, &given::client(), &options);
    options.response_mode = Some(ResponseMode::FormPost);
    let error = refused(&provider, &given::client(), &options);
    assert_eq!((error.code(), error.actual().as_deref()), ("oidc.unsupported_by_provider", Some("query")));
}

#[test]
fn a_client_that_cannot_be_used() {
    type Change = fn(&mut Client);
    let wrong: [(Change, &str); 10] = [
        (|client| client.client_id = String::new(), "oidc.configuration_invalid"),
        (|client| client.client_id = "a\nb".to_owned(), "oidc.configuration_invalid"),
        (|client| client.redirect_uri = "http://rp.example/callback".to_owned(), "oidc.url_not_allowed"),
        (|client| client.redirect_uri = "https://rp.example/callback#x".to_owned(), "oidc.url_not_allowed"),
        (|client| client.redirect_uri = "/callback".to_owned(), "oidc.url_not_allowed"),
        (
            |client| client.authentication = ClientAuthentication::ClientSecretBasic { secret: "".into() },
            "oidc.configuration_invalid",
        ),
        (|client| client.policy.algs = Algorithms::new([]), "oidc.configuration_invalid"),
        (|client| client.policy.issuer = tenants(&[]), "oidc.configuration_invalid"),
        (
            |client| client.policy.issuer = tenants(&["72F988BF-86F1-41AF-91AB-2D7CD011DB47"]),
            "oidc.configuration_invalid",
        ),
        (|client| client.policy.issuer = tenants(&["corp.example"]), "oidc.configuration_invalid"),
    ];
    for (change, code) in wrong {
        let mut client = given::client();
        change(&mut client);
        assert_eq!(client.check().unwrap_err().code(), code);
        assert_eq!(refused(&given::provider(), &client, &Options::default()).code(), code);
    }
    let mut local = given::client();
    local.redirect_uri = "http://localhost:3000/callback".to_owned();
    local.policy.urls = UrlPolicy::HttpOnLoopback;
    local.check().unwrap();
}

#[test]
fn a_client_can_be_stored_without_its_keys() {
    let client = given::client()
        .authenticated_by(ClientAuthentication::ClientSecretPost { secret: "s3cret".into() })
        .with_signing_key(key("p256"));
    assert!(!format!("{client:?}").contains("s3cret"));
    let stored = serde_json::to_value(&client).unwrap();
    assert_eq!(stored["version"], 1);
    assert_eq!(stored["authentication"], json!({"client_secret_post": {"secret": "s3cret"}}));
    assert!(stored.get("signing_key").is_none());
    let read: Client = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), stored);
    assert_eq!(read.policy, client.policy);
    let least: Client = serde_json::from_value(
        json!({"version": 1, "client_id": "client-1", "redirect_uri": "https://rp.example/callback"}),
    )
    .unwrap();
    assert_eq!(serde_json::to_value(&least).unwrap(), serde_json::to_value(given::client()).unwrap());
}

#[test]
fn no_random_bytes() {
    struct Dry;
    impl Entropy for Dry {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError::new())
        }
    }
    let error =
        begin(&given::provider(), &given::client(), &Options::default(), &mut Dry, given::now()).unwrap_err();
    assert_eq!(error.code(), "oidc.entropy_failed");
}

#[test]
fn an_authorization_endpoint_that_is_not_followed() {
    for url in ["http://idp.example/authorize", "https://user@idp.example/authorize", "javascript:alert(1)"] {
        let mut provider = given::provider();
        provider.authorization_endpoint = url.to_owned();
        assert_eq!(refused(&provider, &given::client(), &Options::default()).code(), "oidc.url_not_allowed");
    }
}

/// RFC 9101: all that is asked for is in the object, and the object is for this provider and five minutes.
#[test]
fn a_signed_request_object_by_value() {
    for (name, algorithm) in [
        ("rsa2048", Algorithm::RS256),
        ("p256", Algorithm::ES256),
        ("p384", Algorithm::ES384),
        ("ed25519", Algorithm::EdDSA),
    ] {
        let (url, pending) = redirect(&with_objects(), &signing(name), &asking());
        let sent = parameters(&url);
        let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["client_id", "response_type", "scope", "request"]);
        let claims = verified(one(&sent, "request"), name, algorithm);
        assert_claims(&claims, &pending);
    }
}

#[test]
fn the_algorithm_of_a_request_object_is_one_of_the_provider() {
    let mut provider = with_objects();
    provider.request_object_signing_alg_values_supported = Some(vec!["PS256".to_owned()]);
    let error = refused(&provider, &signing("rsa2048"), &Options::default());
    assert_eq!((error.code(), error.actual().as_deref()), ("oidc.unsupported_by_provider", Some("PS256")));
    let mut client = signing("rsa2048");
    client.signing_algorithm = Some(Algorithm::PS256);
    let (url, _) = redirect(&provider, &client, &Options::default());
    verified(one(&parameters(&url), "request"), "rsa2048", Algorithm::PS256);
    client.signing_algorithm = Some(Algorithm::ES256);
    provider.request_object_signing_alg_values_supported = None;
    assert_eq!(refused(&provider, &client, &Options::default()).code(), "oidc.signing_failed");
    client.signing_algorithm = Some(Algorithm::HS256);
    assert_eq!(refused(&provider, &client, &Options::default()).code(), "oidc.signing_failed");
}

#[test]
fn a_provider_that_requires_signed_requests_gets_them() {
    let mut provider = given::provider();
    provider.require_signed_request_object = true;
    let client = given::client().with_signing_key(key("p256"));
    let (url, _) = redirect(&provider, &client, &Options::default());
    verified(one(&parameters(&url), "request"), "p256", Algorithm::ES256);
    // There is no unsigned one.
    let error = refused(&provider, &given::client(), &Options::default());
    assert_eq!(error.code(), "oidc.signing_key_missing");
}

#[test]
fn a_provider_without_request_objects() {
    let error = refused(&given::provider(), &signing("p256"), &Options::default());
    assert_eq!(error.code(), "oidc.unsupported_by_provider");
}

/// Also used for pushed objects.
pub(super) fn asking() -> Options<'static> {
    let mut options = Options::default();
    options.max_age_seconds = Some(300);
    options.resource = vec!["https://api.example".to_owned()];
    options.claims = Some(Object::new().with("userinfo", json!({"email": null})));
    options.parameters = vec![("display".to_owned(), "popup".to_owned())];
    options
}

pub(super) fn assert_claims(claims: &Object, pending: &Pending) {
    let stored = serde_json::to_value(pending).unwrap();
    let seconds = 1_795_305_660;
    for (name, value) in [
        ("iss", json!("client-1")),
        ("aud", json!("https://idp.example")),
        ("iat", json!(seconds)),
        ("exp", json!(seconds + 300)),
        ("client_id", json!("client-1")),
        ("response_type", json!("code")),
        ("redirect_uri", json!("https://rp.example/callback")),
        ("scope", json!("openid profile email")),
        ("state", stored["state"].clone()),
        ("nonce", stored["nonce"].clone()),
        ("code_challenge_method", json!("S256")),
        ("max_age", json!(300)),
        ("resource", json!(["https://api.example"])),
        ("claims", json!({"userinfo": {"email": null}})),
        ("display", json!("popup")),
    ] {
        assert_eq!(claims.get(name), Some(&value), "{name}");
    }
    assert!(claims.get("sub").is_none(), "it is no client assertion");
    assert_eq!(claims.get("jti").unwrap().as_str().unwrap().len(), 22);
}

pub(super) fn verified(object: &str, key_name: &str, algorithm: Algorithm) -> Object {
    let limits = Limits::default();
    let keys = Jwks::new(vec![key(key_name).public_jwk()]);
    let algorithms = Algorithms::new([algorithm]);
    let rules = Verification {
        algorithms: &algorithms,
        keys: &keys,
        client_secret: None,
        typ: TokenType::Exactly("oauth-authz-req+jwt"),
        key_issuer: KeyIssuer::Ignored,
    };
    let object = Compact::parse(object, &limits).unwrap();
    assert_eq!(object.header().kid(), Some("k1"));
    object.verify(&rules, &limits).unwrap().claims(&limits).unwrap()
}

pub(super) fn signing(key_name: &str) -> Client {
    let mut client = given::client().with_signing_key(key(key_name));
    client.registered = Registered::default();
    client.registered.request_object_signed = true;
    client
}

pub(super) fn key(name: &str) -> PrivateKey {
    let path = format!("{}/tests/corpus/keys/{name}.key.pem", env!("CARGO_MANIFEST_DIR"));
    PrivateKey::from_pem(&std::fs::read(path).unwrap()).unwrap().with_kid("k1")
}

fn tenants(tenants: &[&str]) -> IssuerPolicy {
    let only = tenants.iter().map(|tenant| (*tenant).to_owned()).collect();
    IssuerPolicy::EntraTenants { allowed: EntraTenants::Only(only) }
}

fn with_objects() -> Provider {
    let mut provider = given::provider();
    provider.request_parameter_supported = true;
    provider
}

fn redirect(provider: &Provider, client: &Client, options: &Options<'_>) -> (Url, Pending) {
    let (start, pending) =
        begin(provider, client, options, &mut given::Counter::default(), given::now()).unwrap();
    let Start::Redirect(url) = start else { panic!("{start:?}") };
    (url, pending)
}

fn refused(provider: &Provider, client: &Client, options: &Options<'_>) -> Error {
    begin(provider, client, options, &mut given::Counter::default(), given::now()).unwrap_err()
}

fn parameters(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().collect()
}

fn one<'p>(parameters: &'p [(String, String)], name: &str) -> &'p str {
    let mut values = parameters.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
    let value = values.next().unwrap_or_else(|| panic!("no {name}"));
    assert_eq!(values.next(), None, "{name} twice");
    value
}
