//! Validly signed responses of two people, cut, spliced and changed: what is accepted says exactly what the
//! identity provider signed about one of them.
//!
//! The input is a recipe: which identity provider, which policy, and a list of changes to the document.
#![no_main]

use std::sync::LazyLock;

use admittance::{
    encoding::base64_encode,
    endpoint::UrlPolicy,
    entropy::{Entropy, EntropyError},
    saml::{
        ValidAssertion,
        metadata::{
            idp::{IdpConfig, ParseOptions, parse},
            sp::SpConfig,
        },
        protocol::AuthnRequestOptions,
        web_sso::{IdpInitiated, Pending, Policy, Signed, begin, finish},
    },
    testing::saml_idp::{SamlIdp, Shape, SignedElements, User},
    time::Timestamp,
};
use admittance_fuzz::mutation::change;
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

/// What one identity provider sent for one request: to the person who asked, and to an attacker with an account.
struct Scene {
    sp: SpConfig,
    idp: IdpConfig,
    pending: Pending,
    victim: String,
    attacker: String,
    signed: [String; 2],
}

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| {
    let placements = [SignedElements::Response, SignedElements::Assertion, SignedElements::Both];
    Shape::ALL.into_iter().flat_map(|shape| placements.map(|signed| scene(shape, signed))).collect()
});

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let scene = input.choose(&SCENES)?;
    let mut policy = Policy::default();
    policy.signed = *input.choose(&[Signed::Either, Signed::Assertion, Signed::Response, Signed::Both])?;
    policy.idp_initiated = *input.choose(&[IdpInitiated::Deny, IdpInitiated::Allow])?;
    let pending = if input.ratio(7u8, 8u8)? { Some(&scene.pending) } else { None };

    let mut response = scene.victim.clone();
    for _ in 0..input.int_in_range(0..=8)? {
        response = change(&response, &scene.attacker, input)?;
        if response.len() > 100_000 {
            return Ok(());
        }
    }
    let field = base64_encode(response.as_bytes());
    if let Ok(valid) = finish(&scene.sp, &scene.idp, pending, &field, &policy, now()) {
        let facts = facts(&valid);
        assert!(scene.signed.contains(&facts), "accepted:\n{facts}\nfrom:\n{response}");
    }
    Ok(())
}

fn scene(shape: Shape, signed: SignedElements) -> Scene {
    let sp = SpConfig::new("https://sp.example/metadata", "https://sp.example/acs");
    let mut provider = SamlIdp::new(1).shaped(shape);
    provider.style.signed = signed;
    let mut options = ParseOptions::default();
    options.urls = UrlPolicy::DangerAnyHttp;
    let metadata = provider.metadata().expect("metadata");
    let (idp, _) = parse(&metadata, &options, now()).expect("a provider");
    let (outgoing, pending) =
        begin(&sp, &idp, &AuthnRequestOptions::default(), &mut Zeros, now()).expect("a request");
    let request = provider.receive(&outgoing, &sp).expect("the request is understood");
    let victim = User::new("ada", "Ada Lovelace", "ada@victim.example").in_groups(["admins", "staff"]);
    let attacker = User::new("mal", "Mallory", "mal@attacker.example").in_groups(["guests"]);
    let mut respond = |user: &User| {
        let unsigned = provider.unsigned(&request, user, now()).expect("an answer");
        String::from_utf8(provider.sign(unsigned).expect("a signature")).expect("UTF-8")
    };
    let (victim, attacker) = (respond(&victim), respond(&attacker));
    let policy = Policy::default();
    let signed = [&victim, &attacker].map(|response| {
        let field = base64_encode(response.as_bytes());
        facts(&finish(&sp, &idp, Some(&pending), &field, &policy, now()).expect("a valid response"))
    });
    Scene { sp, idp, pending, victim, attacker, signed }
}

/// Everything that a host may act upon.
fn facts(valid: &ValidAssertion) -> String {
    let (claims, name_id, authn) = (valid.claims(), valid.name_id(), valid.authn_statements());
    format!("{claims:?} {name_id:?} {authn:?} {:?} {:?}", valid.address(), valid.replay())
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").expect("a time").at
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(0);
        Ok(())
    }
}
