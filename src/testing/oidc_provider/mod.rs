//! An OpenID provider as a value, for tests of this crate and of hosts.
//!
//! [`OidcProvider`] takes what a relying party sends, as `http` requests and as URLs that a browser would open, and
//! answers it: metadata, keys, authorization requests (in the query, signed, pushed), tokens, UserInfo, revocation,
//! token exchange, and logout from either side. It verifies everything that a provider verifies: client
//! authentication, PKCE, DPoP. It can answer in the [`Shape`] of a product and in a [`Style`] of one's own, and with exactly one [`Fault`].
//! The same seed and the same calls give the same answers, except where ECDSA or RSA-PSS signs or something is
//! encrypted.
//!
//! Its [keys](TestKey) are published with this crate: trust them in tests and nowhere else.
//!
//! ```
//! use admittance::{
//!     oidc::{
//!         Client,
//!         authorization::{self, Options, Start},
//!         discovery,
//!         dpop::Dpop,
//!         token,
//!     },
//!     testing::oidc_provider::{CallbackFault, Fault, OidcProvider, RegisteredClient, Shape, User},
//!     time::Timestamp,
//! };
//! # use admittance::entropy::{Entropy, EntropyError};
//! # struct Fixed;
//! # impl Entropy for Fixed {
//! #     fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> { bytes.fill(7); Ok(()) }
//! # }
//! # let mut entropy = Fixed;
//! let now = Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//! let client = Client::new("client-1", "https://rp.example/callback");
//! let mut op = OidcProvider::new(1).shaped(Shape::Okta).with_client(RegisteredClient::of(&client));
//! let response = op.receive(&discovery::request(&op.issuer, &client.policy)?, now);
//! let (provider, _) = discovery::parse_response(&op.issuer, &response, &client.policy)?;
//!
//! let (start, pending) = authorization::begin(&provider, &client, &Options::default(), &mut entropy, now)?;
//! let Start::Redirect(url) = start else { panic!("Okta takes requests in the browser") };
//! let ada = User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers"]);
//! let callback = op.authorize(&url, &ada, now)?;
//! let code = authorization::parse_callback(&provider, &client, &pending, callback.parameters(), now)?;
//!
//! let request = token::request(&provider, &client, &pending, &code, Dpop::Off, &mut entropy, now)?;
//! let response = op.receive(&request, now);
//! let tokens = token::parse_response(&client, &pending, &code, Dpop::Off, &response)?;
//! assert!(tokens.id_token().is_some());
//!
//! op.fault = Some(Fault::Callback(CallbackFault::OtherState));
//! let callback = op.authorize(&url, &ada, now)?;
//! let refused = authorization::parse_callback(&provider, &client, &pending, callback.parameters(), now);
//! assert_eq!(refused.unwrap_err().code(), "oidc.state_mismatch");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod authorization;
mod client;
mod discovery;
mod dpop;
#[cfg(feature = "decrypt")]
mod encryption;
mod fault;
mod id_token;
mod json;
mod jwt;
mod keys;
mod logout;
mod provider;
mod shape;
mod style;
mod token;
mod user;
mod userinfo;

pub use authorization::{AuthorizationRequest, Callback, Delivered, RequestError, ResponseMode};
pub use client::{RegisteredAuthentication, RegisteredClient};
pub use discovery::Endpoints;
#[cfg(feature = "decrypt")]
pub use encryption::{ContentEncryption, Encryption, KeyManagement};
pub use fault::{
    AnswerFault, CallbackFault, ClaimsFault, EntraFault, Fault, FrontChannelFault, IdTokenFault, JweFault,
    JwtFault, KeysFault, LogoutTokenFault, MetadataFault, PostLogoutFault, PushedFault, RefreshFault,
    RevocationFault, TokenFault, UserInfoFault,
};
pub use jwt::SignedToken;
pub use keys::{SigningAlgorithm, TestKey};
pub use logout::{LogoutError, Session, logout_succeeded};
pub use provider::{Endpoint, OidcProvider};
pub use shape::Shape;
pub use style::{
    Audience, ClaimNames, ClaimsIn, EmailVerified, ExpiresIn, GroupValues, IssParameter, Kid, Published,
    Style, TimeStyle,
};
pub use user::User;
