//! [`Projection`]: which attributes an answer holds (RFC 7644 §3.9). It is known before anything is loaded.

use serde_json::{Map, Value};

use super::{
    error::Error,
    leniency::Deviation,
    path::{Named, resolve},
    resource::Reading,
    schema::{Attribute, Found, ResourceType, Returned},
};

/// What a request says of the attributes that it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Projection {
    /// Those that are returned by default.
    #[default]
    Default,
    /// These, and those that are always returned.
    Only(Vec<Selection>),
    /// Those that are returned by default without these; what is always returned stays.
    Without(Vec<Selection>),
}

/// An attribute, a part of one, or a whole extension, as the schema writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// The extension's URN.
    pub extension: Option<String>,
    /// The attribute; `None` for the whole extension.
    pub attribute: Option<String>,
    /// The part of it; `None` for all of it.
    pub part: Option<String>,
}

impl Projection {
    /// Reads `attributes` and `excludedAttributes`, each a list of names. A name that is no attribute selects nothing.
    ///
    /// # Errors
    /// [`Error::Value`] for both at once, and for a value filter in a name, where these deviations are not read.
    pub fn parse<'n>(
        attributes: Option<impl IntoIterator<Item = &'n str>>,
        excluded: Option<impl IntoIterator<Item = &'n str>>,
        resource_type: &ResourceType,
        reading: &mut Reading<'_>,
    ) -> Result<Self, Error> {
        let wrong =
            |reason: &str| Error::Value { attribute: "attributes".to_owned(), reason: reason.to_owned() };
        match (attributes, excluded) {
            (None, None) => Ok(Self::Default),
            (Some(names), excluded) => {
                if excluded.is_some() {
                    reading.tolerate(Deviation::BothProjections, "attributes", || {
                        wrong("attributes and excludedAttributes exclude each other")
                    })?;
                }
                Ok(Self::Only(selections(names, resource_type, reading)?))
            }
            (None, Some(names)) => Ok(Self::Without(selections(names, resource_type, reading)?)),
        }
    }

    /// Whether answers hold any of this attribute: if not, the host need not load it.
    #[must_use]
    pub fn includes(&self, found: &Found<'_>) -> bool {
        let attribute = found.attribute;
        if !attribute.is_readable() {
            return false;
        }
        if attribute.returned == Returned::Always {
            return true;
        }
        // A part that is always returned brings its attribute along.
        let has_constant_part = attribute
            .sub_attributes
            .iter()
            .any(|part| part.is_readable() && part.returned == Returned::Always);
        match self {
            Self::Default => attribute.returned == Returned::Default,
            Self::Only(selections) => {
                has_constant_part || selections.iter().any(|selection| selection.touches(found))
            }
            Self::Without(selections) => {
                attribute.returned == Returned::Default
                    && (has_constant_part
                        || !selections
                            .iter()
                            .any(|selection| selection.part.is_none() && selection.touches(found)))
            }
        }
    }

    /// Leaves in a representation what the request wants. An attribute that is left out has no key.
    #[must_use]
    pub fn apply(
        &self,
        resource_type: &ResourceType,
        mut representation: Map<String, Value>,
    ) -> Map<String, Value> {
        let mut projected = Map::new();
        for found in resource_type.attributes() {
            if !self.includes(&found) {
                continue;
            }
            let Some(value) = take(&mut representation, &found) else { continue };
            let Some(value) = self.parts(&found, value) else { continue };
            match found.extension {
                None => {
                    projected.insert(found.attribute.name.clone(), value);
                }
                Some(urn) => {
                    let extension = projected.entry(urn).or_insert_with(|| Value::Object(Map::new()));
                    if let Value::Object(members) = extension {
                        members.insert(found.attribute.name.clone(), value);
                    }
                }
            }
        }
        projected
    }

    fn parts(&self, found: &Found<'_>, value: Value) -> Option<Value> {
        if !found.attribute.is_complex() {
            return Some(value);
        }
        match value {
            Value::Array(values) => {
                let values: Vec<_> =
                    values.into_iter().filter_map(|value| self.parts(found, value)).collect();
                (!values.is_empty()).then_some(Value::Array(values))
            }
            Value::Object(mut parts) => {
                parts.retain(|name, _| {
                    found.attribute.sub_attribute(name).is_some_and(|part| self.includes_part(found, part))
                });
                (!parts.is_empty()).then_some(Value::Object(parts))
            }
            other => Some(other),
        }
    }

    fn includes_part(&self, found: &Found<'_>, part: &Attribute) -> bool {
        if !part.is_readable() {
            return false;
        }
        if part.returned == Returned::Always {
            return true;
        }
        let names = |selection: &&Selection| selection.touches(found);
        let is_this = |selection: &Selection| selection.part.as_deref() == Some(&part.name);
        match self {
            Self::Default => part.returned == Returned::Default,
            Self::Only(selections) => {
                let whole =
                    |selection: &Selection| selection.part.is_none() && part.returned == Returned::Default;
                let always =
                    found.attribute.returned == Returned::Always && part.returned == Returned::Default;
                always || selections.iter().filter(names).any(|one| is_this(one) || whole(one))
            }
            Self::Without(selections) => {
                part.returned == Returned::Default && !selections.iter().filter(names).any(is_this)
            }
        }
    }
}

impl Selection {
    fn touches(&self, found: &Found<'_>) -> bool {
        self.extension.as_deref() == found.extension
            && self.attribute.as_ref().is_none_or(|name| *name == found.attribute.name)
    }
}

fn selections<'n>(
    names: impl IntoIterator<Item = &'n str>,
    resource_type: &ResourceType,
    reading: &mut Reading<'_>,
) -> Result<Vec<Selection>, Error> {
    let mut selections = Vec::new();
    for name in names {
        let name = name.trim();
        let name = match name.split_once('[') {
            None => name,
            Some((attribute, _)) => {
                reading.tolerate(Deviation::FilterInProjection, attribute, || Error::Value {
                    attribute: attribute.to_owned(),
                    reason: "a filter is not allowed here".to_owned(),
                })?;
                attribute
            }
        };
        match resolve(resource_type, name, reading) {
            Ok(Named::Extension(extension)) => selections.push(Selection {
                extension: Some(extension.schema.id.clone()),
                attribute: None,
                part: None,
            }),
            Ok(Named::Attribute { found, sub }) => selections.push(Selection {
                extension: found.extension.map(str::to_owned),
                attribute: Some(found.attribute.name.clone()),
                part: sub.map(|part| part.name.clone()),
            }),
            // RFC 7644 §3.9 names no error for it.
            Err(_) => {}
        }
    }
    Ok(selections)
}

fn take(representation: &mut Map<String, Value>, found: &Found<'_>) -> Option<Value> {
    match found.extension {
        None => representation.remove(&found.attribute.name),
        Some(urn) => match representation.get_mut(urn) {
            Some(Value::Object(members)) => members.remove(&found.attribute.name),
            _ => None,
        },
    }
}
