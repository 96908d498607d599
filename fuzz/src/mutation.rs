//! Changes to signed documents that an attacker could make, chosen by the fuzzer.

use std::ops::Range;

use libfuzzer_sys::arbitrary::{self, Unstructured};

/// One change. A document that is not well-formed any more is only changed byte by byte.
pub fn change(text: &str, donor: &str, input: &mut Unstructured<'_>) -> arbitrary::Result<String> {
    let kind = input.int_in_range(0..=10)?;
    let (Ok(document), true) = (roxmltree::Document::parse(text), kind > 1) else {
        let at = boundary(text, input.int_in_range(0..=text.len())?);
        let end = boundary(text, (at + input.int_in_range(0..=4usize)?).min(text.len()));
        return Ok(splice(text, at..end, input.choose(SNIPPETS)?));
    };
    let elements: Vec<_> = document.descendants().filter(|node| node.is_element()).collect();
    let element = *input.choose(&elements)?;
    let range = element.range();

    let donor = roxmltree::Document::parse(donor).expect("the donor is well-formed");
    let source = if input.arbitrary()? { &document } else { &donor };
    let sources: Vec<_> = source.descendants().filter(|node| node.is_element()).collect();
    let other = *input.choose(&sources)?;
    let other_text = &source.input_text()[other.range()];

    Ok(match kind {
        2 => splice(text, range, ""),
        3 => splice(text, range.start..range.start, other_text),
        4 => splice(text, range.end..range.end, other_text),
        5 => {
            let inside = element.children().next().map_or(range.end, |child| child.range().start);
            splice(text, inside..inside, other_text)
        }
        6 => splice(text, range, other_text),
        7 => {
            // The element within a copy of the other's tags.
            let start = other_text.find('>').map_or(0, |end| end + 1);
            let end = other_text.rfind("</").unwrap_or(other_text.len()).max(start);
            let wrapped = [&other_text[..start], &text[range.clone()], &other_text[end..]].concat();
            splice(text, range, &wrapped)
        }
        8 => match element.attributes().len() {
            0 => text.to_owned(),
            count => {
                let attribute =
                    element.attributes().nth(input.int_in_range(0..=count - 1)?).expect("counted");
                let values: Vec<_> = other.attributes().map(|a| a.value()).chain(["", "#", " "]).collect();
                splice(text, attribute.range_value(), input.choose(&values)?)
            }
        },
        9 => match element.attributes().len() {
            0 => text.to_owned(),
            count => {
                let attribute =
                    element.attributes().nth(input.int_in_range(0..=count - 1)?).expect("counted");
                let names = ["ID", "Id", "id", "xml:id", "samlp:ID", "xmlns", "xmlns:ds", "InResponseTo"];
                splice(text, attribute.range_qname(), input.choose(&names)?)
            }
        },
        _ => match element.children().find(|child| child.is_text()) {
            None => text.to_owned(),
            Some(own) => {
                let own = own.range();
                let at = boundary(text, input.int_in_range(own.start..=own.end)?);
                splice(text, at..at, input.choose(SNIPPETS)?)
            }
        },
    })
}

const SNIPPETS: &[&str] = &[
    "",
    "a",
    " ",
    "\n",
    "\r",
    "<",
    ">",
    "&",
    "\"",
    "<!---->",
    "<?p?>",
    "<![CDATA[",
    "]]>",
    "<![CDATA[]]>",
    "&#13;",
    "&#x61;",
    "&amp;",
    "<!DOCTYPE a>",
    " xmlns=\"\"",
    " xmlns:saml=\"urn:x\"",
    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
    " ID=\"_1\"",
    "<a/>",
    "</a>",
    "é",
    "\u{10000}",
];

fn splice(text: &str, range: Range<usize>, new: &str) -> String {
    [&text[..range.start], new, &text[range.end..]].concat()
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
