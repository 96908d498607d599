//! The way in: by the key of an enterprise, by an email address, or with a password for local accounts, which no
//! single sign-on can lock out.

use std::sync::OnceLock;

use admittance::connection::{Discovery, discover, flow_reference, return_path, sign_in_connection};
use admittance::entropy::OsEntropy;
use argon2::{
    Argon2, PasswordHash,
    password_hash::{PasswordHasher, PasswordVerifier, SaltString},
};
use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::cookie::CookieJar;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::accounts::{self, Account};
use crate::app::{App, Shared};
use crate::attempts::{self, Peer};
use crate::connections::{self, Stored};
use crate::failure::{Failure, Result};
use crate::layout::{Chrome, html};
use crate::session::{self, NewSession};
use crate::{admission, demo, enterprises, going::From, keys, sign_in};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/login", get(page).post(with_password))
        .route("/login/sso", get(by_key))
        .route("/login/discover", post(by_email))
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    return_to: Option<String>,
    /// How a sign-out went.
    #[serde(default)]
    left: Option<String>,
}

#[derive(Template, Default)]
#[template(path = "login.html")]
struct Page {
    chrome: Chrome,
    return_to: String,
    /// What went wrong with the form above it.
    sso_error: &'static str,
    password_error: &'static str,
    email: String,
    login: String,
    left: &'static str,
    /// The demo's administrator, with the password.
    demo: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "choose.html")]
struct Choice {
    chrome: Chrome,
    connections: Vec<(String, String)>,
}

impl Page {
    fn new(app: &App, return_to: Option<&str>) -> Self {
        Self {
            chrome: Chrome::plain("Sign in"),
            return_to: return_to.and_then(return_path).unwrap_or_default().to_owned(),
            demo: (!app.settings.no_demo).then_some(demo::PASSWORD),
            ..Self::default()
        }
    }
}

async fn page(State(app): State<Shared>, jar: CookieJar, Query(wanted): Query<Wanted>) -> Result<Response> {
    if session::current(&app, &jar).await?.is_some() {
        let to = wanted.return_to.as_deref().and_then(return_path).unwrap_or("/me");
        return Ok(axum::response::Redirect::to(to).into_response());
    }
    let left = match wanted.left.as_deref() {
        Some("everywhere") => "You are signed out, here and at your identity provider.",
        Some(_) => "You are signed out.",
        None => "",
    };
    Ok(html(&Page { left, ..Page::new(&app, wanted.return_to.as_deref()) }))
}

#[derive(Deserialize)]
struct Password {
    login: String,
    password: String,
    #[serde(default)]
    return_to: String,
}

async fn with_password(
    State(app): State<Shared>,
    Peer(peer): Peer,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<Password>,
) -> Result<Response> {
    if !session::is_same_origin(&app, &headers) {
        return Err(Failure::NotFromOurPage);
    }
    let login = form.login.trim().to_owned();
    // Counted before, so that many tries at once are many
    let by_login = format!("password {login}");
    let tries = attempts::count(&app, &by_login).await?;
    let from_peer = attempts::count(&app, &format!("password from {peer}")).await?;
    if tries > MOST_TRIES || from_peer > MOST_TRIES_OF_A_PEER {
        return Err(Failure::TooOften);
    }
    let account = accounts::local(app.database.read(), &login).await?;
    let Some(account) = verified(account, form.password).await? else {
        let page = Page {
            password_error: "Login or password is wrong.",
            login,
            ..Page::new(&app, Some(&form.return_to))
        };
        return Ok((StatusCode::UNAUTHORIZED, html(&page)).into_response());
    };
    attempts::forget(&app, &by_login).await?;
    let mut tx = app.database.write().await?;
    let new = NewSession { account: &account.id, connection: None, idp_session: None, ends_at: None };
    let cookie = session::start(&app, &mut tx, new).await?;
    tx.commit().await?;
    sign_in::welcome(&app, &jar, cookie, Some(&form.return_to)).await
}

/// The account, if the password is its own. For a login that nobody has, it takes as long.
async fn verified(account: Option<Account>, password: String) -> Result<Option<Account>> {
    let hash = account.as_ref().and_then(|account| account.password_hash.clone());
    let fits = tokio::task::spawn_blocking(move || {
        let nobody = nobody();
        let hash = hash.as_deref().unwrap_or(nobody);
        PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    });
    let fits = fits.await.map_err(|error| Failure::Internal(error.to_string()))?;
    Ok(account.filter(|account| fits && account.active))
}

/// The hash of a password that nobody knows.
fn nobody() -> &'static str {
    static NOBODY: OnceLock<String> = OnceLock::new();
    NOBODY.get_or_init(|| keys::random().ok().and_then(|password| hash(&password).ok()).unwrap_or_default())
}

/// How a password is stored.
pub(crate) fn hash(password: &str) -> Result<String> {
    let salt = keys::random()?;
    let salt = SaltString::encode_b64(salt.as_bytes().get(..16).unwrap_or_default());
    let salt = salt.map_err(|error| Failure::Internal(error.to_string()))?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| Failure::Internal(error.to_string()))
}

#[derive(Deserialize)]
struct ByKey {
    enterprise_key: String,
    #[serde(default)]
    return_to: Option<String>,
}

/// The one-click link.
async fn by_key(State(app): State<Shared>, jar: CookieJar, Query(link): Query<ByKey>) -> Result<Response> {
    off(&app, &jar, &link.enterprise_key, link.return_to.as_deref(), From::Link).await
}

/// Off to the identity provider of an enterprise. An unknown key and a connection that lets nobody in get the same
/// status after the same look-ups.
async fn off(app: &App, jar: &CookieJar, key: &str, return_to: Option<&str>, from: From) -> Result<Response> {
    let enterprise = enterprises::by_key(app.database.read(), key).await?;
    let id = enterprise.as_ref().map_or("", |enterprise| enterprise.id.as_str());
    let stored = connections::of_enterprise(app.database.read(), id).await?;
    match (sign_in_connection(key, stored.as_ref().map(|stored| &stored.connection)), &stored) {
        (Ok(_), Some(stored)) => {
            let return_to = return_to.and_then(return_path).map(str::to_owned);
            sign_in::begin(app, jar, stored, return_to, from).await
        }
        (Err(diagnosis), None) => Err(admission::refused(diagnosis, flow_reference(&mut OsEntropy)?)),
        (_, Some(stored)) => Err(sign_in::closed(app, stored).await),
        (Ok(_), None) => Err(Failure::NotFound),
    }
}

#[derive(Deserialize)]
struct ByEmail {
    /// An address, or the key of an enterprise: whatever the person knows.
    email: String,
    #[serde(default)]
    return_to: String,
}

async fn by_email(
    State(app): State<Shared>,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<ByEmail>,
) -> Result<Response> {
    if !session::is_same_origin(&app, &headers) {
        return Err(Failure::NotFromOurPage);
    }
    let entered = form.email.trim();
    let return_to = Some(form.return_to.as_str());
    if !entered.contains('@') {
        return off(&app, &jar, entered, return_to, From::Form).await;
    }
    let all = connections::all(&app).await?;
    let found = |id: &admittance::id::ConnectionId| all.iter().find(|stored| stored.connection.id() == id);
    match discover(entered, all.iter().map(|stored| &stored.connection)) {
        Discovery::One(id) => {
            let key = found(&id).map_or("", |stored| stored.connection.enterprise_key());
            off(&app, &jar, key, return_to, From::Form).await
        }
        Discovery::Several(ids) => Ok(choice(&app, ids.iter().filter_map(found), return_to)),
        Discovery::None => {
            let page = Page {
                sso_error: "This address does not belong to an enterprise with single sign-on. Use the link that \
                            your administrator has sent you, or sign in with a password.",
                email: entered.to_owned(),
                ..Page::new(&app, return_to)
            };
            Ok((StatusCode::NOT_FOUND, html(&page)).into_response())
        }
    }
}

fn choice<'a>(app: &App, found: impl Iterator<Item = &'a Stored>, return_to: Option<&str>) -> Response {
    let return_to = return_to.and_then(return_path).unwrap_or_default();
    let link = |stored: &Stored| {
        let url = admittance::connection::login_url(&app.base, stored.connection.enterprise_key());
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("return_to", return_to).finish();
        (format!("{url}&{query}"), stored.enterprise.name.clone())
    };
    html(&Choice { chrome: Chrome::plain("Choose your enterprise"), connections: found.map(link).collect() })
}

/// Tries with a password within a minute: more is guessing.
const MOST_TRIES: i64 = 10;
/// Of one address, which may be that of a whole office.
const MOST_TRIES_OF_A_PEER: i64 = 60;
