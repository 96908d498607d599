//! XML signatures as SAML uses them: one enveloped signature over one element, and nothing else of
//! XML Signature.
//!
//! [`verify`] is the only way to a [`VerifiedElement`], and whatever reads a signed message reads that. The
//! keys come from the caller; the signature's own `KeyInfo` can at most say which of them to try first.
//! Canonicalisation, digest and reading walk the same nodes of one [`Document`].
//!
//! Rule numbers S1 to S14 stand at the checks: shape (S1–S7) and algorithms (S8, S9) before any
//! cryptography, then the signature value (S11), then the digest (S13).

mod algorithms;
mod error;
mod keys;
mod piecewise;
#[cfg(feature = "xmlsec")]
mod second_lock;
mod sign;
mod signature;

use std::borrow::Cow;

use crate::crypto::{
    DigestAlgorithm, Hasher, Legacy, SignatureAlgorithm, TrustedKey, TrustedKeys, constant_time_eq,
};
use crate::limits::{Budget, Limits, Resource};
use crate::xml::{Attribute, Canonical, Document, Element, Fragment, Read, Sink, canonicalize};
use keys::Made;
use signature::Signature;

pub use algorithms::{signature_algorithm, signature_algorithm_uri};
pub use error::Error;
pub(crate) use piecewise::{Hashed, Intact, Piecewise};
pub use sign::{Placement, Signing, SigningError, sign};

/// The namespace of XML Signature.
pub const NAMESPACE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Which signatures count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignaturePolicy {
    /// SHA-1 and RSA keys of 1024 to 2047 bits.
    pub legacy: Legacy,
}

/// An element that a trusted key has signed. It leads to what the signature covers and nowhere else: the
/// signature itself is left out, as it was from the digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedElement<'d> {
    element: Element<'d>,
    /// None where the signature stands outside of the document: around a plaintext, beside a message, or in another
    /// piece.
    signature: Option<Element<'d>>,
}

/// What [`verify`] found out.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'d, 'k> {
    /// The signed element.
    pub element: VerifiedElement<'d>,
    /// The key that signed it.
    pub key: &'k TrustedKey,
    /// The signature's algorithm.
    pub algorithm: SignatureAlgorithm,
    /// The digest over the element.
    pub digest: DigestAlgorithm,
}

/// Verifies the signature that an element carries; `None` when it carries none.
///
/// Checked, in this order: exactly one signature as direct child (S1) with exactly the children that the
/// profile has (S2, S3); one reference, to this element by its `ID` (S4, S5); the transforms enveloped
/// signature and exclusive canonicalisation (S6, S7); the canonicalisation method (S8); algorithms that are
/// allowed and fit a trusted key (S9); the signature value under one of `keys` (S10, S11); the digest of the
/// element without the signature (S13), full length.
///
/// With the feature `xmlsec`, libxmlsec1 then verifies the same signature over the same element with the same
/// key, and its answer must be the same. It can only refuse: what you read stays this document.
///
/// Which algorithm counts is decided by the type of the trusted key and by `policy`. `KeyInfo` supplies no key.
///
/// # Errors
/// [`Error`], the first rule that failed.
pub fn verify<'d, 'k>(
    element: Element<'d>,
    keys: &'k TrustedKeys,
    policy: SignaturePolicy,
    limits: &Limits,
    budget: &mut Budget,
) -> Result<Option<Verified<'d, 'k>>, Error> {
    let Some(node) = signature_of(element)? else { return Ok(None) };
    let signature = Signature::read(node)?;
    signature.references(element)?;
    let key = signature.key(keys, policy, limits, budget)?;

    // S13: the digest of the element with exactly this signature left out.
    let form = Canonical { prefix_list: &signature.prefixes, without: Some(node) };
    let mut hash = HashSink::new(signature.digest);
    canonicalize(element, &form, &mut hash);
    if !constant_time_eq(hash.finish().as_ref(), &signature.digest_value) {
        return Err(Error::DigestMismatch);
    }
    #[cfg(feature = "xmlsec")]
    second_lock::confirm(element, &signature, key.key())?;
    Ok(Some(Verified {
        element: VerifiedElement { element, signature: Some(node) },
        key,
        algorithm: signature.algorithm,
        digest: signature.digest,
    }))
}

/// What [`verify_octets`] found out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifiedOctets<'k> {
    /// The key that made the signature.
    pub(crate) key: &'k TrustedKey,
    /// The signature's algorithm.
    pub(crate) algorithm: SignatureAlgorithm,
}

impl VerifiedOctets<'_> {
    /// The root of the document that the octets hold, all of which they cover.
    ///
    /// INVARIANT (octets hold the document): the caller has parsed `document` out of the very octets that were
    /// verified, and out of nothing else.
    pub(crate) fn root<'d>(&self, document: &'d Document) -> VerifiedElement<'d> {
        VerifiedElement { element: document.root(), signature: None }
    }
}

/// Verifies a signature that stands beside what it signs (Bindings 3.4.4.1), by rules S9 to S11.
pub(crate) fn verify_octets<'k>(
    octets: &[u8],
    algorithm: &str,
    signature: &[u8],
    keys: &'k TrustedKeys,
    policy: SignaturePolicy,
    limits: &Limits,
    budget: &mut Budget,
) -> Result<VerifiedOctets<'k>, Error> {
    let not_allowed = || Error::AlgorithmNotAllowed { algorithm: algorithm.chars().take(256).collect() };
    let known = signature_algorithm(algorithm).ok_or_else(not_allowed)?;
    if !known.is_allowed(policy.legacy) {
        return Err(not_allowed());
    }
    budget.spend(Resource::Signatures, 1, limits.signatures)?;
    let made = Made { algorithm: known, algorithm_uri: algorithm, octets, value: signature };
    let key = made.find_key(keys, None, policy, limits, budget)?;
    Ok(VerifiedOctets { key, algorithm: known })
}

/// The signature that an element carries as direct child, unverified.
///
/// # Errors
/// [`Error::Count`] when there are two (S1).
pub fn signature_of(element: Element<'_>) -> Result<Option<Element<'_>>, Error> {
    let mut signatures = element.children().filter(|child| child.is(NAMESPACE, "Signature"));
    let first = signatures.next();
    match signatures.count() {
        0 => Ok(first),
        more => Err(Error::Count { count: more + 1 }),
    }
}

impl<'d> VerifiedElement<'d> {
    fn covered(self, element: Element<'d>) -> Option<Self> {
        (self.signature != Some(element)).then_some(Self { element, signature: self.signature })
    }

    /// What this element decrypts to: signed as its ciphertext is. `None` for the plaintext of another element.
    ///
    /// INVARIANT (plaintext is covered): a fragment is made by `xmlenc` alone, out of the ciphertext inside its
    /// place. The place is this element, all of which the signature covers: whoever signed it has said what the
    /// ciphertext is, and thereby what a private key of ours makes of it.
    pub(crate) fn decrypted<'p>(self, plaintext: &'p Fragment<'_>) -> Option<VerifiedElement<'p>> {
        self.is_node(plaintext.place())
            .then(|| VerifiedElement { element: plaintext.root(), signature: None })
    }

    /// The element without what is known of it, for where untrusted ones are taken too.
    pub(crate) fn unverified(self) -> Element<'d> {
        self.element
    }

    /// Whether the two elements are one and the same node.
    pub(crate) fn is_node(self, element: Element<'_>) -> bool {
        self.element == element
    }
}

impl<'d> Read<'d> for VerifiedElement<'d> {
    fn namespace(self) -> Option<&'d str> {
        self.element.namespace()
    }

    fn local_name(self) -> &'d str {
        self.element.local_name()
    }

    fn qualified_name(self) -> &'d str {
        self.element.qualified_name()
    }

    fn attributes(self) -> impl Iterator<Item = Attribute<'d>> {
        self.element.attributes()
    }

    fn children(self) -> impl Iterator<Item = Self> {
        self.element.children().filter_map(move |child| self.covered(child))
    }

    fn text(self) -> Cow<'d, str> {
        self.element.text()
    }

    fn all_text(self) -> Cow<'d, str> {
        match self.signature {
            Some(signature) => self.element.all_text_without(signature),
            None => self.element.all_text(),
        }
    }
}

/// Digests canonical bytes in pieces large enough for the digest to run at full speed.
struct HashSink {
    hasher: Hasher,
    pending: Vec<u8>,
}

impl HashSink {
    const PENDING: usize = 16 * 1024;

    fn new(algorithm: DigestAlgorithm) -> Self {
        Self { hasher: Hasher::new(algorithm), pending: Vec::with_capacity(Self::PENDING) }
    }

    fn finish(mut self) -> crate::crypto::Digest {
        self.hasher.update(&self.pending);
        self.hasher.finish()
    }
}

impl Sink for HashSink {
    fn write(&mut self, bytes: &[u8]) {
        if self.pending.len() + bytes.len() > Self::PENDING {
            self.hasher.update(&self.pending);
            self.pending.clear();
            if bytes.len() > Self::PENDING {
                return self.hasher.update(bytes);
            }
        }
        self.pending.extend_from_slice(bytes);
    }
}
