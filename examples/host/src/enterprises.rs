//! Enterprises and their organizations.

use admittance::groups::{Directory, Group, GroupKind, NameIndex};
use admittance::id::OrganizationId;
use sqlx::{Any, Row, any::AnyRow};

use crate::database::{fetch_all, fetch_optional};
use crate::failure::{Failure, Result};

#[derive(Clone, Debug)]
pub(crate) struct Enterprise {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) revision: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Organization {
    pub(crate) id: OrganizationId,
    pub(crate) name: String,
}

pub(crate) async fn find<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    id: &str,
) -> Result<Option<Enterprise>> {
    let row = fetch_optional!(on,
        "SELECT id, enterprise_key, name, revision FROM enterprises WHERE id = $1";
        id
    );
    Ok(row.map(|row| enterprise(&row)))
}

pub(crate) async fn by_key<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    key: &str,
) -> Result<Option<Enterprise>> {
    let row = fetch_optional!(on,
        "SELECT id, enterprise_key, name, revision FROM enterprises WHERE enterprise_key = $1";
        key
    );
    Ok(row.map(|row| enterprise(&row)))
}

pub(crate) async fn organizations<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    enterprise: &str,
) -> Result<Vec<Organization>> {
    let rows = fetch_all!(on,
        "SELECT id, name FROM organizations WHERE enterprise_id = $1 ORDER BY name, id";
        enterprise
    );
    Ok(rows.iter().map(|row| Organization { id: row.get::<String, _>(0).into(), name: row.get(1) }).collect())
}

/// The groups of all organizations of an enterprise, as the library wants them.
pub(crate) async fn directory<'c>(
    on: impl sqlx::Executor<'c, Database = Any>,
    enterprise: &Enterprise,
) -> Result<(Directory, NameIndex)> {
    let rows = fetch_all!(on,
        "SELECT g.id, g.organization_id, g.name, g.kind FROM local_groups g
         JOIN organizations o ON o.id = g.organization_id WHERE o.enterprise_id = $1";
        &enterprise.id
    );
    let groups = rows.iter().map(|row| Group {
        id: row.get::<String, _>(0).into(),
        organization: row.get::<String, _>(1).into(),
        name: row.get::<String, _>(2).into(),
        kind: if row.get::<String, _>(3) == "default" { GroupKind::Default } else { GroupKind::Ordinary },
    });
    let directory = Directory::new(enterprise.revision.to_string(), groups)
        .map_err(|error| Failure::Internal(error.to_string()))?;
    let names = NameIndex::of(&directory);
    Ok((directory, names))
}

fn enterprise(row: &AnyRow) -> Enterprise {
    Enterprise { id: row.get(0), key: row.get(1), name: row.get(2), revision: row.get(3) }
}
