//! What a person enters once and nobody reads again: sealed, under a name that the connection knows.

use admittance::{connection::SecretName, crypto::Secret, id::ConnectionId};
use sqlx::Row;

use crate::database::{Tx, execute, fetch_optional};
use crate::{app::App, failure::Result, keys};

/// Seals a secret and keeps it under a new name.
pub(crate) async fn store(
    app: &App,
    tx: &mut Tx,
    connection: &ConnectionId,
    secret: &Secret,
) -> Result<SecretName> {
    let name = keys::new_id("secret")?;
    execute!(&mut **tx,
        "INSERT INTO secrets (name, connection_id, sealed) VALUES ($1, $2, $3)";
        &name, connection.as_str(), app.keys.seal(secret.expose(), &purpose(connection, &name))?
    );
    Ok(SecretName(name))
}

/// The secret of this name, where it is one of the connection.
pub(crate) async fn find(app: &App, connection: &ConnectionId, name: &SecretName) -> Result<Option<Secret>> {
    let row = fetch_optional!(app.database.read(),
        "SELECT sealed FROM secrets WHERE name = $1 AND connection_id = $2";
        &name.0, connection.as_str()
    );
    Ok(row.and_then(|row| app.keys.open(row.get(0), &purpose(connection, &name.0))).map(Secret::new))
}

fn purpose(connection: &ConnectionId, name: &str) -> String {
    format!("secret {connection} {name}")
}
