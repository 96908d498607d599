//! One element, or its start tag alone, out of a longer text.

use quick_xml::Reader;

use super::ids::unique_ids;
use super::{Arena, IdAttributes, NOT_CLOSED, Parser, Profile, Step, malformed};
use crate::limits::{Budget, XmlLimits};
use crate::xml::document::{Document, Element};
use crate::xml::error::Error;

/// An element of a larger document, read for itself. Its identifiers have not been compared yet, as only those of
/// an element that is used have to be unique.
pub(crate) struct Part {
    document: Document,
    ids: IdAttributes,
    inherited: (usize, usize),
}

/// What stands around an element.
#[derive(Clone, Copy)]
pub(in crate::xml) struct Around<'n> {
    /// The namespaces that are declared, prefix and name, one a prefix.
    pub(in crate::xml) namespaces: &'n [(String, String)],
    /// How many elements are open.
    pub(in crate::xml) depth: usize,
    /// Whether the text has a carriage return anywhere.
    pub(in crate::xml) has_cr: bool,
}

/// How much of an element is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::xml) enum Extent {
    Element,
    StartTag,
}

/// What came of reading an element out of a text that may end within it.
pub(in crate::xml) enum Attempt {
    /// The element, and where it ends.
    Whole(Part, usize),
    /// The text ends within it, or it never does; the error if there is no more text.
    Cut(Spare, Error),
}

/// Memory of a part that is not needed any more, for the next one with the same namespaces around it.
#[derive(Default)]
pub(in crate::xml) struct Spare {
    text: String,
    arena: Arena,
    /// The arena says which namespaces are declared around the part.
    declares: bool,
}

/// Reads the element with whose start tag `text` begins, up to its end, by the rules of metadata. Every character
/// of the text may stand in a document.
pub(in crate::xml) fn parse_part(
    text: &str,
    extent: Extent,
    around: Around<'_>,
    spare: Spare,
    limits: &XmlLimits,
) -> Result<Attempt, Error> {
    let (mut own_text, arena) = spare.declaring(around.namespaces);
    let inherited = arena.inherited;
    let mut budget = Budget::new();
    let mut parser = Parser::new(text, arena, around.has_cr, Profile::Metadata, limits, &mut budget);
    parser.outer_depth = around.depth;
    let (mut reader, mut end) = (Reader::from_str(text), 0);
    let cut = loop {
        match parser.step(&mut reader, end)? {
            Step::To(behind) => end = behind,
            Step::Cut(rule) => break Some(malformed(end, rule)),
            Step::End => break Some(malformed(text.len(), NOT_CLOSED)),
        }
        if extent == Extent::StartTag || parser.open.is_empty() {
            break None;
        }
    };
    let arena = parser.arena;
    if let Some(error) = cut {
        return Ok(Attempt::Cut(Spare::of(own_text, arena), error));
    }
    own_text.clear();
    own_text.push_str(text.get(..end).unwrap_or_default());
    let (document, ids) = arena.into_document(own_text);
    Ok(Attempt::Whole(Part { document, ids, inherited }, end))
}

impl Part {
    /// The element.
    pub(crate) fn root(&self) -> Element<'_> {
        self.document.root()
    }

    /// The element as a document, if its identifiers are usable and unique in it.
    pub(crate) fn into_document(self) -> Result<Document, Error> {
        let Self { mut document, ids, .. } = self;
        document.ids = unique_ids(&document, ids)?;
        Ok(document)
    }

    /// Every value in it that somebody could take for an identifier.
    pub(in crate::xml) fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|(_, span, _)| self.document.str(*span))
    }

    /// Its memory, for the next part.
    pub(in crate::xml) fn into_spare(self) -> Spare {
        let Self { document, ids, inherited } = self;
        let Document { input: text, decoded, nodes, tags, attributes, declarations, .. } = document;
        Spare::of(text, Arena { decoded, nodes, tags, attributes, declarations, ids, inherited })
    }
}

impl Spare {
    pub(super) fn of(text: String, mut arena: Arena) -> Self {
        arena.clear();
        Self { text, arena, declares: true }
    }

    /// Memory for a text, and an arena that says what is declared around it.
    pub(super) fn declaring(self, namespaces: &[(String, String)]) -> (String, Arena) {
        let Self { text, mut arena, declares } = self;
        if !declares {
            arena.declare(namespaces.iter().map(|(prefix, uri)| (prefix.as_str(), uri.as_str())));
        }
        (text, arena)
    }

    /// The same for a part with other namespaces around it.
    pub(in crate::xml) fn elsewhere(self) -> Self {
        let Self { text, mut arena, .. } = self;
        arena.inherited = (0, 0);
        arena.clear();
        Self { text, arena, declares: false }
    }
}
