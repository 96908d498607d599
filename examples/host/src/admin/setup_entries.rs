//! What the set-up assistant's forms send: entries become commands, and what the library refuses is shown at the form.

use std::collections::HashMap;

use admittance::{
    connection::{
        ClientRegistration, Command, Connection, Diagnosis, IdpSource, Preset, Reach, State,
        assistant::OurField, setup_link::Task,
    },
    crypto::Secret,
    profile::{Mapping, Pointer, Rule, Source},
};
use axum::{
    extract::{Path, State as On},
    response::Response,
};

use super::{
    go,
    setup::{Entered, Told, page},
    visitor::{Sent, Visitor},
};
use crate::{
    app::{App, Shared},
    connections::{Outcome, Seen, command_in},
    failure::Failure,
    secrets,
    session::Administrator,
    sign_in,
};

pub(super) async fn post(
    On(app): On<Shared>,
    Path(path): Path<HashMap<String, String>>,
    mut sent: Sent,
) -> Result<Response, Failure> {
    sent.visitor.require(Task::Sso)?;
    let step = path.get("step").map_or("", String::as_str);
    let base = format!("{}/sso/setup", sent.visitor.base);
    let (refused, to, done) = match sent.text("run") {
        Some("choose") => (choose(&app, &mut sent).await?, "create", "chosen"),
        Some("create") => (create(&app, &mut sent).await?, "mapping", "reached"),
        Some("mapping") => (map(&app, &mut sent).await?, "mapping", "saved"),
        Some("test") => return test(&app, sent.visitor).await,
        Some("enable") => {
            let version = sent.version();
            (sent.visitor.command(&app, version, Command::Enable).await?, step, "enabled")
        }
        _ => return Err(Failure::NotFound),
    };
    if refused.is_empty() {
        return Ok(go(&format!("{base}/{to}"), done));
    }
    let told = Told {
        refused,
        way: sent.text("way").unwrap_or_default(),
        entered: entered(&sent),
        ..Told::default()
    };
    page(&app, &sent.visitor, step, told)
}

/// The test is a sign-in of the administrator; a set-up link has nobody to sign in.
async fn test(app: &App, visitor: Visitor) -> Result<Response, Failure> {
    match visitor.administrator {
        Some(signed_in) => sign_in::begin_test(app, &Administrator(signed_in), &visitor.connection).await,
        None => Err(Failure::Invalid("An administrator of the enterprise runs the test.".to_owned())),
    }
}

async fn choose(app: &App, sent: &mut Sent) -> Result<Vec<Diagnosis>, Failure> {
    let name = serde_json::Value::from(sent.text("preset").unwrap_or_default());
    let preset: Preset = serde_json::from_value(name)
        .map_err(|_| Failure::Invalid("Choose one of the identity providers.".to_owned()))?;
    let version = sent.version();
    if sent.visitor.connection.preset() == Some(preset) && sent.visitor.connection.version() == version {
        return Ok(Vec::new());
    }
    sent.visitor.command(app, version, Command::Choose(preset)).await
}

/// Stores what was entered and is new, then tries to reach the identity provider. Each command is for the connection
/// that the one before left, the first for the one that the page showed.
async fn create(app: &App, sent: &mut Sent) -> Result<Vec<Diagnosis>, Failure> {
    let mut version = sent.version();
    let source = source(sent).filter(|source| sent.visitor.connection.source() != Some(source));
    if let Some(source) = source {
        // What is in force at once has to be good at once
        let in_force = matches!(sent.visitor.connection.state(), State::Enabled | State::Disabled);
        let reach = if in_force { Some(reach(app, &sent.visitor.connection, &source).await) } else { None };
        let refused = sent.visitor.command(app, version, Command::SetIdp { source, reach }).await?;
        if !refused.is_empty() {
            return Ok(refused);
        }
        version = sent.visitor.connection.version();
    }
    let refused = set_client(app, sent, &mut version).await?;
    if !refused.is_empty() {
        return Ok(refused);
    }
    let is_draft = sent.visitor.connection.state() == State::Draft;
    if !is_draft && version != sent.version() {
        return Ok(Vec::new());
    }
    let reach = match sent.visitor.connection.source() {
        Some(source) => reach(app, &sent.visitor.connection, source).await,
        None => Reach::NothingToFetch,
    };
    // Nothing new was entered: then it is asked whether what is there is still good
    let command = if is_draft { Command::Create(reach) } else { Command::Refresh(reach) };
    sent.visitor.command(app, version, command).await
}

async fn reach(app: &App, connection: &Connection, source: &IdpSource) -> Reach {
    app.fetcher.reach(source, &connection.policy().oidc).await
}

/// Seals a new client secret and stores the registration, in one transaction.
async fn set_client(app: &App, sent: &mut Sent, version: &mut u64) -> Result<Vec<Diagnosis>, Failure> {
    let connection = &sent.visitor.connection;
    let known = connection.client();
    let secret = sent.text(OurField::ClientSecret.as_str());
    let client_id = sent.text(OurField::ClientId.as_str());
    let Some(client_id) = client_id.or(known.map(|client| client.client_id.as_str())) else {
        return Ok(Vec::new());
    };
    if secret.is_none() && known.is_some_and(|client| client.client_id == client_id) {
        return Ok(Vec::new());
    }
    let mut tx = app.database.write().await?;
    let seen = Seen { id: connection.id().clone(), version: *version };
    let client_secret = match secret {
        Some(secret) => Some(secrets::store(app, &mut tx, connection.id(), &Secret::from(secret)).await?),
        None => known.and_then(|client| client.client_secret.clone()),
    };
    let client = ClientRegistration { client_id: client_id.to_owned(), client_secret };
    let actor = sent.visitor.actor.clone();
    match command_in(app, &mut tx, actor, seen, Command::SetClient(client)).await? {
        Outcome::Done(after) => {
            tx.commit().await?;
            *version = after.version();
            sent.visitor.connection = *after;
            Ok(Vec::new())
        }
        Outcome::Refused(why) => Ok(why),
    }
}

/// The identity provider as it was entered, if it was.
fn source(sent: &Sent) -> Option<IdpSource> {
    let text = |field: OurField| sent.text(field.as_str());
    let (stored_url, stored_certificates) = match sent.visitor.connection.source() {
        Some(IdpSource::Manual { login_url, certificates, .. }) => {
            (Some(login_url.as_str()), certificates.clone())
        }
        _ => (None, Vec::new()),
    };
    if let Some(domain) = text(OurField::OktaDomain) {
        return Some(IdpSource::OktaDomain(domain.to_owned()));
    }
    if let Some(issuer) = text(OurField::Issuer) {
        let tenant = IdpSource::EntraTenant(issuer.to_owned());
        let is_tenant =
            sent.visitor.connection.preset() == Some(Preset::EntraOidc) && tenant.issuer().is_some();
        return Some(if is_tenant { tenant } else { IdpSource::Issuer(issuer.to_owned()) });
    }
    if let Some(url) = text(OurField::MetadataUrl) {
        return Some(IdpSource::MetadataUrl(url.to_owned()));
    }
    if let Some(document) = text(OurField::MetadataXml) {
        return Some(IdpSource::MetadataDocument(document.to_owned()));
    }
    let entered = (text(OurField::SsoLoginUrl), text(OurField::IdpCertificate));
    let (login_url, certificates) = match entered {
        (None, None) => return None,
        (Some(url), None) => (Some(url), stored_certificates),
        (url, Some(certificate)) => (url, vec![certificate.to_owned()]),
    };
    let login_url = login_url.or(stored_url).unwrap_or_default().to_owned();
    Some(IdpSource::Manual { login_url, certificates, entity_id: None })
}

fn entered(sent: &Sent) -> Entered {
    let fields = [
        OurField::MetadataUrl,
        OurField::MetadataXml,
        OurField::SsoLoginUrl,
        OurField::IdpCertificate,
        OurField::ClientId,
        OurField::OktaDomain,
        OurField::Issuer,
    ];
    fields
        .into_iter()
        .filter_map(|field| Some((field.as_str(), sent.text(field.as_str())?.to_owned())))
        .collect()
}

async fn map(app: &App, sent: &mut Sent) -> Result<Vec<Diagnosis>, Failure> {
    let mapping = mapping(&sent.visitor.connection, sent)?;
    let version = sent.version();
    sent.visitor.command(app, version, Command::SetMapping(Box::new(mapping))).await
}

/// The mapping with other sources. Aliases and transforms stay.
fn mapping(connection: &Connection, sent: &Sent) -> Result<Mapping, Failure> {
    let mut mapping = connection.mapping().clone();
    let text = |name| sent.text(name).unwrap_or_default();
    mapping.name = optional(mapping.name, text("name"))?;
    mapping.groups = optional(mapping.groups, text("groups"))?;
    mapping.login = with_source(mapping.login, text("login"))?;
    mapping.email = with_source(mapping.email, text("email"))?;
    Ok(mapping)
}

fn optional(rule: Option<Rule>, text: &str) -> Result<Option<Rule>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    with_source(rule.unwrap_or_else(|| Rule::attr(text)), text).map(Some)
}

/// A name, or a JSON pointer into a claim.
fn with_source(mut rule: Rule, text: &str) -> Result<Rule, Failure> {
    if rule.source.to_string() == text {
        return Ok(rule);
    }
    rule.source = if text.starts_with('/') {
        let pointer = Pointer::parse(text).map_err(|error| Failure::Invalid(format!("{text}: {error}")))?;
        Source::Pointer(pointer)
    } else {
        Source::Attr(text.to_owned())
    };
    Ok(rule)
}
