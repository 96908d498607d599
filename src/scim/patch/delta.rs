use std::collections::BTreeMap;

use serde_json::Value;

use super::{Change, PatchOps, Target};
use crate::scim::{
    filter::{Filter, Literal, Operator, Test},
    schema::GROUP,
};

/// What a PATCH does to a group, said without the group: its cost does not grow with the number of members.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct MembershipDelta {
    /// What it begins with.
    pub base: Base,
    /// Members to add where they are not there, by identifier, each with what else was sent about it.
    pub add: BTreeMap<String, Value>,
    /// Members to remove where they are there.
    pub remove: Vec<String>,
    /// The new name.
    pub rename: Option<String>,
    /// The client's new identifier; `Some(None)` takes it out.
    pub external_id: Option<Option<String>>,
}

/// What a delta begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    /// The members that there are.
    Current,
    /// No members: the list is replaced.
    Empty,
}

impl PatchOps<'_> {
    /// The delta, where the request touches a group's `members`, `displayName` and `externalId` alone and names members
    /// by their identifiers. For each member the last operation decides.
    #[must_use]
    pub fn membership_delta(&self) -> Option<MembershipDelta> {
        if self.resource_type.schema.id != GROUP {
            return None;
        }
        let mut delta = MembershipDelta {
            base: Base::Current,
            add: BTreeMap::new(),
            remove: Vec::new(),
            rename: None,
            external_id: None,
        };
        let mut removed = BTreeMap::new();
        for step in &self.steps {
            let Target { found, filter, part } = &step.target;
            if found.extension.is_some() || part.is_some() {
                return None;
            }
            match (found.attribute.name.as_str(), filter, &step.change) {
                ("displayName", None, Change::Add(Some(name)) | Change::Replace(Some(name))) => {
                    delta.rename = Some(name.as_str()?.to_owned());
                }
                ("externalId", None, Change::Add(Some(id)) | Change::Replace(Some(id))) => {
                    delta.external_id = Some(Some(id.as_str()?.to_owned()));
                }
                ("externalId", None, Change::Remove | Change::Replace(None)) => {
                    delta.external_id = Some(None)
                }
                ("members", None, Change::Add(value)) => {
                    for (id, member) in members(value.as_ref())? {
                        removed.remove(&id);
                        delta.add.entry(id).or_insert(member);
                    }
                }
                ("members", None, Change::Replace(value)) => {
                    removed.clear();
                    delta.base = Base::Empty;
                    delta.add.clear();
                    for (id, member) in members(value.as_ref())? {
                        delta.add.entry(id).or_insert(member);
                    }
                }
                ("members", None, Change::Remove) => {
                    removed.clear();
                    delta.base = Base::Empty;
                    delta.add.clear();
                }
                ("members", None, Change::RemoveListed(listed)) => {
                    for member in listed {
                        let id = member.get("value")?.as_str()?.to_owned();
                        delta.add.remove(&id);
                        removed.insert(id, ());
                    }
                }
                ("members", Some(filter), Change::Remove) => {
                    let id = named(filter)?;
                    delta.add.remove(id);
                    removed.insert(id.to_owned(), ());
                }
                _ => return None,
            }
        }
        // What is removed from an empty list needs no removal.
        if delta.base == Base::Current {
            delta.remove = removed.into_keys().collect();
        }
        Some(delta)
    }
}

fn members(value: Option<&Value>) -> Option<Vec<(String, Value)>> {
    match value {
        None => Some(Vec::new()),
        Some(Value::Array(members)) => {
            let member = |member: &Value| Some((member.get("value")?.as_str()?.to_owned(), member.clone()));
            members.iter().map(member).collect()
        }
        Some(_) => None,
    }
}

/// The member that `members[value eq "…"]` names.
fn named(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Test(operand, Test::Compare(Operator::Equal, Literal::Text(id)))
            if operand.attribute == "value" && operand.part.is_none() =>
        {
            Some(id)
        }
        _ => None,
    }
}

impl std::fmt::Debug for MembershipDelta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MembershipDelta")
            .field("base", &self.base)
            .field("add", &self.add.len())
            .field("remove", &self.remove.len())
            .finish_non_exhaustive()
    }
}
