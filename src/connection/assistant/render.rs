//! Tables to steps: values of this connection in the places of the table.

use super::presets::{self, ActionData, File, Into, StepData, To, What, with_product};
use super::status;
use super::step::{Action, Do, OurField, OurValue, Run, Step, StepStatus};
use super::urls::Urls;
use crate::connection::configuration::{Connection, State};
use crate::connection::identity_provider::IdpSource;
use crate::connection::preset::Preset;
use crate::groups::GroupSource;
use crate::profile::Rule;

/// The steps of single sign-on, for every state; before a preset is chosen, the one that chooses.
///
/// No action holds a stored secret. A value that a field takes alone comes with the warning that it must be the only
/// one.
#[must_use]
pub fn steps(connection: &Connection, urls: &Urls) -> Vec<Step> {
    let Some(preset) = connection.preset() else { return vec![choose()] };
    let mut steps: Vec<Step> = presets::sso(preset)
        .iter()
        .map(|data| render(data, status::sso(data.id, connection, urls), connection, urls))
        .collect();
    // Said first: without provisioning, groups have to be there before anybody signs in
    if connection.group_source() == GroupSource::Login
        && let Some(first) = steps.first_mut()
    {
        first.actions.insert(0, warning(PREPARE_GROUPS));
    }
    steps
}

/// The steps of provisioning; none where the identity provider offers none, and the connection is sign-in only.
#[must_use]
pub fn provisioning_steps(connection: &Connection, urls: &Urls) -> Vec<Step> {
    let Some(preset) = connection.preset().and_then(Preset::provisioning) else { return Vec::new() };
    presets::scim(preset)
        .iter()
        .map(|data| render(data, status::provisioning(data.id, connection, urls), connection, urls))
        .collect()
}

/// The steps after single sign-on and provisioning are set up.
#[must_use]
pub fn completion_steps(connection: &Connection, urls: &Urls) -> Vec<Step> {
    let mut steps: Vec<Step> = presets::COMPLETION
        .iter()
        .map(|data| render(data, status::completion(connection), connection, urls))
        .collect();
    if connection.group_source() == GroupSource::Login
        && let Some(first) = steps.first_mut()
    {
        first.actions.insert(0, warning(PREPARE_GROUPS));
    }
    steps
}

fn choose() -> Step {
    let run = |preset: &Preset| plain(Do::Run { run: Run::Choose(*preset) });
    Step {
        id: "choose".to_owned(),
        title: "Choose identity provider or protocol".to_owned(),
        status: StepStatus::Todo,
        actions: Preset::ALL.iter().map(run).collect(),
    }
}

fn render(data: &StepData, status: StepStatus, connection: &Connection, urls: &Urls) -> Step {
    let status = if connection.state() == State::Deleted { StepStatus::Blocked } else { status };
    let mut actions = Vec::with_capacity(data.actions.len() + 2);
    for action in data.actions {
        actions.push(render_action(action, connection, urls));
        if let What::Copy { single: true, .. } = action.what {
            actions.push(warning(SINGLE_URL));
        }
    }
    // One warning for several fields of one step
    let mut warned = false;
    actions.retain(|action| {
        let is_warning = matches!(&action.what, Do::Warn { text } if text == SINGLE_URL);
        let again = is_warning && warned;
        warned |= is_warning;
        !again
    });
    Step { id: data.id.to_owned(), title: data.title.to_owned(), status, actions }
}

fn render_action(data: &ActionData, connection: &Connection, urls: &Urls) -> Action {
    let text = |text: &str| with_product(text, &urls.product_name);
    let what = match data.what {
        What::Copy { value, into, single } => {
            Do::Copy { value, text: text_of(value, connection, urls), into: into.to_owned(), single }
        }
        What::Set { field, to: To::Text(to) } => Do::Set { field: text(field), to: text(to) },
        What::Set { field, to: To::Value(value) } => {
            Do::Set { field: text(field), to: text_of(value, connection, urls).unwrap_or_default() }
        }
        What::Paste { from, into } => {
            Do::Paste { from: from.to_owned(), into, filled: is_filled(into, connection) }
        }
        What::Upload { file, into } => Do::Upload {
            file: match file {
                File::Theirs(file) => file.to_owned(),
                File::Certificate => urls.sp_certificate.clone().unwrap_or_else(|| NO_CERTIFICATE.to_owned()),
            },
            into: match into {
                Into::There(field) => field.to_owned(),
                Into::Here(field) => field.as_str().to_owned(),
            },
        },
        What::Warn(warned) => Do::Warn { text: text(warned) },
        What::Run(run) => Do::Run { run: run.run() },
    };
    Action { what, tab: data.tab, optional: data.optional, unconfirmed: data.unconfirmed }
}

/// The text to copy. A stored token has none: the host shows it once, when it is made.
fn text_of(value: OurValue, connection: &Connection, urls: &Urls) -> Option<String> {
    let mapping = connection.mapping();
    let name = |rule: &Rule| rule.source.to_string();
    match value {
        OurValue::AcsUrl => Some(urls.acs_url.clone()),
        OurValue::AcsUrlPattern => Some(pattern(&urls.acs_url)),
        OurValue::SpEntityId => Some(urls.entity_id_of(connection).to_owned()),
        OurValue::CallbackUrl => Some(urls.callback_url.clone()),
        OurValue::MapName => mapping.name.as_ref().map(name),
        OurValue::MapLogin => Some(name(&mapping.login)),
        OurValue::MapEmail => Some(name(&mapping.email)),
        OurValue::MapGroups => mapping.groups.as_ref().map(name),
        OurValue::SpCertificate => urls.sp_certificate.clone(),
        OurValue::LoginUrl => Some(urls.login_url_of(connection)),
        OurValue::ScimUrl => Some(urls.scim_url().to_owned()),
        OurValue::ScimUrlWithFlag => Some(format!("{}?aadOptscim062020", urls.scim_url())),
        OurValue::ScimUserId => Some("userName".to_owned()),
        OurValue::ScimToken => None,
    }
}

/// A regular expression for this text and no other.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("^");
    for c in text.chars() {
        if !c.is_alphanumeric() && !matches!(c, ':' | '/' | '-' | '_' | '~' | '%') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('$');
    pattern
}

fn is_filled(field: OurField, connection: &Connection) -> bool {
    let source = connection.source();
    match field {
        OurField::MetadataUrl => matches!(source, Some(IdpSource::MetadataUrl(_))),
        OurField::MetadataXml => matches!(source, Some(IdpSource::MetadataDocument(_))),
        OurField::SsoLoginUrl | OurField::IdpCertificate => matches!(source, Some(IdpSource::Manual { .. })),
        OurField::OktaDomain => matches!(source, Some(IdpSource::OktaDomain(_))),
        OurField::Issuer => matches!(source, Some(IdpSource::Issuer(_) | IdpSource::EntraTenant(_))),
        OurField::ClientId => connection.client().is_some(),
        OurField::ClientSecret => connection.client().is_some_and(|client| client.client_secret.is_some()),
    }
}

fn warning(text: &str) -> Action {
    plain(Do::Warn { text: text.to_owned() })
}

fn plain(what: Do) -> Action {
    Action { what, tab: None, optional: false, unconfirmed: false }
}

const SINGLE_URL: &str = "Enter only this one value. Several sign-on, reply or redirect URLs lead to errors, often seen as status 403 at sign-in.";
const PREPARE_GROUPS: &str = "If you do not use provisioning, prepare groups and permissions in your organizations first: at sign-in, memberships are set to the groups of exactly the same name.";
const NO_CERTIFICATE: &str = "our public certificate, which whoever runs the product has";
