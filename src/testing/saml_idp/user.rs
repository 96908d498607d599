/// Somebody who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The unique name.
    pub login: String,
    /// The full name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Names of groups, in the order sent.
    pub groups: Vec<String>,
    /// The NameID to send; without it the [`NameIdStyle`](super::NameIdStyle) says where it comes from.
    pub name_id: Option<String>,
}

impl User {
    /// Somebody in no group.
    #[must_use]
    pub fn new(login: impl Into<String>, name: impl Into<String>, email: impl Into<String>) -> Self {
        Self {
            login: login.into(),
            name: name.into(),
            email: email.into(),
            groups: Vec::new(),
            name_id: None,
        }
    }

    /// The same in these groups.
    #[must_use]
    pub fn in_groups(mut self, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// The same with this NameID.
    #[must_use]
    pub fn with_name_id(mut self, name_id: impl Into<String>) -> Self {
        self.name_id = Some(name_id.into());
        self
    }
}
