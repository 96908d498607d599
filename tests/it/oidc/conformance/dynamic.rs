//! Dynamic certification profile, as far as it needs no dynamic registration.

use admittance::jose::PrivateKey;
use admittance::testing::oidc_provider::{
    Delivered, Fault, JwtFault, OidcProvider, SignedToken, TestKey, UserInfoFault,
};

use super::{Rp, code};
use crate::oidc::rp::client;

/// By value: the object is in the request itself.
#[test]
fn oidcc_client_test_request_uri_signed_rs256() {
    let key = PrivateKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).unwrap();
    let mut client = client().with_signing_key(key);
    client.registered.request_object_signed = true;
    let mut rp = Rp::with_client(OidcProvider::new(31), client);
    let (url, _) = rp.begin().unwrap();
    let request = rp.op.read_request(&url, rp.now).unwrap();
    assert_eq!(request.delivered, Delivered::RequestObject);
    assert!(rp.sign_in().is_ok());

    // A provider that knows another key of the client would not have read it.
    rp.registration().keys = vec![TestKey::Rsa.jwk()];
    let (url, _) = rp.begin().unwrap();
    assert!(rp.op.read_request(&url, rp.now).is_err());
}

#[test]
fn oidcc_client_test_userinfo_signed() {
    let mut client = client();
    client.registered.userinfo_signed = true;
    let mut rp = Rp::with_client(OidcProvider::new(32), client);
    let signed_in = rp.sign_in().unwrap();
    assert!(rp.userinfo(&signed_in).is_ok());
    for fault in [
        Fault::UserInfo(UserInfoFault::NotSigned),
        Fault::Jwt(SignedToken::UserInfo, JwtFault::ChangedSignature),
    ] {
        rp.op.fault = Some(fault);
        assert_eq!(code(&rp.userinfo(&signed_in)), fault.code());
    }
}
