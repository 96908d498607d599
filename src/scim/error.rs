//! [`Error`]: the rule that failed, with the status and `scimType` that a client gets (RFC 7644 §3.12).

use crate::json::JsonError;

/// The rule that failed.
///
/// Its text is what a client reads as `detail`: it names attribute and rule, and never a password, a token or a value
/// that was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The body is missing or no JSON object with one member a name (RFC 7644 §3.12).
    #[error("the body is not usable: {0}")]
    Body(#[from] JsonError),
    /// The body, or what it lists, is larger than allowed.
    #[error("too large: at most {limit} {what}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The request is not built as the protocol has it.
    #[error("{reason}")]
    Syntax {
        /// What is wrong, as a sentence without full stop.
        reason: String,
    },
    /// A query parameter that occurs twice.
    #[error("the parameter {parameter} occurs twice")]
    ParameterTwice {
        /// Its name.
        parameter: &'static str,
    },
    /// `schemas` does not name what it has to, or names what is unknown.
    #[error("schemas: {reason}")]
    Schemas {
        /// What is wrong.
        reason: String,
    },
    /// A body holds an attribute that no schema of the type has.
    #[error("{attribute} is no attribute of {resource}")]
    AttributeUnknown {
        /// As sent, cut to 64 characters.
        attribute: String,
        /// The resource type.
        resource: String,
    },
    /// A value is not what its attribute takes.
    #[error("{attribute}: {reason}")]
    Value {
        /// The path of the attribute.
        attribute: String,
        /// What is wrong.
        reason: String,
    },
    /// A required attribute has no value.
    #[error("{attribute} is required")]
    Required {
        /// The path of the attribute.
        attribute: String,
    },
    /// An attribute may not be changed this way (RFC 7643 §7, `mutability`).
    #[error("{attribute} cannot be changed: it is {mutability}")]
    Mutability {
        /// The path of the attribute.
        attribute: String,
        /// `readOnly` or `immutable`.
        mutability: &'static str,
    },
    /// Another resource has the value already.
    #[error("{attribute} is taken")]
    Uniqueness {
        /// The path of the attribute.
        attribute: String,
    },
    /// The filter does not parse, or compares what cannot be compared.
    #[error("the filter is not usable at byte {position}: {reason}")]
    Filter {
        /// Byte offset in the filter as sent.
        position: usize,
        /// What is wrong.
        reason: String,
    },
    /// A path of an operation does not parse, or names no attribute.
    #[error("the path {path} is not usable: {reason}")]
    Path {
        /// As sent, cut to 64 characters.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A path that matches nothing, or an operation that needs a path (RFC 7644 §3.5.2).
    #[error("nothing to change: {reason}")]
    NoTarget {
        /// What was looked for.
        reason: String,
    },
    /// More results than can be given at once.
    #[error("too many results, narrow the filter")]
    TooMany,
    /// Personal data in the address of a request, which the host forbids.
    #[error("use POST with .search for such a filter")]
    Sensitive,
    /// A cursor that was not made here, or for another request (RFC 9865 §2.1).
    #[error("the cursor is not valid")]
    CursorInvalid,
    /// A cursor that is too old.
    #[error("the cursor has expired")]
    CursorExpired,
    /// A cursor that was made for another `count`.
    #[error("the cursor was made for another count")]
    CursorCount,
    /// The path names a version of the protocol that is not served.
    #[error("this version of the protocol is not served")]
    Version,
    /// No token, or one that does not count here. Which of these it is stays untold.
    #[error("a valid bearer token is needed")]
    Unauthorized,
    /// The token lacks a scope.
    #[error("the token lacks the scope {scope}")]
    Forbidden {
        /// The scope.
        scope: &'static str,
    },
    /// `filter` where none can be (RFC 7644 §4).
    #[error("a filter is not allowed here")]
    FilterForbidden,
    /// The connection does not take provisioning requests.
    #[error("provisioning is switched off for this connection")]
    SwitchedOff,
    /// The account is protected: provisioning may not deactivate or delete it.
    #[error("this account is protected from provisioning")]
    Protected,
    /// More members would leave than the host allows at once.
    #[error("{removals} members would leave, at most {limit} may at once")]
    MassRemoval {
        /// How many would leave.
        removals: usize,
        /// The bound.
        limit: usize,
    },
    /// No such endpoint or resource.
    #[error("not found")]
    NotFound,
    /// The endpoint does not take this method.
    #[error("this endpoint takes {allow}")]
    MethodNotAllowed {
        /// What it takes, for the header `Allow`.
        allow: &'static str,
    },
    /// An operation of a bulk request that depends on a failed one.
    #[error("it depends on an operation that failed")]
    DependencyFailed,
    /// The resource has changed, or has another version than the request asks for.
    #[error("the resource has another version")]
    PreconditionFailed,
    /// The host asks for a pause.
    #[error("too many requests")]
    TooManyRequests,
    /// The host failed.
    #[error("the service could not complete the request")]
    Host,
}

/// The error keyword of RFC 7644 §3.12 and RFC 9865 §2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScimType {
    /// `invalidSyntax`
    InvalidSyntax,
    /// `invalidFilter`
    InvalidFilter,
    /// `invalidPath`
    InvalidPath,
    /// `invalidValue`
    InvalidValue,
    /// `invalidVers`
    InvalidVers,
    /// `noTarget`
    NoTarget,
    /// `mutability`
    Mutability,
    /// `uniqueness`
    Uniqueness,
    /// `tooMany`
    TooMany,
    /// `sensitive`
    Sensitive,
    /// `invalidCursor`
    InvalidCursor,
    /// `expiredCursor`
    ExpiredCursor,
    /// `invalidCount`
    InvalidCount,
}

impl Error {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.described().0
    }

    /// The HTTP status, from 400 up.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.described().1
    }

    /// The error keyword, which most answers with status 400 have.
    #[must_use]
    pub fn scim_type(&self) -> Option<ScimType> {
        self.described().2
    }

    fn described(&self) -> (&'static str, u16, Option<ScimType>) {
        use ScimType as T;
        match self {
            Self::Body(_) => ("scim.body_invalid", 400, Some(T::InvalidSyntax)),
            Self::TooLarge { .. } => ("scim.too_large", 413, None),
            Self::Syntax { .. } => ("scim.syntax", 400, Some(T::InvalidSyntax)),
            Self::ParameterTwice { .. } => ("scim.parameter_twice", 400, Some(T::InvalidSyntax)),
            Self::Schemas { .. } => ("scim.schemas", 400, Some(T::InvalidValue)),
            Self::AttributeUnknown { .. } => ("scim.attribute_unknown", 400, Some(T::InvalidSyntax)),
            Self::Value { .. } => ("scim.value_invalid", 400, Some(T::InvalidValue)),
            Self::Required { .. } => ("scim.value_required", 400, Some(T::InvalidValue)),
            Self::Mutability { .. } => ("scim.mutability", 400, Some(T::Mutability)),
            Self::Uniqueness { .. } => ("scim.uniqueness", 409, Some(T::Uniqueness)),
            Self::Filter { .. } => ("scim.filter_invalid", 400, Some(T::InvalidFilter)),
            Self::Path { .. } => ("scim.path_invalid", 400, Some(T::InvalidPath)),
            Self::NoTarget { .. } => ("scim.no_target", 400, Some(T::NoTarget)),
            Self::TooMany => ("scim.too_many", 400, Some(T::TooMany)),
            Self::Sensitive => ("scim.sensitive", 400, Some(T::Sensitive)),
            Self::CursorInvalid => ("scim.cursor_invalid", 400, Some(T::InvalidCursor)),
            Self::CursorExpired => ("scim.cursor_expired", 400, Some(T::ExpiredCursor)),
            Self::CursorCount => ("scim.cursor_count", 400, Some(T::InvalidCount)),
            Self::Version => ("scim.version", 400, Some(T::InvalidVers)),
            Self::Unauthorized => ("scim.unauthorized", 401, None),
            Self::Forbidden { .. } => ("scim.scope_missing", 403, None),
            Self::FilterForbidden => ("scim.filter_forbidden", 403, None),
            Self::SwitchedOff => ("scim.switched_off", 403, None),
            Self::Protected => ("scim.protected", 403, None),
            Self::MassRemoval { .. } => ("groups.mass_removal", 403, None),
            Self::NotFound => ("scim.not_found", 404, None),
            Self::MethodNotAllowed { .. } => ("scim.method_not_allowed", 405, None),
            Self::DependencyFailed => ("scim.dependency_failed", 409, None),
            Self::PreconditionFailed => ("scim.precondition_failed", 412, None),
            Self::TooManyRequests => ("scim.too_many_requests", 429, None),
            Self::Host => ("scim.host", 500, None),
        }
    }
}

impl ScimType {
    /// The keyword as it stands in an answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidFilter => "invalidFilter",
            Self::InvalidPath => "invalidPath",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::NoTarget => "noTarget",
            Self::Mutability => "mutability",
            Self::Uniqueness => "uniqueness",
            Self::TooMany => "tooMany",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// A name or path from a request, cut to what evidence shows: nothing of a filter, whose values are personal.
pub(super) fn shown(text: &str) -> String {
    let (name, rest) = text.find(['[', '"']).and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""));
    let mut shown: String = name.chars().take(LONGEST_SHOWN).collect();
    if !rest.is_empty() {
        shown.push('…');
    }
    shown
}

const LONGEST_SHOWN: usize = 64;
