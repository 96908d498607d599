//! A vector for each rule of saml.md §2.1 and §3.1 that no row of §5 or §6 is about.

use admittance::{
    crypto::{DigestAlgorithm, SignatureAlgorithm},
    encoding::base64_encode,
    saml::names::confirmation,
    testing::saml_idp::{
        Fault,
        SignedElements::{self, Assertion, Both, Neither, Response},
        TestKey,
    },
};
use serde_json::json;

use super::forge::{
    ADA, EVE, REQUEST_ID, answered, attribute, before, behind, drafted, element, faulty, good, provider,
    resigned, styled, swap, swap_first, text, with, with_attribute, within, within_last, without,
    without_attribute,
};
use super::protocol::CONFIRMATION_DATA;
use super::signature::{EXCLUSIVE, RSA_SHA256, replace_last, with_digest_value};
use super::wrapping::ENCRYPTED_ASSERTION;
use super::{Vector, accept, reject};

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = encoding();
    vectors.extend(documents());
    vectors.extend(headers());
    vectors.extend(children());
    vectors.extend(names());
    vectors.extend(signed());
    vectors.extend(subjects());
    vectors.extend(conditions());
    vectors.extend(statements());
    vectors.extend(signature_shape());
    vectors.extend(signature_values());
    vectors
}

/// 2.1 #2, #3.
fn encoding() -> Vec<Vector> {
    let both = good(Both);
    let posted = base64_encode(both.as_bytes());
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{both}");
    let utf16: Vec<u8> = format!("\u{feff}{both}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut not_utf8 = both.clone().into_bytes();
    let position = both.find("Engineers").unwrap();
    not_utf8[position] = 0xe9;
    let form = |name: &str, shows: &'static str, field: String| {
        reject(name, "saml.base64_invalid", shows, "").rule("2.1 #2").form(field)
    };
    vec![
        form(
            "rule_base64_url_alphabet",
            "the alphabet of URLs",
            posted.replace('+', "-").replace('/', "_").replacen('A', "-", 1),
        ),
        form(
            "rule_base64_cut",
            "cut off within a group of four",
            posted[..posted.len() / 4 * 4 - 6].to_owned(),
        ),
        form("rule_base64_percent", "still percent-encoded", posted.replacen('P', "%50", 1)),
        form("rule_base64_xml", "not encoded at all", both.clone()),
        form("rule_base64_empty", "nothing", String::new()),
        form(
            "rule_base64_trailing",
            "something behind the padding",
            format!("{}==AAAA", &posted[..posted.len() / 4 * 4 - 2]),
        ),
        reject(
            "rule_encoding_latin1",
            "saml.encoding_unsupported",
            "another encoding is declared",
            declared("ISO-8859-1"),
        )
        .rule("2.1 #3"),
        reject("rule_encoding_utf16", "saml.encoding_unsupported", "UTF-16", utf16).rule("2.1 #3"),
        reject("rule_encoding_not_utf8", "saml.encoding_unsupported", "bytes that are not UTF-8", not_utf8)
            .rule("2.1 #3"),
        accept("rule_encoding_declared", "UTF-8 is declared", declared("utf-8")).rule("2.1 #3"),
        accept("rule_encoding_ascii", "US-ASCII is declared", declared("US-ASCII")).rule("2.1 #3"),
        accept("rule_encoding_bom", "a byte-order mark before UTF-8", format!("\u{feff}{both}"))
            .rule("2.1 #3"),
    ]
}

/// 2.1 #5 to #8.
fn documents() -> Vec<Vector> {
    let both = good(Both);
    let malformed = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.xml_malformed", shows, xml).rule("2.1 #5")
    };
    let id = attribute(&both, "Assertion", "ID").to_owned();
    // The Response is not signed, and can have any ID.
    let assertion = good(Assertion);
    let with_id = |id: &str| with_attribute(&assertion, "", "ID", id);
    let about_id = |name: &str, code: &'static str, shows: &'static str, id: &str| {
        reject(name, code, shows, with_id(id)).rule("2.1 #7").twin("assertion_signed_only")
    };
    let root = |name: &str, shows: &'static str, xml: String| {
        reject(name, "saml.unexpected_root", shows, xml).rule("2.1 #8").twin("assertion_signed_only")
    };
    vec![
        malformed("rule_xml_two_roots", "a second root", format!("{both}<a/>")),
        malformed("rule_xml_text_behind_root", "text behind the root", format!("{both}x")),
        malformed("rule_xml_cut", "cut off", both[..both.len() - 20].to_owned()),
        malformed(
            "rule_xml_end_tag",
            "an end tag that does not match",
            swap_first(&both, "</samlp:Status>", "</saml:Status>"),
        ),
        malformed(
            "rule_xml_control_character",
            "a character that XML 1.0 does not have",
            swap(&both, ">Engineers<", ">\u{1}<"),
        ),
        malformed(
            "rule_xml_character_reference",
            "a reference to such a character",
            swap(&both, ">Engineers<", ">&#1;<"),
        ),
        malformed(
            "rule_xml_cdata_end",
            "the end of a CDATA section without its beginning",
            swap(&both, ">Engineers<", ">]]><"),
        ),
        malformed("rule_xml_version", "XML 1.1", format!("<?xml version=\"1.1\"?>{both}")),
        reject(
            "rule_xml_undeclared_prefix",
            "saml.xml_namespace",
            "a prefix that is not declared",
            swap(&both, ">Engineers<", "><x:a/><"),
        )
        .rule("2.1 #5"),
        reject(
            "rule_xml_comment_before_root",
            "saml.xml_comment",
            "a comment before the root",
            format!("<!-- -->{both}"),
        )
        .rule("2.1 #6"),
        reject(
            "rule_xml_comment_behind_root",
            "saml.xml_comment",
            "a comment behind the root",
            format!("{both}<!-- -->"),
        )
        .rule("2.1 #6"),
        reject(
            "rule_xml_instruction_before_root",
            "saml.xml_processing_instruction",
            "an instruction before the root",
            format!("<?x?>{both}"),
        )
        .rule("2.1 #6"),
        about_id("rule_duplicate_id", "saml.duplicate_id", "Response and Assertion have one ID", &id),
        about_id("rule_id_empty", "saml.id_invalid", "an empty ID", ""),
        about_id("rule_id_space", "saml.id_invalid", "an ID with white space", "_a b"),
        about_id("rule_id_fragment", "saml.id_invalid", "an ID with a number sign", "_a#b"),
        about_id("rule_id_long", "saml.id_invalid", "an ID of more than 1024 bytes", &"_".repeat(1025)),
        accept("rule_id_longest", "an ID of 1024 bytes", with_id(&"_".repeat(1024))).rule("2.1 #7"),
        root(
            "rule_root_logout_response",
            "another message",
            assertion.replace("samlp:Response", "samlp:LogoutResponse"),
        ),
        root(
            "rule_root_namespace",
            "a Response of SAML 1.1",
            swap(&assertion, "SAML:2.0:protocol\"", "SAML:1.0:protocol\""),
        ),
        root("rule_root_assertion", "a signed Assertion alone", alone()),
    ]
}

/// 2.1 #9 and #19.
fn headers() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (element, path, rule) in [("response", "", "2.1 #9"), ("assertion", "Assertion", "2.1 #19")] {
        let with_value = |name: &str, value: &str| {
            drafted(signed_without(element), |xml| with_attribute(xml, path, name, value))
        };
        let without_it =
            |name: &str| drafted(signed_without(element), |xml| without_attribute(xml, path, name));
        let vector = |name: &str, code: &'static str, shows: &'static str, xml: String| {
            reject(&format!("rule_{element}_{name}"), code, shows, xml)
                .rule(rule)
                .twin(twin_of(signed_without(element)))
        };
        vectors.extend([
            vector("version", "saml.version_unsupported", "another version", with_value("Version", "1.1")),
            vector("version_missing", "saml.version_unsupported", "no version", without_it("Version")),
            vector("id_missing", "saml.id_missing", "no ID", without_it("ID")),
            vector(
                "issue_instant",
                "saml.time_invalid",
                "IssueInstant is no time",
                with_value("IssueInstant", "now"),
            ),
            vector(
                "issue_instant_missing",
                "saml.time_invalid",
                "no IssueInstant",
                without_it("IssueInstant"),
            ),
        ]);
    }
    vectors.push(
        accept(
            "rule_issue_instant_future",
            "IssueInstant later than clocks may differ is noted, and decides nothing",
            drafted(Both, |xml| {
                let xml = with_attribute(xml, "", "IssueInstant", "2026-11-22T01:00:00.000Z");
                with_attribute(&xml, "Assertion", "IssueInstant", "2026-11-22T01:00:00.000Z")
            }),
        )
        .rule("2.1 #9")
        .notes(&["saml.issued_in_future"; 2]),
    );
    vectors
}

/// 2.1 #10 to #12, #17, #19.
fn children() -> Vec<Vector> {
    let both = |change: &dyn Fn(&str) -> String| drafted(Both, change);
    let schema = |name: &str, rule: &'static str, shows: &'static str, xml: String| {
        reject(name, "saml.schema_violation", shows, xml).rule(rule)
    };
    let moved = |xml: &str, path: &str, behind_path: &str| {
        let moved = element(xml, path).to_owned();
        behind(&without(xml, path), behind_path, &moved)
    };
    vec![
        schema(
            "rule_response_unknown_child",
            "2.1 #10",
            "an unknown child of the Response",
            both(&|xml| behind(xml, "Status", "<samlp:Artifact>x</samlp:Artifact>")),
        ),
        schema(
            "rule_response_order",
            "2.1 #10",
            "the Assertion before the Status",
            both(&|xml| moved(xml, "Status", "Assertion")),
        ),
        schema(
            "rule_response_two_issuers",
            "2.1 #10",
            "two Issuers of the Response",
            both(&|xml| behind(xml, "Issuer", &element(xml, "Issuer").replace("idp.example", "other-idp.example"))),
        ),
        schema(
            "rule_response_two_statuses",
            "2.1 #10",
            "two Statuses",
            both(&|xml| behind(xml, "Status", element(xml, "Status"))),
        ),
        schema("rule_response_text", "2.1 #10", "text in the Response", both(&|xml| behind(xml, "Status", "text"))),
        reject(
            "rule_status_missing",
            "saml.status_missing",
            "no Status",
            both(&|xml| without(xml, "Status")),
        )
        .rule("2.1 #10"),
        reject(
            "rule_status_code_missing",
            "saml.status_missing",
            "a Status without code",
            both(&|xml| with(xml, "Status", "<samlp:Status/>")),
        )
        .rule("2.1 #10"),
        reject(
            "rule_status_code_nested_success",
            "saml.idp_status",
            "Success only below another code",
            both(&|xml| {
                let success = "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/>";
                let nested = format!(
                    "<samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\">{success}</samlp:StatusCode>"
                );
                with(xml, "Status/StatusCode", &nested)
            }),
        )
        .rule("2.1 #16"),
        accept(
            "rule_response_extensions",
            "Extensions of the Response are passed over",
            both(&|xml| before(xml, "Status", "<samlp:Extensions><x:a xmlns:x=\"urn:x\">x</x:a></samlp:Extensions>")),
        )
        .rule("2.1 #10"),
        reject(
            "rule_signature_in_subject",
            "saml.signature_misplaced",
            "a Signature in the Subject",
            in_other_place("Assertion/Subject"),
        )
        .rule("2.1 #11")
        .twin("assertion_signed_only"),
        reject(
            "rule_signature_in_extensions",
            "saml.signature_misplaced",
            "a Signature in the Extensions",
            {
                let assertion = good(Assertion);
                let signature = element(&assertion, "Assertion/Signature").to_owned();
                before(
                    &without(&assertion, "Assertion/Signature"),
                    "Status",
                    &format!("<samlp:Extensions>{signature}</samlp:Extensions>"),
                )
            },
        )
        .rule("2.1 #11")
        .twin("assertion_signed_only"),
        reject(
            "rule_encrypted_assertion_in_extensions",
            "saml.assertion_misplaced",
            "an EncryptedAssertion in the Extensions",
            both(&|xml| before(xml, "Status", &format!("<samlp:Extensions>{ENCRYPTED_ASSERTION}</samlp:Extensions>"))),
        )
        .rule("2.1 #12"),
        reject(
            "rule_no_assertion",
            "saml.assertion_count",
            "Success, and no Assertion",
            faulty(Both, Fault::NoAssertion),
        )
        .rule("2.1 #17"),
        schema(
            "rule_assertion_unknown_child",
            "2.1 #19",
            "an unknown child of the Assertion",
            both(&|xml| behind(xml, "Assertion/Conditions", "<saml:Evidence/>")),
        ),
        schema(
            "rule_assertion_order",
            "2.1 #19",
            "the Conditions before the Subject",
            both(&|xml| moved(xml, "Assertion/Subject", "Assertion/Conditions")),
        ),
        schema(
            "rule_assertion_two_subjects",
            "2.1 #19, #23",
            "two Subjects",
            both(&|xml| behind(xml, "Assertion/Subject", &element(xml, "Assertion/Subject").replace(ADA, EVE))),
        ),
        schema(
            "rule_assertion_two_conditions",
            "2.1 #19, #31",
            "two Conditions",
            both(&|xml| behind(xml, "Assertion/Conditions", element(xml, "Assertion/Conditions"))),
        ),
        schema(
            "rule_assertion_two_issuers",
            "2.1 #19",
            "two Issuers of the Assertion",
            both(&|xml| behind(xml, "Assertion/Issuer", element(xml, "Assertion/Issuer"))),
        ),
    ]
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
            styled(|style| style.issuers = admittance::testing::saml_idp::Issuers::BothWithFormat),
        )
        .rule("2.1 #13, #22"),
        accept(
            "rule_response_issuer_absent",
            "the Response names no Issuer",
            styled(|style| {
                style.issuers = admittance::testing::saml_idp::Issuers::AssertionOnly;
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
                let unsigned = admittance::testing::saml_idp::Unsigned {
                    response_id: id,
                    assertion_ids: Vec::new(),
                    xml: around.into_bytes(),
                };
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

/// S1 to S3, S7.
fn signature_shape() -> Vec<Vector> {
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
            list("xs *"),
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
fn signature_values() -> Vec<Vector> {
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
                let digest = super::forge::digest_value(&changed, &id, DigestAlgorithm::Sha256);
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

/// The Signature of the Assertion in one of its children.
fn in_other_place(path: &str) -> String {
    let assertion = good(Assertion);
    let signature = element(&assertion, "Assertion/Signature").to_owned();
    within_last(&without(&assertion, "Assertion/Signature"), path, &signature)
}

/// An Assertion as a document, signed.
fn alone() -> String {
    let response = drafted(Neither, str::to_owned);
    let assertion = element(&response, "Assertion").replacen(
        "<saml:Assertion ",
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
         xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ",
        1,
    );
    let id = attribute(&response, "Assertion", "ID").to_owned();
    let mut provider = provider();
    provider.style.signed = Assertion;
    let unsigned = admittance::testing::saml_idp::Unsigned {
        xml: assertion.into_bytes(),
        response_id: String::new(),
        assertion_ids: vec![id],
    };
    text(provider.sign(unsigned).unwrap())
}

/// What is signed where one element cannot be.
fn signed_without(element: &str) -> SignedElements {
    if element == "response" { Assertion } else { Response }
}

fn twin_of(signed: SignedElements) -> &'static str {
    match signed {
        Assertion => "assertion_signed_only",
        _ => "response_signed_only",
    }
}
