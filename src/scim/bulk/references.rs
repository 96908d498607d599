use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::scim::tenant::ResourceId;

const PREFIX: &str = "bulkId:";

/// Which `bulkId`s a text names: all of what follows the prefix where that is one, else up to what ends a word.
pub(super) fn named<V>(text: &str, known: &BTreeMap<String, V>, names: &mut BTreeSet<String>) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(PREFIX) {
        let (name, after) = name_of(after, known);
        names.insert(name.to_owned());
        rest = after;
    }
}

pub(super) fn named_in<V>(value: &Value, known: &BTreeMap<String, V>, names: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => named(text, known, names),
        Value::Array(values) => values.iter().for_each(|value| named_in(value, known, names)),
        Value::Object(members) => members.values().for_each(|value| named_in(value, known, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text with the identifiers of what has been made.
pub(super) fn resolved(text: &str, made: &BTreeMap<String, ResourceId>) -> String {
    replaced(text, made).0
}

/// The data with the identifiers of what has been made. A value that refers to what is yet to be made is left out.
pub(super) fn without_pending(
    data: &Map<String, Value>,
    made: &BTreeMap<String, ResourceId>,
) -> Map<String, Value> {
    let members = data.iter().filter_map(|(name, value)| Some((name.clone(), known_part(value, made)?)));
    members.collect()
}

fn known_part(value: &Value, made: &BTreeMap<String, ResourceId>) -> Option<Value> {
    match value {
        Value::String(text) => {
            let (text, is_whole) = replaced(text, made);
            is_whole.then_some(Value::String(text))
        }
        Value::Array(values) => {
            Some(Value::Array(values.iter().filter_map(|value| known_part(value, made)).collect()))
        }
        Value::Object(members) => {
            let mut known = Map::new();
            for (name, value) in members {
                match known_part(value, made) {
                    Some(value) => {
                        known.insert(name.clone(), value);
                    }
                    // What is left of a reference without its target refers to nothing.
                    None if name == "value" => return None,
                    None => {}
                }
            }
            Some(Value::Object(known))
        }
        value => Some(value.clone()),
    }
}

/// The text with what is known put in, and whether all of it is known.
fn replaced(text: &str, made: &BTreeMap<String, ResourceId>) -> (String, bool) {
    let mut replaced = String::new();
    let mut is_whole = true;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(PREFIX) {
        replaced.push_str(before);
        let (name, after) = name_of(after, made);
        match made.get(name) {
            Some(id) => replaced.push_str(id.as_str()),
            None => {
                replaced.push_str(PREFIX);
                replaced.push_str(name);
                is_whole = false;
            }
        }
        rest = after;
    }
    replaced.push_str(rest);
    (replaced, is_whole)
}

fn name_of<'t, V>(after: &'t str, known: &BTreeMap<String, V>) -> (&'t str, &'t str) {
    if known.contains_key(after) {
        return (after, "");
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '/' | ']' | ')' | ',' | '?');
    after.find(ends).and_then(|at| after.split_at_checked(at)).unwrap_or((after, ""))
}
