use super::{Error, Hint};
use crate::crypto::CertificateError;
use crate::saml::bindings::Binding;
use crate::saml::names;
use crate::{xml, xmldsig, xmlenc};

impl Error {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MessageTooLarge { .. } => "saml.message_too_large",
            Self::Base64Invalid { .. } => "saml.base64_invalid",
            Self::ParametersInvalid { binding: Binding::HttpRedirect, .. } => "saml.redirect_parameters",
            Self::ParametersInvalid { .. } => "saml.post_parameters",
            Self::RedirectEncoding { .. } => "saml.redirect_encoding",
            Self::InflateFailed { .. } => "saml.inflate_failed",
            Self::Xml(error) => xml_code(error),
            Self::UnexpectedRoot { .. } => "saml.unexpected_root",
            Self::VersionUnsupported { .. } => "saml.version_unsupported",
            Self::IdMissing { .. } => "saml.id_missing",
            Self::TimeInvalid { .. } => "saml.time_invalid",
            Self::SchemaViolation { .. } => "saml.schema_violation",
            Self::StatusMissing => "saml.status_missing",
            Self::SignatureMisplaced { .. } => "saml.signature_misplaced",
            Self::AssertionMisplaced { .. } => "saml.assertion_misplaced",
            Self::IssuerMismatch { .. } => "saml.issuer_mismatch",
            Self::DestinationMissing { .. } => "saml.destination_missing",
            Self::DestinationMismatch { .. } => "saml.destination_mismatch",
            Self::Signature { error, .. } => error.code(),
            Self::IdpStatus(_) => "saml.idp_status",
            Self::AssertionCount { .. } => "saml.assertion_count",
            Self::ResponseNotSigned => "saml.response_not_signed",
            Self::AssertionNotSigned => "saml.assertion_not_signed",
            Self::SignatureMissing => "saml.signature_missing",
            Self::Encryption { error, .. } => encryption_code(error),
            Self::CertificateDates { bound, .. } if bound.now < bound.bound => {
                "saml.certificate_not_yet_valid"
            }
            Self::CertificateDates { .. } => "saml.certificate_expired",
            Self::IssuerUnpinned => "saml.issuer_unpinned",
            Self::SubjectMissing => "saml.subject_missing",
            Self::NameIdMissing { .. } => "saml.name_id_missing",
            Self::NameIdInvalid { .. } => "saml.name_id_invalid",
            Self::BearerMissing { .. } => "saml.bearer_missing",
            Self::RecipientMissing { .. } => "saml.recipient_missing",
            Self::RecipientMismatch { .. } => "saml.recipient_mismatch",
            Self::ConfirmationExpiryMissing => "saml.confirmation_expiry_missing",
            Self::ConfirmationExpired(_) => "saml.confirmation_expired",
            Self::ConfirmationNotYetValid(_) => "saml.confirmation_not_yet_valid",
            Self::InResponseToMismatch { .. } => "saml.in_response_to_mismatch",
            Self::InResponseToMissing { .. } => "saml.in_response_to_missing",
            Self::IdpInitiatedDenied => "saml.idp_initiated_denied",
            Self::AudienceMissing { .. } => "saml.audience_missing",
            Self::AudienceMismatch { .. } => "saml.audience_mismatch",
            Self::NotYetValid(_) => "saml.not_yet_valid",
            Self::AssertionExpired(_) => "saml.assertion_expired",
            Self::ConditionUnknown { .. } => "saml.condition_unknown",
            Self::AuthnStatementMissing => "saml.authn_statement_missing",
            Self::SessionExpired(_) => "saml.session_expired",
            Self::AuthnInstantInvalid(_) => "saml.authn_instant_invalid",
            Self::AuthnTooOld(_) => "saml.authn_too_old",
            Self::AuthnContextMismatch { .. } => "saml.authn_context_mismatch",
            Self::AttributeInvalid { .. } => "saml.attribute_invalid",
            Self::LogoutExpired(_) => "saml.logout_expired",
            Self::ArtifactInvalid { .. } => "saml.artifact_invalid",
            Self::ArtifactSourceMismatch { .. } => "saml.artifact_source_mismatch",
            Self::SoapFault { .. } => "saml.soap_fault",
            Self::Limit(_) => "saml.xml_limit",
            Self::ConfigurationInvalid { .. } => "saml.configuration_invalid",
            Self::SigningKeyMissing { .. } => "saml.signing_key_missing",
            Self::BindingNotOffered { .. } => "saml.binding_not_offered",
            Self::RelayStateTooLong { .. } => "saml.relay_state_too_long",
            Self::UrlNotAllowed { .. } => "saml.url_not_allowed",
            Self::Entropy(_) => "saml.entropy_failed",
            Self::Output(_) => "saml.output_invalid",
            Self::Signing(_) => "saml.signing_failed",
            Self::MetadataNotXml { .. } => "saml.metadata_not_xml",
            Self::MetadataUnreadable { .. } => "saml.metadata_unreadable",
            Self::MetadataHtml => "saml.metadata_html",
            Self::MetadataSpOnly { .. } => "saml.metadata_sp_only",
            Self::MetadataNoIdp { .. } => "saml.metadata_no_idp",
            Self::MetadataEntityNotFound { .. } => "saml.metadata_entity_not_found",
            Self::MetadataSeveralEntities { .. } => "saml.metadata_several_entities",
            Self::MetadataEntityChanged { .. } => "saml.metadata_entity_changed",
            Self::MetadataExpired { .. } => "saml.metadata_expired",
            Self::MetadataNoSso { .. } => "saml.metadata_no_sso",
            Self::MetadataNoSigningKey { .. } => "saml.metadata_no_signing_key",
            Self::Certificate(CertificateError::WrongKind { .. }) => "saml.certificate_wrong_kind",
            Self::Certificate(_) => "saml.certificate_invalid",
        }
    }

    /// What would have passed, where that can be said.
    #[must_use]
    pub fn expected(&self) -> Option<String> {
        match self {
            Self::MessageTooLarge { limit, .. } | Self::RelayStateTooLong { limit, .. } => {
                Some(format!("at most {limit} bytes"))
            }
            Self::Xml(xml::Error::Limit(exceeded)) | Self::Limit(exceeded) => {
                Some(format!("at most {} {}", exceeded.limit, exceeded.resource))
            }
            Self::BindingNotOffered { expected, .. } => Some(uris(expected)),
            Self::MetadataEntityNotFound { expected, .. } | Self::MetadataEntityChanged { expected, .. } => {
                Some(expected.clone())
            }
            Self::MetadataExpired { valid_until, .. } => Some(format!("a time before {valid_until}")),
            Self::MetadataSeveralEntities { .. } => Some("one identity provider".to_owned()),
            Self::MetadataNoSso { .. } => Some(uris(&[Binding::HttpRedirect, Binding::HttpPost])),
            Self::Certificate(CertificateError::WrongKind { .. }) => Some("an X.509 certificate".to_owned()),
            Self::UnexpectedRoot { expected, .. } => Some((*expected).to_owned()),
            Self::VersionUnsupported { .. } => Some("2.0".to_owned()),
            Self::IssuerMismatch { expected, .. }
            | Self::InResponseToMissing { expected }
            | Self::ArtifactSourceMismatch { expected, .. } => Some(expected.clone()),
            Self::RedirectEncoding { .. } => Some(names::binding::DEFLATE.to_owned()),
            Self::SoapFault { .. } => Some("HTTP status 200 and an ArtifactResponse".to_owned()),
            Self::DestinationMissing { expected }
            | Self::DestinationMismatch { expected, .. }
            | Self::RecipientMissing { expected }
            | Self::RecipientMismatch { expected, .. }
            | Self::AudienceMissing { expected }
            | Self::AudienceMismatch { expected, .. }
            | Self::AuthnContextMismatch { expected, .. } => Some(expected.join(", ")),
            Self::Signature { error, .. } => match error {
                xmldsig::Error::ReferenceUri { expected, .. } => Some(expected.clone()),
                xmldsig::Error::KeyType { expected, .. } => Some(expected.join(", ")),
                xmldsig::Error::SignatureInvalid { tried, .. } => Some(tried.join(", ")),
                _ => None,
            },
            Self::Encryption { error: xmlenc::Error::Shape { rule: expected }, .. }
            | Self::Encryption { error: xmlenc::Error::Algorithm { wanted: expected, .. }, .. } => {
                Some((*expected).to_owned())
            }
            Self::IdpStatus(_) => Some(names::status::SUCCESS.to_owned()),
            Self::AssertionCount { .. } => Some("one assertion".to_owned()),
            Self::BearerMissing { .. } => Some(names::confirmation::BEARER.to_owned()),
            Self::InResponseToMismatch { expected, .. } => expected.clone(),
            Self::ConfirmationExpired(bound)
            | Self::AssertionExpired(bound)
            | Self::SessionExpired(bound)
            | Self::LogoutExpired(bound) => {
                Some(format!("a time before {} (and {} s)", bound.bound, bound.skew_seconds))
            }
            Self::CertificateDates { bound, .. } if bound.now >= bound.bound => {
                Some(format!("a time before {}", bound.bound))
            }
            Self::ConfirmationNotYetValid(bound)
            | Self::NotYetValid(bound)
            | Self::AuthnTooOld(bound)
            | Self::AuthnInstantInvalid(bound)
            | Self::CertificateDates { bound, .. } => {
                Some(format!("{} or later (less {} s)", bound.bound, bound.skew_seconds))
            }
            _ => None,
        }
    }

    /// What came instead, where that can be said.
    #[must_use]
    pub fn actual(&self) -> Option<String> {
        match self {
            Self::MessageTooLarge { actual, .. } | Self::RelayStateTooLong { actual, .. } => {
                Some(format!("{actual} bytes"))
            }
            Self::ConfigurationInvalid { value, .. } => (!value.is_empty()).then(|| value.clone()),
            Self::BindingNotOffered { actual, .. } => Some(uris(actual)),
            Self::UrlNotAllowed { error, .. } => Some(error.url().to_owned()),
            Self::MetadataNotXml { actual } => Some((*actual).to_owned()),
            Self::MetadataSpOnly { actual }
            | Self::MetadataNoIdp { actual }
            | Self::MetadataEntityNotFound { actual, .. }
            | Self::MetadataSeveralEntities { actual }
            | Self::MetadataNoSso { actual } => Some(actual.join(", ")),
            Self::MetadataExpired { now, .. } => Some(now.to_string()),
            Self::Certificate(CertificateError::WrongKind { found }) => Some((*found).to_owned()),
            Self::UnexpectedRoot { actual, .. }
            | Self::DestinationMismatch { actual, .. }
            | Self::RecipientMismatch { actual, .. }
            | Self::InResponseToMismatch { actual, .. }
            | Self::RedirectEncoding { actual }
            | Self::ArtifactSourceMismatch { actual, .. } => Some(actual.clone()),
            Self::ParametersInvalid { parameter, .. } => Some((*parameter).to_owned()),
            Self::SoapFault { http_status, code, message } => {
                let parts = [Some(format!("HTTP status {http_status}")), code.clone(), message.clone()];
                Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
            }
            Self::MetadataUnreadable { kind } => Some(kind.to_string()),
            Self::VersionUnsupported { actual }
            | Self::MetadataEntityChanged { actual, .. }
            | Self::TimeInvalid { actual, .. }
            | Self::IssuerMismatch { actual, .. }
            | Self::NameIdMissing { actual } => actual.clone(),
            Self::SchemaViolation { child, .. } => Some(child.clone()),
            Self::SignatureMisplaced { parent } | Self::AssertionMisplaced { parent } => Some(parent.clone()),
            Self::Signature { error, .. } => match error {
                xmldsig::Error::ReferenceUri { actual, .. } => actual.clone(),
                xmldsig::Error::Transform { actual } | xmldsig::Error::Canonicalization { actual } => {
                    Some(actual.clone())
                }
                xmldsig::Error::AlgorithmNotAllowed { algorithm }
                | xmldsig::Error::KeyType { algorithm, .. } => Some(algorithm.clone()),
                xmldsig::Error::WeakKey { bits } => Some(format!("{bits} bits")),
                xmldsig::Error::SignatureInvalid { embedded, .. } => embedded.clone(),
                xmldsig::Error::SecondLockUnsupported { what } => Some(what.clone()),
                xmldsig::Error::Count { count } | xmldsig::Error::ReferenceCount { count } => {
                    Some(count.to_string())
                }
                _ => None,
            },
            Self::Encryption { error: xmlenc::Error::Algorithm { actual, .. }, .. } => {
                Some(actual.join(", "))
            }
            Self::IdpStatus(status) => {
                let codes = std::iter::once(&status.code).chain(&status.sub_codes).cloned();
                Some(codes.chain(status.message.clone()).collect::<Vec<_>>().join(", "))
            }
            Self::AssertionCount { plain, encrypted } => {
                Some(format!("{plain} plain, {encrypted} encrypted"))
            }
            Self::BearerMissing { actual }
            | Self::AudienceMismatch { actual, .. }
            | Self::AuthnContextMismatch { actual, .. } => Some(actual.join(", ")),
            Self::ConfirmationExpired(bound)
            | Self::ConfirmationNotYetValid(bound)
            | Self::NotYetValid(bound)
            | Self::AssertionExpired(bound)
            | Self::SessionExpired(bound)
            | Self::LogoutExpired(bound)
            | Self::AuthnInstantInvalid(bound)
            | Self::AuthnTooOld(bound)
            | Self::CertificateDates { bound, .. } => Some(bound.now.to_string()),
            Self::ConditionUnknown { name, xsi_type } => {
                Some(xsi_type.clone().unwrap_or_else(|| name.clone()))
            }
            Self::AttributeInvalid { name } => Some(name.clone()),
            _ => None,
        }
    }

    /// What may explain a mismatch.
    #[must_use]
    pub fn hints(&self) -> &[Hint] {
        match self {
            Self::IssuerMismatch { hints, .. }
            | Self::DestinationMismatch { hints, .. }
            | Self::RecipientMismatch { hints, .. }
            | Self::AudienceMismatch { hints, .. } => hints,
            _ => &[],
        }
    }
}

fn uris(bindings: &[Binding]) -> String {
    bindings.iter().map(|binding| binding.uri()).collect::<Vec<_>>().join(", ")
}

fn encryption_code(error: &xmlenc::Error) -> &'static str {
    match error {
        xmlenc::Error::NoKey => "saml.no_decryption_key",
        xmlenc::Error::Shape { .. } => "saml.schema_violation",
        xmlenc::Error::Algorithm { .. } => "saml.encryption_algorithm",
        xmlenc::Error::Failed => "saml.decryption_failed",
        xmlenc::Error::Plaintext(error) => xml_code(error),
        xmlenc::Error::Limit(_) => "saml.xml_limit",
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
