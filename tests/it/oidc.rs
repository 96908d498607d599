//! OpenID Connect: a file for each step of a sign-in and of the way out.

mod authorization;
mod callback;
mod client_auth;
mod discovery;
mod dpop;
mod exchange;
mod given;
mod initiated_login;
mod keys;
mod par;
mod refresh;
mod revocation;
mod token;
