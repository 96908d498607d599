use jsonwebtoken::{Algorithm, DecodingKey};

use super::{
    algorithm::{Algorithms, hmac_of, name_of},
    error::{Error, shown},
    header::{Header, is_media_type},
    jwe::Jwe,
    jwk::{Jwk, Jwks, KeyIssuer, KeyQuery},
    provider::RING,
};
use crate::{
    crypto::{DigestAlgorithm, Secret},
    encoding::base64url_decode,
    json::{self, Object},
    limits::Limits,
};

/// A token in compact form, told apart by its parts. Nothing in it is trusted.
#[derive(Debug)]
pub enum Token<'t> {
    /// Three parts: signed (RFC 7515 §7.1).
    Signed(Compact<'t>),
    /// Five parts: encrypted (RFC 7516 §7.1).
    Encrypted(Jwe<'t>),
}

/// A signed token, parsed and not verified.
pub struct Compact<'t> {
    header: Header,
    signing_input: &'t str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// What a token must fulfil to count as signed by the other side.
#[derive(Clone, Copy, Debug)]
pub struct Verification<'v> {
    /// The algorithms it may have.
    pub algorithms: &'v Algorithms,
    /// The `typ` it may have.
    pub typ: TokenType<'v>,
    /// The other side's keys.
    pub keys: &'v Jwks,
    /// Which keys may sign for this issuer.
    pub key_issuer: KeyIssuer<'v>,
    /// The client secret, for HMAC alone; `None` for a public client.
    pub client_secret: Option<&'v Secret>,
}

/// Which `typ` a token may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType<'v> {
    /// Absent or `JWT`.
    Jwt,
    /// Absent, `JWT` or this one.
    JwtOr(&'v str),
    /// This one, and not absent.
    Exactly(&'v str),
}

/// The proof that a token was signed with an allowed algorithm by a key of the other side, or with the secret that is
/// shared with it. What it says still has to be checked.
pub struct VerifiedJws {
    header: Header,
    algorithm: Algorithm,
    payload: Vec<u8>,
    key: Option<Jwk>,
}

impl<'t> Token<'t> {
    /// Reads a token that is signed or encrypted.
    ///
    /// # Errors
    /// As for [`Compact::parse`], and [`Jwe::parse`] for five parts.
    pub fn parse(token: &'t str, limits: &Limits) -> Result<Self, Error> {
        if token.split('.').take(PARTS_AT_MOST).count() == 5 {
            Jwe::parse(token, limits).map(Self::Encrypted)
        } else {
            Compact::parse(token, limits).map(Self::Signed)
        }
    }
}

impl<'t> Compact<'t> {
    /// Reads a signed token: its length, three parts in base64url, and the header.
    ///
    /// # Errors
    /// [`Error::TokenMalformed`], [`Error::HeaderInvalid`], and [`Error::Json`] for a header parameter that occurs
    /// twice.
    pub fn parse(token: &'t str, limits: &Limits) -> Result<Self, Error> {
        let malformed = |reason| Error::TokenMalformed { reason };
        if token.len() > limits.token {
            return Err(malformed("it is too long"));
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("a signed token has three parts"));
        };
        let header = Header::parse(header, limits)?;
        let decode = |part: &str| base64url_decode(part.as_bytes());
        let decoded = decode(payload).map_err(|_| malformed("the payload is not base64url"))?;
        let (signing_input, _) = token.rsplit_once('.').unwrap_or_default();
        let signature = decode(signature).map_err(|_| malformed("the signature is not base64url"))?;
        Ok(Self { header, signing_input, payload: decoded, signature })
    }

    /// The header, as a stranger wrote it.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The claims, as a stranger wrote them: for finding out whom the token is about, and for nothing else.
    ///
    /// # Errors
    /// [`Error::Json`].
    pub fn unverified_claims(&self, limits: &Limits) -> Result<Object, Error> {
        Ok(json::parse_object(&self.payload, &limits.json)?)
    }

    /// Verifies the signature. In this order: the algorithm is allowed; `crit`, `b64`, `zip` and `enc` are absent; the
    /// type is the expected one; a key is chosen; the signature is over the received bytes.
    ///
    /// # Errors
    /// [`Error`], of each of these steps.
    pub fn verify(&self, rules: &Verification<'_>, limits: &Limits) -> Result<VerifiedJws, Error> {
        // Core 3.1.3.7 (7): the algorithm is one of ours.
        let algorithm = self.header.algorithm().filter(|algorithm| rules.algorithms.contains(*algorithm));
        let algorithm = algorithm.ok_or_else(|| Error::AlgorithmNotAllowed {
            expected: rules.algorithms.to_string(),
            actual: shown(self.header.alg()),
        })?;
        // RFC 7515 §4.1.11, RFC 7797 §3: nothing that changes how the token is read.
        if let Some(parameter) = CRITICAL.into_iter().find(|name| self.header.members().get(name).is_some()) {
            return Err(Error::HeaderCritical { parameter });
        }
        // RFC 8725 §3.11: no token of another kind.
        rules.typ.check(self.header.typ())?;

        let verified = |key: Option<&Jwk>| VerifiedJws {
            header: self.header.clone(),
            algorithm,
            payload: self.payload.clone(),
            key: key.cloned(),
        };
        // Core 10.1: HMAC by the client secret, never by a published key.
        if let Some(hmac) = hmac_of(algorithm) {
            let shortest = hmac.output_len();
            let secret = rules.client_secret.map(|secret| secret.expose().as_bytes());
            let secret = secret
                .filter(|secret| secret.len() >= shortest)
                .ok_or(Error::SecretUnfit { algorithm, shortest })?;
            return match self.is_signed_by(algorithm, &DecodingKey::from_secret(secret)) {
                true => Ok(verified(None)),
                false => Err(Error::SignatureInvalid { kid: self.header.kid_shown() }),
            };
        }
        // Core 10.1: keys of the right type, by kid where the header has one.
        let kid = self.header.kid();
        let candidates =
            rules.keys.candidates(&KeyQuery { algorithm, kid, issuer: rules.key_issuer }, limits)?;
        // Core 3.1.3.7 (6): the bytes as received.
        let key = candidates.into_iter().find(|key| self.is_signed_by(algorithm, key.decoding_key()));
        let key = key.ok_or_else(|| Error::SignatureInvalid { kid: self.header.kid_shown() })?;
        Ok(verified(Some(key)))
    }

    fn is_signed_by(&self, algorithm: Algorithm, key: &DecodingKey) -> bool {
        let verifier = (RING.verifier_factory)(&algorithm, key);
        verifier.is_ok_and(|verifier| {
            verifier.algorithm() == algorithm
                && verifier.verify(self.signing_input.as_bytes(), &self.signature).is_ok()
        })
    }
}

impl TokenType<'_> {
    fn check(self, typ: Option<&str>) -> Result<(), Error> {
        let fits = match (self, typ) {
            (Self::Jwt | Self::JwtOr(_), None) => true,
            (Self::Jwt, Some(typ)) => is_media_type(typ, "JWT"),
            (Self::JwtOr(other), Some(typ)) => is_media_type(typ, "JWT") || is_media_type(typ, other),
            (Self::Exactly(expected), Some(typ)) => is_media_type(typ, expected),
            (Self::Exactly(_), None) => false,
        };
        if fits {
            return Ok(());
        }
        let expected = match self {
            Self::Jwt => "JWT",
            Self::JwtOr(other) | Self::Exactly(other) => other,
        };
        Err(Error::WrongType { expected: expected.to_owned(), actual: typ.map(shown) })
    }
}

impl VerifiedJws {
    /// The header; all of it is covered by the signature.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The payload as signed.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The algorithm of the signature.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digest that goes with the algorithm, for `at_hash` and `c_hash`.
    #[must_use]
    pub fn digest(&self) -> DigestAlgorithm {
        super::digest_of(self.algorithm)
    }

    /// The key that signed; `None` for HMAC.
    #[must_use]
    pub fn key(&self) -> Option<&Jwk> {
        self.key.as_ref()
    }

    /// The payload as a JSON object.
    ///
    /// # Errors
    /// [`Error::Json`].
    pub fn claims(&self, limits: &Limits) -> Result<Object, Error> {
        Ok(json::parse_object(&self.payload, &limits.json)?)
    }
}

impl std::fmt::Debug for Compact<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compact").field("header", &self.header).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for VerifiedJws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let algorithm = name_of(self.algorithm);
        f.debug_struct("VerifiedJws").field("algorithm", &algorithm).finish_non_exhaustive()
    }
}

/// Header parameters that make a token mean something else to whoever knows them.
const CRITICAL: [&str; 4] = ["crit", "b64", "zip", "enc"];
/// One more than any form has: no need to count further.
const PARTS_AT_MOST: usize = 6;
