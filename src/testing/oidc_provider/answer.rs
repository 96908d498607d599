//! How the provider's endpoints answer.

use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

/// An error of OAuth (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OauthError {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    dpop_nonce: Option<String>,
}

impl OauthError {
    pub(super) fn new(status: StatusCode, error: &'static str, description: &'static str) -> Self {
        Self { status, error, description, dpop_nonce: None }
    }

    pub(super) fn invalid_request(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub(super) fn invalid_grant(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description)
    }

    /// RFC 9449 §8.
    pub(super) fn use_dpop_nonce(nonce: &str) -> Self {
        let error = Self::new(StatusCode::BAD_REQUEST, "use_dpop_nonce", "the proof needs this nonce");
        Self { dpop_nonce: Some(nonce.to_owned()), ..error }
    }

    /// As the token endpoint and its kin answer.
    pub(super) fn response(&self, content_type: &str) -> Response<Vec<u8>> {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = json_response(self.status, content_type, &body);
        self.add_nonce(&mut response);
        response
    }

    /// As the UserInfo endpoint answers (RFC 6750 §3, RFC 9449 §9).
    pub(super) fn challenge(&self, scheme: &str) -> Response<Vec<u8>> {
        let status = match self.status {
            StatusCode::FORBIDDEN => StatusCode::FORBIDDEN,
            _ => StatusCode::UNAUTHORIZED,
        };
        let mut response = plain(status, "");
        let challenge =
            format!("{scheme} error=\"{}\", error_description=\"{}\"", self.error, self.description);
        set(&mut response, header::WWW_AUTHENTICATE, &challenge);
        self.add_nonce(&mut response);
        response
    }

    fn add_nonce(&self, response: &mut Response<Vec<u8>>) {
        if let Some(nonce) = &self.dpop_nonce {
            set(response, DPOP_NONCE, nonce);
        }
    }
}

/// JSON that nobody may keep.
pub(super) fn json_response(status: StatusCode, content_type: &str, body: &Value) -> Response<Vec<u8>> {
    body_response(status, content_type, body.to_string().into_bytes())
}

pub(super) fn body_response(status: StatusCode, content_type: &str, body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, content_type);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

pub(super) fn plain(status: StatusCode, text: &str) -> Response<Vec<u8>> {
    body_response(status, "text/plain", text.as_bytes().to_vec())
}

/// Sets a header; a text that no header can hold leaves it out.
pub(super) fn set(response: &mut Response<Vec<u8>>, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// RFC 9449 §8.1.
pub(super) const DPOP_NONCE: header::HeaderName = header::HeaderName::from_static("dpop-nonce");
