//! How messages travel through the browser (Bindings 3.4, 3.5): HTTP-Redirect and HTTP-POST.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    crypto::{SignatureAlgorithm, SigningKey},
    encoding::{base64_decode, base64_encode, deflate, percent_encode},
    limits::Limits,
    saml::{Error, names},
    xmldsig::{self, SigningError},
};

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

/// A form that the browser posts to the identity provider: as data, or as a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostForm {
    action: Url,
    fields: Vec<(&'static str, String)>,
}

/// A key for a detached signature, with its algorithm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'k> {
    pub(crate) key: &'k SigningKey,
    pub(crate) algorithm: SignatureAlgorithm,
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

impl PostForm {
    /// Where the form goes.
    #[must_use]
    pub fn action(&self) -> &Url {
        &self.action
    }

    /// Names and values of its hidden fields, unescaped.
    #[must_use]
    pub fn fields(&self) -> &[(&'static str, String)] {
        &self.fields
    }

    /// A page in HTML that posts the form at once, and shows a button where scripts are off.
    ///
    /// `nonce` goes into the script element, for a host with a Content-Security-Policy; the policy must also
    /// allow `form-action` to the identity provider. Everything is escaped. Serve it as `text/html;
    /// charset=utf-8` with `Cache-Control: no-store`.
    #[must_use]
    pub fn html(&self, nonce: Option<&str>) -> String {
        let mut page = String::from(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sign-in</title></head><body>\n\
             <form method=\"post\" action=\"",
        );
        escape_html(self.action.as_str(), &mut page);
        page.push_str("\">\n");
        for (name, value) in &self.fields {
            page.push_str("<input type=\"hidden\" name=\"");
            escape_html(name, &mut page);
            page.push_str("\" value=\"");
            escape_html(value, &mut page);
            page.push_str("\">\n");
        }
        page.push_str("<noscript><button type=\"submit\">Continue</button></noscript>\n</form>\n<script");
        if let Some(nonce) = nonce {
            page.push_str(" nonce=\"");
            escape_html(nonce, &mut page);
            page.push('"');
        }
        page.push_str(">document.forms[0].submit()</script>\n</body></html>\n");
        page
    }
}

/// Bindings 3.4.4.1: the message deflated into the query of the endpoint's address. With a signer, the
/// signature covers `SAMLRequest=…&RelayState=…&SigAlg=…` exactly as sent. `parameter` is [`REQUEST`].
pub(crate) fn redirect_url(
    endpoint: &Url,
    parameter: &'static str,
    message: &[u8],
    relay_state: Option<&str>,
    signer: Option<Signer<'_>>,
) -> Result<Url, Error> {
    check_relay_state(relay_state)?;
    let mut query = String::new();
    push_parameter(&mut query, parameter, base64_encode(&deflate(message)).as_bytes());
    if let Some(relay_state) = relay_state {
        push_parameter(&mut query, "RelayState", relay_state.as_bytes());
    }
    if let Some(Signer { key, algorithm }) = signer {
        let uri = xmldsig::signature_algorithm_uri(algorithm).ok_or(SigningError::Algorithm)?;
        push_parameter(&mut query, "SigAlg", uri.as_bytes());
        let signature = key.sign(algorithm, query.as_bytes()).map_err(SigningError::from)?;
        push_parameter(&mut query, "Signature", base64_encode(&signature).as_bytes());
    }
    let mut url = endpoint.clone();
    match endpoint.query() {
        // The endpoint's own parameters come first and stay as they are.
        Some(own) if !own.is_empty() => url.set_query(Some(&[own, "&", &query].concat())),
        Some(_) | None => url.set_query(Some(&query)),
    }
    Ok(url)
}

/// Bindings 3.5.4: the message in a hidden field. Its signature, if any, is inside of it.
pub(crate) fn post_form(
    endpoint: &Url,
    parameter: &'static str,
    message: &[u8],
    relay_state: Option<&str>,
) -> Result<PostForm, Error> {
    check_relay_state(relay_state)?;
    let mut fields = vec![(parameter, base64_encode(message))];
    fields.extend(relay_state.map(|relay_state| ("RelayState", relay_state.to_owned())));
    Ok(PostForm { action: endpoint.clone(), fields })
}

/// 2.1 #1 and #2: the bytes of a message that came in a form field, as posted and percent-decoded.
pub(crate) fn decode_post(field: &str, limits: &Limits) -> Result<Vec<u8>, Error> {
    // Four characters for three bytes, and line breaks: of peers that wrap, each line has 64 characters at least.
    let limit = limits.message.bytes.saturating_add(limits.message.bytes / 2);
    if field.len() > limit {
        return Err(Error::MessageTooLarge { limit, actual: field.len() });
    }
    let message = base64_decode(field.as_bytes())
        .map_err(|error| Error::Base64Invalid { offset: Some(error.offset()), reason: "not base64" })?;
    match message.first() {
        // XML begins with markup, white space or a byte-order mark; DEFLATE that does is refused by the parser.
        Some(b'<' | b' ' | b'\t' | b'\r' | b'\n' | 0xEF | 0xFE | 0xFF) => Ok(message),
        Some(_) | None => Err(Error::Base64Invalid {
            offset: None,
            reason: "it holds no XML; a posted message is not deflated",
        }),
    }
}

/// Bindings 3.4.3 and 3.5.3. Control characters are refused, because a form does not carry them unchanged.
fn check_relay_state(relay_state: Option<&str>) -> Result<(), Error> {
    let Some(relay_state) = relay_state else { return Ok(()) };
    if relay_state.len() > LONGEST_RELAY_STATE {
        return Err(Error::RelayStateTooLong { limit: LONGEST_RELAY_STATE, actual: relay_state.len() });
    }
    if relay_state.chars().any(char::is_control) {
        let (field, value) = ("relay_state", relay_state.escape_debug().to_string());
        return Err(Error::ConfigurationInvalid { field, value, reason: "it has control characters" });
    }
    Ok(())
}

fn push_parameter(query: &mut String, name: &str, value: &[u8]) {
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(&percent_encode(value));
}

fn escape_html(text: &str, page: &mut String) {
    for character in text.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            other => page.push(other),
        }
    }
}

/// The parameter that a request travels in.
pub(crate) const REQUEST: &str = "SAMLRequest";

const LONGEST_RELAY_STATE: usize = 80;
