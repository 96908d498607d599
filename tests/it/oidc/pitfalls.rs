//! Attacks by their names (oidc.md §4), as far as tokens, UserInfo and logout stop them.

use std::collections::BTreeSet;

use admittance::claims::{ClaimValue, Overage};
use admittance::oidc::id_token::SessionRef;
use admittance::oidc::logout::backchannel;
use admittance::oidc::{EntraTenants, IssuerPolicy};
use admittance::profile::GroupsClaim;
use ring::digest::SHA256;
use serde_json::{Value, json};

use super::backchannel_logout::{self, LOGOUT_EVENT};
use super::forge::{
    ACCESS_TOKEN, CODE, Key, NONCE, STATE, SignIn, compact, groups_in, half_hash, jwt_response, seconds,
};
use super::given;

#[test]
fn what_is_changed_here_is_accepted_unchanged() {
    SignIn::new().accepted();
    entra().accepted();
    google().accepted();
}

#[test]
fn nonce_missing() {
    SignIn::new().without("nonce").rejected("oidc.nonce_missing");
}

#[test]
fn nonce_wrong() {
    SignIn::new().claim("nonce", "n-0S6_WzA2Mk").rejected("oidc.nonce_mismatch");
}

#[test]
fn nonce_number() {
    SignIn::new().pending("nonce", "7").claim("nonce", 7).rejected("oidc.nonce_mismatch");
}

/// The connection to the token endpoint does not stand in for the signature.
#[test]
fn sig_code_flow_skipped() {
    let unsigned = |header: Value| {
        SignIn::new().with(|sign_in| {
            sign_in.token = Some(compact(&header.to_string(), &sign_in.payload(), |_| Vec::new()));
        })
    };
    unsigned(json!({"alg": "RS256", "kid": Key::Rs256.kid()})).rejected("oidc.signature_invalid");
    unsigned(json!({"alg": "none"})).rejected("oidc.algorithm_not_allowed");
}

#[test]
fn entra_tenant_other() {
    let error = entra_of(OTHER_TENANT).rejected("oidc.tenant_not_allowed");
    assert_eq!(error.actual().as_deref(), Some(OTHER_TENANT));
    let anybody = |sign_in: &mut SignIn| {
        sign_in.client.policy.issuer = IssuerPolicy::EntraTenants { allowed: EntraTenants::Any };
    };
    assert_eq!(
        entra_of(OTHER_TENANT).with(anybody).accepted().entra_identity_key().unwrap().tenant,
        OTHER_TENANT
    );
}

#[test]
fn entra_tid_missing() {
    entra().without("tid").rejected("oidc.tenant_invalid");
    entra().claim("tid", TENANT.to_uppercase()).rejected("oidc.tenant_invalid");
    entra().claim("tid", 7).rejected("oidc.tenant_invalid");
    entra().claim("tid", format!("{TENANT}/v2.0/../{TENANT}")).rejected("oidc.tenant_invalid");
}

#[test]
fn entra_iss_literal_template() {
    entra().claim("iss", TEMPLATE).rejected("oidc.issuer_mismatch");
}

#[test]
fn entra_iss_tid_differ() {
    let issuer = TEMPLATE.replace("{tenantid}", OTHER_TENANT);
    entra().claim("iss", issuer).rejected("oidc.issuer_mismatch");
}

/// Anybody can have a key published for consumers' accounts; it signs for no enterprise.
#[test]
fn entra_key_issuer_other() {
    let published_for =
        |issuer: &str| entra().with(|sign_in| sign_in.jwks["keys"][0]["issuer"] = issuer.into());
    published_for(TEMPLATE).accepted();
    published_for(&TEMPLATE.replace("{tenantid}", TENANT)).accepted();
    let error = published_for(&TEMPLATE.replace("{tenantid}", OTHER_TENANT)).rejected("oidc.issuer_mismatch");
    assert!(!error.is_retryable());
    // The same key, published for both.
    let both = entra().with(|sign_in| {
        let mut other = sign_in.jwks["keys"][0].clone();
        other["issuer"] = TEMPLATE.replace("{tenantid}", OTHER_TENANT).into();
        sign_in.jwks["keys"].as_array_mut().unwrap().insert(0, other);
    });
    both.accepted();
}

/// Whoever runs a tenant chooses its users' e-mail addresses.
#[test]
fn email_as_identity() {
    let victim = entra().claim("email", "ceo@corp.example").accepted();
    let attacker = entra().claim("email", "ceo@corp.example").claim("sub", "attacker").accepted();
    assert_ne!(victim.identity_key(), attacker.identity_key());
    assert_eq!(victim.identity_key().subject, victim.claims().subject().value);
    assert_eq!(attacker.verified_email(), None);
    let verified = SignIn::new().claim("email", "ceo@corp.example").claim("email_verified", true).accepted();
    assert_eq!(verified.identity_key().subject, "248289761001");
}

#[test]
fn google_hd_missing() {
    google().without("hd").rejected("oidc.hosted_domain_mismatch");
}

#[test]
fn google_hd_other() {
    let error = google().claim("hd", "evil.example").rejected("oidc.hosted_domain_mismatch");
    assert_eq!(error.actual().as_deref(), Some("evil.example"));
    google().claim("hd", "CORP.example").rejected("oidc.hosted_domain_mismatch");
    google().claim("hd", json!(["corp.example"])).rejected("oidc.hosted_domain_mismatch");
}

#[test]
fn aud_other() {
    SignIn::new().claim("aud", "client-2").rejected("oidc.audience_mismatch");
    SignIn::new().claim("aud", "client-1 ").rejected("oidc.audience_mismatch");
}

#[test]
fn aud_extra() {
    let extra = SignIn::new().claim("aud", json!(["client-1", "client-2"])).claim("azp", "client-1");
    extra.rejected("oidc.audience_untrusted");
}

#[test]
fn aud_missing() {
    SignIn::new().without("aud").rejected("oidc.claim_missing");
}

#[test]
fn aud_number() {
    SignIn::new().claim("aud", 7).rejected("oidc.claim_type");
}

#[test]
fn aud_mixed_array() {
    SignIn::new().claim("aud", json!(["client-1", 7])).rejected("oidc.claim_type");
    SignIn::new().claim("aud", json!(["client-1", ["client-1"]])).rejected("oidc.claim_type");
}

#[test]
fn aud_empty_array() {
    SignIn::new().claim("aud", json!([])).rejected("oidc.claim_type");
}

#[test]
fn azp_missing() {
    trusting().claim("aud", json!(["client-1", "project-7"])).rejected("oidc.authorized_party_mismatch");
}

#[test]
fn azp_other() {
    SignIn::new().claim("azp", "client-2").rejected("oidc.authorized_party_mismatch");
    SignIn::new().claim("azp", json!(["client-1"])).rejected("oidc.authorized_party_mismatch");
    SignIn::new().claim("azp", Value::Null).rejected("oidc.authorized_party_mismatch");
    trusting()
        .claim("aud", json!(["client-1", "project-7"]))
        .claim("azp", "project-7")
        .rejected("oidc.authorized_party_mismatch");
}

#[test]
fn iss_missing() {
    SignIn::new().without("iss").rejected("oidc.claim_missing");
}

#[test]
fn iss_array() {
    let issuers = json!(["https://evil.example", given::ISSUER]);
    SignIn::new().claim("iss", issuers).rejected("oidc.claim_type");
}

#[test]
fn iss_number() {
    SignIn::new().claim("iss", 1).rejected("oidc.claim_type");
}

#[test]
fn iss_case() {
    SignIn::new().claim("iss", "https://IDP.example").rejected("oidc.issuer_mismatch");
    SignIn::new().claim("iss", "https://idp.example/").rejected("oidc.issuer_mismatch");
}

#[test]
fn sub_missing() {
    SignIn::new().without("sub").rejected("oidc.subject_missing");
}

#[test]
fn sub_empty() {
    SignIn::new().claim("sub", "").rejected("oidc.subject_missing");
}

#[test]
fn sub_number() {
    SignIn::new().claim("sub", 248_289_761_001_i64).rejected("oidc.subject_missing");
}

#[test]
fn exp_missing() {
    SignIn::new().without("exp").rejected("oidc.claim_missing");
}

#[test]
fn exp_string() {
    let later = (seconds(given::now()) + 300).to_string();
    SignIn::new().claim("exp", later).rejected("oidc.claim_type");
}

#[test]
fn exp_past() {
    SignIn::new().claim("exp", seconds(given::now()) - 60).rejected("oidc.token_expired");
}

#[test]
fn exp_null() {
    SignIn::new().claim("exp", Value::Null).rejected("oidc.claim_type");
}

#[test]
fn nbf_future() {
    SignIn::new().claim("nbf", seconds(given::now()) + 61).rejected("oidc.token_not_yet_valid");
}

#[test]
fn nbf_string() {
    SignIn::new().claim("nbf", "99999999999").rejected("oidc.claim_type");
    SignIn::new().claim("nbf", Value::Null).rejected("oidc.claim_type");
}

#[test]
fn iat_missing() {
    SignIn::new().without("iat").rejected("oidc.claim_missing");
}

#[test]
fn iat_future() {
    SignIn::new().claim("iat", seconds(given::now()) + 61).rejected("oidc.issued_in_future");
}

#[test]
fn auth_time_missing() {
    SignIn::new().pending("max_age_seconds", 300).rejected("oidc.auth_time_missing");
}

#[test]
fn auth_time_old() {
    let old = seconds(given::now()) - 361;
    let sign_in = SignIn::new().pending("max_age_seconds", 300).claim("auth_time", old);
    sign_in.rejected("oidc.authentication_too_old");
}

#[test]
fn acr_other() {
    let sign_in = SignIn::new().pending("essential_acr", json!(["phr"])).claim("acr", "pwd");
    sign_in.rejected("oidc.acr_mismatch");
}

#[test]
fn at_hash_wrong() {
    SignIn::new().claim("at_hash", half_hash(&SHA256, ACCESS_TOKEN)).accepted();
    SignIn::new().claim("at_hash", half_hash(&SHA256, "another")).rejected("oidc.access_token_hash_mismatch");
}

#[test]
fn c_hash_wrong() {
    SignIn::new().claim("c_hash", half_hash(&SHA256, CODE)).accepted();
    SignIn::new().claim("c_hash", half_hash(&SHA256, "another")).rejected("oidc.code_hash_mismatch");
}

#[test]
fn userinfo_sub_other() {
    let error = SignIn::new().userinfo(&given::json_response(200, &json!({"sub": "somebody else"})));
    assert_eq!(error.unwrap_err().code(), "oidc.userinfo_subject_mismatch");
}

#[test]
fn userinfo_sub_missing() {
    for claims in [
        json!({}),
        json!({"sub": null}),
        json!({"sub": 248_289_761_001_i64}),
        json!({"sub": ["248289761001"]}),
    ] {
        let error = SignIn::new().userinfo(&given::json_response(200, &claims));
        assert_eq!(error.unwrap_err().code(), "oidc.userinfo_subject_mismatch", "{claims}");
    }
}

#[test]
fn userinfo_overrides_iss() {
    let answer = json!({
        "sub": "248289761001", "iss": "https://evil.example", "aud": "client-2", "exp": 0, "iat": 0,
        "nonce": "x", "azp": "x", "sid": "x", "name": "Ada", "acr": "x",
    });
    let before = SignIn::new().claim("acr", "gold").accepted();
    let after = SignIn::new().claim("acr", "gold").with_userinfo(&answer);
    assert_eq!((after.issuer(), after.sid(), after.acr()), (given::ISSUER, None, Some("gold")));
    for claim in before.claims().claims() {
        assert_eq!(after.claims().claim(&claim.name), Some(claim));
    }
    for never in ["azp", "sid"] {
        assert_eq!(after.claims().claim(never), None, "{never}");
    }
    assert_eq!(after.claims().claim("name").unwrap().values, [ClaimValue::Text("Ada".to_owned())]);
}

#[test]
fn userinfo_unsigned() {
    let registered = SignIn::new().with(|sign_in| sign_in.client.registered.userinfo_signed = true);
    let plain = given::json_response(200, &json!({"sub": "248289761001"}));
    assert_eq!(registered.userinfo(&plain).unwrap_err().code(), "oidc.userinfo_not_signed");
    let none = compact(r#"{"alg":"none"}"#, r#"{"sub":"248289761001"}"#, |_| Vec::new());
    assert_eq!(registered.userinfo(&jwt_response(none)).unwrap_err().code(), "oidc.algorithm_not_allowed");
}

#[test]
fn logout_token_as_id_token() {
    let typed = backchannel_logout::Logout::new();
    let as_id_token = |token: String| SignIn::new().with(|sign_in| sign_in.token = Some(token));
    as_id_token(typed.token()).rejected("oidc.token_wrong_type");
    // Older providers do not name the type.
    let untyped = backchannel_logout::Logout::new().untyped();
    as_id_token(untyped.token()).rejected("oidc.nonce_missing");
    let complete = SignIn::new().claim("events", json!({LOGOUT_EVENT: {}}));
    complete.rejected("oidc.token_wrong_type");
}

#[test]
fn access_token_as_id_token() {
    SignIn::new().header("typ", "at+jwt").rejected("oidc.token_wrong_type");
    SignIn::new()
        .claim("aud", "https://api.example")
        .claim("scope", "openid")
        .rejected("oidc.audience_mismatch");
    SignIn::new().claim("scope", "openid").without("nonce").rejected("oidc.nonce_missing");
}

#[test]
fn id_token_as_logout_token() {
    let id_token = SignIn::new().claim("sid", "s1").claim("jti", "j1");
    let error = backchannel_logout::Logout::new().judge(&id_token.token()).unwrap_err();
    assert_eq!(error.code(), "oidc.logout_event_missing");
    let with_event = id_token.claim("events", json!({LOGOUT_EVENT: {}}));
    let error = backchannel_logout::Logout::new().judge(&with_event.token()).unwrap_err();
    assert_eq!(error.code(), "oidc.logout_nonce_present");
}

#[test]
fn logout_no_event() {
    logout().without("events").rejected("oidc.logout_event_missing");
    logout()
        .claim("events", json!({"http://schemas.openid.net/event/backchannel-logout/": {}}))
        .rejected("oidc.logout_event_missing");
}

#[test]
fn logout_event_not_object() {
    for value in [json!(null), json!(true), json!("{}"), json!([]), json!(1)] {
        logout().claim("events", json!({LOGOUT_EVENT: value})).rejected("oidc.logout_event_missing");
    }
    logout().claim("events", json!([LOGOUT_EVENT])).rejected("oidc.logout_event_missing");
    logout().claim("events", LOGOUT_EVENT).rejected("oidc.logout_event_missing");
}

#[test]
fn logout_with_nonce() {
    for nonce in [json!(NONCE), json!(""), json!(null)] {
        logout().claim("nonce", nonce).rejected("oidc.logout_nonce_present");
    }
}

#[test]
fn logout_no_subject() {
    logout().without("sub").without("sid").rejected("oidc.logout_subject_missing");
    logout().claim("sid", 7).rejected("oidc.logout_subject_missing");
    logout().claim("sub", Value::Null).rejected("oidc.logout_subject_missing");
}

#[test]
fn logout_old() {
    logout().claim("iat", seconds(given::now()) - 360).passes();
    logout().claim("iat", seconds(given::now()) - 361).rejected("oidc.issued_too_long_ago");
}

#[test]
fn logout_alg_none() {
    let none = compact(r#"{"alg":"none","typ":"logout+jwt"}"#, &logout().payload(), |_| Vec::new());
    assert_eq!(logout().judge(&none).unwrap_err().code(), "oidc.algorithm_not_allowed");
}

#[test]
fn logout_wrong_iss() {
    logout().claim("iss", "https://evil.example").rejected("oidc.issuer_mismatch");
}

#[test]
fn logout_wrong_aud() {
    logout().claim("aud", "client-2").rejected("oidc.audience_mismatch");
}

/// The host's store of names is what stops it; the library says what to store and for how long.
#[test]
fn logout_replayed_jti() {
    let mut seen = BTreeSet::new();
    let mut receive = |logout: &backchannel_logout::Logout| {
        let token = logout.accepted();
        let replay = token.replay().clone();
        assert!(replay.keep_until > given::now());
        seen.insert((replay.issuer, replay.jti))
    };
    assert!(receive(&logout()));
    assert!(!receive(&logout()), "the second time it is there already");
    assert!(receive(&logout().claim("jti", "another")));
    // Once it may be forgotten, its age speaks against it.
    let keep_until = logout().accepted().replay().keep_until;
    let later = logout()
        .without("exp")
        .with(|logout| logout.now = keep_until.saturating_add(std::time::Duration::from_secs(1)));
    later.rejected("oidc.issued_too_long_ago");
    assert_eq!(backchannel::refused(None).status(), 400);
}

/// What stands in `_claim_sources` comes out as text and as nothing else: no request of any step goes there.
#[test]
fn claim_source_fetch() {
    let id = SignIn::new()
        .claim("_claim_names", json!({"payment_info": "src1"}))
        .claim(
            "_claim_sources",
            json!({"src1": {"endpoint": "http://169.254.169.254/latest", "access_token": "x"}}),
        )
        .accepted();
    let source = id.claims().claim("_claim_sources").unwrap();
    assert!(matches!(source.values.as_slice(), [ClaimValue::Json(Value::Object(_))]));
    let link = Some("http://169.254.169.254/latest".to_owned());
    assert_eq!(id.claims().overages(), [Overage { name: "payment_info".to_owned(), link }]);
}

#[test]
fn refresh_sub_other() {
    let refreshed = SignIn::new().claim("sub", "somebody else").refreshes(&session());
    assert_eq!(refreshed.unwrap_err().code(), "oidc.refresh_subject_mismatch");
}

#[test]
fn refresh_iss_other() {
    // Another tenant of the same connection.
    let anybody = |sign_in: &mut SignIn| {
        sign_in.client.policy.issuer = IssuerPolicy::EntraTenants { allowed: EntraTenants::Any };
    };
    let session = entra().with(anybody).accepted().session().clone();
    let refreshed = entra_of(OTHER_TENANT).with(anybody).refreshes(&session);
    assert_eq!(refreshed.unwrap_err().code(), "oidc.refresh_issuer_mismatch");
    let refreshed = SignIn::new().claim("iss", "https://evil.example").refreshes(&self::session());
    assert_eq!(refreshed.unwrap_err().code(), "oidc.issuer_mismatch");
}

#[test]
fn refresh_auth_time_other() {
    let then = seconds(given::now()) - 100;
    let session = SignIn::new().claim("auth_time", then).accepted().session().clone();
    SignIn::new().claim("auth_time", then).refreshes(&session).unwrap();
    let refreshed = SignIn::new().claim("auth_time", then + 1).refreshes(&session);
    assert_eq!(refreshed.unwrap_err().code(), "oidc.refresh_auth_time_mismatch");
}

#[test]
fn duplicate_claim_sub() {
    let sign_in = SignIn::new();
    let payload = sign_in.payload().replacen('{', r#"{"sub":"somebody else","#, 1);
    let error =
        sign_in.with(|sign_in| sign_in.payload = Some(payload)).rejected("oidc.json_duplicate_member");
    assert_eq!(error.actual().as_deref(), Some("sub"));
}

/// Too many groups for the token is not the same as none, which would take every membership away.
#[test]
fn overage_not_empty() {
    let left_out = entra().claim("_claim_names", json!({"groups": "src1"})).claim(
        "_claim_sources",
        json!({"src1": {"endpoint": "https://graph.microsoft.com/v1.0/me/getMemberObjects"}}),
    );
    let link = Some("https://graph.microsoft.com/v1.0/me/getMemberObjects".to_owned());
    assert_eq!(groups(&left_out), GroupsClaim::Overage { link, known: BTreeSet::new() });
    for yes in [json!(true), json!("true")] {
        let flagged = entra().claim("hasgroups", yes);
        assert_eq!(groups(&flagged), GroupsClaim::Overage { link: None, known: BTreeSet::new() });
    }
    assert_eq!(groups(&entra()), GroupsClaim::Missing);
    assert_eq!(groups(&entra().claim("hasgroups", false)), GroupsClaim::Missing);
    assert_eq!(groups(&entra().claim("groups", json!([]))), GroupsClaim::Empty);
}

/// Nothing that could be used to sign in, or to speak for the person, is shown by mistake.
#[test]
fn secret_in_debug() {
    let sign_in = SignIn::new().claim("email", "ada@corp.example");
    let id = sign_in.accepted();
    let error = SignIn::new().claim("nonce", "wrong-nonce").rejected("oidc.nonce_mismatch");
    let tokens = sign_in.tokens();
    let pending = sign_in.parsed_pending();
    let userinfo = sign_in
        .userinfo(&given::json_response(200, &json!({"sub": "248289761001", "phone_number": "+1"})))
        .unwrap();
    let shown = format!(
        "{id:?} {:?} {error:?} {tokens:?} {pending:?} {userinfo:?} {:?}",
        id.session(),
        logout().accepted()
    );
    let token = sign_in.token();
    for secret in [
        NONCE,
        CODE,
        ACCESS_TOKEN,
        STATE,
        "dBjftJeZ4CVP",
        "wrong-nonce",
        "ada@corp.example",
        "+1",
        &token,
        token.rsplit('.').next().unwrap(),
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const TENANT: &str = "3aa4a235-b6e2-48d5-9195-7fcf05b459b0";
const OTHER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// A sign-in of one tenant's account at a connection that serves that tenant alone.
pub(super) fn entra() -> SignIn {
    entra_of(TENANT)
}

fn entra_of(tenant: &str) -> SignIn {
    let allowed = EntraTenants::Only(BTreeSet::from([TENANT.to_owned()]));
    SignIn::new()
        .issuer(TEMPLATE)
        .claim("iss", TEMPLATE.replace("{tenantid}", tenant))
        .claim("tid", tenant)
        .claim("oid", "690222be-ff1a-4d56-abd1-7e4f7d38e474")
        .with(|sign_in| sign_in.client.policy.issuer = IssuerPolicy::EntraTenants { allowed })
}

fn google() -> SignIn {
    SignIn::new()
        .issuer("https://accounts.google.com")
        .pending("hd", "corp.example")
        .claim("hd", "corp.example")
        .with(|sign_in| sign_in.client.policy.issuer = IssuerPolicy::Google)
}

fn trusting() -> SignIn {
    let trusted = BTreeSet::from(["project-7".to_owned()]);
    SignIn::new().with(|sign_in| sign_in.client.policy.trusted_audiences = trusted)
}

fn logout() -> backchannel_logout::Logout {
    backchannel_logout::Logout::new()
}

fn session() -> SessionRef {
    SignIn::new().accepted().session().clone()
}

fn groups(sign_in: &SignIn) -> GroupsClaim {
    groups_in(&sign_in.accepted(), "groups")
}
