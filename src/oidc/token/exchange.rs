//! A token for another token (RFC 8693).

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::{
    TokenType,
    response::{self, Exchange, Taken},
};
use crate::{
    crypto::Secret,
    entropy::Entropy,
    note::Note,
    oidc::{Client, Error, Message, Provider, client_auth, dpop::Dpop, provider::Endpoint},
    time::Timestamp,
};

/// What is asked for (RFC 8693 §2.1).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenExchange {
    /// On whose behalf.
    pub subject: TypedToken,
    /// Who acts, where that is somebody else.
    pub actor: Option<TypedToken>,
    /// What kind of token shall come, for example [`ACCESS_TOKEN`].
    pub requested_token_type: Option<String>,
    /// By name: where the token shall be used.
    pub audience: Vec<String>,
    /// By address: where the token shall be used (RFC 8707).
    pub resource: Vec<String>,
    /// What it shall be good for.
    pub scopes: Vec<String>,
}

/// A token and the identifier of its type (RFC 8693 §3).
#[derive(Clone, Debug)]
pub struct TypedToken {
    /// The token.
    pub token: Secret,
    /// Its type, for example [`ACCESS_TOKEN`].
    pub token_type: String,
}

/// What came: of a kind that the provider names, and checked in nothing but its form.
#[derive(Clone, Debug)]
pub struct ExchangedToken {
    token: Secret,
    issued_token_type: String,
    token_type: TokenType,
    refresh_token: Option<Secret>,
    expires_in: Option<Duration>,
    scopes: Option<Vec<String>>,
    notes: Vec<Note>,
}

/// An access token of this provider.
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// A refresh token of this provider.
pub const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
/// An ID token.
pub const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
/// A JWT.
pub const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// A SAML 2.0 assertion, in base64url.
pub const SAML2: &str = "urn:ietf:params:oauth:token-type:saml2";

/// The request for the exchange.
///
/// # Errors
/// As for [`refresh::request`](super::refresh::request), and [`Error::ConfigurationInvalid`] for a token type that is
/// empty.
pub fn request(
    provider: &Provider,
    client: &Client,
    exchange: &TokenExchange,
    dpop: Dpop<'_>,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<http::Request<Vec<u8>>, Error> {
    let scope = exchange.scopes.join(" ");
    let mut parameters = vec![("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")];
    exchange.subject.push(&mut parameters, "subject_token", "subject_token_type")?;
    if let Some(actor) = &exchange.actor {
        actor.push(&mut parameters, "actor_token", "actor_token_type")?;
    }
    if let Some(requested) = &exchange.requested_token_type {
        parameters.push(("requested_token_type", requested));
    }
    parameters.extend(exchange.audience.iter().map(|audience| ("audience", audience.as_str())));
    parameters.extend(exchange.resource.iter().map(|resource| ("resource", resource.as_str())));
    if !scope.is_empty() {
        parameters.push(("scope", &scope));
    }
    client_auth::post(Endpoint::Token, provider, client, &parameters, dpop, entropy, now)
}

/// Judges the answer by the checks of [`token::parse_response`](super::parse_response), except that an ID token means
/// nothing here, that `token_type` may be `N_A`, and that `issued_token_type` must be there (RFC 8693 §2.2).
///
/// # Errors
/// The first check that failed.
pub fn parse_response(
    client: &Client,
    exchange: &TokenExchange,
    dpop: Dpop<'_>,
    response: &http::Response<Vec<u8>>,
) -> Result<ExchangedToken, Error> {
    let mut object = response::read(Message::TokenResponse, StatusCode::OK, response, dpop, &client.policy)?;
    let taken = Taken::of(&mut object);
    let token = taken.access_token.ok_or(Error::AccessTokenMissing)?;
    let token_type = response::token_type(&object, dpop, Exchange::Token)?;
    let expires_in = response::expires_in(&object)?;
    let mut notes = Vec::new();
    let scopes = response::scopes(&object, &exchange.scopes, &mut notes)?;
    let refresh_token = taken.refresh_token?;
    match object.get("issued_token_type") {
        Some(Value::String(issued)) if !issued.is_empty() => Ok(ExchangedToken {
            token,
            issued_token_type: issued.clone(),
            token_type,
            refresh_token,
            expires_in,
            scopes,
            notes,
        }),
        Some(_) => Err(Error::TokenExchangeResponse { reason: "issued_token_type is not a text" }),
        None => Err(Error::TokenExchangeResponse { reason: "it has no issued_token_type" }),
    }
}

impl TokenExchange {
    /// An exchange of this token, and whatever the provider makes of it.
    #[must_use]
    pub fn of(token: Secret, token_type: impl Into<String>) -> Self {
        Self {
            subject: TypedToken { token, token_type: token_type.into() },
            actor: None,
            requested_token_type: None,
            audience: Vec::new(),
            resource: Vec::new(),
            scopes: Vec::new(),
        }
    }
}

impl TypedToken {
    fn push<'t>(
        &'t self,
        parameters: &mut Vec<(&'static str, &'t str)>,
        token: &'static str,
        token_type: &'static str,
    ) -> Result<(), Error> {
        if self.token_type.is_empty() {
            let (value, reason) = (String::new(), "it is empty");
            return Err(Error::ConfigurationInvalid { field: token_type, value, reason });
        }
        parameters.extend([(token, self.token.expose()), (token_type, &self.token_type)]);
        Ok(())
    }
}

impl ExchangedToken {
    /// The token, of the type of [`issued_token_type`](Self::issued_token_type).
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// What kind of token it is, for example [`ACCESS_TOKEN`].
    #[must_use]
    pub fn issued_token_type(&self) -> &str {
        &self.issued_token_type
    }

    /// How it is presented, if it is an access token.
    #[must_use]
    pub fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// For another one later.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }

    /// How long it lives, where the answer says so.
    #[must_use]
    pub fn expires_in(&self) -> Option<Duration> {
        self.expires_in
    }

    /// What it is good for, where the answer says so; otherwise what was asked for.
    #[must_use]
    pub fn scopes(&self) -> Option<&[String]> {
        self.scopes.as_deref()
    }

    /// `oidc.scope_reduced`.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}
