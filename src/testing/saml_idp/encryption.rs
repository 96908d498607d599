//! How a response is encrypted (XML Encryption 1.1, Core 6).

use super::AnswerError;
use crate::{
    crypto::{
        Certificate, ContentCipher, DigestAlgorithm,
        encrypt::{self, EncryptError},
    },
    encoding::base64_encode,
    limits::{Budget, XmlLimits},
    saml::names,
    xml::{self, Element, Profile, Read as _, Writer},
    xmldsig::SigningError,
    xmlenc,
};

/// What is encrypted, to whom and how. The content key and every initialisation vector come from the operating
/// system, so encrypted answers differ from run to run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encryption {
    /// The recipients: one EncryptedKey for each certificate.
    pub to: Vec<Certificate>,
    /// The NameID of an Assertion or LogoutRequest becomes an EncryptedID, before that is signed.
    pub name_id: bool,
    /// Each Attribute becomes an EncryptedAttribute, before the Assertion is signed.
    pub attributes: bool,
    /// The Assertion becomes an EncryptedAssertion, after it is signed itself and before the Response is.
    pub assertion: bool,
    /// The cipher of the contents.
    pub content: ContentCipher,
    /// How content keys are wrapped.
    pub transport: KeyTransport,
    /// Where the EncryptedKeys stand.
    pub placement: KeyPlacement,
    /// What stands before the element in the plaintext: white space, an XML declaration.
    pub prolog: String,
}

/// How content keys are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyTransport {
    /// `rsa-oaep-mgf1p`: SHA-1 as digest and mask, neither of them named.
    OaepMgf1p,
    /// `rsa-oaep` of XML Encryption 1.1 with this hash as digest and mask.
    Oaep(DigestAlgorithm),
    /// RSA PKCS#1 v1.5.
    Rsa15,
}

/// Where the EncryptedKeys stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyPlacement {
    /// In the KeyInfo of the EncryptedData.
    Inside,
    /// Beside the EncryptedData, which does not mention them.
    Sibling,
    /// Beside the EncryptedData, whose KeyInfo refers to the first.
    RetrievalMethod,
}

impl Encryption {
    /// Encrypts the Assertion to one recipient, in AES-256-GCM and by `rsa-oaep-mgf1p`, the key inside.
    #[must_use]
    pub fn to(certificate: &Certificate) -> Self {
        Self {
            to: vec![certificate.clone()],
            name_id: false,
            attributes: false,
            assertion: true,
            content: ContentCipher::Aes256Gcm,
            transport: KeyTransport::OaepMgf1p,
            placement: KeyPlacement::Inside,
            prolog: String::new(),
        }
    }

    /// What is encrypted before an Assertion or LogoutRequest is signed.
    pub(super) fn before_signing(&self, mut xml: Vec<u8>) -> Result<Vec<u8>, AnswerError> {
        if self.name_id {
            xml = self.encrypt_each(xml, &["Subject", "LogoutRequest"], "NameID", "EncryptedID")?;
        }
        if self.attributes {
            xml = self.encrypt_each(xml, &["AttributeStatement"], "Attribute", "EncryptedAttribute")?;
        }
        Ok(xml)
    }

    /// What is encrypted after that.
    pub(super) fn after_signing(&self, xml: Vec<u8>) -> Result<Vec<u8>, AnswerError> {
        if !self.assertion {
            return Ok(xml);
        }
        self.encrypt_each(xml, &["Response"], "Assertion", "EncryptedAssertion")
    }

    /// Puts an encrypted form in the place of each element of this name that stands in one of these parents.
    fn encrypt_each(
        &self,
        mut xml: Vec<u8>,
        parents: &[&str],
        name: &str,
        encrypted_name: &str,
    ) -> Result<Vec<u8>, AnswerError> {
        let document = xml::parse(xml.clone(), Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new());
        let document = document.map_err(SigningError::Document)?;
        let root = document.root();
        let parents = std::iter::once(root)
            .chain(root.descendants())
            .filter(|element| parents.contains(&element.local_name()));
        let elements =
            parents.flat_map(|parent| parent.children()).filter(|child| child.is(names::SAML, name));
        // From the last to the first, so that the places of the others stay what they are.
        for (number, element) in elements.collect::<Vec<_>>().into_iter().enumerate().rev() {
            let mut plaintext = self.prolog.clone().into_bytes();
            plaintext.extend_from_slice(xml.get(element.source()).unwrap_or_default());
            let key_id = format!("{}-{name}-{number}", root.attribute("ID").unwrap_or_default());
            let encrypted = self.encrypt(element, encrypted_name, &key_id, &plaintext)?;
            xml.splice(element.source(), encrypted);
        }
        Ok(xml)
    }

    fn encrypt(
        &self,
        element: Element<'_>,
        name: &str,
        key_id: &str,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, AnswerError> {
        let key = encrypt::content_key(self.content)?;
        let content = encrypt::seal(self.content, &key, plaintext)?;
        let prefix = element.qualified_name().split_once(':').map(|(prefix, _)| prefix);

        let mut writer = Writer::new();
        writer.start(&prefix.map_or(name.to_owned(), |prefix| format!("{prefix}:{name}")));
        let declaration = prefix.map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        writer.attribute(&declaration, names::SAML);
        writer.start("xenc:EncryptedData").attribute("xmlns:xenc", xmlenc::NAMESPACE);
        writer.attribute("Type", "http://www.w3.org/2001/04/xmlenc#Element");
        writer.element("xenc:EncryptionMethod", &[("Algorithm", content_uri(self.content))], "");
        match self.placement {
            KeyPlacement::Inside => {
                writer.start("ds:KeyInfo").attribute("xmlns:ds", names::DS);
                self.write_keys(&mut writer, key_id, &key)?;
                writer.end();
            }
            KeyPlacement::RetrievalMethod => {
                writer.start("ds:KeyInfo").attribute("xmlns:ds", names::DS);
                let uri = format!("#{key_id}-0");
                let of_type = "http://www.w3.org/2001/04/xmlenc#EncryptedKey";
                writer.element("ds:RetrievalMethod", &[("Type", of_type), ("URI", &uri)], "");
                writer.end();
            }
            KeyPlacement::Sibling => {}
        }
        write_cipher_data(&mut writer, &content);
        writer.end();
        if self.placement != KeyPlacement::Inside {
            self.write_keys(&mut writer, key_id, &key)?;
        }
        writer.end();
        Ok(writer.finish()?)
    }

    fn write_keys(&self, writer: &mut Writer, id: &str, content_key: &[u8]) -> Result<(), EncryptError> {
        for (number, certificate) in self.to.iter().enumerate() {
            let key = certificate.public_key();
            let (uri, wrapped) = match self.transport {
                KeyTransport::OaepMgf1p => (
                    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
                    encrypt::wrap_oaep(key, DigestAlgorithm::Sha1, content_key)?,
                ),
                KeyTransport::Oaep(digest) => (
                    "http://www.w3.org/2009/xmlenc11#rsa-oaep",
                    encrypt::wrap_oaep(key, digest, content_key)?,
                ),
                KeyTransport::Rsa15 => {
                    ("http://www.w3.org/2001/04/xmlenc#rsa-1_5", encrypt::wrap_pkcs1(key, content_key)?)
                }
            };
            writer.start("xenc:EncryptedKey").attribute("xmlns:xenc", xmlenc::NAMESPACE);
            writer.attribute("Id", &format!("{id}-{number}"));
            writer.start("xenc:EncryptionMethod").attribute("Algorithm", uri);
            if let KeyTransport::Oaep(digest) = self.transport {
                let (digest, mask) = hash_uris(digest);
                writer.element("ds:DigestMethod", &[("xmlns:ds", names::DS), ("Algorithm", digest)], "");
                let xmlenc11 = "http://www.w3.org/2009/xmlenc11#";
                writer.element("xenc11:MGF", &[("xmlns:xenc11", xmlenc11), ("Algorithm", mask)], "");
            }
            writer.end();
            write_cipher_data(writer, &wrapped);
            writer.end();
        }
        Ok(())
    }
}

impl From<EncryptError> for AnswerError {
    fn from(EncryptError: EncryptError) -> Self {
        Self::Encrypt
    }
}

fn write_cipher_data(writer: &mut Writer, bytes: &[u8]) {
    writer.start("xenc:CipherData");
    writer.element("xenc:CipherValue", &[], &base64_encode(bytes));
    writer.end();
}

fn content_uri(cipher: ContentCipher) -> &'static str {
    match cipher {
        ContentCipher::Aes128Gcm => "http://www.w3.org/2009/xmlenc11#aes128-gcm",
        ContentCipher::Aes192Gcm => "http://www.w3.org/2009/xmlenc11#aes192-gcm",
        ContentCipher::Aes256Gcm => "http://www.w3.org/2009/xmlenc11#aes256-gcm",
        ContentCipher::Aes128Cbc => "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
        ContentCipher::Aes192Cbc => "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
        ContentCipher::Aes256Cbc => "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    }
}

/// A hash as digest and as mask.
fn hash_uris(digest: DigestAlgorithm) -> (&'static str, &'static str) {
    match digest {
        DigestAlgorithm::Sha1 => {
            ("http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2009/xmlenc11#mgf1sha1")
        }
        DigestAlgorithm::Sha256 => {
            ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2009/xmlenc11#mgf1sha256")
        }
        DigestAlgorithm::Sha384 => {
            ("http://www.w3.org/2001/04/xmldsig-more#sha384", "http://www.w3.org/2009/xmlenc11#mgf1sha384")
        }
        DigestAlgorithm::Sha512 => {
            ("http://www.w3.org/2001/04/xmlenc#sha512", "http://www.w3.org/2009/xmlenc11#mgf1sha512")
        }
    }
}
