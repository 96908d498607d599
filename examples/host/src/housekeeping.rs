//! What goes on by itself: expired rows go, and metadata is read again. Every node may do it.

use std::time::Duration;

use crate::app::{App, Shared};
use crate::{clock::now, database::execute, failure::Result, metadata};

/// Runs until the program ends.
pub(crate) async fn run(app: Shared) {
    let mut every = tokio::time::interval(Duration::from_secs(60));
    loop {
        every.tick().await;
        for done in [forget_expired(&app).await, metadata::refresh_all(&app).await] {
            if let Err(failure) = done {
                tracing::warn!(?failure, "housekeeping");
            }
        }
    }
}

async fn forget_expired(app: &App) -> Result<()> {
    const EXPIRED: [&str; 4] = [
        "DELETE FROM sessions WHERE expires_at <= $1",
        "DELETE FROM pending_sign_ins WHERE expires_at <= $1",
        "DELETE FROM replay_keys WHERE expires_at <= $1",
        "DELETE FROM attempts WHERE expires_at <= $1",
    ];
    let at = now().to_unix_millis();
    for statement in EXPIRED {
        execute!(app.database.read(), statement; at);
    }
    execute!(app.database.read(), "DELETE FROM flow_records WHERE at <= $1"; at - RECORDS_FOR_MILLIS);
    Ok(())
}

/// How long support may look a sign-in up: 90 days.
const RECORDS_FOR_MILLIS: i64 = 90 * 24 * 60 * 60 * 1000;
