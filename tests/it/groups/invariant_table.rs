//! Invariants 1 to 20 of the reconciliation rules: each is a property, and the checks of the project run each with
//! 2 000 cases.

use std::collections::BTreeSet;
use std::path::Path;

/// Of a sign-in. The others are about groups that are pushed.
const SIGN_IN: [u8; 15] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 18, 19];

/// Of pushed groups. Sign-in alone creates no group (7) and reads a claim that may be missing (10).
const MAPPED: [u8; 18] = [1, 2, 3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];

#[test]
fn every_invariant_has_its_property() {
    assert_eq!(numbers("groups/invariants.rs"), BTreeSet::from(SIGN_IN));
    assert_eq!(numbers("groups/mapped_invariants.rs"), BTreeSet::from(MAPPED));
    let both: BTreeSet<u8> = SIGN_IN.into_iter().chain(MAPPED).collect();
    assert_eq!(both, (1..=20).collect());
}

#[test]
fn the_number_of_cases_is_that_of_the_environment_and_ci_gives_two_thousand() {
    let modules = [
        "groups::invariants",
        "groups::mapped_invariants",
        "groups::near_miss",
        "profile::properties",
        "profile::resolve",
    ];
    let run = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/run")).unwrap();
    let command = run.lines().find(|line| line.starts_with("PROPTEST_CASES=2000 cargo test --test it -- "));
    let filters: Vec<&str> = command.expect("the step is there").split_whitespace().skip(6).collect();
    assert_eq!(filters, modules);
    for module in modules {
        let text = text(&format!("{}.rs", module.replace("::", "/")));
        assert!(text.contains("proptest! {"), "{module} has properties");
        for fixed in ["with_cases", "cases:", "no_shrink", "max_shrink"] {
            assert!(!text.contains(fixed), "{module} fixes a number of its own: {fixed}");
        }
    }
}

/// The numbers in the names of properties: `i01_i13_…` is two.
fn numbers(file: &str) -> BTreeSet<u8> {
    let text = text(file);
    let (_, properties) = text.split_once("proptest! {\n    #![").expect("properties");
    let lines: Vec<&str> = properties.lines().map(str::trim).collect();
    let tests = lines.windows(2).filter(|pair| pair[0] == "#[test]");
    let names = tests.filter_map(|pair| pair[1].strip_prefix("fn "));
    let numbers = |name: &str| -> Vec<u8> {
        let parts = name.split('_').map_while(|part| part.strip_prefix('i')?.parse().ok());
        parts.collect()
    };
    names.flat_map(numbers).collect()
}

fn text(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(file)).unwrap()
}
