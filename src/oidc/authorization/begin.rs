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
/// The host keeps [`Pending`] for this browser alone, and deletes it when it is used. After
/// [`Error::UseDpopNonce`] of a pushed request it begins again, with the nonce in [`Options::dpop`].
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
    options: &Options<'_>,
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
        dpop_jkt: options.dpop.thumbprint().map(str::to_owned),
        return_to: options.return_to.clone(),
    };
    let pushed =
        client.registered.pushed_authorization_requests || provider.require_pushed_authorization_requests;
    let signed = client.registered.request_object_signed || provider.require_signed_request_object;

    let asked = asked(options, &pending)?;
    let mut parameters = to_text(&asked);
    if signed {
        let object = request_object::sign(provider, client, asked, pushed, entropy, now)?;
        // RFC 9126 §3: nothing beside the object; Core 6.1: what OAuth 2.0 wants to see.
        let beside = |(name, _): &(String, _)| !pushed && ["response_type", "scope"].contains(&name.as_str());
        parameters.retain(beside);
        parameters.push(("request".to_owned(), object));
    }
    let mut parameters: Vec<_> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let start = if pushed {
        let endpoint = Endpoint::PushedAuthorization;
        Start::Push(client_auth::post(endpoint, provider, client, &parameters, options.dpop, entropy, now)?)
    } else {
        parameters.insert(0, ("client_id", &client.client_id));
        Start::Redirect(with_parameters(url, parameters))
    };
    Ok((start, pending))
}

/// The address that the browser is sent to, which names no parameter of ours itself.
pub(super) fn address(provider: &Provider, client: &Client) -> Result<Url, Error> {
    let url = provider.endpoint(Endpoint::Authorization, client)?;
    if url.query_pairs().any(|(name, _)| is_reserved(&name)) {
        let (field, reason) = (Endpoint::Authorization.name(), "its query has a parameter of the request");
        return Err(Error::ConfigurationInvalid { field, value: url.into(), reason });
    }
    Ok(url)
}

/// The address with these parameters behind its own (RFC 6749 §3.1).
pub(super) fn with_parameters<'p>(
    mut url: Url,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Url {
    let own = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
    let query = own.unwrap_or_default() + &form::encode(parameters);
    url.set_query(Some(&query));
    url
}

/// Everything that is asked for, in the types that a request object has (RFC 9101 §4); `client_id` is not part of it.
fn asked(options: &Options<'_>, pending: &Pending) -> Result<Object, Error> {
    let challenge = digest(DigestAlgorithm::Sha256, pending.code_verifier.expose().as_bytes());
    let mut asked = Object::new()
        .with("response_type", "code")
        .with("redirect_uri", pending.redirect_uri.as_str())
        .with("scope", pending.scopes.join(" "))
        .with("state", pending.state.expose())
        .with("nonce", pending.nonce.expose())
        .with("code_challenge", base64url_encode(challenge.as_ref()))
        .with("code_challenge_method", "S256");
    let mut add = |name, value: Option<Value>| value.map(|value| asked.insert(name, value));
    let text = |text: &Option<String>| text.clone().map(Value::from);
    let words = |words: &[String]| (!words.is_empty()).then(|| Value::from(words.join(" ")));
    add("response_mode", options.response_mode.map(|mode| mode.name().into()));
    add("prompt", (!options.prompt.is_empty()).then(|| options.prompt().into()));
    add("max_age", options.max_age_seconds.map(Value::from));
    add("login_hint", text(&options.login_hint));
    add("domain_hint", text(&options.domain_hint));
    add("hd", text(&options.hd));
    add("organization", text(&options.organization));
    add("id_token_hint", options.id_token_hint.as_ref().map(|token| token.expose().into()));
    add("ui_locales", words(&options.ui_locales));
    add("acr_values", words(&options.acr_values));
    add("claims", options.claims()?.map(|claims| claims.iter().map(owned).collect()));
    add("resource", (!options.resource.is_empty()).then(|| options.resource.clone().into()));
    add("dpop_jkt", pending.dpop_jkt.clone().map(Value::from));
    for (name, value) in &options.parameters {
        asked.insert(name, value.as_str());
    }
    Ok(asked)
}

fn owned((name, value): (&str, &Value)) -> (String, Value) {
    (name.to_owned(), value.clone())
}

/// The same as a query has it: a list is a name for each of its members.
fn to_text(asked: &Object) -> Vec<(String, String)> {
    let mut parameters = Vec::new();
    for (name, value) in asked.iter() {
        let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        for value in several {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            parameters.push((name.to_owned(), text));
        }
    }
    parameters
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Redirect(url) => {
                let mut to = url.clone();
                to.set_query(None);
                f.debug_tuple("Redirect").field(&to.as_str()).finish()
            }
            Self::Push(request) => f.debug_tuple("Push").field(request.uri()).finish(),
        }
    }
}

/// Bytes of `state`, `nonce` and `code_verifier`.
const SECRET_BYTES: usize = 32;
