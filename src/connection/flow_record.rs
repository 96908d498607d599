//! [`FlowRecord`]: one sign-in as support sees it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::configuration::Connection;
use super::diagnosis::Evidence;
use super::preset::Protocol;
use super::test_report::ClaimValues;
use crate::entropy::{Entropy, EntropyError};
use crate::id::ConnectionId;
use crate::profile::GroupsState;
use crate::time::Timestamp;

/// What happened at one sign-in, step by step: for support, and for [`diagnose`](super::diagnose) at any later time.
///
/// It never holds a password, client secret, code, token, verifier, whole message, private key or cookie. Values of
/// claims are in it only after a test, or while an administrator has switched debugging on. Texts are cut at 256
/// characters, and the whole is at most 64 KiB of JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlowRecord {
    /// What the person is shown, to find this record by.
    pub reference: String,
    /// The connection.
    pub connection: ConnectionId,
    /// Its version at that time.
    pub version: u64,
    /// How.
    pub protocol: Protocol,
    /// When.
    pub at: Timestamp,
    /// What was looked at, in order, and what was found.
    pub steps: Vec<FlowStep>,
    /// The request that was open.
    pub request_id: Option<String>,
    /// Who answered, as the message says.
    pub issuer: Option<String>,
    /// Whom the answer was for.
    pub audience: Option<String>,
    /// Algorithms of the signature.
    pub algorithms: Vec<String>,
    /// The certificate or key that signed.
    pub certificate_sha256: Option<String>,
    /// Names of the claims.
    pub claim_names: Vec<String>,
    /// Their values, in a test or while debugging.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim_values: Option<ClaimValues>,
    /// What was said about groups.
    pub groups_state: Option<GroupsState>,
    /// How much the plan changes.
    pub plan_summary: Option<PlanCounts>,
    /// How it ended.
    pub outcome: FlowOutcome,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FlowStep {
    /// What: `response`, `mapping/email`, `groups`.
    pub name: String,
    /// Whether the sign-in went on.
    pub ok: bool,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What would have passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

/// How much a plan changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlanCounts {
    /// Memberships that are added.
    pub add: usize,
    /// Memberships that are removed.
    pub remove: usize,
    /// Removals that wait for a confirmation.
    pub withheld: usize,
    /// Organizations that the person is in afterwards.
    pub organizations: usize,
}

/// How a sign-in ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowOutcome {
    /// The person came in.
    SignedIn,
    /// The person did not.
    Refused,
    /// A test without findings.
    TestOk,
    /// A test with warnings.
    TestWarnings,
    /// A test with errors.
    TestFailed,
}

/// A new reference to show to a person: ten letters and digits that are hard to confuse, 50 bits.
///
/// # Errors
/// [`EntropyError`] of the source.
pub fn flow_reference(entropy: &mut dyn Entropy) -> Result<String, EntropyError> {
    let mut random = [0; 10];
    entropy.fill(&mut random)?;
    let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from);
    Ok(random.iter().filter_map(letter).collect())
}

impl FlowRecord {
    /// Whether it was a test.
    #[must_use]
    pub fn is_test(&self) -> bool {
        matches!(self.outcome, FlowOutcome::TestOk | FlowOutcome::TestWarnings | FlowOutcome::TestFailed)
    }

    /// A record of `connection` with nothing in it yet.
    pub(super) fn new(reference: &str, connection: &Connection, protocol: Protocol, at: Timestamp) -> Self {
        Self {
            reference: cut(reference),
            connection: connection.id().clone(),
            version: connection.version(),
            protocol,
            at,
            steps: Vec::new(),
            request_id: None,
            issuer: None,
            audience: None,
            algorithms: Vec::new(),
            certificate_sha256: None,
            claim_names: Vec::new(),
            claim_values: None,
            groups_state: None,
            plan_summary: None,
            outcome: FlowOutcome::Refused,
        }
    }

    /// The same within its bounds: texts are cut, and where it is still too large, values of claims go first, then
    /// names of claims, then the last of the steps.
    pub(super) fn bounded(mut self) -> Self {
        for text in [&mut self.request_id, &mut self.issuer, &mut self.audience].into_iter().flatten() {
            *text = cut(text);
        }
        for text in self.algorithms.iter_mut().chain(&mut self.claim_names) {
            *text = cut(text);
        }
        self.claim_values = self.claim_values.map(|values| {
            let cut_all = |values: &[String]| values.iter().map(|value| cut(value)).collect();
            ClaimValues::new(values.iter().map(|(name, values)| (cut(name), cut_all(values))).collect())
        });
        for step in &mut self.steps {
            step.name = cut(&step.name);
            for text in [&mut step.expected, &mut step.actual].into_iter().flatten() {
                *text = cut(text);
            }
        }
        if self.is_too_large() {
            self.claim_values = None;
        }
        while self.is_too_large() && !self.claim_names.is_empty() {
            self.claim_names.truncate(self.claim_names.len() / 2);
        }
        while self.is_too_large() && !self.steps.is_empty() {
            self.steps.truncate(self.steps.len() / 2);
        }
        self
    }

    fn is_too_large(&self) -> bool {
        serde_json::to_vec(self).map_or(true, |json| json.len() > MAX_BYTES)
    }

    /// What was found, out of the steps.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let mut found: Vec<Evidence> = Vec::new();
        for step in &self.steps {
            let Some(code) = &step.code else { continue };
            if step.name == HINT {
                if let Some(last) = found.last_mut() {
                    last.hints.push(code.clone());
                }
                continue;
            }
            found.push(Evidence {
                code: code.clone(),
                failed: !step.ok,
                field: step.name.split_once('/').map(|(_, field)| field.to_owned()),
                expected: step.expected.clone(),
                actual: step.actual.clone(),
                hints: Vec::new(),
            });
        }
        found
    }
}

impl FlowStep {
    /// Something that was looked at and is as it should be.
    pub(super) fn passed(name: &str, actual: Option<String>) -> Self {
        Self { name: name.to_owned(), ok: true, code: None, expected: None, actual }
    }

    /// A finding, and a step for each hint.
    pub(super) fn found(stage: &str, evidence: &Evidence) -> Vec<Self> {
        let name = match &evidence.field {
            Some(field) => format!("{stage}/{field}"),
            None => stage.to_owned(),
        };
        let step = Self {
            name,
            ok: !evidence.failed,
            code: Some(evidence.code.clone()),
            expected: evidence.expected.clone(),
            actual: evidence.actual.clone(),
        };
        let hint = |code: &String| Self {
            name: HINT.to_owned(),
            ok: true,
            code: Some(code.clone()),
            expected: None,
            actual: None,
        };
        std::iter::once(step).chain(evidence.hints.iter().map(hint)).collect()
    }
}

impl fmt::Display for FlowOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignedIn => "signed in",
            Self::Refused => "refused",
            Self::TestOk => "test passed",
            Self::TestWarnings => "test passed with warnings",
            Self::TestFailed => "test failed",
        })
    }
}

/// The first 256 characters.
fn cut(text: &str) -> String {
    text.chars().take(MAX_CHARACTERS).collect()
}

/// The step that holds what may explain the finding before it.
const HINT: &str = "hint";

const MAX_CHARACTERS: usize = 256;
const MAX_BYTES: usize = 64 * 1024;

/// Without I, L, O and U (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
