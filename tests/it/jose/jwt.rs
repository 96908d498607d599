//! Tokens of ours: client assertions, request objects, proofs.

use admittance::crypto::{Ed25519SigningKey, PrivateKeyError, Secret, SigningKey};
use admittance::encoding::base64url_decode;
use admittance::jose::{
    Algorithm, Algorithms, Error, Jwk, Jwks, KeyHeader, PrivateKey, SignWith, Signing, TokenType, sign,
};
use admittance::json::Object;
use serde_json::{Value, json};

use super::{ALGORITHMS, KEYS, Rules, key, pem};

fn claims() -> Object {
    Object::new().with("iss", "client").with("aud", "https://op.example").with("exp", 1)
}

fn signing<'s>(with: SignWith<'s>, algorithm: Algorithm) -> Signing<'s> {
    Signing { with, algorithm, typ: None, key_header: KeyHeader::Kid }
}

fn part(token: &str, index: usize) -> String {
    let part = token.split('.').nth(index).unwrap();
    String::from_utf8(base64url_decode(part.as_bytes()).unwrap()).unwrap()
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for (algorithm, _, name) in ALGORITHMS {
        let key = key(name);
        let token = sign(&claims(), &signing(SignWith::Key(&key), algorithm)).unwrap();
        assert_eq!(part(&token, 1), r#"{"iss":"client","aud":"https://op.example","exp":1}"#);
        let verified = Rules::new().verify(&token).unwrap();
        assert_eq!((verified.algorithm(), verified.header().kid()), (algorithm, Some(name)));
    }
    let secret = "s".repeat(64);
    let secret = Secret::from(secret);
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let token = sign(&claims(), &signing(SignWith::Secret(&secret), algorithm)).unwrap();
        assert!(Rules::new().hmac(Some(secret.expose())).verify(&token).is_ok());
    }
}

#[test]
fn the_header_says_what_was_asked_for() {
    let named = key("p256");
    let nameless = PrivateKey::from_pem(pem("p256").as_bytes()).unwrap();
    let header = |key: &PrivateKey, typ, key_header| {
        let signing = Signing { with: SignWith::Key(key), algorithm: Algorithm::ES256, typ, key_header };
        part(&sign(&claims(), &signing).unwrap(), 0)
    };
    assert_eq!(header(&named, None, KeyHeader::Kid), r#"{"alg":"ES256","kid":"p256"}"#);
    assert_eq!(header(&nameless, None, KeyHeader::Kid), r#"{"alg":"ES256"}"#);
    assert_eq!(
        header(&named, Some("oauth-authz-req+jwt"), KeyHeader::Kid),
        r#"{"alg":"ES256","typ":"oauth-authz-req+jwt","kid":"p256"}"#
    );
    let proof: Value = serde_json::from_str(&header(&named, Some("dpop+jwt"), KeyHeader::Jwk)).unwrap();
    assert_eq!((&proof["typ"], proof.get("kid")), (&json!("dpop+jwt"), None));
    // RFC 9449 §4.2: the public key, and nothing else of it.
    let members: Vec<_> = proof["jwk"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["crv", "kty", "x", "y"]);
    assert_eq!(Jwk::parse(&proof["jwk"]).unwrap().thumbprint(), named.public_jwk().thumbprint());
}

/// What receives a proof takes the key from the header on purpose, and verifies with it.
#[test]
fn a_proof_verifies_with_the_key_it_carries() {
    for (_, _, name) in ALGORITHMS {
        let key = key(name);
        let signing = Signing {
            with: SignWith::Key(&key),
            algorithm: key.default_algorithm(),
            typ: Some("dpop+jwt"),
            key_header: KeyHeader::Jwk,
        };
        let token = sign(&claims(), &signing).unwrap();
        let header: Value = serde_json::from_str(&part(&token, 0)).unwrap();
        let keys = Jwks::new(vec![Jwk::parse(&header["jwk"]).unwrap()]);
        let rules = Rules { keys, typ: TokenType::Exactly("dpop+jwt"), ..Rules::new() };
        assert!(rules.verify(&token).is_ok(), "{name}");
    }
}

#[test]
fn a_key_signs_with_its_own_algorithms_alone() {
    for (name, _) in KEYS {
        let key = key(name);
        let fits: Vec<_> =
            ALGORITHMS.iter().filter(|(algorithm, ..)| key.key_type().fits(*algorithm)).collect();
        assert!(fits.iter().any(|(algorithm, ..)| *algorithm == key.default_algorithm()));
        for (algorithm, ..) in ALGORITHMS {
            let signed = sign(&claims(), &signing(SignWith::Key(&key), algorithm));
            match key.key_type().fits(algorithm) {
                true => assert!(signed.is_ok(), "{name}"),
                false => assert_eq!(signed.unwrap_err().code(), "oidc.key_type_mismatch", "{name}"),
            }
        }
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let error = sign(&claims(), &signing(SignWith::Key(&key), algorithm)).unwrap_err();
            assert_eq!(error.code(), "oidc.key_type_mismatch");
        }
    }
}

#[test]
fn a_secret_signs_by_hmac_when_it_is_long_enough() {
    let secret = Secret::from("s".repeat(47));
    let with = SignWith::Secret(&secret);
    assert!(sign(&claims(), &signing(with, Algorithm::HS256)).is_ok());
    for (algorithm, shortest) in [(Algorithm::HS384, 48), (Algorithm::HS512, 64)] {
        let error = sign(&claims(), &signing(with, algorithm)).unwrap_err();
        assert_eq!(error, Error::SecretUnfit { algorithm, shortest });
    }
    for algorithm in Algorithms::default().iter() {
        let error = sign(&claims(), &signing(with, algorithm)).unwrap_err();
        assert_eq!(error.code(), "oidc.algorithm_not_allowed");
    }
    // A secret is never put into a header.
    let proof = Signing { key_header: KeyHeader::Jwk, ..signing(with, Algorithm::HS256) };
    assert_eq!(sign(&claims(), &proof).unwrap_err().code(), "oidc.algorithm_not_allowed");
}

#[test]
fn private_keys_are_read_from_what_people_store() {
    let from_pem = |text: &str| PrivateKey::from_pem(text.as_bytes());
    assert_eq!(from_pem(pem("ed25519")).unwrap().default_algorithm(), Algorithm::EdDSA);
    assert_eq!(
        from_pem(include_str!("../../corpus/keys/rsa2048.pkcs1.pem")).unwrap().public_jwk(),
        from_pem(pem("rsa2048")).unwrap().public_jwk()
    );
    let code = |text: &str| from_pem(text).unwrap_err().code();
    assert_eq!(code(include_str!("../../corpus/keys/rsa1024.key.pem")), "crypto.key_size");
    assert_eq!(code(include_str!("../../corpus/keys/p521.key.pem")), "crypto.key_not_supported");
    assert_eq!(code(include_str!("../../corpus/keys/secp256k1.key.pem")), "crypto.key_not_supported");
    assert_eq!(code(include_str!("../../corpus/keys/p256.sec1.pem")), "crypto.private_key_form");
    assert_eq!(code(include_str!("../../corpus/keys/rsa2048.encrypted.pem")), "crypto.private_key_encrypted");
    assert_eq!(code(""), "crypto.private_key_missing");
    let ed25519 = Ed25519SigningKey::from_pem(pem("ed25519").as_bytes()).unwrap();
    let p256 = SigningKey::from_pem(pem("p256").as_bytes()).unwrap();
    assert_eq!(PrivateKey::from(ed25519).public_jwk(), from_pem(pem("ed25519")).unwrap().public_jwk());
    assert_eq!(PrivateKey::from(p256).kid(), None);
    // What XML signatures are made with stays as it was.
    let error = SigningKey::from_pem(pem("ed25519").as_bytes()).unwrap_err();
    assert!(matches!(error, PrivateKeyError::NotSupported(_)), "{error}");
    let error = Ed25519SigningKey::from_pem(pem("p256").as_bytes()).unwrap_err();
    assert!(matches!(error, PrivateKeyError::NotSupported(_)), "{error}");
}

#[test]
fn nothing_shows_a_private_key() {
    for (name, text) in KEYS {
        let shown = format!("{:?} {:?}", key(name), signing(SignWith::Key(&key(name)), Algorithm::RS256));
        assert!(shown.contains(&format!("kid {name:?}")), "{shown}");
        for line in text.lines().filter(|line| !line.starts_with('-')) {
            assert!(!shown.contains(line));
        }
        assert!(shown.len() < 400, "{shown}");
    }
    let secret = Secret::from("sesame");
    assert!(!format!("{:?}", signing(SignWith::Secret(&secret), Algorithm::HS256)).contains("sesame"));
}
