//! [`CertificateStatus`]: what the dates of a certificate say today, and when to warn.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::configuration::Connection;
use super::diagnosis::{Diagnosis, Evidence};
use super::identity_provider::IdentityProvider;
use crate::crypto::{Certificate, Fingerprint};
use crate::time::Timestamp;

/// What the dates of a certificate say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateStatus {
    /// It begins later.
    NotYetValid,
    /// More than 60 days are left.
    Ok,
    /// So many whole days are left, 60 at most; 0 on the last day.
    ExpiresIn(u16),
    /// It has ended.
    Expired,
}

/// A point at which one warning is due: 60, 30, 7 and 1 days before the end, and the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateWarning {
    /// 60 days are left.
    Days60,
    /// 30 days are left.
    Days30,
    /// 7 days are left.
    Days7,
    /// 1 day is left.
    Days1,
    /// It has ended.
    Expired,
}

/// A certificate as a report shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CertificateSummary {
    /// SHA-256 in hexadecimal digits with colons, as consoles show it.
    pub sha256: String,
    /// The last second of its validity.
    pub not_after: Timestamp,
    /// What its dates say.
    pub status: CertificateStatus,
}

/// What the dates of a certificate say at `now`.
#[must_use]
pub fn certificate_status(certificate: &Certificate, now: Timestamp) -> CertificateStatus {
    if now < certificate.not_before() {
        return CertificateStatus::NotYetValid;
    }
    match certificate.not_after().duration_since(now) {
        None => CertificateStatus::Expired,
        Some(left) => match u16::try_from(left.as_secs() / DAY.as_secs()) {
            Ok(days) if days <= 60 => CertificateStatus::ExpiresIn(days),
            _ => CertificateStatus::Ok,
        },
    }
}

impl CertificateStatus {
    /// The warning that is due, unless `sent` says that this one, or a later one, was sent for the certificate. The
    /// host stores what it sends, by fingerprint, so that each goes out once.
    #[must_use]
    pub fn warning_due(self, sent: Option<CertificateWarning>) -> Option<CertificateWarning> {
        let due = match self {
            Self::NotYetValid | Self::Ok => return None,
            Self::ExpiresIn(31..) => CertificateWarning::Days60,
            Self::ExpiresIn(8..=30) => CertificateWarning::Days30,
            Self::ExpiresIn(2..=7) => CertificateWarning::Days7,
            Self::ExpiresIn(..=1) => CertificateWarning::Days1,
            Self::Expired => CertificateWarning::Expired,
        };
        (sent < Some(due)).then_some(due)
    }
}

impl CertificateSummary {
    /// The summary at `now`.
    #[must_use]
    pub fn of(certificate: &Certificate, now: Timestamp) -> Self {
        Self {
            sha256: certificate.sha256().to_string(),
            not_after: certificate.not_after(),
            status: certificate_status(certificate, now),
        }
    }
}

/// The signing certificates of a connection's identity provider. OpenID Connect has none.
#[must_use]
pub fn signing_certificates(connection: &Connection) -> Vec<&Certificate> {
    match connection.provider() {
        #[cfg(feature = "saml")]
        Some(IdentityProvider::Saml(idp)) => {
            idp.signing_keys().iter().filter_map(|key| key.certificate()).collect()
        }
        #[cfg(feature = "oidc")]
        Some(IdentityProvider::Oidc(_)) => Vec::new(),
        None => Vec::new(),
    }
}

/// Warnings about the dates of our own certificates, those that sign and those that others encrypt to: of one use, old
/// and new together, as they are published.
#[must_use]
pub fn own_certificate_warnings(
    certificates: &[Certificate],
    connection: &Connection,
    now: Timestamp,
) -> Vec<Diagnosis> {
    let certificates: Vec<&Certificate> = certificates.iter().collect();
    let evidence = evidence(&certificates, Owner::Product, now);
    evidence.iter().map(|evidence| Diagnosis::of(evidence, connection.preset())).collect()
}

/// Whose certificate it is: the warnings are the same, the remedies are not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    IdentityProvider,
    Product,
}

/// What to say about the dates of several certificates that stand for one side. Where one of them is good for long,
/// the rollover is under way and nothing is said about those that end.
pub(super) fn evidence(certificates: &[&Certificate], owner: Owner, now: Timestamp) -> Vec<Evidence> {
    let status = |certificate: &&Certificate| certificate_status(certificate, now);
    if certificates.iter().any(|certificate| status(certificate) == CertificateStatus::Ok) {
        return Vec::new();
    }
    certificates.iter().filter_map(|certificate| one(certificate, owner, now)).collect()
}

fn one(certificate: &Certificate, owner: Owner, now: Timestamp) -> Option<Evidence> {
    let status = certificate_status(certificate, now);
    let code = match (owner, status) {
        (_, CertificateStatus::Ok) => return None,
        (Owner::IdentityProvider, CertificateStatus::NotYetValid) => "saml.certificate_not_yet_valid",
        (Owner::IdentityProvider, CertificateStatus::ExpiresIn(_)) => "saml.certificate_expires_soon",
        (Owner::IdentityProvider, CertificateStatus::Expired) => "saml.certificate_expired",
        (Owner::Product, CertificateStatus::NotYetValid) => "connection.own_certificate_not_yet_valid",
        (Owner::Product, CertificateStatus::ExpiresIn(_)) => "connection.own_certificate_expires_soon",
        (Owner::Product, CertificateStatus::Expired) => "connection.own_certificate_expired",
    };
    let evidence = Evidence::new(code).field(short(certificate.sha256()));
    Some(match status {
        CertificateStatus::NotYetValid => {
            evidence.expected(certificate.not_before().to_string()).actual(now.to_string())
        }
        CertificateStatus::ExpiresIn(days) => {
            let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
            evidence.expected(until(certificate)).actual(days)
        }
        CertificateStatus::Ok | CertificateStatus::Expired => {
            evidence.expected(until(certificate)).actual(now.to_string())
        }
    })
}

fn until(certificate: &Certificate) -> String {
    format!("until {}", certificate.not_after())
}

/// Enough to tell one certificate of a console from another.
fn short(fingerprint: Fingerprint) -> String {
    let text = fingerprint.to_string();
    format!("{}…", text.chars().take(11).collect::<String>())
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
