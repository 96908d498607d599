//! [`PageRequest`]: which part of a list is asked for, by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865).
//!
//! A cursor says after which resource the next page begins. It is sealed by a keyed hash over the tenant, the query,
//! the number of resources and the time, so that a changed one, or one from elsewhere, is refused.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::Error;
use crate::{
    crypto::{Hmac, Secret},
    encoding::{base64url_decode, base64url_encode},
    limits::ScimLimits,
    time::Timestamp,
};

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageRequest {
    /// From a place in the whole list.
    Index {
        /// Place of the first resource, from 1.
        start_index: usize,
        /// How many at most; 0 asks for the total alone.
        count: usize,
    },
    /// From where a cursor points.
    Cursor {
        /// After which resource; `None` for the first page.
        after: Option<Position>,
        /// How many at most.
        count: usize,
    },
}

/// A place in a sorted list: after the resource with this sort key and identifier.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The text form of the value that the list is sorted by, as the host compares it; `None` where it is missing or
    /// the list is sorted by identifier alone.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub sort_key: Option<String>,
    /// The identifier.
    #[serde(rename = "i")]
    pub id: String,
}

/// What a cursor is good for. All of it must be the same when it comes back.
#[derive(Clone, Copy)]
pub struct CursorScope<'s> {
    /// Whose list it is.
    pub tenant: &'s str,
    /// Resource type, filter and order, in one form.
    pub query: &'s str,
    /// How many resources a page has.
    pub count: usize,
}

/// The paging parameters of a request, as sent.
#[derive(Clone, Copy, Default)]
pub struct PageParameters<'p> {
    /// `startIndex`
    pub start_index: Option<&'p str>,
    /// `count`
    pub count: Option<&'p str>,
    /// `cursor`; empty for the first page.
    pub cursor: Option<&'p str>,
}

/// What opens cursors: the host's key, and how long they last.
#[derive(Clone, Copy, Debug)]
pub struct CursorSeal<'k> {
    /// At least 32 bytes that only the host knows.
    pub key: &'k Secret,
    /// How long a cursor may be used.
    pub timeout: Duration,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    #[serde(rename = "t")]
    made_at: i64,
    #[serde(rename = "c")]
    count: usize,
    #[serde(rename = "p")]
    position: Position,
}

impl PageRequest {
    /// Reads the parameters: a start below 1 means 1, a count below 0 means 0, a larger count than allowed is lowered.
    ///
    /// # Errors
    /// [`Error::Value`] for what is no number and for a cursor with a start; [`Error::CursorInvalid`],
    /// [`Error::CursorExpired`] and [`Error::CursorCount`].
    pub fn parse(
        parameters: PageParameters<'_>,
        tenant: &str,
        query: &str,
        seal: Option<CursorSeal<'_>>,
        limits: &ScimLimits,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let count = match parameters.count {
            None => limits.default_page.min(limits.page),
            Some(count) => whole("count", count)?.min(limits.page),
        };
        let Some(cursor) = parameters.cursor else {
            let start_index = match parameters.start_index {
                None => 1,
                Some(start) => whole("startIndex", start)?.max(1),
            };
            return Ok(Self::Index { start_index, count });
        };
        // RFC 9865 §2.1: one way of paging at a time.
        if parameters.start_index.is_some() {
            return Err(wrong("cursor", "it excludes startIndex"));
        }
        if cursor.is_empty() {
            return Ok(Self::Cursor { after: None, count });
        }
        let seal = seal.ok_or(Error::CursorInvalid)?;
        let scope = CursorScope { tenant, query, count };
        Ok(Self::Cursor { after: Some(seal.open(cursor, &scope, now)?), count })
    }

    /// How many resources the page has at most.
    #[must_use]
    pub fn count(&self) -> usize {
        match self {
            Self::Index { count, .. } | Self::Cursor { count, .. } => *count,
        }
    }
}

impl CursorSeal<'_> {
    /// A cursor for the page after this position. It holds unreserved characters alone.
    #[must_use]
    pub fn seal(&self, position: Position, scope: &CursorScope<'_>, now: Timestamp) -> String {
        let sealed = Sealed { made_at: now.to_unix_millis(), count: scope.count, position };
        // INVARIANT (texts and numbers): such a value always has a JSON form.
        let payload = serde_json::to_vec(&sealed).unwrap_or_default();
        let tag = Hmac::Sha256.sign(self.key.expose().as_bytes(), &authenticated(scope, &payload));
        format!("{}.{}", base64url_encode(&payload), base64url_encode(&tag))
    }

    fn open(&self, cursor: &str, scope: &CursorScope<'_>, now: Timestamp) -> Result<Position, Error> {
        let (payload, tag) = cursor.split_once('.').ok_or(Error::CursorInvalid)?;
        let decode = |part: &str| base64url_decode(part.as_bytes()).map_err(|_| Error::CursorInvalid);
        let (payload, tag) = (decode(payload)?, decode(tag)?);
        let key = self.key.expose().as_bytes();
        Hmac::Sha256.verify(key, &authenticated(scope, &payload), &tag).map_err(|_| Error::CursorInvalid)?;
        let sealed: Sealed = serde_json::from_slice(&payload).map_err(|_| Error::CursorInvalid)?;
        if sealed.count != scope.count {
            return Err(Error::CursorCount);
        }
        let made_at = Timestamp::from_unix_millis(sealed.made_at).ok_or(Error::CursorInvalid)?;
        if now >= made_at.saturating_add(self.timeout) {
            return Err(Error::CursorExpired);
        }
        Ok(sealed.position)
    }
}

/// What the tag covers. Each part has its length before it, so that none can reach into the next.
fn authenticated(scope: &CursorScope<'_>, payload: &[u8]) -> Vec<u8> {
    let mut message = b"scim cursor 1".to_vec();
    for part in [scope.tenant.as_bytes(), scope.query.as_bytes(), payload] {
        message.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        message.extend(part);
    }
    message
}

/// A whole number; below 0 is 0, and more digits than any list has are as many as there can be.
fn whole(parameter: &str, text: &str) -> Result<usize, Error> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong(parameter, "a whole number is needed"));
    }
    Ok(if negative { 0 } else { digits.parse().unwrap_or(usize::MAX) })
}

fn wrong(parameter: &str, reason: &str) -> Error {
    Error::Value { attribute: parameter.to_owned(), reason: reason.to_owned() }
}

impl std::fmt::Debug for Position {
    /// Nothing of the values: they are personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Position").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CursorScope<'_> {
    /// Nothing of the query: its filter is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tenant, query: _, count } = self;
        f.debug_struct("CursorScope").field("tenant", tenant).field("count", count).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PageParameters<'_> {
    /// Nothing of the cursor, which can be read.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { start_index, count, cursor: _ } = self;
        f.debug_struct("PageParameters")
            .field("start_index", start_index)
            .field("count", count)
            .finish_non_exhaustive()
    }
}
