//! SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865) as a service provider: users and groups that an identity provider pushes.
//!
//! No networking, no clock, no storage: a request becomes a typed operation, the operation says what to load, and
//! from what was loaded comes a change to commit in the host's own transaction, with the answer and the effects.
//!
//! - [`service`]: what a service offers; [`token`] and [`access`]: who may use it.
//! - [`machine`]: a request, answered in steps that the host drives; [`fetch`] and [`change`]: what it loads and commits;
//!   [`effect`]: what a change means for the rest of the host; [`respond`]: answers that the host gives itself.
//! - [`filter`], [`sort`], [`page`] and [`projection`]: which resources a list holds, and what of them; [`patch`]: changes.
//! - [`schema`]: attributes and their characteristics as data; [`resource`]: bodies read by that data.
//! - [`leniency`]: what real clients send and the standard does not allow, one named deviation each.

pub mod access;
mod bulk;
pub mod change;
mod conditions;
mod discovery;
pub mod effect;
pub mod error;
pub mod fetch;
pub mod filter;
pub mod leniency;
pub mod machine;
mod operation;
pub mod page;
pub mod patch;
pub mod path;
pub mod projection;
pub mod resource;
pub mod respond;
pub mod schema;
mod select;
pub mod service;
pub mod sort;
mod task;
pub mod tenant;
pub mod token;

pub use error::{Error, ScimType};
