//! Start tags: attributes, namespace declarations, names.

use std::ops::Range;

use super::text::{push_with_line_ends, resolve_reference};
use super::{IdSpelling, Parser, index, malformed, namespace};
use crate::limits::Resource;
use crate::xml::chars::{is_ncname, is_space};
use crate::xml::document::{
    AttributeData, Declaration, Name, NamespaceId, NodeId, Span, Verbatim, XML_NAMESPACE, at,
};
use crate::xml::error::Error;
use crate::xml::uri::is_uri;

impl Parser<'_, '_> {
    /// Reads `name="value"` pairs between two offsets into `self.tag`.
    pub(super) fn scan_attributes(&mut self, mut offset: usize, end: usize) -> Result<(), Error> {
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
        let rest = self.input.as_bytes().get(start..end).unwrap_or_default();
        let length = memchr::memchr(quote, rest);
        let value = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
        // Most values have none of these, and this scan touches each byte once without a branch.
        let special =
            value.iter().fold(false, |seen, &b| seen | (b < b' ') | matches!(b, b'"' | b'&' | b'<'));
        let mut spelling = Spelling::Plain;
        if special {
            for (offset, &b) in value.iter().enumerate() {
                match b {
                    b'<' => return Err(malformed(start + offset, "`<` in an attribute's value")),
                    b'&' | b'\t' | b'\n' | b'\r' => spelling = Spelling::Encoded,
                    b'"' => spelling = spelling.max(Spelling::Quotes),
                    _ => {}
                }
            }
        }
        match length {
            Some(length) => Ok((start..start + length, spelling)),
            None => Err(malformed(start, "an attribute's value does not end")),
        }
    }

    /// Moves the namespace declarations of the tag into scope (Namespaces in XML 1.0 §3).
    pub(super) fn declare_namespaces(&mut self) -> Result<(u32, u32), Error> {
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
            if !uri_text.is_empty() && !is_uri(uri_text) {
                return Err(namespace(offset, "a namespace name is no absolute URI"));
            }
            let own = self.arena.declarations.get(first..).unwrap_or_default();
            if own.iter().any(|d| self.str(d.prefix) == prefix_text) {
                return Err(malformed(offset, "an attribute stands twice"));
            }
            self.scope.push(index(self.arena.declarations.len()));
            self.resolved = None;
            self.arena.declarations.push(Declaration { prefix, uri, verbatim });
        }
        Ok((index(first), index(self.arena.declarations.len())))
    }

    pub(super) fn keep_attributes(&mut self, node: NodeId) -> Result<(u32, u32), Error> {
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
    pub(super) fn resolve(&mut self, name: Name, is_element: bool) -> Result<NamespaceId, Error> {
        let prefix = name.prefix(self.input);
        if prefix.is_empty() && !is_element {
            return Ok(NamespaceId::NONE);
        }
        // Most names have the prefix of the one before.
        if let Some((known, namespace)) = self.resolved
            && known.as_bytes() == prefix.as_bytes()
        {
            return Ok(namespace);
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
        let namespace = match found {
            Some((index, uri)) if uri.start < uri.end => NamespaceId(index),
            // `xmlns=""`: no namespace.
            Some(_) => NamespaceId::NONE,
            None if prefix.is_empty() => NamespaceId::NONE,
            None => return Err(namespace(at(name.start), "a prefix is not declared")),
        };
        self.resolved = Some((prefix, namespace));
        Ok(namespace)
    }

    /// The qualified name, NCName or NCName `:` NCName, up to white space, `=`, `/`, `>` or `end`.
    pub(super) fn name(&mut self, start: usize, end: usize) -> Result<Name, Error> {
        let bytes = self.input.as_bytes().get(start..end).unwrap_or_default();
        let (mut length, mut colon, mut colons, mut other) = (bytes.len(), None, 0, false);
        for (offset, &b) in bytes.iter().enumerate() {
            match b {
                b'a'..=b'z' | b'A'..=b'Z' => {}
                b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'/' | b'>' => {
                    length = offset;
                    break;
                }
                b':' => (colon, colons) = (Some(offset), colons + 1),
                _ => other = true,
            }
        }
        self.budget.reach(Resource::Name, length, self.limits.name)?;
        if colons > 1 {
            return Err(namespace(start, "a name has more than one colon"));
        }
        let (local, end) = (colon.map_or(start, |colon| start + colon + 1), start + length);
        // Letters of ASCII are a name wherever they are something.
        let is_name = |start: usize, end: usize| {
            if other { is_ncname(self.slice(start, end)) } else { start < end }
        };
        let prefix_is_name = colon.is_none_or(|colon| is_name(start, start + colon));
        if !prefix_is_name || !is_name(local, end) {
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
}

#[derive(Clone, Copy)]
pub(super) struct RawAttribute {
    pub(super) name: Name,
    pub(super) value: (usize, usize),
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

const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";
