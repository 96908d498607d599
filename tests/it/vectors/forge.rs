//! Where vectors come from: properly signed responses of the identity provider for tests, and surgery on them.
//! Only here is markup made of strings.

use std::ops::Range;

use admittance::{
    crypto::{DigestAlgorithm, SignatureAlgorithm, digest},
    encoding::{base64_decode, base64_encode},
    limits::{Budget, XmlLimits},
    testing::saml_idp::{
        AuthnRequest, Fault, NameIdSource, NameIdStyle, SamlIdp, SignedElements, Style, TestKey, Unsigned,
        User,
    },
    time::Timestamp,
    xml::{self, Canonical, Profile, Read as _, canonicalize},
};
use serde_json::{Value, json};

pub(super) const SP: &str = "https://sp.example/saml/metadata";
pub(super) const ACS: &str = "https://sp.example/saml/acs";
pub(super) const REQUEST_ID: &str = "_0123456789abcdef0123456789abcdef";
pub(super) const NOW: &str = "2026-11-22T00:01:00.000Z";
/// The NameID of who signs in.
pub(super) const ADA: &str = "ada@corp.example";
/// Who an attacker wants to be.
pub(super) const EVE: &str = "eve@corp.example";
/// Elements of this prefix are the attacker's own.
pub(super) const EVIL_ID: &str = "_0000000000000000000000000000e411";

/// What every case has unless it says otherwise: `base.json`.
pub(super) fn base_case() -> Value {
    json!({
        "kind": "saml_response",
        "name": "base",
        "now": NOW,
        "sp": { "entity_id": SP, "acs_url": ACS },
        "idp": { "metadata": text(provider().metadata().unwrap()) },
        "request_id": REQUEST_ID,
    })
}

/// The provider that every vector starts from.
pub(super) fn provider() -> SamlIdp {
    let mut provider = SamlIdp::new(1);
    provider.style.name_id =
        NameIdStyle::new(admittance::saml::names::name_id_format::EMAIL_ADDRESS, NameIdSource::Email);
    provider
}

pub(super) fn request() -> AuthnRequest {
    AuthnRequest::new(REQUEST_ID, SP, ACS)
}

pub(super) fn ada() -> User {
    User::new("ada", "Ada Lovelace", ADA).in_groups(["Engineers", "Writers"])
}

pub(super) fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap().at
}

/// A good response with these signatures.
pub(super) fn good(signed: SignedElements) -> String {
    styled(|style| style.signed = signed)
}

/// A good response in another style.
pub(super) fn styled(change: impl FnOnce(&mut Style)) -> String {
    let mut provider = provider();
    change(&mut provider.style);
    answered(provider)
}

/// A response with a fault of the provider's own.
pub(super) fn faulty(signed: SignedElements, fault: Fault) -> String {
    let mut provider = provider();
    (provider.style.signed, provider.fault) = (signed, Some(fault));
    answered(provider)
}

pub(super) fn answered(mut provider: SamlIdp) -> String {
    let unsigned = provider.unsigned(&request(), &ada(), now()).unwrap();
    text(provider.sign(unsigned).unwrap())
}

/// A response that is changed first and signed then: odd, and the provider means it.
pub(super) fn drafted(signed: SignedElements, change: impl FnOnce(&str) -> String) -> String {
    drafted_by(provider(), signed, change)
}

pub(super) fn drafted_by(
    mut provider: SamlIdp,
    signed: SignedElements,
    change: impl FnOnce(&str) -> String,
) -> String {
    provider.style.signed = signed;
    let Unsigned { xml, response_id, assertion_ids } = provider.unsigned(&request(), &ada(), now()).unwrap();
    let xml = change(&text(xml)).into_bytes();
    text(provider.sign(Unsigned { xml, response_id, assertion_ids }).unwrap())
}

pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// Where an element stands: local names from the root's children on, the first of each; empty for the root.
pub(super) fn range(xml: &str, path: &str) -> Range<usize> {
    let document = roxmltree::Document::parse(xml).unwrap();
    let mut node = document.root_element();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        node = node
            .children()
            .find(|child| child.is_element() && child.tag_name().name() == name)
            .unwrap_or_else(|| panic!("no {name} of {path}"));
    }
    node.range()
}

pub(super) fn element<'x>(xml: &'x str, path: &str) -> &'x str {
    &xml[range(xml, path)]
}

pub(super) fn has(xml: &str, path: &str) -> bool {
    let document = roxmltree::Document::parse(xml).unwrap();
    let mut node = Some(document.root_element());
    for name in path.split('/') {
        node = node.and_then(|node| {
            node.children().find(|child| child.is_element() && child.tag_name().name() == name)
        });
    }
    node.is_some()
}

pub(super) fn with(xml: &str, path: &str, replacement: &str) -> String {
    let range = range(xml, path);
    [&xml[..range.start], replacement, &xml[range.end..]].concat()
}

pub(super) fn without(xml: &str, path: &str) -> String {
    with(xml, path, "")
}

pub(super) fn before(xml: &str, path: &str, markup: &str) -> String {
    let at = range(xml, path).start;
    [&xml[..at], markup, &xml[at..]].concat()
}

pub(super) fn behind(xml: &str, path: &str, markup: &str) -> String {
    let at = range(xml, path).end;
    [&xml[..at], markup, &xml[at..]].concat()
}

/// Puts markup in front of an element's content, which must not be empty.
pub(super) fn within(xml: &str, path: &str, markup: &str) -> String {
    let range = range(xml, path);
    let at = range.start + xml[range].find('>').unwrap() + 1;
    [&xml[..at], markup, &xml[at..]].concat()
}

/// Puts markup behind an element's content, which must not be empty.
pub(super) fn within_last(xml: &str, path: &str, markup: &str) -> String {
    let range = range(xml, path);
    let at = range.start + xml[range].rfind("</").unwrap();
    [&xml[..at], markup, &xml[at..]].concat()
}

/// Replaces the one place where `from` stands.
pub(super) fn swap(xml: &str, from: &str, to: &str) -> String {
    assert_eq!(xml.matches(from).count(), 1, "{from} must stand there once");
    xml.replacen(from, to, 1)
}

/// Replaces the first place where `from` stands.
pub(super) fn swap_first(xml: &str, from: &str, to: &str) -> String {
    assert!(xml.contains(from), "{from} must stand there");
    xml.replacen(from, to, 1)
}

/// Gives an element's start tag another attribute, or another value of one.
pub(super) fn with_attribute(xml: &str, path: &str, name: &str, value: &str) -> String {
    let xml = without_attribute(xml, path, name);
    let range = range(&xml, path);
    let tag_end = xml[range.clone()].find(['>', '/', ' ']).unwrap();
    let at = range.start + tag_end;
    [&xml[..at], &format!(" {name}=\"{value}\""), &xml[at..]].concat()
}

pub(super) fn without_attribute(xml: &str, path: &str, name: &str) -> String {
    let range = range(xml, path);
    let tag_end = range.start + xml[range.clone()].find('>').unwrap();
    let tag = &xml[range.start..tag_end];
    let Some(start) = tag.find(&format!(" {name}=\"")) else { return xml.to_owned() };
    let value_start = start + name.len() + 3;
    let end = value_start + tag[value_start..].find('"').unwrap() + 1;
    [&xml[..range.start + start], &xml[range.start + end..]].concat()
}

pub(super) fn attribute<'x>(xml: &'x str, path: &str, name: &str) -> &'x str {
    let element = element(xml, path);
    let start = element.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    let rest = &element[start..];
    &rest[..rest.find('"').unwrap()]
}

/// The attacker's copy of an assertion: another ID, another person, no signature.
pub(super) fn evil_copy(xml: &str) -> String {
    let assertion = unsigned_element(element(xml, "Assertion"));
    let id = attribute(xml, "Assertion", "ID");
    assertion.replace(ADA, EVE).replace(id, EVIL_ID)
}

/// An element without the first signature in it.
pub(super) fn unsigned_element(element: &str) -> String {
    match (element.find("<ds:Signature "), element.find("</ds:Signature>")) {
        (Some(start), Some(end)) => [&element[..start], &element[end + "</ds:Signature>".len()..]].concat(),
        _ => element.to_owned(),
    }
}

/// Puts markup directly behind the first Issuer of an element given as text.
pub(super) fn behind_issuer(element: &str, markup: &str) -> String {
    const END: &str = "</saml:Issuer>";
    let at = element.find(END).unwrap() + END.len();
    [&element[..at], markup, &element[at..]].concat()
}

/// The path of the one signature that a response has.
pub(super) fn signature_path(xml: &str) -> &'static str {
    if has(xml, "Signature") { "Signature" } else { "Assertion/Signature" }
}

/// Changes SignedInfo and signs it again with the provider's key: a signature that is odd and verifies.
pub(super) fn resigned(xml: &str, change: impl FnOnce(&str) -> String) -> String {
    resigned_with(xml, change, |canonical| {
        let algorithm = SignatureAlgorithm::RsaPkcs1(DigestAlgorithm::Sha256);
        TestKey::Rsa.signing_key().sign(algorithm, canonical).unwrap()
    })
}

/// The same with any signature over the exclusive canonical form of SignedInfo.
pub(super) fn resigned_with(
    xml: &str,
    change: impl FnOnce(&str) -> String,
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let path = format!("{}/SignedInfo", signature_path(xml));
    let signed_info = change(element(xml, &path));
    let value = sign(&canonical(&signed_info, &[]));
    with_signature_value(&with(xml, &path, &signed_info), &base64_encode(&value))
}

/// Gives the one signature another SignatureValue.
pub(super) fn with_signature_value(xml: &str, value: &str) -> String {
    let markup = format!("<ds:SignatureValue>{value}</ds:SignatureValue>");
    with(xml, &format!("{}/SignatureValue", signature_path(xml)), &markup)
}

/// The exclusive canonical form of a document; `prefixes` are of its InclusiveNamespaces.
pub(super) fn canonical(document: &str, prefixes: &[&str]) -> Vec<u8> {
    let document = parse(document);
    let mut bytes = Vec::new();
    canonicalize(document.root(), &Canonical { prefix_list: prefixes, without: None }, &mut bytes);
    bytes
}

/// The DigestValue that the element with this ID should have: exclusive, without its signature.
pub(super) fn digest_value(xml: &str, id: &str, algorithm: DigestAlgorithm) -> String {
    base64_encode(digest(algorithm, &canonical_element(xml, id, &[])).as_ref())
}

/// The canonical form of the element with this ID, without its signature.
pub(super) fn canonical_element(xml: &str, id: &str, prefixes: &[&str]) -> Vec<u8> {
    let document = parse(xml);
    let element = document.element_by_id(id).unwrap();
    let signature = element.children().find(|child| child.local_name() == "Signature");
    let mut bytes = Vec::new();
    canonicalize(element, &Canonical { prefix_list: prefixes, without: signature }, &mut bytes);
    bytes
}

fn parse(xml: &str) -> xml::Document {
    let limits = XmlLimits::METADATA;
    xml::parse(xml.as_bytes().to_vec(), Profile::Message, &limits, &mut Budget::new()).unwrap()
}

/// The DER of a certificate or key in PEM.
pub(super) fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    base64_decode(body.as_bytes()).unwrap()
}
