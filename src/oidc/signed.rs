//! A token that the provider has signed for us: the first steps of every check, up to its payload.

use serde_json::Value;

use super::{Client, Error, IssuerPolicy, Message, issuer::TENANT_PLACE};
use crate::{
    crypto::{DigestAlgorithm, Secret},
    jose::{self, Algorithms, Compact, Jwe, Jwks, KeyIssuer, TokenType, Verification, VerifiedJws},
    json::Object,
};

/// What kind of token is expected.
#[derive(Clone, Copy)]
pub(in crate::oidc) struct Expected<'e> {
    pub(in crate::oidc) message: Message,
    pub(in crate::oidc) typ: TokenType<'e>,
    pub(in crate::oidc) encryption: Encryption,
    /// The algorithms that the provider lists for it.
    pub(in crate::oidc) listed: Option<&'e [String]>,
}

/// Whether a token must be encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::oidc) enum Encryption {
    /// Registered so: a token that anybody on the way could read is refused.
    Required,
    /// It may be.
    Optional,
}

/// The payload of a token whose signature is verified. Nothing in it is checked yet.
pub(in crate::oidc) struct Signed {
    pub(in crate::oidc) claims: Object,
    /// The hash that goes with the signature.
    pub(in crate::oidc) digest: DigestAlgorithm,
    /// For which issuer the key that has signed may sign, where the set says so.
    key_issuer: Option<String>,
}

/// The text of a signed token.
pub(in crate::oidc) enum Opened<'t> {
    /// As it came.
    Plain(&'t str),
    /// Out of its encryption.
    Decrypted(Secret),
}

/// Decrypts a token that is encrypted (RFC 7516 §7.1). What is inside is looked at by [`Signed::verify`], which refuses
/// a second encryption.
pub(in crate::oidc) fn open<'t>(
    token: &'t str,
    expected: &Expected<'_>,
    client: &Client,
) -> Result<Opened<'t>, Error> {
    let limits = &client.policy.limits;
    let failed = |error| Error::Jose { message: expected.message, error };
    if token.split('.').count() != ENCRYPTED_PARTS {
        return match expected.encryption {
            Encryption::Required => Err(Error::TokenNotEncrypted { message: expected.message }),
            Encryption::Optional => Ok(Opened::Plain(token)),
        };
    }
    let jwe = Jwe::parse(token, limits).map_err(failed)?;
    let decrypted = jwe.decrypt(client.decrypters(), limits).map_err(failed)?;
    let text = str::from_utf8(decrypted.plaintext())
        .map_err(|_| failed(jose::Error::TokenMalformed { reason: "the encrypted content is no text" }))?;
    Ok(Opened::Decrypted(Secret::new(text)))
}

impl Opened<'_> {
    pub(in crate::oidc) fn as_str(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Decrypted(text) => text.expose(),
        }
    }
}

impl Signed {
    /// Verifies the signature of a token that [`open`] has returned, and reads its payload.
    pub(in crate::oidc) fn verify(
        token: &str,
        expected: &Expected<'_>,
        jwks: &Jwks,
        client: &Client,
    ) -> Result<Self, Error> {
        let limits = &client.policy.limits;
        let failed = |error| Error::Jose { message: expected.message, error };
        // RFC 7515 §7.1, §4: three parts, the header.
        let compact = Compact::parse(token, limits).map_err(failed)?;
        // Core 3.1.3.7 (6, 7), 10.1; RFC 7515 §4.1.11; RFC 8725 §3.11: algorithm, crit, typ, key, signature.
        let algorithms = effective_algorithms(expected.listed, client)?;
        let verification = Verification {
            algorithms: &algorithms,
            typ: expected.typ,
            keys: jwks,
            key_issuer: KeyIssuer::Ignored,
            client_secret: client.secret(),
        };
        let verified = verify(&compact, &verification, client).map_err(failed)?;
        // RFC 7519 §7.2: one JSON object.
        let claims = verified.claims(limits).map_err(failed)?;
        let key_issuer = match client.policy.issuer {
            IssuerPolicy::EntraTenants { .. } => {
                verified.key().and_then(|key| key.issuer()).map(str::to_owned)
            }
            IssuerPolicy::Exact | IssuerPolicy::Google => None,
        };
        Ok(Self { claims, digest: verified.digest(), key_issuer })
    }

    /// Entra ID: a key that is published for one issuer signs for no other. `issuer` and the tenant in it are checked.
    pub(in crate::oidc) fn key_signs_for(&self, message: Message, issuer: &str) -> Result<(), Error> {
        let Some(template) = &self.key_issuer else { return Ok(()) };
        let tenant = self.claims.get("tid").and_then(Value::as_str).unwrap_or_default();
        let expected = template.replace(TENANT_PLACE, tenant);
        if expected == issuer {
            return Ok(());
        }
        Err(Error::IssuerMismatch { message, expected, actual: issuer.to_owned() })
    }
}

const ENCRYPTED_PARTS: usize = 5;

/// Core 3.1.3.7 (7): the policy's algorithms that the provider lists.
fn effective_algorithms(listed: Option<&[String]>, client: &Client) -> Result<Algorithms, Error> {
    let ours = &client.policy.algs;
    let Some(listed) = listed else { return Ok(ours.clone()) };
    let common = ours.intersection(listed.iter().map(String::as_str));
    if common.is_empty() {
        let expected = ours.iter().map(|algorithm| jose::name_of(algorithm).to_owned()).collect();
        return Err(Error::NoCommonAlgorithm { expected, actual: listed.to_vec() });
    }
    Ok(common)
}

/// Where the set serves many tenants, a key of the token's own issuer goes before others of the same name. Whether the
/// key may sign for it is judged once the issuer is: see [`Signed::key_signs_for`].
fn verify(
    compact: &Compact<'_>,
    verification: &Verification<'_>,
    client: &Client,
) -> Result<VerifiedJws, jose::Error> {
    let limits = &client.policy.limits;
    if !matches!(client.policy.issuer, IssuerPolicy::EntraTenants { .. }) {
        return compact.verify(verification, limits);
    }
    let claims = compact.unverified_claims(limits)?;
    let text = |name| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let key_issuer = KeyIssuer::Of { issuer: text("iss"), tenant: text("tid") };
    match compact.verify(&Verification { key_issuer, ..*verification }, limits) {
        Err(jose::Error::KeyNotFound { .. }) => compact.verify(verification, limits),
        verified => verified,
    }
}
