use std::collections::BTreeSet;

use admittance::scim::{
    leniency::Leniency,
    patch::{self, Base, MembershipDelta},
    resource::Resource,
    schema::ResourceType,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{body, group, members, patched};
use crate::scim::{object, reading};

fn delta(operations: &Value) -> Option<MembershipDelta> {
    let group = ResourceType::group();
    let (delta, _) = reading(Leniency::interop(), |reading| {
        patch::parse(&group, object(&body(operations)), reading).unwrap().membership_delta()
    });
    delta
}

#[test]
fn x6_the_last_operation_decides_for_each_member() {
    let delta = delta(&json!([
        {"op": "remove", "path": "members[value eq \"a\"]"},
        {"op": "add", "path": "members", "value": [{"value": "a", "display": "A"}, {"value": "b"}]},
        {"op": "Remove", "path": "members", "value": [{"value": "b"}, {"value": "c"}]},
        {"op": "replace", "value": {"displayName": "New", "externalId": "x"}},
    ]))
    .unwrap();
    assert_eq!(delta.base, Base::Current);
    assert_eq!(delta.add.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(delta.remove, ["b", "c"]);
    assert_eq!((delta.rename.as_deref(), delta.external_id), (Some("New"), Some(Some("x".to_owned()))));
}

#[test]
fn x6_replacing_begins_with_nobody() {
    let delta = delta(&json!([
        {"op": "add", "path": "members", "value": [{"value": "a"}]},
        {"op": "replace", "path": "members", "value": [{"value": "b"}]},
        {"op": "remove", "path": "members[value eq \"c\"]"},
    ]))
    .unwrap();
    assert_eq!(delta.base, Base::Empty);
    assert_eq!(delta.add.keys().collect::<Vec<_>>(), ["b"]);
    assert!(delta.remove.is_empty());
}

#[test]
fn x6_what_needs_the_group_gives_no_delta() {
    for operation in [
        json!({"op": "remove", "path": "members[display eq \"A\"]"}),
        json!({"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}),
        json!({"op": "replace", "path": "members[value eq \"a\"].display", "value": "A"}),
        json!({"op": "remove", "path": "members[value sw \"a\"]"}),
    ] {
        assert_eq!(delta(&json!([operation])).map(|_| ()), None, "{operation}");
    }
    let user = ResourceType::user();
    let operations = body(&json!([{"op": "replace", "path": "displayName", "value": "x"}]));
    let (delta, _) = reading(Leniency::interop(), |reading| {
        patch::parse(&user, object(&operations), reading).unwrap().membership_delta()
    });
    assert!(delta.is_none());
}

fn applied(delta: &MembershipDelta, group: &Resource) -> BTreeSet<String> {
    let mut after: BTreeSet<String> = match delta.base {
        Base::Current => members(group).into_iter().collect(),
        Base::Empty => BTreeSet::new(),
    };
    for id in &delta.remove {
        after.remove(id);
    }
    after.extend(delta.add.keys().cloned());
    after
}

fn operations() -> impl Strategy<Value = Value> {
    let id = || prop::sample::select(vec!["a", "b", "c", "d", "e"]);
    let ids = || prop::collection::vec(id(), 0..4);
    let list = |ids: Vec<&str>| ids.into_iter().map(|id| json!({"value": id})).collect::<Vec<_>>();
    let operation = prop_oneof![
        ids().prop_map(move |ids| json!({"op": "add", "path": "members", "value": list(ids)})),
        ids().prop_map(move |ids| json!({"op": "Remove", "path": "members", "value": list(ids)})),
        id().prop_map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")})),
        ids().prop_map(move |ids| json!({"op": "replace", "path": "members", "value": list(ids)})),
        Just(json!({"op": "remove", "path": "members"})),
        Just(json!({"op": "replace", "value": {"displayName": "New"}})),
        ids().prop_map(
            move |ids| json!({"op": "replace", "value": {"displayName": "N", "members": list(ids)}})
        ),
    ];
    prop::collection::vec(operation, 1..6).prop_map(Value::from)
}

proptest! {
    #[test]
    fn x6_the_delta_gives_what_the_operations_give(
        operations in operations(),
        before in prop::collection::btree_set(prop::sample::select(vec!["a", "b", "c", "x"]), 0..4),
    ) {
        let before = group(&before.into_iter().collect::<Vec<_>>());
        let (after, _) =
            patched(&ResourceType::group(), Leniency::interop(), &before, &body(&operations)).unwrap();
        let delta = delta(&operations).unwrap();
        prop_assert_eq!(applied(&delta, &before), members(&after).into_iter().collect());
        prop_assert_eq!(delta.rename.as_deref().unwrap_or("Engineers"), after.text("displayName").unwrap());
    }
}
