//! What is wrong with groups: why names do not match, and what follows from it.

use super::{Entry, own, row};
use crate::connection::diagnosis::Severity::{Error, Note, Warning};
use crate::connection::diagnosis::Side::{IdentityProvider, Product};

pub(super) const ENTRIES: &[Entry] = &[
    row(
        5,
        "groups.attribute_missing",
        IdentityProvider,
        Error,
        "No groups attribute: there is no '{expected}'[; received: {actual}].",
        "In {idp}, add the groups attribute with the name '{expected}', or rename the one that is there: {groups}.",
    ),
    row(
        7,
        "groups.overage",
        IdentityProvider,
        Error,
        "The person is in too many groups, so {idp} sent a link instead of the names.",
        "In {idp}, change {group_limit}.",
    ),
    row(
        15,
        "groups.nested_suspected",
        IdentityProvider,
        Warning,
        "The groups attribute is empty, as it is when the person is only in groups inside of an assigned group: nested groups are not sent.",
        "In {idp}, assign the inner group itself to the application: {assign}.",
    ),
    row(
        6,
        "groups.empty",
        IdentityProvider,
        Warning,
        "The groups attribute is there and empty.",
        "In {idp}, assign the person to a group and check the filter (.* for all): {groups}.",
    ),
    row(
        8,
        "groups.possibly_truncated",
        IdentityProvider,
        Warning,
        "{actual} groups came, which is where {idp} cuts the list off without saying so.",
        "In {idp}, change {group_limit}.",
    ),
    row(
        9,
        "groups.object_ids",
        IdentityProvider,
        Warning,
        "Identifiers came instead of names of groups[: {actual}].",
        "In {idp}, change {group_names}.",
    )
    .with_claim_values(),
    row(
        10,
        "groups.path_prefix",
        IdentityProvider,
        Warning,
        "Names of groups came with a path[: {actual}][, where {expected} exists].",
        "In {idp}, change {group_names}. Or add strip_path to the mapping of Groups.",
    )
    .with_claim_values(),
    row(
        11,
        "groups.single_delimited",
        IdentityProvider,
        Warning,
        "Several groups came in one value[: {actual}].",
        "In {idp}, send one value for each group, {groups}, or set split_on in the mapping of Groups.",
    )
    .with_claim_values(),
    row(
        12,
        "groups.case_mismatch",
        IdentityProvider,
        Warning,
        "The group '{actual}' was sent, and '{expected}' exists: upper and lower case count.",
        "If both mean the same group, write its name alike: '{expected}' in {idp}, or '{actual}' in the organization.",
    )
    .with_claim_values(),
    row(
        13,
        "groups.near_miss",
        IdentityProvider,
        Warning,
        "The group '{actual}' was sent, and no group has that name. The nearest is '{expected}'.",
        "If both mean the same group, write its name alike, without white space at the ends: '{expected}' in {idp}, or '{actual}' in the organization.",
    )
    .with_claim_values(),
    row(
        14,
        "groups.default_ignored",
        IdentityProvider,
        Note,
        "The group '{actual}' is the default group of an organization, which is not synchronized.",
        "Use another group where permissions shall follow {idp}.",
    )
    .with_claim_values(),
    own(
        "groups.protected_ignored",
        Product,
        Note,
        "The group '{actual}' is protected and was left as it is.",
        "Nothing needs to be changed.",
    )
    .with_claim_values(),
    own(
        "groups.account_protected",
        Product,
        Note,
        "The account is protected, so its groups were left as they are.",
        "Nothing needs to be changed.",
    )
    .with_claim_values(),
    row(
        4,
        "groups.no_organization",
        IdentityProvider,
        Warning,
        "The sign-in works and leads into no organization[: of what was sent ({actual})], nothing is the name of a group[; there are: {expected}].",
        "Make or map a group of exactly that name in an organization, or send a group that exists: {groups}.",
    )
    .with_claim_values(),
    row(
        49,
        "groups.mass_removal",
        Product,
        Error,
        "The plan would take away {actual}[; without a confirmation, {expected} may go]. These removals wait.",
        "Confirm the removals, or correct the groups attribute in {idp}: {groups}.",
    ),
    own(
        "groups.source_is_scim",
        Product,
        Note,
        "The groups of this connection come from provisioning, so the sign-in changes none.",
        "Nothing needs to be changed.",
    ),
    own(
        "groups.source_is_login",
        Product,
        Note,
        "The groups of this connection come with the sign-in, so what was pushed changes none.",
        "Nothing needs to be changed.",
    ),
    own(
        "groups.other_accounts",
        Product,
        Error,
        "Pushed groups and stored groups were read with different accounts.",
        "Tell whoever runs the product.",
    ),
    own(
        "groups.other_origin",
        Product,
        Note,
        "The account does not belong to this connection, so its groups were left as they are.",
        "Link the account to this connection if it shall follow it.",
    ),
    own(
        "groups.other_user",
        Product,
        Error,
        "Memberships of another person were given.",
        "Tell whoever runs the product.",
    ),
    own(
        "groups.unknown_members",
        IdentityProvider,
        Note,
        "A pushed group has members who have no account here[: {actual}].",
        "In {idp}, assign these people to the application too: {assign}.",
    ),
    own(
        "groups.name_taken",
        Product,
        Warning,
        "A group was renamed in {idp}, and its new name '{expected}' is taken[ in {field}]. The old name '{actual}' stays.",
        "Rename or remove the other group of that name.",
    ),
];
