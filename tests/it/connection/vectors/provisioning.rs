//! D45: what the requests of provisioning show, as the hub has it.

use admittance::connection::{Command, Diagnosis, Observations, State, setup_warnings};
use admittance::note::Note;

use super::super::fixture::{later, run, token_until, with_scim};
use super::{Vector, hub, hub_with, vector};

const DAY: u64 = 24 * 60 * 60;

/// A token that ends after so many seconds, as the hub shows it after some.
fn token_seen(end: u64, seen: u64) -> Vec<Diagnosis> {
    let token = token_until("t1", later(end));
    let connection = run(with_scim(State::Enabled), [Command::GenerateToken(token)]);
    setup_warnings(&connection, &Observations::default(), later(seen))
}

pub(super) fn vectors() -> Vec<Vector> {
    vec![
        vector(
            "scim.double_slash",
            || hub_with(Note::new("scim.double_slash").actual("/scim//v2/Users")),
            || hub(&[]),
        ),
        vector("scim.token_missing", || hub(&["scim.token_missing"]), || hub(&[])),
        vector("scim.token_wrong", || hub(&["scim.token_wrong"]), || hub(&[])),
        vector("scim.token_expired", || token_seen(60, 60), || token_seen(60, 59)),
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
        vector("scim.token_expires_soon", || token_seen(30 * DAY, 0), || token_seen(30 * DAY + 1, 0)),
        vector("scim.user_not_assigned", || hub(&["scim.user_not_assigned"]), || hub(&[])),
        vector("scim.user_suspended", || hub(&["scim.user_suspended"]), || hub(&[])),
        vector("scim.group_push_off", || hub(&["scim.group_push_off"]), || hub(&[])),
        vector("scim.existing_not_provisioned", || hub(&["scim.existing_not_provisioned"]), || hub(&[])),
        vector("scim.token_owner_managed", || hub(&["scim.token_owner_managed"]), || hub(&[])),
    ]
}
