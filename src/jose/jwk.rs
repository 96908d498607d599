use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::{
    algorithm,
    error::{Error, shown},
};
use crate::{
    crypto::{Curve, DigestAlgorithm, Ed25519PublicKey, KeyError, PublicKey, PublicKeyParts, digest},
    encoding::{base64url_decode, base64url_encode},
    json::{self, Object},
    limits::{LimitExceeded, Limits, Resource},
    note::Note,
};

/// The public keys that a side has published (RFC 7517 §5), those that can be used here.
///
/// Serialised as a key set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jwks {
    keys: Vec<Jwk>,
}

/// One public key (RFC 7517 §4): RSA of 2048 to 8192 bits, P-256, P-384 or Ed25519.
#[derive(Clone)]
pub struct Jwk {
    kid: Option<String>,
    usage: Option<String>,
    operations: Option<Vec<String>>,
    alg: Option<String>,
    issuer: Option<String>,
    material: Material,
    /// Made from `material` once, in the form that verification takes.
    decoding_key: DecodingKey,
}

/// What kind of key, and how strong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// RSA.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// Elliptic curve P-256.
    P256,
    /// Elliptic curve P-384.
    P384,
    /// Ed25519.
    Ed25519,
}

/// Which keys may sign for an issuer, where a set serves many (Entra ID's member `issuer`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyIssuer<'q> {
    /// The whole set belongs to one issuer: the member means nothing.
    Ignored,
    /// A key that has the member may sign only for this issuer, once `{tenantid}` in the member is replaced.
    Of {
        /// `iss` of the token.
        issuer: &'q str,
        /// `tid` of the token, which the caller has found to be the name of a tenant.
        tenant: &'q str,
    },
}

/// For what a key is looked for.
#[derive(Clone, Copy, Debug)]
pub struct KeyQuery<'q> {
    /// The algorithm of the token.
    pub algorithm: Algorithm,
    /// `kid` of the token.
    pub kid: Option<&'q str>,
    /// Which keys may sign for the token's issuer.
    pub issuer: KeyIssuer<'q>,
}

#[derive(Clone, PartialEq, Eq)]
enum Material {
    Rsa(PublicKey),
    Ec(PublicKey, Curve),
    Ed25519(Ed25519PublicKey),
}

impl Jwks {
    /// A set of these keys, for publishing our own.
    #[must_use]
    pub fn new(keys: Vec<Jwk>) -> Self {
        Self { keys }
    }

    /// Reads a key set entry by entry. An entry that cannot be used, or an `oct` key, is left out with the note
    /// `oidc.key_skipped`; private members are dropped with the note `oidc.key_private`.
    ///
    /// # Errors
    /// [`Error::Json`] and [`Error::JwksInvalid`] for a document that is no key set or holds too many keys;
    /// [`Error::JwksEmpty`] where no key is left that may verify.
    pub fn parse(document: &[u8], limits: &Limits) -> Result<(Self, Vec<Note>), Error> {
        let document = json::parse_object(document, &limits.json)?;
        let entries = match document.get("keys") {
            Some(Value::Array(entries)) => entries,
            _ => return Err(Error::JwksInvalid { reason: "it has no list keys" }),
        };
        if entries.len() > limits.jwks_keys {
            let exceeded = LimitExceeded { resource: Resource::JwksKeys, limit: limits.jwks_keys };
            return Err(Error::Json(exceeded.into()));
        }
        let (mut keys, mut notes) = (Vec::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            let field = format!("keys[{index}]");
            let private: Vec<_> = PRIVATE.into_iter().filter(|name| entry.get(name).is_some()).collect();
            if !private.is_empty() {
                notes.push(Note::new("oidc.key_private").field(field.as_str()).actual(private.join(", ")));
            }
            match Jwk::read(entry) {
                Ok(key) => keys.push(key),
                Err(reason) => notes.push(Note::new("oidc.key_skipped").field(field).actual(reason)),
            }
        }
        if !keys.iter().any(Jwk::may_verify) {
            return Err(Error::JwksEmpty);
        }
        Ok((Self { keys }, notes))
    }

    /// Every key in the order published.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The keys that may have made a signature, never none:
    ///
    /// 1. The type and curve fit the algorithm; `use` is absent or `sig`; `key_ops` is absent or holds `verify`; `alg`
    ///    is absent or equal; the member `issuer` fits.
    /// 2. With `kid`, those that bear exactly it; without, all of them.
    /// 3. Not more than [`Limits::keys_per_signature`].
    ///
    /// # Errors
    /// [`Error::KeyTypeMismatch`] where the keys of that `kid` are of another type, [`Error::KeyNotFound`] where there
    /// is no such key, [`Error::KeyAmbiguous`] where there are too many.
    pub fn candidates(&self, query: &KeyQuery<'_>, limits: &Limits) -> Result<Vec<&Jwk>, Error> {
        let named =
            || self.keys.iter().filter(|key| query.kid.is_none_or(|kid| key.kid.as_deref() == Some(kid)));
        let candidates: Vec<_> = named().filter(|key| key.fits(query)).collect();
        if candidates.len() > limits.keys_per_signature {
            let (count, limit) = (candidates.len(), limits.keys_per_signature);
            return Err(Error::KeyAmbiguous { count, limit });
        }
        if !candidates.is_empty() {
            return Ok(candidates);
        }
        let kid = query.kid.map(shown);
        let algorithm = query.algorithm;
        match named().find(|key| !key.key_type().fits(algorithm)).filter(|_| kid.is_some()) {
            Some(key) => Err(Error::KeyTypeMismatch { kid, algorithm, actual: key.key_type() }),
            None => Err(Error::KeyNotFound { kid }),
        }
    }
}

impl Jwk {
    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Kind and strength.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match &self.material {
            Material::Rsa(key) => {
                let bits = match key.parts() {
                    PublicKeyParts::Rsa { bits, .. } => bits,
                    PublicKeyParts::Ec { .. } => 0,
                };
                KeyType::Rsa { bits }
            }
            Material::Ec(_, Curve::P256) => KeyType::P256,
            Material::Ec(_, Curve::P384) => KeyType::P384,
            Material::Ed25519(_) => KeyType::Ed25519,
        }
    }

    /// The issuer that the key is for, as published; Entra ID writes `{tenantid}` into it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// The key as a JSON object.
    #[must_use]
    pub fn to_object(&self) -> Object {
        let mut object = self.required_members();
        let optional =
            [("kid", &self.kid), ("use", &self.usage), ("alg", &self.alg), ("issuer", &self.issuer)];
        for (name, value) in optional {
            if let Some(value) = value {
                object.insert(name, value.as_str());
            }
        }
        if let Some(operations) = &self.operations {
            object.insert("key_ops", operations.clone());
        }
        object
    }

    /// The SHA-256 thumbprint (RFC 7638, RFC 8037 §2) in base64url.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let members = self.required_members().to_json();
        base64url_encode(digest(DigestAlgorithm::Sha256, members.as_bytes()).as_ref())
    }

    /// Reads one entry of a set, such as the member `jwk` of a header or of `cnf`.
    ///
    /// # Errors
    /// [`Error::JwksInvalid`] for a key that cannot be used.
    pub fn parse(entry: &Value) -> Result<Self, Error> {
        Self::read(entry).map_err(|reason| Error::JwksInvalid { reason })
    }

    /// The key alone, without name and use: what stands in a header.
    pub(super) fn bare(&self) -> Value {
        let members = self.required_members();
        Value::Object(members.iter().map(|(name, value)| (name.to_owned(), value.clone())).collect())
    }

    pub(super) fn of_public_key(key: &PublicKey) -> Self {
        let material = match key.parts() {
            PublicKeyParts::Rsa { .. } => Material::Rsa(key.clone()),
            PublicKeyParts::Ec { curve, .. } => Material::Ec(key.clone(), curve),
        };
        Self::of(material)
    }

    pub(super) fn of_ed25519(key: Ed25519PublicKey) -> Self {
        Self::of(Material::Ed25519(key))
    }

    /// Names the key and says that it is for signatures of this algorithm.
    pub(super) fn for_signatures(mut self, kid: Option<&str>, algorithm: Option<Algorithm>) -> Self {
        self.kid = kid.map(str::to_owned);
        self.usage = Some("sig".to_owned());
        self.alg = algorithm.map(|algorithm| algorithm::name_of(algorithm).to_owned());
        self
    }

    pub(super) fn decoding_key(&self) -> &DecodingKey {
        &self.decoding_key
    }

    fn of(material: Material) -> Self {
        let decoding_key = match &material {
            Material::Rsa(key) | Material::Ec(key, _) => match key.parts() {
                PublicKeyParts::Rsa { modulus, exponent, .. } => {
                    DecodingKey::from_rsa_raw_components(modulus, exponent)
                }
                PublicKeyParts::Ec { point, .. } => DecodingKey::from_ec_der(point),
            },
            Material::Ed25519(key) => DecodingKey::from_ed_der(key.as_bytes()),
        };
        Self { kid: None, usage: None, operations: None, alg: None, issuer: None, material, decoding_key }
    }

    fn read(entry: &Value) -> Result<Self, &'static str> {
        let Value::Object(members) = entry else { return Err("it is no JSON object") };
        let optional = |name, reason| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(reason),
        };
        let number = |name, reason| match members.get(name) {
            Some(Value::String(text)) => base64url_decode(text.as_bytes()).map_err(|_| reason),
            _ => Err(reason),
        };
        let material = match members.get("kty").and_then(Value::as_str) {
            Some("RSA") => {
                let modulus = number("n", "n is not base64url")?;
                let exponent = number("e", "e is not base64url")?;
                let key =
                    PublicKey::from_rsa_components(&modulus, &exponent).map_err(|error| match error {
                        KeyError::RsaSize { .. } => "an RSA key has 2048 to 8192 bits",
                        _ => "n and e are no RSA key",
                    })?;
                if key.kind().is_legacy() {
                    return Err("an RSA key has 2048 to 8192 bits");
                }
                Material::Rsa(key)
            }
            Some("EC") => {
                let (curve, length) = match members.get("crv").and_then(Value::as_str) {
                    Some("P-256") => (Curve::P256, 32),
                    Some("P-384") => (Curve::P384, 48),
                    _ => return Err("the curve is not P-256 or P-384"),
                };
                let (x, y) = (number("x", "x is not base64url")?, number("y", "y is not base64url")?);
                if x.len() != length || y.len() != length {
                    return Err("x and y do not have the length of the curve");
                }
                let point = [&[UNCOMPRESSED_POINT], x.as_slice(), y.as_slice()].concat();
                let key = PublicKey::from_ec_point(curve, &point).map_err(|_| "x and y are no point")?;
                Material::Ec(key, curve)
            }
            Some("OKP") => {
                if members.get("crv").and_then(Value::as_str) != Some("Ed25519") {
                    return Err("the curve is not Ed25519");
                }
                let key = Ed25519PublicKey::from_bytes(&number("x", "x is not base64url")?);
                Material::Ed25519(key.map_err(|_| "x does not have 32 bytes")?)
            }
            Some("oct") => return Err("a secret in a published set is not used"),
            Some(_) => return Err("the key type is not RSA, EC or OKP"),
            None => return Err("it has no text kty"),
        };
        let operations = match members.get("key_ops") {
            None => None,
            Some(Value::Array(operations)) => {
                let texts = operations.iter().map(|one| one.as_str().map(str::to_owned));
                Some(texts.collect::<Option<_>>().ok_or("key_ops is not a list of texts")?)
            }
            Some(_) => return Err("key_ops is not a list of texts"),
        };
        Ok(Self {
            kid: optional("kid", "kid is not a text")?,
            usage: optional("use", "use is not a text")?,
            operations,
            alg: optional("alg", "alg is not a text")?,
            issuer: optional("issuer", "issuer is not a text")?,
            ..Self::of(material)
        })
    }

    fn may_verify(&self) -> bool {
        let by_use = self.usage.as_deref().is_none_or(|usage| usage == "sig");
        let by_operations =
            self.operations.as_ref().is_none_or(|operations| operations.iter().any(|one| one == "verify"));
        by_use && by_operations
    }

    fn fits(&self, query: &KeyQuery<'_>) -> bool {
        let by_alg = self.alg.as_deref().is_none_or(|alg| algorithm::read(alg) == Some(query.algorithm));
        let by_issuer = match (query.issuer, &self.issuer) {
            (KeyIssuer::Ignored, _) | (_, None) => true,
            (KeyIssuer::Of { issuer, tenant }, Some(template)) => {
                template.replace(TENANT_TEMPLATE, tenant) == issuer
            }
        };
        self.key_type().fits(query.algorithm) && self.may_verify() && by_alg && by_issuer
    }

    /// Those that make up the thumbprint, in its order (RFC 7638 §3.2).
    fn required_members(&self) -> Object {
        match &self.material {
            Material::Rsa(key) | Material::Ec(key, _) => match key.parts() {
                PublicKeyParts::Rsa { modulus, exponent, .. } => Object::new()
                    .with("e", base64url_encode(exponent))
                    .with("kty", "RSA")
                    .with("n", base64url_encode(modulus)),
                PublicKeyParts::Ec { curve, point } => {
                    let coordinates = point.get(1..).unwrap_or_default();
                    let (x, y) = coordinates.split_at_checked(coordinates.len() / 2).unwrap_or_default();
                    Object::new()
                        .with("crv", curve.to_string())
                        .with("kty", "EC")
                        .with("x", base64url_encode(x))
                        .with("y", base64url_encode(y))
                }
            },
            Material::Ed25519(key) => Object::new()
                .with("crv", "Ed25519")
                .with("kty", "OKP")
                .with("x", base64url_encode(key.as_bytes())),
        }
    }
}

impl KeyType {
    /// Whether signatures of this algorithm are made with such a key.
    #[must_use]
    pub fn fits(self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => matches!(self, Self::Rsa { .. }),
            Algorithm::ES256 => self == Self::P256,
            Algorithm::ES384 => self == Self::P384,
            Algorithm::EdDSA => self == Self::Ed25519,
            // HMAC, and what the type may grow by.
            _ => false,
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::Ed25519 => f.write_str("Ed25519"),
        }
    }
}

impl PartialEq for Jwk {
    fn eq(&self, other: &Self) -> bool {
        let members = |key: &Self| {
            let Self { kid, usage, operations, alg, issuer, .. } = key.clone();
            (kid, usage, operations, alg, issuer)
        };
        self.material == other.material && members(self) == members(other)
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwk({}", self.key_type())?;
        if let Some(kid) = &self.kid {
            write!(f, ", kid {kid:?}")?;
        }
        f.write_str(")")
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_object().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Serialize for Jwks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Set { keys: &self.keys }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Jwks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { keys: Set::deserialize(deserializer)?.keys })
    }
}

#[derive(Serialize, Deserialize)]
struct Set<K> {
    keys: K,
}

/// Private members of every type of key (RFC 7518 §6.2.2, §6.3.2, §6.4.1), which nobody means to publish.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const TENANT_TEMPLATE: &str = "{tenantid}";
const UNCOMPRESSED_POINT: u8 = 4;
