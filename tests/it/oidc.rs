//! OpenID Connect: a file for each step of a sign-in and of the way out.

mod authorization;
mod backchannel_logout;
mod callback;
mod claims;
mod client_auth;
mod conformance;
mod discovery;
mod dpop;
mod exchange;
mod forge;
mod frontchannel_logout;
mod given;
mod id_token;
mod initiated_login;
mod keys;
mod par;
mod pitfalls;
mod refresh;
mod refresh_validation;
mod revocation;
pub(crate) mod rp;
mod rp_logout;
mod token;
mod userinfo;
mod with_provider;
