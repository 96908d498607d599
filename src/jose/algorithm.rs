//! [`Algorithms`]: which signature algorithms a token may have, and their names.

use std::fmt;

use jsonwebtoken::{Algorithm, AlgorithmFamily};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::crypto::{DigestAlgorithm, Hmac};

/// A set of signature algorithms in order of preference. `none` cannot be expressed.
///
/// The default is every algorithm with a public key: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA.
/// HMAC is there only where it is asked for. Serialised as a list of names.
#[derive(Clone, PartialEq, Eq)]
pub struct Algorithms(Vec<Algorithm>);

/// The name of an algorithm in a header (RFC 7518 §3.1, RFC 8037 §3.1); empty for one that is not used here.
#[must_use]
pub fn name_of(algorithm: Algorithm) -> &'static str {
    NAMES.iter().find(|(_, known)| *known == algorithm).map_or("", |(name, _)| name)
}

/// The digest that `at_hash` and `c_hash` are made with beside this algorithm (OpenID Connect Core 3.1.3.6);
/// SHA-512 for EdDSA.
#[must_use]
pub fn digest_of(algorithm: Algorithm) -> DigestAlgorithm {
    match algorithm {
        Algorithm::HS256 | Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => DigestAlgorithm::Sha256,
        Algorithm::HS384 | Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => DigestAlgorithm::Sha384,
        // The type may grow; what is not in `NAMES` never comes here.
        _ => DigestAlgorithm::Sha512,
    }
}

impl Algorithms {
    /// These algorithms, each once.
    #[must_use]
    pub fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let mut set = Vec::new();
        for algorithm in algorithms {
            if !name_of(algorithm).is_empty() && !set.contains(&algorithm) {
                set.push(algorithm);
            }
        }
        Self(set)
    }

    /// The algorithms whose names the other side lists; names that are not known here count for nothing.
    #[must_use]
    pub fn intersection<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let theirs = Self::new(names.into_iter().filter_map(read));
        Self::new(self.iter().filter(|algorithm| theirs.contains(*algorithm)))
    }

    /// Whether the algorithm is one of them.
    #[must_use]
    pub fn contains(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }

    /// Every algorithm in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Algorithm> {
        self.0.iter().copied()
    }

    /// Whether there is none: then no token is accepted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for Algorithms {
    fn default() -> Self {
        Self::new(NAMES.into_iter().map(|(_, algorithm)| algorithm).filter(|one| hmac_of(*one).is_none()))
    }
}

impl fmt::Debug for Algorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl fmt::Display for Algorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, algorithm) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}", name_of(algorithm))?;
        }
        Ok(())
    }
}

impl Serialize for Algorithms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(name_of))
    }
}

impl<'de> Deserialize<'de> for Algorithms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut algorithms = Vec::new();
        for name in Vec::<String>::deserialize(deserializer)? {
            algorithms.push(read(&name).ok_or_else(|| {
                de::Error::custom(format_args!("the signature algorithm {name:?} is not known"))
            })?);
        }
        Ok(Self::new(algorithms))
    }
}

/// The algorithm of a header's `alg`, compared byte for byte. `Ed25519` (RFC 9864) is EdDSA with the one curve that
/// is used here.
pub(super) fn read(name: &str) -> Option<Algorithm> {
    if name == "Ed25519" {
        return Some(Algorithm::EdDSA);
    }
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}

/// The HMAC of an algorithm that takes a secret.
pub(super) fn hmac_of(algorithm: Algorithm) -> Option<Hmac> {
    match algorithm {
        Algorithm::HS256 => Some(Hmac::Sha256),
        Algorithm::HS384 => Some(Hmac::Sha384),
        Algorithm::HS512 => Some(Hmac::Sha512),
        other => {
            debug_assert!(other.family() != AlgorithmFamily::Hmac, "a new HMAC algorithm");
            None
        }
    }
}

const NAMES: [(&str, Algorithm); 12] = [
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
];
