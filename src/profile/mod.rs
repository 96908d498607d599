//! From verified [`Claims`](crate::claims::Claims) to a [`Profile`]: whose name, login, email address and groups
//! a sign-in states, read by rules that are data.
//!
//! A [`Mapping`] holds one [`Rule`] for each field. A rule names a [`Source`], may allow [`Alias`]es for a source
//! that was not sent, and lists [`Transform`]s. Rules are total: whatever an identity provider sends, the outcome
//! is a profile or a [`MappingError`], and every departure from the plain case is a [`Note`](crate::note::Note).
//! Names compare byte for byte. An empty text is no value, wherever it comes from.
//!
//! ```
//! use admittance::profile::{self, AttributeNames, GroupsClaim, Mapping};
//! use admittance::testing::ClaimsBuilder;
//!
//! let mapping =
//!     Mapping::exact(AttributeNames { name: "name", login: "login", email: "email", groups: "groups" });
//! let claims = ClaimsBuilder::new("https://idp.example", "00u1")
//!     .attribute("name", ["Ada Lovelace"])
//!     .attribute("login", ["ada"])
//!     .attribute("email", ["ada@example.com"])
//!     .attribute("groups", ["Developers", "Reviewers"])
//!     .build();
//!
//! let (profile, notes) = profile::map(&mapping, &claims);
//! let profile = profile?;
//! assert_eq!(profile.login, "ada");
//! assert_eq!(profile.groups, GroupsClaim::from_names(["Reviewers", "Developers"]));
//! assert!(notes.is_empty());
//! # Ok::<(), profile::MappingError>(())
//! ```
//!
//! [`identity`] reads the [`IdentityKey`] of the account, never out of an email address or a login, and [`resolve`]
//! says which account that is: one that is [`Known`](Resolution::Known), one to [`Bind`](Resolution::Bind), one to
//! [`Create`](Resolution::Create), or none.
//!
//! What the host must still do: look up the candidates, and store a binding or a new account in one transaction, with
//! a unique index on the key.

mod aliases;
mod email;
mod error;
mod evaluate;
mod groups_claim;
mod identity;
mod map;
mod mapping;
mod pointer;
mod resolve;
mod transform;

pub use self::email::{EmailAddress, EmailFlaw};
pub use self::error::MappingError;
pub use self::groups_claim::{GroupsClaim, GroupsState};
pub use self::identity::{IdentityError, IdentityKey, IdentityRule, Person, identity};
pub use self::map::{EmailVerified, Profile, map};
pub use self::mapping::{Alias, AttributeNames, Mapping, Rule, Source};
pub use self::pointer::{Pointer, PointerError};
pub use self::resolve::{
    AccountPolicy, AccountRefusal, Activity, Binding, Candidate, Creation, Provisioning, Resolution,
    identity_notes, resolve, under_another_name,
};
pub use self::transform::Transform;
