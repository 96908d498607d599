//! [`Claims`]: what a verified sign-in says about a person, the narrow waist between the protocols and
//! everything above them.
//!
//! Only a validated assertion or token makes one (`ValidAssertion::claims`), so a mapping can never run
//! over unverified input. The modules above this one know claims and no protocol.

use serde::{Deserialize, Serialize};

/// Issuer, subject and named values of one verified sign-in, in document order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    issuer: String,
    subject: SubjectId,
    claims: Vec<Claim>,
    overages: Vec<Overage>,
}

/// Who signed in, as the identity provider names the person: with the connection and the issuer the key
/// of an account. Compared byte for byte; an e-mail address or login is never part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubjectId {
    /// The identifier itself.
    pub value: String,
    /// The kind of identifier, where the protocol names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The domain that qualifies the identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_qualifier: Option<String>,
    /// The service that the identifier was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sp_name_qualifier: Option<String>,
    /// Whether the same person will have the same identifier next time.
    pub stability: Stability,
}

/// Whether an identifier outlives the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stability {
    /// The next sign-in of this person has the same identifier.
    Stable,
    /// Made for one session: never the key of an account.
    Transient,
}

/// One named claim with its values. No values (`[]`) and one empty value (`[""]`) differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name, as sent.
    pub name: String,
    /// A second, human name sent with it; a mapping uses it only when asked to.
    pub friendly_name: Option<String>,
    /// The values in the order sent, repetitions kept.
    pub values: Vec<ClaimValue>,
}

/// One value of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimValue {
    /// Text, exactly as signed.
    Text(String),
    /// A JSON object or list (OpenID Connect).
    Json(serde_json::Value),
}

/// The provider left a claim's values out because there are too many.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Overage {
    /// The claim whose values are missing.
    pub name: String,
    /// Where the provider would list them.
    pub link: Option<String>,
}

impl Claims {
    /// INVARIANT (claims are verified): callers are the validated types of the protocol modules, and
    /// `testing`, whose callers are tests.
    #[allow(dead_code, reason = "each caller stands behind a feature")]
    pub(crate) fn new(
        issuer: String,
        subject: SubjectId,
        claims: Vec<Claim>,
        overages: Vec<Overage>,
    ) -> Self {
        Self { issuer, subject, claims, overages }
    }

    /// The identity provider, as it names itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The person.
    #[must_use]
    pub fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// Every claim in the order sent; one entry for each name.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// The claim of exactly this name.
    #[must_use]
    pub fn claim(&self, name: &str) -> Option<&Claim> {
        self.claims.iter().find(|claim| claim.name == name)
    }

    /// Claims whose values the provider left out because there are too many.
    #[must_use]
    pub fn overages(&self) -> &[Overage] {
        &self.overages
    }
}

impl ClaimValue {
    /// The text, unless the value is a JSON object or list.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Json(_) => None,
        }
    }
}
