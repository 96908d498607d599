//! What is seen of provisioning.

use super::{Entry, row};
use crate::connection::diagnosis::Severity::Warning;
use crate::connection::diagnosis::Side::{IdentityProvider, Product};

pub(super) const ENTRIES: &[Entry] = &[
    row(
        45,
        "scim.double_slash",
        IdentityProvider,
        Warning,
        "Requests come with two slashes in a row[: {actual}].",
        "In {idp}, remove the slash at the end of the Provisioning Endpoint URL: {scim}.",
    ),
    row(
        45,
        "scim.token_missing",
        IdentityProvider,
        Warning,
        "Requests come without a token.",
        "Generate a token in the provisioning assistant, and paste it in {idp}: {scim}.",
    ),
    row(
        45,
        "scim.token_wrong",
        IdentityProvider,
        Warning,
        "Requests come with a token that is not one of this connection.",
        "Generate a new token in the provisioning assistant, and paste it in {idp} as a whole: {scim}.",
    ),
    row(
        45,
        "scim.token_expired",
        IdentityProvider,
        Warning,
        "[The token {field} ]used for provisioning expires or has expired[: {expected}].",
        "Generate a new token in the provisioning assistant, paste it in {idp}, {scim}, then revoke the old one.",
    ),
    row(
        45,
        "scim.scope_missing",
        Product,
        Warning,
        "The token lacks a permission[: expected {expected}].",
        "Generate a new token in the provisioning assistant, and paste it in {idp}: {scim}.",
    ),
    row(
        45,
        "scim.username_differs_from_login",
        IdentityProvider,
        Warning,
        "userName and Login come from different sources[: {actual} is not {expected}], so people who sign in are not found among those provisioned.",
        "In {idp}, fill userName from the source of Login: {scim_login}.",
    )
    .with_claim_values(),
    row(
        45,
        "scim.group_not_mapped",
        Product,
        Warning,
        "A provisioned group leads nowhere[: {actual}].",
        "Map the group to an organization under IdP group mapping.",
    ),
    row(
        45,
        "scim.legacy_patch_mode",
        IdentityProvider,
        Warning,
        "Microsoft Entra ID provisions in its old form of changes. It works, and single members cannot always be told apart.",
        "In {idp}, add ?aadOptscim062020 to the end of the Tenant URL: {scim}.",
    ),
    row(
        45,
        "scim.user_not_assigned",
        IdentityProvider,
        Warning,
        "A person signs in and was never provisioned[: {actual}].",
        "In {idp}, assign the person or one of their groups to the application: {assign}.",
    )
    .with_claim_values(),
    row(
        45,
        "scim.user_suspended",
        IdentityProvider,
        Warning,
        "A person is suspended in {idp}, which changes nothing here.",
        "In {idp}, deactivate the person or take the assignment away: {assign}.",
    ),
    row(
        45,
        "scim.group_push_off",
        IdentityProvider,
        Warning,
        "People come over provisioning, and no groups do.",
        "In {idp}, push the groups: {scim_groups}.",
    ),
    row(
        45,
        "scim.existing_not_provisioned",
        IdentityProvider,
        Warning,
        "People who were assigned before provisioning was switched on are not provisioned by themselves.",
        "In {idp}, select Provision User for them, or assign them again: {assign}.",
    ),
    row(
        45,
        "scim.token_owner_managed",
        Product,
        Warning,
        "The token belongs to a person who is provisioned, so provisioning could deactivate its own owner[: {actual}].",
        "Use a token of the connection, or one of a local account that is not provisioned.",
    )
    .with_claim_values(),
];
