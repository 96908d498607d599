//! The second lock: libxmlsec1 on OpenSSL verifies what our own engine has accepted, or it does not count.
//!
//! [`verify`](super::verify) makes the one call, [`confirm`], when every rule of the profile has passed, so that
//! libxmlsec1 never sees a transform, reference or key that we have not accepted. It gets the same text, which
//! libxml2 parses anew, the same element by its place in the tree, the same signature and the one key that made
//! it. Nothing is read from its tree: it can only refuse.
//!
//! libxmlsec1 writes the reasons of its refusals to standard error.

use libxml::parser::{Parser, ParserOptions};
use libxml::tree::{Document as Tree, Node};
use xmlsec::{XmlSecDocumentExt, XmlSecKey, XmlSecKeyFormat, XmlSecResult, XmlSecSignatureContext};

use super::algorithms::{EXCLUSIVE_C14N, digest_uri};
use super::{Error, NAMESPACE, Signature};
use crate::crypto::{DigestAlgorithm, PublicKey};
use crate::xml::{Element, Read as _, Writer};

/// Passes when libxmlsec1, too, finds that `key` has signed `element`.
///
/// # Errors
/// [`Error::SecondLockDisagrees`], [`Error::SecondLockUnsupported`].
pub(super) fn confirm(element: Element<'_>, signature: &Signature<'_>, key: &PublicKey) -> Result<(), Error> {
    if let Some(what) = misread_parameter(signature) {
        return Err(Error::SecondLockUnsupported { what: what.to_owned() });
    }
    let tree = parse(text_of(element)).ok_or(disagrees("libxml2 does not read the document"))?;
    tree.specify_idattr(&xpath(&path_of(element)), "ID", None)
        .map_err(|_| disagrees("libxml2 has no such element with this ID"))?;
    let node = find(&tree, &path_of(signature.node))
        .ok_or(disagrees("libxml2 has no element where the signature stands"))?;
    match verify(&node, key) {
        Ok(true) => Ok(()),
        Ok(false) => Err(disagrees("libxmlsec1 finds another digest or signature")),
        Err(_) => Err(match missing_algorithm(signature, key) {
            Some(uri) => Error::SecondLockUnsupported { what: uri.to_owned() },
            None => disagrees("libxmlsec1 does not process the signature"),
        }),
    }
}

/// The text in which libxml2 finds the places of [`path_of`].
///
/// A document that inherits namespaces, as what is decrypted does, is to be given inside of an element that
/// declares them, and its paths then lead through that element. Without it the two engines disagree.
fn text_of(element: Element<'_>) -> &str {
    element.document().source_text()
}

/// The way down to an element: the position among the child elements at each level, first the root's own.
fn path_of(element: Element<'_>) -> Vec<usize> {
    let mut path = Vec::new();
    let mut below = element;
    while let Some(parent) = below.parent() {
        path.push(parent.children().take_while(|child| *child != below).count());
        below = parent;
    }
    path.push(0);
    path.reverse();
    path
}

fn xpath(path: &[usize]) -> String {
    path.iter().map(|position| format!("/*[{}]", position + 1)).collect()
}

fn find(tree: &Tree, path: &[usize]) -> Option<Node> {
    let (_, below_root) = path.split_first()?;
    below_root.iter().try_fold(tree.get_root_element()?, |node, &position| {
        let first = node.get_first_element_child()?;
        std::iter::successors(Some(first), Node::get_next_element_sibling).nth(position)
    })
}

fn parse(text: &str) -> Option<Tree> {
    let options = ParserOptions { recover: false, no_net: true, ..ParserOptions::default() };
    Parser::default().parse_string_with_options(text, options).ok()
}

fn verify(signature: &Node, key: &PublicKey) -> XmlSecResult<bool> {
    let mut context = XmlSecSignatureContext::new();
    context.insert_key(XmlSecKey::from_memory(&key.to_spki_der(), XmlSecKeyFormat::Der, None)?);
    context.verify_node(signature)
}

/// The algorithm that stops libxmlsec1 even where nothing but a digest is wrong.
fn missing_algorithm<'d>(signature: &Signature<'d>, key: &PublicKey) -> Option<&'d str> {
    if !knows(signature.algorithm_uri, digest_uri(DigestAlgorithm::Sha256), key) {
        return Some(signature.algorithm_uri);
    }
    (!knows(signature.algorithm_uri, signature.digest_uri, key)).then_some(signature.digest_uri)
}

fn knows(method: &str, digest: &str, key: &PublicKey) -> bool {
    let tree = probe(method, digest).and_then(|text| parse(&text));
    tree.and_then(|tree| verify(&tree.get_root_element()?, key).ok()).is_some()
}

/// A signature over itself with a digest that nothing has: libxmlsec1 answers that it is wrong if it knows the
/// algorithms, and not at all if it does not.
fn probe(method: &str, digest: &str) -> Option<String> {
    let mut writer = Writer::new();
    writer.start("Signature").attribute("xmlns", NAMESPACE).start("SignedInfo");
    writer.element("CanonicalizationMethod", &[("Algorithm", EXCLUSIVE_C14N)], "");
    writer.element("SignatureMethod", &[("Algorithm", method)], "");
    writer.start("Reference").attribute("URI", "").start("Transforms");
    writer.element("Transform", &[("Algorithm", EXCLUSIVE_C14N)], "");
    writer.end();
    writer.element("DigestMethod", &[("Algorithm", digest)], "");
    writer.element("DigestValue", &[], "AAAA");
    writer.end().end();
    writer.element("SignatureValue", &[], "AAAA");
    writer.end();
    String::from_utf8(writer.finish().ok()?).ok()
}

/// A spelling that means to libxmlsec1 what it does not mean: it splits a PrefixList at every single space, takes
/// nothing between two for `#default`, and needs the attribute.
fn misread_parameter(signature: &Signature<'_>) -> Option<&'static str> {
    let alike =
        |list: &str| !list.starts_with(' ') && !list.contains("  ") && !list.contains(['\t', '\n', '\r']);
    let lists = signature.node.descendants().filter(|e| e.is(EXCLUSIVE_C14N, "InclusiveNamespaces"));
    let misread = lists.map(|e| e.attribute("PrefixList")).any(|list| !list.is_some_and(alike));
    misread.then_some("a PrefixList whose entries are not separated by one space each")
}

fn disagrees(step: &'static str) -> Error {
    Error::SecondLockDisagrees { step }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64_decode;
    use crate::limits::{Budget, XmlLimits};
    use crate::xml::{self, Document, Profile};

    /// Signed by [`KEY`].
    const SIGNED: &str = concat!(
        r#"<a xmlns:p="urn:p"><b/><r xmlns="urn:r" ID="_1"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
        r#"<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"#,
        r#"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"#,
        r#"<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>"#,
        r##"<ds:Reference URI="#_1"><ds:Transforms>"##,
        r#"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"#,
        r#"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces "#,
        r#"xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="p"/></ds:Transform></ds:Transforms>"#,
        r#"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>"#,
        "<ds:DigestValue>7UaXiaa9vDyxDJswv/6lrQaQN5cbmTSqbr/0giXtrdA=</ds:DigestValue></ds:Reference></ds:SignedInfo>",
        "<ds:SignatureValue>apQRP1eC0S33Yu2l8dfBSlEuZnGpoZlArNnnTxtoq4Q+39rQjkVAjrFBtfDGpLszTWuLEHM0jxD8k/ANcLwhSw==",
        r#"</ds:SignatureValue></ds:Signature><v p:a="1">value</v></r></a>"#,
    );
    const KEY: &[u8] = b"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/Xczczi09ud5/EYoVn+UEVmQbfz928cZOOzGAfUL5vAx\
                         XLNI012WOp4evYTderCnVkx5eDxP6/iOgOliTAM2pg==";

    fn document(text: &str) -> Document {
        xml::parse(text.into(), Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new()).unwrap()
    }

    fn key(base64: &[u8]) -> PublicKey {
        PublicKey::from_spki_der(&base64_decode(base64).unwrap()).unwrap()
    }

    /// What the second lock says of the text, whatever our own engine does.
    fn confirmed(text: &str, key: &PublicKey) -> Result<(), Error> {
        let document = document(text);
        let element = document.element_by_id("_1").unwrap();
        let node = super::super::signature_of(element).unwrap().unwrap();
        confirm(element, &Signature::read(node).unwrap(), key)
    }

    #[test]
    fn it_refuses_what_was_not_signed() {
        let key = key(KEY);
        assert_eq!(confirmed(SIGNED, &key), Ok(()));
        let other = disagrees("libxmlsec1 finds another digest or signature");
        for (from, to) in [
            (">value<", ">valve<"),
            (r#"xmlns:p="urn:p""#, r#"xmlns:p="urn:q""#),
            ("7UaXiaa9", "8UaXiaa9"),
            ("apQRP1eC", "bpQRP1eC"),
            ("xmlenc#sha256", "xmlenc#sha512"),
        ] {
            let changed = SIGNED.replace(from, to);
            assert_ne!(changed, SIGNED);
            assert_eq!(confirmed(&changed, &key), Err(other.clone()), "{to}");
        }
    }

    #[test]
    fn only_the_key_at_hand_counts() {
        // The x and y of `KEY`, exchanged for a point that nobody has the private half of.
        let mut spki = key(KEY).to_spki_der();
        spki.truncate(27);
        spki.extend_from_slice(&P256_GENERATOR);
        let other = PublicKey::from_spki_der(&spki).unwrap();
        assert_eq!(confirmed(SIGNED, &other), Err(disagrees("libxmlsec1 finds another digest or signature")));
    }

    #[test]
    fn an_algorithm_that_it_lacks_is_no_disagreement() {
        let key = key(KEY);
        let ecdsa = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
        for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
            assert!(knows(ecdsa, digest_uri(digest), &key), "{digest}");
        }
        assert!(!knows("urn:unheard-of", digest_uri(DigestAlgorithm::Sha256), &key));
        assert!(!knows(ecdsa, "urn:unheard-of", &key));
    }

    #[test]
    fn a_misread_prefix_list_is_no_disagreement() {
        for list in [" p", "p  q", "p&#9;q", "p&#10;q"] {
            let text = SIGNED.replace(r#"PrefixList="p""#, &format!(r#"PrefixList="{list}""#));
            let what = "a PrefixList whose entries are not separated by one space each".to_owned();
            assert_eq!(confirmed(&text, &key(KEY)), Err(Error::SecondLockUnsupported { what }), "{list}");
        }
    }

    #[test]
    fn places_are_counted_in_elements() {
        let document = document("<a>text<b/><![CDATA[x]]><c><d/>text<e/></c></a>");
        let tree = parse(document.source_text()).unwrap();
        for element in std::iter::once(document.root()).chain(document.root().descendants()) {
            let path = path_of(element);
            assert_eq!(find(&tree, &path).unwrap().get_name(), element.local_name());
            let by_xpath = tree.get_root_element().unwrap().findnodes(&xpath(&path)).unwrap();
            assert_eq!(by_xpath.first(), find(&tree, &path).as_ref());
        }
        assert_eq!(find(&tree, &[0, 2]), None);
    }

    const P256_GENERATOR: [u8; 64] = [
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77,
        0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3,
        0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33,
        0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
    ];
}
