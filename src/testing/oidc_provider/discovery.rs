//! The metadata and the key set.

use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{
    Fault, IssParameter, KeysFault, OidcProvider, Published, answer::json_response, json::Object,
    provider::Endpoint,
};

/// Where the provider's endpoints are.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoints {
    /// For browsers that sign in.
    pub authorization: String,
    /// Tokens.
    pub token: String,
    /// UserInfo.
    pub userinfo: String,
    /// The key set.
    pub jwks: String,
    /// Pushed authorization requests (RFC 9126).
    pub pushed_authorization: String,
    /// Revocation (RFC 7009).
    pub revocation: String,
    /// For browsers that sign out.
    pub end_session: String,
    /// The same endpoints for mutual TLS, which have addresses of their own (RFC 8705 §5).
    pub mutual_tls: Vec<(Endpoint, String)>,
}

impl Endpoints {
    /// The usual places below an issuer.
    #[must_use]
    pub fn below(issuer: &str) -> Self {
        let base = issuer.trim_end_matches('/');
        Self {
            authorization: format!("{base}/authorize"),
            token: format!("{base}/token"),
            userinfo: format!("{base}/userinfo"),
            jwks: format!("{base}/keys"),
            pushed_authorization: format!("{base}/par"),
            revocation: format!("{base}/revoke"),
            end_session: format!("{base}/logout"),
            mutual_tls: Vec::new(),
        }
    }

    /// The same with endpoints for mutual TLS at another host.
    #[must_use]
    pub fn with_mutual_tls(mut self, base: &str) -> Self {
        let base = base.trim_end_matches('/');
        self.mutual_tls = vec![
            (Endpoint::Token, format!("{base}/token")),
            (Endpoint::PushedAuthorization, format!("{base}/par")),
            (Endpoint::UserInfo, format!("{base}/userinfo")),
            (Endpoint::Revocation, format!("{base}/revoke")),
        ];
        self
    }

    /// Which of them has this address.
    pub(super) fn of(&self, url: &str) -> Option<Endpoint> {
        let own = [
            (Endpoint::Keys, &self.jwks),
            (Endpoint::PushedAuthorization, &self.pushed_authorization),
            (Endpoint::Token, &self.token),
            (Endpoint::UserInfo, &self.userinfo),
            (Endpoint::Revocation, &self.revocation),
        ];
        let mutual_tls = self.mutual_tls.iter().map(|(endpoint, address)| (*endpoint, address));
        own.into_iter()
            .chain(mutual_tls)
            .find(|(_, address)| address.split('?').next() == Some(url))
            .map(|(endpoint, _)| endpoint)
    }
}

impl OidcProvider {
    /// Where its metadata are (Discovery 4).
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'))
    }

    /// Its metadata (Discovery 3).
    #[must_use]
    pub fn metadata(&self) -> Value {
        let endpoints = &self.endpoints;
        let issuer = self.style.metadata_issuer.as_deref().unwrap_or(&self.issuer);
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": endpoints.authorization,
            "token_endpoint": endpoints.token,
            "userinfo_endpoint": endpoints.userinfo,
            "jwks_uri": endpoints.jwks,
            "pushed_authorization_request_endpoint": endpoints.pushed_authorization,
            "revocation_endpoint": endpoints.revocation,
            "end_session_endpoint": endpoints.end_session,
            "scopes_supported": ["openid", "profile", "email", "phone", "address", "offline_access"],
            "response_types_supported": ["code", "id_token"],
            "response_modes_supported": ["query", "form_post"],
            "grant_types_supported": ["authorization_code", "refresh_token", TOKEN_EXCHANGE],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": self.algorithms(),
            "userinfo_signing_alg_values_supported": self.algorithms(),
            "request_object_signing_alg_values_supported": CLIENT_ALGORITHMS,
            "token_endpoint_auth_methods_supported": [
                "none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt",
                "tls_client_auth",
            ],
            "token_endpoint_auth_signing_alg_values_supported": CLIENT_ALGORITHMS,
            "dpop_signing_alg_values_supported": ["RS256", "PS256", "ES256", "ES384", "EdDSA"],
            "claims_parameter_supported": true,
            "request_parameter_supported": true,
            "request_uri_parameter_supported": false,
            "backchannel_logout_supported": true,
            "backchannel_logout_session_supported": true,
            "frontchannel_logout_supported": true,
            "frontchannel_logout_session_supported": true,
        });
        if let Some(members) = metadata.as_object_mut() {
            self.add_optional(members);
            if let Some(Fault::Metadata(fault)) = self.fault {
                fault.change(members);
            }
        }
        metadata
    }

    /// Its key set (RFC 7517 §5).
    #[must_use]
    pub fn key_set(&self) -> Value {
        let mut keys = Vec::new();
        for key in &self.published_keys {
            let Value::Object(mut jwk) = key.jwk() else { continue };
            jwk.insert("use".to_owned(), json!("sig"));
            if self.style.published != Published::Nameless {
                jwk.insert("kid".to_owned(), json!(key.kid()));
            }
            let other_issuer = match self.fault {
                Some(Fault::Entra(fault)) => fault.key_issuer(),
                _ => None,
            };
            if let Some(issuer) = other_issuer.or_else(|| self.style.key_issuer.clone()) {
                jwk.insert("issuer".to_owned(), json!(issuer));
            }
            if matches!(self.style.published, Published::WithoutAlgorithm | Published::Twice) {
                keys.push(Value::Object(jwk.clone()));
            }
            if self.style.published != Published::WithoutAlgorithm {
                let signs = self.style.key == *key;
                let own = key.default_algorithm();
                let algorithm = if signs { self.style.signing_algorithm() } else { own };
                jwk.insert("alg".to_owned(), json!(algorithm.as_str()));
                keys.push(Value::Object(jwk));
            }
        }
        if let Some(Fault::Keys(fault)) = self.fault {
            fault.change(&mut keys, self.style.key);
        }
        match self.fault {
            Some(Fault::Keys(KeysFault::NoList)) => json!({ "keys": {} }),
            _ => json!({ "keys": keys }),
        }
    }

    pub(super) fn metadata_response(&self) -> Response<Vec<u8>> {
        json_response(StatusCode::OK, &self.style.content_type, &self.metadata())
    }

    pub(super) fn keys_response(&self) -> Response<Vec<u8>> {
        json_response(StatusCode::OK, &self.style.content_type, &self.key_set())
    }

    /// The algorithms of its keys and of its style.
    fn algorithms(&self) -> Vec<&str> {
        if let Some(listed) = &self.style.listed_algorithms {
            return listed.iter().map(String::as_str).collect();
        }
        let mut algorithms = vec![self.style.signing_algorithm().as_str()];
        for key in &self.published_keys {
            if !algorithms.contains(&key.default_algorithm().as_str()) {
                algorithms.push(key.default_algorithm().as_str());
            }
        }
        algorithms
    }

    fn add_optional(&self, members: &mut Object) {
        if self.style.advertise_pkce {
            members.insert("code_challenge_methods_supported".to_owned(), json!(["S256"]));
        }
        if self.style.iss_parameter == IssParameter::Advertised {
            members.insert("authorization_response_iss_parameter_supported".to_owned(), json!(true));
        }
        if !self.clients.is_empty() && self.clients.iter().all(|client| client.require_pushed_requests) {
            members.insert("require_pushed_authorization_requests".to_owned(), json!(true));
        }
        if !self.endpoints.mutual_tls.is_empty() {
            let aliases = self.endpoints.mutual_tls.iter().map(|(endpoint, address)| {
                let name = match endpoint {
                    Endpoint::Metadata => "issuer",
                    Endpoint::Keys => "jwks_uri",
                    Endpoint::PushedAuthorization => "pushed_authorization_request_endpoint",
                    Endpoint::Token => "token_endpoint",
                    Endpoint::UserInfo => "userinfo_endpoint",
                    Endpoint::Revocation => "revocation_endpoint",
                };
                (name.to_owned(), json!(address))
            });
            members.insert("mtls_endpoint_aliases".to_owned(), Value::Object(aliases.collect()));
        }
    }
}

pub(super) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const CLIENT_ALGORITHMS: [&str; 9] =
    ["RS256", "PS256", "ES256", "ES384", "EdDSA", "HS256", "HS384", "HS512", "RS384"];
