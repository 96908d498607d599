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
