use std::time::Duration;

use admittance::{
    crypto::Secret,
    scim::{
        access::{Access, Scopes},
        schema::{ENTERPRISE_USER, GROUP, ResourceType, Schema, USER},
        service::{Bulk, DiscoveryAccess},
    },
};
use serde_json::{Value, json};

use super::service::{BASE, Service, TENANT, config};

fn ids(list: &Value) -> Vec<&str> {
    assert_eq!(list["totalResults"], list["Resources"].as_array().unwrap().len());
    list["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn f4_service_provider_config() {
    let mut service = Service::new();
    let reply = service.get("/ServiceProviderConfig");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/scim+json")));
    let body = reply.body;
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
    for feature in ["patch", "bulk", "filter", "changePassword", "sort", "etag"] {
        assert_eq!(body[feature]["supported"], true, "{feature}");
    }
    assert_eq!(body["bulk"]["maxOperations"], 1000);
    assert_eq!(body["bulk"]["maxPayloadSize"], 8 * 1024 * 1024);
    assert_eq!(body["filter"]["maxResults"], 500);
    assert_eq!(body["authenticationSchemes"][0]["type"], "oauthbearertoken");
    let location = format!("{BASE}/connections/{TENANT}/ServiceProviderConfig");
    assert_eq!(body["meta"], json!({"resourceType": "ServiceProviderConfig", "location": location}));
    assert!(service.fetches.is_empty());
}

#[test]
fn p8_pagination() {
    let body = Service::new().get("/ServiceProviderConfig").body;
    let pagination = json!({"cursor": false, "index": true, "defaultPaginationMethod": "index",
        "defaultPageSize": 100, "maxPageSize": 500});
    assert_eq!(body["pagination"], pagination);
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    let config = config().with_cursors(key, Duration::from_secs(600)).unwrap();
    let body = Service::with(config).get("/ServiceProviderConfig").body;
    assert_eq!(
        (&body["pagination"]["cursor"], &body["pagination"]["cursorTimeout"]),
        (&json!(true), &json!(600))
    );
}

#[test]
fn f4_what_is_switched_off_is_not_shown_and_not_there() {
    let mut service = Service::with(config().with_bulk(Bulk::Off).without_groups().without_passwords());
    let body = service.get("/ServiceProviderConfig").body;
    assert_eq!(
        (&body["bulk"]["supported"], &body["changePassword"]["supported"]),
        (&json!(false), &json!(false))
    );
    service.send("POST", "/Bulk", json!({"Operations": []})).fails(404, "");
    assert_eq!(ids(&service.get("/ResourceTypes").body), ["User"]);
    assert_eq!(ids(&service.get("/Schemas").body), [USER, ENTERPRISE_USER]);
    service.get("/Groups").fails(404, "");
    assert!(!service.get("/Schemas").text.contains("\"password\""));
    let repeated = Service::with(config().with_repeated_group_names()).get(&format!("/Schemas/{GROUP}")).body;
    assert_eq!(repeated["attributes"][0]["uniqueness"], "none");
    assert_eq!(
        Service::new().get(&format!("/Schemas/{GROUP}")).body["attributes"][0]["uniqueness"],
        "server"
    );
}

#[test]
fn f4_resource_types() {
    let mut service = Service::new();
    let list = service.get("/ResourceTypes").body;
    assert_eq!(ids(&list), ["User", "Group"]);
    assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    let user = service.get("/ResourceTypes/User").body;
    assert_eq!(user, list["Resources"][0]);
    assert_eq!((&user["endpoint"], &user["schema"]), (&json!("/Users"), &json!(USER)));
    assert_eq!(user["schemaExtensions"], json!([{"schema": ENTERPRISE_USER, "required": false}]));
    service.get("/ResourceTypes/Other").fails(404, "");
}

#[test]
fn f4_schemas_are_the_data_of_the_rules() {
    let mut service = Service::new();
    let list = service.get("/Schemas").body;
    assert_eq!(ids(&list), [USER, ENTERPRISE_USER, GROUP]);
    assert_eq!(service.get(&format!("/Schemas/{USER}")).body, list["Resources"][0]);
    assert_eq!(service.get(&format!("/Schemas/{}", USER.to_uppercase())).status, 200);
    service.get("/Schemas/urn:other").fails(404, "");
    // What is shown reads back to what the rules work on.
    for (shown, resource_type) in [(0, ResourceType::user()), (2, ResourceType::group())] {
        let read = Schema::from_json(list["Resources"][shown].to_string().as_bytes()).unwrap();
        assert_eq!(read, *resource_type.schema);
    }
}

#[test]
fn f3_f4_a_schema_of_the_host() {
    let schema = br#"{"id": "urn:example:Extra", "name": "Extra", "attributes": [{"name": "badge"}]}"#;
    let users = ResourceType::user().extended(Schema::from_json(schema).unwrap(), false).unwrap();
    let mut service = Service::with(config().with_type(users).unwrap());
    assert!(ids(&service.get("/Schemas").body).contains(&"urn:example:Extra"));
    let body = json!({"userName": "ada", "urn:example:Extra": {"badge": "7"}});
    let reply = service.send("POST", "/Users", body);
    assert_eq!(reply.body["urn:example:Extra"]["badge"], "7");
    assert_eq!(reply.body["schemas"], json!([USER, "urn:example:Extra"]));
}

#[test]
fn k5_discovery_needs_any_token_or_none() {
    let mut service = Service::new();
    service.access = Some(Access::new(TENANT, Scopes::default()));
    assert_eq!(service.get("/Schemas").status, 200);
    for access in [None, Some(Access::new("other", Scopes::all()))] {
        service.access = access;
        service.get("/Schemas").fails(401, "");
        service.config = config().with_discovery(DiscoveryAccess::Public);
        assert_eq!(service.get("/Schemas").status, 200);
        service.get("/Users").fails(401, "");
        service.config = config();
    }
}
