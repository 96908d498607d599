//! The one integration binary: a module per feature.
#![allow(missing_docs)]

mod shared;

mod api;
mod c14n;
mod crypto;
mod encoding;
mod endpoint;
mod groups;
mod layers;
mod profile;
mod time;
mod xml;
