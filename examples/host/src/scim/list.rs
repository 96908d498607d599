//! Lists: by an index where a filter names one unique value, in pages where there is neither filter nor order, and in
//! memory otherwise, up to a bound.

use admittance::{
    fold::fold,
    scim::{
        fetch::{ListQuery, Loaded, Page},
        filter::{Filter, UniqueLookup},
        page::{PageRequest, Position},
        respond::representation,
        schema::ResourceType,
        tenant::TenantId,
    },
};
use sqlx::Row;

use super::{
    Provisioning, account,
    record::{Record, Relations, record, select},
};
use crate::failure::Failure;

impl Provisioning<'_> {
    pub(super) async fn list(&self, query: &ListQuery) -> Result<Loaded, Failure> {
        let Some(resource_type) = self.app.scim.resource_type(&query.resource_type) else {
            return Ok(Loaded::Failed);
        };
        if query.filter.is_none() && query.sort.is_none() {
            return self.plain(query, resource_type).await;
        }
        let Some(records) = self.records(query).await? else { return Ok(Loaded::TooMany) };
        let relations = Relations { members: query.looks_at("members"), groups: query.looks_at("groups") };
        let tenant = TenantId::from(self.connection());
        let mut candidates = Vec::new();
        for record in records {
            let read = self.app.database.read();
            let stored = record.related(read, self.connection(), resource_type, relations).await?;
            candidates.push((record, representation(&self.app.scim, &tenant, resource_type, &stored)));
        }
        let selected = query.select(candidates);
        self.page(query, resource_type, &selected.rows, selected.total, selected.next).await
    }

    /// All of a type, by identifier.
    async fn plain(&self, query: &ListQuery, resource_type: &ResourceType) -> Result<Loaded, Failure> {
        let total = sqlx::query(
            "SELECT COUNT(*) FROM scim_resources WHERE connection_id = $1 AND resource_type = $2",
        )
        .bind(self.connection())
        .bind(&query.resource_type)
        .fetch_one(self.app.database.read())
        .await?;
        let total = usize::try_from(total.get::<i64, _>(0)).unwrap_or_default();
        let (after, skipped, count) = match &query.page {
            PageRequest::Index { start_index, count } => ("", start_index.saturating_sub(1), *count),
            PageRequest::Cursor { after, count } => {
                (after.as_ref().map_or("", |position| position.id.as_str()), 0, *count)
            }
            _ => return Ok(Loaded::Failed),
        };
        let rows = sqlx::query(select!(
            " WHERE r.connection_id = $1 AND r.resource_type = $2 AND r.id > $3 ORDER BY r.id LIMIT $4 OFFSET $5"
        ))
        .bind(self.connection())
        .bind(&query.resource_type)
        .bind(after)
        // One more, to know whether there is more
        .bind(i64::try_from(count.saturating_add(1)).unwrap_or(i64::MAX))
        .bind(i64::try_from(skipped).unwrap_or(i64::MAX))
        .fetch_all(self.app.database.read())
        .await?;
        let is_cursor = matches!(query.page, PageRequest::Cursor { .. });
        let more = is_cursor && rows.len() > count;
        let records = rows.iter().take(count).map(record).collect::<Result<Vec<_>, _>>()?;
        let next =
            records.last().filter(|_| more).map(|last| Position { sort_key: None, id: last.id.clone() });
        self.page(query, resource_type, &records, total, next).await
    }

    async fn page(
        &self,
        query: &ListQuery,
        resource_type: &ResourceType,
        records: &[Record],
        total: usize,
        next: Option<Position>,
    ) -> Result<Loaded, Failure> {
        let relations = Relations::of(resource_type, &query.load);
        let mut resources = Vec::new();
        for record in records {
            let read = self.app.database.read();
            resources.push(record.related(read, self.connection(), resource_type, relations).await?);
        }
        Ok(Loaded::Page(Page { total: Some(total), resources, next }))
    }

    /// The resources among which those of the filter are; `None` when they are too many.
    async fn records(&self, query: &ListQuery) -> Result<Option<Vec<Record>>, Failure> {
        let connection = self.connection();
        let name = query.resource_type.as_str();
        let statement = match query.filter.as_ref().and_then(|filter| narrow(filter, name)) {
            Some(Narrow::Id(id)) => {
                sqlx::query(select!(" WHERE r.connection_id = $1 AND r.resource_type = $2 AND r.id = $3"))
                    .bind(connection)
                    .bind(name)
                    .bind(id)
            }
            Some(Narrow::ExternalId(id)) => sqlx::query(select!(
                " WHERE r.connection_id = $1 AND r.resource_type = $2 AND r.external_id = $3 ORDER BY r.id"
            ))
            .bind(connection)
            .bind(name)
            .bind(id),
            Some(Narrow::Unique(attribute, value)) => sqlx::query(select!(
                " JOIN scim_unique_values u ON u.connection_id = r.connection_id AND u.resource_id = r.id
                  WHERE r.connection_id = $1 AND r.resource_type = $2
                  AND u.scope = $3 AND u.attribute = $4 AND u.value = $5"
            ))
            .bind(connection)
            .bind(name)
            .bind(account::scope(connection, name))
            .bind(attribute)
            .bind(value),
            None => sqlx::query(select!(
                " WHERE r.connection_id = $1 AND r.resource_type = $2 ORDER BY r.id LIMIT $3"
            ))
            .bind(connection)
            .bind(name)
            .bind(MOST_IN_MEMORY + 1),
        };
        let rows = statement.fetch_all(self.app.database.read()).await?;
        if i64::try_from(rows.len()).is_ok_and(|rows| rows > MOST_IN_MEMORY) {
            return Ok(None);
        }
        rows.iter().map(record).collect::<Result<Vec<_>, _>>().map(Some)
    }
}

/// What an index finds.
enum Narrow<'f> {
    Id(&'f str),
    ExternalId(&'f str),
    Unique(&'static str, String),
}

/// A unique value that every match of the filter has.
fn narrow<'f>(filter: &'f Filter, resource_type: &str) -> Option<Narrow<'f>> {
    if let Filter::And(filters) = filter {
        return filters.iter().find_map(|filter| narrow(filter, resource_type));
    }
    match (filter.unique_lookup()?, resource_type) {
        (UniqueLookup::Id(id), _) => Some(Narrow::Id(id)),
        (UniqueLookup::ExternalId(id), _) => Some(Narrow::ExternalId(id)),
        (UniqueLookup::UserName(name), "User") => Some(Narrow::Unique("userName", fold(name))),
        (UniqueLookup::DisplayName(name), "Group") => Some(Narrow::Unique("displayName", fold(name))),
        _ => None,
    }
}

/// Resources that are looked at one by one for a filter without an index. An enterprise with more gets an error that says
/// so; a larger product gives its database columns for the library's `scim::filter::sql`.
const MOST_IN_MEMORY: i64 = 20_000;
