//! Provisioning over SCIM.

use super::{RunData, StepData, copy, run, run_there, set, warn};
use crate::connection::assistant::step::OurValue;

const CONNECT_ID: &str = "connect";
const CONNECT: &str = "Connect";
const MAP: StepData = StepData {
    id: "map_groups",
    title: "Map your groups to organizations",
    actions: &[
        run(RunData::Enable),
        warn(
            "Groups are provisioned when they are assigned there and mapped to an organization here. Mapping creates them; in a group of the same name, members who sign in with SSO are replaced by those of the identity provider, others stay.",
        ),
        run(RunData::MapGroups),
        set("permissions of the groups, here", "what their members may do"),
    ],
};

pub(super) const OKTA: &[StepData] = &[
    StepData {
        id: CONNECT_ID,
        title: CONNECT,
        actions: &[
            run(RunData::SetUpScim),
            set("General > App Settings > Edit > Provisioning", "SCIM"),
            copy(OurValue::ScimUrl, "Provisioning > SCIM Connection > SCIM connector base URL"),
            copy(OurValue::ScimUserId, "Unique identifier field for users"),
            set(
                "Supported provisioning actions",
                "Import New Users and Profile Updates, Push New Users, Push Profile Updates, Push Groups",
            ),
            set("Authentication Mode", "HTTP Header"),
            run(RunData::GenerateToken),
            copy(OurValue::ScimToken, "HTTP Header > Bearer"),
            run_there("Test Connector Configuration, which shows a green mark"),
        ],
    },
    StepData {
        id: "to_app",
        title: "Provision to the application",
        actions: &[
            set("Provisioning > To App > Edit", "Create Users, Update User Attributes, Deactivate Users"),
            warn("Suspending a person in Okta changes nothing here."),
            warn("People who were assigned before have an exclamation mark: select Provision User."),
        ],
    },
    StepData {
        id: "groups",
        title: "Push groups",
        actions: &[set(
            "Push Groups",
            "Find groups by name, or Find groups by rule (no regular expressions; matching groups are pushed at once)",
        )],
    },
    MAP,
];

pub(super) const ENTRA: &[StepData] = &[
    StepData {
        id: CONNECT_ID,
        title: CONNECT,
        actions: &[
            run(RunData::SetUpScim),
            set("Provisioning > New configuration > Select authentication method", "Bearer authentication"),
            copy(OurValue::ScimUrlWithFlag, "Tenant URL"),
            run(RunData::GenerateToken),
            copy(OurValue::ScimToken, "Secret token"),
            run_there("Test connection"),
            run_there("Create"),
        ],
    },
    StepData {
        id: "mapping",
        title: "Attribute mapping",
        actions: &[
            set(
                "Attribute mapping > Provision Microsoft Entra ID Groups",
                "Enabled, with Create, Update, Delete",
            ),
            set(
                "Attribute mapping > Provision Microsoft Entra ID Users",
                "Enabled, with Create, Update, Delete",
            ),
            set(
                "Provision Microsoft Entra ID Users > userName",
                "the source attribute of whatever claim Login is mapped to: userPrincipalName for user.userprincipalname, mail for user.mail",
            ),
        ],
    },
    StepData {
        id: "start",
        title: "Start provisioning",
        actions: &[
            set("Provisioning Mode", "Automatic"),
            set("Settings > Scope", "Sync only assigned users and groups"),
            set("Provisioning Status", "On"),
            run_there("Overview > Start provisioning"),
            warn("Entra ID synchronizes every 40 minutes."),
            warn("Members of nested groups are not provisioned."),
        ],
    },
    MAP,
];

pub(super) const JUMPCLOUD: &[StepData] = &[
    StepData {
        id: CONNECT_ID,
        title: CONNECT,
        actions: &[
            run(RunData::SetUpScim),
            set("Identity Management > Configuration Settings > API Type", "SCIM API"),
            set("SCIM Version", "SCIM 2.0"),
            copy(OurValue::ScimUrl, "Base URL, without a slash at the end"),
            run(RunData::GenerateToken),
            copy(OurValue::ScimToken, "Token Key"),
            set("Test User Email", "any address"),
            run_there("Test Connection"),
        ],
    },
    StepData {
        id: "activate",
        title: "Activate",
        actions: &[
            set("Enable management of User Groups and Group Membership in this application", "off"),
            warn("Groups come with the sign-in, by name."),
            run_there("Activate"),
            run(RunData::Enable),
        ],
    },
];

pub(super) const ONELOGIN: &[StepData] = &[
    StepData {
        id: CONNECT_ID,
        title: CONNECT,
        actions: &[
            run(RunData::SetUpScim),
            copy(OurValue::ScimUrl, "Configuration > API Connection > SCIM Base URL"),
            run(RunData::GenerateToken),
            copy(OurValue::ScimToken, "SCIM Bearer Token").unconfirmed(),
            set(
                "SCIM JSON Template",
                "the schemas urn:ietf:params:scim:schemas:core:2.0:User and their like, of SCIM 2.0",
            ),
            set("API Status", "Enabled"),
        ],
    },
    StepData {
        id: "provision",
        title: "Provision",
        actions: &[
            set("Provisioning > Enable provisioning", "Create user, Update user, Delete user"),
            set("Rules", "Set Groups in the application, from the roles or attributes to send").unconfirmed(),
        ],
    },
    MAP,
];

pub(super) const GENERIC: &[StepData] = &[
    StepData {
        id: CONNECT_ID,
        title: CONNECT,
        actions: &[
            run(RunData::SetUpScim),
            copy(OurValue::ScimUrl, "the SCIM 2.0 base URL"),
            run(RunData::GenerateToken),
            copy(OurValue::ScimToken, "the bearer token"),
            copy(OurValue::ScimUserId, "the attribute that users are told apart by"),
            set("scope", "assigned users and groups only"),
        ],
    },
    StepData {
        id: "check",
        title: "Check",
        actions: &[run_there("a look-up of one person by userName"), set("group push", "on")],
    },
    MAP,
];
