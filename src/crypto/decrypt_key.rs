//! [`DecryptionKey`]: the built-in [`Decrypter`], a private key in memory.

use std::fmt;

use aws_lc_rs::{
    agreement::{self, UnparsedPublicKey},
    rand,
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
        OaepAlgorithm, OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
    },
};
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use x509_cert::der::{
    self, Encode as _, Header, Tag,
    asn1::{AnyRef, OctetStringRef},
};
use x509_cert::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::{
    decrypt::{ContentKey, DecryptError, Decrypter, WrappedKey},
    digest::{DigestAlgorithm, Hasher},
    key::{Curve, PublicKey, RSA_ENCRYPTION},
    private_key::{self, PrivateKeyDer, PrivateKeyError, malformed},
};

/// A private key that opens what was encrypted to its public half: RSA of 2048 to 8192 bits, or elliptic curve
/// P-256 or P-384.
///
/// RSA-OAEP needs one hash for label and mask: SHA-1, SHA-256, SHA-384 or SHA-512. Private-key operations run in
/// constant time. `Debug` shows the public half alone. What is decoded from PEM is wiped once the key is made; the
/// text itself is the caller's to wipe, and `aws-lc-rs` keeps the key for as long as this value lives.
pub struct DecryptionKey {
    key: Key,
    public_key: PublicKey,
}

enum Key {
    Rsa { oaep: OaepPrivateDecryptingKey, pkcs1: Pkcs1PrivateDecryptingKey },
    Ec { key: agreement::PrivateKey, curve: Curve },
}

impl DecryptionKey {
    /// Reads a private key in PEM form, with any text around it: `BEGIN PRIVATE KEY` (PKCS#8, RFC 5208) or
    /// `BEGIN RSA PRIVATE KEY` (PKCS#1, RFC 8017). Certificates in the same text are passed over.
    ///
    /// # Errors
    /// [`PrivateKeyError`], which says how to convert a form that is not read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, PrivateKeyError> {
        private_key::from_pem(pem, Self::new)
    }

    /// Reads an unencrypted DER PKCS#8 `PrivateKeyInfo`. The caller's bytes stay as they are: wipe them.
    ///
    /// # Errors
    /// [`PrivateKeyError`].
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, PrivateKeyError> {
        Self::new(PrivateKeyDer::from_pkcs8(der)?)
    }

    /// The public half, which the certificate for encryption in our metadata must have.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn new(key: PrivateKeyDer<'_>) -> Result<Self, PrivateKeyError> {
        match key {
            PrivateKeyDer::Rsa { pkcs1, bits } => Self::new_rsa(pkcs1, bits),
            PrivateKeyDer::Ec { pkcs8, curve } => Self::new_ec(pkcs8, curve),
            PrivateKeyDer::Ed25519 { .. } => Err(private_key::ed25519_not_supported()),
        }
    }

    fn new_rsa(pkcs1: &[u8], bits: usize) -> Result<Self, PrivateKeyError> {
        if !(SHORTEST_RSA..=LONGEST_RSA).contains(&bits) {
            let (shortest, longest) = (SHORTEST_RSA, LONGEST_RSA);
            return Err(PrivateKeyError::RsaSize { bits, shortest, longest });
        }
        let contradiction = || malformed("its parts contradict each other");
        let pkcs8 = rsa_pkcs8(pkcs1).map_err(|_| malformed("not PKCS#1"))?;
        let key = PrivateDecryptingKey::from_pkcs8(&pkcs8).map_err(|_| contradiction())?;
        let spki = aws_lc_rs::encoding::AsDer::as_der(&key.public_key()).map_err(|_| contradiction())?;
        let public_key = PublicKey::from_spki_der(spki.as_ref()).map_err(PrivateKeyError::NotSupported)?;
        let oaep = OaepPrivateDecryptingKey::new(key.clone()).map_err(|_| contradiction())?;
        let pkcs1 = Pkcs1PrivateDecryptingKey::new(key).map_err(|_| contradiction())?;
        Ok(Self { key: Key::Rsa { oaep, pkcs1 }, public_key })
    }

    fn new_ec(pkcs8: &[u8], curve: Curve) -> Result<Self, PrivateKeyError> {
        let contradiction = || malformed("its parts contradict each other");
        let algorithm = agreement_algorithm(curve);
        let key =
            agreement::PrivateKey::from_private_key_der(algorithm, pkcs8).map_err(|_| contradiction())?;
        let point = key.compute_public_key().map_err(|_| contradiction())?;
        let public_key = PublicKey::from_ec_point(curve, point.as_ref());
        let public_key = public_key.map_err(PrivateKeyError::NotSupported)?;
        Ok(Self { key: Key::Ec { key, curve }, public_key })
    }
}

impl Decrypter for DecryptionKey {
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
        match (&self.key, *wrapped) {
            (Key::Rsa { oaep, .. }, WrappedKey::RsaOaep { digest, mask, ciphertext }) => {
                unwrap_oaep(oaep, oaep_algorithm(digest, mask)?, ciphertext)
            }
            (Key::Rsa { pkcs1, .. }, WrappedKey::Rsa15 { ciphertext, content_key_len }) => {
                unwrap_pkcs1(pkcs1, ciphertext, content_key_len)
            }
            (
                Key::Ec { key, curve: own },
                WrappedKey::EcdhEs { curve, ephemeral_point, other_info, content_key_len },
            ) if *own == curve => agree(key, ephemeral_point, other_info, content_key_len),
            // Wrapped to a key of another kind, so not to this one.
            _ => Err(DecryptError::Failed),
        }
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionKey").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

fn unwrap_oaep(
    key: &OaepPrivateDecryptingKey,
    algorithm: &'static OaepAlgorithm,
    ciphertext: &[u8],
) -> Result<ContentKey, DecryptError> {
    let mut buffer = Zeroizing::new(vec![0; key.min_output_size()]);
    let opened = key.decrypt(algorithm, ciphertext, &mut buffer, None).map_err(|_| DecryptError::Failed)?;
    Ok(ContentKey::new(opened.to_vec()))
}

/// RFC 3218 §2.3.2: what is not a key of the right length becomes a random one, by the same steps.
fn unwrap_pkcs1(
    key: &Pkcs1PrivateDecryptingKey,
    ciphertext: &[u8],
    content_key_len: usize,
) -> Result<ContentKey, DecryptError> {
    let mut content_key = Zeroizing::new(vec![0; content_key_len]);
    rand::fill(&mut content_key).map_err(|_| DecryptError::Failed)?;
    let mut buffer = Zeroizing::new(vec![0; key.min_output_size().max(content_key_len)]);
    let length = key.decrypt(ciphertext, &mut buffer).map_or(usize::MAX, |opened| opened.len());
    let is_key: Choice = length.ct_eq(&content_key_len);
    for (byte, opened) in content_key.iter_mut().zip(buffer.iter()) {
        byte.conditional_assign(opened, is_key);
    }
    Ok(ContentKey(content_key))
}

/// RFC 7518 §4.6.2: the Concat KDF of NIST SP 800-56A §5.8.1 with SHA-256.
fn agree(
    key: &agreement::PrivateKey,
    ephemeral_point: &[u8],
    other_info: &[u8],
    content_key_len: usize,
) -> Result<ContentKey, DecryptError> {
    let peer = UnparsedPublicKey::new(key.algorithm(), ephemeral_point);
    agreement::agree(key, peer, DecryptError::Failed, |secret| {
        let mut derived = Zeroizing::new(Vec::with_capacity(content_key_len));
        let mut round: u32 = 0;
        while derived.len() < content_key_len {
            round = round.checked_add(1).ok_or(DecryptError::Failed)?;
            let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
            hasher.update(&round.to_be_bytes());
            hasher.update(secret);
            hasher.update(other_info);
            let digest = hasher.finish();
            let missing = content_key_len.saturating_sub(derived.len());
            derived.extend(digest.as_ref().iter().take(missing));
        }
        Ok(ContentKey(derived))
    })
}

fn oaep_algorithm(
    digest: DigestAlgorithm,
    mask: DigestAlgorithm,
) -> Result<&'static OaepAlgorithm, DecryptError> {
    if digest != mask {
        return Err(DecryptError::Unsupported {
            available: "RSA-OAEP with one hash for digest and mask (MGF1)",
        });
    }
    Ok(match digest {
        DigestAlgorithm::Sha1 => &OAEP_SHA1_MGF1SHA1,
        DigestAlgorithm::Sha256 => &OAEP_SHA256_MGF1SHA256,
        DigestAlgorithm::Sha384 => &OAEP_SHA384_MGF1SHA384,
        DigestAlgorithm::Sha512 => &OAEP_SHA512_MGF1SHA512,
    })
}

fn agreement_algorithm(curve: Curve) -> &'static agreement::Algorithm {
    match curve {
        Curve::P256 => &agreement::ECDH_P256,
        Curve::P384 => &agreement::ECDH_P384,
    }
}

/// `PrivateKeyInfo` (RFC 5208 §5) around an `RSAPrivateKey`, the form that `aws-lc-rs` reads.
fn rsa_pkcs8(pkcs1: &[u8]) -> der::Result<Zeroizing<Vec<u8>>> {
    let algorithm = AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) };
    let private_key = OctetStringRef::new(pkcs1)?;
    let length = (0u8.encoded_len()? + algorithm.encoded_len()? + private_key.encoded_len()?)?;
    // Room for all of it, so that no copy is left behind by growing.
    let mut pkcs8 = Zeroizing::new(Vec::with_capacity(pkcs1.len().saturating_add(HEADERS)));
    Header::new(Tag::Sequence, length)?.encode_to_vec(&mut pkcs8)?;
    0u8.encode_to_vec(&mut pkcs8)?;
    algorithm.encode_to_vec(&mut pkcs8)?;
    private_key.encode_to_vec(&mut pkcs8)?;
    Ok(pkcs8)
}

/// More than the bytes around a key in PKCS#8.
const HEADERS: usize = 64;

/// What `aws-lc-rs` decrypts with.
const SHORTEST_RSA: usize = 2048;
const LONGEST_RSA: usize = 8192;
