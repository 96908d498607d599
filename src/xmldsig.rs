//! XML signatures as SAML uses them: one enveloped signature over one element, and nothing else of
//! XML Signature.
//!
//! [`verify`] is the only way to a [`VerifiedElement`], and whatever reads a signed message reads that. The
//! keys come from the caller; the signature's own `KeyInfo` can at most say which of them to try first.
//! Canonicalisation, digest and reading walk the same nodes of one [`Document`].
//!
//! Rule numbers S1 to S14 stand at the checks: shape (S1–S7) and algorithms (S8, S9) before any
//! cryptography, then the signature value (S11), then the digest (S13).

#[cfg(feature = "xmlsec")]
mod second_lock;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::crypto::{
    Certificate, DigestAlgorithm, Hasher, Legacy, SignError, SignatureAlgorithm, SigningKey, TrustedKey,
    TrustedKeys, VerifyError, constant_time_eq,
};
use crate::encoding::base64_decode;
use crate::limits::{Budget, LimitExceeded, Limits, Resource, XmlLimits};
use crate::xml::{
    self, Attribute, Canonical, Document, Element, Fragment, Profile, Read, Sink, WriteError, Writer,
    canonicalize,
};

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
    /// None where the signature stands outside of the document: around a plaintext, or beside a message.
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
    // S9: allowed at all.
    if !signature.algorithm.is_allowed(policy.legacy) {
        return Err(Error::AlgorithmNotAllowed { algorithm: signature.algorithm_uri.to_owned() });
    }
    if signature.digest == DigestAlgorithm::Sha1 && policy.legacy == Legacy::Refuse {
        return Err(Error::AlgorithmNotAllowed { algorithm: signature.digest_uri.to_owned() });
    }
    budget.spend(Resource::Signatures, 1, limits.signatures)?;

    // S10, S11: a trusted key made the signature over the canonical SignedInfo.
    let mut canonical = Vec::with_capacity(1024);
    let form = Canonical { prefix_list: &signature.signed_info_prefixes, without: None };
    canonicalize(signature.signed_info, &form, &mut canonical);
    let key = signature.find_key(&canonical, keys, policy, limits, budget)?;

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

/// What [`sign`] needs.
#[derive(Clone, Copy, Debug)]
pub struct Signing<'s> {
    /// `ID` of the element to sign.
    pub id: &'s str,
    /// Where the signature goes.
    pub placement: Placement,
    /// The private key.
    pub key: &'s SigningKey,
    /// The algorithm; [`SigningKey::default_algorithm`] fits every key.
    pub algorithm: SignatureAlgorithm,
    /// Put into `KeyInfo`, so that a receiver with several keys tries the right one first.
    pub certificate: Option<&'s Certificate>,
    /// InclusiveNamespaces prefixes of the reference, `""` for the default namespace. Rarely wanted.
    pub prefix_list: &'s [&'s str],
}

/// Where a signature stands among the children of the element it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// As first child: metadata.
    FirstChild,
    /// Behind the first child, which is the Issuer: protocol messages and assertions.
    AfterFirstChild,
    /// As last child: older peers.
    LastChild,
}

/// Adds an enveloped signature to a document.
///
/// The digest is the one of `signing.algorithm`. RSA PKCS#1 signatures are the same for the same input; PSS and
/// ECDSA draw randomness from the operating system inside `ring`.
///
/// # Errors
/// [`SigningError`]: the document is none, has no element with that `ID`, the element has no child where one
/// is needed, or the key does not fit the algorithm.
pub fn sign(document: Vec<u8>, signing: &Signing<'_>) -> Result<Vec<u8>, SigningError> {
    let parsed = xml::parse(document, Profile::Message, &XmlLimits::METADATA, &mut Budget::new())?;
    let element = parsed.element_by_id(signing.id).ok_or(SigningError::Target)?;
    let position = match signing.placement {
        Placement::FirstChild => element.content_start(),
        Placement::AfterFirstChild => element.children().next().ok_or(SigningError::Target)?.source().end,
        Placement::LastChild => element.children().last().ok_or(SigningError::Target)?.source().end,
    };
    // `<a/>` has no place for a signature.
    if position >= element.source().end {
        return Err(SigningError::Target);
    }

    let digest_algorithm = signing.algorithm.digest();
    let mut hash = HashSink::new(digest_algorithm);
    canonicalize(element, &Canonical { prefix_list: signing.prefix_list, without: None }, &mut hash);
    let digest = STANDARD.encode(hash.finish());

    let mut writer = Writer::new();
    write_signed_info(&mut writer, signing, &digest)?;
    let signed_info =
        xml::parse(writer.finish()?, Profile::Message, &XmlLimits::MESSAGE, &mut Budget::new())?;
    let mut canonical = Vec::new();
    canonicalize(signed_info.root(), &Canonical::default(), &mut canonical);
    let value = STANDARD.encode(signing.key.sign(signing.algorithm, &canonical)?);

    let mut writer = Writer::new();
    writer.start("ds:Signature").attribute("xmlns:ds", NAMESPACE);
    write_signed_info(&mut writer, signing, &digest)?;
    writer.element("ds:SignatureValue", &[], &value);
    if let Some(certificate) = signing.certificate {
        writer.start("ds:KeyInfo").start("ds:X509Data");
        writer.element("ds:X509Certificate", &[], &STANDARD.encode(certificate.der()));
        writer.end().end();
    }
    writer.end();
    let signature = writer.finish()?;

    Ok(parsed.with_inserted(position, &signature))
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

/// Why a document cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The document is none.
    #[error(transparent)]
    Document(#[from] xml::Error),
    /// No element has the ID, or it has no place for a signature.
    #[error("there is no element to sign")]
    Target,
    /// The algorithm has no name in XML Signature.
    #[error("the algorithm has no name in XML Signature")]
    Algorithm,
    /// The key does not fit the algorithm.
    #[error(transparent)]
    Key(#[from] SignError),
    /// A value cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
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

/// The algorithm that a SignatureMethod URI names (XML Signature 1.1 §6.1, RFC 9231).
#[must_use]
pub fn signature_algorithm(uri: &str) -> Option<SignatureAlgorithm> {
    SIGNATURE_METHODS.iter().find(|(name, _)| *name == uri).map(|&(_, algorithm)| algorithm)
}

/// The URI of an algorithm that has one.
#[must_use]
pub fn signature_algorithm_uri(algorithm: SignatureAlgorithm) -> Option<&'static str> {
    SIGNATURE_METHODS.iter().find(|&&(_, named)| named == algorithm).map(|&(name, _)| name)
}

/// What a signature says, read once, before anything of it is verified.
struct Signature<'d> {
    node: Element<'d>,
    signed_info: Element<'d>,
    signed_info_prefixes: Vec<&'d str>,
    algorithm: SignatureAlgorithm,
    algorithm_uri: &'d str,
    reference_uri: Option<&'d str>,
    prefixes: Vec<&'d str>,
    digest: DigestAlgorithm,
    digest_uri: &'d str,
    digest_value: Vec<u8>,
    value: Vec<u8>,
}

impl<'d> Signature<'d> {
    fn read(node: Element<'d>) -> Result<Self, Error> {
        // S2: SignedInfo, SignatureValue, KeyInfo?
        let mut children = Children::of(node)?;
        let signed_info = children.one("SignedInfo")?;
        let value = children.one("SignatureValue")?;
        children.optional("KeyInfo");
        children.end()?;

        // S3: CanonicalizationMethod, SignatureMethod, Reference.
        let references = signed_info.children().filter(|child| child.is(NAMESPACE, "Reference")).count();
        let mut children = Children::of(signed_info)?;
        let canonicalization = children.one("CanonicalizationMethod")?;
        let method = children.one("SignatureMethod")?;
        if references != 1 {
            return Err(Error::ReferenceCount { count: references });
        }
        let reference = children.one("Reference")?;
        children.end()?;
        if method.children().next().is_some() {
            return Err(Error::Shape { rule: "a SignatureMethod has no parameters" });
        }
        let mut children = Children::of(reference)?;
        let transforms = children.one("Transforms")?;
        let digest_method = children.one("DigestMethod")?;
        let digest_value = children.one("DigestValue")?;
        children.end()?;
        if digest_method.children().next().is_some() {
            return Err(Error::Shape { rule: "a DigestMethod has no parameters" });
        }
        // Another reader might take `x:URI` for `URI`.
        if signed_info.descendants().any(|child| child.attributes().any(|a| a.namespace.is_some())) {
            return Err(Error::Shape { rule: "no attribute in SignedInfo has a prefix" });
        }

        // S6, S7: [enveloped signature, exclusive canonicalisation].
        let mut steps = Children::of(transforms)?;
        let enveloped = steps.one("Transform").map_err(|_| Error::Transform { actual: "none".to_owned() })?;
        if algorithm_of(enveloped) != ENVELOPED_SIGNATURE || enveloped.children().next().is_some() {
            return Err(Error::Transform { actual: algorithm_of(enveloped).to_owned() });
        }
        let exclusive = steps
            .one("Transform")
            .map_err(|_| Error::Transform { actual: ENVELOPED_SIGNATURE.to_owned() })?;
        if algorithm_of(exclusive) != EXCLUSIVE_C14N {
            return Err(Error::Transform { actual: algorithm_of(exclusive).to_owned() });
        }
        if let Some(third) = steps.next() {
            return Err(Error::Transform { actual: algorithm_of(third).to_owned() });
        }
        let prefixes = prefix_list(exclusive)?;

        // S8: exclusive canonicalisation of SignedInfo.
        if algorithm_of(canonicalization) != EXCLUSIVE_C14N {
            return Err(Error::Canonicalization { actual: algorithm_of(canonicalization).to_owned() });
        }
        let signed_info_prefixes = prefix_list(canonicalization)?;

        // S9: known algorithms.
        let (algorithm_uri, digest_uri) = (algorithm_of(method), algorithm_of(digest_method));
        let unknown = |uri: &str| Error::AlgorithmNotAllowed { algorithm: uri.to_owned() };
        let algorithm = signature_algorithm(algorithm_uri).ok_or_else(|| unknown(algorithm_uri))?;
        let digest = digest_algorithm(digest_uri).ok_or_else(|| unknown(digest_uri))?;

        Ok(Self {
            node,
            signed_info,
            signed_info_prefixes,
            algorithm,
            algorithm_uri,
            reference_uri: reference.attribute("URI"),
            prefixes,
            digest,
            digest_uri,
            digest_value: decode(digest_value, "DigestValue is base64")?,
            value: decode(value, "SignatureValue is base64")?,
        })
    }

    /// S4, S5: the reference names the element that the signature stands in, and no other has that ID.
    fn references(&self, element: Element<'d>) -> Result<(), Error> {
        let id = element.attribute("ID").unwrap_or_default();
        let referenced = self.reference_uri.and_then(|uri| uri.strip_prefix('#'));
        // Parentheses and `^` mean something in an XPointer, so such a reference could be read as one.
        if id.is_empty() || referenced != Some(id) || id.contains(['(', ')', '^']) {
            let actual = self.reference_uri.map(|uri| uri.chars().take(1024).collect());
            return Err(Error::ReferenceUri { expected: format!("#{id}"), actual });
        }
        // Another reader might take `x:ID` for `ID`.
        let is_only_one = element.attributes().filter(|attribute| attribute.local_name == "ID").count() == 1;
        if !is_only_one || element.document().element_by_id(id) != Some(element) {
            return Err(Error::ReferenceTarget { id: id.to_owned() });
        }
        Ok(())
    }

    fn find_key<'k>(
        &self,
        signed_info: &[u8],
        keys: &'k TrustedKeys,
        policy: SignaturePolicy,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<&'k TrustedKey, Error> {
        let made = Made {
            algorithm: self.algorithm,
            algorithm_uri: self.algorithm_uri,
            octets: signed_info,
            value: &self.value,
        };
        // A hint costs a comparison and saves a verification; it is worth reading where there is a choice.
        let hinted = if made.fitting(keys).nth(1).is_some() { self.embedded_certificate() } else { None };
        made.find_key(keys, hinted.as_deref(), policy, limits, budget).map_err(|error| match error {
            Error::SignatureInvalid { tried, .. } => {
                let embedded = self.embedded_certificate().and_then(|der| Certificate::from_der(&der).ok());
                Error::SignatureInvalid { tried, embedded: embedded.map(|found| found.sha256().to_string()) }
            }
            other => other,
        })
    }

    /// The first certificate in KeyInfo, for the order of keys and for evidence only.
    fn embedded_certificate(&self) -> Option<Vec<u8>> {
        let child = |of: Element<'d>, name: &str| of.children().find(|child| child.is(NAMESPACE, name));
        let certificate = child(child(child(self.node, "KeyInfo")?, "X509Data")?, "X509Certificate")?;
        base64_decode(certificate.text().as_bytes()).ok()
    }
}

/// A signature value, with what it should be made over.
struct Made<'s> {
    algorithm: SignatureAlgorithm,
    algorithm_uri: &'s str,
    octets: &'s [u8],
    value: &'s [u8],
}

impl Made<'_> {
    /// S9: the trusted keys of the type that the algorithm needs.
    fn fitting<'k>(&self, keys: &'k TrustedKeys) -> impl Iterator<Item = &'k TrustedKey> {
        keys.iter().filter(|key| self.algorithm.fits(key.key().kind()))
    }

    /// S10, S11: the key that made the signature. The one in the certificate `hinted` (DER) is tried first.
    fn find_key<'k>(
        &self,
        keys: &'k TrustedKeys,
        hinted: Option<&[u8]>,
        policy: SignaturePolicy,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<&'k TrustedKey, Error> {
        if self.fitting(keys).next().is_none() {
            return Err(Error::KeyType {
                expected: keys.iter().map(|key| key.key().kind().to_string()).collect(),
                algorithm: self.algorithm_uri.to_owned(),
            });
        }
        let is_hinted =
            |key: &TrustedKey| hinted.is_some() && key.certificate().map(Certificate::der) == hinted;
        let first = self.fitting(keys).find(|key| is_hinted(key));
        let others = self.fitting(keys).filter(|key| !first.is_some_and(|first| std::ptr::eq(first, *key)));
        let mut tried = Vec::new();
        let mut too_short = None;
        for (number, key) in first.into_iter().chain(others).enumerate() {
            budget.reach(Resource::Keys, number + 1, limits.keys_per_signature)?;
            match key.key().verify(self.algorithm, policy.legacy, self.octets, self.value) {
                Ok(()) => return Ok(key),
                Err(VerifyError::WeakKey { bits }) => too_short = too_short.max(Some(bits)),
                Err(_) => tried.push(fingerprint(key)),
            }
        }
        match too_short {
            Some(bits) if tried.is_empty() => Err(Error::WeakKey { bits }),
            _ => Err(Error::SignatureInvalid { tried, embedded: None }),
        }
    }
}

/// The children of an element, which must come in order and stand alone.
struct Children<'d> {
    rest: Vec<Element<'d>>,
}

impl<'d> Children<'d> {
    fn of(element: Element<'d>) -> Result<Self, Error> {
        if !element.text().bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
            return Err(Error::Shape { rule: "no text stands between the elements of a signature" });
        }
        let mut rest: Vec<_> = element.children().collect();
        rest.reverse();
        Ok(Self { rest })
    }

    fn one(&mut self, name: &'static str) -> Result<Element<'d>, Error> {
        self.optional(name).ok_or(Error::Shape { rule: name })
    }

    fn optional(&mut self, name: &'static str) -> Option<Element<'d>> {
        self.rest.pop_if(|child| child.is(NAMESPACE, name))
    }

    fn next(&mut self) -> Option<Element<'d>> {
        self.rest.pop()
    }

    fn end(self) -> Result<(), Error> {
        match self.rest.is_empty() {
            true => Ok(()),
            false => Err(Error::Shape { rule: "nothing follows the elements of the profile" }),
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

const ENVELOPED_SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// S7: prefixes in one InclusiveNamespaces.
const PREFIXES: usize = 32;

const SIGNATURE_METHODS: [(&str, SignatureAlgorithm); 9] = {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
    [
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", RsaPkcs1(Sha256)),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", RsaPkcs1(Sha384)),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", RsaPkcs1(Sha512)),
        ("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", RsaPss(Sha256)),
        ("http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1", RsaPss(Sha384)),
        ("http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", RsaPss(Sha512)),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", Ecdsa(Sha256)),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", Ecdsa(Sha384)),
        ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", RsaPkcs1(Sha1)),
    ]
};

const fn digest_uri(digest: DigestAlgorithm) -> &'static str {
    match digest {
        DigestAlgorithm::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
        DigestAlgorithm::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        DigestAlgorithm::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        DigestAlgorithm::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
    }
}

fn digest_algorithm(uri: &str) -> Option<DigestAlgorithm> {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    [Sha256, Sha384, Sha512, Sha1].into_iter().find(|&digest| digest_uri(digest) == uri)
}

fn algorithm_of(method: Element<'_>) -> &str {
    method.attribute("Algorithm").unwrap_or_default()
}

/// S7: the one parameter that exclusive canonicalisation may have.
fn prefix_list(method: Element<'_>) -> Result<Vec<&str>, Error> {
    let mut children = method.children();
    let Some(parameter) = children.next() else { return Ok(Vec::new()) };
    if !parameter.is(EXCLUSIVE_C14N, "InclusiveNamespaces") || parameter.children().next().is_some() {
        return Err(Error::Transform { actual: parameter.qualified_name().to_owned() });
    }
    if let Some(second) = children.next() {
        return Err(Error::Transform { actual: second.qualified_name().to_owned() });
    }
    let list = parameter.attribute("PrefixList").unwrap_or_default();
    let mut prefixes = Vec::new();
    for entry in list.split_ascii_whitespace() {
        if prefixes.len() == PREFIXES {
            return Err(Error::Transform { actual: "PrefixList with more than 32 entries".to_owned() });
        }
        match entry {
            "#default" => prefixes.push(""),
            prefix if xml::is_ncname(prefix) => prefixes.push(prefix),
            _ => {
                return Err(Error::Transform {
                    actual: "PrefixList with an entry that is no prefix".to_owned(),
                });
            }
        }
    }
    Ok(prefixes)
}

fn decode(element: Element<'_>, rule: &'static str) -> Result<Vec<u8>, Error> {
    if element.children().next().is_some() {
        return Err(Error::Shape { rule });
    }
    let bytes = base64_decode(element.text().as_bytes()).map_err(|_| Error::Shape { rule })?;
    match bytes.is_empty() {
        true => Err(Error::Shape { rule }),
        false => Ok(bytes),
    }
}

fn fingerprint(key: &TrustedKey) -> String {
    match key.certificate() {
        Some(certificate) => certificate.sha256().to_string(),
        None => key.key().sha256().to_string(),
    }
}

fn write_signed_info(writer: &mut Writer, signing: &Signing<'_>, digest: &str) -> Result<(), SigningError> {
    let method = signature_algorithm_uri(signing.algorithm).ok_or(SigningError::Algorithm)?;
    writer.start("ds:SignedInfo").attribute("xmlns:ds", NAMESPACE);
    writer.element("ds:CanonicalizationMethod", &[("Algorithm", EXCLUSIVE_C14N)], "");
    writer.element("ds:SignatureMethod", &[("Algorithm", method)], "");
    writer.start("ds:Reference").attribute("URI", &format!("#{}", signing.id)).start("ds:Transforms");
    writer.element("ds:Transform", &[("Algorithm", ENVELOPED_SIGNATURE)], "");
    writer.start("ds:Transform").attribute("Algorithm", EXCLUSIVE_C14N);
    if !signing.prefix_list.is_empty() {
        let names =
            signing.prefix_list.iter().map(|prefix| if prefix.is_empty() { "#default" } else { prefix });
        let list = names.collect::<Vec<_>>().join(" ");
        writer.element("ec:InclusiveNamespaces", &[("xmlns:ec", EXCLUSIVE_C14N), ("PrefixList", &list)], "");
    }
    writer.end().end();
    writer.element("ds:DigestMethod", &[("Algorithm", digest_uri(signing.algorithm.digest()))], "");
    writer.element("ds:DigestValue", &[], digest);
    writer.end().end();
    Ok(())
}
