//! [`Leniency`]: which deviations of real clients are read, one named row each.
//!
//! [`Leniency::interop`] is the default and reads them all; [`Leniency::strict`] is the wording of the standards. Each
//! use leaves a note with the deviation's code and the attribute's path, never with a value.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::note::Note;

/// What is read although the standard does not have it, with who sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Deviation {
    /// L1: `Add`, `Replace`, `Remove` in any case (Entra ID).
    OperationCase,
    /// L2: `"True"` and `"False"` for a boolean (Entra ID without its flag).
    TextBoolean,
    /// L3: a remove with a value list takes out the values listed and no others (Entra ID, JumpCloud).
    RemoveByValue,
    /// L4: a list of one for a single value.
    ListOfOne,
    /// L5: one object or text where a list belongs.
    BareElement,
    /// L6: a text for a complex value that has `value` (Entra ID's `manager`).
    BareValue,
    /// L7: an attribute of an extension without its URN.
    UnqualifiedExtension,
    /// L8: dotted names and URNs as keys of a value without path (Entra ID).
    PathKeys,
    /// L9: a filter that matches nothing makes one value of its equalities (Entra ID).
    CreateOnFilter,
    /// L10: `id`, `meta`, `schemas` and `groups` in a body that changes a resource (Okta).
    ReadOnlyInBody,
    /// L11: no `schemas`.
    SchemasAbsent,
    /// L12: a filter value without quotes (Entra ID).
    UnquotedFilterValue,
    /// L13: an unknown or pre-standard URN in `schemas` (Entra ID, OneLogin).
    UnknownSchema,
    /// L14: an unknown attribute, or one of an extension at top level (Entra ID).
    UnknownAttribute,
    /// L15: a JSON object as text in `roles` is read for the host (Entra ID).
    JsonInRole,
    /// L16: a number or boolean where a text belongs.
    ScalarAsText,
    /// L17: a group is replaced without naming `members`: they stay.
    MembersKept,
    /// L19: an empty text means no value.
    EmptyText,
    /// Q8: an unknown attribute in a filter compares as missing.
    UnknownInFilter,
    /// J4: both `attributes` and `excludedAttributes`: the first counts.
    BothProjections,
    /// A4: a value that is not among the canonical ones.
    OtherThanCanonical,
    /// L21: a value filter in `attributes` or `excludedAttributes`.
    FilterInProjection,
}

/// The deviations that are read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leniency {
    allowed: u32,
}

impl Leniency {
    /// All of them: what works with the clients that people have. The default.
    #[must_use]
    pub const fn interop() -> Self {
        Self { allowed: u32::MAX }
    }

    /// None of them.
    #[must_use]
    pub const fn strict() -> Self {
        Self { allowed: 0 }
    }

    /// Reads this one too.
    #[must_use]
    pub const fn with(self, deviation: Deviation) -> Self {
        Self { allowed: self.allowed | deviation.bit() }
    }

    /// Refuses this one.
    #[must_use]
    pub const fn without(self, deviation: Deviation) -> Self {
        Self { allowed: self.allowed & !deviation.bit() }
    }

    /// Whether this one is read.
    #[must_use]
    pub const fn allows(self, deviation: Deviation) -> bool {
        self.allowed & deviation.bit() != 0
    }
}

impl Deviation {
    /// Every deviation, in the order of their rows.
    pub const ALL: [Self; 22] = [
        Self::OperationCase,
        Self::TextBoolean,
        Self::RemoveByValue,
        Self::ListOfOne,
        Self::BareElement,
        Self::BareValue,
        Self::UnqualifiedExtension,
        Self::PathKeys,
        Self::CreateOnFilter,
        Self::ReadOnlyInBody,
        Self::SchemasAbsent,
        Self::UnquotedFilterValue,
        Self::UnknownSchema,
        Self::UnknownAttribute,
        Self::JsonInRole,
        Self::ScalarAsText,
        Self::MembersKept,
        Self::EmptyText,
        Self::UnknownInFilter,
        Self::BothProjections,
        Self::OtherThanCanonical,
        Self::FilterInProjection,
    ];

    /// The code of the note that each use leaves. Stable.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OperationCase => "scim.operation_case",
            Self::TextBoolean => "scim.text_boolean",
            Self::RemoveByValue => "scim.remove_by_value",
            Self::ListOfOne => "scim.list_of_one",
            Self::BareElement => "scim.bare_element",
            Self::BareValue => "scim.bare_value",
            Self::UnqualifiedExtension => "scim.unqualified_extension",
            Self::PathKeys => "scim.path_keys",
            Self::CreateOnFilter => "scim.create_on_filter",
            Self::ReadOnlyInBody => "scim.read_only_in_body",
            Self::SchemasAbsent => "scim.schemas_absent",
            Self::UnquotedFilterValue => "scim.unquoted_filter_value",
            Self::UnknownSchema => "scim.unknown_schema",
            Self::UnknownAttribute => "scim.unknown_attribute",
            Self::JsonInRole => "scim.json_in_role",
            Self::ScalarAsText => "scim.scalar_as_text",
            Self::MembersKept => "scim.members_kept",
            Self::EmptyText => "scim.empty_text",
            Self::UnknownInFilter => "scim.unknown_in_filter",
            Self::BothProjections => "scim.both_projections",
            Self::OtherThanCanonical => "scim.other_than_canonical",
            Self::FilterInProjection => "scim.filter_in_projection",
        }
    }

    /// The note of a use at this path.
    #[must_use]
    pub fn note(self, path: &str) -> Note {
        Note::new(self.code()).field(super::error::shown(path))
    }

    const fn bit(self) -> u32 {
        1 << self.row()
    }

    const fn row(self) -> u32 {
        match self {
            Self::OperationCase => 0,
            Self::TextBoolean => 1,
            Self::RemoveByValue => 2,
            Self::ListOfOne => 3,
            Self::BareElement => 4,
            Self::BareValue => 5,
            Self::UnqualifiedExtension => 6,
            Self::PathKeys => 7,
            Self::CreateOnFilter => 8,
            Self::ReadOnlyInBody => 9,
            Self::SchemasAbsent => 10,
            Self::UnquotedFilterValue => 11,
            Self::UnknownSchema => 12,
            Self::UnknownAttribute => 13,
            Self::JsonInRole => 14,
            Self::ScalarAsText => 15,
            Self::MembersKept => 16,
            Self::EmptyText => 17,
            Self::UnknownInFilter => 18,
            Self::BothProjections => 19,
            Self::OtherThanCanonical => 20,
            Self::FilterInProjection => 21,
        }
    }
}

impl Default for Leniency {
    fn default() -> Self {
        Self::interop()
    }
}

impl fmt::Debug for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Deviation::ALL.into_iter().filter(|one| self.allows(*one))).finish()
    }
}
