//! [`MetadataDiff`]: what changes when metadata has been read anew, to show, to store or to test.

use serde::{Deserialize, Serialize};

use crate::{
    crypto::{Certificate, TrustedKey},
    saml::{
        Error,
        bindings::Endpoint,
        metadata::idp::{ArtifactResolutionService, IdpConfig, IdpIssuer, MetadataSignature},
    },
    time::Timestamp,
    version::Version,
};

/// What is different between two readings of an identity provider's metadata. How long they are valid is not part of
/// it, as that moves with each reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetadataDiff {
    version: Version<1>,
    /// Signing keys. During a rollover there is an old one and a new one; signatures of both count as long as the
    /// metadata has both.
    pub keys: KeyDiff,
    /// Sign-on services.
    pub sso: ListDiff<Endpoint>,
    /// Logout services.
    pub slo: ListDiff<Endpoint>,
    /// Artifact resolution services.
    pub artifact_resolution: ListDiff<ArtifactResolutionService>,
    /// Formats of name identifiers.
    pub name_id_formats: ListDiff<String>,
    /// Whether requests are wanted signed, where that is different now.
    #[serde(default)]
    pub want_authn_requests_signed: Option<bool>,
    /// Whether the metadata's own signature was verified, where that is different now.
    #[serde(default)]
    pub signature: Option<MetadataSignature>,
}

/// What is different between two sets of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDiff {
    /// Only in the new one.
    pub added: Vec<KeyName>,
    /// In both.
    pub kept: Vec<KeyName>,
    /// Only in the old one: its signatures count no more.
    pub removed: Vec<KeyName>,
}

/// A key by its fingerprints. A new certificate for an old key is another one of these.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyName {
    /// SHA-256 of the certificate; none for a bare key.
    #[serde(default)]
    pub certificate: Option<String>,
    /// SHA-256 of the key (SubjectPublicKeyInfo).
    pub key: String,
    /// The end of the certificate's validity.
    #[serde(default)]
    pub not_after: Option<Timestamp>,
}

/// What is different between two lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDiff<T> {
    /// Only in the new one.
    pub added: Vec<T>,
    /// Only in the old one.
    pub removed: Vec<T>,
    /// What is in both has another order. The first that fits is the one that is used.
    #[serde(default)]
    pub reordered: bool,
}

impl MetadataDiff {
    /// What `new` changes.
    ///
    /// # Errors
    /// [`Error::MetadataEntityChanged`] when the new metadata is another entity's: it must not take the place of the
    /// old, as accounts belong to the identity provider by its name. Only an issuer that was not pinned may get one.
    pub fn between(old: &IdpConfig, new: &IdpConfig) -> Result<Self, Error> {
        if let IdpIssuer::Pinned(expected) = old.issuer()
            && old.issuer() != new.issuer()
        {
            let (expected, actual) = (expected.clone(), new.entity_id().map(str::to_owned));
            return Err(Error::MetadataEntityChanged { expected, actual });
        }
        let signed = (old.want_authn_requests_signed(), new.want_authn_requests_signed());
        let signature = (old.signature(), new.signature());
        Ok(Self {
            version: Version,
            keys: KeyDiff::between(old, new),
            sso: ListDiff::between(old.sso(), new.sso()),
            slo: ListDiff::between(old.slo(), new.slo()),
            artifact_resolution: ListDiff::between(old.artifact_resolution(), new.artifact_resolution()),
            name_id_formats: ListDiff::between(old.name_id_formats(), new.name_id_formats()),
            want_authn_requests_signed: (signed.0 != signed.1).then_some(signed.1),
            signature: (signature.0 != signature.1).then_some(signature.1),
        })
    }

    /// Whether nothing is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
            && self.sso.is_empty()
            && self.slo.is_empty()
            && self.artifact_resolution.is_empty()
            && self.name_id_formats.is_empty()
            && self.want_authn_requests_signed.is_none()
            && self.signature.is_none()
    }
}

impl KeyDiff {
    fn between(old: &IdpConfig, new: &IdpConfig) -> Self {
        let names = |idp: &IdpConfig| idp.signing_keys().iter().map(KeyName::of).collect::<Vec<_>>();
        let (old, new) = (names(old), names(new));
        let (kept, added): (Vec<_>, Vec<_>) = new.into_iter().partition(|name| old.contains(name));
        let removed = old.into_iter().filter(|name| !kept.contains(name)).collect();
        Self { added, kept, removed }
    }

    /// Whether the keys are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl KeyName {
    fn of(key: &TrustedKey) -> Self {
        Self {
            certificate: key.certificate().map(|certificate| certificate.sha256().to_string()),
            key: key.key().sha256().to_string(),
            not_after: key.certificate().map(Certificate::not_after),
        }
    }
}

impl<T: Clone + PartialEq> ListDiff<T> {
    fn between(old: &[T], new: &[T]) -> Self {
        let only_in = |all: &[T], other: &[T]| -> Vec<T> {
            all.iter().filter(|item| !other.contains(item)).cloned().collect()
        };
        let in_both = |all: &'_ [T], other: &[T]| -> Vec<T> {
            all.iter().filter(|item| other.contains(item)).cloned().collect()
        };
        Self {
            added: only_in(new, old),
            removed: only_in(old, new),
            reordered: in_both(old, new) != in_both(new, old),
        }
    }
}

impl<T> ListDiff<T> {
    /// Whether the lists are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && !self.reordered
    }
}
