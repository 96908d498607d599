//! [`PushedGroups`]: the groups of an identity provider, as provisioning stores them.

use std::collections::HashMap;

use super::accounts::Accounts;
use crate::id::{GroupName, IdpGroupId, Revision};
use crate::profile::Activity;

/// The groups that an identity provider has pushed, with their members.
///
/// Members are kept as numbers: four bytes each.
#[derive(Clone, Debug)]
pub struct PushedGroups {
    accounts: Accounts,
    revision: Revision,
    groups: HashMap<IdpGroupId, PushedGroup>,
}

#[derive(Clone, Debug)]
pub(super) struct PushedGroup {
    pub(super) id: IdpGroupId,
    pub(super) name: GroupName,
    /// Active accounts of the connection, sorted, each once.
    pub(super) members: Vec<u32>,
    /// Members that are no account of the connection.
    pub(super) strangers: usize,
}

/// Why a group cannot be taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushedGroupsError {
    /// One identifier was given with two names.
    #[error("the pushed group '{}' was given with two names", .id.as_str().escape_debug())]
    TwoNames {
        /// The identifier.
        id: IdpGroupId,
    },
}

impl PushedGroups {
    /// No group yet.
    #[must_use]
    pub fn new(accounts: &Accounts, revision: impl Into<Revision>) -> Self {
        Self { accounts: accounts.clone(), revision: revision.into(), groups: HashMap::new() }
    }

    /// Takes in a group. Order and repetition of members do not matter; given again, it gets these members as well.
    ///
    /// An inactive account counts as member of nothing. Members that are no account of the connection are counted, and
    /// noted in the plan; nested groups are among them.
    ///
    /// # Errors
    /// [`PushedGroupsError`] when the group was given before under another name.
    pub fn add<U: AsRef<str>>(
        &mut self,
        id: impl Into<IdpGroupId>,
        name: impl Into<GroupName>,
        members: impl IntoIterator<Item = U>,
    ) -> Result<(), PushedGroupsError> {
        let (id, name) = (id.into(), name.into());
        let group = self.groups.entry(id.clone()).or_insert_with(|| PushedGroup {
            id: id.clone(),
            name: name.clone(),
            members: Vec::new(),
            strangers: 0,
        });
        if group.name != name {
            return Err(PushedGroupsError::TwoNames { id });
        }
        for member in members {
            let number = self.accounts.number(member.as_ref());
            match number.and_then(|number| Some((number, self.accounts.standing(number)?.activity))) {
                Some((number, Activity::Active)) => group.members.push(number),
                Some((_, Activity::Inactive)) => {}
                None => group.strangers += 1,
            }
        }
        group.members.sort_unstable();
        group.members.dedup();
        group.members.shrink_to_fit();
        Ok(())
    }

    /// The accounts that members were read with.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// The state in which the groups were read.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// Identifiers and names, by identifier.
    pub fn names(&self) -> impl Iterator<Item = (&IdpGroupId, &GroupName)> {
        let mut names: Vec<_> = self.groups.values().map(|group| (&group.id, &group.name)).collect();
        names.sort_unstable();
        names.into_iter()
    }

    pub(super) fn group(&self, id: &IdpGroupId) -> Option<&PushedGroup> {
        self.groups.get(id)
    }
}
