//! New tokens for a refresh token (RFC 6749 §6, Core 12).

use http::StatusCode;

use super::{IdToken, UnverifiedTokens, response, unverified};
use crate::{
    crypto::Secret,
    entropy::Entropy,
    oidc::{Client, Error, Message, Provider, client_auth, dpop::Dpop, provider::Endpoint},
    time::Timestamp,
};

/// The request for new tokens. `scopes` are those of them that are still needed; none means all of them.
///
/// # Errors
/// As for [`token::request`](super::request), except for what it says of the pending sign-in.
pub fn request(
    provider: &Provider,
    client: &Client,
    refresh_token: &Secret,
    scopes: &[String],
    dpop: Dpop<'_>,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<http::Request<Vec<u8>>, Error> {
    let scope = scopes.join(" ");
    let mut parameters = vec![("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
    if !scope.is_empty() {
        parameters.push(("scope", &scope));
    }
    client_auth::post(Endpoint::Token, provider, client, &parameters, dpop, entropy, now)
}

/// Judges the answer by the checks of [`token::parse_response`](super::parse_response), except that there may be no ID
/// token. Without a new refresh token the one that was sent goes on.
///
/// An ID token must pass [`id_token::validate_refreshed`](crate::oidc::id_token::validate_refreshed) before anything in it
/// is used.
///
/// # Errors
/// The first check that failed.
pub fn parse_response(
    client: &Client,
    refresh_token: &Secret,
    scopes: &[String],
    dpop: Dpop<'_>,
    response: &http::Response<Vec<u8>>,
) -> Result<UnverifiedTokens, Error> {
    let object = response::read(Message::TokenResponse, StatusCode::OK, response, dpop, &client.policy)?;
    let mut tokens = unverified(object, dpop, scopes, IdToken::Optional)?;
    tokens.refresh_token.get_or_insert_with(|| refresh_token.clone());
    Ok(tokens)
}
