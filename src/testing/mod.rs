//! Identity providers and claims as values, for tests of hosts and of this crate.
//!
//! Its keys are published: nothing here may decide about a real person.

mod claims;
#[cfg(feature = "saml")]
pub mod saml_idp;

pub use self::claims::ClaimsBuilder;
