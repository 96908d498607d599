//! Algorithms, keys and certificates: the one door to `ring`, and with feature `decrypt` to `aws-lc-rs`.
//!
//! The algorithms are those that a SAML or OpenID Connect deployment may meet and that are sound, and
//! nothing else can be expressed: no MD5, no DSA. [`SignatureAlgorithm`] holds what XML signatures and tokens share;
//! Ed25519 and [`Hmac`] are for tokens alone and have types of their own. What is sound only in retrospect (SHA-1,
//! RSA keys of 1024 to 2047 bits) needs [`Legacy::Allow`] at each use.
//!
//! A certificate is a container for a key (SAML Metadata Interoperability Profile 2.6.1): no chain is built
//! and no signature on a certificate is checked. Trust comes from the host, which says which keys it trusts.

mod certificate;
mod decrypt;
mod decrypt_content;
#[cfg(feature = "decrypt")]
mod decrypt_key;
mod digest;
mod ed25519;
#[cfg(all(feature = "decrypt", feature = "saml", feature = "testing"))]
pub(crate) mod encrypt;
mod hmac;
mod key;
mod pem;
mod private_key;
mod seal;
mod sealed;
mod secret;
mod signature;
mod signing;
mod trusted;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use decrypt::{ContentKey, DecryptError, Decrypter, WrappedKey};
pub use decrypt_content::ContentCipher;
#[cfg(feature = "decrypt")]
pub use decrypt_key::DecryptionKey;
pub use digest::{Digest, DigestAlgorithm, Hasher, constant_time_eq, digest};
pub use ed25519::{Ed25519PublicKey, Ed25519SigningKey};
pub use hmac::Hmac;
pub use key::{Curve, KeyError, KeyKind, PublicKey, PublicKeyParts};
pub use private_key::PrivateKeyError;
pub use seal::SealingKey;
pub use sealed::{SealedCipher, SealedContent};
pub use secret::Secret;
pub use signature::{Legacy, SignatureAlgorithm, VerifyError};
pub use signing::{SignError, SigningKey};
pub use trusted::{NoTrustedKeys, TrustedKey, TrustedKeys};
