//! The relying party of OpenID Connect: a sign-in by the authorization code flow, from discovery to a validated
//! identity, and the way out again.

pub mod authorization;
pub mod client;
pub mod discovery;
pub mod dpop;
pub mod initiated_login;
pub mod keys;
pub mod provider;
pub mod token;

mod answer;
mod client_auth;
mod error;
mod form;
mod issuer;
mod pending;
mod policy;

pub use client::Client;
pub use error::{Error, Message, ProviderError, TimeBound};
pub use pending::Pending;
pub use policy::{EntraTenants, IssParam, IssuerPolicy, Policy};
pub use provider::Provider;
