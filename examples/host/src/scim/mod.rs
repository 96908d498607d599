//! Provisioning: `/scim/v2/connections/{id}`, where an identity provider pushes users and groups.
//!
//! The library reads the request and says what to load and what to commit; here it is loaded and committed, each change in
//! one transaction ([`commit`]). The groups of organizations follow right after ([`crate::mapped`]).

mod account;
mod commit;
mod list;
mod load;
mod record;

use std::time::Duration;

use admittance::scim::machine::{Context, Done, Step, begin};
use admittance::scim::service::{ServiceConfig, Tenancy};
use admittance::scim::token::{Bearer, TokenError, authenticate};
use admittance::scim::{Error, access::Access, respond};
use admittance::{connection::accepts_scim, endpoint::UrlPolicy, note::Note};
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::any};
use http::{HeaderMap, Request};
use serde::Deserialize;

use crate::app::{App, Shared};
use crate::connections::{self, Stored};
use crate::database::execute;
use crate::{clock::now, failure::Result, keys::Keys, mapped};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/scim/v2/connections/{id}", any(serve))
        .route("/scim/v2/connections/{id}/{*rest}", any(serve))
}

/// What the service offers, the same for every connection.
pub(crate) fn config(base: &str, policy: UrlPolicy, keys: &Keys) -> Result<ServiceConfig, String> {
    ServiceConfig::new(&format!("{base}/scim/v2"), policy, Tenancy::InPath)
        .and_then(|config| config.with_cursors(keys.cursors.clone(), CURSOR_LIFE))
        .map_err(|error| format!("provisioning: {error}"))
}

/// The path names the connection; what follows is the library's to read.
#[derive(Deserialize)]
struct At {
    id: String,
}

async fn serve(State(app): State<Shared>, Path(At { id }): Path<At>, request: Request<Body>) -> Response {
    let answered = answer(&app, &id, request).await;
    let response = answered.unwrap_or_else(|failure| {
        tracing::error!(connection = %id, ?failure, "a provisioning request failed");
        respond::error(&Error::Host)
    });
    response.map(Body::from).into_response()
}

async fn answer(app: &App, connection: &str, request: Request<Body>) -> Result<http::Response<Vec<u8>>> {
    let stored = connections::find(app, connection).await?;
    let (access, mut notes) = match access(app, connection, stored.as_ref(), request.headers()).await? {
        Ok((access, notes)) => (Some(access), notes),
        Err(error) => {
            tracing::info!(%connection, code = error.code(), "no provisioning without a valid token");
            (None, Vec::new())
        }
    };
    // Only who has a token learns that the connection is switched off
    if let (Some(_), Some(stored)) = (&access, &stored)
        && accepts_scim(&stored.connection).is_err()
    {
        return Ok(respond::error(&Error::SwitchedOff));
    }
    let (parts, body) = request.into_parts();
    let is_change = !parts.method.is_safe();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return Ok(respond::error(&Error::TooLarge { what: "bytes", limit: LONGEST_BODY }));
    };
    let request = Request::from_parts(parts, body.to_vec());
    let context = Context::new(access, now());
    let Done { response, notes: more, .. } = match &stored {
        Some(stored) => Provisioning { app, stored }.run(&context, &request).await?,
        // Without access nothing is loaded: the library answers at once
        None => match begin(&app.scim, &context, &request) {
            Step::Done(done) => done,
            Step::Need(_) | Step::Commit(_) => return Ok(respond::error(&Error::Unauthorized)),
        },
    };
    notes.extend(more);
    if context.access.is_some() {
        keep(app, connection, &notes).await?;
    }
    if context.access.is_some()
        && is_change
        && let Err(failure) = mapped::reconcile(app, connection).await
    {
        // What was pushed is stored, and that groups have to follow is too: the next run makes up for it
        tracing::error!(%connection, ?failure, "groups do not follow yet");
    }
    Ok(response)
}

/// What the token of a request stands for. That a known one was used is stored.
async fn access(
    app: &App,
    connection: &str,
    stored: Option<&Stored>,
    headers: &HeaderMap,
) -> Result<Result<(Access, Vec<Note>), TokenError>> {
    let bearer = match Bearer::from_headers(headers) {
        Ok(bearer) => bearer,
        Err(error) => return Ok(Err(error)),
    };
    let at = now();
    let tokens = stored.and_then(|stored| stored.connection.scim()).into_iter().flat_map(|scim| &scim.tokens);
    let valid = match authenticate(&bearer, tokens, connection, at) {
        Ok(valid) => valid,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(stored) = stored {
        let mut used = stored.connection.clone();
        if used.token_used(&valid.id, at) {
            // A command that was stored meanwhile wins
            execute!(app.database.read(),
                "UPDATE connections SET document = $2 WHERE id = $1 AND document = $3";
                connection, serde_json::to_string(&used)?, serde_json::to_string(&stored.connection)?
            );
        }
    }
    Ok(Ok((valid.access, valid.notes)))
}

/// Provisioning of one connection.
struct Provisioning<'a> {
    app: &'a App,
    stored: &'a Stored,
}

impl Provisioning<'_> {
    async fn run(&self, context: &Context, request: &Request<Vec<u8>>) -> Result<Done> {
        let mut step = begin(&self.app.scim, context, request);
        loop {
            step = match step {
                Step::Need(need) => {
                    let fetched = self.load(need.fetch()).await;
                    need.loaded(fetched)
                }
                Step::Commit(commit) => {
                    let outcome = self.commit(commit.change()).await;
                    commit.committed(outcome)
                }
                Step::Done(done) => return Ok(done),
            };
        }
    }

    fn connection(&self) -> &str {
        self.stored.connection.id().as_str()
    }

    fn enterprise(&self) -> &str {
        &self.stored.enterprise.id
    }
}

/// Keeps what was noticed, each code once, for the warnings of the administrator's pages.
async fn keep(app: &App, connection: &str, notes: &[Note]) -> Result<()> {
    for note in notes {
        execute!(app.database.read(),
            "INSERT INTO scim_notes (connection_id, code, document, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (connection_id, code) DO NOTHING";
            connection, &note.code, serde_json::to_string(note)?, now().to_unix_millis()
        );
    }
    Ok(())
}

const CURSOR_LIFE: Duration = Duration::from_secs(60 * 60);
/// The library's own bound for the largest body, one of bulk operations, and a little so that it is the library that says so.
const LONGEST_BODY: usize = (8 << 20) + 1024;
