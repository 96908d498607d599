//! A document in pieces, for documents that are too long to be kept: [`Pieces`].

use quick_xml::Reader;
use quick_xml::events::Event;

use super::chars::{first_illegal, is_space};
use super::document::{Element, Read as _};
use super::error::Error;
use super::parse::check::{Checked, GoodTags, Scope, check_part};
use super::parse::part::{Around, Attempt, Extent, Part, Spare, parse_part};
use super::parse::prolog::{DECLARATION_LATE, Encoding, check_comment, check_instruction, read_declaration};
use super::parse::text::{OUTSIDE, push_with_line_ends, read_text};
use super::parse::{NO_ROOT, NOT_CLOSED, illegal, is_doctype, malformed, tokenizer_rule};
use crate::limits::{LimitExceeded, Resource, XmlLimits};

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

/// Text as it comes in.
pub(crate) trait Source {
    /// Why there is no more, other than because it has ended; or why what there is cannot be read.
    type Error: From<Error>;

    /// Adds more text, and says whether more may follow.
    fn read(&mut self, into: &mut String) -> Result<Following, Self::Error>;
}

/// Whether a [`Source`] has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Following {
    More,
    Nothing,
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

fn within(resource: Resource, size: usize, limit: usize) -> Result<(), Error> {
    if size > limit { Err(LimitExceeded { resource, limit }.into()) } else { Ok(()) }
}

/// Text that has come in and is not used up. What can be used ends with a `>` until the source has ended, so that
/// no reference, line end or bracket is cut in two.
struct Window<S> {
    source: S,
    following: Following,
    /// Bounds the whole document.
    limit: usize,
    longest_piece: usize,
    /// Text that comes in at a time, at least.
    at_a_time: usize,
    text: String,
    /// What of `text` can be used.
    from: usize,
    to: usize,
    /// Bytes of the document before `text`.
    passed: usize,
    has_cr: bool,
    encoding: Encoding,
}

impl<S: Source> Window<S> {
    fn new(source: S, limit: usize, longest_piece: usize) -> Self {
        Self {
            source,
            following: Following::More,
            limit,
            longest_piece,
            at_a_time: WINDOW,
            text: String::new(),
            from: 0,
            to: 0,
            passed: 0,
            has_cr: false,
            encoding: Encoding::Utf8,
        }
    }

    /// The first byte that is not used up; `None` at the end.
    fn first(&mut self) -> Result<Option<u8>, S::Error> {
        loop {
            if let Some(first) = self.rest().as_bytes().first() {
                return Ok(Some(*first));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn rest(&self) -> &str {
        self.text.get(self.from..self.to).unwrap_or_default()
    }

    /// Where the rest begins in the document.
    fn offset(&self) -> usize {
        self.passed + self.from
    }

    fn advance(&mut self, length: usize) {
        self.from = (self.from + length).min(self.to);
    }

    /// Makes the rest longer; false where the document has ended. What is kept at least doubles, or a long piece
    /// would be looked at too often.
    fn fill(&mut self) -> Result<bool, S::Error> {
        let before = self.rest().len();
        self.text.drain(..self.from);
        self.passed += self.from;
        (self.from, self.to) = (0, before);
        while self.following == Following::More && self.to == before {
            let known = self.text.len();
            let longest = self.longest_piece + self.at_a_time;
            within(Resource::Bytes, known, longest - 1)?;
            let wanted = (2 * known).clamp(self.at_a_time, longest);
            while self.following == Following::More && self.text.len() < wanted {
                self.following = self.source.read(&mut self.text)?;
                self.check_limit()?;
            }
            if self.passed + known == 0 && self.text.starts_with('\u{FEFF}') {
                self.text.drain(..'\u{FEFF}'.len_utf8());
            }
            let new = self.text.get(known..).unwrap_or_default();
            if let Some(at) = first_illegal(new) {
                return Err(illegal(self.passed + known + at).into());
            }
            self.encoding.check(new)?;
            self.to = match self.following {
                Following::More => memchr::memrchr(b'>', self.text.as_bytes()).map_or(0, |at| at + 1),
                Following::Nothing => self.text.len(),
            };
        }
        self.has_cr = memchr::memchr(b'\r', self.text.as_bytes()).is_some();
        Ok(self.to > before)
    }

    fn check_limit(&self) -> Result<(), Error> {
        within(Resource::Bytes, self.passed + self.text.len(), self.limit)
    }

    /// From the first byte on, the text must be in the encoding that is declared.
    fn keep_to(&mut self, encoding: Encoding) -> Result<(), Error> {
        encoding.check(&self.text)?;
        self.encoding = encoding;
        Ok(())
    }
}

/// Text that comes in at a time.
const WINDOW: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Budget;
    use crate::xml::{Canonical, PieceWriter, Profile, canonicalize, parse};

    const GROUP: ExpandedName = ExpandedName { namespace: "urn:g", local: "g" };
    const LIMITS: XmlLimits = XmlLimits::METADATA;

    /// Text that comes in so many characters at a time.
    struct Slow<'t> {
        rest: &'t str,
        at_a_time: usize,
    }

    impl Source for Slow<'_> {
        type Error = Error;

        fn read(&mut self, into: &mut String) -> Result<Following, Error> {
            let end = self.rest.char_indices().nth(self.at_a_time).map_or(self.rest.len(), |(at, _)| at);
            let (now, rest) = self.rest.split_at(end);
            into.push_str(now);
            self.rest = rest;
            Ok(if rest.is_empty() { Following::Nothing } else { Following::More })
        }
    }

    fn pieces(text: &str, at_a_time: usize, skip: Option<Skip>) -> Pieces<Slow<'_>> {
        let mut pieces = Pieces::new(Slow { rest: text, at_a_time }, GROUP, skip, LIMITS, 1024 * 1024);
        pieces.window.at_a_time = at_a_time;
        pieces
    }

    fn canonical_in_pieces(text: &str, at_a_time: usize, prefix_list: &[&str]) -> Result<String, Error> {
        let mut pieces = pieces(text, at_a_time, None);
        let (mut writer, mut bytes) = (PieceWriter::new(prefix_list), Vec::new());
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Start(tag) => writer.start(tag.root(), &mut bytes),
                Piece::Text(text) => writer.text(&text, &mut bytes),
                Piece::Element(part) => {
                    writer.element(part.root(), &mut bytes);
                    pieces.recycle(part);
                }
                Piece::Skipped(_) => panic!("nothing is to be skipped"),
                Piece::End => writer.end(&mut bytes),
            }
        }
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn canonical(text: &str, prefix_list: &[&str]) -> Result<String, Error> {
        let document = parse(text.into(), Profile::Metadata, &LIMITS, &mut Budget::new())?;
        let mut bytes = Vec::new();
        canonicalize(document.root(), &Canonical { prefix_list, without: None }, &mut bytes);
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn skimmed(text: &str, at_a_time: usize) -> Result<usize, Error> {
        let mut pieces = pieces(text, at_a_time, Some(Box::new(|_| true)));
        let mut skipped = 0;
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Skipped(tag) => {
                    skipped += 1;
                    pieces.recycle(tag);
                }
                Piece::Start(_) | Piece::Element(_) | Piece::Text(_) | Piece::End => {}
            }
        }
        Ok(skipped)
    }

    const GOOD: &[&str] = &[
        "<g xmlns='urn:g'/>",
        "<a/>",
        "<a><g xmlns='urn:g'/></a>",
        "\u{feff}<?xml version='1.0' encoding='US-ASCII'?>\n<!-- - -->\n<?p q?><g xmlns='urn:g'></g>\n<!--x--><?p?>\n",
        "<g xmlns='urn:g'> <a/>\r\n<b>x</b>\r<c>&#13;\r</c>&#13;&amp;&lt;&gt;<![CDATA[<&>]]>&#x20AC;</g>",
        "<g xmlns='urn:g'>a<!-- c -->b<a>x<!-- c -->y</a>c> ]] ></g>",
        "<p:g xmlns:p='urn:g' xmlns='urn:d' xmlns:q='urn:q'><a><q:b/></a><p:g xmlns='' xmlns:q='urn:q2' q:x='&quot;'><a q:y='1'/>\
         <p:g xmlns:p='urn:g'><p:h xmlns:p='urn:p2'><p:i/></p:h></p:g><q:g/></p:g><q:a xmlns='urn:d'><g/></q:a></p:g>",
        "<g xmlns='urn:g'><g/><g></g ><g xmlns='urn:other'><g xmlns='urn:g'/></g><p:g xmlns:p='urn:g' a='>'/></g>",
        "<g xmlns='urn:g' xmlns:a='urn:a'><b a:x='1' x='2'>\n</b><b a:x='1' x='2'>\n</b><b a:x='1' x='2'><b/></b></g>",
        "<g xmlns='urn:g' ID='r'><a ID='x'/><b xml:id='y'/></g>",
        "<g xmlns='urn:g' xmlns:a='urn:a'><b xmlns:a='urn:b'><a:c/></b><b xmlns:a='urn:c'><a:c/></b><a:c/></g>",
    ];

    const BAD: &[&str] = &[
        "",
        " ",
        "x<g xmlns='urn:g'/>",
        "<g xmlns='urn:g'/>x",
        "<g xmlns='urn:g'/><g xmlns='urn:g'/>",
        "<a/><g xmlns='urn:g'/>",
        "<g xmlns='urn:g'>",
        "<g xmlns='urn:g'><a>",
        "<g xmlns='urn:g'><a",
        "<g xmlns='urn:g'><a></b></g>",
        "<g xmlns='urn:g'></h>",
        "</g>",
        "<g xmlns='urn:g'><!-- -- --></g>",
        "<g xmlns='urn:g'><!-- ",
        "<g xmlns='urn:g'><?p q?></g>",
        "<g xmlns='urn:g'><a><?p q?></a></g>",
        "<g xmlns='urn:g'><?xml version='1.0'?></g>",
        " <?xml version='1.0'?><g xmlns='urn:g'/>",
        "<?xml version='1.1'?><g xmlns='urn:g'/>",
        "<?xml version='1.0' encoding='latin1'?><g xmlns='urn:g'/>",
        "<?xml version='1.0' encoding='us-ascii'?><g xmlns='urn:g'><a>\u{e9}</a></g>",
        "<!DOCTYPE g><g xmlns='urn:g'/>",
        "<g xmlns='urn:g'><!DOCTYPE g></g>",
        "<g xmlns='urn:g'><a><!doctype g></a></g>",
        "<g xmlns='urn:g'>&nbsp;</g>",
        "<g xmlns='urn:g'>&#0;</g>",
        "<g xmlns='urn:g'>&amp</g>",
        "<g xmlns='urn:g'>]]></g>",
        "<g xmlns='urn:g'><a>]]></a></g>",
        "<g xmlns='urn:g'><![CDATA[ </g>",
        "<![CDATA[]]><g xmlns='urn:g'/>",
        "<g xmlns='urn:g'>\u{1}</g>",
        "<g xmlns='urn:g'><a b='1' b='2'/></g>",
        "<g xmlns='urn:g' xmlns:p='urn:a' xmlns:q='urn:a'><a p:b='1' q:b='2'/></g>",
        "<g xmlns='urn:g'><p:a/></g>",
        "<g xmlns='urn:g'><a p:b=''/></g>",
        "<g xmlns='urn:g'><a><b xmlns:p='urn:p'/><p:b/></a></g>",
        "<g xmlns='urn:g'><a b='<'/></g>",
        "<g xmlns='urn:g'><a b=c/></g>",
        "<g xmlns='urn:g'><a b='&x;'/></g>",
        "<g xmlns='urn:g'><a b='1'c='2'/></g>",
        "<g xmlns='urn:g'><1/></g>",
        "<g xmlns='urn:g'><a:b:c/></g>",
        "<g xmlns='urn:g'><a xmlns:p=''/></g>",
        "<g xmlns='urn:g'><a xmlns:p='relative'/></g>",
        "<g xmlns='urn:g'><a xmlns:xml='urn:x'/></g>",
        "<g xmlns='urn:g' ID='r'><a ID='r'/></g>",
        "<g xmlns='urn:g' ID='r'><a><b Id='&#114;'/></a></g>",
        "<g xmlns='urn:g' xml:id='r'><g ID='r'/></g>",
        "<g xmlns='urn:g' ID='r'><a><b xml:id='r'/></a></g>",
    ];

    #[test]
    fn pieces_make_the_same_document() {
        for text in GOOD {
            for list in [&[][..], &["q"], &["", "p", "a"], &["p", "q", "a", "nobody"]] {
                let whole = canonical(text, list).unwrap_or_else(|error| panic!("{text}: {error}"));
                for at_a_time in [1, 2, 3, 5, 8, 1000] {
                    assert_eq!(canonical_in_pieces(text, at_a_time, list).as_deref(), Ok(&*whole), "{text}");
                    assert!(skimmed(text, at_a_time).is_ok(), "{text}");
                }
            }
        }
    }

    #[test]
    fn what_is_refused_whole_is_refused_in_pieces() {
        for text in BAD {
            let error = canonical(text, &[]).expect_err(text);
            for at_a_time in [1, 2, 7, 1000] {
                assert_eq!(canonical_in_pieces(text, at_a_time, &[]).as_ref(), Err(&error), "{text}");
                assert_eq!(skimmed(text, at_a_time).as_ref(), Err(&error), "{text}");
            }
        }
    }

    #[test]
    fn identifiers_are_compared_in_one_piece() {
        let text = "<g xmlns='urn:g'><a><b ID='x'/></a><a><b ID='x'/><b id='x'/></a><a ID=''/></g>";
        let mut pieces = pieces(text, 1000, None);
        let mut unique = Vec::new();
        while let Some(piece) = pieces.next().unwrap() {
            if let Piece::Element(part) = piece {
                unique.push(part.into_document().err());
            }
        }
        let refused = [Error::DuplicateId { id: "x".to_owned() }, Error::InvalidId { id: String::new() }];
        assert_eq!(unique, [None].into_iter().chain(refused.map(Some)).collect::<Vec<_>>());
        assert_eq!(skimmed(text, 1000), Ok(3));
    }

    #[test]
    fn skipping_goes_by_the_start_tag() {
        let text = "<g xmlns='urn:g'><a n='1'><b/></a><a n='2'><b/></a><g><a n='3'/><a n='2'/></g></g>";
        for at_a_time in [1, 3, 1000] {
            let skip: Skip = Box::new(|element| element.attribute("n") != Some("2"));
            let mut pieces = pieces(text, at_a_time, Some(skip));
            let mut seen = Vec::new();
            while let Some(piece) = pieces.next().unwrap() {
                match piece {
                    Piece::Skipped(tag) => seen.push(format!("-{}", tag.root().attribute("n").unwrap())),
                    Piece::Element(part) => seen.push(part.root().attribute("n").unwrap().to_owned()),
                    Piece::Start(_) => seen.push("(".to_owned()),
                    Piece::End => seen.push(")".to_owned()),
                    Piece::Text(_) => {}
                }
            }
            assert_eq!(seen.concat(), "(-12(-32))");
        }
    }

    /// The same letters mean something else in another scope, and a tag that was good there may not be here.
    #[test]
    fn good_tags_are_good_in_their_scope() {
        let good =
            "<a><p:b xmlns:p='urn:p'><p:c/><p:c/><p:c/></p:b><p:b xmlns:p='urn:p'><p:c/><p:c/></p:b></a>";
        for bad in [
            "<p:c/>",
            "<a><p:c/></a>",
            "<a><b xmlns:p='urn:p'/><p:c/></a>",
            "<q:b xmlns:p='urn:p'><p:c/></q:b>",
        ] {
            let text = format!("<g xmlns='urn:g'>{}{good}{good}{bad}{good}</g>", good.repeat(20));
            assert!(matches!(skimmed(&text, 1000), Err(Error::Namespace { .. })), "{bad}");
        }
        let outer = format!("<g xmlns='urn:g'><g xmlns:p='urn:p'>{}</g><p:c/></g>", "<p:c/>".repeat(5));
        assert!(matches!(skimmed(&outer, 1000), Err(Error::Namespace { .. })));
    }

    #[test]
    fn limits_hold() {
        let limited = |text: &str, limits: XmlLimits, bytes: usize| -> Vec<Option<Resource>> {
            let skips: [Option<Skip>; 2] = [None, Some(Box::new(|_| true))];
            let run = |skip| {
                let mut pieces = Pieces::new(Slow { rest: text, at_a_time: 1 }, GROUP, skip, limits, bytes);
                pieces.window.at_a_time = 8;
                loop {
                    match pieces.next() {
                        Ok(Some(_)) => {}
                        Ok(None) => return None,
                        Err(Error::Limit(exceeded)) => return Some(exceeded.resource),
                        Err(error) => panic!("{text}: {error}"),
                    }
                }
            };
            skips.map(run).to_vec()
        };
        let group = |content: &str| format!("<g xmlns='urn:g'>{content}</g>");
        let both = |resource| vec![resource, resource];
        let entity = "<a><b>0123456789</b></a>";
        let long = group(&entity.repeat(20));
        let small = XmlLimits { bytes: entity.len(), ..LIMITS };
        assert_eq!(limited(&long, small, long.len()), both(None));
        assert_eq!(limited(&long, small, long.len() - 1), both(Some(Resource::Bytes)));
        let smaller = XmlLimits { bytes: entity.len() - 1, ..LIMITS };
        assert_eq!(limited(&long, smaller, 10_000), both(Some(Resource::Bytes)));
        // A document that is no group has the bound of a piece.
        assert_eq!(limited(entity, small, 10_000), both(None));
        assert_eq!(limited(&format!("{entity} "), small, 10_000), both(Some(Resource::Bytes)));
        // Markup and text that never end.
        for content in
            ["<a ".to_owned(), format!("<!-- {}", "> ".repeat(99)), "x".repeat(200), " >".repeat(200)]
        {
            let refused = limited(&group(&(content + &" ".repeat(10_000))), small, 100_000);
            assert_eq!(refused, both(Some(Resource::Bytes)));
        }
        let nodes = XmlLimits { nodes: 3, ..LIMITS };
        assert_eq!(limited(&long, nodes, 10_000), both(None));
        assert_eq!(limited(&group("<a><b>x</b><c/></a>"), nodes, 10_000), both(Some(Resource::Nodes)));
        let depth = XmlLimits { depth: 3, ..LIMITS };
        assert_eq!(limited(&group("<a><b/></a>"), depth, 10_000), both(None));
        assert_eq!(limited(&group("<g><a><b/></a></g>"), depth, 10_000), both(Some(Resource::Depth)));
        assert_eq!(limited(&group("<g><g><g/></g></g>"), depth, 10_000), both(Some(Resource::Depth)));
        let text = XmlLimits { text: 5, ..LIMITS };
        assert_eq!(limited(&group("12345<a>12345</a>"), text, 10_000), both(None));
        assert_eq!(limited(&group("<a>123<!---->456</a>"), text, 10_000), both(Some(Resource::Text)));
        assert_eq!(limited(&group("123&#52;56"), text, 10_000), both(Some(Resource::Text)));
        let scope = XmlLimits { namespaces_in_scope: 2, ..LIMITS };
        assert_eq!(limited(&group("<a xmlns:p='urn:p'/>"), scope, 10_000), both(None));
        assert_eq!(
            limited(&group("<g xmlns:p='urn:p'><a xmlns:q='urn:q'/></g>"), scope, 10_000),
            both(Some(Resource::Namespaces))
        );
    }
}
