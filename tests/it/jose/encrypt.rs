//! The sender of encrypted tokens, written by the RFC and with what is under test left out.

use admittance::crypto::{Curve, DigestAlgorithm, Hasher};
use admittance::encoding::base64url_encode;
use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement,
    cipher::{self, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    hmac,
    key_wrap::{self, AesKek, KeyWrap as _},
    rsa,
};
use serde_json::{Value, json};

/// What a token is encrypted with, and how it is spoilt.
pub(crate) struct Jwe<'j> {
    pub(crate) alg: &'j str,
    pub(crate) enc: &'j str,
    /// `SubjectPublicKeyInfo` of an RSA key, or the point of an elliptic-curve key.
    pub(crate) to: &'j [u8],
    pub(crate) curve: Curve,
    /// Members to set in the header before it is sealed; null takes one out.
    pub(crate) header: Value,
    pub(crate) plaintext: &'j [u8],
}

pub(crate) const ENCRYPTIONS: [&str; 6] =
    ["A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"];

impl Jwe<'_> {
    pub(crate) fn token(&self) -> String {
        let mut header = json!({"alg": self.alg, "enc": self.enc});
        super::change(&mut header, self.header.clone());
        let (content_key, encrypted_key) = self.keys(&mut header);
        let header = base64url_encode(header.to_string().as_bytes());
        let (iv, ciphertext, tag) = seal(self.enc, &content_key, header.as_bytes(), self.plaintext);
        let parts = [encrypted_key, iv, ciphertext, tag].map(|part| base64url_encode(&part));
        format!("{header}.{}", parts.join("."))
    }

    fn keys(&self, header: &mut Value) -> (Vec<u8>, Vec<u8>) {
        let content_key: Vec<u8> = (1..).take(key_len(self.enc)).collect();
        let oaep = match self.alg {
            "RSA-OAEP" => Some(&rsa::OAEP_SHA1_MGF1SHA1),
            "RSA-OAEP-256" => Some(&rsa::OAEP_SHA256_MGF1SHA256),
            _ => None,
        };
        if let Some(algorithm) = oaep {
            let key = rsa::PublicEncryptingKey::from_der(self.to).unwrap();
            let key = rsa::OaepPublicEncryptingKey::new(key).unwrap();
            let mut wrapped = vec![0; key.ciphertext_size()];
            key.encrypt(algorithm, &content_key, &mut wrapped, None).unwrap();
            return (content_key, wrapped);
        }
        if self.alg == "RSA1_5" {
            let key = rsa::PublicEncryptingKey::from_der(self.to).unwrap();
            let key = rsa::Pkcs1PublicEncryptingKey::new(key).unwrap();
            let mut wrapped = vec![0; key.ciphertext_size()];
            key.encrypt(&content_key, &mut wrapped).unwrap();
            return (content_key, wrapped);
        }
        if self.alg == "dir" {
            return (content_key, Vec::new());
        }
        let (kek_len, id) = match self.alg {
            "ECDH-ES" => (key_len(self.enc), self.enc),
            "ECDH-ES+A128KW" => (16, self.alg),
            "ECDH-ES+A192KW" => (24, self.alg),
            "ECDH-ES+A256KW" => (32, self.alg),
            other => panic!("{other}"),
        };
        let (algorithm, crv) = match self.curve {
            Curve::P256 => (&agreement::ECDH_P256, "P-256"),
            Curve::P384 => (&agreement::ECDH_P384, "P-384"),
        };
        let ephemeral = agreement::PrivateKey::generate(algorithm).unwrap();
        let point = ephemeral.compute_public_key().unwrap();
        let (x, y) = point.as_ref()[1..].split_at(point.as_ref().len() / 2);
        let epk = json!({"kty": "EC", "crv": crv, "x": base64url_encode(x), "y": base64url_encode(y)});
        if header.get("epk").is_none() {
            header["epk"] = epk;
        }
        let party = |name| {
            let text = header.get(name).and_then(Value::as_str).unwrap_or_default();
            admittance::encoding::base64url_decode(text.as_bytes()).unwrap_or_default()
        };
        let mut info = Vec::new();
        for field in [id.as_bytes(), &party("apu"), &party("apv")] {
            info.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            info.extend(field);
        }
        info.extend(u32::try_from(kek_len * 8).unwrap().to_be_bytes());
        let peer = agreement::UnparsedPublicKey::new(algorithm, self.to);
        let derived = agreement::agree(&ephemeral, peer, (), |secret| {
            let rounds = (1u32..=2).flat_map(|round| {
                let mut hasher = Hasher::new(DigestAlgorithm::Sha256);
                hasher.update(&round.to_be_bytes());
                hasher.update(secret);
                hasher.update(&info);
                hasher.finish().as_ref().to_vec()
            });
            Ok(rounds.take(kek_len).collect::<Vec<u8>>())
        })
        .unwrap();
        let cipher = match self.alg {
            "ECDH-ES" => return (derived, Vec::new()),
            "ECDH-ES+A128KW" => &key_wrap::AES_128,
            "ECDH-ES+A256KW" => &key_wrap::AES_256,
            _ => return (content_key, vec![0; 24]),
        };
        let mut wrapped = vec![0; content_key.len() + 8];
        AesKek::new(cipher, &derived).unwrap().wrap(&content_key, &mut wrapped).unwrap();
        (content_key, wrapped)
    }
}

/// Vector, ciphertext and tag.
fn seal(enc: &str, key: &[u8], associated: &[u8], plaintext: &[u8]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let mut buffer = plaintext.to_vec();
    let gcm = match enc {
        "A128GCM" => Some(&aead::AES_128_GCM),
        "A192GCM" => Some(&aead::AES_192_GCM),
        "A256GCM" => Some(&aead::AES_256_GCM),
        _ => None,
    };
    if let Some(algorithm) = gcm {
        let key = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
        let nonce = Nonce::assume_unique_for_key([7; 12]);
        let tag = key.seal_in_place_separate_tag(nonce, Aad::from(associated), &mut buffer).unwrap();
        return (vec![7; 12], buffer, tag.as_ref().to_vec());
    }
    let (aes, mac) = match enc {
        "A128CBC-HS256" => (&cipher::AES_128, hmac::HMAC_SHA256),
        "A192CBC-HS384" => (&cipher::AES_192, hmac::HMAC_SHA384),
        "A256CBC-HS512" => (&cipher::AES_256, hmac::HMAC_SHA512),
        other => panic!("{other}"),
    };
    let half = key.len() / 2;
    let aes = UnboundCipherKey::new(aes, &key[half..]).unwrap();
    let aes = PaddedBlockEncryptingKey::cbc_pkcs7(aes).unwrap();
    aes.less_safe_encrypt(&mut buffer, EncryptionContext::Iv128([7; 16].into())).unwrap();
    let bits = (associated.len() as u64 * 8).to_be_bytes();
    let covered = [associated, &[7; 16], &buffer, &bits].concat();
    let tag = hmac::sign(&hmac::Key::new(mac, &key[..half]), &covered).as_ref()[..half].to_vec();
    (vec![7; 16], buffer, tag)
}

fn key_len(enc: &str) -> usize {
    match enc {
        "A128GCM" => 16,
        "A192GCM" => 24,
        "A256GCM" | "A128CBC-HS256" => 32,
        "A192CBC-HS384" => 48,
        "A256CBC-HS512" => 64,
        other => panic!("{other}"),
    }
}
