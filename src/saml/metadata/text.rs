//! What comes in, as text (2.4 #12, #13).

use std::io::{BufRead, ErrorKind};

use crate::{
    saml::Error,
    xml::{self, Following, Source},
};
#[cfg(feature = "xmlsec")]
use crate::{saml::Level, xmldsig};

/// Metadata as it comes in, in UTF-8: UTF-16 with a byte-order mark and ISO-8859-1 by declaration are brought over,
/// and their declared encoding is blanked out. Anything else passes as it is; the parser judges it.
pub(super) struct Text<'r> {
    reader: &'r mut dyn BufRead,
    decoder: Decoder,
    following: Following,
    /// The beginning, by which the encoding was found.
    head: String,
    #[cfg(feature = "xmlsec")]
    whole: Whole,
}

/// All that has come in, until it is too long.
#[cfg(feature = "xmlsec")]
#[derive(Default)]
struct Whole {
    text: String,
    longest: usize,
    required: bool,
}

impl<'r> Text<'r> {
    /// Finds out what comes in: something that looks like XML, and in which encoding.
    pub(super) fn open(reader: &'r mut dyn BufRead) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        let mut following = Following::More;
        while following == Following::More && bytes.len() < HEAD {
            following = read(reader, HEAD - bytes.len(), |more| {
                bytes.extend_from_slice(more);
                Ok(())
            })?;
        }
        let (mut decoder, mark) = Decoder::of(&bytes)?;
        let mut head = String::new();
        decoder.decode(bytes.get(mark..).unwrap_or_default(), &mut head)?;
        let head = decoder.without_declaration(head)?;
        looks_like_xml(&head, following)?;
        Ok(Self {
            reader,
            decoder,
            following,
            head,
            #[cfg(feature = "xmlsec")]
            whole: Whole::default(),
        })
    }
}

#[cfg(feature = "xmlsec")]
impl Text<'_> {
    /// Keeps all that comes in, if it is no longer than this.
    pub(super) fn keeping_whole(mut self, longest: usize) -> Self {
        self.whole.longest = longest;
        self
    }

    /// From now on, a text that is too long to be kept is refused.
    pub(super) fn require_whole(&mut self) -> Result<(), Error> {
        self.whole.required = true;
        self.whole.check()
    }

    /// All that has come in, without byte-order mark.
    pub(super) fn whole(&self) -> &str {
        self.whole.text.strip_prefix('\u{FEFF}').unwrap_or(&self.whole.text)
    }
}

#[cfg(feature = "xmlsec")]
impl Whole {
    fn add(&mut self, text: &str) -> Result<(), Error> {
        // The last addition tells that it is too long.
        if self.text.len() <= self.longest {
            self.text.push_str(text);
        }
        self.check()
    }

    fn check(&self) -> Result<(), Error> {
        if !self.required || self.text.len() <= self.longest {
            return Ok(());
        }
        let what = format!("a signed aggregate of more than {} bytes", self.longest);
        Err(Error::Signature {
            level: Level::Metadata,
            error: xmldsig::Error::SecondLockUnsupported { what },
        })
    }
}

impl Source for Text<'_> {
    type Error = Error;

    fn read(&mut self, into: &mut String) -> Result<Following, Error> {
        #[cfg(feature = "xmlsec")]
        let known = into.len();
        if self.head.is_empty() {
            if self.following == Following::More {
                let decoder = &mut self.decoder;
                self.following = read(self.reader, AT_A_TIME, |bytes| decoder.decode(bytes, into))?;
            }
        } else {
            into.push_str(&std::mem::take(&mut self.head));
        }
        if self.following == Following::Nothing {
            self.decoder.end()?;
        }
        #[cfg(feature = "xmlsec")]
        self.whole.add(into.get(known..).unwrap_or_default())?;
        Ok(self.following)
    }
}

/// Has `take` take what the reader has, up to a number of bytes.
fn read(
    reader: &mut dyn BufRead,
    at_most: usize,
    take: impl FnOnce(&[u8]) -> Result<(), Error>,
) -> Result<Following, Error> {
    let bytes = loop {
        match reader.fill_buf() {
            // Asked again below: a borrow cannot be returned out of a loop that asks once more.
            Ok(_) => break reader.fill_buf(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    let bytes = bytes.map_err(|error| Error::MetadataUnreadable { kind: error.kind() })?;
    let bytes = bytes.get(..at_most).unwrap_or(bytes);
    let length = bytes.len();
    take(bytes)?;
    reader.consume(length);
    Ok(if length == 0 { Following::Nothing } else { Following::More })
}

/// Makes text of bytes that come in pieces.
struct Decoder {
    encoding: Encoding,
    /// Bytes of a character that has not come in whole.
    cut: Vec<u8>,
    /// Bytes that have become text.
    passed: usize,
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Latin1,
    Utf16(fn([u8; 2]) -> u16),
}

impl Decoder {
    /// By the first bytes; and how many of them are a byte-order mark, which is no text.
    fn of(head: &[u8]) -> Result<(Self, usize), Error> {
        let (encoding, mark) = match head {
            [0x00, 0x00, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0x00, 0x00, ..] => return Err(unsupported("UTF-32")),
            [0xFE, 0xFF, ..] => (Encoding::Utf16(u16::from_be_bytes), 2),
            [0xFF, 0xFE, ..] => (Encoding::Utf16(u16::from_le_bytes), 2),
            [b'<', 0x00, ..] | [0x00, b'<', ..] => {
                return Err(unsupported("UTF-16 without a byte-order mark"));
            }
            _ => match declared_encoding(head) {
                Some(declared) if declared.name.eq_ignore_ascii_case(b"ISO-8859-1") => (Encoding::Latin1, 0),
                Some(_) | None => (Encoding::Utf8, 0),
            },
        };
        Ok((Self { encoding, cut: Vec::new(), passed: mark }, mark))
    }

    fn decode(&mut self, bytes: &[u8], into: &mut String) -> Result<(), Error> {
        match self.encoding {
            Encoding::Utf8 => self.decode_utf8(bytes, into),
            Encoding::Utf16(unit) => self.decode_utf16(bytes, unit, into),
            Encoding::Latin1 => {
                into.extend(bytes.iter().copied().map(char::from));
                Ok(())
            }
        }
    }

    fn decode_utf8(&mut self, bytes: &[u8], into: &mut String) -> Result<(), Error> {
        let mut rest = bytes;
        while !self.cut.is_empty() {
            let Some((next, behind)) = rest.split_first() else { return Ok(()) };
            rest = behind;
            self.cut.push(*next);
            match std::str::from_utf8(&self.cut) {
                Ok(character) => {
                    into.push_str(character);
                    self.passed += self.cut.len();
                    self.cut.clear();
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(self.not_utf8(0)),
            }
        }
        let text = std::str::from_utf8(rest).or_else(|error| match error.error_len() {
            Some(_) => Err(self.not_utf8(error.valid_up_to())),
            None => {
                let (text, cut) = rest.split_at_checked(error.valid_up_to()).unwrap_or((rest, &[]));
                self.cut.extend_from_slice(cut);
                std::str::from_utf8(text).map_err(|_| self.not_utf8(0))
            }
        })?;
        into.push_str(text);
        self.passed += text.len();
        Ok(())
    }

    fn decode_utf16(
        &mut self,
        bytes: &[u8],
        unit: fn([u8; 2]) -> u16,
        into: &mut String,
    ) -> Result<(), Error> {
        self.cut.extend_from_slice(bytes);
        let (pairs, _) = self.cut.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        // The other half of a surrogate pair may be still to come.
        units.pop_if(|last| matches!(*last, 0xD800..0xDC00));
        let used = 2 * units.len();
        for character in char::decode_utf16(units) {
            into.push(character.map_err(|_| unsupported(HALF_A_PAIR))?);
        }
        self.cut.drain(..used);
        self.passed += used;
        Ok(())
    }

    /// Nothing more comes.
    fn end(&self) -> Result<(), Error> {
        match (self.encoding, self.cut.len()) {
            (_, 0) => Ok(()),
            (Encoding::Utf8 | Encoding::Latin1, _) => Err(self.not_utf8(0)),
            (Encoding::Utf16(_), 2) => Err(unsupported(HALF_A_PAIR)),
            (Encoding::Utf16(_), _) => Err(unsupported("UTF-16 with half a character at its end")),
        }
    }

    /// Blanks out what the text says of its encoding, where it does not have it any more.
    fn without_declaration(&self, text: String) -> Result<String, Error> {
        let (start, end) = match (self.encoding, declared_encoding(text.as_bytes())) {
            (Encoding::Utf8, _) | (_, None) => return Ok(text),
            (Encoding::Utf16(_), Some(declared)) if !declared.name.eq_ignore_ascii_case(b"UTF-16") => {
                return Err(unsupported(&String::from_utf8_lossy(declared.name)));
            }
            (Encoding::Latin1 | Encoding::Utf16(_), Some(declared)) => (declared.start, declared.end),
        };
        Ok(blank(text, start, end))
    }

    fn not_utf8(&self, behind: usize) -> Error {
        Error::Xml(xml::Error::NotUtf8 { offset: self.passed + behind })
    }
}

/// 2.4 #12.
fn looks_like_xml(head: &str, following: Following) -> Result<(), Error> {
    let start = head.strip_prefix('\u{FEFF}').unwrap_or(head).trim_ascii_start().as_bytes();
    let begins =
        |word: &str| start.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()));
    if begins("<!doctype html") || begins("<html") {
        return Err(Error::MetadataHtml);
    }
    let actual = match start {
        [b'<', ..] => return Ok(()),
        [] if following == Following::More => return Ok(()),
        [] => "empty",
        [b'{' | b'[', ..] => "JSON",
        _ if begins("-----BEGIN") => "a PEM text",
        _ if begins("http:") || begins("https:") => "an address",
        _ => "something else",
    };
    Err(Error::MetadataNotXml { actual })
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

fn blank(mut text: String, start: usize, end: usize) -> String {
    // INVARIANT (declared encoding): what is found lies between characters, which `replace_range` insists on.
    if text.is_char_boundary(start) && text.is_char_boundary(end) {
        text.replace_range(start..end, &" ".repeat(end - start));
    }
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
const HALF_A_PAIR: &str = "UTF-16 with half a surrogate pair";

/// Bytes by which encoding and kind are found: a declaration in UTF-16 fits.
const HEAD: usize = 1024;
/// Bytes that are decoded at a time.
const AT_A_TIME: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read};

    use super::*;

    /// The text of bytes that come in one by one, three at a time, and all at once.
    fn to_utf8(bytes: &[u8]) -> Result<String, Error> {
        let all = [1, 3, bytes.len().max(1)].map(|at_a_time| {
            let mut reader = BufReader::with_capacity(at_a_time, bytes);
            let mut text = Text::open(&mut reader)?;
            let mut read = String::new();
            while text.read(&mut read)? == Following::More {}
            Ok(read)
        });
        let [one, three, whole] = all;
        assert_eq!(one, whole);
        assert_eq!(three, whole);
        whole
    }

    #[test]
    fn brings_utf16_and_latin1_over() {
        let filler = "𝄞€ü".repeat(1000);
        let text = format!(r#"<?xml version="1.0" encoding="UTF-16"?><a>ü€𝄞{filler}</a>"#);
        let expected = format!(r#"<?xml version="1.0"                  ?><a>ü€𝄞{filler}</a>"#);
        let little: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(to_utf8(&little).unwrap(), expected);
        assert_eq!(to_utf8(&big).unwrap(), expected);

        let latin = b"<?xml version='1.0' encoding = 'iso-8859-1' standalone='yes'?><a>\xfc</a>";
        let expected = "<?xml version='1.0'                           standalone='yes'?><a>ü</a>";
        assert_eq!(to_utf8(latin).unwrap().replace(' ', ""), expected.replace(' ', ""));
    }

    #[test]
    fn leaves_everything_else_to_the_parser() {
        let long = format!("<a>{}</a>", "𝄞€ü".repeat(1000));
        for text in [
            "<a/>",
            "<?xml version='1.0' encoding='windows-1252'?><a/>",
            "<?xml encoding",
            "\u{feff}<a/>",
            &" ".repeat(3000),
            &long,
        ] {
            assert_eq!(to_utf8(text.as_bytes()).unwrap(), text);
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
        let mut half = with_mark("<a>");
        half.extend([0x00, 0xd8]);
        let other = with_mark("<?xml version='1.0' encoding='UTF-8'?><a/>");
        let unmarked: Vec<u8> = "<a/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [odd, surrogate, half, other, unmarked, b"\xff\xfe\x00\x00<\x00\x00\x00".to_vec()] {
            assert!(matches!(to_utf8(&bytes), Err(Error::Xml(xml::Error::Encoding { .. }))), "{bytes:?}");
        }
        let long = [b"<a>".as_slice(), "é".repeat(2000).as_bytes(), b"\xff</a>"].concat();
        for (bytes, offset) in
            [(&b"<a>\xff</a>"[..], 3), (b"<a>\xe2\x82", 3), (b"<a>\xe2\x82</a>", 3), (&long, 4003)]
        {
            assert_eq!(to_utf8(bytes), Err(Error::Xml(xml::Error::NotUtf8 { offset })), "{bytes:?}");
        }
    }

    #[test]
    fn says_when_it_cannot_be_read() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(ErrorKind::ConnectionReset.into())
            }
        }
        let mut reader = BufReader::new(b"<a>".chain(Broken));
        let error = Text::open(&mut reader).err();
        assert_eq!(error, Some(Error::MetadataUnreadable { kind: ErrorKind::ConnectionReset }));
    }
}
