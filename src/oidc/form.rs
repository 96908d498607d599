//! `application/x-www-form-urlencoded`, as queries and bodies have it.

use crate::encoding::{percent_encode, percent_encode_onto};

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
