//! Logout that we ask for (oidc.md §2.6 #9, #10).

use std::collections::BTreeMap;

use admittance::oidc::id_token::SessionRef;
use admittance::oidc::logout::rp_initiated::{self, LogoutOptions, LogoutReturn, PendingLogout};
use url::Url;

use super::forge::SignIn;
use super::given::{self, Counter};

#[test]
fn the_request_says_who_we_are_and_whose_session_ends() {
    let sign_in = SignIn::new();
    let session = sign_in.accepted().session().clone();
    let mut options = LogoutOptions::default();
    options.post_logout_redirect_uri = Some("https://rp.example/bye?a=1&b=2".to_owned());
    options.ui_locales = vec!["de-CH".to_owned(), "de".to_owned()];
    let (url, pending) = begin(&sign_in, &session, &options);
    let parameters: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    let state = parameters["state"].clone();
    assert_eq!(state.len(), 43, "32 bytes in base64url");
    let expected = [
        ("client_id", "client-1".to_owned()),
        ("id_token_hint", sign_in.token()),
        ("post_logout_redirect_uri", "https://rp.example/bye?a=1&b=2".to_owned()),
        ("state", state.clone()),
        ("ui_locales", "de-CH de".to_owned()),
    ];
    assert_eq!(parameters, BTreeMap::from(expected.map(|(name, value)| (name.to_owned(), value))));
    assert!(url.as_str().starts_with("https://idp.example/logout?id_token_hint="));

    let stored = serde_json::to_string(&pending).unwrap();
    let pending: PendingLogout = serde_json::from_str(&stored).unwrap();
    assert_eq!(rp_initiated::parse_return(&format!("state={state}"), &pending), LogoutReturn::Ok);
    assert!(!format!("{pending:?}").contains(&state));
}

#[test]
fn a_query_of_the_endpoint_stays() {
    let sign_in = SignIn::new().with(|sign_in| {
        sign_in.provider.end_session_endpoint = Some("https://idp.example/logout?tenant=a%20b".to_owned());
    });
    let session = sign_in.accepted().session().clone();
    let (url, _) = begin(&sign_in, &session, &LogoutOptions::default());
    assert!(url.query().unwrap().starts_with("tenant=a%20b&id_token_hint="), "{url}");
    assert_eq!(url.query_pairs().filter(|(name, _)| name == "state").count(), 1);
}

#[test]
fn a_session_need_not_keep_its_token() {
    let sign_in = SignIn::new();
    let mut session = sign_in.accepted().session().clone();
    session.id_token = None;
    let (url, _) = begin(&sign_in, &session, &LogoutOptions::default());
    assert!(!url.as_str().contains("id_token_hint"));
}

#[test]
fn the_return_has_three_values() {
    let sign_in = SignIn::new();
    let session = sign_in.accepted().session().clone();
    let (url, pending) = begin(&sign_in, &session, &LogoutOptions::default());
    let (_, state) = url.query_pairs().find(|(name, _)| name == "state").unwrap();
    let read = |query: &str| rp_initiated::parse_return(query, &pending);
    assert_eq!(read(&format!("a=b&state={state}")), LogoutReturn::Ok);
    for missing in ["", "a=b", "State=x", "&&"] {
        assert_eq!(read(missing), LogoutReturn::StateMissing, "{missing}");
    }
    for other in [
        "state=".to_owned(),
        "state=x".to_owned(),
        format!("state={state}&state={state}"),
        format!("state={state}%"),
    ] {
        assert_eq!(read(&other), LogoutReturn::StateMismatch, "{other}");
    }
}

#[test]
fn what_cannot_be_asked_for_is_an_error() {
    let session = SignIn::new().accepted().session().clone();
    let code = |change: fn(&mut SignIn, &mut LogoutOptions)| {
        let (mut sign_in, mut options) = (SignIn::new(), LogoutOptions::default());
        change(&mut sign_in, &mut options);
        let SignIn { provider, client, .. } = &sign_in;
        let begun = rp_initiated::begin(provider, client, &session, &options, &mut Counter::default());
        begun.unwrap_err().code()
    };
    assert_eq!(
        code(|sign_in, _| sign_in.provider.end_session_endpoint = None),
        "oidc.unsupported_by_provider"
    );
    let endpoint: fn(&mut SignIn, &mut LogoutOptions) =
        |sign_in, _| sign_in.provider.end_session_endpoint = Some("http://idp.example/logout".to_owned());
    assert_eq!(code(endpoint), "oidc.url_not_allowed");
    let back: fn(&mut SignIn, &mut LogoutOptions) =
        |_, options| options.post_logout_redirect_uri = Some("javascript:alert(1)".to_owned());
    assert_eq!(code(back), "oidc.url_not_allowed");
}

fn begin(sign_in: &SignIn, session: &SessionRef, options: &LogoutOptions) -> (Url, PendingLogout) {
    let SignIn { provider, client, .. } = sign_in;
    assert_eq!(session.issuer, given::ISSUER);
    rp_initiated::begin(provider, client, session, options, &mut Counter::default()).unwrap()
}
