//! The signature profile (3.1).

use admittance::{
    crypto::{DigestAlgorithm, SignatureAlgorithm},
    testing::saml_idp::{
        Fault,
        SignedElements::{Assertion, Both, Response},
        TestKey,
    },
};
use serde_json::json;

use crate::vectors::forge::{
    ADA, EVE, answered, attribute, before, digest_value, element, faulty, good, provider, resigned, swap,
    swap_first, text, with, without,
};
use crate::vectors::signature::{EXCLUSIVE, RSA_SHA256, replace_last, with_digest_value};
use crate::vectors::{Vector, accept, reject};

pub(super) fn vectors() -> Vec<Vector> {
    [shape(), values()].into_iter().flatten().collect()
}

/// S1 to S3, S7.
fn shape() -> Vec<Vector> {
    let assertion = good(Assertion);
    let signature = element(&assertion, "Assertion/Signature").to_owned();
    let signed_info = element(&assertion, "Assertion/Signature/SignedInfo").to_owned();
    let value = element(&assertion, "Assertion/Signature/SignatureValue").to_owned();
    let shape = |name: &str, rule: &'static str, shows: &'static str, xml: String| {
        reject(name, "saml.signature_shape", shows, xml).rule(rule).twin("assertion_signed_only")
    };
    let inside = |name: &str, rule: &'static str, shows: &'static str, change: &dyn Fn(&str) -> String| {
        shape(name, rule, shows, resigned(&assertion, change))
    };
    let list = |list: &str| {
        resigned(&assertion, |info| {
            let to = format!(
                "\"{EXCLUSIVE}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"{list}\"/></ds:Transform>"
            );
            replace_last(info, &format!("\"{EXCLUSIVE}\"/>"), &to)
        })
    };
    vec![
        reject(
            "rule_s1_two_signatures",
            "saml.signature_count",
            "two Signatures in one Assertion",
            swap(&assertion, &signature, &[&*signature, &signature].concat()),
        )
        .rule("S1")
        .twin("assertion_signed_only"),
        reject(
            "rule_s1_two_signatures_of_response",
            "saml.signature_count",
            "two Signatures in the Response",
            {
                let response = good(Response);
                let signature = element(&response, "Signature").to_owned();
                swap(&response, &signature, &[&*signature, &signature].concat())
            },
        )
        .rule("S1")
        .twin("response_signed_only"),
        shape("rule_s2_order", "S2", "SignatureValue before SignedInfo", {
            let without = without(&assertion, "Assertion/Signature/SignatureValue");
            before(&without, "Assertion/Signature/SignedInfo", &value)
        }),
        shape("rule_s2_no_signed_info", "S2", "no SignedInfo", swap(&assertion, &signed_info, "")),
        shape("rule_s2_no_value", "S2", "no SignatureValue", swap(&assertion, &value, "")),
        shape(
            "rule_s2_value_empty",
            "S2",
            "an empty SignatureValue",
            swap(&assertion, &value, "<ds:SignatureValue></ds:SignatureValue>"),
        ),
        shape(
            "rule_s2_value_not_base64",
            "S2",
            "a SignatureValue that is not base64",
            swap(&assertion, &value, "<ds:SignatureValue>????</ds:SignatureValue>"),
        ),
        shape(
            "rule_s2_unknown_child",
            "S2",
            "an unknown child of the Signature",
            swap(&assertion, &value, &format!("{value}<x:a xmlns:x=\"urn:x\"/>")),
        ),
        shape(
            "rule_s2_text",
            "S2",
            "text between the Signature's children",
            swap(&assertion, &value, &format!("{value}x")),
        ),
        inside("rule_s3_order", "S3", "SignatureMethod before CanonicalizationMethod", &|info| {
            let method = format!("<ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/>");
            swap_first(
                &swap(info, &method, ""),
                "<ds:CanonicalizationMethod",
                &format!("{method}<ds:CanonicalizationMethod"),
            )
        }),
        inside("rule_s3_two_methods", "S3", "two SignatureMethods", &|info| {
            let method = format!("<ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/>");
            swap(info, &method, &[&*method, &method].concat())
        }),
        inside("rule_s3_method_parameters", "S3", "a SignatureMethod with parameters", &|info| {
            let parameters =
                "<p:RSAPSSParams xmlns:p=\"http://www.w3.org/2007/05/xmldsig-more#\"/></ds:SignatureMethod>";
            swap(info, &format!("\"{RSA_SHA256}\"/>"), &format!("\"{RSA_SHA256}\">{parameters}"))
        }),
        inside("rule_s3_no_digest", "S3", "a Reference without DigestValue", &|info| {
            let with_mark = with_digest_value(info, "MARK");
            swap(&with_mark, "<ds:DigestValue>MARK</ds:DigestValue>", "")
        }),
        inside("rule_s3_two_digests", "S3", "two DigestValues in a Reference", &|info| {
            let start = info.find("<ds:DigestValue>").unwrap();
            let end = info.find("</ds:DigestValue>").unwrap() + "</ds:DigestValue>".len();
            let digest = info[start..end].to_owned();
            swap(info, &digest, &[&*digest, &digest].concat())
        }),
        reject(
            "rule_s7_no_prefix",
            "saml.transform_not_allowed",
            "a PrefixList with an entry that is no prefix",
            list("n0 *"),
        )
        .rule("S7")
        .twin("assertion_signed_only"),
        accept("rule_s7_longest", "a PrefixList with 32 entries", {
            let prefixes: Vec<String> = (0..32).map(|number| format!("n{number}")).collect();
            list(&prefixes.join(" "))
        })
        .rule("S7"),
        reject(
            "rule_s7_other_parameter",
            "saml.transform_not_allowed",
            "another parameter of the exclusive canonicalisation",
            resigned(&assertion, |info| {
                let to = format!("\"{EXCLUSIVE}\"><x:a xmlns:x=\"urn:x\"/></ds:Transform>");
                replace_last(info, &format!("\"{EXCLUSIVE}\"/>"), &to)
            }),
        )
        .rule("S7")
        .twin("assertion_signed_only"),
    ]
}

/// S9 to S13.
fn values() -> Vec<Vector> {
    use DigestAlgorithm::{Sha384, Sha512};
    use SignatureAlgorithm::{RsaPkcs1, RsaPss};

    let by = |algorithm: Option<SignatureAlgorithm>, key: TestKey| {
        let mut provider = provider();
        (provider.style.algorithm, provider.style.key) = (algorithm, key);
        provider.published_keys = vec![key];
        let metadata = text(provider.metadata().unwrap());
        (answered(provider), json!({"idp": {"metadata": metadata}}))
    };
    let (ecdsa, ecdsa_case) = by(None, TestKey::P256);
    let rsa = |algorithm| by(Some(algorithm), TestKey::Rsa).0;
    let assertion = good(Assertion);
    let changed = |path: &str| {
        let both = if path.is_empty() { good(Response) } else { assertion.clone() };
        swap(&both, &format!(">{ADA}</saml:NameID>"), &format!(">{EVE}</saml:NameID>"))
    };
    vec![
        accept("rule_s9_rsa_sha384", "RSA with SHA-384", rsa(RsaPkcs1(Sha384))).rule("S9"),
        accept("rule_s9_rsa_sha512", "RSA with SHA-512", rsa(RsaPkcs1(Sha512))).rule("S9"),
        accept("rule_s9_rsa_pss", "RSA-PSS with SHA-256", rsa(RsaPss(DigestAlgorithm::Sha256)))
            .rule("S9")
            .randomised(),
        accept("rule_s9_rsa_pss_sha512", "RSA-PSS with SHA-512", rsa(RsaPss(Sha512))).rule("S9").randomised(),
        accept("rule_s9_ecdsa", "ECDSA on P-256 with SHA-256", ecdsa.clone())
            .case(ecdsa_case)
            .rule("S9")
            .randomised(),
        reject("rule_s9_key_type", "saml.key_type_mismatch", "ECDSA, and the provider has an RSA key", ecdsa)
            .rule("S9")
            .twin("rule_s9_ecdsa")
            .randomised(),
        reject(
            "rule_s9_algorithm_confusion",
            "saml.signature_invalid",
            "RSA with SHA-512 is named, RSA with SHA-256 was used",
            {
                let value = element(&assertion, "Assertion/Signature/SignatureValue").to_owned();
                let named = resigned(&assertion, |info| {
                    swap(info, RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512")
                });
                assert!(!named.contains(&value));
                named
            },
        )
        .rule("S9, S11")
        .twin("assertion_signed_only"),
        reject(
            "rule_s10_wrong_key",
            "saml.signature_invalid",
            "signed by a key that the metadata does not have",
            faulty(Both, Fault::WrongKey),
        )
        .rule("S10"),
        reject(
            "rule_s11_signed_info_changed",
            "saml.signature_invalid",
            "the digest in SignedInfo is the changed Assertion's, and SignedInfo is not signed anew",
            {
                let changed = changed("Assertion");
                let id = attribute(&changed, "Assertion", "ID").to_owned();
                let digest = digest_value(&changed, &id, DigestAlgorithm::Sha256);
                let info = with_digest_value(element(&changed, "Assertion/Signature/SignedInfo"), &digest);
                with(&changed, "Assertion/Signature/SignedInfo", &info)
            },
        )
        .rule("S11")
        .twin("assertion_signed_only"),
        reject(
            "rule_s13_assertion_changed",
            "saml.digest_mismatch",
            "the signed Assertion is changed",
            changed("Assertion"),
        )
        .rule("S13")
        .twin("assertion_signed_only"),
        reject(
            "rule_s13_response_changed",
            "saml.digest_mismatch",
            "the signed Response is changed",
            changed(""),
        )
        .rule("S13")
        .twin("response_signed_only"),
        reject(
            "rule_s13_digest_short",
            "saml.digest_mismatch",
            "a validly signed beginning of the digest",
            resigned(&assertion, |info| {
                let value = info.split_once("<ds:DigestValue>").unwrap().1.split_once('<').unwrap().0;
                with_digest_value(info, &value[..8])
            }),
        )
        .rule("S13")
        .twin("assertion_signed_only"),
    ]
}
