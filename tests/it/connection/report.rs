//! The test report: its JSON, when it fails, and that it changes nothing.

use admittance::connection::sign_in::{HostFinding, Judgement, TestRun};
use admittance::connection::{Actor, Command, State, Test, TestReport, TestStatus};
use admittance::profile::Rule;
use admittance::testing::oidc_provider;
use admittance::testing::saml_idp::Fault;
use serde_json::{Value, json};

use super::fixture::{administrator, run};
use super::oidc_scene::OidcScene;
use super::scene::Scene;

#[test]
fn the_report_is_json_of_this_shape() {
    let scene = Scene::with(|scene| {
        scene.user.groups = ["Developers", "Reviewrs", "Astronomers"].map(str::to_owned).to_vec();
        scene.member_of = vec!["g1"];
    });
    let (report, ..) = scene.test();
    let report = serde_json::to_value(&report).unwrap();
    let certificate = report["certificates"][0]["sha256"].clone();
    assert_eq!(certificate.as_str().unwrap().len(), 95);
    let expected = json!({
        "status": "warnings",
        "tested_at": "2026-11-22T00:01:00.000Z",
        "connection": "c1",
        "version": 5,
        "protocol": "saml",
        "issuer": "http://www.okta.com/exk1fxpz7bAbCdEfG5d7",
        "subject": { "value": "ada", "format": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified" },
        "profile": {
            "name": "Ada Lovelace",
            "login": "ada",
            "email": "ada@corp.example",
            "groups": ["Astronomers", "Developers", "Reviewrs"],
        },
        "claims": {
            "name": ["Ada Lovelace"],
            "login": ["ada"],
            "email": ["ada@corp.example"],
            "groups": ["Developers", "Reviewrs", "Astronomers"],
        },
        "groups": {
            "state": "values",
            "matched": [
                { "organization": "org-a", "group": "Developers" },
                { "organization": "org-b", "group": "Developers" },
            ],
            "unmatched": [{ "name": "Astronomers" }, { "name": "Reviewrs", "nearest": "Reviewers" }],
        },
        "plan": {
            "add": [
                { "organization": "org-a", "group": "Developers" },
                { "organization": "org-b", "group": "Developers" },
            ],
            "remove": [{ "organization": "org-a", "group": "Reviewers" }],
            "organizations": ["org-a", "org-b"],
        },
        "certificates": [{ "sha256": certificate, "not_after": "2099-12-31T23:59:59.000Z", "status": "ok" }],
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&report[member], value, "{member}");
    }
    assert_eq!(report["diagnoses"][0]["code"], "groups.near_miss");
    assert_eq!(report["diagnoses"].as_array().unwrap().len(), 1);
    assert_eq!(report.as_object().unwrap().len(), expected.as_object().unwrap().len() + 1);
    let again: TestReport = serde_json::from_value(report.clone()).unwrap();
    assert_eq!(serde_json::to_value(again).unwrap(), report);
}

#[test]
fn y1_failed_exactly_when_there_is_an_error() {
    let status = |change: fn(&mut Scene)| {
        let (report, ..) = Scene::with(change).test();
        let has_error = report.diagnoses.iter().any(admittance::connection::Diagnosis::is_error);
        assert_eq!(report.status == TestStatus::Failed, has_error);
        report.status
    };
    assert_eq!(status(|_| {}), TestStatus::Ok);
    assert_eq!(
        status(|scene| scene.user.groups.push("Members".to_owned())),
        TestStatus::Ok,
        "a note is no warning"
    );
    assert_eq!(status(|scene| scene.user.groups.push("developers".to_owned())), TestStatus::Warnings);
    assert_eq!(
        status(|scene| scene.idp.fault = Some(Fault::InvalidEmail)),
        TestStatus::Failed,
        "Email must be valid"
    );
    assert_eq!(
        status(|scene| scene.idp.fault = Some(Fault::NoGroups)),
        TestStatus::Failed,
        "groups are configured"
    );
    assert_eq!(
        status(|scene| {
            scene.idp.fault = Some(Fault::NoGroups);
            let mut mapping = admittance::connection::default_mapping(scene.preset);
            mapping.groups = None;
            scene.mapping = Some(mapping);
        }),
        TestStatus::Warnings,
        "groups are not configured"
    );
    assert_eq!(status(|scene| scene.idp.fault = Some(Fault::WrongAudience)), TestStatus::Failed);
}

#[test]
fn y2_a_test_is_a_dry_run() {
    let scene = Scene::with(|scene| scene.member_of = vec!["g1"]);
    let before = serde_json::to_string(&scene.connection()).unwrap();
    let (report, _, connection) = scene.test();
    assert!(!report.plan.add.is_empty() && !report.plan.remove.is_empty());
    assert_eq!(serde_json::to_string(&connection).unwrap(), before, "the report alone changes nothing");
    let recorded = run(connection, [Command::RecordTest(Box::new(report))]);
    assert_eq!(recorded.state(), State::Tested);
    assert!(matches!(recorded.test(), Test::Passed { .. }));
}

#[test]
fn y3_a_test_works_before_enabling_and_for_whoever_began_it() {
    for state in [State::Created, State::Tested, State::Enabled, State::Disabled] {
        let (report, ..) = Scene::with(|scene| scene.state = state).test();
        assert_eq!(report.status, TestStatus::Ok, "{state:?}");
    }
    let scene = Scene::new();
    let connection = scene.connection();
    let begun = TestRun::begin(&connection, &administrator());
    let code = |run: &TestRun, actor: &Actor| {
        let (report, record, _) = scene.test_as(run, actor);
        let visible = serde_json::to_string(&(&report, &record)).unwrap();
        if report.status == TestStatus::Failed {
            assert!(!visible.contains("corp.example"), "nothing of the test is shown: {visible}");
        }
        report.diagnoses.first().map(|diagnosis| diagnosis.code.clone()).unwrap_or_default()
    };
    assert_eq!(code(&begun, &administrator()), "");
    let other = Actor::EnterpriseAdministrator { name: "heidi".to_owned() };
    assert_eq!(code(&begun, &other), "test.other_administrator");
    let anybody = Actor::Other { name: "grace".to_owned() };
    assert_eq!(code(&begun, &anybody), "connection.not_administrator");
    let changed = run(connection, [Command::SetDomains(Default::default())]);
    let stale = TestRun::begin(&changed, &administrator());
    assert_eq!(code(&stale, &administrator()), "test.stale");
    let stored: TestRun = serde_json::from_str(&serde_json::to_string(&begun).unwrap()).unwrap();
    assert_eq!(stored, begun);
}

#[test]
fn a_refused_message_gives_a_report_with_the_reason_alone() {
    let (report, ..) = Scene::with(|scene| scene.idp.fault = Some(Fault::WrongKey)).test();
    let report = serde_json::to_value(&report).unwrap();
    assert_eq!(report["status"], "failed");
    assert_eq!((&report["subject"], &report["profile"]), (&Value::Null, &Value::Null));
    assert_eq!(report["claims"], json!({}), "nothing of a message that was not verified");
    assert_eq!(report["plan"], json!({ "add": [], "remove": [], "organizations": [] }));
    assert_eq!(report["diagnoses"][0]["code"], "saml.signature_invalid");
}

#[test]
fn claims_are_shown_even_where_they_give_no_profile() {
    let (report, ..) = Scene::with(|scene| scene.idp.fault = Some(Fault::NoLogin)).test();
    assert_eq!(report.profile, None);
    assert_eq!(report.subject.unwrap().value, "ada");
    assert_eq!(report.claims.names().collect::<Vec<_>>(), ["name", "email", "groups"]);
}

#[test]
fn several_causes_are_shown_at_once_and_one_only_once() {
    let codes = Scene::with(|scene| {
        scene.idp.style.attributes.email = None;
        scene.idp.style.attributes.login = None;
    })
    .codes();
    assert_eq!(codes, ["claims.login_missing", "claims.email_missing"], "two attributes to add");
    let namespaced = Scene::preset(
        admittance::connection::Preset::EntraSaml,
        admittance::testing::saml_idp::Shape::EntraId,
        |_| {},
    );
    let (report, ..) = namespaced.test();
    let errors = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_error()).count();
    assert_eq!(
        (errors, report.diagnoses[0].code.as_str()),
        (1, "claims.namespaced_present"),
        "the cause comes first"
    );
}

#[test]
fn over_openid_connect_the_same() {
    let (report, record, _) = OidcScene::with(|_| {}).test();
    let report = serde_json::to_value(&report).unwrap();
    assert_eq!((&report["status"], &report["protocol"]), (&json!("ok"), &json!("oidc")));
    assert_eq!(report["profile"]["email"], "ada@corp.example");
    assert_eq!(report["profile"]["login"], "ada");
    assert_eq!(report["groups"]["matched"], json!([{ "organization": "org-a", "group": "Developers" }]));
    assert_eq!(report["certificates"], json!([]));
    assert_eq!(record.audience.as_deref(), Some("0oa1"));
    let claims_fault = oidc_provider::Fault::IdToken(oidc_provider::IdTokenFault::OtherNonce);
    let (report, ..) = OidcScene::with(|scene| scene.op.fault = Some(claims_fault)).test();
    assert_eq!(report.status, TestStatus::Failed);
}

#[test]
fn judging_a_sign_in_gives_account_and_plan_or_the_reason() {
    let scene = Scene::with(|scene| {
        scene.state = State::Enabled;
        scene.candidates = Some(Vec::new());
    });
    let (judgement, _) = scene.sign_in();
    assert!(judgement.refused.is_none());
    assert_eq!(judgement.resolution, Some(admittance::profile::Resolution::Create));
    assert_eq!(judgement.plan.unwrap().additions().count(), 2);
    assert!(judgement.identity.is_some() && judgement.profile.is_some());

    let provisioned = Scene::with(|scene| {
        scene.state = State::Enabled;
        scene.scim = true;
        scene.candidates = Some(Vec::new());
    });
    let (judgement, _) = provisioned.sign_in();
    let refused = judgement.refused.clone().unwrap();
    assert_eq!(refused.code, "account.not_provisioned");
    assert!(judgement.plan.is_none());
    let codes = |judgement: &Judgement| -> Vec<String> {
        judgement.diagnoses.iter().map(|diagnosis| diagnosis.code.clone()).collect()
    };
    assert_eq!(codes(&judgement), ["account.not_provisioned"], "one cause gives one error");
    assert_eq!(
        judgement.for_user().as_deref(),
        Some("You could not be signed in. Ask your administrator, reference 8Q2ZK3D7MN.")
    );
    let (oidc, _) = OidcScene::with(|scene| scene.state = State::Enabled).sign_in();
    assert!(oidc.refused.is_none() && oidc.plan.is_some());
}

#[test]
fn a_replayed_answer_signs_nobody_in() {
    for finding in [HostFinding::Replayed, HostFinding::StateLost] {
        let scene = Scene::with(|scene| {
            scene.state = State::Enabled;
            scene.findings = vec![finding];
        });
        let (judgement, _) = scene.sign_in();
        assert!(judgement.refused.is_some() && judgement.plan.is_none() && judgement.profile.is_none());
    }
}

#[test]
fn a_full_name_can_be_joined_where_the_preset_sends_the_first() {
    use admittance::profile::Transform;
    let scene = Scene::with(|scene| {
        scene.idp.style.attributes.name = None;
        scene.idp.style.other_attributes = vec![
            ("first".to_owned(), vec!["Ada".to_owned()]),
            ("last".to_owned(), vec!["Lovelace".to_owned()]),
        ];
        let mut mapping = admittance::connection::default_mapping(scene.preset);
        let join = Transform::Join {
            attributes: vec!["first".to_owned(), "last".to_owned()],
            separator: " ".to_owned(),
        };
        mapping.name = Some(Rule::attr("first").transform(join));
        scene.mapping = Some(mapping);
    });
    let (report, ..) = scene.test();
    assert_eq!(report.profile.unwrap().name, "Ada Lovelace");
    assert_eq!(report.status, TestStatus::Ok);
}

#[test]
fn groups_of_a_sign_in_count_for_nothing_where_provisioning_brings_them() {
    let provisioned = |fault| {
        Scene::with(|scene| {
            scene.state = State::Enabled;
            scene.scim = true;
            scene.idp.fault = fault;
        })
    };
    for fault in [None, Some(Fault::NoGroups), Some(Fault::ObjectIdsAsGroups), Some(Fault::EmptyGroups)] {
        let (report, ..) = provisioned(fault).test();
        assert_eq!(report.status, TestStatus::Ok, "{fault:?}: {:?}", report.diagnoses);
        assert_eq!(report.diagnoses[0].code, "groups.source_is_scim");
        assert_eq!(report.plan.add, []);
    }
}

#[test]
fn metadata_past_its_end_signs_nobody_in() {
    let mut scene = Scene::with(|scene| scene.state = State::Enabled);
    let metadata = String::from_utf8(scene.idp.metadata().unwrap()).unwrap();
    let until = |end: &str| {
        metadata.replacen("entityID=", &format!("validUntil=\"{end}\" entityID="), 1).into_bytes()
    };
    scene.known_metadata = Some(until("2026-11-22T00:02:00Z"));
    let connection = scene.connection();
    assert!(scene.sign_in().0.refused.is_none());
    let (judgement, _) = scene.sign_in_later(&connection, super::fixture::later(60));
    assert_eq!(judgement.refused.unwrap().code, "saml.metadata_expired");
    let warnings =
        admittance::connection::setup_warnings(&connection, &Default::default(), super::fixture::later(60));
    assert_eq!(warnings[0].code, "saml.metadata_expired");
    assert!(warnings[0].is_error());
}

#[test]
fn a_set_up_link_tests_only_while_it_is_open() {
    use admittance::connection::setup_link::{self, LinkOptions, Task};
    use admittance::crypto::SealingKey;
    let key = SealingKey::new([7; 32]).unwrap();
    let scene = Scene::with(|scene| scene.linked = true);
    let connection = scene.connection();
    let report_by_link = |task| {
        let options = LinkOptions::new([task]);
        let entropy = &mut super::fixture::Counter(1);
        let link = setup_link::seal(&connection, &options, &key, entropy, scene.now).unwrap();
        let (grant, _) = setup_link::open(&link, &connection, &key, scene.now).unwrap();
        let actor = Actor::SetUpLink(grant);
        scene.test_as(&TestRun::begin(&connection, &actor), &actor).0
    };
    assert_eq!(report_by_link(Task::Domain).diagnoses[0].code, "setup_link.task_not_granted");
    assert_eq!(report_by_link(Task::Sso).status, TestStatus::Ok);
}
