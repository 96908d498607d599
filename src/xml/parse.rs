mod attributes;
mod ids;
mod prolog;
mod text;

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
    let arena = Parser::new(&input, inherited, profile, limits, budget).run()?;
    let Arena { decoded, nodes, tags, attributes, declarations, ids } = arena;
    let inherited = index(inherited.len());
    let mut document =
        Document { input, decoded, nodes, tags, attributes, declarations, inherited, ids: Ids::default() };
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
    root_seen: bool,
    /// Attributes of the tag being read.
    tag: Vec<RawAttribute>,
    last_tag: Option<LastTag>,
}

/// A start tag that the next sibling may repeat.
struct LastTag {
    parent: Option<NodeId>,
    content: Range<usize>,
    tag: u32,
}

#[derive(Default)]
struct Arena {
    decoded: String,
    nodes: Vec<Node>,
    tags: Vec<Tag>,
    attributes: Vec<AttributeData>,
    declarations: Vec<Declaration>,
    /// Every attribute that could be taken for an identifier.
    ids: Vec<(IdSpelling, Span, NodeId)>,
}

impl Arena {
    /// Adds declarations that do not stand in the input.
    fn declare(&mut self, namespaces: &[(&str, &str)]) {
        let mut keep = |text: &str| {
            let start = index(self.decoded.len());
            self.decoded.push_str(text);
            Span { start, end: index(self.decoded.len()), decoded: true, plain: false }
        };
        let declarations = namespaces.iter().map(|(prefix, uri)| Declaration {
            prefix: keep(prefix),
            uri: keep(uri),
            verbatim: Verbatim::NO,
        });
        self.declarations.extend(declarations);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum IdSpelling {
    /// Unqualified `ID`: the only one that SAML gives a meaning.
    Saml,
    /// `Id`, `id` and `xml:id`, which other readers may take for one.
    Other,
}

struct Open {
    node: NodeId,
    /// Declarations in scope outside of the element.
    outer_scope: usize,
}

impl<'i, 'b> Parser<'i, 'b> {
    fn new(
        input: &'i str,
        inherited: &[(&str, &str)],
        profile: Profile,
        limits: &'b XmlLimits,
        budget: &'b mut Budget,
    ) -> Self {
        // Dense protocol messages have a node for about every 40 bytes; a wrong guess costs one copy.
        let expected = (input.len() / 40).min(limits.nodes);
        let mut arena = Arena { nodes: Vec::with_capacity(expected), ..Arena::default() };
        arena.declare(inherited);
        let scope = (0..index(arena.declarations.len())).collect();
        let has_cr = memchr::memchr(b'\r', input.as_bytes()).is_some();
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
            root_seen: false,
            tag: Vec::new(),
            last_tag: None,
        }
    }

    fn run(mut self) -> Result<Arena, Error> {
        if let Some(offset) = first_illegal(self.input) {
            return Err(malformed(offset, "a character that XML 1.0 does not allow"));
        }
        let mut reader = Reader::from_str(self.input);
        let mut start = 0;
        loop {
            let event = reader.read_event();
            let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            match event {
                Ok(Event::Start(_)) => self.start_tag(start, end, false)?,
                Ok(Event::Empty(_)) => self.start_tag(start, end, true)?,
                Ok(Event::End(_)) => self.end_tag(start, end)?,
                Ok(Event::Text(_)) => self.character_data(start, end)?,
                Ok(Event::CData(_)) => self.cdata(start, end)?,
                Ok(Event::GeneralRef(_)) => self.reference(start, end)?,
                Ok(Event::Decl(_)) => self.declaration(start, end)?,
                Ok(Event::PI(_)) => self.processing_instruction(start, end)?,
                Ok(Event::Comment(_)) => self.comment(start, end)?,
                Ok(Event::DocType(_)) => return Err(Error::Dtd { offset: start }),
                Ok(Event::Eof) => break,
                Err(_) if self.at(start).get(..9).is_some_and(|s| s.eq_ignore_ascii_case(b"<!DOCTYPE")) => {
                    return Err(Error::Dtd { offset: start });
                }
                Err(error) => return Err(malformed(start, tokenizer_rule(&error))),
            }
            start = end;
        }
        if !self.open.is_empty() {
            return Err(malformed(self.input.len(), "an element is not closed"));
        }
        if !self.root_seen {
            return Err(malformed(self.input.len(), "there is no root element"));
        }
        Ok(self.arena)
    }

    fn start_tag(&mut self, start: usize, end: usize, empty: bool) -> Result<(), Error> {
        self.flush_text()?;
        if self.open.is_empty() && self.root_seen {
            return Err(malformed(start, "a second root element"));
        }
        self.root_seen = true;
        self.budget.spend(Resource::Nodes, 1, self.limits.nodes)?;
        self.budget.reach(Resource::Depth, self.open.len() + 1, self.limits.depth)?;

        let node = NodeId(index(self.arena.nodes.len()));
        let parent = self.open.last().map(|open| open.node);
        let outer_scope = self.scope.len();
        let content = start + 1..end - if empty { 2 } else { 1 };
        let tag = match self.repeated_tag(parent, &content) {
            Some(tag) => tag,
            None => self.read_tag(parent, node, content)?,
        };

        let data = ElementData { tag, source: (index(start), index(end)), content_start: index(end) };
        self.arena.nodes.push(Node::new(parent, NodeId(node.0 + 1), Kind::Element(data)));
        if empty {
            self.scope.truncate(outer_scope);
        } else {
            self.open.push(Open { node, outer_scope });
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
        self.scope.extend(first..end);
        Some(last.tag)
    }

    fn end_tag(&mut self, start: usize, end: usize) -> Result<(), Error> {
        self.flush_text()?;
        // The tokenizer has compared the names.
        let Some(open) = self.open.pop() else {
            return Err(malformed(start, "an end tag without start tag"));
        };
        self.scope.truncate(open.outer_scope);
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

fn tokenizer_rule(error: &quick_xml::Error) -> &'static str {
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

fn malformed(offset: usize, rule: &'static str) -> Error {
    Error::Malformed { offset, rule }
}

fn namespace(offset: usize, rule: &'static str) -> Error {
    Error::Namespace { offset, rule }
}

/// An index or offset for the arena.
///
/// INVARIANT (offsets fit): the input is no longer than `u32::MAX` and nothing in the arena is larger than it.
fn index(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
