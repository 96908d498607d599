//! [`TestReport`]: what a test sign-in showed.

use serde::{Deserialize, Serialize};

use super::certificate_status::CertificateSummary;
use super::diagnosis::Diagnosis;
use super::preset::Protocol;
use crate::groups::Member;
use crate::id::{ConnectionId, OrganizationId};
use crate::profile::GroupsState;
use crate::time::Timestamp;

/// The result of a test sign-in: what would have happened, without any of it happening.
///
/// It holds the values of the claims, so it is for the administrator who began the test and for nobody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TestReport {
    /// The outcome in one word.
    pub status: TestStatus,
    /// When the answer came.
    pub tested_at: Timestamp,
    /// The connection.
    pub connection: ConnectionId,
    /// The version of the connection that was tested.
    pub version: u64,
    /// How.
    pub protocol: Protocol,
    /// The issuer whose message was verified; `None` where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Who signed in; `None` where the message was refused.
    pub subject: Option<SubjectSummary>,
    /// The profile; `None` where the mapping gives none.
    pub profile: Option<ProfileSummary>,
    /// Every claim as it came.
    pub claims: ClaimValues,
    /// What the names of groups lead to.
    pub groups: GroupsSummary,
    /// What the sign-in would change.
    pub plan: PlanSummary,
    /// The signing certificates of the identity provider.
    pub certificates: Vec<CertificateSummary>,
    /// What to know and to do, causes first.
    pub diagnoses: Vec<Diagnosis>,
}

/// The outcome of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestStatus {
    /// Nothing is wrong.
    Ok,
    /// It works, and something should be better.
    Warnings,
    /// There is an error.
    Failed,
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SubjectSummary {
    /// The identifier.
    pub value: String,
    /// Its kind, where the protocol names one.
    pub format: Option<String>,
}

/// The profile that the mapping gives.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProfileSummary {
    /// What is shown.
    pub name: String,
    /// The unique name.
    pub login: String,
    /// The address.
    pub email: String,
    /// The names of groups that were sent.
    pub groups: Vec<String>,
}

/// What the names of groups lead to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct GroupsSummary {
    /// What was said about groups.
    pub state: GroupsState,
    /// Groups with a name that was sent.
    pub matched: Vec<GroupSummary>,
    /// Names that no group has.
    pub unmatched: Vec<UnmatchedGroup>,
}

/// A group of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupSummary {
    /// The organization.
    pub organization: OrganizationId,
    /// The group's name.
    pub group: String,
}

/// A name that no group has.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnmatchedGroup {
    /// The name.
    pub name: String,
    /// The most similar name that exists, where one is near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
}

/// What the sign-in would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlanSummary {
    /// Groups that the person would join.
    pub add: Vec<GroupSummary>,
    /// Groups that the person would leave.
    pub remove: Vec<GroupSummary>,
    /// Organizations that the person would be in.
    pub organizations: Vec<OrganizationId>,
}

/// Names and values in the order in which they came. As JSON an object with a list for each name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimValues(Vec<(String, Vec<String>)>);

impl TestReport {
    /// Whether there is no error.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.status != TestStatus::Failed
    }
}

impl TestStatus {
    /// The outcome of these diagnoses: failed exactly when one is an error.
    #[must_use]
    pub fn of(diagnoses: &[Diagnosis]) -> Self {
        use super::diagnosis::Severity;
        match diagnoses.iter().map(|diagnosis| diagnosis.severity).min() {
            Some(Severity::Error) => Self::Failed,
            Some(Severity::Warning) => Self::Warnings,
            Some(Severity::Note) | None => Self::Ok,
        }
    }
}

impl ClaimValues {
    /// Names with their values.
    #[must_use]
    pub fn new(claims: Vec<(String, Vec<String>)>) -> Self {
        Self(claims)
    }

    /// Each name with its values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl From<&Member> for GroupSummary {
    fn from(member: &Member) -> Self {
        Self { organization: member.organization.clone(), group: member.name.as_str().to_owned() }
    }
}

impl Serialize for ClaimValues {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for ClaimValues {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> serde::de::Visitor<'de> for Entries {
            type Value = ClaimValues;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of lists of texts")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<ClaimValues, A::Error> {
                let mut claims = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    claims.push(entry);
                }
                Ok(ClaimValues(claims))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}
