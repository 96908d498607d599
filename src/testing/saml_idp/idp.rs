use std::collections::BTreeMap;

use url::Url;

use super::{
    ArtifactFault, AuthnRequest, Fault, LogoutFault, RequestError, Shape, Style, TestKey, User,
    content::{Content, Ids, hexadecimal},
    style::{IdStyle, KeyInfo, SignedElements},
};
use crate::{
    encoding::base64_encode,
    limits::{Budget, XmlLimits},
    saml::{
        bindings::{Incoming, Outgoing},
        metadata::sp::SpConfig,
        names::{self, binding, name_id_format},
    },
    time::Timestamp,
    xml::{self, Document, Element, Profile, Read as _, WriteError, Writer},
    xmldsig::{self, Signing, SigningError},
};

/// A SAML identity provider for tests. Everything about it can be set between two answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SamlIdp {
    /// Its name.
    pub entity_id: String,
    /// Where requests come in, for both bindings.
    pub sso_url: String,
    /// Where logout messages come in, for both bindings.
    pub slo_url: String,
    /// Where logout responses come in, where that is another address.
    pub slo_response_url: Option<String>,
    /// Where artifacts are resolved.
    pub artifact_url: String,
    /// Whether requests must be signed.
    pub want_authn_requests_signed: bool,
    /// The keys in its metadata.
    pub published_keys: Vec<TestKey>,
    /// How it writes responses.
    pub style: Style,
    /// What is wrong with its answers.
    pub fault: Option<Fault>,
    /// What is wrong with its logout messages.
    pub logout_fault: Option<LogoutFault>,
    /// What is wrong with the messages around its answers by artifact.
    pub artifact_fault: Option<ArtifactFault>,
    /// Whether the message around an answer by artifact is signed.
    pub sign_artifact_responses: bool,
    /// Answers that wait for their artifact.
    pub(super) artifacts: BTreeMap<String, Vec<u8>>,
    seed: u64,
    answers: u64,
}

/// A Response before it is signed: something to change, for faults that nobody has thought of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// The document.
    pub xml: Vec<u8>,
    /// `ID` of the Response.
    pub response_id: String,
    /// `ID` of each Assertion.
    pub assertion_ids: Vec<String>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// A text has characters that XML cannot hold, or a prefix is no name.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// What is to be signed is no document with these IDs, or the algorithm does not fit the key.
    #[error(transparent)]
    Sign(#[from] SigningError),
    /// A certificate has no RSA key that can be encrypted to.
    #[cfg(feature = "decrypt")]
    #[error("a certificate to encrypt to has no RSA key of 2048 bits or more")]
    Encrypt,
}

impl SamlIdp {
    /// A provider whose answers depend on the seed alone: Response and Assertion signed, in the plainest style.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            entity_id: "https://idp.example/saml/metadata".to_owned(),
            sso_url: "https://idp.example/saml/sso".to_owned(),
            slo_url: "https://idp.example/saml/slo".to_owned(),
            slo_response_url: None,
            artifact_url: "https://idp.example/saml/artifact".to_owned(),
            want_authn_requests_signed: false,
            published_keys: vec![TestKey::Rsa],
            style: Style::default(),
            fault: None,
            logout_fault: None,
            artifact_fault: None,
            sign_artifact_responses: true,
            artifacts: BTreeMap::new(),
            seed,
            answers: 0,
        }
    }

    /// The same with the style and the entity ID of a product.
    #[must_use]
    pub fn shaped(self, shape: Shape) -> Self {
        Self { entity_id: shape.entity_id().to_owned(), style: shape.style(), ..self }
    }

    /// Its metadata, unsigned.
    ///
    /// # Errors
    /// [`AnswerError::Write`] for a name or an address that XML cannot hold.
    pub fn metadata(&self) -> Result<Vec<u8>, AnswerError> {
        let mut writer = Writer::new();
        writer.start("md:EntityDescriptor").attribute("xmlns:md", names::MD);
        writer.attribute("xmlns:ds", names::DS).attribute("entityID", &self.entity_id);
        writer.start("md:IDPSSODescriptor");
        let wanted = if self.want_authn_requests_signed { "true" } else { "false" };
        writer.attribute("WantAuthnRequestsSigned", wanted);
        writer.attribute("protocolSupportEnumeration", names::SAMLP);
        for key in &self.published_keys {
            writer.start("md:KeyDescriptor").attribute("use", "signing");
            writer.start("ds:KeyInfo").start("ds:X509Data");
            writer.element("ds:X509Certificate", &[], &base64_encode(key.certificate().der()));
            writer.end().end().end();
        }
        let artifacts =
            [("index", "0"), ("Binding", binding::SOAP), ("Location", self.artifact_url.as_str())];
        writer.element("md:ArtifactResolutionService", &artifacts, "");
        for binding in [binding::HTTP_REDIRECT, binding::HTTP_POST] {
            writer.start("md:SingleLogoutService");
            writer.attribute("Binding", binding).attribute("Location", &self.slo_url);
            writer.optional("ResponseLocation", self.slo_response_url.as_deref()).end();
        }
        for format in [name_id_format::PERSISTENT, name_id_format::EMAIL_ADDRESS, name_id_format::UNSPECIFIED]
        {
            writer.element("md:NameIDFormat", &[], format);
        }
        for binding in [binding::HTTP_REDIRECT, binding::HTTP_POST] {
            let attributes = [("Binding", binding), ("Location", self.sso_url.as_str())];
            writer.element("md:SingleSignOnService", &attributes, "");
        }
        writer.end().end();
        Ok(writer.finish()?)
    }

    /// Reads the request that the browser would bring: that it is for this provider and of this service provider,
    /// that the answer goes to one of the service provider's addresses, and that a signature is its own.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn receive(&self, outgoing: &Outgoing, sp: &SpConfig) -> Result<AuthnRequest, RequestError> {
        let request = AuthnRequest::from_outgoing(outgoing, &self.sso_url, sp)?;
        let address = match outgoing {
            Outgoing::Redirect(url) => url,
            Outgoing::Post(form) => form.action(),
        };
        if !Url::parse(&self.sso_url).is_ok_and(|sso_url| without_query(&sso_url) == without_query(address)) {
            return Err(RequestError::Destination { actual: address.to_string() });
        }
        if self.want_authn_requests_signed && !request.signed {
            return Err(RequestError::SignatureMissing);
        }
        Ok(request)
    }

    /// Reads the request that a browser brings, and takes it for whose it says that it is: for a provider where nobody
    /// is registered, such as that of a demo. No signature is verified.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn receive_from_anybody(&self, incoming: Incoming<'_>) -> Result<AuthnRequest, RequestError> {
        AuthnRequest::from_anybody(incoming, &self.sso_url)
    }

    /// Answers a request, or begins a sign-in with [`AuthnRequest::none`]: the value of the form field
    /// `SAMLResponse`. RelayState goes with it unchanged.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn answer(
        &mut self,
        request: &AuthnRequest,
        user: &User,
        now: Timestamp,
    ) -> Result<String, AnswerError> {
        let unsigned = self.unsigned(request, user, now)?;
        Ok(base64_encode(&self.sign(unsigned)?))
    }

    /// The Response before it is signed. [`sign`](Self::sign) makes the rest of the answer.
    ///
    /// # Errors
    /// [`AnswerError::Write`].
    pub fn unsigned(
        &mut self,
        request: &AuthnRequest,
        user: &User,
        now: Timestamp,
    ) -> Result<Unsigned, AnswerError> {
        self.answers += 1;
        let ids = Ids {
            response: self.id("response"),
            assertion: self.id("assertion"),
            session: self.id("session"),
        };
        let clock = self.fault.map_or(now, |fault| fault.clock(now));
        let mut content = Content::new(&self.entity_id, request, user, &self.style, ids, clock);
        if let Some(fault) = self.fault {
            fault.change(&mut content, &self.style, now);
        }
        let xml = content.write(&self.style)?;
        Ok(Unsigned { xml, response_id: content.response_id, assertion_ids: content.assertion_ids })
    }

    /// Signs what the style says, Assertion before Response, and with feature `decrypt` encrypts.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn sign(&self, unsigned: Unsigned) -> Result<Vec<u8>, AnswerError> {
        let mut style = self.style.clone();
        if let Some(fault) = self.fault {
            fault.change_signing(&mut style);
        }
        let Unsigned { mut xml, response_id, assertion_ids } = unsigned;
        #[cfg(feature = "decrypt")]
        if let Some(encryption) = &style.encryption {
            xml = encryption.before_signing(xml)?;
        }
        if matches!(style.signed, SignedElements::Assertion | SignedElements::Both) {
            for id in &assertion_ids {
                xml = sign_element(xml, id, &style)?;
            }
        }
        #[cfg(feature = "decrypt")]
        if let Some(encryption) = &style.encryption {
            xml = encryption.after_signing(xml)?;
        }
        if matches!(style.signed, SignedElements::Response | SignedElements::Both) {
            xml = sign_element(xml, &response_id, &style)?;
        }
        match self.fault {
            Some(Fault::SignatureRemoved) => without_signatures(xml),
            Some(Fault::ChangedAfterSigning) => with_changed_session(xml),
            Some(Fault::CommentInNameId) => with_comment_in_name_id(xml),
            _ => Ok(xml),
        }
    }

    /// An ID that no message of this provider has had.
    pub(super) fn next_id(&mut self, purpose: &str) -> String {
        self.answers += 1;
        self.id(purpose)
    }

    fn id(&self, purpose: &str) -> String {
        let hex = hexadecimal(&format!("{} {} {purpose}", self.seed, self.answers));
        self.style.ids.write(&hex)
    }
}

impl AnswerError {
    /// `testing.answer_not_written`, `testing.answer_not_signed` or `testing.answer_not_encrypted`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Write(_) => "testing.answer_not_written",
            Self::Sign(_) => "testing.answer_not_signed",
            #[cfg(feature = "decrypt")]
            Self::Encrypt => "testing.answer_not_encrypted",
        }
    }
}

impl IdStyle {
    /// An ID out of 64 hexadecimal digits.
    fn write(self, hex: &str) -> String {
        let digits: String = hex.chars().take(32).collect();
        let uuid = || {
            let mut uuid = String::new();
            for (position, digit) in digits.chars().enumerate() {
                if matches!(position, 8 | 12 | 16 | 20) {
                    uuid.push('-');
                }
                uuid.push(digit);
            }
            uuid
        };
        match self {
            Self::Hex => format!("_{digits}"),
            Self::Uuid => format!("_{}", uuid()),
            Self::IdUuid => format!("ID_{}", uuid()),
            Self::Decimal => {
                let decimal =
                    hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| (digit % 10).to_string());
                format!("id{}", decimal.take(26).collect::<String>())
            }
            Self::UpperHex => format!("F{}", digits.to_uppercase()),
            Self::LeadingDigit => format!("7{digits}"),
        }
    }
}

fn without_query(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_query(None);
    url
}

pub(super) fn sign_element(xml: Vec<u8>, id: &str, style: &Style) -> Result<Vec<u8>, SigningError> {
    let key = style.key.signing_key();
    let prefix_list: Vec<&str> = style.prefix_list.iter().map(String::as_str).collect();
    let signing = Signing {
        id,
        placement: style.placement,
        key,
        algorithm: style.algorithm.unwrap_or_else(|| key.default_algorithm()),
        certificate: match style.key_info {
            KeyInfo::Certificate => Some(style.key.certificate()),
            KeyInfo::CertificateOf(other) => Some(other.certificate()),
            KeyInfo::Omit => None,
        },
        prefix_list: &prefix_list,
    };
    xmldsig::sign(xml, &signing)
}

fn without_signatures(xml: Vec<u8>) -> Result<Vec<u8>, AnswerError> {
    let document = parse(xml.clone())?;
    let root = document.root();
    let parents = std::iter::once(root).chain(root.children());
    let signatures =
        parents.flat_map(|parent| parent.children().filter(|child| child.is(names::DS, "Signature")));
    let mut ranges: Vec<_> = signatures.map(Element::source).collect();
    ranges.sort_by_key(|range| range.start);
    let mut xml = xml;
    for range in ranges.into_iter().rev() {
        xml.drain(range);
    }
    Ok(xml)
}

/// The session's index is of hexadecimal digits: another one in its place is still one.
fn with_changed_session(mut xml: Vec<u8>) -> Result<Vec<u8>, AnswerError> {
    const BEFORE: &[u8] = b" SessionIndex=\"";
    if let Some(position) = xml.windows(BEFORE.len()).position(|window| window == BEFORE)
        && let Some(byte) = xml.get_mut(position + BEFORE.len())
    {
        *byte = if *byte == b'x' { b'y' } else { b'x' };
    }
    Ok(xml)
}

fn with_comment_in_name_id(xml: Vec<u8>) -> Result<Vec<u8>, AnswerError> {
    let document = parse(xml.clone())?;
    let name_id = document.root().descendants().find(|element| element.is(names::SAML, "NameID"));
    let Some(name_id) = name_id else { return Ok(xml) };
    // Behind the first character, where that is no reference.
    let start = name_id.content_start();
    let plain = xml.get(start).is_some_and(u8::is_ascii_alphanumeric);
    let position = start + usize::from(plain);
    Ok(document.with_inserted(position, b"<!---->"))
}

fn parse(xml: Vec<u8>) -> Result<Document, SigningError> {
    Ok(xml::parse(xml, Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new())?)
}
