//! When metadata is read anew.

use admittance::saml::metadata::refresh::RefreshPlan;

use super::*;

/// Metadata with these attributes on its root.
fn with(attributes: &str) -> IdpConfig {
    let text = String::from_utf8(vector("accept", "metadata_plain")).unwrap();
    let text = text.replacen("<md:EntityDescriptor ", &format!("<md:EntityDescriptor {attributes} "), 1);
    parse(text.as_bytes(), &ParseOptions::default(), time(NOW)).unwrap().0
}

#[test]
fn a_reading_is_due_once_a_day_or_earlier() {
    for (attributes, due) in [
        ("", "2026-11-23T00:00:00Z"),
        ("cacheDuration='P7D'", "2026-11-23T00:00:00Z"),
        ("cacheDuration='PT6H'", "2026-11-22T06:00:00Z"),
        ("cacheDuration='PT1S'", "2026-11-22T00:05:00Z"),
        ("cacheDuration='PT0S'", "2026-11-22T00:05:00Z"),
        ("validUntil='2026-12-22T00:00:00Z'", "2026-11-23T00:00:00Z"),
        ("validUntil='2026-11-22T10:00:00Z'", "2026-11-22T05:00:00Z"),
        ("validUntil='2026-11-22T10:00:00Z' cacheDuration='PT1H'", "2026-11-22T01:00:00Z"),
        ("validUntil='2026-11-22T00:00:01Z'", "2026-11-22T00:05:00Z"),
        ("validUntil='9999-12-31T23:59:59Z' cacheDuration='P9999Y'", "2026-11-23T00:00:00Z"),
    ] {
        let plan = RefreshPlan::new(&with(attributes), time(NOW));
        assert_eq!(plan.refresh_at(), time(due), "{attributes}");
        let before = time(due).saturating_sub(std::time::Duration::from_millis(1));
        assert_eq!((plan.is_due(before), plan.is_due(time(due))), (false, true), "{attributes}");
        assert_eq!(plan.failures(), 0);
    }
}

#[test]
fn what_was_read_is_used_until_it_ends() {
    let plan = RefreshPlan::new(&with("validUntil='2026-11-24T00:00:00Z'"), time(NOW));
    assert_eq!(plan.valid_until(), Some(time("2026-11-24T00:00:00Z")));
    for (now, usable) in [(NOW, true), ("2026-11-23T23:59:59.999Z", true), ("2026-11-24T00:00:00Z", false)] {
        assert_eq!(plan.is_usable(time(now)), usable, "{now}");
        assert_eq!(plan.failed(time(NOW)).is_usable(time(now)), usable, "a failure changes nothing: {now}");
    }
    assert!(RefreshPlan::new(&with(""), time(NOW)).is_usable(time("9000-01-01T00:00:00Z")));
}

#[test]
fn failures_are_tried_again_later_and_later() {
    let mut plan = RefreshPlan::new(&with(""), time(NOW));
    let mut waits = Vec::new();
    for failures in 1..=40 {
        let now = plan.refresh_at();
        plan = plan.failed(now);
        waits.push(plan.refresh_at().duration_since(now).unwrap().as_secs() / 60);
        assert_eq!(plan.failures(), failures);
    }
    assert_eq!(waits[..10], [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440]);
    assert!(waits[10..].iter().all(|wait| *wait == 1440));
    assert_eq!(RefreshPlan::new(&with(""), plan.refresh_at()).failures(), 0);
}

#[test]
fn an_unknown_key_is_a_reason_every_five_minutes() {
    let plan = RefreshPlan::new(&with(""), time(NOW));
    let (early, late) = (time("2026-11-22T00:04:59.999Z"), time("2026-11-22T00:05:00Z"));
    assert!(!plan.is_due(late));
    assert_eq!((plan.is_due_for_unknown_key(early), plan.is_due_for_unknown_key(late)), (false, true));
    let failed = plan.failed(late);
    let again = time("2026-11-22T00:10:00Z");
    assert!(
        !failed.is_due_for_unknown_key(time("2026-11-22T00:09:59Z")) && failed.is_due_for_unknown_key(again)
    );
    assert_eq!(failed.refresh_at(), again);
    // What was due earlier anyway stays.
    let soon = RefreshPlan::new(&with("cacheDuration='PT6M'"), time(NOW)).failed(late);
    assert_eq!(soon.refresh_at(), time("2026-11-22T00:06:00Z"));
}

#[test]
fn a_stored_plan_comes_back() {
    let plan = RefreshPlan::new(&with("validUntil='2026-12-22T00:00:00Z'"), time(NOW)).failed(time(NOW));
    let stored = serde_json::to_value(plan).unwrap();
    assert_eq!(stored["version"], 1);
    assert_eq!(serde_json::from_value::<RefreshPlan>(stored.clone()).unwrap(), plan);
    for (member, value) in [("version", serde_json::json!(2)), ("unknown", serde_json::json!(1))] {
        let mut changed = stored.clone();
        changed[member] = value;
        assert!(serde_json::from_value::<RefreshPlan>(changed).is_err(), "{member}");
    }
}
