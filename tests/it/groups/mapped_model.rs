//! The definition of reconciliation with pushed groups, by brute force: every set is built by looking at every pair,
//! every group and every membership. It is the oracle of the invariants and shares no code with the library.

use std::collections::{BTreeMap, BTreeSet};

use admittance::groups::{
    Account, Accounts, Change, Directory, Group, GroupKind, GroupMapping, MappedPlan, MappedPolicy,
    MaxRemovals, OnUnlink, Origin, PushedGroups, Scope, StoredGroups, reconcile_mapped,
};
use admittance::id::{GroupId, IdpGroupId, OrganizationId, UserId};
use admittance::profile::Activity;

pub(super) const CONNECTION: &str = "this";

/// Everything that a plan depends on, as a host might store it.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) groups: Vec<Group>,
    pub(super) accounts: Vec<Account>,
    pub(super) pushed: BTreeMap<IdpGroupId, Pushed>,
    pub(super) mapping: BTreeSet<(IdpGroupId, OrganizationId)>,
    pub(super) links: BTreeMap<GroupId, IdpGroupId>,
    pub(super) rows: BTreeSet<(GroupId, UserId, Origin)>,
    pub(super) policy: MappedPolicy,
    pub(super) confirmed: Vec<Change>,
}

#[derive(Clone, Debug)]
pub(super) struct Pushed {
    pub(super) name: String,
    pub(super) members: BTreeSet<UserId>,
}

type Pair = (IdpGroupId, OrganizationId);
type Membership = (GroupId, UserId);

/// What the definition says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) unlink: BTreeMap<GroupId, BTreeSet<UserId>>,
    pub(super) rename: BTreeMap<GroupId, String>,
    pub(super) adopt: BTreeMap<GroupId, IdpGroupId>,
    pub(super) create: BTreeMap<Pair, (String, BTreeSet<UserId>)>,
    pub(super) add: BTreeSet<Membership>,
    pub(super) remove: BTreeSet<Membership>,
    pub(super) withheld_unlink: BTreeMap<GroupId, BTreeSet<UserId>>,
    pub(super) withheld: BTreeSet<Membership>,
    pub(super) gained: BTreeSet<(OrganizationId, UserId)>,
    pub(super) lost: BTreeSet<(OrganizationId, UserId)>,
    pub(super) unmatched: BTreeSet<Pair>,
}

impl World {
    pub(super) fn plan(&self) -> MappedPlan {
        let accounts = Accounts::new(CONNECTION, "a", self.accounts.iter().cloned()).unwrap();
        let mut pushed = PushedGroups::new(&accounts, "p");
        for (id, group) in &self.pushed {
            pushed.add(id.clone(), group.name.as_str(), &group.members).unwrap();
        }
        let mut stored = StoredGroups::new(&accounts, "s");
        for (group, user, origin) in &self.rows {
            stored.add(group.clone(), [(user, origin.clone())]);
        }
        for (group, link) in &self.links {
            stored.link(group.clone(), link.clone()).unwrap();
        }
        let directory = Directory::new("d", self.groups.clone()).unwrap();
        let mapping = self.group_mapping();
        reconcile_mapped(&pushed, &mapping, &directory, &stored, &self.policy, &self.confirmed).unwrap()
    }

    pub(super) fn group_mapping(&self) -> GroupMapping {
        let organizations: BTreeSet<_> = self.mapping.iter().map(|(_, organization)| organization).collect();
        organizations.into_iter().fold(GroupMapping::new("m"), |mapping, organization| {
            let pairs = self.mapping.iter().filter(|(_, other)| other == organization);
            mapping.set("m", organization.clone(), pairs.map(|(group, _)| group.clone()))
        })
    }

    pub(super) fn group(&self, id: &GroupId) -> &Group {
        self.groups.iter().find(|group| group.id == *id).unwrap()
    }

    pub(super) fn is_member(&self, group: &GroupId, user: &UserId) -> bool {
        self.rows.iter().any(|(other, member, _)| other == group && member == user)
    }

    /// M.
    pub(super) fn memberships(&self) -> BTreeSet<Membership> {
        self.rows.iter().map(|(group, user, _)| (group.clone(), user.clone())).collect()
    }

    /// S(c).
    pub(super) fn is_of_connection(&self, user: &UserId) -> bool {
        let this = Origin::Idp(CONNECTION.into());
        self.accounts.iter().any(|account| account.user == *user && account.origin == this)
    }

    pub(super) fn may_touch(&self, user: &UserId) -> bool {
        self.is_of_connection(user)
            && !self.accounts.iter().any(|account| account.user == *user && account.protected)
    }

    /// Members that count: those of the connection that are active.
    pub(super) fn members(&self, id: &IdpGroupId) -> BTreeSet<UserId> {
        let active = |user: &&UserId| {
            let inactive = |account: &Account| account.activity == Activity::Inactive;
            !self.accounts.iter().any(|account| account.user == **user && inactive(account))
        };
        let members = self.pushed[id].members.iter().filter(|user| self.is_of_connection(user));
        members.filter(active).cloned().collect()
    }

    /// Pairs whose group was pushed and whose organization is one of the enterprise.
    pub(super) fn pairs(&self) -> BTreeSet<Pair> {
        let known = |(id, organization): &&Pair| {
            self.pushed.contains_key(id) && self.groups.iter().any(|g| g.organization == *organization)
        };
        self.mapping.iter().filter(known).cloned().collect()
    }

    fn is_ordinary(&self, group: &Group) -> bool {
        group.kind == GroupKind::Ordinary
    }

    fn is_protected(&self, group: &Group) -> bool {
        self.policy.protected.contains(&group.id)
    }

    /// The first ordinary group that is linked to each pair.
    fn linked(&self) -> BTreeMap<Pair, GroupId> {
        let mut linked = BTreeMap::new();
        for pair in self.pairs() {
            let fits = |group: &&Group| {
                self.is_ordinary(group)
                    && group.organization == pair.1
                    && self.links.get(&group.id) == Some(&pair.0)
            };
            if let Some(id) = self.groups.iter().filter(fits).map(|group| group.id.clone()).min() {
                linked.insert(pair, id);
            }
        }
        linked
    }

    /// Groups that follow a pushed group after the plan, without protected ones; and those that it adopts.
    pub(super) fn targets(&self) -> (BTreeMap<Pair, GroupId>, BTreeMap<GroupId, IdpGroupId>) {
        let linked = self.linked();
        let mut targets = linked.clone();
        let mut adopted = BTreeMap::new();
        for pair in self.pairs() {
            if linked.contains_key(&pair) {
                continue;
            }
            let free = |group: &&Group| {
                self.is_ordinary(group)
                    && !self.is_protected(group)
                    && group.organization == pair.1
                    && group.name.as_str() == self.pushed[&pair.0].name
                    && !targets.values().any(|taken| *taken == group.id)
            };
            if let Some(id) = self.groups.iter().filter(free).map(|group| group.id.clone()).min() {
                adopted.insert(id.clone(), pair.0.clone());
                targets.insert(pair, id);
            }
        }
        targets.retain(|_, id| !self.is_protected(self.group(id)));
        (targets, adopted)
    }

    /// Renames that leave no two groups of an organization with one name that one of them has got by a rename.
    pub(super) fn renames(&self, targets: &BTreeMap<Pair, GroupId>) -> BTreeMap<GroupId, String> {
        let mut wishes: BTreeMap<GroupId, String> = BTreeMap::new();
        for ((id, organization), target) in targets {
            let to = &self.pushed[id].name;
            let first = !wishes
                .iter()
                .any(|(other, name)| name == to && self.group(other).organization == *organization);
            if self.group(target).name.as_str() != to && first {
                wishes.insert(target.clone(), to.clone());
            }
        }
        loop {
            let blocked = wishes.iter().find(|(id, to)| {
                let organization = &self.group(id).organization;
                let keeps = |group: &&Group| !wishes.contains_key(&group.id);
                let others = self.groups.iter().filter(|group| group.organization == *organization);
                others.filter(keeps).any(|group| group.name.as_str() == to.as_str())
            });
            match blocked.map(|(id, _)| id.clone()) {
                Some(id) => wishes.remove(&id),
                None => return wishes,
            };
        }
    }

    pub(super) fn organizations(
        &self,
        memberships: &BTreeSet<Membership>,
    ) -> BTreeSet<(OrganizationId, UserId)> {
        let mut organizations = BTreeSet::new();
        for (id, user) in memberships {
            for group in self.groups.iter().filter(|group| group.id == *id && self.is_ordinary(group)) {
                if self.is_of_connection(user) {
                    organizations.insert((group.organization.clone(), user.clone()));
                }
            }
        }
        organizations
    }

    pub(super) fn expected(&self) -> Expected {
        let (targets, adopt) = self.targets();
        let rename = self.renames(&targets);
        let mut expected = Expected { rename, adopt, ..Expected::default() };
        let pairs = self.pairs();
        expected.unmatched = self.mapping.difference(&pairs).cloned().collect();

        // Create
        let linked = self.linked();
        for pair in &pairs {
            if targets.contains_key(pair) || linked.contains_key(pair) {
                continue;
            }
            let name = self.pushed[&pair.0].name.clone();
            let here = self.groups.iter().filter(|group| group.organization == pair.1);
            let kept = here.clone().any(|g| g.name.as_str() == name && !expected.rename.contains_key(&g.id));
            let given = here.clone().any(|group| expected.rename.get(&group.id) == Some(&name));
            let made = expected.create.iter().any(|((_, o), (other, _))| *o == pair.1 && *other == name);
            if !(kept || given || made) {
                let members = self.members(&pair.0).into_iter().filter(|user| self.may_touch(user));
                expected.create.insert(pair.clone(), (name, members.collect()));
            }
        }

        // Add = i.members ∖ M(g), Remove = (M(g) ∩ S(c)) ∖ i.members
        for ((id, _), target) in &targets {
            let members = self.members(id);
            for account in self.accounts.iter().filter(|account| self.may_touch(&account.user)) {
                let (user, row) = (&account.user, (target.clone(), account.user.clone()));
                match (self.is_member(target, user), members.contains(user)) {
                    (false, true) => drop(expected.add.insert(row)),
                    (true, false) if self.in_scope(target, user) => drop(expected.remove.insert(row)),
                    _ => {}
                }
            }
        }

        // Linked, not in A → Unlink
        for group in self.links.keys() {
            let Some(found) = self.groups.iter().find(|other| other.id == *group) else { continue };
            let stays = targets.values().any(|target| target == group)
                || linked.values().any(|target| target == group)
                || !self.is_ordinary(found)
                || self.is_protected(found);
            if !stays {
                let leaves = |user: &UserId| {
                    self.policy.on_unlink == OnUnlink::RemoveSsoMembers
                        && self.is_member(group, user)
                        && self.may_touch(user)
                        && self.in_scope(group, user)
                };
                let users = self.accounts.iter().map(|account| account.user.clone());
                expected.unlink.insert(group.clone(), users.filter(leaves).collect());
            }
        }

        self.withhold(&mut expected);

        let before = self.memberships();
        let mut after = before.clone();
        after.extend(expected.add.iter().cloned());
        after.retain(|row| !expected.remove.contains(row));
        for (group, users) in &expected.unlink {
            after.retain(|(other, user)| other != group || !users.contains(user));
        }
        let (before, mut after) = (self.organizations(&before), self.organizations(&after));
        for ((_, organization), (_, users)) in &expected.create {
            after.extend(users.iter().map(|user| (organization.clone(), user.clone())));
        }
        expected.gained = after.difference(&before).cloned().collect();
        expected.lost = before.difference(&after).cloned().collect();
        expected
    }

    fn in_scope(&self, group: &GroupId, user: &UserId) -> bool {
        let this = Origin::Idp(CONNECTION.into());
        let mut rows = self.rows.iter().filter(|(other, member, _)| other == group && member == user);
        self.policy.scope == Scope::ResetAll || rows.all(|(_, _, origin)| *origin == this)
    }

    fn withhold(&self, expected: &mut Expected) {
        let MaxRemovals::Count(limit) = self.policy.max_removals else { return };
        let confirmed = |group: &GroupId, user: &UserId| {
            self.confirmed.iter().any(|change| match change {
                Change::RemoveMember(member) => member.group == *group && member.user == *user,
                Change::UnlinkGroup(unlink) => unlink.link.group == *group && unlink.members.contains(user),
                _ => false,
            })
        };
        let left =
            expected.unlink.iter().flat_map(|(group, users)| users.iter().map(move |user| (group, user)));
        let removed = expected.remove.iter().map(|(group, user)| (group, user));
        let open = left.chain(removed).filter(|(group, user)| !confirmed(group, user)).count();
        if open <= limit as usize {
            return;
        }
        for (group, users) in expected.unlink.clone() {
            if !users.iter().all(|user| confirmed(&group, user)) {
                expected.unlink.remove(&group);
                expected.withheld_unlink.insert(group, users);
            }
        }
        for (group, user) in expected.remove.clone() {
            if !confirmed(&group, &user) {
                expected.remove.remove(&(group.clone(), user.clone()));
                expected.withheld.insert((group, user));
            }
        }
    }

    /// The world after the changes that `picks` chooses have been applied, set-like, as a host would.
    pub(super) fn apply(&self, plan: &MappedPlan, mut picks: impl FnMut() -> bool) -> Self {
        let mut next = self.clone();
        let this = Origin::Idp(CONNECTION.into());
        for change in plan.changes.iter().filter(|_| picks()) {
            match change {
                Change::UnlinkGroup(unlink) => {
                    next.links.remove(&unlink.link.group);
                    next.rows.retain(|(group, user, _)| {
                        *group != unlink.link.group || !unlink.members.contains(user)
                    });
                }
                Change::RenameGroup(rename) => {
                    let mut groups = next.groups.iter_mut();
                    let group = groups.find(|group| group.id == rename.link.group).unwrap();
                    group.name = rename.to.clone();
                }
                Change::AdoptGroup(link) => {
                    next.links.insert(link.group.clone(), link.idp_group.clone());
                }
                Change::CreateGroup(new) => {
                    let id = GroupId::from(format!("new {} {}", new.organization, new.idp_group));
                    next.groups.push(Group {
                        id: id.clone(),
                        organization: new.organization.clone(),
                        name: new.name.clone(),
                        kind: GroupKind::Ordinary,
                    });
                    next.links.insert(id.clone(), new.idp_group.clone());
                    let rows = new.members.iter().map(|user| (id.clone(), user.clone(), this.clone()));
                    next.rows.extend(rows);
                }
                Change::AddMember(member) => {
                    if !next.is_member(&member.group, &member.user) {
                        next.rows.insert((member.group.clone(), member.user.clone(), this.clone()));
                    }
                }
                Change::RemoveMember(member) => {
                    next.rows.retain(|(group, user, _)| *group != member.group || *user != member.user);
                }
                other => panic!("{other}"),
            }
        }
        next
    }

    /// What a host would see: groups with their names and links, and who is in them.
    pub(super) fn state(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        let groups: BTreeMap<_, _> = self
            .groups
            .iter()
            .map(|group| (group.id.clone(), (group.name.clone(), self.links.get(&group.id).cloned())))
            .collect();
        (groups, self.memberships())
    }
}
