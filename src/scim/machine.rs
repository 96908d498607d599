//! [`begin`]: a request, answered in steps that the host drives.
//!
//! ```text
//! begin ─→ Need(fetch) ─loaded→ Commit(change) ─committed→ Done(response, effects)
//! ```
//!
//! Each step is a value; nothing is read or written between them but by the host:
//!
//! ```ignore
//! let mut step = machine::begin(&config, &context, &request);
//! let done = loop {
//!     step = match step {
//!         Step::Need(need) => { let fetched = load(need.fetch()); need.loaded(fetched) }
//!         Step::Commit(commit) => { let outcome = store(commit.change()); commit.committed(outcome) }
//!         Step::Done(done) => break done,
//!     };
//! };
//! ```

use http::{Request, Response};

use super::{
    access::Access,
    change::{Change, CommitOutcome},
    effect::Effect,
    fetch::{Fetch, Fetched},
    service::ServiceConfig,
};
use crate::{note::Note, time::Timestamp};

/// What the host knows of a request besides its bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Context {
    /// What its token stands for; `None` without a valid one.
    pub access: Option<Access>,
    /// The time.
    pub now: Timestamp,
    /// Whether the limit for members that leave at once counts.
    pub removals: Removals,
}

/// Whether the limit for members that leave at once counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removals {
    /// It does.
    Limited,
    /// Somebody has seen what would happen, and has confirmed it.
    Confirmed,
}

/// What is to be done next.
#[derive(Debug)]
#[must_use]
pub enum Step<'c> {
    /// Load something.
    Need(Need<'c>),
    /// Commit a change.
    Commit(Commit<'c>),
    /// Answer.
    Done(Done),
}

/// An operation that waits for what it needs to know.
#[derive(Debug)]
#[must_use]
pub struct Need<'c> {
    fetch: Fetch,
    config: &'c ServiceConfig,
}

/// An operation that waits for its change to be committed.
#[derive(Debug)]
#[must_use]
pub struct Commit<'c> {
    change: Change,
    config: &'c ServiceConfig,
}

/// What a request has come to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Done {
    /// The answer.
    pub response: Response<Vec<u8>>,
    /// What has really changed.
    pub effects: Vec<Effect>,
    /// What was tolerated, for the host's log and for diagnosis.
    pub notes: Vec<Note>,
}

impl Context {
    /// A request at this time, with what its token stands for.
    #[must_use]
    pub fn new(access: Option<Access>, now: Timestamp) -> Self {
        Self { access, now, removals: Removals::Limited }
    }

    /// Lets more members leave at once than the limit: somebody has seen what would happen.
    #[must_use]
    pub fn confirmed(self) -> Self {
        Self { removals: Removals::Confirmed, ..self }
    }
}

/// Begins to answer a request.
pub fn begin<'c>(config: &'c ServiceConfig, context: &Context, request: &Request<Vec<u8>>) -> Step<'c> {
    let _ = (config, context, request);
    Step::Done(Done { response: Response::new(Vec::new()), effects: Vec::new(), notes: Vec::new() })
}

impl<'c> Need<'c> {
    /// What to load.
    #[must_use]
    pub fn fetch(&self) -> &Fetch {
        &self.fetch
    }

    /// Goes on with what was loaded.
    pub fn loaded(self, fetched: Fetched) -> Step<'c> {
        let _ = (fetched, self.config);
        Step::Done(Done { response: Response::new(Vec::new()), effects: Vec::new(), notes: Vec::new() })
    }
}

impl<'c> Commit<'c> {
    /// What to commit.
    #[must_use]
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// Goes on with how it went.
    pub fn committed(self, outcome: CommitOutcome) -> Step<'c> {
        let _ = (outcome, self.config);
        Step::Done(Done { response: Response::new(Vec::new()), effects: Vec::new(), notes: Vec::new() })
    }
}
