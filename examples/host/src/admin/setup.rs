//! The set-up assistant of single sign-on: a stepper that shows what the library's steps hold, and nothing of its own.

use std::collections::HashMap;

use admittance::connection::{
    Connection, Diagnosis, IdpSource, NewConnection, Preset, State,
    assistant::{self, Action, Do, OurField, Run, Step, StepStatus, Tab},
    setup_link::Task,
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State as On},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::StatusCode;
use serde::Deserialize;

use super::{
    setup_entries,
    visitor::{Place, Visitor},
};
use crate::{
    app::{App, Shared},
    failure::Failure,
    layout::{Chrome, html},
    wording,
};

pub(super) fn routes() -> Router<Shared> {
    let step = || get(look).post(setup_entries::post);
    Router::new()
        .route("/admin/sso/setup", get(first))
        .route("/admin/sso/setup/{step}", step())
        .route("/setup/{link}/sso/setup", get(first))
        .route("/setup/{link}/sso/setup/{step}", step())
}

/// What somebody has entered and the library has refused: shown again.
pub(super) type Entered = HashMap<&'static str, String>;

/// An action as a page shows it.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) what: What,
    pub(super) optional: bool,
    pub(super) unconfirmed: bool,
}

pub(super) enum What {
    Copy { label: &'static str, text: String, into: String },
    Set { field: String, to: String },
    Enter(Entry),
    Download { href: String, into: String },
    Warn(String),
    There(String),
    Run(Button),
}

/// A field of ours.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// Where the value is at the identity provider; empty where that is not known.
    pub(super) from: String,
    pub(super) kind: Kind,
    pub(super) value: String,
    pub(super) hint: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Url,
    Secret,
    Document,
}

/// Something to run here.
pub(super) struct Button {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// Why it is not possible yet; empty where it is.
    pub(super) not_yet: &'static str,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    way: String,
}

async fn first(On(app): On<Shared>, visitor: Visitor) -> Result<Response, Failure> {
    visitor.require(Task::Sso)?;
    let steps = steps(&app, &visitor.connection);
    let open = |step: &&Step| matches!(step.status, StepStatus::Todo | StepStatus::Warning);
    let step = steps.iter().find(open).or(steps.first()).map_or("choose", |step| step.id.as_str());
    Ok(Redirect::to(&format!("{}/sso/setup/{step}", visitor.base)).into_response())
}

async fn look(
    On(app): On<Shared>,
    visitor: Visitor,
    Path(path): Path<HashMap<String, String>>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let step = path.get("step").map_or("", String::as_str);
    let told = Told { done: wording::done(&asked.done), way: &asked.way, ..Told::default() };
    page(&app, &visitor, step, told)
}

#[derive(Template)]
#[template(path = "admin/setup.html")]
struct Page<'a> {
    chrome: Chrome,
    places: Vec<Place>,
    done: &'static str,
    refused: Vec<Diagnosis>,
    base: &'a str,
    version: u64,
    preset: Option<Preset>,
    may_choose: bool,
    demo: Option<String>,
    stepper: Vec<Mark>,
    title: &'a str,
    id: &'a str,
    status: wording::Word,
    choices: Vec<Choice>,
    has_ways: bool,
    manual: bool,
    actions: Vec<Shown>,
    mapping: Option<Names>,
    is_last: bool,
    /// Nothing else on the page is to be pressed.
    only_next: bool,
    back: Option<String>,
    next: Option<String>,
}

struct Mark {
    title: String,
    href: String,
    class: &'static str,
    word: &'static str,
    is_current: bool,
}

struct Choice {
    value: String,
    title: &'static str,
    protocol: &'static str,
    is_chosen: bool,
}

/// The attribute names of the mapping, to be edited.
struct Names {
    name: String,
    login: String,
    email: String,
    groups: String,
}

/// What a page says beside the step itself.
#[derive(Default)]
pub(super) struct Told<'a> {
    pub(super) done: &'static str,
    pub(super) way: &'a str,
    pub(super) refused: Vec<Diagnosis>,
    pub(super) entered: Entered,
}

pub(super) fn page(app: &App, visitor: &Visitor, id: &str, told: Told<'_>) -> Result<Response, Failure> {
    visitor.require(Task::Sso)?;
    let connection = &visitor.connection;
    let mut steps = steps(app, connection);
    if id == "choose" {
        steps.retain(|step| step.id == "choose");
        steps.extend(steps.is_empty().then(|| choose(connection)).flatten());
    }
    let at = steps.iter().position(|step| step.id == id).ok_or(Failure::NotFound)?;
    let step = steps.get(at).ok_or(Failure::NotFound)?;
    let has_ways = id == "configure" && takes_metadata_url(step);
    let manual = has_ways && is_manual(connection, told.way);
    let href = |step: &Step| format!("{}/sso/setup/{}", visitor.base, step.id);
    let refused = !told.refused.is_empty();
    let actions = ways(connection, step, has_ways, manual, &told.entered);
    let page = Page {
        chrome: visitor.chrome(&step.title),
        places: visitor.places("/sso/setup"),
        done: told.done,
        refused: told.refused,
        base: &visitor.base,
        version: connection.version(),
        preset: connection.preset(),
        may_choose: connection.state() == State::Draft,
        demo: (!app.settings.no_demo)
            .then(|| format!("http://localhost:{}", app.settings.demo_listen.port())),
        stepper: steps.iter().map(|each| mark(each, each.id == step.id, href(each))).collect(),
        title: &step.title,
        id: &step.id,
        status: wording::step(&step.status),
        choices: choices(step, connection.preset())?,
        has_ways,
        manual,
        only_next: !actions.iter().any(|line| matches!(line.what, What::Run(_))),
        actions,
        mapping: (id == "mapping" && step.status != StepStatus::Blocked).then(|| names(visitor)),
        is_last: at + 1 == steps.len() && id != "choose",
        back: at.checked_sub(1).and_then(|at| steps.get(at)).map(href),
        next: steps.get(at + 1).map(href),
    };
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, html(&page)).into_response())
}

fn steps(app: &App, connection: &Connection) -> Vec<Step> {
    assistant::steps(connection, &app.urls(connection.id().as_str()))
}

/// The step that chooses, for a connection that has chosen already.
fn choose(connection: &Connection) -> Option<Step> {
    let (id, name, enterprise_key) =
        (connection.id().as_str(), connection.name(), connection.enterprise_key());
    let fresh = Connection::new(NewConnection { id, name, enterprise_key });
    assistant::steps(&fresh, &assistant::Urls::new("", "", id)).pop()
}

fn mark(step: &Step, is_current: bool, href: String) -> Mark {
    let class = match step.status {
        StepStatus::Done => "done",
        StepStatus::Warning => "warning",
        StepStatus::Todo | StepStatus::Blocked => "",
    };
    Mark { title: step.title.clone(), href, class, word: wording::step(&step.status).text, is_current }
}

fn choices(step: &Step, chosen: Option<Preset>) -> Result<Vec<Choice>, Failure> {
    let presets = step.actions.iter().filter_map(|action| match action.what {
        Do::Run { run: Run::Choose(preset) } => Some(preset),
        _ => None,
    });
    let choice = |preset: Preset| {
        Ok(Choice {
            value: serde_json::to_string(&preset)?.trim_matches('"').to_owned(),
            title: preset.title(),
            protocol: match preset.protocol() {
                admittance::connection::Protocol::Saml => "SAML 2.0",
                admittance::connection::Protocol::Oidc => "OpenID Connect",
            },
            is_chosen: chosen == Some(preset),
        })
    };
    presets.map(choice).collect()
}

fn names(visitor: &Visitor) -> Names {
    let mapping = visitor.mapping();
    let optional = |rule: &Option<admittance::profile::Rule>| {
        rule.as_ref().map(|rule| rule.source.to_string()).unwrap_or_default()
    };
    Names {
        name: optional(&mapping.name),
        login: mapping.login.source.to_string(),
        email: mapping.email.source.to_string(),
        groups: optional(&mapping.groups),
    }
}

/// SAML identity providers that have a metadata URL can be entered by hand as well.
fn takes_metadata_url(step: &Step) -> bool {
    step.actions.iter().any(|action| matches!(action.what, Do::Paste { into: OurField::MetadataUrl, .. }))
}

fn is_manual(connection: &Connection, way: &str) -> bool {
    match way {
        "manual" => true,
        "automatic" => false,
        _ => matches!(connection.source(), Some(IdpSource::MetadataDocument(_) | IdpSource::Manual { .. })),
    }
}

/// The actions of one of the two ways. By hand there are always the document, and login URL with certificate.
fn ways(connection: &Connection, step: &Step, has_ways: bool, manual: bool, entered: &Entered) -> Vec<Shown> {
    let of_way = |action: &&Action| {
        let is_field = matches!(action.what, Do::Paste { .. } | Do::Upload { .. });
        !has_ways
            || match action.tab {
                Some(Tab::Automatic) => !manual,
                Some(Tab::Manual) => manual,
                None => !(manual && is_field),
            }
    };
    let actions: Vec<Action> = step.actions.iter().filter(of_way).cloned().collect();
    let mut shown = lines(&step.id, connection, &actions, entered);
    if manual {
        let has = |field: OurField, shown: &[Shown]| {
            shown.iter().any(|line| matches!(&line.what, What::Enter(entry) if entry.name == field.as_str()))
        };
        let mut more = Vec::new();
        for field in [OurField::MetadataXml, OurField::SsoLoginUrl, OurField::IdpCertificate] {
            if !has(field, &shown) {
                let entry = entry(field, String::new(), connection, entered);
                more.push(Shown {
                    id: format!("by-hand-{}", field.as_str()),
                    what: What::Enter(entry),
                    optional: field == OurField::MetadataXml,
                    unconfirmed: false,
                });
            }
        }
        let before_buttons =
            shown.iter().position(|line| matches!(line.what, What::Run(_))).unwrap_or(shown.len());
        shown.splice(before_buttons..before_buttons, more);
    }
    shown
}

/// Actions as a page shows them.
pub(super) fn shown(connection: &Connection, actions: &[Action]) -> Vec<Shown> {
    lines("a", connection, actions, &Entered::default())
}

pub(super) fn lines(
    step: &str,
    connection: &Connection,
    actions: &[Action],
    entered: &Entered,
) -> Vec<Shown> {
    let line = |(n, action): (usize, &Action)| {
        let what = what(&action.what, connection, entered)?;
        let Action { optional, unconfirmed, .. } = *action;
        Some(Shown { id: format!("{step}-{n}"), what, optional, unconfirmed })
    };
    actions.iter().enumerate().filter_map(line).collect()
}

fn what(action: &Do, connection: &Connection, entered: &Entered) -> Option<What> {
    Some(match action {
        Do::Copy { value, text, into, single: _ } => match text {
            Some(text) => What::Copy { label: value.label(), text: text.clone(), into: wording::path(into) },
            None => What::Set { field: wording::path(into), to: format!("the {}", value.label()) },
        },
        Do::Set { field, to } => What::Set { field: wording::path(field), to: to.clone() },
        Do::Paste { from, into, filled: _ } => {
            What::Enter(entry(*into, wording::path(from), connection, entered))
        }
        Do::Upload { file, into } => match field_of(into) {
            Some(field) => What::Enter(entry(field, wording::path(file), connection, entered)),
            None => What::Download { href: file.clone(), into: wording::path(into) },
        },
        Do::Warn { text } => What::Warn(text.clone()),
        Do::Run { run: Run::There(what) } => What::There(wording::path(what)),
        Do::Run { run } => What::Run(button(run, connection)?),
        _ => return None,
    })
}

fn field_of(name: &str) -> Option<OurField> {
    [OurField::MetadataXml, OurField::IdpCertificate].into_iter().find(|field| field.as_str() == name)
}

/// A field with what was entered before. What is secret, or long, stays out of the page.
fn entry(field: OurField, from: String, connection: &Connection, entered: &Entered) -> Entry {
    let source = connection.source();
    let issuer = || match source {
        Some(IdpSource::Issuer(text) | IdpSource::EntraTenant(text) | IdpSource::OktaDomain(text)) => {
            text.clone()
        }
        _ => String::new(),
    };
    let stored = match (field, source) {
        (OurField::MetadataUrl, Some(IdpSource::MetadataUrl(url))) => url.clone(),
        (OurField::SsoLoginUrl, Some(IdpSource::Manual { login_url, .. })) => login_url.clone(),
        (OurField::OktaDomain | OurField::Issuer, _) => issuer(),
        (OurField::ClientId, _) => {
            connection.client().map(|client| client.client_id.clone()).unwrap_or_default()
        }
        _ => String::new(),
    };
    let has_secret = connection.client().is_some_and(|client| client.client_secret.is_some());
    let (kind, hint) = match (field, source) {
        (OurField::MetadataUrl, _) => {
            (Kind::Url, "The document at this address is fetched when you create the connection.")
        }
        (OurField::MetadataXml, Some(IdpSource::MetadataDocument(_))) => {
            (Kind::Document, "A document is stored. Leave this empty to keep it.")
        }
        (OurField::MetadataXml, _) => (Kind::Document, "The document as XML: choose the file, or paste it."),
        (OurField::SsoLoginUrl, _) => (Kind::Url, "Where people are sent to sign in."),
        (OurField::IdpCertificate, Some(IdpSource::Manual { .. })) => {
            (Kind::Document, "A certificate is stored. Leave this empty to keep it.")
        }
        (OurField::IdpCertificate, _) => {
            (Kind::Document, "The public X.509 certificate, as PEM or base64: choose the file, or paste it.")
        }
        (OurField::ClientSecret, _) if has_secret => {
            (Kind::Secret, "A secret is stored, and never shown. Leave this empty to keep it.")
        }
        (OurField::ClientSecret, _) => {
            (Kind::Secret, "It is sealed when it is stored, and never shown again.")
        }
        (OurField::OktaDomain, _) => (Kind::Text, "For example acme.okta.com."),
        (OurField::Issuer, _) => (Kind::Text, "Exactly as the provider writes it."),
        _ => (Kind::Text, ""),
    };
    let value = entered.get(field.as_str()).cloned().unwrap_or(stored);
    Entry { name: field.as_str(), label: field.label(), from, kind, value, hint }
}

fn button(run: &Run, connection: &Connection) -> Option<Button> {
    let state = connection.state();
    let reached = !matches!(state, State::Draft | State::Deleted);
    let tested = connection.test().is_fresh();
    let of = |name, label, not_yet| Button { name, label, not_yet };
    let unless = |is_possible: bool, why: &'static str| if is_possible { "" } else { why };
    Some(match run {
        Run::Create if reached => of("create", "Save and check", ""),
        Run::Create => of("create", "Create Connection", ""),
        Run::Test => of("test", "Test Connection", unless(reached, "Create the connection first.")),
        Run::Enable if state == State::Enabled => of("", "", ""),
        Run::Enable => of("enable", "Enable Connection", unless(tested, "Test the connection first.")),
        Run::SetUpScim if connection.scim().is_some() => of("", "", ""),
        Run::SetUpScim => of("set_up", "Set up Provisioning", ""),
        Run::GenerateToken => {
            of("token", "Generate Token", unless(connection.scim().is_some(), "Set up provisioning first."))
        }
        Run::MapGroups => of(
            "map",
            "Map groups",
            unless(
                connection.scim().is_some() && state == State::Enabled,
                "Set up provisioning and enable the connection first.",
            ),
        ),
        _ => return None,
    })
}
