use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashSet},
};

use serde_json::{Map, Value};

use super::{Change, PatchOps, Step, Target};
use crate::scim::{
    error::Error,
    filter::{Filter, Literal, Operator, Test},
    leniency::Deviation,
    resource::{Reading, Resource, identity, is_reference},
    schema::{Attribute, Mutability},
};

impl PatchOps<'_> {
    /// The resource after all operations, in their order. The first that fails, fails the request; `resource` is not
    /// touched.
    ///
    /// # Errors
    /// [`Error::NoTarget`] for a filter that matches nothing where something is to be set, [`Error::Mutability`] for
    /// an immutable attribute that has another value, [`Error::Required`] for one that would be left without.
    pub fn apply(&self, resource: &Resource, reading: &mut Reading<'_>) -> Result<Resource, Error> {
        let mut after = resource.clone();
        for step in &self.steps {
            step.apply(&mut after, reading)?;
        }
        Ok(after)
    }
}

impl Step<'_> {
    fn apply(&self, resource: &mut Resource, reading: &mut Reading<'_>) -> Result<(), Error> {
        let Target { found, .. } = &self.target;
        let attribute = found.attribute;
        let before = resource.take(found);
        // RFC 7643 §7: what is immutable stays as it was first set.
        let is_immutable = attribute.mutability == Mutability::Immutable;
        let first = before.as_ref().filter(|_| is_immutable).cloned();
        let after = if attribute.multi_valued {
            let values = match before {
                Some(Value::Array(values)) => values,
                _ => Vec::new(),
            };
            self.several(values, reading)?
        } else {
            self.single(before)?
        };
        if attribute.required && after.is_none() {
            return Err(Error::Required { attribute: found.path() });
        }
        if first.is_some() && first != after {
            return Err(immutable(&self.target));
        }
        resource.set(found, after);
        Ok(())
    }

    fn single(&self, before: Option<Value>) -> Result<Option<Value>, Error> {
        let attribute = self.target.found.attribute;
        match (self.target.part, &self.change) {
            (None, Change::Remove | Change::RemoveListed(_) | Change::Replace(None)) => Ok(None),
            (_, Change::Add(None)) => Ok(before),
            (None, Change::Add(Some(value)) | Change::Replace(Some(value))) => match (before, value) {
                // Parts that are not named stay.
                (Some(Value::Object(before)), Value::Object(parts)) if attribute.is_complex() => {
                    merged(&self.target, before, parts).map(|parts| Some(Value::Object(parts)))
                }
                _ => Ok(Some(value.clone())),
            },
            (Some(part), change) => {
                let parts = match before {
                    Some(Value::Object(parts)) => parts,
                    _ => Map::new(),
                };
                let parts = with_part(&self.target, parts, part, change.value())?;
                Ok((!parts.is_empty()).then_some(Value::Object(parts)))
            }
        }
    }

    fn several(&self, mut values: Vec<Value>, reading: &mut Reading<'_>) -> Result<Option<Value>, Error> {
        let attribute = self.target.found.attribute;
        // Which values this step has set, for the one that is primary.
        let mut set = Vec::new();
        match (&self.target.filter, self.target.part, &self.change) {
            (None, None, Change::Add(value)) => {
                let present = values.len();
                values.extend_from_slice(listed(value.as_ref()));
                set = without_repetition(attribute, &mut values, present);
            }
            (None, None, Change::Replace(value)) => {
                values = listed(value.as_ref()).to_vec();
                without_repetition(attribute, &mut values, 0);
            }
            (None, None, Change::Remove) => values.clear(),
            (None, None, Change::RemoveListed(removed)) => remove_listed(attribute, &mut values, removed),
            (filter, part, change) => {
                let matches = |value: &Value| match (filter, value) {
                    (None, _) => true,
                    (Some(filter), Value::Object(parts)) => filter.matches(parts),
                    (Some(_), _) => false,
                };
                let mut found = false;
                for (index, value) in values.iter_mut().enumerate().filter(|(_, value)| matches(value)) {
                    found = true;
                    set.push(index);
                    *value = self.element(value.take(), part)?;
                }
                let removes = matches!(change, Change::Remove | Change::RemoveListed(_));
                if !found && !removes && (filter.is_some() || change.value().is_some()) {
                    let created = self.created(part, reading)?;
                    set.extend(created.as_ref().map(|_| values.len()));
                    values.extend(created);
                }
                if change.value().is_none() {
                    // A value left empty is none; nothing else moves.
                    set.clear();
                    values.retain(|value| !value.is_null());
                }
            }
        }
        one_primary(&self.target, &mut values, &set)?;
        Ok((!values.is_empty()).then_some(Value::Array(values)))
    }

    /// One of several values after the change; null for none.
    fn element(&self, before: Value, part: Option<&Attribute>) -> Result<Value, Error> {
        let Value::Object(before) = before else { return Ok(before) };
        let parts = match (part, &self.change) {
            (_, Change::Add(None)) => before,
            (Some(part), change) => with_part(&self.target, before, part, change.value())?,
            (None, Change::Add(Some(Value::Object(parts)))) => merged(&self.target, before, parts)?,
            (None, Change::Replace(Some(Value::Object(parts)))) => {
                check_immutable(&self.target, &before, parts)?;
                parts.clone()
            }
            (None, _) => Map::new(),
        };
        Ok(if parts.is_empty() { Value::Null } else { Value::Object(parts) })
    }

    /// A new value of what the filter asks for, where it matches nothing (Entra ID sets a work address this way); `None`
    /// where nothing is to be set in it.
    fn created(&self, part: Option<&Attribute>, reading: &mut Reading<'_>) -> Result<Option<Value>, Error> {
        let Target { found, filter, .. } = &self.target;
        let path = self.target.path();
        let nothing = || Error::NoTarget { reason: format!("{path} matches nothing") };
        let mut parts = Map::new();
        if let Some(filter) = filter {
            equalities(found.attribute, filter, &mut parts).ok_or_else(nothing)?;
        }
        reading.tolerate(Deviation::CreateOnFilter, &path, nothing)?;
        match (part, self.change.value()) {
            (_, None) => return Ok(None),
            (Some(part), Some(value)) => {
                parts.insert(part.name.clone(), value.clone());
            }
            (None, Some(Value::Object(value))) => parts.extend(value.clone()),
            (None, Some(_)) => return Err(nothing()),
        }
        // The same operation must find it the next time, and not make another.
        let is_found = filter.as_ref().is_none_or(|filter| filter.matches(&parts));
        let lacks = |part: &Attribute| {
            (part.required || (part.name == "value" && is_reference(found.attribute)))
                && !parts.contains_key(&part.name)
        };
        if !is_found || found.attribute.sub_attributes.iter().any(lacks) {
            return Err(nothing());
        }
        Ok(Some(Value::Object(parts)))
    }
}

impl Change {
    /// What is to be there; `None` for a removal.
    fn value(&self) -> Option<&Value> {
        match self {
            Self::Add(value) | Self::Replace(value) => value.as_ref(),
            Self::Remove | Self::RemoveListed(_) => None,
        }
    }
}

fn listed(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(values)) => values,
        _ => &[],
    }
}

/// Sets one part of a complex value, or takes it out.
fn with_part(
    target: &Target<'_>,
    mut parts: Map<String, Value>,
    part: &Attribute,
    value: Option<&Value>,
) -> Result<Map<String, Value>, Error> {
    if part.mutability == Mutability::Immutable {
        let before = parts.get(&part.name);
        if before.is_some() && before != value {
            return Err(immutable(target));
        }
    }
    match value {
        Some(value) => parts.insert(part.name.clone(), value.clone()),
        None if part.required => return Err(Error::Required { attribute: target.path() }),
        None => parts.remove(&part.name),
    };
    Ok(parts)
}

/// The parts of a complex value with these set.
fn merged(
    target: &Target<'_>,
    mut before: Map<String, Value>,
    parts: &Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    check_immutable(target, &before, parts)?;
    before.extend(parts.clone());
    Ok(before)
}

fn check_immutable(
    target: &Target<'_>,
    before: &Map<String, Value>,
    parts: &Map<String, Value>,
) -> Result<(), Error> {
    let changes = |part: &&Attribute| {
        part.mutability == Mutability::Immutable
            && matches!((before.get(&part.name), parts.get(&part.name)), (Some(old), Some(new)) if old != new)
    };
    match target.found.attribute.sub_attributes.iter().find(changes) {
        Some(_) => Err(immutable(target)),
        None => Ok(()),
    }
}

/// Drops values that are there already, and says where those are that came after the first `present`; these stay, even
/// where one is like another. Few new values among many take little more than a look at each.
fn without_repetition(attribute: &Attribute, values: &mut Vec<Value>, present: usize) -> Vec<usize> {
    let new = values.split_off(present.min(values.len()));
    let mut open: HashSet<_> = new.iter().map(|value| identity(attribute, value)).collect();
    for value in values.iter() {
        open.remove(&identity(attribute, value));
    }
    // Each identity is taken by the first that has it.
    let kept: Vec<bool> = new.iter().map(|value| open.remove(&identity(attribute, value))).collect();
    values.extend(new.into_iter().zip(kept).filter_map(|(value, kept)| kept.then_some(value)));
    (present..values.len()).collect()
}

/// Takes out the values listed and no others; a listed value that is not there is passed over.
fn remove_listed(attribute: &Attribute, values: &mut Vec<Value>, listed: &[Value]) {
    if is_reference(attribute) {
        let listed: HashSet<_> = listed.iter().map(|value| identity(attribute, value)).collect();
        values.retain(|value| !listed.contains(&identity(attribute, value)));
        return;
    }
    // A value is meant by the parts that are named: clients leave out the others. Those that name the same parts are
    // looked for together.
    let mut meant: BTreeMap<BTreeSet<&str>, HashSet<Cow<'_, str>>> = BTreeMap::new();
    for value in listed {
        let named = value.as_object().map(|parts| parts.keys().map(String::as_str).collect());
        meant.entry(named.unwrap_or_default()).or_default().insert(identity(attribute, value));
    }
    values.retain(|value| {
        !meant.iter().any(|(names, identities)| match value {
            Value::Object(parts) => {
                let named = parts.iter().filter(|(name, _)| names.contains(name.as_str()));
                let named = named.map(|(name, part)| (name.clone(), part.clone())).collect();
                identities.contains(&identity(attribute, &Value::Object(named)))
            }
            value => identities.contains(&identity(attribute, value)),
        })
    });
}

/// A value that was set to be the primary one ends that of the others.
fn one_primary(target: &Target<'_>, values: &mut [Value], set: &[usize]) -> Result<(), Error> {
    let is_primary = |value: &Value| value.get("primary") == Some(&Value::Bool(true));
    let new: Vec<usize> = set.iter().copied().filter(|at| values.get(*at).is_some_and(is_primary)).collect();
    let &[new] = new.as_slice() else {
        return match new.as_slice() {
            [] => Ok(()),
            _ => Err(Error::Value { attribute: target.path(), reason: "two values are primary".to_owned() }),
        };
    };
    for (at, value) in values.iter_mut().enumerate() {
        if at != new
            && is_primary(value)
            && let Value::Object(parts) = value
        {
            parts.insert("primary".to_owned(), Value::Bool(false));
        }
    }
    Ok(())
}

/// The parts that a filter of equalities, joined by `and`, asks for.
fn equalities(attribute: &Attribute, filter: &Filter, parts: &mut Map<String, Value>) -> Option<()> {
    match filter {
        Filter::And(filters) => {
            filters.iter().try_for_each(|filter| equalities(attribute, filter, parts).ok_or(())).ok()
        }
        // What is no attribute cannot be stored, and what the service sets cannot be asked for.
        Filter::Test(operand, Test::Compare(Operator::Equal, literal))
            if is_set(attribute, &operand.attribute) =>
        {
            let value = match literal {
                Literal::Text(text) | Literal::DateTime(_, text) => Value::from(text.as_str()),
                Literal::Boolean(value) => Value::Bool(*value),
                Literal::Number(number) => Value::Number(number.clone()),
            };
            parts.insert(operand.attribute.clone(), value);
            Some(())
        }
        _ => None,
    }
}

/// Whether clients set this part.
fn is_set(attribute: &Attribute, part: &str) -> bool {
    attribute
        .sub_attribute(part)
        .is_some_and(|part| part.mutability != Mutability::ReadOnly && part.name != "$ref")
}

fn immutable(target: &Target<'_>) -> Error {
    Error::Mutability { attribute: target.path(), mutability: Mutability::Immutable.as_str() }
}
