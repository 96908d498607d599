//! SAML: our metadata, the way to the identity provider, the assertion consumer service, and single logout.

use std::time::Duration;

use admittance::connection::{Connection, Diagnosis, Evidence, flow_reference};
use admittance::entropy::OsEntropy;
use admittance::saml::bindings::{Incoming, MessageKind, Outgoing};
use admittance::saml::logout::{self, LogoutOutcome, LogoutStatus};
use admittance::saml::metadata::{idp::IdpConfig, sp::SpConfig};
use admittance::saml::{self, Error, protocol::AuthnRequestOptions, web_sso};
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, body::Bytes};
use axum_extra::extract::cookie::CookieJar;
use http::header;

use crate::admission::{self, Answer};
use crate::app::{App, Shared};
use crate::attempts::{self, Peer};
use crate::connections::{self, Stored};
use crate::failure::{Failure, Result};
use crate::going::{self, From};
use crate::logout::{IdpSession, end_matching, refused};
use crate::pending::{self, Begun, Browser, Flow};
use crate::sign_in::{self, Tested};
use crate::{clock::now, metadata, own_keys::service_provider};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/saml/certificate", get(certificate))
        .route("/saml/{connection}", get(our_metadata))
        .route("/saml/{connection}/acs", post(acs))
        .route("/saml/{connection}/slo", get(slo_by_redirect).post(slo_by_post))
}

/// The request for a sign-in, and what to keep until it is answered.
pub(crate) async fn begin(app: &App, stored: &Stored) -> Result<(Outgoing, Flow)> {
    let sp = service_provider(app, &stored.connection);
    let Some(idp) = identity_provider(&stored.connection) else {
        return Err(sign_in::closed(app, stored).await);
    };
    match web_sso::begin(&sp, idp, &AuthnRequestOptions::default(), &mut OsEntropy, now()) {
        Ok((outgoing, pending)) => Ok((outgoing, Flow::Saml(pending))),
        Err(error) => {
            let answer = Answer::Saml { login: Err(&error), sp: &sp, pending: None, form_field: "" };
            Err(admission::refuse(app, stored, answer).await)
        }
    }
}

async fn certificate(State(app): State<Shared>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"certificate.pem\""),
    ];
    (headers, app.own.certificate_pem.clone()).into_response()
}

async fn our_metadata(State(app): State<Shared>, Path(id): Path<String>) -> Result<Response> {
    let stored = connections::find(&app, &id).await?.ok_or(Failure::NotFound)?;
    let metadata = service_provider(&app, &stored.connection).metadata();
    let metadata = metadata.map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/samlmetadata+xml")], metadata).into_response())
}

/// Where responses come in, each as a form that the identity provider's page posts.
async fn acs(
    State(app): State<Shared>,
    Path(id): Path<String>,
    Peer(peer): Peer,
    jar: CookieJar,
    body: Bytes,
) -> Result<Response> {
    let stored = connections::find(&app, &id).await?.ok_or(Failure::NotFound)?;
    let refusals = format!("refused {id} {peer}");
    attempts::check(&app, &refusals).await?;
    let fields = going::fields(&body);
    let response = fields.iter().find(|(name, _)| name == "SAMLResponse").map_or("", |(_, value)| value);
    let browsers = Browser::all(&app, &jar);
    let begun = match answered(&stored, response) {
        Some(request) => pending::take(&app, &stored.connection, &browsers, &request).await?,
        None => None,
    };
    // Browsers keep back cookies from forms of other sites: all of them on http, that of the session on https
    if begun.is_none() && browsers.len() < Browser::NAMES && !going::is_again(&fields) {
        let urls = app.urls(&id);
        return Ok(going::again(&urls.acs_url, &fields));
    }
    let answered = finish(&app, &jar, &stored, begun, response).await;
    if matches!(answered, Err(Failure::Refused { .. })) {
        attempts::count(&app, &refusals).await?;
    }
    answered
}

/// The request that a response says it answers. Nobody has verified that yet: it leads to what this browser has begun
/// and to nothing else.
fn answered(stored: &Stored, response: &str) -> Option<String> {
    let peeked = web_sso::peek(response, &stored.connection.policy().saml.limits).ok()?;
    peeked.unverified().in_response_to.clone()
}

async fn finish(
    app: &App,
    jar: &CookieJar,
    stored: &Stored,
    begun: Option<Begun>,
    form_field: &str,
) -> Result<Response> {
    let sp = service_provider(app, &stored.connection);
    let (pending, test, return_to) = match &begun {
        Some(Begun { flow: Flow::Saml(pending), test, link, return_to }) => {
            (Some(pending), test.as_ref().map(|run| (run, link.as_deref())), return_to.as_deref())
        }
        _ => (None, None, None),
    };
    let judge = |connection: &Connection| match identity_provider(connection) {
        Some(idp) => web_sso::finish(&sp, idp, pending, form_field, &connection.policy().saml, now()),
        None => Err(Error::IssuerUnpinned),
    };
    if let Some(run) = test {
        let policy = &stored.connection.policy().saml;
        let judged = identity_provider(&stored.connection)
            .map(|idp| web_sso::finish_test(&sp, idp, pending, form_field, policy, now()));
        let claims = judged.as_ref().and_then(|judged| judged.as_ref().ok()).map(|login| login.claims());
        let answer = Tested::Saml { sp: &sp, pending, form_field, claims };
        return sign_in::finish_test(app, jar, stored, run, answer).await;
    }
    let mut login = judge(&stored.connection);
    if login.as_ref().is_err_and(|error| error.code() == "saml.signature_invalid")
        && let Some(fresh) = metadata::refresh_for_unknown_key(app, stored).await?
    {
        login = judge(&fresh);
    }
    let answer = Answer::Saml { login: login.as_ref(), sp: &sp, pending, form_field };
    let cookie = admission::admit(app, stored, answer).await?;
    sign_in::welcome(app, jar, cookie, return_to).await
}

async fn slo_by_redirect(
    State(app): State<Shared>,
    Path(id): Path<String>,
    jar: CookieJar,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let query = query.unwrap_or_default();
    slo(&app, &id, &jar, Incoming::Redirect { query: &query }, From::Link).await
}

async fn slo_by_post(
    State(app): State<Shared>,
    Path(id): Path<String>,
    jar: CookieJar,
    body: Bytes,
) -> Result<Response> {
    let fields = going::fields(&body);
    slo(&app, &id, &jar, Incoming::Post { fields: &fields }, From::Form).await
}

/// A logout message: what the identity provider asks for, or its answer to what we have asked.
async fn slo(app: &App, id: &str, jar: &CookieJar, incoming: Incoming<'_>, from: From) -> Result<Response> {
    let stored = connections::find(app, id).await?.ok_or(Failure::NotFound)?;
    let Some(idp) = identity_provider(&stored.connection) else { return Err(Failure::NotFound) };
    let sp = service_provider(app, &stored.connection);
    let policy = &stored.connection.policy().saml;
    let peeked = logout::peek(incoming, policy).map_err(|error| unusable(&stored, &error))?;
    match peeked.unverified().kind {
        MessageKind::Request => {
            let outgoing = end_as_asked(app, &stored, &sp, idp, incoming).await?;
            Ok(going::off(&outgoing, from))
        }
        MessageKind::Response => {
            let request = peeked.unverified().in_response_to.clone().unwrap_or_default();
            let browsers = Browser::all(app, jar);
            let begun = pending::take(app, &stored.connection, &browsers, &request).await?;
            let pending = match &begun {
                Some(Begun { flow: Flow::SamlLogout(pending), .. }) => Some(pending),
                _ => None,
            };
            // Our own session has ended before we asked: this says how it went elsewhere
            let answer = logout::validate_response(&sp, idp, pending, incoming, policy, now());
            let everywhere = match answer {
                Ok(answer) => answer.outcome() == LogoutOutcome::Success,
                Err(error) => {
                    refused(&stored, error.code());
                    false
                }
            };
            Ok(Redirect::to(if everywhere { "/login?left=everywhere" } else { "/login?left=here" })
                .into_response())
        }
    }
}

/// Ends the sessions that the identity provider names, once, and answers it.
async fn end_as_asked(
    app: &App,
    stored: &Stored,
    sp: &SpConfig,
    idp: &IdpConfig,
    incoming: Incoming<'_>,
) -> Result<Outgoing> {
    let policy = &stored.connection.policy().saml;
    let request = logout::validate_request(sp, idp, incoming, policy, now());
    let request = request.map_err(|error| unusable(stored, &error))?;
    let mut tx = app.database.write().await?;
    let replay = request.replay();
    let keep_until = replay.keep_until.unwrap_or_else(|| now().saturating_add(FOREVER));
    let mut status = LogoutStatus::Requester;
    if admission::use_once(&mut tx, &["logout", &replay.issuer, &replay.request_id], keep_until).await? {
        end_matching(app, &mut tx, &stored.connection, |session| match session {
            IdpSession::Saml(session) => request.matches(session),
            IdpSession::Oidc(_) => false,
        })
        .await?;
        status = LogoutStatus::Success;
    }
    tx.commit().await?;
    logout::response(sp, idp, &request, status, &mut OsEntropy, now())
        .map_err(|error| unusable(stored, &error))
}

/// The page for a logout message that cannot be acted on.
fn unusable(stored: &Stored, error: &saml::Error) -> Failure {
    refused(stored, error.code());
    let diagnosis = Diagnosis::of(&Evidence::from(error), stored.connection.preset());
    admission::refused(Box::new(diagnosis), flow_reference(&mut OsEntropy).unwrap_or_default())
}

fn identity_provider(connection: &Connection) -> Option<&IdpConfig> {
    connection.provider()?.saml()
}

/// For a logout request that says nothing about its own end.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
