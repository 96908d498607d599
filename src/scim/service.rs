//! [`ServiceConfig`]: what a service offers. Discovery shows it, and every rule is enforced by it.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    leniency::Leniency,
    page::CursorSeal,
    schema::{Attribute, GROUP, ResourceType, Schema, USER, Uniqueness},
    tenant::{ResourceId, TenantId},
};
use crate::{
    crypto::Secret,
    encoding::percent_encode,
    endpoint::{self, EndpointError, UrlPolicy},
    limits::ScimLimits,
};

/// What a service offers, and how it reads requests.
#[derive(Clone, Debug)]
pub struct ServiceConfig {
    /// Without slash at the end.
    base_url: String,
    /// The path of it, percent-encoded as requests have it, without slash at the end.
    base_path: String,
    tenancy: Tenancy,
    resource_types: Vec<ServedType>,
    pub(super) limits: ScimLimits,
    pub(super) leniency: Leniency,
    pub(super) cursors: Option<Cursors>,
    pub(super) bulk: Bulk,
    pub(super) discovery: DiscoveryAccess,
    pub(super) unknown_members: UnknownMembers,
    pub(super) queries: QueryPrivacy,
    pub(super) pagination_block: PaginationBlock,
    pub(super) removal_limit: Option<usize>,
}

/// Which tenant a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// The path says it: `…/connections/{id}/Users`.
    InPath,
    /// There is one alone: `…/Users`.
    Single(TenantId),
}

/// What a PATCH answers with, where the request does not name attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatchAnswer {
    /// 200 and the resource.
    Resource,
    /// 204 and nothing, which spares the list of members.
    NoContent,
}

/// Whether `/Bulk` is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bulk {
    /// It is.
    On,
    /// It is not.
    Off,
}

/// Who may read the discovery endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiscoveryAccess {
    /// Whoever has a valid token, whatever its scopes.
    AnyToken,
    /// Everybody.
    Public,
}

/// What becomes of a member that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnknownMembers {
    /// The request fails.
    Refuse,
    /// It is left out, with a note.
    Skip,
}

/// Whether the address of a request may hold personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueryPrivacy {
    /// It may: what every identity provider does.
    Allowed,
    /// A GET that filters by more than identifiers is refused in favour of `.search`, since addresses are logged.
    Forbidden,
}

/// Whether ServiceProviderConfig says how lists are paged (RFC 9865).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaginationBlock {
    /// It does.
    Shown,
    /// It does not, for clients that give up on a member that is new to them. Lists are paged all the same.
    Hidden,
}

/// What pages by cursor need.
#[derive(Clone, Debug)]
pub(super) struct Cursors {
    key: Secret,
    timeout: Duration,
}

/// A resource type as it is served.
#[derive(Clone)]
pub(super) struct ServedType {
    pub(super) resource_type: Arc<ResourceType>,
    pub(super) kind: Kind,
    pub(super) patch_answer: PatchAnswer,
}

/// What is special about a resource type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
    Other,
}

/// Why a configuration cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The base URL is not followed.
    #[error(transparent)]
    Url(#[from] EndpointError),
    /// The base URL has a query.
    #[error("the base URL has a query")]
    Query,
    /// Two resource types have one name or endpoint, or take one of the protocol's own.
    #[error("{name} is the name or endpoint of something else")]
    TypeTaken {
        /// The resource type.
        name: String,
    },
    /// A key that is too short: 32 bytes are needed.
    #[error("the key of cursors is shorter than 32 bytes")]
    CursorKey,
}

impl ServiceConfig {
    /// Users and groups below this URL, the one that clients reach the service by: `https://example.com/scim/v2`.
    ///
    /// # Errors
    /// [`ConfigError`] for a URL that `policy` does not allow, or with a query.
    pub fn new(base_url: &str, policy: UrlPolicy, tenancy: Tenancy) -> Result<Self, ConfigError> {
        let url = endpoint::check(base_url, policy)?;
        if url.query().is_some() {
            return Err(ConfigError::Query);
        }
        Ok(Self {
            base_url: url.as_str().trim_end_matches('/').to_owned(),
            base_path: url.path().trim_end_matches('/').to_owned(),
            tenancy,
            resource_types: vec![
                ServedType {
                    resource_type: Arc::new(ResourceType::user()),
                    kind: Kind::User,
                    patch_answer: PatchAnswer::Resource,
                },
                ServedType {
                    resource_type: Arc::new(ResourceType::group()),
                    kind: Kind::Group,
                    patch_answer: PatchAnswer::NoContent,
                },
            ],
            limits: ScimLimits::default(),
            leniency: Leniency::default(),
            cursors: None,
            bulk: Bulk::On,
            discovery: DiscoveryAccess::AnyToken,
            unknown_members: UnknownMembers::Refuse,
            queries: QueryPrivacy::Allowed,
            pagination_block: PaginationBlock::Shown,
            removal_limit: None,
        })
    }

    /// Serves this resource type too, or in place of the one with the same schema: users with an extension more.
    ///
    /// # Errors
    /// [`ConfigError::TypeTaken`].
    pub fn with_type(mut self, resource_type: ResourceType) -> Result<Self, ConfigError> {
        let schema = &resource_type.schema.id;
        let at = self.resource_types.iter().position(|one| one.resource_type.schema.id == *schema);
        let taken = self.resource_types.iter().enumerate().any(|(index, one)| {
            Some(index) != at
                && (one.resource_type.name == resource_type.name
                    || one.resource_type.endpoint == resource_type.endpoint)
        });
        if taken || RESERVED.contains(&resource_type.endpoint.as_str()) {
            return Err(ConfigError::TypeTaken { name: resource_type.name });
        }
        let kind = match schema.as_str() {
            USER => Kind::User,
            GROUP => Kind::Group,
            _ => Kind::Other,
        };
        let resource_type = Arc::new(resource_type);
        match at.and_then(|at| self.resource_types.get_mut(at)) {
            Some(served) => served.resource_type = resource_type,
            None => {
                let patch_answer = PatchAnswer::Resource;
                self.resource_types.push(ServedType { resource_type, kind, patch_answer });
            }
        }
        Ok(self)
    }

    /// Serves users alone: there is no `/Groups`.
    #[must_use]
    pub fn without_groups(mut self) -> Self {
        self.resource_types.retain(|one| one.kind != Kind::Group);
        self
    }

    /// Users have no `password`, which is otherwise handed to the host as an effect.
    #[must_use]
    pub fn without_passwords(self) -> Self {
        self.with_schema_of(Kind::User, |schema| schema.attributes.retain(|one| one.name != "password"))
    }

    /// Several groups may have one `displayName`, as the standard has it. Clients match groups by it.
    #[must_use]
    pub fn with_repeated_group_names(self) -> Self {
        self.with_schema_of(Kind::Group, |schema| {
            let names = schema.attributes.iter_mut().filter(|one| one.name == "displayName");
            names.for_each(|name| name.uniqueness = Uniqueness::None);
        })
    }

    /// What a PATCH of this resource type answers with.
    #[must_use]
    pub fn with_patch_answer(mut self, resource_type: &str, answer: PatchAnswer) -> Self {
        let served = self.resource_types.iter_mut().filter(|one| one.resource_type.name == resource_type);
        served.for_each(|one| one.patch_answer = answer);
        self
    }

    /// Serves pages by cursor, sealed by this key of 32 bytes at least, each good for this long.
    ///
    /// # Errors
    /// [`ConfigError::CursorKey`].
    pub fn with_cursors(mut self, key: Secret, timeout: Duration) -> Result<Self, ConfigError> {
        if key.expose().len() < 32 {
            return Err(ConfigError::CursorKey);
        }
        self.cursors = Some(Cursors { key, timeout });
        Ok(self)
    }

    /// Reads requests within these bounds.
    #[must_use]
    pub fn with_limits(self, limits: ScimLimits) -> Self {
        Self { limits, ..self }
    }

    /// Reads these deviations.
    #[must_use]
    pub fn with_leniency(self, leniency: Leniency) -> Self {
        Self { leniency, ..self }
    }

    /// Whether `/Bulk` is there.
    #[must_use]
    pub fn with_bulk(self, bulk: Bulk) -> Self {
        Self { bulk, ..self }
    }

    /// Who may read the discovery endpoints.
    #[must_use]
    pub fn with_discovery(self, discovery: DiscoveryAccess) -> Self {
        Self { discovery, ..self }
    }

    /// What becomes of a member that does not exist.
    #[must_use]
    pub fn with_unknown_members(self, unknown_members: UnknownMembers) -> Self {
        Self { unknown_members, ..self }
    }

    /// Whether the address of a request may hold personal data.
    #[must_use]
    pub fn with_queries(self, queries: QueryPrivacy) -> Self {
        Self { queries, ..self }
    }

    /// Whether ServiceProviderConfig says how lists are paged.
    #[must_use]
    pub fn with_pagination_block(self, pagination_block: PaginationBlock) -> Self {
        Self { pagination_block, ..self }
    }

    /// Refuses a change that takes more members out of a group at once, until somebody has confirmed it.
    #[must_use]
    pub fn with_removal_limit(self, limit: usize) -> Self {
        Self { removal_limit: Some(limit), ..self }
    }

    /// The resource types, in the order served.
    pub fn resource_types(&self) -> impl Iterator<Item = &ResourceType> {
        self.resource_types.iter().map(|one| &*one.resource_type)
    }

    /// A resource type, by its name.
    #[must_use]
    pub fn resource_type(&self, name: &str) -> Option<&ResourceType> {
        self.resource_types().find(|one| one.name == name)
    }

    /// The URL that a tenant's resources are below, without slash at the end. It is made of the configuration alone.
    #[must_use]
    pub fn tenant_url(&self, tenant: &TenantId) -> String {
        match &self.tenancy {
            Tenancy::InPath => {
                format!("{}/{CONNECTIONS}/{}", self.base_url, percent_encode(tenant.as_str().as_bytes()))
            }
            Tenancy::Single(_) => self.base_url.clone(),
        }
    }

    /// The URL of a resource.
    #[must_use]
    pub fn location(&self, tenant: &TenantId, resource_type: &ResourceType, id: &ResourceId) -> String {
        let id = percent_encode(id.as_str().as_bytes());
        format!("{}{}/{id}", self.tenant_url(tenant), resource_type.endpoint)
    }

    pub(super) fn base_path(&self) -> &str {
        &self.base_path
    }

    pub(super) fn tenancy(&self) -> &Tenancy {
        &self.tenancy
    }

    pub(super) fn served(&self) -> &[ServedType] {
        &self.resource_types
    }

    pub(super) fn served_at(&self, endpoint: &str) -> Option<&ServedType> {
        self.resource_types.iter().find(|one| one.resource_type.endpoint.strip_prefix('/') == Some(endpoint))
    }

    pub(super) fn served_users(&self) -> Option<&ServedType> {
        self.resource_types.iter().find(|one| one.kind == Kind::User)
    }

    pub(super) fn cursor_seal(&self) -> Option<CursorSeal<'_>> {
        self.cursors.as_ref().map(|cursors| CursorSeal { key: &cursors.key, timeout: cursors.timeout })
    }

    fn with_schema_of(mut self, kind: Kind, change: impl Fn(&mut Schema)) -> Self {
        for served in self.resource_types.iter_mut().filter(|one| one.kind == kind) {
            change(Arc::make_mut(&mut Arc::make_mut(&mut served.resource_type).schema));
        }
        self
    }
}

impl ServedType {
    /// The attribute of the type's own schema with this name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.resource_type.schema.attribute(name)
    }
}

/// What stands before the tenant in a path.
pub(super) const CONNECTIONS: &str = "connections";

const RESERVED: [&str; 6] =
    ["/Me", "/Bulk", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/connections"];

impl fmt::Debug for ServedType {
    /// Which one: its attributes are the same all the time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServedType").field(&self.resource_type.name).finish()
    }
}
