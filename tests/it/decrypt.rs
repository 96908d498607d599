//! Decryption below XML: private keys, wrapped keys and contents.

use admittance::crypto::{
    ContentCipher, ContentKey, Curve, DecryptError, Decrypter, DecryptionKey, DigestAlgorithm, KeyKind,
    PrivateKeyError, WrappedKey,
};
use admittance::encoding::base64url_decode;
use admittance::testing::saml_idp::TestKey;
use aws_lc_rs::rsa;

const CIPHERS: [ContentCipher; 6] = [
    ContentCipher::Aes128Gcm,
    ContentCipher::Aes192Gcm,
    ContentCipher::Aes256Gcm,
    ContentCipher::Aes128Cbc,
    ContentCipher::Aes192Cbc,
    ContentCipher::Aes256Cbc,
];

#[test]
fn private_keys_are_read_in_every_form() {
    let key = DecryptionKey::from_pem(TestKey::Rsa.key_pem().as_bytes()).unwrap();
    assert_eq!(key.public_key(), TestKey::Rsa.certificate().public_key());
    let key = DecryptionKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap();
    assert_eq!(key.public_key().kind(), KeyKind::P256);
    let pkcs1 = include_str!("../corpus/keys/rsa2048.pkcs1.pem");
    let pkcs8 = include_str!("../corpus/keys/rsa2048.key.pem");
    let (pkcs1, pkcs8) =
        (DecryptionKey::from_pem(pkcs1.as_bytes()), DecryptionKey::from_pem(pkcs8.as_bytes()));
    assert_eq!(pkcs1.unwrap().public_key(), pkcs8.unwrap().public_key());

    let refused = |pem: &str| DecryptionKey::from_pem(pem.as_bytes()).unwrap_err();
    let short = refused(include_str!("../corpus/keys/rsa1024.key.pem"));
    assert_eq!(short, PrivateKeyError::RsaSize { bits: 1024, shortest: 2048, longest: 8192 });
    assert_eq!(refused("").code(), "crypto.private_key_missing");
    assert_eq!(refused(TestKey::Rsa.certificate_pem()).code(), "crypto.private_key_missing");
    let broken = TestKey::Rsa.key_pem().replacen("MIIE", "MIID", 1);
    assert_eq!(refused(&broken).code(), "crypto.private_key_malformed");
    // A bit of a prime is changed: the parts contradict each other.
    let lines: Vec<&str> = TestKey::Rsa.key_pem().lines().collect();
    let changed = lines.iter().enumerate().map(|(n, line)| match n {
        20 => line.replacen(|c: char| c == line.chars().nth(9).unwrap(), "B", 1),
        _ => (*line).to_owned(),
    });
    let changed = changed.collect::<Vec<_>>().join("\n");
    assert_ne!(changed.trim(), TestKey::Rsa.key_pem().trim());
    assert_eq!(refused(&changed).code(), "crypto.private_key_malformed");
}

#[test]
fn nothing_shows_a_key() {
    let key = DecryptionKey::from_pem(TestKey::Rsa.key_pem().as_bytes()).unwrap();
    let shown = format!("{key:?} {:?}", ContentKey::new(vec![0xAB; 16]));
    assert!(shown.starts_with("DecryptionKey { public_key: "), "{shown}");
    assert!(shown.ends_with("ContentKey { .. }"), "{shown}");
    assert!(!shown.contains("171"), "{shown}");
}

#[test]
fn rsa_oaep_opens_what_was_wrapped_with_one_hash() {
    let key = DecryptionKey::from_pem(TestKey::Rsa.key_pem().as_bytes()).unwrap();
    let other = DecryptionKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).unwrap();
    let ec = DecryptionKey::from_pem(TestKey::P256.key_pem().as_bytes()).unwrap();
    let hashes = [
        (DigestAlgorithm::Sha1, &rsa::OAEP_SHA1_MGF1SHA1),
        (DigestAlgorithm::Sha256, &rsa::OAEP_SHA256_MGF1SHA256),
        (DigestAlgorithm::Sha384, &rsa::OAEP_SHA384_MGF1SHA384),
        (DigestAlgorithm::Sha512, &rsa::OAEP_SHA512_MGF1SHA512),
    ];
    for (digest, algorithm) in hashes {
        let wrap = |label: Option<&[u8]>| {
            let to = rsa::OaepPublicEncryptingKey::new(public(TestKey::Rsa)).unwrap();
            let mut wrapped = vec![0; to.ciphertext_size()];
            to.encrypt(algorithm, b"sixteen bytes ..", &mut wrapped, label).unwrap();
            wrapped
        };
        let ciphertext = wrap(None);
        let wrapped =
            |ciphertext: &[u8], mask| unwrap(&key, &WrappedKey::RsaOaep { digest, mask, ciphertext });
        assert_eq!(wrapped(&ciphertext, digest).unwrap(), b"sixteen bytes ..");
        for (mask, _) in hashes.into_iter().filter(|(mask, _)| *mask != digest) {
            let error = wrapped(&ciphertext, mask).unwrap_err();
            assert_eq!(error.code(), "crypto.decryption_unsupported");
            assert!(error.to_string().contains("one hash"), "{error}");
            // Whatever the ciphertext.
            assert_eq!(wrapped(b"", mask), Err(error));
        }
        assert_eq!(wrapped(&wrap(Some(b"label")), digest), Err(DecryptError::Failed));
        for wrong in [&ciphertext[1..], &[], &[0; 256], &[0xFF; 256], &[ciphertext.as_slice(), &[0]].concat()]
        {
            assert_eq!(wrapped(wrong, digest), Err(DecryptError::Failed));
        }
        let wrapped = WrappedKey::RsaOaep { digest, mask: digest, ciphertext: &ciphertext };
        for other in [&other, &ec] {
            assert_eq!(unwrap(other, &wrapped), Err(DecryptError::Failed));
        }
    }
}

#[test]
fn rsa_1_5_never_fails_but_draws_a_key() {
    let key = DecryptionKey::from_pem(TestKey::Rsa.key_pem().as_bytes()).unwrap();
    let other = DecryptionKey::from_pem(TestKey::OtherRsa.key_pem().as_bytes()).unwrap();
    let to = rsa::Pkcs1PublicEncryptingKey::new(public(TestKey::Rsa)).unwrap();
    let mut ciphertext = vec![0; to.ciphertext_size()];
    to.encrypt(b"sixteen bytes ..", &mut ciphertext).unwrap();
    let unwrap = |key, ciphertext: &[u8], content_key_len| {
        unwrap(key, &WrappedKey::Rsa15 { ciphertext, content_key_len }).unwrap()
    };
    assert_eq!(unwrap(&key, &ciphertext, 16), b"sixteen bytes ..");
    let changed = [&[ciphertext[0] ^ 1], &ciphertext[1..]].concat();
    let others: [(&DecryptionKey, &[u8], usize); 7] = [
        (&key, &ciphertext, 24),
        (&key, &ciphertext, 15),
        (&key, &changed, 16),
        (&key, b"", 32),
        (&key, &ciphertext[..255], 16),
        (&key, &[0xFF; 256], 16),
        (&other, &ciphertext, 16),
    ];
    for (key, ciphertext, length) in others {
        let (first, second) = (unwrap(key, ciphertext, length), unwrap(key, ciphertext, length));
        assert_eq!((first.len(), second.len()), (length, length));
        assert_ne!(first, second, "a fixed key could be guessed");
        assert!(!first.starts_with(b"sixteen bytes"));
    }
}

#[test]
fn ecdh_es_derives_the_key_of_rfc_7518_appendix_c() {
    let number = |text: &str| base64url_decode(text.as_bytes()).unwrap();
    let private = number("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    // PrivateKeyInfo around an ECPrivateKey without public half.
    let mut pkcs8 = vec![0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07];
    pkcs8.extend([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]);
    pkcs8.extend([0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]);
    pkcs8.extend([0x04, 0x27, 0x30, 0x25, 0x02, 0x01, 0x01, 0x04, 0x20]);
    pkcs8.extend(&private);
    let bob = DecryptionKey::from_pkcs8_der(&pkcs8).unwrap();
    let x = number("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0");
    let y = number("SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps");
    let point = [&[4], x.as_slice(), &y].concat();
    let info = b"\0\0\0\x07A128GCM\0\0\0\x05Alice\0\0\0\x03Bob\0\0\0\x80";
    let agree = |curve, ephemeral_point: &[u8], content_key_len| {
        unwrap(&bob, &WrappedKey::EcdhEs { curve, ephemeral_point, other_info: info, content_key_len })
    };
    assert_eq!(agree(Curve::P256, &point, 16).unwrap(), number("VqqN6vgjbSBcIijNcacQGg"));
    // A longer key goes on over the next rounds of the derivation.
    assert!(agree(Curve::P256, &point, 48).unwrap().starts_with(&number("VqqN6vgjbSBcIijNcacQGg")));
    let off_the_curve = [&[4], y.as_slice(), &x].concat();
    for (curve, point) in
        [(Curve::P384, point.as_slice()), (Curve::P256, &off_the_curve), (Curve::P256, &[0])]
    {
        assert_eq!(agree(curve, point, 16), Err(DecryptError::Failed));
    }
    let wrapped = WrappedKey::Rsa15 { ciphertext: &[1; 256], content_key_len: 16 };
    assert_eq!(unwrap(&bob, &wrapped), Err(DecryptError::Failed));
}

/// One content for each cipher, CBC made by `openssl enc`, GCM by Python's `cryptography`.
#[test]
fn contents_are_opened_and_changed_ones_are_not() {
    for cipher in CIPHERS {
        let key = ContentKey::new((0..).take(cipher.key_len()).collect());
        let content = hex(KNOWN_CONTENTS.iter().find(|(named, _)| *named == cipher).unwrap().1);
        assert_eq!(cipher.open(&key, &content).unwrap(), b"<a>seventeen</a>+", "{cipher:?}");

        let failed = Err(DecryptError::Failed);
        for length in 0..content.len() {
            let opened = cipher.open(&key, &content[..length]);
            // The last block alone is lost: what is left may end in a length by chance, not here.
            assert_eq!(opened, failed, "{cipher:?} cut to {length}");
        }
        for (position, bit) in (0..content.len()).flat_map(|position| (0..8).map(move |bit| (position, bit)))
        {
            let mut changed = content.clone();
            changed[position] ^= 1 << bit;
            let opened = cipher.open(&key, &changed);
            assert_ne!(opened.as_deref(), Ok(b"<a>seventeen</a>+".as_slice()), "{cipher:?} {position}");
            if cipher.is_authenticated() {
                assert_eq!(opened, failed, "{cipher:?} {position}");
            }
        }
        for length in [0, 15, 16, 17, 24, 31, 32, 33].into_iter().filter(|length| *length != cipher.key_len())
        {
            assert_eq!(cipher.open(&ContentKey::new(vec![1; length]), &content), failed);
        }
    }
}

#[test]
fn cbc_padding_is_a_count_behind_anything() {
    use aws_lc_rs::cipher::{AES_128, EncryptingKey, EncryptionContext, UnboundCipherKey};
    let key = ContentKey::new(vec![7; 16]);
    let seal = |blocks: &[u8]| {
        let mut buffer = blocks.to_vec();
        let raw = EncryptingKey::cbc(UnboundCipherKey::new(&AES_128, key.as_bytes()).unwrap()).unwrap();
        raw.less_safe_encrypt(&mut buffer, EncryptionContext::Iv128([9; 16].into())).unwrap();
        [[9; 16].as_slice(), &buffer].concat()
    };
    for count in 0..=255 {
        let mut blocks = *b"0123456789abcdef0123456789abcdef";
        blocks[31] = count;
        let opened = ContentCipher::Aes128Cbc.open(&key, &seal(&blocks));
        match count {
            1..=16 => assert_eq!(opened.unwrap(), blocks[..32 - usize::from(count)]),
            _ => assert_eq!(opened, Err(DecryptError::Failed), "{count}"),
        }
    }
}

const KNOWN_CONTENTS: [(ContentCipher, &str); 6] = [
    (
        ContentCipher::Aes128Gcm,
        "6465666768696a6b6c6d6e6f260370d6be74dd94ef5b327ebae54ad21b39f8027404bbd5a730c1dc33edd438b7",
    ),
    (
        ContentCipher::Aes192Gcm,
        "6465666768696a6b6c6d6e6fd509850f37d96b56a7b4876fc6ddfa80f6e7fc7a139213bb9bf18770f3dec47689",
    ),
    (
        ContentCipher::Aes256Gcm,
        "6465666768696a6b6c6d6e6f747ae0151c9f33f04a073a86e64a0bc3690f359d9b1e887057c69c4f6ec9983225",
    ),
    (
        ContentCipher::Aes128Cbc,
        "6465666768696a6b6c6d6e6f70717273dd0f043657e802ad571bf81373a87781d2dda1257ca7a0da4e0465ff2a22d2bb",
    ),
    (
        ContentCipher::Aes192Cbc,
        "6465666768696a6b6c6d6e6f70717273cb722d047702d140b9238b7d1b23cd471e2e839413950c7fed1ade04e27d5223",
    ),
    (
        ContentCipher::Aes256Cbc,
        "6465666768696a6b6c6d6e6f7071727341d44c0943851936189cb693b147d58ea76471ea783b6c7e969e8701fdbd7ab0",
    ),
];

fn unwrap(key: &DecryptionKey, wrapped: &WrappedKey<'_>) -> Result<Vec<u8>, DecryptError> {
    key.unwrap(wrapped).map(|key| key.as_bytes().to_vec())
}

fn public(key: TestKey) -> rsa::PublicEncryptingKey {
    rsa::PublicEncryptingKey::from_der(&key.certificate().public_key().to_spki_der()).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
