//! Decides who may come in. No networking, no clock, no storage: every outside thing is an argument.
#![forbid(unsafe_code)]
#![deny(missing_docs, unreachable_pub, missing_debug_implementations)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::panic,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::incompatible_msrv
)]

pub mod encoding;
pub mod endpoint;
pub mod entropy;
pub mod limits;
pub mod note;
pub mod time;
pub mod version;

pub mod claims;
pub mod crypto;
#[cfg(feature = "saml")]
pub mod xml;

#[cfg(feature = "saml")]
pub mod xmldsig;
#[cfg(feature = "saml")]
pub mod xmlenc;

#[cfg(feature = "saml")]
pub mod saml;

pub mod groups;
pub mod profile;

#[cfg(feature = "testing")]
pub mod testing;

#[cfg(all(doc, feature = "saml"))]
pub mod manual;
