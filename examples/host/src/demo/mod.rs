//! The demo: an enterprise to look at, and an identity provider beside the product.

mod company;
mod mistakes;
mod oidc;
mod pages;
mod provisioning;
mod saml;
mod seed;

use std::{
    net::{Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    http::{HeaderValue, header},
    routing::{get, post},
};
use tokio::net::TcpListener;
use tower_http::set_header::SetResponseHeaderLayer;

use self::company::Company;
pub(crate) use self::seed::PASSWORD;
use crate::app::Shared;

/// Fills an empty database, starts the demo identity provider, and prints what to do first.
pub(crate) async fn start(app: &Shared) -> Result<(), String> {
    seed::fill(app).await.map_err(|error| format!("the demo enterprise: {error:?}"))?;
    let address = app.settings.demo_listen;
    let listener = TcpListener::bind(address).await.map_err(|error| format!("{address}: {error}"))?;
    let url = app.settings.demo_url();
    let demo = Arc::new(Demo {
        company: Mutex::new(Company::new(&url)),
        product: app.base.clone(),
        url: url.clone(),
        app: Arc::clone(app),
    });
    // A browser may take `localhost` for the one or the other.
    if address.ip().is_loopback()
        && let Ok(second) =
            TcpListener::bind(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), address.port())).await
    {
        serve(second, &demo);
    }
    serve(listener, &demo);
    println!(
        "Open {base}/login and sign in as \"grace\" with the password \"{password}\", then go to SSO & Provisioning.\n\
         The demo identity provider, whose metadata URL the assistant asks for, is at {url}",
        base = app.base,
        password = seed::PASSWORD,
    );
    Ok(())
}

/// The demo identity provider. It lives in memory: every start is a new company.
pub(crate) struct Demo {
    company: Mutex<Company>,
    /// Its own address.
    url: String,
    /// The address of the product.
    product: String,
    app: Shared,
}

impl Demo {
    fn company(&self) -> MutexGuard<'_, Company> {
        self.company.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(listener: TcpListener, demo: &Arc<Demo>) {
    let router = router(demo);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the demo identity provider has stopped");
        }
    });
}

fn router(demo: &Arc<Demo>) -> Router {
    // Forms go to this site, and with an answer to the product.
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self' {}; base-uri 'none'; \
         frame-ancestors 'none'",
        demo.product
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, value);
    Router::new()
        .route("/", get(pages::start))
        .route("/people", post(pages::change_groups))
        .route("/settings", post(pages::change_settings))
        .route("/demo.css", get(pages::style))
        .route("/demo.js", get(pages::script))
        .route("/saml/metadata", get(saml::metadata))
        .route("/saml/sso", get(saml::sso_redirect).post(saml::sso_post))
        .route("/saml/answer", post(saml::answer))
        .route("/saml/slo", get(saml::slo))
        .route("/oidc/authorize", get(oidc::authorize))
        .route("/oidc/answer", post(oidc::answer))
        .route("/oidc/logout", get(oidc::end_session))
        .route("/.well-known/openid-configuration", get(oidc::receive))
        .route("/oidc/keys", get(oidc::receive))
        .route("/oidc/token", post(oidc::receive))
        .route("/oidc/userinfo", get(oidc::receive).post(oidc::receive))
        .route("/scim", get(provisioning::page).post(provisioning::push))
        .with_state(Arc::clone(demo))
        .layer(header(header::CONTENT_SECURITY_POLICY, policy))
        .layer(header(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
}
