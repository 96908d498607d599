//! ID tokens whose claims `jsonwebtoken` 11.1 takes, with audience and issuer set, and a relying party must not. Each
//! row is a measurement: should a release of it close a gap, the row fails and goes.
//!
//! It reads the system's clock, so these tokens are made for the moment of the test.

use std::time::SystemTime;

use admittance::jose::Algorithm;
use admittance::oidc::authorization;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::id_token::{self, ValidIdToken};
use admittance::oidc::{Client, Error, Pending, discovery, token};
use admittance::time::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode};
use oracle_jsonwebtoken::{Key, jwks, raw};
use serde_json::{Value, json};

const ISSUER: &str = "https://idp.example";
const HEADER: &str = r#"{"alg":"RS256","kid":"rsa"}"#;

/// What the measurements of `jsonwebtoken` are made with.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["client"]);
    validation.set_issuer(&[ISSUER]);
    validation
}

fn theirs(token: &str, validation: &Validation) -> Result<Value, jsonwebtoken::errors::Error> {
    Ok(decode::<Value>(token, &Key::Rsa.decoding_key(), validation)?.claims)
}

/// The same token as the answer of a token endpoint.
fn ours(token: &str, now: SystemTime) -> Result<ValidIdToken, Error> {
    let now = Timestamp::from(now);
    let client = Client::new("client", "https://rp.example/callback");
    let document = json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://idp.example/authorize",
        "token_endpoint": "https://idp.example/token",
        "jwks_uri": "https://idp.example/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    });
    let answer = |body: &Value| {
        let response = http::Response::builder().header("Content-Type", "application/json");
        response.body(body.to_string().into_bytes()).unwrap()
    };
    let (provider, _) = discovery::parse_response(ISSUER, &answer(&document), &client.policy)?;
    let pending: Pending = serde_json::from_value(json!({
        "version": 1,
        "created_at": now,
        "issuer": ISSUER,
        "client_id": "client",
        "redirect_uri": "https://rp.example/callback",
        "state": "state",
        "nonce": "nonce",
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "scopes": ["openid"],
    }))
    .unwrap();
    let code = authorization::parse_callback(&provider, &client, &pending, "code=code&state=state", now)?;
    let body = json!({"access_token": "access", "token_type": "Bearer", "id_token": token});
    let tokens = token::parse_response(&client, &pending, &code, Dpop::Off, &answer(&body))?;
    id_token::validate(&tokens, &jwks(), &provider, &client, &pending, now)
}

fn seconds(now: SystemTime) -> i64 {
    i64::try_from(now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn claims(now: SystemTime) -> Value {
    let now = seconds(now);
    json!({"iss": ISSUER, "sub": "ada", "aud": "client", "exp": now + 300, "iat": now, "nonce": "nonce"})
}

/// A token with these claims, taken out by null.
fn signed(now: SystemTime, changes: Value) -> String {
    let mut claims = claims(now);
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            value => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    raw(Key::Rsa, Algorithm::RS256, HEADER, &claims.to_string())
}

#[test]
fn both_accept_the_token_that_all_others_are_changes_of() {
    let now = SystemTime::now();
    let token = signed(now, json!({}));
    assert_eq!(theirs(&token, &validation()).unwrap(), claims(now));
    assert!(ours(&token, now).is_ok());
    // Within the skew of both.
    let token = signed(now, json!({"exp": seconds(now) - 50}));
    assert!(theirs(&token, &validation()).is_ok());
    assert!(ours(&token, now).is_ok());
}

#[test]
fn what_it_accepts_and_a_relying_party_must_not() {
    let now = SystemTime::now();
    let future = seconds(now) + 3_600;
    let cases = [
        ("aud_missing", json!({"aud": null}), "oidc.claim_missing"),
        ("aud_number", json!({"aud": 7}), "oidc.claim_type"),
        ("aud_mixed_array", json!({"aud": ["other", 7]}), "oidc.claim_type"),
        ("aud_extra", json!({"aud": ["client", "other"]}), "oidc.audience_untrusted"),
        ("iss_missing", json!({"iss": null}), "oidc.claim_missing"),
        ("iss_number", json!({"iss": 1}), "oidc.claim_type"),
        ("iss_array", json!({"iss": ["https://evil.example", ISSUER]}), "oidc.claim_type"),
        ("sub_missing", json!({"sub": null}), "oidc.subject_missing"),
        ("nbf_future", json!({"nbf": future}), "oidc.token_not_yet_valid"),
        ("iat_future", json!({"iat": future}), "oidc.issued_in_future"),
        ("iat_missing", json!({"iat": null}), "oidc.claim_missing"),
        ("nonce_missing", json!({"nonce": null}), "oidc.nonce_missing"),
        ("nonce_wrong", json!({"nonce": "other"}), "oidc.nonce_mismatch"),
        ("azp_other", json!({"azp": "other"}), "oidc.authorized_party_mismatch"),
        ("at_hash_wrong", json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), "oidc.access_token_hash_mismatch"),
    ];
    for (name, changes, code) in cases {
        let token = signed(now, changes);
        theirs(&token, &validation()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(ours(&token, now).unwrap_err().code(), code, "{name}");
    }
    for (name, header, code) in [
        ("crit_unknown", r#"{"alg":"RS256","kid":"rsa","crit":["x"],"x":1}"#, "oidc.header_critical"),
        (
            "access_token_as_id_token",
            r#"{"alg":"RS256","kid":"rsa","typ":"at+jwt"}"#,
            "oidc.token_wrong_type",
        ),
    ] {
        let token = raw(Key::Rsa, Algorithm::RS256, header, &claims(now).to_string());
        theirs(&token, &validation()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(ours(&token, now).unwrap_err().code(), code, "{name}");
    }
}

/// Required claims close the gaps of what is missing or a number there, and not that of the list.
#[test]
fn what_required_claims_close_and_what_not() {
    let now = SystemTime::now();
    let mut required = validation();
    required.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    for changes in [json!({"aud": null}), json!({"aud": 7}), json!({"iss": null}), json!({"iss": 1})] {
        assert!(theirs(&signed(now, changes.clone()), &required).is_err(), "{changes}");
    }
    let list = signed(now, json!({"iss": ["https://evil.example", ISSUER]}));
    assert!(theirs(&list, &required).is_ok());
    assert_eq!(ours(&list, now).unwrap_err().code(), "oidc.claim_type");
}

#[test]
fn what_both_refuse() {
    let now = SystemTime::now();
    let past = seconds(now) - 3_600;
    for changes in [
        json!({"exp": past}),
        json!({"exp": null}),
        json!({"exp": "4000000000"}),
        json!({"exp": [4_000_000_000_i64]}),
        json!({"aud": "other"}),
        json!({"aud": []}),
        json!({"iss": "https://evil.example"}),
        json!({"iss": "https://idp.example/"}),
        json!({"iss": []}),
    ] {
        let token = signed(now, changes.clone());
        assert!(theirs(&token, &validation()).is_err(), "{changes}");
        assert!(ours(&token, now).is_err(), "{changes}");
    }
}

/// Algorithms of two families cannot be allowed at once there.
#[test]
fn it_takes_algorithms_of_one_family_alone() {
    let now = SystemTime::now();
    let token = signed(now, json!({}));
    let mut two = validation();
    two.algorithms = vec![Algorithm::ES256, Algorithm::RS256];
    assert_eq!(*theirs(&token, &two).unwrap_err().kind(), ErrorKind::InvalidAlgorithm);
    two.algorithms = vec![Algorithm::PS256, Algorithm::RS256];
    assert!(theirs(&token, &two).is_ok());
}
