use crate::{
    crypto::CertificateError,
    endpoint::EndpointError,
    entropy::EntropyError,
    limits::LimitExceeded,
    time::Timestamp,
    xml, xmldsig,
};

/// The rule that failed, with the evidence for it. [`code`](Error::code) is stable.
///
/// Evidence never holds a key, a whole message, or a personal value beyond the compared ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // Configuration: the host's own side.
    /// A setting of ours is not usable.
    #[error("`{field}` is not usable: {reason}")]
    ConfigurationInvalid {
        /// The setting.
        field: &'static str,
        /// Its value, where one is at fault.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something must be signed and there is no private key.
    #[error("{wanted_for} needs a signing key, and none is set")]
    SigningKeyMissing {
        /// What must be signed.
        wanted_for: &'static str,
    },
    /// The identity provider has no sign-on service for the binding asked for.
    #[error("the identity provider has no sign-on service for {wanted}")]
    BindingNotOffered {
        /// The binding asked for.
        wanted: String,
        /// The bindings that it has.
        offered: Vec<String>,
    },
    /// Emitted RelayState is limited to 80 bytes (Bindings 3.4.3), inbound by the host's limit.
    #[error("the RelayState has {actual} bytes, more than {limit}")]
    RelayStateTooLong {
        /// The bound in bytes.
        limit: usize,
        /// The length in bytes.
        actual: usize,
    },
    /// An address that is no absolute `https` URL, or that the setting for addresses does not allow.
    #[error("{field}: {source}")]
    UrlNotAllowed {
        /// The setting, or the element and attribute.
        field: String,
        /// What is wrong with it, and the address.
        source: EndpointError,
    },
    /// The host's source of random bytes failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A value cannot be written as XML.
    #[error("the message cannot be written: {0}")]
    Output(#[from] xml::WriteError),
    /// A message or metadata could not be signed.
    #[error("signing failed: {0}")]
    Signing(#[from] xmldsig::SigningError),

    // Bindings: how a message arrived.
    /// 2.1 #1: the encoded message is larger than allowed.
    #[error("the encoded message has {actual} bytes, more than {limit}")]
    MessageTooLarge {
        /// The bound in bytes.
        limit: usize,
        /// The length in bytes.
        actual: usize,
    },
    /// 2.1 #2: the form field is not base64.
    #[error("the form field is not base64 (byte {offset})")]
    Base64Invalid {
        /// The first byte that has no place there.
        offset: usize,
    },
    /// 2.1 #2: the form field decodes to something that is not XML text; a posted message is not deflated.
    #[error("the form field does not hold XML; posted messages are not deflated")]
    NotXml,

    // XML and signatures, of messages and metadata.
    /// 2.1 #3–#7: the document is not one that the strict parser takes.
    #[error(transparent)]
    Xml(#[from] xml::Error),
    /// More of something than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// The signature does not count.
    #[error(transparent)]
    Signature(#[from] xmldsig::Error),
    /// A signature is required and there is none.
    #[error("{element} is not signed")]
    SignatureMissing {
        /// The element that must be signed.
        element: String,
    },
    /// The root is not the expected element.
    #[error("the root element is not the expected one")]
    UnexpectedRoot {
        /// The qualified name in its usual form.
        expected: &'static str,
        /// The name as sent.
        actual: String,
    },
    /// An element or attribute that must be there is not, or one stands where it must not.
    #[error("{parent} breaks the schema at {child}")]
    SchemaViolation {
        /// The element.
        parent: String,
        /// The child or attribute.
        child: String,
    },
    /// An attribute holds no time or duration.
    #[error("{attribute} is not a time: {value}")]
    TimeInvalid {
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
    },

    // Metadata of the identity provider.
    /// 2.4 #12: the input is no XML at all.
    #[error("the metadata is not XML but {found}")]
    MetadataNotXml {
        /// What it looks like.
        found: &'static str,
    },
    /// 2.4 #12: the input is a web page, such as a login form or an error.
    #[error("the metadata is a web page")]
    MetadataHtml,
    /// 2.4 #12: the metadata is of a service provider.
    #[error("the metadata describes a service provider and no identity provider")]
    MetadataSpOnly {
        /// The entities found, at most ten.
        found: Vec<String>,
    },
    /// 2.4 #12: no entity has a SAML 2.0 identity provider role.
    #[error("the metadata describes no SAML 2.0 identity provider")]
    MetadataNoIdp {
        /// The entities found, at most ten.
        found: Vec<String>,
    },
    /// 2.4 #15: the entity asked for is not there.
    #[error("the metadata does not have the entity {entity_id}")]
    MetadataEntityNotFound {
        /// The entity asked for.
        entity_id: String,
        /// The entities found, at most ten.
        found: Vec<String>,
    },
    /// 2.4 #15: several identity providers and none asked for, or one entity twice.
    #[error("the metadata has several identity providers, or one of them twice")]
    MetadataSeveralEntities {
        /// The entities that compete, at most ten.
        found: Vec<String>,
    },
    /// 2.4 #17: validity has ended.
    #[error("{element} was valid until {valid_until}")]
    MetadataExpired {
        /// The element that says so.
        element: String,
        /// When validity ended.
        valid_until: Timestamp,
        /// The time given.
        now: Timestamp,
    },
    /// 2.4 #18: no sign-on service for HTTP-Redirect or HTTP-POST.
    #[error("the identity provider has no sign-on service for HTTP-Redirect or HTTP-POST")]
    MetadataNoSso {
        /// The bindings that it has.
        offered: Vec<String>,
    },
    /// 2.4 #19: no usable signing key.
    #[error("the identity provider has no usable signing key ({unreadable} unreadable)")]
    MetadataNoSigningKey {
        /// How many keys and certificates could not be read.
        unreadable: usize,
    },
    /// 2.4 #20: a certificate given by hand cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl Error {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ConfigurationInvalid { .. } => "saml.configuration_invalid",
            Self::SigningKeyMissing { .. } => "saml.signing_key_missing",
            Self::BindingNotOffered { .. } => "saml.binding_not_offered",
            Self::RelayStateTooLong { .. } => "saml.relay_state_too_long",
            Self::UrlNotAllowed { .. } => "saml.url_not_allowed",
            Self::Entropy(_) => "saml.entropy_failed",
            Self::Output(_) => "saml.output_invalid",
            Self::Signing(_) => "saml.signing_failed",
            Self::MessageTooLarge { .. } => "saml.message_too_large",
            Self::Base64Invalid { .. } | Self::NotXml => "saml.base64_invalid",
            Self::Xml(error) => xml_code(error),
            Self::Limit(_) => "saml.xml_limit",
            Self::Signature(error) => error.code(),
            Self::SignatureMissing { .. } => "saml.signature_missing",
            Self::UnexpectedRoot { .. } => "saml.unexpected_root",
            Self::SchemaViolation { .. } => "saml.schema_violation",
            Self::TimeInvalid { .. } => "saml.time_invalid",
            Self::MetadataNotXml { .. } => "saml.metadata_not_xml",
            Self::MetadataHtml => "saml.metadata_html",
            Self::MetadataSpOnly { .. } => "saml.metadata_sp_only",
            Self::MetadataNoIdp { .. } => "saml.metadata_no_idp",
            Self::MetadataEntityNotFound { .. } => "saml.metadata_entity_not_found",
            Self::MetadataSeveralEntities { .. } => "saml.metadata_several_entities",
            Self::MetadataExpired { .. } => "saml.metadata_expired",
            Self::MetadataNoSso { .. } => "saml.metadata_no_sso",
            Self::MetadataNoSigningKey { .. } => "saml.metadata_no_signing_key",
            Self::Certificate(CertificateError::WrongKind { .. }) => "saml.certificate_wrong_kind",
            Self::Certificate(_) => "saml.certificate_invalid",
        }
    }

    /// What would have passed, where that is a value.
    #[must_use]
    pub fn expected(&self) -> Option<String> {
        match self {
            Self::BindingNotOffered { wanted, .. } => Some(wanted.clone()),
            Self::RelayStateTooLong { limit, .. } | Self::MessageTooLarge { limit, .. } => {
                Some(format!("at most {limit} bytes"))
            }
            Self::Xml(xml::Error::Limit(exceeded)) | Self::Limit(exceeded) => {
                Some(format!("at most {} {}", exceeded.limit, exceeded.resource))
            }
            Self::Signature(xmldsig::Error::ReferenceUri { expected, .. }) => Some(expected.clone()),
            Self::UnexpectedRoot { expected, .. } => Some((*expected).to_owned()),
            Self::MetadataEntityNotFound { entity_id, .. } => Some(entity_id.clone()),
            Self::MetadataExpired { valid_until, .. } => Some(format!("before {valid_until}")),
            Self::Certificate(CertificateError::WrongKind { .. }) => Some("an X.509 certificate".to_owned()),
            _ => None,
        }
    }

    /// What was found, where that is a value.
    #[must_use]
    pub fn actual(&self) -> Option<String> {
        match self {
            Self::ConfigurationInvalid { value, .. } | Self::TimeInvalid { value, .. } => Some(value.clone()),
            Self::BindingNotOffered { offered, .. } | Self::MetadataNoSso { offered } => Some(offered.join(", ")),
            Self::RelayStateTooLong { actual, .. } | Self::MessageTooLarge { actual, .. } => {
                Some(format!("{actual} bytes"))
            }
            Self::Signature(xmldsig::Error::ReferenceUri { actual, .. }) => actual.clone(),
            Self::UnexpectedRoot { actual, .. } => Some(actual.clone()),
            Self::MetadataNotXml { found } => Some((*found).to_owned()),
            Self::MetadataSpOnly { found }
            | Self::MetadataNoIdp { found }
            | Self::MetadataEntityNotFound { found, .. }
            | Self::MetadataSeveralEntities { found } => Some(found.join(", ")),
            Self::MetadataExpired { now, .. } => Some(now.to_string()),
            Self::Certificate(CertificateError::WrongKind { found }) => Some((*found).to_owned()),
            _ => None,
        }
    }
}

fn xml_code(error: &xml::Error) -> &'static str {
    match error {
        xml::Error::NotUtf8 { .. } | xml::Error::Encoding { .. } => "saml.encoding_unsupported",
        xml::Error::Dtd { .. } => "saml.xml_dtd",
        xml::Error::Malformed { .. } => "saml.xml_malformed",
        xml::Error::Namespace { .. } => "saml.xml_namespace",
        xml::Error::Limit(_) => "saml.xml_limit",
        xml::Error::Comment { .. } => "saml.xml_comment",
        xml::Error::ProcessingInstruction { .. } => "saml.xml_processing_instruction",
        xml::Error::DuplicateId { .. } => "saml.duplicate_id",
        xml::Error::InvalidId { .. } => "saml.id_invalid",
    }
}
