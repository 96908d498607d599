//! Group memberships follow the identity provider at every sign-in: what was sent, the plan, before and after.
//!
//! `cargo run --example group_sync`. No network; the claims stand for those of a validated sign-in.

use std::collections::BTreeMap;
use std::error::Error;

use admittance::groups::{
    Change, Directory, Group, GroupKind, LoginPolicy, MaxRemovals, Membership, Memberships, Origin, Plan,
    Subject, reconcile_login,
};
use admittance::id::GroupId;
use admittance::profile::{self, AttributeNames, Mapping};
use admittance::testing::ClaimsBuilder;

fn main() -> Result<(), Box<dyn Error>> {
    let mut host = Host::new()?;
    let mut ada = Subject::new("okta-acme", "ada");
    let groups = ["Developers", "Reviewers", "ENT_ORGA_ADMINS", "Members"];

    title("Ada signs in. She is in one group by hand, and one name has no group here, but nearly.");
    host.sign_in(&ada, "groups", &groups)?;

    title("The same again: nothing is left to do.");
    host.sign_in(&ada, "groups", &groups)?;

    title("Somebody renames the attribute at the identity provider: silence takes nothing away.");
    host.sign_in(&ada, "memberOf", &groups)?;

    title("Somebody breaks the filter: Ada comes in, but more than two removals wait for an administrator.");
    let plan = host.sign_in(&ada, "groups", &["Interns"])?;

    title("The administrator confirms them; the next sign-in makes them.");
    ada.confirmed = plan.withheld.iter().filter_map(leaves).collect();
    host.sign_in(&ada, "groups", &["Interns"])?;
    Ok(())
}

fn leaves(change: &Change) -> Option<GroupId> {
    if let Change::RemoveMember(member) = change { Some(member.group.clone()) } else { None }
}

/// What a host keeps: groups, memberships, settings.
struct Host {
    directory: Directory,
    memberships: BTreeMap<GroupId, Origin>,
    revision: u32,
    mapping: Mapping,
    policy: LoginPolicy,
}

impl Host {
    fn new() -> Result<Self, Box<dyn Error>> {
        let group = |id: &str, organization: &str, name: &str, kind| Group {
            id: id.into(),
            organization: organization.into(),
            name: name.into(),
            kind,
        };
        let groups = [
            group("g1", "web", "Members", GroupKind::Default),
            group("g2", "web", "Developers", GroupKind::Ordinary),
            group("g3", "web", "Designers", GroupKind::Ordinary),
            group("g4", "data", "Members", GroupKind::Default),
            group("g5", "data", "Developers", GroupKind::Ordinary),
            group("g6", "data", "Reviewers", GroupKind::Ordinary),
            group("g7", "data", "EN_ORG_ADMINS", GroupKind::Ordinary),
        ];
        let names = AttributeNames { name: "name", login: "login", email: "email", groups: "groups" };
        let mut policy = LoginPolicy::default();
        policy.max_removals = MaxRemovals::Count(2);
        let memberships = ["g1", "g3"].map(|id| (id.into(), Origin::Manual)).into();
        let directory = Directory::new("7", groups)?;
        Ok(Self { directory, memberships, revision: 1, mapping: Mapping::exact(names), policy })
    }

    fn sign_in(&mut self, subject: &Subject, attribute: &str, sent: &[&str]) -> Result<Plan, Box<dyn Error>> {
        let claims = ClaimsBuilder::new("https://acme.okta.example", "00u1")
            .attribute("name", ["Ada Lovelace"])
            .attribute("login", ["ada"])
            .attribute("email", ["ada@acme.example"])
            .attribute(attribute, sent.iter().copied());
        let (profile, notes) = profile::map(&self.mapping, &claims.build());
        let profile = profile?;
        println!("sent     {attribute} = {}", sent.join(", "));
        for note in notes {
            println!("note     {}: received {}", note.code, note.actual.unwrap_or_default());
        }
        println!("before   {}", self.show());
        let rows = self.memberships.iter();
        let rows = rows.map(|(group, origin)| Membership { group: group.clone(), origin: origin.clone() });
        let memberships = Memberships::new(subject.user.clone(), self.revision.to_string(), rows);
        let plan = reconcile_login(subject, &profile.groups, &self.directory, &memberships, &self.policy)?;
        print!("{plan}");
        self.apply(&plan);
        println!("after    {}", self.show());
        Ok(plan)
    }

    /// In a real host one transaction: compare `plan.basis` with the stored revisions, then write.
    fn apply(&mut self, plan: &Plan) {
        for member in plan.additions() {
            self.memberships.entry(member.group.clone()).or_insert(Origin::Idp(plan.connection.clone()));
        }
        plan.removals().for_each(|member| drop(self.memberships.remove(&member.group)));
        self.revision += u32::from(!plan.is_empty());
    }

    fn show(&self) -> String {
        let groups = self.directory.groups().iter().filter(|group| self.memberships.contains_key(&group.id));
        groups.map(|group| format!("{}/{}", group.organization, group.name)).collect::<Vec<_>>().join(", ")
    }
}

fn title(text: &str) {
    println!("\n── {text}");
}
