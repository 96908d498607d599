//! A change in one transaction, all of it or nothing: with the turn of the enterprise taken, what was loaded is compared
//! with what is stored now, then the resource, its account, its members and the sessions that end are written together.

use admittance::scim::{
    change::{Action, Change, CommitOutcome, Member, MembersChange, MembersDelta, UniqueClaim, UniqueScope},
    effect::Effect,
    patch::Base,
    resource::Resource,
    schema::ENTERPRISE_USER,
    tenant::ResourceId,
};
use serde_json::Value;
use sqlx::Row;
use std::collections::{BTreeMap, BTreeSet};

use super::{
    Provisioning,
    account::{self, Person},
    load::{existing, json_list},
    record::{self, Record},
};
use crate::{
    database::{Kind, Tx, take_turn},
    failure::Failure,
    mapped, session,
};

/// Why nothing is committed.
enum Stop {
    /// The library knows what comes of it.
    Outcome(CommitOutcome),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Provisioning<'_> {
    pub(super) async fn commit(&self, change: &Change) -> CommitOutcome {
        match self.committed(change).await {
            Ok(done) => done,
            Err(Stop::Outcome(outcome)) => outcome,
            Err(Stop::Failed(failure)) => {
                tracing::error!(connection = self.connection(), ?failure, "provisioning could not commit");
                CommitOutcome::Failed
            }
        }
    }

    async fn committed(&self, change: &Change) -> Result<CommitOutcome, Stop> {
        if change.tenant.as_str() != self.connection() {
            return Err(Stop::Outcome(CommitOutcome::Failed));
        }
        let mut tx = self.app.database.write().await?;
        let version = take_turn(&mut tx, self.enterprise()).await?;
        let stored = record::find(&mut *tx, self.connection(), change.id.as_str()).await?;
        self.check(&mut tx, change, stored.as_ref()).await?;
        let done = |delta, version: i64| CommitOutcome::Done { delta, version: version.to_string().into() };
        if let Action::Delete = change.action {
            self.delete(&mut tx, change, version).await?;
            self.follow(&mut tx, change, &MembersDelta::default()).await?;
            tx.commit().await?;
            return Ok(done(MembersDelta::default(), version));
        }
        self.claim(&mut tx, change).await?;
        let members = self.set_members(&mut tx, change).await?;
        change.check_removals(&members.delta).map_err(Stop::Outcome)?;
        if let (Action::Update { after, .. }, Some(stored)) = (&change.action, &stored) {
            let differs = after.as_ref().is_some_and(|after| *after != stored.resource);
            if !differs && !members.shown && members.delta.is_empty() {
                return Ok(done(members.delta, stored.version));
            }
        }
        self.write(&mut tx, change, stored.as_ref(), version).await?;
        self.follow(&mut tx, change, &members.delta).await?;
        tx.commit().await?;
        Ok(done(members.delta, version))
    }

    /// Everything that was true when it was loaded must be so now.
    async fn check(&self, tx: &mut Tx, change: &Change, stored: Option<&Record>) -> Result<(), Stop> {
        let is_there = stored.is_some_and(|stored| stored.resource_type == change.resource_type);
        match &change.action {
            Action::Create { .. } if stored.is_some() => return Err(Stop::Outcome(CommitOutcome::Failed)),
            // That the account is still a sign-in's is checked with its name
            Action::Adopt { .. } if stored.is_some() => return Err(taken("userName")),
            Action::Update { .. } | Action::Delete if !is_there => {
                return Err(Stop::Outcome(CommitOutcome::VersionConflict));
            }
            _ => {}
        }
        if let (Some(expected), Some(stored)) = (&change.expected, stored)
            && stored.version.to_string() != expected.as_str()
        {
            return Err(Stop::Outcome(CommitOutcome::VersionConflict));
        }
        self.check_references(tx, change).await?;
        if let Some(stored) = stored
            && change.effects.iter().any(|effect| effect.ends_access().is_some())
            && (stored.protected
                || stored.administers
                    && account::is_last_administrator(&mut **tx, self.enterprise(), &stored.id).await?)
        {
            // Loaded again, it is seen to be protected
            return Err(Stop::Outcome(CommitOutcome::VersionConflict));
        }
        Ok(())
    }

    async fn check_references(&self, tx: &mut Tx, change: &Change) -> Result<(), Stop> {
        if change.references.is_empty() {
            return Ok(());
        }
        let ids = json_list(change.references.iter().map(ResourceId::as_str))?;
        let rows = sqlx::query(existing(self.app.database.kind()))
            .bind(self.connection())
            .bind(ids)
            .fetch_all(&mut **tx)
            .await?;
        let there: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
        match change.references.iter().find(|id| !there.contains(id.as_str())) {
            None => Ok(()),
            Some(id) => Err(Stop::Outcome(CommitOutcome::ReferenceMissing { id: id.clone() })),
        }
    }

    /// Puts the change's unique values in place of those that the resource had: the primary key decides.
    async fn claim(&self, tx: &mut Tx, change: &Change) -> Result<(), Stop> {
        // A change of members alone leaves them
        if let Action::Update { after: None, .. } = change.action {
            return Ok(());
        }
        for claim in change.unique.iter().filter(|claim| change.resource_type == "User" && is_name(claim)) {
            self.check_name(tx, change, claim).await?;
        }
        self.release(tx, change).await?;
        for claim in &change.unique {
            let scope = match claim.scope {
                UniqueScope::Tenant => account::scope(self.connection(), &change.resource_type),
                UniqueScope::Everywhere => change.resource_type.clone(),
            };
            let inserted = sqlx::query(
                "INSERT INTO scim_unique_values (scope, attribute, value, connection_id, resource_id)
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (scope, attribute, value) DO NOTHING",
            )
            .bind(scope)
            .bind(&claim.attribute)
            .bind(&claim.value)
            .bind(self.connection())
            .bind(change.id.as_str())
            .execute(&mut **tx)
            .await?;
            if inserted.rows_affected() == 0 {
                return Err(taken(&claim.attribute));
            }
        }
        Ok(())
    }

    /// A name may be that of an account that provisioning does not manage, too.
    async fn check_name(&self, tx: &mut Tx, change: &Change, claim: &UniqueClaim) -> Result<(), Stop> {
        let own = sqlx::query(
            "SELECT 1 FROM scim_unique_values
             WHERE connection_id = $1 AND resource_id = $2 AND attribute = $3 AND value = $4",
        )
        .bind(self.connection())
        .bind(change.id.as_str())
        .bind(&claim.attribute)
        .bind(&claim.value)
        .fetch_optional(&mut **tx)
        .await?;
        if own.is_some() {
            return Ok(());
        }
        let holder = account::holder(&mut **tx, self.enterprise(), self.connection(), &claim.value).await?;
        let is_adopted = |id: &ResourceId| matches!(change.action, Action::Adopt { .. }) && *id == change.id;
        match holder {
            None if matches!(change.action, Action::Adopt { .. }) => Err(taken(&claim.attribute)),
            Some(holder) if !is_adopted(&holder.id) => Err(taken(&claim.attribute)),
            _ => Ok(()),
        }
    }

    async fn release(&self, tx: &mut Tx, change: &Change) -> Result<(), Stop> {
        sqlx::query("DELETE FROM scim_unique_values WHERE connection_id = $1 AND resource_id = $2")
            .bind(self.connection())
            .bind(change.id.as_str())
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    async fn write(
        &self,
        tx: &mut Tx,
        change: &Change,
        stored: Option<&Record>,
        version: i64,
    ) -> Result<(), Stop> {
        let resource = match (&change.action, stored) {
            (Action::Create { after, .. } | Action::Adopt { after }, _) => after,
            (Action::Update { after, .. }, Some(stored)) => after.as_ref().unwrap_or(&stored.resource),
            _ => return Err(Stop::Outcome(CommitOutcome::Failed)),
        };
        let id = change.id.as_str();
        if change.resource_type == "User" {
            let person = Person::of(resource);
            match change.action {
                Action::Create { .. } => {
                    account::create(tx, self.enterprise(), self.connection(), id, &person, change.at).await?;
                }
                _ => account::update(tx, id, &person).await?,
            }
        }
        // A user is as old as the account
        sqlx::query(
            "INSERT INTO scim_resources
             (connection_id, id, resource_type, document, external_id, version, created_at, modified_at)
             VALUES ($1, $2, $3, $4, $5, $6, COALESCE((SELECT created_at FROM accounts WHERE id = $2), $7), $7)
             ON CONFLICT (connection_id, id) DO UPDATE SET document = $4, external_id = $5, version = $6, modified_at = $7",
        )
        .bind(self.connection())
        .bind(id)
        .bind(&change.resource_type)
        .bind(document(resource)?)
        .bind(resource.external_id())
        .bind(version)
        .bind(change.at.to_unix_millis())
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// What the change means for the rest of the product, in the same transaction: access ends with it, and that groups
    /// have to follow is written down, so that it is not forgotten when this node dies now.
    async fn follow(&self, tx: &mut Tx, change: &Change, delta: &MembersDelta) -> Result<(), Stop> {
        for user in change.effects.iter().filter_map(Effect::ends_access) {
            session::end_all(tx, user.as_str()).await?;
        }
        if !delta.is_empty() || change.effects.iter().any(Effect::changes_groups) {
            mapped::is_due(tx, self.connection(), change.at).await?;
        }
        Ok(())
    }

    /// Takes a resource out, out of every group, and out of every `manager`.
    async fn delete(&self, tx: &mut Tx, change: &Change, version: i64) -> Result<(), Stop> {
        let (id, at) = (change.id.as_str(), change.at.to_unix_millis());
        self.release(tx, change).await?;
        sqlx::query(
            "UPDATE scim_resources SET version = $3, modified_at = $4 WHERE connection_id = $1
             AND id IN (SELECT group_id FROM scim_members WHERE connection_id = $1 AND member_id = $2)",
        )
        .bind(self.connection())
        .bind(id)
        .bind(version)
        .bind(at)
        .execute(&mut **tx)
        .await?;
        for statement in [
            "DELETE FROM scim_members WHERE connection_id = $1 AND (member_id = $2 OR group_id = $2)",
            "DELETE FROM scim_resources WHERE connection_id = $1 AND id = $2",
        ] {
            sqlx::query(statement).bind(self.connection()).bind(id).execute(&mut **tx).await?;
        }
        if change.resource_type == "User" {
            self.release_managed(tx, id, version, at).await?;
            account::delete(tx, id).await?;
        }
        Ok(())
    }

    async fn release_managed(&self, tx: &mut Tx, manager: &str, version: i64, at: i64) -> Result<(), Stop> {
        let rows = sqlx::query(
            "SELECT id, document FROM scim_resources
             WHERE connection_id = $1 AND resource_type = 'User' AND document LIKE $2",
        )
        .bind(self.connection())
        .bind(format!("%\"{manager}\"%"))
        .fetch_all(&mut **tx)
        .await?;
        let users = self.app.scim.resource_type("User");
        let Some(attribute) = users.and_then(|users| users.qualified(ENTERPRISE_USER, "manager")) else {
            return Ok(());
        };
        for row in rows {
            let mut user: Resource = serde_json::from_str(row.get(1)).map_err(Failure::from)?;
            let value = user.value(&attribute).and_then(|value| value.get("value"));
            if value.and_then(Value::as_str) != Some(manager) {
                continue;
            }
            user.set(&attribute, None);
            sqlx::query(
                "UPDATE scim_resources SET document = $3, version = $4, modified_at = $5
                 WHERE connection_id = $1 AND id = $2",
            )
            .bind(self.connection())
            .bind(row.get::<String, _>(0))
            .bind(document(&user)?)
            .bind(version)
            .bind(at)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }

    async fn set_members(&self, tx: &mut Tx, change: &Change) -> Result<Members, Stop> {
        let (Action::Create { members: Some(members), .. } | Action::Update { members: Some(members), .. }) =
            &change.action
        else {
            return Ok(Members::default());
        };
        let group = change.id.as_str();
        match members.base {
            Base::Current => {
                let removed = self.remove(tx, group, &members.remove).await?;
                let added = self.add(tx, group, &members.add).await?;
                Ok(Members { delta: MembersDelta { added, removed }, shown: false })
            }
            Base::Empty => self.replace(tx, group, members).await,
        }
    }

    async fn replace(&self, tx: &mut Tx, group: &str, members: &MembersChange) -> Result<Members, Stop> {
        let rows = sqlx::query(
            "SELECT member_id, display FROM scim_members WHERE connection_id = $1 AND group_id = $2",
        )
        .bind(self.connection())
        .bind(group)
        .fetch_all(&mut **tx)
        .await?;
        let stored: BTreeMap<ResourceId, Option<String>> =
            rows.iter().map(|row| (row.get::<String, _>(0).into(), row.get(1))).collect();
        let delta = members.effect_on(&stored);
        // Who is shown differently comes in again
        let differs =
            |member: &&Member| stored.get(&member.id).is_some_and(|display| *display != member.display);
        let anew: Vec<ResourceId> =
            members.add.iter().filter(differs).map(|member| member.id.clone()).collect();
        self.remove(tx, group, &[delta.removed.as_slice(), &anew].concat()).await?;
        self.add(tx, group, &members.add).await?;
        Ok(Members { delta, shown: !anew.is_empty() })
    }

    /// Removes those who are there, and says who was.
    async fn remove(&self, tx: &mut Tx, group: &str, ids: &[ResourceId]) -> Result<Vec<ResourceId>, Stop> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let statement = match self.app.database.kind() {
            Kind::Sqlite => {
                "DELETE FROM scim_members WHERE connection_id = $1 AND group_id = $2
                 AND member_id IN (SELECT value FROM json_each($3)) RETURNING member_id"
            }
            Kind::Postgres => {
                "DELETE FROM scim_members WHERE connection_id = $1 AND group_id = $2
                 AND member_id IN (SELECT jsonb_array_elements_text($3::jsonb)) RETURNING member_id"
            }
        };
        let rows = sqlx::query(statement)
            .bind(self.connection())
            .bind(group)
            .bind(json_list(ids.iter().map(ResourceId::as_str))?)
            .fetch_all(&mut **tx)
            .await?;
        Ok(rows.iter().map(|row| row.get::<String, _>(0).into()).collect())
    }

    /// Adds those who are not there, and says who was not.
    async fn add(&self, tx: &mut Tx, group: &str, members: &[Member]) -> Result<Vec<ResourceId>, Stop> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let statement = match self.app.database.kind() {
            Kind::Sqlite => {
                "INSERT INTO scim_members (connection_id, group_id, member_id, member_type, display)
                 SELECT $1, $2, json_extract(value, '$[0]'), json_extract(value, '$[1]'),
                        json_extract(value, '$[2]')
                 FROM json_each($3) WHERE true
                 ON CONFLICT (connection_id, group_id, member_id) DO NOTHING RETURNING member_id"
            }
            Kind::Postgres => {
                "INSERT INTO scim_members (connection_id, group_id, member_id, member_type, display)
                 SELECT $1, $2, value ->> 0, value ->> 1, value ->> 2
                 FROM jsonb_array_elements($3::jsonb) AS value
                 ON CONFLICT (connection_id, group_id, member_id) DO NOTHING RETURNING member_id"
            }
        };
        let rows: Vec<_> = members
            .iter()
            .map(|member| (member.id.as_str(), member.resource_type.as_str(), member.display.as_deref()))
            .collect();
        let rows = sqlx::query(statement)
            .bind(self.connection())
            .bind(group)
            .bind(serde_json::to_string(&rows).map_err(Failure::from)?)
            .fetch_all(&mut **tx)
            .await?;
        Ok(rows.iter().map(|row| row.get::<String, _>(0).into()).collect())
    }
}

/// What became of a group's members.
#[derive(Default)]
struct Members {
    delta: MembersDelta,
    /// Whether one of those who stay is shown differently.
    shown: bool,
}

fn is_name(claim: &UniqueClaim) -> bool {
    claim.attribute == "userName"
}

fn taken(attribute: &str) -> Stop {
    Stop::Outcome(CommitOutcome::UniqueConflict { attribute: attribute.to_owned() })
}

fn document(resource: &Resource) -> Result<String, Stop> {
    Ok(serde_json::to_string(resource).map_err(Failure::from)?)
}
