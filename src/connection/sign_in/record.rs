//! A [`FlowRecord`] of what came of a sign-in.

use super::context::SignInContext;
use super::evaluate::{Evaluated, Stage};
use super::validation::{Passed, Validation};
use crate::claims::{ClaimValue, Claims};
use crate::connection::diagnosis::Evidence;
use crate::connection::flow_record::{FlowOutcome, FlowRecord, FlowStep, PlanCounts};
use crate::connection::preset::Protocol;
use crate::connection::test_report::ClaimValues;
use crate::crypto::Hmac;
use crate::encoding::base64url_encode;
use crate::time::Timestamp;

/// What a record is made of, beside the evaluation.
pub(super) struct Recorded<'a> {
    pub(super) protocol: Protocol,
    pub(super) request_id: Option<&'a str>,
    pub(super) holds_values: bool,
    pub(super) outcome: FlowOutcome,
    pub(super) at: Timestamp,
}

pub(super) fn record(
    validation: &Validation<'_>,
    evaluated: &Evaluated,
    context: &SignInContext<'_>,
    recorded: &Recorded<'_>,
) -> FlowRecord {
    let mut record = FlowRecord::new(context.reference, context.connection, recorded.protocol, recorded.at);
    record.request_id = recorded.request_id.map(str::to_owned);
    record.outcome = recorded.outcome;
    record.steps = steps(validation, evaluated, context, recorded.holds_values);
    match validation {
        Validation::Passed(passed) => fill(&mut record, passed, recorded.holds_values),
        Validation::Failed(failed) => {
            record.issuer.clone_from(&failed.issuer);
            record.audience = failed
                .evidence
                .actual
                .clone()
                .filter(|_| failed.evidence.code.ends_with("audience_mismatch"));
        }
    }
    record.groups_state = evaluated.profile.as_ref().map(|profile| profile.groups.state());
    record.plan_summary = evaluated.grouped.as_ref().map(|grouped| PlanCounts {
        add: grouped.summary.add.len(),
        remove: grouped.summary.remove.len(),
        withheld: grouped.withheld,
        organizations: grouped.summary.organizations.len(),
    });
    record.bounded()
}

/// Texts of every claim, JSON as text.
pub(super) fn claim_values(claims: &Claims) -> ClaimValues {
    let text = |value: &ClaimValue| match value {
        ClaimValue::Text(text) => text.clone(),
        ClaimValue::Json(json) => json.to_string(),
    };
    let entries = claims.claims().iter();
    ClaimValues::new(
        entries.map(|claim| (claim.name.clone(), claim.values.iter().map(text).collect())).collect(),
    )
}

fn fill(record: &mut FlowRecord, passed: &Passed<'_>, holds_values: bool) {
    record.issuer = Some(passed.claims.issuer().to_owned());
    record.audience.clone_from(&passed.audience);
    record.algorithms.clone_from(&passed.algorithms);
    record.certificate_sha256.clone_from(&passed.certificate);
    record.claim_names = passed.claims.claims().iter().map(|claim| claim.name.clone()).collect();
    record.claim_values = holds_values.then(|| claim_values(passed.claims));
}

fn steps(
    validation: &Validation<'_>,
    evaluated: &Evaluated,
    context: &SignInContext<'_>,
    holds_values: bool,
) -> Vec<FlowStep> {
    let mut steps = Vec::new();
    for stage in &evaluated.reached {
        let found = evaluated.found.iter().filter(|(of, _)| of == stage).map(|(_, evidence)| evidence);
        let mut failed = false;
        for evidence in found {
            failed |= evidence.failed;
            steps.extend(FlowStep::found(stage.as_str(), &kept(evidence, holds_values)));
        }
        if !failed {
            let actual = passed_text(*stage, validation, evaluated, context, holds_values);
            steps.push(FlowStep::passed(stage.as_str(), actual));
        }
    }
    let host = evaluated.found.iter().filter(|(stage, _)| *stage == Stage::Host);
    steps.extend(
        host.flat_map(|(stage, evidence)| FlowStep::found(stage.as_str(), &kept(evidence, holds_values))),
    );
    steps
}

fn kept(evidence: &Evidence, holds_values: bool) -> Evidence {
    if holds_values { evidence.clone() } else { evidence.clone().without_claim_values() }
}

/// What a stage says when it has passed: counts, and who the person is as a keyed hash.
fn passed_text(
    stage: Stage,
    validation: &Validation<'_>,
    evaluated: &Evaluated,
    context: &SignInContext<'_>,
    holds_values: bool,
) -> Option<String> {
    let Validation::Passed(passed) = validation else { return None };
    match stage {
        Stage::Identity if holds_values => Some(passed.claims.subject().value.clone()),
        Stage::Identity => Some(subject_hash(passed.claims, context)),
        Stage::Mapping => {
            let values: usize = passed.claims.claims().iter().map(|claim| claim.values.len()).sum();
            Some(format!("{} claims, {values} values", passed.claims.claims().len()))
        }
        Stage::Groups => {
            let profile = evaluated.profile.as_ref()?;
            Some(format!("{} names", profile.groups.names().len()))
        }
        Stage::Connection | Stage::Message | Stage::Account | Stage::Host => None,
    }
}

/// The same person gives the same hash at one connection, and nobody without the key finds out who it is.
fn subject_hash(claims: &Claims, context: &SignInContext<'_>) -> String {
    let parts = [context.connection.id().as_str(), claims.issuer(), &claims.subject().value];
    // Lengths in front, so that no two lists of parts are one message
    let message: Vec<u8> =
        parts.iter().flat_map(|part| [&part.len().to_be_bytes(), part.as_bytes()].concat()).collect();
    let tag = Hmac::Sha256.sign(context.recording.subject_key.expose().as_bytes(), &message);
    let short: Vec<u8> = tag.into_iter().take(16).collect();
    format!("hmac-sha256:{}", base64url_encode(&short))
}
