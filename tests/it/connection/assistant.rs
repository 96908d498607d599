//! The assistant in every state: total, in order, without secrets.

use admittance::connection::assistant::{
    self, Do, HubTask, OurField, OurValue, Run, Step, StepStatus, Urls, hub,
};
use admittance::connection::{Command, Connection, Observations, Preset, State, TestStatus, default_mapping};
use admittance::note::Note;

use super::fixture::{codes, in_state, new, now, okta_oidc, run, saml, test, token, with_scim};

const STATES: [State; 6] =
    [State::Draft, State::Created, State::Tested, State::Enabled, State::Disabled, State::Deleted];

fn urls() -> Urls {
    Urls::new("Product", "https://product.example/", "c1")
}

fn statuses(steps: &[Step]) -> Vec<StepStatus> {
    steps.iter().map(|step| step.status).collect()
}

fn every_connection() -> Vec<Connection> {
    let saml_presets = Preset::ALL.into_iter().filter(|preset| {
        preset.protocol() == admittance::connection::Protocol::Saml && *preset != Preset::GoogleWorkspace
    });
    let mut all = vec![new(), okta_oidc()];
    for preset in saml_presets {
        all.extend(STATES.map(|state| saml(preset, state)));
    }
    all.extend(STATES.map(with_scim));
    all.extend(Preset::ALL.map(|preset| run(new(), [Command::Choose(preset)])));
    all.push(run(with_scim(State::Enabled), [Command::GenerateToken(token("t1"))]));
    all
}

#[test]
fn u1_steps_are_total_and_hold_no_stored_secret() {
    for connection in every_connection() {
        for steps in [
            assistant::steps(&connection, &urls()),
            assistant::provisioning_steps(&connection, &urls()),
            assistant::completion_steps(&connection, &urls()),
        ] {
            let text = serde_json::to_string(&steps).unwrap();
            assert_eq!(serde_json::from_str::<Vec<Step>>(&text).unwrap(), steps);
            for secret in ["vault/acme/okta", &"00".repeat(32), "0oa1"] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
            for action in steps.iter().flat_map(|step| &step.actions) {
                if let Do::Copy { value: OurValue::ScimToken, text, .. } = &action.what {
                    assert_eq!(*text, None, "a token is shown once, when it is made");
                }
            }
        }
        let _ = hub(&connection, &urls(), &Observations::default(), now());
    }
}

#[test]
fn u2_a_field_for_one_value_says_so() {
    for preset in Preset::ALL {
        let steps = assistant::steps(&run(new(), [Command::Choose(preset)]), &urls());
        for step in steps {
            let singles =
                step.actions.iter().filter(|a| matches!(a.what, Do::Copy { single: true, .. })).count();
            let warned = step
                .actions
                .iter()
                .filter(
                    |a| matches!(&a.what, Do::Warn { text } if text.starts_with("Enter only this one value")),
                )
                .count();
            assert_eq!(warned, usize::from(singles > 0), "{preset}, {}", step.title);
        }
    }
}

#[test]
fn u3_google_workspace_and_adfs_are_sign_in_only() {
    for preset in Preset::ALL {
        let connection = run(new(), [Command::Choose(preset)]);
        let hub = hub(&connection, &urls(), &Observations::default(), now());
        let only = matches!(preset, Preset::GoogleWorkspace | Preset::Adfs);
        assert_eq!(hub.provisioning.remark.as_deref(), only.then_some("sign-in only"), "{preset}");
        assert_eq!(assistant::provisioning_steps(&connection, &urls()).is_empty(), only, "{preset}");
    }
}

#[test]
fn titles_and_last_actions() {
    for preset in Preset::ALL {
        let steps = assistant::steps(&run(new(), [Command::Choose(preset)]), &urls());
        let titles: Vec<&str> = steps.iter().map(|step| step.title.as_str()).collect();
        match preset.protocol() {
            admittance::connection::Protocol::Oidc => assert_eq!(
                titles,
                ["Create application", "Configure connection", "Claims mapping", "Assign access", "Test SSO"]
            ),
            admittance::connection::Protocol::Saml => assert_eq!(
                titles,
                ["Create application", "Configure connection", "Attribute mapping", "Test SSO"]
            ),
        }
        let runs = |step: &Step| -> Vec<Run> {
            let run = |what: &Do| if let Do::Run { run } = what { Some(run.clone()) } else { None };
            step.actions.iter().rev().map_while(|action| run(&action.what)).collect()
        };
        assert_eq!(runs(&steps[1]), [Run::Create], "{preset}");
        assert_eq!(runs(steps.last().unwrap()), [Run::Enable, Run::Test], "{preset}");
    }
}

#[test]
fn the_first_step_is_the_choice() {
    let [choose] = &assistant::steps(&new(), &urls())[..] else { panic!("one step") };
    let choices: Vec<Run> = choose
        .actions
        .iter()
        .map(|action| if let Do::Run { run } = &action.what { run.clone() } else { panic!("{action:?}") })
        .collect();
    assert_eq!(choices, Preset::ALL.map(Run::Choose));
}

#[test]
fn preparing_groups_is_said_first_without_provisioning() {
    let first = |connection: &Connection| match &assistant::steps(connection, &urls())[0].actions[0].what {
        Do::Warn { text } => text.clone(),
        other => format!("{other:?}"),
    };
    assert!(first(&in_state(State::Draft)).contains("prepare groups and permissions"));
    assert!(!first(&with_scim(State::Tested)).contains("prepare groups and permissions"));
}

#[test]
fn statuses_follow_the_connection() {
    use StepStatus::{Blocked, Done, Todo, Warning};
    let statuses = |connection: &Connection| statuses(&assistant::steps(connection, &urls()));
    assert_eq!(statuses(&run(new(), [Command::Choose(Preset::OktaSaml)])), [Todo, Todo, Blocked, Blocked]);
    assert_eq!(statuses(&in_state(State::Draft)), [Done, Todo, Blocked, Blocked]);
    assert_eq!(statuses(&in_state(State::Created)), [Done, Done, Todo, Todo]);
    assert_eq!(statuses(&in_state(State::Tested)), [Done, Done, Done, Done]);
    assert_eq!(statuses(&in_state(State::Enabled)), [Done, Done, Done, Done]);
    assert_eq!(statuses(&in_state(State::Deleted)), [Blocked; 4]);
    let failed = test(in_state(State::Enabled), TestStatus::Failed);
    assert_eq!(statuses(&failed), [Done, Done, Todo, Warning]);
    let dropped =
        run(in_state(State::Enabled), [Command::SetMapping(Box::new(default_mapping(Preset::OktaOidc)))]);
    assert_eq!(statuses(&dropped), [Done, Done, Todo, Warning]);
    let mut newer = urls();
    newer.mapping_version += 1;
    let outdated: Vec<StepStatus> =
        assistant::steps(&in_state(State::Enabled), &newer).iter().map(|step| step.status).collect();
    assert_eq!(outdated, [Done, Done, Warning, Done]);
}

#[test]
fn provisioning_waits_for_single_sign_on() {
    use StepStatus::{Blocked, Done, Todo};
    let statuses = |connection: &Connection| statuses(&assistant::provisioning_steps(connection, &urls()));
    assert_eq!(statuses(&in_state(State::Draft)), [Blocked; 4]);
    assert_eq!(statuses(&in_state(State::Created)), [Blocked; 4]);
    assert_eq!(statuses(&in_state(State::Tested)), [Todo, Blocked, Blocked, Blocked]);
    assert_eq!(statuses(&with_scim(State::Tested)), [Todo, Blocked, Blocked, Blocked]);
    let with_token = run(with_scim(State::Enabled), [Command::GenerateToken(token("t1"))]);
    assert_eq!(statuses(&with_token), [Done, Todo, Todo, Todo]);
    let mapping = Command::SetGroupMapping { organization: "org-a".into(), groups: ["g1".into()].into() };
    assert_eq!(statuses(&run(with_token, [mapping])), [Done, Todo, Todo, Done]);
}

#[test]
fn pasted_fields_show_that_something_is_there_and_not_what() {
    let filled = |connection: &Connection, field: OurField| {
        let steps = assistant::steps(connection, &urls());
        steps.iter().flat_map(|step| &step.actions).find_map(|action| match &action.what {
            Do::Paste { into, filled, .. } if *into == field => Some(*filled),
            _ => None,
        })
    };
    let okta = okta_oidc();
    for field in [OurField::ClientId, OurField::ClientSecret, OurField::OktaDomain] {
        assert_eq!(filled(&okta, field), Some(true), "{field}");
        assert_eq!(filled(&run(new(), [Command::Choose(Preset::OktaOidc)]), field), Some(false), "{field}");
    }
    assert_eq!(filled(&in_state(State::Draft), OurField::MetadataUrl), Some(true));
}

#[test]
fn names_to_paste_are_those_of_the_mapping() {
    let created = in_state(State::Created);
    let names = |connection: &Connection| -> Vec<String> {
        let steps = assistant::steps(connection, &urls());
        let names = steps[2].actions.iter().filter_map(|action| match &action.what {
            Do::Copy { text, .. } => text.clone(),
            _ => None,
        });
        names.collect()
    };
    assert_eq!(names(&created), ["name", "login", "email", "groups"]);
    let oidc_names = run(created, [Command::SetMapping(Box::new(default_mapping(Preset::OktaOidc)))]);
    assert_eq!(names(&oidc_names), ["name", "preferred_username", "email", "groups"]);
}

#[test]
fn jumpcloud_is_known_by_the_single_sign_on_url() {
    let jumpcloud = saml(Preset::JumpcloudSaml, State::Created);
    let sp = jumpcloud.sp_config("https://product.example/saml/c1", "https://product.example/saml/c1/acs");
    assert_eq!(sp.entity_id, "https://product.example/saml/c1/acs");
    let okta = in_state(State::Created);
    let sp = okta.sp_config("https://product.example/saml/c1", "https://product.example/saml/c1/acs");
    assert_eq!(sp.entity_id, "https://product.example/saml/c1");
}

#[test]
fn the_hub_has_two_tasks() {
    use StepStatus::{Blocked, Done, Todo, Warning};
    let hub_of =
        |connection: &Connection, observations: &Observations| hub(connection, &urls(), observations, now());
    let tasks = |connection: &Connection, observations: &Observations| {
        let hub = hub_of(connection, observations);
        (hub.single_sign_on.status, hub.provisioning.status)
    };
    let quiet = Observations::default();
    assert_eq!(tasks(&new(), &quiet), (Todo, Blocked));
    assert_eq!(tasks(&in_state(State::Created), &quiet), (Warning, Blocked), "to be tested");
    assert_eq!(
        tasks(&in_state(State::Tested), &quiet),
        (Done, Todo),
        "after the test: provisioning, or enabling"
    );
    assert!(hub_of(&in_state(State::Tested), &quiet).can_enable);
    assert_eq!(tasks(&with_scim(State::Tested), &quiet), (Done, Todo));
    assert!(hub_of(&with_scim(State::Tested), &quiet).can_enable, "enabling can come after provisioning");
    let with_token = run(with_scim(State::Enabled), [Command::GenerateToken(token("t1"))]);
    assert_eq!(tasks(&with_token, &quiet), (Done, Done));
    assert!(hub_of(&with_token, &quiet).can_map_groups && !hub_of(&with_token, &quiet).can_enable);
    assert!(!hub_of(&in_state(State::Enabled), &quiet).can_map_groups, "not without provisioning");

    let mut observations = Observations::default();
    observations.mapping_version += 1;
    observations.provisioning = vec![Note::new("scim.double_slash")];
    let HubTask { status, warnings, .. } = hub_of(&with_token, &observations).single_sign_on;
    assert_eq!((status, codes(&warnings)), (Warning, vec!["connection.mapping_outdated"]));
    let HubTask { status, warnings, .. } = hub_of(&with_token, &observations).provisioning;
    assert_eq!((status, codes(&warnings)), (Warning, vec!["scim.double_slash"]));
    assert!(!hub_of(&with_token, &observations).can_map_groups);
    assert_eq!(tasks(&in_state(State::Enabled), &observations), (Warning, Blocked));
}
