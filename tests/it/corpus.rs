//! The conformance corpora of other projects' suites, judged as `../shared/corpus/score.py` does.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{case, shared};

const SOURCES: [&str; 7] =
    ["ruby-saml", "python3-saml", "crewjam-saml", "samael", "node-saml", "xmlsec", "derived"];

#[test]
fn every_case_is_decided_as_expected() {
    let exceptions = exceptions();
    let mut known = BTreeSet::new();
    let mut wrong = Vec::new();
    let (mut decided, mut accepted) = (0, 0);
    for source in SOURCES {
        let Some(cases) = shared::json_lines(&format!("corpus/saml/{source}.jsonl")) else { return };
        let Some(expectations) = shared::json_lines(&format!("corpus/saml/{source}.expect.jsonl")) else {
            return;
        };
        assert_eq!(cases.len(), expectations.len(), "{source}: the files do not belong together");
        for (case, expectation) in cases.iter().zip(&expectations) {
            let name = text(&expectation["name"]);
            known.insert(name.to_owned());
            if !is_decided_here(case) || exceptions.contains(name) {
                continue;
            }
            let report = case::decide(case);
            decided += 1;
            accepted += usize::from(report["outcome"] == "accepted");
            wrong.extend(verdict(&report, expectation).map(|what| format!("{name}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{} of {decided} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(decided > 460 && accepted > 106, "{decided} cases decided, {accepted} accepted");
    assert!(exceptions.is_subset(&known), "exceptions.toml names a case that no corpus has");
}

/// The kinds of this version.
fn is_decided_here(case: &Value) -> bool {
    matches!(text(&case["kind"]), "saml_response" | "idp_metadata" | "saml_logout")
}

/// What is wrong with a report, if anything.
fn verdict(report: &Value, expectation: &Value) -> Option<String> {
    let (why, error) = (&expectation["why"], &report["error"]);
    if report["name"] != expectation["name"] {
        return Some("the report has another name".to_owned());
    }
    match (text(&expectation["expect"]), text(&report["outcome"])) {
        ("accept", "accepted") => wrong_attributes(report, expectation),
        ("reject", "rejected") | ("either", "accepted" | "rejected") => None,
        ("reject", "accepted") => Some(format!("accepted, though {why}")),
        ("accept", "rejected") => Some(format!("rejected by {error}, though {why}")),
        _ => Some(format!("unusable, {error}")),
    }
}

fn wrong_attributes(report: &Value, expectation: &Value) -> Option<String> {
    let differs = |(name, values): (&String, &Value)| {
        let reported = &report["attributes"][name];
        (reported != values).then(|| format!("attribute {name} is {reported}, not {values}"))
    };
    expectation["attributes"].as_object()?.iter().find_map(differs)
}

/// Names of the cases whose expectation `exceptions.toml` declares wrong.
fn exceptions() -> BTreeSet<String> {
    let lines = include_str!("../../exceptions.toml").lines();
    let names = lines.filter_map(|line| line.trim().strip_prefix("name")?.trim_start().strip_prefix('='));
    names.map(|name| name.trim().trim_matches('"').to_owned()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
