//! A service with a store of a few lines, which records what the machine asks of it.

use std::collections::{BTreeMap, BTreeSet};

use admittance::{
    endpoint::UrlPolicy,
    id::Revision,
    note::Note,
    scim::{
        access::{Access, Scopes},
        change::{Action, Change, CommitOutcome, Member, MembersDelta},
        effect::Effect,
        fetch::{
            Facts, Fetch, Fetched, Holder, ListQuery, Load, Loaded, Origin, Page, Reference, Stored, Target,
        },
        machine::{self, Context, Step},
        page::{PageRequest, Position},
        patch::Base,
        resource::Resource,
        respond::representation,
        schema::ResourceType,
        service::{ServiceConfig, Tenancy},
        tenant::{ResourceId, TenantId},
    },
    time::Timestamp,
};
use http::{HeaderMap, Request};
use serde_json::{Value, json};

pub(super) const BASE: &str = "https://sso.example.com/scim/v2";
pub(super) const TENANT: &str = "c1";

pub(super) struct Service {
    pub(super) config: ServiceConfig,
    pub(super) access: Option<Access>,
    pub(super) now: Timestamp,
    pub(super) confirmed: bool,
    pub(super) rows: BTreeMap<(TenantId, ResourceId), Row>,
    /// Accounts that provisioning does not manage, by folded name.
    pub(super) holders: BTreeMap<String, Holder>,
    pub(super) fetches: Vec<Fetch>,
    pub(super) changes: Vec<Change>,
    /// What a log would hold of each step, when somebody wants to know.
    pub(super) log: Option<Vec<String>>,
    /// What happens before the next commits, once each: somebody else is faster.
    pub(super) meanwhile: Vec<fn(&mut Service)>,
    made: usize,
    state: usize,
}

#[derive(Clone)]
pub(super) struct Row {
    pub(super) resource_type: String,
    pub(super) facts: Facts,
    pub(super) resource: Resource,
    pub(super) members: BTreeMap<ResourceId, Member>,
    pub(super) protected: bool,
}

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    pub(super) body: Value,
    pub(super) effects: Vec<Effect>,
    pub(super) notes: Vec<Note>,
}

pub(super) fn config() -> ServiceConfig {
    ServiceConfig::new(BASE, UrlPolicy::Https, Tenancy::InPath).unwrap()
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap().at
}

impl Service {
    pub(super) fn new() -> Self {
        Self::with(config())
    }

    pub(super) fn with(config: ServiceConfig) -> Self {
        Self {
            config,
            access: Some(Access::new(TENANT, Scopes::all())),
            now: at("2026-11-22T00:01:00Z"),
            confirmed: false,
            rows: BTreeMap::new(),
            holders: BTreeMap::new(),
            fetches: Vec::new(),
            changes: Vec::new(),
            log: None,
            meanwhile: Vec::new(),
            made: 0,
            state: 0,
        }
    }

    /// Sends a request below the tenant's path.
    #[track_caller]
    pub(super) fn send(&mut self, method: &str, path: &str, body: Value) -> Reply {
        self.send_with(method, path, &[], body)
    }

    #[track_caller]
    pub(super) fn send_with(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Reply {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2/connections/{TENANT}{path}"))
            .header("host", "evil.example");
        if !bytes.is_empty() {
            request = request.header("content-type", "application/scim+json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(bytes).unwrap())
    }

    #[track_caller]
    pub(super) fn answer(&mut self, request: Request<Vec<u8>>) -> Reply {
        let config = self.config.clone();
        let context = Context::new(self.access.clone(), self.now);
        let context = if self.confirmed { context.confirmed() } else { context };
        let mut step = machine::begin(&config, &context, &request);
        let done = loop {
            self.log(&step);
            step = match step {
                Step::Need(need) => {
                    let fetched = self.load(&config, need.fetch());
                    self.log(&fetched);
                    need.loaded(fetched)
                }
                Step::Commit(commit) => {
                    let outcome = self.commit(commit.change());
                    commit.committed(outcome)
                }
                Step::Done(done) => break done,
            };
        };
        let text = String::from_utf8(done.response.body().clone()).unwrap();
        Reply {
            status: done.response.status().as_u16(),
            headers: done.response.headers().clone(),
            body: if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() },
            text,
            effects: done.effects,
            notes: done.notes,
        }
    }

    fn log(&mut self, value: &dyn std::fmt::Debug) {
        if let Some(log) = &mut self.log {
            log.push(format!("{value:?}"));
        }
    }

    #[track_caller]
    pub(super) fn user(&mut self, name: &str) -> String {
        let reply = self.send("POST", "/Users", user(name));
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.id()
    }

    #[track_caller]
    pub(super) fn group(&mut self, name: &str, members: &[&str]) -> String {
        let reply = self.send("POST", "/Groups", group(name, members));
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.id()
    }

    #[track_caller]
    pub(super) fn patch(&mut self, path: &str, operations: Value) -> Reply {
        let body =
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        self.send("PATCH", path, body)
    }

    pub(super) fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, Value::Null)
    }

    pub(super) fn members(&self, group: &str) -> Vec<String> {
        self.row(group).members.keys().map(ToString::to_string).collect()
    }

    pub(super) fn row(&self, id: &str) -> &Row {
        &self.rows[&(TENANT.into(), id.into())]
    }

    pub(super) fn row_mut(&mut self, id: &str) -> &mut Row {
        self.rows.get_mut(&(TENANT.into(), id.into())).unwrap()
    }

    /// Whether the fetches so far have asked for members.
    pub(super) fn asked_for_members(&self) -> bool {
        let group = ResourceType::group();
        let members = group.own("members").unwrap();
        let asks = |load: &Load| load.includes(&members);
        self.fetches.iter().any(|fetch| match &fetch.target {
            Target::One { resource_type, load, .. } => resource_type == "Group" && asks(load),
            Target::List(query) => query.resource_type == "Group" && asks(&query.load),
            _ => false,
        })
    }

    fn load(&mut self, config: &ServiceConfig, fetch: &Fetch) -> Fetched {
        self.fetches.push(fetch.clone());
        let tenant = &fetch.tenant;
        let target = match &fetch.target {
            Target::One { resource_type, id, load } => {
                let row = self.rows.get(&(tenant.clone(), id.clone()));
                let row = row.filter(|row| row.resource_type == *resource_type);
                Loaded::One(row.map(|row| self.stored(config, tenant, row, load)))
            }
            Target::UserName { folded } => Loaded::Holder(self.holders.get(folded).cloned()),
            Target::List(query) => Loaded::Page(self.page(config, tenant, query)),
            _ => Loaded::Nothing,
        };
        let references = fetch.references.iter().filter_map(|id| {
            let row = self.rows.get(&(tenant.clone(), id.clone()))?;
            Some(Reference { id: id.clone(), resource_type: row.resource_type.clone() })
        });
        let references = references.collect();
        let new_ids = (0..fetch.new_ids).map(|_| {
            self.made += 1;
            ResourceId::from(format!("r{}", self.made))
        });
        Fetched { target, references, new_ids: new_ids.collect() }
    }

    fn stored(&self, config: &ServiceConfig, tenant: &TenantId, row: &Row, load: &Load) -> Stored {
        let resource_type = config.resource_type(&row.resource_type).unwrap();
        let mut resource = Resource::new();
        for found in resource_type.attributes().filter(|found| load.includes(found)) {
            let value = match found.attribute.name.as_str() {
                "members" if row.resource_type == "Group" => {
                    Some(row.members.values().map(element).collect())
                }
                "groups" if row.resource_type == "User" => Some(self.groups_of(tenant, &row.facts.id)),
                _ => row.resource.value(&found).cloned(),
            };
            resource.set(&found, value);
        }
        Stored { facts: row.facts.clone(), resource, protected: row.protected }
    }

    fn groups_of(&self, tenant: &TenantId, user: &ResourceId) -> Value {
        let groups = self.rows.iter().filter(|((of, _), row)| of == tenant && row.members.contains_key(user));
        groups.map(|((_, id), _)| json!({"value": id.as_str()})).collect()
    }

    fn page(&self, config: &ServiceConfig, tenant: &TenantId, query: &ListQuery) -> Page {
        let resource_type = config.resource_type(&query.resource_type).unwrap();
        let rows = self
            .rows
            .iter()
            .filter(|((of, _), row)| of == tenant && row.resource_type == query.resource_type);
        let mut found: Vec<_> = rows
            .map(|(_, row)| {
                let all = self.stored_whole(tenant, row);
                (representation(config, tenant, resource_type, &all), row)
            })
            .filter(|(whole, _)| query.filter.as_ref().is_none_or(|filter| filter.matches(whole)))
            .collect();
        found.sort_by(|(one, _), (other, _)| match &query.sort {
            Some(sort) => sort.compare(one, other),
            None => one["id"].as_str().cmp(&other["id"].as_str()),
        });
        let total = Some(found.len());
        let skip = match &query.page {
            PageRequest::Index { start_index, .. } => start_index - 1,
            PageRequest::Cursor { after: Some(position), .. } => {
                found.iter().position(|(_, row)| row.facts.id.as_str() == position.id).map_or(0, |at| at + 1)
            }
            _ => 0,
        };
        let rest: Vec<_> = found.iter().skip(skip).take(query.page.count() + 1).collect();
        let more = rest.len() > query.page.count();
        let part = &rest[..rest.len().min(query.page.count())];
        let next = part
            .last()
            .filter(|_| more)
            .map(|(_, row)| Position { sort_key: None, id: row.facts.id.to_string() });
        let resources = part.iter().map(|(_, row)| self.stored(config, tenant, row, &query.load)).collect();
        Page { total, resources, next }
    }

    fn stored_whole(&self, tenant: &TenantId, row: &Row) -> Stored {
        let mut resource = row.resource.clone();
        let _ = tenant;
        if row.resource_type == "Group" {
            let group = ResourceType::group();
            resource.set(&group.own("members").unwrap(), Some(row.members.values().map(element).collect()));
        }
        Stored { facts: row.facts.clone(), resource, protected: row.protected }
    }

    fn commit(&mut self, change: &Change) -> CommitOutcome {
        self.changes.push(change.clone());
        if let Some(meanwhile) = self.meanwhile.pop() {
            meanwhile(self);
        }
        let key = (change.tenant.clone(), change.id.clone());
        let row = self.rows.get(&key).cloned();
        let is_new = matches!(change.action, Action::Create { .. } | Action::Adopt { .. });
        if (row.is_none() && !is_new)
            || change
                .expected
                .as_ref()
                .is_some_and(|wanted| row.as_ref().is_none_or(|row| row.facts.version != *wanted))
        {
            return CommitOutcome::VersionConflict;
        }
        for claim in &change.unique {
            let others =
                self.rows.iter().filter(|((tenant, id), _)| *tenant == change.tenant && *id != change.id);
            let taken =
                others.filter(|(_, row)| row.resource_type == change.resource_type).any(|(_, row)| {
                    let text = row.resource.text(&claim.attribute).map(admittance::fold::fold);
                    text.as_deref() == Some(claim.value.as_str())
                });
            if taken {
                return CommitOutcome::UniqueConflict { attribute: claim.attribute.clone() };
            }
        }
        if let Some(id) = change
            .references
            .iter()
            .find(|id| !self.rows.contains_key(&(change.tenant.clone(), (*id).clone())))
        {
            return CommitOutcome::ReferenceMissing { id: id.clone() };
        }
        let mut delta = MembersDelta::default();
        self.state += 1;
        let version = Revision::from(self.state.to_string());
        let facts = |created| Facts {
            id: change.id.clone(),
            created,
            last_modified: change.at,
            version: version.clone(),
        };
        let mut new = match (&change.action, row) {
            (Action::Create { after, .. } | Action::Adopt { after }, _) => Row {
                resource_type: change.resource_type.clone(),
                facts: facts(change.at),
                resource: after.clone(),
                members: BTreeMap::new(),
                protected: false,
            },
            (Action::Delete, Some(row)) => {
                delta.removed = row.members.keys().cloned().collect();
                if let Err(refused) = change.check_removals(&delta) {
                    return refused;
                }
                self.rows.remove(&key);
                for ((tenant, _), other) in &mut self.rows {
                    if *tenant == change.tenant {
                        other.members.remove(&change.id);
                    }
                }
                return CommitOutcome::Done { delta: MembersDelta::default(), version };
            }
            (Action::Update { after, .. }, Some(row)) => {
                let resource = after.clone().unwrap_or_else(|| row.resource.clone());
                Row { resource, ..row }
            }
            _ => return CommitOutcome::VersionConflict,
        };
        if let Action::Create { members: Some(members), .. } | Action::Update { members: Some(members), .. } =
            &change.action
        {
            delta = members.effect_on(&new.members);
            if let Err(refused) = change.check_removals(&delta) {
                return refused;
            }
            if members.base == Base::Empty {
                let stay: BTreeSet<_> = members.add.iter().map(|one| &one.id).collect();
                new.members.retain(|id, _| stay.contains(id));
            }
            for id in &delta.removed {
                new.members.remove(id);
            }
            for member in &members.add {
                new.members.entry(member.id.clone()).or_insert_with(|| member.clone());
            }
        }
        let differs = matches!(&change.action, Action::Update { after: Some(_), .. }) || is_new;
        if differs || !delta.is_empty() {
            new.facts = facts(new.facts.created);
        }
        let version = new.facts.version.clone();
        self.rows.insert(key, new);
        CommitOutcome::Done { delta, version }
    }
}

impl Reply {
    pub(super) fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn codes(&self) -> Vec<&str> {
        self.notes.iter().map(|note| note.code.as_str()).collect()
    }

    /// An error has the body of one, whatever its status.
    #[track_caller]
    pub(super) fn fails(&self, status: u16, scim_type: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(self.body["status"], json!(status.to_string()));
        assert_eq!(self.body["scimType"].as_str().unwrap_or_default(), scim_type, "{}", self.text);
        assert!(self.body["detail"].is_string());
        assert_eq!(self.header("content-type"), Some("application/scim+json"));
        assert!(self.effects.is_empty(), "a failure has no effects");
    }
}

pub(super) fn user(name: &str) -> Value {
    json!({"schemas": [admittance::scim::schema::USER], "userName": name})
}

pub(super) fn group(name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [admittance::scim::schema::GROUP], "displayName": name, "members": members})
}

pub(super) fn holder(id: &str, origin: Origin) -> Holder {
    Holder { id: id.into(), origin, created: at("2026-01-01T00:00:00Z"), active: true, protected: false }
}

fn element(member: &Member) -> Value {
    let mut element = json!({"value": member.id.as_str(), "type": member.resource_type});
    if let Some(display) = &member.display {
        element["display"] = json!(display);
    }
    element
}
