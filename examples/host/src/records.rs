//! Flow records: what happened at each sign-in, with its diagnoses, for whoever has to help.

use admittance::connection::{Diagnosis, FlowRecord};
use admittance::{id::ConnectionId, time::Timestamp};
use sqlx::{Row, any::AnyRow};

use crate::database::{Tx, execute, fetch_all};
use crate::{app::App, failure::Result};

/// A record and what it was diagnosed as at that time.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) record: FlowRecord,
    pub(crate) diagnoses: Vec<Diagnosis>,
}

/// Keeps a record.
pub(crate) async fn keep(tx: &mut Tx, record: &FlowRecord, diagnoses: &[Diagnosis]) -> Result<()> {
    execute!(&mut **tx,
        "INSERT INTO flow_records (reference, connection_id, at, is_test, outcome, document, diagnoses)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
        &record.reference, record.connection.as_str(), record.at.to_unix_millis(),
        i64::from(record.is_test()), record.outcome.to_string(), serde_json::to_string(record)?,
        serde_json::to_string(diagnoses)?
    );
    Ok(())
}

/// The latest records of a connection before a time, newest first.
pub(crate) async fn list(
    app: &App,
    connection: &ConnectionId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Kept>> {
    let rows = fetch_all!(app.database.read(),
        "SELECT document, diagnoses FROM flow_records WHERE connection_id = $1 AND at < $2
         ORDER BY at DESC, reference LIMIT $3";
        connection.as_str(), before.to_unix_millis(), limit
    );
    rows.iter().map(kept).collect()
}

/// The record that somebody was shown the reference of.
pub(crate) async fn find(app: &App, connection: &ConnectionId, reference: &str) -> Result<Option<Kept>> {
    let row = sqlx::query(
        "SELECT document, diagnoses FROM flow_records WHERE reference = $1 AND connection_id = $2",
    )
    // As people read it out
    .bind(reference.trim().to_ascii_uppercase())
    .bind(connection.as_str())
    .fetch_optional(app.database.read())
    .await?;
    row.as_ref().map(kept).transpose()
}

fn kept(row: &AnyRow) -> Result<Kept> {
    Ok(Kept { record: serde_json::from_str(row.get(0))?, diagnoses: serde_json::from_str(row.get(1))? })
}
