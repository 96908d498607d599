//! The SAML side: metadata, a request in, a person chosen, an answer out; logout.

use std::sync::Arc;

use admittance::saml::bindings::Incoming;
use axum::{
    Form,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{
    Demo,
    company::Waiting,
    pages::{self, Choose, Send, refused},
};
use crate::{clock::now, layout::html};

pub(super) async fn metadata(State(demo): State<Arc<Demo>>) -> Response {
    match demo.company().saml.metadata() {
        Ok(document) => ([(header::CONTENT_TYPE, "application/samlmetadata+xml")], document).into_response(),
        Err(error) => refused(&error.to_string()),
    }
}

pub(super) async fn sso_redirect(State(demo): State<Arc<Demo>>, RawQuery(query): RawQuery) -> Response {
    choose(&demo, Incoming::Redirect { query: query.as_deref().unwrap_or_default() })
}

pub(super) async fn sso_post(
    State(demo): State<Arc<Demo>>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    choose(&demo, Incoming::Post { fields: &fields })
}

/// Who signs in?
fn choose(demo: &Demo, incoming: Incoming<'_>) -> Response {
    let mut company = demo.company();
    match company.saml.receive_from_anybody(incoming) {
        Ok(request) => {
            let application = request.issuer.clone();
            let id = company.wait(Waiting::Saml(Box::new(request)));
            html(&Choose::new(&company, "/saml/answer", id, &application))
        }
        Err(error) => refused(&error.to_string()),
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    pub(super) request: String,
    pub(super) person: String,
}

/// The answer goes through the browser to the product.
pub(super) async fn answer(State(demo): State<Arc<Demo>>, Form(chosen): Form<Chosen>) -> Response {
    let mut company = demo.company();
    let (Some(Waiting::Saml(request)), Some(person)) =
        (company.waiting.remove(&chosen.request), company.person(&chosen.person).cloned())
    else {
        return refused("This sign-in is over. Begin again in the application.");
    };
    match company.saml.answer(&request, &person.saml(), now()) {
        Ok(response) => {
            let mut fields = vec![("SAMLResponse".to_owned(), response)];
            fields.extend(request.relay_state.clone().map(|state| ("RelayState".to_owned(), state)));
            html(&Send { action: request.acs_url.clone(), fields })
        }
        Err(error) => refused(&error.to_string()),
    }
}

/// The demo keeps no sessions of its own: everybody is asked each time. A logout therefore has nothing to end, and says so.
pub(super) async fn slo_redirect() -> Response {
    pages::signed_out()
}

pub(super) async fn slo_post() -> Response {
    pages::signed_out()
}
