use super::document::{
    AttributeData, Declaration, Document, Element, ElementData, Kind, NamespaceId, NodeId, Read as _, Span,
    Tag, at,
};

/// Takes canonical bytes: a buffer or a digest.
pub trait Sink {
    /// Takes the next bytes.
    fn write(&mut self, bytes: &[u8]);
}

/// The parameters of one canonicalisation.
#[derive(Clone, Copy, Debug, Default)]
pub struct Canonical<'c> {
    /// The InclusiveNamespaces PrefixList; `""` stands for `#default`.
    pub prefix_list: &'c [&'c str],
    /// Left out with everything in it: the signature, for the enveloped transform.
    pub without: Option<Element<'c>>,
}

/// Writes the exclusive canonical form of an element without comments
/// ([Exclusive XML Canonicalization 1.0](https://www.w3.org/TR/xml-exc-c14n/)).
///
/// Total: every element that the parser accepts has a canonical form, and all of it is written. One walk over
/// the arena, no recursion, no copy of the document.
pub fn canonicalize(element: Element<'_>, form: &Canonical<'_>, sink: &mut impl Sink) {
    Walk::new(element, Depth::Apex, form).run(sink);
}

impl Sink for Vec<u8> {
    fn write(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Canonicalises one element whose content comes in pieces, each a document of its own.
pub(crate) struct PieceWriter {
    prefix_list: Vec<String>,
    /// Namespace declarations written and still in effect, innermost last: prefix and name.
    rendered: Vec<(String, String)>,
    /// The open groups: name, and length of `rendered` outside.
    open: Vec<(String, usize)>,
}

impl PieceWriter {
    pub(crate) fn new(prefix_list: &[&str]) -> Self {
        let prefix_list = prefix_list.iter().map(|prefix| (*prefix).to_owned()).collect();
        Self { prefix_list, rendered: Vec::new(), open: Vec::new() }
    }

    /// The start tag of the element or of one below, whose content follows.
    pub(crate) fn start(&mut self, tag: Element<'_>, sink: &mut impl Sink) {
        let outer = self.rendered.len();
        let added = self.write(tag, sink, |walk, sink| {
            walk.start_tag_of_apex(sink);
            let added = walk.rendered.iter().skip(outer);
            added.map(|r| (r.prefix.to_owned(), r.uri.to_owned())).collect::<Vec<_>>()
        });
        self.rendered.extend(added);
        self.open.push((tag.qualified_name().to_owned(), outer));
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Text that stands directly in what was started last.
    pub(crate) fn text(&mut self, text: &str, sink: &mut impl Sink) {
        write_escaped_text(text, sink);
    }

    /// A child of what was started last.
    pub(crate) fn element(&mut self, element: Element<'_>, sink: &mut impl Sink) {
        self.write(element, sink, |walk, sink| walk.run(sink));
    }

    /// The end of what was started last.
    pub(crate) fn end(&mut self, sink: &mut impl Sink) {
        if let Some((name, outer)) = self.open.pop() {
            self.rendered.truncate(outer);
            sink.write(b"</");
            sink.write(name.as_bytes());
            sink.write(b">");
        }
    }

    fn write<S: Sink, T>(
        &self,
        element: Element<'_>,
        sink: &mut S,
        walk: impl FnOnce(&mut Walk<'_, '_>, &mut S) -> T,
    ) -> T {
        let prefix_list: Vec<&str> = self.prefix_list.iter().map(String::as_str).collect();
        let form = Canonical { prefix_list: &prefix_list, without: None };
        let depth = if self.open.is_empty() { Depth::Apex } else { Depth::Below };
        let mut started = Walk::new(element, depth, &form);
        started.rendered.extend(self.rendered.iter().map(|(prefix, uri)| Rendered {
            prefix,
            uri,
            verbatim: &[],
        }));
        walk(&mut started, sink)
    }
}

/// Where the element at which a walk starts stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// It is the one that is canonicalised.
    Apex,
    /// It stands in that one.
    Below,
}

struct Walk<'d, 'c> {
    document: &'d Document,
    apex: NodeId,
    depth: Depth,
    form: &'c Canonical<'c>,
    /// Namespace declarations written and still in effect, innermost last.
    rendered: Vec<Rendered<'d>>,
    open: Vec<Open>,
}

#[derive(Clone, Copy)]
struct Rendered<'d> {
    prefix: &'d str,
    uri: &'d str,
    /// The declaration as it is written, where the input has it so.
    verbatim: &'d [u8],
}

struct Open {
    node: NodeId,
    end: NodeId,
    /// Length of `rendered` outside of the element.
    outer: usize,
}

impl<'d, 'c> Walk<'d, 'c> {
    fn new(apex: Element<'d>, depth: Depth, form: &'c Canonical<'c>) -> Self {
        let (document, apex) = (apex.document(), apex.id());
        Self { document, apex, depth, form, rendered: Vec::new(), open: Vec::new() }
    }

    fn run(&mut self, sink: &mut impl Sink) {
        let end = self.document.node(self.apex).end;
        let skip = self.form.without.map(Element::id);
        // Scratch space of the start tags, kept between elements.
        let (mut namespaces, mut attributes) = (Vec::new(), Vec::new());
        let mut next = self.apex;
        while next < end {
            self.close_before(next, sink);
            let node = self.document.node(next);
            if Some(next) == skip {
                next = node.end;
                continue;
            }
            match &node.kind {
                Kind::Text(span) => write_text(self.document.str(*span), *span, sink),
                Kind::Element(data) => {
                    let outer = self.rendered.len();
                    self.start_tag(next, self.document.tag(data), &mut namespaces, &mut attributes, sink);
                    self.open.push(Open { node: next, end: node.end, outer });
                }
            }
            next = NodeId(next.0 + 1);
        }
        self.close_before(end, sink);
    }

    fn start_tag_of_apex(&mut self, sink: &mut impl Sink) {
        if let Kind::Element(data) = &self.document.node(self.apex).kind {
            self.start_tag(self.apex, self.document.tag(data), &mut Vec::new(), &mut Vec::new(), sink);
        }
    }

    fn close_before(&mut self, next: NodeId, sink: &mut impl Sink) {
        while let Some(open) = self.open.pop_if(|open| open.end <= next) {
            self.rendered.truncate(open.outer);
            if let Kind::Element(data) = &self.document.node(open.node).kind {
                self.end_tag(data, sink);
            }
        }
    }

    fn end_tag(&self, data: &ElementData, sink: &mut impl Sink) {
        let input = self.document.input.as_bytes();
        let name = self.document.tag(data).name.qualified(&self.document.input).as_bytes();
        // `</name>` as most peers write it; `<name/>` and `</name >` are spelt out.
        let length = name.len() + "</>".len();
        let end = at(data.source.1);
        match input.get(end.saturating_sub(length)..end) {
            Some(tag) if tag.starts_with(b"</") => sink.write(tag),
            _ => {
                sink.write(b"</");
                sink.write(name);
                sink.write(b">");
            }
        }
    }

    fn start_tag(
        &mut self,
        id: NodeId,
        tag: &'d Tag,
        namespaces: &mut Vec<Rendered<'d>>,
        attributes: &mut Vec<&'d AttributeData>,
        sink: &mut impl Sink,
    ) {
        let document = self.document;
        attributes.clear();
        attributes.extend(document.attributes_of(tag));
        self.namespaces_to_render(id, tag, attributes, namespaces);

        sink.write(b"<");
        sink.write(tag.name.qualified(&document.input).as_bytes());
        for &Rendered { prefix, uri, verbatim } in namespaces.iter() {
            if !verbatim.is_empty() {
                sink.write(verbatim);
                continue;
            }
            sink.write(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            sink.write(prefix.as_bytes());
            sink.write(b"=\"");
            write_escaped_attribute(uri, sink);
            sink.write(b"\"");
        }
        self.rendered.extend_from_slice(namespaces);

        // §2.3 of Canonical XML: by namespace name, then by local name; without namespace first. Not by an empty
        // text for no namespace: see `Name::prefix`.
        if attributes.len() > 1 {
            let key = |a: &&AttributeData| (document.uri(a.namespace), a.name.local(&document.input));
            attributes.sort_by(|a, b| key(a).cmp(&key(b)));
        }
        for attribute in attributes.iter() {
            let verbatim = document.verbatim(attribute.verbatim);
            if !verbatim.is_empty() {
                sink.write(verbatim);
                continue;
            }
            sink.write(b" ");
            sink.write(attribute.name.qualified(&document.input).as_bytes());
            sink.write(b"=\"");
            let value = document.str(attribute.value);
            if attribute.value.plain {
                sink.write(value.as_bytes())
            } else {
                write_escaped_attribute(value, sink)
            }
            sink.write(b"\"");
        }
        sink.write(b">");
    }

    /// §3 of Exclusive XML Canonicalization: what the element visibly uses, and what the PrefixList asks for,
    /// unless it is in effect already.
    fn namespaces_to_render(
        &self,
        id: NodeId,
        tag: &'d Tag,
        attributes: &[&'d AttributeData],
        into: &mut Vec<Rendered<'d>>,
    ) {
        let document = self.document;
        into.clear();
        self.render(tag.name.prefix(&document.input), document.declaration(tag.namespace), into);
        for attribute in attributes {
            if !matches!(attribute.namespace, NamespaceId::NONE | NamespaceId::XML) {
                self.render(
                    attribute.name.prefix(&document.input),
                    document.declaration(attribute.namespace),
                    into,
                );
            }
        }
        if !self.form.prefix_list.is_empty() {
            self.render_listed(id, tag, into);
        }
        into.sort_unstable_by_key(|r| r.prefix);
    }

    fn render_listed(&self, id: NodeId, tag: &'d Tag, into: &mut Vec<Rendered<'d>>) {
        let document = self.document;
        let listed = |span: Span| self.form.prefix_list.contains(&document.str(span));
        // Below the apex a listed prefix changes its meaning only where it is declared.
        for declaration in document.declarations_of(tag).iter().filter(|d| listed(d.prefix)) {
            self.render(document.str(declaration.prefix), Some(declaration), into);
        }
        if id != self.apex || self.depth == Depth::Below {
            return;
        }
        let mut seen: Vec<&str> =
            document.declarations_of(tag).iter().map(|d| document.str(d.prefix)).collect();
        let ancestors = std::iter::successors(document.node(id).parent(), |id| document.node(*id).parent());
        let declared_around = ancestors.flat_map(|id| match &document.node(id).kind {
            Kind::Element(data) => document.declarations_of(document.tag(data)),
            Kind::Text(_) => &[],
        });
        let around = declared_around.chain(document.inherited_declarations());
        for declaration in around.filter(|d| listed(d.prefix)) {
            let prefix = document.str(declaration.prefix);
            if !seen.contains(&prefix) {
                seen.push(prefix);
                self.render(prefix, Some(declaration), into);
            }
        }
    }

    fn render(&self, prefix: &'d str, declaration: Option<&'d Declaration>, into: &mut Vec<Rendered<'d>>) {
        if prefix == "xml" || into.iter().any(|r| r.prefix == prefix) {
            return;
        }
        let document = self.document;
        let uri = declaration.map_or("", |declaration| document.str(declaration.uri));
        let in_effect = self.rendered.iter().rev().find(|r| r.prefix == prefix).map(|r| r.uri);
        // Nothing declared and an empty default namespace are the same.
        if in_effect.map_or(!uri.is_empty(), |in_effect| in_effect != uri) {
            let verbatim = declaration.map_or(&[][..], |declaration| document.verbatim(declaration.verbatim));
            into.push(Rendered { prefix, uri, verbatim });
        }
    }
}

fn write_text(text: &str, span: Span, sink: &mut impl Sink) {
    if span.plain {
        return sink.write(text.as_bytes());
    }
    write_escaped_text(text, sink);
}

fn write_escaped_text(text: &str, sink: &mut impl Sink) {
    write_escaped(text, sink, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

fn write_escaped_attribute(value: &str, sink: &mut impl Sink) {
    write_escaped(value, sink, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'"' => Some(b"&quot;"),
        b'\t' => Some(b"&#x9;"),
        b'\n' => Some(b"&#xA;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

fn write_escaped(text: &str, sink: &mut impl Sink, escape: impl Fn(u8) -> Option<&'static [u8]>) {
    let bytes = text.as_bytes();
    let mut written = 0;
    for (offset, &byte) in bytes.iter().enumerate() {
        if let Some(escaped) = escape(byte) {
            sink.write(bytes.get(written..offset).unwrap_or_default());
            sink.write(escaped);
            written = offset + 1;
        }
    }
    sink.write(bytes.get(written..).unwrap_or_default());
}
