//! Key sets: what is read, what is left out, and which keys are tried.

use admittance::encoding::{base64url_decode, base64url_encode};
use admittance::jose::{Algorithm, Error, Jwk, Jwks, KeyIssuer, KeyQuery, KeyType};
use admittance::limits::Limits;
use admittance::note::Note;
use serde_json::{Value, json};

use super::{PAYLOAD, Rules, all_keys, jwk, key, raw_token, with_header};

fn parse(document: &Value) -> Result<(Jwks, Vec<Note>), Error> {
    Jwks::parse(document.to_string().as_bytes(), &Limits::default())
}

/// Why this entry is left out, beside one that is not.
fn skipped(entry: Value) -> String {
    let (keys, notes) = parse(&json!({"keys": [entry, jwk("p256", json!({}))]})).unwrap();
    assert_eq!(keys.keys().len(), 1, "the entry was read");
    let note = notes.into_iter().find(|note| note.code == "oidc.key_skipped").unwrap();
    assert_eq!(note.field.as_deref(), Some("keys[0]"));
    note.actual.unwrap()
}

#[test]
fn every_kind_of_key_is_read() {
    let (keys, notes) = (all_keys(), ());
    let types: Vec<_> = keys.keys().iter().map(|key| key.key_type().to_string()).collect();
    assert_eq!(types, ["RSA-2048", "RSA-2048", "RSA-4096", "P-256", "P-384", "Ed25519"]);
    assert_eq!(notes, ());
    let (_, notes) = parse(&serde_json::to_value(&keys).unwrap()).unwrap();
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn one_bad_entry_never_spoils_the_set() {
    let rsa = |changes| jwk("rsa2048", changes);
    let long = base64url_encode(&[0xFF; 1100]);
    let coordinate = |length: usize| base64url_encode(&vec![1; length]);
    let cases = [
        (json!(null), "no JSON object"),
        (json!("x"), "no JSON object"),
        (json!([]), "no JSON object"),
        (json!({}), "kty"),
        (json!({"kty": 1}), "kty"),
        (json!({"kty": "oct", "k": "AAAA"}), "secret"),
        (json!({"kty": "AKP", "alg": "ML-DSA-44"}), "key type"),
        (json!({"kty": "rsa"}), "key type"),
        (rsa(json!({"n": null})), "n is not"),
        (rsa(json!({"n": 1})), "n is not"),
        (rsa(json!({"n": "AQAB="})), "n is not"),
        (rsa(json!({"n": "a+b/"})), "n is not"),
        (rsa(json!({"n": "AQAB"})), "2048 to 8192"),
        (rsa(json!({"n": long})), "2048 to 8192"),
        (rsa(json!({"e": null})), "e is not"),
        (rsa(json!({"e": "AQ"})), "no RSA key"),
        (rsa(json!({"e": "Ag"})), "no RSA key"),
        (rsa(json!({"e": coordinate(9)})), "no RSA key"),
        (rsa(json!({"kid": 1})), "kid"),
        (rsa(json!({"kid": ["a"]})), "kid"),
        (rsa(json!({"use": ["sig"]})), "use"),
        (rsa(json!({"key_ops": "verify"})), "key_ops"),
        (rsa(json!({"key_ops": [1]})), "key_ops"),
        (rsa(json!({"alg": true})), "alg"),
        (rsa(json!({"issuer": {}})), "issuer"),
        (jwk("p256", json!({"crv": "P-521"})), "curve"),
        (jwk("p256", json!({"crv": "secp256k1"})), "curve"),
        (jwk("p256", json!({"crv": "P-384"})), "length"),
        (jwk("p256", json!({"x": coordinate(31)})), "length"),
        (jwk("p256", json!({"y": coordinate(33)})), "length"),
        (jwk("p256", json!({"y": null})), "y is not"),
        (jwk("ed25519", json!({"crv": "X25519"})), "Ed25519"),
        (jwk("ed25519", json!({"crv": "Ed448"})), "Ed25519"),
        (jwk("ed25519", json!({"x": coordinate(31)})), "32 bytes"),
        (jwk("ed25519", json!({"kty": "EC"})), "curve"),
    ];
    for (entry, reason) in cases {
        let actual = skipped(entry.clone());
        assert!(actual.contains(reason), "{entry}: {actual}");
    }
    // Null is no text either.
    let mut entry = jwk("rsa2048", json!({}));
    entry["kid"] = Value::Null;
    assert!(skipped(entry).contains("kid"));
}

#[test]
fn private_members_are_dropped_with_a_note() {
    let entry =
        jwk("rsa2048", json!({"d": "sesame", "p": "sesame", "qi": "sesame", "x5c": ["sesame"], "x": 1}));
    let (keys, notes) = parse(&json!({"keys": [entry]})).unwrap();
    assert_eq!(notes, [Note::new("oidc.key_private").field("keys[0]").actual("d, p, qi")]);
    let written = serde_json::to_string(&keys).unwrap();
    assert!(!written.contains("sesame") && !written.contains("x5c"), "{written}");
    assert_eq!(
        written,
        serde_json::to_string(&json!({"keys": [jwk("rsa2048", json!({}))]})).map(sorted).unwrap()
    );
}

/// The same set, members in the order that keys are written in.
fn sorted(text: String) -> String {
    serde_json::to_string(&serde_json::from_str::<Jwks>(&text).unwrap()).unwrap()
}

#[test]
fn documents_that_are_no_key_set() {
    for document in [json!({}), json!({"keys": {}}), json!({"keys": null}), json!({"jwks": []})] {
        assert_eq!(parse(&document).unwrap_err().code(), "oidc.json_invalid", "{document}");
    }
    for text in ["", "[]", "{\"keys\":[]", "{\"keys\":[]} ", "<html>"] {
        let error = Jwks::parse(text.as_bytes(), &Limits::default()).unwrap_err();
        let code = if text.ends_with("} ") { "oidc.jwks_empty" } else { "oidc.json_invalid" };
        assert_eq!(error.code(), code, "{text}");
    }
    let twice = "{\"keys\":[],\"keys\":[]}";
    let error = Jwks::parse(twice.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.code(), "oidc.json_duplicate_member");
    for empty in
        [json!([]), json!([{"kty": "oct", "k": "AAAA"}]), json!([jwk("p256", json!({"use": "enc"}))])]
    {
        assert_eq!(parse(&json!({ "keys": empty })).unwrap_err(), Error::JwksEmpty);
    }
    let many = |count| json!({"keys": vec![jwk("p256", json!({})); count]});
    assert_eq!(parse(&many(100)).unwrap().0.keys().len(), 100);
    assert_eq!(parse(&many(101)).unwrap_err().code(), "oidc.json_invalid");
}

#[test]
fn a_key_keeps_what_selection_needs() {
    let entry = jwk(
        "rsa2048",
        json!({
            "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
            "key_ops": ["verify"],
            "alg": "RS256",
            "cloud_instance_name": "microsoftonline.com",
        }),
    );
    let (keys, _) = parse(&json!({"keys": [entry]})).unwrap();
    let read = &keys.keys()[0];
    assert_eq!(read.kid(), Some("rsa2048"));
    assert_eq!(read.issuer(), Some("https://login.microsoftonline.com/{tenantid}/v2.0"));
    let stored: Jwks = serde_json::from_str(&serde_json::to_string(&keys).unwrap()).unwrap();
    assert_eq!(stored, keys);
    assert_eq!(format!("{read:?}"), "Jwk(RSA-2048, kid \"rsa2048\")");
    let object: Vec<_> = read.to_object().iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(object, ["e", "kty", "n", "kid", "use", "alg", "issuer", "key_ops"]);
    assert!(serde_json::from_value::<Jwk>(json!({"kty": "oct", "k": "AAAA"})).is_err());
    assert!(serde_json::from_value::<Jwks>(json!({"keys": [{}]})).is_err(), "a stored set has no bad entry");
}

#[test]
fn leading_zeros_of_an_rsa_modulus_do_not_count() {
    let plain = jwk("rsa2048", json!({}));
    let modulus = base64url_decode(plain["n"].as_str().unwrap().as_bytes()).unwrap();
    let padded = jwk("rsa2048", json!({"n": base64url_encode(&[&[0, 0], modulus.as_slice()].concat())}));
    let read = Jwk::parse(&padded).unwrap();
    assert_eq!((read.key_type(), read.thumbprint()), (KeyType::Rsa { bits: 2048 }, thumbprint("rsa2048")));
}

fn thumbprint(name: &str) -> String {
    key(name).public_jwk().thumbprint()
}

#[test]
fn a_point_beside_the_curve_verifies_nothing() {
    let entry = jwk("p256", json!({"x": base64url_encode(&[1; 32]), "y": base64url_encode(&[1; 32])}));
    let token = raw_token("p256", "ES256", r#"{"alg":"ES256","kid":"p256"}"#, PAYLOAD);
    assert_eq!(Rules::new().keys([entry]).code(&token), "oidc.signature_invalid");
}

fn candidates<'k>(keys: &'k Jwks, algorithm: Algorithm, kid: Option<&str>) -> Result<Vec<&'k Jwk>, Error> {
    keys.candidates(&KeyQuery { algorithm, kid, issuer: KeyIssuer::Ignored }, &Limits::default())
}

/// OpenID Connect Core 10.1, and the keys of a rollover.
#[test]
fn without_kid_every_key_that_fits_is_tried() {
    let keys = all_keys();
    let tried = |algorithm| -> Vec<_> {
        candidates(&keys, algorithm, None).unwrap().into_iter().map(|key| key.kid().unwrap()).collect()
    };
    assert_eq!(tried(Algorithm::RS256), ["rsa2048", "rsa2048b", "rsa4096"]);
    assert_eq!(tried(Algorithm::ES256), ["p256"]);
    assert_eq!(tried(Algorithm::EdDSA), ["ed25519"]);
    let nobody = json!({"kid": null});
    for name in ["rsa2048", "rsa2048b", "rsa4096"] {
        let token = raw_token(name, "PS256", r#"{"alg":"PS256"}"#, PAYLOAD);
        let verified = Rules::new().verify(&token).unwrap();
        assert_eq!(verified.key().unwrap().kid(), Some(name));
        let unnamed =
            [jwk("p256", nobody.clone()), jwk("rsa2048", nobody.clone()), jwk(name, nobody.clone())];
        assert!(Rules::new().keys(unnamed).verify(&token).is_ok());
    }
    let only_ec = super::jwks([jwk("p256", json!({}))]);
    assert_eq!(candidates(&only_ec, Algorithm::RS256, None), Err(Error::KeyNotFound { kid: None }));
    assert_eq!(candidates(&only_ec, Algorithm::HS256, None), Err(Error::KeyNotFound { kid: None }));
}

#[test]
fn at_most_eight_keys_are_tried() {
    let others = |count: usize| vec![jwk("rsa2048b", json!({"kid": null})); count];
    let with_right_one = |count: usize| {
        let mut keys = others(count - 1);
        keys.push(jwk("rsa2048", json!({})));
        Rules::new().keys(keys)
    };
    let token = with_header(json!({"kid": null}));
    assert!(with_right_one(8).verify(&token).is_ok());
    assert_eq!(with_right_one(9).verify(&token).unwrap_err(), Error::KeyAmbiguous { count: 9, limit: 8 });
    // A name does away with the others; those of other types never counted.
    assert!(with_right_one(9).verify(&with_header(json!({}))).is_ok());
    let mut keys = vec![jwk("p256", json!({"kid": null})); 20];
    keys.push(jwk("rsa2048", json!({})));
    assert!(Rules::new().keys(keys).verify(&token).is_ok());
    let same_name = vec![jwk("rsa2048", json!({})); 9];
    assert_eq!(Rules::new().keys(same_name).code(&with_header(json!({}))), "oidc.key_ambiguous");
}

/// PingFederate publishes a key twice, with and without `alg`; others reuse a name.
#[test]
fn a_name_that_occurs_twice_is_tried_in_order() {
    let token = with_header(json!({}));
    let pairs = [
        [jwk("rsa2048", json!({"alg": "RS512"})), jwk("rsa2048", json!({}))],
        [jwk("rsa2048b", json!({"kid": "rsa2048"})), jwk("rsa2048", json!({}))],
        [jwk("p256", json!({"kid": "rsa2048"})), jwk("rsa2048", json!({}))],
        [jwk("rsa2048", json!({"use": "enc"})), jwk("rsa2048", json!({}))],
    ];
    for pair in pairs {
        assert!(Rules::new().keys(pair.clone()).verify(&token).is_ok(), "{pair:?}");
        let [first, second] = pair;
        assert!(Rules::new().keys([second, first]).verify(&token).is_ok());
    }
}

#[test]
fn what_is_said_of_a_name_that_does_not_fit() {
    let keys = all_keys();
    let mismatch = |kid: &str, algorithm, actual| {
        Err(Error::KeyTypeMismatch { kid: Some(kid.to_owned()), algorithm, actual })
    };
    assert_eq!(
        candidates(&keys, Algorithm::ES384, Some("p256")),
        mismatch("p256", Algorithm::ES384, KeyType::P256)
    );
    assert_eq!(
        candidates(&keys, Algorithm::RS256, Some("ed25519")),
        mismatch("ed25519", Algorithm::RS256, KeyType::Ed25519)
    );
    assert_eq!(
        candidates(&keys, Algorithm::RS256, Some("x")),
        Err(Error::KeyNotFound { kid: Some("x".to_owned()) })
    );
    assert_eq!(candidates(&Jwks::default(), Algorithm::RS256, None), Err(Error::KeyNotFound { kid: None }));
}

/// `alg` of a key under either of its names.
#[test]
fn ed25519_has_two_names() {
    let token = raw_token("ed25519", "EdDSA", r#"{"alg":"EdDSA","kid":"ed25519"}"#, PAYLOAD);
    for alg in ["EdDSA", "Ed25519"] {
        assert!(Rules::new().keys([jwk("ed25519", json!({"alg": alg}))]).verify(&token).is_ok());
    }
    assert_eq!(
        Rules::new().keys([jwk("ed25519", json!({"alg": "Ed448"}))]).code(&token),
        "oidc.key_not_found"
    );
}

/// Entra ID: keys of all tenants in one set.
#[test]
fn a_key_with_an_issuer_signs_for_that_one_alone() {
    const TENANT: &str = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490";
    const ISSUER: &str = "https://login.microsoftonline.com/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/v2.0";
    let of = |issuer, tenant| Rules { key_issuer: KeyIssuer::Of { issuer, tenant }, ..Rules::new() };
    let token = with_header(json!({}));
    let with_issuer = |issuer: &str| [jwk("rsa2048", json!({ "issuer": issuer }))];
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let consumers = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
    for issuer in [template, ISSUER] {
        assert!(of(ISSUER, TENANT).keys(with_issuer(issuer)).verify(&token).is_ok(), "{issuer}");
    }
    assert!(of(ISSUER, TENANT).keys([jwk("rsa2048", json!({}))]).verify(&token).is_ok());
    for issuer in [consumers, "https://login.microsoftonline.us/{tenantid}/v2.0", "{tenantid}", ""] {
        assert_eq!(
            of(ISSUER, TENANT).keys(with_issuer(issuer)).code(&token),
            "oidc.key_not_found",
            "{issuer}"
        );
        // Where the set serves one issuer the member means nothing.
        assert!(Rules::new().keys(with_issuer(issuer)).verify(&token).is_ok());
    }
    assert_eq!(of(ISSUER, "other").keys(with_issuer(template)).code(&token), "oidc.key_not_found");
}
