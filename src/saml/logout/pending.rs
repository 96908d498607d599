use serde::{Deserialize, Serialize};

use crate::{time::Timestamp, version::Version};

/// What the host keeps between a LogoutRequest and its answer: bound to the browser, and used once.
///
/// A stored value has a `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingLogout {
    pub(super) version: Version<1>,
    pub(super) request_id: String,
    pub(super) issued_at: Timestamp,
    pub(super) idp_entity_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) relay_state: Option<String>,
}

impl PendingLogout {
    /// The `ID` of the request, by which the answer names it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When the request was made.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// The identity provider that was asked.
    #[must_use]
    pub fn idp_entity_id(&self) -> &str {
        &self.idp_entity_id
    }

    /// The RelayState that was sent.
    #[must_use]
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }
}
