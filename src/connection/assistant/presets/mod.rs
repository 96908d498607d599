//! The steps of every preset, as tables. `{product}` stands for the product's name.

mod completion;
mod custom;
mod entra;
mod jumpcloud;
mod okta;
mod others;
mod provisioning;
mod shared;

use super::step::{OurField, OurValue, Run, Tab};
use crate::connection::preset::{Preset, ProvisioningPreset};

pub(super) use self::completion::COMPLETION;

/// The version of the tables: it grows when a text or a step changes.
pub const PRESETS_VERSION: u32 = 1;

/// A step before it is shown to somebody.
pub(super) struct StepData {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) actions: &'static [ActionData],
}

#[derive(Clone, Copy)]
pub(super) struct ActionData {
    pub(super) what: What,
    pub(super) tab: Option<Tab>,
    pub(super) optional: bool,
    pub(super) unconfirmed: bool,
}

#[derive(Clone, Copy)]
pub(super) enum What {
    Copy { value: OurValue, into: &'static str, single: bool },
    Set { field: &'static str, to: To },
    Paste { from: &'static str, into: OurField },
    Upload { file: File, into: Into },
    Warn(&'static str),
    Run(RunData),
}

/// What a field is set to.
#[derive(Clone, Copy)]
pub(super) enum To {
    Text(&'static str),
    /// The name of a mapped attribute.
    Value(OurValue),
}

#[derive(Clone, Copy)]
pub(super) enum File {
    Theirs(&'static str),
    /// Our certificate.
    Certificate,
}

#[derive(Clone, Copy)]
pub(super) enum Into {
    There(&'static str),
    Here(OurField),
}

#[derive(Clone, Copy)]
pub(super) enum RunData {
    Create,
    Test,
    Enable,
    SetUpScim,
    GenerateToken,
    MapGroups,
    There(&'static str),
}

pub(super) fn sso(preset: Preset) -> &'static [StepData] {
    match preset {
        Preset::OktaOidc => okta::OIDC,
        Preset::OktaSaml => okta::SAML,
        Preset::EntraSaml => entra::SAML,
        Preset::EntraOidc => entra::OIDC,
        Preset::JumpcloudSaml => jumpcloud::SAML,
        Preset::GoogleWorkspace => others::GOOGLE,
        Preset::Adfs => others::ADFS,
        Preset::Pingone => others::PINGONE,
        Preset::Onelogin => others::ONELOGIN,
        Preset::Keycloak => others::KEYCLOAK,
        Preset::CustomSaml => custom::SAML,
        Preset::CustomOidc => custom::OIDC,
    }
}

pub(super) fn scim(preset: ProvisioningPreset) -> &'static [StepData] {
    match preset {
        ProvisioningPreset::ScimOkta => provisioning::OKTA,
        ProvisioningPreset::ScimEntra => provisioning::ENTRA,
        ProvisioningPreset::ScimJumpcloud => provisioning::JUMPCLOUD,
        ProvisioningPreset::ScimOnelogin => provisioning::ONELOGIN,
        ProvisioningPreset::ScimGeneric => provisioning::GENERIC,
    }
}

impl RunData {
    pub(super) fn run(self) -> Run {
        match self {
            Self::Create => Run::Create,
            Self::Test => Run::Test,
            Self::Enable => Run::Enable,
            Self::SetUpScim => Run::SetUpScim,
            Self::GenerateToken => Run::GenerateToken,
            Self::MapGroups => Run::MapGroups,
            Self::There(what) => Run::There(what.to_owned()),
        }
    }
}

const fn action(what: What) -> ActionData {
    ActionData { what, tab: None, optional: false, unconfirmed: false }
}

const fn copy(value: OurValue, into: &'static str) -> ActionData {
    action(What::Copy { value, into, single: false })
}

/// A field that takes this value and no other.
const fn copy_single(value: OurValue, into: &'static str) -> ActionData {
    action(What::Copy { value, into, single: true })
}

const fn set(field: &'static str, to: &'static str) -> ActionData {
    action(What::Set { field, to: To::Text(to) })
}

const fn set_value(field: &'static str, value: OurValue) -> ActionData {
    action(What::Set { field, to: To::Value(value) })
}

const fn paste(from: &'static str, into: OurField) -> ActionData {
    action(What::Paste { from, into })
}

const fn upload(from: &'static str, into: OurField) -> ActionData {
    action(What::Upload { file: File::Theirs(from), into: Into::Here(into) })
}

const fn upload_certificate(into: &'static str) -> ActionData {
    action(What::Upload { file: File::Certificate, into: Into::There(into) })
}

const fn warn(text: &'static str) -> ActionData {
    action(What::Warn(text))
}

const fn run(run: RunData) -> ActionData {
    action(What::Run(run))
}

const fn run_there(what: &'static str) -> ActionData {
    action(What::Run(RunData::There(what)))
}

impl ActionData {
    const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// Taken from general knowledge, to be confirmed on a live tenant.
    const fn unconfirmed(self) -> Self {
        Self { unconfirmed: true, ..self }
    }

    const fn automatic(self) -> Self {
        Self { tab: Some(Tab::Automatic), ..self }
    }

    const fn manual(self) -> Self {
        Self { tab: Some(Tab::Manual), ..self }
    }
}

/// `{base}` and `{key}` as in an address are no places of a table.
pub(super) fn with_product(text: &str, product: &str) -> String {
    text.replace("{product}", product)
}
