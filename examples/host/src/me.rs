//! Who am I: the account, and the organizations and groups that it is in.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State, response::Response, routing::get};
use sqlx::Row;

use crate::app::{App, Shared};
use crate::layout::{Chrome, html};
use crate::{connections, database::fetch_all, failure::Result, session::SignedIn};

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/me", get(page))
}

#[derive(Template)]
#[template(path = "me.html")]
struct Page {
    chrome: Chrome,
    name: String,
    login: String,
    email: String,
    enterprise: String,
    /// The connection that the account comes from; empty for a local one.
    source: String,
    is_administrator: bool,
    since: String,
    /// Whether this very session began at an identity provider.
    by_sso: bool,
    organizations: Vec<Organization>,
}

struct Organization {
    name: String,
    /// With the group of everybody, which is not stored for anybody.
    groups: Vec<Group>,
}

struct Group {
    name: String,
    /// Who put the person there.
    source: &'static str,
}

async fn page(State(app): State<Shared>, signed_in: SignedIn) -> Result<Response> {
    let account = &signed_in.account;
    let source = match &account.connection {
        Some(id) => {
            connections::find(&app, id.as_str()).await?.map(|stored| stored.connection.name().to_owned())
        }
        None => None,
    };
    Ok(html(&Page {
        chrome: Chrome::of(&signed_in, &account.name, "me"),
        name: account.name.clone(),
        login: account.login.clone(),
        email: account.email.clone(),
        enterprise: signed_in.enterprise.name.clone(),
        source: source.unwrap_or_default(),
        is_administrator: account.is_enterprise_administrator,
        since: account.created_at.to_string().chars().take(10).collect(),
        by_sso: signed_in.idp_session.is_some(),
        organizations: organizations(&app, &account.id).await?,
    }))
}

/// A person is in an organization by being in one of its groups.
async fn organizations(app: &App, account: &str) -> Result<Vec<Organization>> {
    let rows = fetch_all!(app.database.read(),
        "SELECT o.name, o.id, g.name, m.origin FROM memberships m JOIN local_groups g ON g.id = m.group_id
         JOIN organizations o ON o.id = g.organization_id
         WHERE m.account_id = $1 AND g.kind <> 'default' ORDER BY g.name";
        account
    );
    let mut organizations: BTreeMap<(String, String), Vec<Group>> = BTreeMap::new();
    for row in &rows {
        let origin: Option<String> = row.get(3);
        let source =
            if origin.is_some() { "from your identity provider" } else { "added by an administrator" };
        let groups = organizations.entry((row.get(0), row.get(1))).or_default();
        groups.push(Group { name: row.get(2), source });
    }
    let mut shown = Vec::new();
    for ((name, id), mut groups) in organizations {
        let default = fetch_all!(app.database.read(),
            "SELECT name FROM local_groups WHERE organization_id = $1 AND kind = 'default'";
            &id
        );
        let default = default.iter().map(|row| Group { name: row.get(0), source: "everybody in it" });
        groups.splice(0..0, default);
        shown.push(Organization { name, groups });
    }
    Ok(shown)
}
