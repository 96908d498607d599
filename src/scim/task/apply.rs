use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Next, Task,
    pending::Pending,
    references,
    update::{self, After},
};
use crate::{
    fold,
    scim::{
        change::{Action, Change, Member, MembersChange, UniqueClaim, UniqueScope},
        effect::Effect,
        error::Error,
        fetch::{Holder, Loaded, Origin, Stored},
        machine::Removals,
        operation::{Op, Written},
        patch::Base,
        resource::Resource,
        respond::{Answer, shown},
        schema::{ResourceType, Uniqueness},
        service::{Kind, ServedType},
        tenant::ResourceId,
    },
};

impl<'c> Task<'c> {
    /// From what was loaded to an answer or a change.
    pub(super) fn apply(&mut self) -> Result<Next<'c>, Error> {
        if let Op::Create(written) = &self.op {
            let holder = match &self.loaded {
                Loaded::Holder(holder) => holder.clone(),
                Loaded::Nothing if written.served.kind != Kind::User => None,
                _ => return Err(Error::Host),
            };
            return self.create(holder);
        }
        let stored = match &self.loaded {
            Loaded::One(Some(stored)) => stored.clone(),
            Loaded::One(None) => return Err(Error::NotFound),
            _ => return Err(Error::Host),
        };
        match &self.op {
            Op::Get { .. } => self.get(stored),
            Op::Delete { served, .. } => self.delete(served, &stored),
            Op::Replace { .. } | Op::Patch { .. } => self.update(stored),
            Op::Answered(_) | Op::List(_) | Op::Create(_) => Err(Error::Host),
        }
    }

    fn get(&self, stored: Stored) -> Result<Next<'c>, Error> {
        let Op::Get { served, projection, .. } = &self.op else { return Err(Error::Host) };
        self.conditions.check_match(&stored.facts.version)?;
        if self.conditions.is_unmodified(&stored.facts.version) {
            return Ok(Next::Answer(Answer::empty(304).with_version(&stored.facts.version)));
        }
        let resource_type = &served.resource_type;
        let location = self.config.location(&self.tenant, resource_type, &stored.facts.id);
        let body =
            shown(self.config, &self.tenant, resource_type, &stored.facts, stored.resource, projection);
        Ok(Next::Answer(Answer::of_resource(200, &stored.facts, location, body)))
    }

    fn create(&mut self, holder: Option<Holder>) -> Result<Next<'c>, Error> {
        let Op::Create(written) = &self.op else { return Err(Error::Host) };
        let Written { served, resource, password, projection } = written;
        let served: &'c ServedType = served;
        let resource_type: &'c ResourceType = &served.resource_type;
        let mut resource = resource.clone();
        if served.kind == Kind::User
            && let Some(active) = resource_type.own("active")
            && resource.value(&active).is_none()
        {
            resource.set(&active, Some(Value::Bool(true)));
        }
        references::check(
            resource_type,
            &mut resource,
            &self.known,
            &BTreeSet::new(),
            self.config.unknown_members,
            &mut self.reading,
        )?;
        let mut effects = Vec::new();
        let (id, adopted) = match holder {
            None => (self.new_id.clone().ok_or(Error::Host)?, None),
            Some(holder) if holder.origin == Origin::SignIn => {
                effects.push(Effect::Adopted { user: holder.id.clone() });
                let is_active = is_active(&resource);
                if holder.protected && holder.active && !is_active {
                    return Err(Error::Protected);
                }
                effects.extend(turned(&holder.id, holder.active, is_active));
                (holder.id.clone(), Some(holder))
            }
            // Nobody else's account is ever taken over.
            Some(_) => return Err(Error::Uniqueness { attribute: "userName".to_owned() }),
        };
        if let Some(password) = password {
            effects.push(Effect::PasswordSet { user: id.clone(), password: password.clone() });
        }
        let pending =
            Pending::new_resource(served, &id, adopted.as_ref(), resource.clone(), projection.clone());
        let unique = claims(resource_type, &resource);
        let references = self.checked(resource_type, &resource);
        let members = take_members(served, &mut resource);
        let members = members.map(|values| MembersChange {
            base: Base::Empty,
            add: values.iter().filter_map(member).collect(),
            remove: Vec::new(),
        });
        let action = match adopted {
            Some(_) => Action::Adopt { after: resource },
            None => Action::Create { after: resource, members },
        };
        let change = Change { unique, references, effects, ..self.change(served, id, action) };
        Ok(Next::Commit(Box::new(change), Box::new(pending)))
    }

    fn delete(&self, served: &'c ServedType, stored: &Stored) -> Result<Next<'c>, Error> {
        self.conditions.check_change(&stored.facts.version)?;
        if stored.protected {
            return Err(Error::Protected);
        }
        let id = stored.facts.id.clone();
        let effects =
            vec![Effect::Deleted { resource_type: served.resource_type.name.clone(), id: id.clone() }];
        let expected = self.conditions.names_version().then(|| stored.facts.version.clone());
        let pending = Pending::deleted(served, &id);
        let change = Change { effects, expected, ..self.change(served, id, Action::Delete) };
        Ok(Next::Commit(Box::new(change), Box::new(pending)))
    }

    fn update(&mut self, stored: Stored) -> Result<Next<'c>, Error> {
        self.conditions.check_change(&stored.facts.version)?;
        let after = match &self.op {
            Op::Replace { written, members, .. } => {
                update::replaced(written, *members, &stored, &self.known, self.config, &mut self.reading)?
            }
            Op::Patch { served, ops, projection, .. } => {
                let patched =
                    update::Patched { served, ops, projection: projection.as_ref(), stored: &stored };
                let asked = &self.asked;
                match patched.after(asked, &self.known, self.config, &mut self.reading)? {
                    Ok(after) => after,
                    Err(references) => return Ok(Next::Ask(references)),
                }
            }
            _ => return Err(Error::Host),
        };
        let (served, projection): (&'c ServedType, _) = match &self.op {
            Op::Replace { written, .. } => (written.served, Some(written.projection.clone())),
            Op::Patch { served, projection, .. } => (served, projection.clone()),
            _ => return Err(Error::Host),
        };
        self.changed(served, stored, after, projection)
    }

    /// What to commit, if anything has changed at all.
    fn changed(
        &self,
        served: &'c ServedType,
        stored: Stored,
        after: After,
        projection: Option<crate::scim::projection::Projection>,
    ) -> Result<Next<'c>, Error> {
        let After { mut attributes, shown, members, password, from_loaded } = after;
        let resource_type: &ResourceType = &served.resource_type;
        let id = stored.facts.id.clone();
        let mut before = stored.resource;
        let mut effects = Vec::new();
        if served.kind == Kind::User {
            let (was_active, is_active) = (is_active(&before), is_active(&attributes));
            if stored.protected && was_active && !is_active {
                return Err(Error::Protected);
            }
            effects.extend(turned(&id, was_active, is_active));
        }
        effects.extend(renamed(served, &id, &before, &attributes));
        let sets_password = password.is_some();
        if let Some(password) = password {
            effects.push(Effect::PasswordSet { user: id.clone(), password });
        }
        let unique = claims(resource_type, &attributes);
        let mut references: BTreeSet<_> = self.checked(resource_type, &attributes).into_iter().collect();
        references.extend(members.iter().flat_map(|members| &members.add).map(|member| member.id.clone()));
        references.retain(|id| self.known.contains_key(id));
        // What is related, and not stored with the resource.
        for resource in [&mut before, &mut attributes] {
            let _members = take_members(served, resource);
            if let Some(groups) = resource_type.own("groups").filter(|_| served.kind == Kind::User) {
                resource.set(&groups, None);
            }
        }
        let differs = before != attributes;
        let pending = Pending::changed(served, stored.facts, shown, projection);
        if !differs && members.is_none() && !sets_password {
            return Ok(Next::Answer(pending.unchanged(self.config, &self.tenant)));
        }
        let version = pending.version();
        let expected = version.filter(|_| differs || from_loaded || self.conditions.names_version());
        let action = Action::Update { after: differs.then_some(attributes), members };
        let references = references.into_iter().collect();
        let change = Change { unique, references, effects, expected, ..self.change(served, id, action) };
        Ok(Next::Commit(Box::new(change), Box::new(pending)))
    }

    fn change(&self, served: &ServedType, id: ResourceId, action: Action) -> Change {
        let limited = served.kind == Kind::Group && self.removals == Removals::Limited;
        Change {
            tenant: self.tenant.clone(),
            resource_type: served.resource_type.name.clone(),
            id,
            action,
            at: self.now,
            expected: None,
            unique: Vec::new(),
            references: Vec::new(),
            removal_limit: self.config.removal_limit.filter(|_| limited),
            effects: Vec::new(),
        }
    }

    /// The references that were checked for this change.
    fn checked(&self, resource_type: &ResourceType, resource: &Resource) -> Vec<ResourceId> {
        references::all(resource_type, resource)
            .into_iter()
            .filter(|id| self.known.contains_key(id))
            .collect()
    }
}

/// Takes out a group's members, which are stored as relations.
pub(super) fn take_members(served: &ServedType, resource: &mut Resource) -> Option<Vec<Value>> {
    if served.kind != Kind::Group {
        return None;
    }
    match resource.take(&served.resource_type.own("members")?) {
        Some(Value::Array(members)) => Some(members),
        _ => None,
    }
}

/// A group's members, where they were loaded.
pub(super) fn members<'r>(served: &ServedType, resource: &'r Resource) -> &'r [Value] {
    let found = served.resource_type.own("members").filter(|_| served.kind == Kind::Group);
    match found.and_then(|found| resource.value(&found)) {
        Some(Value::Array(members)) => members,
        _ => &[],
    }
}

pub(super) fn member(value: &Value) -> Option<Member> {
    let text = |part: &str| value.get(part).and_then(Value::as_str);
    Some(Member {
        id: ResourceId::from(text("value")?),
        resource_type: text("type").unwrap_or("User").to_owned(),
        display: text("display").map(str::to_owned),
    })
}

/// A user without a word on it may sign in.
fn is_active(resource: &Resource) -> bool {
    resource.attributes().get("active") != Some(&Value::Bool(false))
}

fn turned(user: &ResourceId, was_active: bool, is_active: bool) -> Option<Effect> {
    match (was_active, is_active) {
        (false, true) => Some(Effect::Activated { user: user.clone() }),
        (true, false) => Some(Effect::Deactivated { user: user.clone() }),
        _ => None,
    }
}

fn renamed(served: &ServedType, id: &ResourceId, before: &Resource, after: &Resource) -> Option<Effect> {
    let name = match served.kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
        Kind::Other => return None,
    };
    let (from, to) = (before.text(name)?, after.text(name)?);
    (from != to).then(|| Effect::Renamed {
        resource_type: served.resource_type.name.clone(),
        id: id.clone(),
        from: from.to_owned(),
        to: to.to_owned(),
    })
}

/// Every value that no other resource may have.
fn claims(resource_type: &ResourceType, resource: &Resource) -> Vec<UniqueClaim> {
    let mut claims = Vec::new();
    for found in resource_type.attributes() {
        let Some(value) = resource.value(&found) else { continue };
        let values = match value {
            Value::Array(values) => values.as_slice(),
            value => std::slice::from_ref(value),
        };
        let whole = std::iter::once((found.attribute, None));
        let parts = found.attribute.sub_attributes.iter().map(|part| (part, Some(part.name.as_str())));
        for (attribute, part) in whole.chain(parts) {
            let scope = match attribute.uniqueness {
                Uniqueness::None => continue,
                Uniqueness::Server => UniqueScope::Tenant,
                Uniqueness::Global => UniqueScope::Everywhere,
            };
            let path = match part {
                None => found.path(),
                Some(part) => format!("{}.{part}", found.path()),
            };
            let texts = values.iter().filter_map(|value| match part {
                None => Some(value),
                Some(part) => value.get(part),
            });
            claims.extend(
                texts.filter_map(|value| text_of(value, attribute.case_exact)).map(|value| UniqueClaim {
                    attribute: path.clone(),
                    value,
                    scope,
                }),
            );
        }
    }
    claims
}

fn text_of(value: &Value, case_exact: bool) -> Option<String> {
    match value {
        Value::String(text) if case_exact => Some(text.clone()),
        Value::String(text) => Some(fold::fold(text)),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
