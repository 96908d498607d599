//! Commands about the identity provider: who it is, and what was reached.

use super::apply::{Change, Refused, incomplete};
use super::facts::Facts;
use crate::connection::configuration::{Connection, State, Test};
use crate::connection::diagnosis::Evidence;
use crate::connection::identity_provider::{ClientRegistration, IdentityProvider, IdpSource, Reach};
use crate::connection::preset::{Preset, Protocol};
use crate::endpoint;
use crate::time::Timestamp;

/// SetIdp: https, values parse; while enabled, the same issuer.
pub(super) fn set_source(
    connection: &Connection,
    source: IdpSource,
    reach: Option<Reach>,
    facts: &Facts,
    now: Timestamp,
) -> Result<Change, Refused> {
    check_source(connection, &source, facts, now)?;
    let mut after = connection.clone();
    match connection.state {
        // In force at once, so it must be whole
        State::Enabled | State::Disabled => {
            let reach = reach.unwrap_or(Reach::NothingToFetch);
            let provider = reached(connection, &source, reach, facts, now)?;
            if connection.state == State::Enabled {
                same_issuer(connection, &provider)?;
            }
            after.provider = Some(provider);
            after.reached_at = Some(now);
        }
        State::Draft | State::Created | State::Tested | State::Deleted => {
            after.provider = None;
            after.reached_at = None;
            after.state = State::Draft;
        }
    }
    let field = source.field();
    after.source = Some(source);
    drop_test(&mut after, field);
    Ok(Change::of(after, &[field]))
}

/// SetClient: OpenID Connect alone.
pub(super) fn set_client(connection: &Connection, client: ClientRegistration) -> Result<Change, Refused> {
    if connection.protocol() != Some(Protocol::Oidc) {
        return Err(vec![wrong_protocol(connection, "client_id")]);
    }
    let usable = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
    if !usable(&client.client_id) {
        return Err(vec![invalid("client_id", "the client ID", &client.client_id)]);
    }
    if client.client_secret.as_ref().is_some_and(|name| name.0.is_empty()) {
        return Err(vec![invalid("client_secret", "the name of a stored secret", "")]);
    }
    if connection.state == State::Enabled && client.client_secret.is_none() {
        return Err(vec![incomplete(CONFIGURE, "client_secret")]);
    }
    let mut changed = Vec::new();
    let before = connection.client.as_ref();
    if before.map(|before| &before.client_id) != Some(&client.client_id) {
        changed.push("client_id");
    }
    if before.and_then(|before| before.client_secret.as_ref()) != client.client_secret.as_ref() {
        changed.push("client_secret");
    }
    let mut after = connection.clone();
    if matches!(connection.state, State::Created | State::Tested) {
        after.state = State::Draft;
    }
    after.client = Some(client);
    drop_test(&mut after, "client_id");
    Ok(Change { connection: after, changed })
}

/// Create: all required fields, and what the host fetched is good.
pub(super) fn create(
    connection: &Connection,
    reach: Reach,
    facts: &Facts,
    now: Timestamp,
) -> Result<Change, Refused> {
    let missing = missing_fields(connection);
    if !missing.is_empty() {
        return Err(missing);
    }
    let Some(source) = &connection.source else { return Err(vec![incomplete(CONFIGURE, "metadata_url")]) };
    let provider = reached(connection, source, reach, facts, now)?;
    let mut after = connection.clone();
    after.provider = Some(provider);
    after.reached_at = Some(now);
    after.state = State::Created;
    Ok(Change::of(after, &["state"]))
}

/// Refresh: the same entity. A document that cannot be used never replaces one that can.
pub(super) fn refresh(
    connection: &Connection,
    reach: Reach,
    facts: &Facts,
    now: Timestamp,
) -> Result<Change, Refused> {
    let Some(source) = &connection.source else { return Err(vec![incomplete(CONFIGURE, "metadata_url")]) };
    let provider = reached(connection, source, reach, facts, now)?;
    same_issuer(connection, &provider)?;
    let mut after = connection.clone();
    let changed = if after.provider.as_ref() == Some(&provider) { Vec::new() } else { vec!["certificates"] };
    after.provider = Some(provider);
    after.reached_at = Some(now);
    Ok(Change { connection: after, changed })
}

/// D03: what the second step still lacks.
pub(super) fn missing_fields(connection: &Connection) -> Vec<Evidence> {
    let mut missing = Vec::new();
    if connection.source.is_none() {
        let field = match connection.preset {
            Some(Preset::OktaOidc) => "okta_domain",
            Some(Preset::EntraOidc | Preset::CustomOidc) => "issuer",
            Some(Preset::GoogleWorkspace) => "metadata_xml",
            _ => "metadata_url",
        };
        missing.push(incomplete(CONFIGURE, field));
    }
    if connection.protocol() == Some(Protocol::Oidc) {
        match &connection.client {
            None => missing.push(incomplete(CONFIGURE, "client_id")),
            Some(client) if client.client_secret.is_none() => {
                missing.push(incomplete(CONFIGURE, "client_secret"));
            }
            Some(_) => {}
        }
    }
    missing
}

/// A change that says nothing about the identity provider any more makes the last test void.
pub(super) fn drop_test(connection: &mut Connection, field: &str) {
    if connection.test != Test::Missing {
        connection.test = Test::Dropped { by: field.to_owned() };
    }
}

fn check_source(
    connection: &Connection,
    source: &IdpSource,
    facts: &Facts,
    now: Timestamp,
) -> Result<(), Refused> {
    if connection.protocol() != Some(source.protocol()) {
        return Err(vec![wrong_protocol(connection, source.field())]);
    }
    match source {
        IdpSource::MetadataUrl(url) => fetchable(source.field(), url, facts),
        // Read at once: what is wrong with it is said while the administrator still has it open
        IdpSource::MetadataDocument(_) | IdpSource::Manual { .. } => {
            reached(connection, source, Reach::NothingToFetch, facts, now).map(|_| ())
        }
        IdpSource::OktaDomain(domain) => match (connection.preset, source.issuer()) {
            (Some(Preset::OktaOidc), Some(issuer)) => fetchable(source.field(), &issuer, facts),
            (Some(Preset::OktaOidc), None) => {
                Err(vec![invalid("okta_domain", "a domain such as acme.okta.com", domain)])
            }
            _ => Err(vec![wrong_protocol(connection, source.field())]),
        },
        IdpSource::EntraTenant(tenant) => match (connection.preset, source.issuer()) {
            (Some(Preset::EntraOidc), Some(_)) => Ok(()),
            (Some(Preset::EntraOidc), None) => {
                Err(vec![invalid("issuer", "the Directory (tenant) ID, never common", tenant)])
            }
            _ => Err(vec![wrong_protocol(connection, source.field())]),
        },
        IdpSource::Issuer(issuer) => fetchable(source.field(), issuer, facts),
    }
}

fn fetchable(field: &str, url: &str, facts: &Facts) -> Result<(), Refused> {
    match endpoint::check_fetch(url, facts.urls) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(vec![Evidence::failure("saml.url_not_allowed").field(field).actual(error.to_string())])
        }
    }
}

/// The identity provider out of what was entered and what was fetched for it.
fn reached(
    connection: &Connection,
    source: &IdpSource,
    reach: Reach,
    facts: &Facts,
    now: Timestamp,
) -> Result<IdentityProvider, Refused> {
    let _ = (connection, facts, now);
    match (source, reach) {
        (source, Reach::NotReached { reason }) => {
            let code = match source.protocol() {
                Protocol::Saml => "saml.metadata_unreachable",
                Protocol::Oidc => "oidc.discovery_failed",
            };
            Err(vec![Evidence::failure(code).field(source.field()).actual(reason)])
        }
        #[cfg(feature = "saml")]
        (IdpSource::MetadataUrl(_), Reach::Metadata(document)) => {
            saml::read(connection, &document, facts, now)
        }
        #[cfg(feature = "saml")]
        (IdpSource::MetadataDocument(document), Reach::NothingToFetch) => {
            saml::read(connection, document.as_bytes(), facts, now)
        }
        #[cfg(feature = "saml")]
        (IdpSource::Manual { login_url, certificates, entity_id }, Reach::NothingToFetch) => {
            saml::manual(connection, login_url, certificates, entity_id.as_deref(), facts, now)
        }
        #[cfg(feature = "oidc")]
        (source, Reach::Discovery(discovered)) if source.protocol() == Protocol::Oidc => {
            oidc::read(source, *discovered)
        }
        (source, _) => {
            let field = match source.protocol() {
                Protocol::Saml => "the fetched metadata",
                Protocol::Oidc => "the fetched configuration",
            };
            Err(vec![incomplete(CONFIGURE, field)])
        }
    }
}

/// W3: the issuer is part of everybody's key.
fn same_issuer(connection: &Connection, provider: &IdentityProvider) -> Result<(), Refused> {
    let before = connection.provider.as_ref().and_then(IdentityProvider::issuer);
    match (before, provider.issuer()) {
        (Some(expected), Some(actual)) if expected == actual => Ok(()),
        (None, _) => Ok(()),
        (Some(expected), actual) => {
            let refused = Evidence::failure("connection.issuer_changed").expected(expected);
            Err(vec![refused.actual(actual.unwrap_or("not known"))])
        }
    }
}

fn wrong_protocol(connection: &Connection, field: &str) -> Evidence {
    let preset = connection.preset.map_or("no preset", Preset::title);
    Evidence::failure("connection.wrong_protocol").expected(preset).field(field)
}

fn invalid(field: &str, expected: &str, actual: &str) -> Evidence {
    Evidence::failure("connection.invalid_setting").field(field).expected(expected).actual(actual)
}

pub(super) const CONFIGURE: &str = "step 2, Configure connection,";

#[cfg(feature = "saml")]
mod saml {
    use super::{Connection, Facts, IdentityProvider, Refused, Timestamp};
    use crate::connection::identity_provider::metadata_evidence;
    use crate::saml::bindings::Binding;
    use crate::saml::metadata::idp::{self, EntityChoice, IdpConfig, IdpIssuer, ManualIdp, ParseOptions};

    /// Metadata may describe a whole federation; then the entity that is known already is meant.
    pub(super) fn read(
        connection: &Connection,
        document: &[u8],
        facts: &Facts,
        now: Timestamp,
    ) -> Result<IdentityProvider, Refused> {
        let mut options =
            ParseOptions { urls: facts.urls, limits: facts.limits.clone(), ..ParseOptions::default() };
        let first = idp::parse(document, &options, now);
        let known = connection.provider.as_ref().and_then(IdentityProvider::issuer);
        let parsed = match (first, known) {
            (Err(crate::saml::Error::MetadataSeveralEntities { .. }), Some(known)) => {
                options.entity = EntityChoice::Named(known.to_owned());
                idp::parse(document, &options, now)
            }
            (first, _) => first,
        };
        match parsed {
            Ok((idp, _)) => Ok(IdentityProvider::Saml(Box::new(idp))),
            Err(error) => Err(vec![metadata_evidence(&error)]),
        }
    }

    /// Without entity ID, the one that an earlier test has learnt stays.
    pub(super) fn manual(
        connection: &Connection,
        login_url: &str,
        certificates: &[String],
        entity_id: Option<&str>,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<IdentityProvider, Refused> {
        let certificates: Vec<&[u8]> = certificates.iter().map(String::as_bytes).collect();
        let known = connection.provider.as_ref().and_then(IdentityProvider::issuer);
        let issuer = match entity_id.or(known) {
            Some(entity_id) => IdpIssuer::Pinned(entity_id.to_owned()),
            None => IdpIssuer::IssuerUnpinned,
        };
        let manual = ManualIdp {
            issuer,
            sso_url: login_url,
            sso_binding: Binding::HttpRedirect,
            certificates: &certificates,
        };
        match IdpConfig::manual(&manual, facts.urls, &facts.limits, now) {
            Ok((idp, _)) => Ok(IdentityProvider::Saml(Box::new(idp))),
            Err(error) => Err(vec![metadata_evidence(&error)]),
        }
    }
}

#[cfg(feature = "oidc")]
mod oidc {
    use super::{Evidence, IdentityProvider, IdpSource, Refused};
    use crate::oidc::{Error, Provider};

    pub(super) fn read(
        source: &IdpSource,
        discovered: Result<Provider, Error>,
    ) -> Result<IdentityProvider, Refused> {
        let provider = discovered.map_err(|error| vec![Evidence::from(&error)])?;
        match source.issuer() {
            Some(issuer) if issuer == provider.issuer => Ok(IdentityProvider::Oidc(Box::new(provider))),
            expected => {
                let error = Error::DiscoveryIssuerMismatch {
                    expected: expected.unwrap_or_default(),
                    actual: Some(provider.issuer),
                };
                Err(vec![Evidence::from(&error)])
            }
        }
    }
}
