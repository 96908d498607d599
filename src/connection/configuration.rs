//! [`Connection`]: everything that is set up between one enterprise and one identity provider.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::domain::{Domain, DomainName, DomainStatus};
use super::identity_provider::{ClientRegistration, IdentityProvider, IdpSource};
use super::preset::{Preset, Protocol};
use crate::groups::{GroupMapping, GroupSource, LoginPolicy};
use crate::id::ConnectionId;
#[cfg(feature = "oidc")]
use crate::oidc;
use crate::profile::{AccountPolicy, Creation, Mapping, Provisioning};
#[cfg(feature = "saml")]
use crate::saml::metadata::sp::SpConfig;
#[cfg(feature = "saml")]
use crate::saml::web_sso;
#[cfg(feature = "scim")]
use crate::scim::token::TokenRecord;
use crate::time::Timestamp;
use crate::version::Version;

/// The connection of one enterprise to one identity provider, as the host stores it.
///
/// Only [`apply`](super::apply) changes it, so that a stored value has gone through every rule of its life cycle;
/// when a token was last used is recorded beside that, and is no change of what is set up. It holds no secret: the client secret is a name in the host's vault, tokens are digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    pub(super) format: Version<1>,
    pub(super) id: ConnectionId,
    pub(super) name: String,
    pub(super) enterprise_key: String,
    pub(super) state: State,
    pub(super) version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) preset: Option<Preset>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<IdpSource>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) client: Option<ClientRegistration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<IdentityProvider>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reached_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) sp_entity_id: SpEntityId,
    pub(super) mapping: Mapping,
    pub(super) mapping_version: u32,
    #[serde(default)]
    pub(super) policy: ConnectionPolicy,
    #[serde(default)]
    pub(super) domains: Domains,
    #[serde(default)]
    pub(super) test: Test,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scim: Option<Scim>,
    pub(super) group_mapping: GroupMapping,
    #[serde(default)]
    pub(super) set_up_link: u64,
}

/// Where a connection is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Settings are being entered.
    Draft,
    /// The identity provider was reached.
    Created,
    /// A test sign-in has succeeded.
    Tested,
    /// People sign in.
    Enabled,
    /// It was switched off; nothing was removed.
    Disabled,
    /// It is gone. The host deletes it; groups, members and permissions stay.
    Deleted,
}

/// Which name we have at a SAML identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpEntityId {
    /// The Service Provider Identity ID that the product shows.
    #[default]
    IdentityId,
    /// The Single Sign-On URL, for identity providers that are set up that way (JumpCloud).
    AcsUrl,
}

/// How strictly sign-ins are judged, and what they may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConnectionPolicy {
    /// SAML responses.
    #[cfg(feature = "saml")]
    pub saml: web_sso::Policy,
    /// OpenID Connect messages.
    #[cfg(feature = "oidc")]
    pub oidc: oidc::Policy,
    /// Memberships. Its source is the connection's one group source.
    pub groups: LoginPolicy,
    /// Whether a sign-in makes an account beside provisioning.
    pub just_in_time: JustInTime,
    /// An email address that the identity provider calls unverified.
    pub unverified_email: Finding,
    /// An email address that another account has.
    pub email_in_use: Finding,
}

/// Whether a sign-in makes an account although provisioning does too. Without provisioning it always does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JustInTime {
    /// Only where groups come from sign-in.
    #[default]
    WithGroups,
    /// Always.
    Allowed,
}

/// What a finding means for the sign-in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It is recorded, and the person comes in.
    #[default]
    Warn,
    /// The person may not come in.
    Refuse,
}

/// The email domains of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Domains {
    /// Claimed domains.
    pub claimed: Vec<Domain>,
    /// Whether a profile's email address must be of one of the verified domains.
    pub allowed: AllowedDomains,
}

/// Which email addresses a profile may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowedDomains {
    /// Any.
    #[default]
    Any,
    /// Those of verified domains of the connection.
    Verified,
}

/// What the last test sign-in was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Test {
    /// There was none.
    #[default]
    Missing,
    /// It says nothing any more, because this setting has changed since.
    Dropped {
        /// The setting.
        by: String,
    },
    /// It succeeded.
    Passed {
        /// When.
        at: Timestamp,
    },
    /// It failed.
    Failed {
        /// When.
        at: Timestamp,
    },
}

/// Provisioning of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Scim {
    /// Tokens that were not revoked.
    #[cfg(feature = "scim")]
    pub tokens: Vec<TokenRecord>,
}

/// Names by which a new connection is known.
#[derive(Clone, Copy, Debug)]
pub struct NewConnection<'a> {
    /// The host's identifier.
    pub id: &'a str,
    /// What administrators call it; deleting asks for it.
    pub name: &'a str,
    /// The key of the enterprise in the login URL.
    pub enterprise_key: &'a str,
}

impl Connection {
    /// A connection that nothing is set of. The first command chooses a preset.
    #[must_use]
    pub fn new(new: NewConnection<'_>) -> Self {
        Self {
            format: Version,
            id: new.id.into(),
            name: new.name.to_owned(),
            enterprise_key: new.enterprise_key.to_owned(),
            state: State::Draft,
            version: 0,
            preset: None,
            source: None,
            client: None,
            provider: None,
            reached_at: None,
            sp_entity_id: SpEntityId::default(),
            mapping: super::preset_mapping::default_mapping(Preset::CustomSaml),
            mapping_version: super::preset_mapping::MAPPING_VERSION,
            policy: ConnectionPolicy::default(),
            domains: Domains::default(),
            test: Test::default(),
            scim: None,
            group_mapping: GroupMapping::new("0"),
            set_up_link: 0,
        }
    }

    /// The host's identifier.
    #[must_use]
    pub fn id(&self) -> &ConnectionId {
        &self.id
    }

    /// What administrators call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key of the enterprise in the login URL.
    #[must_use]
    pub fn enterprise_key(&self) -> &str {
        &self.enterprise_key
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// It grows by one with every command.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The identity provider and protocol; `None` before they are chosen.
    #[must_use]
    pub fn preset(&self) -> Option<Preset> {
        self.preset
    }

    /// The protocol of the preset.
    #[must_use]
    pub fn protocol(&self) -> Option<Protocol> {
        self.preset.map(Preset::protocol)
    }

    /// What the administrator entered about the identity provider.
    #[must_use]
    pub fn source(&self) -> Option<&IdpSource> {
        self.source.as_ref()
    }

    /// Who we are to an OpenID Connect provider.
    #[must_use]
    pub fn client(&self) -> Option<&ClientRegistration> {
        self.client.as_ref()
    }

    /// The identity provider as it was reached.
    #[must_use]
    pub fn provider(&self) -> Option<&IdentityProvider> {
        self.provider.as_ref()
    }

    /// When the identity provider was reached last.
    #[must_use]
    pub fn reached_at(&self) -> Option<Timestamp> {
        self.reached_at
    }

    /// Which name we have at the identity provider.
    #[must_use]
    pub fn sp_entity_id(&self) -> &SpEntityId {
        &self.sp_entity_id
    }

    /// How claims become a profile.
    #[must_use]
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The version of the product's attribute mapping that the mapping was made for.
    #[must_use]
    pub fn mapping_version(&self) -> u32 {
        self.mapping_version
    }

    /// How strictly sign-ins are judged.
    #[must_use]
    pub fn policy(&self) -> &ConnectionPolicy {
        &self.policy
    }

    /// Who decides about groups.
    #[must_use]
    pub fn group_source(&self) -> GroupSource {
        self.policy.groups.source
    }

    /// The email domains.
    #[must_use]
    pub fn domains(&self) -> &Domains {
        &self.domains
    }

    /// What the last test was.
    #[must_use]
    pub fn test(&self) -> &Test {
        &self.test
    }

    /// Provisioning, where it is set up.
    #[must_use]
    pub fn scim(&self) -> Option<&Scim> {
        self.scim.as_ref()
    }

    /// Which groups of the identity provider are mapped to which organization.
    #[must_use]
    pub fn group_mapping(&self) -> &GroupMapping {
        &self.group_mapping
    }

    /// What a sign-in may do about accounts.
    #[must_use]
    pub fn account_policy(&self) -> AccountPolicy {
        let provisioning = if self.scim.is_some() { Provisioning::On } else { Provisioning::Off };
        let creation = match (self.group_source(), self.policy.just_in_time) {
            (GroupSource::Login, _) => Creation::WithGroups,
            (GroupSource::Scim, JustInTime::Allowed) => Creation::JustInTime,
            (GroupSource::Scim, JustInTime::WithGroups) => Creation::Never,
        };
        AccountPolicy { provisioning, creation }
    }

    /// Who we are to the identity provider over SAML, from the product's two values.
    #[cfg(feature = "saml")]
    #[must_use]
    pub fn sp_config(&self, identity_id: &str, acs_url: &str) -> SpConfig {
        match self.sp_entity_id {
            SpEntityId::IdentityId => SpConfig::new(identity_id, acs_url),
            SpEntityId::AcsUrl => SpConfig::new(acs_url, acs_url),
        }
    }
}

#[cfg(feature = "oidc")]
impl Connection {
    /// Who we are to the provider over OpenID Connect, with the secret out of the host's vault; `None` before a client ID
    /// was entered.
    #[must_use]
    pub fn oidc_client(
        &self,
        callback_url: &str,
        authentication: oidc::client::ClientAuthentication,
    ) -> Option<oidc::Client> {
        let registration = self.client.as_ref()?;
        let mut client =
            oidc::Client::new(&registration.client_id, callback_url).authenticated_by(authentication);
        client.policy = self.policy.oidc.clone();
        Some(client)
    }
}

impl Connection {
    /// Nothing is mapped any more. The mapping's revision is the version that the command leads to.
    pub(super) fn clear_group_mapping(&mut self) {
        if !self.group_mapping.is_empty() {
            self.group_mapping = GroupMapping::new(self.next_version());
        }
    }

    pub(super) fn next_version(&self) -> String {
        self.version.saturating_add(1).to_string()
    }
}

#[cfg(feature = "scim")]
impl Connection {
    /// Records that a token was used, and says whether there is something to store: at most once a minute for each
    /// token. It is no command, so the version stays, and a connection that was stored meanwhile wins.
    #[must_use]
    pub fn token_used(&mut self, id: &str, now: Timestamp) -> bool {
        let mut tokens = self.scim.iter_mut().flat_map(|scim| &mut scim.tokens);
        tokens.find(|token| token.id == id).is_some_and(|token| token.used(now))
    }
}

impl Scim {
    /// Whether the identity provider can have a token of it.
    pub(super) fn has_token(&self) -> bool {
        #[cfg(feature = "scim")]
        return !self.tokens.is_empty();
        #[cfg(not(feature = "scim"))]
        false
    }
}

impl Domains {
    pub(super) fn holds_verified(&self, name: &DomainName) -> bool {
        self.verified().any(|domain| domain.name() == name)
    }

    /// Domains that are proven.
    pub fn verified(&self) -> impl Iterator<Item = &Domain> {
        self.claimed.iter().filter(|domain| domain.status() == DomainStatus::Verified)
    }
}

impl Test {
    /// Whether the connection as it is now has passed a test.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        matches!(self, Self::Passed { .. })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "a draft",
            Self::Created => "created and not tested",
            Self::Tested => "tested",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        })
    }
}
