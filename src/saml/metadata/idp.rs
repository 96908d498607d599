//! [`IdpConfig`]: the identity provider, read from its metadata or set up by hand.

use std::io::BufRead;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    crypto::{Certificate, TrustedKeys},
    endpoint::{self, UrlPolicy},
    limits::{Budget, Limits},
    note::Note,
    saml::{
        Error, Level,
        bindings::{Binding, Endpoint},
        metadata::{
            duration,
            keys::{self, Keys},
            select::{self, Found, Selected, WHITE_SPACE},
            text::Text,
        },
        names,
        protocol::RequestBinding,
    },
    time::{Timestamp, Zone},
    version::Version,
    xml::{Document, Read},
    xmldsig,
};

/// Who the identity provider is, where its services are, and which keys it signs with.
///
/// Made by [`parse`] or [`manual`](Self::manual). A stored value has a `version`. It does not change with time:
/// the host reads the metadata anew at [`refresh_at`](Self::refresh_at).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdpConfig {
    version: Version<1>,
    issuer: IdpIssuer,
    sso: Vec<Endpoint>,
    #[serde(default)]
    slo: Vec<Endpoint>,
    #[serde(default)]
    artifact_resolution: Vec<ArtifactResolutionService>,
    signing_keys: TrustedKeys,
    #[serde(default)]
    name_id_formats: Vec<String>,
    #[serde(default)]
    want_authn_requests_signed: bool,
    #[serde(default)]
    valid_until: Option<Timestamp>,
    #[serde(default)]
    refresh_at: Option<Timestamp>,
    signature: MetadataSignature,
}

/// The name that the identity provider's messages must carry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdpIssuer {
    /// Its entity ID.
    Pinned(String),
    /// Not known yet: only a test sign-in is accepted, and its verified Issuer is then [pinned](IdpConfig::pin).
    IssuerUnpinned,
}

/// Where artifacts are resolved, over SOAP.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactResolutionService {
    /// The number by which an artifact names it.
    pub index: u16,
    /// The address.
    pub location: String,
}

/// Whether the metadata came with a signature that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetadataSignature {
    /// No trusted keys were given, so a signature that may be there was not looked at; or set up by hand.
    NotChecked,
    /// The root of the document was signed by a trusted key.
    Verified,
}

/// How metadata is read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ParseOptions {
    /// Which entity is meant.
    pub entity: EntityChoice,
    /// Whether the metadata must be signed.
    pub trust: MetadataTrust,
    /// Which addresses may be kept.
    pub urls: UrlPolicy,
    /// Bounds.
    pub limits: Limits,
}

/// Which entity of the metadata is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum EntityChoice {
    /// The only identity provider in it.
    #[default]
    Only,
    /// The one with this entity ID.
    Named(String),
}

/// Whether metadata must be signed, and by whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MetadataTrust {
    /// Trust comes from elsewhere, as from TLS to the host of the identity provider.
    #[default]
    NotChecked,
    /// One of these keys must have signed the root of the document.
    Keys(TrustedKeys),
}

/// An identity provider as its administrator types it in.
#[derive(Clone, Debug)]
pub struct ManualIdp<'a> {
    /// Its name.
    pub issuer: IdpIssuer,
    /// The login URL.
    pub sso_url: &'a str,
    /// How requests reach it.
    pub sso_binding: Binding,
    /// Its certificates, each as PEM, base64 text of the DER, or DER; a PEM text may hold several.
    pub certificates: &'a [&'a [u8]],
}

/// Reads the metadata of an identity provider out of bytes: see [`parse_stream`].
///
/// # Errors
/// The first check that failed.
pub fn parse(
    mut bytes: &[u8],
    options: &ParseOptions,
    now: Timestamp,
) -> Result<(IdpConfig, Vec<Note>), Error> {
    parse_stream(&mut bytes, options, now)
}

/// Reads the metadata of an identity provider as it comes in, a document of one entity or an aggregate
/// (2.4 #12–#19).
///
/// It is read in one pass. An aggregate may be long: what is kept at a time is one entity and some text behind it,
/// the start tags around it, and the entity that is meant.
///
/// Checked, in this order as far as one pass allows it:
/// 1. size; not empty, no web page, no other text; encoding UTF-8, or UTF-16 with a byte-order mark or
///    ISO-8859-1, which are transcoded;
/// 2. the strict XML profile of all that comes, comments left out;
/// 3. with [`MetadataTrust::Keys`], the signature of the root, which in an aggregate is the first child, as the schema
///    has it: the signature value before, and the digest behind all that it covers; only that is then read;
/// 4. exactly one entity is meant, and it has a SAML 2.0 `IDPSSODescriptor`, of which the first counts; other
///    roles are passed over;
/// 5. `validUntil` of the entity, its role and everything around it: at that instant it has ended, without skew;
/// 6. endpoints, at least one for sign-on with HTTP-Redirect or HTTP-POST; every address that is kept is allowed;
/// 7. signing keys, at least one; those that cannot be used become notes.
///
/// With the feature `xmlsec`, libxmlsec1 verifies the signature too. It has to be shown the whole document, so a
/// signed aggregate above [`Limits::metadata`] is then refused as `saml.second_lock_unsupported`.
///
/// Notes: `saml.certificate_invalid`, `saml.certificate_expired`, `saml.time_without_zone`, `saml.text_trimmed`,
/// and `saml.time_invalid` for a `cacheDuration` that is none, which is left out.
///
/// # Errors
/// The first check that failed; [`Error::MetadataUnreadable`] where `reader` fails.
pub fn parse_stream(
    reader: &mut dyn BufRead,
    options: &ParseOptions,
    now: Timestamp,
) -> Result<(IdpConfig, Vec<Note>), Error> {
    let mut budget = Budget::new();
    let text = Text::open(reader)?;
    match (select::select(text, options, &mut budget)?, &options.trust) {
        (Found::InGroups(found), _) => {
            read(&found.selected(Document::root)?, options, MetadataSignature::NotChecked, now)
        }
        (Found::InSignedGroups(found, intact), _) => {
            let selected = found.selected(|piece| piece.verified(&intact))?;
            read(&selected, options, MetadataSignature::Verified, now)
        }
        (Found::Alone(document), MetadataTrust::NotChecked) => {
            let selected = Selected::of(document.root(), Vec::new())?;
            read(&selected, options, MetadataSignature::NotChecked, now)
        }
        (Found::Alone(document), MetadataTrust::Keys(keys)) => {
            let verified =
                xmldsig::verify(document.root(), keys, select::POLICY, &options.limits, &mut budget)
                    .map_err(|error| Error::Signature { level: Level::Metadata, error })?
                    .ok_or(Error::SignatureMissing)?;
            // What was seen of it so far is not trusted: its role is chosen again in the verified tree.
            let selected = Selected::of(verified.element, Vec::new())?;
            read(&selected, options, MetadataSignature::Verified, now)
        }
    }
}

impl IdpConfig {
    /// An identity provider from login URL, certificates and, where known, its entity ID.
    ///
    /// Notes: `saml.certificate_expired`.
    ///
    /// # Errors
    /// - [`Error::ConfigurationInvalid`] for an empty entity ID and for SOAP as sign-on binding;
    /// - [`Error::UrlNotAllowed`];
    /// - [`Error::Certificate`] for an input that is no certificate; what it is instead is named;
    /// - [`Error::MetadataNoSigningKey`] without any, [`Error::Limit`] for too many.
    pub fn manual(
        idp: &ManualIdp<'_>,
        urls: UrlPolicy,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<(Self, Vec<Note>), Error> {
        if let IdpIssuer::Pinned(entity_id) = &idp.issuer {
            check_entity_id(entity_id)?;
        }
        if idp.sso_binding == Binding::Soap {
            let (field, value) = ("sso_binding", idp.sso_binding.uri().to_owned());
            return Err(Error::ConfigurationInvalid {
                field,
                value,
                reason: "sign-on does not go over SOAP",
            });
        }
        check_url("sso_url", idp.sso_url, urls)?;
        let mut keys = Keys::new(limits);
        for certificate in idp.certificates {
            for certificate in Certificate::parse_all(certificate)? {
                keys.add_certificate(certificate, now)?;
            }
        }
        let (signing_keys, notes) = keys.into_trusted()?;
        let endpoint =
            Endpoint { binding: idp.sso_binding, location: idp.sso_url.to_owned(), response_location: None };
        let config = Self {
            version: Version,
            issuer: idp.issuer.clone(),
            sso: vec![endpoint],
            slo: Vec::new(),
            artifact_resolution: Vec::new(),
            signing_keys,
            name_id_formats: Vec::new(),
            want_authn_requests_signed: false,
            valid_until: None,
            refresh_at: None,
            signature: MetadataSignature::NotChecked,
        };
        Ok((config, notes))
    }

    /// The same with its issuer pinned, after a test sign-in has shown it.
    ///
    /// # Errors
    /// [`Error::ConfigurationInvalid`] for an empty or overlong entity ID.
    pub fn pin(mut self, entity_id: impl Into<String>) -> Result<Self, Error> {
        let entity_id = entity_id.into();
        check_entity_id(&entity_id)?;
        self.issuer = IdpIssuer::Pinned(entity_id);
        Ok(self)
    }

    /// The name that its messages must carry.
    #[must_use]
    pub fn issuer(&self) -> &IdpIssuer {
        &self.issuer
    }

    /// Its entity ID, unless it is not pinned.
    #[must_use]
    pub fn entity_id(&self) -> Option<&str> {
        match &self.issuer {
            IdpIssuer::Pinned(entity_id) => Some(entity_id),
            IdpIssuer::IssuerUnpinned => None,
        }
    }

    /// Sign-on services for HTTP-Redirect and HTTP-POST in document order; at least one.
    #[must_use]
    pub fn sso(&self) -> &[Endpoint] {
        &self.sso
    }

    /// Logout services for HTTP-Redirect, HTTP-POST and SOAP in document order.
    #[must_use]
    pub fn slo(&self) -> &[Endpoint] {
        &self.slo
    }

    /// Artifact resolution services over SOAP in document order.
    #[must_use]
    pub fn artifact_resolution(&self) -> &[ArtifactResolutionService] {
        &self.artifact_resolution
    }

    /// The keys that its signatures are verified with.
    #[must_use]
    pub fn signing_keys(&self) -> &TrustedKeys {
        &self.signing_keys
    }

    /// The formats of name identifiers that it has.
    #[must_use]
    pub fn name_id_formats(&self) -> &[String] {
        &self.name_id_formats
    }

    /// Whether it wants AuthnRequests signed.
    #[must_use]
    pub fn want_authn_requests_signed(&self) -> bool {
        self.want_authn_requests_signed
    }

    /// From when on the metadata must not be used any more: the earliest of all bounds around the entity.
    #[must_use]
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// When to read the metadata anew: `valid_until` or the end of the shortest `cacheDuration`, the earlier.
    #[must_use]
    pub fn refresh_at(&self) -> Option<Timestamp> {
        self.refresh_at
    }

    /// Whether the metadata came with a signature that counts.
    #[must_use]
    pub fn signature(&self) -> MetadataSignature {
        self.signature
    }

    /// The sign-on service for a request.
    pub(crate) fn sso_for(&self, binding: RequestBinding) -> Result<&Endpoint, Error> {
        service_for(&self.sso, binding)
    }

    /// The logout service for a message.
    pub(crate) fn slo_for(&self, binding: RequestBinding) -> Result<&Endpoint, Error> {
        service_for(&self.slo, binding)
    }
}

fn service_for(services: &[Endpoint], binding: RequestBinding) -> Result<&Endpoint, Error> {
    let service = |binding: &Binding| services.iter().find(|endpoint| endpoint.binding == *binding);
    binding.candidates().iter().find_map(service).ok_or_else(|| Error::BindingNotOffered {
        expected: binding.candidates().to_vec(),
        actual: services.iter().map(|endpoint| endpoint.binding).collect(),
    })
}

fn read<'d, E: Read<'d>>(
    selected: &Selected<E>,
    options: &ParseOptions,
    signature: MetadataSignature,
    now: Timestamp,
) -> Result<(IdpConfig, Vec<Note>), Error> {
    let mut notes = Vec::new();
    let entity_id = read_entity_id(selected.entity, &mut notes)?;
    let validity = Validity::read(selected, now, &mut notes)?;

    // 2.4 #18.
    let role = selected.role;
    let sso =
        endpoints(role, "SingleSignOnService", &[Binding::HttpRedirect, Binding::HttpPost], options.urls)?;
    if sso.is_empty() {
        let services = role.children().filter(|child| child.is(names::MD, "SingleSignOnService"));
        let actual = services.filter_map(|service| service.attribute("Binding")).map(str::to_owned).collect();
        return Err(Error::MetadataNoSso { actual });
    }
    let all = [Binding::HttpRedirect, Binding::HttpPost, Binding::Soap];
    let slo = endpoints(role, "SingleLogoutService", &all, options.urls)?;
    let artifact_resolution = artifact_resolution_services(role, options.urls)?;

    // 2.4 #19.
    let (signing_keys, key_notes) = keys::signing_keys(role, &options.limits, now)?.into_trusted()?;
    notes.extend(key_notes);

    let formats = role.children().filter(|child| child.is(names::MD, "NameIDFormat"));
    let config = IdpConfig {
        version: Version,
        issuer: IdpIssuer::Pinned(entity_id),
        sso,
        slo,
        artifact_resolution,
        signing_keys,
        name_id_formats: formats.map(|format| format.text().trim_matches(WHITE_SPACE).to_owned()).collect(),
        want_authn_requests_signed: boolean(role, "WantAuthnRequestsSigned")?,
        valid_until: validity.valid_until,
        refresh_at: validity.refresh_at,
        signature,
    };
    Ok((config, notes))
}

fn read_entity_id<'d>(entity: impl Read<'d>, notes: &mut Vec<Note>) -> Result<String, Error> {
    let entity_id = select::entity_id(entity).ok_or_else(|| missing(entity, "entityID"))?;
    if entity_id.len() > LONGEST_ENTITY_ID {
        return Err(missing(entity, "entityID"));
    }
    if entity.attribute("entityID") != Some(entity_id) {
        notes.push(Note::new("saml.text_trimmed").field("entityID").actual(entity_id));
    }
    Ok(entity_id.to_owned())
}

/// 2.4 #17.
struct Validity {
    valid_until: Option<Timestamp>,
    refresh_at: Option<Timestamp>,
}

impl Validity {
    fn read<'d, E: Read<'d>>(
        selected: &Selected<E>,
        now: Timestamp,
        notes: &mut Vec<Note>,
    ) -> Result<Self, Error> {
        let mut valid_until: Option<Timestamp> = None;
        let mut cache: Option<Duration> = None;
        for element in selected.enclosing.iter().chain([&selected.entity, &selected.role]) {
            if let Some(value) = element.attribute("validUntil") {
                let invalid =
                    || Error::TimeInvalid { attribute: "validUntil", actual: Some(value.to_owned()) };
                let parsed = Timestamp::parse(value.trim_matches(WHITE_SPACE)).map_err(|_| invalid())?;
                if parsed.zone == Zone::Absent {
                    notes.push(Note::new("saml.time_without_zone").field("validUntil").actual(value));
                }
                if now >= parsed.at {
                    let (element, valid_until) = (element.qualified_name().to_owned(), parsed.at);
                    return Err(Error::MetadataExpired { element, valid_until, now });
                }
                valid_until = Some(valid_until.map_or(parsed.at, |earlier| earlier.min(parsed.at)));
            }
            if let Some(value) = element.attribute("cacheDuration") {
                // Only a wish for the next reading: one that cannot be read changes nothing.
                match duration::parse(value.trim_matches(WHITE_SPACE)) {
                    Some(parsed) => cache = Some(cache.map_or(parsed, |shorter| shorter.min(parsed))),
                    None => notes.push(Note::new("saml.time_invalid").field("cacheDuration").actual(value)),
                }
            }
        }
        let stale_at = cache.map(|cache| now.saturating_add(cache));
        Ok(Self { valid_until, refresh_at: valid_until.into_iter().chain(stale_at).min() })
    }
}

/// The endpoints of one kind whose binding is one of `bindings`; others are passed over.
fn endpoints<'d, E: Read<'d>>(
    role: E,
    name: &'static str,
    bindings: &[Binding],
    urls: UrlPolicy,
) -> Result<Vec<Endpoint>, Error> {
    let mut endpoints = Vec::new();
    for element in role.children().filter(|child| child.is(names::MD, name)) {
        let uri = element.attribute("Binding").ok_or_else(|| missing(element, "Binding"))?;
        let Some(binding) = Binding::from_uri(uri.trim_matches(WHITE_SPACE)) else { continue };
        if !bindings.contains(&binding) {
            continue;
        }
        let location = address(element, "Location", urls)?.ok_or_else(|| missing(element, "Location"))?;
        let response_location = address(element, "ResponseLocation", urls)?;
        endpoints.push(Endpoint { binding, location, response_location });
    }
    Ok(endpoints)
}

fn artifact_resolution_services<'d, E: Read<'d>>(
    role: E,
    urls: UrlPolicy,
) -> Result<Vec<ArtifactResolutionService>, Error> {
    let mut services = Vec::new();
    for element in role.children().filter(|child| child.is(names::MD, "ArtifactResolutionService")) {
        if element.attribute("Binding").map(|uri| uri.trim_matches(WHITE_SPACE)) != Some(names::binding::SOAP)
        {
            continue;
        }
        let index = element.attribute("index").and_then(|index| index.trim_matches(WHITE_SPACE).parse().ok());
        let index = index.ok_or_else(|| missing(element, "index"))?;
        let location = address(element, "Location", urls)?.ok_or_else(|| missing(element, "Location"))?;
        services.push(ArtifactResolutionService { index, location });
    }
    Ok(services)
}

/// The address in an attribute, without white space at its ends (its type is `xs:anyURI`).
fn address<'d>(element: impl Read<'d>, attribute: &str, urls: UrlPolicy) -> Result<Option<String>, Error> {
    let Some(value) = element.attribute(attribute) else { return Ok(None) };
    let value = value.trim_matches(WHITE_SPACE);
    check_url(&format!("{} {attribute}", element.local_name()), value, urls)?;
    Ok(Some(value.to_owned()))
}

fn boolean<'d>(element: impl Read<'d>, attribute: &str) -> Result<bool, Error> {
    match element.attribute(attribute).map(|value| value.trim_matches(WHITE_SPACE)) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(missing(element, attribute)),
    }
}

fn check_url(field: &str, url: &str, urls: UrlPolicy) -> Result<(), Error> {
    match endpoint::check(url, urls) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::UrlNotAllowed { field: field.to_owned(), error }),
    }
}

fn check_entity_id(entity_id: &str) -> Result<(), Error> {
    let invalid = |reason| {
        Err(Error::ConfigurationInvalid { field: "idp entity_id", value: entity_id.to_owned(), reason })
    };
    match entity_id.len() {
        0 => invalid("it is empty"),
        1..=LONGEST_ENTITY_ID if entity_id.trim() == entity_id => Ok(()),
        1..=LONGEST_ENTITY_ID => invalid("it has white space at its ends"),
        _ => invalid("it is longer than 1024 bytes"),
    }
}

fn missing<'d>(parent: impl Read<'d>, child: &str) -> Error {
    Error::SchemaViolation { parent: parent.qualified_name().to_owned(), child: child.to_owned() }
}

const LONGEST_ENTITY_ID: usize = 1024;
