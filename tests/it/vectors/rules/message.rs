//! The message as it comes, and the shape of what is in it (2.1 #2 to #19).

use admittance::{
    encoding::base64_encode,
    testing::saml_idp::{
        Fault,
        SignedElements::{self, Assertion, Both, Neither, Response},
        Unsigned,
    },
};

use crate::vectors::forge::{
    ADA, EVE, attribute, before, behind, drafted, element, faulty, good, provider, swap, swap_first, text,
    with, with_attribute, within_last, without, without_attribute,
};
use crate::vectors::wrapping::ENCRYPTED_ASSERTION;
use crate::vectors::{Vector, accept, reject};

pub(super) fn vectors() -> Vec<Vector> {
    [encoding(), documents(), headers(), children()].into_iter().flatten().collect()
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
            "rule_xml_entity_undeclared",
            "a reference to an entity that is not declared",
            swap(&both, ">Engineers<", ">&engineers;<"),
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
        .notes(&["saml.issued_in_future"]),
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
    let unsigned =
        Unsigned { xml: assertion.into_bytes(), response_id: String::new(), assertion_ids: vec![id] };
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
