use std::time::Duration;

use super::style::{
    AttributeNames, Destination, IdStyle, Issuers, NameIdSource, NameIdStyle, Namespaces, RedirectStyle,
    SignedElements, Style, TimeStyle, ValueType,
};
use crate::saml::names::{attribute_name_format, authn_context, name_id_format};

/// A product whose responses are imitated: which elements it signs, its prefixes and where it declares them,
/// its NameID, the usual names of its attributes, and how it writes times and IDs. What a product leaves to its
/// administrator is as our set-up instructions have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    EntraId,
    /// Google Workspace.
    Google,
    /// JumpCloud.
    JumpCloud,
    /// Keycloak.
    Keycloak,
    /// Active Directory Federation Services.
    Adfs,
    /// PingFederate and PingOne.
    Ping,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 7] =
        [Self::Okta, Self::EntraId, Self::Google, Self::JumpCloud, Self::Keycloak, Self::Adfs, Self::Ping];

    /// The entity ID that such a product has.
    #[must_use]
    pub fn entity_id(self) -> &'static str {
        match self {
            Self::Okta => "http://www.okta.com/exk1fxpz7bAbCdEfG5d7",
            Self::EntraId => "https://sts.windows.net/7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b/",
            Self::Google => "https://accounts.google.com/o/saml2?idpid=C01abcd23",
            Self::JumpCloud => "JumpCloud",
            Self::Keycloak => "https://keycloak.corp.example/realms/staff",
            Self::Adfs => "http://adfs.corp.example/adfs/services/trust",
            Self::Ping => "https://auth.pingone.example/8a2f1c3d-0b4e-4c59-9d7a-1e2f3a4b5c6d",
        }
    }

    /// How it writes responses.
    #[must_use]
    pub fn style(self) -> Style {
        match self {
            Self::Okta => okta(),
            Self::EntraId => entra_id(),
            Self::Google => google(),
            Self::JumpCloud => jump_cloud(),
            Self::Keycloak => keycloak(),
            Self::Adfs => adfs(),
            Self::Ping => ping(),
        }
    }
}

fn okta() -> Style {
    Style {
        signed: SignedElements::Both,
        prefix_list: vec!["xs".to_owned()],
        protocol_prefix: "saml2p".to_owned(),
        assertion_prefix: "saml2".to_owned(),
        namespaces: Namespaces::WhereUsed,
        unused_namespaces: vec![("xs".to_owned(), crate::saml::names::XS.to_owned())],
        ids: IdStyle::Decimal,
        issuers: Issuers::BothWithFormat,
        name_id: NameIdStyle::new(name_id_format::UNSPECIFIED, NameIdSource::Login),
        leeway: Duration::from_secs(300),
        ..Style::default()
    }
}

fn entra_id() -> Style {
    let tenant = "7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b";
    Style {
        signed: SignedElements::Assertion,
        assertion_prefix: String::new(),
        namespaces: Namespaces::WhereUsed,
        value_type: ValueType::Omit,
        ids: IdStyle::Uuid,
        redirects: RedirectStyle::LowerCase,
        name_id: NameIdStyle::new(name_id_format::EMAIL_ADDRESS, NameIdSource::Email),
        leeway: Duration::from_secs(300),
        lifetime: Duration::from_secs(3600),
        authn_context: authn_context::PASSWORD.to_owned(),
        attributes: claim_uris("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"),
        attribute_name_format: None,
        other_attributes: vec![
            ("http://schemas.microsoft.com/identity/claims/tenantid".to_owned(), vec![tenant.to_owned()]),
            (
                "http://schemas.microsoft.com/identity/claims/identityprovider".to_owned(),
                vec![format!("https://sts.windows.net/{tenant}/")],
            ),
        ],
        ..Style::default()
    }
}

fn google() -> Style {
    Style {
        signed: SignedElements::Assertion,
        protocol_prefix: "saml2p".to_owned(),
        assertion_prefix: "saml2".to_owned(),
        namespaces: Namespaces::WhereUsed,
        value_type: ValueType::AnyType,
        name_id: NameIdStyle::new(name_id_format::EMAIL_ADDRESS, NameIdSource::Email),
        leeway: Duration::from_secs(300),
        authn_context: authn_context::UNSPECIFIED.to_owned(),
        attribute_name_format: None,
        ..Style::default()
    }
}

fn jump_cloud() -> Style {
    Style {
        signed: SignedElements::Response,
        protocol_prefix: "saml2p".to_owned(),
        assertion_prefix: "saml2".to_owned(),
        namespaces: Namespaces::WhereUsed,
        ids: IdStyle::UpperHex,
        name_id: NameIdStyle::new(name_id_format::UNSPECIFIED, NameIdSource::Email),
        ..Style::default()
    }
}

fn keycloak() -> Style {
    Style {
        signed: SignedElements::Assertion,
        namespaces: Namespaces::OnResponse,
        ids: IdStyle::IdUuid,
        name_id: NameIdStyle::new(name_id_format::UNSPECIFIED, NameIdSource::Login),
        leeway: Duration::ZERO,
        session_lifetime: Some(Duration::from_secs(36_000)),
        authn_context: authn_context::UNSPECIFIED.to_owned(),
        attributes: AttributeNames::new("name", "username", "email", "groups"),
        attribute_name_format: Some(attribute_name_format::BASIC.to_owned()),
        ..Style::default()
    }
}

fn adfs() -> Style {
    Style {
        signed: SignedElements::Both,
        assertion_prefix: String::new(),
        namespaces: Namespaces::WhereUsed,
        value_type: ValueType::Omit,
        ids: IdStyle::Uuid,
        redirects: RedirectStyle::LowerCase,
        name_id: NameIdStyle::new(name_id_format::EMAIL_ADDRESS, NameIdSource::Email),
        leeway: Duration::ZERO,
        lifetime: Duration::from_secs(3600),
        attributes: claim_uris("http://schemas.xmlsoap.org/claims/Group"),
        attribute_name_format: None,
        ..Style::default()
    }
}

fn ping() -> Style {
    Style {
        signed: SignedElements::Assertion,
        namespaces: Namespaces::WhereUsed,
        times: TimeStyle::Millis,
        destination: Destination::WhenSigned,
        name_id: NameIdStyle::new(name_id_format::UNSPECIFIED, NameIdSource::Login),
        attributes: AttributeNames::new("name", "username", "email", "memberOf"),
        attribute_name_format: Some(attribute_name_format::BASIC.to_owned()),
        ..Style::default()
    }
}

/// The names that Microsoft's products use where nobody has set others.
fn claim_uris(groups: &str) -> AttributeNames {
    AttributeNames::new(
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        groups,
    )
}
