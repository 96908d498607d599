//! The case format: what makes a case unusable, and what a report says.

mod oidc;

use serde_json::{Value, json};

use crate::batch;
use crate::case::{self, Outcome, Report};

#[test]
fn a_line_that_is_no_case_gets_its_report_and_the_batch_goes_on() {
    let deep = "[".repeat(100_000);
    let lines: [&[u8]; 9] = [
        b"{",
        b"null",
        b"[]",
        b"{\"name\":\"no kind\"}",
        b"{\"kind\":7}",
        b"\xff\xfe",
        b"   ",
        deep.as_bytes(),
        b"{\"kind\":\"idp_metadata\",\"name\":\"last\",\"now\":\"2026-11-22T00:00:00Z\",\"metadata\":\"\"}",
    ];
    let mut reports = Vec::new();
    batch::run(lines.join(&b'\n').as_slice(), &mut reports).unwrap();
    let reports: Vec<Value> =
        String::from_utf8(reports).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(reports.len(), lines.len() - 1, "an empty line is no case");
    let (last, unusable) = reports.split_last().unwrap();
    assert!(unusable.iter().all(|report| report["outcome"] == "unusable"));
    assert_eq!(unusable[0], json!({"name": null, "outcome": "unusable", "error": unusable[0]["error"]}));
    assert_eq!(unusable[3]["name"], "no kind");
    assert_eq!((&last["name"], &last["outcome"]), (&json!("last"), &json!("rejected")));
    assert_eq!(last["error"]["code"], "saml.metadata_not_xml");
}

#[test]
fn a_kind_that_the_format_does_not_have_is_named() {
    let report = case::decide(&json!({"kind": "saml", "name": "n"}));
    assert_eq!(report["error"]["code"], "case.kind_unknown", "{report}");
    assert!(report["error"]["message"].as_str().unwrap().contains("saml"));
}

#[test]
fn members_that_the_format_does_not_have_make_a_case_unusable() {
    assert_eq!(code(&minimal()), "saml.base64_invalid", "the case itself is usable");
    let members = [
        ("", "polcy", json!({})),
        ("/sp", "acs", json!("x")),
        ("/idp", "certificate", json!("x")),
        ("/policy", "signed_by", json!("x")),
        ("/mapping", "nickname", json!("x")),
    ];
    for (place, member, value) in members {
        let mut case = minimal();
        case.pointer_mut(place).unwrap()[member] = value;
        assert_eq!(code(&case), "case.invalid", "{place} {member}");
    }
}

#[test]
fn members_of_the_wrong_form_make_a_case_unusable() {
    let wrong = [
        ("/now", json!("yesterday")),
        ("/now", json!("2026-11-22T00:01:00")),
        ("/sp/entity_id", json!(7)),
        ("/idp", json!({"metadata": "<a/>", "sso_url": "https://idp.example"})),
        ("/idp", json!({"entity_id": "https://idp.example"})),
        ("/policy/signed", json!("all")),
        ("/policy/allow_sha1", json!("yes")),
        ("/policy/clock_skew_seconds", json!(-1)),
        ("/response", Value::Null),
    ];
    for (place, value) in wrong {
        let mut case = minimal();
        *case.pointer_mut(place).unwrap() = value.clone();
        assert_eq!(code(&case), "case.invalid", "{place} {value}");
    }
    let mut case = minimal();
    case["sp"]["decryption_keys"] = json!(["no key"]);
    assert_eq!(code(&case), "case.key_unreadable");
}

#[test]
fn optional_members_may_be_null() {
    let mut case = minimal();
    for place in ["/request_id", "/policy/idp_initiated", "/policy/allow_cbc", "/mapping"] {
        *case.pointer_mut(place).unwrap() = Value::Null;
    }
    case["sp"]["decryption_keys"] = Value::Null;
    assert_eq!(code(&case), "saml.base64_invalid");
    case["policy"] = Value::Null;
    assert_eq!(code(&case), "saml.base64_invalid");
}

#[test]
fn addresses_with_another_scheme_than_http_are_refused() {
    let mut case = minimal();
    case["sp"]["acs_url"] = json!("javascript:alert(1)");
    assert_eq!(code(&case), "saml.url_not_allowed");
    case = minimal();
    case["idp"]["sso_url"] = json!("ftp://idp.example");
    assert_eq!(code(&case), "saml.url_not_allowed");
    case["idp"]["sso_url"] = json!("http://idp.example");
    assert_eq!(code(&case), "saml.base64_invalid");
}

#[test]
fn a_report_is_written_in_the_order_of_the_format() {
    let report =
        Report::of_text(br#"{"kind":"idp_metadata","name":"n","now":"2026-11-22T00:00:00Z","metadata":"{"}"#);
    assert!(report.outcome() == Outcome::Rejected && report.reason().starts_with("saml.metadata_not_xml: "));
    let text = serde_json::to_string(&report).unwrap();
    assert!(
        text.starts_with(r#"{"name":"n","outcome":"rejected","error":{"code":"saml.metadata_not_xml","#),
        "{text}"
    );
    assert!(text.ends_with(r#"},"diagnoses":[]}"#), "{text}");
}

fn code(case: &Value) -> String {
    let report = case::decide(case);
    let expected =
        if report["error"]["code"].as_str().unwrap().starts_with("case.") { "unusable" } else { "rejected" };
    assert_eq!(report["outcome"], expected, "{report}");
    report["error"]["code"].as_str().unwrap().to_owned()
}

/// A usable case whose response is none.
fn minimal() -> Value {
    json!({
        "kind": "saml_response",
        "name": "minimal",
        "now": "2026-11-22T00:01:00+01:00",
        "sp": {"entity_id": "https://sp.example/saml/metadata", "acs_url": "https://sp.example/saml/acs"},
        "idp": {
            "entity_id": "https://idp.example",
            "sso_url": "https://idp.example/sso",
            "certificates": [include_str!("../corpus/keys/rsa2048.cert.pem")],
        },
        "request_id": "_req1",
        "policy": {"idp_initiated": "deny", "signed": "either", "clock_skew_seconds": 180, "allow_sha1": false,
            "allow_rsa_1_5": false, "allow_cbc": true},
        "mapping": {"name": "name", "login": "login", "email": "email", "groups": "groups"},
        "response": "?",
    })
}
