//! [`SealingKey`]: values that go to a browser and come back unread and unchanged.

use std::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::entropy::{Entropy, EntropyError};

/// A key of the host that seals its own values (AES-256-GCM). It never leaves the host, and no other use is made of
/// it. `Debug` shows nothing of it; the ring library keeps the key.
///
/// The nonce is random: after 2³² values under one key, take another key.
pub struct SealingKey(LessSafeKey);

impl SealingKey {
    /// A key of 32 bytes from a good source.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Option<Self> {
        let key = zeroize::Zeroizing::new(key);
        UnboundKey::new(&AES_256_GCM, key.as_ref()).ok().map(|key| Self(LessSafeKey::new(key)))
    }

    /// Seals `content` for `purpose`: only [`open`](Self::open) with the same key and purpose reads it.
    ///
    /// # Errors
    /// [`EntropyError`] of the source, and for a content that is too long to seal.
    pub fn seal(
        &self,
        content: &[u8],
        purpose: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, EntropyError> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let mut sealed = content.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut sealed)
            .map_err(|_| EntropyError::new())?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The content, unless another key sealed it, for another purpose, or somebody has changed it.
    #[must_use]
    pub fn open(&self, sealed: &[u8], purpose: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut content = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.0.open_in_place(nonce, Aad::from(purpose), &mut content).ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey").finish_non_exhaustive()
    }
}
