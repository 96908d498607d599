use http::{Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::begin::{address, with_parameters};
use crate::oidc::{Client, Error, Message, Provider, dpop::Dpop, token::response};

/// Judges the answer to a pushed request (RFC 9126 §2.2): where the browser is sent to, with our name and the name of
/// the request and nothing else.
///
/// `dpop` is what [`begin`](super::begin) was given.
///
/// # Errors
/// - [`Error::UseDpopNonce`]: begin again with this nonce, once; [`Error::DpopNonceRepeated`] after that;
/// - [`Error::TokenError`] with what the provider says, [`Error::HttpStatus`] where it says nothing;
/// - [`Error::ContentType`], [`Error::BodyTooLarge`], [`Error::Json`];
/// - [`Error::ParResponse`] for a name that is empty or no text, or one that lasts no time;
/// - [`Error::UrlNotAllowed`] and [`Error::ConfigurationInvalid`] for the provider's address.
pub fn parse_pushed_response(
    provider: &Provider,
    client: &Client,
    dpop: Dpop<'_>,
    answer: &Response<Vec<u8>>,
) -> Result<Url, Error> {
    let url = address(provider, client)?;
    let message = Message::PushedAuthorization;
    let object = response::read(message, StatusCode::CREATED, answer, dpop, &client.policy)?;
    let Some(request_uri) = object.get("request_uri").and_then(Value::as_str).filter(|uri| !uri.is_empty())
    else {
        return Err(Error::ParResponse { reason: "`request_uri` is absent, empty or no text" });
    };
    let seconds = object.get("expires_in").and_then(Value::as_f64);
    if !seconds.is_some_and(|seconds| seconds > 0.0) {
        return Err(Error::ParResponse { reason: "`expires_in` is no positive number" });
    }
    Ok(with_parameters(url, [("client_id", client.client_id.as_str()), ("request_uri", request_uri)]))
}
