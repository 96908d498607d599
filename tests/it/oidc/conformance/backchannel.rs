//! Logout tokens.

use admittance::oidc::logout::backchannel;
use admittance::testing::oidc_provider::{
    Fault, JwtFault, LogoutTokenFault, OidcProvider, SignedToken, logout_succeeded,
};
use http::header::CACHE_CONTROL;

use super::{Rp, session};

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout() {
    logout(91, None);
}

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout_alg_none() {
    logout(92, Some(Fault::Jwt(SignedToken::LogoutToken, JwtFault::AlgorithmNone)));
}

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout_no_event() {
    logout(93, Some(Fault::LogoutToken(LogoutTokenFault::NoEvent)));
}

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout_with_nonce() {
    logout(94, Some(Fault::LogoutToken(LogoutTokenFault::Nonce)));
}

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_alg() {
    logout(95, Some(Fault::Jwt(SignedToken::LogoutToken, JwtFault::UnlistedAlgorithm)));
}

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_aud() {
    logout(96, Some(Fault::LogoutToken(LogoutTokenFault::OtherAudience)));
}

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_event() {
    logout(97, Some(Fault::LogoutToken(LogoutTokenFault::OtherEvent)));
}

#[test]
fn oidcc_client_test_rp_backchannel_rpinitlogout_wrong_iss() {
    logout(98, Some(Fault::LogoutToken(LogoutTokenFault::OtherIssuer)));
}

/// Accepted with 200, or refused with 400 and the code of the fault; nobody may keep the answer.
fn logout(seed: u64, fault: Option<Fault>) {
    let mut rp = Rp::new(OidcProvider::new(seed));
    rp.registration().backchannel_logout_uri = Some("https://rp.example/backchannel".to_owned());
    let signed_in = rp.sign_in().unwrap();
    let session = session(&rp, &signed_in);
    rp.op.fault = fault;
    let request = rp.op.backchannel_logout(&session, rp.now).unwrap();

    let (provider, keys) = (rp.provider().unwrap(), rp.keys.clone().unwrap());
    let judged = backchannel::validate(request.body(), keys.jwks(), &provider, &rp.client, rp.now);
    let response = match &judged {
        Ok(token) => {
            assert!(token.is_of(signed_in.id.session()));
            backchannel::done()
        }
        Err(error) => backchannel::refused(Some(error)),
    };
    assert_eq!(judged.as_ref().err().map(|error| error.code()), fault.and_then(Fault::code));
    assert_eq!(response.status(), if fault.is_none() { 200 } else { 400 });
    assert_eq!(logout_succeeded(&response), fault.is_none());
    assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
}
