//! SAML 2.0, the service provider's side.
//!
//! - [`metadata`]: our own metadata and the identity provider's;
//! - [`web_sso`]: a sign-in in two calls, begin and finish;
//! - [`logout`]: single logout, begun here or there;
//! - [`artifact`]: a sign-in whose Response is fetched from the identity provider;
//! - [`protocol`]: the request that asks for a sign-in, with all its options;
//! - [`bindings`]: how messages travel through the browser;
//! - [`names`]: namespaces, formats and codes;
//! - [`ValidAssertion`]: a sign-in that has passed every rule; [`Error`]: the rule that failed.

pub mod artifact;
mod assertion;
pub mod bindings;
mod encrypted;
mod error;
pub mod logout;
mod message;
pub mod metadata;
pub mod names;
pub mod protocol;
pub mod web_sso;

pub use assertion::{AuthnStatement, NameId, Replay, Solicited, ValidAssertion};
pub use error::{Error, Hint, IdpStatus, Level, TimeBound};
