use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::state::{Record, State, Tenant};
use crate::{
    fold::fold,
    scim::{
        fetch::{Fetch, Fetched, Holder, ListQuery, Loaded, Origin, Page, Reference, Target},
        filter::{Filter, UniqueLookup},
        page::{PageRequest, Position},
        respond::representation,
        schema::{Found, ResourceType},
        service::ServiceConfig,
        sort::Sort,
        tenant::{ResourceId, TenantId},
    },
};

impl State {
    /// What an operation needs to know, all of it at one moment.
    pub(super) fn load(&mut self, config: &ServiceConfig, fetch: &Fetch) -> Fetched {
        let new_ids = (0..fetch.new_ids).map(|_| self.new_id()).collect();
        let nobody = Tenant::default();
        let tenant = self.tenant(&fetch.tenant).unwrap_or(&nobody);
        let target = match &fetch.target {
            Target::Nothing => Loaded::Nothing,
            Target::One { resource_type, id, load } => {
                let record = tenant.records.get(id).filter(|one| one.is_provisioned(resource_type));
                match (record, config.resource_type(resource_type)) {
                    (Some(record), Some(resource_type)) => {
                        let stored = tenant.stored(resource_type, record, &|found| load.includes(found));
                        Loaded::One(Some(stored))
                    }
                    _ => Loaded::One(None),
                }
            }
            Target::UserName { folded } => Loaded::Holder(tenant.holder(folded)),
            Target::List(query) => match config.resource_type(&query.resource_type) {
                Some(resource_type) => {
                    Loaded::Page(Listing { config, name: &fetch.tenant, tenant, resource_type, query }.page())
                }
                None => Loaded::Failed,
            },
        };
        let references = fetch.references.iter().filter_map(|id| tenant.reference(id)).collect();
        Fetched { target, references, new_ids }
    }
}

impl Tenant {
    /// A user or group, as far as provisioning sees it.
    pub(super) fn reference(&self, id: &ResourceId) -> Option<Reference> {
        let record = self.records.get(id).filter(|record| record.origin == Origin::Provisioned)?;
        Some(Reference { id: id.clone(), resource_type: record.resource_type.clone() })
    }

    fn holder(&self, folded: &str) -> Option<Holder> {
        let key = ("User".to_owned(), "userName".to_owned(), folded.to_owned());
        let record = self.records.get(self.unique.get(&key)?)?;
        Some(Holder {
            id: record.facts.id.clone(),
            origin: record.origin,
            created: record.facts.created,
            active: record.resource.attributes().get("active") != Some(&Value::Bool(false)),
            protected: record.protected,
        })
    }
}

/// One list of one tenant.
struct Listing<'l> {
    config: &'l ServiceConfig,
    name: &'l TenantId,
    tenant: &'l Tenant,
    resource_type: &'l ResourceType,
    query: &'l ListQuery,
}

/// A resource of a list, with what it is sorted by.
type Row<'l> = (&'l Record, Map<String, Value>);

impl<'l> Listing<'l> {
    fn page(&self) -> Page {
        let mut rows = self.matching();
        if let Some(sort) = &self.query.sort {
            rows.sort_by(|(_, one), (_, other)| sort.compare(one, other));
        }
        let total = rows.len();
        let (start, count) = match &self.query.page {
            PageRequest::Index { start_index, count } => (start_index.saturating_sub(1), *count),
            PageRequest::Cursor { after: None, count } => (0, *count),
            PageRequest::Cursor { after: Some(position), count } => {
                (rows.partition_point(|row| self.compare(row, position).is_le()), *count)
            }
        };
        let part: Vec<_> = rows.iter().skip(start).take(count).collect();
        let more = start.saturating_add(count) < total;
        let next = part.last().filter(|_| more && matches!(self.query.page, PageRequest::Cursor { .. }));
        let next = next.map(|row| self.position(row));
        let resources = part
            .iter()
            .map(|(record, _)| {
                let wanted = |found: &Found<'_>| self.query.load.includes(found);
                self.tenant.stored(self.resource_type, record, &wanted)
            })
            .collect();
        Page { total: Some(total), resources, next }
    }

    /// The resources that are meant, in the order of their identifiers.
    fn matching(&self) -> Vec<Row<'l>> {
        let filter = self.query.filter.as_ref();
        let needs_whole = |record: &'l Record| match filter.and_then(Filter::unique_lookup) {
            // By an index, where there is one; a look-up of one row is what a host should make of these.
            Some(UniqueLookup::Id(id)) => record.facts.id.as_str() == id,
            Some(UniqueLookup::UserName(name)) => {
                record.resource.text("userName").is_some_and(|own| fold(own) == fold(name))
            }
            _ => true,
        };
        let is_plain = filter.is_none() && self.query.sort.is_none();
        let records = self.tenant.provisioned(&self.resource_type.name).filter(|one| needs_whole(one));
        let rows = records.map(|record| (record, if is_plain { Map::new() } else { self.whole(record) }));
        rows.filter(|(_, whole)| filter.is_none_or(|filter| filter.matches(whole))).collect()
    }

    /// A resource as filter and order see it: members only where they are named.
    fn whole(&self, record: &Record) -> Map<String, Value> {
        let names = |name: &str| {
            self.query.filter.as_ref().is_some_and(|filter| names(filter, name))
                || self.query.sort.as_ref().is_some_and(|sort| sort.by.attribute == name)
        };
        let wanted = |found: &Found<'_>| match (found.extension, found.attribute.name.as_str()) {
            (None, name @ ("members" | "groups")) => names(name),
            _ => true,
        };
        let stored = self.tenant.stored(self.resource_type, record, &wanted);
        representation(self.config, self.name, self.resource_type, &stored)
    }

    /// The place of a row: its identifier, and the attribute that the list is sorted by as JSON.
    fn position(&self, (record, whole): &Row<'_>) -> Position {
        let sort_key = self.query.sort.as_ref().map(|sort| {
            let key: Map<String, Value> = sort_keys(sort, whole).collect();
            Value::Object(key).to_string()
        });
        Position { sort_key, id: record.facts.id.as_str().to_owned() }
    }

    fn compare(&self, (record, whole): &Row<'_>, position: &Position) -> Ordering {
        match &self.query.sort {
            None => record.facts.id.as_str().cmp(&position.id),
            Some(sort) => {
                let key = position.sort_key.as_deref().and_then(|key| serde_json::from_str(key).ok());
                let mut key: Map<String, Value> = key.unwrap_or_default();
                key.insert("id".to_owned(), Value::from(position.id.as_str()));
                sort.compare(whole, &key)
            }
        }
    }
}

fn sort_keys<'w>(sort: &Sort, whole: &'w Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    let name = sort.by.extension.as_ref().unwrap_or(&sort.by.attribute).clone();
    let value: Option<&'w Value> = whole.get(&name);
    value.cloned().map(|value| (name, value)).into_iter()
}

/// Whether a filter looks at this attribute of the type's own schema.
fn names(filter: &Filter, name: &str) -> bool {
    match filter {
        Filter::And(filters) | Filter::Or(filters) => filters.iter().any(|filter| names(filter, name)),
        Filter::Not(filter) => names(filter, name),
        Filter::Test(operand, _) => operand.extension.is_none() && operand.attribute == name,
        Filter::Values { attribute, .. } => attribute.extension.is_none() && attribute.attribute == name,
    }
}
