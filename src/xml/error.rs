use crate::limits::LimitExceeded;

/// Why a document is refused. Offsets are bytes from the start of the input, behind a byte-order mark.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The input is not UTF-8.
    #[error("the document is not UTF-8 (byte {offset})")]
    NotUtf8 {
        /// Where the first invalid sequence begins.
        offset: usize,
    },
    /// The declaration names another encoding than UTF-8 or US-ASCII (XML 1.0 §4.3.3).
    #[error("the document declares the encoding {declared}")]
    Encoding {
        /// The declared name.
        declared: String,
    },
    /// The document has a document type declaration.
    #[error("the document has a document type declaration (byte {offset})")]
    Dtd {
        /// Where it stands.
        offset: usize,
    },
    /// The document is not well-formed (XML 1.0).
    #[error("not well-formed at byte {offset}: {rule}")]
    Malformed {
        /// Where the rule is broken.
        offset: usize,
        /// The rule.
        rule: &'static str,
    },
    /// The document is not namespace-well-formed (Namespaces in XML 1.0).
    #[error("namespaces at byte {offset}: {rule}")]
    Namespace {
        /// Where the rule is broken.
        offset: usize,
        /// The rule.
        rule: &'static str,
    },
    /// The document is larger than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// A comment, where none may be.
    #[error("comment at byte {offset}")]
    Comment {
        /// Where it stands.
        offset: usize,
    },
    /// A processing instruction, where none may be.
    #[error("processing instruction at byte {offset}")]
    ProcessingInstruction {
        /// Where it stands.
        offset: usize,
    },
    /// Two elements have the same identifier.
    #[error("two elements have one ID")]
    DuplicateId {
        /// The identifier.
        id: String,
    },
    /// An `ID` attribute that is empty, too long, or has a character that no identifier may have.
    #[error("an ID is not usable")]
    InvalidId {
        /// The start of its value.
        id: String,
    },
}

impl Error {
    /// The same error in a document of which the input was a part that began at `offset`.
    pub(super) fn at_offset(mut self, offset: usize) -> Self {
        match &mut self {
            Self::NotUtf8 { offset: at }
            | Self::Dtd { offset: at }
            | Self::Malformed { offset: at, .. }
            | Self::Namespace { offset: at, .. }
            | Self::Comment { offset: at }
            | Self::ProcessingInstruction { offset: at } => *at = at.saturating_add(offset),
            Self::Encoding { .. } | Self::Limit(_) | Self::DuplicateId { .. } | Self::InvalidId { .. } => {}
        }
        self
    }
}
