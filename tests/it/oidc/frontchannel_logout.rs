//! Front-channel logout (oidc.md §2.6 #11).

use admittance::oidc::logout::frontchannel::{self, FrontchannelLogout};

use super::forge::SignIn;

#[test]
fn issuer_and_session_come_together_or_not_at_all() {
    assert_eq!(parse("", false).unwrap().sid(), None);
    assert_eq!(parse("other=1", false).unwrap().sid(), None);
    let query = "iss=https%3A%2F%2Fidp.example&sid=s%201";
    assert_eq!(parse(query, false).unwrap().sid(), Some("s 1"));
    assert_eq!(parse(query, true).unwrap().sid(), Some("s 1"));
    for (query, required) in [
        ("", true),
        ("iss=https%3A%2F%2Fidp.example", false),
        ("sid=s1", false),
        ("iss=https%3A%2F%2Fidp.example&sid=", false),
        ("iss=https%3A%2F%2Fidp.example&sid=s1&sid=s1", false),
        ("iss=https%3A%2F%2Fidp.example&iss=https%3A%2F%2Fidp.example&sid=s1", false),
        ("sid=%", false),
        ("sid=%ff&iss=x", false),
    ] {
        assert_eq!(parse(query, required).unwrap_err(), "oidc.logout_malformed", "{query}");
    }
    let long = format!("a={}", "x".repeat(64 * 1024));
    assert_eq!(parse(&long, false).unwrap_err(), "oidc.logout_malformed");
}

#[test]
fn the_issuer_is_the_provider() {
    for issuer in ["https://evil.example", "https://idp.example/", "HTTPS://idp.example", ""] {
        let query = format!("iss={issuer}&sid=s1");
        assert_eq!(parse(&query, false).unwrap_err(), "oidc.issuer_mismatch", "{issuer}");
    }
}

#[test]
fn it_ends_the_session_that_it_names() {
    let session = |sid: &str| SignIn::new().claim("sid", sid).accepted().session().clone();
    let named = parse("iss=https://idp.example&sid=s1", false).unwrap();
    assert!(named.is_of(&session("s1")));
    assert!(!named.is_of(&session("s2")));
    assert!(!named.is_of(SignIn::new().accepted().session()));
    assert!(parse("", false).unwrap().is_of(&session("s2")), "the browser's own");
}

fn parse(query: &str, session_required: bool) -> Result<FrontchannelLogout, &'static str> {
    let mut sign_in = SignIn::new();
    sign_in.client.registered.frontchannel_logout_session_required = session_required;
    frontchannel::parse(query, &sign_in.provider, &sign_in.client).map_err(|error| error.code())
}
