//! Set-up links: what they open, for how long, and that nobody can read or change one.

use std::time::Duration;

use admittance::connection::setup_link::{self, Enabling, LinkError, LinkOptions, SetUpGrant, Task};
use admittance::connection::{
    Actor, Command, Confirmation, Connection, Domains, NewConnection, State, apply,
};
use admittance::crypto::SealingKey;

use super::fixture::{Counter, codes, create, facts, in_state, later, now, run, token, typed, with_scim};

const DAY: u64 = 24 * 60 * 60;

fn key() -> SealingKey {
    SealingKey::new([7; 32]).unwrap()
}

fn linked(connection: Connection, options: &LinkOptions) -> (Connection, String) {
    let connection = run(connection, [Command::NewSetUpLink]);
    let link = setup_link::seal(&connection, options, &key(), &mut Counter(1), now()).unwrap();
    (connection, link)
}

fn open(link: &str, connection: &Connection, seconds: u64) -> Result<SetUpGrant, String> {
    setup_link::open(link, connection, &key(), later(seconds))
        .map(|(grant, _)| grant)
        .map_err(|diagnosis| diagnosis.code.clone())
}

#[test]
fn a_link_opens_for_five_days_and_leaves_an_event() {
    let (connection, link) = linked(in_state(State::Draft), &LinkOptions::new([Task::Sso]));
    let (grant, event) = setup_link::open(&link, &connection, &key(), later(5 * DAY - 1)).unwrap();
    assert_eq!(grant.tasks(), &[Task::Sso].into());
    assert_eq!(grant.expires(), later(5 * DAY));
    assert_eq!((event.event.as_str(), event.actor.as_str()), ("connection.link_used", "set-up link 1"));
    assert_eq!(open(&link, &connection, 5 * DAY), Err("setup_link.expired".to_owned()));
}

#[test]
fn thirty_days_at_most_and_something_to_open() {
    let connection = in_state(State::Draft);
    let mut options = LinkOptions::new([Task::Sso]);
    let seal = |options: &LinkOptions| {
        setup_link::seal(&connection, options, &key(), &mut Counter(1), now()).map(|_| ())
    };
    options.life = Duration::from_secs(30 * DAY);
    assert_eq!(seal(&options), Ok(()));
    options.life = Duration::from_secs(30 * DAY + 1);
    assert_eq!(seal(&options), Err(LinkError::LifeTooLong));
    assert_eq!(seal(&LinkOptions::new([])), Err(LinkError::NoTask));
}

#[test]
fn a_new_link_ends_the_earlier_one() {
    let (connection, first) = linked(in_state(State::Draft), &LinkOptions::new([Task::Sso]));
    let grant = open(&first, &connection, 0).unwrap();
    let (connection, second) = linked(connection, &LinkOptions::new([Task::Sso]));
    assert_eq!(open(&first, &connection, 0), Err("setup_link.superseded".to_owned()));
    assert!(open(&second, &connection, 0).is_ok());
    let mut facts = facts(&connection);
    facts.actor = Actor::SetUpLink(grant);
    let why = apply(&connection, create(), &facts, now()).unwrap_err();
    assert_eq!(codes(&why), ["setup_link.superseded"], "nor does what was opened with it");
}

#[test]
fn nobody_reads_or_changes_a_link() {
    let (connection, link) = linked(in_state(State::Draft), &LinkOptions::new([Task::Sso]));
    let invalid = Err("setup_link.invalid".to_owned());
    for at in 0..link.len() {
        let mut changed = link.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // The last character has bits that carry nothing
        assert!(open(&changed, &connection, 0) == invalid || at + 1 == link.len(), "{at}");
    }
    for text in ["", "x", &link[1..], &link[..link.len() - 4], &format!("{link}AAAA"), &"A".repeat(10_000)] {
        assert_eq!(open(text, &connection, 0), invalid);
    }
    let other_key = SealingKey::new([8; 32]).unwrap();
    assert_eq!(
        setup_link::open(&link, &connection, &other_key, now()).unwrap_err().code,
        "setup_link.invalid"
    );
    let again = setup_link::seal(&connection, &LinkOptions::new([Task::Sso]), &key(), &mut Counter(9), now());
    assert_ne!(again.unwrap(), link, "the nonce differs");
    assert!(!format!("{:?}", key()).contains('7'));
}

#[test]
fn a_link_is_for_one_connection() {
    let (_, link) = linked(in_state(State::Draft), &LinkOptions::new([Task::Sso]));
    let other = Connection::new(NewConnection { id: "c2", name: "Other", enterprise_key: "other" });
    let other = run(other, [Command::NewSetUpLink]);
    assert_eq!(open(&link, &other, 0), Err("setup_link.invalid".to_owned()));
}

#[test]
fn a_link_does_its_tasks_and_nothing_else() {
    let by_link = |connection: &Connection, options: &LinkOptions, command: Command, seconds| {
        let (connection, link) = linked(connection.clone(), options);
        let mut facts = facts(&connection);
        facts.actor = Actor::SetUpLink(open(&link, &connection, 0).unwrap());
        apply(&connection, command, &facts, later(seconds))
            .map(|(after, events)| (after.state(), events[0].actor.clone()))
            .map_err(|refused| refused[0].code.clone())
    };
    let sso = LinkOptions::new([Task::Sso]);
    let ok = |state| Ok((state, "set-up link 1".to_owned()));
    let denied = |code: &str| Err(code.to_owned());
    let draft = in_state(State::Draft);
    assert_eq!(by_link(&draft, &sso, create(), 0), ok(State::Created));
    assert_eq!(by_link(&draft, &sso, create(), 5 * DAY), denied("setup_link.expired"));
    let domains = || Command::SetDomains(Domains::default());
    assert_eq!(by_link(&draft, &sso, domains(), 0), denied("setup_link.task_not_granted"));
    assert_eq!(by_link(&draft, &LinkOptions::new([Task::Domain]), domains(), 0), ok(State::Draft));
    assert_eq!(
        by_link(&draft, &LinkOptions::new([Task::Domain]), create(), 0),
        denied("setup_link.task_not_granted")
    );

    let tested = in_state(State::Tested);
    assert_eq!(by_link(&tested, &sso, Command::Enable, 0), denied("setup_link.task_not_granted"));
    let mut enabling = sso.clone();
    enabling.enabling = Enabling::Allow;
    assert_eq!(by_link(&tested, &enabling, Command::Enable, 0), ok(State::Enabled));

    let every = LinkOptions::new([Task::Sso, Task::Scim, Task::Domain, Task::Certificate]);
    let enabled = with_scim(State::Enabled);
    assert_eq!(by_link(&enabled, &every, Command::GenerateToken(token("t1")), 0), ok(State::Enabled));
    for command in [
        Command::Delete(typed("Acme")),
        Command::Disable,
        Command::RemoveScim(Confirmation::Given),
        Command::NewSetUpLink,
    ] {
        assert_eq!(by_link(&enabled, &every, command, 0), denied("connection.not_administrator"));
    }
}
