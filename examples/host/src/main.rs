//! A complete multi-tenant service around `admittance`: `cargo run -p admittance-host` starts it, with a demo identity
//! provider beside it, and prints what to open.

mod accounts;
mod admin;
mod admission;
mod app;
mod assets;
mod attempts;
mod clock;
mod connections;
mod database;
mod demo;
mod enterprises;
mod failure;
mod fetch;
mod going;
mod housekeeping;
mod keys;
mod layout;
mod login;
mod logout;
mod mapped;
mod me;
mod membership;
mod metadata;
mod oidc;
mod own_keys;
mod pending;
mod records;
mod saml;
mod scim;
mod secrets;
mod session;
mod settings;
mod sign_in;
mod wording;

use std::{net::SocketAddr, process::ExitCode, sync::Arc};

use clap::Parser;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::{
    app::App, database::Database, fetch::Fetcher, keys::Keys, own_keys::OwnKeys, settings::Settings,
};

#[tokio::main]
async fn main() -> ExitCode {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,admittance_host=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match serve(Settings::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("admittance-host: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(settings: Settings) -> Result<(), String> {
    let listener =
        TcpListener::bind(settings.listen).await.map_err(|error| format!("{}: {error}", settings.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let base = settings.base_url.clone().unwrap_or_else(|| format!("http://127.0.0.1:{}", address.port()));
    let keys = Keys::load(&settings)?;
    let database =
        Database::open(&settings.database_url).await.map_err(|error| format!("the database: {error}"))?;
    let policy = if settings.no_demo {
        admittance::endpoint::UrlPolicy::Https
    } else {
        admittance::endpoint::UrlPolicy::HttpOnLoopback
    };
    let base = base.trim_end_matches('/').to_owned();
    let own = OwnKeys::load(&database, &keys).await.map_err(|error| format!("{error:?}"))?;
    let app = Arc::new(App {
        scim: scim::config(&base, policy, &keys)?,
        base,
        settings,
        database,
        keys,
        own,
        fetcher: Fetcher::new(policy),
    });
    if !app.settings.no_demo {
        demo::start(&app).await?;
    }
    tokio::spawn(mapped::reconcile_due(Arc::clone(&app)));
    println!("The product: {}", app.base);
    tokio::spawn(housekeeping::run(Arc::clone(&app)));
    let router = app::router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router)
        .with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) })
        .await
        .map_err(|error| error.to_string())
}
