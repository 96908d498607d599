use std::time::Duration;

use crate::{crypto::Secret, note::Note};

/// What the token endpoint gave for a code or a refresh token: nothing of it is checked yet but its form.
///
/// [`id_token::validate`](crate::oidc::id_token::validate) takes it by reference and leaves it intact, so that an ID token with an unknown key can be
/// validated again once the keys have been fetched anew. `Debug` shows nothing, and
/// the tokens are wiped when it goes.
#[derive(Clone, Debug)]
pub struct UnverifiedTokens {
    pub(in crate::oidc) access_token: Secret,
    pub(in crate::oidc) token_type: TokenType,
    pub(in crate::oidc) refresh_token: Option<Secret>,
    pub(in crate::oidc) id_token: Option<Secret>,
    pub(in crate::oidc) expires_in: Option<Duration>,
    pub(in crate::oidc) scopes: Option<Vec<String>>,
    /// What was exchanged, for `c_hash`.
    pub(in crate::oidc) code: Option<Secret>,
    pub(in crate::oidc) notes: Vec<Note>,
}

/// How an access token is presented (RFC 6749 §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenType {
    /// By itself: whoever has it may use it (RFC 6750).
    Bearer,
    /// With a proof by the key that it is bound to (RFC 9449).
    Dpop,
    /// It is no access token (RFC 8693 §2.2.1).
    NotApplicable,
}

impl UnverifiedTokens {
    /// For UserInfo and other resources of the provider.
    #[must_use]
    pub fn access_token(&self) -> &Secret {
        &self.access_token
    }

    /// How the access token is presented.
    #[must_use]
    pub fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// For new tokens, see [`refresh`](super::refresh). After a refresh without a new one, the one before.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// The ID token as it came. Always there after an exchange of a code.
    #[must_use]
    pub fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// How long the access token lives, where the answer says so.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    /// What was granted, where the answer says so; otherwise what was asked for.
    #[must_use]
    pub fn scopes(&self) -> Option<&[String]> {
        self.scopes.as_deref()
    }

    /// `oidc.scope_reduced`, `oidc.dpop_not_used`.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}
