//! Subject and its bearer confirmation (Profiles 4.1.4.2, 4.1.4.3).

use super::pending::Pending;
use super::policy::{IdpInitiated, NameIdRequirement};
use crate::limits::Budget;
use crate::note::Note;
use crate::saml::assertion::{NameId, Solicited, is};
use crate::saml::error::{Error, Hint, Level};
use crate::saml::message::Judge;
use crate::saml::names::confirmation;
use crate::time::Timestamp;
use crate::xml::Read as _;
use crate::xmldsig::VerifiedElement;

/// A subject that is ours to take.
pub(super) struct Subject {
    pub(super) name_id: Option<NameId>,
    pub(super) solicited: Solicited,
    pub(super) address: Option<String>,
    /// End of the confirmation that was accepted.
    pub(super) not_on_or_after: Timestamp,
}

/// What the Response around the assertion says.
pub(super) struct Answer<'r> {
    /// The request that it answers.
    pub(super) in_response_to: Option<&'r str>,
    /// A signature over the Response was verified.
    pub(super) response_signed: bool,
    /// It has a Destination, which was found to be ours.
    pub(super) names_destination: bool,
}

/// Validates the Subject of a signed assertion.
pub(super) fn validate(
    assertion: VerifiedElement<'_>,
    answer: &Answer<'_>,
    judge: &mut Judge<'_>,
    budget: &mut Budget,
) -> Result<Subject, Error> {
    // Profiles 4.1.4.2: exactly one Subject.
    let subject = assertion.children().find(|child| is(*child, "Subject")).ok_or(Error::SubjectMissing)?;
    // Core 2.2.3, 2.2.4: one name.
    let names = subject.children().filter(|child| !is(*child, "SubjectConfirmation"));
    let name_id = judge.name_id("Subject", names, budget)?;
    if name_id.is_none() && judge.policy.name_id == NameIdRequirement::Required {
        return Err(Error::NameIdMissing { actual: None });
    }

    // Profiles 4.1.4.3: one bearer confirmation that passes is enough.
    let mut furthest: Option<(usize, Error)> = None;
    let mut methods = Vec::new();
    for confirmation in subject.children().filter(|child| is(*child, "SubjectConfirmation")) {
        let method = confirmation.attribute("Method").unwrap_or_default();
        if method != confirmation::BEARER {
            methods.push(method.chars().take(256).collect());
            continue;
        }
        match bearer(confirmation, answer, judge) {
            Ok(Confirmed { solicited, address, not_on_or_after }) => {
                return Ok(Subject { name_id, solicited, address, not_on_or_after });
            }
            Err((passed, error)) => {
                if furthest.as_ref().is_none_or(|(other, _)| passed > *other) {
                    furthest = Some((passed, error));
                }
            }
        }
    }
    Err(furthest.map_or(Error::BearerMissing { actual: methods }, |(_, error)| error))
}

struct Confirmed {
    solicited: Solicited,
    address: Option<String>,
    not_on_or_after: Timestamp,
}

/// One bearer confirmation. The error says how many checks passed before.
fn bearer(
    confirmation: VerifiedElement<'_>,
    answer: &Answer<'_>,
    judge: &mut Judge<'_>,
) -> Result<Confirmed, (usize, Error)> {
    let data = confirmation.children().find(|child| is(*child, "SubjectConfirmationData"));
    let attribute = |name| data.and_then(|data| data.attribute(name));

    // Profiles 4.1.4.2: Recipient is our address.
    match attribute("Recipient") {
        Some(recipient) if judge.is_acs_url(recipient) => {}
        Some(recipient) => {
            let expected = judge.acs_urls();
            let mut hints = Hint::of(&expected, recipient);
            if answer.names_destination {
                hints.push(Hint::SeveralAcsUrls);
            }
            return Err((0, Error::RecipientMismatch { expected, actual: recipient.to_owned(), hints }));
        }
        None => return Err((0, Error::RecipientMissing { expected: judge.acs_urls() })),
    }
    // Profiles 4.1.4.2: NotOnOrAfter, in the future.
    let time = |judge: &mut Judge<'_>, name| data.map_or(Ok(None), |data| judge.time(data, name));
    let not_on_or_after = time(judge, "NotOnOrAfter").map_err(|error| (1, error))?;
    let not_on_or_after = not_on_or_after.ok_or((1, Error::ConfirmationExpiryMissing))?;
    if !judge.is_before(not_on_or_after) {
        return Err((2, Error::ConfirmationExpired(judge.bound(not_on_or_after))));
    }
    // Core 2.4.1.2: NotBefore, which the profile forbids and some peers send, in the past.
    if let Some(not_before) = time(judge, "NotBefore").map_err(|error| (3, error))? {
        judge.note(Note::new("saml.confirmation_not_before").actual(not_before.to_string()));
        if !judge.has_begun(not_before) {
            return Err((3, Error::ConfirmationNotYetValid(judge.bound(not_before))));
        }
    }
    // Profiles 4.1.4.2, 4.1.5: InResponseTo.
    let own = attribute("InResponseTo").filter(|id| !id.is_empty());
    let solicited = solicited(own, answer, judge).map_err(|error| (4, error))?;

    // Core 2.4.1.2: Address is not compared; browsers change theirs.
    let address = attribute("Address").map(|address| address.chars().take(256).collect());
    Ok(Confirmed { solicited, address, not_on_or_after })
}

/// Profiles 4.1.4.2, 4.1.5: which request the assertion answers, if any. What the Response says counts only
/// where a signature covers the Response.
fn solicited(own: Option<&str>, answer: &Answer<'_>, judge: &Judge<'_>) -> Result<Solicited, Error> {
    let outstanding = judge.pending.map(Pending::request_id);
    for (level, id) in [(Level::Response, answer.in_response_to), (Level::Assertion, own)] {
        if let Some(actual) = id.filter(|id| outstanding != Some(*id)) {
            let expected = outstanding.map(str::to_owned);
            return Err(Error::InResponseToMismatch {
                level,
                expected,
                actual: actual.chars().take(1024).collect(),
            });
        }
    }
    let allowed = judge.policy.idp_initiated == IdpInitiated::Allow;
    match (own, answer.in_response_to, outstanding) {
        (Some(_), _, _) => Ok(Solicited::Solicited),
        (None, Some(_), _) if answer.response_signed => Ok(Solicited::Solicited),
        _ if allowed => Ok(Solicited::Unsolicited),
        (None, _, Some(outstanding)) => Err(Error::InResponseToMissing { expected: outstanding.to_owned() }),
        (None, _, None) => Err(Error::IdpInitiatedDenied),
    }
}
