//! Attacks on the rules of the protocol (saml.md §2.1, §2.2, §5): everything is signed, and says the wrong thing.

use admittance::testing::saml_idp::{
    AuthnRequest, Fault, SamlIdp,
    SignedElements::{Assertion, Both, Response},
};
use serde_json::json;

use super::forge::{
    ACS, REQUEST_ID, SP, ada, drafted, faulty, now, provider, swap, text, with_attribute, without,
    without_attribute,
};
use super::{Vector, accept, reject};

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = in_response_to();
    vectors.extend(policy_gaps());
    vectors.extend(addresses());
    vectors.extend(audiences());
    vectors.extend(constraints());
    vectors.extend(times());
    vectors
}

fn in_response_to() -> Vec<Vector> {
    let no_request = json!({"request_id": null});
    let unsolicited = unsolicited();
    vec![
        reject(
            "unsolicited_denied",
            "saml.idp_initiated_denied",
            "nobody asked for the response, and the policy is the default",
            unsolicited.clone(),
        )
        .case(no_request.clone())
        .twin("twin_unsolicited_allowed"),
        accept(
            "twin_unsolicited_allowed",
            "nobody asked for the response, and the policy allows it",
            unsolicited,
        )
        .case(json!({"request_id": null, "policy": {"idp_initiated": "allow"}})),
        reject(
            "in_response_to_other",
            "saml.in_response_to_mismatch",
            "the answer to another request",
            faulty(Both, Fault::WrongInResponseTo),
        ),
        reject(
            "in_response_to_other_on_response",
            "saml.in_response_to_mismatch",
            "the Response answers another request than its Assertion",
            drafted(Both, |xml| with_attribute(xml, "", "InResponseTo", "_0000000000000000000000000000beef")),
        ),
        reject(
            "unsigned_in_response_to",
            "saml.in_response_to_missing",
            "only the unsigned Response says which request is answered",
            drafted(Assertion, |xml| without_attribute(xml, CONFIRMATION_DATA, "InResponseTo")),
        )
        .twin("twin_signed_in_response_to"),
        accept(
            "twin_signed_in_response_to",
            "only the Response, which is signed, says which request is answered",
            drafted(Response, |xml| without_attribute(xml, CONFIRMATION_DATA, "InResponseTo")),
        ),
        reject(
            "unsolicited_with_in_response_to",
            "saml.in_response_to_mismatch",
            "the answer to a request that is not outstanding, where unsolicited responses are allowed",
            super::forge::good(Both),
        )
        .case(json!({"request_id": null, "policy": {"idp_initiated": "allow"}}))
        .twin("twin_unsolicited_allowed"),
        reject(
            "unsolicited_denied_without_pending",
            "saml.in_response_to_mismatch",
            "a good answer, and no request is outstanding in this browser",
            super::forge::good(Both),
        )
        .case(no_request),
    ]
}

/// Where unsolicited responses are allowed, every other rule still holds.
fn policy_gaps() -> Vec<Vector> {
    let gap = |name: &str, fault: Fault, shows: &'static str| {
        let mut provider = provider();
        provider.fault = Some(fault);
        reject(
            &format!("policy_gap_unsolicited_{name}"),
            fault.code().unwrap(),
            shows,
            unsolicited_from(provider),
        )
        .case(json!({"request_id": null, "policy": {"idp_initiated": "allow"}}))
        .twin("twin_unsolicited_allowed")
    };
    vec![
        gap("signature", Fault::SignatureRemoved, "unsolicited and unsigned"),
        gap("key", Fault::WrongKey, "unsolicited and signed by somebody else"),
        gap("issuer", Fault::WrongIssuer, "unsolicited and in another provider's name"),
        gap("destination", Fault::WrongDestination, "unsolicited and for another address"),
        gap("recipient", Fault::WrongRecipient, "unsolicited and confirmed for another address"),
        gap("audience", Fault::WrongAudience, "unsolicited and for another audience"),
        gap("no_audience", Fault::NoAudience, "unsolicited and for any audience"),
        gap("expired", Fault::Expired, "unsolicited and expired"),
        gap("confirmation_expired", Fault::ConfirmationExpired, "unsolicited and its confirmation expired"),
        gap("no_expiry", Fault::NoConfirmationExpiry, "unsolicited and confirmed for ever"),
        gap("condition", Fault::UnknownCondition, "unsolicited and with an unknown condition"),
    ]
}

fn addresses() -> Vec<Vector> {
    vec![
        reject(
            "recipient_substring",
            "saml.recipient_mismatch",
            "the Recipient begins with our address",
            drafted(Both, |xml| {
                with_attribute(xml, CONFIRMATION_DATA, "Recipient", &format!("{ACS}.attacker.example"))
            }),
        ),
        reject(
            "recipient_substring_shorter",
            "saml.recipient_mismatch",
            "our address begins with the Recipient",
            drafted(Both, |xml| {
                with_attribute(xml, CONFIRMATION_DATA, "Recipient", "https://sp.example/saml")
            }),
        ),
        reject(
            "recipient_substring_case",
            "saml.recipient_mismatch",
            "the Recipient differs from our address by case",
            drafted(Both, |xml| {
                with_attribute(xml, CONFIRMATION_DATA, "Recipient", "https://sp.example/SAML/acs")
            }),
        ),
        reject(
            "recipient_missing",
            "saml.recipient_missing",
            "the confirmation is for any address",
            faulty(Both, Fault::NoRecipient),
        ),
        reject(
            "destination_prefix",
            "saml.destination_mismatch",
            "the Destination begins with our address",
            drafted(Both, |xml| with_attribute(xml, "", "Destination", &format!("{ACS}/more"))),
        ),
        reject(
            "destination_prefix_shorter",
            "saml.destination_mismatch",
            "our address begins with the Destination",
            drafted(Both, |xml| with_attribute(xml, "", "Destination", "https://sp.example/")),
        ),
        reject(
            "destination_empty",
            "saml.destination_missing",
            "the signed Response has an empty Destination",
            drafted(Both, |xml| with_attribute(xml, "", "Destination", "")),
        ),
        reject(
            "destination_empty_absent",
            "saml.destination_missing",
            "the signed Response has no Destination",
            faulty(Both, Fault::NoDestination),
        ),
    ]
}

fn audiences() -> Vec<Vector> {
    vec![
        reject(
            "audience_other",
            "saml.audience_mismatch",
            "for another service provider",
            faulty(Both, Fault::WrongAudience),
        ),
        reject(
            "audience_other_prefix",
            "saml.audience_mismatch",
            "for an audience that begins with our name",
            drafted(Both, |xml| {
                swap(xml, &format!(">{SP}</saml:Audience>"), &format!(">{SP}/other</saml:Audience>"))
            }),
        ),
        reject(
            "audience_second_restriction",
            "saml.audience_mismatch",
            "a second restriction leaves us out",
            faulty(Both, Fault::SecondAudienceRestriction),
        ),
        reject(
            "audience_empty",
            "saml.audience_mismatch",
            "an empty Audience",
            drafted(Both, |xml| swap(xml, &format!(">{SP}</saml:Audience>"), "></saml:Audience>")),
        ),
        reject(
            "audience_missing",
            "saml.audience_missing",
            "no restriction",
            faulty(Both, Fault::NoAudience),
        ),
        reject(
            "audience_missing_conditions",
            "saml.audience_missing",
            "no Conditions",
            drafted(Both, |xml| without(xml, "Assertion/Conditions")),
        ),
        reject(
            "audience_missing_in_restriction",
            "saml.audience_mismatch",
            "a restriction without Audience",
            drafted(Both, |xml| without(xml, "Assertion/Conditions/AudienceRestriction/Audience")),
        ),
    ]
}

fn constraints() -> Vec<Vector> {
    vec![
        reject(
            "confirmation_no_expiry",
            "saml.confirmation_expiry_missing",
            "the confirmation never ends",
            faulty(Both, Fault::NoConfirmationExpiry),
        ),
        reject(
            "confirmation_holder_of_key_only",
            "saml.bearer_missing",
            "the only confirmation is for the holder of a key",
            faulty(Both, Fault::NoBearer),
        ),
        reject(
            "condition_unknown",
            "saml.condition_unknown",
            "a condition that nobody knows",
            faulty(Both, Fault::UnknownCondition),
        ),
        reject(
            "no_authn_statement",
            "saml.authn_statement_missing",
            "nobody says that the person authenticated",
            faulty(Both, Fault::NoAuthnStatement),
        ),
    ]
}

fn times() -> Vec<Vector> {
    let authn = "Assertion/AuthnStatement";
    let lasting_until = |end: &str| {
        drafted(Both, |xml| {
            let xml = with_attribute(xml, "Assertion/Conditions", "NotBefore", "2026-11-21T23:50:00.000Z");
            with_attribute(&xml, "Assertion/Conditions", "NotOnOrAfter", end)
        })
    };
    vec![
        reject(
            "expired",
            "saml.assertion_expired",
            "the Conditions have ended",
            faulty(Both, Fault::Expired),
        ),
        reject(
            "expired_at_the_bound",
            "saml.assertion_expired",
            "the Conditions ended exactly as long ago as clocks may differ",
            lasting_until("2026-11-21T23:58:00.000Z"),
        )
        .twin("twin_expired_within_skew"),
        accept(
            "twin_expired_within_skew",
            "the Conditions ended a millisecond less ago than clocks may differ",
            lasting_until("2026-11-21T23:58:00.001Z"),
        ),
        reject(
            "expired_confirmation",
            "saml.confirmation_expired",
            "the confirmation has ended",
            faulty(Both, Fault::ConfirmationExpired),
        ),
        reject(
            "not_yet_valid",
            "saml.not_yet_valid",
            "the Conditions have not begun",
            faulty(Both, Fault::NotYetValid),
        ),
        reject(
            "not_yet_valid_by_a_millisecond",
            "saml.not_yet_valid",
            "the Conditions begin a millisecond later than clocks may differ",
            drafted(Both, |xml| {
                with_attribute(xml, "Assertion/Conditions", "NotBefore", "2026-11-22T00:04:00.001Z")
            }),
        )
        .twin("twin_valid_within_skew"),
        accept(
            "twin_valid_within_skew",
            "the Conditions begin as much later as clocks may differ",
            drafted(Both, |xml| {
                with_attribute(xml, "Assertion/Conditions", "NotBefore", "2026-11-22T00:04:00.000Z")
            }),
        ),
        reject(
            "not_yet_valid_confirmation",
            "saml.confirmation_not_yet_valid",
            "the confirmation has not begun",
            faulty(Both, Fault::ConfirmationNotYetValid),
        ),
        reject(
            "session_expired",
            "saml.session_expired",
            "the session at the provider is over",
            faulty(Both, Fault::SessionExpired),
        ),
        reject(
            "time_garbage",
            "saml.time_invalid",
            "a month that does not exist",
            drafted(Both, |xml| {
                with_attribute(xml, "Assertion/Conditions", "NotOnOrAfter", "2026-13-22T00:01:00Z")
            }),
        ),
        reject(
            "time_garbage_confirmation",
            "saml.time_invalid",
            "a number of seconds instead of a time",
            drafted(Both, |xml| with_attribute(xml, CONFIRMATION_DATA, "NotOnOrAfter", "1795305660")),
        ),
        reject(
            "time_garbage_session",
            "saml.time_invalid",
            "an empty time",
            drafted(Both, |xml| with_attribute(xml, authn, "SessionNotOnOrAfter", "")),
        ),
        reject(
            "time_garbage_lower_case",
            "saml.time_invalid",
            "a time with small letters",
            drafted(Both, |xml| with_attribute(xml, authn, "AuthnInstant", "2026-11-22t00:01:00z")),
        ),
    ]
}

/// A sign-in that begins at the provider.
pub(super) fn unsolicited() -> String {
    unsolicited_from(provider())
}

pub(super) fn unsolicited_from(mut provider: SamlIdp) -> String {
    let unsigned = provider.unsigned(&AuthnRequest::none(SP, ACS), &ada(), now()).unwrap();
    let xml = text(provider.sign(unsigned).unwrap());
    assert!(!xml.contains(REQUEST_ID));
    xml
}

pub(super) const CONFIRMATION_DATA: &str = "Assertion/Subject/SubjectConfirmation/SubjectConfirmationData";
