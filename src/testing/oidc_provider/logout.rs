//! Single logout from either side, and sign-ins that start elsewhere.

use http::{Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use url::Url;

use super::{
    Fault, OidcProvider, SignedToken,
    json::{Form, Object},
};
use crate::time::Timestamp;

/// Somebody's session at the provider, as one relying party knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// The relying party.
    pub client_id: String,
    /// `sub`.
    pub subject: String,
    /// `sid`.
    pub sid: String,
}

/// Why there is no logout: the page that the browser would show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogoutError {
    /// Not the address where browsers sign out.
    #[error("not the end_session_endpoint")]
    Endpoint,
    /// A parameter is there twice.
    #[error("the parameter {name} is there twice")]
    Repeated {
        /// Its name.
        name: String,
    },
    /// `id_token_hint` is no ID token of this provider.
    #[error("id_token_hint is no ID token of this provider")]
    IdTokenHint,
    /// `client_id` is unknown, or another than that of the ID token.
    #[error("client_id is unknown, or another than that of id_token_hint")]
    ClientId,
    /// `post_logout_redirect_uri` is not registered.
    #[error("post_logout_redirect_uri is not registered")]
    PostLogoutRedirectUri,
}

impl OidcProvider {
    /// The browser comes to sign out (RP-Initiated Logout 2): where it goes next, if anywhere.
    ///
    /// # Errors
    /// [`LogoutError`].
    pub fn end_session(&mut self, url: &Url) -> Result<Option<Url>, LogoutError> {
        let own = Url::parse(&self.endpoints.end_session).map_err(|_| LogoutError::Endpoint)?;
        if (own.host(), own.path()) != (url.host(), url.path()) {
            return Err(LogoutError::Endpoint);
        }
        let form = Form::parse(url.query().unwrap_or_default().as_bytes());
        if let Some(name) = form.repeated() {
            return Err(LogoutError::Repeated { name: name.to_owned() });
        }
        let hinted = match form.value("id_token_hint") {
            Some(hint) => Some(self.id_tokens.get(hint).ok_or(LogoutError::IdTokenHint)?.clone()),
            None => None,
        };
        let named = form.value("client_id").map(str::to_owned);
        if let (Some(hinted), Some(named)) = (&hinted, &named)
            && hinted.client_id != *named
        {
            return Err(LogoutError::ClientId);
        }
        let client_id = hinted.as_ref().map(|session| session.client_id.clone()).or(named);
        let client = client_id.as_deref().and_then(|client_id| self.client(client_id));
        let to = match (form.value("post_logout_redirect_uri"), client) {
            (None, _) => None,
            (Some(_), None) => return Err(LogoutError::ClientId),
            (Some(uri), Some(client)) => {
                let registered = client.post_logout_redirect_uris.iter().any(|known| known == uri);
                let url = Url::parse(uri).ok().filter(|_| registered);
                let mut url = url.ok_or(LogoutError::PostLogoutRedirectUri)?;
                let state = match self.fault {
                    Some(Fault::PostLogout(fault)) => fault.state(),
                    _ => form.value("state"),
                };
                if let Some(state) = state {
                    url.query_pairs_mut().append_pair("state", state);
                }
                Some(url)
            }
        };
        // The session of the hint, or without one every session of the client: no browser shows which is its own.
        self.sessions.retain(|session| match &hinted {
            Some(hinted) => session != hinted,
            None => Some(&session.client_id) != client_id.as_ref(),
        });
        Ok(to)
    }

    /// The request that a session's end brings to its relying party's server (Back-Channel Logout 2.5); nothing
    /// where that has registered no address for it.
    pub fn backchannel_logout(&mut self, session: &Session, now: Timestamp) -> Option<Request<Vec<u8>>> {
        let address = self.client(&session.client_id)?.backchannel_logout_uri.clone()?;
        let token = self.logout_token(session, now)?;
        let form = match self.fault {
            Some(Fault::LogoutToken(fault)) => fault.form(token),
            _ => vec![("logout_token", token)],
        };
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Request::builder()
            .method(Method::POST)
            .uri(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into_bytes())
            .ok()
    }

    /// What a session's end says (Back-Channel Logout 2.4), before it is signed.
    pub(super) fn logout_claims(&mut self, session: &Session, now: Timestamp) -> Object {
        let mut claims = Object::new();
        let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        add("iss", json!(self.token_issuer()));
        add("aud", self.audience_of(&session.client_id));
        if self.style.azp || !self.style.other_audiences.is_empty() {
            add("azp", json!(session.client_id));
        }
        add("iat", super::id_token::time(&self.style, now));
        add("exp", super::id_token::time(&self.style, now.saturating_add(LOGOUT_LIFETIME)));
        add("sub", json!(session.subject));
        add("sid", json!(session.sid));
        add("events", json!({ BACKCHANNEL_LOGOUT: {} }));
        let jti = self.next_secret("jti");
        claims.insert("jti".to_owned(), json!(jti));
        if let Some(Fault::LogoutToken(fault)) = self.fault {
            fault.change(&mut claims, now);
        }
        claims
    }

    fn logout_token(&mut self, session: &Session, now: Timestamp) -> Option<String> {
        let claims = self.logout_claims(session, now);
        let signed = self.sign(SignedToken::LogoutToken, &claims)?;
        self.seal(SignedToken::LogoutToken, signed, &claims, &session.client_id)
    }

    /// The page that a session's end loads in the browser (Front-Channel Logout 3); nothing where the relying
    /// party has registered none.
    #[must_use]
    pub fn frontchannel_logout(&self, session: &Session) -> Option<Url> {
        let client = self.client(&session.client_id)?;
        let mut url = Url::parse(client.frontchannel_logout_uri.as_deref()?).ok()?;
        let mut parameters = Vec::new();
        if client.frontchannel_logout_session {
            parameters = vec![("iss", self.token_issuer().to_owned()), ("sid", session.sid.clone())];
        }
        if let Some(Fault::FrontChannel(fault)) = self.fault {
            fault.change(&mut parameters);
        }
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        Some(url)
    }

    /// Sends the browser to a relying party that is to start a sign-in (Core 4); nothing where that has
    /// registered no page for it.
    #[must_use]
    pub fn initiate_login(
        &self,
        client_id: &str,
        login_hint: Option<&str>,
        target_link_uri: Option<&str>,
    ) -> Option<Url> {
        let mut url = Url::parse(self.client(client_id)?.initiate_login_uri.as_deref()?).ok()?;
        url.query_pairs_mut().append_pair("iss", &self.issuer);
        for (name, value) in [("login_hint", login_hint), ("target_link_uri", target_link_uri)] {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        Some(url)
    }
}

/// Whether a relying party's answer to a logout token says that the session has ended there
/// (Back-Channel Logout 2.8).
#[must_use]
pub fn logout_succeeded(response: &Response<Vec<u8>>) -> bool {
    matches!(response.status(), StatusCode::OK | StatusCode::NO_CONTENT)
}

const BACKCHANNEL_LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
const LOGOUT_LIFETIME: std::time::Duration = std::time::Duration::from_secs(120);
