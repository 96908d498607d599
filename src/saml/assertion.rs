//! [`ValidAssertion`]: a sign-in that has passed every rule, and the names in it.

use serde::{Deserialize, Serialize};

use super::names::{self, name_id_format};
use crate::claims::{Claims, Stability, SubjectId};
use crate::crypto::{Fingerprint, SignatureAlgorithm};
use crate::note::Note;
use crate::time::Timestamp;
use crate::xml::{Read, Writer};

/// An assertion whose signature and content have passed every check of
/// [`web_sso::finish`](super::web_sso::finish).
///
/// Its [`replay`](Self::replay) token must be stored once before anybody is signed in: until then the same
/// response could be posted again.
#[derive(Clone, Debug)]
#[must_use = "the replay token must be stored before somebody is signed in"]
pub struct ValidAssertion {
    pub(super) assertion_id: String,
    pub(super) claims: Claims,
    pub(super) name_id: Option<NameId>,
    pub(super) solicited: Solicited,
    pub(super) authn: Vec<AuthnStatement>,
    pub(super) attribute_name_ids: Vec<(String, NameId)>,
    pub(super) address: Option<String>,
    pub(super) replay: Replay,
    pub(super) signed_by: Fingerprint,
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) notes: Vec<Note>,
}

/// A name identifier with its qualifiers, exactly as signed (Core 2.2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameId {
    /// The identifier.
    pub value: String,
    /// Its format, a URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The domain that qualifies it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_qualifier: Option<String>,
    /// The service provider it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sp_name_qualifier: Option<String>,
    /// The identifier that the service provider gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sp_provided_id: Option<String>,
}

/// Whether the sign-in answers a request of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Solicited {
    /// It answers the outstanding request.
    Solicited,
    /// The identity provider began it, and the policy allows that.
    Unsolicited,
}

/// One act of authentication (Core 2.7.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnStatement {
    /// When the person authenticated.
    pub authn_instant: Timestamp,
    /// The session at the identity provider, for logout.
    pub session_index: Option<String>,
    /// When the session must end here.
    pub session_not_on_or_after: Option<Timestamp>,
    /// How the person authenticated, a URI.
    pub authn_context_class_ref: Option<String>,
    /// Providers that took part in between.
    pub authenticating_authorities: Vec<String>,
}

/// What the host stores once, under a unique key of `issuer` and `assertion_id`, until `keep_until`. A second
/// sight of the same pair is the error `saml.replayed`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use = "store the token, or the same response can be posted again"]
pub struct Replay {
    /// The identity provider.
    pub issuer: String,
    /// The assertion.
    pub assertion_id: String,
    /// From then on the assertion is refused by its own dates, skew included.
    pub keep_until: Timestamp,
    /// The identity provider asks that the assertion be used once and not kept (Core 2.5.1.5).
    pub one_time_use: bool,
}

impl ValidAssertion {
    /// Issuer, subject and attributes, for [`profile::map`](crate::profile::map).
    ///
    /// Where the policy accepts a subject without NameID, the subject is the assertion's own ID, marked
    /// [`Stability::Transient`], which can never match an account.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The identity provider's entity ID.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.claims.issuer()
    }

    /// The assertion's ID.
    #[must_use]
    pub fn assertion_id(&self) -> &str {
        &self.assertion_id
    }

    /// The subject's name; `None` only under [`NameIdRequirement::Optional`](super::web_sso::NameIdRequirement).
    #[must_use]
    pub fn name_id(&self) -> Option<&NameId> {
        self.name_id.as_ref()
    }

    /// Whether the sign-in answers our request.
    #[must_use]
    pub fn solicited(&self) -> Solicited {
        self.solicited
    }

    /// Every authentication statement; at least one.
    #[must_use]
    pub fn authn_statements(&self) -> &[AuthnStatement] {
        &self.authn
    }

    /// When the session must end at the latest: the earliest SessionNotOnOrAfter.
    #[must_use]
    pub fn session_not_on_or_after(&self) -> Option<Timestamp> {
        self.authn.iter().filter_map(|statement| statement.session_not_on_or_after).min()
    }

    /// Name identifiers that stand inside values of the attribute of this name (eduPersonTargetedID).
    pub fn attribute_name_ids<'a>(&'a self, attribute: &str) -> impl Iterator<Item = &'a NameId> {
        self.attribute_name_ids.iter().filter(move |(name, _)| name == attribute).map(|(_, name_id)| name_id)
    }

    /// The address of the person's browser as the identity provider saw it. It is not compared with anything.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// What to store so that this assertion is used once.
    pub fn replay(&self) -> &Replay {
        &self.replay
    }

    /// SHA-256 of the certificate, or of the bare key, that made the signature.
    #[must_use]
    pub fn signed_by(&self) -> Fingerprint {
        self.signed_by
    }

    /// The algorithm of that signature.
    #[must_use]
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }

    /// What was noticed and did not change the outcome.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

impl NameId {
    pub(crate) fn read<'d>(element: impl Read<'d>) -> Self {
        let attribute = |name| element.attribute(name).map(str::to_owned);
        Self {
            value: element.all_text().into_owned(),
            format: attribute("Format"),
            name_qualifier: attribute("NameQualifier"),
            sp_name_qualifier: attribute("SPNameQualifier"),
            sp_provided_id: attribute("SPProvidedID"),
        }
    }

    /// Writes it exactly as it was received.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.start("saml:NameID");
        writer.optional("NameQualifier", self.name_qualifier.as_deref());
        writer.optional("SPNameQualifier", self.sp_name_qualifier.as_deref());
        writer.optional("Format", self.format.as_deref());
        writer.optional("SPProvidedID", self.sp_provided_id.as_deref());
        writer.text(&self.value).end();
    }

    /// The identifier as the part of an account's key.
    #[must_use]
    pub fn subject_id(&self) -> SubjectId {
        let transient = self.format.as_deref() == Some(name_id_format::TRANSIENT);
        SubjectId {
            value: self.value.clone(),
            format: self.format.clone(),
            name_qualifier: self.name_qualifier.clone(),
            sp_name_qualifier: self.sp_name_qualifier.clone(),
            stability: if transient { Stability::Transient } else { Stability::Stable },
        }
    }
}

/// Whether an element is of the assertion namespace and has this name.
pub(super) fn is<'d>(element: impl Read<'d>, local_name: &str) -> bool {
    element.is(names::SAML, local_name)
}
