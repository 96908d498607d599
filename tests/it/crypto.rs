//! Algorithms, keys and certificates against signatures that OpenSSL has made (`tests/corpus/keys`).

use admittance::{
    crypto::{
        Certificate, CertificateError, Curve, DigestAlgorithm, Hasher, KeyError, KeyKind, Legacy,
        NoTrustedKeys, PrivateKeyError, PublicKey, SignError, SignatureAlgorithm, SigningKey, TrustedKey,
        TrustedKeys, VerifyError, constant_time_eq, digest,
    },
    encoding::{base64_decode, base64_encode},
    time::Timestamp,
};
use proptest::prelude::*;

use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
use Legacy::{Allow, Refuse};
use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};

const DIGESTS: [DigestAlgorithm; 4] = [Sha1, Sha256, Sha384, Sha512];

/// What a signature of OpenSSL, or none at all, comes to: key, algorithm, legacy refused, legacy allowed.
#[test]
fn the_table_of_algorithms_and_keys() {
    let weak = |bits| Err(VerifyError::WeakKey { bits });
    for digest in DIGESTS {
        let sha1 = digest == Sha1;
        for (key, bits) in [("rsa1024", 1024), ("rsa2047", 2047), ("rsa2048", 2048), ("rsa4096", 4096)] {
            let algorithm = RsaPkcs1(digest);
            let not_allowed = Err(VerifyError::AlgorithmNotAllowed { algorithm });
            let refuse = match bits {
                _ if sha1 => not_allowed,
                ..2048 => weak(bits),
                _ => Ok(()),
            };
            let allow = if bits < 2048 && digest == Sha384 { weak(bits) } else { Ok(()) };
            assert_eq!(verify(key, algorithm, Refuse), refuse, "{key} {algorithm}");
            assert_eq!(verify(key, algorithm, Allow), allow, "{key} {algorithm}");
        }
        for key in ["rsa2048", "rsa4096"] {
            let algorithm = RsaPss(digest);
            let expected = if sha1 { Err(VerifyError::AlgorithmNotAllowed { algorithm }) } else { Ok(()) };
            assert_eq!(verify(key, algorithm, Refuse), expected, "{key} {algorithm}");
            assert_eq!(verify(key, algorithm, Allow), expected, "{key} {algorithm}");
        }
        for key in ["p256", "p384"] {
            let algorithm = Ecdsa(digest);
            let never = matches!(digest, Sha1 | Sha512);
            let expected = if never { Err(VerifyError::AlgorithmNotAllowed { algorithm }) } else { Ok(()) };
            assert_eq!(verify(key, algorithm, Refuse), expected, "{key} {algorithm}");
            assert_eq!(verify(key, algorithm, Allow), expected, "{key} {algorithm}");
        }
    }
    assert_eq!(verify("rsa1024", RsaPss(Sha256), Allow), weak(1024));
}

#[test]
fn the_salt_of_pss_is_as_long_as_the_digest() {
    let signature = file("rsa2048.pss-salt20-sha256.sig");
    let result = spki("rsa2048").verify(RsaPss(Sha256), Allow, &message(), &signature);
    assert_eq!(result, Err(VerifyError::Signature));
}

#[test]
fn an_algorithm_of_another_key_type_is_named() {
    for (key, algorithm) in [
        ("rsa2048", Ecdsa(Sha256)),
        ("p256", RsaPkcs1(Sha256)),
        ("p256", RsaPss(Sha256)),
        ("p384", RsaPkcs1(Sha384)),
    ] {
        let key = spki(key);
        let error = key.verify(algorithm, Refuse, &message(), &[0; 64]).unwrap_err();
        assert_eq!(error, VerifyError::KeyType { algorithm, key: key.kind() });
        assert_eq!(error.code(), "crypto.key_type_mismatch");
        assert!(!algorithm.fits(key.kind()));
    }
}

#[test]
fn a_changed_signature_message_or_key_does_not_verify() {
    for (key, other, algorithm) in [
        ("rsa2048", "rsa2048b", RsaPkcs1(Sha256)),
        ("rsa2048", "rsa4096", RsaPss(Sha512)),
        ("p256", "p384", Ecdsa(Sha256)),
        ("p256", "p384", Ecdsa(Sha384)),
        ("p384", "p256", Ecdsa(Sha384)),
        ("p384", "p256", Ecdsa(Sha256)),
    ] {
        let (public, signature) = (spki(key), signature(key, algorithm));
        let refused = |key: &PublicKey, message: &[u8], signature: &[u8]| {
            let result = key.verify(algorithm, Allow, message, signature);
            assert_eq!(result, Err(VerifyError::Signature), "{key:?} {algorithm}");
        };
        for bit in (0..signature.len() * 8).step_by(61) {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            refused(&public, &message(), &flipped);
        }
        for length in [0, 1, signature.len() / 2, signature.len() - 1] {
            refused(&public, &message(), &signature[..length]);
        }
        refused(&public, &message(), &[signature.as_slice(), &[0]].concat());
        refused(&public, &message(), &[&[0], signature.as_slice()].concat());
        refused(&public, &message(), &vec![0; signature.len()]);
        refused(&public, &message(), &vec![0xff; signature.len()]);
        refused(&public, b"", &signature);
        refused(&public, &[message().as_slice(), b" "].concat(), &signature);
        refused(&spki(other), &message(), &signature);
    }
}

#[test]
fn an_ecdsa_signature_in_der_does_not_verify() {
    let key = SigningKey::from_pem(&file("p256.key.pem")).unwrap();
    let fixed = key.sign(Ecdsa(Sha256), b"m").unwrap();
    let der = [&[0x30, 0x46, 2, 0x21, 0], &fixed[..32], &[2, 0x21, 0], &fixed[32..]].concat();
    for digest in [Sha256, Sha384] {
        let result = key.public_key().verify(Ecdsa(digest), Refuse, b"m", &der);
        assert_eq!(result, Err(VerifyError::Signature));
    }
}

#[test]
fn what_is_signed_here_verifies_here() {
    for (key, algorithms) in [
        (
            "rsa2048",
            &[
                RsaPkcs1(Sha256),
                RsaPkcs1(Sha384),
                RsaPkcs1(Sha512),
                RsaPss(Sha256),
                RsaPss(Sha384),
                RsaPss(Sha512),
            ][..],
        ),
        ("rsa4096", &[RsaPkcs1(Sha256), RsaPss(Sha512)]),
        ("p256", &[Ecdsa(Sha256)]),
        ("p384", &[Ecdsa(Sha384)]),
    ] {
        let signing = SigningKey::from_pem(&file(&format!("{key}.key.pem"))).unwrap();
        assert_eq!(signing.public_key(), &spki(key));
        assert_eq!(signing.default_algorithm(), algorithms[0]);
        for algorithm in algorithms {
            let signature = signing.sign(*algorithm, b"m").unwrap();
            assert_eq!(spki(key).verify(*algorithm, Refuse, b"m", &signature), Ok(()), "{key} {algorithm}");
        }
    }
}

#[test]
fn what_is_never_signed() {
    for (key, algorithm) in [
        ("rsa2048", RsaPkcs1(Sha1)),
        ("rsa2048", RsaPss(Sha1)),
        ("p256", Ecdsa(Sha1)),
        ("p256", Ecdsa(Sha384)),
        ("p256", Ecdsa(Sha512)),
        ("p384", Ecdsa(Sha256)),
        ("p384", Ecdsa(Sha512)),
    ] {
        let signing = SigningKey::from_pem(&file(&format!("{key}.key.pem"))).unwrap();
        let expected = SignError::AlgorithmNotAllowed { algorithm, key: signing.kind() };
        assert_eq!(signing.sign(algorithm, b"m"), Err(expected));
    }
    for (key, algorithm) in [("rsa2048", Ecdsa(Sha256)), ("p256", RsaPkcs1(Sha256)), ("p384", RsaPss(Sha384))]
    {
        let signing = SigningKey::from_pem(&file(&format!("{key}.key.pem"))).unwrap();
        let expected = SignError::KeyType { algorithm, key: signing.kind() };
        assert_eq!(signing.sign(algorithm, b"m"), Err(expected));
    }
}

#[test]
fn private_keys_and_what_is_not_one() {
    let key = SigningKey::from_pem(&file("rsa2048.pkcs1.pem")).unwrap();
    assert_eq!(key.public_key(), &spki("rsa2048"));
    let both = [file("rsa2048.cert.pem"), b"Bag Attributes\r\n".to_vec(), file("rsa2048.key.pem")].concat();
    assert_eq!(SigningKey::from_pem(&both).unwrap().public_key(), &spki("rsa2048"));
    let several = [file("rsa2048.key.pem"), file("p256.key.pem")].concat();
    let cut = &file("rsa2048.key.pem")[..800];

    for (pem, code) in [
        (several, "crypto.private_key_several"),
        (cut.to_vec(), "crypto.private_key_missing"),
        (Vec::new(), "crypto.private_key_missing"),
        (file("rsa2048.cert.pem"), "crypto.private_key_missing"),
        (file("rsa2048.encrypted.pem"), "crypto.private_key_encrypted"),
        (file("rsa2048.pkcs1-encrypted.pem"), "crypto.private_key_encrypted"),
        (file("p256.sec1.pem"), "crypto.private_key_form"),
        (file("rsa1024.key.pem"), "crypto.key_size"),
        (file("rsa2047.key.pem"), "crypto.key_size"),
        (file("p521.key.pem"), "crypto.key_not_supported"),
        (file("p256explicit.key.pem"), "crypto.key_not_supported"),
        (file("secp256k1.key.pem"), "crypto.key_not_supported"),
        (file("ed25519.key.pem"), "crypto.key_not_supported"),
        (
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_vec(),
            "crypto.private_key_malformed",
        ),
        (
            b"-----BEGIN PRIVATE KEY-----\n%\n-----END PRIVATE KEY-----\n".to_vec(),
            "crypto.private_key_malformed",
        ),
    ] {
        let error = SigningKey::from_pem(&pem).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    let error = SigningKey::from_pem(&file("p256.sec1.pem")).unwrap_err();
    assert!(error.to_string().contains("openssl pkcs8 -topk8 -nocrypt"));
    assert_eq!(error, PrivateKeyError::Sec1);
}

#[test]
fn a_private_key_is_not_shown() {
    for name in ["rsa2048.key.pem", "p256.key.pem"] {
        let key = SigningKey::from_pem(&file(name)).unwrap();
        let shown = format!("{key:?}");
        assert!(shown.len() < 200 && shown.contains("PublicKey("), "{shown}");
    }
}

#[test]
fn public_keys_of_each_kind() {
    for (name, kind) in [
        ("rsa1024", KeyKind::Rsa { bits: 1024 }),
        ("rsa2047", KeyKind::Rsa { bits: 2047 }),
        ("rsa2048", KeyKind::Rsa { bits: 2048 }),
        ("rsa4096", KeyKind::Rsa { bits: 4096 }),
        ("p256", KeyKind::P256),
        ("p384", KeyKind::P384),
    ] {
        let key = spki(name);
        assert_eq!(key.kind(), kind);
        assert_eq!(kind.is_legacy(), matches!(name, "rsa1024" | "rsa2047"));
        assert_eq!(key.to_spki_der(), file(&format!("{name}.spki.der")));
        assert_eq!(key.sha256().as_ref(), digest(Sha256, &key.to_spki_der()).as_ref());
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<PublicKey>(&json).unwrap(), key);
    }
    for (name, found) in
        [("p521", "P-521"), ("secp256k1", "secp256k1"), ("p256explicit", "with explicit parameters")]
    {
        let error = PublicKey::from_spki_der(&file(&format!("{name}.spki.der"))).unwrap_err();
        assert_eq!(error, KeyError::Curve { found: found.to_owned() });
    }
    assert_eq!(PublicKey::from_spki_der(&file("rsa512.spki.der")), Err(KeyError::RsaSize { bits: 512 }));
    for length in 0..91 {
        let error = PublicKey::from_spki_der(&file("p256.spki.der")[..length]).unwrap_err();
        assert_eq!(error.code(), "crypto.key_malformed");
    }
    let trailing = [file("p256.spki.der"), vec![0]].concat();
    assert!(matches!(PublicKey::from_spki_der(&trailing), Err(KeyError::Malformed { .. })));
}

#[test]
fn an_rsa_key_from_its_numbers() {
    // The modulus is the 256 bytes after the 33 of `SubjectPublicKeyInfo` up to its sign byte.
    let der = file("rsa2048.spki.der");
    let (modulus, exponent) = (&der[33..289], &[1, 0, 1]);
    let key = PublicKey::from_rsa_components(modulus, exponent).unwrap();
    assert_eq!(key, spki("rsa2048"));
    let padded = PublicKey::from_rsa_components(&[&[0, 0], modulus].concat(), &[0, 0, 0, 1, 0, 1]).unwrap();
    assert_eq!(padded, key);
    assert_eq!(
        padded.verify(RsaPkcs1(Sha256), Refuse, &message(), &signature("rsa2048", RsaPkcs1(Sha256))),
        Ok(())
    );

    for (exponent, good) in [
        (&[][..], false),
        (&[0], false),
        (&[1], false),
        (&[2], false),
        (&[3], true),
        (&[17], true),
        (&[1, 0, 0], false),
        (&[1, 0xff, 0xff, 0xff, 0xff], true),
        (&[2, 0, 0, 0, 1], false),
        (&[1, 0, 0, 0, 0, 1], false),
    ] {
        let result = PublicKey::from_rsa_components(modulus, exponent);
        assert_eq!(result.is_ok(), good, "{exponent:?}");
        assert!(good || result == Err(KeyError::RsaExponent));
    }
    let number = |bytes: usize, first: u8| [&[first], vec![0; bytes - 2].as_slice(), &[1]].concat();
    for (modulus, bits, good) in [
        (number(128, 0x7f), 1023, false),
        (number(128, 0x80), 1024, true),
        (number(129, 1), 1025, true),
        (number(1024, 0xff), 8192, true),
        (number(1025, 1), 8193, false),
    ] {
        let result = PublicKey::from_rsa_components(&modulus, &[1, 0, 1]);
        match result {
            Ok(key) => assert_eq!((key.kind(), true), (KeyKind::Rsa { bits }, good)),
            Err(error) => assert_eq!((error, false), (KeyError::RsaSize { bits }, good)),
        }
    }
    assert_eq!(PublicKey::from_rsa_components(&[], &[3]), Err(KeyError::RsaSize { bits: 0 }));
    assert_eq!(PublicKey::from_rsa_components(&[0; 300], &[3]), Err(KeyError::RsaSize { bits: 0 }));
    assert!(matches!(PublicKey::from_rsa_components(&[0xfe; 256], &[3]), Err(KeyError::Malformed { .. })));
}

#[test]
fn an_elliptic_curve_key_from_its_point() {
    let der = file("p256.spki.der");
    let point = &der[der.len() - 65..];
    assert_eq!(PublicKey::from_ec_point(Curve::P256, point).unwrap(), spki("p256"));
    let mut compressed = point[..33].to_vec();
    compressed[0] = 2;
    for (curve, point) in [
        (Curve::P384, point),
        (Curve::P256, &point[1..]),
        (Curve::P256, &point[..64]),
        (Curve::P256, &compressed),
        (Curve::P256, &[]),
        (Curve::P256, &[0]),
    ] {
        assert!(matches!(PublicKey::from_ec_point(curve, point), Err(KeyError::Malformed { .. })));
    }
    // Off the curve: nothing verifies.
    let mut off = point.to_vec();
    off[64] ^= 1;
    let key = PublicKey::from_ec_point(Curve::P256, &off).unwrap();
    let result = key.verify(Ecdsa(Sha256), Refuse, &message(), &signature("p256", Ecdsa(Sha256)));
    assert_eq!(result, Err(VerifyError::Signature));
}

#[test]
fn a_certificate_in_every_form_that_people_paste() {
    let pem = text("rsa2048.cert.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64_decode(body.as_bytes()).unwrap();
    let expected = Certificate::from_der(&der).unwrap();
    assert_eq!(expected.der(), der);
    assert_eq!(expected.public_key(), &spki("rsa2048"));
    assert_eq!(expected.subject(), "O=Test keys\\, trust nowhere,CN=rsa2048");
    assert_eq!(expected.sha256().as_ref(), digest(Sha256, &der).as_ref());

    let mut forms = vec![
        pem.clone(),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\r"),
        pem.replace('\n', " "),
        pem.replace('\n', ""),
        pem.replace('\n', "\n    "),
        pem.trim().to_owned(),
        pem.replace("CERTIFICATE", "X509 CERTIFICATE"),
        format!("\u{feff}{pem}"),
        format!("Subject: O=Prüfung\n--- {pem} that was it, 0!"),
        format!("-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----"),
        body.clone(),
        format!("\u{feff}\r\n {body}\n"),
    ];
    forms.push(
        body.as_bytes().chunks(76).map(|line| format!("\t{}\r\n", str::from_utf8(line).unwrap())).collect(),
    );
    for form in forms {
        assert_eq!(Certificate::parse(form.as_bytes()).as_ref(), Ok(&expected), "{form}");
    }
    assert_eq!(Certificate::parse(&der).as_ref(), Ok(&expected));
    let json = serde_json::to_string(&expected).unwrap();
    assert_eq!(json, format!("\"{body}\""));
    assert_eq!(serde_json::from_str::<Certificate>(&json).unwrap(), expected);
    assert!(format!("{expected:?}").len() < 250);
}

#[test]
fn a_bundle_of_certificates() {
    let bundle = [file("rsa2048.cert.pem"), b"\r\n# the next\r\n".to_vec(), file("p256.cert.pem")].concat();
    let certificates = Certificate::parse_all(&bundle).unwrap();
    let keys: Vec<_> = certificates.iter().map(|certificate| certificate.public_key().clone()).collect();
    assert_eq!(keys, [spki("rsa2048"), spki("p256")]);
    assert_eq!(Certificate::parse(&bundle), Err(CertificateError::Several { count: 2 }));
    assert_eq!(Certificate::parse_all(&file("p256.cert.pem")).unwrap().len(), 1);
    let broken = [bundle, file("ed25519.cert.pem")].concat();
    assert!(matches!(Certificate::parse_all(&broken), Err(CertificateError::KeyNotSupported(_))));
}

#[test]
fn what_is_pasted_instead_of_a_certificate_is_named() {
    let with_key = [file("rsa2048.cert.pem"), file("rsa2048.key.pem")].concat();
    let der = |name| {
        let pem = text(name);
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        base64_decode(body.as_bytes()).unwrap()
    };
    for (input, found) in [
        (file("rsa2048.key.pem"), "a private key"),
        (file("rsa2048.pkcs1.pem"), "a private key"),
        (file("rsa2048.encrypted.pem"), "a private key"),
        (file("p256.sec1.pem"), "a private key"),
        (with_key, "a private key"),
        (der("rsa2048.key.pem"), "a private key"),
        (der("rsa2048.pkcs1.pem"), "a private key"),
        (der("rsa2048.encrypted.pem"), "a private key"),
        (der("p256.sec1.pem"), "a private key"),
        (base64_encode(&der("rsa2048.key.pem")).into_bytes(), "a private key"),
        (file("rsa2048.p7.pem"), "a PKCS#7 bundle"),
        (der("rsa2048.p7.pem"), "a PKCS#7 bundle"),
        (file("rsa2048.p12"), "a PKCS#12 file"),
        (file("rsa2048.csr.pem"), "a certificate signing request"),
        (der("rsa2048.csr.pem"), "a certificate signing request"),
        (file("rsa2048.spki.der"), "a public key without a certificate"),
        (
            b"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----".to_vec(),
            "a public key without a certificate",
        ),
        (b"-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----".to_vec(), "a PEM block of another kind"),
        (b" <html>".to_vec(), "XML or HTML"),
        (base64_encode(&file("rsa2048.cert.pem")).into_bytes(), "base64 of a PEM file"),
    ] {
        let error = Certificate::parse(&input).unwrap_err();
        assert_eq!(error, CertificateError::WrongKind { found });
        assert_eq!(error.code(), "crypto.certificate_wrong_kind");
    }
}

#[test]
fn what_is_no_certificate_at_all() {
    let der = Certificate::parse(&file("p256.cert.pem")).unwrap().der().to_vec();
    let mut inputs = vec![
        Vec::new(),
        b" \r\n\t".to_vec(),
        b"MIIC".to_vec(),
        b"no certificate".to_vec(),
        b"-----BEGIN CERTIFICATE-----\nMIIC".to_vec(),
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----".to_vec(),
        [der.as_slice(), &[0]].concat(),
        [der.as_slice(), &der].concat(),
        base64_encode(&[der.as_slice(), &der].concat()).into_bytes(),
    ];
    inputs.extend((2..der.len()).map(|length| der[..length].to_vec()));
    for input in inputs {
        let error = Certificate::parse(&input).unwrap_err();
        assert_eq!(error.code(), "crypto.certificate_invalid", "{error}");
    }
}

#[test]
fn a_certificate_whose_key_cannot_be_used_says_why() {
    for (name, key) in [
        ("rsa512", KeyError::RsaSize { bits: 512 }),
        ("ed25519", KeyError::Algorithm { found: "Ed25519".to_owned() }),
        ("p521", KeyError::Curve { found: "P-521".to_owned() }),
        ("p256explicit", KeyError::Curve { found: "with explicit parameters".to_owned() }),
    ] {
        let error = Certificate::parse(&file(&format!("{name}.cert.pem"))).unwrap_err();
        assert_eq!(error, CertificateError::KeyNotSupported(key));
    }
    let weak = Certificate::parse(&file("rsa1024.cert.pem")).unwrap();
    assert!(weak.public_key().kind().is_legacy());
}

#[test]
fn parts_of_a_certificate_that_mean_nothing_here_may_be_odd() {
    let certificate = Certificate::parse(&file("p256.cert.pem")).unwrap();
    let negative_serial = replaced(certificate.der(), b"\x02\x01\x01\x30", b"\x02\x01\xff\x30");
    assert_eq!(Certificate::from_der(&negative_serial).unwrap().public_key(), certificate.public_key());
    // 0.0 instead of a signature algorithm, as in certificates of one large provider.
    let ecdsa_with_sha256 = b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
    let no_algorithm = b"\x06\x01\x00\x04\x05\x48\xce\x3d\x04\x03";
    let odd = replaced(certificate.der(), ecdsa_with_sha256, no_algorithm);
    assert_eq!(Certificate::from_der(&odd).unwrap().public_key(), certificate.public_key());
}

#[test]
fn validity_dates_from_1950_to_9999() {
    let certificate = Certificate::parse(&file("p256.cert.pem")).unwrap();
    let der = certificate.der();
    let end = der.windows(2).position(|tag| tag == b"\x18\x0f").unwrap() + 2;
    let start = end - 15;
    assert_eq!(der[start - 2..start], *b"\x17\x0d");
    let with = |not_before: &[u8; 13], not_after: &[u8; 15]| {
        let mut der = der.to_vec();
        der[start..start + 13].copy_from_slice(not_before);
        der[end..end + 15].copy_from_slice(not_after);
        Certificate::from_der(&der)
    };
    for (not_before, not_after, expected) in [
        (b"500101000000Z", b"99991231235959Z", ("1950-01-01T00:00:00Z", "9999-12-31T23:59:59Z")),
        (b"491231235959Z", b"20500101000000Z", ("2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z")),
        (b"700101000000Z", b"00010101000000Z", ("1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z")),
    ] {
        let certificate = with(not_before, not_after).unwrap();
        let at = |text| Timestamp::parse(text).unwrap().at;
        assert_eq!(certificate.not_before(), at(expected.0));
        assert_eq!(certificate.not_after(), at(expected.1));
    }
    for (not_before, not_after) in [
        (b"501301000000Z", b"99991231235959Z"),
        (b"500101000000+", b"99991231235959Z"),
        (b"5001010000 0Z", b"99991231235959Z"),
        (b"500101000000Z", b"00001231235959Z"),
        (b"500101000000Z", b"99990229235959Z"),
    ] {
        let error = with(not_before, not_after).unwrap_err();
        assert_eq!(error.code(), "crypto.certificate_invalid");
    }
}

#[test]
fn trusted_keys_are_never_none_and_each_once() {
    assert_eq!(TrustedKeys::new([]), Err(NoTrustedKeys));
    assert!(serde_json::from_str::<TrustedKeys>("[]").is_err());

    let certificate = Certificate::parse(&file("p256.cert.pem")).unwrap();
    let end = certificate.der().windows(2).position(|tag| tag == b"\x18\x0f").unwrap() + 2;
    let mut der = certificate.der().to_vec();
    der[end..end + 4].copy_from_slice(b"9999");
    let renewed = Certificate::from_der(&der).unwrap();
    let keys = TrustedKeys::new([
        TrustedKey::from(spki("rsa2048")),
        certificate.clone().into(),
        spki("p256").into(),
        renewed.clone().into(),
        certificate.into(),
        Certificate::parse(&file("rsa2048.cert.pem")).unwrap().into(),
        spki("p384").into(),
    ])
    .unwrap();
    let kinds: Vec<_> = keys.iter().map(|trusted| trusted.key().kind()).collect();
    assert_eq!(kinds, [KeyKind::Rsa { bits: 2048 }, KeyKind::P256, KeyKind::P384]);
    let certificates: Vec<_> = keys.iter().map(|trusted| trusted.certificate().is_some()).collect();
    assert_eq!(certificates, [true, true, false]);
    assert_eq!(keys.iter().nth(1).unwrap().certificate(), Some(&renewed));

    let json = serde_json::to_value(&keys).unwrap();
    assert_eq!(json[1]["certificate"], base64_encode(renewed.der()));
    assert_eq!(json[2]["public_key"], base64_encode(&spki("p384").to_spki_der()));
    assert_eq!(serde_json::from_value::<TrustedKeys>(json).unwrap(), keys);
}

#[test]
fn digests_whole_and_in_pieces() {
    for (algorithm, expected) in [
        (Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ] {
        let hex: String =
            digest(algorithm, b"abc").as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
        assert_eq!(algorithm.output_len() * 2, hex.len());
        let mut hasher = Hasher::new(algorithm);
        hasher.update(b"a");
        hasher.update(b"");
        hasher.update(b"bc");
        assert!(constant_time_eq(hasher.finish().as_ref(), digest(algorithm, b"abc").as_ref()));
    }
    assert!(!constant_time_eq(b"abc", b"abd"));
    assert!(!constant_time_eq(b"abc", b"ab"));
    assert!(constant_time_eq(b"", b""));
}

#[test]
fn public_types_go_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Certificate>();
    shared::<CertificateError>();
    shared::<Hasher>();
    shared::<PublicKey>();
    shared::<SigningKey>();
    shared::<PrivateKeyError>();
    shared::<TrustedKeys>();
    shared::<VerifyError>();
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
        let _ = Certificate::parse_all(&bytes);
        let _ = PublicKey::from_spki_der(&bytes);
        let _ = SigningKey::from_pem(&bytes);
        let _ = SigningKey::from_pkcs8_der(&bytes);
    }

    #[test]
    fn a_changed_certificate_is_read_or_refused(index in 0..400_usize, value: u8, cut in 0..400_usize) {
        let mut der = Certificate::parse(&file("p256.cert.pem")).unwrap().der().to_vec();
        if let Some(byte) = der.get_mut(index) {
            *byte = value;
        }
        let _ = Certificate::parse(&der);
        der.truncate(cut);
        let _ = Certificate::parse(&der);
    }

    #[test]
    fn a_changed_private_key_is_read_or_refused(index in 0..1300_usize, value: u8) {
        let mut der = base64_decode(&pem_body("rsa2048.key.pem")).unwrap();
        if let Some(byte) = der.get_mut(index) {
            *byte = value;
        }
        if let Ok(key) = SigningKey::from_pkcs8_der(&der) {
            let _ = key.sign(key.default_algorithm(), b"m");
        }
    }
}

fn verify(key: &str, algorithm: SignatureAlgorithm, legacy: Legacy) -> Result<(), VerifyError> {
    spki(key).verify(algorithm, legacy, &message(), &signature(key, algorithm))
}

fn signature(key: &str, algorithm: SignatureAlgorithm) -> Vec<u8> {
    let scheme = match algorithm {
        RsaPkcs1(_) => "pkcs1",
        RsaPss(_) => "pss",
        Ecdsa(_) => "ecdsa",
    };
    let digest = algorithm.digest().to_string().to_lowercase().replace('-', "");
    file(&format!("{key}.{scheme}-{digest}.sig"))
}

fn spki(key: &str) -> PublicKey {
    PublicKey::from_spki_der(&file(&format!("{key}.spki.der"))).unwrap()
}

fn message() -> Vec<u8> {
    file("message.txt")
}

fn pem_body(name: &str) -> Vec<u8> {
    text(name).lines().filter(|line| !line.starts_with("-----")).collect::<String>().into_bytes()
}

fn text(name: &str) -> String {
    String::from_utf8(file(name)).unwrap()
}

fn file(name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/keys/");
    std::fs::read(format!("{path}{name}")).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every occurrence of some bytes replaced by as many others.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}
