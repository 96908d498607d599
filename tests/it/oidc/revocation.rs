//! Revocation (RFC 7009).

use admittance::oidc::token::revocation::{self, TokenKind};
use http::Response;
use serde_json::json;

use super::given::{self, Counter, form, now};

#[test]
fn the_request_names_the_token_and_its_kind() {
    for (kind, hint) in [(TokenKind::AccessToken, "access_token"), (TokenKind::RefreshToken, "refresh_token")]
    {
        let mut provider = given::provider();
        provider.revocation_endpoint = Some("https://idp.example/revoke".to_owned());
        let client = given::client();
        let request =
            revocation::request(&provider, &client, &"t-1".into(), kind, &mut Counter::default(), now())
                .unwrap();
        assert_eq!(request.uri(), "https://idp.example/revoke");
        let form = form(&request);
        assert_eq!((form["token"].as_str(), form["token_type_hint"].as_str()), ("t-1", hint));
        assert_eq!(form.len(), 3, "and client_id");
    }
}

#[test]
fn a_provider_without_the_endpoint() {
    let (provider, client) = (given::provider(), given::client());
    let error = revocation::request(
        &provider,
        &client,
        &"t".into(),
        TokenKind::AccessToken,
        &mut Counter::default(),
        now(),
    );
    assert_eq!(error.unwrap_err().code(), "oidc.unsupported_by_provider");
}

/// RFC 7009 §2.2: with 200 the token has ended or was none, whatever the body says.
#[test]
fn status_200_is_the_end_of_the_token() {
    for body in ["", "{}", "<html>", "{\"error\":\"invalid_token\"}"] {
        let response = Response::new(body.as_bytes().to_vec());
        revocation::parse_response(&given::client(), &response).unwrap();
    }
}

#[test]
fn unsupported_token_type_is_its_own_code() {
    let body = json!({ "error": "unsupported_token_type", "error_description": "opaque ones only" });
    let error = revocation::parse_response(&given::client(), &given::json_response(400, &body)).unwrap_err();
    assert_eq!(error.code(), "oidc.unsupported_token_type");
    assert_eq!(error.actual().as_deref(), Some("unsupported_token_type, opaque ones only"));
}

#[test]
fn any_other_failure() {
    let refused = given::json_response(401, &json!({ "error": "invalid_client" }));
    let error = revocation::parse_response(&given::client(), &refused).unwrap_err();
    assert_eq!((error.code(), error.actual().as_deref()), ("oidc.token_error", Some("invalid_client")));
    for (status, media_type, body) in
        [(503, "text/html", "<html>"), (204, "", ""), (400, "application/json", "[]")]
    {
        let response = given::response(status, media_type, body);
        let error = revocation::parse_response(&given::client(), &response).unwrap_err();
        assert_eq!(error.code(), "oidc.http_status");
        assert_eq!((error.expected().as_deref(), error.actual()), (Some("200"), Some(status.to_string())));
    }
}
