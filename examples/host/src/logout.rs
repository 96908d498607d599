//! Signing out: here, at the identity provider too where the person wants that, and when the identity provider says so.

use admittance::connection::{Connection, IdentityProvider};
use admittance::entropy::OsEntropy;
use admittance::oidc::{self, logout::rp_initiated};
use admittance::saml::{self, bindings::Outgoing};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Router, extract::State, routing::post};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::app::{App, Shared};
use crate::connections::{self, Stored};
use crate::database::{Tx, execute, fetch_all};
use crate::going::{self, From};
use crate::pending::{self, Begun, Browser, Flow};
use crate::session::{self, Posted, SESSION, SignedIn};
use crate::{clock::now, failure::Result, own_keys::service_provider};

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/logout", post(leave))
}

/// The session at the identity provider that a session of ours came from.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IdpSession {
    Saml(saml::logout::SessionRef),
    Oidc(oidc::id_token::SessionRef),
}

impl IdpSession {
    /// It may hold an ID token.
    pub(crate) fn sealed(&self, app: &App) -> Result<String> {
        app.keys.seal(&serde_json::to_string(self)?, PURPOSE)
    }

    pub(crate) fn open(app: &App, sealed: &str) -> Option<Self> {
        serde_json::from_str(&app.keys.open(sealed, PURPOSE)?).ok()
    }
}

#[derive(Deserialize)]
struct Leaving {
    /// Whether the session at the identity provider ends as well, and with it those at other products.
    #[serde(default)]
    everywhere: Option<String>,
}

async fn leave(
    State(app): State<Shared>,
    jar: CookieJar,
    signed_in: SignedIn,
    Posted(form): Posted<Leaving>,
) -> Result<Response> {
    session::end(&app, &signed_in.session).await?;
    let gone = Cookie::build((session::cookie_name(&app, SESSION), "")).path("/").secure(app.is_https());
    let cookies = CookieJar::new().add(gone.removal());
    let elsewhere = match form.everywhere {
        Some(_) => at_identity_provider(&app, &jar, &signed_in).await?,
        None => None,
    };
    let Some((outgoing, cookie)) = elsewhere else {
        return Ok((cookies, Redirect::to("/login?left=here")).into_response());
    };
    Ok((cookies.add(cookie), going::off(&outgoing, From::Form)).into_response())
}

/// The request that ends the session at the identity provider, where it takes one. Ours has ended already.
async fn at_identity_provider(
    app: &App,
    jar: &CookieJar,
    signed_in: &SignedIn,
) -> Result<Option<(Outgoing, Cookie<'static>)>> {
    let session = signed_in.idp_session.as_deref().and_then(|sealed| IdpSession::open(app, sealed));
    let (Some(session), Some(connection)) = (session, &signed_in.connection) else { return Ok(None) };
    let Some(stored) = connections::find(app, connection).await? else { return Ok(None) };
    let (browser, cookie) = Browser::with_cookie(app, jar)?;
    let outgoing = match (stored.connection.provider(), session) {
        (Some(IdentityProvider::Saml(idp)), IdpSession::Saml(session)) => {
            let sp = service_provider(app, &stored.connection);
            let options = saml::logout::LogoutOptions::default();
            let asked = saml::logout::request(&sp, idp, &session, &options, &mut OsEntropy, now());
            let Ok((outgoing, pending)) = asked.inspect_err(|error| not_asked(error.code())) else {
                return Ok(None);
            };
            let begun = Begun::new(Flow::SamlLogout(pending));
            pending::keep(app, &stored.connection, &browser, &begun).await?;
            outgoing
        }
        (Some(IdentityProvider::Oidc(provider)), IdpSession::Oidc(session)) => {
            let client = crate::oidc::client(app, &stored.connection, provider).await?;
            // No address to come back to: a provider refuses one that nobody has registered
            let options = rp_initiated::LogoutOptions::default();
            let asked = rp_initiated::begin(provider, &client, &session, &options, &mut OsEntropy);
            let Ok((url, _)) = asked.inspect_err(|error| not_asked(error.code())) else { return Ok(None) };
            Outgoing::Redirect(url)
        }
        _ => return Ok(None),
    };
    Ok(Some((outgoing, cookie)))
}

fn not_asked(code: &str) {
    tracing::info!(code, "the identity provider is not asked to end its session");
}

/// Ends the sessions that a message of the identity provider names. Returns how many there were.
pub(crate) async fn end_matching(
    app: &App,
    tx: &mut Tx,
    connection: &Connection,
    is_named: impl Fn(&IdpSession) -> bool,
) -> Result<usize> {
    let rows = fetch_all!(&mut **tx,
        "SELECT id, idp_session FROM sessions WHERE connection_id = $1";
        connection.id().as_str()
    );
    let mut ended = 0;
    for row in rows {
        let sealed: Option<String> = row.get(1);
        let session = sealed.and_then(|sealed| IdpSession::open(app, &sealed));
        if session.is_some_and(|session| is_named(&session)) {
            execute!(&mut **tx, "DELETE FROM sessions WHERE id = $1"; row.get::<String, _>(0));
            ended += 1;
        }
    }
    Ok(ended)
}

/// What kind of answer was refused, for whoever runs the product.
pub(crate) fn refused(stored: &Stored, code: &str) {
    tracing::warn!(connection = %stored.connection.id(), code, "a logout message was refused");
}

const PURPOSE: &str = "session at the identity provider";
