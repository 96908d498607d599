//! The authorization request and its callback: the first and the second moment of a sign-in.

use serde::{Deserialize, Serialize};

/// How the browser comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// With a query.
    Query,
    /// With a posted form: its cookie must be `SameSite=None` to come along.
    FormPost,
}
