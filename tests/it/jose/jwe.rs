//! Encrypted tokens: every algorithm, the choice of the key, and one answer to everything that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use admittance::crypto::{
    ContentKey, Curve, DecryptError, Decrypter, DecryptionKey, PublicKeyParts, SigningKey, WrappedKey,
};
use admittance::encoding::{base64url_decode, base64url_encode};
use admittance::jose::{Error, Jwe, RecipientKey, Token};
use admittance::limits::Limits;
use serde_json::{Value, json};

use super::{encrypt, pem};

fn sealed(name: &str, alg: &str, enc: &str, header: Value) -> String {
    let public = SigningKey::from_pem(pem(name).as_bytes()).unwrap();
    let spki = public.public_key().to_spki_der();
    let (to, curve) = match public.public_key().parts() {
        PublicKeyParts::Ec { curve, point } => (point, curve),
        PublicKeyParts::Rsa { .. } => (spki.as_slice(), Curve::P256),
    };
    encrypt::Jwe { alg, enc, to, curve, header, plaintext: b"a.b.c" }.token()
}

fn recipient(name: &str) -> RecipientKey {
    RecipientKey::new(super::decryption_key(name))
}

fn open(keys: &[RecipientKey], token: &str) -> Result<Vec<u8>, Error> {
    let limits = Limits::default();
    Ok(Jwe::parse(token, &limits)?.decrypt(keys, &limits)?.plaintext().to_vec())
}

const TRANSPORTS: [(&str, &str); 8] = [
    ("RSA-OAEP", "rsa2048"),
    ("RSA-OAEP-256", "rsa2048"),
    ("ECDH-ES", "p256"),
    ("ECDH-ES", "p384"),
    ("ECDH-ES+A128KW", "p256"),
    ("ECDH-ES+A128KW", "p384"),
    ("ECDH-ES+A256KW", "p256"),
    ("ECDH-ES+A256KW", "p384"),
];

#[test]
fn every_algorithm_is_opened_by_its_key_alone() {
    for (alg, name) in TRANSPORTS {
        for enc in encrypt::ENCRYPTIONS {
            let token = sealed(name, alg, enc, json!({"cty": "JWT"}));
            assert_eq!(open(&[recipient(name)], &token).as_deref(), Ok(b"a.b.c".as_slice()), "{alg} {enc}");
            for other in ["rsa2048b", "p256", "p384"].iter().filter(|other| **other != name) {
                assert_eq!(open(&[recipient(other)], &token), Err(Error::DecryptionFailed), "{alg} {enc}");
            }
        }
    }
}

#[test]
fn both_parties_are_part_of_the_derived_key() {
    for alg in ["ECDH-ES", "ECDH-ES+A256KW"] {
        for party in [json!({"apu": "QWxpY2U", "apv": "Qm9i"}), json!({"apu": ""}), json!({"apv": "Qm9i"})] {
            assert!(open(&[recipient("p256")], &sealed("p256", alg, "A128GCM", party)).is_ok());
        }
        for party in [json!({"apu": 1}), json!({"apv": "Qm9="}), json!({"apu": null, "apv": ["Qm9i"]})] {
            let token = sealed("p256", alg, "A128GCM", party);
            assert_eq!(open(&[recipient("p256")], &token), Err(Error::DecryptionFailed));
        }
    }
}

/// Every part is covered: the header by the tag, the key by its own.
#[test]
fn a_changed_bit_anywhere_is_one_and_the_same_failure() {
    for (alg, name) in [("RSA-OAEP-256", "rsa2048"), ("ECDH-ES", "p256"), ("ECDH-ES+A128KW", "p384")] {
        for enc in ["A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"] {
            let keys = [recipient(name)];
            let token = sealed(name, alg, enc, json!({}));
            let parts: Vec<Vec<u8>> =
                token.split('.').map(|part| base64url_decode(part.as_bytes()).unwrap()).collect();
            for part in 0..5 {
                // A sample of an RSA ciphertext is enough; all of the rest.
                let step = (parts[part].len() / 48).max(1);
                for at in (0..parts[part].len()).step_by(step) {
                    let mut changed = parts.clone();
                    changed[part][at] ^= 1 << (at % 8);
                    let changed: Vec<_> = changed.iter().map(|part| base64url_encode(part)).collect();
                    let opened = open(&keys, &changed.join("."));
                    assert_eq!(opened, Err(Error::DecryptionFailed), "{alg} {enc}: part {part} at {at}");
                }
            }
        }
    }
}

#[test]
fn headers_and_parts_of_other_shapes_are_refused() {
    let token = sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({}));
    let keys = [recipient("rsa2048")];
    for header in [
        json!({"enc": null}),
        json!({"enc": 1}),
        json!({"enc": "A128CBC"}),
        json!({"enc": "a128gcm"}),
        json!({"alg": null}),
        json!({"kid": 1}),
        json!({"b64": true}),
    ] {
        let spoilt = sealed("rsa2048", "RSA-OAEP", "A128GCM", header.clone());
        assert_eq!(open(&keys, &spoilt), Err(Error::DecryptionFailed), "{header}");
    }
    let parts: Vec<&str> = token.split('.').collect();
    for part in 0..5 {
        for spoilt in [String::new(), format!("{}=", parts[part]), format!("{}!", parts[part])] {
            let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
            parts[part] = spoilt;
            // A content of nothing is sealed as well as any; here its tag is of something else.
            assert_eq!(open(&keys, &parts.join(".")), Err(Error::DecryptionFailed), "part {part}");
        }
    }
    let direct = sealed("p256", "ECDH-ES", "A128GCM", json!({}));
    let filled = direct.replacen("..", ".AAAA.", 1);
    assert_eq!(open(&[recipient("p256")], &filled), Err(Error::DecryptionFailed));
    let wrapped = sealed("p256", "ECDH-ES+A128KW", "A128GCM", json!({}));
    let key = wrapped.split('.').nth(1).unwrap();
    assert_eq!(open(&[recipient("p256")], &wrapped.replacen(key, "", 1)), Err(Error::DecryptionFailed));

    let limits = Limits::default();
    for text in ["a.b.c.d", "a.b.c.d.e.f", "", "a.b.c"] {
        assert_eq!(Jwe::parse(text, &limits).unwrap_err().code(), "oidc.token_malformed", "{text}");
    }
    let huge = format!("{token}{}", "A".repeat(64 * 1024));
    assert_eq!(Jwe::parse(&huge, &limits).unwrap_err().code(), "oidc.token_malformed");
    assert!(matches!(Token::parse(&token, &limits), Ok(Token::Encrypted(_))));
}

#[test]
fn duplicate_header_parameters_are_refused() {
    let token = sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({}));
    let (_, rest) = token.split_once('.').unwrap();
    let header = base64url_encode(br#"{"alg":"RSA-OAEP","enc":"A128GCM","alg":"RSA-OAEP"}"#);
    assert_eq!(open(&[recipient("rsa2048")], &format!("{header}.{rest}")), Err(Error::DecryptionFailed));
}

/// Counts the calls, and may be no built-in key.
struct Counting(Arc<DecryptionKey>, AtomicUsize);

impl Decrypter for Counting {
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.unwrap(wrapped)
    }
}

#[test]
fn kid_picks_the_key() {
    let counting = |name: &str| Arc::new(Counting(super::decryption_key(name), AtomicUsize::new(0)));
    let (old, new) = (counting("rsa2048b"), counting("rsa2048"));
    let calls = || (old.1.swap(0, Ordering::Relaxed), new.1.swap(0, Ordering::Relaxed));
    let named =
        [RecipientKey::new(old.clone()).with_kid("old"), RecipientKey::new(new.clone()).with_kid("new")];
    let nameless = [RecipientKey::new(old.clone()), RecipientKey::new(new.clone())];
    let token = |kid: Value| sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({ "kid": kid }));

    assert!(open(&named, &token(json!("new"))).is_ok());
    assert_eq!(calls(), (0, 1));
    assert!(open(&named, &token(Value::Null)).is_ok());
    assert_eq!(calls(), (1, 1));
    assert!(open(&nameless, &token(json!("new"))).is_ok());
    assert_eq!(calls(), (1, 1));
    // The name of another key, and a name that ours do not have.
    assert_eq!(open(&named, &token(json!("old"))), Err(Error::DecryptionFailed));
    assert_eq!(calls(), (1, 0));
    assert_eq!(open(&named, &token(json!("other"))), Err(Error::DecryptionFailed));
    assert_eq!(calls(), (0, 0));
    assert_eq!(open(&[], &token(Value::Null)), Err(Error::DecryptionFailed));
    // Nothing is tried before everything public has been checked.
    assert!(open(&named, &sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({"zip": "DEF"}))).is_err());
    assert_eq!(calls(), (0, 0));
}

#[test]
fn at_most_four_keys_are_tried() {
    let others = |count: usize| (0..count).map(|_| recipient("p256"));
    let token = sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({}));
    let keys: Vec<_> = others(3).chain([recipient("rsa2048")]).collect();
    assert!(open(&keys, &token).is_ok());
    let keys: Vec<_> = others(4).chain([recipient("rsa2048")]).collect();
    assert_eq!(open(&keys, &token), Err(Error::DecryptionFailed));
}

/// A host's own key may answer with any length.
#[test]
fn a_content_key_of_another_length_opens_nothing() {
    struct Fixed(usize);
    impl Decrypter for Fixed {
        fn unwrap(&self, _: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
            Ok(ContentKey::new((1..).take(self.0).collect()))
        }
    }
    for (enc, length) in encrypt::ENCRYPTIONS.into_iter().zip([16, 24, 32, 32, 48, 64]) {
        let token = sealed("rsa2048", "RSA-OAEP", enc, json!({}));
        for other in [0, 8, 16, 24, 32, 48, 64, 96] {
            let opened = open(&[RecipientKey::new(Arc::new(Fixed(other)))], &token);
            assert_eq!(opened.is_ok(), other == length, "{enc} {other}");
        }
    }
}

#[test]
fn nothing_shows_a_content() {
    let limits = Limits::default();
    let token = sealed("rsa2048", "RSA-OAEP", "A128GCM", json!({"sub": "sesame", "kid": "k"}));
    let jwe = Jwe::parse(&token, &limits).unwrap();
    let opened = jwe.decrypt(&[recipient("rsa2048")], &limits).unwrap();
    assert_eq!(opened.header().members().get("sub"), Some(&json!("sesame")));
    let shown = format!("{jwe:?} {opened:?} {:?}", recipient("rsa2048").with_kid("k"));
    assert!(!shown.contains("sesame") && !shown.contains("a.b.c"), "{shown}");
    assert_eq!(recipient("p256").kid(), None);
    assert_eq!(jwe.header().kid(), Some("k"));
}
