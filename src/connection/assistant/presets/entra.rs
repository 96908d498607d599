//! Microsoft Entra ID.

use super::shared::{
    ASSIGN, ASSIGN_ID, CLAIMS, CLAIMS_ID, CONFIGURE, CONFIGURE_ID, CREATE, CREATE_ID, FIRST_NAME_ONLY,
    MAPPING, MAPPING_ID, OIDC_TEST, RUN_CREATE, SAML_TEST,
};
use super::{StepData, copy, copy_single, paste, set, set_value, warn};
use crate::connection::assistant::step::{OurField, OurValue};

pub(super) const SAML: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set(
                "Enterprise applications > All applications > New application > Create your own application",
                "Integrate any other application you don't find in the gallery",
            ),
            warn("Do not take an application of the same name from the gallery: its settings do not fit."),
            copy_single(
                OurValue::SpEntityId,
                "Single sign-on > SAML > Basic SAML Configuration > Identifier (Entity ID)",
            ),
            copy_single(OurValue::AcsUrl, "Reply URL (Assertion Consumer Service URL)"),
            copy(OurValue::LoginUrl, "Sign on URL (Optional)").optional(),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste("Single sign-on > SAML Certificates > App Federation Metadata Url", OurField::MetadataUrl),
            RUN_CREATE,
        ],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            set("Attributes & Claims > Additional claims", "none: remove all"),
            copy(OurValue::MapEmail, "Add new claim > Name, with the Source attribute user.mail"),
            copy(
                OurValue::MapLogin,
                "Add new claim > Name, with the Source attribute user.userprincipalname",
            ),
            copy(OurValue::MapName, "Add new claim > Name, with the Source attribute user.givenname"),
            FIRST_NAME_ONLY,
            set(
                "Add a group claim > Which groups associated with the user should be returned in the claim?",
                "Groups assigned to the application",
            ),
            set(
                "Source attribute",
                "Cloud-only group display names, or sAMAccountName with Emit group name for cloud-only groups",
            ),
            copy(OurValue::MapGroups, "Advanced options > Customize the name of the group claim > Name"),
            warn(
                "There can be one group claim. Nested groups are not sent, and above 150 groups a link comes instead of names.",
            ),
        ],
    },
    SAML_TEST,
];

pub(super) const OIDC: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("App registrations > New registration > Redirect URI > Platform", "Web").unconfirmed(),
            copy_single(OurValue::CallbackUrl, "Redirect URI"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste("Overview > Application (client) ID", OurField::ClientId),
            paste("Certificates & secrets > New client secret > Value", OurField::ClientSecret),
            paste("Overview > Directory (tenant) ID", OurField::Issuer),
            warn("Use the tenant's ID, never common: then everybody with a Microsoft account could ask."),
            RUN_CREATE,
        ],
    },
    StepData {
        id: CLAIMS_ID,
        title: CLAIMS,
        actions: &[
            set("Token configuration > Add optional claim > ID", "email").unconfirmed(),
            set("Token configuration > Add groups claim", "Groups assigned to the application, as names")
                .unconfirmed(),
            set_value("Login is taken from", OurValue::MapLogin),
            warn(
                "Entra ID does not verify email addresses. Above 200 groups a link comes instead of names. Accounts are told apart by oid with tid.",
            ),
        ],
    },
    StepData {
        id: ASSIGN_ID,
        title: ASSIGN,
        actions: &[
            set("Enterprise applications > Properties > Assignment required?", "Yes").unconfirmed(),
            set("Users and groups > Add user/group", "the groups that may sign in").unconfirmed(),
        ],
    },
    OIDC_TEST,
];
