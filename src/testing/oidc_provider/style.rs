//! How the provider speaks: everything in which products differ while keeping to the standard.

use std::time::Duration;

use serde_json::Value;

use super::{SigningAlgorithm, TestKey};

/// How the provider speaks. [`Shape::style`](super::Shape::style) gives that of a product; each field can be set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Style {
    /// The key that signs.
    pub key: TestKey,
    /// The signature's algorithm; the key's own default where there is none.
    pub algorithm: Option<SigningAlgorithm>,
    /// Whether tokens name their key.
    pub kid: Kid,
    /// How the key set shows its keys.
    pub published: Published,
    /// The member `issuer` of each published key (Entra ID).
    pub key_issuer: Option<String>,

    /// Whether the callback names the issuer (RFC 9207), and whether the metadata say so.
    pub iss_parameter: IssParameter,
    /// Whether the metadata name the method S256 of PKCE.
    pub advertise_pkce: bool,
    /// The signature algorithms that the metadata list, where these are not those of the keys.
    pub listed_algorithms: Option<Vec<String>>,
    /// The content type of JSON answers.
    pub content_type: String,

    /// `token_type` of tokens that no DPoP key is bound to.
    pub token_type: String,
    /// `token_type` of tokens that a DPoP key is bound to.
    pub dpop_token_type: String,
    /// The name of the scheme in challenges of the UserInfo endpoint that ask for another DPoP proof.
    pub dpop_scheme: String,
    /// How long access tokens last is told so.
    pub expires_in: ExpiresIn,
    /// Whether a refresh gives a new refresh token, and the old one is void.
    pub rotate_refresh_tokens: bool,

    /// `typ` of ID tokens, in their header.
    pub id_token_typ: Option<String>,
    /// `typ` of logout tokens, in their header.
    pub logout_token_typ: Option<String>,
    /// How `aud` is written.
    pub audience: Audience,
    /// Audiences beside the client.
    pub other_audiences: Vec<String>,
    /// Whether `azp` is sent.
    pub azp: bool,
    /// `issuer` of the metadata, where it is not the issuer that the relying party is configured with.
    pub metadata_issuer: Option<String>,
    /// `iss` of tokens and of the callback, where it is not that issuer.
    pub token_issuer: Option<String>,
    /// How long an ID token lasts.
    pub lifetime: Duration,
    /// How times are written.
    pub times: TimeStyle,
    /// Whether `auth_time` is sent without being asked for.
    pub auth_time: bool,
    /// Whether `at_hash` is sent.
    pub at_hash: bool,
    /// Whether `c_hash` is sent, which the code flow does not need.
    pub c_hash: bool,
    /// Whether encrypted tokens repeat `iss` and `aud` in their header (RFC 7519 §5.3).
    pub replicate_claims: bool,

    /// What stands before each `sub`.
    pub subject_prefix: String,
    /// Names of the claims about a person.
    pub claims: ClaimNames,
    /// Where the claims about a person are sent.
    pub profile_in: ClaimsIn,
    /// Where groups are sent.
    pub groups_in: ClaimsIn,
    /// How groups become values.
    pub group_values: GroupValues,
    /// How `email_verified` is written.
    pub email_verified: EmailVerified,
    /// More claims of ID tokens.
    pub other_claims: Vec<(String, Value)>,
}

/// Whether tokens name their key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kid {
    /// In the header.
    Send,
    /// Not at all.
    Omit,
}

/// How the key set shows its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Published {
    /// With `use` and `alg`.
    WithAlgorithm,
    /// With `use` alone.
    WithoutAlgorithm,
    /// Once without and once with `alg`, under the same name.
    Twice,
    /// With `use` and `alg` and without a name.
    Nameless,
}

/// Whether the callback names the issuer (RFC 9207).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssParameter {
    /// It does, and the metadata say so.
    Advertised,
    /// It does, and the metadata do not say so.
    Unadvertised,
    /// It does not.
    Omit,
}

/// How `expires_in` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExpiresIn {
    /// As a number.
    Number,
    /// As digits in a text.
    Text,
    /// Not at all.
    Omit,
}

/// How `aud` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// As a text where there is one audience.
    TextWhenOne,
    /// As an array always.
    Array,
}

/// How times in tokens are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeStyle {
    /// As whole seconds.
    Seconds,
    /// With a fraction.
    Fraction,
}

/// Where claims are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimsIn {
    /// In the ID token alone.
    IdToken,
    /// In UserInfo alone.
    UserInfo,
    /// In both.
    Both,
}

/// How groups become values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupValues {
    /// An array of names.
    Names,
    /// An array of names, or a text where there is one.
    TextWhenOne,
    /// An array of paths: names with a slash before them.
    Paths,
    /// An array of object identifiers, made of the names.
    ObjectIds,
    /// An object whose keys are the names.
    ObjectKeys,
}

/// How `email_verified` is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmailVerified {
    /// As a boolean.
    Boolean,
    /// As a text, `"true"` or `"false"`.
    Text,
    /// Not at all.
    Omit,
}

/// Names of the claims about a person; what has no name is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimNames {
    /// The claim with the full name.
    pub name: Option<String>,
    /// The claim with the unique name.
    pub login: Option<String>,
    /// The claim with the e-mail address.
    pub email: Option<String>,
    /// The claim with the groups.
    pub groups: Option<String>,
}

impl ClaimNames {
    /// These names.
    #[must_use]
    pub fn new(name: &str, login: &str, email: &str, groups: &str) -> Self {
        let name_of = |text: &str| Some(text.to_owned());
        Self { name: name_of(name), login: name_of(login), email: name_of(email), groups: name_of(groups) }
    }
}

impl ClaimsIn {
    pub(super) fn id_token(self) -> bool {
        self != Self::UserInfo
    }

    pub(super) fn userinfo(self) -> bool {
        self != Self::IdToken
    }
}

impl Style {
    /// The algorithm that tokens are signed with.
    #[must_use]
    pub fn signing_algorithm(&self) -> SigningAlgorithm {
        self.algorithm.unwrap_or_else(|| self.key.default_algorithm())
    }
}

impl Default for Style {
    /// RS256, the standard claims in ID token and UserInfo, groups in `groups`, the issuer in the callback.
    fn default() -> Self {
        Self {
            key: TestKey::Rsa,
            algorithm: None,
            kid: Kid::Send,
            published: Published::WithAlgorithm,
            key_issuer: None,
            iss_parameter: IssParameter::Advertised,
            advertise_pkce: true,
            listed_algorithms: None,
            content_type: "application/json".to_owned(),
            token_type: "Bearer".to_owned(),
            dpop_token_type: "DPoP".to_owned(),
            dpop_scheme: "DPoP".to_owned(),
            expires_in: ExpiresIn::Number,
            rotate_refresh_tokens: true,
            id_token_typ: None,
            logout_token_typ: Some("logout+jwt".to_owned()),
            audience: Audience::TextWhenOne,
            other_audiences: Vec::new(),
            azp: false,
            metadata_issuer: None,
            token_issuer: None,
            lifetime: Duration::from_secs(300),
            times: TimeStyle::Seconds,
            auth_time: false,
            at_hash: true,
            c_hash: false,
            replicate_claims: false,
            subject_prefix: String::new(),
            claims: ClaimNames::new("name", "preferred_username", "email", "groups"),
            profile_in: ClaimsIn::Both,
            groups_in: ClaimsIn::Both,
            group_values: GroupValues::Names,
            email_verified: EmailVerified::Boolean,
            other_claims: Vec::new(),
        }
    }
}
