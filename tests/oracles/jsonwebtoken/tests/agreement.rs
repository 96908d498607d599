//! `admittance` beside `jsonwebtoken` with the RustCrypto backend: what the one signs the other verifies, what we accept
//! it accepts, and where it accepts more that is by a name.

use std::collections::BTreeMap;

use admittance::jose::{self, Algorithm, RING, name_of};
use jsonwebtoken::{DecodingKey, Header, Validation, decode, encode};
use oracle_jsonwebtoken::{Dice, Key, change, jwks, raw, signed, verify};
use serde_json::{Value, json};

const CLAIMS: &str = r#"{"iss":"https://op.example","sub":"ada","aud":"client","exp":4000000000,"iat":1}"#;

/// Signature and form alone: no claim is looked at.
fn theirs(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> Result<Value, jsonwebtoken::errors::Error> {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    Ok(decode::<Value>(token, key, &validation)?.claims)
}

#[test]
fn what_the_one_signs_the_other_verifies() {
    let keys = jwks();
    for key in Key::ALL {
        for algorithm in key.algorithms() {
            let token = signed(key, algorithm, CLAIMS);
            let claims = theirs(&token, &key.decoding_key(), algorithm).unwrap();
            assert_eq!(claims, serde_json::from_str::<Value>(CLAIMS).unwrap());

            let mut header = Header::new(algorithm);
            header.kid = Some(key.name().to_owned());
            let token = encode(&header, &claims, &key.encoding_key()).unwrap();
            assert_eq!(
                verify(&token, &keys).unwrap().get("sub"),
                Some(&json!("ada")),
                "{}",
                name_of(algorithm)
            );
        }
    }
}

/// Our provider and theirs on the level below tokens.
#[test]
fn the_providers_agree() {
    let rust_crypto = &jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER;
    let message = b"message".as_slice();
    for key in Key::ALL {
        for algorithm in key.algorithms() {
            for (from, to) in [(&RING, rust_crypto), (rust_crypto, &RING)] {
                let signer = (from.signer_factory)(&algorithm, &key.encoding_key()).unwrap();
                let signature = signer.try_sign(message).unwrap();
                let verifier = (to.verifier_factory)(&algorithm, &key.decoding_key()).unwrap();
                assert!(verifier.verify(message, &signature).is_ok(), "{}", name_of(algorithm));
                assert!(verifier.verify(b"messagf", &signature).is_err());
            }
        }
    }
    let (ours, theirs) = (&RING.key_utils, &rust_crypto.key_utils);
    let rsa = Key::Rsa.encoding_key();
    assert_eq!(
        (ours.rsa_pub_components_from_private_key)(rsa.as_bytes()).unwrap(),
        (theirs.rsa_pub_components_from_private_key)(rsa.as_bytes()).unwrap()
    );
    for (key, algorithm) in [(Key::P256, Algorithm::ES256), (Key::P384, Algorithm::ES384)] {
        let key = key.encoding_key();
        assert_eq!(
            (ours.ec_pub_components_from_private_key)(key.as_bytes(), algorithm).unwrap(),
            (theirs.ec_pub_components_from_private_key)(key.as_bytes(), algorithm).unwrap()
        );
    }
    let (key, curve) = (Key::Ed25519.encoding_key(), jsonwebtoken::jwk::EllipticCurve::Ed25519);
    assert_eq!(
        (ours.ed_pub_components_from_private_key)(key.as_bytes(), &curve).unwrap(),
        (theirs.ed_pub_components_from_private_key)(key.as_bytes(), &curve).unwrap()
    );
}

/// Tokens cut, spliced and changed. The key is the one that the header names, as we choose it.
#[test]
fn what_we_accept_it_accepts() {
    let keys = jwks();
    let decoding: BTreeMap<_, _> = Key::ALL.iter().map(|key| (key.name(), key.decoding_key())).collect();
    let seeds: Vec<(Key, Algorithm, String)> = Key::ALL
        .into_iter()
        .flat_map(|key| key.algorithms().into_iter().map(move |one| (key, one)))
        .flat_map(|(key, algorithm)| {
            let name = json!(key.name());
            let header = |more: &str| format!(r#"{{"alg":"{}","kid":{name}{more}}}"#, name_of(algorithm));
            [
                signed(key, algorithm, CLAIMS),
                raw(key, algorithm, &header(r#","typ":"at+jwt""#), CLAIMS),
                raw(key, algorithm, &header(r#","crit":["x"],"x":1"#), CLAIMS),
                raw(key, algorithm, &header(""), r#"{"role":"user","role":"admin"}"#),
            ]
            .map(|token| (key, algorithm, token))
        })
        .collect();
    let mut dice = Dice(1);
    let (mut both, mut neither, mut more) = (0, 0, BTreeMap::new());
    for _ in 0..20_000 {
        let (key, algorithm, seed) = dice.choose(&seeds);
        let (_, _, other) = dice.choose(&seeds);
        let mut token = seed.clone();
        for _ in 0..dice.below(4) {
            token = change(&token, other, &mut dice);
        }
        let ours = verify(&token, &keys);
        let theirs = theirs(&token, &decoding[key.name()], *algorithm);
        match (ours, theirs) {
            (Ok(claims), Ok(value)) => {
                assert_eq!(serde_json::to_value(&claims).unwrap(), value);
                both += 1;
            }
            // Spliced into a whole token of another key: it has only the one key.
            (Ok(_), Err(_)) => {
                assert!(seeds.iter().any(|(_, _, seed)| *seed == token), "only we accept {token}")
            }
            (Err(_), Err(_)) => neither += 1,
            (Err(error), Ok(_)) => *more.entry(error.code()).or_insert(0) += 1,
        }
    }
    println!("both {both}, neither {neither}, only jsonwebtoken {more:?}");
    assert!(both > 1_000 && neither > 5_000);
    let named: Vec<_> = more.keys().copied().collect();
    assert_eq!(named, ["oidc.header_critical", "oidc.json_duplicate_member", "oidc.token_wrong_type"]);
}

/// Each named disagreement about the form: it accepts, we refuse.
#[test]
fn what_it_accepts_and_we_refuse() {
    let keys = jwks();
    let rsa = |header: &str, payload: &str| raw(Key::Rsa, Algorithm::RS256, header, payload);
    let plain = r#"{"alg":"RS256","kid":"rsa"}"#;
    let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let cases = [
        (
            "unknown_crit",
            rsa(r#"{"alg":"RS256","kid":"rsa","crit":["x"],"x":1}"#, CLAIMS),
            "oidc.header_critical",
        ),
        ("empty_crit", rsa(r#"{"alg":"RS256","kid":"rsa","crit":[]}"#, CLAIMS), "oidc.header_critical"),
        ("zip", rsa(r#"{"alg":"RS256","kid":"rsa","zip":"DEF"}"#, CLAIMS), "oidc.header_critical"),
        ("b64", rsa(r#"{"alg":"RS256","kid":"rsa","b64":true}"#, CLAIMS), "oidc.header_critical"),
        ("other_typ", rsa(r#"{"alg":"RS256","kid":"rsa","typ":"at+jwt"}"#, CLAIMS), "oidc.token_wrong_type"),
        ("duplicate_claim", rsa(plain, r#"{"role":"user","role":"admin"}"#), "oidc.json_duplicate_member"),
        ("duplicate_nested", rsa(plain, r#"{"sub":"ada","x":{"a":1,"a":2}}"#), "oidc.json_duplicate_member"),
        ("deep", rsa(plain, &nested(100)), "oidc.json_invalid"),
        ("many_claims", rsa(plain, &many_claims(1001)), "oidc.json_invalid"),
        ("huge", rsa(plain, &json!({"x": "x".repeat(60_000)}).to_string()), "oidc.token_malformed"),
        ("other_kid", rsa(r#"{"alg":"RS256","kid":"x"}"#, CLAIMS), "oidc.key_not_found"),
    ];
    for (name, token, code) in cases {
        theirs(&token, &Key::Rsa.decoding_key(), Algorithm::RS256)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(verify(&token, &keys).unwrap_err().code(), code, "{name}");
    }
}

fn many_claims(count: usize) -> String {
    let claims: Vec<_> = (0..count).map(|n| format!("\"c{n}\":0")).collect();
    format!("{{{}}}", claims.join(","))
}

/// And the few things that we read and it does not.
#[test]
fn what_we_accept_and_it_refuses() {
    let keys = jwks();
    // RFC 9864: another name for what both can verify.
    let token = raw(Key::Ed25519, Algorithm::EdDSA, r#"{"alg":"Ed25519","kid":"ed25519"}"#, CLAIMS);
    assert!(verify(&token, &keys).is_ok());
    assert!(theirs(&token, &Key::Ed25519.decoding_key(), Algorithm::EdDSA).is_err());
    // Parameters that we never look at may have any shape.
    for (parameter, value) in [("x5c", "1"), ("jwk", "\"x\""), ("jku", "[]")] {
        let header = format!(r#"{{"alg":"RS256","kid":"rsa","{parameter}":{value}}}"#);
        let token = raw(Key::Rsa, Algorithm::RS256, &header, CLAIMS);
        assert!(verify(&token, &keys).is_ok(), "{parameter}");
        assert!(theirs(&token, &Key::Rsa.decoding_key(), Algorithm::RS256).is_err(), "{parameter}");
    }
}

/// Keys: it takes what it is given.
#[test]
fn weak_keys_are_accepted_there_alone() {
    let short = include_str!("../../../corpus/jose/rsa_1024.txt").trim();
    let n = "z4a6gVDU4je3e-5e0hxkWfWELLJPhIi9GNuO-hCc9F0hRaP9SGSVdlSW3tkaPFhfbgbEkARkGLd-p_BmImxr82Rwgc5EVwrOxA1STeP7LQBQvvXwOKYO2_yEcvAgvq0q0W1lHHAvJJYfd2M5tgpjzfk8RzzLz3hKnZ5GGnLBAmU";
    let key = DecodingKey::from_rsa_components(n, "AQAB").unwrap();
    assert!(theirs(short, &key, Algorithm::RS256).is_ok());
    assert!((RING.verifier_factory)(&Algorithm::RS256, &key).is_err());
    let jwk = json!({"kty": "RSA", "n": n, "e": "AQAB"});
    assert!(jose::Jwk::parse(&jwk).is_err());

    let secret = jsonwebtoken::EncodingKey::from_secret(b"short");
    let token = encode(&Header::new(Algorithm::HS256), &json!({}), &secret).unwrap();
    let secret = DecodingKey::from_secret(b"short");
    assert!(theirs(&token, &secret, Algorithm::HS256).is_ok());
    assert!((RING.verifier_factory)(&Algorithm::HS256, &secret).is_err());

    // `from_jwk` looks at the type alone: neither use, nor operations, nor algorithm.
    let mut jwk = serde_json::to_value(Key::Rsa.ours().public_jwk()).unwrap();
    jwk["use"] = json!("enc");
    jwk["key_ops"] = json!(["encrypt"]);
    jwk["alg"] = json!("RSA-OAEP");
    let token = signed(Key::Rsa, Algorithm::RS256, CLAIMS);
    let key = DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap();
    assert!(theirs(&token, &key, Algorithm::RS256).is_ok());
    let keys = jose::Jwks::new(vec![jose::Jwk::parse(&jwk).unwrap()]);
    assert_eq!(verify(&token, &keys).unwrap_err().code(), "oidc.key_not_found");
}
