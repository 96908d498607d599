use admittance::scim::fetch::{Fetch, Fetched, Loaded, Reference, Target};
use admittance::scim::tenant::ResourceId;
use sqlx::Row;

use super::record::{self, Relations};
use super::{Provisioning, account};
use crate::database::{Kind, fetch_all};
use crate::{failure::Result, keys};

impl Provisioning<'_> {
    /// What an operation needs to know. A resource is read before its relations: if these change in between, its version
    /// has changed too, and the commit notices.
    pub(super) async fn load(&self, fetch: &Fetch) -> Fetched {
        self.fetched(fetch).await.unwrap_or_else(|failure| {
            tracing::error!(connection = self.connection(), ?failure, "provisioning could not load");
            Fetched::new(Loaded::Failed)
        })
    }

    async fn fetched(&self, fetch: &Fetch) -> Result<Fetched> {
        if fetch.tenant.as_str() != self.connection() {
            return Ok(Fetched::new(Loaded::Failed));
        }
        let target = match &fetch.target {
            Target::Nothing => Loaded::Nothing,
            Target::One { resource_type, id, load } => {
                let read = self.app.database.read();
                let found = record::find(read, self.connection(), id.as_str()).await?;
                let found = found.filter(|found| found.resource_type == *resource_type);
                match (found, self.app.scim.resource_type(resource_type)) {
                    (Some(mut found), Some(resource_type)) => {
                        found.protected |= found.administers && self.is_last_administrator(&found.id).await?;
                        let relations = Relations::of(resource_type, load);
                        Loaded::One(Some(
                            found.related(read, self.connection(), resource_type, relations).await?,
                        ))
                    }
                    _ => Loaded::One(None),
                }
            }
            Target::UserName { folded } => Loaded::Holder(
                account::holder(self.app.database.read(), self.enterprise(), self.connection(), folded)
                    .await?,
            ),
            Target::List(query) => self.list(query).await?,
            _ => Loaded::Failed,
        };
        let references = self.references(&fetch.references).await?;
        let new_ids = (0..fetch.new_ids).map(|_| keys::new_id("p").map(ResourceId::from));
        Ok(Fetched { target, references, new_ids: new_ids.collect::<Result<_, _>>()? })
    }

    async fn references(&self, ids: &[ResourceId]) -> Result<Vec<Reference>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows = fetch_all!(self.app.database.read(),
            existing(self.app.database.kind());
            self.connection(), json_list(ids.iter().map(ResourceId::as_str))?
        );
        let reference = |row: &sqlx::any::AnyRow| Reference {
            id: row.get::<String, _>(0).into(),
            resource_type: row.get(1),
        };
        Ok(rows.iter().map(reference).collect())
    }

    async fn is_last_administrator(&self, account: &str) -> Result<bool> {
        account::is_last_administrator(self.app.database.read(), self.enterprise(), account).await
    }
}

/// Which of these resources exist. Many texts go into one statement as a JSON list.
pub(super) fn existing(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => {
            "SELECT id, resource_type FROM scim_resources
             WHERE connection_id = $1 AND id IN (SELECT value FROM json_each($2))"
        }
        Kind::Postgres => {
            "SELECT id, resource_type FROM scim_resources
             WHERE connection_id = $1 AND id IN (SELECT jsonb_array_elements_text($2::jsonb))"
        }
    }
}

pub(super) fn json_list<'t>(texts: impl Iterator<Item = &'t str>) -> Result<String> {
    Ok(serde_json::to_string(&texts.collect::<Vec<_>>())?)
}
