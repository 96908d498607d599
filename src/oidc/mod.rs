//! The relying party of OpenID Connect: a sign-in by the authorization code flow, from discovery to a validated
//! identity, and the way out again.
#![allow(dead_code, reason = "the steps that use these types are on their way")]

pub mod authorization;
pub mod client;
pub mod discovery;
pub mod dpop;
pub mod id_token;
pub mod initiated_login;
pub mod keys;
pub mod logout;
pub mod provider;
pub mod token;
pub mod userinfo;

mod answer;
mod challenge;
mod client_auth;
mod error;
mod form;
mod issuer;
mod judge;
mod pending;
mod policy;
mod signed;

pub use client::Client;
pub use error::{Error, Message, ProviderError, TimeBound};
pub use pending::Pending;
pub use policy::{EntraTenants, IssParam, IssuerPolicy, Policy};
pub use provider::Provider;
