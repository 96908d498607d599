//! [`resolve`]: which attribute a name in a request means (RFC 7644 §3.10).

use super::{
    error::shown,
    leniency::Deviation,
    resource::Reading,
    schema::{Attribute, Extension, Found, ResourceType},
};
use crate::fold;

/// What a name means for a resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named<'t> {
    /// A whole extension, by its URN.
    Extension(&'t Extension),
    /// An attribute, or one of its parts.
    Attribute {
        /// The attribute.
        found: Found<'t>,
        /// The part of it that is meant.
        sub: Option<&'t Attribute>,
    },
}

/// A name that means nothing for the resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The name, cut to 64 characters.
    pub name: String,
    /// Why.
    pub reason: &'static str,
}

impl Named<'_> {
    /// The path as a client writes it.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Extension(extension) => extension.schema.id.clone(),
            Self::Attribute { found, sub: None } => found.path(),
            Self::Attribute { found, sub: Some(sub) } => format!("{}.{}", found.path(), sub.name),
        }
    }
}

/// Resolves `userName`, `name.familyName`, either with a schema's URN and a colon before it, and the bare URN of an
/// extension. Case does not count.
///
/// Without URN an attribute of an extension is found where [`Deviation::UnqualifiedExtension`] is read and exactly one
/// extension has it.
///
/// # Errors
/// [`Unresolved`].
pub fn resolve<'t>(
    resource_type: &'t ResourceType,
    name: &str,
    reading: &mut Reading<'_>,
) -> Result<Named<'t>, Unresolved> {
    let unresolved = |reason| Unresolved { name: shown(name), reason };
    if let Some(extension) = resource_type.extension(current_urn(name)) {
        return Ok(Named::Extension(extension));
    }
    let (urn, rest) = match name.rsplit_once(':') {
        Some((urn, rest)) => (Some(current_urn(urn)), rest),
        None => (None, name),
    };
    let (attribute, sub) = match rest.split_once('.') {
        Some((attribute, sub)) => (attribute, Some(sub)),
        None => (rest, None),
    };
    let found = match urn {
        Some(urn) => resource_type.qualified(urn, attribute),
        None => resource_type.own(attribute).or_else(|| {
            let found = resource_type.in_one_extension(attribute)?;
            reading.takes(Deviation::UnqualifiedExtension, &found.path()).then_some(found)
        }),
    };
    let found = found.ok_or_else(|| unresolved("there is no such attribute"))?;
    let sub = match sub {
        None => None,
        Some(sub) => {
            let part = found.attribute.sub_attribute(sub);
            Some(part.ok_or_else(|| unresolved("the attribute has no such part"))?)
        }
    };
    Ok(Named::Attribute { found, sub })
}

/// The URN that is meant by one from before the standard, which OneLogin still sends.
pub(super) fn current_urn(urn: &str) -> &str {
    let former = FORMER_URNS.iter().find(|(former, _)| fold::same(former, urn));
    former.map_or(urn, |(_, current)| current)
}

const FORMER_URNS: [(&str, &str); 4] = [
    ("urn:scim:schemas:core:2.0", super::schema::USER),
    ("urn:scim:schemas:core:2.0:User", super::schema::USER),
    ("urn:scim:schemas:core:2.0:Group", super::schema::GROUP),
    ("urn:scim:schemas:extension:enterprise:2.0", super::schema::ENTERPRISE_USER),
];
