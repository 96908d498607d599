//! [`Hmac`]: authentication with a shared secret (RFC 2104), apart from signatures so that no public key can ever be
//! taken for a secret.

use ring::hmac;

use super::signature::VerifyError;

/// An HMAC algorithm. There is none with SHA-1 to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hmac {
    /// HMAC with SHA-256, 32 bytes.
    Sha256,
    /// HMAC with SHA-384, 48 bytes.
    Sha384,
    /// HMAC with SHA-512, 64 bytes.
    Sha512,
}

impl Hmac {
    /// Bytes of the tag, and of the shortest secret that is as strong as it (RFC 7518 §3.2).
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The tag of `message`.
    #[must_use]
    pub fn sign(self, secret: &[u8], message: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(self.ring(), secret), message).as_ref().to_vec()
    }

    /// Checks a whole tag, in constant time.
    ///
    /// # Errors
    /// [`VerifyError::Signature`].
    pub fn verify(self, secret: &[u8], message: &[u8], tag: &[u8]) -> Result<(), VerifyError> {
        hmac::verify(&hmac::Key::new(self.ring(), secret), message, tag).map_err(|_| VerifyError::Signature)
    }

    fn ring(self) -> hmac::Algorithm {
        match self {
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }
}
