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
//! ```
//! use admittance::jose::{
//!     Algorithms, Compact, Jwks, KeyHeader, KeyIssuer, PrivateKey, SignWith, Signing, TokenType, Verification, sign,
//! };
//! use admittance::{json::Object, limits::Limits, testing::saml_idp::TestKey};
//!
//! // One side signs and publishes its key.
//! let key = PrivateKey::from_pem(TestKey::P256.key_pem().as_bytes())?.with_kid("2026");
//! let signing = Signing {
//!     with: SignWith::Key(&key),
//!     algorithm: key.default_algorithm(),
//!     typ: Some("JWT"),
//!     key_header: KeyHeader::Kid,
//! };
//! let token = sign(&Object::new().with("sub", "ada"), &signing)?;
//! let published = serde_json::to_vec(&Jwks::new(vec![key.public_jwk()]))?;
//!
//! // The other side says what it accepts, and gets a proof or the rule that failed.
//! let limits = Limits::default();
//! let (keys, _notes) = Jwks::parse(&published, &limits)?;
//! let rules = Verification {
//!     algorithms: &Algorithms::default(),
//!     typ: TokenType::Jwt,
//!     keys: &keys,
//!     key_issuer: KeyIssuer::Ignored,
//!     client_secret: None,
//! };
//! let verified = Compact::parse(&token, &limits)?.verify(&rules, &limits)?;
//! assert_eq!(verified.claims(&limits)?.get("sub"), Some(&"ada".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
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
