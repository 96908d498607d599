//! The keys of the testing identity provider. They are published: whoever trusts one of them outside of a test
//! lets everybody in.

use std::sync::LazyLock;

use crate::{
    crypto::{Certificate, SigningKey},
    testing::key_material::{
        EXPIRED_RSA_CERTIFICATE, EXPIRED_RSA_KEY, OTHER_RSA_CERTIFICATE, OTHER_RSA_KEY, P256_CERTIFICATE,
        P256_KEY, RSA_CERTIFICATE, RSA_KEY,
    },
};

/// A fixed private key with its certificate, the same in every release. Made for tests, published with the
/// source, never to be trusted anywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TestKey {
    /// RSA with 2048 bits, valid until the end of 2099: what the identity provider signs with.
    Rsa,
    /// Another RSA key of that kind: the new key of a rollover, or somebody else's.
    OtherRsa,
    /// RSA with 2048 bits, expired at the end of 2021.
    ExpiredRsa,
    /// Elliptic curve P-256, valid until the end of 2099. Its signatures differ from run to run.
    P256,
}

impl TestKey {
    /// Every key.
    pub const ALL: [Self; 4] = [Self::Rsa, Self::OtherRsa, Self::ExpiredRsa, Self::P256];

    /// The private key.
    #[must_use]
    pub fn signing_key(self) -> &'static SigningKey {
        &self.pair().key
    }

    /// The certificate, which the key itself has signed.
    #[must_use]
    pub fn certificate(self) -> &'static Certificate {
        &self.pair().certificate
    }

    /// The private key as PEM (PKCS#8).
    #[must_use]
    pub fn key_pem(self) -> &'static str {
        match self {
            Self::Rsa => RSA_KEY,
            Self::OtherRsa => OTHER_RSA_KEY,
            Self::ExpiredRsa => EXPIRED_RSA_KEY,
            Self::P256 => P256_KEY,
        }
    }

    /// The certificate as PEM.
    #[must_use]
    pub fn certificate_pem(self) -> &'static str {
        match self {
            Self::Rsa => RSA_CERTIFICATE,
            Self::OtherRsa => OTHER_RSA_CERTIFICATE,
            Self::ExpiredRsa => EXPIRED_RSA_CERTIFICATE,
            Self::P256 => P256_CERTIFICATE,
        }
    }

    fn pair(self) -> &'static Pair {
        match self {
            Self::Rsa => &RSA,
            Self::OtherRsa => &OTHER_RSA,
            Self::ExpiredRsa => &EXPIRED_RSA,
            Self::P256 => &P256,
        }
    }
}

struct Pair {
    key: SigningKey,
    certificate: Certificate,
}

static RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::Rsa));
static OTHER_RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::OtherRsa));
static EXPIRED_RSA: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::ExpiredRsa));
static P256: LazyLock<Pair> = LazyLock::new(|| Pair::read(TestKey::P256));

impl Pair {
    #[expect(
        clippy::expect_used,
        reason = "INVARIANT (test keys): fixed values, each of which a unit test reads"
    )]
    fn read(key: TestKey) -> Self {
        Self {
            key: SigningKey::from_pem(key.key_pem().as_bytes()).expect("a fixed key"),
            certificate: Certificate::parse(key.certificate_pem().as_bytes()).expect("a fixed certificate"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_certificate_is_of_its_key() {
        for key in TestKey::ALL {
            assert_eq!(key.certificate().public_key(), key.signing_key().public_key(), "{key:?}");
            assert!(key.certificate().subject().contains("never trust it"));
        }
    }
}
