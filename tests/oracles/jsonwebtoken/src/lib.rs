//! The same keys and tokens for `admittance` and for its oracles.

use admittance::jose::{
    Algorithm, Algorithms, Compact, Error, Jwks, KeyHeader, KeyIssuer, PrivateKey, SignWith, Signing,
    TokenType, Verification, sign,
};
use admittance::json::{self, Object};
use admittance::limits::Limits;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, EncodingKey};

macro_rules! key {
    ($name:literal) => {
        include_str!(concat!("../../../corpus/keys/", $name, ".pem"))
    };
}

/// A private key of the corpus, for both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl Key {
    pub const ALL: [Self; 4] = [Self::Rsa, Self::P256, Self::P384, Self::Ed25519];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::P256 => "p256",
            Self::P384 => "p384",
            Self::Ed25519 => "ed25519",
        }
    }

    pub fn pem(self) -> &'static str {
        match self {
            Self::Rsa => key!("rsa2048.key"),
            Self::P256 => key!("p256.key"),
            Self::P384 => key!("p384.key"),
            Self::Ed25519 => key!("ed25519.key"),
        }
    }

    pub fn ours(self) -> PrivateKey {
        PrivateKey::from_pem(self.pem().as_bytes()).unwrap().with_kid(self.name())
    }

    pub fn encoding_key(self) -> EncodingKey {
        let der = |pem: &str| {
            let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
            STANDARD.decode(text).unwrap()
        };
        match self {
            Self::Rsa => EncodingKey::from_rsa_der(&der(key!("rsa2048.pkcs1"))),
            Self::P256 | Self::P384 => EncodingKey::from_ec_der(&der(self.pem())),
            Self::Ed25519 => EncodingKey::from_ed_der(&der(self.pem())),
        }
    }

    /// By the JWK that we publish, as a user of `jsonwebtoken` would.
    pub fn decoding_key(self) -> DecodingKey {
        let jwk = serde_json::to_value(self.ours().public_jwk()).unwrap();
        DecodingKey::from_jwk(&serde_json::from_value(jwk).unwrap()).unwrap()
    }

    pub fn algorithms(self) -> Vec<Algorithm> {
        Algorithms::default().iter().filter(|one| self.ours().key_type().fits(*one)).collect()
    }
}

/// Every public key, as the provider publishes it.
pub fn jwks() -> Jwks {
    Jwks::new(Key::ALL.iter().map(|key| key.ours().public_jwk()).collect())
}

/// Verifies, and reads the claims.
pub fn verify(token: &str, keys: &Jwks) -> Result<Object, Error> {
    let limits = Limits::default();
    let rules = Verification {
        algorithms: &Algorithms::default(),
        typ: TokenType::Jwt,
        keys,
        key_issuer: KeyIssuer::Ignored,
        client_secret: None,
    };
    Compact::parse(token, &limits)?.verify(&rules, &limits)?.claims(&limits)
}

pub fn signed(key: Key, algorithm: Algorithm, claims: &str) -> String {
    let claims = json::parse_object(claims.as_bytes(), &Limits::default().json).unwrap();
    let key = key.ours();
    let signing =
        Signing { with: SignWith::Key(&key), algorithm, typ: Some("JWT"), key_header: KeyHeader::Kid };
    sign(&claims, &signing).unwrap()
}

/// Any header and payload, signed by `jsonwebtoken`'s own primitives.
pub fn raw(key: Key, algorithm: Algorithm, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    let signature = jsonwebtoken::crypto::sign(input.as_bytes(), &key.encoding_key(), algorithm).unwrap();
    format!("{input}.{signature}")
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Dice that fall the same way each time (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    pub fn choose<'c, T>(&mut self, choices: &'c [T]) -> &'c T {
        &choices[self.below(choices.len())]
    }
}

/// One change that whoever sees tokens can make to them.
pub fn change(token: &str, other: &str, dice: &mut Dice) -> String {
    const SYMBOLS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. \n";

    let mut bytes = token.as_bytes().to_vec();
    let at = dice.below(bytes.len().max(1));
    match dice.below(8) {
        0 | 1 if !bytes.is_empty() => bytes[at] = *dice.choose(SYMBOLS),
        2 => bytes.insert(at, *dice.choose(SYMBOLS)),
        3 if !bytes.is_empty() => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        5 => bytes.push(*dice.choose(b"=A.~ ")),
        6 | 7 => {
            // A part of the other token in the place of ours.
            let mut parts: Vec<&str> = token.split('.').collect();
            let others: Vec<&str> = other.split('.').collect();
            let place = dice.below(parts.len());
            parts[place] = others[dice.below(others.len())];
            return parts.join(".");
        }
        _ => {}
    }
    String::from_utf8(bytes).unwrap()
}
