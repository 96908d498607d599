//! One case of the case format: JSON in, the library's decision out. `inspect` and the tests of the crate share
//! this file, so that examples, vectors and corpora run one piece of code.

mod explain;
mod oidc;
mod private_jwk;
mod report;

use std::sync::Arc;

use admittance::claims::Claims;
use admittance::crypto::{Certificate, DecryptionKey, PrivateKeyError, TrustedKeys};
use admittance::endpoint::UrlPolicy;
use admittance::limits::Limits;
use admittance::note::Note;
use admittance::profile::{self, AttributeNames, Mapping, Profile};
use admittance::saml::bindings::{Binding, Endpoint, Incoming, MessageKind};
use admittance::saml::logout::{self, PendingLogout};
use admittance::saml::metadata::idp::{
    self, EntityChoice, IdpConfig, IdpIssuer, ManualIdp, MetadataTrust, ParseOptions,
};
use admittance::saml::metadata::sp::SpConfig;
use admittance::saml::web_sso::{self, Cbc, IdpInitiated, Pending, Policy, Rsa15, Signed, WeakSignatures};
use admittance::saml::{self, ValidAssertion};
use admittance::time::{Skew, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub use report::{Outcome, Report};

use report::{Failure, Identity, IdpSummary, LogoutSummary};

/// Bytes of the longest case that is read: one message and the metadata around it stay far below.
pub const LONGEST_CASE: u64 = 64 * 1024 * 1024;

/// Decides a case; the report as a JSON value. Members of objects are not in order here, those of [`Report`] are.
pub fn decide(case: &Value) -> Value {
    serde_json::to_value(Report::of_case(case)).unwrap_or_default()
}

impl Report {
    /// Decides a case in JSON text.
    pub fn of_text(text: &[u8]) -> Self {
        if text.len() as u64 > LONGEST_CASE {
            let message = format!("the case has more than {LONGEST_CASE} bytes");
            return Self::unusable(None, Failure::new("case.too_long", message));
        }
        match serde_json::from_slice::<Value>(text) {
            Ok(case) => Self::of_case(&case),
            Err(error) => Self::unusable(None, Failure::new("case.not_json", error.to_string())),
        }
    }

    /// Decides a case.
    pub fn of_case(case: &Value) -> Self {
        let name = case.get("name").and_then(Value::as_str).map(str::to_owned);
        let mut notes = Vec::new();
        match decide_kind(case, &mut notes) {
            Ok(Decision::SignedIn(identity)) => Self::signed_in(name, *identity, &notes),
            Ok(Decision::Metadata(idp)) => Self::metadata(name, idp, &notes),
            Ok(Decision::Logout(logout)) => Self::logout(name, logout, &notes),
            Err(Refusal::Rejected(failure)) => Self::rejected(name, failure, &notes),
            Err(Refusal::Unusable(failure)) => Self::unusable(name, failure),
        }
    }
}

/// Everything that decides a sign-in.
pub struct SignIn {
    pub sp: SpConfig,
    pub idp: IdpConfig,
    pub pending: Option<Pending>,
    pub policy: Policy,
    pub now: Timestamp,
    pub response: String,
}

impl SignIn {
    /// The sign-in of a case; `None` where the case is unusable or of another kind, or where its metadata is refused.
    #[allow(dead_code, reason = "benches build on it, tests do not")]
    pub fn of_case(case: &Value) -> Option<Self> {
        let members = case.as_object().filter(|_| case["kind"] == "saml_response")?;
        Self::new(typed(members).ok()?, &mut Vec::new()).ok()
    }

    /// Judges the response.
    pub fn finish(&self) -> Result<ValidAssertion, saml::Error> {
        let Self { sp, idp, pending, policy, now, response } = self;
        web_sso::finish(sp, idp, pending.as_ref(), response, policy, *now)
    }

    fn new(case: SamlResponse, notes: &mut Vec<Note>) -> Result<Self, Refusal> {
        let sp = case.sp.config()?;
        let (idp, found) = case.idp.config(case.now)?;
        notes.extend(found);
        let pending = case.request_id.map(|id| pending(&id, &sp, &idp, case.now)).transpose()?;
        let policy = case.policy.unwrap_or_default().policy();
        Ok(Self { sp, idp, pending, policy, now: case.now, response: case.response })
    }
}

enum Decision {
    SignedIn(Box<Identity>),
    Metadata(IdpSummary),
    Logout(LogoutSummary),
}

/// Who is at fault: what the case describes, or the case.
enum Refusal {
    Rejected(Failure),
    Unusable(Failure),
}

fn decide_kind(case: &Value, notes: &mut Vec<Note>) -> Result<Decision, Refusal> {
    let members = case.as_object().ok_or_else(|| unusable("case.invalid", "a case is a JSON object"))?;
    let kind = members.get("kind").ok_or_else(|| unusable("case.invalid", "missing field `kind`"))?;
    match kind.as_str().unwrap_or_default() {
        "saml_response" => saml_response(typed(members)?, notes),
        "idp_metadata" => idp_metadata(&typed(members)?, notes),
        "saml_logout" => saml_logout(typed(members)?, notes),
        "oidc_login" => oidc::login(typed(members)?, notes),
        "oidc_backchannel_logout" => oidc::backchannel_logout(typed(members)?, notes),
        _ => Err(unusable("case.kind_unknown", format!("no such kind of case: {kind}"))),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SamlResponse {
    #[serde(rename = "name")]
    _name: String,
    now: Timestamp,
    sp: Sp,
    idp: Idp,
    request_id: Option<String>,
    policy: Option<PolicyMembers>,
    mapping: Option<MappingMembers>,
    response: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sp {
    entity_id: String,
    acs_url: String,
    decryption_keys: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SamlLogout {
    #[serde(rename = "name")]
    _name: String,
    now: Timestamp,
    sp: LogoutSp,
    idp: Idp,
    policy: Option<PolicyMembers>,
    request_id: Option<String>,
    message: LogoutMessage,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LogoutSp {
    entity_id: String,
    slo_url: String,
    decryption_keys: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum LogoutMessage {
    Redirect(String),
    Post(Map<String, Value>),
}

/// By metadata, where `entity_id` picks one of several entities, or by hand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Idp {
    metadata: Option<String>,
    entity_id: Option<String>,
    sso_url: Option<String>,
    certificates: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyMembers {
    idp_initiated: Option<IdpInitiated>,
    signed: Option<Signed>,
    clock_skew_seconds: Option<Skew>,
    allow_sha1: Option<bool>,
    allow_rsa_1_5: Option<bool>,
    allow_cbc: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingMembers {
    name: String,
    login: String,
    email: String,
    groups: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IdpMetadata {
    #[serde(rename = "name")]
    _name: String,
    now: Timestamp,
    metadata: String,
    entity_id: Option<String>,
    trusted_certificates: Option<Vec<String>>,
}

fn saml_response(case: SamlResponse, notes: &mut Vec<Note>) -> Result<Decision, Refusal> {
    let mapping = case.mapping.as_ref().map(MappingMembers::mapping);
    let login = SignIn::new(case, notes)?.finish()?;
    notes.extend_from_slice(login.notes());
    let profile = mapping.map(|mapping| profile(&mapping, login.claims(), notes)).transpose()?;
    Ok(Decision::SignedIn(Box::new(Identity::new(&login, profile))))
}

fn idp_metadata(case: &IdpMetadata, notes: &mut Vec<Note>) -> Result<Decision, Refusal> {
    let trust = case.trusted_certificates.as_deref().map(trusted_keys).transpose()?;
    let trust = trust.map_or(MetadataTrust::NotChecked, MetadataTrust::Keys);
    let options = parse_options(case.entity_id.as_deref(), trust);
    let (idp, found) = idp::parse(case.metadata.as_bytes(), &options, case.now)?;
    notes.extend(found);
    Ok(Decision::Metadata(IdpSummary::new(&idp)))
}

fn saml_logout(case: SamlLogout, notes: &mut Vec<Note>) -> Result<Decision, Refusal> {
    let sp = case.sp.config()?;
    let (idp, idp_notes) = case.idp.config(case.now)?;
    notes.extend(idp_notes);
    let policy = case.policy.unwrap_or_default().policy();
    let fields = case.message.fields()?;
    let incoming = match &case.message {
        LogoutMessage::Redirect(query) => Incoming::Redirect { query: query.trim_start_matches('?') },
        LogoutMessage::Post(_) => Incoming::Post { fields: &fields },
    };
    match logout::peek(incoming, &policy)?.unverified().kind {
        MessageKind::Request => {
            let request = logout::validate_request(&sp, &idp, incoming, &policy, case.now)?;
            notes.extend_from_slice(request.notes());
            Ok(Decision::Logout(LogoutSummary::of_request(&request)))
        }
        MessageKind::Response => {
            let pending = case.request_id.map(|id| pending_logout(&id, &idp, case.now)).transpose()?;
            let response =
                logout::validate_response(&sp, &idp, pending.as_ref(), incoming, &policy, case.now)?;
            notes.extend_from_slice(response.notes());
            Ok(Decision::Logout(LogoutSummary::of_response(&response)))
        }
    }
}

impl LogoutSp {
    fn config(self) -> Result<SpConfig, Refusal> {
        let Self { entity_id, slo_url, decryption_keys } = self;
        // A logout needs no address for sign-ins; a service provider has one.
        let mut sp = Sp { entity_id, acs_url: slo_url.clone(), decryption_keys }.config()?;
        sp.slo = [Binding::HttpRedirect, Binding::HttpPost]
            .map(|binding| Endpoint { binding, location: slo_url.clone(), response_location: None })
            .to_vec();
        sp.check()?;
        Ok(sp)
    }
}

impl LogoutMessage {
    /// The fields of the form, none for a redirect.
    fn fields(&self) -> Result<Vec<(String, String)>, Refusal> {
        let Self::Post(fields) = self else { return Ok(Vec::new()) };
        let text = |(name, value): (&String, &Value)| match (name.as_str(), value) {
            ("SAMLRequest" | "SAMLResponse" | "RelayState", Value::String(text)) => {
                Some(Ok((name.clone(), text.clone())))
            }
            (_, Value::Null) => None,
            _ => Some(Err(unusable(
                "case.invalid",
                format!("`post` has no member `{name}`, or it is no text"),
            ))),
        };
        fields.iter().filter_map(text).collect()
    }
}

impl Sp {
    fn config(self) -> Result<SpConfig, Refusal> {
        let mut sp = SpConfig::new(self.entity_id, self.acs_url);
        for key in self.decryption_keys.iter().flatten() {
            match DecryptionKey::from_pem(key.as_bytes()) {
                Ok(key) => sp = sp.with_decrypter(Arc::new(key)),
                // The format allows to refuse short keys: what was encrypted to one is then not decrypted.
                Err(PrivateKeyError::RsaSize { .. }) => {}
                Err(error) => {
                    return Err(unusable("case.key_unreadable", format!("a decryption key: {error}")));
                }
            }
        }
        sp.urls = UrlPolicy::DangerAnyHttp;
        sp.check()?;
        Ok(sp)
    }
}

impl Idp {
    fn config(&self, now: Timestamp) -> Result<(IdpConfig, Vec<Note>), Refusal> {
        match (&self.metadata, &self.entity_id, &self.sso_url, &self.certificates) {
            (Some(metadata), entity_id, None, None) => {
                let options = parse_options(entity_id.as_deref(), MetadataTrust::NotChecked);
                Ok(idp::parse(metadata.as_bytes(), &options, now)?)
            }
            (None, Some(entity_id), Some(sso_url), Some(certificates)) => {
                manual_idp(entity_id, sso_url, certificates, now)
            }
            _ => Err(unusable(
                "case.invalid",
                "`idp` is {metadata}, {metadata, entity_id} or {entity_id, sso_url, certificates}",
            )),
        }
    }
}

fn manual_idp(
    entity_id: &str,
    sso_url: &str,
    certificates: &[String],
    now: Timestamp,
) -> Result<(IdpConfig, Vec<Note>), Refusal> {
    let certificates: Vec<&[u8]> = certificates.iter().map(String::as_bytes).collect();
    let idp = ManualIdp {
        issuer: IdpIssuer::Pinned(entity_id.to_owned()),
        sso_url,
        sso_binding: Binding::HttpRedirect,
        certificates: &certificates,
    };
    Ok(IdpConfig::manual(&idp, UrlPolicy::DangerAnyHttp, &Limits::default(), now)?)
}

fn parse_options(entity_id: Option<&str>, trust: MetadataTrust) -> ParseOptions {
    let mut options = ParseOptions::default();
    options.entity = entity_id.map_or(EntityChoice::Only, |id| EntityChoice::Named(id.to_owned()));
    options.trust = trust;
    options.urls = UrlPolicy::DangerAnyHttp;
    options
}

fn trusted_keys(certificates: &[String]) -> Result<TrustedKeys, Refusal> {
    let certificates: Result<Vec<_>, _> =
        certificates.iter().map(|text| Certificate::parse(text.as_bytes())).collect();
    let certificates = certificates.map_err(|error| unusable(error.code(), error.to_string()))?;
    TrustedKeys::new(certificates.into_iter().map(Into::into))
        .map_err(|error| unusable(error.code(), error.to_string()))
}

/// A request of ours as if it had been made at this very time: what a host would have stored.
fn pending(id: &str, sp: &SpConfig, idp: &IdpConfig, now: Timestamp) -> Result<Pending, Refusal> {
    let stored = json!({
        "version": 1,
        "request_id": id,
        "issued_at": now,
        "acs_url": sp.acs_urls().next(),
        "idp_entity_id": idp.entity_id(),
    });
    typed_value(stored)
}

/// A logout request of ours as if it had been made at this very time.
fn pending_logout(id: &str, idp: &IdpConfig, now: Timestamp) -> Result<PendingLogout, Refusal> {
    let idp_entity_id = idp.entity_id();
    typed_value(json!({ "version": 1, "request_id": id, "issued_at": now, "idp_entity_id": idp_entity_id }))
}

impl PolicyMembers {
    fn policy(self) -> Policy {
        let mut policy = Policy::new();
        policy.idp_initiated = self.idp_initiated.unwrap_or(policy.idp_initiated);
        policy.signed = self.signed.unwrap_or(policy.signed);
        policy.clock_skew = self.clock_skew_seconds.unwrap_or(policy.clock_skew);
        if self.allow_sha1 == Some(true) {
            policy.weak_signatures = WeakSignatures::DangerAllow;
        }
        if self.allow_rsa_1_5 == Some(true) {
            policy.rsa_1_5 = Rsa15::DangerAllow;
        }
        if self.allow_cbc == Some(false) {
            policy.cbc = Cbc::Refuse;
        }
        policy
    }
}

impl MappingMembers {
    fn mapping(&self) -> Mapping {
        let Self { name, login, email, groups } = self;
        Mapping::exact(AttributeNames { name, login, email, groups })
    }
}

fn profile(mapping: &Mapping, claims: &Claims, notes: &mut Vec<Note>) -> Result<Profile, Refusal> {
    let (profile, found) = profile::map(mapping, claims);
    notes.extend(found);
    profile.map_err(|error| Refusal::Rejected(Failure::of_mapping(&error)))
}

/// The members of a case but `kind`, which has chosen the type.
fn typed<T: DeserializeOwned>(members: &Map<String, Value>) -> Result<T, Refusal> {
    let mut members = members.clone();
    members.remove("kind");
    typed_value(Value::Object(members))
}

fn typed_value<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| unusable("case.invalid", error.to_string()))
}

fn unusable(code: &str, message: impl Into<String>) -> Refusal {
    Refusal::Unusable(Failure::new(code, message))
}

impl From<saml::Error> for Refusal {
    fn from(error: saml::Error) -> Self {
        Self::Rejected(Failure::of_saml(&error))
    }
}
