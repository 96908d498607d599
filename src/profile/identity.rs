//! [`IdentityKey`]: by what an account is found again.

use serde::{Deserialize, Serialize};

use super::aliases::{Field, KnownName};
use super::evaluate::evaluate;
use super::mapping::{Mapping, Rule};
use super::transform::Transform;
use crate::claims::{Claims, Stability, SubjectId};
use crate::id::ConnectionId;

/// Which claim names the person in the key of an account. An e-mail address or a login never does: both are given
/// to somebody else one day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdentityRule {
    /// The subject as the identity provider names it, with its qualifiers. One that is made for a single session is
    /// refused.
    #[default]
    Subject,
    /// Entra ID's `tid` and `oid`, over OpenID Connect: the same for every application of a tenant, where the
    /// subject differs from one application to the next.
    EntraObject,
    /// The one value of this claim, for providers whose subject changes. It is refused where the mapping reads Login
    /// or Email from it, or where it commonly carries one.
    Attribute(String),
}

/// The key of an account: connection, issuer and person, compared byte for byte. [`identity`] makes it.
///
/// Its JSON is the same text for the same key, so a host can put a unique index on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityKey {
    connection: ConnectionId,
    issuer: String,
    person: Person,
}

/// The person in an [`IdentityKey`], by the rule that was in force.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Person {
    /// [`IdentityRule::Subject`].
    Subject {
        /// The identifier itself.
        value: String,
        /// The kind of identifier, where the protocol names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The domain that qualifies the identifier.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name_qualifier: Option<String>,
        /// The service that the identifier was made for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sp_name_qualifier: Option<String>,
    },
    /// [`IdentityRule::EntraObject`].
    EntraObject {
        /// `tid`.
        tenant: String,
        /// `oid`.
        object: String,
    },
    /// [`IdentityRule::Attribute`].
    Attribute {
        /// The claim.
        name: String,
        /// Its value.
        value: String,
    },
}

/// Why claims give no key of an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The identifier was made for one session: the next sign-in would be another account.
    #[error("the identifier of the user was made for one session and says nothing about the next")]
    Transient,
    /// The identifier is blank.
    #[error("the identifier of the user is blank")]
    Blank,
    /// The claim was not sent, or without a value.
    #[error("no value for the identity: nothing received as '{}'", .expected.escape_debug())]
    Missing {
        /// The name of the claim.
        expected: String,
        /// The names of all claims, in the order sent.
        received: Vec<String>,
    },
    /// Several different values; none is chosen.
    #[error("{count} values for the identity in '{}', one is needed", .attribute.escape_debug())]
    Multiple {
        /// The name of the claim.
        attribute: String,
        /// How many differ.
        count: usize,
    },
    /// The claim is a login or an e-mail address.
    #[error("'{}' carries the {field}, which is no identity", .attribute.escape_debug())]
    Reassigned {
        /// The name of the claim.
        attribute: String,
        /// `login` or `email`.
        field: &'static str,
    },
}

/// Reads the key of the account that claims belong to (connection rules M2).
///
/// 1. By the mapping's [`IdentityRule`]; qualifiers count.
/// 2. An identifier for one session is never a key; a chosen claim takes its place, not at one sign-in but at all.
/// 3. A chosen claim has exactly one value, and is no login and no e-mail address.
///
/// # Errors
/// [`IdentityError`]; without a key there is no account to sign in to.
pub fn identity(
    connection: &ConnectionId,
    mapping: &Mapping,
    claims: &Claims,
) -> Result<IdentityKey, IdentityError> {
    let person = match &mapping.identity {
        IdentityRule::Subject => subject(claims.subject())?,
        IdentityRule::EntraObject => {
            Person::EntraObject { tenant: single("tid", claims)?, object: single("oid", claims)? }
        }
        IdentityRule::Attribute(name) => {
            for (field, rule) in [(Field::Login, &mapping.login), (Field::Email, &mapping.email)] {
                if carries(name, field, rule) {
                    let (attribute, field) = (name.clone(), field.as_str());
                    return Err(IdentityError::Reassigned { attribute, field });
                }
            }
            Person::Attribute { name: name.clone(), value: single(name, claims)? }
        }
    };
    Ok(IdentityKey { connection: connection.clone(), issuer: claims.issuer().to_owned(), person })
}

impl IdentityRule {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::Subject
    }
}

impl IdentityKey {
    /// The connection of the sign-in.
    #[must_use]
    pub fn connection(&self) -> &ConnectionId {
        &self.connection
    }

    /// The identity provider, as it names itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The person.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.person
    }
}

impl IdentityError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Transient => "saml.name_id_transient",
            Self::Blank => "identity.blank",
            Self::Missing { .. } => "identity.missing",
            Self::Multiple { .. } => "identity.multiple",
            Self::Reassigned { .. } => "identity.reassigned",
        }
    }
}

fn subject(subject: &SubjectId) -> Result<Person, IdentityError> {
    let SubjectId { value, format, name_qualifier, sp_name_qualifier, stability } = subject.clone();
    match stability {
        Stability::Transient => Err(IdentityError::Transient),
        Stability::Stable if value.trim().is_empty() => Err(IdentityError::Blank),
        Stability::Stable => Ok(Person::Subject { value, format, name_qualifier, sp_name_qualifier }),
    }
}

/// The one value of a claim, repetitions counted once.
fn single(name: &str, claims: &Claims) -> Result<String, IdentityError> {
    let found = evaluate(&Rule::attr(name), Field::Identity, claims, &mut Vec::new()).found;
    let mut values = found.map(|found| found.values).unwrap_or_default();
    values.retain(|value| !value.trim().is_empty());
    values.sort_unstable();
    values.dedup();
    let count = values.len();
    match (values.pop(), count) {
        (Some(value), 1) => Ok(value),
        (Some(_), _) => Err(IdentityError::Multiple { attribute: name.to_owned(), count }),
        (None, _) => {
            let received = claims.claims().iter().map(|claim| claim.name.clone()).collect();
            Err(IdentityError::Missing { expected: name.to_owned(), received })
        }
    }
}

/// Whether the claim carries this field, by the mapping or by custom.
fn carries(name: &str, field: Field, rule: &Rule) -> bool {
    let reads = |transform: &Transform| match transform {
        Transform::Or(sources) => sources.iter().any(|source| source.claim() == name),
        Transform::Join { attributes, .. } => attributes.iter().any(|attribute| attribute == name),
        _ => false,
    };
    let known = |known: &KnownName| matches!(known, KnownName::Claim(claim) if *claim == name);
    rule.source.claim() == name || rule.transforms.iter().any(reads) || field.known_names().iter().any(known)
}
