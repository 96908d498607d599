//! Which groups of the identity provider go to which organization.

use std::collections::BTreeSet;

use admittance::connection::{Command, Connection};
use admittance::{id::IdpGroupId, scim::resource::Resource};
use askama::Template;
use axum::extract::{Query, State as On};
use axum::{Router, response::Response, routing::get};
use serde::Deserialize;
use sqlx::Row;

use super::visitor::{Sent, Visitor};
use super::{Frame, Told, jobs, shown};
use crate::app::{App, Shared};
use crate::database::fetch_all;
use crate::enterprises::{self, Organization};
use crate::failure::{Failure, Result};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/provisioning/mapping", get(look).post(post))
}

#[derive(Template)]
#[template(path = "admin/group_mapping.html")]
struct Page<'a> {
    chrome: Frame,
    connection: &'a Connection,
    organizations: &'a [Organization],
    current: &'a Organization,
    mapped: &'a BTreeSet<IdpGroupId>,
    groups: Vec<Pushed>,
}

struct Pushed {
    id: IdpGroupId,
    name: String,
    members: i64,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    organization: String,
}

async fn look(On(app): On<Shared>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response> {
    page(&app, &visitor, &asked.organization, Told::default()).await
}

/// The mapping is stored at once; groups and members follow in a job that the person can watch.
async fn post(On(app): On<Shared>, mut sent: Sent) -> Result<Response> {
    let organizations = enterprises::organizations(app.database.read(), &sent.visitor.enterprise.id).await?;
    let mut groups: BTreeSet<IdpGroupId> =
        pushed(&app, &sent.visitor).await?.into_iter().map(|group| group.id).collect();
    let organization = sent.text("organization").unwrap_or_default().to_owned();
    let (command, title) = if sent.text("run") == Some("all") {
        let organizations = organizations.into_iter().map(|organization| organization.id).collect();
        let command = Command::MapAll { groups, organizations, confirmation: sent.confirmation() };
        (command, "Mapping all groups to all organizations".to_owned())
    } else {
        let found = organizations.into_iter().find(|found| found.id.as_str() == organization);
        let found = found.ok_or(Failure::NotFound)?;
        let ticked: BTreeSet<&str> = sent.all("group").collect();
        groups.retain(|group| ticked.contains(group.as_str()));
        let title = format!("Mapping groups to {}", found.name);
        (Command::SetGroupMapping { organization: found.id, groups }, title)
    };
    let refused = sent.command(&app, command).await?;
    if !refused.is_empty() {
        return page(&app, &sent.visitor, &organization, refused).await;
    }
    jobs::start(&app, sent.visitor.connection.id(), &title).await
}

async fn page(app: &App, visitor: &Visitor, organization: &str, told: impl Into<Told>) -> Result<Response> {
    let connection = &visitor.connection;
    let organizations = enterprises::organizations(app.database.read(), &visitor.enterprise.id).await?;
    let wanted = organizations.iter().find(|found| found.id.as_str() == organization);
    let current = wanted.or(organizations.first()).ok_or(Failure::NotFound)?;
    let page = Page {
        chrome: visitor.frame("Map groups", "/provisioning", told),
        connection,
        mapped: connection.group_mapping().of(&current.id),
        current,
        organizations: &organizations,
        groups: pushed(app, visitor).await?,
    };
    Ok(shown(&page, page.chrome.told.refused.is_empty()))
}

/// The groups that the identity provider has pushed, by name.
async fn pushed(app: &App, visitor: &Visitor) -> Result<Vec<Pushed>> {
    let rows = fetch_all!(app.database.read(),
        "SELECT r.id, r.document, (SELECT COUNT(*) FROM scim_members m
             WHERE m.connection_id = r.connection_id AND m.group_id = r.id)
         FROM scim_resources r WHERE r.connection_id = $1 AND r.resource_type = 'Group'";
        visitor.connection.id().as_str()
    );
    let mut groups = Vec::with_capacity(rows.len());
    for row in &rows {
        let document: Resource = serde_json::from_str(row.get(1))?;
        let name = document.text("displayName").unwrap_or_default().to_owned();
        groups.push(Pushed { id: row.get::<String, _>(0).into(), name, members: row.get(2) });
    }
    groups.sort_by_cached_key(|group| (group.name.to_lowercase(), group.id.clone()));
    Ok(groups)
}
