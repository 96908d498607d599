//! Answers: status, headers and body. [`error`] is for what the host refuses itself: a token, a pause, a failure.

use http::{HeaderValue, Response, header};
use serde_json::{Map, Value, json};

use super::{
    conditions::etag,
    error::Error,
    fetch::{Facts, Stored},
    projection::Projection,
    resource::{Resource, is_reference},
    schema::{Attribute, ResourceType},
    service::ServiceConfig,
    tenant::{ResourceId, TenantId},
};
use crate::id::Revision;

/// The media type of requests and answers.
pub const MEDIA_TYPE: &str = "application/scim+json";
/// The URN of an error.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// The URN of a list.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// An answer that is not yet bytes.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    pub(super) location: Option<String>,
    pub(super) etag: Option<String>,
    /// What was refused, for headers that only an error has.
    pub(super) error: Option<Error>,
}

/// The answer for what the host refuses: [`Error::Unauthorized`], [`Error::SwitchedOff`], [`Error::TooManyRequests`],
/// [`Error::Host`].
#[must_use]
pub fn error(error: &Error) -> Response<Vec<u8>> {
    Answer::of_error(error.clone()).into_response()
}

/// A resource as it is shown when nothing is left out, and as filters and orders see it: `schemas`, `id` and `meta`
/// included.
#[must_use]
pub fn representation(
    config: &ServiceConfig,
    tenant: &TenantId,
    resource_type: &ResourceType,
    stored: &Stored,
) -> Map<String, Value> {
    whole(config, tenant, resource_type, &stored.facts, stored.resource.clone())
}

/// A resource as a request wants to see it.
pub(super) fn shown(
    config: &ServiceConfig,
    tenant: &TenantId,
    resource_type: &ResourceType,
    facts: &Facts,
    resource: Resource,
    projection: &Projection,
) -> Map<String, Value> {
    projection.apply(resource_type, whole(config, tenant, resource_type, facts, resource))
}

impl Answer {
    pub(super) fn of_error(error: Error) -> Self {
        let mut body = json!({
            "schemas": [ERROR],
            "status": error.status().to_string(),
            "detail": error.to_string(),
        });
        if let (Some(scim_type), Some(members)) = (error.scim_type(), body.as_object_mut()) {
            members.insert("scimType".to_owned(), Value::from(scim_type.as_str()));
        }
        Self { status: error.status(), body: Some(body), error: Some(error), ..Self::default() }
    }

    pub(super) fn of_body(body: Value) -> Self {
        Self { status: 200, body: Some(body), ..Self::default() }
    }

    /// A resource, with the entity tag that its `meta.version` has.
    pub(super) fn of_resource(
        status: u16,
        facts: &Facts,
        location: String,
        body: Map<String, Value>,
    ) -> Self {
        Self {
            status,
            body: Some(Value::Object(body)),
            location: Some(location),
            etag: Some(etag(&facts.version)),
            error: None,
        }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(super) fn with_version(self, version: &Revision) -> Self {
        Self { etag: Some(etag(version)), ..self }
    }

    pub(super) fn into_response(self) -> Response<Vec<u8>> {
        let body = self.body.as_ref().map(Value::to_string);
        let mut response = Response::new(body.unwrap_or_default().into_bytes());
        if let Ok(status) = http::StatusCode::from_u16(self.status) {
            *response.status_mut() = status;
        }
        let headers = response.headers_mut();
        if self.body.is_some() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        }
        // Only what was made now has a place of its own to tell.
        let location = self.location.filter(|_| self.status == 201);
        for (name, value) in [(header::LOCATION, location), (header::ETAG, self.etag)] {
            // INVARIANT (printable): locations and entity tags are percent-encoded.
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name, value);
            }
        }
        match self.error {
            Some(Error::Unauthorized) => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Some(Error::MethodNotAllowed { allow }) => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            _ => {}
        }
        response
    }
}

fn whole(
    config: &ServiceConfig,
    tenant: &TenantId,
    resource_type: &ResourceType,
    facts: &Facts,
    resource: Resource,
) -> Map<String, Value> {
    let with_references = with_references(config, tenant, resource_type, resource);
    let mut members = with_references.into_attributes();
    let mut schemas = vec![resource_type.schema.id.clone()];
    for extension in &resource_type.extensions {
        if extension.required || members.contains_key(&extension.schema.id) {
            schemas.push(extension.schema.id.clone());
        }
    }
    members.insert("schemas".to_owned(), Value::from(schemas));
    members.insert("id".to_owned(), Value::from(facts.id.as_str()));
    members.insert(
        "meta".to_owned(),
        json!({
            "resourceType": resource_type.name,
            "created": facts.created.to_string(),
            "lastModified": facts.last_modified.to_string(),
            "location": config.location(tenant, resource_type, &facts.id),
            "version": etag(&facts.version),
        }),
    );
    members
}

/// Adds `$ref` to what points to other resources.
fn with_references(
    config: &ServiceConfig,
    tenant: &TenantId,
    resource_type: &ResourceType,
    mut resource: Resource,
) -> Resource {
    for found in resource_type.attributes().filter(|found| is_reference(found.attribute)) {
        let Some(mut value) = resource.take(&found) else { continue };
        let elements = match &mut value {
            Value::Array(elements) => elements.as_mut_slice(),
            element => std::slice::from_mut(element),
        };
        for parts in elements.iter_mut().filter_map(Value::as_object_mut) {
            if let Some(location) = location_of(config, tenant, found.attribute, parts) {
                parts.insert("$ref".to_owned(), Value::from(location));
            }
        }
        resource.set(&found, Some(value));
    }
    resource
}

fn location_of(
    config: &ServiceConfig,
    tenant: &TenantId,
    attribute: &Attribute,
    parts: &Map<String, Value>,
) -> Option<String> {
    let id = ResourceId::from(parts.get("value")?.as_str()?);
    let types = &attribute.sub_attribute("$ref")?.reference_types;
    let name = match types.as_slice() {
        [name] => name.as_str(),
        // A reference of several kinds says which it is.
        names => {
            let kind = parts.get("type")?.as_str()?;
            names.iter().map(String::as_str).find(|name| *name == kind)?
        }
    };
    Some(config.location(tenant, config.resource_type(name)?, &id))
}

impl std::fmt::Debug for Answer {
    /// Nothing of the body: it is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}
