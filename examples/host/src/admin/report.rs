//! The report of the last test sign-in, for the administrator who began it.

use std::collections::BTreeMap;

use admittance::{
    connection::{Connection, State, TestReport, assistant::hub},
    id::OrganizationId,
};
use askama::Template;
use axum::{Router, extract::State as On, response::Response, routing::get};
use sqlx::Row;

use super::visitor::{Place, Visitor};
use crate::{
    app::{App, Shared},
    clock::now,
    connections, enterprises,
    failure::Failure,
    layout::{Chrome, html},
    session::Posted,
    sign_in, wording,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/sso/report", get(look)).route("/admin/sso/test", axum::routing::post(again))
}

#[derive(Template)]
#[template(path = "admin/report.html")]
struct Page {
    chrome: Chrome,
    places: Vec<Place>,
    connection: Connection,
    report: Option<Seen>,
    can_enable: bool,
    is_enabled: bool,
}

/// A report in the words of the page.
struct Seen {
    report: TestReport,
    status: wording::Word,
    is_outdated: bool,
    by_organization: Vec<(String, Vec<String>)>,
    add: Vec<(String, String)>,
    remove: Vec<(String, String)>,
    organizations: Vec<String>,
    json: String,
}

#[derive(serde::Deserialize)]
struct Nothing {}

async fn again(
    On(app): On<Shared>,
    administrator: crate::session::Administrator,
    visitor: Visitor,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    sign_in::begin_test(&app, &administrator, &visitor.connection).await
}

async fn look(On(app): On<Shared>, visitor: Visitor) -> Result<Response, Failure> {
    let connection = &visitor.connection;
    let id = connection.id().as_str();
    let observations = connections::observations(app.database.read(), id).await?;
    let report = match stored(&app, &visitor).await? {
        Some(report) => Some(seen(&app, &visitor, report).await?),
        None => None,
    };
    Ok(html(&Page {
        chrome: visitor.chrome("Test report"),
        places: visitor.places("/sso/setup"),
        report,
        can_enable: hub(connection, &app.urls(id), &observations, now()).can_enable,
        is_enabled: connection.state() == State::Enabled,
        connection: connection.clone(),
    }))
}

async fn stored(app: &App, visitor: &Visitor) -> Result<Option<TestReport>, Failure> {
    let Some(signed_in) = &visitor.administrator else { return Ok(None) };
    let row = sqlx::query("SELECT document FROM test_reports WHERE connection_id = $1 AND begun_by = $2")
        .bind(visitor.connection.id().as_str())
        .bind(&signed_in.account.id)
        .fetch_optional(app.database.read())
        .await?;
    Ok(row.map(|row| serde_json::from_str(row.get(0))).transpose()?)
}

async fn seen(app: &App, visitor: &Visitor, report: TestReport) -> Result<Seen, Failure> {
    let names: BTreeMap<OrganizationId, String> =
        enterprises::organizations(app.database.read(), &visitor.enterprise.id)
            .await?
            .into_iter()
            .map(|organization| (organization.id, organization.name))
            .collect();
    let name = |id: &OrganizationId| names.get(id).cloned().unwrap_or_else(|| id.to_string());
    let mut matched: BTreeMap<String, Vec<String>> =
        names.values().map(|name| (name.clone(), Vec::new())).collect();
    for group in &report.groups.matched {
        matched.entry(name(&group.organization)).or_default().push(group.group.clone());
    }
    let pairs = |groups: &[admittance::connection::GroupSummary]| {
        groups.iter().map(|group| (name(&group.organization), group.group.clone())).collect()
    };
    Ok(Seen {
        status: wording::test(report.status),
        is_outdated: !visitor.connection.test().is_fresh() && report.passed(),
        by_organization: matched.into_iter().collect(),
        add: pairs(&report.plan.add),
        remove: pairs(&report.plan.remove),
        organizations: report.plan.organizations.iter().map(name).collect(),
        json: serde_json::to_string_pretty(&report)?,
        report,
    })
}
