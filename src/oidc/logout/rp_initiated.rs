//! Logout that we ask for: the browser goes to the provider, which ends its session, and comes back.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    crypto::Secret,
    entropy::Entropy,
    oidc::{Client, Error, Provider, form, id_token::SessionRef, provider::Endpoint},
    version::Version,
};

/// What the request says beside who we are.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LogoutOptions {
    /// Where the browser shall come back to, as registered; nowhere by default.
    pub post_logout_redirect_uri: Option<String>,
    /// Languages for the provider's pages, best first (BCP 47).
    pub ui_locales: Vec<String>,
}

/// What the host keeps until the browser comes back; used once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingLogout {
    version: Version<1>,
    state: Secret,
}

/// How the browser has come back. The host's own session is over in every case: this only says whether the return
/// belongs to our request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a foreign return is worth a line in the log"]
pub enum LogoutReturn {
    /// From our request.
    Ok,
    /// Without `state`: a provider that does not give it back, or a foreign request.
    StateMissing,
    /// With another `state`, with several, or with a query that cannot be read.
    StateMismatch,
}

/// Where to send the browser (RP-Initiated Logout 2). The host ends its own session before it does.
///
/// # Errors
/// - [`Error::UnsupportedByProvider`] when the provider has no such endpoint;
/// - [`Error::UrlNotAllowed`] for its address or for the one to come back to;
/// - [`Error::Entropy`].
pub fn begin(
    provider: &Provider,
    client: &Client,
    session: &SessionRef,
    options: &LogoutOptions,
    entropy: &mut dyn Entropy,
) -> Result<(Url, PendingLogout), Error> {
    let mut url = provider.endpoint(Endpoint::EndSession, client)?;
    let state = Secret::random(STATE_BYTES, entropy)?;
    let locales = options.ui_locales.join(" ");
    let mut parameters = Vec::new();
    if let Some(hint) = &session.id_token {
        parameters.push(("id_token_hint", hint.expose()));
    }
    parameters.push(("client_id", client.client_id.as_str()));
    if let Some(uri) = &options.post_logout_redirect_uri {
        crate::endpoint::check(uri, client.policy.urls)
            .map_err(|error| Error::UrlNotAllowed { field: "post_logout_redirect_uri", error })?;
        parameters.push(("post_logout_redirect_uri", uri));
    }
    parameters.push(("state", state.expose()));
    if !locales.is_empty() {
        parameters.push(("ui_locales", &locales));
    }
    let added = form::encode(parameters);
    let query = match url.query().filter(|query| !query.is_empty()) {
        Some(own) => format!("{own}&{added}"),
        None => added,
    };
    url.set_query(Some(&query));
    Ok((url, PendingLogout { version: Version, state }))
}

/// Reads the query that the browser has come back with (RP-Initiated Logout 3).
pub fn parse_return(query: &str, pending: &PendingLogout) -> LogoutReturn {
    let fields = form::parse(query.as_bytes(), LONGEST_RETURN);
    match fields.map(|fields| fields.once("state").map(|state| state.map(|state| pending.state.is(state)))) {
        Ok(Ok(Some(true))) => LogoutReturn::Ok,
        Ok(Ok(None)) => LogoutReturn::StateMissing,
        Ok(Ok(Some(false)) | Err(form::Twice)) | Err(_) => LogoutReturn::StateMismatch,
    }
}

/// Bytes: as long a query as common servers take.
const LONGEST_RETURN: usize = 64 * 1024;

const STATE_BYTES: usize = 32;
