use serde_json::Value;

use super::Resource;
use crate::{
    json,
    limits::JsonLimits,
    scim::leniency::{Deviation, Leniency},
};

/// A role of an application as Entra ID assigns it, which it sends as JSON text within a value of `roles`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AppRole {
    /// The identifier of the role in the application's manifest.
    pub id: Option<String>,
    /// What the manifest calls it: the one to map by.
    pub value: Option<String>,
    /// What people call it.
    pub display_name: Option<String>,
}

/// The roles of a user that are JSON text; the resource keeps them as they were sent. Roles that are plain text are none
/// of these, and nothing is where [`Deviation::JsonInRole`] is not read.
#[must_use]
pub fn app_roles(user: &Resource, leniency: Leniency) -> Vec<AppRole> {
    if !leniency.allows(Deviation::JsonInRole) {
        return Vec::new();
    }
    let roles = user.attributes().get("roles").and_then(Value::as_array).into_iter().flatten();
    roles.filter_map(|role| AppRole::read(role.get("value")?.as_str()?)).collect()
}

impl AppRole {
    /// Reads the text of one role. What is no JSON object, or has none of the three members, is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        if !text.starts_with('{') {
            return None;
        }
        let mut object = json::parse_object(text.as_bytes(), &JsonLimits::default()).ok()?;
        let mut member = |name: &str| match object.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let role = Self { id: member("id"), value: member("value"), display_name: member("displayName") };
        (role.id.is_some() || role.value.is_some() || role.display_name.is_some()).then_some(role)
    }
}
