//! [`ClaimsBuilder`]: claims for tests of mappings and group plans.

use serde_json::Value;

use crate::claims::{Claim, ClaimValue, Claims, Overage, Stability, SubjectId};

/// Makes [`Claims`] that no identity provider has signed. Outside of tests, claims come from a validated
/// assertion or token alone.
#[derive(Clone, Debug)]
pub struct ClaimsBuilder {
    issuer: String,
    subject: SubjectId,
    claims: Vec<Claim>,
    overages: Vec<Overage>,
}

impl ClaimsBuilder {
    /// Claims of a person with a stable identifier, and nothing else.
    #[must_use]
    pub fn new(issuer: &str, subject: &str) -> Self {
        let subject = SubjectId {
            value: subject.to_owned(),
            format: None,
            name_qualifier: None,
            sp_name_qualifier: None,
            stability: Stability::Stable,
        };
        Self { issuer: issuer.to_owned(), subject, claims: Vec::new(), overages: Vec::new() }
    }

    /// Replaces the whole subject.
    #[must_use]
    pub fn subject(mut self, subject: SubjectId) -> Self {
        self.subject = subject;
        self
    }

    /// Adds a claim with texts as values. A name that is there already gets them at its end.
    #[must_use]
    pub fn attribute<V: Into<String>>(self, name: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.values(name, None, values.into_iter().map(|value| ClaimValue::Text(value.into())).collect())
    }

    /// Adds a claim that carries a second, human name.
    #[must_use]
    pub fn friendly_attribute<V: Into<String>>(
        self,
        name: &str,
        friendly_name: &str,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(|value| ClaimValue::Text(value.into())).collect();
        self.values(name, Some(friendly_name.to_owned()), values)
    }

    /// Adds a claim with one JSON value.
    #[must_use]
    pub fn json(self, name: &str, value: Value) -> Self {
        self.values(name, None, vec![ClaimValue::Json(value)])
    }

    /// Says that a claim's values were left out because there are too many.
    #[must_use]
    pub fn overage(mut self, name: &str, link: Option<&str>) -> Self {
        self.overages.push(Overage { name: name.to_owned(), link: link.map(str::to_owned) });
        self
    }

    /// The claims.
    #[must_use]
    pub fn build(self) -> Claims {
        Claims::new(self.issuer, self.subject, self.claims, self.overages)
    }

    fn values(mut self, name: &str, friendly_name: Option<String>, values: Vec<ClaimValue>) -> Self {
        match self.claims.iter_mut().find(|claim| claim.name == name) {
            Some(claim) => {
                claim.values.extend(values);
                claim.friendly_name = claim.friendly_name.take().or(friendly_name);
            }
            None => self.claims.push(Claim { name: name.to_owned(), friendly_name, values }),
        }
        self
    }
}
