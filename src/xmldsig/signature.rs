//! What a signature says (S2 to S9).

use super::algorithms::{ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, digest_algorithm, signature_algorithm};
use super::keys::Made;
use super::{Error, NAMESPACE, SignaturePolicy};
use crate::crypto::{Certificate, DigestAlgorithm, Legacy, SignatureAlgorithm, TrustedKey, TrustedKeys};
use crate::encoding::base64_decode;
use crate::limits::{Budget, Limits, Resource};
use crate::xml::{self, Canonical, Element, Read as _, canonicalize};

/// What a signature says, read once, before anything of it is verified.
pub(super) struct Signature<'d> {
    pub(super) node: Element<'d>,
    signed_info: Element<'d>,
    signed_info_prefixes: Vec<&'d str>,
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) algorithm_uri: &'d str,
    reference_uri: Option<&'d str>,
    pub(super) prefixes: Vec<&'d str>,
    pub(super) digest: DigestAlgorithm,
    pub(super) digest_uri: &'d str,
    pub(super) digest_value: Vec<u8>,
    value: Vec<u8>,
}

impl<'d> Signature<'d> {
    pub(super) fn read(node: Element<'d>) -> Result<Self, Error> {
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
    pub(super) fn references(&self, element: Element<'d>) -> Result<(), Error> {
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

    /// S9 to S11: the trusted key that made the signature.
    pub(super) fn key<'k>(
        &self,
        keys: &'k TrustedKeys,
        policy: SignaturePolicy,
        limits: &Limits,
        budget: &mut Budget,
    ) -> Result<&'k TrustedKey, Error> {
        // S9: allowed at all.
        if !self.algorithm.is_allowed(policy.legacy) {
            return Err(Error::AlgorithmNotAllowed { algorithm: self.algorithm_uri.to_owned() });
        }
        if self.digest == DigestAlgorithm::Sha1 && policy.legacy == Legacy::Refuse {
            return Err(Error::AlgorithmNotAllowed { algorithm: self.digest_uri.to_owned() });
        }
        budget.spend(Resource::Signatures, 1, limits.signatures)?;

        // S10, S11: a trusted key made the signature over the canonical SignedInfo.
        let mut canonical = Vec::with_capacity(1024);
        let form = Canonical { prefix_list: &self.signed_info_prefixes, without: None };
        canonicalize(self.signed_info, &form, &mut canonical);
        self.find_key(&canonical, keys, policy, limits, budget)
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

/// S7: prefixes in one InclusiveNamespaces.
const PREFIXES: usize = 32;
