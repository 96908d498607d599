//! [`Command`]: what an administrator, or the host, does to a connection.

use std::collections::BTreeSet;

use crate::connection::configuration::{ConnectionPolicy, Domains, State};
use crate::connection::identity_provider::{ClientRegistration, IdpSource, Reach};
use crate::connection::preset::Preset;
use crate::connection::setup_link::Task;
use crate::connection::test_report::TestReport;
use crate::groups::GroupSource;
use crate::id::{IdpGroupId, OrganizationId};
use crate::profile::Mapping;
#[cfg(feature = "scim")]
use crate::scim::token::TokenRecord;

/// What is done to a connection. [`apply`](super::apply) says what each needs and does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Command {
    /// Choose identity provider and protocol.
    Choose(Preset),
    /// Enter who the identity provider is.
    SetIdp {
        /// What was entered.
        source: IdpSource,
        /// What the host fetched for it: needed while the connection is enabled or disabled, since it is in force at
        /// once.
        reach: Option<Reach>,
    },
    /// Enter who we are to an OpenID Connect provider.
    SetClient(ClientRegistration),
    /// Create the connection with what the host found when it tried to reach the identity provider.
    Create(Reach),
    /// Set how claims become a profile.
    SetMapping(Box<Mapping>),
    /// Set how strictly sign-ins are judged.
    SetPolicy(Box<ConnectionPolicy>),
    /// Set who decides about groups.
    SetGroupSource(GroupSource),
    /// Set the email domains.
    SetDomains(Domains),
    /// Take the result of a test sign-in into account.
    RecordTest(Box<TestReport>),
    /// Let people sign in.
    Enable,
    /// Let nobody sign in; remove nothing.
    Disable,
    /// Set up provisioning.
    SetUpScim,
    /// Add a token of provisioning, made by [`generate`](crate::scim::token::generate).
    #[cfg(feature = "scim")]
    GenerateToken(TokenRecord),
    /// End a token of provisioning.
    #[cfg(feature = "scim")]
    RevokeToken {
        /// Its identifier.
        id: String,
    },
    /// Take provisioning away.
    RemoveScim(Confirmation),
    /// Map groups of the identity provider to one organization: these and no others.
    SetGroupMapping {
        /// The organization.
        organization: OrganizationId,
        /// The groups.
        groups: BTreeSet<IdpGroupId>,
    },
    /// Map all groups to all organizations.
    MapAll {
        /// Every group of the identity provider.
        groups: BTreeSet<IdpGroupId>,
        /// Every organization of the enterprise.
        organizations: BTreeSet<OrganizationId>,
        /// That somebody means it.
        confirmation: Confirmation,
    },
    /// Take over metadata that was fetched anew, as often as
    /// [`RefreshPlan`](crate::saml::metadata::refresh::RefreshPlan) says: once a day, and after a signature by a key
    /// that is not known (D32).
    Refresh(Reach),
    /// Make a new set-up link, which ends the earlier one.
    NewSetUpLink,
    /// Delete the connection.
    Delete(Confirmation),
}

/// That somebody means it: what was typed or selected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Confirmation {
    /// Not confirmed.
    None,
    /// A button was pressed.
    Given,
    /// This was typed.
    Typed(String),
}

/// The kind of a command, for the table of what is possible when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// The states from which it is possible.
    pub(super) from: &'static [State],
    /// Which task of a set-up link opens it, if any.
    pub(super) task: Option<Task>,
    /// Whether the host may do it without an administrator.
    pub(super) host: bool,
    /// Whether it needs the licence. What leads out of the feature does not.
    pub(super) licensed: bool,
    pub(super) event: &'static str,
}

impl Command {
    /// Connection rules §2, columns From and Audit event.
    pub(super) fn rule(&self) -> Rule {
        use State::{Created, Disabled, Draft, Enabled, Tested};
        const ANY: &[State] = &[Draft, Created, Tested, Enabled, Disabled];
        const LATER: &[State] = &[Created, Tested, Enabled, Disabled];
        let rule = |from, task, event| Rule { from, task, event, host: false, licensed: true };
        let way_out = |from, task, event| Rule { licensed: false, ..rule(from, task, event) };
        match self {
            Self::Choose(_) => rule(&[Draft], Some(Task::Sso), "connection.created"),
            Self::SetIdp { .. } | Self::SetClient(_) => rule(ANY, Some(Task::Sso), "connection.idp_changed"),
            Self::Create(_) => rule(&[Draft], Some(Task::Sso), "connection.reached"),
            Self::SetMapping(_) => rule(LATER, Some(Task::Sso), "connection.mapping_changed"),
            Self::SetPolicy(_) | Self::SetGroupSource(_) => {
                rule(ANY, Some(Task::Sso), "connection.policy_changed")
            }
            Self::SetDomains(_) => rule(ANY, Some(Task::Domain), "connection.policy_changed"),
            Self::RecordTest(_) => rule(LATER, Some(Task::Sso), "connection.tested"),
            Self::Enable => rule(&[Tested, Disabled, Enabled], Some(Task::Sso), "connection.enabled"),
            Self::Disable => Rule { host: true, ..way_out(&[Enabled], None, "connection.disabled") },
            Self::SetUpScim => rule(&[Tested, Enabled, Disabled], Some(Task::Scim), "scim.configured"),
            #[cfg(feature = "scim")]
            Self::GenerateToken(_) => rule(ANY, Some(Task::Scim), "scim.token_created"),
            #[cfg(feature = "scim")]
            Self::RevokeToken { .. } => {
                Rule { host: true, ..way_out(ANY, Some(Task::Scim), "scim.token_revoked") }
            }
            Self::RemoveScim(_) => way_out(ANY, None, "scim.removed"),
            Self::SetGroupMapping { .. } | Self::MapAll { .. } => {
                rule(&[Enabled], Some(Task::Scim), "mapping.changed")
            }
            Self::Refresh(_) => Rule {
                host: true,
                ..way_out(LATER, Some(Task::Certificate), "connection.certificates_changed")
            },
            Self::NewSetUpLink => rule(ANY, None, "connection.link_created"),
            Self::Delete(_) => way_out(ANY, None, "connection.deleted"),
        }
    }
}

impl Confirmation {
    /// What was typed, for the message that it is not enough.
    pub(super) fn typed(&self) -> Option<&str> {
        match self {
            Self::Typed(text) => Some(text),
            Self::None | Self::Given => None,
        }
    }
}
