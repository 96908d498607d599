//! Refresh: the request, and how its answer differs from that of a code.

use admittance::oidc::dpop::Dpop;
use admittance::oidc::token::{TokenType, UnverifiedTokens, refresh};
use admittance::oidc::{Client, Error};
use http::Response;
use serde_json::json;

use super::given::{self, Counter, form, now};

#[test]
fn the_request_names_the_refresh_token_and_the_scopes_that_are_still_needed() {
    let scopes = ["openid".to_owned(), "profile".to_owned()];
    let (provider, client) = (given::provider(), given::client());
    let request = refresh::request(
        &provider,
        &client,
        &"r&1".into(),
        &scopes,
        Dpop::Off,
        &mut Counter::default(),
        now(),
    );
    let request = request.unwrap();
    assert_eq!(request.uri(), "https://idp.example/token");
    let form = form(&request);
    assert_eq!(form["grant_type"], "refresh_token");
    assert_eq!((form["refresh_token"].as_str(), form["scope"].as_str()), ("r&1", "openid profile"));
    assert_eq!(form.len(), 4, "and client_id");
    let all =
        refresh::request(&provider, &client, &"r".into(), &[], Dpop::Off, &mut Counter::default(), now());
    assert!(!super::given::form(&all.unwrap()).contains_key("scope"));
}

#[test]
fn a_new_refresh_token_takes_the_place_of_the_old() {
    let tokens = judged(&given::json_response(
        200,
        &json!({ "access_token": "a", "token_type": "Bearer", "refresh_token": "r-2", "id_token": "i" }),
    ))
    .unwrap();
    assert_eq!(tokens.refresh_token().unwrap().expose(), "r-2");
    assert_eq!(tokens.id_token().unwrap().expose(), "i");
    assert_eq!((tokens.access_token().expose(), tokens.token_type()), ("a", TokenType::Bearer));
}

/// §1, Refresh: a missing new refresh token keeps the old one.
#[test]
fn without_a_new_refresh_token_the_old_one_goes_on() {
    for body in [
        json!({ "access_token": "a", "token_type": "Bearer" }),
        json!({ "access_token": "a", "token_type": "Bearer", "refresh_token": null }),
    ] {
        let tokens = judged(&given::json_response(200, &body)).unwrap();
        assert_eq!(tokens.refresh_token().unwrap().expose(), "r-1");
        assert!(tokens.id_token().is_none(), "Core 12.2: there may be none");
    }
}

#[test]
fn a_refusal_says_why() {
    let refused =
        given::json_response(400, &json!({ "error": "invalid_grant", "error_description": "used" }));
    let error = judged(&refused).unwrap_err();
    assert_eq!((error.code(), error.actual().as_deref()), ("oidc.token_error", Some("invalid_grant, used")));
    assert!(!error.is_retryable());
}

fn judged(response: &Response<Vec<u8>>) -> Result<UnverifiedTokens, Error> {
    let client: Client = given::client();
    refresh::parse_response(&client, &"r-1".into(), &[], Dpop::Off, response)
}
