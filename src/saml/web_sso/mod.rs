//! Web browser single sign-on (Profiles 4.1).
//!
//! [`begin`] makes the request and the [`Pending`] that the host keeps until the answer comes.

mod begin;
mod pending;

pub use begin::{Outgoing, begin};
pub use pending::Pending;
