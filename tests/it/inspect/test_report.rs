//! A case as an administrator's test: the report of the set-up assistant.

use admittance::connection::{TestReport, TestStatus};
use serde_json::{Value, json};

use super::oidc::login;
use crate::case;

/// An accepted vector, as its case.
fn accepted() -> Value {
    use admittance::saml::metadata::sp::SpConfig;
    use admittance::testing::saml_idp::{AuthnRequest, SamlIdp, User};
    use admittance::time::Timestamp;

    let now = Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at;
    let mut provider = SamlIdp::new(1);
    let sp = SpConfig::new("http://sp.example/metadata", "http://sp.example/acs");
    let mut request = AuthnRequest::none(&sp.entity_id, &sp.acs[0].location);
    request.id = Some("_req1".to_owned());
    let ada = User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["/Developers"]);
    json!({
        "kind": "saml_response",
        "name": "n",
        "now": now,
        "sp": { "entity_id": sp.entity_id, "acs_url": sp.acs[0].location },
        "idp": { "metadata": String::from_utf8(provider.metadata().unwrap()).unwrap() },
        "request_id": "_req1",
        "mapping": { "name": "name", "login": "login", "email": "email", "groups": "groups" },
        "response": provider.answer(&request, &ada, now).unwrap(),
    })
}

#[test]
fn a_case_gives_the_report_of_a_test() {
    let report = case::test_report(&accepted()).unwrap();
    assert_eq!(report.status, TestStatus::Warnings);
    let codes: Vec<&str> = report.diagnoses.iter().map(|diagnosis| diagnosis.code.as_str()).collect();
    assert_eq!(codes, ["groups.path_prefix"]);
    assert_eq!(report.profile.unwrap().email, "ada@corp.example");
    assert_eq!(report.certificates.len(), 1);

    let mut case = accepted();
    case["mapping"]["email"] = "mail".into();
    let report = case::test_report(&case).unwrap();
    assert_eq!(report.status, TestStatus::Failed);
    assert_eq!(report.diagnoses[0].code, "claims.email_missing");
    assert!(report.diagnoses[0].message.contains("received: name, login, email, groups"));
    case["sp"]["entity_id"] = "http://other.example".into();
    assert_eq!(case::test_report(&case).unwrap().diagnoses[0].code, "saml.audience_mismatch");
}

#[test]
fn over_openid_connect_too() {
    let codes = |report: &TestReport| -> Vec<String> {
        report.diagnoses.iter().map(|diagnosis| diagnosis.code.clone()).collect()
    };
    let report = case::test_report(&login()).unwrap();
    assert_eq!((report.status, codes(&report)), (TestStatus::Ok, Vec::new()));
    assert_eq!(report.subject.unwrap().value, "248289761001");
    assert_eq!(report.profile.unwrap().groups, ["Engineers", "Reviewers"]);
    let unmatched: Vec<&str> = report.groups.unmatched.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(unmatched, ["Engineers", "Reviewers"]);

    let with = |place: &str, value: Value| {
        let mut case = login();
        *case.pointer_mut(place).unwrap() = value;
        let report = case::test_report(&case).unwrap();
        assert_eq!(report.status, TestStatus::Failed);
        codes(&report)
    };
    assert_eq!(with("/mapping/email", json!("mail")), ["claims.email_missing"]);
    assert_eq!(with("/mapping/groups", json!("roles")), ["groups.attribute_missing"]);
    assert_eq!(with("/pending/nonce", json!("other")), ["oidc.nonce_mismatch"]);
    assert_eq!(with("/jwks/keys/0/kid", json!("other")), ["oidc.key_not_found"]);
    assert_eq!(with("/callback", json!("code=x&state=other")), ["oidc.state_mismatch"]);
    let mut case = login();
    case["mapping"] = Value::Null;
    assert!(case::test_report(&case).is_ok(), "the names of the preset");
}

#[test]
fn what_is_no_sign_in_gives_none() {
    for case in [
        json!({}),
        json!([]),
        json!({ "kind": "idp_metadata" }),
        json!({ "kind": "saml_response" }),
        json!({ "kind": "oidc_login" }),
    ] {
        assert!(case::test_report(&case).is_err(), "{case}");
    }
    let mut case = accepted();
    case["idp"]["metadata"] = "{}".into();
    assert!(case::test_report(&case).unwrap_err().contains("saml.metadata_not_xml"));
}

#[test]
fn diagnoses_of_a_case_come_with_severity_and_remedy() {
    let mut case = accepted();
    case["mapping"]["groups"] = "memberOf".into();
    let report = case::decide(&case);
    assert_eq!(report["outcome"], "accepted");
    let diagnosis = &report["diagnoses"][0];
    assert_eq!(
        (&diagnosis["code"], &diagnosis["severity"]),
        (&json!("groups.attribute_missing"), &json!("error"))
    );
    assert!(diagnosis["message"].as_str().unwrap().contains("there is no 'memberOf'"), "{diagnosis}");
    assert!(diagnosis["remedy"].as_str().unwrap().contains("the groups attribute"), "{diagnosis}");
}
