//! [`MappedPlan`]: what pushed groups change, as a value that can be applied, shown, stored or compared.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::change::{Change, Member, OrganizationMember};
use super::text::{list, note_line, plain};
use crate::id::{ConnectionId, IdpGroupId, OrganizationId, Revision};
use crate::note::Note;

/// What should change in the groups of an enterprise, and why more does not. The same inputs give the same bytes, in
/// whatever order they came.
///
/// `Display` is for people: one line for each change, then withheld removals, organizations, pairs of the mapping
/// without a group or organization, and notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MappedPlan {
    /// The connection on whose behalf members are added: the origin of new links and memberships.
    pub connection: ConnectionId,
    /// The data that the plan was computed from.
    pub basis: MappedBasis,
    /// The changes, sorted: links that end, renames, adoptions, new groups, additions, removals; each by organization,
    /// name and identifier.
    pub changes: Vec<Change>,
    /// Who is in which organization after the changes and was not before, sorted.
    pub orgs_gained: Vec<OrganizationMember>,
    /// Who was in which organization before the changes and is not after, sorted.
    pub orgs_lost: Vec<OrganizationMember>,
    /// Pairs of the mapping for which there is nothing to do, because the group was not pushed (any more) or the
    /// enterprise has no such organization; sorted.
    pub unmatched: Vec<Unmatched>,
    /// What else is worth knowing, sorted.
    pub notes: Vec<Note>,
    /// Removals that wait for an administrator, sorted. Given as `confirmed` to the next call, they are made where the
    /// pushed groups still ask for them.
    pub withheld: Vec<Change>,
}

/// The states of the data that a plan was computed from. Before applying a plan, compare them with the current
/// ones, best in the same transaction; where one differs, read again and compute a new plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MappedBasis {
    /// Of the accounts.
    pub accounts: Revision,
    /// Of the groups of organizations.
    pub directory: Revision,
    /// Of their links and memberships.
    pub stored: Revision,
    /// Of the pushed groups.
    pub pushed: Revision,
    /// Of the mapping.
    pub mapping: Revision,
}

/// A pair of the mapping for which there is nothing to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmatched {
    /// The organization.
    pub organization: OrganizationId,
    /// The group of the identity provider.
    pub idp_group: IdpGroupId,
}

impl MappedPlan {
    /// Whether there is nothing to apply. Removals may be withheld all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Who joins what that is there already; the members of a new group are with it.
    pub fn additions(&self) -> impl Iterator<Item = &Member> {
        self.changes.iter().filter_map(|change| match change {
            Change::AddMember(member) => Some(member),
            _ => None,
        })
    }

    /// Who leaves what; those who leave because a link ends are with it, and withheld removals are not among them.
    pub fn removals(&self) -> impl Iterator<Item = &Member> {
        self.changes.iter().filter_map(|change| match change {
            Change::RemoveMember(member) => Some(member),
            _ => None,
        })
    }
}

impl fmt::Display for MappedPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MappedBasis { accounts, directory, stored, pushed, mapping } = &self.basis;
        write!(f, "plan for {} (", plain(self.connection.as_str()))?;
        let basis = [
            ("directory", directory),
            ("memberships", stored),
            ("pushed groups", pushed),
            ("mapping", mapping),
            ("accounts", accounts),
        ];
        let mut before = "";
        for (title, revision) in basis {
            write!(f, "{before}{title} {}", plain(revision.as_str()))?;
            before = ", ";
        }
        writeln!(f, ")")?;
        if self.changes.is_empty() {
            writeln!(f, "  no change")?;
        }
        for change in &self.changes {
            writeln!(f, "  {change}")?;
        }
        for change in &self.withheld {
            writeln!(f, "  waits for confirmation: {change}")?;
        }
        for (title, members) in
            [("organization gained", &self.orgs_gained), ("organization lost", &self.orgs_lost)]
        {
            members.iter().try_for_each(|member| writeln!(f, "  {title}: {member}"))?;
        }
        let unmatched = self.unmatched.iter().map(|pair| format!("{}/{}", pair.organization, pair.idp_group));
        let unmatched: Vec<String> = unmatched.collect();
        list(f, "mapped without a group or organization", unmatched.iter().map(String::as_str))?;
        self.notes.iter().try_for_each(|note| note_line(f, note))
    }
}
