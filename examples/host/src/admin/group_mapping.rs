//! Which groups of the identity provider go to which organization.

use std::collections::BTreeSet;

use admittance::{
    connection::{Command, Confirmation, Diagnosis},
    id::{IdpGroupId, OrganizationId},
};
use askama::Template;
use axum::{
    Router,
    extract::{Query, State as On},
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use serde::Deserialize;
use sqlx::Row;

use super::{
    jobs,
    visitor::{Place, Sent, Visitor},
};
use crate::{
    app::{App, Shared},
    enterprises,
    failure::Failure,
    layout::{Chrome, html},
};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/admin/provisioning/mapping", get(look).post(post))
}

#[derive(Template)]
#[template(path = "admin/group_mapping.html")]
struct Page {
    chrome: Chrome,
    places: Vec<Place>,
    refused: Vec<Diagnosis>,
    version: u64,
    is_possible: bool,
    organizations: Vec<OrganizationSeen>,
    name: String,
    organization: String,
    groups: Vec<GroupSeen>,
    mapped: usize,
}

struct OrganizationSeen {
    id: String,
    name: String,
    count: usize,
    is_current: bool,
}

struct GroupSeen {
    id: String,
    name: String,
    members: i64,
    is_mapped: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    organization: String,
}

async fn look(
    On(app): On<Shared>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    page(&app, &visitor, &asked.organization, Vec::new()).await
}

/// The mapping is stored at once; groups and members follow in a job that the person can watch.
async fn post(On(app): On<Shared>, mut sent: Sent) -> Result<Response, Failure> {
    let organizations = enterprises::organizations(app.database.read(), &sent.visitor.enterprise.id).await?;
    let pushed = pushed(&app, &sent.visitor).await?;
    let organization = sent.text("organization").unwrap_or_default().to_owned();
    let (command, title) = if sent.text("run") == Some("all") {
        let confirmation = if sent.text("sure").is_some() { Confirmation::Given } else { Confirmation::None };
        let command = Command::MapAll {
            groups: pushed.iter().map(|group| IdpGroupId::from(group.id.as_str())).collect(),
            organizations: organizations.into_iter().map(|organization| organization.id).collect(),
            confirmation,
        };
        (command, "Mapping all groups to all organizations".to_owned())
    } else {
        let known: BTreeSet<&str> = pushed.iter().map(|group| group.id.as_str()).collect();
        let found = organizations.into_iter().find(|found| found.id.as_str() == organization);
        let found = found.ok_or(Failure::NotFound)?;
        let groups = sent.all("group").filter(|id| known.contains(id)).map(IdpGroupId::from).collect();
        let title = format!("Mapping groups to {}", found.name);
        (Command::SetGroupMapping { organization: found.id, groups }, title)
    };
    let version = sent.version();
    let refused = sent.visitor.command(&app, version, command).await?;
    if !refused.is_empty() {
        return page(&app, &sent.visitor, &organization, refused).await;
    }
    jobs::start(&app, sent.visitor.connection.id(), &title).await
}

async fn page(
    app: &App,
    visitor: &Visitor,
    organization: &str,
    refused: Vec<Diagnosis>,
) -> Result<Response, Failure> {
    let connection = &visitor.connection;
    let organizations = enterprises::organizations(app.database.read(), &visitor.enterprise.id).await?;
    let wanted = organizations.iter().find(|found| found.id.as_str() == organization);
    let current = wanted.or(organizations.first()).ok_or(Failure::NotFound)?;
    let mapping = connection.group_mapping();
    let of = |id: &OrganizationId| mapping.of(id);
    let mapped = of(&current.id);
    let mut groups = pushed(app, visitor).await?;
    for group in &mut groups {
        group.is_mapped = mapped.contains(group.id.as_str());
    }
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = Page {
        chrome: visitor.chrome("Map groups"),
        places: visitor.places("/provisioning"),
        refused,
        version: connection.version(),
        is_possible: connection.scim().is_some(),
        name: current.name.clone(),
        organization: current.id.to_string(),
        mapped: groups.iter().filter(|group| group.is_mapped).count(),
        organizations: organizations
            .iter()
            .map(|each| OrganizationSeen {
                id: each.id.to_string(),
                name: each.name.clone(),
                count: of(&each.id).len(),
                is_current: each.id == current.id,
            })
            .collect(),
        groups,
    };
    Ok((status, html(&page)).into_response())
}

/// The groups that the identity provider has pushed, by name.
async fn pushed(app: &App, visitor: &Visitor) -> Result<Vec<GroupSeen>, Failure> {
    let rows = sqlx::query(
        "SELECT r.id, r.document, (SELECT COUNT(*) FROM scim_members m
             WHERE m.connection_id = r.connection_id AND m.group_id = r.id)
         FROM scim_resources r WHERE r.connection_id = $1 AND r.resource_type = 'Group'",
    )
    .bind(visitor.connection.id().as_str())
    .fetch_all(app.database.read())
    .await?;
    let mut groups = Vec::with_capacity(rows.len());
    for row in &rows {
        let document: admittance::scim::resource::Resource = serde_json::from_str(row.get(1))?;
        let name = document.text("displayName").unwrap_or_default().to_owned();
        groups.push(GroupSeen { id: row.get(0), name, members: row.get(2), is_mapped: false });
    }
    groups.sort_by(|one, other| {
        (one.name.to_lowercase(), &one.id).cmp(&(other.name.to_lowercase(), &other.id))
    });
    Ok(groups)
}
