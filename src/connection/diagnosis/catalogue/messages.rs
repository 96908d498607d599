//! SAML messages that break a rule of their form: seldom a setting, mostly a product or something in between.

use super::{Entry, own};
use crate::connection::diagnosis::Severity::{Error, Note, Warning};
use crate::connection::diagnosis::Side::{Host, IdentityProvider};

pub(super) const ENTRIES: &[Entry] = &[
    broken("saml.message_too_large", "The answer is too large[: {actual}, allowed {expected}]."),
    broken("saml.base64_invalid", "The answer is not the base64 text that a form field carries."),
    broken("saml.post_parameters", "The posted form does not have the fields of an answer[: {actual}]."),
    broken("saml.redirect_parameters", "The query does not have the fields of a message[: {actual}]."),
    broken(
        "saml.redirect_encoding",
        "The message in the query has an encoding that nobody knows[: {actual}].",
    ),
    broken("saml.inflate_failed", "The message in the query cannot be unpacked."),
    broken("saml.xml_malformed", "The answer is no well-formed XML."),
    broken("saml.xml_namespace", "The answer uses an XML prefix that it does not declare."),
    broken("saml.xml_dtd", "The answer has a document type declaration, which is never read."),
    broken(
        "saml.xml_comment",
        "The answer has a comment where a value stands, which could hide a part of it.",
    ),
    broken(
        "saml.xml_processing_instruction",
        "The answer has a processing instruction, which is never read.",
    ),
    broken("saml.xml_limit", "The answer is larger or more deeply nested than allowed[: {expected}]."),
    broken("saml.encoding_unsupported", "The answer is not written in UTF-8."),
    broken("saml.duplicate_id", "Two elements of the answer have one ID."),
    broken("saml.id_invalid", "An ID of the answer cannot be used."),
    broken("saml.id_missing", "An element of the answer has no ID."),
    broken("saml.unexpected_root", "The message is no {expected}[ but {actual}]."),
    broken("saml.version_unsupported", "The message is not of SAML 2.0[ but {actual}]."),
    broken("saml.time_invalid", "A time of the message cannot be read[: {actual}]."),
    broken("saml.schema_violation", "An element stands where the standard has none[: {actual}]."),
    broken("saml.status_missing", "The response does not say whether the sign-in succeeded."),
    broken("saml.signature_misplaced", "A signature stands where none belongs[: in {actual}]."),
    broken("saml.assertion_misplaced", "An assertion stands where none belongs[: in {actual}]."),
    broken("saml.assertion_count", "The response has not exactly one assertion[ but {actual}]."),
    broken("saml.signature_count", "An element has more than one signature."),
    broken("saml.signature_shape", "A signature does not have the form that the standard asks for."),
    broken("saml.reference_count", "A signature does not cover exactly one element."),
    broken("saml.reference_uri", "A signature covers another element than the one it stands in."),
    broken("saml.reference_target", "A signature covers an element that is not there once."),
    broken(
        "saml.transform_not_allowed",
        "A signature changes what it covers in a way that is not allowed[: {actual}].",
    ),
    broken("saml.c14n_not_allowed", "A signature uses a canonical form that is not allowed[: {actual}]."),
    broken(
        "saml.bearer_missing",
        "The assertion cannot be used by a browser: it has no bearer confirmation[ but {actual}].",
    ),
    broken("saml.confirmation_expiry_missing", "The assertion does not say how long it may be used."),
    broken(
        "saml.condition_unknown",
        "The assertion has a condition that nobody here understands[: {actual}].",
    ),
    broken("saml.authn_statement_missing", "The assertion does not say that anybody authenticated."),
    broken("saml.attribute_invalid", "An attribute has no usable name or value[: {actual}]."),
    broken("saml.artifact_invalid", "The artifact of the answer cannot be used."),
    broken("saml.artifact_source_mismatch", "The artifact was made by another identity provider."),
    broken("saml.soap_fault", "The identity provider did not hand out its answer[: {actual}]."),
    broken("saml.logout_expired", "The logout message has expired[: expected {expected}]."),
    own(
        "saml.text_trimmed",
        IdentityProvider,
        Note,
        "White space around a name was left out[: {field}].",
        "In {idp}, remove the white space at the ends, where the value was pasted.",
    ),
    own(
        "saml.clock_skew_large",
        Host,
        Warning,
        "The allowed difference of clocks is {actual} seconds, which lets old answers in for long.",
        "Set the clocks, then allow 180 seconds in the policy of the connection.",
    ),
    own(
        "saml.issued_in_future",
        IdentityProvider,
        Warning,
        "The {field} was made in the future[: at {actual}][, and it is {expected} here].",
        "Set {clock}.",
    ),
    own(
        "saml.confirmation_not_before",
        IdentityProvider,
        Note,
        "The assertion says from when on it may be used, which the standard does not have at that place. It was checked.",
        "Nothing needs to be changed.",
    ),
    own(
        "saml.time_without_zone",
        IdentityProvider,
        Note,
        "A time names no zone and was read as UTC[: {field}].",
        "Nothing needs to be changed: SAML means UTC.",
    ),
    own(
        "saml.relay_state_long",
        IdentityProvider,
        Note,
        "The RelayState is longer than the standard allows[: {actual}].",
        "Nothing needs to be changed: it was read.",
    ),
];

const fn broken(code: &'static str, message: &'static str) -> Entry {
    own(
        code,
        IdentityProvider,
        Error,
        message,
        "Sign in again. If it stays, something between {idp} and here changes or misreads the message: send the flow record to whoever runs the product.",
    )
}
