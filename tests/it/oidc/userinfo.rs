//! UserInfo (oidc.md §2.5 #1 to #5).

use admittance::claims::ClaimValue;
use admittance::jose::PrivateKey;
use admittance::oidc::dpop::{Dpop, DpopKey, DpopNonce};
use admittance::oidc::id_token::EmailVerified;
use admittance::oidc::token::refresh;
use admittance::oidc::{Error, userinfo};
use admittance::testing::oidc_provider::TestKey;
use http::Response;
use serde_json::{Value, json};

use super::forge::{ACCESS_TOKEN, Key, SignIn, compact, jwt_response, seconds};
use super::given::{self, Counter, json_response, response};

const SUBJECT: &str = "248289761001";

#[test]
fn the_token_is_in_the_header_and_nowhere_else() {
    let sign_in = SignIn::new().with(|sign_in| {
        sign_in.provider.userinfo_endpoint = Some("https://idp.example/userinfo?schema=openid".to_owned());
    });
    let request = request(&sign_in).unwrap();
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri(), "https://idp.example/userinfo?schema=openid");
    assert_eq!(request.headers()["Authorization"], format!("Bearer {ACCESS_TOKEN}"));
    assert!(request.headers()["Authorization"].is_sensitive());
    assert_eq!(request.headers()["Accept"], "application/json, application/jwt");
    assert!(request.body().is_empty() && !request.headers().contains_key("DPoP"));
}

#[test]
fn a_request_needs_an_endpoint_that_may_be_called() {
    let at = |endpoint: Option<&str>| {
        let sign_in =
            SignIn::new().with(|sign_in| sign_in.provider.userinfo_endpoint = endpoint.map(str::to_owned));
        request(&sign_in).unwrap_err().code()
    };
    assert_eq!(at(None), "oidc.unsupported_by_provider");
    assert_eq!(at(Some("http://idp.example/userinfo")), "oidc.url_not_allowed");
    assert_eq!(at(Some("https://10.0.0.1/userinfo")), "oidc.url_not_allowed");
}

/// #1
#[test]
fn a_refusal_says_what_the_header_says() {
    let refused = |status: u16, header: Option<&str>| {
        let mut answer = Response::builder().status(status).header("Content-Type", "application/json");
        if let Some(header) = header {
            answer = answer.header("WWW-Authenticate", header);
        }
        let body = json!({"sub": SUBJECT}).to_string().into_bytes();
        SignIn::new().userinfo(&answer.body(body).unwrap()).unwrap_err()
    };
    let error =
        refused(401, Some(r#"Bearer realm="x", error="invalid_token", error_description="it has expired""#));
    assert_eq!(
        (error.code(), error.actual().as_deref()),
        ("oidc.userinfo_error", Some("invalid_token, it has expired"))
    );
    assert!(!error.is_retryable());
    let error = refused(403, Some(r#"Bearer error="insufficient_scope""#));
    assert_eq!(error.actual().as_deref(), Some("insufficient_scope"));
    assert_eq!(refused(401, None).code(), "oidc.userinfo_error");
    assert_eq!(refused(500, None).actual().as_deref(), Some("500"));
    assert_eq!(refused(204, None).code(), "oidc.userinfo_error");
}

/// #1: RFC 9449 §9
#[test]
fn a_wish_for_a_nonce_is_followed_once() {
    let key = DpopKey::new(PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap());
    let sign_in = SignIn::new();
    let id = sign_in.accepted();
    let judge = |status: u16, challenge: &str, nonce: DpopNonce<'_>| {
        let answer = Response::builder().status(status).header("WWW-Authenticate", challenge);
        let answer = answer.header("DPoP-Nonce", "n-1").body(Vec::new()).unwrap();
        let dpop = Dpop::With { key: &key, nonce };
        let SignIn { provider, client, now, .. } = &sign_in;
        userinfo::parse_response(&id, &answer, &sign_in.parsed_jwks(), provider, client, dpop, *now)
            .unwrap_err()
    };
    let wish = r#"DPoP error="use_dpop_nonce", error_description="a nonce is needed""#;
    for sent in [DpopNonce::None, DpopNonce::Kept("n-0")] {
        let error = judge(401, wish, sent);
        assert!(error.is_retryable());
        assert_eq!(error, Error::UseDpopNonce { nonce: "n-1".to_owned() });
    }
    assert_eq!(judge(401, wish, DpopNonce::Retry("n-0")).code(), "oidc.dpop_nonce_repeated");
    assert_eq!(judge(403, wish, DpopNonce::None).code(), "oidc.userinfo_error");
    assert_eq!(judge(401, r#"DPoP error="invalid_token""#, DpopNonce::None).code(), "oidc.userinfo_error");
}

#[test]
fn a_bound_token_is_not_presented_without_its_key() {
    let key = DpopKey::new(PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap());
    let answer = json_response(200, &json!({"access_token": ACCESS_TOKEN, "token_type": "DPoP"}));
    let dpop = Dpop::With { key: &key, nonce: DpopNonce::None };
    let SignIn { provider, client, now, .. } = SignIn::new();
    let tokens = refresh::parse_response(&client, &"r".into(), &[], dpop, &answer).unwrap();
    let request = |dpop| userinfo::request(&provider, &client, &tokens, dpop, &mut Counter::default(), now);
    assert_eq!(request(Dpop::Off).unwrap_err().code(), "oidc.configuration_invalid");
    let request = request(dpop).unwrap();
    assert_eq!(request.headers()["Authorization"], format!("DPoP {ACCESS_TOKEN}"));
    assert!(request.headers().contains_key("DPoP"));
}

/// #2
#[test]
fn a_plain_answer_is_strict_json() {
    let code = |answer: &Response<Vec<u8>>| SignIn::new().userinfo(answer).map_err(|error| error.code());
    code(&response(200, "application/json; charset=UTF-8", json!({"sub": SUBJECT}).to_string())).unwrap();
    for media_type in ["text/html", "application/json-seq", "text/plain", ""] {
        let answer = response(200, media_type, json!({"sub": SUBJECT}).to_string());
        assert_eq!(code(&answer).unwrap_err(), "oidc.content_type", "{media_type}");
    }
    for body in ["", "[]", "{\"sub\":\"248289761001\"}x", "\u{feff}{}"] {
        assert_eq!(
            code(&response(200, "application/json", body)).unwrap_err(),
            "oidc.json_invalid",
            "{body}"
        );
    }
    let twice = r#"{"sub":"248289761001","sub":"248289761001"}"#;
    assert_eq!(code(&response(200, "application/json", twice)).unwrap_err(), "oidc.json_duplicate_member");
    let large = response(200, "application/json", vec![b' '; 1024 * 1024 + 1]);
    assert_eq!(code(&large).unwrap_err(), "oidc.body_too_large");
}

/// #2, #3
#[test]
fn a_signed_answer_is_judged_as_a_token() {
    let now = seconds(given::now());
    let code = |claims: Value| signed(&SignIn::new(), Key::Rs256, &claims).map_err(|error| error.code());
    let userinfo = code(json!({"sub": SUBJECT, "name": "Ada"})).unwrap();
    let id = SignIn::new().accepted().with_userinfo(userinfo).unwrap();
    assert_eq!(id.claims().claim("name").unwrap().values, [ClaimValue::Text("Ada".to_owned())]);
    code(json!({"sub": SUBJECT, "iss": given::ISSUER, "aud": "client-1", "exp": now + 1})).unwrap();
    code(json!({"sub": SUBJECT, "aud": ["client-1", "client-2"]})).unwrap();
    assert_eq!(
        code(json!({"sub": SUBJECT, "iss": "https://evil.example"})).unwrap_err(),
        "oidc.issuer_mismatch"
    );
    assert_eq!(code(json!({"sub": SUBJECT, "iss": null})).unwrap_err(), "oidc.claim_type");
    assert_eq!(code(json!({"sub": SUBJECT, "aud": "client-2"})).unwrap_err(), "oidc.audience_mismatch");
    assert_eq!(code(json!({"sub": SUBJECT, "aud": 7})).unwrap_err(), "oidc.claim_type");
    assert_eq!(code(json!({"sub": SUBJECT, "exp": now - 60})).unwrap_err(), "oidc.token_expired");
    assert_eq!(code(json!({"sub": SUBJECT, "nbf": now + 61})).unwrap_err(), "oidc.token_not_yet_valid");
    assert_eq!(code(json!({"sub": "somebody else"})).unwrap_err(), "oidc.userinfo_subject_mismatch");

    let registered = SignIn::new().with(|sign_in| sign_in.client.registered.userinfo_signed = true);
    signed(&registered, Key::Rs256, &json!({"sub": SUBJECT})).unwrap();
    let listed = |names: &[&str]| {
        let names = Some(names.iter().map(|name| (*name).to_owned()).collect());
        SignIn::new().with(|sign_in| sign_in.provider.userinfo_signing_alg_values_supported = names)
    };
    signed(&listed(&["RS256"]), Key::Rs256, &json!({"sub": SUBJECT})).unwrap();
    let error = signed(&listed(&["ES256"]), Key::Rs256, &json!({"sub": SUBJECT})).unwrap_err();
    assert_eq!(error.code(), "oidc.algorithm_not_allowed");
    let error = signed(&SignIn::new(), Key::OtherRs256, &json!({"sub": SUBJECT})).unwrap_err();
    assert!(error.is_retryable());
}

#[test]
fn a_signed_answer_is_no_token_of_another_kind() {
    let sign_in = SignIn::new();
    for typ in ["at+jwt", "logout+jwt"] {
        let header = json!({"alg": "RS256", "kid": Key::Rs256.kid(), "typ": typ}).to_string();
        let token = compact(&header, &json!({"sub": SUBJECT}).to_string(), |input| Key::Rs256.sign(input));
        assert_eq!(sign_in.userinfo(&jwt_response(token)).unwrap_err().code(), "oidc.token_wrong_type");
    }
    assert_eq!(sign_in.userinfo(&jwt_response("")).unwrap_err().code(), "oidc.token_malformed");
    assert_eq!(
        sign_in.userinfo(&jwt_response("{\"sub\":\"248289761001\"}")).unwrap_err().code(),
        "oidc.token_malformed"
    );
    assert_eq!(sign_in.userinfo(&jwt_response(vec![0xff; 9])).unwrap_err().code(), "oidc.token_malformed");
}

/// #5
#[test]
fn the_tokens_own_claims_stay() {
    let id = SignIn::new()
        .claim("name", "Ada of the token")
        .with_userinfo(&json!({"sub": SUBJECT, "name": "Ada of UserInfo", "locale": "en", "groups": ["a"]}));
    let texts = |name: &str| {
        let claim = id.claims().claim(name).unwrap();
        claim.values.iter().map(|value| value.as_text().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (texts("name"), texts("locale"), texts("groups")),
        (vec!["Ada of the token".to_owned()], vec!["en".to_owned()], vec!["a".to_owned()])
    );
    let names: Vec<&str> = id.claims().claims().iter().map(|claim| claim.name.as_str()).collect();
    assert_eq!(names.iter().filter(|name| **name == "sub").count(), 1);
    assert!(names.ends_with(&["groups", "locale"]) || names.ends_with(&["locale", "groups"]), "{names:?}");
}

/// What UserInfo says about one address says nothing about another.
#[test]
fn a_verified_address_is_one_address() {
    let token = |email: Option<&str>, verified: Option<bool>| {
        let mut sign_in = SignIn::new();
        if let Some(email) = email {
            sign_in = sign_in.claim("email", email);
        }
        if let Some(verified) = verified {
            sign_in = sign_in.claim("email_verified", verified);
        }
        sign_in
    };
    let answer =
        |email: &str, verified: Value| json!({"sub": SUBJECT, "email": email, "email_verified": verified});
    let merged = token(Some("a@x.example"), None).with_userinfo(&answer("b@y.example", json!(true)));
    assert_eq!((merged.email_verified(), merged.verified_email()), (EmailVerified::Absent, None));
    assert_eq!(merged.claims().claim("email_verified"), None);
    let merged = token(Some("a@x.example"), None).with_userinfo(&answer("a@x.example", json!("true")));
    assert_eq!(merged.verified_email(), Some("a@x.example"));
    let merged = token(None, None).with_userinfo(&answer("b@y.example", json!(true)));
    assert_eq!(merged.verified_email(), Some("b@y.example"));
    let merged = token(None, Some(true)).with_userinfo(&answer("b@y.example", json!(false)));
    assert_eq!((merged.email_verified(), merged.verified_email()), (EmailVerified::False, None));
    let merged = token(Some("a@x.example"), Some(false)).with_userinfo(&answer("a@x.example", json!(true)));
    assert_eq!(merged.email_verified(), EmailVerified::False, "the token's word counts");
}

#[test]
fn an_answer_belongs_to_one_sign_in() {
    let userinfo = SignIn::new().userinfo(&json_response(200, &json!({"sub": SUBJECT}))).unwrap();
    let other = SignIn::new().claim("sub", "somebody else").accepted();
    assert_eq!(other.with_userinfo(userinfo).unwrap_err().code(), "oidc.userinfo_subject_mismatch");
}

fn signed(sign_in: &SignIn, key: Key, claims: &Value) -> Result<userinfo::ValidUserinfo, Error> {
    let header = json!({"alg": key.algorithm(), "kid": key.kid()}).to_string();
    let token = compact(&header, &claims.to_string(), |input| key.sign(input));
    sign_in.userinfo(&jwt_response(token))
}

fn request(sign_in: &SignIn) -> Result<http::Request<Vec<u8>>, Error> {
    let SignIn { provider, client, now, .. } = sign_in;
    userinfo::request(provider, client, &sign_in.tokens(), Dpop::Off, &mut Counter::default(), *now)
}
