//! Set-up links: somebody at the identity provider's side finishes a part of the set-up without an account here.

use std::{collections::BTreeSet, time::Duration};

use admittance::connection::Command;
use admittance::connection::setup_link::{self, Enabling, LinkOptions, Task};
use admittance::entropy::OsEntropy;
use askama::Template;
use axum::{Router, extract::State as On, response::Response, routing::get};

use super::visitor::{Sent, Visitor};
use super::{Frame, Told, shown};
use crate::failure::{Failure, Result};
use crate::{app::Shared, clock::now, connections, database::take_turn};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/sso/links", get(look).post(make)).route("/setup/{link}", get(open))
}

#[derive(Template)]
#[template(path = "admin/links.html")]
struct Page {
    chrome: Frame,
    invalid: &'static str,
    /// The link that was just made: on this page and on no other.
    fresh: Option<String>,
}

async fn look(visitor: Visitor) -> Response {
    page(&visitor, Told::default(), "", None)
}

/// The answer to the form is the only page that shows the link, which opens the set-up to whoever has it.
async fn make(On(app): On<Shared>, mut sent: Sent) -> Result<Response> {
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
        return Ok(page(&sent.visitor, Told::default(), "Choose at least one task.", None));
    }
    let mut options = LinkOptions::new(tasks);
    options.life = DAY * sent.text("days").and_then(|days| days.parse().ok()).unwrap_or(5);
    options.enabling = if sent.text("enable").is_some() { Enabling::Allow } else { Enabling::Refuse };
    let refused = sent.command(&app, Command::NewSetUpLink).await?;
    if !refused.is_empty() {
        return Ok(page(&sent.visitor, refused, "", None));
    }
    let connection = &sent.visitor.connection;
    let sealed = setup_link::seal(connection, &options, app.keys.sealing(), &mut OsEntropy, now());
    let sealed = sealed.map_err(|error| Failure::Invalid(error.to_string()))?;
    let link = format!("{}/setup/{}.{sealed}", app.base, connection.id());
    Ok(page(&sent.visitor, Told::default(), "", Some(link)))
}

fn page(visitor: &Visitor, told: impl Into<Told>, invalid: &'static str, fresh: Option<String>) -> Response {
    let page = Page { chrome: visitor.frame("Set-up links", "/sso/links", told), invalid, fresh };
    shown(&page, page.chrome.told.refused.is_empty() && invalid.is_empty())
}

#[derive(Template)]
#[template(path = "admin/opened_link.html")]
struct Opened<'a> {
    chrome: Frame,
    name: &'a str,
}

/// Every opening is in the audit trail; what is done then leaves events of its own.
async fn open(On(app): On<Shared>, visitor: Visitor) -> Result<Response> {
    if let Some((_, event)) = &visitor.link {
        let mut tx = app.database.write().await?;
        take_turn(&mut tx, &visitor.enterprise.id).await?;
        connections::audit(&mut tx, &visitor.enterprise.id, event).await?;
        tx.commit().await?;
    }
    let chrome = visitor.frame("Set-up", "", Told::default());
    Ok(shown(&Opened { chrome, name: visitor.connection.name() }, true))
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
