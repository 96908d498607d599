//! The token endpoint: a code becomes tokens (RFC 6749 §4.1.3, Core 3.1.3), and what follows from them.
//!
//! What comes out is [`UnverifiedTokens`]: the ID token in it counts for nothing until it has been validated.
//!
//! [`refresh`] gets new tokens for old ones, [`exchange`] tokens for other tokens, [`revocation`] ends them.

pub mod exchange;
pub mod refresh;
pub mod revocation;

pub(in crate::oidc) mod response;
mod tokens;

pub use tokens::{TokenType, UnverifiedTokens};

use self::response::{Exchange, Taken};
use super::{Error, dpop::Dpop};
use crate::{json::Object, note::Note};

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
