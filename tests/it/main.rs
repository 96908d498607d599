//! The one integration binary: a module per feature.
#![allow(missing_docs)]

mod shared;

#[path = "../../examples/inspect/batch.rs"]
mod batch;
#[path = "../../examples/inspect/case.rs"]
mod case;

mod api;
mod artifact;
mod authn_request;
mod c14n;
mod connection;
mod corpus;
mod crypto;
mod decrypt;
mod encoding;
mod endpoint;
mod fold;
mod groups;
mod hostile;
mod inspect;
mod jose;
mod json;
mod json_properties;
mod layers;
mod logout;
mod metadata;
mod oidc;
mod profile;
mod scim;
#[cfg(feature = "xmlsec")]
mod second_lock;
mod short_rsa;
mod testing;
mod testing_oidc;
mod time;
mod vectors;
mod xml;
mod xmldsig;
mod xmlenc;
