use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    apply::{member, members, take_members},
    references,
};
use crate::{
    crypto::Secret,
    scim::{
        change::MembersChange,
        error::Error,
        fetch::Stored,
        operation::{MembersGiven, Written, take_password},
        patch::{Base, MembershipDelta, PatchOps},
        projection::Projection,
        resource::{Reading, Resource, is_reference, same_value},
        schema::{Mutability, ResourceType},
        service::{Kind, ServedType, ServiceConfig},
        tenant::ResourceId,
    },
};

/// What a resource is to become.
#[derive(Debug)]
pub(super) struct After {
    /// Its attributes; of `members`, nothing counts here.
    pub(super) attributes: Resource,
    /// What an answer shows it as.
    pub(super) shown: Resource,
    /// What changes of its members.
    pub(super) members: Option<MembersChange>,
    pub(super) password: Option<Secret>,
    /// Whether the change of members was worked out from those that were loaded.
    pub(super) from_loaded: bool,
}

/// What a PUT makes of a resource (RFC 7644 §3.5.1).
pub(super) fn replaced(
    written: &Written<'_>,
    given: MembersGiven,
    stored: &Stored,
    known: &BTreeMap<ResourceId, String>,
    config: &ServiceConfig,
    reading: &mut Reading<'_>,
) -> Result<After, Error> {
    let served = written.served;
    let resource_type: &ResourceType = &served.resource_type;
    let before = &stored.resource;
    let mut after = Resource::new();
    for found in resource_type.attributes() {
        let (old, new) = (before.value(&found), written.resource.value(&found));
        let name = found.attribute.name.as_str();
        let own = found.extension.is_none();
        let value = match found.attribute.mutability {
            Mutability::ReadOnly => old,
            // RFC 7643 §7: the same value may be given again.
            Mutability::Immutable => match (old, new) {
                (Some(old), Some(new)) if !same_value(found.attribute, old, new) => {
                    let mutability = Mutability::Immutable.as_str();
                    return Err(Error::Mutability { attribute: found.path(), mutability });
                }
                (old, new) => old.or(new),
            },
            // A client cannot give back what it cannot read.
            Mutability::WriteOnly => new.or(old),
            Mutability::ReadWrite if own && name == "members" && given == MembersGiven::Kept => old,
            // A PUT that is silent on it neither locks nor unlocks an account.
            Mutability::ReadWrite if own && name == "active" && served.kind == Kind::User => new.or(old),
            Mutability::ReadWrite => new,
        };
        after.set(&found, value.cloned());
    }
    keep_service_parts(resource_type, before, &mut after);
    check(resource_type, before, &mut after, known, config, reading)?;
    let mut attributes = after.clone();
    let members = match (served.kind, given) {
        (Kind::Group, MembersGiven::These) => {
            let values = take_members(served, &mut attributes).unwrap_or_default();
            let add = values.iter().filter_map(member).collect();
            Some(MembersChange { base: Base::Empty, add, remove: Vec::new() })
        }
        _ => None,
    };
    let password = written.password.clone();
    Ok(After { attributes, shown: after, members, password, from_loaded: false })
}

/// A PATCH and the resource that it is for.
pub(super) struct Patched<'p, 'c> {
    pub(super) served: &'c ServedType,
    pub(super) ops: &'p PatchOps<'c>,
    pub(super) projection: Option<&'p Projection>,
    pub(super) stored: &'p Stored,
}

impl Patched<'_, '_> {
    /// What the operations make of the resource; or which references must be looked at before.
    pub(super) fn after(
        &self,
        asked: &BTreeSet<ResourceId>,
        known: &BTreeMap<ResourceId, String>,
        config: &ServiceConfig,
        reading: &mut Reading<'_>,
    ) -> Result<Result<After, BTreeSet<ResourceId>>, Error> {
        if let Some(delta) = self.ops.membership_delta() {
            return self.by_delta(delta, known, config, reading).map(Ok);
        }
        let resource_type: &ResourceType = &self.served.resource_type;
        let before = &self.stored.resource;
        let mut after = self.ops.apply(before, reading)?;
        let present = references::all(resource_type, before);
        let new: BTreeSet<ResourceId> = references::all(resource_type, &after)
            .into_iter()
            .filter(|id| !present.contains(id) && !asked.contains(id))
            .collect();
        if !new.is_empty() {
            return Ok(Err(new));
        }
        let password = take_password(self.served, &mut after);
        drop_stale_parts(resource_type, before, &mut after);
        check(resource_type, before, &mut after, known, config, reading)?;
        let members = self.difference(&after);
        let from_loaded = members.is_some();
        Ok(Ok(After { attributes: after.clone(), shown: after, members, password, from_loaded }))
    }

    /// The members are not loaded: what changes is said of the stored set.
    fn by_delta(
        &self,
        delta: MembershipDelta,
        known: &BTreeMap<ResourceId, String>,
        config: &ServiceConfig,
        reading: &mut Reading<'_>,
    ) -> Result<After, Error> {
        let resource_type: &ResourceType = &self.served.resource_type;
        let limit = reading.limits().members;
        if delta.add.len().saturating_add(delta.remove.len()) > limit {
            return Err(Error::TooLarge { what: "members", limit });
        }
        let members = resource_type.own("members");
        let mut named = Resource::new();
        if let Some(members) = &members {
            named.set(members, Some(delta.add.into_values().collect()));
        }
        check(resource_type, &Resource::new(), &mut named, known, config, reading)?;
        let add: Vec<_> = take_members(self.served, &mut named).iter().flatten().filter_map(member).collect();
        let remove: Vec<_> = delta.remove.into_iter().map(ResourceId::from).collect();
        let mut attributes = self.stored.resource.clone();
        let external_id = delta.external_id.map(|id| ("externalId", id));
        for (name, text) in
            delta.rename.map(|name| ("displayName", Some(name))).into_iter().chain(external_id)
        {
            if let Some(found) = resource_type.own(name) {
                attributes.set(&found, text.map(Value::String));
            }
        }
        let shows_members =
            members.is_some_and(|found| self.projection.is_some_and(|shown| shown.includes(&found)));
        let shown = if shows_members {
            let before = &self.stored.resource;
            let mut shown = self.ops.apply(before, reading)?;
            check(resource_type, before, &mut shown, known, config, reading)?;
            shown
        } else {
            attributes.clone()
        };
        let says_nothing = delta.base == Base::Current && add.is_empty() && remove.is_empty();
        let members = (!says_nothing).then_some(MembersChange { base: delta.base, add, remove });
        Ok(After { attributes, shown, members, password: None, from_loaded: false })
    }

    fn difference(&self, after: &Resource) -> Option<MembersChange> {
        let (before, after) = (members(self.served, &self.stored.resource), members(self.served, after));
        let ids = |values: &[Value]| -> BTreeSet<ResourceId> {
            values.iter().filter_map(member).map(|member| member.id).collect()
        };
        let (were, are) = (ids(before), ids(after));
        let add: Vec<_> = after.iter().filter_map(member).filter(|one| !were.contains(&one.id)).collect();
        let remove: Vec<_> = were.difference(&are).cloned().collect();
        (!add.is_empty() || !remove.is_empty()).then_some(MembersChange { base: Base::Current, add, remove })
    }
}

fn check(
    resource_type: &ResourceType,
    before: &Resource,
    after: &mut Resource,
    known: &BTreeMap<ResourceId, String>,
    config: &ServiceConfig,
    reading: &mut Reading<'_>,
) -> Result<(), Error> {
    let present = references::all(resource_type, before);
    references::check(resource_type, after, known, &present, config.unknown_members, reading)
}

/// Parts that only the service sets stay as long as the value is the same.
fn keep_service_parts(resource_type: &ResourceType, before: &Resource, after: &mut Resource) {
    for found in resource_type.attributes().filter(|found| found.attribute.is_complex()) {
        let (Some(Value::Object(old)), Some(Value::Object(new))) =
            (before.value(&found), after.value(&found))
        else {
            continue;
        };
        if old.get("value") != new.get("value") {
            continue;
        }
        let mut parts = new.clone();
        for part in &found.attribute.sub_attributes {
            if let (Mutability::ReadOnly, Some(old)) = (part.mutability, old.get(&part.name)) {
                parts.insert(part.name.clone(), old.clone());
            }
        }
        after.set(&found, Some(Value::Object(parts)));
    }
}

/// What the service had said of another value: the name of a former manager.
fn drop_stale_parts(resource_type: &ResourceType, before: &Resource, after: &mut Resource) {
    for found in resource_type.attributes().filter(|found| is_reference(found.attribute)) {
        let (Some(Value::Object(old)), Some(Value::Object(new))) =
            (before.value(&found), after.value(&found))
        else {
            continue;
        };
        if old.get("value") == new.get("value") {
            continue;
        }
        let mut parts = new.clone();
        for part in &found.attribute.sub_attributes {
            if part.mutability == Mutability::ReadOnly {
                parts.remove(&part.name);
            }
        }
        after.set(&found, Some(Value::Object(parts)));
    }
}
