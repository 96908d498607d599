//! [`SealedContent`]: a content that tokens carry, authenticated together with the header beside it.

use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

use super::decrypt::{ContentKey, DecryptError};

/// A cipher that notices every change: AES in Galois/Counter Mode, or in block chaining with an HMAC over it
/// (RFC 7518 §5.2, §5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SealedCipher {
    /// AES-128 in Galois/Counter Mode.
    A128Gcm,
    /// AES-192 in Galois/Counter Mode; feature `decrypt`.
    A192Gcm,
    /// AES-256 in Galois/Counter Mode.
    A256Gcm,
    /// AES-128 with cipher block chaining and HMAC with SHA-256; feature `decrypt`.
    A128CbcHs256,
    /// AES-192 with cipher block chaining and HMAC with SHA-384; feature `decrypt`.
    A192CbcHs384,
    /// AES-256 with cipher block chaining and HMAC with SHA-512; feature `decrypt`.
    A256CbcHs512,
}

/// The parts of an encrypted content, nothing of them trusted.
#[derive(Clone, Copy, Debug)]
pub struct SealedContent<'c> {
    /// Initialisation vector: 12 bytes for GCM, 16 for block chaining.
    pub iv: &'c [u8],
    /// What else the tag covers.
    pub associated_data: &'c [u8],
    /// The content.
    pub ciphertext: &'c [u8],
    /// Authentication tag: 16 bytes for GCM, half of the HMAC otherwise.
    pub tag: &'c [u8],
}

impl SealedCipher {
    /// Bytes of its key; with block chaining the HMAC's key is the first half.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// Whether this build has it: AES-128 and AES-256 in GCM always, the others with feature `decrypt`.
    #[must_use]
    pub const fn is_available(self) -> bool {
        matches!(self, Self::A128Gcm | Self::A256Gcm) || cfg!(feature = "decrypt")
    }

    /// Whether vector, tag and ciphertext have lengths that this cipher makes.
    #[must_use]
    pub const fn fits(self, content: &SealedContent<'_>) -> bool {
        let (iv, tag, blocks) = match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => (GCM_IV, GCM_TAG, true),
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => {
                let blocks = !content.ciphertext.is_empty() && content.ciphertext.len().is_multiple_of(BLOCK);
                (BLOCK, self.key_len() / 2, blocks)
            }
        };
        content.iv.len() == iv && content.tag.len() == tag && blocks
    }

    /// Checks the tag, then decrypts.
    ///
    /// # Errors
    /// [`DecryptError::Unsupported`] where the build lacks the cipher; [`DecryptError::Failed`] for everything else.
    pub fn open(self, key: &ContentKey, content: &SealedContent<'_>) -> Result<Vec<u8>, DecryptError> {
        if !self.is_available() {
            return Err(DecryptError::Unsupported { available: "A128GCM and A256GCM" });
        }
        if !self.fits(content) || key.as_bytes().len() != self.key_len() {
            return Err(DecryptError::Failed);
        }
        match self {
            Self::A128Gcm => open_gcm(&aead::AES_128_GCM, key, content),
            Self::A256Gcm => open_gcm(&aead::AES_256_GCM, key, content),
            #[cfg(feature = "decrypt")]
            Self::A192Gcm => aws::open_gcm_192(key, content),
            #[cfg(feature = "decrypt")]
            Self::A128CbcHs256 => {
                aws::open_cbc(super::hmac::Hmac::Sha256, &aws_lc_rs::cipher::AES_128, key, content)
            }
            #[cfg(feature = "decrypt")]
            Self::A192CbcHs384 => {
                aws::open_cbc(super::hmac::Hmac::Sha384, &aws_lc_rs::cipher::AES_192, key, content)
            }
            #[cfg(feature = "decrypt")]
            Self::A256CbcHs512 => {
                aws::open_cbc(super::hmac::Hmac::Sha512, &aws_lc_rs::cipher::AES_256, key, content)
            }
            #[cfg(not(feature = "decrypt"))]
            _ => Err(DecryptError::Failed),
        }
    }
}

fn open_gcm(
    algorithm: &'static aead::Algorithm,
    key: &ContentKey,
    content: &SealedContent<'_>,
) -> Result<Vec<u8>, DecryptError> {
    let key = UnboundKey::new(algorithm, key.as_bytes()).map_err(|_| DecryptError::Failed)?;
    let nonce = Nonce::try_assume_unique_for_key(content.iv).map_err(|_| DecryptError::Failed)?;
    let mut buffer = [content.ciphertext, content.tag].concat();
    let opened = LessSafeKey::new(key).open_in_place(nonce, Aad::from(content.associated_data), &mut buffer);
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

    use super::super::{digest::constant_time_eq, hmac::Hmac};
    use super::{BLOCK, ContentKey, DecryptError, SealedContent};

    pub(super) fn open_gcm_192(
        key: &ContentKey,
        content: &SealedContent<'_>,
    ) -> Result<Vec<u8>, DecryptError> {
        let key = UnboundKey::new(&aead::AES_192_GCM, key.as_bytes()).map_err(|_| DecryptError::Failed)?;
        let nonce = Nonce::try_assume_unique_for_key(content.iv).map_err(|_| DecryptError::Failed)?;
        let mut buffer = [content.ciphertext, content.tag].concat();
        let opened =
            LessSafeKey::new(key).open_in_place(nonce, Aad::from(content.associated_data), &mut buffer);
        let length = opened.map_err(|_| DecryptError::Failed)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }

    /// RFC 7518 §5.2.2.2: nothing is decrypted before the tag has been compared.
    pub(super) fn open_cbc(
        hmac: Hmac,
        algorithm: &'static Algorithm,
        key: &ContentKey,
        content: &SealedContent<'_>,
    ) -> Result<Vec<u8>, DecryptError> {
        let half = key.as_bytes().len() / 2;
        let (mac_key, encryption_key) = key.as_bytes().split_at_checked(half).ok_or(DecryptError::Failed)?;
        let bits = u64::try_from(content.associated_data.len()).ok().and_then(|bytes| bytes.checked_mul(8));
        let bits = bits.ok_or(DecryptError::Failed)?.to_be_bytes();
        let covered = [content.associated_data, content.iv, content.ciphertext, bits.as_slice()].concat();
        let expected = hmac.sign(mac_key, &covered);
        let expected = expected.get(..half).ok_or(DecryptError::Failed)?;
        if !constant_time_eq(expected, content.tag) {
            return Err(DecryptError::Failed);
        }
        decrypt_cbc(algorithm, encryption_key, content)
    }

    fn decrypt_cbc(
        algorithm: &'static Algorithm,
        key: &[u8],
        content: &SealedContent<'_>,
    ) -> Result<Vec<u8>, DecryptError> {
        let iv: [u8; BLOCK] = content.iv.try_into().map_err(|_| DecryptError::Failed)?;
        let key = UnboundCipherKey::new(algorithm, key).map_err(|_| DecryptError::Failed)?;
        let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(|_| DecryptError::Failed)?;
        let mut buffer = content.ciphertext.to_vec();
        let opened = key.decrypt(&mut buffer, DecryptionContext::Iv128(FixedLength::from(iv)));
        let length = opened.map_err(|_| DecryptError::Failed)?.len();
        buffer.truncate(length);
        Ok(buffer)
    }
}

const GCM_IV: usize = 12;
const GCM_TAG: usize = 16;
const BLOCK: usize = 16;
