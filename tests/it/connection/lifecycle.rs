//! Every command in every state: where it leads, or why it is refused.

use admittance::connection::{
    ClientRegistration, Command, Confirmation, Connection, ConnectionPolicy, Domains, IdpSource, Preset,
    Reach, State, Test, TestStatus, accepts_scim, accepts_sign_in, apply, default_mapping,
};
use admittance::groups::GroupSource;
use admittance::scim::access::Scopes;
use admittance::scim::token::{Bearer, NewToken, TokenError, authenticate, generate};

use super::fixture::{
    Counter, by_url, client, codes, create, facts, in_state, later, metadata, new, now, okta_oidc, refused,
    report, run, step, token, token_until, typed, with_scim,
};

const STATES: [State; 6] =
    [State::Draft, State::Created, State::Tested, State::Enabled, State::Disabled, State::Deleted];

/// A cell of the table: the state it leads to, or the code of the refusal.
type Cell = Result<State, &'static str>;

/// What a command does in the six states of [`STATES`], with provisioning set up or not.
struct Row {
    name: &'static str,
    scim: bool,
    command: fn(&Connection) -> Command,
    cells: [Cell; 6],
}

const NO: Cell = Err("connection.wrong_state");

fn rows() -> Vec<Row> {
    use State::{Created, Deleted, Disabled, Draft, Enabled, Tested};
    let row = |name, command, cells| Row { name, scim: false, command, cells };
    let scim_row = |name, command, cells| Row { name, scim: true, command, cells };
    vec![
        row("Choose", |_| Command::Choose(Preset::EntraSaml), [Ok(Draft), NO, NO, NO, NO, NO]),
        row(
            "SetIdp",
            |_| Command::SetIdp {
                source: IdpSource::MetadataUrl("https://idp.example/other".to_owned()),
                reach: Some(Reach::Metadata(metadata())),
            },
            [Ok(Draft), Ok(Draft), Ok(Draft), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "SetClient",
            |_| Command::SetClient(client()),
            [Err("connection.wrong_protocol"); 5]
                .into_iter()
                .chain([NO])
                .collect::<Vec<_>>()
                .try_into()
                .unwrap(),
        ),
        row("Create", |_| create(), [Ok(Created), NO, NO, NO, NO, NO]),
        row(
            "SetMapping",
            |_| Command::SetMapping(Box::new(default_mapping(Preset::OktaOidc))),
            [NO, Ok(Created), Ok(Created), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "SetPolicy",
            |_| Command::SetPolicy(Box::default()),
            [Ok(Draft), Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "SetGroupSource Login",
            |_| Command::SetGroupSource(GroupSource::Login),
            [Ok(Draft), Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "SetGroupSource Scim, without provisioning",
            |_| Command::SetGroupSource(GroupSource::Scim),
            [Err("groups.source_not_possible"); 5]
                .into_iter()
                .chain([NO])
                .collect::<Vec<_>>()
                .try_into()
                .unwrap(),
        ),
        scim_row(
            "SetGroupSource Scim",
            |_| Command::SetGroupSource(GroupSource::Scim),
            [Ok(Draft), Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "SetDomains",
            |_| Command::SetDomains(Domains::default()),
            [Ok(Draft), Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "RecordTest, passed",
            |connection| Command::RecordTest(Box::new(report(connection, TestStatus::Ok))),
            [NO, Ok(Tested), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "RecordTest, with warnings",
            |connection| Command::RecordTest(Box::new(report(connection, TestStatus::Warnings))),
            [NO, Ok(Tested), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "RecordTest, failed",
            |connection| Command::RecordTest(Box::new(report(connection, TestStatus::Failed))),
            [NO, Ok(Created), Ok(Created), Ok(Enabled), Ok(Disabled), NO],
        ),
        row("Enable", |_| Command::Enable, [NO, NO, Ok(Enabled), Ok(Enabled), Ok(Enabled), NO]),
        row("Disable", |_| Command::Disable, [NO, NO, NO, Ok(Disabled), NO, NO]),
        row("SetUpScim", |_| Command::SetUpScim, [NO, NO, Ok(Tested), Ok(Enabled), Ok(Disabled), NO]),
        row(
            "GenerateToken, without provisioning",
            |_| Command::GenerateToken(token("t1")),
            [Err("scim.not_set_up"); 5].into_iter().chain([NO]).collect::<Vec<_>>().try_into().unwrap(),
        ),
        scim_row(
            "GenerateToken",
            |_| Command::GenerateToken(token("t1")),
            [Ok(Draft), Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        scim_row(
            "RevokeToken, unknown",
            |_| Command::RevokeToken { id: "t1".to_owned() },
            [Err("scim.token_unknown"); 5].into_iter().chain([NO]).collect::<Vec<_>>().try_into().unwrap(),
        ),
        row(
            "RemoveScim, without provisioning",
            |_| Command::RemoveScim(Confirmation::Given),
            [Err("scim.not_set_up"); 5].into_iter().chain([NO]).collect::<Vec<_>>().try_into().unwrap(),
        ),
        scim_row(
            "RemoveScim",
            |_| Command::RemoveScim(Confirmation::Given),
            [Ok(Draft), Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        scim_row(
            "SetGroupMapping",
            |_| Command::SetGroupMapping { organization: "org-a".into(), groups: ["g1".into()].into() },
            [NO, NO, NO, Ok(Enabled), NO, NO],
        ),
        scim_row(
            "MapAll",
            |_| Command::MapAll {
                groups: ["g1".into(), "g2".into()].into(),
                organizations: ["org-a".into(), "org-b".into()].into(),
                confirmation: Confirmation::Given,
            },
            [NO, NO, NO, Ok(Enabled), NO, NO],
        ),
        row(
            "Refresh",
            |_| Command::Refresh(Reach::Metadata(metadata())),
            [NO, Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "NewSetUpLink",
            |_| Command::NewSetUpLink,
            [Ok(Draft), Ok(Created), Ok(Tested), Ok(Enabled), Ok(Disabled), NO],
        ),
        row(
            "Delete",
            |_| Command::Delete(typed("Acme")),
            [Ok(Deleted), Ok(Deleted), Ok(Deleted), Ok(Deleted), Ok(Deleted), NO],
        ),
    ]
}

#[test]
fn every_command_in_every_state() {
    for Row { name, scim, command, cells } in rows() {
        for (state, cell) in STATES.into_iter().zip(cells) {
            let before = if scim { with_scim(state) } else { in_state(state) };
            assert_eq!(before.state(), state);
            let outcome = apply(&before, command(&before), &facts(&before), now());
            match (&outcome, cell) {
                (Ok((after, events)), Ok(expected)) => {
                    assert_eq!(after.state(), expected, "{name} from {state:?}");
                    let idle = name == "Enable" && state == State::Enabled;
                    assert_eq!(events.len(), usize::from(!idle), "{name} from {state:?}");
                    assert_eq!(after.version(), before.version() + u64::from(!idle), "{name} from {state:?}");
                }
                (Err(refused), Err(code)) => {
                    assert_eq!(codes(refused)[0], code, "{name} from {state:?}");
                }
                (outcome, _) => panic!("{name} from {state:?} gave {outcome:#?}, wanted {cell:?}"),
            }
        }
    }
}

#[test]
fn every_event_has_its_name_and_says_who_and_what() {
    let names = [
        (Command::Choose(Preset::OktaSaml), State::Draft, "connection.created"),
        (by_url(), State::Draft, "connection.idp_changed"),
        (create(), State::Draft, "connection.reached"),
        (
            Command::SetMapping(Box::new(default_mapping(Preset::OktaOidc))),
            State::Created,
            "connection.mapping_changed",
        ),
        (Command::SetPolicy(Box::default()), State::Draft, "connection.policy_changed"),
        (Command::Enable, State::Tested, "connection.enabled"),
        (Command::Disable, State::Enabled, "connection.disabled"),
        (Command::SetUpScim, State::Tested, "scim.configured"),
        (Command::Refresh(Reach::Metadata(metadata())), State::Created, "connection.certificates_changed"),
        (Command::Delete(typed("Acme")), State::Draft, "connection.deleted"),
    ];
    for (command, state, name) in names {
        let before = in_state(state);
        let (after, events) = step(&before, command);
        let [event] = &events[..] else { panic!("{name}: {events:?}") };
        assert_eq!(event.event, name);
        assert_eq!(event.actor, "grace");
        assert_eq!(event.at, now());
        assert_eq!(event.connection, *before.id());
        assert_eq!((event.version_before, event.version_after), (before.version(), after.version()));
    }
    let scim = with_scim(State::Enabled);
    let (scim, events) = step(&scim, Command::GenerateToken(token("t1")));
    assert_eq!(
        (events[0].event.as_str(), &events[0].changed[..]),
        ("scim.token_created", &["scim_tokens".to_owned()][..])
    );
    let (scim, events) = step(&scim, Command::RevokeToken { id: "t1".to_owned() });
    assert_eq!(events[0].event, "scim.token_revoked");
    let mapping = Command::SetGroupMapping { organization: "org-a".into(), groups: ["g1".into()].into() };
    let (scim, events) = step(&scim, mapping);
    assert_eq!(events[0].event, "mapping.changed");
    let (_, events) = step(&scim, Command::RemoveScim(Confirmation::Given));
    assert_eq!(events[0].event, "scim.removed");
}

#[test]
fn nothing_but_a_choice_comes_first() {
    let new = new();
    assert_eq!(codes(&refused(&new, by_url())), ["connection.incomplete"]);
    assert_eq!(codes(&refused(&new, Command::SetPolicy(Box::default()))), ["connection.incomplete"]);
    let chosen = run(new, [Command::Choose(Preset::JumpcloudSaml)]);
    assert_eq!(chosen.state(), State::Draft);
}

#[test]
fn a_new_choice_forgets_what_was_entered() {
    let draft = in_state(State::Draft);
    assert!(draft.source().is_some());
    let chosen = run(draft, [Command::Choose(Preset::CustomOidc)]);
    assert_eq!((chosen.source(), chosen.client(), chosen.provider()), (None, None, None));
    assert_eq!(chosen.mapping().login.source.claim(), "preferred_username");
}

#[test]
fn create_names_every_field_that_is_missing() {
    let saml = run(new(), [Command::Choose(Preset::OktaSaml)]);
    let missing = refused(&saml, create());
    assert_eq!(codes(&missing), ["connection.incomplete"]);
    assert_eq!(
        missing[0].message,
        "The set-up is not finished: step 2, Configure connection, lacks 'Metadata URL'."
    );
    let oidc = run(new(), [Command::Choose(Preset::OktaOidc)]);
    let missing = refused(&oidc, Command::Create(Reach::NothingToFetch));
    assert_eq!(codes(&missing), ["connection.incomplete", "connection.incomplete"]);
    let without_secret = ClientRegistration { client_secret: None, ..client() };
    let oidc = run(okta_oidc(), [Command::SetClient(without_secret)]);
    let missing = refused(&oidc, Command::Create(Reach::NothingToFetch));
    assert!(missing[0].message.contains("'Client Secret'"), "{}", missing[0].message);
}

#[test]
fn create_needs_what_was_fetched() {
    let draft = in_state(State::Draft);
    assert_eq!(codes(&refused(&draft, Command::Create(Reach::NothingToFetch))), ["connection.incomplete"]);
    let not_reached = Command::Create(Reach::NotReached { reason: "timed out after 10 s".to_owned() });
    let diagnoses = refused(&draft, not_reached);
    assert_eq!(codes(&diagnoses), ["saml.metadata_unreachable"]);
    assert!(diagnoses[0].message.contains("timed out after 10 s"));
}

#[test]
fn a_mapping_without_login_or_email_is_refused() {
    let created = in_state(State::Created);
    let mut mapping = default_mapping(Preset::OktaSaml);
    mapping.login = admittance::profile::Rule::attr(" ");
    mapping.email = admittance::profile::Rule::attr("");
    let missing = refused(&created, Command::SetMapping(Box::new(mapping)));
    let fields: Vec<bool> = missing
        .iter()
        .map(|missing| missing.message.contains("'login'") || missing.message.contains("'email'"))
        .collect();
    assert_eq!(fields, [true, true]);
}

#[test]
fn a_test_report_of_another_version_or_connection_is_refused() {
    let created = in_state(State::Created);
    let report_of_now = report(&created, TestStatus::Ok);
    let changed = run(created, [Command::SetDomains(Domains::default())]);
    let stale = refused(&changed, Command::RecordTest(Box::new(report_of_now)));
    assert_eq!(codes(&stale), ["test.stale"]);
    let mut other = report(&changed, TestStatus::Ok);
    other.connection = "c2".into();
    assert_eq!(codes(&refused(&changed, Command::RecordTest(Box::new(other)))), ["test.stale"]);
}

#[test]
fn a_failed_test_of_an_enabled_connection_keeps_it_enabled() {
    let enabled = super::fixture::test(in_state(State::Enabled), TestStatus::Failed);
    assert_eq!(enabled.state(), State::Enabled);
    assert_eq!(enabled.test(), &Test::Failed { at: now() });
}

#[test]
fn enabling_needs_a_fresh_test_and_no_second_connection() {
    let disabled =
        run(in_state(State::Disabled), [Command::SetMapping(Box::new(default_mapping(Preset::OktaOidc)))]);
    let why = refused(&disabled, Command::Enable);
    assert_eq!(codes(&why), ["connection.test_missing"]);
    assert!(why[0].is_error());
    assert!(why[0].message.contains("since mapping changed"), "{}", why[0].message);

    let tested = in_state(State::Tested);
    let mut facts = facts(&tested);
    facts.enabled.others = vec!["c7".into()];
    let why = apply(&tested, Command::Enable, &facts, now()).unwrap_err();
    assert_eq!(codes(&why), ["connection.second_enabled"]);
    let why = apply(
        &new(),
        Command::Choose(Preset::OktaSaml),
        &{
            facts.version = 0;
            facts.clone()
        },
        now(),
    )
    .unwrap_err();
    assert_eq!(codes(&why), ["connection.second_enabled"]);
    facts.version = tested.version();
    facts.enabled.several = admittance::connection::SeveralConnections::Allow;
    assert!(apply(&tested, Command::Enable, &facts, now()).is_ok());
}

#[test]
fn policies_drop_the_test_only_where_they_change_sign_in() {
    let tested = in_state(State::Tested);
    let mut policy = ConnectionPolicy::default();
    policy.groups.max_removals = admittance::groups::MaxRemovals::Count(3);
    let same = run(tested.clone(), [Command::SetPolicy(Box::new(policy.clone()))]);
    assert!(same.test().is_fresh());
    policy.saml.signed = admittance::saml::web_sso::Signed::Both;
    let changed = run(same, [Command::SetPolicy(Box::new(policy))]);
    assert_eq!(changed.test(), &Test::Dropped { by: "policy".to_owned() });
    assert_eq!(changed.state(), State::Tested);
    assert_eq!(codes(&refused(&changed, Command::Enable)), ["connection.test_missing"]);
    let again = super::fixture::test(changed, TestStatus::Ok);
    assert_eq!(run(again, [Command::Enable]).state(), State::Enabled);
}

#[test]
fn one_group_source_at_a_time() {
    let tested = in_state(State::Tested);
    assert_eq!(tested.group_source(), GroupSource::Login);
    let scim = run(tested, [Command::SetUpScim]);
    assert_eq!(scim.group_source(), GroupSource::Scim);
    let without = run(scim, [Command::RemoveScim(Confirmation::Given)]);
    assert_eq!(without.group_source(), GroupSource::Login);

    let jumpcloud = run(super::fixture::saml(Preset::JumpcloudSaml, State::Enabled), [Command::SetUpScim]);
    assert_eq!(jumpcloud.group_source(), GroupSource::Login, "JumpCloud sends no groups over SCIM");
    let why = refused(&jumpcloud, Command::SetGroupSource(GroupSource::Scim));
    assert_eq!(codes(&why), ["groups.source_not_possible"]);
    let mapping = Command::SetGroupMapping { organization: "org-a".into(), groups: ["g1".into()].into() };
    assert_eq!(codes(&refused(&jumpcloud, mapping)), ["groups.source_not_possible"]);
}

#[test]
fn sign_in_only_presets_have_no_provisioning() {
    for preset in [Preset::GoogleWorkspace, Preset::Adfs] {
        let tested = super::fixture::saml(preset, State::Tested);
        assert_eq!(codes(&refused(&tested, Command::SetUpScim)), ["scim.not_offered"], "{preset}");
    }
}

#[test]
fn what_each_state_lets_through() {
    for state in STATES {
        let connection = with_scim(state);
        assert_eq!(accepts_sign_in(&connection).is_ok(), state == State::Enabled, "{state:?}");
        let scim = matches!(state, State::Tested | State::Enabled);
        assert_eq!(accepts_scim(&connection).is_ok(), scim, "{state:?}");
    }
    let why = accepts_sign_in(&in_state(State::Disabled)).unwrap_err();
    assert_eq!((why.code.as_str(), why.is_error()), ("connection.disabled", true));
    assert_eq!(accepts_scim(&in_state(State::Enabled)).unwrap_err().code, "scim.not_set_up");
}

#[test]
fn deleting_drops_tokens_and_mapping_and_nothing_else_is_known_of_groups() {
    let mapping = Command::SetGroupMapping { organization: "org-a".into(), groups: ["g1".into()].into() };
    let enabled = run(with_scim(State::Enabled), [Command::GenerateToken(token("t1")), mapping]);
    let why = refused(&enabled, Command::Delete(typed("acme")));
    assert_eq!(codes(&why), ["connection.not_confirmed"]);
    assert_eq!(why[0].expected.as_deref(), Some("Acme"));
    let deleted = run(enabled, [Command::Delete(typed("Acme"))]);
    assert_eq!(deleted.state(), State::Deleted);
    assert_eq!(deleted.scim(), None);
    assert!(deleted.group_mapping().is_empty());
}

#[test]
fn five_live_tokens_at_most() {
    let five = (0..5).map(|n| Command::GenerateToken(token(&format!("t{n}"))));
    let full = run(with_scim(State::Enabled), five);
    let why = refused(&full, Command::GenerateToken(token("t5")));
    assert_eq!(codes(&why), ["scim.too_many_tokens"]);
    assert!(why[0].message.contains("5 are allowed"));
    let room = run(full, [Command::RevokeToken { id: "t2".to_owned() }]);
    assert_eq!(codes(&refused(&room, Command::GenerateToken(token("t3")))), ["connection.invalid_setting"]);
    let again = run(room, [Command::GenerateToken(token("t5"))]);
    assert_eq!(again.scim().unwrap().tokens.len(), 5);
}

#[test]
fn a_token_is_made_and_checked_as_it_is_stored() {
    let connection = with_scim(State::Enabled);
    let new = NewToken { prefix: "acme", label: "Okta", scopes: Scopes::all(), expires_at: None };
    let stored = &connection.scim().unwrap().tokens;
    let (shown_once, record) = generate(new, stored, &mut Counter(1), now()).unwrap();
    let mut connection = run(connection, [Command::GenerateToken(record)]);
    let stored = serde_json::to_string(&connection).unwrap();
    assert!(!stored.contains(shown_once.expose()));

    let mut headers = http::HeaderMap::new();
    headers.insert("authorization", format!("Bearer {}", shown_once.expose()).parse().unwrap());
    let bearer = Bearer::from_headers(&headers).unwrap();
    let check = |connection: &Connection| {
        authenticate(&bearer, &connection.scim().unwrap().tokens, "c1", now()).map(|valid| valid.id)
    };
    let id = check(&connection).unwrap();

    let version = connection.version();
    assert!(!connection.token_used("another", now()));
    assert!(connection.token_used(&id, now()));
    assert!(!connection.token_used(&id, later(59)), "at most once a minute");
    assert!(connection.token_used(&id, later(60)));
    assert_eq!(connection.scim().unwrap().tokens[0].last_used_at, Some(later(60)));
    assert_eq!(connection.version(), version, "a use is no command");

    let revoked = run(connection, [Command::RevokeToken { id }]);
    assert_eq!(check(&revoked), Err(TokenError::Wrong));
}

#[test]
fn tokens_that_have_ended_make_room() {
    let ended = (0..5).map(|n| Command::GenerateToken(token_until(&format!("t{n}"), later(60))));
    let full = run(with_scim(State::Enabled), ended);
    let mut facts = facts(&full);
    facts.licence = admittance::connection::Licence::Enterprise;
    let end = later(60);
    let (after, _) = apply(&full, Command::GenerateToken(token("t5")), &facts, end).unwrap();
    let ids: Vec<&str> = after.scim().unwrap().tokens.iter().map(|token| token.id.as_str()).collect();
    assert_eq!(ids, ["t5"]);
}

#[test]
fn mapping_all_is_every_pair_and_needs_a_confirmation() {
    let enabled = with_scim(State::Enabled);
    let map_all = |confirmation| Command::MapAll {
        groups: ["g1".into(), "g2".into()].into(),
        organizations: ["org-a".into(), "org-b".into()].into(),
        confirmation,
    };
    assert_eq!(codes(&refused(&enabled, map_all(Confirmation::None))), ["connection.not_confirmed"]);
    let mapped = run(enabled, [map_all(Confirmation::Given)]);
    assert_eq!(mapped.group_mapping().pairs().count(), 4);
    assert_eq!(mapped.group_mapping().revision().as_str(), mapped.version().to_string());
    let emptied = Command::SetGroupMapping { organization: "org-a".into(), groups: [].into() };
    let refined = run(mapped, [emptied]);
    assert_eq!(refined.group_mapping().pairs().count(), 2);
}

#[test]
fn a_stored_connection_reads_back_as_it_was_and_holds_no_secret() {
    let connection = run(with_scim(State::Enabled), [Command::GenerateToken(token("t1"))]);
    let text = serde_json::to_string(&connection).unwrap();
    assert_eq!(serde_json::from_str::<Connection>(&text).unwrap(), connection);
    assert!(text.starts_with(r#"{"format":1,"#));
    let later = text.replacen(r#""format":1"#, r#""format":2"#, 1);
    assert!(serde_json::from_str::<Connection>(&later).is_err(), "a later release's value is not half-read");
    assert!(!format!("{connection:?}").contains(&"00".repeat(32)), "not even the digest is shown");
}
