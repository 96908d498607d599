//! Several operations in one request (RFC 7644 §3.7), run one after the other in an order in which each finds what it
//! refers to.

mod order;
mod part;
mod references;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::{
    access::Access,
    conditions::Conditions,
    effect::Effect,
    error::Error,
    leniency::Deviation,
    machine::{self, Context, Done, Step},
    operation::{self, Op, query::Query, route},
    resource::Reading,
    respond::Answer,
    task::{Made, MadeOf, Outcome, Progress, Setting, Task},
    tenant::ResourceId,
};
use crate::{fold, json::Object, note::Note};
use part::Part;

/// The URN of a bulk request.
pub(super) const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// A bulk request on its way.
#[derive(Debug)]
pub(super) struct Running<'c> {
    setting: Setting<'c>,
    access: Access,
    parts: Vec<Part>,
    /// What each part has come to.
    states: Vec<State>,
    turns: VecDeque<Turn>,
    current: Option<Turn>,
    /// What has been made, by its `bulkId`.
    made: BTreeMap<String, ResourceId>,
    /// Cycles that cannot be completed: what was made of them is taken back.
    broken: BTreeSet<usize>,
    fail_on_errors: Option<usize>,
    notes: Vec<Note>,
}

#[derive(Clone, Debug, Default)]
struct State {
    answer: Option<Answer>,
    effects: Vec<Effect>,
    /// The resource that the part has made.
    made: Option<Made>,
}

/// What is run, in order. Parts that refer to each other in a cycle are made without these references first, then
/// completed; where that fails, they are taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Whole(usize),
    Make { part: usize, cycle: usize },
    Complete { part: usize, cycle: usize },
    Settle { part: usize, cycle: usize },
}

/// Begins to answer a bulk request.
pub(super) fn begin<'c>(
    setting: Setting<'c>,
    context: &Context,
    body: Object,
    mut reading: Reading<'c>,
) -> Step<'c> {
    let read = read(setting, context, body, &mut reading);
    match read {
        Ok(mut running) => {
            running.notes = reading.into_notes();
            match running.next() {
                Ok(progress) => machine::step(progress, Some(Box::new(running))),
                Err(answered) => machine::step(Progress::Done(*answered), None),
            }
        }
        Err(error) => Step::Done(Done {
            response: Answer::of_error(error).into_response(),
            effects: Vec::new(),
            notes: reading.into_notes(),
        }),
    }
}

/// Reads the request. What concerns one operation alone is that operation's failure.
fn read<'c>(
    setting: Setting<'c>,
    context: &Context,
    body: Object,
    reading: &mut Reading<'c>,
) -> Result<Running<'c>, Error> {
    let syntax = |reason: &str| Error::Syntax { reason: reason.to_owned() };
    let (mut operations, mut schemas, mut fail_on_errors) = (None, None, None);
    for (name, value) in body {
        match name.as_str() {
            name if fold::same(name, "Operations") => operations = Some(value),
            name if fold::same(name, "schemas") => schemas = Some(value),
            name if fold::same(name, "failOnErrors") => fail_on_errors = Some(value),
            _ => {}
        }
    }
    let is_bulk = |urn: &Value| urn.as_str().is_some_and(|urn| fold::same(urn, BULK_REQUEST));
    if !matches!(&schemas, Some(Value::Array(urns)) if urns.iter().any(is_bulk)) {
        reading.tolerate(Deviation::SchemasAbsent, "schemas", || {
            syntax("schemas does not hold the URN of BulkRequest")
        })?;
    }
    let fail_on_errors = match fail_on_errors {
        None | Some(Value::Null) => None,
        Some(value) => {
            let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
            let wrong = || Error::Value {
                attribute: "failOnErrors".to_owned(),
                reason: "a whole number above 0 is needed".to_owned(),
            };
            Some(number.filter(|number| *number > 0).ok_or_else(wrong)?)
        }
    };
    let Some(Value::Array(operations)) = operations else {
        return Err(syntax("Operations is a list"));
    };
    let limit = reading.limits().bulk_operations;
    if operations.len() > limit {
        return Err(Error::TooLarge { what: "operations", limit });
    }
    let parts = part::read(operations);
    let turns = order::turns(&parts);
    Ok(Running {
        setting,
        access: context.access.clone().ok_or(Error::Unauthorized)?,
        states: vec![State::default(); parts.len()],
        parts,
        turns,
        current: None,
        made: BTreeMap::new(),
        broken: BTreeSet::new(),
        fail_on_errors,
        notes: Vec::new(),
    })
}

impl<'c> Running<'c> {
    /// Goes on with the next turn that has something to load or to commit; or with the answer, when there is none.
    pub(super) fn next(&mut self) -> Result<Progress<'c>, Box<Outcome>> {
        while let Some(turn) = self.turns.pop_front() {
            self.current = Some(turn);
            match self.run(turn) {
                Ok(Some(progress)) => return Ok(progress),
                Ok(None) => {}
                Err(error) => self.take(Outcome { answer: Answer::of_error(error), ..Outcome::default() }),
            }
        }
        Err(Box::new(self.answer()))
    }

    /// Takes what the current turn has come to.
    pub(super) fn take(&mut self, outcome: Outcome) {
        let Some(turn) = self.current.take() else { return };
        let Outcome { answer, effects, notes, made } = outcome;
        for note in notes {
            if self.notes.len() < NOTES_AT_MOST && !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        let failed = answer.error.is_some();
        let Some(state) = self.states.get_mut(turn.part()) else { return };
        match turn {
            Turn::Whole(_) | Turn::Make { .. } => {
                state.answer = Some(answer);
                state.effects = effects;
                state.made.clone_from(&made);
                let bulk_id = self.parts.get(turn.part()).and_then(|part| part.bulk_id.clone());
                if let (Some(bulk_id), Some(made)) = (bulk_id, made) {
                    self.made.insert(bulk_id, made.id);
                }
            }
            Turn::Complete { .. } if failed => state.answer = Some(answer),
            Turn::Complete { .. } => {
                state.effects.extend(effects);
                // It was made by this request, and has another version by now.
                if let Some(before) = &mut state.answer {
                    before.etag = answer.etag;
                }
            }
            Turn::Settle { .. } => {
                // What could not be taken back has really happened.
                if !failed {
                    state.effects.clear();
                }
                if state.answer.as_ref().is_none_or(|answer| answer.error.is_none()) {
                    state.answer = Some(Answer::of_error(Error::DependencyFailed));
                }
            }
        }
        if let (true, Some(cycle)) = (failed, turn.cycle()) {
            self.broken.insert(cycle);
        }
        self.stop_after_errors();
    }

    /// RFC 7644 §3.7: enough errors end the request; what was begun of a cycle is taken back.
    fn stop_after_errors(&mut self) {
        let errors = self.states.iter().filter(|state| state.has_failed()).count();
        if self.fail_on_errors.is_none_or(|most| errors < most) {
            return;
        }
        for turn in std::mem::take(&mut self.turns) {
            match turn {
                Turn::Settle { .. } => self.turns.push_back(turn),
                Turn::Make { cycle, .. } | Turn::Complete { cycle, .. } => {
                    self.broken.insert(cycle);
                }
                Turn::Whole(_) => {}
            }
        }
    }

    /// `None` for a turn that needs nothing.
    fn run(&self, turn: Turn) -> Result<Option<Progress<'c>>, Error> {
        let (Some(part), Some(state)) = (self.parts.get(turn.part()), self.states.get(turn.part())) else {
            return Ok(None);
        };
        let is_broken = turn.cycle().is_some_and(|cycle| self.broken.contains(&cycle));
        match turn {
            Turn::Whole(_) | Turn::Make { .. } => {
                if let Some(fault) = &part.fault {
                    return Err(fault.clone());
                }
                let needs_failed =
                    part.needs.iter().any(|need| self.states.get(*need).is_some_and(State::has_failed));
                if needs_failed || is_broken {
                    return Err(Error::DependencyFailed);
                }
                let data = part.data.as_ref().map(|data| references::without_pending(data, &self.made));
                self.start(&part.method, &self.path(part), part.version.as_deref(), data, None).map(Some)
            }
            Turn::Complete { .. } => {
                let Some(Made { id, .. }) = state.made.as_ref().filter(|_| !is_broken) else {
                    return Ok(None);
                };
                let data = part.data.as_ref().map(|data| references::without_pending(data, &self.made));
                self.start("PUT", &self.path(part), None, data, Some(id)).map(Some)
            }
            Turn::Settle { .. } => {
                let Some(Made { id, origin }) = state.made.as_ref().filter(|_| is_broken) else {
                    return Ok(None);
                };
                // An account that was there before stays: only the reference is missing.
                if *origin == MadeOf::Account {
                    return Err(Error::DependencyFailed);
                }
                self.start("DELETE", &self.path(part), None, None, Some(id)).map(Some)
            }
        }
    }

    /// `made` is the resource that this request has made, in place of the one that the path names.
    fn start(
        &self,
        method: &str,
        path: &str,
        version: Option<&str>,
        data: Option<Map<String, Value>>,
        made: Option<&ResourceId>,
    ) -> Result<Progress<'c>, Error> {
        let config = self.setting.config;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = path.trim_start_matches('/');
        let endpoint = route::endpoint(config, path.strip_suffix('/').unwrap_or(path));
        let endpoint = match (endpoint.ok_or(Error::NotFound)?, made) {
            (route::Endpoint::Type(served), Some(id)) => route::Endpoint::One(served, id.clone()),
            (endpoint @ (route::Endpoint::Type(_) | route::Endpoint::One(..)), _) => endpoint,
            // RFC 7644 §3.7: the path is that of a resource, or of a type.
            _ => return Err(Error::NotFound),
        };
        if !matches!(method, "POST" | "PUT" | "PATCH" | "DELETE") {
            return Err(Error::MethodNotAllowed { allow: "POST, PUT, PATCH, DELETE" });
        }
        if data.is_none() && method != "DELETE" {
            return Err(Error::Syntax { reason: "data is missing".to_owned() });
        }
        let mut reading = Reading::new(config.leniency, &config.limits);
        let body = data.map(operation::object_of);
        let query = Query::parse(query)?;
        let mut op = operation::one(&self.access, method, endpoint, &query, body, &mut reading)?;
        if let (Op::Replace { written, .. }, Some(_)) = (&mut op, made) {
            // It was handed over when the resource was made.
            written.password = None;
        }
        let conditions = Conditions::of_version(version);
        Ok(Task::new(self.setting.clone(), conditions, reading, op).start())
    }

    fn path(&self, part: &Part) -> String {
        references::resolved(&part.path, &self.made)
    }

    fn answer(&mut self) -> Outcome {
        let base = self.setting.config.tenant_url(&self.setting.tenant);
        let mut effects = Vec::new();
        let mut results = Vec::new();
        for (part, state) in self.parts.iter().zip(std::mem::take(&mut self.states)) {
            let Some(answer) = state.answer else { continue };
            let mut result = Map::new();
            result.insert("method".to_owned(), Value::from(part.method.as_str()));
            if let Some(bulk_id) = &part.bulk_id {
                result.insert("bulkId".to_owned(), Value::from(bulk_id.as_str()));
            }
            if let Some(etag) = answer.etag {
                result.insert("version".to_owned(), Value::from(etag));
            }
            let location = answer.location.or_else(|| {
                let path = self.path(part);
                (part.method != "POST" && path.starts_with('/')).then(|| format!("{base}{path}"))
            });
            if let Some(location) = location {
                result.insert("location".to_owned(), Value::from(location));
            }
            result.insert("status".to_owned(), Value::from(answer.status.to_string()));
            if let (Some(body), true) = (answer.body, answer.error.is_some()) {
                result.insert("response".to_owned(), body);
            }
            results.push(Value::Object(result));
            effects.extend(state.effects);
        }
        let answer = Answer::of_body(json!({"schemas": [BULK_RESPONSE], "Operations": results}));
        Outcome { answer, effects, notes: std::mem::take(&mut self.notes), made: None }
    }
}

impl State {
    fn has_failed(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.error.is_some())
    }
}

impl Turn {
    fn part(self) -> usize {
        match self {
            Self::Whole(part)
            | Self::Make { part, .. }
            | Self::Complete { part, .. }
            | Self::Settle { part, .. } => part,
        }
    }

    fn cycle(self) -> Option<usize> {
        match self {
            Self::Whole(_) => None,
            Self::Make { cycle, .. } | Self::Complete { cycle, .. } | Self::Settle { cycle, .. } => {
                Some(cycle)
            }
        }
    }
}

const NOTES_AT_MOST: usize = 64;
