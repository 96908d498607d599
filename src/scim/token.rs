//! Bearer tokens (RFC 6750) of a connection: made, stored as a digest, and checked.
//!
//! A token belongs to a connection and to no person, so provisioning can never take away the account that it works by.
//! It reads `<prefix>_<token id>_<secret>`; the host stores a [`TokenRecord`], which the token cannot be made of again.
//!
//! ```
//! # use admittance::{entropy::OsEntropy, time::Timestamp};
//! use admittance::scim::{access::Scopes, token::{self, Bearer, NewToken}};
//!
//! # let now = Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//! let new = NewToken { prefix: "acme", label: "Okta", scopes: Scopes::all(), expires_at: None };
//! let (shown_once, record) = token::generate(new, &[], &mut OsEntropy, now)?;
//!
//! let mut headers = http::HeaderMap::new();
//! headers.insert("authorization", format!("Bearer {}", shown_once.expose()).parse()?);
//! let bearer = Bearer::from_headers(&headers)?;
//! let token = token::authenticate(&bearer, [&record], "connection 1", now)?;
//! assert_eq!(token.id, record.id);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the host must still do: show a new token once and keep it nowhere, and store [`TokenRecord::used`].

use std::{fmt, time::Duration};

use http::{HeaderMap, header::AUTHORIZATION};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    access::{Access, Scopes},
    error::Error,
    tenant::TenantId,
};
use crate::{
    crypto::{DigestAlgorithm, Secret, constant_time_eq, digest},
    entropy::{Entropy, EntropyError},
    note::Note,
    time::Timestamp,
};

/// A token as it is stored: its identifier and the digest of its secret.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenRecord {
    /// The identifier, which is part of the token.
    pub id: String,
    /// SHA-256 of the secret part, in lower-case hexadecimal digits.
    pub secret_sha256: String,
    /// What an administrator calls it.
    pub label: String,
    /// What it may do. A permission that comes to exist later is not among these.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute: tells which of several is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// Since when it is refused because somebody revoked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct NewToken<'n> {
    /// What tokens of this host begin with, so that people and secret scanners know them: letters, digits, `-` and `_`.
    pub prefix: &'n str,
    /// What an administrator calls it.
    pub label: &'n str,
    /// What it may do.
    pub scopes: Scopes,
    /// From when on it is refused, if ever.
    pub expires_at: Option<Timestamp>,
}

/// Why no token was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// There are as many live tokens as there may be: revoke one.
    #[error("the connection has {live} live tokens, at most {limit} may be live")]
    TooMany {
        /// How many there are.
        live: usize,
        /// The bound.
        limit: usize,
    },
    /// The prefix is empty or holds something else than letters, digits, `-` and `_`.
    #[error("a prefix is made of letters, digits, - and _")]
    Prefix,
    /// The end is not after the beginning.
    #[error("the token would have expired already")]
    Expired,
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// A token as a request brings it, not yet checked.
#[derive(Clone, Debug)]
pub struct Bearer {
    text: Secret,
}

/// A token that is valid here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidToken {
    /// Which one.
    pub id: String,
    /// What it stands for.
    pub access: Access,
    /// `scim.token_expires_soon`, from 30 days before its end.
    pub notes: Vec<Note>,
}

/// Why a request has no valid token: for the host's diagnosis. A client is told [`Error::Unauthorized`] for each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// There is no header `Authorization` with the scheme `Bearer`.
    #[error("the request has no bearer token")]
    Missing,
    /// The token is none of this connection's.
    #[error("the bearer token is none of this connection's")]
    Wrong,
    /// The token has expired.
    #[error("the bearer token {id} expired at {expired_at}")]
    Expired {
        /// Which one.
        id: String,
        /// When.
        expired_at: Timestamp,
    },
    /// The token has been revoked.
    #[error("the bearer token {id} was revoked at {revoked_at}")]
    Revoked {
        /// Which one.
        id: String,
        /// When.
        revoked_at: Timestamp,
    },
}

/// Makes a token for a connection that has these already. Its text is in the first value, and nowhere else.
///
/// # Errors
/// [`GenerateError`]
pub fn generate(
    new: NewToken<'_>,
    existing: &[TokenRecord],
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<(Secret, TokenRecord), GenerateError> {
    let live = existing.iter().filter(|token| token.is_live(now)).count();
    if live >= MAX_LIVE_TOKENS {
        return Err(GenerateError::TooMany { live, limit: MAX_LIVE_TOKENS });
    }
    let in_prefix = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if new.prefix.is_empty() || !new.prefix.bytes().all(in_prefix) {
        return Err(GenerateError::Prefix);
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(GenerateError::Expired);
    }
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    entropy.fill(&mut *secret)?;
    let mut id = [0; ID_BYTES];
    entropy.fill(&mut id)?;
    let (id, secret) = (hexadecimal(&id), Zeroizing::new(hexadecimal(&*secret)));
    let text = Secret::new(format!("{}_{id}_{}", new.prefix, secret.as_str()));
    let mut record = TokenRecord::new(id, sha256(&secret), new.label, new.scopes, now);
    record.expires_at = new.expires_at;
    Ok((text, record))
}

/// Checks a token against those of one connection. An unknown one costs as much as a known one.
///
/// 1. One of the connection's tokens has its identifier, and its secret has the stored digest, compared in constant time.
/// 2. It has not been revoked.
/// 3. It has not expired.
///
/// # Errors
/// [`TokenError`]; the secret is known to be right where the error says more than [`TokenError::Wrong`].
pub fn authenticate<'t>(
    bearer: &Bearer,
    tokens: impl IntoIterator<Item = &'t TokenRecord>,
    tenant: impl Into<TenantId>,
    now: Timestamp,
) -> Result<ValidToken, TokenError> {
    let (id, secret) = bearer.parts().unwrap_or(("", bearer.text.expose()));
    let known = tokens.into_iter().find(|token| token.id == id);
    let stored = known.map_or(DUMMY_SHA256, |token| token.secret_sha256.as_str());
    let same = constant_time_eq(sha256(secret).as_bytes(), stored.as_bytes());
    let token = known.filter(|_| same).ok_or(TokenError::Wrong)?;
    let id = token.id.clone();
    if let Some(revoked_at) = token.revoked_at {
        return Err(TokenError::Revoked { id, revoked_at });
    }
    if let Some(expired_at) = token.expires_at.filter(|end| *end <= now) {
        return Err(TokenError::Expired { id, expired_at });
    }
    let notes = token
        .expires_soon(now)
        .map(|end| Note::new("scim.token_expires_soon").field(token.label.as_str()).actual(end.to_string()));
    let access = Access::new(tenant, token.scopes.clone());
    Ok(ValidToken { id, access, notes: notes.into_iter().collect() })
}

impl Bearer {
    /// The token of a request: from the header `Authorization` alone, never from its address or body.
    ///
    /// # Errors
    /// [`TokenError::Missing`] without one such header with the scheme `Bearer`, in any case; [`TokenError::Wrong`] for
    /// two such headers and for a token that is empty or longer than 512 bytes.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, TokenError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().ok_or(TokenError::Missing)?;
        if values.next().is_some() {
            return Err(TokenError::Wrong);
        }
        let value = value.to_str().map_err(|_| TokenError::Wrong)?;
        let (scheme, token) = value.trim().split_once(' ').ok_or(TokenError::Missing)?;
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(TokenError::Missing);
        }
        let token = token.trim_start();
        if token.is_empty() || token.len() > LONGEST_TOKEN {
            return Err(TokenError::Wrong);
        }
        Ok(Self { text: Secret::new(token) })
    }

    /// The identifier by which a host finds the token's record. `None` where it is no token of this library's form.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.parts().map(|(id, _)| id)
    }

    /// Whether it is this text, compared in constant time: for tokens that were not made by [`generate`].
    #[must_use]
    pub fn is(&self, token: &Secret) -> bool {
        self.text == *token
    }

    /// The identifier and the secret. Read from the right: a prefix may hold the separator, these cannot.
    fn parts(&self) -> Option<(&str, &str)> {
        let mut parts = self.text.expose().rsplitn(3, '_');
        let (secret, id, prefix) = (parts.next()?, parts.next()?, parts.next()?);
        [secret, id, prefix].iter().all(|part| !part.is_empty()).then_some((id, secret))
    }
}

impl TokenRecord {
    /// A token that does not expire.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        secret_sha256: impl Into<String>,
        label: impl Into<String>,
        scopes: Scopes,
        created_at: Timestamp,
    ) -> Self {
        Self {
            id: id.into(),
            secret_sha256: secret_sha256.into(),
            label: label.into(),
            scopes,
            created_at,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// Whether it is accepted.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// The end of a live token that ends within 30 days.
    #[must_use]
    pub fn expires_soon(&self, now: Timestamp) -> Option<Timestamp> {
        let soon = now.saturating_add(EXPIRES_SOON);
        self.expires_at.filter(|end| self.is_live(now) && *end <= soon)
    }

    /// Refuses it from now on. A token that has been revoked stays so, since then.
    pub fn revoke(&mut self, now: Timestamp) {
        self.revoked_at.get_or_insert(now);
    }

    /// Records a use. Says whether there is something to store: at most once a minute, so that a busy client causes no
    /// write with each request.
    #[must_use]
    pub fn used(&mut self, now: Timestamp) -> bool {
        let known = self.last_used_at.is_some_and(|last| now < last.saturating_add(USE_RECORDED_EACH));
        if !known {
            self.last_used_at = Some(now);
        }
        !known
    }
}

impl GenerateError {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany { .. } => "scim.too_many_tokens",
            Self::Prefix => "scim.token_prefix",
            Self::Expired => "scim.token_would_be_expired",
            Self::Entropy(error) => error.code(),
        }
    }
}

impl TokenError {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "scim.token_missing",
            Self::Wrong => "scim.token_wrong",
            Self::Expired { .. } => "scim.token_expired",
            Self::Revoked { .. } => "scim.token_revoked",
        }
    }
}

impl From<TokenError> for Error {
    fn from(_: TokenError) -> Self {
        Self::Unauthorized
    }
}

impl fmt::Debug for TokenRecord {
    /// Everything but the digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, secret_sha256: _, label, scopes, created_at, expires_at, last_used_at, revoked_at } =
            self;
        f.debug_struct("TokenRecord")
            .field("id", id)
            .field("label", label)
            .field("scopes", scopes)
            .field("created_at", created_at)
            .field("expires_at", expires_at)
            .field("last_used_at", last_used_at)
            .field("revoked_at", revoked_at)
            .finish_non_exhaustive()
    }
}

/// Live tokens of one connection: a new one, the one in use, and room for mistakes.
pub const MAX_LIVE_TOKENS: usize = 5;

/// A token is bounded before it is hashed.
const LONGEST_TOKEN: usize = 512;
const SECRET_BYTES: usize = 32;
const ID_BYTES: usize = 8;
const EXPIRES_SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const USE_RECORDED_EACH: Duration = Duration::from_secs(60);

/// As long as a digest, and no digest of anything that is known.
const DUMMY_SHA256: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn sha256(secret: &str) -> String {
    hexadecimal(digest(DigestAlgorithm::Sha256, secret.as_bytes()).as_ref())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for nibble in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
        text
    })
}
