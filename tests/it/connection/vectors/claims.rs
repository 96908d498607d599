//! D16–D24, D31, D39.

use admittance::connection::Preset;
use admittance::connection::sign_in::HostFinding;
use admittance::profile::IdentityRule;
use admittance::testing::saml_idp;
use admittance::testing::saml_idp::{Fault, Shape, User};

use super::super::scene::Scene;
use super::{Vector, candidate, fault, quiet, restricted, test, vector};

pub(super) fn vectors() -> Vec<Vector> {
    vec![
        vector("claims.email_missing", || fault(Fault::NoEmail), || fault(Fault::InvalidEmail)),
        vector("claims.email_invalid", || fault(Fault::InvalidEmail), || fault(Fault::TwoEmails)),
        vector("claims.email_multiple", || fault(Fault::TwoEmails), || fault(Fault::NoEmail)),
        vector(
            "claims.email_domain_not_allowed",
            || test(|scene| scene.domains = restricted("other.example")),
            || test(|scene| scene.domains = restricted("corp.example")),
        ),
        vector(
            "claims.email_unverified",
            || {
                test(|scene| {
                    scene.idp.style.other_attributes =
                        vec![("email_verified".to_owned(), vec!["false".to_owned()])];
                })
            },
            || {
                test(|scene| {
                    scene.idp.style.other_attributes =
                        vec![("email_verified".to_owned(), vec!["true".to_owned()])];
                })
            },
        ),
        vector(
            "account.email_in_use",
            || test(|scene| scene.findings = vec![HostFinding::EmailInUse]),
            quiet,
        ),
        vector("claims.login_missing", || fault(Fault::NoLogin), || fault(Fault::NoEmail)),
        vector(
            "claims.name_missing",
            || test(|scene| scene.idp.style.attributes.name = None),
            || fault(Fault::NoLogin),
        ),
        vector(
            "claims.namespaced_present",
            || Scene::preset(Preset::EntraSaml, Shape::EntraId, |_| {}).test().0.diagnoses,
            || {
                let change =
                    |scene: &mut Scene| scene.idp.style.attributes = saml_idp::AttributeNames::mapped();
                Scene::preset(Preset::EntraSaml, Shape::EntraId, change).test().0.diagnoses
            },
        ),
        vector(
            "claims.attributes_swapped",
            || fault(Fault::SwappedAttributes),
            || {
                test(|scene| {
                    scene.user = User::new("ada lovelace", "Ada Lovelace", "ada@corp.example")
                        .in_groups(["Developers"])
                })
            },
        ),
        vector(
            "saml.name_id_transient",
            || fault(Fault::TransientNameId),
            || {
                test(|scene| {
                    scene.idp.fault = Some(Fault::TransientNameId);
                    scene.idp.style.other_attributes = vec![("employee".to_owned(), vec!["4711".to_owned()])];
                    let mut mapping = admittance::connection::default_mapping(Preset::OktaSaml);
                    mapping.identity = IdentityRule::Attribute("employee".to_owned());
                    scene.mapping = Some(mapping);
                })
            },
        ),
        vector(
            "saml.name_id_changed",
            || test(|scene| scene.candidates = Some(candidate("00u1", "ada"))),
            || test(|scene| scene.candidates = Some(candidate("ada", "ada"))),
        ),
        vector(
            "saml.name_id_case_changed",
            || test(|scene| scene.candidates = Some(candidate("ADA", "ada"))),
            || test(|scene| scene.candidates = Some(candidate("ada", "ada"))),
        ),
    ]
}
