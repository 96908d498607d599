//! Decides who may come in: turns what an enterprise's identity provider says into a verified identity, a mapped
//! profile and a plan of group changes.
//!
//! A library of pure functions: no networking, no clock, no storage, no global state. Time, randomness, keys,
//! messages and stored values are arguments; what is to be sent, stored or changed comes back as a value.
//!
//! # The picture
//!
//! Trust grows from left to right, and imports only ever point left.
//!
//! ```text
//! bytes ─parse→ xml::Document ─verify→ VerifiedElement ─validate→ saml::ValidAssertion ┐
//! bytes ─parse→ jose::Compact ─verify→ VerifiedJws     ─validate→ oidc::ValidIdToken   ┴─claims()→ Claims ─map→ Profile ─reconcile→ groups::Plan
//! ```
//!
//! # Where to begin
//!
//! - [`saml::web_sso`]: a sign-in by SAML in two calls; [`saml::metadata`]: who we are and who the identity provider is.
//! - [`oidc`]: a sign-in by OpenID Connect, step by step; [`oidc::discovery`] and [`oidc::client`]: who the provider is
//!   and who we are.
//! - [`scim`]: people and groups that the identity provider pushes, from the request to the change and the answer.
//! - [`profile`] and [`groups`]: what a sign-in means for a person's account and memberships.
//! - [`connection`]: an enterprise's identity provider from set-up to sign-in: life cycle, assistant, diagnoses, test report.
//! - `testing` (feature of that name), for tests: identity providers over SAML and OpenID Connect as values, a SCIM
//!   service with its storage in memory, and clients that provision.
//! - [`manual`]: the design, the defaults, past attacks, and what the host must do.
//!
//! # A sign-in by SAML
//!
//! ```
//! use admittance::profile::{self, AttributeNames, Mapping};
//! use admittance::saml::metadata::{idp, sp::SpConfig};
//! use admittance::saml::protocol::AuthnRequestOptions;
//! use admittance::saml::web_sso::{self, Policy};
//! use admittance::testing::saml_idp::{SamlIdp, Shape, User};
//! use admittance::time::Timestamp;
//! # let mut entropy = admittance::entropy::OsEntropy;
//!
//! // Two sides that know each other: our configuration, and the metadata of an identity provider.
//! let now = Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//! let sp = SpConfig::new("https://sp.example/saml/metadata", "https://sp.example/saml/acs");
//! let mut provider = SamlIdp::new(1).shaped(Shape::Okta);
//! let (idp, _notes) = idp::parse(&provider.metadata()?, &idp::ParseOptions::default(), now)?;
//!
//! // The browser goes there, and comes back with a form field.
//! let (outgoing, pending) = web_sso::begin(&sp, &idp, &AuthnRequestOptions::default(), &mut entropy, now)?;
//! let request = provider.receive(&outgoing, &sp)?;
//! let ada = User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers"]);
//! let form_field = provider.answer(&request, &ada, now)?;
//!
//! // Every check, then the profile.
//! let login = web_sso::finish(&sp, &idp, Some(&pending), &form_field, &Policy::new(), now)?;
//! let mapping = Mapping::exact(AttributeNames { name: "name", login: "login", email: "email", groups: "groups" });
//! let (profile, _notes) = profile::map(&mapping, login.claims());
//! assert_eq!(profile?.email.as_str(), "ada@corp.example");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]
// Texts speak of every feature; a build of some has nothing to link the others to.
#![cfg_attr(
    not(all(
        feature = "saml",
        feature = "oidc",
        feature = "scim",
        feature = "decrypt",
        feature = "os-entropy"
    )),
    allow(rustdoc::broken_intra_doc_links)
)]
#![deny(missing_docs, unreachable_pub, missing_debug_implementations)]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::panic,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::incompatible_msrv
)]

pub mod encoding;
pub mod endpoint;
pub mod entropy;
pub mod fold;
pub mod id;
pub mod json;
pub mod limits;
pub mod note;
pub mod time;
pub mod version;

pub mod claims;
pub mod crypto;
#[cfg(feature = "saml")]
pub mod xml;

#[cfg(feature = "oidc")]
pub mod jose;
#[cfg(feature = "saml")]
pub mod xmldsig;
#[cfg(feature = "saml")]
pub mod xmlenc;

#[cfg(feature = "oidc")]
pub mod oidc;
#[cfg(feature = "saml")]
pub mod saml;

#[cfg(feature = "scim")]
pub mod scim;

pub mod groups;
pub mod profile;

#[cfg(any(feature = "saml", feature = "oidc"))]
pub mod connection;

#[cfg(feature = "testing")]
pub mod testing;

#[cfg(doc)]
pub mod manual;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
