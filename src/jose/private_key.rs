use std::fmt;

use jsonwebtoken::Algorithm;

use super::{
    error::Error,
    jwk::{Jwk, KeyType},
};
use crate::crypto::{
    DigestAlgorithm, Ed25519SigningKey, KeyKind, PrivateKeyError, SignatureAlgorithm, SigningKey,
};

/// A private key that tokens are signed with: RSA of 2048 to 4096 bits, P-256, P-384 or Ed25519.
///
/// Its `Debug` shows the public half alone.
pub struct PrivateKey {
    pair: Pair,
    kid: Option<String>,
}

enum Pair {
    Shared(SigningKey),
    Ed25519(Ed25519SigningKey),
}

impl PrivateKey {
    /// Reads a private key in PEM form, as [`SigningKey::from_pem`] does, Ed25519 included.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which says how to convert a form that is not read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::first_of(SigningKey::from_pem(pem), || Ed25519SigningKey::from_pem(pem))
    }

    /// Reads an unencrypted DER PKCS#8 `PrivateKeyInfo`. The caller's bytes stay as they are: wipe them.
    ///
    /// # Errors
    /// [`PrivateKeyError`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::first_of(SigningKey::from_pkcs8_der(der), || Ed25519SigningKey::from_pkcs8_der(der))
    }

    /// Names the key: tokens say so in their header.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Kind and strength.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match &self.pair {
            Pair::Shared(key) => match key.kind() {
                KeyKind::Rsa { bits } => KeyType::Rsa { bits },
                KeyKind::P256 => KeyType::P256,
                KeyKind::P384 => KeyType::P384,
            },
            Pair::Ed25519(_) => KeyType::Ed25519,
        }
    }

    /// What to sign with unless the other side asks for something else: RS256, ES256, ES384 or EdDSA.
    #[must_use]
    pub fn default_algorithm(&self) -> Algorithm {
        match self.key_type() {
            KeyType::Rsa { .. } => Algorithm::RS256,
            KeyType::P256 => Algorithm::ES256,
            KeyType::P384 => Algorithm::ES384,
            KeyType::Ed25519 => Algorithm::EdDSA,
        }
    }

    /// The public half with its name, for signatures: what to publish, and what a proof carries. It names no
    /// algorithm, so that an RSA key may sign in both paddings.
    #[must_use]
    pub fn public_jwk(&self) -> Jwk {
        let jwk = match &self.pair {
            Pair::Shared(key) => Jwk::of_public_key(key.public_key()),
            Pair::Ed25519(key) => Jwk::of_ed25519(*key.public_key()),
        };
        jwk.for_signatures(self.kid(), None)
    }

    /// The signature of `message`, in the form that tokens have.
    pub(super) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, Error> {
        let actual = self.key_type();
        if !actual.fits(algorithm) {
            return Err(Error::KeyTypeMismatch { kid: self.kid.clone(), algorithm, actual });
        }
        match &self.pair {
            Pair::Ed25519(key) => Ok(key.sign(message)),
            Pair::Shared(key) => {
                let algorithm = shared_algorithm(algorithm).ok_or(Error::SigningFailed)?;
                key.sign(algorithm, message).map_err(|_| Error::SigningFailed)
            }
        }
    }

    fn first_of(
        shared: Result<SigningKey, PrivateKeyError>,
        ed25519: impl FnOnce() -> Result<Ed25519SigningKey, PrivateKeyError>,
    ) -> Result<Self, PrivateKeyError> {
        let pair = match shared {
            Ok(key) => Pair::Shared(key),
            // A key of another kind: either Ed25519, or the first error says what it is.
            Err(error @ PrivateKeyError::NotSupported(_)) => {
                ed25519().map(Pair::Ed25519).map_err(|_| error)?
            }
            Err(error) => return Err(error),
        };
        Ok(Self { pair, kid: None })
    }
}

impl From<SigningKey> for PrivateKey {
    fn from(key: SigningKey) -> Self {
        Self { pair: Pair::Shared(key), kid: None }
    }
}

impl From<Ed25519SigningKey> for PrivateKey {
    fn from(key: Ed25519SigningKey) -> Self {
        Self { pair: Pair::Ed25519(key), kid: None }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("public", &self.public_jwk()).finish_non_exhaustive()
    }
}

/// The algorithm that XML signatures have too.
pub(super) fn shared_algorithm(algorithm: Algorithm) -> Option<SignatureAlgorithm> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};

    match algorithm {
        Algorithm::RS256 => Some(RsaPkcs1(Sha256)),
        Algorithm::RS384 => Some(RsaPkcs1(Sha384)),
        Algorithm::RS512 => Some(RsaPkcs1(Sha512)),
        Algorithm::PS256 => Some(RsaPss(Sha256)),
        Algorithm::PS384 => Some(RsaPss(Sha384)),
        Algorithm::PS512 => Some(RsaPss(Sha512)),
        Algorithm::ES256 => Some(Ecdsa(Sha256)),
        Algorithm::ES384 => Some(Ecdsa(Sha384)),
        _ => None,
    }
}
