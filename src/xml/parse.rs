use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::chars::{first_illegal, is_char, is_ncname, is_space};
use super::document::{
    AttributeData, Declaration, Document, ElementData, Ids, Kind, Name, NamespaceId, Node, NodeId, Span, Tag,
    Verbatim, XML_NAMESPACE, at,
};
use super::error::Error;
use crate::limits::{Budget, LimitExceeded, Resource, XmlLimits};

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
/// every entity but the five predefined ones, every encoding but UTF-8, relative namespace names, a second
/// declaration of `xml` or `xmlns`, an `ID` that another element also has, and whatever `profile` excludes.
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

#[derive(Clone, Copy)]
struct RawAttribute {
    name: Name,
    value: (usize, usize),
    spelling: Spelling,
    is_declaration: bool,
    verbatim: Verbatim,
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spelling {
    /// As it is read, and as canonicalisation writes it.
    Plain,
    /// As it is read, with double quotes between single ones.
    Quotes,
    /// With references, or with white space that is normalized.
    Encoded,
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

    fn character_data(&mut self, start: usize, end: usize) -> Result<(), Error> {
        let text = self.slice(start, end);
        if self.open.is_empty() {
            return match text.bytes().position(|b| !is_space(b)) {
                None => Ok(()),
                Some(offset) => Err(malformed(start + offset, "text outside of the root element")),
            };
        }
        let mut plain = true;
        // XML 1.0 §2.4: `]]>` must not appear in character data.
        for gt in memchr::memchr_iter(b'>', text.as_bytes()) {
            plain = false;
            if text.as_bytes().get(..gt).is_some_and(|before| before.ends_with(b"]]")) {
                return Err(malformed(start + gt, "`]]>` in text"));
            }
        }
        if self.has_cr && memchr::memchr(b'\r', text.as_bytes()).is_some() {
            self.append_decoded(|decoded| push_with_line_ends(decoded, text, '\n'), false);
        } else {
            self.append_raw(start, end, plain);
        }
        Ok(())
    }

    fn cdata(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.open.is_empty() {
            return Err(malformed(start, "text outside of the root element"));
        }
        let text = self.slice(start + "<![CDATA[".len(), end - "]]>".len());
        self.append_decoded(|decoded| push_with_line_ends(decoded, text, '\n'), false);
        Ok(())
    }

    fn reference(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.open.is_empty() {
            return Err(malformed(start, "text outside of the root element"));
        }
        let character = resolve_reference(self.slice(start + 1, end - 1), start)?;
        self.append_decoded(|decoded| decoded.push(character), false);
        Ok(())
    }

    /// XML 1.0 §2.8: `<?xml version="1.0" encoding="…" standalone="…"?>`, first or not at all.
    fn declaration(&mut self, start: usize, end: usize) -> Result<(), Error> {
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

    fn processing_instruction(&mut self, start: usize, end: usize) -> Result<(), Error> {
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

    fn comment(&mut self, start: usize, end: usize) -> Result<(), Error> {
        if self.profile == Profile::Message {
            return Err(Error::Comment { offset: start });
        }
        let content = self.slice(start + "<!--".len(), end - "-->".len());
        if content.contains("--") || content.ends_with('-') {
            return Err(malformed(start, "`--` in a comment"));
        }
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

    fn flush_text(&mut self) -> Result<(), Error> {
        let Some(span) = self.text.take() else { return Ok(()) };
        let length = at(span.end).saturating_sub(at(span.start));
        if length == 0 {
            return Ok(());
        }
        self.budget.reach(Resource::Text, length, self.limits.text)?;
        self.budget.spend(Resource::Nodes, 1, self.limits.nodes)?;
        let end = NodeId(index(self.arena.nodes.len() + 1));
        let parent = self.open.last().map(|open| open.node);
        self.arena.nodes.push(Node::new(parent, end, Kind::Text(span)));
        Ok(())
    }

    /// Reads `name="value"` pairs between two offsets into `self.tag`.
    fn scan_attributes(&mut self, mut offset: usize, end: usize) -> Result<(), Error> {
        self.tag.clear();
        let mut attributes = 0;
        loop {
            let spaces = self.spaces(offset, end);
            offset += spaces;
            if offset >= end {
                return Ok(());
            }
            if spaces == 0 {
                return Err(malformed(offset, "no white space before an attribute"));
            }
            let name = self.name(offset, end)?;
            let name_end = at(name.end);
            offset = name_end + self.spaces(name_end, end);
            if self.byte(offset) != Some(b'=') {
                return Err(malformed(offset, "an attribute has no value"));
            }
            offset += 1;
            offset += self.spaces(offset, end);
            let Some(quote @ (b'"' | b'\'')) = self.byte(offset) else {
                return Err(malformed(offset, "an attribute's value is not quoted"));
            };
            let (value, spelling) = self.quoted(quote, offset + 1, end)?;
            self.budget.reach(Resource::AttributeValue, value.len(), self.limits.attribute_value)?;
            let is_declaration = self.is_declaration(name);
            if is_declaration {
                let in_scope = self.scope.len() + self.tag.len() - attributes + 1;
                self.budget.reach(Resource::Namespaces, in_scope, self.limits.namespaces_in_scope)?;
            } else {
                attributes += 1;
                self.budget.reach(Resource::Attributes, attributes, self.limits.attributes_per_element)?;
            }
            offset = value.end + 1;
            // ` name="value"`, and nothing in the value that canonicalisation writes in another way.
            let space = at(name.start).saturating_sub(1);
            let canonical = spelling == Spelling::Plain && quote == b'"' && value.start == name_end + 2;
            let verbatim = match self.byte(space) {
                Some(b' ') if canonical => Verbatim { start: index(space), end: index(offset) },
                _ => Verbatim::NO,
            };
            self.tag.push(RawAttribute {
                name,
                value: (value.start, value.end),
                spelling,
                is_declaration,
                verbatim,
            });
        }
    }

    /// The value between `start` and its closing quote.
    fn quoted(&self, quote: u8, start: usize, end: usize) -> Result<(Range<usize>, Spelling), Error> {
        let mut spelling = Spelling::Plain;
        let rest = self.input.as_bytes().get(start..end).unwrap_or_default();
        for (length, &b) in rest.iter().enumerate() {
            match b {
                _ if b == quote => return Ok((start..start + length, spelling)),
                b'<' => return Err(malformed(start + length, "`<` in an attribute's value")),
                b'&' | b'\t' | b'\n' | b'\r' => spelling = Spelling::Encoded,
                b'"' => spelling = spelling.max(Spelling::Quotes),
                _ => {}
            }
        }
        Err(malformed(start, "an attribute's value does not end"))
    }

    /// Moves the namespace declarations of the tag into scope (Namespaces in XML 1.0 §3).
    fn declare_namespaces(&mut self) -> Result<(u32, u32), Error> {
        let first = self.arena.declarations.len();
        for i in 0..self.tag.len() {
            let Some(&raw) = self.tag.get(i) else { break };
            let RawAttribute { name, is_declaration, verbatim, .. } = raw;
            if !is_declaration {
                continue;
            }
            let is_default = name.start == name.local;
            let uri = self.attribute_value(raw)?;
            let prefix = if is_default {
                Span::EMPTY
            } else {
                Span { start: name.local, end: name.end, decoded: false, plain: true }
            };
            let offset = at(name.start);
            let (prefix_text, uri_text) = (self.str(prefix), self.str(uri));
            if matches!(prefix_text, "xml" | "xmlns") {
                return Err(namespace(offset, "xml and xmlns cannot be declared"));
            }
            if matches!(uri_text, XML_NAMESPACE | XMLNS_NAMESPACE) {
                return Err(namespace(offset, "a prefix is bound to a reserved namespace"));
            }
            if uri_text.is_empty() && !is_default {
                return Err(namespace(offset, "a prefix is undeclared"));
            }
            if !uri_text.is_empty() && !has_scheme(uri_text) {
                return Err(namespace(offset, "a namespace name is not absolute"));
            }
            let own = self.arena.declarations.get(first..).unwrap_or_default();
            if own.iter().any(|d| self.str(d.prefix) == prefix_text) {
                return Err(malformed(offset, "an attribute stands twice"));
            }
            self.scope.push(index(self.arena.declarations.len()));
            self.arena.declarations.push(Declaration { prefix, uri, verbatim });
        }
        Ok((index(first), index(self.arena.declarations.len())))
    }

    fn keep_attributes(&mut self, node: NodeId) -> Result<(u32, u32), Error> {
        let first = self.arena.attributes.len();
        for i in 0..self.tag.len() {
            let Some(&raw) = self.tag.get(i) else { break };
            let RawAttribute { name, is_declaration, verbatim, .. } = raw;
            if is_declaration {
                continue;
            }
            let namespace = self.resolve(name, false)?;
            let value = self.attribute_value(raw)?;
            match (namespace, name.local(self.input)) {
                (NamespaceId::NONE, "ID") => self.arena.ids.push((IdSpelling::Saml, value, node)),
                (NamespaceId::NONE, "Id" | "id") | (NamespaceId::XML, "id") => {
                    self.arena.ids.push((IdSpelling::Other, value, node));
                }
                _ => {}
            }
            self.arena.attributes.push(AttributeData { name, namespace, value, verbatim });
        }
        self.refuse_repeated_attributes(first)?;
        Ok((index(first), index(self.arena.attributes.len())))
    }

    /// Namespaces in XML 1.0 §6.3: no two attributes with one expanded name.
    fn refuse_repeated_attributes(&self, first: usize) -> Result<(), Error> {
        let attributes = self.arena.attributes.get(first..).unwrap_or_default();
        if attributes.len() < 2 {
            return Ok(());
        }
        let key = |a: &AttributeData| (a.name.local(self.input), self.uri(a.namespace));
        let repeated = if attributes.len() <= 8 {
            attributes.iter().enumerate().find(|&(i, a)| attributes.iter().take(i).any(|b| key(a) == key(b)))
        } else {
            let mut sorted: Vec<(usize, &AttributeData)> = attributes.iter().enumerate().collect();
            sorted.sort_unstable_by_key(|&(_, a)| key(a));
            sorted.windows(2).find_map(|pair| match pair {
                [(_, a), (i, b)] if key(a) == key(b) => Some((*i, *b)),
                _ => None,
            })
        };
        match repeated {
            Some((_, attribute)) => Err(malformed(at(attribute.name.start), "an attribute stands twice")),
            None => Ok(()),
        }
    }

    /// XML 1.0 §3.3.3: references resolved, each white space a space.
    fn attribute_value(&mut self, attribute: RawAttribute) -> Result<Span, Error> {
        let (start, end) = attribute.value;
        if attribute.spelling != Spelling::Encoded {
            let plain = attribute.spelling == Spelling::Plain;
            return Ok(Span { start: index(start), end: index(end), decoded: false, plain });
        }
        let raw = self.slice(start, end);
        let decoded_start = index(self.arena.decoded.len());
        let mut rest = raw;
        while let Some(position) = memchr::memchr(b'&', rest.as_bytes()) {
            let (before, from) = rest.split_at_checked(position).unwrap_or((rest, ""));
            push_with_line_ends(&mut self.arena.decoded, before, ' ');
            let offset = end - from.len();
            let Some(semicolon) = memchr::memchr(b';', from.as_bytes()) else {
                return Err(malformed(offset, "a reference does not end"));
            };
            let name = from.get(1..semicolon).unwrap_or_default();
            self.arena.decoded.push(resolve_reference(name, offset)?);
            rest = from.get(semicolon + 1..).unwrap_or_default();
        }
        push_with_line_ends(&mut self.arena.decoded, rest, ' ');
        Ok(Span { start: decoded_start, end: index(self.arena.decoded.len()), decoded: true, plain: false })
    }

    /// The declaration that gives a name its namespace. Unprefixed attributes have none.
    fn resolve(&self, name: Name, is_element: bool) -> Result<NamespaceId, Error> {
        let prefix = name.prefix(self.input);
        if prefix.is_empty() && !is_element {
            return Ok(NamespaceId::NONE);
        }
        match prefix {
            "xml" => return Ok(NamespaceId::XML),
            "xmlns" => return Err(namespace(at(name.start), "xmlns is no prefix for an element")),
            _ => {}
        }
        let found = self.scope.iter().rev().find_map(|&index| {
            let declaration = self.arena.declarations.get(at(index))?;
            (self.str(declaration.prefix) == prefix).then_some((index, declaration.uri))
        });
        match found {
            Some((index, uri)) if uri.start < uri.end => Ok(NamespaceId(index)),
            // `xmlns=""`: no namespace.
            Some(_) => Ok(NamespaceId::NONE),
            None if prefix.is_empty() => Ok(NamespaceId::NONE),
            None => Err(namespace(at(name.start), "a prefix is not declared")),
        }
    }

    /// The qualified name, NCName or NCName `:` NCName, up to white space, `=`, `/`, `>` or `end`.
    fn name(&mut self, start: usize, end: usize) -> Result<Name, Error> {
        let bytes = self.input.as_bytes().get(start..end).unwrap_or_default();
        let (mut length, mut colon, mut colons) = (bytes.len(), None, 0);
        for (offset, &b) in bytes.iter().enumerate() {
            match b {
                b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'/' | b'>' => {
                    length = offset;
                    break;
                }
                b':' => (colon, colons) = (Some(offset), colons + 1),
                _ => {}
            }
        }
        self.budget.reach(Resource::Name, length, self.limits.name)?;
        if colons > 1 {
            return Err(namespace(start, "a name has more than one colon"));
        }
        let (local, end) = (colon.map_or(start, |colon| start + colon + 1), start + length);
        let prefix_is_name = colon.is_none_or(|colon| is_ncname(self.slice(start, start + colon)));
        if !prefix_is_name || !is_ncname(self.slice(local, end)) {
            return Err(malformed(start, "not a name"));
        }
        Ok(Name { start: index(start), local: index(local), end: index(end) })
    }

    fn spaces(&self, offset: usize, end: usize) -> usize {
        let bytes = self.input.as_bytes().get(offset..end).unwrap_or_default();
        bytes.iter().position(|&b| !is_space(b)).unwrap_or(bytes.len())
    }

    fn is_declaration(&self, name: Name) -> bool {
        match self.input.as_bytes().get(at(name.start)..at(name.end)) {
            Some(name) if name.starts_with(b"xmlns") => name.len() == 5 || name.get(5) == Some(&b':'),
            _ => false,
        }
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

const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// The longest identifier that is accepted; peers use fewer than 100 bytes.
const ID_BYTES: usize = 1024;

fn unique_ids(document: &Document, ids: Vec<(IdSpelling, Span, NodeId)>) -> Result<Ids, Error> {
    let mut ids = ids;
    ids.sort_unstable_by(|(_, a, _), (_, b, _)| document.str(*a).cmp(document.str(*b)));
    for pair in ids.windows(2) {
        if let [(_, a, _), (_, b, _)] = pair
            && document.str(*a) == document.str(*b)
        {
            return Err(Error::DuplicateId { id: document.str(*a).chars().take(64).collect() });
        }
    }
    let (saml, others): (Vec<_>, Vec<_>) =
        ids.into_iter().partition(|(spelling, _, _)| *spelling == IdSpelling::Saml);
    for (_, span, _) in &saml {
        let id = document.str(*span);
        let forbidden =
            |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '&' | '#');
        if id.is_empty() || id.len() > ID_BYTES || id.contains(forbidden) {
            return Err(Error::InvalidId { id: id.chars().take(64).collect() });
        }
    }
    Ok(Ids {
        saml: saml.into_iter().map(|(_, span, node)| (span, node)).collect(),
        others: others.into_iter().map(|(_, span, _)| span).collect(),
    })
}

/// Appends text with `\r\n` and lone `\r` as one line end (XML 1.0 §2.11); `line_end` and, for attributes,
/// every other white space is written as given.
fn push_with_line_ends(to: &mut String, text: &str, line_end: char) {
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
fn resolve_reference(name: &str, offset: usize) -> Result<char, Error> {
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

/// RFC 3986 §3.1: the name is absolute when it begins with a scheme.
fn has_scheme(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    })
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

fn byte(c: char) -> u8 {
    u8::try_from(c).unwrap_or(0)
}

/// An index or offset for the arena.
///
/// INVARIANT (offsets fit): the input is no longer than `u32::MAX` and nothing in the arena is larger than it.
fn index(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
