//! What several presets share.

use super::{ActionData, RunData, StepData, run, set, warn};

pub(super) const CREATE_ID: &str = "create";
pub(super) const CREATE: &str = "Create application";
pub(super) const CONFIGURE_ID: &str = "configure";
pub(super) const CONFIGURE: &str = "Configure connection";
pub(super) const CLAIMS_ID: &str = "mapping";
pub(super) const CLAIMS: &str = "Claims mapping";
pub(super) const MAPPING_ID: &str = "mapping";
pub(super) const MAPPING: &str = "Attribute mapping";
pub(super) const ASSIGN_ID: &str = "assign";
pub(super) const ASSIGN: &str = "Assign access";
pub(super) const TEST_ID: &str = "test";
pub(super) const TEST: &str = "Test SSO";

pub(super) const RUN_CREATE: ActionData = run(RunData::Create);
pub(super) const RUN_TEST: ActionData = run(RunData::Test);
pub(super) const RUN_ENABLE: ActionData = run(RunData::Enable);

/// SAML has no step of its own for assignments.
pub(super) const SAML_TEST: StepData = StepData {
    id: TEST_ID,
    title: TEST,
    actions: &[set("Assignments", "at least one group or user, which the test needs"), RUN_TEST, RUN_ENABLE],
};

pub(super) const OIDC_TEST: StepData =
    StepData { id: TEST_ID, title: TEST, actions: &[RUN_TEST, RUN_ENABLE] };

pub(super) const FIRST_NAME_ONLY: ActionData = warn(
    "This source is the first name alone. For the full name, take a source of your own or join first and last name in the mapping.",
);

pub(super) const BROKER_MODE: ActionData = warn(
    "With Federation Broker Mode everybody of your organization gets in. Assignments matter when it is off, and when Okta provisions.",
);
