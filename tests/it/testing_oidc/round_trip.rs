//! The library on one side, the provider on the other: every product, every way to authenticate, every way to sign,
//! encrypt and send.

use admittance::claims::ClaimValue;
use admittance::crypto::Secret;
use admittance::jose::{Algorithm, PrivateKey};
use admittance::oidc::client::{AssertionAudience, ClientAuthentication};
use admittance::oidc::dpop::{self, Dpop, DpopKey, DpopNonce};
use admittance::oidc::logout::rp_initiated::LogoutReturn;
use admittance::oidc::{Client, token};
use admittance::testing::oidc_provider::{
    ContentEncryption, Delivered, EmailVerified, Encryption, Endpoints, ExpiresIn, IssParameter,
    KeyManagement, OidcProvider, Published, Shape, SigningAlgorithm, TestKey, TimeStyle,
};
use serde_json::json;

use super::journey::{at, encrypt_to, equip, travel, with_dpop};
use crate::oidc::rp::{CALLBACK, Rp, SECRET};

#[test]
fn every_product_signs_in() {
    for shape in Shape::ALL {
        let mut rp = at(1, shape);
        let outcome = travel(&mut rp).unwrap_or_else(|error| panic!("{shape:?}: {error}"));
        assert_eq!(outcome.id.issuer(), rp.op.token_issuer(), "{shape:?}");
        assert_eq!(outcome.back, LogoutReturn::Ok);
        let names = rp.op.style.claims.clone();
        let claims = outcome.id.claims();
        let texts = |name: &Option<String>| -> Option<Vec<String>> {
            let claim = claims.claim(name.as_ref()?)?;
            Some(claim.values.iter().filter_map(ClaimValue::as_text).map(str::to_owned).collect())
        };
        for (name, expected) in
            [(&names.name, "Ada Lovelace"), (&names.login, "ada"), (&names.email, "ada@corp.example")]
        {
            assert!(texts(name).is_none_or(|texts| texts == [expected]), "{shape:?} {name:?}");
            assert_eq!(texts(name).is_some(), name.is_some(), "{shape:?} {name:?}");
        }
        assert_eq!(names.groups.is_some(), names.groups.and_then(|name| claims.claim(&name)).is_some());
    }
}

#[test]
fn every_way_to_authenticate_is_verified() {
    let secret = || Secret::new(SECRET);
    let methods = [
        ClientAuthentication::None,
        ClientAuthentication::ClientSecretBasic { secret: secret() },
        ClientAuthentication::ClientSecretPost { secret: secret() },
        ClientAuthentication::ClientSecretJwt { secret: secret(), algorithm: Algorithm::HS256 },
        ClientAuthentication::ClientSecretJwt { secret: secret(), algorithm: Algorithm::HS512 },
        ClientAuthentication::PrivateKeyJwt,
        ClientAuthentication::MutualTls,
    ];
    for method in methods {
        for audience in [AssertionAudience::Issuer, AssertionAudience::TokenEndpoint] {
            let mut client = Client::new("client 1/ü", CALLBACK).authenticated_by(method.clone());
            client.assertion_audience = audience;
            let key = PrivateKey::from_pem(TestKey::OtherP256.key_pem().as_bytes()).unwrap();
            client = client.with_signing_key(key.with_kid("k-1"));
            client.registered.pushed_authorization_requests = true;
            let mut op = OidcProvider::new(2);
            if method == ClientAuthentication::MutualTls {
                op.endpoints = Endpoints::below(&op.issuer).with_mutual_tls("https://mtls.op.example");
            }
            let mut rp = Rp::with_client(op, client);
            equip(&mut rp);
            travel(&mut rp).unwrap_or_else(|error| panic!("{method:?}: {error}"));
        }
    }
}

#[test]
fn a_wrong_secret_or_key_is_refused() {
    for (method, other) in [
        (
            ClientAuthentication::ClientSecretBasic { secret: Secret::new("one secret") },
            ClientAuthentication::ClientSecretBasic { secret: Secret::new("another secret") },
        ),
        (
            ClientAuthentication::ClientSecretBasic { secret: Secret::new("one secret") },
            ClientAuthentication::ClientSecretPost { secret: Secret::new("one secret") },
        ),
        (ClientAuthentication::PrivateKeyJwt, ClientAuthentication::None),
    ] {
        let key = || PrivateKey::from_pem(TestKey::Ed25519.key_pem().as_bytes()).unwrap();
        let client = Client::new("client-1", CALLBACK).authenticated_by(method).with_signing_key(key());
        let mut rp = Rp::with_client(OidcProvider::new(3), client.clone());
        rp.client = client.authenticated_by(other);
        assert_eq!(crate::oidc::rp::code(&rp.sign_in()), Some("oidc.token_error"));
    }
}

#[test]
fn every_algorithm_verifies() {
    use SigningAlgorithm as A;
    for (key, algorithms) in [
        (TestKey::Rsa, &[A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512] as &[_]),
        (TestKey::P256, &[A::Es256]),
        (TestKey::P384, &[A::Es384]),
        (TestKey::Ed25519, &[A::EdDsa]),
    ] {
        for algorithm in algorithms {
            let mut op = OidcProvider::new(4);
            op.published_keys = vec![key];
            (op.style.key, op.style.algorithm) = (key, Some(*algorithm));
            op.style.c_hash = true;
            let mut rp = Rp::new(op);
            assert!(rp.sign_in().is_ok(), "{algorithm:?}");
        }
    }
}

#[test]
fn every_encryption_opens() {
    for algorithm in KeyManagement::ALL {
        let keys: &[TestKey] = match algorithm.is_rsa() {
            true => &[TestKey::OtherRsa],
            false => &[TestKey::OtherP256, TestKey::P384],
        };
        for (key, content) in
            keys.iter().flat_map(|key| ContentEncryption::ALL.map(|content| (*key, content)))
        {
            let mut rp = Rp::new(OidcProvider::new(5));
            equip(&mut rp);
            rp.client.registered.id_token_encrypted = true;
            rp.op.style.replicate_claims = true;
            encrypt_to(&mut rp, key, |jwk| {
                let mut encryption = Encryption::new(jwk).with(algorithm, content);
                encryption.apu = Some("the provider".to_owned());
                encryption.apv = Some("client-1".to_owned());
                encryption
            });
            travel(&mut rp).unwrap_or_else(|error| panic!("{algorithm:?} {key:?} {content:?}: {error}"));
        }
    }
}

/// UserInfo that is encrypted around a signature, and around plain claims.
#[test]
fn userinfo_is_signed_and_encrypted() {
    for signed in [true, false] {
        let mut rp = Rp::new(OidcProvider::new(6));
        rp.client.registered.userinfo_signed = signed;
        rp.registration().userinfo_signed = signed;
        encrypt_to(&mut rp, TestKey::OtherRsa, Encryption::new);
        let signed_in = rp.sign_in().unwrap();
        assert!(rp.userinfo(&signed_in).is_ok(), "{signed}");
    }
}

#[test]
fn every_way_to_send_a_request_arrives() {
    for (pushed, signed, expected) in [
        (false, false, Delivered::Query),
        (false, true, Delivered::RequestObject),
        (true, false, Delivered::Pushed),
        (true, true, Delivered::PushedRequestObject),
    ] {
        let key = PrivateKey::from_pem(TestKey::P384.key_pem().as_bytes()).unwrap();
        let mut client = crate::oidc::rp::client().with_signing_key(key);
        client.registered.pushed_authorization_requests = pushed;
        client.registered.request_object_signed = signed;
        let mut rp = Rp::with_client(OidcProvider::new(7), client);
        with_dpop(&mut rp);
        rp.options.max_age_seconds = Some(600);
        rp.options.essential_acr = vec!["urn:a".to_owned(), "urn:b".to_owned()];
        rp.options.resource = vec!["https://api.example/a".to_owned(), "https://api.example/b".to_owned()];
        rp.options.organization = Some("org_1".to_owned());
        let (url, _) = rp.begin().unwrap();
        let request = rp.op.read_request(&url, rp.now).unwrap();
        assert_eq!(request.delivered, expected);
        assert_eq!(request.max_age, Some(600));
        assert_eq!(request.acr_values, ["urn:a", "urn:b"]);
        assert_eq!(request.dpop_jkt.as_deref(), rp.dpop.as_ref().map(|key| key.thumbprint()));
        let resources = request.parameters.iter().filter(|(name, _)| name == "resource").count();
        assert_eq!(resources, 2);
        assert!(rp.sign_in().is_ok(), "{expected:?}");
    }
}

/// Oddities that several products share.
#[test]
fn oddities_are_accepted() {
    let mut op = OidcProvider::new(8);
    op.style.times = TimeStyle::Fraction;
    op.style.content_type = "application/json; charset=utf-8".to_owned();
    op.style.token_type = "bearer".to_owned();
    op.style.expires_in = ExpiresIn::Text;
    op.style.published = Published::Twice;
    op.style.iss_parameter = IssParameter::Unadvertised;
    op.style.id_token_typ = Some("application/jwt".to_owned());
    op.style.email_verified = EmailVerified::Text;
    op.style.auth_time = true;
    let mut rp = Rp::new(op);
    equip(&mut rp);
    let outcome = travel(&mut rp).unwrap();
    assert_eq!(outcome.id.verified_email(), Some("ada@corp.example"));
}

/// Google's other spelling of itself.
#[test]
fn an_issuer_without_a_scheme_is_googles() {
    let mut rp = at(11, Shape::Google);
    rp.op.style.token_issuer = Some("accounts.google.com".to_owned());
    assert_eq!(travel(&mut rp).unwrap().id.issuer(), "https://accounts.google.com");
}

/// A nonce that was kept from an earlier answer saves the second request.
#[test]
fn the_next_nonce_comes_with_every_answer() {
    let mut rp = Rp::new(OidcProvider::new(12));
    rp.op.dpop_nonces = true;
    let provider = rp.provider().unwrap();
    let (code, pending) = rp.callback().unwrap();
    let key = DpopKey::new(PrivateKey::from_pem(TestKey::Ed25519.key_pem().as_bytes()).unwrap());
    let mut redeem = |nonce| {
        let dpop = Dpop::With { key: &key, nonce };
        let request =
            token::request(&provider, &rp.client, &pending, &code, dpop, &mut rp.entropy, rp.now).unwrap();
        rp.op.receive(&request, rp.now)
    };
    let first = redeem(DpopNonce::None);
    assert_eq!(first.status(), 400);
    let second = redeem(DpopNonce::Kept(dpop::next_nonce(&first).unwrap()));
    assert_eq!(second.status(), 200);
    assert_eq!(dpop::next_nonce(&second), dpop::next_nonce(&first));
}

#[test]
fn overrides_come_last() {
    let mut rp = Rp::new(OidcProvider::new(9));
    rp.op.overrides = vec![("sub".to_owned(), Some(json!("another"))), ("email".to_owned(), None)];
    let signed_in = rp.sign_in().unwrap();
    assert_eq!(signed_in.id.subject(), "another");
    assert!(signed_in.id.claims().claim("email").is_none());
}

/// A DPoP proof by another key than the token's, and one without the provider's nonce, are worth nothing.
#[test]
fn dpop_is_verified() {
    let mut rp = Rp::new(OidcProvider::new(10));
    with_dpop(&mut rp);
    rp.op.dpop_nonces = true;
    let signed_in = rp.sign_in().unwrap();
    assert!(rp.userinfo(&signed_in).is_ok());
    let other = PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap();
    rp.dpop = Some(DpopKey::new(other));
    assert_eq!(crate::oidc::rp::code(&rp.userinfo(&signed_in)), Some("oidc.userinfo_error"));
}
