use super::{OTHER_ISSUER, faults};
use crate::encoding::percent_encode;

faults! {
    /// What is wrong with the callback.
    CallbackFault {
        /// No state.
        NoState => "oidc.state_missing",
        /// The state of another sign-in.
        OtherState => "oidc.state_mismatch",
        /// Two states, the right one first.
        TwoStates => "oidc.callback_duplicate_parameter",
        /// Two codes.
        TwoCodes => "oidc.callback_duplicate_parameter",
        /// Two issuers.
        TwoIssuers => "oidc.callback_duplicate_parameter",
        /// From another issuer (RFC 9207).
        OtherIssuer => "oidc.callback_issuer_mismatch",
        /// No issuer, though the metadata say that there is one.
        NoIssuer => "oidc.callback_issuer_missing",
        /// The person said no.
        Error => "oidc.provider_error",
        /// An error beside a code.
        ErrorBesideCode => "oidc.provider_error",
        /// An error that belongs to no sign-in of ours.
        ErrorWithOtherState => "oidc.state_mismatch",
        /// No code.
        NoCode => "oidc.code_missing",
        /// An empty code.
        EmptyCode => "oidc.code_missing",
        /// A text that is no UTF-8.
        NotUtf8 => "oidc.callback_malformed",
        /// Longer than anybody's callback.
        TooLarge => "oidc.callback_malformed",
        /// Tokens of somebody else beside the code: nobody reads them.
        TokensBeside => "accepted",
    }
}

impl CallbackFault {
    /// Changes the parameters, then what they look like.
    pub(in crate::testing::oidc_provider) fn change(self, mut parameters: Vec<(String, String)>) -> String {
        let mut set = |name: &str, value: Option<&str>| {
            parameters.retain(|(other, _)| other != name);
            parameters.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        };
        match self {
            Self::NoState => set("state", None),
            Self::OtherState => set("state", Some(OTHER_STATE)),
            Self::OtherIssuer => set("iss", Some(OTHER_ISSUER)),
            Self::NoIssuer => set("iss", None),
            Self::NoCode => set("code", None),
            Self::EmptyCode => set("code", Some("")),
            Self::Error | Self::ErrorBesideCode | Self::ErrorWithOtherState => {
                set("error", Some("access_denied"));
                set("error_description", Some("The person\u{7} said no"));
                if self != Self::ErrorBesideCode {
                    set("code", None);
                }
                if self == Self::ErrorWithOtherState {
                    set("state", Some(OTHER_STATE));
                }
            }
            Self::TokensBeside => {
                set("id_token", Some("e30.e30."));
                set("access_token", Some("another"));
                set("token_type", Some("Bearer"));
            }
            _ => {}
        }
        let pairs =
            parameters.iter().map(|(name, value)| format!("{name}={}", percent_encode(value.as_bytes())));
        let form = pairs.collect::<Vec<_>>().join("&");
        let twice = |name: &str, value: &str| format!("{form}&{name}={}", percent_encode(value.as_bytes()));
        match self {
            Self::TwoStates => twice("state", OTHER_STATE),
            Self::TwoCodes => twice("code", "another"),
            Self::TwoIssuers if form.contains("iss=") => twice("iss", OTHER_ISSUER),
            Self::TwoIssuers => {
                let issuer = percent_encode(OTHER_ISSUER.as_bytes());
                format!("{form}&iss={issuer}&iss={issuer}")
            }
            Self::NotUtf8 => format!("{form}&session_state=%ff"),
            Self::TooLarge => format!("{form}&session_state={}", "x".repeat(70_000)),
            _ => form,
        }
    }
}

const OTHER_STATE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
