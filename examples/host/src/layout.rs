//! What every page has around it.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use crate::session::SignedIn;

/// The frame of a page: title, who is signed in, which part of the product it belongs to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chrome {
    pub(crate) title: String,
    /// Empty where nobody is signed in.
    pub(crate) person: String,
    pub(crate) csrf: String,
    pub(crate) is_administrator: bool,
    pub(crate) enterprise_name: String,
    /// The entry of the navigation that is current: `me`, `sso`, `audit` and so on.
    pub(crate) current: &'static str,
}

impl Chrome {
    /// Without anybody.
    pub(crate) fn plain(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            person: String::new(),
            csrf: String::new(),
            is_administrator: false,
            enterprise_name: String::new(),
            current: "",
        }
    }

    pub(crate) fn of(signed_in: &SignedIn, title: &str, current: &'static str) -> Self {
        Self {
            title: title.to_owned(),
            person: signed_in.account.name.clone(),
            csrf: signed_in.csrf.clone(),
            is_administrator: signed_in.account.is_enterprise_administrator,
            enterprise_name: signed_in.enterprise.name.clone(),
            current,
        }
    }
}

/// A template as an answer.
pub(crate) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
