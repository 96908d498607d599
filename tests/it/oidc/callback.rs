//! The callback: each check of §2.2 with a query that fails only that one, and their order.

use std::collections::BTreeSet;
use std::time::Duration;

use admittance::oidc::authorization::{self, AuthorizationCode, Options};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::{Client, EntraTenants, Error, IssParam, IssuerPolicy, Pending, Provider};
use admittance::time::Timestamp;
use serde_json::json;

use super::given;

#[test]
fn a_code_comes_back() {
    let query = format!("code=9fC1&state={}&iss=https%3A%2F%2Fidp.example&session_state=x", state());
    for form in [query.clone(), format!("&&{query}&"), query.replace("code", "c%6fde")] {
        parsed(&form).unwrap();
        let body = form.into_bytes();
        authorization::parse_callback(&given::provider(), &given::client(), &pending(), &body, now())
            .unwrap();
    }
}

/// §2.2 #1.
#[test]
fn a_callback_that_cannot_be_read() {
    let state = state();
    let padded = |length: usize| {
        let query = format!("code=9fC1&state={state}&x=");
        let padding = "y".repeat(length - query.len());
        query + &padding
    };
    parsed(&padded(64 * 1024)).unwrap();
    for wrong in [
        padded(64 * 1024 + 1),
        format!("code=%ff&state={state}"),
        format!("code=9fC1&state={state}&x=%c3"),
        format!("code=9fC1&state={state}&x=%zz"),
        format!("code=9fC1&state={state}&%4=y"),
    ] {
        assert_eq!(code_of(&wrong), "oidc.callback_malformed");
    }
    let raw = [format!("code=9fC1&state={state}&x=").as_bytes(), &[0xff]].concat();
    let error = authorization::parse_callback(&given::provider(), &given::client(), &pending(), raw, now());
    assert_eq!(error.unwrap_err().code(), "oidc.callback_malformed");
}

/// §2.2 #2, §4.
#[test]
fn state_duplicate() {
    let state = state();
    for twice in [format!("state={state}"), "state=".to_owned(), "st%61te=x".to_owned(), "state".to_owned()] {
        for query in [format!("code=9fC1&state={state}&{twice}"), format!("{twice}&code=9fC1&state={state}")]
        {
            assert_eq!(code_of(&query), "oidc.callback_duplicate_parameter", "{query}");
        }
    }
}

/// §2.2 #2, §4.
#[test]
fn code_duplicate() {
    let error = parsed(&format!("code=9fC1&state={}&code=9fC1", state())).unwrap_err();
    assert_eq!(
        (error.code(), error.actual().as_deref()),
        ("oidc.callback_duplicate_parameter", Some("code"))
    );
}

/// §2.2 #2: of the others only those that are read.
#[test]
fn other_duplicates() {
    let state = state();
    for name in ["iss", "error", "error_description"] {
        let error = parsed(&format!("code=9fC1&state={state}&{name}=x&{name}=x")).unwrap_err();
        assert_eq!(
            (error.code(), error.actual().as_deref()),
            ("oidc.callback_duplicate_parameter", Some(name))
        );
    }
    parsed(&format!("code=9fC1&state={state}&x=1&x=2")).unwrap();
    // Before the state is looked at.
    assert_eq!(code_of("code=9fC1&code=9fC1"), "oidc.callback_duplicate_parameter");
}

/// §2.2 #3, §4.
#[test]
fn state_missing() {
    for query in ["code=9fC1", "", "code=9fC1&State=x", "code=9fC1&state%00=x"] {
        assert_eq!(code_of(query), "oidc.state_missing", "{query}");
    }
}

/// §2.2 #3, §4.
#[test]
fn state_wrong() {
    let state = state();
    for wrong in [
        String::new(),
        format!("{state}A"),
        state[1..].to_owned(),
        state.to_lowercase(),
        format!("{state}%00"),
        format!("+{state}"),
    ] {
        let error = parsed(&format!("code=9fC1&state={wrong}")).unwrap_err();
        assert_eq!(error.code(), "oidc.state_mismatch", "{wrong}");
        assert_eq!((error.expected(), error.actual()), (None, None), "a state is no evidence");
    }
}

/// §2.2 #3, §4: whoever does not know the state learns and decides nothing.
#[test]
fn error_before_state() {
    assert_eq!(code_of("error=access_denied"), "oidc.state_missing");
    assert_eq!(code_of("error=access_denied&state=x"), "oidc.state_mismatch");
    assert_eq!(code_of("error=access_denied&state=x&iss=https://evil.example"), "oidc.state_mismatch");
}

/// §2.2 #4.
#[test]
fn a_pending_sign_in_grows_old() {
    let query = format!("code=9fC1&state={}", state());
    let at = |client: &Client, seconds| {
        let now = now().saturating_add(Duration::from_secs(seconds));
        authorization::parse_callback(&given::provider(), client, &pending(), &query, now)
    };
    at(&given::client(), 600).unwrap();
    let error = at(&given::client(), 601).unwrap_err();
    assert_eq!(error.code(), "oidc.pending_expired");
    assert_eq!(error.actual().as_deref(), Some("2026-11-22T00:11:01.000Z"));
    assert!(error.expected().unwrap().contains("2026-11-22T00:11:00.000Z"));
    let mut short = given::client();
    short.policy.pending_lifetime = Duration::from_secs(30);
    at(&short, 30).unwrap();
    assert_eq!(at(&short, 31).unwrap_err().code(), "oidc.pending_expired");
    // Before the provider's word.
    let later = now().saturating_add(Duration::from_secs(601));
    let query = format!("error=access_denied&state={}&iss=https://evil.example", state());
    let error =
        authorization::parse_callback(&other(), &given::client(), &pending(), query, later).unwrap_err();
    assert_eq!(error.code(), "oidc.pending_expired");
}

/// §2.2 #5, §4: the answer of one provider where another was asked.
#[test]
fn mix_up_other_issuer() {
    let query = format!("code=9fC1&state={}&iss=https://idp.example", state());
    let error =
        authorization::parse_callback(&other(), &given::client(), &pending(), &query, now()).unwrap_err();
    assert_eq!(error.code(), "oidc.mix_up");
    assert_eq!(error.expected().as_deref(), Some("https://other.example"));
    assert_eq!(error.actual().as_deref(), Some("https://idp.example"));

    let mut client = given::client();
    client.client_id = "client-2".to_owned();
    let error =
        authorization::parse_callback(&given::provider(), &client, &pending(), &query, now()).unwrap_err();
    assert_eq!((error.code(), error.actual().as_deref()), ("oidc.mix_up", Some("client-1")));
}

/// §2.2 #6, §4.
#[test]
fn callback_iss_missing() {
    let query = format!("code=9fC1&state={}", state());
    let mut document = given::document();
    document["authorization_response_iss_parameter_supported"] = json!(true);
    let advertised = given::discovered(&document);
    let error =
        authorization::parse_callback(&advertised, &given::client(), &pending(), &query, now()).unwrap_err();
    assert_eq!(error.code(), "oidc.callback_issuer_missing");
    assert_eq!(error.expected().as_deref(), Some("https://idp.example"));

    let mut client = given::client();
    client.policy.iss_param = IssParam::Require;
    let error =
        authorization::parse_callback(&given::provider(), &client, &pending(), &query, now()).unwrap_err();
    assert_eq!(error.code(), "oidc.callback_issuer_missing");
    // An error has to name its issuer, too.
    let query = format!("error=access_denied&state={}", state());
    let error =
        authorization::parse_callback(&advertised, &given::client(), &pending(), query, now()).unwrap_err();
    assert_eq!(error.code(), "oidc.callback_issuer_missing");
    let query = format!("code=9fC1&state={}&iss=https://idp.example", state());
    authorization::parse_callback(&advertised, &client, &pending(), query, now()).unwrap();
}

/// §2.2 #6, §4: compared whether it is advertised or not.
#[test]
fn callback_iss_wrong() {
    for wrong in ["https://evil.example", "https://idp.example/", "https://IDP.example", ""] {
        for word in ["code=9fC1", "error=access_denied"] {
            let error = parsed(&format!("{word}&state={}&iss={wrong}", state())).unwrap_err();
            assert_eq!(
                (error.code(), error.actual().as_deref()),
                ("oidc.callback_issuer_mismatch", Some(wrong))
            );
        }
    }
}

/// §2.2 #6, §2.7.
#[test]
fn callback_iss_of_a_tenant() {
    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    let mut provider = given::provider();
    provider.issuer = "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned();
    let mut client = given::client();
    let came = |client: &Client, tenant: &str| {
        let (_, pending) = authorization::begin(
            &provider,
            client,
            &Options::default(),
            &mut given::Counter::default(),
            now(),
        )
        .unwrap();
        let iss = provider.issuer.replace("{tenantid}", tenant);
        let query = format!("code=9fC1&state={}&iss={iss}", pending.state().expose());
        authorization::parse_callback(&provider, client, &pending, query, now())
            .map(|_| ())
            .map_err(|e| e.code())
    };
    client.policy.issuer =
        IssuerPolicy::EntraTenants { allowed: EntraTenants::Only(BTreeSet::from([TENANT.to_owned()])) };
    assert_eq!(came(&client, TENANT), Ok(()));
    let other = TENANT.replace('7', "8");
    assert_eq!(came(&client, &other), Err("oidc.tenant_not_allowed"));
    for wrong in
        ["{tenantid}", &TENANT.to_uppercase(), "", "common", &TENANT.replace('-', ""), &format!("{TENANT}/x")]
    {
        assert_eq!(came(&client, wrong), Err("oidc.callback_issuer_mismatch"), "{wrong}");
    }
    client.policy.issuer = IssuerPolicy::EntraTenants { allowed: EntraTenants::Any };
    assert_eq!(came(&client, &other), Ok(()));
    client.policy.issuer = IssuerPolicy::Exact;
    assert_eq!(came(&client, TENANT), Err("oidc.callback_issuer_mismatch"));
}

/// §2.7: Google's two names for itself, and nobody else's.
#[test]
fn callback_iss_of_google() {
    let mut provider = given::provider();
    let mut client = given::client();
    client.policy.issuer = IssuerPolicy::Google;
    let came = |provider: &Provider, client: &Client, iss: &str| {
        let (_, pending) = authorization::begin(
            provider,
            client,
            &Options::default(),
            &mut given::Counter::default(),
            now(),
        )
        .unwrap();
        let query = format!("code=9fC1&state={}&iss={iss}", pending.state().expose());
        authorization::parse_callback(provider, client, &pending, query, now())
            .map(|_| ())
            .map_err(|e| e.code())
    };
    for iss in ["https://idp.example", "https://accounts.google.com"] {
        assert_eq!(came(&provider, &client, iss), Err("oidc.callback_issuer_mismatch"), "not Google itself");
    }
    provider.issuer = "https://accounts.google.com".to_owned();
    for iss in ["https://accounts.google.com", "accounts.google.com"] {
        assert_eq!(came(&provider, &client, iss), Ok(()));
    }
    for iss in ["http://accounts.google.com", "https://accounts.google.com/", "https://idp.example"] {
        assert_eq!(came(&provider, &client, iss), Err("oidc.callback_issuer_mismatch"));
    }
    client.policy.issuer = IssuerPolicy::Exact;
    assert_eq!(came(&provider, &client, "accounts.google.com"), Err("oidc.callback_issuer_mismatch"));
}

/// §2.2 #7.
#[test]
fn the_provider_refuses() {
    let state = state();
    let error =
        parsed(&format!("error=access_denied&error_description=Not+today%21&state={state}")).unwrap_err();
    assert_eq!(error.code(), "oidc.provider_error");
    assert_eq!(error.actual().as_deref(), Some("access_denied, Not today!"));
    let Error::Provider(error) = error else { panic!("{error:?}") };
    assert_eq!((error.error.as_str(), error.description.as_deref()), ("access_denied", Some("Not today!")));

    // A code beside it counts for nothing.
    assert_eq!(code_of(&format!("error=access_denied&code=9fC1&state={state}")), "oidc.provider_error");
    assert_eq!(code_of(&format!("error=&code=9fC1&state={state}")), "oidc.provider_error");
    // What is shown is short and has no control characters.
    let long = "%0d%0a%1b%5b31m%c2%85".to_owned() + &"%c3%bc".repeat(2000);
    let query = format!("error={long}&error_description={long}&state={state}");
    let Error::Provider(error) = parsed(&query).unwrap_err() else { panic!("another error") };
    for text in [error.error, error.description.unwrap()] {
        assert!(text.len() <= 1024 && text.len() > 1000, "{} bytes", text.len());
        assert!(text.starts_with("[31mü") && !text.contains(char::is_control));
    }
}

/// §2.2 #8.
#[test]
fn code_missing() {
    for query in ["", "code=", "code", "Code=9fC1"] {
        assert_eq!(code_of(&format!("{query}&state={}", state())), "oidc.code_missing");
    }
}

/// §2.2 #9.
#[test]
fn tokens_are_passed_over() {
    let query = format!("id_token=e.e.e&access_token=x&token_type=Bearer&state={}", state());
    assert_eq!(code_of(&query), "oidc.code_missing");
    parsed(&format!("{query}&code=9fC1")).unwrap();
}

/// §4: where the person goes is what the host kept, whatever the browser brings.
#[test]
fn return_to_in_callback() {
    let mut options = Options::default();
    options.return_to = Some("/reports".to_owned());
    let (start, pending) = authorization::begin(
        &given::provider(),
        &given::client(),
        &options,
        &mut given::Counter::default(),
        now(),
    )
    .unwrap();
    let authorization::Start::Redirect(url) = start else { panic!("{start:?}") };
    assert!(!url.as_str().contains("reports"), "it is not sent: {url}");
    let query =
        format!("code=9fC1&state={}&return_to=https://evil.example&redirect_uri=x", pending.state().expose());
    authorization::parse_callback(&given::provider(), &given::client(), &pending, query, now()).unwrap();
    assert_eq!(pending.return_to(), Some("/reports"));
}

/// §4: nothing that is printed tells a secret.
#[test]
fn secret_in_debug() {
    let query = format!("code=9fC1secret&state={}", state());
    let code = parsed(&query).unwrap();
    assert_eq!(format!("{code:?}"), "AuthorizationCode { .. }");

    let stored = serde_json::to_value(pending()).unwrap();
    let printed = format!("{:?}", pending());
    for secret in ["state", "nonce", "code_verifier"] {
        let secret = stored[secret].as_str().unwrap();
        assert!(secret.len() == 43 && !printed.contains(secret), "{printed}");
    }
    let mut options = Options::default();
    options.id_token_hint = Some("e.hint.e".into());
    let begun = |client: &Client| {
        authorization::begin(&given::provider(), client, &options, &mut given::Counter::default(), now())
            .unwrap()
    };
    let (start, _) = begun(&given::client());
    assert_eq!(format!("{start:?}"), "Redirect(\"https://idp.example/authorize\")");
    assert!(!format!("{options:?}").contains("e.hint.e"));

    let mut client = given::client()
        .authenticated_by(ClientAuthentication::ClientSecretPost { secret: "s3cret-of-ours".into() });
    client.registered.pushed_authorization_requests = true;
    assert!(!format!("{client:?}").contains("s3cret-of-ours"));
    let mut provider = given::provider();
    provider.pushed_authorization_request_endpoint = Some("https://idp.example/par".to_owned());
    let (start, _) =
        authorization::begin(&provider, &client, &options, &mut given::Counter::default(), now()).unwrap();
    assert_eq!(format!("{start:?}"), "Push(https://idp.example/par)");

    let refused = parsed("code=9fC1secret&state=wrongstate").unwrap_err();
    let shown = format!("{refused:?} {refused} {:?} {:?}", refused.expected(), refused.actual());
    assert!(!shown.contains("9fC1secret") && !shown.contains("wrongstate") && !shown.contains(&state()));
}

fn code_of(query: &str) -> &'static str {
    parsed(query).unwrap_err().code()
}

fn parsed(query: &str) -> Result<AuthorizationCode, Error> {
    authorization::parse_callback(&given::provider(), &given::client(), &pending(), query, now())
}

fn pending() -> Pending {
    let mut entropy = given::Counter::default();
    authorization::begin(&given::provider(), &given::client(), &Options::default(), &mut entropy, now())
        .unwrap()
        .1
}

fn state() -> String {
    pending().state().expose().to_owned()
}

fn other() -> Provider {
    let mut other = given::provider();
    other.issuer = "https://other.example".to_owned();
    other
}

fn now() -> Timestamp {
    given::now()
}
