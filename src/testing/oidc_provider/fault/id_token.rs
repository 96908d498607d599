use std::time::Duration;

use serde_json::{Value, json};

use super::{BACKCHANNEL_LOGOUT, OTHER_CLIENT, OTHER_ISSUER, faults};
use crate::{
    testing::oidc_provider::json::{Object, seconds, text},
    time::Timestamp,
};

faults! {
    /// What is wrong with what the ID token says.
    IdTokenFault {
        /// Another issuer.
        OtherIssuer => "oidc.issuer_mismatch",
        /// The issuer in capital letters.
        IssuerInCapitals => "oidc.issuer_mismatch",
        /// No issuer.
        NoIssuer => "oidc.claim_missing",
        /// A number for `iss`.
        IssuerNotText => "oidc.claim_type",
        /// Several issuers, the right one among them.
        SeveralIssuers => "oidc.claim_type",
        /// No subject.
        NoSubject => "oidc.subject_missing",
        /// An empty subject.
        EmptySubject => "oidc.subject_missing",
        /// A subject of 256 bytes.
        LongSubject => "oidc.subject_missing",
        /// A number for `sub`.
        SubjectNotText => "oidc.subject_missing",
        /// No audience.
        NoAudience => "oidc.claim_missing",
        /// For another client.
        OtherAudience => "oidc.audience_mismatch",
        /// A number for `aud`.
        AudienceNotText => "oidc.claim_type",
        /// The client and a number.
        MixedAudience => "oidc.claim_type",
        /// An empty list of audiences.
        EmptyAudience => "oidc.claim_type",
        /// For the client and for another one.
        OtherAudienceBeside => "oidc.audience_untrusted",
        /// Made at the request of another client.
        OtherAuthorizedParty => "oidc.authorized_party_mismatch",
        /// For several audiences, all of them trusted, and made at nobody's request: needs
        /// [`other_audiences`](crate::testing::oidc_provider::Style::other_audiences).
        NoAuthorizedParty => "oidc.authorized_party_mismatch",
        /// Expired.
        Expired => "oidc.token_expired",
        /// Without an end.
        NoExpiry => "oidc.claim_missing",
        /// A text for `exp`.
        ExpiryNotNumber => "oidc.claim_type",
        /// Null for `exp`.
        ExpiryNull => "oidc.claim_type",
        /// Not valid yet.
        NotYetValid => "oidc.token_not_yet_valid",
        /// A text for `nbf`.
        NotBeforeNotNumber => "oidc.claim_type",
        /// Without a time of issue.
        NoIssuedAt => "oidc.claim_missing",
        /// Issued in the future.
        IssuedInFuture => "oidc.issued_in_future",
        /// Issued an hour ago, where the policy has a maximum age below that.
        IssuedLongAgo => "oidc.issued_too_long_ago",
        /// The provider's clock is an hour fast.
        ClockFast => "oidc.issued_in_future",
        /// The provider's clock is three hours slow.
        ClockSlow => "oidc.token_expired",
        /// No nonce.
        NoNonce => "oidc.nonce_missing",
        /// The nonce of another sign-in.
        OtherNonce => "oidc.nonce_mismatch",
        /// A number for `nonce`.
        NonceNotText => "oidc.nonce_mismatch",
        /// No time of authentication, though an age was asked for.
        NoAuthTime => "oidc.auth_time_missing",
        /// Authenticated two days ago, though a lower age was asked for.
        OldAuthTime => "oidc.authentication_too_old",
        /// Authenticated in the future.
        AuthTimeInFuture => "oidc.authentication_too_old",
        /// Authenticated in another way than asked for.
        OtherAcr => "oidc.acr_mismatch",
        /// It does not say in which way, though that was asked for.
        NoAcr => "oidc.acr_mismatch",
        /// The hash of another access token.
        OtherAccessTokenHash => "oidc.access_token_hash_mismatch",
        /// The hash of another code.
        OtherCodeHash => "oidc.code_hash_mismatch",
        /// The event of a logout token.
        LogoutEvent => "oidc.token_wrong_type",
        /// Another hosted domain than asked for.
        OtherHostedDomain => "oidc.hosted_domain_mismatch",
        /// An account without a hosted domain, though one was asked for.
        NoHostedDomain => "oidc.hosted_domain_mismatch",
        /// Another organisation than asked for.
        OtherOrganization => "oidc.organization_mismatch",
        /// No organisation, though one was asked for.
        NoOrganization => "oidc.organization_mismatch",
    }
}

faults! {
    /// What is wrong with what the ID token of a tenant of Entra ID says, for
    /// [`Shape::EntraTenants`](crate::testing::oidc_provider::Shape::EntraTenants).
    EntraFault {
        /// Of another tenant, and in itself right.
        OtherTenant => "oidc.tenant_not_allowed",
        /// No tenant.
        NoTenant => "oidc.tenant_invalid",
        /// A tenant in capital letters.
        TenantInCapitals => "oidc.tenant_invalid",
        /// The issuer of the metadata, with its place for the tenant.
        LiteralTemplate => "oidc.issuer_mismatch",
        /// `tid` is not the tenant in `iss`.
        TenantDiffers => "oidc.issuer_mismatch",
        /// Signed with a key that is published for another tenant.
        KeyOfOtherTenant => "oidc.issuer_mismatch",
    }
}

faults! {
    /// What is wrong with the ID token that comes with a refresh.
    RefreshFault {
        /// Another issuer.
        OtherIssuer => "oidc.issuer_mismatch",
        /// Another tenant of Entra ID, where every tenant is allowed.
        OtherTenant => "oidc.refresh_issuer_mismatch",
        /// Somebody else.
        OtherSubject => "oidc.refresh_subject_mismatch",
        /// Another authentication, where the first ID token had a time of it.
        OtherAuthTime => "oidc.refresh_auth_time_mismatch",
        /// Another nonce.
        OtherNonce => "oidc.nonce_mismatch",
        /// Another client.
        OtherAudience => "oidc.audience_mismatch",
        /// No ID token.
        NoIdToken => "accepted",
        /// No nonce.
        NoNonce => "accepted",
        /// No new refresh token: the old one stays.
        NoRefreshToken => "accepted",
    }
}

impl IdTokenFault {
    /// The provider's time.
    pub(in crate::testing::oidc_provider) fn clock(self, now: Timestamp) -> Timestamp {
        match self {
            Self::ClockFast => now.saturating_add(HOUR),
            Self::ClockSlow => now.saturating_sub(3 * HOUR),
            _ => now,
        }
    }

    pub(in crate::testing::oidc_provider) fn change(self, claims: &mut Object, now: Timestamp) {
        let at = |time: Timestamp| json!(seconds(time));
        let (past, future) = (at(now.saturating_sub(HOUR)), at(now.saturating_add(HOUR)));
        let issuer = text(claims, "iss").to_owned();
        let audience = claims.get("aud").cloned().unwrap_or_default();
        let mut set = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        match self {
            Self::OtherIssuer => set("iss", json!(OTHER_ISSUER)),
            Self::IssuerInCapitals => set("iss", json!(issuer.to_uppercase())),
            Self::NoIssuer => drop(claims.remove("iss")),
            Self::IssuerNotText => set("iss", json!(1)),
            Self::SeveralIssuers => set("iss", json!([OTHER_ISSUER, issuer])),
            Self::NoSubject => drop(claims.remove("sub")),
            Self::EmptySubject => set("sub", json!("")),
            Self::LongSubject => set("sub", json!("a".repeat(256))),
            Self::SubjectNotText => set("sub", json!(7)),
            Self::NoAudience => drop(claims.remove("aud")),
            Self::OtherAudience => set("aud", json!(OTHER_CLIENT)),
            Self::AudienceNotText => set("aud", json!(7)),
            Self::MixedAudience => set("aud", with(audience, json!(7))),
            Self::EmptyAudience => set("aud", json!([])),
            Self::OtherAudienceBeside => {
                // With azp, so that nothing but the audience is wrong.
                let first = audience.get(0).unwrap_or(&audience).clone();
                set("aud", with(audience, json!(OTHER_CLIENT)));
                set("azp", first);
            }
            Self::OtherAuthorizedParty => set("azp", json!(OTHER_CLIENT)),
            Self::NoAuthorizedParty => drop(claims.remove("azp")),
            Self::Expired => set("exp", past),
            Self::NoExpiry => drop(claims.remove("exp")),
            Self::ExpiryNotNumber => set("exp", json!(seconds(now.saturating_add(HOUR)).to_string())),
            Self::ExpiryNull => set("exp", Value::Null),
            Self::NotYetValid => set("nbf", future),
            Self::NotBeforeNotNumber => set("nbf", json!(seconds(now).to_string())),
            Self::NoIssuedAt => drop(claims.remove("iat")),
            Self::IssuedInFuture => set("iat", future),
            Self::IssuedLongAgo => set("iat", past),
            Self::ClockFast | Self::ClockSlow => {}
            Self::NoNonce => drop(claims.remove("nonce")),
            Self::OtherNonce => set("nonce", json!(OTHER_VALUE)),
            Self::NonceNotText => set("nonce", json!(7)),
            Self::NoAuthTime => drop(claims.remove("auth_time")),
            Self::OldAuthTime => set("auth_time", at(now.saturating_sub(48 * HOUR))),
            Self::AuthTimeInFuture => set("auth_time", future),
            Self::OtherAcr => set("acr", json!("urn:another:way")),
            Self::NoAcr => drop(claims.remove("acr")),
            Self::OtherAccessTokenHash => set("at_hash", json!(OTHER_VALUE)),
            Self::OtherCodeHash => set("c_hash", json!(OTHER_VALUE)),
            Self::LogoutEvent => set("events", json!({ BACKCHANNEL_LOGOUT: {} })),
            Self::OtherHostedDomain => set("hd", json!("other.example")),
            Self::NoHostedDomain => drop(claims.remove("hd")),
            Self::OtherOrganization => set("org_id", json!("org_another")),
            Self::NoOrganization => drop(claims.remove("org_id")),
        }
    }
}

impl EntraFault {
    pub(in crate::testing::oidc_provider) fn change(self, claims: &mut Object, metadata_issuer: &str) {
        let tenant = text(claims, "tid").to_uppercase();
        let mut set = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        match self {
            Self::OtherTenant => {
                set("tid", json!(OTHER_TENANT));
                set("iss", json!(issuer_of(OTHER_TENANT)));
            }
            Self::NoTenant => drop(claims.remove("tid")),
            Self::TenantInCapitals => set("tid", json!(tenant)),
            Self::LiteralTemplate => set("iss", json!(metadata_issuer)),
            Self::TenantDiffers => set("tid", json!(OTHER_TENANT)),
            Self::KeyOfOtherTenant => {}
        }
    }

    /// The member `issuer` of the published keys.
    pub(in crate::testing::oidc_provider) fn key_issuer(self) -> Option<String> {
        (self == Self::KeyOfOtherTenant).then(|| issuer_of(OTHER_TENANT))
    }
}

impl RefreshFault {
    pub(in crate::testing::oidc_provider) fn change(self, claims: &mut Object, now: Timestamp) {
        let mut set = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        match self {
            Self::OtherIssuer => set("iss", json!(OTHER_ISSUER)),
            Self::OtherTenant => {
                set("tid", json!(OTHER_TENANT));
                set("iss", json!(issuer_of(OTHER_TENANT)));
            }
            Self::OtherSubject => set("sub", json!("somebody-else")),
            Self::OtherAuthTime => set("auth_time", json!(seconds(now.saturating_sub(HOUR)))),
            Self::OtherNonce => set("nonce", json!(OTHER_VALUE)),
            Self::OtherAudience => set("aud", json!(OTHER_CLIENT)),
            Self::NoNonce => drop(claims.remove("nonce")),
            Self::NoIdToken | Self::NoRefreshToken => {}
        }
    }
}

/// The audiences and one more.
pub(super) fn with(audience: Value, more: Value) -> Value {
    match audience {
        Value::Array(mut members) => {
            members.push(more);
            Value::Array(members)
        }
        one => json!([one, more]),
    }
}

fn issuer_of(tenant: &str) -> String {
    format!("https://login.microsoftonline.com/{tenant}/v2.0")
}

const HOUR: Duration = Duration::from_secs(60 * 60);
const OTHER_TENANT: &str = "0d6f2b1c-9a3e-4c57-8b1d-2e4f6a8c0b1d";
/// A value of the right form that is never right.
const OTHER_VALUE: &str = "AAAAAAAAAAAAAAAAAAAAAA";
