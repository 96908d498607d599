//! [`Resource`]: a user, a group or another resource in its one form: names as the schema writes them, no empty value,
//! every value of its attribute's type.
//!
//! [`read`] makes one of a request's body. Every deviation that it reads is one of [`Leniency`]'s rows.

mod body;
mod role;
mod value;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    error::Error,
    leniency::{Deviation, Leniency},
    schema::Found,
};
use crate::{limits::ScimLimits, note::Note};

pub use body::{Purpose, read};
pub use role::{AppRole, app_roles};
pub(super) use value::{identity, is_built_here, is_reference};
pub use value::{read_element, read_value, same_value};

/// A resource's attributes. `id`, `schemas` and `meta` are not among them: they are the service's.
///
/// INVARIANT (one form): names are those of the schema, extensions are objects below their URN, no value is null, an
/// empty list or an empty object.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Resource {
    attributes: Map<String, Value>,
}

/// How a request is read: what is tolerated, the bounds, and what has been noted so far.
#[derive(Debug)]
pub struct Reading<'c> {
    leniency: Leniency,
    limits: &'c ScimLimits,
    notes: Vec<Note>,
}

impl Resource {
    /// A resource without attributes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of an attribute.
    #[must_use]
    pub fn value(&self, found: &Found<'_>) -> Option<&Value> {
        let attributes = match found.extension {
            None => &self.attributes,
            Some(urn) => self.attributes.get(urn)?.as_object()?,
        };
        attributes.get(&found.attribute.name)
    }

    /// The text of an attribute of the type's own schema, by the name that the schema writes.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }

    /// The client's identifier.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.text("externalId")
    }

    /// All attributes, extensions as objects below their URN.
    #[must_use]
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.attributes
    }

    /// All attributes, for an answer.
    pub(super) fn into_attributes(self) -> Map<String, Value> {
        self.attributes
    }

    /// Sets an attribute, or takes it out; a value that is empty counts as none.
    pub fn set(&mut self, found: &Found<'_>, value: Option<Value>) {
        let name = &found.attribute.name;
        let value = value.filter(|value| !value::is_empty(value));
        let Some(urn) = found.extension else {
            match value {
                Some(value) => self.attributes.insert(name.clone(), value),
                None => self.attributes.remove(name),
            };
            return;
        };
        let mut extension = match self.attributes.remove(urn) {
            Some(Value::Object(extension)) => extension,
            _ => Map::new(),
        };
        match value {
            Some(value) => extension.insert(name.clone(), value),
            None => extension.remove(name),
        };
        if !extension.is_empty() {
            self.attributes.insert(urn.to_owned(), Value::Object(extension));
        }
    }

    /// Takes an attribute out.
    pub fn take(&mut self, found: &Found<'_>) -> Option<Value> {
        let name = &found.attribute.name;
        let Some(urn) = found.extension else {
            return self.attributes.remove(name);
        };
        let extension = self.attributes.get_mut(urn)?.as_object_mut()?;
        let value = extension.remove(name);
        if extension.is_empty() {
            self.attributes.remove(urn);
        }
        value
    }
}

impl<'c> Reading<'c> {
    /// Reads with this leniency and these bounds.
    #[must_use]
    pub fn new(leniency: Leniency, limits: &'c ScimLimits) -> Self {
        Self { leniency, limits, notes: Vec::new() }
    }

    /// The bounds.
    #[must_use]
    pub fn limits(&self) -> &'c ScimLimits {
        self.limits
    }

    /// Whether this deviation is read; if so, its use is noted.
    #[must_use]
    pub fn takes(&mut self, deviation: Deviation, path: &str) -> bool {
        let takes = self.leniency.allows(deviation);
        if takes && self.notes.len() < NOTES_AT_MOST {
            let note = deviation.note(path);
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        takes
    }

    /// Reads on, with a note, where this deviation is read.
    ///
    /// # Errors
    /// `otherwise` where it is not.
    pub fn tolerate(
        &mut self,
        deviation: Deviation,
        path: &str,
        otherwise: impl FnOnce() -> Error,
    ) -> Result<(), Error> {
        if self.takes(deviation, path) { Ok(()) } else { Err(otherwise()) }
    }

    /// Notes what has no deviation of its own.
    pub(super) fn note(&mut self, note: Note) {
        if self.notes.len() < NOTES_AT_MOST && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// What has been tolerated.
    #[must_use]
    pub fn into_notes(self) -> Vec<Note> {
        self.notes
    }
}

impl std::fmt::Debug for Resource {
    /// The names of the attributes alone: their values are personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.attributes.keys()).finish()
    }
}

/// More uses of deviations in one request tell nothing new.
const NOTES_AT_MOST: usize = 64;
