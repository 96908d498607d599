//! The sender's side of decryption, for the testing identity provider alone.

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    cipher::{self, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    iv::FixedLength,
    rand,
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
        OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey, PublicEncryptingKey,
    },
};

use super::{ContentCipher, DigestAlgorithm, PublicKey};

/// Nothing could be encrypted: the key is no RSA key of 2048 to 8192 bits, or too short for the padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key cannot be encrypted to")]
pub(crate) struct EncryptError;

/// A fresh key for a cipher.
pub(crate) fn content_key(cipher: ContentCipher) -> Result<Vec<u8>, EncryptError> {
    let mut key = vec![0; cipher.key_len()];
    rand::fill(&mut key).map_err(|_| EncryptError)?;
    Ok(key)
}

/// A content as XML Encryption packs it: a fresh initialisation vector, the ciphertext, GCM's tag.
pub(crate) fn seal(cipher: ContentCipher, key: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, EncryptError> {
    let failed = |_| EncryptError;
    let mut buffer = plaintext.to_vec();
    let mut content = Vec::new();
    match cipher {
        ContentCipher::Aes128Gcm | ContentCipher::Aes192Gcm | ContentCipher::Aes256Gcm => {
            let algorithm = match cipher.key_len() {
                16 => &aead::AES_128_GCM,
                24 => &aead::AES_192_GCM,
                _ => &aead::AES_256_GCM,
            };
            let mut iv = [0; 12];
            rand::fill(&mut iv).map_err(failed)?;
            let key = LessSafeKey::new(UnboundKey::new(algorithm, key).map_err(failed)?);
            let nonce = Nonce::assume_unique_for_key(iv);
            key.seal_in_place_append_tag(nonce, Aad::empty(), &mut buffer).map_err(failed)?;
            content.extend_from_slice(&iv);
        }
        ContentCipher::Aes128Cbc | ContentCipher::Aes192Cbc | ContentCipher::Aes256Cbc => {
            let algorithm = match cipher.key_len() {
                16 => &cipher::AES_128,
                24 => &cipher::AES_192,
                _ => &cipher::AES_256,
            };
            let mut iv = [0; 16];
            rand::fill(&mut iv).map_err(failed)?;
            let key = UnboundCipherKey::new(algorithm, key).map_err(failed)?;
            let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).map_err(failed)?;
            let context = EncryptionContext::Iv128(FixedLength::from(iv));
            key.less_safe_encrypt(&mut buffer, context).map_err(failed)?;
            content.extend_from_slice(&iv);
        }
    }
    content.append(&mut buffer);
    Ok(content)
}

/// Wraps a content key by RSA-OAEP with one hash for digest and mask.
pub(crate) fn wrap_oaep(
    to: &PublicKey,
    digest: DigestAlgorithm,
    content_key: &[u8],
) -> Result<Vec<u8>, EncryptError> {
    let algorithm = match digest {
        DigestAlgorithm::Sha1 => &OAEP_SHA1_MGF1SHA1,
        DigestAlgorithm::Sha256 => &OAEP_SHA256_MGF1SHA256,
        DigestAlgorithm::Sha384 => &OAEP_SHA384_MGF1SHA384,
        DigestAlgorithm::Sha512 => &OAEP_SHA512_MGF1SHA512,
    };
    let key = OaepPublicEncryptingKey::new(encrypting_key(to)?).map_err(|_| EncryptError)?;
    let mut wrapped = vec![0; key.ciphertext_size()];
    key.encrypt(algorithm, content_key, &mut wrapped, None).map_err(|_| EncryptError)?;
    Ok(wrapped)
}

/// Wraps a content key by RSA PKCS#1 v1.5.
pub(crate) fn wrap_pkcs1(to: &PublicKey, content_key: &[u8]) -> Result<Vec<u8>, EncryptError> {
    let key = Pkcs1PublicEncryptingKey::new(encrypting_key(to)?).map_err(|_| EncryptError)?;
    let mut wrapped = vec![0; key.ciphertext_size()];
    key.encrypt(content_key, &mut wrapped).map_err(|_| EncryptError)?;
    Ok(wrapped)
}

fn encrypting_key(key: &PublicKey) -> Result<PublicEncryptingKey, EncryptError> {
    PublicEncryptingKey::from_der(&key.to_spki_der()).map_err(|_| EncryptError)
}
