use jsonwebtoken::Algorithm;

use super::{
    algorithm::{hmac_of, name_of},
    error::Error,
    private_key::PrivateKey,
};
use crate::{crypto::Secret, encoding::base64url_encode, json::Object};

/// How a token of ours is signed.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'s> {
    /// With what.
    pub with: SignWith<'s>,
    /// The algorithm, which must fit it.
    pub algorithm: Algorithm,
    /// `typ` of the header, without `application/`.
    pub typ: Option<&'s str>,
    /// How the header names the key.
    pub key_header: KeyHeader,
}

/// What signs.
#[derive(Clone, Copy, Debug)]
pub enum SignWith<'s> {
    /// A private key.
    Key(&'s PrivateKey),
    /// A secret that is shared with whoever reads the token, at least as long as the hash: HMAC.
    Secret(&'s Secret),
}

/// How a header names the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHeader {
    /// By `kid`, where the key has one.
    Kid,
    /// By the whole public key in `jwk`, as a DPoP proof does (RFC 9449 §4.2). HMAC has none.
    Jwk,
}

/// Signs claims as a token in compact form (RFC 7515 §7.1). Members keep their order.
///
/// RSA-PSS and ECDSA draw random bytes from the operating system inside `ring`; see
/// [`SigningKey::sign`](crate::crypto::SigningKey::sign).
///
/// # Errors
/// [`Error::KeyTypeMismatch`] for an algorithm that the key does not make, [`Error::AlgorithmNotAllowed`] for an
/// algorithm with a secret that is none of HMAC, or HMAC with [`KeyHeader::Jwk`]; [`Error::SecretUnfit`] for a short
/// secret; [`Error::SigningFailed`].
pub fn sign(claims: &Object, signing: &Signing<'_>) -> Result<String, Error> {
    let algorithm = signing.algorithm;
    let mut header = Object::new().with("alg", name_of(algorithm));
    if let Some(typ) = signing.typ {
        header.insert("typ", typ);
    }
    match (signing.key_header, signing.with) {
        (KeyHeader::Kid, SignWith::Key(key)) => {
            if let Some(kid) = key.kid() {
                header.insert("kid", kid);
            }
        }
        (KeyHeader::Jwk, SignWith::Key(key)) => header.insert("jwk", key.public_jwk().bare()),
        (KeyHeader::Kid, SignWith::Secret(_)) => {}
        (KeyHeader::Jwk, SignWith::Secret(_)) => {
            return Err(not_allowed(algorithm, "an algorithm with a public key"));
        }
    }
    let part = |object: &Object| base64url_encode(object.to_json().as_bytes());
    let mut token = format!("{}.{}", part(&header), part(claims));
    let signature = match signing.with {
        SignWith::Key(key) => key.sign(algorithm, token.as_bytes())?,
        SignWith::Secret(secret) => {
            let hmac = hmac_of(algorithm).ok_or_else(|| not_allowed(algorithm, "HMAC"))?;
            let (secret, shortest) = (secret.expose().as_bytes(), hmac.output_len());
            if secret.len() < shortest {
                return Err(Error::SecretUnfit { algorithm, shortest });
            }
            hmac.sign(secret, token.as_bytes())
        }
    };
    token.push('.');
    token.push_str(&base64url_encode(&signature));
    Ok(token)
}

fn not_allowed(algorithm: Algorithm, expected: &str) -> Error {
    Error::AlgorithmNotAllowed { expected: expected.to_owned(), actual: name_of(algorithm).to_owned() }
}
