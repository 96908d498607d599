//! A message that gives exactly one code of the catalogue, and one that nearly does and does not; for each code.

mod access;
mod claims;
mod groups;
mod oidc;
mod provisioning;
mod saml;
mod set_up;

use std::time::Duration;

use admittance::connection::{
    AllowedDomains, Command, Diagnosis, Domain, DomainName, Domains, IdpSource, Observations, Preset, Reach,
    State, apply, setup_warnings,
};
use admittance::note::Note;
use admittance::profile::{Activity, Candidate};
use admittance::testing::saml_idp::{Encryption, Fault, SamlIdp, Shape, TestKey};
use admittance::testing::{ClaimsBuilder, saml_idp};

use super::fixture::{Counter, facts, in_state, new, now, run, with_scim};
use super::oidc_scene::OidcScene;
use super::scene::Scene;

/// A code with what gives exactly it, and what does not.
pub(super) struct Vector {
    pub(super) code: &'static str,
    pub(super) gives: fn() -> Vec<Diagnosis>,
    pub(super) not: fn() -> Vec<Diagnosis>,
}

pub(super) fn test(change: impl FnOnce(&mut Scene)) -> Vec<Diagnosis> {
    Scene::with(change).test().0.diagnoses
}

pub(super) fn fault(fault: Fault) -> Vec<Diagnosis> {
    test(|scene| scene.idp.fault = Some(fault))
}

pub(super) fn quiet() -> Vec<Diagnosis> {
    test(|_| {})
}

pub(super) fn oidc(change: impl FnOnce(&mut OidcScene)) -> Vec<Diagnosis> {
    OidcScene::with(change).test().0.diagnoses
}

pub(super) fn oidc_quiet() -> Vec<Diagnosis> {
    oidc(|_| {})
}

pub(super) fn groups(names: &[&str]) -> Vec<Diagnosis> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    test(move |scene| scene.user.groups = names)
}

pub(super) fn many(preset: Preset, shape: Shape, count: usize) -> Vec<Diagnosis> {
    let scene = Scene::preset(preset, shape, |scene| {
        scene.idp.style.attributes = saml_idp::AttributeNames::mapped();
        let mut groups: Vec<String> = (1..count).map(|n| format!("unrelated group number {n:04}")).collect();
        groups.push("Developers".to_owned());
        scene.user.groups = groups;
    });
    scene.test().0.diagnoses
}

pub(super) fn hub(notes: &[&str]) -> Vec<Diagnosis> {
    observed(notes.iter().map(|code| Note::new(code)).collect())
}

pub(super) fn observed(notes: Vec<Note>) -> Vec<Diagnosis> {
    let mut observations = Observations::default();
    observations.provisioning = notes;
    setup_warnings(&with_scim(State::Enabled), &observations, now())
}

pub(super) fn metadata(text: &str) -> Vec<Diagnosis> {
    let draft = in_state(State::Draft);
    let create = Command::Create(Reach::Metadata(text.as_bytes().to_vec()));
    apply(&draft, create, &facts(&draft), now()).err().unwrap_or_default()
}

pub(super) fn good_metadata() -> String {
    String::from_utf8(SamlIdp::new(1).metadata().unwrap()).unwrap()
}

pub(super) fn upload(certificate: &str) -> Vec<Diagnosis> {
    let draft = run(new(), [Command::Choose(Preset::CustomSaml)]);
    let source = IdpSource::Manual {
        login_url: "https://idp.example/sso".to_owned(),
        certificates: vec![certificate.to_owned()],
        entity_id: None,
    };
    apply(&draft, Command::SetIdp { source, reach: None }, &facts(&draft), now()).err().unwrap_or_default()
}

pub(super) fn certificate() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(TestKey::Rsa.certificate().der())
}

pub(super) fn discovered(
    answer: Result<admittance::oidc::Provider, admittance::oidc::Error>,
) -> Vec<Diagnosis> {
    let draft = super::fixture::okta_oidc();
    let create = Command::Create(Reach::Discovery(Box::new(answer)));
    apply(&draft, create, &facts(&draft), now()).err().unwrap_or_default()
}

pub(super) fn provider(issuer: &str) -> admittance::oidc::Provider {
    admittance::oidc::Provider::new(
        issuer,
        "https://a.example/a",
        "https://a.example/t",
        "https://a.example/j",
    )
}

pub(super) fn candidate(identity_of: &str, user_name: &str) -> Vec<Candidate> {
    let claims = ClaimsBuilder::new(Shape::Okta.entity_id(), identity_of)
        .subject(admittance::claims::SubjectId {
            value: identity_of.to_owned(),
            format: Some("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned()),
            name_qualifier: None,
            sp_name_qualifier: None,
            stability: admittance::claims::Stability::Stable,
        })
        .build();
    let mapping = admittance::connection::default_mapping(Preset::OktaSaml);
    let identity = admittance::profile::identity(&"c1".into(), &mapping, &claims).unwrap();
    vec![Candidate {
        account: "u1".into(),
        identity: Some(identity),
        provisioned_by: None,
        user_name: Some(user_name.to_owned()),
        activity: Activity::Active,
    }]
}

pub(super) fn restricted(domain: &str) -> Domains {
    let domain = Domain::claim(DomainName::parse(domain).unwrap(), &mut Counter(1)).unwrap();
    let record = domain.record_value();
    let mut domains = Domains::default();
    domains.claimed = vec![domain.check([record.as_str()], now())];
    domains.allowed = AllowedDomains::Verified;
    domains
}

pub(super) fn expiring(days: u64) -> Vec<Diagnosis> {
    test(|scene| {
        scene.idp.published_keys = vec![TestKey::ExpiredRsa];
        scene.idp.style.key = TestKey::ExpiredRsa;
        let end = TestKey::ExpiredRsa.certificate().not_after();
        scene.now = end.saturating_sub(Duration::from_secs(days * 24 * 60 * 60));
    })
}

pub(super) fn encrypted(change: impl FnOnce(&mut Scene)) -> Vec<Diagnosis> {
    test(|scene| {
        scene.idp.style.encryption = Some(Encryption::to(TestKey::Rsa.certificate()));
        scene.decryption_key = Some(TestKey::Rsa.key_pem());
        change(scene);
    })
}

/// Every vector.
pub(super) fn vectors() -> Vec<Vector> {
    let all = [
        access::vectors(),
        groups::vectors(),
        claims::vectors(),
        saml::vectors(),
        oidc::vectors(),
        set_up::vectors(),
        provisioning::vectors(),
    ];
    all.into_iter().flatten().collect()
}

pub(super) fn vector(
    code: &'static str,
    gives: fn() -> Vec<Diagnosis>,
    not: fn() -> Vec<Diagnosis>,
) -> Vector {
    Vector { code, gives, not }
}
