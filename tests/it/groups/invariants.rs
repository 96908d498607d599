//! The invariants of reconciliation that speak of sign-in, as properties. `PROPTEST_CASES=2000` runs each 2 000
//! times; a plain `cargo test` 256 times.

use std::collections::BTreeSet;

use admittance::groups::{
    Change, Group, GroupKind, LoginPolicy, MaxRemovals, Member, Membership, OnEmpty, OnMissing, OnOverage,
    Origin, Plan, Scope, Subject,
};
use admittance::id::{ConnectionId, GroupId, UserId};
use admittance::profile::{GroupsClaim, GroupsState};
use proptest::prelude::*;

use super::model::{Expected, Names, World};

/// Few enough to meet often, and near misses of each other.
const NAMES: [&str; 10] = ["dev", "Dev", "DEV", "ops", "ops ", "Members", "é", "e\u{301}", "a/b", "x\ny"];
const ORGANIZATIONS: [&str; 3] = ["org-a", "org-b", "org-c"];
const CONNECTIONS: [&str; 2] = ["this", "other"];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![8 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => any::<String>()]
}

fn groups() -> impl Strategy<Value = Vec<Group>> {
    let kind = prop_oneof![5 => Just(GroupKind::Ordinary), 1 => Just(GroupKind::Default)];
    prop::collection::vec((prop::sample::select(&ORGANIZATIONS[..]), name(), kind), 0..12).prop_map(
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

/// Groups of the enterprise and, from g12 on, groups of another one.
fn group_id() -> impl Strategy<Value = GroupId> {
    (0..14_u32).prop_map(|n| format!("g{n}").into())
}

fn origin() -> impl Strategy<Value = Origin> {
    let connection = prop::sample::select(&CONNECTIONS[..]).prop_map(|name| Origin::Idp(name.into()));
    prop_oneof![2 => connection, 1 => Just(Origin::Manual)]
}

fn memberships() -> impl Strategy<Value = Vec<Membership>> {
    let row = (group_id(), origin()).prop_map(|(group, origin)| Membership { group, origin });
    prop::collection::vec(row, 0..10)
}

fn names() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set(name(), 0..6)
}

fn claim() -> impl Strategy<Value = GroupsClaim> {
    let overage = (prop::option::of(any::<String>()), names());
    prop_oneof![
        1 => Just(GroupsClaim::NotConfigured),
        1 => Just(GroupsClaim::Missing),
        1 => Just(GroupsClaim::Empty),
        1 => overage.prop_map(|(link, known)| GroupsClaim::Overage { link, known }),
        6 => names().prop_map(GroupsClaim::Values),
    ]
}

prop_compose! {
    fn policy()(
        scope in prop::sample::select(vec![Scope::ResetAll, Scope::OwnedOnly]),
        on_missing in prop::sample::select(vec![OnMissing::Keep, OnMissing::Clear, OnMissing::Deny]),
        on_empty in prop::sample::select(vec![OnEmpty::Clear, OnEmpty::Keep, OnEmpty::Deny]),
        on_overage in prop::sample::select(vec![OnOverage::Keep, OnOverage::Deny]),
        protected in prop::collection::btree_set(group_id(), 0..3),
        max_removals in prop_oneof![2 => Just(MaxRemovals::Unlimited), 1 => (0..4_u32).prop_map(MaxRemovals::Count)],
    ) -> LoginPolicy {
        let mut policy = LoginPolicy::default();
        policy.scope = scope;
        (policy.on_missing, policy.on_empty, policy.on_overage) = (on_missing, on_empty, on_overage);
        (policy.protected, policy.max_removals) = (protected, max_removals);
        policy
    }
}

prop_compose! {
    fn world()(
        groups in groups(),
        memberships in memberships(),
        claim in claim(),
        policy in policy(),
        protected in prop::bool::weighted(0.1),
        confirmed in prop::collection::btree_set(group_id(), 0..3),
    ) -> World {
        let mut subject = Subject::new("this", "ada");
        (subject.protected, subject.confirmed) = (protected, confirmed);
        World { groups, subject, memberships, claim, policy }
    }
}

/// A world in which nothing stands between the claim and its effect.
fn unhindered() -> impl Strategy<Value = World> {
    world().prop_map(|mut world| {
        world.subject.protected = false;
        world.policy.max_removals = MaxRemovals::Unlimited;
        world
    })
}

fn members<'a>(members: impl Iterator<Item = &'a Member>) -> BTreeSet<GroupId> {
    members.map(|member| member.group.clone()).collect()
}

/// Every group that a plan names anywhere.
fn named_groups(plan: &Plan) -> BTreeSet<GroupId> {
    all_members(plan).map(|member| member.group.clone()).collect()
}

fn all_members(plan: &Plan) -> impl Iterator<Item = &Member> {
    plan.changes.iter().chain(&plan.withheld).map(|change| match change {
        Change::AddMember(member) | Change::RemoveMember(member) => member,
        other => panic!("{other} at sign-in"),
    })
}

fn found(plan: &Plan) -> Expected {
    Expected {
        add: members(plan.additions()),
        remove: members(plan.removals()),
        withheld: plan
            .withheld
            .iter()
            .map(|change| match change {
                Change::RemoveMember(member) => member.group.clone(),
                other => panic!("{other} is withheld"),
            })
            .collect(),
        gained: plan.orgs_gained.iter().cloned().collect(),
        lost: plan.orgs_lost.iter().cloned().collect(),
        unmatched: plan.unmatched.iter().cloned().collect(),
    }
}

fn always() -> bool {
    true
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The definition is the oracle, for every world and every policy.
    #[test]
    fn the_plan_is_what_the_definition_says(world in world()) {
        prop_assert_eq!(world.plan().ok().as_ref().map(found), world.expected());
    }

    #[test]
    fn i01_after_applying_memberships_within_managed_are_those_wanted(world in unhindered()) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let Some(Names { names: Some(names), removal: true }) = world.names() else { return Ok(()) };
        let after = world.apply(&plan, always);
        let within: BTreeSet<_> = after.member_of().intersection(&after.managed(&names)).cloned().collect();
        prop_assert_eq!(within, after.want(&names));
    }

    #[test]
    fn i02_planning_again_after_applying_gives_nothing(world in world()) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let again = world.apply(&plan, always).plan().unwrap();
        prop_assert!(again.is_empty(), "{}", again);
        prop_assert_eq!(again.withheld, plan.withheld);
        prop_assert!(again.orgs_gained.is_empty() && again.orgs_lost.is_empty());
    }

    #[test]
    fn i03_a_plan_is_the_symmetric_difference_and_no_more(world in unhindered()) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let (add, remove) = (members(plan.additions()), members(plan.removals()));
        prop_assert!(add.is_disjoint(&remove));
        prop_assert_eq!(plan.changes.len(), add.len() + remove.len(), "a change is there twice");
        prop_assert!(plan.changes.is_sorted());
        let Some(Names { names: Some(names), removal: true }) = world.names() else { return Ok(()) };
        let held: BTreeSet<_> = world.member_of().intersection(&world.managed(&names)).cloned().collect();
        prop_assert_eq!(plan.changes.len(), held.symmetric_difference(&world.want(&names)).count());
    }

    #[test]
    fn i04_order_and_repetition_change_no_byte(
        (world, shuffled) in world().prop_flat_map(|world| {
            let twice = |rows: &Vec<Membership>| rows.iter().chain(rows).cloned().collect::<Vec<_>>();
            let groups: Vec<_> = world.groups.iter().chain(&world.groups).cloned().collect();
            let shuffled = (Just(groups).prop_shuffle(), Just(twice(&world.memberships)).prop_shuffle());
            (Just(world), shuffled)
        })
    ) {
        let (groups, memberships) = shuffled;
        let other = World { groups, memberships, ..world.clone() };
        let bytes = |world: &World| world.plan().map(|plan| serde_json::to_string(&plan).unwrap());
        prop_assert_eq!(bytes(&world), bytes(&other));
        let names: Vec<_> = world.claim.names().iter().cloned().collect();
        let backwards = GroupsClaim::from_names(names.iter().rev().chain(&names).cloned());
        if matches!(world.claim, GroupsClaim::Values(_)) {
            let other = World { claim: backwards, ..world.clone() };
            prop_assert_eq!(bytes(&world), bytes(&other));
        }
    }

    #[test]
    fn i05_the_default_group_never_occurs(world in world()) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let named = named_groups(&plan);
        let mut default = world.groups.iter().filter(|group| group.kind == GroupKind::Default);
        prop_assert!(default.all(|group| !named.contains(&group.id)));
    }

    #[test]
    fn i06_nobody_and_nothing_out_of_reach_occurs(world in world(), origin in origin()) {
        let mut other = world.clone();
        other.subject.origin = origin.clone();
        let this = Origin::Idp(world.subject.connection.clone());
        prop_assert!(origin == this || other.plan().is_err(), "an account that is not this connection's");
        let Ok(plan) = world.plan() else { return Ok(()) };
        let enterprise: BTreeSet<_> = world.groups.iter().map(|group| group.id.clone()).collect();
        let named = named_groups(&plan);
        prop_assert!(named.is_subset(&enterprise), "a group of another enterprise");
        prop_assert!(named.is_disjoint(&world.policy.protected), "a protected group");
        prop_assert!(all_members(&plan).all(|member| member.user == world.subject.user), "somebody else");
        prop_assert!(!world.subject.protected || named.is_empty(), "a protected account");
    }

    #[test]
    fn i07_sign_in_never_creates_renames_or_deletes_a_group(world in world()) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        for member in all_members(&plan) {
            let group = world.groups.iter().find(|group| group.id == member.group).unwrap();
            prop_assert_eq!((&group.organization, &group.name), (&member.organization, &member.name));
        }
    }

    #[test]
    fn i08_a_name_in_another_case_matches_only_if_that_exact_name_exists(
        mut world in unhindered(), name in name(), flips in prop::collection::vec(any::<bool>(), 8)
    ) {
        let flip = |(c, flip): (char, &bool)| match (flip, c.is_lowercase()) {
            (false, _) => c.to_string(),
            (true, true) => c.to_uppercase().to_string(),
            (true, false) => c.to_lowercase().to_string(),
        };
        let flipped: String = name.chars().zip(flips.iter().cycle()).map(flip).collect();
        world.claim = GroupsClaim::from_names([flipped.clone()]);
        let plan = world.plan().unwrap();
        prop_assert!(plan.additions().all(|member| member.name.as_str() == flipped));
        let exists = world.groups.iter().any(|group| group.name.as_str() == flipped);
        prop_assert_eq!(plan.unmatched.is_empty(), exists);
    }

    #[test]
    fn i09_a_name_in_k_organizations_gives_k_additions(k in 0..40_usize, others in groups(), name in name()) {
        let group = |n: usize| Group {
            id: format!("k{n}").into(),
            organization: format!("o{n}").into(),
            name: name.as_str().into(),
            kind: GroupKind::Ordinary,
        };
        let others = others.into_iter().filter(|group| group.name.as_str() != name);
        let world = World {
            groups: (0..k).map(group).chain(others).collect(),
            subject: Subject::new("this", "ada"),
            memberships: vec![],
            claim: GroupsClaim::from_names([name.clone()]),
            policy: LoginPolicy::default(),
        };
        let plan = world.plan().unwrap();
        prop_assert_eq!((plan.additions().count(), plan.orgs_gained.len()), (k, k));
    }

    #[test]
    fn i10_missing_or_overage_removes_nothing_under_keep(mut world in unhindered(), known in names(), overage: bool) {
        (world.policy.on_missing, world.policy.on_overage) = (OnMissing::Keep, OnOverage::Keep);
        world.claim = if overage { GroupsClaim::Overage { link: None, known } } else { GroupsClaim::Missing };
        let plan = world.plan().unwrap();
        prop_assert_eq!(plan.removals().count() + plan.withheld.len(), 0);
        prop_assert!(plan.claim == GroupsState::Overage || plan.is_empty());
    }

    #[test]
    fn i11_more_names_add_more_and_remove_less(mut world in unhindered(), more in names()) {
        world.policy.on_empty = OnEmpty::Clear;
        let fewer: BTreeSet<String> = world.claim.names().clone();
        let all: BTreeSet<String> = fewer.union(&more).cloned().collect();
        let plan = |names: BTreeSet<String>| {
            World { claim: GroupsClaim::from_names(names), ..world.clone() }.plan().unwrap()
        };
        let (with_fewer, with_all) = (plan(fewer), plan(all));
        prop_assert!(members(with_fewer.additions()).is_subset(&members(with_all.additions())));
        prop_assert!(members(with_fewer.removals()).is_superset(&members(with_all.removals())));
    }

    #[test]
    fn i12_plans_of_different_users_commute_and_make_the_joint_plan(
        world in world(), memberships in memberships(), claim in claim()
    ) {
        let subject = Subject::new("this", "grace");
        let second = World { subject, memberships, claim, ..world.clone() };
        let (Ok(one), Ok(other)) = (world.plan(), second.plan()) else { return Ok(()) };
        let both: BTreeSet<(UserId, GroupId)> = [&world, &second].into_iter().flat_map(rows).collect();
        let in_turn = |first: &Plan, then: &Plan| {
            let mut rows = both.clone();
            apply(first, &mut rows);
            apply(then, &mut rows);
            rows
        };
        prop_assert_eq!(in_turn(&one, &other), in_turn(&other, &one));

        let mut joint = one.clone();
        joint.changes.extend(other.changes.clone());
        joint.changes.sort();
        let mut at_once = both.clone();
        apply(&joint, &mut at_once);
        prop_assert_eq!(at_once, in_turn(&one, &other));
    }

    #[test]
    fn i16_a_partial_application_and_a_new_plan_end_in_the_same_state(
        world in world(), picks in prop::collection::vec(any::<bool>(), 24)
    ) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let mut picks = picks.into_iter().cycle();
        let partly = world.apply(&plan, || picks.next().unwrap());
        let rest = partly.plan().unwrap();
        prop_assert_eq!(&rest.withheld, &plan.withheld);
        prop_assert_eq!(partly.apply(&rest, always).member_of(), world.apply(&plan, always).member_of());
    }

    #[test]
    fn i18_organizations_are_those_of_the_groups(world in world()) {
        let Ok(plan) = world.plan() else { return Ok(()) };
        let after = world.apply(&plan, always);
        let organizations = |world: &World| world.organizations(|group| world.is_member(group));
        let mut derived = organizations(&world);
        derived.retain(|organization| !plan.orgs_lost.contains(organization));
        derived.extend(plan.orgs_gained.iter().cloned());
        prop_assert_eq!(&derived, &organizations(&after));
        let noted = plan.notes.iter().any(|note| note.code == "groups.no_organization");
        prop_assert_eq!(derived.is_empty(), noted);
    }

    #[test]
    fn i19_any_text_anywhere_gives_an_answer_that_can_be_shown_and_stored(
        texts in prop::collection::vec(any::<String>(), 6), names in prop::collection::btree_set(any::<String>(), 0..8)
    ) {
        let [id, organization, name, user, connection, held] = <[String; 6]>::try_from(texts).unwrap();
        let group = Group {
            id: id.into(),
            organization: organization.into(),
            name: name.clone().into(),
            kind: GroupKind::Ordinary,
        };
        let world = World {
            groups: vec![group.clone()],
            subject: Subject::new(ConnectionId::from(connection), user),
            memberships: vec![Membership { group: held.into(), origin: Origin::Manual }],
            claim: GroupsClaim::from_names(names.into_iter().chain([name])),
            policy: LoginPolicy::default(),
        };
        let plan = world.plan().unwrap();
        prop_assert_eq!(plan.additions().count() == 1, !world.is_member(&group.id));
        prop_assert!(plan.to_string().lines().count() <= 6);
        let stored = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
    }
}

fn rows(world: &World) -> impl Iterator<Item = (UserId, GroupId)> + '_ {
    world.member_of().into_iter().map(|group| (world.subject.user.clone(), group))
}

fn apply(plan: &Plan, rows: &mut BTreeSet<(UserId, GroupId)>) {
    rows.extend(plan.additions().map(|member| (member.user.clone(), member.group.clone())));
    for member in plan.removals() {
        rows.remove(&(member.user.clone(), member.group.clone()));
    }
}
