//! Who is looking: sessions in the database, found by a cookie, and forms that only a page of ours can send.

use std::time::Duration;

use admittance::{connection::Actor, crypto::constant_time_eq, time::Timestamp};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::{HeaderMap, Request, header, request::Parts};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::de::DeserializeOwned;
use sqlx::Row;

use crate::accounts::{self, Account};
use crate::app::{App, Shared};
use crate::database::{Tx, execute, fetch_optional};
use crate::enterprises::{self, Enterprise};
use crate::failure::{Failure, Result};
use crate::{clock::now, keys};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) session: String,
    pub(crate) account: Account,
    pub(crate) enterprise: Enterprise,
    pub(crate) csrf: String,
    /// What a single logout needs, sealed, where single sign-on made the session.
    pub(crate) idp_session: Option<String>,
    pub(crate) connection: Option<String>,
}

/// Somebody who administers the enterprise.
#[derive(Clone, Debug)]
pub(crate) struct Administrator(pub(crate) SignedIn);

/// A form that a page of ours has sent: the token in its field `csrf` is that of the session.
pub(crate) struct Posted<T>(pub(crate) T);

pub(crate) struct NewSession<'a> {
    pub(crate) account: &'a str,
    pub(crate) connection: Option<&'a str>,
    pub(crate) idp_session: Option<&'a str>,
    /// When it must end at the latest, where the identity provider says so.
    pub(crate) ends_at: Option<Timestamp>,
}

impl Administrator {
    /// Who gives commands, as the audit trail names the person.
    pub(crate) fn actor(&self) -> Actor {
        Actor::EnterpriseAdministrator { name: self.0.account.login.clone() }
    }
}

/// Starts a session. Never reuses one: whoever signs in gets a new cookie.
pub(crate) async fn start(app: &App, tx: &mut Tx, new: NewSession<'_>) -> Result<Cookie<'static>> {
    let (secret, csrf) = (keys::random()?, keys::random()?);
    let at = now();
    let end = at.saturating_add(LIFE);
    let end = new.ends_at.map_or(end, |earlier| earlier.min(end));
    execute!(&mut **tx,
        "INSERT INTO sessions (id, account_id, connection_id, idp_session, csrf, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
        keys::sha256(&secret), new.account, new.connection, new.idp_session, csrf, at.to_unix_millis(),
        end.to_unix_millis()
    );
    Ok(cookie(app, SESSION, secret, SameSite::Lax))
}

/// Ends every session of an account.
pub(crate) async fn end_all(tx: &mut Tx, account: &str) -> Result<()> {
    execute!(&mut **tx, "DELETE FROM sessions WHERE account_id = $1"; account);
    Ok(())
}

pub(crate) async fn end(app: &App, session: &str) -> Result<()> {
    execute!(app.database.read(), "DELETE FROM sessions WHERE id = $1"; session);
    Ok(())
}

/// A cookie with the attributes that the address allows: over TLS bound to this very host.
pub(crate) fn cookie(app: &App, name: &str, value: String, same_site: SameSite) -> Cookie<'static> {
    Cookie::build((cookie_name(app, name), value))
        .path("/")
        .http_only(true)
        .secure(app.is_https())
        .same_site(if app.is_https() { same_site } else { SameSite::Lax })
        .build()
}

pub(crate) fn cookie_name(app: &App, name: &str) -> String {
    if app.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

/// Who is signed in, if anybody is.
pub(crate) async fn current(app: &App, jar: &CookieJar) -> Result<Option<SignedIn>> {
    let Some(cookie) = jar.get(&cookie_name(app, SESSION)) else { return Ok(None) };
    let session = keys::sha256(cookie.value());
    let row = fetch_optional!(app.database.read(),
        "SELECT account_id, csrf, idp_session, connection_id FROM sessions WHERE id = $1 AND expires_at > $2";
        &session, now().to_unix_millis()
    );
    let Some(row) = row else { return Ok(None) };
    let account = accounts::find(app.database.read(), row.get(0)).await?.filter(|account| account.active);
    let Some(account) = account else { return Ok(None) };
    let enterprise =
        enterprises::find(app.database.read(), &account.enterprise).await?.ok_or(Failure::NotFound)?;
    Ok(Some(SignedIn {
        session,
        account,
        enterprise,
        csrf: row.get(1),
        idp_session: row.get(2),
        connection: row.get(3),
    }))
}

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let jar = CookieJar::from_headers(&parts.headers);
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        current(app, &jar).await?.ok_or(Failure::SignInFirst { return_to: path })
    }
}

impl FromRequestParts<Shared> for Administrator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        if signed_in.account.is_enterprise_administrator {
            Ok(Self(signed_in))
        } else {
            Err(Failure::Forbidden)
        }
    }
}

impl<T: DeserializeOwned> FromRequest<Shared> for Posted<T> {
    type Rejection = Failure;

    async fn from_request(request: Request<Body>, app: &Shared) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let signed_in = current(app, &CookieJar::from_headers(&parts.headers)).await?;
        let same_origin = is_same_origin(app, &parts.headers);
        let body = axum::body::to_bytes(body, LONGEST_FORM)
            .await
            .map_err(|_| Failure::Invalid("The form is too long.".into()))?;
        let token =
            url::form_urlencoded::parse(&body).find(|(name, _)| name == "csrf").map(|(_, token)| token);
        let known = signed_in.zip(token).is_some_and(|(signed_in, token)| is_ours(&signed_in, &token));
        if !known || !same_origin {
            return Err(Failure::NotFromOurPage);
        }
        serde_html_form::from_bytes(&body).map(Self).map_err(|error| Failure::Invalid(error.to_string()))
    }
}

/// Whether a form came from a page of ours, as far as the browser says. It is all there is before a sign-in.
pub(crate) fn is_same_origin(app: &App, headers: &HeaderMap) -> bool {
    headers.get(header::ORIGIN).is_none_or(|origin| origin.as_bytes() == app.base.as_bytes())
}

/// Whether a form's token is that of the session.
pub(crate) fn is_ours(signed_in: &SignedIn, token: &str) -> bool {
    constant_time_eq(signed_in.csrf.as_bytes(), token.as_bytes())
}

pub(crate) const SESSION: &str = "session";
const LIFE: Duration = Duration::from_secs(12 * 60 * 60);
/// Bytes of a form: metadata and certificates are pasted into one.
const LONGEST_FORM: usize = 8 << 20;
