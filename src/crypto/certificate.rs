//! [`Certificate`]: a key with a validity period and a name, read from what administrators paste.

use std::fmt::{self, Write};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use x509_cert::{
    der::{
        self, Decode, Header, Reader, SliceReader, Tag, TagNumber, Tagged,
        asn1::{AnyRef, ObjectIdentifier},
    },
    name::Name,
};

use super::{
    digest::{DigestAlgorithm, digest},
    key::{KeyError, PublicKey},
    pem::{Block, Blocks},
};
use crate::{
    encoding,
    time::{TimeError, Timestamp},
};

/// An X.509 certificate as a container for a key.
///
/// Serial number, issuer, extensions and signature have no meaning here, and odd ones are no error. Whether
/// the validity period counts is the host's policy. Serialised as the base64 text of the DER; on the way in,
/// everything that [`Certificate::parse`] reads is accepted.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Certificate {
    der: Vec<u8>,
    sha256: Fingerprint,
    public_key: PublicKey,
    not_before: Timestamp,
    not_after: Timestamp,
    subject: String,
}

/// A SHA-256 digest as a name, printed as consoles show it: `AB:CD:…`, upper-case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

/// Why something is not a certificate that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// It is something else, and recognised.
    #[error("expected an X.509 certificate, found {found}")]
    WrongKind {
        /// What it is: `a private key`, `a PKCS#7 bundle`, `a certificate signing request`, ….
        found: &'static str,
    },
    /// Not readable as a certificate.
    #[error("not an X.509 certificate: {reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// Several certificates where one is asked for; see [`Certificate::parse_all`].
    #[error("expected one certificate, found {count}")]
    Several {
        /// How many there are.
        count: usize,
    },
    /// The certificate is readable and its key cannot be used.
    #[error("the certificate's key cannot be used: {0}")]
    KeyNotSupported(#[source] KeyError),
}

impl Certificate {
    /// Reads one certificate: PEM with any text around it, the base64 text of the DER with any white space,
    /// or the DER itself.
    ///
    /// # Errors
    /// [`CertificateError::WrongKind`] names a private key, PKCS#7 bundle, signing request or public key that
    /// was given instead, or along with the certificate; [`CertificateError::Several`] counts certificates if
    /// there is more than one; the rest as for [`Certificate::from_der`].
    pub fn parse(input: &[u8]) -> Result<Self, CertificateError> {
        let mut certificates = Self::parse_all(input)?;
        match (certificates.pop(), certificates.len()) {
            (Some(certificate), 0) => Ok(certificate),
            (_, others) => Err(CertificateError::Several { count: others + 1 }),
        }
    }

    /// Reads every certificate of a PEM bundle in order, or one certificate in the other forms of
    /// [`Certificate::parse`]. Never empty.
    ///
    /// # Errors
    /// As for [`Certificate::parse`]. One unreadable certificate fails the bundle.
    pub fn parse_all(input: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let input = input.strip_prefix(BYTE_ORDER_MARK).unwrap_or(input);
        let mut certificates = Vec::new();
        for block in Blocks::new(input) {
            certificates
                .push(Self::from_pem_block(&block.map_err(|_| invalid("the PEM block has no end"))?)?);
        }
        if certificates.is_empty() {
            certificates.push(Self::from_der_or_base64(input)?);
        }
        Ok(certificates)
    }

    /// Reads a DER `Certificate` (RFC 5280 §4.1).
    ///
    /// # Errors
    /// [`CertificateError::WrongKind`] names another structure that the bytes are,
    /// [`CertificateError::KeyNotSupported`] a key that is never accepted; everything else is
    /// [`CertificateError::Invalid`].
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let fields = Fields::read(der).map_err(|error| match recognise(der) {
            Some(found) => CertificateError::WrongKind { found },
            None => invalid(error),
        })?;
        Ok(Self {
            der: der.to_vec(),
            sha256: Fingerprint::of(der),
            public_key: PublicKey::from_spki_der(fields.public_key)
                .map_err(CertificateError::KeyNotSupported)?,
            not_before: timestamp(fields.not_before)?,
            not_after: timestamp(fields.not_after)?,
            subject: subject(fields.subject).unwrap_or_default(),
        })
    }

    /// The certificate as DER, exactly as it was given.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The SHA-256 digest of the DER, by which consoles name a certificate.
    #[must_use]
    pub fn sha256(&self) -> Fingerprint {
        self.sha256
    }

    /// The key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The first instant of the validity period.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last second of the validity period.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// The subject's name for people to read, as in RFC 4514; empty when it has none that can be shown. It
    /// says nothing about trust.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    fn from_pem_block(block: &Block<'_>) -> Result<Self, CertificateError> {
        if block.is_certificate() {
            return Self::from_der(&block.decode().map_err(invalid)?);
        }
        let found = match block.label {
            label if label.ends_with("PRIVATE KEY") => PRIVATE_KEY,
            "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS" => PKCS7,
            label if label.ends_with("CERTIFICATE REQUEST") => SIGNING_REQUEST,
            label if label.ends_with("PUBLIC KEY") => PUBLIC_KEY,
            "X509 CRL" => "a certificate revocation list",
            _ => "a PEM block of another kind",
        };
        Err(CertificateError::WrongKind { found })
    }

    fn from_der_or_base64(input: &[u8]) -> Result<Self, CertificateError> {
        if input.first() == Some(&DER_SEQUENCE) && !input.iter().all(|byte| is_base64(*byte)) {
            return Self::from_der(input);
        }
        match input.iter().find(|byte| !encoding::is_white_space(**byte)) {
            None => Err(invalid("it is empty")),
            Some(b'<') => Err(CertificateError::WrongKind { found: "XML or HTML" }),
            Some(_) => {
                let decoded = encoding::base64_decode(input).map_err(invalid)?;
                if decoded.starts_with(b"-----BEGIN ") {
                    return Err(CertificateError::WrongKind { found: "base64 of a PEM file" });
                }
                Self::from_der(&decoded)
            }
        }
    }
}

impl Fingerprint {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut value = [0; 32];
        let digest = digest(DigestAlgorithm::Sha256, bytes);
        value.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
        Self(value)
    }
}

impl CertificateError {
    /// The rule that failed: `crypto.certificate_wrong_kind`, `crypto.certificate_invalid`,
    /// `crypto.certificate_several` or the code of the [`KeyError`]. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongKind { .. } => "crypto.certificate_wrong_kind",
            Self::Invalid { .. } => "crypto.certificate_invalid",
            Self::Several { .. } => "crypto.certificate_several",
            Self::KeyNotSupported(key) => key.code(),
        }
    }
}

impl AsRef<[u8]> for Fingerprint {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ":" };
            write!(f, "{separator}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, kind, not_after) = (&self.subject, self.public_key.kind(), self.not_after);
        write!(f, "Certificate({subject:?}, {kind}, until {not_after}, SHA-256 {})", self.sha256)
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encoding::base64_encode(&self.der))
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?.as_bytes()).map_err(de::Error::custom)
    }
}

/// The parts of a certificate that are used. The others are passed over as whole values, because certificates
/// that providers have signed with for years break the rules of RFC 5280 there: negative or overlong serial
/// numbers, extensions with wrong defaults, names with wrong string types.
struct Fields<'d> {
    not_before: AnyRef<'d>,
    not_after: AnyRef<'d>,
    subject: &'d [u8],
    public_key: &'d [u8],
}

impl<'d> Fields<'d> {
    fn read(der: &'d [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        let mut certificate = nested(&mut reader)?;
        reader.finish(())?;

        let mut tbs = nested(&mut certificate)?;
        let _signature_algorithm = tlv(&mut certificate, Tag::Sequence)?;
        let _signature = tlv(&mut certificate, Tag::BitString)?;
        certificate.finish(())?;

        let version = Tag::ContextSpecific { constructed: true, number: TagNumber::N0 };
        if tbs.peek_tag()? == version {
            tlv(&mut tbs, version)?;
        }
        let _serial_number = tlv(&mut tbs, Tag::Integer)?;
        let _signature = tlv(&mut tbs, Tag::Sequence)?;
        let _issuer = tlv(&mut tbs, Tag::Sequence)?;
        let mut validity = nested(&mut tbs)?;
        let not_before = validity.decode()?;
        let not_after = validity.decode()?;
        validity.finish(())?;
        let subject = tlv(&mut tbs, Tag::Sequence)?;
        let public_key = tlv(&mut tbs, Tag::Sequence)?;
        Ok(Self { not_before, not_after, subject, public_key })
    }
}

/// A reader over the content of the sequence that comes next.
fn nested<'d>(reader: &mut SliceReader<'d>) -> der::Result<SliceReader<'d>> {
    let header = Header::decode(reader)?;
    header.tag.assert_eq(Tag::Sequence)?;
    SliceReader::new(reader.read_slice(header.length)?)
}

/// The whole value that comes next, if it has this tag.
fn tlv<'d>(reader: &mut SliceReader<'d>, tag: Tag) -> der::Result<&'d [u8]> {
    reader.peek_tag()?.assert_eq(tag)?;
    reader.tlv_bytes()
}

/// The name as text, unless it breaks the rules of RFC 5280 too badly.
fn subject(der: &[u8]) -> Option<String> {
    let name = Name::from_der(der).ok()?;
    let mut text = String::new();
    write!(text, "{name}").ok()?;
    Some(text)
}

/// RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` of the years 1950 to 2049 or `YYYYMMDDHHMMSSZ`.
fn timestamp(time: AnyRef<'_>) -> Result<Timestamp, CertificateError> {
    let unreadable = || invalid("a date of the validity period is unreadable");
    let (year_digits, text) = match time.tag() {
        Tag::UtcTime => (2, time.value()),
        Tag::GeneralizedTime => (4, time.value()),
        _ => return Err(unreadable()),
    };
    let digits = text.strip_suffix(b"Z").filter(|digits| digits.len() == year_digits + 10);
    let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_digit)).ok_or_else(unreadable)?;
    let (year, rest) = digits.split_at(year_digits);
    let year = match (year_digits, number(year)) {
        (2, year @ ..50) => year + 2000,
        (2, year) => year + 1900,
        (_, year) => year,
    };
    let mut pairs = rest.chunks(2).map(number);
    let mut pair = || pairs.next().unwrap_or_default();
    Timestamp::from_civil(year, pair(), pair(), pair(), pair(), pair())
        .map_err(|error: TimeError| invalid(format!("{}: {error}", unreadable())))
}

/// INVARIANT (digits): callers have checked that these are at most four ASCII digits.
fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + u32::from(digit & 0x0f))
}

/// What DER that is no certificate looks like, from its first fields.
fn recognise(der: &[u8]) -> Option<&'static str> {
    let mut outer = nested(&mut SliceReader::new(der).ok()?).ok()?;
    match outer.peek_tag().ok()? {
        Tag::ObjectIdentifier if ObjectIdentifier::decode(&mut outer).ok()? == SIGNED_DATA => Some(PKCS7),
        Tag::Integer => match u8::decode(&mut outer).ok()? {
            3 => Some("a PKCS#12 file"),
            // PKCS#8, PKCS#1 and SEC 1.
            0 | 1 => Some(PRIVATE_KEY),
            _ => None,
        },
        Tag::Sequence => {
            let mut inner = nested(&mut outer).ok()?;
            match inner.peek_tag().ok()? {
                Tag::ObjectIdentifier if outer.peek_tag().ok()? == Tag::BitString => Some(PUBLIC_KEY),
                Tag::ObjectIdentifier if outer.peek_tag().ok()? == Tag::OctetString => Some(PRIVATE_KEY),
                // The version of a request is followed by the subject, that of a certificate is tagged.
                Tag::Integer => {
                    inner.tlv_bytes().ok()?;
                    inner.tlv_bytes().ok()?;
                    let key = inner.tlv_bytes().ok()?;
                    PublicKey::from_spki_der(key).is_ok().then_some(SIGNING_REQUEST)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') || encoding::is_white_space(byte)
}

fn invalid(reason: impl fmt::Display) -> CertificateError {
    CertificateError::Invalid { reason: reason.to_string() }
}

const PRIVATE_KEY: &str = "a private key";
const PKCS7: &str = "a PKCS#7 bundle";
const SIGNING_REQUEST: &str = "a certificate signing request";
const PUBLIC_KEY: &str = "a public key without a certificate";
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const DER_SEQUENCE: u8 = 0x30;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
