use serde_json::{Map, Value};

use super::{Reading, Resource, read_value};
use crate::{
    fold,
    json::Object,
    scim::{
        error::{Error, shown},
        leniency::Deviation,
        path::current_urn,
        schema::{Found, Mutability, ResourceType},
    },
};

/// What a body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// POST: a new resource.
    Create,
    /// PUT: every attribute of one that is there.
    Replace,
}

/// Reads the body of a POST or PUT.
///
/// Attributes that only the service sets are left out. A `password` is among the attributes: whoever stores the
/// resource takes it out first.
///
/// # Errors
/// [`Error::Schemas`], [`Error::AttributeUnknown`], [`Error::Value`], [`Error::Required`]; [`Error::Syntax`] for a name
/// that occurs twice in different case.
pub fn read(
    resource_type: &ResourceType,
    body: Object,
    purpose: Purpose,
    reading: &mut Reading<'_>,
) -> Result<Resource, Error> {
    check_schemas(resource_type, body.get("schemas"), reading)?;
    let mut resource = Resource::new();
    for (name, value) in body {
        if let Some(extension) = resource_type.extension(current_urn(&name)) {
            let urn = extension.schema.id.as_str();
            for (name, value) in extension_members(urn, value)? {
                match extension.schema.attribute(&name) {
                    Some(attribute) => {
                        place(&mut resource, Found { extension: Some(urn), attribute }, value, reading)?;
                    }
                    None => unknown(resource_type, &format!("{urn}:{name}"), reading)?,
                }
            }
            continue;
        }
        let found = resource_type.own(&name);
        let found = match found.or_else(|| resource_type.qualified_name(&name)) {
            Some(found) => found,
            // An attribute of an extension at top level belongs below its URN.
            None => match resource_type.in_one_extension(&name) {
                Some(found) if reading.takes(Deviation::UnknownAttribute, &name) => found,
                _ => {
                    unknown(resource_type, &name, reading)?;
                    continue;
                }
            },
        };
        if found.attribute.mutability == Mutability::ReadOnly || found.attribute.name == "schemas" {
            // RFC 7644 §3.5.1: ignored, in either setting.
            if purpose == Purpose::Replace && found.attribute.name != "schemas" {
                let _noted = reading.takes(Deviation::ReadOnlyInBody, &found.attribute.name);
            }
            continue;
        }
        place(&mut resource, found, value, reading)?;
    }
    check_required(resource_type, &resource)?;
    Ok(resource)
}

fn place(
    resource: &mut Resource,
    found: Found<'_>,
    value: Value,
    reading: &mut Reading<'_>,
) -> Result<(), Error> {
    let path = found.path();
    if resource.value(&found).is_some() {
        return Err(Error::Syntax { reason: format!("{path} occurs twice") });
    }
    let value = read_value(&path, found.attribute, value, reading)?;
    resource.set(&found, value);
    Ok(())
}

fn extension_members(urn: &str, value: Value) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Object(members) => Ok(members),
        Value::Null => Ok(Map::new()),
        _ => Err(Error::Value { attribute: urn.to_owned(), reason: "an object is needed".to_owned() }),
    }
}

fn unknown(resource_type: &ResourceType, name: &str, reading: &mut Reading<'_>) -> Result<(), Error> {
    reading.tolerate(Deviation::UnknownAttribute, name, || Error::AttributeUnknown {
        attribute: shown(name),
        resource: resource_type.name.clone(),
    })
}

/// RFC 7643 §3: the schema of the type, and those of the extensions in use.
fn check_schemas(
    resource_type: &ResourceType,
    schemas: Option<&Value>,
    reading: &mut Reading<'_>,
) -> Result<(), Error> {
    let urns = match schemas {
        Some(Value::Array(urns)) => urns.as_slice(),
        Some(Value::String(_)) if reading.takes(Deviation::BareElement, "schemas") => &[],
        None | Some(Value::Null) => {
            let absent = || Error::Syntax { reason: "schemas is missing".to_owned() };
            return reading.tolerate(Deviation::SchemasAbsent, "schemas", absent);
        }
        Some(_) => return Err(Error::Syntax { reason: "schemas is a list of URNs".to_owned() }),
    };
    let mut of_type = false;
    for urn in urns {
        let Value::String(urn) = urn else {
            return Err(Error::Syntax { reason: "schemas is a list of URNs".to_owned() });
        };
        let current = current_urn(urn);
        of_type |= fold::same(current, &resource_type.schema.id);
        let known = resource_type.schemas().any(|schema| fold::same(&schema.id, current));
        if !known || current != urn {
            reading.tolerate(Deviation::UnknownSchema, "schemas", || Error::Schemas {
                reason: format!("{} is not a schema of {}", shown(urn), resource_type.name),
            })?;
        }
    }
    if of_type {
        return Ok(());
    }
    reading.tolerate(Deviation::SchemasAbsent, "schemas", || Error::Schemas {
        reason: format!("{} is missing", resource_type.schema.id),
    })
}

fn check_required(resource_type: &ResourceType, resource: &Resource) -> Result<(), Error> {
    let in_use = |found: &Found<'_>| match found.extension {
        None => true,
        Some(urn) => {
            let required = resource_type.extension(urn).is_some_and(|one| one.required);
            required || resource.attributes().contains_key(urn)
        }
    };
    let missing = resource_type
        .attributes()
        .find(|found| found.attribute.required && in_use(found) && resource.value(found).is_none());
    match missing {
        Some(found) => Err(Error::Required { attribute: found.path() }),
        None => Ok(()),
    }
}
