use super::command::{Command, Confirmation, Rule};
use super::event::AuditEvent;
use super::facts::{Actor, Facts, Licence};
use super::{idp, provisioning, settings};
use crate::connection::configuration::{Connection, State};
use crate::connection::diagnosis::{Diagnosis, Evidence};
use crate::time::Timestamp;

/// Applies a command to a connection (connection rules §2), or says everything that stands in its way; then nothing
/// has changed.
///
/// 1. The actor may give it: an administrator of the enterprise, a set-up link for its tasks, the host for refreshes
///    and for what switches off. The enterprise has the licence, unless the command leads out of the feature.
/// 2. The version is the connection's own, so that nobody overwrites what somebody else has just changed.
/// 3. It is possible in this state, and only once a preset is chosen.
/// 4. Its own preconditions.
///
/// The version grows by one. Enabling what is enabled does nothing, and leaves no event.
///
/// The host stores the result while the stored version is still the one that was read, and keeps the events. After
/// [`Command::Delete`] the connection is [`State::Deleted`] and the host deletes it: sign-in and provisioning have
/// ended, tokens and group mapping are gone, groups, members and permissions stay.
///
/// # Errors
/// The reasons, each as a [`Diagnosis`]. There is at least one.
pub fn apply(
    connection: &Connection,
    command: Command,
    facts: &Facts,
    now: Timestamp,
) -> Result<(Connection, Vec<AuditEvent>), Vec<Diagnosis>> {
    let worded = |refused: Vec<Evidence>| {
        refused.iter().map(|evidence| Diagnosis::of(evidence, connection.preset())).collect::<Vec<_>>()
    };
    let rule = command.rule();
    may(connection, &command, &rule, facts, now).map_err(worded)?;
    if matches!(command, Command::Enable) && connection.state == State::Enabled {
        return Ok((connection.clone(), Vec::new()));
    }
    let change = change(connection, command, facts, now).map_err(worded)?;
    let mut after = change.connection;
    after.version = connection.version.saturating_add(1);
    let event = AuditEvent {
        event: rule.event.to_owned(),
        actor: facts.actor.to_string(),
        at: now,
        connection: connection.id.clone(),
        version_before: connection.version,
        version_after: after.version,
        changed: change.changed.into_iter().map(str::to_owned).collect(),
    };
    Ok((after, vec![event]))
}

/// A connection after a command, and the names of what has changed.
pub(super) struct Change {
    pub(super) connection: Connection,
    pub(super) changed: Vec<&'static str>,
}

/// Why not.
pub(super) type Refused = Vec<Evidence>;

impl Change {
    pub(super) fn of(connection: Connection, changed: &[&'static str]) -> Self {
        Self { connection, changed: changed.to_vec() }
    }
}

fn change(
    connection: &Connection,
    command: Command,
    facts: &Facts,
    now: Timestamp,
) -> Result<Change, Refused> {
    match command {
        Command::Choose(preset) => settings::choose(connection, preset, facts),
        Command::SetIdp { source, reach } => idp::set_source(connection, source, reach, facts, now),
        Command::SetClient(client) => idp::set_client(connection, client),
        Command::Create(reach) => idp::create(connection, reach, facts, now),
        Command::Refresh(reach) => idp::refresh(connection, reach, facts, now),
        Command::SetMapping(mapping) => settings::set_mapping(connection, *mapping, facts),
        Command::SetPolicy(policy) => settings::set_policy(connection, *policy),
        Command::SetGroupSource(source) => settings::set_group_source(connection, source),
        Command::SetDomains(domains) => settings::set_domains(connection, domains, facts),
        Command::RecordTest(report) => settings::record_test(connection, &report),
        Command::Enable => settings::enable(connection, facts, now),
        Command::Disable => settings::disable(connection, facts),
        Command::NewSetUpLink => Ok(settings::new_set_up_link(connection)),
        Command::Delete(confirmation) => settings::delete(connection, &confirmation, facts),
        Command::SetUpScim => provisioning::set_up(connection, facts, now),
        #[cfg(feature = "scim")]
        Command::GenerateToken(token) => provisioning::generate_token(connection, token, now),
        #[cfg(feature = "scim")]
        Command::RevokeToken { id } => provisioning::revoke_token(connection, &id),
        Command::RemoveScim(confirmation) => provisioning::remove(connection, &confirmation),
        Command::SetGroupMapping { organization, groups } => {
            provisioning::set_group_mapping(connection, organization, groups)
        }
        Command::MapAll { groups, organizations, confirmation } => {
            provisioning::map_all(connection, groups, organizations, &confirmation)
        }
    }
}

fn may(
    connection: &Connection,
    command: &Command,
    rule: &Rule,
    facts: &Facts,
    now: Timestamp,
) -> Result<(), Refused> {
    may_act(connection, command, rule, &facts.actor, now)?;
    if rule.licensed && facts.licence == Licence::Missing {
        return Err(vec![Evidence::failure("connection.not_licensed")]);
    }
    if facts.version != connection.version {
        let refused = Evidence::failure("connection.stale_version").expected(connection.version.to_string());
        return Err(vec![refused.actual(facts.version.to_string())]);
    }
    if !rule.from.contains(&connection.state) {
        let states: Vec<String> = rule.from.iter().map(State::to_string).collect();
        let refused = Evidence::failure("connection.wrong_state").expected(states.join(" or "));
        return Err(vec![refused.actual(connection.state.to_string())]);
    }
    let needs_preset = !matches!(command, Command::Choose(_) | Command::Delete(_) | Command::NewSetUpLink);
    if needs_preset && connection.preset.is_none() {
        return Err(vec![incomplete("the first step", "identity provider or protocol")]);
    }
    Ok(())
}

/// #2: only an administrator of the enterprise; Y9: a link its tasks, never deleting, enabling only if it says so.
fn may_act(
    connection: &Connection,
    command: &Command,
    rule: &Rule,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), Refused> {
    let refused = || Err(vec![Evidence::failure("connection.not_administrator").actual(actor.to_string())]);
    match actor {
        Actor::EnterpriseAdministrator { .. } => Ok(()),
        Actor::Host if rule.host => Ok(()),
        Actor::Host | Actor::Other { .. } => refused(),
        Actor::SetUpLink(grant) => {
            let Some(task) = rule.task else { return refused() };
            grant.may(connection, task, now)?;
            if matches!(command, Command::Enable) { grant.may_enable() } else { Ok(()) }
        }
    }
}

pub(super) fn incomplete(step: &str, field: &str) -> Evidence {
    Evidence::failure("connection.incomplete").expected(step).field(field)
}

pub(super) fn confirmed(confirmation: &Confirmation, text: Option<&str>) -> Result<(), Refused> {
    let given = match (confirmation, text) {
        (Confirmation::None, _) => false,
        (Confirmation::Given, text) => text.is_none(),
        (Confirmation::Typed(typed), Some(text)) => typed == text,
        (Confirmation::Typed(_), None) => true,
    };
    if given {
        return Ok(());
    }
    let mut refused = Evidence::failure("connection.not_confirmed");
    refused.expected = text.map(str::to_owned);
    refused.actual = confirmation.typed().map(str::to_owned);
    Err(vec![refused])
}
