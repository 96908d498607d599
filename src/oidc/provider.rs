//! [`Provider`]: what a provider says about itself, or an administrator about it.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Error, Policy,
    client::{Client, ClientAuthentication},
};
use crate::{endpoint, version::Version};

/// The discovery document as a value to store, or the same by hand: [`discovery`](super::discovery) makes one whose
/// addresses are checked, [`new`](Self::new) one with the four members that every provider has. Each step checks the
/// address that it uses, wherever the value comes from.
///
/// An absent list is `None` where the specification leaves it open, and its default where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Provider {
    version: Version<1>,
    /// Its name, compared byte for byte. At Entra's shared authorities a template with `{tenantid}`.
    pub issuer: String,
    /// Where the browser is sent to.
    pub authorization_endpoint: String,
    /// Where a code becomes tokens.
    pub token_endpoint: String,
    /// Where its keys are.
    pub jwks_uri: String,
    /// Where further claims are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where the browser is sent to sign out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// Where tokens are revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// Where authorization requests are pushed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<String>,
    /// Whether they must be (RFC 9126 §5).
    #[serde(default)]
    pub require_pushed_authorization_requests: bool,
    /// The same endpoints for clients with a certificate (RFC 8705 §5).
    #[serde(default)]
    pub mtls_endpoint_aliases: MtlsEndpointAliases,
    /// Whether every callback names the issuer (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// How the browser can come back; `query` and `fragment` where the document does not say.
    #[serde(default = "default_response_modes")]
    pub response_modes_supported: Vec<String>,
    /// How clients can authenticate; `client_secret_basic` where the document does not say.
    #[serde(default = "default_auth_methods")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Algorithms of client assertions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    /// Algorithms of ID tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token_signing_alg_values_supported: Option<Vec<String>>,
    /// Algorithms of signed UserInfo answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_signing_alg_values_supported: Option<Vec<String>>,
    /// Algorithms of request objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg_values_supported: Option<Vec<String>>,
    /// Whether request objects can be sent by value.
    #[serde(default)]
    pub request_parameter_supported: bool,
    /// Whether a signed request object must be sent (RFC 9101 §10.5).
    #[serde(default)]
    pub require_signed_request_object: bool,
    /// Algorithms of DPoP proofs (RFC 9449 §5.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_signing_alg_values_supported: Option<Vec<String>>,
    /// PKCE methods (RFC 8414).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge_methods_supported: Option<Vec<String>>,
    /// Scopes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes_supported: Option<Vec<String>>,
    /// Ways to authenticate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr_values_supported: Option<Vec<String>>,
    /// Whether it sends logout tokens.
    #[serde(default)]
    pub backchannel_logout_supported: bool,
    /// Whether its logout tokens can name the session.
    #[serde(default)]
    pub backchannel_logout_session_supported: bool,
    /// Whether it signs out by frames in its pages.
    #[serde(default)]
    pub frontchannel_logout_supported: bool,
    /// Whether it then can name issuer and session.
    #[serde(default)]
    pub frontchannel_logout_session_supported: bool,
}

/// Endpoints for clients with a certificate (RFC 8705 §5). An absent one is the same as for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MtlsEndpointAliases {
    /// Where a code becomes tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<String>,
    /// Where further claims are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where tokens are revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// Where authorization requests are pushed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<String>,
}

/// An address of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::oidc) enum Endpoint {
    /// The browser is sent there.
    Authorization,
    /// The host sends a request there.
    Token,
    /// The host fetches it.
    Jwks,
    /// The host sends a request there.
    Userinfo,
    /// The browser is sent there.
    EndSession,
    /// The host sends a request there.
    Revocation,
    /// The host sends a request there.
    PushedAuthorization,
}

impl Provider {
    /// A provider by hand; what else it has is `None`, off, or the specification's default.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        authorization_endpoint: impl Into<String>,
        token_endpoint: impl Into<String>,
        jwks_uri: impl Into<String>,
    ) -> Self {
        Self {
            version: Version,
            issuer: issuer.into(),
            authorization_endpoint: authorization_endpoint.into(),
            token_endpoint: token_endpoint.into(),
            jwks_uri: jwks_uri.into(),
            userinfo_endpoint: None,
            end_session_endpoint: None,
            revocation_endpoint: None,
            pushed_authorization_request_endpoint: None,
            require_pushed_authorization_requests: false,
            mtls_endpoint_aliases: MtlsEndpointAliases::default(),
            authorization_response_iss_parameter_supported: false,
            response_modes_supported: default_response_modes(),
            token_endpoint_auth_methods_supported: default_auth_methods(),
            token_endpoint_auth_signing_alg_values_supported: None,
            id_token_signing_alg_values_supported: None,
            userinfo_signing_alg_values_supported: None,
            request_object_signing_alg_values_supported: None,
            request_parameter_supported: false,
            require_signed_request_object: false,
            dpop_signing_alg_values_supported: None,
            code_challenge_methods_supported: None,
            scopes_supported: None,
            acr_values_supported: None,
            backchannel_logout_supported: false,
            backchannel_logout_session_supported: false,
            frontchannel_logout_supported: false,
            frontchannel_logout_session_supported: false,
        }
    }

    /// The address of an endpoint for this client: the alias where the host's TLS authenticates it, checked under
    /// [`Policy::urls`]; an address that the host itself will call is also no private one.
    ///
    /// # Errors
    /// [`Error::UnsupportedByProvider`] when there is none, [`Error::UrlNotAllowed`].
    pub(in crate::oidc) fn endpoint(&self, endpoint: Endpoint, client: &Client) -> Result<Url, Error> {
        let alias = match client.authentication {
            ClientAuthentication::MutualTls => endpoint.alias(&self.mtls_endpoint_aliases),
            _ => None,
        };
        let text = alias
            .or_else(|| endpoint.of(self))
            .ok_or(Error::UnsupportedByProvider { feature: endpoint.name(), actual: Vec::new() })?;
        endpoint.check(text, &client.policy)
    }
}

impl Endpoint {
    pub(in crate::oidc) const ALL: [Self; 7] = [
        Self::Authorization,
        Self::Token,
        Self::Jwks,
        Self::Userinfo,
        Self::EndSession,
        Self::Revocation,
        Self::PushedAuthorization,
    ];

    /// The member of the discovery document.
    pub(in crate::oidc) fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorization_endpoint",
            Self::Token => "token_endpoint",
            Self::Jwks => "jwks_uri",
            Self::Userinfo => "userinfo_endpoint",
            Self::EndSession => "end_session_endpoint",
            Self::Revocation => "revocation_endpoint",
            Self::PushedAuthorization => "pushed_authorization_request_endpoint",
        }
    }

    pub(in crate::oidc) fn of(self, provider: &Provider) -> Option<&str> {
        match self {
            Self::Authorization => Some(&provider.authorization_endpoint),
            Self::Token => Some(&provider.token_endpoint),
            Self::Jwks => Some(&provider.jwks_uri),
            Self::Userinfo => provider.userinfo_endpoint.as_deref(),
            Self::EndSession => provider.end_session_endpoint.as_deref(),
            Self::Revocation => provider.revocation_endpoint.as_deref(),
            Self::PushedAuthorization => provider.pushed_authorization_request_endpoint.as_deref(),
        }
    }

    pub(in crate::oidc) fn alias(self, aliases: &MtlsEndpointAliases) -> Option<&str> {
        match self {
            Self::Token => aliases.token_endpoint.as_deref(),
            Self::Userinfo => aliases.userinfo_endpoint.as_deref(),
            Self::Revocation => aliases.revocation_endpoint.as_deref(),
            Self::PushedAuthorization => aliases.pushed_authorization_request_endpoint.as_deref(),
            Self::Authorization | Self::Jwks | Self::EndSession => None,
        }
    }

    pub(in crate::oidc) fn check(self, text: &str, policy: &Policy) -> Result<Url, Error> {
        let checked = match self {
            Self::Authorization | Self::EndSession => endpoint::check(text, policy.urls),
            Self::Token | Self::Jwks | Self::Userinfo | Self::Revocation | Self::PushedAuthorization => {
                endpoint::check_fetch(text, policy.urls)
            }
        };
        checked.map_err(|error| Error::UrlNotAllowed { field: self.name(), error })
    }
}

fn default_response_modes() -> Vec<String> {
    vec!["query".to_owned(), "fragment".to_owned()]
}

fn default_auth_methods() -> Vec<String> {
    vec!["client_secret_basic".to_owned()]
}
