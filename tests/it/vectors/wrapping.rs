//! Signature wrapping, hidden and multiplied assertions (saml.md §5).

use admittance::{
    crypto::DigestAlgorithm,
    testing::saml_idp::SignedElements::{Assertion, Both, Response},
};

use super::forge::{
    ADA, EVE, EVIL_ID, attribute, before, behind, behind_issuer, digest_value, drafted, element, evil_copy,
    good, signature_path, swap_first, unsigned_element, with, with_attribute, within, within_last,
};
use super::{Vector, reject};

pub(super) type Attack = fn(&str) -> String;

/// Each takes a signed response and puts an unsigned person in the place of the signed one.
pub(super) const WRAPPING: [(&str, Attack); 9] = [
    ("xsw1", xsw1),
    ("xsw2", xsw2),
    ("xsw3", xsw3),
    ("xsw4", xsw4),
    ("xsw5", xsw5),
    ("xsw6", xsw6),
    ("xsw7", xsw7),
    ("xsw8", xsw8),
    ("xsw9", xsw9),
];

pub(super) fn vectors() -> Vec<Vector> {
    let response = good(Response);
    let assertion = good(Assertion);
    vec![
        reject(
            "xsw1_response_in_signature",
            "saml.assertion_misplaced",
            "the signed Response stands inside of its own Signature, which a forged Response carries",
            xsw1(&response),
        )
        .twin("response_signed_only"),
        reject(
            "xsw2_response_beside_signature",
            "saml.schema_violation",
            "the signed Response stands before its Signature, both inside of a forged Response",
            xsw2(&response),
        )
        .twin("response_signed_only"),
        reject(
            "xsw3_assertion_before_original",
            "saml.assertion_count",
            "a forged Assertion stands before the signed one",
            xsw3(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "xsw4_original_in_forged_assertion",
            "saml.signature_misplaced",
            "the signed Assertion stands inside of a forged one",
            xsw4(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "xsw5_signature_moved_to_forged_assertion",
            "saml.assertion_count",
            "a forged Assertion carries the Signature, the original follows without it",
            xsw5(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "xsw6_original_in_signature",
            "saml.assertion_misplaced",
            "a forged Assertion carries the Signature, and the original inside of that",
            xsw6(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "xsw7_assertion_in_extensions",
            "saml.assertion_misplaced",
            "a forged Assertion stands in the Extensions before the signed one",
            xsw7(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "xsw8_original_in_object",
            "saml.assertion_misplaced",
            "a forged Assertion carries the Signature, and the original in an Object of that",
            xsw8(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "xsw9_original_in_advice",
            "saml.signature_missing",
            "a forged Assertion without Signature has the signed one as Advice, where assertions may stand unread",
            xsw9(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "smuggled_digest_value",
            "saml.digest_mismatch",
            "the Assertion is changed, and a DigestValue that fits it stands in the StatusDetail",
            smuggled_digest_value(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "two_assertions_forged_first",
            "saml.assertion_count",
            "an unsigned Assertion before the signed one",
            before(&assertion, "Assertion", &evil_copy(&assertion)),
        )
        .twin("assertion_signed_only"),
        reject(
            "two_assertions_forged_last",
            "saml.assertion_count",
            "an unsigned Assertion behind the signed one",
            behind(&assertion, "Assertion", &evil_copy(&assertion)),
        )
        .twin("assertion_signed_only"),
        reject(
            "two_assertions_signed",
            "saml.assertion_count",
            "two Assertions under the Response's valid signature",
            drafted(Response, |xml| behind(xml, "Assertion", &evil_copy(xml))),
        )
        .twin("response_signed_only"),
        reject(
            "plain_plus_encrypted",
            "saml.assertion_count",
            "an EncryptedAssertion, which anybody can make, behind the signed Assertion",
            behind(&assertion, "Assertion", ENCRYPTED_ASSERTION),
        )
        .twin("assertion_signed_only"),
        reject(
            "injected_encrypted_assertion",
            "saml.assertion_count",
            "an EncryptedAssertion, which anybody can make, before the signed Assertion",
            before(&assertion, "Assertion", ENCRYPTED_ASSERTION),
        )
        .twin("assertion_signed_only"),
        reject(
            "assertion_in_extensions",
            "saml.assertion_misplaced",
            "an unsigned Assertion in the Extensions of the Response, under its valid signature",
            drafted(Both, |xml| before(xml, "Status", &extensions(&evil_copy(xml)))),
        ),
        reject(
            "assertion_in_status_detail",
            "saml.assertion_misplaced",
            "an unsigned Assertion in the StatusDetail, under the Response's valid signature",
            drafted(Both, |xml| within_last(xml, "Status", &status_detail(&evil_copy(xml)))),
        ),
        reject(
            "assertion_in_attribute_value",
            "saml.assertion_misplaced",
            "an Assertion in an attribute's value, under valid signatures",
            drafted(Both, |xml| {
                within(xml, "Assertion/AttributeStatement/Attribute/AttributeValue", &evil_copy(xml))
            }),
        ),
        reject(
            "signed_elsewhere_read_here",
            "saml.reference_uri",
            "the Signature of a forged Assertion refers to the original, which stands unread in its Advice and verifies",
            signed_elsewhere(&assertion),
        )
        .twin("assertion_signed_only"),
        reject(
            "prefixed_id_attribute",
            "saml.reference_uri",
            "the Signature refers to the value of a prefixed ID attribute of a forged Assertion",
            with_attribute(&signed_elsewhere(&assertion), "Assertion", "samlp:ID", original_id(&assertion)),
        )
        .twin("assertion_signed_only"),
        reject(
            "xml_id",
            "saml.duplicate_id",
            "a forged Assertion has the original's ID as xml:id",
            with_attribute(&signed_elsewhere(&assertion), "Assertion", "xml:id", original_id(&assertion)),
        )
        .twin("assertion_signed_only"),
        reject(
            "two_id_spellings",
            "saml.duplicate_id",
            "a forged Assertion has the original's ID as Id",
            with_attribute(&signed_elsewhere(&assertion), "Assertion", "Id", original_id(&assertion)),
        )
        .twin("assertion_signed_only"),
        reject(
            "default_namespace_swap",
            "saml.schema_violation",
            "a forged Assertion in another namespace stands before the signed one, for readers of local names",
            before(&assertion, "Assertion", &in_other_namespace(&evil_copy(&assertion))),
        )
        .twin("assertion_signed_only"),
    ]
}

fn xsw1(xml: &str) -> String {
    let signature =
        moved_signature(xml).replace("</ds:Signature>", &format!("{}</ds:Signature>", unsigned_element(xml)));
    behind_issuer(&evil_response(xml), &signature)
}

fn xsw2(xml: &str) -> String {
    let both = [unsigned_element(xml), moved_signature(xml)].concat();
    behind_issuer(&evil_response(xml), &both)
}

fn xsw3(xml: &str) -> String {
    before(xml, "Assertion", &evil_copy(xml))
}

fn xsw4(xml: &str) -> String {
    let original = element(xml, "Assertion");
    with(
        xml,
        "Assertion",
        &evil_copy(xml).replace("</saml:Assertion>", &format!("{original}</saml:Assertion>")),
    )
}

fn xsw5(xml: &str) -> String {
    let evil = behind_issuer(&evil_copy(xml), &moved_signature(xml));
    with(xml, "Assertion", &[evil, unsigned_element(element(xml, "Assertion"))].concat())
}

fn xsw6(xml: &str) -> String {
    let original = unsigned_element(element(xml, "Assertion"));
    let signature = moved_signature(xml).replace("</ds:Signature>", &format!("{original}</ds:Signature>"));
    with(xml, "Assertion", &behind_issuer(&evil_copy(xml), &signature))
}

fn xsw7(xml: &str) -> String {
    before(xml, "Status", &extensions(&evil_copy(xml)))
}

fn xsw8(xml: &str) -> String {
    let original = unsigned_element(element(xml, "Assertion"));
    let object = format!("<ds:Object>{original}</ds:Object></ds:Signature>");
    let signature = moved_signature(xml).replace("</ds:Signature>", &object);
    with(xml, "Assertion", &behind_issuer(&evil_copy(xml), &signature))
}

fn xsw9(xml: &str) -> String {
    with(xml, "Assertion", &with_advice(&evil_copy(xml), element(xml, "Assertion")))
}

/// The Signature stands in the forged Assertion, what it refers to in the Advice.
fn signed_elsewhere(xml: &str) -> String {
    let original = unsigned_element(element(xml, "Assertion"));
    let evil = with_advice(&evil_copy(xml), &original);
    with(xml, "Assertion", &behind_issuer(&evil, &moved_signature(xml)))
}

fn smuggled_digest_value(xml: &str) -> String {
    let changed = xml.replace(ADA, EVE);
    let digest = digest_value(&changed, original_id(xml), DigestAlgorithm::Sha256);
    let smuggled =
        format!("<ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{digest}</ds:DigestValue>");
    within_last(&changed, "Status", &status_detail(&smuggled))
}

/// The whole response with other IDs, another person and no signature.
fn evil_response(xml: &str) -> String {
    let mut evil = unsigned_element(&unsigned_element(xml)).replace(ADA, EVE);
    evil = evil.replace(original_id(xml), &format!("{EVIL_ID}a"));
    swap_first(&evil, attribute(xml, "", "ID"), EVIL_ID)
}

/// The Response's Signature, or else the Assertion's.
fn moved_signature(xml: &str) -> String {
    element(xml, signature_path(xml)).to_owned()
}

fn original_id(xml: &str) -> &str {
    attribute(xml, "Assertion", "ID")
}

fn with_advice(assertion: &str, advice: &str) -> String {
    let markup = format!("</saml:Conditions><saml:Advice>{advice}</saml:Advice>");
    assertion.replacen("</saml:Conditions>", &markup, 1)
}

fn in_other_namespace(assertion: &str) -> String {
    assertion.replacen(
        "<saml:Assertion ",
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\" ",
        1,
    )
}

fn extensions(markup: &str) -> String {
    format!("<samlp:Extensions>{markup}</samlp:Extensions>")
}

fn status_detail(markup: &str) -> String {
    format!("<samlp:StatusDetail>{markup}</samlp:StatusDetail>")
}

/// What an encrypted assertion looks like from outside.
pub(super) const ENCRYPTED_ASSERTION: &str = "<saml:EncryptedAssertion>\
    <xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" \
    Type=\"http://www.w3.org/2001/04/xmlenc#Element\">\
    <xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/>\
    <xenc:CipherData><xenc:CipherValue>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=</xenc:CipherValue></xenc:CipherData>\
    </xenc:EncryptedData></saml:EncryptedAssertion>";
