//! Encrypted responses: attacks on them (saml.md §5), how products encrypt (§6), and each rule of §3.4.

use admittance::{
    crypto::{ContentCipher, DigestAlgorithm},
    encoding::{base64_decode, base64_encode},
    testing::saml_idp::{
        Encryption, KeyPlacement, KeyTransport, Namespaces, SamlIdp, Shape,
        SignedElements::{Assertion, Both, Neither, Response},
        TestKey,
    },
};
use serde_json::json;

use super::forge::{
    ADA, EVE, SP, answered, attribute, before, behind, drafted_by, element, evil_copy, good, provider, swap,
    swap_first, with, with_attribute, without, without_attribute,
};
use super::{Vector, accept, reject};
use crate::xmlenc::{encrypted_element, seal, wrap};

pub(super) fn vectors() -> Vec<Vector> {
    let groups = [ciphertexts(), algorithms(), sources(), products(), shapes(), plaintexts(), parts()];
    groups.into_iter().flatten().map(with_key).collect()
}

/// A response whose Assertions are encrypted as they stand, which anybody can do.
pub(super) fn encrypted(xml: &str) -> String {
    let mut xml = xml.to_owned();
    let assertions = {
        let document = roxmltree::Document::parse(&xml).unwrap();
        let children = document.root_element().children();
        let assertions = children.filter(|child| child.tag_name().name() == "Assertion");
        assertions.map(|assertion| assertion.range()).collect::<Vec<_>>()
    };
    for range in assertions.into_iter().rev() {
        let plaintext = xml[range.clone()].to_owned();
        xml.replace_range(range, &encrypted_assertion(plaintext.as_bytes()));
    }
    xml
}

/// Opens by the key to which [`provider`] and everything here encrypts.
pub(super) fn decryption_keys() -> serde_json::Value {
    json!({"sp": {"decryption_keys": [TestKey::OtherRsa.key_pem()]}})
}

/// 3.4 E5 to E8.
fn ciphertexts() -> Vec<Vector> {
    let gcm = assertion_in(ContentCipher::Aes256Gcm);
    let cbc = assertion_in(ContentCipher::Aes128Cbc);
    let failed = |name: &str, shows: &'static str, xml: String| {
        let twin = if xml.contains("-cbc") { "cbc_128" } else { "gcm_256" };
        reject(name, "saml.decryption_failed", shows, xml).twin(twin)
    };
    let plain = element(&good(Assertion), "Assertion").to_owned();
    let name_id = plain.find(ADA).unwrap();
    let rsa15 = encrypting(|_, encryption| encryption.transport = KeyTransport::Rsa15);
    let allowed = json!({"policy": {"allow_rsa_1_5": true}});
    let short_key = {
        let (content, transport) = (ContentCipher::Aes256Gcm, KeyTransport::OaepMgf1p);
        let wrapped = wrap(transport, &[5; 16]);
        let sealed = seal(content, &[5; 32], plain.as_bytes());
        let markup = encrypted_element("EncryptedAssertion", content, transport, &wrapped, &sealed);
        with(&good(Assertion), "Assertion", &markup)
    };
    vec![
        failed(
            "gcm_short_tag",
            "a GCM tag of four bytes, cut from the right one",
            with_content(&gcm, |content| content.truncate(content.len() - 12)),
        ),
        failed(
            "gcm_empty_tag",
            "no GCM tag",
            with_content(&gcm, |content| content.truncate(content.len() - 16)),
        ),
        failed(
            "gcm_iv_16",
            "an initialisation vector of 16 bytes",
            with_content(&gcm, |content| _ = content.splice(12..12, [0; 4])),
        ),
        failed(
            "gcm_iv_16_short_content",
            "27 bytes, too few for vector and tag",
            with_content(&gcm, |content| content.truncate(27)),
        ),
        failed(
            "cbc_padding",
            "a padding count above 16",
            with_content(&cbc, |content| {
                let count = content.len() - 17;
                content[count] ^= 0x80;
            }),
        ),
        failed(
            "cbc_bitflip_name_id",
            "another first letter of the NameID, by a bit of the block before",
            with_content(&cbc, |content| content[name_id] ^= 4),
        ),
        failed(
            "rule_e5_tag_changed",
            "one bit of the GCM tag changed",
            with_content(&gcm, |content| *content.last_mut().unwrap() ^= 1),
        )
        .rule("E5"),
        failed("rule_e5_key_length", "a content key of 16 bytes for AES-256", short_key).rule("E5"),
        failed(
            "rule_e6_partial_block",
            "a content that ends within a block",
            with_content(&cbc, |content| content.truncate(content.len() - 1)),
        )
        .rule("E6"),
        failed(
            "rule_e6_one_block",
            "an initialisation vector alone",
            with_content(&cbc, |content| content.truncate(16)),
        )
        .rule("E6"),
        failed(
            "rule_e8_changed_key",
            "a wrapped key with a wrong padding",
            with_value(&rsa15, KEY_VALUE, |key| key[7] ^= 1),
        )
        .rule("E8")
        .twin("twin_rsa15_allowed")
        .case(allowed.clone()),
        failed(
            "rule_e8_changed_key_in_oaep",
            "a wrapped key that is no longer one",
            with_value(&gcm, KEY_VALUE, |key| key[7] ^= 1),
        )
        .rule("E8"),
        failed(
            "rule_e8_wrong_key",
            "encrypted to somebody else",
            encrypting(|_, encryption| encryption.to = vec![TestKey::ExpiredRsa.certificate().clone()]),
        )
        .rule("E8"),
        accept("twin_rsa15_allowed", "RSA PKCS#1 v1.5 where the policy allows it", rsa15.clone())
            .notes(&["saml.weak_algorithm"])
            .case(allowed),
        reject(
            "rsa15_default",
            "saml.encryption_algorithm",
            "RSA PKCS#1 v1.5 under the default policy",
            rsa15,
        )
        .twin("twin_rsa15_allowed"),
    ]
}

/// 3.3, 3.4 E4.
fn algorithms() -> Vec<Vector> {
    let gcm = assertion_in(ContentCipher::Aes256Gcm);
    let oaep = encrypting(|_, encryption| encryption.transport = KeyTransport::Oaep(DigestAlgorithm::Sha256));
    let refused = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.encryption_algorithm", shows, xml).twin("gcm_256")
    };
    let label = "<xenc:OAEPparams>bGFiZWw=</xenc:OAEPparams>";
    vec![
        refused("des3", "contents in triple DES", swap(&gcm, "xmlenc11#aes256-gcm", "xmlenc#tripledes-cbc")),
        refused(
            "oaep_label",
            "RSA-OAEP with a label",
            before(
                &oaep,
                "EncryptedAssertion/EncryptedData/KeyInfo/EncryptedKey/EncryptionMethod/DigestMethod",
                label,
            ),
        )
        .twin("oaep_mgf1_sha256"),
        refused(
            "rule_e4_unequal_hashes",
            "RSA-OAEP with SHA-512 as digest and SHA-256 in its mask",
            swap(&oaep, "xmlenc#sha256", "xmlenc#sha512"),
        )
        .rule("E4")
        .twin("oaep_mgf1_sha256"),
        refused(
            "rule_e4_symmetric_wrap",
            "a content key wrapped with a shared key",
            swap(&gcm, "xmlenc#rsa-oaep-mgf1p", "xmlenc#kw-aes256"),
        )
        .rule("§3.3"),
        refused(
            "rule_e4_unknown_content",
            "a content cipher of no specification",
            swap(&gcm, "xmlenc11#aes256-gcm", "xmlenc11#aes256-siv"),
        )
        .rule("§3.3"),
        refused(
            "rule_cbc_refused",
            "AES-CBC where the policy refuses it",
            assertion_in(ContentCipher::Aes128Cbc),
        )
        .rule("§1.1")
        .twin("cbc_128")
        .case(json!({"policy": {"allow_cbc": false}})),
    ]
}

/// 3.4 E2, E3: where keys come from.
fn sources() -> Vec<Vector> {
    let sibling = encrypting(|_, encryption| encryption.placement = KeyPlacement::RetrievalMethod);
    let retrieving = |uri: &str| {
        let path = "EncryptedAssertion/EncryptedData/KeyInfo/RetrievalMethod";
        with_attribute(&sibling, path, "URI", uri)
    };
    let to = |ours: usize, all: usize| {
        encrypting(|_, encryption| {
            encryption.to = vec![TestKey::Rsa.certificate().clone(); all];
            encryption.to[ours] = TestKey::OtherRsa.certificate().clone();
        })
    };
    let shape = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.schema_violation", shows, xml).twin("encrypted_key_sibling_retrieval_method")
    };
    let operations = encrypting(|provider, encryption| {
        (encryption.assertion, encryption.attributes) = (false, true);
        provider.style.other_attributes =
            (0..13).map(|number| (format!("urn:example:{number}"), vec!["x".to_owned()])).collect();
    });
    vec![
        shape(
            "cipher_reference",
            "a CipherReference, which would be fetched",
            with(
                &sibling,
                "EncryptedAssertion/EncryptedData/CipherData/CipherValue",
                "<xenc:CipherReference URI=\"https://evil.example/\"/>",
            ),
        ),
        shape(
            "cipher_reference_in_key",
            "a CipherReference in place of a wrapped key",
            with(
                &sibling,
                "EncryptedAssertion/EncryptedKey/CipherData/CipherValue",
                "<xenc:CipherReference URI=\"https://evil.example/\"/>",
            ),
        ),
        shape(
            "retrieval_method_external",
            "a key that would be fetched",
            retrieving("https://evil.example/key"),
        ),
        shape("retrieval_method_external_empty", "a reference to the whole message", retrieving("")),
        shape("rule_e2_reference_to_nothing", "a reference to no key", retrieving("#nothing")).rule("E2"),
        shape("rule_e2_no_key", "no key at all", without(&sibling, "EncryptedAssertion/EncryptedKey"))
            .rule("E2"),
        reject(
            "many_encrypted_keys",
            "saml.decryption_failed",
            "the ninth of nine wrapped keys is for us",
            to(8, 9),
        )
        .twin("rule_e2_eight_keys"),
        accept("rule_e2_eight_keys", "the eighth of eight wrapped keys is for us", to(7, 8)).rule("E2"),
        accept(
            "rule_e2_recipient_preferred",
            "the ninth of nine wrapped keys bears our name",
            swap_last(&to(8, 9), "<xenc:EncryptedKey ", &format!("<xenc:EncryptedKey Recipient=\"{SP}\" ")),
        )
        .rule("E2"),
        accept(
            "rule_e2_recipient_other",
            "the wrapped key bears another name and is ours",
            swap(
                &assertion_in(ContentCipher::Aes256Gcm),
                "<xenc:EncryptedKey ",
                "<xenc:EncryptedKey Recipient=\"https://other-sp.example/\" ",
            ),
        )
        .rule("E2"),
        accept("rule_e3_second_key", "the second of our keys fits", assertion_in(ContentCipher::Aes128Gcm))
            .rule("E3")
            .case(json!({"sp": {"decryption_keys": [
                TestKey::ExpiredRsa.key_pem(), TestKey::OtherRsa.key_pem(),
            ]}})),
        reject(
            "rule_e3_operations",
            "saml.xml_limit",
            "17 encrypted attributes, each with a key of its own",
            operations,
        )
        .rule("E3")
        .twin("rule_encrypted_attributes"),
    ]
}

/// How products encrypt.
fn products() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (name, content) in [
        ("gcm_128", ContentCipher::Aes128Gcm),
        ("gcm_192", ContentCipher::Aes192Gcm),
        ("gcm_256", ContentCipher::Aes256Gcm),
        ("cbc_128", ContentCipher::Aes128Cbc),
        ("cbc_256", ContentCipher::Aes256Cbc),
        ("cbc_256_192", ContentCipher::Aes192Cbc),
    ] {
        let vector = accept(name, "a signed Assertion, encrypted", assertion_in(content));
        vectors.push(if content.is_authenticated() {
            vector
        } else {
            vector.notes(&["saml.weak_algorithm"])
        });
    }
    for (name, digest) in [
        ("oaep_mgf1_sha1", DigestAlgorithm::Sha1),
        ("oaep_mgf1_sha256", DigestAlgorithm::Sha256),
        ("oaep_mgf1_sha256_512", DigestAlgorithm::Sha512),
    ] {
        let xml = encrypting(|_, encryption| encryption.transport = KeyTransport::Oaep(digest));
        vectors.push(accept(name, "RSA-OAEP with one hash as digest and mask", xml));
    }
    let shaped = |shape: Shape| {
        encrypting(|provider, _| {
            let mut style = shape.style();
            (style.signed, style.name_id) = (Assertion, provider.style.name_id.clone());
            style.attributes = provider.style.attributes.clone();
            provider.style = style;
        })
    };
    let both = encrypting(|provider, encryption| {
        provider.style.signed = Both;
        encryption.placement = KeyPlacement::Sibling;
    });
    let prolog = |prolog: &str| encrypting(|_, encryption| encryption.prolog = prolog.to_owned());
    let reported = json!({"subject": {"value": ADA}, "attributes": {"groups": ["Engineers", "Writers"]}});
    let others = [
        accept(
            "decrypted_inherits_namespaces",
            "prefixes that are declared on the Response, used and signed inside",
            encrypting(|provider, _| provider.style.namespaces = Namespaces::OnResponse),
        ),
        accept(
            "decrypted_inherits_namespaces_prefix_list",
            "an inherited prefix in an InclusiveNamespaces list of the signature inside",
            encrypting(|provider, _| {
                provider.style.namespaces = Namespaces::OnResponse;
                provider.style.prefix_list = ["xs", "saml", "samlp"].map(str::to_owned).to_vec();
            }),
        ),
        accept(
            "decrypted_inherits_namespaces_default",
            "an Assertion in the default namespace",
            shaped(Shape::EntraId),
        ),
        accept(
            "encrypted_key_sibling_retrieval_method",
            "the wrapped key beside the EncryptedData, by RetrievalMethod",
            encrypting(|_, encryption| encryption.placement = KeyPlacement::RetrievalMethod),
        ),
        accept(
            "encrypted_key_sibling_retrieval_method_absent",
            "the wrapped key beside the EncryptedData, which does not mention it",
            both,
        ),
        accept(
            "no_recipient_cert",
            "a wrapped key that does not say for whom",
            assertion_in(ContentCipher::Aes256Gcm),
        ),
        accept(
            "oaep_no_digest_method",
            "rsa-oaep-mgf1p without DigestMethod, which means SHA-1",
            encrypting(|_, encryption| encryption.transport = KeyTransport::OaepMgf1p),
        ),
        accept(
            "encrypted_unsigned_response",
            "a signed Assertion, encrypted, in a Response that is not signed",
            shaped(Shape::Google),
        ),
        accept(
            "encrypted_unsigned_response_signed",
            "an encrypted Assertion without signature in a signed Response",
            encrypting(|provider, encryption| {
                (provider.style.signed, encryption.content) = (Response, ContentCipher::Aes128Cbc);
            }),
        )
        .notes(&["saml.weak_algorithm"]),
        accept("plaintext_leading_newline", "a line end before the Assertion", prolog("\n")),
        accept(
            "plaintext_xml_declaration",
            "an XML declaration before the Assertion",
            prolog("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
        ),
        accept(
            "plaintext_xml_declaration_newline",
            "a line end before an XML declaration",
            prolog("\n<?xml version='1.0'?>"),
        ),
    ];
    vectors.extend(others);
    vectors.into_iter().map(|vector| vector.report(reported.clone())).collect()
}

/// 3.4 E1, and 2.1 #18 without a key.
fn shapes() -> Vec<Vector> {
    let gcm = assertion_in(ContentCipher::Aes256Gcm);
    let data = "EncryptedAssertion/EncryptedData";
    let shape = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.schema_violation", shows, xml).rule("E1").twin("gcm_256")
    };
    let value = element(&gcm, &format!("{data}/CipherData/CipherValue")).to_owned();
    vec![
        shape("rule_e1_content", "the content of an element", swap(&gcm, "xmlenc#Element", "xmlenc#Content")),
        shape(
            "rule_e1_two_data",
            "two EncryptedData",
            behind(&gcm, data, &swap(element(&gcm, data), " Id=\"", " Id=\"x")),
        ),
        shape("rule_e1_no_method", "no EncryptionMethod", without(&gcm, &format!("{data}/EncryptionMethod"))),
        shape(
            "rule_e1_two_values",
            "two CipherValues",
            behind(&gcm, &format!("{data}/CipherData/CipherValue"), &value),
        ),
        reject("rule_no_decryption_key", "saml.no_decryption_key", "we have no key", gcm)
            .rule("2.1 #18")
            .twin("gcm_256")
            .case(json!({"sp": {"decryption_keys": []}})),
        accept(
            "rule_e1_no_type",
            "an EncryptedData that does not say what it holds",
            without_attribute(&assertion_in(ContentCipher::Aes256Gcm), data, "Type"),
        )
        .rule("E1"),
    ]
}

/// 2.1 #18, 3.4 E7, E9: what is inside.
fn plaintexts() -> Vec<Vector> {
    let plain = good(Assertion);
    let assertion = element(&plain, "Assertion").to_owned();
    let holding = |plaintext: &str| with(&plain, "Assertion", &encrypted_assertion(plaintext.as_bytes()));
    let inside = |name: &str, code: &'static str, shows: &'static str, plaintext: &str| {
        reject(name, code, shows, holding(plaintext)).rule("E9").twin("gcm_128")
    };
    let id = attribute(&plain, "Assertion", "ID").to_owned();
    let response_id = attribute(&plain, "", "ID").to_owned();
    let unsigned_cbc = encrypting(|provider, encryption| {
        (provider.style.signed, encryption.content) = (Neither, ContentCipher::Aes128Cbc);
    });
    vec![
        reject(
            "encrypted_unsigned",
            "saml.signature_missing",
            "nothing is signed: authenticated encryption is no signature",
            encrypting(|provider, _| provider.style.signed = Neither),
        )
        .twin("gcm_256"),
        reject(
            "encrypted_unsigned_cbc",
            "saml.decryption_failed",
            "nothing is signed, in AES-CBC: that it was decrypted is not told",
            unsigned_cbc,
        )
        .twin("cbc_128"),
        reject(
            "encrypted_unsigned_forged",
            "saml.signature_missing",
            "an Assertion of the attacker's own, encrypted to us",
            with(&plain, "Assertion", &encrypted_assertion(evil_copy(&plain).as_bytes())),
        )
        .twin("gcm_128"),
        inside("rule_e9_no_xml", "saml.xml_malformed", "no XML", "plain text"),
        inside("rule_e9_two_elements", "saml.xml_malformed", "two elements", &assertion.repeat(2)),
        inside(
            "rule_e9_other_element",
            "saml.schema_violation",
            "a NameID",
            element(&plain, "Assertion/Subject/NameID"),
        ),
        inside(
            "rule_e9_nested",
            "saml.schema_violation",
            "an EncryptedAssertion in an EncryptedAssertion",
            &encrypted_assertion(assertion.as_bytes()),
        ),
        inside(
            "rule_e9_comment",
            "saml.xml_comment",
            "a comment in the NameID, which the signature does not see",
            &swap(&assertion, &format!(">{ADA}</saml:NameID>"), ">ada<!---->@corp.example</saml:NameID>"),
        ),
        inside("rule_e9_dtd", "saml.xml_dtd", "a document type", &format!("<!DOCTYPE a>{assertion}")),
        inside(
            "rule_e9_duplicate_id",
            "saml.duplicate_id",
            "the Response's own ID",
            &assertion.replace(&id, &response_id),
        ),
        inside(
            "rule_e9_undeclared_prefix",
            "saml.xml_namespace",
            "a prefix that is declared nowhere",
            &swap_first(&assertion, "<saml:Issuer>", "<other:Issuer>"),
        ),
        inside(
            "rule_e9_changed",
            "saml.digest_mismatch",
            "another NameID than the one that was signed",
            &swap(&assertion, &format!(">{ADA}</saml:NameID>"), &format!(">{EVE}</saml:NameID>")),
        ),
    ]
}

/// 2.1 #24, #39.
fn parts() -> Vec<Vector> {
    let reported = json!({"subject": {"value": ADA}, "attributes": {"groups": ["Engineers", "Writers"]}});
    let parts = |name_id, attributes, assertion| {
        encrypting(move |provider, encryption| {
            (encryption.name_id, encryption.attributes) = (name_id, attributes);
            (encryption.assertion, provider.style.signed) = (assertion, Both);
        })
    };
    // Changed before it is signed: the provider means it.
    let odd = |name_id: bool, change: &dyn Fn(&str) -> String| {
        let mut provider = encrypting_provider(|_, encryption| {
            (encryption.name_id, encryption.attributes, encryption.assertion) = (name_id, !name_id, false);
        });
        provider.style.attributes.groups = None;
        drafted_by(provider, Both, change)
    };
    let encrypted = |name: &str, content: &str| {
        let (cipher, transport) = (ContentCipher::Aes128Gcm, KeyTransport::OaepMgf1p);
        let sealed = seal(cipher, &[5; 16], content.as_bytes());
        encrypted_element(name, cipher, transport, &wrap(transport, &[5; 16]), &sealed)
    };
    let attribute = "<saml:Attribute><saml:AttributeValue>x</saml:AttributeValue></saml:Attribute>";
    vec![
        accept("rule_encrypted_id", "the NameID encrypted in a signed Assertion", parts(true, false, false))
            .rule("2.1 #24")
            .report(reported.clone()),
        accept("rule_encrypted_attributes", "each Attribute encrypted", parts(false, true, false))
            .rule("2.1 #39")
            .report(reported.clone()),
        accept(
            "rule_encrypted_everything",
            "NameID and Attributes encrypted, then the Assertion",
            parts(true, true, true),
        )
        .rule("2.1 #24")
        .report(reported),
        reject(
            "rule_encrypted_id_and_name_id",
            "saml.name_id_invalid",
            "an EncryptedID beside a NameID",
            odd(false, &|xml| {
                behind(
                    xml,
                    "Assertion/Subject/NameID",
                    &encrypted("EncryptedID", "<saml:NameID>x</saml:NameID>"),
                )
            }),
        )
        .rule("2.1 #24")
        .twin("rule_encrypted_attributes"),
        reject(
            "rule_encrypted_id_other_element",
            "saml.schema_violation",
            "an EncryptedID that holds an Attribute",
            odd(false, &|xml| with(xml, "Assertion/Subject/NameID", &encrypted("EncryptedID", attribute))),
        )
        .rule("2.1 #24")
        .twin("rule_encrypted_id"),
        reject(
            "rule_encrypted_id_empty",
            "saml.name_id_invalid",
            "an EncryptedID that holds an empty NameID",
            odd(false, &|xml| {
                with(xml, "Assertion/Subject/NameID", &encrypted("EncryptedID", "<saml:NameID/>"))
            }),
        )
        .rule("2.1 #24")
        .twin("rule_encrypted_id"),
        reject(
            "rule_encrypted_attribute_without_name",
            "saml.attribute_invalid",
            "an EncryptedAttribute that holds one without name",
            odd(true, &|xml| {
                let first = "Assertion/AttributeStatement/Attribute";
                behind(xml, first, &encrypted("EncryptedAttribute", attribute))
            }),
        )
        .rule("2.1 #39")
        .twin("rule_encrypted_attributes"),
    ]
}

fn with_key(vector: Vector) -> Vector {
    let case = vector.case.clone();
    vector.case(decryption_keys()).case(case).randomised()
}

/// An answer with a signed Assertion, encrypted to us.
fn encrypting(change: impl FnOnce(&mut SamlIdp, &mut Encryption)) -> String {
    answered(encrypting_provider(change))
}

fn encrypting_provider(change: impl FnOnce(&mut SamlIdp, &mut Encryption)) -> SamlIdp {
    let mut provider = provider();
    provider.style.signed = Assertion;
    let mut encryption = Encryption::to(TestKey::OtherRsa.certificate());
    change(&mut provider, &mut encryption);
    provider.style.encryption = Some(encryption);
    provider
}

fn assertion_in(content: ContentCipher) -> String {
    encrypting(|_, encryption| encryption.content = content)
}

fn encrypted_assertion(plaintext: &[u8]) -> String {
    let (content, transport) = (ContentCipher::Aes128Gcm, KeyTransport::OaepMgf1p);
    let sealed = seal(content, &[5; 16], plaintext);
    encrypted_element("EncryptedAssertion", content, transport, &wrap(transport, &[5; 16]), &sealed)
}

const CONTENT_VALUE: &str = "EncryptedAssertion/EncryptedData/CipherData/CipherValue";
const KEY_VALUE: &str = "EncryptedAssertion/EncryptedData/KeyInfo/EncryptedKey/CipherData/CipherValue";

/// The response with other bytes of its content.
fn with_content(xml: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    with_value(xml, CONTENT_VALUE, change)
}

fn with_value(xml: &str, path: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let value = element(xml, path);
    let text = value.split_once('>').unwrap().1.rsplit_once('<').unwrap().0;
    let mut bytes = base64_decode(text.as_bytes()).unwrap();
    change(&mut bytes);
    with(xml, path, &format!("<xenc:CipherValue>{}</xenc:CipherValue>", base64_encode(&bytes)))
}

fn swap_last(xml: &str, from: &str, to: &str) -> String {
    let at = xml.rfind(from).unwrap();
    [&xml[..at], to, &xml[at + from.len()..]].concat()
}
