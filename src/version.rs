//! [`Version`]: the number in a stored value that says how to read it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The version of a stored format. It is written as the number `CURRENT`, and a value that carries any other
/// number is refused, so that a release never half-understands what a later one has stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Version<const CURRENT: u32>;

impl<const CURRENT: u32> fmt::Display for Version<CURRENT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        CURRENT.fmt(f)
    }
}

impl<const CURRENT: u32> Serialize for Version<CURRENT> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(CURRENT)
    }
}

impl<'de, const CURRENT: u32> Deserialize<'de> for Version<CURRENT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = u32::deserialize(deserializer)?;
        if found == CURRENT {
            Ok(Self)
        } else {
            Err(de::Error::custom(format_args!("version {found} is not known, this release reads {CURRENT}")))
        }
    }
}
