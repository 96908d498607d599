//! The answer of the token endpoint and its like, check by check (RFC 6749 §5).

use std::time::Duration;

use http::{Response, StatusCode};
use serde_json::{Number, Value};

use super::tokens::TokenType;
use crate::{
    crypto::Secret,
    json::Object,
    note::Note,
    oidc::{Error, Message, Policy, answer, dpop::Dpop},
};

/// The object of an answer with the status of success; of another, what the provider says.
///
/// # Errors
/// - [`Error::UseDpopNonce`], or [`Error::DpopNonceRepeated`] when that was followed already;
/// - [`Error::TokenError`] with what the provider says, [`Error::HttpStatus`] where it says nothing;
/// - [`Error::ContentType`], [`Error::BodyTooLarge`], [`Error::Json`].
pub(in crate::oidc) fn read(
    message: Message,
    success: StatusCode,
    response: &Response<Vec<u8>>,
    dpop: Dpop<'_>,
    policy: &Policy,
) -> Result<Object, Error> {
    refuse_failure(message, success, response, dpop, policy)?;
    // RFC 6749 §5.1
    answer::json_object(message, response, &policy.limits)
}

/// RFC 6749 §5.2, RFC 9449 §8: an answer with another status than that of success.
///
/// # Errors
/// As for [`read`].
pub(super) fn refuse_failure(
    message: Message,
    success: StatusCode,
    response: &Response<Vec<u8>>,
    dpop: Dpop<'_>,
    policy: &Policy,
) -> Result<(), Error> {
    let status = response.status();
    if status == success {
        return Ok(());
    }
    let (expected, actual) = (success.as_u16(), status.as_u16());
    // A server that fails seldom explains itself in JSON.
    let Some(error) = answer::provider_error(response, &policy.limits) else {
        return Err(Error::HttpStatus { message, expected, actual });
    };
    if matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
        dpop.follow_nonce(&error.error, response)?;
    }
    Err(Error::TokenError { message, status: actual, error })
}

/// The tokens of an answer, taken out of it before anything else is looked at: whatever is wrong with the rest, they
/// are wiped.
pub(super) struct Taken {
    pub(super) access_token: Option<Secret>,
    pub(super) refresh_token: Result<Option<Secret>, Error>,
    pub(super) id_token: Result<Option<Secret>, Error>,
}

impl Taken {
    pub(super) fn of(object: &mut Object) -> Self {
        Self {
            access_token: take(object, "access_token")
                .ok()
                .flatten()
                .filter(|token| !token.expose().is_empty()),
            refresh_token: take(object, "refresh_token"),
            id_token: take(object, "id_token"),
        }
    }
}

/// A text; `null` is none.
fn take(object: &mut Object, member: &'static str) -> Result<Option<Secret>, Error> {
    match object.remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(Secret::new(text))),
        Some(other) => Err(not_a_text(member, &other)),
    }
}

/// RFC 6749 §7.1: without regard to case.
///
/// # Errors
/// [`Error::TokenType`].
pub(super) fn token_type(object: &Object, dpop: Dpop<'_>, exchange: Exchange) -> Result<TokenType, Error> {
    let actual = object.get("token_type").and_then(Value::as_str);
    let is = |name: &str| actual.is_some_and(|actual| actual.eq_ignore_ascii_case(name));
    let with_proof = matches!(dpop, Dpop::With { .. });
    if is("Bearer") {
        Ok(TokenType::Bearer)
    } else if with_proof && is("DPoP") {
        Ok(TokenType::Dpop)
    } else if exchange == Exchange::Token && is("N_A") {
        Ok(TokenType::NotApplicable)
    } else {
        let expected = if with_proof { "Bearer or DPoP" } else { "Bearer" };
        Err(Error::TokenType { expected, actual: actual.map(|actual| actual.chars().take(SHOWN).collect()) })
    }
}

/// What was exchanged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Exchange {
    /// A code or a refresh token.
    Grant,
    /// A token (RFC 8693).
    Token,
}

/// RFC 6749 §5.1: seconds. Some providers write them as a text.
///
/// # Errors
/// [`Error::ExpiresIn`].
pub(super) fn expires_in(object: &Object) -> Result<Option<Duration>, Error> {
    let (seconds, shown) = match object.get("expires_in") {
        None => return Ok(None),
        Some(Value::Number(number)) => (whole_seconds(number), Some(number.to_string())),
        Some(Value::String(text)) => {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            (digits.then(|| text.parse().ok()).flatten(), Some(text.chars().take(SHOWN).collect()))
        }
        Some(_) => (None, None),
    };
    match seconds.filter(|seconds| *seconds <= LONGEST_LIFETIME) {
        Some(seconds) => Ok(Some(Duration::from_secs(seconds))),
        None => Err(Error::ExpiresIn { actual: shown }),
    }
}

fn whole_seconds(number: &Number) -> Option<u64> {
    let fraction = || Duration::try_from_secs_f64(number.as_f64()?).ok().map(|seconds| seconds.as_secs());
    number.as_u64().or_else(fraction)
}

/// RFC 6749 §5.1: the scopes that were granted, where they are named, and a note if one of those asked for is not
/// among them.
///
/// # Errors
/// [`Error::ClaimType`].
pub(super) fn scopes(
    object: &Object,
    requested: &[String],
    notes: &mut Vec<Note>,
) -> Result<Option<Vec<String>>, Error> {
    let granted: Vec<String> = match object.get("scope") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(scope)) => {
            scope.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect()
        }
        Some(other) => return Err(not_a_text("scope", other)),
    };
    if requested.iter().any(|scope| !granted.contains(scope)) {
        notes.push(
            Note::new("oidc.scope_reduced")
                .field("scope")
                .expected(requested.join(" "))
                .actual(granted.join(" ")),
        );
    }
    Ok(Some(granted))
}

fn not_a_text(claim: &'static str, value: &Value) -> Error {
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    Error::ClaimType { message: Message::TokenResponse, claim, expected: "a text", actual }
}

/// Ten years in seconds.
const LONGEST_LIFETIME: u64 = 10 * 365 * 24 * 60 * 60;

/// Characters of a foreign text that an error shows.
const SHOWN: usize = 100;
