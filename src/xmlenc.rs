//! XML Encryption as SAML uses it: an element that holds one `EncryptedData` and the keys to it, and nothing else
//! of XML Encryption.
//!
//! [`Decryption::open`] makes a [`Plaintext`] of such an element. Nothing in it is trusted: a signature inside makes
//! it so, or one that covers the encrypted element, by
//! [`VerifiedElement::decrypted`](crate::xmldsig::VerifiedElement). Private keys stand behind
//! [`Decrypter`]; contents are decrypted here, with AES alone.
//!
//! Rule numbers E1 to E9 stand at the checks. Everything public is checked before a private key is used: the shape
//! (E1, E2), the algorithms (E4) and the lengths (E5, E6). What fails afterwards is one error that tells nothing.

use std::sync::Arc;

use crate::crypto::{ContentCipher, DecryptError, Decrypter, DigestAlgorithm, WrappedKey};
use crate::encoding::base64_decode;
use crate::limits::{Budget, LimitExceeded, Limits, Resource};
use crate::xml::{self, Element, Fragment, Identifiers, Read as _};

/// The namespace of XML Encryption.
pub const NAMESPACE: &str = "http://www.w3.org/2001/04/xmlenc#";

/// Which weak algorithms may have been used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionPolicy {
    /// Contents in AES-CBC, which a sender can change unnoticed where no signature covers them.
    pub cbc: Use,
    /// Keys in RSA PKCS#1 v1.5, which is open to padding oracles.
    pub rsa_1_5: Use,
}

/// Whether something may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It is refused.
    Refuse,
    /// It is accepted.
    Allow,
}

/// Whether a verified signature covers the encrypted element, so that nobody else can have made or changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// One does.
    Signed,
    /// None does.
    Unsigned,
}

/// What the encrypted elements of one message are opened with.
pub struct Decryption<'k> {
    keys: &'k [Arc<dyn Decrypter>],
    recipient: &'k str,
    policy: EncryptionPolicy,
    /// Those of the message and of every plaintext so far; none before the first element.
    identifiers: Option<Identifiers>,
}

/// What an encrypted element holds: one element, parsed by the rules of messages.
#[derive(Debug)]
pub struct Plaintext<'d> {
    fragment: Fragment<'d>,
    weak_algorithms: Vec<&'static str>,
    hides_errors: bool,
}

impl<'k> Decryption<'k> {
    /// Opens with these keys, tried in this order. `recipient` is our name: a wrapped key that bears it is tried
    /// first, and none is left out for another one.
    #[must_use]
    pub fn new(keys: &'k [Arc<dyn Decrypter>], recipient: &'k str, policy: EncryptionPolicy) -> Self {
        Self { keys, recipient, policy, identifiers: None }
    }

    /// Opens an `EncryptedAssertion`, `EncryptedID` or `EncryptedAttribute` (Core 2.2.4, 2.3.4, 2.7.3.2, 6).
    ///
    /// Checked, in this order: one `EncryptedData` with one method and one value, and its keys beside it or in it
    /// (E1, E2); algorithms that `policy` allows (E4); the content's length (E5, E6). Then each key is tried with
    /// each wrapped key (E3) until a plaintext is one element (E9), whose identifiers the message has not used.
    ///
    /// The first element opened belongs to the message itself, later ones to it or to plaintexts of it. An element
    /// in CBC without [`Cover::Signed`] answers every failure behind the first use of a private key with
    /// [`Error::Failed`] (E7), and the caller goes on hiding: see [`Plaintext::hides_errors`].
    ///
    /// # Errors
    /// [`Error`].
    pub fn open<'d>(
        &mut self,
        wrapper: Element<'d>,
        cover: Cover,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<Plaintext<'d>, Error> {
        if self.keys.is_empty() {
            return Err(Error::NoKey);
        }
        // E1, E2, E4: shape and algorithms.
        let encrypted = Encrypted::read(wrapper, self.policy)?;
        let wrapped_keys = encrypted.wrapped_keys(self.recipient, self.policy)?;
        // E5, E6: lengths.
        let cipher = encrypted.cipher;
        let content = decode(encrypted.value)?;
        if !cipher.fits(content.len()) {
            return Err(Error::Failed);
        }

        let hides_errors = !cipher.is_authenticated() && cover == Cover::Unsigned;
        let identifiers = self.identifiers.get_or_insert_with(|| Identifiers::of(wrapper.document()));
        let mut outcome = Outcome::default();
        // E3: each key with each wrapped key. Every failure leads to the next pair, whatever it was.
        let pairs = wrapped_keys.iter().flat_map(|wrapped| self.keys.iter().map(move |key| (wrapped, key)));
        for (wrapped, key) in pairs {
            let spent = budget.spend(Resource::PrivateKeyOperations, 1, limits.private_key_operations);
            if let Err(exceeded) = spent {
                outcome.limit = Some(exceeded);
                break;
            }
            let content_key = match key.unwrap(&wrapped.transport.wrapping(&wrapped.ciphertext, cipher)) {
                Ok(content_key) => content_key,
                Err(DecryptError::Unsupported { available }) => {
                    outcome.unsupported.get_or_insert_with(|| wrapped.transport.refused(available));
                    continue;
                }
                Err(DecryptError::Failed) => {
                    outcome.tried = true;
                    continue;
                }
            };
            outcome.tried = true;
            // E5, E6, E8: a wrong key shows here, by the tag or the padding.
            let Ok(plaintext) = cipher.open(&content_key, &content) else { continue };
            // E9: one element, as what stands in its place.
            match xml::parse_in_place(wrapper, plaintext, identifiers, &limits.message, budget) {
                Ok(fragment) => {
                    let weak_algorithms = weak_algorithms(cipher, wrapped.transport);
                    return Ok(Plaintext { fragment, weak_algorithms, hides_errors });
                }
                // What a random key of E8 made of the content says nothing of it.
                Err(error) if cipher.is_authenticated() || wrapped.transport != Transport::Rsa15 => {
                    outcome.malformed.get_or_insert(error);
                }
                Err(_) => {}
            }
        }
        Err(outcome.error(hides_errors))
    }
}

impl<'d> Plaintext<'d> {
    /// The element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        self.fragment.root()
    }

    /// The URIs of weak algorithms that protected it: AES-CBC, RSA PKCS#1 v1.5.
    #[must_use]
    pub fn weak_algorithms(&self) -> &[&'static str] {
        &self.weak_algorithms
    }

    /// Whether anybody may have changed the content on its way: it came in CBC, and no signature covers it. Until a
    /// signature inside is verified, every error must then look like [`Error::Failed`], or the answers to changed
    /// contents decrypt the original (E7).
    #[must_use]
    pub fn hides_errors(&self) -> bool {
        self.hides_errors
    }

    /// The plaintext in its place.
    pub(crate) fn fragment(&self) -> &Fragment<'d> {
        &self.fragment
    }
}

impl std::fmt::Debug for Decryption<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decryption").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// Why an element is not decrypted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no private key to try.
    #[error("there is no key to decrypt with")]
    NoKey,
    /// E1, E2: a child that the profile does not have, or one that is missing.
    #[error("not encrypted as in the profile: {rule}")]
    Shape {
        /// What the profile says.
        rule: &'static str,
    },
    /// E4: an algorithm that is unknown, that the policy refuses, or that no key at hand can do.
    #[error("not encrypted with {wanted}")]
    Algorithm {
        /// What the sender must use instead.
        wanted: &'static str,
        /// The URIs that it used, with those of their parameters.
        actual: Vec<String>,
    },
    /// Nothing that was encrypted to one of our keys, or something was changed. There is no more to tell.
    #[error("decryption failed")]
    Failed,
    /// What was decrypted is no element of the message.
    #[error("decrypted: {0}")]
    Plaintext(#[source] xml::Error),
    /// More private-key operations than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}

/// What is known when no pair of keys has opened the content.
#[derive(Default)]
struct Outcome {
    /// A private key was used.
    tried: bool,
    unsupported: Option<Error>,
    malformed: Option<xml::Error>,
    limit: Option<LimitExceeded>,
}

impl Outcome {
    fn error(self, hides_errors: bool) -> Error {
        match self {
            // Nothing but the algorithms has been looked at.
            Self { tried: false, unsupported: Some(error), .. } => error,
            _ if hides_errors => Error::Failed,
            Self { malformed: Some(error), .. } => Error::Plaintext(error),
            Self { limit: Some(exceeded), .. } => Error::Limit(exceeded),
            _ => Error::Failed,
        }
    }
}

/// The parts of an encrypted element (XML Encryption 1.1 §3.2 to §3.5, Core 2.2.4).
struct Encrypted<'d> {
    cipher: ContentCipher,
    value: Element<'d>,
    /// Every EncryptedKey, and whether a RetrievalMethod names it.
    keys: Vec<(Element<'d>, bool)>,
}

impl<'d> Encrypted<'d> {
    /// E1, E2.
    fn read(wrapper: Element<'d>, policy: EncryptionPolicy) -> Result<Self, Error> {
        let data = one(wrapper, NAMESPACE, "EncryptedData", "it holds one EncryptedData")?;
        if wrapper.children().any(|child| child != data && !child.is(NAMESPACE, "EncryptedKey")) {
            return Err(Error::Shape { rule: "only EncryptedKey stands beside the EncryptedData" });
        }
        // SAML encrypts whole elements.
        if data.attribute("Type").is_some_and(|of_type| of_type != TYPE_ELEMENT) {
            return Err(Error::Shape { rule: "the Type of an EncryptedData is Element" });
        }
        let method = one(data, NAMESPACE, "EncryptionMethod", "an EncryptedData has one EncryptionMethod")?;
        let cipher = content_cipher(method, policy)?;
        let value = cipher_value(data)?;

        let key_infos = data.children().filter(|child| child.is(DS, "KeyInfo"));
        let hints: Vec<_> = key_infos.flat_map(|key_info| key_info.children()).collect();
        let inside = hints.iter().copied().filter(|hint| hint.is(NAMESPACE, "EncryptedKey"));
        let beside = wrapper.children().filter(|child| *child != data);
        let mut keys: Vec<_> = inside.chain(beside).map(|key| (key, false)).collect();
        if keys.is_empty() {
            return Err(Error::Shape {
                rule: "an EncryptedKey stands in the KeyInfo or beside the EncryptedData",
            });
        }
        for retrieval in hints.iter().filter(|hint| hint.is(DS, "RetrievalMethod")) {
            let id = retrieval.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
            let is_referenced =
                |(key, _): &&mut (Element<'d>, bool)| id.is_some() && key.attribute("Id") == id;
            let other_type = retrieval.attribute("Type").is_some_and(|of_type| of_type != TYPE_ENCRYPTED_KEY);
            match keys.iter_mut().find(is_referenced) {
                Some((_, referenced)) if !other_type && retrieval.children().next().is_none() => {
                    *referenced = true
                }
                _ => {
                    let rule = "a RetrievalMethod names an EncryptedKey beside the EncryptedData";
                    return Err(Error::Shape { rule });
                }
            }
        }
        Ok(Self { cipher, value, keys })
    }

    /// E2: up to 8 keys, those first that bear our name, then those that a RetrievalMethod names.
    fn wrapped_keys(&self, recipient: &str, policy: EncryptionPolicy) -> Result<Vec<Wrapped>, Error> {
        let mut keys = self.keys.clone();
        keys.sort_by_key(|(key, referenced)| (key.attribute("Recipient") != Some(recipient), !referenced));
        let mut wrapped = Vec::new();
        let mut refused = None;
        for (key, _) in keys {
            if wrapped.len() == ENCRYPTED_KEYS {
                break;
            }
            let method = one(key, NAMESPACE, "EncryptionMethod", "an EncryptedKey has one EncryptionMethod")?;
            match Transport::read(method, policy) {
                Ok(transport) => wrapped.push(Wrapped { transport, ciphertext: decode(cipher_value(key)?)? }),
                // It may be for somebody else.
                Err(error) => _ = refused.get_or_insert(error),
            }
        }
        match refused {
            Some(error) if wrapped.is_empty() => Err(error),
            _ => Ok(wrapped),
        }
    }
}

/// A content key for one recipient.
struct Wrapped {
    transport: Transport,
    ciphertext: Vec<u8>,
}

/// How a content key is wrapped (XML Encryption 1.1 §5.5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Oaep { uri: &'static str, digest: DigestAlgorithm, mask: DigestAlgorithm },
    Rsa15,
}

impl Transport {
    /// E4. An absent digest is SHA-1, and so is an absent mask.
    fn read(method: Element<'_>, policy: EncryptionPolicy) -> Result<Self, Error> {
        let algorithm = algorithm_of(method);
        let parameter = |namespace, name| method.children().find(|child| child.is(namespace, name));
        let digest = parameter(DS, "DigestMethod").map(algorithm_of);
        let mask = parameter(NAMESPACE_11, "MGF").map(algorithm_of);
        let refused = |wanted| {
            let actual = [Some(algorithm), digest, mask].into_iter().flatten().map(shortened).collect();
            Error::Algorithm { wanted, actual }
        };
        if algorithm == RSA_1_5 {
            return match policy.rsa_1_5 {
                Use::Allow => Ok(Self::Rsa15),
                Use::Refuse => Err(refused("RSA-OAEP: the policy refuses RSA PKCS#1 v1.5")),
            };
        }
        let Some(uri) = [RSA_OAEP_MGF1P, RSA_OAEP].into_iter().find(|uri| *uri == algorithm) else {
            return Err(refused("RSA-OAEP as key transport"));
        };
        let label = parameter(NAMESPACE, "OAEPparams").map(Element::all_text);
        if label.is_some_and(|label| !label.trim().is_empty()) {
            return Err(refused("RSA-OAEP with an empty label"));
        }
        let named = |names: [(&str, DigestAlgorithm); 4], uri: Option<&str>| match uri {
            None => Some(DigestAlgorithm::Sha1),
            Some(uri) => names.into_iter().find(|(name, _)| *name == uri).map(|(_, digest)| digest),
        };
        let (Some(digest), Some(mask)) = (named(DIGESTS, digest), named(MASKS, mask)) else {
            return Err(refused("RSA-OAEP with SHA-1, SHA-256, SHA-384 or SHA-512 as digest and mask"));
        };
        // §5.5.2: the older name has a fixed mask.
        if uri == RSA_OAEP_MGF1P && mask != DigestAlgorithm::Sha1 {
            return Err(refused("rsa-oaep-mgf1p with MGF1 over SHA-1, or rsa-oaep"));
        }
        Ok(Self::Oaep { uri, digest, mask })
    }

    fn wrapping<'w>(self, ciphertext: &'w [u8], cipher: ContentCipher) -> WrappedKey<'w> {
        match self {
            Self::Oaep { digest, mask, .. } => WrappedKey::RsaOaep { digest, mask, ciphertext },
            Self::Rsa15 => WrappedKey::Rsa15 { ciphertext, content_key_len: cipher.key_len() },
        }
    }

    /// The error where no key at hand can do it.
    fn refused(self, wanted: &'static str) -> Error {
        let name = |names: [(&'static str, DigestAlgorithm); 4], digest| {
            names.into_iter().find(|(_, named)| *named == digest).map(|(name, _)| name)
        };
        let uris = match self {
            Self::Oaep { uri, digest, mask } => [Some(uri), name(DIGESTS, digest), name(MASKS, mask)],
            Self::Rsa15 => [Some(RSA_1_5), None, None],
        };
        Error::Algorithm { wanted, actual: uris.into_iter().flatten().map(str::to_owned).collect() }
    }
}

/// E2: wrapped keys that are tried.
const ENCRYPTED_KEYS: usize = 8;

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const NAMESPACE_11: &str = "http://www.w3.org/2009/xmlenc11#";
const TYPE_ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
const TYPE_ENCRYPTED_KEY: &str = "http://www.w3.org/2001/04/xmlenc#EncryptedKey";

const RSA_1_5: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";
const RSA_OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
const RSA_OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";

const CIPHERS: [(&str, ContentCipher); 6] = [
    ("http://www.w3.org/2009/xmlenc11#aes128-gcm", ContentCipher::Aes128Gcm),
    ("http://www.w3.org/2009/xmlenc11#aes192-gcm", ContentCipher::Aes192Gcm),
    ("http://www.w3.org/2009/xmlenc11#aes256-gcm", ContentCipher::Aes256Gcm),
    ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", ContentCipher::Aes128Cbc),
    ("http://www.w3.org/2001/04/xmlenc#aes192-cbc", ContentCipher::Aes192Cbc),
    ("http://www.w3.org/2001/04/xmlenc#aes256-cbc", ContentCipher::Aes256Cbc),
];

const DIGESTS: [(&str, DigestAlgorithm); 4] = [
    ("http://www.w3.org/2000/09/xmldsig#sha1", DigestAlgorithm::Sha1),
    ("http://www.w3.org/2001/04/xmlenc#sha256", DigestAlgorithm::Sha256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", DigestAlgorithm::Sha384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", DigestAlgorithm::Sha512),
];

const MASKS: [(&str, DigestAlgorithm); 4] = [
    ("http://www.w3.org/2009/xmlenc11#mgf1sha1", DigestAlgorithm::Sha1),
    ("http://www.w3.org/2009/xmlenc11#mgf1sha256", DigestAlgorithm::Sha256),
    ("http://www.w3.org/2009/xmlenc11#mgf1sha384", DigestAlgorithm::Sha384),
    ("http://www.w3.org/2009/xmlenc11#mgf1sha512", DigestAlgorithm::Sha512),
];

/// XML Encryption 1.1 §5.2. AES takes no parameters, so what stands in the method is not read.
fn content_cipher(method: Element<'_>, policy: EncryptionPolicy) -> Result<ContentCipher, Error> {
    let algorithm = algorithm_of(method);
    let refused = |wanted| Err(Error::Algorithm { wanted, actual: vec![shortened(algorithm)] });
    match CIPHERS.into_iter().find(|(uri, _)| *uri == algorithm).map(|(_, cipher)| cipher) {
        None => refused("AES-GCM with 128, 192 or 256 bits"),
        Some(cipher) if !cipher.is_authenticated() && policy.cbc == Use::Refuse => {
            refused("AES-GCM: the policy refuses AES-CBC")
        }
        Some(cipher) if !cipher.is_available() => {
            refused("AES-128-GCM or AES-256-GCM: this build is without the feature `decrypt`")
        }
        Some(cipher) => Ok(cipher),
    }
}

fn weak_algorithms(cipher: ContentCipher, transport: Transport) -> Vec<&'static str> {
    let cbc = CIPHERS.into_iter().find(|(_, named)| *named == cipher && !cipher.is_authenticated());
    let rsa_1_5 = (transport == Transport::Rsa15).then_some(RSA_1_5);
    cbc.map(|(uri, _)| uri).into_iter().chain(rsa_1_5).collect()
}

/// E1: one CipherData with one CipherValue; a CipherReference would be fetched from elsewhere.
fn cipher_value(parent: Element<'_>) -> Result<Element<'_>, Error> {
    let rule = "there is one CipherData, with a CipherValue and nothing else";
    let data = one(parent, NAMESPACE, "CipherData", rule)?;
    let value = one(data, NAMESPACE, "CipherValue", rule)?;
    let alone = data.children().count() == 1 && value.children().next().is_none();
    if alone { Ok(value) } else { Err(Error::Shape { rule }) }
}

fn one<'d>(
    parent: Element<'d>,
    namespace: &str,
    name: &str,
    rule: &'static str,
) -> Result<Element<'d>, Error> {
    let mut found = parent.children().filter(|child| child.is(namespace, name));
    match (found.next(), found.next()) {
        (Some(child), None) => Ok(child),
        _ => Err(Error::Shape { rule }),
    }
}

fn decode(value: Element<'_>) -> Result<Vec<u8>, Error> {
    base64_decode(value.text().as_bytes()).map_err(|_| Error::Failed)
}

fn algorithm_of(method: Element<'_>) -> &str {
    method.attribute("Algorithm").unwrap_or_default()
}

/// A URI as evidence.
fn shortened(uri: &str) -> String {
    uri.chars().take(256).collect()
}
