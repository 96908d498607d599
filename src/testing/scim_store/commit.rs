use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::state::{MemberRecord, Record, State, Tenant, unique};
use crate::{
    scim::{
        change::{Action, Change, CommitOutcome, MembersChange, MembersDelta, UniqueClaim, UniqueScope},
        fetch::{Facts, Origin},
        patch::Base,
        resource::Resource,
        schema::ENTERPRISE_USER,
        service::ServiceConfig,
        tenant::ResourceId,
    },
    time::Timestamp,
};

impl State {
    /// Commits a change, all of it or nothing: every check comes before the first write.
    pub(super) fn commit(
        &mut self,
        config: &ServiceConfig,
        change: &Change,
        now: Timestamp,
    ) -> CommitOutcome {
        match self.check(change) {
            Err(refused) => refused,
            Ok(delta) => self.write(config, change, delta, now),
        }
    }

    fn check(&self, change: &Change) -> Result<MembersDelta, CommitOutcome> {
        let nobody = Tenant::default();
        let tenant = self.tenant(&change.tenant).unwrap_or(&nobody);
        let record = tenant.records.get(&change.id);
        let name_taken = || CommitOutcome::UniqueConflict { attribute: "userName".to_owned() };
        match &change.action {
            Action::Create { .. } if record.is_some() => return Err(CommitOutcome::Failed),
            Action::Create { .. } => {}
            Action::Adopt { .. } => {
                record.filter(|record| record.origin == Origin::SignIn).ok_or_else(name_taken)?;
            }
            Action::Update { .. } | Action::Delete => {
                let there = record.filter(|record| record.is_provisioned(&change.resource_type));
                there.ok_or(CommitOutcome::VersionConflict)?;
            }
        }
        if let (Some(expected), Some(record)) = (&change.expected, record)
            && record.facts.version != *expected
        {
            return Err(CommitOutcome::VersionConflict);
        }
        if let Some(missing) = change.references.iter().find(|id| tenant.reference(id).is_none()) {
            return Err(CommitOutcome::ReferenceMissing { id: missing.clone() });
        }
        if let Some(taken) = change.unique.iter().find(|claim| self.is_taken(tenant, change, claim)) {
            return Err(CommitOutcome::UniqueConflict { attribute: taken.attribute.clone() });
        }
        let none = BTreeMap::new();
        let stored = record.map_or(&none, |record| &record.members);
        let delta = members_change(change).map(|members| members.effect_on(stored)).unwrap_or_default();
        change.check_removals(&delta)?;
        Ok(delta)
    }

    /// What a unique index decides.
    fn is_taken(&self, tenant: &Tenant, change: &Change, claim: &UniqueClaim) -> bool {
        let key = unique(&change.resource_type, claim);
        match claim.scope {
            UniqueScope::Tenant => tenant.unique.get(&key).is_some_and(|id| *id != change.id),
            UniqueScope::Everywhere => self
                .unique_everywhere
                .get(&key)
                .is_some_and(|(tenant, id)| *tenant != change.tenant || *id != change.id),
        }
    }

    fn write(
        &mut self,
        config: &ServiceConfig,
        change: &Change,
        delta: MembersDelta,
        now: Timestamp,
    ) -> CommitOutcome {
        let version = self.new_version();
        let facts =
            Facts { id: change.id.clone(), created: now, last_modified: now, version: version.clone() };
        match &change.action {
            Action::Create { after, .. } => {
                let record = Record {
                    resource_type: change.resource_type.clone(),
                    origin: Origin::Provisioned,
                    protected: false,
                    facts,
                    resource: after.clone(),
                    members: BTreeMap::new(),
                    unique: Vec::new(),
                };
                self.tenant_mut(&change.tenant).records.insert(change.id.clone(), record);
                self.claim(change);
            }
            Action::Adopt { after } => {
                if let Some(record) = self.tenant_mut(&change.tenant).records.get_mut(&change.id) {
                    record.origin = Origin::Provisioned;
                    record.resource = after.clone();
                    record.facts = Facts { created: record.facts.created, ..facts };
                }
                self.claim(change);
            }
            Action::Update { after, members } => {
                let Some(record) = self.tenant_mut(&change.tenant).records.get_mut(&change.id) else {
                    return CommitOutcome::Failed;
                };
                let shown = members.as_ref().is_some_and(|members| shows_differently(record, members));
                let differs = after.as_ref().is_some_and(|after| record.resource != *after);
                if !differs && !shown && delta.is_empty() {
                    return CommitOutcome::Done { delta, version: record.facts.version.clone() };
                }
                record.facts = Facts { created: record.facts.created, ..facts };
                if let Some(after) = after {
                    record.resource = after.clone();
                    self.claim(change);
                }
            }
            Action::Delete => {
                self.delete(config, change, now);
                return CommitOutcome::Done { delta, version };
            }
        }
        if let Some(members) = members_change(change) {
            self.tenant_mut(&change.tenant).set_members(&change.id, members, &delta);
        }
        CommitOutcome::Done { delta, version }
    }

    /// Puts the change's unique values in place of those that the resource had.
    fn claim(&mut self, change: &Change) {
        self.release(change);
        let everywhere = change.unique.iter().filter(|claim| claim.scope == UniqueScope::Everywhere);
        for claim in everywhere {
            let owner = (change.tenant.clone(), change.id.clone());
            self.unique_everywhere.insert(unique(&change.resource_type, claim), owner);
        }
        let tenant = self.tenant_mut(&change.tenant);
        for claim in change.unique.iter().filter(|claim| claim.scope == UniqueScope::Tenant) {
            tenant.unique.insert(unique(&change.resource_type, claim), change.id.clone());
        }
        if let Some(record) = tenant.records.get_mut(&change.id) {
            record.unique.clone_from(&change.unique);
        }
    }

    fn release(&mut self, change: &Change) {
        let record = self.tenant_mut(&change.tenant).records.get_mut(&change.id);
        let held = record.map(|record| std::mem::take(&mut record.unique)).unwrap_or_default();
        for claim in held {
            let key = unique(&change.resource_type, &claim);
            match claim.scope {
                UniqueScope::Tenant => {
                    self.tenant_mut(&change.tenant).unique.remove(&key);
                }
                UniqueScope::Everywhere => {
                    self.unique_everywhere.remove(&key);
                }
            }
        }
    }

    /// Takes a resource out, out of every group, and out of every `manager`.
    fn delete(&mut self, config: &ServiceConfig, change: &Change, now: Timestamp) {
        self.release(change);
        let tenant = self.tenant_mut(&change.tenant);
        let Some(gone) = tenant.records.remove(&change.id) else { return };
        for member in gone.members.keys() {
            tenant.leaves(member, &change.id);
        }
        let groups = tenant.groups_of.remove(&change.id).unwrap_or_default();
        let manages = |record: &&Record| manager(&record.resource) == Some(change.id.as_str());
        let managed: Vec<_> =
            tenant.records.values().filter(manages).map(|one| one.facts.id.clone()).collect();
        for group in groups {
            let version = self.new_version();
            if let Some(record) = self.tenant_mut(&change.tenant).records.get_mut(&group) {
                record.members.remove(&change.id);
                record.facts.version = version;
                record.facts.last_modified = now;
            }
        }
        let users = config.resource_type("User");
        let found = users.and_then(|users| users.qualified(ENTERPRISE_USER, "manager"));
        for (id, found) in managed.iter().zip(found.into_iter().cycle()) {
            let version = self.new_version();
            if let Some(record) = self.tenant_mut(&change.tenant).records.get_mut(id) {
                record.resource.set(&found, None);
                record.facts.version = version;
                record.facts.last_modified = now;
            }
        }
    }
}

impl Tenant {
    fn set_members(&mut self, group: &ResourceId, change: &MembersChange, delta: &MembersDelta) {
        let Some(record) = self.records.get_mut(group) else { return };
        for id in &delta.removed {
            record.members.remove(id);
        }
        for member in &change.add {
            let stored =
                MemberRecord { resource_type: member.resource_type.clone(), display: member.display.clone() };
            match (change.base, record.members.get_mut(&member.id)) {
                // Adding a member that is there changes nothing; a list in its place does.
                (Base::Current, Some(_)) => {}
                (Base::Empty, Some(known)) => *known = stored,
                (_, None) => {
                    record.members.insert(member.id.clone(), stored);
                }
            }
        }
        for id in &delta.removed {
            self.leaves(id, group);
        }
        for id in &delta.added {
            self.groups_of.entry(id.clone()).or_default().insert(group.clone());
        }
    }

    fn leaves(&mut self, member: &ResourceId, group: &ResourceId) {
        let groups: Option<&mut BTreeSet<ResourceId>> = self.groups_of.get_mut(member);
        if let Some(groups) = groups {
            groups.remove(group);
        }
    }
}

fn members_change(change: &Change) -> Option<&MembersChange> {
    match &change.action {
        Action::Create { members, .. } | Action::Update { members, .. } => members.as_ref(),
        Action::Adopt { .. } | Action::Delete => None,
    }
}

/// Whether a list that replaces the members calls one of them something else.
fn shows_differently(record: &Record, change: &MembersChange) -> bool {
    let differs = |member: &crate::scim::change::Member| {
        record.members.get(&member.id).is_some_and(|known| known.display != member.display)
    };
    change.base == Base::Empty && change.add.iter().any(differs)
}

fn manager(resource: &Resource) -> Option<&str> {
    let manager: Option<&Value> = resource.attributes().get(ENTERPRISE_USER)?.get("manager");
    manager?.get("value")?.as_str()
}
