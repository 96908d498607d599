//! How a response is written: everything in which products differ while keeping to the standard.

use std::time::Duration;

use super::TestKey;
use crate::{
    crypto::SignatureAlgorithm,
    saml::names::{attribute_name_format, authn_context, name_id_format},
    xmldsig::Placement,
};

/// How a response is written. [`Shape::style`](super::Shape::style) gives that of a product; each field can be
/// set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Style {
    /// Which elements carry a signature.
    pub signed: SignedElements,
    /// Where a signature stands in its element.
    pub placement: Placement,
    /// The key that signs.
    pub key: TestKey,
    /// The signature's algorithm; the key's own default where there is none.
    pub algorithm: Option<SignatureAlgorithm>,
    /// What the signature says of the key.
    pub key_info: KeyInfo,
    /// InclusiveNamespaces of the signature's transform, `""` for the default namespace.
    pub prefix_list: Vec<String>,
    /// What is encrypted, if anything.
    #[cfg(feature = "decrypt")]
    pub encryption: Option<super::Encryption>,

    /// Prefix of protocol elements; empty for the default namespace.
    pub protocol_prefix: String,
    /// Prefix of assertion elements; empty for the default namespace.
    pub assertion_prefix: String,
    /// Where the namespaces are declared.
    pub namespaces: Namespaces,
    /// More declarations on the Response, prefix and name, which nothing uses.
    pub unused_namespaces: Vec<(String, String)>,
    /// `xsi:type` of attribute values.
    pub value_type: ValueType,
    /// How times are written.
    pub times: TimeStyle,
    /// How IDs look.
    pub ids: IdStyle,
    /// How the query of a redirect is written.
    pub redirects: RedirectStyle,

    /// Which elements name the issuer, and how.
    pub issuers: Issuers,
    /// When the Response has a Destination.
    pub destination: Destination,
    /// The NameID.
    pub name_id: NameIdStyle,
    /// Whether the confirmation has a NotBefore (which the profile forbids), this long before now.
    pub confirmation_not_before: Option<Duration>,
    /// Audiences beside the service provider, before it in the same restriction.
    pub other_audiences: Vec<String>,
    /// Whether the assertion asks to be used once.
    pub one_time_use: bool,
    /// How long before now the assertion begins to be valid.
    pub leeway: Duration,
    /// How long from now the assertion and its confirmation are valid.
    pub lifetime: Duration,
    /// How long from now the session lasts, where that is said.
    pub session_lifetime: Option<Duration>,
    /// The authentication context class, unless the request asks for one.
    pub authn_context: String,

    /// Names of the attributes.
    pub attributes: AttributeNames,
    /// The format of these names, where it is sent.
    pub attribute_name_format: Option<String>,
    /// How the attributes are spread over statements.
    pub statements: Statements,
    /// How groups become values.
    pub group_values: GroupValues,
    /// More attributes, name and values, behind the others.
    pub other_attributes: Vec<(String, Vec<String>)>,
}

/// Which elements carry a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignedElements {
    /// None.
    Neither,
    /// The Response.
    Response,
    /// The Assertion.
    Assertion,
    /// The Assertion, then the Response around it.
    Both,
}

/// What a signature says of the key that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyInfo {
    /// Its certificate.
    Certificate,
    /// The certificate of another key.
    CertificateOf(TestKey),
    /// Nothing.
    Omit,
}

/// Where the namespaces of SAML and of value types are declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Namespaces {
    /// All of them on the Response.
    OnResponse,
    /// Those of assertions and value types on the Assertion.
    OnAssertion,
    /// On the outermost element that uses them.
    WhereUsed,
}

/// `xsi:type` of attribute values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// None.
    Omit,
    /// `xs:string`.
    String,
    /// `xs:anyType`.
    AnyType,
}

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeStyle {
    /// `2026-11-22T00:01:00.000Z`.
    Millis,
    /// `2026-11-22T00:01:00Z`.
    Seconds,
    /// `2026-11-22T00:01:00.0000000Z`, as .NET writes.
    SevenDigits,
    /// `2026-11-22T00:01:00.000000000Z`, as Java writes.
    NineDigits,
    /// `2026-11-22T02:01:00.000+02:00`.
    Offset,
    /// `2026-11-22T00:01:00.000`.
    NoZone,
}

/// How IDs look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdStyle {
    /// `_` and 32 hexadecimal digits.
    Hex,
    /// `_` and a UUID.
    Uuid,
    /// `ID_` and a UUID.
    IdUuid,
    /// `id` and 26 decimal digits.
    Decimal,
    /// Hexadecimal digits in upper case, the first a letter.
    UpperHex,
    /// Hexadecimal digits, the first decimal: no XML name, and in use.
    LeadingDigit,
}

/// How the query of a redirect is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RedirectStyle {
    /// Deflated, escapes in upper case: `%2B`.
    UpperCase,
    /// Deflated, escapes in lower case: `%2b`.
    LowerCase,
    /// Not deflated, against the binding.
    Undeflated,
}

/// Which elements name the issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Issuers {
    /// Response and Assertion.
    Both,
    /// Both, with `Format` saying that it is an entity.
    BothWithFormat,
    /// The Assertion.
    AssertionOnly,
}

/// When the Response has a Destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    /// Always.
    Always,
    /// When it is signed.
    WhenSigned,
}

/// The NameID.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NameIdStyle {
    /// Its format, unless the request asks for one.
    pub format: Option<String>,
    /// What it is made of, unless the user has one.
    pub source: NameIdSource,
    /// NameQualifier.
    pub name_qualifier: Option<String>,
    /// SPNameQualifier.
    pub sp_name_qualifier: Option<String>,
}

/// What a NameID is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameIdSource {
    /// The e-mail address.
    Email,
    /// The login.
    Login,
    /// An opaque value, the same at each sign-in at one service provider.
    Persistent,
    /// An opaque value, another one at each sign-in.
    Transient,
}

/// Names of the attributes; one that is `None` is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttributeNames {
    /// The full name.
    pub name: Option<String>,
    /// The unique name.
    pub login: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The groups. A user in none has an attribute without values.
    pub groups: Option<String>,
}

/// How the attributes are spread over statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Statements {
    /// All in one.
    One,
    /// One for each attribute.
    OneEach,
}

/// How groups become values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupValues {
    /// One attribute with a value for each.
    Values,
    /// An attribute of the same name for each.
    Attributes,
    /// One value, separated by this character.
    Delimited(char),
}

impl Default for Style {
    /// Response and Assertion signed, as plain as the standard allows, attributes under the names `name`,
    /// `login`, `email` and `groups`, a persistent NameID.
    fn default() -> Self {
        Self {
            signed: SignedElements::Both,
            placement: Placement::AfterFirstChild,
            key: TestKey::Rsa,
            algorithm: None,
            key_info: KeyInfo::Certificate,
            prefix_list: Vec::new(),
            #[cfg(feature = "decrypt")]
            encryption: None,
            protocol_prefix: "samlp".to_owned(),
            assertion_prefix: "saml".to_owned(),
            namespaces: Namespaces::OnResponse,
            unused_namespaces: Vec::new(),
            value_type: ValueType::String,
            times: TimeStyle::Millis,
            ids: IdStyle::Hex,
            redirects: RedirectStyle::UpperCase,
            issuers: Issuers::Both,
            destination: Destination::Always,
            name_id: NameIdStyle::new(name_id_format::PERSISTENT, NameIdSource::Persistent),
            confirmation_not_before: None,
            other_audiences: Vec::new(),
            one_time_use: false,
            leeway: Duration::from_secs(60),
            lifetime: Duration::from_secs(300),
            session_lifetime: None,
            authn_context: authn_context::PASSWORD_PROTECTED_TRANSPORT.to_owned(),
            attributes: AttributeNames::mapped(),
            attribute_name_format: Some(attribute_name_format::UNSPECIFIED.to_owned()),
            statements: Statements::One,
            group_values: GroupValues::Values,
            other_attributes: Vec::new(),
        }
    }
}

impl NameIdStyle {
    /// A format and what the value is made of, without qualifiers.
    #[must_use]
    pub fn new(format: &str, source: NameIdSource) -> Self {
        Self { format: Some(format.to_owned()), source, name_qualifier: None, sp_name_qualifier: None }
    }
}

impl AttributeNames {
    /// `name`, `login`, `email` and `groups`.
    #[must_use]
    pub fn mapped() -> Self {
        Self::new("name", "login", "email", "groups")
    }

    /// The four names.
    #[must_use]
    pub fn new(name: &str, login: &str, email: &str, groups: &str) -> Self {
        let some = |name: &str| Some(name.to_owned());
        Self { name: some(name), login: some(login), email: some(email), groups: some(groups) }
    }
}
