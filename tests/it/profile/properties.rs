//! What holds for every mapping and every claim.

use admittance::claims::Claims;
use admittance::profile::{
    self, Alias, EmailAddress, GroupsClaim, Mapping, Pointer, Rule, Source, Transform,
};
use admittance::testing::ClaimsBuilder;
use proptest::prelude::*;
use serde_json::Value;

use super::mapping;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["", "a", "b", "/a", "CN=a,b", "X\\a", " a ", "a;b", "a@b.example"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec!["a", "b", "groups", "mail", "login", "given_name", "family_name"])
            .prop_map(str::to_owned),
        "\\PC{1,3}",
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(name(), inner, 0..3).prop_map(Value::from_iter),
        ]
    })
}

fn source() -> impl Strategy<Value = Source> {
    let pointer = || {
        (name(), prop::collection::vec(name(), 0..2)).prop_map(|(claim, path)| {
            let steps = std::iter::once(claim).chain(path);
            let text: String =
                steps.map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
            Pointer::parse(&text).unwrap()
        })
    };
    prop_oneof![
        name().prop_map(Source::Attr),
        pointer().prop_map(Source::Pointer),
        pointer().prop_map(Source::Keys),
    ]
}

fn transform() -> impl Strategy<Value = Transform> {
    prop_oneof![
        Just(Transform::StripPath),
        prop::collection::vec(source(), 0..3).prop_map(Transform::Or),
        Just(Transform::Trim),
        Just(Transform::Lower),
        any::<char>().prop_map(Transform::SplitOn),
        text().prop_map(Transform::StripPrefix),
        (prop::collection::vec(name(), 0..3), text())
            .prop_map(|(attributes, separator)| Transform::Join { attributes, separator }),
        Just(Transform::BoolString),
        Just(Transform::OnlyAddresses),
        Just(Transform::First),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let aliases = prop::collection::vec(prop::sample::select(vec![Alias::Known, Alias::FriendlyName]), 0..3);
    (source(), aliases, prop::collection::vec(transform(), 0..4)).prop_map(|(source, aliases, transforms)| {
        let rule = aliases.into_iter().fold(Rule::new(source), Rule::alias);
        transforms.into_iter().fold(rule, Rule::transform)
    })
}

prop_compose! {
    fn any_mapping()(name in prop::option::of(rule()), login in rule(), email in rule(), groups in prop::option::of(rule()))
        -> Mapping {
        let mut mapping = mapping();
        (mapping.name, mapping.login, mapping.email, mapping.groups) = (name, login, email, groups);
        mapping
    }
}

fn claims() -> impl Strategy<Value = Claims> {
    let texts = (name(), prop::option::of(name()), prop::collection::vec(text(), 0..4));
    let attributes = prop::collection::vec(texts, 0..6);
    let objects = prop::collection::vec((name(), json_value()), 0..3);
    let overages = prop::collection::vec((name(), prop::option::of(text())), 0..2);
    (attributes, objects, overages).prop_map(|(attributes, objects, overages)| {
        let mut claims = ClaimsBuilder::new("i", "s");
        for (name, friendly, values) in attributes {
            claims = match friendly {
                Some(friendly) => claims.friendly_attribute(&name, &friendly, values),
                None => claims.attribute(&name, values),
            };
        }
        claims = objects.into_iter().fold(claims, |claims, (name, value)| claims.json(&name, value));
        overages.iter().fold(claims, |claims, (name, link)| claims.overage(name, link.as_deref())).build()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is sent and however it is mapped: an answer, the same each time, with fields that keep their
    /// promises.
    #[test]
    fn mapping_is_total_and_deterministic(mapping in any_mapping(), claims in claims()) {
        let (profile, notes) = profile::map(&mapping, &claims);
        prop_assert_eq!((&profile, &notes), (&profile::map(&mapping, &claims).0, &profile::map(&mapping, &claims).1));
        match profile {
            Ok(profile) => {
                prop_assert!(!profile.login.trim().is_empty() && !profile.name.trim().is_empty());
                prop_assert!(EmailAddress::parse(profile.email.as_str()).is_ok());
                prop_assert!(profile.groups.names().iter().all(|name| !name.is_empty()));
                prop_assert_ne!(&profile.groups, &GroupsClaim::Values([].into()));
                prop_assert_eq!(mapping.groups.is_none(), profile.groups == GroupsClaim::NotConfigured);
            }
            Err(error) => prop_assert!(error.code().starts_with("claims.") && !error.to_string().contains('\n')),
        }
    }

    /// The order of claims of different names changes nothing but evidence.
    #[test]
    fn the_order_of_claims_changes_no_profile(mapping in any_mapping(), mut named in prop::collection::btree_map(name(), prop::collection::vec(text(), 0..3), 0..6)) {
        let build = |named: Vec<(String, Vec<String>)>| {
            named.into_iter().fold(ClaimsBuilder::new("i", "s"), |claims, (name, values)| claims.attribute(&name, values)).build()
        };
        let forward: Vec<_> = std::mem::take(&mut named).into_iter().collect();
        let backward = forward.iter().rev().cloned().collect();
        let (one, other) = (profile::map(&mapping, &build(forward)).0, profile::map(&mapping, &build(backward)).0);
        prop_assert_eq!(one.map_err(|error| error.code()), other.map_err(|error| error.code()));
    }

    #[test]
    fn a_mapping_survives_storage(mapping in any_mapping()) {
        let stored = serde_json::to_string(&mapping).unwrap();
        prop_assert_eq!(serde_json::from_str::<Mapping>(&stored).unwrap(), mapping);
    }

    #[test]
    fn an_address_is_one_line_with_one_at_and_a_dotted_domain(text in "[a-z.@é\\-\u{200b} ]{0,12}|\\PC*@\\PC*") {
        if let Ok(address) = EmailAddress::parse(&text) {
            prop_assert_eq!(address.as_str(), &text);
            prop_assert_eq!(text.matches('@').count(), 1);
            prop_assert!(!text.chars().any(|c| c.is_whitespace() || c.is_control()));
            prop_assert!(!address.domain().is_empty());
        }
    }

    #[test]
    fn pointers_survive_storage_or_are_refused(text in "[/~01a]{0,6}|\\PC*") {
        if let Ok(pointer) = Pointer::parse(&text) {
            prop_assert_eq!(pointer.as_str(), &text);
            prop_assert!(!pointer.claim().is_empty());
        }
    }
}
