use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value};

use super::{AppRole, Reading};
use crate::{
    encoding, fold,
    scim::{
        error::{Error, shown},
        leniency::Deviation,
        schema::{Attribute, AttributeType, Mutability},
    },
    time::Timestamp,
};

/// Reads a value of an attribute into its one form; `None` for what means no value: null, an empty list, an object
/// without parts.
///
/// Parts that only the service sets are left out, references to resources of the service among them: their `$ref` is
/// built from `value`.
///
/// # Errors
/// [`Error::Value`] for a value of another type, two primary values or a text that is too long,
/// [`Error::AttributeUnknown`] for a part that is none, [`Error::Required`] for a part that is missing.
pub fn read_value(
    path: &str,
    attribute: &Attribute,
    value: Value,
    reading: &mut Reading<'_>,
) -> Result<Option<Value>, Error> {
    if !attribute.multi_valued {
        return read_element(path, attribute, value, reading);
    }
    let elements = match value {
        Value::Null => return Ok(None),
        Value::Array(elements) => elements,
        element => {
            reading.tolerate(Deviation::BareElement, path, || wrong(path, "a list is needed"))?;
            match element {
                // A lone text stands for its object: one deviation, not two.
                Value::String(text) if attribute.sub_attribute("value").is_some() => {
                    vec![Value::Object(Map::from_iter([("value".to_owned(), Value::String(text))]))]
                }
                other => vec![other],
            }
        }
    };
    let limit = reading.limits().members;
    if elements.len() > limit {
        return Err(Error::TooLarge { what: "values of one attribute", limit });
    }
    let mut values = Vec::new();
    for element in elements {
        if element.is_array() {
            return Err(wrong(path, "a list within a list is no value"));
        }
        if let Some(value) = read_element(path, attribute, element, reading)? {
            values.push(value);
        }
    }
    // RFC 7643 §2.4: at most one is preferred.
    if values.iter().filter(|value| value.get("primary") == Some(&Value::Bool(true))).count() > 1 {
        return Err(wrong(path, "two values are primary"));
    }
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

/// Whether two values of a multi-valued attribute are the same: references by `value`, others by all of their parts.
#[must_use]
pub fn same_value(attribute: &Attribute, one: &Value, other: &Value) -> bool {
    identity(attribute, one) == identity(attribute, other)
}

/// A text that the [same values](same_value) have in common and no others.
pub(in crate::scim) fn identity<'v>(attribute: &Attribute, value: &'v Value) -> Cow<'v, str> {
    if is_reference(attribute) {
        return match value.get("value") {
            Some(Value::String(id)) => Cow::Borrowed(id),
            // No identifier of anything, so its own form cannot be taken for one.
            other => Cow::Owned(format!("\0{other:?}")),
        };
    }
    let Value::Object(parts) = value else {
        return Cow::Owned(scalar_identity(attribute.case_exact, value));
    };
    // JSON, so that no value can reach into the next.
    let parts: BTreeMap<&str, String> = parts
        .iter()
        .map(|(name, part)| {
            let case_exact = attribute.sub_attribute(name).is_none_or(|part| part.case_exact);
            (name.as_str(), scalar_identity(case_exact, part))
        })
        .collect();
    // INVARIANT (texts): such a map always has a JSON form.
    Cow::Owned(serde_json::to_string(&parts).unwrap_or_default())
}

pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(parts) => parts.is_empty(),
        _ => false,
    }
}

fn scalar_identity(case_exact: bool, value: &Value) -> String {
    match value {
        Value::String(text) if !case_exact => Value::String(fold::fold(text)).to_string(),
        value => value.to_string(),
    }
}

/// Reads one of the values of an attribute, or its only one, as [`read_value`] does.
///
/// # Errors
/// As for [`read_value`].
pub fn read_element(
    path: &str,
    attribute: &Attribute,
    value: Value,
    reading: &mut Reading<'_>,
) -> Result<Option<Value>, Error> {
    let value = match value {
        Value::Null => return Ok(None),
        Value::Array(mut elements) => {
            let one = if elements.len() > 1 { None } else { elements.pop() };
            match one {
                Some(element) if !element.is_array() => {
                    reading.tolerate(Deviation::ListOfOne, path, || wrong(path, "one value is needed"))?;
                    return read_element(path, attribute, element, reading);
                }
                // RFC 7643 §2.5: an empty list is no value.
                None if elements.is_empty() => return Ok(None),
                _ => return Err(wrong(path, "one value is needed")),
            }
        }
        value => value,
    };
    match attribute.kind {
        AttributeType::Complex => read_complex(path, attribute, value, reading),
        AttributeType::Boolean => read_boolean(path, value, reading).map(Some),
        AttributeType::Integer => match &value {
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(Some(value)),
            _ => Err(wrong(path, "a whole number is needed")),
        },
        AttributeType::Decimal => match value {
            Value::Number(_) => Ok(Some(value)),
            _ => Err(wrong(path, "a number is needed")),
        },
        AttributeType::String
        | AttributeType::DateTime
        | AttributeType::Binary
        | AttributeType::Reference => read_text(path, attribute, value, reading),
    }
}

fn read_boolean(path: &str, value: Value, reading: &mut Reading<'_>) -> Result<Value, Error> {
    let text = match &value {
        Value::Bool(_) => return Ok(value),
        Value::String(text) => text.as_str(),
        _ => "",
    };
    let boolean = match text {
        text if text.eq_ignore_ascii_case("true") => true,
        text if text.eq_ignore_ascii_case("false") => false,
        _ => return Err(wrong(path, "true or false is needed")),
    };
    reading.tolerate(Deviation::TextBoolean, path, || wrong(path, "true or false is needed"))?;
    Ok(Value::Bool(boolean))
}

fn read_text(
    path: &str,
    attribute: &Attribute,
    value: Value,
    reading: &mut Reading<'_>,
) -> Result<Option<Value>, Error> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(_) | Value::Bool(_) if attribute.kind == AttributeType::String => {
            reading.tolerate(Deviation::ScalarAsText, path, || wrong(path, "a text is needed"))?;
            value.to_string()
        }
        _ => return Err(wrong(path, "a text is needed")),
    };
    // Entra ID puts JSON into roles. It is stored as sent; `app_roles` reads it for the host.
    let is_role = path == "roles.value";
    let limit = if is_role { reading.limits().role } else { reading.limits().string };
    if text.len() > limit {
        return Err(wrong(path, "the text is too long"));
    }
    if is_role && AppRole::read(&text).is_some() {
        let _noted = reading.takes(Deviation::JsonInRole, path);
    }
    if text.is_empty() && attribute.required {
        return Err(Error::Required { attribute: path.to_owned() });
    }
    if text.is_empty() && reading.takes(Deviation::EmptyText, path) {
        return Ok(None);
    }
    let fits = match attribute.kind {
        AttributeType::DateTime => Timestamp::parse(&text).is_ok(),
        AttributeType::Binary => {
            let bytes = text.as_bytes();
            encoding::base64_decode(bytes).is_ok() || encoding::base64url_decode(bytes).is_ok()
        }
        _ => true,
    };
    if !fits {
        return Err(wrong(path, "the text does not have the form of its type"));
    }
    let same = |canonical: &String| {
        if attribute.case_exact { *canonical == text } else { fold::same(canonical, &text) }
    };
    if !attribute.canonical_values.is_empty() && !attribute.canonical_values.iter().any(same) {
        reading.tolerate(Deviation::OtherThanCanonical, path, || {
            wrong(path, "the value is not among the canonical ones")
        })?;
    }
    Ok(Some(Value::String(text)))
}

fn read_complex(
    path: &str,
    attribute: &Attribute,
    value: Value,
    reading: &mut Reading<'_>,
) -> Result<Option<Value>, Error> {
    let parts = match value {
        Value::Object(parts) => parts,
        scalar @ Value::String(_) if attribute.sub_attribute("value").is_some() => {
            reading.tolerate(Deviation::BareValue, path, || wrong(path, "an object is needed"))?;
            Map::from_iter([("value".to_owned(), scalar)])
        }
        _ => return Err(wrong(path, "an object is needed")),
    };
    let mut read = Map::new();
    for (name, value) in parts {
        let Some(part) = attribute.sub_attribute(&name) else {
            let name = format!("{path}.{}", shown(&name));
            reading.tolerate(Deviation::UnknownAttribute, &name, || Error::AttributeUnknown {
                attribute: name.clone(),
                resource: path.to_owned(),
            })?;
            continue;
        };
        if read.contains_key(&part.name) {
            return Err(Error::Syntax { reason: format!("{path}.{} occurs twice", part.name) });
        }
        if is_built_here(attribute, part) {
            continue;
        }
        if let Some(value) = read_value(&format!("{path}.{}", part.name), part, value, reading)? {
            read.insert(part.name.clone(), value);
        }
    }
    let missing =
        attribute.sub_attributes.iter().find(|part| part.required && !read.contains_key(&part.name));
    match missing {
        Some(part) if !read.is_empty() => Err(Error::Required { attribute: format!("{path}.{}", part.name) }),
        _ => Ok((!read.is_empty()).then_some(Value::Object(read))),
    }
}

/// Parts that a client may send back and only the service sets.
pub(in crate::scim) fn is_built_here(attribute: &Attribute, part: &Attribute) -> bool {
    part.mutability == Mutability::ReadOnly || (part.name == "$ref" && is_reference(attribute))
}

/// Whether values point to resources of the service: `members`, `groups`, `manager`.
pub(in crate::scim) fn is_reference(attribute: &Attribute) -> bool {
    attribute
        .sub_attribute("$ref")
        .is_some_and(|part| part.reference_types.iter().any(|one| one != "external" && one != "uri"))
}

fn wrong(path: &str, reason: &str) -> Error {
    Error::Value { attribute: path.to_owned(), reason: reason.to_owned() }
}
