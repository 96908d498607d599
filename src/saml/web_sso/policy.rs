use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::crypto::Legacy;
use crate::limits::Limits;
use crate::time::Skew;
use crate::version::Version;
use crate::xmlenc::{EncryptionPolicy, Use};

/// How strictly a response is judged. The default is what the standard asks for and what current identity
/// providers fulfil; every other value is a named deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    version: Version<1>,
    /// Whether a response that nobody asked for is accepted.
    pub idp_initiated: IdpInitiated,
    /// Which elements must carry a signature of their own.
    pub signed: Signed,
    /// Allowed difference of clocks, in both directions; 180 s. Above 600 s each response gets the note
    /// `saml.clock_skew_large`.
    pub clock_skew: Skew,
    /// SHA-1 and short RSA keys.
    pub weak_signatures: WeakSignatures,
    /// Key transport by RSA PKCS#1 v1.5.
    pub rsa_1_5: Rsa15,
    /// Content encryption by AES-CBC.
    pub cbc: Cbc,
    /// What the validity dates of the identity provider's certificate decide.
    pub certificates: CertificateDates,
    /// Which texts lose white space at their ends.
    pub trim: Trim,
    /// Whether a subject must be named.
    pub name_id: NameIdRequirement,
    /// Redirect messages that are not deflated.
    pub undeflated_redirect: UndeflatedRedirect,
    /// How long ago the person may have authenticated, in whole seconds; no bound by default.
    #[serde(with = "seconds")]
    pub max_authn_age: Option<Duration>,
    /// Bounds on sizes. Not part of a stored policy.
    #[serde(skip)]
    pub limits: Limits,
}

/// Whether a response without request is accepted (Profiles 4.1.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdpInitiated {
    /// No: whoever can make a person post a form could sign that person in as somebody else.
    #[default]
    Deny,
    /// A response without InResponseTo is accepted. One that carries it must still answer the request that is
    /// outstanding.
    Allow,
}

/// Which elements must carry a signature of their own. Every signature that is there must be valid, and what
/// is read is covered by one, whatever is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signed {
    /// The Assertion or the Response around it.
    #[default]
    Either,
    /// The Assertion.
    Assertion,
    /// The Response.
    Response,
    /// The Assertion and the Response.
    Both,
}

/// Signatures that are sound only in retrospect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeakSignatures {
    /// They do not count.
    #[default]
    Refuse,
    /// RSA-SHA1, SHA-1 digests and RSA keys of 1024 to 2047 bits count, for providers that cannot be brought to
    /// sign otherwise. An attacker with means can forge them. Each use gets the note `saml.weak_algorithm`.
    DangerAllow,
}

/// Key transport by RSA PKCS#1 v1.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rsa15 {
    /// Refused: it is open to padding oracles.
    #[default]
    Refuse,
    /// Accepted, for providers that know nothing else. Each use gets the note `saml.weak_algorithm`.
    DangerAllow,
}

/// Content encryption by AES-CBC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cbc {
    /// Accepted, with one error that tells nothing for every failure where no signature covers the ciphertext. How
    /// long the answer takes may still tell something to whoever can send many changed messages: ask for GCM or for
    /// signed Responses, and limit the rate of failures. Each use gets the note `saml.weak_algorithm`.
    #[default]
    Allow,
    /// Refused.
    Refuse,
}

/// What the validity dates of the signing certificate decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateDates {
    /// A note: a certificate in metadata is a container for a key (Metadata Interoperability Profile 2.6).
    #[default]
    Ignore,
    /// Refusal outside of the dates.
    Enforce,
}

/// Which texts lose XML white space at both ends before they are compared or returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trim {
    /// Issuer and Audience, which administrators paste.
    #[default]
    Names,
    /// Those, and NameID and attribute values too.
    NamesAndValues,
    /// None.
    Nothing,
}

/// Whether a subject must have a NameID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameIdRequirement {
    /// It must.
    #[default]
    Required,
    /// It need not: the mapping then takes an attribute for an identifier.
    Optional,
}

/// Redirect messages that are not deflated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndeflatedRedirect {
    /// Refused: the binding asks for DEFLATE.
    #[default]
    Refuse,
    /// Accepted, for older senders. The signature covers the query in either form.
    Accept,
}

impl Policy {
    /// The default policy.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn encryption(&self) -> EncryptionPolicy {
        EncryptionPolicy {
            cbc: match self.cbc {
                Cbc::Allow => Use::Allow,
                Cbc::Refuse => Use::Refuse,
            },
            rsa_1_5: match self.rsa_1_5 {
                Rsa15::DangerAllow => Use::Allow,
                Rsa15::Refuse => Use::Refuse,
            },
        }
    }

    pub(crate) fn legacy(&self) -> Legacy {
        match self.weak_signatures {
            WeakSignatures::Refuse => Legacy::Refuse,
            WeakSignatures::DangerAllow => Legacy::Allow,
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: Version,
            idp_initiated: IdpInitiated::default(),
            signed: Signed::default(),
            clock_skew: Skew::from_secs(180),
            weak_signatures: WeakSignatures::default(),
            rsa_1_5: Rsa15::default(),
            cbc: Cbc::default(),
            certificates: CertificateDates::default(),
            trim: Trim::default(),
            name_id: NameIdRequirement::default(),
            undeflated_redirect: UndeflatedRedirect::default(),
            max_authn_age: None,
            limits: Limits::default(),
        }
    }
}

mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(age: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
        age.map(|age| age.as_secs()).serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_secs))
    }
}
