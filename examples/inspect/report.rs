//! The report of one case, with its members in the order of the format.

use std::collections::BTreeSet;

use admittance::claims::{ClaimValue, Claims};
use admittance::note::Note;
use admittance::oidc;
use admittance::oidc::id_token::ValidIdToken;
use admittance::oidc::logout::backchannel::ValidLogoutToken;
use admittance::profile::{GroupsState, MappingError, Profile};
use admittance::saml;
use admittance::saml::ValidAssertion;
use admittance::saml::bindings::Endpoint;
use admittance::saml::logout::{ValidLogoutRequest, ValidLogoutResponse};
use admittance::saml::metadata::idp::IdpConfig;
use admittance::time::Timestamp;
use serde::{Serialize, Serializer};

use super::explain::{explain, hint};

/// What was decided, and why.
#[derive(Serialize)]
pub struct Report {
    name: Option<String>,
    outcome: Outcome,
    #[serde(flatten)]
    identity: Option<Identity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idp: Option<IdpSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logout: Option<LogoutSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnoses: Option<Vec<Diagnosis>>,
}

/// The outcome in one word.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every rule passed.
    Accepted,
    /// A rule failed.
    Rejected,
    /// The case says nothing that could be decided.
    Unusable,
}

/// Who signed in.
#[derive(Serialize)]
pub(super) struct Identity {
    issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_index: Option<String>,
    attributes: Attributes,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<ProfileSummary>,
}

#[derive(Serialize)]
struct Subject {
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
}

/// Names and values in document order.
struct Attributes(Vec<(String, Vec<String>)>);

#[derive(Serialize)]
struct ProfileSummary {
    name: String,
    login: String,
    email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<String>>,
    groups_state: GroupsState,
}

/// The identity provider that metadata describes.
#[derive(Serialize)]
pub(super) struct IdpSummary {
    entity_id: Option<String>,
    sso: Vec<Service>,
    slo: Vec<Service>,
    certificates: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Timestamp>,
}

/// What a logout message says.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum LogoutSummary {
    Saml {
        message: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        name_id: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        session_indexes: Option<Vec<String>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<String>,
    },
    Oidc {
        #[serde(skip_serializing_if = "Option::is_none")]
        sub: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        sid: Option<String>,
        jti: String,
    },
}

#[derive(Serialize)]
struct Service {
    binding: &'static str,
    location: String,
}

/// The rule that failed, with its evidence.
#[derive(Serialize)]
pub(super) struct Failure {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<String>,
}

#[derive(Serialize)]
struct Diagnosis {
    code: String,
    severity: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<String>,
    remedy: &'static str,
}

impl Report {
    pub(super) fn signed_in(name: Option<String>, identity: Identity, notes: &[Note]) -> Self {
        Self { identity: Some(identity), ..Self::decided(name, Outcome::Accepted, notes) }
    }

    pub(super) fn metadata(name: Option<String>, idp: IdpSummary, notes: &[Note]) -> Self {
        Self { idp: Some(idp), ..Self::decided(name, Outcome::Accepted, notes) }
    }

    pub(super) fn logout(name: Option<String>, logout: LogoutSummary, notes: &[Note]) -> Self {
        Self { logout: Some(logout), ..Self::decided(name, Outcome::Accepted, notes) }
    }

    pub(super) fn rejected(name: Option<String>, failure: Failure, notes: &[Note]) -> Self {
        Self { error: Some(failure), ..Self::decided(name, Outcome::Rejected, notes) }
    }

    pub(super) fn unusable(name: Option<String>, failure: Failure) -> Self {
        let outcome = Outcome::Unusable;
        Self { name, outcome, identity: None, idp: None, logout: None, error: Some(failure), diagnoses: None }
    }

    fn decided(name: Option<String>, outcome: Outcome, notes: &[Note]) -> Self {
        // Metadata and response may both have noticed the same.
        let mut seen = BTreeSet::new();
        let notes = notes.iter().filter(|note| seen.insert((&note.code, &note.field)));
        let diagnoses = Some(notes.map(Diagnosis::of).collect());
        Self { name, outcome, identity: None, idp: None, logout: None, error: None, diagnoses }
    }

    /// The outcome.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Why the case was not accepted, in a line.
    pub fn reason(&self) -> String {
        self.error.as_ref().map(|error| format!("{}: {}", error.code, error.message)).unwrap_or_default()
    }
}

impl Identity {
    pub(super) fn new(login: &ValidAssertion, profile: Option<Profile>) -> Self {
        let session_index =
            login.authn_statements().iter().find_map(|statement| statement.session_index.clone());
        Self {
            issuer: login.issuer().to_owned(),
            subject: login
                .name_id()
                .map(|name_id| Subject { value: name_id.value.clone(), format: name_id.format.clone() }),
            session_index,
            attributes: Attributes::of(login.claims()),
            profile: profile.map(ProfileSummary::new),
        }
    }

    pub(super) fn of_id_token(id: &ValidIdToken, profile: Option<Profile>) -> Self {
        Self {
            issuer: id.issuer().to_owned(),
            subject: Some(Subject { value: id.subject().to_owned(), format: None }),
            session_index: id.sid().map(str::to_owned),
            attributes: Attributes::of(id.claims()),
            profile: profile.map(ProfileSummary::new),
        }
    }
}

impl Attributes {
    fn of(claims: &Claims) -> Self {
        let texts = |values: &[ClaimValue]| {
            values.iter().filter_map(ClaimValue::as_text).map(str::to_owned).collect()
        };
        Self(claims.claims().iter().map(|claim| (claim.name.clone(), texts(&claim.values))).collect())
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, values)| (name, values)))
    }
}

impl ProfileSummary {
    fn new(profile: Profile) -> Self {
        let groups_state = profile.groups.state();
        let groups = match groups_state {
            GroupsState::Empty | GroupsState::Values => {
                Some(profile.groups.names().iter().cloned().collect())
            }
            GroupsState::NotConfigured | GroupsState::Missing | GroupsState::Overage => None,
        };
        Self {
            name: profile.name,
            login: profile.login,
            email: profile.email.to_string(),
            groups,
            groups_state,
        }
    }
}

impl IdpSummary {
    pub(super) fn new(idp: &IdpConfig) -> Self {
        let certificates = idp.signing_keys().iter().filter_map(|key| key.certificate());
        Self {
            entity_id: idp.entity_id().map(str::to_owned),
            sso: idp.sso().iter().map(Service::of).collect(),
            slo: idp.slo().iter().map(Service::of).collect(),
            certificates: certificates
                .map(|certificate| hexadecimal(certificate.sha256().as_ref()))
                .collect(),
            valid_until: idp.valid_until(),
        }
    }
}

impl LogoutSummary {
    pub(super) fn of_request(request: &ValidLogoutRequest) -> Self {
        Self::Saml {
            message: "request",
            name_id: Some(request.name_id().value.clone()),
            session_indexes: Some(request.session_indexes().to_vec()),
            status: None,
        }
    }

    pub(super) fn of_response(response: &ValidLogoutResponse) -> Self {
        let status = response.status();
        let codes: Vec<&str> =
            std::iter::once(&status.code).chain(&status.sub_codes).map(String::as_str).collect();
        let status = Some(codes.join(", "));
        Self::Saml { message: "response", name_id: None, session_indexes: None, status }
    }

    pub(super) fn of_token(token: &ValidLogoutToken) -> Self {
        Self::Oidc {
            sub: token.subject().map(str::to_owned),
            sid: token.sid().map(str::to_owned),
            jti: token.replay().jti.clone(),
        }
    }
}

impl Service {
    fn of(endpoint: &Endpoint) -> Self {
        Self { binding: endpoint.binding.uri(), location: endpoint.location.clone() }
    }
}

impl Failure {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), expected: None, actual: None }
    }

    pub(super) fn of_saml(error: &saml::Error) -> Self {
        let hints = error.hints().iter().filter_map(|hint_found| hint(*hint_found));
        let message = std::iter::once(error.to_string()).chain(hints.map(str::to_owned)).collect::<Vec<_>>();
        Self {
            expected: error.expected(),
            actual: error.actual(),
            ..Self::new(error.code(), message.join("; "))
        }
    }

    pub(super) fn of_oidc(error: &oidc::Error) -> Self {
        Self {
            expected: error.expected(),
            actual: error.actual(),
            ..Self::new(error.code(), error.to_string())
        }
    }

    pub(super) fn of_mapping(error: &MappingError) -> Self {
        let failure = Self::new(error.code(), error.to_string());
        match error {
            MappingError::LoginMissing { expected, received }
            | MappingError::EmailMissing { expected, received } => {
                Self { expected: Some(expected.clone()), actual: Some(received.join(", ")), ..failure }
            }
            _ => failure,
        }
    }
}

impl Diagnosis {
    fn of(note: &Note) -> Self {
        let explanation = explain(&note.code);
        let message = match &note.field {
            Some(field) => format!("{} ({field})", explanation.message),
            None => explanation.message.to_owned(),
        };
        Self {
            code: note.code.clone(),
            severity: "warning",
            message,
            expected: note.expected.clone(),
            actual: note.actual.clone(),
            remedy: explanation.remedy,
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
