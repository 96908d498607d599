use crate::limits::LimitExceeded;

/// Why an element does not count as signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// S1: more than one signature over one element.
    #[error("{count} signatures stand in one element")]
    Count {
        /// How many.
        count: usize,
    },
    /// S2, S3: a child, attribute or text that the profile does not have, or one that is missing.
    #[error("the signature has another shape than the profile: {rule}")]
    Shape {
        /// What the profile says.
        rule: &'static str,
    },
    /// S3: not exactly one reference.
    #[error("the signature has {count} references")]
    ReferenceCount {
        /// How many.
        count: usize,
    },
    /// S4: the reference does not name the element by `#` and its ID.
    #[error("the signature refers to something else than its parent")]
    ReferenceUri {
        /// `#` and the parent's ID.
        expected: String,
        /// The URI.
        actual: Option<String>,
    },
    /// S5: the ID belongs to another element.
    #[error("the signature's reference leads to another element")]
    ReferenceTarget {
        /// The ID.
        id: String,
    },
    /// S6, S7: other transforms than enveloped signature and exclusive canonicalisation.
    #[error("a transform is not allowed")]
    Transform {
        /// The transform's algorithm, or the parameter that breaks the rule.
        actual: String,
    },
    /// S8: another canonicalisation than the exclusive one without comments.
    #[error("a canonicalisation is not allowed")]
    Canonicalization {
        /// The method's algorithm.
        actual: String,
    },
    /// S9: the signature or digest algorithm is unknown, or weak and the policy does not allow it.
    #[error("an algorithm is not allowed")]
    AlgorithmNotAllowed {
        /// The algorithm's URI.
        algorithm: String,
    },
    /// S9: no trusted key has the type that the algorithm needs.
    #[error("no trusted key fits the signature's algorithm")]
    KeyType {
        /// The types of the trusted keys.
        expected: Vec<String>,
        /// The algorithm's URI.
        algorithm: String,
    },
    /// S9: the only fitting keys are too short.
    #[error("the trusted key of {bits} bits is too short")]
    WeakKey {
        /// Bits of the longest fitting key.
        bits: usize,
    },
    /// S11: no trusted key made the signature.
    #[error("no trusted key made the signature")]
    SignatureInvalid {
        /// SHA-256 of the certificates (or bare keys) that were tried.
        tried: Vec<String>,
        /// SHA-256 of the certificate that the signature itself carries, if any. It is not trusted.
        embedded: Option<String>,
    },
    /// S13: the element was changed after it was signed.
    #[error("the element is not the one that was signed")]
    DigestMismatch,
    /// Feature `xmlsec`: libxmlsec1 does not find the signature that passed every rule above. The two engines
    /// see different documents: please report it.
    #[error("the second lock disagrees: {step}")]
    SecondLockDisagrees {
        /// Where the two part.
        step: &'static str,
    },
    /// Feature `xmlsec`: the installed libxmlsec1 cannot verify the signature, right or wrong.
    #[error("the second lock does not support {what}")]
    SecondLockUnsupported {
        /// The algorithm's URI, or the parameter that libxmlsec1 misreads.
        what: String,
    },
    /// More signatures or keys than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}

impl Error {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Count { .. } => "saml.signature_count",
            Self::Shape { .. } => "saml.signature_shape",
            Self::ReferenceCount { .. } => "saml.reference_count",
            Self::ReferenceUri { .. } => "saml.reference_uri",
            Self::ReferenceTarget { .. } => "saml.reference_target",
            Self::Transform { .. } => "saml.transform_not_allowed",
            Self::Canonicalization { .. } => "saml.c14n_not_allowed",
            Self::AlgorithmNotAllowed { .. } | Self::WeakKey { .. } => "saml.algorithm_not_allowed",
            Self::KeyType { .. } => "saml.key_type_mismatch",
            Self::SignatureInvalid { .. } => "saml.signature_invalid",
            Self::DigestMismatch => "saml.digest_mismatch",
            Self::SecondLockDisagrees { .. } => "saml.second_lock_disagrees",
            Self::SecondLockUnsupported { .. } => "saml.second_lock_unsupported",
            Self::Limit(_) => "saml.xml_limit",
        }
    }
}
