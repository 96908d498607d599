//! Private keys as people store them: PEM or DER, PKCS#8 or PKCS#1.

use x509_cert::{
    der::{
        self, Decode, Reader,
        asn1::{AnyRef, ObjectIdentifier, OctetStringRef, UintRef},
    },
    spki::AlgorithmIdentifierRef,
};

use super::{
    key::{Curve, EC_PUBLIC_KEY, ED25519, KeyError, RSA_ENCRYPTION, bit_length, name_of, named_curve},
    pem::{Block, Blocks},
};

/// Why a private key cannot be used. Never shows a part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivateKeyError {
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
    /// A kind of key that is not used here, or whose public half is not accepted.
    #[error("the private key cannot be used: {0}")]
    NotSupported(#[source] KeyError),
    /// An RSA key that is too short or too long for this use.
    #[error("RSA keys of {bits} bits cannot be used here, only {shortest} to {longest}")]
    RsaSize {
        /// Bits of the modulus.
        bits: usize,
        /// Bits of the shortest key for this use.
        shortest: usize,
        /// Bits of the longest.
        longest: usize,
    },
}

/// A private key in DER, told apart by its kind.
pub(super) enum PrivateKeyDer<'d> {
    /// PKCS#1 (RFC 8017 appendix A.1.2).
    Rsa { pkcs1: &'d [u8], bits: usize },
    /// PKCS#8 (RFC 5208).
    Ec { pkcs8: &'d [u8], curve: Curve },
    /// PKCS#8 (RFC 8410 §7).
    Ed25519 { pkcs8: &'d [u8] },
}

/// Makes a key of the one private key in a text. What is decoded is wiped afterwards.
pub(super) fn from_pem<K>(
    pem: &[u8],
    make: impl FnOnce(PrivateKeyDer<'_>) -> Result<K, PrivateKeyError>,
) -> Result<K, PrivateKeyError> {
    let mut keys = Vec::new();
    for block in Blocks::new(pem) {
        let block = block.map_err(|_| PrivateKeyError::NoPrivateKey)?;
        if block.label.ends_with("PRIVATE KEY") {
            keys.push(block);
        }
    }
    match keys.as_slice() {
        [] => Err(PrivateKeyError::NoPrivateKey),
        [key] => from_pem_block(key, make),
        _ => Err(PrivateKeyError::Several),
    }
}

impl<'d> PrivateKeyDer<'d> {
    /// Reads an unencrypted `PrivateKeyInfo` of RFC 5208 §5, as far as it says what kind of key it holds.
    pub(super) fn from_pkcs8(der: &'d [u8]) -> Result<Self, PrivateKeyError> {
        let info = PrivateKeyInfo::read(der).map_err(|_| malformed("not PKCS#8"))?;
        match info.algorithm {
            RSA_ENCRYPTION => Self::from_pkcs1(info.private_key),
            EC_PUBLIC_KEY => {
                let curve = named_curve(info.parameters).map_err(PrivateKeyError::NotSupported)?;
                Ok(Self::Ec { pkcs8: der, curve })
            }
            ED25519 => Ok(Self::Ed25519 { pkcs8: der }),
            other => Err(PrivateKeyError::NotSupported(KeyError::Algorithm { found: name_of(other) })),
        }
    }

    /// Reads an `RSAPrivateKey`.
    pub(super) fn from_pkcs1(der: &'d [u8]) -> Result<Self, PrivateKeyError> {
        let bits = rsa_modulus_bits(der).map_err(|_| malformed("not PKCS#1"))?;
        Ok(Self::Rsa { pkcs1: der, bits })
    }
}

impl PrivateKeyError {
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

fn from_pem_block<K>(
    block: &Block<'_>,
    make: impl FnOnce(PrivateKeyDer<'_>) -> Result<K, PrivateKeyError>,
) -> Result<K, PrivateKeyError> {
    if block.is_encrypted() {
        return Err(PrivateKeyError::Encrypted);
    }
    let decode = || block.decode().map_err(|_| malformed("not base64"));
    match block.label {
        "PRIVATE KEY" => make(PrivateKeyDer::from_pkcs8(&decode()?)?),
        "RSA PRIVATE KEY" => make(PrivateKeyDer::from_pkcs1(&decode()?)?),
        "EC PRIVATE KEY" => Err(PrivateKeyError::Sec1),
        _ => Err(malformed("neither PKCS#8 nor PKCS#1")),
    }
}

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

/// What a use that XML knows no algorithm for says to an Ed25519 key.
pub(super) fn ed25519_not_supported() -> PrivateKeyError {
    PrivateKeyError::NotSupported(KeyError::Algorithm { found: name_of(ED25519) })
}

pub(super) fn malformed(reason: &'static str) -> PrivateKeyError {
    PrivateKeyError::Malformed { reason }
}
