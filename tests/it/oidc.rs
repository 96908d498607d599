//! OpenID Connect: a file for each step of a sign-in and of the way out.

mod authorization;
mod backchannel_logout;
mod callback;
mod catalogue;
mod claims;
mod client_auth;
mod discovery;
mod dpop;
mod encrypted;
mod exchange;
mod forge;
mod frontchannel_logout;
mod given;
mod id_token;
mod initiated_login;
mod keys;
mod par;
mod pitfalls;
mod quirks;
mod refresh;
mod refresh_validation;
mod revocation;
mod rp_logout;
mod token;
mod userinfo;
mod with_provider;
