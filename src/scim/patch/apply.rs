use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{Change, PatchOps, Step, Target};
use crate::scim::{
    error::Error,
    filter::{Filter, Literal, Operator, Test},
    leniency::Deviation,
    resource::{Reading, Resource, is_reference, same_value},
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
        let after = if attribute.multi_valued {
            let values = match before.clone() {
                Some(Value::Array(values)) => values,
                _ => Vec::new(),
            };
            self.several(values, reading)?
        } else {
            self.single(before.clone())?
        };
        if attribute.required && after.is_none() {
            return Err(Error::Required { attribute: found.path() });
        }
        // RFC 7643 §7: what is immutable stays as it was first set.
        if attribute.mutability == Mutability::Immutable && before.is_some() && before != after {
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
                for value in listed(value.as_ref()) {
                    set.push(values.len());
                    values.push(value.clone());
                }
                without_repetition(attribute, &mut values, &mut set);
            }
            (None, None, Change::Replace(value)) => {
                values = listed(value.as_ref()).to_vec();
                without_repetition(attribute, &mut values, &mut set);
            }
            (None, None, Change::Remove) => values.clear(),
            (None, None, Change::RemoveListed(removed)) => remove_listed(attribute, &mut values, removed),
            (_, part, change) => {
                let filter = self.target.filter.as_ref();
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
                let sets = matches!(change, Change::Add(Some(_)) | Change::Replace(Some(_)));
                if !found && sets {
                    set.push(values.len());
                    values.push(self.created(part, reading)?);
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
            (Some(part), change) => with_part(&self.target, before, part, change.value())?,
            (None, Change::Add(Some(Value::Object(parts)))) => merged(&self.target, before, parts)?,
            (None, Change::Replace(Some(Value::Object(parts)))) => {
                check_immutable(&self.target, &before, parts)?;
                parts.clone()
            }
            (None, Change::Add(None)) => before,
            (None, _) => Map::new(),
        };
        Ok(if parts.is_empty() { Value::Null } else { Value::Object(parts) })
    }

    /// A new value of what the filter asks for, where it matches nothing (Entra ID sets a work address this way).
    fn created(&self, part: Option<&Attribute>, reading: &mut Reading<'_>) -> Result<Value, Error> {
        let path = self.target.path();
        let nothing = || Error::NoTarget { reason: format!("{path} matches nothing") };
        let mut parts = Map::new();
        if let Some(filter) = &self.target.filter {
            equalities(filter, &mut parts).ok_or_else(nothing)?;
        }
        reading.tolerate(Deviation::CreateOnFilter, &path, nothing)?;
        match (part, self.change.value()) {
            (Some(part), Some(value)) => {
                parts.insert(part.name.clone(), value.clone());
            }
            (None, Some(Value::Object(value))) => parts.extend(value.clone()),
            _ => return Err(nothing()),
        }
        Ok(Value::Object(parts))
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

/// Drops values that are there already. `set` are the places of the new ones, at the end.
fn without_repetition(attribute: &Attribute, values: &mut Vec<Value>, set: &mut Vec<usize>) {
    let mut kept: Vec<Value> = Vec::with_capacity(values.len());
    let mut names: HashSet<String> = HashSet::new();
    let by_name = is_reference(attribute);
    let mut newly = Vec::new();
    for (index, value) in std::mem::take(values).into_iter().enumerate() {
        let name = if by_name { value.get("value").and_then(Value::as_str) } else { None };
        let repeated = match name {
            Some(name) => !names.insert(name.to_owned()),
            None => kept.iter().any(|other| same_value(attribute, other, &value)),
        };
        if repeated {
            continue;
        }
        if set.contains(&index) {
            newly.push(kept.len());
        }
        kept.push(value);
    }
    *values = kept;
    *set = newly;
}

/// Takes out the values listed and no others; a listed value that is not there is passed over.
fn remove_listed(attribute: &Attribute, values: &mut Vec<Value>, listed: &[Value]) {
    if is_reference(attribute) {
        let name = |value: &Value| value.get("value").and_then(Value::as_str).map(str::to_owned);
        let removed: HashSet<String> = listed.iter().filter_map(name).collect();
        values.retain(|value| name(value).is_none_or(|name| !removed.contains(&name)));
        return;
    }
    // A value is meant by the parts that are named: clients leave out the others.
    let is_meant = |value: &Value, listed: &Value| match (value, listed) {
        (Value::Object(value), Value::Object(parts)) => {
            let named = value.iter().filter(|(name, _)| parts.contains_key(*name));
            let named: Map<String, Value> = named.map(|(name, part)| (name.clone(), part.clone())).collect();
            same_value(attribute, &Value::Object(named), &Value::Object(parts.clone()))
        }
        _ => same_value(attribute, value, listed),
    };
    values.retain(|value| !listed.iter().any(|listed| is_meant(value, listed)));
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
fn equalities(filter: &Filter, parts: &mut Map<String, Value>) -> Option<()> {
    match filter {
        Filter::And(filters) => {
            filters.iter().try_for_each(|filter| equalities(filter, parts).ok_or(())).ok()
        }
        Filter::Test(operand, Test::Compare(Operator::Equal, literal)) => {
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

fn immutable(target: &Target<'_>) -> Error {
    Error::Mutability { attribute: target.path(), mutability: Mutability::Immutable.as_str() }
}
