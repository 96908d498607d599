//! [`TenantId`], [`ResourceId`], [`ExternalId`]: three texts that must never be taken for each other.

use crate::id::text;

text! {
    /// Whose users and groups these are: the connection that the path of every request names. Every
    /// [`Fetch`](super::fetch::Fetch) and every [`Change`](super::change::Change) carries it.
    TenantId
}
text! {
    /// A resource, as the host names it. No client chooses one, and one of another tenant is like one that does not
    /// exist.
    ResourceId
}
text! {
    /// What the client calls a resource. It identifies nothing here: there is no way to make a [`ResourceId`] of it but
    /// by its text.
    ExternalId
}
