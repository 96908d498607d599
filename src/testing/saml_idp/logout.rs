//! Single logout as the provider sees it.

use std::time::Duration;

use super::{
    AnswerError, RequestError, SamlIdp, Style, TestKey,
    idp::sign_element,
    request::{Opened, child},
    style::RedirectStyle,
};
use crate::{
    encoding::{base64_encode, deflate, percent_encode},
    limits::{Budget, Limits},
    saml::{
        NameId,
        bindings::{Binding, Incoming, MessageKind, Outgoing},
        logout::{LogoutStatus, SessionRef},
        metadata::sp::SpConfig,
        names,
    },
    time::Timestamp,
    xml::{self, Element, Profile, Read, Writer},
    xmldsig::{self, SigningError},
};

/// A logout message that has come to the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutMessage {
    /// The service provider begins.
    Request(LogoutRequest),
    /// It answers.
    Response(LogoutResponse),
}

/// What an answer needs to know of a LogoutRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutRequest {
    /// Its ID.
    pub id: String,
    /// Who shall be signed out.
    pub name_id: NameId,
    /// Which of the person's sessions; none means all.
    pub session_indexes: Vec<String>,
    /// Why, a URI.
    pub reason: Option<String>,
    /// From when on the request is void.
    pub not_on_or_after: Option<Timestamp>,
    /// RelayState, to be sent back with the answer.
    pub relay_state: Option<String>,
}

/// What a LogoutResponse says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogoutResponse {
    /// The request that it answers.
    pub in_response_to: Option<String>,
    /// Its status codes, outermost first.
    pub codes: Vec<String>,
    /// RelayState.
    pub relay_state: Option<String>,
}

/// A message that the browser brings to the service provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By a redirect with this query.
    Redirect {
        /// As the request has it.
        query: String,
    },
    /// By a form with these fields.
    Post {
        /// Names and values.
        fields: Vec<(String, String)>,
    },
}

/// One thing that is wrong with a logout message. Everything else stays as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogoutFault {
    /// Another version of SAML: `saml.version_unsupported`.
    Version,
    /// The Issuer is somebody else: `saml.issuer_mismatch`.
    WrongIssuer,
    /// No Issuer: `saml.issuer_mismatch`.
    NoIssuer,
    /// The Destination is not ours: `saml.destination_mismatch`.
    WrongDestination,
    /// No Destination: `saml.destination_missing`.
    NoDestination,
    /// Not signed: `saml.signature_missing`.
    Unsigned,
    /// Signed with a key that the metadata does not have: `saml.signature_invalid`.
    WrongKey,
    /// Its ID was changed after it was signed: `saml.reference_uri` in a form, `saml.signature_invalid` in a query.
    ChangedAfterSigning,
    /// The signed message stands in the Extensions of another one: `saml.signature_misplaced` in a form. In a query a
    /// second message stands beside the signed one: `saml.redirect_parameters`.
    Wrapped,
    /// The request is void: `saml.logout_expired`.
    Expired,
    /// The request names nobody: `saml.name_id_missing`.
    NoNameId,
    /// The response answers another request: `saml.in_response_to_mismatch`.
    WrongInResponseTo,
    /// The response has no status: `saml.status_missing`.
    NoStatus,
}

impl LogoutFault {
    /// Every fault of a request.
    pub const OF_REQUESTS: [Self; 11] = [
        Self::Version,
        Self::WrongIssuer,
        Self::NoIssuer,
        Self::WrongDestination,
        Self::NoDestination,
        Self::Unsigned,
        Self::WrongKey,
        Self::ChangedAfterSigning,
        Self::Wrapped,
        Self::Expired,
        Self::NoNameId,
    ];

    /// Every fault of a response.
    pub const OF_RESPONSES: [Self; 11] = [
        Self::Version,
        Self::WrongIssuer,
        Self::NoIssuer,
        Self::WrongDestination,
        Self::NoDestination,
        Self::Unsigned,
        Self::WrongKey,
        Self::ChangedAfterSigning,
        Self::Wrapped,
        Self::WrongInResponseTo,
        Self::NoStatus,
    ];

    /// The code of the refusal.
    #[must_use]
    pub fn code(self, binding: Binding) -> &'static str {
        let in_query = binding == Binding::HttpRedirect;
        match self {
            Self::Version => "saml.version_unsupported",
            Self::WrongIssuer | Self::NoIssuer => "saml.issuer_mismatch",
            Self::WrongDestination => "saml.destination_mismatch",
            Self::NoDestination => "saml.destination_missing",
            Self::Unsigned => "saml.signature_missing",
            Self::WrongKey => "saml.signature_invalid",
            Self::ChangedAfterSigning if in_query => "saml.signature_invalid",
            Self::ChangedAfterSigning => "saml.reference_uri",
            Self::Wrapped if in_query => "saml.redirect_parameters",
            Self::Wrapped => "saml.signature_misplaced",
            Self::Expired => "saml.logout_expired",
            Self::NoNameId => "saml.name_id_missing",
            Self::WrongInResponseTo => "saml.in_response_to_mismatch",
            Self::NoStatus => "saml.status_missing",
        }
    }

    /// Breaks what the message says.
    fn change(self, content: &mut Content, now: Timestamp) {
        match (self, &mut content.body) {
            (Self::Version, _) => content.version = "1.1",
            (Self::WrongIssuer, _) => content.issuer = Some("https://other.example/metadata".to_owned()),
            (Self::NoIssuer, _) => content.issuer = None,
            (Self::WrongDestination, _) => {
                content.destination = Some("https://other.example/saml/slo".to_owned());
            }
            (Self::NoDestination, _) => content.destination = None,
            (Self::Expired, Body::Request { not_on_or_after, .. }) => {
                *not_on_or_after = Some(now.saturating_sub(Duration::from_secs(3600)));
            }
            (Self::NoNameId, Body::Request { name_id, .. }) => *name_id = None,
            (Self::WrongInResponseTo, Body::Response { in_response_to, .. }) => {
                *in_response_to = "_another".to_owned();
            }
            (Self::NoStatus, Body::Response { status, .. }) => *status = None,
            _ => {}
        }
    }
}

impl SamlIdp {
    /// Reads the logout message that the browser would bring: that it is for this provider, of this service provider,
    /// and signed by it.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn receive_logout(&self, outgoing: &Outgoing, sp: &SpConfig) -> Result<LogoutMessage, RequestError> {
        let opened = Opened::read(outgoing, sp)?;
        let limits = Limits::default();
        let document = xml::parse(opened.xml, Profile::Message, &limits.message, &mut Budget::new())?;
        let root = document.root();
        let signed = opened.signed || super::request::verify_enveloped(root, sp)?;
        if !signed {
            return Err(RequestError::SignatureMissing);
        }
        let (name, address) = match opened.kind {
            MessageKind::Request => ("LogoutRequest", &self.slo_url),
            MessageKind::Response => {
                ("LogoutResponse", self.slo_response_url.as_ref().unwrap_or(&self.slo_url))
            }
        };
        if !root.is(names::SAMLP, name) {
            return Err(RequestError::Shape { missing: "LogoutRequest or LogoutResponse as its root" });
        }
        let issuer =
            child(root, names::SAML, "Issuer").ok_or(RequestError::Shape { missing: "Issuer" })?.text();
        if issuer != sp.entity_id {
            return Err(RequestError::Issuer { actual: issuer.into_owned() });
        }
        let destination = root.attribute("Destination").unwrap_or_default();
        let came_to = match outgoing {
            Outgoing::Redirect(url) => url.as_str(),
            Outgoing::Post(form) => form.action().as_str(),
        };
        if destination != address || !came_to.starts_with(address) {
            return Err(RequestError::Destination { actual: destination.to_owned() });
        }
        match opened.kind {
            MessageKind::Request => LogoutRequest::read(root, opened.relay_state).map(LogoutMessage::Request),
            MessageKind::Response => Ok(LogoutMessage::Response(LogoutResponse {
                in_response_to: root.attribute("InResponseTo").map(str::to_owned),
                codes: codes(root),
                relay_state: opened.relay_state,
            })),
        }
    }

    /// Begins a logout: a LogoutRequest for one session, which lies where [`SessionRef`] says.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn begin_logout(
        &mut self,
        session: &SessionRef,
        relay_state: Option<&str>,
        sp: &SpConfig,
        binding: Binding,
        now: Timestamp,
    ) -> Result<Delivery, AnswerError> {
        let body = Body::Request {
            name_id: Some(session.name_id.clone()),
            session_indexes: session.session_indexes.clone(),
            not_on_or_after: Some(now.saturating_add(self.style.lifetime)),
        };
        self.deliver_logout(body, relay_state, sp, binding, now)
    }

    /// Answers a LogoutRequest.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn answer_logout(
        &mut self,
        request: &LogoutRequest,
        status: LogoutStatus,
        sp: &SpConfig,
        binding: Binding,
        now: Timestamp,
    ) -> Result<Delivery, AnswerError> {
        let body = Body::Response { in_response_to: request.id.clone(), status: Some(status) };
        self.deliver_logout(body, request.relay_state.as_deref(), sp, binding, now)
    }

    fn deliver_logout(
        &mut self,
        body: Body,
        relay_state: Option<&str>,
        sp: &SpConfig,
        binding: Binding,
        now: Timestamp,
    ) -> Result<Delivery, AnswerError> {
        let kind = body.kind();
        let mut content = Content {
            id: self.next_id("logout"),
            version: names::VERSION,
            issue_instant: now,
            destination: sp.slo.iter().find(|slo| slo.binding == binding).map(|slo| match kind {
                MessageKind::Request => slo.location.clone(),
                MessageKind::Response => slo.response_location.as_ref().unwrap_or(&slo.location).clone(),
            }),
            issuer: Some(self.entity_id.clone()),
            body,
        };
        let mut style = self.style.clone();
        if let Some(fault) = self.logout_fault {
            fault.change(&mut content, now);
            if fault == LogoutFault::WrongKey {
                let other = if style.key == TestKey::OtherRsa { TestKey::Rsa } else { TestKey::OtherRsa };
                (style.key, style.algorithm) = (other, None);
            }
        }
        let xml = content.write(&style)?;
        #[cfg(feature = "decrypt")]
        let xml = match &style.encryption {
            Some(encryption) => encryption.before_signing(xml)?,
            None => xml,
        };
        match binding {
            Binding::HttpRedirect => redirect(&content, &xml, relay_state, &style, self.logout_fault),
            Binding::HttpPost | Binding::Soap => form(&content, xml, relay_state, &style, self.logout_fault),
        }
    }
}

impl Delivery {
    /// As the service provider takes it.
    #[must_use]
    pub fn incoming(&self) -> Incoming<'_> {
        match self {
            Self::Redirect { query } => Incoming::Redirect { query },
            Self::Post { fields } => Incoming::Post { fields },
        }
    }
}

impl LogoutRequest {
    /// A request that ends every session of a person.
    #[must_use]
    pub fn new(id: impl Into<String>, name_id: NameId) -> Self {
        Self {
            id: id.into(),
            name_id,
            session_indexes: Vec::new(),
            reason: None,
            not_on_or_after: None,
            relay_state: None,
        }
    }

    fn read(root: Element<'_>, relay_state: Option<String>) -> Result<Self, RequestError> {
        let id = root.attribute("ID").ok_or(RequestError::Shape { missing: "ID" })?;
        let name_id = child(root, names::SAML, "NameID").ok_or(RequestError::Shape { missing: "NameID" })?;
        let end = root.attribute("NotOnOrAfter").map(Timestamp::parse).transpose();
        let indexes = root.children().filter(|child| child.is(names::SAMLP, "SessionIndex"));
        Ok(Self {
            id: id.to_owned(),
            name_id: NameId::read(name_id),
            session_indexes: indexes.map(|index| index.text().into_owned()).collect(),
            reason: root.attribute("Reason").map(str::to_owned),
            not_on_or_after: end
                .map_err(|_| RequestError::Shape { missing: "usable NotOnOrAfter" })?
                .map(|end| end.at),
            relay_state,
        })
    }
}

/// Everything that a logout message says.
struct Content {
    id: String,
    version: &'static str,
    issue_instant: Timestamp,
    destination: Option<String>,
    issuer: Option<String>,
    body: Body,
}

enum Body {
    Request { name_id: Option<NameId>, session_indexes: Vec<String>, not_on_or_after: Option<Timestamp> },
    Response { in_response_to: String, status: Option<LogoutStatus> },
}

impl Body {
    fn kind(&self) -> MessageKind {
        match self {
            Self::Request { .. } => MessageKind::Request,
            Self::Response { .. } => MessageKind::Response,
        }
    }
}

impl Content {
    fn root(&self) -> &'static str {
        match self.body {
            Body::Request { .. } => "samlp:LogoutRequest",
            Body::Response { .. } => "samlp:LogoutResponse",
        }
    }

    fn write(&self, style: &Style) -> Result<Vec<u8>, AnswerError> {
        let mut writer = Writer::new();
        writer.start(self.root());
        writer.attribute("xmlns:samlp", names::SAMLP).attribute("xmlns:saml", names::SAML);
        writer.attribute("ID", &self.id).attribute("Version", self.version);
        writer.attribute("IssueInstant", &style.times.write(self.issue_instant));
        writer.optional("Destination", self.destination.as_deref());
        match &self.body {
            Body::Request { not_on_or_after, .. } => {
                let end = not_on_or_after.map(|end| style.times.write(end));
                writer.optional("NotOnOrAfter", end.as_deref());
            }
            Body::Response { in_response_to, .. } => {
                writer.attribute("InResponseTo", in_response_to);
            }
        }
        if let Some(issuer) = &self.issuer {
            writer.element("saml:Issuer", &[], issuer);
        } else {
            // A signature stands behind the first child.
            writer.element("samlp:Extensions", &[], "");
        }
        match &self.body {
            Body::Request { name_id, session_indexes, .. } => {
                if let Some(name_id) = name_id {
                    name_id.write(&mut writer);
                }
                for index in session_indexes {
                    writer.element("samlp:SessionIndex", &[], index);
                }
            }
            Body::Response { status, .. } => {
                if let Some(status) = status {
                    status.write(&mut writer);
                }
            }
        }
        writer.end();
        Ok(writer.finish()?)
    }

    /// The same with another ID: of the same length, and never signed.
    fn other_id(&self) -> String {
        self.id.chars().rev().collect::<String>().replace('_', "f").replacen('f', "_", 1)
    }
}

/// Bindings 3.4.4.1.
fn redirect(
    content: &Content,
    xml: &[u8],
    relay_state: Option<&str>,
    style: &Style,
    fault: Option<LogoutFault>,
) -> Result<Delivery, AnswerError> {
    let parameter = |name: &str, value: &str| {
        let encoded = percent_encode(value.as_bytes());
        let encoded = match style.redirects {
            RedirectStyle::UpperCase | RedirectStyle::Undeflated => encoded,
            RedirectStyle::LowerCase => lower_case_escapes(&encoded),
        };
        format!("{name}={encoded}")
    };
    let message = |xml: &[u8]| match style.redirects {
        RedirectStyle::Undeflated => base64_encode(xml),
        RedirectStyle::UpperCase | RedirectStyle::LowerCase => base64_encode(&deflate(xml)),
    };
    let kind = content.body.kind().parameter();
    let mut query = parameter(kind, &message(xml));
    if let Some(relay_state) = relay_state {
        query = [query, parameter("RelayState", relay_state)].join("&");
    }
    if fault == Some(LogoutFault::Unsigned) {
        return Ok(Delivery::Redirect { query });
    }
    let key = style.key.signing_key();
    let algorithm = style.algorithm.unwrap_or_else(|| key.default_algorithm());
    let uri = xmldsig::signature_algorithm_uri(algorithm).ok_or(SigningError::Algorithm)?;
    query = [query, parameter("SigAlg", uri)].join("&");
    let signature = key.sign(algorithm, query.as_bytes()).map_err(SigningError::from)?;
    query = [query, parameter("Signature", &base64_encode(&signature))].join("&");

    let text = String::from_utf8_lossy(xml);
    let changed = text.replace(&content.id, &content.other_id());
    match fault {
        Some(LogoutFault::ChangedAfterSigning) => {
            let (_, rest) = query.split_once('&').unwrap_or_default();
            query = [&parameter(kind, &message(changed.as_bytes())), rest].join("&");
        }
        Some(LogoutFault::Wrapped) => {
            query = [query, parameter(kind, &message(changed.as_bytes()))].join("&")
        }
        _ => {}
    }
    Ok(Delivery::Redirect { query })
}

/// Bindings 3.5.4.
fn form(
    content: &Content,
    xml: Vec<u8>,
    relay_state: Option<&str>,
    style: &Style,
    fault: Option<LogoutFault>,
) -> Result<Delivery, AnswerError> {
    let xml = match fault {
        Some(LogoutFault::Unsigned) => xml,
        Some(LogoutFault::ChangedAfterSigning) => {
            let text = String::from_utf8_lossy(&sign_element(xml, &content.id, style)?).into_owned();
            text.replacen(&content.id, &content.other_id(), 1).into_bytes()
        }
        Some(LogoutFault::Wrapped) => {
            let signed =
                String::from_utf8_lossy(&sign_element(xml.clone(), &content.id, style)?).into_owned();
            let forged = String::from_utf8_lossy(&xml).replace(&content.id, &content.other_id());
            let hidden = format!("</saml:Issuer><samlp:Extensions>{signed}</samlp:Extensions>");
            forged.replacen("</saml:Issuer>", &hidden, 1).into_bytes()
        }
        _ => sign_element(xml, &content.id, style)?,
    };
    let mut fields = vec![(content.body.kind().parameter().to_owned(), base64_encode(&xml))];
    fields.extend(relay_state.map(|relay_state| ("RelayState".to_owned(), relay_state.to_owned())));
    Ok(Delivery::Post { fields })
}

/// As ADFS and Entra ID write them.
fn lower_case_escapes(encoded: &str) -> String {
    let mut pieces = encoded.split('%');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (escape, rest) = piece.split_at_checked(2).unwrap_or((piece, ""));
        text.push('%');
        text.push_str(&escape.to_lowercase());
        text.push_str(rest);
    }
    text
}

fn codes(root: Element<'_>) -> Vec<String> {
    let status = child(root, names::SAMLP, "Status");
    let all = std::iter::successors(status, |parent| child(*parent, names::SAMLP, "StatusCode")).skip(1);
    all.filter_map(|code| code.attribute("Value")).map(str::to_owned).collect()
}
