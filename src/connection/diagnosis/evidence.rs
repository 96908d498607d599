//! [`Evidence`]: a code with what was expected and what came, before it is put in words.

use serde::{Deserialize, Serialize};

use crate::crypto::CertificateError;
use crate::groups;
use crate::note::Note;
#[cfg(feature = "oidc")]
use crate::oidc;
use crate::profile::MappingError;
#[cfg(feature = "saml")]
use crate::saml;

/// What a rule found. Notes and errors of every layer become evidence; [`Diagnosis::of`](super::Diagnosis::of) words
/// it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// The stable code.
    pub code: String,
    /// Whether the rule ended what was being done; otherwise something was noticed and it went on.
    pub failed: bool,
    /// Which field, attribute or setting is meant.
    pub field: Option<String>,
    /// What would have passed.
    pub expected: Option<String>,
    /// What came.
    pub actual: Option<String>,
    /// Codes of what may explain a difference.
    pub hints: Vec<String>,
}

impl Evidence {
    /// Something that was noticed.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), ..Self::default() }
    }

    /// Something that ended what was being done.
    #[must_use]
    pub fn failure(code: impl Into<String>) -> Self {
        Self { code: code.into(), failed: true, ..Self::default() }
    }

    /// Names the field, attribute or setting.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds what would have passed.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds what came.
    #[must_use]
    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    /// The same without values of claims, for what is recorded outside of a test: names, addresses and counts stay.
    /// Of a code that nobody knows, nothing stays.
    #[must_use]
    pub fn without_claim_values(self) -> Self {
        if !super::holds_claims(&self.code) {
            return self;
        }
        // What the identity provider answers begins with URIs of the standard
        let is_status = |part: &&str| part.starts_with("urn:oasis:");
        let status = self.actual.as_deref().filter(|_| self.code == "saml.idp_status");
        let kept =
            status.map(|status| status.split(", ").take_while(is_status).collect::<Vec<_>>().join(", "));
        Self { field: None, expected: None, actual: kept, ..self }
    }

    /// Another code for the same evidence.
    #[cfg(feature = "oidc")]
    fn named(mut self, code: &str) -> Self {
        code.clone_into(&mut self.code);
        self
    }

    /// Adds what may explain a difference.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<&Note> for Evidence {
    fn from(note: &Note) -> Self {
        Self {
            code: note.code.clone(),
            failed: false,
            field: note.field.clone(),
            expected: note.expected.clone(),
            actual: note.actual.clone(),
            hints: Vec::new(),
        }
    }
}

impl From<&MappingError> for Evidence {
    fn from(error: &MappingError) -> Self {
        let failure = Self::failure(error.code());
        match error {
            MappingError::LoginMissing { expected, received } => {
                failure.field("login").expected(expected).actual(list(received))
            }
            MappingError::EmailMissing { expected, received } => {
                failure.field("email").expected(expected).actual(list(received))
            }
            MappingError::LoginMultiple { attribute, count }
            | MappingError::EmailMultiple { attribute, count } => {
                failure.field(attribute).expected("1 value").actual(format!("{count} values"))
            }
            MappingError::EmailInvalid { attribute, flaw } => {
                failure.field(attribute).expected("an email address").actual(flaw.to_string())
            }
        }
    }
}

impl From<&groups::Refusal> for Evidence {
    fn from(refusal: &groups::Refusal) -> Self {
        let evidence = Self { failed: refusal.denies_sign_in(), ..Self::new(refusal.code()) };
        match refusal {
            groups::Refusal::Overage { link: Some(link) } => evidence.actual(link),
            _ => evidence,
        }
    }
}

/// As the set-up of a connection names it.
impl From<&CertificateError> for Evidence {
    fn from(error: &CertificateError) -> Self {
        let code = match error {
            CertificateError::Several { .. } => "saml.certificate_several",
            // Another file, an unreadable one, a key that is too weak: the administrator uploads another one
            _ => "saml.certificate_wrong_kind",
        };
        let failure = Self::failure(code).field("idp_certificate").expected("a public X.509 certificate");
        match error {
            CertificateError::WrongKind { found } => failure.actual(*found),
            other => failure.actual(other.to_string()),
        }
    }
}

#[cfg(feature = "saml")]
impl From<&saml::Error> for Evidence {
    fn from(error: &saml::Error) -> Self {
        if let saml::Error::Certificate(error) = error {
            return Self::from(error);
        }
        let failure = Self {
            expected: error.expected(),
            actual: error.actual(),
            hints: error.hints().iter().map(|found| hint(found).to_owned()).collect(),
            ..Self::failure(error.code())
        };
        match error {
            saml::Error::NotYetValid(bound)
            | saml::Error::AssertionExpired(bound)
            | saml::Error::ConfirmationExpired(bound)
            | saml::Error::ConfirmationNotYetValid(bound)
            | saml::Error::SessionExpired(bound)
            | saml::Error::AuthnInstantInvalid(bound) => {
                failure.expected(bound.bound.to_string()).actual(bound.now.to_string())
            }
            saml::Error::UrlNotAllowed { field, .. } => failure.field(field),
            saml::Error::ConfigurationInvalid { field, .. } => failure.field(*field),
            saml::Error::CertificateDates { certificate, .. } => failure.field(certificate),
            saml::Error::InResponseToMissing { expected } => failure.expected(expected).actual("no request"),
            _ => failure,
        }
    }
}

#[cfg(feature = "saml")]
fn hint(hint: &saml::Hint) -> &'static str {
    match hint {
        saml::Hint::TrailingSlash => "trailing_slash",
        saml::Hint::Case => "case",
        saml::Hint::Scheme => "scheme",
        saml::Hint::WhiteSpace => "white_space",
        saml::Hint::EqualsAcsUrl => "equals_acs_url",
        saml::Hint::SeveralAcsUrls => "several_acs_urls",
    }
}

fn list(names: &[String]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    names.iter().map(|name| name.escape_debug().to_string()).collect::<Vec<_>>().join(", ")
}

/// Errors of discovery are one finding for whoever enters an issuer; what a provider answers with is told apart by
/// its error member.
#[cfg(feature = "oidc")]
impl From<&oidc::Error> for Evidence {
    fn from(error: &oidc::Error) -> Self {
        use oidc::{Error, Message};

        let failure =
            Self { expected: error.expected(), actual: error.actual(), ..Self::failure(error.code()) };
        match error {
            Error::HttpStatus { message: Message::Discovery, actual, .. } => failure
                .named("oidc.discovery_failed")
                .expected("a status of 200")
                .actual(format!("status {actual}")),
            Error::ContentType { message: Message::Discovery, .. }
            | Error::BodyTooLarge { message: Message::Discovery, .. } => {
                failure.named("oidc.discovery_failed")
            }
            Error::Json { message: Message::Discovery, error } => {
                failure.named("oidc.discovery_failed").expected("a JSON document").actual(error.to_string())
            }
            Error::Provider(provider) | Error::TokenError { error: provider, .. } => {
                match by_error_member(&provider.error) {
                    Some(code) => failure.named(code),
                    None => failure,
                }
            }
            Error::TokenExpired { bound, .. }
            | Error::TokenNotYetValid { bound, .. }
            | Error::IssuedInFuture { bound, .. }
            | Error::IssuedTooLongAgo { bound, .. } => {
                failure.expected(bound.bound.to_string()).actual(bound.now.to_string())
            }
            Error::MetadataMissing { member } => failure.field(*member),
            Error::UrlNotAllowed { field, .. } | Error::ConfigurationInvalid { field, .. } => {
                failure.field(*field)
            }
            Error::CallbackDuplicateParameter { parameter } => failure.field(*parameter),
            _ => failure,
        }
    }
}

#[cfg(feature = "oidc")]
fn by_error_member(error: &str) -> Option<&'static str> {
    match error {
        "invalid_client" | "unauthorized_client" => Some("oidc.invalid_client"),
        "redirect_uri_mismatch" | "invalid_redirect_uri" => Some("oidc.redirect_uri_mismatch"),
        _ => None,
    }
}
