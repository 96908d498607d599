//! [`Error`]: the rule that failed, with its evidence and a stable code.

mod describe;
mod evidence;
mod rule;

pub use evidence::{Message, ProviderError, TimeBound};
pub use rule::Error;

pub(super) use evidence::shown;
