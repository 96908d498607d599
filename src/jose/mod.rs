//! JOSE: signed and encrypted tokens in compact form, key sets, and signing.
//!
//! ```text
//! text ─parse→ Token::Encrypted(Jwe) ─decrypt→ Decrypted ─compact→ ┐
//! text ─parse→ Token::Signed(Compact) ─────────────────────────────┴─verify→ VerifiedJws ─claims→ json::Object
//! ```
//!
//! A token says which algorithm it was made with and names a key; it decides neither. The algorithms and the keys are
//! arguments of [`Compact::verify`], keys written into a header are never looked at, and HMAC takes the client secret
//! and nothing else. What a claim means is for the module that asks: nothing here knows one.
//!
//! [`RING`] is the whole of it for hosts that use the crate `jsonwebtoken` themselves: a provider they may install.

mod algorithm;
mod error;
mod header;
mod jwe;
mod jwk;
mod jws;
mod jwt;
mod private_key;
mod provider;

pub use jsonwebtoken::Algorithm;

pub use algorithm::{Algorithms, digest_of, name_of};
pub use error::Error;
pub use header::Header;
pub use jwe::{Decrypted, Jwe, RecipientKey};
pub use jwk::{Jwk, Jwks, KeyIssuer, KeyQuery, KeyType};
pub use jws::{Compact, Token, TokenType, Verification, VerifiedJws};
pub use jwt::{KeyHeader, SignWith, Signing, sign};
pub use private_key::PrivateKey;
pub use provider::RING;
