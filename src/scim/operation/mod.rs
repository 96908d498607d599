//! A request, understood: which resource, what to do with it, and what of it to show.

pub(super) mod query;
pub(super) mod route;

use http::{Method, Request, header};
use serde_json::{Map, Value};

use super::{
    access::{Access, Scope},
    discovery,
    error::Error,
    filter::{self, Filter, Operand},
    machine::Context,
    page::PageRequest,
    patch::{self, PatchOps},
    projection::Projection,
    resource::{self, Purpose, Reading, Resource},
    respond::Answer,
    schema::ResourceType,
    service::{Bulk, DiscoveryAccess, Kind, PatchAnswer, QueryPrivacy, ServedType, ServiceConfig},
    sort::Sort,
    tenant::{ResourceId, TenantId},
};
use crate::{
    crypto::Secret,
    fold,
    json::{self, Object},
    limits::{JsonLimits, ScimLimits},
    note::Note,
    time::Timestamp,
};
use query::Query;
use route::Endpoint;

/// What a request asks for.
#[derive(Debug)]
pub(super) enum Asked<'c> {
    One(Op<'c>),
    /// The body of a bulk request.
    Bulk(Object),
}

/// What is to be done with one resource, or a list of them.
#[derive(Debug)]
pub(super) enum Op<'c> {
    /// It is answered without anything being loaded.
    Answered(Answer),
    Get {
        served: &'c ServedType,
        id: ResourceId,
        projection: Projection,
    },
    List(Listing<'c>),
    Create(Written<'c>),
    Replace {
        id: ResourceId,
        written: Written<'c>,
        members: MembersGiven,
    },
    Patch {
        served: &'c ServedType,
        id: ResourceId,
        ops: PatchOps<'c>,
        /// What the answer shows; `None` for an answer without body.
        projection: Option<Projection>,
    },
    Delete {
        served: &'c ServedType,
        id: ResourceId,
    },
}

/// A body that makes or replaces a resource.
#[derive(Debug)]
pub(super) struct Written<'c> {
    pub(super) served: &'c ServedType,
    /// Without `password`.
    pub(super) resource: Resource,
    pub(super) password: Option<Secret>,
    pub(super) projection: Projection,
}

/// What a PUT says of a group's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MembersGiven {
    /// These: whoever is not named leaves.
    These,
    /// Nothing: they stay.
    Kept,
}

/// A list of one type, or of all types one after the other.
pub(super) struct Listing<'c> {
    /// INVARIANT (parts): one at least.
    pub(super) parts: Vec<Part<'c>>,
    pub(super) page: PageRequest,
    /// What a cursor of this list is sealed over.
    pub(super) query: String,
}

/// What a list holds of one type.
#[derive(Debug)]
pub(super) struct Part<'c> {
    pub(super) served: &'c ServedType,
    pub(super) filter: Option<Filter>,
    pub(super) sort: Option<Sort>,
    pub(super) projection: Projection,
}

/// Reads a request. Who may not be here is told so before anything else.
pub(super) fn parse<'c>(
    config: &'c ServiceConfig,
    context: &Context,
    request: &Request<Vec<u8>>,
    reading: &mut Reading<'c>,
) -> Result<(TenantId, Asked<'c>), Error> {
    let route = route::route(config, request.uri().path())?;
    let tenant = route.tenant;
    let access = authorize(config, context.access.as_ref(), &tenant, route.endpoint.as_ref())?;
    if route.slashes {
        reading.note(Note::new("scim.double_slash"));
    }
    let endpoint = route.endpoint.ok_or(Error::NotFound)?;
    if !endpoint.allow().split(", ").any(|method| method == request.method().as_str()) {
        return Err(Error::MethodNotAllowed { allow: endpoint.allow() });
    }
    let query = Query::parse(request.uri().query().unwrap_or_default())?;
    if endpoint.is_discovery() {
        if query.filter.is_some() {
            return Err(Error::FilterForbidden);
        }
        let answer = discovery::answer(config, &tenant, &endpoint)?;
        return Ok((tenant, Asked::One(Op::Answered(answer))));
    }
    let access = access.ok_or(Error::Unauthorized)?;
    if let Endpoint::Bulk = endpoint {
        if config.bulk == Bulk::Off {
            return Err(Error::NotFound);
        }
        return Ok((tenant, Asked::Bulk(body(request, config.limits.bulk_body, &config.limits)?)));
    }
    let endpoint = own(config, access, endpoint)?;
    let body = match request.method().as_str() {
        "POST" | "PUT" | "PATCH" => Some(body(request, config.limits.body, &config.limits)?),
        _ => None,
    };
    let listed = ListContext { config, tenant: &tenant, now: context.now };
    let op = match (endpoint, body) {
        (Endpoint::Root, _) => {
            for served in config.served() {
                check_privacy(config, served, &query, reading)?;
            }
            Op::List(listed.of_all(access, &query, reading)?)
        }
        (Endpoint::RootSearch, Some(body)) => {
            let query = Query::of_search(body, reading)?;
            Op::List(listed.of_all(access, &query, reading)?)
        }
        (Endpoint::Search(served), Some(body)) => {
            access.check(served.scope(Method::GET.as_str()))?;
            let query = Query::of_search(body, reading)?;
            Op::List(listed.of_one(served, &query, reading)?)
        }
        (Endpoint::Type(served), None) => {
            access.check(served.scope(Method::GET.as_str()))?;
            check_privacy(config, served, &query, reading)?;
            Op::List(listed.of_one(served, &query, reading)?)
        }
        (endpoint, body) => one(access, request.method().as_str(), endpoint, &query, body, reading)?,
    };
    Ok((tenant, Asked::One(op)))
}

/// Reads an operation on one resource: what a request of its own asks for, and what a part of a bulk request does.
pub(super) fn one<'c>(
    access: &Access,
    method: &str,
    endpoint: Endpoint<'c>,
    query: &Query,
    body: Option<Object>,
    reading: &mut Reading<'c>,
) -> Result<Op<'c>, Error> {
    match (method, endpoint, body) {
        ("GET", Endpoint::One(served, id), _) => {
            access.check(served.scope(method))?;
            let projection = query.projection(&served.resource_type, reading)?;
            Ok(Op::Get { served, id, projection })
        }
        ("POST", Endpoint::Type(served), Some(body)) => {
            access.check(served.scope(method))?;
            written(served, body, Purpose::Create, query, reading).map(Op::Create)
        }
        ("PUT", Endpoint::One(served, id), Some(body)) => {
            access.check(served.scope(method))?;
            let named = body.iter().any(|(name, _)| is_members(served, name));
            let kept = served.kind == Kind::Group
                && !named
                && reading.takes(super::leniency::Deviation::MembersKept, "members");
            let members = if kept { MembersGiven::Kept } else { MembersGiven::These };
            let written = written(served, body, Purpose::Replace, query, reading)?;
            Ok(Op::Replace { id, written, members })
        }
        ("PATCH", Endpoint::One(served, id), Some(body)) => {
            access.check(served.scope(method))?;
            let ops = patch::parse(&served.resource_type, body, reading)?;
            let shows = query.names_attributes() || served.patch_answer == PatchAnswer::Resource;
            let projection = match shows {
                true => Some(query.projection(&served.resource_type, reading)?),
                false => None,
            };
            Ok(Op::Patch { served, id, ops, projection })
        }
        ("DELETE", Endpoint::One(served, id), _) => {
            access.check(served.scope(method))?;
            Ok(Op::Delete { served, id })
        }
        (_, endpoint, _) => Err(Error::MethodNotAllowed { allow: endpoint.allow() }),
    }
}

/// Takes an object from the bytes of a body.
pub(super) fn body(request: &Request<Vec<u8>>, most: usize, limits: &ScimLimits) -> Result<Object, Error> {
    // Every one that is given: two readers of one message must not take it for two things.
    for media_type in request.headers().get_all(header::CONTENT_TYPE) {
        let essence = media_type.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let known = ["application/scim+json", "application/json"];
        if !known.into_iter().any(|known| essence.eq_ignore_ascii_case(known)) {
            return Err(Error::Syntax { reason: "the body is not application/scim+json".to_owned() });
        }
    }
    let bytes = request.body();
    if bytes.len() > most {
        return Err(Error::TooLarge { what: "bytes of body", limit: most });
    }
    // The number of bytes bounds all but the depth; what has a bound of its own is counted where it is read.
    let bounds = JsonLimits {
        bytes: most,
        depth: limits.depth,
        members: 1_000,
        array_members: most,
        values: most,
        string: most,
    };
    Ok(json::parse_object(bytes, &bounds)?)
}

/// An object as the parser of bodies takes it.
pub(super) fn object_of(members: Map<String, Value>) -> Object {
    members.into_iter().fold(Object::new(), |object, (name, value)| object.with(&name, value))
}

impl ServedType {
    /// What a token needs for this type; those of the host's own count as users.
    pub(super) fn scope(&self, method: &str) -> Scope {
        match (self.kind, method) {
            (Kind::Group, "GET") => Scope::GroupsRead,
            (Kind::Group, _) => Scope::GroupsWrite,
            (_, "GET") => Scope::UsersRead,
            (_, _) => Scope::UsersWrite,
        }
    }
}

/// The access of a request; `None` where none is needed.
fn authorize<'a>(
    config: &ServiceConfig,
    access: Option<&'a Access>,
    tenant: &TenantId,
    endpoint: Option<&Endpoint<'_>>,
) -> Result<Option<&'a Access>, Error> {
    let public = config.discovery == DiscoveryAccess::Public && endpoint.is_some_and(Endpoint::is_discovery);
    match access {
        Some(access) if access.tenant == *tenant => Ok(Some(access)),
        _ if public => Ok(None),
        // A token of another tenant is none here.
        _ => Err(Error::Unauthorized),
    }
}

/// What `/Me` means.
fn own<'c>(
    config: &'c ServiceConfig,
    access: &Access,
    endpoint: Endpoint<'c>,
) -> Result<Endpoint<'c>, Error> {
    match endpoint {
        Endpoint::Me => {
            let served = config.served_users().ok_or(Error::NotFound)?;
            Ok(Endpoint::One(served, access.me.clone().ok_or(Error::NotFound)?))
        }
        endpoint => Ok(endpoint),
    }
}

fn written<'c>(
    served: &'c ServedType,
    body: Object,
    purpose: Purpose,
    query: &Query,
    reading: &mut Reading<'c>,
) -> Result<Written<'c>, Error> {
    let mut resource = resource::read(&served.resource_type, body, purpose, reading)?;
    let password = take_password(served, &mut resource);
    let projection = query.projection(&served.resource_type, reading)?;
    Ok(Written { served, resource, password, projection })
}

/// Takes the password out: it goes to the host and is kept nowhere.
pub(super) fn take_password(served: &ServedType, resource: &mut Resource) -> Option<Secret> {
    if served.kind != Kind::User {
        return None;
    }
    let found = served.resource_type.own("password")?;
    match resource.take(&found) {
        Some(Value::String(password)) => Some(Secret::new(password)),
        _ => None,
    }
}

fn is_members(served: &ServedType, name: &str) -> bool {
    let name = match name.rsplit_once(':') {
        Some((urn, name)) if fold::same(urn, &served.resource_type.schema.id) => name,
        _ => name,
    };
    fold::same(name, "members")
}

struct ListContext<'c, 't> {
    config: &'c ServiceConfig,
    tenant: &'t TenantId,
    now: Timestamp,
}

impl<'c> ListContext<'c, '_> {
    fn of_one(
        &self,
        served: &'c ServedType,
        query: &Query,
        reading: &mut Reading<'c>,
    ) -> Result<Listing<'c>, Error> {
        let part = part(served, query, reading)?;
        self.listing(vec![part], query)
    }

    /// Every type, one after the other. A filter that one type cannot take finds nothing there; one that none can take is
    /// an error.
    fn of_all(
        &self,
        access: &Access,
        query: &Query,
        reading: &mut Reading<'c>,
    ) -> Result<Listing<'c>, Error> {
        let mut parts = Vec::new();
        let mut failed = None;
        for served in self.config.served() {
            access.check(served.scope(Method::GET.as_str()))?;
            match part(served, query, reading) {
                Ok(part) => parts.push(part),
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        match failed {
            Some(error) if parts.is_empty() => Err(error),
            _ if query.cursor.is_some() && parts.len() > 1 => Err(Error::Value {
                attribute: "cursor".to_owned(),
                reason: "a cursor is of one resource type".to_owned(),
            }),
            _ => self.listing(parts, query),
        }
    }

    fn listing(&self, parts: Vec<Part<'c>>, query: &Query) -> Result<Listing<'c>, Error> {
        let seal = self.config.cursor_seal();
        if query.cursor.is_some() && seal.is_none() {
            return Err(Error::CursorInvalid);
        }
        let text = parts.iter().map(Part::to_string).collect::<Vec<_>>().join("\n");
        let page = PageRequest::parse(
            query.page(),
            self.tenant.as_str(),
            &text,
            seal,
            &self.config.limits,
            self.now,
        )?;
        Ok(Listing { parts, page, query: text })
    }
}

fn part<'c>(served: &'c ServedType, query: &Query, reading: &mut Reading<'c>) -> Result<Part<'c>, Error> {
    let resource_type: &ResourceType = &served.resource_type;
    let filter = match &query.filter {
        Some(filter) => Some(filter::parse(filter, resource_type, reading)?),
        None => None,
    };
    let sort = match &query.sort_by {
        Some(by) => Some(Sort::parse(by, query.sort_order.as_deref(), resource_type, reading)?),
        None => None,
    };
    let projection = query.projection(resource_type, reading)?;
    Ok(Part { served, filter, sort, projection })
}

impl std::fmt::Debug for Listing<'_> {
    /// Nothing of the query: its filter is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listing")
            .field("parts", &self.parts)
            .field("page", &self.page)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Display for Part<'_> {
    /// What a cursor belongs to.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.served.resource_type.name)?;
        if let Some(filter) = &self.filter {
            write!(f, "?{filter}")?;
        }
        match &self.sort {
            Some(sort) => write!(f, "&{} {:?}", sort.by, sort.order),
            None => Ok(()),
        }
    }
}

/// RFC 7644 §7.5.2: addresses end up in logs.
fn check_privacy(
    config: &ServiceConfig,
    served: &ServedType,
    query: &Query,
    reading: &mut Reading<'_>,
) -> Result<(), Error> {
    let Some(filter) = &query.filter else { return Ok(()) };
    if config.queries == QueryPrivacy::Allowed || served.kind == Kind::Group {
        return Ok(());
    }
    match filter::parse(filter, &served.resource_type, reading) {
        Ok(filter) if is_personal(&filter) => Err(Error::Sensitive),
        // What does not parse is refused where it is read.
        _ => Ok(()),
    }
}

fn is_personal(filter: &Filter) -> bool {
    let personal = |operand: &Operand| {
        let harmless = ["id", "externalId", "meta", "active"];
        operand.extension.is_some() || !harmless.contains(&operand.attribute.as_str())
    };
    match filter {
        Filter::And(filters) | Filter::Or(filters) => filters.iter().any(is_personal),
        Filter::Not(filter) => is_personal(filter),
        Filter::Test(operand, _) | Filter::Values { attribute: operand, .. } => personal(operand),
    }
}
