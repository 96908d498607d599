//! [`AuditEvent`]: who did what to a connection, when.

use serde::{Deserialize, Serialize};

use crate::id::ConnectionId;
use crate::time::Timestamp;

/// One line of the audit trail. It names fields that have changed, and never holds their values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditEvent {
    /// What happened: `connection.created`, `scim.token_revoked`.
    pub event: String,
    /// Who did it, as the host names the person, the link or itself.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// To which connection.
    pub connection: ConnectionId,
    /// Its version before.
    pub version_before: u64,
    /// Its version after.
    pub version_after: u64,
    /// The settings that have changed.
    pub changed: Vec<String>,
}
