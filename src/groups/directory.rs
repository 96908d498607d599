//! [`Directory`]: the groups of one enterprise, indexed once for many sign-ins.

use std::collections::HashMap;
use std::ops::Range;

use crate::id::{GroupId, GroupName, OrganizationId, Revision};
use serde::{Deserialize, Serialize};

/// A group of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The host's identifier.
    pub id: GroupId,
    /// The organization that holds the group.
    pub organization: OrganizationId,
    /// The name that is compared with the names sent. Two groups of one organization may have the same.
    pub name: GroupName,
    /// Whether sign-in may change its members.
    pub kind: GroupKind,
}

/// Whether sign-in may change a group's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// The group that every member of an organization is in. It is never synchronized and never counts.
    Default,
    /// Any other group.
    Ordinary,
}

/// The groups of *all* organizations of *one* enterprise, and no others: what is not here is out of reach of every
/// plan. An organization is known by its groups, its default group at least.
///
/// Building costs O(n log n) for n groups; after that a sign-in pays for the groups it names and has, not for n.
/// Keep it beside the revision it was built from, and build it again when a group changes.
#[derive(Clone, Debug)]
pub struct Directory {
    revision: Revision,
    /// By organization, name and identifier; a position in here is the sort key of changes.
    groups: Vec<Group>,
    /// What of each group is looked at most, side by side.
    places: Vec<Place>,
    positions: HashMap<GroupId, usize>,
    /// Positions by name, then by position.
    by_name: Vec<usize>,
    /// Ranges of `by_name`.
    names: HashMap<GroupName, Range<usize>>,
}

/// What of a group is looked at without its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The organization's number, in the order of organizations.
    pub(super) organization: u32,
    pub(super) kind: GroupKind,
}

/// Why groups make no [`Directory`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// Two groups that differ have one identifier.
    #[error("two different groups have the identifier '{}'", .id.as_str().escape_debug())]
    DuplicateGroup {
        /// The identifier.
        id: GroupId,
    },
    /// More than 2³² organizations.
    #[error("more organizations than can be numbered")]
    TooMany,
}

impl Directory {
    /// Indexes groups. Their order does not matter; a group that is given twice, all fields alike, counts once.
    ///
    /// # Errors
    /// [`DirectoryError`] when one identifier stands for two groups that differ.
    pub fn new(
        revision: impl Into<Revision>,
        groups: impl IntoIterator<Item = Group>,
    ) -> Result<Self, DirectoryError> {
        let mut groups: Vec<Group> = groups.into_iter().collect();
        groups.sort_unstable_by(|a, b| {
            (&a.organization, &a.name, &a.id).cmp(&(&b.organization, &b.name, &b.id))
        });
        groups.dedup();
        let places = places(&mut groups)?;
        let mut positions = HashMap::with_capacity(groups.len());
        for (position, group) in groups.iter().enumerate() {
            if positions.insert(group.id.clone(), position).is_some() {
                return Err(DirectoryError::DuplicateGroup { id: group.id.clone() });
            }
        }
        let mut named: Vec<(&GroupName, usize)> =
            groups.iter().enumerate().map(|(position, group)| (&group.name, position)).collect();
        named.sort_unstable();
        let mut names: HashMap<GroupName, Range<usize>> = HashMap::new();
        let mut start = 0;
        for same in named.chunk_by(|(a, _), (b, _)| a == b) {
            let end = start + same.len();
            if let Some((name, _)) = same.first() {
                names.insert((*name).clone(), start..end);
            }
            start = end;
        }
        let by_name = named.into_iter().map(|(_, position)| position).collect();
        Ok(Self { revision: revision.into(), groups, places, positions, by_name, names })
    }

    /// The state that this index was built from.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// Every group, by organization, name and identifier.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group with this identifier.
    #[must_use]
    pub fn group(&self, id: &GroupId) -> Option<&Group> {
        self.at(self.position(id)?)
    }

    /// The groups of exactly this name, in every organization.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Group> {
        self.positions_named(name).iter().filter_map(|position| self.at(*position))
    }

    /// Every organization, by identifier. One that has no group, not even its default group, is not known here.
    pub fn organizations(&self) -> impl Iterator<Item = &OrganizationId> {
        self.by_organization().filter_map(<[Group]>::first).map(|group| &group.organization)
    }

    /// The groups of each organization in turn; together they are [`Self::groups`].
    pub(super) fn by_organization(&self) -> impl Iterator<Item = &[Group]> {
        self.groups.chunk_by(|a, b| a.organization == b.organization)
    }

    pub(super) fn has_organization(&self, organization: &OrganizationId) -> bool {
        self.groups.binary_search_by(|group| group.organization.cmp(organization)).is_ok()
    }

    pub(super) fn position(&self, id: &GroupId) -> Option<usize> {
        self.positions.get(id).copied()
    }

    pub(super) fn positions_named(&self, name: &str) -> &[usize] {
        self.names.get(name).and_then(|range| self.by_name.get(range.clone())).unwrap_or_default()
    }

    pub(super) fn place(&self, position: usize) -> Option<Place> {
        self.places.get(position).copied()
    }

    pub(super) fn at(&self, position: usize) -> Option<&Group> {
        self.groups.get(position)
    }
}

/// Numbers the organizations of sorted groups, and keeps one copy of each identifier.
fn places(groups: &mut [Group]) -> Result<Vec<Place>, DirectoryError> {
    let mut places = Vec::with_capacity(groups.len());
    let of_each = groups.chunk_by_mut(|a, b| a.organization == b.organization);
    for (number, groups) in of_each.enumerate() {
        let organization = u32::try_from(number).map_err(|_| DirectoryError::TooMany)?;
        let Some(id) = groups.first().map(|group| group.organization.clone()) else { continue };
        for group in groups {
            group.organization = id.clone();
            places.push(Place { organization, kind: group.kind });
        }
    }
    Ok(places)
}
