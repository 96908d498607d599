//! The names that SAML 2.0 fixes: namespaces, bindings, formats, status codes, encryption algorithms.

/// `saml:`, assertions.
pub const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// `samlp:`, protocol messages; also the protocol that a metadata role supports.
pub const SAMLP: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// `md:`, metadata.
pub const MD: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// `mdui:`, what a user sees of an entity (Metadata Extensions for Login and Discovery User Interface 1.0).
pub const MDUI: &str = "urn:oasis:names:tc:SAML:metadata:ui";
/// `ds:`, XML signatures.
pub const DS: &str = crate::xmldsig::NAMESPACE;
/// `dsig11:`, the elliptic-curve additions to `ds:`.
pub const DSIG11: &str = "http://www.w3.org/2009/xmldsig11#";
/// `xenc:`, XML encryption.
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// `xenc11:`, the additions of XML encryption 1.1.
pub const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// `xs:`, XML Schema.
pub const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// `xsi:`, XML Schema in instances.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// The namespace of `xml:lang`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The one version of SAML.
pub const VERSION: &str = "2.0";

/// Bindings (Bindings 3).
pub mod binding {
    /// HTTP-Redirect.
    pub const HTTP_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
    /// HTTP-POST.
    pub const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
    /// HTTP-Artifact.
    pub const HTTP_ARTIFACT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact";
    /// SOAP.
    pub const SOAP: &str = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP";
    /// The message encoding of HTTP-Redirect (Bindings 3.4.4.1).
    pub const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
}

/// Formats of a name identifier (Core 8.3).
pub mod name_id_format {
    /// Whatever the identity provider likes.
    pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";
    /// An e-mail address.
    pub const EMAIL_ADDRESS: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    /// The subject name of a certificate.
    pub const X509_SUBJECT_NAME: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName";
    /// `DOMAIN\user`.
    pub const WINDOWS_DOMAIN_QUALIFIED_NAME: &str =
        "urn:oasis:names:tc:SAML:1.1:nameid-format:WindowsDomainQualifiedName";
    /// `user@REALM`.
    pub const KERBEROS: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos";
    /// A system that speaks SAML: the format of an Issuer.
    pub const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    /// An opaque identifier, the same each time, for one pair of providers.
    pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    /// An opaque identifier for one session.
    pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
    /// In a NameIDPolicy: encrypt the identifier, whatever its format.
    pub const ENCRYPTED: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted";
}

/// Formats of an attribute's name (Core 8.2).
pub mod attribute_name_format {
    /// Whatever the two sides agree on.
    pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified";
    /// A URI.
    pub const URI: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
    /// A simple name.
    pub const BASIC: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";
}

/// Status codes (Core 3.2.2.2).
pub mod status {
    /// Top level: it worked.
    pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
    /// Top level: the fault is the requester's.
    pub const REQUESTER: &str = "urn:oasis:names:tc:SAML:2.0:status:Requester";
    /// Top level: the fault is the responder's.
    pub const RESPONDER: &str = "urn:oasis:names:tc:SAML:2.0:status:Responder";
    /// Top level: the request's version is not spoken.
    pub const VERSION_MISMATCH: &str = "urn:oasis:names:tc:SAML:2.0:status:VersionMismatch";
    /// The person could not be authenticated.
    pub const AUTHN_FAILED: &str = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed";
    /// An attribute's name or value is not usable.
    pub const INVALID_ATTR_NAME_OR_VALUE: &str = "urn:oasis:names:tc:SAML:2.0:status:InvalidAttrNameOrValue";
    /// The wanted name identifier cannot be given.
    pub const INVALID_NAME_ID_POLICY: &str = "urn:oasis:names:tc:SAML:2.0:status:InvalidNameIDPolicy";
    /// The requested authentication context cannot be met.
    pub const NO_AUTHN_CONTEXT: &str = "urn:oasis:names:tc:SAML:2.0:status:NoAuthnContext";
    /// None of the listed identity providers can be reached.
    pub const NO_AVAILABLE_IDP: &str = "urn:oasis:names:tc:SAML:2.0:status:NoAvailableIDP";
    /// IsPassive was asked for and a person would have to act.
    pub const NO_PASSIVE: &str = "urn:oasis:names:tc:SAML:2.0:status:NoPassive";
    /// None of the listed identity providers is supported.
    pub const NO_SUPPORTED_IDP: &str = "urn:oasis:names:tc:SAML:2.0:status:NoSupportedIDP";
    /// Logout did not reach every participant.
    pub const PARTIAL_LOGOUT: &str = "urn:oasis:names:tc:SAML:2.0:status:PartialLogout";
    /// The proxy count is used up.
    pub const PROXY_COUNT_EXCEEDED: &str = "urn:oasis:names:tc:SAML:2.0:status:ProxyCountExceeded";
    /// The responder will not answer.
    pub const REQUEST_DENIED: &str = "urn:oasis:names:tc:SAML:2.0:status:RequestDenied";
    /// The responder does not know how to answer.
    pub const REQUEST_UNSUPPORTED: &str = "urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported";
    /// The responder does not know the person.
    pub const UNKNOWN_PRINCIPAL: &str = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal";
    /// The binding asked for cannot be used.
    pub const UNSUPPORTED_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:status:UnsupportedBinding";
}

/// Reasons for a logout (Core 3.7.3).
pub mod logout_reason {
    /// The person wants it.
    pub const USER: &str = "urn:oasis:names:tc:SAML:2.0:logout:user";
    /// An administrator wants it.
    pub const ADMIN: &str = "urn:oasis:names:tc:SAML:2.0:logout:admin";
}

/// Methods of subject confirmation (Profiles 3).
pub mod confirmation {
    /// Whoever brings the assertion is its subject.
    pub const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    /// The subject holds a key.
    pub const HOLDER_OF_KEY: &str = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key";
    /// The subject is known otherwise.
    pub const SENDER_VOUCHES: &str = "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches";
}

/// Authentication context classes in use (Authentication Context 3.4).
pub mod authn_context {
    /// Unknown.
    pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";
    /// A password.
    pub const PASSWORD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
    /// A password over TLS.
    pub const PASSWORD_PROTECTED_TRANSPORT: &str =
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    /// A certificate over TLS.
    pub const TLS_CLIENT: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient";
    /// A certificate.
    pub const X509: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:X509";
    /// Kerberos.
    pub const KERBEROS: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:Kerberos";
}

/// Encryption algorithms (XML Encryption 1.1 §5).
pub mod encryption {
    /// AES-128 in Galois/Counter Mode.
    pub const AES128_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
    /// AES-192 in Galois/Counter Mode.
    pub const AES192_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes192-gcm";
    /// AES-256 in Galois/Counter Mode.
    pub const AES256_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
    /// AES-128 with cipher block chaining.
    pub const AES128_CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
    /// AES-192 with cipher block chaining.
    pub const AES192_CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes192-cbc";
    /// AES-256 with cipher block chaining.
    pub const AES256_CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
    /// RSA-OAEP with MGF1 over SHA-1.
    pub const RSA_OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
    /// RSA-OAEP with its digest and mask generation named beside it.
    pub const RSA_OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";
    /// RSA with the padding of PKCS#1 v1.5.
    pub const RSA_1_5: &str = "http://www.w3.org/2001/04/xmlenc#rsa-1_5";
    /// MGF1 over SHA-256.
    pub const MGF1_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";
    /// SHA-256, as XML Encryption names it.
    pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
}
