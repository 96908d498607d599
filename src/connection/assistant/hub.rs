//! [`hub`]: the page "Configure Your Connection" with its two tasks.

use serde::{Deserialize, Serialize};

use super::status::sso_is_clean;
use super::step::StepStatus;
use super::urls::Urls;
use crate::connection::configuration::{Connection, State};
use crate::connection::diagnosis::{Diagnosis, DiagnosisId};
use crate::connection::lifecycle::{Observations, setup_warnings};
use crate::connection::preset::Preset;
use crate::time::Timestamp;

/// The page with the two tasks of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Hub {
    /// Single Sign-On.
    pub single_sign_on: HubTask,
    /// Provisioning.
    pub provisioning: HubTask,
    /// Whether Enable Connection is offered.
    pub can_enable: bool,
    /// Whether IdP group mapping is offered.
    pub can_map_groups: bool,
}

/// One task: how far it is, and what stands at it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HubTask {
    /// How far it is.
    pub status: StepStatus,
    /// What to look at; opening the assistant of the task shows what to do.
    pub warnings: Vec<Diagnosis>,
    /// What is said about it, such as "sign-in only".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// The hub of a connection.
#[must_use]
pub fn hub(connection: &Connection, urls: &Urls, observations: &Observations, now: Timestamp) -> Hub {
    let provisioning_row = DiagnosisId::new(45);
    let (provisioning, sso): (Vec<_>, Vec<_>) = setup_warnings(connection, observations, now)
        .into_iter()
        .partition(|warning| provisioning_row.is_some() && warning.id == provisioning_row);
    let state = connection.state();
    let offered = connection.preset().is_none_or(|preset| Preset::provisioning(preset).is_some());
    let blocked = !sso_is_clean(connection, urls) || !sso.is_empty();
    let status = |done: bool, warnings: &[Diagnosis]| match (warnings.is_empty(), done) {
        (false, _) => StepStatus::Warning,
        (true, true) => StepStatus::Done,
        (true, false) => StepStatus::Todo,
    };
    let tested = matches!(state, State::Tested | State::Enabled | State::Disabled);
    let provisioning_status = match connection.scim() {
        Some(scim) => status(scim.has_token(), &provisioning),
        None if !offered || blocked => StepStatus::Blocked,
        None => StepStatus::Todo,
    };
    let can_enable = matches!(state, State::Tested | State::Disabled)
        && connection.test().is_fresh()
        && !sso.iter().any(Diagnosis::is_error);
    let can_map_groups = state == State::Enabled && connection.scim().is_some() && sso.is_empty();
    Hub {
        single_sign_on: HubTask { status: status(tested, &sso), warnings: sso, remark: None },
        provisioning: HubTask {
            status: provisioning_status,
            warnings: provisioning,
            remark: (!offered).then(|| "sign-in only".to_owned()),
        },
        can_enable,
        can_map_groups,
    }
}
