use std::fmt;

use crate::time::Timestamp;

/// Which element a rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Level {
    /// The Response.
    Response,
    /// The Assertion.
    Assertion,
    /// The LogoutRequest.
    LogoutRequest,
    /// The LogoutResponse.
    LogoutResponse,
    /// The ArtifactResponse around a Response.
    ArtifactResponse,
    /// The metadata document.
    Metadata,
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

/// A failure that the identity provider reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpStatus {
    /// The top status code, a URI.
    pub code: String,
    /// The codes below it, outermost first.
    pub sub_codes: Vec<String>,
    /// Its message for people, at most 1 KiB.
    pub message: Option<String>,
    /// The request that it answers.
    pub in_response_to: Option<String>,
    /// A signature on the message was verified. Otherwise anybody may have made this up.
    pub trusted: bool,
}

/// What may explain a difference between two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hint {
    /// They differ by a slash at the end.
    TrailingSlash,
    /// They differ by upper and lower case.
    Case,
    /// They differ by `http` and `https`.
    Scheme,
    /// They differ by white space.
    WhiteSpace,
    /// The text is an address of ours where a name belongs, or a name where an address belongs.
    EqualsAcsUrl,
    /// Another address in the same message is ours: several are configured at the identity provider.
    SeveralAcsUrls,
}

impl Hint {
    /// What explains that `actual` is none of `expected`.
    pub(in crate::saml) fn of(expected: &[String], actual: &str) -> Vec<Self> {
        let holds = |hint: &Self| expected.iter().any(|text| hint.blurred(text) == hint.blurred(actual));
        [Self::TrailingSlash, Self::Case, Self::Scheme, Self::WhiteSpace].into_iter().filter(holds).collect()
    }

    /// The text without what the hint speaks of.
    fn blurred(self, text: &str) -> String {
        match self {
            Self::TrailingSlash => text.strip_suffix('/').unwrap_or(text).to_owned(),
            Self::Case => text.to_lowercase(),
            Self::Scheme => {
                let rest = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme));
                rest.unwrap_or(text).to_owned()
            }
            Self::WhiteSpace => text.split_ascii_whitespace().collect(),
            Self::EqualsAcsUrl | Self::SeveralAcsUrls => text.to_owned(),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Response => "response",
            Self::Assertion => "assertion",
            Self::LogoutRequest => "logout request",
            Self::LogoutResponse => "logout response",
            Self::ArtifactResponse => "artifact response",
            Self::Metadata => "metadata",
        })
    }
}
