use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Serialize};

use super::{attribute::Attribute, core};
use crate::fold;

/// A set of attributes with a URN (RFC 7643 §7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Schema {
    /// Its URN.
    pub id: String,
    /// For people.
    pub name: String,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

/// A kind of resource: its address, its schema, and what extends it (RFC 7643 §6).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceType {
    /// Its name, as `meta.resourceType` has it.
    pub name: String,
    /// Its path below the base URL, with a slash before: `/Users`.
    pub endpoint: String,
    /// For people.
    pub description: String,
    /// Its own attributes.
    pub schema: Arc<Schema>,
    /// What is added to them.
    pub extensions: Vec<Extension>,
}

/// A schema that extends a resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extension {
    /// Its attributes, which stand in an object below its URN.
    pub schema: Arc<Schema>,
    /// Whether every resource must have it.
    pub required: bool,
}

/// Why a schema or resource type cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{schema}: {reason}")]
pub struct SchemaError {
    /// The URN or the name of the resource type.
    pub schema: String,
    /// What is wrong.
    pub reason: String,
}

/// An attribute with the place that it has in a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'t> {
    /// The extension's URN, for an attribute of an extension.
    pub extension: Option<&'t str>,
    /// The attribute.
    pub attribute: &'t Attribute,
}

impl Schema {
    /// A schema of these attributes.
    #[must_use]
    pub fn new(id: &str, name: &str, description: &str, attributes: Vec<Attribute>) -> Self {
        Self { id: id.to_owned(), name: name.to_owned(), description: description.to_owned(), attributes }
    }

    /// Reads a schema in the form of RFC 7643 §7 and checks that the rules can work on it.
    ///
    /// # Errors
    /// [`SchemaError`]: not such a document, no URN, a name that is none or occurs twice, a complex attribute within a
    /// complex one or without parts.
    pub fn from_json(document: &[u8]) -> Result<Self, SchemaError> {
        let schema: Self = serde_json::from_slice(document)
            .map_err(|error| SchemaError { schema: "schema".to_owned(), reason: error.to_string() })?;
        schema.check()?;
        Ok(schema)
    }

    /// An attribute, found without regard to case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|one| fold::same(&one.name, name))
    }

    fn check(&self) -> Result<(), SchemaError> {
        let refuse = |reason: String| Err(SchemaError { schema: self.id.clone(), reason });
        if !self.id.to_ascii_lowercase().starts_with("urn:") {
            return refuse("the id is no URN".to_owned());
        }
        let mut levels = vec![(&self.attributes, false)];
        while let Some((attributes, inside)) = levels.pop() {
            let mut names = BTreeSet::new();
            for attribute in attributes {
                let name = &attribute.name;
                if !is_name(name) || common(name).is_some() && !inside {
                    return refuse(format!("{name:?} cannot be an attribute's name"));
                }
                if !names.insert(fold::fold(name)) {
                    return refuse(format!("{name} occurs twice"));
                }
                match (attribute.is_complex(), inside) {
                    (true, true) => return refuse(format!("{name} is complex within a complex attribute")),
                    (complex, _) if complex == attribute.sub_attributes.is_empty() => {
                        return refuse(format!(
                            "{name} has parts and is not complex, or the other way round"
                        ));
                    }
                    _ => levels.push((&attribute.sub_attributes, true)),
                }
            }
        }
        Ok(())
    }
}

impl ResourceType {
    /// Users with the enterprise extension (RFC 7643 §4.1, §4.3).
    #[must_use]
    pub fn user() -> Self {
        let schema = Arc::new(core::user());
        let extensions = vec![Extension { schema: Arc::new(core::enterprise_user()), required: false }];
        Self {
            name: "User".to_owned(),
            endpoint: "/Users".to_owned(),
            description: "Accounts of people".to_owned(),
            schema,
            extensions,
        }
    }

    /// Groups (RFC 7643 §4.2).
    #[must_use]
    pub fn group() -> Self {
        Self {
            name: "Group".to_owned(),
            endpoint: "/Groups".to_owned(),
            description: "Groups of people".to_owned(),
            schema: Arc::new(core::group()),
            extensions: Vec::new(),
        }
    }

    /// A resource type of the host's own. `endpoint` begins with a slash and is one path segment.
    ///
    /// # Errors
    /// [`SchemaError`] for a schema that the rules cannot work on, or another form of `endpoint`.
    pub fn new(name: &str, endpoint: &str, schema: Schema) -> Result<Self, SchemaError> {
        schema.check()?;
        if !endpoint.strip_prefix('/').is_some_and(is_name) {
            let reason = "the endpoint is a slash and a name".to_owned();
            return Err(SchemaError { schema: name.to_owned(), reason });
        }
        Ok(Self {
            name: name.to_owned(),
            endpoint: endpoint.to_owned(),
            description: schema.description.clone(),
            schema: Arc::new(schema),
            extensions: Vec::new(),
        })
    }

    /// Adds a schema.
    ///
    /// # Errors
    /// [`SchemaError`] for a schema that the rules cannot work on, or that is there already.
    pub fn extended(mut self, schema: Schema, required: bool) -> Result<Self, SchemaError> {
        schema.check()?;
        if self.has_schema(&schema.id) {
            let reason = "the type has this schema already".to_owned();
            return Err(SchemaError { schema: schema.id, reason });
        }
        self.extensions.push(Extension { schema: Arc::new(schema), required });
        Ok(self)
    }

    /// The schema and its extensions.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<Schema>> {
        std::iter::once(&self.schema).chain(self.extensions.iter().map(|one| &one.schema))
    }

    /// An extension, found without regard to case.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|one| fold::same(&one.schema.id, urn))
    }

    /// An attribute of the type's own schema, or one that every resource has.
    #[must_use]
    pub fn own(&self, name: &str) -> Option<Found<'_>> {
        let attribute = common(name).or_else(|| self.schema.attribute(name))?;
        Some(Found { extension: None, attribute })
    }

    /// An attribute of the schema with this URN, the type's own included.
    #[must_use]
    pub fn qualified(&self, urn: &str, name: &str) -> Option<Found<'_>> {
        if fold::same(&self.schema.id, urn) {
            return self.own(name);
        }
        let schema = &self.extension(urn)?.schema;
        Some(Found { extension: Some(&schema.id), attribute: schema.attribute(name)? })
    }

    /// An attribute by its URN, a colon and its name.
    #[must_use]
    pub fn qualified_name(&self, name: &str) -> Option<Found<'_>> {
        let (urn, name) = name.rsplit_once(':')?;
        self.qualified(urn, name)
    }

    /// The attribute of this name of the one extension that has it; `None` where none or several have.
    #[must_use]
    pub fn in_one_extension(&self, name: &str) -> Option<Found<'_>> {
        let mut found = self.extensions.iter().filter_map(|one| {
            let attribute = one.schema.attribute(name)?;
            Some(Found { extension: Some(one.schema.id.as_str()), attribute })
        });
        let first = found.next();
        if found.next().is_some() { None } else { first }
    }

    /// Every attribute: the common ones, those of the schema, those of the extensions.
    pub fn attributes(&self) -> impl Iterator<Item = Found<'_>> {
        let own = COMMON.iter().chain(&self.schema.attributes);
        let own = own.map(|attribute| Found { extension: None, attribute });
        own.chain(self.extensions.iter().flat_map(|one| {
            let of = |attribute| Found { extension: Some(one.schema.id.as_str()), attribute };
            one.schema.attributes.iter().map(of)
        }))
    }

    fn has_schema(&self, urn: &str) -> bool {
        self.schemas().any(|schema| fold::same(&schema.id, urn))
    }
}

impl Found<'_> {
    /// The path of the attribute, as a client writes it.
    #[must_use]
    pub fn path(&self) -> String {
        match self.extension {
            None => self.attribute.name.clone(),
            Some(urn) => format!("{urn}:{}", self.attribute.name),
        }
    }
}

/// An attribute that every resource has and no schema lists (RFC 7643 §3.1): `schemas`, `id`, `externalId`, `meta`.
#[must_use]
pub fn common(name: &str) -> Option<&'static Attribute> {
    COMMON.iter().find(|one| fold::same(&one.name, name))
}

/// RFC 7643 §2.1, and `$ref`.
fn is_name(name: &str) -> bool {
    let name = name.strip_prefix('$').unwrap_or(name);
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(core::common);
