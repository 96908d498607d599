//! [`Preset`]: the identity providers that the set-up assistant knows, by name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an administrator chooses first: an identity provider and a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preset {
    /// Okta over OpenID Connect.
    OktaOidc,
    /// Okta over SAML.
    OktaSaml,
    /// Microsoft Entra ID over SAML.
    EntraSaml,
    /// Microsoft Entra ID over OpenID Connect.
    EntraOidc,
    /// JumpCloud over SAML.
    JumpcloudSaml,
    /// Google Workspace over SAML.
    GoogleWorkspace,
    /// Active Directory Federation Services over SAML.
    Adfs,
    /// PingOne over SAML.
    Pingone,
    /// OneLogin over SAML.
    Onelogin,
    /// Keycloak over SAML.
    Keycloak,
    /// Any other identity provider over SAML.
    CustomSaml,
    /// Any other identity provider over OpenID Connect.
    CustomOidc,
}

/// How a preset provisions over SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProvisioningPreset {
    /// Okta.
    ScimOkta,
    /// Microsoft Entra ID.
    ScimEntra,
    /// JumpCloud.
    ScimJumpcloud,
    /// OneLogin.
    ScimOnelogin,
    /// Any other SCIM 2.0 client.
    ScimGeneric,
}

/// The protocol of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// SAML 2.0.
    Saml,
    /// OpenID Connect.
    Oidc,
}

impl Preset {
    /// Every preset, in the order of a menu.
    pub const ALL: [Self; 12] = [
        Self::OktaOidc,
        Self::OktaSaml,
        Self::EntraSaml,
        Self::EntraOidc,
        Self::JumpcloudSaml,
        Self::GoogleWorkspace,
        Self::Adfs,
        Self::Pingone,
        Self::Onelogin,
        Self::Keycloak,
        Self::CustomSaml,
        Self::CustomOidc,
    ];

    /// The name of the choice.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::OktaOidc => "Okta OIDC",
            Self::OktaSaml => "Okta SAML",
            Self::EntraSaml => "Microsoft Entra ID SAML",
            Self::EntraOidc => "Microsoft Entra ID OIDC",
            Self::JumpcloudSaml => "JumpCloud SAML",
            Self::GoogleWorkspace => "Google Workspace",
            Self::Adfs => "AD FS",
            Self::Pingone => "PingOne",
            Self::Onelogin => "OneLogin",
            Self::Keycloak => "Keycloak",
            Self::CustomSaml => "Custom SAML",
            Self::CustomOidc => "Custom OIDC",
        }
    }

    /// The protocol.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::OktaOidc | Self::EntraOidc | Self::CustomOidc => Protocol::Oidc,
            Self::OktaSaml
            | Self::EntraSaml
            | Self::JumpcloudSaml
            | Self::GoogleWorkspace
            | Self::Adfs
            | Self::Pingone
            | Self::Onelogin
            | Self::Keycloak
            | Self::CustomSaml => Protocol::Saml,
        }
    }

    /// The scopes to ask for beside `openid`; none over SAML.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::OktaOidc => &["profile", "email", "groups"],
            Self::EntraOidc | Self::CustomOidc => &["profile", "email"],
            _ => &[],
        }
    }

    /// How it provisions; `None` where the identity provider has no SCIM client for applications like ours.
    #[must_use]
    pub const fn provisioning(self) -> Option<ProvisioningPreset> {
        match self {
            Self::OktaOidc | Self::OktaSaml => Some(ProvisioningPreset::ScimOkta),
            Self::EntraSaml | Self::EntraOidc => Some(ProvisioningPreset::ScimEntra),
            Self::JumpcloudSaml => Some(ProvisioningPreset::ScimJumpcloud),
            Self::Onelogin => Some(ProvisioningPreset::ScimOnelogin),
            Self::Pingone | Self::Keycloak | Self::CustomSaml | Self::CustomOidc => {
                Some(ProvisioningPreset::ScimGeneric)
            }
            Self::GoogleWorkspace | Self::Adfs => None,
        }
    }
}

impl ProvisioningPreset {
    /// Every provisioning preset.
    pub const ALL: [Self; 5] =
        [Self::ScimOkta, Self::ScimEntra, Self::ScimJumpcloud, Self::ScimOnelogin, Self::ScimGeneric];

    /// Whether groups come over SCIM when the identity provider is set up as its steps say.
    #[must_use]
    pub const fn sends_groups(self) -> bool {
        match self {
            Self::ScimOkta | Self::ScimEntra | Self::ScimOnelogin | Self::ScimGeneric => true,
            Self::ScimJumpcloud => false,
        }
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Saml => "saml",
            Self::Oidc => "oidc",
        })
    }
}
