//! What tokens need of `crypto` and XML does not: HMAC, Ed25519, sealed contents, key wrap, secrets.

use admittance::crypto::{
    ContentKey, DecryptError, Ed25519PublicKey, Ed25519SigningKey, Hmac, SealedCipher, SealedContent, Secret,
};
use admittance::encoding::base64url_decode;
use admittance::entropy::{Entropy, EntropyError};

use super::pem;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// RFC 4231 §4.3.
#[test]
fn hmac_is_that_of_rfc_4231() {
    let expected = [
        (Hmac::Sha256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            Hmac::Sha384,
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
        ),
        (
            Hmac::Sha512,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ];
    for (hmac, tag) in expected {
        let (tag, message) = (hex(tag), b"what do ya want for nothing?".as_slice());
        assert_eq!((hmac.sign(b"Jefe", message), hmac.output_len()), (tag.clone(), tag.len()));
        assert_eq!(hmac.verify(b"Jefe", message, &tag), Ok(()));
        for wrong in [&tag[1..], &tag[..tag.len() - 1], &[], &[tag.as_slice(), &[0]].concat()] {
            assert!(hmac.verify(b"Jefe", message, wrong).is_err());
        }
        assert!(hmac.verify(b"Jeff", message, &tag).is_err());
        assert!(hmac.verify(b"Jefe", &message[1..], &tag).is_err());
    }
}

/// RFC 8032 §7.1, test 2.
#[test]
fn ed25519_is_that_of_rfc_8032() {
    let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    let signature = hex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    let pkcs8 = [hex("302e020100300506032b657004220420"), seed].concat();
    let key = Ed25519SigningKey::from_pkcs8_der(&pkcs8).unwrap();
    assert_eq!(key.public_key().as_bytes(), public);
    assert_eq!(key.sign(&[0x72]), signature);
    assert_eq!(key.public_key().verify(&[0x72], &signature), Ok(()));
    assert!(key.public_key().verify(&[0x73], &signature).is_err());
    // The scalar plus the order of the group is another text for the same signature.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut malleable = signature.clone();
    let mut carry = 0u16;
    for (byte, add) in malleable[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = u8::try_from(carry & 0xFF).unwrap();
        carry >>= 8;
    }
    assert!(key.public_key().verify(&[0x72], &malleable).is_err());
    for length in [0, 31, 33] {
        assert_eq!(
            Ed25519PublicKey::from_bytes(&vec![1; length]).unwrap_err().code(),
            "crypto.key_malformed"
        );
    }
    let shown = format!("{key:?} {:?}", Ed25519SigningKey::from_pem(pem("ed25519").as_bytes()).unwrap());
    assert!(shown.starts_with("Ed25519SigningKey { public_key: Ed25519PublicKey(SHA-256 "), "{shown}");
    // The public half that came along is another one.
    let contradicting =
        [hex("3053020101300506032b657004220420"), vec![7; 32], hex("a123032100"), public].concat();
    let error = Ed25519SigningKey::from_pkcs8_der(&contradicting).unwrap_err();
    assert_eq!(error.code(), "crypto.private_key_malformed");
}

/// RFC 7518 appendices B.1 to B.3.
const KERCKHOFFS: [(SealedCipher, &str, &str); 3] = [
    (
        SealedCipher::A128CbcHs256,
        "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c703233609d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82e2db",
        "652c3fa36b0a7c5b3219fab3a30bc1c4",
    ),
    (
        SealedCipher::A192CbcHs384,
        "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb000d279bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d1746214bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c2105bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927f280adc91ac0c4e79c7b11efc60054e3",
        "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7",
    ),
    (
        SealedCipher::A256CbcHs512,
        "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6",
        "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
    ),
];

#[test]
fn sealed_contents_are_those_of_rfc_7518() {
    for (cipher, ciphertext, tag) in KERCKHOFFS {
        let key = ContentKey::new((0..).take(cipher.key_len()).collect());
        let (iv, ciphertext, tag) = (hex("1af38c2dc2b96ffdd86694092341bc04"), hex(ciphertext), hex(tag));
        let content = SealedContent {
            iv: &iv,
            associated_data: b"The second principle of Auguste Kerckhoffs",
            ciphertext: &ciphertext,
            tag: &tag,
        };
        let opened = cipher.open(&key, &content).unwrap();
        assert!(
            opened.starts_with(b"A cipher system must not be required to be secret, and it must be able")
        );
        assert!(opened.ends_with(b"without inconvenience"));

        let failed = Err(DecryptError::Failed);
        for at in 0..tag.len() {
            let mut changed = tag.clone();
            changed[at] ^= 0x80;
            assert_eq!(cipher.open(&key, &SealedContent { tag: &changed, ..content }), failed);
        }
        let others = [
            SealedContent { tag: &tag[..tag.len() - 1], ..content },
            SealedContent { tag: &[], ..content },
            SealedContent { iv: &iv[..15], ..content },
            SealedContent { iv: &[0; 16], ..content },
            SealedContent { associated_data: b"", ..content },
            SealedContent { ciphertext: &ciphertext[..16], ..content },
            SealedContent { ciphertext: &ciphertext[..17], ..content },
            SealedContent { ciphertext: &[], ..content },
        ];
        for other in others {
            assert_eq!(cipher.open(&key, &other), failed, "{other:?}");
        }
        for length in [0, 16, 24, 32, 48, 64].into_iter().filter(|length| *length != cipher.key_len()) {
            assert_eq!(cipher.open(&ContentKey::new(vec![1; length]), &content), failed);
        }
    }
}

/// RFC 3394 §4.1, §4.5 (a 256-bit key by AES-256 is §4.6).
#[test]
fn key_wrap_is_that_of_rfc_3394() {
    let cases = [
        (16, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5", "00112233445566778899aabbccddeeff"),
        (
            32,
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
            "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
        ),
    ];
    for (key_len, wrapped, content_key) in cases {
        let key = ContentKey::new((0..).take(key_len).collect());
        let wrapped = hex(wrapped);
        assert_eq!(key.unwrap_key(&wrapped).unwrap().as_bytes(), hex(content_key));
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert_eq!(key.unwrap_key(&changed).map(|_| ()), Err(DecryptError::Failed));
        }
        for length in 0..wrapped.len() {
            assert_eq!(key.unwrap_key(&wrapped[..length]).map(|_| ()), Err(DecryptError::Failed), "{length}");
        }
        let other = ContentKey::new(vec![0; 24]);
        assert_eq!(other.unwrap_key(&wrapped).map(|_| ()), Err(DecryptError::Failed));
    }
}

struct Counter(u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        if self.0 == u8::MAX {
            return Err(EntropyError::new());
        }
        for byte in bytes {
            *byte = self.0;
            self.0 += 1;
        }
        Ok(())
    }
}

#[test]
fn a_secret_is_compared_stored_and_never_shown() {
    let secret = Secret::new("sesame");
    assert!(secret.is("sesame") && !secret.is("Sesame") && !secret.is("") && !secret.is("sesame "));
    assert_eq!(secret, Secret::from("sesame".to_owned()));
    assert_ne!(secret, Secret::from("sesam"));
    assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret { .. } Some(Secret { .. })");
    let stored = serde_json::to_string(&secret).unwrap();
    assert_eq!(stored, "\"sesame\"");
    assert_eq!(serde_json::from_str::<Secret>(&stored).unwrap(), secret);
    assert_eq!(secret.expose(), "sesame");

    let random = Secret::random(32, &mut Counter(0)).unwrap();
    assert_eq!(base64url_decode(random.expose().as_bytes()).unwrap(), (0..32).collect::<Vec<u8>>());
    assert_eq!(Secret::random(32, &mut Counter(u8::MAX)), Err(EntropyError::new()));
}
