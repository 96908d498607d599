//! HTTP-Artifact (Bindings 3.6, Profiles 5): the browser brings a reference, and the Response is fetched with it from
//! the identity provider, over SOAP.
//!
//! 1. The browser comes back with `SAMLart`, in a query or a form, and with the RelayState;
//! 2. [`resolve_request`] makes the HTTP request for the identity provider, which the host sends, following no
//!    redirect, and the [`PendingArtifact`] for its answer;
//! 3. [`parse_response`] judges the answer, and the Response in it as [`finish`](super::web_sso::finish) does.
//!
//! A service provider with several identity providers behind one address finds the one that is meant with
//! [`Artifact::is_from`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Error, Level, ValidAssertion,
    assertion::is,
    bindings::Signer,
    message::{
        Children, Judge, Occurs, Placed, expanded_name, in_order, in_response_to, refuse_misplaced, status,
    },
    metadata::{idp::IdpConfig, sp::SpConfig},
    names,
    protocol::message_id,
    web_sso::{Pending, Policy, validate_response},
};
use crate::{
    crypto::{DigestAlgorithm, digest},
    encoding::{base64_decode, base64_encode},
    endpoint,
    entropy::Entropy,
    limits::Budget,
    time::Timestamp,
    version::Version,
    xml::{self, Document, Element, Profile, Read, Writer},
};

/// A reference to a message, of type 4 (Bindings 3.6.4.2). Anybody can make one up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Artifact {
    endpoint_index: u16,
    source_id: [u8; 20],
    message_handle: [u8; 20],
}

/// What the host keeps until the answer to [`resolve_request`] comes.
///
/// A stored value has a `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingArtifact {
    version: Version<1>,
    request_id: String,
    issued_at: Timestamp,
    idp_entity_id: String,
}

impl Artifact {
    /// Reads the value of `SAMLart`, decoded once (2.4 #8).
    ///
    /// # Errors
    /// [`Error::ArtifactInvalid`] unless it is base64 of 44 bytes that begin with type 4.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid = |reason| Error::ArtifactInvalid { reason };
        if text.len() > LONGEST_TEXT {
            return Err(invalid("it has not 44 bytes"));
        }
        let bytes = base64_decode(text.as_bytes()).map_err(|_| invalid("it is not base64"))?;
        let bytes: [u8; 44] = bytes.try_into().map_err(|_| invalid("it has not 44 bytes"))?;
        let [0, 4, index_high, index_low, rest @ ..] = bytes else {
            return Err(invalid("it is not of type 4"));
        };
        let ([source_id, message_handle], []) = rest.as_chunks() else {
            return Err(invalid("it has not 44 bytes"));
        };
        let endpoint_index = u16::from_be_bytes([index_high, index_low]);
        Ok(Self { endpoint_index, source_id: *source_id, message_handle: *message_handle })
    }

    /// Which of the identity provider's artifact resolution services has the message.
    #[must_use]
    pub fn endpoint_index(&self) -> u16 {
        self.endpoint_index
    }

    /// Who says to have made it: SHA-1 of an entity ID.
    #[must_use]
    pub fn source_id(&self) -> &[u8; 20] {
        &self.source_id
    }

    /// Whether it says to be of this entity.
    #[must_use]
    pub fn is_from(&self, entity_id: &str) -> bool {
        digest(DigestAlgorithm::Sha1, entity_id.as_bytes()).as_ref() == self.source_id
    }
}

impl fmt::Debug for Artifact {
    /// The message handle is as good as the message, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Artifact(service {}, source {})", self.endpoint_index, hexadecimal(&self.source_id))
    }
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let index = self.endpoint_index.to_be_bytes();
        f.write_str(&base64_encode(&[&[0, 4], &index[..], &self.source_id, &self.message_handle].concat()))
    }
}

impl PendingArtifact {
    /// The `ID` of the ArtifactResolve, by which the answer names it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When the request was made.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The identity provider that is asked.
    #[must_use]
    pub fn idp_entity_id(&self) -> &str {
        &self.idp_entity_id
    }
}

/// Makes the request that fetches the message behind an artifact (Bindings 3.2, 3.6.6; Profiles 5.4): a signed
/// ArtifactResolve in SOAP 1.1, by POST to the service that the artifact names. Its ID has 128 random bits.
///
/// `artifact` is the value of `SAMLart`, decoded once. It is good for one request.
///
/// The host sends the request with verified TLS, bounds time and size of the answer (1 MiB is the most that is read),
/// and follows no redirect.
///
/// # Errors
/// - [`Error::ArtifactInvalid`] for one that is none, or that names no service of the identity provider;
/// - [`Error::ArtifactSourceMismatch`] for one that is of somebody else;
/// - [`Error::IssuerUnpinned`];
/// - [`Error::ConfigurationInvalid`] as for [`SpConfig::check`], and [`Error::UrlNotAllowed`] for the service's address
///   under [`SpConfig::urls`], which must also be a public one;
/// - [`Error::SigningKeyMissing`] without a key of ours;
/// - [`Error::Output`], [`Error::Signing`] and [`Error::Entropy`] when those fail.
pub fn resolve_request(
    sp: &SpConfig,
    idp: &IdpConfig,
    artifact: &str,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<(http::Request<Vec<u8>>, PendingArtifact), Error> {
    sp.check()?;
    let idp_entity_id = idp.entity_id().ok_or(Error::IssuerUnpinned)?;
    // Bindings 3.6.4.2: type, SourceID, EndpointIndex.
    let artifact = Artifact::parse(artifact)?;
    if !artifact.is_from(idp_entity_id) {
        return Err(Error::ArtifactSourceMismatch {
            expected: hexadecimal(digest(DigestAlgorithm::Sha1, idp_entity_id.as_bytes()).as_ref()),
            actual: hexadecimal(&artifact.source_id),
        });
    }
    let service = idp.artifact_resolution().iter().find(|service| service.index == artifact.endpoint_index);
    let service =
        service.ok_or(Error::ArtifactInvalid { reason: "it names no service of the identity provider" })?;
    let url = endpoint::check_fetch(&service.location, sp.urls).map_err(|error| Error::UrlNotAllowed {
        field: "ArtifactResolutionService Location".to_owned(),
        error,
    })?;
    let signer = Signer::of(sp, "an ArtifactResolve")?;

    let id = message_id(entropy)?;
    let mut writer = Writer::new();
    writer.start("soap:Envelope").attribute("xmlns:soap", SOAP).start("soap:Body");
    writer.start("samlp:ArtifactResolve");
    writer.attribute("xmlns:samlp", names::SAMLP).attribute("xmlns:saml", names::SAML);
    writer.attribute("ID", &id).attribute("Version", names::VERSION);
    writer.attribute("IssueInstant", &now.to_string()).attribute("Destination", &service.location);
    writer.element("saml:Issuer", &[], &sp.entity_id);
    writer.element("samlp:Artifact", &[], &artifact.to_string());
    writer.end().end().end();
    let body = signer.sign(writer.finish()?, &id)?;

    // Bindings 3.2.3: the action, and no caches.
    let request = http::Request::post(url.as_str())
        .header("Content-Type", "text/xml; charset=utf-8")
        .header("Accept", "text/xml")
        .header("SOAPAction", "\"http://www.oasis-open.org/committees/security\"")
        .header("Cache-Control", "no-cache, no-store")
        .header("Pragma", "no-cache")
        .body(body)
        .map_err(|_| Error::ConfigurationInvalid {
            field: "ArtifactResolutionService Location",
            value: service.location.clone(),
            reason: "no HTTP request can be made to it",
        })?;
    let pending = PendingArtifact {
        version: Version,
        request_id: id,
        issued_at: now,
        idp_entity_id: idp_entity_id.to_owned(),
    };
    Ok((request, pending))
}

/// Judges the answer of the artifact resolution service and the Response in it (2.4 #9–#11). `artifact` is what
/// [`resolve_request`] returned; `pending` the sign-in of this browser, as for
/// [`finish`](super::web_sso::finish). In this order:
///
/// 1. HTTP status, size, the strict XML profile, and a SOAP 1.1 envelope around one ArtifactResponse;
/// 2. it answers our ArtifactResolve, and its Issuer is the identity provider;
/// 3. its signature, if it has one: what it covers is signed;
/// 4. its status; exactly one message in it, a Response;
/// 5. the Response, by every check of [`finish`](super::web_sso::finish). The signature of the ArtifactResponse counts
///    as the Response's own. TLS does not: the assertion must be covered by a signature.
///
/// The host stores [`ValidAssertion::replay`] and deletes both pending values, as after `finish`.
///
/// # Errors
/// The first check that failed.
pub fn parse_response(
    sp: &SpConfig,
    idp: &IdpConfig,
    artifact: &PendingArtifact,
    pending: Option<&Pending>,
    response: &http::Response<Vec<u8>>,
    policy: &Policy,
    now: Timestamp,
) -> Result<ValidAssertion, Error> {
    let idp_entity_id = idp.entity_id().ok_or(Error::IssuerUnpinned)?;
    let mut budget = Budget::new();
    let mut judge = Judge::new(sp, idp, pending, policy, now);

    // Bindings 3.2.2.1, 3.2.3.3: HTTP and SOAP.
    let document = parse_body(response, policy, &mut budget)?;
    let message = artifact_response(&document, response.status())?;
    // Core 3.5.2: version, ID, IssueInstant, children.
    judge.header(Level::ArtifactResponse, message)?;
    in_order(message, ARTIFACT_RESPONSE_CHILDREN)?;
    let mut responses = message.children().filter(|child| child.is(names::SAMLP, "Response"));
    let (embedded, more) = (responses.next(), responses.next());
    // Core 5.4.2: outside of the Response, a signature stands directly in the ArtifactResponse, an assertion nowhere.
    let is_embedded =
        |element: Element<'_>| element.parent() == Some(message) && element.is(names::SAMLP, "Response");
    refuse_misplaced(document.root(), |placed, element| {
        let mut around = std::iter::successors(element.parent(), |around| around.parent());
        (placed == Placed::Signature && element.parent() == Some(message)) || around.any(is_embedded)
    })?;
    // Core 3.2.2: InResponseTo.
    let outstanding = (artifact.idp_entity_id == idp_entity_id).then_some(artifact.request_id.as_str());
    let answered = in_response_to(message);
    if outstanding.is_none() || answered != outstanding {
        return Err(Error::InResponseToMismatch {
            level: Level::ArtifactResponse,
            expected: outstanding.map(str::to_owned),
            actual: answered.unwrap_or_default().chars().take(1024).collect(),
        });
    }
    // Profiles 5.4.2: Issuer.
    judge.issuer(Level::ArtifactResponse, message.children().find(|child| is(*child, "Issuer")))?;
    // Core 5: its signature, if any.
    let signed = judge.signature(Level::ArtifactResponse, message, &mut budget)?;
    // Core 3.2.2.2: Status.
    let status = status(message, signed.is_some())?;
    if status.code != names::status::SUCCESS {
        return Err(Error::IdpStatus(status));
    }
    // Core 3.5.2: one message.
    match (embedded, more) {
        (Some(response), None) => validate_response(response, signed.as_ref(), judge, &mut budget),
        (None, _) | (_, Some(_)) => Err(assertion_count(message)),
    }
}

fn parse_body(
    response: &http::Response<Vec<u8>>,
    policy: &Policy,
    budget: &mut Budget,
) -> Result<Document, Error> {
    let (limit, actual) = (policy.limits.message.bytes, response.body().len());
    if actual > limit {
        return Err(Error::MessageTooLarge { limit, actual });
    }
    let document = xml::parse(response.body().clone(), Profile::Message, &policy.limits.message, budget);
    match document {
        Ok(document) => Ok(document),
        // A server that fails seldom explains itself in XML.
        Err(_) if response.status() != http::StatusCode::OK => Err(fault(response.status(), None)),
        Err(error) => Err(error.into()),
    }
}

/// SOAP 1.1 §4: Envelope, Header?, Body, and one message in it.
fn artifact_response(document: &Document, http_status: http::StatusCode) -> Result<Element<'_>, Error> {
    let envelope = document.root();
    let body = envelope.children().find(|child| child.is(SOAP, "Body"));
    let content = body.and_then(|body| body.children().next());
    let failed = content.filter(|content| content.is(SOAP, "Fault"));
    if failed.is_some() || http_status != http::StatusCode::OK {
        return Err(fault(http_status, failed));
    }
    if !envelope.is(SOAP, "Envelope") {
        return Err(Error::UnexpectedRoot { expected: "SOAP Envelope", actual: expanded_name(envelope) });
    }
    in_order(envelope, ENVELOPE_CHILDREN)?;
    // SOAP 1.1 §4.2.3: an entry that must be understood and is not.
    let header = envelope.children().filter(|child| child.is(SOAP, "Header"));
    let must_be_understood =
        |entry: &Element<'_>| entry.attribute_ns(SOAP, "mustUnderstand").is_some_and(|must| must != "0");
    if let Some(entry) = header.flat_map(|header| header.children()).find(must_be_understood) {
        return Err(Error::SchemaViolation { parent: "Header".to_owned(), child: expanded_name(entry) });
    }
    let Some(content) = content.filter(|content| content.is(names::SAMLP, "ArtifactResponse")) else {
        let actual = content.map(expanded_name).unwrap_or_default();
        return Err(Error::UnexpectedRoot { expected: "ArtifactResponse", actual });
    };
    match body.and_then(|body| body.children().nth(1)) {
        None => Ok(content),
        Some(second) => {
            Err(Error::SchemaViolation { parent: "Body".to_owned(), child: expanded_name(second) })
        }
    }
}

fn fault(http_status: http::StatusCode, fault: Option<Element<'_>>) -> Error {
    let text = |name: &str| {
        let mut children = fault?.children();
        let child = children.find(|child| child.namespace().is_none() && child.local_name() == name)?;
        Some(child.text().trim().chars().take(FAULT_TEXT).collect::<String>())
    };
    Error::SoapFault {
        http_status: http_status.as_u16(),
        code: text("faultcode"),
        message: text("faultstring"),
    }
}

/// What there is instead of one Response.
fn assertion_count(message: Element<'_>) -> Error {
    let responses = message.children().filter(|child| child.is(names::SAMLP, "Response"));
    let (mut plain, mut encrypted) = (0, 0);
    for child in responses.flat_map(|response| response.children()) {
        plain += usize::from(is(child, "Assertion"));
        encrypted += usize::from(is(child, "EncryptedAssertion"));
    }
    Error::AssertionCount { plain, encrypted }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

const ENVELOPE_CHILDREN: Children = &[(SOAP, &["Header"], Occurs::Optional), (SOAP, &["Body"], Occurs::Once)];

/// Core 3.2.2, 3.5.2. The message may be of any kind; a Response is what is asked for.
const ARTIFACT_RESPONSE_CHILDREN: Children = &[
    (names::SAML, &["Issuer"], Occurs::Optional),
    (names::SAMLP, &["Extensions"], Occurs::Optional),
    (names::SAMLP, &["Status"], Occurs::Once),
    (names::SAMLP, &["Response"], Occurs::Any),
];

/// 44 bytes have 60 characters; the rest is room for line breaks.
const LONGEST_TEXT: usize = 128;

/// Characters of a fault's code and text that are kept.
const FAULT_TEXT: usize = 1024;
