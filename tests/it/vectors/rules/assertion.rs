//! What Response and Assertion say (2.1 #13 to #39).

use admittance::{
    saml::names::confirmation,
    testing::saml_idp::{
        Fault, Issuers,
        SignedElements::{self, Assertion, Both, Response},
        TestKey, Unsigned,
    },
};
use serde_json::json;

use crate::vectors::forge::{
    ADA, EVE, REQUEST_ID, answered, attribute, before, behind, drafted, element, faulty, good, provider,
    styled, swap, text, with, with_attribute, within, within_last, without, without_attribute,
};
use crate::vectors::protocol::CONFIRMATION_DATA;
use crate::vectors::{Vector, accept, reject};

pub(super) fn vectors() -> Vec<Vector> {
    [names(), signed(), subjects(), conditions(), statements()].into_iter().flatten().collect()
}

/// 2.1 #13, #22.
fn names() -> Vec<Vector> {
    let unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
    let mismatch = |name: &str, rule: &'static str, shows: &'static str, xml: String| {
        reject(name, "saml.issuer_mismatch", shows, xml).rule(rule)
    };
    vec![
        mismatch(
            "rule_response_issuer_format",
            "2.1 #13",
            "the Response's Issuer has the format of a person",
            drafted(Both, |xml| with_attribute(xml, "Issuer", "Format", unspecified)),
        ),
        mismatch(
            "rule_assertion_issuer_format",
            "2.1 #22",
            "the Assertion's Issuer has the format of a person",
            drafted(Both, |xml| with_attribute(xml, "Assertion/Issuer", "Format", unspecified)),
        ),
        mismatch(
            "rule_assertion_issuer_missing",
            "2.1 #22",
            "the Assertion names no Issuer",
            drafted(Response, |xml| without(xml, "Assertion/Issuer")),
        ),
        mismatch(
            "rule_issuer_case",
            "2.1 #13",
            "the Issuer differs from the entity ID by case",
            drafted(Both, |xml| xml.replace(">https://idp.example/", ">https://IDP.example/")),
        ),
        accept(
            "rule_issuer_format_entity",
            "both Issuers have the format of an entity",
            styled(|style| style.issuers = Issuers::BothWithFormat),
        )
        .rule("2.1 #13, #22"),
        accept(
            "rule_response_issuer_absent",
            "the Response names no Issuer",
            styled(|style| {
                style.issuers = Issuers::AssertionOnly;
                // A Signature stands behind the Issuer, and there is none on the Response.
                style.signed = Assertion;
            }),
        )
        .rule("2.1 #13"),
    ]
}

/// 2.1 #17, #21: what the policy asks for.
fn signed() -> Vec<Vector> {
    let policy = |signed: &str| json!({"policy": {"signed": signed}});
    let vector = |name: &str, wanted: &str, code: &'static str, has: SignedElements| {
        reject(name, code, "the policy asks for a signature that is not there", good(has))
            .rule("2.1 #17, #21")
            .case(policy(wanted))
            .twin("twin_policy_both")
    };
    vec![
        vector("rule_policy_response", "response", "saml.response_not_signed", Assertion),
        vector("rule_policy_assertion", "assertion", "saml.assertion_not_signed", Response),
        vector("rule_policy_both_without_response", "both", "saml.response_not_signed", Assertion),
        vector("rule_policy_both_without_assertion", "both", "saml.assertion_not_signed", Response),
        accept("twin_policy_both", "both are signed, as the policy asks", good(Both)).case(policy("both")),
        accept("rule_policy_response_met", "the Response is signed, as the policy asks", good(Response))
            .case(policy("response"))
            .rule("2.1 #21"),
        accept("rule_policy_assertion_met", "the Assertion is signed, as the policy asks", good(Assertion))
            .case(policy("assertion"))
            .rule("2.1 #21"),
        reject(
            "rule_signature_of_response_invalid",
            "saml.digest_mismatch",
            "the Assertion's signature is valid and the Response's is not",
            with_attribute(&good(Both), "", "IssueInstant", "2026-11-22T00:01:00.001Z"),
        )
        .rule("2.1 #15"),
        reject(
            "rule_signature_of_assertion_invalid",
            "saml.signature_invalid",
            "the Response's signature is valid and the Assertion's is not",
            {
                // The provider signs a Response around an Assertion of another key.
                let mut other = provider();
                other.style.key = TestKey::OtherRsa;
                other.style.signed = Assertion;
                let around = answered(other);
                let id = attribute(&around, "", "ID").to_owned();
                let unsigned =
                    Unsigned { response_id: id, assertion_ids: Vec::new(), xml: around.into_bytes() };
                let mut provider = provider();
                provider.style.signed = Response;
                text(provider.sign(unsigned).unwrap())
            },
        )
        .rule("2.1 #20"),
    ]
}

/// 2.1 #23 to #29.
fn subjects() -> Vec<Vector> {
    let both = |change: &dyn Fn(&str) -> String| drafted(Both, change);
    let name_id = "Assertion/Subject/NameID";
    vec![
        reject("rule_subject_missing", "saml.subject_missing", "no Subject", faulty(Both, Fault::NoSubject))
            .rule("2.1 #23"),
        reject("rule_name_id_missing", "saml.name_id_missing", "no NameID", faulty(Both, Fault::NoNameId))
            .rule("2.1 #24"),
        reject(
            "rule_base_id",
            "saml.name_id_missing",
            "a BaseID instead of a NameID",
            both(&|xml| with(xml, name_id, "<saml:BaseID NameQualifier=\"x\"/>")),
        )
        .rule("2.1 #24"),
        reject(
            "rule_name_id_two",
            "saml.name_id_invalid",
            "two NameIDs",
            both(&|xml| behind(xml, name_id, &element(xml, name_id).replace(ADA, EVE))),
        )
        .rule("2.1 #24"),
        reject(
            "rule_name_id_empty",
            "saml.name_id_invalid",
            "an empty NameID",
            faulty(Both, Fault::EmptyNameId),
        )
        .rule("2.1 #24"),
        reject(
            "rule_name_id_long",
            "saml.name_id_invalid",
            "a NameID of more than 4 KiB",
            both(&|xml| {
                swap(xml, &format!(">{ADA}</saml:NameID>"), &format!(">{}</saml:NameID>", "a".repeat(4097)))
            }),
        )
        .rule("2.1 #24"),
        accept(
            "rule_name_id_longest",
            "a NameID of 4 KiB",
            both(&|xml| {
                swap(xml, &format!(">{ADA}</saml:NameID>"), &format!(">{}</saml:NameID>", "a".repeat(4096)))
            }),
        )
        .rule("2.1 #24"),
        accept(
            "rule_name_id_spaces",
            "white space around the NameID is part of it",
            both(&|xml| swap(xml, &format!(">{ADA}</saml:NameID>"), &format!("> {ADA}</saml:NameID>"))),
        )
        .rule("2.1 #24")
        .report(json!({"subject": {"value": format!(" {ADA}")}})),
        reject(
            "rule_confirmation_missing",
            "saml.bearer_missing",
            "no confirmation",
            both(&|xml| without(xml, "Assertion/Subject/SubjectConfirmation")),
        )
        .rule("2.1 #25"),
        reject(
            "rule_confirmation_data_missing",
            "saml.recipient_missing",
            "a bearer confirmation without data",
            both(&|xml| without(xml, CONFIRMATION_DATA)),
        )
        .rule("2.1 #26"),
        reject(
            "rule_confirmation_furthest",
            "saml.in_response_to_mismatch",
            "of two bearer confirmations that fail, the one that got further names the rule",
            both(&|xml| {
                let confirmation = element(xml, "Assertion/Subject/SubjectConfirmation").to_owned();
                let further = swap(&confirmation, REQUEST_ID, "_0000000000000000000000000000beef");
                let nearer =
                    swap(&confirmation, "https://sp.example/saml/acs", "https://other-sp.example/acs");
                with(xml, "Assertion/Subject/SubjectConfirmation", &[further, nearer].concat())
            }),
        )
        .rule("2.1 #25"),
        accept(
            "rule_confirmation_other_methods",
            "a confirmation by another method beside the bearer's is passed over",
            both(&|xml| {
                let method =
                    format!("<saml:SubjectConfirmation Method=\"{}\"/>", confirmation::SENDER_VOUCHES);
                before(xml, "Assertion/Subject/SubjectConfirmation", &method)
            }),
        )
        .rule("2.1 #25"),
        accept(
            "rule_confirmation_address",
            "the browser's address is not compared",
            both(&|xml| with_attribute(xml, CONFIRMATION_DATA, "Address", "192.0.2.1")),
        )
        .rule("2.1 #30"),
        reject(
            "rule_in_response_to_missing",
            "saml.in_response_to_missing",
            "the answer to no request, and one is outstanding",
            faulty(Both, Fault::NoInResponseTo),
        )
        .rule("2.1 #29"),
        accept(
            "rule_in_response_to_missing_allowed",
            "the answer to no request, one is outstanding, and the policy allows it",
            faulty(Both, Fault::NoInResponseTo),
        )
        .case(json!({"policy": {"idp_initiated": "allow"}}))
        .rule("2.1 #29"),
        accept(
            "rule_in_response_to_on_assertion_only",
            "only the Assertion says which request is answered",
            both(&|xml| without_attribute(xml, "", "InResponseTo")),
        )
        .rule("2.1 #29"),
    ]
}

/// 2.1 #32 to #34.
fn conditions() -> Vec<Vector> {
    let both = |change: &dyn Fn(&str) -> String| drafted(Both, change);
    let conditions = "Assertion/Conditions";
    vec![
        reject(
            "rule_conditions_inverted",
            "saml.time_invalid",
            "the Conditions end before they begin",
            both(&|xml| {
                let xml = with_attribute(xml, conditions, "NotBefore", "2026-11-22T00:02:00Z");
                with_attribute(&xml, conditions, "NotOnOrAfter", "2026-11-22T00:01:30Z")
            }),
        )
        .rule("2.1 #32"),
        accept(
            "rule_conditions_without_times",
            "Conditions without times",
            both(&|xml| {
                let xml = without_attribute(xml, conditions, "NotBefore");
                without_attribute(&xml, conditions, "NotOnOrAfter")
            }),
        )
        .rule("2.1 #32"),
        accept(
            "rule_one_time_use_and_proxy_restriction",
            "the two conditions that are understood",
            both(&|xml| {
                within_last(xml, conditions, "<saml:OneTimeUse/><saml:ProxyRestriction Count=\"0\"/>")
            }),
        )
        .rule("2.1 #34"),
        reject(
            "rule_one_time_use_twice",
            "saml.condition_unknown",
            "OneTimeUse twice",
            both(&|xml| within_last(xml, conditions, "<saml:OneTimeUse/><saml:OneTimeUse/>")),
        )
        .rule("2.1 #34")
        .twin("rule_one_time_use_and_proxy_restriction"),
        reject(
            "rule_proxy_restriction_twice",
            "saml.condition_unknown",
            "ProxyRestriction twice",
            both(&|xml| within_last(xml, conditions, "<saml:ProxyRestriction/><saml:ProxyRestriction/>")),
        )
        .rule("2.1 #34")
        .twin("rule_one_time_use_and_proxy_restriction"),
        reject(
            "rule_condition_other_namespace",
            "saml.condition_unknown",
            "an element of another namespace as condition",
            both(&|xml| within_last(xml, conditions, "<x:OneTimeUse xmlns:x=\"urn:x\"/>")),
        )
        .rule("2.1 #34")
        .twin("rule_one_time_use_and_proxy_restriction"),
        accept(
            "rule_two_audience_restrictions",
            "two restrictions with us in both",
            both(&|xml| {
                let restriction = "Assertion/Conditions/AudienceRestriction";
                behind(xml, restriction, element(xml, restriction))
            }),
        )
        .rule("2.1 #33"),
        reject(
            "rule_audience_case",
            "saml.audience_mismatch",
            "the Audience differs from our name by case",
            both(&|xml| swap(xml, "<saml:Audience>https://sp.example", "<saml:Audience>https://SP.example")),
        )
        .rule("2.1 #33"),
    ]
}

/// 2.1 #35 to #39.
fn statements() -> Vec<Vector> {
    let both = |change: &dyn Fn(&str) -> String| drafted(Both, change);
    let authn = "Assertion/AuthnStatement";
    let attributes = "Assertion/AttributeStatement";
    vec![
        reject(
            "rule_second_session_expired",
            "saml.session_expired",
            "the session of the second statement is over",
            both(&|xml| {
                let second = with_attribute(xml, authn, "SessionNotOnOrAfter", "2026-11-21T00:00:00Z");
                behind(xml, authn, element(&second, authn))
            }),
        )
        .rule("2.1 #36"),
        accept(
            "rule_two_authn_statements",
            "two statements of authentication",
            both(&|xml| behind(xml, authn, element(xml, authn))),
        )
        .rule("2.1 #35"),
        reject(
            "rule_authn_instant_future",
            "saml.authn_instant_invalid",
            "the person will authenticate later",
            faulty(Both, Fault::AuthnInFuture),
        )
        .rule("2.1 #37"),
        reject(
            "rule_authn_instant_missing",
            "saml.time_invalid",
            "no AuthnInstant",
            both(&|xml| without_attribute(xml, authn, "AuthnInstant")),
        )
        .rule("2.1 #37"),
        reject(
            "rule_attribute_without_name",
            "saml.attribute_invalid",
            "an attribute without name",
            both(&|xml| without_attribute(xml, &format!("{attributes}/Attribute"), "Name")),
        )
        .rule("2.1 #39"),
        reject(
            "rule_attribute_unknown_child",
            "saml.attribute_invalid",
            "something else than values in an attribute",
            both(&|xml| within(xml, &format!("{attributes}/Attribute"), "<saml:Attribute Name=\"x\"/>")),
        )
        .rule("2.1 #39"),
        reject(
            "rule_attribute_statement_unknown_child",
            "saml.attribute_invalid",
            "something else than attributes in a statement",
            both(&|xml| within(xml, attributes, "<saml:AttributeValue>x</saml:AttributeValue>")),
        )
        .rule("2.1 #39"),
        reject(
            "rule_attributes_too_many",
            "saml.xml_limit",
            "more attributes than allowed",
            drafted(Assertion, |xml| within(xml, attributes, &"<saml:Attribute Name=\"x\"/>".repeat(1000))),
        )
        .rule("2.1 #39"),
    ]
}
