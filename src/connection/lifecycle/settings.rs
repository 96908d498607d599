//! Commands about everything else: mapping, policy, domains, tests, enabling, deleting.

use super::apply::{Change, Refused, confirmed, incomplete};
use super::command::Confirmation;
use super::facts::{Facts, SeveralConnections};
use super::idp::{drop_test, missing_fields};
use super::warnings::setup_warnings;
use crate::connection::configuration::{
    AllowedDomains, Connection, ConnectionPolicy, Domains, SpEntityId, State, Test,
};
use crate::connection::diagnosis::{Diagnosis, Evidence};
use crate::connection::domain::DomainStatus;
#[cfg(feature = "saml")]
use crate::connection::identity_provider::IdentityProvider;
use crate::connection::preset::{Preset, Protocol, ProvisioningPreset};
use crate::connection::preset_mapping::default_mapping;
use crate::connection::test_report::TestReport;
use crate::groups::GroupSource;
use crate::profile::{Mapping, Source};
use crate::time::Timestamp;

/// Choose: everything that depends on the choice begins anew.
pub(super) fn choose(connection: &Connection, preset: Preset, facts: &Facts) -> Result<Change, Refused> {
    no_second_enabled(facts)?;
    let built = match preset.protocol() {
        Protocol::Saml => cfg!(feature = "saml"),
        Protocol::Oidc => cfg!(feature = "oidc"),
    };
    if !built {
        let refused = Evidence::failure("connection.wrong_protocol").field(preset.title());
        return Err(vec![refused.expected("this product")]);
    }
    let mut after = connection.clone();
    let mut changed = vec!["preset", "mapping", "sp_entity_id"];
    if connection.preset != Some(preset) && connection.scim.is_some() {
        // Another identity provider brings its own users and groups
        after.scim = None;
        after.policy.groups.source = GroupSource::Login;
        after.group_mapping.clear();
        changed.extend(["scim", "group_source", "group_mapping"]);
    }
    after.preset = Some(preset);
    after.source = None;
    after.client = None;
    after.provider = None;
    after.reached_at = None;
    after.test = Test::Missing;
    after.mapping = default_mapping(preset);
    after.mapping_version = facts.observations.mapping_version;
    // B7
    after.sp_entity_id = match preset {
        Preset::JumpcloudSaml => SpEntityId::AcsUrl,
        _ => SpEntityId::IdentityId,
    };
    Ok(Change { connection: after, changed })
}

/// SetMapping: Login and Email have rules.
pub(super) fn set_mapping(
    connection: &Connection,
    mapping: Mapping,
    facts: &Facts,
) -> Result<Change, Refused> {
    let named = |source: &Source| !source.claim().trim().is_empty();
    let required = [("login", &mapping.login), ("email", &mapping.email)];
    let mut missing: Vec<Evidence> = required
        .iter()
        .filter(|(_, rule)| !named(&rule.source))
        .map(|(field, _)| incomplete(MAPPING, field))
        .collect();
    let optional = [("name", &mapping.name), ("groups", &mapping.groups)];
    let unnamed = optional.iter().filter(|(_, rule)| rule.as_ref().is_some_and(|rule| !named(&rule.source)));
    missing.extend(unnamed.map(|(field, _)| incomplete(MAPPING, field)));
    if !missing.is_empty() {
        return Err(missing);
    }
    let mut changed = Vec::new();
    if connection.mapping != mapping {
        changed.push("mapping");
    }
    if connection.mapping_version != facts.observations.mapping_version {
        changed.push("mapping_version");
    }
    let mut after = connection.clone();
    after.mapping = mapping;
    after.mapping_version = facts.observations.mapping_version;
    if after.state == State::Tested {
        after.state = State::Created;
    }
    drop_test(&mut after, "mapping");
    Ok(Change { connection: after, changed })
}

/// SetPolicy: its group source is possible.
pub(super) fn set_policy(connection: &Connection, policy: ConnectionPolicy) -> Result<Change, Refused> {
    possible_source(connection, policy.groups.source)?;
    let mut after = connection.clone();
    let affects_sign_in = affects_sign_in(&connection.policy, &policy);
    let changed = if after.policy == policy { Vec::new() } else { vec!["policy"] };
    after.policy = policy;
    if affects_sign_in {
        drop_test(&mut after, "policy");
    }
    Ok(Change { connection: after, changed })
}

/// SetGroupSource: B3.
pub(super) fn set_group_source(connection: &Connection, source: GroupSource) -> Result<Change, Refused> {
    possible_source(connection, source)?;
    let mut after = connection.clone();
    let changed = if after.policy.groups.source == source { Vec::new() } else { vec!["group_source"] };
    after.policy.groups.source = source;
    Ok(Change { connection: after, changed })
}

/// SetDomains: Y12.
pub(super) fn set_domains(
    connection: &Connection,
    domains: Domains,
    facts: &Facts,
) -> Result<Change, Refused> {
    let mut refused = Vec::new();
    for domain in &domains.claimed {
        let name = domain.name();
        if facts.other_domains.public_mail.contains(name) {
            refused.push(Evidence::failure("domain.public_mail").actual(name.as_str()));
        }
        // A claim that is not proven takes nothing from anybody
        if domain.status() == DomainStatus::Verified && facts.other_domains.taken.contains(name) {
            refused.push(Evidence::failure("domain.taken").actual(name.as_str()));
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut after = connection.clone();
    let restricts = |domains: &Domains| domains.allowed == AllowedDomains::Verified;
    let affects_sign_in =
        (restricts(&domains) || restricts(&connection.domains)) && domains != connection.domains;
    let changed = if domains == connection.domains { Vec::new() } else { vec!["domains"] };
    after.domains = domains;
    if affects_sign_in {
        drop_test(&mut after, "domains");
    }
    Ok(Change { connection: after, changed })
}

/// RecordTest: the report is of this connection as it is.
pub(super) fn record_test(connection: &Connection, report: &TestReport) -> Result<Change, Refused> {
    if report.connection != connection.id || report.version != connection.version {
        return Err(vec![
            Evidence::failure("test.stale")
                .expected(connection.version.to_string())
                .actual(report.version.to_string()),
        ]);
    }
    let mut after = connection.clone();
    let mut changed = vec!["test"];
    if report.passed() {
        after.test = Test::Passed { at: report.tested_at };
        if after.state == State::Created {
            after.state = State::Tested;
            changed.push("state");
        }
        if let Some(issuer) = &report.issuer
            && pin(&mut after, issuer)?
        {
            changed.push("issuer");
        }
    } else {
        after.test = Test::Failed { at: report.tested_at };
        if after.state == State::Tested {
            after.state = State::Created;
            changed.push("state");
        }
    }
    Ok(Change { connection: after, changed })
}

/// Enable: a fresh test that has passed, no error, no second one.
pub(super) fn enable(connection: &Connection, facts: &Facts, now: Timestamp) -> Result<Change, Refused> {
    let mut refused = missing_fields(connection);
    if connection.provider.is_none() {
        refused.push(incomplete(super::idp::CONFIGURE, "the identity provider, which was not reached"));
    }
    if !connection.test.is_fresh() {
        refused.push(test_evidence(&connection.test, true));
    }
    refused.extend(no_second_enabled(facts).err().unwrap_or_default());
    let errors = setup_warnings(connection, &facts.observations, now).into_iter().filter(Diagnosis::is_error);
    refused.extend(errors.map(|error| {
        let Diagnosis { code, expected, actual, .. } = error;
        Evidence { expected, actual, ..Evidence::failure(code) }
    }));
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut after = connection.clone();
    after.state = State::Enabled;
    Ok(Change::of(after, &["state"]))
}

/// Disable: W1.
pub(super) fn disable(connection: &Connection, facts: &Facts) -> Result<Change, Refused> {
    somebody_stays(facts)?;
    let mut after = connection.clone();
    after.state = State::Disabled;
    Ok(Change::of(after, &["state"]))
}

/// Y8: the new link ends the earlier one.
pub(super) fn new_set_up_link(connection: &Connection) -> Change {
    let mut after = connection.clone();
    after.set_up_link = after.set_up_link.saturating_add(1);
    Change::of(after, &["set_up_link"])
}

/// Delete: W1 where people may depend on it, and the name typed. W6: tokens and mapping go.
pub(super) fn delete(
    connection: &Connection,
    confirmation: &Confirmation,
    facts: &Facts,
) -> Result<Change, Refused> {
    if matches!(connection.state, State::Enabled | State::Disabled) {
        somebody_stays(facts)?;
    }
    confirmed(confirmation, Some(&connection.name))?;
    let mut after = connection.clone();
    after.state = State::Deleted;
    after.scim = None;
    after.policy.groups.source = GroupSource::Login;
    after.group_mapping.clear();
    after.set_up_link = after.set_up_link.saturating_add(1);
    Ok(Change::of(after, &["state", "scim", "group_mapping"]))
}

/// What is wrong with the last test, as a warning or as the reason of a refusal.
pub(super) fn test_evidence(test: &Test, failed: bool) -> Evidence {
    let evidence = match test {
        Test::Missing | Test::Passed { .. } => Evidence::new("connection.test_missing"),
        Test::Dropped { by } => Evidence::new("connection.test_missing").field(by),
        Test::Failed { .. } => Evidence::new("connection.test_failed"),
    };
    Evidence { failed, ..evidence }
}

/// B3: one source, and SCIM only where it brings groups.
fn possible_source(connection: &Connection, source: GroupSource) -> Result<(), Refused> {
    let refused = |why: &str| {
        let evidence = Evidence::failure("groups.source_not_possible");
        Err(vec![evidence.expected(why).actual("provisioning")])
    };
    match source {
        GroupSource::Login => Ok(()),
        GroupSource::Scim if connection.scim.is_none() => refused("provisioning is not set up"),
        GroupSource::Scim => match connection.preset.and_then(Preset::provisioning) {
            Some(preset) if ProvisioningPreset::sends_groups(preset) => Ok(()),
            _ => refused("the identity provider does not send groups that way"),
        },
    }
}

/// Whether people may be let in or refused otherwise than before.
fn affects_sign_in(before: &ConnectionPolicy, after: &ConnectionPolicy) -> bool {
    let mut groups = after.groups.clone();
    // These decide what a sign-in changes, and never whether it succeeds
    groups.source = before.groups.source;
    groups.scope = before.groups.scope;
    groups.protected.clone_from(&before.groups.protected);
    groups.max_removals = before.groups.max_removals;
    ConnectionPolicy { groups, ..after.clone() } != *before
}

fn no_second_enabled(facts: &Facts) -> Result<(), Refused> {
    match (facts.enabled.several, facts.enabled.others.first()) {
        (SeveralConnections::Refuse, Some(other)) => {
            Err(vec![Evidence::failure("connection.second_enabled").actual(other.as_str())])
        }
        (SeveralConnections::Allow, _) | (_, None) => Ok(()),
    }
}

/// W1: the enterprise and each organization keep an administrator who can sign in without us.
fn somebody_stays(facts: &Facts) -> Result<(), Refused> {
    let mut refused = Vec::new();
    if facts.administrators.enterprise == 0 {
        refused.push(Evidence::failure("guard.last_enterprise_admin"));
    }
    let without =
        facts.administrators.organizations.iter().filter(|(_, administrators)| **administrators == 0);
    refused.extend(without.map(|(organization, _)| {
        Evidence::failure("guard.last_organization_admin").field(organization.as_str())
    }));
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// A SAML identity provider that was entered by hand without its name gets it from its first good test.
#[cfg(feature = "saml")]
fn pin(connection: &mut Connection, issuer: &str) -> Result<bool, Refused> {
    match &mut connection.provider {
        Some(IdentityProvider::Saml(idp)) if idp.entity_id().is_none() => {
            let pinned = idp.as_ref().clone().pin(issuer).map_err(|error| vec![Evidence::from(&error)])?;
            **idp = pinned;
            Ok(true)
        }
        _ => Ok(false),
    }
}

#[cfg(not(feature = "saml"))]
fn pin(_: &mut Connection, _: &str) -> Result<bool, Refused> {
    Ok(false)
}

const MAPPING: &str = "step 3, the mapping,";
