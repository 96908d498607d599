//! [`diagnose`]: from a record of a sign-in to diagnoses, causes first.

use url::Url;

use super::{Diagnosis, Evidence, Severity, rank};
use crate::connection::certificate_status::{self, Owner, signing_certificates};
use crate::connection::configuration::Connection;
use crate::connection::flow_record::FlowRecord;
use crate::connection::preset::Preset;
use crate::crypto::Certificate;
use crate::groups::{LoginPolicy, OnEmpty, OnMissing, OnOverage};
use crate::time::Timestamp;

/// Words what a record holds (connection rules §6), for a connection as it is now. Total: whatever the record says,
/// causes come before their effects, and one cause gives one error.
///
/// A record without values of claims gives the same diagnoses with less evidence.
#[must_use]
pub fn diagnose(record: &FlowRecord, connection: &Connection, now: Timestamp) -> Vec<Diagnosis> {
    diagnose_all(record.evidence(), connection, Occasion::of(record), now)
}

/// Words findings that belong to no connection, causes first: notes and errors of the layers below, as they are.
#[must_use]
pub fn word(found: impl IntoIterator<Item = Evidence>, preset: Option<Preset>) -> Vec<Diagnosis> {
    in_words(found.into_iter().collect(), &[], preset, Occasion::SignIn)
}

/// On which occasion something was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::connection) enum Occasion {
    SignIn,
    Test,
}

impl Occasion {
    fn of(record: &FlowRecord) -> Self {
        if record.is_test() { Self::Test } else { Self::SignIn }
    }
}

pub(in crate::connection) fn diagnose_all(
    mut found: Vec<Evidence>,
    connection: &Connection,
    occasion: Occasion,
    now: Timestamp,
) -> Vec<Diagnosis> {
    let certificates = signing_certificates(connection);
    for evidence in &mut found {
        let policy = &connection.policy().groups;
        evidence.hints.extend(groups_hint(evidence, policy).map(str::to_owned));
    }
    // What the sign-in has noticed itself names the certificate that was used
    for evidence in certificate_status::evidence(&certificates, Owner::IdentityProvider, now) {
        if !found.iter().any(|known| known.code == evidence.code) {
            found.push(evidence);
        }
    }
    in_words(found, &certificates, connection.preset(), occasion)
}

fn in_words(
    mut found: Vec<Evidence>,
    certificates: &[&Certificate],
    preset: Option<Preset>,
    occasion: Occasion,
) -> Vec<Diagnosis> {
    for evidence in &mut found {
        explain(evidence, certificates);
    }
    without_effects(&mut found);
    found.sort_by_key(|evidence| rank(&evidence.code));
    let mut seen: Vec<&Evidence> = Vec::new();
    let mut diagnoses = Vec::new();
    for evidence in &found {
        let same = |known: &&Evidence| {
            (&known.code, &known.field, &known.actual) == (&evidence.code, &evidence.field, &evidence.actual)
        };
        if seen.iter().any(same) {
            continue;
        }
        seen.push(evidence);
        let mut diagnosis = Diagnosis::of(evidence, preset);
        // A test applies no plan
        if occasion == Occasion::Test && diagnosis.code == "groups.mass_removal" {
            diagnosis.severity = Severity::Warning;
        }
        diagnoses.push(diagnosis);
    }
    diagnoses
}

/// Adds what can be computed from the evidence itself.
fn explain(evidence: &mut Evidence, certificates: &[&Certificate]) {
    let (expected, actual) = (evidence.expected.as_deref(), evidence.actual.as_deref());
    let hint = match (evidence.code.as_str(), expected, actual) {
        (code, Some(expected), Some(actual)) if CLOCKS.contains(&code) => {
            if evidence.field.is_none() {
                evidence.field = apart(expected, actual);
            }
            None
        }
        ("saml.issuer_mismatch", Some(expected), Some(actual)) if same_provider(expected, actual) => {
            Some("same_provider")
        }
        ("saml.signature_invalid", _, Some(actual)) if !certificates.is_empty() => {
            Some(key_hint(actual, certificates))
        }
        ("saml.idp_status", _, Some(actual)) => status_hint(actual),
        (code, Some(expected), Some(actual)) if ISSUERS.contains(&code) => issuer_hint(expected, actual),
        _ => None,
    };
    if let Some(hint) = hint
        && !evidence.hints.iter().any(|known| known == hint)
    {
        evidence.hints.push(hint.to_owned());
    }
}

/// D05–D07, D15: what the policy makes of a claim without names.
fn groups_hint(evidence: &Evidence, policy: &LoginPolicy) -> Option<&'static str> {
    let hint = match (evidence.code.as_str(), policy.on_missing, policy.on_empty, policy.on_overage) {
        ("groups.attribute_missing", OnMissing::Keep, ..) => "groups_kept",
        ("groups.attribute_missing", OnMissing::Clear, ..) => "groups_cleared",
        ("groups.attribute_missing", OnMissing::Deny, ..) => "groups_denied",
        ("groups.empty" | "groups.nested_suspected", _, OnEmpty::Keep, _) => "groups_kept",
        ("groups.empty" | "groups.nested_suspected", _, OnEmpty::Clear, _) => "groups_cleared",
        ("groups.empty" | "groups.nested_suspected", _, OnEmpty::Deny, _) => "groups_denied",
        ("groups.overage", .., OnOverage::Keep) => "groups_none_removed",
        ("groups.overage", .., OnOverage::Deny) => "groups_denied",
        _ => return None,
    };
    Some(hint)
}

/// D35: how far two times are apart.
fn apart(bound: &str, now: &str) -> Option<String> {
    let (bound, now) = (Timestamp::parse(bound).ok()?.at, Timestamp::parse(now).ok()?.at);
    let apart = now.duration_since(bound).or_else(|| bound.duration_since(now))?;
    Some(format!("The two are {} seconds apart.", apart.as_secs()))
}

/// D27: other applications of one tenant have other issuers at the same host.
fn same_provider(expected: &str, actual: &str) -> bool {
    let host = |text: &str| Url::parse(text).ok().and_then(|url| url.host_str().map(str::to_owned));
    expected != actual && host(expected).is_some_and(|expected| host(actual) == Some(expected))
}

/// D32: whether the key has come to the metadata since.
fn key_hint(fingerprint: &str, certificates: &[&Certificate]) -> &'static str {
    let known =
        certificates.iter().any(|certificate| fingerprint.contains(&certificate.sha256().to_string()));
    if known { "key_in_metadata" } else { "key_not_in_metadata" }
}

/// D38, by the codes that the identity provider gives.
fn status_hint(status: &str) -> Option<&'static str> {
    let hints = [
        ("status:InvalidNameIDPolicy", "name_id_policy"),
        ("status:RequestDenied", "request_denied"),
        ("status:AuthnFailed", "authn_failed"),
    ];
    hints.iter().find(|(code, _)| status.contains(code)).map(|(_, hint)| *hint)
}

/// D41: the usual mistakes with issuers.
fn issuer_hint(expected: &str, actual: &str) -> Option<&'static str> {
    let either = |holds: fn(&str) -> bool| holds(expected) || holds(actual);
    if either(|text| text.contains("-admin.okta")) {
        Some("okta_admin_domain")
    } else if expected.strip_suffix("/oauth2/default") == Some(actual)
        || actual.strip_suffix("/oauth2/default") == Some(expected)
    {
        Some("okta_default_server")
    } else if either(|text| text.contains("/common/") || text.contains("/organizations/")) {
        Some("entra_common")
    } else if expected.trim_end_matches('/') == actual.trim_end_matches('/') {
        Some("trailing_slash")
    } else {
        None
    }
}

/// One cause gives one error: what only follows from another finding is left out.
fn without_effects(found: &mut Vec<Evidence>) {
    let has = |found: &[Evidence], code: &str| found.iter().any(|evidence| evidence.code == code);
    // D24: with none of the Mapping names, every field is missing; the mapping's own error stands for all
    if has(found, "claims.namespaced_present") {
        found.retain(|evidence| evidence.failed || !MISSING.contains(&evidence.code.as_str()));
    }
    // D05–D07: what mapping has noticed is what the policy then refuses
    for code in CLAIM_STATES {
        let refused = found.iter().any(|evidence| evidence.failed && evidence.code == code);
        let mut same = found.iter_mut().filter(|evidence| evidence.code == code);
        let Some(noticed) = same.next() else { continue };
        noticed.failed |= refused;
        let mut seen = false;
        found.retain(|evidence| evidence.code != code || !std::mem::replace(&mut seen, true));
    }
    // D15 says why the claim is empty, and is as bad
    let empty_refused = found.iter().any(|evidence| evidence.failed && evidence.code == "groups.empty");
    if let Some(nested) = found.iter_mut().find(|evidence| evidence.code == "groups.nested_suspected") {
        nested.failed |= empty_refused;
        found.retain(|evidence| evidence.code != "groups.empty");
    }
    // Where no name was sent, it is clear why none leads anywhere
    if CLAIM_STATES.iter().chain(&["groups.nested_suspected"]).any(|code| has(found, code)) {
        found.retain(|evidence| evidence.code != "groups.no_organization");
    }
}

const CLAIM_STATES: [&str; 3] = ["groups.attribute_missing", "groups.empty", "groups.overage"];

const MISSING: [&str; 4] =
    ["claims.login_missing", "claims.email_missing", "claims.name_missing", "groups.attribute_missing"];

/// D35.
const CLOCKS: [&str; 7] = [
    "saml.not_yet_valid",
    "saml.assertion_expired",
    "saml.confirmation_expired",
    "saml.confirmation_not_yet_valid",
    "oidc.token_expired",
    "oidc.token_not_yet_valid",
    "oidc.issued_in_future",
];

const ISSUERS: [&str; 3] =
    ["oidc.discovery_issuer_mismatch", "oidc.issuer_mismatch", "oidc.callback_issuer_mismatch"];
