//! [`EmailAddress`]: an address that passed a small, strict check.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Host;

/// A valid email address, exactly as sent.
///
/// Valid means: at most 254 bytes; one `@`; before it 1 to 64 bytes of letters, digits, ``!#$%&'*+-/=?^_`{|}~``,
/// visible characters beyond ASCII (RFC 6531) and single dots between them; after it a domain name of at least two
/// labels (letters, digits and inner hyphens, or an internationalized name that IDNA accepts) whose last label is
/// not a number. Quoted local parts, comments and address literals are refused: directories do not hold them,
/// and they have been used to smuggle a second address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// What keeps a text from being an [`EmailAddress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum EmailFlaw {
    /// There is no `@`.
    #[error("no '@'")]
    NoAt,
    /// There is more than one `@`.
    #[error("more than one '@'")]
    SeveralAt,
    /// The whole is longer than 254 bytes or the part before `@` than 64.
    #[error("too long")]
    TooLong,
    /// The part before `@` is empty, has a dot at an end or two in a row, or a character that is not allowed.
    #[error("the part before '@' is not valid")]
    LocalPart,
    /// The part after `@` is no domain name with at least two labels.
    #[error("the part after '@' is no domain name")]
    Domain,
}

impl EmailAddress {
    /// Checks `text` by the rule above. Nothing is trimmed or folded.
    ///
    /// # Errors
    /// [`EmailFlaw`] with the first part of the rule that fails.
    pub fn parse(text: &str) -> Result<Self, EmailFlaw> {
        let (local, domain) = text.split_once('@').ok_or(EmailFlaw::NoAt)?;
        if domain.contains('@') {
            return Err(EmailFlaw::SeveralAt);
        }
        if text.len() > MAX_ADDRESS || local.len() > MAX_LOCAL_PART {
            return Err(EmailFlaw::TooLong);
        }
        if !local.split('.').all(is_atom) {
            return Err(EmailFlaw::LocalPart);
        }
        if !is_domain(domain) {
            return Err(EmailFlaw::Domain);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after `@`, as sent: neither lower-cased nor in its ASCII form.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

const MAX_ADDRESS: usize = 254;
const MAX_LOCAL_PART: usize = 64;
const MAX_LABEL: usize = 63;

fn is_atom(atom: &str) -> bool {
    !atom.is_empty()
        && atom.chars().all(|c| match c {
            c if c.is_ascii_alphanumeric() => true,
            c if c.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(c),
            c => !(c.is_whitespace() || c.is_control() || is_invisible(c)),
        })
}

fn is_domain(domain: &str) -> bool {
    if domain.is_ascii() {
        return is_ascii_domain(domain);
    }
    // Host::parse decodes percent signs and maps what looks like a dot; both must not hide ASCII from the rule.
    domain.chars().all(|c| !c.is_ascii() || is_label_byte(c))
        && matches!(Host::parse(domain), Ok(Host::Domain(ascii)) if is_ascii_domain(&ascii))
}

fn is_ascii_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    labels.len() >= 2
        && labels.iter().all(|label| is_label(label))
        && labels.last().is_some_and(|last| !last.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_label_byte(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '.'
}

/// Characters that show nothing or turn the direction of text, the look-alikes of `@`, private use and
/// non-characters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe6b}' | '\u{feff}'
        | '\u{ff20}' | '\u{ffa0}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{10ffff}')
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailFlaw;

    fn try_from(text: String) -> Result<Self, EmailFlaw> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}
