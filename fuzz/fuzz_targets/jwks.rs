//! Key sets: what is read is written and read again the same, holds nothing private, and only keys that fit an
//! algorithm are ever tried for it.
#![no_main]

use admittance::{
    jose::{Algorithm, Algorithms, Error, Jwk, Jwks, KeyIssuer, KeyQuery},
    limits::Limits,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let Ok((keys, notes)) = Jwks::parse(data, &limits) else { return };
    let entries: Value = serde_json::from_slice(data).expect("what is read strictly is JSON");
    let entries = entries["keys"].as_array().expect("a key set has keys");
    let skipped = notes.iter().filter(|note| note.code == "oidc.key_skipped").count();
    assert_eq!(keys.keys().len() + skipped, entries.len(), "an entry is read or skipped with a note");

    let written = serde_json::to_string(&keys).expect("a key set can be written");
    assert_eq!(serde_json::from_str::<Jwks>(&written).expect("and read"), keys);
    let (again, notes) = Jwks::parse(written.as_bytes(), &limits).expect("as a document, too");
    assert_eq!((again, notes.len()), (keys.clone(), 0));

    for key in keys.keys() {
        let object = key.to_object();
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "x5c", "x5u"] {
            assert_eq!(object.get(private), None);
        }
        let value = serde_json::to_value(&object).expect("an object is a value");
        assert_eq!(Jwk::parse(&value).expect("a key is read again").thumbprint(), key.thumbprint());
    }
    let kids = keys.keys().iter().map(Jwk::kid).chain([None, Some("no such key")]);
    for kid in kids {
        for algorithm in Algorithms::default().iter().chain([Algorithm::HS256]) {
            match keys.candidates(&KeyQuery { algorithm, kid, issuer: KeyIssuer::Ignored }, &limits) {
                Ok(candidates) => {
                    assert!((1..=limits.keys_per_signature).contains(&candidates.len()));
                    for key in candidates {
                        assert!(key.key_type().fits(algorithm));
                        assert!(kid.is_none() || key.kid() == kid);
                    }
                }
                Err(Error::KeyTypeMismatch { actual, .. }) => {
                    assert!(kid.is_some() && !actual.fits(algorithm))
                }
                Err(Error::KeyNotFound { .. } | Error::KeyAmbiguous { .. }) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }
});
