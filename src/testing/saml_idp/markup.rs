use super::style::{Namespaces, Style};
use crate::{
    saml::names,
    xml::{WriteError, Writer},
};

/// A namespace that a response uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    /// `samlp:`.
    Protocol,
    /// `saml:`.
    Assertion,
    /// `xs:`.
    Schema,
    /// `xsi:`.
    SchemaInstance,
}

/// Writes elements by namespace and local name; prefixes, and where they are declared, are the style's.
pub(super) struct Markup<'s> {
    writer: Writer,
    style: &'s Style,
    /// Declarations of each open element, outermost first.
    scopes: Vec<Vec<(String, &'static str)>>,
}

impl<'s> Markup<'s> {
    pub(super) fn new(style: &'s Style) -> Self {
        Self { writer: Writer::new(), style, scopes: Vec::new() }
    }

    /// Opens the Response, with what the style declares on it.
    pub(super) fn start_response(&mut self) {
        self.start(Namespace::Protocol, "Response");
        if self.style.namespaces == Namespaces::OnResponse {
            for namespace in [Namespace::Assertion, Namespace::Schema, Namespace::SchemaInstance] {
                self.declare_early(namespace);
            }
        }
        for (prefix, uri) in &self.style.unused_namespaces {
            if !self.scopes.iter().flatten().any(|(known, _)| known == prefix) {
                self.writer.attribute(&declaration(prefix), uri);
            }
        }
    }

    /// Opens an Assertion, with what the style declares on it.
    pub(super) fn start_assertion(&mut self) {
        self.start(Namespace::Assertion, "Assertion");
        if self.style.namespaces == Namespaces::OnAssertion {
            self.declare_early(Namespace::Schema);
            self.declare_early(Namespace::SchemaInstance);
        }
    }

    pub(super) fn start(&mut self, namespace: Namespace, local_name: &str) {
        let prefix = self.prefix(namespace);
        if prefix.is_empty() {
            self.writer.start(local_name);
        } else {
            self.writer.start(&format!("{prefix}:{local_name}"));
        }
        self.scopes.push(Vec::new());
        self.declare(namespace);
    }

    /// Adds an attribute to the element just opened.
    pub(super) fn attribute(&mut self, name: &str, value: &str) {
        self.writer.attribute(name, value);
    }

    pub(super) fn optional(&mut self, name: &str, value: Option<&str>) {
        self.writer.optional(name, value);
    }

    /// Adds `xsi:type` with a type of XML Schema to the element just opened.
    pub(super) fn schema_type(&mut self, name: &str) {
        self.declare(Namespace::Schema);
        self.declare(Namespace::SchemaInstance);
        self.writer.attribute("xsi:type", &format!("xs:{name}"));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.writer.text(text);
    }

    pub(super) fn end(&mut self) {
        self.writer.end();
        self.scopes.pop();
    }

    /// An element with text.
    pub(super) fn element(&mut self, namespace: Namespace, local_name: &str, text: &str) {
        self.start(namespace, local_name);
        self.text(text);
        self.end();
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, WriteError> {
        self.writer.finish()
    }

    fn prefix(&self, namespace: Namespace) -> &'s str {
        match namespace {
            Namespace::Protocol => &self.style.protocol_prefix,
            Namespace::Assertion => &self.style.assertion_prefix,
            Namespace::Schema => "xs",
            Namespace::SchemaInstance => "xsi",
        }
    }

    /// Declares the namespace here, unless its prefix means it already.
    fn declare(&mut self, namespace: Namespace) {
        let (prefix, uri) = (self.prefix(namespace), namespace.uri());
        let meaning = self.scopes.iter().flatten().rev().find(|(known, _)| known == prefix);
        if meaning.is_none_or(|(_, known)| *known != uri) {
            self.writer.attribute(&declaration(prefix), uri);
            if let Some(scope) = self.scopes.last_mut() {
                scope.push((prefix.to_owned(), uri));
            }
        }
    }

    /// Declares it ahead of use, unless its prefix already means something else here.
    fn declare_early(&mut self, namespace: Namespace) {
        let prefix = self.prefix(namespace);
        if !self.scopes.iter().flatten().any(|(known, _)| known == prefix) {
            self.declare(namespace);
        }
    }
}

impl Namespace {
    fn uri(self) -> &'static str {
        match self {
            Self::Protocol => names::SAMLP,
            Self::Assertion => names::SAML,
            Self::Schema => names::XS,
            Self::SchemaInstance => names::XSI,
        }
    }
}

fn declaration(prefix: &str) -> String {
    if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") }
}
