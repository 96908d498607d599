//! [`Change`]: what the host commits in one transaction of its own; [`CommitOutcome`]: how that went.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{
    effect::Effect,
    patch::Base,
    resource::Resource,
    tenant::{ResourceId, TenantId},
};
use crate::{id::Revision, time::Timestamp};

/// A change to commit in one transaction, all of it or nothing.
///
/// The host's transaction decides what the crate cannot know: it checks [`expected`](Self::expected) against the stored
/// version, lets its unique index decide on [`unique`](Self::unique), works out what a change of members really adds
/// and removes, and refuses more removals than [`removal_limit`](Self::removal_limit). When nothing differs from what is
/// stored, the version stays.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// Whose data. Nothing of another tenant may be touched.
    pub tenant: TenantId,
    /// The name of the resource type.
    pub resource_type: String,
    /// Which resource.
    pub id: ResourceId,
    /// What becomes of it.
    pub action: Action,
    /// When: what `lastModified` becomes, and `created` of a new resource.
    pub at: Timestamp,
    /// The version that must be stored when the change is committed; otherwise [`CommitOutcome::VersionConflict`].
    pub expected: Option<Revision>,
    /// Every value of the resource that no other resource may have, after the change. Empty for a deletion.
    pub unique: Vec<UniqueClaim>,
    /// Resources that must exist in the tenant when the change is committed; otherwise
    /// [`CommitOutcome::ReferenceMissing`].
    pub references: Vec<ResourceId>,
    /// How many members may leave; with more, [`CommitOutcome::MassRemoval`].
    pub removal_limit: Option<usize>,
    /// What the change means for the rest of the host, members excepted. The host may act on it in its transaction; it is
    /// given again, with the members, when all is done.
    pub effects: Vec<Effect>,
}

/// What becomes of a resource.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// It is new.
    Create {
        /// Its attributes, without `members`.
        after: Resource,
        /// Members of a new group.
        members: Option<MembersChange>,
    },
    /// It is an account that a sign-in had made, and provisioning manages it from now on. The transaction checks that
    /// this is still so; otherwise [`CommitOutcome::UniqueConflict`] of `userName`.
    Adopt {
        /// Its attributes.
        after: Resource,
    },
    /// It changes.
    Update {
        /// All of its attributes but `members` and `groups`; `None` when these stay as they are.
        after: Option<Resource>,
        /// What changes of the members; `None` when these stay as they are.
        members: Option<MembersChange>,
    },
    /// It goes. A user leaves every group, and is nobody's manager any more; the users of a group stay as they are.
    Delete,
}

/// What becomes of a group's members, said of the stored set: two of these at once both hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersChange {
    /// What it begins with.
    pub base: Base,
    /// Who is a member afterwards. No identifier occurs twice, and none is in `remove`.
    pub add: Vec<Member>,
    /// Who is none afterwards. With [`Base::Empty`] there is nobody to name.
    pub remove: Vec<ResourceId>,
}

/// A member of a group.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// The user or group.
    pub id: ResourceId,
    /// `User` or `Group`. A group within a group gives no user a membership.
    pub resource_type: String,
    /// What the client showed the member as.
    pub display: Option<String>,
}

/// What a change of members really did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MembersDelta {
    /// Who was not a member before.
    pub added: Vec<ResourceId>,
    /// Who was one before.
    pub removed: Vec<ResourceId>,
}

/// A value that no other resource may have.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UniqueClaim {
    /// The path of the attribute.
    pub attribute: String,
    /// The value, [folded](crate::fold::fold) where case does not count.
    pub value: String,
    /// Among which resources.
    pub scope: UniqueScope,
}

/// Among which resources a value is unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum UniqueScope {
    /// Those of the same type and tenant.
    Tenant,
    /// Those of the same type in all tenants.
    Everywhere,
}

/// How a commit went. Everything but [`Done`](Self::Done) means that nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is stored.
    Done {
        /// What really became of the members.
        delta: MembersDelta,
        /// The version after the change: the same as before when nothing was different.
        version: Revision,
    },
    /// Another resource has a value already.
    UniqueConflict {
        /// The [`UniqueClaim::attribute`].
        attribute: String,
    },
    /// The stored version is not the expected one, or the resource is gone.
    VersionConflict,
    /// A resource that is referred to is gone.
    ReferenceMissing {
        /// Which one.
        id: ResourceId,
    },
    /// More members would leave than may.
    MassRemoval {
        /// How many would leave.
        removals: usize,
    },
    /// The host failed. It knows why; the client is told nothing of it.
    Failed,
}

impl MembersChange {
    /// What the change does to a stored set, in memory. The cost grows with the change, not with the set, unless the base
    /// is [`Base::Empty`].
    ///
    /// In SQL the same is: with [`Base::Current`], `DELETE … WHERE member IN (remove) RETURNING member`, then
    /// `INSERT … ON CONFLICT DO NOTHING RETURNING member`; with [`Base::Empty`], delete where the member is *not* among
    /// those added. Roll back when the deletion returns more rows than [`Change::removal_limit`].
    #[must_use]
    pub fn effect_on<V>(&self, stored: &BTreeMap<ResourceId, V>) -> MembersDelta {
        let added = self.add.iter().map(|member| &member.id).filter(|id| !stored.contains_key(*id));
        let removed: Vec<ResourceId> = match self.base {
            Base::Current => self.remove.iter().filter(|id| stored.contains_key(*id)).cloned().collect(),
            Base::Empty => {
                let stay: BTreeSet<&ResourceId> = self.add.iter().map(|member| &member.id).collect();
                stored.keys().filter(|id| !stay.contains(id)).cloned().collect()
            }
        };
        MembersDelta { added: added.cloned().collect(), removed }
    }
}

impl MembersDelta {
    /// Whether the members are as they were.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl Change {
    /// Whether so many members may leave.
    ///
    /// # Errors
    /// [`CommitOutcome::MassRemoval`], the outcome of the commit.
    pub fn check_removals(&self, delta: &MembersDelta) -> Result<(), CommitOutcome> {
        let removals = delta.removed.len();
        match self.removal_limit {
            Some(limit) if removals > limit => Err(CommitOutcome::MassRemoval { removals }),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Member {
    /// Who it is, and not under which name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.resource_type).field(&self.id).finish()
    }
}

impl fmt::Debug for UniqueClaim {
    /// Nothing of the value: it is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UniqueClaim").field(&self.attribute).field(&self.scope).finish()
    }
}
