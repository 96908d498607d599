//! What may stand around the root element: the XML declaration, processing instructions, comments.

use super::{Parser, Profile, malformed};
use crate::xml::chars::{is_ncname, is_space};
use crate::xml::error::Error;

impl Parser<'_, '_> {
    /// XML 1.0 §2.8: `<?xml version="1.0" encoding="…" standalone="…"?>`, first or not at all.
    pub(super) fn declaration(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if start != 0 {
            return Err(malformed(start, "the XML declaration does not stand first"));
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
        if let Some((_, encoding)) = parts.next_if(|(name, _)| *name == "encoding") {
            let ascii = encoding.eq_ignore_ascii_case("us-ascii") && self.input.is_ascii();
            if !encoding.eq_ignore_ascii_case("utf-8") && !ascii {
                return Err(Error::Encoding { declared: encoding.chars().take(64).collect() });
            }
        }
        if let Some((_, standalone)) = parts.next_if(|(name, _)| *name == "standalone")
            && !matches!(standalone, "yes" | "no")
        {
            return Err(malformed(start, "standalone is neither yes nor no"));
        }
        match parts.next() {
            None => Ok(()),
            Some(_) => Err(malformed(start, "the XML declaration has an unknown or misplaced part")),
        }
    }

    pub(super) fn processing_instruction(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.profile == Profile::Message || !self.open.is_empty() {
            return Err(Error::ProcessingInstruction { offset: start });
        }
        let content = self.slice(start + 2, end - 2);
        let target = content.split(|c: char| c.is_ascii() && is_space(byte(c))).next().unwrap_or_default();
        if !is_ncname(target) || target.eq_ignore_ascii_case("xml") {
            return Err(malformed(start, "a processing instruction has no valid target"));
        }
        Ok(())
    }

    pub(super) fn comment(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.profile == Profile::Message {
            return Err(Error::Comment { offset: start });
        }
        let content = self.slice(start + "<!--".len(), end - "-->".len());
        if content.contains("--") || content.ends_with('-') {
            return Err(malformed(start, "`--` in a comment"));
        }
        Ok(())
    }
}

fn byte(c: char) -> u8 {
    u8::try_from(c).unwrap_or(0)
}
