//! [`SignatureAlgorithm`], what [`Legacy`] adds to it, and verification.

use std::fmt;

use ring::signature::{self, EcdsaVerificationAlgorithm, RsaParameters};

use super::{
    digest::DigestAlgorithm,
    key::{Curve, KeyKind, Material, PublicKey},
};

/// A signature algorithm: the kind of key, the padding and the digest. HMAC cannot be expressed, so a public
/// key can never be taken for a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS (RFC 8017 §8.1) with MGF1 over the same digest and a salt as long as the digest.
    RsaPss(DigestAlgorithm),
    /// ECDSA on P-256 or P-384; the signature is r‖s, 64 or 96 bytes.
    Ecdsa(DigestAlgorithm),
}

/// Whether algorithms and keys that are sound only in retrospect count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Legacy {
    /// They do not.
    #[default]
    Refuse,
    /// RSA PKCS#1 with SHA-1, and with RSA keys of 1024 to 2047 bits: for providers that cannot be brought to
    /// sign otherwise. An attacker with means can forge both.
    Allow,
}

/// Why a signature does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The algorithm needs another kind of key.
    #[error("{algorithm} does not fit a key of type {key}")]
    KeyType {
        /// The algorithm asked for.
        algorithm: SignatureAlgorithm,
        /// The key at hand.
        key: KeyKind,
    },
    /// The algorithm is never allowed, or only with [`Legacy::Allow`].
    #[error("{algorithm} is not allowed")]
    AlgorithmNotAllowed {
        /// The algorithm asked for.
        algorithm: SignatureAlgorithm,
    },
    /// The RSA key is too short for the algorithm, or needs [`Legacy::Allow`].
    #[error("an RSA key of {bits} bits is too short for this use")]
    WeakKey {
        /// Bits of the modulus.
        bits: usize,
    },
    /// The signature was not made over this message with this key.
    #[error("the signature does not verify")]
    Signature,
}

impl SignatureAlgorithm {
    /// Whether a signature of this algorithm may count at all: RSA PKCS#1 with any digest, SHA-1 only with
    /// [`Legacy::Allow`]; PSS with SHA-256, SHA-384 or SHA-512; ECDSA with SHA-256 or SHA-384.
    #[must_use]
    pub const fn is_allowed(self, legacy: Legacy) -> bool {
        match self {
            Self::RsaPkcs1(DigestAlgorithm::Sha1) => matches!(legacy, Legacy::Allow),
            Self::RsaPkcs1(_) => true,
            Self::RsaPss(digest) => !matches!(digest, DigestAlgorithm::Sha1),
            Self::Ecdsa(digest) => matches!(digest, DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384),
        }
    }

    /// Whether it is the kind of algorithm that a key of this kind makes.
    #[must_use]
    pub const fn fits(self, key: KeyKind) -> bool {
        match self {
            Self::RsaPkcs1(_) | Self::RsaPss(_) => matches!(key, KeyKind::Rsa { .. }),
            Self::Ecdsa(_) => matches!(key, KeyKind::P256 | KeyKind::P384),
        }
    }

    /// The digest that is signed.
    #[must_use]
    pub const fn digest(self) -> DigestAlgorithm {
        match self {
            Self::RsaPkcs1(digest) | Self::RsaPss(digest) | Self::Ecdsa(digest) => digest,
        }
    }
}

impl PublicKey {
    /// Checks that `signature` was made over `message` with the private half of this key. An ECDSA signature
    /// is r‖s in the key's full length.
    ///
    /// RSA keys of 1024 to 2047 bits take [`Legacy::Allow`] and PKCS#1 with SHA-1, SHA-256 or SHA-512; `ring`
    /// verifies SHA-384 and PSS from 2048 bits on.
    ///
    /// # Errors
    /// [`VerifyError`]: the algorithm, then the type of key, its strength and the signature itself.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        legacy: Legacy,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        if !algorithm.is_allowed(legacy) {
            return Err(VerifyError::AlgorithmNotAllowed { algorithm });
        }
        match (algorithm, self.material()) {
            (
                SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPss(_),
                Material::Rsa { modulus, exponent, bits },
            ) => {
                let parameters = rsa_parameters(algorithm, *bits, legacy)?;
                signature::RsaPublicKeyComponents { n: modulus, e: exponent }
                    .verify(parameters, message, signature)
                    .map_err(|_| VerifyError::Signature)
            }
            (SignatureAlgorithm::Ecdsa(digest), Material::Ec { curve, point }) => {
                verify_ecdsa(*curve, point, digest, message, signature)
            }
            (
                SignatureAlgorithm::RsaPkcs1(_)
                | SignatureAlgorithm::RsaPss(_)
                | SignatureAlgorithm::Ecdsa(_),
                Material::Rsa { .. } | Material::Ec { .. },
            ) => Err(VerifyError::KeyType { algorithm, key: self.kind() }),
        }
    }
}

impl VerifyError {
    /// The rule that failed: `crypto.key_type_mismatch`, `crypto.algorithm_not_allowed`, `crypto.weak_key` or
    /// `crypto.signature_invalid`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyType { .. } => "crypto.key_type_mismatch",
            Self::AlgorithmNotAllowed { .. } => "crypto.algorithm_not_allowed",
            Self::WeakKey { .. } => "crypto.weak_key",
            Self::Signature => "crypto.signature_invalid",
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RsaPkcs1(digest) => write!(f, "RSA PKCS#1 with {digest}"),
            Self::RsaPss(digest) => write!(f, "RSA-PSS with {digest}"),
            Self::Ecdsa(digest) => write!(f, "ECDSA with {digest}"),
        }
    }
}

/// The lengths in `ring` are rounded up to whole bytes, so the exact ones are checked here.
fn rsa_parameters(
    algorithm: SignatureAlgorithm,
    bits: usize,
    legacy: Legacy,
) -> Result<&'static RsaParameters, VerifyError> {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};

    let short = bits < SHORTEST_STRONG_RSA;
    if short && legacy == Legacy::Refuse {
        return Err(VerifyError::WeakKey { bits });
    }
    match (algorithm, short) {
        (RsaPkcs1(Sha1), true) => Ok(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        (RsaPkcs1(Sha1), false) => Ok(&signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
        (RsaPkcs1(Sha256), true) => Ok(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        (RsaPkcs1(Sha256), false) => Ok(&signature::RSA_PKCS1_2048_8192_SHA256),
        (RsaPkcs1(Sha384), false) => Ok(&signature::RSA_PKCS1_2048_8192_SHA384),
        (RsaPkcs1(Sha512), true) => Ok(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        (RsaPkcs1(Sha512), false) => Ok(&signature::RSA_PKCS1_2048_8192_SHA512),
        (RsaPss(Sha256), false) => Ok(&signature::RSA_PSS_2048_8192_SHA256),
        (RsaPss(Sha384), false) => Ok(&signature::RSA_PSS_2048_8192_SHA384),
        (RsaPss(Sha512), false) => Ok(&signature::RSA_PSS_2048_8192_SHA512),
        (RsaPkcs1(Sha384) | RsaPss(Sha256 | Sha384 | Sha512), true) => Err(VerifyError::WeakKey { bits }),
        (RsaPss(Sha1) | Ecdsa(_), _) => Err(VerifyError::AlgorithmNotAllowed { algorithm }),
    }
}

fn verify_ecdsa(
    curve: Curve,
    point: &[u8],
    digest: DigestAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    if signature.len() != 2 * curve.scalar_len() {
        return Err(VerifyError::Signature);
    }
    let crossed;
    let (verification, signature): (&'static EcdsaVerificationAlgorithm, &[u8]) = match (curve, digest) {
        (Curve::P256, DigestAlgorithm::Sha256) => (&signature::ECDSA_P256_SHA256_FIXED, signature),
        (Curve::P384, DigestAlgorithm::Sha384) => (&signature::ECDSA_P384_SHA384_FIXED, signature),
        // `ring` has these two for DER alone.
        (Curve::P256, DigestAlgorithm::Sha384) => {
            crossed = ecdsa_sig_value(signature);
            (&signature::ECDSA_P256_SHA384_ASN1, &crossed)
        }
        (Curve::P384, DigestAlgorithm::Sha256) => {
            crossed = ecdsa_sig_value(signature);
            (&signature::ECDSA_P384_SHA256_ASN1, &crossed)
        }
        (Curve::P256 | Curve::P384, DigestAlgorithm::Sha1 | DigestAlgorithm::Sha512) => {
            return Err(VerifyError::AlgorithmNotAllowed { algorithm: SignatureAlgorithm::Ecdsa(digest) });
        }
    };
    signature::UnparsedPublicKey::new(verification, point)
        .verify(message, signature)
        .map_err(|_| VerifyError::Signature)
}

/// r‖s as the `Ecdsa-Sig-Value` of RFC 3279 §2.2.3. A half of zeros becomes the integer zero, which `ring`
/// refuses like any other value outside of the group.
fn ecdsa_sig_value(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(signature.len() / 2);
    let mut integers = Vec::with_capacity(signature.len() + 6);
    for half in [r, s] {
        let start = half.iter().position(|byte| *byte != 0).unwrap_or(half.len());
        let magnitude = half.get(start..).unwrap_or_default();
        let sign = match magnitude.first() {
            Some(first) if *first < 0x80 => None,
            Some(_) | None => Some(0),
        };
        integers.push(DER_INTEGER);
        integers.push(short_length(magnitude.len() + usize::from(sign.is_some())));
        integers.extend(sign);
        integers.extend_from_slice(magnitude);
    }
    let mut der = Vec::with_capacity(integers.len() + 2);
    der.push(DER_SEQUENCE);
    der.push(short_length(integers.len()));
    der.append(&mut integers);
    der
}

/// INVARIANT (short DER): both halves of a signature are at most 48 bytes, so no length here reaches 128;
/// a longer one would make a value that `ring` refuses.
fn short_length(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

const SHORTEST_STRONG_RSA: usize = 2048;
const DER_INTEGER: u8 = 0x02;
const DER_SEQUENCE: u8 = 0x30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_minimal_integers() {
        let mut signature = [0; 64];
        signature[31] = 0x7f;
        signature[63] = 0x80;
        assert_eq!(ecdsa_sig_value(&signature), [0x30, 7, 2, 1, 0x7f, 2, 2, 0, 0x80]);
        assert_eq!(ecdsa_sig_value(&[0; 64]), [0x30, 6, 2, 1, 0, 2, 1, 0]);
        let full = ecdsa_sig_value(&[0xff; 96]);
        assert_eq!((full.len(), full[1], full[3]), (104, 102, 49));
    }
}
