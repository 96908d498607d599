//! SSO & Provisioning: the pages of an enterprise's administrator. They show what the library says, and give it commands.

mod audit;
mod certificates;
mod domains;
mod flows;
mod group_mapping;
mod hub;
mod jobs;
mod links;
mod provisioning;
mod report;
mod setup;
mod setup_entries;
mod txt_records;
mod visitor;

use std::ops::Deref;

pub(crate) use self::visitor::Visitor;
use admittance::connection::Diagnosis;
use askama::Template;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;

use crate::app::Shared;
use crate::layout::{Chrome, html};

pub(crate) fn routes() -> Router<Shared> {
    [
        hub::routes(),
        setup::routes(),
        report::routes(),
        provisioning::routes(),
        group_mapping::routes(),
        jobs::routes(),
        certificates::routes(),
        flows::routes(),
        audit::routes(),
        domains::routes(),
        links::routes(),
    ]
    .into_iter()
    .fold(Router::new(), Router::merge)
    .layer(DefaultBodyLimit::max(visitor::LONGEST))
}

/// What these pages have around them.
struct Frame {
    chrome: Chrome,
    /// Where the pages begin: `/admin`, or a set-up link.
    base: String,
    /// Name, address, and whether it is this page.
    places: Vec<(&'static str, String, bool)>,
    /// The connection's version, which every form sends back.
    version: u64,
    told: Told,
}

/// What was just done, by its name in the address; or why not.
#[derive(Clone, Debug, Default, Deserialize)]
struct Told {
    #[serde(default)]
    done: String,
    #[serde(skip)]
    refused: Vec<Diagnosis>,
}

impl Deref for Frame {
    type Target = Chrome;

    fn deref(&self) -> &Chrome {
        &self.chrome
    }
}

impl From<Vec<Diagnosis>> for Told {
    fn from(refused: Vec<Diagnosis>) -> Self {
        Self { refused, ..Self::default() }
    }
}

/// A page, with a status that says whether what was asked for was done.
fn shown(page: &impl Template, is_good: bool) -> Response {
    let status = if is_good { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, html(page)).into_response()
}

/// To a page, which says what was done.
fn go(path: &str, done: &str) -> Response {
    Redirect::to(&format!("{path}?done={done}")).into_response()
}
