//! The pages of the demo identity provider: its console, and what a person sees of it.

use std::sync::Arc;

use askama::Template;
use axum::{
    Form,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Demo,
    company::{CLIENT_ID, CLIENT_SECRET, Company, GROUPS, Person, Settings, Shape},
    mistakes::Mistake,
};
use crate::layout::html;

#[derive(Template)]
#[template(path = "demo/start.html")]
struct Start {
    url: String,
    okta_domain: String,
    product: String,
    people: Vec<Person>,
    groups: [&'static str; 5],
    settings: Settings,
    shapes: [Shape; 2],
    mistakes: [Mistake; 9],
    client_id: &'static str,
    client_secret: &'static str,
    certificate: &'static str,
}

impl Start {
    fn is_mistake(&self, mistake: &Mistake) -> bool {
        self.settings.mistake == Some(*mistake)
    }
}

pub(super) async fn start(State(demo): State<Arc<Demo>>) -> Response {
    let company = demo.company();
    html(&Start {
        url: demo.url.clone(),
        okta_domain: demo.url.trim_start_matches("http://").to_owned(),
        product: demo.product.clone(),
        people: company.people.clone(),
        groups: GROUPS,
        settings: company.settings.clone(),
        shapes: Shape::ALL,
        mistakes: Mistake::ALL,
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        certificate: company.saml.style.key.certificate_pem(),
    })
}

/// One field for each membership: its value is `person/group`.
pub(super) async fn change_groups(
    State(demo): State<Arc<Demo>>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Redirect {
    for person in &mut demo.company().people {
        let is_in = |group: &&str| {
            let value = format!("{}/{group}", person.login);
            fields.iter().any(|(name, ticked)| name == "member" && *ticked == value)
        };
        person.groups = GROUPS.into_iter().filter(is_in).collect();
    }
    Redirect::to("/#people")
}

#[derive(Deserialize)]
pub(super) struct Entered {
    shape: String,
    #[serde(default)]
    mistake: String,
    name: String,
    login: String,
    email: String,
    groups: String,
}

pub(super) async fn change_settings(State(demo): State<Arc<Demo>>, Form(entered): Form<Entered>) -> Redirect {
    let shape = Shape::ALL.into_iter().find(|shape| shape.name() == entered.shape).unwrap_or(Shape::Okta);
    demo.company().change(Settings {
        shape,
        mistake: Mistake::named(&entered.mistake),
        name: entered.name,
        login: entered.login,
        email: entered.email,
        groups: entered.groups,
    });
    Redirect::to("/#settings")
}

/// Who signs in?
#[derive(Template)]
#[template(path = "demo/choose.html")]
pub(super) struct Choose {
    action: &'static str,
    request: String,
    application: String,
    people: Vec<Person>,
}

impl Choose {
    pub(super) fn new(company: &Company, action: &'static str, request: String, application: &str) -> Self {
        Self { action, request, application: application.to_owned(), people: company.people.clone() }
    }
}

/// A form that the browser sends at once.
#[derive(Template)]
#[template(path = "demo/send.html")]
pub(super) struct Send {
    pub(super) action: String,
    pub(super) fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "demo/message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
}

pub(super) fn refused(text: &str) -> Response {
    (StatusCode::BAD_REQUEST, html(&Message { title: "This request cannot be answered", text }))
        .into_response()
}

pub(super) fn signed_out() -> Response {
    let text = "This identity provider asks at every sign-in who you are, so there is nothing to forget.";
    html(&Message { title: "You are signed out", text })
}

pub(super) async fn style() -> Response {
    let text = include_str!("../../static/demo.css");
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], text).into_response()
}

pub(super) async fn script() -> Response {
    let text = include_str!("../../static/demo.js");
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text).into_response()
}
