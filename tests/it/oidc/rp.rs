//! A relying party that goes the whole way with the testing provider: what a host does, without a network.

use admittance::crypto::Secret;
use admittance::entropy::{Entropy, EntropyError};
use admittance::oidc::authorization::{self, AuthorizationCode, Options, Start};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::{Dpop, DpopKey};
use admittance::oidc::id_token::{self, ValidIdToken};
use admittance::oidc::keys::{self, FetchedKeys, KeysFor};
use admittance::oidc::token::{self, UnverifiedTokens};
use admittance::oidc::{Client, Error, Pending, Provider, discovery, userinfo};
use admittance::testing::oidc_provider::{OidcProvider, RegisteredClient, User};
use admittance::time::Timestamp;
use http::{Request, Response};
use url::Url;

/// Both sides, and what the host of one of them keeps.
pub(crate) struct Rp {
    pub(crate) op: OidcProvider,
    pub(crate) client: Client,
    pub(crate) options: Options<'static>,
    pub(crate) user: User,
    pub(crate) dpop: Option<DpopKey>,
    pub(crate) now: Timestamp,
    pub(crate) entropy: Counting,
    /// Addresses that the relying party's server has called, in order.
    pub(crate) called: Vec<String>,
    pub(crate) provider: Option<Provider>,
    pub(crate) keys: Option<FetchedKeys>,
}

/// Somebody who has signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) id: ValidIdToken,
    pub(crate) tokens: UnverifiedTokens,
}

impl Rp {
    /// A client with `client_secret_basic` at this provider.
    pub(crate) fn new(op: OidcProvider) -> Self {
        Self::with_client(op, client())
    }

    /// This client, registered at this provider.
    pub(crate) fn with_client(op: OidcProvider, client: Client) -> Self {
        Self {
            op: op.with_client(RegisteredClient::of(&client)),
            client,
            options: Options::default(),
            user: ada(),
            dpop: None,
            now: now(),
            entropy: Counting(1),
            called: Vec::new(),
            provider: None,
            keys: None,
        }
    }

    /// What is registered of the client.
    pub(crate) fn registration(&mut self) -> &mut RegisteredClient {
        self.op.clients.last_mut().unwrap()
    }

    /// What the host's HTTP client does.
    pub(crate) fn send(&mut self, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
        self.called.push(request.uri().to_string());
        self.op.receive(request, self.now)
    }

    /// The metadata, fetched once.
    pub(crate) fn provider(&mut self) -> Result<Provider, Error> {
        if let Some(provider) = &self.provider {
            return Ok(provider.clone());
        }
        let request = discovery::request(&self.op.issuer, &self.client.policy)?;
        let response = self.send(&request);
        let (provider, _) = discovery::parse_response(&self.op.issuer, &response, &self.client.policy)?;
        self.provider = Some(provider.clone());
        Ok(provider)
    }

    /// Where the browser is sent to; a request that must be pushed is pushed.
    pub(crate) fn begin(&mut self) -> Result<(Url, Pending), Error> {
        let provider = self.provider()?;
        self.with_dpop(|rp, dpop| {
            let mut options: Options<'_> = rp.options.clone();
            options.dpop = dpop;
            let (start, pending) =
                authorization::begin(&provider, &rp.client, &options, &mut rp.entropy, rp.now)?;
            match start {
                Start::Redirect(url) => Ok((url, pending)),
                Start::Push(request) => {
                    let response = rp.send(&request);
                    let url = authorization::parse_pushed_response(&provider, &rp.client, dpop, &response)?;
                    Ok((url, pending))
                }
                other => panic!("{other:?}"),
            }
        })
    }

    /// What the browser brings back.
    pub(crate) fn callback(&mut self) -> Result<(AuthorizationCode, Pending), Error> {
        let provider = self.provider()?;
        let (url, pending) = self.begin()?;
        let callback = self.op.authorize(&url, &self.user, self.now).unwrap();
        let code = authorization::parse_callback(
            &provider,
            &self.client,
            &pending,
            callback.parameters(),
            self.now,
        )?;
        Ok((code, pending))
    }

    /// The code becomes tokens.
    pub(crate) fn redeem(
        &mut self,
        code: &AuthorizationCode,
        pending: &Pending,
    ) -> Result<UnverifiedTokens, Error> {
        let provider = self.provider()?;
        self.with_dpop(|rp, dpop| {
            let request =
                token::request(&provider, &rp.client, pending, code, dpop, &mut rp.entropy, rp.now)?;
            let response = rp.send(&request);
            token::parse_response(&rp.client, pending, code, dpop, &response)
        })
    }

    /// The keys for a token, fetched where the library says so.
    pub(crate) fn keys_for(&mut self, token: &str) -> Result<FetchedKeys, Error> {
        let provider = self.provider()?;
        let stored = self.keys.clone();
        let keys = match keys::keys_for(&provider, &self.client, token, stored.as_ref(), self.now)? {
            KeysFor::Use { keys, .. } => keys.clone(),
            KeysFor::Refetch(refetch) => {
                let response = self.send(&refetch.request());
                keys::parse_refetched(&self.client, &refetch, Some(&response), self.now)?.0
            }
            KeysFor::TooSoon { .. } => stored.clone().unwrap(),
        };
        self.keys = Some(keys.clone());
        Ok(keys)
    }

    /// Who it is.
    pub(crate) fn validate(
        &mut self,
        tokens: UnverifiedTokens,
        pending: &Pending,
    ) -> Result<SignedIn, Error> {
        let provider = self.provider()?;
        let keys = self.keys_for(tokens.id_token().unwrap().expose())?;
        let id = id_token::validate(&tokens, keys.jwks(), &provider, &self.client, pending, self.now)?;
        Ok(SignedIn { id, tokens })
    }

    /// The whole way.
    pub(crate) fn sign_in(&mut self) -> Result<SignedIn, Error> {
        let (code, pending) = self.callback()?;
        let tokens = self.redeem(&code, &pending)?;
        self.validate(tokens, &pending)
    }

    /// The ID token with the claims of UserInfo.
    pub(crate) fn userinfo(&mut self, signed_in: &SignedIn) -> Result<ValidIdToken, Error> {
        let provider = self.provider()?;
        let id = &signed_in.id;
        self.with_dpop(|rp, dpop| {
            let (client, tokens) = (&rp.client, &signed_in.tokens);
            let request = userinfo::request(&provider, client, tokens, dpop, &mut rp.entropy, rp.now)?;
            let response = rp.send(&request);
            let keys = rp.keys.clone().unwrap();
            let info =
                userinfo::parse_response(id, &response, keys.jwks(), &provider, &rp.client, dpop, rp.now)?;
            id.clone().with_userinfo(info)
        })
    }

    /// New tokens for the refresh token.
    pub(crate) fn refresh(&mut self, signed_in: &SignedIn) -> Result<SignedIn, Error> {
        let provider = self.provider()?;
        let refresh_token = signed_in.tokens.refresh_token().unwrap().clone();
        let tokens = self.with_dpop(|rp, dpop| {
            let request = token::refresh::request(
                &provider,
                &rp.client,
                &refresh_token,
                &[],
                dpop,
                &mut rp.entropy,
                rp.now,
            )?;
            let response = rp.send(&request);
            token::refresh::parse_response(&rp.client, &refresh_token, &[], dpop, &response)
        })?;
        let Some(id_token) = tokens.id_token() else {
            return Ok(SignedIn { id: signed_in.id.clone(), tokens });
        };
        let keys = self.keys_for(id_token.expose())?;
        let session = signed_in.id.session();
        let id =
            id_token::validate_refreshed(&tokens, keys.jwks(), &provider, &self.client, session, self.now)?;
        Ok(SignedIn { id, tokens })
    }

    /// Does a step with the DPoP key, if there is one, and once more with a nonce where the provider wants that.
    fn with_dpop<T>(
        &mut self,
        mut step: impl FnMut(&mut Self, Dpop<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let key = self.dpop.take();
        let dpop = match &key {
            Some(key) => Dpop::With { key, nonce: Default::default() },
            None => Dpop::Off,
        };
        let outcome = match step(self, dpop) {
            Err(Error::UseDpopNonce { nonce }) => step(self, dpop.retry(&nonce)),
            outcome => outcome,
        };
        self.dpop = key;
        outcome
    }
}

/// Counts, so that every run draws the same bytes and no two draws are equal.
pub(crate) struct Counting(pub(crate) u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for chunk in bytes.chunks_mut(8) {
            self.0 += 1;
            chunk.copy_from_slice(&self.0.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) const CALLBACK: &str = "https://rp.example/callback";
/// 64 bytes: long enough for every HMAC.
pub(crate) const SECRET: &str = "an example secret that is as long as the longest hash, 64 bytes!";

pub(crate) fn client() -> Client {
    let secret = Secret::new(SECRET);
    Client::new("client-1", CALLBACK).authenticated_by(ClientAuthentication::ClientSecretBasic { secret })
}

pub(crate) fn ada() -> User {
    User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers", "Küche & Bar"])
}

pub(crate) fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}

/// The code of a refusal, nothing where there was none.
pub(crate) fn code<T>(outcome: &Result<T, Error>) -> Option<&'static str> {
    outcome.as_ref().err().map(Error::code)
}
