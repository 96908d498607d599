//! DPoP (RFC 9449): tokens that are bound to a key of the host's.
//!
//! The host makes or loads a [`DpopKey`] and gives it to each step as [`Dpop::With`]: to
//! [`authorization::begin`](super::authorization::begin), which binds the code to it, to the token request and its
//! answer, to UserInfo. The proofs are made by the library, one a request.
//!
//! A provider may want a nonce of its own in the proof. The step's answer is then [`Error::UseDpopNonce`]: the host
//! makes the same request again with [`Dpop::retry`]. It may keep what [`next_nonce`] finds in any answer and give it
//! along with [`DpopNonce::Kept`], which saves the second request.

use std::fmt;

use http::{HeaderValue, Method};
use url::Url;

use super::Error;
use crate::{
    crypto::{DigestAlgorithm, Secret, digest},
    encoding::base64url_encode,
    entropy::Entropy,
    jose::{self, Algorithm, KeyHeader, PrivateKey, SignWith, Signing},
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
    key: PrivateKey,
    algorithm: Algorithm,
    thumbprint: String,
}

impl DpopKey {
    /// A key with the algorithm that fits it: RS256, ES256, ES384 or EdDSA.
    #[must_use]
    pub fn new(key: PrivateKey) -> Self {
        let (algorithm, thumbprint) = (key.default_algorithm(), key.public_jwk().thumbprint());
        Self { key, algorithm, thumbprint }
    }

    /// Signs with another algorithm, for a provider that takes PS256 alone.
    ///
    /// # Errors
    /// [`Error::Signing`] where it does not fit the key.
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Result<Self, Error> {
        let actual = self.key.key_type();
        if !actual.fits(algorithm) {
            let kid = self.key.kid().map(str::to_owned);
            return Err(Error::Signing(jose::Error::KeyTypeMismatch { kid, algorithm, actual }));
        }
        self.algorithm = algorithm;
        Ok(self)
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
    /// [`Error::Signing`] and [`Error::Entropy`] when those fail.
    pub(in crate::oidc) fn proof(
        self,
        method: &Method,
        url: &Url,
        access_token: Option<&Secret>,
        entropy: &mut dyn Entropy,
        now: Timestamp,
    ) -> Result<Option<HeaderValue>, Error> {
        let Self::With { key, nonce } = self else { return Ok(None) };
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
        let signing = Signing {
            with: SignWith::Key(&key.key),
            algorithm: key.algorithm,
            typ: Some("dpop+jwt"),
            key_header: KeyHeader::Jwk,
        };
        let proof = jose::sign(&claims, &signing).map_err(Error::Signing)?;
        HeaderValue::try_from(proof).map(Some).map_err(|_| Error::RequestInvalid { reason: "the proof" })
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
