//! Config certification profile: metadata, keys and their rotation.

use std::time::Duration;

use admittance::oidc::id_token;
use admittance::testing::oidc_provider::{Fault, MetadataFault, OidcProvider, TestKey};

use super::{Rp, code};

#[test]
fn oidcc_client_test_discovery_openid_config() {
    let mut rp = Rp::new(OidcProvider::new(21));
    let provider = rp.provider().unwrap();
    assert_eq!(rp.called, ["https://op.example/.well-known/openid-configuration"]);
    assert_eq!(provider.issuer, "https://op.example");
    assert_eq!(provider.token_endpoint, rp.op.endpoints.token);
    assert!(rp.sign_in().is_ok());
}

/// The address of the keys is that of the metadata, whatever it is in this run.
#[test]
fn oidcc_client_test_discovery_jwks_uri_keys() {
    for path in ["keys-a", "other/place?tenant=7"] {
        let mut op = OidcProvider::new(22);
        op.endpoints.jwks = format!("https://op.example/{path}");
        let mut rp = Rp::new(op);
        let signed_in = rp.sign_in();
        assert!(rp.called.contains(&format!("https://op.example/{path}")), "{:?}", rp.called);
        assert!(signed_in.is_ok(), "{path}");
    }
}

#[test]
fn oidcc_client_test_discovery_issuer_mismatch() {
    let mut rp = Rp::new(OidcProvider::new(23));
    rp.op.fault = Some(Fault::Metadata(MetadataFault::OtherIssuer));
    assert_eq!(code(&rp.sign_in()), Some("oidc.discovery_issuer_mismatch"));
    assert_eq!(rp.called.len(), 1, "nothing else is called");
}

/// The key is new in the moment of signing: the same tokens are accepted with keys fetched anew.
#[test]
fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let mut rp = Rp::new(OidcProvider::new(24));
    rp.sign_in().unwrap();
    let before = rp.keys.clone().unwrap();
    rp.now = rp.now.saturating_add(Duration::from_secs(90));

    let (code, pending) = rp.callback().unwrap();
    rp.op.rotate(TestKey::OtherRsa);
    let tokens = rp.redeem(&code, &pending).unwrap();
    let provider = rp.provider().unwrap();
    let refused =
        id_token::validate(&tokens, before.jwks(), &provider, &rp.client, &pending, rp.now).unwrap_err();
    assert_eq!(refused.code(), "oidc.key_not_found");
    assert!(refused.is_retryable());
    let fetched = rp.called.len();
    assert!(rp.validate(tokens, &pending).is_ok());
    assert_eq!(rp.called[fetched..], [rp.op.endpoints.jwks.clone()]);
}

#[test]
fn oidcc_client_test_signing_key_rotation() {
    let mut rp = Rp::new(OidcProvider::new(25));
    rp.sign_in().unwrap();
    rp.op.rotate(TestKey::OtherRsa);
    rp.op.published_keys.retain(|key| *key == TestKey::OtherRsa);
    rp.now = rp.now.saturating_add(Duration::from_secs(90));
    assert!(rp.sign_in().is_ok());
}
