//! One change to a signed document: of its spelling, of its content, or of what only one of two readers minds.

use super::dice::Dice;

/// The document with one to three changes.
pub(super) fn changed(text: &str, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..[1, 1, 1, 2, 3][dice.below(5)] {
        let before = String::from_utf8_lossy(&bytes).into_owned();
        bytes = match dice.below(12) {
            0 => flip(bytes, dice),
            1 => cut_or_repeat(bytes, dice),
            2 => attach(&before, dice).into(),
            3 => replace(&before, dice).into(),
            4 | 5 => insert(&before, dice).into(),
            6 => wrap(&before, dice).into(),
            _ => respell(&before, dice).into(),
        };
    }
    bytes
}

/// Another bit, anywhere.
fn flip(mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    let at = dice.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << dice.below(8);
    }
    bytes
}

fn cut_or_repeat(bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    let start = dice.below(bytes.len());
    let end = (start + dice.below(40)).min(bytes.len());
    match dice.percent(50) {
        true => [&bytes[..start], &bytes[end..]].concat(),
        false => [&bytes[..end], &bytes[start..]].concat(),
    }
}

/// Something before the document or behind it.
fn attach(text: &str, dice: &mut Dice) -> String {
    match dice.below(2) {
        0 => format!("{}{text}", dice.pick(&BEFORE)),
        _ => format!("{text}{}", dice.pick(&["\n", "<!--c-->", "<?pi?>", "\0", "x", "<a/>"])),
    }
}

/// One text that means something by another.
fn replace(text: &str, dice: &mut Dice) -> String {
    let (from, to) = dice.pick(&REPLACEMENTS);
    match text.match_indices(from).count() {
        0 => text.to_owned(),
        count => {
            let (at, _) = text.match_indices(from).nth(dice.below(count)).unwrap_or((0, ""));
            [&text[..at], to, &text[at + from.len()..]].concat()
        }
    }
}

/// Markup behind the start of a tag's content, or an attribute in the tag.
fn insert(text: &str, dice: &mut Dice) -> String {
    let ends: Vec<usize> = text.match_indices('>').map(|(at, _)| at).collect();
    let at = dice.pick(if ends.is_empty() { &[0] } else { &ends });
    let number = text.len().to_string();
    match dice.percent(50) {
        true => {
            let behind = (at + 1).min(text.len());
            [&text[..behind], &dice.pick(&MARKUP).replace('N', &number), &text[behind..]].concat()
        }
        false => {
            let before = if text[..at].ends_with('/') { at - 1 } else { at };
            [&text[..before], &dice.pick(&ATTRIBUTES).replace('N', &number), &text[before..]].concat()
        }
    }
}

/// The root in another element, or copied beside itself: what signature wrapping does.
fn wrap(text: &str, dice: &mut Dice) -> String {
    let start = text
        .match_indices('<')
        .map(|(at, _)| at)
        .find(|at| text[at + 1..].starts_with(|c: char| c.is_alphabetic() || c == '_'));
    let (before, root) = text.split_at(start.unwrap_or(0));
    let evil = root.replace(" ID=\"", " ID=\"evil");
    match dice.below(5) {
        0 => format!("{before}<wrap>{root}</wrap>"),
        1 => format!("{before}<wrap xmlns=\"urn:w\" xmlns:p=\"urn:w\" ID=\"w\">{root}</wrap>"),
        2 => format!("{before}<wrap>{evil}{root}</wrap>"),
        3 => format!("{before}<wrap>{root}{evil}</wrap>"),
        _ => format!("{before}<wrap>{root}{root}</wrap>"),
    }
}

/// The same content, written differently; at times it is not the same after all.
fn respell(text: &str, dice: &mut Dice) -> String {
    let tags: Vec<(usize, usize)> = text
        .match_indices('<')
        .filter_map(|(at, _)| Some((at, at + text[at..].find('>')?)))
        .filter(|&(at, _)| text[at + 1..].starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .collect();
    let Some((start, end)) = (!tags.is_empty()).then(|| dice.pick(&tags)) else { return text.to_owned() };
    let (tag, before, behind) = (&text[start..end], &text[..start], &text[end..]);
    let spelled = match dice.below(9) {
        0 => tag.replace('"', "'"),
        1 => format!("{}\n", tag.trim_end_matches('/')) + if tag.ends_with('/') { "/" } else { "" },
        2 => tag.replacen("=\"", " = \"", 1),
        3 => match tag.rfind(" xmlns") {
            // The last declaration first.
            Some(at) => match tag.find([' ', '\n', '\t', '\r']) {
                Some(first) => format!("{}{}{}", &tag[..first], &tag[at..], &tag[first..at]),
                None => tag.to_owned(),
            },
            None => tag.to_owned(),
        },
        4 => format!(
            "{}{}",
            tag.trim_end_matches('/'),
            if tag.ends_with('/') { " xmlns:unused=\"urn:u\"/" } else { " xmlns:unused=\"urn:u\"" }
        ),
        5 => return text.replace("\r\n", "\n").replace('\n', "\r\n"),
        6 => return text.replacen('a', "&#97;", 1 + dice.below(3)),
        7 => return format!("{before}{tag}{}", behind.replacen("text", "<![CDATA[te]]>xt", 1)),
        _ => return format!("{before}{tag}{}", behind.replacen("text", "t&#101;xt", 1)),
    };
    [before, &spelled, behind].concat()
}

const BEFORE: [&str; 12] = [
    "\u{FEFF}",
    "\n",
    "<?xml version=\"1.0\"?>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
    "<?xml version=\"1.0\" encoding=\"us-ascii\"?>",
    "<?xml version=\"1.1\"?>",
    "<!DOCTYPE a>",
    "<!DOCTYPE a [<!ENTITY e \"x\">]>",
    "<!DOCTYPE a [<!ATTLIST a name CDATA \"defaulted\">]>",
    "<!--c-->",
    "<?pi data?>",
];

const REPLACEMENTS: [(&str, &str); 38] = [
    ("URI=\"#", "URI=\"#x"),
    ("URI=\"#", "URI=\"#evil"),
    ("URI=\"#", "x:URI=\"#"),
    ("URI=\"#", "URI='' URI=\"#"),
    (" ID=\"", " Id=\""),
    (" ID=\"", " xml:id=\""),
    (" ID=\"", " ID=\" "),
    (" ID=\"", " ID=\"evil"),
    (" ID=\"", " xmlns:x=\"urn:x\" x:ID=\"other\" ID=\""),
    (" ID=\"", " xmlns:x=\"urn:x\" x:ID=\""),
    ("xmlenc#sha256", "xmlenc#sha512"),
    ("xmlenc#sha512", "xmlenc#sha256"),
    ("#ecdsa-sha256", "#ecdsa-sha384"),
    ("#ecdsa-sha256", "#ecdsa-sha1"),
    ("#rsa-sha256", "#rsa-sha1"),
    ("xml-exc-c14n#", "xml-exc-c14n#WithComments"),
    ("xml-exc-c14n#", "xml-exc-c14n"),
    ("PrefixList=", "Other="),
    ("PrefixList=\"", "PrefixList=\"p "),
    ("PrefixList=\"", "PrefixList=\" "),
    ("#default", ""),
    ("urn:a", "urn:b"),
    ("urn:b", "relative"),
    ("urn:b", "urn:b&#32;"),
    ("urn:b", "u&#x72;n:b"),
    ("Signature ", "Signature  "),
    ("DigestValue>", "DigestValue> "),
    ("DigestValue>", "DigestValue>&#10;"),
    ("DigestValue>", "DigestValue><!--c-->"),
    ("SignatureValue>", "SignatureValue> "),
    ("SignatureValue>", "SignatureValue>\n\n"),
    ("SignatureValue>", "SignatureValue>=="),
    ("SignatureValue>", "SignatureValue><!--c-->"),
    ("KeyName>k", "KeyName>another"),
    ("=<", "==<"),
    ("=<", "<"),
    ("/>", " />"),
    ("xmlns=\"\"", ""),
];

const MARKUP: [&str; 23] = [
    "<!--c-->",
    "<!-- a --><!-- b -->",
    "<?pi data?>",
    "<![CDATA[]]>",
    "<![CDATA[ ]]>",
    " ",
    "\n",
    "x",
    "&#13;",
    "&e;",
    "&amp;",
    "<a/>",
    "<x:a/>",
    "<p:x:a xmlns:p=\"urn:a\"/>",
    "<a xmlns=\"relative\"/>",
    "<xml:a/>",
    "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
    "<Object xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
    "<Object xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><a ID=\"evilN\"/></Object>",
    "<KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
    "<Transform xmlns=\"http://www.w3.org/2000/09/xmldsig#\" Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>",
    "]]>",
    "\u{FFFE}",
];

const ATTRIBUTES: [&str; 18] = [
    " a=\"1\"",
    " xmlns:x=\"urn:x\"",
    " xmlns:p=\"urn:a\"",
    " xmlns:p=\"\"",
    " xmlns:p=\"relative\"",
    " xmlns:p=\"urn:a b\"",
    " xmlns=\"\"",
    " xmlns=\"urn:a\"",
    " xmlns:xml=\"http://www.w3.org/XML/1998/namespace\"",
    " xml:id=\"iN\"",
    " xml:id=\"i\"",
    " Id=\"i\"",
    " ID=\"i\"",
    " id=\"i\"",
    " xml:lang=\"en\"",
    " xmlns:x=\"urn:x\" x:URI=\"#i\"",
    " xmlns:x=\"urn:x\" x:Algorithm=\"urn:i\"",
    " \u{e9}=\"\u{e9}\"",
];
