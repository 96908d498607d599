//! The one door to storage: SQLite inside the process, or PostgreSQL for several nodes, with the same statements.
//!
//! Whoever changes something of an enterprise takes its turn first ([`take_turn`]): the row of the enterprise is locked
//! until the transaction ends, on both databases. What was read after that is still so when the transaction commits.

use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{Any, AnyPool, Executor, Row, Transaction};

use crate::failure::{Failure, Result};

/// A statement with its values: `sql!("SELECT … WHERE id = $1"; id)`.
macro_rules! sql {
    ($text:expr $(; $($value:expr),+)?) => { sqlx::query($text)$($(.bind($value))+)? };
}
/// The same, carried out on a transaction or the pool: `execute!(&mut **tx, "DELETE … WHERE id = $1"; id)`.
macro_rules! execute {
    ($on:expr, $($statement:tt)+) => { $crate::database::sql!($($statement)+).execute($on).await? };
}
macro_rules! fetch_all {
    ($on:expr, $($statement:tt)+) => { $crate::database::sql!($($statement)+).fetch_all($on).await? };
}
macro_rules! fetch_one {
    ($on:expr, $($statement:tt)+) => { $crate::database::sql!($($statement)+).fetch_one($on).await? };
}
macro_rules! fetch_optional {
    ($on:expr, $($statement:tt)+) => { $crate::database::sql!($($statement)+).fetch_optional($on).await? };
}
pub(crate) use {execute, fetch_all, fetch_one, fetch_optional, sql};

pub(crate) type Tx = Transaction<'static, Any>;

#[derive(Clone, Debug)]
pub(crate) struct Database {
    pool: AnyPool,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Database {
    /// Opens the database, and brings its tables up to date.
    pub(crate) async fn open(url: &str) -> Result<Self, sqlx::Error> {
        install_default_drivers();
        let kind = if url.starts_with("postgres") { Kind::Postgres } else { Kind::Sqlite };
        let options = AnyPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(10))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if kind == Kind::Sqlite {
                        connection
                            .execute(
                                "PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL;",
                            )
                            .await?;
                    }
                    Ok(())
                })
            });
        let pool = options.connect(url).await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool, kind })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// For reading alone.
    pub(crate) fn read(&self) -> &AnyPool {
        &self.pool
    }

    /// A transaction that will write. SQLite has one writer at a time, who takes the lock at once instead of failing later.
    pub(crate) async fn write(&self) -> Result<Tx> {
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        };
        Ok(self.pool.begin_with(begin).await?)
    }
}

/// Takes a turn at changing this enterprise, and returns its new revision. Others wait here until the transaction ends.
pub(crate) async fn take_turn(tx: &mut Tx, enterprise: &str) -> Result<i64> {
    let row = sqlx::query("UPDATE enterprises SET revision = revision + 1 WHERE id = $1 RETURNING revision")
        .bind(enterprise)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(|row| row.get(0)).ok_or(Failure::NotFound)
}
