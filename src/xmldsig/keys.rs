//! Which trusted key made a signature value (S9 to S11).

use super::{Error, SignaturePolicy};
use crate::crypto::{Certificate, SignatureAlgorithm, TrustedKey, TrustedKeys, VerifyError};
use crate::limits::{Budget, Limits, Resource};

/// A signature value, with what it should be made over.
pub(super) struct Made<'s> {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) algorithm_uri: &'s str,
    pub(super) octets: &'s [u8],
    pub(super) value: &'s [u8],
}

impl Made<'_> {
    /// S9: the trusted keys of the type that the algorithm needs.
    pub(super) fn fitting<'k>(&self, keys: &'k TrustedKeys) -> impl Iterator<Item = &'k TrustedKey> {
        keys.iter().filter(|key| self.algorithm.fits(key.key().kind()))
    }

    /// S10, S11: the key that made the signature. The one in the certificate `hinted` (DER) is tried first.
    pub(super) fn find_key<'k>(
        &self,
        keys: &'k TrustedKeys,
        hinted: Option<&[u8]>,
        policy: SignaturePolicy,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<&'k TrustedKey, Error> {
        if self.fitting(keys).next().is_none() {
            return Err(Error::KeyType {
                expected: keys.iter().map(|key| key.key().kind().to_string()).collect(),
                algorithm: self.algorithm_uri.to_owned(),
            });
        }
        let is_hinted =
            |key: &TrustedKey| hinted.is_some() && key.certificate().map(Certificate::der) == hinted;
        let first = self.fitting(keys).find(|key| is_hinted(key));
        let others = self.fitting(keys).filter(|key| !first.is_some_and(|first| std::ptr::eq(first, *key)));
        let mut tried = Vec::new();
        let mut too_short = None;
        for (number, key) in first.into_iter().chain(others).enumerate() {
            budget.reach(Resource::Keys, number + 1, limits.keys_per_signature)?;
            match key.key().verify(self.algorithm, policy.legacy, self.octets, self.value) {
                Ok(()) => return Ok(key),
                Err(VerifyError::WeakKey { bits }) => too_short = too_short.max(Some(bits)),
                Err(_) => tried.push(fingerprint(key)),
            }
        }
        match too_short {
            Some(bits) if tried.is_empty() => Err(Error::WeakKey { bits }),
            _ => Err(Error::SignatureInvalid { tried, embedded: None }),
        }
    }
}

fn fingerprint(key: &TrustedKey) -> String {
    match key.certificate() {
        Some(certificate) => certificate.sha256().to_string(),
        None => key.key().sha256().to_string(),
    }
}
