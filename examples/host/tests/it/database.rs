//! A database for one test.

use std::{
    io::Write,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
};

use sqlx::{AnyPool, AssertSqlSafe, any::install_default_drivers};
use tempfile::TempDir;

/// An empty database, gone with the value.
pub(crate) struct Database {
    pub(crate) url: String,
    /// Of SQLite alone; of PostgreSQL the whole server goes.
    _folder: Option<TempDir>,
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("host.db").display());
        Self { url, _folder: Some(folder) }
    }

    /// A new database of the server that the environment names.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("POSTGRES_URL") else {
            // Once, and past what the test harness captures
            static SAID: Once = Once::new();
            SAID.call_once(|| drop(writeln!(std::io::stderr(), "{SKIPPED}")));
            return None;
        };
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let name = format!("host_{}_{}", std::process::id(), LAST.fetch_add(1, Ordering::Relaxed));
        install_default_drivers();
        let pool = AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
        Some(Self { url: format!("{server}/{name}"), _folder: None })
    }

    /// Each that there is here.
    pub(crate) async fn all() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres().await].into_iter().flatten().collect()
    }

    /// A look into it past the product.
    pub(crate) async fn pool(&self) -> AnyPool {
        install_default_drivers();
        sqlx::any::AnyPoolOptions::new().max_connections(2).connect(&self.url).await.unwrap()
    }
}

const SKIPPED: &str =
    "\n!! SKIPPED on PostgreSQL: POSTGRES_URL is not set; examples/host/tests/run sets it\n";
