//! Each transform of the mapping language.

use admittance::profile::{GroupsClaim, Rule, Source, Transform};
use serde_json::json;

use super::{groups, map, mapping, named_person, person, pointer, values};

fn of(transforms: impl IntoIterator<Item = Transform>, sent: &[&str]) -> GroupsClaim {
    let rule = transforms.into_iter().fold(Rule::attr("groups"), Rule::transform);
    groups(rule, person().attribute("groups", sent.iter().copied())).0
}

#[test]
fn m5_strip_path() {
    let sent = ["/staff/dev", "CN=ops,OU=staff,DC=example", r"EXAMPLE\qa", "a/b", "plain"];
    assert_eq!(of([Transform::StripPath], &sent), values(["dev", "ops", "qa", "a/b", "plain"]));
}

#[test]
fn m5_or_takes_the_first_source_with_a_value() {
    let or = Transform::Or(vec![
        Source::Attr("none".into()),
        Source::Attr("empty".into()),
        Source::Pointer(pointer("/access/roles")),
        Source::Attr("late".into()),
    ]);
    let claims = || {
        person()
            .attribute("empty", [""; 1])
            .json("access", json!({ "roles": ["dev"] }))
            .attribute("late", ["ops"])
    };
    let rule = || Rule::attr("groups").transform(or.clone());
    assert_eq!(groups(rule(), claims()), (values(["dev"]), vec![]));
    assert_eq!(groups(rule(), claims().attribute("groups", [""])).0, values(["dev"]));
    assert_eq!(groups(rule(), claims().attribute("groups", ["own"])).0, values(["own"]));
}

#[test]
fn m5_or_without_any_value_keeps_what_was_stated() {
    let rule = || Rule::attr("groups").transform(Transform::Or(vec![Source::Attr("roles".into())]));
    assert_eq!(groups(rule(), person()).0, GroupsClaim::Missing);
    assert_eq!(groups(rule(), person().attribute("groups", [""])).0, GroupsClaim::Empty);
    assert_eq!(groups(rule(), person().attribute("roles", [""])).0, GroupsClaim::Empty);
}

#[test]
fn m5_trim() {
    assert_eq!(of([Transform::Trim], &[" dev\t", "\u{a0}ops", "q a", " "]), values(["dev", "ops", "q a"]));
}

#[test]
fn m5_lower() {
    assert_eq!(of([Transform::Lower], &["DEV", "ÉCOLE", "straße"]), values(["dev", "école", "straße"]));
}

#[test]
fn m5_split_on() {
    assert_eq!(of([Transform::SplitOn(';')], &["a;b;;c", ";", "d"]), values(["a", "b", "c", "d"]));
    assert_eq!(of([Transform::SplitOn(';'), Transform::Trim], &["a; b"]), values(["a", "b"]));
}

#[test]
fn m5_strip_prefix() {
    let strip = Transform::StripPrefix("app_".into());
    assert_eq!(of([strip], &["app_dev", "ops", "app_app_x", "app_"]), values(["dev", "ops", "app_x"]));
}

#[test]
fn m5_join_and_b13_the_full_name() {
    let mut mapping = mapping();
    mapping.groups = None;
    let attributes = vec!["given".to_owned(), "middle".to_owned(), "surname".to_owned()];
    let join = Transform::Join { attributes, separator: " ".into() };
    mapping.name = Some(Rule::attr("name").transform(join));
    let full = named_person().attribute("surname", ["King"]).attribute("given", ["Augusta Ada"]).build();
    assert_eq!(map(&mapping, &full).0.name, "Augusta Ada King");
    assert_eq!(map(&mapping, &named_person().build()).0.name, "Ada Lovelace", "none of them: values stay");
}

#[test]
fn bool_string() {
    let sent = ["True", "1", "yes", "ON", "FALSE", "0", "no", "off", "maybe", "10", ""];
    assert_eq!(of([Transform::BoolString], &sent), values(["true", "false", "maybe", "10"]));
}

/// Email, else a login that is an address, else the user principal name.
#[test]
fn only_addresses_lets_a_login_stand_in_for_an_address_where_it_is_one() {
    let attr = |name: &str| vec![Source::Attr(name.to_owned())];
    let mut mapping = mapping();
    mapping.email = Rule::attr("mail")
        .transform(Transform::Or(attr("preferred_username")))
        .transform(Transform::OnlyAddresses)
        .transform(Transform::Or(attr("upn")));
    let email = |login: &str, upn: &str| {
        let claims = named_person().attribute("preferred_username", [login]).attribute("upn", [upn]);
        let (profile, notes) = map(&mapping, &claims.attribute("groups", ["g"]).build());
        let codes: Vec<_> = notes.into_iter().map(|note| note.code).collect();
        (profile.email.as_str().to_owned(), codes)
    };
    assert_eq!(email("ada@b.example", "x@c.example"), ("ada@b.example".to_owned(), vec![]));
    let dropped = vec!["claims.value_dropped".to_owned()];
    assert_eq!(email("ada", "x@c.example"), ("x@c.example".to_owned(), dropped));
}

/// The first segment may be kept or not: both are choices, none is made by itself.
#[test]
fn keycloak_paths_lose_their_slash_or_their_path() {
    let sent = ["/staff/dev", "/ops"];
    assert_eq!(of([], &sent), values(sent));
    assert_eq!(of([Transform::StripPrefix("/".into())], &sent), values(["staff/dev", "ops"]));
    assert_eq!(of([Transform::StripPath], &sent), values(["dev", "ops"]));
}

#[test]
fn m5_first() {
    assert_eq!(of([Transform::First], &["", "dev", "ops"]), values(["dev"]));
    assert_eq!(of([Transform::First], &[""]), GroupsClaim::Empty);
}

#[test]
fn m5_transforms_run_in_the_order_given() {
    let strip = Transform::StripPrefix("app_".into());
    assert_eq!(of([Transform::Lower, strip.clone()], &["APP_DEV"]), values(["dev"]));
    assert_eq!(of([strip, Transform::Lower], &["APP_DEV"]), values(["app_dev"]));
}

#[test]
fn b1_names_of_groups_are_not_touched_without_a_transform() {
    let sent = [" dev", "dev ", "Dev", "de\u{301}v", "dév"];
    assert_eq!(of([], &sent), values(sent));
}
