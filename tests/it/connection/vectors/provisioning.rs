//! D45: what the requests of provisioning show, as the hub has it.

use admittance::connection::{Command, Observations, State, setup_warnings};
use admittance::note::Note;

use super::super::fixture::{later, now, run, with_scim};
use super::{Vector, hub, hub_with, vector};

pub(super) fn vectors() -> Vec<Vector> {
    vec![
        vector(
            "scim.double_slash",
            || hub_with(Note::new("scim.double_slash").actual("/scim//v2/Users")),
            || hub(&[]),
        ),
        vector("scim.token_missing", || hub(&["scim.token_missing"]), || hub(&[])),
        vector("scim.token_wrong", || hub(&["scim.token_wrong"]), || hub(&[])),
        vector(
            "scim.token_expired",
            || {
                let token = crate::connection::fixture::token("t1").until(later(60));
                let connection = run(with_scim(State::Enabled), [Command::GenerateToken(token)]);
                setup_warnings(&connection, &Observations::default(), now())
            },
            || {
                let token = crate::connection::fixture::token("t1").until(later(40 * 24 * 60 * 60));
                let connection = run(with_scim(State::Enabled), [Command::GenerateToken(token)]);
                setup_warnings(&connection, &Observations::default(), now())
            },
        ),
        vector(
            "scim.scope_missing",
            || hub_with(Note::new("scim.scope_missing").expected("groups:write")),
            || hub(&[]),
        ),
        vector(
            "scim.username_differs_from_login",
            || {
                hub_with(
                    Note::new("scim.username_differs_from_login").expected("ada").actual("ada@corp.example"),
                )
            },
            || hub(&[]),
        ),
        vector(
            "scim.group_not_mapped",
            || hub_with(Note::new("scim.group_not_mapped").actual("Astronomers")),
            || hub(&[]),
        ),
        vector(
            "scim.legacy_patch_mode",
            || hub(&["scim.operation_case", "scim.text_boolean"]),
            || hub(&["scim.remove_by_value"]),
        ),
        vector("scim.token_expires_soon", || hub(&["scim.token_expires_soon"]), || hub(&[])),
        vector("scim.user_not_assigned", || hub(&["scim.user_not_assigned"]), || hub(&[])),
        vector("scim.user_suspended", || hub(&["scim.user_suspended"]), || hub(&[])),
        vector("scim.group_push_off", || hub(&["scim.group_push_off"]), || hub(&[])),
        vector("scim.existing_not_provisioned", || hub(&["scim.existing_not_provisioned"]), || hub(&[])),
        vector("scim.token_owner_managed", || hub(&["scim.token_owner_managed"]), || hub(&[])),
    ]
}
