use super::Error;
use crate::{jose, json::JsonError};

impl Error {
    /// The rule that failed. Stable.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::HttpStatus { .. } => "oidc.http_status",
            Self::ContentType { .. } => "oidc.content_type",
            Self::BodyTooLarge { .. } => "oidc.body_too_large",
            Self::Json { error: JsonError::DuplicateMember { .. }, .. } => "oidc.json_duplicate_member",
            Self::Json { .. } => "oidc.json_invalid",
            Self::DiscoveryIssuerMismatch { .. } => "oidc.discovery_issuer_mismatch",
            Self::MetadataMissing { .. } => "oidc.metadata_missing",
            Self::MetadataInvalid { .. } => "oidc.metadata_invalid",
            Self::UrlNotAllowed { .. } => "oidc.url_not_allowed",
            Self::UnsupportedByProvider { .. } => "oidc.unsupported_by_provider",
            Self::CallbackMalformed { .. } => "oidc.callback_malformed",
            Self::CallbackDuplicateParameter { .. } => "oidc.callback_duplicate_parameter",
            Self::StateMissing => "oidc.state_missing",
            Self::StateMismatch => "oidc.state_mismatch",
            Self::PendingExpired(_) => "oidc.pending_expired",
            Self::MixUp { .. } => "oidc.mix_up",
            Self::CallbackIssuerMismatch { .. } => "oidc.callback_issuer_mismatch",
            Self::CallbackIssuerMissing { .. } => "oidc.callback_issuer_missing",
            Self::Provider(_) => "oidc.provider_error",
            Self::CodeMissing => "oidc.code_missing",
            Self::UseDpopNonce { .. } => "oidc.use_dpop_nonce",
            Self::DpopNonceRepeated => "oidc.dpop_nonce_repeated",
            Self::TokenError { .. } => "oidc.token_error",
            Self::UnsupportedTokenType(_) => "oidc.unsupported_token_type",
            Self::AccessTokenMissing => "oidc.access_token_missing",
            Self::TokenType { .. } => "oidc.token_type",
            Self::ExpiresIn { .. } => "oidc.expires_in",
            Self::IdTokenMissing => "oidc.id_token_missing",
            Self::ParResponse { .. } => "oidc.par_response",
            Self::TokenExchangeResponse { .. } => "oidc.token_exchange_response",
            Self::Jose { error, .. } => error.code(),
            Self::TokenNotEncrypted { .. } => "oidc.token_not_encrypted",
            Self::TokenWrongType { .. } => "oidc.token_wrong_type",
            Self::ClaimMissing { .. } => "oidc.claim_missing",
            Self::ClaimType { .. } => "oidc.claim_type",
            Self::IssuerMismatch { .. } => "oidc.issuer_mismatch",
            Self::TenantNotAllowed { .. } => "oidc.tenant_not_allowed",
            Self::TenantInvalid { .. } => "oidc.tenant_invalid",
            Self::SubjectMissing { .. } => "oidc.subject_missing",
            Self::AudienceMismatch { .. } => "oidc.audience_mismatch",
            Self::AudienceUntrusted { .. } => "oidc.audience_untrusted",
            Self::AuthorizedPartyMismatch { .. } => "oidc.authorized_party_mismatch",
            Self::TokenExpired { .. } => "oidc.token_expired",
            Self::TokenNotYetValid { .. } => "oidc.token_not_yet_valid",
            Self::IssuedInFuture { .. } => "oidc.issued_in_future",
            Self::IssuedTooLongAgo { .. } => "oidc.issued_too_long_ago",
            Self::NonceMissing => "oidc.nonce_missing",
            Self::NonceMismatch => "oidc.nonce_mismatch",
            Self::AuthTimeMissing => "oidc.auth_time_missing",
            Self::AuthenticationTooOld(_) => "oidc.authentication_too_old",
            Self::AcrMismatch { .. } => "oidc.acr_mismatch",
            Self::AccessTokenHashMismatch => "oidc.access_token_hash_mismatch",
            Self::CodeHashMismatch => "oidc.code_hash_mismatch",
            Self::HostedDomainMismatch { .. } => "oidc.hosted_domain_mismatch",
            Self::OrganizationMismatch { .. } => "oidc.organization_mismatch",
            Self::UserinfoError { .. } => "oidc.userinfo_error",
            Self::UserinfoNotSigned => "oidc.userinfo_not_signed",
            Self::UserinfoSubjectMismatch => "oidc.userinfo_subject_mismatch",
            Self::RefreshIssuerMismatch { .. } => "oidc.refresh_issuer_mismatch",
            Self::RefreshSubjectMismatch => "oidc.refresh_subject_mismatch",
            Self::RefreshAuthTimeMismatch => "oidc.refresh_auth_time_mismatch",
            Self::LogoutMalformed { .. } => "oidc.logout_malformed",
            Self::LogoutEventMissing => "oidc.logout_event_missing",
            Self::LogoutNoncePresent => "oidc.logout_nonce_present",
            Self::LogoutSubjectMissing => "oidc.logout_subject_missing",
            Self::InitiatedLoginUnknownIssuer { .. } => "oidc.initiated_login_unknown_issuer",
            Self::InitiatedLoginMalformed { .. } => "oidc.initiated_login_malformed",
            Self::JwksUnavailable => "oidc.jwks_unavailable",
            Self::NoCommonAlgorithm { .. } => "oidc.no_common_algorithm",
            Self::Limit(_) => "oidc.limit",
            Self::ConfigurationInvalid { .. } => "oidc.configuration_invalid",
            Self::SigningKeyMissing { .. } => "oidc.signing_key_missing",
            Self::Signing(_) => "oidc.signing_failed",
            Self::Entropy(_) => "oidc.entropy_failed",
            Self::RequestInvalid { .. } => "oidc.request_invalid",
        }
    }

    /// Whether the same step may succeed with something that the host can fetch now: the provider's current keys
    /// (`oidc.key_not_found`), or a proof with the nonce that the error holds (`oidc.use_dpop_nonce`). Once each.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Jose { error, .. } => error.is_retryable(),
            Self::UseDpopNonce { .. } => true,
            _ => false,
        }
    }

    /// What would have passed, where that can be said.
    #[must_use]
    pub fn expected(&self) -> Option<String> {
        match self {
            Self::HttpStatus { expected, .. } => Some(expected.to_string()),
            Self::ContentType { expected, .. }
            | Self::TokenType { expected, .. }
            | Self::MetadataInvalid { expected, .. }
            | Self::ClaimType { expected, .. } => Some((*expected).to_owned()),
            Self::BodyTooLarge { limit, .. } => Some(format!("at most {limit} bytes")),
            Self::Jose { error, .. } => jose_expected(error),
            Self::Json { error: JsonError::NotAnObject, .. } => Some("a JSON object".to_owned()),
            Self::Json { error: JsonError::Limit(exceeded), .. } | Self::Limit(exceeded) => {
                Some(format!("at most {} {}", exceeded.limit, exceeded.resource))
            }
            Self::DiscoveryIssuerMismatch { expected, .. }
            | Self::MixUp { expected, .. }
            | Self::CallbackIssuerMismatch { expected, .. }
            | Self::CallbackIssuerMissing { expected }
            | Self::IssuerMismatch { expected, .. }
            | Self::RefreshIssuerMismatch { expected, .. }
            | Self::AudienceMismatch { expected, .. }
            | Self::AuthorizedPartyMismatch { expected, .. }
            | Self::HostedDomainMismatch { expected, .. }
            | Self::OrganizationMismatch { expected, .. } => Some(expected.clone()),
            Self::MetadataMissing { member } => Some((*member).to_owned()),
            Self::UnsupportedByProvider { feature, .. } => Some((*feature).to_owned()),
            Self::TenantInvalid { .. } => Some("a lower-case GUID".to_owned()),
            Self::AudienceUntrusted { expected, .. }
            | Self::AcrMismatch { expected, .. }
            | Self::NoCommonAlgorithm { expected, .. }
            | Self::InitiatedLoginUnknownIssuer { expected, .. } => Some(expected.join(", ")),
            Self::PendingExpired(bound) | Self::TokenExpired { bound, .. } => {
                Some(format!("a time before {} (and {} s)", bound.bound, bound.skew_seconds))
            }
            Self::TokenNotYetValid { bound, .. }
            | Self::IssuedInFuture { bound, .. }
            | Self::IssuedTooLongAgo { bound, .. }
            | Self::AuthenticationTooOld(bound) => {
                Some(format!("{} or later (less {} s)", bound.bound, bound.skew_seconds))
            }
            _ => None,
        }
    }

    /// What came instead, where that can be said.
    #[must_use]
    pub fn actual(&self) -> Option<String> {
        match self {
            Self::HttpStatus { actual, .. } => Some(actual.to_string()),
            Self::ContentType { actual, .. }
            | Self::DiscoveryIssuerMismatch { actual, .. }
            | Self::TokenType { actual, .. }
            | Self::ExpiresIn { actual }
            | Self::TenantInvalid { actual }
            | Self::AuthorizedPartyMismatch { actual, .. }
            | Self::AcrMismatch { actual, .. }
            | Self::HostedDomainMismatch { actual, .. }
            | Self::OrganizationMismatch { actual, .. }
            | Self::InitiatedLoginUnknownIssuer { actual, .. } => actual.clone(),
            Self::BodyTooLarge { actual, .. } => Some(format!("{actual} bytes")),
            Self::Jose { error, .. } => jose_actual(error),
            Self::Json { error: JsonError::DuplicateMember { name }, .. } => Some(name.clone()),
            Self::UrlNotAllowed { error, .. } => Some(error.url().to_owned()),
            Self::UnsupportedByProvider { actual, .. } => (!actual.is_empty()).then(|| actual.join(", ")),
            Self::CallbackDuplicateParameter { parameter } => Some((*parameter).to_owned()),
            Self::MixUp { actual, .. }
            | Self::CallbackIssuerMismatch { actual, .. }
            | Self::IssuerMismatch { actual, .. }
            | Self::RefreshIssuerMismatch { actual, .. }
            | Self::TenantNotAllowed { actual }
            | Self::TokenWrongType { actual, .. } => Some(actual.clone()),
            Self::Provider(error)
            | Self::TokenError { error, .. }
            | Self::UnsupportedTokenType(error)
            | Self::UserinfoError { error: Some(error), .. } => {
                let parts = std::iter::once(&error.error).chain(&error.description).cloned();
                Some(parts.collect::<Vec<_>>().join(", "))
            }
            Self::UserinfoError { status, error: None } => Some(status.to_string()),
            Self::ClaimType { actual, .. } => Some((*actual).to_owned()),
            Self::AudienceMismatch { actual, .. }
            | Self::AudienceUntrusted { actual, .. }
            | Self::NoCommonAlgorithm { actual, .. } => Some(actual.join(", ")),
            Self::PendingExpired(bound)
            | Self::TokenExpired { bound, .. }
            | Self::TokenNotYetValid { bound, .. }
            | Self::IssuedInFuture { bound, .. }
            | Self::IssuedTooLongAgo { bound, .. }
            | Self::AuthenticationTooOld(bound) => Some(bound.now.to_string()),
            Self::ConfigurationInvalid { value, .. } => (!value.is_empty()).then(|| value.clone()),
            _ => None,
        }
    }
}

fn jose_expected(error: &jose::Error) -> Option<String> {
    match error {
        jose::Error::AlgorithmNotAllowed { expected, .. } | jose::Error::WrongType { expected, .. } => {
            Some(expected.clone())
        }
        jose::Error::SecretUnfit { shortest, .. } => {
            Some(format!("a client secret of at least {shortest} bytes"))
        }
        jose::Error::KeyTypeMismatch { algorithm, .. } => {
            Some(format!("a key for {}", jose::name_of(*algorithm)))
        }
        jose::Error::KeyAmbiguous { limit, .. } => Some(format!("at most {limit} keys")),
        _ => None,
    }
}

fn jose_actual(error: &jose::Error) -> Option<String> {
    match error {
        jose::Error::AlgorithmNotAllowed { actual, .. } => Some(actual.clone()),
        jose::Error::SecretUnfit { algorithm, .. } => Some(jose::name_of(*algorithm).to_owned()),
        jose::Error::HeaderCritical { parameter } => Some((*parameter).to_owned()),
        jose::Error::WrongType { actual, .. } => actual.clone(),
        jose::Error::KeyNotFound { kid } | jose::Error::SignatureInvalid { kid } => kid.clone(),
        jose::Error::KeyTypeMismatch { actual, .. } => Some(actual.to_string()),
        jose::Error::KeyAmbiguous { count, .. } => Some(format!("{count} keys")),
        jose::Error::Json(JsonError::DuplicateMember { name }) => Some(name.clone()),
        _ => None,
    }
}
