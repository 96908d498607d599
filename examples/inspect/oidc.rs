//! Cases of OpenID Connect: a sign-in from the callback to the profile, and a logout token.

use std::collections::BTreeSet;

use admittance::crypto::Secret;
use admittance::endpoint::UrlPolicy;
use admittance::jose::{self, Algorithms, Jwks};
use admittance::note::Note;
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::id_token::ValidIdToken;
use admittance::oidc::logout::backchannel;
use admittance::oidc::{
    self, Client, EntraTenants, IssuerPolicy, Message, Pending, Policy, Provider, authorization, discovery,
    id_token, token, userinfo,
};
use admittance::profile::Mapping;
use admittance::time::{Skew, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::report::{Failure, Identity, LogoutSummary};
use super::{Decision, MappingMembers, Refusal, private_jwk, profile, typed_value, unusable};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    #[serde(rename = "name")]
    _name: String,
    now: Timestamp,
    provider: Value,
    jwks: Value,
    client: ClientMembers,
    pending: PendingMembers,
    callback: String,
    token_response: HttpResponse,
    userinfo_response: Option<HttpResponse>,
    policy: Option<PolicyMembers>,
    mapping: Option<MappingMembers>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackchannelLogout {
    #[serde(rename = "name")]
    _name: String,
    now: Timestamp,
    provider: Value,
    jwks: Value,
    client: ClientMembers,
    policy: Option<PolicyMembers>,
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientMembers {
    client_id: String,
    client_secret: Option<String>,
    redirect_uri: Option<String>,
    decryption_jwks: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingMembers {
    state: String,
    nonce: String,
    code_verifier: String,
    max_age: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpResponse {
    status: u16,
    content_type: String,
    body: String,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyMembers {
    clock_skew_seconds: Option<Skew>,
    algs: Option<Algorithms>,
    trusted_audiences: Option<BTreeSet<String>>,
    issuer: Option<IssuerMember>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum IssuerMember {
    Exact,
    Google,
    EntraTenants(TenantsMember),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TenantsMember {
    Only(BTreeSet<String>),
    Any(Any),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Any {
    Any,
}

/// A sign-in as far as a host has it when the browser comes back, with the case's answers in the place of the network.
pub(super) struct SignIn {
    pub(super) provider: Provider,
    pub(super) client: Client,
    pub(super) mapping: Option<Mapping>,
    pub(super) now: Timestamp,
    pending: Pending,
    callback: String,
    jwks: Value,
    token_response: http::Response<Vec<u8>>,
    userinfo_response: Option<http::Response<Vec<u8>>>,
}

pub(super) fn login(case: Login, notes: &mut Vec<Note>) -> Result<Decision, Refusal> {
    let sign_in = SignIn::new(case, notes)?;
    let id = sign_in.finish(notes)?;
    notes.extend_from_slice(id.notes());
    let profile = sign_in.mapping.map(|mapping| profile(&mapping, id.claims(), notes)).transpose()?;
    Ok(Decision::SignedIn(Box::new(Identity::of_id_token(&id, profile))))
}

impl SignIn {
    pub(super) fn new(case: Login, notes: &mut Vec<Note>) -> Result<Self, Refusal> {
        let Some(redirect_uri) = &case.client.redirect_uri else {
            return Err(unusable("case.invalid", "missing field `redirect_uri`"));
        };
        let client = case.client.client(case.policy, redirect_uri)?;
        let provider = provider(&case.provider, &client, notes)?;
        Ok(Self {
            pending: case.pending.pending(&provider, &client, case.now)?,
            provider,
            client,
            mapping: case.mapping.as_ref().map(MappingMembers::mapping),
            now: case.now,
            callback: case.callback,
            jwks: case.jwks,
            token_response: case.token_response.response()?,
            userinfo_response: case.userinfo_response.map(HttpResponse::response).transpose()?,
        })
    }

    /// The way that a host goes from the callback to the claims.
    pub(super) fn finish(&self, notes: &mut Vec<Note>) -> Result<ValidIdToken, oidc::Error> {
        let Self { provider, client, pending, now, .. } = self;
        let query = self.callback.trim_start_matches('?');
        let code = authorization::parse_callback(provider, client, pending, query, *now)?;
        let tokens = token::parse_response(client, pending, &code, Dpop::Off, &self.token_response)?;
        notes.extend_from_slice(tokens.notes());
        let jwks = keys(&self.jwks, client, notes)?;
        let id = id_token::validate(&tokens, &jwks, provider, client, pending, *now)?;
        let Some(response) = &self.userinfo_response else { return Ok(id) };
        let answer = userinfo::parse_response(&id, response, &jwks, provider, client, Dpop::Off, *now)?;
        id.with_userinfo(answer)
    }
}

pub(super) fn backchannel_logout(
    case: BackchannelLogout,
    notes: &mut Vec<Note>,
) -> Result<Decision, Refusal> {
    let redirect_uri = case.client.redirect_uri.as_deref().unwrap_or(NOWHERE);
    let client = case.client.client(case.policy, redirect_uri)?;
    let provider = provider(&case.provider, &client, notes)?;
    let jwks = keys(&case.jwks, &client, notes)?;
    let token = backchannel::validate(case.body.as_bytes(), &jwks, &provider, &client, case.now)?;
    Ok(Decision::Logout(LogoutSummary::of_token(&token)))
}

/// Nobody comes back from a logout token.
const NOWHERE: &str = "https://client.invalid/";

fn provider(document: &Value, client: &Client, notes: &mut Vec<Note>) -> Result<Provider, Refusal> {
    let issuer = document.get("issuer").and_then(Value::as_str).unwrap_or_default();
    let (provider, found) =
        discovery::parse_document(issuer, document.to_string().as_bytes(), &client.policy)?;
    notes.extend(found);
    Ok(provider)
}

fn keys(jwks: &Value, client: &Client, notes: &mut Vec<Note>) -> Result<Jwks, oidc::Error> {
    match Jwks::parse(jwks.to_string().as_bytes(), &client.policy.limits) {
        Ok((keys, found)) => {
            notes.extend(found);
            Ok(keys)
        }
        // With a shared secret none is needed.
        Err(jose::Error::JwksEmpty) if client.policy.algs.iter().any(takes_a_secret) => Ok(Jwks::default()),
        Err(error) => Err(oidc::Error::Jose { message: Message::Jwks, error }),
    }
}

fn takes_a_secret(algorithm: jose::Algorithm) -> bool {
    jose::name_of(algorithm).starts_with("HS")
}

impl ClientMembers {
    fn client(&self, policy: Option<PolicyMembers>, redirect_uri: &str) -> Result<Client, Refusal> {
        let mut client = Client::new(self.client_id.as_str(), redirect_uri);
        client.policy = policy.unwrap_or_default().policy();
        if let Some(secret) = &self.client_secret {
            let secret = Secret::new(secret.as_str());
            client = client.authenticated_by(ClientAuthentication::ClientSecretBasic { secret });
        }
        if let Some(jwks) = &self.decryption_jwks {
            let keys = private_jwk::recipient_keys(jwks)
                .map_err(|reason| unusable("case.key_unreadable", format!("decryption_jwks: {reason}")))?;
            client = keys.into_iter().fold(client, Client::with_decrypter);
        }
        client.check()?;
        Ok(client)
    }
}

impl PendingMembers {
    /// What a host would have stored, as if the sign-in had begun at this very time.
    fn pending(&self, provider: &Provider, client: &Client, now: Timestamp) -> Result<Pending, Refusal> {
        typed_value(json!({
            "version": 1,
            "created_at": now,
            "issuer": provider.issuer,
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uri,
            "state": self.state,
            "nonce": self.nonce,
            "code_verifier": self.code_verifier,
            "scopes": ["openid"],
            "max_age_seconds": self.max_age,
        }))
    }
}

impl HttpResponse {
    fn response(self) -> Result<http::Response<Vec<u8>>, Refusal> {
        http::Response::builder()
            .status(self.status)
            .header("Content-Type", self.content_type)
            .body(self.body.into_bytes())
            .map_err(|error| unusable("case.invalid", format!("an HTTP response: {error}")))
    }
}

impl PolicyMembers {
    fn policy(self) -> Policy {
        let mut policy = Policy::new();
        policy.urls = UrlPolicy::DangerAnyHttp;
        policy.clock_skew = self.clock_skew_seconds.unwrap_or(policy.clock_skew);
        policy.algs = self.algs.unwrap_or(policy.algs);
        policy.trusted_audiences = self.trusted_audiences.unwrap_or_default();
        policy.issuer = match self.issuer {
            None | Some(IssuerMember::Exact) => IssuerPolicy::Exact,
            Some(IssuerMember::Google) => IssuerPolicy::Google,
            Some(IssuerMember::EntraTenants(TenantsMember::Only(tenants))) => {
                IssuerPolicy::EntraTenants { allowed: EntraTenants::Only(tenants) }
            }
            Some(IssuerMember::EntraTenants(TenantsMember::Any(Any::Any))) => {
                IssuerPolicy::EntraTenants { allowed: EntraTenants::Any }
            }
        };
        policy
    }
}

impl From<oidc::Error> for Refusal {
    fn from(error: oidc::Error) -> Self {
        Self::Rejected(Failure::of_oidc(&error))
    }
}
