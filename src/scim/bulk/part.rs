use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::{Map, Value};

use super::references;
use crate::{
    fold,
    scim::{error::Error, patch::PATCH_OP},
};

/// One operation of a bulk request.
#[derive(Default)]
pub(super) struct Part {
    /// In capitals.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) bulk_id: Option<String>,
    pub(super) version: Option<String>,
    pub(super) data: Option<Map<String, Value>>,
    /// Which parts make what this one refers to.
    pub(super) needs: BTreeSet<usize>,
    /// Why it is not run.
    pub(super) fault: Option<Error>,
}

/// Reads the operations and who refers to whom.
pub(super) fn read(operations: Vec<Value>) -> Vec<Part> {
    let mut parts: Vec<Part> =
        operations.into_iter().map(|one| one_part(one).unwrap_or_else(Part::at_fault)).collect();
    let mut makers = BTreeMap::new();
    for (index, part) in parts.iter_mut().enumerate() {
        if part.method != "POST" || part.fault.is_some() {
            continue;
        }
        let Some(bulk_id) = &part.bulk_id else {
            part.fault = Some(wrong("it is missing"));
            continue;
        };
        if makers.contains_key(bulk_id) {
            part.fault = Some(wrong("it occurs twice"));
        } else {
            makers.insert(bulk_id.clone(), index);
        }
    }
    for part in &mut parts {
        let mut names = BTreeSet::new();
        references::named(&part.path, &makers, &mut names);
        part.data
            .iter()
            .flat_map(Map::values)
            .for_each(|value| references::named_in(value, &makers, &mut names));
        for name in names {
            match makers.get(&name) {
                Some(maker) => {
                    part.needs.insert(*maker);
                }
                None => {
                    part.fault.get_or_insert_with(|| wrong("it is not that of a POST of this request"));
                }
            }
        }
    }
    parts
}

fn one_part(operation: Value) -> Result<Part, Error> {
    let syntax = |reason: &str| Error::Syntax { reason: reason.to_owned() };
    let Value::Object(members) = operation else { return Err(syntax("an operation is an object")) };
    let mut part = Part::default();
    let mut data = None;
    for (name, value) in members {
        let text = match &value {
            Value::String(text) => Some(text.clone()),
            _ => None,
        };
        match fold::fold(&name).as_str() {
            "method" => part.method = text.ok_or_else(|| syntax("method is a text"))?.to_ascii_uppercase(),
            "path" => part.path = text.ok_or_else(|| syntax("path is a text"))?,
            "bulkid" => part.bulk_id = text.filter(|text| !text.is_empty()),
            "version" => part.version = text.filter(|text| !text.is_empty()),
            "data" => data = Some(value),
            _ => {}
        }
    }
    if part.method.is_empty() || part.path.is_empty() {
        return Err(syntax("an operation has method and path"));
    }
    part.data = match data {
        None | Some(Value::Null) => None,
        Some(Value::Object(data)) => Some(data),
        // RFC 7644 §3.7.3 shows a list of operations without the object around it.
        Some(operations @ Value::Array(_)) if part.method == "PATCH" => Some(Map::from_iter([
            ("schemas".to_owned(), Value::from(vec![PATCH_OP])),
            ("Operations".to_owned(), operations),
        ])),
        Some(_) => return Err(syntax("data is an object")),
    };
    Ok(part)
}

impl Part {
    fn at_fault(fault: Error) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

fn wrong(reason: &str) -> Error {
    Error::Value { attribute: "bulkId".to_owned(), reason: reason.to_owned() }
}

impl fmt::Debug for Part {
    /// Nothing of what it says: there may be a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("method", &self.method).finish_non_exhaustive()
    }
}
