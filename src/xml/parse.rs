mod attributes;
pub(super) mod check;
mod ids;
pub(super) mod part;
pub(super) mod prolog;
pub(super) mod text;

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::chars::first_illegal;
use super::document::{
    AttributeData, Declaration, Document, ElementData, Ids, Kind, NamespaceId, Node, NodeId, Span, Tag,
    Verbatim, XML_NAMESPACE, at,
};
use super::error::Error;
use crate::limits::{Budget, LimitExceeded, Resource, XmlLimits};
use attributes::RawAttribute;
use check::{GoodTags, Scope};
use ids::unique_ids;

/// Which kind of document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// A protocol message: comments and processing instructions are refused.
    Message,
    /// Metadata: comments are dropped, processing instructions may stand outside the root.
    Metadata,
}

/// Reads a document.
///
/// Refused, beyond what XML 1.0 and Namespaces in XML 1.0 refuse: every document type declaration and thus
/// every entity but the five predefined ones, every encoding but UTF-8, namespace names that are no absolute
/// URI, a second declaration of `xml` or `xmlns`, an `ID` that another element also has, and whatever `profile`
/// excludes.
/// A byte-order mark is skipped. Time and memory are linear in the input.
///
/// # Errors
/// [`Error`], with the first byte that breaks a rule; nothing beyond `limits` has been kept by then.
pub fn parse(
    input: Vec<u8>,
    profile: Profile,
    limits: &XmlLimits,
    budget: &mut Budget,
) -> Result<Document, Error> {
    parse_inside(&[], input, profile, limits, budget)
}

/// The same for a document around which namespaces, prefix and name, are declared already.
pub(super) fn parse_inside(
    inherited: &[(&str, &str)],
    input: Vec<u8>,
    profile: Profile,
    limits: &XmlLimits,
    budget: &mut Budget,
) -> Result<Document, Error> {
    budget.reach(Resource::Bytes, input.len(), limits.bytes)?;
    if u32::try_from(input.len()).is_err() {
        return Err(LimitExceeded { resource: Resource::Bytes, limit: at(u32::MAX) }.into());
    }
    let mut input = String::from_utf8(input)
        .map_err(|error| Error::NotUtf8 { offset: error.utf8_error().valid_up_to() })?;
    if input.starts_with('\u{FEFF}') {
        input.drain(..'\u{FEFF}'.len_utf8());
    }
    if let Some(offset) = first_illegal(&input) {
        return Err(illegal(offset));
    }
    // Dense protocol messages have a node for about every 40 bytes; a wrong guess costs one copy.
    let expected = (input.len() / 40).min(limits.nodes);
    let mut arena = Arena { nodes: Vec::with_capacity(expected), ..Arena::default() };
    arena.declare(inherited.iter().copied());
    let has_cr = memchr::memchr(b'\r', input.as_bytes()).is_some();
    let arena = Parser::new(&input, arena, has_cr, profile, limits, budget).run()?;
    let (mut document, ids) = arena.into_document(input);
    document.ids = unique_ids(&document, ids)?;
    Ok(document)
}

struct Parser<'i, 'b> {
    input: &'i str,
    profile: Profile,
    limits: &'b XmlLimits,
    budget: &'b mut Budget,
    arena: Arena,
    open: Vec<Open>,
    /// Indexes of the declarations in scope, innermost last.
    scope: Vec<u32>,
    /// The run of text, CDATA and references that has not ended yet.
    text: Option<Span>,
    has_cr: bool,
    /// Elements open around the input.
    outer_depth: usize,
    root_seen: bool,
    /// Attributes of the tag being read.
    tag: Vec<RawAttribute>,
    last_tag: Option<LastTag>,
    /// The prefix that was resolved last, and what it means as long as `scope` stays as it is.
    resolved: Option<(&'i str, NamespaceId)>,
    /// Nothing is kept: the tags that need no second look, and the scope that they are looked up in.
    good: Option<&'b mut GoodTags>,
    in_scope: Scope,
}

/// A start tag that the next sibling may repeat.
struct LastTag {
    parent: Option<NodeId>,
    content: Range<usize>,
    tag: u32,
}

#[derive(Default)]
pub(super) struct Arena {
    decoded: String,
    nodes: Vec<Node>,
    tags: Vec<Tag>,
    attributes: Vec<AttributeData>,
    declarations: Vec<Declaration>,
    /// Every attribute that could be taken for an identifier.
    ids: IdAttributes,
    /// How much of `declarations` and `decoded` says what is declared around the input.
    inherited: (usize, usize),
}

/// Attributes that could be taken for identifiers, not compared yet.
pub(super) type IdAttributes = Vec<(IdSpelling, Span, NodeId)>;

impl Arena {
    /// Adds declarations that do not stand in the input, before anything else.
    fn declare<'n>(&mut self, namespaces: impl Iterator<Item = (&'n str, &'n str)>) {
        let mut keep = |text: &str| {
            let start = index(self.decoded.len());
            self.decoded.push_str(text);
            Span { start, end: index(self.decoded.len()), decoded: true, plain: false }
        };
        let declarations = namespaces.map(|(prefix, uri)| Declaration {
            prefix: keep(prefix),
            uri: keep(uri),
            verbatim: Verbatim::NO,
        });
        self.declarations.extend(declarations);
        self.inherited = (self.declarations.len(), self.decoded.len());
    }

    /// Forgets everything but what is declared around the input.
    fn clear(&mut self) {
        let Self { decoded, nodes, tags, attributes, declarations, ids, inherited } = self;
        declarations.truncate(inherited.0);
        decoded.truncate(inherited.1);
        nodes.clear();
        tags.clear();
        attributes.clear();
        ids.clear();
    }

    /// The document whose text was read, and what may identify its elements, which has not been looked at.
    fn into_document(self, input: String) -> (Document, IdAttributes) {
        let Self { decoded, nodes, tags, attributes, declarations, ids, inherited } = self;
        let inherited = index(inherited.0);
        let document = Document {
            input,
            decoded,
            nodes,
            tags,
            attributes,
            declarations,
            inherited,
            ids: Ids::default(),
        };
        (document, ids)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IdSpelling {
    /// Unqualified `ID`: the only one that SAML gives a meaning.
    Saml,
    /// `Id`, `id` and `xml:id`, which other readers may take for one.
    Other,
}

struct Open {
    node: NodeId,
    /// Declarations in scope outside of the element.
    outer_scope: usize,
    outer: Scope,
}

/// How far one event led.
enum Step {
    /// To the end of the event.
    To(usize),
    /// Not to its end, which may lie beyond the input; the rule that is broken if it does not.
    Cut(&'static str),
    /// There is nothing more.
    End,
}

impl<'i, 'b> Parser<'i, 'b> {
    fn new(
        input: &'i str,
        arena: Arena,
        has_cr: bool,
        profile: Profile,
        limits: &'b XmlLimits,
        budget: &'b mut Budget,
    ) -> Self {
        let scope = (0..index(arena.declarations.len())).collect();
        Self {
            input,
            profile,
            limits,
            budget,
            arena,
            open: Vec::new(),
            scope,
            text: None,
            has_cr,
            outer_depth: 0,
            root_seen: false,
            tag: Vec::new(),
            last_tag: None,
            resolved: None,
            good: None,
            in_scope: Scope::default(),
        }
    }

    fn run(mut self) -> Result<Arena, Error> {
        let mut reader = Reader::from_str(self.input);
        let mut start = 0;
        loop {
            match self.step(&mut reader, start)? {
                Step::To(end) => start = end,
                Step::Cut(rule) => return Err(malformed(start, rule)),
                Step::End => break,
            }
        }
        if !self.open.is_empty() {
            return Err(malformed(self.input.len(), NOT_CLOSED));
        }
        if !self.root_seen {
            return Err(malformed(self.input.len(), NO_ROOT));
        }
        Ok(self.arena)
    }

    /// Reads the event that begins at `start`.
    #[inline(always)]
    fn step(&mut self, reader: &mut Reader<&'i [u8]>, start: usize) -> Result<Step, Error> {
        let event = reader.read_event();
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match event {
            Ok(Event::Start(_)) => self.start_tag(start, end, false)?,
            Ok(Event::Empty(_)) => self.start_tag(start, end, true)?,
            Ok(Event::End(_)) => self.end_tag(start, end)?,
            Ok(Event::Text(_)) => self.character_data(start, end)?,
            Ok(Event::CData(_)) => self.cdata(start, end)?,
            Ok(Event::GeneralRef(_)) => self.reference(start, end)?,
            Ok(Event::Decl(_)) => self.declaration(start, end)?.check(self.input)?,
            Ok(Event::PI(_)) => self.processing_instruction(start, end)?,
            Ok(Event::Comment(_)) => self.comment(start, end)?,
            Ok(Event::DocType(_)) => return Err(Error::Dtd { offset: start }),
            Ok(Event::Eof) => return Ok(Step::End),
            Err(_) if is_doctype(self.at(start)) => return Err(Error::Dtd { offset: start }),
            Err(error) => {
                let rule = tokenizer_rule(&error);
                return match error {
                    quick_xml::Error::Syntax(_) => Ok(Step::Cut(rule)),
                    _ => Err(malformed(start, rule)),
                };
            }
        }
        Ok(Step::To(end))
    }

    fn start_tag(&mut self, start: usize, end: usize, empty: bool) -> Result<(), Error> {
        self.flush_text()?;
        if self.open.is_empty() && self.root_seen {
            return Err(malformed(start, "a second root element"));
        }
        self.root_seen = true;
        self.budget.spend(Resource::Nodes, 1, self.limits.nodes)?;
        self.budget.reach(Resource::Depth, self.outer_depth + self.open.len() + 1, self.limits.depth)?;

        let content = start + 1..end - if empty { 2 } else { 1 };
        if self.good.is_some() {
            return self.check_tag(content, empty);
        }
        let node = NodeId(index(self.arena.nodes.len()));
        let parent = self.open.last().map(|open| open.node);
        let (outer_scope, outer) = (self.scope.len(), self.in_scope);
        let tag = match self.repeated_tag(parent, &content) {
            Some(tag) => tag,
            None => self.read_tag(parent, node, content)?,
        };

        let data = ElementData { tag, source: (index(start), index(end)), content_start: index(end) };
        self.arena.nodes.push(Node::new(parent, NodeId(node.0 + 1), Kind::Element(data)));
        if empty {
            self.leave(outer_scope, outer);
        } else {
            self.open.push(Open { node, outer_scope, outer });
        }
        Ok(())
    }

    fn read_tag(
        &mut self,
        parent: Option<NodeId>,
        node: NodeId,
        content: Range<usize>,
    ) -> Result<u32, Error> {
        let ids = self.arena.ids.len();
        let name = self.name(content.start, content.end)?;
        self.scan_attributes(at(name.end), content.end)?;
        let declarations = self.declare_namespaces()?;
        let namespace = self.resolve(name, true)?;
        let attributes = self.keep_attributes(node)?;
        let tag = index(self.arena.tags.len());
        self.arena.tags.push(Tag { name, namespace, attributes, declarations });
        // An identifier belongs to one element, so its tag is nobody else's.
        self.last_tag = (self.arena.ids.len() == ids).then_some(LastTag { parent, content, tag });
        Ok(tag)
    }

    /// The tag of the sibling before, where this one repeats it letter by letter: in the same scope the same
    /// letters mean the same. What the limits say of it was checked there.
    fn repeated_tag(&mut self, parent: Option<NodeId>, content: &Range<usize>) -> Option<u32> {
        let last = self
            .last_tag
            .as_ref()
            .filter(|last| last.parent == parent && last.content.len() == content.len())?;
        let bytes = self.input.as_bytes();
        if bytes.get(last.content.clone()) != bytes.get(content.clone()) {
            return None;
        }
        let (first, end) = self.arena.tags.get(at(last.tag))?.declarations;
        if first < end {
            self.scope.extend(first..end);
            self.resolved = None;
        }
        Some(last.tag)
    }

    /// Back to the declarations outside of an element.
    fn leave(&mut self, outer_scope: usize, outer: Scope) {
        if self.scope.len() > outer_scope {
            self.scope.truncate(outer_scope);
            self.resolved = None;
        }
        self.in_scope = outer;
    }

    fn end_tag(&mut self, start: usize, end: usize) -> Result<(), Error> {
        self.flush_text()?;
        // The tokenizer has compared the names.
        let Some(open) = self.open.pop() else {
            return Err(malformed(start, "an end tag without start tag"));
        };
        self.leave(open.outer_scope, open.outer);
        let behind = NodeId(index(self.arena.nodes.len()));
        if let Some(node) = self.arena.nodes.get_mut(at(open.node.0)) {
            node.end = behind;
            if let Kind::Element(data) = &mut node.kind {
                data.source.1 = index(end);
            }
        }
        Ok(())
    }

    fn slice(&self, start: usize, end: usize) -> &'i str {
        self.input.get(start..end).unwrap_or_default()
    }

    fn at(&self, offset: usize) -> &'i [u8] {
        self.input.as_bytes().get(offset..).unwrap_or_default()
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.input.as_bytes().get(offset).copied()
    }

    fn str(&self, span: Span) -> &str {
        let source = if span.decoded { self.arena.decoded.as_str() } else { self.input };
        source.get(at(span.start)..at(span.end)).unwrap_or_default()
    }

    fn uri(&self, namespace: NamespaceId) -> Option<&str> {
        match namespace {
            NamespaceId::NONE => None,
            NamespaceId::XML => Some(XML_NAMESPACE),
            NamespaceId(index) => self.arena.declarations.get(at(index)).map(|d| self.str(d.uri)),
        }
    }
}

pub(super) fn tokenizer_rule(error: &quick_xml::Error) -> &'static str {
    use quick_xml::errors::IllFormedError;
    match error {
        quick_xml::Error::IllFormed(IllFormedError::MismatchedEndTag { .. }) => {
            "an end tag does not match its start tag"
        }
        quick_xml::Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => "an end tag without start tag",
        quick_xml::Error::IllFormed(_) => "a reference does not end",
        quick_xml::Error::Syntax(_) => "markup does not end",
        _ => "not markup",
    }
}

/// Whether a document type declaration begins here.
pub(super) fn is_doctype(markup: &[u8]) -> bool {
    markup.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"<!DOCTYPE"))
}

pub(super) fn illegal(offset: usize) -> Error {
    malformed(offset, "a character that XML 1.0 does not allow")
}

pub(super) fn malformed(offset: usize, rule: &'static str) -> Error {
    Error::Malformed { offset, rule }
}

fn namespace(offset: usize, rule: &'static str) -> Error {
    Error::Namespace { offset, rule }
}

pub(super) const NOT_CLOSED: &str = "an element is not closed";
pub(super) const NO_ROOT: &str = "there is no root element";

/// An index or offset for the arena.
///
/// INVARIANT (offsets fit): the input is no longer than `u32::MAX` and nothing in the arena is larger than it.
fn index(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
