//! The SAML side: metadata, a request in, a person chosen, an answer out; logout.

use std::sync::Arc;

use admittance::{
    saml::{
        bindings::{Binding, Incoming, Outgoing},
        logout::LogoutStatus,
    },
    testing::saml_idp::{Delivery, LogoutMessage},
};
use axum::{
    Form,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::Url;

use super::{
    Demo,
    company::Waiting,
    pages::{self, Choose, Send, refused},
};
use crate::{clock::now, connections, layout::html, own_keys::service_provider};

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

/// The demo keeps no sessions of its own: everybody is asked each time. There is nothing to end, and it says so to the
/// product, whose name and keys it takes as though somebody had uploaded its metadata.
pub(super) async fn slo(State(demo): State<Arc<Demo>>, RawQuery(query): RawQuery) -> Response {
    let Some(query) = query else { return pages::signed_out() };
    let connections = connections::all(&demo.app).await.unwrap_or_default();
    let products: Vec<_> =
        connections.iter().map(|stored| service_provider(&demo.app, &stored.connection)).collect();
    let mut company = demo.company();
    let Ok(url) = Url::parse(&format!("{}?{query}", company.saml.slo_url)) else {
        return pages::signed_out();
    };
    let message = Outgoing::Redirect(url);
    for sp in products {
        let Ok(LogoutMessage::Request(request)) = company.saml.receive_logout(&message, &sp) else {
            continue;
        };
        let (status, binding) = (LogoutStatus::Success, Binding::HttpRedirect);
        let answer = company.saml.answer_logout(&request, status, &sp, binding, now());
        let back = sp.slo.iter().find(|endpoint| endpoint.binding == binding);
        if let (Ok(Delivery::Redirect { query }), Some(back)) = (answer, back) {
            return Redirect::to(&format!("{}?{query}", back.location)).into_response();
        }
    }
    refused("No application has sent this.")
}
