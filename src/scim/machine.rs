//! [`begin`]: a request, answered in steps that the host drives.
//!
//! ```text
//! begin ─→ Need(fetch) ─loaded→ Commit(change) ─committed→ Done(response, effects)
//! ```
//!
//! Each step is a value; nothing is read or written between them but by the host, which loads, commits in a transaction of
//! its own, and sends the answer:
//!
//! ```
//! use admittance::{
//!     endpoint::UrlPolicy,
//!     scim::{
//!         access::{Access, Scopes},
//!         change::{Change, CommitOutcome, MembersDelta},
//!         fetch::{Fetch, Fetched, Loaded},
//!         machine::{self, Context, Step},
//!         service::{ServiceConfig, Tenancy},
//!     },
//! };
//! # let now = admittance::time::Timestamp::parse("2026-11-22T00:01:00Z")?.at;
//!
//! // Of the host: what it finds within `fetch.tenant`, and how its transaction goes.
//! fn load(fetch: &Fetch) -> Fetched {
//!     Fetched { new_ids: vec!["u1".into()], ..Fetched::new(Loaded::Holder(None)) }
//! }
//! fn commit(change: &Change) -> CommitOutcome {
//!     CommitOutcome::Done { delta: MembersDelta::default(), version: "1".into() }
//! }
//!
//! let config = ServiceConfig::new("https://example.com/scim/v2", UrlPolicy::Https, Tenancy::InPath)?;
//! let request = http::Request::post("/scim/v2/connections/acme/Users")
//!     .body(br#"{"userName": "ada@corp.example"}"#.to_vec())?;
//! let context = Context::new(Some(Access::new("acme", Scopes::all())), now);
//! let mut step = machine::begin(&config, &context, &request);
//! let done = loop {
//!     step = match step {
//!         Step::Need(need) => {
//!             let fetched = load(need.fetch());
//!             need.loaded(fetched)
//!         }
//!         Step::Commit(to_commit) => {
//!             let outcome = commit(to_commit.change());
//!             to_commit.committed(outcome)
//!         }
//!         Step::Done(done) => break done,
//!     };
//! };
//! assert_eq!(done.response.status(), 201);
//! assert_eq!(done.response.headers()["location"], "https://example.com/scim/v2/connections/acme/Users/u1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What the host must still do: check the token before ([`token`](super::token)), act on the effects, and log the notes.

use std::fmt;

use http::{Request, Response};

use super::{
    access::Access,
    bulk::{self, Running},
    change::{Change, CommitOutcome},
    conditions::Conditions,
    effect::Effect,
    fetch::{Fetch, Fetched},
    operation::{self, Asked},
    resource::Reading,
    respond::Answer,
    service::ServiceConfig,
    task::{Committing, Outcome, Progress, Setting, Task},
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
    task: Box<Task<'c>>,
    bulk: Option<Box<Running<'c>>>,
}

/// An operation that waits for its change to be committed.
#[derive(Debug)]
#[must_use]
pub struct Commit<'c> {
    change: Change,
    committing: Box<Committing<'c>>,
    bulk: Option<Box<Running<'c>>>,
}

/// What a request has come to.
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
    let mut reading = Reading::new(config.leniency, &config.limits);
    match operation::parse(config, context, request, &mut reading) {
        Ok((tenant, asked)) => {
            let setting = Setting { config, tenant, now: context.now, removals: context.removals };
            match asked {
                Asked::One(op) => {
                    let conditions = Conditions::of(request.headers());
                    step(Task::new(setting, conditions, reading, op).start(), None)
                }
                Asked::Bulk(body) => bulk::begin(setting, context, body, reading),
            }
        }
        Err(error) => Step::Done(Done {
            response: Answer::of_error(error).into_response(),
            effects: Vec::new(),
            notes: reading.into_notes(),
        }),
    }
}

/// What comes of the progress of one operation, which may be a part of a bulk request.
pub(super) fn step<'c>(mut progress: Progress<'c>, mut bulk: Option<Box<Running<'c>>>) -> Step<'c> {
    loop {
        match (progress, bulk.take()) {
            (Progress::Need(fetch, task), bulk) => return Step::Need(Need { fetch, task, bulk }),
            (Progress::Commit(change, committing), bulk) => {
                return Step::Commit(Commit { change, committing, bulk });
            }
            (Progress::Done(Outcome { answer, effects, notes, .. }), None) => {
                return Step::Done(Done { response: answer.into_response(), effects, notes });
            }
            (Progress::Done(outcome), Some(mut running)) => {
                running.take(outcome);
                match running.next() {
                    Ok(next) => {
                        progress = next;
                        bulk = Some(running);
                    }
                    Err(answered) => progress = Progress::Done(*answered),
                }
            }
        }
    }
}

impl<'c> Need<'c> {
    /// What to load.
    #[must_use]
    pub fn fetch(&self) -> &Fetch {
        &self.fetch
    }

    /// Goes on with what was loaded.
    pub fn loaded(self, fetched: Fetched) -> Step<'c> {
        step(self.task.loaded(fetched), self.bulk)
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
        step(self.committing.committed(self.change, outcome), self.bulk)
    }
}

impl fmt::Debug for Done {
    /// Nothing of the body: it is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Done")
            .field("status", &self.response.status())
            .field("effects", &self.effects)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}
