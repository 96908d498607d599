use std::{fmt, sync::Arc};

use serde_json::Value;
use zeroize::Zeroizing;

use super::{
    error::Error,
    header::{Header, is_media_type},
    jws::Compact,
};
use crate::{
    crypto::{
        ContentKey, Curve, DecryptError, Decrypter, DigestAlgorithm, SealedCipher, SealedContent, WrappedKey,
    },
    encoding::base64url_decode,
    limits::Limits,
};

/// An encrypted token, parsed and not decrypted: everything public about it has been checked.
pub struct Jwe<'t> {
    header: Header,
    /// The header as it came, which the tag covers.
    associated_data: &'t str,
    transport: Transport,
    cipher: SealedCipher,
    encrypted_key: Vec<u8>,
    iv: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

/// A private key of ours that tokens are encrypted to, and its name.
#[derive(Clone)]
pub struct RecipientKey {
    kid: Option<String>,
    key: Arc<dyn Decrypter>,
}

/// What an encrypted token held. Encryption with a public key says nothing about the sender: the content must be
/// signed.
pub struct Decrypted {
    header: Header,
    plaintext: Zeroizing<Vec<u8>>,
}

/// How the content key came (RFC 7518 §4).
enum Transport {
    RsaOaep(DigestAlgorithm),
    EcdhEs { curve: Curve, point: Vec<u8>, other_info: Vec<u8>, wrapped_with: Option<usize> },
}

impl<'t> Jwe<'t> {
    /// Reads an encrypted token: its length, five parts, a header with algorithms that are allowed and without
    /// `crit` and `zip`, and parts of the right lengths.
    ///
    /// Allowed are RSA-OAEP-256, RSA-OAEP, ECDH-ES, ECDH-ES+A128KW and ECDH-ES+A256KW on P-256 and P-384, and the
    /// six content encryptions of RFC 7518 §5.
    ///
    /// # Errors
    /// [`Error::TokenMalformed`] for the length and the number of parts, [`Error::DecryptionFailed`] for the rest.
    pub fn parse(token: &'t str, limits: &Limits) -> Result<Self, Error> {
        if token.len() > limits.token {
            return Err(Error::TokenMalformed { reason: "it is too long" });
        }
        let mut parts = token.split('.');
        let mut next = || parts.next();
        let (Some(header), Some(key), Some(iv), Some(ciphertext), Some(tag), None) =
            (next(), next(), next(), next(), next(), next())
        else {
            return Err(Error::TokenMalformed { reason: "an encrypted token has five parts" });
        };
        Self::read([header, key, iv, ciphertext, tag], limits).ok_or(Error::DecryptionFailed)
    }

    /// The header, as a stranger wrote it.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Decrypts with the keys of the header's `kid`, or with those that have no name where none has this one; with
    /// every key where the header names none. Never with more than [`Limits::decryption_keys`].
    ///
    /// # Errors
    /// [`Error::DecryptionFailed`], whatever the reason.
    pub fn decrypt(&self, keys: &[RecipientKey], limits: &Limits) -> Result<Decrypted, Error> {
        let named: Vec<_> = match self.header.kid() {
            Some(kid) => keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).collect(),
            None => keys.iter().collect(),
        };
        let tried = match named.is_empty() {
            true => keys.iter().filter(|key| key.kid.is_none()).collect(),
            false => named,
        };
        if tried.len() > limits.decryption_keys {
            return Err(Error::DecryptionFailed);
        }
        let opened = tried.into_iter().find_map(|key| self.open(key.key.as_ref()).ok());
        let plaintext = opened.ok_or(Error::DecryptionFailed)?;
        Ok(Decrypted { header: self.header.clone(), plaintext })
    }

    fn read(parts: [&'t str; 5], limits: &Limits) -> Option<Self> {
        let [header_text, key, iv, ciphertext, tag] = parts;
        let header = Header::parse(header_text, limits).ok()?;
        // RFC 7516 §4.1.3, §4.1.13: nothing that changes how the token is read.
        if ["crit", "zip", "b64"].into_iter().any(|name| header.members().get(name).is_some()) {
            return None;
        }
        // RFC 7519 §5.2: a signed token inside.
        if header.text("cty").is_some_and(|cty| !is_media_type(cty, "JWT")) {
            return None;
        }
        let encryption = header.text("enc")?;
        let cipher = cipher(encryption)?;
        let transport = Transport::read(&header, encryption, cipher)?;
        let decode = |part: &str| base64url_decode(part.as_bytes()).ok();
        let jwe = Self {
            associated_data: header_text,
            transport,
            cipher,
            encrypted_key: decode(key)?,
            iv: decode(iv)?,
            ciphertext: decode(ciphertext)?,
            tag: decode(tag)?,
            header,
        };
        let key_fits = match jwe.transport {
            Transport::RsaOaep(_) => !jwe.encrypted_key.is_empty(),
            Transport::EcdhEs { wrapped_with: None, .. } => jwe.encrypted_key.is_empty(),
            // RFC 3394 §2.2.1: eight bytes more than the key.
            Transport::EcdhEs { wrapped_with: Some(_), .. } => {
                jwe.encrypted_key.len() == cipher.key_len().saturating_add(8)
            }
        };
        (key_fits && cipher.fits(&jwe.content())).then_some(jwe)
    }

    fn open(&self, key: &dyn Decrypter) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let content_key = self.content_key(key)?;
        if content_key.as_bytes().len() != self.cipher.key_len() {
            return Err(DecryptError::Failed);
        }
        self.cipher.open(&content_key, &self.content()).map(Zeroizing::new)
    }

    fn content_key(&self, key: &dyn Decrypter) -> Result<ContentKey, DecryptError> {
        match &self.transport {
            Transport::RsaOaep(digest) => key.unwrap(&WrappedKey::RsaOaep {
                digest: *digest,
                mask: *digest,
                ciphertext: &self.encrypted_key,
            }),
            Transport::EcdhEs { curve, point, other_info, wrapped_with } => {
                let agreed = key.unwrap(&WrappedKey::EcdhEs {
                    curve: *curve,
                    ephemeral_point: point,
                    other_info,
                    content_key_len: wrapped_with.unwrap_or(self.cipher.key_len()),
                })?;
                match wrapped_with {
                    Some(_) => agreed.unwrap_key(&self.encrypted_key),
                    None => Ok(agreed),
                }
            }
        }
    }

    fn content(&self) -> SealedContent<'_> {
        SealedContent {
            iv: &self.iv,
            associated_data: self.associated_data.as_bytes(),
            ciphertext: &self.ciphertext,
            tag: &self.tag,
        }
    }
}

impl Transport {
    fn read(header: &Header, encryption: &str, cipher: SealedCipher) -> Option<Self> {
        let wrapped_with = match header.alg() {
            "RSA-OAEP" => return Some(Self::RsaOaep(DigestAlgorithm::Sha1)),
            "RSA-OAEP-256" => return Some(Self::RsaOaep(DigestAlgorithm::Sha256)),
            "ECDH-ES" => None,
            "ECDH-ES+A128KW" => Some(16),
            "ECDH-ES+A256KW" => Some(32),
            _ => return None,
        };
        let Value::Object(epk) = header.members().get("epk")? else { return None };
        let text = |name| epk.get(name).and_then(Value::as_str);
        let (curve, length) = match (text("kty")?, text("crv")?) {
            ("EC", "P-256") => (Curve::P256, 32),
            ("EC", "P-384") => (Curve::P384, 48),
            _ => return None,
        };
        let coordinate = |name| base64url_decode(text(name)?.as_bytes()).ok().filter(|c| c.len() == length);
        let point = [vec![UNCOMPRESSED_POINT], coordinate("x")?, coordinate("y")?].concat();
        // RFC 7518 §4.6.2: the algorithm that the derived key is for, both parties, the length in bits.
        let id = if wrapped_with.is_some() { header.alg() } else { encryption };
        let key_len = wrapped_with.unwrap_or(cipher.key_len());
        let mut other_info = Vec::new();
        for field in [id.as_bytes(), &party(header, "apu")?, &party(header, "apv")?] {
            other_info.extend(u32::try_from(field.len()).ok()?.to_be_bytes());
            other_info.extend(field);
        }
        other_info.extend(u32::try_from(key_len.checked_mul(8)?).ok()?.to_be_bytes());
        Some(Self::EcdhEs { curve, point, other_info, wrapped_with })
    }
}

impl RecipientKey {
    /// A key without a name: it is tried whatever a header names.
    #[must_use]
    pub fn new(key: Arc<dyn Decrypter>) -> Self {
        Self { kid: None, key }
    }

    /// Names the key.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }
}

impl Decrypted {
    /// The header. Claims that it repeats count for nothing.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The content as it is: trusted no more than the token was.
    #[must_use]
    pub fn plaintext(&self) -> &[u8] {
        &self.plaintext
    }

    /// The content as a signed token.
    ///
    /// # Errors
    /// As for [`Compact::parse`]; a content that is encrypted again has five parts and is refused.
    pub fn compact(&self, limits: &Limits) -> Result<Compact<'_>, Error> {
        let text = str::from_utf8(&self.plaintext)
            .map_err(|_| Error::TokenMalformed { reason: "the encrypted content is no text" })?;
        Compact::parse(text, limits)
    }
}

impl fmt::Debug for Jwe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwe").field("header", &self.header).finish_non_exhaustive()
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecipientKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("header", &self.header).finish_non_exhaustive()
    }
}

fn cipher(encryption: &str) -> Option<SealedCipher> {
    Some(match encryption {
        "A128GCM" => SealedCipher::A128Gcm,
        "A192GCM" => SealedCipher::A192Gcm,
        "A256GCM" => SealedCipher::A256Gcm,
        "A128CBC-HS256" => SealedCipher::A128CbcHs256,
        "A192CBC-HS384" => SealedCipher::A192CbcHs384,
        "A256CBC-HS512" => SealedCipher::A256CbcHs512,
        _ => return None,
    })
}

/// `apu` or `apv`: base64url, empty where it is absent.
fn party(header: &Header, name: &str) -> Option<Vec<u8>> {
    match header.members().get(name) {
        None => Some(Vec::new()),
        Some(Value::String(text)) => base64url_decode(text.as_bytes()).ok(),
        Some(_) => None,
    }
}

const UNCOMPRESSED_POINT: u8 = 4;
