//! The keys of the testing provider, as `ring` reads them. They are published: whoever trusts one of them outside
//! of a test lets everybody in.

use std::sync::LazyLock;

use ring::{
    hmac,
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair},
};
use serde_json::{Value, json};

use super::json::Object;
use crate::{
    encoding::{base64_decode, base64url_encode},
    testing::key_material::{
        ED25519_KEY, OTHER_ED25519_KEY, OTHER_P256_KEY, OTHER_P384_KEY, OTHER_RSA_KEY, P256_KEY, P384_KEY,
        RSA_KEY,
    },
};

/// A fixed private key, the same in every release. Made for tests, published with the source, never to be trusted
/// anywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TestKey {
    /// RSA with 2048 bits: what the provider signs with.
    Rsa,
    /// Another RSA key of that kind: the new key of a rotation, or somebody else's.
    OtherRsa,
    /// Elliptic curve P-256. Its signatures differ from run to run.
    P256,
    /// Another P-256 key.
    OtherP256,
    /// Elliptic curve P-384. Its signatures differ from run to run.
    P384,
    /// Another P-384 key.
    OtherP384,
    /// Ed25519.
    Ed25519,
    /// Another Ed25519 key.
    OtherEd25519,
}

/// What the provider signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// RSA PKCS#1 with SHA-256.
    Rs256,
    /// RSA PKCS#1 with SHA-384.
    Rs384,
    /// RSA PKCS#1 with SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// RSA-PSS with SHA-384.
    Ps384,
    /// RSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl TestKey {
    /// Every key.
    pub const ALL: [Self; 8] = [
        Self::Rsa,
        Self::OtherRsa,
        Self::P256,
        Self::OtherP256,
        Self::P384,
        Self::OtherP384,
        Self::Ed25519,
        Self::OtherEd25519,
    ];

    /// The private key as PEM (PKCS#8).
    #[must_use]
    pub fn key_pem(self) -> &'static str {
        match self {
            Self::Rsa => RSA_KEY,
            Self::OtherRsa => OTHER_RSA_KEY,
            Self::P256 => P256_KEY,
            Self::OtherP256 => OTHER_P256_KEY,
            Self::P384 => P384_KEY,
            Self::OtherP384 => OTHER_P384_KEY,
            Self::Ed25519 => ED25519_KEY,
            Self::OtherEd25519 => OTHER_ED25519_KEY,
        }
    }

    /// The name of the key in the provider's key set.
    #[must_use]
    pub fn kid(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-1",
            Self::OtherRsa => "rsa-2",
            Self::P256 => "p256-1",
            Self::OtherP256 => "p256-2",
            Self::P384 => "p384-1",
            Self::OtherP384 => "p384-2",
            Self::Ed25519 => "ed25519-1",
            Self::OtherEd25519 => "ed25519-2",
        }
    }

    /// The algorithm that fits the key and that most providers use with it.
    #[must_use]
    pub fn default_algorithm(self) -> SigningAlgorithm {
        match self {
            Self::Rsa | Self::OtherRsa => SigningAlgorithm::Rs256,
            Self::P256 | Self::OtherP256 => SigningAlgorithm::Es256,
            Self::P384 | Self::OtherP384 => SigningAlgorithm::Es384,
            Self::Ed25519 | Self::OtherEd25519 => SigningAlgorithm::EdDsa,
        }
    }

    /// The public half as a JWK (RFC 7517) with nothing but its parameters.
    #[must_use]
    pub fn jwk(self) -> Value {
        match self.pair() {
            Pair::Rsa(pair) => {
                let components = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({
                    "kty": "RSA",
                    "n": base64url_encode(&components.n),
                    "e": base64url_encode(&components.e),
                })
            }
            Pair::Ecdsa(pair, curve) => {
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": curve, "x": base64url_encode(x), "y": base64url_encode(y) })
            }
            Pair::Ed25519(pair) => json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "x": base64url_encode(pair.public_key().as_ref()),
            }),
        }
    }

    /// Another key of the same kind.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Rsa => Self::OtherRsa,
            Self::OtherRsa => Self::Rsa,
            Self::P256 => Self::OtherP256,
            Self::OtherP256 => Self::P256,
            Self::P384 => Self::OtherP384,
            Self::OtherP384 => Self::P384,
            Self::Ed25519 => Self::OtherEd25519,
            Self::OtherEd25519 => Self::Ed25519,
        }
    }

    /// Signs; nothing where the algorithm needs another kind of key.
    #[must_use]
    pub fn sign(self, algorithm: SigningAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
        use SigningAlgorithm as A;

        let random = SystemRandom::new();
        match (self.pair(), algorithm) {
            (Pair::Rsa(pair), algorithm) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(rsa_encoding(algorithm)?, &random, message, &mut signature).ok()?;
                Some(signature)
            }
            (Pair::Ecdsa(pair, "P-256"), A::Es256) | (Pair::Ecdsa(pair, "P-384"), A::Es384) => {
                Some(pair.sign(&random, message).ok()?.as_ref().to_vec())
            }
            (Pair::Ed25519(pair), A::EdDsa) => Some(pair.sign(message).as_ref().to_vec()),
            (Pair::Ecdsa(..) | Pair::Ed25519(_), _) => None,
        }
    }

    /// Signs any header and any payload as a JWS in compact form: for tokens that nobody has thought of.
    #[must_use]
    pub fn sign_jws(self, algorithm: SigningAlgorithm, header: &Value, payload: &[u8]) -> Option<String> {
        let header = base64url_encode(header.to_string().as_bytes());
        let signed = format!("{header}.{}", base64url_encode(payload));
        let signature = self.sign(algorithm, signed.as_bytes())?;
        Some(format!("{signed}.{}", base64url_encode(&signature)))
    }

    fn pair(self) -> &'static Pair {
        match self {
            Self::Rsa => &RSA,
            Self::OtherRsa => &OTHER_RSA,
            Self::P256 => &P256,
            Self::OtherP256 => &OTHER_P256,
            Self::P384 => &P384,
            Self::OtherP384 => &OTHER_P384,
            Self::Ed25519 => &ED25519,
            Self::OtherEd25519 => &OTHER_ED25519,
        }
    }
}

impl SigningAlgorithm {
    /// Its name (RFC 7518 §3.1, RFC 8037 §3.1).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The left half of the hash that belongs to the algorithm (Core 3.1.3.6): `at_hash` and `c_hash`.
    pub(super) fn half_hash(self, text: &str) -> String {
        use ring::digest::{SHA256, SHA384, SHA512, digest};

        let algorithm = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &SHA384,
            Self::Rs512 | Self::Ps512 | Self::EdDsa => &SHA512,
        };
        let hash = digest(algorithm, text.as_bytes());
        let half = hash.as_ref().len() / 2;
        base64url_encode(hash.as_ref().get(..half).unwrap_or_default())
    }
}

/// Whether a signature is that of a key in JWK form: the provider's own reading, so that a mistake of the library
/// does not hide itself.
pub(super) fn verify(jwk: &Object, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let member = |name: &str| {
        let text = jwk.get(name).and_then(Value::as_str).unwrap_or_default();
        crate::encoding::base64url_decode(text.as_bytes()).unwrap_or_default()
    };
    let is = |name: &str, value: &str| jwk.get(name).and_then(Value::as_str) == Some(value);
    let rsa = |parameters| {
        let key = PublicKeyComponents { n: member("n"), e: member("e") };
        is("kty", "RSA") && key.verify(parameters, message, signature).is_ok()
    };
    let ec = |curve, algorithm: &'static dyn signature::VerificationAlgorithm| {
        let point = [vec![4], member("x"), member("y")].concat();
        let key = signature::UnparsedPublicKey::new(algorithm, point);
        is("kty", "EC") && is("crv", curve) && key.verify(message, signature).is_ok()
    };
    match algorithm {
        "RS256" => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        "RS384" => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        "RS512" => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        "PS256" => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        "PS384" => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        "PS512" => rsa(&signature::RSA_PSS_2048_8192_SHA512),
        "ES256" => ec("P-256", &signature::ECDSA_P256_SHA256_FIXED),
        "ES384" => ec("P-384", &signature::ECDSA_P384_SHA384_FIXED),
        "EdDSA" | "Ed25519" => {
            let key = signature::UnparsedPublicKey::new(&signature::ED25519, member("x"));
            is("kty", "OKP") && is("crv", "Ed25519") && key.verify(message, signature).is_ok()
        }
        _ => false,
    }
}

/// Whether a signature is an HMAC with a client's secret.
pub(super) fn verify_hmac(secret: &str, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
    let algorithm = match algorithm {
        "HS256" => hmac::HMAC_SHA256,
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => return false,
    };
    hmac::verify(&hmac::Key::new(algorithm, secret.as_bytes()), message, signature).is_ok()
}

/// HMAC with SHA-256, with whatever somebody takes for a key.
pub(super) fn hs256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>, &'static str),
    Ed25519(Box<Ed25519KeyPair>),
}

static RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::Rsa));
static OTHER_RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::OtherRsa));
static P256: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::P256));
static OTHER_P256: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::OtherP256));
static P384: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::P384));
static OTHER_P384: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::OtherP384));
static OTHER_ED25519: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::OtherEd25519));
static ED25519: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::Ed25519));

impl Pair {
    #[expect(
        clippy::expect_used,
        reason = "INVARIANT (test keys): fixed values, each of which a unit test reads"
    )]
    fn read(key: TestKey) -> Self {
        let lines = key.key_pem().lines().filter(|line| !line.starts_with('-'));
        let der = base64_decode(lines.collect::<String>().as_bytes()).expect("a fixed key");
        let ec = |algorithm, curve| {
            let pair = EcdsaKeyPair::from_pkcs8(algorithm, &der, &SystemRandom::new());
            Self::Ecdsa(Box::new(pair.expect("a fixed key")), curve)
        };
        match key {
            TestKey::Rsa | TestKey::OtherRsa => {
                Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).expect("a fixed key")))
            }
            TestKey::P256 | TestKey::OtherP256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256"),
            TestKey::P384 | TestKey::OtherP384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384"),
            TestKey::Ed25519 | TestKey::OtherEd25519 => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der);
                Self::Ed25519(Box::new(pair.expect("a fixed key")))
            }
        }
    }
}

fn rsa_encoding(algorithm: SigningAlgorithm) -> Option<&'static dyn RsaEncoding> {
    Some(match algorithm {
        SigningAlgorithm::Rs256 => &signature::RSA_PKCS1_SHA256,
        SigningAlgorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        SigningAlgorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        SigningAlgorithm::Ps256 => &signature::RSA_PSS_SHA256,
        SigningAlgorithm::Ps384 => &signature::RSA_PSS_SHA384,
        SigningAlgorithm::Ps512 => &signature::RSA_PSS_SHA512,
        SigningAlgorithm::Es256 | SigningAlgorithm::Es384 | SigningAlgorithm::EdDsa => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_signs_what_its_jwk_verifies() {
        for key in TestKey::ALL {
            let algorithm = key.default_algorithm();
            let signature = key.sign(algorithm, b"message").unwrap();
            let jwk = key.jwk().as_object().unwrap().clone();
            assert!(verify(&jwk, algorithm.as_str(), b"message", &signature), "{key:?}");
            assert!(!verify(&jwk, algorithm.as_str(), b"another", &signature), "{key:?}");
        }
    }
}
