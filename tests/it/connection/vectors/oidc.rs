//! D35, D41.

use super::{Vector, discovered, oidc, oidc_quiet, provider, vector};

pub(super) fn vectors() -> Vec<Vector> {
    use admittance::oidc::{Error, Message};
    use admittance::testing::oidc_provider::{Fault, IdTokenFault, SigningAlgorithm, TestKey};
    vec![
        vector(
            "oidc.discovery_failed",
            || discovered(Err(Error::HttpStatus { message: Message::Discovery, expected: 200, actual: 404 })),
            || discovered(Ok(provider("https://acme.okta.com"))),
        ),
        vector(
            "oidc.discovery_issuer_mismatch",
            || discovered(Ok(provider("https://acme.okta.com/oauth2/default"))),
            || discovered(Ok(provider("https://acme.okta.com"))),
        ),
        vector(
            "oidc.issuer_mismatch",
            || oidc(|scene| scene.op.style.token_issuer = Some("https://other.example".to_owned())),
            oidc_quiet,
        ),
        vector("oidc.invalid_client", || oidc(|scene| scene.wrong_secret = true), oidc_quiet),
        vector(
            "oidc.redirect_uri_mismatch",
            || oidc(|scene| scene.provider_error = Some("redirect_uri_mismatch")),
            || oidc(|scene| scene.provider_error = Some("access_denied")),
        ),
        vector(
            "oidc.nonce_mismatch",
            || oidc(|scene| scene.op.fault = Some(Fault::IdToken(IdTokenFault::OtherNonce))),
            oidc_quiet,
        ),
        vector("oidc.key_not_found", || oidc(|scene| scene.rotated = true), oidc_quiet),
        vector(
            "oidc.algorithm_not_allowed",
            || {
                oidc(|scene| {
                    scene.op.style.key = TestKey::Rsa;
                    scene.op.style.algorithm = Some(SigningAlgorithm::Ps384);
                    scene.algs = Some(vec!["RS256"]);
                })
            },
            oidc_quiet,
        ),
        vector(
            "oidc.groups_scope_missing",
            || oidc(|scene| scene.granted = Some("openid profile email")),
            || oidc(|scene| scene.granted = Some("openid profile groups")),
        ),
        vector(
            "oidc.token_expired",
            || oidc(|scene| scene.op.fault = Some(Fault::IdToken(IdTokenFault::Expired))),
            oidc_quiet,
        ),
        vector(
            "oidc.token_not_yet_valid",
            || oidc(|scene| scene.op.fault = Some(Fault::IdToken(IdTokenFault::NotYetValid))),
            oidc_quiet,
        ),
        vector(
            "oidc.issued_in_future",
            || oidc(|scene| scene.op.fault = Some(Fault::IdToken(IdTokenFault::IssuedInFuture))),
            oidc_quiet,
        ),
    ]
}
