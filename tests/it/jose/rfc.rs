//! The examples of RFC 7515, 7516, 7520, 7638 and 8037 (`tests/corpus/jose`).

use std::sync::Arc;

use admittance::crypto::{DecryptionKey, Hmac};
use admittance::encoding::{base64url_decode, base64url_encode};
use admittance::jose::{Algorithms, Error, Jwe, RecipientKey};
use admittance::limits::Limits;
use serde_json::{Value, json};

use super::{Rules, parse_jwk};

#[test]
fn signatures() {
    let examples: Vec<Value> = serde_json::from_str(include_str!("../../corpus/jose/rfc_jws.json")).unwrap();
    assert_eq!(examples.len(), 8);
    for example in examples {
        let text = |name: &str| example[name].as_str().unwrap();
        let (name, token) = (text("name"), text("token"));
        match text("alg") {
            "ES512" => {
                assert_eq!(Rules::new().code(token), "oidc.algorithm_not_allowed", "{name}");
                assert_eq!(parse_jwk(&example["key"]).unwrap_err().code(), "oidc.json_invalid", "{name}");
            }
            // The secret is no text, so it can be no client secret.
            "HS256" => {
                let secret = base64url_decode(example["key"]["k"].as_str().unwrap().as_bytes()).unwrap();
                let (input, tag) = token.rsplit_once('.').unwrap();
                let tag = base64url_decode(tag.as_bytes()).unwrap();
                assert_eq!(Hmac::Sha256.verify(&secret, input.as_bytes(), &tag), Ok(()), "{name}");
            }
            _ => {
                let rules = Rules::new().keys([example["key"].clone()]);
                let verified = rules.verify(token).unwrap_or_else(|error| panic!("{name}: {error}"));
                assert_eq!(base64url_encode(verified.payload()), text("payload"), "{name}");
            }
        }
    }
}

#[test]
fn encryption() {
    let examples: Vec<Value> = serde_json::from_str(include_str!("../../corpus/jose/rfc_jwe.json")).unwrap();
    assert_eq!(examples.len(), 8);
    let limits = Limits::default();
    for example in examples {
        let text = |name: &str| example[name].as_str().unwrap();
        let (name, token) = (text("name"), text("token"));
        if name.starts_with("refused") {
            assert_eq!(Jwe::parse(token, &limits).unwrap_err(), Error::DecryptionFailed, "{name}");
            continue;
        }
        let jwe = Jwe::parse(token, &limits).unwrap();
        let key = Arc::new(DecryptionKey::from_pem(text("key").as_bytes()).unwrap());
        let opened = jwe.decrypt(&[RecipientKey::new(key)], &limits).unwrap();
        assert_eq!(opened.plaintext(), text("plaintext").as_bytes(), "{name}");
    }
}

/// RFC 8037 appendix A.4; `Ed25519` is its newer name (RFC 9864).
#[test]
fn ed25519() {
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
                 hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let rules = Rules::new().keys([jwk.clone()]);
    let verified = rules.verify(token).unwrap();
    assert_eq!(verified.payload(), b"Example of Ed25519 signing");
    assert_eq!(parse_jwk(&jwk).unwrap().thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");

    let named = super::raw_token("ed25519", "EdDSA", r#"{"alg":"Ed25519","kid":"ed25519"}"#, "{}");
    assert!(Rules::new().verify(&named).is_ok());
    let only_rsa =
        Rules { algorithms: Algorithms::new([admittance::jose::Algorithm::RS256]), ..Rules::new() };
    assert_eq!(only_rsa.code(&named), "oidc.algorithm_not_allowed");
}

/// RFC 7638 §3.1.
#[test]
fn thumbprint() {
    let jwk = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
        "alg": "RS256",
        "kid": "2011-04-29",
    });
    assert_eq!(parse_jwk(&jwk).unwrap().thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}
