//! `application/x-www-form-urlencoded`, as queries and bodies have it.

use crate::encoding::percent_encode;

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
