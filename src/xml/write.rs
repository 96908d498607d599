use super::chars::{is_char, is_ncname};

/// Makes a document. Names are checked, text and values are escaped, elements are closed in order.
///
/// The first mistake is kept and comes out of [`finish`](Writer::finish), so that calls can be chained.
///
/// ```
/// use admittance::xml::Writer;
///
/// let mut writer = Writer::new();
/// writer.start("a").attribute("b", "1 < 2");
/// writer.element("c", &[], "Müller & Sons");
/// writer.end();
/// assert_eq!(writer.finish()?, r#"<a b="1 &lt; 2"><c>Müller &amp; Sons</c></a>"#.as_bytes());
/// # Ok::<(), admittance::xml::WriteError>(())
/// ```
#[derive(Debug, Default)]
pub struct Writer {
    output: String,
    open: Vec<String>,
    /// The start tag of the innermost element still takes attributes.
    in_tag: bool,
    error: Option<WriteError>,
}

/// What cannot be written as XML 1.0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A value has a character that XML 1.0 cannot hold, not even as a reference.
    #[error("{field} has the character U+{character:04X}, which XML cannot hold")]
    Character {
        /// The element or attribute.
        field: String,
        /// The code point.
        character: u32,
    },
    /// Not a qualified name.
    #[error("`{name}` is no name")]
    Name {
        /// What was given.
        name: String,
    },
    /// Elements or attributes were written in an order that makes no document.
    #[error("the document is not complete")]
    Structure,
}

impl Writer {
    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens an element with a qualified name, whose prefix the caller declares.
    pub fn start(&mut self, name: &str) -> &mut Self {
        self.close_tag();
        if self.open.is_empty() && !self.output.is_empty() {
            self.fail(WriteError::Structure);
        }
        self.check_name(name);
        self.output.push('<');
        self.output.push_str(name);
        self.open.push(name.to_owned());
        self.in_tag = true;
        self
    }

    /// Adds an attribute or namespace declaration to the element just opened.
    pub fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        if !self.in_tag {
            self.fail(WriteError::Structure);
        }
        self.check_name(name);
        self.output.push(' ');
        self.output.push_str(name);
        self.output.push_str("=\"");
        self.escape(name, value, |c| match c {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            '\t' => Some("&#x9;"),
            '\n' => Some("&#xA;"),
            '\r' => Some("&#xD;"),
            _ => None,
        });
        self.output.push('"');
        self
    }

    /// Adds an attribute where there is a value.
    pub fn optional(&mut self, name: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.attribute(name, value),
            None => self,
        }
    }

    /// Adds text to the innermost open element.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.close_tag();
        let Some(field) = self.open.last().cloned() else {
            self.fail(WriteError::Structure);
            return self;
        };
        self.escape(&field, text, |c| match c {
            '&' => Some("&amp;"),
            '<' => Some("&lt;"),
            '>' => Some("&gt;"),
            '\r' => Some("&#xD;"),
            _ => None,
        });
        self
    }

    /// Closes the innermost open element.
    pub fn end(&mut self) -> &mut Self {
        let Some(name) = self.open.pop() else {
            self.fail(WriteError::Structure);
            return self;
        };
        if self.in_tag {
            self.in_tag = false;
            self.output.push_str("/>");
        } else {
            self.output.push_str("</");
            self.output.push_str(&name);
            self.output.push('>');
        }
        self
    }

    /// Writes an element with attributes and text.
    pub fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> &mut Self {
        self.start(name);
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        if !text.is_empty() {
            self.text(text);
        }
        self.end()
    }

    /// The document in UTF-8, without XML declaration.
    ///
    /// # Errors
    /// The first [`WriteError`] of all calls; [`WriteError::Structure`] where an element is still open or there
    /// is none.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        match self.error {
            Some(error) => Err(error),
            None if !self.open.is_empty() || self.output.is_empty() => Err(WriteError::Structure),
            None => Ok(self.output.into_bytes()),
        }
    }

    fn close_tag(&mut self) {
        if self.in_tag {
            self.in_tag = false;
            self.output.push('>');
        }
    }

    fn check_name(&mut self, name: &str) {
        let valid = match name.split_once(':') {
            Some((prefix, local)) => is_ncname(prefix) && is_ncname(local),
            None => is_ncname(name),
        };
        if !valid {
            self.fail(WriteError::Name { name: name.chars().take(64).collect() });
        }
    }

    fn escape(&mut self, field: &str, text: &str, escape: impl Fn(char) -> Option<&'static str>) {
        for c in text.chars() {
            match escape(c) {
                Some(escaped) => self.output.push_str(escaped),
                None if is_char(c) => self.output.push(c),
                None => self.fail(WriteError::Character { field: field.to_owned(), character: u32::from(c) }),
            }
        }
    }

    fn fail(&mut self, error: WriteError) {
        self.error.get_or_insert(error);
    }
}
