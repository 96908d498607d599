//! DPoP proofs as the provider checks them (RFC 9449 §4.3).

use std::collections::BTreeSet;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::{
    answer::OauthError,
    json::{Jwt, Object, number, opaque, seconds, text},
    keys::verify,
};
use crate::time::Timestamp;

/// What a proof must be for.
pub(super) struct Proof<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) method: &'a str,
    /// The endpoint, without query and fragment.
    pub(super) url: &'a str,
    pub(super) access_token: Option<&'a str>,
    /// The nonce that must be in it, if one is asked for.
    pub(super) nonce: Option<&'a str>,
    pub(super) now: Timestamp,
}

impl Proof<'_> {
    /// The thumbprint of the key (RFC 7638) that the proof is made with; nothing where there is no proof.
    pub(super) fn thumbprint(&self, seen: &mut BTreeSet<String>) -> Result<Option<String>, OauthError> {
        let mut proofs = self.headers.get_all("dpop").iter();
        let Some(proof) = proofs.next() else { return Ok(None) };
        if proofs.next().is_some() {
            return Err(invalid("more than one proof"));
        }
        let proof = proof.to_str().ok().and_then(Jwt::read).ok_or_else(|| invalid("no JWT"))?;
        if text(&proof.header, "typ") != "dpop+jwt" {
            return Err(invalid("typ"));
        }
        let jwk = proof.header.get("jwk").and_then(Value::as_object).ok_or_else(|| invalid("no jwk"))?;
        if ["d", "p", "q", "dp", "dq", "qi", "k"].iter().any(|member| jwk.contains_key(*member)) {
            return Err(invalid("a private key in jwk"));
        }
        if !verify(jwk, proof.algorithm(), proof.signed.as_bytes(), &proof.signature) {
            return Err(invalid("the signature"));
        }
        let claims = &proof.claims;
        if text(claims, "htm") != self.method {
            return Err(invalid("htm"));
        }
        if text(claims, "htu") != self.url {
            return Err(invalid("htu"));
        }
        if number(claims, "iat").is_none_or(|iat| (seconds(self.now) - iat).abs() > WINDOW) {
            return Err(invalid("iat"));
        }
        if text(claims, "jti").is_empty() || !seen.insert(format!("dpop {}", text(claims, "jti"))) {
            return Err(invalid("jti"));
        }
        if self.access_token.is_some_and(|token| text(claims, "ath") != opaque(token)) {
            return Err(invalid("ath"));
        }
        match self.nonce {
            Some(nonce) if text(claims, "nonce") != nonce => Err(OauthError::use_dpop_nonce(nonce)),
            _ => Ok(Some(thumbprint(jwk))),
        }
    }
}

/// RFC 7638 §3: the required members alone, in the order of their names, without white space.
pub(super) fn thumbprint(jwk: &Object) -> String {
    let required: &[&str] = match text(jwk, "kty") {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        _ => &["crv", "kty", "x"],
    };
    let members: Vec<_> = required
        .iter()
        .map(|name| format!("{}:{}", Value::from(*name), Value::from(text(jwk, name))))
        .collect();
    opaque(&format!("{{{}}}", members.join(",")))
}

fn invalid(description: &'static str) -> OauthError {
    OauthError::new(StatusCode::BAD_REQUEST, "invalid_dpop_proof", description)
}

const WINDOW: i64 = 300;
