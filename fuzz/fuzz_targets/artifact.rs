//! Validly signed answers to a resolved artifact, cut, spliced and changed: what is accepted says exactly what the
//! identity provider signed about one person.
#![no_main]

use std::sync::LazyLock;

use admittance::{
    crypto::SigningKey,
    entropy::{Entropy, EntropyError},
    saml::{
        ValidAssertion,
        artifact::{Artifact, PendingArtifact, parse_response, resolve_request},
        metadata::{
            idp::{IdpConfig, ParseOptions, parse},
            sp::SpConfig,
        },
        protocol::AuthnRequestOptions,
        web_sso::{Pending, Policy, Signed, begin},
    },
    testing::saml_idp::{SamlIdp, SignedElements, TestKey, User},
    time::Timestamp,
};
use admittance_fuzz::mutation::change;
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};

fuzz_target!(|data: &[u8]| {
    // As it is: nobody has signed it.
    let scene = &SCENES[0];
    assert!(scene.judge(data.to_vec(), &Policy::new()).is_err());
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(artifact) = Artifact::parse(text)
    {
        assert_eq!(Artifact::parse(&artifact.to_string()), Ok(artifact));
    }
    let _ = run(&mut Unstructured::new(data));
});

/// What one identity provider answered to one ArtifactResolve: about the person who signs in, and about an attacker.
struct Scene {
    sp: SpConfig,
    idp: IdpConfig,
    pending: Pending,
    artifact: PendingArtifact,
    victim: String,
    attacker: String,
    signed: Vec<String>,
}

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| {
    let placements =
        [SignedElements::Neither, SignedElements::Response, SignedElements::Assertion, SignedElements::Both];
    let around = |around| placements.map(|signed| (signed, around));
    let all = [around(true), around(false)].concat();
    all.into_iter().filter(|scene| *scene != (SignedElements::Neither, false)).map(scene).collect()
});

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let scene = input.choose(&SCENES)?;
    let mut policy = Policy::default();
    policy.signed = *input.choose(&[Signed::Either, Signed::Assertion, Signed::Response, Signed::Both])?;
    let mut body = scene.victim.clone();
    for _ in 0..input.int_in_range(0..=8)? {
        body = change(&body, &scene.attacker, input)?;
        if body.len() > 100_000 {
            return Ok(());
        }
    }
    if let Ok(valid) = scene.judge(body.clone().into_bytes(), &policy) {
        let facts = facts(&valid);
        assert!(scene.signed.contains(&facts), "accepted:\n{facts}\nfrom:\n{body}");
    }
    Ok(())
}

impl Scene {
    fn judge(&self, body: Vec<u8>, policy: &Policy) -> Result<ValidAssertion, admittance::saml::Error> {
        let Self { sp, idp, pending, artifact, .. } = self;
        parse_response(sp, idp, artifact, Some(pending), &http::Response::new(body), policy, now())
    }
}

fn scene((signed, around): (SignedElements, bool)) -> Scene {
    let key = SigningKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).expect("a key");
    let sp = SpConfig::new("https://sp.example/metadata", "https://sp.example/acs").with_signing_key(key);
    let mut provider = SamlIdp::new(1);
    (provider.style.signed, provider.sign_artifact_responses) = (signed, around);
    let metadata = provider.metadata().expect("metadata");
    let (idp, _) = parse(&metadata, &ParseOptions::default(), now()).expect("a provider");
    let (outgoing, pending) =
        begin(&sp, &idp, &AuthnRequestOptions::default(), &mut Zeros, now()).expect("a request");
    let request = provider.receive(&outgoing, &sp).expect("the request is understood");
    let mut answer = |user: User| {
        let artifact = provider.answer_by_artifact(&request, &user, now()).expect("an answer");
        let (resolve, pending) = resolve_request(&sp, &idp, &artifact, &mut Zeros, now()).expect("a request");
        let response = provider.resolve(&resolve, &sp, now()).expect("a message");
        (String::from_utf8(response.into_body()).expect("UTF-8"), pending)
    };
    let ada = User::new("ada", "Ada Lovelace", "ada@victim.example").in_groups(["admins", "staff"]);
    let ((victim, artifact), (attacker, _)) =
        (answer(ada), answer(User::new("mal", "Mallory", "mal@attacker.example").in_groups(["guests"])));
    let mut scene = Scene { sp, idp, pending, artifact, victim, attacker, signed: Vec::new() };
    for body in [&scene.victim, &scene.attacker].map(|body| body.clone().into_bytes()) {
        let valid = scene.judge(body, &Policy::default()).expect("a valid answer");
        scene.signed.push(facts(&valid));
    }
    scene
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
