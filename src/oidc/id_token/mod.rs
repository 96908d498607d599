//! The ID token: [`validate`] makes a [`ValidIdToken`] of what the token endpoint gave, and nothing else does.
//!
//! What it says about the person is in [`ValidIdToken::claims`], under the names that the provider uses, and
//! [`profile::map`](crate::profile::map()) reads it from there. Groups come out in one of three ways: as a list,
//! which may be empty; not at all; or as an [`Overage`](crate::claims::Overage) where the provider has left them out
//! because there are too many. The last two are never an empty list. Where claims are kept elsewhere
//! (`_claim_sources`, Core 5.6.2) the address comes along as text: nothing here, and nothing in a host, should follow
//! it without having decided to.

mod claims;
mod email;
mod refresh;
mod session;
mod valid;
mod validate;

pub use email::EmailVerified;
pub use refresh::validate_refreshed;
pub use session::SessionRef;
pub use valid::{EntraIdentityKey, IdentityKey, ValidIdToken};
pub use validate::validate;

pub(in crate::oidc) use validate::LOGOUT_EVENT;
