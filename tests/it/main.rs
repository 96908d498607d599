//! The one integration binary: a module per feature.
#![allow(missing_docs)]

mod groups;
mod profile;
