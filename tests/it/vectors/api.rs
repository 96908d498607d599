//! Rows and rules that are about calls and not about one message.

use std::collections::HashSet;
use std::time::Duration;

use admittance::{
    encoding::base64_encode,
    entropy::{Entropy, EntropyError},
    profile::{self, Mapping},
    saml::{
        Error, Hint, Level, Replay, Solicited, ValidAssertion,
        metadata::{
            idp::{self, IdpConfig, IdpIssuer, ManualIdp, ParseOptions},
            sp::{AcsBinding, AcsEndpoint, SpConfig},
        },
        names::authn_context,
        protocol::{AuthnContextComparison, AuthnRequestOptions, RequestedAuthnContext},
        web_sso::{self, CertificateDates, NameIdRequirement, Pending, Policy, Trim},
    },
    testing::saml_idp::{Fault, SamlIdp, SignedElements, TestKey, User},
};
use serde_json::json;

use super::forge::{
    ACS, ADA, REQUEST_ID, SP, ada, drafted, faulty, good, now, provider, request, swap, with_attribute,
};

#[test]
fn replayed_assertion() {
    once(good(SignedElements::Both), false);
}

#[test]
fn one_time_use_replayed() {
    once(super::forge::styled(|style| style.one_time_use = true), true);
}

/// The token is the same at each sight, and needed no longer than it is kept.
fn once(xml: String, one_time_use: bool) {
    let mut seen: HashSet<(String, String)> = HashSet::new();
    let mut sight = || {
        let login = finish(&xml).unwrap();
        let Replay { issuer, assertion_id, keep_until, one_time_use: asked, .. } = login.replay().clone();
        assert_eq!(asked, one_time_use);
        (seen.insert((issuer, assertion_id)), keep_until)
    };
    let (first, keep_until) = sight();
    assert!(first);
    assert!(!sight().0, "the second sight has the same key");

    let at = |now| web_sso::finish(&sp(), &idp(), Some(&pending()), &post(&xml), &Policy::new(), now);
    let before = keep_until.saturating_sub(Duration::from_millis(1));
    assert!(at(before).is_ok());
    assert_eq!(at(keep_until).unwrap_err().code(), "saml.confirmation_expired");
}

#[test]
fn email_as_identity() {
    let sign_in = |user: &User| {
        let mut provider = provider();
        provider.style.name_id.source = admittance::testing::saml_idp::NameIdSource::Login;
        let response = provider.answer(&request(), user, now()).unwrap();
        web_sso::finish(&sp(), &idp(), Some(&pending()), &response, &Policy::new(), now()).unwrap()
    };
    let owner = sign_in(&User::new("ada", "Ada Lovelace", ADA));
    let other = sign_in(&User::new("mallory", "Mallory", ADA));
    assert_eq!(owner.claims().claim("email"), other.claims().claim("email"));
    assert_ne!(owner.claims().subject(), other.claims().subject());
    for login in [&owner, &other] {
        let (profile, _) = profile::map(&mapping(), login.claims());
        assert_eq!(profile.unwrap().email.as_str(), ADA);
        assert_ne!(login.claims().subject().value, ADA, "the address is no part of the key");
    }
}

#[test]
fn other_idp_same_name_id() {
    let other = || {
        let mut other = provider();
        other.entity_id = "https://other-idp.example/metadata".to_owned();
        (other.published_keys, other.style.key) = (vec![TestKey::OtherRsa], TestKey::OtherRsa);
        other
    };
    let other_idp = idp_of(&other());
    let response = other().answer(&request(), &ada(), now()).unwrap();
    let theirs =
        web_sso::finish(&sp(), &other_idp, Some(&pending_for(&other_idp)), &response, &Policy::new(), now());
    let (ours, theirs) = (finish(&good(SignedElements::Both)).unwrap(), theirs.unwrap());
    assert_eq!(ours.name_id(), theirs.name_id());
    assert_ne!(ours.issuer(), theirs.issuer(), "the key of an account has the issuer in it");

    // Neither passes for the other, nor does a request to one for a request to the other.
    let at_ours = web_sso::finish(&sp(), &idp(), Some(&pending()), &response, &Policy::new(), now());
    assert_eq!(at_ours.unwrap_err().code(), "saml.issuer_mismatch");
    let crossed = web_sso::finish(&sp(), &other_idp, Some(&pending()), &response, &Policy::new(), now());
    assert_eq!(crossed.unwrap_err().code(), "saml.in_response_to_mismatch");
}

#[test]
fn attribute_injection_output() {
    let injected = "\"/><saml:Attribute Name=\"groups\">]]>&amp;<!--\r\n'";
    let mut provider = provider();
    provider.style.attributes.login = Some(injected.to_owned());
    provider.style.other_attributes = vec![(format!("{injected}2"), vec![injected.to_owned()])];
    let user = User::new(injected, injected, injected).in_groups([injected]).with_name_id(injected);
    let response = provider.answer(&request(), &user, now()).unwrap();
    let login = web_sso::finish(&sp(), &idp(), Some(&pending()), &response, &Policy::new(), now()).unwrap();
    assert_eq!(login.name_id().unwrap().value, injected);
    assert_eq!(login.claims().claims().len(), 5);
    for claim in login.claims().claims() {
        assert_eq!(claim.values.len(), 1);
        assert_eq!(claim.values[0].as_text(), Some(injected), "{}", claim.name);
    }

    // What we write ourselves: the request, and our metadata.
    let mut options = AuthnRequestOptions::default();
    options.provider_name = Some(injected.to_owned());
    let sp = SpConfig::new(format!("urn:{}", "\"><Evil/>&"), ACS);
    let (outgoing, pending) = web_sso::begin(&sp, &idp(), &options, &mut Sevens, now()).unwrap();
    let request = provider.receive(&outgoing, &sp).unwrap();
    assert_eq!((request.issuer, request.id.as_deref()), (sp.entity_id.clone(), Some(pending.request_id())));
    let metadata = String::from_utf8(sp.metadata().unwrap()).unwrap();
    assert_eq!(
        roxmltree::Document::parse(&metadata).unwrap().root_element().attribute("entityID"),
        Some(&*sp.entity_id)
    );
    assert!(!metadata.contains("<Evil"));
}

#[test]
fn rule_message_too_large() {
    let mut policy = Policy::new();
    policy.limits.message.bytes = 4096;
    let response = post(&good(SignedElements::Both));
    let error = web_sso::finish(&sp(), &idp(), Some(&pending()), &response, &policy, now()).unwrap_err();
    assert_eq!(error.code(), "saml.message_too_large");
    assert!(matches!(error, Error::MessageTooLarge { actual, .. } if actual == response.len()));
    // Decoded, the limit holds to the byte.
    let message = good(SignedElements::Both);
    for (bytes, code) in [(message.len(), None), (message.len() - 1, Some("saml.xml_limit"))] {
        policy.limits.message.bytes = bytes;
        let outcome = web_sso::finish(&sp(), &idp(), Some(&pending()), &response, &policy, now());
        assert_eq!(outcome.err().map(|error| error.code()), code);
    }
}

#[test]
fn rule_issuer_unpinned() {
    let manual = ManualIdp {
        issuer: IdpIssuer::IssuerUnpinned,
        sso_url: "https://idp.example/saml/sso",
        sso_binding: admittance::saml::bindings::Binding::HttpRedirect,
        certificates: &[TestKey::Rsa.certificate_pem().as_bytes()],
    };
    let (idp, _) = IdpConfig::manual(&manual, Default::default(), &Default::default(), now()).unwrap();
    let pending = pending_for(&idp);
    let response = post(&good(SignedElements::Both));
    let refused = web_sso::finish(&sp(), &idp, Some(&pending), &response, &Policy::new(), now()).unwrap_err();
    assert_eq!(refused.code(), "saml.issuer_unpinned");
    let test = web_sso::finish_test(&sp(), &idp, Some(&pending), &response, &Policy::new(), now()).unwrap();
    assert_eq!(test.issuer(), provider().entity_id);
    let pinned = idp.pin(test.issuer()).unwrap();
    assert!(
        web_sso::finish(&sp(), &pinned, Some(&pending_for(&pinned)), &response, &Policy::new(), now())
            .is_ok()
    );
    // Response and Assertion must still agree.
    let response = post(&faulty(SignedElements::Both, Fault::WrongIssuer));
    let idp = IdpConfig::manual(&manual, Default::default(), &Default::default(), now()).unwrap().0;
    let refused =
        web_sso::finish_test(&sp(), &idp, Some(&pending), &response, &Policy::new(), now()).unwrap_err();
    assert_eq!(refused.code(), "saml.issuer_mismatch");
}

#[test]
fn rule_idp_status_evidence() {
    for (signed, trusted) in [(SignedElements::Both, true), (SignedElements::Assertion, false)] {
        let Error::IdpStatus(status) = finish(&faulty(signed, Fault::StatusNotSuccess)).unwrap_err() else {
            panic!("another error")
        };
        assert_eq!(status.trusted, trusted);
        assert_eq!(status.code, admittance::saml::names::status::RESPONDER);
        assert_eq!(status.sub_codes, [admittance::saml::names::status::AUTHN_FAILED]);
        assert_eq!(status.message.as_deref(), Some("the person could not be authenticated"));
        assert_eq!(status.in_response_to.as_deref(), Some(REQUEST_ID));
    }
}

#[test]
fn rule_signature_evidence() {
    let error = finish(&faulty(SignedElements::Both, Fault::WrongKey)).unwrap_err();
    let Error::Signature { level, .. } = &error else { panic!("another error") };
    assert_eq!(*level, Level::Response);
    assert_eq!(error.expected(), Some(TestKey::Rsa.certificate().sha256().to_string()));
    assert_eq!(error.actual(), Some(TestKey::OtherRsa.certificate().sha256().to_string()));
}

#[test]
fn rule_keys_per_signature() {
    let mut provider = provider();
    provider.published_keys = vec![TestKey::OtherRsa, TestKey::ExpiredRsa, TestKey::Rsa];
    let idp = idp_of(&provider);
    let bare = base64_encode(
        super::forge::styled(|style| style.key_info = admittance::testing::saml_idp::KeyInfo::Omit)
            .as_bytes(),
    );
    let mut policy = Policy::new();
    for (keys, code) in [(3, None), (2, Some("saml.xml_limit"))] {
        policy.limits.keys_per_signature = keys;
        let outcome = web_sso::finish(&sp(), &idp, Some(&pending()), &bare, &policy, now());
        assert_eq!(outcome.err().map(|error| error.code()), code);
    }
    // KeyInfo says which key to try first.
    policy.limits.keys_per_signature = 1;
    let hinted = post(&good(SignedElements::Both));
    assert!(web_sso::finish(&sp(), &idp, Some(&pending()), &hinted, &policy, now()).is_ok());
}

#[test]
fn rule_certificates_enforced() {
    let mut provider = provider();
    (provider.published_keys, provider.style.key) = (vec![TestKey::ExpiredRsa], TestKey::ExpiredRsa);
    let idp = idp_of(&provider);
    let response = provider.answer(&request(), &ada(), now()).unwrap();
    let mut policy = Policy::new();
    assert!(web_sso::finish(&sp(), &idp, Some(&pending()), &response, &policy, now()).is_ok());
    policy.certificates = CertificateDates::Enforce;
    let refused = web_sso::finish(&sp(), &idp, Some(&pending()), &response, &policy, now()).unwrap_err();
    assert_eq!(refused.code(), "saml.certificate_expired");
}

#[test]
fn rule_force_authn() {
    let authenticated_at = |time: &str| {
        drafted(SignedElements::Both, |xml| {
            with_attribute(xml, "Assertion/AuthnStatement", "AuthnInstant", time)
        })
    };
    let forced = pending_from(json!({"force_authn": true}));
    let with = |pending: &Pending, time: &str| {
        let response = post(&authenticated_at(time));
        let outcome = web_sso::finish(&sp(), &idp(), Some(pending), &response, &Policy::new(), now());
        outcome.err().map(|error| error.code())
    };
    // The request was made at `now`; clocks may differ by three minutes.
    assert_eq!(with(&forced, "2026-11-21T23:58:00.000Z"), None);
    assert_eq!(with(&forced, "2026-11-21T23:57:59.999Z"), Some("saml.authn_instant_invalid"));
    assert_eq!(with(&pending(), "2026-11-21T23:57:59.999Z"), None);
}

#[test]
fn rule_max_authn_age() {
    let response = post(&drafted(SignedElements::Both, |xml| {
        with_attribute(xml, "Assertion/AuthnStatement", "AuthnInstant", "2026-11-21T23:00:00.000Z")
    }));
    let code = |pending: &Pending, age: Option<u64>| {
        let mut policy = Policy::new();
        policy.max_authn_age = age.map(Duration::from_secs);
        let outcome = web_sso::finish(&sp(), &idp(), Some(pending), &response, &policy, now());
        outcome.err().map(|error| error.code())
    };
    // An hour and a minute ago, less three minutes for the clocks.
    let asked = |age: u64| pending_from(json!({"max_authn_age_seconds": age}));
    assert_eq!(code(&pending(), None), None);
    assert_eq!(code(&pending(), Some(58 * 60)), None);
    assert_eq!(code(&pending(), Some(58 * 60 - 1)), Some("saml.authn_too_old"));
    assert_eq!(code(&asked(58 * 60), None), None);
    assert_eq!(code(&asked(58 * 60 - 1), None), Some("saml.authn_too_old"));
    assert_eq!(
        code(&asked(58 * 60 - 1), Some(24 * 60 * 60)),
        Some("saml.authn_too_old"),
        "the shorter one counts"
    );
}

#[test]
fn rule_authn_context() {
    let code = |comparison: AuthnContextComparison, class: &str| {
        let requested = RequestedAuthnContext { comparison, class_refs: vec![class.to_owned()] };
        let pending = pending_from(json!({"requested_authn_context": requested}));
        let response = post(&good(SignedElements::Both));
        let outcome = web_sso::finish(&sp(), &idp(), Some(&pending), &response, &Policy::new(), now());
        outcome.err().map(|error| error.code())
    };
    let sent = authn_context::PASSWORD_PROTECTED_TRANSPORT;
    assert_eq!(code(AuthnContextComparison::Exact, sent), None);
    assert_eq!(code(AuthnContextComparison::Exact, authn_context::X509), Some("saml.authn_context_mismatch"));
    assert_eq!(code(AuthnContextComparison::Minimum, authn_context::X509), None, "the host compares");
}

#[test]
fn rule_trim() {
    let spaced = drafted(SignedElements::Both, |xml| {
        let xml = swap(xml, &format!(">{ADA}</saml:NameID>"), &format!("> {ADA}\n</saml:NameID>"));
        let xml = swap(&xml, ">Engineers<", "> Engineers <");
        swap(&xml, &format!("<saml:Audience>{SP}"), &format!("<saml:Audience> {SP}"))
    });
    let with = |trim| {
        let mut policy = Policy::new();
        policy.trim = trim;
        web_sso::finish(&sp(), &idp(), Some(&pending()), &post(&spaced), &policy, now())
    };
    let group = |login: &ValidAssertion| {
        login.claims().claim("groups").unwrap().values[0].as_text().unwrap().to_owned()
    };
    let login = with(Trim::Names).unwrap();
    assert_eq!(
        (login.name_id().unwrap().value.as_str(), group(&login)),
        (" ada@corp.example\n", " Engineers ".to_owned())
    );
    let login = with(Trim::NamesAndValues).unwrap();
    assert_eq!((login.name_id().unwrap().value.as_str(), group(&login)), (ADA, "Engineers".to_owned()));
    let refused = with(Trim::Nothing).unwrap_err();
    assert_eq!(refused.code(), "saml.audience_mismatch");
    assert_eq!(refused.hints(), [Hint::WhiteSpace]);
}

#[test]
fn rule_name_id_optional() {
    let mut policy = Policy::new();
    policy.name_id = NameIdRequirement::Optional;
    let response = post(&faulty(SignedElements::Both, Fault::NoNameId));
    let login = web_sso::finish(&sp(), &idp(), Some(&pending()), &response, &policy, now()).unwrap();
    assert_eq!(login.name_id(), None);
    assert_eq!(login.claims().subject().stability, admittance::claims::Stability::Transient);
    let response = post(&faulty(SignedElements::Both, Fault::EmptyNameId));
    let refused = web_sso::finish(&sp(), &idp(), Some(&pending()), &response, &policy, now()).unwrap_err();
    assert_eq!(refused.code(), "saml.name_id_invalid");
}

#[test]
fn rule_several_names_and_addresses_of_ours() {
    let mut sp = SpConfig::new("https://new-name.example", "https://sp.example/new/acs");
    sp.additional_audiences = vec![SP.to_owned()];
    sp.acs.push(AcsEndpoint { index: 1, binding: AcsBinding::HttpPost, location: ACS.to_owned() });
    let response = post(&good(SignedElements::Both));
    assert!(web_sso::finish(&sp, &idp(), Some(&pending()), &response, &Policy::new(), now()).is_ok());
    sp.additional_audiences.clear();
    let refused =
        web_sso::finish(&sp, &idp(), Some(&pending()), &response, &Policy::new(), now()).unwrap_err();
    assert_eq!(refused.code(), "saml.audience_mismatch");
}

#[test]
fn rule_solicited() {
    let login = finish(&good(SignedElements::Both)).unwrap();
    assert_eq!(login.solicited(), Solicited::Solicited);
    let mut policy = Policy::new();
    policy.idp_initiated = web_sso::IdpInitiated::Allow;
    let response = post(&super::protocol::unsolicited());
    for pending in [None, Some(pending())] {
        let login = web_sso::finish(&sp(), &idp(), pending.as_ref(), &response, &policy, now()).unwrap();
        assert_eq!(login.solicited(), Solicited::Unsolicited);
    }
}

/// What is looked at before anything is verified decides nothing.
#[test]
fn rule_peek() {
    let limits = Policy::new().limits;
    let peek = web_sso::peek(&post(&good(SignedElements::Neither)), &limits).unwrap();
    assert_eq!(peek.unverified().issuer.as_deref(), Some(provider().entity_id.as_str()));
    assert_eq!(peek.unverified().in_response_to.as_deref(), Some(REQUEST_ID));
    assert_eq!(web_sso::peek("????", &limits).unwrap_err().code(), "saml.base64_invalid");
}

fn finish(xml: &str) -> Result<ValidAssertion, Error> {
    web_sso::finish(&sp(), &idp(), Some(&pending()), &post(xml), &Policy::new(), now())
}

fn post(xml: &str) -> String {
    base64_encode(xml.as_bytes())
}

fn sp() -> SpConfig {
    SpConfig::new(SP, ACS)
}

fn idp() -> IdpConfig {
    idp_of(&provider())
}

fn idp_of(provider: &SamlIdp) -> IdpConfig {
    idp::parse(&provider.metadata().unwrap(), &ParseOptions::default(), now()).unwrap().0
}

fn pending() -> Pending {
    pending_from(json!({}))
}

fn pending_for(idp: &IdpConfig) -> Pending {
    pending_from(json!({"idp_entity_id": idp.entity_id()}))
}

/// What a host has stored.
fn pending_from(members: serde_json::Value) -> Pending {
    let stored = json!({
        "version": 1,
        "request_id": REQUEST_ID,
        "issued_at": now(),
        "acs_url": ACS,
        "idp_entity_id": provider().entity_id,
    });
    serde_json::from_value(super::merged(&stored, &members)).unwrap()
}

fn mapping() -> Mapping {
    Mapping::exact(profile::AttributeNames { name: "name", login: "login", email: "email", groups: "groups" })
}

struct Sevens;

impl Entropy for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(7);
        Ok(())
    }
}
