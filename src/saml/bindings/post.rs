//! HTTP-POST (Bindings 3.5): a message in a field of a form.

use url::Url;

use super::{Binding, Received, parameter::MessageKind};
use crate::{
    encoding::{base64_decode, base64_encode},
    limits::Limits,
    saml::Error,
};

/// A form that the browser posts to the identity provider: as data, or as a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostForm {
    action: Url,
    fields: Vec<(&'static str, String)>,
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
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>One moment</title></head><body>\n\
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

/// Bindings 3.5.4: the message in a hidden field. Its signature, if any, is inside of it.
pub(super) fn form(action: &Url, kind: MessageKind, message: &[u8], relay_state: Option<&str>) -> PostForm {
    let mut fields = vec![(kind.parameter(), base64_encode(message))];
    fields.extend(relay_state.map(|relay_state| ("RelayState", relay_state.to_owned())));
    PostForm { action: action.clone(), fields }
}

/// The message in the fields of a form.
pub(super) fn decode(fields: &[(String, String)], limits: &Limits) -> Result<Received, Error> {
    let binding = Binding::HttpPost;
    let once = |parameter: &'static str| {
        let mut values = fields.iter().filter(|(name, _)| name == parameter).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Error::ParametersInvalid { binding, parameter, reason: "it is there twice" }),
        }
    };
    let (request, response, relay_state) = (once("SAMLRequest")?, once("SAMLResponse")?, once("RelayState")?);
    let kind = MessageKind::of(binding, request.is_some(), response.is_some())?;
    let xml = decode_post(request.or(response).unwrap_or_default(), limits)?;
    Ok(Received { kind, binding, xml, relay_state: relay_state.map(str::to_owned), signature: None })
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
