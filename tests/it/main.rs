//! The one integration binary: a module per feature.
#![allow(missing_docs)]

mod shared;

mod api;
mod authn_request;
mod c14n;
mod crypto;
mod encoding;
mod endpoint;
mod groups;
mod layers;
mod metadata;
mod profile;
mod testing;
mod time;
mod xml;
mod xmldsig;
