//! Connections in every state, and facts under which everything is possible.

use admittance::connection::{
    Actor, AuditEvent, ClientRegistration, Command, Confirmation, Connection, Diagnosis, Facts, IdpSource,
    Licence, NewConnection, Preset, Reach, SecretName, State, TestReport, TestStatus, apply,
};
use admittance::entropy::{Entropy, EntropyError};
use admittance::scim::access::Scopes;
use admittance::scim::token::TokenRecord;
use admittance::testing::saml_idp::{SamlIdp, Shape};
use admittance::time::Timestamp;

pub(super) const METADATA_URL: &str = "https://idp.example/saml/metadata";

pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}

pub(super) fn later(seconds: u64) -> Timestamp {
    now().saturating_add(std::time::Duration::from_secs(seconds))
}

/// Different bytes at each call, the same in each run.
pub(super) struct Counter(pub(super) u8);

impl Entropy for Counter {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(5).wrapping_add(17);
            *byte = self.0;
        }
        Ok(())
    }
}

pub(super) fn administrator() -> Actor {
    Actor::EnterpriseAdministrator { name: "grace".to_owned() }
}

/// Everything that the host can know speaks for the command.
pub(super) fn facts(connection: &Connection) -> Facts {
    let mut facts = Facts::new(administrator(), connection.version());
    facts.licence = Licence::Enterprise;
    facts.administrators.enterprise = 1;
    facts.administrators.organizations = [("org-a".into(), 1), ("org-b".into(), 2)].into();
    facts
}

pub(super) fn new() -> Connection {
    Connection::new(NewConnection { id: "c1", name: "Acme", enterprise_key: "acme" })
}

pub(super) fn step(connection: &Connection, command: Command) -> (Connection, Vec<AuditEvent>) {
    apply(connection, command, &facts(connection), now()).unwrap_or_else(|refused| panic!("{refused:#?}"))
}

pub(super) fn run(connection: Connection, commands: impl IntoIterator<Item = Command>) -> Connection {
    commands.into_iter().fold(connection, |connection, command| step(&connection, command).0)
}

pub(super) fn refused(connection: &Connection, command: Command) -> Vec<Diagnosis> {
    apply(connection, command, &facts(connection), now()).unwrap_err()
}

pub(super) fn codes(diagnoses: &[Diagnosis]) -> Vec<&str> {
    diagnoses.iter().map(|diagnosis| diagnosis.code.as_str()).collect()
}

pub(super) fn metadata() -> Vec<u8> {
    SamlIdp::new(1).shaped(Shape::Okta).metadata().unwrap()
}

pub(super) fn by_url() -> Command {
    Command::SetIdp { source: IdpSource::MetadataUrl(METADATA_URL.to_owned()), reach: None }
}

pub(super) fn create() -> Command {
    Command::Create(Reach::Metadata(metadata()))
}

/// A connection over SAML in this state, reached by commands alone.
pub(super) fn in_state(state: State) -> Connection {
    saml(Preset::OktaSaml, state)
}

pub(super) fn saml(preset: Preset, state: State) -> Connection {
    let mut connection = run(new(), [Command::Choose(preset), by_url()]);
    if state == State::Draft {
        return connection;
    }
    connection = run(connection, [create()]);
    if state == State::Created {
        return connection;
    }
    connection = test(connection, TestStatus::Ok);
    match state {
        State::Enabled => run(connection, [Command::Enable]),
        State::Disabled => run(connection, [Command::Enable, Command::Disable]),
        State::Deleted => run(connection, [Command::Delete(typed("Acme"))]),
        _ => connection,
    }
}

/// The same with provisioning.
pub(super) fn with_scim(state: State) -> Connection {
    match state {
        State::Draft => run(with_scim(State::Tested), [by_url()]),
        State::Created => run(with_scim(State::Draft), [create()]),
        State::Tested => run(in_state(State::Tested), [Command::SetUpScim]),
        State::Enabled => run(with_scim(State::Tested), [Command::Enable]),
        State::Disabled => run(with_scim(State::Enabled), [Command::Disable]),
        State::Deleted => run(with_scim(State::Tested), [Command::Delete(typed("Acme"))]),
    }
}

pub(super) fn okta_oidc() -> Connection {
    run(
        new(),
        [
            Command::Choose(Preset::OktaOidc),
            Command::SetIdp { source: IdpSource::OktaDomain("acme.okta.com".to_owned()), reach: None },
            Command::SetClient(client()),
        ],
    )
}

pub(super) fn client() -> ClientRegistration {
    ClientRegistration {
        client_id: "0oa1".to_owned(),
        client_secret: Some(SecretName("vault/acme/okta".to_owned())),
    }
}

pub(super) fn test(connection: Connection, status: TestStatus) -> Connection {
    let report = report(&connection, status);
    run(connection, [Command::RecordTest(Box::new(report))])
}

/// The report of a test of this very version.
pub(super) fn report(connection: &Connection, status: TestStatus) -> TestReport {
    let issuer = connection.provider().and_then(|provider| provider.issuer());
    serde_json::from_value(serde_json::json!({
        "status": status,
        "tested_at": now(),
        "connection": connection.id(),
        "version": connection.version(),
        "protocol": "saml",
        "issuer": issuer,
        "claims": {},
        "groups": { "state": "missing", "matched": [], "unmatched": [] },
        "plan": { "add": [], "remove": [], "organizations": [] },
        "certificates": [],
        "diagnoses": [],
    }))
    .unwrap()
}

pub(super) fn typed(text: &str) -> Confirmation {
    Confirmation::Typed(text.to_owned())
}

pub(super) fn token(id: &str) -> TokenRecord {
    TokenRecord::new(id, "00".repeat(32), "for Okta", Scopes::all(), now())
}

pub(super) fn token_until(id: &str, end: Timestamp) -> TokenRecord {
    let mut token = token(id);
    token.expires_at = Some(end);
    token
}
