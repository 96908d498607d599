//! Identity providers and claims as values, for tests of hosts and of this crate.
//!
//! Its keys are published: nothing here may decide about a real person.

mod claims;
#[cfg(any(feature = "oidc", feature = "saml"))]
mod key_material;
#[cfg(feature = "oidc")]
pub mod oidc_provider;
#[cfg(feature = "saml")]
pub mod saml_idp;

pub use self::claims::ClaimsBuilder;
