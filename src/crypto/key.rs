//! [`PublicKey`]: an RSA or elliptic-curve key, read once and kept in the form that verification needs.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use x509_cert::{
    der::{
        self, Decode, Encode, Reader, Tag, Tagged,
        asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef},
    },
    spki::{AlgorithmIdentifier, SubjectPublicKeyInfo, SubjectPublicKeyInfoRef},
};

use super::{certificate::Fingerprint, digest::DigestAlgorithm};
use crate::encoding;

/// A public key that signatures can be verified with: RSA of 1024 to 8192 bits, or a point on P-256 or P-384.
///
/// Two keys are equal when they are the same key, however they were written. Serialised as the base64 text of
/// the DER `SubjectPublicKeyInfo`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    material: Material,
    spki: Vec<u8>,
}

/// What kind of key, and how strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// RSA.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// Elliptic curve P-256, which is secp256r1 and prime256v1.
    P256,
    /// Elliptic curve P-384, which is secp384r1.
    P384,
}

/// The numbers that make up a public key, big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicKeyParts<'k> {
    /// RSA, both without leading zeros.
    Rsa {
        /// The modulus.
        modulus: &'k [u8],
        /// The public exponent.
        exponent: &'k [u8],
        /// Bits of the modulus.
        bits: usize,
    },
    /// A point on an elliptic curve.
    Ec {
        /// The curve.
        curve: Curve,
        /// In uncompressed form: `04`, x, y. It may lie beside the curve.
        point: &'k [u8],
    },
}

/// A named elliptic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// P-256, which is secp256r1 and prime256v1.
    P256,
    /// P-384, which is secp384r1.
    P384,
}

/// Why a public key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not the encoding of a key.
    #[error("the public key is malformed: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// A kind of key that no accepted signature is made with, such as DSA, Ed25519 or RSA restricted to PSS.
    #[error("keys of type {found} are not supported, only RSA and elliptic curves P-256 and P-384")]
    Algorithm {
        /// Its name, or its object identifier.
        found: String,
    },
    /// An elliptic curve other than P-256 and P-384, or one that is given by its equation.
    #[error("elliptic curve {found} is not supported, only P-256 and P-384")]
    Curve {
        /// Its name, its object identifier or `with explicit parameters`.
        found: String,
    },
    /// An RSA modulus of less than 1024 or more than 8192 bits.
    #[error("RSA keys of {bits} bits are not supported, only 1024 to 8192")]
    RsaSize {
        /// Bits of the modulus.
        bits: usize,
    },
    /// An RSA exponent that is even, below 3 or above 2³³ − 1.
    #[error("the RSA public exponent is even, below 3 or above 33 bits")]
    RsaExponent,
}

/// The parts that `ring` verifies with.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Material {
    /// INVARIANT (RSA components): big-endian without leading zeros, 1024 ≤ bits ≤ 8192, the exponent odd.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, bits: usize },
    /// INVARIANT (point): uncompressed, with the length of its curve. That it lies on the curve is checked by
    /// each verification.
    Ec { curve: Curve, point: Vec<u8> },
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
    ///
    /// # Errors
    /// [`KeyError`] for anything that is not one, and for kinds and sizes of keys that are never accepted.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, KeyError> {
        let spki = SubjectPublicKeyInfoRef::from_der(spki).map_err(malformed)?;
        let bits = spki
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| KeyError::Malformed { reason: "the key ends within a byte".to_owned() })?;
        match spki.algorithm.oid {
            RSA_ENCRYPTION => {
                if spki.algorithm.parameters.is_some_and(|parameters| !parameters.is_null()) {
                    return Err(KeyError::Malformed { reason: "an RSA key with parameters".to_owned() });
                }
                Self::from_pkcs1_der(bits)
            }
            EC_PUBLIC_KEY => Self::from_ec_point(named_curve(spki.algorithm.parameters)?, bits),
            other => Err(KeyError::Algorithm { found: name_of(other) }),
        }
    }

    /// An RSA key from modulus and public exponent, big-endian; leading zeros are dropped.
    ///
    /// # Errors
    /// [`KeyError::RsaSize`] below 1024 and above 8192 bits, [`KeyError::RsaExponent`] for an exponent that
    /// is even, below 3 or longer than 33 bits, [`KeyError::Malformed`] for an even modulus.
    pub fn from_rsa_components(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let (modulus, exponent) = (without_leading_zeros(modulus), without_leading_zeros(exponent));
        let bits = bit_length(modulus);
        if !(SHORTEST_RSA..=LONGEST_RSA).contains(&bits) {
            return Err(KeyError::RsaSize { bits });
        }
        if modulus.last().is_none_or(|last| last % 2 == 0) {
            return Err(KeyError::Malformed { reason: "the RSA modulus is even".to_owned() });
        }
        if exponent == [1]
            || bit_length(exponent) > LONGEST_EXPONENT
            || exponent.last().is_none_or(|last| last % 2 == 0)
        {
            return Err(KeyError::RsaExponent);
        }
        Self::new(Material::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec(), bits })
    }

    /// An elliptic-curve key from its point in uncompressed form: `04`, x, y.
    ///
    /// A point that is not on the curve is found when the key is used: no signature verifies with it.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] for another form or length, compressed points included.
    pub fn from_ec_point(curve: Curve, point: &[u8]) -> Result<Self, KeyError> {
        if point.first() != Some(&UNCOMPRESSED_POINT) || point.len() != 1 + 2 * curve.scalar_len() {
            let reason = format!("not an uncompressed point on {curve}");
            return Err(KeyError::Malformed { reason });
        }
        Self::new(Material::Ec { curve, point: point.to_vec() })
    }

    /// Kind and strength.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match &self.material {
            Material::Rsa { bits, .. } => KeyKind::Rsa { bits: *bits },
            Material::Ec { curve: Curve::P256, .. } => KeyKind::P256,
            Material::Ec { curve: Curve::P384, .. } => KeyKind::P384,
        }
    }

    /// The key as DER `SubjectPublicKeyInfo`; equal keys give equal bytes.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.spki.clone()
    }

    /// The SHA-256 digest of the DER `SubjectPublicKeyInfo`, a name for the key.
    #[must_use]
    pub fn sha256(&self) -> Fingerprint {
        Fingerprint::of(&self.spki)
    }

    /// The numbers that make up the key.
    #[must_use]
    pub fn parts(&self) -> PublicKeyParts<'_> {
        match &self.material {
            Material::Rsa { modulus, exponent, bits } => {
                PublicKeyParts::Rsa { modulus, exponent, bits: *bits }
            }
            Material::Ec { curve, point } => PublicKeyParts::Ec { curve: *curve, point },
        }
    }

    /// Reads a DER `RSAPublicKey` (RFC 8017 appendix A.1.1).
    ///
    /// # Errors
    /// As for [`from_rsa_components`](Self::from_rsa_components), and [`KeyError::Malformed`] for another structure.
    pub fn from_pkcs1_der(der: &[u8]) -> Result<Self, KeyError> {
        let (modulus, exponent): (UintRef<'_>, UintRef<'_>) = AnyRef::from_der(der)
            .and_then(|key| key.sequence(|fields| Ok((fields.decode()?, fields.decode()?))))
            .map_err(malformed)?;
        Self::from_rsa_components(modulus.as_bytes(), exponent.as_bytes())
    }

    pub(super) fn material(&self) -> &Material {
        &self.material
    }

    fn new(material: Material) -> Result<Self, KeyError> {
        let spki = encode(&material).map_err(malformed)?;
        Ok(Self { material, spki })
    }
}

impl KeyKind {
    /// Whether it is accepted only with [`Legacy::Allow`](super::Legacy::Allow): RSA below 2048 bits.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Rsa { bits: ..2048 })
    }
}

impl Curve {
    /// Bytes of a coordinate, and of each half of a signature.
    pub(super) const fn scalar_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// The digest that ECDSA is used with on this curve.
    pub(super) const fn digest(self) -> DigestAlgorithm {
        match self {
            Self::P256 => DigestAlgorithm::Sha256,
            Self::P384 => DigestAlgorithm::Sha384,
        }
    }

    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => SECP256R1,
            Self::P384 => SECP384R1,
        }
    }
}

impl KeyError {
    /// The rule that failed: `crypto.key_malformed`, `crypto.key_not_supported` or `crypto.key_size`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } | Self::RsaExponent => "crypto.key_malformed",
            Self::Algorithm { .. } | Self::Curve { .. } => "crypto.key_not_supported",
            Self::RsaSize { .. } => "crypto.key_size",
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, SHA-256 {})", self.kind(), self.sha256())
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        })
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encoding::base64_encode(&self.spki))
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let spki = encoding::base64_decode(text.as_bytes()).map_err(de::Error::custom)?;
        Self::from_spki_der(&spki).map_err(de::Error::custom)
    }
}

pub(super) fn named_curve(parameters: Option<AnyRef<'_>>) -> Result<Curve, KeyError> {
    let unsupported = |found: &str| KeyError::Curve { found: found.to_owned() };
    let parameters = parameters.ok_or_else(|| unsupported("without a name"))?;
    if parameters.tag() == Tag::Sequence {
        return Err(unsupported("with explicit parameters"));
    }
    match parameters.decode_as::<ObjectIdentifier>().map_err(malformed)? {
        SECP256R1 => Ok(Curve::P256),
        SECP384R1 => Ok(Curve::P384),
        other => Err(unsupported(&name_of(other))),
    }
}

fn encode(material: &Material) -> der::Result<Vec<u8>> {
    match material {
        Material::Rsa { modulus, exponent, .. } => {
            let mut fields = Vec::new();
            UintRef::new(modulus)?.encode_to_vec(&mut fields)?;
            UintRef::new(exponent)?.encode_to_vec(&mut fields)?;
            let key = AnyRef::new(Tag::Sequence, &fields)?.to_der()?;
            encode_spki(RSA_ENCRYPTION, AnyRef::NULL, &key)
        }
        Material::Ec { curve, point } => encode_spki(EC_PUBLIC_KEY, AnyRef::from(&curve.oid()), point),
    }
}

fn encode_spki(oid: ObjectIdentifier, parameters: AnyRef<'_>, key: &[u8]) -> der::Result<Vec<u8>> {
    SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifier { oid, parameters: Some(parameters) },
        subject_public_key: BitStringRef::from_bytes(key)?,
    }
    .to_der()
}

/// A name that people know for what certificates in the wild hold.
pub(super) fn name_of(oid: ObjectIdentifier) -> String {
    let name = match oid.to_string().as_str() {
        "1.2.840.113549.1.1.7" => "RSAES-OAEP",
        "1.2.840.113549.1.1.10" => "RSASSA-PSS",
        "1.2.840.10040.4.1" => "DSA",
        "1.3.101.110" => "X25519",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.10045.3.1.1" => "P-192",
        "1.3.132.0.33" => "P-224",
        "1.3.132.0.35" => "P-521",
        "1.3.132.0.10" => "secp256k1",
        other => return other.to_owned(),
    };
    name.to_owned()
}

fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    bytes.get(start..).unwrap_or_default()
}

/// Bits of a big-endian number without leading zeros.
pub(super) fn bit_length(bytes: &[u8]) -> usize {
    let unused = bytes.first().map_or(0, |first| first.leading_zeros());
    (bytes.len() * 8).saturating_sub(usize::try_from(unused).unwrap_or_default())
}

fn malformed(error: impl fmt::Display) -> KeyError {
    KeyError::Malformed { reason: error.to_string() }
}

pub(super) const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

const SHORTEST_RSA: usize = 1024;
const LONGEST_RSA: usize = 8192;
/// What `ring` reads.
const LONGEST_EXPONENT: usize = 33;
const UNCOMPRESSED_POINT: u8 = 4;
