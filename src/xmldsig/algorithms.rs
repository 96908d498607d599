//! The names of algorithms.

use crate::crypto::{DigestAlgorithm, SignatureAlgorithm};

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

pub(super) const fn digest_uri(digest: DigestAlgorithm) -> &'static str {
    match digest {
        DigestAlgorithm::Sha1 => "http://www.w3.org/2000/09/xmldsig#sha1",
        DigestAlgorithm::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        DigestAlgorithm::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        DigestAlgorithm::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
    }
}

pub(super) fn digest_algorithm(uri: &str) -> Option<DigestAlgorithm> {
    use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
    [Sha256, Sha384, Sha512, Sha1].into_iter().find(|&digest| digest_uri(digest) == uri)
}

pub(super) const ENVELOPED_SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(super) const EXCLUSIVE_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

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
