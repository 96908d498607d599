//! The sign-in of a person.

use super::context::SignInContext;
use super::evaluate::{Evaluated, Mode, evaluate};
use super::record::{Recorded, record};
use super::validation::{Failed, Passed, Validation};
#[cfg(feature = "saml")]
use crate::claims::Claims;
use crate::connection::diagnosis::{Diagnosis, Evidence, Occasion, diagnose_all};
use crate::connection::flow_record::{FlowOutcome, FlowRecord};
use crate::connection::preset::Protocol;
#[cfg(feature = "saml")]
use crate::crypto::{Fingerprint, SignatureAlgorithm};
use crate::groups::Plan;
use crate::note::Note;
#[cfg(feature = "oidc")]
use crate::oidc;
use crate::profile::{IdentityKey, Profile, Resolution};
#[cfg(feature = "saml")]
use crate::saml;
#[cfg(feature = "saml")]
use crate::saml::metadata::sp::SpConfig;
#[cfg(feature = "saml")]
use crate::saml::web_sso;
use crate::time::Timestamp;

/// What a sign-in comes to.
#[derive(Clone, Debug)]
#[must_use]
pub struct Judgement {
    /// Why the person may not come in; `None` where they may.
    pub refused: Option<Box<Diagnosis>>,
    /// Whose account it is.
    pub identity: Option<IdentityKey>,
    /// The profile.
    pub profile: Option<Profile>,
    /// What to do about the account, where candidates were given.
    pub resolution: Option<Resolution>,
    /// The membership changes, where groups come from sign-in.
    pub plan: Option<Plan>,
    /// Everything that was noticed, causes first, for administrators.
    pub diagnoses: Vec<Diagnosis>,
    /// What to keep for support.
    pub record: FlowRecord,
}

impl Judgement {
    /// What the person is told where they may not come in.
    #[must_use]
    pub fn for_user(&self) -> Option<String> {
        self.refused.as_ref().map(|refused| refused.for_user(&self.record.reference))
    }
}

/// Judges the outcome of a SAML sign-in for this connection: who it is, which account, which groups, or why not.
///
/// `login` is what [`finish`](web_sso::finish) gave for the form field. Nothing is changed here: the host stores the
/// replay token before, and applies account and plan after.
#[cfg(feature = "saml")]
pub fn judge_saml(
    login: Result<&saml::ValidAssertion, &saml::Error>,
    sp: &SpConfig,
    pending: Option<&web_sso::Pending>,
    form_field: &str,
    context: &SignInContext<'_>,
    now: Timestamp,
) -> Judgement {
    let verified =
        login.map(|login| (login.claims(), login.notes(), login.signed_by(), login.signature_algorithm()));
    let validation = saml_validation(verified, sp, form_field, context);
    judge(&validation, (Protocol::Saml, pending.map(web_sso::Pending::request_id)), context, now)
}

/// An OpenID Connect sign-in as far as it came.
#[cfg(feature = "oidc")]
#[derive(Clone, Copy, Debug)]
pub struct OidcLogin<'a> {
    /// The validated ID token, with UserInfo where it was fetched, or the error of the step that failed.
    pub outcome: Result<&'a oidc::id_token::ValidIdToken, &'a oidc::Error>,
    /// What the steps before noticed: keys, tokens.
    pub notes: &'a [Note],
}

/// Judges the outcome of an OpenID Connect sign-in for this connection.
#[cfg(feature = "oidc")]
pub fn judge_oidc(login: OidcLogin<'_>, context: &SignInContext<'_>, now: Timestamp) -> Judgement {
    judge(&oidc_validation(login, context), (Protocol::Oidc, None), context, now)
}

fn judge(
    validation: &Validation<'_>,
    (protocol, request_id): (Protocol, Option<&str>),
    context: &SignInContext<'_>,
    now: Timestamp,
) -> Judgement {
    let evaluated = evaluate(validation, context, None, Mode::SignIn, now);
    let refused = evaluated.failure().map(|failure| {
        let code = failure.code.clone();
        let diagnoses = diagnose_all(vec![failure.clone()], context.connection, Occasion::SignIn, now);
        let worded = diagnoses.into_iter().find(|diagnosis| diagnosis.code == code);
        Box::new(worded.unwrap_or_else(|| Diagnosis::of(failure, context.connection.preset())))
    });
    let outcome = if refused.is_some() { FlowOutcome::Refused } else { FlowOutcome::SignedIn };
    let holds_values = context.recording.holds_values(now);
    let recorded = Recorded { protocol, request_id, holds_values, outcome, at: now };
    let record = record(validation, &evaluated, context, &recorded);
    let found = evaluated.found.iter().map(|(_, evidence)| evidence.clone()).collect();
    let diagnoses = diagnose_all(found, context.connection, Occasion::SignIn, now);
    let Evaluated { identity, profile, resolution, grouped, .. } = evaluated;
    let plan = grouped.and_then(|grouped| grouped.plan).filter(|_| refused.is_none());
    Judgement { refused, identity, profile, resolution, plan, diagnoses, record }
}

#[cfg(feature = "saml")]
type Verified<'a> = (&'a Claims, &'a [Note], Fingerprint, SignatureAlgorithm);

#[cfg(feature = "saml")]
pub(super) fn saml_validation<'a>(
    login: Result<Verified<'a>, &saml::Error>,
    sp: &SpConfig,
    form_field: &str,
    context: &SignInContext<'_>,
) -> Validation<'a> {
    match login {
        Ok((claims, notes, signed_by, algorithm)) => Validation::Passed(Passed {
            claims,
            notes: notes.to_vec(),
            algorithms: vec![algorithm.to_string()],
            certificate: Some(signed_by.to_string()),
            audience: Some(sp.entity_id.clone()),
        }),
        Err(error) => {
            let mut evidence = Evidence::from(error);
            // B7: the other of our two names
            let is_identity_id = evidence.actual.as_deref() == Some(&context.urls.sp_entity_id);
            if evidence.code == "saml.audience_mismatch" && is_identity_id {
                evidence.hints.push("equals_entity_id".to_owned());
            }
            let peeked = web_sso::peek(form_field, &context.connection.policy().saml.limits).ok();
            let issuer = peeked.and_then(|peeked| peeked.unverified().issuer.clone());
            Validation::Failed(Failed { evidence, issuer })
        }
    }
}

#[cfg(feature = "oidc")]
pub(super) fn oidc_validation<'a>(login: OidcLogin<'a>, context: &SignInContext<'_>) -> Validation<'a> {
    match login.outcome {
        Ok(id) => Validation::Passed(Passed {
            claims: id.claims(),
            notes: [login.notes, id.notes()].concat(),
            algorithms: Vec::new(),
            certificate: None,
            audience: context.connection.client().map(|client| client.client_id.clone()),
        }),
        Err(error) => {
            let mut evidence = Evidence::from(error);
            if evidence.code == "oidc.redirect_uri_mismatch" && evidence.expected.is_none() {
                evidence.expected = Some(context.urls.callback_url.clone());
            }
            Validation::Failed(Failed::of(evidence))
        }
    }
}
