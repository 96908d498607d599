//! Client authentication: what each method puts on a request, and that there is exactly one.

use std::collections::BTreeMap;

use admittance::crypto::Secret;
use admittance::endpoint::UrlPolicy;
use admittance::entropy::{Entropy, EntropyError};
use admittance::jose::{Algorithm, PrivateKey};
use admittance::oidc::client::{AssertionAudience, ClientAuthentication};
use admittance::oidc::dpop::Dpop;
use admittance::oidc::token::{refresh, revocation};
use admittance::oidc::{Client, Error, Provider};
use admittance::testing::oidc_provider::{OidcProvider, RegisteredAuthentication, RegisteredClient, TestKey};
use http::Request;
use ring::{hmac, signature};
use serde_json::{Value, json};

use super::given::{self, Counter, decoded, form, now};

const SECRET: &str = "a secret of more than 32 bytes: +&=%ä";

#[test]
fn none_names_the_client_and_nothing_else() {
    let request = sent(&given::client());
    assert_eq!(names(&request), ["client_id", "grant_type", "refresh_token"]);
    assert_eq!(form(&request)["client_id"], "client-1");
    assert!(!request.headers().contains_key("authorization"));
}

/// RFC 6749 §2.3.1, with the values of its example.
#[test]
fn client_secret_basic_is_a_header_and_nothing_in_the_body() {
    let client = Client::new("s6BhdRkqt3", "https://rp.example/callback")
        .authenticated_by(ClientAuthentication::ClientSecretBasic { secret: "gX1fBat3bV".into() });
    let request = sent(&client);
    assert_eq!(request.headers()["authorization"], "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW");
    assert!(request.headers()["authorization"].is_sensitive());
    assert_eq!(names(&request), ["grant_type", "refresh_token"]);
}

/// RFC 6749 §2.3.1: both parts are form-encoded before they are joined. The `url` crate reads them back.
#[test]
fn client_secret_basic_form_encodes_both_parts() {
    let client = Client::new("a:b c", "https://rp.example/callback")
        .authenticated_by(ClientAuthentication::ClientSecretBasic { secret: SECRET.into() });
    let request = sent(&client);
    let header = request.headers()["authorization"].to_str().unwrap().to_owned();
    let pair =
        admittance::encoding::base64_decode(header.strip_prefix("Basic ").unwrap().as_bytes()).unwrap();
    let pair = String::from_utf8(pair).unwrap();
    assert_eq!(pair.matches(':').count(), 1, "{pair}");
    let (id, secret) = pair.split_once(':').unwrap();
    let read = |text: &str| url::form_urlencoded::parse(text.as_bytes()).next().unwrap().0.into_owned();
    assert_eq!((read(id).as_str(), read(secret).as_str()), ("a:b c", SECRET));
    assert!(!pair.contains('+'), "a space is read by every decoder");
}

#[test]
fn client_secret_post_is_in_the_body_and_no_header() {
    let client = with(ClientAuthentication::ClientSecretPost { secret: SECRET.into() });
    let request = sent(&client);
    assert_eq!(names(&request), ["client_id", "client_secret", "grant_type", "refresh_token"]);
    assert_eq!(form(&request)["client_secret"], SECRET);
    assert!(!request.headers().contains_key("authorization"));
}

/// Discovery 3: the header where nothing is said or both are listed, the body where it alone is.
#[test]
fn a_secret_travels_as_the_provider_takes_it() {
    let mut provider = given::provider();
    let with_secret = |provider: &Provider| ClientAuthentication::with_secret(SECRET.into(), provider);
    let basic = ClientAuthentication::ClientSecretBasic { secret: SECRET.into() };
    assert_eq!(with_secret(&provider), basic);
    let lists = |methods: &[&str]| methods.iter().map(|method| (*method).to_owned()).collect();
    provider.token_endpoint_auth_methods_supported = lists(&["client_secret_post", "client_secret_basic"]);
    assert_eq!(with_secret(&provider), basic);
    provider.token_endpoint_auth_methods_supported = lists(&["client_secret_post", "private_key_jwt"]);
    assert_eq!(with_secret(&provider), ClientAuthentication::ClientSecretPost { secret: SECRET.into() });
    provider.token_endpoint_auth_methods_supported = lists(&["private_key_jwt"]);
    assert_eq!(with_secret(&provider), basic);
}

/// §4: a client assertion is for the issuer, as one text.
#[test]
fn assertion_aud_is_issuer() {
    let request = sent(&signing(TestKey::P256, None));
    let (header, claims) = assertion(&request);
    assert_eq!(claims["aud"], json!("https://idp.example"));
    assert_eq!((&claims["iss"], &claims["sub"]), (&json!("client-1"), &json!("client-1")));
    let seconds = now().to_unix_millis() / 1000;
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(seconds), &json!(seconds + 60)));
    assert_eq!(claims["jti"].as_str().unwrap().len(), 22, "128 bits");
    assert_eq!(claims.as_object().unwrap().len(), 6);
    assert_eq!(header, json!({ "alg": "ES256" }));
    assert_eq!(
        names(&request),
        ["client_assertion", "client_assertion_type", "client_id", "grant_type", "refresh_token"]
    );
    assert_eq!(
        form(&request)["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    assert!(!request.headers().contains_key("authorization"));
}

#[test]
fn the_audience_can_be_the_token_endpoint() {
    let mut client = signing(TestKey::P256, None);
    client.assertion_audience = AssertionAudience::TokenEndpoint;
    assert_eq!(assertion(&sent(&client)).1["aud"], json!("https://idp.example/token"));
}

#[test]
fn the_key_is_named_where_its_name_is_known() {
    let (header, _) = assertion(&sent(&signing(TestKey::Rsa, Some("our-key"))));
    assert_eq!(header, json!({ "alg": "RS256", "kid": "our-key" }));
}

#[test]
fn every_assertion_has_another_jti() {
    let (client, mut entropy) = (signing(TestKey::Ed25519, None), Counter::default());
    let mut jti = || {
        let request = refresh_request(&given::provider(), &client, &mut entropy).unwrap();
        assertion(&request).1["jti"].clone()
    };
    assert_ne!(jti(), jti());
}

/// Each algorithm that we sign with, verified by `ring` alone.
#[test]
fn private_key_jwt_verifies() {
    let cases: [(TestKey, Option<Algorithm>, &'static dyn signature::VerificationAlgorithm); 9] = [
        (TestKey::Rsa, None, &signature::RSA_PKCS1_2048_8192_SHA256),
        (TestKey::Rsa, Some(Algorithm::RS384), &signature::RSA_PKCS1_2048_8192_SHA384),
        (TestKey::Rsa, Some(Algorithm::RS512), &signature::RSA_PKCS1_2048_8192_SHA512),
        (TestKey::Rsa, Some(Algorithm::PS256), &signature::RSA_PSS_2048_8192_SHA256),
        (TestKey::Rsa, Some(Algorithm::PS384), &signature::RSA_PSS_2048_8192_SHA384),
        (TestKey::Rsa, Some(Algorithm::PS512), &signature::RSA_PSS_2048_8192_SHA512),
        (TestKey::P256, None, &signature::ECDSA_P256_SHA256_FIXED),
        (TestKey::P384, None, &signature::ECDSA_P384_SHA384_FIXED),
        (TestKey::Ed25519, None, &signature::ED25519),
    ];
    for (key, algorithm, verification) in cases {
        let mut client = signing(key, None);
        client.signing_algorithm = algorithm;
        let text = form(&sent(&client))["client_assertion"].clone();
        let (signed, tag) = text.rsplit_once('.').unwrap();
        let tag = admittance::encoding::base64url_decode(tag.as_bytes()).unwrap();
        given::verify(&key.jwk(), verification, signed.as_bytes(), &tag)
            .unwrap_or_else(|()| panic!("{key:?}"));
    }
}

#[test]
fn client_secret_jwt_verifies() {
    let secret = "s".repeat(64);
    for (algorithm, name, hash) in [
        (Algorithm::HS256, "HS256", hmac::HMAC_SHA256),
        (Algorithm::HS384, "HS384", hmac::HMAC_SHA384),
        (Algorithm::HS512, "HS512", hmac::HMAC_SHA512),
    ] {
        let client =
            with(ClientAuthentication::ClientSecretJwt { secret: secret.as_str().into(), algorithm });
        let request = sent(&client);
        let (header, claims) = assertion(&request);
        assert_eq!(header, json!({ "alg": name }));
        assert_eq!(claims["aud"], json!("https://idp.example"));
        let text = form(&request)["client_assertion"].clone();
        let (signed, tag) = text.rsplit_once('.').unwrap();
        let tag = admittance::encoding::base64url_decode(tag.as_bytes()).unwrap();
        hmac::verify(&hmac::Key::new(hash, secret.as_bytes()), signed.as_bytes(), &tag).unwrap();
        assert!(!names(&request).contains(&"client_secret".to_owned()));
    }
}

#[test]
fn a_secret_that_is_too_short_or_an_algorithm_that_does_not_fit_signs_nothing() {
    let short = with(ClientAuthentication::ClientSecretJwt {
        secret: "s".repeat(47).into(),
        algorithm: Algorithm::HS384,
    });
    assert_eq!(refused(&short).code(), "oidc.signing_failed");
    let public = with(ClientAuthentication::ClientSecretJwt {
        secret: "s".repeat(64).into(),
        algorithm: Algorithm::RS256,
    });
    assert_eq!(refused(&public).code(), "oidc.signing_failed");
    for algorithm in [Algorithm::RS256, Algorithm::ES384, Algorithm::HS256] {
        let mut client = signing(TestKey::P256, None);
        client.signing_algorithm = Some(algorithm);
        assert_eq!(refused(&client).code(), "oidc.signing_failed", "{algorithm:?}");
    }
    assert_eq!(refused(&with(ClientAuthentication::PrivateKeyJwt)).code(), "oidc.signing_key_missing");
}

/// RFC 8705 §5: the host's TLS authenticates, at the alias; the request names the client.
#[test]
fn mutual_tls_names_the_client_and_goes_to_the_alias() {
    let mut provider = given::provider();
    let client = with(ClientAuthentication::MutualTls);
    assert_eq!(
        refresh_request(&provider, &client, &mut Counter::default()).unwrap().uri(),
        "https://idp.example/token"
    );
    provider.mtls_endpoint_aliases.token_endpoint = Some("https://mtls.idp.example/token".to_owned());
    let request = refresh_request(&provider, &client, &mut Counter::default()).unwrap();
    assert_eq!(request.uri(), "https://mtls.idp.example/token");
    assert_eq!(names(&request), ["client_id", "grant_type", "refresh_token"]);
    assert!(!request.headers().contains_key("authorization"));
    // Others stay where they are.
    let request = refresh_request(&provider, &given::client(), &mut Counter::default()).unwrap();
    assert_eq!(request.uri(), "https://idp.example/token");
}

#[test]
fn a_request_is_a_form_that_asks_for_json() {
    let request = sent(&given::client());
    assert_eq!(request.method(), "POST");
    assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(request.headers()["accept"], "application/json");
    assert!(!request.headers().contains_key("dpop"));
}

#[test]
fn no_request_goes_to_an_address_that_is_not_followed() {
    for address in
        ["http://idp.example/token", "https://10.0.0.1/token", "https://u:p@idp.example/token", "x"]
    {
        let mut provider = given::provider();
        provider.token_endpoint = address.to_owned();
        let error = refresh_request(&provider, &given::client(), &mut Counter::default()).unwrap_err();
        assert_eq!(error.code(), "oidc.url_not_allowed", "{address}");
        assert!(!error.to_string().contains("u:p@"));
    }
    let mut client = given::client();
    client.policy.urls = UrlPolicy::HttpOnLoopback;
    let mut provider = given::provider();
    provider.token_endpoint = "http://127.0.0.1:8080/token".to_owned();
    refresh_request(&provider, &client, &mut Counter::default()).unwrap();
}

#[test]
fn no_randomness_no_assertion() {
    struct Broken;
    impl Entropy for Broken {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError::new())
        }
    }
    let error = refresh_request(&given::provider(), &signing(TestKey::P256, None), &mut Broken).unwrap_err();
    assert_eq!(error.code(), "oidc.entropy_failed");
}

/// The testing provider takes the registered method and no other.
#[test]
fn each_method_is_taken_by_a_provider_that_checks_it() {
    let methods = [
        (ClientAuthentication::None, RegisteredAuthentication::None),
        (
            ClientAuthentication::ClientSecretBasic { secret: SECRET.into() },
            RegisteredAuthentication::ClientSecretBasic(SECRET.to_owned()),
        ),
        (
            ClientAuthentication::ClientSecretPost { secret: SECRET.into() },
            RegisteredAuthentication::ClientSecretPost(SECRET.to_owned()),
        ),
        (
            ClientAuthentication::ClientSecretJwt { secret: SECRET.into(), algorithm: Algorithm::HS256 },
            RegisteredAuthentication::ClientSecretJwt(SECRET.to_owned()),
        ),
        (ClientAuthentication::PrivateKeyJwt, RegisteredAuthentication::PrivateKeyJwt),
    ];
    for (index, (ours, _)) in methods.iter().enumerate() {
        for (other, (_, theirs)) in methods.iter().enumerate() {
            let key = PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap();
            let client = given::client().authenticated_by(ours.clone()).with_signing_key(key);
            let mut registered = RegisteredClient::public("client-1", "https://rp.example/callback");
            registered.authentication = theirs.clone();
            registered.keys = vec![TestKey::P256.jwk()];
            let mut op = OidcProvider::new(1).with_client(registered);
            let provider = given::provider_of(&op);
            let (token, kind) = (Secret::new("unknown"), revocation::TokenKind::RefreshToken);
            let request =
                revocation::request(&provider, &client, &token, kind, &mut Counter::default(), now())
                    .unwrap();
            let outcome = revocation::parse_response(&client, &op.receive(&request, now()));
            assert_eq!(outcome.is_ok(), index == other, "{index} {other}: {outcome:?}");
            if let Err(error) = outcome {
                assert_eq!(error.code(), "oidc.token_error");
                assert!(error.actual().unwrap().starts_with("invalid_client"));
            }
        }
    }
}

fn with(authentication: ClientAuthentication) -> Client {
    given::client().authenticated_by(authentication)
}

fn signing(key: TestKey, kid: Option<&str>) -> Client {
    let key = PrivateKey::from_pem(key.key_pem().as_bytes()).unwrap();
    let key = match kid {
        Some(kid) => key.with_kid(kid),
        None => key,
    };
    with(ClientAuthentication::PrivateKeyJwt).with_signing_key(key)
}

fn sent(client: &Client) -> Request<Vec<u8>> {
    refresh_request(&given::provider(), client, &mut Counter::default()).unwrap()
}

fn refused(client: &Client) -> Error {
    refresh_request(&given::provider(), client, &mut Counter::default()).unwrap_err()
}

fn refresh_request(
    provider: &Provider,
    client: &Client,
    entropy: &mut dyn Entropy,
) -> Result<Request<Vec<u8>>, Error> {
    refresh::request(provider, client, &"refresh-1".into(), &[], Dpop::Off, entropy, now())
}

/// The names of the body's parameters, each of which occurs once.
fn names(request: &Request<Vec<u8>>) -> Vec<String> {
    let names: BTreeMap<_, _> = form(request);
    assert_eq!(
        names.len(),
        url::form_urlencoded::parse(request.body()).count(),
        "a parameter is there twice"
    );
    names.into_keys().collect()
}

fn assertion(request: &Request<Vec<u8>>) -> (Value, Value) {
    decoded(&form(request)["client_assertion"])
}
