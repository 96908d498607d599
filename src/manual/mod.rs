//! The manual: why the crate is as it is, and what it leaves to its host. Pages without code.

#[doc = include_str!("design.md")]
pub mod design {}

#[doc = include_str!("defaults.md")]
pub mod defaults {}

#[doc = include_str!("past_attacks.md")]
pub mod past_attacks {}

#[doc = include_str!("host_duties.md")]
pub mod host_duties {}
