use http::StatusCode;
use serde_json::{Value, json};

use super::faults;
use crate::testing::oidc_provider::{answer::OauthError, json::Object};

faults! {
    /// What is wrong with what the token endpoint says.
    TokenFault {
        /// It refuses every code and every refresh token.
        Error => "oidc.token_error",
        /// It asks for another DPoP nonce, again and again.
        AnotherNonceAlways => "oidc.dpop_nonce_repeated",
        /// No access_token.
        NoAccessToken => "oidc.access_token_missing",
        /// An empty access_token.
        EmptyAccessToken => "oidc.access_token_missing",
        /// A number for an access_token.
        AccessTokenNotText => "oidc.access_token_missing",
        /// A token_type that nobody has asked for.
        OtherTokenType => "oidc.token_type",
        /// No token_type.
        NoTokenType => "oidc.token_type",
        /// An access token that has expired before it was issued.
        NegativeExpiresIn => "oidc.expires_in",
        /// An access token for a hundred years.
        EndlessExpiresIn => "oidc.expires_in",
        /// Words for a number of seconds.
        ExpiresInNotNumber => "oidc.expires_in",
        /// No id_token, though a code was exchanged.
        NoIdToken => "oidc.id_token_missing",
        /// A number for an id_token.
        IdTokenNotText => "oidc.claim_type",
        /// No issued_token_type in an exchange of tokens (RFC 8693).
        NoIssuedTokenType => "oidc.token_exchange_response",
        /// Fewer scopes than asked for: the note `oidc.scope_reduced`.
        ScopeReduced => "accepted",
        /// A token for anybody, though a DPoP proof was sent: the note `oidc.dpop_not_used`.
        BearerDespiteProof => "accepted",
    }
}

faults! {
    /// What is wrong with the answer to a pushed authorization request (RFC 9126).
    PushedFault {
        /// It refuses the request.
        Error => "oidc.token_error",
        /// It asks for another DPoP nonce, again and again.
        AnotherNonceAlways => "oidc.dpop_nonce_repeated",
        /// Status 200, not 201.
        StatusOk => "oidc.http_status",
        /// No request_uri.
        NoRequestUri => "oidc.par_response",
        /// An empty request_uri.
        EmptyRequestUri => "oidc.par_response",
        /// No expires_in.
        NoExpiresIn => "oidc.par_response",
        /// Expired at once.
        NoTimeLeft => "oidc.par_response",
    }
}

faults! {
    /// What is wrong with the answer to a revocation (RFC 7009).
    RevocationFault {
        /// It does not revoke tokens of this kind.
        UnsupportedTokenType => "oidc.unsupported_token_type",
        /// It refuses the request.
        Error => "oidc.token_error",
    }
}

impl TokenFault {
    pub(in crate::testing::oidc_provider) fn change(self, answer: &mut Object) -> Result<(), OauthError> {
        let mut set = |name: &str, value: Value| {
            answer.insert(name.to_owned(), value);
        };
        match self {
            Self::Error => return Err(OauthError::invalid_grant("nothing is granted here")),
            Self::AnotherNonceAlways | Self::BearerDespiteProof => {}
            Self::NoAccessToken => drop(answer.remove("access_token")),
            Self::EmptyAccessToken => set("access_token", json!("")),
            Self::AccessTokenNotText => set("access_token", json!(7)),
            Self::OtherTokenType => set("token_type", json!("mac")),
            Self::NoTokenType => drop(answer.remove("token_type")),
            Self::NegativeExpiresIn => set("expires_in", json!(-1)),
            Self::EndlessExpiresIn => set("expires_in", json!(3_155_760_000_u64)),
            Self::ExpiresInNotNumber => set("expires_in", json!("an hour")),
            Self::NoIdToken => drop(answer.remove("id_token")),
            Self::IdTokenNotText => set("id_token", json!(7)),
            Self::NoIssuedTokenType => drop(answer.remove("issued_token_type")),
            Self::ScopeReduced => set("scope", json!("openid")),
        }
        Ok(())
    }
}

impl PushedFault {
    pub(in crate::testing::oidc_provider) fn change(
        self,
        status: &mut StatusCode,
        answer: &mut Value,
    ) -> Result<(), OauthError> {
        let Some(members) = answer.as_object_mut() else { return Ok(()) };
        match self {
            Self::Error => return Err(OauthError::invalid_request("nothing can be pushed here")),
            Self::AnotherNonceAlways => {}
            Self::StatusOk => *status = StatusCode::OK,
            Self::NoRequestUri => drop(members.remove("request_uri")),
            Self::EmptyRequestUri => drop(members.insert("request_uri".to_owned(), json!(""))),
            Self::NoExpiresIn => drop(members.remove("expires_in")),
            Self::NoTimeLeft => drop(members.insert("expires_in".to_owned(), json!(0))),
        }
        Ok(())
    }
}

impl RevocationFault {
    pub(in crate::testing::oidc_provider) fn error(self) -> OauthError {
        match self {
            Self::Error => OauthError::invalid_request("nothing is revoked here"),
            Self::UnsupportedTokenType => {
                let error = "unsupported_token_type";
                OauthError::new(StatusCode::SERVICE_UNAVAILABLE, error, "not this kind")
            }
        }
    }
}
