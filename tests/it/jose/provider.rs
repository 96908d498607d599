//! [`RING`], called as `jsonwebtoken` calls it. It is never installed: these tests share a process with all others.

use admittance::crypto::{Certificate, PublicKeyParts, SigningKey};
use admittance::encoding::base64_decode;
use admittance::jose::{Algorithm, RING};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::{AlgorithmFamily, DecodingKey, EncodingKey};

use super::{ALGORITHMS, pem, raw_signature};

const MESSAGE: &[u8] = b"header.payload";
const EVERY: [Algorithm; 12] = [
    Algorithm::HS256,
    Algorithm::HS384,
    Algorithm::HS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::EdDSA,
];

fn der(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    base64_decode(text.as_bytes()).unwrap()
}

/// PKCS#1 inside of PKCS#8: what `jsonwebtoken` hands over for RSA.
fn rsa_pkcs1() -> Vec<u8> {
    der(include_str!("../../corpus/keys/rsa2048.pkcs1.pem"))
}

fn encoding_key(name: &str) -> EncodingKey {
    match name {
        "rsa2048" => EncodingKey::from_rsa_der(&rsa_pkcs1()),
        "ed25519" => EncodingKey::from_ed_der(&der(pem(name))),
        name => EncodingKey::from_ec_der(&der(pem(name))),
    }
}

fn decoding_key(name: &str) -> DecodingKey {
    if name == "ed25519" {
        let key = admittance::crypto::Ed25519SigningKey::from_pem(pem(name).as_bytes()).unwrap();
        return DecodingKey::from_ed_der(key.public_key().as_bytes());
    }
    let key = SigningKey::from_pem(pem(name).as_bytes()).unwrap();
    match key.public_key().parts() {
        PublicKeyParts::Rsa { modulus, exponent, .. } => {
            DecodingKey::from_rsa_raw_components(modulus, exponent)
        }
        PublicKeyParts::Ec { point, .. } => DecodingKey::from_ec_der(point),
    }
}

fn verifies(algorithm: Algorithm, key: &DecodingKey, signature: &[u8]) -> bool {
    let verifier = (RING.verifier_factory)(&algorithm, key).unwrap();
    assert_eq!(verifier.algorithm(), algorithm);
    verifier.verify(MESSAGE, &signature.to_vec()).is_ok()
}

#[test]
fn every_algorithm_signs_and_verifies() {
    for (algorithm, name, key) in ALGORITHMS {
        let key = if key == "rsa4096" { "rsa2048" } else { key };
        let signer = (RING.signer_factory)(&algorithm, &encoding_key(key)).unwrap();
        assert_eq!(signer.algorithm(), algorithm);
        let signature = signer.try_sign(MESSAGE).unwrap();
        assert!(verifies(algorithm, &decoding_key(key), &signature), "{name}");
        assert!(verifies(algorithm, &decoding_key(key), &raw_signature(key, name, MESSAGE)), "{name}");
        let mut changed = signature;
        changed[10] ^= 1;
        assert!(!verifies(algorithm, &decoding_key(key), &changed), "{name}");
        assert!(!verifies(algorithm, &decoding_key(key), &[]), "{name}");
    }
    let secret = [7; 64];
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let signer = (RING.signer_factory)(&algorithm, &EncodingKey::from_secret(&secret)).unwrap();
        let signature = signer.try_sign(MESSAGE).unwrap();
        assert!(verifies(algorithm, &DecodingKey::from_secret(&secret), &signature));
        assert!(!verifies(algorithm, &DecodingKey::from_secret(&[8; 64]), &signature));
    }
}

/// The family before all else: a public key is never a secret, a secret never a key.
#[test]
fn a_key_of_another_family_is_refused() {
    let decoding = [
        decoding_key("rsa2048"),
        DecodingKey::from_rsa_der(&[]),
        decoding_key("p256"),
        decoding_key("ed25519"),
        DecodingKey::from_secret(&[7; 64]),
    ];
    let encoding = [
        encoding_key("rsa2048"),
        encoding_key("p256"),
        encoding_key("ed25519"),
        EncodingKey::from_secret(&[7; 64]),
    ];
    for algorithm in EVERY {
        for key in decoding.iter().filter(|key| key.family() != algorithm.family()) {
            assert!((RING.verifier_factory)(&algorithm, key).is_err(), "{algorithm:?} {:?}", key.family());
        }
        for key in encoding.iter().filter(|key| key.family() != algorithm.family()) {
            assert!((RING.signer_factory)(&algorithm, key).is_err(), "{algorithm:?} {:?}", key.family());
        }
    }
}

#[test]
fn a_key_of_another_length_or_curve_is_refused() {
    let no_verifier = |algorithm, key: DecodingKey| {
        assert!((RING.verifier_factory)(&algorithm, &key).is_err(), "{algorithm:?}");
    };
    no_verifier(Algorithm::ES384, decoding_key("p256"));
    no_verifier(Algorithm::ES256, decoding_key("p384"));
    for point in [&[][..], &[4; 64], &[4; 66], &[2; 33], &[2; 65]] {
        no_verifier(Algorithm::ES256, DecodingKey::from_ec_der(point));
        no_verifier(Algorithm::ES384, DecodingKey::from_ec_der(point));
    }
    for length in [0, 31, 33, 64] {
        no_verifier(Algorithm::EdDSA, DecodingKey::from_ed_der(&vec![1; length]));
    }
    let short = Certificate::parse(include_bytes!("../../corpus/keys/rsa1024.cert.pem")).unwrap();
    let PublicKeyParts::Rsa { modulus, exponent, .. } = short.public_key().parts() else { panic!() };
    for algorithm in AlgorithmFamily::Rsa.algorithms() {
        no_verifier(*algorithm, DecodingKey::from_rsa_raw_components(modulus, exponent));
        no_verifier(*algorithm, DecodingKey::from_rsa_raw_components(&[], &[]));
        no_verifier(*algorithm, DecodingKey::from_rsa_der(b"no DER"));
        no_verifier(*algorithm, DecodingKey::from_rsa_der(&[]));
    }
    for (algorithm, length) in [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)] {
        no_verifier(algorithm, DecodingKey::from_secret(&vec![7; length - 1]));
        assert!((RING.verifier_factory)(&algorithm, &DecodingKey::from_secret(&vec![7; length])).is_ok());
        assert!((RING.signer_factory)(&algorithm, &EncodingKey::from_secret(&vec![7; length - 1])).is_err());
    }
    let no_signer = |algorithm, key: EncodingKey| {
        assert!((RING.signer_factory)(&algorithm, &key).is_err(), "{algorithm:?}");
    };
    no_signer(Algorithm::ES384, encoding_key("p256"));
    no_signer(Algorithm::ES256, encoding_key("p384"));
    no_signer(Algorithm::RS256, EncodingKey::from_rsa_der(&der(pem("rsa2048"))));
    no_signer(Algorithm::RS256, EncodingKey::from_rsa_der(&[]));
    no_signer(Algorithm::EdDSA, EncodingKey::from_ed_der(&der(pem("p256"))));
    no_signer(Algorithm::ES256, EncodingKey::from_ec_der(&der(pem("ed25519"))));
}

#[test]
fn an_rsa_public_key_in_der_is_read() {
    // RSAPublicKey is what the bit string of SubjectPublicKeyInfo holds.
    let key = SigningKey::from_pem(pem("rsa2048").as_bytes()).unwrap();
    let spki = key.public_key().to_spki_der();
    let pkcs1 = &spki[24..];
    assert!(verifies(
        Algorithm::PS256,
        &DecodingKey::from_rsa_der(pkcs1),
        &raw_signature("rsa2048", "PS256", MESSAGE)
    ));
    let PublicKeyParts::Rsa { modulus, exponent, .. } = key.public_key().parts() else { panic!() };
    let components = (modulus.to_vec(), exponent.to_vec());
    assert_eq!((RING.key_utils.rsa_pub_components_from_public_key)(pkcs1).unwrap(), components);
    assert_eq!((RING.key_utils.rsa_pub_components_from_private_key)(&rsa_pkcs1()).unwrap(), components);
}

#[test]
fn the_public_halves_of_elliptic_curve_keys() {
    let utils = &RING.key_utils;
    for (name, algorithm, expected) in
        [("p256", Algorithm::ES256, EllipticCurve::P256), ("p384", Algorithm::ES384, EllipticCurve::P384)]
    {
        let (curve, x, y) = (utils.ec_pub_components_from_private_key)(&der(pem(name)), algorithm).unwrap();
        assert_eq!(curve, expected);
        let key = SigningKey::from_pem(pem(name).as_bytes()).unwrap();
        let PublicKeyParts::Ec { point, .. } = key.public_key().parts() else { panic!() };
        assert_eq!([vec![4], x, y].concat(), point);
    }
    let x =
        (utils.ed_pub_components_from_private_key)(&der(pem("ed25519")), &EllipticCurve::Ed25519).unwrap();
    assert_eq!(decoding_key("ed25519").try_get_as_bytes().unwrap(), x);
}

/// RFC 6234 §8.5: "abc".
#[test]
fn thumbprint_digests() {
    let digest = |hash| (RING.key_utils.compute_digest)(b"abc", hash).unwrap();
    assert_eq!(digest(ThumbprintHash::SHA256)[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(digest(ThumbprintHash::SHA384)[..4], [0xcb, 0x00, 0x75, 0x3f]);
    assert_eq!(digest(ThumbprintHash::SHA512)[..4], [0xdd, 0xaf, 0x35, 0xa1]);
}

/// Every function answers every input; a panic in one would take a host down.
#[test]
fn no_function_panics() {
    let ed25519 = der(pem("ed25519"));
    let p256 = der(pem("p256"));
    let rsa = rsa_pkcs1();
    let inputs: [&[u8]; 8] = [b"", b"0", &[0x30, 0x80], &[0x30; 200], &ed25519, &p256, &rsa, &[0xFF; 5000]];
    let utils = &RING.key_utils;
    for input in inputs {
        let _ = (utils.rsa_pub_components_from_private_key)(input);
        let _ = (utils.rsa_pub_components_from_public_key)(input);
        for algorithm in EVERY {
            let _ = (utils.ec_pub_components_from_private_key)(input, algorithm);
            for key in [
                DecodingKey::from_secret(input),
                DecodingKey::from_rsa_der(input),
                DecodingKey::from_rsa_raw_components(input, input),
                DecodingKey::from_ec_der(input),
                DecodingKey::from_ed_der(input),
            ] {
                if let Ok(verifier) = (RING.verifier_factory)(&algorithm, &key) {
                    assert!(verifier.verify(MESSAGE, &input.to_vec()).is_err());
                }
            }
            for key in [
                EncodingKey::from_secret(input),
                EncodingKey::from_rsa_der(input),
                EncodingKey::from_ec_der(input),
                EncodingKey::from_ed_der(input),
            ] {
                if let Ok(signer) = (RING.signer_factory)(&algorithm, &key) {
                    let _ = signer.try_sign(MESSAGE);
                }
            }
        }
        for curve in [EllipticCurve::P256, EllipticCurve::P384, EllipticCurve::P521, EllipticCurve::Ed25519] {
            let _ = (utils.ed_pub_components_from_private_key)(input, &curve);
        }
        for hash in [ThumbprintHash::SHA256, ThumbprintHash::SHA384, ThumbprintHash::SHA512] {
            assert!((utils.compute_digest)(input, hash).is_ok());
        }
    }
}
