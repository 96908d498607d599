//! What identity providers send and need as answers, driven through the store in memory: one module a client, one test
//! a row of scim.md §3; and the shared sequences.

mod entra;
mod google;
mod jumpcloud;
mod okta;
mod onelogin;
mod sequences;

use std::time::Duration;

use admittance::{
    crypto::Secret,
    endpoint::UrlPolicy,
    note::Note,
    scim::{
        effect::Effect,
        leniency::Leniency,
        service::{ServiceConfig, Tenancy},
        tenant::{ResourceId, TenantId},
    },
    testing::{
        scim_client::{Entra, EntraMode, Okta, Person, Service},
        scim_store::ScimStore,
    },
    time::Timestamp,
};
use http::Request;
use serde_json::Value;

/// A store with one connection, `acme`, and another beside it.
pub(super) struct Scene {
    store: ScimStore,
}

/// What a client got.
pub(super) struct Answer {
    status: u16,
    /// Null for an answer without body.
    body: Value,
    etag: Option<String>,
    effects: Vec<Effect>,
    notes: Vec<Note>,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::reading(Leniency::interop())
    }

    fn reading(leniency: Leniency) -> Self {
        let config = ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath)
            .unwrap()
            .with_cursors(Secret::new("0123456789abcdef0123456789abcdef"), Duration::from_secs(3600))
            .unwrap()
            .with_leniency(leniency);
        let store = ScimStore::new(config)
            .with_connection("acme", Secret::new(TOKEN))
            .with_connection("other", Secret::new("another token"));
        Self { store }
    }

    fn service(&self) -> Service {
        Service::new(self.store.config().tenant_url(&tenant()), Secret::new(TOKEN))
    }

    fn send(&self, request: &Request<Vec<u8>>) -> Answer {
        let done = self.store.answer(request, now());
        let body = done.response.body();
        let json = if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() };
        let headers = done.response.headers();
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(!body.is_empty(), header("content-type").is_some(), "a body has a media type");
        assert!(header("content-type").is_none_or(|media| media == "application/scim+json"));
        if !done.response.status().is_success() && !body.is_empty() {
            assert_eq!(json["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
            assert_eq!(json["status"], Value::from(done.response.status().as_u16().to_string()));
        }
        Answer {
            status: done.response.status().as_u16(),
            body: json,
            etag: header("etag"),
            effects: done.effects,
            notes: done.notes,
        }
    }

    /// Sends twice what must come to the same, and gives the first answer (H13).
    pub(super) fn send_twice(&self, request: &Request<Vec<u8>>, read: &Request<Vec<u8>>) -> Answer {
        let answer = self.send(request);
        let once = self.send(read).body;
        let again = self.send(request);
        assert_eq!(again.status, answer.status, "the second time: {}", again.body);
        assert_eq!(again.effects, [], "the second time has no effect");
        assert_eq!(self.send(read).body, once, "the second time changes nothing");
        answer
    }

    /// A user, made as Okta does it.
    pub(super) fn user(&self, name: &str) -> String {
        let answer = self.send(&Okta(self.service()).create_user(&Person::named(name)));
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.id()
    }

    /// A group with these members.
    pub(super) fn group(&self, name: &str, members: &[&str]) -> String {
        let okta = Okta(self.service());
        let id = self.send(&okta.push_group(name)).id();
        if !members.is_empty() {
            assert!(self.send(&okta.replace_members(&id, members)).is_success());
        }
        id
    }

    /// The members of a group as they are stored, in order.
    #[track_caller]
    fn assert_members(&self, group: &str, expected: &[&str]) {
        let members = self.store.members(&tenant(), &ResourceId::from(group));
        let members: Vec<_> = members.iter().map(ResourceId::as_str).collect();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(members, expected);
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        matches!(self.status, 200 | 204)
    }

    fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.body)).to_owned()
    }

    /// The total of a list, which is a number.
    fn total(&self) -> u64 {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:ListResponse");
        self.body["totalResults"].as_u64().unwrap_or_else(|| panic!("no total in {}", self.body))
    }

    /// The identifiers of a list.
    fn ids(&self) -> Vec<&str> {
        let resources = self.body["Resources"].as_array().unwrap_or_else(|| panic!("no list: {}", self.body));
        resources.iter().map(|one| one["id"].as_str().unwrap()).collect()
    }

    fn noted(&self, code: &str) -> bool {
        self.notes.iter().any(|note| note.code == code)
    }
}

pub(super) fn okta(scene: &Scene) -> Okta {
    Okta(scene.service())
}

pub(super) fn entra(scene: &Scene, mode: EntraMode) -> Entra {
    Entra { service: scene.service(), mode }
}

fn tenant() -> TenantId {
    TenantId::from("acme")
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap().at
}

const TOKEN: &str = "token of acme";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
