//! [`SpConfig`]: the service provider, and the metadata that it publishes.

use std::{collections::BTreeSet, fmt, sync::Arc};

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    crypto::{Certificate, Decrypter, DigestAlgorithm, KeyKind, SignatureAlgorithm, SigningKey},
    endpoint::{self, UrlPolicy},
    saml::{
        Error,
        bindings::{Binding, Endpoint},
        metadata::entity_descriptor,
    },
    time::Timestamp,
    version::Version,
};

/// Who we are to an identity provider: names, addresses, keys, and what else the metadata says.
///
/// A stored value has a `version`; the private keys are not part of it and are set anew with
/// [`with_signing_key`](Self::with_signing_key) and [`with_decrypter`](Self::with_decrypter) after reading. Every use checks the whole configuration first, as
/// [`check`](Self::check) does.
///
/// ```
/// use admittance::saml::metadata::sp::SpConfig;
///
/// let sp = SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
/// let metadata = String::from_utf8(sp.metadata()?)?;
/// assert!(metadata.contains(r#"Location="https://sp.example/saml/acs""#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SpConfig {
    version: Version<1>,
    /// Our name, also the audience of assertions; at most 1024 bytes, compared byte for byte.
    pub entity_id: String,
    /// Other names that an assertion's audience may have.
    #[serde(default)]
    pub additional_audiences: Vec<String>,
    /// Where responses come in. The first is the default.
    pub acs: Vec<AcsEndpoint>,
    /// Where logout messages come in: HTTP-Redirect or HTTP-POST.
    #[serde(default)]
    pub slo: Vec<Endpoint>,
    /// Formats of name identifiers that we like, best first; metadata only.
    #[serde(default)]
    pub name_id_formats: Vec<String>,
    /// Certificates of the keys that we sign with, at most 4; more than one during a rollover.
    #[serde(default)]
    pub signing_certificates: Vec<Certificate>,
    /// Certificates of the keys that others encrypt to, at most 4.
    #[serde(default)]
    pub encryption_certificates: Vec<Certificate>,
    /// What others may encrypt with, best first; published with each encryption certificate.
    #[serde(default = "EncryptionMethod::defaults")]
    pub encryption_methods: Vec<EncryptionMethod>,
    /// When an AuthnRequest is signed.
    #[serde(default)]
    pub sign_authn_requests: SignAuthnRequests,
    /// The digest of signatures with an RSA key.
    #[serde(default)]
    pub rsa_digest: RsaDigest,
    /// Whether the metadata asks for signed assertions; true in [`new`](Self::new). What is accepted is the
    /// response policy's matter.
    #[serde(default = "yes")]
    pub want_assertions_signed: bool,
    /// Sets of attributes that we ask for. The first is the default.
    #[serde(default)]
    pub attribute_consuming_services: Vec<AttributeConsumingService>,
    /// What a user sees of us.
    #[serde(default)]
    pub ui: Option<UiInfo>,
    /// Who we are outside of the protocol.
    #[serde(default)]
    pub organization: Option<Organization>,
    /// Whom to ask.
    #[serde(default)]
    pub contacts: Vec<ContactPerson>,
    /// From when on nobody may use the metadata any more.
    #[serde(default)]
    pub valid_until: Option<Timestamp>,
    /// How long others may keep the metadata, in seconds.
    #[serde(default)]
    pub cache_duration_seconds: Option<u64>,
    /// Which addresses may be used, ours and the identity provider's.
    #[serde(default)]
    pub urls: UrlPolicy,
    #[serde(skip)]
    signing_key: Option<Arc<SigningKey>>,
    #[serde(skip)]
    decrypters: Decrypters,
}

/// What opens content keys, in the order in which it is tried.
#[derive(Clone, Default)]
struct Decrypters(Vec<Arc<dyn Decrypter>>);

impl fmt::Debug for Decrypters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Decrypters").field(&self.0.len()).finish()
    }
}

/// An assertion consumer service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcsEndpoint {
    /// Its number in the metadata, used once.
    pub index: u16,
    /// How responses arrive.
    pub binding: AcsBinding,
    /// Its address; a response's Destination and Recipient must equal it byte for byte.
    pub location: String,
}

/// How a response arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcsBinding {
    /// In a posted form.
    #[default]
    HttpPost,
    /// As an artifact that is resolved at the identity provider.
    HttpArtifact,
}

/// When an AuthnRequest is signed. Logout messages always are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignAuthnRequests {
    /// When the identity provider's metadata wants it.
    #[default]
    WhenWanted,
    /// Always; the metadata says so.
    Always,
}

/// The digest of signatures that we make with an RSA key. Elliptic-curve keys have one that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RsaDigest {
    /// RSA-SHA256.
    #[default]
    Sha256,
    /// RSA-SHA384.
    Sha384,
    /// RSA-SHA512.
    Sha512,
}

/// An encryption algorithm that the metadata offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EncryptionMethod {
    /// Content: AES-256 in Galois/Counter Mode.
    Aes256Gcm,
    /// Content: AES-192 in Galois/Counter Mode.
    Aes192Gcm,
    /// Content: AES-128 in Galois/Counter Mode.
    Aes128Gcm,
    /// Content: AES-256 with cipher block chaining, which only a signature protects from changes.
    Aes256Cbc,
    /// Content: AES-128 with cipher block chaining, which only a signature protects from changes.
    Aes128Cbc,
    /// Key: RSA-OAEP with SHA-1 in its mask, which is sound there.
    RsaOaepMgf1p,
    /// Key: RSA-OAEP with SHA-256 for both digest and mask.
    RsaOaepSha256,
}

/// A text in one language.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Localized {
    /// The language, as in `xml:lang`: `en`, `de-CH`.
    pub lang: String,
    /// The text, or the address of a page.
    pub value: String,
}

/// What a user sees of us at the identity provider (`mdui:UIInfo`). Addresses are `http` or `https`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UiInfo {
    /// Our name.
    pub display_names: Vec<Localized>,
    /// What we are for.
    pub descriptions: Vec<Localized>,
    /// Pictures.
    pub logos: Vec<Logo>,
    /// Pages about us.
    pub information_urls: Vec<Localized>,
    /// Pages about privacy.
    pub privacy_statement_urls: Vec<Localized>,
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logo {
    /// Where it is.
    pub url: String,
    /// Its height in pixels.
    pub height: u32,
    /// Its width in pixels.
    pub width: u32,
    /// The language of a text in it.
    #[serde(default)]
    pub lang: Option<String>,
}

/// A set of attributes that we ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributeConsumingService {
    /// Its number, used once; an AuthnRequest can name it.
    pub index: u16,
    /// Its name, at least in one language.
    pub names: Vec<Localized>,
    /// What it is.
    #[serde(default)]
    pub descriptions: Vec<Localized>,
    /// The attributes, at least one.
    pub requested_attributes: Vec<RequestedAttribute>,
}

/// An attribute that we ask for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestedAttribute {
    /// Its name.
    pub name: String,
    /// The format of the name.
    #[serde(default)]
    pub name_format: Option<String>,
    /// Its name for people.
    #[serde(default)]
    pub friendly_name: Option<String>,
    /// Whether we cannot do without it.
    #[serde(default)]
    pub is_required: bool,
}

/// The organization behind us: each list has at least one entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Its name.
    pub names: Vec<Localized>,
    /// Its name for people.
    pub display_names: Vec<Localized>,
    /// Its pages, `http` or `https`.
    pub urls: Vec<Localized>,
}

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactPerson {
    /// About what.
    pub contact_type: ContactType,
    /// Where the person works.
    #[serde(default)]
    pub company: Option<String>,
    /// The given name.
    #[serde(default)]
    pub given_name: Option<String>,
    /// The family name.
    #[serde(default)]
    pub sur_name: Option<String>,
    /// Addresses, with or without `mailto:`.
    #[serde(default)]
    pub email_addresses: Vec<String>,
    /// Numbers.
    #[serde(default)]
    pub telephone_numbers: Vec<String>,
}

/// What a contact is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContactType {
    /// Technology.
    Technical,
    /// Help for users.
    Support,
    /// Administration.
    Administrative,
    /// Money.
    Billing,
    /// Anything else.
    Other,
}

impl SpConfig {
    /// A service provider with one assertion consumer service, for posted responses, and nothing else.
    #[must_use]
    pub fn new(entity_id: impl Into<String>, acs_url: impl Into<String>) -> Self {
        Self {
            version: Version,
            entity_id: entity_id.into(),
            additional_audiences: Vec::new(),
            acs: vec![AcsEndpoint { index: 0, binding: AcsBinding::HttpPost, location: acs_url.into() }],
            slo: Vec::new(),
            name_id_formats: Vec::new(),
            signing_certificates: Vec::new(),
            encryption_certificates: Vec::new(),
            encryption_methods: EncryptionMethod::defaults(),
            sign_authn_requests: SignAuthnRequests::default(),
            rsa_digest: RsaDigest::default(),
            want_assertions_signed: true,
            attribute_consuming_services: Vec::new(),
            ui: None,
            organization: None,
            contacts: Vec::new(),
            valid_until: None,
            cache_duration_seconds: None,
            urls: UrlPolicy::default(),
            signing_key: None,
            decrypters: Decrypters::default(),
        }
    }

    /// Sets the private key that requests, logout messages and metadata are signed with. Where
    /// [`signing_certificates`](Self::signing_certificates) are given, one of them must be of this key.
    #[must_use]
    pub fn with_signing_key(mut self, key: SigningKey) -> Self {
        self.signing_key = Some(Arc::new(key));
        self
    }

    /// Opens what others encrypt to us, behind the keys that are set already: during a rollover there is one for each
    /// published certificate, and all are tried. With feature `decrypt` a
    /// [`DecryptionKey`](crate::crypto::DecryptionKey) is one; a host's own may keep the key elsewhere.
    #[must_use]
    pub fn with_decrypter(mut self, decrypter: Arc<dyn Decrypter>) -> Self {
        self.decrypters.0.push(decrypter);
        self
    }

    /// The metadata to publish, unsigned (Metadata 2.3, 2.4.4). The same configuration gives the same bytes.
    ///
    /// # Errors
    /// As [`check`](Self::check); [`Error::Output`] for a text that XML cannot hold.
    pub fn metadata(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        entity_descriptor::write(self, None)
    }

    /// The metadata to publish, with a signature as the first child of its root. Its `ID` is made from its
    /// content.
    ///
    /// # Errors
    /// As [`metadata`](Self::metadata); [`Error::SigningKeyMissing`]; [`Error::Signing`] when signing fails.
    pub fn signed_metadata(&self) -> Result<Vec<u8>, Error> {
        self.check()?;
        let key = self.signing_key("signed metadata")?;
        entity_descriptor::write_signed(self, key)
    }

    /// Whether every part is usable: names, addresses under [`urls`](Self::urls), numbers used once, languages,
    /// certificates and the key that belongs to one of them.
    ///
    /// # Errors
    /// [`Error::ConfigurationInvalid`] names the first field that is not, [`Error::UrlNotAllowed`] the first address.
    pub fn check(&self) -> Result<(), Error> {
        self.check_names()?;
        self.check_endpoints()?;
        self.check_keys()?;
        self.check_services()?;
        self.check_information()
    }

    /// Every audience that is us: the entity ID, then the additional ones.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.entity_id).chain(&self.additional_audiences).map(String::as_str)
    }

    /// Every address that responses may come to, in order.
    pub fn acs_urls(&self) -> impl Iterator<Item = &str> {
        self.acs.iter().map(|acs| acs.location.as_str())
    }

    /// The private key.
    ///
    /// # Errors
    /// [`Error::SigningKeyMissing`], where `wanted_for` says what must be signed.
    pub(crate) fn signing_key(&self, wanted_for: &'static str) -> Result<&SigningKey, Error> {
        self.signing_key.as_deref().ok_or(Error::SigningKeyMissing { wanted_for })
    }

    /// What opens content keys.
    pub(crate) fn decrypters(&self) -> &[Arc<dyn Decrypter>] {
        &self.decrypters.0
    }

    /// The certificate of `key`, where there is one.
    pub(crate) fn certificate_of(&self, key: &SigningKey) -> Option<&Certificate> {
        self.signing_certificates.iter().find(|certificate| certificate.public_key() == key.public_key())
    }

    /// What we sign with this key (3.3).
    pub(crate) fn signature_algorithm(&self, key: &SigningKey) -> SignatureAlgorithm {
        match key.kind() {
            KeyKind::Rsa { .. } => SignatureAlgorithm::RsaPkcs1(match self.rsa_digest {
                RsaDigest::Sha256 => DigestAlgorithm::Sha256,
                RsaDigest::Sha384 => DigestAlgorithm::Sha384,
                RsaDigest::Sha512 => DigestAlgorithm::Sha512,
            }),
            KeyKind::P256 => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha256),
            KeyKind::P384 => SignatureAlgorithm::Ecdsa(DigestAlgorithm::Sha384),
        }
    }

    fn check_names(&self) -> Result<(), Error> {
        entity_name("entity_id", &self.entity_id)?;
        each(&self.additional_audiences, |audience| entity_name("additional_audiences", audience))?;
        each(&self.name_id_formats, |format| not_empty("name_id_formats", format))
    }

    fn check_endpoints(&self) -> Result<(), Error> {
        if self.acs.is_empty() {
            return Err(invalid("acs", "", "there must be one"));
        }
        used_once("acs", self.acs.iter().map(|acs| acs.index))?;
        each(&self.acs, |acs| self.check_url("acs", &acs.location))?;
        each(&self.slo, |slo| {
            if slo.binding == Binding::Soap {
                return Err(invalid("slo", &slo.location, "logout over SOAP is not supported"));
            }
            self.check_url("slo", &slo.location)?;
            slo.response_location.as_ref().map_or(Ok(()), |location| self.check_url("slo", location))
        })
    }

    fn check_url(&self, field: &'static str, url: &str) -> Result<(), Error> {
        match endpoint::check(url, self.urls) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::UrlNotAllowed { field: field.to_owned(), error }),
        }
    }

    fn check_keys(&self) -> Result<(), Error> {
        for (field, certificates) in [
            ("signing_certificates", &self.signing_certificates),
            ("encryption_certificates", &self.encryption_certificates),
        ] {
            if certificates.len() > MOST_CERTIFICATES {
                return Err(invalid(field, &certificates.len().to_string(), "there may be 4"));
            }
        }
        if !self.encryption_certificates.is_empty() && self.encryption_methods.is_empty() {
            return Err(invalid("encryption_methods", "", "there must be one"));
        }
        match &self.signing_key {
            Some(key) if !self.signing_certificates.is_empty() && self.certificate_of(key).is_none() => {
                Err(invalid("signing_certificates", "", "none is of the signing key"))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn check_services(&self) -> Result<(), Error> {
        let services = &self.attribute_consuming_services;
        used_once("attribute_consuming_services", services.iter().map(|service| service.index))?;
        each(services, |service| {
            texts("attribute_consuming_services.names", &service.names, Count::AtLeastOne)?;
            texts("attribute_consuming_services.descriptions", &service.descriptions, Count::Any)?;
            let field = "attribute_consuming_services.requested_attributes";
            if service.requested_attributes.is_empty() {
                return Err(invalid(field, "", "there must be one"));
            }
            each(&service.requested_attributes, |attribute| not_empty(field, &attribute.name))
        })
    }

    fn check_information(&self) -> Result<(), Error> {
        if let Some(ui) = &self.ui {
            texts("ui.display_names", &ui.display_names, Count::Any)?;
            texts("ui.descriptions", &ui.descriptions, Count::Any)?;
            pages("ui.information_urls", &ui.information_urls, Count::Any)?;
            pages("ui.privacy_statement_urls", &ui.privacy_statement_urls, Count::Any)?;
            each(&ui.logos, |logo| {
                page("ui.logos", &logo.url)?;
                logo.lang.as_ref().map_or(Ok(()), |lang| language("ui.logos", lang))
            })?;
        }
        if let Some(organization) = &self.organization {
            texts("organization.names", &organization.names, Count::AtLeastOne)?;
            texts("organization.display_names", &organization.display_names, Count::AtLeastOne)?;
            pages("organization.urls", &organization.urls, Count::AtLeastOne)?;
        }
        each(&self.contacts, |contact| {
            each(&contact.email_addresses, |address| not_empty("contacts.email_addresses", address))
        })
    }
}

impl EncryptionMethod {
    /// AES-256-GCM and AES-128-GCM under RSA-OAEP with SHA-1 in its mask, which every identity provider has.
    #[must_use]
    pub fn defaults() -> Vec<Self> {
        vec![Self::Aes256Gcm, Self::Aes128Gcm, Self::RsaOaepMgf1p]
    }
}

/// How many entries a list needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    Any,
    AtLeastOne,
}

fn each<T>(all: &[T], check: impl FnMut(&T) -> Result<(), Error>) -> Result<(), Error> {
    all.iter().try_for_each(check)
}

/// Core 8.3.6: an entity ID is a URI of at most 1024 characters.
fn entity_name(field: &'static str, name: &str) -> Result<(), Error> {
    not_empty(field, name)?;
    if name.len() > LONGEST_ENTITY_ID {
        return Err(invalid(field, name, "it is longer than 1024 bytes"));
    }
    if name.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(invalid(field, name, "it has white space or control characters"));
    }
    Ok(())
}

fn not_empty(field: &'static str, value: &str) -> Result<(), Error> {
    if value.trim().is_empty() { Err(invalid(field, value, "it is empty")) } else { Ok(()) }
}

fn used_once(field: &'static str, indexes: impl Iterator<Item = u16>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for index in indexes {
        if !seen.insert(index) {
            return Err(invalid(field, &index.to_string(), "the index is used twice"));
        }
    }
    Ok(())
}

fn texts(field: &'static str, texts: &[Localized], count: Count) -> Result<(), Error> {
    if count == Count::AtLeastOne && texts.is_empty() {
        return Err(invalid(field, "", "there must be one"));
    }
    each(texts, |text| {
        language(field, &text.lang)?;
        not_empty(field, &text.value)
    })
}

fn pages(field: &'static str, urls: &[Localized], count: Count) -> Result<(), Error> {
    texts(field, urls, count)?;
    each(urls, |url| page(field, &url.value))
}

/// Addresses that people look at: no rule of the protocol depends on them.
fn page(field: &'static str, url: &str) -> Result<(), Error> {
    match Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(()),
        Ok(_) | Err(_) => Err(invalid(field, url, "it is no http or https address")),
    }
}

/// RFC 5646 §2.1, the shape only.
fn language(field: &'static str, lang: &str) -> Result<(), Error> {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if lang.starts_with(|c: char| c.is_ascii_alphabetic()) && lang.split('-').all(part) {
        Ok(())
    } else {
        Err(invalid(field, lang, "it is no language tag"))
    }
}

fn invalid(field: &'static str, value: &str, reason: &'static str) -> Error {
    Error::ConfigurationInvalid { field, value: value.to_owned(), reason }
}

fn yes() -> bool {
    true
}

const MOST_CERTIFICATES: usize = 4;
const LONGEST_ENTITY_ID: usize = 1024;
