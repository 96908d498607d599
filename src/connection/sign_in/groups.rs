//! What the names of groups lead to, and why they do not.

use std::collections::BTreeSet;

use super::context::SignInContext;
use crate::connection::diagnosis::Evidence;
use crate::connection::preset::Preset;
use crate::connection::test_report::{GroupSummary, GroupsSummary, PlanSummary, UnmatchedGroup};
use crate::groups::{
    Change, Difference, Directory, GroupKind, GroupSource, Memberships, NameFindings, NameIndex, Plan,
    Subject, reconcile_login,
};
use crate::id::OrganizationId;
use crate::note::Note;
use crate::profile::{GroupsClaim, GroupsState};

/// The plan of a sign-in, and what was noticed on the way.
pub(super) struct Grouped {
    pub(super) plan: Option<Plan>,
    pub(super) summary: PlanSummary,
    pub(super) withheld: usize,
    pub(super) found: Vec<Evidence>,
}

pub(super) fn groups(claim: &GroupsClaim, context: &SignInContext<'_>) -> Grouped {
    let mut found = Vec::new();
    if context.connection.group_source() == GroupSource::Login {
        found.extend(state(claim, context.connection.preset()));
        found.extend(names(&context.names.examine(claim.names()), claim, context.names));
    }
    let new;
    let (subject, memberships) = match &context.account {
        Some(account) => (account.subject, account.memberships),
        None => {
            new = (
                Subject::new(context.connection.id().clone(), NEW_ACCOUNT),
                Memberships::new(NEW_ACCOUNT, "none", []),
            );
            (&new.0, &new.1)
        }
    };
    let policy = &context.connection.policy().groups;
    match reconcile_login(subject, claim, context.directory, memberships, policy) {
        Ok(plan) => {
            found.extend(plan.notes.iter().map(|note| plan_evidence(note, claim, context)));
            let summary = PlanSummary {
                add: plan.additions().map(GroupSummary::from).collect(),
                remove: plan.removals().map(GroupSummary::from).collect(),
                organizations: organizations(&plan, memberships, context.directory),
            };
            let is_removal = |change: &&Change| matches!(change, Change::RemoveMember(_));
            let withheld = plan.withheld.iter().filter(is_removal).count();
            Grouped { plan: Some(plan), summary, withheld, found }
        }
        Err(refusal) => {
            found.push(Evidence::from(&refusal));
            Grouped { plan: None, summary: PlanSummary::default(), withheld: 0, found }
        }
    }
}

/// What the names match and do not match, for the report.
pub(super) fn summary(claim: &GroupsClaim, directory: &Directory, names: &NameIndex) -> GroupsSummary {
    let mut matched = BTreeSet::new();
    let mut unmatched = Vec::new();
    for name in claim.names() {
        let groups = directory.named(name).filter(|group| group.kind == GroupKind::Ordinary);
        let before = matched.len();
        matched.extend(
            groups
                .map(|group| GroupSummary { organization: group.organization.clone(), group: name.clone() }),
        );
        if matched.len() == before {
            let nearest = names.nearest(name).map(|near| near.nearest.as_str().to_owned());
            unmatched.push(UnmatchedGroup { name: name.clone(), nearest });
        }
    }
    GroupsSummary { state: claim.state(), matched: matched.into_iter().collect(), unmatched }
}

/// D08, D15: what the state and the number of names suggest with this identity provider.
fn state(claim: &GroupsClaim, preset: Option<Preset>) -> Vec<Evidence> {
    let count = claim.names().len();
    let cut_at = match preset {
        Some(Preset::OktaOidc) => Some(100),
        Some(Preset::GoogleWorkspace) => Some(75),
        Some(Preset::EntraSaml) => Some(150),
        Some(Preset::EntraOidc) => Some(200),
        _ => None,
    };
    let is_entra = matches!(preset, Some(Preset::EntraSaml | Preset::EntraOidc));
    let mut found = Vec::new();
    if claim.state() == GroupsState::Values && cut_at.is_some_and(|limit| count >= limit) {
        found.push(Evidence::new("groups.possibly_truncated").actual(count.to_string()));
    }
    if claim.state() == GroupsState::Empty && is_entra {
        found.push(Evidence::new("groups.nested_suspected"));
    }
    found
}

/// D09–D13: what names look like that no group has. A cause that explains them all stands alone.
fn names(findings: &NameFindings, claim: &GroupsClaim, index: &NameIndex) -> Vec<Evidence> {
    let unmatched = claim.names().iter().filter(|name| !index.contains(name)).count();
    if unmatched > 0 && findings.object_ids.is_some() {
        return vec![Evidence::new("groups.object_ids").actual(few(claim.names()))];
    }
    if let Some(delimited) = &findings.delimited {
        let known: Vec<&str> = delimited.known.iter().map(|name| name.as_str()).collect();
        let evidence = Evidence::new("groups.single_delimited").actual(&delimited.sent);
        return vec![evidence.expected(few(known))];
    }
    let mut found = Vec::new();
    if !findings.paths.is_empty() {
        let known: Vec<&str> =
            findings.paths.iter().filter(|path| path.known).map(|path| path.name.as_str()).collect();
        let mut evidence =
            Evidence::new("groups.path_prefix").actual(few(findings.paths.iter().map(|path| &path.sent)));
        if !known.is_empty() {
            evidence = evidence.expected(few(known));
        }
        found.push(evidence);
    }
    let with_path = |sent: &str| findings.paths.iter().any(|path| path.sent == sent);
    for near in findings.near.iter().filter(|near| !with_path(&near.sent)).take(MOST_NAMES) {
        let code = match near.difference {
            Difference::Case => "groups.case_mismatch",
            _ => "groups.near_miss",
        };
        found.push(Evidence::new(code).expected(near.nearest.as_str()).actual(&near.sent));
    }
    found
}

/// The plan's notes, with both lists where a sign-in leads nowhere.
fn plan_evidence(note: &Note, claim: &GroupsClaim, context: &SignInContext<'_>) -> Evidence {
    if note.code != "groups.no_organization" {
        return Evidence::from(note);
    }
    let sent = match claim.names().len() {
        0 => "no groups".to_owned(),
        1 => format!("1 group: {}", few(claim.names())),
        count => format!("{count} groups: {}", few(claim.names())),
    };
    let near: Vec<String> = claim
        .names()
        .iter()
        .filter_map(|name| context.names.nearest(name))
        .map(|near| near.nearest.to_string())
        .collect();
    let there = if near.is_empty() {
        few(ordinary_names(context.directory))
    } else {
        format!("near them {}", few(near))
    };
    let evidence = Evidence::new(&note.code).actual(sent);
    if there.is_empty() { evidence.expected("no groups at all") } else { evidence.expected(there) }
}

fn ordinary_names(directory: &Directory) -> BTreeSet<&str> {
    let ordinary = directory.groups().iter().filter(|group| group.kind == GroupKind::Ordinary);
    ordinary.map(|group| group.name.as_str()).collect()
}

/// Where the person is afterwards: before, gained, not lost.
fn organizations(plan: &Plan, memberships: &Memberships, directory: &Directory) -> Vec<OrganizationId> {
    let groups = memberships.rows().iter().filter_map(|row| directory.group(&row.group));
    let mut organizations: BTreeSet<OrganizationId> = groups
        .filter(|group| group.kind == GroupKind::Ordinary)
        .map(|group| group.organization.clone())
        .collect();
    organizations.extend(plan.orgs_gained.iter().cloned());
    organizations.retain(|organization| !plan.orgs_lost.contains(organization));
    organizations.into_iter().collect()
}

/// The first names of a list, and how many more there are.
fn few<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let mut names = names.into_iter();
    let first: Vec<String> =
        names.by_ref().take(MOST_NAMES).map(|name| name.as_ref().escape_debug().to_string()).collect();
    match names.count() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

const MOST_NAMES: usize = 10;

/// The person of a test who has no account yet.
const NEW_ACCOUNT: &str = "new account";
