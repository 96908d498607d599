//! Tokens that are encrypted to us (oidc.md §2.4 #1, #2, §2.5 #2, §3.4): ID token, logout token, UserInfo.

use std::sync::Arc;

use admittance::crypto::{Curve, DecryptionKey, PublicKeyParts, SigningKey};
use admittance::jose::RecipientKey;
use admittance::oidc::Client;
use serde_json::{Value, json};

use super::backchannel_logout::Logout;
use super::forge::{Key, SignIn, compact, jwt_response};
use super::given;
use crate::jose::encrypt::Jwe;

const P256: &str = include_str!("../../corpus/keys/p256.key.pem");

/// What a provider with our public key makes of a content.
pub(crate) fn sealed(content: &str, header: Value) -> String {
    let key = SigningKey::from_pem(P256.as_bytes()).unwrap();
    let PublicKeyParts::Ec { point, .. } = key.public_key().parts() else { panic!("no P-256") };
    let (alg, enc, curve, plaintext) = ("ECDH-ES+A128KW", "A128CBC-HS256", Curve::P256, content.as_bytes());
    Jwe { alg, enc, to: point, curve, header, plaintext }.token()
}

/// Sets the private key to that.
pub(crate) fn opening(client: &mut Client) {
    let key = DecryptionKey::from_pem(P256.as_bytes()).unwrap();
    *client = client.clone().with_decrypter(RecipientKey::new(Arc::new(key)));
}

/// A sign-in whose ID token is encrypted around the usual one.
fn encrypted(sign_in: SignIn) -> SignIn {
    let token = sealed(&sign_in.token(), json!({"cty": "JWT"}));
    sign_in.with(|sign_in| {
        opening(&mut sign_in.client);
        sign_in.token = Some(token);
    })
}

#[test]
fn an_id_token_is_opened_and_then_judged() {
    let id = encrypted(SignIn::new()).accepted();
    assert_eq!(id.subject(), "248289761001");
    let hint = id.session().id_token.clone().unwrap();
    assert_eq!(hint.expose(), SignIn::new().token(), "the provider can read no other");
    encrypted(SignIn::new().claim("nonce", "another")).rejected("oidc.nonce_mismatch");
    encrypted(SignIn::new().header("typ", "at+jwt")).rejected("oidc.token_wrong_type");
    encrypted(SignIn::new()).with(|sign_in| sign_in.client.registered.id_token_encrypted = true).accepted();
    // The key alone asks for nothing.
    SignIn::new().with(|sign_in| opening(&mut sign_in.client)).accepted();
}

#[test]
fn what_is_inside_is_signed() {
    let opened = |content: &str| {
        SignIn::new().with(|sign_in| {
            opening(&mut sign_in.client);
            sign_in.token = Some(sealed(content, json!({})));
        })
    };
    let claims = SignIn::new().payload();
    opened(r#"{"sub":"248289761001"}"#).rejected("oidc.token_malformed");
    opened(&compact(r#"{"alg":"none"}"#, &claims, |_| Vec::new())).rejected("oidc.algorithm_not_allowed");
    opened(&compact(r#"{"alg":"RS256","kid":"rsa-1"}"#, &claims, |input| Key::OtherRs256.sign(input)))
        .rejected("oidc.signature_invalid");
    opened(&sealed(&SignIn::new().token(), json!({}))).rejected("oidc.token_malformed");
    opened("").rejected("oidc.token_malformed");
}

#[test]
fn every_failure_to_open_is_the_same() {
    let token = sealed(&SignIn::new().token(), json!({}));
    let with = |token: String| SignIn::new().with(|sign_in| sign_in.token = Some(token));
    let failures = [
        with(token.clone()),
        with(format!("{token}A")).with(|sign_in| opening(&mut sign_in.client)),
        with(sealed(&SignIn::new().token(), json!({"zip": "DEF"})))
            .with(|sign_in| opening(&mut sign_in.client)),
        with(sealed(&SignIn::new().token(), json!({"cty": "json"})))
            .with(|sign_in| opening(&mut sign_in.client)),
    ];
    let shown = failures.map(|sign_in| sign_in.rejected("oidc.decryption_failed").to_string());
    assert!(shown.iter().all(|text| *text == shown[0]), "{shown:?}");
}

/// Claims beside the ciphertext are for whoever routes it, and count for nothing.
#[test]
fn replicated_claims_count_for_nothing() {
    let header = json!({"iss": "https://evil.example", "aud": "client-2", "sub": "somebody else"});
    let token = sealed(&SignIn::new().token(), header);
    let id = SignIn::new().with(|sign_in| {
        opening(&mut sign_in.client);
        sign_in.token = Some(token);
    });
    assert_eq!(id.accepted().issuer(), given::ISSUER);
}

#[test]
fn a_logout_token_is_opened_and_then_judged() {
    let logout = || Logout::new().with(|logout| opening(&mut logout.client));
    let token = logout().judge(&sealed(&logout().token(), json!({}))).unwrap();
    assert_eq!(token.subject(), Some("248289761001"));
    let error = logout().judge(&sealed(&logout().without("events").token(), json!({}))).unwrap_err();
    assert_eq!(error.code(), "oidc.logout_event_missing");
    let error = Logout::new().judge(&sealed(&logout().token(), json!({}))).unwrap_err();
    assert_eq!(error.code(), "oidc.decryption_failed");
}

#[test]
fn userinfo_is_encrypted_around_claims_or_around_a_signature() {
    let sign_in = SignIn::new().with(|sign_in| opening(&mut sign_in.client));
    let registered = sign_in.clone().with(|sign_in| sign_in.client.registered.userinfo_signed = true);
    let claims = json!({"sub": "248289761001", "name": "Ada"}).to_string();
    let signed = compact(r#"{"alg":"RS256","kid":"rsa-1"}"#, &claims, |input| Key::Rs256.sign(input));
    for content in [&claims, &signed] {
        let userinfo = sign_in.userinfo(&jwt_response(sealed(content, json!({})))).unwrap();
        let id = sign_in.accepted().with_userinfo(userinfo).unwrap();
        assert_eq!(id.claims().claim("name").unwrap().values[0].as_text(), Some("Ada"));
    }
    registered.userinfo(&jwt_response(sealed(&signed, json!({})))).unwrap();
    let code = |sign_in: &SignIn, content: &str| {
        sign_in.userinfo(&jwt_response(sealed(content, json!({})))).unwrap_err().code()
    };
    assert_eq!(code(&registered, &claims), "oidc.userinfo_not_signed");
    assert_eq!(code(&sign_in, r#"{"sub":"somebody else"}"#), "oidc.userinfo_subject_mismatch");
    assert_eq!(
        code(&sign_in, r#"{"sub":"248289761001","sub":"248289761001"}"#),
        "oidc.json_duplicate_member"
    );
    assert_eq!(code(&sign_in, &sealed(&claims, json!({}))), "oidc.token_malformed");
    assert_eq!(code(&sign_in, &format!("{signed}.x")), "oidc.token_malformed");
    let header = sealed(&signed, json!({}));
    assert_eq!(SignIn::new().userinfo(&jwt_response(header)).unwrap_err().code(), "oidc.decryption_failed");
}
