//! Accounts, and the groups that they are in.

use admittance::groups::{Membership, Memberships, Origin};
use admittance::{id::ConnectionId, time::Timestamp};
use sqlx::{Any, Row, any::AnyRow};

use crate::database::{fetch_all, fetch_optional};
use crate::failure::Result;

/// A query for accounts, which [`account`] reads.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT id, enterprise_id, connection_id, name, login, email, active,
                    is_enterprise_administrator, is_protected, password_hash, created_at
             FROM accounts",
            $which
        )
    };
}

#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) enterprise: String,
    /// Where its identity comes from; `None` for a local account.
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) email: String,
    pub(crate) active: bool,
    pub(crate) is_enterprise_administrator: bool,
    pub(crate) is_protected: bool,
    pub(crate) password_hash: Option<String>,
    pub(crate) created_at: Timestamp,
}

impl Account {
    pub(crate) fn origin(&self) -> Origin {
        self.connection.clone().map_or(Origin::Manual, Origin::Idp)
    }
}

pub(crate) async fn find<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    id: &str,
) -> Result<Option<Account>> {
    let row = fetch_optional!(on, select!(" WHERE id = $1"); id);
    row.as_ref().map(account).transpose()
}

/// The local account of a name, in any enterprise of this demo: a login is one for the whole product here.
pub(crate) async fn local<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    login: &str,
) -> Result<Option<Account>> {
    let row = fetch_optional!(on, select!(" WHERE login = $1 AND password_hash IS NOT NULL"); login);
    row.as_ref().map(account).transpose()
}

/// The groups that an account is in, and who put it there.
pub(crate) async fn memberships<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    account: &str,
    revision: i64,
) -> Result<Memberships> {
    let rows = fetch_all!(on, "SELECT group_id, origin FROM memberships WHERE account_id = $1"; account);
    let rows = rows.iter().map(|row| Membership {
        group: row.get::<String, _>(0).into(),
        origin: row.get::<Option<String>, _>(1).map_or(Origin::Manual, |id| Origin::Idp(id.into())),
    });
    Ok(Memberships::new(account, revision.to_string(), rows))
}

/// A row of [`select`].
pub(crate) fn account(row: &AnyRow) -> Result<Account> {
    Ok(Account {
        id: row.get(0),
        enterprise: row.get(1),
        connection: row.get::<Option<String>, _>(2).map(ConnectionId::from),
        name: row.get(3),
        login: row.get(4),
        email: row.get(5),
        active: row.get::<i64, _>(6) != 0,
        is_enterprise_administrator: row.get::<i64, _>(7) != 0,
        is_protected: row.get::<i64, _>(8) != 0,
        password_hash: row.get(9),
        created_at: Timestamp::from_unix_millis(row.get(10)).unwrap_or(Timestamp::MIN),
    })
}
