//! What the host is started with.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;

/// A multi-tenant service with enterprise single sign-on and provisioning, and a demo identity provider beside it.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub(crate) struct Settings {
    /// Where the product listens.
    #[arg(long, env = "HOST_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// The public address of the product, when it is not http://127.0.0.1:PORT: behind a proxy that ends TLS, for example.
    #[arg(long, env = "HOST_BASE_URL")]
    pub(crate) base_url: Option<String>,

    /// Where everything is stored: SQLite, or PostgreSQL for several nodes.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:admittance-host.db?mode=rwc")]
    pub(crate) database_url: String,

    /// 64 hexadecimal digits: the key that seals secrets at rest. Every node needs the same.
    #[arg(long, env = "HOST_KEY", hide_env_values = true, conflicts_with = "key_file")]
    pub(crate) key: Option<String>,

    /// A file with that key. It is made when it is not there.
    #[arg(long, env = "HOST_KEY_FILE", default_value = "admittance-host.key")]
    pub(crate) key_file: PathBuf,

    /// Where the demo identity provider listens; the browser reaches it as http://localhost:PORT.
    #[arg(long, default_value = "127.0.0.1:8081")]
    pub(crate) demo_listen: SocketAddr,

    /// Without the demo identity provider and the demo enterprise; nothing on loopback is fetched then.
    #[arg(long)]
    pub(crate) no_demo: bool,
}

impl Settings {
    /// As the browser reaches the demo identity provider: by another name than the product, so that it is another site.
    pub(crate) fn demo_url(&self) -> String {
        format!("http://localhost:{}", self.demo_listen.port())
    }
}
