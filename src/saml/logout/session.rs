use serde::{Deserialize, Serialize};

use crate::{
    saml::{NameId, ValidAssertion},
    time::Timestamp,
    version::Version,
};

/// A session at the identity provider, as a LogoutRequest names it. The host stores it with its own session, for
/// as long as that lasts.
///
/// A stored value has a `version`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SessionRef {
    version: Version<1>,
    /// The identity provider.
    pub idp_entity_id: String,
    /// Who is signed in, exactly as received.
    pub name_id: NameId,
    /// The identity provider's names for the session, each once. Without any, the request ends every session of
    /// this person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub session_indexes: Vec<String>,
    /// When the session must end in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_not_on_or_after: Option<Timestamp>,
}

impl SessionRef {
    /// Every session of a person, for a session that was begun without this crate or that should end everywhere.
    #[must_use]
    pub fn new(idp_entity_id: impl Into<String>, name_id: NameId) -> Self {
        Self {
            version: Version,
            idp_entity_id: idp_entity_id.into(),
            name_id,
            session_indexes: Vec::new(),
            session_not_on_or_after: None,
        }
    }
}

impl ValidAssertion {
    /// What to keep for single logout; `None` for a subject without NameID, which no logout message can name.
    #[must_use]
    pub fn session(&self) -> Option<SessionRef> {
        let mut session = SessionRef::new(self.issuer(), self.name_id()?.clone());
        for statement in self.authn_statements() {
            let index =
                statement.session_index.as_ref().filter(|index| !session.session_indexes.contains(index));
            session.session_indexes.extend(index.cloned());
        }
        session.session_not_on_or_after = self.session_not_on_or_after();
        Some(session)
    }
}
