//! SCIM: a module for each topic of the specification; rule numbers stand in the names of the tests.

mod attributes;
mod bulk;
mod catalogue;
mod clients;
mod create_put;
mod debug;
mod discovery;
mod effects;
mod filter;
mod lists;
mod machine;
mod malformed;
mod operation;
mod oracle;
mod page;
mod patch;
mod projection;
mod resource;
mod respond;
mod select;
mod service;
mod sql;
mod sqlite;
mod store;
mod tenants;
mod token;

use admittance::{
    json::{self, Object},
    limits::{JsonLimits, Limits, ScimLimits},
    note::Note,
    scim::{
        Error,
        leniency::Leniency,
        resource::{Purpose, Reading, Resource, read as read_body},
        schema::ResourceType,
    },
};
use serde_json::{Map, Value};

/// Limits as they are by default.
fn limits() -> ScimLimits {
    Limits::default().scim
}

/// A body as it is received.
fn object(value: &Value) -> Object {
    // Longer texts are for the rules of each attribute to refuse.
    let mut limits = JsonLimits::default();
    limits.string = 1024 * 1024;
    json::parse_object(value.to_string().as_bytes(), &limits).unwrap()
}

/// Runs a reader with this leniency and gives what it noted.
fn reading<T>(leniency: Leniency, read: impl FnOnce(&mut Reading<'_>) -> T) -> (T, Vec<Note>) {
    let limits = limits();
    let mut reading = Reading::new(leniency, &limits);
    let read = read(&mut reading);
    (read, reading.into_notes())
}

fn codes(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|note| note.code.as_str()).collect()
}

/// A resource by way of its body.
fn made(resource_type: &ResourceType, body: &Value) -> Resource {
    read(resource_type, Leniency::interop(), body).unwrap().0
}

fn read(
    resource_type: &ResourceType,
    leniency: Leniency,
    body: &Value,
) -> Result<(Resource, Vec<Note>), Error> {
    let (resource, notes) =
        reading(leniency, |reading| read_body(resource_type, object(body), Purpose::Create, reading));
    Ok((resource?, notes))
}

/// A resource as a filter sees it.
fn whole(id: &str, resource: &Resource) -> Map<String, Value> {
    let mut whole = resource.attributes().clone();
    whole.insert("id".to_owned(), Value::from(id));
    whole
}
