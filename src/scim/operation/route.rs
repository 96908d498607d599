use super::super::{
    error::Error,
    service::{CONNECTIONS, ServedType, ServiceConfig, Tenancy},
    tenant::{ResourceId, TenantId},
};
use crate::encoding::{Plus, percent_decode};

/// What a path means.
#[derive(Debug)]
pub(in crate::scim) struct Route<'c> {
    pub(in crate::scim) tenant: TenantId,
    /// `None` for a path that is no endpoint.
    pub(in crate::scim) endpoint: Option<Endpoint<'c>>,
    /// Slashes in a row were passed over.
    pub(in crate::scim) slashes: bool,
}

/// Where a request goes.
#[derive(Clone, Debug)]
pub(in crate::scim) enum Endpoint<'c> {
    Root,
    ServiceProviderConfig,
    ResourceTypes(Option<String>),
    Schemas(Option<String>),
    RootSearch,
    Bulk,
    Me,
    Type(&'c ServedType),
    Search(&'c ServedType),
    One(&'c ServedType, ResourceId),
}

/// Reads a path. An error where not even the tenant is known.
pub(in crate::scim) fn route<'c>(config: &'c ServiceConfig, path: &str) -> Result<Route<'c>, Error> {
    let rest = path.strip_prefix(config.base_path()).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let rest = rest.ok_or_else(|| outside(config.base_path(), path))?;
    let (rest, mut slashes) = after_slashes(rest);
    let (tenant, rest) = match config.tenancy() {
        Tenancy::Single(tenant) => (tenant.clone(), rest),
        Tenancy::InPath => {
            let rest = rest.strip_prefix(CONNECTIONS).and_then(|rest| rest.strip_prefix('/'));
            let rest = rest.ok_or(Error::NotFound)?;
            let (tenant, rest) =
                rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
            let tenant = decoded(tenant).filter(|tenant| !tenant.is_empty()).ok_or(Error::NotFound)?;
            let (rest, more) = after_slashes(rest);
            slashes |= more;
            (TenantId::from(tenant), rest)
        }
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    Ok(Route { tenant, endpoint: endpoint(config, rest), slashes })
}

/// The endpoint of a path below the tenant's, without slash before and after it.
pub(in crate::scim) fn endpoint<'c>(config: &'c ServiceConfig, path: &str) -> Option<Endpoint<'c>> {
    if path.is_empty() {
        return Some(Endpoint::Root);
    }
    let segments: Vec<String> = path.split('/').map(decoded).collect::<Option<_>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["ServiceProviderConfig"] => Some(Endpoint::ServiceProviderConfig),
        ["ResourceTypes"] => Some(Endpoint::ResourceTypes(None)),
        ["ResourceTypes", name] => Some(Endpoint::ResourceTypes(Some((*name).to_owned()))),
        ["Schemas"] => Some(Endpoint::Schemas(None)),
        ["Schemas", urn] => Some(Endpoint::Schemas(Some((*urn).to_owned()))),
        [".search"] => Some(Endpoint::RootSearch),
        ["Bulk"] => Some(Endpoint::Bulk),
        ["Me"] => Some(Endpoint::Me),
        [name] => config.served_at(name).map(Endpoint::Type),
        [name, ".search"] => config.served_at(name).map(Endpoint::Search),
        [name, id] if !id.is_empty() => {
            config.served_at(name).map(|served| Endpoint::One(served, ResourceId::from(*id)))
        }
        _ => None,
    }
}

impl Endpoint<'_> {
    /// The methods that it takes.
    pub(in crate::scim) fn allow(&self) -> &'static str {
        match self {
            Self::Root | Self::ServiceProviderConfig | Self::ResourceTypes(_) | Self::Schemas(_) => "GET",
            Self::RootSearch | Self::Search(_) | Self::Bulk => "POST",
            Self::Me | Self::One(..) => "GET, PUT, PATCH, DELETE",
            Self::Type(_) => "GET, POST",
        }
    }

    pub(in crate::scim) fn is_discovery(&self) -> bool {
        matches!(self, Self::ServiceProviderConfig | Self::ResourceTypes(_) | Self::Schemas(_))
    }
}

/// Any run of slashes before what follows, as clients send it whose base URL ends with one.
fn after_slashes(path: &str) -> (&str, bool) {
    (path.trim_start_matches('/'), path.starts_with("//"))
}

fn decoded(segment: &str) -> Option<String> {
    String::from_utf8(percent_decode(segment.as_bytes(), Plus::Literal).ok()?).ok()
}

/// A path of another version of the protocol is told apart from one that is nothing.
fn outside(base_path: &str, path: &str) -> Error {
    let is_version = |segment: &str| {
        let digits = segment.strip_prefix('v').unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let other = base_path.rsplit_once('/').filter(|(_, last)| is_version(last)).and_then(|(parent, _)| {
        let rest = path.strip_prefix(parent)?.strip_prefix('/')?;
        rest.split('/').next().filter(|segment| is_version(segment))
    });
    if other.is_some() { Error::Version } else { Error::NotFound }
}
