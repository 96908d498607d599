//! The one integration binary: a module per feature.
#![allow(missing_docs)]

#[path = "../../examples/inspect/batch.rs"]
mod batch;
#[path = "../../examples/inspect/case.rs"]
mod case;
mod shared;

mod api;
mod authn_request;
mod c14n;
mod corpus;
mod crypto;
mod decrypt;
mod encoding;
mod endpoint;
mod groups;
mod inspect;
mod layers;
mod metadata;
mod profile;
mod testing;
mod time;
mod xml;
mod xmldsig;
mod xmlenc;
