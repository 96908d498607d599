//! A host: it sends what the library makes, stores what it returns, and gives back what comes.

use std::error::Error as AnyError;
use std::time::Duration;

use admittance::crypto::DecryptionKey;
use admittance::endpoint::UrlPolicy;
use admittance::entropy::OsEntropy;
use admittance::jose::{PrivateKey, RecipientKey};
use admittance::oidc::authorization::{self, Options, Start};
use admittance::oidc::client::{Client, ClientAuthentication};
use admittance::oidc::dpop::{Dpop, DpopKey, DpopNonce};
use admittance::oidc::id_token::{self, ValidIdToken};
use admittance::oidc::keys::{self, FetchedKeys, KeysFor};
use admittance::oidc::token::{self, UnverifiedTokens, refresh, revocation};
use admittance::oidc::{Error, Pending, Policy, Provider, discovery, userinfo};
use url::form_urlencoded::Serializer;

use super::now;
use crate::browser::{Browser, End, Visit};
use crate::html;
use crate::wire::send;

/// One client of a provider.
pub struct RelyingParty {
    pub provider: Provider,
    pub client: Client,
    /// The key that tokens are bound to, if they are.
    pub dpop: Option<DpopKey>,
    /// The provider's keys as they are stored, and the time to read them at.
    pub keys: Option<FetchedKeys>,
    pub keys_fetched: usize,
}

/// A person who is signed in.
pub struct SignedIn {
    pub id: ValidIdToken,
    pub tokens: UnverifiedTokens,
    pub prompts: usize,
}

type Fallible<T> = Result<T, Box<dyn AnyError>>;

/// What every provider for tests needs.
pub fn policy() -> Policy {
    let mut policy = Policy::new();
    policy.urls = UrlPolicy::HttpOnLoopback;
    policy
}

/// Reads the provider's document.
pub fn discover(issuer: &str) -> Fallible<Provider> {
    let response = send(&discovery::request(issuer, &policy())?)?;
    Ok(discovery::parse_response(issuer, &response, &policy())?.0)
}

impl RelyingParty {
    /// A client by its name at the provider, with the keys of the tests.
    pub fn new(
        provider: &Provider,
        name: &str,
        authentication: ClientAuthentication,
        key: &[u8],
    ) -> Fallible<Self> {
        let mut client = Client::new(name, format!("{}{name}/callback", crate::OUR_BASE))
            .authenticated_by(authentication)
            .with_signing_key(PrivateKey::from_pem(key)?);
        client.policy = policy();
        Ok(Self { provider: provider.clone(), client, dpop: None, keys: None, keys_fetched: 0 })
    }

    pub fn encrypted_to(mut self, kid: &str, key: &[u8]) -> Fallible<Self> {
        let key = DecryptionKey::from_pem(key)?;
        self.client = self.client.with_decrypter(RecipientKey::new(std::sync::Arc::new(key)).with_kid(kid));
        self.client.registered.id_token_encrypted = true;
        Ok(self)
    }

    /// One sign-in, from the first redirect to the validated ID token.
    pub fn sign_in(&mut self, browser: &mut Browser, options: &Options<'_>) -> Fallible<SignedIn> {
        let (visit, pending) = self.authorize(options, |url| browser.open(url))?;
        self.finish(visit, &pending)
    }

    /// Sends the browser to the provider, by way of a pushed request where one is asked for.
    pub fn authorize(
        &self,
        options: &Options<'_>,
        open: impl FnOnce(url::Url) -> Fallible<Visit>,
    ) -> Fallible<(Visit, Pending)> {
        let (url, pending) = with_nonce(self.dpop(), |dpop| {
            let mut options = options.clone();
            options.dpop = dpop;
            let (start, pending) =
                authorization::begin(&self.provider, &self.client, &options, &mut OsEntropy, now())?;
            let url = match start {
                Start::Redirect(url) => url,
                Start::Push(request) => authorization::parse_pushed_response(
                    &self.provider,
                    &self.client,
                    dpop,
                    &send(&request)?,
                )?,
                other => return Err(format!("a new way to begin: {other:?}").into()),
            };
            Ok((url, pending))
        })?;
        Ok((open(url)?, pending))
    }

    /// What follows when the browser has come back.
    pub fn finish(&mut self, visit: Visit, pending: &Pending) -> Fallible<SignedIn> {
        let tokens = self.exchange(&visit, pending)?;
        let text = tokens.id_token().ok_or("no ID token")?.expose().to_owned();
        let jwks = self.keys_for(&text)?;
        let id = id_token::validate(&tokens, jwks.jwks(), &self.provider, &self.client, pending, now())?;
        self.keys = Some(jwks);
        Ok(SignedIn { id, tokens, prompts: visit.prompts })
    }

    pub fn exchange(&self, visit: &Visit, pending: &Pending) -> Fallible<UnverifiedTokens> {
        let callback = self.callback(visit)?;
        let code = authorization::parse_callback(&self.provider, &self.client, pending, callback, now())?;
        with_nonce(self.dpop(), |dpop| {
            let request =
                token::request(&self.provider, &self.client, pending, &code, dpop, &mut OsEntropy, now())?;
            Ok(token::parse_response(&self.client, pending, &code, dpop, &send(&request)?)?)
        })
    }

    pub fn with_userinfo(&self, signed_in: SignedIn) -> Fallible<ValidIdToken> {
        let SignedIn { id, tokens, .. } = signed_in;
        let keys = self.keys.as_ref().ok_or("no keys")?;
        let userinfo = with_nonce(self.dpop(), |dpop| {
            let request =
                userinfo::request(&self.provider, &self.client, &tokens, dpop, &mut OsEntropy, now())?;
            Ok(userinfo::parse_response(
                &id,
                &send(&request)?,
                keys.jwks(),
                &self.provider,
                &self.client,
                dpop,
                now(),
            )?)
        })?;
        Ok(id.with_userinfo(userinfo)?)
    }

    /// New tokens for the refresh token; the ID token among them is of the same person.
    pub fn refresh(&self, signed_in: &SignedIn) -> Fallible<(UnverifiedTokens, Option<ValidIdToken>)> {
        let old = signed_in.tokens.refresh_token().ok_or("no refresh token")?;
        let tokens = with_nonce(self.dpop(), |dpop| {
            let request =
                refresh::request(&self.provider, &self.client, old, &[], dpop, &mut OsEntropy, now())?;
            Ok(refresh::parse_response(&self.client, old, &[], dpop, &send(&request)?)?)
        })?;
        let keys = self.keys.as_ref().ok_or("no keys")?;
        let (session, provider, client) = (signed_in.id.session(), &self.provider, &self.client);
        let id = match tokens.id_token() {
            Some(_) => {
                Some(id_token::validate_refreshed(&tokens, keys.jwks(), provider, client, session, now())?)
            }
            None => None,
        };
        Ok((tokens, id))
    }

    pub fn revoke(&self, tokens: &UnverifiedTokens) -> Fallible<()> {
        let token = tokens.refresh_token().ok_or("no refresh token")?;
        let kind = revocation::TokenKind::RefreshToken;
        let request = revocation::request(&self.provider, &self.client, token, kind, &mut OsEntropy, now())?;
        Ok(revocation::parse_response(&self.client, &send(&request)?)?)
    }

    /// The keys for a token, from the store or fetched as [`keys::keys_for`] says.
    pub fn keys_for(&mut self, token: &str) -> Fallible<FetchedKeys> {
        match keys::keys_for(&self.provider, &self.client, token, self.keys.as_ref(), now())? {
            KeysFor::Use { keys, .. } => Ok(keys.clone()),
            KeysFor::Refetch(refetch) => {
                self.keys_fetched += 1;
                let answer = send(&refetch.request())?;
                Ok(keys::parse_refetched(&self.client, &refetch, Some(&answer), now())?.0)
            }
            KeysFor::TooSoon { until } => Err(format!("no key before {until}").into()),
        }
    }

    /// As if the keys had been fetched two minutes ago.
    pub fn fetch_keys_two_minutes_ago(&mut self) -> Fallible<()> {
        let answer = send(&keys::request(&self.provider, &self.client)?)?;
        let then = now().saturating_sub(Duration::from_secs(120));
        self.keys = Some(keys::parse_response(&self.client, &answer, then)?.0);
        Ok(())
    }

    pub fn dpop(&self) -> Dpop<'_> {
        match &self.dpop {
            Some(key) => Dpop::With { key, nonce: DpopNonce::None },
            None => Dpop::Off,
        }
    }

    /// The callback as it came to us: a query, or a form's body.
    fn callback(&self, visit: &Visit) -> Fallible<String> {
        let ours = |url: &url::Url| url.as_str().starts_with(&self.client.redirect_uri);
        match &visit.end {
            End::Redirect { url } if ours(url) => Ok(url.query().unwrap_or_default().to_owned()),
            End::Post { url, fields } if ours(url) => {
                Ok(Serializer::new(String::new()).extend_pairs(fields).finish())
            }
            End::Redirect { url } | End::Post { url, .. } => Err(format!("it ends at {url}").into()),
            End::Page { status, text, url } => {
                Err(format!("{}: status {status}: {}", url.path(), html::text(text)).into())
            }
        }
    }
}

/// Does something again with the nonce that the provider wants, once.
fn with_nonce<T>(dpop: Dpop<'_>, step: impl Fn(Dpop<'_>) -> Fallible<T>) -> Fallible<T> {
    step(dpop).or_else(|error| match error.downcast_ref::<Error>() {
        Some(Error::UseDpopNonce { nonce }) => step(dpop.retry(nonce)),
        _ => Err(error),
    })
}
