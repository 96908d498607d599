//! The account that a provisioned user is: one row, with the identifier of the user.

use admittance::scim::fetch::{Holder, Origin};
use admittance::scim::resource::Resource;
use admittance::{fold::fold, time::Timestamp};
use serde_json::Value;
use sqlx::{Any, Row, any::AnyRow};

use crate::database::{Tx, execute, fetch_all, fetch_one};
use crate::failure::Result;

/// What of a user resource is kept with the account.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) login: String,
    pub(super) email: String,
    pub(super) active: bool,
}

impl Person {
    pub(super) fn of(user: &Resource) -> Self {
        let login = user.text("userName").unwrap_or_default().to_owned();
        Self {
            name: name(user).unwrap_or_else(|| login.clone()),
            email: email(user).unwrap_or_default(),
            active: is_active(user),
            login,
        }
    }
}

/// A user without a word on it may sign in.
pub(super) fn is_active(user: &Resource) -> bool {
    user.attributes().get("active") != Some(&Value::Bool(false))
}

fn name(user: &Resource) -> Option<String> {
    let part = |part: &str| user.attributes().get("name")?.get(part)?.as_str();
    let parts = || {
        let parts = [part("givenName"), part("familyName")].into_iter().flatten().collect::<Vec<_>>();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    user.text("displayName").or_else(|| part("formatted")).map(str::to_owned).or_else(parts)
}

/// The primary address, or else the first.
fn email(user: &Resource) -> Option<String> {
    let emails = user.attributes().get("emails")?.as_array()?;
    let primary = emails.iter().find(|email| email.get("primary") == Some(&Value::Bool(true)));
    Some(primary.or_else(|| emails.first())?.get("value")?.as_str()?.to_owned())
}

/// Who has this user name in the enterprise: first whom provisioning manages, then everybody else.
pub(super) async fn holder<'c, E>(
    on: E,
    enterprise: &str,
    connection: &str,
    folded: &str,
) -> Result<Option<Holder>>
where
    E: sqlx::Executor<'c, Database = Any>,
{
    // One statement: the name of a provisioned user by its index, the names of the few others to be compared here
    let rows = fetch_all!(on,
        "SELECT a.id, a.connection_id, a.login, a.active, a.is_protected, a.created_at, CAST(1 AS BIGINT)
         FROM scim_unique_values u JOIN accounts a ON a.id = u.resource_id
         WHERE u.scope = $3 AND u.attribute = 'userName' AND u.value = $4
         UNION ALL
         SELECT a.id, a.connection_id, a.login, a.active, a.is_protected, a.created_at, CAST(0 AS BIGINT)
         FROM accounts a WHERE a.enterprise_id = $1
         AND NOT EXISTS (SELECT 1 FROM scim_resources r WHERE r.connection_id = $2 AND r.id = a.id)";
        enterprise, connection, scope(connection, "User"), folded
    );
    let origin = |row: &AnyRow| match (row.get::<i64, _>(6), row.get::<Option<String>, _>(1)) {
        (1, _) => Origin::Provisioned,
        (_, Some(own)) if own == connection => Origin::SignIn,
        _ => Origin::Elsewhere,
    };
    let has_name = |row: &&AnyRow| row.get::<i64, _>(6) == 1 || fold(row.get(2)) == folded;
    let rank = |row: &&AnyRow| match origin(row) {
        Origin::Provisioned => 0,
        Origin::Elsewhere => 1,
        Origin::SignIn => 2,
    };
    // An account of somebody else with the name keeps one of ours from being adopted
    let row = rows.iter().filter(has_name).min_by_key(rank);
    Ok(row.map(|row| Holder {
        id: row.get::<String, _>(0).into(),
        origin: origin(row),
        created: Timestamp::from_unix_millis(row.get(5)).unwrap_or(Timestamp::MIN),
        active: row.get::<i64, _>(3) != 0,
        protected: row.get::<i64, _>(4) != 0,
    }))
}

/// Whether nobody else who may sign in administers the enterprise.
pub(super) async fn is_last_administrator<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    enterprise: &str,
    account: &str,
) -> Result<bool> {
    let row = fetch_one!(on,
        "SELECT COUNT(*) FROM accounts
         WHERE enterprise_id = $1 AND active = 1 AND is_enterprise_administrator = 1 AND id <> $2";
        enterprise, account
    );
    Ok(row.get::<i64, _>(0) == 0)
}

pub(super) async fn create(
    tx: &mut Tx,
    enterprise: &str,
    connection: &str,
    id: &str,
    person: &Person,
    at: Timestamp,
) -> Result<()> {
    execute!(&mut **tx,
        "INSERT INTO accounts (id, enterprise_id, connection_id, name, login, email, active,
                               is_enterprise_administrator, is_protected, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8)";
        id, enterprise, connection, &person.name, &person.login, &person.email, i64::from(person.active),
        at.to_unix_millis()
    );
    Ok(())
}

pub(super) async fn update(tx: &mut Tx, id: &str, person: &Person) -> Result<()> {
    execute!(&mut **tx,
        "UPDATE accounts SET name = $2, login = $3, email = $4, active = $5 WHERE id = $1";
        id, &person.name, &person.login, &person.email, i64::from(person.active)
    );
    Ok(())
}

/// The account goes, and with it every membership and session. Somebody of the same name is somebody new.
pub(super) async fn delete(tx: &mut Tx, id: &str) -> Result<()> {
    for statement in [
        "DELETE FROM sessions WHERE account_id = $1",
        "DELETE FROM memberships WHERE account_id = $1",
        "DELETE FROM accounts WHERE id = $1",
    ] {
        execute!(&mut **tx, statement; id);
    }
    Ok(())
}

/// Where a value is unique: among the resources of this type of the connection.
pub(super) fn scope(connection: &str, resource_type: &str) -> String {
    format!("{connection}/{resource_type}")
}
