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

use axum::{
    Router,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{app::Shared, wording};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .merge(hub::routes())
        .merge(setup::routes())
        .merge(report::routes())
        .merge(provisioning::routes())
        .merge(group_mapping::routes())
        .merge(jobs::routes())
        .merge(certificates::routes())
        .merge(flows::routes())
        .merge(audit::routes())
        .merge(domains::routes())
        .merge(links::routes())
}

/// What the address of a page says was just done.
#[derive(Clone, Debug, Default, Deserialize)]
struct Done {
    #[serde(default)]
    done: String,
}

impl Done {
    fn text(&self) -> &'static str {
        wording::done(&self.done)
    }
}

/// To a page, which says what was done.
fn go(path: &str, done: &str) -> Response {
    let path = if done.is_empty() { path.to_owned() } else { format!("{path}?done={done}") };
    Redirect::to(&path).into_response()
}
