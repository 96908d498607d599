//! Sign-in to a plan: each policy cell, each edge decision, each behaviour; the invariants are in `invariants`.

mod invariant_table;
mod invariants;
mod mapped;
mod mapped_invariants;
mod mapped_model;
mod model;
mod near_miss;

use admittance::groups::{
    Basis, Change, Directory, DirectoryError, Group, GroupKind, GroupSource, LoginPolicy, MaxRemovals,
    Membership, Memberships, OnEmpty, OnMissing, OnOverage, Origin, Plan, Refusal, Scope, Subject,
    reconcile_login,
};
use admittance::id::GroupId;
use admittance::note::Note;
use admittance::profile::{GroupsClaim, GroupsState};
use serde_json::json;

const CONNECTION: &str = "okta-acme";
const USER: &str = "ada";

fn group(id: &str, organization: &str, name: &str) -> Group {
    let kind = if name == "Members" { GroupKind::Default } else { GroupKind::Ordinary };
    Group { id: id.into(), organization: organization.into(), name: name.into(), kind }
}

/// Two organizations: `dev` in both, `ops` in a, `qa` in b.
fn directory() -> Directory {
    let groups = [
        group("a-members", "a", "Members"),
        group("a-dev", "a", "dev"),
        group("a-ops", "a", "ops"),
        group("b-members", "b", "Members"),
        group("b-dev", "b", "dev"),
        group("b-qa", "b", "qa"),
    ];
    Directory::new("d1", groups).unwrap()
}

fn by_idp(group: &str) -> Membership {
    Membership { group: group.into(), origin: Origin::Idp(CONNECTION.into()) }
}

fn by_hand(group: &str) -> Membership {
    Membership { group: group.into(), origin: Origin::Manual }
}

fn sent<const N: usize>(names: [&str; N]) -> GroupsClaim {
    GroupsClaim::from_names(names)
}

fn overage(known: &[&str]) -> GroupsClaim {
    let known = known.iter().map(|name| (*name).to_owned()).collect();
    GroupsClaim::Overage { link: Some("https://graph.example/groups".into()), known }
}

fn policy(change: impl FnOnce(&mut LoginPolicy)) -> LoginPolicy {
    let mut policy = LoginPolicy::default();
    change(&mut policy);
    policy
}

fn try_plan<const N: usize>(
    claim: &GroupsClaim,
    rows: [Membership; N],
    policy: &LoginPolicy,
) -> Result<Plan, Refusal> {
    let memberships = Memberships::new(USER, "m1", rows);
    reconcile_login(&Subject::new(CONNECTION, USER), claim, &directory(), &memberships, policy)
}

fn plan<const N: usize>(claim: &GroupsClaim, rows: [Membership; N], policy: &LoginPolicy) -> Plan {
    try_plan(claim, rows, policy).unwrap()
}

fn by_default<const N: usize>(claim: &GroupsClaim, rows: [Membership; N]) -> Plan {
    plan(claim, rows, &LoginPolicy::default())
}

fn added(plan: &Plan) -> Vec<&str> {
    plan.additions().map(|member| member.group.as_str()).collect()
}

fn removed(plan: &Plan) -> Vec<&str> {
    plan.removals().map(|member| member.group.as_str()).collect()
}

fn withheld(plan: &Plan) -> Vec<&str> {
    let members = plan.withheld.iter().map(|change| match change {
        Change::RemoveMember(member) => member,
        other => panic!("{other} is withheld"),
    });
    members.map(|member| member.group.as_str()).collect()
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.notes.iter().map(|note| note.code.as_str()).collect()
}

mod behaviours {
    use super::*;

    #[test]
    fn n60_b3_sign_in_decides_by_default_and_never_where_scim_does() {
        assert_eq!(LoginPolicy::default().source, GroupSource::Login);
        let scim = policy(|policy| policy.source = GroupSource::Scim);
        let refusal = try_plan(&sent(["dev"]), [], &scim).unwrap_err();
        assert_eq!(refusal, Refusal::SourceIsScim);
        assert_eq!((refusal.code(), refusal.denies_sign_in()), ("groups.source_is_scim", false));
    }

    #[test]
    fn n61_b1_a_group_matches_by_exact_case_sensitive_name() {
        assert_eq!(added(&by_default(&sent(["ops"]), [])), ["a-ops"]);
        for near in ["Ops", "OPS", "ops ", " ops", "op", "opss", "o\u{301}ps"] {
            let plan = by_default(&sent([near]), []);
            assert_eq!((added(&plan).len(), &*plan.unmatched), (0, &[near.to_owned()][..]));
        }
    }

    #[test]
    fn n62_the_default_group_is_excluded() {
        let plan = by_default(&sent(["Members", "ops"]), [by_idp("b-members"), by_idp("a-ops")]);
        assert!(plan.is_empty());
        assert_eq!(plan.unmatched, [""; 0]);
        assert_eq!(plan.notes, [Note::new("groups.default_ignored").actual("Members")]);
    }

    #[test]
    fn n62_an_ordinary_group_of_the_default_groups_name_is_still_a_group() {
        let directory =
            Directory::new("d1", [group("a-members", "a", "Members"), ordinary("b-members", "b", "Members")]);
        let memberships = Memberships::new(USER, "m1", []);
        let plan = reconcile_login(
            &Subject::new(CONNECTION, USER),
            &sent(["Members"]),
            &directory.unwrap(),
            &memberships,
            &LoginPolicy::default(),
        );
        let plan = plan.unwrap();
        assert_eq!((added(&plan), codes(&plan)), (vec!["b-members"], vec!["groups.default_ignored"]));
    }

    fn ordinary(id: &str, organization: &str, name: &str) -> Group {
        Group { kind: GroupKind::Ordinary, ..group(id, organization, name) }
    }

    #[test]
    fn n63_a_name_without_a_group_creates_nothing() {
        let plan = by_default(&sent(["new", "ops"]), []);
        assert_eq!((added(&plan), &*plan.unmatched), (vec!["a-ops"], &["new".to_owned()][..]));
    }

    #[test]
    fn n64_b2_the_seeds_two_spellings_do_not_match() {
        let subject = Subject::new(CONNECTION, USER);
        let memberships = Memberships::new(USER, "m1", []);
        for (local, expected) in [("ENT_ORGA_ADMINS", vec!["g"]), ("EN_ORG_ADMINS", vec![])] {
            let directory = Directory::new("d1", [group("g", "OrgA", local)]).unwrap();
            let claim = sent(["ENT_ORGA_ADMINS"]);
            let plan = reconcile_login(&subject, &claim, &directory, &memberships, &LoginPolicy::default());
            assert_eq!(added(&plan.unwrap()), expected);
        }
    }

    #[test]
    fn n65_one_name_matches_in_every_organization() {
        let plan = by_default(&sent(["dev"]), []);
        assert_eq!(added(&plan), ["a-dev", "b-dev"]);
        assert_eq!(plan.orgs_gained, ["a".into(), "b".into()]);
    }

    #[test]
    fn n66_memberships_are_reset_to_what_was_sent() {
        let plan = by_default(&sent(["dev"]), [by_hand("a-ops"), by_idp("b-qa"), by_idp("a-dev")]);
        assert_eq!((added(&plan), removed(&plan)), (vec!["b-dev"], vec!["a-ops", "b-qa"]));
    }

    #[test]
    fn n67_a_plan_speaks_of_memberships_alone() {
        let plan = by_default(&sent(["dev"]), [by_idp("a-ops")]);
        let changes = serde_json::to_value(&plan.changes).unwrap();
        let kinds: Vec<_> =
            changes.as_array().unwrap().iter().map(|change| change["change"].clone()).collect();
        assert_eq!(kinds, ["add_member", "add_member", "remove_member"]);
    }
}

mod policy_cells {
    use super::*;

    #[test]
    fn scope_reset_all_removes_whoever_made_the_membership() {
        let other = Membership { group: "b-qa".into(), origin: Origin::Idp("entra-acme".into()) };
        let plan = by_default(&sent(["dev"]), [by_hand("a-ops"), other, by_idp("a-dev")]);
        assert_eq!(removed(&plan), ["a-ops", "b-qa"]);
    }

    #[test]
    fn scope_owned_only_removes_what_this_connection_made() {
        let owned = policy(|policy| policy.scope = Scope::OwnedOnly);
        let other = Membership { group: "b-qa".into(), origin: Origin::Idp("entra-acme".into()) };
        let result = plan(&sent(["ops"]), [by_hand("a-dev"), other, by_idp("b-dev")], &owned);
        assert_eq!((added(&result), removed(&result)), (vec!["a-ops"], vec!["b-dev"]));
        let both = plan(&sent(["ops"]), [by_idp("a-dev"), by_hand("a-dev")], &owned);
        assert_eq!(removed(&both), [""; 0], "made by hand as well");
    }

    #[test]
    fn not_configured_changes_nothing() {
        for scope in [Scope::ResetAll, Scope::OwnedOnly] {
            let scoped = policy(|policy| policy.scope = scope);
            assert!(plan(&GroupsClaim::NotConfigured, [by_idp("a-dev")], &scoped).is_empty());
        }
    }

    #[test]
    fn on_missing_keep_b19_keeps() {
        assert!(by_default(&GroupsClaim::Missing, [by_idp("a-dev"), by_hand("b-qa")]).is_empty());
    }

    #[test]
    fn on_missing_clear_clears() {
        let clear = policy(|policy| policy.on_missing = OnMissing::Clear);
        let plan = plan(&GroupsClaim::Missing, [by_idp("a-dev"), by_hand("b-qa")], &clear);
        assert_eq!(removed(&plan), ["a-dev", "b-qa"]);
    }

    #[test]
    fn on_missing_deny_refuses_the_sign_in() {
        let deny = policy(|policy| policy.on_missing = OnMissing::Deny);
        let refusal = try_plan(&GroupsClaim::Missing, [by_idp("a-dev")], &deny).unwrap_err();
        assert_eq!((refusal.code(), refusal.denies_sign_in()), ("groups.attribute_missing", true));
        assert!(try_plan(&GroupsClaim::NotConfigured, [], &deny).is_ok(), "no rule is not a missing claim");
    }

    #[test]
    fn on_empty_clear_b19_clears() {
        let plan = by_default(&GroupsClaim::Empty, [by_idp("a-dev"), by_hand("b-qa")]);
        assert_eq!(removed(&plan), ["a-dev", "b-qa"]);
        assert_eq!(by_default(&GroupsClaim::Values([].into()), [by_idp("a-dev")]).claim, GroupsState::Empty);
    }

    #[test]
    fn on_empty_keep_keeps() {
        let keep = policy(|policy| policy.on_empty = OnEmpty::Keep);
        assert!(plan(&GroupsClaim::Empty, [by_idp("a-dev")], &keep).is_empty());
        assert!(plan(&GroupsClaim::Values([].into()), [by_idp("a-dev")], &keep).is_empty());
    }

    #[test]
    fn on_empty_deny_refuses_the_sign_in() {
        let deny = policy(|policy| policy.on_empty = OnEmpty::Deny);
        for claim in [GroupsClaim::Empty, GroupsClaim::Values([].into())] {
            let refusal = try_plan(&claim, [], &deny).unwrap_err();
            assert_eq!((refusal.code(), refusal.denies_sign_in()), ("groups.empty", true));
        }
    }

    #[test]
    fn on_overage_keep_adds_known_names_and_removes_nothing() {
        let plan = by_default(&overage(&["ops", "new"]), [by_idp("b-qa")]);
        assert_eq!((added(&plan), removed(&plan)), (vec!["a-ops"], vec![]));
        assert_eq!(plan.unmatched, ["new"]);
        assert!(by_default(&overage(&[]), [by_idp("b-qa")]).is_empty());
    }

    #[test]
    fn on_overage_deny_refuses_the_sign_in_and_keeps_the_link() {
        let deny = policy(|policy| policy.on_overage = OnOverage::Deny);
        let refusal = try_plan(&overage(&["ops"]), [], &deny).unwrap_err();
        assert_eq!(refusal, Refusal::Overage { link: Some("https://graph.example/groups".into()) });
        assert_eq!((refusal.code(), refusal.denies_sign_in()), ("groups.overage", true));
    }

    #[test]
    fn b16_a_protected_group_is_neither_joined_nor_left() {
        let protect = policy(|policy| policy.protected = ["a-ops".into(), "b-qa".into()].into());
        let plan = plan(&sent(["ops", "dev"]), [by_idp("b-qa")], &protect);
        assert_eq!((added(&plan), removed(&plan)), (vec!["a-dev", "b-dev"], vec![]));
        assert_eq!(plan.notes, [Note::new("groups.protected_ignored").actual("ops")]);
        assert_eq!(plan.orgs_gained, ["a".into()], "the protected group of b counts for b");
    }

    #[test]
    fn b16_a_protected_account_keeps_its_memberships() {
        let mut subject = Subject::new(CONNECTION, USER);
        subject.protected = true;
        let plan_of = |claim: GroupsClaim, rows: [Membership; 1]| {
            let memberships = Memberships::new(USER, "m1", rows);
            reconcile_login(&subject, &claim, &directory(), &memberships, &LoginPolicy::default()).unwrap()
        };
        let kept = plan_of(sent(["ops"]), [by_hand("b-qa")]);
        assert_eq!((kept.changes.len(), codes(&kept)), (0, vec!["groups.account_protected"]));
        let nothing_to_keep = plan_of(sent(["qa"]), [by_hand("b-qa")]);
        assert_eq!((nothing_to_keep.changes.len(), codes(&nothing_to_keep)), (0, vec![]));
    }

    #[test]
    fn a_policy_that_denies_denies_a_protected_account_too() {
        let mut subject = Subject::new(CONNECTION, USER);
        subject.protected = true;
        let deny = policy(|policy| policy.on_missing = OnMissing::Deny);
        let memberships = Memberships::new(USER, "m1", []);
        let refusal = reconcile_login(&subject, &GroupsClaim::Missing, &directory(), &memberships, &deny);
        assert_eq!(refusal, Err(Refusal::Missing));
    }
}

mod removal_limit {
    use super::*;

    fn at_most(count: u32) -> LoginPolicy {
        policy(|policy| policy.max_removals = MaxRemovals::Count(count))
    }

    fn confirming<const N: usize>(confirmed: [&str; N], limit: u32) -> Plan {
        let mut subject = Subject::new(CONNECTION, USER);
        subject.confirmed = confirmed.into_iter().map(GroupId::from).collect();
        let rows = [by_idp("a-dev"), by_idp("b-dev"), by_idp("b-qa"), by_idp("b-members")];
        let memberships = Memberships::new(USER, "m1", rows);
        reconcile_login(&subject, &sent(["ops"]), &directory(), &memberships, &at_most(limit)).unwrap()
    }

    #[test]
    fn up_to_the_limit_removals_are_planned() {
        let plan = confirming([], 3);
        assert_eq!((removed(&plan), withheld(&plan)), (vec!["a-dev", "b-dev", "b-qa"], vec![]));
        assert_eq!(plan.orgs_lost, ["b".into()]);
    }

    #[test]
    fn above_the_limit_all_removals_are_withheld_and_additions_are_not() {
        let plan = confirming([], 2);
        assert_eq!((added(&plan), removed(&plan)), (vec!["a-ops"], vec![]));
        assert_eq!(withheld(&plan), ["a-dev", "b-dev", "b-qa"]);
        assert_eq!((&*plan.orgs_gained, &*plan.orgs_lost), (&[][..], &[][..]), "nobody has left yet");
        let note = Note::new("groups.mass_removal").expected("at most 2 removals");
        assert_eq!(plan.notes, [note.actual("3 of 3 memberships")]);
    }

    #[test]
    fn confirmed_removals_are_planned() {
        let plan = confirming(["a-dev", "b-dev", "b-qa"], 2);
        assert_eq!((removed(&plan), withheld(&plan)), (vec!["a-dev", "b-dev", "b-qa"], vec![]));
        assert_eq!(codes(&plan), [""; 0]);
    }

    #[test]
    fn a_confirmation_covers_the_groups_it_names_and_no_others() {
        let plan = confirming(["a-dev"], 1);
        assert_eq!((removed(&plan), withheld(&plan)), (vec!["a-dev"], vec!["b-dev", "b-qa"]));
    }

    #[test]
    fn confirmed_removals_do_not_count() {
        assert_eq!(removed(&confirming(["a-dev"], 2)), ["a-dev", "b-dev", "b-qa"]);
    }

    #[test]
    fn a_confirmed_removal_that_the_claim_no_longer_asks_for_is_not_made() {
        assert_eq!(removed(&confirming(["a-ops", "a-dev"], 0)), ["a-dev"]);
    }

    #[test]
    fn a_limit_of_zero_asks_for_every_removal() {
        let plan = plan(&sent(["dev"]), [by_idp("a-ops")], &at_most(0));
        assert_eq!((removed(&plan), withheld(&plan)), (vec![], vec!["a-ops"]));
    }
}

mod edges {
    use super::*;

    #[test]
    fn duplicates_collapse() {
        let once = by_default(&sent(["dev"]), [by_idp("b-qa")]);
        let twice = by_default(&sent(["dev", "dev"]), [by_idp("b-qa"), by_idp("b-qa")]);
        assert_eq!(once, twice);
    }

    #[test]
    fn two_groups_of_one_name_in_one_organization_both_match() {
        let directory = Directory::new("d1", [group("one", "a", "dev"), group("two", "a", "dev")]).unwrap();
        let (subject, memberships) = (Subject::new(CONNECTION, USER), Memberships::new(USER, "m1", []));
        let plan =
            reconcile_login(&subject, &sent(["dev"]), &directory, &memberships, &LoginPolicy::default());
        assert_eq!(added(&plan.unwrap()), ["one", "two"]);
    }

    #[test]
    fn a_rename_at_sign_in_is_another_group() {
        let plan = by_default(&sent(["operations"]), [by_idp("a-ops")]);
        assert_eq!((removed(&plan), &*plan.unmatched), (vec!["a-ops"], &["operations".to_owned()][..]));
    }

    #[test]
    fn organization_membership_is_derived_from_groups() {
        let plan = by_default(&sent(["qa"]), [by_idp("a-dev"), by_idp("a-ops")]);
        assert_eq!((&*plan.orgs_gained, &*plan.orgs_lost), (&["b".into()][..], &["a".into()][..]));
        let stays = by_default(&sent(["ops"]), [by_idp("a-dev"), by_idp("a-ops")]);
        assert_eq!(stays.orgs_lost, [], "one group of the organization is left");
    }

    #[test]
    fn the_default_group_alone_is_no_organization() {
        let plan = by_default(&sent(["ops"]), [by_hand("b-members")]);
        assert_eq!((&*plan.orgs_gained, &*plan.orgs_lost), (&["a".into()][..], &[][..]));
    }

    #[test]
    fn losing_the_last_organization_is_noted() {
        let plan = by_default(&sent(["new"]), [by_idp("a-dev")]);
        assert_eq!(plan.orgs_lost, ["a".into()]);
        let note = Note::new("groups.no_organization").actual("names sent: 1, without a group: 1");
        assert_eq!(plan.notes, [note]);
    }

    #[test]
    fn a_group_of_another_enterprise_is_out_of_reach() {
        let plan = by_default(&sent(["dev"]), [by_idp("elsewhere"), by_idp("a-dev"), by_idp("b-dev")]);
        assert!(plan.is_empty());
    }

    #[test]
    fn an_account_of_another_connection_or_of_the_host_is_refused() {
        for origin in [Origin::Idp("entra-acme".into()), Origin::Manual] {
            let mut subject = Subject::new(CONNECTION, USER);
            subject.origin = origin.clone();
            let memberships = Memberships::new(USER, "m1", []);
            let claim = sent(["dev"]);
            let refusal =
                reconcile_login(&subject, &claim, &directory(), &memberships, &LoginPolicy::default())
                    .unwrap_err();
            assert_eq!(refusal, Refusal::OtherOrigin { connection: CONNECTION.into(), origin });
            assert_eq!((refusal.code(), refusal.denies_sign_in()), ("groups.other_origin", false));
        }
    }

    #[test]
    fn memberships_of_somebody_else_are_refused() {
        let memberships = Memberships::new("eve", "m1", [by_idp("a-dev")]);
        let subject = Subject::new(CONNECTION, USER);
        let claim = sent(["dev"]);
        let refusal = reconcile_login(&subject, &claim, &directory(), &memberships, &LoginPolicy::default())
            .unwrap_err();
        assert_eq!(refusal, Refusal::OtherUser { subject: USER.into(), memberships: "eve".into() });
        assert_eq!((refusal.code(), refusal.denies_sign_in()), ("groups.other_user", false));
    }

    #[test]
    fn the_basis_is_what_the_host_says_the_data_were() {
        let basis = Basis { directory: "d1".into(), memberships: "m1".into() };
        assert_eq!(by_default(&sent(["dev"]), []).basis, basis);
    }

    #[test]
    fn a_group_given_twice_counts_once_and_a_contradiction_is_refused() {
        let dev = || group("g", "a", "dev");
        assert_eq!(Directory::new("d1", [dev(), dev()]).unwrap().groups(), [dev()]);
        let error = Directory::new("d1", [dev(), group("g", "b", "dev")]).unwrap_err();
        assert_eq!(error, DirectoryError::DuplicateGroup { id: "g".into() });
    }

    #[test]
    fn a_directory_finds_groups_by_identifier_and_by_exact_name() {
        let directory = directory();
        assert_eq!(directory.group(&"b-qa".into()), Some(&group("b-qa", "b", "qa")));
        assert_eq!(directory.group(&"none".into()), None);
        let named: Vec<_> = directory.named("dev").map(|group| group.id.as_str()).collect();
        assert_eq!(named, ["a-dev", "b-dev"]);
        assert_eq!(directory.named("Dev").count(), 0);
    }

    /// With a quadratic step anywhere this would run for minutes.
    #[test]
    fn a_large_directory_and_a_long_claim_take_no_noticeable_time() {
        let groups = (0..100_000)
            .map(|n| group(&format!("g{n}"), &format!("o{}", n % 200), &format!("team {}", n / 2)));
        let directory = Directory::new("d1", groups).unwrap();
        let rows = (0..20_000).map(|n| by_idp(&format!("g{n}")));
        let memberships = Memberships::new(USER, "m1", rows);
        let claim = GroupsClaim::from_names((5_000..25_000).map(|n| format!("team {n}")));
        let subject = Subject::new(CONNECTION, USER);
        let plan =
            reconcile_login(&subject, &claim, &directory, &memberships, &LoginPolicy::default()).unwrap();
        assert_eq!((added(&plan).len(), removed(&plan).len()), (30_000, 10_000));
    }
}

mod stored {
    use super::*;

    #[test]
    fn a_plan_reads_well_as_json() {
        let plan = by_default(&sent(["ops", "new"]), [by_idp("b-qa")]);
        let stored = json!({
            "connection": "okta-acme",
            "basis": { "directory": "d1", "memberships": "m1" },
            "claim": "values",
            "changes": [
                { "change": "add_member", "organization": "a", "name": "ops", "group": "a-ops", "user": "ada" },
                { "change": "remove_member", "organization": "b", "name": "qa", "group": "b-qa", "user": "ada" },
            ],
            "orgs_gained": ["a"],
            "orgs_lost": ["b"],
            "unmatched": ["new"],
            "notes": [],
            "withheld": [],
        });
        assert_eq!(serde_json::to_value(&plan).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Plan>(stored).unwrap(), plan);
    }

    #[test]
    fn a_plan_reads_well_as_text() {
        let limited = policy(|policy| policy.max_removals = MaxRemovals::Count(0));
        let text = plan(&sent(["ops", "Members", "a\nb"]), [by_idp("b-qa")], &limited).to_string();
        let lines = [
            "plan for okta-acme (directory d1, memberships m1), groups claim: values",
            "  + ada joins a/ops (a-ops)",
            "  waits for confirmation: - ada leaves b/qa (b-qa)",
            "  organizations gained: a",
            r"  names without a group: a\nb",
            "  note groups.default_ignored: got Members",
            "  note groups.mass_removal: expected at most 0 removals, got 1 of 1 memberships",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
        let nothing = by_default(&GroupsClaim::Missing, [by_idp("b-qa")]).to_string();
        assert!(nothing.ends_with("groups claim: missing\n  no change\n"), "{nothing}");
    }

    #[test]
    fn a_policy_is_stored_with_its_version_and_nothing_unknown() {
        let all = policy(|policy| {
            policy.scope = Scope::OwnedOnly;
            policy.on_missing = OnMissing::Deny;
            policy.on_empty = OnEmpty::Keep;
            policy.on_overage = OnOverage::Deny;
            policy.protected = ["a-ops".into()].into();
            policy.max_removals = MaxRemovals::Count(20);
        });
        let stored = json!({
            "version": 1, "source": "login", "scope": "owned_only", "on_missing": "deny", "on_empty": "keep",
            "on_overage": "deny", "protected": ["a-ops"], "max_removals": { "count": 20 },
        });
        assert_eq!(serde_json::to_value(&all).unwrap(), stored);
        assert_eq!(serde_json::from_value::<LoginPolicy>(stored).unwrap(), all);
        let shortest = serde_json::from_str::<LoginPolicy>(r#"{ "version": 1 }"#).unwrap();
        assert_eq!(shortest, LoginPolicy::default());
        for refused in ["{}", r#"{"version":2}"#, r#"{"version":1,"on_unlink":"keep"}"#] {
            assert!(serde_json::from_str::<LoginPolicy>(refused).is_err(), "{refused}");
        }
    }
}
