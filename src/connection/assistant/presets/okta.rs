//! Okta.

use super::shared::{
    ASSIGN, ASSIGN_ID, BROKER_MODE, CLAIMS, CLAIMS_ID, CONFIGURE, CONFIGURE_ID, CREATE, CREATE_ID,
    FIRST_NAME_ONLY, MAPPING, MAPPING_ID, OIDC_TEST, RUN_CREATE, SAML_TEST,
};
use super::{StepData, copy, copy_single, paste, set, upload_certificate, warn};
use crate::connection::assistant::step::{OurField, OurValue};

pub(super) const OIDC: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("Applications > Create App Integration > Sign-in method", "OIDC - OpenID Connect"),
            set("Application type", "Web application"),
            set("App integration name", "{product}"),
            copy(OurValue::CallbackUrl, "Sign-in redirect URIs"),
            set("Assignments > Controlled access", "Allow everyone in your organization to access"),
            set(
                "Assignments > Enable immediate access",
                "Enable immediate access with Federation Broker Mode",
            ),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste("General > Client Credentials > Client ID", OurField::ClientId),
            paste("General > Client Credentials > Client secret", OurField::ClientSecret),
            paste("account menu > org URL", OurField::OktaDomain),
            RUN_CREATE,
        ],
    },
    StepData {
        id: CLAIMS_ID,
        title: CLAIMS,
        actions: &[
            set("Sign On > Token claims > Show legacy configuration > Groups claim type", "Filter"),
            set("Groups claim filter, first field", "groups"),
            set("Groups claim filter, second field", "Matches regex .*"),
            warn(
                "From 100 groups on, Okta cuts the list off without saying so. Narrow the filter if somebody has that many.",
            ),
            warn("The scope groups is requested at sign-in.").unconfirmed(),
        ],
    },
    StepData {
        id: ASSIGN_ID,
        title: ASSIGN,
        actions: &[
            set("Assignments > Assign > Assign to Groups", "the groups that may sign in"),
            BROKER_MODE,
        ],
    },
    OIDC_TEST,
];

pub(super) const SAML: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("Applications > Create App Integration > Sign-in method", "SAML 2.0"),
            set("General Settings > App name", "{product}"),
            set("App visibility > Do not display application icon to users", "on"),
            copy_single(OurValue::AcsUrl, "SAML Settings > Single sign on URL"),
            set("Use this for Recipient URL and Destination URL", "on"),
            copy(OurValue::SpEntityId, "Audience URI (SP Entity ID)"),
            set("Response", "Signed"),
            set("Assertion Signature", "Signed"),
            set("Signature Algorithm", "RSA-SHA256"),
            set("Assertion Encryption", "Encrypted").optional(),
            set("Encryption Algorithm", "AES256-GCM").optional(),
            set("Key Transport Algorithm", "RSA-OAEP").optional(),
            upload_certificate("Encryption Certificate").optional(),
            warn("Leave Other Requestable SSO URLs empty."),
            set("Feedback", "Finish"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste("Sign On > Settings > Sign on methods > Metadata URL", OurField::MetadataUrl),
            RUN_CREATE,
        ],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            set("Sign On > Attribute statements", "Show legacy configuration"),
            set("Name format of every attribute", "Unspecified"),
            copy(OurValue::MapName, "Profile attribute statements, Name for the value user.firstName"),
            FIRST_NAME_ONLY,
            copy(OurValue::MapLogin, "Profile attribute statements, Name for the value user.login"),
            copy(OurValue::MapEmail, "Profile attribute statements, Name for the value user.email"),
            copy(OurValue::MapGroups, "Group Attribute Statements, Name for the filter Matches regex .*"),
        ],
    },
    SAML_TEST,
];
