//! Types of tokens, the order of the checks, and what a verified token gives away.

use admittance::crypto::DigestAlgorithm;
use admittance::jose::{Algorithm, Algorithms, Compact, Error, Token, TokenType, digest_of, name_of};
use admittance::limits::Limits;
use serde_json::json;

use super::{ALGORITHMS, PAYLOAD, Rules, jwk, raw_token, with_header};

#[test]
fn typ_tells_tokens_apart() {
    use TokenType::{Exactly, Jwt, JwtOr};

    let accepted = [
        (Jwt, None),
        (Jwt, Some("JWT")),
        (Jwt, Some("jwt")),
        (Jwt, Some("application/jwt")),
        (Jwt, Some("APPLICATION/JWT")),
        (JwtOr("logout+jwt"), None),
        (JwtOr("logout+jwt"), Some("JWT")),
        (JwtOr("logout+jwt"), Some("logout+jwt")),
        (JwtOr("logout+jwt"), Some("Application/Logout+JWT")),
        (Exactly("dpop+jwt"), Some("dpop+jwt")),
    ];
    let refused = [
        (Jwt, "logout+jwt"),
        (Jwt, "at+jwt"),
        (Jwt, "application/at+jwt"),
        (Jwt, "dpop+jwt"),
        (Jwt, "oauth-authz-req+jwt"),
        (Jwt, "secevent+jwt"),
        (Jwt, "JWT "),
        (Jwt, "ID"),
        (Jwt, ""),
        (Jwt, "application/"),
        (Jwt, "application/application/jwt"),
        (Jwt, "text/jwt"),
        (JwtOr("logout+jwt"), "at+jwt"),
        (Exactly("dpop+jwt"), "JWT"),
    ];
    for (typ, header) in accepted {
        let token = with_header(json!({"typ": header}));
        assert!(Rules { typ, ..Rules::new() }.verify(&token).is_ok(), "{typ:?} {header:?}");
    }
    for (typ, header) in refused {
        let token = with_header(json!({"typ": header}));
        assert_eq!(Rules { typ, ..Rules::new() }.code(&token), "oidc.token_wrong_type", "{typ:?} {header:?}");
    }
    let token = with_header(json!({}));
    assert_eq!(
        Rules { typ: Exactly("dpop+jwt"), ..Rules::new() }.verify(&token).unwrap_err(),
        Error::WrongType { expected: "dpop+jwt".to_owned(), actual: None }
    );
    for typ in [json!(1), json!(["JWT"])] {
        assert_eq!(Rules::new().code(&with_header(json!({"typ": typ}))), "oidc.header_invalid");
    }
}

/// Each token breaks one more rule than the one before, and the first rule is named.
#[test]
fn the_first_rule_that_fails_is_named() {
    let by_stranger = |header: serde_json::Value| raw_token("rsa2048b", "RS256", &header.to_string(), "x");
    let steps = [
        (json!({"alg": "RS256", "kid": "rsa2048"}), "oidc.signature_invalid"),
        (json!({"alg": "RS256", "kid": "p256"}), "oidc.key_type_mismatch"),
        (json!({"alg": "RS256", "kid": "x"}), "oidc.key_not_found"),
        (json!({"alg": "RS256", "kid": "x", "typ": "at+jwt"}), "oidc.token_wrong_type"),
        (json!({"alg": "RS256", "kid": "x", "typ": "at+jwt", "crit": []}), "oidc.header_critical"),
        (json!({"alg": "none", "kid": "x", "typ": "at+jwt", "crit": []}), "oidc.algorithm_not_allowed"),
        (json!({"alg": "none", "kid": 1, "typ": "at+jwt", "crit": []}), "oidc.header_invalid"),
    ];
    for (header, code) in steps {
        assert_eq!(Rules::new().code(&by_stranger(header.clone())), code, "{header}");
    }
}

#[test]
fn a_verified_token_gives_header_payload_and_key() {
    let verified = Rules::new().verify(&with_header(json!({"typ": "JWT", "x": 1}))).unwrap();
    assert_eq!(verified.header().alg(), "RS256");
    assert_eq!((verified.header().kid(), verified.header().typ()), (Some("rsa2048"), Some("JWT")));
    assert_eq!(verified.header().members().get("x"), Some(&json!(1)));
    assert_eq!(verified.claims(&Limits::default()).unwrap().get("sub"), Some(&json!("ada")));
    assert_eq!(verified.digest(), DigestAlgorithm::Sha256);
    // A payload need not be JSON to be signed.
    let verified = Rules::new().verify(&raw_token("p256", "ES256", r#"{"alg":"ES256"}"#, "no JSON")).unwrap();
    assert_eq!(verified.payload(), b"no JSON");
    assert_eq!(verified.claims(&Limits::default()).unwrap_err().code(), "oidc.json_invalid");
}

#[test]
fn an_unverified_token_shows_its_claims_on_request_only() {
    let limits = Limits::default();
    let token = raw_token("rsa2048b", "RS256", r#"{"alg":"none","kid":"secret-kid"}"#, r#"{"sub":"sesame"}"#);
    let Token::Signed(compact) = Token::parse(&token, &limits).unwrap() else { panic!() };
    assert_eq!(compact.unverified_claims(&limits).unwrap().get("sub"), Some(&json!("sesame")));
    assert_eq!((compact.header().alg(), compact.header().algorithm()), ("none", None));
    for shown in [format!("{compact:?}"), format!("{:?}", Token::parse(&token, &limits).unwrap())] {
        assert!(!shown.contains("sesame") && !shown.contains("secret-kid"), "{shown}");
    }
    let verified = Rules::new().verify(&with_header(json!({}))).unwrap();
    assert_eq!(format!("{verified:?}"), "VerifiedJws { algorithm: \"RS256\", .. }");
}

/// Bytes of the token are lent, so that a long one costs no more than its parts.
#[test]
fn a_token_is_parsed_where_it_lies() {
    let token = with_header(json!({}));
    let compact = Compact::parse(&token, &Limits::default()).unwrap();
    assert_eq!(compact.unverified_claims(&Limits::default()).unwrap().to_json(), PAYLOAD);
}

#[test]
fn sets_of_algorithms() {
    let names = |set: &Algorithms| set.to_string();
    let default = Algorithms::default();
    assert_eq!(names(&default), "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA");
    assert_eq!(serde_json::to_string(&Algorithms::new([Algorithm::ES256])).unwrap(), r#"["ES256"]"#);
    let read: Algorithms = serde_json::from_str(r#"["ES384","RS256","ES384","Ed25519","HS256"]"#).unwrap();
    assert_eq!(names(&read), "ES384, RS256, EdDSA, HS256");
    for wrong in [r#"["none"]"#, r#"["ES512"]"#, r#"["rs256"]"#, r#"[""]"#, r#""RS256""#, "[1]"] {
        assert!(serde_json::from_str::<Algorithms>(wrong).is_err(), "{wrong}");
    }
    let both = default.intersection(["none", "ES256", "HS256", "RS256", "ES512", "Ed25519"]);
    assert_eq!(names(&both), "RS256, ES256, EdDSA");
    assert!(default.intersection(["none", "HS256"]).is_empty());
    assert!(!default.contains(Algorithm::HS256) && default.contains(Algorithm::PS512));
    assert_eq!(format!("{both:?}"), "[RS256, ES256, EdDSA]");
}

#[test]
fn every_algorithm_has_a_name_and_a_digest() {
    let hmacs = [(Algorithm::HS256, "HS256"), (Algorithm::HS384, "HS384"), (Algorithm::HS512, "HS512")];
    for (algorithm, name) in ALGORITHMS.iter().map(|(algorithm, name, _)| (*algorithm, *name)).chain(hmacs) {
        assert_eq!(name_of(algorithm), name);
        let digest = match name {
            "EdDSA" => DigestAlgorithm::Sha512,
            name if name.ends_with("256") => DigestAlgorithm::Sha256,
            name if name.ends_with("384") => DigestAlgorithm::Sha384,
            _ => DigestAlgorithm::Sha512,
        };
        assert_eq!(digest_of(algorithm), digest, "{name}");
    }
}

#[test]
fn evidence_is_fit_for_a_log() {
    for (header, expected) in [
        (json!({ "kid": "a\r\n\u{1b}[31mb" }), "a[31mb".to_owned()),
        (json!({ "kid": "k".repeat(100) }), "k".repeat(64)),
    ] {
        let error = Rules::new().verify(&with_header(header)).unwrap_err();
        assert_eq!(error, Error::KeyNotFound { kid: Some(expected) });
    }
    let error = Rules::new().verify(&with_header(json!({ "alg": "RS\u{7}256\n" }))).unwrap_err();
    assert!(
        !error.to_string().contains(char::is_control) && error.to_string().contains("\"RS256\""),
        "{error}"
    );
}

#[test]
fn errors_name_the_rule_and_may_be_retried_for_a_key_alone() {
    let unknown = Rules::new().verify(&with_header(json!({"kid": "x"}))).unwrap_err();
    assert!(unknown.is_retryable());
    for (token, rules) in [
        (with_header(json!({"alg": "none"})), Rules::new()),
        (with_header(json!({"kid": "rsa2048b"})), Rules::new()),
        (with_header(json!({"kid": null})), Rules::new().keys(vec![jwk("rsa2048", json!({})); 9])),
    ] {
        assert!(!rules.verify(&token).unwrap_err().is_retryable());
    }
}
