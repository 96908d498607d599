//! Pushing people and groups over SCIM, in the sequences of Okta and of Entra ID; every request and answer is shown.

use std::sync::Arc;

use admittance::{
    crypto::Secret,
    testing::scim_client::{Entra, EntraMode, Okta, Service},
};
use askama::Template;
use axum::{Form, extract::State, response::Response};
use http::Request;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Demo,
    company::{GROUPS, Person},
};
use crate::layout::html;

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Push {
    scim_url: String,
    token: String,
    client: String,
    action: String,
    group: String,
    person: String,
}

/// A request and what came of it. The token is not in it.
struct Exchange {
    request: String,
    sent: String,
    status: String,
    is_success: bool,
    received: String,
}

#[derive(Template)]
#[template(path = "demo/scim.html")]
struct Page {
    push: Push,
    clients: [(&'static str, &'static str); 3],
    people: Vec<Person>,
    groups: [&'static str; 5],
    exchanges: Vec<Exchange>,
}

pub(super) async fn page(State(demo): State<Arc<Demo>>) -> Response {
    let people = demo.company().people.clone();
    let push = Push { client: "okta".to_owned(), ..Push::default() };
    html(&Page { push, clients: CLIENTS, people, groups: GROUPS, exchanges: Vec::new() })
}

pub(super) async fn push(State(demo): State<Arc<Demo>>, Form(push): Form<Push>) -> Response {
    let people = demo.company().people.clone();
    let service = Service::new(push.scim_url.trim().trim_end_matches('/'), Secret::new(push.token.trim()));
    let mut console =
        Console { demo: &demo, client: Client::named(&push.client, service), exchanges: Vec::new() };
    match push.action.as_str() {
        "users" => {
            for person in &people {
                console.user(person).await;
            }
        }
        "groups" => {
            for group in GROUPS {
                console.group(group, &people).await;
            }
        }
        "add" => console.change_group(&push.group, &push.person, Change::Add, &people).await,
        "remove" => console.change_group(&push.group, &push.person, Change::Remove, &people).await,
        "deactivate" => console.set_active(&push.person, false, &people).await,
        "reactivate" => console.set_active(&push.person, true, &people).await,
        _ => {}
    }
    let exchanges = console.exchanges;
    html(&Page { push, clients: CLIENTS, people, groups: GROUPS, exchanges })
}

/// The three ways in which the demo writes its requests.
enum Client {
    Okta(Okta),
    Entra(Entra),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Add,
    Remove,
}

impl Client {
    fn named(name: &str, service: Service) -> Self {
        match name {
            "entra" => Self::Entra(Entra { service, mode: EntraMode::Default }),
            "entra-flagged" => Self::Entra(Entra { service, mode: EntraMode::Flagged }),
            _ => Self::Okta(Okta(service)),
        }
    }
}

struct Console<'a> {
    demo: &'a Demo,
    client: Client,
    exchanges: Vec<Exchange>,
}

impl Console<'_> {
    /// Looks a person up and makes the user when there is none.
    async fn user(&mut self, person: &Person) -> Option<String> {
        if let Some(id) = self.find_user(person).await {
            return Some(id);
        }
        let request = match &self.client {
            Client::Okta(okta) => okta.create_user(&person.scim()),
            Client::Entra(entra) => entra.create_user(&person.scim()),
        };
        let made = self.send(request).await?;
        identifier(&made)
    }

    async fn find_user(&mut self, person: &Person) -> Option<String> {
        let request = match &self.client {
            Client::Okta(okta) => okta.look_up_user(&person.email()),
            Client::Entra(entra) => entra.look_up_user(&person.email()),
        };
        let list = self.send(request).await?;
        first(&list)
    }

    async fn find_group(&mut self, group: &str) -> Option<String> {
        let request = match &self.client {
            Client::Okta(okta) => okta.look_up_group(group),
            Client::Entra(entra) => entra.look_up_group(group),
        };
        let list = self.send(request).await?;
        first(&list)
    }

    /// A group and its members, who are made first.
    async fn group(&mut self, group: &str, people: &[Person]) {
        let id = match self.find_group(group).await {
            Some(id) => id,
            None => {
                let request = match &self.client {
                    Client::Okta(okta) => okta.push_group(group),
                    Client::Entra(entra) => entra.create_group(&format!("00g{group}"), group),
                };
                let Some(id) = self.send(request).await.as_ref().and_then(identifier) else { return };
                id
            }
        };
        let mut members = Vec::new();
        for person in people.iter().filter(|person| person.is_in(group)) {
            members.extend(self.user(person).await);
        }
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let request = match &self.client {
            Client::Okta(okta) => okta.replace_members(&id, &members),
            Client::Entra(entra) => entra.add_members(&id, &members),
        };
        self.send(request).await;
    }

    async fn change_group(&mut self, group: &str, login: &str, change: Change, people: &[Person]) {
        let Some(person) = people.iter().find(|person| person.login == login) else { return };
        let Some(user) = self.user(person).await else { return };
        let Some(id) = self.find_group(group).await else { return };
        let one = [user.as_str()];
        let request = match (&self.client, change) {
            (Client::Okta(okta), Change::Add) => okta.change_members(&id, &[], &one),
            (Client::Okta(okta), Change::Remove) => okta.change_members(&id, &one, &[]),
            (Client::Entra(entra), Change::Add) => entra.add_members(&id, &one),
            (Client::Entra(entra), Change::Remove) => entra.remove_members(&id, &one),
        };
        self.send(request).await;
    }

    async fn set_active(&mut self, login: &str, active: bool, people: &[Person]) {
        let Some(person) = people.iter().find(|person| person.login == login) else { return };
        let Some(user) = self.find_user(person).await else { return };
        let request = match &self.client {
            Client::Okta(okta) => okta.set_active(&user, active),
            Client::Entra(entra) => entra.set_active(&user, active),
        };
        self.send(request).await;
    }

    /// Sends a request, keeps it for the page, and gives back the answer when it is a good one.
    async fn send(&mut self, request: Request<Vec<u8>>) -> Option<Value> {
        let line = format!("{} {}", request.method(), request.uri());
        let sent = readable(request.body());
        let (status, is_success, body) = match self.demo.app.fetcher.send(request).await {
            Ok(answer) => (answer.status().to_string(), answer.status().is_success(), answer.into_body()),
            Err(error) => (error, false, Vec::new()),
        };
        let received = readable(&body);
        self.exchanges.push(Exchange { request: line, sent, status, is_success, received });
        is_success.then(|| serde_json::from_slice(&body).unwrap_or_default())
    }
}

fn identifier(resource: &Value) -> Option<String> {
    resource.get("id")?.as_str().map(str::to_owned)
}

fn first(list: &Value) -> Option<String> {
    identifier(list.get("Resources")?.get(0)?)
}

fn readable(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => serde_json::to_string_pretty(&value).unwrap_or_default(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

const CLIENTS: [(&str, &str); 3] =
    [("okta", "Okta"), ("entra", "Entra ID"), ("entra-flagged", "Entra ID with aadOptscim062020")];
