//! The provider's keys (Core 10.1), and when they are fetched: a rotation there must not keep people out, and a token
//! that names a made-up key must not make us ask in a loop.
//!
//! The host stores a [`FetchedKeys`] for each provider, and asks [`keys_for`] what to do for a token:
//!
//! ```no_run
//! # use admittance::{oidc::{self, Client, Provider, keys::{self, FetchedKeys, KeysFor}}, time::Timestamp};
//! # fn send(_: http::Request<Vec<u8>>) -> Option<http::Response<Vec<u8>>> { None }
//! # fn step(provider: &Provider, client: &Client, token: &str, stored: Option<&FetchedKeys>, now: Timestamp)
//! #     -> Result<(), oidc::Error> {
//! match keys::keys_for(provider, client, token, stored, now)? {
//!     KeysFor::Use { keys, notes } => { /* validate the token with keys.jwks() */ }
//!     KeysFor::Refetch(refetch) => {
//!         let answer = send(refetch.request());
//!         let (keys, notes) = keys::parse_refetched(client, &refetch, answer.as_ref(), now)?;
//!         /* store keys, and validate the token with keys.jwks() */
//!     }
//!     KeysFor::TooSoon { until } => { /* refuse the token */ }
//! }
//! # Ok(())
//! # }
//! ```

use std::time::Duration;

use http::{Request, Response, header};
use serde::{Deserialize, Serialize};

use super::{Client, Error, Message, Policy, Provider, answer, provider::Endpoint};
use crate::{
    crypto::{DigestAlgorithm, digest},
    encoding::base64url_encode,
    jose::{self, Algorithm, Compact, Jwks, KeyIssuer, KeyQuery, Token},
    note::Note,
    time::Timestamp,
    version::Version,
};

/// The provider's keys as they were fetched, a value to store.
///
/// It holds public keys and nothing secret, but whoever could write it could sign as the provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchedKeys {
    version: Version<1>,
    fetched_at: Timestamp,
    fresh_for_seconds: u64,
    jwks: Jwks,
    /// When a refetch failed after that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed_at: Option<Timestamp>,
    /// Digests of the tokens that a refetch was for, the last at the end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refetched_for: Vec<String>,
}

/// What to do for a token.
#[derive(Debug)]
pub enum KeysFor<'k> {
    /// Validate it with these keys.
    Use {
        /// The keys.
        keys: &'k FetchedKeys,
        /// `oidc.jwks_stale`: they have expired, and could not be fetched anew.
        notes: Vec<Note>,
    },
    /// Fetch the keys anew, and validate it with what comes.
    Refetch(Refetch<'k>),
    /// Refuse it: no key fits, and the keys were fetched a moment ago, or for this very token.
    TooSoon {
        /// From when on the keys may be fetched again.
        until: Timestamp,
    },
}

/// A fetch of the keys, for [`parse_refetched`].
#[derive(Debug)]
pub struct Refetch<'k> {
    request: Box<Request<Vec<u8>>>,
    previous: Option<&'k FetchedKeys>,
    token: String,
}

/// The request for the keys. [`keys_for`] makes one when there is a token; this is for fetching them beforehand.
///
/// # Errors
/// As for [`Client::check`], and [`Error::UrlNotAllowed`] for `jwks_uri`.
pub fn request(provider: &Provider, client: &Client) -> Result<Request<Vec<u8>>, Error> {
    client.check()?;
    let url = provider.endpoint(Endpoint::Jwks, client)?;
    Request::get(url.as_str())
        .header(header::ACCEPT, "application/jwk-set+json, application/json")
        .body(Vec::new())
        .map_err(|_| Error::RequestInvalid { reason: "the address" })
}

/// Reads the answer: status 200, a JSON media type, size, strict JSON, entry by entry. One that cannot be used is left
/// out with the note `oidc.key_skipped`, and private members are dropped with `oidc.key_private`.
///
/// A provider that signs by the client secret may publish no key at all. Where the policy allows such an algorithm and
/// the client has a secret, an empty set is read; tokens by any other key are refused then.
///
/// The keys are fresh for as long as `Cache-Control` says, between a minute and a day, and
/// [`Policy::jwks_ttl`] where it says nothing.
///
/// # Errors
/// - [`Error::HttpStatus`], [`Error::ContentType`], [`Error::BodyTooLarge`];
/// - [`Error::Jose`] for a document that is no key set, or has no key that can be used.
pub fn parse_response(
    client: &Client,
    response: &Response<Vec<u8>>,
    now: Timestamp,
) -> Result<(FetchedKeys, Vec<Note>), Error> {
    let (message, policy) = (Message::Jwks, &client.policy);
    answer::check_status(message, response, 200)?;
    if !answer::media_type(response).is_some_and(|found| found.eq_ignore_ascii_case(JWK_SET)) {
        answer::check_media_type(message, response, answer::JSON)?;
    }
    let body = answer::body(message, response, &policy.limits)?;
    let (jwks, notes) = match Jwks::parse(body, &policy.limits) {
        Err(jose::Error::JwksEmpty) if needs_no_key(client) => (Jwks::default(), Vec::new()),
        read => read.map_err(|error| Error::Jose { message, error })?,
    };
    let fetched = FetchedKeys {
        version: Version,
        fetched_at: now,
        fresh_for_seconds: fresh_for(response, policy).as_secs(),
        jwks,
        failed_at: None,
        refetched_for: Vec::new(),
    };
    Ok((fetched, notes))
}

/// What to do for a token, an ID token or a logout token, signed or encrypted to us:
///
/// 1. Without keys they are fetched.
/// 2. Expired keys are fetched anew, at most once in [`Policy::jwks_min_refetch`]; where that has just failed, they
///    are used for a day, with the note `oidc.jwks_stale`.
/// 3. Where no key fits, the keys are fetched anew if they are at least [`Policy::jwks_min_refetch`] old, and never
///    twice for one token.
///
/// A token that is malformed in any way is given to validation, which says what is wrong with it.
///
/// # Errors
/// As for [`request`].
pub fn keys_for<'k>(
    provider: &Provider,
    client: &Client,
    token: &str,
    stored: Option<&'k FetchedKeys>,
    now: Timestamp,
) -> Result<KeysFor<'k>, Error> {
    let policy = &client.policy;
    // Keys from the future are from a clock that was wrong, and would never expire.
    let latest = now.saturating_add(policy.clock_skew.as_duration());
    let token_digest = || base64url_encode(digest(DigestAlgorithm::Sha256, token.as_bytes()).as_ref());
    let Some(keys) = stored.filter(|keys| keys.fetched_at <= latest) else {
        let request = Box::new(request(provider, client)?);
        return Ok(KeysFor::Refetch(Refetch { request, previous: None, token: token_digest() }));
    };
    let fits = keys.fit(token, client);
    let fresh = now < keys.expires_at();
    if fresh && fits {
        return Ok(KeysFor::Use { keys, notes: Vec::new() });
    }
    let token = token_digest();
    if fresh && keys.refetched_for.contains(&token) {
        return Ok(KeysFor::TooSoon { until: keys.expires_at() });
    }
    let may_refetch_at = keys.may_refetch_at(policy);
    if now >= may_refetch_at {
        let request = Box::new(request(provider, client)?);
        return Ok(KeysFor::Refetch(Refetch { request, previous: Some(keys), token }));
    }
    match fits && now < keys.usable_until() {
        true => Ok(KeysFor::Use { keys, notes: vec![keys.stale()] }),
        false => Ok(KeysFor::TooSoon { until: may_refetch_at }),
    }
}

/// Reads the answer to a refetch as [`parse_response`] does; `None` where none came. The result is to be stored, a
/// failure included: the keys of before go on then, with the note `oidc.jwks_refetch_failed`, for a day after they have
/// expired.
///
/// # Errors
/// As for [`parse_response`], and [`Error::JwksUnavailable`] where no answer came, when there are no keys of before.
pub fn parse_refetched(
    client: &Client,
    refetch: &Refetch<'_>,
    response: Option<&Response<Vec<u8>>>,
    now: Timestamp,
) -> Result<(FetchedKeys, Vec<Note>), Error> {
    let previous = refetch.previous;
    let mut refetched_for = previous.map(|keys| keys.refetched_for.clone()).unwrap_or_default();
    refetched_for.push(refetch.token.clone());
    let forgotten = refetched_for.len().saturating_sub(REMEMBERED);
    refetched_for.drain(..forgotten);

    let fetched =
        response.ok_or(Error::JwksUnavailable).and_then(|response| parse_response(client, response, now));
    let previous = previous.filter(|keys| now < keys.usable_until());
    // Keys that were published and are gone all at once are a mistake over there
    let fetched = match previous {
        Some(keys) if !keys.is_empty() => fetched.and_then(|(fetched, notes)| match fetched.is_empty() {
            true => Err(Error::Jose { message: Message::Jwks, error: jose::Error::JwksEmpty }),
            false => Ok((fetched, notes)),
        }),
        _ => fetched,
    };
    let (keys, notes) = match (fetched, previous) {
        (Ok(fetched), _) => fetched,
        (Err(error), None) => return Err(error),
        (Err(error), Some(keys)) => {
            let mut notes =
                vec![Note::new("oidc.jwks_refetch_failed").field("jwks_uri").actual(error.code())];
            if now >= keys.expires_at() {
                notes.push(keys.stale());
            }
            (FetchedKeys { failed_at: Some(now), ..keys.clone() }, notes)
        }
    };
    Ok((FetchedKeys { refetched_for, ..keys }, notes))
}

impl FetchedKeys {
    /// The keys.
    #[must_use]
    pub fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// When they were fetched.
    #[must_use]
    pub fn fetched_at(&self) -> Timestamp {
        self.fetched_at
    }

    /// When they have to be fetched anew.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.fetched_at.saturating_add(Duration::from_secs(self.fresh_for_seconds))
    }

    fn is_empty(&self) -> bool {
        self.jwks.keys().is_empty()
    }

    fn usable_until(&self) -> Timestamp {
        self.expires_at().saturating_add(STALE_FOR)
    }

    fn may_refetch_at(&self, policy: &Policy) -> Timestamp {
        let last = self.failed_at.map_or(self.fetched_at, |failed_at| failed_at.max(self.fetched_at));
        last.saturating_add(policy.jwks_min_refetch)
    }

    fn stale(&self) -> Note {
        Note::new("oidc.jwks_stale").field("jwks_uri").actual(self.expires_at().to_string())
    }

    /// Whether a key is there for the token, as far as its header says. True where no key would help.
    fn fit(&self, token: &str, client: &Client) -> bool {
        let limits = &client.policy.limits;
        match Token::parse(token, limits) {
            Ok(Token::Signed(compact)) => self.fit_header(&compact, client),
            Ok(Token::Encrypted(jwe)) => match jwe.decrypt(client.decrypters(), limits) {
                Ok(content) => {
                    content.compact(limits).map_or(true, |compact| self.fit_header(&compact, client))
                }
                Err(_) => true,
            },
            Err(_) => true,
        }
    }

    fn fit_header(&self, compact: &Compact<'_>, client: &Client) -> bool {
        let algorithm = compact.header().algorithm().filter(|one| client.policy.algs.contains(*one));
        let Some(algorithm) = algorithm else { return true };
        // Core 10.1: HMAC is by the client secret, and no published key would help.
        if is_by_secret(algorithm) {
            return true;
        }
        let query = KeyQuery { algorithm, kid: compact.header().kid(), issuer: KeyIssuer::Ignored };
        let candidates = self.jwks.candidates(&query, &client.policy.limits);
        !matches!(candidates, Err(jose::Error::KeyNotFound { .. }))
    }
}

impl Refetch<'_> {
    /// What the host sends, following no redirect.
    #[must_use]
    pub fn request(&self) -> Request<Vec<u8>> {
        (*self.request).clone()
    }
}

/// Whether the policy lets the provider sign by the secret of the client.
fn needs_no_key(client: &Client) -> bool {
    client.secret().is_some() && client.policy.algs.iter().any(is_by_secret)
}

fn is_by_secret(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

/// RFC 9111 §5.2.2: the shortest `max-age` counts; `no-store` and `no-cache` are one of 0.
fn fresh_for(response: &Response<Vec<u8>>, policy: &Policy) -> Duration {
    let headers = response.headers().get_all(header::CACHE_CONTROL).iter();
    let directives = headers.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let shortest = directives.filter_map(|directive| {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => Some(0),
            "max-age" => seconds(value.trim().trim_matches('"')),
            _ => None,
        }
    });
    match shortest.min() {
        Some(seconds) => Duration::from_secs(seconds).clamp(SHORTEST_FRESHNESS, LONGEST_FRESHNESS),
        None => policy.jwks_ttl,
    }
}

/// RFC 9111 §1.2.2: a number that is too large is the largest.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

const JWK_SET: &str = "application/jwk-set+json";
const SHORTEST_FRESHNESS: Duration = Duration::from_secs(60);
const LONGEST_FRESHNESS: Duration = Duration::from_secs(24 * 60 * 60);

/// How long expired keys are used while they cannot be fetched.
const STALE_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// How many tokens are remembered that keys were fetched for.
const REMEMBERED: usize = 16;
