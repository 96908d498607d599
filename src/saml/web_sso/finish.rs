use super::attributes;
use super::conditions;
use super::pending::Pending;
use super::policy::{CertificateDates, Policy, Signed, Trim};
use super::subject::{self, Answer};
use crate::claims::{Claims, Stability, SubjectId};
use crate::crypto::{Certificate, DigestAlgorithm, Fingerprint, KeyKind};
use crate::limits::Budget;
use crate::note::Note;
use crate::saml::assertion::{Replay, ValidAssertion, is};
use crate::saml::bindings;
use crate::saml::error::{Error, Hint, IdpStatus, Level, TimeBound};
use crate::saml::metadata::idp::IdpConfig;
use crate::saml::metadata::sp::SpConfig;
use crate::saml::names::{self, name_id_format, status};
use crate::time::{Timestamp, Zone};
use crate::xml::{self, Document, Element, Profile, Read};
use crate::xmldsig::{self, SignaturePolicy, Verified, VerifiedElement};

/// Judges a posted response: the second and last step of a sign-in.
///
/// `response` is the form field `SAMLResponse` as received, `pending` what [`begin`](super::begin()) returned
/// for this browser, `None` when no request is outstanding, which only
/// [`IdpInitiated::Allow`](super::IdpInitiated) can accept. Every check runs for every response, in this order:
///
/// 1. size, base64, XML, IDs, and the shape of the Response (Core 3.2.2, 3.3.3);
/// 2. no signature and no assertion in an unexpected place;
/// 3. the Response's Issuer, Destination, signature and status;
/// 4. exactly one Assertion, its shape, its signature, and the signatures that the policy asks for;
/// 5. Issuer, Subject with a bearer confirmation for us, now and for our request (Profiles 4.1.4);
/// 6. Conditions, among them our audience (Core 2.5.1);
/// 7. authentication statements and attributes (Core 2.7).
///
/// The host must still store [`ValidAssertion::replay`] once and refuse a second sight of it, delete `pending`
/// whatever the outcome, and key accounts by connection, issuer and NameID, never by e-mail address.
///
/// # Errors
/// The first check that failed, as [`Error`]. A failed sign-in reported by the identity provider is
/// [`Error::IdpStatus`].
pub fn finish(
    sp: &SpConfig,
    idp: &IdpConfig,
    pending: Option<&Pending>,
    response: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<ValidAssertion, Error> {
    if idp.entity_id().is_none() {
        return Err(Error::IssuerUnpinned);
    }
    validate(sp, idp, pending, response, policy, now)
}

/// Judges the response of a test sign-in, which the administrator makes while the connection is set up. The
/// same checks as [`finish`], but the identity provider's entity ID may be unknown yet: the verified issuer
/// comes back for the host to pin.
///
/// The host signs nobody in with the result.
///
/// # Errors
/// As [`finish`].
pub fn finish_test(
    sp: &SpConfig,
    idp: &IdpConfig,
    pending: Option<&Pending>,
    response: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<TestSignIn, Error> {
    validate(sp, idp, pending, response, policy, now).map(|assertion| TestSignIn { assertion })
}

/// A verified test sign-in: something to show and to learn the issuer from, not to sign somebody in with.
#[derive(Clone, Debug)]
pub struct TestSignIn {
    assertion: ValidAssertion,
}

impl TestSignIn {
    /// The verified issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.assertion.issuer()
    }

    /// What the assertion says, for the test report.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        self.assertion.claims()
    }

    /// What was noticed.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        self.assertion.notes()
    }
}

fn validate(
    sp: &SpConfig,
    idp: &IdpConfig,
    pending: Option<&Pending>,
    response: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<ValidAssertion, Error> {
    let mut budget = Budget::new();
    let mut judge = Judge::new(sp, idp, pending, policy, now);

    // Bindings 3.5.4: the form field holds base64 of the message.
    let message = bindings::decode_post(response, &policy.limits)?;
    // XML 1.0, Namespaces in XML 1.0, Core 1.3.4: well-formed, and no two elements with one ID.
    let document = xml::parse(message, Profile::Message, &policy.limits.message, &mut budget)?;
    let response = ResponseShape::read(&document, &mut judge)?;
    // Core 5.4.2, 3.3.3: signatures and assertions stand where they are looked for and nowhere else.
    refuse_misplaced(&response)?;
    // Profiles 4.1.4.2: Issuer.
    let response_issuer = judge.issuer(Level::Response, response.issuer)?;
    // Bindings 3.5.5.2, Core 3.2.2: Destination.
    let response_carries_signature =
        xmldsig::signature_of(response.element).map_err(signature_error(Level::Response))?.is_some();
    judge.destination(&response, response_carries_signature)?;
    // Core 5: the Response's signature, if any.
    let signed_response = judge.signature(Level::Response, response.element, &mut budget)?;
    // Core 3.2.2.2: Status.
    judge.status(&response, signed_response.is_some())?;
    // Profiles 4.1.4.2: one assertion.
    let assertion = response.one_assertion()?;
    if signed_response.is_none() && matches!(policy.signed, Signed::Response | Signed::Both) {
        return Err(Error::ResponseNotSigned);
    }
    if is(assertion, "EncryptedAssertion") {
        return Err(Error::EncryptedUnsupported { element: "the assertion" });
    }

    // Core 2.3.3: the Assertion's own form.
    let assertion_id = judge.header(Level::Assertion, assertion)?;
    in_order(assertion, ASSERTION_CHILDREN)?;
    // Core 5: the Assertion's signature, if any.
    let signed_assertion = judge.signature(Level::Assertion, assertion, &mut budget)?;
    // Profiles 4.1.3.5: what is read from here on is signed.
    let signed = judge.signed_assertion(assertion, signed_response.as_ref(), signed_assertion.as_ref())?;
    judge.certificate_dates(&signed)?;
    let assertion = signed.element;

    // Profiles 4.1.4.2: Issuer, Subject, Conditions.
    let issuer = judge.issuer(Level::Assertion, assertion.children().find(|child| is(*child, "Issuer")))?;
    if response.issuer.is_some() && response_issuer != issuer {
        let (expected, actual) = (response_issuer, Some(issuer));
        return Err(Error::IssuerMismatch { level: Level::Assertion, expected, actual, hints: Vec::new() });
    }
    let answer = Answer {
        in_response_to: response.in_response_to,
        response_signed: signed_response.is_some(),
        names_destination: response.destination.is_some(),
    };
    let subject = subject::validate(assertion, &answer, &mut judge)?;
    let one_time_use = conditions::validate(assertion, &mut judge)?;
    let authn = conditions::authn_statements(assertion, &mut judge)?;
    let attributes = attributes::read(assertion, &mut judge, &mut budget)?;

    let subject_id = match &subject.name_id {
        Some(name_id) => name_id.subject_id(),
        None => SubjectId {
            value: assertion_id.clone(),
            format: None,
            name_qualifier: None,
            sp_name_qualifier: None,
            stability: Stability::Transient,
        },
    };
    if subject_id.stability == Stability::Transient {
        judge.note(Note::new("saml.name_id_transient").field("NameID"));
    }
    Ok(ValidAssertion {
        claims: Claims::new(issuer.clone(), subject_id, attributes.claims, attributes.overages),
        name_id: subject.name_id,
        solicited: subject.solicited,
        authn,
        attribute_name_ids: attributes.name_ids,
        address: subject.address,
        replay: Replay {
            issuer,
            assertion_id: assertion_id.clone(),
            keep_until: subject.not_on_or_after.saturating_add(policy.clock_skew.as_duration()),
            one_time_use,
        },
        assertion_id,
        signed_by: signed.by,
        notes: judge.notes,
    })
}

/// What a response is judged by, and what was noticed meanwhile.
pub(super) struct Judge<'a> {
    pub(super) sp: &'a SpConfig,
    pub(super) idp: &'a IdpConfig,
    /// The outstanding request, where it was made for this identity provider.
    pub(super) pending: Option<&'a Pending>,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    notes: Vec<Note>,
}

/// The assertion as far as a signature covers it, with the key that made the signature.
struct SignedAssertion<'d, 'k> {
    element: VerifiedElement<'d>,
    by: Fingerprint,
    certificate: Option<&'k Certificate>,
}

/// A Response whose children are known to stand in order.
pub(super) struct ResponseShape<'d> {
    element: Element<'d>,
    issuer: Option<Element<'d>>,
    status: Element<'d>,
    assertions: Vec<Element<'d>>,
    destination: Option<&'d str>,
    in_response_to: Option<&'d str>,
}

impl<'d> ResponseShape<'d> {
    /// Core 3.2.2, 3.3.3: root, version, ID, IssueInstant, children.
    fn read(document: &'d Document, judge: &mut Judge<'_>) -> Result<Self, Error> {
        let element = document.root();
        if !element.is(names::SAMLP, "Response") {
            return Err(Error::UnexpectedRoot { expected: "Response", actual: expanded_name(element) });
        }
        judge.header(Level::Response, element)?;
        in_order(element, RESPONSE_CHILDREN)?;
        let child = |namespace, name| element.children().find(|child| child.is(namespace, name));
        Ok(Self {
            element,
            issuer: child(names::SAML, "Issuer"),
            status: child(names::SAMLP, "Status").ok_or(Error::StatusMissing)?,
            assertions: element
                .children()
                .filter(|child| is(*child, "Assertion") || is(*child, "EncryptedAssertion"))
                .collect(),
            destination: element.attribute("Destination"),
            // An empty attribute says nothing.
            in_response_to: element.attribute("InResponseTo").filter(|id| !id.is_empty()),
        })
    }

    fn one_assertion(&self) -> Result<Element<'d>, Error> {
        match self.assertions.as_slice() {
            [assertion] => Ok(*assertion),
            all => {
                let plain = all.iter().filter(|assertion| is(**assertion, "Assertion")).count();
                Err(Error::AssertionCount { plain, encrypted: all.len() - plain })
            }
        }
    }
}

impl<'a> Judge<'a> {
    fn new(
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
        Self { sp, idp, pending, policy, now, notes }
    }

    pub(super) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    /// Addresses at which responses are taken.
    pub(super) fn acs_urls(&self) -> Vec<String> {
        self.sp.acs.iter().map(|acs| acs.location.clone()).collect()
    }

    pub(super) fn is_acs_url(&self, url: &str) -> bool {
        self.sp.acs.iter().any(|acs| acs.location == url)
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

    /// Core 3.2.2, 2.3.3: Version, ID, IssueInstant. Returns the ID.
    fn header(&mut self, level: Level, element: Element<'_>) -> Result<String, Error> {
        let version = element.attribute("Version");
        if version != Some(names::VERSION) {
            return Err(Error::VersionUnsupported { actual: version.map(|v| v.chars().take(64).collect()) });
        }
        let id = element.attribute("ID").ok_or(Error::IdMissing { element: level })?;
        let issued = self.time(element, "IssueInstant")?;
        let issued = issued.ok_or(Error::TimeInvalid { attribute: "IssueInstant", actual: None })?;
        if !self.has_begun(issued) {
            let note = Note::new("saml.issued_in_future").field(level.to_string());
            self.note(note.expected(self.now.to_string()).actual(issued.to_string()));
        }
        Ok(id.to_owned())
    }

    /// Profiles 4.1.4.2: the issuer is the identity provider. Required on the assertion, optional on the response.
    fn issuer<'d>(&mut self, level: Level, issuer: Option<impl Read<'d>>) -> Result<String, Error> {
        let expected = self.idp.entity_id().unwrap_or_default().to_owned();
        let Some(issuer) = issuer else {
            return match level {
                Level::Response => Ok(expected),
                _ => Err(Error::IssuerMismatch { level, expected, actual: None, hints: Vec::new() }),
            };
        };
        if let Some(format) = issuer.attribute("Format").filter(|format| *format != name_id_format::ENTITY) {
            return Err(Error::IssuerMismatch {
                level,
                expected,
                actual: Some(format.to_owned()),
                hints: Vec::new(),
            });
        }
        let actual = self.name_text(issuer);
        if self.idp.entity_id().is_some_and(|entity_id| entity_id != actual) || actual.is_empty() {
            let hints = Hint::of(std::slice::from_ref(&expected), &actual);
            return Err(Error::IssuerMismatch { level, expected, actual: Some(actual), hints });
        }
        Ok(actual)
    }

    /// Bindings 3.5.5.2: required where the Response is signed. Core 3.2.2: one of our addresses where it stands.
    fn destination(&self, response: &ResponseShape<'_>, carries_signature: bool) -> Result<(), Error> {
        match response.destination {
            None | Some("") if carries_signature => {
                Err(Error::DestinationMissing { expected: self.acs_urls() })
            }
            None => Ok(()),
            Some(destination) if self.is_acs_url(destination) => Ok(()),
            Some(actual) => {
                let expected = self.acs_urls();
                let hints = Hint::of(&expected, actual);
                Err(Error::DestinationMismatch { expected, actual: actual.to_owned(), hints })
            }
        }
    }

    fn signature<'d>(
        &mut self,
        level: Level,
        element: Element<'d>,
        budget: &mut Budget,
    ) -> Result<Option<Verified<'d, 'a>>, Error> {
        let policy = SignaturePolicy { legacy: self.policy.legacy() };
        let verified = xmldsig::verify(element, self.idp.signing_keys(), policy, &self.policy.limits, budget)
            .map_err(signature_error(level))?;
        if let Some(verified) = &verified {
            let weak = match verified.key.key().kind() {
                KeyKind::Rsa { bits } if bits < 2048 => Some(format!("RSA key of {bits} bits")),
                _ if verified.algorithm.digest() == DigestAlgorithm::Sha1 => {
                    Some(verified.algorithm.to_string())
                }
                _ if verified.digest == DigestAlgorithm::Sha1 => Some(verified.digest.to_string()),
                _ => None,
            };
            if let Some(weak) = weak {
                self.note(Note::new("saml.weak_algorithm").field(level.to_string()).actual(weak));
            }
        }
        Ok(verified)
    }

    /// Core 3.2.2.2: only Success goes on.
    fn status(&self, response: &ResponseShape<'_>, trusted: bool) -> Result<(), Error> {
        let top = status_code(response.status).ok_or(Error::StatusMissing)?;
        let code = top.attribute("Value").ok_or(Error::StatusMissing)?;
        if code == status::SUCCESS {
            return Ok(());
        }
        let text = |text: &str| text.chars().take(STATUS_TEXT).collect::<String>();
        let nested = std::iter::successors(status_code(top), |code| status_code(*code));
        let message = response.status.children().find(|child| child.is(names::SAMLP, "StatusMessage"));
        Err(Error::IdpStatus(IdpStatus {
            code: text(code),
            sub_codes: nested.filter_map(|code| code.attribute("Value").map(text)).collect(),
            message: message.map(|message| text(&message.text())),
            in_response_to: response.in_response_to.map(text),
            trusted,
        }))
    }

    /// Profiles 4.1.3.5: the signatures that the policy asks for, and the assertion as one of them covers it.
    fn signed_assertion<'d>(
        &self,
        assertion: Element<'d>,
        response: Option<&Verified<'d, 'a>>,
        own: Option<&Verified<'d, 'a>>,
    ) -> Result<SignedAssertion<'d, 'a>, Error> {
        if own.is_none() && matches!(self.policy.signed, Signed::Assertion | Signed::Both) {
            return Err(Error::AssertionNotSigned);
        }
        let (element, verified) = match (own, response) {
            (Some(own), _) => (Some(own.element), own),
            (None, Some(response)) => {
                (response.element.children().find(|child| child.is_node(assertion)), response)
            }
            (None, None) => return Err(Error::SignatureMissing),
        };
        let by = match verified.key.certificate() {
            Some(certificate) => certificate.sha256(),
            None => verified.key.key().sha256(),
        };
        let element = element.ok_or(Error::SignatureMissing)?;
        Ok(SignedAssertion { element, by, certificate: verified.key.certificate() })
    }

    /// Metadata Interoperability Profile 2.6: the dates of a certificate decide only where the policy says so.
    fn certificate_dates(&mut self, signed: &SignedAssertion<'_, '_>) -> Result<(), Error> {
        let Some(certificate) = signed.certificate else { return Ok(()) };
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
        self.note(
            Note::new(code).field(fingerprint).expected(bound.to_string()).actual(self.now.to_string()),
        );
        Ok(())
    }
}

/// Core 5.4.2 and 3.3.3: apart from `saml:Advice`, which is never read, a signature stands directly in the
/// Response or its Assertion, and an assertion directly in the Response.
fn refuse_misplaced(response: &ResponseShape<'_>) -> Result<(), Error> {
    let advice = response.assertions.iter().flat_map(|assertion| assertion.children());
    let advice: Vec<_> = advice.filter(|child| is(*child, "Advice")).map(Element::source).collect();
    let in_advice = |element: Element<'_>| advice.iter().any(|range| range.contains(&element.source().start));
    let mut assertion = None;
    for element in response.element.descendants() {
        let is_signature = element.local_name() == "Signature" && element.is(xmldsig::NAMESPACE, "Signature");
        let is_assertion = matches!(element.local_name(), "Assertion" | "EncryptedAssertion")
            && element.namespace() == Some(names::SAML);
        if !is_signature && !is_assertion {
            continue;
        }
        let parent = element.parent();
        let at_home = parent.is_some_and(|parent| {
            parent == response.element || (is_signature && response.assertions.contains(&parent))
        });
        if at_home || in_advice(element) {
            continue;
        }
        let parent = parent.map(expanded_name).unwrap_or_default();
        if is_signature {
            return Err(Error::SignatureMisplaced { parent });
        }
        assertion.get_or_insert(parent);
    }
    match assertion {
        Some(parent) => Err(Error::AssertionMisplaced { parent }),
        None => Ok(()),
    }
}

/// The children that a schema has, in its order: namespace, name, and how often.
type Children = &'static [(&'static str, &'static [&'static str], Occurs)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Occurs {
    Optional,
    Once,
    Any,
}

/// Core 3.2.2, 3.3.3.
const RESPONSE_CHILDREN: Children = &[
    (names::SAML, &["Issuer"], Occurs::Optional),
    (names::SAMLP, &["Extensions"], Occurs::Optional),
    (names::SAMLP, &["Status"], Occurs::Once),
    (names::SAML, &["Assertion", "EncryptedAssertion"], Occurs::Any),
];

/// Core 2.3.3.
const ASSERTION_CHILDREN: Children = &[
    (names::SAML, &["Issuer"], Occurs::Optional),
    (names::SAML, &["Subject"], Occurs::Optional),
    (names::SAML, &["Conditions"], Occurs::Optional),
    (names::SAML, &["Advice"], Occurs::Optional),
    (
        names::SAML,
        &["Statement", "AuthnStatement", "AuthzDecisionStatement", "AttributeStatement"],
        Occurs::Any,
    ),
];

/// Above this the host should mend its clock instead.
const LARGE_SKEW_SECONDS: u64 = 600;

/// Characters of a status message or code that are kept.
const STATUS_TEXT: usize = 1024;

/// Refuses children that the schema does not have at their place, and text. Signatures may stand anywhere:
/// older peers put them last.
fn in_order(element: Element<'_>, schema: Children) -> Result<(), Error> {
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

/// The one StatusCode directly inside of a Status or of another StatusCode.
fn status_code(parent: Element<'_>) -> Option<Element<'_>> {
    let mut codes = parent.children().filter(|child| child.is(names::SAMLP, "StatusCode"));
    codes.next().filter(|_| codes.next().is_none())
}

fn signature_error(level: Level) -> impl Fn(xmldsig::Error) -> Error {
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
