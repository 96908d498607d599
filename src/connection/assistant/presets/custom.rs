//! Any other identity provider.

use super::shared::{
    ASSIGN, ASSIGN_ID, CLAIMS, CLAIMS_ID, CONFIGURE, CONFIGURE_ID, CREATE, CREATE_ID, MAPPING, MAPPING_ID,
    OIDC_TEST, RUN_CREATE, SAML_TEST,
};
use super::{StepData, copy, copy_single, paste, set, set_value, upload};
use crate::connection::assistant::step::{OurField, OurValue};

pub(super) const SAML: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("a new application", "{product}"),
            copy(OurValue::SpEntityId, "the entity ID of the service provider (audience)"),
            copy_single(OurValue::AcsUrl, "the sign-on URL (ACS URL, reply URL)"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste("the metadata URL of the application", OurField::MetadataUrl).automatic(),
            paste("the SSO login URL", OurField::SsoLoginUrl).manual(),
            upload("the signing certificate (X.509)", OurField::IdpCertificate).manual(),
            RUN_CREATE,
        ],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            copy(OurValue::MapName, "the name of an attribute with the full name"),
            copy(OurValue::MapLogin, "the name of an attribute with the unique user name"),
            copy(OurValue::MapEmail, "the name of an attribute with the email address"),
            copy(OurValue::MapGroups, "the name of an attribute with the names of groups, one value each"),
        ],
    },
    SAML_TEST,
];

pub(super) const OIDC: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("a new application", "{product}, a web application with a client secret"),
            copy_single(OurValue::CallbackUrl, "the redirect URI"),
            set("grant type", "authorization code, with PKCE (S256)"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[
            paste("the issuer, exactly as the provider writes it", OurField::Issuer),
            paste("the client ID", OurField::ClientId),
            paste("the client secret", OurField::ClientSecret),
            RUN_CREATE,
        ],
    },
    StepData {
        id: CLAIMS_ID,
        title: CLAIMS,
        actions: &[
            set_value("the claim with the full name", OurValue::MapName),
            set_value("the claim with the unique user name", OurValue::MapLogin),
            set_value("the claim with the email address", OurValue::MapEmail),
            set_value("the claim with the names of groups", OurValue::MapGroups),
        ],
    },
    StepData {
        id: ASSIGN_ID,
        title: ASSIGN,
        actions: &[set("assignments of the application", "the people and groups that may sign in")],
    },
    OIDC_TEST,
];
