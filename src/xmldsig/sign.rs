use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::algorithms::{ENVELOPED_SIGNATURE, EXCLUSIVE_C14N, digest_uri, signature_algorithm_uri};
use super::{HashSink, NAMESPACE};
use crate::crypto::{Certificate, SignError, SignatureAlgorithm, SigningKey};
use crate::limits::{Budget, XmlLimits};
use crate::xml::{self, Canonical, Profile, Read as _, WriteError, Writer, canonicalize};

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
