//! Encrypted responses: every way of encrypting, every rule of decryption, and that a changed ciphertext tells
//! nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use admittance::crypto::{
    ContentCipher, ContentKey, DecryptError, Decrypter, DecryptionKey, DigestAlgorithm, WrappedKey,
};
use admittance::encoding::{base64_decode, base64_encode};
use admittance::entropy::{Entropy, EntropyError};
use admittance::note::Note;
use admittance::saml::metadata::idp::{self, IdpConfig, ParseOptions};
use admittance::saml::metadata::sp::SpConfig;
use admittance::saml::protocol::AuthnRequestOptions;
use admittance::saml::web_sso::{self, Cbc, Pending, Policy, Rsa15, Signed};
use admittance::saml::{Error, ValidAssertion};
use admittance::testing::saml_idp::{
    Encryption, KeyPlacement, KeyTransport, Namespaces, SamlIdp, Shape, SignedElements, TestKey, User,
};
use admittance::time::Timestamp;
use admittance::xmlenc;
use aws_lc_rs::{aead, cipher, rsa};

const CIPHERS: [ContentCipher; 6] = [
    ContentCipher::Aes128Gcm,
    ContentCipher::Aes192Gcm,
    ContentCipher::Aes256Gcm,
    ContentCipher::Aes128Cbc,
    ContentCipher::Aes192Cbc,
    ContentCipher::Aes256Cbc,
];

const TRANSPORTS: [KeyTransport; 6] = [
    KeyTransport::OaepMgf1p,
    KeyTransport::Oaep(DigestAlgorithm::Sha1),
    KeyTransport::Oaep(DigestAlgorithm::Sha256),
    KeyTransport::Oaep(DigestAlgorithm::Sha384),
    KeyTransport::Oaep(DigestAlgorithm::Sha512),
    KeyTransport::Rsa15,
];

const PLACEMENTS: [KeyPlacement; 3] =
    [KeyPlacement::Inside, KeyPlacement::Sibling, KeyPlacement::RetrievalMethod];

const SIGNED: [SignedElements; 3] =
    [SignedElements::Response, SignedElements::Assertion, SignedElements::Both];

#[test]
fn every_cipher_and_transport_signs_in() {
    for content in CIPHERS {
        for transport in TRANSPORTS {
            let mut trip = Trip::encrypting(|encryption| {
                (encryption.content, encryption.transport) = (content, transport);
            });
            trip.policy.rsa_1_5 = Rsa15::DangerAllow;
            let notes = trip.signs_in();
            let weak = notes.iter().map(|note| (note.code.as_str(), note.actual.clone().unwrap()));
            let mut expected = Vec::new();
            if !content.is_authenticated() {
                let bits = 8 * content.key_len();
                expected.push(format!("http://www.w3.org/2001/04/xmlenc#aes{bits}-cbc"));
            }
            if transport == KeyTransport::Rsa15 {
                expected.push("http://www.w3.org/2001/04/xmlenc#rsa-1_5".to_owned());
            }
            let expected = expected.into_iter().map(|uri| ("saml.weak_algorithm", uri));
            assert_eq!(weak.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
    }
}

#[test]
fn every_element_placement_and_order_of_signing_signs_in() {
    for placement in PLACEMENTS {
        for signed in SIGNED {
            for elements in 1..8 {
                let mut trip = Trip::encrypting(|encryption| {
                    encryption.placement = placement;
                    encryption.assertion = elements & 1 != 0;
                    encryption.name_id = elements & 2 != 0;
                    encryption.attributes = elements & 4 != 0;
                });
                trip.provider.style.signed = signed;
                let xml = trip.answer();
                for (name, bit) in [("EncryptedAssertion", 1), ("EncryptedID", 2), ("EncryptedAttribute", 4)]
                {
                    // What is inside of an encrypted assertion cannot be seen.
                    let seen = elements & bit != 0 && (bit == 1 || elements & 1 == 0);
                    assert_eq!(xml.contains(name), seen, "{placement:?} {signed:?} {elements}");
                }
                trip.signs_in();
            }
        }
    }
}

#[test]
fn decrypted_elements_inherit_the_namespaces_around_them() {
    for shape in Shape::ALL {
        for namespaces in [Namespaces::OnResponse, Namespaces::WhereUsed] {
            let mut trip = Trip::encrypting(|_| ());
            let encryption = trip.provider.style.encryption.take().map(|mut encryption| {
                (encryption.name_id, encryption.attributes) = (true, true);
                encryption
            });
            trip.provider = SamlIdp::new(5).shaped(shape);
            trip.provider.style.encryption = encryption;
            trip.provider.style.namespaces = namespaces;
            trip.signs_in();
        }
    }
}

#[test]
fn white_space_and_a_declaration_may_precede_the_element() {
    for prolog in [
        "\n",
        " \t\r\n",
        "<?xml version=\"1.0\"?>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "\n<?xml version='1.0' encoding='utf-8' standalone='yes'?>\n  ",
    ] {
        let mut trip = Trip::encrypting(|encryption| {
            encryption.prolog = prolog.to_owned();
            (encryption.name_id, encryption.attributes) = (true, true);
        });
        trip.signs_in();
    }
    for (prolog, code) in [
        ("<?xml version=\"1.0\" encoding=\"UTF-16\"?>", "saml.encoding_unsupported"),
        ("<?xml version=\"1.1\"?>", "saml.xml_malformed"),
        ("<!-- -->", "saml.xml_comment"),
        ("<?a b?>", "saml.xml_processing_instruction"),
        ("<!DOCTYPE a>", "saml.xml_dtd"),
        ("text", "saml.xml_malformed"),
        ("<a/>", "saml.xml_malformed"),
        ("<a:a/>", "saml.xml_namespace"),
    ] {
        let mut trip = Trip::encrypting(|encryption| encryption.prolog = prolog.to_owned());
        assert_eq!(trip.refused().code(), code, "{prolog}");
    }
}

#[test]
fn each_key_is_tried_with_each_wrapped_key() {
    let recipients = [TestKey::Rsa, TestKey::ExpiredRsa, TestKey::OtherRsa];
    let to = |keys: &[TestKey]| keys.iter().map(|key| key.certificate().clone()).collect::<Vec<_>>();
    for placement in PLACEMENTS {
        for ours in recipients {
            for transport in [KeyTransport::OaepMgf1p, KeyTransport::Rsa15] {
                for content in [ContentCipher::Aes128Gcm, ContentCipher::Aes128Cbc] {
                    let mut trip = Trip::encrypting(|encryption| {
                        encryption.to = to(&recipients);
                        (encryption.placement, encryption.transport) = (placement, transport);
                        encryption.content = content;
                    });
                    trip.policy.rsa_1_5 = Rsa15::DangerAllow;
                    // Another key of ours that nothing is encrypted to stands first.
                    trip.sp = sp().with_decrypter(key(TestKey::P256)).with_decrypter(key(ours));
                    trip.signs_in();
                }
            }
        }
    }

    let counting = Arc::new(Counting::new(TestKey::OtherRsa));
    let mut trip = Trip::encrypting(|encryption| {
        encryption.to = to(&[TestKey::Rsa; 7]);
        encryption.to.extend(to(&[TestKey::OtherRsa]));
    });
    trip.sp = sp().with_decrypter(key(TestKey::P256)).with_decrypter(counting.clone());
    trip.signs_in();
    assert_eq!(counting.count(), 8, "the sixteenth pair is the one that fits");

    // One more, and it is neither among eight wrapped keys nor among sixteen operations.
    trip.provider.style.encryption.as_mut().unwrap().to.insert(0, TestKey::Rsa.certificate().clone());
    assert_eq!(trip.refused(), failed("EncryptedAssertion"));
    trip.sp = sp().with_decrypter(counting.clone());
    assert_eq!(trip.refused(), failed("EncryptedAssertion"));
    // A name on a key prefers it, and excludes nothing.
    let with_recipient = |xml: String, number: usize, name: &str| {
        let (at, key) = xml.match_indices("<xenc:EncryptedKey ").nth(number).unwrap();
        let attribute = format!("{key}Recipient=\"{name}\" ");
        [&xml[..at], &attribute, &xml[at + key.len()..]].concat()
    };
    let xml = with_recipient(trip.answer(), 8, "https://sp.example/saml/metadata");
    let before = counting.count();
    trip.accepts(&xml);
    assert_eq!(counting.count(), before + 1);
    trip.provider.style.encryption.as_mut().unwrap().to.remove(0);
    let xml = with_recipient(trip.answer(), 7, "https://other-sp.example/saml/metadata");
    trip.accepts(&xml);
}

#[test]
fn private_key_operations_are_counted_over_the_message() {
    let counting = Arc::new(Counting::new(TestKey::OtherRsa));
    for (more, accepted) in [(11, true), (12, false)] {
        let mut trip = Trip::encrypting(|encryption| {
            (encryption.name_id, encryption.attributes, encryption.assertion) = (true, true, false);
        });
        trip.sp = sp().with_decrypter(counting.clone());
        let names = (0..more).map(|number| (format!("urn:a:{number}"), vec!["x".to_owned()]));
        trip.provider.style.other_attributes = names.collect();
        let before = counting.count();
        let xml = trip.answer();
        match (trip.finish(&xml), accepted) {
            (Ok(login), true) => assert_eq!(login.claims().claim("urn:a:10").unwrap().values.len(), 1),
            (Err(Error::Limit(exceeded)), false) => {
                assert_eq!(exceeded.to_string(), "more than 16 private-key operations");
            }
            (outcome, _) => panic!("{more}: {outcome:?}"),
        }
        assert_eq!(counting.count() - before, 16);
    }
}

#[test]
fn a_message_that_is_refused_for_what_all_can_see_uses_no_private_key() {
    let counting = Arc::new(Counting::new(TestKey::OtherRsa));
    let refused = |change: &dyn Fn(&mut Trip, String) -> String| {
        let mut trip = Trip::encrypting(|_| ());
        trip.sp = sp().with_decrypter(counting.clone());
        let xml = trip.answer();
        let xml = change(&mut trip, xml);
        let error = trip.finish(&xml).unwrap_err();
        assert_eq!(counting.count(), 0, "{error}");
        error.code().to_owned()
    };
    let replaced = |from: &'static str, to: &'static str| {
        refused(&move |_, xml| {
            assert!(xml.contains(from), "{from}");
            xml.replace(from, to)
        })
    };
    assert_eq!(replaced("/saml/acs\"", "/saml/other\""), "saml.destination_mismatch");
    assert_eq!(replaced("status:Success", "status:Responder"), "saml.idp_status");
    assert_eq!(replaced("https://idp.example/saml/metadata<", "https://x.example<"), "saml.issuer_mismatch");
    assert_eq!(replaced("#aes256-gcm", "#aes512-gcm"), "saml.encryption_algorithm");
    let code = refused(&|trip, xml| {
        trip.policy.signed = Signed::Response;
        xml
    });
    assert_eq!(code, "saml.response_not_signed");
    let code = refused(&|_, xml| {
        let start = xml.find("<saml:EncryptedAssertion").unwrap();
        let end = xml.find("</samlp:Response>").unwrap();
        [&xml[..end], &xml[start..end], &xml[end..]].concat().replacen("-Assertion-0-0", "-Assertion-9-0", 1)
    });
    assert_eq!(code, "saml.assertion_count");
    // A signature around the ciphertext that does not verify.
    let code = refused(&|trip, _| {
        trip.provider.style.signed = SignedElements::Response;
        let xml = trip.answer();
        let (start, _) = values(&xml)[0];
        let changed = if xml[start..].starts_with('A') { "B" } else { "A" };
        [&xml[..start], changed, &xml[start + 1..]].concat()
    });
    assert_eq!(code, "saml.digest_mismatch");
    // Contents of impossible length.
    for (content, length) in [(ContentCipher::Aes128Gcm, 27), (ContentCipher::Aes128Cbc, 47)] {
        let code = refused(&|trip, _| {
            trip.provider.style.encryption.as_mut().unwrap().content = content;
            let xml = trip.answer();
            with_value(&xml, 1, &base64_decode(value(&xml, 1).as_bytes()).unwrap()[..length])
        });
        assert_eq!(code, "saml.decryption_failed");
    }
}

#[test]
fn without_a_key_the_error_says_so() {
    for change in [(true, false, false), (false, true, false), (false, false, true)] {
        let mut trip = Trip::encrypting(|encryption| {
            (encryption.assertion, encryption.name_id, encryption.attributes) = change;
        });
        trip.sp = sp();
        assert_eq!(trip.refused().code(), "saml.no_decryption_key");
    }
}

#[test]
fn a_changed_byte_anywhere_gives_one_error() {
    for content in [ContentCipher::Aes128Gcm, ContentCipher::Aes256Cbc] {
        let mut trip = Trip::encrypting(|encryption| encryption.content = content);
        // The key is unwrapped once for all contents.
        trip.sp = sp().with_decrypter(Arc::new(Remembering::new(TestKey::OtherRsa)));
        let xml = trip.answer();
        assert!(trip.finish(&xml).is_ok());
        let one_error = |number: usize, bytes: &[u8], first: usize| {
            for position in (first..bytes.len()).step_by(2) {
                let mut changed = bytes.to_vec();
                changed[position] ^= 1 << (position % 8);
                let error = trip.finish(&with_value(&xml, number, &changed)).unwrap_err();
                assert_eq!(error, failed("EncryptedAssertion"), "{content:?} value {number} byte {position}");
            }
        };
        for number in [0, 1] {
            let bytes = base64_decode(value(&xml, number).as_bytes()).unwrap();
            std::thread::scope(|scope| {
                scope.spawn(|| one_error(number, &bytes, 1));
                one_error(number, &bytes, 0);
            });
        }
    }
}

#[test]
fn a_changed_key_in_rsa_1_5_gives_the_same_error() {
    let mut trip = Trip::encrypting(|encryption| encryption.transport = KeyTransport::Rsa15);
    trip.policy.rsa_1_5 = Rsa15::DangerAllow;
    let xml = trip.answer();
    let bytes = base64_decode(value(&xml, 0).as_bytes()).unwrap();
    for position in (0..bytes.len()).step_by(5) {
        let mut changed = bytes.clone();
        changed[position] ^= 1 << (position % 8);
        assert_eq!(trip.finish(&with_value(&xml, 0, &changed)).unwrap_err(), failed("EncryptedAssertion"));
    }
    for changed in [&bytes[1..], &[], &[0; 256]] {
        assert_eq!(trip.finish(&with_value(&xml, 0, changed)).unwrap_err(), failed("EncryptedAssertion"));
    }
}

#[test]
fn content_keys_have_exactly_the_length_of_the_cipher() {
    for content in CIPHERS {
        for length in [15, 16, 17, 24, 31, 32, 33] {
            for transport in [KeyTransport::OaepMgf1p, KeyTransport::Rsa15] {
                let mut trip = Trip::encrypting(|_| ());
                trip.policy.rsa_1_5 = Rsa15::DangerAllow;
                let mut key = vec![5; content.key_len()];
                let assertion = trip.assertion();
                let sealed = seal(content, &key, assertion.as_bytes());
                key.resize(length, 5);
                let xml = trip.with_encrypted(content, transport, &wrap(transport, &key), &sealed);
                match trip.finish(&xml) {
                    Ok(_) => assert_eq!(length, content.key_len(), "{content:?}"),
                    Err(error) => {
                        assert_eq!(error, failed("EncryptedAssertion"));
                        assert_ne!(length, content.key_len(), "{content:?} {transport:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn algorithms_that_are_not_accepted_are_named() {
    let mut trip =
        Trip::encrypting(|encryption| encryption.transport = KeyTransport::Oaep(DigestAlgorithm::Sha256));
    let oaep = trip.answer();
    let refused = |trip: &Trip, xml: &str, from: &str, to: &str, wanted: &str, actual: &str| {
        assert!(xml.contains(from), "{from}");
        let error = trip.finish(&xml.replace(from, to)).unwrap_err();
        assert_eq!(error.code(), "saml.encryption_algorithm", "{from} {to}: {error}");
        assert!(error.expected().unwrap().contains(wanted), "{error}");
        assert!(error.actual().unwrap().contains(actual), "{:?}", error.actual());
        assert!(matches!(error, Error::Encryption { element: "EncryptedAssertion", .. }));
    };
    let content = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
    let xmlenc = "http://www.w3.org/2001/04/xmlenc#";
    for algorithm in ["tripledes-cbc", "aes256-gcm", "", "aes256-CBC", "kw-aes256"] {
        let uri = format!("{xmlenc}{algorithm}");
        refused(&trip, &oaep, content, &uri, "AES-GCM", &uri);
    }
    refused(&trip, &oaep, content, "", "AES-GCM", "");
    let transport = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
    for algorithm in ["kw-aes256", "dh", "rsa-oaep"] {
        let uri = format!("{xmlenc}{algorithm}");
        refused(&trip, &oaep, transport, &uri, "RSA-OAEP", &uri);
    }
    refused(&trip, &oaep, transport, &format!("{xmlenc}rsa-1_5"), "policy refuses", "rsa-1_5");
    // E4: the built-in key does equal hashes; an absent one is SHA-1.
    let (digest, mask) = ("xmlenc#sha256", "xmlenc11#mgf1sha256");
    refused(
        &trip,
        &oaep,
        digest,
        "xmlenc#sha512",
        "one hash",
        "xmlenc#sha512, http://www.w3.org/2009/xmlenc11#mgf1sha256",
    );
    refused(&trip, &oaep, mask, "xmlenc11#mgf1sha1", "one hash", "xmlenc11#mgf1sha1");
    let method = "<xenc11:MGF xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\" Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"/>";
    refused(&trip, &oaep, method, "", "one hash", "xmlenc11#mgf1sha1");
    refused(&trip, &oaep, digest, "xmldsig-more#sha224", "SHA-512", "sha224");
    refused(&trip, &oaep, mask, "xmlenc11#mgf1sha224", "SHA-512", "mgf1sha224");
    let label = format!("{method}<xenc:OAEPparams>bGFiZWw=</xenc:OAEPparams>");
    refused(&trip, &oaep, method, &label, "empty label", "rsa-oaep");
    // The older name has a fixed mask.
    let older = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    refused(&trip, &oaep, transport, older, "MGF1 over SHA-1", "mgf1sha256");
    refused(&trip, &oaep.replace(method, ""), transport, older, "one hash", "xmlenc#sha256");
    // An empty label and a mask that says what is fixed are nothing new.
    let mgf1p = {
        trip.provider.style.encryption.as_mut().unwrap().transport = KeyTransport::OaepMgf1p;
        trip.answer()
    };
    let parameters = format!(
        "#rsa-oaep-mgf1p\"><xenc:OAEPparams/>{}<xenc:KeySize>256</xenc:KeySize></xenc:EncryptionMethod>",
        method.replace("256", "1")
    );
    assert!(mgf1p.contains("#rsa-oaep-mgf1p\"/>"));
    trip.accepts(&mgf1p.replace("#rsa-oaep-mgf1p\"/>", &parameters));

    // By policy.
    let mut trip = Trip::encrypting(|encryption| encryption.content = ContentCipher::Aes128Cbc);
    trip.policy.cbc = Cbc::Refuse;
    let xml = trip.answer();
    refused(&trip, &xml, "x", "x", "the policy refuses AES-CBC", "#aes128-cbc");
}

#[test]
fn wrapped_keys_that_nobody_here_can_open_are_passed_over() {
    let mut trip = Trip::encrypting(|encryption| {
        encryption.to = vec![TestKey::Rsa.certificate().clone(), TestKey::OtherRsa.certificate().clone()];
    });
    let xml = trip.answer();
    for other in ["http://www.w3.org/2001/04/xmlenc#kw-aes256", "http://www.w3.org/2001/04/xmlenc#rsa-1_5"] {
        trip.accepts(&xml.replacen("http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", other, 1));
    }
}

#[test]
fn shapes_that_the_profile_does_not_have_are_refused() {
    let mut trip = Trip::encrypting(|encryption| encryption.placement = KeyPlacement::RetrievalMethod);
    let xml = trip.answer();
    trip.accepts(&xml);
    let data = between(&xml, "<xenc:EncryptedData", "</xenc:EncryptedData>");
    let key = between(&xml, "<xenc:EncryptedKey", "</xenc:EncryptedKey>");
    let key_value = format!("<xenc:CipherValue>{}</xenc:CipherValue>", value(&xml, 1));
    let data_value = format!("<xenc:CipherValue>{}</xenc:CipherValue>", value(&xml, 0));
    let reference = "<xenc:CipherReference URI=\"https://evil.example/\"/>";
    let method = "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/>";
    let key_method = "<xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/>";
    let retrieval = between(&xml, "<ds:RetrievalMethod", "/>");
    let id = between(retrieval, "URI=\"", "\"");
    let retrieving = |uri: &str| retrieval.replace(id, &format!("URI=\"{uri}\""));
    let own = id.trim_start_matches("URI=\"").trim_end_matches('"');
    let cases: Vec<(&str, &str, String)> = vec![
        ("two data", data, data.repeat(2)),
        ("no data", data, String::new()),
        ("something beside", data, format!("{data}<saml:Issuer/>")),
        ("a content", "xmlenc#Element\"", "xmlenc#Content\"".to_owned()),
        ("no method", method, String::new()),
        ("two methods", method, method.repeat(2)),
        ("a reference", &data_value, reference.to_owned()),
        ("a reference too", &data_value, format!("{data_value}{reference}")),
        ("two values", &data_value, data_value.repeat(2)),
        ("a value in elements", &data_value, data_value.replace("Value>", "Value><xenc:x/>")),
        ("no value", &data_value, String::new()),
        ("a reference in the key", &key_value, reference.to_owned()),
        ("no value in the key", &key_value, String::new()),
        ("no method in the key", key_method, String::new()),
        ("no key", key, String::new()),
        ("an external key", retrieval, retrieving("https://evil.example/key")),
        ("an empty reference", retrieval, retrieving("")),
        ("a reference to nothing", retrieval, retrieving("#nothing")),
        ("a reference to the document", retrieval, retrieving("#")),
        ("an xpointer", retrieval, retrieving(&format!("#xpointer(id('{}'))", own.trim_start_matches('#')))),
        ("a reference to another type", retrieval, retrieval.replace("#EncryptedKey", "#EncryptedData")),
        ("a transform", retrieval, retrieval.replace("/>", "><ds:Transforms/></ds:RetrievalMethod>")),
    ];
    for (name, from, to) in cases {
        assert!(xml.contains(from), "{name}");
        let error = trip.finish(&xml.replace(from, &to)).unwrap_err();
        assert!(
            matches!(&error, Error::Encryption { error: xmlenc::Error::Shape { .. }, .. })
                && error.code() == "saml.schema_violation"
                && error.expected().is_some(),
            "{name}: {error:?}"
        );
    }
    // A key elsewhere in the message is not fetched.
    let elsewhere =
        format!("<samlp:Extensions>{}</samlp:Extensions><samlp:Status>", key.replace("Id=\"", "Id=\"x"));
    let id = own.trim_start_matches('#');
    let moved = xml.replace("<samlp:Status>", &elsewhere).replace(retrieval, &retrieving(&format!("#x{id}")));
    assert_eq!(trip.finish(&moved).unwrap_err().code(), "saml.schema_violation");
    // The type is a hint, and may be absent.
    trip.accepts(&xml.replace(" Type=\"http://www.w3.org/2001/04/xmlenc#EncryptedKey\"", ""));
    trip.accepts(&xml.replace(" Type=\"http://www.w3.org/2001/04/xmlenc#Element\"", ""));
}

#[test]
fn cbc_without_a_signature_around_hides_every_error_up_to_the_signature_inside() {
    let mut trip = Trip::encrypting(|_| ());
    let good = trip.assertion();
    let id = between(&good, "ID=\"", "\"").trim_start_matches("ID=\"").trim_end_matches('"').to_owned();
    let name_id = between(&good, "<saml:NameID", "</saml:NameID>").to_owned();
    let signature = between(&good, "<ds:Signature ", "</ds:Signature>").to_owned();
    let unsigned = good.replace(&signature, "");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("not signed", unsigned.clone().into(), "saml.signature_missing"),
        ("changed", good.replace(">ada<", ">eve<").into(), "saml.digest_mismatch"),
        ("another ID", good.replacen(&id, "other", 1).into(), "saml.reference_uri"),
        ("no XML", b"no XML".to_vec(), "saml.xml_malformed"),
        ("nothing", Vec::new(), "saml.xml_malformed"),
        ("no text", vec![0xFF; 64], "saml.encoding_unsupported"),
        ("cut off", good.as_bytes()[..good.len() - 3].to_vec(), "saml.xml_malformed"),
        ("a comment", good.replace("<saml:NameID", "<!-- --><saml:NameID").into(), "saml.xml_comment"),
        ("a DTD", format!("<!DOCTYPE a>{good}").into(), "saml.xml_dtd"),
        ("a name", name_id.into(), "saml.schema_violation"),
        (
            "a foreign child",
            unsigned.replace("<saml:Subject>", "<saml:Evidence/><saml:Subject>").into(),
            "saml.schema_violation",
        ),
        ("no version", good.replace("Version=\"2.0\"", "").into(), "saml.version_unsupported"),
        ("the Response's ID", good.replace(&id, &trip.response_id()).into(), "saml.duplicate_id"),
        (
            "an assertion too many",
            unsigned.replace("</saml:Subject>", "<saml:Assertion/></saml:Subject>").into(),
            "saml.assertion_misplaced",
        ),
        (
            "a signature elsewhere",
            unsigned.replace("</saml:Subject>", &format!("{signature}</saml:Subject>")).into(),
            "saml.signature_misplaced",
        ),
        ("two signatures", good.replace(&signature, &signature.repeat(2)).into(), "saml.signature_count"),
        ("deep", "<a>".repeat(65).into(), "saml.xml_limit"),
    ];
    for (name, plaintext, code) in cases {
        for cipher in [ContentCipher::Aes128Gcm, ContentCipher::Aes128Cbc] {
            for transport in [KeyTransport::OaepMgf1p, KeyTransport::Rsa15] {
                trip.policy.rsa_1_5 = Rsa15::DangerAllow;
                let xml = trip.encrypted(cipher, transport, &plaintext);
                let error = trip.finish(&xml).unwrap_err();
                match cipher {
                    ContentCipher::Aes128Gcm => assert_eq!(error.code(), code, "{name}: {error}"),
                    _ => assert_eq!(error, failed("EncryptedAssertion"), "{name}"),
                }
            }
        }
    }
    // Behind the signature, errors are told again: nobody but the identity provider can have caused them.
    let xml = trip.encrypted(ContentCipher::Aes128Cbc, KeyTransport::OaepMgf1p, good.as_bytes());
    trip.sp.entity_id = "https://another-sp.example/".to_owned();
    assert_eq!(trip.finish(&xml).unwrap_err().code(), "saml.audience_mismatch");
    // So they are where the Response is signed.
    let mut trip = Trip::encrypting(|encryption| {
        (encryption.content, encryption.prolog) = (ContentCipher::Aes128Cbc, "<!-- -->".to_owned());
    });
    trip.provider.style.signed = SignedElements::Response;
    assert_eq!(trip.refused().code(), "saml.xml_comment");
    trip.provider.style.encryption.as_mut().unwrap().prolog = String::new();
    trip.policy.signed = Signed::Assertion;
    assert_eq!(trip.refused().code(), "saml.assertion_not_signed");
}

#[test]
fn encryption_nests_once_and_holds_what_its_name_says() {
    // An assertion in CBC, in it a name and attributes in CBC.
    let mut trip = Trip::encrypting(|encryption| {
        encryption.content = ContentCipher::Aes256Cbc;
        (encryption.name_id, encryption.attributes) = (true, true);
    });
    trip.signs_in();
    // Not an encrypted assertion in an encrypted assertion.
    let inner = trip.answer();
    let inner = between(&inner, "<saml:EncryptedAssertion", "</saml:EncryptedAssertion>").to_owned();
    let plain = Trip::encrypting(|_| ());
    let xml = plain.encrypted(ContentCipher::Aes128Gcm, KeyTransport::OaepMgf1p, inner.as_bytes());
    assert_eq!(plain.finish(&xml).unwrap_err().code(), "saml.schema_violation");

    // Names and attributes are read only where they are signed, so what is wrong in them is told.
    let provider = |name: &str, content: &str| {
        let mut trip = Trip::encrypting(|encryption| encryption.assertion = false);
        let encrypted = encrypted_element(
            name,
            ContentCipher::Aes128Cbc,
            KeyTransport::OaepMgf1p,
            &wrap(KeyTransport::OaepMgf1p, &[5; 16]),
            &seal(ContentCipher::Aes128Cbc, &[5; 16], content.as_bytes()),
        );
        let (request, pending) = trip.begin();
        let mut draft = trip.provider.unsigned(&request, &ada(), now()).unwrap();
        trip.pending = Some(pending);
        let text = String::from_utf8(draft.xml).unwrap();
        let (from, to) = match name {
            "EncryptedID" => (between(&text, "<saml:NameID", "</saml:NameID>"), encrypted),
            _ => ("</saml:AttributeStatement>", format!("{encrypted}</saml:AttributeStatement>")),
        };
        draft.xml = text.replace(from, &to).into_bytes();
        let xml = String::from_utf8(trip.provider.sign(draft).unwrap()).unwrap();
        trip.finish(&xml)
    };
    let name_id = "<saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\" NameQualifier=\"q\">x &amp; y</saml:NameID>";
    let login = provider("EncryptedID", name_id).unwrap();
    let found = login.name_id().unwrap();
    assert_eq!((found.value.as_str(), found.name_qualifier.as_deref()), ("x & y", Some("q")));
    let attribute =
        "<saml:Attribute Name=\"login\"><saml:AttributeValue>second</saml:AttributeValue></saml:Attribute>";
    let login = provider("EncryptedAttribute", attribute).unwrap();
    let values = &login.claims().claim("login").unwrap().values;
    assert_eq!(values.iter().map(|value| value.as_text().unwrap()).collect::<Vec<_>>(), ["ada", "second"]);

    for (name, content, code) in [
        ("EncryptedID", attribute, "saml.schema_violation"),
        ("EncryptedID", "<saml:BaseID/>", "saml.schema_violation"),
        ("EncryptedID", "<NameID>x</NameID>", "saml.schema_violation"),
        ("EncryptedID", &inner.replace("Assertion", "ID"), "saml.schema_violation"),
        ("EncryptedID", "<saml:NameID></saml:NameID>", "saml.name_id_invalid"),
        ("EncryptedID", "<saml:NameID>x<!-- -->y</saml:NameID>", "saml.xml_comment"),
        ("EncryptedID", "<saml:NameID>x<saml:Assertion/></saml:NameID>", "saml.assertion_misplaced"),
        ("EncryptedID", "x", "saml.xml_malformed"),
        ("EncryptedAttribute", name_id, "saml.schema_violation"),
        ("EncryptedAttribute", "<saml:Attribute/>", "saml.attribute_invalid"),
        ("EncryptedAttribute", "<saml:Attribute Name=\"a\"><b/></saml:Attribute>", "saml.attribute_invalid"),
        (
            "EncryptedAttribute",
            "<saml:Attribute Name=\"a\"><saml:AttributeValue><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/></saml:AttributeValue></saml:Attribute>",
            "saml.signature_misplaced",
        ),
    ] {
        assert_eq!(provider(name, content).unwrap_err().code(), code, "{name} {content}");
    }
}

#[test]
fn two_names_are_refused_before_one_is_decrypted() {
    let counting = Arc::new(Counting::new(TestKey::OtherRsa));
    let mut trip = Trip::encrypting(|encryption| (encryption.assertion, encryption.name_id) = (false, true));
    trip.sp = sp().with_decrypter(counting.clone());
    trip.provider.style.signed = SignedElements::Response;
    let (request, pending) = trip.begin();
    trip.pending = Some(pending);
    let mut draft = trip.provider.unsigned(&request, &ada(), now()).unwrap();
    let text = String::from_utf8(draft.xml).unwrap();
    let name_id = between(&text, "<saml:NameID", "</saml:NameID>");
    draft.xml = text.replace(name_id, &name_id.repeat(2)).into_bytes();
    let xml = String::from_utf8(trip.provider.sign(draft).unwrap()).unwrap();
    assert_eq!(trip.finish(&xml).unwrap_err().code(), "saml.name_id_invalid");
    assert_eq!(counting.count(), 0);
}

#[test]
fn identifiers_are_unique_over_all_plaintexts() {
    let attribute = |id: &str| {
        let attribute = format!("<saml:Attribute Name=\"a\" ID=\"{id}\"/>");
        let content = ContentCipher::Aes256Gcm;
        let wrapped = wrap(KeyTransport::OaepMgf1p, &[5; 32]);
        encrypted_element(
            "EncryptedAttribute",
            content,
            KeyTransport::OaepMgf1p,
            &wrapped,
            &seal(content, &[5; 32], attribute.as_bytes()),
        )
    };
    let signs_in = |ids: [&str; 2], encrypted| {
        let mut trip = Trip::encrypting(|encryption| encryption.assertion = encrypted);
        let (request, pending) = trip.begin();
        trip.pending = Some(pending);
        let mut draft = trip.provider.unsigned(&request, &ada(), now()).unwrap();
        let text = String::from_utf8(draft.xml).unwrap();
        let ids = ids.map(|id| {
            id.replace("ASSERTION", &draft.assertion_ids[0]).replace("RESPONSE", &draft.response_id)
        });
        let end = "</saml:AttributeStatement>";
        draft.xml =
            text.replace(end, &format!("{}{}{end}", attribute(&ids[0]), attribute(&ids[1]))).into_bytes();
        let xml = String::from_utf8(trip.provider.sign(draft).unwrap()).unwrap();
        trip.finish(&xml).map(|_| ()).map_err(|error| error.code().to_owned())
    };
    for encrypted in [false, true] {
        assert_eq!(signs_in(["one", "two"], encrypted), Ok(()));
        for ids in [["one", "one"], ["ASSERTION", "two"], ["RESPONSE", "two"], ["one", "RESPONSE"]] {
            assert_eq!(signs_in(ids, encrypted), Err("saml.duplicate_id".to_owned()), "{ids:?} {encrypted}");
        }
    }
}

#[test]
fn a_hosts_own_decrypter_may_do_more_and_fail_as_it_likes() {
    struct Own(fn(&WrappedKey<'_>) -> Result<ContentKey, DecryptError>);
    impl Decrypter for Own {
        fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
            (self.0)(wrapped)
        }
    }
    let mut trip = Trip::encrypting(|_| ());
    let assertion = trip.assertion();
    let sealed = seal(ContentCipher::Aes128Gcm, &[5; 16], assertion.as_bytes());
    let xml =
        trip.with_encrypted(ContentCipher::Aes128Gcm, KeyTransport::OaepMgf1p, b"a name of the key", &sealed);
    let unequal = xml.replace(
        "#rsa-oaep-mgf1p\"/>",
        "#rsa-oaep-mgf1p\"><ds:DigestMethod xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/></xenc:EncryptionMethod>",
    );
    assert_ne!(unequal, xml);
    trip.sp = sp().with_decrypter(Arc::new(Own(|wrapped| match wrapped {
        WrappedKey::RsaOaep { digest: DigestAlgorithm::Sha512, mask: DigestAlgorithm::Sha1, ciphertext } => {
            assert_eq!(*ciphertext, b"a name of the key");
            Ok(ContentKey::new(vec![5; 16]))
        }
        _ => Err(DecryptError::Unsupported { available: "SHA-512 with SHA-1" }),
    })));
    trip.accepts(&unequal);
    let error = trip.finish(&xml).unwrap_err();
    assert_eq!(error.code(), "saml.encryption_algorithm");
    assert_eq!(error.expected().as_deref(), Some("SHA-512 with SHA-1"));
    // Another key tried: then it is no matter of algorithms any more.
    trip.sp = trip.sp.with_decrypter(key(TestKey::OtherRsa));
    assert_eq!(trip.finish(&xml).unwrap_err(), failed("EncryptedAssertion"));
    for answer in [
        |_: &WrappedKey<'_>| Err(DecryptError::Failed),
        |_: &WrappedKey<'_>| Ok(ContentKey::new(Vec::new())),
        |_: &WrappedKey<'_>| Ok(ContentKey::new(vec![6; 16])),
        |_: &WrappedKey<'_>| Ok(ContentKey::new(vec![5; 1 << 20])),
    ] {
        trip.sp = sp().with_decrypter(Arc::new(Own(answer)));
        assert_eq!(trip.finish(&xml).unwrap_err(), failed("EncryptedAssertion"));
    }
    assert!(format!("{:?}", trip.sp).contains("Decrypters(1)"));
}

#[test]
fn a_foreign_assertion_in_good_encryption_is_refused() {
    // Signed for somebody else, or wrapped around the signed one: encryption adds no trust.
    let mut trip = Trip::encrypting(|_| ());
    let good = trip.assertion();
    let id = between(&good, "ID=\"", "\"");
    let signature = between(&good, "<ds:Signature ", "</ds:Signature>").to_owned();
    let evil = good.replace(&signature, "").replace(id, "ID=\"evil\"").replace(">ada<", ">admin<");
    let moved = evil.replace("</saml:Issuer>", &format!("</saml:Issuer>{signature}"));
    let advice = |content: &str| format!("</saml:Conditions><saml:Advice>{content}</saml:Advice>");
    for (plaintext, code) in [
        (evil.clone(), "saml.signature_missing"),
        (moved.clone(), "saml.reference_uri"),
        (moved.replace("</saml:Conditions>", &advice(&good)), "saml.reference_uri"),
        (evil.replace("</saml:Conditions>", &advice(&good)), "saml.signature_missing"),
        (evil.replace("</saml:Subject>", &format!("{good}</saml:Subject>")), "saml.signature_misplaced"),
    ] {
        let xml = trip.encrypted(ContentCipher::Aes128Gcm, KeyTransport::OaepMgf1p, plaintext.as_bytes());
        assert_eq!(trip.finish(&xml).unwrap_err().code(), code);
    }
    // An advice is never read: neither is what it holds a reason to refuse.
    trip.provider.style.signed = SignedElements::Neither;
    let (request, pending) = trip.begin();
    trip.pending = Some(pending);
    let mut draft = trip.provider.unsigned(&request, &ada(), now()).unwrap();
    let other = good.replace("ID=\"_", "ID=\"_x").replace("#_", "#_x");
    let text = String::from_utf8(draft.xml).unwrap().replace("</saml:Conditions>", &advice(&other));
    draft.xml = text.into_bytes();
    trip.provider.style.signed = SignedElements::Assertion;
    let xml = String::from_utf8(trip.provider.sign(draft).unwrap()).unwrap();
    trip.accepts(&xml);
}

/// A sign-in at a provider that encrypts to the key of [`sp`].
struct Trip {
    sp: SpConfig,
    provider: SamlIdp,
    policy: Policy,
    pending: Option<Pending>,
}

impl Trip {
    /// The Assertion is signed, then encrypted as said.
    fn encrypting(change: impl FnOnce(&mut Encryption)) -> Self {
        let mut provider = SamlIdp::new(3);
        provider.style.signed = SignedElements::Assertion;
        let mut encryption = Encryption::to(TestKey::OtherRsa.certificate());
        change(&mut encryption);
        provider.style.encryption = Some(encryption);
        let sp = sp().with_decrypter(key(TestKey::OtherRsa));
        Self { sp, provider, policy: Policy::new(), pending: None }
    }

    fn idp(&self) -> IdpConfig {
        idp::parse(&self.provider.metadata().unwrap(), &ParseOptions::default(), now()).unwrap().0
    }

    fn begin(&self) -> (admittance::testing::saml_idp::AuthnRequest, Pending) {
        let options = AuthnRequestOptions::default();
        let (outgoing, pending) = web_sso::begin(&self.sp, &self.idp(), &options, &mut Fixed, now()).unwrap();
        (self.provider.receive(&outgoing, &self.sp).unwrap(), pending)
    }

    fn answer(&mut self) -> String {
        let (request, pending) = self.begin();
        self.pending = Some(pending);
        let response = self.provider.answer(&request, &ada(), now()).unwrap();
        String::from_utf8(base64_decode(response.as_bytes()).unwrap()).unwrap()
    }

    fn finish(&self, xml: &str) -> Result<ValidAssertion, Error> {
        let response = base64_encode(xml.as_bytes());
        web_sso::finish(&self.sp, &self.idp(), self.pending.as_ref(), &response, &self.policy, now())
    }

    /// As without encryption. The notes.
    fn signs_in(&mut self) -> Vec<Note> {
        let xml = self.answer();
        let login = self.finish(&xml).unwrap_or_else(|error| panic!("{error}\n{:#?}", self.provider.style));
        let mut plain = Self {
            provider: self.provider.clone(),
            sp: self.sp.clone(),
            policy: self.policy.clone(),
            pending: None,
        };
        plain.provider.style.encryption = None;
        let xml = plain.answer();
        let expected = plain.finish(&xml).unwrap();
        assert_eq!(login.claims().claims(), expected.claims().claims());
        assert_eq!(login.name_id(), expected.name_id());
        assert_eq!(login.signed_by(), expected.signed_by());
        login.notes().to_vec()
    }

    fn accepts(&self, xml: &str) {
        let outcome = self.finish(xml);
        assert!(outcome.is_ok(), "{outcome:?}");
    }

    fn refused(&mut self) -> Error {
        let xml = self.answer();
        self.finish(&xml).unwrap_err()
    }

    /// A signed assertion as it would be encrypted.
    fn assertion(&mut self) -> String {
        let encryption = self.provider.style.encryption.take();
        let xml = self.answer();
        self.provider.style.encryption = encryption;
        between(&xml, "<saml:Assertion ", "</saml:Assertion>").to_owned()
    }

    /// The Response of this assertion's answer with an encrypted one instead.
    fn encrypted(&self, content: ContentCipher, transport: KeyTransport, plaintext: &[u8]) -> String {
        let key = vec![5; content.key_len()];
        self.with_encrypted(content, transport, &wrap(transport, &key), &seal(content, &key, plaintext))
    }

    fn with_encrypted(
        &self,
        content: ContentCipher,
        transport: KeyTransport,
        wrapped: &[u8],
        sealed: &[u8],
    ) -> String {
        let encrypted = encrypted_element("EncryptedAssertion", content, transport, wrapped, sealed);
        let id = self.response_id();
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
             xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
             ID=\"{id}\" Version=\"2.0\" IssueInstant=\"2026-11-22T00:01:00Z\" InResponseTo=\"{}\"><samlp:Status>\
             <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{encrypted}</samlp:Response>",
            self.pending.as_ref().map(Pending::request_id).unwrap_or_default()
        )
    }

    fn response_id(&self) -> String {
        "_the-response".to_owned()
    }
}

/// Counts private-key operations.
struct Counting {
    key: Arc<DecryptionKey>,
    count: AtomicUsize,
}

impl Counting {
    fn new(of: TestKey) -> Self {
        Self { key: key(of), count: AtomicUsize::new(0) }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Decrypter for Counting {
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.key.unwrap(wrapped)
    }
}

/// Opens each wrapped key once, for tests that try many contents.
struct Remembering {
    key: Arc<DecryptionKey>,
    last: Mutex<Option<(Vec<u8>, Vec<u8>)>>,
}

impl Remembering {
    fn new(of: TestKey) -> Self {
        Self { key: key(of), last: Mutex::new(None) }
    }
}

impl Decrypter for Remembering {
    fn unwrap(&self, wrapped: &WrappedKey<'_>) -> Result<ContentKey, DecryptError> {
        let WrappedKey::RsaOaep { ciphertext, .. } = wrapped else { return self.key.unwrap(wrapped) };
        if let Some((known, key)) = &*self.last.lock().unwrap()
            && known == ciphertext
        {
            return Ok(ContentKey::new(key.clone()));
        }
        let key = self.key.unwrap(wrapped)?;
        *self.last.lock().unwrap() = Some((ciphertext.to_vec(), key.as_bytes().to_vec()));
        Ok(key)
    }
}

struct Fixed;

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(7);
        Ok(())
    }
}

/// The private key of a recipient, read once.
fn key(of: TestKey) -> Arc<DecryptionKey> {
    static KEYS: LazyLock<Vec<(TestKey, Arc<DecryptionKey>)>> = LazyLock::new(|| {
        let read = |key: TestKey| Arc::new(DecryptionKey::from_pem(key.key_pem().as_bytes()).unwrap());
        TestKey::ALL.into_iter().map(|key| (key, read(key))).collect()
    });
    KEYS.iter().find(|(named, _)| *named == of).unwrap().1.clone()
}

/// An encrypted element of a test's own making, to the key of `TestKey::OtherRsa`.
fn encrypted_element(
    name: &str,
    content: ContentCipher,
    transport: KeyTransport,
    wrapped: &[u8],
    sealed: &[u8],
) -> String {
    let bits = 8 * content.key_len();
    let content = match content.is_authenticated() {
        true => format!("http://www.w3.org/2009/xmlenc11#aes{bits}-gcm"),
        false => format!("http://www.w3.org/2001/04/xmlenc#aes{bits}-cbc"),
    };
    let transport = match transport {
        KeyTransport::Rsa15 => "http://www.w3.org/2001/04/xmlenc#rsa-1_5",
        _ => "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    };
    format!(
        "<saml:{name} xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"><xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\">\
         <xenc:EncryptionMethod Algorithm=\"{content}\"/><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey>\
         <xenc:EncryptionMethod Algorithm=\"{transport}\"/><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>\
         </xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>\n{}\n</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>\
         </saml:{name}>",
        base64_encode(wrapped),
        base64_encode(sealed)
    )
}

fn wrap(transport: KeyTransport, key: &[u8]) -> Vec<u8> {
    let to = TestKey::OtherRsa.certificate().public_key().to_spki_der();
    let to = rsa::PublicEncryptingKey::from_der(&to).unwrap();
    let mut wrapped = vec![0; to.key_size_bytes()];
    match transport {
        KeyTransport::Rsa15 => {
            rsa::Pkcs1PublicEncryptingKey::new(to).unwrap().encrypt(key, &mut wrapped).unwrap();
        }
        _ => {
            let to = rsa::OaepPublicEncryptingKey::new(to).unwrap();
            to.encrypt(&rsa::OAEP_SHA1_MGF1SHA1, key, &mut wrapped, None).unwrap();
        }
    }
    wrapped
}

/// The ciphertext of a content with a fixed initialisation vector.
fn seal(content: ContentCipher, key: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut buffer = plaintext.to_vec();
    if content.is_authenticated() {
        let algorithm = match content.key_len() {
            16 => &aead::AES_128_GCM,
            24 => &aead::AES_192_GCM,
            _ => &aead::AES_256_GCM,
        };
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(algorithm, key).unwrap());
        let nonce = aead::Nonce::assume_unique_for_key([9; 12]);
        key.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut buffer).unwrap();
        return [[9; 12].as_slice(), &buffer].concat();
    }
    let algorithm = match content.key_len() {
        16 => &cipher::AES_128,
        24 => &cipher::AES_192,
        _ => &cipher::AES_256,
    };
    let key = cipher::UnboundCipherKey::new(algorithm, key).unwrap();
    let key = cipher::PaddedBlockEncryptingKey::cbc_pkcs7(key).unwrap();
    key.less_safe_encrypt(&mut buffer, cipher::EncryptionContext::Iv128([9; 16].into())).unwrap();
    [[9; 16].as_slice(), &buffer].concat()
}

/// From `start` to the next `end`, both included.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let from = text.find(start).unwrap_or_else(|| panic!("{start} in {text}"));
    let behind = from + start.len();
    let to = behind + text[behind..].find(end).unwrap_or_else(|| panic!("{end} in {text}")) + end.len();
    &text[from..to]
}

/// Where the texts of all CipherValues stand.
fn values(xml: &str) -> Vec<(usize, usize)> {
    let starts = xml.match_indices("<xenc:CipherValue>").map(|(at, tag)| at + tag.len());
    starts.map(|start| (start, start + xml[start..].find('<').unwrap())).collect()
}

fn value(xml: &str, number: usize) -> &str {
    let (start, end) = values(xml)[number];
    &xml[start..end]
}

fn with_value(xml: &str, number: usize, bytes: &[u8]) -> String {
    let (start, end) = values(xml)[number];
    [&xml[..start], &base64_encode(bytes), &xml[end..]].concat()
}

fn failed(element: &'static str) -> Error {
    Error::Encryption { element, error: xmlenc::Error::Failed }
}

fn sp() -> SpConfig {
    SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs")
}

fn ada() -> User {
    User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers", "Küche & Bar"])
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}
