use super::attributes;
use super::conditions;
use super::pending::Pending;
use super::policy::{Policy, Signed};
use super::subject::{self, Answer};
use crate::claims::{Claims, Stability, SubjectId};
use crate::crypto::{Fingerprint, SignatureAlgorithm};
use crate::limits::Budget;
use crate::note::Note;
use crate::saml::assertion::{Replay, ValidAssertion, is};
use crate::saml::bindings;
use crate::saml::encrypted::{Encrypted, decryption_failed};
use crate::saml::error::{Error, Hint, Level};
use crate::saml::message::{
    Children, Judge, Occurs, Placed, expanded_name, fingerprint, in_order, in_response_to, refuse_misplaced,
    signature_error, status,
};
use crate::saml::metadata::idp::IdpConfig;
use crate::saml::metadata::sp::SpConfig;
use crate::saml::names;
use crate::time::Timestamp;
use crate::xml::{self, Element, Profile, Read};
use crate::xmldsig::{self, Verified};
use crate::xmlenc::{Cover, Plaintext};

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

    /// SHA-256 of the certificate, or of the bare key, that made the signature.
    #[must_use]
    pub fn signed_by(&self) -> Fingerprint {
        self.assertion.signed_by()
    }

    /// The algorithm of that signature.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.assertion.signature_algorithm()
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
    // Bindings 3.5.4: the form field holds base64 of the message.
    let message = bindings::decode_post(response, &policy.limits)?;
    // XML 1.0, Namespaces in XML 1.0, Core 1.3.4: well-formed, and no two elements with one ID.
    let document = xml::parse(message, Profile::Message, &policy.limits.message, &mut budget)?;
    validate_response(document.root(), None, Judge::new(sp, idp, pending, policy, now), &mut budget)
}

/// Judges a Response, which is the root of a document or stands in another message. Where that message is signed,
/// `around` is its verified form, and its signature counts as the Response's own.
pub(in crate::saml) fn validate_response<'d, 'a>(
    element: Element<'d>,
    around: Option<&Verified<'d, 'a>>,
    mut judge: Judge<'a>,
    budget: &mut Budget,
) -> Result<ValidAssertion, Error> {
    let policy = judge.policy;
    let response = ResponseShape::read(element, &mut judge)?;
    // Core 5.4.2, 3.3.3: signatures and assertions stand where they are looked for and nowhere else.
    refuse_misplaced(response.element, |placed, element| response.is_home_of(placed, element))?;
    // Profiles 4.1.4.2: Issuer.
    let response_issuer = judge.issuer(Level::Response, response.issuer)?;
    // Bindings 3.5.5.2, Core 3.2.2: Destination.
    let signature = xmldsig::signature_of(response.element).map_err(signature_error(Level::Response))?;
    judge.destination(&response, signature.is_some())?;
    // Core 5: the Response's signature, if any.
    let signed_response = match (judge.signature(Level::Response, response.element, budget)?, around) {
        (Some(own), _) => Some(own),
        (None, Some(around)) => Some(covered(response.element, around)?),
        (None, None) => None,
    };
    // Core 3.2.2.2: Status.
    let status = status(response.element, signed_response.is_some())?;
    if status.code != names::status::SUCCESS {
        return Err(Error::IdpStatus(status));
    }
    // Profiles 4.1.4.2: one assertion.
    let assertion = response.one_assertion()?;
    if signed_response.is_none() && matches!(policy.signed, Signed::Response | Signed::Both) {
        return Err(Error::ResponseNotSigned);
    }
    let covered = signed_response.map(|signed| covered(assertion, &signed)).transpose()?;

    // Core 2.3.4, 6: what an EncryptedAssertion holds stands in its place.
    let plaintext = match is(assertion, "EncryptedAssertion") {
        true => Some(judge.decrypt_assertion(assertion, covered.as_ref(), budget)?),
        false => None,
    };
    let (assertion_id, signed) = match &plaintext {
        Some(plaintext) => judge.decrypted_assertion(plaintext, covered.as_ref(), budget)?,
        None => judge.assertion(assertion, covered, budget)?,
    };
    // What is read from here on is signed.
    judge.certificate_dates(signed.key)?;
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
    let subject = subject::validate(assertion, &answer, &mut judge, budget)?;
    let one_time_use = conditions::validate(assertion, &mut judge)?;
    let authn = conditions::authn_statements(assertion, &mut judge)?;
    let attributes = attributes::read(assertion, &mut judge, budget)?;

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
        signed_by: fingerprint(signed.key),
        signature_algorithm: signed.algorithm,
        notes: judge.notes,
    })
}

/// A Response whose children are known to stand in order.
pub(super) struct ResponseShape<'d> {
    element: Element<'d>,
    issuer: Option<Element<'d>>,
    assertions: Vec<Element<'d>>,
    destination: Option<&'d str>,
    in_response_to: Option<&'d str>,
}

impl<'d> ResponseShape<'d> {
    /// Core 3.2.2, 3.3.3: name, version, ID, IssueInstant, children.
    fn read(element: Element<'d>, judge: &mut Judge<'_>) -> Result<Self, Error> {
        if !element.is(names::SAMLP, "Response") {
            return Err(Error::UnexpectedRoot { expected: "Response", actual: expanded_name(element) });
        }
        judge.header(Level::Response, element)?;
        in_order(element, RESPONSE_CHILDREN)?;
        let child = |namespace, name| element.children().find(|child| child.is(namespace, name));
        child(names::SAMLP, "Status").ok_or(Error::StatusMissing)?;
        Ok(Self {
            element,
            issuer: child(names::SAML, "Issuer"),
            assertions: element
                .children()
                .filter(|child| is(*child, "Assertion") || is(*child, "EncryptedAssertion"))
                .collect(),
            destination: element.attribute("Destination"),
            in_response_to: in_response_to(element),
        })
    }

    /// A signature stands directly in the Response or its assertion, an assertion directly in the Response.
    /// `saml:Advice` may hold both, since it is never read.
    fn is_home_of(&self, placed: Placed, element: Element<'d>) -> bool {
        let is_assertion = |element: Element<'d>| {
            element.parent() == Some(self.element)
                && (is(element, "Assertion") || is(element, "EncryptedAssertion"))
        };
        let at_home = match placed {
            Placed::Assertion => is_assertion(element),
            Placed::Signature => {
                element.parent().is_some_and(|parent| parent == self.element || is_assertion(parent))
            }
        };
        let advice =
            |around: &Element<'d>| is(*around, "Advice") && around.parent().is_some_and(is_assertion);
        at_home
            || std::iter::successors(element.parent(), |around| around.parent()).any(|around| advice(&around))
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
    /// Addresses at which responses are taken.
    pub(super) fn acs_urls(&self) -> Vec<String> {
        self.sp.acs.iter().map(|acs| acs.location.clone()).collect()
    }

    pub(super) fn is_acs_url(&self, url: &str) -> bool {
        self.sp.acs.iter().any(|acs| acs.location == url)
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

    /// `covered` is the element as the Response's signature covers it.
    fn decrypt_assertion<'d>(
        &mut self,
        element: Element<'d>,
        covered: Option<&Verified<'d, 'a>>,
        budget: &mut Budget,
    ) -> Result<Plaintext<'d>, Error> {
        match covered {
            Some(covered) => self.decrypt_signed(Encrypted::ASSERTION, covered.element, budget),
            None => self.decrypt(Encrypted::ASSERTION, element, Cover::Unsigned, budget),
        }
    }

    /// `covered` is the element that held the plaintext. Where the plaintext hides errors, none is told until a
    /// signature in it is verified.
    fn decrypted_assertion<'d>(
        &mut self,
        plaintext: &'d Plaintext<'_>,
        covered: Option<&Verified<'_, 'a>>,
        budget: &mut Budget,
    ) -> Result<(String, Verified<'d, 'a>), Error> {
        let covered = covered.and_then(|&Verified { element, key, algorithm, digest }| {
            let element = element.decrypted(plaintext.fragment())?;
            Some(Verified { element, key, algorithm, digest })
        });
        self.assertion(plaintext.root(), covered, budget).map_err(|error| match plaintext.hides_errors() {
            true => decryption_failed(Encrypted::ASSERTION),
            false => error,
        })
    }

    /// The Assertion's ID, and the Assertion as a signature covers it: its own, or else the one around it.
    fn assertion<'d>(
        &mut self,
        assertion: Element<'d>,
        covered: Option<Verified<'d, 'a>>,
        budget: &mut Budget,
    ) -> Result<(String, Verified<'d, 'a>), Error> {
        // Core 2.3.3: its own form.
        let id = self.header(Level::Assertion, assertion)?.id;
        in_order(assertion, ASSERTION_CHILDREN)?;
        // Core 5: its own signature, if any.
        let own = self.signature(Level::Assertion, assertion, budget)?;
        // Profiles 4.1.3.5: the signatures that the policy asks for.
        if own.is_none() && matches!(self.policy.signed, Signed::Assertion | Signed::Both) {
            return Err(Error::AssertionNotSigned);
        }
        Ok((id, own.or(covered).ok_or(Error::SignatureMissing)?))
    }
}

/// A child of a signed element, as the signature covers it.
fn covered<'d, 'k>(child: Element<'d>, signed: &Verified<'d, 'k>) -> Result<Verified<'d, 'k>, Error> {
    let element = signed.element.children().find(|covered| covered.is_node(child));
    Ok(Verified { element: element.ok_or(Error::SignatureMissing)?, ..*signed })
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
