//! Single logout (Core 3.7, Profiles 4.4) through the browser, begun by us or by the identity provider.
//!
//! We begin:
//! 1. [`ValidAssertion::session`](crate::saml::ValidAssertion::session) gives the [`SessionRef`] that the host keeps
//!    with its own session;
//! 2. [`request`] makes the LogoutRequest and the [`PendingLogout`] to keep for this browser;
//! 3. [`validate_response`] judges the answer.
//!
//! The identity provider begins:
//! 1. [`validate_request`] judges its LogoutRequest;
//! 2. the host ends every session that the request [`matches`](ValidLogoutRequest::matches);
//! 3. [`response`] makes the LogoutResponse.
//!
//! Both kinds of message come in at one address: [`peek`] tells which it is and whose.

mod peek;
mod pending;
mod received;
mod request;
mod response;
mod session;

pub use peek::{PeekLogout, peek};
pub use pending::PendingLogout;
pub use request::{LogoutOptions, LogoutReason, LogoutReplay, ValidLogoutRequest, request, validate_request};
pub use response::{LogoutOutcome, LogoutStatus, ValidLogoutResponse, response, validate_response};
pub use session::SessionRef;
