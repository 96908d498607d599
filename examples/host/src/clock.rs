//! The clock: the only place that reads it.

use std::time::SystemTime;

use admittance::time::Timestamp;

#[expect(clippy::disallowed_methods, reason = "a host has a clock; the library is given the time")]
pub(crate) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
