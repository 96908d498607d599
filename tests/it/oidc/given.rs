//! What the tests of single steps begin with: a provider, a client, a time, and randomness that repeats.

use std::collections::BTreeMap;

use admittance::entropy::{Entropy, EntropyError};
use admittance::oidc::{Client, Provider, discovery};
use admittance::testing::oidc_provider::OidcProvider;
use admittance::time::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Request, Response};
use ring::signature;
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://idp.example";

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}

/// A discovery document with nothing optional that a step could trip over.
pub(crate) fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://idp.example/authorize",
        "token_endpoint": "https://idp.example/token",
        "jwks_uri": "https://idp.example/jwks",
        "userinfo_endpoint": "https://idp.example/userinfo",
        "end_session_endpoint": "https://idp.example/logout",
        "response_types_supported": ["code", "code id_token"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    })
}

pub(crate) fn provider() -> Provider {
    discovered(&document())
}

pub(crate) fn discovered(document: &Value) -> Provider {
    let (provider, notes) =
        discovery::parse_response(ISSUER, &json_response(200, document), &client().policy).unwrap();
    assert_eq!(notes, []);
    provider
}

pub(crate) fn client() -> Client {
    Client::new("client-1", "https://rp.example/callback")
}

pub(crate) fn json_response(status: u16, body: &Value) -> Response<Vec<u8>> {
    response(status, "application/json", body.to_string())
}

pub(crate) fn response(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    Response::builder().status(status).header("Content-Type", media_type).body(body.into()).unwrap()
}

/// Counts up from zero, so that every run draws the same bytes and no two draws are equal.
#[derive(Default)]
pub(crate) struct Counter(pub(crate) u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

/// What the provider for tests says of itself.
pub(crate) fn provider_of(op: &OidcProvider) -> Provider {
    let response = json_response(200, &op.metadata());
    discovery::parse_response(&op.issuer, &response, &client().policy).unwrap().0
}

/// The parameters of a request's body.
pub(crate) fn form(request: &Request<Vec<u8>>) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(request.body()).into_owned().collect()
}

/// Header and claims of a signed token, read without our own reader.
pub(crate) fn decoded(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (part(), part())
}

/// Verifies a signature with `ring` alone and the key of a JWK.
pub(crate) fn verify(
    jwk: &Value,
    algorithm: &'static dyn signature::VerificationAlgorithm,
    message: &[u8],
    tag: &[u8],
) -> Result<(), ()> {
    let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let key = match jwk["kty"].as_str().unwrap() {
        "RSA" => {
            // RFC 8017 appendix A.1.1
            let integer = |bytes: &[u8]| match bytes[0] {
                0x80.. => der(0x02, &[&[0], bytes].concat()),
                _ => der(0x02, bytes),
            };
            der(0x30, &[integer(&member("n")), integer(&member("e"))].concat())
        }
        "EC" => [vec![4], member("x"), member("y")].concat(),
        _ => member("x"),
    };
    signature::UnparsedPublicKey::new(algorithm, key).verify(message, tag).map_err(|_| ())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let header =
        if content.len() < 128 { vec![tag, length[1]] } else { vec![tag, 0x82, length[0], length[1]] };
    [header, content.to_vec()].concat()
}
