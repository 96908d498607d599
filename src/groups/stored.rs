//! [`StoredGroups`]: links and memberships of the groups of organizations, as the host stores them.

use std::collections::HashMap;

use super::accounts::Accounts;
use super::membership::Origin;
use crate::id::{GroupId, IdpGroupId, Revision};

/// Who is in which group, and which group follows one of the identity provider.
///
/// Only memberships of the connection's accounts are kept, as numbers: four bytes each, and four more for one that
/// somebody else made.
#[derive(Clone, Debug)]
pub struct StoredGroups {
    accounts: Accounts,
    revision: Revision,
    groups: HashMap<GroupId, StoredGroup>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct StoredGroup {
    /// The group of the identity provider that it follows.
    pub(super) link: Option<IdpGroupId>,
    /// Accounts of the connection, sorted, each once.
    pub(super) members: Vec<u32>,
    /// Those of them whose membership was not made by this connection alone, sorted, each once.
    pub(super) made_elsewhere: Vec<u32>,
}

/// Why a group cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoredGroupsError {
    /// One group was given with two links.
    #[error("the group '{}' was given with two links", .group.as_str().escape_debug())]
    TwoLinks {
        /// The group.
        group: GroupId,
    },
}

impl StoredGroups {
    /// No group yet. One that is never given has no link and no members.
    #[must_use]
    pub fn new(accounts: &Accounts, revision: impl Into<Revision>) -> Self {
        Self { accounts: accounts.clone(), revision: revision.into(), groups: HashMap::new() }
    }

    /// Takes in memberships of a group, with who made each. Order and repetition do not matter, and a group may be
    /// given in parts.
    pub fn add<U: AsRef<str>>(
        &mut self,
        group: impl Into<GroupId>,
        rows: impl IntoIterator<Item = (U, Origin)>,
    ) {
        let stored = self.groups.entry(group.into()).or_default();
        for (user, origin) in rows {
            let Some(number) = self.accounts.number(user.as_ref()) else { continue };
            stored.members.push(number);
            if !matches!(&origin, Origin::Idp(connection) if connection == self.accounts.connection()) {
                stored.made_elsewhere.push(number);
            }
        }
        for numbers in [&mut stored.members, &mut stored.made_elsewhere] {
            numbers.sort_unstable();
            numbers.dedup();
            numbers.shrink_to_fit();
        }
    }

    /// Says which group of the identity provider a group follows.
    ///
    /// # Errors
    /// [`StoredGroupsError`] when it follows another one already.
    pub fn link(
        &mut self,
        group: impl Into<GroupId>,
        idp_group: impl Into<IdpGroupId>,
    ) -> Result<(), StoredGroupsError> {
        let (group, idp_group) = (group.into(), idp_group.into());
        let stored = self.groups.entry(group.clone()).or_default();
        match &stored.link {
            Some(link) if *link != idp_group => Err(StoredGroupsError::TwoLinks { group }),
            _ => {
                stored.link = Some(idp_group);
                Ok(())
            }
        }
    }

    /// The accounts that members were read with.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The state in which links and memberships were read.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    pub(super) fn group(&self, id: &GroupId) -> Option<&StoredGroup> {
        self.groups.get(id)
    }
}
