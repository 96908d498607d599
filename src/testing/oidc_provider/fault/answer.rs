use http::{Response, StatusCode, header};

use super::faults;
use crate::testing::oidc_provider::{Endpoint, answer::body_response};

faults! {
    /// What is wrong with an answer before anything in it is read.
    AnswerFault {
        /// Status 503 and a page for people.
        Unavailable => "oidc.http_status",
        /// The right content, said to be HTML.
        ContentType => "oidc.content_type",
        /// The right content, not said to be anything.
        NoContentType => "oidc.content_type",
        /// More than the right content: white space of two MiB behind it.
        TooLarge => "oidc.body_too_large",
        /// Half of the right content.
        CutOff => "oidc.json_invalid",
        /// Something behind the right content.
        TrailingData => "oidc.json_invalid",
        /// A byte-order mark before the right content.
        ByteOrderMark => "oidc.json_invalid",
        /// The right content in an array.
        Array => "oidc.json_invalid",
        /// A member with arrays in arrays beside the right content.
        Deep => "oidc.json_invalid",
        /// A member that is there twice beside the right content.
        DuplicateMember => "oidc.json_duplicate_member",
    }
}

impl AnswerFault {
    /// The code at an endpoint: a failure of UserInfo has its own.
    #[must_use]
    pub fn code_at(self, endpoint: Endpoint) -> Option<&'static str> {
        match (self, endpoint) {
            (Self::Unavailable, Endpoint::UserInfo) => Some("oidc.userinfo_error"),
            _ => self.code(),
        }
    }

    pub(in crate::testing::oidc_provider) fn change(self, response: Response<Vec<u8>>) -> Response<Vec<u8>> {
        let (mut parts, body) = response.into_parts();
        let inside = body.strip_prefix(b"{").unwrap_or_default();
        let with = |start: &[u8]| [b"{", start, inside].concat();
        let body = match self {
            Self::Unavailable => {
                let page = b"<h1>Service Unavailable</h1>".to_vec();
                return body_response(StatusCode::SERVICE_UNAVAILABLE, "text/html", page);
            }
            Self::ContentType => {
                parts.headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html"));
                body
            }
            Self::NoContentType => {
                parts.headers.remove(header::CONTENT_TYPE);
                body
            }
            Self::TooLarge => [body, vec![b' '; 2 * 1024 * 1024]].concat(),
            Self::CutOff => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
            Self::TrailingData => [body.as_slice(), b"{}"].concat(),
            Self::ByteOrderMark => ["\u{feff}".as_bytes(), &body].concat(),
            Self::Array => [b"[", body.as_slice(), b"]"].concat(),
            Self::Deep => {
                let deep = format!("\"deep\":{}{},", "[".repeat(100), "]".repeat(100));
                with(deep.as_bytes())
            }
            Self::DuplicateMember => with(b"\"twice\":1,\"twice\":2,"),
        };
        Response::from_parts(parts, body)
    }
}
