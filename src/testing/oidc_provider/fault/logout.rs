use std::time::Duration;

use serde_json::{Value, json};

use super::{BACKCHANNEL_LOGOUT, OTHER_CLIENT, OTHER_ISSUER, faults, id_token::with};
use crate::{
    testing::oidc_provider::json::{Object, seconds},
    time::Timestamp,
};

faults! {
    /// What is wrong with the request that brings a logout token.
    LogoutTokenFault {
        /// No logout_token in the form.
        NoToken => "oidc.logout_malformed",
        /// Two of them.
        TwoTokens => "oidc.logout_malformed",
        /// Longer than any logout token.
        TooLong => "oidc.logout_malformed",
        /// Another issuer.
        OtherIssuer => "oidc.issuer_mismatch",
        /// No issuer.
        NoIssuer => "oidc.claim_missing",
        /// For another client.
        OtherAudience => "oidc.audience_mismatch",
        /// No audience.
        NoAudience => "oidc.claim_missing",
        /// For the client and for another one.
        OtherAudienceBeside => "oidc.audience_untrusted",
        /// Made at the request of another client.
        OtherAuthorizedParty => "oidc.authorized_party_mismatch",
        /// Expired.
        Expired => "oidc.token_expired",
        /// Issued an hour ago.
        IssuedLongAgo => "oidc.issued_too_long_ago",
        /// Issued in the future.
        IssuedInFuture => "oidc.issued_in_future",
        /// Without a time of issue.
        NoIssuedAt => "oidc.claim_missing",
        /// Without events.
        NoEvent => "oidc.logout_event_missing",
        /// With another event.
        OtherEvent => "oidc.logout_event_missing",
        /// With a text for the event.
        EventNotObject => "oidc.logout_event_missing",
        /// With a nonce.
        Nonce => "oidc.logout_nonce_present",
        /// Neither `sub` nor `sid`.
        Nobody => "oidc.logout_subject_missing",
        /// No `sid`, though the client must have it.
        NoSession => "oidc.logout_subject_missing",
        /// No jti.
        NoTokenId => "oidc.claim_missing",
        /// An ID token in its place.
        IdToken => "oidc.logout_event_missing",
        /// No exp, which is a matter of the provider.
        NoExpiry => "accepted",
        /// No `sub`, beside a `sid`.
        NoSubject => "accepted",
    }
}

faults! {
    /// What is wrong with the address that ends a session in the browser.
    FrontChannelFault {
        /// A session of nobody's.
        NoIssuer => "oidc.logout_malformed",
        /// Every session.
        NoSession => "oidc.logout_malformed",
        /// Neither, though the client must have both.
        Neither => "oidc.logout_malformed",
        /// Another issuer.
        OtherIssuer => "oidc.issuer_mismatch",
        /// Two sessions.
        TwoSessions => "oidc.logout_malformed",
    }
}

faults! {
    /// What is odd about the way back from a logout. The session has ended whatever comes.
    PostLogoutFault {
        /// No state.
        NoState => "accepted",
        /// Another state.
        OtherState => "accepted",
    }
}

impl LogoutTokenFault {
    pub(in crate::testing::oidc_provider) fn change(self, claims: &mut Object, now: Timestamp) {
        let at = |time: Timestamp| json!(seconds(time));
        let (past, future) = (at(now.saturating_sub(HOUR)), at(now.saturating_add(HOUR)));
        let audience = claims.get("aud").cloned().unwrap_or_default();
        let mut set = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        match self {
            Self::OtherIssuer => set("iss", json!(OTHER_ISSUER)),
            Self::NoIssuer => drop(claims.remove("iss")),
            Self::OtherAudience => set("aud", json!(OTHER_CLIENT)),
            Self::NoAudience => drop(claims.remove("aud")),
            Self::OtherAudienceBeside => {
                let client = audience.get(0).unwrap_or(&audience).clone();
                set("aud", with(audience, json!(OTHER_CLIENT)));
                set("azp", client);
            }
            Self::OtherAuthorizedParty => set("azp", json!(OTHER_CLIENT)),
            Self::Expired => set("exp", past),
            Self::NoExpiry => drop(claims.remove("exp")),
            Self::IssuedLongAgo => set("iat", past),
            Self::IssuedInFuture => set("iat", future),
            Self::NoIssuedAt => drop(claims.remove("iat")),
            Self::NoEvent => drop(claims.remove("events")),
            Self::OtherEvent => set("events", json!({ "https://op.example/event/another": {} })),
            Self::EventNotObject => set("events", json!({ BACKCHANNEL_LOGOUT: "yes" })),
            Self::Nonce => set("nonce", json!("n-1")),
            Self::Nobody => {
                claims.remove("sub");
                claims.remove("sid");
            }
            Self::NoSession => drop(claims.remove("sid")),
            Self::NoSubject => drop(claims.remove("sub")),
            Self::NoTokenId => drop(claims.remove("jti")),
            Self::IdToken => {
                claims.remove("events");
                set_id_token(claims);
            }
            Self::NoToken | Self::TwoTokens | Self::TooLong => {}
        }
    }

    /// The form around the token.
    pub(in crate::testing::oidc_provider) fn form(self, token: String) -> Vec<(&'static str, String)> {
        match self {
            Self::NoToken => Vec::new(),
            Self::TwoTokens => vec![("logout_token", token.clone()), ("logout_token", token)],
            Self::TooLong => vec![("logout_token", token), ("padding", "x".repeat(70_000))],
            _ => vec![("logout_token", token)],
        }
    }
}

impl FrontChannelFault {
    pub(in crate::testing::oidc_provider) fn change(self, parameters: &mut Vec<(&'static str, String)>) {
        match self {
            Self::NoIssuer => parameters.retain(|(name, _)| *name != "iss"),
            Self::NoSession => parameters.retain(|(name, _)| *name != "sid"),
            Self::Neither => parameters.clear(),
            Self::OtherIssuer => {
                parameters.retain(|(name, _)| *name != "iss");
                parameters.push(("iss", OTHER_ISSUER.to_owned()));
            }
            Self::TwoSessions => parameters.push(("sid", "another".to_owned())),
        }
    }
}

impl PostLogoutFault {
    pub(in crate::testing::oidc_provider) fn state(self) -> Option<&'static str> {
        match self {
            Self::NoState => None,
            Self::OtherState => Some("another"),
        }
    }
}

/// What an ID token has and a logout token has not.
fn set_id_token(claims: &mut Object) {
    claims.insert("nonce".to_owned(), json!("n-1"));
    claims.insert("name".to_owned(), json!("Ada Lovelace"));
}

const HOUR: Duration = Duration::from_secs(60 * 60);
