//! [`Step`] and [`Action`]: what a host shows.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::connection::preset::Preset;

/// One step of an assistant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Step {
    /// A stable name: `configure`.
    pub id: String,
    /// The title: "Configure connection".
    pub title: String,
    /// How far it is.
    pub status: StepStatus,
    /// What to do, in this order.
    pub actions: Vec<Action>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It is to be done.
    Todo,
    /// It is done.
    Done,
    /// Another step comes first.
    Blocked,
    /// It was done, and something is to be looked at again.
    Warning,
}

/// One action of a step.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Action {
    /// What to do.
    #[serde(flatten)]
    pub what: Do,
    /// Which of two ways it belongs to, where there are two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tab: Option<Tab>,
    /// Whether it can be left out.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// Whether its words still have to be compared with a live console.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unconfirmed: bool,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Do {
    /// Copy a value of ours into a field of the identity provider.
    Copy {
        /// The value.
        value: OurValue,
        /// The value's text. A token has none: it is shown once, when it is made.
        text: Option<String>,
        /// The field.
        into: String,
        /// Whether the field takes this value and no other beside it.
        #[serde(default, skip_serializing_if = "is_false")]
        single: bool,
    },
    /// Set a field of the identity provider.
    Set {
        /// The field.
        field: String,
        /// Its value.
        to: String,
    },
    /// Copy a field of the identity provider and paste it here.
    Paste {
        /// The field there.
        from: String,
        /// The field here.
        into: OurField,
        /// Whether something is there already. Stored secrets are never shown.
        filled: bool,
    },
    /// Upload a file.
    Upload {
        /// The file, ours or theirs.
        file: String,
        /// Where to.
        into: String,
    },
    /// Mind this.
    Warn {
        /// What.
        text: String,
    },
    /// Run something, here or there.
    Run {
        /// What.
        run: Run,
    },
}

/// A value of ours that belongs into the identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OurValue {
    /// Where SAML responses come in.
    AcsUrl,
    /// The same, as a regular expression that matches nothing else.
    AcsUrlPattern,
    /// Our name over SAML.
    SpEntityId,
    /// Where an OpenID Connect sign-in comes back to.
    CallbackUrl,
    /// The attribute name of Name.
    #[serde(rename = "map.name")]
    MapName,
    /// The attribute name of Login.
    #[serde(rename = "map.login")]
    MapLogin,
    /// The attribute name of Email.
    #[serde(rename = "map.email")]
    MapEmail,
    /// The attribute name of Groups.
    #[serde(rename = "map.groups")]
    MapGroups,
    /// Our public certificate.
    SpCertificate,
    /// The one-click link.
    LoginUrl,
    /// Where provisioning comes in, without a slash at the end.
    ScimUrl,
    /// The same with the flag that Entra ID needs.
    ScimUrlWithFlag,
    /// The attribute that users are told apart by.
    ScimUserId,
    /// A token of provisioning.
    ScimToken,
}

/// A field of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OurField {
    /// Where the metadata is.
    MetadataUrl,
    /// The metadata document.
    MetadataXml,
    /// The login URL of an identity provider without metadata.
    SsoLoginUrl,
    /// Its certificate.
    IdpCertificate,
    /// The client ID.
    ClientId,
    /// The client secret.
    ClientSecret,
    /// The Okta domain.
    OktaDomain,
    /// The issuer.
    Issuer,
}

/// Something that is run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Run {
    /// Here: choose this identity provider and protocol.
    Choose(Preset),
    /// Here: Create Connection, which tries to reach the identity provider.
    Create,
    /// Here: Test Connection.
    Test,
    /// Here: Enable Connection.
    Enable,
    /// Here: set up provisioning.
    SetUpScim,
    /// Here: Generate Token, which shows it once.
    GenerateToken,
    /// Here: map groups to organizations.
    MapGroups,
    /// There: this button or command.
    There(String),
}

/// Which of two ways an action belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    /// With metadata.
    Automatic,
    /// By hand.
    Manual,
}

impl OurValue {
    /// What the assistant calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::AcsUrl => "Single Sign-On URL",
            Self::AcsUrlPattern => "Single Sign-On URL, as a pattern",
            Self::SpEntityId => "Service Provider Identity ID",
            Self::CallbackUrl => "Callback URL",
            Self::MapName => "Mapping of Name",
            Self::MapLogin => "Mapping of Login",
            Self::MapEmail => "Mapping of Email",
            Self::MapGroups => "Mapping of Groups",
            Self::SpCertificate => "Certificate",
            Self::LoginUrl => "Login URL",
            Self::ScimUrl | Self::ScimUrlWithFlag => "Provisioning Endpoint URL",
            Self::ScimUserId => "User ID",
            Self::ScimToken => "Bearer Token",
        }
    }
}

impl OurField {
    /// What the assistant calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::MetadataUrl => "Metadata URL",
            Self::MetadataXml => "Metadata document",
            Self::SsoLoginUrl => "Single Sign-On Login URL",
            Self::IdpCertificate => "Certificate",
            Self::ClientId => "Client ID",
            Self::ClientSecret => "Client Secret",
            Self::OktaDomain => "Okta Domain",
            Self::Issuer => "Issuer",
        }
    }

    /// Its name in data.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MetadataUrl => "metadata_url",
            Self::MetadataXml => "metadata_xml",
            Self::SsoLoginUrl => "sso_login_url",
            Self::IdpCertificate => "idp_certificate",
            Self::ClientId => "client_id",
            Self::ClientSecret => "client_secret",
            Self::OktaDomain => "okta_domain",
            Self::Issuer => "issuer",
        }
    }
}

impl fmt::Display for OurField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// For serde.
fn is_false(value: &bool) -> bool {
    !value
}
