//! Pushed groups to a plan: each behaviour, each policy cell, each edge decision; the invariants are in
//! `mapped_invariants`.

use admittance::groups::{
    Account, Accounts, AccountsError, Change, Directory, Group, GroupKind, GroupMapping, GroupSource,
    MappedBasis, MappedPlan, MappedPolicy, MappedRefusal, MaxRemovals, OnUnlink, Origin, PushedGroups,
    PushedGroupsError, Scope, StoredGroups, StoredGroupsError, reconcile_mapped, release_links,
};
use admittance::id::{GroupId, IdpGroupId, OrganizationId};
use admittance::note::Note;
use admittance::profile::Activity;
use serde_json::json;

use super::group;

const CONNECTION: &str = "okta-acme";

/// What a host keeps, ready to be changed by a test. Two organizations: `dev` in both, `ops` in a.
struct Host {
    groups: Vec<Group>,
    accounts: Vec<Account>,
    pushed: Vec<(&'static str, &'static str, Vec<&'static str>)>,
    mapping: GroupMapping,
    rows: Vec<(&'static str, &'static str, Origin)>,
    links: Vec<(&'static str, &'static str)>,
    policy: MappedPolicy,
    confirmed: Vec<Change>,
}

impl Host {
    fn new() -> Self {
        let other = |user: &str| Account { origin: Origin::Manual, ..Account::of("", user) };
        let partner =
            Account { origin: Origin::Idp("entra-acme".into()), ..Account::of("entra-acme", "partner") };
        Self {
            groups: vec![
                group("a-members", "a", "Members"),
                group("a-dev", "a", "dev"),
                group("a-ops", "a", "ops"),
                group("b-members", "b", "Members"),
                group("b-dev", "b", "dev"),
            ],
            accounts: vec![
                Account::of(CONNECTION, "ada"),
                Account::of(CONNECTION, "eve"),
                Account::of(CONNECTION, "grace"),
                other("root"),
                partner,
            ],
            pushed: vec![("i1", "dev", vec!["ada", "grace"])],
            mapping: GroupMapping::new("m1"),
            rows: vec![],
            links: vec![],
            policy: MappedPolicy::default(),
            confirmed: vec![],
        }
    }

    /// Mapped to organization a.
    fn mapped<const N: usize>(ids: [&str; N]) -> Self {
        let mut host = Self::new();
        host.mapping = GroupMapping::new("m1").set("m1", "a", ids.map(IdpGroupId::from));
        host
    }

    fn try_plan(&self) -> Result<MappedPlan, MappedRefusal> {
        let accounts = Accounts::new(CONNECTION, "c1", self.accounts.iter().cloned()).unwrap();
        let mut pushed = PushedGroups::new(&accounts, "p1");
        for (id, name, members) in &self.pushed {
            pushed.add(*id, *name, members).unwrap();
        }
        let stored = self.stored(&accounts);
        let (mapping, policy) = (&self.mapping, &self.policy);
        reconcile_mapped(&pushed, mapping, &self.directory(), &stored, policy, &self.confirmed)
    }

    fn plan(&self) -> MappedPlan {
        self.try_plan().unwrap()
    }

    fn directory(&self) -> Directory {
        Directory::new("d1", self.groups.iter().cloned()).unwrap()
    }

    fn stored(&self, accounts: &Accounts) -> StoredGroups {
        let mut stored = StoredGroups::new(accounts, "s1");
        for (group, user, origin) in &self.rows {
            stored.add(*group, [(user, origin.clone())]);
        }
        for (group, link) in &self.links {
            stored.link(*group, *link).unwrap();
        }
        stored
    }
}

fn by_idp(group: &'static str, user: &'static str) -> (&'static str, &'static str, Origin) {
    (group, user, Origin::Idp(CONNECTION.into()))
}

fn by_hand(group: &'static str, user: &'static str) -> (&'static str, &'static str, Origin) {
    (group, user, Origin::Manual)
}

fn lines(changes: &[Change]) -> Vec<String> {
    changes.iter().map(Change::to_string).collect()
}

fn codes(plan: &MappedPlan) -> Vec<&str> {
    plan.notes.iter().map(|note| note.code.as_str()).collect()
}

mod behaviours {
    use super::*;

    #[test]
    fn n68_b3_pushed_groups_decide_by_default_and_never_where_sign_in_does() {
        assert_eq!(MappedPolicy::default().source, GroupSource::Scim);
        let mut host = Host::mapped(["i1"]);
        host.policy.source = GroupSource::Login;
        let refusal = host.try_plan().unwrap_err();
        assert_eq!((refusal, refusal.code()), (MappedRefusal::SourceIsLogin, "groups.source_is_login"));
    }

    #[test]
    fn n80_only_groups_that_are_pushed_and_mapped_are_provisioned() {
        let mut host = Host::mapped(["i1", "i9"]);
        host.pushed.push(("i2", "qa", vec!["ada"]));
        let plan = host.plan();
        assert!(lines(&plan.changes).iter().all(|line| !line.contains("qa")), "{plan}");
        let unmatched: Vec<_> = plan.unmatched.iter().map(|pair| pair.idp_group.as_str()).collect();
        assert_eq!(unmatched, ["i9"]);
    }

    #[test]
    fn n81_n83_one_group_in_several_organizations() {
        let mut host = Host::new();
        host.pushed = vec![("i2", "qa", vec!["ada"])];
        host.mapping = GroupMapping::all("m1", ["i2".into()], ["a".into(), "b".into()]);
        let expected = [
            "* a/qa is created and follows i2; joining ada",
            "* b/qa is created and follows i2; joining ada",
        ];
        assert_eq!(lines(&host.plan().changes), expected);
    }

    #[test]
    fn n84_b18_an_existing_group_gets_the_idps_members_and_loses_other_sso_members() {
        let mut host = Host::mapped(["i1"]);
        host.rows = vec![by_idp("a-dev", "eve"), by_hand("a-dev", "grace"), by_hand("a-dev", "root")];
        let expected =
            ["= a/dev (a-dev) now follows i1", "+ ada joins a/dev (a-dev)", "- eve leaves a/dev (a-dev)"];
        assert_eq!(lines(&host.plan().changes), expected);
    }

    #[test]
    fn n84_b17_members_of_the_host_and_of_other_connections_stay() {
        let mut host = Host::mapped(["i1"]);
        host.pushed[0].2.extend(["partner", "root"]);
        host.rows = vec![by_hand("a-dev", "root"), by_idp("a-dev", "partner")];
        let plan = host.plan();
        let touched = ["root", "partner"].map(|user| plan.to_string().contains(&format!("{user} ")));
        assert_eq!(touched, [false, false]);
        let note = Note::new("groups.unknown_members").field("dev");
        assert_eq!(plan.notes, [note.actual("2 of another kind or connection")]);
    }

    #[test]
    fn n82_n86_a_mapping_changes_at_any_time_organization_by_organization() {
        let mut host = Host::mapped(["i1"]);
        host.links = vec![("b-dev", "i1")];
        host.rows = vec![by_idp("b-dev", "ada"), by_hand("b-dev", "root")];
        host.mapping = host.mapping.set("m2", "b", ["i1".into()]);
        assert!(!lines(&host.plan().changes).iter().any(|line| line.starts_with('x')));
        host.mapping = host.mapping.set("m3", "b", []);
        assert_eq!(lines(&host.plan().changes)[0], "x b/dev (b-dev) no longer follows i1; leaving ada");
        assert_eq!(host.plan().basis.mapping, "m3".into());
    }

    #[test]
    fn n85_map_all_is_every_group_in_every_organization() {
        let host = Host::new();
        let directory = host.directory();
        let all = GroupMapping::all("m1", ["i1", "i2"].map(Into::into), directory.organizations().cloned());
        let pairs: Vec<_> = all.pairs().map(|(id, org)| format!("{id} {org}")).collect();
        assert_eq!(pairs, ["i1 a", "i2 a", "i1 b", "i2 b"]);
    }

    #[test]
    fn n67_n88_a_plan_speaks_of_groups_and_members_alone() {
        let mut host = Host::mapped(["i1"]);
        host.pushed.push(("i2", "qa", vec!["ada"]));
        let changes = serde_json::to_value(host.plan().changes).unwrap();
        for change in changes.as_array().unwrap() {
            assert!(change.as_object().unwrap().keys().all(|key| !key.contains("permission")));
        }
    }
}

mod names {
    use super::*;

    fn linked(name: &'static str) -> Host {
        let mut host = Host::mapped(["i1"]);
        host.links = vec![("a-dev", "i1")];
        host.pushed = vec![("i1", name, vec![])];
        host
    }

    #[test]
    fn b22_adoption_needs_the_exact_name() {
        let mut host = Host::mapped(["i1"]);
        host.pushed = vec![("i1", "Dev", vec![])];
        assert_eq!(lines(&host.plan().changes), ["* a/Dev is created and follows i1"]);
    }

    #[test]
    fn a_rename_at_the_identity_provider_is_the_same_group() {
        let mut host = linked("developers");
        host.rows = vec![by_idp("a-dev", "ada")];
        host.pushed[0].2 = vec!["ada"];
        assert_eq!(lines(&host.plan().changes), ["~ a/dev (a-dev) is now called developers"]);
    }

    #[test]
    fn a_taken_name_is_noted_and_the_group_keeps_its_own() {
        let mut host = linked("ops");
        host.pushed[0].2 = vec!["ada"];
        let plan = host.plan();
        assert_eq!(lines(&plan.changes), ["+ ada joins a/dev (a-dev)"]);
        assert_eq!(plan.notes, [Note::new("groups.name_taken").field("a").expected("ops").actual("dev")]);
    }

    #[test]
    fn the_default_groups_name_is_taken_too() {
        let plan = linked("Members").plan();
        assert_eq!((plan.changes.len(), codes(&plan)), (0, vec!["groups.name_taken"]));
    }

    #[test]
    fn two_groups_exchange_their_names() {
        let mut host = Host::mapped(["i1", "i2"]);
        host.links = vec![("a-dev", "i1"), ("a-ops", "i2")];
        host.pushed = vec![("i1", "ops", vec![]), ("i2", "dev", vec![])];
        let expected = ["~ a/dev (a-dev) is now called ops", "~ a/ops (a-ops) is now called dev"];
        assert_eq!(lines(&host.plan().changes), expected);
    }

    #[test]
    fn one_that_stays_holds_up_the_chain_behind_it() {
        let mut host = Host::mapped(["i1", "i2"]);
        host.groups.push(group("a-qa", "a", "qa"));
        host.links = vec![("a-dev", "i1"), ("a-ops", "i2")];
        host.pushed = vec![("i1", "ops", vec![]), ("i2", "qa", vec![])];
        let plan = host.plan();
        assert_eq!((plan.changes.len(), codes(&plan)), (0, vec!["groups.name_taken"; 2]));
        host.groups.pop();
        assert_eq!(host.plan().changes.len(), 2, "with room at the end all move");
    }

    #[test]
    fn of_two_that_want_one_name_the_first_gets_it() {
        let mut host = Host::mapped(["i1", "i2"]);
        host.links = vec![("a-dev", "i1"), ("a-ops", "i2")];
        host.pushed = vec![("i1", "new", vec![]), ("i2", "new", vec![])];
        let plan = host.plan();
        assert_eq!(lines(&plan.changes), ["~ a/dev (a-dev) is now called new"]);
        assert_eq!(codes(&plan), ["groups.name_taken"]);
    }

    #[test]
    fn two_pushed_groups_of_one_name_are_not_one_group() {
        for known in ["dev", "new"] {
            let mut host = Host::mapped(["i1", "i2"]);
            host.pushed = vec![("i1", known, vec!["ada"]), ("i2", known, vec!["grace"])];
            let plan = host.plan();
            assert!(!plan.to_string().contains("grace"), "{plan}");
            let note = Note::new("groups.name_taken").field("a").expected(known).actual("no group for i2");
            assert_eq!(plan.notes, [note]);
        }
    }

    #[test]
    fn n62_a_pushed_group_with_the_default_groups_name_is_not_synchronized() {
        let mut host = Host::mapped(["i1"]);
        host.pushed = vec![("i1", "Members", vec!["ada"])];
        let plan = host.plan();
        assert_eq!(plan.changes, []);
        assert_eq!(plan.notes, [Note::new("groups.default_ignored").field("a").actual("Members")]);
    }

    #[test]
    fn a_link_of_the_default_group_is_ignored() {
        let mut host = Host::mapped([]);
        host.links = vec![("a-members", "i1")];
        host.rows = vec![by_idp("a-members", "ada")];
        let plan = host.plan();
        assert_eq!((plan.changes.len(), codes(&plan)), (0, vec!["groups.default_ignored"]));
    }
}

mod links {
    use super::*;

    fn unmapped() -> Host {
        let mut host = Host::mapped([]);
        host.links = vec![("a-dev", "i1")];
        host.rows = vec![by_idp("a-dev", "ada"), by_hand("a-dev", "eve"), by_hand("a-dev", "root")];
        host
    }

    #[test]
    fn on_unlink_remove_sso_members_leaves_the_others() {
        let expected = ["x a/dev (a-dev) no longer follows i1; leaving ada, eve"];
        assert_eq!(lines(&unmapped().plan().changes), expected);
    }

    #[test]
    fn on_unlink_keep_leaves_all() {
        let mut host = unmapped();
        host.policy.on_unlink = OnUnlink::Keep;
        assert_eq!(lines(&host.plan().changes), ["x a/dev (a-dev) no longer follows i1"]);
    }

    #[test]
    fn a_group_that_was_deleted_at_the_identity_provider_is_unlinked() {
        let mut host = unmapped();
        host.mapping = Host::mapped(["i1"]).mapping;
        host.pushed.clear();
        let plan = host.plan();
        assert!(lines(&plan.changes)[0].starts_with("x a/dev (a-dev) no longer follows i1"), "{plan}");
        assert_eq!(plan.unmatched.len(), 1);
    }

    #[test]
    fn a_group_that_was_made_anew_under_its_name_is_followed_without_anybody_leaving() {
        let mut host = unmapped();
        host.mapping = Host::mapped(["i2"]).mapping;
        host.pushed = vec![("i2", "dev", vec!["ada", "eve"])];
        assert_eq!(lines(&host.plan().changes), ["= a/dev (a-dev) now follows i2"]);
    }

    #[test]
    fn a_link_to_a_group_that_is_gone_counts_for_nothing() {
        let mut host = Host::mapped(["i1"]);
        host.links = vec![("gone", "i1")];
        assert!(lines(&host.plan().changes)[0].starts_with("= a/dev (a-dev) now follows i1"));
    }

    #[test]
    fn of_two_groups_with_one_link_the_first_stays_linked() {
        let mut host = Host::mapped(["i1"]);
        host.links = vec![("a-ops", "i1"), ("a-dev", "i1")];
        host.pushed[0].2.clear();
        assert_eq!(lines(&host.plan().changes), ["x a/ops (a-ops) no longer follows i1"]);
    }

    #[test]
    fn deleting_the_connection_ends_links_and_nobody_leaves() {
        let host = unmapped();
        let accounts = Accounts::new(CONNECTION, "c1", host.accounts.clone()).unwrap();
        let changes = release_links(&host.directory(), &host.stored(&accounts));
        assert_eq!(lines(&changes), ["x a/dev (a-dev) no longer follows i1"]);
    }
}

mod policy_cells {
    use super::*;

    #[test]
    fn scope_reset_all_removes_whoever_made_the_membership() {
        let mut host = Host::mapped(["i1"]);
        host.rows = vec![by_hand("a-dev", "eve")];
        assert!(lines(&host.plan().changes).contains(&"- eve leaves a/dev (a-dev)".to_owned()));
    }

    #[test]
    fn scope_owned_only_removes_what_this_connection_made() {
        let mut host = Host::mapped(["i1"]);
        host.policy.scope = Scope::OwnedOnly;
        host.pushed[0].2.clear();
        host.rows = vec![
            by_hand("a-dev", "eve"),
            by_idp("a-dev", "ada"),
            by_hand("a-dev", "ada"),
            by_idp("a-dev", "grace"),
        ];
        let expected = ["= a/dev (a-dev) now follows i1", "- grace leaves a/dev (a-dev)"];
        assert_eq!(lines(&host.plan().changes), expected);
        host.mapping = GroupMapping::new("m2");
        host.links = vec![("a-dev", "i1")];
        assert_eq!(lines(&host.plan().changes), ["x a/dev (a-dev) no longer follows i1; leaving grace"]);
    }

    #[test]
    fn b16_a_protected_group_is_not_touched() {
        let mut host = Host::mapped(["i1"]);
        host.policy.protected = ["a-dev".into()].into();
        host.rows = vec![by_idp("a-dev", "eve")];
        let by_name = host.plan();
        host.links = vec![("a-dev", "i1")];
        let by_link = host.plan();
        host.mapping = GroupMapping::new("m2");
        let unmapped = host.plan();
        for plan in [by_name, by_link, unmapped] {
            assert_eq!((plan.changes.len(), codes(&plan)), (0, vec!["groups.protected_ignored"]), "{plan}");
        }
    }

    #[test]
    fn b16_a_protected_account_keeps_its_memberships() {
        let mut host = Host::mapped(["i1"]);
        for account in &mut host.accounts {
            account.protected = ["ada", "eve"].contains(&account.user.as_str());
        }
        host.rows = vec![by_idp("a-dev", "eve")];
        let plan = host.plan();
        let expected = ["= a/dev (a-dev) now follows i1", "+ grace joins a/dev (a-dev)"];
        assert_eq!(lines(&plan.changes), expected);
        let note = |user| Note::new("groups.account_protected").actual(user);
        assert_eq!(plan.notes, [note("ada"), note("eve")]);
    }

    #[test]
    fn an_inactive_account_is_a_member_of_nothing() {
        let mut host = Host::mapped(["i1"]);
        for account in &mut host.accounts {
            if account.user.as_str() == "ada" || account.user.as_str() == "grace" {
                account.activity = Activity::Inactive;
            }
        }
        host.rows = vec![by_idp("a-dev", "ada")];
        let expected = ["= a/dev (a-dev) now follows i1", "- ada leaves a/dev (a-dev)"];
        assert_eq!(lines(&host.plan().changes), expected);
    }
}

mod removal_limit {
    use super::*;

    /// Two leave `dev` and one leaves with the link of `ops`.
    fn host(limit: u32) -> Host {
        let mut host = Host::mapped(["i1"]);
        host.policy.max_removals = MaxRemovals::Count(limit);
        host.pushed[0].2 = vec!["grace"];
        host.links = vec![("a-dev", "i1"), ("a-ops", "i2")];
        host.rows = vec![by_idp("a-dev", "ada"), by_idp("a-dev", "eve"), by_idp("a-ops", "ada")];
        host
    }

    const LEAVING: [&str; 3] = [
        "x a/ops (a-ops) no longer follows i2; leaving ada",
        "- ada leaves a/dev (a-dev)",
        "- eve leaves a/dev (a-dev)",
    ];

    #[test]
    fn up_to_the_limit_removals_are_planned() {
        let plan = host(3).plan();
        assert_eq!(plan.changes.len(), 4);
        assert_eq!(plan.withheld, []);
        assert_eq!(plan.orgs_lost.len(), 2);
    }

    #[test]
    fn above_the_limit_all_removals_are_withheld_and_additions_are_not() {
        let plan = host(2).plan();
        assert_eq!(lines(&plan.changes), ["+ grace joins a/dev (a-dev)"]);
        assert_eq!(lines(&plan.withheld), LEAVING);
        assert_eq!(plan.orgs_lost, [], "nobody has left yet");
        let note = Note::new("groups.mass_removal").expected("at most 2 removals");
        assert_eq!(plan.notes, [note.actual("3 of 3 memberships")]);
    }

    #[test]
    fn confirmed_removals_are_planned() {
        let mut host = host(0);
        host.confirmed = host.plan().withheld;
        let plan = host.plan();
        assert_eq!((plan.changes.len(), plan.withheld.len(), codes(&plan)), (4, 0, vec![]));
    }

    #[test]
    fn a_confirmation_covers_the_removals_it_names_and_no_others() {
        let mut host = host(0);
        host.confirmed = host.plan().withheld.drain(..2).collect();
        let plan = host.plan();
        assert_eq!(lines(&plan.withheld), LEAVING[2..]);
        host.confirmed.remove(0);
        assert_eq!(lines(&host.plan().withheld), [LEAVING[0], LEAVING[2]]);
    }

    #[test]
    fn a_link_waits_as_long_as_somebody_would_leave_unconfirmed() {
        let mut host = host(0);
        host.confirmed = host.plan().withheld;
        host.rows.push(by_idp("a-ops", "eve"));
        let waiting = ["x a/ops (a-ops) no longer follows i2; leaving ada, eve"];
        assert_eq!(lines(&host.plan().withheld), waiting);
    }

    #[test]
    fn a_confirmed_removal_that_nobody_asks_for_any_more_is_not_made() {
        let mut host = host(0);
        host.confirmed = host.plan().withheld;
        host.pushed[0].2.push("ada");
        assert!(!lines(&host.plan().changes).contains(&LEAVING[1].to_owned()));
    }
}

mod edges {
    use super::*;

    #[test]
    fn organization_membership_is_derived_from_groups() {
        let mut host = Host::mapped(["i1"]);
        host.mapping = host.mapping.set("m1", "b", ["i2".into()]);
        host.pushed = vec![("i1", "dev", vec!["ada"]), ("i2", "qa", vec!["ada"])];
        host.rows = vec![
            by_hand("a-ops", "ada"),
            by_hand("a-ops", "eve"),
            by_idp("a-dev", "eve"),
            by_idp("a-dev", "grace"),
            by_hand("b-members", "ada"),
        ];
        let plan = host.plan();
        let texts = |members: &[admittance::groups::OrganizationMember]| -> Vec<String> {
            members.iter().map(ToString::to_string).collect()
        };
        assert_eq!(texts(&plan.orgs_gained), ["b by ada"], "the default group is no organization");
        assert_eq!(texts(&plan.orgs_lost), ["a by grace"], "one group of the organization is left to eve");
    }

    #[test]
    fn an_organization_of_another_enterprise_is_out_of_reach() {
        let mut host = Host::mapped([]);
        host.mapping = GroupMapping::all("m1", ["i1".into()], ["elsewhere".into()]);
        let plan = host.plan();
        assert_eq!(plan.changes, []);
        let pairs: Vec<_> =
            plan.unmatched.iter().map(|p| (p.organization.as_str(), p.idp_group.as_str())).collect();
        assert_eq!(pairs, [("elsewhere", "i1")]);
    }

    #[test]
    fn tables_of_two_readings_do_not_mix() {
        let host = Host::mapped(["i1"]);
        let accounts = || Accounts::new(CONNECTION, "c1", host.accounts.iter().cloned()).unwrap();
        let pushed = PushedGroups::new(&accounts(), "p1");
        let stored = host.stored(&accounts());
        let plan = reconcile_mapped(&pushed, &host.mapping, &host.directory(), &stored, &host.policy, &[]);
        assert_eq!(plan.unwrap_err().code(), "groups.other_accounts");
    }

    #[test]
    fn contradictions_are_refused() {
        let twice = [Account::of("c", "ada"), Account { protected: true, ..Account::of("c", "ada") }];
        let error = Accounts::new("c", "1", twice).unwrap_err();
        assert_eq!(error, AccountsError::DuplicateAccount { user: "ada".into() });
        let accounts = Accounts::new("c", "1", [Account::of("c", "ada"), Account::of("c", "ada")]).unwrap();
        assert_eq!((accounts.len(), accounts.is_empty()), (1, false));
        let mut pushed = PushedGroups::new(&accounts, "1");
        pushed.add("i1", "dev", ["ada"]).unwrap();
        assert_eq!(pushed.add("i1", "ops", ["ada"]), Err(PushedGroupsError::TwoNames { id: "i1".into() }));
        let mut stored = StoredGroups::new(&accounts, "1");
        stored.link("g", "i1").unwrap();
        stored.link("g", "i1").unwrap();
        assert_eq!(stored.link("g", "i2"), Err(StoredGroupsError::TwoLinks { group: "g".into() }));
    }

    #[test]
    fn the_basis_is_what_the_host_says_the_data_were() {
        let basis = MappedBasis {
            accounts: "c1".into(),
            directory: "d1".into(),
            stored: "s1".into(),
            pushed: "p1".into(),
            mapping: "m1".into(),
        };
        assert_eq!(Host::mapped(["i1"]).plan().basis, basis);
    }

    #[test]
    fn many_groups_of_one_name_take_no_noticeable_time() {
        const MANY: usize = 20_000;
        let groups = (0..MANY).map(|n| group(&format!("g{n:05}"), "a", "dev"));
        let directory = Directory::new("d1", groups).unwrap();
        let accounts = Accounts::new(CONNECTION, "c1", []).unwrap();
        let mut pushed = PushedGroups::new(&accounts, "p1");
        for n in 0..2 * MANY {
            pushed.add(format!("i{n:05}"), "dev", [""; 0]).unwrap();
        }
        let stored = StoredGroups::new(&accounts, "s1");
        let ids = pushed.names().map(|(id, _)| id.clone());
        let mapping = GroupMapping::all("m1", ids, ["a".into()]);
        let policy = MappedPolicy::default();
        let plan = reconcile_mapped(&pushed, &mapping, &directory, &stored, &policy, &[]).unwrap();
        assert_eq!((plan.changes.len(), plan.notes.len()), (MANY, MANY));
    }

    /// With a quadratic step anywhere this would run for minutes.
    #[test]
    fn a_large_enterprise_takes_no_noticeable_time() {
        let organization = |n: usize| format!("o{}", n % 50);
        let groups = (0..10_000).map(|n| Group {
            id: format!("g{n}").into(),
            organization: organization(n).into(),
            name: format!("team {n}").into(),
            kind: GroupKind::Ordinary,
        });
        let directory = Directory::new("d1", groups).unwrap();
        let people = (0..2_000).map(|n| Account::of(CONNECTION, format!("u{n}")));
        let accounts = Accounts::new(CONNECTION, "c1", people).unwrap();
        let mut pushed = PushedGroups::new(&accounts, "p1");
        let mut stored = StoredGroups::new(&accounts, "s1");
        let mut mapped = vec![Vec::new(); 50];
        for n in 0..10_000 {
            let member = |k: usize| format!("u{}", (n * 7 + k) % 2_000);
            // Every second is renamed, and one member is exchanged for another.
            let name = if n.is_multiple_of(2) { format!("team {n}") } else { format!("crew {n}") };
            pushed.add(format!("i{n}"), name, (1..11).map(member)).unwrap();
            let origin = || Origin::Idp(CONNECTION.into());
            stored.add(format!("g{n}"), (0..10).map(|k| (member(k), origin())));
            stored.link(format!("g{n}"), format!("i{n}")).unwrap();
            mapped[n % 50].push(IdpGroupId::from(format!("i{n}")));
        }
        let mapping = mapped.into_iter().enumerate().fold(GroupMapping::new("m1"), |mapping, (n, ids)| {
            mapping.set("m1", OrganizationId::from(organization(n)), ids)
        });
        let policy = MappedPolicy::default();
        let plan = reconcile_mapped(&pushed, &mapping, &directory, &stored, &policy, &[]).unwrap();
        let renames = plan.changes.iter().filter(|change| matches!(change, Change::RenameGroup(_))).count();
        assert_eq!((renames, plan.additions().count(), plan.removals().count()), (5_000, 10_000, 10_000));
    }
}

mod stored {
    use super::*;

    fn everything() -> MappedPlan {
        let mut host = Host::mapped(["i1", "i2", "i3", "i9"]);
        host.groups.push(group("a-qa", "a", "qa"));
        host.pushed = vec![
            ("i1", "dev", vec!["ada"]),
            ("i2", "operations", vec!["grace"]),
            ("i3", "web", vec!["ada", "grace"]),
        ];
        host.links = vec![("a-ops", "i2"), ("a-qa", "i4")];
        host.rows = vec![by_idp("a-ops", "eve"), by_idp("a-qa", "eve")];
        host.plan()
    }

    #[test]
    fn a_plan_reads_well_as_json() {
        let link = |name: &str,
                    group: &str,
                    idp_group: &str,
                    change: &str,
                    more: (&str, serde_json::Value)| {
            let mut link = json!({
                "change": change, "organization": "a", "name": name, "group": group, "idp_group": idp_group,
            });
            if !more.0.is_empty() {
                link[more.0] = more.1;
            }
            link
        };
        let member = |change: &str, name: &str, group: &str, user: &str| {
            json!({
                "change": change, "organization": "a", "name": name, "group": group, "user": user,
            })
        };
        let expected = json!({
            "connection": "okta-acme",
            "basis": { "accounts": "c1", "directory": "d1", "stored": "s1", "pushed": "p1", "mapping": "m1" },
            "changes": [
                link("qa", "a-qa", "i4", "unlink_group", ("members", json!(["eve"]))),
                link("ops", "a-ops", "i2", "rename_group", ("to", json!("operations"))),
                link("dev", "a-dev", "i1", "adopt_group", ("", json!(null))),
                { "change": "create_group", "organization": "a", "name": "web", "idp_group": "i3", "members": ["ada", "grace"] },
                member("add_member", "dev", "a-dev", "ada"),
                member("add_member", "ops", "a-ops", "grace"),
                member("remove_member", "ops", "a-ops", "eve"),
            ],
            "orgs_gained": [{ "organization": "a", "user": "ada" }, { "organization": "a", "user": "grace" }],
            "orgs_lost": [{ "organization": "a", "user": "eve" }],
            "unmatched": [{ "organization": "a", "idp_group": "i9" }],
            "notes": [],
            "withheld": [],
        });
        let plan = everything();
        assert_eq!(serde_json::to_value(&plan).unwrap(), expected);
        assert_eq!(serde_json::from_value::<MappedPlan>(expected).unwrap(), plan);
    }

    #[test]
    fn a_plan_reads_well_as_text() {
        let text = everything().to_string();
        let expected = [
            "plan for okta-acme (directory d1, memberships s1, pushed groups p1, mapping m1, accounts c1)",
            "  x a/qa (a-qa) no longer follows i4; leaving eve",
            "  ~ a/ops (a-ops) is now called operations",
            "  = a/dev (a-dev) now follows i1",
            "  * a/web is created and follows i3; joining ada, grace",
            "  + ada joins a/dev (a-dev)",
            "  + grace joins a/ops (a-ops)",
            "  - eve leaves a/ops (a-ops)",
            "  organization gained: a by ada",
            "  organization gained: a by grace",
            "  organization lost: a by eve",
            "  mapped without a group or organization: a/i9",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        let nothing = Host::mapped([]).plan().to_string();
        assert!(nothing.ends_with(")\n  no change\n"), "{nothing}");
    }

    #[test]
    fn a_long_list_of_members_is_cut_for_people_and_not_for_storage() {
        let members: Vec<_> = (10..40).map(|n| admittance::id::UserId::from(format!("u{n}"))).collect();
        let new = admittance::groups::NewGroup {
            organization: "a".into(),
            name: "x".into(),
            idp_group: "i".into(),
            members,
        };
        let change = Change::CreateGroup(new);
        let text = change.to_string();
        assert!(
            text.ends_with("joining u10, u11, u12, u13, u14, u15, u16, u17, u18, u19 and 20 more"),
            "{text}"
        );
        let stored = serde_json::to_string(&change).unwrap();
        assert_eq!(serde_json::from_str::<Change>(&stored).unwrap(), change);
    }

    #[test]
    fn a_mapping_is_stored_with_its_version() {
        let mapping = Host::mapped(["i1", "i2"]).mapping;
        let stored = json!({ "version": 1, "revision": "m1", "organizations": { "a": ["i1", "i2"] } });
        assert_eq!(serde_json::to_value(&mapping).unwrap(), stored);
        assert_eq!(serde_json::from_value::<GroupMapping>(stored).unwrap(), mapping);
        assert!(mapping.contains(&"i1".into(), &"a".into()) && !mapping.contains(&"i1".into(), &"b".into()));
        assert!(mapping.set("m2", "a", []).is_empty());
        let other = r#"{"version":2,"revision":"m1","organizations":{}}"#;
        assert!(serde_json::from_str::<GroupMapping>(other).is_err());
    }

    #[test]
    fn a_policy_is_stored_with_its_version_and_nothing_unknown() {
        let mut all = MappedPolicy::default();
        (all.scope, all.on_unlink) = (Scope::OwnedOnly, OnUnlink::Keep);
        all.protected = [GroupId::from("a-ops")].into();
        all.max_removals = MaxRemovals::Count(20);
        let stored = json!({
            "version": 1, "source": "scim", "scope": "owned_only", "on_unlink": "keep",
            "protected": ["a-ops"], "max_removals": { "count": 20 },
        });
        assert_eq!(serde_json::to_value(&all).unwrap(), stored);
        assert_eq!(serde_json::from_value::<MappedPolicy>(stored).unwrap(), all);
        let shortest = serde_json::from_str::<MappedPolicy>(r#"{ "version": 1 }"#).unwrap();
        assert_eq!(shortest, MappedPolicy::default());
        for refused in ["{}", r#"{"version":2}"#, r#"{"version":1,"on_missing":"keep"}"#] {
            assert!(serde_json::from_str::<MappedPolicy>(refused).is_err(), "{refused}");
        }
    }
}
