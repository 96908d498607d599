//! Ed25519 (RFC 8032): types of their own, because XML signatures know no such algorithm.

use std::fmt;

use ring::signature::{self, Ed25519KeyPair, KeyPair as _};

use super::{
    certificate::Fingerprint,
    key::KeyError,
    private_key::{self, PrivateKeyDer, PrivateKeyError, malformed},
    signature::VerifyError,
};

/// A public key for Ed25519.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ed25519PublicKey([u8; Self::LEN]);

/// A private key for Ed25519. Its `Debug` shows the public half alone; see [`SigningKey`](super::SigningKey).
pub struct Ed25519SigningKey {
    pair: Box<Ed25519KeyPair>,
    public_key: Ed25519PublicKey,
}

impl Ed25519PublicKey {
    /// Bytes of a key.
    pub const LEN: usize = 32;

    /// A key from its encoding (RFC 8032 §5.1.5). Bytes that are no point of the curve verify nothing.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for another length than 32.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes = bytes.try_into().map_err(|_| KeyError::Malformed {
            reason: format!("an Ed25519 key has {} bytes, not {}", Self::LEN, bytes.len()),
        })?;
        Ok(Self(bytes))
    }

    /// The key's encoding.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Checks that `signature` was made over `message` with the private half of this key.
    ///
    /// # Errors
    /// [`VerifyError::Signature`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), VerifyError> {
        let key = signature::UnparsedPublicKey::new(&signature::ED25519, &self.0);
        key.verify(message, signature).map_err(|_| VerifyError::Signature)
    }
}

impl Ed25519SigningKey {
    /// Reads a private key in PEM form, `BEGIN PRIVATE KEY`, with any text around it.
    ///
    /// # Errors
    /// [`PrivateKeyError`]; a key of another kind is [`PrivateKeyError::NotSupported`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, PrivateKeyError> {
        private_key::from_pem(pem, Self::new)
    }

    /// Reads an unencrypted DER PKCS#8 `PrivateKeyInfo`, with or without public half (RFC 8410 §7). The caller's
    /// bytes stay as they are: wipe them.
    ///
    /// # Errors
    /// As for [`from_pem`](Self::from_pem).
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::new(PrivateKeyDer::from_pkcs8(der)?)
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &Ed25519PublicKey {
        &self.public_key
    }

    /// Signs `message`: 64 bytes, always the same for the same message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }

    pub(super) fn new(key: PrivateKeyDer<'_>) -> Result<Self, PrivateKeyError> {
        let pkcs8 = match key {
            PrivateKeyDer::Ed25519 { pkcs8 } => pkcs8,
            PrivateKeyDer::Rsa { .. } | PrivateKeyDer::Ec { .. } => {
                let found = "another type than Ed25519".to_owned();
                return Err(PrivateKeyError::NotSupported(KeyError::Algorithm { found }));
            }
        };
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8)
            .map_err(|_| malformed("not Ed25519, or its parts contradict each other"))?;
        let public_key = Ed25519PublicKey::from_bytes(pair.public_key().as_ref());
        let public_key = public_key.map_err(PrivateKeyError::NotSupported)?;
        Ok(Self { pair: Box::new(pair), public_key })
    }
}

impl fmt::Debug for Ed25519PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519PublicKey(SHA-256 {})", Fingerprint::of(&self.0))
    }
}

impl fmt::Debug for Ed25519SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519SigningKey").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}
