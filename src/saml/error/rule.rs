use super::{Hint, IdpStatus, Level, TimeBound};
use crate::crypto::CertificateError;
use crate::endpoint::EndpointError;
use crate::entropy::EntropyError;
use crate::limits::LimitExceeded;
use crate::saml::bindings::Binding;
use crate::time::Timestamp;
use crate::{xml, xmldsig, xmlenc};

/// The rule that failed, with its evidence.
///
/// [`code`](Self::code) is stable. Evidence never holds a key, a whole assertion, or a personal value beyond the
/// compared texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The posted text is longer than allowed.
    #[error("the message has {actual} bytes, {limit} are allowed")]
    MessageTooLarge {
        /// The bound.
        limit: usize,
        /// The length.
        actual: usize,
    },
    /// The message is not base64, or holds something else than XML (Bindings 3.5.4).
    #[error("the message is not base64 of an XML document: {reason}")]
    Base64Invalid {
        /// Byte offset of the first wrong character, where there is one.
        offset: Option<usize>,
        /// What is wrong.
        reason: &'static str,
    },
    /// A parameter of a query or field of a form that is missing, there twice, or not to be read in one way
    /// (Bindings 3.4.4, 3.5.4).
    #[error("the parameter {parameter} is not usable: {reason}")]
    ParametersInvalid {
        /// How the message came.
        binding: Binding,
        /// The parameter or field.
        parameter: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// A message in a query with another encoding than DEFLATE (Bindings 3.4.4).
    #[error("the query has another SAMLEncoding than DEFLATE")]
    RedirectEncoding {
        /// The encoding.
        actual: String,
    },
    /// A message in a query that cannot be inflated (Bindings 3.4.4.1).
    #[error("the message in the query cannot be inflated: {reason}")]
    InflateFailed {
        /// What is wrong.
        reason: &'static str,
    },
    /// The document is refused by the parser.
    #[error(transparent)]
    Xml(#[from] xml::Error),
    /// Another document element than expected.
    #[error("the document is no {expected}")]
    UnexpectedRoot {
        /// The expected element.
        expected: &'static str,
        /// The element that came.
        actual: String,
    },
    /// Another version than 2.0 (Core 4.1).
    #[error("the version is not 2.0")]
    VersionUnsupported {
        /// The attribute.
        actual: Option<String>,
    },
    /// A message or assertion without ID (Core 1.3.4).
    #[error("an element has no ID")]
    IdMissing {
        /// Where.
        element: Level,
    },
    /// A time that is missing, no `xs:dateTime`, or not before the time it should be before (Core 1.3.3).
    #[error("{attribute} is not a usable time")]
    TimeInvalid {
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        actual: Option<String>,
    },
    /// A child, or text, that the schema does not have at this place (Core 2, 3).
    #[error("{child} cannot stand at its place in {parent}")]
    SchemaViolation {
        /// The enclosing element.
        parent: String,
        /// What stands there.
        child: String,
    },
    /// The response has no status (Core 3.2.2).
    #[error("the response has no status")]
    StatusMissing,
    /// A signature where none may stand (Core 5.4.2).
    #[error("a signature stands in {parent}")]
    SignatureMisplaced {
        /// The element around it.
        parent: String,
    },
    /// An assertion where none may stand (Core 3.3.3).
    #[error("an assertion stands in {parent}")]
    AssertionMisplaced {
        /// The element around it.
        parent: String,
    },
    /// Another issuer than the identity provider (Profiles 4.1.4.2).
    #[error("the {level}'s issuer is not the identity provider")]
    IssuerMismatch {
        /// Which issuer.
        level: Level,
        /// The identity provider's entity ID.
        expected: String,
        /// The issuer, or its format where that is wrong.
        actual: Option<String>,
        /// What may have happened.
        hints: Vec<Hint>,
    },
    /// A signed message without Destination (Bindings 3.4.5.2, 3.5.5.2).
    #[error("the signed message has no Destination")]
    DestinationMissing {
        /// Our addresses.
        expected: Vec<String>,
    },
    /// A message for another address (Core 3.2.2).
    #[error("the message was made for another address")]
    DestinationMismatch {
        /// Our addresses.
        expected: Vec<String>,
        /// The address in the message.
        actual: String,
        /// What may have happened.
        hints: Vec<Hint>,
    },
    /// A signature is not valid.
    #[error("{level}: {error}")]
    Signature {
        /// What is signed.
        level: Level,
        /// The rule that failed.
        error: xmldsig::Error,
    },
    /// The identity provider says that the sign-in failed (Core 3.2.2.2).
    #[error("the identity provider answers {}", .0.code)]
    IdpStatus(IdpStatus),
    /// Not exactly one assertion (Profiles 4.1.4.2).
    #[error("the response has {plain} assertions and {encrypted} encrypted ones")]
    AssertionCount {
        /// Assertions.
        plain: usize,
        /// Encrypted assertions.
        encrypted: usize,
    },
    /// The policy asks for a signature on the Response.
    #[error("the response is not signed")]
    ResponseNotSigned,
    /// The policy asks for a signature on the Assertion.
    #[error("the assertion is not signed")]
    AssertionNotSigned,
    /// Nothing covers what would be read (Profiles 4.1.3.5, 4.4.3.1, 4.4.4.2; Bindings 3.4.4.1).
    #[error("no signature covers what would be read")]
    SignatureMissing,
    /// An encrypted element is not decrypted (Core 6).
    #[error("{element}: {error}")]
    Encryption {
        /// The encrypted element.
        element: &'static str,
        /// Why. [`xmlenc::Error::Failed`] never says more.
        error: xmlenc::Error,
    },
    /// The certificate that signed is outside of its dates, and the policy enforces them.
    #[error("the signing certificate is outside of its validity")]
    CertificateDates {
        /// The bound that is broken.
        bound: TimeBound,
        /// SHA-256 of the certificate.
        certificate: String,
    },
    /// The connection does not know the identity provider's entity ID yet: only a test sign-in can be made.
    #[error("the identity provider's entity ID is not set")]
    IssuerUnpinned,
    /// The assertion has no subject (Profiles 4.1.4.2).
    #[error("the assertion has no subject")]
    SubjectMissing,
    /// The subject is not named (Core 2.2).
    #[error("the subject has no NameID")]
    NameIdMissing {
        /// What stands instead.
        actual: Option<String>,
    },
    /// The subject's name is not usable (Core 2.2.3).
    #[error("the subject's NameID is not usable: {reason}")]
    NameIdInvalid {
        /// Why.
        reason: &'static str,
    },
    /// No bearer confirmation (Profiles 4.1.4.2).
    #[error("the subject has no bearer confirmation")]
    BearerMissing {
        /// The methods that are there.
        actual: Vec<String>,
    },
    /// The confirmation names no recipient (Profiles 4.1.4.2).
    #[error("the confirmation has no Recipient")]
    RecipientMissing {
        /// Our addresses.
        expected: Vec<String>,
    },
    /// The assertion was made for another address (Profiles 4.1.4.2).
    #[error("the assertion was made for another address")]
    RecipientMismatch {
        /// Our addresses.
        expected: Vec<String>,
        /// The address in the assertion.
        actual: String,
        /// What may have happened.
        hints: Vec<Hint>,
    },
    /// The confirmation has no end (Profiles 4.1.4.2).
    #[error("the confirmation has no NotOnOrAfter")]
    ConfirmationExpiryMissing,
    /// The confirmation is past its end (Profiles 4.1.4.2).
    #[error("the confirmation has expired")]
    ConfirmationExpired(TimeBound),
    /// The confirmation has not begun (Core 2.4.1.2).
    #[error("the confirmation is not valid yet")]
    ConfirmationNotYetValid(TimeBound),
    /// An answer to another request (Profiles 4.1.4.2).
    #[error("the {level} answers another request")]
    InResponseToMismatch {
        /// Where it says so.
        level: Level,
        /// The outstanding request.
        expected: Option<String>,
        /// The request that it answers.
        actual: String,
    },
    /// A request is outstanding and the assertion does not say that it answers it (Profiles 4.1.4.2).
    #[error("the assertion does not say which request it answers")]
    InResponseToMissing {
        /// The outstanding request.
        expected: String,
    },
    /// A response that nobody asked for (Profiles 4.1.5).
    #[error("the sign-in was not begun here")]
    IdpInitiatedDenied,
    /// No audience restriction (Profiles 4.1.4.2).
    #[error("the assertion names no audience")]
    AudienceMissing {
        /// Our names.
        expected: Vec<String>,
    },
    /// The assertion is for somebody else (Core 2.5.1.4).
    #[error("the assertion is for another audience")]
    AudienceMismatch {
        /// Our names.
        expected: Vec<String>,
        /// The audiences of the first restriction that we are not in.
        actual: Vec<String>,
        /// What may have happened.
        hints: Vec<Hint>,
    },
    /// The assertion is not valid yet (Core 2.5.1.2).
    #[error("the assertion is not valid yet")]
    NotYetValid(TimeBound),
    /// The assertion has expired (Core 2.5.1.2).
    #[error("the assertion has expired")]
    AssertionExpired(TimeBound),
    /// A condition that we do not understand (Core 2.5.1).
    #[error("the assertion has a condition that is not understood")]
    ConditionUnknown {
        /// Its name.
        name: String,
        /// Its `xsi:type`.
        xsi_type: Option<String>,
    },
    /// The assertion does not say that somebody authenticated (Profiles 4.1.4.2).
    #[error("the assertion has no authentication statement")]
    AuthnStatementMissing,
    /// The session at the identity provider has ended (Core 2.7.2).
    #[error("the session at the identity provider has ended")]
    SessionExpired(TimeBound),
    /// The person authenticated in the future, or before the request that asked for it anew (Core 3.4.1).
    #[error("the time of authentication is not possible")]
    AuthnInstantInvalid(TimeBound),
    /// The person authenticated too long ago.
    #[error("the authentication is too old")]
    AuthnTooOld(TimeBound),
    /// The person authenticated in another way than asked for (Core 3.3.2.2.1).
    #[error("the authentication context is not one of those asked for")]
    AuthnContextMismatch {
        /// The classes asked for.
        expected: Vec<String>,
        /// The classes in the assertion.
        actual: Vec<String>,
    },
    /// An attribute without usable name, or with something else than values (Core 2.7.3).
    #[error("an attribute is not usable")]
    AttributeInvalid {
        /// Its name, if any.
        name: String,
    },
    /// The logout request is past its end (Core 3.7.1).
    #[error("the logout request has expired")]
    LogoutExpired(TimeBound),
    /// The artifact is none of type 4, or names no service of the identity provider (Bindings 3.6.4.2).
    #[error("the artifact is not usable: {reason}")]
    ArtifactInvalid {
        /// What is wrong.
        reason: &'static str,
    },
    /// The artifact was made by somebody else (Bindings 3.6.4.2).
    #[error("the artifact is not the identity provider's")]
    ArtifactSourceMismatch {
        /// SHA-1 of the identity provider's entity ID, in hexadecimal digits.
        expected: String,
        /// The source in the artifact.
        actual: String,
    },
    /// The artifact resolution service answers with a fault, or with another status than 200 (Bindings 3.2.2.1).
    #[error("the artifact resolution service answers with HTTP status {http_status} and no message")]
    SoapFault {
        /// The status.
        http_status: u16,
        /// The fault's code, at most 1 KiB.
        code: Option<String>,
        /// The fault's text for people, at most 1 KiB.
        message: Option<String>,
    },
    /// More of something than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),

    // Configuration: what the host itself has set.
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
    /// The identity provider has no sign-on or logout service for the binding asked for.
    #[error("the identity provider offers no service for the binding asked for")]
    BindingNotOffered {
        /// The bindings asked for.
        expected: Vec<Binding>,
        /// The bindings that it has.
        actual: Vec<Binding>,
    },
    /// A RelayState above what may be sent (80 bytes, Bindings 3.4.3) or received.
    #[error("the RelayState has {actual} bytes, {limit} are allowed")]
    RelayStateTooLong {
        /// The bound.
        limit: usize,
        /// The length.
        actual: usize,
    },
    /// An address that is no absolute `https` URL, or that the setting for addresses does not allow.
    #[error("{field}: {error}")]
    UrlNotAllowed {
        /// The setting, or the element and attribute.
        field: String,
        /// The rule that it breaks, and the address.
        error: EndpointError,
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

    // Metadata of the identity provider.
    /// The input is no XML at all.
    #[error("the metadata is no XML but {actual}")]
    MetadataNotXml {
        /// What it looks like.
        actual: &'static str,
    },
    /// The input breaks off: the host's reader failed.
    #[error("the metadata cannot be read to its end: {kind}")]
    MetadataUnreadable {
        /// What the reader says.
        kind: std::io::ErrorKind,
    },
    /// The input is a web page, such as a login form or an error.
    #[error("the metadata is a web page")]
    MetadataHtml,
    /// The metadata is a service provider's.
    #[error("the metadata describes a service provider and no identity provider")]
    MetadataSpOnly {
        /// The entities in it, at most ten.
        actual: Vec<String>,
    },
    /// No entity has the role of a SAML 2.0 identity provider.
    #[error("the metadata describes no SAML 2.0 identity provider")]
    MetadataNoIdp {
        /// The entities in it, at most ten.
        actual: Vec<String>,
    },
    /// The entity asked for is not in the metadata.
    #[error("the metadata does not have the entity asked for")]
    MetadataEntityNotFound {
        /// The entity asked for.
        expected: String,
        /// The entities in it, at most ten.
        actual: Vec<String>,
    },
    /// Several identity providers and none asked for, or one entity twice.
    #[error("the metadata has several identity providers, or one of them twice")]
    MetadataSeveralEntities {
        /// The entities that compete, at most ten.
        actual: Vec<String>,
    },
    /// Metadata that was read anew is of another entity than before.
    #[error("the metadata is of another entity than before")]
    MetadataEntityChanged {
        /// The entity that it was of.
        expected: String,
        /// The entity that it is of, where it is known.
        actual: Option<String>,
    },
    /// The validity of the metadata has ended (Metadata 2.3.2).
    #[error("{element} is past its validUntil")]
    MetadataExpired {
        /// The element that says so.
        element: String,
        /// When validity ended.
        valid_until: Timestamp,
        /// The host's time.
        now: Timestamp,
    },
    /// No sign-on service for HTTP-Redirect or HTTP-POST.
    #[error("the identity provider has no sign-on service for HTTP-Redirect or HTTP-POST")]
    MetadataNoSso {
        /// The bindings that it has, as URIs.
        actual: Vec<String>,
    },
    /// No usable signing key, so no signature could ever count.
    #[error("the identity provider has no usable signing key")]
    MetadataNoSigningKey {
        /// How many keys and certificates are there that cannot be used.
        unreadable: usize,
    },
    /// A certificate given by hand cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}
