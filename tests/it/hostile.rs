//! Damaged and oversized responses: refused with a typed error, or read exactly as they were signed. Nothing
//! panics and nothing runs without bound.

use admittance::claims::Claims;
use admittance::encoding::base64_encode;
use admittance::entropy::{Entropy, EntropyError};
use admittance::saml::bindings::Outgoing;
use admittance::saml::metadata::idp::{self, IdpConfig, ParseOptions};
use admittance::saml::metadata::sp::SpConfig;
use admittance::saml::protocol::AuthnRequestOptions;
use admittance::saml::web_sso::{self, Pending, Policy};
use admittance::saml::{AuthnStatement, Error, NameId, Replay, Solicited, ValidAssertion};
use admittance::testing::saml_idp::{KeyInfo, SamlIdp, SignedElements, User};
use admittance::time::Timestamp;
use proptest::prelude::*;

const NOW: &str = "2026-11-22T00:01:00Z";

#[test]
fn every_prefix_is_refused() {
    let sign_in = SignIn::signed(SignedElements::Both);
    let message = sign_in.message.as_slice();
    for end in 0..message.len() {
        assert!(sign_in.judge(&message[..end]).is_err(), "the first {end} bytes are accepted");
    }
    let form = base64_encode(message);
    for end in 0..form.len() {
        assert!(sign_in.judge_form(&form[..end]).is_err(), "the first {end} characters are accepted");
    }
    assert!(sign_in.judge_form(&form).is_ok());
}

#[test]
fn no_flipped_byte_of_a_signed_response_changes_what_is_read() {
    for signed in [SignedElements::Response, SignedElements::Assertion] {
        let sign_in = SignIn::signed(signed);
        for position in 0..sign_in.message.len() {
            for mask in [0x01, 0x20] {
                sign_in.is_refused_or_the_same(|message| message[position] ^= mask);
            }
        }
    }
}

#[test]
fn no_flipped_character_of_the_form_field_changes_what_is_read() {
    let sign_in = SignIn::signed(SignedElements::Assertion);
    let form = base64_encode(&sign_in.message);
    for position in 0..form.len() {
        let mut damaged = form.clone().into_bytes();
        damaged[position] = if damaged[position] == b'A' { b'Q' } else { b'A' };
        sign_in.compare(sign_in.judge_form(&String::from_utf8(damaged).unwrap()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_damage_changes_what_is_read(
        at in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        length in 0_usize..200,
        damage in prop_oneof![
            any::<u8>().prop_map(Damage::Set),
            (1_u8..).prop_map(Damage::Flip),
            Just(Damage::Remove),
            Just(Damage::Copy),
            Just(Damage::Swap),
        ],
    ) {
        let sign_in = SignIn::shared();
        let (at, from) = (at.index(sign_in.message.len()), from.index(sign_in.message.len()));
        let until = |start: usize| (start + length).min(sign_in.message.len());
        sign_in.is_refused_or_the_same(|message| match damage {
            Damage::Set(byte) => message[at] = byte,
            Damage::Flip(mask) => message[at] ^= mask,
            Damage::Remove => drop(message.drain(at..until(at))),
            Damage::Copy => {
                let copy = message[from..until(from)].to_vec();
                message.splice(at..at, copy);
            }
            Damage::Swap => message.swap(at, from),
        });
    }
}

#[test]
fn oversized_responses_are_refused_by_a_limit() {
    let sign_in = SignIn::shared();
    let message = String::from_utf8(sign_in.message.clone()).unwrap();
    let inside = |extra: &str| message.replacen("<saml:Issuer", &format!("{extra}<saml:Issuer"), 1);
    let on_root = |extra: &str| message.replacen(" Version=", &format!("{extra} Version="), 1);
    let attributes = |count| (0..count).map(|i| format!(" a{i}='1'")).collect::<String>();
    let namespaces = |count| (0..count).map(|i| format!(" xmlns:p{i}='urn:p'")).collect::<String>();
    let cases = [
        ("5 MB of text", inside(&"x".repeat(5_000_000)), "saml.message_too_large"),
        ("5 MB of elements", inside(&"<a/>".repeat(1_250_000)), "saml.message_too_large"),
        ("100 000 elements", inside(&"<a/>".repeat(100_000)), "saml.xml_limit"),
        ("100 000 nested elements", inside(&"<a>".repeat(100_000)), "saml.xml_limit"),
        (
            "65 nested elements",
            inside(&format!("{}{}", "<a>".repeat(65), "</a>".repeat(65))),
            "saml.xml_limit",
        ),
        ("200 000 attributes", on_root(&attributes(200_000)), "saml.message_too_large"),
        ("20 000 attributes", on_root(&attributes(20_000)), "saml.xml_limit"),
        ("200 000 namespaces", on_root(&namespaces(200_000)), "saml.message_too_large"),
        ("20 000 namespaces", on_root(&namespaces(20_000)), "saml.xml_limit"),
        ("an attribute of 70 kB", on_root(&format!(" Consent='{}'", "x".repeat(70_000))), "saml.xml_limit"),
        ("a name of 2 kB", inside(&format!("<{}/>", "x".repeat(2_000))), "saml.xml_limit"),
    ];
    for (what, message, code) in cases {
        let error = sign_in.judge(message.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{what}: {error}");
        assert!(error.expected().is_some(), "{what}: the error names the limit");
    }
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Set(u8),
    Flip(u8),
    Remove,
    Copy,
    Swap,
}

/// A sign-in that is accepted as it stands, and what is read from it.
struct SignIn {
    sp: SpConfig,
    idp: IdpConfig,
    pending: Pending,
    now: Timestamp,
    message: Vec<u8>,
    consumed: Option<Consumed>,
}

/// Everything that a host reads, notes apart: these may speak of what is outside of the signature.
#[derive(Debug, PartialEq)]
struct Consumed {
    claims: Claims,
    name_id: Option<NameId>,
    authn: Vec<AuthnStatement>,
    replay: Replay,
    solicited: Solicited,
    address: Option<String>,
}

impl SignIn {
    fn shared() -> &'static Self {
        static SHARED: std::sync::LazyLock<SignIn> =
            std::sync::LazyLock::new(|| SignIn::signed(SignedElements::Both));
        &SHARED
    }

    fn signed(signed: SignedElements) -> Self {
        let now = Timestamp::parse(NOW).unwrap().at;
        let sp = SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
        let mut provider = SamlIdp::new(1);
        provider.style.signed = signed;
        // Certificates would be the greater part of the message, and nobody reads them.
        provider.style.key_info = KeyInfo::Omit;
        let (idp, _) = idp::parse(&provider.metadata().unwrap(), &ParseOptions::default(), now).unwrap();
        let (outgoing, pending) = begin(&sp, &idp, now);
        let request = provider.receive(&outgoing, &sp).unwrap();
        let ada = User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers", "Reviewers"]);
        let unsigned = provider.unsigned(&request, &ada, now).unwrap();
        let message = provider.sign(unsigned).unwrap();
        let mut sign_in = Self { sp, idp, pending, now, message, consumed: None };
        sign_in.consumed = Some(Consumed::of(&sign_in.judge(&sign_in.message).unwrap()));
        sign_in
    }

    fn judge(&self, message: &[u8]) -> Result<ValidAssertion, Error> {
        self.judge_form(&base64_encode(message))
    }

    fn judge_form(&self, response: &str) -> Result<ValidAssertion, Error> {
        web_sso::finish(&self.sp, &self.idp, Some(&self.pending), response, &Policy::new(), self.now)
    }

    fn is_refused_or_the_same(&self, damage: impl FnOnce(&mut Vec<u8>)) {
        let mut message = self.message.clone();
        damage(&mut message);
        self.compare(self.judge(&message));
    }

    fn compare(&self, login: Result<ValidAssertion, Error>) {
        match login {
            Ok(login) => assert_eq!(Some(Consumed::of(&login)), self.consumed),
            Err(error) => assert!(error.code().starts_with("saml.") && !error.to_string().is_empty()),
        }
    }
}

impl Consumed {
    fn of(login: &ValidAssertion) -> Self {
        Self {
            claims: login.claims().clone(),
            name_id: login.name_id().cloned(),
            authn: login.authn_statements().to_vec(),
            replay: login.replay().clone(),
            solicited: login.solicited(),
            address: login.address().map(str::to_owned),
        }
    }
}

fn begin(sp: &SpConfig, idp: &IdpConfig, now: Timestamp) -> (Outgoing, Pending) {
    let options = AuthnRequestOptions::default();
    web_sso::begin(sp, idp, &options, &mut Sevens, now).unwrap()
}

/// The same request in every run.
struct Sevens;

impl Entropy for Sevens {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(7);
        Ok(())
    }
}
