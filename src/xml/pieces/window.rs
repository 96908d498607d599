//! The part of a document that is looked at.

use crate::limits::{LimitExceeded, Resource};
use crate::xml::chars::first_illegal;
use crate::xml::error::Error;
use crate::xml::parse::illegal;
use crate::xml::parse::prolog::Encoding;

/// Text as it comes in.
pub(crate) trait Source {
    /// Why there is no more, other than because it has ended; or why what there is cannot be read.
    type Error: From<Error>;

    /// Adds more text, and says whether more may follow.
    fn read(&mut self, into: &mut String) -> Result<Following, Self::Error>;
}

/// Whether a [`Source`] has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Following {
    More,
    Nothing,
}

/// Text that has come in and is not used up. What can be used ends with a `>` until the source has ended, so that
/// no reference, line end or bracket is cut in two.
pub(super) struct Window<S> {
    pub(super) source: S,
    following: Following,
    /// Bounds the whole document.
    pub(super) limit: usize,
    longest_piece: usize,
    /// Text that comes in at a time, at least.
    pub(super) at_a_time: usize,
    text: String,
    /// What of `text` can be used.
    from: usize,
    to: usize,
    /// Bytes of the document before `text`.
    passed: usize,
    pub(super) has_cr: bool,
    encoding: Encoding,
}

impl<S: Source> Window<S> {
    pub(super) fn new(source: S, limit: usize, longest_piece: usize) -> Self {
        Self {
            source,
            following: Following::More,
            limit,
            longest_piece,
            at_a_time: WINDOW,
            text: String::new(),
            from: 0,
            to: 0,
            passed: 0,
            has_cr: false,
            encoding: Encoding::Utf8,
        }
    }

    /// The first byte that is not used up; `None` at the end.
    pub(super) fn first(&mut self) -> Result<Option<u8>, S::Error> {
        loop {
            if let Some(first) = self.rest().as_bytes().first() {
                return Ok(Some(*first));
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    pub(super) fn rest(&self) -> &str {
        self.text.get(self.from..self.to).unwrap_or_default()
    }

    /// Where the rest begins in the document.
    pub(super) fn offset(&self) -> usize {
        self.passed + self.from
    }

    pub(super) fn advance(&mut self, length: usize) {
        self.from = (self.from + length).min(self.to);
    }

    /// Makes the rest longer; false where the document has ended. What is kept at least doubles, or a long piece
    /// would be looked at too often.
    pub(super) fn fill(&mut self) -> Result<bool, S::Error> {
        let before = self.rest().len();
        self.text.drain(..self.from);
        self.passed += self.from;
        (self.from, self.to) = (0, before);
        while self.following == Following::More && self.to == before {
            let known = self.text.len();
            let longest = self.longest_piece + self.at_a_time;
            within(Resource::Bytes, known, longest - 1)?;
            let wanted = (2 * known).clamp(self.at_a_time, longest);
            while self.following == Following::More && self.text.len() < wanted {
                self.following = self.source.read(&mut self.text)?;
                self.check_limit()?;
            }
            if self.passed + known == 0 && self.text.starts_with('\u{FEFF}') {
                self.text.drain(..'\u{FEFF}'.len_utf8());
            }
            let new = self.text.get(known..).unwrap_or_default();
            if let Some(at) = first_illegal(new) {
                return Err(illegal(self.passed + known + at).into());
            }
            self.encoding.check(new)?;
            self.to = match self.following {
                Following::More => memchr::memrchr(b'>', self.text.as_bytes()).map_or(0, |at| at + 1),
                Following::Nothing => self.text.len(),
            };
        }
        self.has_cr = memchr::memchr(b'\r', self.text.as_bytes()).is_some();
        Ok(self.to > before)
    }

    pub(super) fn check_limit(&self) -> Result<(), Error> {
        within(Resource::Bytes, self.passed + self.text.len(), self.limit)
    }

    /// From the first byte on, the text must be in the encoding that is declared.
    pub(super) fn keep_to(&mut self, encoding: Encoding) -> Result<(), Error> {
        encoding.check(&self.text)?;
        self.encoding = encoding;
        Ok(())
    }
}

pub(super) fn within(resource: Resource, size: usize, limit: usize) -> Result<(), Error> {
    if size > limit { Err(LimitExceeded { resource, limit }.into()) } else { Ok(()) }
}

/// Text that comes in at a time.
const WINDOW: usize = 128 * 1024;
