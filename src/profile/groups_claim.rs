//! [`GroupsClaim`]: what a sign-in says about groups, in five states that are never folded together.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What a sign-in says about a person's groups. Silence and "no groups" are different statements: only the second
/// may take memberships away.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum GroupsClaim {
    /// The mapping has no rule for groups.
    NotConfigured,
    /// There is a rule, and its attribute was not sent, or holds nothing that can be read as text.
    Missing,
    /// The attribute was sent without a value.
    Empty,
    /// There were too many groups for the message.
    Overage {
        /// Where the identity provider would list them.
        link: Option<String>,
        /// Names that were sent all the same; seldom any.
        #[serde(default)]
        known: BTreeSet<String>,
    },
    /// These names, each once. An empty set counts as [`Self::Empty`].
    Values(BTreeSet<String>),
}

/// The state of a [`GroupsClaim`] without its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupsState {
    /// [`GroupsClaim::NotConfigured`].
    NotConfigured,
    /// [`GroupsClaim::Missing`].
    Missing,
    /// [`GroupsClaim::Empty`].
    Empty,
    /// [`GroupsClaim::Overage`].
    Overage,
    /// [`GroupsClaim::Values`] with at least one name.
    Values,
}

impl GroupsClaim {
    /// The claim of an attribute that was sent with these names: [`Self::Values`], or [`Self::Empty`] when
    /// there are none.
    #[must_use]
    pub fn from_names<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        let names: BTreeSet<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() { Self::Empty } else { Self::Values(names) }
    }

    /// The state alone.
    #[must_use]
    pub fn state(&self) -> GroupsState {
        match self {
            Self::NotConfigured => GroupsState::NotConfigured,
            Self::Missing => GroupsState::Missing,
            Self::Empty => GroupsState::Empty,
            Self::Overage { .. } => GroupsState::Overage,
            Self::Values(names) if names.is_empty() => GroupsState::Empty,
            Self::Values(_) => GroupsState::Values,
        }
    }

    /// The names that were sent; whether they are all of them is what [`Self::state`] says.
    #[must_use]
    pub fn names(&self) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        match self {
            Self::Values(names) | Self::Overage { known: names, .. } => names,
            Self::NotConfigured | Self::Missing | Self::Empty => &NONE,
        }
    }
}

impl fmt::Display for GroupsState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConfigured => "not configured",
            Self::Missing => "missing",
            Self::Empty => "empty",
            Self::Overage => "overage",
            Self::Values => "values",
        })
    }
}
