//! [`Binding`] and [`Endpoint`]: how a message travels, and where to.

use serde::{Deserialize, Serialize};

use crate::saml::names;

/// How a message reaches an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// In the query of a redirect (Bindings 3.4).
    HttpRedirect,
    /// In a form that the browser posts (Bindings 3.5).
    HttpPost,
    /// From server to server (Bindings 3.2). Listed, never used for sign-in.
    Soap,
}

/// Where messages go to, or come in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// How.
    pub binding: Binding,
    /// The address; compared byte for byte.
    pub location: String,
    /// The address for responses, where it is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_location: Option<String>,
}

impl Binding {
    /// The URI.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::HttpRedirect => names::binding::HTTP_REDIRECT,
            Self::HttpPost => names::binding::HTTP_POST,
            Self::Soap => names::binding::SOAP,
        }
    }

    /// The binding of a URI; `None` for those that this library does not speak.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        [Self::HttpRedirect, Self::HttpPost, Self::Soap].into_iter().find(|binding| binding.uri() == uri)
    }
}
