//! Metadata: how the two sides tell each other keys, addresses and wishes (Metadata 2).
//!
//! - [`sp`]: our side, as configuration and as the document that the identity provider reads;
//! - [`idp`]: the identity provider's side, read from its document or set up by hand;
//! - [`refresh`]: when to read that document again;
//! - [`diff`]: what has changed when it was.

pub mod diff;
mod duration;
mod entity_descriptor;
pub mod idp;
mod keys;
pub mod refresh;
mod select;
pub mod sp;
mod text;
