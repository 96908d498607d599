//! Web browser single sign-on (Profiles 4.1): a sign-in in two calls.
//!
//! 1. [`begin`] makes the request and the [`Pending`] that the host keeps for this browser.
//! 2. [`finish`] judges the posted response by every rule and returns a
//!    [`ValidAssertion`](crate::saml::ValidAssertion).
//!
//! Between the two, [`peek`] helps to find the connection and the pending request that a response belongs to.
//! [`finish_test`] is for the administrator's test sign-in.

mod attributes;
mod begin;
mod conditions;
mod finish;
mod peek;
mod pending;
mod policy;
mod subject;

pub use begin::begin;
pub(in crate::saml) use finish::validate_response;
pub use finish::{TestSignIn, finish, finish_test};
pub use peek::{Peek, Unverified, peek};
pub use pending::Pending;
pub use policy::{
    Cbc, CertificateDates, IdpInitiated, NameIdRequirement, Policy, Rsa15, Signed, Trim, UndeflatedRedirect,
    WeakSignatures,
};
