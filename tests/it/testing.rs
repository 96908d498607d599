//! The identity provider for tests, through the public API.

use std::time::Duration;

use admittance::{
    entropy::{Entropy, EntropyError},
    saml::{
        bindings::{Incoming, Outgoing},
        metadata::{
            idp::{self, IdpConfig, ParseOptions},
            sp::{SignAuthnRequests, SpConfig},
        },
        names::name_id_format,
        protocol::{AuthnRequestOptions, NameIdPolicy, RequestBinding},
        web_sso::{self, Pending, Policy, Signed},
    },
    testing::saml_idp::{
        AnswerError, AuthnRequest, Destination, Fault, GroupValues, KeyInfo, RequestError, SamlIdp, Shape,
        SignedElements, Style, TestKey, Unsigned, User,
    },
    time::Timestamp,
};

const fn value<T: Send + Sync + Clone + std::fmt::Debug + 'static>() {}
const fn error<E: std::error::Error + Send + Sync + 'static>() {}

const _: () = {
    value::<SamlIdp>();
    value::<AuthnRequest>();
    value::<User>();
    value::<Fault>();
    value::<Shape>();
    value::<Style>();
    value::<TestKey>();
    value::<Unsigned>();
    error::<RequestError>();
    error::<AnswerError>();
};

#[test]
fn every_shape_signs_in() {
    for shape in Shape::ALL {
        let mut trip = Trip::new(SamlIdp::new(1).shaped(shape));
        let response = trip.answer();
        let login = trip.finish(&response).unwrap_or_else(|error| panic!("{shape:?}: {error}"));
        assert_eq!(login.issuer(), shape.entity_id());
        let names = trip.provider.style.attributes.clone();
        let values = |name: Option<String>| -> Vec<String> {
            let claim = login.claims().claim(&name.unwrap()).unwrap();
            claim.values.iter().map(|value| value.as_text().unwrap().to_owned()).collect()
        };
        assert_eq!(values(names.email), ["ada@corp.example"], "{shape:?}");
        assert_eq!(values(names.login), ["ada"]);
        assert_eq!(values(names.name), ["Ada Lovelace"]);
        assert_eq!(values(names.groups), ["Engineers", "Küche & Bar"]);
        assert!(login.notes().is_empty(), "{shape:?}: {:?}", login.notes());
    }
}

#[test]
fn every_fault_has_its_code() {
    for shape in Shape::ALL {
        for fault in Fault::ALL {
            let mut provider = SamlIdp::new(2).shaped(shape);
            // Two faults are about a Response that is signed.
            if matches!(fault, Fault::NoDestination) {
                provider.style.signed = SignedElements::Both;
            }
            provider.fault = Some(fault);
            let mut trip = Trip::new(provider);
            let response = trip.answer();
            let outcome = trip.finish(&response);
            assert_eq!(outcome.as_ref().err().map(|error| error.code()), fault.code(), "{shape:?} {fault:?}");
            trip.provider.fault = None;
            let response = trip.answer();
            assert!(trip.finish(&response).is_ok(), "{shape:?} after {fault:?}");
        }
    }
}

#[test]
fn attribute_faults_show_in_the_claims() {
    let claims = |fault| {
        let mut trip = Trip::new(SamlIdp::new(3));
        trip.provider.fault = Some(fault);
        let response = trip.answer();
        trip.finish(&response).unwrap()
    };
    let values = |fault, name: &str| {
        let login = claims(fault);
        let claim = login.claims().claim(name).cloned()?;
        Some(claim.values.iter().map(|value| value.as_text().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(values(Fault::NoEmail, "email"), None);
    assert_eq!(values(Fault::TwoEmails, "email").unwrap().len(), 2);
    assert_eq!(values(Fault::NoLogin, "login"), None);
    assert_eq!(values(Fault::SwappedAttributes, "login").unwrap(), ["Ada Lovelace"]);
    assert_eq!(values(Fault::SwappedAttributes, "name").unwrap(), ["ada"]);
    assert_eq!(values(Fault::NoGroups, "groups"), None);
    assert_eq!(values(Fault::EmptyGroups, "groups").unwrap(), [""; 0]);
    assert_eq!(values(Fault::GroupPaths, "groups").unwrap(), ["/Engineers", "/Küche & Bar"]);
    assert_eq!(values(Fault::DelimitedGroups, "groups").unwrap(), ["Engineers;Küche & Bar"]);
    assert_eq!(values(Fault::GroupsOverage, "groups"), None);
    let overage = claims(Fault::GroupsOverage);
    assert_eq!(overage.claims().overages().len(), 1);
    assert!(claims(Fault::TransientNameId).notes().iter().any(|note| note.code == "saml.name_id_transient"));
}

#[test]
fn the_seed_decides_every_byte() {
    for shape in Shape::ALL {
        let answers = |seed| {
            let mut trip = Trip::new(SamlIdp::new(seed).shaped(shape));
            (trip.answer(), trip.answer())
        };
        let (first, second) = answers(4);
        assert_eq!((&first, &second), (&answers(4).0, &answers(4).1));
        assert_ne!(first, second, "two answers have different IDs");
        assert_ne!(first, answers(5).0);
    }
}

#[test]
fn requests_are_read_and_their_signatures_verified() {
    for binding in [RequestBinding::HttpRedirect, RequestBinding::HttpPost] {
        let mut trip = Trip::new(SamlIdp::new(6));
        let mut options = AuthnRequestOptions::default();
        options.binding = binding;
        options.relay_state = Some("a b&c=d".to_owned());
        options.force_authn = true;
        options.name_id_policy = NameIdPolicy::Ask {
            format: Some(name_id_format::EMAIL_ADDRESS.to_owned()),
            allow_create: true,
            sp_name_qualifier: None,
        };
        trip.options = options;

        let (request, pending) = trip.begin().unwrap();
        assert_eq!(request.id.as_deref(), Some(pending.request_id()));
        assert_eq!(request.issuer, trip.sp.entity_id);
        assert_eq!(request.acs_url, "https://sp.example/saml/acs");
        assert_eq!(request.relay_state.as_deref(), Some("a b&c=d"));
        assert!(request.force_authn && !request.is_passive && !request.signed);
        let response = trip.provider.answer(&request, &ada(), now()).unwrap();
        let login = trip.finish_with(&response, &pending).unwrap();
        assert_eq!(
            login.name_id().unwrap().value,
            "ada@corp.example",
            "the provider gives what was asked for"
        );

        let (unsigned, _) =
            web_sso::begin(&trip.sp, &trip.idp(), &trip.options, &mut Counter(1), now()).unwrap();
        trip.provider.want_authn_requests_signed = true;
        assert_eq!(trip.provider.receive(&unsigned, &trip.sp), Err(RequestError::SignatureMissing));
        for key in [TestKey::OtherRsa, TestKey::P256] {
            let pem = key.key_pem().as_bytes();
            let signing_key = admittance::crypto::SigningKey::from_pem(pem).unwrap();
            trip.sp = sp().with_signing_key(signing_key);
            trip.sp.sign_authn_requests = SignAuthnRequests::Always;
            trip.sp.signing_certificates = vec![key.certificate().clone()];
            let (request, _) = trip.begin().unwrap();
            assert!(request.signed);

            // A receiver that knows other keys of the service provider.
            let mut others = sp();
            others.signing_certificates = vec![TestKey::ExpiredRsa.certificate().clone()];
            let (outgoing, _) =
                web_sso::begin(&trip.sp, &trip.idp(), &trip.options, &mut Counter(9), now()).unwrap();
            let refused = trip.provider.receive(&outgoing, &others).unwrap_err();
            assert!(
                matches!(refused, RequestError::Signature | RequestError::EnvelopedSignature(_)),
                "{refused:?}"
            );
        }
    }
}

#[test]
fn a_style_of_ones_own_signs_in() {
    let mut provider = SamlIdp::new(7);
    provider.style.signed = SignedElements::Assertion;
    provider.style.destination = Destination::WhenSigned;
    provider.style.key_info = KeyInfo::Omit;
    provider.style.group_values = GroupValues::Attributes;
    provider.style.session_lifetime = Some(Duration::from_secs(3600));
    provider.published_keys = vec![TestKey::OtherRsa, TestKey::P256];
    provider.style.key = TestKey::P256;
    let mut trip = Trip::new(provider);
    let response = trip.answer();
    let login = trip.finish(&response).unwrap();
    assert_eq!(login.claims().claim("groups").unwrap().values.len(), 2);
    assert_eq!(login.session_not_on_or_after(), Some(now().saturating_add(Duration::from_secs(3600))));
    assert_eq!(login.signed_by(), TestKey::P256.certificate().sha256());

    let mut policy = Policy::new();
    policy.signed = Signed::Response;
    let (request, pending) = trip.begin().unwrap();
    let response = trip.provider.answer(&request, &ada(), now()).unwrap();
    let refused =
        web_sso::finish(&trip.sp, &trip.idp(), Some(&pending), &response, &policy, now()).unwrap_err();
    assert_eq!(refused.code(), "saml.response_not_signed");
}

#[test]
fn a_changed_draft_can_be_signed() {
    let mut trip = Trip::new(SamlIdp::new(8));
    let (request, pending) = trip.begin().unwrap();
    let mut draft = trip.provider.unsigned(&request, &ada(), now()).unwrap();
    let text = String::from_utf8(draft.xml).unwrap();
    draft.xml = text.replace("Ada Lovelace", "Countess Lovelace").into_bytes();
    let signed = trip.provider.sign(draft).unwrap();
    let login = trip.finish_with(&admittance::encoding::base64_encode(&signed), &pending).unwrap();
    assert_eq!(login.claims().claim("name").unwrap().values[0].as_text(), Some("Countess Lovelace"));
}

#[test]
fn texts_that_xml_cannot_hold_are_errors() {
    let mut trip = Trip::new(SamlIdp::new(9));
    let (request, _) = trip.begin().unwrap();
    assert!(trip.provider.answer(&request, &User::new("a\u{1}", "A", "a@corp.example"), now()).is_err());
    let unsolicited = AuthnRequest::none("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
    assert!(trip.provider.answer(&unsolicited, &ada(), now()).is_ok());
}

/// A sign-in from begin to finish.
#[test]
fn a_request_of_anybody_is_read_from_either_binding() {
    let provider = SamlIdp::new(1);
    let trip = Trip::new(provider.clone());
    let (outgoing, _) =
        web_sso::begin(&sp(), &trip.idp(), &AuthnRequestOptions::default(), &mut Counter(1), now()).unwrap();
    let Outgoing::Redirect(url) = &outgoing else { panic!("{outgoing:?}") };
    let query = url.query().unwrap();
    let read = provider.receive_from_anybody(Incoming::Redirect { query }).unwrap();
    let registered = provider.receive(&outgoing, &sp()).unwrap();
    assert_eq!(read, registered);

    let mut options = AuthnRequestOptions::default();
    options.binding = RequestBinding::HttpPost;
    let (outgoing, _) = web_sso::begin(&sp(), &trip.idp(), &options, &mut Counter(1), now()).unwrap();
    let Outgoing::Post(form) = &outgoing else { panic!("{outgoing:?}") };
    let fields: Vec<_> =
        form.fields().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let read = provider.receive_from_anybody(Incoming::Post { fields: &fields }).unwrap();
    assert_eq!(read, provider.receive(&outgoing, &sp()).unwrap());

    let mut elsewhere = provider;
    elsewhere.sso_url = "https://other.example/sso".to_owned();
    let refused = elsewhere.receive_from_anybody(Incoming::Redirect { query }).unwrap_err();
    assert!(matches!(refused, RequestError::Destination { .. }), "{refused:?}");
}

struct Trip {
    sp: SpConfig,
    provider: SamlIdp,
    options: AuthnRequestOptions,
    pending: Option<Pending>,
}

impl Trip {
    fn new(provider: SamlIdp) -> Self {
        Self { sp: sp(), provider, options: AuthnRequestOptions::default(), pending: None }
    }

    fn idp(&self) -> IdpConfig {
        idp::parse(&self.provider.metadata().unwrap(), &ParseOptions::default(), now()).unwrap().0
    }

    fn begin(&self) -> Result<(AuthnRequest, Pending), RequestError> {
        let (outgoing, pending) =
            web_sso::begin(&self.sp, &self.idp(), &self.options, &mut Counter(1), now()).unwrap();
        Ok((self.provider.receive(&outgoing, &self.sp)?, pending))
    }

    fn answer(&mut self) -> String {
        let (request, pending) = self.begin().unwrap();
        self.pending = Some(pending);
        self.provider.answer(&request, &ada(), now()).unwrap()
    }

    fn finish(&self, response: &str) -> Result<admittance::saml::ValidAssertion, admittance::saml::Error> {
        self.finish_with(response, self.pending.as_ref().unwrap())
    }

    fn finish_with(
        &self,
        response: &str,
        pending: &Pending,
    ) -> Result<admittance::saml::ValidAssertion, admittance::saml::Error> {
        web_sso::finish(&self.sp, &self.idp(), Some(pending), response, &Policy::new(), now())
    }
}

struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(self.0);
        Ok(())
    }
}

fn sp() -> SpConfig {
    SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs")
}

fn ada() -> User {
    User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers", "Küche & Bar"])
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}
