//! Cases of OpenID Connect.

use serde_json::{Value, json};

use crate::case;
use crate::oidc::backchannel_logout::Logout;
use crate::oidc::encrypted::sealed;
use crate::oidc::forge::{ACCESS_TOKEN, CODE, Key, NONCE, STATE, SignIn, compact};
use crate::oidc::given;

#[test]
fn a_sign_in_is_decided_from_the_callback_to_the_profile() {
    let report = case::decide(&login());
    assert_eq!(report["outcome"], "accepted", "{report}");
    assert_eq!((&report["name"], &report["issuer"]), (&json!("login"), &json!(given::ISSUER)));
    assert_eq!(report["subject"], json!({"value": "248289761001"}));
    assert_eq!(report["session_index"], "s1");
    assert_eq!(report["attributes"]["groups"], json!(["Engineers", "Reviewers"]));
    assert_eq!(report["attributes"]["email_verified"], json!(["true"]));
    let profile = json!({
        "name": "Ada", "login": "ada", "email": "ada@corp.example",
        "groups": ["Engineers", "Reviewers"], "groups_state": "values",
    });
    assert_eq!(report["profile"], profile);
    assert_eq!(report["diagnoses"], json!([]));
}

#[test]
fn userinfo_adds_to_it() {
    let mut case = login_with(&sign_in().without("groups"));
    assert_eq!(case::decide(&case)["profile"]["groups_state"], "missing");
    assert_eq!(case::decide(&case)["profile"].get("groups"), None);
    let answer = |claims: Value| json!({"status": 200, "content_type": "application/json", "body": claims.to_string()});
    case["userinfo_response"] = answer(json!({"sub": "248289761001", "groups": []}));
    let report = case::decide(&case);
    assert_eq!(
        (&report["profile"]["groups_state"], &report["profile"]["groups"]),
        (&json!("empty"), &json!([]))
    );
    case["userinfo_response"] = answer(json!({"sub": "248289761001", "_claim_names": {"groups": "s"}}));
    let report = case::decide(&case);
    assert_eq!(report["profile"]["groups_state"], "overage");
    assert_eq!(report["diagnoses"][0]["code"], "groups.overage");
    case["userinfo_response"] = answer(json!({"sub": "somebody else"}));
    assert_eq!(code(&case), "oidc.userinfo_subject_mismatch");
    case["userinfo_response"] = json!({"status": 401, "content_type": "text/plain", "body": ""});
    assert_eq!(code(&case), "oidc.userinfo_error");
}

#[test]
fn each_step_can_refuse() {
    let with = |place: &str, value: Value| {
        let mut case = login();
        *case.pointer_mut(place).unwrap() = value;
        code(&case)
    };
    assert_eq!(with("/callback", json!("code=x&state=other")), "oidc.state_mismatch");
    assert_eq!(
        with("/callback", json!(format!("?error=access_denied&state={STATE}"))),
        "oidc.provider_error"
    );
    assert_eq!(with("/token_response/status", json!(400)), "oidc.http_status");
    assert_eq!(with("/token_response/content_type", json!("text/html")), "oidc.content_type");
    assert_eq!(with("/token_response/body", json!("{}")), "oidc.access_token_missing");
    assert_eq!(with("/jwks", json!({"keys": []})), "oidc.jwks_empty");
    assert_eq!(with("/jwks/keys/0/kid", json!("other")), "oidc.key_not_found");
    assert_eq!(with("/now", json!("2026-11-23T00:00:00Z")), "oidc.token_expired");
    assert_eq!(with("/pending/nonce", json!("other")), "oidc.nonce_mismatch");
    assert_eq!(with("/pending/max_age", json!(1)), "oidc.auth_time_missing");
    assert_eq!(with("/provider/issuer", json!("https://other.example")), "oidc.issuer_mismatch");
    assert_eq!(with("/provider/token_endpoint", json!("ftp://idp.example")), "oidc.url_not_allowed");
    assert_eq!(with("/client/client_id", json!("client-2")), "oidc.audience_mismatch");
    assert_eq!(with("/mapping/login", json!("nickname")), "claims.login_missing");
}

#[test]
fn the_policy_of_a_case_is_the_connections() {
    let code = |policy: Value| {
        let mut case = login();
        case["policy"] = policy;
        self::code(&case)
    };
    assert_eq!(code(json!({"algs": ["ES256"]})), "oidc.no_common_algorithm");
    assert_eq!(code(json!({"issuer": "google"})), "oidc.discovery_issuer_mismatch");
    assert_eq!(code(json!({"issuer": {"entra_tenants": "any"}})), "oidc.tenant_invalid");
    let tenants = json!(["3aa4a235-b6e2-48d5-9195-7fcf05b459b0"]);
    assert_eq!(code(json!({"issuer": {"entra_tenants": tenants}})), "oidc.tenant_invalid");
    let two = sign_in().claim("aud", json!(["client-1", "project-7"])).claim("azp", "client-1");
    let mut case = login_with(&two);
    assert_eq!(self::code(&case), "oidc.audience_untrusted");
    case["policy"] = json!({"trusted_audiences": ["project-7"], "issuer": "exact"});
    assert_eq!(case::decide(&case)["outcome"], "accepted");
    let mut late = login();
    late["now"] = json!("2026-11-22T00:07:00Z");
    assert_eq!(self::code(&late), "oidc.token_expired");
    late["policy"] = json!({"clock_skew_seconds": 700});
    let report = case::decide(&late);
    assert_eq!(
        (&report["outcome"], &report["diagnoses"][0]["code"]),
        (&json!("accepted"), &json!("oidc.clock_skew_large"))
    );
}

#[test]
fn a_secret_signs_where_the_policy_lists_it() {
    let secret = "a secret of the client that is long enough";
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let token = compact(r#"{"alg":"HS256"}"#, &sign_in().payload(), |input| {
        ring::hmac::sign(&key, input).as_ref().to_vec()
    });
    let mut case = login_with(&sign_in().with(|sign_in| sign_in.token = Some(token)));
    case["provider"]["id_token_signing_alg_values_supported"] = Value::Null;
    assert_eq!(code(&case), "oidc.algorithm_not_allowed");
    case["policy"] = json!({"algs": ["HS256"]});
    assert_eq!(code(&case), "oidc.algorithm_not_allowed", "a public client has no secret");
    case["client"]["client_secret"] = json!(secret);
    case["jwks"] = json!({"keys": []});
    assert_eq!(case::decide(&case)["outcome"], "accepted");
}

#[test]
fn an_encrypted_token_is_opened_with_the_key_of_the_case() {
    let token = sealed(&sign_in().token(), json!({}));
    let mut case = login_with(&sign_in().with(|sign_in| sign_in.token = Some(token)));
    assert_eq!(code(&case), "oidc.decryption_failed");
    case["client"]["decryption_jwks"] = json!({"keys": [private_p256(), {"kty": "OKP", "crv": "X25519"}]});
    let report = case::decide(&case);
    assert_eq!(report["outcome"], "accepted", "{report}");
    for broken in [
        json!({}),
        json!({"keys": [{"kty": "RSA", "n": "AQ"}]}),
        json!({"keys": [{"kty": "EC", "crv": "P-256", "x": "!"}]}),
    ] {
        case["client"]["decryption_jwks"] = broken;
        assert_eq!(code(&case), "case.key_unreadable");
    }
}

#[test]
fn a_logout_token_is_decided() {
    let report = case::decide(&logout());
    assert_eq!(report["outcome"], "accepted", "{report}");
    let expected =
        json!({"sub": "248289761001", "sid": "08a5019c-17e1-4977-8f42-65a12843ea02", "jti": "bWJq"});
    assert_eq!(report["logout"], expected);
    assert_eq!(report.get("subject"), None);
    let mut case = logout();
    case["body"] = json!(format!("logout_token={}", Logout::new().without("sid").token()));
    assert_eq!(case::decide(&case)["logout"], json!({"sub": "248289761001", "jti": "bWJq"}));
    case["body"] = json!("logout_token=x&logout_token=x");
    assert_eq!(code(&case), "oidc.logout_malformed");
    case = logout();
    case["client"]["redirect_uri"] = Value::Null;
    assert_eq!(case::decide(&case)["outcome"], "accepted");
}

#[test]
fn members_that_the_format_does_not_have_make_a_case_unusable() {
    for (place, member) in [
        ("", "userinfo"),
        ("/client", "secret"),
        ("/pending", "hd"),
        ("/token_response", "headers"),
        ("/policy", "skew"),
        ("/mapping", "nickname"),
    ] {
        let mut case = login();
        case.pointer_mut(place).unwrap()[member] = json!("x");
        assert_eq!(code(&case), "case.invalid", "{place} {member}");
    }
    let mut case = logout();
    case["callback"] = json!("x");
    assert_eq!(code(&case), "case.invalid");
}

#[test]
fn members_of_the_wrong_form_make_a_case_unusable() {
    for (place, value) in [
        ("/now", json!("yesterday")),
        ("/client/client_id", json!(7)),
        ("/client/redirect_uri", Value::Null),
        ("/pending/max_age", json!(-1)),
        ("/token_response/status", json!(7)),
        ("/token_response/content_type", json!("a\nb")),
        ("/policy/algs", json!(["none"])),
        ("/policy/issuer", json!("any")),
        ("/policy/issuer", json!({"entra_tenants": "some"})),
        ("/callback", Value::Null),
    ] {
        let mut case = login();
        *case.pointer_mut(place).unwrap() = value.clone();
        assert_eq!(code(&case), "case.invalid", "{place} {value}");
    }
}

#[test]
fn optional_members_may_be_null() {
    let mut case = login();
    for place in [
        "/client/client_secret",
        "/client/decryption_jwks",
        "/pending/max_age",
        "/userinfo_response",
        "/mapping",
        "/policy/algs",
        "/policy/issuer",
        "/policy/clock_skew_seconds",
        "/policy/trusted_audiences",
    ] {
        *case.pointer_mut(place).unwrap() = Value::Null;
    }
    let report = case::decide(&case);
    assert_eq!((&report["outcome"], report.get("profile")), (&json!("accepted"), None));
    case["policy"] = Value::Null;
    assert_eq!(case::decide(&case)["outcome"], "accepted");
}

#[test]
fn addresses_may_have_the_scheme_http() {
    let mut case = login();
    case["client"]["redirect_uri"] = json!("http://rp.example/callback");
    case["provider"]["token_endpoint"] = json!("http://idp.example/token");
    assert_eq!(case::decide(&case)["outcome"], "accepted");
    case["client"]["redirect_uri"] = json!("javascript:alert(1)");
    assert_eq!(code(&case), "oidc.url_not_allowed");
}

fn code(case: &Value) -> String {
    super::code(case)
}

fn sign_in() -> SignIn {
    SignIn::new()
        .claim("name", "Ada")
        .claim("preferred_username", "ada")
        .claim("email", "ada@corp.example")
        .claim("email_verified", true)
        .claim("groups", json!(["Engineers", "Reviewers"]))
        .claim("sid", "s1")
}

pub(super) fn login() -> Value {
    login_with(&sign_in())
}

fn login_with(sign_in: &SignIn) -> Value {
    let body = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": sign_in.token()});
    json!({
        "kind": "oidc_login",
        "name": "login",
        "now": given::now(),
        "provider": given::document(),
        "jwks": sign_in.jwks,
        "client": {
            "client_id": "client-1",
            "client_secret": null,
            "redirect_uri": "https://rp.example/callback",
            "decryption_jwks": null,
        },
        "pending": {"state": STATE, "nonce": NONCE, "code_verifier": "dBjftJeZ4CVP", "max_age": null},
        "callback": format!("code={CODE}&state={STATE}"),
        "token_response": {"status": 200, "content_type": "application/json", "body": body.to_string()},
        "userinfo_response": null,
        "policy": {"clock_skew_seconds": 60, "algs": ["RS256"], "trusted_audiences": [], "issuer": "exact"},
        "mapping": {"name": "name", "login": "preferred_username", "email": "email", "groups": "groups"},
    })
}

fn logout() -> Value {
    let logout = Logout::new();
    json!({
        "kind": "oidc_backchannel_logout",
        "name": "logout",
        "now": given::now(),
        "provider": given::document(),
        "jwks": logout.jwks,
        "client": {"client_id": "client-1", "redirect_uri": "https://rp.example/callback"},
        "policy": {"issuer": "exact"},
        "body": format!("logout_token={}", logout.token()),
    })
}

/// The key of `tests/corpus/keys/p256.key.pem` with its private member.
fn private_p256() -> Value {
    let mut key = Key::Es256.jwk();
    for member in ["use", "kid"] {
        key.as_object_mut().unwrap().remove(member);
    }
    let pem = include_str!("../../corpus/keys/p256.key.pem");
    let der: String = pem.lines().filter(|line| !line.starts_with("---")).collect();
    let der = admittance::encoding::base64_decode(der.as_bytes()).unwrap();
    // PKCS#8 around RFC 5915: the private value is the octet string of 32 bytes.
    let at = der.windows(3).position(|bytes| bytes == [1, 4, 32]).unwrap() + 3;
    key["d"] = admittance::encoding::base64url_encode(&der[at..at + 32]).into();
    key
}
