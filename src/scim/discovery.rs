//! What the service says of itself (RFC 7644 §4), made of the configuration that its rules are enforced by.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    error::Error,
    operation::route::Endpoint,
    respond::{Answer, LIST_RESPONSE},
    schema::{ResourceType, Schema},
    service::{Bulk, PaginationBlock, ServiceConfig},
    tenant::TenantId,
};
use crate::fold;

/// Answers a request for what the service offers.
pub(super) fn answer(
    config: &ServiceConfig,
    tenant: &TenantId,
    endpoint: &Endpoint<'_>,
) -> Result<Answer, Error> {
    let base = config.tenant_url(tenant);
    let body = match endpoint {
        Endpoint::ServiceProviderConfig => service_provider_config(config, &base),
        Endpoint::ResourceTypes(None) => {
            list(config.resource_types().map(|one| resource_type(one, &base)).collect())
        }
        Endpoint::ResourceTypes(Some(name)) => {
            let found = config.resource_types().find(|one| fold::same(&one.name, name));
            resource_type(found.ok_or(Error::NotFound)?, &base)
        }
        Endpoint::Schemas(None) => list(schemas(config).iter().map(|one| schema(one, &base)).collect()),
        Endpoint::Schemas(Some(urn)) => {
            let schemas = schemas(config);
            let found = schemas.iter().find(|one| fold::same(&one.id, urn));
            schema(found.ok_or(Error::NotFound)?, &base)
        }
        _ => return Err(Error::NotFound),
    };
    Ok(Answer::of_body(body))
}

/// RFC 7643 §5, RFC 9865 §4.
fn service_provider_config(config: &ServiceConfig, base: &str) -> Value {
    let limits = &config.limits;
    let mut pagination = json!({
        "cursor": config.cursors.is_some(),
        "index": true,
        "defaultPaginationMethod": "index",
        "defaultPageSize": limits.default_page.min(limits.page),
        "maxPageSize": limits.page,
    });
    if let (Some(seal), Some(members)) = (config.cursor_seal(), pagination.as_object_mut()) {
        members.insert("cursorTimeout".to_owned(), Value::from(seal.timeout.as_secs()));
    }
    let passwords = config.served_users().is_some_and(|users| users.attribute("password").is_some());
    let mut document = json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {
            "supported": config.bulk == Bulk::On,
            "maxOperations": limits.bulk_operations,
            "maxPayloadSize": limits.bulk_body,
        },
        "filter": {"supported": true, "maxResults": limits.page},
        "changePassword": {"supported": passwords},
        "sort": {"supported": true},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token of the connection, in the header Authorization",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": meta("ServiceProviderConfig", format!("{base}/ServiceProviderConfig")),
    });
    if let (PaginationBlock::Shown, Some(members)) = (config.pagination_block, document.as_object_mut()) {
        members.insert("pagination".to_owned(), pagination);
    }
    document
}

/// RFC 7643 §6.
fn resource_type(one: &ResourceType, base: &str) -> Value {
    let extensions: Vec<Value> =
        one.extensions.iter().map(|one| json!({"schema": one.schema.id, "required": one.required})).collect();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": one.name,
        "name": one.name,
        "endpoint": one.endpoint,
        "description": one.description,
        "schema": one.schema.id,
        "schemaExtensions": extensions,
        "meta": meta("ResourceType", format!("{base}/ResourceTypes/{}", one.name)),
    })
}

/// RFC 7643 §7.
fn schema(one: &Schema, base: &str) -> Value {
    // INVARIANT (texts and lists): a schema always has a JSON form.
    let mut members = match serde_json::to_value(one) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    members.insert("schemas".to_owned(), json!([SCHEMA]));
    members.insert("meta".to_owned(), meta("Schema", format!("{base}/Schemas/{}", one.id)));
    Value::Object(members)
}

/// Each schema once, in the order in which the types name them.
fn schemas(config: &ServiceConfig) -> Vec<&Arc<Schema>> {
    let mut schemas: Vec<&Arc<Schema>> = Vec::new();
    for schema in config.resource_types().flat_map(ResourceType::schemas) {
        if !schemas.iter().any(|known| known.id == schema.id) {
            schemas.push(schema);
        }
    }
    schemas
}

fn list(resources: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

fn meta(resource_type: &str, location: String) -> Value {
    json!({"resourceType": resource_type, "location": location})
}

const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
