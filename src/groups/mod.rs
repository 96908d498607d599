//! From what a sign-in says about groups to a [`Plan`] of membership changes.
//!
//! An enterprise holds organizations, which hold groups. Where a connection's group source is sign-in
//! ([`GroupSource::Login`]), the person's memberships are set to the groups whose name was sent, by exact name, in
//! every organization of the enterprise. [`reconcile_login`] computes the difference as a value: apply it, show
//! it, or throw it away. It creates, renames and deletes no group.
//!
//! ```
//! use admittance::groups::{Directory, Group, GroupKind, LoginPolicy, Membership, Memberships, Origin, Subject};
//! use admittance::groups::reconcile_login;
//! use admittance::profile::GroupsClaim;
//!
//! let group = |id: &str, organization: &str, name: &str, kind| Group {
//!     id: id.into(),
//!     organization: organization.into(),
//!     name: name.into(),
//!     kind,
//! };
//! let directory = Directory::new(
//!     "directory-17",
//!     [
//!         group("g1", "org-a", "Members", GroupKind::Default),
//!         group("g2", "org-a", "Developers", GroupKind::Ordinary),
//!         group("g3", "org-b", "Reviewers", GroupKind::Ordinary),
//!     ],
//! )?;
//! let subject = Subject::new("okta-acme", "ada");
//! let memberships =
//!     Memberships::new("ada", "ada-4", [Membership { group: "g3".into(), origin: Origin::Manual }]);
//!
//! let claim = GroupsClaim::from_names(["Developers"]);
//! let plan = reconcile_login(&subject, &claim, &directory, &memberships, &LoginPolicy::default())?;
//! assert_eq!(plan.additions().map(|member| member.group.as_str()).collect::<Vec<_>>(), ["g2"]);
//! assert_eq!(plan.removals().map(|member| member.group.as_str()).collect::<Vec<_>>(), ["g3"]);
//! assert_eq!(plan.orgs_lost, ["org-b".into()]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the host must still do: apply a plan set-like (adding a present member or removing an absent one does
//! nothing) and only while its [`Basis`] holds, store new memberships as [`Origin::Idp`] of the plan's connection,
//! and let an administrator confirm what a plan withholds.

mod directory;
mod login;
mod membership;
mod plan;
mod policy;

pub use self::directory::{Directory, DirectoryError, Group, GroupKind};
pub use self::login::{Refusal, Subject, reconcile_login};
pub use self::membership::{Membership, Memberships, Origin};
pub use self::plan::{Basis, Change, Member, Plan};
pub use self::policy::{GroupSource, LoginPolicy, MaxRemovals, OnEmpty, OnMissing, OnOverage, Scope};
