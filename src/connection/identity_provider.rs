//! [`IdpSource`]: what an administrator enters about the identity provider; [`Reach`]: what the host fetched for it.

use serde::{Deserialize, Serialize};

use super::diagnosis::Evidence;
use super::preset::Protocol;
#[cfg(feature = "oidc")]
use crate::oidc;
#[cfg(feature = "saml")]
use crate::saml::metadata::idp::IdpConfig;
use crate::time::Timestamp;

/// What an administrator enters about the identity provider.
///
/// ```
/// use admittance::connection::IdpSource;
///
/// let source: IdpSource = serde_json::from_str(r#"{ "metadata_url": "https://idp.example/metadata" }"#)?;
/// assert_eq!(source, IdpSource::MetadataUrl("https://idp.example/metadata".to_owned()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdpSource {
    /// SAML: where the metadata is. The host fetches it.
    MetadataUrl(String),
    /// SAML: the metadata itself.
    MetadataDocument(String),
    /// SAML: login URL and certificates, for identity providers without metadata.
    Manual {
        /// Where the browser is sent to.
        login_url: String,
        /// The certificates as uploaded: PEM or base64.
        certificates: Vec<String>,
        /// The identity provider's entity ID; where it is not known, the first test learns it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entity_id: Option<String>,
    },
    /// OpenID Connect: an Okta domain, with or without scheme.
    OktaDomain(String),
    /// OpenID Connect: the directory (tenant) ID of Microsoft Entra ID.
    EntraTenant(String),
    /// OpenID Connect: the issuer, exactly as the identity provider writes it.
    Issuer(String),
}

/// Who we are to an OpenID Connect provider. The secret itself is not here: the host keeps it and gives it a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRegistration {
    /// The client ID.
    pub client_id: String,
    /// The name under which the host keeps the client secret; `None` while none was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<SecretName>,
}

/// The name under which the host keeps a secret: a key of its vault, never the secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretName(pub String);

/// What the host found when it tried to reach the identity provider. It follows no redirect that
/// [`check_fetch`](crate::endpoint::check_fetch) does not allow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Reach {
    /// There is nothing to fetch: metadata was uploaded or entered by hand.
    NothingToFetch,
    /// Nothing came.
    NotReached {
        /// Why, for people: a status, a time-out.
        reason: String,
    },
    /// SAML: the document that the metadata URL has.
    #[cfg(feature = "saml")]
    Metadata(Vec<u8>),
    /// OpenID Connect: what [`oidc::discovery`] made of the answer.
    #[cfg(feature = "oidc")]
    Discovery(Box<Result<oidc::Provider, oidc::Error>>),
}

/// The identity provider as it was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdentityProvider {
    /// Over SAML.
    #[cfg(feature = "saml")]
    Saml(Box<IdpConfig>),
    /// Over OpenID Connect.
    #[cfg(feature = "oidc")]
    Oidc(Box<oidc::Provider>),
}

impl IdpSource {
    /// The protocol that it belongs to.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self {
            Self::MetadataUrl(_) | Self::MetadataDocument(_) | Self::Manual { .. } => Protocol::Saml,
            Self::OktaDomain(_) | Self::EntraTenant(_) | Self::Issuer(_) => Protocol::Oidc,
        }
    }

    /// The field of the assistant.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::MetadataUrl(_) => "metadata_url",
            Self::MetadataDocument(_) => "metadata_xml",
            Self::Manual { .. } => "sso_login_url",
            Self::OktaDomain(_) => "okta_domain",
            Self::EntraTenant(_) | Self::Issuer(_) => "issuer",
        }
    }

    /// The issuer that it leads to, where that can be said without asking the identity provider: what the host
    /// fetches the discovery document of. It ends as the identity provider writes it.
    #[must_use]
    pub fn issuer(&self) -> Option<String> {
        match self {
            Self::OktaDomain(domain) => okta_issuer(domain),
            Self::EntraTenant(tenant) => entra_issuer(tenant),
            Self::Issuer(issuer) => Some(issuer.clone()),
            Self::MetadataUrl(_) | Self::MetadataDocument(_) | Self::Manual { .. } => None,
        }
    }
}

impl IdentityProvider {
    /// The issuer that its messages must carry: an entity ID or an issuer URL. `None` while a SAML identity provider
    /// that was set up by hand has not been tested.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "saml")]
            Self::Saml(idp) => idp.entity_id(),
            #[cfg(feature = "oidc")]
            Self::Oidc(provider) => Some(&provider.issuer),
        }
    }

    /// From when on what was read must not be used any more, where it says so.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        match self {
            #[cfg(feature = "saml")]
            Self::Saml(idp) => idp.valid_until(),
            #[cfg(feature = "oidc")]
            Self::Oidc(_) => None,
        }
    }

    /// The SAML side, where it is one.
    #[cfg(feature = "saml")]
    #[must_use]
    pub fn saml(&self) -> Option<&IdpConfig> {
        match self {
            Self::Saml(idp) => Some(idp),
            #[cfg(feature = "oidc")]
            Self::Oidc(_) => None,
        }
    }

    /// The OpenID Connect side, where it is one.
    #[cfg(feature = "oidc")]
    #[must_use]
    pub fn oidc(&self) -> Option<&oidc::Provider> {
        match self {
            Self::Oidc(provider) => Some(provider),
            #[cfg(feature = "saml")]
            Self::Saml(_) => None,
        }
    }
}

/// D42: metadata that is past its own end must not be used any more.
pub(super) fn expired_metadata(provider: &IdentityProvider, now: Timestamp) -> Option<Evidence> {
    let end = provider.valid_until().filter(|end| now >= *end)?;
    let evidence = Evidence::new("saml.metadata_expired").expected(format!("a time before {end}"));
    Some(evidence.actual(now.to_string()))
}

/// `acme.okta.com`, with scheme or without, from the admin console or not, to the issuer of the Okta organization.
/// A path stays, for it names an authorization server. `localhost` with a port is an authorization server under
/// development, which [`UrlPolicy::Https`](crate::endpoint::UrlPolicy::Https) refuses.
fn okta_issuer(domain: &str) -> Option<String> {
    let text = domain.trim().trim_end_matches('/');
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (host, path) = text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
    let host = host.to_ascii_lowercase();
    // Pages of the console are no authorization servers
    let server = path.filter(|path| path.starts_with("oauth2/")).map(|path| format!("/{path}"));
    let server = server.unwrap_or_default();
    if is_local(&host) {
        return Some(format!("http://{host}{server}"));
    }
    let host = match host.split_once('.') {
        Some((name, rest)) => format!("{}.{rest}", name.strip_suffix("-admin").unwrap_or(name)),
        None => return None,
    };
    let is_host = host.split('.').all(|label| !label.is_empty() && label.bytes().all(is_host_byte));
    is_host.then(|| format!("https://{host}{server}"))
}

fn is_local(host: &str) -> bool {
    host.strip_prefix("localhost:").is_some_and(|port| port.parse().is_ok_and(|port: u16| port > 0))
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// The tenant ID, a GUID: `common` and its like are addresses that many tenants share, and nobody's issuer.
fn entra_issuer(tenant: &str) -> Option<String> {
    let tenant = tenant.trim().to_ascii_lowercase();
    let lengths: Vec<usize> = tenant.split('-').map(str::len).collect();
    let is_guid = lengths == [8, 4, 4, 4, 12] && tenant.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    is_guid.then(|| format!("https://login.microsoftonline.com/{tenant}/v2.0"))
}

/// Why the identity provider is not usable, as the report of what was reached has it.
#[cfg(feature = "saml")]
pub(super) fn metadata_evidence(error: &crate::saml::Error) -> Evidence {
    use crate::limits::Resource;
    use crate::saml::Error;

    match error {
        Error::Limit(exceeded) if exceeded.resource == Resource::Keys => {
            Evidence::failure("saml.too_many_signing_keys").expected(exceeded.limit.to_string())
        }
        other => Evidence::from(other),
    }
}
