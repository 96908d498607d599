use jsonwebtoken::Algorithm;

use super::{algorithm::name_of, jwk::KeyType};
use crate::json::JsonError;

/// The rule that failed, with its evidence. The codes are those of OpenID Connect, which this module serves.
///
/// Names that come from a token are without control characters and cut to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not a token in compact form, or longer than allowed (RFC 7515 §7.1, RFC 7516 §7.1).
    #[error("the token is malformed: {reason}")]
    TokenMalformed {
        /// What is wrong.
        reason: &'static str,
    },
    /// The header is not base64url of a JSON object with a text `alg` (RFC 7515 §4).
    #[error("the token's header is not usable: {reason}")]
    HeaderInvalid {
        /// What is wrong.
        reason: &'static str,
    },
    /// The algorithm is not among those that are allowed: none, unknown, or not listed.
    #[error("the algorithm {actual:?} is not allowed, only {expected}")]
    AlgorithmNotAllowed {
        /// The algorithms that are.
        expected: String,
        /// What the header names.
        actual: String,
    },
    /// HMAC takes a client secret that is at least as long as the hash (RFC 7518 §3.2).
    #[error("{} needs a client secret of at least {shortest} bytes", name_of(*algorithm))]
    SecretUnfit {
        /// The algorithm.
        algorithm: Algorithm,
        /// Bytes of the shortest secret for it.
        shortest: usize,
    },
    /// A header parameter that would change how the token is read (RFC 7515 §4.1.11).
    #[error("the header holds {parameter:?}, which is not supported")]
    HeaderCritical {
        /// `crit`, `b64`, `zip` or `enc`.
        parameter: &'static str,
    },
    /// The header's `typ` is of another kind of token (RFC 8725 §3.11).
    #[error("the token is of type {actual:?}, expected {expected:?}")]
    WrongType {
        /// The type that is expected, `JWT` where it may be absent.
        expected: String,
        /// The header's `typ`.
        actual: Option<String>,
    },
    /// No key fits the token. Fetching the keys anew may help.
    #[error("no key of the provider fits the token")]
    KeyNotFound {
        /// The header's `kid`.
        kid: Option<String>,
    },
    /// The key that the token names is of another type than its algorithm needs.
    #[error("{} does not fit a key of type {actual}", name_of(*algorithm))]
    KeyTypeMismatch {
        /// The key's `kid`, where it has one.
        kid: Option<String>,
        /// The algorithm.
        algorithm: Algorithm,
        /// The key.
        actual: KeyType,
    },
    /// More keys than may be tried fit a token that names none, or names one that many bear.
    #[error("{count} keys fit the token, at most {limit} are tried")]
    KeyAmbiguous {
        /// How many there are.
        count: usize,
        /// How many may be tried.
        limit: usize,
    },
    /// The signature was made over something else, or with another key.
    #[error("the token's signature does not verify")]
    SignatureInvalid {
        /// The header's `kid`.
        kid: Option<String>,
    },
    /// A payload or document that is not one JSON object.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A JSON object that is no key set.
    #[error("the document is no key set: {reason}")]
    JwksInvalid {
        /// What is wrong.
        reason: &'static str,
    },
    /// No key of the set can verify anything here.
    #[error("the key set holds no key that can be used")]
    JwksEmpty,
    /// The token was not decrypted. Telling why would help whoever sends chosen ciphertexts.
    #[error("the token was not decrypted")]
    DecryptionFailed,
    /// The key could not sign: the operating system gave no random bytes, or the parts of the key contradict each
    /// other.
    #[error("signing failed")]
    SigningFailed,
}

impl Error {
    /// The code of the rule, for example `oidc.signature_invalid`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenMalformed { .. } => "oidc.token_malformed",
            Self::HeaderInvalid { .. } => "oidc.header_invalid",
            Self::AlgorithmNotAllowed { .. } | Self::SecretUnfit { .. } => "oidc.algorithm_not_allowed",
            Self::HeaderCritical { .. } => "oidc.header_critical",
            Self::WrongType { .. } => "oidc.token_wrong_type",
            Self::KeyNotFound { .. } => "oidc.key_not_found",
            Self::KeyTypeMismatch { .. } => "oidc.key_type_mismatch",
            Self::KeyAmbiguous { .. } => "oidc.key_ambiguous",
            Self::SignatureInvalid { .. } => "oidc.signature_invalid",
            Self::Json(JsonError::DuplicateMember { .. }) => "oidc.json_duplicate_member",
            Self::Json(_) | Self::JwksInvalid { .. } => "oidc.json_invalid",
            Self::JwksEmpty => "oidc.jwks_empty",
            Self::DecryptionFailed => "oidc.decryption_failed",
            Self::SigningFailed => "oidc.signing_failed",
        }
    }

    /// Whether the same token may be accepted once the keys have been fetched anew.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::KeyNotFound { .. })
    }
}

/// A name of a token as evidence: fit for a log, and cut, so that no error carries what was hidden in it.
pub(super) fn shown(name: &str) -> String {
    name.chars().filter(|char| !char.is_control()).take(64).collect()
}
