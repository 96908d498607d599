//! Tokens, key sets, encryption and the provider for `jsonwebtoken`.

pub(crate) mod encrypt;
mod jwe;
mod jwk;
mod jws;
mod jwt;
mod pitfalls;
mod primitives;
mod provider;
mod rfc;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use admittance::crypto::{
    DecryptionKey, DigestAlgorithm, Ed25519SigningKey, Hmac, Secret, SignatureAlgorithm, SigningKey,
};
use admittance::encoding::base64url_encode;
use admittance::jose::{
    Algorithm, Algorithms, Compact, Error, Jwk, Jwks, KeyIssuer, PrivateKey, TokenType, Verification,
    VerifiedJws,
};
use admittance::limits::Limits;
use serde_json::{Value, json};

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../corpus/keys/", $name, ".key.pem"))
    };
}

/// The keys of `tests/corpus/keys` that sign here, and one of the corpus of tokens.
const KEYS: [(&str, &str); 6] = [
    ("rsa2048", pem!("rsa2048")),
    ("rsa2048b", pem!("rsa2048b")),
    ("rsa4096", pem!("rsa4096")),
    ("p256", pem!("p256")),
    ("p384", pem!("p384")),
    ("ed25519", pem!("ed25519")),
];

fn pem(name: &str) -> &'static str {
    KEYS.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no key {name}")).1
}

/// A private key that bears its file's name.
fn key(name: &str) -> PrivateKey {
    PrivateKey::from_pem(pem(name).as_bytes()).unwrap().with_kid(name)
}

/// Reading an RSA key takes longer than using it.
fn decryption_key(name: &str) -> Arc<DecryptionKey> {
    static READ: LazyLock<BTreeMap<&str, Arc<DecryptionKey>>> = LazyLock::new(|| {
        let keys = KEYS.iter().filter(|(name, _)| *name != "ed25519");
        keys.map(|(name, pem)| (*name, Arc::new(DecryptionKey::from_pem(pem.as_bytes()).unwrap()))).collect()
    });

    READ[name].clone()
}

/// The public key with these members set, or taken out by null.
fn jwk(name: &str, changes: Value) -> Value {
    static READ: LazyLock<BTreeMap<&str, Value>> = LazyLock::new(|| {
        let keys =
            KEYS.iter().map(|(name, _)| (*name, serde_json::to_value(key(name).public_jwk()).unwrap()));
        keys.collect()
    });

    let mut jwk = READ[name].clone();
    change(&mut jwk, changes);
    jwk
}

fn change(object: &mut Value, changes: Value) {
    for (member, value) in changes.as_object().unwrap().clone() {
        match value {
            Value::Null => object.as_object_mut().unwrap().remove(&member),
            value => object.as_object_mut().unwrap().insert(member, value),
        };
    }
}

fn jwks(keys: impl IntoIterator<Item = Value>) -> Jwks {
    let document = json!({ "keys": keys.into_iter().collect::<Vec<_>>() }).to_string();
    Jwks::parse(document.as_bytes(), &Limits::default()).unwrap().0
}

/// Every key that signs, by its name.
fn all_keys() -> Jwks {
    jwks(KEYS.iter().map(|(name, _)| jwk(name, json!({}))))
}

const ALGORITHMS: [(Algorithm, &str, &str); 9] = [
    (Algorithm::RS256, "RS256", "rsa2048"),
    (Algorithm::RS384, "RS384", "rsa2048"),
    (Algorithm::RS512, "RS512", "rsa4096"),
    (Algorithm::PS256, "PS256", "rsa2048"),
    (Algorithm::PS384, "PS384", "rsa4096"),
    (Algorithm::PS512, "PS512", "rsa2048"),
    (Algorithm::ES256, "ES256", "p256"),
    (Algorithm::ES384, "ES384", "p384"),
    (Algorithm::EdDSA, "EdDSA", "ed25519"),
];

/// The signature over any bytes whatever, by the primitives and not by the code under test.
fn raw_signature(name: &str, algorithm: &str, message: &[u8]) -> Vec<u8> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};

    static READ: LazyLock<BTreeMap<&str, SigningKey>> = LazyLock::new(|| {
        let keys = KEYS.iter().filter(|(name, _)| *name != "ed25519");
        keys.map(|(name, pem)| (*name, SigningKey::from_pem(pem.as_bytes()).unwrap())).collect()
    });

    let algorithm = match algorithm {
        "EdDSA" => return Ed25519SigningKey::from_pem(pem(name).as_bytes()).unwrap().sign(message),
        "RS256" => RsaPkcs1(Sha256),
        "RS384" => RsaPkcs1(Sha384),
        "RS512" => RsaPkcs1(Sha512),
        "PS256" => RsaPss(Sha256),
        "PS384" => RsaPss(Sha384),
        "PS512" => RsaPss(Sha512),
        "ES256" => Ecdsa(Sha256),
        "ES384" => Ecdsa(Sha384),
        other => panic!("{other}"),
    };
    READ[name].sign(algorithm, message).unwrap()
}

/// A token of exactly these texts, signed.
fn raw_token(name: &str, algorithm: &str, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", base64url_encode(header.as_bytes()), base64url_encode(payload.as_bytes()));
    let signature = raw_signature(name, algorithm, input.as_bytes());
    format!("{input}.{}", base64url_encode(&signature))
}

/// A token of exactly these texts, with an HMAC.
fn raw_hmac_token(hmac: Hmac, secret: &[u8], header: &str, payload: &str) -> String {
    let input = format!("{}.{}", base64url_encode(header.as_bytes()), base64url_encode(payload.as_bytes()));
    format!("{input}.{}", base64url_encode(&hmac.sign(secret, input.as_bytes())))
}

/// A good RS256 token by `rsa2048` with these changes to its header.
fn with_header(changes: Value) -> String {
    let mut header = json!({"alg": "RS256", "kid": "rsa2048"});
    change(&mut header, changes);
    raw_token("rsa2048", "RS256", &header.to_string(), PAYLOAD)
}

const PAYLOAD: &str = r#"{"sub":"ada"}"#;

/// Everything that [`Verification`] takes, by value.
struct Rules {
    algorithms: Algorithms,
    keys: Jwks,
    secret: Option<Secret>,
    typ: TokenType<'static>,
    key_issuer: KeyIssuer<'static>,
}

impl Rules {
    fn new() -> Self {
        Self {
            algorithms: Algorithms::default(),
            keys: all_keys(),
            secret: None,
            typ: TokenType::Jwt,
            key_issuer: KeyIssuer::Ignored,
        }
    }

    /// The keys are these, all others stay.
    fn keys(mut self, keys: impl IntoIterator<Item = Value>) -> Self {
        self.keys = jwks(keys);
        self
    }

    fn hmac(mut self, secret: Option<&str>) -> Self {
        self.algorithms = Algorithms::new(self.algorithms.iter().chain([
            Algorithm::HS256,
            Algorithm::HS384,
            Algorithm::HS512,
        ]));
        self.secret = secret.map(Secret::from);
        self
    }

    fn verify(&self, token: &str) -> Result<VerifiedJws, Error> {
        let rules = Verification {
            algorithms: &self.algorithms,
            typ: self.typ,
            keys: &self.keys,
            key_issuer: self.key_issuer,
            client_secret: self.secret.as_ref(),
        };
        Compact::parse(token, &Limits::default())?.verify(&rules, &Limits::default())
    }

    fn code(&self, token: &str) -> &'static str {
        self.verify(token).map_or_else(|error| error.code(), |verified| panic!("accepted: {verified:?}"))
    }

    /// Of the payload, too.
    fn claims_code(&self, token: &str) -> &'static str {
        let verified = self.verify(token).unwrap();
        verified.claims(&Limits::default()).unwrap_err().code()
    }
}

fn parse_jwk(value: &Value) -> Result<Jwk, Error> {
    Jwk::parse(value)
}
