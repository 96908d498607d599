//! The fields of a profile and the names under which identity providers commonly send them.

/// A field of a profile, as notes and errors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Login,
    Email,
    EmailVerified,
    Groups,
    Identity,
}

/// What may stand in for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KnownName {
    /// The claim of this name.
    Claim(&'static str),
    /// Given name and surname, both sent; a space joins them.
    FullName { given: &'static str, surname: &'static str },
}

impl Field {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Login => "login",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::Groups => "groups",
            Self::Identity => "identity",
        }
    }

    /// The aliases of this field in the order in which they are tried.
    pub(super) const fn known_names(self) -> &'static [KnownName] {
        match self {
            Self::Name => NAME,
            Self::Login => LOGIN,
            Self::Email => EMAIL,
            Self::Groups => GROUPS,
            Self::EmailVerified => EMAIL_VERIFIED,
            Self::Identity => &[],
        }
    }
}

const EMAIL: &[KnownName] = &[
    KnownName::Claim("email"),
    KnownName::Claim("mail"),
    KnownName::Claim("Email"),
    KnownName::Claim("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"),
    KnownName::Claim("urn:oid:0.9.2342.19200300.100.1.3"),
];

const EMAIL_VERIFIED: &[KnownName] = &[KnownName::Claim("email_verified"), KnownName::Claim("xms_edov")];

const LOGIN: &[KnownName] = &[
    KnownName::Claim("login"),
    KnownName::Claim("username"),
    KnownName::Claim("userprincipalname"),
    KnownName::Claim("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"),
    KnownName::Claim("uid"),
    KnownName::Claim("urn:oid:0.9.2342.19200300.100.1.1"),
    KnownName::Claim("preferred_username"),
];

const NAME: &[KnownName] = &[
    KnownName::Claim("name"),
    KnownName::Claim("displayName"),
    KnownName::Claim("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"),
    KnownName::Claim("urn:oid:2.16.840.1.113730.3.1.241"),
    KnownName::FullName { given: "given_name", surname: "family_name" },
    KnownName::FullName { given: "givenName", surname: "sn" },
    KnownName::FullName { given: "firstName", surname: "lastName" },
    KnownName::FullName {
        given: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
        surname: "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    },
    KnownName::FullName { given: "urn:oid:2.5.4.42", surname: "urn:oid:2.5.4.4" },
];

const GROUPS: &[KnownName] = &[
    KnownName::Claim("groups"),
    KnownName::Claim("Groups"),
    KnownName::Claim("memberOf"),
    KnownName::Claim("Group"),
    KnownName::Claim("http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"),
    KnownName::Claim("http://schemas.xmlsoap.org/claims/Group"),
    KnownName::Claim("urn:oid:1.3.6.1.4.1.5923.1.5.1.1"),
];
