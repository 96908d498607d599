//! Diagnoses: every row has its vector, and texts help.

use std::collections::BTreeSet;

use admittance::connection::sign_in::HostFinding;
use admittance::connection::{
    Command, Diagnosis, DiagnosisId, Finding, Preset, Reach, Severity, Side, State, TestStatus,
};
use admittance::groups::{LoginPolicy, OnEmpty, OnMissing, OnOverage};
use admittance::saml::web_sso;
use admittance::testing::saml_idp;
use admittance::testing::saml_idp::{Fault, Shape, TestKey};

use super::fixture::{now, run};
use super::scene::Scene;
use super::vectors::{Vector, fault, groups, many, oidc, oidc_quiet, quiet, test, vectors};

#[test]
fn each_code_has_a_message_that_gives_exactly_it_and_one_that_does_not() {
    let mut wrong = Vec::new();
    for Vector { code, gives, not } in vectors() {
        let given: Vec<String> = gives().into_iter().map(|diagnosis| diagnosis.code).collect();
        // The one error that D24 explains comes along
        let exactly = given.first().map(String::as_str) == Some(code)
            && (given.len() == 1 || code == "claims.namespaced_present");
        if !exactly {
            wrong.push(format!("{code}: given {given:?}"));
        }
        let neighbour: Vec<String> = not().into_iter().map(|diagnosis| diagnosis.code).collect();
        if neighbour.iter().any(|found| found == code) {
            wrong.push(format!("{code}: the neighbour gives it too: {neighbour:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_row_and_no_code_of_a_row_is_without_a_vector() {
    let tested: BTreeSet<&str> = vectors().iter().map(|vector| vector.code).collect();
    for number in 1..=DiagnosisId::COUNT {
        let id = DiagnosisId::new(number).unwrap();
        let codes: Vec<&str> = id.codes().collect();
        assert!(!codes.is_empty(), "{id} has no code");
        for code in codes {
            assert!(tested.contains(code), "{id}: {code} has no vector");
        }
    }
    assert_eq!(DiagnosisId::new(0), None);
    assert_eq!(DiagnosisId::new(50), None);
}

#[test]
fn nothing_is_said_of_a_good_sign_in() {
    assert_eq!(quiet(), []);
    assert_eq!(oidc_quiet(), []);
}

/// The catalogue as the specification has it: row, severity, side.
#[test]
fn rows_have_their_severity_side_and_behaviours() {
    use Severity::{Error as E, Note as N, Warning as W};
    use Side::{Host as H, IdentityProvider as I, Product as P, User as U};
    let rows: [(&str, Side, Severity, &[u16]); 16] = [
        ("login.unknown_enterprise_key", U, E, &[96]),
        ("connection.disabled", P, E, &[100]),
        ("groups.no_organization", I, W, &[97, 98, 61]),
        ("groups.attribute_missing", I, E, &[98, 24]),
        ("groups.empty", I, W, &[18, 38]),
        ("groups.overage", I, E, &[40]),
        ("groups.near_miss", I, W, &[61, 64]),
        ("groups.default_ignored", I, N, &[62]),
        ("claims.email_domain_not_allowed", P, E, &[99]),
        ("account.email_in_use", H, W, &[91]),
        ("saml.audience_mismatch", I, E, &[42, 54]),
        ("saml.weak_algorithm", I, W, &[32, 33]),
        ("saml.idp_initiated_denied", U, E, &[26]),
        ("connection.mapping_outdated", P, W, &[71, 105]),
        ("login.ip_allow_list_suspected", H, W, &[101]),
        ("groups.mass_removal", P, W, &[66]),
    ];
    let all = vectors();
    for (code, side, severity, behaviours) in rows {
        let vector = all.iter().find(|vector| vector.code == code).unwrap();
        let diagnosis = (vector.gives)().into_iter().find(|diagnosis| diagnosis.code == code).unwrap();
        assert_eq!((diagnosis.side, diagnosis.severity), (side, severity), "{code}");
        assert_eq!(diagnosis.row, behaviours, "{code}");
    }
}

#[test]
fn policies_turn_warnings_into_refusals() {
    let refuses = |change: fn(&mut Scene)| {
        let scene = Scene::with(|scene| {
            scene.state = State::Enabled;
            change(scene);
        });
        scene.sign_in().0.refused.map(|refused| (refused.code.clone(), refused.severity))
    };
    let error = |code: &str| Some((code.to_owned(), Severity::Error));
    assert_eq!(refuses(|scene| scene.findings = vec![HostFinding::EmailInUse]), None);
    assert_eq!(
        refuses(|scene| {
            scene.findings = vec![HostFinding::EmailInUse];
            scene.policy.email_in_use = Finding::Refuse;
        }),
        error("account.email_in_use")
    );
    let unverified = |scene: &mut Scene| {
        scene.idp.style.other_attributes = vec![("xms_edov".to_owned(), vec!["false".to_owned()])];
    };
    assert_eq!(refuses(unverified), None);
    assert_eq!(
        refuses(|scene| {
            scene.idp.style.other_attributes = vec![("xms_edov".to_owned(), vec!["false".to_owned()])];
            scene.policy.unverified_email = Finding::Refuse;
        }),
        error("claims.email_unverified")
    );
    for (fault, code) in [
        (Fault::NoGroups, "groups.attribute_missing"),
        (Fault::EmptyGroups, "groups.empty"),
        (Fault::GroupsOverage, "groups.overage"),
    ] {
        let mut scene = Scene::with(|scene| {
            scene.state = State::Enabled;
            scene.idp.fault = Some(fault);
        });
        assert!(scene.sign_in().0.refused.is_none(), "{code}");
        scene.policy.groups.on_missing = OnMissing::Deny;
        scene.policy.groups.on_empty = OnEmpty::Deny;
        scene.policy.groups.on_overage = OnOverage::Deny;
        assert_eq!(scene.sign_in().0.refused.unwrap().code, code);
    }
    let expired = |dates| {
        let mut scene = Scene::with(|scene| {
            scene.state = State::Enabled;
            scene.idp.published_keys = vec![TestKey::ExpiredRsa];
            scene.idp.style.key = TestKey::ExpiredRsa;
        });
        scene.policy.saml.certificates = dates;
        // Enabled while it was valid
        scene.sign_in().0.refused.map(|refused| refused.code)
    };
    assert_eq!(expired(web_sso::CertificateDates::Ignore), None);
    assert_eq!(expired(web_sso::CertificateDates::Enforce).as_deref(), Some("saml.certificate_expired"));
}

#[test]
fn d25_hints_at_what_was_pasted_instead() {
    let message = |change: fn(&mut Scene)| {
        let diagnoses = test(change);
        let [diagnosis] = &diagnoses[..] else { panic!("{diagnoses:?}") };
        assert_eq!(diagnosis.code, "saml.audience_mismatch");
        (diagnosis.message.clone(), diagnosis.remedy.clone())
    };
    let (text, remedy) = message(|scene| scene.at_the_idp = |sp| sp.entity_id.push('/'));
    assert!(text.contains("only by a slash at the end"), "{text}");
    assert!(remedy.contains("In Okta") && remedy.contains("Audience URI (SP Entity ID)"), "{remedy}");
    let (text, _) = message(|scene| scene.at_the_idp = |sp| sp.entity_id = sp.acs[0].location.clone());
    assert!(text.contains("our Single Sign-On URL"), "{text}");
    let (text, _) = message(|scene| scene.at_the_idp = |sp| sp.entity_id = sp.entity_id.to_uppercase());
    assert!(text.contains("upper and lower case"), "{text}");
    let (text, _) =
        message(|scene| scene.at_the_idp = |sp| sp.entity_id = sp.entity_id.replace("https:", "http:"));
    assert!(text.contains("only by http and https"), "{text}");

    let jumpcloud = Scene::preset(Preset::JumpcloudSaml, Shape::JumpCloud, |scene| {
        scene.at_the_idp = |sp| sp.entity_id = "https://sp.example/saml/c1".to_owned();
    });
    let (report, ..) = jumpcloud.test();
    let [diagnosis] = &report.diagnoses[..] else { panic!("{:?}", report.diagnoses) };
    assert!(diagnosis.message.contains("our Service Provider Identity ID"), "{}", diagnosis.message);
    assert!(diagnosis.remedy.contains("paste our Single Sign-On URL"), "{}", diagnosis.remedy);
    let right = Scene::preset(Preset::JumpcloudSaml, Shape::JumpCloud, |_| {});
    assert_eq!(right.codes(), [""; 0]);
}

#[test]
fn d27_tells_another_application_from_another_provider() {
    let other_app = test(|scene| {
        scene.known_metadata = Some(scene.idp.metadata().unwrap());
        scene.idp.entity_id = "http://www.okta.com/exkOTHER".to_owned();
    });
    assert_eq!(other_app[0].code, "saml.issuer_mismatch");
    assert!(
        other_app[0].message.contains("another application of the same identity provider"),
        "{}",
        other_app[0].message
    );
    let other_provider = fault(Fault::WrongIssuer);
    assert!(!other_provider[0].message.contains("same identity provider"), "{}", other_provider[0].message);
}

#[test]
fn d32_says_whether_the_metadata_has_the_key_by_now() {
    let scene = Scene::with(|scene| {
        scene.state = State::Enabled;
        scene.known_metadata = Some(scene.idp.metadata().unwrap());
        scene.idp.style.key = TestKey::OtherRsa;
        scene.idp.published_keys = vec![TestKey::Rsa, TestKey::OtherRsa];
    });
    let (report, record, connection) = scene.test();
    let [diagnosis] = &report.diagnoses[..] else { panic!("{:?}", report.diagnoses) };
    assert_eq!(diagnosis.code, "saml.signature_invalid");
    assert!(diagnosis.message.contains("does not hold this key either"), "{}", diagnosis.message);
    assert!(diagnosis.expected.is_some() && diagnosis.actual.is_some());
    let refresh = Command::Refresh(Reach::Metadata(scene.idp.metadata().unwrap()));
    let refreshed = run(connection, [refresh]);
    let again = admittance::connection::diagnose(&record, &refreshed, now());
    assert!(again[0].message.contains("has this key by now"), "{}", again[0].message);
}

#[test]
fn d35_says_how_far_the_clocks_are_apart() {
    let fast = fault(Fault::ClockFast);
    assert_eq!(fast[0].code, "saml.not_yet_valid");
    assert!(fast[0].message.contains("seconds apart"), "{}", fast[0].message);
    assert!(fast[0].remedy.contains("clock"), "{}", fast[0].remedy);
    let adfs = Scene::preset(Preset::Adfs, Shape::Adfs, |scene| {
        scene.idp.style.attributes = saml_idp::AttributeNames::mapped();
        scene.idp.fault = Some(Fault::ClockFast);
    });
    let (report, ..) = adfs.test();
    assert!(report.diagnoses[0].remedy.contains("NotBeforeSkew"), "{}", report.diagnoses[0].remedy);
}

#[test]
fn d38_by_the_code_of_the_identity_provider() {
    let authn_failed = fault(Fault::StatusNotSuccess);
    assert!(
        authn_failed[0].message.contains("could not be authenticated there"),
        "{}",
        authn_failed[0].message
    );
}

#[test]
fn d13_names_the_near_miss_of_the_seed() {
    let seed = test(|scene| {
        scene.groups = vec![("OrgA", "EN_ORG_ADMINS"), ("OrgA", "Developers")];
        scene.user.groups = vec!["ENT_ORG_ADMINS".to_owned(), "Developers".to_owned()];
    });
    let [diagnosis] = &seed[..] else { panic!("{seed:?}") };
    assert_eq!(diagnosis.code, "groups.near_miss");
    assert_eq!(
        (diagnosis.actual.as_deref(), diagnosis.expected.as_deref()),
        (Some("ENT_ORG_ADMINS"), Some("EN_ORG_ADMINS"))
    );
}

#[test]
fn d08_by_the_limit_of_each_provider() {
    let truncated = |preset, shape, count| {
        many(preset, shape, count).iter().any(|diagnosis| diagnosis.code == "groups.possibly_truncated")
    };
    for (preset, shape, limit) in
        [(Preset::GoogleWorkspace, Shape::Google, 75), (Preset::EntraSaml, Shape::EntraId, 150)]
    {
        assert!(truncated(preset, shape, limit) && !truncated(preset, shape, limit - 1), "{preset}");
    }
    assert!(!truncated(Preset::OktaSaml, Shape::Okta, 200), "Okta over SAML sends them all");
    let okta = |count: usize| {
        let groups =
            (0..count).map(|n| format!("unrelated group number {n:04}")).chain(["Developers".to_owned()]);
        let groups: Vec<String> = groups.take(count + 1).skip(1).collect();
        oidc(|scene| scene.user.groups = groups).iter().any(|d| d.code == "groups.possibly_truncated")
    };
    assert!(okta(100) && !okta(99));
}

#[test]
fn several_email_values_choose_none_and_two_logins_neither() {
    let two_logins = test(|scene| {
        scene.idp.style.other_attributes = vec![("login".to_owned(), vec!["grace".to_owned()])];
    });
    assert_eq!(two_logins.iter().map(|d| d.code.as_str()).collect::<Vec<_>>(), ["claims.login_multiple"]);
}

#[test]
fn remedies_use_the_words_of_the_console() {
    let remedy = |preset, shape, change: fn(&mut Scene)| {
        let scene = Scene::preset(preset, shape, |scene| {
            scene.idp.style.attributes = saml_idp::AttributeNames::mapped();
            change(scene);
        });
        let (report, ..) = scene.test();
        report.diagnoses[0].remedy.clone()
    };
    let no_email = |scene: &mut Scene| scene.idp.fault = Some(Fault::NoEmail);
    for (preset, shape, words) in [
        (Preset::OktaSaml, Shape::Okta, ["In Okta", "user.email", "Profile attribute statements"]),
        (Preset::EntraSaml, Shape::EntraId, ["In Microsoft Entra ID", "user.mail", "Attributes & Claims"]),
        (Preset::JumpcloudSaml, Shape::JumpCloud, ["In JumpCloud", "source is email", "User Attributes"]),
        (Preset::Adfs, Shape::Adfs, ["In AD FS", "E-Mail-Addresses", "LDAP Attributes"]),
        (Preset::Keycloak, Shape::Keycloak, ["In Keycloak", "property email", "User Property"]),
        (
            Preset::CustomSaml,
            Shape::Okta,
            ["In the identity provider", "email address", "attributes of the application"],
        ),
    ] {
        let text = remedy(preset, shape, no_email);
        for word in words {
            assert!(text.contains(word), "{preset}: {word} is not in: {text}");
        }
    }
}

#[test]
fn texts_are_whole_sentences_without_open_places() {
    for Vector { code, gives, .. } in vectors() {
        for diagnosis in gives() {
            for text in [&diagnosis.message, &diagnosis.remedy] {
                let is_open = text.contains("(not known)")
                    || text.contains('[')
                    || text.contains(']')
                    || text.contains("  ");
                assert!(!is_open, "{code}: {text}");
                let places = text.replace("{host}", "").replace("{realm}", "");
                assert!(!places.contains('{') && !places.contains('}'), "{code}: {text}");
                assert!(
                    text.starts_with(|c: char| c.is_uppercase() || c == '\'' || c.is_ascii_digit()),
                    "{code}: {text}"
                );
                assert!(text.ends_with(['.', ')', ']']), "{code}: {text}");
            }
        }
    }
}

#[test]
fn o3_people_see_what_concerns_them() {
    let idp_initiated = test(|scene| scene.solicited = false);
    let text = idp_initiated[0].for_user("8Q2ZK3D7MN");
    assert!(text.contains("one-click link"), "{text}");
    let audience = fault(Fault::WrongAudience);
    let text = audience[0].for_user("8Q2ZK3D7MN");
    assert_eq!(text, "You could not be signed in. Ask your administrator, reference 8Q2ZK3D7MN.");
}

#[test]
fn o4_only_these_refuse_at_sign_in() {
    let mut refused = BTreeSet::new();
    for fault in Fault::ALL {
        let scene = Scene::with(|scene| {
            scene.state = State::Enabled;
            scene.idp.fault = Some(fault);
        });
        let (judgement, _) = scene.sign_in();
        match fault.code() {
            // A rule of the protocol
            Some(code) => assert_eq!(judgement.refused.unwrap().code, code, "{fault:?}"),
            None => refused.extend(judgement.refused.map(|refused| refused.code)),
        }
    }
    let expected = [
        "claims.email_invalid",
        "claims.email_missing",
        "claims.email_multiple",
        "claims.login_missing",
        "saml.name_id_transient",
    ];
    assert_eq!(refused.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn every_code_of_the_layers_below_is_worded() {
    let known: BTreeSet<&str> = admittance::connection::codes().collect();
    let mut unknown = BTreeSet::new();
    for folder in ["saml", "oidc", "scim", "profile", "groups", "connection"] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
        let mut folders = vec![root];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    unknown.extend(codes_in(&text).filter(|code| !known.contains(code.as_str())));
                }
            }
        }
    }
    // Names of events, which are no findings
    unknown.retain(|code| !EVENTS.contains(&code.as_str()));
    assert!(unknown.is_empty(), "no words for {unknown:?}");
    assert_eq!(known.len(), admittance::connection::codes().count(), "a code stands twice");
}

const EVENTS: [&str; 15] = [
    "connection.certificates_changed",
    "connection.created",
    "connection.deleted",
    "connection.enabled",
    "connection.idp_changed",
    "connection.link_created",
    "connection.link_used",
    "connection.mapping_changed",
    "connection.policy_changed",
    "connection.reached",
    "connection.tested",
    "scim.configured",
    "scim.removed",
    "scim.token_created",
    "scim.token_revoked",
];

/// Texts in quotation marks that look like a code of a finding.
fn codes_in(text: &str) -> impl Iterator<Item = String> {
    const AREAS: [&str; 13] = [
        "saml",
        "oidc",
        "claims",
        "groups",
        "account",
        "identity",
        "connection",
        "test",
        "setup_link",
        "domain",
        "login",
        "guard",
        "scim",
    ];
    let quoted: Vec<String> = text.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    quoted.into_iter().filter(|text| {
        text.split_once('.').is_some_and(|(area, name)| {
            AREAS.contains(&area)
                && !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        })
    })
}

#[test]
fn a_diagnosis_is_stored_with_its_row() {
    let diagnosis = &fault(Fault::WrongAudience)[0];
    let json = serde_json::to_value(diagnosis).unwrap();
    assert_eq!(json["id"], "D25");
    assert_eq!(json["severity"], "error");
    assert_eq!(json["side"], "identity_provider");
    assert_eq!(json["row"], serde_json::json!([42, 54]));
    assert_eq!(serde_json::from_value::<Diagnosis>(json).unwrap(), *diagnosis);
    for id in ["D0", "D00", "D50", "25", "D256"] {
        assert!(serde_json::from_value::<DiagnosisId>(id.into()).is_err(), "{id}");
    }
}

#[test]
fn values_from_outside_break_no_line() {
    let hostile = groups(&["Reviewers\u{85}", "Developers"]);
    for diagnosis in &hostile {
        assert!(!diagnosis.message.contains(char::is_control), "{:?}", diagnosis.message);
    }
    let long = groups(&[&format!("Reviewers{}", "x".repeat(5000)), "Developers"]);
    assert!(long.iter().all(|diagnosis| diagnosis.message.len() < 2000));
}

#[test]
fn a_claim_without_names_says_what_the_policy_makes_of_it() {
    let sentence = |fault: Fault, policy: LoginPolicy| {
        let found = test(|scene| {
            scene.idp.fault = Some(fault);
            scene.policy.groups = policy;
        });
        let [diagnosis] = &found[..] else { panic!("{found:?}") };
        let sentences: Vec<&str> = diagnosis.message.split_inclusive(". ").collect();
        sentences.last().unwrap().to_string()
    };
    let kept = "The person's memberships stay as they are.";
    let cleared = "The person loses every synchronized group.";
    let denied = "The policy of this connection lets nobody in like that.";
    let with = |change: fn(&mut LoginPolicy)| {
        let mut policy = LoginPolicy::default();
        change(&mut policy);
        policy
    };
    for (policy, missing, empty, overage) in [
        (LoginPolicy::default(), kept, cleared, "No membership is taken away."),
        (
            with(|policy| {
                policy.on_missing = OnMissing::Clear;
                policy.on_empty = OnEmpty::Keep;
                policy.on_overage = OnOverage::Deny;
            }),
            cleared,
            kept,
            denied,
        ),
    ] {
        assert_eq!(sentence(Fault::NoGroups, policy.clone()), missing);
        assert_eq!(sentence(Fault::EmptyGroups, policy.clone()), empty);
        assert_eq!(sentence(Fault::GroupsOverage, policy), overage);
    }
    assert_eq!(sentence(Fault::NoGroups, with(|policy| policy.on_missing = OnMissing::Deny)), denied);
    let deny_empty = with(|policy| policy.on_empty = OnEmpty::Deny);
    assert_eq!(sentence(Fault::EmptyGroups, deny_empty.clone()), denied);
    // Nested groups, which are suspected over Entra ID, keep the person out just the same
    let entra = Scene::preset(Preset::EntraSaml, Shape::EntraId, |scene| {
        scene.idp.style.attributes = saml_idp::AttributeNames::mapped();
        scene.idp.fault = Some(Fault::EmptyGroups);
        scene.policy.groups = deny_empty;
    });
    let report = entra.test().0;
    assert_eq!(report.status, TestStatus::Failed);
    assert_eq!(
        (report.diagnoses[0].code.as_str(), report.diagnoses[0].severity),
        ("groups.nested_suspected", Severity::Error)
    );
}

#[test]
fn values_are_written_as_people_write_them() {
    let failed = &fault(Fault::StatusNotSuccess)[0];
    assert!(failed.message.contains("failed: Responder, AuthnFailed"), "{}", failed.message);
    assert!(failed.actual.as_deref().unwrap().contains("urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"));
    let late = &fault(Fault::Expired)[0];
    assert!(late.message.contains("it is 2026-11-22T00:01:00Z here"), "{}", late.message);
}
