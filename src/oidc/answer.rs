//! What the checks of every answer have in common: status, media type, size, JSON.

use http::{Response, header::CONTENT_TYPE};

use super::{Error, Message, ProviderError};
use crate::{
    json::{self, Object},
    limits::Limits,
};

pub(in crate::oidc) const JSON: &str = "application/json";

/// # Errors
/// [`Error::HttpStatus`].
pub(in crate::oidc) fn check_status(
    message: Message,
    response: &Response<Vec<u8>>,
    expected: u16,
) -> Result<(), Error> {
    match response.status().as_u16() {
        actual if actual == expected => Ok(()),
        actual => Err(Error::HttpStatus { message, expected, actual }),
    }
}

/// The body of an answer in JSON.
///
/// # Errors
/// [`Error::ContentType`], [`Error::BodyTooLarge`], [`Error::Json`].
pub(in crate::oidc) fn json_object(
    message: Message,
    response: &Response<Vec<u8>>,
    limits: &Limits,
) -> Result<Object, Error> {
    check_media_type(message, response, JSON)?;
    let body = body(message, response, limits)?;
    json::parse_object(body, &limits.json).map_err(|error| Error::Json { message, error })
}

/// The body of an answer, if it is not too large.
///
/// # Errors
/// [`Error::BodyTooLarge`].
pub(in crate::oidc) fn body<'r>(
    message: Message,
    response: &'r Response<Vec<u8>>,
    limits: &Limits,
) -> Result<&'r [u8], Error> {
    let body = response.body();
    if body.len() > limits.body {
        return Err(Error::BodyTooLarge { message, limit: limits.body, actual: body.len() });
    }
    Ok(body)
}

/// # Errors
/// [`Error::ContentType`].
pub(in crate::oidc) fn check_media_type(
    message: Message,
    response: &Response<Vec<u8>>,
    expected: &'static str,
) -> Result<(), Error> {
    match media_type(response) {
        Some(actual) if actual.eq_ignore_ascii_case(expected) => Ok(()),
        _ => {
            let actual = response.headers().get(CONTENT_TYPE).map(|value| {
                let text = String::from_utf8_lossy(value.as_bytes());
                text.chars().filter(|char| !char.is_control()).take(SHOWN).collect()
            });
            Err(Error::ContentType { message, expected, actual })
        }
    }
}

/// The `Content-Type` without its parameters; `None` when there is none, or more than one.
pub(in crate::oidc) fn media_type(response: &Response<Vec<u8>>) -> Option<&str> {
    let mut values = response.headers().get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let text = value.to_str().ok()?;
    Some(text.split(';').next().unwrap_or_default().trim_matches([' ', '\t']))
}

/// What a refusal says of itself (RFC 6749 §5.2): nothing when its body is not a JSON object with an `error`.
pub(in crate::oidc) fn provider_error(
    response: &Response<Vec<u8>>,
    limits: &Limits,
) -> Option<ProviderError> {
    let object = json_object(Message::TokenResponse, response, limits).ok()?;
    let text = |name| object.get(name).and_then(serde_json::Value::as_str);
    text("error").map(|error| ProviderError::new(error, text("error_description")))
}

/// Characters of a media type that an error shows.
const SHOWN: usize = 128;
