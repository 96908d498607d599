//! A SAML 2.0 identity provider as a value, for tests of this crate and of hosts.
//!
//! [`SamlIdp`] reads the AuthnRequest that [`begin`](crate::saml::web_sso::begin) made and answers it with a
//! signed Response. It can answer in the [`Shape`] of a product, in a [`Style`] of one's own, and with exactly
//! one [`Fault`]. It takes part in single logout from either side, and answers by artifact. The same seed and
//! the same calls give the same bytes, except where ECDSA or RSA-PSS signs or something is encrypted.
//!
//! Its [keys](TestKey) are published with this crate: trust them in tests and nowhere else.
//!
//! ```
//! use admittance::{
//!     saml::{
//!         metadata::{idp, sp::SpConfig},
//!         protocol::AuthnRequestOptions,
//!         web_sso::{self, Policy},
//!     },
//!     testing::saml_idp::{Fault, SamlIdp, Shape, User},
//!     time::Timestamp,
//! };
//! # use admittance::entropy::{Entropy, EntropyError};
//! # struct Fixed;
//! # impl Entropy for Fixed {
//! #     fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> { bytes.fill(7); Ok(()) }
//! # }
//! # let mut entropy = Fixed;
//! let now = Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//! let sp = SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
//! let mut provider = SamlIdp::new(1).shaped(Shape::Okta);
//! let (idp, _) = idp::parse(&provider.metadata()?, &Default::default(), now)?;
//!
//! let (outgoing, pending) = web_sso::begin(&sp, &idp, &AuthnRequestOptions::default(), &mut entropy, now)?;
//! let request = provider.receive(&outgoing, &sp)?;
//! let ada = User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers"]);
//!
//! let response = provider.answer(&request, &ada, now)?;
//! let login = web_sso::finish(&sp, &idp, Some(&pending), &response, &Policy::new(), now)?;
//! assert_eq!(login.issuer(), provider.entity_id);
//!
//! provider.fault = Some(Fault::WrongAudience);
//! let response = provider.answer(&request, &ada, now)?;
//! let refused = web_sso::finish(&sp, &idp, Some(&pending), &response, &Policy::new(), now);
//! assert_eq!(refused.unwrap_err().code(), "saml.audience_mismatch");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod artifact;
mod content;
#[cfg(feature = "decrypt")]
mod encryption;
mod fault;
mod idp;
mod keys;
mod logout;
mod markup;
mod request;
mod shape;
mod style;
mod user;

pub use artifact::{ArtifactFault, ResolveError};
#[cfg(feature = "decrypt")]
pub use encryption::{Encryption, KeyPlacement, KeyTransport};
pub use fault::Fault;
pub use idp::{AnswerError, SamlIdp, Unsigned};
pub use keys::TestKey;
pub use logout::{Delivery, LogoutFault, LogoutMessage, LogoutRequest, LogoutResponse};
pub use request::{AuthnRequest, RequestError};
pub use shape::Shape;
pub use style::{
    AttributeNames, Destination, GroupValues, IdStyle, Issuers, KeyInfo, NameIdSource, NameIdStyle,
    Namespaces, RedirectStyle, SignedElements, Statements, Style, TimeStyle, ValueType,
};
pub use user::User;
