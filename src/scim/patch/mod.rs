//! [`PatchOps`]: changes of a resource, one after the other (RFC 7644 §3.5.2).
//!
//! [`parse`] reads a request into steps whose names are resolved and whose values fit; [`PatchOps::apply`] makes of one
//! resource another, or fails and changes nothing. Where a group's members alone change,
//! [`PatchOps::membership_delta`] says it without the group. A removal takes out what it names and nothing else.

mod apply;
mod delta;
mod parse;

use serde_json::Value;

use super::{
    filter::Filter,
    schema::{Attribute, Found, ResourceType},
};

pub use delta::{Base, MembershipDelta};
pub use parse::parse;

/// The URN of a PATCH request.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The operations of a request, resolved for a resource type. A value without path has become one step for each of its
/// members.
#[derive(Clone)]
pub struct PatchOps<'t> {
    resource_type: &'t ResourceType,
    steps: Vec<Step<'t>>,
}

/// One change.
#[derive(Clone)]
struct Step<'t> {
    target: Target<'t>,
    change: Change,
}

/// Where something changes.
#[derive(Clone)]
struct Target<'t> {
    found: Found<'t>,
    /// Which of several values; `None` for the whole attribute.
    filter: Option<Filter>,
    /// Which part.
    part: Option<&'t Attribute>,
}

/// What changes. Values are in their one form; `None` is no value.
#[derive(Clone)]
enum Change {
    Add(Option<Value>),
    Replace(Option<Value>),
    /// All of it.
    Remove,
    /// These of several values.
    RemoveListed(Vec<Value>),
}

impl Target<'_> {
    fn path(&self) -> String {
        let mut path = self.found.path();
        if self.filter.is_some() {
            // Its values are personal.
            path.push_str("[…]");
        }
        if let Some(part) = self.part {
            path.push_str(&format!(".{}", part.name));
        }
        path
    }
}

impl std::fmt::Debug for PatchOps<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PatchOps").field(&self.steps).finish()
    }
}

impl std::fmt::Debug for Step<'_> {
    /// Where something changes, and not to what.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Step").field(&self.target.found.path()).finish()
    }
}
