//! [`Secret`]: a text that nobody may see.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::digest::constant_time_eq;
use crate::{
    encoding,
    entropy::{Entropy, EntropyError},
};

/// A secret text: a client secret, a token, a verifier. `Debug` shows nothing of it, it is wiped when it goes, and
/// two secrets are compared in a time that tells their lengths and nothing else.
///
/// Serialised as the text itself, because a host has to store some of them; how it protects that store is its own
/// affair.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// A new secret of this many random bytes, as base64url.
    ///
    /// # Errors
    /// [`EntropyError`] of the source.
    pub fn random(bytes: usize, entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        let mut random = Zeroizing::new(vec![0; bytes]);
        entropy.fill(&mut random)?;
        Ok(Self::new(encoding::base64url_encode(&random)))
    }

    /// The text. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether a text from outside is this secret, compared as two secrets are.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        constant_time_eq(self.0.as_bytes(), text.as_bytes())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.is(other.expose())
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").finish_non_exhaustive()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
