//! Commands about provisioning: tokens, and which groups go where.

use std::collections::BTreeSet;

use super::apply::{Change, Refused, confirmed};
use super::command::Confirmation;
use super::facts::Facts;
use super::settings::test_evidence;
use super::warnings::sso_warnings;
use crate::connection::configuration::{Connection, Scim};
use crate::connection::diagnosis::{Diagnosis, Evidence};
use crate::connection::preset::Preset;
use crate::groups::{GroupMapping, GroupSource};
use crate::id::{IdpGroupId, OrganizationId};
#[cfg(feature = "scim")]
use crate::scim::token::{MAX_LIVE_TOKENS, TokenRecord};
use crate::time::Timestamp;

/// SetUpScim: single sign-on shows no warning, and its test is fresh. B3 sets the group source.
pub(super) fn set_up(connection: &Connection, facts: &Facts, now: Timestamp) -> Result<Change, Refused> {
    let Some(preset) = connection.preset.and_then(Preset::provisioning) else {
        return Err(vec![Evidence::failure("scim.not_offered")]);
    };
    let mut refused = Vec::new();
    let warnings = sso_warnings(connection, &facts.observations, now);
    if !warnings.is_empty() {
        let messages: Vec<&str> =
            warnings.iter().map(|warning| warning.message.trim_end_matches('.')).collect();
        refused.push(Evidence::failure("scim.blocked_by_sso_warnings").actual(messages.join("; ")));
        refused.extend(warnings.iter().map(again));
    } else if !connection.test.is_fresh() {
        refused.push(test_evidence(&connection.test, true));
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut after = connection.clone();
    let mut changed = Vec::new();
    if after.scim.is_none() {
        after.scim = Some(Scim::default());
        changed.push("scim");
        if preset.sends_groups() {
            after.policy.groups.source = GroupSource::Scim;
            changed.push("group_source");
        }
    }
    Ok(Change { connection: after, changed })
}

/// GenerateToken: at most five live ones.
#[cfg(feature = "scim")]
pub(super) fn generate_token(
    connection: &Connection,
    token: TokenRecord,
    now: Timestamp,
) -> Result<Change, Refused> {
    let mut after = connection.clone();
    let scim = set_up_in(&mut after)?;
    let live = scim.tokens.iter().filter(|token| token.is_live(now)).count();
    if live >= MAX_LIVE_TOKENS {
        let refused = Evidence::failure("scim.too_many_tokens");
        return Err(vec![refused.expected(MAX_LIVE_TOKENS.to_string()).actual(live.to_string())]);
    }
    if scim.tokens.iter().any(|known| known.id == token.id) {
        let refused = Evidence::failure("connection.invalid_setting").field("scim_token");
        return Err(vec![refused.expected("an identifier that is new").actual(token.id)]);
    }
    // What has ended is of no use, and would grow without bound
    scim.tokens.retain(|token| token.is_live(now));
    scim.tokens.push(token);
    Ok(Change::of(after, &["scim_tokens"]))
}

/// RevokeToken.
#[cfg(feature = "scim")]
pub(super) fn revoke_token(connection: &Connection, id: &str) -> Result<Change, Refused> {
    let mut after = connection.clone();
    let scim = set_up_in(&mut after)?;
    let before = scim.tokens.len();
    scim.tokens.retain(|token| token.id != id);
    if scim.tokens.len() == before {
        return Err(vec![Evidence::failure("scim.token_unknown").actual(id)]);
    }
    Ok(Change::of(after, &["scim_tokens"]))
}

/// RemoveScim: groups come from sign-in again; tokens and mapping have no use any more.
pub(super) fn remove(connection: &Connection, confirmation: &Confirmation) -> Result<Change, Refused> {
    let mut after = connection.clone();
    set_up_in(&mut after)?;
    confirmed(confirmation, None)?;
    after.scim = None;
    after.policy.groups.source = GroupSource::Login;
    after.clear_group_mapping();
    Ok(Change::of(after, &["scim", "group_source", "group_mapping"]))
}

/// SetGroupMapping: edited per organization.
pub(super) fn set_group_mapping(
    connection: &Connection,
    organization: OrganizationId,
    groups: BTreeSet<IdpGroupId>,
) -> Result<Change, Refused> {
    let mut after = mappable(connection)?;
    if *after.group_mapping.of(&organization) != groups {
        after.group_mapping = after.group_mapping.clone().set(after.next_version(), organization, groups);
    }
    Ok(changed_mapping(connection, after))
}

/// MapAll: I × O.
pub(super) fn map_all(
    connection: &Connection,
    groups: BTreeSet<IdpGroupId>,
    organizations: BTreeSet<OrganizationId>,
    confirmation: &Confirmation,
) -> Result<Change, Refused> {
    let mut after = mappable(connection)?;
    confirmed(confirmation, None)?;
    let all = GroupMapping::all(after.next_version(), groups, organizations);
    if all.pairs().ne(after.group_mapping.pairs()) {
        after.group_mapping = all;
    }
    Ok(changed_mapping(connection, after))
}

fn changed_mapping(before: &Connection, after: Connection) -> Change {
    let same = before.group_mapping == after.group_mapping;
    Change { connection: after, changed: if same { Vec::new() } else { vec!["group_mapping"] } }
}

/// A connection whose groups come over SCIM.
fn mappable(connection: &Connection) -> Result<Connection, Refused> {
    let mut after = connection.clone();
    set_up_in(&mut after)?;
    match after.policy.groups.source {
        GroupSource::Scim => Ok(after),
        GroupSource::Login => {
            let refused = Evidence::failure("groups.source_not_possible").actual("a mapping");
            Err(vec![refused.expected("they come from sign-in, where they match by name")])
        }
    }
}

fn set_up_in(connection: &mut Connection) -> Result<&mut Scim, Refused> {
    connection.scim.as_mut().ok_or_else(|| vec![Evidence::failure("scim.not_set_up")])
}

/// A warning as the evidence that it was made of.
fn again(warning: &Diagnosis) -> Evidence {
    let mut evidence = Evidence::new(&warning.code);
    evidence.expected.clone_from(&warning.expected);
    evidence.actual.clone_from(&warning.actual);
    evidence
}
