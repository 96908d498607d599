//! The five states of the groups claim.

use admittance::note::Note;
use admittance::profile::{GroupsClaim, GroupsState, Rule, Source, Transform};
use serde_json::json;

use super::{groups, map, mapping, named_person, person, values};

const ENTRA: &str = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups";
const LINK: &str = "https://graph.example/users/1/getMemberObjects";

fn overage(known: &[&str]) -> GroupsClaim {
    let known = known.iter().map(|name| (*name).to_owned()).collect();
    GroupsClaim::Overage { link: Some(LINK.into()), known }
}

#[test]
fn not_configured_without_a_rule() {
    let mut mapping = mapping();
    mapping.groups = None;
    let (profile, notes) = map(&mapping, &named_person().attribute("groups", ["dev"]).build());
    assert_eq!((profile.groups, notes), (GroupsClaim::NotConfigured, vec![]));
}

#[test]
fn missing_names_the_rule_and_what_was_received() {
    let (profile, notes) = map(&mapping(), &named_person().attribute("Groups", ["dev"]).build());
    assert_eq!(profile.groups, GroupsClaim::Missing);
    let note = Note::new("groups.attribute_missing").field("groups").expected("groups");
    assert_eq!(notes, [note.actual("login, email, name, Groups")]);
}

#[test]
fn empty_with_no_value_and_with_an_empty_value() {
    for sent in [&[][..], &[""], &["", ""]] {
        let expected = (GroupsClaim::Empty, vec!["groups.empty".to_owned()]);
        assert_eq!(
            groups(Rule::attr("groups"), person().attribute("groups", sent.iter().copied())),
            expected
        );
    }
}

#[test]
fn overage_with_the_link_where_the_claim_itself_is_named() {
    let claims = person().overage("roles", Some(LINK));
    let expected = (overage(&[]), vec!["groups.overage".to_owned()]);
    assert_eq!(groups(Rule::attr("roles"), claims), expected);
}

#[test]
fn overage_under_the_standard_name_where_the_claim_was_renamed() {
    for name in [ENTRA, "groups"] {
        let claims = person().overage(name, Some(LINK));
        assert_eq!(groups(Rule::attr("sonar-groups"), claims).0, overage(&[]));
    }
}

#[test]
fn overage_with_names_keeps_both() {
    let claims = person().attribute("groups", ["dev"]).overage("groups", Some(LINK));
    assert_eq!(groups(Rule::attr("groups"), claims).0, overage(&["dev"]));
}

#[test]
fn overage_of_the_source_is_not_hidden_by_another_source() {
    let rule = Rule::attr("sonar-groups").transform(Transform::Or(vec![Source::Attr("roles".into())]));
    let claims = person().attribute("roles", ["dev"]).overage(ENTRA, Some(LINK));
    assert_eq!(groups(rule, claims).0, overage(&["dev"]));
}

#[test]
fn overage_of_another_claim_is_none_of_ours() {
    let claims = person().attribute("roles", ["dev"]).overage("groups", Some(LINK));
    assert_eq!(groups(Rule::attr("roles"), claims), (values(["dev"]), vec![]));
    let claims = person().overage("address", Some(LINK));
    assert_eq!(groups(Rule::attr("groups"), claims).0, GroupsClaim::Missing);
}

#[test]
fn a_link_is_not_needed() {
    let claims = person().overage("groups", None);
    let expected = GroupsClaim::Overage { link: None, known: [].into() };
    assert_eq!(groups(Rule::attr("groups"), claims).0, expected);
}

#[test]
fn an_empty_set_of_values_counts_as_empty() {
    assert_eq!(GroupsClaim::Values([].into()).state(), GroupsState::Empty);
    assert_eq!(GroupsClaim::from_names::<&str>([]), GroupsClaim::Empty);
}

#[test]
fn the_five_states_read_well_as_json() {
    for (claim, json) in [
        (GroupsClaim::NotConfigured, json!("not_configured")),
        (GroupsClaim::Missing, json!("missing")),
        (GroupsClaim::Empty, json!("empty")),
        (overage(&["a"]), json!({ "overage": { "link": LINK, "known": ["a"] } })),
        (values(["b", "a"]), json!({ "values": ["a", "b"] })),
    ] {
        assert_eq!(serde_json::to_value(&claim).unwrap(), json);
        assert_eq!(serde_json::from_value::<GroupsClaim>(json).unwrap(), claim);
    }
}
