//! [`Change`]: one step of a plan.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::plain;
use crate::id::{GroupId, GroupName, IdpGroupId, OrganizationId, UserId};

/// One change. Applying is set-like: adding a present member or removing an absent one does nothing.
///
/// A change is whole: a group is created together with its link and its members, a link ends together with the
/// memberships that end with it. Then any part of a plan may be applied, and a new plan ends where the whole would.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// The group no longer follows a group of the identity provider, and these members leave.
    UnlinkGroup(Unlink),
    /// The group gets the name that it has at the identity provider. Renames of one organization belong together:
    /// two may exchange their names.
    RenameGroup(Rename),
    /// From now on the group follows one of the identity provider, whatever it followed before.
    AdoptGroup(Link),
    /// A group is made, linked, and has these members.
    CreateGroup(NewGroup),
    /// The user joins the group.
    AddMember(Member),
    /// The user leaves the group.
    RemoveMember(Member),
}

/// A user in a group, with what people call the group.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    /// The organization that holds the group.
    pub organization: OrganizationId,
    /// The group's name.
    pub name: GroupName,
    /// The group.
    pub group: GroupId,
    /// The user.
    pub user: UserId,
}

/// A group of an organization and the one that it follows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Link {
    /// The organization that holds the group.
    pub organization: OrganizationId,
    /// The group's name.
    pub name: GroupName,
    /// The group.
    pub group: GroupId,
    /// The group of the identity provider.
    pub idp_group: IdpGroupId,
}

/// A link that ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unlink {
    /// The link.
    #[serde(flatten)]
    pub link: Link,
    /// Who leaves the group with it, sorted.
    pub members: Vec<UserId>,
}

/// A group that gets another name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rename {
    /// The group under its name until now.
    #[serde(flatten)]
    pub link: Link,
    /// Its name from now on.
    pub to: GroupName,
}

/// A group that is made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NewGroup {
    /// The organization that will hold the group.
    pub organization: OrganizationId,
    /// Its name.
    pub name: GroupName,
    /// The group of the identity provider that it follows.
    pub idp_group: IdpGroupId,
    /// Its members, sorted.
    pub members: Vec<UserId>,
}

/// A user in an organization, which is to say in at least one of its groups; the default group does not count.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrganizationMember {
    /// The organization.
    pub organization: OrganizationId,
    /// The user.
    pub user: UserId,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnlinkGroup(Unlink { link, members }) => {
                write!(f, "x {} no longer follows {}", Of(link), plain(link.idp_group.as_str()))?;
                users(f, "; leaving", members)
            }
            Self::RenameGroup(Rename { link, to }) => {
                write!(f, "~ {} is now called {}", Of(link), plain(to.as_str()))
            }
            Self::AdoptGroup(link) => {
                write!(f, "= {} now follows {}", Of(link), plain(link.idp_group.as_str()))
            }
            Self::CreateGroup(NewGroup { organization, name, idp_group, members }) => {
                let [organization, name, idp_group] =
                    [organization.as_str(), name.as_str(), idp_group.as_str()].map(plain);
                write!(f, "* {organization}/{name} is created and follows {idp_group}")?;
                users(f, "; joining", members)
            }
            Self::AddMember(member) => membership(f, '+', "joins", member),
            Self::RemoveMember(member) => membership(f, '-', "leaves", member),
        }
    }
}

impl fmt::Display for OrganizationMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", plain(self.organization.as_str()), plain(self.user.as_str()))
    }
}

/// A group as people call it.
struct Of<'a>(&'a Link);

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Link { organization, name, group, .. } = self.0;
        let [organization, name, group] = [organization.as_str(), name.as_str(), group.as_str()].map(plain);
        write!(f, "{organization}/{name} ({group})")
    }
}

fn membership(f: &mut fmt::Formatter<'_>, sign: char, verb: &str, member: &Member) -> fmt::Result {
    let Member { organization, name, group, user } = member;
    let [user, organization, name, group] =
        [user.as_str(), organization.as_str(), name.as_str(), group.as_str()].map(plain);
    write!(f, "{sign} {user} {verb} {organization}/{name} ({group})")
}

/// The first few; a plan of ten thousand members is still one that people can read.
fn users(f: &mut fmt::Formatter<'_>, verb: &str, users: &[UserId]) -> fmt::Result {
    const SHOWN: usize = 10;
    let mut before = verb;
    for user in users.iter().take(SHOWN) {
        write!(f, "{before} {}", plain(user.as_str()))?;
        before = ",";
    }
    match users.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => write!(f, " and {more} more"),
    }
}
