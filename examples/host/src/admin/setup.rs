//! The set-up assistant of single sign-on: a stepper that shows what the library's steps hold, and nothing of its own.

use std::collections::HashMap;

use admittance::connection::assistant::{self, Action, Do, OurField, Run, Step, StepStatus, Tab};
use admittance::connection::{
    Connection, IdpSource, NewConnection, Preset, Protocol, State, setup_link::Task,
};
use askama::Template;
use axum::extract::{Path, Query, State as On};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use serde::Deserialize;

use super::{Frame, Told, setup_entries, shown, visitor::Visitor};
use crate::app::{App, Shared};
use crate::failure::{Failure, Result};

pub(super) fn routes() -> Router<Shared> {
    let step = || get(look).post(setup_entries::post);
    Router::new()
        .route("/admin/sso/setup", get(first))
        .route("/admin/sso/setup/{step}", step())
        .route("/setup/{link}/sso/setup", get(first))
        .route("/setup/{link}/sso/setup/{step}", step())
}

/// What somebody has entered and the library has refused, by field: shown again.
pub(super) type Entered = HashMap<OurField, String>;

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Way {
    #[serde(default)]
    way: String,
}

async fn first(On(app): On<Shared>, visitor: Visitor) -> Result<Response> {
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
    Query(told): Query<Told>,
    Query(way): Query<Way>,
) -> Result<Response> {
    page(&app, &visitor, path.get("step").map_or("", String::as_str), told, &way.way, Entered::new())
}

#[derive(Template)]
#[template(path = "admin/setup.html")]
struct Page<'a> {
    chrome: Frame,
    connection: &'a Connection,
    demo: Option<String>,
    entered: Entered,
    steps: &'a [Step],
    step: &'a Step,
    choices: Vec<Preset>,
    may_choose: bool,
    /// Whether it can be entered by hand too, whether it is, and the fields that the step has not.
    has_ways: bool,
    manual: bool,
    more: Vec<OurField>,
    actions: Vec<&'a Action>,
    /// Nothing else on the page is to be pressed.
    only_next: bool,
    back: Option<&'a Step>,
    next: Option<&'a Step>,
}

pub(super) fn page(
    app: &App,
    visitor: &Visitor,
    id: &str,
    told: impl Into<Told>,
    way: &str,
    entered: Entered,
) -> Result<Response> {
    visitor.require(Task::Sso)?;
    let connection = &visitor.connection;
    let steps = if id == "choose" { choose(connection) } else { steps(app, connection) };
    let at = steps.iter().position(|step| step.id == id).ok_or(Failure::NotFound)?;
    let step = steps.get(at).ok_or(Failure::NotFound)?;
    let has_ways = step.actions.iter().any(|action| field(action) == Some(OurField::MetadataUrl));
    let manual = has_ways && is_manual(connection, way);
    let actions: Vec<&Action> =
        step.actions.iter().filter(|action| !has_ways || is_of_way(action, manual)).collect();
    let by_hand = [OurField::MetadataXml, OurField::SsoLoginUrl, OurField::IdpCertificate];
    let has = |wanted: OurField| actions.iter().any(|action| field(action) == Some(wanted));
    let preset = |action: &Action| match action.what {
        Do::Run { run: Run::Choose(preset) } => Some(preset),
        _ => None,
    };
    let page = Page {
        chrome: visitor.frame(&step.title, "/sso/setup", told),
        connection,
        demo: (!app.settings.no_demo)
            .then(|| format!("http://localhost:{}", app.settings.demo_listen.port())),
        entered,
        choices: step.actions.iter().filter_map(preset).collect(),
        may_choose: connection.state() == State::Draft,
        has_ways,
        manual,
        more: by_hand.into_iter().filter(|wanted| manual && !has(*wanted)).collect(),
        only_next: !actions.iter().any(|action| matches!(action.what, Do::Run { .. })),
        actions,
        back: at.checked_sub(1).and_then(|at| steps.get(at)),
        next: steps.get(at + 1),
        step,
        steps: &steps,
    };
    Ok(shown(&page, page.chrome.told.refused.is_empty()))
}

fn steps(app: &App, connection: &Connection) -> Vec<Step> {
    assistant::steps(connection, &app.urls(connection.id().as_str()))
}

/// The step that chooses, for a connection that may have chosen already.
fn choose(connection: &Connection) -> Vec<Step> {
    let (id, name, enterprise_key) =
        (connection.id().as_str(), connection.name(), connection.enterprise_key());
    let fresh = Connection::new(NewConnection { id, name, enterprise_key });
    assistant::steps(&fresh, &assistant::Urls::new("", "", id))
}

fn is_manual(connection: &Connection, way: &str) -> bool {
    let source = connection.source();
    let is_stored = matches!(source, Some(IdpSource::MetadataDocument(_) | IdpSource::Manual { .. }));
    way == "manual" || (way.is_empty() && is_stored)
}

fn is_of_way(action: &Action, manual: bool) -> bool {
    match action.tab {
        Some(tab) => (tab == Tab::Manual) == manual,
        None => !manual || field(action).is_none(),
    }
}

/// The field of ours that an action fills.
pub(super) fn field(action: &Action) -> Option<OurField> {
    match &action.what {
        Do::Paste { into, .. } => Some(*into),
        Do::Upload { into, .. } => [OurField::MetadataXml, OurField::IdpCertificate]
            .into_iter()
            .find(|field| field.as_str() == into.as_str()),
        _ => None,
    }
}

/// Where the identity provider has what goes into it.
pub(super) fn source_of(action: &Action) -> &str {
    match &action.what {
        Do::Paste { from, .. } => from,
        Do::Upload { file, .. } => file,
        _ => "",
    }
}

/// What was entered before. What is secret, or long, stays out of the page.
pub(super) fn value(field: &OurField, connection: &Connection, entered: &Entered) -> String {
    let stored = match (field, connection.source(), connection.client()) {
        (OurField::MetadataUrl, Some(IdpSource::MetadataUrl(text)), _)
        | (OurField::SsoLoginUrl, Some(IdpSource::Manual { login_url: text, .. }), _) => text.as_str(),
        (
            OurField::OktaDomain | OurField::Issuer,
            Some(IdpSource::Issuer(text) | IdpSource::EntraTenant(text) | IdpSource::OktaDomain(text)),
            _,
        ) => text,
        (OurField::ClientId, _, Some(client)) => &client.client_id,
        _ => "",
    };
    entered.get(field).cloned().unwrap_or_else(|| stored.to_owned())
}
