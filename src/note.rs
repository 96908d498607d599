//! [`Note`]: what a lower layer noticed without changing the outcome.
//!
//! A note is data. The `connection` layer turns notes into diagnoses in the words of an identity
//! provider's console; until then, hosts log them.

use serde::{Deserialize, Serialize};

/// A warning of one rule: a stable code and the evidence for it. It never changes an outcome.
///
/// Evidence holds names, addresses, algorithms and compared strings, never a secret, a token or a whole
/// assertion.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// The stable code, for example `saml.text_trimmed`.
    pub code: String,
    /// Which element, attribute or setting is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What would have raised no note, where that is one value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

impl Note {
    /// A note without evidence.
    #[must_use]
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), field: None, expected: None, actual: None }
    }

    /// Names the element, attribute or setting.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds what would have raised no note.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds what was seen.
    #[must_use]
    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }
}
