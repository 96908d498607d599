//! The one integration binary: a module per feature.
#![allow(missing_docs)]

mod shared;

mod c14n;
mod xml;
