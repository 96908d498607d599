//! Character data: text, CDATA sections, references, line ends.

use super::{Parser, index, malformed};
use crate::limits::Resource;
use crate::xml::chars::{is_char, is_space};
use crate::xml::document::{Kind, Node, NodeId, Span, at};
use crate::xml::error::Error;

impl Parser<'_, '_> {
    pub(super) fn character_data(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let text = self.slice(start, end);
        if self.open.is_empty() {
            return match text.bytes().position(|b| !is_space(b)) {
                None => Ok(()),
                Some(offset) => Err(malformed(start + offset, OUTSIDE)),
            };
        }
        let plain = check_text(text).map_err(|error| error.at_offset(start))? == Brackets::None;
        if self.has_cr && memchr::memchr(b'\r', text.as_bytes()).is_some() {
            self.append_decoded(|decoded| push_with_line_ends(decoded, text, '\n'), false);
        } else {
            self.append_raw(start, end, plain);
        }
        Ok(())
    }

    pub(super) fn cdata(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.open.is_empty() {
            return Err(malformed(start, OUTSIDE));
        }
        let text = self.slice(start + "<![CDATA[".len(), end - "]]>".len());
        self.append_decoded(|decoded| push_with_line_ends(decoded, text, '\n'), false);
        Ok(())
    }

    pub(super) fn reference(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.open.is_empty() {
            return Err(malformed(start, OUTSIDE));
        }
        let character = resolve_reference(self.slice(start + 1, end - 1), start)?;
        self.append_decoded(|decoded| decoded.push(character), false);
        Ok(())
    }

    fn append_raw(&mut self, start: usize, end: usize, plain: bool) {
        if self.text.is_none() {
            let span = Span { start: index(start), end: index(end), decoded: false, plain };
            self.text = Some(span);
            return;
        }
        let text = self.slice(start, end);
        self.append_decoded(|decoded| decoded.push_str(text), plain);
    }

    fn append_decoded(&mut self, push: impl FnOnce(&mut String), plain: bool) {
        let decoded = &mut self.arena.decoded;
        let mut text = match self.text.take() {
            Some(text) if text.decoded => text,
            Some(text) => {
                let start = index(decoded.len());
                decoded.push_str(self.input.get(at(text.start)..at(text.end)).unwrap_or_default());
                Span { start, decoded: true, ..text }
            }
            None => Span { start: index(decoded.len()), end: 0, decoded: true, plain: true },
        };
        push(decoded);
        text.end = index(decoded.len());
        text.plain &= plain;
        self.text = Some(text);
    }

    pub(super) fn flush_text(&mut self) -> Result<(), Error> {
        let Some(span) = self.text.take() else { return Ok(()) };
        let length = at(span.end).saturating_sub(at(span.start));
        if length == 0 {
            return Ok(());
        }
        self.budget.reach(Resource::Text, length, self.limits.text)?;
        self.budget.spend(Resource::Nodes, 1, self.limits.nodes)?;
        if self.good.is_some() {
            return Ok(());
        }
        let end = NodeId(index(self.arena.nodes.len() + 1));
        let parent = self.open.last().map(|open| open.node);
        self.arena.nodes.push(Node::new(parent, end, Kind::Text(span)));
        Ok(())
    }
}

/// Whether a text has `>`, which canonicalisation writes in another way.
#[derive(PartialEq, Eq)]
enum Brackets {
    Some,
    None,
}

/// XML 1.0 §2.4: `]]>` must not appear in character data.
fn check_text(text: &str) -> Result<Brackets, Error> {
    let mut brackets = Brackets::None;
    for at in memchr::memchr_iter(b'>', text.as_bytes()) {
        brackets = Brackets::Some;
        if text.as_bytes().get(..at).is_some_and(|before| before.ends_with(b"]]")) {
            return Err(malformed(at, "`]]>` in text"));
        }
    }
    Ok(brackets)
}

/// Reads character data that stands in an element, up to markup.
pub(in crate::xml) fn read_text(text: &str) -> Result<String, Error> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = memchr::memchr(b'&', rest.as_bytes()) {
        let (before, from) = rest.split_at_checked(position).unwrap_or((rest, ""));
        let offset = text.len() - from.len();
        check_text(before).map_err(|error| error.at_offset(offset - before.len()))?;
        push_with_line_ends(&mut decoded, before, '\n');
        let Some(semicolon) = memchr::memchr(b';', from.as_bytes()) else {
            return Err(malformed(offset, "a reference does not end"));
        };
        decoded.push(resolve_reference(from.get(1..semicolon).unwrap_or_default(), offset)?);
        rest = from.get(semicolon + 1..).unwrap_or_default();
    }
    check_text(rest).map_err(|error| error.at_offset(text.len() - rest.len()))?;
    push_with_line_ends(&mut decoded, rest, '\n');
    Ok(decoded)
}

pub(in crate::xml) const OUTSIDE: &str = "text outside of the root element";

/// Appends text with `\r\n` and lone `\r` as one line end (XML 1.0 §2.11); `line_end` and, for attributes,
/// every other white space is written as given.
pub(in crate::xml) fn push_with_line_ends(to: &mut String, text: &str, line_end: char) {
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\r' => {
                characters.next_if_eq(&'\n');
                to.push(line_end);
            }
            '\n' => to.push(line_end),
            '\t' if line_end == ' ' => to.push(' '),
            c => to.push(c),
        }
    }
}

/// XML 1.0 §4.1 and §4.6: a character reference or one of the five predefined entities.
pub(super) fn resolve_reference(name: &str, offset: usize) -> Result<char, Error> {
    let number = match name {
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "amp" => return Ok('&'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ => match name.strip_prefix("#x") {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16),
            Some(_) => return Err(malformed(offset, "not a character reference")),
            None => match name.strip_prefix('#') {
                Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse(),
                Some(_) => return Err(malformed(offset, "not a character reference")),
                None => return Err(malformed(offset, "a reference to an entity that is not predefined")),
            },
        },
    };
    match number.ok().and_then(char::from_u32) {
        Some(c) if is_char(c) => Ok(c),
        _ => Err(malformed(offset, "a reference to a character that XML 1.0 does not allow")),
    }
}
