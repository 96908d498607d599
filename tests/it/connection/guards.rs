//! Who may give a command, and what must stay possible after it.

use admittance::connection::{
    Actor, Command, Confirmation, Licence, Observations, Preset, Provisioned, Reach, State, TestStatus,
    apply, default_mapping, provisioning_notes, setup_warnings,
};
use admittance::groups::{Account, Accounts, GroupSource, PushedGroups};
use admittance::note::Note;

use super::fixture::{
    codes, facts, in_state, later, metadata, now, refused, run, test, token, token_until, typed, with_scim,
};

#[test]
fn only_an_administrator_of_the_enterprise_gives_commands() {
    let tested = in_state(State::Tested);
    for actor in [Actor::Other { name: "mallory".to_owned() }, Actor::Host] {
        let mut facts = facts(&tested);
        facts.actor = actor;
        let why = apply(&tested, Command::Enable, &facts, now()).unwrap_err();
        assert_eq!(codes(&why), ["connection.not_administrator"]);
        let why = apply(&tested, Command::SetUpScim, &facts, now()).unwrap_err();
        assert_eq!(codes(&why), ["connection.not_administrator"]);
    }
}

#[test]
fn the_host_refreshes_and_switches_off_by_itself() {
    let enabled = run(with_scim(State::Enabled), [Command::GenerateToken(token("t1"))]);
    let mut facts = facts(&enabled);
    facts.actor = Actor::Host;
    let refresh = Command::Refresh(Reach::Metadata(metadata()));
    for command in [refresh, Command::Disable, Command::RevokeToken { id: "t1".to_owned() }] {
        let (_, events) = apply(&enabled, command, &facts, now()).unwrap();
        assert_eq!(events[0].actor, "the product");
    }
}

#[test]
fn the_licence_is_needed_to_set_up_and_not_to_leave() {
    let enabled = with_scim(State::Enabled);
    let mut facts = facts(&enabled);
    facts.licence = Licence::Missing;
    for command in [Command::SetUpScim, Command::GenerateToken(token("t1")), Command::Enable] {
        let why = apply(&enabled, command, &facts, now()).unwrap_err();
        assert_eq!(codes(&why), ["connection.not_licensed"]);
    }
    let delete = Command::Delete(typed("Acme"));
    for command in [Command::Disable, Command::RemoveScim(Confirmation::Given), delete] {
        assert!(apply(&enabled, command, &facts, now()).is_ok());
    }
}

#[test]
fn a_stale_version_is_refused() {
    let created = in_state(State::Created);
    let mut facts = facts(&created);
    facts.version -= 1;
    let why = apply(&created, Command::NewSetUpLink, &facts, now()).unwrap_err();
    assert_eq!(codes(&why), ["connection.stale_version"]);
    assert_eq!(why[0].expected, Some(created.version().to_string()));
}

#[test]
fn w1_somebody_must_be_able_to_sign_in_otherwise() {
    let disable = || Command::Disable;
    let delete = || Command::Delete(typed("Acme"));
    for (state, command) in
        [(State::Enabled, disable as fn() -> Command), (State::Enabled, delete), (State::Disabled, delete)]
    {
        let connection = in_state(state);
        let mut facts = facts(&connection);
        facts.administrators.enterprise = 0;
        facts.administrators.organizations = [("org-a".into(), 1), ("org-b".into(), 0)].into();
        let why = apply(&connection, command(), &facts, now()).unwrap_err();
        assert_eq!(codes(&why), ["guard.last_enterprise_admin", "guard.last_organization_admin"]);
        assert!(why[1].message.contains("'org-b'"), "{}", why[1].message);
        facts.administrators.enterprise = 1;
        let why = apply(&connection, command(), &facts, now()).unwrap_err();
        assert_eq!(codes(&why), ["guard.last_organization_admin"]);
        facts.administrators.organizations = [("org-b".into(), 1)].into();
        assert!(apply(&connection, command(), &facts, now()).is_ok());
    }
}

#[test]
fn w1_does_not_keep_a_draft() {
    for state in [State::Draft, State::Created, State::Tested] {
        let connection = in_state(state);
        let mut facts = facts(&connection);
        facts.administrators.enterprise = 0;
        assert!(apply(&connection, Command::Delete(typed("Acme")), &facts, now()).is_ok(), "{state:?}");
    }
}

#[test]
fn w2_edits_of_an_enabled_connection_keep_it_enabled_and_block_provisioning() {
    let mapping = default_mapping(Preset::OktaOidc);
    let enabled = run(in_state(State::Enabled), [Command::SetMapping(Box::new(mapping))]);
    assert_eq!(enabled.state(), State::Enabled);
    let warnings = setup_warnings(&enabled, &Observations::default(), now());
    assert_eq!(codes(&warnings), ["connection.test_missing"]);
    let why = refused(&enabled, Command::SetUpScim);
    assert_eq!(codes(&why), ["scim.blocked_by_sso_warnings", "connection.test_missing"]);
    assert!(why[0].message.contains("has not been tested since mapping changed"), "{}", why[0].message);
    let enabled = test(enabled, TestStatus::Ok);
    assert!(run(enabled, [Command::SetUpScim]).scim().is_some());
}

#[test]
fn w4_an_outdated_mapping_warns_blocks_provisioning_and_not_sign_in() {
    let enabled = in_state(State::Enabled);
    let mut observations = Observations::default();
    observations.mapping_version += 1;
    let warnings = setup_warnings(&enabled, &observations, now());
    assert_eq!(codes(&warnings), ["connection.mapping_outdated"]);
    assert!(!warnings[0].is_error());
    assert!(admittance::connection::accepts_sign_in(&enabled).is_ok());

    let mut facts = facts(&enabled);
    facts.observations = observations;
    let why = apply(&enabled, Command::SetUpScim, &facts, now()).unwrap_err();
    assert_eq!(codes(&why), ["scim.blocked_by_sso_warnings", "connection.mapping_outdated"]);
    let same = Command::SetMapping(Box::new(enabled.mapping().clone()));
    let (saved, events) = apply(&enabled, same, &facts, now()).unwrap();
    assert_eq!(saved.mapping_version(), facts.observations.mapping_version);
    assert_eq!(events[0].changed, ["mapping_version"]);
    let warnings = setup_warnings(&saved, &facts.observations, now());
    assert_eq!(codes(&warnings), ["connection.test_missing"], "the new mapping is to be tested");
}

#[test]
fn w8_the_hub_shows_metadata_certificates_and_provisioning() {
    let enabled =
        run(with_scim(State::Enabled), [Command::GenerateToken(token_until("t1", later(29 * 24 * 3600)))]);
    let mut observations = Observations::default();
    observations.metadata = Some(Note::new("saml.metadata_html"));
    observations.provisioning = vec![Note::new("scim.double_slash").actual("/scim//v2/Users")];
    let warnings = setup_warnings(&enabled, &observations, now());
    assert_eq!(codes(&warnings), ["saml.metadata_html", "scim.double_slash", "scim.token_expires_soon"]);
    assert!(warnings[2].message.contains("for Okta"));

    let tested = in_state(State::Tested);
    let mut facts = facts(&tested);
    facts.observations.metadata = Some(Note::new("saml.metadata_html"));
    let why = apply(&tested, Command::Enable, &facts, now()).unwrap_err();
    assert_eq!(codes(&why), ["saml.metadata_html"], "an error keeps it from being enabled");
}

#[test]
fn what_provisioning_notices_does_not_block_provisioning() {
    let tested = in_state(State::Tested);
    let mut facts = facts(&tested);
    facts.observations.provisioning = vec![Note::new("scim.group_push_off")];
    assert!(apply(&tested, Command::SetUpScim, &facts, now()).is_ok());
}

#[test]
fn a_draft_warns_of_nothing() {
    let observations = Observations::default();
    assert!(setup_warnings(&in_state(State::Draft), &observations, now()).is_empty());
}

#[test]
fn what_has_come_over_provisioning_is_judged_where_it_counts() {
    let people = Accounts::new("c1", "a1", [Account::of("c1", "u1")]).unwrap();
    let mut pushed = PushedGroups::new(&people, "p1");
    for n in 0..12 {
        pushed.add(format!("g{n:02}"), format!("Group {n:02}"), ["u1"]).unwrap();
    }
    let provisioned = Provisioned { accounts: 1, signing_in_only: 0, groups: &pushed, token_owner: None };
    let notes = |connection| provisioning_notes(&connection, &provisioned);
    let [note] = &notes(with_scim(State::Enabled))[..] else { panic!("one note") };
    assert_eq!(note.code, "scim.group_not_mapped");
    let actual = note.actual.as_deref().unwrap();
    assert!(actual.starts_with("Group 00, Group 01") && actual.ends_with("Group 09, and 2 more"), "{actual}");
    assert_eq!(notes(with_scim(State::Tested)), [], "nothing can be mapped yet");
    assert_eq!(notes(in_state(State::Enabled)), [], "provisioning is not set up");
    let by_login = run(with_scim(State::Enabled), [Command::SetGroupSource(GroupSource::Login)]);
    assert_eq!(notes(by_login), [], "pushed groups count for nothing");
}
