//! Sign-ins whose every part can be replaced: what a provider would answer, and what it would not.

use std::fmt::Write as _;

use admittance::crypto::{DigestAlgorithm, SignatureAlgorithm, SigningKey};
use admittance::encoding::base64url_encode;
use admittance::jose::{Jwks, PrivateKey};
use admittance::limits::Limits;
use admittance::oidc::authorization;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::id_token::{self, SessionRef, ValidIdToken};
use admittance::oidc::token::{self, UnverifiedTokens, refresh};
use admittance::oidc::userinfo::{self, ValidUserinfo};
use admittance::oidc::{Client, Error, Pending, Provider};
use admittance::profile::{self, AttributeNames, GroupsClaim, Mapping};
use admittance::time::Timestamp;
use http::Response;
use ring::digest;
use serde_json::{Value, json};

use super::given::{self, response};

pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";
pub(crate) const STATE: &str = "af0ifjsldkj";
pub(crate) const CODE: &str = "SplxlOBeZQQYbYS6WxSbIA";
pub(crate) const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

/// A sign-in that is accepted, until something in it is changed.
#[derive(Clone)]
pub(crate) struct SignIn {
    pub(crate) provider: Provider,
    pub(crate) client: Client,
    pub(crate) pending: Value,
    pub(crate) jwks: Value,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    /// In the place of the claims.
    pub(crate) payload: Option<String>,
    pub(crate) key: Key,
    /// In the place of the ID token that the parts above make.
    pub(crate) token: Option<String>,
    pub(crate) now: Timestamp,
}

/// A key, and the algorithm that it signs with here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Rs256,
    /// Another RSA key.
    OtherRs256,
    Ps384,
    Es256,
    Es384,
    Ed25519,
}

impl SignIn {
    pub(crate) fn new() -> Self {
        let now = given::now();
        let mut provider = given::provider();
        provider.id_token_signing_alg_values_supported = None;
        Self {
            provider,
            client: given::client(),
            pending: json!({
                "version": 1,
                "created_at": now,
                "issuer": given::ISSUER,
                "client_id": "client-1",
                "redirect_uri": "https://rp.example/callback",
                "state": STATE,
                "nonce": NONCE,
                "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                "scopes": ["openid"],
            }),
            jwks: jwks(&[Key::Rs256]),
            header: json!({"alg": "RS256", "kid": Key::Rs256.kid()}),
            claims: json!({
                "iss": given::ISSUER,
                "sub": "248289761001",
                "aud": "client-1",
                "exp": seconds(now) + 300,
                "iat": seconds(now),
                "nonce": NONCE,
                "upn": "ada@corp.example",
            }),
            payload: None,
            key: Key::Rs256,
            token: None,
            now,
        }
    }

    /// Sets a claim.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// Takes a claim out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name).unwrap_or_else(|| panic!("no {name}"));
        self
    }

    /// Sets a header parameter.
    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    /// Sets a member of what the host has kept.
    pub(crate) fn pending(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.pending[name] = value.into();
        self
    }

    /// Signs with another key, which is published too.
    pub(crate) fn signed_by(mut self, key: Key) -> Self {
        self.header["alg"] = key.algorithm().into();
        self.header["kid"] = key.kid().into();
        self.jwks = jwks(&[Key::Rs256, key]);
        self.key = key;
        self
    }

    /// Changes anything else.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The issuer everywhere: in the document, in what the host has kept, in the token.
    pub(crate) fn issuer(self, issuer: &str) -> Self {
        self.with(|sign_in| sign_in.provider.issuer = issuer.to_owned())
            .pending("issuer", issuer)
            .claim("iss", issuer)
    }

    /// The ID token.
    pub(crate) fn token(&self) -> String {
        self.token.clone().unwrap_or_else(|| {
            compact(&self.header.to_string(), &self.payload(), |input| self.key.sign(input))
        })
    }

    pub(crate) fn payload(&self) -> String {
        self.payload.clone().unwrap_or_else(|| self.claims.to_string())
    }

    pub(crate) fn tokens(&self) -> UnverifiedTokens {
        let SignIn { provider, client, now, .. } = self;
        let pending = self.parsed_pending();
        let query = format!("code={CODE}&state={STATE}");
        let code = authorization::parse_callback(provider, client, &pending, query, *now).unwrap();
        let members = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": self.token()});
        let answer = given::json_response(200, &members);
        token::parse_response(client, &pending, &code, Dpop::Off, &answer).unwrap()
    }

    pub(crate) fn parsed_pending(&self) -> Pending {
        serde_json::from_value(self.pending.clone()).unwrap()
    }

    pub(crate) fn parsed_jwks(&self) -> Jwks {
        Jwks::parse(self.jwks.to_string().as_bytes(), &Limits::default()).unwrap().0
    }

    pub(crate) fn validate(&self) -> Result<ValidIdToken, Error> {
        let Self { provider, client, now, .. } = self;
        id_token::validate(
            &self.tokens(),
            &self.parsed_jwks(),
            provider,
            client,
            &self.parsed_pending(),
            *now,
        )
    }

    #[track_caller]
    pub(crate) fn accepted(&self) -> ValidIdToken {
        self.validate().unwrap_or_else(|error| panic!("{}: {error}", error.code()))
    }

    #[track_caller]
    pub(crate) fn rejected(&self, code: &str) -> Error {
        let error = self.validate().expect_err("it is accepted");
        assert_eq!(error.code(), code, "{error}");
        error
    }

    /// Judges the token of this sign-in as the one that a refresh has brought.
    pub(crate) fn refreshes(&self, session: &SessionRef) -> Result<ValidIdToken, Error> {
        let Self { provider, client, now, .. } = self;
        let members = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": self.token()});
        let answer = given::json_response(200, &members);
        let tokens = refresh::parse_response(client, &"refresh".into(), &[], Dpop::Off, &answer).unwrap();
        id_token::validate_refreshed(&tokens, &self.parsed_jwks(), provider, client, session, *now)
    }

    /// Judges an answer of the UserInfo endpoint.
    pub(crate) fn userinfo(&self, answer: &Response<Vec<u8>>) -> Result<ValidUserinfo, Error> {
        let Self { provider, client, now, .. } = self;
        let id = self.accepted();
        userinfo::parse_response(&id, answer, &self.parsed_jwks(), provider, client, Dpop::Off, *now)
    }

    /// The identity with the claims of a UserInfo answer in JSON.
    #[track_caller]
    pub(crate) fn with_userinfo(&self, claims: &Value) -> ValidIdToken {
        let userinfo = self.userinfo(&given::json_response(200, claims)).unwrap();
        self.accepted().with_userinfo(userinfo).unwrap()
    }
}

impl Key {
    pub(crate) const fn kid(self) -> &'static str {
        match self {
            Self::Rs256 => "rsa-1",
            Self::OtherRs256 => "rsa-2",
            Self::Ps384 => "rsa-3",
            Self::Es256 => "p256",
            Self::Es384 => "p384",
            Self::Ed25519 => "ed25519",
        }
    }

    pub(crate) const fn algorithm(self) -> &'static str {
        match self {
            Self::Rs256 | Self::OtherRs256 => "RS256",
            Self::Ps384 => "PS384",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Ed25519 => "EdDSA",
        }
    }

    const fn pem(self) -> &'static str {
        match self {
            Self::Rs256 | Self::Ps384 => include_str!("../../corpus/keys/rsa2048.key.pem"),
            Self::OtherRs256 => include_str!("../../corpus/keys/rsa2048b.key.pem"),
            Self::Es256 => include_str!("../../corpus/keys/p256.key.pem"),
            Self::Es384 => include_str!("../../corpus/keys/p384.key.pem"),
            Self::Ed25519 => include_str!("../../corpus/keys/ed25519.key.pem"),
        }
    }

    /// The public half as it is published.
    pub(crate) fn jwk(self) -> Value {
        let key = PrivateKey::from_pem(self.pem().as_bytes()).unwrap().with_kid(self.kid());
        serde_json::from_str(&key.public_jwk().to_object().to_json()).unwrap()
    }

    pub(crate) fn sign(self, input: &[u8]) -> Vec<u8> {
        use DigestAlgorithm::{Sha256, Sha384};

        let algorithm = match self {
            Self::Rs256 | Self::OtherRs256 => SignatureAlgorithm::RsaPkcs1(Sha256),
            Self::Ps384 => SignatureAlgorithm::RsaPss(Sha384),
            Self::Es256 => SignatureAlgorithm::Ecdsa(Sha256),
            Self::Es384 => SignatureAlgorithm::Ecdsa(Sha384),
            Self::Ed25519 => {
                let key = admittance::crypto::Ed25519SigningKey::from_pem(self.pem().as_bytes()).unwrap();
                return key.sign(input);
            }
        };
        SigningKey::from_pem(self.pem().as_bytes()).unwrap().sign(algorithm, input).unwrap()
    }
}

/// What a profile says about groups, read from the claim of this name.
pub(crate) fn groups_in(id: &ValidIdToken, groups: &str) -> GroupsClaim {
    let names = AttributeNames { name: "name", login: "upn", email: "upn", groups };
    profile::map(&Mapping::exact(names), id.claims()).0.unwrap().groups
}

/// A key set.
pub(crate) fn jwks(keys: &[Key]) -> Value {
    let mut kids = Vec::new();
    let entries: Vec<Value> = keys
        .iter()
        .filter(|key| {
            let first = !kids.contains(&key.kid());
            kids.push(key.kid());
            first
        })
        .map(|key| key.jwk())
        .collect();
    json!({ "keys": entries })
}

/// A token in compact form.
pub(crate) fn compact(header: &str, payload: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let mut token =
        format!("{}.{}", base64url_encode(header.as_bytes()), base64url_encode(payload.as_bytes()));
    let signature = base64url_encode(&sign(token.as_bytes()));
    write!(token, ".{signature}").unwrap();
    token
}

/// The left half of a hash, as `at_hash` and `c_hash` have it.
pub(crate) fn half_hash(algorithm: &'static digest::Algorithm, text: &str) -> String {
    let hash = digest::digest(algorithm, text.as_bytes());
    base64url_encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

pub(crate) fn seconds(time: Timestamp) -> i64 {
    time.to_unix_millis() / 1000
}

/// An answer that is a token.
pub(crate) fn jwt_response(token: impl Into<Vec<u8>>) -> Response<Vec<u8>> {
    response(200, "application/jwt", token)
}
