//! Certificates of both sides, and until when they are good.

use admittance::{
    connection::{
        CertificateSummary, Command, Diagnosis, IdpSource, Protocol, State, own_certificate_warnings,
        setup_link::Task, signing_certificates,
    },
    crypto::Certificate,
};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State as On},
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;

use super::{
    Done, go,
    visitor::{Place, Sent, Visitor},
};
use crate::{
    app::{App, Shared},
    clock::now,
    failure::Failure,
    layout::{Chrome, html},
    wording,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/certificates", get(look).post(refresh))
        .route("/setup/{link}/certificates", get(look).post(refresh))
}

#[derive(Template)]
#[template(path = "admin/certificates.html")]
struct Page<'a> {
    chrome: Chrome,
    places: Vec<Place>,
    done: &'static str,
    refused: Vec<Diagnosis>,
    base: &'a str,
    version: u64,
    protocol: Option<Protocol>,
    reached: Option<String>,
    can_refresh: bool,
    theirs: Vec<Seen>,
    ours: Vec<Seen>,
    warnings: Vec<Diagnosis>,
}

struct Seen {
    subject: String,
    summary: CertificateSummary,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Query(done): Query<Done>) -> Result<Response, Failure> {
    page(&app, &visitor, done.text(), Vec::new())
}

/// Fetches the metadata anew, beside what is done once a day.
async fn refresh(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    sent.visitor.require(Task::Certificate)?;
    let connection = &sent.visitor.connection;
    let source = connection.source().ok_or(Failure::NotFound)?;
    let reach = app.fetcher.reach(source, &connection.policy().oidc).await;
    let version = sent.version();
    let refused = sent.visitor.command(&app, version, Command::Refresh(reach)).await?;
    if refused.is_empty() {
        return Ok(go(&format!("{}/certificates", sent.visitor.base), "refreshed"));
    }
    page(&app, &sent.visitor, "", refused)
}

fn page(
    app: &App,
    visitor: &Visitor,
    done: &'static str,
    refused: Vec<Diagnosis>,
) -> Result<Response, Failure> {
    visitor.require(Task::Certificate)?;
    let (connection, at) = (&visitor.connection, now());
    let seen = |certificate: &Certificate| Seen {
        subject: certificate.subject().to_owned(),
        summary: CertificateSummary::of(certificate, at),
    };
    let own = std::slice::from_ref(&app.own.certificate);
    let is_reached = !matches!(connection.state(), State::Draft | State::Deleted);
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        chrome: visitor.chrome("Certificates"),
        places: visitor.places("/certificates"),
        done,
        refused,
        base: &visitor.base,
        version: connection.version(),
        protocol: connection.protocol(),
        reached: connection.reached_at().as_ref().map(wording::time),
        can_refresh: is_reached && matches!(connection.source(), Some(IdpSource::MetadataUrl(_))),
        theirs: signing_certificates(connection).into_iter().map(seen).collect(),
        ours: own.iter().map(seen).collect(),
        warnings: own_certificate_warnings(own, connection, at),
    };
    Ok((status, html(&page)).into_response())
}
