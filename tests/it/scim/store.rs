//! The store in memory, driven by many clients at once, by pages and by versions: what a host's storage has to do.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};

use admittance::{
    crypto::Secret,
    endpoint::UrlPolicy,
    entropy::OsEntropy,
    scim::{
        access::{Scope, Scopes},
        service::{ServiceConfig, Tenancy},
        tenant::{ResourceId, TenantId},
        token::NewToken,
    },
    testing::{
        scim_client::{Okta, Person, Service},
        scim_store::ScimStore,
    },
    time::Timestamp,
};
use http::{Method, Request, Response, header};
use serde_json::{Value, json};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap().at
}

fn acme() -> TenantId {
    TenantId::from("acme")
}

fn store() -> ScimStore {
    let config =
        ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath).unwrap();
    let config = config.with_cursors(Secret::new(KEY), Duration::from_secs(60)).unwrap();
    ScimStore::new(config)
        .with_connection("acme", Secret::new("a"))
        .with_connection("other", Secret::new("o"))
}

fn service(store: &ScimStore, tenant: &str, token: &str) -> Service {
    Service::new(store.config().tenant_url(&tenant.into()), Secret::new(token))
}

fn send(store: &ScimStore, request: &Request<Vec<u8>>) -> (Response<()>, Value) {
    let (parts, body) = store.answer(request, now()).response.into_parts();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    (Response::from_parts(parts, ()), body)
}

fn status(store: &ScimStore, request: &Request<Vec<u8>>) -> u16 {
    send(store, request).0.status().as_u16()
}

fn id(store: &ScimStore, request: &Request<Vec<u8>>) -> String {
    let (response, body) = send(store, request);
    assert_eq!(response.status(), 201, "{body}");
    body["id"].as_str().unwrap().to_owned()
}

fn with(mut request: Request<Vec<u8>>, name: header::HeaderName, value: &str) -> Request<Vec<u8>> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

#[test]
fn z7_clients_that_add_different_members_at_once_lose_none() {
    let store = store();
    let okta = Okta(service(&store, "acme", "a"));
    let users: Vec<_> =
        (0..32).map(|one| id(&store, &okta.create_user(&Person::named(&format!("u{one}"))))).collect();
    let group = id(&store, &okta.push_group("Team"));
    thread::scope(|scope| {
        for users in users.chunks(8) {
            let (store, okta, group) = (&store, &okta, &group);
            scope.spawn(move || {
                for user in users {
                    let answer = status(store, &okta.change_members(group, &[], &[user]));
                    assert!(matches!(answer, 200 | 204));
                }
            });
        }
    });
    assert_eq!(store.members(&acme(), &ResourceId::from(group)).len(), users.len());
}

#[test]
fn v3_clients_that_change_different_attributes_at_once_lose_none() {
    let store = store();
    let service = service(&store, "acme", "a");
    let user = id(&store, &Okta(service.clone()).create_user(&Person::ada()));
    let names = ["title", "nickName", "locale", "preferredLanguage"];
    thread::scope(|scope| {
        for name in names {
            let (store, service, user) = (&store, &service, &user);
            scope.spawn(move || {
                let operations = json!([{"op": "replace", "path": name, "value": name}]);
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
                });
                assert_eq!(
                    status(store, &service.send(Method::PATCH, &format!("/Users/{user}"), &body)),
                    200
                );
            });
        }
    });
    let (_, body) = send(&store, &Okta(service).read_user(&user));
    for name in names {
        assert_eq!(body[name], name, "{body}");
    }
}

#[test]
fn a2_clients_that_make_one_user_at_once_make_one() {
    let store = store();
    let okta = Okta(service(&store, "acme", "a"));
    let mut answers = thread::scope(|scope| {
        let make = || scope.spawn(|| status(&store, &okta.create_user(&Person::ada())));
        let running: Vec<_> = (0..8).map(|_| make()).collect();
        running.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[test]
fn v2_a_version_that_has_gone_changes_nothing() {
    let store = store();
    let okta = Okta(service(&store, "acme", "a"));
    let user = id(&store, &okta.create_user(&Person::ada()));
    let (read, _) = send(&store, &okta.read_user(&user));
    let tag = read.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(status(&store, &with(okta.read_user(&user), header::IF_NONE_MATCH, &tag)), 304);
    let change = |active| with(okta.set_active(&user, active), header::IF_MATCH, &tag);
    assert_eq!(status(&store, &change(false)), 200);
    assert_eq!(status(&store, &change(true)), 412);
    let (_, body) = send(&store, &okta.read_user(&user));
    assert_eq!(body["active"], false);
    assert_eq!(status(&store, &with(okta.read_user(&user), header::IF_NONE_MATCH, &tag)), 200);
}

#[test]
fn p9_pages_by_cursor_show_each_resource_once_in_any_order() {
    let store = store();
    let service = service(&store, "acme", "a");
    let okta = Okta(service.clone());
    for number in 0..23 {
        // Several have the same name, so that ties are within and between pages.
        let person =
            Person { given_name: format!("n{}", number % 4), ..Person::named(&format!("u{number:02}")) };
        id(&store, &okta.create_user(&person));
    }
    for sort in ["", "&sortBy=name.givenName", "&sortBy=userName&sortOrder=descending", "&sortBy=title"] {
        let mut seen = BTreeSet::new();
        let mut cursor = String::new();
        let mut pages = 0;
        loop {
            let target = format!("/Users?count=5&cursor={cursor}{sort}");
            let (response, body) = send(&store, &service.request(Method::GET, &target));
            assert_eq!(response.status(), 200, "{body}");
            for one in body["Resources"].as_array().unwrap() {
                assert!(seen.insert(one["id"].as_str().unwrap().to_owned()), "twice: {one}");
            }
            pages += 1;
            let Some(next) = body["nextCursor"].as_str() else { break };
            next.clone_into(&mut cursor);
        }
        assert_eq!((seen.len(), pages), (23, 5), "{sort}");
    }
}

#[test]
fn t2_a_cursor_of_another_connection_is_not_valid() {
    let store = store();
    let (acme, other) = (service(&store, "acme", "a"), service(&store, "other", "o"));
    for number in 0..3 {
        id(&store, &Okta(acme.clone()).create_user(&Person::named(&format!("u{number}"))));
    }
    let (_, body) = send(&store, &acme.request(Method::GET, "/Users?count=2&cursor="));
    let target = format!("/Users?count=2&cursor={}", body["nextCursor"].as_str().unwrap());
    let (response, body) = send(&store, &other.request(Method::GET, &target));
    assert_eq!((response.status().as_u16(), &body["scimType"]), (400, &json!("invalidCursor")));
    assert_eq!(status(&store, &acme.request(Method::GET, &target)), 200);
}

#[test]
fn t3_connections_hold_the_same_names_apart() {
    let store = store();
    let services = [service(&store, "acme", "a"), service(&store, "other", "o")];
    let ids: BTreeMap<_, _> = services
        .iter()
        .enumerate()
        .map(|(number, one)| (number, id(&store, &Okta(one.clone()).create_user(&Person::ada()))))
        .collect();
    assert_ne!(ids[&0], ids[&1]);
    assert_eq!(status(&store, &Okta(services[1].clone()).read_user(&ids[&0])), 404);
    assert_eq!(status(&store, &Okta(services[1].clone()).delete_group(&ids[&0])), 404);
    assert_eq!(status(&store, &Okta(service(&store, "acme", "o")).read_user(&ids[&0])), 401);
}

#[test]
fn k5_a_generated_token_reads_and_does_not_write() {
    let store = store();
    let scopes: Scopes = [Scope::UsersRead].into_iter().collect();
    let new = NewToken { prefix: "acme", label: "reader", scopes, expires_at: None };
    let token = store.generate_token(&acme(), new, &mut OsEntropy, now()).unwrap();
    let okta = Okta(service(&store, "acme", token.expose()));
    assert_eq!(status(&store, &okta.import_first_page()), 200);
    let (response, body) = send(&store, &okta.create_user(&Person::ada()));
    assert_eq!(response.status(), 403);
    assert!(body["detail"].as_str().unwrap().contains("users:write"));
    assert_eq!(status(&store, &okta.look_up_group("Team")), 403);
    let records = store.tokens(&acme());
    assert_eq!(records[0].last_used_at, Some(now()));
    store.revoke_token(&acme(), &records[0].id, now());
    let (response, _) = send(&store, &okta.import_first_page());
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
}

#[test]
fn z6_a_protected_user_stays() {
    let store = store();
    let service = service(&store, "acme", "a");
    let okta = Okta(service.clone());
    let user = id(&store, &okta.create_user(&Person::ada()));
    store.protect(&acme(), &ResourceId::from(user.as_str()));
    assert_eq!(status(&store, &okta.set_active(&user, false)), 403);
    assert_eq!(status(&store, &service.request(Method::DELETE, &format!("/Users/{user}"))), 403);
    let (response, body) = send(&store, &okta.read_user(&user));
    assert_eq!((response.status().as_u16(), &body["active"]), (200, &json!(true)));
}

#[test]
fn c8_a_deleted_user_leaves_every_group_and_every_manager() {
    let store = store();
    let service = service(&store, "acme", "a");
    let okta = Okta(service.clone());
    let boss = id(&store, &okta.create_user(&Person::named("boss")));
    let user = id(&store, &okta.create_user(&Person::ada()));
    let group = id(&store, &okta.push_group("Team"));
    assert_eq!(status(&store, &okta.replace_members(&group, &[&boss, &user])), 204);
    let (_, mut profile) = send(&store, &okta.read_user(&user));
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    profile[urn] = json!({"manager": {"value": boss}});
    assert_eq!(status(&store, &okta.put_user(&user, &profile)), 200);
    assert_eq!(status(&store, &service.request(Method::DELETE, &format!("/Users/{boss}"))), 204);
    let (_, body) = send(&store, &okta.read_user(&user));
    assert_eq!(body.get(urn), None);
    let (_, body) = send(&store, &okta.read_group(&group));
    assert_eq!(body["members"].as_array().unwrap().len(), 1);
    // A name is free again.
    id(&store, &okta.create_user(&Person::named("boss")));
}

#[test]
fn k7_a_token_in_the_address_is_never_read() {
    let store = store();
    let mut request = service(&store, "acme", "a").request(Method::GET, "/Users?access_token=a");
    request.headers_mut().remove(header::AUTHORIZATION);
    assert_eq!(status(&store, &request), 401);
}
