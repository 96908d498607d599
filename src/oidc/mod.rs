//! The relying party of OpenID Connect: a sign-in by the authorization code flow, from discovery to a validated
//! identity, and the way out again.
//!
//! No networking, no clock: each step is a function that makes an `http::Request` or an address for the browser, or one
//! that judges what came of it. The host sends, stores and redirects.
//!
//! | step | makes | judges | gives |
//! |---|---|---|---|
//! | who the provider is | [`discovery::request`] | [`discovery::parse_response`] | [`Provider`], to be stored |
//! | its keys | [`keys::request`] | [`keys::parse_response`] | [`FetchedKeys`](keys::FetchedKeys), to be stored |
//! | the browser goes | [`authorization::begin`] | | [`Pending`], to be kept for this browser |
//! | … by a pushed request | | [`authorization::parse_pushed_response`] | the address for the browser |
//! | the browser comes back | | [`authorization::parse_callback`] | [`AuthorizationCode`](authorization::AuthorizationCode) |
//! | the code becomes tokens | [`token::request`] | [`token::parse_response`] | [`UnverifiedTokens`](token::UnverifiedTokens) |
//! | the ID token is valid | | [`id_token::validate`] | [`ValidIdToken`](id_token::ValidIdToken) |
//! | further claims | [`userinfo::request`] | [`userinfo::parse_response`] | claims of the same person |
//!
//! [`initiated_login`] begins what a portal asks for, [`token::refresh`], [`token::exchange`] and [`token::revocation`]
//! are about tokens later on, [`logout`] ends sessions, [`dpop`] binds tokens to a key. Who we are, and how strictly all
//! of this is judged, is a [`Client`] with its [`Policy`].
//!
//! Every refusal is an [`Error`]: the rule that failed, with a stable code and evidence that holds no secret. Two of them
//! say [`is_retryable`](Error::is_retryable).

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
