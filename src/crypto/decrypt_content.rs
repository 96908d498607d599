//! [`ContentCipher`]: AES over whole contents, as XML Encryption packs them.

use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

use super::decrypt::{ContentKey, DecryptError};

/// A cipher for contents. There is no 3DES and no RC4 to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContentCipher {
    /// AES-128 in Galois/Counter Mode.
    Aes128Gcm,
    /// AES-192 in Galois/Counter Mode; feature `decrypt`.
    Aes192Gcm,
    /// AES-256 in Galois/Counter Mode.
    Aes256Gcm,
    /// AES-128 with cipher block chaining; feature `decrypt`.
    Aes128Cbc,
    /// AES-192 with cipher block chaining; feature `decrypt`.
    Aes192Cbc,
    /// AES-256 with cipher block chaining; feature `decrypt`.
    Aes256Cbc,
}

impl ContentCipher {
    /// Bytes of its key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Cbc => 16,
            Self::Aes192Gcm | Self::Aes192Cbc => 24,
            Self::Aes256Gcm | Self::Aes256Cbc => 32,
        }
    }

    /// Whether a changed ciphertext is noticed: the mode is GCM. Otherwise only a signature protects the content.
    #[must_use]
    pub const fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm)
    }

    /// Whether this build has it: AES-128 and AES-256 in GCM always, the others with feature `decrypt`.
    #[must_use]
    pub const fn is_available(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes256Gcm) || cfg!(feature = "decrypt")
    }

    /// Whether a content may have this length: an initialisation vector of 12 bytes and a tag of 16 around any
    /// content for GCM; a vector of 16 bytes and at least one whole block for CBC (XML Encryption 1.1 §5.2).
    #[must_use]
    pub const fn fits(self, content_len: usize) -> bool {
        if self.is_authenticated() {
            content_len >= GCM_IV + GCM_TAG
        } else {
            content_len >= 2 * BLOCK && content_len.is_multiple_of(BLOCK)
        }
    }

    /// Decrypts a content that begins with its initialisation vector; GCM's tag stands at its end, and CBC's
    /// padding tells its length in its last byte and is otherwise arbitrary (XML Encryption 1.1 §5.2.1).
    ///
    /// # Errors
    /// [`DecryptError::Unsupported`] where the build lacks the cipher; [`DecryptError::Failed`] for everything else:
    /// the length, a key of another length, the tag or the padding.
    pub fn open(self, key: &ContentKey, content: &[u8]) -> Result<Vec<u8>, DecryptError> {
        if !self.is_available() {
            return Err(DecryptError::Unsupported { available: "AES-128-GCM and AES-256-GCM" });
        }
        if !self.fits(content.len()) || key.as_bytes().len() != self.key_len() {
            return Err(DecryptError::Failed);
        }
        match self {
            Self::Aes128Gcm => open_gcm(&aead::AES_128_GCM, key, content),
            Self::Aes256Gcm => open_gcm(&aead::AES_256_GCM, key, content),
            #[cfg(feature = "decrypt")]
            Self::Aes192Gcm => aws::open_gcm_192(key, content),
            #[cfg(feature = "decrypt")]
            Self::Aes128Cbc => aws::open_cbc(&aws_lc_rs::cipher::AES_128, key, content),
            #[cfg(feature = "decrypt")]
            Self::Aes192Cbc => aws::open_cbc(&aws_lc_rs::cipher::AES_192, key, content),
            #[cfg(feature = "decrypt")]
            Self::Aes256Cbc => aws::open_cbc(&aws_lc_rs::cipher::AES_256, key, content),
            #[cfg(not(feature = "decrypt"))]
            _ => Err(DecryptError::Failed),
        }
    }
}

fn open_gcm(
    algorithm: &'static aead::Algorithm,
    key: &ContentKey,
    content: &[u8],
) -> Result<Vec<u8>, DecryptError> {
    let (iv, sealed) = content.split_first_chunk::<GCM_IV>().ok_or(DecryptError::Failed)?;
    let key = UnboundKey::new(algorithm, key.as_bytes()).map_err(|_| DecryptError::Failed)?;
    let mut buffer = sealed.to_vec();
    let opened =
        LessSafeKey::new(key).open_in_place(Nonce::assume_unique_for_key(*iv), Aad::empty(), &mut buffer);
    let length = opened.map_err(|_| DecryptError::Failed)?.len();
    buffer.truncate(length);
    Ok(buffer)
}

#[cfg(feature = "decrypt")]
mod aws {
    use aws_lc_rs::{
        aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
        cipher::{Algorithm, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
        iv::FixedLength,
    };

    use super::{BLOCK, ContentKey, DecryptError, GCM_IV};

    pub(super) fn open_gcm_192(key: &ContentKey, content: &[u8]) -> Result<Vec<u8>, DecryptError> {
        let (iv, sealed) = content.split_first_chunk::<GCM_IV>().ok_or(DecryptError::Failed)?;
        let key = UnboundKey::new(&aead::AES_192_GCM, key.as_bytes()).map_err(|_| DecryptError::Failed)?;
        let mut buffer = sealed.to_vec();
        let opened =
            LessSafeKey::new(key).open_in_place(Nonce::assume_unique_for_key(*iv), Aad::empty(), &mut buffer);
        let length = opened.map_err(|_| DecryptError::Failed)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }

    pub(super) fn open_cbc(
        algorithm: &'static Algorithm,
        key: &ContentKey,
        content: &[u8],
    ) -> Result<Vec<u8>, DecryptError> {
        let (iv, blocks) = content.split_first_chunk::<BLOCK>().ok_or(DecryptError::Failed)?;
        let key = UnboundCipherKey::new(algorithm, key.as_bytes()).map_err(|_| DecryptError::Failed)?;
        let key = PaddedBlockDecryptingKey::cbc_iso10126(key).map_err(|_| DecryptError::Failed)?;
        let mut buffer = blocks.to_vec();
        let opened = key.decrypt(&mut buffer, DecryptionContext::Iv128(FixedLength::from(*iv)));
        let length = opened.map_err(|_| DecryptError::Failed)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

const GCM_IV: usize = 12;
const GCM_TAG: usize = 16;
/// The block of AES, and the vector of its block chaining.
const BLOCK: usize = 16;
