//! The definition of reconciliation at sign-in, by brute force: every set is built by looking at every group and
//! every membership. It is the oracle of the invariants and shares no code with the library.

use std::collections::BTreeSet;

use admittance::groups::{
    Directory, Group, GroupKind, LoginPolicy, MaxRemovals, Membership, Memberships, OnEmpty, OnMissing,
    OnOverage, Origin, Plan, Refusal, Scope, Subject, reconcile_login,
};
use admittance::id::{GroupId, OrganizationId};
use admittance::profile::{GroupsClaim, GroupsState};

/// One sign-in and all that it depends on.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) groups: Vec<Group>,
    pub(super) subject: Subject,
    pub(super) memberships: Vec<Membership>,
    pub(super) claim: GroupsClaim,
    pub(super) policy: LoginPolicy,
}

/// What the definition says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) add: BTreeSet<GroupId>,
    pub(super) remove: BTreeSet<GroupId>,
    pub(super) withheld: BTreeSet<GroupId>,
    pub(super) gained: BTreeSet<OrganizationId>,
    pub(super) lost: BTreeSet<OrganizationId>,
    pub(super) unmatched: BTreeSet<String>,
}

/// N and whether removal is allowed; N is `None` where it is not defined.
pub(super) struct Names {
    pub(super) names: Option<BTreeSet<String>>,
    pub(super) removal: bool,
}

impl World {
    pub(super) fn plan(&self) -> Result<Plan, Refusal> {
        let directory = Directory::new("d", self.groups.clone()).unwrap();
        let memberships = Memberships::new(self.subject.user.clone(), "m", self.memberships.clone());
        reconcile_login(&self.subject, &self.claim, &directory, &memberships, &self.policy)
    }

    /// `None` where the policy denies the sign-in.
    pub(super) fn names(&self) -> Option<Names> {
        let (names, removal) = match (self.claim.state(), &self.claim) {
            (GroupsState::NotConfigured, _) => (None, false),
            (GroupsState::Missing, _) => match self.policy.on_missing {
                OnMissing::Keep => (None, false),
                OnMissing::Clear => (Some(BTreeSet::new()), true),
                OnMissing::Deny => return None,
            },
            (GroupsState::Empty, _) => match self.policy.on_empty {
                OnEmpty::Keep => (None, false),
                OnEmpty::Clear => (Some(BTreeSet::new()), true),
                OnEmpty::Deny => return None,
            },
            (GroupsState::Overage, GroupsClaim::Overage { known, .. }) => match self.policy.on_overage {
                OnOverage::Keep => (Some(known.clone()), false),
                OnOverage::Deny => return None,
            },
            (GroupsState::Values, GroupsClaim::Values(names)) => (Some(names.clone()), true),
            (state, claim) => panic!("{claim:?} has the state {state}"),
        };
        Some(Names { names, removal })
    }

    pub(super) fn is_member(&self, group: &GroupId) -> bool {
        self.memberships.iter().any(|row| row.group == *group)
    }

    /// Ordinary, not protected; under OwnedOnly also made by this connection, or named.
    pub(super) fn is_managed(&self, group: &Group, names: &BTreeSet<String>) -> bool {
        let mut rows = self.memberships.iter().filter(|row| row.group == group.id).peekable();
        let this = Origin::Idp(self.subject.connection.clone());
        let owned = rows.peek().is_some() && rows.all(|row| row.origin == this);
        group.kind == GroupKind::Ordinary
            && !self.policy.protected.contains(&group.id)
            && match self.policy.scope {
                Scope::ResetAll => true,
                Scope::OwnedOnly => owned || names.contains(group.name.as_str()),
            }
    }

    pub(super) fn managed(&self, names: &BTreeSet<String>) -> BTreeSet<GroupId> {
        ids(self.groups.iter().filter(|group| self.is_managed(group, names)))
    }

    pub(super) fn want(&self, names: &BTreeSet<String>) -> BTreeSet<GroupId> {
        let managed = self.groups.iter().filter(|group| self.is_managed(group, names));
        ids(managed.filter(|group| names.contains(group.name.as_str())))
    }

    pub(super) fn organizations(&self, of: impl Fn(&GroupId) -> bool) -> BTreeSet<OrganizationId> {
        let counting = self.groups.iter().filter(|group| group.kind == GroupKind::Ordinary && of(&group.id));
        counting.map(|group| group.organization.clone()).collect()
    }

    /// `None` where the policy denies the sign-in.
    pub(super) fn expected(&self) -> Option<Expected> {
        let Names { names, removal } = self.names()?;
        let mut add = BTreeSet::new();
        let mut remove = BTreeSet::new();
        if let (Some(names), false) = (&names, self.subject.protected) {
            let want = self.want(names);
            add = want.iter().filter(|group| !self.is_member(group)).cloned().collect();
            if removal {
                let managed = self.managed(names);
                remove = managed.into_iter().filter(|g| self.is_member(g) && !want.contains(g)).collect();
            }
        }
        let mut withheld = BTreeSet::new();
        if let MaxRemovals::Count(limit) = self.policy.max_removals {
            let open: BTreeSet<_> = remove.difference(&self.subject.confirmed).cloned().collect();
            if open.len() > limit as usize {
                remove.retain(|group| self.subject.confirmed.contains(group));
                withheld = open;
            }
        }
        let before = self.organizations(|group| self.is_member(group));
        let stays = |group: &GroupId| self.is_member(group) && !remove.contains(group);
        let after = self.organizations(|group| stays(group) || add.contains(group));
        let named = |name: &String| self.groups.iter().any(|group| group.name.as_str() == name);
        Some(Expected {
            gained: after.difference(&before).cloned().collect(),
            lost: before.difference(&after).cloned().collect(),
            unmatched: names.into_iter().flatten().filter(|name| !named(name)).collect(),
            add,
            remove,
            withheld,
        })
    }

    /// The world after the changes that `picks` chooses have been applied, set-like.
    pub(super) fn apply(&self, plan: &Plan, mut picks: impl FnMut() -> bool) -> Self {
        let mut next = self.clone();
        for member in plan.additions() {
            if picks() && !next.is_member(&member.group) {
                let origin = Origin::Idp(plan.connection.clone());
                next.memberships.push(Membership { group: member.group.clone(), origin });
            }
        }
        for member in plan.removals() {
            if picks() {
                next.memberships.retain(|row| row.group != member.group);
            }
        }
        next
    }

    /// The groups that the user is in.
    pub(super) fn member_of(&self) -> BTreeSet<GroupId> {
        self.memberships.iter().map(|row| row.group.clone()).collect()
    }
}

fn ids<'a>(groups: impl Iterator<Item = &'a Group>) -> BTreeSet<GroupId> {
    groups.map(|group| group.id.clone()).collect()
}
