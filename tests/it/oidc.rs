//! OpenID Connect: a file for each step of a sign-in and of the way out.

mod authorization;
mod callback;
mod discovery;
mod given;
mod initiated_login;
mod par;
