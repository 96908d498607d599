//! [`TrustedKeys`]: the keys whose signatures count, never none.

use serde::{Deserialize, Serialize};

use super::{certificate::Certificate, key::PublicKey};

/// A key whose signatures count, with the certificate that it came in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Source", into = "Source")]
pub struct TrustedKey {
    key: PublicKey,
    certificate: Option<Certificate>,
}

/// One or more keys whose signatures count, in the order given, each once.
///
/// Serialised as a list of `{"certificate": …}` and `{"public_key": …}`; an empty list does not deserialise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TrustedKey>", into = "Vec<TrustedKey>")]
pub struct TrustedKeys {
    /// INVARIANT (trusted keys): at least one, no key twice.
    keys: Vec<TrustedKey>,
}

/// There is no key to trust, so no signature could ever count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no trusted key is given")]
pub struct NoTrustedKeys;

impl TrustedKey {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The certificate that the key came in; `None` for a bare key.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Of two certificates for one key, as after a renewal, the one that is valid longer counts.
    fn merge(&mut self, other: Self) {
        let until = |certificate: &Certificate| certificate.not_after();
        if other.certificate.as_ref().map(until) > self.certificate.as_ref().map(until) {
            self.certificate = other.certificate;
        }
    }
}

impl TrustedKeys {
    /// Trusts these keys. A key that comes twice is kept where it came first, with the certificate that is
    /// valid longest.
    ///
    /// # Errors
    /// [`NoTrustedKeys`] when there is none.
    pub fn new(keys: impl IntoIterator<Item = TrustedKey>) -> Result<Self, NoTrustedKeys> {
        let mut trusted: Vec<TrustedKey> = Vec::new();
        for key in keys {
            match trusted.iter_mut().find(|known| known.key == key.key) {
                Some(known) => known.merge(key),
                None => trusted.push(key),
            }
        }
        if trusted.is_empty() { Err(NoTrustedKeys) } else { Ok(Self { keys: trusted }) }
    }

    /// The keys in the order given.
    pub fn iter(&self) -> std::slice::Iter<'_, TrustedKey> {
        self.keys.iter()
    }
}

impl NoTrustedKeys {
    /// `crypto.no_trusted_keys`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "crypto.no_trusted_keys"
    }
}

impl From<Certificate> for TrustedKey {
    fn from(certificate: Certificate) -> Self {
        Self { key: certificate.public_key().clone(), certificate: Some(certificate) }
    }
}

impl From<PublicKey> for TrustedKey {
    fn from(key: PublicKey) -> Self {
        Self { key, certificate: None }
    }
}

impl From<Certificate> for TrustedKeys {
    fn from(certificate: Certificate) -> Self {
        Self { keys: vec![certificate.into()] }
    }
}

impl From<PublicKey> for TrustedKeys {
    fn from(key: PublicKey) -> Self {
        Self { keys: vec![key.into()] }
    }
}

impl<'k> IntoIterator for &'k TrustedKeys {
    type Item = &'k TrustedKey;
    type IntoIter = std::slice::Iter<'k, TrustedKey>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<TrustedKey>> for TrustedKeys {
    type Error = NoTrustedKeys;

    fn try_from(keys: Vec<TrustedKey>) -> Result<Self, NoTrustedKeys> {
        Self::new(keys)
    }
}

impl From<TrustedKeys> for Vec<TrustedKey> {
    fn from(trusted: TrustedKeys) -> Self {
        trusted.keys
    }
}

/// What a trusted key is made from. The key in a certificate is not written a second time.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    Certificate(Certificate),
    PublicKey(PublicKey),
}

impl From<Source> for TrustedKey {
    fn from(source: Source) -> Self {
        match source {
            Source::Certificate(certificate) => certificate.into(),
            Source::PublicKey(key) => key.into(),
        }
    }
}

impl From<TrustedKey> for Source {
    fn from(trusted: TrustedKey) -> Self {
        match trusted.certificate {
            Some(certificate) => Self::Certificate(certificate),
            None => Self::PublicKey(trusted.key),
        }
    }
}
