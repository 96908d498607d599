use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::{
    note::Note,
    scim::{
        error::Error,
        resource::{Reading, Resource, is_reference},
        schema::{Attribute, Found, Mutability, ResourceType},
        service::UnknownMembers,
        tenant::ResourceId,
    },
};

/// Every resource that this one points to.
pub(super) fn all(resource_type: &ResourceType, resource: &Resource) -> BTreeSet<ResourceId> {
    let values = pointing(resource_type).filter_map(|found| resource.value(&found));
    values.flat_map(|value| elements(value).filter_map(identifier)).collect()
}

/// Checks that what a resource points to exists and is of a kind that may stand there, and writes down which kind it is.
/// What stands in `before` has been checked when it came.
pub(super) fn check(
    resource_type: &ResourceType,
    resource: &mut Resource,
    known: &BTreeMap<ResourceId, String>,
    before: &BTreeSet<ResourceId>,
    unknown_members: UnknownMembers,
    reading: &mut Reading<'_>,
) -> Result<(), Error> {
    for found in pointing(resource_type) {
        let Some(value) = resource.value(&found).cloned() else { continue };
        let path = found.path();
        let checked = match value {
            Value::Array(values) => {
                let mut kept = Vec::new();
                let mut seen = BTreeSet::new();
                for mut value in values {
                    let Some(id) = value.as_object().and_then(identifier) else {
                        return Err(Error::Required { attribute: format!("{path}.value") });
                    };
                    if !seen.insert(id.clone()) {
                        continue;
                    }
                    if let Some(kind) = known.get(&id) {
                        check_kind(&path, found.attribute, kind)?;
                        write_kind(found.attribute, &mut value, kind);
                    } else if !before.contains(&id) {
                        if path != "members" || unknown_members == UnknownMembers::Refuse {
                            return Err(missing(&path));
                        }
                        reading.note(Note::new("scim.member_unknown").field("members"));
                        continue;
                    }
                    kept.push(value);
                }
                Value::Array(kept)
            }
            value => {
                if let Some(id) = value.as_object().and_then(identifier) {
                    match known.get(&id) {
                        Some(kind) => check_kind(&path, found.attribute, kind)?,
                        None if before.contains(&id) => {}
                        None => return Err(missing(&path)),
                    }
                }
                value
            }
        };
        resource.set(&found, Some(checked));
    }
    Ok(())
}

/// What a client is told of an identifier that means nothing in its tenant, be it another's or nobody's.
pub(super) fn missing(path: &str) -> Error {
    Error::Value { attribute: path.to_owned(), reason: "it refers to what does not exist".to_owned() }
}

/// The attribute that points to this resource.
pub(super) fn path_to(resource_type: &ResourceType, resource: &Resource, id: &ResourceId) -> Option<String> {
    let mut pointing = pointing(resource_type);
    let found = pointing.find(|found| {
        let value = resource.value(found);
        value.is_some_and(|value| elements(value).filter_map(identifier).any(|one| one == *id))
    })?;
    Some(found.path())
}

fn pointing(resource_type: &ResourceType) -> impl Iterator<Item = Found<'_>> {
    resource_type
        .attributes()
        .filter(|found| is_reference(found.attribute) && found.attribute.mutability != Mutability::ReadOnly)
}

fn elements(value: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let elements = match value {
        Value::Array(elements) => elements.as_slice(),
        element => std::slice::from_ref(element),
    };
    elements.iter().filter_map(Value::as_object)
}

fn identifier(parts: &Map<String, Value>) -> Option<ResourceId> {
    Some(ResourceId::from(parts.get("value")?.as_str()?))
}

fn check_kind(path: &str, attribute: &Attribute, kind: &str) -> Result<(), Error> {
    let types =
        attribute.sub_attribute("$ref").map(|part| part.reference_types.as_slice()).unwrap_or_default();
    if types.iter().any(|one| one == kind) {
        return Ok(());
    }
    Err(Error::Value { attribute: path.to_owned(), reason: format!("it refers to a {kind}") })
}

/// What the member is, is not for the client to say.
fn write_kind(attribute: &Attribute, value: &mut Value, kind: &str) {
    if let (Some(part), Some(parts)) = (attribute.sub_attribute("type"), value.as_object_mut()) {
        parts.insert(part.name.clone(), Value::from(kind));
    }
}
