//! Certificates of both sides, and until when they are good.

use admittance::connection::{
    CertificateSummary, Command, Connection, Diagnosis, IdpSource, Protocol, own_certificate_warnings,
    setup_link::Task, signing_certificates,
};
use askama::Template;
use axum::extract::{Query, State as On};
use axum::{Router, response::Response, routing::get};

use super::visitor::{Sent, Visitor};
use super::{Frame, Told, go, shown};
use crate::app::{App, Shared};
use crate::clock::now;
use crate::failure::{Failure, Result};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/certificates", get(look).post(refresh))
        .route("/setup/{link}/certificates", get(look).post(refresh))
}

#[derive(Template)]
#[template(path = "admin/certificates.html")]
struct Page<'a> {
    chrome: Frame,
    connection: &'a Connection,
    can_refresh: bool,
    theirs: Vec<CertificateSummary>,
    ours: Vec<CertificateSummary>,
    warnings: Vec<Diagnosis>,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Query(told): Query<Told>) -> Result<Response> {
    page(&app, &visitor, told)
}

/// Fetches the metadata anew, beside what is done once a day.
async fn refresh(On(app): On<Shared>, mut sent: Sent) -> Result<Response> {
    sent.visitor.require(Task::Certificate)?;
    let connection = &sent.visitor.connection;
    let source = connection.source().ok_or(Failure::NotFound)?;
    let reach = app.fetcher.reach(source, &connection.policy().oidc).await;
    let refused = sent.command(&app, Command::Refresh(reach)).await?;
    if refused.is_empty() {
        return Ok(go(&format!("{}/certificates", sent.visitor.base), "refreshed"));
    }
    page(&app, &sent.visitor, refused)
}

fn page(app: &App, visitor: &Visitor, told: impl Into<Told>) -> Result<Response> {
    visitor.require(Task::Certificate)?;
    let (connection, at) = (&visitor.connection, now());
    let theirs = signing_certificates(connection);
    let own = std::slice::from_ref(&app.own.certificate);
    let page = Page {
        chrome: visitor.frame("Certificates", "/certificates", told),
        connection,
        can_refresh: connection.provider().is_some()
            && matches!(connection.source(), Some(IdpSource::MetadataUrl(_))),
        theirs: theirs.into_iter().map(|certificate| CertificateSummary::of(certificate, at)).collect(),
        ours: own.iter().map(|certificate| CertificateSummary::of(certificate, at)).collect(),
        warnings: own_certificate_warnings(own, connection, at),
    };
    Ok(shown(&page, page.chrome.told.refused.is_empty()))
}
