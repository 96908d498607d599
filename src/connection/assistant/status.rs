//! How far each step is.

use super::step::StepStatus;
use super::urls::Urls;
use crate::connection::configuration::{Connection, State, Test};

/// A step of single sign-on. Whether the administrator has done what the identity provider asks for is only seen by
/// the test, so the steps before it are done when a later one is.
pub(super) fn sso(id: &str, connection: &Connection, urls: &Urls) -> StepStatus {
    let reached = !matches!(connection.state(), State::Draft | State::Deleted);
    let passed = connection.test().is_fresh();
    let ran = |done| if done { StepStatus::Done } else { StepStatus::Todo };
    match id {
        "create" => ran(reached || connection.source().is_some()),
        "configure" => ran(reached),
        _ if !reached => StepStatus::Blocked,
        "mapping" if connection.mapping_version() < urls.mapping_version => StepStatus::Warning,
        "test" => match connection.test() {
            Test::Passed { .. } => StepStatus::Done,
            Test::Missing => StepStatus::Todo,
            Test::Dropped { .. } | Test::Failed { .. } => StepStatus::Warning,
        },
        _ => ran(passed),
    }
}

/// A step of provisioning: single sign-on first, then what can be seen from here.
pub(super) fn provisioning(id: &str, connection: &Connection, urls: &Urls) -> StepStatus {
    let Some(scim) = connection.scim() else {
        return if sso_is_clean(connection, urls) && id == "connect" {
            StepStatus::Todo
        } else {
            StepStatus::Blocked
        };
    };
    match id {
        "connect" if !scim.has_token() => StepStatus::Todo,
        "connect" => StepStatus::Done,
        _ if !scim.has_token() => StepStatus::Blocked,
        "map_groups" if connection.state() != State::Enabled => StepStatus::Todo,
        "map_groups" if connection.group_mapping().is_empty() => StepStatus::Todo,
        "map_groups" => StepStatus::Done,
        // What was set over there is not seen from here
        _ => StepStatus::Todo,
    }
}

/// A step of the completion.
pub(super) fn completion(connection: &Connection) -> StepStatus {
    if connection.state() == State::Enabled { StepStatus::Todo } else { StepStatus::Blocked }
}

/// Whether provisioning may be set up, as far as it is seen without the host's observations.
pub(super) fn sso_is_clean(connection: &Connection, urls: &Urls) -> bool {
    let state = matches!(connection.state(), State::Tested | State::Enabled | State::Disabled);
    state && connection.test().is_fresh() && connection.mapping_version() >= urls.mapping_version
}
