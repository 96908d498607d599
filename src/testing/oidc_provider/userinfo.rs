//! The UserInfo endpoint (Core 5.3).

use http::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::{
    Fault, OidcProvider, SignedToken, UserInfoFault,
    answer::{OauthError, body_response, json_response},
    provider::Incoming,
    token::cannot_sign,
};

impl OidcProvider {
    pub(super) fn userinfo(&mut self, incoming: &Incoming<'_>) -> Result<Response<Vec<u8>>, OauthError> {
        // FAPI 2.0 §5.3.3: nowhere but in the header.
        if incoming.query.value("access_token").is_some() || incoming.form.value("access_token").is_some() {
            return Err(OauthError::invalid_request("an access token outside of the Authorization header"));
        }
        let authorization = incoming.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, token) = authorization
            .and_then(|value| value.split_once(' '))
            .ok_or_else(|| invalid_token("no access token"))?;
        let known = self.access_tokens.get(token).cloned().ok_or_else(|| invalid_token("unknown"))?;
        if known.expires <= incoming.now {
            return Err(invalid_token("expired"));
        }
        match &known.dpop_jkt {
            None if scheme.eq_ignore_ascii_case("Bearer") => {}
            Some(_) if self.fault == Some(Fault::UserInfo(UserInfoFault::AnotherNonceAlways)) => {
                return Err(self.another_dpop_nonce());
            }
            Some(bound) if scheme.eq_ignore_ascii_case("DPoP") => {
                let proven = self.dpop_thumbprint(incoming, Some(token))?;
                if proven.as_ref() != Some(bound) {
                    return Err(invalid_token("bound to another DPoP key"));
                }
            }
            _ => return Err(invalid_token("another scheme than that of the token")),
        }
        let fault = match self.fault {
            Some(Fault::UserInfo(UserInfoFault::Unauthorized)) => return Err(invalid_token("revoked")),
            Some(Fault::UserInfo(UserInfoFault::Forbidden)) => {
                let error = "insufficient_scope";
                return Err(OauthError::new(StatusCode::FORBIDDEN, error, "openid is not enough"));
            }
            Some(Fault::UserInfo(fault)) => Some(fault),
            _ => None,
        };
        let mut claims = self.userinfo_claims(&known.grant);
        let client_id = &known.grant.client_id;
        let client = self.client(client_id).ok_or_else(|| invalid_token("of an unknown client"))?;
        let signed = client.userinfo_signed && fault != Some(UserInfoFault::NotSigned);
        if signed {
            claims.insert("iss".to_owned(), json!(self.token_issuer()));
            claims.insert("aud".to_owned(), self.audience_of(client_id));
        }
        if let Some(fault) = fault {
            fault.change(&mut claims, signed);
        }
        if !signed && !self.encrypts_userinfo(client_id) {
            return Ok(json_response(StatusCode::OK, &self.style.content_type, &Value::Object(claims)));
        }
        let content = if signed {
            self.sign(SignedToken::UserInfo, &claims).ok_or_else(cannot_sign)?
        } else {
            Value::Object(claims.clone()).to_string()
        };
        let body = self.seal(SignedToken::UserInfo, content, &claims, client_id).ok_or_else(cannot_sign)?;
        Ok(body_response(StatusCode::OK, "application/jwt", body.into_bytes()))
    }

    #[cfg(feature = "decrypt")]
    fn encrypts_userinfo(&self, client_id: &str) -> bool {
        self.client(client_id).is_some_and(|client| client.userinfo_encryption.is_some())
    }

    /// Without feature `decrypt` nothing is encrypted.
    #[cfg(not(feature = "decrypt"))]
    fn encrypts_userinfo(&self, _: &str) -> bool {
        false
    }
}

/// RFC 6750 §3.1.
fn invalid_token(description: &'static str) -> OauthError {
    OauthError::new(StatusCode::UNAUTHORIZED, "invalid_token", description)
}
