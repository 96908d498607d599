//! What a sign-in is judged with.

use crate::connection::assistant::Urls;
use crate::connection::configuration::Connection;
use crate::crypto::Secret;
use crate::groups::{Directory, Memberships, NameIndex, Subject};
use crate::profile::Candidate;
use crate::time::Timestamp;

/// What a sign-in of one connection is judged with, beside the message.
#[derive(Clone, Copy, Debug)]
pub struct SignInContext<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// The product's own addresses, for hints.
    pub urls: &'a Urls,
    /// The groups of the enterprise.
    pub directory: &'a Directory,
    /// The same, indexed for near misses.
    pub names: &'a NameIndex,
    /// Accounts that may be the person's, as [`resolve`](crate::profile::resolve) wants them; `None` leaves the
    /// account to the host.
    pub candidates: Option<&'a [Candidate]>,
    /// The account and its memberships, where there is one already; `None` for a new person.
    pub account: Option<KnownAccount<'a>>,
    /// What only the host has seen.
    pub findings: &'a [HostFinding],
    /// What may be recorded.
    pub recording: Recording<'a>,
    /// The reference that the person is shown.
    pub reference: &'a str,
}

/// An account and what it is in.
#[derive(Clone, Copy, Debug)]
pub struct KnownAccount<'a> {
    /// Who it is, and what a plan may do to it.
    pub subject: &'a Subject,
    /// Its memberships.
    pub memberships: &'a Memberships,
}

/// What only the host has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostFinding {
    /// The browser did not bring back what it was given when the sign-in began.
    StateLost,
    /// The answer was used before.
    Replayed,
    /// Another account has the email address.
    EmailInUse,
    /// The code platform answered with status 403 after the sign-in.
    IpAllowListSuspected,
}

/// What may be recorded of a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Recording<'a> {
    /// The host's key for the hash that stands for a person.
    pub subject_key: &'a Secret,
    /// Until when an administrator has switched debugging on, if at all: until then values of claims are recorded.
    pub debug_until: Option<Timestamp>,
}

impl<'a> Recording<'a> {
    /// Names, counts and a keyed hash of the subject; no values.
    #[must_use]
    pub fn names(subject_key: &'a Secret) -> Self {
        Self { subject_key, debug_until: None }
    }

    pub(super) fn holds_values(&self, now: Timestamp) -> bool {
        self.debug_until.is_some_and(|end| now < end)
    }
}
