//! What every public value and error promises to a host, checked by the compiler; and that none is forgotten.

use std::fs;
use std::path::Path;

use admittance::testing::{self, saml_idp};
use admittance::{
    claims, crypto, encoding, endpoint, entropy, groups, limits, note, profile, saml, time, version, xml,
};
use admittance::{xmldsig, xmlenc};
use saml::metadata::{idp, sp};
use saml::{bindings, protocol, web_sso};

const fn value<T: Send + Sync + std::fmt::Debug>() {}
const fn error<E: std::error::Error + Send + Sync + 'static>() {}

macro_rules! values { ($($value:ty),* $(,)?) => { $(const _: () = value::<$value>();)* } }
macro_rules! errors { ($($error:ty),* $(,)?) => { $(const _: () = error::<$error>();)* } }

values![
    limits::Limits,
    limits::XmlLimits,
    limits::Budget,
    limits::Resource,
    note::Note,
    version::Version<1>,
    encoding::Plus,
    endpoint::UrlPolicy,
    entropy::OsEntropy,
    time::Timestamp,
    time::ParsedTime,
    time::Zone,
    time::Skew,
    claims::Claims,
    claims::SubjectId,
    claims::Stability,
    claims::Claim,
    claims::ClaimValue,
    claims::Overage,
    crypto::Certificate,
    crypto::ContentCipher,
    crypto::ContentKey,
    crypto::DecryptionKey,
    crypto::WrappedKey<'static>,
    crypto::Fingerprint,
    crypto::Digest,
    crypto::DigestAlgorithm,
    crypto::Hasher,
    crypto::Curve,
    crypto::KeyKind,
    crypto::PublicKey,
    crypto::Legacy,
    crypto::SignatureAlgorithm,
    crypto::SigningKey,
    crypto::TrustedKey,
    crypto::TrustedKeys,
    xml::Document,
    xml::Element<'static>,
    xml::Attribute<'static>,
    xml::Canonical<'static>,
    xml::Profile,
    xml::Writer,
    xmldsig::SignaturePolicy,
    xmldsig::VerifiedElement<'static>,
    xmldsig::Verified<'static, 'static>,
    xmldsig::Signing<'static>,
    xmldsig::Placement,
    xmlenc::EncryptionPolicy,
    xmlenc::Use,
    xmlenc::Cover,
    xmlenc::Decryption<'static>,
    xmlenc::Plaintext<'static>,
    saml::ValidAssertion,
    saml::NameId,
    saml::AuthnStatement,
    saml::Replay,
    saml::Solicited,
    saml::Hint,
    saml::IdpStatus,
    saml::Level,
    saml::TimeBound,
    bindings::Binding,
    bindings::Endpoint,
    bindings::PostForm,
    bindings::Outgoing,
    bindings::Incoming<'static>,
    bindings::MessageKind,
    sp::SpConfig,
    sp::AcsEndpoint,
    sp::AcsBinding,
    sp::SignAuthnRequests,
    sp::RsaDigest,
    sp::EncryptionMethod,
    sp::Localized,
    sp::UiInfo,
    sp::Logo,
    sp::AttributeConsumingService,
    sp::RequestedAttribute,
    sp::Organization,
    sp::ContactPerson,
    sp::ContactType,
    idp::IdpConfig,
    idp::IdpIssuer,
    idp::ArtifactResolutionService,
    idp::MetadataSignature,
    idp::ParseOptions,
    idp::EntityChoice,
    idp::MetadataTrust,
    idp::ManualIdp<'static>,
    protocol::AuthnRequestOptions,
    protocol::RequestBinding,
    protocol::AcsChoice,
    protocol::NameIdPolicy,
    protocol::RequestedAuthnContext,
    protocol::AuthnContextComparison,
    protocol::Scoping,
    protocol::IdpEntry,
    web_sso::Pending,
    web_sso::Policy,
    web_sso::Peek,
    web_sso::Unverified<web_sso::Peek>,
    web_sso::TestSignIn,
    web_sso::IdpInitiated,
    web_sso::Signed,
    web_sso::WeakSignatures,
    web_sso::Rsa15,
    web_sso::Cbc,
    web_sso::CertificateDates,
    web_sso::Trim,
    web_sso::NameIdRequirement,
    web_sso::UndeflatedRedirect,
    profile::Profile,
    profile::EmailAddress,
    profile::EmailFlaw,
    profile::GroupsClaim,
    profile::GroupsState,
    profile::Alias,
    profile::AttributeNames<'static>,
    profile::Mapping,
    profile::Rule,
    profile::Source,
    profile::Pointer,
    profile::Transform,
    groups::Directory,
    groups::Group,
    groups::GroupKind,
    groups::ConnectionId,
    groups::GroupId,
    groups::GroupName,
    groups::OrganizationId,
    groups::Revision,
    groups::UserId,
    groups::Subject,
    groups::Membership,
    groups::Memberships,
    groups::Origin,
    groups::Basis,
    groups::Change,
    groups::Member,
    groups::Plan,
    groups::GroupSource,
    groups::LoginPolicy,
    groups::MaxRemovals,
    groups::OnEmpty,
    groups::OnMissing,
    groups::OnOverage,
    groups::Scope,
    testing::ClaimsBuilder,
    saml_idp::SamlIdp,
    saml_idp::Unsigned,
    saml_idp::User,
    saml_idp::Fault,
    saml_idp::TestKey,
    saml_idp::AuthnRequest,
    saml_idp::Shape,
    saml_idp::Style,
    saml_idp::AttributeNames,
    saml_idp::Encryption,
    saml_idp::KeyPlacement,
    saml_idp::KeyTransport,
    saml_idp::Destination,
    saml_idp::GroupValues,
    saml_idp::IdStyle,
    saml_idp::Issuers,
    saml_idp::KeyInfo,
    saml_idp::NameIdSource,
    saml_idp::NameIdStyle,
    saml_idp::Namespaces,
    saml_idp::SignedElements,
    saml_idp::Statements,
    saml_idp::TimeStyle,
    saml_idp::ValueType,
];

errors![
    limits::LimitExceeded,
    encoding::Base64Error,
    encoding::PercentError,
    encoding::InflateError,
    endpoint::EndpointError,
    entropy::EntropyError,
    time::TimeError,
    crypto::CertificateError,
    crypto::DecryptError,
    crypto::KeyError,
    crypto::NoTrustedKeys,
    crypto::SignError,
    crypto::PrivateKeyError,
    crypto::VerifyError,
    xml::Error,
    xml::WriteError,
    xmldsig::Error,
    xmldsig::SigningError,
    xmlenc::Error,
    saml::Error,
    profile::MappingError,
    profile::PointerError,
    groups::DirectoryError,
    groups::Refusal,
    saml_idp::AnswerError,
    saml_idp::RequestError,
];

#[test]
fn every_public_type_is_listed_here() {
    let here = include_str!("api.rs");
    let mut missing = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let types = text
                    .lines()
                    .filter_map(|l| l.strip_prefix("pub struct ").or(l.strip_prefix("pub enum ")));
                for line in types {
                    let name: String = line.chars().take_while(|c| c.is_alphanumeric()).collect();
                    if ![",", "<", "\n"].iter().any(|end| here.contains(&format!("::{name}{end}"))) {
                        missing.push(name);
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "not asserted to be Send + Sync: {missing:?}");
}
