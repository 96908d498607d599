//! Encrypted assertions, names and attributes (Core 2.2.4, 2.3.4, 2.7.3.2, 6).
//!
//! What is decrypted is read as if it stood in the place of its ciphertext, and is as trusted: an assertion by the
//! signature over the Response or by its own, a name or an attribute by the signature over what it stands in.

use super::error::Error;
use super::message::{Judge, Placed, expanded_name, refuse_misplaced};
use crate::limits::Budget;
use crate::note::Note;
use crate::saml::assertion::is;
use crate::xml::Element;
use crate::xmldsig::VerifiedElement;
use crate::xmlenc::{self, Cover, Plaintext};

/// Something that comes encrypted: the element around, and the only one that may be inside.
#[derive(Clone, Copy)]
pub(super) struct Encrypted {
    around: &'static str,
    inside: &'static str,
}

impl Encrypted {
    pub(super) const ASSERTION: Self = Self { around: "EncryptedAssertion", inside: "Assertion" };
    pub(super) const NAME_ID: Self = Self { around: "EncryptedID", inside: "NameID" };
    pub(super) const ATTRIBUTE: Self = Self { around: "EncryptedAttribute", inside: "Attribute" };
}

impl Judge<'_> {
    /// Opens an encrypted element that a signature covers.
    pub(super) fn decrypt_signed<'d>(
        &mut self,
        kind: Encrypted,
        element: VerifiedElement<'d>,
        budget: &mut Budget,
    ) -> Result<Plaintext<'d>, Error> {
        self.decrypt(kind, element.unverified(), Cover::Signed, budget)
    }

    /// Opens an encrypted element. Where the plaintext [hides errors](Plaintext::hides_errors), they are hidden here
    /// too, and the caller goes on.
    pub(super) fn decrypt<'d>(
        &mut self,
        kind: Encrypted,
        element: Element<'d>,
        cover: Cover,
        budget: &mut Budget,
    ) -> Result<Plaintext<'d>, Error> {
        let around = kind.around;
        let plaintext = self.decryption.open(element, cover, &self.policy.limits, budget).map_err(
            |error| match error {
                xmlenc::Error::Plaintext(error) => Error::Xml(error),
                xmlenc::Error::Limit(exceeded) => Error::Limit(exceeded),
                error => Error::Encryption { element: around, error },
            },
        )?;
        for algorithm in plaintext.weak_algorithms() {
            self.note(Note::new("saml.weak_algorithm").field(around).actual(*algorithm));
        }
        match refuse_others(kind, plaintext.root()) {
            Ok(()) => Ok(plaintext),
            Err(_) if plaintext.hides_errors() => Err(decryption_failed(kind)),
            Err(error) => Err(error),
        }
    }
}

/// E7: the one error that tells nothing.
pub(super) fn decryption_failed(kind: Encrypted) -> Error {
    Error::Encryption { element: kind.around, error: xmlenc::Error::Failed }
}

/// One element of the right kind, and in it no signature and no assertion but where they belong.
fn refuse_others(kind: Encrypted, root: Element<'_>) -> Result<(), Error> {
    if !is(root, kind.inside) {
        return Err(Error::SchemaViolation { parent: kind.around.to_owned(), child: expanded_name(root) });
    }
    let is_assertion = kind.inside == Encrypted::ASSERTION.inside;
    refuse_misplaced(root, |placed, element| {
        let is_own_signature = placed == Placed::Signature && element.parent() == Some(root);
        let mut around = std::iter::successors(element.parent(), |element| element.parent());
        let in_advice = around.any(|element| is(element, "Advice") && element.parent() == Some(root));
        is_assertion && (is_own_signature || in_advice)
    })
}
