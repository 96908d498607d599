//! Exclusive canonicalisation, byte for byte against vectors that libxml2 agrees with.

use admittance::limits::{Budget, XmlLimits};
use admittance::xml::{self, Canonical, Document, Element, Profile, Read, canonicalize};

use proptest::prelude::*;

use crate::shared;
use crate::xml::nearly_xml;

/// Vectors that need what no SAML message may have, with why.
const OUTSIDE_OF_THE_PROFILE: &[(&str, &str)] = &[
    ("comments-kept", "asks for comments, which no signature of the profile may cover"),
    ("pi-kept", "processing instruction inside the root"),
    ("pi-crlf", "processing instruction inside the root"),
    ("siblings-of-apex-ignored", "processing instruction inside the root"),
    ("document-whole", "processing instructions beside the root are part of the output"),
    ("document-whole-with-comments", "asks for comments"),
    ("document-bom", "processing instructions beside the root are part of the output"),
    ("merlin-exc-c14n-one-3", "asks for comments"),
    ("merlin-exc-c14n-one-4", "asks for comments"),
];

#[test]
fn every_vector_of_the_profile_byte_for_byte() {
    let Some(vectors) = shared::json_lines("corpus/saml/c14n.jsonl") else { return };
    let mut decided = 0;
    let mut failures = Vec::new();
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        if let Some((_, reason)) = OUTSIDE_OF_THE_PROFILE.iter().find(|(outside, _)| *outside == name) {
            let refused = parse(vector["input"].as_str().unwrap()).is_err();
            let asks_for_more = vector["with_comments"] == true || vector["id"].is_null();
            assert!(refused || asks_for_more, "{name} is inside of the profile, not: {reason}");
            continue;
        }
        decided += 1;
        let prefixes: Vec<&str> = vector["inclusive_prefixes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_str().unwrap())
            .map(|p| if p == "#default" { "" } else { p })
            .collect();
        let document = match parse(vector["input"].as_str().unwrap()) {
            Ok(document) => document,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        let element = match vector["id"].as_str() {
            Some(id) => document.element_by_id(id).unwrap(),
            None => document.root(),
        };
        let mut output = Vec::new();
        canonicalize(element, &Canonical { prefix_list: &prefixes, without: None }, &mut output);
        let expected = vector["output"].as_str().unwrap();
        if output != expected.as_bytes() {
            failures.push(format!(
                "{name}:\n  got      {}\n  expected {expected}",
                String::from_utf8_lossy(&output)
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(
        decided + OUTSIDE_OF_THE_PROFILE.len(),
        vectors.len(),
        "an excluded vector has another name now"
    );
}

#[test]
fn leaves_out_the_enveloped_signature() {
    let document = parse("<a><s>x<t/></s>y<b/></a>").unwrap();
    let signature = document.root().children().next();
    assert_eq!(canonical(document.root(), &[], signature), "<a>y<b></b></a>");
}

#[test]
fn canonical_form_is_its_own_canonical_form() {
    let document =
        parse("<a:r xmlns:a='urn:a' b='&#xD;&quot;&#9;'><x>&#xD;&gt;<![CDATA[<&]]></x></a:r>").unwrap();
    let once = canonical(document.root(), &[], None);
    assert_eq!(canonical(parse(&once).unwrap().root(), &[], None), once);
}

fn canonical(element: Element<'_>, prefix_list: &[&str], without: Option<Element<'_>>) -> String {
    let mut output = Vec::new();
    canonicalize(element, &Canonical { prefix_list, without }, &mut output);
    String::from_utf8(output).unwrap()
}

fn parse(text: &str) -> Result<Document, xml::Error> {
    xml::parse(text.into(), Profile::Metadata, &XmlLimits::METADATA, &mut Budget::new())
}

/// The same names, attributes and texts; attributes in any order, as canonicalisation sorts them.
fn same(left: Element<'_>, right: Element<'_>) -> bool {
    let attributes = |element: Element<'_>| {
        let mut all: Vec<_> = element
            .attributes()
            .map(|a| (a.namespace.map(str::to_owned), a.local_name.to_owned(), a.value.to_owned()))
            .collect();
        all.sort();
        all
    };
    let (children, others): (Vec<_>, Vec<_>) = (left.children().collect(), right.children().collect());
    (left.namespace(), left.qualified_name()) == (right.namespace(), right.qualified_name())
        && attributes(left) == attributes(right)
        && left.text() == right.text()
        && children.len() == others.len()
        && children.into_iter().zip(others).all(|(left, right)| same(left, right))
}

proptest! {
    /// What is digested is what is read: the digested bytes, read again, are the same tree.
    #[test]
    fn reading_the_canonical_form_gives_the_same_tree(text in nearly_xml()) {
        let Ok(document) = parse(&text) else { return Ok(()) };
        let elements = std::iter::once(document.root()).chain(document.root().children());
        for element in elements {
            let once = canonical(element, &[], None);
            let again = parse(&once).unwrap();
            prop_assert!(same(element, again.root()), "{text:?} became {once:?}");
            prop_assert_eq!(canonical(again.root(), &[], None), once);
        }
    }
}
