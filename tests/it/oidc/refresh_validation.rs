//! The ID token of a refresh (oidc.md §2.5 #6).

use admittance::oidc::id_token::SessionRef;
use serde_json::{Value, json};

use super::forge::{NONCE, SignIn, seconds};
use super::given;

#[test]
fn it_is_about_the_same_session() {
    let then = seconds(given::now()) - 100;
    let before = || SignIn::new().claim("sid", "s1").claim("auth_time", then);
    let session = before().accepted().session().clone();
    let later = before().without("nonce").without("auth_time").without("sid");
    let refreshed = later.claim("name", "Ada").refreshes(&session).unwrap();
    assert_eq!(refreshed.identity_key(), before().accepted().identity_key());
    assert_eq!(refreshed.sid(), Some("s1"), "what a refresh does not repeat stays");
    assert_eq!(refreshed.auth_time(), before().accepted().auth_time());
    assert!(refreshed.claims().claim("name").is_some());
    // And so for the refresh after that.
    before().refreshes(refreshed.session()).unwrap();
}

#[test]
fn the_nonce_is_absent_or_the_first_one() {
    let session = SignIn::new().accepted().session().clone();
    SignIn::new().claim("nonce", NONCE).refreshes(&session).unwrap();
    SignIn::new().without("nonce").refreshes(&session).unwrap();
    for nonce in [json!("another"), json!(""), json!(null), json!(7)] {
        assert_eq!(code(&SignIn::new().claim("nonce", nonce), &session), "oidc.nonce_mismatch");
    }
}

#[test]
fn every_other_check_of_a_sign_in_runs() {
    let session = SignIn::new().accepted().session().clone();
    let code = |sign_in: SignIn| code(&sign_in, &session);
    assert_eq!(code(SignIn::new().claim("aud", "client-2")), "oidc.audience_mismatch");
    assert_eq!(code(SignIn::new().claim("exp", 0)), "oidc.token_expired");
    assert_eq!(code(SignIn::new().without("iat")), "oidc.claim_missing");
    assert_eq!(code(SignIn::new().claim("at_hash", "x")), "oidc.access_token_hash_mismatch");
    assert_eq!(code(SignIn::new().header("typ", "at+jwt")), "oidc.token_wrong_type");
    let auth_time_future = seconds(given::now()) + 61;
    assert_eq!(code(SignIn::new().claim("auth_time", auth_time_future)), "oidc.authentication_too_old");
    assert_eq!(code(SignIn::new().claim("iss", Value::Null)), "oidc.claim_type");
}

#[test]
fn what_was_asked_for_at_the_sign_in_holds_as_long_as_the_session() {
    let asked = || {
        SignIn::new()
            .pending("max_age_seconds", 60)
            .pending("essential_acr", json!(["gold"]))
            .pending("hd", "corp.example")
            .pending("organization", "org_1")
            .claim("auth_time", seconds(given::now()))
            .claim("acr", "gold")
            .claim("hd", "corp.example")
            .claim("org_id", "org_1")
    };
    let session = asked().accepted().session().clone();
    let stored = serde_json::to_string(&session).unwrap();
    let session: SessionRef = serde_json::from_str(&stored).unwrap();
    assert_eq!(session.subject, "248289761001");
    asked().refreshes(&session).unwrap();
    asked().without("acr").refreshes(&session).unwrap();
    assert_eq!(code(&asked().claim("acr", "lead"), &session), "oidc.acr_mismatch");
    assert_eq!(code(&asked().claim("hd", "evil.example"), &session), "oidc.hosted_domain_mismatch");
    assert_eq!(code(&asked().without("org_id"), &session), "oidc.organization_mismatch");

    // The age was a condition of the sign-in: an hour later it is an hour more.
    let later = given::now().saturating_add(std::time::Duration::from_secs(3_600));
    let refreshed = asked()
        .claim("exp", seconds(later) + 300)
        .claim("iat", seconds(later))
        .with(|sign_in| sign_in.now = later)
        .refreshes(&session);
    refreshed.unwrap();
}

#[test]
fn googles_spellings_are_one_issuer() {
    let google = || {
        SignIn::new().issuer("https://accounts.google.com").with(|sign_in| {
            sign_in.client.policy.issuer = admittance::oidc::IssuerPolicy::Google;
        })
    };
    let session = google().claim("iss", "accounts.google.com").accepted().session().clone();
    google().refreshes(&session).unwrap();
}

fn code(sign_in: &SignIn, session: &SessionRef) -> &'static str {
    sign_in.refreshes(session).unwrap_err().code()
}
