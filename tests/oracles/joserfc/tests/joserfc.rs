//! `admittance` beside `joserfc`: its tokens read by us, ours by it, in every algorithm; and changed ones by both.

use std::sync::Arc;

use admittance::crypto::{DecryptionKey, Secret};
use admittance::jose::{
    Algorithm, Algorithms, Compact, Jwe, KeyHeader, KeyIssuer, RecipientKey, SignWith, Signing, TokenType,
    Verification, name_of, sign,
};
use admittance::json::Object;
use admittance::limits::Limits;
use oracle_joserfc::ask;
use oracle_jsonwebtoken::{Dice, Key, change, encode, jwks, signed, verify};
use serde_json::{Map, Value, json};

const PAYLOAD: &str = r#"{"sub":"ada","name":"Ada Lovelace é"}"#;
const SECRET: &str = "a client secret with more than sixty-four bytes, as every HMAC needs it";

fn made() -> Value {
    let keys: Map<_, _> = Key::ALL.iter().map(|key| (key.name().to_owned(), json!(key.pem()))).collect();
    ask("make", &json!({"keys": keys, "payload": PAYLOAD, "secret": SECRET}))
}

#[test]
fn we_read_what_it_makes() {
    let limits = Limits::default();
    let made = made();
    let signed = made["signed"].as_array().unwrap();
    assert_eq!(signed.len(), 13);
    let secret = Secret::from(SECRET);
    let hmacs = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
    let algorithms = Algorithms::new(Algorithms::default().iter().chain(hmacs));
    for entry in signed {
        let rules = Verification {
            algorithms: &algorithms,
            typ: TokenType::Jwt,
            keys: &jwks(),
            key_issuer: KeyIssuer::Ignored,
            client_secret: Some(&secret),
        };
        let token = entry["token"].as_str().unwrap();
        let verified = Compact::parse(token, &limits).unwrap().verify(&rules, &limits).unwrap();
        assert_eq!(verified.payload(), PAYLOAD.as_bytes(), "{}", entry["algorithm"]);
    }

    let encrypted = made["encrypted"].as_array().unwrap();
    let open = |entry: &Value| {
        let key = Key::ALL.into_iter().find(|key| entry["key"] == key.name()).unwrap();
        let key = Arc::new(DecryptionKey::from_pem(key.pem().as_bytes()).unwrap());
        let jwe = Jwe::parse(entry["token"].as_str().unwrap(), &limits)?;
        Ok::<_, admittance::jose::Error>(
            jwe.decrypt(&[RecipientKey::new(key)], &limits)?.plaintext().to_vec(),
        )
    };
    let mut opened = 0;
    for entry in encrypted {
        let ours = open(entry);
        if entry["refused"] == true {
            assert_eq!(ours.unwrap_err().code(), "oidc.decryption_failed", "{}", entry["algorithm"]);
        } else {
            assert_eq!(ours.unwrap(), PAYLOAD.as_bytes(), "{} {}", entry["algorithm"], entry["encryption"]);
            opened += 1;
        }
    }
    // RSA with one key, the three of elliptic curves with two; six encryptions each.
    assert_eq!(opened, 2 * 6 + 3 * 6 * 2);
}

#[test]
fn it_reads_what_we_make() {
    let mut tokens = Vec::new();
    let mut expected = Vec::new();
    for key in Key::ALL {
        for algorithm in key.algorithms() {
            tokens.push(json!({"key": key.name(), "token": signed(key, algorithm, PAYLOAD)}));
            expected.push((name_of(algorithm), PAYLOAD));
        }
    }
    let secret = Secret::from(SECRET);
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let with = SignWith::Secret(&secret);
        let signing = Signing { with, algorithm, typ: None, key_header: KeyHeader::Kid };
        let token = sign(&Object::new().with("sub", "ada"), &signing).unwrap();
        tokens.push(json!({"key": "secret", "token": token}));
        expected.push((name_of(algorithm), r#"{"sub":"ada"}"#));
    }
    let answer = ask("read", &json!({"keys": public_keys(), "tokens": tokens}));
    let payloads = answer["payloads"].as_array().unwrap();
    assert_eq!(payloads.len(), expected.len());
    for (payload, (algorithm, expected)) in payloads.iter().zip(expected) {
        assert_eq!(payload, expected, "{algorithm}");
    }
    for key in Key::ALL {
        assert_eq!(answer["thumbprints"][key.name()], key.ours().public_jwk().thumbprint());
    }
}

#[test]
fn what_we_accept_it_accepts() {
    let keys = jwks();
    let seeds: Vec<(Key, String)> = Key::ALL
        .into_iter()
        .flat_map(|key| key.algorithms().into_iter().map(move |one| (key, signed(key, one, PAYLOAD))))
        .collect();
    let mut dice = Dice(2);
    let mut tokens = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..4_000 {
        let (key, seed) = dice.choose(&seeds);
        let (_, other) = dice.choose(&seeds);
        let mut token = seed.clone();
        for _ in 0..dice.below(3) {
            token = change(&token, other, &mut dice);
        }
        let verified = verify(&token, &keys);
        tokens.push(json!({"key": key.name(), "token": token}));
        ours.push(verified.map(|claims| claims.to_json()));
    }
    let answer = ask("read", &json!({"keys": public_keys(), "tokens": tokens}));
    let (mut both, mut more) = (0, Vec::new());
    for ((ours, theirs), sent) in ours.iter().zip(answer["payloads"].as_array().unwrap()).zip(&tokens) {
        match (ours, theirs.as_str()) {
            (Ok(claims), Some(payload)) => {
                assert_eq!(claims, payload);
                both += 1;
            }
            // Spliced into a whole token of another key: it has only the one key.
            (Ok(_), None) => {
                assert!(seeds.iter().any(|(_, seed)| sent["token"] == **seed), "{sent}: {theirs}")
            }
            (Err(error), Some(_)) => more.push(error.code()),
            (Err(_), None) => {}
        }
    }
    more.sort_unstable();
    more.dedup();
    println!("both {both} of {}, only joserfc: {more:?}", tokens.len());
    assert!(both > 400);
}

fn public_keys() -> Map<String, Value> {
    let mut keys: Map<_, _> = Key::ALL
        .iter()
        .map(|key| (key.name().to_owned(), serde_json::to_value(key.ours().public_jwk()).unwrap()))
        .collect();
    keys.insert("secret".to_owned(), json!({"kty": "oct", "k": encode(SECRET.as_bytes())}));
    keys
}
