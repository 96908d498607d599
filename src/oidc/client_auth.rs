//! A request to the token endpoint and its like, with exactly one client authentication (RFC 6749 §2.3, Core 9).

use http::{HeaderValue, Method, Request, header};
use zeroize::Zeroizing;

use super::{
    Error, Provider,
    client::{AssertionAudience, Client, ClientAuthentication},
    dpop::Dpop,
    form,
    provider::Endpoint,
};
use crate::{
    crypto::Secret,
    encoding::{base64_encode, percent_encode_onto},
    entropy::Entropy,
    jose::{self, KeyHeader, SignWith, Signing},
    json::Object,
    time::Timestamp,
};

/// A POST of `parameters` to an endpoint, authenticated as the client is registered, and with a DPoP proof where one
/// is asked for. `client_id` and what authentication adds are not among the parameters.
///
/// # Errors
/// - as for [`Client::check`];
/// - [`Error::UnsupportedByProvider`] where the provider has no such endpoint;
/// - [`Error::UrlNotAllowed`] for its address;
/// - [`Error::SigningKeyMissing`], [`Error::Signing`] and [`Error::Entropy`] when those fail.
pub(in crate::oidc) fn post(
    endpoint: Endpoint,
    provider: &Provider,
    client: &Client,
    parameters: &[(&str, &str)],
    dpop: Dpop<'_>,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<Request<Vec<u8>>, Error> {
    client.check()?;
    let url = provider.endpoint(endpoint, client)?;
    let credentials = credentials(endpoint, provider, client, entropy, now)?;
    let in_body = credentials.in_body.iter().map(|(name, value)| (*name, value.expose()));
    let body = form::body(parameters.iter().copied().chain(in_body));

    let mut request = Request::post(url.as_str())
        .header(header::CONTENT_TYPE, form::MEDIA_TYPE)
        .header(header::ACCEPT, "application/json");
    if let Some(value) = credentials.authorization {
        let mut value =
            HeaderValue::from_str(&value).map_err(|_| Error::RequestInvalid { reason: "the secret" })?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    if let Some(proof) = dpop.proof(&Method::POST, &url, None, entropy, now)? {
        request = request.header("DPoP", proof);
    }
    request.body(body).map_err(|_| Error::RequestInvalid { reason: "the address" })
}

/// What tells the provider who asks.
#[derive(Default)]
struct Credentials {
    authorization: Option<Zeroizing<String>>,
    in_body: Vec<(&'static str, Secret)>,
}

fn credentials(
    endpoint: Endpoint,
    provider: &Provider,
    client: &Client,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<Credentials, Error> {
    let name = || ("client_id", Secret::new(client.client_id.as_str()));
    let in_body = |in_body| Ok(Credentials { authorization: None, in_body });
    match &client.authentication {
        ClientAuthentication::None | ClientAuthentication::MutualTls => in_body(vec![name()]),
        ClientAuthentication::ClientSecretBasic { secret } => Ok(Credentials {
            authorization: Some(basic(&client.client_id, secret)),
            // A pushed request names the client as one in the browser does (RFC 9126 §2.1); elsewhere a name in the
            // body makes some providers see a second method.
            in_body: match endpoint {
                Endpoint::PushedAuthorization => vec![name()],
                _ => Vec::new(),
            },
        }),
        ClientAuthentication::ClientSecretPost { secret } => {
            in_body(vec![name(), ("client_secret", secret.clone())])
        }
        ClientAuthentication::ClientSecretJwt { .. } | ClientAuthentication::PrivateKeyJwt => in_body(vec![
            name(),
            ("client_assertion_type", Secret::new(ASSERTION_TYPE)),
            ("client_assertion", assertion(provider, client, entropy, now)?),
        ]),
    }
}

/// RFC 6749 §2.3.1: both parts are form-encoded before they are joined, so that a colon stays what it is. A space is
/// `%20`, which every decoder of forms reads, and some read nothing else.
fn basic(client_id: &str, secret: &Secret) -> Zeroizing<String> {
    let longest = 3 * (client_id.len() + secret.expose().len()) + 1;
    let mut pair = Zeroizing::new(String::with_capacity(longest));
    percent_encode_onto(&mut pair, client_id.as_bytes());
    pair.push(':');
    percent_encode_onto(&mut pair, secret.expose().as_bytes());
    let encoded = Zeroizing::new(base64_encode(pair.as_bytes()));
    Zeroizing::new(["Basic ", &encoded].concat())
}

/// A client assertion (RFC 7523 §3, Core 9): made for this provider and one minute.
fn assertion(
    provider: &Provider,
    client: &Client,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<Secret, Error> {
    let issued_at = now.to_unix_millis().div_euclid(1000);
    let audience = match client.assertion_audience {
        AssertionAudience::Issuer => &provider.issuer,
        AssertionAudience::TokenEndpoint => &provider.token_endpoint,
    };
    let claims = Object::new()
        .with("iss", client.client_id.as_str())
        .with("sub", client.client_id.as_str())
        .with("aud", audience.as_str())
        .with("jti", Secret::random(JTI_BYTES, entropy)?.expose())
        .with("iat", issued_at)
        .with("exp", issued_at.saturating_add(LIFETIME_SECONDS));
    let (with, algorithm) = match &client.authentication {
        ClientAuthentication::ClientSecretJwt { secret, algorithm } => (SignWith::Secret(secret), *algorithm),
        _ => {
            let key = client.signing_key("client authentication by private_key_jwt")?;
            (SignWith::Key(key), client.signing_algorithm.unwrap_or(key.default_algorithm()))
        }
    };
    let signing = Signing { with, algorithm, typ: None, key_header: KeyHeader::Kid };
    jose::sign(&claims, &signing).map(Secret::new).map_err(Error::Signing)
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const JTI_BYTES: usize = 16;
const LIFETIME_SECONDS: i64 = 60;
