//! Conditions of a request: `If-Match` and `If-None-Match` against the version of a resource (RFC 7644 §3.14).

use http::{HeaderMap, HeaderName, header};

use super::error::Error;
use crate::{encoding::percent_encode, id::Revision};

/// What a request says of the version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: whichever version there is.
    Any,
    /// The texts between the quotes. What does not parse is not among them, and so matches nothing.
    These(Vec<String>),
}

impl Conditions {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self {
            if_match: tags(headers, &header::IF_MATCH),
            if_none_match: tags(headers, &header::IF_NONE_MATCH),
        }
    }

    /// The condition of an operation of a bulk request.
    pub(super) fn of_version(version: Option<&str>) -> Self {
        Self { if_match: version.map(Tags::parse), if_none_match: None }
    }

    /// Whether the request insists on a version.
    pub(super) fn names_version(&self) -> bool {
        self.if_match.is_some()
    }

    /// RFC 9110 §13.1.1: the version must be one of these.
    pub(super) fn check_match(&self, version: &Revision) -> Result<(), Error> {
        match &self.if_match {
            Some(tags) if !tags.hold(version) => Err(Error::PreconditionFailed),
            _ => Ok(()),
        }
    }

    /// As [`check_match`](Self::check_match), for what changes the resource: RFC 9110 §13.1.2 too.
    pub(super) fn check_change(&self, version: &Revision) -> Result<(), Error> {
        self.check_match(version)?;
        if self.is_unmodified(version) { Err(Error::PreconditionFailed) } else { Ok(()) }
    }

    /// Whether the client has this version already.
    pub(super) fn is_unmodified(&self, version: &Revision) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| tags.hold(version))
    }
}

/// The entity tag of a version, as `ETag` and `meta.version` have it.
pub(super) fn etag(version: &Revision) -> String {
    format!("W/\"{}\"", opaque(version))
}

/// A host may name versions as it likes; a tag holds printable characters alone.
fn opaque(version: &Revision) -> String {
    let text = version.as_str();
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'%' | b'\\');
    if text.bytes().all(plain) { text.to_owned() } else { percent_encode(text.as_bytes()) }
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let texts: Vec<&str> = values.filter_map(|value| value.to_str().ok()).collect();
    Some(Tags::parse(&texts.join(",")))
}

impl Tags {
    fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            return Self::Any;
        }
        let mut tags = Vec::new();
        let mut rest = text.trim_start();
        while let Some((tag, after)) = one_tag(rest) {
            tags.push(tag.to_owned());
            let Some(after) = after.trim_start().strip_prefix(',') else { break };
            rest = after.trim_start();
        }
        Self::These(tags)
    }

    /// Weak comparison: what the service gives are weak tags.
    fn hold(&self, version: &Revision) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => {
                let opaque = opaque(version);
                tags.contains(&opaque)
            }
        }
    }
}

fn one_tag(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?.split_once('"')
}
