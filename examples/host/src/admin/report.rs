//! The report of the last test sign-in, for whoever began it: an administrator, or the holder of a set-up link.

use admittance::connection::{Connection, State, TestReport, assistant::hub, setup_link::Task};
use admittance::id::OrganizationId;
use askama::Template;
use axum::routing::{get, post};
use axum::{Router, extract::State as On, response::Response};
use sqlx::Row;

use super::visitor::{Sent, Visitor};
use super::{Frame, Told, shown};
use crate::app::{App, Shared};
use crate::database::fetch_optional;
use crate::enterprises::{self, Organization};
use crate::{clock::now, connections, failure::Result, session::Administrator, sign_in};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/sso/report", get(look))
        .route("/setup/{link}/sso/report", get(look))
        .route("/admin/sso/test", post(again))
}

#[derive(Template)]
#[template(path = "admin/report.html")]
struct Page<'a> {
    chrome: Frame,
    connection: &'a Connection,
    report: Option<TestReport>,
    json: String,
    organizations: Vec<Organization>,
    can_enable: bool,
    is_enabled: bool,
    /// What else an administrator can do from here.
    is_administrator: bool,
}

impl Page<'_> {
    fn name<'s>(&'s self, id: &'s OrganizationId) -> &'s str {
        let found = self.organizations.iter().find(|organization| organization.id == *id);
        found.map_or(id.as_str(), |organization| &organization.name)
    }
}

async fn again(On(app): On<Shared>, administrator: Administrator, sent: Sent) -> Result<Response> {
    sign_in::begin_test(&app, &administrator, &sent.visitor.connection).await
}

async fn look(On(app): On<Shared>, visitor: Visitor) -> Result<Response> {
    visitor.require(Task::Sso)?;
    let connection = &visitor.connection;
    let id = connection.id().as_str();
    let observations = connections::observations(app.database.read(), id).await?;
    let report = report(&app, &visitor).await?;
    let page = Page {
        chrome: visitor.frame("Test report", "/sso/setup", Told::default()),
        json: serde_json::to_string_pretty(&report)?,
        report,
        organizations: enterprises::organizations(app.database.read(), &visitor.enterprise.id).await?,
        can_enable: hub(connection, &app.urls(id), &observations, now()).can_enable,
        is_enabled: connection.state() == State::Enabled,
        is_administrator: visitor.administrator.is_some(),
        connection,
    };
    Ok(shown(&page, true))
}

async fn report(app: &App, visitor: &Visitor) -> Result<Option<TestReport>> {
    let row = fetch_optional!(app.database.read(),
        "SELECT document FROM test_reports WHERE connection_id = $1 AND begun_by = $2";
        visitor.connection.id().as_str(), visitor.tester()
    );
    Ok(row.map(|row| serde_json::from_str(row.get(0))).transpose()?)
}
