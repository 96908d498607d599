//! Provisioning: the steps of the identity provider, and the tokens that it comes with.

use std::time::Duration;

use admittance::connection::assistant::{Do, OurField, Run, Step, hub, provisioning_steps};
use admittance::connection::{Command, Connection, Diagnosis, State, setup_link::Task};
use admittance::scim::access::Scopes;
use admittance::scim::token::{NewToken, TokenRecord, generate};
use admittance::{crypto::Secret, entropy::OsEntropy, time::Timestamp};
use askama::Template;
use axum::extract::{Query, State as On};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, routing::get};

use super::visitor::{Sent, Visitor};
use super::{Frame, Told, go, setup::Entered, shown};
use crate::app::{App, Shared};
use crate::failure::{Failure, Result};
use crate::{clock::now, connections};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/admin/provisioning", get(look).post(post))
        .route("/setup/{link}/provisioning", get(look).post(post))
}

#[derive(Template)]
#[template(path = "admin/provisioning.html")]
struct Page<'a> {
    chrome: Frame,
    connection: &'a Connection,
    entered: Entered,
    warnings: Vec<Diagnosis>,
    steps: Vec<Step>,
    tokens: &'a [TokenRecord],
    now: Timestamp,
    /// The text of the token that was just made: on this page and on no other.
    fresh: Option<Secret>,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Query(told): Query<Told>) -> Result<Response> {
    page(&app, &visitor, told, None).await
}

async fn post(On(app): On<Shared>, mut sent: Sent) -> Result<Response> {
    sent.visitor.require(Task::Scim)?;
    let (command, done) = match sent.text("run") {
        Some("set_up") => (Command::SetUpScim, "provisioning"),
        Some("enable") => (Command::Enable, "enabled"),
        Some("token") => return token(&app, sent).await,
        Some("revoke") => {
            (Command::RevokeToken { id: sent.text("id").unwrap_or_default().to_owned() }, "revoked")
        }
        Some("remove") => (Command::RemoveScim(sent.confirmation()), "removed"),
        _ => return Err(Failure::NotFound),
    };
    let refused = sent.command(&app, command).await?;
    if refused.is_empty() {
        return Ok(go(&format!("{}/provisioning", sent.visitor.base), done));
    }
    page(&app, &sent.visitor, refused, None).await
}

/// The answer to the form is the only page that ever shows the text: there is no address to come back to.
async fn token(app: &App, mut sent: Sent) -> Result<Response> {
    let days = sent.text("days").and_then(|days| days.parse().ok()).map(|days: u32| DAY * days);
    let at = now();
    let label: String = sent.text("label").unwrap_or("Token").chars().take(80).collect();
    let expires_at = days.and_then(|days| at.checked_add(days));
    let new = NewToken { prefix: "quayside", label: &label, scopes: Scopes::all(), expires_at };
    // How many there may be is for the command to say
    let (secret, record) = generate(new, &[], &mut OsEntropy, at)
        .map_err(|error| Failure::Invalid(format!("No token was made: {error}.")))?;
    let refused = sent.command(app, Command::GenerateToken(record)).await?;
    let fresh = refused.is_empty().then_some(secret);
    page(app, &sent.visitor, refused, fresh).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    told: impl Into<Told>,
    fresh: Option<Secret>,
) -> Result<Response> {
    visitor.require(Task::Scim)?;
    let connection = &visitor.connection;
    if connection.preset().is_none() {
        return Ok(Redirect::to(&format!("{}/sso/setup", visitor.base)).into_response());
    }
    let id = connection.id().as_str();
    let (urls, now) = (app.urls(id), now());
    let observations = connections::observations(app.database.read(), id).await?;
    let hub = hub(connection, &urls, &observations, now);
    let mut warnings = hub.provisioning.warnings;
    if connection.scim().is_none() {
        warnings.splice(0..0, hub.single_sign_on.warnings);
    }
    let page = Page {
        chrome: visitor.frame("Provisioning", "/provisioning", told),
        connection,
        entered: Entered::new(),
        warnings,
        steps: provisioning_steps(connection, &urls),
        tokens: connection.scim().map(|scim| scim.tokens.as_slice()).unwrap_or_default(),
        now,
        fresh,
    };
    Ok(shown(&page, page.chrome.told.refused.is_empty()))
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
