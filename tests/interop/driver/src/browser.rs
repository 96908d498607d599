//! A browser without scripts: it follows redirects with cookies, fills the login form, posts the forms that messages are
//! carried in, and stops where it is sent to us.

use std::collections::BTreeMap;
use std::error::Error;

use admittance::saml::bindings::Outgoing;
use http::{Request, Response};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::html::{self, Form};
use crate::wire::send;

/// A person at a browser.
#[derive(Default)]
pub struct Browser {
    cookies: BTreeMap<String, String>,
}

/// Where a walk ended.
pub struct Visit {
    /// How often a password was asked for.
    pub prompts: usize,
    pub end: End,
}

/// What we got, or what the provider showed at last.
pub enum End {
    Redirect { url: Url },
    Post { url: Url, fields: Vec<(String, String)> },
    Page { url: Url, status: u16, text: String },
}

type Fallible<T> = Result<T, Box<dyn Error>>;

impl Browser {
    /// Goes where the service provider sends it.
    pub fn follow(&mut self, outgoing: &Outgoing) -> Fallible<Visit> {
        match outgoing {
            Outgoing::Redirect(url) => self.open(url.clone()),
            Outgoing::Post(form) => {
                let fields = form.fields().iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
                self.walk(form.action().clone(), Some(fields.collect()))
            }
        }
    }

    /// Opens a page.
    pub fn open(&mut self, url: Url) -> Fallible<Visit> {
        self.walk(url, None)
    }

    /// One request with the cookies of this browser, as a page's script makes it.
    pub fn fetch(&mut self, mut request: Request<Vec<u8>>) -> Fallible<Response<Vec<u8>>> {
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert("Cookie", cookies.join("; ").parse()?);
        }
        let response = send(&request)?;
        for cookie in response.headers().get_all("Set-Cookie") {
            self.keep(cookie.to_str()?);
        }
        Ok(response)
    }

    fn walk(&mut self, mut url: Url, mut fields: Option<Vec<(String, String)>>) -> Fallible<Visit> {
        let mut prompts = 0;
        for _ in 0..LONGEST_WALK {
            if url.as_str().starts_with(crate::OUR_BASE) {
                let end = match fields {
                    Some(fields) => End::Post { url, fields },
                    None => End::Redirect { url },
                };
                return Ok(Visit { prompts, end });
            }
            let response = self.fetch(page_request(&url, fields.take().as_deref())?)?;
            let location = response.headers().get("Location").filter(|_| response.status().is_redirection());
            if let Some(location) = location {
                url = url.join(location.to_str()?)?;
                continue;
            }
            let (status, text) = (response.status().as_u16(), String::from_utf8(response.into_body())?);
            let forms = html::forms(&text).into_iter();
            let Some(form) = forms.into_iter().find(|form| form.signs_in() || form.carries_message()) else {
                return Ok(Visit { prompts, end: End::Page { url, status, text } });
            };
            prompts += usize::from(form.signs_in());
            if prompts > 1 {
                return Err("the password is asked for twice".into());
            }
            let Form { action, inputs } = form;
            url = url.join(&action)?;
            fields = Some(inputs.into_iter().map(|input| (input.name.clone(), input.filled())).collect());
        }
        Err(format!("more than {LONGEST_WALK} steps, at last {url}").into())
    }

    /// All peers are on one host, each browser visits one of them.
    fn keep(&mut self, set_cookie: &str) {
        let mut parts = set_cookie.split("; ");
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let ended = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
        if ended || value.is_empty() || value == "deleted" {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

fn page_request(url: &Url, fields: Option<&[(String, String)]>) -> Fallible<Request<Vec<u8>>> {
    let mut address = url.clone();
    address.set_fragment(None);
    let Some(fields) = fields else { return Ok(Request::get(address.as_str()).body(Vec::new())?) };
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = Request::post(address.as_str()).header("Content-Type", "application/x-www-form-urlencoded");
    Ok(request.body(body.into_bytes())?)
}

/// Reads what is at an address.
pub fn read(url: &Url) -> Fallible<String> {
    let response = send(&page_request(url, None)?)?;
    let (status, text) = (response.status(), String::from_utf8(response.into_body())?);
    if status == 200 {
        Ok(text)
    } else {
        Err(format!("{url}: status {status}: {}", html::text(&text)).into())
    }
}

const LONGEST_WALK: usize = 20;
