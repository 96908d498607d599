//! Each fault comes out as its code and as nothing else, at every product.

use admittance::claims::ClaimValue;
use admittance::oidc::logout::rp_initiated::LogoutReturn;
use admittance::testing::oidc_provider::{
    CallbackFault, ClaimsFault, Fault, IdTokenFault, JwtFault, KeysFault, MetadataFault, PostLogoutFault,
    Shape, SignedToken, TokenFault,
};

use super::journey::{Outcome, at, concern, travel};
use crate::oidc::rp::{Rp, code};

#[test]
fn every_fault_has_its_code() {
    let wrong: Vec<_> =
        Fault::all().into_iter().filter_map(|fault| check(fault, shape_for(fault)).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Those of a sign-in, at every product.
#[test]
fn every_fault_of_a_sign_in_has_its_code_at_every_product() {
    let id_token = IdTokenFault::ALL.iter().map(|fault| Fault::IdToken(*fault));
    let jwt = JwtFault::ALL.iter().map(|fault| Fault::Jwt(SignedToken::IdToken, *fault));
    let callback = CallbackFault::ALL.iter().map(|fault| Fault::Callback(*fault));
    let token = TokenFault::ALL.iter().map(|fault| Fault::Token(*fault));
    let metadata = MetadataFault::ALL.iter().map(|fault| Fault::Metadata(*fault));
    let keys = KeysFault::ALL.iter().map(|fault| Fault::Keys(*fault));
    let faults: Vec<_> =
        id_token.chain(jwt).chain(callback).chain(token).chain(metadata).chain(keys).collect();
    let everywhere = Shape::ALL.into_iter().flat_map(|shape| faults.iter().map(move |fault| (*fault, shape)));
    // An issuer that is a template is not compared: any other is found in the tokens.
    let template = (Fault::Metadata(MetadataFault::IssuerWithSlash), Shape::EntraTenants);
    let everywhere = everywhere.filter(|one| *one != template);
    let wrong: Vec<_> = everywhere.filter_map(|(fault, shape)| broken(fault, shape).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every code of a rule about a provider's message has a fault; the rest is about ourselves, and tested there.
#[test]
fn every_code_has_a_fault() {
    let codes: Vec<_> = Fault::all().into_iter().filter_map(Fault::code).collect();
    for code in CODES {
        assert!(codes.contains(code), "no fault comes out as {code}");
    }
    for code in codes {
        assert!(CODES.contains(&code), "{code} is not listed");
    }
}

#[test]
fn odd_claims_show_in_the_claims() {
    let with = |fault| {
        let mut rp = at(5, Shape::Keycloak);
        rp.op.fault = Some(Fault::Claims(fault));
        travel(&mut rp).unwrap()
    };
    let texts = |outcome: &Outcome, name: &str| -> Option<Vec<String>> {
        let claim = outcome.id.claims().claim(name)?;
        Some(claim.values.iter().filter_map(ClaimValue::as_text).map(str::to_owned).collect())
    };
    assert_eq!(texts(&with(ClaimsFault::NoEmail), "email"), None);
    assert_eq!(texts(&with(ClaimsFault::InvalidEmail), "email").unwrap(), ["not an address"]);
    assert_eq!(with(ClaimsFault::UnverifiedEmail).id.verified_email(), None);
    assert_eq!(texts(&with(ClaimsFault::NoLogin), "preferred_username"), None);
    assert_eq!(texts(&with(ClaimsFault::SwappedNames), "preferred_username").unwrap(), ["Ada Lovelace"]);
    assert_eq!(texts(&with(ClaimsFault::NoGroups), "groups"), None);
    assert_eq!(texts(&with(ClaimsFault::EmptyGroups), "groups").unwrap(), [""; 0]);
    assert_eq!(texts(&with(ClaimsFault::DelimitedGroups), "groups").unwrap(), ["/Engineers,/Küche & Bar"]);
    for fault in [ClaimsFault::GroupsOverage, ClaimsFault::HasGroups] {
        let outcome = with(fault);
        assert_eq!(texts(&outcome, "groups"), None, "{fault:?}");
        assert_eq!(outcome.id.claims().overages().len(), 1, "{fault:?}");
    }
    assert!(with(ClaimsFault::NoGroups).id.claims().overages().is_empty());
    let odd = with(ClaimsFault::NumberAmongGroups);
    assert!(odd.id.notes().iter().any(|note| note.code == "oidc.group_ignored"), "{:?}", odd.id.notes());
}

#[test]
fn a_way_back_without_our_state_is_no_failure() {
    for (fault, expected) in [
        (None, LogoutReturn::Ok),
        (Some(PostLogoutFault::NoState), LogoutReturn::StateMissing),
        (Some(PostLogoutFault::OtherState), LogoutReturn::StateMismatch),
    ] {
        let mut rp = at(6, Shape::Okta);
        rp.op.fault = fault.map(Fault::PostLogout);
        assert_eq!(travel(&mut rp).unwrap().back, expected);
    }
}

/// With the fault the journey ends with its code, without it nowhere.
fn check(fault: Fault, shape: Shape) -> Result<(), String> {
    broken(fault, shape)?;
    let sound = travel(&mut concerned(fault, shape));
    sound.map(drop).map_err(|error| format!("{shape:?} without {fault:?}: {error:?}"))
}

fn broken(fault: Fault, shape: Shape) -> Result<(), String> {
    let mut rp = concerned(fault, shape);
    rp.op.fault = Some(fault);
    let outcome = travel(&mut rp);
    let (expected, actual) = (fault.code(), code(&outcome));
    if expected == actual {
        Ok(())
    } else {
        Err(format!("{shape:?} {fault:?}: {expected:?}, not {outcome:?}"))
    }
}

fn concerned(fault: Fault, shape: Shape) -> Rp {
    let mut rp = at(7, shape);
    concern(&mut rp, fault);
    rp
}

fn shape_for(fault: Fault) -> Shape {
    match fault {
        Fault::Entra(_) | Fault::Refresh(admittance::testing::oidc_provider::RefreshFault::OtherTenant) => {
            Shape::EntraTenants
        }
        _ => Shape::Keycloak,
    }
}

const CODES: &[&str] = &[
    "oidc.http_status",
    "oidc.content_type",
    "oidc.body_too_large",
    "oidc.json_invalid",
    "oidc.json_duplicate_member",
    "oidc.discovery_issuer_mismatch",
    "oidc.metadata_missing",
    "oidc.metadata_invalid",
    "oidc.url_not_allowed",
    "oidc.unsupported_by_provider",
    "oidc.callback_malformed",
    "oidc.callback_duplicate_parameter",
    "oidc.state_missing",
    "oidc.state_mismatch",
    "oidc.callback_issuer_mismatch",
    "oidc.callback_issuer_missing",
    "oidc.provider_error",
    "oidc.code_missing",
    "oidc.dpop_nonce_repeated",
    "oidc.token_error",
    "oidc.unsupported_token_type",
    "oidc.access_token_missing",
    "oidc.token_type",
    "oidc.expires_in",
    "oidc.id_token_missing",
    "oidc.par_response",
    "oidc.token_exchange_response",
    "oidc.token_malformed",
    "oidc.decryption_failed",
    "oidc.token_not_encrypted",
    "oidc.header_invalid",
    "oidc.algorithm_not_allowed",
    "oidc.no_common_algorithm",
    "oidc.header_critical",
    "oidc.token_wrong_type",
    "oidc.key_not_found",
    "oidc.key_type_mismatch",
    "oidc.key_ambiguous",
    "oidc.jwks_empty",
    "oidc.signature_invalid",
    "oidc.claim_missing",
    "oidc.claim_type",
    "oidc.issuer_mismatch",
    "oidc.tenant_not_allowed",
    "oidc.tenant_invalid",
    "oidc.subject_missing",
    "oidc.audience_mismatch",
    "oidc.audience_untrusted",
    "oidc.authorized_party_mismatch",
    "oidc.token_expired",
    "oidc.token_not_yet_valid",
    "oidc.issued_in_future",
    "oidc.issued_too_long_ago",
    "oidc.nonce_missing",
    "oidc.nonce_mismatch",
    "oidc.auth_time_missing",
    "oidc.authentication_too_old",
    "oidc.acr_mismatch",
    "oidc.access_token_hash_mismatch",
    "oidc.code_hash_mismatch",
    "oidc.hosted_domain_mismatch",
    "oidc.organization_mismatch",
    "oidc.userinfo_error",
    "oidc.userinfo_not_signed",
    "oidc.userinfo_subject_mismatch",
    "oidc.refresh_issuer_mismatch",
    "oidc.refresh_subject_mismatch",
    "oidc.refresh_auth_time_mismatch",
    "oidc.logout_malformed",
    "oidc.logout_event_missing",
    "oidc.logout_nonce_present",
    "oidc.logout_subject_missing",
];
