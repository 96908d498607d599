//! [`RING`]: the cryptography of `jsonwebtoken` by `ring`.

use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind, new_error},
    jwk::{EllipticCurve, ThumbprintHash},
    signature::{self, Signer, Verifier},
};
use zeroize::Zeroizing;

use super::{
    algorithm::hmac_of,
    private_key::{PrivateKey, shared_algorithm},
};
use crate::crypto::{
    Curve, DigestAlgorithm, Ed25519PublicKey, Ed25519SigningKey, Hmac, KeyKind, Legacy, PublicKey,
    PublicKeyParts, SignatureAlgorithm, SigningKey, digest,
};

/// The provider that this crate verifies with, by its factories alone: it is never installed here. A host that uses
/// `jsonwebtoken` itself may install it with `RING.install_default()`.
///
/// Keys are compared with the algorithm before anything else: the family, the curve, the length. RSA keys have 2048
/// to 8192 bits (4096 for signing), HMAC secrets are at least as long as the hash, and no function panics.
pub static RING: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: rsa_components_of_private_key,
        rsa_pub_components_from_public_key: rsa_components_of_public_key,
        ec_pub_components_from_private_key: ec_components_of_private_key,
        ed_pub_components_from_private_key: ed_components_of_private_key,
        compute_digest: thumbprint_digest,
    },
};

type Result<T> = std::result::Result<T, Error>;

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    let algorithm = *algorithm;
    if key.family() != algorithm.family() {
        return Err(new_error(ErrorKind::InvalidKeyFormat));
    }
    let key = match algorithm.family() {
        AlgorithmFamily::Hmac => VerifyingKey::Hmac(secret(algorithm, key.try_get_as_bytes()?)?),
        AlgorithmFamily::Rsa => {
            let key = match key.kind() {
                DecodingKeyKind::RsaModulusExponent { n, e } => PublicKey::from_rsa_components(n, e),
                DecodingKeyKind::SecretOrDer(der) => PublicKey::from_pkcs1_der(der),
            };
            let key = key.map_err(|error| new_error(ErrorKind::InvalidRsaKey(error.to_string())))?;
            if key.kind().is_legacy() {
                let reason = "fewer than 2048 bits".to_owned();
                return Err(new_error(ErrorKind::InvalidRsaKey(reason)));
            }
            VerifyingKey::Public(key, shared(algorithm)?)
        }
        AlgorithmFamily::Ec => {
            let key = PublicKey::from_ec_point(curve(algorithm)?, key.try_get_as_bytes()?);
            VerifyingKey::Public(key.map_err(|_| new_error(ErrorKind::InvalidEcdsaKey))?, shared(algorithm)?)
        }
        AlgorithmFamily::Ed => {
            let key = Ed25519PublicKey::from_bytes(key.try_get_as_bytes()?);
            VerifyingKey::Ed25519(key.map_err(|_| new_error(ErrorKind::InvalidEddsaKey))?)
        }
    };
    Ok(Box::new(RingVerifier { algorithm, key }))
}

struct RingVerifier {
    algorithm: Algorithm,
    key: VerifyingKey,
}

enum VerifyingKey {
    Public(PublicKey, SignatureAlgorithm),
    Ed25519(Ed25519PublicKey),
    Hmac(HmacKey),
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), signature::Error> {
        let verified = match &self.key {
            VerifyingKey::Public(key, algorithm) => {
                key.verify(*algorithm, Legacy::Refuse, message, signature)
            }
            VerifyingKey::Ed25519(key) => key.verify(message, signature),
            VerifyingKey::Hmac(key) => key.hmac.verify(&key.secret, message, signature),
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    let algorithm = *algorithm;
    if key.family() != algorithm.family() {
        return Err(new_error(ErrorKind::InvalidKeyFormat));
    }
    let key = match algorithm.family() {
        AlgorithmFamily::Hmac => MakingKey::Hmac(secret(algorithm, key.as_bytes())?),
        AlgorithmFamily::Rsa => MakingKey::Private(rsa_private_key(key.as_bytes())?.into()),
        AlgorithmFamily::Ec => MakingKey::Private(ec_private_key(key.as_bytes(), curve(algorithm)?)?.into()),
        AlgorithmFamily::Ed => MakingKey::Private(ed_private_key(key.as_bytes())?.into()),
    };
    Ok(Box::new(RingSigner { algorithm, key }))
}

struct RingSigner {
    algorithm: Algorithm,
    key: MakingKey,
}

enum MakingKey {
    Private(PrivateKey),
    Hmac(HmacKey),
}

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, signature::Error> {
        match &self.key {
            MakingKey::Private(key) => key.sign(self.algorithm, message).map_err(|_| signature::Error::new()),
            MakingKey::Hmac(key) => Ok(key.hmac.sign(&key.secret, message)),
        }
    }
}

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

struct HmacKey {
    hmac: Hmac,
    secret: Zeroizing<Vec<u8>>,
}

/// RFC 7518 §3.2: as long as the hash at least.
fn secret(algorithm: Algorithm, secret: &[u8]) -> Result<HmacKey> {
    let hmac = hmac_of(algorithm).ok_or_else(|| new_error(ErrorKind::InvalidAlgorithm))?;
    if secret.len() < hmac.output_len() {
        return Err(new_error(ErrorKind::InvalidKeyFormat));
    }
    Ok(HmacKey { hmac, secret: Zeroizing::new(secret.to_vec()) })
}

fn rsa_private_key(pkcs1: &[u8]) -> Result<SigningKey> {
    SigningKey::from_pkcs1_der(pkcs1).map_err(|error| new_error(ErrorKind::InvalidRsaKey(error.to_string())))
}

fn ec_private_key(pkcs8: &[u8], curve: Curve) -> Result<SigningKey> {
    let invalid = || new_error(ErrorKind::InvalidEcdsaKey);
    let key = SigningKey::from_pkcs8_der(pkcs8).map_err(|_| invalid())?;
    let fits = match curve {
        Curve::P256 => key.kind() == KeyKind::P256,
        Curve::P384 => key.kind() == KeyKind::P384,
    };
    if fits { Ok(key) } else { Err(invalid()) }
}

fn ed_private_key(pkcs8: &[u8]) -> Result<Ed25519SigningKey> {
    Ed25519SigningKey::from_pkcs8_der(pkcs8).map_err(|_| new_error(ErrorKind::InvalidEddsaKey))
}

fn rsa_components_of_private_key(pkcs1: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    rsa_components(rsa_private_key(pkcs1)?.public_key())
}

fn rsa_components_of_public_key(pkcs1: &[u8]) -> Result<(Vec<u8>, Vec<u8>)> {
    let key = PublicKey::from_pkcs1_der(pkcs1);
    rsa_components(&key.map_err(|error| new_error(ErrorKind::InvalidRsaKey(error.to_string())))?)
}

fn rsa_components(key: &PublicKey) -> Result<(Vec<u8>, Vec<u8>)> {
    match key.parts() {
        PublicKeyParts::Rsa { modulus, exponent, .. } => Ok((modulus.to_vec(), exponent.to_vec())),
        PublicKeyParts::Ec { .. } => Err(new_error(ErrorKind::InvalidKeyFormat)),
    }
}

fn ec_components_of_private_key(
    pkcs8: &[u8],
    algorithm: Algorithm,
) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>)> {
    let invalid = || new_error(ErrorKind::InvalidEcdsaKey);
    let key = ec_private_key(pkcs8, curve(algorithm)?)?;
    let PublicKeyParts::Ec { curve, point } = key.public_key().parts() else { return Err(invalid()) };
    let (_, coordinates) = point.split_first().ok_or_else(invalid)?;
    let (x, y) = coordinates.split_at_checked(coordinates.len() / 2).ok_or_else(invalid)?;
    let curve = match curve {
        Curve::P256 => EllipticCurve::P256,
        Curve::P384 => EllipticCurve::P384,
    };
    Ok((curve, x.to_vec(), y.to_vec()))
}

fn ed_components_of_private_key(pkcs8: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>> {
    match curve {
        EllipticCurve::Ed25519 => Ok(ed_private_key(pkcs8)?.public_key().as_bytes().to_vec()),
        _ => Err(new_error(ErrorKind::InvalidAlgorithm)),
    }
}

fn thumbprint_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => DigestAlgorithm::Sha256,
        ThumbprintHash::SHA384 => DigestAlgorithm::Sha384,
        ThumbprintHash::SHA512 => DigestAlgorithm::Sha512,
        _ => return Err(new_error(ErrorKind::UnsupportedAlgorithm)),
    };
    Ok(digest(algorithm, data).as_ref().to_vec())
}

fn curve(algorithm: Algorithm) -> Result<Curve> {
    match algorithm {
        Algorithm::ES256 => Ok(Curve::P256),
        Algorithm::ES384 => Ok(Curve::P384),
        _ => Err(new_error(ErrorKind::InvalidAlgorithm)),
    }
}

fn shared(algorithm: Algorithm) -> Result<SignatureAlgorithm> {
    shared_algorithm(algorithm).ok_or_else(|| new_error(ErrorKind::InvalidAlgorithm))
}
