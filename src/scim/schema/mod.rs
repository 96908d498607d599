//! Schemas and resource types as data (RFC 7643 §6, §7): what discovery shows is what the rules are enforced by.
//!
//! [`ResourceType::user`] and [`ResourceType::group`] are those of the standard. A host adds schemas and resource
//! types of its own as JSON in the form that the discovery endpoints have; every rule of this module works on them.

mod attribute;
mod core;
mod resource_type;

pub use attribute::{Attribute, AttributeType, Mutability, Returned, Uniqueness};
pub use resource_type::{Extension, Found, ResourceType, Schema, SchemaError, common};

/// The URN of the User schema.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of the Group schema.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The URN of the enterprise extension of users.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
