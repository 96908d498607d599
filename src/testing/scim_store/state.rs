use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::Account;
use crate::{
    crypto::Secret,
    fold::fold,
    id::Revision,
    scim::{
        access::{Access, Scopes},
        change::{UniqueClaim, UniqueScope},
        fetch::{Facts, Origin, Stored},
        resource::Resource,
        schema::{Found, ResourceType},
        service::ServiceConfig,
        tenant::{ResourceId, TenantId},
        token::{Bearer, TokenError, TokenRecord, authenticate},
    },
    time::Timestamp,
};

/// All that is stored.
#[derive(Debug, Default)]
pub(super) struct State {
    tenants: BTreeMap<TenantId, Tenant>,
    /// Values that are unique among all tenants.
    pub(super) unique_everywhere: BTreeMap<Unique, (TenantId, ResourceId)>,
    last_id: u64,
    last_version: u64,
}

/// What is stored of one connection.
#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) tokens: Vec<TokenRecord>,
    pub(super) chosen_tokens: Vec<Secret>,
    pub(super) me: Option<ResourceId>,
    pub(super) records: BTreeMap<ResourceId, Record>,
    pub(super) unique: BTreeMap<Unique, ResourceId>,
    /// Which groups a user or group is a member of.
    pub(super) groups_of: BTreeMap<ResourceId, BTreeSet<ResourceId>>,
}

/// Type, attribute and value, folded where case does not count.
pub(super) type Unique = (String, String, String);

/// A resource, with its members apart.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) resource_type: String,
    pub(super) origin: Origin,
    pub(super) protected: bool,
    pub(super) facts: Facts,
    pub(super) resource: Resource,
    pub(super) members: BTreeMap<ResourceId, MemberRecord>,
    pub(super) unique: Vec<UniqueClaim>,
}

/// What is stored of a membership besides the two that it joins.
#[derive(Debug)]
pub(super) struct MemberRecord {
    pub(super) resource_type: String,
    pub(super) display: Option<String>,
}

impl State {
    pub(super) fn tenant(&self, tenant: &TenantId) -> Option<&Tenant> {
        self.tenants.get(tenant)
    }

    pub(super) fn tenant_mut(&mut self, tenant: &TenantId) -> &mut Tenant {
        self.tenants.entry(tenant.clone()).or_default()
    }

    /// A new identifier. They grow, so a list by identifier is in the order in which resources were made.
    pub(super) fn new_id(&mut self) -> ResourceId {
        self.last_id += 1;
        ResourceId::from(format!("00000000-0000-4000-8000-{:012x}", self.last_id))
    }

    pub(super) fn new_version(&mut self) -> Revision {
        self.last_version += 1;
        Revision::from(self.last_version.to_string())
    }

    pub(super) fn add_account(
        &mut self,
        config: &ServiceConfig,
        tenant: &TenantId,
        account: &Account<'_>,
        now: Timestamp,
    ) -> ResourceId {
        let id = self.new_id();
        let version = self.new_version();
        let facts = Facts { id: id.clone(), created: now, last_modified: now, version };
        let mut resource = Resource::new();
        if let Some(users) = config.resource_type("User") {
            for (name, value) in [("userName", Value::from(account.user_name)), ("active", Value::Bool(true))]
            {
                if let Some(found) = users.own(name) {
                    resource.set(&found, Some(value));
                }
            }
        }
        let claim = UniqueClaim {
            attribute: "userName".to_owned(),
            value: fold(account.user_name),
            scope: UniqueScope::Tenant,
        };
        let tenant = self.tenant_mut(tenant);
        tenant.unique.insert(unique("User", &claim), id.clone());
        let record = Record {
            resource_type: "User".to_owned(),
            origin: account.origin,
            protected: false,
            facts,
            resource,
            members: BTreeMap::new(),
            unique: vec![claim],
        };
        tenant.records.insert(id.clone(), record);
        id
    }

    pub(super) fn access(&mut self, bearer: &Bearer, now: Timestamp) -> Result<Access, TokenError> {
        let mut refused = TokenError::Wrong;
        for (name, tenant) in &mut self.tenants {
            let access = if tenant.chosen_tokens.iter().any(|token| bearer.is(token)) {
                Access::new(name.clone(), Scopes::all())
            } else {
                match authenticate(bearer, &tenant.tokens, name.clone(), now) {
                    Ok(valid) => {
                        let used = tenant.tokens.iter_mut().find(|token| token.id == valid.id);
                        let _stored_already = used.is_some_and(|token| token.used(now));
                        valid.access
                    }
                    Err(TokenError::Wrong) => continue,
                    Err(error) => {
                        refused = error;
                        continue;
                    }
                }
            };
            return Ok(match &tenant.me {
                Some(me) => access.with_me(me.clone()),
                None => access,
            });
        }
        Err(refused)
    }
}

impl Tenant {
    /// Those that provisioning sees, of one type, in the order of their identifiers.
    pub(super) fn provisioned<'t>(&'t self, resource_type: &'t str) -> impl Iterator<Item = &'t Record> {
        self.records.values().filter(move |record| record.is_provisioned(resource_type))
    }

    /// A resource with the attributes that are wanted.
    pub(super) fn stored(
        &self,
        resource_type: &ResourceType,
        record: &Record,
        wanted: &dyn Fn(&Found<'_>) -> bool,
    ) -> Stored {
        let mut resource = record.resource.clone();
        for found in resource_type.attributes() {
            let value = match (found.extension, found.attribute.name.as_str()) {
                _ if !wanted(&found) => None,
                (None, "members") => Some(record.members_value()),
                (None, "groups") => Some(self.groups_value(&record.facts.id)),
                _ => continue,
            };
            resource.set(&found, value);
        }
        Stored { facts: record.facts.clone(), resource, protected: record.protected }
    }

    fn groups_value(&self, member: &ResourceId) -> Value {
        let groups = self.groups_of.get(member).into_iter().flatten();
        groups
            .map(|id| {
                let name = self.records.get(id).and_then(|group| group.resource.text("displayName"));
                let mut value = Map::from_iter([
                    ("value".to_owned(), Value::from(id.as_str())),
                    ("type".to_owned(), Value::from("direct")),
                ]);
                value.extend(name.map(|name| ("display".to_owned(), Value::from(name))));
                Value::Object(value)
            })
            .collect()
    }
}

impl Record {
    pub(super) fn is_provisioned(&self, resource_type: &str) -> bool {
        self.origin == Origin::Provisioned && self.resource_type == resource_type
    }

    fn members_value(&self) -> Value {
        let members = self.members.iter().map(|(id, member)| {
            let mut value = json!({ "value": id.as_str(), "type": member.resource_type });
            if let (Some(display), Some(parts)) = (&member.display, value.as_object_mut()) {
                parts.insert("display".to_owned(), Value::from(display.as_str()));
            }
            value
        });
        members.collect()
    }
}

pub(super) fn unique(resource_type: &str, claim: &UniqueClaim) -> Unique {
    (resource_type.to_owned(), claim.attribute.clone(), claim.value.clone())
}
