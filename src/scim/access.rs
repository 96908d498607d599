//! [`Access`]: what a valid token says of who sends a request.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    error::Error,
    tenant::{ResourceId, TenantId},
};

/// What the token of a request, found valid, stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Access {
    /// The connection that the token belongs to; the path of another answers as if there were no token.
    pub tenant: TenantId,
    /// What it may do.
    pub scopes: Scopes,
    /// The user that `/Me` means, where the host names one.
    pub me: Option<ResourceId>,
}

/// A permission of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Scope {
    /// See users, and resources of the host's own types.
    #[serde(rename = "users:read")]
    UsersRead,
    /// Change them.
    #[serde(rename = "users:write")]
    UsersWrite,
    /// See groups.
    #[serde(rename = "groups:read")]
    GroupsRead,
    /// Change groups.
    #[serde(rename = "groups:write")]
    GroupsWrite,
}

/// Some permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<Scope>);

impl Access {
    /// Access to one connection with these permissions.
    #[must_use]
    pub fn new(tenant: impl Into<TenantId>, scopes: Scopes) -> Self {
        Self { tenant: tenant.into(), scopes, me: None }
    }

    /// Names the user that `/Me` means.
    #[must_use]
    pub fn with_me(self, me: impl Into<ResourceId>) -> Self {
        Self { me: Some(me.into()), ..self }
    }

    /// Checks for a permission.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn check(&self, scope: Scope) -> Result<(), Error> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Error::Forbidden { scope: scope.as_str() }) }
    }
}

impl Scope {
    /// Every permission.
    pub const ALL: [Self; 4] = [Self::UsersRead, Self::UsersWrite, Self::GroupsRead, Self::GroupsWrite];

    /// As it is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::GroupsRead => "groups:read",
            Self::GroupsWrite => "groups:write",
        }
    }
}

impl Scopes {
    /// Every permission that there is.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}
