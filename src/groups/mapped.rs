//! [`reconcile_mapped`]: groups and memberships follow what provisioning pushed.

use std::collections::HashSet;

use super::accounts::Accounts;
use super::change::{Change, Link, Member, NewGroup, OrganizationMember, Rename, Unlink};
use super::difference::difference;
use super::directory::{Directory, Group, GroupKind};
use super::headcount::{Before, Headcount, Standing};
use super::mapped_plan::{MappedBasis, MappedPlan, Unmatched};
use super::mapping::GroupMapping;
use super::policy::{GroupSource, MappedPolicy, OnUnlink, Scope};
use super::pushed::{PushedGroup, PushedGroups};
use super::stored::{StoredGroup, StoredGroups};
use super::targets::{Organization, Targets};
use crate::id::{GroupId, GroupName, IdpGroupId, OrganizationId, UserId};
use crate::note::Note;

/// Why there is no plan: nothing changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappedRefusal {
    /// The connection takes its groups from sign-in; what is pushed changes no membership.
    #[error("the groups of this connection come from sign-in, pushed groups change none")]
    SourceIsLogin,
    /// Pushed groups and stored groups were read with two tables of accounts.
    #[error("pushed groups and stored groups were read with different accounts")]
    OtherAccounts,
}

/// Computes what pushed groups change (connection rules §5, "With SCIM").
///
/// 1. Only where the connection takes its groups from provisioning.
/// 2. For each pair of the mapping, the target is the group linked to it; else the ordinary group of exactly that
///    name in the organization, which is adopted; else a new group.
/// 3. A target whose pushed group has another name is renamed, unless another group has the name in the end
///    (`groups.name_taken`): then it keeps its own.
/// 4. Added is who is in the pushed group and not in the target. Removed is which account of the connection is in the
///    target and not in the pushed group, under [`Scope::OwnedOnly`] only where this connection alone made the
///    membership. Everybody else stays.
/// 5. A link of no pair ends, and with it the memberships that [`OnUnlink`] says.
/// 6. More removals than the policy allows are withheld, all that are not `confirmed`: give what
///    [`MappedPlan::withheld`] of an earlier plan held, or nothing.
///
/// Default groups, protected groups and protected accounts are never touched. Cost is O((n + m) log (n + m)) for n
/// groups and m memberships, and close to reading the memberships once where little has changed.
///
/// # Errors
/// [`MappedRefusal`]; nothing changes.
pub fn reconcile_mapped(
    pushed: &PushedGroups,
    mapping: &GroupMapping,
    directory: &Directory,
    stored: &StoredGroups,
    policy: &MappedPolicy,
    confirmed: &[Change],
) -> Result<MappedPlan, MappedRefusal> {
    match policy.source {
        GroupSource::Login => return Err(MappedRefusal::SourceIsLogin),
        GroupSource::Scim => {}
    }
    if !pushed.accounts().is(stored.accounts()) {
        return Err(MappedRefusal::OtherAccounts);
    }
    let accounts = pushed.accounts();
    let located = located(directory, stored);
    let mut draft = Draft {
        accounts,
        policy,
        headcount: Headcount::new(accounts),
        organizations: Vec::new(),
        notes: Vec::new(),
        unmatched: Vec::new(),
    };
    let mut rest = located.as_slice();
    for groups in directory.by_organization() {
        let Some((stored, others)) = rest.split_at_checked(groups.len()) else { break };
        rest = others;
        draft.organization(Organization { groups, stored }, mapping, pushed);
    }
    for (organization, ids) in mapping.organizations() {
        if !directory.has_organization(organization) {
            draft.not_there(organization, ids);
        }
    }
    draft.unmatched.sort_unstable();
    let withheld = draft.withhold(confirmed);
    let basis = MappedBasis {
        accounts: accounts.revision().clone(),
        directory: directory.revision().clone(),
        stored: stored.revision().clone(),
        pushed: pushed.revision().clone(),
        mapping: mapping.revision().clone(),
    };
    Ok(draft.plan(basis, withheld))
}

/// What deleting a connection changes: every link ends, and everybody stays where they are.
#[must_use]
pub fn release_links(directory: &Directory, stored: &StoredGroups) -> Vec<Change> {
    let groups = directory.groups().iter().zip(located(directory, stored));
    let unlink = |(group, stored): (&Group, Option<&StoredGroup>)| {
        let link = link(group, stored?.link.as_ref()?);
        Some(Change::UnlinkGroup(Unlink { link, members: Vec::new() }))
    };
    groups.filter_map(unlink).collect()
}

impl MappedRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SourceIsLogin => "groups.source_is_login",
            Self::OtherAccounts => "groups.other_accounts",
        }
    }
}

/// What is stored about each group of the directory, in its order.
fn located<'a>(directory: &Directory, stored: &'a StoredGroups) -> Vec<Option<&'a StoredGroup>> {
    let mut located = vec![None; directory.groups().len()];
    for (id, group) in stored.groups() {
        if let Some(slot) = directory.position(id).and_then(|at| located.get_mut(at)) {
            *slot = Some(group);
        }
    }
    located
}

/// A plan in numbers.
struct Draft<'a> {
    accounts: &'a Accounts,
    policy: &'a MappedPolicy,
    headcount: Headcount,
    organizations: Vec<Drafted<'a>>,
    notes: Vec<Note>,
    unmatched: Vec<Unmatched>,
}

/// The changes of one organization.
struct Drafted<'a> {
    organization: Organization<'a>,
    /// A link that ends, and who leaves with it.
    unlink: Vec<(Link, Vec<u32>)>,
    rename: Vec<Rename>,
    adopt: Vec<Link>,
    create: Vec<Created<'a>>,
    members: Vec<Members<'a>>,
    /// Where everybody is, before the changes, whom they affect.
    before: Vec<Before>,
}

struct Created<'a> {
    organization: &'a OrganizationId,
    name: &'a GroupName,
    idp_group: &'a IdpGroupId,
    members: Vec<u32>,
}

/// Who joins and leaves a group.
struct Members<'a> {
    group: &'a Group,
    add: Vec<u32>,
    remove: Vec<u32>,
}

impl<'a> Draft<'a> {
    fn organization(
        &mut self,
        organization: Organization<'a>,
        mapping: &'a GroupMapping,
        pushed: &'a PushedGroups,
    ) {
        let Some(first) = organization.groups.first() else { return };
        let wanted = mapping.of(&first.organization);
        let targets = Targets::of(organization, wanted, pushed, &self.policy.protected);
        self.notes.extend(targets.notes);
        self.unmatched.extend(
            targets
                .not_pushed
                .into_iter()
                .map(|id| Unmatched { organization: first.organization.clone(), idp_group: id.clone() }),
        );
        let group = |at: usize| organization.groups.get(at);
        let adopt = targets.adopt.iter().filter_map(|(at, id)| Some(link(group(*at)?, id)));
        let rename = targets
            .rename
            .iter()
            .filter_map(|(at, id, to)| Some(Rename { link: link(group(*at)?, id), to: (*to).clone() }));
        let mut drafted = Drafted {
            organization,
            adopt: adopt.collect(),
            rename: rename.collect(),
            unlink: Vec::new(),
            create: Vec::new(),
            members: Vec::new(),
            before: Vec::new(),
        };
        for (at, id) in targets.unlink {
            let Some(group) = group(at) else { continue };
            let leaving = match self.policy.on_unlink {
                OnUnlink::Keep => Vec::new(),
                OnUnlink::RemoveSsoMembers => self.members(organization, at, None).remove,
            };
            drafted.unlink.push((link(group, id), leaving));
        }
        for (at, pushed) in targets.follow {
            let Some(group) = group(at) else { continue };
            self.note_strangers(pushed);
            let Differences { add, remove } = self.members(organization, at, Some(pushed));
            if !(add.is_empty() && remove.is_empty()) {
                drafted.members.push(Members { group, add, remove });
            }
        }
        for (name, idp_group, pushed) in targets.create {
            self.note_strangers(pushed);
            let mut members = pushed.members.clone();
            members.retain(|number| self.may_touch(*number));
            drafted.create.push(Created { organization: &first.organization, name, idp_group, members });
        }
        drafted.before = self.headcount.before(drafted.affected(), drafted.ordinary_members());
        self.organizations.push(drafted);
    }

    fn not_there<'i>(
        &mut self,
        organization: &OrganizationId,
        ids: impl IntoIterator<Item = &'i IdpGroupId>,
    ) {
        let unmatched =
            |id: &IdpGroupId| Unmatched { organization: organization.clone(), idp_group: id.clone() };
        self.unmatched.extend(ids.into_iter().map(unmatched));
    }

    /// Add = i.members ∖ M(g); Remove = (M(g) ∩ S(c)) ∖ i.members. Without a pushed group nobody is in it.
    fn members(
        &mut self,
        organization: Organization<'a>,
        at: usize,
        pushed: Option<&PushedGroup>,
    ) -> Differences {
        let stored = organization.stored.get(at).copied().flatten();
        let (held, made_elsewhere) =
            stored.map_or((&[][..], &[][..]), |stored| (&*stored.members, &*stored.made_elsewhere));
        let wanted = pushed.map_or(&[][..], |pushed| &*pushed.members);
        let (mut add, mut remove) = (Vec::new(), Vec::new());
        difference(held, wanted, |number| remove.push(number), |number| add.push(number));
        if self.policy.scope == Scope::OwnedOnly {
            remove.retain(|number| made_elsewhere.binary_search(number).is_err());
        }
        add.retain(|number| self.may_touch(*number));
        remove.retain(|number| self.may_touch(*number));
        Differences { add, remove }
    }

    /// A protected account is left alone, and noted.
    fn may_touch(&mut self, number: u32) -> bool {
        let protected = self.accounts.standing(number).is_none_or(|standing| standing.protected);
        if protected {
            let user = self.accounts.user(number).map(UserId::as_str).unwrap_or_default();
            self.notes.push(Note::new("groups.account_protected").actual(user));
        }
        !protected
    }

    fn note_strangers(&mut self, pushed: &PushedGroup) {
        if pushed.strangers > 0 {
            let note = Note::new("groups.unknown_members").field(pushed.name.as_str());
            self.notes.push(note.actual(format!("{} of another kind or connection", pushed.strangers)));
        }
    }

    /// Takes out the removals that nobody has confirmed, where they are more than the policy allows.
    fn withhold(&mut self, confirmed: &[Change]) -> Vec<Change> {
        let confirmed = Confirmed::of(confirmed);
        let accounts = self.accounts;
        let open = |group: &GroupId, numbers: &[u32]| -> usize {
            numbers.iter().filter(|number| !confirmed.has(group, accounts.user(**number))).count()
        };
        let count: usize = self
            .organizations
            .iter()
            .map(|drafted| {
                let unlinked: usize =
                    drafted.unlink.iter().map(|(link, users)| open(&link.group, users)).sum();
                let left = drafted.members.iter().map(|members| open(&members.group.id, &members.remove));
                unlinked + left.sum::<usize>()
            })
            .sum();
        if self.policy.max_removals.allows(count) {
            return Vec::new();
        }
        let held: usize = self.organizations.iter().map(Drafted::held).sum();
        let note = Note::new("groups.mass_removal").expected(self.policy.max_removals.to_string());
        self.notes.push(note.actual(format!("{count} of {held} memberships")));
        let mut unlinks = Vec::new();
        let mut removals = Vec::new();
        for drafted in &mut self.organizations {
            drafted.unlink.retain(|(link, users)| {
                let confirmed = open(&link.group, users) == 0;
                if !confirmed {
                    unlinks.push(unlinked(link.clone(), users, accounts));
                }
                confirmed
            });
            for members in &mut drafted.members {
                let group = members.group;
                members.remove.retain(|number| {
                    let user = accounts.user(*number);
                    let confirmed = confirmed.has(&group.id, user);
                    if !confirmed {
                        removals.extend(user.map(|user| Change::RemoveMember(member(group, user))));
                    }
                    confirmed
                });
            }
        }
        unlinks.append(&mut removals);
        unlinks
    }

    fn plan(mut self, basis: MappedBasis, withheld: Vec<Change>) -> MappedPlan {
        let accounts = self.accounts;
        let (mut orgs_gained, mut orgs_lost) = (Vec::new(), Vec::new());
        for drafted in &self.organizations {
            let Some(first) = drafted.organization.groups.first() else { continue };
            for standing in drafted.settle(&mut self.headcount) {
                let (list, number) = match standing {
                    Standing::Gained(number) => (&mut orgs_gained, number),
                    Standing::Lost(number) => (&mut orgs_lost, number),
                };
                let organization = first.organization.clone();
                let user = accounts.user(number).cloned();
                list.extend(user.map(|user| OrganizationMember { organization, user }));
            }
        }
        let mut changes = Vec::new();
        for drafted in &mut self.organizations {
            let unlink = drafted.unlink.drain(..);
            changes.extend(unlink.map(|(link, numbers)| unlinked(link, &numbers, accounts)));
        }
        for drafted in &mut self.organizations {
            changes.extend(drafted.rename.drain(..).map(Change::RenameGroup));
        }
        for drafted in &mut self.organizations {
            changes.extend(drafted.adopt.drain(..).map(Change::AdoptGroup));
        }
        for created in self.organizations.iter().flat_map(|drafted| &drafted.create) {
            changes.push(Change::CreateGroup(NewGroup {
                organization: created.organization.clone(),
                name: created.name.clone(),
                idp_group: created.idp_group.clone(),
                members: users(&created.members, accounts).cloned().collect(),
            }));
        }
        let members = || self.organizations.iter().flat_map(|drafted| &drafted.members);
        let count: usize = members().map(|members| members.add.len() + members.remove.len()).sum();
        changes.reserve_exact(count);
        for members in members() {
            let added =
                users(&members.add, accounts).map(|user| Change::AddMember(member(members.group, user)));
            changes.extend(added);
        }
        for members in members() {
            let removed = users(&members.remove, accounts)
                .map(|user| Change::RemoveMember(member(members.group, user)));
            changes.extend(removed);
        }
        self.notes.sort_unstable();
        self.notes.dedup();
        MappedPlan {
            connection: accounts.connection().clone(),
            basis,
            changes,
            orgs_gained,
            orgs_lost,
            unmatched: self.unmatched,
            notes: self.notes,
            withheld,
        }
    }
}

struct Differences {
    add: Vec<u32>,
    remove: Vec<u32>,
}

impl Drafted<'_> {
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

    /// Everybody who may join or leave a group.
    fn affected(&self) -> Vec<u32> {
        self.joined().chain(self.left()).flatten().copied().collect()
    }

    fn settle(&self, headcount: &mut Headcount) -> Vec<Standing> {
        headcount.settle(&self.before, self.joined(), self.left())
    }

    fn joined(&self) -> impl Iterator<Item = &[u32]> {
        let added = self.members.iter().map(|members| &*members.add);
        added.chain(self.create.iter().map(|created| &*created.members))
    }

    fn left(&self) -> impl Iterator<Item = &[u32]> {
        let removed = self.members.iter().map(|members| &*members.remove);
        removed.chain(self.unlink.iter().map(|(_, numbers)| &**numbers))
    }

    fn ordinary_members(&self) -> impl Iterator<Item = &[u32]> {
        let groups = self.organization.groups.iter().zip(self.organization.stored);
        let ordinary = groups.filter(|(group, _)| group.kind == GroupKind::Ordinary);
        ordinary.filter_map(|(_, stored)| Some(&*stored.as_ref()?.members))
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
        user.is_some_and(|user| self.0.contains(&(group, user)))
    }
}

fn users<'a>(numbers: &[u32], accounts: &'a Accounts) -> impl Iterator<Item = &'a UserId> {
    numbers.iter().filter_map(|number| accounts.user(*number))
}

fn unlinked(link: Link, numbers: &[u32], accounts: &Accounts) -> Change {
    Change::UnlinkGroup(Unlink { link, members: users(numbers, accounts).cloned().collect() })
}

fn link(group: &Group, idp_group: &IdpGroupId) -> Link {
    Link {
        organization: group.organization.clone(),
        name: group.name.clone(),
        group: group.id.clone(),
        idp_group: idp_group.clone(),
    }
}

fn member(group: &Group, user: &UserId) -> Member {
    Member {
        organization: group.organization.clone(),
        name: group.name.clone(),
        group: group.id.clone(),
        user: user.clone(),
    }
}
