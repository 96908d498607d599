//! Base64, percent-encoding and DEFLATE, each strict: a text has one reading or none.
//!
//! Signatures cover encoded text in some bindings and decoded bytes in others. A decoder that repairs its
//! input would give two parties two readings of one signed message, so nothing is repaired here.

use base64::{
    DecodeError, Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

#[cfg(feature = "saml")]
pub use self::deflate::{InflateError, deflate, inflate};

/// Why a text is not base64. Offsets count bytes of the text as given, white space included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Base64Error {
    /// A byte that is not in the alphabet, or padding where none belongs.
    #[error("not base64: unexpected byte {byte:#04x} at {offset}")]
    Symbol {
        /// Where it stands.
        offset: usize,
        /// The byte.
        byte: u8,
    },
    /// The text ends within a group of four: padding is missing, or the text was cut off.
    #[error("not base64: the text ends early, at {offset}")]
    Length {
        /// The length of the text.
        offset: usize,
    },
    /// The last symbol holds bits that no byte takes, so a second text would mean the same bytes.
    #[error("not base64: the last symbol, at {offset}, is not canonical")]
    TrailingBits {
        /// Where it stands.
        offset: usize,
    },
}

/// A `%` without two hexadecimal digits after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not percent-encoded: incomplete escape at {offset}")]
pub struct PercentError {
    /// Where the `%` stands.
    pub offset: usize,
}

/// What `+` means in percent-encoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plus {
    /// A space, as HTML forms and most query strings have it.
    Space,
    /// A plus sign, as in RFC 3986.
    Literal,
}

/// Reads base64 (RFC 4648 §4) with its padding. Space, TAB, CR and LF are passed over wherever they stand,
/// as XML Schema and MIME have it.
///
/// # Errors
/// [`Base64Error`] for anything else, missing padding and non-canonical last symbols included.
pub fn base64_decode(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    // Most senders write one line, so the text is scanned for white space only after it has failed.
    if let Ok(bytes) = STANDARD.decode(text) {
        return Ok(bytes);
    }
    let mut symbols = Vec::with_capacity(text.len());
    for run in text.split(|byte| is_white_space(*byte)) {
        symbols.extend_from_slice(run);
    }
    STANDARD.decode(&symbols).map_err(|error| {
        let position = |symbol| position_of_symbol(text, symbol);
        Base64Error::new(error, text.len(), position)
    })
}

/// Writes base64 (RFC 4648 §4) with its padding, in one line.
#[must_use]
pub fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads base64url without padding (RFC 4648 §5, RFC 7515 §2).
///
/// # Errors
/// [`Base64Error`] for anything else: padding, white space, `+`, `/` and non-canonical last symbols.
pub fn base64url_decode(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    URL_SAFE_NO_PAD.decode(text).map_err(|error| Base64Error::new(error, text.len(), |symbol| symbol))
}

/// Writes base64url without padding (RFC 4648 §5, RFC 7515 §2).
#[must_use]
pub fn base64url_encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Undoes percent-encoding (RFC 3986 §2.1), once.
///
/// # Errors
/// [`PercentError`] for a `%` without two hexadecimal digits after it.
pub fn percent_decode(text: &[u8], plus: Plus) -> Result<Vec<u8>, PercentError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, plus) {
            (b'%', _) => {
                let escape = after.split_first_chunk().and_then(|([high, low], after)| {
                    Some((hex_digit(*high)? << 4 | hex_digit(*low)?, after))
                });
                let (byte, after) = escape.ok_or(PercentError { offset: text.len() - rest.len() })?;
                bytes.push(byte);
                after
            }
            (b'+', Plus::Space) => {
                bytes.push(b' ');
                after
            }
            (byte, _) => {
                bytes.push(*byte);
                after
            }
        };
    }
    Ok(bytes)
}

/// Percent-encodes everything but letters, digits and `-._~` (RFC 3986 §2.3), with upper-case digits: the
/// one form that fits any part of a URL.
#[must_use]
pub fn percent_encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 4);
    percent_encode_onto(&mut text, bytes);
    text
}

/// As [`percent_encode`], at the end of a text: with room for three bytes each, nothing is left behind in memory.
pub(crate) fn percent_encode_onto(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(*byte))
            }
            _ => {
                text.push('%');
                text.push(upper_hex(byte >> 4));
                text.push(upper_hex(byte & 0x0f));
            }
        }
    }
}

impl Base64Error {
    /// Always `encoding.base64`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "encoding.base64"
    }

    /// Where the text stops being base64.
    #[must_use]
    pub fn offset(&self) -> usize {
        match self {
            Self::Symbol { offset, .. } | Self::Length { offset } | Self::TrailingBits { offset } => *offset,
        }
    }

    fn new(error: DecodeError, end: usize, position: impl Fn(usize) -> usize) -> Self {
        match error {
            DecodeError::InvalidByte(symbol, byte) => Self::Symbol { offset: position(symbol), byte },
            DecodeError::InvalidLastSymbol(symbol, _) => Self::TrailingBits { offset: position(symbol) },
            DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => Self::Length { offset: end },
        }
    }
}

impl PercentError {
    /// `encoding.percent`. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "encoding.percent"
    }
}

/// White space of XML.
pub(crate) const fn is_white_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Where the symbol of this index stands when white space is not counted.
fn position_of_symbol(text: &[u8], symbol: usize) -> usize {
    let mut symbols = text.iter().enumerate().filter(|(_, byte)| !is_white_space(**byte));
    symbols.nth(symbol).map_or(text.len(), |(offset, _)| offset)
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn upper_hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or_default().to_ascii_uppercase()
}

/// DEFLATE (RFC 1951) without a header, as the redirect binding has it.
#[cfg(feature = "saml")]
mod deflate {
    use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

    use crate::limits::{Budget, LimitExceeded, Limits, Resource};

    /// Why compressed bytes cannot be read.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
    #[non_exhaustive]
    pub enum InflateError {
        /// Not DEFLATE; a zlib or gzip header is one reason.
        #[error("not DEFLATE")]
        Corrupt,
        /// The stream ends before its last block.
        #[error("the DEFLATE stream is cut off")]
        Truncated,
        /// Bytes follow the last block.
        #[error("{count} bytes after the end of the DEFLATE stream")]
        TrailingInput {
            /// How many.
            count: usize,
        },
        /// The output would be longer than the limits allow, by its length or against the input's.
        #[error(transparent)]
        Limit(#[from] LimitExceeded),
    }

    /// Decompresses raw DEFLATE (RFC 1951) up to the limits `inflated` and `inflate_ratio`. No more memory is
    /// used than the bound on the output.
    ///
    /// # Errors
    /// [`InflateError`]. The budget is spent on success alone.
    pub fn inflate(input: &[u8], limits: &Limits, budget: &mut Budget) -> Result<Vec<u8>, InflateError> {
        let remaining = limits.inflated.saturating_sub(budget.spent(Resource::Inflated));
        let by_ratio = input.len().saturating_mul(limits.inflate_ratio);
        let bound = remaining.min(by_ratio);
        let exceeded = LimitExceeded { resource: Resource::Inflated, limit: limits.inflated.min(by_ratio) };

        let mut inflater = Decompress::new(false);
        let mut output = Vec::new();
        let mut rest = input;
        loop {
            if output.len() == output.capacity() {
                let room = (bound - output.len()).min(output.len().max(input.len()).max(SMALLEST_STEP));
                // One byte of room past the bound shows whether there is more.
                output.reserve_exact(room.max(1));
            }
            let (before, written) = (inflater.total_in(), output.len());
            let status = inflater
                .decompress_vec(rest, &mut output, FlushDecompress::None)
                .map_err(|_| InflateError::Corrupt)?;
            let consumed = usize::try_from(inflater.total_in() - before).unwrap_or(usize::MAX);
            rest = rest.get(consumed..).unwrap_or_default();
            if output.len() > bound {
                return Err(exceeded.into());
            }
            match status {
                Status::StreamEnd => break,
                _ if consumed == 0 && output.len() == written && output.len() < output.capacity() => {
                    return Err(InflateError::Truncated);
                }
                Status::Ok | Status::BufError => {}
            }
        }
        if !rest.is_empty() {
            return Err(InflateError::TrailingInput { count: rest.len() });
        }
        budget.spend(Resource::Inflated, output.len(), limits.inflated)?;
        Ok(output)
    }

    /// Compresses to raw DEFLATE (RFC 1951).
    #[must_use]
    pub fn deflate(input: &[u8]) -> Vec<u8> {
        let mut deflater = Compress::new(Compression::default(), false);
        let mut output = Vec::new();
        let mut rest = input;
        loop {
            output.reserve(rest.len() / 2 + SMALLEST_STEP);
            let before = deflater.total_in();
            #[expect(
                clippy::expect_used,
                reason = "INVARIANT (compressor state): fresh and only asked to finish, so never misused"
            )]
            let status = deflater
                .compress_vec(rest, &mut output, FlushCompress::Finish)
                .expect("a compressor that is only asked to finish");
            let consumed = usize::try_from(deflater.total_in() - before).unwrap_or(usize::MAX);
            rest = rest.get(consumed..).unwrap_or_default();
            if status == Status::StreamEnd {
                return output;
            }
        }
    }

    impl InflateError {
        /// The rule that failed: `encoding.inflate` or `encoding.inflate_limit`. Stable.
        #[must_use]
        pub fn code(&self) -> &'static str {
            match self {
                Self::Corrupt | Self::Truncated | Self::TrailingInput { .. } => "encoding.inflate",
                Self::Limit(_) => "encoding.inflate_limit",
            }
        }
    }

    const SMALLEST_STEP: usize = 512;
}
