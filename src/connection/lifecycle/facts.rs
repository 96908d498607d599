//! [`Facts`]: what only the host knows when a command comes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::connection::domain::DomainName;
use crate::connection::preset_mapping::MAPPING_VERSION;
use crate::connection::setup_link::SetUpGrant;
use crate::endpoint::UrlPolicy;
use crate::id::{ConnectionId, OrganizationId};
use crate::limits::Limits;
use crate::note::Note;

/// What the host knows when a command comes, read in the transaction that stores the result.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Facts {
    /// Who gives the command.
    pub actor: Actor,
    /// The version of the connection that the command was made for: the one that the person saw.
    pub version: u64,
    /// Whether the enterprise has the feature.
    pub licence: Licence,
    /// Other connections of the enterprise that are enabled.
    pub enabled: EnabledConnections,
    /// Who could still administer.
    pub administrators: Administrators,
    /// Domains that cannot be claimed.
    pub other_domains: OtherDomains,
    /// What was noticed about this connection.
    pub observations: Observations,
    /// Which addresses may be fetched.
    pub urls: UrlPolicy,
    /// Bounds of documents.
    pub limits: Limits,
}

/// Who gives a command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Actor {
    /// An administrator of the enterprise.
    EnterpriseAdministrator {
        /// As the audit trail names the person.
        name: String,
    },
    /// Whoever opened a set-up link.
    SetUpLink(SetUpGrant),
    /// The host itself, for example in a scheduled task.
    Host,
    /// Somebody else, who may do nothing.
    Other {
        /// As the audit trail names the person.
        name: String,
    },
}

/// Whether an enterprise has the feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Licence {
    /// It has not.
    #[default]
    Missing,
    /// It has: the Enterprise licence, or an edition that includes it.
    Enterprise,
}

/// Other connections of the enterprise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnabledConnections {
    /// Those that are enabled, without the one that the command is for.
    pub others: Vec<ConnectionId>,
    /// Whether an enterprise may have several.
    pub several: SeveralConnections,
}

/// Whether an enterprise may have several enabled connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SeveralConnections {
    /// One alone.
    #[default]
    Refuse,
    /// Any number.
    Allow,
}

/// How many people could still administer without single sign-on: active administrators who have another way to
/// sign in, service accounts among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Administrators {
    /// Of the enterprise.
    pub enterprise: u32,
    /// Of each of its organizations. Every organization is listed.
    pub organizations: BTreeMap<OrganizationId, u32>,
}

/// Domains that this enterprise cannot claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherDomains {
    /// Domains of public mail services.
    pub public_mail: BTreeSet<DomainName>,
    /// Domains that are verified for other enterprises.
    pub taken: BTreeSet<DomainName>,
}

/// What was noticed about a connection outside of its commands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observations {
    /// The version of the attribute mapping that the product uses today.
    pub mapping_version: u32,
    /// What went wrong when the metadata was fetched last, if anything.
    pub metadata: Option<Note>,
    /// What was noticed of provisioning, each once: notes and error codes of requests, and
    /// [`provisioning_notes`](crate::connection::provisioning_notes).
    pub provisioning: Vec<Note>,
}

impl Facts {
    /// Facts of which nothing allows anything: no licence, no administrators left. Set what is known.
    #[must_use]
    pub fn new(actor: Actor, version: u64) -> Self {
        Self {
            actor,
            version,
            licence: Licence::default(),
            enabled: EnabledConnections::default(),
            administrators: Administrators::default(),
            other_domains: OtherDomains::default(),
            observations: Observations::default(),
            urls: UrlPolicy::default(),
            limits: Limits::default(),
        }
    }
}

impl Default for Observations {
    fn default() -> Self {
        Self { mapping_version: MAPPING_VERSION, metadata: None, provisioning: Vec::new() }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EnterpriseAdministrator { name } | Self::Other { name } => f.write_str(name),
            Self::SetUpLink(grant) => write!(f, "set-up link {}", grant.serial()),
            Self::Host => f.write_str("the product"),
        }
    }
}
