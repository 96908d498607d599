//! [`Entropy`]: where identifiers and nonces of a protocol come from.
//!
//! Randomness is an argument like time. A host passes [`OsEntropy`] or its own source; a test passes a
//! counter and gets the same message every time. Signatures are the one exception: `ring` accepts no other
//! source for them than its own, see [`crate::crypto::SigningKey::sign`].

/// A source of random bytes. Identifiers are only as hard to guess as these are.
pub trait Entropy {
    /// Fills all of `bytes`.
    ///
    /// # Errors
    /// [`EntropyError`] when the source fails; `bytes` must then not be used.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}

/// The source of random bytes failed. Nothing was made, and trying again is safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes")]
#[non_exhaustive]
pub struct EntropyError;

/// The operating system's random bytes, fit for keys.
#[cfg(feature = "os-entropy")]
#[derive(Clone, Copy, Debug, Default)]
pub struct OsEntropy;

impl EntropyError {
    /// What a source returns when it fails.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }

    /// `entropy.failed`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "entropy.failed"
    }
}

impl<E: Entropy + ?Sized> Entropy for &mut E {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        (**self).fill(bytes)
    }
}

#[cfg(feature = "os-entropy")]
impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::getrandom(bytes).map_err(|_| EntropyError)
    }
}
