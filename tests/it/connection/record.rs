//! The flow record: what support sees, and what nobody does.

use admittance::connection::sign_in::HostFinding;
use admittance::connection::{FlowOutcome, FlowRecord, State, diagnose, flow_reference};
use admittance::testing::oidc_provider;
use admittance::testing::saml_idp::{Encryption, Fault, TestKey, User};
use serde_json::{Value, json};

use super::fixture::{Counter, later, now};
use super::oidc_scene::OidcScene;
use super::scene::Scene;

fn live(change: impl FnOnce(&mut Scene)) -> (FlowRecord, Scene) {
    let scene = Scene::with(|scene| {
        scene.state = State::Enabled;
        change(scene);
    });
    let (judgement, _) = scene.sign_in();
    (judgement.record, scene)
}

/// Every text in a JSON value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.push(name.clone());
            texts(value, found);
        }),
        _ => {}
    }
}

#[test]
fn the_record_is_json_of_this_shape() {
    let (record, _) =
        live(|scene| scene.user.groups = vec!["Developers".to_owned(), "Astronomers".to_owned()]);
    let record = serde_json::to_value(&record).unwrap();
    let members: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = [
        "reference",
        "connection",
        "version",
        "protocol",
        "at",
        "steps",
        "request_id",
        "issuer",
        "audience",
        "algorithms",
        "certificate_sha256",
        "claim_names",
        "groups_state",
        "plan_summary",
        "outcome",
    ];
    expected.sort_unstable();
    assert_eq!(members, expected);
    assert_eq!(record["reference"], "8Q2ZK3D7MN");
    assert_eq!(record["outcome"], "signed_in");
    assert_eq!(record["claim_names"], json!(["name", "login", "email", "groups"]));
    assert_eq!(record["groups_state"], "values");
    assert_eq!(record["plan_summary"], json!({ "add": 2, "remove": 0, "withheld": 0, "organizations": 2 }));
    assert_eq!(record["audience"], "https://sp.example/saml/c1");
    assert_eq!(record["issuer"], "http://www.okta.com/exk1fxpz7bAbCdEfG5d7");
    assert_eq!(record["algorithms"].as_array().unwrap().len(), 1);
    assert!(record["request_id"].as_str().unwrap().starts_with('_'));
    let names: Vec<&str> =
        record["steps"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["connection", "message", "identity", "mapping", "account", "groups"]);
    let again: FlowRecord = serde_json::from_value(record.clone()).unwrap();
    assert_eq!(serde_json::to_value(again).unwrap(), record);
}

#[test]
fn y20_values_only_in_a_test_or_while_debugging() {
    let values = ["Ada Lovelace", "ada@corp.example", "corp.example", "Developers", "Astronomers"];
    let with_groups = |scene: &mut Scene| {
        scene.user.groups = vec!["Developers".to_owned(), "developers".to_owned(), "Astronomers".to_owned()];
    };
    let (record, scene) = live(with_groups);
    let mut found = Vec::new();
    texts(&serde_json::to_value(&record).unwrap(), &mut found);
    for value in values {
        assert!(!found.iter().any(|text| text.contains(value)), "{value} in {found:?}");
    }
    assert!(!found.iter().any(|text| text == "ada"), "not the subject either");
    assert!(found.iter().any(|text| text.starts_with("hmac-sha256:")), "a keyed hash stands for the person");
    assert!(found.iter().any(|text| text == "4 claims, 6 values"), "{found:?}");
    assert_eq!(record.claim_values, None);
    // The finding itself is recorded
    assert!(record.steps.iter().any(|step| step.code.as_deref() == Some("groups.case_mismatch")));

    let (debugged, _) = live(|scene| {
        with_groups(scene);
        scene.debug_until = Some(later(60));
    });
    assert!(debugged.claim_values.is_some());
    let (ended, _) = live(|scene| {
        with_groups(scene);
        scene.debug_until = Some(now());
    });
    assert_eq!(ended.claim_values, None, "debugging has an end");
    let (_, test, _) = scene.test();
    assert_eq!(test.claim_values.unwrap().iter().count(), 4);
}

#[test]
fn the_hash_of_a_person_is_the_same_each_time_and_another_for_others() {
    let hash = |change: fn(&mut Scene)| {
        let (record, _) = live(change);
        record.steps.iter().find(|step| step.name == "identity").unwrap().actual.clone().unwrap()
    };
    assert_eq!(hash(|_| {}), hash(|scene| scene.user.groups.clear()));
    assert_ne!(hash(|_| {}), hash(|scene| scene.user = User::new("bob", "Bob", "bob@corp.example")));
}

#[test]
fn y21_records_are_bounded() {
    let scene = Scene::with(|scene| {
        scene.state = State::Enabled;
        scene.debug_until = Some(later(60));
        scene.user.groups = (0..400).map(|n| format!("group {n} {}", "x".repeat(400))).collect();
        scene.idp.style.other_attributes = (0..400)
            .map(|n| (format!("attribute {n} {}", "y".repeat(500)), vec!["z".repeat(1000)]))
            .collect();
    });
    for record in [scene.sign_in().0.record, scene.test().1] {
        let size = serde_json::to_vec(&record).unwrap().len();
        assert!(size <= 64 * 1024, "{size}");
        let mut found = Vec::new();
        texts(&serde_json::to_value(&record).unwrap(), &mut found);
        assert!(found.iter().all(|text| text.chars().count() <= 256));
        assert!(!record.steps.is_empty());
    }
    let small = Scene::with(|scene| scene.user.name = "n".repeat(1000)).test().1;
    let values = small.claim_values.unwrap();
    let cut = values.iter().find(|(name, _)| *name == "name").unwrap().1[0].clone();
    assert_eq!(cut.chars().count(), 256);
}

#[test]
fn records_are_made_for_failures_too() {
    let (record, _) = live(|scene| scene.idp.fault = Some(Fault::WrongAudience));
    assert_eq!(record.outcome, FlowOutcome::Refused);
    assert_eq!(record.audience.as_deref(), Some("https://other-sp.example/saml/metadata"));
    assert_eq!(
        record.issuer.as_deref(),
        Some("http://www.okta.com/exk1fxpz7bAbCdEfG5d7"),
        "as the message says"
    );
    let last = record.steps.last().unwrap();
    assert_eq!((last.ok, last.code.as_deref()), (false, Some("saml.audience_mismatch")));
    let (disabled, _) = live(|scene| scene.state = State::Disabled);
    assert_eq!(disabled.steps.len(), 1);
    assert_eq!(disabled.steps[0].code.as_deref(), Some("connection.disabled"));
}

#[test]
fn y22_references_are_easy_to_read_out() {
    let first = flow_reference(&mut Counter(1)).unwrap();
    assert_eq!(first.len(), 10);
    assert!(first.chars().all(|c| c.is_ascii_digit() || (c.is_ascii_uppercase() && !"ILOU".contains(c))));
    assert_ne!(first, flow_reference(&mut Counter(2)).unwrap());
}

#[test]
fn diagnoses_of_a_record_are_those_of_the_sign_in() {
    for fault in Fault::ALL {
        let scene = Scene::with(|scene| {
            scene.state = State::Enabled;
            scene.idp.fault = Some(fault);
        });
        let (judgement, connection) = scene.sign_in();
        let later = diagnose(&judgement.record, &connection, now());
        let codes = |diagnoses: &[admittance::connection::Diagnosis]| -> Vec<(String, admittance::connection::Severity)> {
            diagnoses.iter().map(|diagnosis| (diagnosis.code.clone(), diagnosis.severity)).collect()
        };
        assert_eq!(codes(&later), codes(&judgement.diagnoses), "{fault:?}");
        let (report, record, connection) = scene.test();
        assert_eq!(diagnose(&record, &connection, now()), report.diagnoses, "{fault:?}");
    }
}

#[test]
fn diagnose_is_total() {
    let (record, scene) = live(|_| {});
    let connection = scene.connection();
    let mut hostile = serde_json::to_value(&record).unwrap();
    hostile["steps"] = json!([
        { "name": "hint", "ok": true, "code": "trailing_slash" },
        { "name": "/", "ok": false, "code": "" },
        { "name": "message", "ok": false, "code": "saml.not_yet_valid", "expected": "never", "actual": "now" },
        { "name": "message", "ok": false, "code": "saml.issuer_mismatch", "expected": "[{", "actual": "}]" },
        { "name": "x/y/z", "ok": true, "code": "nobody.knows" },
        { "name": "x" , "ok": true },
    ]);
    let hostile: FlowRecord = serde_json::from_value(hostile).unwrap();
    let diagnoses = diagnose(&hostile, &connection, now());
    assert_eq!(diagnoses.len(), 4);
    assert_eq!(diagnoses.last().unwrap().message, "A rule without explanation: nobody.knows.");
}

/// Y19, Y23: every secret that a flow sees has a mark, and no record has one.
#[test]
fn y23_no_record_holds_a_marked_secret() {
    let mark = "MARKEDSECRET";
    let mut records = Vec::new();
    for fault in Fault::ALL.into_iter().map(Some).chain([None]) {
        for findings in [vec![], vec![HostFinding::Replayed, HostFinding::IpAllowListSuspected]] {
            let scene = Scene::with(|scene| {
                scene.state = State::Enabled;
                scene.idp.fault = fault;
                scene.findings = findings.clone();
                // A value of a claim is as good as a secret outside of a test
                scene.user = User::new(
                    format!("{mark}-login"),
                    format!("{mark} Name"),
                    format!("{mark}@corp.example"),
                )
                .in_groups([format!("{mark} group"), "developers".to_owned()]);
                scene.idp.style.other_attributes = vec![("note".to_owned(), vec![mark.to_owned()])];
            });
            records.push(scene.sign_in().0.record);
        }
    }
    let encrypted = Scene::with(|scene| {
        scene.state = State::Enabled;
        scene.idp.style.encryption = Some(Encryption::to(TestKey::Rsa.certificate()));
        scene.decryption_key = Some(TestKey::Rsa.key_pem());
    });
    records.push(encrypted.sign_in().0.record);
    let mut forbidden: Vec<String> =
        vec![mark.to_owned(), "PRIVATE KEY".to_owned(), "the key for hashes".to_owned()];
    // Over OpenID Connect: the client secret, and whatever the provider and the browser have carried
    for fault in oidc_provider::Fault::all().into_iter().map(Some).chain([None]) {
        let scene = OidcScene::with(|scene| {
            scene.state = State::Enabled;
            scene.op.fault = fault.filter(|fault| {
                matches!(
                    fault,
                    oidc_provider::Fault::Callback(_)
                        | oidc_provider::Fault::Token(_)
                        | oidc_provider::Fault::IdToken(_)
                )
            });
            scene.user = oidc_provider::User::new(
                format!("{mark}-login"),
                format!("{mark} Name"),
                format!("{mark}@corp.example"),
            )
            .in_groups([format!("{mark} group")]);
        });
        records.push(scene.sign_in().0.record);
    }
    forbidden.push("the secret of the client".to_owned());
    for record in &records {
        let text = serde_json::to_string(record).unwrap();
        for secret in &forbidden {
            assert!(!text.contains(secret.as_str()), "{secret} in {text}");
        }
        // A JWT, a whole assertion, an authorization code
        assert!(!text.contains("eyJ") && !text.contains("<saml"), "{text}");
        for step in &record.steps {
            for evidence in [&step.expected, &step.actual].into_iter().flatten() {
                assert!(evidence.len() <= 1024, "{evidence}");
            }
        }
    }
    assert!(records.len() > 100);
}

#[test]
fn a_test_record_holds_no_protocol_secret_either() {
    let (_, record, _) = OidcScene::with(|_| {}).test();
    let text = serde_json::to_string(&record).unwrap();
    assert!(text.contains("ada@corp.example"), "values of claims are in the record of a test");
    for secret in ["the secret of the client", "eyJ", "vault/acme/okta"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
