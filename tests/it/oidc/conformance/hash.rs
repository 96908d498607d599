//! Hashes of access token and code, which the code flow does not need and which are wrong when they are wrong.

use admittance::testing::oidc_provider::{Fault, IdTokenFault, OidcProvider};

use super::{Rp, refuses};

#[test]
fn oidcc_client_test_invalid_athash() {
    let mut rp = Rp::new(OidcProvider::new(41));
    refuses(&mut rp, Fault::IdToken(IdTokenFault::OtherAccessTokenHash));
}

#[test]
fn oidcc_client_test_invalid_chash() {
    let mut rp = Rp::new(OidcProvider::new(42));
    rp.op.style.c_hash = true;
    assert!(rp.sign_in().is_ok());
    refuses(&mut rp, Fault::IdToken(IdTokenFault::OtherCodeHash));
}
