//! Set-up links: somebody at the identity provider's side finishes a part of the set-up without an account here.
//!
//! A link is a sealed value: what it opens is written in it and cannot be read or changed without the host's key.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::configuration::{Connection, State};
use super::diagnosis::{Diagnosis, Evidence};
use super::lifecycle::AuditEvent;
use crate::crypto::SealingKey;
use crate::encoding::{base64url_decode, base64url_encode};
use crate::entropy::{Entropy, EntropyError};
use crate::id::ConnectionId;
use crate::time::Timestamp;
use crate::version::Version;

/// A part of the set-up that a link can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Task {
    /// Single sign-on.
    Sso,
    /// Provisioning.
    Scim,
    /// Proving domains.
    Domain,
    /// Replacing certificates and metadata.
    Certificate,
}

/// What a new link opens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LinkOptions {
    /// The parts of the set-up.
    pub tasks: BTreeSet<Task>,
    /// How long it lives: 5 days, at most 30.
    pub life: Duration,
    /// Whether it may let people sign in at the end.
    pub enabling: Enabling,
}

/// Whether a link may enable the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enabling {
    /// An administrator of the enterprise does that.
    #[default]
    Refuse,
    /// The link does that too.
    Allow,
}

/// What an opened link allows. [`open`] alone makes it; as an [`Actor`](super::Actor) it gives commands.
///
/// It never deletes or disables, never shows a stored secret, and ends with its time or with the next link.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SetUpGrant {
    connection: ConnectionId,
    tasks: BTreeSet<Task>,
    expires: Timestamp,
    serial: u64,
    enabling: Enabling,
}

/// Makes the text of the link that [`Command::NewSetUpLink`](super::Command::NewSetUpLink) has just made room for: it
/// carries the connection's current serial number, so earlier links have ended.
///
/// # Errors
/// [`LinkError`] for a life above 30 days, for no task, and when the entropy fails.
pub fn seal(
    connection: &Connection,
    options: &LinkOptions,
    key: &SealingKey,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<String, LinkError> {
    if options.life > LONGEST_LIFE {
        return Err(LinkError::LifeTooLong);
    }
    if options.tasks.is_empty() {
        return Err(LinkError::NoTask);
    }
    let content = Content {
        version: Version,
        connection: connection.id().clone(),
        tasks: options.tasks.clone(),
        expires: now.saturating_add(options.life),
        serial: connection.set_up_link,
        enabling: options.enabling,
    };
    let content = serde_json::to_vec(&content).map_err(|_| LinkError::NotWritten)?;
    Ok(base64url_encode(&key.seal(&content, PURPOSE, entropy)?))
}

/// Opens a link of this connection: the seal, the connection, the time, the serial number. The event belongs in the
/// audit trail, at every use.
///
/// # Errors
/// A [`Diagnosis`]: `setup_link.invalid` for everything that this key has not sealed for this connection,
/// `setup_link.expired`, `setup_link.superseded`.
pub fn open(
    text: &str,
    connection: &Connection,
    key: &SealingKey,
    now: Timestamp,
) -> Result<(SetUpGrant, AuditEvent), Box<Diagnosis>> {
    let refused = |evidence: &Evidence| Box::new(Diagnosis::of(evidence, connection.preset()));
    let invalid = Evidence::failure("setup_link.invalid");
    let content = read(text, key).ok_or_else(|| refused(&invalid))?;
    let Content { version: _, connection: id, tasks, expires, serial, enabling } = content;
    let grant = SetUpGrant { connection: id, tasks, expires, serial, enabling };
    grant.is_open(connection, now).map_err(|why| refused(why.first().unwrap_or(&invalid)))?;
    let event = AuditEvent {
        event: "connection.link_used".to_owned(),
        actor: format!("set-up link {serial}"),
        at: now,
        connection: connection.id().clone(),
        version_before: connection.version(),
        version_after: connection.version(),
        changed: Vec::new(),
    };
    Ok((grant, event))
}

/// Why there is no link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// A life above 30 days.
    #[error("a set-up link lives at most 30 days")]
    LifeTooLong,
    /// It would open nothing.
    #[error("a set-up link opens at least one task")]
    NoTask,
    /// The content cannot be written.
    #[error("the set-up link cannot be written")]
    NotWritten,
    /// The source of random bytes failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl LinkOptions {
    /// A link for these tasks, for 5 days, that does not enable.
    #[must_use]
    pub fn new(tasks: impl IntoIterator<Item = Task>) -> Self {
        Self { tasks: tasks.into_iter().collect(), life: DEFAULT_LIFE, enabling: Enabling::default() }
    }
}

impl SetUpGrant {
    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    /// What it opens.
    #[must_use]
    pub fn tasks(&self) -> &BTreeSet<Task> {
        &self.tasks
    }

    /// When it ends.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The number of the link.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// Whether it may do something of this task to this connection now.
    pub(super) fn may(
        &self,
        connection: &Connection,
        task: Task,
        now: Timestamp,
    ) -> Result<(), Vec<Evidence>> {
        self.is_open(connection, now)?;
        if self.tasks.contains(&task) {
            return Ok(());
        }
        let opens: Vec<String> = self.tasks.iter().map(Task::to_string).collect();
        let refused = Evidence::failure("setup_link.task_not_granted").expected(opens.join(", "));
        Err(vec![refused.actual(task.to_string())])
    }

    pub(super) fn may_enable(&self) -> Result<(), Vec<Evidence>> {
        match self.enabling {
            Enabling::Allow => Ok(()),
            Enabling::Refuse => {
                let opens: Vec<String> = self.tasks.iter().map(Task::to_string).collect();
                let refused = Evidence::failure("setup_link.task_not_granted").expected(opens.join(", "));
                Err(vec![refused.actual("enabling the connection")])
            }
        }
    }

    fn is_open(&self, connection: &Connection, now: Timestamp) -> Result<(), Vec<Evidence>> {
        if self.connection != *connection.id() || connection.state() == State::Deleted {
            return Err(vec![Evidence::failure("setup_link.invalid")]);
        }
        if now >= self.expires {
            return Err(vec![Evidence::failure("setup_link.expired").expected(self.expires.to_string())]);
        }
        if self.serial != connection.set_up_link {
            return Err(vec![Evidence::failure("setup_link.superseded")]);
        }
        Ok(())
    }
}

impl LinkError {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::LifeTooLong => "setup_link.life_too_long",
            Self::NoTask => "setup_link.no_task",
            Self::NotWritten => "setup_link.not_written",
            Self::Entropy(error) => error.code(),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sso => "single sign-on",
            Self::Scim => "provisioning",
            Self::Domain => "domains",
            Self::Certificate => "certificates",
        })
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: Version<1>,
    connection: ConnectionId,
    tasks: BTreeSet<Task>,
    expires: Timestamp,
    serial: u64,
    enabling: Enabling,
}

fn read(text: &str, key: &SealingKey) -> Option<Content> {
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let sealed = base64url_decode(text.as_bytes()).ok()?;
    serde_json::from_slice(&key.open(&sealed, PURPOSE)?).ok()
}

const DEFAULT_LIFE: Duration = Duration::from_secs(5 * 24 * 60 * 60);
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Bytes of a link: some hundred are used.
const LONGEST_TEXT: usize = 4096;

/// Nothing that the same key seals for another purpose opens here.
const PURPOSE: &[u8] = b"admittance set-up link 1";
