//! Metadata of identity providers, read again now and then, as the library's plan says.

use admittance::connection::{Actor, Command, Connection, IdpSource, Reach, State};
use admittance::saml::metadata::{idp::IdpConfig, refresh::RefreshPlan};
use admittance::{note::Note, time::Timestamp};
use sqlx::Row;

use crate::connections::{self, Outcome, Stored};
use crate::database::{execute, fetch_optional};
use crate::{app::App, clock::now, failure::Result};

/// Reads the metadata of every connection for which that is due.
pub(crate) async fn refresh_all(app: &App) -> Result<()> {
    for stored in connections::all(app).await? {
        let at = now();
        if let Some((url, plan, kept)) = planned(app, &stored).await?
            && plan.is_due(at)
        {
            refresh(app, &stored, &url, plan, kept.as_deref(), at).await?;
        }
    }
    Ok(())
}

/// Reads metadata because a message was signed by a key that is not in it. `None` where it is too soon for that, or
/// nothing has come of it.
pub(crate) async fn refresh_for_unknown_key(app: &App, stored: &Stored) -> Result<Option<Connection>> {
    let at = now();
    match planned(app, stored).await? {
        Some((url, plan, kept)) if plan.is_due_for_unknown_key(at) => {
            refresh(app, stored, &url, plan, kept.as_deref(), at).await
        }
        _ => Ok(None),
    }
}

/// Where the metadata is, and when it is to be read; with the plan as it is stored, where it is.
async fn planned(app: &App, stored: &Stored) -> Result<Option<(String, RefreshPlan, Option<String>)>> {
    let connection = &stored.connection;
    let idp = connection.provider().and_then(|provider| provider.saml());
    let (Some(IdpSource::MetadataUrl(url)), Some(idp)) = (connection.source(), idp) else { return Ok(None) };
    if matches!(connection.state(), State::Draft | State::Deleted) {
        return Ok(None);
    }
    let row = fetch_optional!(app.database.read(),
        "SELECT document FROM fetched_documents WHERE connection_id = $1 AND kind = 'plan'";
        connection.id().as_str()
    );
    let kept: Option<String> = row.map(|row| row.get(0));
    let plan = kept.as_deref().and_then(|plan| serde_json::from_str(plan).ok());
    let reached = connection.reached_at().unwrap_or(Timestamp::MIN);
    Ok(Some((url.clone(), plan.unwrap_or_else(|| RefreshPlan::new(idp, reached)), kept)))
}

/// Before it asks, a node notes that the attempt has failed: no other node then asks at the same time, and one that
/// dies meanwhile has put off nothing but the next attempt.
async fn refresh(
    app: &App,
    stored: &Stored,
    url: &str,
    plan: RefreshPlan,
    kept: Option<&str>,
    at: Timestamp,
) -> Result<Option<Connection>> {
    if !replace(app, stored, kept, &plan.failed(at), at).await? {
        return Ok(None);
    }
    let reach = match app.fetcher.document(url).await {
        Ok(document) => Reach::Metadata(document),
        Err(reason) => {
            let note = Note::new("saml.metadata_unreachable").field("metadata_url").actual(reason);
            keep_trouble(app, stored, &note, at).await?;
            return Ok(None);
        }
    };
    let command = Command::Refresh(reach);
    match connections::command(app, Actor::Host, &stored.connection, command).await? {
        Outcome::Done(connection) => {
            if let Some(idp) = connection.provider().and_then(|provider| provider.saml()) {
                overwrite(app, stored, idp, at).await?;
            }
            forget_trouble(app, stored).await?;
            Ok(Some(*connection))
        }
        Outcome::Refused(diagnoses) => {
            if let Some(first) = diagnoses.first() {
                let note = Note { actual: first.actual.clone(), ..Note::new(&first.code) };
                keep_trouble(app, stored, &note, at).await?;
            }
            Ok(None)
        }
    }
}

async fn replace(
    app: &App,
    stored: &Stored,
    kept: Option<&str>,
    plan: &RefreshPlan,
    at: Timestamp,
) -> Result<bool> {
    let done = execute!(app.database.read(),
        "INSERT INTO fetched_documents (connection_id, kind, document, fetched_at) VALUES ($1, 'plan', $2, $3)
         ON CONFLICT (connection_id, kind) DO UPDATE SET document = $2, fetched_at = $3
         WHERE fetched_documents.document = $4";
        stored.connection.id().as_str(), serde_json::to_string(plan)?, at.to_unix_millis(),
        kept.unwrap_or_default()
    );
    Ok(done.rows_affected() == 1)
}

async fn overwrite(app: &App, stored: &Stored, idp: &IdpConfig, at: Timestamp) -> Result<()> {
    execute!(app.database.read(),
        "UPDATE fetched_documents SET document = $2 WHERE connection_id = $1 AND kind = 'plan'";
        stored.connection.id().as_str(), serde_json::to_string(&RefreshPlan::new(idp, at))?
    );
    Ok(())
}

/// For the warnings on the hub: what went wrong at the last reading.
async fn keep_trouble(app: &App, stored: &Stored, note: &Note, at: Timestamp) -> Result<()> {
    tracing::warn!(connection = %stored.connection.id(), code = note.code, "metadata was not taken over");
    execute!(app.database.read(),
        "INSERT INTO fetched_documents (connection_id, kind, document, fetched_at) VALUES ($1, 'trouble', $2, $3)
         ON CONFLICT (connection_id, kind) DO UPDATE SET document = $2, fetched_at = $3";
        stored.connection.id().as_str(), serde_json::to_string(note)?, at.to_unix_millis()
    );
    Ok(())
}

async fn forget_trouble(app: &App, stored: &Stored) -> Result<()> {
    execute!(app.database.read(),
        "DELETE FROM fetched_documents WHERE connection_id = $1 AND kind = 'trouble'";
        stored.connection.id().as_str()
    );
    Ok(())
}
