//! [`Transform`]: small, total, pure steps between a source and a field.

use serde::{Deserialize, Serialize};

use super::mapping::Source;

/// One step of a rule. Every step is defined for every list of texts; what becomes empty is dropped.
///
/// There are no scripts and no regular expressions: the cost is linear in the texts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Transform {
    /// Keeps the last step of a path: `/staff/dev` and `CN=dev,OU=staff,DC=example` and `EXAMPLE\dev` become
    /// `dev`. Everything else stays, a slash without one at the beginning too.
    StripPath,
    /// Where there is no value yet, takes those of the first of these sources that has one.
    Or(Vec<Source>),
    /// Removes Unicode white space at both ends.
    Trim,
    /// Lower case by Unicode, independent of language.
    Lower,
    /// Cuts at every occurrence of this character. White space around the parts stays: add [`Self::Trim`].
    SplitOn(char),
    /// Removes this text at the beginning, once; a value that does not begin with it stays.
    StripPrefix(String),
    /// Replaces the values by one: the values of these claims in this order with the separator between them,
    /// claims that were not sent left out. Where none of them has a value, the values stay.
    Join {
        /// The names of the claims.
        attributes: Vec<String>,
        /// What stands between two values.
        separator: String,
    },
    /// Spells what stands for yes or no as `true` or `false`: `1`, `yes` and `on`, `0`, `no` and `off`, in any case.
    /// Everything else stays.
    BoolString,
    /// Keeps what is an email address ([`EmailAddress`](super::EmailAddress)) and drops the rest, with the note
    /// `claims.value_dropped`: before [`Self::Or`], it lets a login stand in for an address only where it is one.
    OnlyAddresses,
    /// Keeps the first value only. This is how an administrator says which of several addresses counts.
    First,
}

/// `true` or `false`, where the text is a usual spelling of either.
pub(super) fn bool_string(text: &str) -> Option<&'static str> {
    let is_any = |spellings: &[&str]| spellings.iter().any(|spelling| text.eq_ignore_ascii_case(spelling));
    if is_any(&["true", "1", "yes", "on"]) {
        Some("true")
    } else if is_any(&["false", "0", "no", "off"]) {
        Some("false")
    } else {
        None
    }
}

impl Transform {
    /// What [`Self::StripPath`] makes of one text: the last step of a path in one of the three notations, or the text
    /// itself.
    #[must_use]
    pub fn strip_path(text: &str) -> String {
        strip_path(text)
    }
}

pub(super) fn strip_path(text: &str) -> String {
    common_name(text)
        .or_else(|| last_step(text).map(str::to_owned))
        .or_else(|| account_name(text).map(str::to_owned))
        .unwrap_or_else(|| text.to_owned())
}

/// `/a/b` → `b`.
fn last_step(text: &str) -> Option<&str> {
    text.strip_prefix('/')?.rsplit('/').next().filter(|last| !last.is_empty())
}

/// `DOMAIN\b` → `b`.
fn account_name(text: &str) -> Option<&str> {
    let (domain, name) = text.split_once('\\')?;
    (!domain.is_empty() && !name.is_empty() && !name.contains('\\')).then_some(name)
}

/// `CN=b,OU=c` → `b`: the first value of a distinguished name (RFC 4514 §3), with its escapes resolved.
fn common_name(text: &str) -> Option<String> {
    let rest = text.split_at_checked(3).filter(|(tag, _)| tag.eq_ignore_ascii_case("cn="))?.1;
    let mut bytes = rest.bytes().peekable();
    let mut name = Vec::with_capacity(rest.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b',' | b';' | b'+' => break,
            b'\\' => {
                let escaped = bytes.next()?;
                let low = hex_digit(escaped).and_then(|_| hex_digit(bytes.peek().copied()?));
                match (hex_digit(escaped), low) {
                    (Some(high), Some(low)) => {
                        bytes.next();
                        name.push(high * 16 + low);
                    }
                    _ => name.push(escaped),
                }
            }
            byte => name.push(byte),
        }
    }
    String::from_utf8(name).ok().filter(|name| !name.is_empty())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::strip_path;

    #[test]
    fn strip_path_knows_three_notations() {
        for (path, name) in [
            ("/dev", "dev"),
            ("/staff/dev", "dev"),
            ("CN=dev,OU=staff,DC=example,DC=com", "dev"),
            ("cn=dev", "dev"),
            ("CN=dev+UID=7,OU=staff", "dev"),
            (r"CN=Smith\, Sons,OU=staff", "Smith, Sons"),
            (r"CN=caf\C3\A9,OU=staff", "café"),
            (r"CN=a\\b,OU=staff", r"a\b"),
            (r"EXAMPLE\dev", "dev"),
        ] {
            assert_eq!(strip_path(path), name, "{path}");
        }
    }

    #[test]
    fn strip_path_leaves_everything_else() {
        for text in [
            "dev",
            "a/b",
            "staff/dev",
            "/",
            "/dev/",
            "//",
            r"\dev",
            r"dev\",
            r"a\b\c",
            "CN=",
            "CN=,OU=x",
            "C",
            "é=",
        ] {
            assert_eq!(strip_path(text), text);
        }
        assert_eq!(strip_path(r"CN=\FF\FF"), r"CN=\FF\FF", "escapes that are no UTF-8");
        assert_eq!(strip_path(r"CN=dev\"), r"CN=dev\", "an escape that is cut off");
    }
}
