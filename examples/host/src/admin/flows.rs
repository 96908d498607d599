//! Sign-in records: what happened at each sign-in, and what to do about it.

use admittance::connection::{Diagnosis, Protocol};
use admittance::time::Timestamp;
use askama::Template;
use axum::extract::{Path, Query, State as On};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use serde::Deserialize;

use super::{Frame, Told, shown, visitor::Visitor};
use crate::app::Shared;
use crate::failure::{Failure, Result};
use crate::records::{self, Kept};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/flows", get(list)).route("/admin/flows/{reference}", get(look))
}

#[derive(Template)]
#[template(path = "admin/flows.html")]
struct List {
    chrome: Frame,
    records: Vec<Kept>,
    /// Where earlier ones begin.
    before: Option<i64>,
    missing: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    before: Option<i64>,
    #[serde(default)]
    reference: String,
}

async fn list(On(app): On<Shared>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response> {
    let connection = visitor.connection.id();
    let reference = asked.reference.trim().to_ascii_uppercase();
    if !reference.is_empty()
        && let Some(kept) = records::find(&app, connection, &reference).await?
    {
        return Ok(Redirect::to(&format!("/admin/flows/{}", kept.record.reference)).into_response());
    }
    let before = asked.before.and_then(Timestamp::from_unix_millis).unwrap_or(Timestamp::MAX);
    let records = records::list(&app, connection, before, PAGE).await?;
    let is_full = i64::try_from(records.len()).unwrap_or(i64::MAX) == PAGE;
    let last = records.last().map(|kept| kept.record.at.to_unix_millis());
    Ok(shown(
        &List {
            chrome: visitor.frame("Sign-in records", "/flows", Told::default()),
            before: last.filter(|_| is_full),
            records,
            missing: reference,
        },
        true,
    ))
}

#[derive(Template)]
#[template(path = "admin/flow.html")]
struct Page {
    chrome: Frame,
    kept: Kept,
    diagnoses: Vec<Diagnosis>,
    json: String,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Path(reference): Path<String>) -> Result<Response> {
    let found = records::find(&app, visitor.connection.id(), &reference).await?;
    let kept = found.ok_or(Failure::NotFound)?;
    Ok(shown(
        &Page {
            chrome: visitor.frame(&format!("Sign-in {}", kept.record.reference), "/flows", Told::default()),
            diagnoses: kept.diagnoses.clone(),
            json: serde_json::to_string_pretty(&kept.record)?,
            kept,
        },
        true,
    ))
}

const PAGE: i64 = 50;
