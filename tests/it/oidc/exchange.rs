//! Token exchange (RFC 8693).

use admittance::oidc::Error;
use admittance::oidc::dpop::Dpop;
use admittance::oidc::token::TokenType;
use admittance::oidc::token::exchange::{
    self, ACCESS_TOKEN, ExchangedToken, ID_TOKEN, TokenExchange, TypedToken,
};
use serde_json::{Value, json};

use super::given::{self, Counter, form, now};

#[test]
fn the_request_has_every_parameter_that_is_set() {
    let mut wanted = TokenExchange::of("subject-1".into(), ACCESS_TOKEN);
    let least = exchange::request(
        &given::provider(),
        &given::client(),
        &wanted,
        Dpop::Off,
        &mut Counter::default(),
        now(),
    )
    .unwrap();
    let names: Vec<_> = form(&least).into_keys().collect();
    assert_eq!(names, ["client_id", "grant_type", "subject_token", "subject_token_type"]);

    wanted.actor = Some(TypedToken { token: "actor-1".into(), token_type: ID_TOKEN.to_owned() });
    wanted.requested_token_type = Some(ACCESS_TOKEN.to_owned());
    wanted.audience = vec!["billing".to_owned(), "mail".to_owned()];
    wanted.resource = vec!["https://api.example/".to_owned()];
    wanted.scopes = vec!["read".to_owned(), "write".to_owned()];
    let request = exchange::request(
        &given::provider(),
        &given::client(),
        &wanted,
        Dpop::Off,
        &mut Counter::default(),
        now(),
    )
    .unwrap();
    let pairs: Vec<_> = url::form_urlencoded::parse(request.body()).into_owned().collect();
    let values = |name: &str| -> Vec<&str> {
        pairs.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
    };
    assert_eq!(values("grant_type"), ["urn:ietf:params:oauth:grant-type:token-exchange"]);
    assert_eq!(values("subject_token"), ["subject-1"]);
    assert_eq!(values("subject_token_type"), ["urn:ietf:params:oauth:token-type:access_token"]);
    assert_eq!(values("actor_token"), ["actor-1"]);
    assert_eq!(values("actor_token_type"), ["urn:ietf:params:oauth:token-type:id_token"]);
    assert_eq!(values("requested_token_type"), ["urn:ietf:params:oauth:token-type:access_token"]);
    assert_eq!(values("audience"), ["billing", "mail"]);
    assert_eq!(values("resource"), ["https://api.example/"]);
    assert_eq!(values("scope"), ["read write"]);
}

#[test]
fn a_token_needs_a_type() {
    let error = exchange::request(
        &given::provider(),
        &given::client(),
        &TokenExchange::of("subject-1".into(), ""),
        Dpop::Off,
        &mut Counter::default(),
        now(),
    );
    assert_eq!(error.unwrap_err().code(), "oidc.configuration_invalid");
}

#[test]
fn the_answer_says_what_kind_of_token_it_is() {
    let token = judged(answer()).unwrap();
    assert_eq!((token.token().expose(), token.issued_token_type()), ("x-1", ACCESS_TOKEN));
    assert_eq!((token.token_type(), token.expires_in().unwrap().as_secs()), (TokenType::Bearer, 60));
    assert_eq!((token.scopes(), token.refresh_token()), (None, None));
    assert!(!format!("{token:?}").contains("x-1"));
}

/// §2.3 #10.
#[test]
fn token_type_may_be_n_a() {
    for name in ["N_A", "n_a"] {
        let token = judged(with("token_type", json!(name))).unwrap();
        assert_eq!(token.token_type(), TokenType::NotApplicable);
    }
}

/// §2.3 #10.
#[test]
fn issued_token_type_is_required() {
    for issued in [Value::Null, json!(""), json!(1)] {
        assert_eq!(
            judged(with("issued_token_type", issued)).unwrap_err().code(),
            "oidc.token_exchange_response"
        );
    }
    let mut without = answer();
    without.as_object_mut().unwrap().remove("issued_token_type");
    assert_eq!(judged(without).unwrap_err().code(), "oidc.token_exchange_response");
}

/// The checks of every token answer come first.
#[test]
fn the_checks_of_every_answer() {
    assert_eq!(judged(with("access_token", json!(""))).unwrap_err().code(), "oidc.access_token_missing");
    assert_eq!(judged(with("token_type", json!("mac"))).unwrap_err().code(), "oidc.token_type");
    assert_eq!(judged(with("expires_in", json!(-1))).unwrap_err().code(), "oidc.expires_in");
    let note = judged(with("scope", json!("write"))).unwrap().notes()[0].clone();
    assert_eq!((note.code.as_str(), note.expected.as_deref()), ("oidc.scope_reduced", Some("read")));
    let error = exchange::parse_response(
        &given::client(),
        &TokenExchange::of("subject-1".into(), ACCESS_TOKEN),
        Dpop::Off,
        &given::json_response(400, &json!({ "error": "invalid_target" })),
    );
    assert_eq!(error.unwrap_err().code(), "oidc.token_error");
}

fn answer() -> Value {
    json!({ "access_token": "x-1", "issued_token_type": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60 })
}

fn with(member: &str, value: Value) -> Value {
    let mut answer = answer();
    answer[member] = value;
    answer
}

fn judged(answer: Value) -> Result<ExchangedToken, Error> {
    let mut wanted = TokenExchange::of("subject-1".into(), ACCESS_TOKEN);
    wanted.scopes = vec!["read".to_owned()];
    exchange::parse_response(&given::client(), &wanted, Dpop::Off, &given::json_response(200, &answer))
}
