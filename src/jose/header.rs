use serde_json::Value;

use super::{
    algorithm,
    error::{Error, shown},
};
use crate::{
    encoding::base64url_decode,
    json::{self, JsonError, Object},
    limits::{JsonLimits, Limits},
};
use jsonwebtoken::Algorithm;

/// The header of a token, read strictly. Before verification it is what a stranger wrote.
#[derive(Clone, Debug)]
pub struct Header {
    members: Object,
    alg: String,
}

impl Header {
    /// The text of `alg`.
    #[must_use]
    pub fn alg(&self) -> &str {
        &self.alg
    }

    /// The signature algorithm that `alg` names, if it is one that can be verified here.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        algorithm::read(&self.alg)
    }

    /// `kid`: compared with the names of keys, and never read in another way.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.text("kid")
    }

    /// `typ`.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.text("typ")
    }

    /// Every parameter.
    #[must_use]
    pub fn members(&self) -> &Object {
        &self.members
    }

    /// Reads the first part of a token (RFC 7515 §4).
    pub(super) fn parse(part: &str, limits: &Limits) -> Result<Self, Error> {
        let invalid = |reason| Error::HeaderInvalid { reason };
        let bytes = base64url_decode(part.as_bytes()).map_err(|_| invalid("it is not base64url"))?;
        if bytes.len() > limits.token_header {
            return Err(invalid("it is too long"));
        }
        let limits = JsonLimits { bytes: limits.token_header, ..limits.json };
        let members = json::parse_object(&bytes, &limits).map_err(|error| match error {
            JsonError::DuplicateMember { .. } => Error::Json(error),
            JsonError::Invalid { reason, .. } => invalid(reason),
            JsonError::NotAnObject => invalid("it is no JSON object"),
            JsonError::Limit(_) => invalid("it holds too much"),
        })?;
        let alg = match members.get("alg") {
            Some(Value::String(alg)) => alg.clone(),
            Some(_) => return Err(invalid("alg is not a text")),
            None => return Err(invalid("alg is missing")),
        };
        for name in ["kid", "typ", "cty"] {
            if members.get(name).is_some_and(|value| !value.is_string()) {
                return Err(invalid("kid, typ or cty is not a text"));
            }
        }
        Ok(Self { members, alg })
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name).and_then(Value::as_str)
    }

    pub(super) fn kid_shown(&self) -> Option<String> {
        self.kid().map(shown)
    }
}

/// Whether a `typ` or `cty` names this media type: without case, and with or without `application/`
/// (RFC 7515 §4.1.9).
pub(super) fn is_media_type(text: &str, expected: &str) -> bool {
    let prefix = "application/";
    let text = match text.split_at_checked(prefix.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(prefix) => rest,
        _ => text,
    };
    text.eq_ignore_ascii_case(expected)
}
