//! Provisioning: the steps of the identity provider, and the tokens that it comes with.

use std::time::Duration;

use admittance::{
    connection::{
        Command, Confirmation, Connection, Diagnosis, Preset,
        assistant::{hub, provisioning_steps},
        setup_link::Task,
    },
    entropy::OsEntropy,
    scim::{
        access::Scopes,
        token::{NewToken, TokenRecord, generate},
    },
    time::Timestamp,
};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State as On},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::StatusCode;

use super::{
    Done, go,
    setup::{Entered, Kind, Shown, What, lines},
    visitor::{Place, Sent, Visitor},
};
use crate::{
    app::{App, Shared},
    clock::now,
    connections,
    failure::Failure,
    layout::{Chrome, html},
    wording,
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/provisioning", get(look).post(post))
        .route("/setup/{link}/provisioning", get(look).post(post))
}

#[derive(Template)]
#[template(path = "admin/provisioning.html")]
struct Page<'a> {
    chrome: Chrome,
    places: Vec<Place>,
    done: &'static str,
    refused: Vec<Diagnosis>,
    base: &'a str,
    version: u64,
    preset: Option<Preset>,
    /// The identity provider has nothing that provisions.
    is_offered: bool,
    is_set_up: bool,
    warnings: Vec<Diagnosis>,
    steps: Vec<StepSeen>,
    tokens: Vec<TokenSeen>,
    /// The text of the token that was just made: on this page and on no other.
    fresh: Option<&'a str>,
}

struct StepSeen {
    id: String,
    title: String,
    status: wording::Word,
    actions: Vec<Shown>,
}

struct TokenSeen {
    id: String,
    label: String,
    created: String,
    expires: String,
    used: String,
    state: wording::Word,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Query(done): Query<Done>) -> Result<Response, Failure> {
    page(&app, &visitor, Told { done: done.text(), ..Told::default() }).await
}

async fn post(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    sent.visitor.require(Task::Scim)?;
    let version = sent.version();
    let (command, done) = match sent.text("run") {
        Some("set_up") => (Command::SetUpScim, "provisioning"),
        Some("enable") => (Command::Enable, "enabled"),
        Some("token") => return token(&app, sent).await,
        Some("revoke") => {
            (Command::RevokeToken { id: sent.text("id").unwrap_or_default().to_owned() }, "revoked")
        }
        Some("remove") => {
            let confirmation =
                if sent.text("sure").is_some() { Confirmation::Given } else { Confirmation::None };
            (Command::RemoveScim(confirmation), "removed")
        }
        _ => return Err(Failure::NotFound),
    };
    let refused = sent.visitor.command(&app, version, command).await?;
    if refused.is_empty() {
        return Ok(go(&format!("{}/provisioning", sent.visitor.base), done));
    }
    page(&app, &sent.visitor, Told { refused, ..Told::default() }).await
}

/// The answer to the form is the only page that ever shows the text: there is no address to come back to.
async fn token(app: &App, mut sent: Sent) -> Result<Response, Failure> {
    let days = sent.text("days").and_then(|days| days.parse().ok()).map(|days: u32| DAY * days);
    let at = now();
    let label: String = sent.text("label").unwrap_or("Token").chars().take(80).collect();
    let new = NewToken {
        prefix: "quayside",
        label: &label,
        scopes: Scopes::all(),
        expires_at: days.and_then(|days| at.checked_add(days)),
    };
    let version = sent.version();
    // How many there may be is for the command to say
    let (secret, record) = generate(new, &[], &mut OsEntropy, at)
        .map_err(|error| Failure::Invalid(format!("No token was made: {error}.")))?;
    let refused = sent.visitor.command(app, version, Command::GenerateToken(record)).await?;
    let fresh = refused.is_empty().then(|| secret.expose());
    page(app, &sent.visitor, Told { refused, fresh, ..Told::default() }).await
}

/// What a page says beside what is stored.
#[derive(Default)]
struct Told<'a> {
    done: &'static str,
    refused: Vec<Diagnosis>,
    fresh: Option<&'a str>,
}

async fn page(app: &App, visitor: &Visitor, told: Told<'_>) -> Result<Response, Failure> {
    visitor.require(Task::Scim)?;
    let connection = &visitor.connection;
    if connection.preset().is_none() {
        return Ok(Redirect::to(&format!("{}/sso/setup", visitor.base)).into_response());
    }
    let id = connection.id().as_str();
    let (urls, at) = (app.urls(id), now());
    let observations = connections::observations(app.database.read(), id).await?;
    let hub = hub(connection, &urls, &observations, at);
    let is_set_up = connection.scim().is_some();
    let mut warnings = hub.provisioning.warnings;
    if !is_set_up {
        warnings.splice(0..0, hub.single_sign_on.warnings);
    }
    let seen = |step: admittance::connection::assistant::Step| StepSeen {
        status: wording::step(&step.status),
        actions: lines(&step.id, connection, &step.actions, &Entered::default()),
        id: step.id,
        title: step.title,
    };
    let status = if told.refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        chrome: visitor.chrome("Provisioning"),
        places: visitor.places("/provisioning"),
        done: told.done,
        refused: told.refused,
        base: &visitor.base,
        version: connection.version(),
        preset: connection.preset(),
        is_offered: connection.preset().is_some_and(|preset| preset.provisioning().is_some()),
        is_set_up,
        warnings,
        steps: provisioning_steps(connection, &urls).into_iter().map(seen).collect(),
        tokens: tokens(connection, at),
        fresh: told.fresh,
    };
    Ok((status, html(&page)).into_response())
}

fn tokens(connection: &Connection, at: Timestamp) -> Vec<TokenSeen> {
    let tokens = connection.scim().map(|scim| scim.tokens.as_slice()).unwrap_or_default();
    let or = |time: Option<&Timestamp>, without: &str| time.map_or_else(|| without.to_owned(), wording::time);
    let seen = |token: &TokenRecord| TokenSeen {
        id: token.id.clone(),
        label: token.label.clone(),
        created: wording::time(&token.created_at),
        expires: or(token.expires_at.as_ref(), "Never"),
        used: or(token.last_used_at.as_ref(), "Never"),
        state: if !token.is_live(at) {
            wording::Word { text: "Ended", class: "bad" }
        } else if token.expires_at.is_some_and(|end| at.saturating_add(DAY * 30) >= end) {
            wording::Word { text: "Expires soon", class: "warn" }
        } else {
            wording::Word { text: "Live", class: "good" }
        },
    };
    tokens.iter().rev().map(seen).collect()
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
