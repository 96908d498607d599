//! What the protocol made of a message: something to read a profile from, or the reason why not.

use crate::claims::Claims;
use crate::connection::diagnosis::Evidence;
use crate::note::Note;

/// The outcome of the protocol's rules.
pub(super) enum Validation<'a> {
    /// Every rule passed.
    Passed(Passed<'a>),
    /// One did not.
    Failed(Failed),
}

/// A verified sign-in.
pub(super) struct Passed<'a> {
    pub(super) claims: &'a Claims,
    pub(super) notes: Vec<Note>,
    pub(super) algorithms: Vec<String>,
    pub(super) certificate: Option<String>,
    pub(super) audience: Option<String>,
}

/// A refused message. What it says of itself is not verified, and only shown.
pub(super) struct Failed {
    pub(super) evidence: Evidence,
    pub(super) issuer: Option<String>,
}

impl Failed {
    pub(super) fn of(evidence: impl Into<Evidence>) -> Self {
        Self { evidence: evidence.into(), issuer: None }
    }
}
