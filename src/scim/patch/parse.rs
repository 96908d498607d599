use serde_json::{Map, Value};

use super::{Change, PATCH_OP, PatchOps, Step, Target};
use crate::{
    fold,
    json::Object,
    scim::{
        error::{Error, shown},
        filter::parse_values,
        leniency::Deviation,
        path::{Named, resolve},
        resource::{Reading, is_built_here, read_element, read_value},
        schema::{Extension, Found, Mutability, ResourceType},
    },
};

/// Reads the body of a PATCH.
///
/// # Errors
/// [`Error::Syntax`] for a body that is none, [`Error::TooLarge`] for too many operations, [`Error::Path`],
/// [`Error::Value`], [`Error::Mutability`] for what only the service sets, and [`Error::NoTarget`] for a remove without
/// path.
pub fn parse<'t>(
    resource_type: &'t ResourceType,
    body: Object,
    reading: &mut Reading<'_>,
) -> Result<PatchOps<'t>, Error> {
    let syntax = |reason: &str| Error::Syntax { reason: reason.to_owned() };
    let mut operations = None;
    let mut schemas = None;
    for (name, value) in body {
        match name.as_str() {
            name if fold::same(name, "Operations") => operations = Some(value),
            name if fold::same(name, "schemas") => schemas = Some(value),
            _ => reading.tolerate(Deviation::UnknownAttribute, &name, || Error::AttributeUnknown {
                attribute: shown(&name),
                resource: "a PATCH".to_owned(),
            })?,
        }
    }
    let is_patch = |urn: &Value| urn.as_str().is_some_and(|urn| fold::same(urn, PATCH_OP));
    match schemas {
        Some(Value::Array(urns)) if urns.iter().any(is_patch) => {}
        None | Some(Value::Null) => {
            reading.tolerate(Deviation::SchemasAbsent, "schemas", || syntax("schemas is missing"))?;
        }
        Some(_) => return Err(syntax("schemas does not hold the URN of PatchOp")),
    }
    let Some(Value::Array(operations)) = operations else {
        return Err(syntax("Operations is a list"));
    };
    if operations.is_empty() {
        return Err(syntax("Operations is empty"));
    }
    let limit = reading.limits().patch_operations;
    if operations.len() > limit {
        return Err(Error::TooLarge { what: "operations", limit });
    }
    let mut steps = Vec::new();
    for operation in operations {
        let Value::Object(operation) = operation else {
            return Err(syntax("an operation is an object"));
        };
        let mut parser = Parser { resource_type, reading, steps: &mut steps };
        parser.operation(operation)?;
    }
    Ok(PatchOps { resource_type, steps })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

struct Parser<'t, 'p, 'c> {
    resource_type: &'t ResourceType,
    reading: &'p mut Reading<'c>,
    steps: &'p mut Vec<Step<'t>>,
}

impl<'t> Parser<'t, '_, '_> {
    fn operation(&mut self, operation: Map<String, Value>) -> Result<(), Error> {
        let syntax = |reason: &str| Error::Syntax { reason: reason.to_owned() };
        let (mut op, mut path, mut value) = (None, None, None);
        for (name, member) in operation {
            match name.as_str() {
                name if fold::same(name, "op") => op = Some(member),
                name if fold::same(name, "path") => path = Some(member),
                name if fold::same(name, "value") => value = Some(member),
                _ => self.reading.tolerate(Deviation::UnknownAttribute, &name, || {
                    Error::AttributeUnknown { attribute: shown(&name), resource: "an operation".to_owned() }
                })?,
            }
        }
        let Some(Value::String(op)) = op else { return Err(syntax("an operation has a text op")) };
        let op = self.op(&op)?;
        match path {
            None | Some(Value::Null) => self.without_path(op, value),
            Some(Value::String(path)) => self.with_path(op, &path, value),
            Some(_) => Err(syntax("path is a text")),
        }
    }

    fn op(&mut self, text: &str) -> Result<Op, Error> {
        let ops = [("add", Op::Add), ("replace", Op::Replace), ("remove", Op::Remove)];
        let refused = || Error::Syntax { reason: "op is add, replace or remove".to_owned() };
        let (name, op) =
            ops.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).ok_or_else(refused)?;
        if name != text {
            self.reading.tolerate(Deviation::OperationCase, "op", refused)?;
        }
        Ok(op)
    }

    /// The members of the value are what changes.
    fn without_path(&mut self, op: Op, value: Option<Value>) -> Result<(), Error> {
        if op == Op::Remove {
            return Err(Error::NoTarget { reason: "a remove needs a path".to_owned() });
        }
        let Some(Value::Object(members)) = value else {
            return Err(Error::Value {
                attribute: "value".to_owned(),
                reason: "without path an object is needed".to_owned(),
            });
        };
        for (name, value) in members {
            if let Some(extension) = self.resource_type.extension(&name) {
                self.extension(op, extension, Some(value))?;
                continue;
            }
            let found = match self.resource_type.own(&name) {
                Some(found) => found,
                // Names with a dot, a URN or a filter are paths that stand in the wrong place.
                None if name.contains(['.', ':', '[']) => {
                    self.reading.tolerate(Deviation::PathKeys, &name, || Error::Path {
                        path: shown(&name),
                        reason: "a path stands in path".to_owned(),
                    })?;
                    self.with_path(op, &name, Some(value))?;
                    continue;
                }
                None => match self.resource_type.in_one_extension(&name) {
                    Some(found) if self.reading.takes(Deviation::UnknownAttribute, &name) => found,
                    _ => {
                        let resource = self.resource_type.name.clone();
                        self.reading.tolerate(Deviation::UnknownAttribute, &name, || {
                            Error::AttributeUnknown { attribute: shown(&name), resource }
                        })?;
                        continue;
                    }
                },
            };
            if is_the_services(&found) {
                self.reading.tolerate(Deviation::ReadOnlyInBody, &found.path(), || read_only(&found))?;
                continue;
            }
            self.step(op, Target { found, filter: None, part: None }, Some(value))?;
        }
        Ok(())
    }

    fn with_path(&mut self, op: Op, path: &str, value: Option<Value>) -> Result<(), Error> {
        let wrong = |reason: &str| Error::Path { path: shown(path), reason: reason.to_owned() };
        let (name, brackets) = match path.split_once('[') {
            None => (path, None),
            Some((name, rest)) => {
                let (filter, after) =
                    rest.rsplit_once(']').ok_or_else(|| wrong("a bracket is not closed"))?;
                let part = match after {
                    "" => None,
                    after => Some(after.strip_prefix('.').ok_or_else(|| wrong("a part follows a dot"))?),
                };
                (name, Some((filter, part)))
            }
        };
        let named = resolve(self.resource_type, name, self.reading).map_err(|error| wrong(error.reason))?;
        let (found, part) = match (named, &brackets) {
            (Named::Extension(extension), None) => return self.extension(op, extension, value),
            (Named::Extension(_), Some(_)) => return Err(wrong("a schema has no values to choose from")),
            (Named::Attribute { found, sub }, None) => (found, sub),
            (Named::Attribute { sub: Some(_), .. }, Some(_)) => {
                return Err(wrong("brackets follow an attribute"));
            }
            (Named::Attribute { found, sub: None }, Some((_, part))) => {
                let part = match part {
                    None => None,
                    Some(part) => {
                        let part = found.attribute.sub_attribute(part);
                        Some(part.ok_or_else(|| wrong("the attribute has no such part"))?)
                    }
                };
                (found, part)
            }
        };
        let filter = match brackets {
            None => None,
            Some(_) if !(found.attribute.multi_valued && found.attribute.is_complex()) => {
                return Err(wrong("the attribute has no values to choose from"));
            }
            Some((filter, _)) => {
                let parsed = parse_values(filter, found.attribute, self.reading);
                Some(parsed.map_err(|error| wrong(&error.to_string()))?)
            }
        };
        if is_the_services(&found) {
            return Err(read_only(&found));
        }
        // `$ref` is built of `value`: one that a client sets would say something else, or nothing.
        if let Some(part) = part.filter(|part| is_built_here(found.attribute, part)) {
            let attribute = format!("{}.{}", found.path(), part.name);
            return Err(Error::Mutability { attribute, mutability: Mutability::ReadOnly.as_str() });
        }
        self.step(op, Target { found, filter, part }, value)
    }

    /// All attributes of an extension, or those that the value has.
    fn extension(&mut self, op: Op, extension: &'t Extension, value: Option<Value>) -> Result<(), Error> {
        let urn = extension.schema.id.as_str();
        let found = |attribute| Found { extension: Some(urn), attribute };
        let members = match (op, value) {
            (Op::Remove, _) | (Op::Replace, Some(Value::Null)) => {
                for attribute in &extension.schema.attributes {
                    if attribute.mutability != Mutability::ReadOnly {
                        let target = Target { found: found(attribute), filter: None, part: None };
                        self.steps.push(Step { target, change: Change::Remove });
                    }
                }
                return Ok(());
            }
            (_, Some(Value::Object(members))) => members,
            (Op::Add, Some(Value::Null)) => return Ok(()),
            _ => {
                return Err(Error::Value {
                    attribute: urn.to_owned(),
                    reason: "an object is needed".to_owned(),
                });
            }
        };
        for (name, value) in members {
            let Some(attribute) = extension.schema.attribute(&name) else {
                let name = format!("{urn}:{}", shown(&name));
                let resource = self.resource_type.name.clone();
                self.reading.tolerate(Deviation::UnknownAttribute, &name, || Error::AttributeUnknown {
                    attribute: name.clone(),
                    resource,
                })?;
                continue;
            };
            if attribute.mutability == Mutability::ReadOnly {
                self.reading.tolerate(Deviation::ReadOnlyInBody, &name, || read_only(&found(attribute)))?;
                continue;
            }
            self.step(op, Target { found: found(attribute), filter: None, part: None }, Some(value))?;
        }
        Ok(())
    }

    fn step(&mut self, op: Op, target: Target<'t>, value: Option<Value>) -> Result<(), Error> {
        let change = match op {
            Op::Remove => self.removal(&target, value)?,
            Op::Add | Op::Replace => {
                let path = target.path();
                let Some(value) = value else {
                    return Err(Error::Value { attribute: path, reason: "a value is missing".to_owned() });
                };
                let value = self.value(&target, value)?;
                if op == Op::Add { Change::Add(value) } else { Change::Replace(value) }
            }
        };
        self.steps.push(Step { target, change });
        Ok(())
    }

    fn value(&mut self, target: &Target<'t>, value: Value) -> Result<Option<Value>, Error> {
        let path = target.found.path();
        match (target.part, &target.filter) {
            (Some(part), _) => read_value(&format!("{path}.{}", part.name), part, value, self.reading),
            (None, Some(_)) => read_element(&path, target.found.attribute, value, self.reading),
            (None, None) => read_value(&path, target.found.attribute, value, self.reading),
        }
    }

    fn removal(&mut self, target: &Target<'t>, value: Option<Value>) -> Result<Change, Error> {
        let of_several =
            target.found.attribute.multi_valued && target.filter.is_none() && target.part.is_none();
        let value = value.filter(|value| of_several && !value.is_null());
        let Some(value) = value else { return Ok(Change::Remove) };
        let path = target.found.path();
        self.reading.tolerate(Deviation::RemoveByValue, &path, || Error::Value {
            attribute: path.clone(),
            reason: "a remove takes no value, name what to remove by a filter".to_owned(),
        })?;
        match read_value(&path, target.found.attribute, value, self.reading)? {
            Some(Value::Array(values)) => Ok(Change::RemoveListed(values)),
            // A list of nothing: it must not become a removal of everything.
            _ => Ok(Change::RemoveListed(Vec::new())),
        }
    }
}

fn is_the_services(found: &Found<'_>) -> bool {
    found.attribute.mutability == Mutability::ReadOnly
        || (found.extension.is_none() && found.attribute.name == "schemas")
}

fn read_only(found: &Found<'_>) -> Error {
    Error::Mutability { attribute: found.path(), mutability: Mutability::ReadOnly.as_str() }
}
