//! What every message of an identity provider is judged by, whatever it says: header, children in order, issuer,
//! signatures where they belong, status (Core 3.2, 5.4.2). The rules of one kind of message stand with it.

use crate::crypto::{DigestAlgorithm, Fingerprint, KeyKind, SignatureAlgorithm, TrustedKey};
use crate::limits::Budget;
use crate::note::Note;
use crate::saml::assertion::{NameId, is};
use crate::saml::bindings::{self, QuerySignature};
use crate::saml::encrypted::{Encrypted, decryption_failed};
use crate::saml::error::{Error, Hint, IdpStatus, Level, TimeBound};
use crate::saml::metadata::idp::IdpConfig;
use crate::saml::metadata::sp::SpConfig;
use crate::saml::names::{self, name_id_format};
use crate::saml::web_sso::{CertificateDates, Pending, Policy, Trim};
use crate::time::{Timestamp, Zone};
use crate::xml::{Element, Read};
use crate::xmldsig::{self, SignaturePolicy, Verified, VerifiedElement, VerifiedOctets};
use crate::xmlenc::Decryption;

/// What a message is judged by, and what was noticed meanwhile.
pub(super) struct Judge<'a> {
    pub(super) sp: &'a SpConfig,
    pub(super) idp: &'a IdpConfig,
    /// The outstanding sign-in, where it was begun with this identity provider.
    pub(super) pending: Option<&'a Pending>,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    pub(super) notes: Vec<Note>,
    pub(super) decryption: Decryption<'a>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        sp: &'a SpConfig,
        idp: &'a IdpConfig,
        pending: Option<&'a Pending>,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        let mut notes = Vec::new();
        if policy.clock_skew.as_secs() > LARGE_SKEW_SECONDS {
            let skew = policy.clock_skew.as_secs();
            notes.push(Note::new("saml.clock_skew_large").expected("600").actual(skew.to_string()));
        }
        // A request to another identity provider is not outstanding here.
        let pending = pending.filter(|pending| pending.idp_entity_id() == idp.entity_id());
        let decryption = Decryption::new(sp.decrypters(), &sp.entity_id, policy.encryption());
        Self { sp, idp, pending, policy, now, notes, decryption }
    }

    pub(super) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Bindings 3.4.3, 3.5.3: several peers send more than they may.
    pub(super) fn note_relay_state(&mut self, relay_state: &str) {
        if relay_state.len() > bindings::LONGEST_RELAY_STATE {
            let (limit, actual) = (bindings::LONGEST_RELAY_STATE, relay_state.len());
            let note = Note::new("saml.relay_state_long").field("RelayState");
            self.note(note.expected(format!("at most {limit} bytes")).actual(format!("{actual} bytes")));
        }
    }

    pub(super) fn bound(&self, bound: Timestamp) -> TimeBound {
        TimeBound { bound, now: self.now, skew_seconds: self.policy.clock_skew.as_secs() }
    }

    /// `now < not_on_or_after + skew`.
    pub(super) fn is_before(&self, not_on_or_after: Timestamp) -> bool {
        self.now < not_on_or_after.saturating_add(self.policy.clock_skew.as_duration())
    }

    /// `not_before ≤ now + skew`.
    pub(super) fn has_begun(&self, not_before: Timestamp) -> bool {
        not_before <= self.now.saturating_add(self.policy.clock_skew.as_duration())
    }

    /// An optional time (Core 1.3.3).
    pub(super) fn time<'d>(
        &mut self,
        element: impl Read<'d>,
        attribute: &'static str,
    ) -> Result<Option<Timestamp>, Error> {
        let Some(text) = element.attribute(attribute) else { return Ok(None) };
        let invalid = |_| Error::TimeInvalid { attribute, actual: Some(text.chars().take(64).collect()) };
        let time = Timestamp::parse(text).map_err(invalid)?;
        if time.zone == Zone::Absent {
            self.note(Note::new("saml.time_without_zone").field(attribute).actual(text));
        }
        Ok(Some(time.at))
    }

    /// Text of an Issuer or Audience, trimmed where the policy says so.
    pub(super) fn name_text<'d>(&mut self, element: impl Read<'d>) -> String {
        let text = element.all_text();
        let trimmed = text.trim_matches(is_xml_space);
        if self.policy.trim == Trim::Nothing || trimmed.len() == text.len() {
            return text.into_owned();
        }
        self.note(Note::new("saml.text_trimmed").field(element.local_name()));
        trimmed.to_owned()
    }

    /// Core 3.2.1, 3.2.2, 2.3.3: Version, ID, IssueInstant.
    pub(super) fn header<'d>(&mut self, level: Level, element: impl Read<'d>) -> Result<Header, Error> {
        let version = element.attribute("Version");
        if version != Some(names::VERSION) {
            return Err(Error::VersionUnsupported { actual: version.map(|v| v.chars().take(64).collect()) });
        }
        let id = element.attribute("ID").ok_or(Error::IdMissing { element: level })?;
        let issued = self.time(element, "IssueInstant")?;
        let issue_instant = issued.ok_or(Error::TimeInvalid { attribute: "IssueInstant", actual: None })?;
        if !self.has_begun(issue_instant) {
            let note = Note::new("saml.issued_in_future").field(level.to_string());
            self.note(note.expected(self.now.to_string()).actual(issue_instant.to_string()));
        }
        Ok(Header { id: id.to_owned(), issue_instant })
    }

    /// Profiles 4.1.4.2, 4.4.4: the issuer is the identity provider. Optional on the Response alone.
    pub(super) fn issuer<'d>(
        &mut self,
        level: Level,
        issuer: Option<impl Read<'d>>,
    ) -> Result<String, Error> {
        let expected = self.idp.entity_id().unwrap_or_default().to_owned();
        let Some(issuer) = issuer else {
            return match level {
                Level::Response => Ok(expected),
                _ => Err(Error::IssuerMismatch { level, expected, actual: None, hints: Vec::new() }),
            };
        };
        if let Some(format) = issuer.attribute("Format").filter(|format| *format != name_id_format::ENTITY) {
            let actual = Some(format.to_owned());
            return Err(Error::IssuerMismatch { level, expected, actual, hints: Vec::new() });
        }
        let actual = self.name_text(issuer);
        if self.idp.entity_id().is_some_and(|entity_id| entity_id != actual) || actual.is_empty() {
            let hints = Hint::of(std::slice::from_ref(&expected), &actual);
            return Err(Error::IssuerMismatch { level, expected, actual: Some(actual), hints });
        }
        Ok(actual)
    }

    /// Core 2.2: the one name among elements of which each should be one. `parent` is what they stand in.
    pub(super) fn name_id<'d>(
        &mut self,
        parent: &'static str,
        candidates: impl Iterator<Item = VerifiedElement<'d>>,
        budget: &mut Budget,
    ) -> Result<Option<NameId>, Error> {
        let mut found = None;
        for candidate in candidates {
            if is(candidate, "BaseID") {
                return Err(Error::NameIdMissing { actual: Some("BaseID".to_owned()) });
            }
            if !is(candidate, "NameID") && !is(candidate, "EncryptedID") {
                let child = expanded_name(candidate);
                return Err(Error::SchemaViolation { parent: parent.to_owned(), child });
            }
            if found.replace(candidate).is_some() {
                return Err(Error::NameIdInvalid { reason: "there is more than one" });
            }
        }
        let Some(element) = found else { return Ok(None) };
        let mut name_id = match is(element, "EncryptedID") {
            false => NameId::read(element),
            true => {
                let plaintext = self.decrypt_signed(Encrypted::NAME_ID, element, budget)?;
                let decrypted = element.decrypted(plaintext.fragment());
                NameId::read(decrypted.ok_or_else(|| decryption_failed(Encrypted::NAME_ID))?)
            }
        };
        if self.policy.trim == Trim::NamesAndValues {
            let trimmed = name_id.value.trim_matches(is_xml_space);
            if trimmed.len() != name_id.value.len() {
                name_id.value = trimmed.to_owned();
                self.note(Note::new("saml.text_trimmed").field("NameID"));
            }
        }
        match name_id.value.len() {
            0 => Err(Error::NameIdInvalid { reason: "it is empty" }),
            1..=NAME_ID_BYTES => Ok(Some(name_id)),
            _ => Err(Error::NameIdInvalid { reason: "it is longer than 4 KiB" }),
        }
    }

    /// Core 5: the signature that an element carries, if any.
    pub(super) fn signature<'d>(
        &mut self,
        level: Level,
        element: Element<'d>,
        budget: &mut Budget,
    ) -> Result<Option<Verified<'d, 'a>>, Error> {
        let policy = SignaturePolicy { legacy: self.policy.legacy() };
        let verified = xmldsig::verify(element, self.idp.signing_keys(), policy, &self.policy.limits, budget)
            .map_err(signature_error(level))?;
        if let Some(Verified { key, algorithm, digest, .. }) = &verified {
            self.note_weakness(level, key, *algorithm, *digest);
        }
        Ok(verified)
    }

    /// Bindings 3.4.4.1: the signature over the query that a message came in.
    pub(super) fn query_signature(
        &mut self,
        level: Level,
        signature: &QuerySignature,
        budget: &mut Budget,
    ) -> Result<VerifiedOctets<'a>, Error> {
        let policy = SignaturePolicy { legacy: self.policy.legacy() };
        let verified = signature
            .verify(self.idp.signing_keys(), policy, &self.policy.limits, budget)
            .map_err(signature_error(level))?;
        self.note_weakness(level, verified.key, verified.algorithm, verified.algorithm.digest());
        Ok(verified)
    }

    fn note_weakness(
        &mut self,
        level: Level,
        key: &TrustedKey,
        algorithm: SignatureAlgorithm,
        digest: DigestAlgorithm,
    ) {
        let weak = match key.key().kind() {
            KeyKind::Rsa { bits } if bits < 2048 => format!("RSA key of {bits} bits"),
            _ if algorithm.digest() == DigestAlgorithm::Sha1 => algorithm.to_string(),
            _ if digest == DigestAlgorithm::Sha1 => digest.to_string(),
            _ => return,
        };
        self.note(Note::new("saml.weak_algorithm").field(level.to_string()).actual(weak));
    }

    /// Metadata Interoperability Profile 2.6: the dates of the certificate that signed decide only where the
    /// policy says so.
    pub(super) fn certificate_dates(&mut self, key: &TrustedKey) -> Result<(), Error> {
        let Some(certificate) = key.certificate() else { return Ok(()) };
        let (code, bound) = if self.now > certificate.not_after() {
            ("saml.certificate_expired", certificate.not_after())
        } else if self.now < certificate.not_before() {
            ("saml.certificate_not_yet_valid", certificate.not_before())
        } else {
            return Ok(());
        };
        let fingerprint = certificate.sha256().to_string();
        if self.policy.certificates == CertificateDates::Enforce {
            return Err(Error::CertificateDates { bound: self.bound(bound), certificate: fingerprint });
        }
        let note = Note::new(code).field(fingerprint);
        self.note(note.expected(bound.to_string()).actual(self.now.to_string()));
        Ok(())
    }
}

/// What every message and assertion begins with.
pub(super) struct Header {
    pub(super) id: String,
    pub(super) issue_instant: Timestamp,
}

/// The children that a schema has, in its order: namespace, name, and how often.
pub(super) type Children = &'static [(&'static str, &'static [&'static str], Occurs)];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurs {
    Optional,
    Once,
    Any,
}

/// Refuses children that the schema does not have at their place, and text. Signatures may stand anywhere:
/// older peers put them last.
pub(super) fn in_order(element: Element<'_>, schema: Children) -> Result<(), Error> {
    let violation =
        |child: String| Err(Error::SchemaViolation { parent: element.local_name().to_owned(), child });
    if !element.text().trim_matches(is_xml_space).is_empty() {
        return violation("text".to_owned());
    }
    let mut position = 0;
    for child in element.children().filter(|child| !child.is(xmldsig::NAMESPACE, "Signature")) {
        let Some(skipped) =
            schema.get(position..).unwrap_or_default().iter().position(|(namespace, names, _)| {
                child.namespace() == Some(namespace) && names.contains(&child.local_name())
            })
        else {
            return violation(expanded_name(child));
        };
        position += skipped;
        if schema.get(position).is_some_and(|(_, _, occurs)| *occurs != Occurs::Any) {
            position += 1;
        }
    }
    Ok(())
}

/// What stands at one place of a message alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    Signature,
    Assertion,
}

/// Core 5.4.2 and 3.3.3: refuses a signature or assertion below `root` for which `at_home` is false. A signature
/// in a wrong place is the error that is told, whatever else there is.
pub(super) fn refuse_misplaced<'d>(
    root: Element<'d>,
    at_home: impl Fn(Placed, Element<'d>) -> bool,
) -> Result<(), Error> {
    let mut assertion = None;
    for element in root.descendants() {
        let placed = match element.local_name() {
            "Signature" if element.namespace() == Some(xmldsig::NAMESPACE) => Placed::Signature,
            "Assertion" | "EncryptedAssertion" if element.namespace() == Some(names::SAML) => {
                Placed::Assertion
            }
            _ => continue,
        };
        if at_home(placed, element) {
            continue;
        }
        let parent = element.parent().map(expanded_name).unwrap_or_default();
        if placed == Placed::Signature {
            return Err(Error::SignatureMisplaced { parent });
        }
        assertion.get_or_insert(parent);
    }
    match assertion {
        Some(parent) => Err(Error::AssertionMisplaced { parent }),
        None => Ok(()),
    }
}

/// Core 3.2.2.2: the Status inside of a response of any kind.
pub(super) fn status<'d>(response: impl Read<'d>, trusted: bool) -> Result<IdpStatus, Error> {
    let mut children = response.children();
    let status = children.find(|child| child.is(names::SAMLP, "Status")).ok_or(Error::StatusMissing)?;
    let top = status_code(status).ok_or(Error::StatusMissing)?;
    let code = top.attribute("Value").ok_or(Error::StatusMissing)?;
    let text = |text: &str| text.chars().take(STATUS_TEXT).collect::<String>();
    let nested = std::iter::successors(status_code(top), |code| status_code(*code));
    let message = status.children().find(|child| child.is(names::SAMLP, "StatusMessage"));
    Ok(IdpStatus {
        code: text(code),
        sub_codes: nested.filter_map(|code| code.attribute("Value").map(text)).collect(),
        message: message.map(|message| text(&message.text())),
        in_response_to: in_response_to(response).map(text),
        trusted,
    })
}

/// The request that a response says it answers. An empty attribute says nothing.
pub(super) fn in_response_to<'d>(response: impl Read<'d>) -> Option<&'d str> {
    response.attribute("InResponseTo").filter(|id| !id.is_empty())
}

/// SHA-256 of the certificate, or of the bare key.
pub(super) fn fingerprint(key: &TrustedKey) -> Fingerprint {
    key.certificate().map_or_else(|| key.key().sha256(), |certificate| certificate.sha256())
}

pub(super) fn signature_error(level: Level) -> impl Fn(xmldsig::Error) -> Error {
    move |error| Error::Signature { level, error }
}

pub(super) fn expanded_name<'d>(element: impl Read<'d>) -> String {
    match element.namespace() {
        Some(namespace) => format!("{{{namespace}}}{}", element.local_name()),
        None => element.local_name().to_owned(),
    }
}

pub(super) const fn is_xml_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The one StatusCode directly inside of a Status or of another StatusCode.
fn status_code<'d, E: Read<'d>>(parent: E) -> Option<E> {
    let mut codes = parent.children().filter(|child| child.is(names::SAMLP, "StatusCode"));
    codes.next().filter(|_| codes.next().is_none())
}

/// Above this the host should mend its clock instead.
const LARGE_SKEW_SECONDS: u64 = 600;

/// Characters of a status message or code that are kept.
const STATUS_TEXT: usize = 1024;

const NAME_ID_BYTES: usize = 4 * 1024;
