//! A document in pieces, for documents that are too long to be kept: [`Pieces`].

#[cfg(test)]
mod tests;
mod window;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::chars::is_space;
use super::document::{Element, Read as _};
use super::error::Error;
use super::parse::check::{Checked, GoodTags, Scope, check_part};
use super::parse::part::{Around, Attempt, Extent, Part, Spare, parse_part};
use super::parse::prolog::{DECLARATION_LATE, check_comment, check_instruction, read_declaration};
use super::parse::text::{OUTSIDE, push_with_line_ends, read_text};
use super::parse::{NO_ROOT, NOT_CLOSED, is_doctype, malformed, tokenizer_rule};
use crate::limits::{Resource, XmlLimits};
use window::{Window, within};

pub(crate) use window::{Following, Source};

/// Reads a document from a source in one pass, one piece at a time, by the rules of metadata.
///
/// A group is an element with a certain name that is the root or stands in a group: its start and its end are
/// pieces of their own, and so is each of its children. What is kept at a time is one piece and some text behind it.
///
/// What [`parse`](super::parse) refuses is refused here, at the latest when the last piece is asked for, with one
/// exception: an identifier of the root must not recur anywhere, but others are compared within one piece, when
/// the caller [asks for it](Part::into_document).
pub(crate) struct Pieces<S> {
    window: Window<S>,
    group: ExpandedName,
    limits: XmlLimits,
    open: Vec<Open>,
    /// The namespaces declared where the next piece stands, one a prefix.
    namespaces: Vec<(String, String)>,
    root: Root,
    skip: Option<Skip>,
    spare: Spare,
    spare_of_skipped: Spare,
    good: GoodTags,
    /// What is declared where the next piece stands.
    scope: Scope,
    /// A group's start tag was all of it: its end comes next.
    empty_group: bool,
}

/// What [`Pieces`] gives.
pub(crate) enum Piece {
    /// A group begins: its start tag, as an element without content.
    Start(Part),
    /// Text, CDATA and references that stand directly in a group, or a part of them.
    Text(String),
    /// A child of a group, or the root.
    Element(Part),
    /// A child of a group that nobody reads: its start tag, as an element without content.
    Skipped(Part),
    /// The innermost group ends.
    End,
}

/// Whether a child of a group is not read, by its start tag.
pub(crate) type Skip = Box<dyn Fn(Element<'_>) -> bool>;

/// Namespace and local name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExpandedName {
    pub(crate) namespace: &'static str,
    pub(crate) local: &'static str,
}

/// An open group.
struct Open {
    name: String,
    /// The namespaces declared around it.
    outer: Vec<(String, String)>,
    outer_scope: Scope,
}

enum Root {
    Awaited,
    /// Its identifiers, none of which may recur.
    Seen {
        identifiers: Vec<String>,
    },
}

impl<S: Source> Pieces<S> {
    /// `limits` are those of one piece, and of a document whose root is no group; `bytes` bounds any other.
    pub(crate) fn new(
        source: S,
        group: ExpandedName,
        skip: Option<Skip>,
        limits: XmlLimits,
        bytes: usize,
    ) -> Self {
        let mut good = GoodTags::new();
        let scope = good.other_scope();
        Self {
            window: Window::new(source, bytes, limits.bytes),
            group,
            limits,
            open: Vec::new(),
            namespaces: Vec::new(),
            root: Root::Awaited,
            skip,
            scope,
            good,
            spare: Spare::default(),
            spare_of_skipped: Spare::default(),
            empty_group: false,
        }
    }

    /// The next piece; `None` behind the last one.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, S::Error> {
        if self.empty_group {
            self.empty_group = false;
            self.close();
            return Ok(Some(Piece::End));
        }
        loop {
            let piece = match self.window.first()? {
                Some(b'<') => self.markup()?,
                Some(_) => self.text()?,
                None => return self.end(),
            };
            if piece.is_some() {
                return Ok(piece);
            }
        }
    }

    /// Takes back a part that is not needed any more: the next one uses its memory.
    pub(crate) fn recycle(&mut self, part: Part) {
        self.spare = part.into_spare();
    }

    /// Where the text comes from.
    #[cfg(feature = "xmlsec")]
    pub(crate) fn source_mut(&mut self) -> &mut S {
        &mut self.window.source
    }

    fn end(&self) -> Result<Option<Piece>, S::Error> {
        let rule = match &self.root {
            Root::Awaited => NO_ROOT,
            Root::Seen { .. } if !self.open.is_empty() => NOT_CLOSED,
            Root::Seen { .. } => return Ok(None),
        };
        Err(malformed(self.window.offset(), rule).into())
    }

    fn markup(&mut self) -> Result<Option<Piece>, S::Error> {
        match self.window.rest().as_bytes().get(1) {
            Some(b'!' | b'?') => self.other_markup(),
            Some(b'/') => self.end_tag().map(Some),
            _ => self.element().map(Some),
        }
    }

    fn element(&mut self) -> Result<Piece, S::Error> {
        if matches!(self.root, Root::Seen { .. }) && self.open.is_empty() {
            return Err(malformed(self.window.offset(), "a second root element").into());
        }
        if self.may_be_group() {
            let (part, length) = self.part(Extent::StartTag)?;
            if part.root().is(self.group.namespace, self.group.local) {
                return self.group(part, length).map(Piece::Start);
            }
            self.recycle(part);
        }
        if let Some(tag) = self.skipped()? {
            return Ok(Piece::Skipped(tag));
        }
        let (part, length) = self.part(Extent::Element)?;
        match &self.root {
            Root::Seen { identifiers } => differ(identifiers, &part)?,
            Root::Awaited => {
                // A document that is no group has the bound of a piece.
                self.window.limit = self.window.limit.min(self.limits.bytes);
                self.window.check_limit()?;
                self.root = Root::Seen { identifiers: Vec::new() };
            }
        }
        self.window.advance(length);
        Ok(Piece::Element(part))
    }

    /// Passes over the element that begins here, which follows the rules all the same, where nobody reads it.
    fn skipped(&mut self) -> Result<Option<Part>, S::Error> {
        if self.skip.is_none() || self.open.is_empty() {
            return Ok(None);
        }
        let (tag, _) = self.part(Extent::StartTag)?;
        if !self.skip.as_ref().is_some_and(|skip| skip(tag.root())) {
            self.recycle(tag);
            return Ok(None);
        }
        loop {
            let offset = self.window.offset();
            let spare = std::mem::take(&mut self.spare_of_skipped);
            let identifiers = self.root.identifiers();
            let around =
                Around { namespaces: &self.namespaces, depth: self.open.len(), has_cr: self.window.has_cr };
            let (text, limits) = (self.window.rest(), &self.limits);
            let checked = check_part(text, around, spare, (&mut self.good, self.scope), identifiers, limits)
                .map_err(|error| error.at_offset(offset))?;
            match checked {
                Checked::Whole(spare, length) => {
                    self.spare_of_skipped = spare;
                    self.within_limit(length)?;
                    self.window.advance(length);
                    return Ok(Some(tag));
                }
                Checked::Cut(spare, error) => {
                    self.spare_of_skipped = spare;
                    self.go_on(error)?;
                }
            }
        }
    }

    fn group(&mut self, part: Part, length: usize) -> Result<Part, S::Error> {
        match &self.root {
            Root::Seen { identifiers } => differ(identifiers, &part)?,
            Root::Awaited => {
                let identifiers = part.identifiers().map(str::to_owned).collect();
                self.root = Root::Seen { identifiers };
            }
        }
        let root = part.root();
        let mut namespaces = self.namespaces.clone();
        for (prefix, uri) in root.own_declarations() {
            namespaces.retain(|(known, _)| known != prefix);
            // `xmlns=""` hides a default namespace further out, and says nothing else.
            if !uri.is_empty() {
                namespaces.push((prefix.to_owned(), uri.to_owned()));
            }
        }
        self.empty_group = self.window.rest().get(..length).is_some_and(|tag| tag.ends_with("/>"));
        let outer = std::mem::replace(&mut self.namespaces, namespaces);
        let outer_scope = std::mem::replace(&mut self.scope, self.good.other_scope());
        self.open.push(Open { name: root.qualified_name().to_owned(), outer, outer_scope });
        self.other_namespaces();
        self.window.advance(length);
        Ok(part)
    }

    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            (self.namespaces, self.scope) = (open.outer, open.outer_scope);
            self.other_namespaces();
        }
    }

    fn other_namespaces(&mut self) {
        self.spare = std::mem::take(&mut self.spare).elsewhere();
        self.spare_of_skipped = std::mem::take(&mut self.spare_of_skipped).elsewhere();
    }

    /// Whether the start tag's local name, as it is spelt, is that of groups.
    fn may_be_group(&self) -> bool {
        let name = self.window.rest().get(1..).unwrap_or_default();
        let name = name
            .split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
            .next()
            .unwrap_or_default();
        name.rsplit(':').next() == Some(self.group.local)
    }

    /// Reads the element, or only its start tag, that begins here, with more and more text until it is whole.
    fn part(&mut self, extent: Extent) -> Result<(Part, usize), S::Error> {
        loop {
            let offset = self.window.offset();
            let spare = std::mem::take(&mut self.spare);
            let attempt = parse_part(self.window.rest(), extent, self.around(), spare, &self.limits)
                .map_err(|error| error.at_offset(offset))?;
            match attempt {
                Attempt::Whole(part, length) => {
                    self.within_limit(length)?;
                    return Ok((part, length));
                }
                Attempt::Cut(spare, error) => {
                    self.spare = spare;
                    self.go_on(error)?;
                }
            }
        }
    }

    fn around(&self) -> Around<'_> {
        Around { namespaces: &self.namespaces, depth: self.open.len(), has_cr: self.window.has_cr }
    }

    fn end_tag(&mut self) -> Result<Piece, S::Error> {
        let length = loop {
            if let Some(end) = memchr::memchr(b'>', self.window.rest().as_bytes()) {
                break end + 1;
            }
            self.go_on(malformed(0, "markup does not end"))?;
        };
        let offset = self.window.offset();
        let name = self.window.rest().get("</".len()..length - 1).unwrap_or_default();
        let name = name.trim_end_matches(|c: char| u8::try_from(c).is_ok_and(is_space));
        match self.open.last() {
            None => return Err(malformed(offset, "an end tag without start tag").into()),
            Some(open) if open.name != name => {
                return Err(malformed(offset, "an end tag does not match its start tag").into());
            }
            Some(_) => {}
        }
        self.close();
        self.window.advance(length);
        Ok(Piece::End)
    }

    fn text(&mut self) -> Result<Option<Piece>, S::Error> {
        let length = loop {
            let rest = self.window.rest();
            if let Some(length) = memchr::memchr(b'<', rest.as_bytes()) {
                break length;
            }
            self.within_text_limit(rest.len())?;
            if !self.window.fill()? {
                break self.window.rest().len();
            }
        };
        let (offset, text) = (self.window.offset(), self.window.rest().get(..length).unwrap_or_default());
        let piece = if self.open.is_empty() {
            if let Some(at) = text.bytes().position(|b| !is_space(b)) {
                return Err(malformed(offset + at, OUTSIDE).into());
            }
            None
        } else {
            let text = read_text(text).map_err(|error| error.at_offset(offset))?;
            self.within_text_limit(text.len())?;
            Some(Piece::Text(text))
        };
        self.window.advance(length);
        Ok(piece)
    }

    /// A comment, CDATA section, processing instruction or declaration.
    fn other_markup(&mut self) -> Result<Option<Piece>, S::Error> {
        loop {
            let (offset, rest) = (self.window.offset(), self.window.rest());
            let mut reader = Reader::from_str(rest);
            let event = reader.read_event();
            let length = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            let markup = rest.get(..length).unwrap_or_default();
            let mut piece = None;
            match event {
                Ok(Event::Comment(_)) => check_comment(markup).map_err(|error| error.at_offset(offset))?,
                Ok(Event::CData(content)) if !self.open.is_empty() => {
                    let mut text = String::new();
                    push_with_line_ends(&mut text, &content, '\n');
                    self.within_text_limit(text.len())?;
                    piece = Some(Piece::Text(text));
                }
                Ok(Event::CData(_)) => return Err(malformed(offset, OUTSIDE).into()),
                Ok(Event::PI(_)) if self.open.is_empty() => {
                    check_instruction(markup).map_err(|error| error.at_offset(offset))?;
                }
                Ok(Event::PI(_)) => return Err(Error::ProcessingInstruction { offset }.into()),
                Ok(Event::Decl(_)) if offset == 0 => {
                    let encoding = read_declaration(markup, &self.limits)?;
                    self.window.keep_to(encoding)?;
                }
                Ok(Event::Decl(_)) => return Err(malformed(offset, DECLARATION_LATE).into()),
                Ok(Event::DocType(_)) => return Err(Error::Dtd { offset }.into()),
                Err(_) if is_doctype(rest.as_bytes()) => return Err(Error::Dtd { offset }.into()),
                Err(error @ quick_xml::Error::Syntax(_)) => {
                    self.go_on(malformed(0, tokenizer_rule(&error)))?;
                    continue;
                }
                Err(error) => return Err(malformed(offset, tokenizer_rule(&error)).into()),
                // INVARIANT (other markup): it begins with `<!` or `<?`.
                Ok(_) => return Err(malformed(offset, "not markup").into()),
            }
            self.window.advance(length);
            return Ok(piece);
        }
    }

    /// Has more text come in, for what has begun here and not ended; the error is what is wrong if there is none.
    fn go_on(&mut self, unfinished: Error) -> Result<(), S::Error> {
        self.within_limit(self.window.rest().len())?;
        let offset = self.window.offset();
        match self.window.fill()? {
            true => Ok(()),
            false => Err(unfinished.at_offset(offset).into()),
        }
    }

    /// A piece has the bound of a document.
    fn within_limit(&self, length: usize) -> Result<(), Error> {
        within(Resource::Bytes, length, self.limits.bytes)
    }

    fn within_text_limit(&self, length: usize) -> Result<(), Error> {
        within(Resource::Text, length, self.limits.text)
    }
}

impl Root {
    fn identifiers(&self) -> &[String] {
        match self {
            Self::Awaited => &[],
            Self::Seen { identifiers } => identifiers,
        }
    }
}

/// The root's identifiers must not recur, so that a reference to it can mean nothing else.
fn differ(identifiers: &[String], part: &Part) -> Result<(), Error> {
    match part.identifiers().find(|id| identifiers.iter().any(|root| root == id)) {
        Some(id) => Err(Error::DuplicateId { id: id.chars().take(64).collect() }),
        None => Ok(()),
    }
}
