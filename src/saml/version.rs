use serde::{Deserialize, Serialize};

/// The form in which a value is stored: 1 so far. Another number is refused, so that a value which a later
/// version of the crate wrote is never half understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Version1;

impl From<Version1> for u32 {
    fn from(Version1: Version1) -> Self {
        1
    }
}

impl TryFrom<u32> for Version1 {
    type Error = String;

    fn try_from(version: u32) -> Result<Self, String> {
        match version {
            1 => Ok(Self),
            other => Err(format!("version {other} is not known, only 1")),
        }
    }
}
