//! HTTP-Artifact: the reference, the request that resolves it, and the answer.

use admittance::crypto::{Legacy, SigningKey, TrustedKeys};
use admittance::encoding::{base64_decode, base64_encode};
use admittance::entropy::{Entropy, EntropyError};
use admittance::limits::{Budget, Limits};
use admittance::saml::artifact::{Artifact, PendingArtifact, parse_response, resolve_request};
use admittance::saml::metadata::idp::{self, IdpConfig, IdpIssuer, ManualIdp, ParseOptions};
use admittance::saml::metadata::sp::{AcsBinding, SpConfig};
use admittance::saml::protocol::AuthnRequestOptions;
use admittance::saml::web_sso::{self, Pending, Policy, Signed};
use admittance::saml::{Error, ValidAssertion};
use admittance::testing::saml_idp::{
    ArtifactFault, AuthnRequest, Fault, SamlIdp, Shape, SignedElements, TestKey, User,
};
use admittance::time::Timestamp;
use admittance::xml::{self, Profile, Read};
use admittance::xmldsig::{self, SignaturePolicy};
use http::{Method, Request, Response, StatusCode};

const SP: &str = "https://sp.example/metadata";
const ACS: &str = "https://sp.example/acs";

struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes {
            *byte = self.0;
            self.0 = self.0.wrapping_add(1);
        }
        Ok(())
    }
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}

fn sp() -> SpConfig {
    let mut sp = SpConfig::new(SP, ACS);
    sp.acs[0].binding = AcsBinding::HttpArtifact;
    sp.with_signing_key(SigningKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).unwrap())
}

/// A sign-in up to the moment when the artifact is back.
struct Trip {
    sp: SpConfig,
    idp: IdpConfig,
    provider: SamlIdp,
    pending: Pending,
    request: AuthnRequest,
    policy: Policy,
}

impl Trip {
    fn new(provider: SamlIdp) -> Self {
        let sp = sp();
        let idp = config_of(&provider);
        let options = AuthnRequestOptions::default();
        let (outgoing, pending) = web_sso::begin(&sp, &idp, &options, &mut Counter(0), now()).unwrap();
        let request = provider.receive(&outgoing, &sp).unwrap();
        Self { sp, idp, provider, pending, request, policy: Policy::new() }
    }

    /// The answer to the resolved artifact, with what was kept for it.
    fn resolved(&mut self) -> (PendingArtifact, Response<Vec<u8>>) {
        let ada = User::new("ada", "Ada Lovelace", "ada@corp.example");
        let artifact = self.provider.answer_by_artifact(&self.request, &ada, now()).unwrap();
        let (request, pending) =
            resolve_request(&self.sp, &self.idp, &artifact, &mut Counter(100), now()).unwrap();
        (pending, self.provider.resolve(&request, &self.sp, now()).unwrap())
    }

    fn judge(
        &self,
        artifact: &PendingArtifact,
        response: &Response<Vec<u8>>,
    ) -> Result<ValidAssertion, Error> {
        parse_response(&self.sp, &self.idp, artifact, Some(&self.pending), response, &self.policy, now())
    }

    fn outcome(&mut self) -> Result<ValidAssertion, Error> {
        let (artifact, response) = self.resolved();
        self.judge(&artifact, &response)
    }

    /// The same with something changed in the answer.
    fn changed(&mut self, change: impl Fn(String) -> String) -> &'static str {
        let (artifact, response) = self.resolved();
        let body = change(String::from_utf8(response.into_body()).unwrap());
        code(self.judge(&artifact, &Response::new(body.into_bytes())))
    }
}

fn config_of(provider: &SamlIdp) -> IdpConfig {
    idp::parse(&provider.metadata().unwrap(), &ParseOptions::default(), now()).unwrap().0
}

/// A provider that signs elements of its answer, and the message around it or not.
fn signing(elements: SignedElements, around: bool) -> SamlIdp {
    let mut provider = SamlIdp::new(1);
    (provider.style.signed, provider.sign_artifact_responses) = (elements, around);
    provider
}

fn code<T>(outcome: Result<T, Error>) -> &'static str {
    outcome.err().expect("a refusal").code()
}

fn artifact_of(index: u16, entity_id: &str) -> String {
    let source = admittance::crypto::digest(admittance::crypto::DigestAlgorithm::Sha1, entity_id.as_bytes());
    base64_encode(&[&[0, 4], &index.to_be_bytes()[..], source.as_ref(), &[7; 20]].concat())
}

#[test]
fn every_shape_signs_in_by_artifact() {
    for shape in Shape::ALL {
        let mut trip = Trip::new(SamlIdp::new(1).shaped(shape));
        let login = trip.outcome().unwrap_or_else(|error| panic!("{shape:?}: {error}"));
        assert_eq!((login.issuer(), login.notes()), (shape.entity_id(), &[][..]), "{shape:?}");
    }
}

#[test]
fn the_signature_around_counts_as_the_responses() {
    use SignedElements::{Assertion, Both, Neither, Response};
    let table = [
        (Neither, true, Signed::Either, None),
        (Neither, true, Signed::Response, None),
        (Neither, true, Signed::Assertion, Some("saml.assertion_not_signed")),
        (Neither, false, Signed::Either, Some("saml.signature_missing")),
        (Assertion, true, Signed::Both, None),
        (Assertion, false, Signed::Either, None),
        (Assertion, false, Signed::Response, Some("saml.response_not_signed")),
        (Response, false, Signed::Response, None),
        (Response, true, Signed::Response, None),
        (Both, false, Signed::Both, None),
        (Both, true, Signed::Both, None),
    ];
    for (elements, around, signed, expected) in table {
        let mut trip = Trip::new(signing(elements, around));
        trip.policy.signed = signed;
        let outcome = trip.outcome();
        assert_eq!(outcome.err().map(|error| error.code()), expected, "{elements:?} {around} {signed:?}");
    }
}

#[test]
fn the_request_that_resolves() {
    let idp = config_of(&SamlIdp::new(1));
    let artifact = artifact_of(0, "https://idp.example/saml/metadata");
    let (request, pending) = resolve_request(&sp(), &idp, &artifact, &mut Counter(0), now()).unwrap();
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&Method::POST, "https://idp.example/saml/artifact")
    );
    let header = |name: &str| request.headers()[name].to_str().unwrap();
    assert_eq!(header("content-type"), "text/xml; charset=utf-8");
    assert_eq!(header("soapaction"), "\"http://www.oasis-open.org/committees/security\"");
    assert_eq!(header("cache-control"), "no-cache, no-store");

    let stored = serde_json::to_string(&pending).unwrap();
    assert_eq!(serde_json::from_str::<PendingArtifact>(&stored).unwrap(), pending);
    assert_eq!(pending.request_id(), "_000102030405060708090a0b0c0d0e0f");
    assert_eq!((pending.issued_at(), pending.idp_entity_id()), (now(), "https://idp.example/saml/metadata"));

    let limits = Limits::default();
    let body = request.into_body();
    let document = xml::parse(body.clone(), Profile::Message, &limits.message, &mut Budget::new()).unwrap();
    let resolve = document.element_by_id(pending.request_id()).unwrap();
    assert!(resolve.is("urn:oasis:names:tc:SAML:2.0:protocol", "ArtifactResolve"));
    let keys = TrustedKeys::from(TestKey::OtherRsa.certificate().clone());
    let policy = SignaturePolicy { legacy: Legacy::Refuse };
    assert!(xmldsig::verify(resolve, &keys, policy, &limits, &mut Budget::new()).unwrap().is_some());
    let text = String::from_utf8(body).unwrap();
    let (start, end) = (text.find("<ds:Signature").unwrap(), text.find("</ds:Signature>").unwrap());
    let unsigned = [&text[..start], &text[end + "</ds:Signature>".len()..]].concat();
    assert_eq!(
        unsigned,
        format!(
            r#"<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><samlp:ArtifactResolve xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_000102030405060708090a0b0c0d0e0f" Version="2.0" IssueInstant="2026-11-22T00:01:00.000Z" Destination="https://idp.example/saml/artifact"><saml:Issuer>https://sp.example/metadata</saml:Issuer><samlp:Artifact>{artifact}</samlp:Artifact></samlp:ArtifactResolve></soap:Body></soap:Envelope>"#
        )
    );
}

#[test]
fn artifacts_are_of_type_4_and_of_the_identity_provider() {
    let good = artifact_of(3, "https://idp.example/saml/metadata");
    let artifact = Artifact::parse(&good).unwrap();
    assert_eq!((artifact.endpoint_index(), artifact.to_string()), (3, good.clone()));
    assert!(
        artifact.is_from("https://idp.example/saml/metadata") && !artifact.is_from("https://idp.example/")
    );
    assert!(!format!("{artifact:?}").contains("0707"), "the handle is not shown");

    let bytes = base64_decode(good.as_bytes()).unwrap();
    let with = |position: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[position] = byte;
        base64_encode(&bytes)
    };
    for (text, why) in [
        (String::new(), "nothing"),
        ("?".repeat(60), "not base64"),
        (base64_encode(&bytes[..43]), "too short"),
        (base64_encode(&[&bytes[..], &[0]].concat()), "too long"),
        ("A".repeat(1 << 20), "far too long"),
        (with(1, 1), "type 1, of SAML 1"),
        (with(0, 4), "type 0x0404"),
    ] {
        assert_eq!(code(Artifact::parse(&text)), "saml.artifact_invalid", "{why}");
    }

    let (sp, idp) = (sp(), config_of(&SamlIdp::new(1)));
    let resolve = |artifact: &str| resolve_request(&sp, &idp, artifact, &mut Counter(0), now());
    assert_eq!(code(resolve(&good)), "saml.artifact_invalid", "there is no service 3");
    let error = resolve(&artifact_of(0, "https://other.example/metadata")).unwrap_err();
    assert_eq!(error.code(), "saml.artifact_source_mismatch");
    assert_eq!(error.expected().unwrap(), hex(artifact.source_id()));
    assert_ne!(error.actual(), error.expected());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_cannot_be_asked_is_a_configuration_error() {
    let artifact = artifact_of(0, "https://idp.example/saml/metadata");
    let idp = config_of(&SamlIdp::new(1));
    let without_key = SpConfig::new(SP, ACS);
    assert_eq!(
        code(resolve_request(&without_key, &idp, &artifact, &mut Counter(0), now())),
        "saml.signing_key_missing"
    );
    let mut inside = SamlIdp::new(1);
    inside.artifact_url = "https://10.0.0.1/artifact".to_owned();
    let inside = config_of(&inside);
    assert_eq!(
        code(resolve_request(&sp(), &inside, &artifact, &mut Counter(0), now())),
        "saml.url_not_allowed"
    );
    let typed = ManualIdp {
        issuer: IdpIssuer::IssuerUnpinned,
        sso_url: "https://idp.example/sso",
        sso_binding: admittance::saml::bindings::Binding::HttpRedirect,
        certificates: &[TestKey::Rsa.certificate_pem().as_bytes()],
    };
    let unpinned = IdpConfig::manual(&typed, Default::default(), &Limits::default(), now()).unwrap().0;
    assert_eq!(
        code(resolve_request(&sp(), &unpinned, &artifact, &mut Counter(0), now())),
        "saml.issuer_unpinned"
    );
    let mut trip = Trip::new(SamlIdp::new(1));
    let (artifact, response) = trip.resolved();
    trip.idp = unpinned;
    assert_eq!(code(trip.judge(&artifact, &response)), "saml.issuer_unpinned");
}

#[test]
fn every_fault_around_the_answer_has_its_code() {
    for fault in ArtifactFault::ALL {
        let mut trip = Trip::new(SamlIdp::new(2));
        trip.provider.artifact_fault = Some(fault);
        assert_eq!(code(trip.outcome()), fault.code(), "{fault:?}");
        trip.provider.artifact_fault = None;
        assert!(trip.outcome().is_ok(), "after {fault:?}");
    }
}

/// The answer inside passes the checks of `finish`, whichever signature counts.
#[test]
fn every_fault_of_the_answer_has_its_code() {
    for (fault, around) in Fault::ALL.into_iter().flat_map(|fault| [(fault, true), (fault, false)]) {
        if around && fault == Fault::CommentInNameId {
            continue; // no signature can be made around a message with a comment
        }
        let mut trip = Trip::new(signing(SignedElements::Both, around));
        trip.provider.fault = Some(fault);
        let (artifact, response) = trip.resolved();
        let outcome = trip.judge(&artifact, &response);
        let expected = match fault {
            // What is around is signed, and covers the rest.
            Fault::Unsigned | Fault::SignatureRemoved if around => None,
            _ => fault.code(),
        };
        assert_eq!(outcome.as_ref().err().map(Error::code), expected, "{fault:?} {around}");
    }
}

#[test]
fn an_artifact_is_good_for_one_answer_to_one_request() {
    let mut trip = Trip::new(SamlIdp::new(3));
    let ada = User::new("ada", "Ada Lovelace", "ada@corp.example");
    let artifact = trip.provider.answer_by_artifact(&trip.request, &ada, now()).unwrap();
    let resolve = |trip: &mut Trip, seed| {
        let (request, pending) =
            resolve_request(&trip.sp, &trip.idp, &artifact, &mut Counter(seed), now()).unwrap();
        (pending, trip.provider.resolve(&request, &trip.sp, now()).unwrap())
    };
    let (first, response) = resolve(&mut trip, 0);
    assert!(trip.judge(&first, &response).is_ok());
    let (second, empty) = resolve(&mut trip, 50);
    assert_eq!(code(trip.judge(&second, &empty)), "saml.assertion_count");
    assert_eq!(code(trip.judge(&second, &response)), "saml.in_response_to_mismatch");

    let stored = serde_json::to_string(&first).unwrap();
    let elsewhere = stored.replace("https://idp.example/saml/metadata", "https://other.example/metadata");
    let elsewhere: PendingArtifact = serde_json::from_str(&elsewhere).unwrap();
    assert_eq!(code(trip.judge(&elsewhere, &response)), "saml.in_response_to_mismatch");
    // The sign-in of another browser.
    let other = parse_response(&trip.sp, &trip.idp, &first, None, &response, &trip.policy, now());
    assert_eq!(code(other), "saml.in_response_to_mismatch");
}

/// A right signature of the wrong identity provider.
#[test]
fn artifact_other_idp() {
    let mut trip = Trip::new(signing(SignedElements::Both, true));
    let (artifact, response) = trip.resolved();
    let mut other = SamlIdp::new(9);
    other.entity_id = "https://other.example/metadata".to_owned();
    other.published_keys = vec![TestKey::P256];
    trip.idp = config_of(&other);
    assert_eq!(code(trip.judge(&artifact, &response)), "saml.in_response_to_mismatch");
    let stored = serde_json::to_string(&artifact).unwrap();
    let artifact = stored.replace("https://idp.example/saml/metadata", "https://other.example/metadata");
    let artifact: PendingArtifact = serde_json::from_str(&artifact).unwrap();
    assert_eq!(code(trip.judge(&artifact, &response)), "saml.issuer_mismatch");

    // The one provider resolves what is the other's.
    let mut trip = Trip::new(signing(SignedElements::Neither, true));
    trip.provider.fault = Some(Fault::WrongResponseIssuer);
    assert_eq!(code(trip.outcome()), "saml.issuer_mismatch");
    trip.provider.fault = Some(Fault::WrongIssuer);
    assert_eq!(code(trip.outcome()), "saml.issuer_mismatch");
}

#[test]
fn http_and_soap() {
    let mut trip = Trip::new(SamlIdp::new(4));
    let (artifact, response) = trip.resolved();
    let with = |status: StatusCode, body: &[u8]| {
        let mut response = Response::new(body.to_vec());
        *response.status_mut() = status;
        trip.judge(&artifact, &response).unwrap_err()
    };
    let body = response.body();
    for status in
        [StatusCode::NO_CONTENT, StatusCode::FOUND, StatusCode::FORBIDDEN, StatusCode::INTERNAL_SERVER_ERROR]
    {
        let error = with(status, body);
        assert_eq!(error.code(), "saml.soap_fault", "{status}");
        assert_eq!(error.actual().unwrap(), format!("HTTP status {}", status.as_u16()));
    }
    let fault = br#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault><faultcode>e:Server</faultcode><faultstring> away </faultstring></e:Fault></e:Body></e:Envelope>"#;
    for status in [StatusCode::OK, StatusCode::INTERNAL_SERVER_ERROR] {
        let error = with(status, fault);
        assert_eq!(error.actual().unwrap(), format!("HTTP status {}, e:Server, away", status.as_u16()));
    }
    assert_eq!(with(StatusCode::OK, b"").code(), "saml.xml_malformed");
    assert_eq!(with(StatusCode::OK, b"<!DOCTYPE html>").code(), "saml.xml_dtd");
    assert_eq!(with(StatusCode::OK, b"<html/>").code(), "saml.unexpected_root");
    assert_eq!(with(StatusCode::OK, &vec![b' '; (1 << 20) + 1]).code(), "saml.message_too_large");
    assert!(trip.judge(&artifact, &response).is_ok());

    let version_1_2 = "http://www.w3.org/2003/05/soap-envelope";
    let version_1_1 = "http://schemas.xmlsoap.org/soap/envelope/";
    assert_eq!(trip.changed(|xml| xml.replace(version_1_1, version_1_2)), "saml.unexpected_root");
    assert_eq!(trip.changed(|xml| xml.replace("<soap:Body>", "<soap:Body><a/>")), "saml.unexpected_root");
    assert_eq!(trip.changed(|xml| xml.replace("</soap:Body>", "<a/></soap:Body>")), "saml.schema_violation");
    assert_eq!(
        trip.changed(|xml| xml.replace("<soap:Body>", "<soap:Body/><soap:Body>")),
        "saml.schema_violation"
    );
    assert_eq!(
        trip.changed(|xml| xml.replace("</soap:Envelope>", "<a/></soap:Envelope>")),
        "saml.schema_violation"
    );
    let header = |entry: &str| format!("<soap:Header>{entry}</soap:Header><soap:Body>");
    assert_eq!(
        trip.changed(|xml| xml.replace("<soap:Body>", &header("<a soap:mustUnderstand=\"1\"/>"))),
        "saml.schema_violation"
    );
    let (artifact, response) = trip.resolved();
    let body = String::from_utf8(response.into_body()).unwrap();
    let with_header = body.replace("<soap:Body>", &header("<a soap:mustUnderstand=\"0\"/><b/>"));
    assert!(trip.judge(&artifact, &Response::new(with_header.into_bytes())).is_ok());
}

/// Signatures and assertions in places where they would not be looked for, and changes after signing.
#[test]
fn wrapping() {
    let mut trip = Trip::new(signing(SignedElements::Both, true));
    let assertion = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"/>";
    let signature = "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>";
    for (place, with) in [
        ("<soap:Body>", "<soap:Header>{}</soap:Header><soap:Body>"),
        ("<samlp:Status>", "<samlp:Extensions>{}</samlp:Extensions><samlp:Status>"),
    ] {
        for (element, expected) in
            [(assertion, "saml.assertion_misplaced"), (signature, "saml.signature_misplaced")]
        {
            let changed = |xml: String| xml.replacen(place, &with.replace("{}", element), 1);
            assert_eq!(trip.changed(changed), expected, "{element} at {place}");
        }
    }
    let behind = |xml: String| {
        xml.replace("</samlp:ArtifactResponse>", &format!("{assertion}</samlp:ArtifactResponse>"))
    };
    assert_eq!(trip.changed(behind), "saml.schema_violation");

    // A message that is forged around the signed one.
    let wrapped = |xml: String| {
        let start = xml.find("<samlp:ArtifactResponse").unwrap();
        let end = xml.find("</soap:Body>").unwrap();
        let signed = &xml[start..end];
        let forged = signed.replace(" ID=\"", " ID=\"f").replacen(
            "<samlp:Status>",
            &format!("<samlp:Extensions>{signed}</samlp:Extensions><samlp:Status>"),
            1,
        );
        let (from, to) = (forged.find("<ds:Signature").unwrap(), forged.find("</ds:Signature>").unwrap());
        let forged = [&forged[..from], &forged[to + "</ds:Signature>".len()..]].concat();
        [&xml[..start], &forged, &xml[end..]].concat()
    };
    assert_eq!(trip.changed(wrapped), "saml.signature_misplaced");

    // A change anywhere in what is around breaks its signature.
    assert_eq!(
        trip.changed(|xml| xml.replacen("Version=\"2.0\"", "Version='2.0' Consent=\"x\"", 1)),
        "saml.digest_mismatch"
    );
    let mut trip = Trip::new(signing(SignedElements::Neither, true));
    assert_eq!(
        trip.changed(|xml| xml.replace("ada@corp.example", "eve@corp.example")),
        "saml.digest_mismatch"
    );
    // Unsigned around, and signed inside: what is around may change, what is inside may not.
    let mut trip = Trip::new(signing(SignedElements::Assertion, false));
    assert_eq!(
        trip.changed(|xml| xml.replace("ada@corp.example", "eve@corp.example")),
        "saml.digest_mismatch"
    );
}

#[test]
fn a_failure_says_whether_it_is_signed() {
    for around in [true, false] {
        let mut trip = Trip::new(signing(SignedElements::Both, around));
        trip.provider.artifact_fault = Some(ArtifactFault::StatusNotSuccess);
        match trip.outcome() {
            Err(Error::IdpStatus(status)) => assert_eq!(status.trusted, around),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_testing_identity_provider_reads_strictly() {
    let mut trip = Trip::new(SamlIdp::new(5));
    let artifact = artifact_of(0, "https://idp.example/saml/metadata");
    let (request, _) = resolve_request(&trip.sp, &trip.idp, &artifact, &mut Counter(0), now()).unwrap();
    let body = String::from_utf8(request.body().clone()).unwrap();
    let with =
        |body: String| Request::post("https://idp.example/saml/artifact").body(body.into_bytes()).unwrap();
    let changed = with(body.replace("https://sp.example/metadata", "https://sp.example/other"));
    assert_eq!(trip.provider.resolve(&changed, &trip.sp, now()).unwrap_err().code(), "saml.digest_mismatch");
    let elsewhere = Request::post("https://idp.example/other").body(body.clone().into_bytes()).unwrap();
    let error = trip.provider.resolve(&elsewhere, &trip.sp, now()).unwrap_err();
    assert_eq!(error.code(), "testing.request_destination");
    assert!(trip.provider.resolve(&with(body), &trip.sp, now()).is_ok());
}
