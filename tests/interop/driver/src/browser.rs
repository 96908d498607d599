//! A browser without scripts: it follows redirects with cookies, fills the login form, posts the forms that SAML is
//! carried in, and stops where it is sent to the service provider.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use admittance::saml::bindings::Outgoing;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::html::{self, Form};

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

/// What the service provider got, or what the identity provider showed at last.
pub enum End {
    Redirect { url: Url },
    Post { url: Url, fields: Vec<(String, String)> },
    Page { status: u16, text: String },
}

struct Reply {
    status: u16,
    location: Option<String>,
    cookies: Vec<String>,
    text: String,
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

    fn walk(&mut self, mut url: Url, mut fields: Option<Vec<(String, String)>>) -> Fallible<Visit> {
        let mut prompts = 0;
        for _ in 0..LONGEST_WALK {
            if url.as_str().starts_with(crate::SP_BASE) {
                let end = match fields {
                    Some(fields) => End::Post { url, fields },
                    None => End::Redirect { url },
                };
                return Ok(Visit { prompts, end });
            }
            let reply = self.fetch(&url, fields.take().as_deref())?;
            if let (300..=399, Some(location)) = (reply.status, &reply.location) {
                url = url.join(location)?;
                continue;
            }
            let Some(form) =
                html::forms(&reply.text).into_iter().find(|form| form.signs_in() || form.carries_saml())
            else {
                let end = End::Page { status: reply.status, text: reply.text };
                return Ok(Visit { prompts, end });
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

    /// One request. HTTP/1.0, so that the body ends with the connection.
    fn fetch(&mut self, url: &Url, fields: Option<&[(String, String)]>) -> Fallible<Reply> {
        let (host, port) = (url.host_str().ok_or("no host")?, url.port_or_known_default().ok_or("no port")?);
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = fields.map(|fields| Serializer::new(String::new()).extend_pairs(fields).finish());
        let mut request = format!(
            "{} {path} HTTP/1.0\r\nHost: {host}:{port}\r\nCookie: {}\r\n",
            if body.is_some() { "POST" } else { "GET" },
            cookies.join("; ")
        );
        if let Some(body) = &body {
            request.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body.as_deref().unwrap_or_default());

        let mut stream = TcpStream::connect((host, port)).map_err(|error| format!("{url}: {error}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map_err(|error| format!("{url}: {error}"))?;
        let reply = Reply::of_text(&String::from_utf8(bytes)?).ok_or_else(|| format!("{url}: no HTTP"))?;
        for cookie in &reply.cookies {
            self.keep(cookie);
        }
        Ok(reply)
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

impl Reply {
    fn of_text(text: &str) -> Option<Self> {
        let (head, text) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let (mut location, mut cookies) = (None, Vec::new());
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            match name.to_ascii_lowercase().as_str() {
                "location" => location = Some(value.trim().to_owned()),
                "set-cookie" => cookies.push(value.trim().to_owned()),
                _ => {}
            }
        }
        Some(Self { status, location, cookies, text: text.to_owned() })
    }
}

/// Reads what is at an address.
pub fn read(url: Url) -> Fallible<String> {
    let reply = Browser::default().fetch(&url, None)?;
    match reply.status {
        200 => Ok(reply.text),
        status => Err(format!("{url}: status {status}: {}", html::text(&reply.text)).into()),
    }
}

const LONGEST_WALK: usize = 20;
const PATIENCE: Duration = Duration::from_secs(30);
