//! UserInfo (Core 5.3): the request for further claims about the person who has signed in, and the answer.
//!
//! ```text
//! request → the host sends it → parse_response → ValidUserinfo → ValidIdToken::with_userinfo
//! ```

use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use super::{
    Client, Error, Message, Provider, answer, challenge,
    dpop::Dpop,
    id_token::ValidIdToken,
    judge::Judge,
    provider::Endpoint,
    signed::{Encryption, Expected, Signed},
    token::{self, UnverifiedTokens},
};
use crate::{
    entropy::Entropy,
    jose::{self, Jwks, Token, TokenType},
    json::{self, Object},
    time::Timestamp,
};

/// Claims of the UserInfo endpoint about the person of one ID token. [`ValidIdToken::with_userinfo`] adds them to it.
#[derive(Clone, Debug)]
pub struct ValidUserinfo {
    pub(in crate::oidc) issuer: String,
    pub(in crate::oidc) subject: String,
    pub(in crate::oidc) claims: Object,
}

/// The request, with the access token in the `Authorization` header (RFC 6750 §2.1), and a proof where the token is
/// bound to a key (RFC 9449 §7).
///
/// # Errors
/// - [`Error::UnsupportedByProvider`] when the provider has no such endpoint, [`Error::UrlNotAllowed`];
/// - [`Error::ConfigurationInvalid`] for a token that is bound to a key, without the key;
/// - [`Error::RequestInvalid`] for a token that no header can hold;
/// - [`Error::Signing`] and [`Error::Entropy`] of the proof.
pub fn request(
    provider: &Provider,
    client: &Client,
    tokens: &UnverifiedTokens,
    dpop: Dpop<'_>,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<Request<Vec<u8>>, Error> {
    let url = provider.endpoint(Endpoint::Userinfo, client)?;
    let token = tokens.access_token();
    let (scheme, proof) = match (tokens.token_type(), dpop) {
        (token::TokenType::Bearer, _) => ("Bearer", None),
        (token::TokenType::Dpop, Dpop::With { .. }) => {
            ("DPoP", dpop.proof(&Method::GET, &url, Some(token), entropy, now)?)
        }
        (token::TokenType::Dpop, Dpop::Off) => {
            let reason = "the access token is bound to a key, which is not here";
            return Err(Error::ConfigurationInvalid { field: "dpop", value: String::new(), reason });
        }
        (token::TokenType::NotApplicable, _) => {
            return Err(Error::RequestInvalid { reason: "what was issued is no access token" });
        }
    };
    let mut authorization = HeaderValue::from_str(&format!("{scheme} {}", token.expose()))
        .map_err(|_| Error::RequestInvalid { reason: "the access token does not fit into a header" })?;
    authorization.set_sensitive(true);
    let mut request = Request::get(url.as_str())
        .header(header::ACCEPT, ACCEPTED)
        .header(header::AUTHORIZATION, authorization);
    if let Some(proof) = proof {
        request = request.header("DPoP", proof);
    }
    request
        .body(Vec::new())
        .map_err(|_| Error::RequestInvalid { reason: "the address does not fit into a request" })
}

/// Judges the answer, for the person of `id` and nobody else:
///
/// 1. status 200; otherwise what `WWW-Authenticate` says (Core 5.3.3, RFC 6750 §3, RFC 9449 §9);
/// 2. a JSON object, or a token: decrypted where it is encrypted, its signature verified as an ID token's is, and its
///    `iss`, `aud`, `exp` and `nbf` right where they are there (Core 5.3.2);
/// 3. signed, where that is registered (Core 5.3.4);
/// 4. about the person of the ID token (Core 5.3.4).
///
/// `jwks` is for signed answers alone.
///
/// # Errors
/// - [`Error::UseDpopNonce`]: send the request again with the nonce, once; [`Error::DpopNonceRepeated`] for the second;
/// - [`Error::UserinfoError`] for another status than 200;
/// - [`Error::BodyTooLarge`], [`Error::ContentType`], [`Error::Json`], and those of
///   [`id_token::validate`](super::id_token::validate) for a signed answer;
/// - [`Error::UserinfoNotSigned`], [`Error::UserinfoSubjectMismatch`].
///
/// Then nothing of the answer is used. The sign-in is still valid without it.
pub fn parse_response(
    id: &ValidIdToken,
    response: &Response<Vec<u8>>,
    jwks: &Jwks,
    provider: &Provider,
    client: &Client,
    dpop: Dpop<'_>,
    now: Timestamp,
) -> Result<ValidUserinfo, Error> {
    let limits = &client.policy.limits;
    // 1. Core 5.3.3, RFC 9449 §9: status.
    if response.status() != StatusCode::OK {
        return Err(refusal(response, dpop));
    }
    // 2, 3. Core 5.3.2, 5.3.4: claims as they are, or signed.
    let body = answer::body(MESSAGE, response, limits)?;
    let received = Received { id, jwks, provider, client, now };
    let claims = match answer::media_type(response) {
        Some(token) if token.eq_ignore_ascii_case(JWT) => received.token(body)?,
        _ => unsigned(client, answer::json_object(MESSAGE, response, limits)?)?,
    };
    // 4. Core 5.3.4: about the same person.
    match claims.get("sub").and_then(|sub| sub.as_str()) {
        Some(subject) if subject == id.subject() => {
            Ok(ValidUserinfo { issuer: id.issuer().to_owned(), subject: subject.to_owned(), claims })
        }
        _ => Err(Error::UserinfoSubjectMismatch),
    }
}

const MESSAGE: Message = Message::Userinfo;
const JWT: &str = "application/jwt";
const ACCEPTED: &str = "application/json, application/jwt";

/// What an answer is judged with.
#[derive(Clone, Copy)]
struct Received<'a> {
    id: &'a ValidIdToken,
    jwks: &'a Jwks,
    provider: &'a Provider,
    client: &'a Client,
    now: Timestamp,
}

fn refusal(response: &Response<Vec<u8>>, dpop: Dpop<'_>) -> Error {
    let error = challenge::error(response);
    if let Some(error) = error.as_ref().filter(|_| response.status() == StatusCode::UNAUTHORIZED)
        && let Err(nonce) = dpop.follow_nonce(&error.error, response)
    {
        return nonce;
    }
    Error::UserinfoError { status: response.status().as_u16(), error }
}

fn unsigned(client: &Client, claims: Object) -> Result<Object, Error> {
    if client.registered.userinfo_signed { Err(Error::UserinfoNotSigned) } else { Ok(claims) }
}

impl Received<'_> {
    /// Signed, encrypted, or both, the encryption outside. An encrypted answer may be JSON inside.
    fn token(&self, body: &[u8]) -> Result<Object, Error> {
        let limits = &self.client.policy.limits;
        let failed = |error| Error::Jose { message: MESSAGE, error };
        let not_text = || failed(jose::Error::TokenMalformed { reason: "it is not UTF-8" });
        let token = str::from_utf8(body).map_err(|_| not_text())?;
        let jwe = match Token::parse(token, limits).map_err(failed)? {
            Token::Signed(_) => return self.signed(token),
            Token::Encrypted(jwe) => jwe,
        };
        let decrypted = jwe.decrypt(self.client.decrypters(), limits).map_err(failed)?;
        if decrypted.plaintext().trim_ascii_start().starts_with(b"{") {
            let claims = json::parse_object(decrypted.plaintext(), &limits.json)
                .map_err(|error| Error::Json { message: MESSAGE, error })?;
            return unsigned(self.client, claims);
        }
        self.signed(str::from_utf8(decrypted.plaintext()).map_err(|_| not_text())?)
    }

    fn signed(&self, token: &str) -> Result<Object, Error> {
        let Self { id, jwks, provider, client, now } = *self;
        let expected = Expected {
            message: MESSAGE,
            typ: TokenType::Jwt,
            encryption: Encryption::Optional,
            listed: provider.userinfo_signing_alg_values_supported.as_deref(),
        };
        let signed = Signed::verify(token, &expected, jwks, client)?;
        let judge = Judge { message: MESSAGE, claims: &signed.claims, provider, client, now };
        if signed.claims.get("iss").is_some() {
            let actual = judge.issuer()?;
            if actual != id.issuer() {
                let (expected, actual) = (id.issuer().to_owned(), actual.to_owned());
                return Err(Error::IssuerMismatch { message: MESSAGE, expected, actual });
            }
        }
        signed.key_signs_for(MESSAGE, id.issuer())?;
        if signed.claims.get("aud").is_some() {
            judge.audience()?;
        }
        judge.expiry()?;
        judge.not_before()?;
        Ok(signed.claims)
    }
}
