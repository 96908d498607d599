//! [`reconcile_login`]: memberships follow what a sign-in says.

use std::collections::BTreeSet;

use super::change::{Change, Member};
use super::directory::{Directory, Group, GroupKind, Place};
use super::membership::{Membership, Memberships, Origin};
use super::plan::{Basis, Plan};
use super::policy::{GroupSource, LoginPolicy, OnEmpty, OnMissing, OnOverage, Scope};
use crate::id::{ConnectionId, GroupId, OrganizationId, UserId};
use crate::note::Note;
use crate::profile::GroupsClaim;

/// Who signed in, and what a plan may do to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Subject {
    /// The connection of the sign-in.
    pub connection: ConnectionId,
    /// The account.
    pub user: UserId,
    /// Where the account's identity comes from, as stored with the account. Anything but this very connection is
    /// refused: the accounts of other connections and local accounts are out of reach.
    pub origin: Origin,
    /// Whether the account's memberships are left as they are, so that a wrong claim cannot lock an administrator
    /// out. A policy that denies sign-in denies it to a protected account too.
    pub protected: bool,
    /// Groups whose removal an administrator has confirmed, out of [`Plan::withheld`] of an earlier plan. They are
    /// removed, where the claim still asks for it, and do not count against [`LoginPolicy::max_removals`].
    pub confirmed: BTreeSet<GroupId>,
}

/// Why there is no plan: nothing changes. Only some refusals are reasons to refuse the sign-in as well, see
/// [`Self::denies_sign_in`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The connection takes its groups from SCIM; sign-in changes no membership.
    #[error("the groups of this connection come from SCIM, sign-in changes none")]
    SourceIsScim,
    /// The account does not belong to the connection.
    #[error("the account comes from {origin}, not from connection '{connection}'")]
    OtherOrigin {
        /// The connection of the sign-in.
        connection: ConnectionId,
        /// Where the account's identity comes from.
        origin: Origin,
    },
    /// The memberships given are those of somebody else.
    #[error("the memberships of '{memberships}' were given for '{subject}'")]
    OtherUser {
        /// Who signed in.
        subject: UserId,
        /// Whose memberships were given.
        memberships: UserId,
    },
    /// The groups claim was not sent, and the policy denies sign-in without it.
    #[error("no groups attribute was sent, which the policy demands")]
    Missing,
    /// The groups claim has no value, and the policy denies sign-in without one.
    #[error("the groups attribute is empty, which the policy does not allow")]
    Empty,
    /// There were too many groups to send, and the policy denies sign-in then.
    #[error("there are too many groups for the message, which the policy does not allow")]
    Overage {
        /// Where the identity provider would list them.
        link: Option<String>,
    },
}

/// Computes what a sign-in changes (connection rules §5, "At sign-in").
///
/// 1. Only for an account of this connection, and only where the connection takes its groups from sign-in.
/// 2. N is the set of names sent. It is not defined where nothing was said ([`GroupsClaim::NotConfigured`], or
///    [`GroupsClaim::Missing`] under [`OnMissing::Keep`], [`GroupsClaim::Empty`] under [`OnEmpty::Keep`]): then
///    nothing changes.
/// 3. Managed: the ordinary groups of the directory that are not protected.
/// 4. Want: managed groups whose name is in N, exactly, in every organization.
/// 5. Added is what is wanted and not there; removed is what is there, managed and not wanted, under
///    [`Scope::OwnedOnly`] only where this connection alone made the membership. After an overage nothing is
///    removed.
/// 6. More removals than the policy allows are withheld, all of them.
///
/// Cost is O((n + m) log (n + m)) for n groups named and m memberships, whatever the size of the directory.
///
/// # Errors
/// [`Refusal`]; memberships stay as they are.
pub fn reconcile_login(
    subject: &Subject,
    claim: &GroupsClaim,
    directory: &Directory,
    memberships: &Memberships,
    policy: &LoginPolicy,
) -> Result<Plan, Refusal> {
    may_reconcile(subject, memberships, policy)?;
    let sent = sent(claim, policy)?;
    let Matched { want, unmatched, mut notes } = Matched::of(sent.names, directory, policy);
    let held = held(subject, directory, memberships);

    // Add = Want ∖ M(u)
    let mut add = want.clone();
    add.retain(|at| held.binary_search_by_key(at, |held| held.at).is_err());
    // Remove = (M(u) ∩ Managed) ∖ Want where removal is allowed
    let mut remove: Vec<usize> = match sent.removals {
        Removals::Forbidden => Vec::new(),
        Removals::Allowed => held
            .iter()
            .filter(|held| in_scope(held.made_by, policy) && want.binary_search(&held.at).is_err())
            .map(|held| held.at)
            .filter(|at| !is_protected(*at, directory, policy))
            .collect(),
    };
    if subject.protected && !(add.is_empty() && remove.is_empty()) {
        notes.push(Note::new("groups.account_protected").actual(subject.user.as_str()));
        add.clear();
        remove.clear();
    }
    // Above max_removals, what nobody has confirmed waits
    let mut withheld = remove.clone();
    withheld.retain(|at| directory.at(*at).is_none_or(|group| !subject.confirmed.contains(&group.id)));
    if policy.max_removals.allows(withheld.len()) {
        withheld.clear();
    } else {
        let note = Note::new("groups.mass_removal").expected(policy.max_removals.to_string());
        notes.push(note.actual(format!("{} of {} memberships", withheld.len(), held.len())));
        remove.retain(|at| withheld.binary_search(at).is_err());
    }
    // An organization membership is derived from the groups
    let mut member_of: Vec<usize> = held.iter().map(|held| held.at).collect();
    let before = organizations(&member_of, directory);
    member_of.retain(|at| remove.binary_search(at).is_err());
    member_of.extend(&add);
    member_of.sort();
    let after = organizations(&member_of, directory);
    if after.is_empty() {
        let actual = format!("names sent: {}, without a group: {}", sent.names.len(), unmatched.len());
        notes.push(Note::new("groups.no_organization").actual(actual));
    }
    notes.sort();

    let member = |at: &usize| Some(member(directory.at(*at)?, &subject.user));
    let added = add.iter().filter_map(member).map(Change::AddMember);
    let removed = remove.iter().filter_map(member).map(Change::RemoveMember);
    Ok(Plan {
        connection: subject.connection.clone(),
        basis: Basis { directory: directory.revision().clone(), memberships: memberships.revision().clone() },
        claim: claim.state(),
        changes: added.chain(removed).collect(),
        orgs_gained: difference(&after, &before, directory),
        orgs_lost: difference(&before, &after, directory),
        unmatched,
        notes,
        withheld: withheld.iter().filter_map(member).map(Change::RemoveMember).collect(),
    })
}

impl Subject {
    /// An account of `connection` that is not protected, with nothing confirmed.
    pub fn new(connection: impl Into<ConnectionId>, user: impl Into<UserId>) -> Self {
        let connection = connection.into();
        Self {
            origin: Origin::Idp(connection.clone()),
            connection,
            user: user.into(),
            protected: false,
            confirmed: BTreeSet::new(),
        }
    }
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SourceIsScim => "groups.source_is_scim",
            Self::OtherOrigin { .. } => "groups.other_origin",
            Self::OtherUser { .. } => "groups.other_user",
            Self::Missing => "groups.attribute_missing",
            Self::Empty => "groups.empty",
            Self::Overage { .. } => "groups.overage",
        }
    }

    /// Whether the policy says that the person may not come in. Otherwise the sign-in stands and memberships stay
    /// as they are.
    #[must_use]
    pub const fn denies_sign_in(&self) -> bool {
        match self {
            Self::Missing | Self::Empty | Self::Overage { .. } => true,
            Self::SourceIsScim | Self::OtherOrigin { .. } | Self::OtherUser { .. } => false,
        }
    }
}

/// u ∈ S(c), and group source Login.
fn may_reconcile(subject: &Subject, memberships: &Memberships, policy: &LoginPolicy) -> Result<(), Refusal> {
    match policy.source {
        GroupSource::Scim => return Err(Refusal::SourceIsScim),
        GroupSource::Login => {}
    }
    if !matches!(&subject.origin, Origin::Idp(connection) if *connection == subject.connection) {
        let (connection, origin) = (subject.connection.clone(), subject.origin.clone());
        return Err(Refusal::OtherOrigin { connection, origin });
    }
    if *memberships.user() != subject.user {
        let (subject, memberships) = (subject.user.clone(), memberships.user().clone());
        return Err(Refusal::OtherUser { subject, memberships });
    }
    Ok(())
}

/// N, and whether a membership outside of it may go.
struct Sent<'a> {
    names: &'a BTreeSet<String>,
    removals: Removals,
}

enum Removals {
    Allowed,
    Forbidden,
}

fn sent<'a>(claim: &'a GroupsClaim, policy: &LoginPolicy) -> Result<Sent<'a>, Refusal> {
    let removals = match claim {
        GroupsClaim::NotConfigured => Removals::Forbidden,
        GroupsClaim::Missing => match policy.on_missing {
            OnMissing::Keep => Removals::Forbidden,
            OnMissing::Clear => Removals::Allowed,
            OnMissing::Deny => return Err(Refusal::Missing),
        },
        GroupsClaim::Values(names) if !names.is_empty() => Removals::Allowed,
        GroupsClaim::Empty | GroupsClaim::Values(_) => match policy.on_empty {
            OnEmpty::Clear => Removals::Allowed,
            OnEmpty::Keep => Removals::Forbidden,
            OnEmpty::Deny => return Err(Refusal::Empty),
        },
        GroupsClaim::Overage { link, .. } => match policy.on_overage {
            OnOverage::Keep => Removals::Forbidden,
            OnOverage::Deny => return Err(Refusal::Overage { link: link.clone() }),
        },
    };
    Ok(Sent { names: claim.names(), removals })
}

/// What the names sent stand for in the directory.
struct Matched {
    /// Sorted.
    want: Vec<usize>,
    unmatched: Vec<String>,
    notes: Vec<Note>,
}

impl Matched {
    fn of(names: &BTreeSet<String>, directory: &Directory, policy: &LoginPolicy) -> Self {
        let mut matched = Self { want: Vec::new(), unmatched: Vec::new(), notes: Vec::new() };
        for name in names {
            let mut ignored = BTreeSet::new();
            let positions = directory.positions_named(name);
            for at in positions {
                match directory.place(*at) {
                    Some(Place { kind: GroupKind::Default, .. }) => {
                        ignored.insert("groups.default_ignored");
                    }
                    Some(_) if is_protected(*at, directory, policy) => {
                        ignored.insert("groups.protected_ignored");
                    }
                    Some(Place { kind: GroupKind::Ordinary, .. }) => {
                        matched.want.push(*at);
                    }
                    None => {}
                }
            }
            if positions.is_empty() {
                matched.unmatched.push(name.clone());
            }
            matched.notes.extend(ignored.into_iter().map(|code| Note::new(code).actual(name)));
        }
        matched.want.sort_unstable();
        matched
    }
}

/// A membership in an ordinary group of the enterprise.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    at: usize,
    made_by: MadeBy,
}

/// Who made a membership.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MadeBy {
    /// This connection, by every row of the membership.
    This,
    /// Somebody else, by at least one row.
    Other,
}

/// M(u) within the ordinary groups of the enterprise, sorted, each group once.
fn held(subject: &Subject, directory: &Directory, memberships: &Memberships) -> Vec<Held> {
    let held = |row: &Membership| {
        let at = directory.position(&row.group)?;
        let made_by = match &row.origin {
            Origin::Idp(connection) if *connection == subject.connection => MadeBy::This,
            Origin::Idp(_) | Origin::Manual => MadeBy::Other,
        };
        (directory.place(at)?.kind == GroupKind::Ordinary).then_some(Held { at, made_by })
    };
    let mut all: Vec<Held> = memberships.rows().iter().filter_map(held).collect();
    all.sort_unstable();
    all.dedup_by(|next, kept| {
        let same = next.at == kept.at;
        if same {
            kept.made_by = next.made_by;
        }
        same
    });
    all
}

fn is_protected(at: usize, directory: &Directory, policy: &LoginPolicy) -> bool {
    !policy.protected.is_empty() && directory.at(at).is_none_or(|group| policy.protected.contains(&group.id))
}

fn in_scope(made_by: MadeBy, policy: &LoginPolicy) -> bool {
    match policy.scope {
        Scope::ResetAll => true,
        Scope::OwnedOnly => made_by == MadeBy::This,
    }
}

/// The organizations of sorted positions, sorted: of each, its number and one of the positions. A directory's groups
/// are in the order of their organizations.
fn organizations(positions: &[usize], directory: &Directory) -> Vec<(u32, usize)> {
    let number = |at: &usize| Some((directory.place(*at)?.organization, *at));
    let mut organizations: Vec<(u32, usize)> = positions.iter().filter_map(number).collect();
    organizations.dedup_by_key(|(organization, _)| *organization);
    organizations
}

/// What is in one of two sorted lists and not in the other.
fn difference(of: &[(u32, usize)], without: &[(u32, usize)], directory: &Directory) -> Vec<OrganizationId> {
    let only = of.iter().filter(|(organization, _)| {
        without.binary_search_by_key(organization, |(organization, _)| *organization).is_err()
    });
    only.filter_map(|(_, at)| Some(directory.at(*at)?.organization.clone())).collect()
}

fn member(group: &Group, user: &UserId) -> Member {
    Member {
        organization: group.organization.clone(),
        name: group.name.clone(),
        group: group.id.clone(),
        user: user.clone(),
    }
}
