//! The one integration binary: a module per feature.
#![allow(missing_docs)]

mod crypto;
mod encoding;
mod endpoint;
mod time;
