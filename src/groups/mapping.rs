//! [`GroupMapping`]: which groups of the identity provider exist in which organization.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{IdpGroupId, OrganizationId, Revision};
use crate::version::Version;

/// Pairs of a pushed group and an organization, chosen by an administrator: all at once ([`Self::all`]), or
/// organization by organization ([`Self::set`]). One group may be mapped to several organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupMapping {
    version: Version<1>,
    revision: Revision,
    organizations: BTreeMap<OrganizationId, BTreeSet<IdpGroupId>>,
}

impl GroupMapping {
    /// Nothing is mapped.
    pub fn new(revision: impl Into<Revision>) -> Self {
        Self { version: Version, revision: revision.into(), organizations: BTreeMap::new() }
    }

    /// "Map all": every group in every organization.
    pub fn all(
        revision: impl Into<Revision>,
        idp_groups: impl IntoIterator<Item = IdpGroupId>,
        organizations: impl IntoIterator<Item = OrganizationId>,
    ) -> Self {
        let groups: BTreeSet<IdpGroupId> = idp_groups.into_iter().collect();
        let mut mapping = Self::new(revision);
        for organization in organizations {
            mapping.put(organization, groups.clone());
        }
        mapping
    }

    /// The same mapping with another choice of groups for one organization.
    #[must_use]
    pub fn set(
        mut self,
        revision: impl Into<Revision>,
        organization: impl Into<OrganizationId>,
        idp_groups: impl IntoIterator<Item = IdpGroupId>,
    ) -> Self {
        self.revision = revision.into();
        self.put(organization.into(), idp_groups.into_iter().collect());
        self
    }

    /// The state that this is.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// The groups that are mapped to an organization.
    #[must_use]
    pub fn of(&self, organization: &OrganizationId) -> &BTreeSet<IdpGroupId> {
        static NONE: BTreeSet<IdpGroupId> = BTreeSet::new();
        self.organizations.get(organization).unwrap_or(&NONE)
    }

    /// Whether the group is mapped to the organization.
    #[must_use]
    pub fn contains(&self, idp_group: &IdpGroupId, organization: &OrganizationId) -> bool {
        self.of(organization).contains(idp_group)
    }

    /// Every pair, by organization and group.
    pub fn pairs(&self) -> impl Iterator<Item = (&IdpGroupId, &OrganizationId)> {
        self.organizations
            .iter()
            .flat_map(|(organization, groups)| groups.iter().map(move |group| (group, organization)))
    }

    /// Whether nothing is mapped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs().next().is_none()
    }

    pub(super) fn organizations(&self) -> impl Iterator<Item = (&OrganizationId, &BTreeSet<IdpGroupId>)> {
        self.organizations.iter()
    }

    fn put(&mut self, organization: OrganizationId, groups: BTreeSet<IdpGroupId>) {
        if groups.is_empty() {
            self.organizations.remove(&organization);
        } else {
            self.organizations.insert(organization, groups);
        }
    }
}
