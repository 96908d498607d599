//! The test sign-in of an administrator.

use serde::{Deserialize, Serialize};

use super::context::SignInContext;
use super::evaluate::{Evaluated, Mode, evaluate};
use super::groups;
#[cfg(feature = "saml")]
use super::live::saml_validation;
#[cfg(feature = "oidc")]
use super::live::{OidcLogin, oidc_validation};
use super::record::{Recorded, claim_values, record};
use super::validation::Validation;
use crate::connection::certificate_status::{CertificateSummary, signing_certificates};
use crate::connection::configuration::{Connection, State};
use crate::connection::diagnosis::{Evidence, Occasion, diagnose_all};
use crate::connection::flow_record::{FlowOutcome, FlowRecord};
use crate::connection::lifecycle::Actor;
use crate::connection::preset::Protocol;
use crate::connection::setup_link::Task;
use crate::connection::test_report::{
    ClaimValues, GroupsSummary, PlanSummary, ProfileSummary, SubjectSummary, TestReport, TestStatus,
};
use crate::id::ConnectionId;
use crate::profile::GroupsState;
#[cfg(feature = "saml")]
use crate::saml::metadata::sp::SpConfig;
#[cfg(feature = "saml")]
use crate::saml::web_sso;
use crate::time::Timestamp;

/// A test that an administrator has begun: the host keeps it beside the pending sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRun {
    connection: ConnectionId,
    version: u64,
    begun_by: String,
}

/// A test whose answer has come.
#[derive(Clone, Copy, Debug)]
pub struct TestAnswer<'a> {
    /// The test, as it was begun.
    pub run: &'a TestRun,
    /// Who has come back with the answer.
    pub actor: &'a Actor,
}

impl TestRun {
    /// Begins a test. It works before the connection is enabled, and its answer is for this actor alone.
    #[must_use]
    pub fn begin(connection: &Connection, actor: &Actor) -> Self {
        Self {
            connection: connection.id().clone(),
            version: connection.version(),
            begun_by: actor.to_string(),
        }
    }

    /// Y3: the same connection as it was, and the same administrator.
    fn refuses(&self, connection: &Connection, actor: &Actor, now: Timestamp) -> Option<Evidence> {
        match actor {
            Actor::EnterpriseAdministrator { .. } => {}
            Actor::SetUpLink(grant) => {
                if let Err(refused) = grant.may(connection, Task::Sso, now) {
                    return refused.into_iter().next();
                }
            }
            Actor::Other { .. } | Actor::Host => {
                return Some(Evidence::failure("connection.not_administrator").actual(actor.to_string()));
            }
        }
        if actor.to_string() != self.begun_by {
            return Some(Evidence::failure("test.other_administrator").expected(&self.begun_by));
        }
        let is_gone = connection.state() == State::Deleted || self.connection != *connection.id();
        if is_gone || self.version != connection.version() {
            let stale = Evidence::failure("test.stale").expected(connection.version().to_string());
            return Some(stale.actual(self.version.to_string()));
        }
        None
    }
}

/// Judges the answer to a SAML test sign-in: one call from the form field `SAMLResponse` to the report. It changes no
/// account and no group, and signs nobody in.
///
/// Give the report to [`Command::RecordTest`](crate::connection::Command::RecordTest), keep the record, and show the
/// report to the administrator who began the test.
#[cfg(feature = "saml")]
#[must_use]
pub fn test_saml(
    test: TestAnswer<'_>,
    sp: &SpConfig,
    pending: Option<&web_sso::Pending>,
    form_field: &str,
    context: &SignInContext<'_>,
    now: Timestamp,
) -> (TestReport, FlowRecord) {
    let request_id = pending.map(web_sso::Pending::request_id);
    let policy = &context.connection.policy().saml;
    let judged = context
        .connection
        .provider()
        .and_then(|provider| provider.saml())
        .map(|idp| web_sso::finish_test(sp, idp, pending, form_field, policy, now));
    let validation = match &judged {
        Some(Ok(sign_in)) => saml_validation(
            Ok((sign_in.claims(), sign_in.notes(), sign_in.signed_by(), sign_in.signature_algorithm())),
            sp,
            form_field,
            context,
        ),
        Some(Err(error)) => saml_validation(Err(error), sp, form_field, context),
        None => Validation::Failed(super::validation::Failed::of(not_reached())),
    };
    report(&validation, test, (Protocol::Saml, request_id), context, now)
}

/// Judges an OpenID Connect test sign-in, as far as it came.
#[cfg(feature = "oidc")]
#[must_use]
pub fn test_oidc(
    test: TestAnswer<'_>,
    login: OidcLogin<'_>,
    context: &SignInContext<'_>,
    now: Timestamp,
) -> (TestReport, FlowRecord) {
    let validation = oidc_validation(login, context);
    report(&validation, test, (Protocol::Oidc, None), context, now)
}

#[cfg(feature = "saml")]
fn not_reached() -> Evidence {
    let missing = Evidence::failure("connection.incomplete").expected("step 2, Configure connection,");
    missing.field("the identity provider")
}

fn report(
    validation: &Validation<'_>,
    test: TestAnswer<'_>,
    (protocol, request_id): (Protocol, Option<&str>),
    context: &SignInContext<'_>,
    now: Timestamp,
) -> (TestReport, FlowRecord) {
    let connection = context.connection;
    let refused = test.run.refuses(connection, test.actor, now);
    // Whoever may not see the test sees nothing of it
    let may_see = refused.is_none();
    let evaluated = evaluate(validation, context, refused, Mode::Test, now);
    let found = evaluated.found.iter().map(|(_, evidence)| evidence.clone()).collect();
    let diagnoses = diagnose_all(found, connection, Occasion::Test, now);
    let status = TestStatus::of(&diagnoses);
    let outcome = match status {
        TestStatus::Ok => FlowOutcome::TestOk,
        TestStatus::Warnings => FlowOutcome::TestWarnings,
        TestStatus::Failed => FlowOutcome::TestFailed,
    };
    let recorded = Recorded { protocol, request_id, holds_values: may_see, outcome, at: now };
    let record = record(validation, &evaluated, context, &recorded);
    let passed = match validation {
        Validation::Passed(passed) if may_see => Some(passed),
        Validation::Passed(_) | Validation::Failed(_) => None,
    };
    let Evaluated { profile, grouped, .. } = evaluated;
    let claim = profile.as_ref().map(|profile| &profile.groups);
    let report = TestReport {
        status,
        tested_at: now,
        connection: connection.id().clone(),
        version: connection.version(),
        protocol,
        issuer: passed.map(|passed| passed.claims.issuer().to_owned()),
        subject: passed.map(|passed| {
            let subject = passed.claims.subject();
            SubjectSummary { value: subject.value.clone(), format: subject.format.clone() }
        }),
        claims: passed.map_or_else(ClaimValues::default, |passed| claim_values(passed.claims)),
        groups: claim
            .map_or_else(no_groups, |claim| groups::summary(claim, context.directory, context.names)),
        profile: profile.as_ref().map(|profile| ProfileSummary {
            name: profile.name.clone(),
            login: profile.login.clone(),
            email: profile.email.to_string(),
            groups: profile.groups.names().iter().cloned().collect(),
        }),
        plan: grouped.map_or_else(PlanSummary::default, |grouped| grouped.summary),
        certificates: signing_certificates(connection)
            .into_iter()
            .map(|certificate| CertificateSummary::of(certificate, now))
            .collect(),
        diagnoses,
    };
    (report, record)
}

/// Nothing was said about groups, because nothing was accepted.
fn no_groups() -> GroupsSummary {
    GroupsSummary { state: GroupsState::Missing, matched: Vec::new(), unmatched: Vec::new() }
}
