use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{endpoint::UrlPolicy, jose::Algorithms, limits::Limits, time::Skew, version::Version};

/// How strictly a provider's messages are judged. The default is what the standard asks for and what current
/// providers fulfil; every other value is a named deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    version: Version<1>,
    /// Allowed difference of clocks, in both directions, for `exp`, `nbf`, `iat` and `auth_time`; 60 s. Above 600 s
    /// each sign-in gets the note `oidc.clock_skew_large`.
    pub clock_skew: Skew,
    /// Signature algorithms of tokens, less those that the provider does not list. The default is every sound one
    /// with a public key; `HS256` and its like need a confidential client whose secret is as long as the hash.
    pub algs: Algorithms,
    /// Members that `aud` of a token may have beside our client identifier.
    pub trusted_audiences: BTreeSet<String>,
    /// Which issuers are the provider.
    pub issuer: IssuerPolicy,
    /// Whether the callback must name its issuer (RFC 9207).
    pub iss_param: IssParam,
    /// How long ago a token may have been issued, in whole seconds; no bound by default.
    #[serde(with = "seconds_or_none")]
    pub max_iat_age: Option<Duration>,
    /// How long a person may take to sign in, in whole seconds; 10 minutes.
    #[serde(with = "seconds")]
    pub pending_lifetime: Duration,
    /// How old a key set must be before an unknown key fetches it anew, in whole seconds; 60 s.
    #[serde(with = "seconds")]
    pub jwks_min_refetch: Duration,
    /// How long a key set is fresh when its answer does not say, in whole seconds; 300 s.
    #[serde(with = "seconds")]
    pub jwks_ttl: Duration,
    /// Which addresses may be used, ours and the provider's.
    pub urls: UrlPolicy,
    /// Domains, in lower case, of which this connection's e-mail addresses count as verified when the provider does
    /// not say whether they are.
    pub trust_email_for_domains: BTreeSet<String>,
    /// Bounds on sizes. Not part of a stored policy.
    #[serde(skip)]
    pub limits: Limits,
}

/// Which issuers are the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum IssuerPolicy {
    /// The one that is configured, byte for byte.
    #[default]
    Exact,
    /// Tenants of Microsoft Entra ID behind one of its shared authorities (`common`, `organizations`, `consumers`):
    /// the document's issuer holds `{tenantid}`, which a token's `tid` fills. A single tenant's own authority needs
    /// [`Exact`](Self::Exact).
    EntraTenants {
        /// Whose accounts may sign in.
        allowed: EntraTenants,
    },
    /// Google: `https://accounts.google.com`, in older tokens without `https://`.
    Google,
}

/// Tenants of Microsoft Entra ID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntraTenants {
    /// These, each a lower-case GUID.
    Only(BTreeSet<String>),
    /// Every one: anybody can make a tenant, and name its users at will.
    Any,
}

/// Whether the callback must name its issuer (RFC 9207). An issuer that it names is always compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssParam {
    /// When the provider says that it does.
    #[default]
    AsAdvertised,
    /// Always.
    Require,
}

impl Policy {
    /// The default policy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: Version,
            clock_skew: Skew::from_secs(60),
            algs: Algorithms::default(),
            trusted_audiences: BTreeSet::new(),
            issuer: IssuerPolicy::default(),
            iss_param: IssParam::default(),
            max_iat_age: None,
            pending_lifetime: Duration::from_secs(600),
            jwks_min_refetch: Duration::from_secs(60),
            jwks_ttl: Duration::from_secs(300),
            urls: UrlPolicy::default(),
            trust_email_for_domains: BTreeSet::new(),
            limits: Limits::default(),
        }
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        time.as_secs().serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

mod seconds_or_none {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        time.map(|time| time.as_secs()).serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_secs))
    }
}
