//! [`Effect`]: what a change means for the rest of the host. Each is given for a real change alone.
//!
//! Two questions are asked of each: whose access ends with it ([`Effect::ends_access`]), and whether the groups of
//! organizations have to follow ([`Effect::changes_groups`]). To follow, read the stored groups and accounts again and
//! give them to [`reconcile_mapped`](crate::groups::reconcile_mapped): its plan says what the organizations gain and
//! lose, and an effect that came twice or not at all does no harm.

use std::fmt;

use super::tenant::ResourceId;
use crate::crypto::Secret;

/// Something that has really changed.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// A user may sign in again.
    Activated {
        /// The user.
        user: ResourceId,
    },
    /// A user may not sign in any more. The host ends live sign-ins and revokes the user's tokens.
    Deactivated {
        /// The user.
        user: ResourceId,
    },
    /// A group has another `displayName`, or a user another `userName`.
    Renamed {
        /// `User` or `Group`.
        resource_type: String,
        /// Which one.
        id: ResourceId,
        /// The former name.
        from: String,
        /// The new one.
        to: String,
    },
    /// Provisioning manages an account from now on that a sign-in had made.
    Adopted {
        /// The user.
        user: ResourceId,
    },
    /// Members came into a group.
    MembersAdded {
        /// The group.
        group: ResourceId,
        /// Those who were not in it before.
        members: Vec<ResourceId>,
    },
    /// Members left a group.
    MembersRemoved {
        /// The group.
        group: ResourceId,
        /// Those who were in it before.
        members: Vec<ResourceId>,
    },
    /// A password is to be set. It is in no resource, no answer and no note.
    PasswordSet {
        /// The user.
        user: ResourceId,
        /// The password.
        password: Secret,
    },
    /// A resource is gone. Of a user, the host ends live sign-ins and revokes the user's tokens; the account counts as
    /// inactive in plans until its memberships in organizations are gone too.
    Deleted {
        /// The name of its type.
        resource_type: String,
        /// Which one.
        id: ResourceId,
    },
}

impl Effect {
    /// The user whose access ends. End live sign-ins and revoke personal tokens in the transaction that commits the
    /// change, or before the answer is sent.
    #[must_use]
    pub fn ends_access(&self) -> Option<&ResourceId> {
        match self {
            Self::Deactivated { user } => Some(user),
            Self::Deleted { resource_type, id } if resource_type == "User" => Some(id),
            _ => None,
        }
    }

    /// Whether groups of organizations may have to follow: a group has other members or another name, or an account
    /// counts as a member from now on, or does not any more.
    #[must_use]
    pub fn changes_groups(&self) -> bool {
        match self {
            Self::Activated { .. }
            | Self::Deactivated { .. }
            | Self::Adopted { .. }
            | Self::MembersAdded { .. }
            | Self::MembersRemoved { .. }
            | Self::Deleted { .. } => true,
            Self::Renamed { resource_type, .. } => resource_type == "Group",
            Self::PasswordSet { .. } => false,
        }
    }
}

impl fmt::Debug for Effect {
    /// What and on which resource, and no name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Activated { user } => f.debug_tuple("Activated").field(user).finish(),
            Self::Deactivated { user } => f.debug_tuple("Deactivated").field(user).finish(),
            Self::Renamed { resource_type, id, from: _, to: _ } => {
                f.debug_tuple("Renamed").field(resource_type).field(id).finish()
            }
            Self::Adopted { user } => f.debug_tuple("Adopted").field(user).finish(),
            Self::MembersAdded { group, members } => {
                f.debug_tuple("MembersAdded").field(group).field(members).finish()
            }
            Self::MembersRemoved { group, members } => {
                f.debug_tuple("MembersRemoved").field(group).field(members).finish()
            }
            Self::PasswordSet { user, password: _ } => f.debug_tuple("PasswordSet").field(user).finish(),
            Self::Deleted { resource_type, id } => {
                f.debug_tuple("Deleted").field(resource_type).field(id).finish()
            }
        }
    }
}
