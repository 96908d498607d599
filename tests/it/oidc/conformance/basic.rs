//! Basic certification profile, with the answer in the query and as a posted form.

use admittance::oidc::authorization::ResponseMode;
use admittance::testing::oidc_provider::{
    Delivered, Fault, IdTokenFault, JwtFault, Kid, Published, SignedToken, SigningAlgorithm, TestKey,
    UserInfoFault,
};
use serde_json::json;

use super::{in_both_modes, refuses, texts};
use crate::oidc::rp::code;

#[test]
fn oidcc_client_test() {
    in_both_modes(|mut rp| {
        let signed_in = rp.sign_in().unwrap();
        assert_eq!(signed_in.id.issuer(), "https://op.example");
        assert_eq!(signed_in.id.subject(), "user-ada");
        let id = rp.userinfo(&signed_in).unwrap();
        assert_eq!(texts(&id, "email"), ["ada@corp.example"]);
    });
}

#[test]
fn oidcc_client_test_invalid_iss() {
    in_both_modes(|mut rp| refuses(&mut rp, Fault::IdToken(IdTokenFault::OtherIssuer)));
}

#[test]
fn oidcc_client_test_missing_sub() {
    in_both_modes(|mut rp| refuses(&mut rp, Fault::IdToken(IdTokenFault::NoSubject)));
}

#[test]
fn oidcc_client_test_invalid_aud() {
    in_both_modes(|mut rp| refuses(&mut rp, Fault::IdToken(IdTokenFault::OtherAudience)));
}

#[test]
fn oidcc_client_test_missing_iat() {
    in_both_modes(|mut rp| refuses(&mut rp, Fault::IdToken(IdTokenFault::NoIssuedAt)));
}

#[test]
fn oidcc_client_test_nonce_invalid() {
    in_both_modes(|mut rp| refuses(&mut rp, Fault::IdToken(IdTokenFault::OtherNonce)));
}

/// Several keys, of which one fits the algorithm.
#[test]
fn oidcc_client_test_kid_absent_single_jwks() {
    in_both_modes(|mut rp| {
        rp.op.style.kid = Kid::Omit;
        rp.op.published_keys = vec![TestKey::P256, TestKey::Rsa, TestKey::Ed25519];
        assert!(rp.sign_in().is_ok());
        rp.op.fault = Some(Fault::Jwt(SignedToken::IdToken, JwtFault::OtherKey));
        assert_eq!(code(&rp.sign_in()), Some("oidc.signature_invalid"));
    });
}

/// Several keys that fit: each is tried.
#[test]
fn oidcc_client_test_kid_absent_multiple_jwks() {
    in_both_modes(|mut rp| {
        rp.op.style.kid = Kid::Omit;
        rp.op.style.published = Published::Nameless;
        rp.op.published_keys = vec![TestKey::OtherRsa, TestKey::Rsa];
        assert!(rp.sign_in().is_ok());
    });
}

#[test]
fn oidcc_client_test_idtoken_sig_rs256() {
    in_both_modes(|mut rp| {
        rp.op.style.algorithm = Some(SigningAlgorithm::Rs256);
        assert!(rp.sign_in().is_ok());
    });
}

#[test]
fn oidcc_client_test_idtoken_sig_none() {
    in_both_modes(|mut rp| refuses(&mut rp, Fault::Jwt(SignedToken::IdToken, JwtFault::AlgorithmNone)));
}

#[test]
fn oidcc_client_test_invalid_sig_rs256() {
    in_both_modes(|mut rp| refuses(&mut rp, Fault::Jwt(SignedToken::IdToken, JwtFault::ChangedSignature)));
}

#[test]
fn oidcc_client_test_userinfo_invalid_sub() {
    in_both_modes(|mut rp| {
        let signed_in = rp.sign_in().unwrap();
        rp.op.fault = Some(Fault::UserInfo(UserInfoFault::OtherSubject));
        assert_eq!(code(&rp.userinfo(&signed_in)), Some("oidc.userinfo_subject_mismatch"));
    });
}

#[test]
fn oidcc_client_test_scope_userinfo_claims() {
    in_both_modes(|mut rp| {
        rp.options.scopes = ["profile", "email", "phone", "address"].map(str::to_owned).to_vec();
        rp.op.style.profile_in = admittance::testing::oidc_provider::ClaimsIn::UserInfo;
        rp.user = rp.user.clone().with_claim("phone_number", json!("+41 44 000 00 00"));
        rp.user = rp.user.clone().with_claim("address", json!({ "locality": "Zürich" }));

        let signed_in = rp.sign_in().unwrap();
        assert!(signed_in.id.claims().claim("phone_number").is_none());
        let id = rp.userinfo(&signed_in).unwrap();
        for (name, expected) in
            [("name", "Ada Lovelace"), ("email", "ada@corp.example"), ("phone_number", "+41 44 000 00 00")]
        {
            assert_eq!(texts(&id, name), [expected]);
        }
        assert!(format!("{:?}", id.claims().claim("address").unwrap()).contains("Zürich"));
    });
}

#[test]
fn oidcc_client_test_client_secret_basic() {
    in_both_modes(|mut rp| {
        let (url, _) = rp.begin().unwrap();
        let request = rp.op.read_request(&url, rp.now).unwrap();
        assert_eq!(request.delivered, Delivered::Query);
        assert_eq!(
            rp.options.response_mode == Some(ResponseMode::FormPost),
            request.parameter("response_mode") == Some("form_post")
        );
        // The provider takes no other method from this client.
        assert!(rp.sign_in().is_ok());
    });
}
