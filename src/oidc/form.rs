//! `application/x-www-form-urlencoded`, as queries and bodies have it.

use zeroize::Zeroizing;

use crate::encoding::{Plus, percent_decode, percent_encode, percent_encode_onto};

pub(in crate::oidc) const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Writes names and values in order.
pub(in crate::oidc) fn encode<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&percent_encode(name.as_bytes()));
        text.push('=');
        text.push_str(&percent_encode(value.as_bytes()));
    }
    text
}

/// The same as the body of a request, written in one piece of memory: no copy of a secret in it is left behind.
pub(in crate::oidc) fn body<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)> + Clone) -> Vec<u8> {
    // An encoded byte takes up to three.
    let longest = pairs.clone().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut text = String::with_capacity(longest);
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        percent_encode_onto(&mut text, name.as_bytes());
        text.push('=');
        percent_encode_onto(&mut text, value.as_bytes());
    }
    text.into_bytes()
}

/// What a query or body holds, in order. A parameter without `=` has an empty value.
pub(in crate::oidc) struct Fields(Vec<(String, Zeroizing<String>)>);

/// A parameter is there more than once.
pub(in crate::oidc) struct Twice;

/// Reads a query or body of at most `limit` bytes. All of it must be percent-encoded UTF-8; the error says what is not.
pub(in crate::oidc) fn parse(bytes: &[u8], limit: usize) -> Result<Fields, &'static str> {
    if bytes.len() > limit {
        return Err("it is too long");
    }
    let mut fields = Vec::new();
    for pair in bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let mut parts = pair.splitn(2, |byte| *byte == b'=');
        let mut next = || decode(parts.next().unwrap_or_default());
        fields.push((next()?, Zeroizing::new(next()?)));
    }
    Ok(Fields(fields))
}

impl Fields {
    /// The value of a parameter that may be there once.
    pub(in crate::oidc) fn once(&self, name: &str) -> Result<Option<&str>, Twice> {
        let mut values = self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Twice),
        }
    }
}

fn decode(text: &[u8]) -> Result<String, &'static str> {
    let bytes = percent_decode(text, Plus::Space).map_err(|_| "an escape is incomplete")?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}
