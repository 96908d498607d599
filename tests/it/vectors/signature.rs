//! Attacks on the signature itself (saml.md §3, §5).

use admittance::{
    crypto::{DigestAlgorithm, SignatureAlgorithm},
    encoding::base64_encode,
    testing::saml_idp::{
        Fault,
        SignedElements::{self, Assertion, Both, Neither, Response},
        TestKey,
    },
};
use serde_json::json;

use super::forge::{
    attribute, behind, canonical, canonical_element, digest_value, element, faulty, good, provider, range,
    resigned, resigned_with, styled, swap, swap_first, text, with, with_signature_value, without,
};
use super::weak::{RsaNumbers, WeakDigest, md5};
use super::{Vector, accept, reject};

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = references();
    vectors.extend(shapes());
    vectors.extend(transforms());
    vectors.extend(algorithms());
    vectors.extend(keys());
    vectors
}

fn references() -> Vec<Vector> {
    let response = good(Response);
    let assertion = good(Assertion);
    let id = attribute(&response, "", "ID");
    let uri = |to: &'static str| resigned(&response, |info| swap(info, &format!(" URI=\"#{id}\""), to));
    // The Response's signature covers its Assertion, and truly so.
    let assertion_id = attribute(&response, "Assertion", "ID");
    let digest = digest_value(&response, assertion_id, DigestAlgorithm::Sha256);
    let other_element = resigned(&response, |info| {
        let info = swap(info, &format!("URI=\"#{id}\""), &format!("URI=\"#{assertion_id}\""));
        with_digest_value(&info, &digest)
    });
    let reference = element(&assertion, "Assertion/Signature/SignedInfo/Reference").to_owned();
    vec![
        reject(
            "reference_uri_empty",
            "saml.reference_uri",
            "the Reference is to the whole document",
            uri(" URI=\"\""),
        )
        .twin("response_signed_only"),
        reject(
            "reference_uri_xpointer_root",
            "saml.reference_uri",
            "the Reference is an XPointer to the root",
            uri(" URI=\"#xpointer(/)\""),
        )
        .twin("response_signed_only"),
        reject(
            "reference_uri_external",
            "saml.reference_uri",
            "the Reference is to an address elsewhere",
            uri(" URI=\"https://attacker.example/response.xml\""),
        )
        .twin("response_signed_only"),
        reject("reference_uri_missing", "saml.reference_uri", "the Reference has no URI", uri(""))
            .twin("response_signed_only"),
        reject(
            "reference_uri_other_element",
            "saml.reference_uri",
            "the Response's Signature refers to the Assertion, and is valid for that",
            other_element,
        )
        .twin("response_signed_only"),
        reject(
            "two_references",
            "saml.reference_count",
            "a second Reference, under a valid signature",
            resigned(&assertion, |info| swap(info, &reference, &[&*reference, &reference].concat())),
        )
        .twin("assertion_signed_only"),
        reject(
            "zero_references",
            "saml.reference_count",
            "no Reference, under a valid signature",
            resigned(&assertion, |info| swap(info, &reference, "")),
        )
        .twin("assertion_signed_only"),
    ]
}

fn shapes() -> Vec<Vector> {
    let assertion = good(Assertion);
    let signed_info = element(&assertion, "Assertion/Signature/SignedInfo");
    let value = element(&assertion, "Assertion/Signature/SignatureValue");
    let key_info = element(&assertion, "Assertion/Signature/KeyInfo");
    let shape = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.signature_shape", shows, xml).twin("assertion_signed_only")
    };
    vec![
        shape(
            "two_signed_info",
            "a second SignedInfo, which is not signed, before the signed one",
            swap(&assertion, signed_info, &[&with_digest_value(signed_info, EMPTY), signed_info].concat()),
        ),
        shape(
            "two_signed_info_second_unsigned",
            "a second SignedInfo, which is not signed, behind the signed one",
            swap(&assertion, signed_info, &[signed_info, &with_digest_value(signed_info, EMPTY)].concat()),
        ),
        shape(
            "two_signature_values",
            "a second SignatureValue",
            swap(&assertion, value, &[value, value].concat()),
        ),
        shape(
            "duplicate_key_info",
            "a second KeyInfo",
            swap(&assertion, key_info, &[key_info, key_info].concat()),
        ),
        shape(
            "ds_object",
            "an Object in the Signature",
            behind(&assertion, "Assertion/Signature/KeyInfo", "<ds:Object>anything</ds:Object>"),
        ),
    ]
}

fn transforms() -> Vec<Vector> {
    let assertion = good(Assertion);
    let id = attribute(&assertion, "Assertion", "ID");
    let transform = |algorithm: &str, content: &str| {
        format!("<ds:Transform Algorithm=\"{algorithm}\">{content}</ds:Transform>")
    };
    let chain = |transforms: &[&str]| {
        let chain = format!("<ds:Transforms>{}</ds:Transforms>", transforms.concat());
        resigned(&assertion, |info| swap(info, &between(info, "<ds:Transforms>", "</ds:Transforms>"), &chain))
    };
    // What such a transform leaves of the assertion is what was digested.
    let less = without(&assertion, "Assertion/AttributeStatement");
    let less_digest = digest_value(&less, id, DigestAlgorithm::Sha256);
    let chain_over_less =
        |transforms: &[&str]| resigned(&chain(transforms), |info| with_digest_value(info, &less_digest));
    let enveloped = &transform(ENVELOPED, "");
    let exclusive = &transform(EXCLUSIVE, "");
    let xpath = &transform(
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "<ds:XPath xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
         not(ancestor-or-self::saml:AttributeStatement)</ds:XPath>",
    );
    let filter = &transform(
        "http://www.w3.org/2002/06/xmldsig-filter2",
        "<f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" Filter=\"subtract\">//saml:AttributeStatement</f:XPath>",
    );
    let xslt = &transform(
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">\
         <xsl:template match=\"/\"><xsl:copy-of select=\".\"/></xsl:template></xsl:stylesheet>",
    );
    let refused = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.transform_not_allowed", shows, xml).twin("assertion_signed_only")
    };
    let mut vectors = vec![
        refused(
            "transform_xslt",
            "a stylesheet runs before the digest",
            chain(&[enveloped, xslt, exclusive]),
        ),
        refused(
            "transform_xpath",
            "an XPath leaves the attributes out of the digest",
            chain_over_less(&[enveloped, xpath, exclusive]),
        ),
        refused(
            "transform_xpath_filter2",
            "an XPath Filter leaves the attributes out of the digest",
            chain_over_less(&[enveloped, filter, exclusive]),
        ),
        refused(
            "transform_base64",
            "the base64 transform digests texts alone",
            chain(&[enveloped, &transform("http://www.w3.org/2000/09/xmldsig#base64", "")]),
        ),
        refused("transform_c14n_only", "the Signature is not left out", chain(&[exclusive])),
        refused("transform_three", "a third transform", chain(&[enveloped, exclusive, exclusive])),
    ];
    vectors.extend(canonicalizations(&assertion, id));
    vectors
}

fn canonicalizations(assertion: &str, id: &str) -> Vec<Vector> {
    let in_transform = |to: &str| {
        resigned(assertion, |info| replace_last(info, &format!("\"{EXCLUSIVE}\""), &format!("\"{to}\"")))
    };
    let in_signed_info =
        |info: &str, to: &str| swap_first(info, &format!("\"{EXCLUSIVE}\""), &format!("\"{to}\""));
    // What inclusive canonicalisation renders: every namespace in scope.
    let prefixes = ["saml", "samlp", "xs", "xsi"];
    let inclusive = canonical_element(assertion, id, &prefixes);
    let inclusive = admittance::crypto::digest(DigestAlgorithm::Sha256, &inclusive);
    let inclusive_transform = resigned(&in_transform(INCLUSIVE), |info| {
        with_digest_value(info, &base64_encode(inclusive.as_ref()))
    });
    let declarations = declarations_of(assertion);
    let inclusive_info = in_signed_info(element(assertion, "Assertion/Signature/SignedInfo"), INCLUSIVE);
    let in_scope = inclusive_info.replacen("<ds:SignedInfo", &format!("<ds:SignedInfo{declarations}"), 1);
    let value = TestKey::Rsa.signing_key().sign(SHA256, &canonical(&in_scope, &prefixes)).unwrap();
    let inclusive_method = with_signature_value(
        &with(assertion, "Assertion/Signature/SignedInfo", &inclusive_info),
        &base64_encode(&value),
    );

    let prefixes: Vec<String> = (0..33).map(|number| format!("n{number}")).collect();
    let long_list = resigned(assertion, |info| {
        let list = format!(
            "\"{EXCLUSIVE}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"{}\"/></ds:Transform>",
            prefixes.join(" ")
        );
        replace_last(info, &format!("\"{EXCLUSIVE}\"/>"), &list)
    });
    vec![
        reject("prefix_list_long", "saml.transform_not_allowed", "a PrefixList with 33 entries", long_list)
            .twin("assertion_signed_only"),
        reject(
            "c14n_with_comments",
            "saml.transform_not_allowed",
            "the element is canonicalised with comments",
            in_transform(WITH_COMMENTS),
        )
        .twin("assertion_signed_only"),
        reject(
            "c14n_with_comments_on_signed_info",
            "saml.c14n_not_allowed",
            "SignedInfo is canonicalised with comments",
            resigned(assertion, |info| in_signed_info(info, WITH_COMMENTS)),
        )
        .twin("assertion_signed_only"),
        reject(
            "c14n_explicit_inclusive",
            "saml.transform_not_allowed",
            "the element is canonicalised inclusively",
            inclusive_transform,
        )
        .twin("assertion_signed_only"),
        reject(
            "c14n_explicit_inclusive_on_signed_info",
            "saml.c14n_not_allowed",
            "SignedInfo is canonicalised inclusively",
            inclusive_method,
        )
        .twin("assertion_signed_only"),
    ]
}

fn algorithms() -> Vec<Vector> {
    let assertion = good(Assertion);
    let id = attribute(&assertion, "Assertion", "ID");
    let method = |info: &str, to: &str| swap(info, &format!("\"{RSA_SHA256}\""), &format!("\"{to}\""));
    let digest_method = |info: &str, to: &str| {
        swap(info, "\"http://www.w3.org/2001/04/xmlenc#sha256\"", &format!("\"{to}\""))
    };
    let spki = TestKey::Rsa.certificate().public_key().to_spki_der();
    let hmac = resigned_with(
        &assertion,
        |info| method(info, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        |canonical| {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &spki);
            ring::hmac::sign(&key, canonical).as_ref().to_vec()
        },
    );
    let hmac_truncated = resigned_with(
        &assertion,
        |info| {
            let length = "<ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>";
            let to = format!("\"http://www.w3.org/2000/09/xmldsig#hmac-sha1\">{length}");
            swap(info, &format!("\"{RSA_SHA256}\"/>"), &to)
        },
        |_| vec![0],
    );
    let numbers = RsaNumbers::read(TestKey::Rsa.key_pem());
    let weak = |change: &dyn Fn(&str) -> String, algorithm| {
        resigned_with(&assertion, change, |canonical| numbers.sign(algorithm, canonical))
    };
    let content = canonical_element(&assertion, id, &[]);
    let sha1_digest = digest_value(&assertion, id, DigestAlgorithm::Sha1);
    let sha1 = weak(
        &|info| {
            let info = digest_method(&method(info, RSA_SHA1), "http://www.w3.org/2000/09/xmldsig#sha1");
            with_digest_value(&info, &sha1_digest)
        },
        WeakDigest::Sha1,
    );
    let sha1_only = weak(
        &|info| {
            with_digest_value(&digest_method(info, "http://www.w3.org/2000/09/xmldsig#sha1"), &sha1_digest)
        },
        WeakDigest::Sha256,
    );
    let md5_signature =
        weak(&|info| method(info, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"), WeakDigest::Md5);
    let md5_digest = weak(
        &|info| {
            let info = digest_method(info, "http://www.w3.org/2001/04/xmldsig-more#md5");
            with_digest_value(&info, &base64_encode(&md5(&content)))
        },
        WeakDigest::Sha256,
    );
    let short = RsaNumbers::read(RSA_1024_KEY);
    let short_key =
        resigned_with(&assertion, str::to_owned, |canonical| short.sign(WeakDigest::Sha256, canonical));
    let short_metadata = json!({"metadata": text(provider().metadata().unwrap()).replace(
        &base64_encode(TestKey::Rsa.certificate().der()),
        &base64_encode(&super::forge::der(RSA_1024_CERTIFICATE)),
    )});
    let refused = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.algorithm_not_allowed", shows, xml).twin("assertion_signed_only")
    };
    vec![
        refused("hmac_with_public_key", "an HMAC whose key is the provider's public key", hmac),
        reject("hmac_truncated", "saml.signature_shape", "an HMAC of which eight bits count", hmac_truncated)
            .twin("assertion_signed_only"),
        refused(
            "unknown_algorithm",
            "an algorithm that nobody knows",
            resigned(&assertion, |info| method(info, "https://attacker.example/always-valid")),
        ),
        refused(
            "unknown_algorithm_digest",
            "a digest that nobody knows",
            resigned(&assertion, |info| digest_method(info, "https://attacker.example/always-equal")),
        ),
        refused("sha1_default", "RSA-SHA1 over SHA-1 digests", sha1.clone()).twin("twin_sha1_allowed"),
        accept("twin_sha1_allowed", "RSA-SHA1 over SHA-1 digests, where the policy allows it", sha1)
            .case(json!({"policy": {"allow_sha1": true}}))
            .notes(&["saml.weak_algorithm"]),
        refused("sha1_default_digest_only", "RSA-SHA256 over a SHA-1 digest", sha1_only.clone())
            .twin("twin_sha1_digest_allowed"),
        accept(
            "twin_sha1_digest_allowed",
            "RSA-SHA256 over a SHA-1 digest, where the policy allows it",
            sha1_only,
        )
        .case(json!({"policy": {"allow_sha1": true}}))
        .notes(&["saml.weak_algorithm"]),
        refused("rsa_1024_default", "a key of 1024 bits", short_key.clone())
            .case(json!({"idp": short_metadata}))
            .twin("twin_rsa_1024_allowed"),
        accept("twin_rsa_1024_allowed", "a key of 1024 bits, where the policy allows it", short_key)
            .case(json!({"idp": short_metadata, "policy": {"allow_sha1": true}}))
            .notes(&["saml.weak_algorithm"]),
        refused("md5", "RSA-MD5", md5_signature),
        refused("md5_digest", "an MD5 digest", md5_digest),
    ]
}

fn keys() -> Vec<Vector> {
    let by_other =
        |signed: SignedElements| styled(|style| (style.signed, style.key) = (signed, TestKey::OtherRsa));
    let other = RsaNumbers::read(TestKey::OtherRsa.key_pem());
    let key_value = format!(
        "<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{}</ds:Modulus><ds:Exponent>{}</ds:Exponent>\
         </ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>",
        base64_encode(&other.modulus),
        base64_encode(&other.public_exponent)
    );
    let embedded = by_other(Assertion);
    let embedded = with(&embedded, "Assertion/Signature/KeyInfo", &key_value);
    let unsigned = good(Neither);
    let mut other_idp = provider();
    other_idp.entity_id = "https://other-idp.example/metadata".to_owned();
    let other_idp_metadata = text(other_idp.metadata().unwrap());
    let swapped = super::forge::answered(other_idp);
    vec![
        reject(
            "embedded_key_only",
            "saml.signature_invalid",
            "the key that signed stands in KeyInfo and nowhere else",
            embedded,
        )
        .twin("assertion_signed_only"),
        reject(
            "embedded_certificate_untrusted",
            "saml.signature_invalid",
            "the certificate of the key that signed stands in KeyInfo and nowhere else",
            by_other(Both),
        ),
        reject("unsigned_all", "saml.signature_missing", "nothing is signed", unsigned),
        reject(
            "signature_removed",
            "saml.signature_missing",
            "every Signature is cut out",
            faulty(Both, Fault::SignatureRemoved),
        ),
        reject(
            "signature_removed_from_response",
            "saml.digest_mismatch",
            "the Assertion's Signature is cut out, and the Response's stays",
            without(&good(Both), "Assertion/Signature"),
        ),
        reject(
            "other_idp_signature",
            "saml.signature_invalid",
            "our provider's names, and the signature of another one's key",
            styled(|style| {
                style.key = TestKey::OtherRsa;
                style.key_info = admittance::testing::saml_idp::KeyInfo::CertificateOf(TestKey::Rsa);
            }),
        ),
        reject(
            "issuer_swapped",
            "saml.issuer_mismatch",
            "signed with our provider's key, in another provider's name",
            swapped.clone(),
        )
        .twin("twin_issuer_swapped"),
        accept("twin_issuer_swapped", "the same at the provider that it names", swapped)
            .case(json!({"idp": {"metadata": other_idp_metadata}})),
        reject(
            "issuer_swapped_assertion",
            "saml.issuer_mismatch",
            "the Response in our provider's name, its signed Assertion in another one's",
            faulty(Both, Fault::WrongIssuer),
        ),
        reject(
            "issuer_swapped_response",
            "saml.issuer_mismatch",
            "the Assertion in our provider's name, the signed Response around it in another one's",
            faulty(Both, Fault::WrongResponseIssuer),
        ),
    ]
}

/// SignedInfo with another DigestValue.
pub(super) fn with_digest_value(info: &str, value: &str) -> String {
    let old = between(info, "<ds:DigestValue>", "</ds:DigestValue>");
    swap(info, &old, &format!("<ds:DigestValue>{value}</ds:DigestValue>"))
}

/// The text from one mark to the other, both included.
fn between(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap();
    let end = start + text[start..].find(to).unwrap() + to.len();
    text[start..end].to_owned()
}

pub(super) fn replace_last(text: &str, from: &str, to: &str) -> String {
    let at = text.rfind(from).unwrap();
    [&text[..at], to, &text[at + from.len()..]].concat()
}

/// The declarations on the Response, as they stand there.
pub(super) fn declarations_of(xml: &str) -> String {
    let tag = &xml[range(xml, "")];
    let tag = &tag[..tag.find('>').unwrap()];
    let declarations = tag.split(' ').filter(|part| part.starts_with("xmlns"));
    declarations.map(|declaration| format!(" {declaration}")).collect()
}

/// The digest of nothing.
const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
pub(super) const SHA256: SignatureAlgorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
pub(super) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const RSA_SHA1: &str = "http://www.w3.org/2000/09/xmldsig#rsa-sha1";
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(super) const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const WITH_COMMENTS: &str = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

/// Published, as every key here.
const RSA_1024_KEY: &str = "\
-----BEGIN PRIVATE KEY-----
MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAN/6Hu7bhKQ7T/ib
VA3iKnB8FJFC9G/dt8OBPut5JJ0Woqd6XTUBYb2RuTYPz/RFRmv3+3QiuCOzXyUu
xUHK+iKP+KWhOdV4C7/6tDcry8Um0R91cAei4feSnN9wfRNmCtvtpG7SAVIrTYjD
UsaaegVbeifGyof5AsiBqsgEKfVZAgMBAAECgYEAqo97TOPH/5TXUndeq+/l56Dl
vLTjFekezne25XRsSF/7X1RUdE/oEYdOJngmIVs7xG6kgw0Jcs5ejx8tweuDTK/F
Z5uh4/brqakmHutldr1wjUWvR+et9VCYvIUGGN7JsdcUUpVzHUB6ZDmrbsFQxTeL
sR4KTd04mP6+zIaDAm0CQQD2Om3WyEC5I+wpyvyqzB0dcWBijEbl7NRSyB3rZOcr
AIVuidCxY5VE+hyf900jPXeBP89XFO8vSKyyN/LKr9sjAkEA6N2hGZ7nEMkEMugr
5w8lm7fjhelh0PAVyq1e59xOc0xcswObuQrB7xLVL4gO6o5iCMdqKQmak1S6LuPN
9aGDUwJAZ646yhIQjuT9cKu0sQa5y8gN2fFPeUm8Lg9t6czXOlhB10XYxpk0JZNb
slAj/w7G33nLCNQb00E61uCQL6DVGQJBALtihR252dSO/Zr9az6u2KOa8TK0H+tj
FxYWNvW7OUHcpAfFkozv1ClO7VAnW2FyG/9WgN3vBX0jRAMxe236f1MCQQDR2eNU
RSf+qIBhYvNbw9xJAdC+z24aInZNlbVMcgPNuBInrM6e6DpduwhRv9ZNrYTUlvTs
GrymBMqGnTqXiGo0
-----END PRIVATE KEY-----
";

const RSA_1024_CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIICKjCCAZMCFGXsbqNfbhU143gTJ/9+8ey8dONMMA0GCSqGSIb3DQEBCwUAMFMx
KzApBgNVBAoMIlB1Ymxpc2hlZCB0ZXN0IGtleSwgbmV2ZXIgdHJ1c3QgaXQxJDAi
BgNVBAMMG2FkbWl0dGFuY2UgdGVzdGluZyBSU0EtMTAyNDAgFw0yMDAxMDEwMDAw
MDBaGA8yMDk5MTIzMTIzNTk1OVowUzErMCkGA1UECgwiUHVibGlzaGVkIHRlc3Qg
a2V5LCBuZXZlciB0cnVzdCBpdDEkMCIGA1UEAwwbYWRtaXR0YW5jZSB0ZXN0aW5n
IFJTQS0xMDI0MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDf+h7u24SkO0/4
m1QN4ipwfBSRQvRv3bfDgT7reSSdFqKnel01AWG9kbk2D8/0RUZr9/t0Irgjs18l
LsVByvoij/iloTnVeAu/+rQ3K8vFJtEfdXAHouH3kpzfcH0TZgrb7aRu0gFSK02I
w1LGmnoFW3onxsqH+QLIgarIBCn1WQIDAQABMA0GCSqGSIb3DQEBCwUAA4GBAEMv
0zPpa3Hhxks+pc24tr18CZyTqbhK3V8r4nlRUzCGQNqaebtZxf7JaZtURI4BHQrE
6A0Fj/TIkhw8JnC0tn8K7x3lDvmwFWonOXfyT4MQThvPvryv6Fg9syF4w4Wt/mmT
CjePBM1FTD0N9ATzjd/rwvQGVUjsrVhdw8VZWQX3
-----END CERTIFICATE-----
";
