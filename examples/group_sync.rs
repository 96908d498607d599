//! Groups follow the identity provider, at sign-in and by provisioning: what came, the plan, before and after.
//!
//! `cargo run --example group_sync`. No network; names and pushed groups stand for what was verified.

use std::collections::BTreeMap;
use std::error::Error;

use admittance::groups::{
    Account, Accounts, Change, Directory, Group, GroupKind, GroupMapping, LoginPolicy, MappedPolicy,
    MaxRemovals, Membership, Memberships, NameIndex, Origin, PushedGroups, StoredGroups, Subject,
    reconcile_login, reconcile_mapped,
};
use admittance::id::{GroupId, IdpGroupId, UserId};
use admittance::profile::GroupsClaim;

const OKTA: &str = "okta-acme";
type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let groups = ["web/Members", "web/Developers", "data/Members", "data/Developers", "data/EN_ORG_ADMINS"];
    let mut host = Host { groups: groups.map(group).into(), rows: BTreeMap::new(), links: BTreeMap::new() };
    host.rows.insert(("web/Developers".into(), "root".into()), Origin::Manual);
    host.sign_in("Ada signs in; one name is nearly a group.", &["Developers", "ENT_ORGA_ADMINS"])?;
    host.sign_in("The filter breaks: more than one removal waits for an administrator.", &["Interns"])?;

    let all = GroupMapping::all("1", ["i1", "i2"].map(Into::into), ["web", "data"].map(Into::into));
    let (ada, both) = (["ada"].as_slice(), ["ada", "grace"].as_slice());
    let pushed = [("i1", "Developers", both), ("i2", "Testers", both)];
    host.push("Provisioning takes over: two groups, mapped to every organization.", &pushed, &all)?;
    let pushed = [("i1", "Engineers", ada), ("i2", "Testers", both)];
    host.push("One is renamed, and Grace leaves it.", &pushed, &all)?;
    host.push("The other is no longer mapped to data.", &pushed, &all.set("2", "data", ["i1".into()]))
}

fn group(path: &str) -> Group {
    let (organization, name) = path.split_once('/').unwrap_or_default();
    let kind = if name == "Members" { GroupKind::Default } else { GroupKind::Ordinary };
    Group { id: path.into(), organization: organization.into(), name: name.into(), kind }
}

/// What a host keeps.
struct Host {
    groups: Vec<Group>,
    rows: BTreeMap<(GroupId, UserId), Origin>,
    links: BTreeMap<GroupId, IdpGroupId>,
}

impl Host {
    fn sign_in(&mut self, title: &str, sent: &[&str]) -> Outcome {
        println!("\n── {title}\nsent     {}", sent.join(", "));
        let ada = Subject::new(OKTA, "ada");
        let own = self.rows.iter().filter(|((_, user), _)| *user == ada.user);
        let rows = own.map(|((group, _), by)| Membership { group: group.clone(), origin: by.clone() });
        let memberships = Memberships::new("ada", "1", rows);
        let mut policy = LoginPolicy::default();
        policy.max_removals = MaxRemovals::Count(1);
        let (directory, claim) =
            (Directory::new("1", self.groups.clone())?, GroupsClaim::from_names(sent.iter().copied()));
        let plan = reconcile_login(&ada, &claim, &directory, &memberships, &policy)?;
        self.follow(&plan, &plan.changes);
        for near in NameIndex::of(&directory).examine(claim.names()).near {
            println!("         '{}' may mean '{}'", near.sent, near.nearest);
        }
        Ok(())
    }

    fn push(&mut self, title: &str, groups: &[(&str, &str, &[&str])], mapping: &GroupMapping) -> Outcome {
        println!("\n── {title}");
        let accounts = Accounts::new(OKTA, "1", ["ada", "grace"].map(|user| Account::of(OKTA, user)))?;
        let (mut pushed, mut stored) = (PushedGroups::new(&accounts, "1"), StoredGroups::new(&accounts, "1"));
        for (id, name, members) in groups {
            println!("pushed   {name}: {}", members.join(", "));
            pushed.add(*id, *name, *members)?;
        }
        self.rows.iter().for_each(|((group, user), by)| stored.add(group.clone(), [(user, by.clone())]));
        self.links.iter().try_for_each(|(group, link)| stored.link(group.clone(), link.clone()))?;
        let directory = Directory::new("1", self.groups.clone())?;
        let plan = reconcile_mapped(&pushed, mapping, &directory, &stored, &MappedPolicy::default(), &[])?;
        self.follow(&plan, &plan.changes);
        Ok(())
    }

    /// In a real host one transaction: compare the plan's basis with the stored revisions, then write.
    fn follow(&mut self, plan: &dyn std::fmt::Display, changes: &[Change]) {
        print!("before   {}\n{plan}", self.show());
        changes.iter().for_each(|change| self.apply(change));
        println!("after    {}", self.show());
    }

    fn apply(&mut self, change: &Change) {
        let this = Origin::Idp(OKTA.into());
        match change {
            Change::AddMember(m) => drop(self.rows.entry((m.group.clone(), m.user.clone())).or_insert(this)),
            Change::RemoveMember(m) => drop(self.rows.remove(&(m.group.clone(), m.user.clone()))),
            Change::AdoptGroup(link) => drop(self.links.insert(link.group.clone(), link.idp_group.clone())),
            Change::UnlinkGroup(end) => {
                self.links.remove(&end.link.group);
                self.rows.retain(|(group, user), _| *group != end.link.group || !end.members.contains(user));
            }
            Change::RenameGroup(rename) => {
                let this = self.groups.iter_mut().filter(|group| group.id == rename.link.group);
                this.for_each(|group| group.name = rename.to.clone());
            }
            Change::CreateGroup(new) => {
                let made = group(&format!("{}/{}", new.organization, new.name));
                self.links.insert(made.id.clone(), new.idp_group.clone());
                let row = |user: &UserId| ((made.id.clone(), user.clone()), this.clone());
                self.rows.extend(new.members.iter().map(row));
                self.groups.push(made);
            }
            _ => {}
        }
    }

    fn show(&self) -> String {
        let rows = self.rows.keys().map(|(group, user)| format!("{user} in {group}"));
        rows.collect::<Vec<_>>().join(", ")
    }
}
