//! FAPI 2.0 Security Profile: pushed requests, private keys for everything, tokens that are bound to a DPoP key.

use admittance::jose::{Algorithm, Algorithms, PrivateKey};
use admittance::oidc::Client;
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::DpopKey;
use admittance::oidc::token::TokenType;
use admittance::testing::oidc_provider::{
    Audience, CallbackFault, Delivered, ExpiresIn, Fault, IdTokenFault, JwtFault, MetadataFault,
    OidcProvider, SignedToken, TestKey,
};

use super::{Rp, code};
use crate::oidc::rp::CALLBACK;

#[test]
fn fapi2_security_profile_final_client_test_happy_path() {
    let mut rp = rp(201);
    let (url, _) = rp.begin().unwrap();
    assert_eq!(url.query_pairs().count(), 2, "the browser carries client_id and request_uri alone");
    assert_eq!(rp.op.read_request(&url, rp.now).unwrap().delivered, Delivered::Pushed);
    accepts(&mut rp);
    // Discovery, a pushed request and a token request, each once more for the nonce, keys, UserInfo twice.
    let count = |url: &str| rp.called.iter().filter(|called| *called == url).count();
    assert_eq!(count(&rp.op.endpoints.token), 2);
    assert_eq!(count(&rp.op.endpoints.userinfo), 2);
}

#[test]
fn fapi2_security_profile_final_client_test_happy_path_no_dpop_nonce() {
    let mut rp = rp(202);
    rp.op.dpop_nonces = false;
    accepts(&mut rp);
    let count = |url: &str| rp.called.iter().filter(|called| *called == url).count();
    assert_eq!(count(&rp.op.endpoints.token), 1);
}

#[test]
fn fapi2_security_profile_final_client_test_valid_aud_as_array() {
    let mut rp = rp(203);
    rp.op.style.audience = Audience::Array;
    accepts(&mut rp);
}

#[test]
fn fapi2_security_profile_final_client_test_token_type_case_insensitivity() {
    let mut rp = rp(204);
    rp.op.style.dpop_token_type = "dpOp".to_owned();
    accepts(&mut rp);
}

#[test]
fn fapi2_security_profile_final_client_test_token_endpoint_response_without_expires_in() {
    let mut rp = rp(205);
    rp.op.style.expires_in = ExpiresIn::Omit;
    accepts(&mut rp);
}

#[test]
fn fapi2_security_profile_final_client_test_rs_dpop_auth_scheme_case_insensitivity() {
    let mut rp = rp(206);
    rp.op.style.dpop_scheme = "dPoP".to_owned();
    accepts(&mut rp);
}

#[test]
fn fapi2_security_profile_final_client_test_refresh_token_test() {
    let mut rp = rp(207);
    rp.options.scopes.push("offline_access".to_owned());
    let signed_in = rp.sign_in().unwrap();
    let refreshed = rp.refresh(&signed_in).unwrap();
    assert_eq!(refreshed.tokens.token_type(), TokenType::Dpop);
    assert!(rp.userinfo(&refreshed).is_ok());
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_iss() {
    refuses(211, Fault::IdToken(IdTokenFault::OtherIssuer));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_aud() {
    refuses(212, Fault::IdToken(IdTokenFault::OtherAudience));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_secondary_aud() {
    refuses(213, Fault::IdToken(IdTokenFault::OtherAudienceBeside));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_null_alg() {
    refuses(214, Fault::Jwt(SignedToken::IdToken, JwtFault::AlgorithmNone));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_alternate_alg() {
    refuses(215, Fault::Jwt(SignedToken::IdToken, JwtFault::UnlistedAlgorithm));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_expired_exp() {
    refuses(216, Fault::IdToken(IdTokenFault::Expired));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_exp() {
    refuses(217, Fault::IdToken(IdTokenFault::NoExpiry));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_aud() {
    refuses(218, Fault::IdToken(IdTokenFault::NoAudience));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_iss() {
    refuses(219, Fault::IdToken(IdTokenFault::NoIssuer));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_nonce() {
    refuses(220, Fault::IdToken(IdTokenFault::NoNonce));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_nonce() {
    refuses(221, Fault::IdToken(IdTokenFault::OtherNonce));
}

#[test]
fn fapi2_security_profile_final_client_test_remove_authorization_response_iss() {
    stops_at_the_callback(222, CallbackFault::NoIssuer);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_authorization_response_iss() {
    stops_at_the_callback(223, CallbackFault::OtherIssuer);
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_state_fails() {
    stops_at_the_callback(224, CallbackFault::OtherState);
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_missing_state_fails() {
    stops_at_the_callback(225, CallbackFault::NoState);
}

#[test]
fn fapi2_security_profile_final_client_test_discovery_issuer_mismatch() {
    let mut rp = rp(226);
    rp.op.fault = Some(Fault::Metadata(MetadataFault::OtherIssuer));
    assert_eq!(code(&rp.sign_in()), Some("oidc.discovery_issuer_mismatch"));
    assert_eq!(rp.called.len(), 1, "nothing else is called");
}

/// The profile's provider and client: PS256 or ES256 everywhere, nonces in every proof.
fn rp(seed: u64) -> Rp {
    let mut op = OidcProvider::new(seed);
    op.rotate(TestKey::P256);
    op.published_keys.retain(|key| *key == TestKey::P256);
    op.dpop_nonces = true;
    let key = PrivateKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).unwrap().with_kid("sig-1");
    let mut client = Client::new("client-1", CALLBACK)
        .authenticated_by(ClientAuthentication::PrivateKeyJwt)
        .with_signing_key(key);
    client.signing_algorithm = Some(Algorithm::PS256);
    client.policy.algs = Algorithms::new([Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA]);
    client.registered.pushed_authorization_requests = true;
    let mut rp = Rp::with_client(op, client);
    rp.registration().require_dpop = true;
    let key = PrivateKey::from_pem(TestKey::OtherP256.key_pem().as_bytes()).unwrap();
    rp.dpop = Some(DpopKey::new(key));
    rp
}

fn accepts(rp: &mut Rp) {
    let signed_in = rp.sign_in().unwrap();
    assert_eq!(signed_in.tokens.token_type(), TokenType::Dpop);
    assert!(rp.userinfo(&signed_in).is_ok());
}

fn refuses(seed: u64, fault: Fault) {
    let mut rp = rp(seed);
    super::refuses(&mut rp, fault);
}

/// No endpoint is called after the callback was refused.
fn stops_at_the_callback(seed: u64, fault: CallbackFault) {
    let mut rp = rp(seed);
    rp.op.fault = Some(Fault::Callback(fault));
    assert_eq!(code(&rp.sign_in()), fault.code());
    assert_eq!(rp.called.last(), Some(&rp.op.endpoints.pushed_authorization));
}
