//! What templates cannot say by themselves.

use admittance::time::Timestamp;

/// `2026-11-27 02:44 UTC`.
pub(crate) fn time(at: &Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('T') {
        Some((day, time)) => format!("{day} {} UTC", time.get(..5).unwrap_or(time)),
        None => text,
    }
}

/// A way through the menus of a console.
pub(crate) fn path(text: &str) -> String {
    text.replace(" > ", " › ")
}

/// The event of an audit trail: `connection.idp_changed` is "Connection: identity provider changed".
pub(crate) fn event(code: &str) -> String {
    let words = code.replacen('.', ": ", 1).replace('_', " ");
    let words = words.replace("scim:", "provisioning:").replace("idp", "identity provider");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
