//! What the set-up assistant's forms send: entries become commands, and what the library refuses is shown at the form.

use std::collections::HashMap;

use admittance::connection::{
    ClientRegistration, Command, Diagnosis, IdpSource, Preset, Reach, State, assistant::OurField,
    setup_link::Task,
};
use admittance::crypto::Secret;
use admittance::profile::{Mapping, Pointer, Rule, Source};
use axum::extract::{Path, State as On};
use axum::response::Response;

use super::go;
use super::setup::{Entered, page};
use super::visitor::{Sent, Visitor};
use crate::app::{App, Shared};
use crate::connections::{Outcome, Seen, command_in};
use crate::failure::{Failure, Result};
use crate::{secrets, session::Administrator, sign_in};

pub(super) async fn post(
    On(app): On<Shared>,
    Path(path): Path<HashMap<String, String>>,
    mut sent: Sent,
) -> Result<Response> {
    sent.visitor.require(Task::Sso)?;
    let step = path.get("step").map_or("", String::as_str);
    let (refused, to, done) = match sent.text("run") {
        Some("choose") => (choose(&app, &mut sent).await?, "create", "chosen"),
        Some("create") => (create(&app, &mut sent).await?, "mapping", "reached"),
        Some("mapping") => {
            let mapping = Box::new(mapping(&sent)?);
            (sent.command(&app, Command::SetMapping(mapping)).await?, "mapping", "saved")
        }
        Some("enable") => (sent.command(&app, Command::Enable).await?, step, "enabled"),
        Some("test") => return test(&app, sent.visitor).await,
        _ => return Err(Failure::NotFound),
    };
    if refused.is_empty() {
        return Ok(go(&format!("{}/sso/setup/{to}", sent.visitor.base), done));
    }
    let shown_again = [
        OurField::MetadataUrl,
        OurField::MetadataXml,
        OurField::SsoLoginUrl,
        OurField::IdpCertificate,
        OurField::ClientId,
        OurField::OktaDomain,
        OurField::Issuer,
    ];
    let entered: Entered = shown_again
        .into_iter()
        .filter_map(|field| Some((field, sent.text(field.as_str())?.to_owned())))
        .collect();
    page(&app, &sent.visitor, step, refused, sent.text("way").unwrap_or_default(), entered)
}

async fn test(app: &App, visitor: Visitor) -> Result<Response> {
    match visitor.administrator {
        Some(signed_in) => sign_in::begin_test(app, &Administrator(signed_in), &visitor.connection).await,
        None => {
            let link = visitor.base.trim_start_matches("/setup/");
            sign_in::begin_test_by_link(app, link, &visitor.actor, &visitor.connection).await
        }
    }
}

async fn choose(app: &App, sent: &mut Sent) -> Result<Vec<Diagnosis>> {
    let title = sent.text("preset").unwrap_or_default();
    let preset = Preset::ALL.into_iter().find(|preset| preset.title() == title);
    let preset =
        preset.ok_or_else(|| Failure::Invalid("Choose one of the identity providers.".to_owned()))?;
    // Choosing the same again would forget what was entered
    if sent.visitor.connection.preset() == Some(preset) {
        return Ok(Vec::new());
    }
    sent.command(app, Command::Choose(preset)).await
}

/// Stores what was entered and is new, then tries to reach the identity provider. Each command is for the connection
/// that the one before left, the first for the one that the page showed.
async fn create(app: &App, sent: &mut Sent) -> Result<Vec<Diagnosis>> {
    let mut version = sent.version();
    let source = source(sent).filter(|source| sent.visitor.connection.source() != Some(source));
    if let Some(source) = source {
        // What is in force at once has to be good at once
        let in_force = matches!(sent.visitor.connection.state(), State::Enabled | State::Disabled);
        let reach = if in_force { Some(reach(app, &sent.visitor, Some(&source)).await) } else { None };
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
    let reach = reach(app, &sent.visitor, sent.visitor.connection.source()).await;
    // Nothing new was entered: then it is asked whether what is there is still good
    let command = if is_draft { Command::Create(reach) } else { Command::Refresh(reach) };
    sent.visitor.command(app, version, command).await
}

async fn reach(app: &App, visitor: &Visitor, source: Option<&IdpSource>) -> Reach {
    match source {
        Some(source) => app.fetcher.reach(source, &visitor.connection.policy().oidc).await,
        None => Reach::NothingToFetch,
    }
}

/// Seals a new client secret and stores the registration, in one transaction.
async fn set_client(app: &App, sent: &mut Sent, version: &mut u64) -> Result<Vec<Diagnosis>> {
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
    let client_secret = match secret {
        Some(secret) => Some(secrets::store(app, &mut tx, connection.id(), &Secret::from(secret)).await?),
        None => known.and_then(|client| client.client_secret.clone()),
    };
    let command = Command::SetClient(ClientRegistration { client_id: client_id.to_owned(), client_secret });
    let seen = Seen { id: connection.id().clone(), version: *version };
    match command_in(app, &mut tx, sent.visitor.actor.clone(), seen, command).await? {
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
    let connection = &sent.visitor.connection;
    let text = |field: OurField| sent.text(field.as_str()).map(str::to_owned);
    if let Some(domain) = text(OurField::OktaDomain) {
        return Some(IdpSource::OktaDomain(domain));
    }
    if let Some(issuer) = text(OurField::Issuer) {
        let tenant = IdpSource::EntraTenant(issuer.clone());
        let is_tenant = connection.preset() == Some(Preset::EntraOidc) && tenant.issuer().is_some();
        return Some(if is_tenant { tenant } else { IdpSource::Issuer(issuer) });
    }
    let metadata = text(OurField::MetadataUrl).map(IdpSource::MetadataUrl);
    metadata.or_else(|| text(OurField::MetadataXml).map(IdpSource::MetadataDocument)).or_else(|| {
        let (url, certificate) = (text(OurField::SsoLoginUrl), text(OurField::IdpCertificate));
        // What is not entered stays as it is
        let (stored_url, stored) = match connection.source() {
            Some(IdpSource::Manual { login_url, certificates, .. }) => {
                (login_url.clone(), certificates.clone())
            }
            _ => (String::new(), Vec::new()),
        };
        (url.is_some() || certificate.is_some()).then(|| IdpSource::Manual {
            login_url: url.unwrap_or(stored_url),
            certificates: certificate.map_or(stored, |certificate| vec![certificate]),
            entity_id: None,
        })
    })
}

/// The mapping with other sources. Aliases and transforms stay.
fn mapping(sent: &Sent) -> Result<Mapping> {
    let mut mapping = sent.visitor.connection.mapping().clone();
    let text = |name| sent.text(name).unwrap_or_default();
    let optional = |rule: Option<Rule>, text: &str| match text {
        "" => Ok(None),
        text => with_source(rule.unwrap_or_else(|| Rule::attr(text)), text).map(Some),
    };
    mapping.name = optional(mapping.name, text("name"))?;
    mapping.groups = optional(mapping.groups, text("groups"))?;
    mapping.login = with_source(mapping.login, text("login"))?;
    mapping.email = with_source(mapping.email, text("email"))?;
    Ok(mapping)
}

/// A name, or a JSON pointer into a claim.
fn with_source(mut rule: Rule, text: &str) -> Result<Rule> {
    if rule.source.to_string() != text {
        rule.source = match text.strip_prefix('/') {
            Some(_) => Source::Pointer(
                Pointer::parse(text).map_err(|error| Failure::Invalid(format!("{text}: {error}")))?,
            ),
            None => Source::Attr(text.to_owned()),
        };
    }
    Ok(rule)
}
