//! Users and groups as they are stored.

use admittance::scim::fetch::{Facts, Load, Stored};
use admittance::scim::resource::Resource;
use admittance::scim::schema::{Found, ResourceType};
use admittance::time::Timestamp;
use serde_json::{Map, Value, json};
use sqlx::{Any, Row, any::AnyRow};

use crate::database::{fetch_all, fetch_optional};
use crate::failure::Result;

/// A query for resources, which [`record`] reads.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT r.id, r.resource_type, r.document, r.version, r.created_at, r.modified_at,
                    a.is_protected, a.active, a.is_enterprise_administrator
             FROM scim_resources r LEFT JOIN accounts a ON a.id = r.id AND r.resource_type = 'User'",
            $which
        )
    };
}
pub(super) use select;

/// A resource, its members apart.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) resource_type: String,
    pub(super) resource: Resource,
    pub(super) version: i64,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) protected: bool,
    /// Whether it is an account that administers the enterprise and may be used.
    pub(super) administers: bool,
}

/// Which relations of a resource are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Relations {
    pub(super) members: bool,
    pub(super) groups: bool,
}

impl Relations {
    pub(super) fn of(resource_type: &ResourceType, load: &Load) -> Self {
        let wanted = |name: &str| resource_type.own(name).is_some_and(|found| load.includes(&found));
        Self { members: wanted("members"), groups: wanted("groups") }
    }
}

impl Record {
    pub(super) fn facts(&self) -> Facts {
        Facts {
            id: self.id.as_str().into(),
            created: self.created,
            last_modified: self.modified,
            version: self.version.to_string().into(),
        }
    }

    /// The resource with the relations that are wanted.
    pub(super) async fn related(
        &self,
        on: &sqlx::AnyPool,
        connection: &str,
        resource_type: &ResourceType,
        relations: Relations,
    ) -> Result<Stored> {
        let mut resource = self.resource.clone();
        if let (true, Some(found)) = (relations.members, resource_type.own("members")) {
            set(&mut resource, &found, members(on, connection, &self.id).await?);
        }
        if let (true, Some(found)) = (relations.groups, resource_type.own("groups")) {
            set(&mut resource, &found, groups(on, connection, &self.id).await?);
        }
        Ok(Stored { facts: self.facts(), resource, protected: self.protected })
    }
}

fn set(resource: &mut Resource, found: &Found<'_>, values: Vec<Value>) {
    resource.set(found, Some(Value::Array(values)));
}

async fn members(on: &sqlx::AnyPool, connection: &str, group: &str) -> Result<Vec<Value>> {
    let rows = fetch_all!(on,
        "SELECT member_id, member_type, display FROM scim_members
         WHERE connection_id = $1 AND group_id = $2 ORDER BY member_id";
        connection, group
    );
    let member = |row: &AnyRow| {
        let mut value = Map::from_iter([
            ("value".to_owned(), Value::from(row.get::<String, _>(0))),
            ("type".to_owned(), Value::from(row.get::<String, _>(1))),
        ]);
        let display: Option<String> = row.get(2);
        value.extend(display.map(|display| ("display".to_owned(), Value::from(display))));
        Value::Object(value)
    };
    Ok(rows.iter().map(member).collect())
}

async fn groups(on: &sqlx::AnyPool, connection: &str, member: &str) -> Result<Vec<Value>> {
    let rows = fetch_all!(on,
        "SELECT r.id, r.document FROM scim_members m
         JOIN scim_resources r ON r.connection_id = m.connection_id AND r.id = m.group_id
         WHERE m.connection_id = $1 AND m.member_id = $2 ORDER BY r.id";
        connection, member
    );
    let mut groups = Vec::new();
    for row in &rows {
        let group: Resource = serde_json::from_str(row.get(1))?;
        let mut value = json!({ "value": row.get::<String, _>(0), "type": "direct" });
        if let (Some(name), Some(parts)) = (group.text("displayName"), value.as_object_mut()) {
            parts.insert("display".to_owned(), Value::from(name));
        }
        groups.push(value);
    }
    Ok(groups)
}

pub(super) async fn find<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    connection: &str,
    id: &str,
) -> Result<Option<Record>> {
    let row = fetch_optional!(on, select!(" WHERE r.connection_id = $1 AND r.id = $2"); connection, id);
    row.as_ref().map(record).transpose()
}

/// A row of [`select`].
pub(super) fn record(row: &AnyRow) -> Result<Record> {
    let at = |index: usize| Timestamp::from_unix_millis(row.get(index)).unwrap_or(Timestamp::MIN);
    let flag = |index: usize| row.get::<Option<i64>, _>(index).unwrap_or_default() != 0;
    Ok(Record {
        id: row.get(0),
        resource_type: row.get(1),
        resource: serde_json::from_str(row.get(2))?,
        version: row.get(3),
        created: at(4),
        modified: at(5),
        protected: flag(6),
        administers: flag(7) && flag(8),
    })
}
