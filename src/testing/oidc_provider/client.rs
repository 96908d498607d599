//! What the provider knows of a relying party, and how it tells one from another at its endpoints.

use std::collections::BTreeSet;

use http::header::AUTHORIZATION;
use serde_json::Value;

use super::{
    answer::OauthError,
    json::{Form, Jwt, Object, number, seconds, text},
    keys::{verify, verify_hmac},
};
use crate::{
    encoding::{Plus, base64_decode, percent_decode},
    oidc::{Client, client::ClientAuthentication},
    time::Timestamp,
};

/// A relying party as it is registered at the provider.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RegisteredClient {
    /// Its name.
    pub client_id: String,
    /// Where its callbacks go.
    pub redirect_uris: Vec<String>,
    /// How it proves who it is.
    pub authentication: RegisteredAuthentication,
    /// Public keys of its client assertions and request objects, each a JWK.
    pub keys: Vec<Value>,
    /// Whether every authorization request must be pushed (RFC 9126).
    pub require_pushed_requests: bool,
    /// Whether every authorization request must be a signed request object (RFC 9101).
    pub require_request_objects: bool,
    /// Whether its access tokens must be bound to a DPoP key (RFC 9449).
    pub require_dpop: bool,
    /// Whether its UserInfo is signed, as ID tokens are.
    pub userinfo_signed: bool,
    /// How its ID tokens and logout tokens are encrypted, if they are.
    #[cfg(feature = "decrypt")]
    pub id_token_encryption: Option<super::Encryption>,
    /// How its UserInfo is encrypted, if it is.
    #[cfg(feature = "decrypt")]
    pub userinfo_encryption: Option<super::Encryption>,
    /// Where browsers may go after a logout.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where logout tokens go.
    pub backchannel_logout_uri: Option<String>,
    /// The page that ends a session when a browser loads it.
    pub frontchannel_logout_uri: Option<String>,
    /// Whether that page gets `iss` and `sid`.
    pub frontchannel_logout_session: bool,
    /// Where a sign-in can be started from elsewhere.
    pub initiate_login_uri: Option<String>,
}

/// How a relying party proves who it is (Core 9). Another method than the registered one is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegisteredAuthentication {
    /// Not at all.
    None,
    /// `client_secret_basic` with this secret.
    ClientSecretBasic(String),
    /// `client_secret_post` with this secret.
    ClientSecretPost(String),
    /// `client_secret_jwt` with this secret.
    ClientSecretJwt(String),
    /// `private_key_jwt` with one of the client's keys.
    PrivateKeyJwt,
    /// `tls_client_auth`: the request comes in at the endpoints for it.
    MutualTls,
}

impl RegisteredClient {
    /// A client with a secret for `client_secret_basic`.
    #[must_use]
    pub fn new(client_id: &str, redirect_uri: &str, secret: &str) -> Self {
        let authentication = RegisteredAuthentication::ClientSecretBasic(secret.to_owned());
        Self { authentication, ..Self::public(client_id, redirect_uri) }
    }

    /// The registration that fits a relying party: its name and address, how it authenticates, its public key, and
    /// what it says is registered. Where it says that ID tokens are encrypted, the key for that is set by hand.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        let secret = || client.secret().map(|secret| secret.expose().to_owned()).unwrap_or_default();
        let authentication = match &client.authentication {
            ClientAuthentication::None => RegisteredAuthentication::None,
            ClientAuthentication::ClientSecretBasic { .. } => {
                RegisteredAuthentication::ClientSecretBasic(secret())
            }
            ClientAuthentication::ClientSecretPost { .. } => {
                RegisteredAuthentication::ClientSecretPost(secret())
            }
            ClientAuthentication::ClientSecretJwt { .. } => {
                RegisteredAuthentication::ClientSecretJwt(secret())
            }
            ClientAuthentication::PrivateKeyJwt => RegisteredAuthentication::PrivateKeyJwt,
            ClientAuthentication::MutualTls => RegisteredAuthentication::MutualTls,
        };
        let key = client.signing_key("a registration").ok().map(|key| key.public_jwk().to_object().to_json());
        Self {
            authentication,
            keys: key.and_then(|key| serde_json::from_str(&key).ok()).into_iter().collect(),
            require_pushed_requests: client.registered.pushed_authorization_requests,
            require_request_objects: client.registered.request_object_signed,
            userinfo_signed: client.registered.userinfo_signed,
            ..Self::public(&client.client_id, &client.redirect_uri)
        }
    }

    /// A client that proves nothing.
    #[must_use]
    pub fn public(client_id: &str, redirect_uri: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            redirect_uris: vec![redirect_uri.to_owned()],
            authentication: RegisteredAuthentication::None,
            keys: Vec::new(),
            require_pushed_requests: false,
            require_request_objects: false,
            require_dpop: false,
            userinfo_signed: false,
            #[cfg(feature = "decrypt")]
            id_token_encryption: None,
            #[cfg(feature = "decrypt")]
            userinfo_encryption: None,
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            frontchannel_logout_uri: None,
            frontchannel_logout_session: true,
            initiate_login_uri: None,
        }
    }

    /// Verifies a JWT of this client with the keys or the secret that it has registered.
    pub(super) fn verifies(&self, jwt: &Jwt) -> bool {
        if let RegisteredAuthentication::ClientSecretJwt(secret) = &self.authentication
            && jwt.algorithm().starts_with("HS")
        {
            return verify_hmac(secret, jwt.algorithm(), jwt.signed.as_bytes(), &jwt.signature);
        }
        let kid = jwt.header.get("kid");
        self.keys.iter().filter_map(Value::as_object).any(|key| {
            let named = kid.is_none() || key.get("kid").is_none() || key.get("kid") == kid;
            named && verify(key, jwt.algorithm(), jwt.signed.as_bytes(), &jwt.signature)
        })
    }
}

/// What came to an endpoint that clients authenticate at.
pub(super) struct Presented<'a> {
    pub(super) headers: &'a http::HeaderMap,
    pub(super) form: &'a Form,
    /// Whether it came to an endpoint for mutual TLS.
    pub(super) mutual_tls: bool,
    /// What an assertion may name as its audience.
    pub(super) audiences: &'a [String],
    pub(super) now: Timestamp,
}

impl Presented<'_> {
    /// Who it is from, by exactly the registered method.
    pub(super) fn client<'c>(
        &self,
        clients: &'c [RegisteredClient],
        seen: &mut BTreeSet<String>,
    ) -> Result<&'c RegisteredClient, OauthError> {
        let basic = self.basic()?;
        let assertion = self.form.value("client_assertion");
        let secret = self.form.value("client_secret");
        let methods = [basic.is_some(), assertion.is_some(), secret.is_some(), self.mutual_tls];
        if methods.into_iter().filter(|used| *used).count() > 1 {
            return Err(OauthError::invalid_request("more than one client authentication"));
        }
        let named = match (&basic, assertion) {
            (Some((client_id, _)), _) => client_id.clone(),
            (None, Some(assertion)) => {
                let assertion = Jwt::read(assertion).ok_or_else(|| invalid_client("no JWT"))?;
                text(&assertion.claims, "sub").to_owned()
            }
            (None, None) => self.form.value("client_id").unwrap_or_default().to_owned(),
        };
        if self.form.value("client_id").is_some_and(|client_id| client_id != named) {
            return Err(invalid_client("two client identifiers"));
        }
        let client = clients
            .iter()
            .find(|client| client.client_id == named)
            .ok_or_else(|| invalid_client("an unknown client"))?;
        let proven = match (&client.authentication, basic, assertion, secret) {
            (RegisteredAuthentication::None, None, None, None) => !self.mutual_tls,
            (RegisteredAuthentication::MutualTls, None, None, None) => self.mutual_tls,
            (RegisteredAuthentication::ClientSecretBasic(expected), Some((_, actual)), None, None) => {
                *expected == actual
            }
            (RegisteredAuthentication::ClientSecretPost(expected), None, None, Some(actual)) => {
                expected == actual
            }
            (
                RegisteredAuthentication::ClientSecretJwt(_) | RegisteredAuthentication::PrivateKeyJwt,
                None,
                Some(assertion),
                None,
            ) => return self.assertion(client, assertion, seen),
            _ => return Err(invalid_client("not the registered client authentication")),
        };
        if proven { Ok(client) } else { Err(invalid_client("a wrong client secret")) }
    }

    /// RFC 6749 §2.3.1: both halves are form-encoded, then joined.
    fn basic(&self) -> Result<Option<(String, String)>, OauthError> {
        let Some(header) = self.headers.get(AUTHORIZATION) else { return Ok(None) };
        let decoded =
            header.to_str().ok().and_then(|header| header.strip_prefix("Basic ")).and_then(|text| {
                let pair = String::from_utf8(base64_decode(text.as_bytes()).ok()?).ok()?;
                let (client_id, secret) = pair.split_once(':')?;
                let form =
                    |text: &str| String::from_utf8(percent_decode(text.as_bytes(), Plus::Space).ok()?).ok();
                Some((form(client_id)?, form(secret)?))
            });
        decoded.map(Some).ok_or_else(|| invalid_client("not Basic"))
    }

    /// RFC 7523 §3 and Core 9.
    fn assertion<'c>(
        &self,
        client: &'c RegisteredClient,
        assertion: &str,
        seen: &mut BTreeSet<String>,
    ) -> Result<&'c RegisteredClient, OauthError> {
        if self.form.value("client_assertion_type") != Some(JWT_BEARER) {
            return Err(invalid_client("another client_assertion_type"));
        }
        let jwt = Jwt::read(assertion).ok_or_else(|| invalid_client("no JWT"))?;
        let symmetric = jwt.algorithm().starts_with("HS");
        if symmetric != matches!(client.authentication, RegisteredAuthentication::ClientSecretJwt(_)) {
            return Err(invalid_client("not the registered client authentication"));
        }
        if !client.verifies(&jwt) {
            return Err(invalid_client("the assertion's signature"));
        }
        let claims = &jwt.claims;
        if text(claims, "iss") != client.client_id || text(claims, "sub") != client.client_id {
            return Err(invalid_client("the assertion's iss or sub"));
        }
        if !self.audiences.iter().any(|audience| audience == text(claims, "aud")) {
            return Err(invalid_client("the assertion's aud"));
        }
        fresh(claims, self.now, LONGEST_ASSERTION).map_err(invalid_client)?;
        if text(claims, "jti").is_empty()
            || !seen.insert(format!("{named} {}", text(claims, "jti"), named = client.client_id))
        {
            return Err(invalid_client("the assertion's jti"));
        }
        Ok(client)
    }
}

/// That a JWT of a client is of now and does not last longer than it should.
pub(super) fn fresh(claims: &Object, now: Timestamp, longest: i64) -> Result<(), &'static str> {
    let now = seconds(now);
    match (number(claims, "iat"), number(claims, "exp")) {
        (Some(iat), Some(exp)) if iat <= now + 5 && now < exp && exp <= now + longest => Ok(()),
        (None, _) => Err("no iat"),
        (_, None) => Err("no exp"),
        _ => Err("expired, from the future, or lasting too long"),
    }
}

fn invalid_client(description: &'static str) -> OauthError {
    OauthError::new(http::StatusCode::UNAUTHORIZED, "invalid_client", description)
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const LONGEST_ASSERTION: i64 = 300;
