//! [`provisioning_notes`]: what the people and groups that have come show about how provisioning is set up.

use std::collections::BTreeSet;

use super::configuration::{Connection, State};
use crate::groups::{GroupSource, PushedGroups};
use crate::note::Note;
use crate::profile::Candidate;

/// What has come over the provisioning of one connection.
#[derive(Clone, Copy, Debug)]
pub struct Provisioned<'a> {
    /// How many accounts provisioning made and keeps.
    pub accounts: usize,
    /// How many active accounts sign in over the connection and are not kept by provisioning.
    pub signing_in_only: usize,
    /// The groups that were pushed.
    pub groups: &'a PushedGroups,
    /// The account whose own token provisioning comes with, where the product lets a person's token in.
    pub token_owner: Option<&'a Candidate>,
}

/// What the hub is to say about it, beside the notes of requests: for [`Observations`](super::Observations). Empty
/// where provisioning is not set up.
#[must_use]
pub fn provisioning_notes(connection: &Connection, provisioned: &Provisioned<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if connection.scim().is_none() {
        return notes;
    }
    // An account that provisioning may switch off must not be the one that provisioning works by
    let owner =
        provisioned.token_owner.filter(|owner| owner.provisioned_by.as_ref() == Some(connection.id()));
    notes.extend(owner.map(|owner| {
        Note::new("scim.token_owner_managed")
            .actual(owner.user_name.as_deref().unwrap_or(owner.account.as_str()))
    }));
    let has_come = provisioned.accounts > 0;
    if has_come && provisioned.signing_in_only > 0 {
        let people = provisioned.signing_in_only;
        notes.push(Note::new("scim.existing_not_provisioned").actual(people.to_string()));
    }
    if connection.group_source() == GroupSource::Login {
        return notes;
    }
    if has_come && provisioned.groups.names().next().is_none() {
        notes.push(Note::new("scim.group_push_off"));
    }
    // Before the connection is enabled nothing can be mapped
    if connection.state() == State::Enabled {
        notes.extend(not_mapped(connection, provisioned.groups));
    }
    notes
}

fn not_mapped(connection: &Connection, groups: &PushedGroups) -> Option<Note> {
    let mapped: BTreeSet<_> = connection.group_mapping().pairs().map(|(group, _)| group).collect();
    let mut names = groups.names().filter(|(id, _)| !mapped.contains(id)).map(|(_, name)| name.as_str());
    let mut shown: Vec<String> = names.by_ref().take(NAMES).map(str::to_owned).collect();
    if shown.is_empty() {
        return None;
    }
    let more = names.count();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    Some(Note::new("scim.group_not_mapped").actual(shown.join(", ")))
}

/// Names that a note holds.
const NAMES: usize = 10;
