//! Email domains: claim, proof, discovery.

use admittance::connection::{
    AllowedDomains, Command, Connection, Discovery, Domain, DomainName, DomainStatus, Domains, NewConnection,
    Preset, State, Test, TestStatus, apply, discover,
};

use super::fixture::{Counter, by_url, codes, create, facts, in_state, later, now, run, test};

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn claimed(text: &str) -> Domain {
    Domain::claim(name(text), &mut Counter(1)).unwrap()
}

fn verified(text: &str) -> Domain {
    let domain = claimed(text);
    let record = domain.record_value();
    domain.check([record.as_str()], now())
}

fn domains(claimed: impl IntoIterator<Item = Domain>) -> Domains {
    let mut domains = Domains::default();
    domains.claimed = claimed.into_iter().collect();
    domains
}

fn with_domains(id: &str, state: State, list: Domains) -> Connection {
    let connection = Connection::new(NewConnection { id, name: "Acme", enterprise_key: id });
    let connection =
        run(connection, [Command::Choose(Preset::OktaSaml), by_url(), create(), Command::SetDomains(list)]);
    let connection = test(connection, TestStatus::Ok);
    if state == State::Enabled { run(connection, [Command::Enable]) } else { connection }
}

#[test]
fn names_compare_as_lower_case_a_labels() {
    for (text, ascii) in [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        (" example.com ", "example.com"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
    ] {
        assert_eq!(name(text).as_str(), ascii);
    }
    for text in [
        "",
        "example",
        "a@example.com",
        "https://example.com",
        "example.com/x",
        "10.0.0.1",
        "a..b",
        "*.example.com",
    ] {
        assert_eq!(DomainName::parse(text).map_err(|error| error.code()), Err("domain.invalid"), "{text}");
    }
}

#[test]
fn the_proof_is_a_txt_record() {
    let domain = claimed("example.com");
    assert_eq!(domain.status(), DomainStatus::Pending);
    assert_eq!(domain.record_name(), "_admittance-challenge.example.com");
    let value = domain.record_value();
    assert_ne!(value, Domain::claim(name("example.com"), &mut Counter(2)).unwrap().record_value());
    let ask = domain.diagnosis().unwrap();
    assert!(ask.message.contains(&value) && ask.message.contains("_admittance-challenge.example.com"));

    assert_eq!(domain.check([], now()).status(), DomainStatus::Failed);
    assert_eq!(domain.check(["v=spf1 -all", "admittance-domain="], now()).status(), DomainStatus::Failed);
    let verified = domain.check(["v=spf1 -all", &value], now());
    assert_eq!((verified.status(), verified.checked_at()), (DomainStatus::Verified, Some(now())));
    assert_eq!(verified.diagnosis(), None);
    let lost = verified.check([], later(60));
    assert_eq!(lost.status(), DomainStatus::Failed, "who lost the domain has lost the proof");
}

#[test]
fn public_mail_domains_and_those_of_others_are_refused() {
    let draft = in_state(State::Draft);
    let mut facts = facts(&draft);
    facts.other_domains.public_mail = [name("mail.example")].into();
    facts.other_domains.taken = [name("example.com")].into();
    let set = |domain| Command::SetDomains(domains([domain]));
    let why = apply(&draft, set(claimed("Mail.example")), &facts, now()).unwrap_err();
    assert_eq!(codes(&why), ["domain.public_mail"]);
    let why = apply(&draft, set(verified("example.com")), &facts, now()).unwrap_err();
    assert_eq!(codes(&why), ["domain.taken"]);
    assert!(apply(&draft, set(claimed("example.com")), &facts, now()).is_ok(), "asking is free");
    assert!(apply(&draft, set(verified("sub.example.com")), &facts, now()).is_ok(), "another domain");
}

#[test]
fn discovery_finds_enabled_connections_by_exact_verified_domain() {
    let acme =
        with_domains("acme", State::Enabled, domains([verified("acme.example"), claimed("pending.example")]));
    let draft = with_domains("draft", State::Tested, domains([verified("draft.example")]));
    let second = with_domains(
        "second",
        State::Enabled,
        domains([verified("acme.example"), verified("xn--bcher-kva.example")]),
    );
    let all = [&second, &draft, &acme];
    let one = |id: &str| Discovery::One(id.into());
    for (email, found) in [
        ("ada@acme.example", Discovery::Several(vec!["acme".into(), "second".into()])),
        (" nobody@ACME.example ", Discovery::Several(vec!["acme".into(), "second".into()])),
        ("ada@bücher.example", one("second")),
        ("ada@sub.acme.example", Discovery::None),
        ("ada@example", Discovery::None),
        ("ada@draft.example", Discovery::None),
        ("ada@pending.example", Discovery::None),
        ("acme.example", Discovery::None),
        ("", Discovery::None),
    ] {
        assert_eq!(discover(email, all), found, "{email}");
    }
    assert_eq!(discover("ada@acme.example", [&acme]), one("acme"));
    assert_eq!(discover("ada@acme.example", []), Discovery::None);
}

#[test]
fn restricting_domains_needs_a_new_test() {
    let tested = in_state(State::Tested);
    let mut list = domains([verified("example.com")]);
    let unrestricted = run(tested, [Command::SetDomains(list.clone())]);
    assert!(unrestricted.test().is_fresh());
    list.allowed = AllowedDomains::Verified;
    let restricted = run(unrestricted, [Command::SetDomains(list)]);
    assert_eq!(restricted.test(), &Test::Dropped { by: "domains".to_owned() });
}
