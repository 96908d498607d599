//! [`Mapping`]: the rules that make a profile, as data that administrators' tools store and show.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::identity::IdentityRule;
use super::pointer::Pointer;
use super::transform::Transform;
use crate::version::Version;

/// One rule for each field of a profile. Login and Email are required by type.
///
/// As JSON:
///
/// ```
/// # use admittance::profile::Mapping;
/// let mapping: Mapping = serde_json::from_str(r#"{
///     "version": 1,
///     "name":   { "source": { "attr": "displayName" },
///                 "transforms": [{ "join": { "attributes": ["given_name", "family_name"], "separator": " " } }] },
///     "login":  { "source": { "attr": "login" } },
///     "email":  { "source": { "attr": "email" }, "aliases": ["known"], "transforms": ["trim", "lower"] },
///     "groups": { "source": { "pointer": "/realm_access/roles" }, "transforms": [{ "strip_prefix": "sonar_" }] }
/// }"#)?;
/// # let again = serde_json::to_string(&mapping)?;
/// # assert_eq!(serde_json::from_str::<Mapping>(&again)?, mapping);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Mapping {
    /// The version of this format.
    pub version: Version<1>,
    /// The full name. Without a rule, and where it finds nothing, Login is shown instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Rule>,
    /// The unique name.
    pub login: Rule,
    /// The email address.
    pub email: Rule,
    /// Whether the provider has verified the address: `true` or `false`. Without a rule, the claims `email_verified`
    /// and `xms_edov` say so, where one is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<Rule>,
    /// The names of the person's groups. Without a rule, sign-in says nothing about groups
    /// ([`GroupsClaim::NotConfigured`](super::GroupsClaim::NotConfigured)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Rule>,
    /// Which claim names the person in the key of the account. Another rule makes other keys: accounts are not found
    /// again.
    #[serde(default, skip_serializing_if = "IdentityRule::is_default")]
    pub identity: IdentityRule,
}

/// The attribute name of each field: what a set-up assistant shows for pasting into the identity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttributeNames<'a> {
    /// Where the full name is.
    pub name: &'a str,
    /// Where the unique name is.
    pub login: &'a str,
    /// Where the email address is.
    pub email: &'a str,
    /// Where the names of groups are.
    pub groups: &'a str,
}

/// How one field is read: the source, aliases where it was not sent, then the transforms in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Rule {
    /// Where the values are.
    pub source: Source,
    /// What else may stand in when the source was not sent, in this order; each use gives the note
    /// `claims.alias_used`. A source that was sent without a value is not replaced: [`Transform::Or`] does that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// What is done with the values, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transforms: Vec<Transform>,
}

/// Where values are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// The claim of exactly this name; case counts. JSON objects among its values are dropped with the note
    /// `claims.value_dropped`.
    Attr(String),
    /// A place inside a claim: a text, number or boolean there is one value, a list its members.
    Pointer(Pointer),
    /// The member names of the JSON object at that place.
    Keys(Pointer),
}

/// A group of names that may stand in for a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Alias {
    /// The names under which identity providers commonly send this field, for example `mail` for the email
    /// address; the first one that was sent is used.
    Known,
    /// A claim whose `FriendlyName` is the rule's attribute name.
    FriendlyName,
}

impl Mapping {
    /// A mapping of four attributes by exact name, without aliases and transforms.
    #[must_use]
    pub fn exact(names: AttributeNames<'_>) -> Self {
        Self {
            version: Version,
            name: Some(Rule::attr(names.name)),
            login: Rule::attr(names.login),
            email: Rule::attr(names.email),
            email_verified: None,
            identity: IdentityRule::Subject,
            groups: Some(Rule::attr(names.groups)),
        }
    }
}

impl Rule {
    /// A rule that takes the values of `source` as they are.
    #[must_use]
    pub const fn new(source: Source) -> Self {
        Self { source, aliases: Vec::new(), transforms: Vec::new() }
    }

    /// A rule that takes the values of one claim as they are.
    #[must_use]
    pub fn attr(name: &str) -> Self {
        Self::new(Source::Attr(name.to_owned()))
    }

    /// Allows `alias`, after those already allowed.
    #[must_use]
    pub fn alias(mut self, alias: Alias) -> Self {
        self.aliases.push(alias);
        self
    }

    /// Adds `transform` at the end.
    #[must_use]
    pub fn transform(mut self, transform: Transform) -> Self {
        self.transforms.push(transform);
        self
    }
}

impl Source {
    /// The name of the claim that is read.
    #[must_use]
    pub fn claim(&self) -> &str {
        match self {
            Self::Attr(name) => name,
            Self::Pointer(pointer) | Self::Keys(pointer) => pointer.claim(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attr(name) => f.write_str(name),
            Self::Pointer(pointer) => pointer.fmt(f),
            Self::Keys(pointer) => write!(f, "keys of {pointer}"),
        }
    }
}
