//! From requests to what a host does of them: effects end access, and the groups of organizations follow by a plan.

use std::collections::{BTreeMap, BTreeSet};

use admittance::{
    crypto::Secret,
    endpoint::UrlPolicy,
    entropy::OsEntropy,
    groups::{
        Account, Accounts, Change, Directory, Group, GroupKind, GroupMapping, MappedPlan, MappedPolicy,
        Origin, PushedGroups, StoredGroups, reconcile_mapped,
    },
    id::{GroupId, IdpGroupId, UserId},
    profile::{self, AccountPolicy, Activity, Candidate, Creation, IdentityKey, Provisioning, Resolution},
    scim::{
        access::Scopes,
        effect::Effect,
        fetch,
        schema::USER,
        service::{ServiceConfig, Tenancy},
        tenant::{ResourceId, TenantId},
        token::NewToken,
    },
    testing::{
        ClaimsBuilder,
        scim_client::{Entra, EntraMode, Okta, Person, Service},
        scim_store::{self, ScimStore},
    },
    time::Timestamp,
};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::profile::{map, mapping};

const CONNECTION: &str = "acme";
const TOKEN: &str = "token of acme";

/// What a host keeps: accounts and pushed groups in the store, and the rest here.
struct Host {
    store: ScimStore,
    keys: BTreeMap<UserId, IdentityKey>,
    protected: BTreeSet<UserId>,
    /// Accounts whose users are deleted. Plans know them until their memberships are gone.
    deleted: BTreeSet<UserId>,
    /// Live sign-ins and personal tokens.
    sessions: BTreeSet<UserId>,
    tokens: BTreeSet<UserId>,
    groups: Vec<Group>,
    rows: BTreeMap<(GroupId, UserId), Origin>,
    links: BTreeMap<GroupId, IdpGroupId>,
    mapping: GroupMapping,
}

/// What came of a request.
struct Outcome {
    status: u16,
    body: Value,
    effects: Vec<Effect>,
    /// The plan's changes, where the effects asked for one.
    plan: Option<Vec<String>>,
}

impl Host {
    /// An organization `web` with its default group and `dev`, where `root` is by hand.
    fn new() -> Self {
        let config =
            ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath).unwrap();
        let group = |name: &str, kind| Group {
            id: format!("web-{name}").into(),
            organization: "web".into(),
            name: name.into(),
            kind,
        };
        Self {
            store: ScimStore::new(config).with_connection(CONNECTION, Secret::new(TOKEN)),
            keys: BTreeMap::new(),
            protected: BTreeSet::new(),
            deleted: BTreeSet::new(),
            sessions: BTreeSet::new(),
            tokens: BTreeSet::new(),
            groups: vec![group("Members", GroupKind::Default), group("dev", GroupKind::Ordinary)],
            rows: BTreeMap::from([(("web-dev".into(), "root".into()), Origin::Manual)]),
            links: BTreeMap::new(),
            mapping: GroupMapping::new("1"),
        }
    }

    fn service(&self) -> Service {
        Service::new(self.store.config().tenant_url(&tenant()), Secret::new(TOKEN))
    }

    fn okta(&self) -> Okta {
        Okta(self.service())
    }

    /// A request, and all that a host does after it.
    fn send(&mut self, request: &Request<Vec<u8>>) -> Outcome {
        let done = self.store.answer(request, now());
        for user in done.effects.iter().filter_map(Effect::ends_access) {
            if self.store.resource(&tenant(), user).is_none() {
                self.deleted.insert(user.as_str().into());
            }
            self.sessions.remove(user.as_str());
            self.tokens.remove(user.as_str());
        }
        let follows = done.effects.iter().any(Effect::changes_groups);
        let plan = follows.then(|| {
            let plan = self.follow();
            assert!(self.plan().is_empty(), "the second time there is nothing to do");
            plan
        });
        let body = done.response.body();
        Outcome {
            status: done.response.status().as_u16(),
            body: if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() },
            effects: done.effects,
            plan,
        }
    }

    fn patch(&mut self, target: &str, operation: &Value) -> Outcome {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation],
        });
        let request = self.service().send(Method::PATCH, target, &body);
        self.send(&request)
    }

    fn delete(&mut self, target: &str) -> Outcome {
        let request = self.service().request(Method::DELETE, target);
        self.send(&request)
    }

    #[track_caller]
    fn user(&mut self, name: &str) -> String {
        let request = self.okta().create_user(&person(name));
        let outcome = self.send(&request);
        assert_eq!(outcome.status, 201, "{}", outcome.body);
        let id = outcome.body["id"].as_str().unwrap().to_owned();
        self.sessions.insert(id.as_str().into());
        self.tokens.insert(id.as_str().into());
        id
    }

    /// A pushed group, mapped to `web`.
    #[track_caller]
    fn pushed(&mut self, name: &str, members: &[&str]) -> String {
        let request = self.okta().push_group(name);
        let id = self.send(&request).body["id"].as_str().unwrap().to_owned();
        let request = self.okta().replace_members(&id, members);
        assert!(matches!(self.send(&request).status, 200 | 204));
        let mapped = self.mapping.of(&"web".into()).iter().cloned().chain([IdpGroupId::from(id.as_str())]);
        self.mapping = self.mapping.clone().set("2", "web", mapped.collect::<Vec<_>>());
        id
    }

    /// Accounts of the connection, whoever made them, as far as plans speak of them.
    fn accounts(&self) -> Accounts {
        let accounts = self.store.provisioned(&tenant(), "User").into_iter().map(|stored| {
            let user = UserId::from(stored.facts.id.as_str());
            let is_active = stored.resource.attributes()["active"] == Value::Bool(true);
            Account {
                activity: if is_active { Activity::Active } else { Activity::Inactive },
                protected: self.protected.contains(&user),
                ..Account::of(CONNECTION, user)
            }
        });
        let deleted = self
            .deleted
            .iter()
            .map(|user| Account { activity: Activity::Inactive, ..Account::of(CONNECTION, user.clone()) });
        Accounts::new(CONNECTION, "1", accounts.chain(deleted)).unwrap()
    }

    fn plan(&self) -> MappedPlan {
        let accounts = self.accounts();
        let (mut pushed, mut stored) = (PushedGroups::new(&accounts, "1"), StoredGroups::new(&accounts, "1"));
        for group in self.store.provisioned(&tenant(), "Group") {
            let name = group.resource.text("displayName").unwrap();
            let members = self.store.members(&tenant(), &group.facts.id);
            pushed.add(group.facts.id.as_str(), name, members.iter().map(ResourceId::as_str)).unwrap();
        }
        for ((group, user), origin) in &self.rows {
            stored.add(group.clone(), [(user, origin.clone())]);
        }
        for (group, link) in &self.links {
            stored.link(group.clone(), link.clone()).unwrap();
        }
        let directory = Directory::new("1", self.groups.clone()).unwrap();
        reconcile_mapped(&pushed, &self.mapping, &directory, &stored, &MappedPolicy::default(), &[]).unwrap()
    }

    /// Plans, and applies the plan.
    fn follow(&mut self) -> Vec<String> {
        let plan = self.plan();
        for change in &plan.changes {
            self.apply(change);
        }
        plan.changes.iter().map(Change::to_string).collect()
    }

    fn apply(&mut self, change: &Change) {
        let idp = Origin::Idp(CONNECTION.into());
        match change {
            Change::CreateGroup(new) => {
                let id = GroupId::from(format!("{}-{}", new.organization, new.name));
                self.groups.push(Group {
                    id: id.clone(),
                    organization: new.organization.clone(),
                    name: new.name.clone(),
                    kind: GroupKind::Ordinary,
                });
                self.links.insert(id.clone(), new.idp_group.clone());
                for user in &new.members {
                    self.rows.insert((id.clone(), user.clone()), idp.clone());
                }
            }
            Change::AdoptGroup(link) => {
                self.links.insert(link.group.clone(), link.idp_group.clone());
            }
            Change::RenameGroup(rename) => {
                let group = self.groups.iter_mut().find(|group| group.id == rename.link.group).unwrap();
                group.name = rename.to.clone();
            }
            Change::UnlinkGroup(unlink) => {
                self.links.remove(&unlink.link.group);
                for user in &unlink.members {
                    self.rows.remove(&(unlink.link.group.clone(), user.clone()));
                }
            }
            Change::AddMember(member) => {
                self.rows.entry((member.group.clone(), member.user.clone())).or_insert(idp);
            }
            Change::RemoveMember(member) => {
                self.rows.remove(&(member.group.clone(), member.user.clone()));
            }
            other => panic!("{other:?}"),
        }
    }

    fn members(&self, group: &str) -> Vec<&str> {
        self.rows.keys().filter(|(one, _)| one.as_str() == group).map(|(_, user)| user.as_str()).collect()
    }

    /// A sign-in, by what the identity provider says of the person. The host acts on what it comes to.
    fn sign_in(&mut self, login: &str, subject: &str, creation: Creation) -> Resolution {
        let claims = ClaimsBuilder::new("https://idp.example", subject)
            .attribute("login", [login])
            .attribute("email", ["ada@example.com"])
            .build();
        let key = profile::identity(&CONNECTION.into(), &mapping(), &claims).unwrap();
        let profile = map(&mapping(), &claims).0;
        let candidates = self.candidates();
        let policy = AccountPolicy { provisioning: Provisioning::On, creation };
        let resolution = profile::resolve(&key, &profile, &candidates, policy, now());
        match &resolution {
            Resolution::Create => {
                let account = scim_store::Account { user_name: login, origin: fetch::Origin::SignIn };
                let id = self.store.add_account(&tenant(), &account, now());
                self.keys.insert(id.as_str().into(), key);
            }
            Resolution::Bind(binding) => {
                let before = self.keys.insert(binding.account.clone(), binding.identity.clone());
                assert_eq!(before, None, "an account is bound once");
            }
            Resolution::Known(_) | Resolution::Refuse(_) => {}
        }
        resolution
    }

    /// All accounts of the connection that a sign-in may be of.
    fn candidates(&self) -> Vec<Candidate> {
        let provisioned = self.store.provisioned(&tenant(), "User").into_iter().map(|stored| {
            let account = UserId::from(stored.facts.id.as_str());
            let is_active = stored.resource.attributes()["active"] == Value::Bool(true);
            Candidate {
                identity: self.keys.get(&account).cloned(),
                account,
                provisioned_by: Some(CONNECTION.into()),
                user_name: stored.resource.text("userName").map(str::to_owned),
                activity: if is_active { Activity::Active } else { Activity::Inactive },
            }
        });
        let provisioned: Vec<_> = provisioned.collect();
        let signed_in = self.keys.iter().filter(|(id, _)| provisioned.iter().all(|one| one.account != **id));
        let signed_in = signed_in.map(|(account, key)| Candidate {
            account: account.clone(),
            identity: Some(key.clone()),
            provisioned_by: None,
            user_name: None,
            activity: Activity::Active,
        });
        signed_in.chain(provisioned.iter().cloned()).collect()
    }
}

fn person(name: &str) -> Person {
    Person { user_name: name.to_owned(), external_id: format!("{name}-ext"), ..Person::ada() }
}

fn tenant() -> TenantId {
    TenantId::from(CONNECTION)
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap().at
}

#[test]
fn g3_g5_a_group_is_pushed_then_mapped() {
    let mut host = Host::new();
    let ada = host.user("ada");
    let request = host.okta().push_group("dev");
    let dev = host.send(&request).body["id"].as_str().unwrap().to_owned();
    let request = host.okta().replace_members(&dev, &[&ada]);
    let outcome = host.send(&request);
    let added = Effect::MembersAdded { group: dev.as_str().into(), members: vec![ada.as_str().into()] };
    assert_eq!(outcome.effects, [added]);
    assert_eq!(outcome.plan, Some(vec![]), "it is not mapped to an organization");
    host.mapping = GroupMapping::all("2", [dev.as_str().into()], ["web".into()]);
    assert_eq!(
        host.follow(),
        [format!("= web/dev (web-dev) now follows {dev}"), format!("+ {ada} joins web/dev (web-dev)")]
    );
    assert_eq!(host.members("web-dev"), [ada.as_str(), "root"], "who is there by hand stays");
}

#[test]
fn g5_a_mapped_group_is_created() {
    let mut host = Host::new();
    let ada = host.user("ada");
    let qa = host.pushed("qa", &[&ada]);
    assert_eq!(host.follow(), [format!("* web/qa is created and follows {qa}; joining {ada}")]);
}

#[test]
fn x7_changes_of_members_become_changes_of_the_organization() {
    let mut host = Host::new();
    let (ada, eve) = (host.user("ada"), host.user("eve"));
    let dev = host.pushed("dev", &[&ada]);
    host.follow();
    let request = host.okta().change_members(&dev, &[&ada], &[&eve]);
    let outcome = host.send(&request);
    assert_eq!(
        outcome.plan.unwrap(),
        [format!("+ {eve} joins web/dev (web-dev)"), format!("- {ada} leaves web/dev (web-dev)")],
    );
    assert_eq!(host.members("web-dev"), [eve.as_str(), "root"]);
    // What is there already is no change, and nobody plans for it.
    let request = host.okta().change_members(&dev, &[&ada], &[&eve]);
    let again = host.send(&request);
    assert_eq!((again.effects, again.plan), (vec![], None));
    // Both modes of Entra ID.
    for mode in [EntraMode::Default, EntraMode::Flagged] {
        let entra = Entra { service: host.service(), mode };
        let add = entra.add_members(&dev, &[&ada]);
        assert_eq!(host.send(&add).plan.unwrap(), [format!("+ {ada} joins web/dev (web-dev)")]);
        let remove = entra.remove_members(&dev, &[&ada]);
        assert_eq!(host.send(&remove).plan.unwrap(), [format!("- {ada} leaves web/dev (web-dev)")]);
    }
}

#[test]
fn g11_a_renamed_group_keeps_members_and_mapping() {
    let mut host = Host::new();
    let ada = host.user("ada");
    let dev = host.pushed("dev", &[&ada]);
    host.follow();
    let before = host.rows.clone();
    let request = host.okta().rename_group(&dev, "Engineers");
    let outcome = host.send(&request);
    assert_eq!(outcome.plan.unwrap(), ["~ web/dev (web-dev) is now called Engineers"]);
    assert_eq!((host.rows, host.links.len()), (before, 1));
}

#[test]
fn x7_a_renamed_user_changes_no_group() {
    let mut host = Host::new();
    let ada = host.user("ada");
    let dev = host.pushed("dev", &[&ada]);
    host.follow();
    let outcome = host
        .patch(&format!("/Users/{ada}"), &json!({"op": "replace", "path": "userName", "value": "lovelace"}));
    assert!(matches!(outcome.effects.as_slice(), [Effect::Renamed { .. }]));
    assert_eq!(outcome.plan, None);
    assert!(host.plan().is_empty());
    assert!(host.store.members(&tenant(), &dev.as_str().into()).contains(&ada.as_str().into()));
}

#[test]
fn g8_deactivation_ends_access_everywhere_and_activation_gives_it_back() {
    let mut host = Host::new();
    let (ada, eve) = (host.user("ada"), host.user("eve"));
    let dev = host.pushed("dev", &[&ada, &eve]);
    let qa = host.pushed("qa", &[&ada]);
    host.follow();
    let put = json!({"schemas": [USER], "userName": "ada", "active": false});
    for deactivate in [host.okta().set_active(&ada, false), host.okta().put_user(&ada, &put)] {
        host.sessions.insert(ada.as_str().into());
        host.tokens.insert(ada.as_str().into());
        let outcome = host.send(&deactivate);
        assert_eq!(outcome.effects, [Effect::Deactivated { user: ada.as_str().into() }]);
        assert_eq!(host.sessions, BTreeSet::from([eve.as_str().into()]), "live sign-ins");
        assert_eq!(host.tokens, BTreeSet::from([eve.as_str().into()]), "personal tokens");
        let expected =
            [format!("- {ada} leaves web/dev (web-dev)"), format!("- {ada} leaves web/qa (web-qa)")];
        assert_eq!(outcome.plan.unwrap(), expected);
        for group in [&dev, &qa] {
            let members = host.store.members(&tenant(), &group.as_str().into());
            assert!(members.contains(&ada.as_str().into()), "the pushed group keeps the member");
        }
        let refused = host.sign_in("ada", "00u1", Creation::JustInTime);
        assert!(matches!(refused, Resolution::Refuse(profile::AccountRefusal::Inactive)), "{refused:?}");
        let activate = host.okta().set_active(&ada, true);
        let outcome = host.send(&activate);
        assert_eq!(outcome.effects, [Effect::Activated { user: ada.as_str().into() }]);
        assert_eq!(
            outcome.plan.unwrap(),
            [format!("+ {ada} joins web/dev (web-dev)"), format!("+ {ada} joins web/qa (web-qa)")]
        );
    }
}

#[test]
fn z4_deletion_ends_access_everywhere() {
    let mut host = Host::new();
    let (ada, eve) = (host.user("ada"), host.user("eve"));
    let dev = host.pushed("dev", &[&ada, &eve]);
    host.follow();
    let outcome = host.delete(&format!("/Users/{ada}"));
    assert_eq!(outcome.status, 204);
    assert_eq!(
        outcome.effects,
        [Effect::Deleted { resource_type: "User".to_owned(), id: ada.as_str().into() }]
    );
    assert_eq!(host.sessions, BTreeSet::from([eve.as_str().into()]));
    assert_eq!(host.tokens, BTreeSet::from([eve.as_str().into()]));
    assert!(!host.store.members(&tenant(), &dev.as_str().into()).contains(&ada.as_str().into()));
    assert_eq!(outcome.plan.unwrap(), [format!("- {ada} leaves web/dev (web-dev)")]);
    assert!(host.plan().is_empty());
}

#[test]
fn g12_a_deleted_group_is_unlinked() {
    let mut host = Host::new();
    let ada = host.user("ada");
    let dev = host.pushed("dev", &[&ada]);
    host.follow();
    let outcome = host.delete(&format!("/Groups/{dev}"));
    assert_eq!(
        outcome.effects,
        [Effect::Deleted { resource_type: "Group".to_owned(), id: dev.as_str().into() }]
    );
    assert_eq!(
        outcome.plan.unwrap(),
        [format!("x web/dev (web-dev) no longer follows {dev}; leaving {ada}")]
    );
    assert_eq!(host.members("web-dev"), ["root"]);
    assert!(host.sessions.contains(ada.as_str()), "the users of a group stay as they are");
}

/// Sign-in first: provisioning takes over the account that it made.
#[test]
fn c7_provisioning_adopts_what_a_sign_in_made() {
    let mut host = Host::new();
    assert_eq!(host.sign_in("ada@corp.example", "00u1", Creation::JustInTime), Resolution::Create);
    let account = host.keys.keys().next().unwrap().clone();
    let request = host.okta().create_user(&person("Ada@Corp.example"));
    let outcome = host.send(&request);
    assert_eq!((outcome.status, outcome.body["id"].as_str().unwrap()), (201, account.as_str()));
    assert!(outcome.effects.contains(&Effect::Adopted { user: account.as_str().into() }));
    assert!(outcome.plan.is_some(), "it may be a member from now on");
    for creation in [Creation::JustInTime, Creation::Never] {
        let again = host.sign_in("ada@corp.example", "00u1", creation);
        assert_eq!(again, Resolution::Known(account.clone()));
    }
    assert_eq!(host.candidates().len(), 1);
    assert_eq!(host.send(&request).status, 409, "it is adopted once");
    // The group that names it reaches the account that signs in.
    let dev = host.pushed("dev", &[account.as_str()]);
    assert_eq!(
        host.follow(),
        [format!("= web/dev (web-dev) now follows {dev}"), format!("+ {account} joins web/dev (web-dev)")]
    );
}

/// Provisioning first: the first sign-in takes the account that it made.
#[test]
fn m8_a_sign_in_binds_to_what_provisioning_made() {
    let mut host = Host::new();
    let ada = host.user("Ada@corp.example");
    let account = UserId::from(ada.as_str());
    for creation in [Creation::JustInTime, Creation::Never] {
        host.keys.clear();
        let first = host.sign_in("ada@corp.example", "00u1", creation);
        assert!(matches!(&first, Resolution::Bind(binding) if binding.account == account), "{first:?}");
        assert_eq!(host.sign_in("ada@corp.example", "00u1", creation), Resolution::Known(account.clone()));
        // Another login now, the same person.
        assert_eq!(
            host.sign_in("lovelace@corp.example", "00u1", creation),
            Resolution::Known(account.clone())
        );
        assert_eq!(host.candidates().len(), 1);
    }
    // Another person with the same login does not get the account.
    let other = host.sign_in("ada@corp.example", "00u2", Creation::Never);
    assert!(matches!(other, Resolution::Refuse(profile::AccountRefusal::NotProvisioned)), "{other:?}");
}

/// In whatever order sign-ins and requests come, there is one account.
#[test]
fn c7_m8_never_a_duplicate() {
    for order in [
        [true, false, true, false],
        [false, true, false, true],
        [true, true, false, false],
        [false, false, true, true],
    ] {
        let mut host = Host::new();
        for signs_in in order {
            if signs_in {
                let resolution = host.sign_in("ada@example.com", "00u1", Creation::JustInTime);
                assert!(!matches!(resolution, Resolution::Refuse(_)), "{resolution:?}");
            } else {
                let request = host.okta().create_user(&person("ADA@example.com"));
                assert!(matches!(host.send(&request).status, 201 | 409));
            }
        }
        assert_eq!(host.candidates().len(), 1, "{order:?}");
        assert_eq!(host.keys.len(), 1);
    }
}

#[test]
fn c7_a_local_account_is_nobodys() {
    let mut host = Host::new();
    let local = scim_store::Account { user_name: "ada", origin: fetch::Origin::Elsewhere };
    host.store.add_account(&tenant(), &local, now());
    let request = host.okta().create_user(&person("ADA"));
    let outcome = host.send(&request);
    assert_eq!((outcome.status, outcome.effects.len()), (409, 0));
    let resolution = host.sign_in("ada", "00u1", Creation::Never);
    assert!(matches!(resolution, Resolution::Refuse(profile::AccountRefusal::NotProvisioned)));
}

#[test]
fn z6_the_last_administrator_stays() {
    let mut host = Host::new();
    let (admin, eve) = (host.user("admin"), host.user("eve"));
    host.store.protect(&tenant(), &admin.as_str().into());
    host.protected.insert(admin.as_str().into());
    host.rows.insert(("web-dev".into(), admin.as_str().into()), Origin::Idp(CONNECTION.into()));
    let dev = host.pushed("dev", &[&admin, &eve]);
    host.follow();
    let path = format!("/Users/{admin}");
    let deactivate = json!({"op": "replace", "path": "active", "value": false});
    let before = host.rows.clone();
    for outcome in [host.patch(&path, &deactivate), host.delete(&path)] {
        assert_eq!((outcome.status, outcome.effects.len(), outcome.plan), (403, 0, None));
    }
    // The rest of a bulk request goes on.
    let bulk = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [{"method": "DELETE", "path": path}, {"method": "DELETE", "path": format!("/Users/{eve}")}],
    });
    let request = host.service().send(Method::POST, "/Bulk", &bulk);
    let outcome = host.send(&request);
    let statuses = ["403", "204"].map(Value::from);
    assert_eq!([0, 1].map(|one| outcome.body["Operations"][one]["status"].clone()), statuses);
    assert!(host.sessions.contains(admin.as_str()) && !host.sessions.contains(eve.as_str()));
    // Out of a group it may go at the identity provider; here its membership stays.
    let request = host.okta().replace_members(&dev, &[]);
    let outcome = host.send(&request);
    assert_eq!(outcome.plan, Some(vec![]));
    let own = |rows: &BTreeMap<(GroupId, UserId), Origin>| {
        rows.contains_key(&("web-dev".into(), admin.as_str().into()))
    };
    assert!(own(&before) && own(&host.rows));
}

/// A token is the connection's: whoever made it may go.
#[test]
fn k8_no_request_locks_the_owner_of_its_token_out() {
    let mut host = Host::new();
    let owner = host.user("owner");
    let new = NewToken { prefix: "scim", label: "made by owner", scopes: Scopes::all(), expires_at: None };
    let token = host.store.generate_token(&tenant(), new, &mut OsEntropy, now()).unwrap();
    let okta = Okta(host.service().with_token(token));
    assert_eq!(
        host.send(&okta.set_active(&owner, false)).effects,
        [Effect::Deactivated { user: owner.as_str().into() }]
    );
    assert_eq!(host.send(&okta.read_user(&owner)).status, 200);
    let gone = okta.0.request(Method::DELETE, &format!("/Users/{owner}"));
    assert_eq!(host.send(&gone).status, 204);
    assert_eq!(host.send(&okta.read_user(&owner)).status, 404, "and not 401");
}
