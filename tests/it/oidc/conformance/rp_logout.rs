//! Logout that the relying party asks for.

use admittance::oidc::logout::rp_initiated::{self, LogoutOptions, LogoutReturn};
use admittance::testing::oidc_provider::{Fault, OidcProvider, PostLogoutFault};

use super::Rp;

#[test]
fn oidcc_client_test_rp_init_logout() {
    assert_eq!(round_trip(81, None), LogoutReturn::Ok);
}

#[test]
fn oidcc_client_test_rp_init_logout_other_state() {
    assert_eq!(round_trip(82, Some(PostLogoutFault::OtherState)), LogoutReturn::StateMismatch);
}

#[test]
fn oidcc_client_test_rp_init_logout_no_state() {
    assert_eq!(round_trip(83, Some(PostLogoutFault::NoState)), LogoutReturn::StateMissing);
}

fn round_trip(seed: u64, fault: Option<PostLogoutFault>) -> LogoutReturn {
    let after = "https://rp.example/signed-out";
    let mut rp = Rp::new(OidcProvider::new(seed));
    rp.registration().post_logout_redirect_uris = vec![after.to_owned()];
    let signed_in = rp.sign_in().unwrap();
    let provider = rp.provider().unwrap();
    let mut options = LogoutOptions::default();
    options.post_logout_redirect_uri = Some(after.to_owned());
    let (url, pending) =
        rp_initiated::begin(&provider, &rp.client, signed_in.id.session(), &options, &mut rp.entropy)
            .unwrap();

    rp.op.fault = fault.map(Fault::PostLogout);
    let back = rp.op.end_session(&url).unwrap().unwrap();
    assert!(back.as_str().starts_with(after));
    assert!(rp.op.sessions.is_empty(), "the provider's session has ended");
    rp_initiated::parse_return(back.query().unwrap_or_default(), &pending)
}
