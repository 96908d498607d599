//! The authorization request and its callback: the first and the second moment of a sign-in.
//!
//! [`begin`] sends the browser away, at once or, when the request is pushed, by the address of
//! [`parse_pushed_response`]; [`parse_callback`] takes what it brings back. Between the two the host keeps [`Pending`]
//! for this browser alone.
//!
//! ```
//! use admittance::oidc::authorization::{self, Options, Start};
//! use admittance::oidc::{Client, Provider};
//! use admittance::time::Timestamp;
//! # let mut entropy = admittance::entropy::OsEntropy;
//!
//! let now = Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//! let provider = Provider::new(
//!     "https://idp.example",
//!     "https://idp.example/authorize",
//!     "https://idp.example/token",
//!     "https://idp.example/jwks",
//! );
//! let client = Client::new("client-1", "https://rp.example/callback");
//! let (start, pending) = authorization::begin(&provider, &client, &Options::default(), &mut entropy, now)?;
//! let Start::Redirect(_url) = start else { panic!("this provider takes requests in the browser") };
//!
//! // The host answers with a redirect, and later gets this query at its callback.
//! let query = format!("code=9fC1&state={}", pending.state().expose());
//! let code = authorization::parse_callback(&provider, &client, &pending, query, now)?;
//! # drop(code);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod begin;
mod callback;
mod options;
mod pushed;
mod request_object;

pub use begin::{Start, begin};
pub use callback::{AuthorizationCode, parse_callback};
pub use options::{Options, Prompt, ResponseMode};
pub use pushed::parse_pushed_response;

#[cfg(doc)]
use super::Pending;
