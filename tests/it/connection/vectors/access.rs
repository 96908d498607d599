//! D01–D03, D36, D37, D48.

use admittance::connection::sign_in::HostFinding;
use admittance::connection::{Command, Preset, State, sign_in_connection};
use admittance::saml::web_sso;
use admittance::testing::saml_idp::Fault;

use super::super::fixture::{in_state, new, refused, run};
use super::super::scene::Scene;
use super::{Vector, fault, good_metadata, metadata, oidc, oidc_quiet, quiet, test, vector};

pub(super) fn vectors() -> Vec<Vector> {
    vec![
        vector(
            "login.unknown_enterprise_key",
            || vec![*sign_in_connection("acne", None).unwrap_err()],
            || {
                sign_in_connection("acme", Some(&in_state(State::Enabled)))
                    .err()
                    .map(|d| *d)
                    .into_iter()
                    .collect()
            },
        ),
        vector(
            "connection.disabled",
            || Scene::with(|scene| scene.state = State::Disabled).sign_in().0.diagnoses,
            || Scene::with(|scene| scene.state = State::Enabled).sign_in().0.diagnoses,
        ),
        vector(
            "connection.incomplete",
            || {
                refused(
                    &run(new(), [Command::Choose(Preset::OktaSaml)]),
                    crate::connection::fixture::create(),
                )
            },
            || metadata(&good_metadata()),
        ),
        vector(
            "saml.idp_initiated_denied",
            || test(|scene| scene.solicited = false),
            || {
                test(|scene| {
                    scene.solicited = false;
                    scene.policy.saml.idp_initiated = web_sso::IdpInitiated::Allow;
                })
            },
        ),
        vector("saml.in_response_to_mismatch", || fault(Fault::WrongInResponseTo), quiet),
        vector("saml.replayed", || test(|scene| scene.findings = vec![HostFinding::Replayed]), quiet),
        vector("login.state_lost", || test(|scene| scene.findings = vec![HostFinding::StateLost]), quiet),
        vector(
            "oidc.state_mismatch",
            || {
                use admittance::testing::oidc_provider::{CallbackFault, Fault};
                oidc(|scene| scene.op.fault = Some(Fault::Callback(CallbackFault::OtherState)))
            },
            oidc_quiet,
        ),
        vector(
            "login.ip_allow_list_suspected",
            || test(|scene| scene.findings = vec![HostFinding::IpAllowListSuspected]),
            quiet,
        ),
    ]
}
