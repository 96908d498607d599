//! Names that nearly match: each way to differ, and what a claim as a whole looks like.

use std::collections::BTreeSet;

use admittance::groups::{
    Delimited, Difference, Directory, NameFindings, NameIndex, NearMiss, ObjectIds, PathName, PathNotation,
};
use proptest::prelude::*;

use super::group;

fn index<const N: usize>(names: [&str; N]) -> NameIndex {
    let groups = names.iter().enumerate().map(|(n, name)| group(&format!("g{n}"), "a", name));
    NameIndex::of(&Directory::new("d1", groups).unwrap())
}

fn near(index: &NameIndex, sent: &str) -> Option<(String, Difference)> {
    index.nearest(sent).map(|near| {
        assert_eq!(near.sent, sent);
        (near.nearest.to_string(), near.difference)
    })
}

fn found(nearest: &str, difference: Difference) -> Option<(String, Difference)> {
    Some((nearest.to_owned(), difference))
}

fn examine<const N: usize, const M: usize>(known: [&str; N], sent: [&str; M]) -> NameFindings {
    index(known).examine(&sent.into_iter().map(str::to_owned).collect())
}

#[test]
fn d12_equal_but_for_case() {
    let index = index(["Developers", "École"]);
    for sent in ["developers", "DEVELOPERS", "DeVeLoPeRs"] {
        assert_eq!(near(&index, sent), found("Developers", Difference::Case));
    }
    assert_eq!(near(&index, "ÉCOLE"), found("École", Difference::Case));
}

#[test]
fn d13_equal_after_trimming() {
    let index = index(["dev", " ops"]);
    for sent in ["dev ", " dev", "\u{a0}dev\t"] {
        assert_eq!(near(&index, sent), found("dev", Difference::WhiteSpace));
    }
    assert_eq!(near(&index, "ops"), found(" ops", Difference::WhiteSpace));
}

#[test]
fn d13_equal_in_one_unicode_form() {
    let index = index(["équipe", "re\u{301}seau"]);
    assert_eq!(near(&index, "e\u{301}quipe"), found("équipe", Difference::UnicodeForm));
    assert_eq!(near(&index, "réseau"), found("re\u{301}seau", Difference::UnicodeForm));
}

#[test]
fn several_differences_at_once() {
    let index = index(["Équipe"]);
    assert_eq!(near(&index, " e\u{301}quipe"), found("Équipe", Difference::Several));
}

#[test]
fn d13_b2_one_or_two_edits() {
    let admins = index(["EN_ORG_ADMINS"]);
    assert_eq!(near(&admins, "ENT_ORGA_ADMINS"), found("EN_ORG_ADMINS", Difference::Edits(2)));
    assert_eq!(near(&admins, "EN_ORG_ADMIN"), found("EN_ORG_ADMINS", Difference::Edits(1)));
    assert_eq!(near(&admins, "en_orga_admins "), found("EN_ORG_ADMINS", Difference::Edits(1)), "and case");
    assert_eq!(near(&admins, "ENT_ORGA_ADMINIS"), None, "three");
}

#[test]
fn every_kind_of_edit_everywhere() {
    let index = index(["abcdef"]);
    for (sent, edits) in [
        ("xabcdef", 1),
        ("abcxdef", 1),
        ("abcdefx", 1),
        ("bcdef", 1),
        ("abdef", 1),
        ("abcde", 1),
        ("xbcdef", 1),
        ("abcdex", 1),
        ("xabcdefx", 2),
        ("cdef", 2),
        ("abcd", 2),
        ("bacdef", 2),
        ("xbcdex", 2),
        ("abcxyef", 2),
    ] {
        assert_eq!(near(&index, sent), found("abcdef", Difference::Edits(edits)), "{sent}");
    }
    for sent in ["abc", "xyzdef", "abcdefxyz", "", "fedcba"] {
        assert_eq!(near(&index, sent), None, "{sent}");
    }
}

#[test]
fn short_names_have_something_in_common() {
    let index = index(["ab", "ops", "x"]);
    for (sent, nearest) in [("ac", Some("ab")), ("cd", None), ("opt", Some("ops")), ("y", None), ("", None)] {
        assert_eq!(near(&index, sent).map(|(name, _)| name), nearest.map(str::to_owned), "{sent}");
    }
}

#[test]
fn the_nearest_of_several_then_the_first_by_name() {
    let several = index(["team-aa", "team-ab", "team-bb", "Team-x", "TEAM-X"]);
    assert_eq!(near(&several, "team-ac"), found("team-aa", Difference::Edits(1)));
    assert_eq!(near(&several, "team-bbq"), found("team-bb", Difference::Edits(1)));
    assert_eq!(near(&several, "team-x"), found("TEAM-X", Difference::Case));
    let spellings = index(["DEV", "dev "]);
    assert_eq!(near(&spellings, "dev"), found("DEV", Difference::Case), "case goes before white space");
}

#[test]
fn a_name_that_a_group_has_is_no_miss() {
    let index = index(["dev", "Dev"]);
    assert_eq!((near(&index, "dev"), near(&index, "Dev")), (None, None));
    assert!(index.contains("dev") && !index.contains("DEV") && !index.contains("dev "));
}

#[test]
fn the_default_group_is_nobodys_nearest() {
    let index = index(["Members", "dev"]);
    assert_eq!(near(&index, "members"), None);
    assert!(!index.contains("Members"));
}

#[test]
fn d10_names_that_carry_a_path() {
    let findings = examine(["dev", "ops", "a/b"], ["/staff/dev", "CN=ops,OU=x", r"EXAMPLE\qa", "a/b", "dev"]);
    let path = |sent: &str, notation, name: &str, known| PathName {
        sent: sent.to_owned(),
        notation,
        name: name.to_owned(),
        known,
    };
    let expected = [
        path("/staff/dev", PathNotation::Slashes, "dev", true),
        path("CN=ops,OU=x", PathNotation::DistinguishedName, "ops", true),
        path(r"EXAMPLE\qa", PathNotation::Domain, "qa", false),
    ];
    assert_eq!(findings.paths, expected);
    assert_eq!(examine(["/dev"], ["/dev"]).paths, [], "a group is really called that");
}

#[test]
fn d11_one_value_that_is_a_list_of_known_names() {
    let list = |sent: &str, separator, known: &[&str]| {
        let known = known.iter().map(|name| (*name).into()).collect();
        Some(Delimited { sent: sent.to_owned(), separator, known })
    };
    let known = ["dev", "ops", "a,b"];
    let delimited = |sent| examine(known, [sent]).delimited;
    assert_eq!(delimited("dev;ops"), list("dev;ops", ';', &["dev", "ops"]));
    assert_eq!(delimited("ops, dev, new"), list("ops, dev, new", ',', &["dev", "ops"]));
    assert_eq!(delimited("a,b;dev"), list("a,b;dev", ';', &["a,b", "dev"]));
    assert_eq!(delimited("new;other"), None);
    assert_eq!(delimited("a,b"), None, "a group is really called that");
    assert_eq!(examine(known, ["dev;ops", "x"]).delimited, None, "two values");
}

#[test]
fn d09_all_values_are_object_ids() {
    const GUID: &str = "6b29fc40-ca47-1067-b31d-00dd010662da";
    const SID: &str = "S-1-5-21-1004336348-1177238915-682003330-512";
    let ids =
        |names: &[&str]| index([]).examine(&names.iter().map(|name| (*name).to_owned()).collect()).object_ids;
    let braces = format!("{{{}}}", GUID.to_uppercase());
    assert_eq!(ids(&[GUID, &braces]), Some(ObjectIds::Guid));
    assert_eq!(ids(&[SID]), Some(ObjectIds::Sid));
    assert_eq!(ids(&[GUID, SID]), Some(ObjectIds::Both));
    for others in [&["dev"][..], &[GUID, "dev"], &[], &["S-1-"], &["S-1-5"], &["S-1-5-"], &["6b29fc40"]] {
        assert_eq!(ids(others), None, "{others:?}");
    }
    assert_eq!(ids(&["6b29fc40-ca47-1067-b31d-00dd010662dg"]), None);
}

#[test]
fn what_a_group_has_is_not_examined() {
    assert_eq!(examine(["dev", "/ops"], ["dev", "/ops"]), NameFindings::default());
}

#[test]
fn findings_as_json() {
    let findings = examine(["dev"], ["Dev"]);
    let stored = serde_json::to_value(&findings).unwrap();
    let near = serde_json::json!([{ "sent": "Dev", "nearest": "dev", "difference": "case" }]);
    assert_eq!(stored["near"], near);
    assert_eq!(serde_json::from_value::<NameFindings>(stored).unwrap(), findings);
    let edits = serde_json::to_value(Difference::Edits(2)).unwrap();
    assert_eq!(edits, serde_json::json!({ "edits": 2 }));
}

/// Compared one by one, these would be twenty million edit distances.
#[test]
fn two_hundred_names_against_a_hundred_thousand_groups_take_no_noticeable_time() {
    let name = |n: usize| format!("{:x} team {:05}", n * 7919 % 65_536, n);
    let groups = (0..100_000).map(|n| group(&format!("g{n}"), "a", &name(n)));
    let index = NameIndex::of(&Directory::new("d1", groups).unwrap());
    let sent: BTreeSet<String> = (0..200).map(|n| name(n * 499).replacen(" team", "_teams", 1)).collect();
    let findings = index.examine(&sent);
    assert_eq!(findings.near.len(), 200);
    assert!(findings.near.iter().all(|near| near.difference == Difference::Edits(2)));
}

/// However alike the names, a question ends.
#[test]
fn names_that_are_all_near_each_other_cost_no_more_than_the_bound() {
    let name = |n: usize| (0..17).map(|bit| if n >> bit & 1 == 0 { 'a' } else { 'b' }).collect::<String>();
    let groups = (0..100_000).map(|n| group(&format!("g{n}"), "a", &name(n)));
    let index = NameIndex::of(&Directory::new("d1", groups).unwrap());
    let sent: BTreeSet<String> = (0..40).map(|n| format!("{}ccc", &name(n * 2499)[3..])).collect();
    assert_eq!(index.examine(&sent).near, []);
}

fn name() -> impl Strategy<Value = String> {
    let alike = "[abAB é\u{301}]{0,6}";
    prop_oneof![4 => alike, 1 => any::<String>()]
}

/// The table of the definition.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    admittance::fold::fold(&name.trim().nfc().collect::<String>()).nfc().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Against every name in turn.
    #[test]
    fn the_nearest_is_what_the_definition_says(
        known in prop::collection::vec(name(), 0..12), sent in name()
    ) {
        let groups = known.iter().enumerate().map(|(n, name)| group(&format!("g{n}"), "a", name));
        let index = NameIndex::of(&Directory::new("d1", groups).unwrap());
        let known: Vec<&String> = known.iter().filter(|name| name.as_str() != "Members").collect();
        let to = |name: &str| distance(&folded(&sent), &folded(name));
        let length = |name: &str| folded(name).chars().count();
        let near = |name: &&&String| {
            let distance = to(name);
            distance == 0 || distance <= 2 && distance < length(name).min(length(&sent))
        };
        let nearest = known.iter().filter(near).map(|name| to(name)).min();
        let found = index.nearest(&sent);
        match (&found, nearest) {
            (None, None) => {}
            (None, Some(_)) => prop_assert!(known.contains(&&sent)),
            (Some(NearMiss { nearest: name, difference, .. }), Some(distance)) => {
                prop_assert!(!known.contains(&&sent));
                prop_assert_eq!(to(name.as_str()), distance);
                match difference {
                    Difference::Edits(edits) => prop_assert_eq!(usize::from(*edits), distance),
                    _ => prop_assert_eq!(distance, 0),
                }
            }
            (Some(found), None) => prop_assert!(false, "{:?}", found),
        }
    }

    #[test]
    fn any_names_give_findings(known in prop::collection::vec(name(), 0..6), sent in prop::collection::btree_set(name(), 0..6)) {
        let groups = known.iter().enumerate().map(|(n, name)| group(&format!("g{n}"), "a", name));
        let index = NameIndex::of(&Directory::new("d1", groups).unwrap());
        let findings = index.examine(&sent);
        for near in &findings.near {
            prop_assert!(sent.contains(&near.sent) && index.contains(near.nearest.as_str()));
        }
    }
}
