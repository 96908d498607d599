//! Texts with places to fill: `{expected}`, `{actual}`, `{field}`, and the words of a console. A part in brackets is
//! left out when it names a place that nothing fills.

use super::Evidence;
use crate::connection::console::Console;

/// The text with every place filled. Texts of the catalogue are checked by a test; a place that nobody knows stays
/// as it is.
pub(super) fn fill(text: &str, evidence: &Evidence, console: &Console) -> String {
    let mut filled = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        filled.push_str(&fill_part(before, evidence, console).0);
        let (part, behind) = after.split_once(']').unwrap_or((after, ""));
        if let (part, Filled::Whole) = fill_part(part, evidence, console) {
            filled.push_str(&part);
        }
        rest = behind;
    }
    filled.push_str(&fill_part(rest, evidence, console).0);
    filled
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Filled {
    Whole,
    InPart,
}

fn fill_part(text: &str, evidence: &Evidence, console: &Console) -> (String, Filled) {
    let mut filled = String::with_capacity(text.len());
    let mut outcome = Filled::Whole;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (place, behind) = after.split_once('}').unwrap_or((after, ""));
        match value(place, evidence, console) {
            Some(value) => filled.extend(short(value).chars().take(LONGEST_VALUE).map(printable)),
            None => {
                outcome = Filled::InPart;
                filled.push_str("(not known)");
            }
        }
        rest = behind;
    }
    filled.push_str(rest);
    (filled, outcome)
}

/// What came from outside must not break a line of a log or a page.
fn printable(c: char) -> char {
    if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }
}

/// A value as people write it: names of the SAML standard without what they all begin with, times without a zero
/// fraction.
fn short(value: &str) -> String {
    SAML_NAMES.iter().fold(value.replace(".000Z", "Z"), |value, prefix| value.replace(prefix, ""))
}

const SAML_NAMES: [&str; 2] =
    ["urn:oasis:names:tc:SAML:2.0:status:", "urn:oasis:names:tc:SAML:2.0:bindings:"];

/// Characters of one value. The whole value is in the diagnosis beside its message.
const LONGEST_VALUE: usize = 400;

fn value<'a>(place: &str, evidence: &'a Evidence, console: &'a Console) -> Option<&'a str> {
    match place {
        "expected" => evidence.expected.as_deref(),
        "actual" => evidence.actual.as_deref(),
        "field" => evidence.field.as_deref().map(|field| label(&evidence.code, field)),
        word => console.word(word),
    }
}

/// What the assistant calls a field of its own. Names of claims and groups stay as they are.
fn label<'a>(code: &str, field: &'a str) -> &'a str {
    if !code.starts_with("connection.") && !code.starts_with("saml.") {
        return field;
    }
    match field {
        "metadata_url" => "Metadata URL",
        "metadata_xml" => "metadata document",
        "sso_login_url" => "Login URL",
        "idp_certificate" => "certificate",
        "client_id" => "Client ID",
        "client_secret" => "Client Secret",
        "okta_domain" => "Okta Domain",
        "issuer" => "Issuer",
        _ => field,
    }
}
