use serde_json::{Value, json};

use super::{OTHER_CLIENT, OTHER_ISSUER, faults};
use crate::testing::oidc_provider::json::Object;

faults! {
    /// What is wrong with the UserInfo answer.
    UserInfoFault {
        /// It knows no access token.
        Unauthorized => "oidc.userinfo_error",
        /// It lets nobody look.
        Forbidden => "oidc.userinfo_error",
        /// It asks for another DPoP nonce, again and again.
        AnotherNonceAlways => "oidc.dpop_nonce_repeated",
        /// Not signed, though that was registered.
        NotSigned => "oidc.userinfo_not_signed",
        /// About somebody else.
        OtherSubject => "oidc.userinfo_subject_mismatch",
        /// About nobody.
        NoSubject => "oidc.userinfo_subject_mismatch",
        /// A number for `sub`.
        SubjectNotText => "oidc.userinfo_subject_mismatch",
        /// A signed answer from another issuer.
        OtherIssuer => "oidc.issuer_mismatch",
        /// A signed answer for another client.
        OtherAudience => "oidc.audience_mismatch",
        /// Claims that belong to the ID token, with other values: nobody reads them.
        ReplacesClaims => "accepted",
    }
}

impl UserInfoFault {
    pub(in crate::testing::oidc_provider) fn change(self, claims: &mut Object, signed: bool) {
        let mut set = |name: &str, value: Value| {
            claims.insert(name.to_owned(), value);
        };
        match self {
            Self::OtherSubject => set("sub", json!("somebody-else")),
            Self::NoSubject => drop(claims.remove("sub")),
            Self::SubjectNotText => set("sub", json!(7)),
            Self::OtherIssuer if signed => set("iss", json!(OTHER_ISSUER)),
            Self::OtherAudience if signed => set("aud", json!(OTHER_CLIENT)),
            Self::ReplacesClaims => {
                set("nonce", json!("another"));
                set("exp", json!(4_102_444_800_u64));
                set("sid", json!("another"));
                set("azp", json!(OTHER_CLIENT));
            }
            _ => {}
        }
    }
}
