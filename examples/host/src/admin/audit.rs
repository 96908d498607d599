//! The audit log: who did what to the connection, when.

use admittance::connection::AuditEvent;
use askama::Template;
use axum::extract::{Query, State as On};
use axum::{Router, response::Response, routing::get};
use serde::Deserialize;
use sqlx::Row;

use super::{Frame, Told, shown, visitor::Visitor};
use crate::database::fetch_all;
use crate::{app::Shared, failure::Result};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/audit", get(list))
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
struct Page {
    chrome: Frame,
    events: Vec<AuditEvent>,
    /// Where earlier ones begin.
    before: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    before: Option<i64>,
}

async fn list(On(app): On<Shared>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response> {
    let rows = fetch_all!(app.database.read(),
        "SELECT document FROM audit_events WHERE enterprise_id = $1 AND at < $2 ORDER BY at DESC, id LIMIT $3";
        &visitor.enterprise.id, asked.before.unwrap_or(i64::MAX), PAGE
    );
    let events: Vec<AuditEvent> =
        rows.iter().map(|row| serde_json::from_str(row.get(0))).collect::<Result<_, _>>()?;
    let is_full = i64::try_from(events.len()).unwrap_or(i64::MAX) == PAGE;
    let last = events.last().map(|event| event.at.to_unix_millis());
    Ok(shown(
        &Page {
            chrome: visitor.frame("Audit log", "/audit", Told::default()),
            before: last.filter(|_| is_full),
            events,
        },
        true,
    ))
}

const PAGE: i64 = 100;
