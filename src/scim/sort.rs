//! [`Sort`]: the order of a list (RFC 7644 §3.4.2.3), total and the same each time.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{
    error::{Error, shown},
    filter::{Kind, Operand},
    path::{Named, resolve},
    resource::Reading,
    schema::ResourceType,
};
use crate::{fold, time::Timestamp};

/// By what a list is sorted, and which way. Resources with equal values follow each other by `id`, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sort {
    /// The attribute, or the part of it.
    pub by: Operand,
    /// Which way.
    pub order: Order,
}

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Small to large; resources without value come last.
    #[default]
    Ascending,
    /// Large to small; resources without value come first.
    Descending,
}

impl Sort {
    /// Reads `sortBy` and `sortOrder`.
    ///
    /// # Errors
    /// [`Error::Value`] for an attribute that there is not, or that has no order, and for another order than `ascending`
    /// and `descending`.
    pub fn parse(
        by: &str,
        order: Option<&str>,
        resource_type: &ResourceType,
        reading: &mut Reading<'_>,
    ) -> Result<Self, Error> {
        let wrong = |attribute: &str, reason: &str| Error::Value {
            attribute: attribute.to_owned(),
            reason: reason.to_owned(),
        };
        let named = resolve(resource_type, by, reading);
        let Ok(Named::Attribute { found, sub }) = named else {
            return Err(wrong("sortBy", &format!("{} is no attribute", shown(by))));
        };
        if !found.attribute.is_readable() || sub.is_some_and(|part| !part.is_readable()) {
            return Err(wrong("sortBy", "this attribute cannot be sorted by"));
        }
        // A complex attribute sorts by its value, as it compares.
        let part = match sub {
            None if found.attribute.is_complex() => found.attribute.sub_attribute("value"),
            sub => sub,
        };
        let last = part.unwrap_or(found.attribute);
        if last.is_complex() {
            return Err(wrong("sortBy", "a complex attribute is sorted by one of its parts"));
        }
        let order = match order {
            None => Order::default(),
            Some(order) if order.eq_ignore_ascii_case("ascending") => Order::Ascending,
            Some(order) if order.eq_ignore_ascii_case("descending") => Order::Descending,
            Some(_) => return Err(wrong("sortOrder", "it is ascending or descending")),
        };
        let by = Operand {
            extension: found.extension.map(str::to_owned),
            attribute: found.attribute.name.clone(),
            part: part.map(|part| part.name.clone()),
            kind: Kind::of(last.kind, last.case_exact),
            multi_valued: found.attribute.multi_valued,
        };
        Ok(Self { by, order })
    }

    /// Compares two resources by their whole representations, `id` included.
    #[must_use]
    pub fn compare(&self, one: &Map<String, Value>, other: &Map<String, Value>) -> Ordering {
        let by_value = match (self.value(one), self.value(other)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(one), Some(other)) => self.compare_values(one, other),
        };
        let by_value = match self.order {
            Order::Ascending => by_value,
            Order::Descending => by_value.reverse(),
        };
        let id = |resource: &Map<String, Value>| {
            resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        by_value.then_with(|| id(one).cmp(&id(other)))
    }

    /// The value that a resource is sorted by: of several, the primary one or else the first.
    fn value<'r>(&self, resource: &'r Map<String, Value>) -> Option<&'r Value> {
        let attributes = match &self.by.extension {
            None => resource,
            Some(urn) => resource.get(urn)?.as_object()?,
        };
        let value = attributes.get(&self.by.attribute)?;
        let value = match value {
            Value::Array(values) => {
                let primary = values.iter().find(|value| value.get("primary") == Some(&Value::Bool(true)));
                primary.or_else(|| values.first())?
            }
            value => value,
        };
        match &self.by.part {
            None => Some(value),
            Some(part) => value.get(part),
        }
    }

    fn compare_values(&self, one: &Value, other: &Value) -> Ordering {
        match (one, other) {
            (Value::String(one), Value::String(other)) => match self.by.kind {
                Kind::Folded => fold::fold(one).cmp(&fold::fold(other)),
                Kind::DateTime => {
                    let at = |text: &str| Timestamp::parse(text).ok().map(|parsed| parsed.at);
                    at(one).cmp(&at(other))
                }
                _ => one.cmp(other),
            },
            (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
            (Value::Number(one), Value::Number(other)) => {
                one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
            }
            _ => Ordering::Equal,
        }
    }
}
