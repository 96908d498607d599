//! The modules of the OpenID Foundation's conformance suite for relying parties: a file for each plan, a test for each
//! module, named after it.

mod backchannel;
mod basic;
mod comprehensive;
mod config;
mod dynamic;
mod fapi2;
mod frontchannel;
mod hash;
mod refresh;
mod rp_logout;
mod third_party;

use admittance::oidc::authorization::ResponseMode;
use admittance::testing::oidc_provider::{Fault, OidcProvider};

use super::rp::{Rp, SignedIn, code};

/// Every module in scope, and the file of its plan.
const MODULES: &[(&str, &[&str])] = &[
    (
        include_str!("basic.rs"),
        &[
            "oidcc-client-test",
            "oidcc-client-test-invalid-iss",
            "oidcc-client-test-missing-sub",
            "oidcc-client-test-invalid-aud",
            "oidcc-client-test-missing-iat",
            "oidcc-client-test-nonce-invalid",
            "oidcc-client-test-kid-absent-single-jwks",
            "oidcc-client-test-kid-absent-multiple-jwks",
            "oidcc-client-test-idtoken-sig-rs256",
            "oidcc-client-test-idtoken-sig-none",
            "oidcc-client-test-invalid-sig-rs256",
            "oidcc-client-test-userinfo-invalid-sub",
            "oidcc-client-test-scope-userinfo-claims",
            "oidcc-client-test-client-secret-basic",
        ],
    ),
    (
        include_str!("config.rs"),
        &[
            "oidcc-client-test-discovery-openid-config",
            "oidcc-client-test-discovery-jwks-uri-keys",
            "oidcc-client-test-discovery-issuer-mismatch",
            "oidcc-client-test-signing-key-rotation-just-before-signing",
            "oidcc-client-test-signing-key-rotation",
        ],
    ),
    (
        include_str!("dynamic.rs"),
        &["oidcc-client-test-request-uri-signed-rs256", "oidcc-client-test-userinfo-signed"],
    ),
    (include_str!("hash.rs"), &["oidcc-client-test-invalid-athash", "oidcc-client-test-invalid-chash"]),
    (include_str!("third_party.rs"), &["oidcc-client-test-3rd-party-init-login"]),
    (
        include_str!("refresh.rs"),
        &[
            "oidcc-client-test-refresh-token",
            "oidcc-client-test-refresh-token-invalid-issuer",
            "oidcc-client-test-refresh-token-invalid-sub",
        ],
    ),
    (
        include_str!("comprehensive.rs"),
        &[
            "oidcc-client-test-missing-aud",
            "oidcc-client-test-invalid-sig-hs256",
            "oidcc-client-test-invalid-sig-es256",
            "oidcc-client-test-userinfo-bearer-header",
            "oidcc-client-test-form-post-error",
            "oidcc-client-test-aggregated-claims",
            "oidcc-client-test-distributed-claims",
            "oidcc-client-test-mtls-endpoint-aliases",
        ],
    ),
    (
        include_str!("rp_logout.rs"),
        &[
            "oidcc-client-test-rp-init-logout",
            "oidcc-client-test-rp-init-logout-other-state",
            "oidcc-client-test-rp-init-logout-no-state",
        ],
    ),
    (
        include_str!("backchannel.rs"),
        &[
            "oidcc-client-test-rp-backchannel-rpinitlogout",
            "oidcc-client-test-rp-backchannel-rpinitlogout-alg-none",
            "oidcc-client-test-rp-backchannel-rpinitlogout-no-event",
            "oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce",
            "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg",
            "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud",
            "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event",
            "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss",
        ],
    ),
    (
        include_str!("frontchannel.rs"),
        &["oidcc-client-test-rp-frontchannel-rpinitlogout", "oidcc-client-test-rp-frontchannel-opinitlogout"],
    ),
    (
        include_str!("fapi2.rs"),
        &[
            "fapi2-security-profile-final-client-test-happy-path",
            "fapi2-security-profile-final-client-test-happy-path-no-dpop-nonce",
            "fapi2-security-profile-final-client-test-valid-aud-as-array",
            "fapi2-security-profile-final-client-test-token-type-case-insensitivity",
            "fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in",
            "fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity",
            "fapi2-security-profile-final-client-test-refresh-token-test",
            "fapi2-security-profile-final-client-test-invalid-iss",
            "fapi2-security-profile-final-client-test-invalid-aud",
            "fapi2-security-profile-final-client-test-invalid-secondary-aud",
            "fapi2-security-profile-final-client-test-invalid-null-alg",
            "fapi2-security-profile-final-client-test-invalid-alternate-alg",
            "fapi2-security-profile-final-client-test-invalid-expired-exp",
            "fapi2-security-profile-final-client-test-invalid-missing-exp",
            "fapi2-security-profile-final-client-test-invalid-missing-aud",
            "fapi2-security-profile-final-client-test-invalid-missing-iss",
            "fapi2-security-profile-final-client-test-invalid-missing-nonce",
            "fapi2-security-profile-final-client-test-invalid-nonce",
            "fapi2-security-profile-final-client-test-remove-authorization-response-iss",
            "fapi2-security-profile-final-client-test-invalid-authorization-response-iss",
            "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails",
            "fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails",
            "fapi2-security-profile-final-client-test-discovery-issuer-mismatch",
        ],
    ),
];

#[test]
fn every_module_has_its_test() {
    for (file, modules) in MODULES {
        let tests = file.lines().filter(|line| line.trim() == "#[test]").count();
        assert_eq!(tests, modules.len(), "one test for each of {modules:?}");
        for module in *modules {
            let test = format!("fn {}()", module.replace('-', "_"));
            assert!(file.contains(&test), "{module}");
        }
    }
}

/// A plan that runs with the answer in the query and with a posted form.
fn in_both_modes(run: impl Fn(Rp)) {
    for mode in [ResponseMode::Query, ResponseMode::FormPost] {
        let mut rp = Rp::new(OidcProvider::new(11));
        rp.options.response_mode = Some(mode);
        run(rp);
    }
}

/// A sign-in at a provider with this fault is refused with its code.
fn refuses(rp: &mut Rp, fault: Fault) {
    rp.op.fault = Some(fault);
    let outcome = rp.sign_in();
    assert_eq!(code(&outcome), fault.code(), "{fault:?}");
    assert!(outcome.is_err(), "{fault:?}");
}

/// The texts of a claim.
fn texts(id: &admittance::oidc::id_token::ValidIdToken, name: &str) -> Vec<String> {
    let claim = id.claims().claim(name).unwrap_or_else(|| panic!("no claim {name}"));
    claim.values.iter().filter_map(|value| value.as_text()).map(str::to_owned).collect()
}

/// A session at the provider for somebody who has signed in.
fn session(rp: &Rp, signed_in: &SignedIn) -> admittance::testing::oidc_provider::Session {
    let sid = signed_in.id.sid().unwrap();
    rp.op.sessions.iter().find(|session| session.sid == sid).unwrap().clone()
}
