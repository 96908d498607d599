//! The invariants of reconciliation that speak of pushed groups, as properties. `PROPTEST_CASES=2000` runs each 2 000
//! times; a plain `cargo test` 256 times.

use std::collections::{BTreeMap, BTreeSet};

use admittance::groups::{
    Account, Accounts, Change, Directory, Group, GroupKind, GroupMapping, MappedPlan, MappedPolicy,
    MaxRemovals, OnUnlink, Origin, PushedGroups, Scope, StoredGroups, reconcile_mapped, release_links,
};
use admittance::id::{GroupId, IdpGroupId, OrganizationId, UserId};
use admittance::profile::Activity;
use proptest::prelude::*;

use super::mapped_model::{CONNECTION, Expected, Pushed, World};

/// Few enough to meet often, and near misses of each other.
const NAMES: [&str; 7] = ["dev", "Dev", "ops", "ops ", "qa", "Members", "x\ny"];
const ORGANIZATIONS: [&str; 3] = ["org-a", "org-b", "org-c"];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![8 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

fn groups() -> impl Strategy<Value = Vec<Group>> {
    let kind = prop_oneof![6 => Just(GroupKind::Ordinary), 1 => Just(GroupKind::Default)];
    prop::collection::vec((prop::sample::select(&ORGANIZATIONS[..]), name(), kind), 0..10).prop_map(
        |groups| {
            let numbered = groups.into_iter().enumerate();
            let group = |(n, (organization, name, kind)): (usize, (&str, String, GroupKind))| Group {
                id: format!("g{n}").into(),
                organization: organization.into(),
                name: name.into(),
                kind,
            };
            numbered.map(group).collect()
        },
    )
}

/// Groups of the enterprise and, from g10 on, groups of another one.
fn group_id() -> impl Strategy<Value = GroupId> {
    (0..11_u32).prop_map(|n| format!("g{n}").into())
}

/// `i5` is never pushed.
fn idp_group() -> impl Strategy<Value = IdpGroupId> {
    (0..6_u32).prop_map(|n| format!("i{n}").into())
}

/// `u7` has no account.
fn user() -> impl Strategy<Value = UserId> {
    (0..8_u32).prop_map(|n| format!("u{n}").into())
}

fn users() -> impl Strategy<Value = BTreeSet<UserId>> {
    prop::collection::btree_set(user(), 0..6)
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        3 => Just(Origin::Idp(CONNECTION.into())),
        1 => Just(Origin::Idp("other".into())),
        1 => Just(Origin::Manual),
    ]
}

fn accounts() -> impl Strategy<Value = Vec<Account>> {
    let activity = prop_oneof![5 => Just(Activity::Active), 1 => Just(Activity::Inactive)];
    prop::collection::vec((origin(), activity, prop::bool::weighted(0.1)), 7).prop_map(|accounts| {
        let numbered = accounts.into_iter().enumerate();
        let account = |(n, (origin, activity, protected)): (usize, (Origin, Activity, bool))| Account {
            user: format!("u{n}").into(),
            origin,
            activity,
            protected,
        };
        numbered.map(account).collect()
    })
}

fn pushed() -> impl Strategy<Value = BTreeMap<IdpGroupId, Pushed>> {
    prop::collection::vec(prop::option::weighted(0.8, (name(), users())), 5).prop_map(|groups| {
        let numbered = groups.into_iter().enumerate();
        let sent = numbered.filter_map(|(n, group)| Some((n, group?)));
        sent.map(|(n, (name, members))| (format!("i{n}").into(), Pushed { name, members })).collect()
    })
}

fn mapping() -> impl Strategy<Value = BTreeSet<(IdpGroupId, OrganizationId)>> {
    let organization = prop::sample::select(vec!["org-a", "org-b", "org-c", "elsewhere"]);
    prop::collection::btree_set((idp_group(), organization.prop_map(OrganizationId::from)), 0..10)
}

prop_compose! {
    fn policy()(
        scope in prop::sample::select(vec![Scope::ResetAll, Scope::OwnedOnly]),
        on_unlink in prop::sample::select(vec![OnUnlink::RemoveSsoMembers, OnUnlink::Keep]),
        protected in prop::collection::btree_set(group_id(), 0..2),
        max_removals in prop_oneof![2 => Just(MaxRemovals::Unlimited), 1 => (0..5_u32).prop_map(MaxRemovals::Count)],
    ) -> MappedPolicy {
        let mut policy = MappedPolicy::default();
        (policy.scope, policy.on_unlink) = (scope, on_unlink);
        (policy.protected, policy.max_removals) = (protected, max_removals);
        policy
    }
}

fn world() -> impl Strategy<Value = World> {
    prop_oneof![3 => any_world(), 1 => renaming()]
}

/// One organization in which most groups are linked and the names of pushed groups are dealt anew: chains of renames,
/// rings, and names that are taken.
fn renaming() -> impl Strategy<Value = World> {
    const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
    let names = || prop::collection::vec(prop::sample::select(&NAMES[..]), 5);
    let linked = prop::collection::vec(prop::bool::weighted(0.85), 5);
    (any_world(), names(), names(), linked).prop_map(|(mut world, local, pushed, linked)| {
        let id = |n: usize| (GroupId::from(format!("g{n}")), IdpGroupId::from(format!("i{n}")));
        let group = |(n, name): (usize, &str)| Group {
            id: id(n).0,
            organization: "org-a".into(),
            name: name.into(),
            kind: GroupKind::Ordinary,
        };
        world.groups = local.into_iter().enumerate().map(group).collect();
        let pushed = pushed.into_iter().enumerate().map(|(n, name)| {
            let members = world.pushed.get(&id(n).1).map(|group| group.members.clone()).unwrap_or_default();
            (id(n).1, Pushed { name: name.to_owned(), members })
        });
        world.pushed = pushed.collect();
        world.mapping = (0..5).map(|n| (id(n).1, "org-a".into())).collect();
        world.links = linked.iter().enumerate().filter(|(_, linked)| **linked).map(|(n, _)| id(n)).collect();
        world
    })
}

prop_compose! {
    fn any_world()(
        groups in groups(),
        accounts in accounts(),
        pushed in pushed(),
        mapping in mapping(),
        links in prop::collection::btree_map(group_id(), idp_group(), 0..6),
        rows in prop::collection::btree_set((group_id(), user(), origin()), 0..30),
        policy in policy(),
        confirming in prop::bool::weighted(0.3),
        picks in prop::collection::vec(any::<bool>(), 12),
    ) -> World {
        let mut world = World { groups, accounts, pushed, mapping, links, rows, policy, confirmed: vec![] };
        if confirming {
            let withheld = world.plan().withheld;
            let picked = withheld.into_iter().zip(picks.into_iter().cycle());
            world.confirmed = picked.filter_map(|(change, picked)| picked.then_some(change)).collect();
        }
        world
    }
}

/// A world in which nothing stands between what is pushed and its effect.
fn unhindered() -> impl Strategy<Value = World> {
    world().prop_map(|mut world| {
        world.policy.max_removals = MaxRemovals::Unlimited;
        world.policy.scope = Scope::ResetAll;
        world.policy.protected.clear();
        world.accounts.iter_mut().for_each(|account| account.protected = false);
        world
    })
}

fn found(plan: &MappedPlan) -> Expected {
    let mut found = Expected::default();
    for change in &plan.changes {
        match change {
            Change::UnlinkGroup(unlink) => {
                found.unlink.insert(unlink.link.group.clone(), unlink.members.iter().cloned().collect());
            }
            Change::RenameGroup(rename) => {
                found.rename.insert(rename.link.group.clone(), rename.to.to_string());
            }
            Change::AdoptGroup(link) => {
                found.adopt.insert(link.group.clone(), link.idp_group.clone());
            }
            Change::CreateGroup(new) => {
                let members = new.members.iter().cloned().collect();
                let pair = (new.idp_group.clone(), new.organization.clone());
                found.create.insert(pair, (new.name.to_string(), members));
            }
            Change::AddMember(member) => {
                found.add.insert((member.group.clone(), member.user.clone()));
            }
            Change::RemoveMember(member) => {
                found.remove.insert((member.group.clone(), member.user.clone()));
            }
            other => panic!("{other}"),
        }
    }
    for change in &plan.withheld {
        match change {
            Change::UnlinkGroup(unlink) => {
                let members = unlink.members.iter().cloned().collect();
                found.withheld_unlink.insert(unlink.link.group.clone(), members);
            }
            Change::RemoveMember(member) => {
                found.withheld.insert((member.group.clone(), member.user.clone()));
            }
            other => panic!("{other} is withheld"),
        }
    }
    let pair =
        |member: &admittance::groups::OrganizationMember| (member.organization.clone(), member.user.clone());
    found.gained = plan.orgs_gained.iter().map(pair).collect();
    found.lost = plan.orgs_lost.iter().map(pair).collect();
    found.unmatched =
        plan.unmatched.iter().map(|pair| (pair.idp_group.clone(), pair.organization.clone())).collect();
    found
}

/// Every group and user that a plan names anywhere.
fn named(plan: &MappedPlan) -> (BTreeSet<GroupId>, BTreeSet<UserId>) {
    let (mut groups, mut users) = (BTreeSet::new(), BTreeSet::new());
    for change in plan.changes.iter().chain(&plan.withheld) {
        match change {
            Change::UnlinkGroup(unlink) => {
                groups.insert(unlink.link.group.clone());
                users.extend(unlink.members.iter().cloned());
            }
            Change::RenameGroup(rename) => drop(groups.insert(rename.link.group.clone())),
            Change::AdoptGroup(link) => drop(groups.insert(link.group.clone())),
            Change::CreateGroup(new) => users.extend(new.members.iter().cloned()),
            Change::AddMember(member) | Change::RemoveMember(member) => {
                groups.insert(member.group.clone());
                users.insert(member.user.clone());
            }
            other => panic!("{other}"),
        }
    }
    let organizations = plan.orgs_gained.iter().chain(&plan.orgs_lost);
    users.extend(organizations.map(|member| member.user.clone()));
    (groups, users)
}

fn organization_of(change: &Change) -> &OrganizationId {
    match change {
        Change::UnlinkGroup(unlink) => &unlink.link.organization,
        Change::RenameGroup(rename) => &rename.link.organization,
        Change::AdoptGroup(link) => &link.organization,
        Change::CreateGroup(new) => &new.organization,
        Change::AddMember(member) | Change::RemoveMember(member) => &member.organization,
        other => panic!("{other}"),
    }
}

fn always() -> bool {
    true
}

/// Who of the connection is in the target of each pair.
fn sso_members(world: &World) -> BTreeMap<(IdpGroupId, OrganizationId), BTreeSet<UserId>> {
    let (targets, _) = world.targets();
    let members = |group: &GroupId| {
        let rows = world.memberships().into_iter().filter(|(other, _)| other == group);
        rows.map(|(_, user)| user).filter(|user| world.is_of_connection(user)).collect()
    };
    targets.into_iter().map(|(pair, group)| (pair, members(&group))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The definition is the oracle, for every world and every policy.
    #[test]
    fn the_plan_is_what_the_definition_says(world in world()) {
        prop_assert_eq!(found(&world.plan()), world.expected());
    }

    #[test]
    fn i01_i13_after_applying_sso_members_are_those_pushed_and_others_are_unchanged(world in unhindered()) {
        let after = world.apply(&world.plan(), always);
        for ((id, organization), members) in sso_members(&after) {
            prop_assert_eq!(members, after.members(&id), "{} in {}", id, organization);
        }
        let others = |world: &World| {
            let mut rows = world.rows.clone();
            rows.retain(|(_, user, _)| !world.is_of_connection(user));
            rows
        };
        prop_assert_eq!(others(&after), others(&world));
    }

    #[test]
    fn i02_planning_again_after_applying_gives_nothing(world in world()) {
        let plan = world.plan();
        let again = world.apply(&plan, always).plan();
        prop_assert!(again.is_empty(), "{}", again);
        let (waits, waited) = (found(&again), found(&plan));
        prop_assert_eq!((waits.withheld, waits.withheld_unlink), (waited.withheld, waited.withheld_unlink));
        prop_assert!(again.orgs_gained.is_empty() && again.orgs_lost.is_empty());
    }

    #[test]
    fn i03_the_plan_is_minimal(world in world()) {
        let plan = world.plan();
        let after = world.apply(&plan, always);
        let found = found(&plan);
        prop_assert!(found.add.is_disjoint(&found.remove));
        let created: usize = found.create.values().map(|(_, members)| members.len()).sum();
        let unlinked: usize = found.unlink.values().map(BTreeSet::len).sum();
        let (before, after_rows) = (world.memberships(), after.memberships());
        let size = found.add.len() + found.remove.len() + created + unlinked;
        prop_assert_eq!(size, before.symmetric_difference(&after_rows).count());
        let distinct: BTreeSet<&Change> = plan.changes.iter().collect();
        prop_assert_eq!(distinct.len(), plan.changes.len());
    }

    #[test]
    fn i04_order_and_repetition_change_no_byte(world in world(), twice: bool) {
        let mut accounts: Vec<Account> = world.accounts.iter().rev().cloned().collect();
        let mut groups: Vec<Group> = world.groups.iter().rev().cloned().collect();
        if twice {
            accounts.extend(world.accounts.iter().cloned());
            groups.extend(world.groups.iter().cloned());
        }
        let accounts = Accounts::new(CONNECTION, "a", accounts).unwrap();
        let mut pushed = PushedGroups::new(&accounts, "p");
        for (id, group) in world.pushed.iter().rev() {
            // In two parts, so that strangers are not counted twice.
            let half = group.members.len() / 2;
            let part = |from, to| group.members.iter().skip(from).take(to).rev();
            pushed.add(id.clone(), group.name.as_str(), part(half, usize::MAX)).unwrap();
            pushed.add(id.clone(), group.name.as_str(), part(0, half)).unwrap();
        }
        let mut stored = StoredGroups::new(&accounts, "s");
        for (group, link) in world.links.iter().rev() {
            stored.link(group.clone(), link.clone()).unwrap();
        }
        for (group, user, origin) in world.rows.iter().rev() {
            let row = || (user, origin.clone());
            stored.add(group.clone(), if twice { vec![row(), row()] } else { vec![row()] });
        }
        let directory = Directory::new("d", groups).unwrap();
        let organizations: BTreeSet<_> = world.mapping.iter().map(|(_, organization)| organization).collect();
        let mapping = organizations.into_iter().rev().fold(GroupMapping::new("m"), |mapping, organization| {
            let of = world.mapping.iter().rev().filter(|(_, other)| other == organization);
            let ids: Vec<_> = of.map(|(id, _)| id.clone()).collect();
            mapping.set("m", organization.clone(), ids.iter().chain(&ids).cloned())
        });
        let confirmed: Vec<Change> = world.confirmed.iter().rev().chain(&world.confirmed).cloned().collect();
        let plan = reconcile_mapped(&pushed, &mapping, &directory, &stored, &world.policy, &confirmed).unwrap();
        prop_assert_eq!(serde_json::to_string(&plan).unwrap(), serde_json::to_string(&world.plan()).unwrap());
        let mut sorted = plan.clone();
        sorted.changes.sort();
        sorted.withheld.sort();
        sorted.orgs_gained.sort();
        sorted.orgs_lost.sort();
        sorted.unmatched.sort();
        sorted.notes.sort();
        prop_assert_eq!(sorted, plan);
    }

    #[test]
    fn i05_the_default_group_never_occurs(world in world()) {
        let (groups, _) = named(&world.plan());
        prop_assert!(groups.iter().all(|id| world.group(id).kind == GroupKind::Ordinary));
    }

    #[test]
    fn i06_whoever_and_whatever_is_out_of_reach_never_occurs(world in world()) {
        let plan = world.plan();
        let (groups, users) = named(&plan);
        let enterprise: BTreeSet<_> = world.groups.iter().map(|group| group.id.clone()).collect();
        prop_assert!(groups.is_subset(&enterprise), "a group of another enterprise");
        prop_assert!(groups.is_disjoint(&world.policy.protected), "a protected group");
        prop_assert!(users.iter().all(|user| world.may_touch(user)), "a user out of reach");
        let organizations: BTreeSet<_> = world.groups.iter().map(|group| &group.organization).collect();
        prop_assert!(plan.changes.iter().all(|change| organizations.contains(organization_of(change))));
    }

    #[test]
    fn i08_a_group_is_adopted_only_by_its_exact_name(world in world()) {
        for change in &world.plan().changes {
            if let Change::AdoptGroup(link) = change {
                prop_assert_eq!(link.name.as_str(), &world.pushed[&link.idp_group].name);
                prop_assert_eq!(&world.group(&link.group).name, &link.name);
            }
        }
    }

    #[test]
    fn i09_a_group_that_is_mapped_to_k_organizations_is_followed_in_each(k in 0..20_usize, name in name(), members in users()) {
        prop_assume!(name != "Members");
        let organization = |n: usize| format!("o{n}");
        let group = |n: usize| Group {
            id: format!("k{n}").into(),
            organization: organization(n).into(),
            name: if n.is_multiple_of(2) { name.as_str().into() } else { "Members".into() },
            kind: if n.is_multiple_of(2) { GroupKind::Ordinary } else { GroupKind::Default },
        };
        let world = World {
            groups: (0..k).map(group).collect(),
            accounts: members.iter().map(|user| Account::of(CONNECTION, user.clone())).collect(),
            pushed: [("i0".into(), Pushed { name: name.clone(), members: members.clone() })].into(),
            mapping: (0..k).map(|n| ("i0".into(), organization(n).into())).collect(),
            links: BTreeMap::new(),
            rows: BTreeSet::new(),
            policy: MappedPolicy::default(),
            confirmed: vec![],
        };
        let plan = world.plan();
        let found = found(&plan);
        prop_assert_eq!(found.adopt.len() + found.create.len(), k);
        prop_assert_eq!(plan.orgs_gained.len(), k * members.len());
    }

    #[test]
    fn i11_more_members_add_more_and_remove_less(world in unhindered(), more in users(), to in idp_group()) {
        let mut with_more = world.clone();
        if let Some(group) = with_more.pushed.get_mut(&to) {
            group.members.extend(more);
        }
        let (fewer, all) = (found(&world.plan()), found(&with_more.plan()));
        prop_assert!(fewer.add.is_subset(&all.add));
        prop_assert!(fewer.remove.is_superset(&all.remove));
        prop_assert_eq!((fewer.adopt, fewer.rename, fewer.unlink), (all.adopt, all.rename, all.unlink));
    }

    #[test]
    fn i12_what_happens_to_one_user_does_not_depend_on_others(world in unhindered(), one in user()) {
        let alone = World {
            accounts: world.accounts.iter().filter(|account| account.user == one).cloned().collect(),
            ..world.clone()
        };
        let of = |plan: Expected| {
            let rows = |rows: BTreeSet<(GroupId, UserId)>| {
                rows.into_iter().filter(|(_, user)| *user == one).collect::<BTreeSet<_>>()
            };
            let gained = plan.gained.into_iter().filter(|(_, user)| *user == one).collect::<BTreeSet<_>>();
            let lost = plan.lost.into_iter().filter(|(_, user)| *user == one).collect::<BTreeSet<_>>();
            (rows(plan.add), rows(plan.remove), gained, lost, plan.adopt, plan.rename)
        };
        prop_assert_eq!(of(found(&alone.plan())), of(found(&world.plan())));
    }

    #[test]
    fn i14_the_plan_of_two_mappings_of_different_organizations_is_both_plans(world in unhindered(), first in prop::sample::subsequence(&ORGANIZATIONS[..], 0..3)) {
        let is_first = |organization: &OrganizationId| first.contains(&organization.as_str());
        let part = |of_first: bool| {
            let mut part = world.clone();
            part.mapping.retain(|(_, organization)| is_first(organization) == of_first);
            let mut changes = part.plan().changes;
            changes.retain(|change| is_first(organization_of(change)) == of_first);
            changes
        };
        let mut both: Vec<Change> = part(true).into_iter().chain(part(false)).collect();
        both.sort();
        prop_assert_eq!(both, world.plan().changes);
    }

    #[test]
    fn i14_map_all_is_every_pair(ids in prop::collection::btree_set(idp_group(), 0..5), organizations in prop::sample::subsequence(&ORGANIZATIONS[..], 0..=3)) {
        let organizations: Vec<OrganizationId> = organizations.into_iter().map(OrganizationId::from).collect();
        let all = GroupMapping::all("m", ids.iter().cloned(), organizations.iter().cloned());
        let pairs: BTreeSet<_> = all.pairs().map(|(id, organization)| (id.clone(), organization.clone())).collect();
        let expected = ids.iter().flat_map(|id| organizations.iter().map(move |o| (id.clone(), o.clone())));
        prop_assert_eq!(pairs, expected.collect());
        let custom = organizations.iter().fold(GroupMapping::new("m"), |mapping, organization| {
            mapping.set("m", organization.clone(), ids.iter().cloned())
        });
        prop_assert_eq!(custom, all);
    }

    #[test]
    fn i15_a_rename_keeps_memberships(world in unhindered(), renamed in idp_group(), to in name()) {
        let settled = world.apply(&world.plan(), always);
        let mut next = settled.clone();
        let Some(group) = next.pushed.get_mut(&renamed) else { return Ok(()) };
        group.name = to;
        let followed = |world: &World| world.links.values().filter(|link| **link == renamed).count();
        let plan = next.plan();
        // A pair that had no group because its name was taken may find one under the new name.
        let found = found(&plan);
        prop_assume!(found.adopt.is_empty() && found.create.is_empty());
        prop_assert!(plan.changes.iter().all(|change| matches!(change, Change::RenameGroup(_))), "{}", plan);
        let after = next.apply(&plan, always);
        prop_assert_eq!(after.memberships(), settled.memberships());
        prop_assert_eq!((&after.links, followed(&after)), (&settled.links, followed(&settled)));
    }

    #[test]
    fn i16_a_partial_application_and_a_new_plan_end_in_the_same_state(
        world in world(), picks in prop::collection::vec(any::<bool>(), 24)
    ) {
        let plan = world.plan();
        let mut picks = picks.into_iter().cycle();
        let partly = world.apply(&plan, || picks.next().unwrap());
        let rest = partly.plan();
        prop_assert_eq!(partly.apply(&rest, always).state(), world.apply(&plan, always).state());
    }

    #[test]
    fn i17_unmapping_and_mapping_again_gives_the_same_members(mut world in unhindered(), id in idp_group(), organization in prop::sample::select(&ORGANIZATIONS[..])) {
        // Names of pushed groups are unique, and a group that could not get its name is not found by it again.
        let mut seen = BTreeSet::new();
        world.pushed.retain(|_, group| seen.insert(group.name.clone()));
        let settled = world.apply(&world.plan(), always);
        let pair = (id, OrganizationId::from(organization));
        if let Some(target) = settled.targets().0.get(&pair) {
            prop_assume!(settled.group(target).name.as_str() == settled.pushed[&pair.0].name);
        }
        let mut unmapped = settled.clone();
        unmapped.mapping.remove(&pair);
        let mut again = unmapped.apply(&unmapped.plan(), always);
        again.mapping = settled.mapping.clone();
        let again = again.apply(&again.plan(), always);
        let (members, before) = (sso_members(&again), sso_members(&settled));
        prop_assert_eq!(members.get(&pair), before.get(&pair));
        let other = |world: &World| {
            let rows = world.memberships().into_iter();
            rows.filter(|(_, user)| !world.is_of_connection(user)).collect::<BTreeSet<_>>()
        };
        prop_assert_eq!(other(&again), other(&settled));
    }

    #[test]
    fn i18_organizations_are_those_of_the_groups(world in world()) {
        let plan = world.plan();
        let after = world.apply(&plan, always);
        let found = found(&plan);
        let mut derived = world.organizations(&world.memberships());
        derived.retain(|pair| !found.lost.contains(pair));
        derived.extend(found.gained);
        prop_assert_eq!(derived, after.organizations(&after.memberships()));
    }

    #[test]
    fn i19_any_text_anywhere_gives_an_answer_that_can_be_shown_and_stored(
        texts in prop::collection::vec(any::<String>(), 8), twice: bool
    ) {
        let [id, other, organization, name, renamed, user, idp, connection] = <[String; 8]>::try_from(texts).unwrap();
        let group = |id: &str| Group {
            id: id.into(),
            organization: organization.as_str().into(),
            name: name.as_str().into(),
            kind: GroupKind::Ordinary,
        };
        let directory = Directory::new("d", [group(&id), group(&other)]).unwrap();
        let accounts = Accounts::new(connection.as_str(), "a", [Account::of(connection.as_str(), user.as_str())]);
        let accounts = accounts.unwrap();
        let mut pushed = PushedGroups::new(&accounts, "p");
        pushed.add(idp.as_str(), renamed.as_str(), [&user]).unwrap();
        let mut stored = StoredGroups::new(&accounts, "s");
        if twice {
            stored.link(id.as_str(), idp.as_str()).unwrap();
        }
        let mapping = GroupMapping::all("m", [idp.as_str().into()], [organization.as_str().into()]);
        let plan = reconcile_mapped(&pushed, &mapping, &directory, &stored, &MappedPolicy::default(), &[]).unwrap();
        prop_assert!(plan.to_string().lines().count() <= 8, "{}", plan);
        prop_assert_eq!(plan.orgs_gained.len(), 1);
        let stored = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<MappedPlan>(&stored).unwrap(), plan);
    }

    #[test]
    fn i20_deleting_the_connection_ends_links_and_leaves_groups_and_members(world in world()) {
        let accounts = Accounts::new(CONNECTION, "a", world.accounts.iter().cloned()).unwrap();
        let mut stored = StoredGroups::new(&accounts, "s");
        for (group, user, origin) in &world.rows {
            stored.add(group.clone(), [(user, origin.clone())]);
        }
        for (group, link) in &world.links {
            stored.link(group.clone(), link.clone()).unwrap();
        }
        let directory = Directory::new("d", world.groups.clone()).unwrap();
        let changes = release_links(&directory, &stored);
        let mut plan = world.plan();
        plan.changes = changes;
        let after = world.apply(&plan, always);
        prop_assert_eq!(after.memberships(), world.memberships());
        prop_assert_eq!(&after.groups, &world.groups);
        let left: BTreeSet<_> = after.links.keys().filter(|id| directory.group(id).is_some()).collect();
        prop_assert!(left.is_empty());
    }
}
