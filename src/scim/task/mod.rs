//! One operation on its way: what it loads, what becomes of that, and what is answered.

mod apply;
mod list;
mod pending;
mod plan;
mod references;
mod update;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    change::{Action, Change, CommitOutcome},
    conditions::Conditions,
    effect::Effect,
    error::Error,
    fetch::{Fetch, Fetched, Loaded, Target},
    machine::Removals,
    operation::Op,
    resource::Reading,
    respond::Answer,
    service::ServiceConfig,
    tenant::{ResourceId, TenantId},
};
use crate::{note::Note, time::Timestamp};
use list::Listed;
use pending::Pending;

/// One operation, with what it has been told so far.
#[derive(Debug)]
pub(super) struct Task<'c> {
    config: &'c ServiceConfig,
    tenant: TenantId,
    now: Timestamp,
    removals: Removals,
    conditions: Conditions,
    reading: Reading<'c>,
    op: Op<'c>,
    loaded: Loaded,
    /// Which references have been asked for, and what those are that exist.
    asked: BTreeSet<ResourceId>,
    known: BTreeMap<ResourceId, String>,
    new_id: Option<ResourceId>,
    listed: Listed,
    attempts: usize,
}

/// How an operation stands in its surroundings.
#[derive(Clone, Debug)]
pub(super) struct Setting<'c> {
    pub(super) config: &'c ServiceConfig,
    pub(super) tenant: TenantId,
    pub(super) now: Timestamp,
    pub(super) removals: Removals,
}

/// Where an operation has come to.
#[derive(Debug)]
pub(super) enum Progress<'c> {
    Need(Fetch, Box<Task<'c>>),
    Commit(Change, Box<Committing<'c>>),
    Done(Outcome),
}

/// An operation whose change is being committed.
#[derive(Debug)]
pub(super) struct Committing<'c> {
    task: Task<'c>,
    pending: Pending<'c>,
}

/// What an operation has come to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) answer: Answer,
    pub(super) effects: Vec<Effect>,
    pub(super) notes: Vec<Note>,
    /// The resource that came to be, which other parts of a bulk request may refer to.
    pub(super) made: Option<Made>,
}

/// A resource that came to be.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) id: ResourceId,
    pub(super) origin: MadeOf,
}

/// What a resource was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MadeOf {
    /// Nothing: it can be taken back.
    Nothing,
    /// An account that a sign-in had made, which is nobody's to take back.
    Account,
}

/// What to do next.
enum Next<'c> {
    /// Answer.
    Answer(Answer),
    /// Ask which of these exist.
    Ask(BTreeSet<ResourceId>),
    /// Load the next part of a list.
    Load(Target),
    /// Commit.
    Commit(Box<Change>, Box<Pending<'c>>),
}

impl<'c> Task<'c> {
    pub(super) fn new(
        setting: Setting<'c>,
        conditions: Conditions,
        reading: Reading<'c>,
        op: Op<'c>,
    ) -> Self {
        let Setting { config, tenant, now, removals } = setting;
        Self {
            config,
            tenant,
            now,
            removals,
            conditions,
            reading,
            op,
            loaded: Loaded::Nothing,
            asked: BTreeSet::new(),
            known: BTreeMap::new(),
            new_id: None,
            listed: Listed::default(),
            attempts: 0,
        }
    }

    /// Begins, or begins again on fresh data.
    pub(super) fn start(mut self) -> Progress<'c> {
        if let Op::Answered(answer) = &self.op {
            let answer = answer.clone();
            return self.done(answer, Vec::new(), None);
        }
        self.asked.clear();
        self.known.clear();
        let plan = self.plan();
        self.asked.extend(plan.references.iter().cloned());
        Progress::Need(plan, Box::new(self))
    }

    /// Goes on with what was loaded.
    pub(super) fn loaded(mut self, fetched: Fetched) -> Progress<'c> {
        let Fetched { target, references, new_ids } = fetched;
        if !matches!(target, Loaded::Nothing) {
            self.loaded = target;
        }
        // Only what was asked for: an answer that names more proves nothing.
        let asked = references.into_iter().filter(|one| self.asked.contains(&one.id));
        let asked: Vec<_> = asked.collect();
        self.known.extend(asked.into_iter().map(|one| (one.id, one.resource_type)));
        self.new_id = new_ids.into_iter().next().or(self.new_id);
        match self.next() {
            Ok(Next::Answer(answer)) => self.done(answer, Vec::new(), None),
            Ok(Next::Ask(references)) => {
                self.asked.extend(references.iter().cloned());
                let fetch = Fetch {
                    tenant: self.tenant.clone(),
                    target: Target::Nothing,
                    references: references.into_iter().collect(),
                    new_ids: 0,
                };
                Progress::Need(fetch, Box::new(self))
            }
            Ok(Next::Load(target)) => {
                let fetch = Fetch { tenant: self.tenant.clone(), target, references: Vec::new(), new_ids: 0 };
                Progress::Need(fetch, Box::new(self))
            }
            Ok(Next::Commit(change, pending)) => {
                Progress::Commit(*change, Box::new(Committing { task: self, pending: *pending }))
            }
            Err(error) => self.failed(error),
        }
    }

    pub(super) fn failed(self, error: Error) -> Progress<'c> {
        self.done(Answer::of_error(error), Vec::new(), None)
    }

    fn done(self, answer: Answer, effects: Vec<Effect>, made: Option<Made>) -> Progress<'c> {
        Progress::Done(Outcome { answer, effects, notes: self.reading.into_notes(), made })
    }

    fn next(&mut self) -> Result<Next<'c>, Error> {
        if self.loaded == Loaded::Failed {
            return Err(Error::Host);
        }
        match &self.op {
            Op::Answered(answer) => Ok(Next::Answer(answer.clone())),
            Op::List(_) => self.listed(),
            _ => self.apply(),
        }
    }
}

impl<'c> Committing<'c> {
    /// Goes on with how the commit went.
    pub(super) fn committed(self, change: Change, outcome: CommitOutcome) -> Progress<'c> {
        let Self { mut task, pending } = self;
        let (delta, version) = match outcome {
            CommitOutcome::Done { delta, version } => (delta, version),
            CommitOutcome::UniqueConflict { attribute } => {
                return task.failed(Error::Uniqueness { attribute });
            }
            CommitOutcome::VersionConflict if task.conditions.names_version() => {
                return task.failed(Error::PreconditionFailed);
            }
            // Somebody else was first: what the request means for the resource as it is now is worked out again.
            CommitOutcome::VersionConflict if task.attempts < MOST_REPEATS => {
                task.attempts = task.attempts.saturating_add(1);
                return task.start();
            }
            CommitOutcome::VersionConflict | CommitOutcome::Failed => return task.failed(Error::Host),
            CommitOutcome::ReferenceMissing { id } => {
                return task.failed(references::missing(&pending.reference_path(&id)));
            }
            CommitOutcome::MassRemoval { removals } => {
                let limit = change.removal_limit.unwrap_or_default();
                return task.failed(Error::MassRemoval { removals, limit });
            }
        };
        let mut effects = change.effects;
        if !delta.added.is_empty() {
            effects.push(Effect::MembersAdded { group: change.id.clone(), members: delta.added.clone() });
        }
        if !delta.removed.is_empty() {
            effects.push(Effect::MembersRemoved { group: change.id.clone(), members: delta.removed.clone() });
        }
        let origin = match change.action {
            Action::Adopt { .. } => MadeOf::Account,
            _ => MadeOf::Nothing,
        };
        let made = pending.is_new().then(|| Made { id: change.id.clone(), origin });
        let answer = pending.answer(task.config, &task.tenant, task.now, version);
        task.done(answer, effects, made)
    }
}

/// More than a few others that come first, one after the other, are a fault of the host.
const MOST_REPEATS: usize = 3;
