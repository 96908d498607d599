//! libxmlsec1 as a service provider would call it: every `ID` is named, and every signature of a document is asked
//! for under every key.

use std::collections::BTreeSet;

use admittance::crypto::TrustedKeys;
use libxml::parser::{Parser, ParserOptions};
use libxml::tree::{Document, Node};
use xmlsec::{XmlSecDocumentExt, XmlSecKey, XmlSecKeyFormat, XmlSecSignatureContext};

/// The way down to an element: its position among the child elements at each level.
pub(super) type Place = Vec<usize>;

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const XSLT: &str = "http://www.w3.org/TR/1999/REC-xslt-19991116";

/// The keys as libxmlsec1 has them. To read them takes OpenSSL longer than to verify with them.
pub(super) fn keys(trusted: &TrustedKeys) -> Vec<XmlSecKey> {
    let read = |spki: Vec<u8>| XmlSecKey::from_memory(&spki, XmlSecKeyFormat::Der, None).unwrap();
    trusted.iter().map(|key| read(key.key().to_spki_der())).collect()
}

/// The elements whose direct child signature libxmlsec1 verifies.
pub(super) fn verified(document: &[u8], keys: &[XmlSecKey]) -> BTreeSet<Place> {
    let Some(tree) = parse(document) else { return BTreeSet::new() };
    name_ids(&tree);
    let is_verified =
        |signature: &Node| leads_nowhere_else(signature) && keys.iter().any(|key| verifies(signature, key));
    let mut found = BTreeSet::new();
    let mut open: Vec<(Place, Node)> =
        tree.get_root_element().map(|root| (Place::new(), root)).into_iter().collect();
    while let Some((place, element)) = open.pop() {
        for (position, child) in element.get_child_elements().into_iter().enumerate() {
            if is_dsig(&child, "Signature") && is_verified(&child) {
                found.insert(place.clone());
            }
            open.push(([place.as_slice(), &[position]].concat(), child));
        }
    }
    found
}

/// The digest and the value that libxmlsec1 puts into the signature whose value is a mark.
pub(super) fn sign(document: &str, mark: &str, pem: &[u8]) -> Option<(String, String)> {
    let tree = parse(document.as_bytes())?;
    name_ids(&tree);
    let all = tree.get_root_element()?.findnodes("//*").ok()?;
    let value = all.iter().find(|node| is_dsig(node, "SignatureValue") && node.get_content() == mark)?;
    let signature = value.get_parent()?;
    let mut context = XmlSecSignatureContext::new();
    context.insert_key(XmlSecKey::from_memory(pem, XmlSecKeyFormat::Pem, None).ok()?);
    context.sign_node(&signature).ok()?;
    let digest = signature.findnodes(".//*[local-name()='DigestValue']").ok()?.pop()?;
    Some((digest.get_content(), value.get_content()))
}

fn parse(document: &[u8]) -> Option<Document> {
    let options = ParserOptions { recover: false, no_net: true, ..ParserOptions::default() };
    Parser::default().parse_string_with_options(document, options).ok()
}

/// One by one, so that an identifier that stands twice hides nothing but its second element.
fn name_ids(tree: &Document) {
    let elements =
        tree.get_root_element().and_then(|root| root.findnodes("//*[@ID]").ok()).unwrap_or_default();
    for number in 1..=elements.len() {
        let _ = tree.specify_idattr(&format!("(//*[@ID])[{number}]"), "ID", None);
    }
}

/// A signature that would have libxmlsec1 open a file or a connection, or run a program, is not asked for.
fn leads_nowhere_else(signature: &Node) -> bool {
    let below = signature.findnodes(".//*").unwrap_or_default();
    below.iter().all(|element| {
        let uri = element.get_attribute("URI").unwrap_or_default();
        (uri.is_empty() || uri.starts_with('#'))
            && element.get_attribute("Algorithm").as_deref() != Some(XSLT)
    })
}

fn verifies(signature: &Node, key: &XmlSecKey) -> bool {
    let mut context = XmlSecSignatureContext::new();
    context.insert_key(key.clone());
    context.verify_node(signature).unwrap_or(false)
}

fn is_dsig(node: &Node, name: &str) -> bool {
    node.get_name() == name && node.get_namespace().is_some_and(|namespace| namespace.get_href() == DSIG)
}
