//! `validate`, from the token in compact form to verified claims, against the least that anybody must do for the same
//! bytes: verify one signature, hash once, parse the payload into a JSON value.
//!
//! Prints `id_token/RS256-10 ratio 1.12` for each algorithm and number of groups; exit status 1 when a ratio is above
//! the bound.

#[allow(dead_code, reason = "the other benchmarks use more of it")]
mod measure;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use admittance::encoding::base64url_decode;
use admittance::jose::Jwks;
use admittance::limits::Limits;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::token::UnverifiedTokens;
use admittance::oidc::{Client, Pending, Provider, authorization, id_token, token};
use admittance::testing::oidc_provider::TestKey;
use admittance::time::Timestamp;
use http::Response;
use ring::digest;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Value, json};

use measure::{compare_within, warm_up};

const BOUND: f64 = 1.5;
const GROUPS: [usize; 2] = [10, 200];
const KEYS: [(&str, TestKey); 2] = [("RS256", TestKey::Rsa), ("ES256", TestKey::P256)];
const LONG: Duration = Duration::from_secs(4);

fn main() -> ExitCode {
    warm_up();
    let mut worst = 0.0_f64;
    for (algorithm, key) in KEYS {
        for groups in GROUPS {
            let sign_in = SignIn::new(key, groups);
            let floor = Floor::of(key, &sign_in);
            let comparison = compare_within(
                BOUND,
                LONG,
                || floor.run(),
                || {
                    let id = sign_in.validate();
                    assert!(black_box(id.claims()).claims().len() == sign_in.claims);
                },
            );
            println!("id_token/{algorithm}-{groups} ratio {:.2}", comparison.ratio);
            println!(
                "    {} bytes, floor {:.1?}, validate {:.1?}",
                floor.payload.len(),
                comparison.floor,
                comparison.subject
            );
            worst = worst.max(comparison.ratio);
        }
    }
    if worst > BOUND {
        println!("id_token: the worst ratio {worst:.2} is above {BOUND}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// An acceptable sign-in.
struct SignIn {
    provider: Provider,
    client: Client,
    pending: Pending,
    jwks: Jwks,
    tokens: UnverifiedTokens,
    now: Timestamp,
    claims: usize,
}

impl SignIn {
    fn new(key: TestKey, groups: usize) -> Self {
        let now = Timestamp::parse("2026-11-22T00:01:00Z").expect("a time").at;
        let issuer = "https://corp.okta.com/oauth2/default";
        let provider = Provider::new(
            issuer,
            format!("{issuer}/v1/authorize"),
            format!("{issuer}/v1/token"),
            format!("{issuer}/v1/keys"),
        );
        let client = Client::new("0oa1gjh63g214q0Hq0g4", "https://rp.example/oidc/callback");
        let stored = json!({
            "version": 1,
            "created_at": now,
            "issuer": issuer,
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uri,
            "state": "af0ifjsldkj",
            "nonce": NONCE,
            "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "scopes": ["openid"],
        });
        let pending: Pending = serde_json::from_value(stored).expect("what a host has stored");
        let claims = claims(issuer, &client.client_id, now, groups);
        let header = json!({"alg": key.default_algorithm().as_str(), "kid": key.kid(), "typ": "JWT"});
        let payload = claims.to_string();
        let id_token = key.sign_jws(key.default_algorithm(), &header, payload.as_bytes()).expect("a token");
        let mut jwk = key.jwk();
        jwk["kid"] = key.kid().into();
        jwk["use"] = "sig".into();
        let document = json!({ "keys": [jwk] }).to_string();
        let (jwks, _) = Jwks::parse(document.as_bytes(), &Limits::default()).expect("a key set");
        let code =
            authorization::parse_callback(&provider, &client, &pending, "code=c&state=af0ifjsldkj", now)
                .expect("a callback");
        let answer = json!({"access_token": "an access token", "token_type": "Bearer", "id_token": id_token});
        let answer = Response::builder()
            .header("Content-Type", "application/json")
            .body(answer.to_string().into_bytes())
            .expect("an answer");
        let tokens = token::parse_response(&client, &pending, &code, Dpop::Off, &answer).expect("tokens");
        let claims = claims.as_object().map_or(0, serde_json::Map::len);
        Self { provider, client, pending, jwks, tokens, now, claims }
    }

    fn validate(&self) -> id_token::ValidIdToken {
        let Self { provider, client, pending, jwks, tokens, now, .. } = self;
        id_token::validate(tokens, jwks, provider, client, pending, *now).expect("an acceptable token")
    }
}

fn claims(issuer: &str, client_id: &str, now: Timestamp, groups: usize) -> Value {
    let seconds = now.to_unix_millis() / 1000;
    let groups: Vec<String> = (0..groups).map(|number| format!("Engineering Team {number:04}")).collect();
    json!({
        "iss": issuer,
        "sub": "00u1gjh63g214q0Hq0g4",
        "aud": client_id,
        "exp": seconds + 3_600,
        "iat": seconds,
        "auth_time": seconds - 5,
        "nonce": NONCE,
        "jti": "ID.1234567890abcdefghijklmnopqrstuvwxyz",
        "amr": ["pwd", "otp"],
        "idp": "00o1gjh63g214q0Hq0g4",
        "ver": 1,
        "name": "Ada Lovelace",
        "preferred_username": "ada@corp.example",
        "email": "ada@corp.example",
        "email_verified": true,
        "groups": groups,
    })
}

const NONCE: &str = "n-0S6_WzA2Mj_n-0S6_WzA2Mj_n-0S6_WzA2Mj_n-0S6";

/// What the floor works on.
struct Floor {
    key: Key,
    signing_input: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// As ring wants it.
enum Key {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
}

impl Floor {
    fn of(key: TestKey, sign_in: &SignIn) -> Self {
        let token = sign_in.tokens.id_token().expect("an ID token").expose();
        let (signing_input, signature) = token.rsplit_once('.').expect("a token");
        let (_, payload) = signing_input.split_once('.').expect("a token");
        let decode = |text: &str| base64url_decode(text.as_bytes()).expect("base64url");
        let jwk = key.jwk();
        let member = |name: &str| decode(jwk[name].as_str().expect("a member"));
        let key = match key {
            TestKey::P256 => Key::P256([vec![4], member("x"), member("y")].concat()),
            _ => Key::Rsa { n: member("n"), e: member("e") },
        };
        Self {
            key,
            signing_input: signing_input.as_bytes().to_vec(),
            payload: decode(payload),
            signature: decode(signature),
        }
    }

    fn run(&self) {
        let Self { key, signing_input, payload, signature } = self;
        let verified = match key {
            Key::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                key.verify(&RSA_PKCS1_2048_8192_SHA256, signing_input, signature)
            }
            Key::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signing_input, signature)
            }
        };
        verified.expect("a good signature");
        black_box(digest::digest(&digest::SHA256, signing_input));
        black_box(serde_json::from_slice::<Value>(payload)).expect("JSON");
    }
}
