use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Client, Error, Provider, authorization::ResponseMode};
use crate::{crypto::Secret, time::Timestamp, version::Version};

/// What the host keeps between the request and the callback: bound to the browser that began (under its session, or
/// in a sealed cookie), loaded and deleted in one step, and so used once.
///
/// It holds secrets: whoever can read it can finish the sign-in, whoever can write it can choose which callback counts
/// as asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    pub(in crate::oidc) version: Version<1>,
    pub(in crate::oidc) created_at: Timestamp,
    pub(in crate::oidc) issuer: String,
    pub(in crate::oidc) client_id: String,
    pub(in crate::oidc) redirect_uri: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) response_mode: Option<ResponseMode>,
    pub(in crate::oidc) state: Secret,
    pub(in crate::oidc) nonce: Secret,
    pub(in crate::oidc) code_verifier: Secret,
    pub(in crate::oidc) scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) max_age_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::oidc) essential_acr: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) hd: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) organization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) dpop_jkt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::oidc) return_to: Option<String>,
}

impl Pending {
    /// When the sign-in began.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// The provider that was asked.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// As whom we asked.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where the browser comes back to.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// How the browser comes back, where the request says so.
    #[must_use]
    pub fn response_mode(&self) -> Option<ResponseMode> {
        self.response_mode
    }

    /// By which the callback is told from others: for the host to find this value again, and for nothing else.
    #[must_use]
    pub fn state(&self) -> &Secret {
        &self.state
    }

    /// What was asked for.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// How long ago the person may have authenticated, where the request says so.
    #[must_use]
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age_seconds.map(Duration::from_secs)
    }

    /// How the person must have authenticated: one of these, where there are any.
    #[must_use]
    pub fn essential_acr(&self) -> &[String] {
        &self.essential_acr
    }

    /// The hosted domain at Google that the account must have.
    #[must_use]
    pub fn hd(&self) -> Option<&str> {
        self.hd.as_deref()
    }

    /// The organization at Auth0 that the account must have.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    /// The thumbprint of the DPoP key that tokens will be bound to (RFC 9449 §10).
    #[must_use]
    pub fn dpop_jkt(&self) -> Option<&str> {
        self.dpop_jkt.as_deref()
    }

    /// Where the person wanted to go, as the host put it. Redirect to it only if it is the host's own.
    #[must_use]
    pub fn return_to(&self) -> Option<&str> {
        self.return_to.as_deref()
    }

    /// RFC 9700 §4.4: whether it is a sign-in at this provider as this client.
    ///
    /// # Errors
    /// [`Error::MixUp`].
    pub(in crate::oidc) fn check_connection(
        &self,
        provider: &Provider,
        client: &Client,
    ) -> Result<(), Error> {
        let pairs =
            [("issuer", &provider.issuer, &self.issuer), ("client_id", &client.client_id, &self.client_id)];
        match pairs.into_iter().find(|(_, expected, actual)| expected != actual) {
            None => Ok(()),
            Some((field, expected, actual)) => {
                Err(Error::MixUp { field, expected: expected.clone(), actual: actual.clone() })
            }
        }
    }
}
