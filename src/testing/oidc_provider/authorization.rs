//! The authorization request as the provider reads it, and the way back.

use serde_json::Value;
use url::Url;

use super::{
    OidcProvider, RegisteredClient,
    client::fresh,
    json::{Form, Jwt, Object, text},
};
use crate::time::Timestamp;

/// An authorization request, read and checked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// How it goes there.
    pub response_mode: ResponseMode,
    /// What is asked for, `openid` among it.
    pub scopes: Vec<String>,
    /// Comes back with the answer.
    pub state: String,
    /// Comes back in the ID token.
    pub nonce: String,
    /// The challenge of PKCE, for S256.
    pub code_challenge: String,
    /// How old the authentication may be, in seconds.
    pub max_age: Option<i64>,
    /// The acr values, of which one is essential if any is: from the parameter `claims`, else from `acr_values`.
    pub acr_values: Vec<String>,
    /// The organisation at Auth0.
    pub organization: Option<String>,
    /// The key that the code is to be bound to (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// How the request came.
    pub delivered: Delivered,
    /// Every parameter as it came, those above included.
    pub parameters: Vec<(String, String)>,
}

/// How the answer goes to the relying party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseMode {
    /// In the query.
    Query,
    /// In a form that the browser posts.
    FormPost,
}

/// How an authorization request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivered {
    /// In the query.
    Query,
    /// In the query, as a signed request object (RFC 9101).
    RequestObject,
    /// Pushed (RFC 9126).
    Pushed,
    /// Pushed, as a signed request object.
    PushedRequestObject,
}

/// Where the browser goes with the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Callback {
    /// To this URL.
    Redirect(Url),
    /// Posts this form to this address.
    Post {
        /// The redirect URI.
        action: String,
        /// The form, encoded.
        body: String,
    },
}

/// Why there is no answer: the page that the browser would show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Not the authorization endpoint.
    #[error("not the authorization endpoint: {actual}")]
    Endpoint {
        /// The URL, without its query.
        actual: String,
    },
    /// A parameter is there twice.
    #[error("the parameter {name} is there twice")]
    Repeated {
        /// Its name.
        name: String,
    },
    /// A parameter is missing or has a value that this provider does not take.
    #[error("the parameter {name}: {reason}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The request object is no signed JWT of this client for this provider, or not of now.
    #[error("the request object: {reason}")]
    RequestObject {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The client must push its requests, or sign them.
    #[error("this client must send its requests another way: {reason}")]
    Delivery {
        /// Which.
        reason: &'static str,
    },
}

impl OidcProvider {
    /// Reads the request that the browser brings: every rule of the code flow with PKCE, state and nonce.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn read_request(&mut self, url: &Url, now: Timestamp) -> Result<AuthorizationRequest, RequestError> {
        let mut bare = url.clone();
        bare.set_query(None);
        // A query that the endpoint has itself stays in front of the parameters.
        let endpoint = Url::parse(&self.endpoints.authorization).ok();
        let own_query = endpoint.as_ref().and_then(Url::query).unwrap_or_default().to_owned();
        if endpoint.map(|mut endpoint| {
            endpoint.set_query(None);
            endpoint
        }) != Some(bare.clone())
        {
            return Err(RequestError::Endpoint { actual: bare.to_string() });
        }
        let mut form = Form::parse(url.query().unwrap_or_default().as_bytes());
        let own = Form::parse(own_query.as_bytes());
        if form.0.starts_with(&own.0) {
            form.0.drain(..own.0.len());
        }
        let client = self.client_of(&form)?;
        match form.value("request_uri") {
            Some(request_uri) => {
                if form.0.len() != 2 {
                    return Err(parameter("request_uri", "the query holds more than client_id beside it"));
                }
                let pushed = self.pushed.remove(request_uri);
                let pushed = pushed.ok_or_else(|| parameter("request_uri", "unknown, or used before"))?;
                if pushed.request.client_id != client.client_id || pushed.expires <= now {
                    return Err(parameter("request_uri", "of another client, or expired"));
                }
                Ok(pushed.request)
            }
            None if client.require_pushed_requests => {
                Err(RequestError::Delivery { reason: "pushed (RFC 9126)" })
            }
            None => self.read_parameters(&client, form, Delivered::Query, now),
        }
    }

    /// The answer, when the person has signed in and agreed.
    pub fn answer(&mut self, request: &AuthorizationRequest, user: &super::User, now: Timestamp) -> Callback {
        let code = self.next_secret("code");
        let mut parameters = vec![("code".to_owned(), code.clone())];
        self.grant_code(code, request, user, now);
        parameters.push(("state".to_owned(), request.state.clone()));
        if self.style.iss_parameter != super::IssParameter::Omit {
            parameters.push(("iss".to_owned(), self.token_issuer().to_owned()));
        }
        match self.fault {
            Some(super::Fault::Callback(fault)) => request.callback_of(&fault.change(parameters)),
            _ => request.callback(&parameters),
        }
    }

    /// [`read_request`](Self::read_request) and [`answer`](Self::answer) in one.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn authorize(
        &mut self,
        url: &Url,
        user: &super::User,
        now: Timestamp,
    ) -> Result<Callback, RequestError> {
        let request = self.read_request(url, now)?;
        Ok(self.answer(&request, user, now))
    }

    fn client_of(&self, form: &Form) -> Result<RegisteredClient, RequestError> {
        let client_id = form.value("client_id").ok_or_else(|| parameter("client_id", "missing"))?;
        let client = self.clients.iter().find(|client| client.client_id == client_id);
        client.cloned().ok_or_else(|| parameter("client_id", "unknown"))
    }

    /// The parameters themselves, or those in their request object.
    pub(super) fn read_parameters(
        &self,
        client: &RegisteredClient,
        form: Form,
        delivered: Delivered,
        now: Timestamp,
    ) -> Result<AuthorizationRequest, RequestError> {
        if let Some(name) = form.repeated() {
            return Err(RequestError::Repeated { name: name.to_owned() });
        }
        let Some(object) = form.value("request") else {
            if client.require_request_objects {
                return Err(RequestError::Delivery { reason: "signed (RFC 9101)" });
            }
            return AuthorizationRequest::read(client, form, delivered);
        };
        let claims = self.request_object(client, object, now)?;
        let delivered = match delivered {
            Delivered::Query => Delivered::RequestObject,
            _ => Delivered::PushedRequestObject,
        };
        AuthorizationRequest::read(client, claims, delivered)
    }

    /// RFC 9101 §6: who signed it, for whom, when.
    fn request_object(
        &self,
        client: &RegisteredClient,
        object: &str,
        now: Timestamp,
    ) -> Result<Form, RequestError> {
        let wrong = |reason| RequestError::RequestObject { reason };
        let jwt = Jwt::read(object).ok_or_else(|| wrong("no JWT"))?;
        if text(&jwt.header, "typ") != "oauth-authz-req+jwt" {
            return Err(wrong("typ"));
        }
        if !client.verifies(&jwt) {
            return Err(wrong("the signature"));
        }
        if text(&jwt.claims, "iss") != client.client_id || text(&jwt.claims, "client_id") != client.client_id
        {
            return Err(wrong("iss or client_id"));
        }
        if !self.audiences().iter().any(|audience| audience == text(&jwt.claims, "aud")) {
            return Err(wrong("aud"));
        }
        fresh(&jwt.claims, now, LONGEST_REQUEST_OBJECT).map_err(wrong)?;
        Ok(Form(parameters_of(&jwt.claims)))
    }
}

impl AuthorizationRequest {
    fn read(client: &RegisteredClient, form: Form, delivered: Delivered) -> Result<Self, RequestError> {
        let required = |name: &'static str| {
            let value = form.value(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| parameter(name, "missing")).map(str::to_owned)
        };
        let redirect_uri = required("redirect_uri")?;
        if !client.redirect_uris.contains(&redirect_uri) {
            return Err(parameter("redirect_uri", "not registered"));
        }
        if required("response_type")? != "code" {
            return Err(parameter("response_type", "not code"));
        }
        let response_mode = match form.value("response_mode") {
            None | Some("query") => ResponseMode::Query,
            Some("form_post") => ResponseMode::FormPost,
            Some(_) => return Err(parameter("response_mode", "neither query nor form_post")),
        };
        let scopes: Vec<String> = required("scope")?.split(' ').map(str::to_owned).collect();
        if !scopes.iter().any(|scope| scope == "openid") {
            return Err(parameter("scope", "without openid"));
        }
        if required("code_challenge_method")? != "S256" {
            return Err(parameter("code_challenge_method", "not S256"));
        }
        let code_challenge = required("code_challenge")?;
        if code_challenge.len() != 43 {
            return Err(parameter("code_challenge", "not 43 characters"));
        }
        let max_age = match form.value("max_age").map(str::parse) {
            None => None,
            Some(Ok(max_age)) if max_age >= 0 => Some(max_age),
            Some(_) => return Err(parameter("max_age", "not a number of seconds")),
        };
        Ok(Self {
            client_id: client.client_id.clone(),
            redirect_uri,
            response_mode,
            scopes,
            state: required("state")?,
            nonce: required("nonce")?,
            code_challenge,
            max_age,
            acr_values: acr_values(&form)?,
            organization: form.value("organization").map(str::to_owned),
            dpop_jkt: form.value("dpop_jkt").map(str::to_owned),
            delivered,
            parameters: form.0,
        })
    }

    /// A parameter as it came.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// These parameters on their way back.
    #[must_use]
    pub fn callback(&self, parameters: &[(String, String)]) -> Callback {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(parameters).finish();
        self.callback_of(&form)
    }

    /// An encoded form on its way back.
    pub(super) fn callback_of(&self, form: &str) -> Callback {
        let post = || Callback::Post { action: self.redirect_uri.clone(), body: form.to_owned() };
        match (self.response_mode, Url::parse(&self.redirect_uri)) {
            (ResponseMode::Query, Ok(mut url)) => {
                let query = match url.query() {
                    Some(own) if !own.is_empty() => format!("{own}&{form}"),
                    _ => form.to_owned(),
                };
                url.set_query(Some(&query));
                Callback::Redirect(url)
            }
            (ResponseMode::Query, Err(_)) | (ResponseMode::FormPost, _) => post(),
        }
    }
}

impl Callback {
    /// The query or the form, as it arrives at the relying party: what its callback check reads.
    #[must_use]
    pub fn parameters(&self) -> &str {
        match self {
            Self::Redirect(url) => url.query().unwrap_or_default(),
            Self::Post { body, .. } => body,
        }
    }
}

impl RequestError {
    /// `testing.authorization_request`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "testing.authorization_request"
    }
}

/// The values of which one is essential (Core 5.5.1.1), else those of `acr_values`.
fn acr_values(form: &Form) -> Result<Vec<String>, RequestError> {
    let voluntary = form.value("acr_values").unwrap_or_default();
    let voluntary = voluntary.split(' ').filter(|value| !value.is_empty()).map(str::to_owned).collect();
    let Some(claims) = form.value("claims") else { return Ok(voluntary) };
    let claims: Value = serde_json::from_str(claims).map_err(|_| parameter("claims", "not JSON"))?;
    let Some(acr) = claims.pointer("/id_token/acr") else { return Ok(voluntary) };
    let one = acr.get("value").and_then(Value::as_str).map(str::to_owned);
    let several = acr.get("values").and_then(Value::as_array).into_iter().flatten();
    Ok(one.into_iter().chain(several.filter_map(Value::as_str).map(str::to_owned)).collect())
}

/// Claims of a request object as the parameters that they stand for.
fn parameters_of(claims: &Object) -> Vec<(String, String)> {
    let own = ["iss", "aud", "exp", "iat", "nbf", "jti"];
    let mut parameters = Vec::new();
    for (name, value) in claims.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        match value {
            Value::String(text) => parameters.push((name.clone(), text.clone())),
            Value::Array(values) => {
                let texts = values.iter().filter_map(Value::as_str);
                parameters.extend(texts.map(|text| (name.clone(), text.to_owned())));
            }
            other => parameters.push((name.clone(), other.to_string())),
        }
    }
    parameters
}

fn parameter(name: &'static str, reason: &'static str) -> RequestError {
    RequestError::Parameter { name, reason }
}

const LONGEST_REQUEST_OBJECT: i64 = 300;
