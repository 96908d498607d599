use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{saml::protocol::RequestedAuthnContext, time::Timestamp, version::Version};

/// What the host keeps between request and response: bound to the browser that began (for example in a sealed
/// cookie, or under a session), and used once.
///
/// It holds no secret, but whoever could write it could choose which response is taken as solicited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    pub(super) version: Version<1>,
    pub(super) request_id: String,
    pub(super) issued_at: Timestamp,
    pub(super) acs_url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) idp_entity_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) requested_authn_context: Option<RequestedAuthnContext>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) force_authn: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_authn_age_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) relay_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) return_to: Option<String>,
}

impl Pending {
    /// The `ID` of the request, by which a response names it.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// When the request was made.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Where the response shall come to.
    #[must_use]
    pub fn acs_url(&self) -> &str {
        &self.acs_url
    }

    /// The identity provider that was asked; `None` while its name is not pinned.
    #[must_use]
    pub fn idp_entity_id(&self) -> Option<&str> {
        self.idp_entity_id.as_deref()
    }

    /// How the person shall have authenticated, where the request says so.
    #[must_use]
    pub fn requested_authn_context(&self) -> Option<&RequestedAuthnContext> {
        self.requested_authn_context.as_ref()
    }

    /// Whether the person had to authenticate anew, after [`issued_at`](Self::issued_at).
    #[must_use]
    pub fn force_authn(&self) -> bool {
        self.force_authn
    }

    /// How old the authentication may be when the response arrives.
    #[must_use]
    pub fn max_authn_age(&self) -> Option<Duration> {
        self.max_authn_age_seconds.map(Duration::from_secs)
    }

    /// The RelayState that was sent.
    #[must_use]
    pub fn relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// Where the person wanted to go, as the host put it. Redirect to it only if it is the host's own.
    #[must_use]
    pub fn return_to(&self) -> Option<&str> {
        self.return_to.as_deref()
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
