//! Sign-ins and logouts that have begun and wait for the identity provider's answer: sealed in the database, bound to
//! the browser that began, and used once, on whichever node.

use std::time::Duration;

use admittance::connection::{Connection, sign_in::TestRun};
use admittance::{oidc, saml};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::database::{execute, fetch_optional};
use crate::session::{self, SESSION};
use crate::{app::App, clock::now, failure::Result, keys};

/// What waits for an answer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Begun {
    pub(crate) flow: Flow,
    /// Whether it is an administrator's test.
    pub(crate) test: Option<TestRun>,
    /// The set-up link whose holder tests, where it is no administrator.
    #[serde(default)]
    pub(crate) link: Option<String>,
    /// Where the person wanted to go.
    pub(crate) return_to: Option<String>,
}

/// The library's own value for each kind.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flow {
    Saml(saml::web_sso::Pending),
    Oidc(oidc::Pending),
    SamlLogout(saml::logout::PendingLogout),
}

/// A browser as the database knows it: a digest of what it holds.
#[derive(Clone, Debug)]
pub(crate) struct Browser(String);

impl Begun {
    pub(crate) fn new(flow: Flow) -> Self {
        Self { flow, test: None, link: None, return_to: None }
    }
}

impl Flow {
    /// By what the answer names it.
    pub(crate) fn handle(&self) -> &str {
        match self {
            Self::Saml(pending) => pending.request_id(),
            Self::Oidc(pending) => pending.state().expose(),
            Self::SamlLogout(pending) => pending.request_id(),
        }
    }
}

impl Browser {
    /// How many names a browser can have: by its own cookie, and by that of its session.
    pub(crate) const NAMES: usize = 2;

    /// This browser with a cookie to give it. One that it has goes on, so that two tabs do not end each other's
    /// sign-ins.
    pub(crate) fn with_cookie(app: &App, jar: &CookieJar) -> Result<(Self, Cookie<'static>)> {
        let held = jar.get(&session::cookie_name(app, PENDING)).map(|cookie| cookie.value().to_owned());
        let secret = match held {
            Some(held) => held,
            None => keys::random()?,
        };
        let browser = Self(keys::sha256(&secret));
        // The answer over SAML is a form that another site posts
        Ok((browser, session::cookie(app, PENDING, secret, SameSite::None)))
    }

    /// The browser of a session.
    pub(crate) fn of_session(session: &str) -> Self {
        Self(session.to_owned())
    }

    /// Every name of the browser that has come back.
    pub(crate) fn all(app: &App, jar: &CookieJar) -> Vec<Self> {
        let held = [PENDING, SESSION].map(|name| jar.get(&session::cookie_name(app, name)));
        held.into_iter().flatten().map(|cookie| Self(keys::sha256(cookie.value()))).collect()
    }
}

pub(crate) async fn keep(app: &App, connection: &Connection, browser: &Browser, begun: &Begun) -> Result<()> {
    let id = id(browser, begun.flow.handle());
    execute!(app.database.read(),
        "INSERT INTO pending_sign_ins (id, connection_id, sealed, expires_at) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (id) DO UPDATE SET connection_id = $2, sealed = $3, expires_at = $4";
        &id, connection.id().as_str(), app.keys.seal(&serde_json::to_string(begun)?, &id)?,
        now().saturating_add(LIFE).to_unix_millis()
    );
    Ok(())
}

/// Takes what one of these browsers has begun under the handle: whoever calls again gets nothing.
pub(crate) async fn take(
    app: &App,
    connection: &Connection,
    browsers: &[Browser],
    handle: &str,
) -> Result<Option<Begun>> {
    for browser in browsers {
        let id = id(browser, handle);
        let row = fetch_optional!(app.database.read(),
            "DELETE FROM pending_sign_ins WHERE id = $1 AND connection_id = $2 AND expires_at > $3 RETURNING sealed";
            &id, connection.id().as_str(), now().to_unix_millis()
        );
        if let Some(row) = row {
            let begun = app.keys.open(row.get(0), &id);
            return begun.map(|begun| Ok(serde_json::from_str(&begun)?)).transpose();
        }
    }
    Ok(None)
}

fn id(browser: &Browser, handle: &str) -> String {
    keys::sha256(&format!("{} {handle}", browser.0))
}

const PENDING: &str = "pending";

/// How long a person may take at the identity provider.
const LIFE: Duration = Duration::from_secs(15 * 60);
