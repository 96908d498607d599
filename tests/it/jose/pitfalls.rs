//! What other implementations have fallen for. Each test is one pitfall, and each token breaks one rule of a token
//! that is accepted.

use admittance::crypto::{Hmac, PublicKeyParts, SigningKey};
use admittance::encoding::base64url_encode;
use admittance::jose::{Algorithm, Algorithms, Error, Jwe, Jwks, RecipientKey, Token};
use admittance::limits::Limits;
use serde_json::{Value, json};

use super::{
    ALGORITHMS, PAYLOAD, Rules, encrypt, jwk, pem, raw_hmac_token, raw_signature, raw_token, with_header,
};

const SECRET: &str = "a client secret with more than sixty-four bytes, as every HMAC needs it";
const KID: &str = r#"{"alg":"RS256","kid":"rsa2048"}"#;

/// What every pitfall is a change of.
#[test]
fn the_unchanged_tokens_are_accepted() {
    for (algorithm, name, key) in ALGORITHMS {
        let header = json!({"alg": name, "kid": key, "typ": "JWT"}).to_string();
        let verified = Rules::new().verify(&raw_token(key, name, &header, PAYLOAD)).unwrap();
        assert_eq!((verified.algorithm(), verified.payload()), (algorithm, PAYLOAD.as_bytes()));
        assert_eq!(verified.key().and_then(|key| key.kid()), Some(key));
    }
    for (hmac, name) in HMACS {
        let token = raw_hmac_token(hmac, SECRET.as_bytes(), &json!({"alg": name}).to_string(), PAYLOAD);
        let verified = Rules::new().hmac(Some(SECRET)).verify(&token).unwrap();
        assert_eq!((verified.payload(), verified.key()), (PAYLOAD.as_bytes(), None));
    }
    assert!(Rules::new().verify(&with_header(json!({}))).is_ok());
}

const HMACS: [(Hmac, &str); 3] = [(Hmac::Sha256, "HS256"), (Hmac::Sha384, "HS384"), (Hmac::Sha512, "HS512")];

fn unsigned(header: &str) -> String {
    format!("{}.{}.", base64url_encode(header.as_bytes()), base64url_encode(PAYLOAD.as_bytes()))
}

#[test]
fn alg_none() {
    for rules in [Rules::new(), Rules::new().hmac(Some(SECRET))] {
        assert_eq!(rules.code(&unsigned(r#"{"alg":"none"}"#)), "oidc.algorithm_not_allowed");
        assert_eq!(rules.code(&unsigned(r#"{"alg":"none","kid":"rsa2048"}"#)), "oidc.algorithm_not_allowed");
        assert_eq!(rules.code(&with_header(json!({"alg": "none"}))), "oidc.algorithm_not_allowed");
    }
    assert!(serde_json::from_value::<Algorithms>(json!(["RS256", "none"])).is_err());
}

#[test]
fn alg_none_case() {
    for alg in ["None", "NONE", "nOnE", "none ", " none", "none\0", "nоne"] {
        let header = json!({ "alg": alg }).to_string();
        assert_eq!(Rules::new().code(&unsigned(&header)), "oidc.algorithm_not_allowed", "{alg:?}");
    }
}

#[test]
fn alg_unknown() {
    for alg in
        ["", "rs256", "RS256 ", "RS1", "RS999", "ES512", "ES256K", "Ed448", "ed25519", "HS1", "A128KW", "dir"]
    {
        assert_eq!(
            Rules::new().hmac(Some(SECRET)).code(&with_header(json!({"alg": alg}))),
            "oidc.algorithm_not_allowed",
            "{alg}"
        );
    }
    for (alg, code) in [(json!(256), "oidc.header_invalid"), (json!(["RS256"]), "oidc.header_invalid")] {
        assert_eq!(Rules::new().code(&with_header(json!({"alg": alg}))), code);
    }
    assert_eq!(Rules::new().code(&with_header(json!({"alg": null}))), "oidc.header_invalid");
    let long = with_header(json!({"alg": "x".repeat(500)}));
    match Rules::new().verify(&long) {
        Err(Error::AlgorithmNotAllowed { actual, .. }) => assert_eq!(actual, "x".repeat(64)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn alg_not_listed() {
    let rules = Rules { algorithms: Algorithms::new([Algorithm::RS256, Algorithm::PS256]), ..Rules::new() };
    assert!(rules.verify(&with_header(json!({}))).is_ok());
    let token = raw_token("rsa2048", "RS512", r#"{"alg":"RS512","kid":"rsa2048"}"#, PAYLOAD);
    assert!(Rules::new().verify(&token).is_ok());
    assert_eq!(rules.code(&token), "oidc.algorithm_not_allowed");
    let rules = Rules { algorithms: Algorithms::new([]), ..Rules::new() };
    assert_eq!(rules.code(&with_header(json!({}))), "oidc.algorithm_not_allowed");
    // HMAC is not among the defaults, even with the right secret.
    let token = raw_hmac_token(Hmac::Sha256, SECRET.as_bytes(), r#"{"alg":"HS256"}"#, PAYLOAD);
    let rules = Rules { secret: Some(SECRET.into()), ..Rules::new() };
    assert_eq!(rules.code(&token), "oidc.algorithm_not_allowed");
}

/// CVE-2015-9235 and its kin: the public key, in every form that anybody stores, as the secret.
#[test]
fn hs256_with_public_key() {
    let public = SigningKey::from_pem(pem("rsa2048").as_bytes()).unwrap();
    let spki = public.public_key().to_spki_der();
    let spki_pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        admittance::encoding::base64_encode(&spki)
    );
    let PublicKeyParts::Rsa { modulus, .. } = public.public_key().parts() else { panic!() };
    let jwk = jwk("rsa2048", json!({})).to_string();
    for secret in [&spki, spki_pem.as_bytes(), modulus, jwk.as_bytes(), base64url_encode(modulus).as_bytes()]
    {
        for (hmac, alg) in HMACS {
            let header = json!({"alg": alg, "kid": "rsa2048"}).to_string();
            let token = raw_hmac_token(hmac, secret, &header, PAYLOAD);
            assert_eq!(Rules::new().code(&token), "oidc.algorithm_not_allowed");
            assert_eq!(Rules::new().hmac(None).code(&token), "oidc.algorithm_not_allowed");
            assert_eq!(Rules::new().hmac(Some(SECRET)).code(&token), "oidc.signature_invalid");
            // Nor is the HMAC a signature.
            let header = json!({"alg": "RS256", "kid": "rsa2048"}).to_string();
            let token = raw_hmac_token(hmac, secret, &header, PAYLOAD);
            assert_eq!(Rules::new().hmac(Some(SECRET)).code(&token), "oidc.signature_invalid");
        }
    }
}

#[test]
fn hs256_with_jwks_oct() {
    let published = "published and therefore no secret at all";
    let oct =
        json!({"kty": "oct", "k": base64url_encode(published.as_bytes()), "kid": "oct", "alg": "HS256"});
    let document = json!({"keys": [oct, jwk("rsa2048", json!({}))]}).to_string();
    let (keys, notes) = Jwks::parse(document.as_bytes(), &Limits::default()).unwrap();
    let codes: Vec<_> = notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!((keys.keys().len(), codes), (1, vec!["oidc.key_private", "oidc.key_skipped"]));
    let token = raw_hmac_token(Hmac::Sha256, published.as_bytes(), r#"{"alg":"HS256","kid":"oct"}"#, PAYLOAD);
    for (rules, code) in [
        (Rules::new(), "oidc.algorithm_not_allowed"),
        (Rules::new().hmac(None), "oidc.algorithm_not_allowed"),
        (Rules::new().hmac(Some(SECRET)), "oidc.signature_invalid"),
    ] {
        assert_eq!(Rules { keys: keys.clone(), ..rules }.code(&token), code);
    }
}

#[test]
fn hs256_public_client() {
    for secret in ["", "\0", SECRET] {
        for (hmac, alg) in HMACS {
            let token = raw_hmac_token(hmac, secret.as_bytes(), &json!({"alg": alg}).to_string(), PAYLOAD);
            let error = Rules::new().hmac(None).verify(&token).unwrap_err();
            assert_eq!(error.code(), "oidc.algorithm_not_allowed");
            assert!(error.to_string().contains("client secret"), "{error}");
        }
    }
}

#[test]
fn hs256_short_secret() {
    for (hmac, alg) in HMACS {
        let long = &SECRET[..hmac.output_len()];
        let short = &SECRET[..hmac.output_len() - 1];
        let token =
            |secret: &str| raw_hmac_token(hmac, secret.as_bytes(), &json!({"alg": alg}).to_string(), PAYLOAD);
        assert!(Rules::new().hmac(Some(long)).verify(&token(long)).is_ok());
        let error = Rules::new().hmac(Some(short)).verify(&token(short)).unwrap_err();
        assert_eq!(error.code(), "oidc.algorithm_not_allowed");
        assert!(!format!("{error} {error:?}").contains(short));
    }
}

#[test]
fn sig_flipped() {
    for (_, name, key) in ALGORITHMS {
        let header = json!({"alg": name, "kid": key}).to_string();
        let input =
            format!("{}.{}", base64url_encode(header.as_bytes()), base64url_encode(PAYLOAD.as_bytes()));
        let signature = raw_signature(key, name, input.as_bytes());
        for at in 0..signature.len() {
            let mut flipped = signature.clone();
            flipped[at] ^= 1 << (at % 8);
            let token = format!("{input}.{}", base64url_encode(&flipped));
            assert_eq!(Rules::new().code(&token), "oidc.signature_invalid", "{name} at {at}");
        }
    }
    // Nor may the signed bytes change, by the same header and payload in other words.
    for (header, payload) in
        [(format!("{KID} "), PAYLOAD.to_owned()), (KID.to_owned(), format!("{PAYLOAD} "))]
    {
        let good = with_header(json!({}));
        let signature = good.rsplit_once('.').unwrap().1;
        let token = [base64url_encode(header.as_bytes()), base64url_encode(payload.as_bytes())].join(".");
        assert_eq!(Rules::new().code(&format!("{token}.{signature}")), "oidc.signature_invalid");
    }
}

#[test]
fn sig_empty() {
    for (_, name, key) in ALGORITHMS {
        let header = json!({"alg": name, "kid": key}).to_string();
        assert_eq!(Rules::new().code(&unsigned(&header)), "oidc.signature_invalid", "{name}");
        // CVE-2022-21449: all zeros; and every length but the right one.
        let good = raw_token(key, name, &header, PAYLOAD);
        let (input, signature) = good.rsplit_once('.').unwrap();
        let signature = admittance::encoding::base64url_decode(signature.as_bytes()).unwrap();
        let wrong = [
            vec![0; signature.len()],
            vec![0xFF; signature.len()],
            vec![0; 1],
            signature[1..].to_vec(),
            signature[..signature.len() - 1].to_vec(),
            [&[0], signature.as_slice()].concat(),
            [signature.as_slice(), &[0]].concat(),
        ];
        for wrong in wrong {
            let token = format!("{input}.{}", base64url_encode(&wrong));
            assert_eq!(Rules::new().code(&token), "oidc.signature_invalid", "{name} {}", wrong.len());
        }
    }
    let token = unsigned(r#"{"alg":"HS256"}"#);
    assert_eq!(Rules::new().hmac(Some(SECRET)).code(&token), "oidc.signature_invalid");
}

#[test]
fn sig_other_key() {
    let token = raw_token("rsa2048b", "RS256", KID, PAYLOAD);
    assert_eq!(Rules::new().code(&token), "oidc.signature_invalid");
    // Whoever else the provider signs for, by the name of another key.
    let keys = [jwk("rsa2048", json!({})), jwk("rsa2048b", json!({}))];
    assert_eq!(Rules::new().keys(keys).code(&token), "oidc.signature_invalid");
    // The same algorithm family in another padding or digest.
    let token = raw_token("rsa2048", "PS256", KID, PAYLOAD);
    assert_eq!(Rules::new().code(&token), "oidc.signature_invalid");
    let token = raw_token("rsa2048", "RS384", KID, PAYLOAD);
    assert_eq!(Rules::new().code(&token), "oidc.signature_invalid");
    let token = raw_hmac_token(Hmac::Sha256, &SECRET.as_bytes()[1..], r#"{"alg":"HS256"}"#, PAYLOAD);
    assert_eq!(Rules::new().hmac(Some(SECRET)).code(&token), "oidc.signature_invalid");
}

/// A token by a key that the provider has not published, which the header brings along.
fn by_a_stranger(changes: Value) -> String {
    let mut header = json!({"alg": "RS256", "kid": "rsa2048"});
    super::change(&mut header, changes);
    raw_token("rsa2048b", "RS256", &header.to_string(), PAYLOAD)
}

fn assert_ignored(parameter: &str, value: &Value) {
    let rules = Rules::new().keys([jwk("rsa2048", json!({}))]);
    let token = by_a_stranger(json!({parameter: value}));
    assert_eq!(rules.code(&token), "oidc.signature_invalid", "{parameter}");
    let token = by_a_stranger(json!({parameter: value, "kid": null}));
    assert_eq!(rules.code(&token), "oidc.signature_invalid", "{parameter}");
    let token = by_a_stranger(json!({parameter: value, "kid": "rsa2048b"}));
    assert_eq!(rules.code(&token), "oidc.key_not_found", "{parameter}");
    // And it does no harm where the signature is right.
    assert!(rules.verify(&with_header(json!({parameter: value}))).is_ok(), "{parameter}");
}

#[test]
fn header_jwk() {
    assert_ignored("jwk", &jwk("rsa2048b", json!({})));
    assert_ignored("jwk", &jwk("rsa2048b", json!({"kid": "rsa2048"})));
}

#[test]
fn header_jku() {
    assert_ignored("jku", &json!("https://attacker.example/jwks.json"));
}

#[test]
fn header_x5u() {
    assert_ignored("x5u", &json!("https://attacker.example/certificate.pem"));
}

#[test]
fn header_x5c() {
    let pem = include_str!("../../corpus/keys/rsa2048b.cert.pem");
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    assert_ignored("x5c", &json!([der]));
    assert_ignored("x5t", &json!("CrA8bRHzPLu3kDJRnTFcrVw0Wbg"));
    assert_ignored("x5t#S256", &json!("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
}

#[test]
fn kid_path() {
    for kid in ["../../../../dev/null", "/dev/null", "file:///etc/passwd", "rsa2048/../rsa2048", "rsa2048\0"]
    {
        assert_eq!(Rules::new().code(&with_header(json!({"kid": kid}))), "oidc.key_not_found", "{kid}");
    }
    let empty = raw_hmac_token(Hmac::Sha256, b"", r#"{"alg":"HS256","kid":"../../dev/null"}"#, PAYLOAD);
    assert_eq!(Rules::new().hmac(Some(SECRET)).code(&empty), "oidc.signature_invalid");
}

#[test]
fn kid_sql() {
    for kid in ["' OR '1'='1", "rsa2048' --", "x' UNION SELECT 'key' --", "%", "*", "RSA2048", " rsa2048", ""]
    {
        match Rules::new().verify(&with_header(json!({"kid": kid}))) {
            Err(Error::KeyNotFound { kid: Some(evidence) }) => assert_eq!(evidence, kid),
            other => panic!("{kid}: {other:?}"),
        }
    }
    for kid in [json!(1), json!(["rsa2048"]), json!({"$ne": ""}), json!(true)] {
        assert_eq!(Rules::new().code(&with_header(json!({"kid": kid}))), "oidc.header_invalid");
    }
}

#[test]
fn crit_unknown() {
    for crit in
        [json!(["http://example.invalid/unknown"]), json!(["exp"]), json!(["alg"]), json!("b64"), json!({})]
    {
        assert_eq!(Rules::new().code(&with_header(json!({"crit": crit}))), "oidc.header_critical");
    }
}

#[test]
fn crit_empty() {
    assert_eq!(Rules::new().code(&with_header(json!({"crit": []}))), "oidc.header_critical");
    let header = r#"{"alg":"RS256","kid":"rsa2048","crit":null}"#;
    assert_eq!(Rules::new().code(&raw_token("rsa2048", "RS256", header, PAYLOAD)), "oidc.header_critical");
}

#[test]
fn b64_false() {
    for changes in [
        json!({"b64": false, "crit": ["b64"]}),
        json!({"b64": false}),
        json!({"b64": true}),
        json!({"zip": "DEF"}),
        json!({"enc": "A128GCM"}),
    ] {
        assert_eq!(Rules::new().code(&with_header(changes.clone())), "oidc.header_critical", "{changes}");
    }
}

#[test]
fn header_duplicate_alg() {
    for header in [
        r#"{"alg":"RS256","kid":"rsa2048","alg":"none"}"#,
        r#"{"alg":"none","kid":"rsa2048","alg":"RS256"}"#,
        r#"{"alg":"RS256","kid":"rsa2048","\u0061lg":"RS256"}"#,
        r#"{"alg":"RS256","kid":"rsa2048","x":{"y":1,"y":1}}"#,
    ] {
        let token = raw_token("rsa2048", "RS256", header, PAYLOAD);
        assert_eq!(Rules::new().code(&token), "oidc.json_duplicate_member", "{header}");
    }
}

/// The signature is right, the key is too short.
#[test]
fn rsa_1024() {
    let token = include_str!("../../corpus/jose/rsa_1024.txt").trim();
    let short = json!({
        "kty": "RSA",
        "kid": "rsa1024",
        "n": "z4a6gVDU4je3e-5e0hxkWfWELLJPhIi9GNuO-hCc9F0hRaP9SGSVdlSW3tkaPFhfbgbEkARkGLd-p_BmImxr82Rwgc5EVwrOxA1STeP7LQBQvvXwOKYO2_yEcvAgvq0q0W1lHHAvJJYfd2M5tgpjzfk8RzzLz3hKnZ5GGnLBAmU",
        "e": "AQAB",
    });
    let only = json!({"keys": [short]}).to_string();
    assert_eq!(Jwks::parse(only.as_bytes(), &Limits::default()).unwrap_err(), Error::JwksEmpty);
    let two = json!({"keys": [short, jwk("rsa2048", json!({}))]}).to_string();
    let (keys, notes) = Jwks::parse(two.as_bytes(), &Limits::default()).unwrap();
    assert_eq!((notes[0].code.as_str(), notes[0].field.as_deref()), ("oidc.key_skipped", Some("keys[0]")));
    assert_eq!(Rules { keys, ..Rules::new() }.code(token), "oidc.key_not_found");
}

#[test]
fn p256_key_for_es384() {
    for (key, alg, other) in [
        ("p256", "ES256", "ES384"),
        ("p384", "ES384", "ES256"),
        ("rsa2048", "RS256", "ES256"),
        ("p256", "ES256", "RS256"),
        ("ed25519", "EdDSA", "ES256"),
        ("p256", "ES256", "EdDSA"),
        ("rsa2048", "RS256", "EdDSA"),
    ] {
        let token = raw_token(key, alg, &json!({"alg": other, "kid": key}).to_string(), PAYLOAD);
        assert_eq!(Rules::new().code(&token), "oidc.key_type_mismatch", "{key} for {other}");
    }
    let token = raw_token("p256", "ES256", r#"{"alg":"ES384","kid":"p256"}"#, PAYLOAD);
    let error = Rules::new().verify(&token).unwrap_err();
    assert_eq!(error.to_string(), "ES384 does not fit a key of type P-256");
    assert!(!error.is_retryable());
}

/// The key of this name may not verify: no other one takes its place.
fn assert_not_for_verification(changes: Value) {
    let keys = |changes| [jwk("rsa2048", changes), jwk("rsa2048b", json!({}))];
    let token = with_header(json!({}));
    assert!(Rules::new().keys(keys(json!({}))).verify(&token).is_ok());
    let rules = Rules::new().keys(keys(changes.clone()));
    assert_eq!(rules.code(&token), "oidc.key_not_found", "{changes}");
    assert_eq!(rules.code(&with_header(json!({"kid": null}))), "oidc.signature_invalid", "{changes}");
}

#[test]
fn enc_key_signs() {
    for usage in ["enc", "", "SIG", "signature"] {
        assert_not_for_verification(json!({"use": usage}));
    }
    let only = json!({"keys": [jwk("rsa2048", json!({"use": "enc"}))]}).to_string();
    assert_eq!(Jwks::parse(only.as_bytes(), &Limits::default()).unwrap_err(), Error::JwksEmpty);
}

#[test]
fn key_ops_without_verify() {
    for operations in [json!([]), json!(["sign"]), json!(["encrypt", "wrapKey"]), json!(["Verify"])] {
        assert_not_for_verification(json!({"key_ops": operations}));
        assert_not_for_verification(json!({"key_ops": operations, "use": null}));
    }
    let rules = Rules::new().keys([jwk("rsa2048", json!({"key_ops": ["verify"], "use": null}))]);
    assert!(rules.verify(&with_header(json!({}))).is_ok());
}

#[test]
fn alg_mismatch_jwk() {
    for alg in ["RS512", "PS256", "RSA-OAEP", "rs256", "", "none", "HS256"] {
        assert_not_for_verification(json!({"alg": alg}));
    }
    let rules = Rules::new().keys([jwk("rsa2048", json!({"alg": "RS256"}))]);
    assert!(rules.verify(&with_header(json!({}))).is_ok());
}

fn with_payload(payload: &str) -> String {
    raw_token("rsa2048", "RS256", KID, payload)
}

#[test]
fn duplicate_nested() {
    for payload in [
        r#"{"sub":"ada","sub":"eve"}"#,
        r#"{"sub":"ada","x":{"a":1,"a":2}}"#,
        r#"{"sub":"ada","x":[[{"a":1,"\u0061":2}]]}"#,
    ] {
        assert_eq!(
            Rules::new().claims_code(&with_payload(payload)),
            "oidc.json_duplicate_member",
            "{payload}"
        );
    }
}

#[test]
fn json_trailing() {
    for suffix in ["{}", " x", ",", "\0", "}"] {
        let token = with_payload(&format!("{PAYLOAD}{suffix}"));
        assert_eq!(Rules::new().claims_code(&token), "oidc.json_invalid", "{suffix:?}");
        let token = raw_token("rsa2048", "RS256", &format!("{KID}{suffix}"), PAYLOAD);
        assert_eq!(Rules::new().code(&token), "oidc.header_invalid", "{suffix:?}");
    }
    for payload in ["", "[]", "\"x\"", "null", "1"] {
        assert_eq!(Rules::new().claims_code(&with_payload(payload)), "oidc.json_invalid", "{payload:?}");
        let token = raw_token("rsa2048", "RS256", payload, PAYLOAD);
        assert_eq!(Rules::new().code(&token), "oidc.header_invalid", "{payload:?}");
    }
}

#[test]
fn json_bom() {
    let token = with_payload(&format!("\u{FEFF}{PAYLOAD}"));
    assert_eq!(Rules::new().claims_code(&token), "oidc.json_invalid");
    let token = raw_token("rsa2048", "RS256", &format!("\u{FEFF}{KID}"), PAYLOAD);
    assert_eq!(Rules::new().code(&token), "oidc.header_invalid");
}

#[test]
fn json_deep() {
    let nested = |depth: usize| format!("{{\"x\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(Rules::new().verify(&with_payload(&nested(32))).unwrap().claims(&Limits::default()).is_ok());
    for depth in [33, 129, 10_000] {
        assert_eq!(Rules::new().claims_code(&with_payload(&nested(depth))), "oidc.json_invalid", "{depth}");
    }
    let header = KID.replace('}', &format!(",\"x\":{}{}}}", "[".repeat(40), "]".repeat(40)));
    assert_eq!(Rules::new().code(&raw_token("rsa2048", "RS256", &header, PAYLOAD)), "oidc.header_invalid");
}

#[test]
fn base64_padded() {
    // The lengths are such that each part would have padding.
    let header = r#"{"alg":"RS256","kid":"rsa2048"}"#;
    let payload = r#"{"sub":"ada!"}"#;
    let token = raw_token("rsa2048", "RS256", header, payload);
    let parts: Vec<&str> = token.split('.').collect();
    assert!(parts.iter().all(|part| part.len() % 4 != 0), "{token}");
    let codes = ["oidc.header_invalid", "oidc.token_malformed", "oidc.token_malformed"];
    for (at, code) in codes.into_iter().enumerate() {
        let spoilt = |part: String| {
            let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            parts[at] = part;
            parts.join(".")
        };
        let part = parts[at];
        let padding = "=".repeat(4 - part.len() % 4);
        for part in [
            format!("{part}{padding}"),
            format!("{part}="),
            format!(" {part}"),
            format!("{part}\n"),
            format!("{part}\0"),
            format!("{}+/", &part[..part.len() - 2]),
            format!("{part}%3D"),
        ] {
            assert_eq!(Rules::new().code(&spoilt(part.clone())), code, "part {at}: {part:?}");
        }
    }
}

#[test]
fn base64_trailing_bits() {
    let token = raw_token("rsa2048", "RS256", KID, r#"{"sub":"ada!"}"#);
    let parts: Vec<&str> = token.split('.').collect();
    for (at, code) in
        ["oidc.header_invalid", "oidc.token_malformed", "oidc.token_malformed"].iter().enumerate()
    {
        // The next symbol differs in its lowest bit alone, which no byte takes.
        let last = parts[at].chars().last().unwrap();
        let next = char::from(u8::try_from(last).unwrap() + 1);
        let mut spoilt: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        spoilt[at] = format!("{}{next}", &parts[at][..parts[at].len() - 1]);
        assert_eq!(Rules::new().code(&spoilt.join(".")), *code, "part {at}");
    }
}

#[test]
fn parts_two() {
    let token = with_header(json!({}));
    let two = token.rsplit_once('.').unwrap().0;
    for text in [two, "", ".", "a", &two.replace('.', "")] {
        assert_eq!(Rules::new().code(text), "oidc.token_malformed", "{text:?}");
    }
    assert_eq!(Rules::new().code(".."), "oidc.header_invalid");
}

#[test]
fn parts_four() {
    let token = with_header(json!({}));
    for text in [format!("{token}."), format!(".{token}"), format!("{token}.x"), token.replacen('.', "..", 1)]
    {
        assert_eq!(Rules::new().code(&text), "oidc.token_malformed", "{text}");
    }
    for text in [format!("{token}..."), format!("{token}{}", ".".repeat(60_000))] {
        assert_eq!(Token::parse(&text, &Limits::default()).unwrap_err().code(), "oidc.token_malformed");
    }
    let json = r#"{"payload":"e30","signatures":[]}"#;
    assert_eq!(Rules::new().code(json), "oidc.token_malformed");
}

#[test]
fn token_huge() {
    let limits = Limits::default();
    let token = |length: usize| {
        let overhead = with_payload(r#"{"x":""}"#).len() + 3;
        with_payload(&format!(r#"{{"x":"{}"}}"#, "x".repeat((length - overhead) / 4 * 3)))
    };
    let fits = token(limits.token);
    assert!(fits.len() <= limits.token && fits.len() > limits.token - 8, "{}", fits.len());
    assert!(Rules::new().verify(&fits).unwrap().claims(&limits).is_ok());
    let huge = token(limits.token + 16);
    assert!(huge.len() > limits.token);
    assert_eq!(Rules::new().code(&huge), "oidc.token_malformed");
    assert_eq!(Rules::new().code(&with_header(json!({"x": "x".repeat(8 * 1024)}))), "oidc.header_invalid");
    assert!(Rules::new().verify(&with_header(json!({"x": "x".repeat(8 * 1000)}))).is_ok());
}

fn sealed(name: &str, alg: &str, enc: &str, header: Value, plaintext: &[u8]) -> String {
    let public = SigningKey::from_pem(pem(name).as_bytes()).unwrap();
    let spki = public.public_key().to_spki_der();
    let (to, curve) = match public.public_key().parts() {
        PublicKeyParts::Ec { curve, point } => (point, curve),
        PublicKeyParts::Rsa { .. } => (spki.as_slice(), admittance::crypto::Curve::P256),
    };
    encrypt::Jwe { alg, enc, to, curve, header, plaintext }.token()
}

/// Parses and decrypts with the key of this name; the content as a token is verified, too.
fn open(name: &str, token: &str) -> Result<Vec<u8>, Error> {
    let limits = Limits::default();
    let key = RecipientKey::new(super::decryption_key(name));
    let opened = Jwe::parse(token, &limits)?.decrypt(&[key], &limits)?;
    let rules = Rules::new();
    let compact = opened.compact(&limits)?;
    let verification = admittance::jose::Verification {
        algorithms: &rules.algorithms,
        typ: rules.typ,
        keys: &rules.keys,
        key_issuer: rules.key_issuer,
        client_secret: None,
    };
    Ok(compact.verify(&verification, &limits)?.payload().to_vec())
}

fn assert_closed(name: &str, token: &str) {
    assert_eq!(open(name, token), Err(Error::DecryptionFailed));
}

#[test]
fn jwe_short_tag() {
    let inner = with_header(json!({}));
    for enc in encrypt::ENCRYPTIONS {
        let token = sealed("rsa2048", "RSA-OAEP-256", enc, json!({}), inner.as_bytes());
        assert_eq!(open("rsa2048", &token).as_deref(), Ok(PAYLOAD.as_bytes()), "{enc}");
        let (front, tag) = token.rsplit_once('.').unwrap();
        let tag = admittance::encoding::base64url_decode(tag.as_bytes()).unwrap();
        for length in (0..tag.len()).chain([tag.len() + 1]) {
            let cut: Vec<u8> = tag.iter().copied().chain([0]).take(length).collect();
            assert_closed("rsa2048", &format!("{front}.{}", base64url_encode(&cut)));
        }
    }
}

#[test]
fn jwe_zip() {
    let inner = with_header(json!({}));
    for header in [json!({"zip": "DEF"}), json!({"zip": ""}), json!({"crit": ["exp"]}), json!({"crit": []})] {
        assert_closed("rsa2048", &sealed("rsa2048", "RSA-OAEP", "A256GCM", header, inner.as_bytes()));
    }
}

#[test]
fn jwe_rsa1_5() {
    let inner = with_header(json!({}));
    assert_closed("rsa2048", &sealed("rsa2048", "RSA1_5", "A128CBC-HS256", json!({}), inner.as_bytes()));
    // Under the name of another algorithm it is no key.
    let token = sealed("rsa2048", "RSA1_5", "A128GCM", json!({"alg": "RSA-OAEP"}), inner.as_bytes());
    assert_closed("rsa2048", &token);
}

#[test]
fn jwe_dir() {
    let inner = with_header(json!({}));
    assert_closed("rsa2048", &sealed("rsa2048", "dir", "A256GCM", json!({}), inner.as_bytes()));
    for alg in ["A128KW", "A256GCMKW", "PBES2-HS256+A128KW", "RSA-OAEP-512", "none", "", "rsa-oaep"] {
        let token = sealed("rsa2048", "RSA-OAEP", "A256GCM", json!({"alg": alg}), inner.as_bytes());
        assert_closed("rsa2048", &token);
    }
    let token = sealed("p256", "ECDH-ES+A192KW", "A256GCM", json!({}), inner.as_bytes());
    assert_closed("p256", &token);
}

#[test]
fn jwe_epk_other_curve() {
    let inner = with_header(json!({}));
    let token = |name, header| sealed(name, "ECDH-ES", "A128GCM", header, inner.as_bytes());
    assert!(open("p256", &token("p256", json!({}))).is_ok());
    assert!(open("p384", &token("p384", json!({}))).is_ok());
    assert_closed("p384", &token("p256", json!({})));
    assert_closed("p256", &token("p384", json!({})));
    // Invalid-curve attack: a point that is not on the curve, the point at infinity, a coordinate too long or short.
    let (zero, one) = (base64url_encode(&[0; 32]), base64url_encode(&[1; 32]));
    for epk in [
        json!({"kty": "EC", "crv": "P-256", "x": zero, "y": zero}),
        json!({"kty": "EC", "crv": "P-256", "x": one, "y": one}),
        json!({"kty": "EC", "crv": "P-256", "x": one}),
        json!({"kty": "EC", "crv": "P-256", "x": base64url_encode(&[1; 33]), "y": one}),
        json!({"kty": "EC", "crv": "P-256", "x": base64url_encode(&[1; 31]), "y": one}),
        json!({"kty": "EC", "crv": "P-521", "x": one, "y": one}),
        json!({"kty": "OKP", "crv": "X25519", "x": one}),
        jwk("p384", json!({})),
        json!("x"),
    ] {
        assert_closed("p256", &token("p256", json!({"epk": epk})));
    }
}

#[test]
fn jwe_nested_twice() {
    let inner = with_header(json!({}));
    let once = sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({"cty": "JWT"}), inner.as_bytes());
    assert!(open("rsa2048", &once).is_ok());
    let twice = sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({"cty": "JWT"}), once.as_bytes());
    assert_eq!(open("rsa2048", &twice).unwrap_err().code(), "oidc.token_malformed");
    for cty in ["JWE", "json", "application/json", "", "JWTx"] {
        assert_closed(
            "rsa2048",
            &sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({"cty": cty}), inner.as_bytes()),
        );
    }
}

#[test]
fn jwe_content_unsigned() {
    let code = |content: &[u8]| {
        let token = sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({}), content);
        open("rsa2048", &token).unwrap_err().code()
    };
    assert_eq!(code(PAYLOAD.as_bytes()), "oidc.token_malformed");
    assert_eq!(code(b""), "oidc.token_malformed");
    assert_eq!(code(b"\xff.\xff.\xff"), "oidc.token_malformed");
    assert_eq!(code(unsigned(r#"{"alg":"none"}"#).as_bytes()), "oidc.algorithm_not_allowed");
    assert_eq!(code(unsigned(KID).as_bytes()), "oidc.signature_invalid");
    assert_eq!(code(by_a_stranger(json!({})).as_bytes()), "oidc.signature_invalid");
    // The key that everybody can encrypt to makes nothing its own.
    let own = raw_token("rsa2048b", "RS256", r#"{"alg":"RS256","kid":"other"}"#, PAYLOAD);
    assert_eq!(code(own.as_bytes()), "oidc.key_not_found");
}
