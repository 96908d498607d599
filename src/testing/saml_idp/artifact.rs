//! Answers by artifact: a reference for the browser, and the message for whoever resolves it.

use super::{
    AnswerError, AuthnRequest, RequestError, SamlIdp, TestKey, User,
    idp::sign_element,
    request::{child, verify_enveloped},
};
use crate::{
    crypto::{DigestAlgorithm, digest},
    encoding::base64_encode,
    limits::{Budget, Limits},
    saml::{
        metadata::sp::SpConfig,
        names::{self, status},
    },
    time::Timestamp,
    xml::{self, Profile, Read, Writer},
};

/// One thing that is wrong with the message around an answer by artifact. The answer in it is as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArtifactFault {
    /// HTTP status 500 with a SOAP fault: `saml.soap_fault`.
    SoapFault,
    /// HTTP status 503 with a web page: `saml.soap_fault`.
    WebPage,
    /// Another element than ArtifactResponse in the envelope: `saml.unexpected_root`.
    OtherMessage,
    /// Another version of SAML: `saml.version_unsupported`.
    Version,
    /// Answers another ArtifactResolve: `saml.in_response_to_mismatch`.
    WrongInResponseTo,
    /// The Issuer is somebody else: `saml.issuer_mismatch`.
    WrongIssuer,
    /// No Issuer: `saml.issuer_mismatch`.
    NoIssuer,
    /// The status is not Success: `saml.idp_status`.
    StatusNotSuccess,
    /// No message, as for an artifact that was used before: `saml.assertion_count`.
    NoMessage,
    /// The answer twice, the second time with other IDs: `saml.assertion_count`.
    TwoMessages,
    /// Signed with a key that the metadata does not have: `saml.signature_invalid`.
    WrongKey,
}

impl ArtifactFault {
    /// Every fault.
    pub const ALL: [Self; 11] = [
        Self::SoapFault,
        Self::WebPage,
        Self::OtherMessage,
        Self::Version,
        Self::WrongInResponseTo,
        Self::WrongIssuer,
        Self::NoIssuer,
        Self::StatusNotSuccess,
        Self::NoMessage,
        Self::TwoMessages,
        Self::WrongKey,
    ];

    /// The code of the refusal.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SoapFault | Self::WebPage => "saml.soap_fault",
            Self::OtherMessage => "saml.unexpected_root",
            Self::Version => "saml.version_unsupported",
            Self::WrongInResponseTo => "saml.in_response_to_mismatch",
            Self::WrongIssuer | Self::NoIssuer => "saml.issuer_mismatch",
            Self::StatusNotSuccess => "saml.idp_status",
            Self::NoMessage | Self::TwoMessages => "saml.assertion_count",
            Self::WrongKey => "saml.signature_invalid",
        }
    }
}

impl SamlIdp {
    /// Answers a request by artifact: the value of `SAMLart`, which [`resolve`](Self::resolve) takes once.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn answer_by_artifact(
        &mut self,
        request: &AuthnRequest,
        user: &User,
        now: Timestamp,
    ) -> Result<String, AnswerError> {
        let unsigned = self.unsigned(request, user, now)?;
        let response = self.sign(unsigned)?;
        let source_id = digest(DigestAlgorithm::Sha1, self.entity_id.as_bytes());
        let handle = digest(DigestAlgorithm::Sha1, self.next_id("artifact").as_bytes());
        let artifact = base64_encode(&[&[0, 4, 0, 0], source_id.as_ref(), handle.as_ref()].concat());
        self.artifacts.insert(artifact.clone(), response);
        Ok(artifact)
    }

    /// Answers an ArtifactResolve, with an empty answer where the artifact is unknown.
    ///
    /// # Errors
    /// [`RequestError`] for a request that is not this service provider's own; [`ResolveError::Answer`] as for
    /// [`answer`](Self::answer).
    pub fn resolve(
        &mut self,
        request: &http::Request<Vec<u8>>,
        sp: &SpConfig,
        now: Timestamp,
    ) -> Result<http::Response<Vec<u8>>, ResolveError> {
        let (id, artifact) = self.read_resolve(request, sp)?;
        let response = self.artifacts.remove(&artifact);
        let (http_status, body) = match self.artifact_fault {
            Some(ArtifactFault::SoapFault) => (500, soap_fault()?),
            Some(ArtifactFault::WebPage) => (503, b"<!DOCTYPE html><html>Try again later".to_vec()),
            Some(_) | None => (200, self.artifact_response(&id, response, now)?),
        };
        let mut answer = http::Response::new(body);
        *answer.status_mut() = http::StatusCode::from_u16(http_status).unwrap_or_default();
        Ok(answer)
    }

    /// The ID of the request, and the artifact in it.
    fn read_resolve(
        &self,
        request: &http::Request<Vec<u8>>,
        sp: &SpConfig,
    ) -> Result<(String, String), RequestError> {
        if request.method() != http::Method::POST || request.uri() != self.artifact_url.as_str() {
            return Err(RequestError::Destination { actual: request.uri().to_string() });
        }
        let limits = Limits::default().message;
        let document = xml::parse(request.body().clone(), Profile::Message, &limits, &mut Budget::new())?;
        let resolve = child(document.root(), SOAP, "Body")
            .and_then(|body| child(body, names::SAMLP, "ArtifactResolve"))
            .ok_or(RequestError::Shape { missing: "ArtifactResolve in a SOAP envelope" })?;
        if !verify_enveloped(resolve, sp)? {
            return Err(RequestError::SignatureMissing);
        }
        let text = |namespace, name, missing| {
            let element = child(resolve, namespace, name).ok_or(RequestError::Shape { missing })?;
            Ok::<_, RequestError>(element.text().into_owned())
        };
        let issuer = text(names::SAML, "Issuer", "Issuer")?;
        if issuer != sp.entity_id {
            return Err(RequestError::Issuer { actual: issuer });
        }
        let id = resolve.attribute("ID").ok_or(RequestError::Shape { missing: "ID" })?;
        Ok((id.to_owned(), text(names::SAMLP, "Artifact", "Artifact")?))
    }

    fn artifact_response(
        &mut self,
        in_response_to: &str,
        response: Option<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Vec<u8>, AnswerError> {
        let fault = self.artifact_fault;
        let is = |other| fault == Some(other);
        let id = self.next_id("artifact response");
        let mut writer = Writer::new();
        writer.start("soap:Envelope").attribute("xmlns:soap", SOAP).start("soap:Body");
        writer.start(match is(ArtifactFault::OtherMessage) {
            true => "samlp:LogoutResponse",
            false => "samlp:ArtifactResponse",
        });
        writer.attribute("xmlns:samlp", names::SAMLP).attribute("xmlns:saml", names::SAML);
        writer.attribute("ID", &id);
        writer.attribute("Version", if is(ArtifactFault::Version) { "1.1" } else { names::VERSION });
        writer.attribute("IssueInstant", &self.style.times.write(now));
        let wrong_request = is(ArtifactFault::WrongInResponseTo);
        writer.attribute("InResponseTo", if wrong_request { "_another" } else { in_response_to });
        match fault {
            Some(ArtifactFault::NoIssuer) => writer.element("samlp:Extensions", &[], ""),
            Some(ArtifactFault::WrongIssuer) => {
                writer.element("saml:Issuer", &[], "https://other.example/metadata")
            }
            _ => writer.element("saml:Issuer", &[], &self.entity_id),
        };
        let failed = is(ArtifactFault::StatusNotSuccess);
        let code = if failed { status::REQUESTER } else { status::SUCCESS };
        writer.start("samlp:Status").element("samlp:StatusCode", &[("Value", code)], "").end();
        writer.end().end().end();
        let envelope = String::from_utf8_lossy(&writer.finish()?).into_owned();

        // The answer is signed: not a byte of it may change.
        let mut messages = match fault {
            Some(ArtifactFault::NoMessage | ArtifactFault::StatusNotSuccess) => String::new(),
            _ => String::from_utf8_lossy(&response.unwrap_or_default()).into_owned(),
        };
        if is(ArtifactFault::TwoMessages) {
            let other_ids = messages.replace(" ID=\"", " ID=\"again");
            messages.push_str(&other_ids);
        }
        let xml = envelope.replacen("</samlp:Status>", &format!("</samlp:Status>{messages}"), 1).into_bytes();
        if !self.sign_artifact_responses {
            return Ok(xml);
        }
        let mut style = self.style.clone();
        if is(ArtifactFault::WrongKey) {
            let other = if style.key == TestKey::OtherRsa { TestKey::Rsa } else { TestKey::OtherRsa };
            (style.key, style.algorithm) = (other, None);
        }
        Ok(sign_element(xml, &id, &style)?)
    }
}

/// Why an artifact is not resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// The request is not one to be answered.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The answer cannot be made.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

impl ResolveError {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Request(error) => error.code(),
            Self::Answer(error) => error.code(),
        }
    }
}

fn soap_fault() -> Result<Vec<u8>, AnswerError> {
    let mut writer = Writer::new();
    writer.start("soap:Envelope").attribute("xmlns:soap", SOAP).start("soap:Body").start("soap:Fault");
    writer.element("faultcode", &[], "soap:Server").element("faultstring", &[], "the database is away");
    writer.end().end().end();
    Ok(writer.finish()?)
}

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
