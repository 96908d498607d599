//! The hub: how far both tasks are, what to look at, the links for people, and the way out.

use admittance::connection::assistant::{Do, Hub, OurField, Run, Step, completion_steps, hub};
use admittance::connection::{Command, Confirmation, Connection, State, invitation_link};
use askama::Template;
use axum::extract::{Query, State as On};
use axum::routing::{get, post};
use axum::{Router, response::Response};
use sqlx::Row;

use super::visitor::{Sent, Visitor};
use super::{Frame, Told, go, setup::Entered, shown};
use crate::app::{App, Shared};
use crate::database::fetch_one;
use crate::failure::{Failure, Result};
use crate::{clock::now, connections};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/sso", get(look))
        .route("/admin/sso/{what}", post(change))
        .route("/admin/sso/complete", get(complete))
}

#[derive(Template)]
#[template(path = "admin/hub.html")]
struct Page<'a> {
    chrome: Frame,
    connection: &'a Connection,
    is_enabled: bool,
    has_report: bool,
    hub: Hub,
    invitation: String,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Query(told): Query<Told>) -> Result<Response> {
    page(&app, &visitor, told).await
}

async fn change(
    On(app): On<Shared>,
    axum::extract::Path(what): axum::extract::Path<String>,
    mut sent: Sent,
) -> Result<Response> {
    let (command, done) = match what.as_str() {
        "enable" => (Command::Enable, "enabled"),
        "disable" => (Command::Disable, "disabled"),
        "delete" => {
            let typed = sent.text("typed").unwrap_or_default().to_owned();
            (Command::Delete(Confirmation::Typed(typed)), "deleted")
        }
        _ => return Err(Failure::NotFound),
    };
    let refused = sent.command(&app, command).await?;
    if refused.is_empty() { Ok(go("/admin/sso", done)) } else { page(&app, &sent.visitor, refused).await }
}

async fn page(app: &App, visitor: &Visitor, told: impl Into<Told>) -> Result<Response> {
    let connection = &visitor.connection;
    let id = connection.id().as_str();
    let observations = connections::observations(app.database.read(), id).await?;
    let reports = fetch_one!(app.database.read(),
        "SELECT COUNT(*) FROM test_reports WHERE connection_id = $1";
        id
    );
    let page = Page {
        chrome: visitor.frame("SSO & Provisioning", "/sso", told),
        is_enabled: connection.state() == State::Enabled,
        has_report: reports.get::<i64, _>(0) > 0,
        hub: hub(connection, &app.urls(id), &observations, now()),
        invitation: invitation_link(&app.base, connection),
        connection,
    };
    Ok(shown(&page, page.chrome.told.refused.is_empty()))
}

#[derive(Template)]
#[template(path = "admin/complete.html")]
struct Complete<'a> {
    chrome: Frame,
    connection: &'a Connection,
    entered: Entered,
    steps: Vec<Step>,
}

async fn complete(On(app): On<Shared>, visitor: Visitor) -> Response {
    let connection = &visitor.connection;
    let page = Complete {
        chrome: visitor.frame("Complete the set-up", "/sso", Told::default()),
        connection,
        entered: Entered::new(),
        steps: completion_steps(connection, &app.urls(connection.id().as_str())),
    };
    shown(&page, true)
}
