//! Refresh tokens.

use admittance::testing::oidc_provider::{Fault, OidcProvider, RefreshFault};

use super::{Rp, SignedIn, code};

#[test]
fn oidcc_client_test_refresh_token() {
    let (mut rp, signed_in) = signed_in(61);
    let refreshed = rp.refresh(&signed_in).unwrap();
    assert_eq!(refreshed.id.subject(), signed_in.id.subject());
    assert_ne!(refreshed.tokens.access_token(), signed_in.tokens.access_token());
    assert!(rp.userinfo(&refreshed).is_ok());
    assert!(rp.refresh(&refreshed).is_ok());
}

#[test]
fn oidcc_client_test_refresh_token_invalid_issuer() {
    let (mut rp, signed_in) = signed_in(62);
    rp.op.fault = Some(Fault::Refresh(RefreshFault::OtherIssuer));
    assert_eq!(code(&rp.refresh(&signed_in)), Some("oidc.issuer_mismatch"));
}

#[test]
fn oidcc_client_test_refresh_token_invalid_sub() {
    let (mut rp, signed_in) = signed_in(63);
    rp.op.fault = Some(Fault::Refresh(RefreshFault::OtherSubject));
    assert_eq!(code(&rp.refresh(&signed_in)), Some("oidc.refresh_subject_mismatch"));
}

fn signed_in(seed: u64) -> (Rp, SignedIn) {
    let mut rp = Rp::new(OidcProvider::new(seed));
    rp.options.scopes.push("offline_access".to_owned());
    let signed_in = rp.sign_in().unwrap();
    (rp, signed_in)
}
