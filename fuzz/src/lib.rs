//! What several fuzz targets share: comparing and printing trees, and changing documents.

pub mod mutation;

use admittance::{
    limits::{Budget, XmlLimits},
    xml::{self, Document, Element, Profile, Read, Writer},
};

/// Reads a protocol message.
pub fn parse(bytes: &[u8]) -> Result<Document, xml::Error> {
    xml::parse(bytes.to_vec(), Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new())
}

/// The tree as roxmltree reads it must be the same: names, attributes, texts, order.
pub fn assert_same(ours: Element<'_>, theirs: roxmltree::Node<'_, '_>) {
    // `xmlns=""` is no namespace (Namespaces in XML 1.0 §6.2); roxmltree names it by the empty text.
    let namespace = theirs.tag_name().namespace().filter(|name| !name.is_empty());
    assert_eq!(ours.namespace(), namespace, "namespace of {}", ours.qualified_name());
    assert_eq!(ours.local_name(), theirs.tag_name().name());
    let attributes: Vec<_> = ours.attributes().map(|a| (a.namespace, a.local_name, a.value)).collect();
    let expected: Vec<_> = theirs.attributes().map(|a| (a.namespace(), a.name(), a.value())).collect();
    assert_eq!(attributes, expected, "attributes of {}", ours.qualified_name());
    let text: String = theirs.children().filter(|n| n.is_text()).filter_map(|n| n.text()).collect();
    assert_eq!(ours.text(), text, "text of {}", ours.qualified_name());
    let ours: Vec<_> = ours.children().collect();
    let theirs: Vec<_> = theirs.children().filter(|n| n.is_element()).collect();
    assert_eq!(ours.len(), theirs.len(), "number of children");
    ours.into_iter().zip(theirs).for_each(|(ours, theirs)| assert_same(ours, theirs));
}

/// Two readings must be the same tree.
pub fn assert_equal(one: Element<'_>, other: Element<'_>) {
    assert_eq!((one.namespace(), one.local_name()), (other.namespace(), other.local_name()));
    let attributes = |element: Element<'_>| -> Vec<(Option<String>, String, String)> {
        let owned = |a: xml::Attribute<'_>| {
            (a.namespace.map(str::to_owned), a.local_name.to_owned(), a.value.to_owned())
        };
        let mut all: Vec<_> = element.attributes().map(owned).collect();
        all.sort();
        all
    };
    assert_eq!(attributes(one), attributes(other));
    assert_eq!(one.text(), other.text());
    assert_eq!(one.all_text(), other.all_text());
    let (one, other): (Vec<_>, Vec<_>) = (one.children().collect(), other.children().collect());
    assert_eq!(one.len(), other.len(), "number of children");
    one.into_iter().zip(other).for_each(|(one, other)| assert_equal(one, other));
}

/// Prints a tree with prefixes of its own. Text comes before the child elements, so only trees without text
/// between elements read back with the same `all_text`.
pub fn print(element: Element<'_>) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer, element);
    writer.finish().expect("what was read can be written")
}

/// Whether text stands only where [`print`] puts it.
pub fn text_comes_first(node: roxmltree::Node<'_, '_>) -> bool {
    node.descendants().all(|node| {
        let mut children = node.children().skip_while(|child| child.is_text());
        children.all(|child| child.is_element())
    })
}

fn write(writer: &mut Writer, element: Element<'_>) {
    let local = element.local_name();
    match element.namespace() {
        Some(XML) => writer.start(&format!("xml:{local}")),
        Some(namespace) => writer.start(&format!("e:{local}")).attribute("xmlns:e", namespace),
        None => writer.start(local),
    };
    for (index, attribute) in element.attributes().enumerate() {
        let (local, value) = (attribute.local_name, attribute.value);
        match attribute.namespace {
            Some(XML) => writer.attribute(&format!("xml:{local}"), value),
            Some(namespace) => {
                let prefix = format!("a{index}");
                writer.attribute(&format!("xmlns:{prefix}"), namespace);
                writer.attribute(&format!("{prefix}:{local}"), value)
            }
            None => writer.attribute(local, value),
        };
    }
    let text = element.text();
    if !text.is_empty() {
        writer.text(&text);
    }
    for child in element.children() {
        write(writer, child);
    }
    writer.end();
}

const XML: &str = "http://www.w3.org/XML/1998/namespace";
