//! JumpCloud.

use super::shared::{CONFIGURE, CONFIGURE_ID, CREATE, CREATE_ID, MAPPING, MAPPING_ID, RUN_CREATE, SAML_TEST};
use super::{StepData, copy, copy_single, paste, set};
use crate::connection::assistant::step::{OurField, OurValue};

pub(super) const SAML: &[StepData] = &[
    StepData {
        id: CREATE_ID,
        title: CREATE,
        actions: &[
            set("SSO Applications > Add New Application", "Custom Application"),
            set("Manage Single Sign-On (SSO)", "Configure SSO with SAML"),
            set("Display Label", "{product}"),
            set("SSO > Configuration Settings > IdP Entity ID", "the default value, unchanged"),
            // The Single Sign-On URL in both: this is our name there
            copy(OurValue::AcsUrl, "SP Entity ID"),
            copy_single(OurValue::AcsUrl, "ACS URLs > Default URL"),
        ],
    },
    StepData {
        id: CONFIGURE_ID,
        title: CONFIGURE,
        actions: &[paste("SSO > JumpCloud Metadata > Copy Metadata URL", OurField::MetadataUrl), RUN_CREATE],
    },
    StepData {
        id: MAPPING_ID,
        title: MAPPING,
        actions: &[
            copy(
                OurValue::MapName,
                "SSO > Attributes > User Attributes > Service Provider Attribute Name, for the JumpCloud attribute displayname",
            ),
            copy(OurValue::MapLogin, "Service Provider Attribute Name, for the JumpCloud attribute username"),
            copy(OurValue::MapEmail, "Service Provider Attribute Name, for the JumpCloud attribute email"),
            set("Constant Attributes > Include Group Attribute", "on"),
            copy(OurValue::MapGroups, "Groups Attribute Name"),
        ],
    },
    SAML_TEST,
];
