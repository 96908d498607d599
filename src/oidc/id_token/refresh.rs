use super::{
    SessionRef, ValidIdToken,
    validate::{Acr, Asked, Nonce, judge},
};
use crate::{
    jose::Jwks,
    oidc::{Client, Error, Provider, token::UnverifiedTokens},
    time::Timestamp,
};

/// Judges the ID token that came with a refresh (Core 12.2): every check of [`validate`](super::validate) but the
/// presence of the nonce, and then that it is about the same session.
///
/// `session` is [`ValidIdToken::session`] of the sign-in or of the last refresh; the new one takes its place. A
/// refresh need not bring an ID token: look at [`UnverifiedTokens::id_token`] first. How long ago the person
/// authenticated was a condition of the sign-in and is none of the refresh.
///
/// # Errors
/// As [`validate`](super::validate); [`Error::IdTokenMissing`] where none came;
/// [`Error::RefreshIssuerMismatch`], [`Error::RefreshSubjectMismatch`] and [`Error::RefreshAuthTimeMismatch`] where it
/// is another session's. Then nothing of the new tokens may be used.
pub fn validate_refreshed(
    tokens: &UnverifiedTokens,
    jwks: &Jwks,
    provider: &Provider,
    client: &Client,
    session: &SessionRef,
    now: Timestamp,
) -> Result<ValidIdToken, Error> {
    let asked = Asked {
        nonce: Nonce::IfPresent(&session.nonce),
        max_age: None,
        acr: Acr::IfPresent(&session.essential_acr),
        hd: session.hd.as_deref(),
        organization: session.organization.as_deref(),
    };
    let mut token = judge(tokens, jwks, provider, client, &asked, now)?;
    // Core 12.2: the issuer, the person and the authentication of before.
    if token.session.issuer != session.issuer {
        let (expected, actual) = (session.issuer.clone(), token.session.issuer);
        return Err(Error::RefreshIssuerMismatch { expected, actual });
    }
    if token.session.subject != session.subject {
        return Err(Error::RefreshSubjectMismatch);
    }
    match (token.session.auth_time, session.auth_time) {
        (Some(new), Some(old)) if new != old => return Err(Error::RefreshAuthTimeMismatch),
        (None, old) => token.session.auth_time = old,
        _ => {}
    }
    if token.session.sid.is_none() {
        token.session.sid.clone_from(&session.sid);
    }
    Ok(token)
}
