//! The menu of mistakes: what administrators get wrong, one at a time.

use admittance::testing::{
    oidc_provider::{ClaimsFault, Fault as OidcFault, IdTokenFault, JwtFault, SignedToken},
    saml_idp::Fault as SamlFault,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    WrongAudience,
    NoGroups,
    ObjectIds,
    ExpiredCertificate,
    OtherKey,
    Unsigned,
    SwappedAttributes,
    Overage,
    ClockOff,
}

impl Mistake {
    pub(super) const ALL: [Self; 9] = [
        Self::WrongAudience,
        Self::NoGroups,
        Self::ObjectIds,
        Self::ExpiredCertificate,
        Self::OtherKey,
        Self::Unsigned,
        Self::SwappedAttributes,
        Self::Overage,
        Self::ClockOff,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mistake| mistake.name() == name)
    }

    /// In forms.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::WrongAudience => "wrong_audience",
            Self::NoGroups => "no_groups",
            Self::ObjectIds => "object_ids",
            Self::ExpiredCertificate => "expired_certificate",
            Self::OtherKey => "other_key",
            Self::Unsigned => "unsigned",
            Self::SwappedAttributes => "swapped_attributes",
            Self::Overage => "overage",
            Self::ClockOff => "clock_off",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::WrongAudience => "Wrong audience",
            Self::NoGroups => "No groups",
            Self::ObjectIds => "Object IDs instead of names",
            Self::ExpiredCertificate => "Expired certificate",
            Self::OtherKey => "Signed with another key",
            Self::Unsigned => "Not signed",
            Self::SwappedAttributes => "Name and login swapped",
            Self::Overage => "Too many groups",
            Self::ClockOff => "Clock off by an hour",
        }
    }

    pub(super) fn explanation(self) -> &'static str {
        match self {
            Self::WrongAudience => "Answers are for another application.",
            Self::NoGroups => "The groups attribute was forgotten.",
            Self::ObjectIds => {
                "Groups come as identifiers, as Entra ID sends them unless it is told otherwise."
            }
            Self::ExpiredCertificate => {
                "SAML: the metadata has a certificate that expired long ago. Set the connection up anew, or refresh its metadata, to see it."
            }
            Self::OtherKey => "The key was changed and the product was not told.",
            Self::Unsigned => "Nothing is signed.",
            Self::SwappedAttributes => "Two attributes were pasted the wrong way round.",
            Self::Overage => {
                "A link in the place of the groups, as Entra ID sends it for people in very many."
            }
            Self::ClockOff => "Everything is dated an hour ahead.",
        }
    }

    pub(super) fn saml(self) -> Option<SamlFault> {
        Some(match self {
            Self::WrongAudience => SamlFault::WrongAudience,
            Self::NoGroups => SamlFault::NoGroups,
            Self::ObjectIds => SamlFault::ObjectIdsAsGroups,
            // A matter of its keys: see `Company::change`.
            Self::ExpiredCertificate => return None,
            Self::OtherKey => SamlFault::WrongKey,
            Self::Unsigned => SamlFault::Unsigned,
            Self::SwappedAttributes => SamlFault::SwappedAttributes,
            Self::Overage => SamlFault::GroupsOverage,
            Self::ClockOff => SamlFault::ClockFast,
        })
    }

    pub(super) fn oidc(self) -> Option<OidcFault> {
        Some(match self {
            Self::WrongAudience => OidcFault::IdToken(IdTokenFault::OtherAudience),
            Self::NoGroups => OidcFault::Claims(ClaimsFault::NoGroups),
            Self::ObjectIds => OidcFault::Claims(ClaimsFault::ObjectIdsAsGroups),
            Self::ExpiredCertificate => return None,
            Self::OtherKey => OidcFault::Jwt(SignedToken::IdToken, JwtFault::OtherKey),
            Self::Unsigned => OidcFault::Jwt(SignedToken::IdToken, JwtFault::AlgorithmNone),
            Self::SwappedAttributes => OidcFault::Claims(ClaimsFault::SwappedNames),
            Self::Overage => OidcFault::Claims(ClaimsFault::GroupsOverage),
            Self::ClockOff => OidcFault::IdToken(IdTokenFault::ClockFast),
        })
    }
}
