//! [`Client`]: who we are to a provider, and how strictly we judge it.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{EntraTenants, Error, IssuerPolicy, Policy, Provider, issuer::is_tenant_id};
use crate::{
    crypto::Secret,
    endpoint,
    jose::{Algorithm, PrivateKey, RecipientKey},
    version::Version,
};

/// Who we are to a provider: what was registered there, how requests are authenticated, and the policy of this
/// connection.
///
/// A stored value has a `version` and holds the client secret; the private keys are not part of it and are set anew
/// with [`with_signing_key`](Self::with_signing_key) and [`with_decrypter`](Self::with_decrypter) after reading. Every
/// use checks the whole value first, as [`check`](Self::check) does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Client {
    version: Version<1>,
    /// Our identifier, also the audience of tokens; compared byte for byte.
    pub client_id: String,
    /// Where the browser comes back to, as registered.
    pub redirect_uri: String,
    /// How requests to the provider are authenticated.
    #[serde(default)]
    pub authentication: ClientAuthentication,
    /// Whom a client assertion is for.
    #[serde(default)]
    pub assertion_audience: AssertionAudience,
    /// The algorithm of our signatures; by default the one that fits the key: RS256, ES256, ES384 or EdDSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_algorithm: Option<Algorithm>,
    /// How strictly the provider's messages are judged.
    #[serde(default)]
    pub policy: Policy,
    /// What else was registered at the provider.
    #[serde(default)]
    pub registered: Registered,
    #[serde(skip)]
    signing_key: Option<Arc<PrivateKey>>,
    #[serde(skip)]
    decrypters: Decrypters,
}

/// How requests to the token endpoint and its like are authenticated (Core 9): exactly one method a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// Not at all: a public client, which PKCE alone protects.
    #[default]
    None,
    /// Identifier and secret in the `Authorization` header (RFC 6749 §2.3.1).
    ClientSecretBasic {
        /// The client secret.
        secret: Secret,
    },
    /// Identifier and secret in the body (RFC 6749 §2.3.1).
    ClientSecretPost {
        /// The client secret.
        secret: Secret,
    },
    /// An assertion with a message authentication code by the secret (Core 9).
    ClientSecretJwt {
        /// The client secret, at least as long as the hash.
        secret: Secret,
        /// HS256, HS384 or HS512.
        algorithm: Algorithm,
    },
    /// An assertion signed with the key of [`Client::with_signing_key`] (Core 9).
    PrivateKeyJwt,
    /// A certificate in the host's TLS (RFC 8705): the provider's aliases are used, and the request names the client.
    MutualTls,
}

/// Whom a client assertion is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssertionAudience {
    /// The issuer, so that no other provider can use it.
    #[default]
    Issuer,
    /// The address of the token endpoint, for providers that know nothing else.
    TokenEndpoint,
}

/// What was registered at the provider beside name, address and key. Nothing is, by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Registered {
    /// ID tokens are encrypted, and logout tokens with them: one that is not is refused.
    pub id_token_encrypted: bool,
    /// UserInfo answers are signed: one that is not is refused.
    pub userinfo_signed: bool,
    /// Authorization requests are sent as signed request objects (RFC 9101).
    pub request_object_signed: bool,
    /// Authorization requests are pushed (RFC 9126), even if the provider does not ask for it.
    pub pushed_authorization_requests: bool,
    /// Logout tokens name the session: one that does not is refused.
    pub backchannel_logout_session_required: bool,
    /// Front-channel logout requests name issuer and session: one that does not is refused.
    pub frontchannel_logout_session_required: bool,
}

/// The keys that the provider encrypts to, in the order in which they were set.
#[derive(Clone, Default)]
struct Decrypters(Vec<RecipientKey>);

impl ClientAuthentication {
    /// With a client secret, as this provider takes it (Discovery 3, `token_endpoint_auth_methods_supported`): in the
    /// header, which is the method that every provider has to know, and in the body where it lists that alone.
    #[must_use]
    pub fn with_secret(secret: Secret, provider: &Provider) -> Self {
        let lists = |method: &str| {
            provider.token_endpoint_auth_methods_supported.iter().any(|listed| listed == method)
        };
        if lists("client_secret_post") && !lists("client_secret_basic") {
            Self::ClientSecretPost { secret }
        } else {
            Self::ClientSecretBasic { secret }
        }
    }
}

impl Client {
    /// A public client with the default policy.
    #[must_use]
    pub fn new(client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        Self {
            version: Version,
            client_id: client_id.into(),
            redirect_uri: redirect_uri.into(),
            authentication: ClientAuthentication::default(),
            assertion_audience: AssertionAudience::default(),
            signing_algorithm: None,
            policy: Policy::default(),
            registered: Registered::default(),
            signing_key: None,
            decrypters: Decrypters::default(),
        }
    }

    /// Sets how requests are authenticated.
    #[must_use]
    pub fn authenticated_by(mut self, authentication: ClientAuthentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Sets the private key that client assertions and request objects are signed with; its `kid` is the one at the
    /// provider.
    #[must_use]
    pub fn with_signing_key(mut self, key: PrivateKey) -> Self {
        self.signing_key = Some(Arc::new(key));
        self
    }

    /// Opens what the provider encrypts to us, behind the keys that are set already: during a rollover there is one
    /// for each published key.
    #[must_use]
    pub fn with_decrypter(mut self, key: RecipientKey) -> Self {
        self.decrypters.0.push(key);
        self
    }

    /// Whether every part is usable: the names, the address under [`Policy::urls`], the secret, and what the policy
    /// lists.
    ///
    /// # Errors
    /// [`Error::ConfigurationInvalid`] names the first field that is not, [`Error::UrlNotAllowed`] the address.
    pub fn check(&self) -> Result<(), Error> {
        let invalid = |field, value: &str, reason| {
            Err(Error::ConfigurationInvalid { field, value: value.to_owned(), reason })
        };
        if self.client_id.is_empty() || self.client_id.chars().any(char::is_control) {
            return invalid("client_id", &self.client_id, "empty, or with control characters");
        }
        endpoint::check(&self.redirect_uri, self.policy.urls)
            .map_err(|error| Error::UrlNotAllowed { field: "redirect_uri", error })?;
        if self.secret().is_some_and(|secret| secret.expose().is_empty()) {
            return invalid("client secret", "", "empty");
        }
        if self.policy.algs.is_empty() {
            return invalid("algs", "", "no algorithm is allowed");
        }
        match &self.policy.issuer {
            IssuerPolicy::EntraTenants { allowed: EntraTenants::Only(tenants) } => {
                if tenants.is_empty() {
                    return invalid("entra_tenants", "", "no tenant is allowed");
                }
                match tenants.iter().find(|tenant| !is_tenant_id(tenant)) {
                    Some(tenant) => invalid("entra_tenants", tenant, "not a lower-case GUID"),
                    None => Ok(()),
                }
            }
            IssuerPolicy::EntraTenants { allowed: EntraTenants::Any }
            | IssuerPolicy::Exact
            | IssuerPolicy::Google => Ok(()),
        }
    }

    /// The client secret, where there is one.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match &self.authentication {
            ClientAuthentication::ClientSecretBasic { secret }
            | ClientAuthentication::ClientSecretPost { secret }
            | ClientAuthentication::ClientSecretJwt { secret, .. } => Some(secret),
            ClientAuthentication::None
            | ClientAuthentication::PrivateKeyJwt
            | ClientAuthentication::MutualTls => None,
        }
    }

    /// The private key.
    ///
    /// # Errors
    /// [`Error::SigningKeyMissing`], where `wanted_for` says what must be signed.
    pub(crate) fn signing_key(&self, wanted_for: &'static str) -> Result<&PrivateKey, Error> {
        self.signing_key.as_deref().ok_or(Error::SigningKeyMissing { wanted_for })
    }

    /// What opens content keys.
    pub(crate) fn decrypters(&self) -> &[RecipientKey] {
        &self.decrypters.0
    }
}

impl fmt::Debug for Decrypters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decrypters").field(&self.0.len()).finish()
    }
}
