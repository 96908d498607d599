use serde_json::Value;

use crate::time::Timestamp;

/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct User {
    /// `sub`, behind the prefix that the [`Style`](super::Style) may have.
    pub subject: String,
    /// The unique name.
    pub login: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Whether the provider has verified that address.
    pub email_verified: bool,
    /// Names of groups, in the order sent.
    pub groups: Vec<String>,
    /// When the person signed in at the provider; the moment of the answer where there is none.
    pub authenticated_at: Option<Timestamp>,
    /// How the person signed in there: `acr`, for requests that ask for it.
    pub acr: Option<String>,
    /// Further claims, sent where the others about a person are, and those of a standard scope only with that.
    pub claims: Vec<(String, Value)>,
}

impl User {
    /// Somebody in no group, with a subject made of the login.
    #[must_use]
    pub fn new(login: impl Into<String>, name: impl Into<String>, email: impl Into<String>) -> Self {
        let login = login.into();
        Self {
            subject: format!("user-{login}"),
            login,
            name: name.into(),
            email: email.into(),
            email_verified: true,
            groups: Vec::new(),
            authenticated_at: None,
            acr: None,
            claims: Vec::new(),
        }
    }

    /// The same in these groups.
    #[must_use]
    pub fn in_groups(mut self, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// The same with one more claim.
    #[must_use]
    pub fn with_claim(mut self, name: impl Into<String>, value: Value) -> Self {
        self.claims.push((name.into(), value));
        self
    }

    /// The same, signed in at that time.
    #[must_use]
    pub fn authenticated_at(mut self, at: Timestamp) -> Self {
        self.authenticated_at = Some(at);
        self
    }
}
