//! The end of a token (RFC 7009).

use http::StatusCode;

use super::response;
use crate::{
    crypto::Secret,
    entropy::Entropy,
    oidc::{Client, Error, Message, Provider, client_auth, dpop::Dpop, provider::Endpoint},
    time::Timestamp,
};

/// What kind of token is to end (RFC 7009 §2.1). A refresh token takes the access tokens made from it along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
}

/// The request that ends a token.
///
/// # Errors
/// [`Error::UnsupportedByProvider`] without such an endpoint; otherwise as for [`token::request`](super::request).
pub fn request(
    provider: &Provider,
    client: &Client,
    token: &Secret,
    kind: TokenKind,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<http::Request<Vec<u8>>, Error> {
    let hint = match kind {
        TokenKind::AccessToken => "access_token",
        TokenKind::RefreshToken => "refresh_token",
    };
    let parameters = [("token", token.expose()), ("token_type_hint", hint)];
    client_auth::post(Endpoint::Revocation, provider, client, &parameters, Dpop::Off, entropy, now)
}

/// Judges the answer (RFC 7009 §2.2). With status 200 the token has ended, or there was none: its body counts for
/// nothing.
///
/// # Errors
/// - [`Error::UnsupportedTokenType`] where the provider does not end tokens of this kind: it may end the others;
/// - [`Error::TokenError`], [`Error::HttpStatus`]: the token may still be good. After status 503 try again later.
pub fn parse_response(client: &Client, response: &http::Response<Vec<u8>>) -> Result<(), Error> {
    let refused =
        response::refuse_failure(Message::Revocation, StatusCode::OK, response, Dpop::Off, &client.policy);
    refused.map_err(|error| match error {
        Error::TokenError { error, .. } if error.error == "unsupported_token_type" => {
            Error::UnsupportedTokenType(error)
        }
        other => other,
    })
}
