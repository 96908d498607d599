use serde_json::{Map, Value};

use super::state::{Record, State, Tenant};
use crate::{
    fold::fold,
    scim::{
        fetch::{Fetch, Fetched, Holder, ListQuery, Loaded, Origin, Page, Reference, Target},
        filter::{Filter, UniqueLookup},
        respond::representation,
        schema::{Found, ResourceType},
        service::ServiceConfig,
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
        let selected = self.query.select(self.candidates());
        let wanted = |found: &Found<'_>| self.query.load.includes(found);
        let stored = |record: &Record| self.tenant.stored(self.resource_type, record, &wanted);
        let resources = selected.rows.into_iter().map(stored).collect();
        Page { total: Some(selected.total), resources, next: selected.next }
    }

    /// Those of the type, in the order of their identifiers.
    fn candidates(&self) -> Vec<Row<'l>> {
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
        let id = |record: &Record| Map::from_iter([("id".to_owned(), Value::from(record.facts.id.as_str()))]);
        records.map(|record| (record, if is_plain { id(record) } else { self.whole(record) })).collect()
    }

    /// A resource as filter and order see it: members only where they are named.
    fn whole(&self, record: &Record) -> Map<String, Value> {
        let wanted = |found: &Found<'_>| match (found.extension, found.attribute.name.as_str()) {
            (None, name @ ("members" | "groups")) => self.query.looks_at(name),
            _ => true,
        };
        let stored = self.tenant.stored(self.resource_type, record, &wanted);
        representation(self.config, self.name, self.resource_type, &stored)
    }
}
