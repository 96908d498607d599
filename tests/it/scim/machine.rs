use admittance::scim::{
    change::{Action, CommitOutcome, MembersDelta},
    effect::Effect,
    fetch::{Fetched, Loaded, Origin, Page, Target},
    filter::{UniqueLookup, sql::Unsupported},
    machine::{self, Context, Step},
    patch::Base,
    service::UnknownMembers,
};
use http::Request;
use serde_json::{Value, json};

use super::service::{Service, TENANT, config, group, holder, user};

fn begin<'c>(service: &'c Service, method: &str, path: &str, body: &str) -> Step<'c> {
    let uri = format!("/scim/v2/connections/{TENANT}{path}");
    let request = Request::builder().method(method).uri(uri).body(body.as_bytes().to_vec()).unwrap();
    machine::begin(&service.config, &Context::new(service.access.clone(), service.now), &request)
}

fn status(step: Step<'_>) -> u16 {
    let Step::Done(done) = step else { panic!("not done: {step:?}") };
    done.response.status().as_u16()
}

#[test]
fn x1_the_same_inputs_give_the_same_bytes() {
    let run = || {
        let mut service = Service::new();
        let ada = service.user("ada");
        let team = service.group("team", &[&ada]);
        [service.get(&format!("/Groups/{team}")).text, service.get("/Users").text]
    };
    assert_eq!(run(), run());
}

#[test]
fn x3_each_step_is_a_value() {
    let service = Service::new();
    let Step::Need(need) = begin(&service, "POST", "/Users", &user("Ada").to_string()) else { panic!() };
    assert_eq!(need.fetch().tenant.as_str(), TENANT);
    assert_eq!(need.fetch().target, Target::UserName { folded: "ada".to_owned() });
    assert_eq!(need.fetch().new_ids, 1);
    let fetched = Fetched { new_ids: vec!["u1".into()], ..Fetched::new(Loaded::Holder(None)) };
    let Step::Commit(commit) = need.loaded(fetched) else { panic!() };
    let change = commit.change();
    assert_eq!((change.tenant.as_str(), change.id.as_str()), (TENANT, "u1"));
    assert_eq!(change.at, service.now);
    assert!(
        matches!(&change.action, Action::Create { after, members: None } if after.text("userName") == Some("Ada"))
    );
    let outcome = CommitOutcome::Done { delta: MembersDelta::default(), version: "7".into() };
    let Step::Done(done) = commit.committed(outcome) else { panic!() };
    assert_eq!(done.response.status(), 201);
    assert_eq!(done.response.headers()["etag"], "W/\"7\"");
    assert!(done.effects.is_empty() && done.notes.is_empty());
}

/// A host that answers something else than it was asked for fails; it is never taken for data.
#[test]
fn x3_another_answer_than_asked_for() {
    let service = Service::new();
    let answers = || {
        [
            Loaded::Failed,
            Loaded::Nothing,
            Loaded::Page(Page::default()),
            Loaded::TooMany,
            Loaded::Holder(Some(holder("x", Origin::SignIn))),
        ]
    };
    for loaded in answers() {
        let Step::Need(need) = begin(&service, "GET", "/Users/x", "") else { panic!() };
        assert_eq!(status(need.loaded(Fetched::new(loaded))), 500);
    }
    for loaded in [Loaded::Failed, Loaded::Nothing, Loaded::One(None), Loaded::Page(Page::default())] {
        let Step::Need(need) = begin(&service, "GET", "/Users", "") else { panic!() };
        assert_eq!(status(need.loaded(Fetched::new(loaded))), 500, "a page by index has a total");
    }
    let Step::Need(need) = begin(&service, "POST", "/Users", &user("a").to_string()) else { panic!() };
    assert_eq!(status(need.loaded(Fetched::new(Loaded::Holder(None)))), 500, "no identifier was given");
    let Step::Need(need) = begin(&service, "GET", "/Users/x", "") else { panic!() };
    let Step::Done(done) = need.loaded(Fetched::new(Loaded::Failed)) else { panic!() };
    assert!(String::from_utf8(done.response.into_body()).unwrap().contains("the service could not complete"));
}

#[test]
fn x3_too_many_and_unsupported() {
    let service = Service::new();
    let Step::Need(need) = begin(&service, "GET", "/Users", "") else { panic!() };
    let Step::Done(done) = need.loaded(Fetched::new(Loaded::TooMany)) else { panic!() };
    assert!(String::from_utf8(done.response.into_body()).unwrap().contains("tooMany"));
    let Step::Need(need) = begin(&service, "GET", "/Users?filter=title+co+%22x%22", "") else { panic!() };
    let unsupported = Unsupported { operand: "title".to_owned() };
    let Step::Done(done) = need.loaded(Fetched::new(Loaded::Unsupported(unsupported))) else { panic!() };
    assert!(String::from_utf8(done.response.into_body()).unwrap().contains("invalidFilter"));
}

#[test]
fn x5_unique_look_ups() {
    let service = Service::new();
    let lookup = |path: &str| {
        let Step::Need(need) = begin(&service, "GET", path, "") else { panic!() };
        let Target::List(query) = need.fetch().target.clone() else { panic!() };
        query
    };
    let query = lookup("/Users?filter=userName+eq+%22Ada%22");
    assert_eq!(query.unique_lookup(), Some(UniqueLookup::UserName("Ada")));
    assert_eq!(
        lookup("/Users?filter=externalId+eq+jyoung").unique_lookup(),
        Some(UniqueLookup::ExternalId("jyoung"))
    );
    assert_eq!(lookup("/Users?filter=id+eq+%22x%22").unique_lookup(), Some(UniqueLookup::Id("x")));
    let query = lookup("/Groups?filter=displayName+eq+%22g%22");
    assert_eq!(query.unique_lookup(), Some(UniqueLookup::DisplayName("g")));
    assert_eq!(lookup("/Users?filter=userName+sw+%22a%22").unique_lookup(), None);
    assert_eq!(lookup("/Users").unique_lookup(), None);
}

#[test]
fn x7_effects_for_real_changes_alone() {
    let mut service = Service::new();
    let id = service.user("ada");
    let path = format!("/Users/{id}");
    let active = |value: bool| json!([{"op": "replace", "value": {"active": value}}]);
    assert!(service.patch(&path, active(true)).effects.is_empty());
    let user: admittance::scim::tenant::ResourceId = id.as_str().into();
    assert_eq!(service.patch(&path, active(false)).effects, [Effect::Deactivated { user: user.clone() }]);
    assert!(service.patch(&path, active(false)).effects.is_empty());
    assert_eq!(service.patch(&path, active(true)).effects, [Effect::Activated { user: user.clone() }]);
    let rename = json!([{"op": "replace", "path": "userName", "value": "Ada"}]);
    let renamed = Effect::Renamed {
        resource_type: "User".to_owned(),
        id: user,
        from: "ada".to_owned(),
        to: "Ada".to_owned(),
    };
    assert_eq!(service.patch(&path, rename.clone()).effects, [renamed]);
    assert!(service.patch(&path, rename).effects.is_empty());
}

#[test]
fn x7_members_really_added_and_removed() {
    let mut service = Service::new();
    let [a, b] = ["a", "b"].map(|name| service.user(name));
    let team = service.group("team", &[&a]);
    let path = format!("/Groups/{team}");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": a}, {"value": b}]}]);
    let group: admittance::scim::tenant::ResourceId = team.as_str().into();
    let reply = service.patch(&path, add.clone());
    assert_eq!((reply.status, reply.text.as_str()), (204, ""));
    let added = Effect::MembersAdded { group: group.clone(), members: vec![b.as_str().into()] };
    assert_eq!(reply.effects, [added]);
    assert!(service.patch(&path, add).effects.is_empty());
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{a}\"]")}]);
    let removed = Effect::MembersRemoved { group, members: vec![a.as_str().into()] };
    assert_eq!(service.patch(&path, remove.clone()).effects, [removed]);
    assert!(service.patch(&path, remove).effects.is_empty());
    assert_eq!(service.members(&team), [b]);
    assert!(!service.asked_for_members(), "Y2: a change of members does not load them");
}

#[test]
fn x8_references_in_one_fetch() {
    let mut service = Service::new();
    let [a, b] = ["a", "b"].map(|name| service.user(name));
    let team = service.group("team", &[]);
    service.fetches.clear();
    let add = |ids: &[&str]| {
        let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
        json!([{"op": "add", "path": "members", "value": members}])
    };
    let path = format!("/Groups/{team}");
    assert_eq!(service.patch(&path, add(&[&a, &b])).status, 204);
    assert_eq!(service.fetches.len(), 1);
    assert_eq!(service.fetches[0].references.len(), 2);
    service.patch(&path, add(&[&a, "nobody"])).fails(400, "invalidValue");
    service.send("POST", "/Groups", group("other", &["nobody"])).fails(400, "invalidValue");
    service.send("PUT", &path, group("team", &["nobody"])).fails(400, "invalidValue");
    service.config = config().with_unknown_members(UnknownMembers::Skip);
    let reply = service.patch(&path, add(&["nobody", &a]));
    assert_eq!(reply.status, 204, "{}", reply.text);
    assert_eq!(reply.codes(), ["scim.member_unknown"]);
    let reply = service.send("PUT", &path, group("team", &["nobody", &a]));
    assert_eq!(reply.body["members"].as_array().unwrap().len(), 1);
}

#[test]
fn x8_groups_within_groups() {
    let mut service = Service::new();
    let inner = service.group("inner", &[]);
    let mut body = group("outer", &[&inner]);
    body["members"][0]["type"] = json!("User");
    let outer = service.send("POST", "/Groups", body);
    assert_eq!(outer.body["members"][0]["type"], "Group", "what a member is, is not for the client to say");
    assert!(outer.body["members"][0]["$ref"].as_str().unwrap().ends_with(&format!("/Groups/{inner}")));
    let Action::Create { members: Some(members), .. } = &service.changes.last().unwrap().action else {
        panic!()
    };
    assert_eq!(members.add[0].resource_type, "Group");
}

/// A PATCH that names members by more than their identifiers needs them; what it changes is still said of the stored set.
#[test]
fn z7_a_filter_over_members() {
    let mut service = Service::new();
    let [a, b] = ["a", "b"].map(|name| service.user(name));
    let inner = service.group("inner", &[]);
    let team = service.group("team", &[&a, &b, &inner]);
    let remove = json!([{"op": "remove", "path": "members[type eq \"User\"]"}]);
    let reply = service.patch(&format!("/Groups/{team}"), remove);
    assert_eq!(reply.status, 204, "{}", reply.text);
    assert_eq!(service.members(&team), [inner]);
    let Action::Update { after: None, members: Some(members) } = &service.changes.last().unwrap().action
    else {
        panic!()
    };
    assert_eq!((members.base, members.add.len(), members.remove.len()), (Base::Current, 0, 2));
}

#[test]
fn z7_two_changes_of_members_at_once_both_hold() {
    let mut service = Service::new();
    let [a, b] = ["a", "b"].map(|name| service.user(name));
    let team = service.group("team", &[]);
    assert_eq!((a.as_str(), b.as_str(), team.as_str()), ("r1", "r2", "r3"));
    let path = format!("/Groups/{team}");
    let faster = |service: &mut Service| {
        let add = json!([{"op": "add", "path": "members", "value": [{"value": "r1"}]}]);
        assert_eq!(service.patch("/Groups/r3", add).status, 204);
    };
    service.meanwhile.push(faster);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": b}]}]);
    assert_eq!(service.patch(&path, add).status, 204);
    assert_eq!(service.members(&team), [a.clone(), b.clone()]);
    // So does one that renames the group too: it is worked out again.
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{a}\"]")}]);
    service.patch(&path, remove);
    service.meanwhile.push(faster);
    let both = json!([{"op": "replace", "path": "displayName", "value": "crew"},
        {"op": "remove", "path": format!("members[value eq \"{b}\"]")}]);
    assert_eq!(service.patch(&path, both).status, 204);
    assert_eq!(service.members(&team), [a]);
    assert_eq!(service.row(&team).resource.text("displayName"), Some("crew"));
}

fn title(service: &mut Service) {
    let title = json!([{"op": "replace", "path": "title", "value": "Dr"}]);
    assert_eq!(service.patch("/Users/r1", title).status, 200);
}

#[test]
fn v3_a_conflict_at_commit() {
    let mut service = Service::new();
    let id = service.user("ada");
    let path = format!("/Users/{id}");
    // Without If-Match the operation is repeated on fresh data.
    service.meanwhile.push(title);
    let nick = json!({"Operations": [{"op": "add", "path": "nickName", "value": "A"}]});
    let reply = service.send("PATCH", &path, nick.clone());
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!((&reply.body["title"], &reply.body["nickName"]), (&json!("Dr"), &json!("A")));
    // With it, it fails.
    let etag = reply.header("etag").unwrap().to_owned();
    service.meanwhile.push(|service| {
        let title = json!([{"op": "replace", "path": "title", "value": "Prof"}]);
        assert_eq!(service.patch("/Users/r1", title).status, 200);
    });
    let other = json!({"Operations": [{"op": "replace", "path": "nickName", "value": "B"}]});
    service.send_with("PATCH", &path, &[("if-match", &etag)], other).fails(412, "");
    assert_eq!(service.get(&path).body["nickName"], "A");
    // It is gone by now.
    service.meanwhile.push(|service| {
        assert_eq!(service.send("DELETE", "/Users/r1", Value::Null).status, 204);
    });
    let other = json!({"Operations": [{"op": "replace", "path": "nickName", "value": "C"}]});
    service.send("PATCH", &path, other).fails(404, "");
}

#[test]
fn v3_the_commit_is_told_the_version() {
    let mut service = Service::new();
    let id = service.user("ada");
    let path = format!("/Users/{id}");
    let etag = service.get(&path).header("etag").unwrap().to_owned();
    service.send("PUT", &path, user("Ada"));
    assert_eq!(service.changes.last().unwrap().expected.as_ref().unwrap().as_str(), "1");
    service.send("DELETE", &path, Value::Null);
    assert!(service.changes.last().unwrap().expected.is_none(), "{etag}");
    let team = service.group("team", &[]);
    let path = format!("/Groups/{team}");
    let etag = service.get(&path).header("etag").unwrap().to_owned();
    let remove = json!({"Operations": [{"op": "remove", "path": "members"}]});
    service.send("PATCH", &path, remove.clone());
    assert!(service.changes.last().unwrap().expected.is_none());
    service.send_with("PATCH", &path, &[("if-match", &etag)], remove);
    assert!(service.changes.last().unwrap().expected.is_some());
}

#[test]
fn v3_endless_conflicts_end() {
    let service = Service::new();
    let body = json!({"schemas": [], "displayName": "g", "members": []}).to_string();
    let mut step = begin(&service, "POST", "/Groups", &body);
    let mut commits = 0;
    let done = loop {
        step = match step {
            Step::Need(need) => {
                let fetched = Fetched { new_ids: vec!["g".into()], ..Fetched::new(Loaded::Nothing) };
                need.loaded(fetched)
            }
            Step::Commit(commit) => {
                commits += 1;
                commit.committed(CommitOutcome::VersionConflict)
            }
            Step::Done(done) => break done,
        }
    };
    assert_eq!((done.response.status().as_u16(), commits), (500, 4));
}

#[test]
fn a2_other_outcomes_of_a_commit() {
    let cases = [
        (CommitOutcome::UniqueConflict { attribute: "userName".to_owned() }, 409, "uniqueness"),
        (CommitOutcome::ReferenceMissing { id: "boss".into() }, 400, "invalidValue"),
        (CommitOutcome::Failed, 500, ""),
    ];
    for (outcome, status, scim_type) in cases {
        let service = Service::new();
        let Step::Need(need) = begin(&service, "POST", "/Users", &user("a").to_string()) else { panic!() };
        let fetched = Fetched { new_ids: vec!["u".into()], ..Fetched::new(Loaded::Holder(None)) };
        let Step::Commit(commit) = need.loaded(fetched) else { panic!() };
        let Step::Done(done) = commit.committed(outcome) else { panic!() };
        assert_eq!(done.response.status().as_u16(), status);
        let body: Value = serde_json::from_slice(done.response.body()).unwrap();
        assert_eq!(body["scimType"].as_str().unwrap_or_default(), scim_type);
        assert!(done.effects.is_empty());
    }
}

#[test]
fn h11_a_patch_that_changes_nothing() {
    let mut service = Service::new();
    let ada = service.user("ada");
    let team = service.group("team", &[&ada]);
    let (user, group) = (format!("/Users/{ada}"), format!("/Groups/{team}"));
    let (user_before, group_before) = (service.get(&user).body, service.get(&group).body);
    service.now = super::service::at("2026-12-01T00:00:00Z");
    let commits = service.changes.len();
    let same = service.patch(&user, json!([{"op": "replace", "path": "userName", "value": "ada"}]));
    assert_eq!((same.status, &same.body), (200, &user_before));
    assert_eq!(service.changes.len(), commits, "nothing to commit");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": ada}]}]);
    assert_eq!(service.patch(&group, add.clone()).status, 204);
    let body = json!({"Operations": add});
    let shown = service.send("PATCH", &format!("{group}?attributes=meta,members,displayName"), body);
    assert_eq!(shown.body["meta"], group_before["meta"]);
    assert_eq!(service.get(&group).body, group_before);
    let changed = service.patch(&user, json!([{"op": "replace", "path": "title", "value": "Dr"}]));
    assert_eq!(changed.body["meta"]["lastModified"], "2026-12-01T00:00:00.000Z");
    assert_eq!(changed.body["meta"]["created"], user_before["meta"]["created"]);
    assert_ne!(changed.body["meta"]["version"], user_before["meta"]["version"]);
}

#[test]
fn z5_mass_removal() {
    let mut service = Service::with(config().with_removal_limit(1));
    let [a, b, c] = ["a", "b", "c"].map(|name| service.user(name));
    let team = service.group("team", &[&a, &b, &c]);
    let path = format!("/Groups/{team}");
    let remove = |ids: &[&str]| {
        let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
        json!([{"op": "remove", "path": "members", "value": members}])
    };
    let refused = service.patch(&path, remove(&[&a, &b]));
    refused.fails(403, "");
    assert_eq!(refused.body["detail"], "2 members would leave, at most 1 may at once");
    assert_eq!(service.changes.last().unwrap().removal_limit, Some(1));
    service.patch(&path, json!([{"op": "replace", "path": "members", "value": []}])).fails(403, "");
    service.send("PUT", &path, group("team", &[])).fails(403, "");
    service.send("DELETE", &path, Value::Null).fails(403, "");
    assert_eq!(service.members(&team).len(), 3);
    assert_eq!(service.patch(&path, remove(&[&a, "nobody"])).status, 204);
    service.confirmed = true;
    assert_eq!(service.patch(&path, remove(&[&b, &c])).status, 204);
    assert!(service.members(&team).is_empty());
}

#[test]
fn z6_protected_accounts() {
    let mut service = Service::new();
    let id = service.user("root");
    service.row_mut(&id).protected = true;
    let path = format!("/Users/{id}");
    service.patch(&path, json!([{"op": "replace", "value": {"active": false}}])).fails(403, "");
    let mut body = user("root");
    body["active"] = json!(false);
    service.send("PUT", &path, body).fails(403, "");
    service.send("DELETE", &path, Value::Null).fails(403, "");
    assert_eq!(service.patch(&path, json!([{"op": "add", "path": "title", "value": "x"}])).status, 200);
    assert_eq!(service.get(&path).body["active"], true);
}

#[test]
fn y1_a_page_asks_for_no_more_than_it_shows() {
    let service = Service::new();
    let Step::Need(need) = begin(&service, "GET", "/Users?count=100000", "") else { panic!() };
    let Target::List(query) = &need.fetch().target else { panic!() };
    assert_eq!(query.page.count(), 500);
}
