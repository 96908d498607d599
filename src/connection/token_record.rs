//! [`TokenRecord`]: what is known of a provisioning token without knowing the token.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A bearer token of provisioning as it is stored: its identifier and the digest of its secret. The token itself is
/// shown once when it is made, and kept nowhere.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TokenRecord {
    /// The identifier, which is part of the token.
    pub id: String,
    /// SHA-256 of the secret part, in hexadecimal digits.
    pub secret_sha256: String,
    /// What an administrator calls it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl TokenRecord {
    /// A token that does not expire.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        secret_sha256: impl Into<String>,
        label: impl Into<String>,
        created_at: Timestamp,
    ) -> Self {
        let (id, secret_sha256, label) = (id.into(), secret_sha256.into(), label.into());
        Self { id, secret_sha256, label, created_at, expires_at: None }
    }

    /// The same with an end.
    #[must_use]
    pub fn until(mut self, expires_at: Timestamp) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// Whether it is accepted.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether its end is near, or past.
    #[must_use]
    pub fn expires_soon(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now.saturating_add(EXPIRES_SOON) >= end)
    }
}

/// Live tokens of one connection: a new one, the one in use, and room for mistakes.
pub const MAX_LIVE_TOKENS: usize = 5;

/// How long before its end a token gives a warning.
const EXPIRES_SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl fmt::Debug for TokenRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, secret_sha256: _, label, created_at, expires_at } = self;
        f.debug_struct("TokenRecord")
            .field("id", id)
            .field("label", label)
            .field("created_at", created_at)
            .field("expires_at", expires_at)
            .finish_non_exhaustive()
    }
}
