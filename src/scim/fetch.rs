//! [`Fetch`]: what an operation needs to know before it can decide; [`Fetched`]: the host's answer.
//!
//! A host loads within the [`Fetch::tenant`] and nowhere else: what belongs to another tenant is not there.

use std::fmt;

use super::{
    filter::{Filter, UniqueLookup, sql::Unsupported},
    page::{PageRequest, Position},
    projection::Projection,
    resource::Resource,
    schema::Found,
    sort::Sort,
    tenant::{ExternalId, ResourceId, TenantId},
};
use crate::{id::Revision, time::Timestamp};

/// What the host is asked to load.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fetch {
    /// Whose data. Nothing of another tenant may be in the answer.
    pub tenant: TenantId,
    /// What to load.
    pub target: Target,
    /// Identifiers of users and groups that a change refers to: which of them exist?
    pub references: Vec<ResourceId>,
    /// How many identifiers for new resources are needed: never used before, and nothing that a client sent.
    pub new_ids: usize,
}

/// What to load.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Target {
    /// Nothing: answer with [`Loaded::Nothing`].
    Nothing,
    /// One resource: answer with [`Loaded::One`].
    One {
        /// The name of its type.
        resource_type: String,
        /// Its identifier, as the client gave it.
        id: ResourceId,
        /// Which attributes.
        load: Load,
    },
    /// Whoever has this `userName`, be it provisioned or not: answer with [`Loaded::Holder`].
    UserName {
        /// The name, [folded](crate::fold::fold).
        folded: String,
    },
    /// A part of a list: answer with [`Loaded::Page`].
    List(Box<ListQuery>),
}

/// Which part of which list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ListQuery {
    /// The name of the resource type.
    pub resource_type: String,
    /// Which resources; all, where there is none.
    pub filter: Option<Filter>,
    /// In which order; by identifier, where there is none.
    pub sort: Option<Sort>,
    /// Which part. With a cursor, the host looks for one resource more than the page has, to know whether more follows.
    pub page: PageRequest,
    /// Which attributes.
    pub load: Load,
}

/// Which attributes of a resource are needed: what is shown, and what a change is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    projection: Projection,
    attributes: Extent,
    members: Extent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    None,
    Shown,
    All,
}

/// The host's answer to a [`Fetch`].
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// What was asked for.
    pub target: Loaded,
    /// Those of [`Fetch::references`] that exist in the tenant, with what they are.
    pub references: Vec<Reference>,
    /// As many as [`Fetch::new_ids`].
    pub new_ids: Vec<ResourceId>,
}

/// What was loaded.
#[derive(Clone, Debug, PartialEq)]
pub enum Loaded {
    /// To [`Target::Nothing`].
    Nothing,
    /// To [`Target::One`]; `None` when the tenant has no such resource of this type.
    One(Option<Stored>),
    /// To [`Target::UserName`]; `None` when the name is free.
    Holder(Option<Holder>),
    /// To [`Target::List`].
    Page(Page),
    /// To [`Target::List`], when the host cannot give this list in pages.
    TooMany,
    /// To [`Target::List`], when the host cannot evaluate the filter.
    Unsupported(Unsupported),
    /// The host failed. It knows why; the client is told nothing of it.
    Failed,
}

/// A user or group that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its identifier.
    pub id: ResourceId,
    /// The name of its type: `User` or `Group`.
    pub resource_type: String,
}

/// A resource as the host has stored it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// What the host records about it.
    pub facts: Facts,
    /// Its attributes, as far as [`Load::includes`] asks for them. What the host works out, such as `groups` of a user,
    /// is among them; `$ref` is not.
    pub resource: Resource,
    /// Whether provisioning may not deactivate or delete it.
    pub protected: bool,
}

/// What the host records about a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its identifier.
    pub id: ResourceId,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub last_modified: Timestamp,
    /// Its state: another text after every change.
    pub version: Revision,
}

/// Who has a `userName`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub id: ResourceId,
    /// Where it comes from.
    pub origin: Origin,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it may be used.
    pub active: bool,
    /// Whether provisioning may not deactivate it.
    pub protected: bool,
}

/// Where an account comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A sign-in by this very connection made it, and provisioning does not manage it yet. This one alone is adopted.
    SignIn,
    /// Provisioning of this connection manages it.
    Provisioned,
    /// A local account, or one of another connection.
    Elsewhere,
}

/// What [`ListQuery::select`] finds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selected<R> {
    /// How many rows the whole list has.
    pub total: usize,
    /// The rows of the part, in order.
    pub rows: Vec<R>,
    /// With a cursor: the place of the last of them, when more follow it.
    pub next: Option<Position>,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// How many resources the whole list has. With a cursor it may be left out.
    pub total: Option<usize>,
    /// The resources of the part, in order.
    pub resources: Vec<Stored>,
    /// With a cursor: the place of the last resource of this part, when more follow it.
    pub next: Option<Position>,
}

impl Fetched {
    /// An answer without references and identifiers.
    #[must_use]
    pub fn new(target: Loaded) -> Self {
        Self { target, references: Vec::new(), new_ids: Vec::new() }
    }
}

impl Stored {
    /// What the client calls the resource.
    #[must_use]
    pub fn external_id(&self) -> Option<ExternalId> {
        self.resource.external_id().map(ExternalId::from)
    }
}

impl ListQuery {
    /// The look-up by a unique attribute that this is, if it is one: at most one row, found by its index.
    #[must_use]
    pub fn unique_lookup(&self) -> Option<UniqueLookup<'_>> {
        self.filter.as_ref()?.unique_lookup()
    }
}

impl Load {
    /// What an answer shows.
    pub(super) fn shown(projection: Projection) -> Self {
        Self { projection, attributes: Extent::Shown, members: Extent::Shown }
    }

    /// Every attribute, but of `members` and `groups` what an answer shows.
    pub(super) fn to_change(projection: Projection) -> Self {
        Self { projection, attributes: Extent::All, members: Extent::Shown }
    }

    pub(super) fn without_members(self) -> Self {
        Self { members: Extent::None, ..self }
    }

    pub(super) fn with_members(self) -> Self {
        Self { members: Extent::All, ..self }
    }

    /// Whether this attribute is needed. Leave out the others: `members` of a large group above all.
    #[must_use]
    pub fn includes(&self, found: &Found<'_>) -> bool {
        let extent = match (found.extension, found.attribute.name.as_str()) {
            (None, "members") => self.members,
            (None, "groups") => Extent::Shown,
            _ => self.attributes,
        };
        match extent {
            Extent::None => false,
            Extent::Shown => self.projection.includes(found),
            Extent::All => true,
        }
    }
}

impl fmt::Debug for Target {
    /// What is looked for, and nothing of a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::One { resource_type, id, load } => {
                f.debug_tuple("One").field(resource_type).field(id).field(load).finish()
            }
            Self::UserName { folded: _ } => f.write_str("UserName"),
            Self::List(query) => f.debug_tuple("List").field(query).finish(),
        }
    }
}
