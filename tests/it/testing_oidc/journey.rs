//! Everything that a relying party and its provider do with each other, once, in order: the first refusal ends it.

use std::sync::Arc;
use std::time::Duration;

use admittance::crypto::DecryptionKey;
use admittance::jose::{PrivateKey, RecipientKey};
use admittance::oidc::dpop::{Dpop, DpopKey};
use admittance::oidc::id_token::ValidIdToken;
use admittance::oidc::logout::rp_initiated::{self, LogoutOptions, LogoutReturn};
use admittance::oidc::logout::{backchannel, frontchannel};
use admittance::oidc::token::exchange::{self, TokenExchange};
use admittance::oidc::token::revocation::{self, TokenKind};
use admittance::oidc::{EntraTenants, Error, IssuerPolicy};
use admittance::testing::oidc_provider::{
    Encryption, Endpoint, EntraFault, Fault, IdTokenFault, IssParameter, JwtFault, LogoutTokenFault,
    OidcProvider, PushedFault, RefreshFault, Shape, SignedToken, TestKey, TokenFault, UserInfoFault,
};
use serde_json::json;

use crate::oidc::rp::Rp;

/// What came out of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// With the claims of UserInfo.
    pub(crate) id: ValidIdToken,
    pub(crate) back: LogoutReturn,
}

const AFTER_LOGOUT: &str = "https://rp.example/signed-out";

/// A relying party that is set up for this product.
pub(crate) fn at(seed: u64, shape: Shape) -> Rp {
    let mut rp = Rp::new(OidcProvider::new(seed).shaped(shape));
    rp.client.policy.trusted_audiences =
        shape.other_audiences().iter().map(|audience| (*audience).to_owned()).collect();
    rp.client.policy.issuer = match shape {
        Shape::EntraTenants => {
            let tenants = [TENANT.to_owned()].into_iter().collect();
            IssuerPolicy::EntraTenants { allowed: EntraTenants::Only(tenants) }
        }
        Shape::Google => IssuerPolicy::Google,
        _ => IssuerPolicy::Exact,
    };
    equip(&mut rp);
    if shape == Shape::EntraTenants {
        // It posts no logout tokens: they would have to name the tenant.
        rp.registration().backchannel_logout_uri = None;
    }
    rp
}

/// What the whole journey needs.
pub(crate) fn equip(rp: &mut Rp) {
    rp.options.scopes.push("offline_access".to_owned());
    let registration = rp.registration();
    registration.post_logout_redirect_uris = vec![AFTER_LOGOUT.to_owned()];
    registration.backchannel_logout_uri = Some("https://rp.example/backchannel".to_owned());
    registration.frontchannel_logout_uri = Some("https://rp.example/frontchannel".to_owned());
}

/// Asks for, or registers, what a fault is about.
pub(crate) fn concern(rp: &mut Rp, fault: Fault) {
    match fault {
        Fault::Token(TokenFault::AnotherNonceAlways | TokenFault::BearerDespiteProof)
        | Fault::UserInfo(UserInfoFault::AnotherNonceAlways) => with_dpop(rp),
        Fault::Pushed(fault) => {
            rp.client.registered.pushed_authorization_requests = true;
            if fault == PushedFault::AnotherNonceAlways {
                with_dpop(rp);
            }
        }
        Fault::Answer(Endpoint::PushedAuthorization, _) => {
            rp.client.registered.pushed_authorization_requests = true;
        }
        Fault::Jwe(token, _) => {
            encrypted(rp);
            if token == SignedToken::UserInfo {
                userinfo_signed(rp);
            }
        }
        Fault::UserInfo(
            UserInfoFault::NotSigned | UserInfoFault::OtherIssuer | UserInfoFault::OtherAudience,
        ) => userinfo_signed(rp),
        Fault::Jwt(token, fault) => {
            if token == SignedToken::UserInfo {
                userinfo_signed(rp);
            }
            if fault == JwtFault::KeyOfOtherKind {
                let other = if rp.op.style.key == TestKey::Rsa { TestKey::P256 } else { TestKey::Rsa };
                rp.op.published_keys.push(other);
            }
        }
        Fault::IdToken(fault) => concern_id_token(rp, fault),
        Fault::Entra(EntraFault::KeyOfOtherTenant) => {
            // Alone in the metadata's name the key would be right.
            rp.op.style.key_issuer = None;
        }
        Fault::Refresh(RefreshFault::OtherTenant) => {
            rp.client.policy.issuer = IssuerPolicy::EntraTenants { allowed: EntraTenants::Any };
        }
        Fault::Refresh(RefreshFault::OtherAuthTime) => rp.op.style.auth_time = true,
        Fault::Callback(_) => rp.op.style.iss_parameter = IssParameter::Advertised,
        Fault::LogoutToken(LogoutTokenFault::NoSession) => {
            rp.client.registered.backchannel_logout_session_required = true;
        }
        Fault::FrontChannel(_) => rp.client.registered.frontchannel_logout_session_required = true,
        _ => {}
    }
}

fn concern_id_token(rp: &mut Rp, fault: IdTokenFault) {
    match fault {
        IdTokenFault::NoAuthTime | IdTokenFault::OldAuthTime => rp.options.max_age_seconds = Some(3600),
        IdTokenFault::OtherAcr | IdTokenFault::NoAcr => {
            rp.options.essential_acr = vec!["urn:example:strong".to_owned()];
        }
        IdTokenFault::OtherHostedDomain | IdTokenFault::NoHostedDomain => {
            rp.options.hd = Some("corp.example".to_owned());
            rp.op.style.other_claims.push(("hd".to_owned(), json!("corp.example")));
        }
        IdTokenFault::OtherOrganization | IdTokenFault::NoOrganization => {
            rp.options.organization = Some("org_1".to_owned());
        }
        IdTokenFault::NoAuthorizedParty => {
            rp.op.style.other_audiences.push("second".to_owned());
            rp.client.policy.trusted_audiences.insert("second".to_owned());
        }
        IdTokenFault::IssuedLongAgo => rp.client.policy.max_iat_age = Some(Duration::from_secs(600)),
        _ => {}
    }
}

/// The whole journey.
pub(crate) fn travel(rp: &mut Rp) -> Result<Outcome, Error> {
    let signed_in = rp.sign_in()?;
    let id = rp.userinfo(&signed_in)?;
    let provider = rp.provider()?;
    rp.refresh(&signed_in)?;

    let exchange = TokenExchange::of(signed_in.tokens.access_token().clone(), exchange::ACCESS_TOKEN);
    let request = exchange::request(&provider, &rp.client, &exchange, Dpop::Off, &mut rp.entropy, rp.now)?;
    let response = rp.send(&request);
    exchange::parse_response(&rp.client, &exchange, Dpop::Off, &response)?;

    let token = signed_in.tokens.refresh_token().unwrap().clone();
    let kind = TokenKind::RefreshToken;
    let request = revocation::request(&provider, &rp.client, &token, kind, &mut rp.entropy, rp.now)?;
    let response = rp.send(&request);
    revocation::parse_response(&rp.client, &response)?;

    let session = rp.op.sessions.last().unwrap().clone();
    let page = rp.op.frontchannel_logout(&session).unwrap();
    let page = frontchannel::parse(page.query().unwrap_or_default(), &provider, &rp.client)?;
    assert!(page.is_of(signed_in.id.session()));
    if let Some(request) = rp.op.backchannel_logout(&session, rp.now) {
        let keys = rp.keys.clone().unwrap();
        let token = backchannel::validate(request.body(), keys.jwks(), &provider, &rp.client, rp.now)?;
        assert!(token.is_of(signed_in.id.session()));
    }

    let mut options = LogoutOptions::default();
    options.post_logout_redirect_uri = Some(AFTER_LOGOUT.to_owned());
    let session = signed_in.id.session();
    let (url, pending) = rp_initiated::begin(&provider, &rp.client, session, &options, &mut rp.entropy)?;
    let back = rp.op.end_session(&url).unwrap().unwrap();
    let back = rp_initiated::parse_return(back.query().unwrap_or_default(), &pending);
    Ok(Outcome { id, back })
}

pub(crate) fn with_dpop(rp: &mut Rp) {
    let key = PrivateKey::from_pem(TestKey::OtherP256.key_pem().as_bytes()).unwrap();
    rp.dpop = Some(DpopKey::new(key));
}

fn userinfo_signed(rp: &mut Rp) {
    rp.client.registered.userinfo_signed = true;
    rp.registration().userinfo_signed = true;
}

fn encrypted(rp: &mut Rp) {
    rp.client.registered.id_token_encrypted = true;
    encrypt_to(rp, TestKey::OtherRsa, Encryption::new);
}

/// Registers a key of ours for ID tokens, logout tokens and UserInfo.
pub(crate) fn encrypt_to(rp: &mut Rp, key: TestKey, encryption: impl Fn(serde_json::Value) -> Encryption) {
    let decrypter = Arc::new(DecryptionKey::from_pem(key.key_pem().as_bytes()).unwrap());
    rp.client = rp.client.clone().with_decrypter(RecipientKey::new(decrypter));
    rp.registration().id_token_encryption = Some(encryption(key.jwk()));
    rp.registration().userinfo_encryption = Some(encryption(key.jwk()));
}

const TENANT: &str = "7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b";
