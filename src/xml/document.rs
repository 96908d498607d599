use std::borrow::Cow;
use std::fmt;

/// A parsed document: an arena of nodes in document order over the input they were read from.
///
/// Nothing in it is trusted. A signature makes a part of it a
/// [`VerifiedElement`](crate::xmldsig::VerifiedElement).
pub struct Document {
    pub(super) input: String,
    /// Texts and values that differ from their spelling in the input.
    pub(super) decoded: String,
    pub(super) nodes: Vec<Node>,
    pub(super) tags: Vec<Tag>,
    pub(super) attributes: Vec<AttributeData>,
    pub(super) declarations: Vec<Declaration>,
    /// How many of the declarations, the first ones, stand around the root: where it is a `Fragment`'s.
    pub(super) inherited: u32,
    pub(super) ids: Ids,
}

/// The attributes that could be taken for identifiers.
#[derive(Default)]
pub(super) struct Ids {
    /// Every unqualified `ID`, sorted by value.
    pub(super) saml: Vec<(Span, NodeId)>,
    pub(super) others: Vec<Span>,
}

/// An element of a [`Document`]. It leads downwards only.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document,
    id: NodeId,
}

/// An attribute with its normalized value. Namespace declarations are no attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'d> {
    /// The namespace, for a prefixed name.
    pub namespace: Option<&'d str>,
    /// The name without prefix.
    pub local_name: &'d str,
    /// The value, references resolved and white space normalized (XML 1.0 §3.3.3).
    pub value: &'d str,
}

/// What reading needs of an element, trusted or not: readers are written once over it.
pub trait Read<'d>: Copy {
    /// The namespace of the name.
    fn namespace(self) -> Option<&'d str>;
    /// The name without prefix.
    fn local_name(self) -> &'d str;
    /// The name as spelt, for messages.
    fn qualified_name(self) -> &'d str;
    /// Every attribute in document order.
    fn attributes(self) -> impl Iterator<Item = Attribute<'d>>;
    /// The child elements in document order.
    fn children(self) -> impl Iterator<Item = Self>;
    /// All text and CDATA that stand directly in the element, joined.
    fn text(self) -> Cow<'d, str>;
    /// All text of the element and everything below it, joined.
    fn all_text(self) -> Cow<'d, str>;

    /// Whether the element has this expanded name.
    fn is(self, namespace: &str, local_name: &str) -> bool {
        self.local_name() == local_name && self.namespace() == Some(namespace)
    }

    /// The value of an unqualified attribute.
    fn attribute(self, local_name: &str) -> Option<&'d str> {
        self.attributes().find(|a| a.namespace.is_none() && a.local_name == local_name).map(|a| a.value)
    }

    /// The value of a qualified attribute.
    fn attribute_ns(self, namespace: &str, local_name: &str) -> Option<&'d str> {
        self.attributes()
            .find(|a| a.local_name == local_name && a.namespace == Some(namespace))
            .map(|a| a.value)
    }
}

impl Document {
    /// The one root element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element { document: self, id: NodeId(0) }
    }

    /// The element whose unqualified `ID` attribute has this value. No other attribute identifies.
    #[must_use]
    pub fn element_by_id(&self, id: &str) -> Option<Element<'_>> {
        let position = self.ids.saml.binary_search_by(|(value, _)| self.str(*value).cmp(id)).ok()?;
        self.ids.saml.get(position).map(|&(_, id)| Element { document: self, id })
    }

    /// Every value that somebody could take for an identifier: `ID`, `Id`, `id` and `xml:id`.
    pub(super) fn identifiers(&self) -> impl Iterator<Item = &str> {
        self.ids.saml.iter().map(|(span, _)| span).chain(&self.ids.others).map(|span| self.str(*span))
    }

    /// Elements and texts.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The input, without byte-order mark.
    #[cfg(feature = "xmlsec")]
    pub(crate) fn source_text(&self) -> &str {
        &self.input
    }

    /// The input with more markup at a byte offset.
    pub(crate) fn with_inserted(self, position: usize, markup: &[u8]) -> Vec<u8> {
        let mut bytes = self.input.into_bytes();
        let position = position.min(bytes.len());
        bytes.splice(position..position, markup.iter().copied());
        bytes
    }

    pub(super) fn str(&self, span: Span) -> &str {
        let source = if span.decoded { &self.decoded } else { &self.input };
        source.get(at(span.start)..at(span.end)).unwrap_or_default()
    }

    pub(super) fn verbatim(&self, source: Verbatim) -> &[u8] {
        self.input.as_bytes().get(at(source.start)..at(source.end)).unwrap_or_default()
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        #[expect(
            clippy::indexing_slicing,
            reason = "INVARIANT (node ids): made by the parser, never out of range"
        )]
        &self.nodes[at(id.0)]
    }

    pub(super) fn tag(&self, element: &ElementData) -> &Tag {
        #[expect(
            clippy::indexing_slicing,
            reason = "INVARIANT (tags): made by the parser, never out of range"
        )]
        &self.tags[at(element.tag)]
    }

    pub(super) fn attributes_of(&self, tag: &Tag) -> &[AttributeData] {
        self.attributes.get(at(tag.attributes.0)..at(tag.attributes.1)).unwrap_or_default()
    }

    pub(super) fn declarations_of(&self, tag: &Tag) -> &[Declaration] {
        self.declarations.get(at(tag.declarations.0)..at(tag.declarations.1)).unwrap_or_default()
    }

    /// The declaration that a name was resolved by; `None` for no namespace and for `xml`.
    pub(super) fn declaration(&self, namespace: NamespaceId) -> Option<&Declaration> {
        match namespace {
            NamespaceId::NONE | NamespaceId::XML => None,
            NamespaceId(index) => self.declarations.get(at(index)),
        }
    }

    /// The declarations that stand around the root, one a prefix.
    pub(super) fn inherited_declarations(&self) -> &[Declaration] {
        self.declarations.get(..at(self.inherited)).unwrap_or_default()
    }

    /// The namespace that a name was resolved to; `None` for no namespace.
    pub(super) fn uri(&self, namespace: NamespaceId) -> Option<&str> {
        match namespace {
            NamespaceId::NONE => None,
            NamespaceId::XML => Some(XML_NAMESPACE),
            NamespaceId(index) => self.declarations.get(at(index)).map(|d| self.str(d.uri)),
        }
    }
}

impl<'d> Element<'d> {
    /// The element that encloses this one. Inside the crate only: upwards leads out of what a signature covers.
    pub(crate) fn parent(self) -> Option<Self> {
        let parent = self.document.node(self.id).parent()?;
        Some(Self { document: self.document, id: parent })
    }

    /// The document that the element is part of.
    pub(crate) fn document(self) -> &'d Document {
        self.document
    }

    /// Byte range of the element in the input, from `<` to behind the last `>`.
    pub(crate) fn source(self) -> std::ops::Range<usize> {
        let (start, end) = self.data().source;
        at(start)..at(end)
    }

    /// Byte offset in the input behind the element's start tag.
    pub(crate) fn content_start(self) -> usize {
        at(self.data().content_start)
    }

    /// The namespace declarations in the element's start tag, prefix and name.
    pub(super) fn own_declarations(self) -> impl Iterator<Item = (&'d str, &'d str)> {
        let document = self.document;
        let own = document.declarations_of(self.tag()).iter();
        own.map(move |declaration| (document.str(declaration.prefix), document.str(declaration.uri)))
    }

    /// The namespace declarations in scope inside the element, prefix and name, one a prefix.
    pub(super) fn namespaces_in_scope(self) -> Vec<(&'d str, &'d str)> {
        let document = self.document;
        let around = std::iter::successors(Some(self), |element| element.parent());
        let own = around.flat_map(|element| document.declarations_of(element.tag()));
        let mut in_scope: Vec<(&str, &str)> = Vec::new();
        for declaration in own.chain(document.inherited_declarations()) {
            let prefix = document.str(declaration.prefix);
            if !in_scope.iter().any(|(known, _)| *known == prefix) {
                in_scope.push((prefix, document.str(declaration.uri)));
            }
        }
        // `xmlns=""` hides a default namespace further out, and says nothing else.
        in_scope.retain(|(_, uri)| !uri.is_empty());
        in_scope
    }

    /// Every element below this one, in document order.
    pub(crate) fn descendants(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        let (first, end) = (self.id.0 + 1, document.node(self.id).end.0);
        (first..end)
            .map(NodeId)
            .filter(move |&id| matches!(document.node(id).kind, Kind::Element(_)))
            .map(move |id| Self { document, id })
    }

    /// All text below the element but for that of one descendant.
    pub(crate) fn all_text_without(self, left_out: Self) -> Cow<'d, str> {
        let hole = left_out.id..self.document.node(left_out.id).end;
        self.texts_below(move |id| !hole.contains(&id))
    }

    fn texts_below(self, wanted: impl Fn(NodeId) -> bool) -> Cow<'d, str> {
        let document = self.document;
        let (first, end) = (self.id.0 + 1, document.node(self.id).end.0);
        join((first..end).map(NodeId).filter(|&id| wanted(id)).filter_map(
            |id| match document.node(id).kind {
                Kind::Text(span) => Some(document.str(span)),
                Kind::Element(_) => None,
            },
        ))
    }

    pub(super) fn id(self) -> NodeId {
        self.id
    }

    pub(super) fn data(self) -> &'d ElementData {
        match &self.document.node(self.id).kind {
            Kind::Element(data) => data,
            // INVARIANT (elements are elements): an `Element` is made only for a node of that kind.
            Kind::Text(_) => &EMPTY,
        }
    }

    pub(super) fn tag(self) -> &'d Tag {
        self.document.tag(self.data())
    }

    fn own_texts(self) -> impl Iterator<Item = &'d str> {
        self.child_ids().filter_map(move |id| match self.document.node(id).kind {
            Kind::Text(span) => Some(self.document.str(span)),
            Kind::Element(_) => None,
        })
    }

    fn child_ids(self) -> impl Iterator<Item = NodeId> {
        let document = self.document;
        let end = document.node(self.id).end;
        let first = NodeId(self.id.0 + 1);
        std::iter::successors((first < end).then_some(first), move |&child| {
            let next = document.node(child).end;
            (next < end).then_some(next)
        })
    }
}

impl<'d> Read<'d> for Element<'d> {
    fn namespace(self) -> Option<&'d str> {
        self.document.uri(self.tag().namespace)
    }

    fn local_name(self) -> &'d str {
        self.tag().name.local(&self.document.input)
    }

    fn qualified_name(self) -> &'d str {
        self.tag().name.qualified(&self.document.input)
    }

    fn attributes(self) -> impl Iterator<Item = Attribute<'d>> {
        let document = self.document;
        document.attributes_of(self.tag()).iter().map(move |a| Attribute {
            namespace: document.uri(a.namespace),
            local_name: a.name.local(&document.input),
            value: document.str(a.value),
        })
    }

    fn children(self) -> impl Iterator<Item = Self> {
        let document = self.document;
        self.child_ids()
            .filter(move |&id| matches!(document.node(id).kind, Kind::Element(_)))
            .map(move |id| Self { document, id })
    }

    fn text(self) -> Cow<'d, str> {
        join(self.own_texts())
    }

    fn all_text(self) -> Cow<'d, str> {
        self.texts_below(|_| true)
    }
}

impl PartialEq for Element<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && std::ptr::eq(self.document, other.document)
    }
}

impl Eq for Element<'_> {}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content may be personal: a debug print shows the size only.
        f.debug_struct("Document").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Element({})", self.qualified_name())
    }
}

/// The namespace that the prefix `xml` always has.
pub(super) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// A node's place in the arena. Children follow their parent, so a subtree is a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NodeId(pub(super) u32);

pub(super) struct Node {
    parent: NodeId,
    /// Behind the last node of the subtree.
    pub(super) end: NodeId,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Element(ElementData),
    Text(Span),
}

#[derive(Clone, Copy)]
pub(super) struct ElementData {
    /// Index of its start tag.
    pub(super) tag: u32,
    pub(super) source: (u32, u32),
    pub(super) content_start: u32,
}

/// What a start tag says. Siblings that repeat it letter by letter, as the values of an attribute do, share it.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    pub(super) name: Name,
    pub(super) namespace: NamespaceId,
    pub(super) attributes: (u32, u32),
    pub(super) declarations: (u32, u32),
}

pub(super) struct AttributeData {
    pub(super) name: Name,
    pub(super) namespace: NamespaceId,
    pub(super) value: Span,
    pub(super) verbatim: Verbatim,
}

/// `xmlns="…"` (empty prefix) or `xmlns:prefix="…"`.
pub(super) struct Declaration {
    pub(super) prefix: Span,
    pub(super) uri: Span,
    pub(super) verbatim: Verbatim,
}

/// Where the input spells an attribute or declaration, with the space before it, exactly as its canonical form
/// does; empty where it does not. Most peers write so, and one copy is cheaper than six.
#[derive(Clone, Copy)]
pub(super) struct Verbatim {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// Where a name stands in the input.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub(super) start: u32,
    /// Start of the local part; equals `start` where there is no prefix.
    pub(super) local: u32,
    pub(super) end: u32,
}

/// The declaration that a name was resolved by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct NamespaceId(pub(super) u32);

/// Text in the input or among the decoded strings.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) decoded: bool,
    /// Canonicalisation writes it as it is.
    pub(super) plain: bool,
}

impl Node {
    pub(super) fn new(parent: Option<NodeId>, end: NodeId, kind: Kind) -> Self {
        Self { parent: parent.unwrap_or(NodeId::NONE), end, kind }
    }

    pub(super) fn parent(&self) -> Option<NodeId> {
        (self.parent != NodeId::NONE).then_some(self.parent)
    }
}

impl NodeId {
    const NONE: Self = Self(u32::MAX);
}

impl Verbatim {
    pub(super) const NO: Self = Self { start: 0, end: 0 };
}

impl NamespaceId {
    pub(super) const NONE: Self = Self(u32::MAX);
    pub(super) const XML: Self = Self(u32::MAX - 1);
}

impl Name {
    pub(super) fn prefix(self, input: &str) -> &str {
        // An empty prefix is a place in the input too: an empty text that points nowhere takes some 200 ns to compare
        // where memcmp reads under a mask (AVX-512).
        let end = at(self.local).saturating_sub(1).max(at(self.start));
        input.get(at(self.start)..end).unwrap_or_default()
    }

    pub(super) fn local(self, input: &str) -> &str {
        input.get(at(self.local)..at(self.end)).unwrap_or_default()
    }

    pub(super) fn qualified(self, input: &str) -> &str {
        input.get(at(self.start)..at(self.end)).unwrap_or_default()
    }
}

impl Span {
    pub(super) const EMPTY: Self = Self { start: 0, end: 0, decoded: false, plain: true };
}

/// An offset or id as an index.
pub(super) const fn at(offset: u32) -> usize {
    #[expect(clippy::as_conversions, reason = "usize has at least 32 bits wherever this crate runs")]
    const _: () = assert!(usize::BITS >= 32 && u32::MAX as usize == 4_294_967_295);
    #[expect(clippy::as_conversions, reason = "lossless, see the assertion above")]
    {
        offset as usize
    }
}

fn join<'d>(mut texts: impl Iterator<Item = &'d str>) -> Cow<'d, str> {
    let Some(first) = texts.next() else { return Cow::Borrowed("") };
    let Some(second) = texts.next() else { return Cow::Borrowed(first) };
    let mut all = String::from(first);
    all.push_str(second);
    all.extend(texts);
    Cow::Owned(all)
}

static EMPTY: ElementData = ElementData { tag: 0, source: (0, 0), content_start: 0 };
