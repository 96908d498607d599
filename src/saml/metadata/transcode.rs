use std::borrow::Cow;

use crate::{saml::Error, xml};

/// The document in UTF-8: UTF-16 with a byte-order mark and ISO-8859-1 by declaration are brought over, and
/// their declared encoding is blanked out. Anything else passes as it is; the parser judges it.
pub(super) fn to_utf8(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Error> {
    match bytes {
        [0x00, 0x00, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0x00, 0x00, ..] => Err(unsupported("UTF-32")),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [b'<', 0x00, ..] | [0x00, b'<', ..] => Err(unsupported("UTF-16 without a byte-order mark")),
        _ => match declared_encoding(bytes) {
            Some(declared) if declared.name.eq_ignore_ascii_case(b"ISO-8859-1") => {
                let text: String = bytes.iter().copied().map(char::from).collect();
                Ok(Cow::Owned(blank(text.into_bytes(), declared.start, declared.end)))
            }
            _ => Ok(Cow::Borrowed(bytes)),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, [u8]>, Error> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(unsupported("UTF-16 with half a character at its end"));
    }
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .collect::<Result<_, _>>()
        .map_err(|_| unsupported("UTF-16 with half a surrogate pair"))?;
    let text = text.into_bytes();
    let Some(Declared { start, end, name }) = declared_encoding(&text) else { return Ok(Cow::Owned(text)) };
    if !name.eq_ignore_ascii_case(b"UTF-16") {
        return Err(unsupported(&String::from_utf8_lossy(name)));
    }
    Ok(Cow::Owned(blank(text, start, end)))
}

/// `encoding="…"` in an XML declaration, and where it stands.
struct Declared<'b> {
    start: usize,
    end: usize,
    name: &'b [u8],
}

/// Finds the encoding in a declaration of ordinary length; the parser reads the declaration properly.
fn declared_encoding(bytes: &[u8]) -> Option<Declared<'_>> {
    let head = bytes.get(..LONGEST_DECLARATION.min(bytes.len()))?.strip_prefix(b"<?xml")?;
    let declaration = head.get(..find(head, b"?>")?)?;
    let attribute = find(declaration, b"encoding")?;
    let behind_name = declaration.get(attribute + b"encoding".len()..)?;
    let equals = behind_name.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let behind_equals = behind_name.get(equals..)?.strip_prefix(b"=")?;
    let quote_at = behind_equals.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let (quote, behind_quote) = behind_equals.get(quote_at..)?.split_first()?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let length = behind_quote.iter().position(|byte| byte == quote)?;
    let start = b"<?xml".len() + attribute;
    let end = start + b"encoding".len() + equals + 1 + quote_at + 1 + length + 1;
    Some(Declared { start, end, name: behind_quote.get(..length)? })
}

fn blank(mut text: Vec<u8>, start: usize, end: usize) -> Vec<u8> {
    text.iter_mut().take(end).skip(start).for_each(|byte| *byte = b' ');
    text
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn unsupported(declared: &str) -> Error {
    Error::Xml(xml::Error::Encoding { declared: declared.to_owned() })
}

/// Version, encoding and standalone with generous white space.
const LONGEST_DECLARATION: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brings_utf16_and_latin1_over() {
        let text = r#"<?xml version="1.0" encoding="UTF-16"?><a>ü€𝄞</a>"#;
        let expected = r#"<?xml version="1.0"                  ?><a>ü€𝄞</a>"#;
        let little: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(to_utf8(&little).unwrap(), expected.as_bytes());
        assert_eq!(to_utf8(&big).unwrap(), expected.as_bytes());

        let latin = b"<?xml version='1.0' encoding = 'iso-8859-1' standalone='yes'?><a>\xfc</a>";
        let expected = "<?xml version='1.0'                           standalone='yes'?><a>ü</a>";
        let read = to_utf8(latin).unwrap();
        assert_eq!(String::from_utf8(read.into_owned()).unwrap().replace(' ', ""), expected.replace(' ', ""));
    }

    #[test]
    fn leaves_everything_else_to_the_parser() {
        for text in [
            "",
            "<a/>",
            "<?xml version='1.0' encoding='windows-1252'?><a/>",
            "<?xml encoding",
            "\u{feff}<a/>",
        ] {
            assert!(
                matches!(to_utf8(text.as_bytes()), Ok(Cow::Borrowed(same)) if same == text.as_bytes()),
                "{text}"
            );
        }
    }

    #[test]
    fn refuses_what_contradicts_itself() {
        let with_mark = |text: &str| -> Vec<u8> {
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        };
        let mut odd = with_mark("<a/>");
        odd.push(b' ');
        let mut surrogate = with_mark("<a>");
        surrogate.extend([0x00, 0xd8, b'<', 0x00]);
        let other = with_mark("<?xml version='1.0' encoding='UTF-8'?><a/>");
        let unmarked: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [odd, surrogate, other, unmarked, b"\xff\xfe\x00\x00<\x00\x00\x00".to_vec()] {
            assert!(matches!(to_utf8(&bytes), Err(Error::Xml(xml::Error::Encoding { .. }))), "{bytes:?}");
        }
    }
}
