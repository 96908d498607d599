//! [`Filter`]: which resources a request means (RFC 7644 §3.4.2.2).
//!
//! A filter is read for one resource type: every name is resolved and every value fits its attribute, so that the two
//! ways to evaluate it cannot disagree about what it says: [`Filter::matches`] in memory, and [`sql`] for a database.
//! What does not parse is an error and never a filter that matches everything.

mod matches;
mod parse;
mod print;
pub mod sql;

use std::fmt;

use serde_json::Number;

use super::schema::{AttributeType, Found};
use crate::time::Timestamp;

pub use parse::{parse, parse_values};

/// A filter, resolved for a resource type.
///
/// INVARIANT (filter is typed): made by [`parse`] alone, so operators and values fit their operands.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// All of these, two at least.
    And(Vec<Filter>),
    /// Any of these, two at least.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A test of one attribute.
    Test(Operand, Test),
    /// One value of a multi-valued attribute fulfils all of it: `emails[type eq "work"]`.
    Values {
        /// The attribute.
        attribute: Operand,
        /// What its parts must fulfil; its operands are parts.
        filter: Box<Filter>,
    },
}

/// What a filter looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operand {
    /// The URN of the extension, for an attribute of one.
    pub extension: Option<String>,
    /// The attribute, as the schema writes it; as sent where it is unknown. Inside of brackets, the part.
    pub attribute: String,
    /// The part of it.
    pub part: Option<String>,
    /// What the values are.
    pub kind: Kind,
    /// Whether there may be several values.
    pub multi_valued: bool,
}

/// What the values of an operand are, and how they compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text whose case counts.
    Exact,
    /// Text whose case does not count: [`fold`](crate::fold::fold)ed before it is compared.
    Folded,
    /// True or false.
    Boolean,
    /// A number.
    Number,
    /// A point in time.
    DateTime,
    /// Base64 text, equal or not.
    Binary,
    /// An object: present or not.
    Complex,
    /// No attribute of the type: never there.
    Unknown,
}

/// A test of an operand's values; one value that passes is enough.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Test {
    /// `pr`: there is a value that is not empty.
    Present,
    /// `eq null`, and `not (… pr)`.
    Absent,
    /// A comparison.
    Compare(Operator, Literal),
}

/// How values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `co`
    Contains,
    /// `sw`
    StartsWith,
    /// `ew`
    EndsWith,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// What a filter compares with.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Literal {
    /// Text, as sent.
    Text(String),
    /// A number.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// A point in time, and how it was written.
    DateTime(Timestamp, String),
}

/// A filter that names one resource at most, by a unique attribute: a look-up and no search.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum UniqueLookup<'f> {
    /// `id eq "…"`
    Id(&'f str),
    /// `externalId eq "…"`
    ExternalId(&'f str),
    /// `userName eq "…"`, to be folded.
    UserName(&'f str),
    /// `displayName eq "…"` of a group, to be folded.
    DisplayName(&'f str),
}

impl Filter {
    /// The look-up that the filter is, if it is nothing else.
    #[must_use]
    pub fn unique_lookup(&self) -> Option<UniqueLookup<'_>> {
        let Self::Test(operand, Test::Compare(Operator::Equal, Literal::Text(text))) = self else {
            return None;
        };
        match (operand.extension.as_deref(), operand.attribute.as_str(), operand.part.as_deref()) {
            (None, "id", None) => Some(UniqueLookup::Id(text)),
            (None, "externalId", None) => Some(UniqueLookup::ExternalId(text)),
            (None, "userName", None) => Some(UniqueLookup::UserName(text)),
            (None, "displayName", None) => Some(UniqueLookup::DisplayName(text)),
            _ => None,
        }
    }
}

impl Operand {
    fn of(found: &Found<'_>) -> Self {
        Self {
            extension: found.extension.map(str::to_owned),
            attribute: found.attribute.name.clone(),
            part: None,
            kind: Kind::of(found.attribute.kind, found.attribute.case_exact),
            multi_valued: found.attribute.multi_valued,
        }
    }
}

impl Kind {
    pub(in crate::scim) fn of(kind: AttributeType, case_exact: bool) -> Self {
        match kind {
            AttributeType::String if case_exact => Self::Exact,
            AttributeType::String => Self::Folded,
            AttributeType::Reference => Self::Exact,
            AttributeType::Boolean => Self::Boolean,
            AttributeType::Decimal | AttributeType::Integer => Self::Number,
            AttributeType::DateTime => Self::DateTime,
            AttributeType::Binary => Self::Binary,
            AttributeType::Complex => Self::Complex,
        }
    }
}

impl Operator {
    const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Equal),
        ("ne", Self::NotEqual),
        ("co", Self::Contains),
        ("sw", Self::StartsWith),
        ("ew", Self::EndsWith),
        ("gt", Self::Greater),
        ("ge", Self::GreaterOrEqual),
        ("lt", Self::Less),
        ("le", Self::LessOrEqual),
    ];

    /// As a filter writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, operator)| operator)
    }
}

impl fmt::Debug for Literal {
    /// Of which type it is. The value is personal; [`Filter`] has it in its `Display`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Number(_) => "Number",
            Self::Boolean(_) => "Boolean",
            Self::DateTime(..) => "DateTime",
        })
    }
}

impl fmt::Debug for UniqueLookup<'_> {
    /// By which attribute, and not for whom.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id(_) => "Id",
            Self::ExternalId(_) => "ExternalId",
            Self::UserName(_) => "UserName",
            Self::DisplayName(_) => "DisplayName",
        })
    }
}
