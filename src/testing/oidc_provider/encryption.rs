//! How tokens are encrypted (RFC 7516 §5.1): the sender's side, written for this provider alone.

use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, ECDH_P384, PrivateKey, UnparsedPublicKey},
    cipher::{self, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    digest, hmac,
    iv::FixedLength,
    key_wrap::{self, AesKek, KeyWrap as _},
    rand,
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey,
        PublicKeyComponents,
    },
};
use serde_json::{Value, json};

use super::{
    JweFault,
    json::{Object, text},
};
use crate::encoding::{base64url_decode, base64url_encode};

/// To whom tokens are encrypted, and how. Content keys and initialisation vectors come from the operating system,
/// so encrypted tokens differ from run to run.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Encryption {
    /// The recipient's public key, a JWK.
    pub to: Value,
    /// How the content key gets there.
    pub algorithm: KeyManagement,
    /// The cipher of the content.
    pub content: ContentEncryption,
    /// What the sender says of itself in the derivation of the key, for ECDH alone.
    pub apu: Option<String>,
    /// What the sender says of the recipient there.
    pub apv: Option<String>,
}

/// How a content key gets to the recipient (RFC 7518 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyManagement {
    /// `RSA-OAEP`, with SHA-1.
    RsaOaep,
    /// `RSA-OAEP-256`.
    RsaOaep256,
    /// `ECDH-ES`: what both sides agree on is the content key.
    EcdhEs,
    /// `ECDH-ES+A128KW`: it wraps the content key.
    EcdhEsA128Kw,
    /// `ECDH-ES+A256KW`.
    EcdhEsA256Kw,
}

/// The cipher of a content (RFC 7518 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ContentEncryption {
    /// `A128GCM`.
    A128Gcm,
    /// `A192GCM`.
    A192Gcm,
    /// `A256GCM`.
    A256Gcm,
    /// `A128CBC-HS256`.
    A128CbcHs256,
    /// `A192CBC-HS384`.
    A192CbcHs384,
    /// `A256CBC-HS512`.
    A256CbcHs512,
}

/// A JWE in its parts, before they are joined.
pub(super) struct Sealed {
    pub(super) header: String,
    pub(super) wrapped: Vec<u8>,
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

impl Encryption {
    /// RSA-OAEP-256 or ECDH-ES+A256KW, as the key is, and A256GCM.
    #[must_use]
    pub fn new(to: Value) -> Self {
        let rsa = to.get("kty").and_then(Value::as_str) == Some("RSA");
        let algorithm = if rsa { KeyManagement::RsaOaep256 } else { KeyManagement::EcdhEsA256Kw };
        Self { to, algorithm, content: ContentEncryption::A256Gcm, apu: None, apv: None }
    }

    /// The same with these algorithms.
    #[must_use]
    pub fn with(mut self, algorithm: KeyManagement, content: ContentEncryption) -> Self {
        (self.algorithm, self.content) = (algorithm, content);
        self
    }

    /// Encrypts. `header` gets the algorithms, the key's name and what ECDH needs; nothing comes out where the key
    /// does not fit the algorithm.
    pub(super) fn seal(&self, header: Object, plaintext: &[u8], fault: Option<JweFault>) -> Option<Sealed> {
        let to = self.to.as_object()?;
        let mut header = header;
        header.insert("alg".to_owned(), json!(self.algorithm.as_str()));
        header.insert("enc".to_owned(), json!(self.content.as_str()));
        header.extend(to.get("kid").map(|kid| ("kid".to_owned(), kid.clone())));
        let (key, wrapped) = match self.algorithm {
            KeyManagement::RsaOaep => wrap_rsa(to, &OAEP_SHA1_MGF1SHA1, self.content.key_len())?,
            KeyManagement::RsaOaep256 => wrap_rsa(to, &OAEP_SHA256_MGF1SHA256, self.content.key_len())?,
            KeyManagement::EcdhEs => (self.agree(to, &mut header)?, Vec::new()),
            KeyManagement::EcdhEsA128Kw | KeyManagement::EcdhEsA256Kw => {
                let kek = self.agree(to, &mut header)?;
                let key = random(self.content.key_len())?;
                let cipher = if kek.len() == 16 { &key_wrap::AES_128 } else { &key_wrap::AES_256 };
                let mut wrapped = vec![0; key.len() + 8];
                AesKek::new(cipher, &kek).ok()?.wrap(&key, &mut wrapped).ok()?;
                (key, wrapped)
            }
        };
        if let Some(fault) = fault {
            fault.change_header(&mut header);
        }
        let header = base64url_encode(Value::Object(header).to_string().as_bytes());
        let (iv, ciphertext, tag) = self.content.seal(&key, header.as_bytes(), plaintext)?;
        Some(Sealed { header, wrapped, iv, ciphertext, tag })
    }

    /// RFC 7518 §4.6: a key that both sides can derive. The header says what the recipient needs for that.
    fn agree(&self, to: &Object, header: &mut Object) -> Option<Vec<u8>> {
        let curve = text(to, "crv");
        let algorithm = if curve == "P-256" { &ECDH_P256 } else { &ECDH_P384 };
        let member = |name| base64url_decode(text(to, name).as_bytes()).ok();
        let point = [vec![4], member("x")?, member("y")?].concat();
        let own = PrivateKey::generate(algorithm).ok()?;
        let public = own.compute_public_key().ok()?;
        let (x, y) = public.as_ref().get(1..).map(|point| point.split_at(point.len() / 2))?;
        let epk = json!({ "kty": "EC", "crv": curve, "x": base64url_encode(x), "y": base64url_encode(y) });
        header.insert("epk".to_owned(), epk);
        for (name, party) in [("apu", &self.apu), ("apv", &self.apv)] {
            if let Some(party) = party {
                header.insert(name.to_owned(), json!(base64url_encode(party.as_bytes())));
            }
        }
        let (name, length) = match self.algorithm {
            KeyManagement::EcdhEsA128Kw => (self.algorithm.as_str(), 16),
            KeyManagement::EcdhEsA256Kw => (self.algorithm.as_str(), 32),
            _ => (self.content.as_str(), self.content.key_len()),
        };
        agreement::agree(&own, UnparsedPublicKey::new(algorithm, point), (), |secret| {
            self.derive(secret, name, length).ok_or(())
        })
        .ok()
    }

    /// The Concat KDF of NIST SP 800-56A with SHA-256.
    fn derive(&self, secret: &[u8], name: &str, length: usize) -> Option<Vec<u8>> {
        let mut info = Vec::new();
        for part in [name, self.apu.as_deref().unwrap_or_default(), self.apv.as_deref().unwrap_or_default()] {
            info.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
            info.extend(part.as_bytes());
        }
        info.extend(u32::try_from(length * 8).ok()?.to_be_bytes());
        let mut derived = Vec::new();
        for counter in 1_u32..=2 {
            let round = [counter.to_be_bytes().as_slice(), secret, &info].concat();
            derived.extend(digest::digest(&digest::SHA256, &round).as_ref());
        }
        derived.truncate(length);
        Some(derived)
    }
}

impl Sealed {
    /// The five parts.
    pub(super) fn compact(&self) -> String {
        let [wrapped, iv, ciphertext, tag] =
            [&self.wrapped, &self.iv, &self.ciphertext, &self.tag].map(|part| base64url_encode(part));
        format!("{}.{wrapped}.{iv}.{ciphertext}.{tag}", self.header)
    }
}

impl KeyManagement {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::RsaOaep, Self::RsaOaep256, Self::EcdhEs, Self::EcdhEsA128Kw, Self::EcdhEsA256Kw];

    /// Its name in the header `alg`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
        }
    }

    /// Whether the recipient's key is an RSA key.
    #[must_use]
    pub fn is_rsa(self) -> bool {
        matches!(self, Self::RsaOaep | Self::RsaOaep256)
    }
}

impl ContentEncryption {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::A128Gcm,
        Self::A192Gcm,
        Self::A256Gcm,
        Self::A128CbcHs256,
        Self::A192CbcHs384,
        Self::A256CbcHs512,
    ];

    /// Its name in the header `enc`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    fn key_len(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// Initialisation vector, ciphertext and tag.
    fn seal(self, key: &[u8], header: &[u8], plaintext: &[u8]) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
        match self {
            Self::A128Gcm => seal_gcm(&aead::AES_128_GCM, key, header, plaintext),
            Self::A192Gcm => seal_gcm(&aead::AES_192_GCM, key, header, plaintext),
            Self::A256Gcm => seal_gcm(&aead::AES_256_GCM, key, header, plaintext),
            Self::A128CbcHs256 => seal_cbc(&cipher::AES_128, hmac::HMAC_SHA256, key, header, plaintext),
            Self::A192CbcHs384 => seal_cbc(&cipher::AES_192, hmac::HMAC_SHA384, key, header, plaintext),
            Self::A256CbcHs512 => seal_cbc(&cipher::AES_256, hmac::HMAC_SHA512, key, header, plaintext),
        }
    }
}

fn wrap_rsa(
    to: &Object,
    padding: &'static aws_lc_rs::rsa::OaepAlgorithm,
    length: usize,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let member = |name| base64url_decode(text(to, name).as_bytes()).ok();
    let components = PublicKeyComponents { n: member("n")?, e: member("e")? };
    let to: PublicEncryptingKey = components.try_into().ok()?;
    let to = OaepPublicEncryptingKey::new(to).ok()?;
    let key = random(length)?;
    let mut wrapped = vec![0; to.ciphertext_size()];
    to.encrypt(padding, &key, &mut wrapped, None).ok()?;
    Some((key, wrapped))
}

/// RFC 7518 §5.3.
fn seal_gcm(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    header: &[u8],
    plaintext: &[u8],
) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let iv = random(12)?;
    let nonce = Nonce::try_assume_unique_for_key(&iv).ok()?;
    let mut content = plaintext.to_vec();
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header), &mut content).ok()?;
    Some((iv, content, tag.as_ref().to_vec()))
}

/// RFC 7518 §5.2.2.1: the first half of the key is for the tag, the second for the content.
fn seal_cbc(
    algorithm: &'static cipher::Algorithm,
    mac: hmac::Algorithm,
    key: &[u8],
    header: &[u8],
    plaintext: &[u8],
) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let (mac_key, key) = key.split_at(key.len() / 2);
    let mut iv = [0; 16];
    rand::fill(&mut iv).ok()?;
    let mut content = plaintext.to_vec();
    let cipher = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(algorithm, key).ok()?).ok()?;
    cipher.less_safe_encrypt(&mut content, EncryptionContext::Iv128(FixedLength::from(iv))).ok()?;
    let bits = u64::try_from(header.len() * 8).ok()?.to_be_bytes();
    let covered = [header, &iv, &content, &bits].concat();
    let tag = hmac::sign(&hmac::Key::new(mac, mac_key), &covered);
    let half = tag.as_ref().get(..tag.as_ref().len() / 2)?.to_vec();
    Some((iv.to_vec(), content, half))
}

fn random(length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    rand::fill(&mut bytes).ok()?;
    Some(bytes)
}
