//! The token endpoint: a code becomes tokens (RFC 6749 §4.1.3, Core 3.1.3), and what follows from them.
//!
//! [`request`] makes the HTTP request that the host sends, with verified TLS and following no redirect;
//! [`parse_response`] judges the answer. What comes out is [`UnverifiedTokens`]: the ID token in it counts for nothing
//! until [`id_token::validate`](super::id_token::validate) has accepted it.
//!
//! [`refresh`] gets new tokens for old ones, [`exchange`] a token for another token, [`revocation`] ends one.

pub mod exchange;
pub mod refresh;
pub mod revocation;

pub(in crate::oidc) mod response;
mod tokens;

use http::StatusCode;

pub use tokens::{TokenType, UnverifiedTokens};

use self::response::{Exchange, Taken};
use super::{
    Client, Error, Message, Pending, Provider, authorization::AuthorizationCode, client_auth, dpop::Dpop,
    provider::Endpoint,
};
use crate::{entropy::Entropy, json::Object, note::Note, time::Timestamp};

/// The request that exchanges a code for tokens, with its verifier (RFC 7636 §4.5), and authenticated as the client
/// is registered.
///
/// The code is good for one exchange. It is asked for by reference so that the same request can be made again with
/// the nonce of [`Error::UseDpopNonce`].
///
/// # Errors
/// - [`Error::MixUp`] where `pending` is of another provider or client (RFC 9700 §4.4);
/// - [`Error::ConfigurationInvalid`] as for [`Client::check`], and where the code is bound to another DPoP key;
/// - [`Error::UrlNotAllowed`] for the endpoint's address;
/// - [`Error::SigningKeyMissing`], [`Error::Signing`] and [`Error::Entropy`] when those fail.
pub fn request(
    provider: &Provider,
    client: &Client,
    pending: &Pending,
    code: &AuthorizationCode,
    dpop: Dpop<'_>,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<http::Request<Vec<u8>>, Error> {
    pending.check_connection(provider, client)?;
    // RFC 9449 §10: a code is bound to the key whose thumbprint the authorization request had.
    if pending.dpop_jkt.as_deref().is_some_and(|bound| dpop.thumbprint() != Some(bound)) {
        return Err(Error::ConfigurationInvalid {
            field: "dpop",
            value: dpop.thumbprint().unwrap_or_default().to_owned(),
            reason: "the code is bound to another key",
        });
    }
    let parameters = [
        ("grant_type", "authorization_code"),
        ("code", code.secret().expose()),
        ("redirect_uri", &pending.redirect_uri),
        ("code_verifier", pending.code_verifier.expose()),
    ];
    client_auth::post(Endpoint::Token, provider, client, &parameters, dpop, entropy, now)
}

/// Judges the answer to [`request`]. `code` and `dpop` are those of the request. In this order:
///
/// 1. size; with status 200 media type and strict JSON (RFC 6749 §5.1);
/// 2. `use_dpop_nonce`, which is followed once (RFC 9449 §8);
/// 3. any other failure (RFC 6749 §5.2);
/// 4. `access_token` is there, 5. `token_type` is one that was asked for, 6. `expires_in` is a lifetime;
/// 7. `id_token` is there (Core 3.1.3.3);
/// 8. `scope`: one that is missing is the note `oidc.scope_reduced`.
///
/// The body of `response` holds the tokens in clear: drop it, and log nothing of it.
///
/// # Errors
/// The first check that failed. [`Error::UseDpopNonce`] is for a second request.
pub fn parse_response(
    client: &Client,
    pending: &Pending,
    code: &AuthorizationCode,
    dpop: Dpop<'_>,
    response: &http::Response<Vec<u8>>,
) -> Result<UnverifiedTokens, Error> {
    let object = response::read(Message::TokenResponse, StatusCode::OK, response, dpop, &client.policy)?;
    let tokens = unverified(object, dpop, &pending.scopes, IdToken::Required)?;
    Ok(UnverifiedTokens { code: Some(code.secret().clone()), ..tokens })
}

/// Whether an answer must hold an ID token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IdToken {
    /// Core 3.1.3.3.
    Required,
    /// Core 12.2.
    Optional,
}

/// Checks 4 to 8.
fn unverified(
    mut object: Object,
    dpop: Dpop<'_>,
    requested: &[String],
    id_token: IdToken,
) -> Result<UnverifiedTokens, Error> {
    let taken = Taken::of(&mut object);
    let access_token = taken.access_token.ok_or(Error::AccessTokenMissing)?;
    let token_type = response::token_type(&object, dpop, Exchange::Grant)?;
    let expires_in = response::expires_in(&object)?;
    let found = taken.id_token?;
    if id_token == IdToken::Required && found.is_none() {
        return Err(Error::IdTokenMissing);
    }
    let mut notes = Vec::new();
    let scopes = response::scopes(&object, requested, &mut notes)?;
    if token_type == TokenType::Bearer && dpop.thumbprint().is_some() {
        notes.push(Note::new("oidc.dpop_not_used").field("token_type").expected("DPoP").actual("Bearer"));
    }
    Ok(UnverifiedTokens {
        access_token,
        token_type,
        refresh_token: taken.refresh_token?,
        id_token: found,
        expires_in,
        scopes,
        code: None,
        notes,
    })
}
