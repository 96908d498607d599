//! [`SigningKey`]: the private key that this side signs with.

use std::fmt;

use ring::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RsaEncoding, RsaKeyPair},
};

use super::{
    digest::DigestAlgorithm,
    key::{Curve, KeyKind, PublicKey},
    private_key::{self, PrivateKeyDer, PrivateKeyError, malformed},
    signature::SignatureAlgorithm,
};

/// A private key: RSA of 2048 to 4096 bits with an exponent of at least 65537, or elliptic curve P-256 or
/// P-384.
///
/// Its `Debug` shows the public half alone. What is decoded from PEM is wiped once the key is made; the
/// text itself is the caller's to wipe, and `ring` keeps the key for as long as this value lives.
pub struct SigningKey {
    pair: Pair,
    public_key: PublicKey,
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The algorithm needs another kind of key.
    #[error("{algorithm} does not fit a key of type {key}")]
    KeyType {
        /// The algorithm asked for.
        algorithm: SignatureAlgorithm,
        /// The key at hand.
        key: KeyKind,
    },
    /// The algorithm is never produced: SHA-1, or ECDSA with another digest than the curve's own.
    #[error("{algorithm} is never produced with a key of type {key}")]
    AlgorithmNotAllowed {
        /// The algorithm asked for.
        algorithm: SignatureAlgorithm,
        /// The key at hand.
        key: KeyKind,
    },
    /// The operation failed: the operating system gave no random bytes, or the parts of the key contradict
    /// each other.
    #[error("signing failed")]
    Failed,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>, Curve),
}

impl SigningKey {
    /// Reads a private key in PEM form, with any text around it: `BEGIN PRIVATE KEY` (PKCS#8, RFC 5208) or
    /// `BEGIN RSA PRIVATE KEY` (PKCS#1, RFC 8017). Certificates in the same text are passed over.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which says how to convert a form that is not read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, PrivateKeyError> {
        private_key::from_pem(pem, Self::new)
    }

    /// Reads an unencrypted DER PKCS#8 `PrivateKeyInfo`. An elliptic-curve key must hold its public half, as
    /// those made by `openssl genpkey` do. The caller's bytes stay as they are: wipe them.
    ///
    /// # Errors
    /// [`PrivateKeyError`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::new(PrivateKeyDer::from_pkcs8(der)?)
    }

    /// Reads a DER `RSAPrivateKey` (RFC 8017 appendix A.1.2). The caller's bytes stay as they are: wipe them.
    ///
    /// # Errors
    /// [`PrivateKeyError`].
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::new(PrivateKeyDer::from_pkcs1(der)?)
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Kind and strength.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.public_key.kind()
    }

    /// What to sign with unless the other side asks for something else: RSA PKCS#1 with SHA-256, or ECDSA
    /// with the curve's own digest.
    #[must_use]
    pub fn default_algorithm(&self) -> SignatureAlgorithm {
        match &self.pair {
            Pair::Rsa(_) => SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256),
            Pair::Ecdsa(_, curve) => SignatureAlgorithm::Ecdsa(curve.digest()),
        }
    }

    /// Signs `message`: RSA with SHA-256, SHA-384 or SHA-512, P-256 with SHA-256, P-384 with SHA-384. An
    /// ECDSA signature is r‖s, 64 or 96 bytes.
    ///
    /// ECDSA and PSS use the operating system's random bytes: `ring` takes no other source, so these
    /// signatures differ from call to call.
    ///
    /// # Errors
    /// [`SignError`].
    pub fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let key = self.kind();
        if !algorithm.fits(key) {
            return Err(SignError::KeyType { algorithm, key });
        }
        let not_allowed = SignError::AlgorithmNotAllowed { algorithm, key };
        match &self.pair {
            Pair::Rsa(pair) => {
                let encoding = rsa_encoding(algorithm).ok_or(not_allowed)?;
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
                    .map_err(|_| SignError::Failed)?;
                Ok(signature)
            }
            Pair::Ecdsa(pair, curve) => {
                if algorithm.digest() != curve.digest() {
                    return Err(not_allowed);
                }
                let signature = pair.sign(&SystemRandom::new(), message).map_err(|_| SignError::Failed)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }

    fn new(key: PrivateKeyDer<'_>) -> Result<Self, PrivateKeyError> {
        let (pair, public_key) = match key {
            PrivateKeyDer::Rsa { pkcs1, bits } => {
                if !(SHORTEST_RSA..=LONGEST_RSA).contains(&bits) {
                    let (shortest, longest) = (SHORTEST_RSA, LONGEST_RSA);
                    return Err(PrivateKeyError::RsaSize { bits, shortest, longest });
                }
                let pair = RsaKeyPair::from_der(pkcs1).map_err(|_| {
                    malformed("its parts contradict each other, or the exponent is below 65537")
                })?;
                let public_key = PublicKey::from_pkcs1_der(pair.public().as_ref());
                (Pair::Rsa(Box::new(pair)), public_key)
            }
            PrivateKeyDer::Ec { pkcs8, curve } => {
                let pair = EcdsaKeyPair::from_pkcs8(ecdsa_signing(curve), pkcs8, &SystemRandom::new())
                    .map_err(|_| {
                        malformed("its parts contradict each other, or the public half is missing")
                    })?;
                let public_key = PublicKey::from_ec_point(curve, pair.public_key().as_ref());
                (Pair::Ecdsa(Box::new(pair), curve), public_key)
            }
            PrivateKeyDer::Ed25519 { .. } => return Err(private_key::ed25519_not_supported()),
        };
        Ok(Self { pair, public_key: public_key.map_err(PrivateKeyError::NotSupported)? })
    }
}

impl SignError {
    /// The rule that failed: `crypto.key_type_mismatch`, `crypto.algorithm_not_allowed` or
    /// `crypto.signing_failed`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyType { .. } => "crypto.key_type_mismatch",
            Self::AlgorithmNotAllowed { .. } => "crypto.algorithm_not_allowed",
            Self::Failed => "crypto.signing_failed",
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

fn rsa_encoding(algorithm: SignatureAlgorithm) -> Option<&'static dyn RsaEncoding> {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};

    match algorithm {
        RsaPkcs1(Sha256) => Some(&signature::RSA_PKCS1_SHA256),
        RsaPkcs1(Sha384) => Some(&signature::RSA_PKCS1_SHA384),
        RsaPkcs1(Sha512) => Some(&signature::RSA_PKCS1_SHA512),
        RsaPss(Sha256) => Some(&signature::RSA_PSS_SHA256),
        RsaPss(Sha384) => Some(&signature::RSA_PSS_SHA384),
        RsaPss(Sha512) => Some(&signature::RSA_PSS_SHA512),
        RsaPkcs1(Sha1) | RsaPss(Sha1) | Ecdsa(_) => None,
    }
}

fn ecdsa_signing(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
    }
}

/// What `ring` signs with.
const SHORTEST_RSA: usize = 2048;
const LONGEST_RSA: usize = 4096;
