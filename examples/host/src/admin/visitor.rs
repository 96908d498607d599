//! Who sets up a connection: an administrator of the enterprise, or whoever holds a set-up link. And what their forms send.

use std::collections::BTreeSet;

use admittance::connection::setup_link::{self, Task};
use admittance::connection::{Actor, AuditEvent, Command, Confirmation, Connection, Diagnosis};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Multipart};
use axum::http::{HeaderMap, Request, header, request::Parts};

use super::{Frame, Told};
use crate::app::{App, Shared};
use crate::connections::{self, Outcome, Seen};
use crate::failure::{Failure, Result};
use crate::session::{self, Administrator, SignedIn};
use crate::{clock::now, enterprises::Enterprise, layout::Chrome};

pub(crate) struct Visitor {
    pub(crate) actor: Actor,
    pub(super) enterprise: Enterprise,
    pub(super) connection: Connection,
    /// Where the pages begin: `/admin`, or the set-up link.
    pub(crate) base: String,
    /// `None` for a set-up link.
    pub(super) administrator: Option<SignedIn>,
    /// Of a link: what it opens, and its use for the audit trail.
    pub(super) link: Option<(BTreeSet<Task>, AuditEvent)>,
}

impl Visitor {
    /// A link reads `<connection>.<sealed>`: the library opens it for that connection alone.
    pub(crate) async fn of_link(app: &App, link: &str) -> Result<Self> {
        let (connection, sealed) = link.split_once('.').ok_or(Failure::NotFound)?;
        let stored = connections::find(app, connection).await?.ok_or(Failure::NotFound)?;
        let opened = setup_link::open(sealed, &stored.connection, app.keys.sealing(), now());
        let (grant, event) = opened.map_err(|diagnosis| Failure::Invalid(diagnosis.message.clone()))?;
        let tasks = grant.tasks().clone();
        Ok(Self {
            actor: Actor::SetUpLink(grant),
            enterprise: stored.enterprise,
            connection: stored.connection,
            base: format!("/setup/{link}"),
            administrator: None,
            link: Some((tasks, event)),
        })
    }

    /// Who tests, as a report remembers it: it is shown to nobody else.
    pub(crate) fn tester(&self) -> String {
        match &self.administrator {
            Some(signed_in) => signed_in.account.id.clone(),
            None => self.actor.to_string(),
        }
    }

    /// What is around a page of this title, at this place.
    pub(super) fn frame(&self, title: &str, current: &str, told: impl Into<Told>) -> Frame {
        let chrome = match &self.administrator {
            Some(signed_in) => Chrome::of(signed_in, title, "sso"),
            None => Chrome::plain(title),
        };
        let opens = |task: &Option<Task>| match &self.link {
            Some((tasks, _)) => task.as_ref().is_some_and(|task| tasks.contains(task)),
            None => true,
        };
        let places = PLACES
            .iter()
            .filter(|(.., task)| opens(task))
            .map(|(name, path, _)| (*name, format!("{}{path}", self.base), *path == current));
        Frame {
            chrome,
            base: self.base.clone(),
            places: places.collect(),
            version: self.connection.version(),
            told: told.into(),
        }
    }

    pub(super) fn require(&self, task: Task) -> Result<()> {
        match &self.link {
            Some((tasks, _)) if !tasks.contains(&task) => Err(Failure::Forbidden),
            _ => Ok(()),
        }
    }

    /// Gives a command to the connection as it was when the page was made.
    pub(super) async fn command(
        &mut self,
        app: &App,
        version: u64,
        command: Command,
    ) -> Result<Vec<Diagnosis>> {
        let seen = Seen { id: self.connection.id().clone(), version };
        match connections::command(app, self.actor.clone(), seen, command).await? {
            Outcome::Done(after) => {
                self.connection = *after;
                Ok(Vec::new())
            }
            Outcome::Refused(why) => Ok(why),
        }
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        if let Some(rest) = parts.uri.path().strip_prefix("/setup/") {
            let link = rest.split('/').next().unwrap_or_default().to_owned();
            return Self::of_link(app, &link).await;
        }
        let administrator = Administrator::from_request_parts(parts, app).await?;
        let actor = administrator.actor();
        let Administrator(signed_in) = administrator;
        let connection = connections::of_enterprise_or_new(app, &signed_in.enterprise).await?;
        Ok(Self {
            actor,
            enterprise: signed_in.enterprise.clone(),
            connection,
            base: "/admin".to_owned(),
            administrator: Some(signed_in),
            link: None,
        })
    }
}

/// A form that a page of ours has sent, with or without files. The token in its field `csrf` is that of the session; who
/// holds a set-up link needs none, for nobody else knows the address.
pub(super) struct Sent {
    pub(super) visitor: Visitor,
    fields: Vec<(String, String)>,
}

impl Sent {
    /// What was entered, if anything.
    pub(super) fn text<'s>(&'s self, name: &'s str) -> Option<&'s str> {
        self.all(name).map(str::trim).find(|text| !text.is_empty())
    }

    /// What was entered in every field of this name.
    pub(super) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, text)| text.as_str())
    }

    /// Gives the command that the form stands for.
    pub(super) async fn command(&mut self, app: &App, command: Command) -> Result<Vec<Diagnosis>> {
        let version = self.version();
        self.visitor.command(app, version, command).await
    }

    /// Whether the box that says so was ticked.
    pub(super) fn confirmation(&self) -> Confirmation {
        if self.text("sure").is_some() { Confirmation::Given } else { Confirmation::None }
    }

    /// The version of the connection that the page showed.
    pub(super) fn version(&self) -> u64 {
        self.text("version").and_then(|text| text.parse().ok()).unwrap_or_default()
    }
}

impl FromRequest<Shared> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request<Body>, app: &Shared) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let origin = parts.headers.get(header::ORIGIN);
        if origin.is_some_and(|origin| origin.as_bytes() != app.base.as_bytes()) {
            return Err(Failure::NotFromOurPage);
        }
        let fields = fields(Request::from_parts(parts, body)).await?;
        let sent = Self { visitor, fields };
        let token = sent.text("csrf").unwrap_or_default();
        match &sent.visitor.administrator {
            Some(signed_in) if !session::is_ours(signed_in, token) => Err(Failure::NotFromOurPage),
            _ => Ok(sent),
        }
    }
}

async fn fields(request: Request<Body>) -> Result<Vec<(String, String)>> {
    let invalid = |error: &dyn std::fmt::Display| Failure::Invalid(error.to_string());
    if !is_multipart(request.headers()) {
        let body =
            axum::body::to_bytes(request.into_body(), LONGEST).await.map_err(|error| invalid(&error))?;
        return Ok(url::form_urlencoded::parse(&body).into_owned().collect());
    }
    let mut parts = Multipart::from_request(request, &()).await.map_err(|error| invalid(&error))?;
    let mut fields = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|error| invalid(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|error| invalid(&error))?;
        // A certificate may come as DER, which is no text
        let text = String::from_utf8(bytes.to_vec())
            .unwrap_or_else(|error| admittance::encoding::base64_encode(error.as_bytes()));
        fields.push((name, text));
    }
    Ok(fields)
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

/// Bytes of a form: more than the library takes of metadata, so that the library says what is too long.
pub(super) const LONGEST: usize = 8 << 20;

/// Name, path, and the task of a set-up link that opens it.
const PLACES: [(&str, &str, Option<Task>); 8] = [
    ("Overview", "/sso", None),
    ("Single sign-on", "/sso/setup", Some(Task::Sso)),
    ("Provisioning", "/provisioning", Some(Task::Scim)),
    ("Domains", "/sso/domains", Some(Task::Domain)),
    ("Certificates", "/certificates", Some(Task::Certificate)),
    ("Sign-in records", "/flows", None),
    ("Set-up links", "/sso/links", None),
    ("Audit log", "/audit", None),
];
