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
#[cfg(feature = "scim")]
pub mod scim_client;
#[cfg(feature = "scim")]
pub mod scim_store;

pub use self::claims::ClaimsBuilder;
