//! PEM blocks (RFC 7468), found in any surrounding text.

use zeroize::Zeroizing;

use crate::encoding::{self, Base64Error};

/// One block between `-----BEGIN label-----` and `-----END label-----`.
pub(super) struct Block<'t> {
    pub(super) label: &'t str,
    body: &'t [u8],
}

/// The blocks of a text in order. What stands around them is skipped; after a block without its end
/// nothing more is read.
pub(super) struct Blocks<'t> {
    rest: &'t [u8],
}

/// A block has no end line with its label, or no label.
pub(super) struct Unterminated;

impl<'t> Blocks<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { rest: text }
    }
}

impl<'t> Iterator for Blocks<'t> {
    type Item = Result<Block<'t>, Unterminated>;

    fn next(&mut self) -> Option<Self::Item> {
        let (_, after) = split_once(self.rest, b"-----BEGIN ")?;
        self.rest = &[];
        let block = || {
            let (label, after) = split_once(after, b"-----")?;
            let label = str::from_utf8(label).ok().filter(|label| label.len() <= LONGEST_LABEL)?;
            let (body, rest) = split_once(after, format!("-----END {label}-----").as_bytes())?;
            Some((Block { label, body }, rest))
        };
        let Some((block, rest)) = block() else { return Some(Err(Unterminated)) };
        self.rest = rest;
        Some(Ok(block))
    }
}

impl Block<'_> {
    /// The bytes that the block holds. They may be a private key, so all copies are wiped.
    pub(super) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, Base64Error> {
        let mut body = Zeroizing::new(Vec::with_capacity(self.body.len()));
        body.extend(self.body.iter().filter(|byte| !encoding::is_white_space(**byte)));
        encoding::base64_decode(&body).map(Zeroizing::new)
    }

    /// Whether it needs a password, in either of the two ways that OpenSSL writes.
    pub(super) fn is_encrypted(&self) -> bool {
        self.label == "ENCRYPTED PRIVATE KEY" || split_once(self.body, b",ENCRYPTED").is_some()
    }

    pub(super) fn is_certificate(&self) -> bool {
        matches!(self.label, "CERTIFICATE" | "X509 CERTIFICATE")
    }
}

fn split_once<'t>(text: &'t [u8], separator: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let at = text.windows(separator.len()).position(|window| window == separator)?;
    let (before, rest) = text.split_at(at);
    Some((before, rest.get(separator.len()..).unwrap_or_default()))
}

/// Far above every label in use; what is longer is no label.
const LONGEST_LABEL: usize = 64;
