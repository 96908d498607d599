//! Set-up links: somebody at the identity provider's side finishes a part of the set-up without an account here.

use std::{collections::BTreeSet, time::Duration};

use admittance::{
    connection::{
        Command, Diagnosis,
        setup_link::{self, Enabling, LinkOptions, Task},
    },
    entropy::OsEntropy,
};
use askama::Template;
use axum::{
    Router,
    extract::State as On,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;

use super::visitor::{Place, Sent, Visitor};
use crate::{
    app::Shared,
    clock::now,
    connections,
    database::take_turn,
    failure::Failure,
    layout::{Chrome, html},
};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/sso/links", get(look).post(make)).route("/setup/{link}", get(open))
}

#[derive(Template)]
#[template(path = "admin/links.html")]
struct Page {
    chrome: Chrome,
    places: Vec<Place>,
    refused: Vec<Diagnosis>,
    invalid: String,
    version: u64,
    /// The link that was just made: on this page and on no other.
    fresh: Option<String>,
}

async fn look(visitor: Visitor) -> Response {
    page(&visitor, Vec::new(), String::new(), None)
}

/// The answer to the form is the only page that shows the link, which opens the set-up to whoever has it.
async fn make(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    let named = [
        ("sso", Task::Sso),
        ("scim", Task::Scim),
        ("domain", Task::Domain),
        ("certificate", Task::Certificate),
    ];
    let tasks: BTreeSet<Task> = sent
        .all("task")
        .filter_map(|name| named.iter().find(|(known, _)| *known == name).map(|(_, task)| *task))
        .collect();
    if tasks.is_empty() {
        return Ok(page(&sent.visitor, Vec::new(), "Choose at least one task.".to_owned(), None));
    }
    let mut options = LinkOptions::new(tasks);
    options.life = DAY * sent.text("days").and_then(|days| days.parse().ok()).unwrap_or(5);
    options.enabling = if sent.text("enable").is_some() { Enabling::Allow } else { Enabling::Refuse };
    let version = sent.version();
    let refused = sent.visitor.command(&app, version, Command::NewSetUpLink).await?;
    if !refused.is_empty() {
        return Ok(page(&sent.visitor, refused, String::new(), None));
    }
    let connection = &sent.visitor.connection;
    let sealed = setup_link::seal(connection, &options, app.keys.sealing(), &mut OsEntropy, now());
    let sealed = sealed.map_err(|error| Failure::Invalid(error.to_string()))?;
    let link = format!("{}/setup/{}.{sealed}", app.base, connection.id());
    Ok(page(&sent.visitor, Vec::new(), String::new(), Some(link)))
}

fn page(visitor: &Visitor, refused: Vec<Diagnosis>, invalid: String, fresh: Option<String>) -> Response {
    let is_good = refused.is_empty() && invalid.is_empty();
    let page = Page {
        chrome: visitor.chrome("Set-up links"),
        places: visitor.places("/sso/links"),
        refused,
        invalid,
        version: visitor.connection.version(),
        fresh,
    };
    let status = if is_good { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    (status, html(&page)).into_response()
}

#[derive(Template)]
#[template(path = "admin/opened_link.html")]
struct Opened {
    chrome: Chrome,
    places: Vec<Place>,
    name: String,
}

/// Every opening is in the audit trail; what is done then leaves events of its own.
async fn open(On(app): On<Shared>, visitor: Visitor) -> Result<Response, Failure> {
    if let Some((_, event)) = &visitor.link {
        let mut tx = app.database.write().await?;
        take_turn(&mut tx, &visitor.enterprise.id).await?;
        connections::audit(&mut tx, &visitor.enterprise.id, event).await?;
        tx.commit().await?;
    }
    Ok(html(&Opened {
        chrome: visitor.chrome("Set-up"),
        places: visitor.places(""),
        name: visitor.connection.name().to_owned(),
    }))
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
