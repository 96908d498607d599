//! One thing that is wrong with the provider, each in the file of the message that it is wrong with.

mod answer;
mod callback;
mod claims;
mod id_token;
mod jwe;
mod jwt;
mod logout;
mod metadata;
mod token;
mod userinfo;

pub use answer::AnswerFault;
pub use callback::CallbackFault;
pub use claims::ClaimsFault;
pub use id_token::{EntraFault, IdTokenFault, RefreshFault};
pub use jwe::JweFault;
pub use jwt::JwtFault;
pub use logout::{FrontChannelFault, LogoutTokenFault, PostLogoutFault};
pub use metadata::{KeysFault, MetadataFault};
pub use token::{PushedFault, RevocationFault, TokenFault};
pub use userinfo::UserInfoFault;

pub(super) use jwt::Draft;

use super::{Endpoint, SignedToken};

/// One thing that is wrong with the provider. Everything else stays as it should be, so that the one rule that is
/// broken decides.
///
/// [`code`](Self::code) gives the code that the library answers with under the default policy. Some break no rule:
/// these are accepted, and the variant says what is odd about the result. Where a variant speaks of something that
/// was asked for or registered (an age, a signed UserInfo, a DPoP proof), the relying party must have done so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// An endpoint's answer, as HTTP and as JSON.
    Answer(Endpoint, AnswerFault),
    /// What the metadata say.
    Metadata(MetadataFault),
    /// What the key set holds.
    Keys(KeysFault),
    /// What the browser brings back.
    Callback(CallbackFault),
    /// The answer to a pushed authorization request.
    Pushed(PushedFault),
    /// What the token endpoint says.
    Token(TokenFault),
    /// What the revocation endpoint says.
    Revocation(RevocationFault),
    /// The form and the signature of a token.
    Jwt(SignedToken, JwtFault),
    /// The encryption of a token.
    Jwe(SignedToken, JweFault),
    /// What the ID token says.
    IdToken(IdTokenFault),
    /// What the ID token of a tenant of Entra ID says.
    Entra(EntraFault),
    /// What the ID token of a refresh says.
    Refresh(RefreshFault),
    /// What ID token and UserInfo say about the person.
    Claims(ClaimsFault),
    /// The UserInfo answer.
    UserInfo(UserInfoFault),
    /// The request with a logout token.
    LogoutToken(LogoutTokenFault),
    /// The page that ends a session.
    FrontChannel(FrontChannelFault),
    /// The way back from a logout.
    PostLogout(PostLogoutFault),
}

impl Fault {
    /// Every fault.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for endpoint in [
            Endpoint::Metadata,
            Endpoint::Keys,
            Endpoint::PushedAuthorization,
            Endpoint::Token,
            Endpoint::UserInfo,
        ] {
            all.extend(AnswerFault::ALL.iter().map(|fault| Self::Answer(endpoint, *fault)));
        }
        all.extend(MetadataFault::ALL.iter().map(|fault| Self::Metadata(*fault)));
        all.extend(KeysFault::ALL.iter().map(|fault| Self::Keys(*fault)));
        all.extend(CallbackFault::ALL.iter().map(|fault| Self::Callback(*fault)));
        all.extend(PushedFault::ALL.iter().map(|fault| Self::Pushed(*fault)));
        all.extend(TokenFault::ALL.iter().map(|fault| Self::Token(*fault)));
        all.extend(RevocationFault::ALL.iter().map(|fault| Self::Revocation(*fault)));
        for token in [SignedToken::IdToken, SignedToken::UserInfo, SignedToken::LogoutToken] {
            all.extend(JwtFault::ALL.iter().map(|fault| Self::Jwt(token, *fault)));
            all.extend(JweFault::ALL.iter().map(|fault| Self::Jwe(token, *fault)));
        }
        all.extend(IdTokenFault::ALL.iter().map(|fault| Self::IdToken(*fault)));
        all.extend(EntraFault::ALL.iter().map(|fault| Self::Entra(*fault)));
        all.extend(RefreshFault::ALL.iter().map(|fault| Self::Refresh(*fault)));
        all.extend(ClaimsFault::ALL.iter().map(|fault| Self::Claims(*fault)));
        all.extend(UserInfoFault::ALL.iter().map(|fault| Self::UserInfo(*fault)));
        all.extend(LogoutTokenFault::ALL.iter().map(|fault| Self::LogoutToken(*fault)));
        all.extend(FrontChannelFault::ALL.iter().map(|fault| Self::FrontChannel(*fault)));
        all.extend(PostLogoutFault::ALL.iter().map(|fault| Self::PostLogout(*fault)));
        all
    }

    /// The code of the refusal; `None` where nothing is refused.
    #[must_use]
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Answer(endpoint, fault) => fault.code_at(endpoint),
            Self::Metadata(fault) => fault.code(),
            Self::Keys(fault) => fault.code(),
            Self::Callback(fault) => fault.code(),
            Self::Pushed(fault) => fault.code(),
            Self::Token(fault) => fault.code(),
            Self::Revocation(fault) => fault.code(),
            Self::Jwt(token, fault) => fault.code_of(token),
            Self::Jwe(token, fault) => fault.code_of(token),
            Self::IdToken(fault) => fault.code(),
            Self::Entra(fault) => fault.code(),
            Self::Refresh(fault) => fault.code(),
            Self::Claims(fault) => fault.code(),
            Self::UserInfo(fault) => fault.code(),
            Self::LogoutToken(fault) => fault.code(),
            Self::FrontChannel(fault) => fault.code(),
            Self::PostLogout(fault) => fault.code(),
        }
    }
}

/// Makes an enum of faults with the outcome of each, so that no list of them can forget one.
macro_rules! faults {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident => $outcome:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                #[doc = concat!("Outcome: `", $outcome, "`.")]
                $variant,
            )*
        }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code of the refusal; `None` where nothing is refused.
            #[must_use]
            pub fn code(self) -> Option<&'static str> {
                let outcome = match self {
                    $(Self::$variant => $outcome,)*
                };
                if outcome == "accepted" { None } else { Some(outcome) }
            }
        }
    };
}
use faults;

/// The member of `events` that makes a token a logout token.
pub(super) const BACKCHANNEL_LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Somebody else's issuer.
pub(super) const OTHER_ISSUER: &str = "https://other-op.example";
/// Somebody else's client.
pub(super) const OTHER_CLIENT: &str = "other-client";
