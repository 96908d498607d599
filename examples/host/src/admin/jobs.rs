//! Work that goes on while a person looks: groups follow a changed mapping.

use std::sync::Arc;

use admittance::id::ConnectionId;
use askama::Template;
use axum::extract::{Path, State as On};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use sqlx::Row;

use super::{Frame, Told, shown, visitor::Visitor};
use crate::app::{App, Shared};
use crate::database::{execute, fetch_optional, sql};
use crate::failure::{Failure, Result};
use crate::{clock::now, keys, mapped};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/provisioning/jobs/{id}", get(look))
}

#[derive(Template)]
#[template(path = "admin/job.html")]
struct Page {
    chrome: Frame,
    title: String,
    done: i64,
    total: i64,
    /// `None` while it goes on.
    outcome: Option<String>,
    succeeded: bool,
}

/// Starts the job, and leads to its page. Should this node end, what is left is due, and another node does it.
pub(super) async fn start(app: &Shared, connection: &ConnectionId, title: &str) -> Result<Response> {
    let id = keys::new_id("job")?;
    execute!(app.database.read(),
        "INSERT INTO jobs (id, connection_id, title, done, total, started_at) VALUES ($1, $2, $3, 0, 0, $4)";
        &id, connection.as_str(), title, now().to_unix_millis()
    );
    let (app, connection, job) = (Arc::clone(app), connection.clone(), id.clone());
    tokio::spawn(async move { run(&app, connection.as_str(), &job).await });
    Ok(Redirect::to(&format!("/admin/provisioning/jobs/{id}")).into_response())
}

async fn run(app: &App, connection: &str, job: &str) {
    let outcome = match mapped::reconcile_job(app, connection, job).await {
        Ok(followed) if followed.withheld > 0 => {
            format!("{DONE}. {} removals wait for a confirmation.", followed.withheld)
        }
        Ok(followed) if followed.changes == 0 => format!("{DONE}. Everything was as it should be."),
        Ok(followed) => format!("{DONE}. {} changes were made.", followed.changes),
        Err(failure) => {
            tracing::error!(?failure, job, "groups do not follow a mapping");
            "The mapping is stored, and something went wrong on our side while groups followed it. It is tried again soon.".to_owned()
        }
    };
    let stored =
        sql!("UPDATE jobs SET outcome = $2 WHERE id = $1"; job, outcome).execute(app.database.read()).await;
    if let Err(error) = stored {
        tracing::error!(%error, job, "the end of a job is not stored");
    }
}

async fn look(On(app): On<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response> {
    let row = fetch_optional!(app.database.read(),
        "SELECT title, done, total, outcome, started_at,
             (SELECT COUNT(*) FROM mappings_due d WHERE d.connection_id = jobs.connection_id)
         FROM jobs WHERE id = $1 AND connection_id = $2";
        id, visitor.connection.id().as_str()
    )
    .ok_or(Failure::NotFound)?;
    // A node that has ended tells nobody; another one has done what was left
    let is_settled = row.get::<i64, _>(5) == 0
        && now().to_unix_millis().saturating_sub(row.get(4)) > LONGER_THAN_A_NODE_KEEPS_SILENT;
    let outcome: Option<String> = row.get(3);
    let outcome = outcome.or_else(|| is_settled.then(|| format!("{DONE}.")));
    Ok(shown(
        &Page {
            chrome: visitor.frame("Map groups", "/provisioning", Told::default()),
            title: row.get(0),
            done: row.get(1),
            total: row.get(2),
            succeeded: outcome.as_ref().is_some_and(|outcome| outcome.starts_with(DONE)),
            outcome,
        },
        true,
    ))
}

const LONGER_THAN_A_NODE_KEEPS_SILENT: i64 = 60_000;
const DONE: &str = "Mapping complete";
