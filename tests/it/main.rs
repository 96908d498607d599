//! The one integration binary: a module per feature.
#![allow(missing_docs)]

mod shared;

mod api;
mod c14n;
mod layers;
mod xml;
