//! [`Effect`]: what a change means for the rest of the host. Each is given for a real change alone.

use super::tenant::ResourceId;
use crate::crypto::Secret;

/// Something that has really changed.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// A resource is gone. Of a user, the host ends live sign-ins and revokes the user's tokens.
    Deleted {
        /// The name of its type.
        resource_type: String,
        /// Which one.
        id: ResourceId,
    },
}
