//! The hub: how far both tasks are, what to look at, the links for people, and the way out.

use admittance::connection::{
    Command, Confirmation, Connection, Diagnosis, Preset, State,
    assistant::{Hub, completion_steps, hub},
    invitation_link, login_url,
};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State as On},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::StatusCode;
use sqlx::Row;

use super::{
    Done, go,
    setup::{Kind, Shown, What, shown},
    visitor::{Place, Sent, Visitor},
};
use crate::{
    app::{App, Shared},
    clock::now,
    connections,
    failure::Failure,
    layout::{Chrome, html},
    wording::{self, Word},
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/sso", get(look))
        .route("/admin/sso/enable", post(enable))
        .route("/admin/sso/disable", post(disable))
        .route("/admin/sso/delete", post(delete))
        .route("/admin/sso/complete", get(complete))
}

#[derive(Template)]
#[template(path = "admin/hub.html")]
struct Page {
    chrome: Chrome,
    places: Vec<Place>,
    done: &'static str,
    refused: Vec<Diagnosis>,
    connection: Connection,
    preset: Option<Preset>,
    state: Word,
    is_enabled: bool,
    has_report: bool,
    hub: Hub,
    login_link: String,
    invitation: String,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Query(done): Query<Done>) -> Result<Response, Failure> {
    page(&app, &visitor, done.text(), Vec::new()).await
}

async fn enable(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    let version = sent.version();
    let refused = sent.visitor.command(&app, version, Command::Enable).await?;
    answer(&app, &sent.visitor, refused, "enabled").await
}

async fn disable(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    let version = sent.version();
    let refused = sent.visitor.command(&app, version, Command::Disable).await?;
    answer(&app, &sent.visitor, refused, "disabled").await
}

async fn delete(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    let version = sent.version();
    let typed = Confirmation::Typed(sent.text("typed").unwrap_or_default().to_owned());
    let refused = sent.visitor.command(&app, version, Command::Delete(typed)).await?;
    answer(&app, &sent.visitor, refused, "deleted").await
}

async fn answer(
    app: &App,
    visitor: &Visitor,
    refused: Vec<Diagnosis>,
    done: &str,
) -> Result<Response, Failure> {
    if refused.is_empty() { Ok(go("/admin/sso", done)) } else { page(app, visitor, "", refused).await }
}

async fn page(
    app: &App,
    visitor: &Visitor,
    done: &'static str,
    refused: Vec<Diagnosis>,
) -> Result<Response, Failure> {
    let connection = visitor.connection.clone();
    let id = connection.id().as_str();
    let observations = connections::observations(app.database.read(), id).await?;
    let reports = sqlx::query("SELECT COUNT(*) FROM test_reports WHERE connection_id = $1")
        .bind(id)
        .fetch_one(app.database.read())
        .await?;
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        chrome: visitor.chrome("SSO & Provisioning"),
        places: visitor.places("/sso"),
        done,
        refused,
        preset: connection.preset(),
        state: if connection.preset().is_none() {
            Word { text: "Not set up", class: "" }
        } else {
            wording::state(connection.state())
        },
        is_enabled: connection.state() == State::Enabled,
        has_report: reports.get::<i64, _>(0) > 0,
        hub: hub(&connection, &app.urls(id), &observations, now()),
        login_link: login_url(&app.base, connection.enterprise_key()),
        invitation: invitation_link(&app.base, &connection),
        connection,
    };
    Ok((status, html(&page)).into_response())
}

#[derive(Template)]
#[template(path = "admin/complete.html")]
struct Complete {
    chrome: Chrome,
    places: Vec<Place>,
    preset: Option<Preset>,
    steps: Vec<(String, Vec<Shown>)>,
}

async fn complete(On(app): On<Shared>, visitor: Visitor) -> Result<Response, Failure> {
    let connection = &visitor.connection;
    let steps = completion_steps(connection, &app.urls(connection.id().as_str()));
    let page = Complete {
        chrome: visitor.chrome("Complete the set-up"),
        places: visitor.places("/sso"),
        preset: connection.preset(),
        steps: steps.into_iter().map(|step| (step.title, shown(connection, &step.actions))).collect(),
    };
    Ok(html(&page))
}
