//! [`Plan`]: the membership changes of a sign-in as a value that can be applied, shown, stored or compared.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::change::{Change, Member};
use super::text::{list, note_line, plain};
use crate::id::{ConnectionId, OrganizationId, Revision};
use crate::note::Note;
use crate::profile::GroupsState;

/// What should change, and why more does not. The same inputs give the same bytes, in whatever order they came.
///
/// `Display` is for people: one line for each change, then withheld removals, organizations, names without a
/// group, and notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The connection on whose behalf members are added: the origin of the new memberships.
    pub connection: ConnectionId,
    /// The data that the plan was computed from.
    pub basis: Basis,
    /// What was said about groups.
    pub claim: GroupsState,
    /// The changes, sorted: additions, then removals, each by organization, name and identifier.
    pub changes: Vec<Change>,
    /// Organizations that the user is in after the changes and was not before. A user is in an organization by
    /// being in one of its groups; the default group does not count.
    pub orgs_gained: Vec<OrganizationId>,
    /// Organizations that the user was in before the changes and is not after.
    pub orgs_lost: Vec<OrganizationId>,
    /// Names that were sent and that no group has.
    pub unmatched: Vec<String>,
    /// What else is worth knowing, sorted.
    pub notes: Vec<Note>,
    /// Removals that wait for an administrator, sorted: see [`Subject::confirmed`](super::Subject::confirmed).
    pub withheld: Vec<Change>,
}

/// The states of the data that a plan was computed from. Before applying a plan, compare them with the current
/// ones, best in the same transaction; where one differs, read again and compute a new plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Basis {
    /// Of the groups.
    pub directory: Revision,
    /// Of the user's memberships.
    pub memberships: Revision,
}

impl Plan {
    /// Whether there is nothing to apply. Removals may be withheld all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Who joins what.
    pub fn additions(&self) -> impl Iterator<Item = &Member> {
        self.changes.iter().filter_map(|change| match change {
            Change::AddMember(member) => Some(member),
            _ => None,
        })
    }

    /// Who leaves what; withheld removals are not among them.
    pub fn removals(&self) -> impl Iterator<Item = &Member> {
        self.changes.iter().filter_map(|change| match change {
            Change::RemoveMember(member) => Some(member),
            _ => None,
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connection, basis: Basis { directory, memberships }, claim, .. } = self;
        let [connection, directory, memberships] =
            [connection.as_str(), directory.as_str(), memberships.as_str()].map(plain);
        writeln!(
            f,
            "plan for {connection} (directory {directory}, memberships {memberships}), groups claim: {claim}"
        )?;
        if self.changes.is_empty() {
            writeln!(f, "  no change")?;
        }
        for change in &self.changes {
            writeln!(f, "  {change}")?;
        }
        for change in &self.withheld {
            writeln!(f, "  waits for confirmation: {change}")?;
        }
        list(f, "organizations gained", self.orgs_gained.iter().map(OrganizationId::as_str))?;
        list(f, "organizations lost", self.orgs_lost.iter().map(OrganizationId::as_str))?;
        list(f, "names without a group", self.unmatched.iter().map(String::as_str))?;
        self.notes.iter().try_for_each(|note| note_line(f, note))
    }
}
