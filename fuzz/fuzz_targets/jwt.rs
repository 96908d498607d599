//! Signed tokens, cut, spliced, changed, and made of any header and payload: what is accepted says exactly what was
//! signed, and a header decides neither the algorithm nor the key.
//!
//! The input is a recipe: a token as it is, changes to good ones, or the parts of one to sign.
#![no_main]

use std::sync::LazyLock;

use admittance::{
    crypto::{Hmac, Secret},
    encoding::{base64url_decode, base64url_encode},
    jose::{
        Algorithm, Algorithms, Compact, Jwks, KeyHeader, KeyIssuer, PrivateKey, SignWith, Signing, Token,
        TokenType, Verification, VerifiedJws, sign,
    },
    json::{self, Object},
    limits::Limits,
    testing::saml_idp::TestKey,
};
use libfuzzer_sys::{
    arbitrary::{self, Unstructured},
    fuzz_target,
};

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

/// Whoever verifies, and tokens that verify.
struct Scene {
    algorithms: Algorithms,
    keys: Jwks,
    secret: Secret,
    seeds: Vec<String>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let read =
        |key: TestKey, kid: &str| PrivateKey::from_pem(key.key_pem().as_bytes()).unwrap().with_kid(kid);
    let (rsa, p256) = (read(TestKey::Rsa, "rsa"), read(TestKey::P256, "ec"));
    let secret = Secret::from("s".repeat(32));
    let claims = |sub: &str| Object::new().with("sub", sub).with("groups", vec!["a", "b"]).with("n", 1);
    let token = |with, algorithm, sub, typ| {
        sign(&claims(sub), &Signing { with, algorithm, typ, key_header: KeyHeader::Kid }).unwrap()
    };
    let mut seeds = Vec::new();
    for sub in ["ada", "eve"] {
        seeds.push(token(SignWith::Key(&rsa), Algorithm::RS256, sub, None));
        seeds.push(token(SignWith::Key(&rsa), Algorithm::PS256, sub, Some("JWT")));
        seeds.push(token(SignWith::Key(&p256), Algorithm::ES256, sub, Some("JWT")));
        seeds.push(token(SignWith::Secret(&secret), Algorithm::HS256, sub, None));
    }
    let algorithms = Algorithms::new(Algorithms::default().iter().chain([Algorithm::HS256]));
    let keys = Jwks::new(vec![rsa.public_jwk(), p256.public_jwk()]);
    Scene { algorithms, keys, secret, seeds }
});

fn run(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    match input.int_in_range(0..=2)? {
        0 => {
            let token = String::from_utf8_lossy(input.peek_bytes(input.len()).unwrap_or_default());
            only_as_signed(&token);
        }
        1 => {
            let mut token = input.choose(&SCENE.seeds)?.clone();
            for _ in 0..input.int_in_range(1..=6)? {
                token = change(&token, input.choose(&SCENE.seeds)?, input)?;
            }
            only_as_signed(&token);
        }
        _ => any_parts(input)?,
    }
    Ok(())
}

/// Whoever knows no key: nothing but what a seed signs is accepted. The signature itself may differ, as ECDSA has two
/// for each message.
fn only_as_signed(token: &str) {
    let limits = Limits::default();
    let _ = Token::parse(token, &limits);
    let Some(verified) = verify(token) else { return };
    let signed = |token: &str| token.rsplit_once('.').unwrap().0.to_owned();
    let seed = SCENE
        .seeds
        .iter()
        .find(|seed| signed(seed) == signed(token))
        .expect("accepted, and nobody signed it");
    let payload = seed.split('.').nth(1).unwrap();
    assert_eq!(verified.payload(), base64url_decode(payload.as_bytes()).unwrap());
    assert!(verified.claims(&limits).is_ok());
}

/// Whoever knows the secret: any header, any payload.
fn any_parts(input: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    const MEMBERS: &[&str] = &[
        r#""alg":"HS256""#,
        r#""alg":"RS256""#,
        r#""alg":"none""#,
        r#""typ":"JWT""#,
        r#""typ":"at+jwt""#,
        r#""kid":"rsa""#,
        r#""kid":1"#,
        r#""crit":[]"#,
        r#""b64":false"#,
        r#""zip":"DEF""#,
        r#""x":{"a":1,"a":1}"#,
        r#""x":"\ud800""#,
        r#""x":[[1e9]]"#,
        r#""\u0061lg":"HS256""#,
        r#""x":"é""#,
    ];
    let mut members = vec![MEMBERS[0]];
    for _ in 0..input.int_in_range(0..=4)? {
        members.push(input.choose(MEMBERS)?);
    }
    let header = format!("{{{}}}{}", members.join(","), input.choose(&["", " ", "x", "{}"])?);
    let payload = input.peek_bytes(input.len()).unwrap_or_default();
    let signed = format!("{}.{}", base64url_encode(header.as_bytes()), base64url_encode(payload));
    let tag = Hmac::Sha256.sign(SCENE.secret.expose().as_bytes(), signed.as_bytes());
    let token = format!("{signed}.{}", base64url_encode(&tag));
    let Some(verified) = verify(&token) else { return Ok(()) };

    assert_eq!(verified.payload(), payload);
    assert_eq!((verified.algorithm(), verified.key()), (Algorithm::HS256, None));
    // A reader that forgives more reads the same header.
    let header: serde_json::Value = serde_json::from_str(&header).unwrap();
    let header = header.as_object().unwrap();
    assert_eq!(header["alg"], "HS256");
    assert!(["crit", "b64", "zip", "enc"].iter().all(|name| !header.contains_key(*name)));
    assert!(header.get("typ").is_none_or(|typ| typ == "JWT"));
    assert_eq!(
        serde_json::to_value(verified.header().members()).unwrap(),
        serde_json::Value::from(header.clone())
    );

    let limits = Limits::default();
    if let Ok(claims) = verified.claims(&limits) {
        let again = json::parse_object(claims.to_json().as_bytes(), &limits.json).unwrap();
        assert_eq!(again.to_json(), claims.to_json());
    }
    Ok(())
}

fn verify(token: &str) -> Option<VerifiedJws> {
    let limits = Limits::default();
    let rules = Verification {
        algorithms: &SCENE.algorithms,
        typ: TokenType::Jwt,
        keys: &SCENE.keys,
        key_issuer: KeyIssuer::Ignored,
        client_secret: Some(&SCENE.secret),
    };
    Compact::parse(token, &limits).ok()?.verify(&rules, &limits).ok()
}

fn change(token: &str, other: &str, input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    let at = input.int_in_range(0..=token.len())?;
    let at = (0..=at).rev().find(|at| token.is_char_boundary(*at)).unwrap_or_default();
    let (before, after) = token.split_at(at);
    let symbol = *input.choose(b"ABCXYZabcxyz0189-_=+/. \n\0")? as char;
    let rest = after.chars().skip(1).collect::<String>();
    Ok(match input.int_in_range(0..=5)? {
        0 => format!("{before}{symbol}{rest}"),
        1 => format!("{before}{symbol}{after}"),
        2 => format!("{before}{rest}"),
        3 => before.to_owned(),
        4 => {
            let mut parts: Vec<&str> = token.split('.').collect();
            let others: Vec<&str> = other.split('.').collect();
            let place = input.int_in_range(0..=parts.len() - 1)?;
            parts[place] = input.choose(&others)?;
            parts.join(".")
        }
        _ => {
            // Other bytes in the place of a part's.
            let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
            let place = input.int_in_range(0..=parts.len() - 1)?;
            let mut bytes = base64url_decode(parts[place].as_bytes()).unwrap_or_default();
            if !bytes.is_empty() {
                let at = input.int_in_range(0..=bytes.len() - 1)?;
                bytes[at] = input.arbitrary()?;
            }
            parts[place] = base64url_encode(&bytes);
            parts.join(".")
        }
    })
}
