//! [`MappingError`]: why claims give no profile.

use super::email::EmailFlaw;
use crate::note::Note;

/// Why claims give no profile. Evidence is names and counts; the values are in the claims that the caller holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// No value for Login.
    #[error("no value for login: nothing received as '{}'; received: {}", .expected.escape_debug(), list(.received))]
    LoginMissing {
        /// The source of the rule.
        expected: String,
        /// The names of all claims, in the order sent.
        received: Vec<String>,
    },
    /// Several different values for Login; none is chosen.
    #[error("{count} values for login in '{}', one is needed", .attribute.escape_debug())]
    LoginMultiple {
        /// Where the values were.
        attribute: String,
        /// How many differ.
        count: usize,
    },
    /// No value for Email.
    #[error("no value for email: nothing received as '{}'; received: {}", .expected.escape_debug(), list(.received))]
    EmailMissing {
        /// The source of the rule.
        expected: String,
        /// The names of all claims, in the order sent.
        received: Vec<String>,
    },
    /// Several different values for Email; none is chosen.
    #[error("{count} values for email in '{}', one is needed", .attribute.escape_debug())]
    EmailMultiple {
        /// Where the values were.
        attribute: String,
        /// How many differ.
        count: usize,
    },
    /// The value for Email is no address.
    #[error("the value of '{}' is no email address: {flaw}", .attribute.escape_debug())]
    EmailInvalid {
        /// Where the value was.
        attribute: String,
        /// What is wrong with it.
        flaw: EmailFlaw,
    },
}

impl MappingError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::LoginMissing { .. } => "claims.login_missing",
            Self::LoginMultiple { .. } => "claims.login_multiple",
            Self::EmailMissing { .. } => "claims.email_missing",
            Self::EmailMultiple { .. } => "claims.email_multiple",
            Self::EmailInvalid { .. } => "claims.email_invalid",
        }
    }

    /// The same evidence as a note.
    pub(super) fn note(&self) -> Note {
        match self {
            Self::LoginMissing { expected, received } => missing(self.code(), "login", expected, received),
            Self::EmailMissing { expected, received } => missing(self.code(), "email", expected, received),
            Self::LoginMultiple { attribute, count } | Self::EmailMultiple { attribute, count } => {
                Note::new(self.code()).field(attribute).expected("1 value").actual(format!("{count} values"))
            }
            Self::EmailInvalid { attribute, flaw } => {
                Note::new(self.code()).field(attribute).expected("an email address").actual(flaw.to_string())
            }
        }
    }
}

/// A note that nothing was found: what the rule wanted, and the names of everything that was sent.
pub(super) fn missing(code: &str, field: &str, expected: &str, received: &[String]) -> Note {
    Note::new(code).field(field).expected(expected).actual(list(received))
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| name.escape_debug().to_string()).collect();
    names.join(", ")
}
