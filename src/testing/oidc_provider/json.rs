//! Small words for JSON objects and forms.

use serde_json::{Map, Value};

use crate::{
    encoding::{base64url_decode, base64url_encode},
    time::Timestamp,
};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// A JWT that somebody sent: read, and verified by [`keys::verify`](super::keys::verify) over `signed`.
pub(super) struct Jwt {
    pub(super) header: Object,
    pub(super) claims: Object,
    pub(super) signed: String,
    pub(super) signature: Vec<u8>,
}

impl Jwt {
    /// Reads the compact form.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let object = |part: &str| -> Option<Object> {
            serde_json::from_slice(&base64url_decode(part.as_bytes()).ok()?).ok()
        };
        Some(Self {
            header: object(header)?,
            claims: object(claims)?,
            signed: signed.to_owned(),
            signature: base64url_decode(signature.as_bytes()).ok()?,
        })
    }

    pub(super) fn algorithm(&self) -> &str {
        text(&self.header, "alg")
    }
}

/// A member as text, empty where it is another type or absent.
pub(super) fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member as a number of seconds.
pub(super) fn number(object: &Object, name: &str) -> Option<i64> {
    object.get(name).and_then(Value::as_i64)
}

/// Seconds since 1970, as every claim has them.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.to_unix_millis().div_euclid(1000)
}

/// A value that looks random and is always the same: SHA-256 in base64url.
pub(super) fn opaque(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    base64url_encode(digest.as_ref())
}

/// What a form or a query says, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form(pub(super) Vec<(String, String)>);

impl Form {
    pub(super) fn parse(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// The first name that is there twice, `resource` and `audience` apart (RFC 8707 §2, RFC 8693 §2.1).
    pub(super) fn repeated(&self) -> Option<&str> {
        let names = || self.0.iter().map(|(name, _)| name.as_str());
        names().find(|name| {
            !["resource", "audience"].contains(name) && names().filter(|other| other == name).count() > 1
        })
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}
