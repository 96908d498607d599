//! [`SigningKey`]: the private key that this side signs with.

use std::fmt;

use ring::{
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair, RsaEncoding, RsaKeyPair},
};
use x509_cert::{
    der::{
        self, Decode, Reader,
        asn1::{AnyRef, ObjectIdentifier, OctetStringRef, UintRef},
    },
    spki::AlgorithmIdentifierRef,
};

use super::{
    digest::DigestAlgorithm,
    key::{
        Curve, EC_PUBLIC_KEY, KeyError, KeyKind, PublicKey, RSA_ENCRYPTION, bit_length, name_of, named_curve,
    },
    pem::{Block, Blocks},
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

/// Why a private key cannot be used. Never shows a part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// There is no private key in the text, or it is cut off.
    #[error("no private key in PEM form")]
    NoPrivateKey,
    /// More than one private key.
    #[error("expected one private key, found several")]
    Several,
    /// The key is encrypted; decrypt it first, for example with `openssl pkcs8 -in key.pem -out plain.pem`.
    #[error("the private key is encrypted: decrypt it with `openssl pkcs8 -in key.pem -out plain.pem`")]
    Encrypted,
    /// An elliptic-curve key in its old form.
    #[error(
        "`BEGIN EC PRIVATE KEY` is not read: convert it with `openssl pkcs8 -topk8 -nocrypt -in key.pem`"
    )]
    Sec1,
    /// Not the encoding of a private key, or its parts contradict each other.
    #[error("the private key is malformed: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A kind of key that nothing accepted is signed with, or one outside of the sizes for signing.
    #[error("the private key cannot be used: {0}")]
    NotSupported(#[source] KeyError),
    /// An RSA key of another size than 2048 to 4096 bits.
    #[error("RSA keys of {bits} bits cannot sign, only 2048 to 4096")]
    RsaSize {
        /// Bits of the modulus.
        bits: usize,
    },
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
    /// [`SigningKeyError`], which says how to convert a form that is not read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SigningKeyError> {
        let mut keys = Vec::new();
        for block in Blocks::new(pem) {
            let block = block.map_err(|_| SigningKeyError::NoPrivateKey)?;
            if block.label.ends_with("PRIVATE KEY") {
                keys.push(block);
            }
        }
        match keys.as_slice() {
            [] => Err(SigningKeyError::NoPrivateKey),
            [key] => Self::from_pem_block(key),
            _ => Err(SigningKeyError::Several),
        }
    }

    /// Reads an unencrypted DER PKCS#8 `PrivateKeyInfo`. An elliptic-curve key must hold its public half, as
    /// those made by `openssl genpkey` do. The caller's bytes stay as they are: wipe them.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, SigningKeyError> {
        let info = PrivateKeyInfo::read(der).map_err(|_| malformed("not PKCS#8"))?;
        match info.algorithm {
            RSA_ENCRYPTION => Self::from_pkcs1_der(info.private_key),
            EC_PUBLIC_KEY => {
                let curve = named_curve(info.parameters).map_err(SigningKeyError::NotSupported)?;
                let pair = EcdsaKeyPair::from_pkcs8(ecdsa_signing(curve), der, &SystemRandom::new())
                    .map_err(|_| {
                        malformed("its parts contradict each other, or the public half is missing")
                    })?;
                let public_key = PublicKey::from_ec_point(curve, pair.public_key().as_ref());
                let public_key = public_key.map_err(SigningKeyError::NotSupported)?;
                Ok(Self { pair: Pair::Ecdsa(Box::new(pair), curve), public_key })
            }
            other => Err(SigningKeyError::NotSupported(KeyError::Algorithm { found: name_of(other) })),
        }
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

    fn from_pem_block(block: &Block<'_>) -> Result<Self, SigningKeyError> {
        if block.is_encrypted() {
            return Err(SigningKeyError::Encrypted);
        }
        let decode = || block.decode().map_err(|_| malformed("not base64"));
        match block.label {
            "PRIVATE KEY" => Self::from_pkcs8_der(&decode()?),
            "RSA PRIVATE KEY" => Self::from_pkcs1_der(&decode()?),
            "EC PRIVATE KEY" => Err(SigningKeyError::Sec1),
            _ => Err(malformed("neither PKCS#8 nor PKCS#1")),
        }
    }

    fn from_pkcs1_der(der: &[u8]) -> Result<Self, SigningKeyError> {
        let bits = rsa_modulus_bits(der).map_err(|_| malformed("not PKCS#1"))?;
        if !(SHORTEST_RSA..=LONGEST_RSA).contains(&bits) {
            return Err(SigningKeyError::RsaSize { bits });
        }
        let pair = RsaKeyPair::from_der(der)
            .map_err(|_| malformed("its parts contradict each other, or the exponent is below 65537"))?;
        let public_key = PublicKey::from_pkcs1_der(pair.public().as_ref());
        let public_key = public_key.map_err(SigningKeyError::NotSupported)?;
        Ok(Self { pair: Pair::Rsa(Box::new(pair)), public_key })
    }
}

impl SigningKeyError {
    /// The rule that failed: `crypto.private_key_missing`, `crypto.private_key_several`,
    /// `crypto.private_key_encrypted`, `crypto.private_key_form`, `crypto.private_key_malformed`,
    /// `crypto.key_size` or the code of the [`KeyError`]. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoPrivateKey => "crypto.private_key_missing",
            Self::Several => "crypto.private_key_several",
            Self::Encrypted => "crypto.private_key_encrypted",
            Self::Sec1 => "crypto.private_key_form",
            Self::Malformed { .. } => "crypto.private_key_malformed",
            Self::NotSupported(key) => key.code(),
            Self::RsaSize { .. } => "crypto.key_size",
        }
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

/// `PrivateKeyInfo` of RFC 5208 §5, as far as it says what kind of key it holds.
struct PrivateKeyInfo<'d> {
    algorithm: ObjectIdentifier,
    parameters: Option<AnyRef<'d>>,
    private_key: &'d [u8],
}

impl<'d> PrivateKeyInfo<'d> {
    fn read(der: &'d [u8]) -> der::Result<Self> {
        AnyRef::from_der(der)?.sequence(|info| {
            let _version = u8::decode(info)?;
            let algorithm = AlgorithmIdentifierRef::decode(info)?;
            let private_key = OctetStringRef::decode(info)?;
            // Attributes, and the public key of RFC 5958.
            while !info.is_finished() {
                info.tlv_bytes()?;
            }
            let AlgorithmIdentifierRef { oid, parameters } = algorithm;
            Ok(Self { algorithm: oid, parameters, private_key: private_key.as_bytes() })
        })
    }
}

/// `RSAPrivateKey` of RFC 8017 appendix A.1.2: the modulus is its second field.
fn rsa_modulus_bits(der: &[u8]) -> der::Result<usize> {
    AnyRef::from_der(der)?.sequence(|key| {
        let _version = u8::decode(key)?;
        let modulus = UintRef::decode(key)?;
        while !key.is_finished() {
            key.tlv_bytes()?;
        }
        Ok(bit_length(modulus.as_bytes()))
    })
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

fn malformed(reason: &'static str) -> SigningKeyError {
    SigningKeyError::Malformed { reason }
}

/// What `ring` signs with.
const SHORTEST_RSA: usize = 2048;
const LONGEST_RSA: usize = 4096;
