//! The token endpoint: codes and refresh tokens become tokens, tokens become other tokens, and are revoked.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    AuthorizationRequest, ExpiresIn, Fault, OidcProvider, RefreshFault, RegisteredClient, Session,
    TokenFault, User,
    answer::OauthError,
    discovery::TOKEN_EXCHANGE,
    id_token::subject,
    json::{Object, opaque},
    provider::Incoming,
};
use crate::time::Timestamp;

/// What somebody has agreed to.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) code_challenge: String,
    pub(super) nonce: String,
    pub(super) user: User,
    pub(super) authenticated_at: Timestamp,
    /// Whether `auth_time` was asked for.
    pub(super) max_age: bool,
    pub(super) acr: Option<String>,
    pub(super) organization: Option<String>,
    pub(super) dpop_jkt: Option<String>,
    pub(super) sid: String,
    pub(super) expires: Timestamp,
}

/// What an access token is for.
#[derive(Clone, Debug)]
pub(super) struct AccessToken {
    pub(super) grant: Grant,
    pub(super) dpop_jkt: Option<String>,
    pub(super) expires: Timestamp,
}

impl OidcProvider {
    /// Keeps what a code stands for, and the session behind it.
    pub(super) fn grant_code(
        &mut self,
        code: String,
        request: &AuthorizationRequest,
        user: &User,
        now: Timestamp,
    ) {
        let sid = self.next_secret("sid");
        let acr = match &user.acr {
            Some(acr) => Some(acr.clone()),
            None => request.acr_values.first().cloned(),
        };
        let grant = Grant {
            client_id: request.client_id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            scopes: request.scopes.clone(),
            code_challenge: request.code_challenge.clone(),
            nonce: request.nonce.clone(),
            user: user.clone(),
            authenticated_at: user.authenticated_at.unwrap_or(now),
            max_age: request.max_age.is_some(),
            acr,
            organization: request.organization.clone(),
            dpop_jkt: request.dpop_jkt.clone(),
            sid,
            expires: now.saturating_add(CODE_LIFETIME),
        };
        self.sessions.push(self.session_of(&grant));
        self.codes.insert(code, grant);
    }

    fn session_of(&self, grant: &Grant) -> Session {
        Session {
            client_id: grant.client_id.clone(),
            subject: subject(&self.style, &grant.user),
            sid: grant.sid.clone(),
        }
    }

    /// RFC 6749 §4.1.3, §6 and RFC 8693 §2.
    pub(super) fn token(&mut self, incoming: &Incoming<'_>) -> Result<(StatusCode, Value), OauthError> {
        let client = self.authenticate(incoming)?;
        if self.fault == Some(Fault::Token(TokenFault::AnotherNonceAlways)) {
            return Err(self.another_dpop_nonce());
        }
        let thumbprint = self.dpop_thumbprint(incoming, None)?;
        if client.require_dpop && thumbprint.is_none() {
            return Err(OauthError::invalid_request("this client must send a DPoP proof"));
        }
        let refreshed = incoming.form.value("grant_type") == Some("refresh_token");
        let mut answer = match incoming.form.value("grant_type") {
            Some("authorization_code") => self.redeem_code(&client, incoming, thumbprint)?,
            Some("refresh_token") => self.refresh(&client, incoming, thumbprint)?,
            Some(TOKEN_EXCHANGE) => self.exchange(incoming, thumbprint)?,
            _ => {
                let error = "unsupported_grant_type";
                return Err(OauthError::new(StatusCode::BAD_REQUEST, error, "grant_type"));
            }
        };
        match self.fault {
            Some(Fault::Token(fault)) => fault.change(&mut answer)?,
            Some(Fault::Refresh(RefreshFault::NoRefreshToken)) if refreshed => {
                answer.remove("refresh_token");
            }
            _ => {}
        }
        Ok((StatusCode::OK, Value::Object(answer)))
    }

    fn redeem_code(
        &mut self,
        client: &RegisteredClient,
        incoming: &Incoming<'_>,
        thumbprint: Option<String>,
    ) -> Result<Object, OauthError> {
        let code = incoming.form.value("code").unwrap_or_default();
        let grant = self.codes.remove(code).ok_or(OauthError::invalid_grant("unknown, or used before"))?;
        if grant.client_id != client.client_id {
            return Err(OauthError::invalid_grant("the code of another client"));
        }
        if grant.expires <= incoming.now {
            return Err(OauthError::invalid_grant("the code has expired"));
        }
        if incoming.form.value("redirect_uri") != Some(&grant.redirect_uri) {
            return Err(OauthError::invalid_grant("redirect_uri"));
        }
        // RFC 7636 §4.1 and §4.6.
        let verifier = incoming.form.value("code_verifier").unwrap_or_default();
        if !(43..=128).contains(&verifier.len()) || opaque(verifier) != grant.code_challenge {
            return Err(OauthError::invalid_grant("code_verifier"));
        }
        if grant.dpop_jkt.is_some() && grant.dpop_jkt != thumbprint {
            return Err(OauthError::invalid_grant("the code is bound to another DPoP key"));
        }
        let mut answer = self.access_token(&grant, thumbprint, incoming.now);
        if grant.scopes.iter().any(|scope| scope == "offline_access") {
            self.add_refresh_token(&mut answer, grant.clone());
        }
        self.add_id_token(&mut answer, &grant, Some(code), incoming.now)?;
        Ok(answer)
    }

    fn refresh(
        &mut self,
        client: &RegisteredClient,
        incoming: &Incoming<'_>,
        thumbprint: Option<String>,
    ) -> Result<Object, OauthError> {
        let token = incoming.form.value("refresh_token").unwrap_or_default();
        let grant = self.refresh_tokens.get(token).cloned();
        let grant = grant.ok_or(OauthError::invalid_grant("unknown, or used before"))?;
        if grant.client_id != client.client_id {
            return Err(OauthError::invalid_grant("the refresh token of another client"));
        }
        let mut answer = self.access_token(&grant, thumbprint, incoming.now);
        if self.style.rotate_refresh_tokens {
            self.refresh_tokens.remove(token);
            self.add_refresh_token(&mut answer, grant.clone());
        }
        if self.fault != Some(Fault::Refresh(RefreshFault::NoIdToken)) {
            self.add_id_token(&mut answer, &grant, None, incoming.now)?;
        }
        Ok(answer)
    }

    fn exchange(
        &mut self,
        incoming: &Incoming<'_>,
        thumbprint: Option<String>,
    ) -> Result<Object, OauthError> {
        let form = &incoming.form;
        if form.value("subject_token_type") != Some(ACCESS_TOKEN) {
            return Err(OauthError::invalid_request("subject_token_type"));
        }
        if form.value("actor_token").is_some() != form.value("actor_token_type").is_some() {
            return Err(OauthError::invalid_request("actor_token and actor_token_type"));
        }
        let subject = form.value("subject_token").unwrap_or_default();
        let subject = self.access_tokens.get(subject).cloned();
        let mut grant = subject.ok_or(OauthError::invalid_request("subject_token"))?.grant;
        if let Some(scope) = form.value("scope") {
            grant.scopes = scope.split(' ').map(str::to_owned).collect();
        }
        let mut answer = self.access_token(&grant, thumbprint, incoming.now);
        answer.insert("issued_token_type".to_owned(), json!(ACCESS_TOKEN));
        Ok(answer)
    }

    /// RFC 7009 §2: whatever it does not know counts as revoked.
    pub(super) fn revoke(&mut self, incoming: &Incoming<'_>) -> Result<(StatusCode, Value), OauthError> {
        let client = self.authenticate(incoming)?;
        if let Some(Fault::Revocation(fault)) = self.fault {
            return Err(fault.error());
        }
        let token = incoming.form.value("token").ok_or(OauthError::invalid_request("token"))?;
        self.refresh_tokens.retain(|name, grant| name != token || grant.client_id != client.client_id);
        self.access_tokens.retain(|name, known| name != token || known.grant.client_id != client.client_id);
        Ok((StatusCode::OK, json!({})))
    }

    fn access_token(&mut self, grant: &Grant, dpop_jkt: Option<String>, now: Timestamp) -> Object {
        let token = self.next_secret("access token");
        let dpop_jkt = dpop_jkt.filter(|_| self.fault != Some(Fault::Token(TokenFault::BearerDespiteProof)));
        let token_type = match dpop_jkt {
            Some(_) => &self.style.dpop_token_type,
            None => &self.style.token_type,
        };
        let mut answer = Object::new();
        answer.insert("access_token".to_owned(), json!(token));
        answer.insert("token_type".to_owned(), json!(token_type));
        let lifetime = ACCESS_LIFETIME.as_secs();
        match self.style.expires_in {
            ExpiresIn::Number => answer.insert("expires_in".to_owned(), json!(lifetime)),
            ExpiresIn::Text => answer.insert("expires_in".to_owned(), json!(lifetime.to_string())),
            ExpiresIn::Omit => None,
        };
        answer.insert("scope".to_owned(), json!(grant.scopes.join(" ")));
        let expires = now.saturating_add(ACCESS_LIFETIME);
        self.access_tokens.insert(token, AccessToken { grant: grant.clone(), dpop_jkt, expires });
        answer
    }

    fn add_refresh_token(&mut self, answer: &mut Object, grant: Grant) {
        let token = self.next_secret("refresh token");
        answer.insert("refresh_token".to_owned(), json!(token));
        self.refresh_tokens.insert(token, grant);
    }

    fn add_id_token(
        &mut self,
        answer: &mut Object,
        grant: &Grant,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<(), OauthError> {
        let access_token = super::json::text(answer, "access_token").to_owned();
        let claims = self.id_token_claims(grant, &access_token, code, now);
        let token = self.write_id_token(&claims, &self.session_of(grant)).ok_or_else(cannot_sign)?;
        answer.insert("id_token".to_owned(), json!(token));
        Ok(())
    }
}

/// A style whose algorithm does not fit its key, or a key that cannot be encrypted to.
pub(super) fn cannot_sign() -> OauthError {
    OauthError::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "nothing could be signed or encrypted")
}

const CODE_LIFETIME: std::time::Duration = std::time::Duration::from_secs(60);
const ACCESS_LIFETIME: std::time::Duration = std::time::Duration::from_secs(3600);
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
