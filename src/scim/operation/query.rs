use serde_json::Value;

use super::super::{
    error::{Error, shown},
    leniency::Deviation,
    page::PageParameters,
    projection::Projection,
    resource::Reading,
    schema::ResourceType,
};
use crate::{
    encoding::{Plus, percent_decode},
    fold,
    json::Object,
};

/// The URN of a search by POST.
pub(in crate::scim) const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The parameters of a request that are known, decoded.
#[derive(Default)]
pub(in crate::scim) struct Query {
    pub(in crate::scim) filter: Option<String>,
    pub(in crate::scim) sort_by: Option<String>,
    pub(in crate::scim) sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    pub(in crate::scim) cursor: Option<String>,
    attributes: Option<Vec<String>>,
    excluded: Option<Vec<String>>,
}

impl Query {
    /// Reads the query of an address. Parameters that are not known are ignored.
    pub(in crate::scim) fn parse(query: &str) -> Result<Self, Error> {
        let mut read = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A name that does not decode is none that is known.
            let Some(name) = decoded(name).and_then(|name| KNOWN.into_iter().find(|known| *known == name))
            else {
                continue;
            };
            let value = decoded(value)
                .ok_or_else(|| Error::Syntax { reason: format!("{name} is not percent-encoded UTF-8") })?;
            if read.set(name, value) {
                return Err(Error::ParameterTwice { parameter: name });
            }
        }
        Ok(read)
    }

    /// Reads the body of a search (RFC 7644 §3.4.3).
    pub(in crate::scim) fn of_search(body: Object, reading: &mut Reading<'_>) -> Result<Self, Error> {
        let mut read = Self::default();
        let mut schemas = None;
        for (member, value) in body {
            if fold::same(&member, "schemas") {
                schemas = Some(value);
                continue;
            }
            let Some(name) = KNOWN.into_iter().find(|known| fold::same(known, &member)) else {
                reading.tolerate(Deviation::UnknownAttribute, &member, || Error::AttributeUnknown {
                    attribute: shown(&member),
                    resource: "a search".to_owned(),
                })?;
                continue;
            };
            let wrong = || Error::Value {
                attribute: name.to_owned(),
                reason: "the value is of another type".to_owned(),
            };
            let twice = match (name, value) {
                (_, Value::Null) => false,
                ("attributes" | "excludedAttributes", Value::Array(names)) => {
                    let names = names.into_iter().map(|name| match name {
                        Value::String(name) => Ok(name),
                        _ => Err(wrong()),
                    });
                    let names = names.collect::<Result<Vec<_>, _>>()?;
                    let field = if name == "attributes" { &mut read.attributes } else { &mut read.excluded };
                    field.replace(names).is_some()
                }
                ("startIndex" | "count", Value::Number(number)) => read.set(name, number.to_string()),
                (name, Value::String(text)) if !matches!(name, "startIndex" | "count") => {
                    read.set(name, text)
                }
                _ => return Err(wrong()),
            };
            if twice {
                return Err(Error::ParameterTwice { parameter: name });
            }
        }
        let names = match &schemas {
            Some(Value::Array(urns)) => urns.as_slice(),
            _ => &[],
        };
        if !names.iter().any(|urn| urn.as_str().is_some_and(|urn| fold::same(urn, SEARCH_REQUEST))) {
            reading.tolerate(Deviation::SchemasAbsent, "schemas", || Error::Syntax {
                reason: "schemas does not hold the URN of SearchRequest".to_owned(),
            })?;
        }
        Ok(read)
    }

    pub(in crate::scim) fn projection(
        &self,
        resource_type: &ResourceType,
        reading: &mut Reading<'_>,
    ) -> Result<Projection, Error> {
        Projection::parse(
            self.attributes.as_ref().map(|names| names.iter().map(String::as_str)),
            self.excluded.as_ref().map(|names| names.iter().map(String::as_str)),
            resource_type,
            reading,
        )
    }

    /// Whether the request says which attributes it wants.
    pub(in crate::scim) fn names_attributes(&self) -> bool {
        self.attributes.is_some() || self.excluded.is_some()
    }

    pub(in crate::scim) fn page(&self) -> PageParameters<'_> {
        PageParameters {
            start_index: self.start_index.as_deref(),
            count: self.count.as_deref(),
            cursor: self.cursor.as_deref(),
        }
    }

    /// Sets a parameter; whether it was set before.
    fn set(&mut self, name: &str, value: String) -> bool {
        let names = |value: String| value.split(',').map(str::to_owned).collect();
        match name {
            "filter" => self.filter.replace(value).is_some(),
            "sortBy" => self.sort_by.replace(value).is_some(),
            "sortOrder" => self.sort_order.replace(value).is_some(),
            "startIndex" => self.start_index.replace(value).is_some(),
            "count" => self.count.replace(value).is_some(),
            "cursor" => self.cursor.replace(value).is_some(),
            "attributes" => self.attributes.replace(names(value)).is_some(),
            _ => self.excluded.replace(names(value)).is_some(),
        }
    }
}

const KNOWN: [&str; 8] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];

/// Both `+` and `%20` mean a space.
fn decoded(text: &str) -> Option<String> {
    String::from_utf8(percent_decode(text.as_bytes(), Plus::Space).ok()?).ok()
}
