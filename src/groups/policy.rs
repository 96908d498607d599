//! [`LoginPolicy`] and [`MappedPolicy`]: what a sign-in, and what pushed groups, may do to groups and memberships.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::GroupId;
use crate::version::Version;

/// What a sign-in of one connection may do to memberships. The default resets them to what was sent, and keeps
/// them where nothing was said.
///
/// ```
/// # use admittance::groups::{LoginPolicy, Scope};
/// let policy: LoginPolicy = serde_json::from_str(
///     r#"{ "version": 1, "source": "login", "scope": "owned_only", "max_removals": { "count": 20 } }"#,
/// )?;
/// assert_eq!(policy.scope, Scope::OwnedOnly);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LoginPolicy {
    /// The version of this format.
    pub version: Version<1>,
    /// Who decides about groups.
    #[serde(default)]
    pub source: GroupSource,
    /// Which memberships may be removed.
    #[serde(default)]
    pub scope: Scope,
    /// What a claim that was not sent means.
    #[serde(default)]
    pub on_missing: OnMissing,
    /// What a claim without a value means.
    #[serde(default)]
    pub on_empty: OnEmpty,
    /// What too many groups mean.
    #[serde(default)]
    pub on_overage: OnOverage,
    /// Groups that no plan touches, for example those of the administrators. A protected *account* is
    /// [`Subject::protected`](super::Subject::protected).
    #[serde(default)]
    pub protected: BTreeSet<GroupId>,
    /// How many memberships one plan may remove without a confirmation.
    #[serde(default)]
    pub max_removals: MaxRemovals,
}

/// What the groups that provisioning pushed may do to the groups of organizations. The default follows them.
///
/// ```
/// # use admittance::groups::{MappedPolicy, OnUnlink};
/// let policy: MappedPolicy = serde_json::from_str(
///     r#"{ "version": 1, "on_unlink": "keep", "max_removals": { "count": 500 } }"#,
/// )?;
/// assert_eq!(policy.on_unlink, OnUnlink::Keep);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MappedPolicy {
    /// The version of this format.
    pub version: Version<1>,
    /// Who decides about groups.
    #[serde(default = "scim")]
    pub source: GroupSource,
    /// Which memberships may be removed.
    #[serde(default)]
    pub scope: Scope,
    /// What becomes of the members of a group that is no longer mapped, or was deleted at the identity provider.
    #[serde(default)]
    pub on_unlink: OnUnlink,
    /// Groups that no plan touches. A protected *account* is [`Account::protected`](super::Account::protected).
    #[serde(default)]
    pub protected: BTreeSet<GroupId>,
    /// How many memberships one plan may remove without a confirmation.
    #[serde(default)]
    pub max_removals: MaxRemovals,
}

impl Default for MappedPolicy {
    fn default() -> Self {
        Self {
            version: Version,
            source: scim(),
            scope: Scope::default(),
            on_unlink: OnUnlink::default(),
            protected: BTreeSet::new(),
            max_removals: MaxRemovals::default(),
        }
    }
}

fn scim() -> GroupSource {
    GroupSource::Scim
}

/// Who decides about the groups of a connection: exactly one, and the other never changes a membership.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupSource {
    /// The groups sent at sign-in.
    #[default]
    Login,
    /// Provisioning over SCIM.
    Scim,
}

/// Which memberships may be removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Every one that was not sent, whoever made it.
    #[default]
    ResetAll,
    /// Only those that this connection made.
    OwnedOnly,
}

/// What it means that the groups claim was not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnMissing {
    /// Nothing: memberships stay.
    #[default]
    Keep,
    /// The person has no groups.
    Clear,
    /// The person may not come in.
    Deny,
}

/// What it means that the groups claim has no value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnEmpty {
    /// The person has no groups.
    #[default]
    Clear,
    /// Nothing: memberships stay.
    Keep,
    /// The person may not come in.
    Deny,
}

/// What it means that there are too many groups to send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOverage {
    /// Names that were sent all the same are added, nothing is removed.
    #[default]
    Keep,
    /// The person may not come in.
    Deny,
}

/// What becomes of the members of a group when its link to the identity provider ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnlink {
    /// Accounts of the connection leave, others stay.
    #[default]
    RemoveSsoMembers,
    /// All stay.
    Keep,
}

/// How many memberships one plan may remove without a confirmation. Above it, all unconfirmed removals are
/// withheld; additions never are, and sign-in does not wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaxRemovals {
    /// Any number.
    #[default]
    Unlimited,
    /// This many.
    Count(u32),
}

impl MaxRemovals {
    pub(super) fn allows(self, removals: usize) -> bool {
        match self {
            Self::Unlimited => true,
            Self::Count(limit) => u32::try_from(removals).is_ok_and(|removals| removals <= limit),
        }
    }
}

impl fmt::Display for MaxRemovals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlimited => f.write_str("any number of removals"),
            Self::Count(1) => f.write_str("at most 1 removal"),
            Self::Count(limit) => write!(f, "at most {limit} removals"),
        }
    }
}
