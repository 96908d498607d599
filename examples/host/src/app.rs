//! What every request can reach, and where each goes.

use std::sync::Arc;

use admittance::{connection::assistant::Urls, endpoint::UrlPolicy, scim::service::ServiceConfig};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect};
use axum::{Router, routing::get};
use tower_http::{set_header::SetResponseHeaderLayer, trace::TraceLayer};

use crate::{
    admin, assets, database::Database, failure::Failure, fetch::Fetcher, keys::Keys, login, logout, me, oidc,
    own_keys::OwnKeys, saml, scim, settings::Settings,
};

pub(crate) type Shared = Arc<App>;

pub(crate) struct App {
    pub(crate) settings: Settings,
    /// The public address, without a slash at the end.
    pub(crate) base: String,
    pub(crate) database: Database,
    pub(crate) keys: Keys,
    /// What we sign with and what is encrypted to us, over SAML.
    pub(crate) own: OwnKeys,
    pub(crate) fetcher: Fetcher,
    /// What provisioning serves.
    pub(crate) scim: ServiceConfig,
}

impl App {
    /// The product's own addresses for a connection.
    pub(crate) fn urls(&self, connection: &str) -> Urls {
        let mut urls = Urls::new(PRODUCT, &self.base, connection);
        urls.sp_certificate = Some(format!("{}/saml/certificate", self.base));
        urls
    }

    /// Whether browsers reach us over TLS: cookies are Secure then, and their names say so.
    pub(crate) fn is_https(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Which addresses may be fetched: loopback for the demo alone.
    pub(crate) fn url_policy(&self) -> UrlPolicy {
        if self.settings.no_demo { UrlPolicy::Https } else { UrlPolicy::HttpOnLoopback }
    }
}

pub(crate) fn router(app: Shared) -> Router {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    Router::new()
        .route("/", get(|| async { Redirect::to("/me") }))
        .route("/health", get(|| async { "ok" }))
        .merge(admin::routes())
        .merge(assets::routes())
        .merge(login::routes())
        .merge(logout::routes())
        .merge(me::routes())
        .merge(saml::routes())
        .merge(oidc::routes())
        .merge(scim::routes())
        .fallback(|| async { Failure::NotFound.into_response() })
        .with_state(app)
        .layer(header(header::CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Not `no-referrer`: browsers would send no Origin with our own forms then
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::CACHE_CONTROL, "no-store"))
        .layer(TraceLayer::new_for_http())
}

pub(crate) const PRODUCT: &str = "Quayside";

/// No inline script, nothing from elsewhere, in nobody's frame. A page that sends a form to an identity provider says so
/// in a policy of its own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                      connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";
