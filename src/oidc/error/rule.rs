use super::{Message, ProviderError, TimeBound};
use crate::{endpoint::EndpointError, entropy::EntropyError, jose, json::JsonError, limits::LimitExceeded};

/// The rule that failed, with its evidence.
///
/// [`code`](Self::code) is stable. Evidence never holds a secret, a code, a token, a key, or a personal value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another HTTP status than the step has for success.
    #[error("the {message} has HTTP status {actual}")]
    HttpStatus {
        /// Which answer.
        message: Message,
        /// The status of success.
        expected: u16,
        /// The status that came.
        actual: u16,
    },
    /// Another media type than the step has.
    #[error("the {message} is not {expected}")]
    ContentType {
        /// Which answer.
        message: Message,
        /// The media type.
        expected: &'static str,
        /// The `Content-Type` that came.
        actual: Option<String>,
    },
    /// A body longer than allowed.
    #[error("the {message} has {actual} bytes, {limit} are allowed")]
    BodyTooLarge {
        /// Which answer.
        message: Message,
        /// The bound.
        limit: usize,
        /// The length.
        actual: usize,
    },
    /// Not a JSON object that has one reading.
    #[error("the {message} is not usable: {error}")]
    Json {
        /// Which message.
        message: Message,
        /// What is wrong.
        error: JsonError,
    },
    /// The discovery document is another issuer's (Discovery 4.3).
    #[error("the discovery document is not the issuer's")]
    DiscoveryIssuerMismatch {
        /// The issuer as configured.
        expected: String,
        /// The document's `issuer`, where it is a text.
        actual: Option<String>,
    },
    /// A member of the discovery document that is required (Discovery 3).
    #[error("the discovery document has no {member}")]
    MetadataMissing {
        /// The member.
        member: &'static str,
    },
    /// A member of the discovery document of another type (Discovery 3).
    #[error("{member} of the discovery document is not {expected}")]
    MetadataInvalid {
        /// The member.
        member: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// An address that is not followed.
    #[error("{field}: {error}")]
    UrlNotAllowed {
        /// Whose address.
        field: &'static str,
        /// Why.
        error: EndpointError,
    },
    /// The provider has no support for what a step needs.
    #[error("the provider does not support {feature}")]
    UnsupportedByProvider {
        /// What is needed.
        feature: &'static str,
        /// What it lists instead.
        actual: Vec<String>,
    },
    /// A callback that cannot be read in one way (RFC 6749 appendix B).
    #[error("the callback cannot be read: {reason}")]
    CallbackMalformed {
        /// What is wrong.
        reason: &'static str,
    },
    /// A parameter that is there twice (RFC 6749 §3.1).
    #[error("the callback has {parameter} twice")]
    CallbackDuplicateParameter {
        /// The parameter.
        parameter: &'static str,
    },
    /// A callback without `state` (Core 3.1.2.7).
    #[error("the callback has no state")]
    StateMissing,
    /// A callback with another `state` (Core 3.1.2.7).
    #[error("the callback's state is not the pending sign-in's")]
    StateMismatch,
    /// The sign-in took too long.
    #[error("the pending sign-in is too old")]
    PendingExpired(TimeBound),
    /// The pending sign-in is another connection's (RFC 9700 §4.4).
    #[error("the pending sign-in has another {field} than this connection")]
    MixUp {
        /// `issuer` or `client_id`.
        field: &'static str,
        /// This connection's.
        expected: String,
        /// The pending sign-in's.
        actual: String,
    },
    /// The callback names another issuer (RFC 9207 §2.4).
    #[error("the callback's issuer is not the provider")]
    CallbackIssuerMismatch {
        /// The provider.
        expected: String,
        /// The callback's `iss`.
        actual: String,
    },
    /// The callback names no issuer, though the provider says that it does (RFC 9207 §2.4).
    #[error("the callback has no issuer")]
    CallbackIssuerMissing {
        /// The provider.
        expected: String,
    },
    /// The provider refuses the sign-in (RFC 6749 §4.1.2.1).
    #[error("the provider answers {0}")]
    Provider(ProviderError),
    /// A callback without code (Core 3.1.2.5).
    #[error("the callback has no code")]
    CodeMissing,
    /// The provider wants a nonce in the DPoP proof: send the request again with it, once (RFC 9449 §8).
    #[error("the provider wants a nonce in the DPoP proof")]
    UseDpopNonce {
        /// The nonce.
        nonce: String,
    },
    /// The provider wants another nonce though the proof had one from it (RFC 9449 §8).
    #[error("the provider wants a nonce in the DPoP proof again")]
    DpopNonceRepeated,
    /// The provider refuses the request (RFC 6749 §5.2).
    #[error("the {message} is {error}")]
    TokenError {
        /// Which answer.
        message: Message,
        /// The HTTP status.
        status: u16,
        /// What the provider says.
        error: ProviderError,
    },
    /// The provider does not revoke tokens of this type (RFC 7009 §2.2.1).
    #[error("the provider does not revoke tokens of this type")]
    UnsupportedTokenType(ProviderError),
    /// No access token (RFC 6749 §5.1).
    #[error("the token response has no access token")]
    AccessTokenMissing,
    /// Another token type than asked for (RFC 6749 §7.1).
    #[error("the token type is not {expected}")]
    TokenType {
        /// The type that was asked for.
        expected: &'static str,
        /// The type that came.
        actual: Option<String>,
    },
    /// A lifetime that is no number of seconds from 0 to ten years (RFC 6749 §5.1).
    #[error("expires_in is not a number of seconds")]
    ExpiresIn {
        /// The value, where it is a number or a short text.
        actual: Option<String>,
    },
    /// No ID token (Core 3.1.3.3).
    #[error("the token response has no ID token")]
    IdTokenMissing,
    /// An answer to a pushed request that cannot be used (RFC 9126 §2.2).
    #[error("the answer to the pushed request cannot be used: {reason}")]
    ParResponse {
        /// What is wrong.
        reason: &'static str,
    },
    /// An answer to a token exchange that cannot be used (RFC 8693 §2.2).
    #[error("the answer to the token exchange cannot be used: {reason}")]
    TokenExchangeResponse {
        /// What is wrong.
        reason: &'static str,
    },
    /// A token or key set that cannot be read, decrypted or verified.
    #[error("{message}: {error}")]
    Jose {
        /// Which message.
        message: Message,
        /// The rule that failed.
        error: jose::Error,
    },
    /// A token in plain text where encryption is registered (Core 3.1.3.7).
    #[error("the {message} is not encrypted")]
    TokenNotEncrypted {
        /// Which token.
        message: Message,
    },
    /// A token of another kind (RFC 8725 §3.11).
    #[error("this is no {message}")]
    TokenWrongType {
        /// Which token was expected.
        message: Message,
        /// What shows the kind.
        actual: String,
    },
    /// A claim that is required.
    #[error("the {message} has no {claim}")]
    ClaimMissing {
        /// Which message.
        message: Message,
        /// The claim.
        claim: &'static str,
    },
    /// A claim of another JSON type.
    #[error("{claim} of the {message} is not {expected}")]
    ClaimType {
        /// Which message.
        message: Message,
        /// The claim.
        claim: &'static str,
        /// What it has to be.
        expected: &'static str,
        /// The type that came.
        actual: &'static str,
    },
    /// Another issuer than the provider (Core 3.1.3.7).
    #[error("the {message}'s issuer is not the provider")]
    IssuerMismatch {
        /// Which message.
        message: Message,
        /// The provider.
        expected: String,
        /// The issuer that came.
        actual: String,
    },
    /// A tenant that the connection does not serve.
    #[error("the tenant is not allowed")]
    TenantNotAllowed {
        /// The tenant.
        actual: String,
    },
    /// No tenant, or none in the one form that is compared.
    #[error("the tenant is not a lower-case GUID")]
    TenantInvalid {
        /// The tenant.
        actual: Option<String>,
    },
    /// No subject of 1 to 255 bytes (Core 2).
    #[error("the {message} has no subject")]
    SubjectMissing {
        /// Which message.
        message: Message,
    },
    /// A token for somebody else (Core 3.1.3.7).
    #[error("the {message} was made for another audience")]
    AudienceMismatch {
        /// Which token.
        message: Message,
        /// Our client identifier.
        expected: String,
        /// The audiences that came.
        actual: Vec<String>,
    },
    /// A token for us and for somebody whom the connection does not trust (Core 3.1.3.7).
    #[error("the {message} was also made for an audience that is not trusted")]
    AudienceUntrusted {
        /// Which token.
        message: Message,
        /// The audiences that are trusted.
        expected: Vec<String>,
        /// Those that are not.
        actual: Vec<String>,
    },
    /// A token that somebody else asked for (Core 3.1.3.7).
    #[error("the {message} was made at another party's request")]
    AuthorizedPartyMismatch {
        /// Which token.
        message: Message,
        /// Our client identifier.
        expected: String,
        /// The party that came.
        actual: Option<String>,
    },
    /// `exp` has passed (Core 3.1.3.7).
    #[error("the {message} has expired")]
    TokenExpired {
        /// Which token.
        message: Message,
        /// The times.
        bound: TimeBound,
    },
    /// `nbf` is yet to come (RFC 7519 §4.1.5).
    #[error("the {message} is not valid yet")]
    TokenNotYetValid {
        /// Which token.
        message: Message,
        /// The times.
        bound: TimeBound,
    },
    /// `iat` is yet to come (Core 3.1.3.7).
    #[error("the {message} was issued in the future")]
    IssuedInFuture {
        /// Which token.
        message: Message,
        /// The times.
        bound: TimeBound,
    },
    /// `iat` is too long ago (Core 3.1.3.7).
    #[error("the {message} was issued too long ago")]
    IssuedTooLongAgo {
        /// Which token.
        message: Message,
        /// The times.
        bound: TimeBound,
    },
    /// No nonce (Core 3.1.3.7).
    #[error("the ID token has no nonce")]
    NonceMissing,
    /// Another nonce (Core 3.1.3.7).
    #[error("the ID token's nonce is not the pending sign-in's")]
    NonceMismatch,
    /// No time of authentication though an age was asked for (Core 3.1.3.7).
    #[error("the ID token has no auth_time")]
    AuthTimeMissing,
    /// The person authenticated too long ago, or in the future (Core 3.1.3.7).
    #[error("the person did not authenticate in the time asked for")]
    AuthenticationTooOld(TimeBound),
    /// The person did not authenticate as was essential (Core 3.1.3.7).
    #[error("the person did not authenticate in the way asked for")]
    AcrMismatch {
        /// The ways that would do.
        expected: Vec<String>,
        /// The way that was used.
        actual: Option<String>,
    },
    /// `at_hash` is of another access token (Core 3.1.3.6).
    #[error("the ID token was made for another access token")]
    AccessTokenHashMismatch,
    /// `c_hash` is of another code (Core 3.3.2.11).
    #[error("the ID token was made for another code")]
    CodeHashMismatch,
    /// Another hosted domain at Google than asked for.
    #[error("the account is not of the hosted domain")]
    HostedDomainMismatch {
        /// The domain asked for.
        expected: String,
        /// The account's.
        actual: Option<String>,
    },
    /// Another organization at Auth0 than asked for.
    #[error("the account is not of the organization")]
    OrganizationMismatch {
        /// The organization asked for.
        expected: String,
        /// The account's.
        actual: Option<String>,
    },
    /// The provider refuses the access token (RFC 6750 §3).
    #[error("the UserInfo answer has HTTP status {status}")]
    UserinfoError {
        /// The HTTP status.
        status: u16,
        /// What the provider says, where it says something.
        error: Option<ProviderError>,
    },
    /// A UserInfo answer without signature where one is registered (Core 5.3.4).
    #[error("the UserInfo answer is not signed")]
    UserinfoNotSigned,
    /// A UserInfo answer about somebody else, or about nobody (Core 5.3.4).
    #[error("the UserInfo answer has another subject than the ID token")]
    UserinfoSubjectMismatch,
    /// A refreshed ID token of another issuer (Core 12.2).
    #[error("the refreshed ID token has another issuer")]
    RefreshIssuerMismatch {
        /// The issuer before.
        expected: String,
        /// The issuer that came.
        actual: String,
    },
    /// A refreshed ID token of somebody else (Core 12.2).
    #[error("the refreshed ID token has another subject")]
    RefreshSubjectMismatch,
    /// A refreshed ID token of another authentication (Core 12.2).
    #[error("the refreshed ID token has another auth_time")]
    RefreshAuthTimeMismatch,
    /// A logout message that cannot be read in one way (Back-Channel 2.5, Front-Channel 2).
    #[error("the logout message cannot be read: {reason}")]
    LogoutMalformed {
        /// What is wrong.
        reason: &'static str,
    },
    /// A logout token without the event (Back-Channel 2.4).
    #[error("the logout token has no back-channel logout event")]
    LogoutEventMissing,
    /// A logout token with a nonce (Back-Channel 2.4).
    #[error("the logout token has a nonce")]
    LogoutNoncePresent,
    /// A logout token that says neither who nor which session, or not which session where that is registered
    /// (Back-Channel 2.4).
    #[error("the logout token does not say whose session ends")]
    LogoutSubjectMissing,
    /// A sign-in asked for at a provider that is not configured (Core 4).
    #[error("the sign-in was asked for at an unknown issuer")]
    InitiatedLoginUnknownIssuer {
        /// The issuers that are configured.
        expected: Vec<String>,
        /// The issuer asked for.
        actual: Option<String>,
    },
    /// A request to sign in that cannot be read in one way (Core 4).
    #[error("the request to sign in cannot be read: {reason}")]
    InitiatedLoginMalformed {
        /// What is wrong.
        reason: &'static str,
    },
    /// The provider's keys were not fetched, and there are none of before.
    #[error("the provider's keys could not be fetched")]
    JwksUnavailable,
    /// No algorithm that the policy allows is one that the provider lists.
    #[error("the provider lists no algorithm that is allowed")]
    NoCommonAlgorithm {
        /// The policy's.
        expected: Vec<String>,
        /// The provider's.
        actual: Vec<String>,
    },
    /// A message with more of something than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
    /// A setting of ours that cannot be used.
    #[error("{field}: {reason}")]
    ConfigurationInvalid {
        /// The setting.
        field: &'static str,
        /// Its value, unless that is a secret.
        value: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A signature of ours is needed and no key is set.
    #[error("{wanted_for} needs a signing key")]
    SigningKeyMissing {
        /// What must be signed.
        wanted_for: &'static str,
    },
    /// The key cannot make the signature that is needed.
    #[error("no signature was made: {0}")]
    Signing(jose::Error),
    /// The source of random bytes failed.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// A request that HTTP cannot hold.
    #[error("the request cannot be written: {reason}")]
    RequestInvalid {
        /// What is wrong.
        reason: &'static str,
    },
}
