//! What the tests of single steps begin with: a provider, a client, a time, and randomness that repeats.

use admittance::entropy::{Entropy, EntropyError};
use admittance::oidc::{Client, Provider, discovery};
use admittance::time::Timestamp;
use http::Response;
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
pub(crate) struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}
