use serde_json::{Value, json};

use super::{OTHER_ISSUER, faults};
use crate::testing::oidc_provider::{TestKey, json::Object};

faults! {
    /// What is wrong with the metadata.
    MetadataFault {
        /// Another issuer.
        OtherIssuer => "oidc.discovery_issuer_mismatch",
        /// The issuer with one slash more at its end.
        IssuerWithSlash => "oidc.discovery_issuer_mismatch",
        /// No issuer.
        NoIssuer => "oidc.discovery_issuer_mismatch",
        /// No authorization_endpoint.
        NoAuthorizationEndpoint => "oidc.metadata_missing",
        /// No token_endpoint.
        NoTokenEndpoint => "oidc.metadata_missing",
        /// No jwks_uri.
        NoJwksUri => "oidc.metadata_missing",
        /// A number in the place of an address.
        AddressNotText => "oidc.metadata_invalid",
        /// An address without TLS.
        HttpAddress => "oidc.url_not_allowed",
        /// A user name and a password in an address.
        UserInfoInAddress => "oidc.url_not_allowed",
        /// A fragment in an address.
        FragmentInAddress => "oidc.url_not_allowed",
        /// An address inside of the network of whoever calls it.
        PrivateAddress => "oidc.url_not_allowed",
        /// No code flow.
        NoCodeFlow => "oidc.unsupported_by_provider",
        /// No signature algorithm that can be verified with a public key; found when the ID token is judged.
        NoCommonAlgorithm => "oidc.no_common_algorithm",
        /// PKCE without S256: the note `oidc.pkce_not_advertised`.
        PlainPkce => "accepted",
        /// An endpoint for mutual TLS at another host: the note `oidc.other_origin`.
        OtherOrigin => "accepted",
    }
}

faults! {
    /// What is wrong with the key set.
    KeysFault {
        /// No key.
        Empty => "oidc.jwks_empty",
        /// The list of keys is an object.
        NoList => "oidc.json_invalid",
        /// More keys than anybody has.
        TooMany => "oidc.json_invalid",
        /// A secret, and nothing else.
        SecretsOnly => "oidc.jwks_empty",
        /// Its keys are for encryption.
        ForEncryption => "oidc.jwks_empty",
        /// Its keys are for wrapping keys.
        ForWrapping => "oidc.jwks_empty",
        /// Its only key is an RSA key of 1024 bits.
        ShortRsa => "oidc.jwks_empty",
        /// Its keys are for another algorithm.
        OtherAlgorithm => "oidc.key_not_found",
        /// The key that signs is not there yet: fetching it again after the fault is mended helps.
        SigningKeyMissing => "oidc.key_not_found",
        /// Nine keys of one name.
        OneNameForMany => "oidc.key_ambiguous",
        /// A key that nobody can read before the right ones: the note `oidc.key_skipped`.
        UnreadableBeside => "accepted",
        /// A member of a private key in each: the note `oidc.key_private`.
        PrivateMembers => "accepted",
    }
}

impl MetadataFault {
    pub(in crate::testing::oidc_provider) fn change(self, metadata: &mut Object) {
        let mut set = |name: &str, value: Value| {
            metadata.insert(name.to_owned(), value);
        };
        match self {
            Self::OtherIssuer => set("issuer", json!(OTHER_ISSUER)),
            Self::IssuerWithSlash => {
                let issuer = metadata.get("issuer").and_then(Value::as_str).unwrap_or_default();
                let issuer = json!(format!("{issuer}/"));
                metadata.insert("issuer".to_owned(), issuer);
            }
            Self::NoIssuer => drop(metadata.remove("issuer")),
            Self::NoAuthorizationEndpoint => drop(metadata.remove("authorization_endpoint")),
            Self::NoTokenEndpoint => drop(metadata.remove("token_endpoint")),
            Self::NoJwksUri => drop(metadata.remove("jwks_uri")),
            Self::AddressNotText => set("userinfo_endpoint", json!(7)),
            Self::HttpAddress => set("token_endpoint", json!("http://op.example/token")),
            Self::UserInfoInAddress => set("token_endpoint", json!("https://ada:secret@op.example/token")),
            Self::FragmentInAddress => set("jwks_uri", json!("https://op.example/keys#first")),
            Self::PrivateAddress => set("jwks_uri", json!("https://169.254.169.254/keys")),
            Self::NoCodeFlow => set("response_types_supported", json!(["id_token", "code id_token"])),
            Self::NoCommonAlgorithm => set("id_token_signing_alg_values_supported", json!(["HS256", "none"])),
            Self::PlainPkce => set("code_challenge_methods_supported", json!(["plain"])),
            Self::OtherOrigin => {
                let aliases = json!({ "revocation_endpoint": "https://elsewhere.example/revoke" });
                set("mtls_endpoint_aliases", aliases);
            }
        }
    }
}

impl KeysFault {
    pub(in crate::testing::oidc_provider) fn change(self, keys: &mut Vec<Value>, signing: TestKey) {
        let each = |keys: &mut Vec<Value>, name: &str, value: Value| {
            for members in keys.iter_mut().filter_map(Value::as_object_mut) {
                members.insert(name.to_owned(), value.clone());
            }
        };
        match self {
            Self::Empty | Self::NoList => keys.clear(),
            Self::TooMany => {
                let first = keys.first().cloned().unwrap_or_default();
                keys.extend(std::iter::repeat_n(first, 200));
            }
            Self::SecretsOnly => {
                *keys = vec![json!({ "kty": "oct", "kid": signing.kid(), "k": "c2VjcmV0" })];
            }
            Self::ForEncryption => each(keys, "use", json!("enc")),
            Self::ForWrapping => each(keys, "key_ops", json!(["wrapKey"])),
            Self::ShortRsa => {
                *keys = vec![json!({ "kty": "RSA", "kid": signing.kid(), "n": SHORT_MODULUS, "e": "AQAB" })];
            }
            Self::OtherAlgorithm => {
                let other = if signing.default_algorithm().as_str() == "RS256" { "RS512" } else { "RS256" };
                each(keys, "alg", json!(other));
            }
            Self::SigningKeyMissing => {
                let Value::Object(mut jwk) = signing.other().jwk() else { return };
                jwk.insert("kid".to_owned(), json!("another"));
                *keys = vec![Value::Object(jwk)];
            }
            Self::OneNameForMany => {
                let first = keys.first().cloned().unwrap_or_default();
                keys.extend(std::iter::repeat_n(first, 8));
            }
            Self::UnreadableBeside => keys.insert(0, json!({ "kty": "EC", "crv": "P-256", "kid": 7 })),
            Self::PrivateMembers => each(keys, "d", json!("c2VjcmV0")),
        }
    }
}

/// 1024 bits, odd.
const SHORT_MODULUS: &str = "xZpTgzVgNyNd8I9WqnwV1C-_5vUmGATVdWjVScg0mfxZUlHPwtG6fCNIqbtl1EdzbZNl6PFvw4QDECR3nh9BekZyMZfJfmYk9-3TgTTzZ4gJ1titbybcMUSbyWVeBJOXItD5dwtVO13nJLksyy5S-lIsutmE9X3GYf6WXbrOmVc";
