//! [`Decrypter`]: whoever holds a private key that others encrypt to.

use std::fmt;

use zeroize::Zeroizing;

use super::{digest::DigestAlgorithm, key::Curve};

/// Holds a private key and opens content keys with it: the built-in [`DecryptionKey`](super::DecryptionKey) of
/// feature `decrypt`, or a host's own, whose key lives in a hardware module or a key service.
///
/// It opens the content key only; content is decrypted by the library. One message causes at most
/// [`Limits::private_key_operations`](crate::limits::Limits) calls, and none before everything that is public has
/// been checked.
///
/// What an implementation must keep to:
/// - [`DecryptError::Unsupported`] depends on the algorithm alone, never on the ciphertext or the key: whoever sent
///   the message may see it;
/// - every other failure is [`DecryptError::Failed`], in the same time as far as that can be;
/// - for [`WrappedKey::Rsa15`] wrong padding or a wrong length is no failure but a random key, see there.
pub trait Decrypter: Send + Sync {
    /// Opens a content key.
    ///
    /// # Errors
    /// [`DecryptError`].
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError>;
}

/// A content key that only the private key's holder can open.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WrappedKey<'w> {
    /// RSAES-OAEP (RFC 8017 §7.1) with an empty label.
    RsaOaep {
        /// The hash of the label.
        digest: DigestAlgorithm,
        /// The hash of the mask generation function MGF1.
        mask: DigestAlgorithm,
        /// As long as the modulus, if it is for this key.
        ciphertext: &'w [u8],
    },
    /// RSAES-PKCS1-v1_5 (RFC 8017 §7.2), only where a policy allows it.
    ///
    /// A ciphertext with wrong padding, or with a key of another length than `content_key_len`, must give
    /// `content_key_len` fresh random bytes, indistinguishable from success: otherwise the answer to chosen
    /// ciphertexts opens every other one (Bleichenbacher 1998).
    Rsa15 {
        /// As long as the modulus, if it is for this key.
        ciphertext: &'w [u8],
        /// Bytes of the content key.
        content_key_len: usize,
    },
    /// Elliptic-curve Diffie-Hellman with a key made for this message, and the Concat KDF with SHA-256 over the
    /// shared secret (RFC 7518 §4.6).
    EcdhEs {
        /// The curve of the other side's key.
        curve: Curve,
        /// The other side's point in uncompressed form, not checked to be on the curve.
        ephemeral_point: &'w [u8],
        /// `OtherInfo` of the key derivation: algorithm, both parties and the length, as RFC 7518 §4.6.2 joins
        /// them.
        other_info: &'w [u8],
        /// Bytes to derive.
        content_key_len: usize,
    },
}

/// A key that content is encrypted with. It is wiped when it goes, and never shown.
pub struct ContentKey(pub(super) Zeroizing<Vec<u8>>);

/// Why nothing was decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecryptError {
    /// The algorithm or its parameters are not available here, whatever the ciphertext.
    #[error("only {available} is available")]
    Unsupported {
        /// What can be used instead, for the administrator of the other side: `RSA-OAEP with …`.
        available: &'static str,
    },
    /// Anything else. Telling more would help whoever sends chosen ciphertexts.
    #[error("decryption failed")]
    Failed,
}

impl ContentKey {
    /// A key of these bytes, which are wiped in the end.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Opens a content key that was wrapped with this key by AES Key Wrap (RFC 3394 §2.2.2), AES-128 or AES-256 by
    /// its length; feature `decrypt`.
    ///
    /// # Errors
    /// [`DecryptError::Unsupported`] where the build lacks it; [`DecryptError::Failed`] for everything else.
    pub fn unwrap_key(&self, wrapped: &[u8]) -> Result<Self, DecryptError> {
        #[cfg(feature = "decrypt")]
        {
            use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};

            let cipher = match self.as_bytes().len() {
                16 => &AES_128,
                32 => &AES_256,
                _ => return Err(DecryptError::Failed),
            };
            let kek = AesKek::new(cipher, self.as_bytes()).map_err(|_| DecryptError::Failed)?;
            let mut buffer = Zeroizing::new(vec![0; wrapped.len()]);
            let opened = kek.unwrap(wrapped, &mut buffer).map_err(|_| DecryptError::Failed)?;
            Ok(Self::new(opened.to_vec()))
        }
        #[cfg(not(feature = "decrypt"))]
        {
            let _ = wrapped;
            Err(DecryptError::Unsupported { available: "ECDH-ES without key wrap" })
        }
    }

    /// The key itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl DecryptError {
    /// The rule that failed: `crypto.decryption_unsupported` or `crypto.decryption_failed`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "crypto.decryption_unsupported",
            Self::Failed => "crypto.decryption_failed",
        }
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContentKey").finish_non_exhaustive()
    }
}
