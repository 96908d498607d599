use super::references;
use crate::{
    id::Revision,
    scim::{
        fetch::{Facts, Holder},
        projection::Projection,
        resource::Resource,
        respond::{Answer, shown},
        service::{ServedType, ServiceConfig},
        tenant::{ResourceId, TenantId},
    },
    time::Timestamp,
};

/// What is answered once a change is committed.
#[derive(Debug)]
pub(super) struct Pending<'c> {
    served: &'c ServedType,
    id: ResourceId,
    before: Before,
    resource: Resource,
    /// What of the resource is shown; `None` for an answer without body.
    projection: Option<Projection>,
}

#[derive(Debug)]
enum Before {
    /// It is new to the client; an adopted account has been made before.
    New {
        created: Option<Timestamp>,
    },
    Stored(Facts),
    Deleted,
}

impl<'c> Pending<'c> {
    pub(super) fn new_resource(
        served: &'c ServedType,
        id: &ResourceId,
        adopted: Option<&Holder>,
        resource: Resource,
        projection: Projection,
    ) -> Self {
        let before = Before::New { created: adopted.map(|holder| holder.created) };
        Self { served, id: id.clone(), before, resource, projection: Some(projection) }
    }

    pub(super) fn changed(
        served: &'c ServedType,
        facts: Facts,
        resource: Resource,
        projection: Option<Projection>,
    ) -> Self {
        Self { served, id: facts.id.clone(), before: Before::Stored(facts), resource, projection }
    }

    pub(super) fn deleted(served: &'c ServedType, id: &ResourceId) -> Self {
        Self { served, id: id.clone(), before: Before::Deleted, resource: Resource::new(), projection: None }
    }

    pub(super) fn is_new(&self) -> bool {
        matches!(self.before, Before::New { .. })
    }

    /// The version that was loaded.
    pub(super) fn version(&self) -> Option<Revision> {
        match &self.before {
            Before::Stored(facts) => Some(facts.version.clone()),
            Before::New { .. } | Before::Deleted => None,
        }
    }

    /// The attribute by which the resource points to another.
    pub(super) fn reference_path(&self, id: &ResourceId) -> String {
        references::path_to(&self.served.resource_type, &self.resource, id)
            .unwrap_or_else(|| "members".to_owned())
    }

    /// The answer when there was nothing to change.
    pub(super) fn unchanged(self, config: &ServiceConfig, tenant: &TenantId) -> Answer {
        match self.before {
            Before::Stored(ref facts) => {
                let facts = facts.clone();
                self.shown(config, tenant, 200, &facts)
            }
            Before::New { .. } | Before::Deleted => Answer::empty(204),
        }
    }

    /// The answer to a change that is committed.
    pub(super) fn answer(
        self,
        config: &ServiceConfig,
        tenant: &TenantId,
        now: Timestamp,
        version: Revision,
    ) -> Answer {
        let id = self.id.clone();
        let (status, facts) = match &self.before {
            Before::Deleted => return Answer::empty(204),
            Before::New { created } => {
                (201, Facts { id, created: created.unwrap_or(now), last_modified: now, version })
            }
            // The host has found that nothing is different.
            Before::Stored(facts) if facts.version == version => (200, facts.clone()),
            Before::Stored(facts) => (200, Facts { id, created: facts.created, last_modified: now, version }),
        };
        self.shown(config, tenant, status, &facts)
    }

    fn shown(self, config: &ServiceConfig, tenant: &TenantId, status: u16, facts: &Facts) -> Answer {
        let resource_type = &self.served.resource_type;
        let location = config.location(tenant, resource_type, &facts.id);
        match self.projection {
            Some(projection) => {
                let body = shown(config, tenant, resource_type, facts, self.resource, &projection);
                Answer::of_resource(status, facts, location, body)
            }
            None => Answer { location: Some(location), ..Answer::empty(204).with_version(&facts.version) },
        }
    }
}
