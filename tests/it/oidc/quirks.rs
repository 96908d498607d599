//! What real providers send, row by row (oidc.md §6), each accepted with what it means.

use std::collections::BTreeSet;

use admittance::crypto::Secret;
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::id_token::EmailVerified;
use admittance::oidc::{EntraTenants, IssuerPolicy, authorization, discovery, token};
use admittance::profile::{self, AttributeNames, GroupsClaim, Mapping, Pointer, Rule, Source, Transform};
use serde_json::json;

use super::backchannel_logout::Logout;
use super::encrypted::{opening, sealed};
use super::forge::{ACCESS_TOKEN, CODE, Key, STATE, SignIn, compact, groups_in, jwks, seconds};
use super::given::{self, Counter, json_response, response};

const TENANT: &str = "3aa4a235-b6e2-48d5-9195-7fcf05b459b0";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

#[test]
fn okta() {
    for issuer in [
        "https://acme.okta.com",
        "https://acme.okta.com/oauth2/default",
        "https://acme.okta.com/oauth2/aus1gh63g",
    ] {
        SignIn::new().issuer(issuer).accepted();
    }
    assert_eq!(discovery::issuer_of("acme.okta.com").unwrap(), "https://acme.okta.com");
    let mistake = discovery::issuer_of("https://acme-admin.okta.com").unwrap_err();
    assert_eq!(mistake.code(), "oidc.configuration_invalid");
    // A thin ID token; the rest comes from UserInfo.
    let okta = || SignIn::new().issuer("https://acme.okta.com");
    let rest = |groups: usize| {
        let groups: Vec<String> = (0..groups).map(|n| format!("Team {n}")).collect();
        json!({"sub": "248289761001", "preferred_username": "ada", "email": "ada@corp.example", "name": "Ada", "groups": groups})
    };
    let id = okta().with_userinfo(&rest(99));
    assert_eq!((groups_in(&id, "groups").names().len(), id.notes()), (99, [].as_slice()));
    // A hundred may be all that had room.
    let id = okta().with_userinfo(&rest(100));
    assert_eq!(codes(&id), ["groups.possibly_truncated"]);
    assert_eq!(groups_in(&id, "groups").names().len(), 100);
    let elsewhere = SignIn::new().with_userinfo(&rest(100));
    assert_eq!(elsewhere.notes(), []);
}

#[test]
fn entra_versions() {
    for issuer in [
        format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
        format!("https://sts.windows.net/{TENANT}/"),
        format!("https://login.microsoftonline.us/{TENANT}/v2.0"),
    ] {
        let id = SignIn::new().issuer(&issuer).claim("tid", TENANT).claim("oid", "690222be").accepted();
        let key = id.entra_identity_key().unwrap();
        assert_eq!((key.tenant, key.object), (TENANT, "690222be"));
    }
    // Version 1 writes numbers as text into the token endpoint's answer.
    let answer = json!({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": "3599", "id_token": SignIn::new().token()});
    let sign_in = SignIn::new();
    let tokens = tokens(&sign_in, &json_response(200, &answer));
    assert_eq!(tokens.expires_in().unwrap().as_secs(), 3_599);
}

#[test]
fn entra_shared_authorities() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let common = |allowed| {
        SignIn::new()
            .issuer(template)
            .claim("iss", template.replace("{tenantid}", CONSUMERS))
            .claim("tid", CONSUMERS)
            .with(|sign_in| sign_in.client.policy.issuer = IssuerPolicy::EntraTenants { allowed })
    };
    let only = |tenant: &str| EntraTenants::Only(BTreeSet::from([tenant.to_owned()]));
    let id = common(only(CONSUMERS)).accepted();
    assert_eq!(id.issuer(), template.replace("{tenantid}", CONSUMERS));
    common(EntraTenants::Any).accepted();
    common(only(TENANT)).rejected("oidc.tenant_not_allowed");
    // The consumers' own document names their tenant.
    common(only(CONSUMERS))
        .with(|sign_in| {
            sign_in.provider.issuer = template.replace("{tenantid}", CONSUMERS);
            sign_in.pending["issuer"] = sign_in.provider.issuer.clone().into();
        })
        .accepted();
    // PKCE is not advertised, and used.
    let mut document = given::document();
    document.as_object_mut().unwrap().remove("code_challenge_methods_supported");
    given::discovered(&document);
}

#[test]
fn entra_claims() {
    let entra = || {
        let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
        SignIn::new().issuer(&issuer).claim("tid", TENANT).claim("oid", "690222be")
    };
    // No email_verified: an address is what an administrator of some tenant has typed.
    let id =
        entra().claim("email", "ada@corp.example").claim("preferred_username", "ada@corp.example").accepted();
    assert_eq!((id.email_verified(), id.verified_email()), (EmailVerified::Absent, None));
    for (edov, expected) in [
        (json!(true), EmailVerified::True),
        (json!("1"), EmailVerified::True),
        (json!(1), EmailVerified::True),
        (json!(false), EmailVerified::False),
        (json!("0"), EmailVerified::False),
        (json!(null), EmailVerified::False),
    ] {
        let id = entra().claim("email", "ada@corp.example").claim("xms_edov", edov).accepted();
        assert_eq!(id.email_verified(), expected);
    }
    assert_eq!(SignIn::new().claim("xms_edov", true).accepted().email_verified(), EmailVerified::Absent);
    let guids = json!(["0a1b2c3d-0000-0000-0000-000000000001", "0a1b2c3d-0000-0000-0000-000000000002"]);
    let id = entra()
        .claim("groups", guids)
        .claim("roles", json!(["Admin"]))
        .claim("wids", json!(["b79fbf4d"]))
        .accepted();
    assert_eq!(groups_in(&id, "groups").names().len(), 2);
    assert_eq!(groups_in(&id, "roles"), GroupsClaim::from_names(["Admin"]));
    assert_eq!(groups_in(&id, "wids"), GroupsClaim::from_names(["b79fbf4d"]));
    // Over 200 groups, and UserInfo has none.
    let id = entra()
        .claim("_claim_names", json!({"groups": "src1"}))
        .claim("_claim_sources", json!({"src1": {"endpoint": "https://graph.microsoft.com/v1.0/users/690222be/getMemberObjects"}}))
        .with_userinfo(&json!({"sub": "248289761001", "name": "Ada", "picture": "https://graph.microsoft.com/v1.0/me/photo/$value"}));
    assert!(matches!(groups_in(&id, "groups"), GroupsClaim::Overage { link: Some(_), .. }));
}

#[test]
fn jumpcloud() {
    let id = SignIn::new()
        .issuer("https://oauth.id.jumpcloud.com/")
        .claim("email", "ada@corp.example")
        .claim("email_verified", "true")
        .claim("memberOf", json!(["Engineers"]))
        .accepted();
    assert_eq!(id.verified_email(), Some("ada@corp.example"));
    assert_eq!(groups_in(&id, "memberOf"), GroupsClaim::from_names(["Engineers"]));
    SignIn::new()
        .issuer("https://oauth.id.jumpcloud.com/")
        .claim("iss", "https://oauth.id.jumpcloud.com")
        .rejected("oidc.issuer_mismatch");
}

#[test]
fn google() {
    let google = || {
        SignIn::new()
            .issuer("https://accounts.google.com")
            .with(|sign_in| sign_in.client.policy.issuer = IssuerPolicy::Google)
            .claim("hd", "corp.example")
            .claim("email", "ada@corp.example")
            .claim("email_verified", true)
    };
    let id = google().pending("hd", "corp.example").accepted();
    assert_eq!(groups_in(&id, "groups"), GroupsClaim::Missing);
    // Both spellings are one account.
    let older = google().claim("iss", "accounts.google.com").accepted();
    assert_eq!(older.identity_key(), id.identity_key());
    assert_eq!(older.claims().issuer(), "https://accounts.google.com");
    for iss in
        ["http://accounts.google.com", "accounts.google.com/", "https://accounts.google.com.evil.example"]
    {
        google().claim("iss", iss).rejected("oidc.issuer_mismatch");
    }
    // An issuer in the callback that the document does not announce.
    let SignIn { provider, client, now, .. } = &google();
    let query = format!(
        "state={STATE}&iss=https%3A%2F%2Faccounts.google.com&code={CODE}&scope=email&hd=corp.example"
    );
    authorization::parse_callback(provider, client, &google().parsed_pending(), query, *now).unwrap();
}

#[test]
fn keycloak() {
    for issuer in ["https://sso.corp.example/realms/staff", "https://sso.corp.example/auth/realms/staff"] {
        let keycloak = SignIn::new()
            .issuer(issuer)
            .claim("typ", "ID")
            .claim("aud", json!(["client-1"]))
            .claim("azp", "client-1")
            .claim("acr", "1")
            .claim("session_state", "08a5019c")
            .claim("groups", json!(["/staff/dev", "/staff/ops"]))
            .claim("realm_access", json!({"roles": ["offline_access", "admin"]}))
            .claim("resource_access", json!({"account": {"roles": ["manage-account"]}}));
        let id = keycloak.accepted();
        assert_eq!(groups_in(&id, "groups"), GroupsClaim::from_names(["/staff/dev", "/staff/ops"]));
        let trimmed = Rule::attr("groups").transform(Transform::StripPath);
        assert_eq!(groups_by(&id, trimmed), GroupsClaim::from_names(["dev", "ops"]));
        let roles = Rule::new(Source::Pointer(pointer("/realm_access/roles")));
        assert_eq!(groups_by(&id, roles), GroupsClaim::from_names(["admin", "offline_access"]));
        // It announces its issuer in the callback, which is then required.
        let announced =
            keycloak.with(|sign_in| sign_in.provider.authorization_response_iss_parameter_supported = true);
        let SignIn { provider, client, now, .. } = &announced;
        let read = |query: &str| {
            authorization::parse_callback(provider, client, &announced.parsed_pending(), query, *now)
                .map(drop)
        };
        read(&format!("state={STATE}&session_state=x&iss={issuer}&code={CODE}")).unwrap();
        let error = read(&format!("state={STATE}&session_state=x&code={CODE}")).unwrap_err();
        assert_eq!(error.code(), "oidc.callback_issuer_missing");
    }
}

#[test]
fn ping_federate() {
    // The same key twice, with and without its algorithm, in either order.
    for other_first in [false, true] {
        let sign_in = SignIn::new().with(|sign_in| {
            let mut named = sign_in.jwks["keys"][0].clone();
            named["alg"] = "RS256".into();
            let keys = sign_in.jwks["keys"].as_array_mut().unwrap();
            keys.insert(usize::from(other_first), named);
        });
        sign_in.accepted();
        sign_in.with(|sign_in| sign_in.jwks["keys"][0]["alg"] = "RS512".into()).accepted();
    }
    // One value is a text, and often in UserInfo alone.
    let id =
        SignIn::new().with_userinfo(&json!({"sub": "248289761001", "memberOf": "CN=dev,OU=Groups,DC=corp"}));
    assert_eq!(groups_in(&id, "memberOf"), GroupsClaim::from_names(["CN=dev,OU=Groups,DC=corp"]));
    let name = Rule::attr("memberOf").transform(Transform::StripPath);
    assert_eq!(groups_by(&id, name), GroupsClaim::from_names(["dev"]));
}

#[test]
fn ping_one() {
    let issuer = "https://auth.pingone.eu/7f1d8a3e-58f2-4b0c-9f6e-0c1d2e3f4a5b/as";
    assert_eq!(SignIn::new().issuer(issuer).accepted().issuer(), issuer);
}

#[test]
fn adfs() {
    let id = SignIn::new()
        .issuer("https://fs.corp.example/adfs")
        .claim("upn", "ada@corp.example")
        .claim("unique_name", "CORP\\ada")
        .claim("groups", "Domain Users")
        .with_userinfo(&json!({"sub": "248289761001"}));
    assert_eq!(groups_in(&id, "groups"), GroupsClaim::from_names(["Domain Users"]));
    assert_eq!(id.claims().claim("unique_name").unwrap().values[0].as_text(), Some("CORP\\ada"));
    let fallback = Rule::attr("email").transform(Transform::Or(vec![
        Source::Attr("preferred_username".to_owned()),
        Source::Attr("upn".to_owned()),
    ]));
    let mut mapping = mapping(Rule::attr("groups"));
    mapping.email = fallback;
    assert_eq!(profile::map(&mapping, id.claims()).0.unwrap().email.as_str(), "ada@corp.example");

    // It refuses a request that authenticates twice: none of ours does.
    for (authentication, in_header) in [
        (ClientAuthentication::ClientSecretBasic { secret: Secret::new("s3cr3t") }, true),
        (ClientAuthentication::ClientSecretPost { secret: Secret::new("s3cr3t") }, false),
    ] {
        let sign_in = SignIn::new().with(|sign_in| {
            sign_in.client = sign_in.client.clone().authenticated_by(authentication);
        });
        let SignIn { provider, client, now, .. } = &sign_in;
        let pending = sign_in.parsed_pending();
        let code = authorization::parse_callback(
            provider,
            client,
            &pending,
            format!("code={CODE}&state={STATE}"),
            *now,
        )
        .unwrap();
        let request =
            token::request(provider, client, &pending, &code, Dpop::Off, &mut Counter::default(), *now)
                .unwrap();
        let body = String::from_utf8(request.into_parts().1).unwrap();
        assert_eq!(body.contains("client_secret=") || body.contains("client_id="), !in_header, "{body}");
    }
}

#[test]
fn auth0() {
    let id = SignIn::new()
        .issuer("https://acme.eu.auth0.com/")
        .pending("organization", "org_9ybsU1dN2dKfDkBi")
        .claim("sub", "samlp|acme-okta|00u1abc")
        .claim("org_id", "org_9ybsU1dN2dKfDkBi")
        .claim("nickname", "ada")
        .claim("https://corp.example/claims/groups", json!(["Engineers"]))
        .accepted();
    assert_eq!(id.subject(), "samlp|acme-okta|00u1abc");
    assert_eq!(groups_in(&id, "https://corp.example/claims/groups"), GroupsClaim::from_names(["Engineers"]));
    SignIn::new().issuer("https://login.corp.example/").accepted();
    SignIn::new()
        .issuer("https://acme.eu.auth0.com/")
        .claim("iss", "https://acme.eu.auth0.com")
        .rejected("oidc.issuer_mismatch");
}

#[test]
fn cognito() {
    let answer = json!({"sub": "248289761001", "email": "ada@corp.example", "email_verified": "true", "phone_number_verified": "false"});
    let id = SignIn::new()
        .issuer("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a1B2c3D4e")
        .claim("cognito:groups", json!(["Engineers"]))
        .claim("cognito:username", "ada")
        .with_userinfo(&answer);
    assert_eq!((id.email_verified(), id.verified_email()), (EmailVerified::True, Some("ada@corp.example")));
    assert_eq!(groups_in(&id, "cognito:groups"), GroupsClaim::from_names(["Engineers"]));
}

#[test]
fn zitadel() {
    let roles = "urn:zitadel:iam:org:project:roles";
    let zitadel = || {
        SignIn::new()
            .issuer("https://corp-a1b2c3.zitadel.cloud")
            .claim("aud", json!(["client-1", "271828182845904523"]))
            .claim("azp", "client-1")
            .claim(
                roles,
                json!({"admin": {"2718": "corp.zitadel.cloud"}, "viewer": {"2718": "corp.zitadel.cloud"}}),
            )
    };
    zitadel().rejected("oidc.audience_untrusted");
    let id = zitadel()
        .with(|sign_in| {
            sign_in.client.policy.trusted_audiences = BTreeSet::from(["271828182845904523".to_owned()])
        })
        .accepted();
    assert_eq!(groups_in(&id, roles), GroupsClaim::Missing, "keys are an explicit choice");
    let keys = Rule::new(Source::Keys(pointer(&format!("/{roles}"))));
    assert_eq!(groups_by(&id, keys), GroupsClaim::from_names(["admin", "viewer"]));
}

#[test]
fn lemonldap() {
    let lemonldap = || {
        SignIn::new()
            .issuer("https://auth.corp.example")
            .claim("aud", json!(["client-1", "https://auth.corp.example/api"]))
            .claim("azp", "client-1")
            .with(|sign_in| {
                sign_in.client.policy.trusted_audiences =
                    BTreeSet::from(["https://auth.corp.example/api".to_owned()]);
            })
    };
    lemonldap().accepted();
    // It can be set to sign with nothing at all.
    let unsigned = compact(r#"{"alg":"none","typ":"JWT"}"#, &lemonldap().payload(), |_| Vec::new());
    let listed = Some(vec!["none".to_owned(), "RS256".to_owned()]);
    lemonldap()
        .with(|sign_in| {
            sign_in.provider.id_token_signing_alg_values_supported = listed;
            sign_in.token = Some(unsigned);
        })
        .rejected("oidc.algorithm_not_allowed");
}

#[test]
fn node_oidc_provider() {
    // A thin ID token.
    let id =
        SignIn::new().with_userinfo(&json!({"sub": "248289761001", "name": "Ada", "groups": ["Engineers"]}));
    assert_eq!(groups_in(&id, "groups"), GroupsClaim::from_names(["Engineers"]));
    // Logout tokens are encrypted where ID tokens are, and the header repeats who they are from and for.
    let logout = Logout::new().with(|logout| opening(&mut logout.client));
    let replicated = json!({"cty": "JWT", "iss": given::ISSUER, "aud": "client-1"});
    let token = logout.judge(&sealed(&logout.token(), replicated)).unwrap();
    assert_eq!(token.subject(), Some("248289761001"));
}

/// Several.
#[test]
fn others() {
    let now = seconds(given::now()) as f64;
    SignIn::new().claim("iat", now + 0.123).claim("exp", now + 300.999).accepted();

    let answer =
        json!({"access_token": ACCESS_TOKEN, "token_type": "bearer", "id_token": SignIn::new().token()});
    let with_charset = response(200, "application/json;charset=UTF-8", answer.to_string());
    let sign_in = SignIn::new();
    assert_eq!(tokens(&sign_in, &with_charset).token_type(), token::TokenType::Bearer);

    let twice = SignIn::new().with(|sign_in| {
        sign_in.jwks = jwks(&[Key::OtherRs256, Key::Rs256]);
        sign_in.jwks["keys"][0]["kid"] = Key::Rs256.kid().into();
    });
    twice.accepted();
}

fn tokens(sign_in: &SignIn, answer: &http::Response<Vec<u8>>) -> token::UnverifiedTokens {
    let SignIn { provider, client, now, .. } = sign_in;
    let pending = sign_in.parsed_pending();
    let query = format!("code={CODE}&state={STATE}");
    let code = authorization::parse_callback(provider, client, &pending, query, *now).unwrap();
    token::parse_response(client, &pending, &code, Dpop::Off, answer).unwrap()
}

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

fn mapping(groups: Rule) -> Mapping {
    let mut mapping =
        Mapping::exact(AttributeNames { name: "name", login: "upn", email: "upn", groups: "groups" });
    mapping.groups = Some(groups);
    mapping
}

fn groups_by(id: &admittance::oidc::id_token::ValidIdToken, rule: Rule) -> GroupsClaim {
    profile::map(&mapping(rule), id.claims()).0.unwrap().groups
}

fn codes(id: &admittance::oidc::id_token::ValidIdToken) -> Vec<&str> {
    id.notes().iter().map(|note| note.code.as_str()).collect()
}
