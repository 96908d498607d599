//! From what an identity provider says about groups to a plan of changes: [`Plan`] at sign-in, [`MappedPlan`] for
//! groups that provisioning pushed.
//!
//! # At sign-in
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
//! # With provisioning
//!
//! Where the group source is provisioning ([`GroupSource::Scim`]), an administrator maps pushed groups to
//! organizations ([`GroupMapping`]), and [`reconcile_mapped`] creates, adopts, renames and unlinks groups and sets
//! which accounts of the connection are in them. Accounts of other connections, and those of the host itself, stay
//! where they are.
//!
//! ```
//! use admittance::groups::{Account, Accounts, Directory, Group, GroupKind, GroupMapping, MappedPolicy, Origin};
//! use admittance::groups::{Change, PushedGroups, StoredGroups, reconcile_mapped};
//! # let group = |id: &str, organization: &str, name: &str, kind| Group {
//! #     id: id.into(),
//! #     organization: organization.into(),
//! #     name: name.into(),
//! #     kind,
//! # };
//!
//! let directory = Directory::new(
//!     "directory-17",
//!     [
//!         group("g1", "org-a", "Members", GroupKind::Default),
//!         group("g2", "org-a", "Developers", GroupKind::Ordinary),
//!         group("g3", "org-b", "Members", GroupKind::Default),
//!     ],
//! )?;
//! let people = ["ada", "grace"].map(|user| Account::of("okta-acme", user));
//! let accounts = Accounts::new("okta-acme", "accounts-3", people)?;
//! let mut pushed = PushedGroups::new(&accounts, "pushed-12");
//! pushed.add("idp-1", "Developers", ["ada"])?;
//! let mut stored = StoredGroups::new(&accounts, "stored-5");
//! stored.add("g2", [("grace", Origin::Manual), ("root", Origin::Manual)]);
//!
//! let mapping = GroupMapping::all("mapping-1", ["idp-1".into()], directory.organizations().cloned());
//! let policy = MappedPolicy::default();
//! let plan = reconcile_mapped(&pushed, &mapping, &directory, &stored, &policy, &[])?;
//! let lines: Vec<String> = plan.changes.iter().map(Change::to_string).collect();
//! assert_eq!(
//!     lines,
//!     [
//!         "= org-a/Developers (g2) now follows idp-1",
//!         "* org-b/Developers is created and follows idp-1; joining ada",
//!         "+ ada joins org-a/Developers (g2)",
//!         "- grace leaves org-a/Developers (g2)",
//!     ]
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the host must still do: apply a plan set-like (adding a present member or removing an absent one does
//! nothing) and only while its basis ([`Basis`], [`MappedBasis`]) holds, store new memberships as [`Origin::Idp`] of
//! the plan's connection, and let an administrator confirm what a plan withholds.

mod accounts;
mod change;
mod difference;
mod directory;
mod draft;
mod edit_distance;
mod headcount;
mod login;
mod mapped;
mod mapped_plan;
mod mapping;
mod membership;
mod near_miss;
mod plan;
mod policy;
mod pushed;
mod stored;
mod targets;
mod text;

pub use self::accounts::{Account, Accounts, AccountsError};
pub use self::change::{Change, Link, Member, NewGroup, OrganizationMember, Rename, Unlink};
pub use self::directory::{Directory, DirectoryError, Group, GroupKind};
pub use self::login::{Refusal, Subject, reconcile_login};
pub use self::mapped::{MappedRefusal, reconcile_mapped, release_links};
pub use self::mapped_plan::{MappedBasis, MappedPlan, Unmatched};
pub use self::mapping::GroupMapping;
pub use self::membership::{Membership, Memberships, Origin};
pub use self::near_miss::{
    Delimited, Difference, NameFindings, NameIndex, NearMiss, ObjectIds, PathName, PathNotation,
};
pub use self::plan::{Basis, Plan};
pub use self::policy::{
    GroupSource, LoginPolicy, MappedPolicy, MaxRemovals, OnEmpty, OnMissing, OnOverage, OnUnlink, Scope,
};
pub use self::pushed::{PushedGroups, PushedGroupsError};
pub use self::stored::{StoredGroups, StoredGroupsError};
