//! [`Hasher`] and [`digest`]: the SHA family.

use std::fmt;

use subtle::ConstantTimeEq;

/// A digest algorithm. There is no MD5 and no SHA-224 to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DigestAlgorithm {
    /// SHA-1, 20 bytes. Collisions are practical: for [`Legacy::Allow`](super::Legacy::Allow), and for
    /// identifiers that a protocol derives with it.
    Sha1,
    /// SHA-256, 32 bytes.
    Sha256,
    /// SHA-384, 48 bytes.
    Sha384,
    /// SHA-512, 64 bytes.
    Sha512,
}

/// A digest over bytes that come piece by piece.
#[derive(Clone)]
pub struct Hasher(ring::digest::Context);

/// The value of a digest: 20, 32, 48 or 64 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Digest(ring::digest::Digest);

/// The digest of `bytes`.
#[must_use]
pub fn digest(algorithm: DigestAlgorithm, bytes: &[u8]) -> Digest {
    Digest(ring::digest::digest(algorithm.ring(), bytes))
}

/// Whether two values are equal, in a time that tells their lengths and nothing else.
#[must_use]
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

impl DigestAlgorithm {
    /// Whether it is accepted only with [`Legacy::Allow`](super::Legacy::Allow): SHA-1.
    #[must_use]
    pub const fn is_legacy(self) -> bool {
        matches!(self, Self::Sha1)
    }

    /// Bytes of the digest.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    fn ring(self) -> &'static ring::digest::Algorithm {
        match self {
            Self::Sha1 => &ring::digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &ring::digest::SHA256,
            Self::Sha384 => &ring::digest::SHA384,
            Self::Sha512 => &ring::digest::SHA512,
        }
    }
}

impl Hasher {
    /// Nothing hashed yet.
    #[must_use]
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self(ring::digest::Context::new(algorithm.ring()))
    }

    /// Hashes some more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all bytes so far.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finish())
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref()
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}
