//! The strict parser: each rule with an input that breaks only it, and roxmltree as a second opinion.

use admittance::limits::{Budget, Resource, XmlLimits};
use admittance::xml::{self, Document, Element, Error, Profile, Read, Writer};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Document, Error> {
    parse_bytes(text.as_bytes())
}

fn parse_bytes(bytes: &[u8]) -> Result<Document, Error> {
    xml::parse(bytes.to_vec(), Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new())
}

fn rule(text: &str) -> &'static str {
    match parse(text) {
        Err(Error::Malformed { rule, .. } | Error::Namespace { rule, .. }) => rule,
        Err(other) => panic!("{text}: {other}"),
        Ok(_) => panic!("accepted: {text}"),
    }
}

#[test]
fn reads_names_values_and_text() {
    let document = parse("<?xml version='1.0' encoding='utf-8'?>\n<p:a xmlns:p='urn:p' xmlns='urn:d' x='1' p:x='2'><b> t<![CDATA[<u>]]>&amp;</b>v<c/>w</p:a>\n").unwrap();
    let root = document.root();
    assert!(root.is("urn:p", "a"));
    assert_eq!((root.attribute("x"), root.attribute_ns("urn:p", "x")), (Some("1"), Some("2")));
    let children: Vec<_> = root.children().collect();
    assert_eq!(children.len(), 2);
    assert!(children[0].is("urn:d", "b") && children[1].is("urn:d", "c"));
    assert_eq!(children[0].text(), " t<u>&");
    assert_eq!((root.text(), root.all_text()), ("vw".into(), " t<u>&vw".into()));
}

#[test]
fn skips_a_byte_order_mark() {
    assert!(parse("\u{FEFF}<a/>").is_ok());
    assert!(matches!(parse("\u{FEFF}\u{FEFF}<a/>"), Err(Error::Malformed { .. })));
}

#[test]
fn normalizes_line_ends_and_attribute_white_space() {
    let document = parse("<a x='1\r\n2\t3\r4&#13;&#10;&#9;'>1\r\n2\r3&#13;4</a>").unwrap();
    assert_eq!(document.root().attribute("x"), Some("1 2 3 4\r\n\t"));
    assert_eq!(document.root().text(), "1\n2\n3\r4");
}

#[test]
fn refuses_what_is_not_well_formed() {
    for (text, expected) in [
        ("", "there is no root element"),
        ("  ", "there is no root element"),
        ("<a>", "an element is not closed"),
        ("<a></b>", "an end tag does not match its start tag"),
        ("</a>", "an end tag without start tag"),
        ("<a/><b/>", "a second root element"),
        ("<a/>x", "text outside of the root element"),
        ("x<a/>", "text outside of the root element"),
        ("<a/>&amp;", "text outside of the root element"),
        ("<![CDATA[ ]]><a/>", "text outside of the root element"),
        ("<a>]]></a>", "`]]>` in text"),
        ("<a>\u{1}</a>", "a character that XML 1.0 does not allow"),
        ("<a>\u{FFFE}</a>", "a character that XML 1.0 does not allow"),
        ("<a>&#1;</a>", "a reference to a character that XML 1.0 does not allow"),
        ("<a>&#xD800;</a>", "a reference to a character that XML 1.0 does not allow"),
        ("<a>&#xFFFF;</a>", "a reference to a character that XML 1.0 does not allow"),
        ("<a>&#99999999999999999999;</a>", "a reference to a character that XML 1.0 does not allow"),
        ("<a>&#;</a>", "a reference to a character that XML 1.0 does not allow"),
        ("<a>&#x+41;</a>", "not a character reference"),
        ("<a>&#X41;</a>", "not a character reference"),
        ("<a>&nbsp;</a>", "a reference to an entity that is not predefined"),
        ("<a>&</a>", "a reference does not end"),
        ("<a>& b</a>", "a reference does not end"),
        ("<a b='&lt'/>", "a reference does not end"),
        ("<a b='<'/>", "`<` in an attribute's value"),
        ("<a b/>", "an attribute has no value"),
        ("<a b=c/>", "an attribute's value is not quoted"),
        ("<a b='1'c='2'/>", "no white space before an attribute"),
        ("<a b='1' b='2'/>", "an attribute stands twice"),
        ("<a xmlns:p='urn:p' xmlns:p='urn:p'/>", "an attribute stands twice"),
        ("<a xmlns='urn:p' xmlns='urn:p'/>", "an attribute stands twice"),
        ("<1/>", "not a name"),
        ("<a !/>", "not a name"),
        ("<:a/>", "not a name"),
        ("<a: xmlns:a='urn:a'/>", "not a name"),
        ("<a / >", "not a name"),
        ("<a xmlns:='urn:a'/>", "not a name"),
        (" <?xml version='1.0'?><a/>", "the XML declaration does not stand first"),
        ("<a><?xml version='1.0'?></a>", "the XML declaration does not stand first"),
        ("<?xml version='1.1'?><a/>", "the version is not 1.0"),
        ("<?xml encoding='utf-8'?><a/>", "the XML declaration has no version"),
        ("<?xml version='1.0' standalone='maybe'?><a/>", "standalone is neither yes nor no"),
        (
            "<?xml version='1.0' standalone='no' encoding='utf-8'?><a/>",
            "the XML declaration has an unknown or misplaced part",
        ),
        ("<a", "markup does not end"),
        ("<a b='>", "markup does not end"),
        ("<!-- ", "markup does not end"),
        ("<![CDATA[", "markup does not end"),
        ("<!ELEMENT a ANY><a/>", "markup does not end"),
    ] {
        assert_eq!(rule(text), expected, "{text}");
    }
}

#[test]
fn refuses_what_is_not_namespace_well_formed() {
    for (text, expected) in [
        ("<p:a/>", "a prefix is not declared"),
        ("<a p:b='1'/>", "a prefix is not declared"),
        ("<a><b xmlns:p='urn:p'/><p:c/></a>", "a prefix is not declared"),
        ("<a xmlns:p=''/>", "a prefix is undeclared"),
        ("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", "xml and xmlns cannot be declared"),
        ("<a xmlns:xmlns='urn:a'/>", "xml and xmlns cannot be declared"),
        ("<a xmlns:b='http://www.w3.org/XML/1998/namespace'/>", "a prefix is bound to a reserved namespace"),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "a prefix is bound to a reserved namespace"),
        ("<xmlns:a/>", "xmlns is no prefix for an element"),
        ("<a xmlns='relative'/>", "a namespace name is no absolute URI"),
        ("<a xmlns:p='../x'/>", "a namespace name is no absolute URI"),
        ("<a xmlns:p='urn:a b'/>", "a namespace name is no absolute URI"),
        ("<a:b:c xmlns:a='urn:a'/>", "a name has more than one colon"),
        ("<a xmlns:p='urn:p' xmlns:q='urn:p' p:x='1' q:x='2'/>", "an attribute stands twice"),
    ] {
        assert_eq!(rule(text), expected, "{text}");
    }
    let many: String = (0..20).map(|i| format!(" a{i}='1'")).collect();
    assert_eq!(rule(&format!("<a{many} a7='2'/>")), "an attribute stands twice");
}

#[test]
fn refuses_document_types_comments_and_instructions() {
    for text in [
        "<!DOCTYPE a><a/>",
        "<!doctype a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<!DOCTYPE a [",
        "<a><!DOCTYPE a></a>",
    ] {
        assert!(matches!(parse(text), Err(Error::Dtd { .. })), "{text}");
    }
    assert!(matches!(parse("<a><!-- --></a>"), Err(Error::Comment { offset: 3 })));
    assert!(matches!(parse("<a/><!-- -->"), Err(Error::Comment { .. })));
    assert!(matches!(parse("<?p?><a/>"), Err(Error::ProcessingInstruction { .. })));
}

#[test]
fn metadata_may_have_comments_and_outer_instructions() {
    let parse =
        |text: &str| xml::parse(text.into(), Profile::Metadata, &XmlLimits::METADATA, &mut Budget::new());
    let document = parse("<?p?><!-- x --><a>1<!-- 2 -->3</a><!-- y -->").unwrap();
    assert_eq!(document.root().text(), "13");
    assert_eq!(document.node_count(), 2);
    assert!(matches!(parse("<a><?p?></a>"), Err(Error::ProcessingInstruction { .. })));
    assert!(matches!(parse("<a><!-- -- --></a>"), Err(Error::Malformed { .. })));
    assert!(matches!(parse("<?XML?><a/>"), Err(Error::Malformed { .. })));
}

#[test]
fn refuses_other_encodings() {
    assert!(
        matches!(parse("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), Err(Error::Encoding { declared }) if declared == "ISO-8859-1")
    );
    assert!(parse("<?xml version='1.0' encoding='US-ASCII'?><a/>").is_ok());
    assert!(matches!(
        parse("<?xml version='1.0' encoding='US-ASCII'?><a>ü</a>"),
        Err(Error::Encoding { .. })
    ));
    assert!(matches!(parse_bytes(b"<a>\xFF</a>"), Err(Error::NotUtf8 { offset: 3 })));
    assert!(matches!(parse_bytes(b"\xFF\xFE<\0a\0/\0>\0"), Err(Error::NotUtf8 { offset: 0 })));
}

#[test]
fn identifiers_are_unique_whatever_their_spelling() {
    for text in [
        "<a ID='x'><b ID='x'/></a>",
        "<a ID='x'><b Id='x'/></a>",
        "<a ID='x'><b id='x'/></a>",
        "<a ID='x' xml:id='x'/>",
    ] {
        assert!(matches!(parse(text), Err(Error::DuplicateId { id }) if id == "x"), "{text}");
    }
    let document = parse("<a ID='x' xmlns:p='urn:p' p:ID='x'><b Id='y' xml:id='z'/></a>").unwrap();
    assert_eq!(document.element_by_id("x"), Some(document.root()));
    assert_eq!((document.element_by_id("y"), document.element_by_id("z")), (None, None));
    for text in [
        "<a ID=''/>",
        "<a ID='a b'/>",
        "<a ID='a#b'/>",
        "<a ID='a&quot;'/>",
        &format!("<a ID='{}'/>", "x".repeat(1025)),
    ] {
        assert!(matches!(parse(text), Err(Error::InvalidId { .. })), "{text}");
    }
    assert!(parse("<a ID='4f_-.:'/>").is_ok());
}

#[test]
fn an_empty_default_namespace_is_none() {
    let text = "<a xmlns=''><b xmlns='urn:b'><c xmlns=''/></b></a>";
    agrees_with_roxmltree(text).unwrap();
    assert_eq!(parse(text).unwrap().root().namespace(), None);
}

#[test]
fn siblings_that_repeat_a_start_tag_mean_the_same_each_in_its_scope() {
    let text = "<a xmlns='urn:a' xmlns:p='urn:p'><b x='&lt;' p:y='2'>1</b><b x='&lt;' p:y='2'>2</b>\
                <b x='&lt;' p:y='2'/><c xmlns:p='urn:q'><b x='&lt;' p:y='2'/></c><d xmlns:q='urn:q'><q:e/></d>\
                <d xmlns:q='urn:q'><q:e/></d></a>";
    agrees_with_roxmltree(text).unwrap();
    assert!(parse(text).is_ok());
    // The second `b` is outside of the scope in which the first `p:c` was declared.
    assert_eq!(rule("<a><b xmlns:p='urn:p'><p:c/></b><b><p:c/></b></a>"), "a prefix is not declared");
    assert_eq!(rule("<a><b xmlns:p='urn:p'/><b xmlns:p='urn:p'/><p:c/></a>"), "a prefix is not declared");
    assert!(matches!(parse("<a><b ID='i'/><b ID='i'/></a>"), Err(Error::DuplicateId { .. })));
    assert!(matches!(parse("<a><b xml:id='i'/><b xml:id='i'/></a>"), Err(Error::DuplicateId { .. })));
}

#[test]
fn nothing_beyond_a_limit_is_kept() {
    let limits = XmlLimits::MESSAGE;
    let cases: [(Resource, usize, String); 8] = [
        (Resource::Bytes, limits.bytes, format!("<a>{}</a>", "x".repeat(5_000_000))),
        (Resource::Depth, limits.depth, "<a>".repeat(100_000)),
        (Resource::Nodes, limits.nodes, format!("<a>{}</a>", "<b/>".repeat(100_000))),
        (Resource::Attributes, limits.attributes_per_element, format!("<a{}/>", attributes("", 20_000))),
        (Resource::Namespaces, limits.namespaces_in_scope, format!("<a{}/>", namespaces(20_000))),
        (
            Resource::Namespaces,
            limits.namespaces_in_scope,
            (0..33).map(|i| format!("<a xmlns:p{i}='urn:p' xmlns:q{i}='urn:q'>")).collect(),
        ),
        (Resource::AttributeValue, limits.attribute_value, format!("<a b='{}'/>", "x".repeat(70_000))),
        (Resource::Name, limits.name, format!("<{}/>", "x".repeat(1025))),
    ];
    for (resource, limit, text) in cases {
        let mut budget = Budget::new();
        let error = xml::parse(text.into(), Profile::Message, &limits, &mut budget).unwrap_err();
        assert!(
            matches!(error, Error::Limit(exceeded) if exceeded.resource == resource && exceeded.limit == limit),
            "{resource}: {error}"
        );
        for (resource, limit) in [
            (Resource::Bytes, limits.bytes),
            (Resource::Depth, limits.depth),
            (Resource::Nodes, limits.nodes),
            (Resource::Attributes, limits.attributes_per_element),
            (Resource::Namespaces, limits.namespaces_in_scope),
            (Resource::AttributeValue, limits.attribute_value),
            (Resource::Name, limits.name),
        ] {
            assert!(budget.spent(resource) <= limit, "{resource}");
        }
    }
    // The issue's own sizes, whatever limit they meet first.
    for text in [format!("<a{}/>", attributes("", 200_000)), format!("<a{}/>", namespaces(200_000))] {
        let mut budget = Budget::new();
        assert!(xml::parse(text.into(), Profile::Message, &limits, &mut budget).is_err());
        assert!(budget.spent(Resource::Attributes) <= 256 && budget.spent(Resource::Namespaces) <= 64);
    }
    let full = format!("<a{}{}/>", attributes("", 256), namespaces(64));
    assert!(parse(&full).is_ok());
}

fn attributes(prefix: &str, count: usize) -> String {
    (0..count).map(|i| format!(" {prefix}a{i}='1'")).collect()
}

fn namespaces(count: usize) -> String {
    (0..count).map(|i| format!(" xmlns:p{i}='urn:p'")).collect()
}

#[test]
fn the_writer_escapes_and_refuses() {
    let mut writer = Writer::new();
    writer.start("a").attribute("b", "<\"&\t\n\r>").text("<&>\r\n").element("c", &[], "").end();
    let bytes = writer.finish().unwrap();
    let document = parse_bytes(&bytes).unwrap();
    assert_eq!(document.root().attribute("b"), Some("<\"&\t\n\r>"));
    assert_eq!(document.root().text(), "<&>\r\n");

    let refused = |write: &dyn Fn(&mut Writer)| {
        let mut writer = Writer::new();
        write(&mut writer);
        writer.finish().unwrap_err()
    };
    assert!(matches!(
        refused(&|w| {
            w.element("a", &[], "\u{0}");
        }),
        xml::WriteError::Character { .. }
    ));
    assert!(matches!(
        refused(&|w| {
            w.element("a", &[("b", "\u{FFFF}")], "");
        }),
        xml::WriteError::Character { .. }
    ));
    assert!(matches!(
        refused(&|w| {
            w.element("a b", &[], "");
        }),
        xml::WriteError::Name { .. }
    ));
    assert!(matches!(
        refused(&|w| {
            w.start("a");
        }),
        xml::WriteError::Structure
    ));
    assert!(matches!(
        refused(&|w| {
            w.element("a", &[], "").element("b", &[], "");
        }),
        xml::WriteError::Structure
    ));
    assert!(matches!(refused(&|_| {}), xml::WriteError::Structure));
}

/// The same tree: names, attributes, texts and their order.
fn same(ours: Element<'_>, theirs: roxmltree::Node<'_, '_>) -> Result<(), String> {
    let name = ours.qualified_name();
    // `xmlns=""` is no namespace (Namespaces in XML 1.0 §6.2); roxmltree names it by the empty text.
    let namespace = theirs.tag_name().namespace().filter(|name| !name.is_empty());
    if (ours.namespace(), ours.local_name()) != (namespace, theirs.tag_name().name()) {
        return Err(format!("{name}: {:?}", theirs.tag_name()));
    }
    let attributes: Vec<_> = ours.attributes().map(|a| (a.namespace, a.local_name, a.value)).collect();
    let expected: Vec<_> = theirs.attributes().map(|a| (a.namespace(), a.name(), a.value())).collect();
    if attributes != expected {
        return Err(format!("{name}: {attributes:?} and {expected:?}"));
    }
    let text: String =
        theirs.children().filter(|&n| n.is_text()).map(|n| n.text().unwrap_or_default()).collect();
    if ours.text() != text {
        return Err(format!("{name}: text {:?} and {text:?}", ours.text()));
    }
    let (ours, theirs): (Vec<_>, Vec<_>) =
        (ours.children().collect(), theirs.children().filter(|n| n.is_element()).collect());
    if ours.len() != theirs.len() {
        return Err(format!("{name}: {} and {} children", ours.len(), theirs.len()));
    }
    ours.into_iter().zip(theirs).try_for_each(|(ours, theirs)| same(ours, theirs))
}

fn agrees_with_roxmltree(text: &str) -> Result<(), String> {
    let Ok(document) = parse(text) else { return Ok(()) };
    // XML 1.0 §2.11 lets a reader normalize line ends before it parses; roxmltree leaves a lone CR before a
    // reference as it is.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let theirs = roxmltree::Document::parse(&text).map_err(|error| format!("roxmltree refuses: {error}"))?;
    same(document.root(), theirs.root_element())
}

#[test]
fn roxmltree_reads_the_same_tree_in_every_corpus_message() {
    use base64::Engine;
    let mut compared = 0;
    for source in ["crewjam-saml", "derived", "node-saml", "python3-saml", "ruby-saml", "samael", "xmlsec"] {
        for case in crate::shared::json_lines(&format!("corpus/saml/{source}.jsonl")).unwrap_or_default() {
            let Some(response) = case["response"].as_str() else { continue };
            let compact: String = response.split_ascii_whitespace().collect();
            let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(compact) else { continue };
            let Ok(text) = String::from_utf8(bytes) else { continue };
            if parse(&text).is_ok() {
                compared += 1;
            }
            if let Err(difference) = agrees_with_roxmltree(&text) {
                panic!("{}: {difference}", case["name"]);
            }
        }
    }
    assert!(compared == 0 || compared > 300, "only {compared} messages were compared");
}

/// Markup that is nearly well-formed, so that the two parsers meet on the border.
pub(crate) fn nearly_xml() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<a>",
        "</a>",
        "<p:b xmlns:p='urn:p'>",
        "</p:b>",
        "<c x='1'/>",
        "<c xmlns='urn:d' y=\"2\"/>",
        "text",
        " ",
        "\r\n",
        "\r",
        "&amp;",
        "&#13;",
        "&#x20;",
        "&lt;",
        "<![CDATA[",
        "]]>",
        "]]",
        ">",
        "<",
        "'",
        "\"",
        "xmlns=''",
        "x=' &#10;\t'",
        "<d ",
        "/>",
        "p:x='1'",
        "ID='i'",
        "é",
        "\u{10000}",
        ":",
        "=",
        "<e xmlns:p='urn:q' p:x='1'>",
        "</e>",
        "&",
        ";",
        "\u{FFFE}",
        "\0",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| format!("<a>{}</a>", pieces.concat()))
}

proptest! {
    #[test]
    fn what_we_accept_roxmltree_accepts_with_the_same_tree(text in nearly_xml()) {
        if let Err(difference) = agrees_with_roxmltree(&text) {
            prop_assert!(false, "{text:?}: {difference}");
        }
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse_bytes(&bytes);
    }
}
