//! [`reconcile_mapped`]: groups and memberships follow what provisioning pushed.

use super::change::{Change, Unlink};
use super::directory::{Directory, Group};
use super::draft::{Draft, link};
use super::mapped_plan::{MappedBasis, MappedPlan};
use super::mapping::GroupMapping;
use super::policy::{GroupSource, MappedPolicy};
use super::pushed::PushedGroups;
use super::stored::{StoredGroup, StoredGroups};
use super::targets::Organization;

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
///    target and not in the pushed group, under [`Scope::OwnedOnly`](super::Scope::OwnedOnly) only where this
///    connection alone made the membership. Everybody else stays.
/// 5. A link of no pair ends, and with it the memberships that [`OnUnlink`](super::OnUnlink) says.
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
    let located = located(directory, stored);
    let mut draft = Draft::new(pushed, policy);
    let mut rest = located.as_slice();
    for groups in directory.by_organization() {
        let Some((stored, others)) = rest.split_at_checked(groups.len()) else { break };
        rest = others;
        let organization = Organization { groups, stored };
        let Some(id) = organization.id() else { continue };
        draft.organization(organization, mapping.of(id));
    }
    for (organization, ids) in mapping.organizations() {
        if !directory.has_organization(organization) {
            draft.unmatched(organization, ids);
        }
    }
    let withheld = draft.withhold(confirmed);
    let basis = MappedBasis {
        accounts: pushed.accounts().revision().clone(),
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
    directory.groups().iter().map(|group| stored.group(&group.id)).collect()
}
