//! How often something may be tried, counted in the database for all nodes together.

use std::{net::SocketAddr, time::Duration};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use sqlx::Row;

use crate::app::{App, Shared};
use crate::database::{execute, fetch_one, fetch_optional};
use crate::failure::{Failure, Result};
use crate::{clock::now, keys};

/// The address that a request came from. Behind a proxy it is the proxy's: then limits by login are what is left.
pub(crate) struct Peer(pub(crate) String);

/// Counts a try, and returns how many there were of late.
pub(crate) async fn count(app: &App, what: &str) -> Result<i64> {
    let at = now();
    let row = fetch_one!(app.database.read(),
        "INSERT INTO attempts (id, tries, expires_at) VALUES ($1, 1, $2)
         ON CONFLICT (id) DO UPDATE SET
             tries = CASE WHEN attempts.expires_at <= $3 THEN 1 ELSE attempts.tries + 1 END,
             expires_at = CASE WHEN attempts.expires_at <= $3 THEN $2 ELSE attempts.expires_at END
         RETURNING tries";
        keys::sha256(what), at.saturating_add(WINDOW).to_unix_millis(), at.to_unix_millis()
    );
    Ok(row.get(0))
}

/// How many tries there were of late.
async fn so_far(app: &App, what: &str) -> Result<i64> {
    let row = fetch_optional!(app.database.read(),
        "SELECT tries FROM attempts WHERE id = $1 AND expires_at > $2";
        keys::sha256(what), now().to_unix_millis()
    );
    Ok(row.map_or(0, |row| row.get(0)))
}

/// Refuses somebody who was refused too often of late: guessing and probing take time.
pub(crate) async fn check(app: &App, what: &str) -> Result<()> {
    if so_far(app, what).await? >= MOST_REFUSALS { Err(Failure::TooOften) } else { Ok(()) }
}

/// Forgets tries, after one that succeeded.
pub(crate) async fn forget(app: &App, what: &str) -> Result<()> {
    execute!(app.database.read(), "DELETE FROM attempts WHERE id = $1"; keys::sha256(what));
    Ok(())
}

impl FromRequestParts<Shared> for Peer {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|ConnectInfo(address)| address.ip().to_string()).unwrap_or_default()))
    }
}

const WINDOW: Duration = Duration::from_secs(60);

/// Messages of one connection and address that may be refused in that time.
const MOST_REFUSALS: i64 = 60;
