//! Groups of organizations follow the groups that provisioning pushed.
//!
//! A commit of provisioning, and a command that changes the mapping, writes down that groups have to follow ([`is_due`]),
//! in its own transaction. They follow in
//! the next one ([`reconcile`]), before the answer is sent: one plan for all that has been committed until then, so that
//! ten requests at once lead to one plan and not to ten. A node that dies in between leaves the row, and the next request
//! at any node, or [`reconcile_due`], makes up for it. A plan is computed from what is read once the enterprise's turn is
//! taken and applied in the same transaction: its basis cannot be another than what is stored.

use std::time::Duration;

use admittance::groups::{
    Account, Accounts, Change, GroupSource, MappedPlan, MappedPolicy, Origin, PushedGroups, StoredGroups,
    reconcile_mapped, release_links,
};
use admittance::id::{ConnectionId, OrganizationId};
use admittance::{note::Note, profile::Activity, scim::resource::Resource, time::Timestamp};
use sqlx::Row;

use crate::app::{App, Shared};
use crate::connections::{self, Stored};
use crate::database::{Tx, execute, fetch_all, fetch_optional, take_turn};
use crate::failure::{Failure, Result};
use crate::{clock::now, enterprises, membership};

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Followed {
    /// How many changes were made.
    pub(crate) changes: usize,
    /// How many removals wait for an administrator.
    pub(crate) withheld: usize,
}

/// Writes down that groups have to follow, in the transaction that is the reason.
pub(crate) async fn is_due(tx: &mut Tx, connection: &str, at: Timestamp) -> Result<()> {
    execute!(&mut **tx,
        "INSERT INTO mappings_due (connection_id, since) VALUES ($1, $2) ON CONFLICT (connection_id) DO NOTHING";
        connection, at.to_unix_millis()
    );
    Ok(())
}

/// Lets groups follow, all of the plan in one transaction. Nothing is done where nothing is due.
pub(crate) async fn reconcile(app: &App, connection: &str) -> Result<Followed> {
    let due = fetch_optional!(app.database.read(),
        "SELECT 1 FROM mappings_due WHERE connection_id = $1";
        connection
    );
    let (Some(_), Some(stored)) = (due, connections::find(app, connection).await?) else {
        return Ok(Followed::default());
    };
    let mut tx = app.database.write().await?;
    let revision = take_turn(&mut tx, &stored.enterprise.id).await?;
    if !settle(&mut tx, connection).await? {
        return Ok(Followed::default());
    }
    let Some(plan) = plan(&mut tx, &stored.enterprise.id, revision).await? else {
        return Ok(Followed::default());
    };
    membership::apply(&mut tx, &plan.connection, &plan.changes).await?;
    note(&mut tx, connection, &plan).await?;
    tx.commit().await?;
    Ok(Followed { changes: plan.changes.len(), withheld: plan.withheld })
}

/// As [`reconcile`], whether something is due or not, with the progress of a job that a person looks at.
///
/// One transaction for each organization, so that the progress is seen and nobody waits for long; in each a new plan is
/// made, of which the part of one organization is applied. What is left when a node dies is due.
pub(crate) async fn reconcile_job(app: &App, connection: &str, job: &str) -> Result<Followed> {
    let Some(stored) = connections::find(app, connection).await? else { return Ok(Followed::default()) };
    let enterprise = &stored.enterprise.id;
    let mut tx = app.database.write().await?;
    take_turn(&mut tx, enterprise).await?;
    is_due(&mut tx, connection, now()).await?;
    tx.commit().await?;
    let mut followed = Followed::default();
    loop {
        let mut tx = app.database.write().await?;
        let revision = take_turn(&mut tx, enterprise).await?;
        let Some(plan) = plan(&mut tx, enterprise, revision).await? else { break };
        let first = plan.changes.first().map(|change| organization(change).cloned());
        let part: Vec<Change> = match first {
            Some(Some(first)) => {
                plan.changes.iter().filter(|change| organization(change) == Some(&first)).cloned().collect()
            }
            // Of a kind that is not known here: all at once
            _ => plan.changes.clone(),
        };
        membership::apply(&mut tx, &plan.connection, &part).await?;
        followed.changes += part.len();
        followed.withheld = plan.withheld;
        progress(&mut tx, job, followed.changes, followed.changes + plan.changes.len() - part.len()).await?;
        let is_last = part.len() == plan.changes.len();
        if is_last {
            settle(&mut tx, connection).await?;
            note(&mut tx, connection, &plan).await?;
        }
        tx.commit().await?;
        if is_last {
            break;
        }
    }
    Ok(followed)
}

/// Makes up for what another node, or this one, did not get to. It runs for as long as the process does.
pub(crate) async fn reconcile_due(app: Shared) {
    loop {
        if let Err(failure) = all_due(&app).await {
            tracing::error!(?failure, "groups that have to follow do not");
        }
        tokio::time::sleep(CATCH_UP_EACH).await;
    }
}

async fn all_due(app: &App) -> Result<()> {
    let before = now().saturating_sub(LEFT_TO_THE_REQUEST).to_unix_millis();
    let due = fetch_all!(app.database.read(),
        "SELECT connection_id FROM mappings_due WHERE since <= $1";
        before
    );
    for row in due {
        reconcile(app, row.get(0)).await?;
    }
    Ok(())
}

/// What has to change.
struct Plan {
    connection: ConnectionId,
    changes: Vec<Change>,
    withheld: usize,
    notes: Vec<Note>,
}

/// The plan for what is stored now, the connection included. The caller has taken the enterprise's turn.
async fn plan(tx: &mut Tx, enterprise: &str, revision: i64) -> Result<Option<Plan>> {
    let Some(stored) = connections::of_enterprise(&mut **tx, enterprise).await? else { return Ok(None) };
    let id = stored.connection.id().clone();
    let revision = revision.to_string();
    let accounts = accounts(tx, &stored, &revision).await?;
    let groups = groups(tx, &stored, &accounts, &revision).await?;
    let (directory, _) = enterprises::directory(&mut **tx, &stored.enterprise).await?;
    if stored.connection.scim().is_none() || stored.connection.group_source() != GroupSource::Scim {
        // What was linked is so no more, and everybody stays
        let changes = release_links(&directory, &groups);
        return Ok(Some(Plan { connection: id, changes, withheld: 0, notes: Vec::new() }));
    }
    let pushed = pushed(tx, &stored, &accounts, &revision).await?;
    let (mapping, policy) = (stored.connection.group_mapping(), policy(&stored));
    let plan = reconcile_mapped(&pushed, mapping, &directory, &groups, &policy, &[])
        .map_err(|refusal| Failure::Internal(refusal.to_string()))?;
    let MappedPlan { changes, withheld, notes, .. } = plan;
    Ok(Some(Plan { connection: id, changes, withheld: withheld.len(), notes }))
}

async fn accounts(tx: &mut Tx, stored: &Stored, revision: &str) -> Result<Accounts> {
    let connection = stored.connection.id();
    let rows = fetch_all!(&mut **tx,
        "SELECT id, active, is_protected FROM accounts WHERE enterprise_id = $1 AND connection_id = $2";
        &stored.enterprise.id, connection.as_str()
    );
    let account = |row: &sqlx::any::AnyRow| Account {
        user: row.get::<String, _>(0).into(),
        origin: Origin::Idp(connection.clone()),
        activity: if row.get::<i64, _>(1) != 0 { Activity::Active } else { Activity::Inactive },
        protected: row.get::<i64, _>(2) != 0,
    };
    Accounts::new(connection.clone(), revision, rows.iter().map(account))
        .map_err(|error| Failure::Internal(error.to_string()))
}

async fn pushed(tx: &mut Tx, stored: &Stored, accounts: &Accounts, revision: &str) -> Result<PushedGroups> {
    let connection = stored.connection.id().as_str();
    let internal = |error: &dyn std::fmt::Display| Failure::Internal(error.to_string());
    let mut pushed = PushedGroups::new(accounts, revision);
    let members = fetch_all!(&mut **tx,
        "SELECT group_id, member_id FROM scim_members WHERE connection_id = $1 ORDER BY group_id";
        connection
    );
    let mut by_group: std::collections::HashMap<String, Vec<String>> = std::collections::HashMap::new();
    for row in &members {
        by_group.entry(row.get(0)).or_default().push(row.get(1));
    }
    let groups = fetch_all!(&mut **tx,
        "SELECT id, document FROM scim_resources WHERE connection_id = $1 AND resource_type = 'Group'";
        connection
    );
    for row in &groups {
        let (id, group): (String, Resource) = (row.get(0), serde_json::from_str(row.get(1))?);
        let members = by_group.remove(&id).unwrap_or_default();
        let name = group.text("displayName").unwrap_or_default();
        pushed.add(id, name, members).map_err(|error| internal(&error))?;
    }
    Ok(pushed)
}

async fn groups(tx: &mut Tx, stored: &Stored, accounts: &Accounts, revision: &str) -> Result<StoredGroups> {
    let connection = stored.connection.id().as_str();
    let mut groups = StoredGroups::new(accounts, revision);
    let links = fetch_all!(&mut **tx,
        "SELECT g.id, g.idp_group_id FROM local_groups g JOIN organizations o ON o.id = g.organization_id
         WHERE o.enterprise_id = $1 AND g.connection_id = $2 AND g.idp_group_id IS NOT NULL";
        &stored.enterprise.id, connection
    );
    for row in &links {
        groups
            .link(row.get::<String, _>(0), row.get::<String, _>(1))
            .map_err(|error| Failure::Internal(error.to_string()))?;
    }
    let rows = fetch_all!(&mut **tx,
        "SELECT m.group_id, m.account_id, m.origin FROM memberships m
         JOIN accounts a ON a.id = m.account_id
         WHERE a.enterprise_id = $1 AND a.connection_id = $2 ORDER BY m.group_id";
        &stored.enterprise.id, connection
    );
    for rows in rows.chunk_by(|one, other| one.get::<String, _>(0) == other.get::<String, _>(0)) {
        let Some(first) = rows.first() else { continue };
        let origin = |row: &sqlx::any::AnyRow| {
            row.get::<Option<String>, _>(2).map_or(Origin::Manual, |id| Origin::Idp(id.into()))
        };
        groups.add(first.get::<String, _>(0), rows.iter().map(|row| (row.get::<String, _>(1), origin(row))));
    }
    Ok(groups)
}

/// What the connection lets pushed groups do is what it lets a sign-in do.
fn policy(stored: &Stored) -> MappedPolicy {
    let of_connection = &stored.connection.policy().groups;
    let mut policy = MappedPolicy::default();
    policy.source = of_connection.source;
    policy.scope = of_connection.scope;
    policy.protected.clone_from(&of_connection.protected);
    policy.max_removals = of_connection.max_removals;
    policy
}

/// Nothing is due any more. Says whether something was.
async fn settle(tx: &mut Tx, connection: &str) -> Result<bool> {
    let settled = execute!(&mut **tx, "DELETE FROM mappings_due WHERE connection_id = $1"; connection);
    Ok(settled.rows_affected() > 0)
}

async fn progress(tx: &mut Tx, job: &str, done: usize, total: usize) -> Result<()> {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    execute!(&mut **tx,
        "UPDATE jobs SET done = $2, total = $3 WHERE id = $1";
        job, number(done), number(total)
    );
    Ok(())
}

/// Keeps what the plan noticed, in place of what the one before did.
async fn note(tx: &mut Tx, connection: &str, plan: &Plan) -> Result<()> {
    execute!(&mut **tx,
        "DELETE FROM scim_notes WHERE connection_id = $1 AND code LIKE 'groups.%'";
        connection
    );
    for note in &plan.notes {
        execute!(&mut **tx,
            "INSERT INTO scim_notes (connection_id, code, document, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (connection_id, code) DO NOTHING";
            connection, &note.code, serde_json::to_string(note)?, now().to_unix_millis()
        );
    }
    Ok(())
}

fn organization(change: &Change) -> Option<&OrganizationId> {
    match change {
        Change::UnlinkGroup(unlink) => Some(&unlink.link.organization),
        Change::RenameGroup(rename) => Some(&rename.link.organization),
        Change::AdoptGroup(link) => Some(&link.organization),
        Change::CreateGroup(group) => Some(&group.organization),
        Change::AddMember(member) | Change::RemoveMember(member) => Some(&member.organization),
        _ => None,
    }
}

const CATCH_UP_EACH: Duration = Duration::from_secs(15);
/// So old is what no request is about to do.
const LEFT_TO_THE_REQUEST: Duration = Duration::from_secs(10);
