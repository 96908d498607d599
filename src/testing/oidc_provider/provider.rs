use std::collections::{BTreeMap, BTreeSet};

use http::{Method, Request, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::Value;

use super::{
    AuthorizationRequest, Endpoints, Fault, PushedFault, RegisteredClient, Session, Shape, Style, TestKey,
    answer::{DPOP_NONCE, OauthError, json_response, plain, set},
    client::Presented,
    dpop::Proof,
    json::{Form, opaque},
    token::{AccessToken, Grant},
};
use crate::time::Timestamp;

/// An OpenID provider for tests. Everything about it can be set between two answers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OidcProvider {
    /// The issuer that relying parties are configured with.
    pub issuer: String,
    /// Where its endpoints are.
    pub endpoints: Endpoints,
    /// The keys in its key set. A token is signed with the key that the [`Style`] names.
    pub published_keys: Vec<TestKey>,
    /// The relying parties that it knows.
    pub clients: Vec<RegisteredClient>,
    /// How it speaks.
    pub style: Style,
    /// Whether every DPoP proof needs a nonce of this provider (RFC 9449 §8).
    pub dpop_nonces: bool,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// Claims of ID tokens that are given other values, or left out, last of all: for tokens that nobody has
    /// thought of.
    pub overrides: Vec<(String, Option<Value>)>,
    /// Who is signed in, one entry for each sign-in.
    pub sessions: Vec<Session>,
    pub(super) pushed: BTreeMap<String, Pushed>,
    pub(super) codes: BTreeMap<String, Grant>,
    pub(super) refresh_tokens: BTreeMap<String, Grant>,
    pub(super) access_tokens: BTreeMap<String, AccessToken>,
    /// The sessions of ID tokens that were issued, by these as sent and as signed.
    pub(super) id_tokens: BTreeMap<String, Session>,
    pub(super) seen: BTreeSet<String>,
    seed: u64,
    count: u64,
    nonces: u64,
}

/// A request that was pushed.
#[derive(Clone, Debug)]
pub(super) struct Pushed {
    pub(super) request: AuthorizationRequest,
    pub(super) expires: Timestamp,
}

/// What came to one of the endpoints for relying parties.
pub(super) struct Incoming<'a> {
    pub(super) headers: &'a http::HeaderMap,
    pub(super) method: &'a Method,
    /// Without its query.
    pub(super) url: String,
    pub(super) query: Form,
    pub(super) form: Form,
    pub(super) mutual_tls: bool,
    pub(super) now: Timestamp,
}

impl OidcProvider {
    /// A provider whose answers depend on the seed alone, in the plainest style, with no relying party.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let issuer = "https://op.example";
        Self {
            issuer: issuer.to_owned(),
            endpoints: Endpoints::below(issuer),
            published_keys: vec![TestKey::Rsa],
            clients: Vec::new(),
            style: Style::default(),
            dpop_nonces: false,
            fault: None,
            overrides: Vec::new(),
            sessions: Vec::new(),
            pushed: BTreeMap::new(),
            codes: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            id_tokens: BTreeMap::new(),
            seen: BTreeSet::new(),
            seed,
            count: 0,
            nonces: 0,
        }
    }

    /// The same with the issuer, the endpoints and the style of a product.
    #[must_use]
    pub fn shaped(self, shape: Shape) -> Self {
        let style = shape.style();
        Self {
            issuer: shape.issuer().to_owned(),
            endpoints: shape.endpoints(),
            published_keys: vec![style.key],
            style,
            ..self
        }
    }

    /// The same with one more relying party.
    #[must_use]
    pub fn with_client(mut self, client: RegisteredClient) -> Self {
        self.clients.push(client);
        self
    }

    /// Signs with this key from now on. The key set shows it beside those that it had.
    pub fn rotate(&mut self, key: TestKey) {
        (self.style.key, self.style.algorithm) = (key, None);
        if !self.published_keys.contains(&key) {
            self.published_keys.insert(0, key);
        }
    }

    /// Answers what a relying party's server sends: for metadata and keys, to the endpoints for pushed requests,
    /// tokens, UserInfo and revocation.
    pub fn receive(&mut self, request: &Request<Vec<u8>>, now: Timestamp) -> Response<Vec<u8>> {
        let url = request.uri().to_string();
        let (url, query) = url.split_once('?').unwrap_or((url.as_str(), ""));
        let mut incoming = Incoming {
            headers: request.headers(),
            method: request.method(),
            url: url.to_owned(),
            query: Form::parse(query.as_bytes()),
            form: Form::default(),
            mutual_tls: self.endpoints.mutual_tls.iter().any(|(_, address)| address == url),
            now,
        };
        let post = *request.method() == Method::POST;
        if post {
            incoming.form = Form::parse(request.body());
        }
        let metadata = (url == self.metadata_url()).then_some(Endpoint::Metadata);
        let endpoint = self.endpoints.of(url).or(metadata).filter(|endpoint| match endpoint {
            Endpoint::Metadata | Endpoint::Keys => !post,
            Endpoint::UserInfo => true,
            Endpoint::Token | Endpoint::PushedAuthorization | Endpoint::Revocation => post,
        });
        let Some(endpoint) = endpoint else { return plain(StatusCode::NOT_FOUND, "no such endpoint") };
        let response = match endpoint {
            Endpoint::Metadata => self.metadata_response(),
            Endpoint::Keys => self.keys_response(),
            Endpoint::Token => {
                let answer = self.token(&incoming);
                self.form_endpoint(answer)
            }
            Endpoint::PushedAuthorization => {
                let answer = self.push(&incoming);
                self.form_endpoint(answer)
            }
            Endpoint::Revocation => {
                let answer = self.revoke(&incoming);
                self.form_endpoint(answer)
            }
            Endpoint::UserInfo => {
                self.userinfo(&incoming).unwrap_or_else(|error| error.challenge(&self.style.dpop_scheme))
            }
        };
        let mut response = match self.fault {
            Some(Fault::Answer(faulty, fault)) if faulty == endpoint => fault.change(response),
            _ => response,
        };
        // RFC 9449 §8.2: the next nonce comes with every answer.
        if self.dpop_nonces && !matches!(endpoint, Endpoint::Metadata | Endpoint::Keys) {
            set(&mut response, DPOP_NONCE, &self.dpop_nonce());
        }
        response
    }

    /// `iss` of its tokens.
    #[must_use]
    pub fn token_issuer(&self) -> &str {
        self.style.token_issuer.as_deref().unwrap_or(&self.issuer)
    }

    /// A value that nobody has seen before.
    pub(super) fn next_secret(&mut self, purpose: &str) -> String {
        self.count += 1;
        opaque(&format!("{} {} {purpose}", self.seed, self.count))
    }

    /// What client assertions and request objects may name as their audience.
    pub(super) fn audiences(&self) -> Vec<String> {
        let metadata = self.style.metadata_issuer.clone();
        [self.issuer.clone(), self.endpoints.token.clone()].into_iter().chain(metadata).collect()
    }

    /// Which relying party this is from.
    pub(super) fn authenticate(&mut self, incoming: &Incoming<'_>) -> Result<RegisteredClient, OauthError> {
        let content_type = incoming.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(OauthError::invalid_request("not a form"));
        }
        if incoming.form.repeated().is_some() {
            return Err(OauthError::invalid_request("a parameter is there twice"));
        }
        let audiences = self.audiences();
        let presented = Presented {
            headers: incoming.headers,
            form: &incoming.form,
            mutual_tls: incoming.mutual_tls,
            audiences: &audiences,
            now: incoming.now,
        };
        presented.client(&self.clients, &mut self.seen).cloned()
    }

    /// The thumbprint of the DPoP key that this is made with, if it is.
    pub(super) fn dpop_thumbprint(
        &mut self,
        incoming: &Incoming<'_>,
        access_token: Option<&str>,
    ) -> Result<Option<String>, OauthError> {
        let nonce = self.dpop_nonces.then(|| self.dpop_nonce());
        let proof = Proof {
            headers: incoming.headers,
            method: incoming.method.as_str(),
            url: &incoming.url,
            access_token,
            nonce: nonce.as_deref(),
            now: incoming.now,
        };
        proof.thumbprint(&mut self.seen)
    }

    /// The nonce that DPoP proofs must have now.
    #[must_use]
    pub fn dpop_nonce(&self) -> String {
        opaque(&format!("{} {} dpop nonce", self.seed, self.nonces))
    }

    /// Asks for another DPoP nonce from now on.
    pub fn rotate_dpop_nonce(&mut self) {
        self.nonces += 1;
    }

    /// Asks for a nonce that nobody can have yet.
    pub(super) fn another_dpop_nonce(&mut self) -> OauthError {
        self.rotate_dpop_nonce();
        OauthError::use_dpop_nonce(&self.dpop_nonce())
    }

    /// RFC 9126 §2.
    fn push(&mut self, incoming: &Incoming<'_>) -> Result<(StatusCode, Value), OauthError> {
        let client = self.authenticate(incoming)?;
        if self.fault == Some(Fault::Pushed(PushedFault::AnotherNonceAlways)) {
            return Err(self.another_dpop_nonce());
        }
        let thumbprint = self.dpop_thumbprint(incoming, None)?;
        if incoming.form.value("request_uri").is_some() {
            return Err(OauthError::invalid_request("request_uri"));
        }
        let read =
            self.read_parameters(&client, incoming.form.clone(), super::Delivered::Pushed, incoming.now);
        let mut request = read.map_err(|_| OauthError::invalid_request("the authorization request"))?;
        match (&request.dpop_jkt, thumbprint) {
            (Some(named), Some(proven)) if *named != proven => {
                return Err(OauthError::invalid_request("dpop_jkt is of another key than the proof"));
            }
            (None, proven) => request.dpop_jkt = proven,
            (Some(_), _) => {}
        }
        let request_uri = format!("urn:ietf:params:oauth:request_uri:{}", self.next_secret("request_uri"));
        let expires = incoming.now.saturating_add(PUSHED_LIFETIME);
        self.pushed.insert(request_uri.clone(), Pushed { request, expires });
        let (mut status, lifetime) = (StatusCode::CREATED, PUSHED_LIFETIME.as_secs());
        let mut body = serde_json::json!({ "request_uri": request_uri, "expires_in": lifetime });
        if let Some(Fault::Pushed(fault)) = self.fault {
            fault.change(&mut status, &mut body)?;
        }
        Ok((status, body))
    }

    fn form_endpoint(&self, answer: Result<(StatusCode, Value), OauthError>) -> Response<Vec<u8>> {
        match answer {
            Ok((status, body)) => json_response(status, &self.style.content_type, &body),
            Err(error) => error.response(&self.style.content_type),
        }
    }
}

/// One of the endpoints for relying parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// The metadata.
    Metadata,
    /// The key set.
    Keys,
    /// Pushed authorization requests.
    PushedAuthorization,
    /// Tokens.
    Token,
    /// UserInfo.
    UserInfo,
    /// Revocation.
    Revocation,
}

const PUSHED_LIFETIME: std::time::Duration = std::time::Duration::from_secs(60);
