use std::fmt;

use http::Request;
use serde_json::Value;
use url::Url;

use super::{
    options::{Options, is_reserved},
    request_object,
};
use crate::{
    crypto::{DigestAlgorithm, Secret, digest},
    encoding::base64url_encode,
    entropy::Entropy,
    json::Object,
    oidc::{Client, Error, Pending, Provider, client_auth, form, provider::Endpoint},
    time::Timestamp,
    version::Version,
};

/// How a sign-in begins. Its `Debug` shows where to, and nothing of what is sent.
#[non_exhaustive]
pub enum Start {
    /// The browser is sent to this address.
    Redirect(Url),
    /// The request is pushed first (RFC 9126): the host sends this, and
    /// [`parse_pushed_response`](super::parse_pushed_response) has the address for the browser.
    Push(Request<Vec<u8>>),
}

/// Begins a sign-in by the authorization code flow (Core 3.1.2.1): where the browser is sent to, and what to keep until
/// it comes back.
///
/// PKCE with `S256`, `state` and `nonce` are always there, 32 random bytes each. The request is a signed request object
/// (RFC 9101) when that is registered or the provider requires it; it is pushed (RFC 9126) when that is registered or
/// the provider requires it.
///
/// The host keeps [`Pending`] for this browser alone, and deletes it when it is used.
///
/// # Errors
/// - [`Error::ConfigurationInvalid`] and [`Error::UrlNotAllowed`] as for [`Client::check`], for an option that cannot be
///   used, and for the provider's address;
/// - [`Error::UnsupportedByProvider`] for what is asked for and not there;
/// - [`Error::SigningKeyMissing`] when the request must be signed and cannot be;
/// - [`Error::Signing`] and [`Error::Entropy`] when those fail.
pub fn begin(
    provider: &Provider,
    client: &Client,
    options: &Options,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<(Start, Pending), Error> {
    client.check()?;
    options.check(provider)?;
    let url = address(provider, client)?;
    let pending = Pending {
        version: Version,
        created_at: now,
        issuer: provider.issuer.clone(),
        client_id: client.client_id.clone(),
        redirect_uri: client.redirect_uri.clone(),
        response_mode: options.response_mode,
        state: Secret::random(SECRET_BYTES, entropy)?,
        nonce: Secret::random(SECRET_BYTES, entropy)?,
        code_verifier: Secret::random(SECRET_BYTES, entropy)?,
        scopes: options.scopes(),
        max_age_seconds: options.max_age_seconds,
        essential_acr: options.essential_acr.clone(),
        hd: options.hd.clone(),
        organization: options.organization.clone(),
        dpop_jkt: None,
        return_to: options.return_to.clone(),
    };
    let pushed =
        client.registered.pushed_authorization_requests || provider.require_pushed_authorization_requests;
    let signed = client.registered.request_object_signed || provider.require_signed_request_object;

    let mut parameters = pairs(&parameters(options, &pending)?);
    if signed {
        let object = request_object::sign(provider, client, parameters_of_object, entropy, now)?;
        parameters = request_object::parameters(object, pushed);
    }
    let start = if pushed {
        Start::Push(client_auth::post(Endpoint::PushedAuthorization, provider, client, &parameters, entropy, now)?)
    } else {
        Start::Redirect(with_parameters(url, &parameters))
    };
    Ok((start, pending))
}
