//! Comprehensive plan: what the other plans leave out.

use admittance::jose::Algorithm;
use admittance::oidc::authorization::ResponseMode;
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::{Client, Error, userinfo};
use admittance::testing::oidc_provider::{
    CallbackFault, Endpoints, Fault, IdTokenFault, JwtFault, OidcProvider, SignedToken, TestKey,
};
use serde_json::json;

use super::{Rp, code, refuses};
use crate::oidc::rp::CALLBACK;

#[test]
fn oidcc_client_test_missing_aud() {
    let mut rp = Rp::new(OidcProvider::new(71));
    refuses(&mut rp, Fault::IdToken(IdTokenFault::NoAudience));
}

/// HMAC with something else than the client secret, where HMAC was chosen.
#[test]
fn oidcc_client_test_invalid_sig_hs256() {
    let mut rp = Rp::new(OidcProvider::new(72));
    rp.client.policy.algs = admittance::jose::Algorithms::new([Algorithm::HS256]);
    rp.op.style.listed_algorithms = Some(vec!["HS256".to_owned()]);
    rp.op.fault = Some(Fault::Jwt(SignedToken::IdToken, JwtFault::HmacWithPublicKey));
    assert_eq!(code(&rp.sign_in()), Some("oidc.signature_invalid"));
}

#[test]
fn oidcc_client_test_invalid_sig_es256() {
    let mut op = OidcProvider::new(73);
    op.rotate(TestKey::P256);
    let mut rp = Rp::new(op);
    assert!(rp.sign_in().is_ok());
    refuses(&mut rp, Fault::Jwt(SignedToken::IdToken, JwtFault::ChangedSignature));
}

#[test]
fn oidcc_client_test_userinfo_bearer_header() {
    let mut rp = Rp::new(OidcProvider::new(74));
    let signed_in = rp.sign_in().unwrap();
    let provider = rp.provider().unwrap();
    let request =
        userinfo::request(&provider, &rp.client, &signed_in.tokens, Dpop::Off, &mut rp.entropy, rp.now)
            .unwrap();
    let token = signed_in.tokens.access_token().expose();
    assert_eq!(request.headers()["authorization"].to_str().unwrap(), format!("Bearer {token}"));
    assert!(!request.uri().to_string().contains(token) && request.body().is_empty());
    // The provider takes it nowhere else.
    assert!(rp.userinfo(&signed_in).is_ok());
}

#[test]
fn oidcc_client_test_form_post_error() {
    let mut rp = Rp::new(OidcProvider::new(75));
    rp.options.response_mode = Some(ResponseMode::FormPost);
    rp.op.fault = Some(Fault::Callback(CallbackFault::Error));
    let Err(Error::Provider(shown)) = rp.sign_in() else { panic!("accepted") };
    assert_eq!(shown.error, "access_denied");
    assert_eq!(shown.description.as_deref(), Some("The person said no"), "without its control character");
}

#[test]
fn oidcc_client_test_aggregated_claims() {
    let mut rp = Rp::new(OidcProvider::new(76));
    rp.user = rp.user.clone().with_claim("_claim_names", json!({ "credit_score": "src1" }));
    rp.user = rp.user.clone().with_claim("_claim_sources", json!({ "src1": { "JWT": "e30.e30.AAAA" } }));
    let signed_in = rp.sign_in().unwrap();
    let id = rp.userinfo(&signed_in).unwrap();
    let sources = id.claims().claim("_claim_sources").unwrap();
    assert!(format!("{sources:?}").contains("e30.e30.AAAA"), "returned as data");
    assert!(id.claims().claim("credit_score").is_none());
}

#[test]
fn oidcc_client_test_distributed_claims() {
    let mut rp = Rp::new(OidcProvider::new(77));
    let source = "https://credit.example/claims";
    rp.user = rp.user.clone().with_claim("_claim_names", json!({ "credit_score": "src1" }));
    rp.user = rp.user.clone().with_claim(
        "_claim_sources",
        json!({ "src1": { "endpoint": source, "access_token": "ksj3n283dke" } }),
    );
    let signed_in = rp.sign_in().unwrap();
    let id = rp.userinfo(&signed_in).unwrap();
    let sources = id.claims().claim("_claim_sources").unwrap();
    assert!(format!("{sources:?}").contains(source), "returned as data");
    assert!(rp.called.iter().all(|url| !url.starts_with(source)), "and never called");
}

#[test]
fn oidcc_client_test_mtls_endpoint_aliases() {
    let mut op = OidcProvider::new(78);
    op.endpoints = Endpoints::below(&op.issuer).with_mutual_tls("https://mtls.op.example");
    let client = Client::new("client-1", CALLBACK).authenticated_by(ClientAuthentication::MutualTls);
    let mut rp = Rp::with_client(op, client);
    let signed_in = rp.sign_in().unwrap();
    rp.userinfo(&signed_in).unwrap();
    for alias in ["https://mtls.op.example/token", "https://mtls.op.example/userinfo"] {
        assert!(rp.called.iter().any(|url| url == alias), "{alias}");
    }
    assert!(rp.called.iter().all(|url| url != "https://op.example/token"));
}
