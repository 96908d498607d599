use std::{env, fs};

use admittance::scim::{leniency::Leniency, schema::ResourceType};
use serde_json::{Value, json};

use super::{codes, patch::patched, read};

/// `tests/oracles/scim/run` makes the cases, has them applied here and by another implementation, and compares.
#[test]
#[ignore = "the cases come from tests/oracles/scim/run"]
fn patches_that_another_implementation_applies_too() {
    let path = |variable: &str| env::var(variable).unwrap_or_else(|_| panic!("{variable} names no file"));
    let cases = fs::read_to_string(path("SCIM_PATCH_CASES")).unwrap();
    let mut results = String::new();
    for case in cases.lines() {
        let case: Value = serde_json::from_str(case).unwrap();
        let resource_type =
            if case["resource_type"] == "User" { ResourceType::user() } else { ResourceType::group() };
        let leniency = if case["leniency"] == "strict" { Leniency::strict() } else { Leniency::interop() };
        let (resource, _) = read(&resource_type, Leniency::strict(), &case["resource"]).unwrap();
        let result = match patched(&resource_type, leniency, &resource, &case["patch"]) {
            Ok((after, notes)) => json!({"after": after, "notes": codes(&notes)}),
            Err(error) => {
                json!({"error": error.scim_type().map(|one| one.as_str()), "detail": error.to_string()})
            }
        };
        results.push_str(&result.to_string());
        results.push('\n');
    }
    fs::write(path("SCIM_PATCH_RESULTS"), results).unwrap();
}
