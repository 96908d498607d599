//! Back-channel logout: the provider posts a signed token that says whose session has ended.
//!
//! ```text
//! body → validate → ValidLogoutToken → the host's replay store → sessions end → done
//!                 ↘ Error ───────────────────────────────────────────────────→ refused
//! ```

use std::time::Duration;

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::Value;

use crate::{
    crypto::Secret,
    jose::{Jwks, TokenType},
    json::Object,
    oidc::{
        Client, Error, Message, Provider, form,
        id_token::{LOGOUT_EVENT, SessionRef},
        judge::Judge,
        signed::{Encryption, Expected, Signed, open},
    },
    time::Timestamp,
};

/// A logout token of which every rule is kept but one: that it was not seen before.
#[derive(Clone, Debug)]
#[must_use = "store the replay key, then end the sessions"]
pub struct ValidLogoutToken {
    issuer: String,
    subject: Option<String>,
    sid: Option<String>,
    replay: LogoutReplay,
}

/// The name of a logout token, and how long to remember it. A name that is there already is the same token again: it
/// is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use = "a logout token counts once: store this and refuse what is there already"]
pub struct LogoutReplay {
    /// The provider that has made the name.
    pub issuer: String,
    /// `jti`.
    pub jti: String,
    /// When it may be forgotten, because the token would then be refused for its age.
    pub keep_until: Timestamp,
}

/// Judges the body of the provider's request (Back-Channel Logout 2.6):
///
/// 1. a form with one `logout_token`;
/// 2. decryption, header, algorithm, type, key, signature and JSON as for an ID token, with the type absent, `JWT` or
///    `logout+jwt`;
/// 3. `iss`, `aud`, `azp` and `iat` as for an ID token, `exp` where it is there, and not older than five minutes;
/// 4. `events` with the logout event;
/// 5. no `nonce`;
/// 6. whose session: `sub`, `sid` or both, and `sid` where that is registered;
/// 7. `jti`.
///
/// The host then stores [`ValidLogoutToken::replay`], ends the sessions that
/// [`is_of`](ValidLogoutToken::is_of) this token, and answers with [`done`].
///
/// # Errors
/// The first check that failed; the host answers with [`refused`]. Where [`Error::is_retryable`] says so, it may
/// fetch the keys anew and judge the same body once more.
pub fn validate(
    body: &[u8],
    jwks: &Jwks,
    provider: &Provider,
    client: &Client,
    now: Timestamp,
) -> Result<ValidLogoutToken, Error> {
    let message = Message::LogoutToken;
    let expected = Expected {
        message,
        typ: TokenType::JwtOr("logout+jwt"),
        encryption: Encryption::Optional,
        listed: provider.id_token_signing_alg_values_supported.as_deref(),
    };
    // 1. Back-Channel 2.5: a form with one token.
    let token = logout_token(body, client)?;
    // 2. Back-Channel 2.6 (1, 2): decrypted, signed.
    let compact = open(token.expose(), &expected, client)?;
    let signed = Signed::verify(compact.as_str(), &expected, jwks, client)?;
    // 3. Back-Channel 2.6 (3): from the provider, for us, now.
    let judge = Judge { message, claims: &signed.claims, provider, client, now };
    let issuer = judge.issuer()?;
    signed.key_signs_for(message, issuer)?;
    let audience = judge.audience()?;
    judge.audience_is_trusted(&audience)?;
    judge.authorized_party(&audience)?;
    judge.expiry()?;
    judge.not_before()?;
    let issued_at = judge.issued_at(Some(LONGEST_AGE))?.ok_or(judge.missing("iat"))?;
    // 4. Back-Channel 2.6 (5): a logout.
    is_logout(&signed.claims)?;
    // 5. Back-Channel 2.6 (6): no ID token.
    if signed.claims.get("nonce").is_some() {
        return Err(Error::LogoutNoncePresent);
    }
    // 6. Back-Channel 2.6 (4): whose.
    let (subject, sid) = whose(&judge)?;
    // 7. Back-Channel 2.6 (7): a name by which the host finds out whether it has seen this.
    let jti = judge.required_text("jti")?;
    if jti.is_empty() {
        return Err(judge.missing("jti"));
    }
    let keep_until =
        issued_at.saturating_add(LONGEST_AGE).saturating_add(client.policy.clock_skew.as_duration());
    let replay = LogoutReplay { issuer: issuer.to_owned(), jti: jti.to_owned(), keep_until };
    Ok(ValidLogoutToken { issuer: issuer.to_owned(), subject, sid, replay })
}

/// The answer when the sessions have ended, or when there were none: the person is signed out, which is what the
/// provider wants to know (Back-Channel Logout 2.8).
#[must_use]
pub fn done() -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// The answer to a token that is refused, a replayed one included (`None`): status 400 and the code of the rule.
#[must_use]
pub fn refused(error: Option<&Error>) -> Response<Vec<u8>> {
    let code = error.map_or("oidc.logout_replayed", Error::code);
    let body = Object::new().with("error", "invalid_request").with("error_description", code);
    let mut response = Response::new(body.to_json().into_bytes());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

impl ValidLogoutToken {
    /// The provider.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whose sessions have ended, where the token says it.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Which session has ended, where the token says it. Without it, all of the person's.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// What keeps the same token from counting twice.
    #[must_use = "a logout token counts once: store this and refuse what is there already"]
    pub fn replay(&self) -> &LogoutReplay {
        &self.replay
    }

    /// Whether the token ends this session: the one it names, or every one of the person it names.
    #[must_use]
    pub fn is_of(&self, session: &SessionRef) -> bool {
        let same_subject = self.subject.as_ref().is_none_or(|subject| *subject == session.subject);
        let same_session = self.sid.as_ref().is_none_or(|sid| session.sid.as_ref() == Some(sid));
        self.issuer == session.issuer && same_subject && same_session
    }
}

/// Back-Channel Logout 2.4 leaves the age open; this is long enough for a request that is sent again.
const LONGEST_AGE: Duration = Duration::from_secs(300);

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

fn logout_token(body: &[u8], client: &Client) -> Result<Secret, Error> {
    let malformed = |reason| Error::LogoutMalformed { reason };
    let fields = form::parse(body, client.policy.limits.callback).map_err(malformed)?;
    let token =
        fields.once("logout_token").map_err(|form::Twice| malformed("logout_token is there twice"))?;
    token.map(Secret::new).ok_or(malformed("there is no logout_token"))
}

fn is_logout(claims: &Object) -> Result<(), Error> {
    match claims.get("events").and_then(|events| events.get(LOGOUT_EVENT)) {
        Some(Value::Object(_)) => Ok(()),
        _ => Err(Error::LogoutEventMissing),
    }
}

fn whose(judge: &Judge<'_>) -> Result<(Option<String>, Option<String>), Error> {
    let text = |claim| match judge.claims.get(claim) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(_) => Err(Error::LogoutSubjectMissing),
    };
    let (subject, sid) = (text("sub")?, text("sid")?);
    let session_required = judge.client.registered.backchannel_logout_session_required;
    if (subject.is_none() && sid.is_none()) || (sid.is_none() && session_required) {
        return Err(Error::LogoutSubjectMissing);
    }
    Ok((subject, sid))
}
