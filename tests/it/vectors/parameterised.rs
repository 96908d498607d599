//! Each wrapping, comment and count attack against each placement of signatures.

use admittance::{encoding::base64_encode, testing::saml_idp::SignedElements};
use serde_json::json;

use super::forge::{ADA, base_case, before, behind, evil_copy, good};
use super::wrapping::{Attack, ENCRYPTED_ASSERTION, WRAPPING};
use super::{markup::COMMENTS, merged};
use crate::case;

/// Each changes how many assertions there are.
const COUNTS: [(&str, Attack); 6] = [
    ("forged_first", |xml| before(xml, "Assertion", &evil_copy(xml))),
    ("forged_last", |xml| behind(xml, "Assertion", &evil_copy(xml))),
    ("original_twice", |xml| {
        let second = super::forge::element(xml, "Assertion");
        behind(xml, "Assertion", &second.replace(" ID=\"", " ID=\"x"))
    }),
    ("encrypted_first", |xml| before(xml, "Assertion", ENCRYPTED_ASSERTION)),
    ("encrypted_last", |xml| behind(xml, "Assertion", ENCRYPTED_ASSERTION)),
    ("none", |xml| super::forge::without(xml, "Assertion")),
];

#[test]
fn no_attack_passes_for_any_placement_of_signatures() {
    for signed in [SignedElements::Response, SignedElements::Assertion, SignedElements::Both] {
        let untouched = good(signed);
        let report = decide(&untouched);
        assert_eq!(report["outcome"], "accepted", "{signed:?}: {}", report["error"]);
        assert_eq!(report["subject"]["value"], ADA);
        for (name, attack) in WRAPPING.iter().chain(&COMMENTS).chain(&COUNTS) {
            let attacked = attack(&untouched);
            assert_ne!(attacked, untouched);
            let report = decide(&attacked);
            assert_eq!(report["outcome"], "rejected", "{name}, {signed:?}");
            let code = report["error"]["code"].as_str().unwrap();
            assert!(expected(name, signed).contains(&code), "{name}, {signed:?}: {code}");
        }
    }
}

/// Which rules may stop it: the one of the attack, or the signature that is broken by it.
fn expected(name: &str, signed: SignedElements) -> &'static [&'static str] {
    match name {
        _ if name.starts_with("comment_") => &["saml.xml_comment"],
        _ if name.starts_with("pi_") => &["saml.xml_processing_instruction"],
        _ if name.starts_with("xsw") => &[
            "saml.assertion_misplaced",
            "saml.signature_misplaced",
            "saml.schema_violation",
            "saml.assertion_count",
            "saml.signature_missing",
            "saml.signature_count",
            "saml.digest_mismatch",
            "saml.reference_uri",
        ],
        _ if signed == SignedElements::Assertion => &["saml.assertion_count"],
        // The Response's signature is looked at before its assertions are counted.
        _ => &["saml.digest_mismatch", "saml.duplicate_id"],
    }
}

fn decide(xml: &str) -> serde_json::Value {
    let message = json!({"name": "attack", "response": base64_encode(xml.as_bytes())});
    case::decide(&merged(&base_case(), &message))
}
