use serde_json::json;

use super::{
    Endpoints, TestKey,
    style::{
        Audience, ClaimNames, ClaimsIn, EmailVerified, ExpiresIn, GroupValues, IssParameter, Published, Style,
    },
};

/// A product whose answers are imitated: its issuer, where its endpoints are, which claims it sends where, and how
/// it writes them. What a product leaves to its administrator is as our set-up instructions have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Okta with a custom authorization server.
    Okta,
    /// Microsoft Entra ID, version 2.0, one tenant.
    EntraV2,
    /// Microsoft Entra ID, version 1.0, one tenant.
    EntraV1,
    /// Microsoft Entra ID, version 2.0, every organisation: the metadata name no tenant.
    EntraTenants,
    /// Google Workspace.
    Google,
    /// JumpCloud.
    JumpCloud,
    /// Keycloak.
    Keycloak,
    /// PingFederate.
    PingFederate,
    /// Active Directory Federation Services.
    Adfs,
    /// Auth0.
    Auth0,
    /// Amazon Cognito.
    Cognito,
    /// Zitadel.
    Zitadel,
    /// LemonLDAP::NG.
    LemonLdap,
    /// The npm package `oidc-provider`.
    NodeOidcProvider,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 14] = [
        Self::Okta,
        Self::EntraV2,
        Self::EntraV1,
        Self::EntraTenants,
        Self::Google,
        Self::JumpCloud,
        Self::Keycloak,
        Self::PingFederate,
        Self::Adfs,
        Self::Auth0,
        Self::Cognito,
        Self::Zitadel,
        Self::LemonLdap,
        Self::NodeOidcProvider,
    ];

    /// The issuer that the relying party is configured with.
    #[must_use]
    pub fn issuer(self) -> &'static str {
        match self {
            Self::Okta => "https://corp.okta.com/oauth2/default",
            Self::EntraV2 => "https://login.microsoftonline.com/7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b/v2.0",
            Self::EntraV1 => "https://sts.windows.net/7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b/",
            Self::EntraTenants => "https://login.microsoftonline.com/organizations/v2.0",
            Self::Google => "https://accounts.google.com",
            Self::JumpCloud => "https://oauth.id.jumpcloud.com/",
            Self::Keycloak => "https://keycloak.corp.example/realms/staff",
            Self::PingFederate => "https://sso.corp.example",
            Self::Adfs => "https://fs.corp.example/adfs",
            Self::Auth0 => "https://corp.eu.auth0.com/",
            Self::Cognito => "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a1B2c3D4e",
            Self::Zitadel => "https://corp-a1b2c3.zitadel.cloud",
            Self::LemonLdap => "https://auth.corp.example",
            Self::NodeOidcProvider => "https://op.corp.example",
        }
    }

    /// Audiences beside the client that its tokens name and that the relying party must therefore trust.
    #[must_use]
    pub fn other_audiences(self) -> &'static [&'static str] {
        match self {
            Self::Zitadel => &["271828182845904523"],
            Self::LemonLdap => &["https://auth.corp.example/api"],
            _ => &[],
        }
    }

    /// Where its endpoints are.
    #[must_use]
    pub fn endpoints(self) -> Endpoints {
        let mut endpoints = Endpoints::below(self.issuer());
        if self == Self::Google {
            endpoints.authorization = "https://accounts.google.com/o/oauth2/v2/auth".to_owned();
            endpoints.token = "https://oauth2.googleapis.com/token".to_owned();
            endpoints.userinfo = "https://openidconnect.googleapis.com/v1/userinfo".to_owned();
            endpoints.revocation = "https://oauth2.googleapis.com/revoke".to_owned();
            endpoints.jwks = "https://www.googleapis.com/oauth2/v3/certs".to_owned();
        }
        if matches!(self, Self::EntraV1 | Self::EntraV2 | Self::EntraTenants) {
            endpoints.userinfo = "https://graph.microsoft.com/oidc/userinfo".to_owned();
        }
        endpoints
    }

    /// How it speaks.
    #[must_use]
    pub fn style(self) -> Style {
        let mut style = Style { iss_parameter: IssParameter::Omit, ..Style::default() };
        style.other_audiences = self.other_audiences().iter().map(|&audience| audience.to_owned()).collect();
        match self {
            Self::Okta => okta(style),
            Self::EntraV2 => entra_v2(style),
            Self::EntraV1 => entra_v1(style),
            Self::EntraTenants => entra_tenants(style),
            Self::Google => google(style),
            Self::JumpCloud => Style {
                claims: ClaimNames::new("name", "preferred_username", "email", "memberOf"),
                email_verified: EmailVerified::Text,
                ..style
            },
            Self::Keycloak => keycloak(style),
            Self::PingFederate => Style {
                published: Published::Twice,
                claims: ClaimNames::new("name", "username", "email", "memberOf"),
                profile_in: ClaimsIn::UserInfo,
                groups_in: ClaimsIn::UserInfo,
                group_values: GroupValues::TextWhenOne,
                email_verified: EmailVerified::Omit,
                ..style
            },
            Self::Adfs => adfs(style),
            Self::Auth0 => Style {
                subject_prefix: "samlp|corp|".to_owned(),
                claims: ClaimNames::new("name", "nickname", "email", "https://app.example/claims/groups"),
                ..style
            },
            Self::Cognito => Style {
                claims: ClaimNames::new("name", "cognito:username", "email", "cognito:groups"),
                groups_in: ClaimsIn::IdToken,
                email_verified: EmailVerified::Text,
                other_claims: vec![("token_use".to_owned(), json!("id"))],
                auth_time: true,
                ..style
            },
            Self::Zitadel => Style {
                claims: ClaimNames::new(
                    "name",
                    "preferred_username",
                    "email",
                    "urn:zitadel:iam:org:project:roles",
                ),
                group_values: GroupValues::ObjectKeys,
                azp: true,
                auth_time: true,
                ..style
            },
            Self::LemonLdap => Style { azp: true, auth_time: true, profile_in: ClaimsIn::UserInfo, ..style },
            Self::NodeOidcProvider => Style {
                key: TestKey::Ed25519,
                iss_parameter: IssParameter::Advertised,
                content_type: "application/json; charset=utf-8".to_owned(),
                profile_in: ClaimsIn::UserInfo,
                groups_in: ClaimsIn::UserInfo,
                replicate_claims: true,
                ..style
            },
        }
    }
}

fn okta(style: Style) -> Style {
    Style {
        profile_in: ClaimsIn::UserInfo,
        auth_time: true,
        other_claims: vec![
            ("ver".to_owned(), json!(1)),
            ("amr".to_owned(), json!(["pwd"])),
            ("idp".to_owned(), json!("00o1abcdEFGHijkl2345")),
        ],
        ..style
    }
}

fn entra_v2(style: Style) -> Style {
    Style {
        published: Published::WithoutAlgorithm,
        advertise_pkce: false,
        content_type: "application/json; charset=utf-8".to_owned(),
        groups_in: ClaimsIn::IdToken,
        group_values: GroupValues::ObjectIds,
        email_verified: EmailVerified::Omit,
        at_hash: false,
        other_claims: vec![
            ("oid".to_owned(), json!(OBJECT)),
            ("tid".to_owned(), json!(TENANT)),
            ("ver".to_owned(), json!("2.0")),
        ],
        ..style
    }
}

fn entra_v1(style: Style) -> Style {
    Style {
        expires_in: ExpiresIn::Text,
        claims: ClaimNames { email: None, ..ClaimNames::new("name", "upn", "", "groups") },
        other_claims: vec![
            ("oid".to_owned(), json!(OBJECT)),
            ("tid".to_owned(), json!(TENANT)),
            ("ver".to_owned(), json!("1.0")),
            ("unique_name".to_owned(), json!("ada@corp.example")),
        ],
        ..entra_v2(style)
    }
}

fn entra_tenants(style: Style) -> Style {
    Style {
        metadata_issuer: Some(TENANT_TEMPLATE.to_owned()),
        token_issuer: Some(format!("https://login.microsoftonline.com/{TENANT}/v2.0")),
        key_issuer: Some(TENANT_TEMPLATE.to_owned()),
        ..entra_v2(style)
    }
}

fn google(style: Style) -> Style {
    Style {
        iss_parameter: IssParameter::Unadvertised,
        claims: ClaimNames { login: None, groups: None, ..ClaimNames::new("name", "", "email", "") },
        azp: true,
        other_claims: vec![("hd".to_owned(), json!("corp.example"))],
        ..style
    }
}

fn keycloak(style: Style) -> Style {
    Style {
        iss_parameter: IssParameter::Advertised,
        id_token_typ: Some("JWT".to_owned()),
        audience: Audience::Array,
        azp: true,
        auth_time: true,
        group_values: GroupValues::Paths,
        other_claims: vec![
            ("typ".to_owned(), json!("ID")),
            ("acr".to_owned(), json!("1")),
            ("realm_access".to_owned(), json!({ "roles": ["offline_access", "default-roles-staff"] })),
        ],
        ..style
    }
}

fn adfs(style: Style) -> Style {
    Style {
        claims: ClaimNames { email: None, ..ClaimNames::new("unique_name", "upn", "", "group") },
        profile_in: ClaimsIn::IdToken,
        groups_in: ClaimsIn::IdToken,
        group_values: GroupValues::TextWhenOne,
        email_verified: EmailVerified::Omit,
        advertise_pkce: false,
        content_type: "application/json;charset=UTF-8".to_owned(),
        auth_time: true,
        at_hash: false,
        ..style
    }
}

const TENANT_TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const TENANT: &str = "7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b";
const OBJECT: &str = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
