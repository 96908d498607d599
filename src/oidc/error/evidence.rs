use std::fmt;

use crate::time::Timestamp;

/// Which message a rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Message {
    /// The discovery document.
    Discovery,
    /// The provider's keys.
    Jwks,
    /// What the browser brings back.
    Callback,
    /// The answer to a pushed authorization request.
    PushedAuthorization,
    /// The token endpoint's answer.
    TokenResponse,
    /// The revocation endpoint's answer.
    Revocation,
    /// The UserInfo answer.
    Userinfo,
    /// The ID token.
    IdToken,
    /// The logout token.
    LogoutToken,
    /// The front-channel logout request.
    FrontchannelLogout,
}

/// A time that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeBound {
    /// The bound, without skew.
    pub bound: Timestamp,
    /// The host's time.
    pub now: Timestamp,
    /// The allowed difference of clocks in seconds.
    pub skew_seconds: u64,
}

/// A failure that the provider reports (RFC 6749 §4.1.2.1, §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderError {
    /// Its code: `access_denied`, `login_required`.
    pub error: String,
    /// Its message for people.
    pub description: Option<String>,
}

impl ProviderError {
    /// Foreign texts, made fit for a log.
    pub(in crate::oidc) fn new(error: &str, description: Option<&str>) -> Self {
        Self { error: shown(error), description: description.map(shown) }
    }
}

/// Bytes of a foreign text that an error shows.
const SHOWN: usize = 1024;

/// A foreign text, made fit for a log: without control characters, at most 1 KiB.
pub(in crate::oidc) fn shown(text: &str) -> String {
    let mut kept = String::new();
    for char in text.chars().filter(|char| !char.is_control()) {
        if kept.len() + char.len_utf8() > SHOWN {
            break;
        }
        kept.push(char);
    }
    kept
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery document",
            Self::Jwks => "key set",
            Self::Callback => "callback",
            Self::PushedAuthorization => "answer to the pushed request",
            Self::TokenResponse => "token response",
            Self::Revocation => "answer to the revocation",
            Self::Userinfo => "UserInfo answer",
            Self::IdToken => "ID token",
            Self::LogoutToken => "logout token",
            Self::FrontchannelLogout => "front-channel logout request",
        })
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error)
    }
}
