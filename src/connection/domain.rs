//! [`Domain`]: an email domain of an enterprise and the proof that it is; [`discover`]: whose sign-in an address
//! belongs to.

use serde::{Deserialize, Serialize};
use url::Host;

use super::configuration::{Connection, State};
use super::diagnosis::{Diagnosis, Evidence};
use crate::crypto::constant_time_eq;
use crate::encoding::base64url_encode;
use crate::entropy::{Entropy, EntropyError};
use crate::id::ConnectionId;
use crate::profile::EmailAddress;
use crate::time::Timestamp;

/// A domain that an enterprise claims.
///
/// The proof is a TXT record in its DNS: the host looks up [`record_name`](Self::record_name) and gives what it found
/// to [`check`](Self::check).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    name: DomainName,
    challenge: String,
    status: DomainStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
}

/// A domain name in lower case and in its ASCII form, which is how names compare.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(String);

/// Whether a domain is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DomainStatus {
    /// Nobody has looked yet.
    Pending,
    /// The record was there.
    Verified,
    /// The record was not there at the last look.
    Failed,
}

/// Why a text is no name of a domain that can be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a domain name with at least two labels")]
#[non_exhaustive]
pub struct DomainNameError;

/// Which sign-in an email address leads to. It says nothing about accounts: every address of a domain gets the same
/// answer, whether or not it exists.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discovery {
    /// No enabled connection has the domain: the product's own sign-in.
    None,
    /// This one.
    One(ConnectionId),
    /// One of these; the person chooses.
    Several(Vec<ConnectionId>),
}

/// Finds the enabled connections that have the address's domain, exactly and verified. A subdomain is another domain.
#[must_use]
pub fn discover<'a>(email: &str, connections: impl IntoIterator<Item = &'a Connection>) -> Discovery {
    let Some(domain) = EmailAddress::parse(email.trim()).ok().and_then(|email| DomainName::of(&email)) else {
        return Discovery::None;
    };
    let mut found: Vec<ConnectionId> = connections
        .into_iter()
        .filter(|connection| connection.state() == State::Enabled)
        .filter(|connection| connection.domains().holds_verified(&domain))
        .map(|connection| connection.id().clone())
        .collect();
    found.sort();
    found.dedup();
    match (found.pop(), found.is_empty()) {
        (None, _) => Discovery::None,
        (Some(one), true) => Discovery::One(one),
        (Some(last), false) => {
            found.push(last);
            Discovery::Several(found)
        }
    }
}

impl Domain {
    /// Claims a domain, with a new challenge.
    ///
    /// # Errors
    /// [`EntropyError`] of the source.
    pub fn claim(name: DomainName, entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        let mut random = [0; 24];
        entropy.fill(&mut random)?;
        let challenge = base64url_encode(&random);
        Ok(Self { name, challenge, status: DomainStatus::Pending, checked_at: None })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &DomainName {
        &self.name
    }

    /// Whether it is proven.
    #[must_use]
    pub fn status(&self) -> DomainStatus {
        self.status
    }

    /// When somebody looked last.
    #[must_use]
    pub fn checked_at(&self) -> Option<Timestamp> {
        self.checked_at
    }

    /// Where the TXT record belongs.
    #[must_use]
    pub fn record_name(&self) -> String {
        format!("_admittance-challenge.{}", self.name.as_str())
    }

    /// What the TXT record holds.
    #[must_use]
    pub fn record_value(&self) -> String {
        format!("admittance-domain={}", self.challenge)
    }

    /// The domain after a look-up: `records` are the values of all TXT records at
    /// [`record_name`](Self::record_name), each with its strings joined. One that does not hold the challenge any
    /// more fails, even if it was verified.
    #[must_use]
    pub fn check<'r>(&self, records: impl IntoIterator<Item = &'r str>, now: Timestamp) -> Self {
        let value = self.record_value();
        let mut holds = false;
        for record in records {
            holds |= constant_time_eq(record.trim().as_bytes(), value.as_bytes());
        }
        let status = if holds { DomainStatus::Verified } else { DomainStatus::Failed };
        Self { status, checked_at: Some(now), ..self.clone() }
    }

    /// What to do about a domain that is not proven: which record to add. `None` for a verified one.
    #[must_use]
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        match self.status {
            DomainStatus::Verified => None,
            DomainStatus::Pending | DomainStatus::Failed => {
                let evidence = Evidence::new("domain.challenge_missing").field(self.record_name());
                Some(Diagnosis::of(&evidence.expected(self.record_value()), None))
            }
        }
    }
}

impl DomainName {
    /// Reads a name: lower case, and an internationalized name in its ASCII form (IDNA). A dot at the end is left
    /// out.
    ///
    /// # Errors
    /// [`DomainNameError`] for anything but a domain name with at least two labels, such as an address or a URL.
    pub fn parse(text: &str) -> Result<Self, DomainNameError> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        // The same rule as for the domain of an email address: what it refuses could never match one
        let email = EmailAddress::parse(&format!("x@{text}")).map_err(|_| DomainNameError)?;
        Self::of(&email).ok_or(DomainNameError)
    }

    /// The domain of an address.
    #[must_use]
    pub fn of(email: &EmailAddress) -> Option<Self> {
        match Host::parse(email.domain()) {
            Ok(Host::Domain(ascii)) => Some(Self(ascii.to_ascii_lowercase())),
            _ => None,
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl DomainNameError {
    /// `domain.invalid`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "domain.invalid"
    }
}

impl std::fmt::Display for DomainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DomainName {
    type Error = DomainNameError;

    fn try_from(text: String) -> Result<Self, DomainNameError> {
        Self::parse(&text)
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> Self {
        name.0
    }
}
