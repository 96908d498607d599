//! Single logout from both sides, against the testing identity provider and against messages made by hand.

mod faults;
mod redirect;
mod round_trip;
mod wrapping;

use admittance::crypto::SigningKey;
use admittance::encoding::{base64_encode, deflate, percent_encode};
use admittance::entropy::{Entropy, EntropyError};
use admittance::saml::bindings::{Binding, Endpoint, Incoming};
use admittance::saml::logout::{
    self, PendingLogout, SessionRef, ValidLogoutRequest, ValidLogoutResponse, validate_request,
    validate_response,
};
use admittance::saml::metadata::idp::{self, IdpConfig};
use admittance::saml::metadata::sp::SpConfig;
use admittance::saml::web_sso::Policy;
use admittance::saml::{Error, NameId};
use admittance::testing::saml_idp::{SamlIdp, TestKey};
use admittance::time::Timestamp;
use admittance::xmldsig::{self, Placement, Signing};

const SP: &str = "https://sp.example/metadata";
const SLO: &str = "https://sp.example/slo";
const SLO_RESPONSES: &str = "https://sp.example/slo/done";
const IDP: &str = "https://idp.example/saml/metadata";
const ID: &str = "_000102030405060708090a0b0c0d0e0f";

const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";

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

/// A service provider that signs with one of the published keys.
fn sp() -> SpConfig {
    let mut sp = SpConfig::new(SP, "https://sp.example/acs");
    sp.slo = [Binding::HttpRedirect, Binding::HttpPost]
        .map(|binding| Endpoint {
            binding,
            location: SLO.to_owned(),
            response_location: Some(SLO_RESPONSES.to_owned()),
        })
        .to_vec();
    sp.with_signing_key(SigningKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).unwrap())
}

fn provider() -> SamlIdp {
    SamlIdp::new(1)
}

fn config_of(provider: &SamlIdp) -> IdpConfig {
    idp::parse(&provider.metadata().unwrap(), &idp::ParseOptions::default(), now()).unwrap().0
}

fn name_id() -> NameId {
    NameId {
        value: "7f3a <&> ü".to_owned(),
        format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned()),
        name_qualifier: Some(IDP.to_owned()),
        sp_name_qualifier: Some(SP.to_owned()),
        sp_provided_id: Some("ours".to_owned()),
    }
}

fn session() -> SessionRef {
    let mut session = SessionRef::new(IDP, name_id());
    session.session_indexes = vec!["_s1".to_owned(), "_s2".to_owned()];
    session
}

/// A PendingLogout as a host would have stored it.
fn pending(request_id: &str) -> PendingLogout {
    let stored = serde_json::json!({
        "version": 1, "request_id": request_id, "issued_at": "2026-11-22T00:00:30.000Z", "idp_entity_id": IDP,
    });
    serde_json::from_value(stored).unwrap()
}

fn judge_request(incoming: Incoming<'_>) -> Result<ValidLogoutRequest, Error> {
    judge_request_by(incoming, &Policy::new())
}

fn judge_request_by(incoming: Incoming<'_>, policy: &Policy) -> Result<ValidLogoutRequest, Error> {
    validate_request(&sp(), &config_of(&provider()), incoming, policy, now())
}

fn judge_response(incoming: Incoming<'_>) -> Result<ValidLogoutResponse, Error> {
    let (pending, policy) = (pending(ID), Policy::new());
    validate_response(&sp(), &config_of(&provider()), Some(&pending), incoming, &policy, now())
}

fn code<T>(outcome: Result<T, Error>) -> &'static str {
    outcome.err().expect("a refusal").code()
}

/// A LogoutRequest as the testing identity provider writes it, with other attributes and another content.
fn request_xml(attributes: &str, content: &str) -> String {
    format!(
        r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" IssueInstant="2026-11-22T00:01:00Z" Destination="{SLO}"{attributes}><saml:Issuer>{IDP}</saml:Issuer>{content}</samlp:LogoutRequest>"#
    )
}

fn response_xml(attributes: &str, status: &str) -> String {
    format!(
        r#"<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" IssueInstant="2026-11-22T00:01:00Z" Destination="{SLO_RESPONSES}"{attributes}><saml:Issuer>{IDP}</saml:Issuer>{status}</samlp:LogoutResponse>"#
    )
}

const NAME_ID: &str = "<saml:NameID>ada</saml:NameID>";

/// A signed query around bytes that need be neither deflated nor XML.
fn signed_query(parameter: &str, payload: &[u8], relay_state: Option<&str>) -> String {
    signed(&unsigned_query(parameter, payload, relay_state))
}

fn unsigned_query(parameter: &str, payload: &[u8], relay_state: Option<&str>) -> String {
    let mut query = format!("{parameter}={}", percent_encode(base64_encode(payload).as_bytes()));
    if let Some(relay_state) = relay_state {
        query.push_str(&format!("&RelayState={}", percent_encode(relay_state.as_bytes())));
    }
    query
}

/// SigAlg and Signature behind what is signed.
fn signed(query: &str) -> String {
    let key = TestKey::Rsa.signing_key();
    let query = format!("{query}&SigAlg={}", percent_encode(RSA_SHA256.as_bytes()));
    let signature = key.sign(key.default_algorithm(), query.as_bytes()).unwrap();
    format!("{query}&Signature={}", percent_encode(base64_encode(&signature).as_bytes()))
}

fn request_query(xml: &str) -> String {
    signed_query("SAMLRequest", &deflate(xml.as_bytes()), None)
}

/// A message signed by the identity provider, in a form.
fn form(parameter: &str, xml: &str) -> Vec<(String, String)> {
    unsigned_form(parameter, &enveloped(xml))
}

fn unsigned_form(parameter: &str, xml: &str) -> Vec<(String, String)> {
    vec![(parameter.to_owned(), base64_encode(xml.as_bytes()))]
}

fn enveloped(xml: &str) -> String {
    let key = TestKey::Rsa.signing_key();
    let signing = Signing {
        id: "_r1",
        placement: Placement::AfterFirstChild,
        key,
        algorithm: key.default_algorithm(),
        certificate: None,
        prefix_list: &[],
    };
    String::from_utf8(xmldsig::sign(xml.as_bytes().to_vec(), &signing).unwrap()).unwrap()
}

#[test]
fn a_message_is_looked_at_before_anything_is_verified() {
    let fields = unsigned_form("SAMLResponse", &response_xml(" InResponseTo=\"_q\"", ""));
    let peek = logout::peek(Incoming::Post { fields: &fields }, &Policy::new()).unwrap();
    let peek = peek.unverified();
    assert_eq!(peek.kind, admittance::saml::bindings::MessageKind::Response);
    assert_eq!((peek.issuer.as_deref(), peek.in_response_to.as_deref()), (Some(IDP), Some("_q")));
}
