//! [`Draft`]: a plan for pushed groups in numbers, organization by organization, before it speaks of identifiers.

use std::collections::{BTreeSet, HashSet};

use super::accounts::Accounts;
use super::change::{Change, Link, Member, NewGroup, OrganizationMember, Rename, Unlink};
use super::difference::difference;
use super::directory::{Group, GroupKind};
use super::headcount::{Before, Headcount, Standing};
use super::mapped_plan::{MappedBasis, MappedPlan, Unmatched};
use super::policy::{MappedPolicy, OnUnlink, Scope};
use super::pushed::{PushedGroup, PushedGroups};
use super::stored::StoredGroup;
use super::targets::{Organization, Targets};
use crate::id::{GroupId, IdpGroupId, OrganizationId, UserId};
use crate::note::Note;

pub(super) struct Draft<'a> {
    pushed: &'a PushedGroups,
    accounts: &'a Accounts,
    policy: &'a MappedPolicy,
    headcount: Headcount,
    organizations: Vec<Drafted<'a>>,
    unmatched: Vec<Unmatched>,
    notes: Vec<Note>,
}

/// The changes of one organization.
struct Drafted<'a> {
    organization: Organization<'a>,
    unlink: Vec<Unlinked>,
    rename: Vec<Rename>,
    adopt: Vec<Link>,
    create: Vec<Created<'a>>,
    add: Vec<Row>,
    remove: Vec<Row>,
    /// Where everybody is, before the changes, whom they affect.
    before: Vec<Before>,
}

/// A link that ends, and who leaves with it.
struct Unlinked {
    link: Link,
    users: Vec<u32>,
}

/// A pushed group that gets a group, and who is in it.
struct Created<'a> {
    pushed: &'a PushedGroup,
    users: Vec<u32>,
}

/// Somebody in a group.
#[derive(Clone, Copy)]
struct Row {
    /// The position of the group in its organization.
    at: u32,
    user: u32,
}

impl<'a> Draft<'a> {
    pub(super) fn new(pushed: &'a PushedGroups, policy: &'a MappedPolicy) -> Self {
        Self {
            pushed,
            accounts: pushed.accounts(),
            policy,
            headcount: Headcount::new(pushed.accounts()),
            organizations: Vec::new(),
            unmatched: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Drafts the changes of one organization. They come in the order of organizations.
    pub(super) fn organization(&mut self, organization: Organization<'a>, wanted: &'a BTreeSet<IdpGroupId>) {
        let Some(id) = organization.id() else { return };
        let targets = Targets::of(organization, wanted, self.pushed, &self.policy.protected);
        self.notes.extend(targets.notes);
        self.unmatched(id, targets.not_pushed);
        let link = |at: usize, id: &IdpGroupId| Some(link(organization.groups.get(at)?, id));
        let rename = targets.rename.into_iter();
        let adopt = targets.adopt.into_iter();
        let mut drafted = Drafted {
            organization,
            unlink: Vec::new(),
            rename: rename
                .filter_map(|(at, id, to)| Some(Rename { link: link(at, id)?, to: to.clone() }))
                .collect(),
            adopt: adopt.filter_map(|(at, id)| link(at, id)).collect(),
            create: Vec::new(),
            add: Vec::new(),
            remove: Vec::new(),
            before: Vec::new(),
        };
        for (at, id) in targets.unlink {
            let users = match self.policy.on_unlink {
                OnUnlink::Keep => Vec::new(),
                OnUnlink::RemoveSsoMembers => self.removable(organization.stored(at)),
            };
            drafted.unlink.extend(link(at, id).map(|link| Unlinked { link, users }));
        }
        for (at, pushed) in targets.follow {
            self.note_strangers(pushed);
            self.members(&mut drafted, at, pushed);
        }
        for pushed in targets.create {
            self.note_strangers(pushed);
            let members = pushed.members.iter().copied();
            let (kept, users) = members.partition(|user| is_protected(*user, self.accounts));
            self.note_protected(kept);
            drafted.create.push(Created { pushed, users });
        }
        let affected = drafted.joined().chain(drafted.left()).collect();
        drafted.before = self.headcount.before(affected, drafted.ordinary_members());
        self.organizations.push(drafted);
    }

    /// Pairs of the mapping for which there is nothing to do.
    pub(super) fn unmatched<'i>(
        &mut self,
        organization: &OrganizationId,
        ids: impl IntoIterator<Item = &'i IdpGroupId>,
    ) {
        let pair = |id: &IdpGroupId| Unmatched { organization: organization.clone(), idp_group: id.clone() };
        self.unmatched.extend(ids.into_iter().map(pair));
    }

    /// Add = i.members ∖ M(g); Remove = (M(g) ∩ S(c)) ∖ i.members.
    fn members(&mut self, drafted: &mut Drafted<'a>, at: usize, pushed: &PushedGroup) {
        let stored = drafted.organization.stored(at);
        let held = stored.map_or(&[][..], |stored| &*stored.members);
        let Ok(at) = u32::try_from(at) else { return };
        let (accounts, policy) = (self.accounts, self.policy);
        let (add, remove) = (&mut drafted.add, &mut drafted.remove);
        let (mut stays, mut stays_out) = (Vec::new(), Vec::new());
        let only_held = |user| match is_protected(user, accounts) {
            _ if !in_scope(user, stored, policy) => {}
            true => stays.push(user),
            false => remove.push(Row { at, user }),
        };
        let only_pushed = |user| match is_protected(user, accounts) {
            true => stays_out.push(user),
            false => add.push(Row { at, user }),
        };
        difference(held, &pushed.members, only_held, only_pushed);
        self.note_protected(stays);
        self.note_protected(stays_out);
    }

    /// Everybody who leaves a group when its link ends.
    fn removable(&mut self, stored: Option<&StoredGroup>) -> Vec<u32> {
        let held = stored.into_iter().flat_map(|stored| stored.members.iter().copied());
        let in_scope = held.filter(|user| in_scope(*user, stored, self.policy));
        let (stays, leaves) = in_scope.partition(|user| is_protected(*user, self.accounts));
        self.note_protected(stays);
        leaves
    }

    fn note_protected(&mut self, users: Vec<u32>) {
        for user in users.into_iter().filter_map(|user| self.accounts.user(user)) {
            self.notes.push(Note::new("groups.account_protected").actual(user.as_str()));
        }
    }

    fn note_strangers(&mut self, pushed: &PushedGroup) {
        if pushed.strangers > 0 {
            let note = Note::new("groups.unknown_members").field(pushed.name.as_str());
            self.notes.push(note.actual(format!("{} of another kind or connection", pushed.strangers)));
        }
    }

    /// Takes out the removals that nobody has confirmed, where they are more than the policy allows.
    pub(super) fn withhold(&mut self, confirmed: &[Change]) -> Vec<Change> {
        let accounts = self.accounts;
        let open = Open { confirmed: Confirmed::of(confirmed), accounts };
        let count: usize = self.organizations.iter().map(|drafted| open.count(drafted)).sum();
        if self.policy.max_removals.allows(count) {
            return Vec::new();
        }
        let held: usize = self.organizations.iter().map(Drafted::held).sum();
        let note = Note::new("groups.mass_removal").expected(self.policy.max_removals.to_string());
        self.notes.push(note.actual(format!("{count} of {held} memberships")));
        let (mut withheld, mut removals) = (Vec::new(), Vec::new());
        for drafted in &mut self.organizations {
            let waits = drafted.unlink.extract_if(.., |unlinked| open.in_link(unlinked) > 0);
            withheld.extend(waits.map(|unlinked| unlinked.change(accounts)));
            let organization = drafted.organization;
            let waits = drafted.remove.extract_if(.., |row| open.is(organization, *row));
            removals.extend(waits.filter_map(|row| row.member(organization, accounts)));
        }
        withheld.extend(removals.into_iter().map(Change::RemoveMember));
        withheld
    }

    pub(super) fn plan(mut self, basis: MappedBasis, withheld: Vec<Change>) -> MappedPlan {
        let (orgs_gained, orgs_lost) = self.organization_members();
        self.unmatched.sort_unstable();
        self.notes.sort_unstable();
        self.notes.dedup();
        MappedPlan {
            connection: self.accounts.connection().clone(),
            basis,
            changes: self.changes(),
            orgs_gained,
            orgs_lost,
            unmatched: self.unmatched,
            notes: self.notes,
            withheld,
        }
    }

    fn organization_members(&mut self) -> (Vec<OrganizationMember>, Vec<OrganizationMember>) {
        let (mut gained, mut lost) = (Vec::new(), Vec::new());
        for drafted in &self.organizations {
            let Some(id) = drafted.organization.id() else { continue };
            for standing in self.headcount.settle(&drafted.before, drafted.joined(), drafted.left()) {
                let (list, user) = match standing {
                    Standing::Gained(user) => (&mut gained, user),
                    Standing::Lost(user) => (&mut lost, user),
                };
                let user = self.accounts.user(user);
                list.extend(
                    user.map(|user| OrganizationMember { organization: id.clone(), user: user.clone() }),
                );
            }
        }
        (gained, lost)
    }

    /// In their order: by kind, then by organization, then as drafted.
    fn changes(&mut self) -> Vec<Change> {
        let accounts = self.accounts;
        let mut changes = Vec::new();
        for drafted in &mut self.organizations {
            changes.extend(drafted.unlink.iter().map(|unlinked| unlinked.change(accounts)));
        }
        for drafted in &mut self.organizations {
            changes.extend(drafted.rename.drain(..).map(Change::RenameGroup));
        }
        for drafted in &mut self.organizations {
            changes.extend(drafted.adopt.drain(..).map(Change::AdoptGroup));
        }
        for drafted in &self.organizations {
            let created = drafted.create.iter();
            changes.extend(created.filter_map(|created| created.change(drafted.organization, accounts)));
        }
        let drafted = || self.organizations.iter();
        let members: usize = drafted().map(|drafted| drafted.add.len() + drafted.remove.len()).sum();
        changes.reserve_exact(members);
        for Drafted { organization, add, .. } in drafted() {
            let added = add.iter().filter_map(|row| row.member(*organization, accounts));
            changes.extend(added.map(Change::AddMember));
        }
        for Drafted { organization, remove, .. } in drafted() {
            let removed = remove.iter().filter_map(|row| row.member(*organization, accounts));
            changes.extend(removed.map(Change::RemoveMember));
        }
        changes
    }
}

impl Drafted<'_> {
    fn joined(&self) -> impl Iterator<Item = u32> {
        let created = self.create.iter().flat_map(|created| created.users.iter().copied());
        self.add.iter().map(|row| row.user).chain(created)
    }

    fn left(&self) -> impl Iterator<Item = u32> {
        let unlinked = self.unlink.iter().flat_map(|unlinked| unlinked.users.iter().copied());
        self.remove.iter().map(|row| row.user).chain(unlinked)
    }

    /// The members of each group that makes somebody a member of the organization.
    fn ordinary_members(&self) -> impl Iterator<Item = &[u32]> {
        let groups = self.organization.groups.iter().zip(self.organization.stored);
        let ordinary = groups.filter(|(group, _)| group.kind == GroupKind::Ordinary);
        ordinary.filter_map(|(_, stored)| Some(&*stored.as_ref()?.members))
    }

    /// How many memberships of the connection's accounts the groups have that are linked, or will be.
    fn held(&self) -> usize {
        let adopted: HashSet<&GroupId> = self.adopt.iter().map(|link| &link.group).collect();
        let groups = self.organization.groups.iter().zip(self.organization.stored);
        let linked = groups.filter_map(|(group, stored)| {
            let stored = stored.as_ref()?;
            (stored.link.is_some() || adopted.contains(&group.id)).then_some(stored.members.len())
        });
        linked.sum()
    }
}

impl Unlinked {
    fn change(&self, accounts: &Accounts) -> Change {
        Change::UnlinkGroup(Unlink { link: self.link.clone(), members: users(&self.users, accounts) })
    }
}

impl Created<'_> {
    fn change(&self, organization: Organization<'_>, accounts: &Accounts) -> Option<Change> {
        Some(Change::CreateGroup(NewGroup {
            organization: organization.id()?.clone(),
            name: self.pushed.name.clone(),
            idp_group: self.pushed.id.clone(),
            members: users(&self.users, accounts),
        }))
    }
}

impl Row {
    fn member(self, organization: Organization<'_>, accounts: &Accounts) -> Option<Member> {
        let Group { id, organization, name, .. } = organization.group(self.at)?;
        Some(Member {
            organization: organization.clone(),
            name: name.clone(),
            group: id.clone(),
            user: accounts.user(self.user)?.clone(),
        })
    }
}

/// Removals that nobody has confirmed.
struct Open<'a> {
    confirmed: Confirmed<'a>,
    accounts: &'a Accounts,
}

impl Open<'_> {
    fn count(&self, drafted: &Drafted<'_>) -> usize {
        let links = drafted.unlink.iter().map(|unlinked| self.in_link(unlinked));
        let rows = drafted.remove.iter().filter(|row| self.is(drafted.organization, **row));
        links.sum::<usize>() + rows.count()
    }

    fn in_link(&self, Unlinked { link, users }: &Unlinked) -> usize {
        users.iter().filter(|user| !self.confirmed.has(&link.group, self.accounts.user(**user))).count()
    }

    fn is(&self, organization: Organization<'_>, row: Row) -> bool {
        let group = organization.group(row.at);
        !group.is_some_and(|group| self.confirmed.has(&group.id, self.accounts.user(row.user)))
    }
}

/// Removals that an administrator has seen and allowed.
struct Confirmed<'a>(HashSet<(&'a GroupId, &'a UserId)>);

impl<'a> Confirmed<'a> {
    fn of(changes: &'a [Change]) -> Self {
        let mut removals = HashSet::new();
        for change in changes {
            match change {
                Change::RemoveMember(member) => {
                    removals.insert((&member.group, &member.user));
                }
                Change::UnlinkGroup(Unlink { link, members }) => {
                    removals.extend(members.iter().map(|user| (&link.group, user)));
                }
                _ => {}
            }
        }
        Self(removals)
    }

    fn has(&self, group: &GroupId, user: Option<&UserId>) -> bool {
        !self.0.is_empty() && user.is_some_and(|user| self.0.contains(&(group, user)))
    }
}

pub(super) fn link(group: &Group, idp_group: &IdpGroupId) -> Link {
    Link {
        organization: group.organization.clone(),
        name: group.name.clone(),
        group: group.id.clone(),
        idp_group: idp_group.clone(),
    }
}

fn users(numbers: &[u32], accounts: &Accounts) -> Vec<UserId> {
    numbers.iter().filter_map(|number| accounts.user(*number)).cloned().collect()
}

fn is_protected(user: u32, accounts: &Accounts) -> bool {
    accounts.standing(user).is_none_or(|standing| standing.protected)
}

/// Whether the membership may be removed.
fn in_scope(user: u32, stored: Option<&StoredGroup>, policy: &MappedPolicy) -> bool {
    match policy.scope {
        Scope::ResetAll => true,
        Scope::OwnedOnly => stored.is_none_or(|stored| stored.made_elsewhere.binary_search(&user).is_err()),
    }
}
