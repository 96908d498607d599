//! Google Workspace, AD FS, PingOne, OneLogin, Keycloak.

use super::shared::{
    CONFIGURE, CONFIGURE_ID, CREATE, CREATE_ID, FIRST_NAME_ONLY, MAPPING, MAPPING_ID, RUN_CREATE, RUN_ENABLE,
    RUN_TEST, SAML_TEST, TEST, TEST_ID,
};
use super::{StepData, copy, copy_single, paste, set, upload, upload_certificate, warn};
use crate::connection::assistant::step::{OurField, OurValue};

pub(super) const GOOGLE: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("Apps > Web and mobile apps > Add app", "Add custom SAML app").unconfirmed(),
            set("App name", "{product}"),
            copy_single(OurValue::AcsUrl, "Service provider details > ACS URL"),
            copy(OurValue::SpEntityId, "Entity ID"),
            set("Name ID", "Basic Information > Primary email"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[upload("Download metadata (there is no URL)", OurField::MetadataXml), RUN_CREATE],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            copy(OurValue::MapEmail, "SAML attribute mapping > App attributes, for Primary email"),
            copy(OurValue::MapLogin, "SAML attribute mapping > App attributes, for Primary email"),
            copy(OurValue::MapName, "SAML attribute mapping > App attributes, for First name"),
            FIRST_NAME_ONLY,
            set("Group membership (optional) > Google groups", "the groups to send"),
            copy(OurValue::MapGroups, "Group membership > App attribute"),
            warn("At most 75 groups are sent. After a group is renamed, choose it again."),
        ],
    },
    StepData {
        id: TEST_ID,
        title: TEST,
        actions: &[
            set("User access", "ON for the organizational unit of at least one person, which the test needs"),
            warn("Where it is off, Google answers app_not_configured_for_user."),
            RUN_TEST,
            RUN_ENABLE,
        ],
    },
];

pub(super) const ADFS: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("Relying Party Trusts > Add Relying Party Trust", "Claims aware, data entered manually"),
            set("Display name", "{product}"),
            copy(OurValue::SpEntityId, "Identifiers > Relying party trust identifier"),
            copy_single(OurValue::AcsUrl, "Endpoints > Add SAML, SAML Assertion Consumer, POST"),
            set("Set-AdfsRelyingPartyTrust -SamlResponseSignature", "MessageAndAssertion"),
            set("Set-AdfsRelyingPartyTrust -NotBeforeSkew", "1"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste(
                "https://{host}/FederationMetadata/2007-06/FederationMetadata.xml, with the name of your server",
                OurField::MetadataUrl,
            )
            .automatic(),
            upload("the same document, where the server is not public", OurField::MetadataXml).manual(),
            RUN_CREATE,
        ],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            set("Edit Claim Issuance Policy > Add Rule", "Send LDAP Attributes as Claims"),
            copy(OurValue::MapEmail, "Outgoing Claim Type, for E-Mail-Addresses"),
            copy(OurValue::MapLogin, "Outgoing Claim Type, for User-Principal-Name"),
            copy(OurValue::MapName, "Outgoing Claim Type, for Display-Name"),
            copy(OurValue::MapGroups, "Outgoing Claim Type, for Token-Groups - Unqualified Names"),
            set("Add Rule > Transform an Incoming Claim", "E-Mail Address to Name ID, format Email"),
            warn("Without a rule for Name ID, AD FS answers InvalidNameIDPolicy."),
        ],
    },
    SAML_TEST,
];

pub(super) const PINGONE: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("Applications > Add Application", "SAML Application, switched on"),
            set("Application Name", "{product}"),
            copy_single(OurValue::AcsUrl, "Configuration > ACS URLs"),
            copy(OurValue::SpEntityId, "Configuration > Entity ID"),
            set("Configuration > Signing Key", "Sign Assertion, or Sign Assertion & Response"),
            set("Configuration > Signing Algorithm", "RSA_SHA256"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[paste("Configuration > IDP Metadata URL", OurField::MetadataUrl), RUN_CREATE],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            copy(OurValue::MapEmail, "Attribute Mappings > Application attribute, for Email Address"),
            copy(OurValue::MapLogin, "Attribute Mappings > Application attribute, for Username"),
            copy(OurValue::MapName, "Attribute Mappings > Application attribute, for Formatted"),
            copy(OurValue::MapGroups, "Attribute Mappings > Application attribute, for Group Names")
                .unconfirmed(),
        ],
    },
    SAML_TEST,
];

pub(super) const ONELOGIN: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("Applications > Add App", "SAML Custom Connector (Advanced)").unconfirmed(),
            set("Display Name", "{product}"),
            copy(OurValue::SpEntityId, "Configuration > Audience (EntityID)"),
            copy_single(OurValue::AcsUrl, "Configuration > ACS (Consumer) URL"),
            copy(OurValue::AcsUrlPattern, "Configuration > ACS (Consumer) URL Validator"),
            set("Configuration > SAML initiator", "Service Provider"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste("SSO > Issuer URL", OurField::MetadataUrl).automatic(),
            upload("More Actions > SAML Metadata", OurField::MetadataXml).manual(),
            RUN_CREATE,
        ],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            set("Parameters, each of them", "Include in SAML assertion"),
            copy(OurValue::MapName, "Parameters > Add, for Name"),
            copy(OurValue::MapLogin, "Parameters > Add, for Username"),
            copy(OurValue::MapEmail, "Parameters > Add, for Email"),
            copy(
                OurValue::MapGroups,
                "Parameters > Add, for MemberOf: multi-value, Semicolon Delimited input (Multi-value output)",
            ),
        ],
    },
    SAML_TEST,
];

pub(super) const KEYCLOAK: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("Clients > Create client > Client type", "SAML"),
            copy(OurValue::SpEntityId, "Client ID"),
            copy_single(OurValue::AcsUrl, "Settings > Master SAML Processing URL"),
            copy_single(OurValue::AcsUrl, "Settings > Valid redirect URIs"),
            set("Keys > Client signature required", "off"),
            upload_certificate("Keys > Client signature required > Import key, where it stays on").optional(),
            set("Settings > Sign assertions", "on"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste(
                "https://{host}/realms/{realm}/protocol/saml/descriptor, with your server and realm",
                OurField::MetadataUrl,
            ),
            RUN_CREATE,
        ],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            set("Client scopes > dedicated scope > Add mapper", "User Property, once for each attribute"),
            copy(OurValue::MapName, "SAML Attribute Name, for the property firstName"),
            FIRST_NAME_ONLY,
            copy(OurValue::MapLogin, "SAML Attribute Name, for the property username"),
            copy(OurValue::MapEmail, "SAML Attribute Name, for the property email"),
            copy(OurValue::MapGroups, "Add mapper > Group list > Group attribute name"),
            set("Group list > Single Group Attribute", "on"),
            set("Group list > Full group path", "off"),
        ],
    },
    SAML_TEST,
];
