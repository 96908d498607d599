//! D45: what the requests of provisioning show, as the hub has it, what has come by them, and who signs in without.

use admittance::connection::{
    Command, Diagnosis, Observations, Preset, Provisioned, State, provisioning_notes, setup_warnings,
};
use admittance::crypto::Secret;
use admittance::endpoint::UrlPolicy;
use admittance::groups::{Account, Accounts, PushedGroups};
use admittance::note::Note;
use admittance::profile::{Activity, Candidate};
use admittance::scim::access::{Scope, Scopes};
use admittance::scim::service::{ServiceConfig, Tenancy};
use admittance::scim::token::{Bearer, NewToken, authenticate, generate};
use admittance::testing::saml_idp::Shape;
use admittance::testing::scim_store::ScimStore;
use http::header::AUTHORIZATION;
use serde_json::json;

use super::super::fixture::{Counter, later, now, run, token_until, with_scim};
use super::super::scene::Scene;
use super::{Vector, hub, observed, vector};

const DAY: u64 = 24 * 60 * 60;

/// A token that ends after so many seconds, as the hub shows it after some.
fn token_seen(end: u64, seen: u64) -> Vec<Diagnosis> {
    let token = token_until("t1", later(end));
    let connection = run(with_scim(State::Enabled), [Command::GenerateToken(token)]);
    setup_warnings(&connection, &Observations::default(), later(seen))
}

/// What is made of a request with this header, where the token may see and change users alone.
fn token_sent(authorization: impl FnOnce(&str) -> Option<String>, needs: Scope) -> Vec<Diagnosis> {
    let scopes = [Scope::UsersRead, Scope::UsersWrite].into_iter().collect::<Scopes>();
    let new = NewToken { prefix: "acme", label: "Okta", scopes, expires_at: None };
    let (token, record) = generate(new, &[], &mut Counter(1), now()).unwrap();
    let mut headers = http::HeaderMap::new();
    if let Some(text) = authorization(token.expose()) {
        headers.insert(AUTHORIZATION, text.parse().unwrap());
    }
    let valid =
        Bearer::from_headers(&headers).and_then(|bearer| authenticate(&bearer, [&record], "c1", now()));
    let note = match valid {
        Err(refused) => Some(Note::new(refused.code())),
        Ok(valid) => {
            let refused = valid.access.check(needs).err();
            refused.map(|refused| Note::new(refused.code()).expected(needs.as_str()))
        }
    };
    observed(note.into_iter().collect())
}

/// What a change of a user shows, sent to this path.
fn changed(path: &str, operation: &str, active: serde_json::Value) -> Vec<Diagnosis> {
    let config =
        ServiceConfig::new("https://product.example/scim/v2", UrlPolicy::Https, Tenancy::InPath).unwrap();
    let store = ScimStore::new(config).with_connection("c1", Secret::new("a token for tests"));
    let send = |method: &str, path: &str, body: serde_json::Value| {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(AUTHORIZATION, "Bearer a token for tests")
            .header("content-type", "application/scim+json")
            .body(body.to_string().into_bytes())
            .unwrap();
        store.answer(&request, now())
    };
    let ada = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada" });
    let made = send("POST", "/scim/v2/connections/c1/Users", ada);
    let made: serde_json::Value = serde_json::from_slice(made.response.body()).unwrap();
    let change = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": operation, "path": "active", "value": active }],
    });
    let done = send("PATCH", &path.replace("{id}", made["id"].as_str().unwrap()), change);
    assert!(done.response.status().is_success(), "{:?}", done.response);
    observed(done.notes)
}

/// What the hub shows of what has come: groups with what they are called, `g1` mapped, and how many accounts.
fn came(
    groups: &[(&str, &str)],
    accounts: usize,
    signing_in_only: usize,
    owner: Option<&Candidate>,
) -> Vec<Diagnosis> {
    let mapping = Command::SetGroupMapping { organization: "org-a".into(), groups: ["g1".into()].into() };
    let connection = run(with_scim(State::Enabled), [mapping]);
    let people = Accounts::new("c1", "a1", [Account::of("c1", "u1")]).unwrap();
    let mut pushed = PushedGroups::new(&people, "p1");
    for (id, name) in groups {
        pushed.add(*id, *name, ["u1"]).unwrap();
    }
    let provisioned = Provisioned { accounts, signing_in_only, groups: &pushed, token_owner: owner };
    let mut observations = Observations::default();
    observations.provisioning = provisioning_notes(&connection, &provisioned);
    setup_warnings(&connection, &observations, now())
}

const MAPPED: &[(&str, &str)] = &[("g1", "Developers")];

/// Ada, whose email address is `ada@corp.example`, signs in where an account of this user name waits. Over JumpCloud,
/// which provisions people and no groups, a sign-in makes an account otherwise.
fn waiting(user_name: &str) -> Vec<Diagnosis> {
    let scene = Scene::preset(Preset::JumpcloudSaml, Shape::JumpCloud, |scene| {
        scene.state = State::Enabled;
        scene.scim = true;
        scene.candidates = Some(vec![made_by_provisioning(user_name)]);
    });
    scene.sign_in().0.diagnoses
}

fn made_by_provisioning(user_name: &str) -> Candidate {
    Candidate {
        account: "u1".into(),
        identity: None,
        provisioned_by: Some("c1".into()),
        user_name: Some(user_name.to_owned()),
        activity: Activity::Active,
    }
}

pub(super) fn vectors() -> Vec<Vector> {
    vec![
        vector(
            "scim.double_slash",
            || changed("/scim/v2//connections/c1/Users/{id}", "replace", json!(false)),
            || changed("/scim/v2/connections/c1/Users/{id}", "replace", json!(false)),
        ),
        vector(
            "scim.token_missing",
            || token_sent(|_| None, Scope::UsersRead),
            || token_sent(|token| Some(format!("bearer {token}")), Scope::UsersRead),
        ),
        vector(
            "scim.token_wrong",
            || token_sent(|token| Some(format!("Bearer {}", &token[..token.len() - 1])), Scope::UsersRead),
            || token_sent(|token| Some(format!("Bearer {token}")), Scope::UsersRead),
        ),
        vector("scim.token_expired", || token_seen(60, 60), || token_seen(60, 59)),
        vector("scim.token_expires_soon", || token_seen(30 * DAY, 0), || token_seen(30 * DAY + 1, 0)),
        vector(
            "scim.scope_missing",
            || token_sent(|token| Some(format!("Bearer {token}")), Scope::GroupsWrite),
            || token_sent(|token| Some(format!("Bearer {token}")), Scope::UsersWrite),
        ),
        vector("scim.username_differs_from_login", || waiting("Ada@corp.example"), || waiting("ADA")),
        vector("scim.user_not_assigned", || waiting("grace"), || waiting("ada")),
        vector(
            "scim.group_not_mapped",
            || came(&[("g1", "Developers"), ("g2", "Astronomers")], 1, 0, None),
            || came(MAPPED, 1, 0, None),
        ),
        vector("scim.group_push_off", || came(&[], 1, 0, None), || came(&[], 0, 0, None)),
        vector("scim.existing_not_provisioned", || came(MAPPED, 1, 7, None), || came(MAPPED, 7, 0, None)),
        vector(
            "scim.token_owner_managed",
            || came(MAPPED, 1, 0, Some(&made_by_provisioning("grace"))),
            || {
                let local = Candidate { provisioned_by: None, ..made_by_provisioning("grace") };
                came(MAPPED, 1, 0, Some(&local))
            },
        ),
        vector(
            "scim.legacy_patch_mode",
            || changed("/scim/v2/connections/c1/Users/{id}", "Replace", json!("False")),
            || changed("/scim/v2/connections/c1/Users/{id}", "replace", json!(false)),
        ),
        // No request says so: an administrator of the identity provider has told the host
        vector("scim.user_suspended", || hub(&["scim.user_suspended"]), || hub(&[])),
    ]
}
