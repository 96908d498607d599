//! The OpenID Connect side: discovery, a request in, a person chosen, a code out, tokens.

use std::sync::Arc;

use admittance::testing::oidc_provider::{Callback, RegisteredAuthentication};
use axum::{
    Form,
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderMap, Method, Request, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use url::Url;

use super::{
    Demo,
    company::{CLIENT_SECRET, Waiting},
    pages::{self, Choose, Send, refused},
    saml::Chosen,
};
use crate::{clock::now, layout::html};

/// Who signs in?
pub(super) async fn authorize(State(demo): State<Arc<Demo>>, RawQuery(query): RawQuery) -> Response {
    let Ok(url) = Url::parse(&format!("{}/oidc/authorize?{}", demo.url, query.unwrap_or_default())) else {
        return refused("The address is not one.");
    };
    let mut company = demo.company();
    register(&demo, &mut company, &url);
    match company.oidc.read_request(&url, now()) {
        Ok(request) => {
            let application = request.client_id.clone();
            let id = company.wait(Waiting::Oidc(Box::new(request)));
            html(&Choose::new(&company, "/oidc/answer", id, &application))
        }
        Err(error) => refused(&error.to_string()),
    }
}

/// Every callback of the product counts as registered, so that nobody has to paste it here.
fn register(demo: &Demo, company: &mut super::Company, url: &Url) {
    let callbacks = format!("{}/oidc/", demo.product);
    let asked = url.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, uri)| uri.into_owned());
    let asked = asked.filter(|uri| uri.starts_with(&callbacks));
    if let (Some(uri), Some(client)) = (asked, company.oidc.clients.first_mut()) {
        client.redirect_uris = vec![uri];
    }
}

pub(super) async fn answer(State(demo): State<Arc<Demo>>, Form(chosen): Form<Chosen>) -> Response {
    let mut company = demo.company();
    let (Some(Waiting::Oidc(request)), Some(person)) =
        (company.waiting.remove(&chosen.request), company.person(&chosen.person).cloned())
    else {
        return refused("This sign-in is over. Begin again in the application.");
    };
    match company.oidc.answer(&request, &person.oidc(), now()) {
        Callback::Redirect(url) => Redirect::to(url.as_str()).into_response(),
        Callback::Post { action, body } => {
            let fields = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
            html(&Send { action, fields })
        }
        _ => refused("There is no way back."),
    }
}

/// What the product's server sends: for metadata, keys, tokens and UserInfo.
pub(super) async fn receive(
    State(demo): State<Arc<Demo>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut request = Request::new(body.to_vec());
    *request.method_mut() = method;
    *request.uri_mut() = format!("{}{uri}", demo.url).parse().unwrap_or_default();
    let basic = headers.contains_key(header::AUTHORIZATION);
    *request.headers_mut() = headers;
    let mut company = demo.company();
    if let Some(client) = company.oidc.clients.first_mut() {
        // Either way of sending the secret is right here.
        let secret = CLIENT_SECRET.to_owned();
        client.authentication = match basic {
            true => RegisteredAuthentication::ClientSecretBasic(secret),
            false => RegisteredAuthentication::ClientSecretPost(secret),
        };
    }
    company.oidc.receive(&request, now()).map(Body::from)
}

pub(super) async fn end_session(State(demo): State<Arc<Demo>>, RawQuery(query): RawQuery) -> Response {
    let Ok(url) = Url::parse(&format!("{}/oidc/logout?{}", demo.url, query.unwrap_or_default())) else {
        return refused("The address is not one.");
    };
    let mut company = demo.company();
    let back = url.query_pairs().find(|(name, _)| name == "post_logout_redirect_uri");
    let back = back.map(|(_, uri)| uri.into_owned()).filter(|uri| uri.starts_with(&demo.product));
    if let (Some(back), Some(client)) = (back, company.oidc.clients.first_mut()) {
        client.post_logout_redirect_uris = vec![back];
    }
    match company.oidc.end_session(&url) {
        Ok(Some(url)) => Redirect::to(url.as_str()).into_response(),
        Ok(None) => pages::signed_out(),
        Err(error) => refused(&error.to_string()),
    }
}
