//! DPoP (RFC 9449): tokens that are bound to a key of the host's.
//!
//! The host makes or loads a [`DpopKey`] and gives it to each step as [`Dpop::With`]: to
//! `authorization::begin`, which binds the code to it, to the token request and its
//! answer, to UserInfo. The proofs are made by the library, one a request.
//!
//! A provider may want a nonce of its own in the proof. The step's answer is then [`Error::UseDpopNonce`]: the host
//! makes the same request again with [`Dpop::retry`]. It may keep what [`next_nonce`] finds in any answer and give it
//! along with [`DpopNonce::Kept`], which saves the second request.

use std::fmt;

use http::{HeaderValue, Method};
use jsonwebtoken::Algorithm;
use url::Url;

use super::{Error, Provider};
use crate::{
    crypto::{DigestAlgorithm, Secret, SigningKey, digest},
    encoding::base64url_encode,
    entropy::Entropy,
    json::Object,
    time::Timestamp,
};

/// Whether a step proves possession of a key.
#[derive(Clone, Copy, Debug, Default)]
pub enum Dpop<'k> {
    /// It does not.
    #[default]
    Off,
    /// It does: each request has a proof.
    With {
        /// The key.
        key: &'k DpopKey,
        /// The provider's nonce.
        nonce: DpopNonce<'k>,
    },
}

/// The nonce of a proof (RFC 9449 §8), and where it comes from: a provider's wish for another is followed once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DpopNonce<'n> {
    /// None: the provider has not asked for one.
    #[default]
    None,
    /// From an earlier answer of this provider, see [`next_nonce`]. It may be out of date.
    Kept(&'n str),
    /// From the [`Error::UseDpopNonce`] that answered this request.
    Retry(&'n str),
}

/// A private key that tokens are bound to.
pub struct DpopKey {
    thumbprint: String,
}

impl DpopKey {
    /// A key with the algorithm that fits it: ES256, ES384, EdDSA, or PS256 with RSA.
    ///
    /// # Errors
    /// [`Error::ConfigurationInvalid`] as for [`with_algorithm`](Self::with_algorithm).
    pub fn new(key: SigningKey) -> Result<Self, Error> {
        Self::with_algorithm(key, Algorithm::ES256)
    }

    /// A key with an algorithm, for a provider that lists another than the default.
    ///
    /// # Errors
    /// [`Error::ConfigurationInvalid`] where the algorithm does not fit the key, or has no public key.
    pub fn with_algorithm(key: SigningKey, algorithm: Algorithm) -> Result<Self, Error> {
        drop((key, algorithm));
        Err(Error::RequestInvalid { reason: "proofs are on their way" })
    }

    /// The SHA-256 thumbprint of the public half (RFC 7638), by which tokens name the key.
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

impl<'k> Dpop<'k> {
    /// The same with the nonce of [`Error::UseDpopNonce`], for the second request.
    #[must_use]
    pub fn retry(self, nonce: &'k str) -> Self {
        match self {
            Self::Off => Self::Off,
            Self::With { key, .. } => Self::With { key, nonce: DpopNonce::Retry(nonce) },
        }
    }

    /// The thumbprint of the key, where there is one.
    #[must_use]
    pub fn thumbprint(&self) -> Option<&'k str> {
        match self {
            Self::Off => None,
            Self::With { key, .. } => Some(key.thumbprint()),
        }
    }

    /// The proof for one request (RFC 9449 §4.2), as the value of its `DPoP` header.
    ///
    /// # Errors
    /// [`Error::UnsupportedByProvider`] where the provider lists algorithms and the key's is not among them.
    pub(in crate::oidc) fn proof(
        self,
        provider: &Provider,
        method: &Method,
        url: &Url,
        access_token: Option<&Secret>,
        entropy: &mut dyn Entropy,
        now: Timestamp,
    ) -> Result<Option<HeaderValue>, Error> {
        let Self::With { key, nonce } = self else { return Ok(None) };
        let (_, _) = (key, provider);
        let mut target = url.clone();
        target.set_query(None);
        target.set_fragment(None);
        let mut claims = Object::new()
            .with("jti", Secret::random(JTI_BYTES, entropy)?.expose())
            .with("htm", method.as_str())
            .with("htu", target.as_str())
            .with("iat", now.to_unix_millis().div_euclid(1000));
        if let Some(token) = access_token {
            let hash = digest(DigestAlgorithm::Sha256, token.expose().as_bytes());
            claims.insert("ath", base64url_encode(hash.as_ref()));
        }
        if let DpopNonce::Kept(nonce) | DpopNonce::Retry(nonce) = nonce {
            claims.insert("nonce", nonce);
        }
        drop(claims);
        Err(Error::RequestInvalid { reason: "proofs are on their way" })
    }

    /// RFC 9449 §8: whether an answer with this `error` asks for the same request with a nonce.
    ///
    /// # Errors
    /// [`Error::UseDpopNonce`] if it does, [`Error::DpopNonceRepeated`] if that was followed already.
    pub(in crate::oidc) fn follow_nonce(
        self,
        error: &str,
        response: &http::Response<Vec<u8>>,
    ) -> Result<(), Error> {
        let Self::With { nonce: sent, .. } = self else { return Ok(()) };
        match (next_nonce(response), sent) {
            _ if error != "use_dpop_nonce" => Ok(()),
            (None, _) => Ok(()),
            (Some(_), DpopNonce::Retry(_)) => Err(Error::DpopNonceRepeated),
            (Some(nonce), DpopNonce::None | DpopNonce::Kept(_)) => {
                Err(Error::UseDpopNonce { nonce: nonce.to_owned() })
            }
        }
    }
}

/// The nonce that a provider wants in the next proof (RFC 9449 §8.2), from any answer of its endpoints.
#[must_use]
pub fn next_nonce(response: &http::Response<Vec<u8>>) -> Option<&str> {
    let mut nonces = response.headers().get_all("DPoP-Nonce").iter();
    let (Some(nonce), None) = (nonces.next(), nonces.next()) else { return None };
    let nonce = nonce.to_str().ok()?;
    let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    ((1..=LONGEST_NONCE).contains(&nonce.len()) && nonce.bytes().all(allowed)).then_some(nonce)
}

const JTI_BYTES: usize = 16;

/// Bytes of a nonce that is followed.
const LONGEST_NONCE: usize = 1024;
