//! The AuthnRequest as the provider reads it.

use url::Url;

use crate::{
    crypto::{Legacy, PublicKey, TrustedKey, TrustedKeys},
    encoding::{Base64Error, InflateError, PercentError, Plus, base64_decode, inflate, percent_decode},
    limits::{Budget, Limits},
    saml::{
        bindings::{Incoming, MessageKind, Outgoing, PostForm},
        metadata::sp::SpConfig,
        names,
    },
    xml::{self, Element, Profile, Read},
    xmldsig::{self, SignaturePolicy},
};

/// What an answer needs to know of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthnRequest {
    /// Its ID; `None` for a sign-in that begins at the provider.
    pub id: Option<String>,
    /// The service provider.
    pub issuer: String,
    /// Where the answer goes to.
    pub acs_url: String,
    /// RelayState, to be posted back with the answer.
    pub relay_state: Option<String>,
    /// The format of the NameID that is asked for.
    pub name_id_format: Option<String>,
    /// Classes of the requested authentication context; the answer takes the first.
    pub requested_classes: Vec<String>,
    /// Whether the person must authenticate anew.
    pub force_authn: bool,
    /// Whether nothing may be shown.
    pub is_passive: bool,
    /// Whether it came with a signature. A signature that does not verify is an error.
    pub signed: bool,
}

/// Why the provider takes no request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// A parameter or form field is missing or stands twice.
    #[error("{name} must stand there once")]
    Parameter {
        /// Its name.
        name: &'static str,
    },
    /// Not percent-encoded.
    #[error(transparent)]
    Percent(#[from] PercentError),
    /// Not base64.
    #[error(transparent)]
    Base64(#[from] Base64Error),
    /// Not DEFLATE.
    #[error(transparent)]
    Inflate(#[from] InflateError),
    /// Not text.
    #[error("{name} is not UTF-8")]
    Text {
        /// The parameter.
        name: &'static str,
    },
    /// Not XML.
    #[error(transparent)]
    Xml(#[from] xml::Error),
    /// Not an AuthnRequest, or one without something that it must have.
    #[error("the request has no {missing}")]
    Shape {
        /// What is missing.
        missing: &'static str,
    },
    /// For another address than the provider's.
    #[error("the request is for {actual}")]
    Destination {
        /// The Destination, or the address that it came to.
        actual: String,
    },
    /// From somebody else than the service provider given.
    #[error("the request is of {actual}")]
    Issuer {
        /// Its Issuer.
        actual: String,
    },
    /// The answer would go to an address that the service provider does not have.
    #[error("the service provider has no assertion consumer service {actual}")]
    AssertionConsumerService {
        /// The address or index.
        actual: String,
    },
    /// The provider wants signed requests, and this one is not.
    #[error("the request is not signed")]
    SignatureMissing,
    /// The signature is not of one of the service provider's keys.
    #[error("the request's signature is not the service provider's")]
    Signature,
    /// The signature inside of the request is not valid.
    #[error(transparent)]
    EnvelopedSignature(#[from] xmldsig::Error),
}

impl AuthnRequest {
    /// A request with this ID.
    #[must_use]
    pub fn new(id: impl Into<String>, issuer: impl Into<String>, acs_url: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..Self::none(issuer, acs_url) }
    }

    /// No request: the sign-in begins at the provider.
    #[must_use]
    pub fn none(issuer: impl Into<String>, acs_url: impl Into<String>) -> Self {
        Self {
            id: None,
            issuer: issuer.into(),
            acs_url: acs_url.into(),
            relay_state: None,
            name_id_format: None,
            requested_classes: Vec::new(),
            force_authn: false,
            is_passive: false,
            signed: false,
        }
    }

    /// Reads a request out of its binding.
    pub(super) fn from_outgoing(
        outgoing: &Outgoing,
        sso_url: &str,
        sp: &SpConfig,
    ) -> Result<Self, RequestError> {
        let opened = Opened::read(outgoing, sp)?;
        if opened.kind != MessageKind::Request {
            return Err(RequestError::Parameter { name: "SAMLRequest" });
        }
        let mut request = Self::read(opened.xml, sso_url, sp)?;
        request.relay_state = opened.relay_state;
        request.signed |= opened.signed;
        Ok(request)
    }

    /// Reads a request out of its binding and takes it for whose it says that it is.
    pub(super) fn from_anybody(incoming: Incoming<'_>, sso_url: &str) -> Result<Self, RequestError> {
        let (kind, message, relay_state) = match incoming {
            Incoming::Redirect { query } => Opened::in_query(&Parameters { query })?,
            Incoming::Post { fields } => Opened::in_fields(|name| {
                fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
            })?,
        };
        if kind != MessageKind::Request {
            return Err(RequestError::Parameter { name: "SAMLRequest" });
        }
        let document = parse(message)?;
        let root = document.root();
        let acs_url = root.attribute("AssertionConsumerServiceURL");
        let acs_url = acs_url.ok_or(RequestError::Shape { missing: "AssertionConsumerServiceURL" })?;
        let sp = SpConfig::new(issuer(root)?, acs_url);
        Ok(Self { relay_state, ..Self::of(root, sso_url, &sp, false)? })
    }

    fn read(message: Vec<u8>, sso_url: &str, sp: &SpConfig) -> Result<Self, RequestError> {
        let document = parse(message)?;
        let root = document.root();
        if issuer(root)? != sp.entity_id {
            return Err(RequestError::Issuer { actual: issuer(root)? });
        }
        Self::of(root, sso_url, sp, verify_enveloped(root, sp)?)
    }

    fn of(root: Element<'_>, sso_url: &str, sp: &SpConfig, signed: bool) -> Result<Self, RequestError> {
        if !root.is(names::SAMLP, "AuthnRequest") {
            return Err(RequestError::Shape { missing: "AuthnRequest as its root" });
        }
        let id = root.attribute("ID").ok_or(RequestError::Shape { missing: "ID" })?;
        if let Some(actual) = root.attribute("Destination").filter(|destination| *destination != sso_url) {
            return Err(RequestError::Destination { actual: actual.to_owned() });
        }
        let policy = child(root, names::SAMLP, "NameIDPolicy");
        let context = child(root, names::SAMLP, "RequestedAuthnContext");
        let classes = context.into_iter().flat_map(|context| context.children());
        let boolean = |name| matches!(root.attribute(name), Some("true" | "1"));
        Ok(Self {
            acs_url: acs_url(root, sp)?,
            name_id_format: policy.and_then(|policy| policy.attribute("Format")).map(str::to_owned),
            requested_classes: classes
                .filter(|class| class.is(names::SAML, "AuthnContextClassRef"))
                .map(|class| class.text().into_owned())
                .collect(),
            force_authn: boolean("ForceAuthn"),
            is_passive: boolean("IsPassive"),
            signed,
            ..Self::new(id, issuer(root)?, "")
        })
    }
}

impl RequestError {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Parameter { .. } => "testing.request_parameter",
            Self::Percent(error) => error.code(),
            Self::Base64(error) => error.code(),
            Self::Inflate(error) => error.code(),
            Self::Text { .. } => "testing.request_text",
            Self::Xml(_) => "testing.request_xml",
            Self::Shape { .. } => "testing.request_shape",
            Self::Destination { .. } => "testing.request_destination",
            Self::Issuer { .. } => "testing.request_issuer",
            Self::AssertionConsumerService { .. } => "testing.request_assertion_consumer_service",
            Self::SignatureMissing => "testing.request_signature_missing",
            Self::Signature => "testing.request_signature",
            Self::EnvelopedSignature(error) => error.code(),
        }
    }
}

/// A message of the service provider out of its binding, and whether a signature over its query was verified.
pub(super) struct Opened {
    pub(super) kind: MessageKind,
    pub(super) xml: Vec<u8>,
    pub(super) relay_state: Option<String>,
    pub(super) signed: bool,
}

impl Opened {
    pub(super) fn read(outgoing: &Outgoing, sp: &SpConfig) -> Result<Self, RequestError> {
        match outgoing {
            Outgoing::Redirect(url) => Self::from_redirect(url, sp),
            Outgoing::Post(form) => Self::from_form(form),
        }
    }

    /// Bindings 3.4.
    fn from_redirect(url: &Url, sp: &SpConfig) -> Result<Self, RequestError> {
        let parameters = Parameters { query: url.query().unwrap_or_default() };
        let (kind, xml, relay_state) = Self::in_query(&parameters)?;
        let Some(signature) = parameters.text("Signature")? else {
            return Ok(Self { kind, xml, relay_state, signed: false });
        };
        let algorithm = parameters.text("SigAlg")?.ok_or(RequestError::Parameter { name: "SigAlg" })?;
        let algorithm = xmldsig::signature_algorithm(&algorithm).ok_or(RequestError::Signature)?;
        let signature = base64_decode(signature.as_bytes())?;
        // Bindings 3.4.4.1: the parameters as they were sent.
        let mut signed = Vec::new();
        for name in [kind.parameter(), "RelayState", "SigAlg"] {
            signed.extend(parameters.one(name)?.map(|raw| format!("{name}={raw}")));
        }
        let signed = signed.join("&");
        let verifies =
            |key: &PublicKey| key.verify(algorithm, Legacy::Refuse, signed.as_bytes(), &signature).is_ok();
        if !keys_of(sp).iter().any(|key| verifies(key.key())) {
            return Err(RequestError::Signature);
        }
        Ok(Self { kind, xml, relay_state, signed: true })
    }

    /// Bindings 3.5.
    fn from_form(form: &PostForm) -> Result<Self, RequestError> {
        let field = |name: &str| {
            form.fields().iter().find(|(field, _)| *field == name).map(|(_, value)| value.as_str())
        };
        let (kind, xml, relay_state) = Self::in_fields(field)?;
        Ok(Self { kind, xml, relay_state, signed: false })
    }

    fn in_query(parameters: &Parameters<'_>) -> Result<Message, RequestError> {
        let (kind, raw) = one_message(parameters.one("SAMLRequest")?, parameters.one("SAMLResponse")?)?;
        let deflated = base64_decode(&percent_decode(raw.as_bytes(), Plus::Space)?)?;
        let xml = inflate(&deflated, &Limits::default(), &mut Budget::new())?;
        Ok((kind, xml, parameters.text("RelayState")?))
    }

    fn in_fields<'f>(field: impl Fn(&str) -> Option<&'f str>) -> Result<Message, RequestError> {
        let (kind, message) = one_message(field("SAMLRequest"), field("SAMLResponse"))?;
        Ok((kind, base64_decode(message.as_bytes())?, field("RelayState").map(str::to_owned)))
    }
}

/// What kind, the document, and RelayState.
type Message = (MessageKind, Vec<u8>, Option<String>);

fn one_message<'m>(
    request: Option<&'m str>,
    response: Option<&'m str>,
) -> Result<(MessageKind, &'m str), RequestError> {
    match (request, response) {
        (Some(request), None) => Ok((MessageKind::Request, request)),
        (None, Some(response)) => Ok((MessageKind::Response, response)),
        (Some(_), Some(_)) | (None, None) => Err(RequestError::Parameter { name: "SAMLRequest" }),
    }
}

fn parse(message: Vec<u8>) -> Result<xml::Document, RequestError> {
    Ok(xml::parse(message, Profile::Message, &Limits::default().message, &mut Budget::new())?)
}

fn issuer(root: Element<'_>) -> Result<String, RequestError> {
    let issuer = child(root, names::SAML, "Issuer").ok_or(RequestError::Shape { missing: "Issuer" })?;
    Ok(issuer.text().into_owned())
}

/// Whether a message carries a signature. One that is not the service provider's is an error.
pub(super) fn verify_enveloped(root: Element<'_>, sp: &SpConfig) -> Result<bool, RequestError> {
    match TrustedKeys::new(keys_of(sp)) {
        Ok(keys) => {
            let limits = Limits::default();
            let policy = SignaturePolicy::default();
            Ok(xmldsig::verify(root, &keys, policy, &limits, &mut Budget::new())?.is_some())
        }
        Err(_) if xmldsig::signature_of(root)?.is_some() => Err(RequestError::Signature),
        Err(_) => Ok(false),
    }
}

/// A query whose values stay as they were sent.
struct Parameters<'u> {
    query: &'u str,
}

impl<'u> Parameters<'u> {
    fn one(&self, name: &'static str) -> Result<Option<&'u str>, RequestError> {
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
        let first = values.next();
        if values.next().is_some() { Err(RequestError::Parameter { name }) } else { Ok(first) }
    }

    fn text(&self, name: &'static str) -> Result<Option<String>, RequestError> {
        let Some(raw) = self.one(name)? else { return Ok(None) };
        let bytes = percent_decode(raw.as_bytes(), Plus::Space)?;
        String::from_utf8(bytes).map(Some).map_err(|_| RequestError::Text { name })
    }
}

/// Core 3.4.1: by address, by index, or the default.
fn acs_url(root: Element<'_>, sp: &SpConfig) -> Result<String, RequestError> {
    let unknown = |actual: &str| RequestError::AssertionConsumerService { actual: actual.to_owned() };
    if let Some(url) = root.attribute("AssertionConsumerServiceURL") {
        return sp.acs_urls().find(|acs| *acs == url).map(str::to_owned).ok_or_else(|| unknown(url));
    }
    let acs = match root.attribute("AssertionConsumerServiceIndex") {
        Some(index) => {
            sp.acs.iter().find(|acs| acs.index.to_string() == index).ok_or_else(|| unknown(index))?
        }
        None => sp.acs.first().ok_or_else(|| unknown("(none)"))?,
    };
    Ok(acs.location.clone())
}

/// What the service provider signs with: its certificates, and the key itself where there are none.
fn keys_of(sp: &SpConfig) -> Vec<TrustedKey> {
    let mut keys: Vec<TrustedKey> = sp.signing_certificates.iter().cloned().map(TrustedKey::from).collect();
    if keys.is_empty() {
        keys.extend(sp.signing_key("a test").ok().map(|key| TrustedKey::from(key.public_key().clone())));
    }
    keys
}

pub(super) fn child<'d>(parent: Element<'d>, namespace: &str, name: &str) -> Option<Element<'d>> {
    parent.children().find(|child| child.is(namespace, name))
}
