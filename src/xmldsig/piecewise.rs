use super::signature::Signature;
use super::{Error, HashSink, NAMESPACE, SignaturePolicy, VerifiedElement};
use crate::crypto::{TrustedKeys, constant_time_eq};
use crate::limits::{Budget, Limits};
use crate::xml::{Document, Element, PieceWriter, Read as _};

/// The digest over an element that is too long to be kept: it comes in pieces, in document order, and each is
/// hashed as it comes. Rules S2 to S11 are checked before the first, S13 behind the last.
pub(crate) struct Piecewise {
    writer: PieceWriter,
    hash: HashSink,
    digest_value: Vec<u8>,
}

/// A piece that has been hashed.
pub(crate) struct Hashed(Document);

/// The digest was the one that was signed.
pub(crate) struct Intact(());

impl Piecewise {
    /// Reads the signature of the element that begins with `tag` and goes on to its start tag. The signature itself
    /// is left out of the digest and must not be given.
    ///
    /// That no other element has the same ID (S5) is for the caller to see.
    pub(crate) fn begin(
        tag: Document,
        signature: Element<'_>,
        keys: &TrustedKeys,
        policy: SignaturePolicy,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<(Self, Hashed), Error> {
        let signature = Signature::read(signature)?;
        signature.references(tag.root())?;
        signature.key(keys, policy, limits, budget)?;
        let mut piecewise = Self {
            writer: PieceWriter::new(&signature.prefixes),
            hash: HashSink::new(signature.digest),
            digest_value: signature.digest_value,
        };
        let tag = piecewise.start(tag);
        Ok((piecewise, tag))
    }

    /// A start tag whose content follows.
    pub(crate) fn start(&mut self, tag: Document) -> Hashed {
        self.writer.start(tag.root(), &mut self.hash);
        Hashed(tag)
    }

    /// Text.
    pub(crate) fn text(&mut self, text: &str) {
        self.writer.text(text, &mut self.hash);
    }

    /// A child element.
    pub(crate) fn element(&mut self, element: Element<'_>) -> Result<(), Error> {
        // S1: a second signature.
        if self.writer.depth() == 1 && element.is(NAMESPACE, "Signature") {
            return Err(Error::Count { count: 2 });
        }
        self.writer.element(element, &mut self.hash);
        Ok(())
    }

    /// A child element that is to be read, which is no signature.
    pub(crate) fn keep(&mut self, document: Document) -> Hashed {
        self.writer.element(document.root(), &mut self.hash);
        Hashed(document)
    }

    /// The end of what was started last.
    pub(crate) fn end(&mut self) {
        self.writer.end(&mut self.hash);
    }

    /// S13: what was hashed, all of it, is what was signed.
    pub(crate) fn finish(self) -> Result<Intact, Error> {
        match constant_time_eq(self.hash.finish().as_ref(), &self.digest_value) {
            true => Ok(Intact(())),
            false => Err(Error::DigestMismatch),
        }
    }
}

impl Hashed {
    /// The element.
    ///
    /// INVARIANT (one digest): a host's call has one `Piecewise`, so what is intact is what this piece went into.
    pub(crate) fn verified(&self, _: &Intact) -> VerifiedElement<'_> {
        VerifiedElement { element: self.0.root(), signature: None }
    }
}
