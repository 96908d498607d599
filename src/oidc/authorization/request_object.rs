use std::time::Duration;

use crate::{
    crypto::Secret,
    entropy::Entropy,
    jose::{self, KeyHeader, SignWith, Signing},
    json::Object,
    oidc::{Client, Error, Provider},
    time::Timestamp,
};

/// The request as a signed object (RFC 9101 §4): for this provider, by this client, for five minutes, once.
///
/// # Errors
/// [`Error::UnsupportedByProvider`], [`Error::SigningKeyMissing`], [`Error::Signing`], [`Error::Entropy`].
pub(super) fn sign(
    provider: &Provider,
    client: &Client,
    asked: Object,
    pushed: bool,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<String, Error> {
    let by_value = provider.request_parameter_supported || provider.require_signed_request_object;
    if !pushed && !by_value {
        return Err(Error::UnsupportedByProvider { feature: "request objects by value", actual: Vec::new() });
    }
    let key = client.signing_key("a request object")?;
    let algorithm = client.signing_algorithm.unwrap_or_else(|| key.default_algorithm());
    let listed = provider.request_object_signing_alg_values_supported.as_deref();
    if let Some(actual) = listed.filter(|names| !names.iter().any(|name| name == jose::name_of(algorithm))) {
        let actual = actual.to_vec();
        return Err(Error::UnsupportedByProvider { feature: "our algorithm of request objects", actual });
    }
    let seconds = |time: Timestamp| time.to_unix_millis().div_euclid(1000);
    let mut claims = Object::new()
        .with("iss", client.client_id.as_str())
        .with("aud", provider.issuer.as_str())
        .with("iat", seconds(now))
        .with("exp", seconds(now.saturating_add(LIFETIME)))
        .with("jti", Secret::random(JTI_BYTES, entropy)?.expose())
        .with("client_id", client.client_id.as_str());
    for (name, value) in asked.iter() {
        claims.insert(name, value.clone());
    }
    let signing = Signing {
        with: SignWith::Key(key),
        algorithm,
        typ: Some("oauth-authz-req+jwt"),
        key_header: KeyHeader::Kid,
    };
    jose::sign(&claims, &signing).map_err(Error::Signing)
}

const LIFETIME: Duration = Duration::from_secs(300);
const JTI_BYTES: usize = 16;
