//! Pages between us and the identity provider: off it goes by redirect or by a form, and a form that came without our
//! cookies is sent once more from a page of ours.

use admittance::saml::bindings::{Outgoing, PostForm};
use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderValue, header};
use url::Url;

use crate::failure::Failure;
use crate::layout::{Chrome, html};

/// What the browser did before it is sent away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// It followed a link: a redirect will do.
    Link,
    /// It sent a form. Browsers hold redirects against the policy of the page that the form was on, which allows our
    /// own address alone: a page that goes on by itself is what works.
    Form,
}

#[derive(Template)]
#[template(path = "going.html")]
struct Page<'a> {
    chrome: Chrome,
    /// Where to, for people.
    host: &'a str,
    action: &'a str,
    /// None for a link.
    fields: &'a [(&'a str, &'a str)],
}

/// Off to the identity provider.
pub(crate) fn off(outgoing: &Outgoing, from: From) -> Response {
    match outgoing {
        Outgoing::Redirect(url) if from == From::Link => Redirect::to(url.as_str()).into_response(),
        Outgoing::Redirect(url) => link(url),
        Outgoing::Post(form) => post(form),
    }
}

/// A page with the same form, which comes from our own site this time: the browser adds the cookies that it keeps from
/// forms of other sites. Once, so that a browser without cookies is told so.
pub(crate) fn again(action: &str, fields: &[(String, String)]) -> Response {
    let mut fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.push((AGAIN, "1"));
    html(&Page { chrome: Chrome::plain("One moment"), host: "", action, fields: &fields })
}

/// Whether a form has come by [`again`].
pub(crate) fn is_again(fields: &[(String, String)]) -> bool {
    fields.iter().any(|(name, _)| name == AGAIN)
}

/// The fields of a posted form, each decoded once.
pub(crate) fn fields(body: &[u8]) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

fn link(url: &Url) -> Response {
    let host = url.host_str().unwrap_or_default();
    let page = Page { chrome: Chrome::plain("One moment"), host, action: url.as_str(), fields: &[] };
    match HeaderValue::from_str(&format!("0; url={url}")) {
        Ok(refresh) => ([(header::REFRESH, refresh)], html(&page)).into_response(),
        Err(_) => Failure::Internal("an address that no header can hold".into()).into_response(),
    }
}

fn post(form: &PostForm) -> Response {
    let fields: Vec<(&str, &str)> =
        form.fields().iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (action, host) = (form.action(), form.action().host_str().unwrap_or_default());
    let page = Page { chrome: Chrome::plain("One moment"), host, action: action.as_str(), fields: &fields };
    // The identity provider, and wherever it sends the form on to
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; form-action {} https:; base-uri 'none'; \
         frame-ancestors 'none'",
        action.origin().ascii_serialization()
    );
    match HeaderValue::from_str(&policy) {
        Ok(policy) => ([(header::CONTENT_SECURITY_POLICY, policy)], html(&page)).into_response(),
        Err(_) => Failure::Internal("an address that no header can hold".into()).into_response(),
    }
}

/// The field that marks a form as sent once more.
const AGAIN: &str = "again";
