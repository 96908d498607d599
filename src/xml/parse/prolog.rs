//! What may stand around the root element: the XML declaration, processing instructions, comments.

use super::{Arena, Parser, Profile, malformed};
use crate::limits::{Budget, XmlLimits};
use crate::xml::chars::{is_ncname, is_space};
use crate::xml::error::Error;

impl Parser<'_, '_> {
    /// XML 1.0 §2.8: `<?xml version="1.0" encoding="…" standalone="…"?>`, first or not at all.
    pub(super) fn declaration(&mut self, start: usize, end: usize) -> Result<Encoding, Error> {
        if start != 0 {
            return Err(malformed(start, DECLARATION_LATE));
        }
        self.scan_attributes("<?xml".len(), end - "?>".len())?;
        let tag = std::mem::take(&mut self.tag);
        let mut parts =
            tag.iter().map(|a| (a.name.qualified(self.input), self.slice(a.value.0, a.value.1))).peekable();
        match parts.next() {
            Some(("version", "1.0")) => {}
            Some(("version", _)) => return Err(malformed(start, "the version is not 1.0")),
            _ => return Err(malformed(start, "the XML declaration has no version")),
        }
        let encoding = match parts.next_if(|(name, _)| *name == "encoding") {
            Some((_, name)) if name.eq_ignore_ascii_case("us-ascii") => {
                Encoding::Ascii { declared: name.to_owned() }
            }
            Some((_, name)) if !name.eq_ignore_ascii_case("utf-8") => {
                return Err(Error::Encoding { declared: name.chars().take(64).collect() });
            }
            Some(_) | None => Encoding::Utf8,
        };
        if let Some((_, standalone)) = parts.next_if(|(name, _)| *name == "standalone")
            && !matches!(standalone, "yes" | "no")
        {
            return Err(malformed(start, "standalone is neither yes nor no"));
        }
        match parts.next() {
            None => Ok(encoding),
            Some(_) => Err(malformed(start, "the XML declaration has an unknown or misplaced part")),
        }
    }

    pub(super) fn processing_instruction(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.profile == Profile::Message || !self.open.is_empty() {
            return Err(Error::ProcessingInstruction { offset: start });
        }
        check_instruction(self.slice(start, end)).map_err(|error| error.at_offset(start))
    }

    pub(super) fn comment(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.profile == Profile::Message {
            return Err(Error::Comment { offset: start });
        }
        check_comment(self.slice(start, end)).map_err(|error| error.at_offset(start))
    }
}

/// What a declaration says of the encoding.
pub(in crate::xml) enum Encoding {
    Utf8,
    /// Every byte of the document must then be one of ASCII.
    Ascii {
        declared: String,
    },
}

impl Encoding {
    /// Whether the text is in the encoding.
    pub(in crate::xml) fn check(&self, text: &str) -> Result<(), Error> {
        match self {
            Self::Ascii { declared } if !text.is_ascii() => {
                Err(Error::Encoding { declared: declared.clone() })
            }
            Self::Ascii { .. } | Self::Utf8 => Ok(()),
        }
    }
}

/// Reads an XML declaration, with which a document begins.
pub(in crate::xml) fn read_declaration(markup: &str, limits: &XmlLimits) -> Result<Encoding, Error> {
    let mut budget = Budget::new();
    Parser::new(markup, Arena::default(), false, Profile::Metadata, limits, &mut budget)
        .declaration(0, markup.len())
}

/// XML 1.0 §2.6, for `<?…?>`.
pub(in crate::xml) fn check_instruction(markup: &str) -> Result<(), Error> {
    let content = markup.get("<?".len()..).unwrap_or_default();
    let content = content.strip_suffix("?>").unwrap_or_default();
    let target = content.split(|c: char| c.is_ascii() && is_space(byte(c))).next().unwrap_or_default();
    if !is_ncname(target) || target.eq_ignore_ascii_case("xml") {
        return Err(malformed(0, "a processing instruction has no valid target"));
    }
    Ok(())
}

/// XML 1.0 §2.5, for `<!--…-->`.
pub(in crate::xml) fn check_comment(markup: &str) -> Result<(), Error> {
    let content = markup.get("<!--".len()..).unwrap_or_default();
    let content = content.strip_suffix("-->").unwrap_or_default();
    if content.contains("--") || content.ends_with('-') {
        return Err(malformed(0, "`--` in a comment"));
    }
    Ok(())
}

pub(in crate::xml) const DECLARATION_LATE: &str = "the XML declaration does not stand first";

fn byte(c: char) -> u8 {
    u8::try_from(c).unwrap_or(0)
}
