//! Connections as they are stored, and the one way to change them: a command of the library, with the facts that it
//! needs, in one transaction.

use admittance::connection::{
    Actor, Administrators, Command, Connection, Diagnosis, EnabledConnections, Facts, Licence, NewConnection,
    Observations, OtherDomains, State, apply,
};
use admittance::{id::ConnectionId, note::Note};
use sqlx::{Any, Row, any::AnyRow};

use crate::database::{Tx, execute, fetch_all, fetch_one, fetch_optional, take_turn};
use crate::enterprises::{self, Enterprise};
use crate::failure::{Failure, Result};
use crate::{app::App, clock::now, keys, mapped};

macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT c.document, e.id, e.enterprise_key, e.name, e.revision
             FROM connections c JOIN enterprises e ON e.id = c.enterprise_id",
            $which
        )
    };
}

/// A connection and the enterprise that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) connection: Connection,
    pub(crate) enterprise: Enterprise,
}

/// A connection as somebody saw it: a command is for this version and no other.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) id: ConnectionId,
    pub(crate) version: u64,
}

impl From<&Connection> for Seen {
    fn from(connection: &Connection) -> Self {
        Self { id: connection.id().clone(), version: connection.version() }
    }
}

/// How a command went.
pub(crate) enum Outcome {
    Done(Box<Connection>),
    /// The library's reasons: nothing was changed.
    Refused(Vec<Diagnosis>),
}

pub(crate) async fn find(app: &App, id: &str) -> Result<Option<Stored>> {
    let row = fetch_optional!(app.database.read(), select!(" WHERE c.id = $1"); id);
    row.as_ref().map(stored).transpose()
}

/// The connection of an enterprise. This host keeps one for each.
pub(crate) async fn of_enterprise<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    enterprise: &str,
) -> Result<Option<Stored>> {
    let row = fetch_optional!(on, select!(" WHERE c.enterprise_id = $1"); enterprise);
    row.as_ref().map(stored).transpose()
}

/// Every connection, for discovery by email domain.
pub(crate) async fn all(app: &App) -> Result<Vec<Stored>> {
    let rows = fetch_all!(app.database.read(), select!(""));
    rows.iter().map(stored).collect()
}

/// The connection of an enterprise, made when there is none yet.
pub(crate) async fn of_enterprise_or_new(app: &App, enterprise: &Enterprise) -> Result<Connection> {
    if let Some(stored) = of_enterprise(app.database.read(), &enterprise.id).await? {
        return Ok(stored.connection);
    }
    let mut tx = app.database.write().await?;
    take_turn(&mut tx, &enterprise.id).await?;
    if let Some(stored) = of_enterprise(&mut *tx, &enterprise.id).await? {
        return Ok(stored.connection);
    }
    let id = keys::new_id("c")?;
    let connection =
        Connection::new(NewConnection { id: &id, name: &enterprise.name, enterprise_key: &enterprise.key });
    execute!(&mut *tx,
        "INSERT INTO connections (id, enterprise_id, document, version) VALUES ($1, $2, $3, $4)";
        &id, &enterprise.id, serde_json::to_string(&connection)?, version(&connection)
    );
    tx.commit().await?;
    Ok(connection)
}

/// Gives a command to a connection, as the person saw it in `seen`, and stores what comes of it with its events.
pub(crate) async fn command(
    app: &App,
    actor: Actor,
    seen: impl Into<Seen>,
    command: Command,
) -> Result<Outcome> {
    let mut tx = app.database.write().await?;
    let outcome = command_in(app, &mut tx, actor, seen, command).await?;
    if matches!(outcome, Outcome::Done(_)) {
        tx.commit().await?;
    }
    Ok(outcome)
}

/// As [`command`], in a transaction of the caller, who commits it.
pub(crate) async fn command_in(
    app: &App,
    tx: &mut Tx,
    actor: Actor,
    seen: impl Into<Seen>,
    command: Command,
) -> Result<Outcome> {
    let seen = seen.into();
    let row = fetch_optional!(&mut **tx, select!(" WHERE c.id = $1"); seen.id.as_str());
    let Stored { enterprise, .. } = row.as_ref().map(stored).transpose()?.ok_or(Failure::NotFound)?;
    take_turn(tx, &enterprise.id).await?;
    let row = fetch_optional!(&mut **tx, select!(" WHERE c.id = $1"); seen.id.as_str());
    let Stored { connection, .. } = row.as_ref().map(stored).transpose()?.ok_or(Failure::NotFound)?;
    let mut facts = facts(app, tx, &enterprise, actor).await?;
    facts.version = seen.version;
    let (after, events) = match apply(&connection, command, &facts, now()) {
        Ok(applied) => applied,
        Err(refused) => return Ok(Outcome::Refused(refused)),
    };
    for event in &events {
        audit(tx, &enterprise.id, event).await?;
    }
    if after.state() == State::Deleted {
        delete(tx, &after).await?;
    } else {
        execute!(&mut **tx,
            "UPDATE connections SET document = $2, version = $3 WHERE id = $1";
            after.id().as_str(), serde_json::to_string(&after)?, version(&after)
        );
        let groups =
            |connection: &Connection| (connection.group_source(), connection.group_mapping().clone());
        if groups(&after) != groups(&connection) {
            mapped::is_due(tx, after.id().as_str(), now()).await?;
        }
    }
    Ok(Outcome::Done(Box::new(after)))
}

/// Keeps an event of the library's life cycle.
pub(crate) async fn audit(
    tx: &mut Tx,
    enterprise: &str,
    event: &admittance::connection::AuditEvent,
) -> Result<()> {
    execute!(&mut **tx,
        "INSERT INTO audit_events (id, enterprise_id, at, document) VALUES ($1, $2, $3, $4)";
        keys::new_id("event")?, enterprise, event.at.to_unix_millis(), serde_json::to_string(event)?
    );
    Ok(())
}

/// What was noticed of a connection outside of its commands.
pub(crate) async fn observations<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    connection: &str,
) -> Result<Observations> {
    let rows = fetch_all!(on,
        "SELECT document, 'provisioning' FROM scim_notes WHERE connection_id = $1
         UNION ALL SELECT document, 'metadata' FROM fetched_documents WHERE connection_id = $1 AND kind = 'trouble'
         ORDER BY 1";
        connection
    );
    let mut observations = Observations::default();
    for row in rows {
        let note: Note = serde_json::from_str(row.get(0))?;
        match row.get::<String, _>(1).as_str() {
            "metadata" => observations.metadata = Some(note),
            _ => observations.provisioning.push(note),
        }
    }
    Ok(observations)
}

async fn facts(app: &App, tx: &mut Tx, enterprise: &Enterprise, actor: Actor) -> Result<Facts> {
    let mut facts = Facts::new(actor, 0);
    facts.licence = Licence::Enterprise;
    facts.urls = app.url_policy();
    facts.administrators = administrators(tx, enterprise).await?;
    facts.enabled = EnabledConnections::default();
    facts.other_domains = taken_domains(tx, enterprise).await?;
    if let Some(stored) = of_enterprise(&mut **tx, &enterprise.id).await? {
        facts.observations = observations(&mut **tx, stored.connection.id().as_str()).await?;
    }
    Ok(facts)
}

/// Who could administer without single sign-on. Administrators of the enterprise administer its organizations.
async fn administrators(tx: &mut Tx, enterprise: &Enterprise) -> Result<Administrators> {
    let row = fetch_one!(&mut **tx,
        "SELECT COUNT(*) FROM accounts
         WHERE enterprise_id = $1 AND active = 1 AND is_enterprise_administrator = 1 AND password_hash IS NOT NULL";
        &enterprise.id
    );
    let count = u32::try_from(row.get::<i64, _>(0)).unwrap_or(u32::MAX);
    let organizations = enterprises::organizations(&mut **tx, &enterprise.id).await?;
    Ok(Administrators {
        enterprise: count,
        organizations: organizations.into_iter().map(|organization| (organization.id, count)).collect(),
    })
}

/// Domains that other enterprises have proven, and those of public mail services.
async fn taken_domains(tx: &mut Tx, enterprise: &Enterprise) -> Result<OtherDomains> {
    let rows = fetch_all!(&mut **tx, select!(" WHERE c.enterprise_id <> $1"); &enterprise.id);
    let mut domains = OtherDomains::default();
    for row in &rows {
        let stored = stored(row)?;
        domains.taken.extend(stored.connection.domains().verified().map(|domain| domain.name().clone()));
    }
    domains.public_mail =
        PUBLIC_MAIL.iter().filter_map(|name| admittance::connection::DomainName::parse(name).ok()).collect();
    Ok(domains)
}

/// What goes with a connection. Groups, members and accounts stay; nobody of it can sign in any more.
async fn delete(tx: &mut Tx, connection: &Connection) -> Result<()> {
    const OF_THE_CONNECTION: [&str; 11] = [
        "DELETE FROM sessions WHERE connection_id = $1",
        "DELETE FROM pending_sign_ins WHERE connection_id = $1",
        "DELETE FROM secrets WHERE connection_id = $1",
        "DELETE FROM fetched_documents WHERE connection_id = $1",
        "DELETE FROM test_reports WHERE connection_id = $1",
        "DELETE FROM scim_unique_values WHERE connection_id = $1",
        "DELETE FROM scim_members WHERE connection_id = $1",
        "DELETE FROM scim_resources WHERE connection_id = $1",
        "DELETE FROM scim_notes WHERE connection_id = $1",
        "DELETE FROM mappings_due WHERE connection_id = $1",
        "DELETE FROM connections WHERE id = $1",
    ];
    let id = connection.id().as_str();
    for statement in OF_THE_CONNECTION {
        execute!(&mut **tx, statement; id);
    }
    execute!(&mut **tx,
        "UPDATE local_groups SET connection_id = NULL, idp_group_id = NULL WHERE connection_id = $1";
        id
    );
    execute!(&mut **tx, "UPDATE accounts SET active = 0 WHERE connection_id = $1"; id);
    Ok(())
}

fn stored(row: &AnyRow) -> Result<Stored> {
    Ok(Stored {
        connection: serde_json::from_str(row.get(0))?,
        enterprise: Enterprise { id: row.get(1), key: row.get(2), name: row.get(3), revision: row.get(4) },
    })
}

fn version(connection: &Connection) -> i64 {
    i64::try_from(connection.version()).unwrap_or(i64::MAX)
}

const PUBLIC_MAIL: [&str; 8] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "gmx.net",
];
