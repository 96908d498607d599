//! [`Memberships`]: the groups that a user is in, and who put the user there.

use std::fmt;

use crate::id::{ConnectionId, GroupId, Revision, UserId};
use serde::{Deserialize, Serialize};

/// One group that a user is in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// The group.
    pub group: GroupId,
    /// Who made the membership.
    pub origin: Origin,
}

/// Where an account or a membership comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The identity provider of this connection.
    Idp(ConnectionId),
    /// Somebody in the host's own interface.
    Manual,
}

/// All memberships of one user, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memberships {
    user: UserId,
    revision: Revision,
    rows: Vec<Membership>,
}

impl Memberships {
    /// The memberships of `user` in the state `revision`. Order and repetition do not matter; groups of other
    /// enterprises may be among them and are left alone.
    pub fn new(
        user: impl Into<UserId>,
        revision: impl Into<Revision>,
        rows: impl IntoIterator<Item = Membership>,
    ) -> Self {
        Self { user: user.into(), revision: revision.into(), rows: rows.into_iter().collect() }
    }

    /// Whose memberships these are.
    #[must_use]
    pub fn user(&self) -> &UserId {
        &self.user
    }

    /// The state in which they were read.
    #[must_use]
    pub fn revision(&self) -> &Revision {
        &self.revision
    }

    /// The memberships as given.
    #[must_use]
    pub fn rows(&self) -> &[Membership] {
        &self.rows
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Idp(connection) => write!(f, "connection '{connection}'"),
            Self::Manual => f.write_str("the host itself"),
        }
    }
}
