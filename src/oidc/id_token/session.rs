use serde::{Deserialize, Serialize};

use crate::{crypto::Secret, time::Timestamp, version::Version};

/// A session at the provider. The host stores it with its own session, for as long as that lasts: a logout token
/// names it, a logout request hints at it, and a refreshed ID token is compared with it.
///
/// It holds the ID token, which whoever reads it could show around: seal what leaves the server. A stored value has a
/// `version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionRef {
    pub(super) version: Version<1>,
    /// The provider; at Entra's shared authorities with the tenant.
    pub issuer: String,
    /// The person, as the provider names it.
    pub subject: String,
    /// Us, as the provider names us.
    pub client_id: String,
    /// The provider's name for the session. Without it, a logout token ends every session of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// When the person authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// The signed ID token, for the hint in a logout request. Take it out where it is too long to store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Secret>,
    pub(super) nonce: Secret,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) essential_acr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hd: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) organization: Option<String>,
}
