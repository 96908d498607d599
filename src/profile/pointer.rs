//! [`Pointer`]: a place inside a claim that is a JSON value.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A JSON pointer (RFC 6901) whose first step is the claim's name: `/realm_access/roles` is the member `roles` of
/// the claim `realm_access`. In names, `~1` stands for `/` and `~0` for `~`.
///
/// Where a claim has several values, the remaining steps are taken in each of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer {
    text: String,
    claim: String,
    path: String,
}

/// Why a text is no [`Pointer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PointerError {
    /// The text is empty or begins with something else.
    #[error("a pointer begins with '/' and the name of a claim")]
    NoClaim,
    /// `~` is followed by neither `0` nor `1`.
    #[error("'~' in a pointer must be followed by 0 or 1")]
    Escape,
}

impl Pointer {
    /// Reads a pointer.
    ///
    /// # Errors
    /// [`PointerError`] when the text names no claim or has a broken escape (RFC 6901 §3).
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        let steps = text.strip_prefix('/').ok_or(PointerError::NoClaim)?;
        if text.split('~').skip(1).any(|after| !after.starts_with(['0', '1'])) {
            return Err(PointerError::Escape);
        }
        let (claim, path) = match steps.split_once('/') {
            Some((claim, path)) => (claim, format!("/{path}")),
            None => (steps, String::new()),
        };
        if claim.is_empty() {
            return Err(PointerError::NoClaim);
        }
        Ok(Self { text: text.to_owned(), claim: claim.replace("~1", "/").replace("~0", "~"), path })
    }

    /// The text as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the claim, without escapes.
    #[must_use]
    pub fn claim(&self) -> &str {
        &self.claim
    }

    /// What is left after the claim's name: empty, or a pointer into the claim's value.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Pointer {
    type Error = PointerError;

    fn try_from(text: String) -> Result<Self, PointerError> {
        Self::parse(&text)
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.text
    }
}
