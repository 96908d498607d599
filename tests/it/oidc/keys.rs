//! The provider's keys: reading them, how long they are fresh, and when they are fetched anew.

use std::time::Duration;

use admittance::crypto::Secret;
use admittance::jose::{Algorithm, Algorithms};
use admittance::note::Note;
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::keys::{self, FetchedKeys, KeysFor};
use admittance::oidc::{Client, Error};
use admittance::testing::oidc_provider::{OidcProvider, Published, SigningAlgorithm, TestKey};
use admittance::time::Timestamp;
use http::{Method, Response};
use serde_json::{Value, json};

use super::given::{self, now};

#[test]
fn the_request_asks_for_a_key_set() {
    let request = keys::request(&given::provider(), &given::client()).unwrap();
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&Method::GET, "https://idp.example/jwks")
    );
    assert_eq!(request.headers()["accept"], "application/jwk-set+json, application/json");
    assert!(request.body().is_empty());

    let mut provider = given::provider();
    provider.jwks_uri = "https://192.168.0.1/jwks".to_owned();
    assert_eq!(keys::request(&provider, &given::client()).unwrap_err().code(), "oidc.url_not_allowed");
}

/// §3.3 #1.
#[test]
fn another_status_than_200() {
    for status in [201, 204, 304, 404, 500] {
        let error = parsed(&given::json_response(status, &set())).unwrap_err();
        assert_eq!((error.code(), error.actual()), ("oidc.http_status", Some(status.to_string())));
    }
}

/// §3.3 #1.
#[test]
fn two_media_types_are_read() {
    for fine in [
        "application/json",
        "application/jwk-set+json",
        "Application/JWK-Set+JSON; charset=utf-8",
        "application/json ;x",
    ] {
        parsed(&given::response(200, fine, set().to_string())).unwrap();
    }
    for wrong in ["text/html", "application/jwt", "application/jwk+json", ""] {
        let error = parsed(&given::response(200, wrong, set().to_string())).unwrap_err();
        assert_eq!((error.code(), error.actual().as_deref()), ("oidc.content_type", Some(wrong)));
    }
}

/// §3.3 #1.
#[test]
fn a_document_that_is_too_large() {
    let body = |length: usize| {
        let mut body = set().to_string();
        body.extend(std::iter::repeat_n(' ', length - body.len()));
        given::response(200, "application/json", body)
    };
    parsed(&body(1024 * 1024)).unwrap();
    assert_eq!(parsed(&body(1024 * 1024 + 1)).unwrap_err().code(), "oidc.body_too_large");
    let keys = |count| json!({ "keys": vec![TestKey::P256.jwk(); count] });
    parsed(&given::json_response(200, &keys(100))).unwrap();
    assert_eq!(parsed(&given::json_response(200, &keys(101))).unwrap_err().code(), "oidc.json_invalid");
}

/// §3.3 #1, §3.5.
#[test]
fn a_document_that_is_no_key_set() {
    let twice = set().to_string().replacen("{\"keys\"", "{\"keys\":[],\"keys\"", 1);
    for (body, code) in [
        ("{}", "oidc.json_invalid"),
        ("{\"keys\":{}}", "oidc.json_invalid"),
        ("[]", "oidc.json_invalid"),
        ("", "oidc.json_invalid"),
        (&format!("{} x", set()), "oidc.json_invalid"),
        (&twice, "oidc.json_duplicate_member"),
    ] {
        assert_eq!(
            parsed(&given::response(200, "application/json", body)).unwrap_err().code(),
            code,
            "{body}"
        );
    }
}

/// §3.3 #2.
#[test]
fn one_bad_key_does_not_spoil_the_set() {
    let set = json!({ "keys": [{ "kty": "RSA", "kid": 7 }, named(TestKey::P256, "good"), "no object"] });
    let (keys, notes) = parsed(&given::json_response(200, &set)).unwrap();
    assert_eq!(keys.jwks().keys().len(), 1);
    let codes: Vec<_> = notes.iter().map(|note| note.code.as_str()).collect();
    assert_eq!(codes, ["oidc.key_skipped", "oidc.key_skipped"]);
}

/// §3.3 #2.
#[test]
fn a_set_without_a_usable_key() {
    for set in [json!({ "keys": [] }), json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] })] {
        assert_eq!(parsed(&given::json_response(200, &set)).unwrap_err().code(), "oidc.jwks_empty");
    }
}

/// A provider that signs by the client secret needs none; only a client that has one and allows it reads that.
#[test]
fn without_keys_where_the_client_secret_signs() {
    let empty = given::json_response(200, &json!({ "keys": [] }));
    let confidential = || {
        let secret = Secret::new("a client secret of more than thirty-two bytes");
        given::client().authenticated_by(ClientAuthentication::ClientSecretBasic { secret })
    };
    let hmac = || Algorithms::new([Algorithm::RS256, Algorithm::HS256]);
    let read = |client: &Client| keys::parse_response(client, &empty, now()).map(|(keys, _)| keys);
    let code = |client: &Client| read(client).unwrap_err().code();
    assert_eq!(code(&confidential()), "oidc.jwks_empty");
    let mut public = given::client();
    public.policy.algs = hmac();
    assert_eq!(code(&public), "oidc.jwks_empty");

    let mut client = confidential();
    client.policy.algs = hmac();
    let keys = read(&client).unwrap();
    assert_eq!(keys.jwks().keys().len(), 0);
    let header = admittance::encoding::base64url_encode(br#"{"alg":"HS256"}"#);
    assert_eq!(decision_for(&client, &keys, &format!("{header}.e30.AAAA"), 100), "use");
    assert_eq!(decision_for(&client, &keys, &token("known"), 100), "refetch", "by a key that is not there");

    // Keys that were there go on
    let (stored, unknown) = (stored(), token("unknown"));
    let found = keys::keys_for(&given::provider(), &client, &unknown, Some(&stored), at(100)).unwrap();
    let KeysFor::Refetch(refetch) = found else { panic!("old enough") };
    let (after, notes) = keys::parse_refetched(&client, &refetch, Some(&empty), at(100)).unwrap();
    assert_eq!(after.jwks(), stored.jwks());
    assert_eq!(
        (notes[0].code.as_str(), notes[0].actual.as_deref()),
        ("oidc.jwks_refetch_failed", Some("oidc.jwks_empty"))
    );
}

/// §3.3 #3: what is stored has no private member.
#[test]
fn private_members_are_dropped() {
    let mut key = named(TestKey::P256, "k");
    key["d"] = json!("c2VjcmV0");
    let (keys, notes) = parsed(&given::json_response(200, &json!({ "keys": [key] }))).unwrap();
    assert_eq!(notes[0].code, "oidc.key_private");
    assert!(!serde_json::to_string(&keys).unwrap().contains("c2VjcmV0"));
}

/// §3.3 #4.
#[test]
fn freshness_is_what_cache_control_says_within_bounds() {
    let day = 24 * 60 * 60;
    for (cache_control, seconds) in [
        (None, 300),
        (Some("public"), 300),
        (Some("max-age=3600"), 3600),
        (Some("public, MAX-AGE=\"3600\", must-revalidate"), 3600),
        (Some("max-age=3600, max-age=120"), 120),
        (Some("max-age=1"), 60),
        (Some("max-age=0"), 60),
        (Some("no-store"), 60),
        (Some("no-cache, max-age=3600"), 60),
        (Some("max-age=100000"), day),
        (Some("max-age=99999999999999999999999"), day),
        (Some("max-age=-5"), 300),
        (Some("max-age=1h"), 300),
        (Some("s-maxage=3600"), 300),
    ] {
        let mut response = given::json_response(200, &set());
        if let Some(value) = cache_control {
            response.headers_mut().insert("Cache-Control", value.parse().unwrap());
        }
        let (keys, _) = parsed(&response).unwrap();
        assert_eq!(keys.fetched_at(), now());
        assert_eq!(keys.expires_at(), at(seconds), "{cache_control:?}");
    }
}

#[test]
fn the_policy_says_how_long_keys_are_fresh_when_the_answer_does_not() {
    let mut client = given::client();
    client.policy.jwks_ttl = Duration::from_secs(900);
    let (keys, _) = keys::parse_response(&client, &given::json_response(200, &set()), now()).unwrap();
    assert_eq!(keys.expires_at(), at(900));
}

/// §3.3 #4.
#[test]
fn the_set_can_be_stored() {
    let keys = stored();
    let text = serde_json::to_string(&keys).unwrap();
    assert_eq!(serde_json::from_str::<FetchedKeys>(&text).unwrap(), keys);
    let other_version = text.replacen("\"version\":1", "\"version\":2", 1);
    assert!(serde_json::from_str::<FetchedKeys>(&other_version).is_err());
    assert!(serde_json::from_str::<FetchedKeys>(&text.replacen('{', "{\"more\":1,", 1)).is_err());
}

/// §3.3 #5.
#[test]
fn keys_that_fit_are_used() {
    let keys = stored();
    for seconds in [0, 1, 59, 60, 299] {
        assert_eq!(decision(&keys, &token("known"), seconds), "use");
    }
}

/// §3.3 #5.
#[test]
fn an_unknown_kid_fetches_anew_once_the_set_is_old_enough() {
    let keys = stored();
    for (seconds, expected) in
        [(0, "too soon until 60"), (59, "too soon until 60"), (60, "refetch"), (299, "refetch")]
    {
        assert_eq!(decision(&keys, &token("unknown"), seconds), expected);
    }
    let mut client = given::client();
    client.policy.jwks_min_refetch = Duration::from_secs(200);
    assert_eq!(decision_for(&client, &keys, &token("unknown"), 199), "too soon until 200");
    assert_eq!(decision_for(&client, &keys, &token("unknown"), 200), "refetch");
}

/// §4: however many tokens name made-up keys, the keys are fetched once a minute, and once for each token.
#[test]
fn kid_flood() {
    let client = given::client();
    let (mut keys, mut fetched) = (stored(), Vec::new());
    let flood: Vec<_> = (0..10).map(|number| token(&format!("made-up-{number}"))).collect();
    for second in 0..600 {
        for token in &flood {
            let found = keys::keys_for(&given::provider(), &client, token, Some(&keys), at(second)).unwrap();
            let next = match found {
                KeysFor::Refetch(refetch) => {
                    fetched.push((second, token.clone()));
                    let answer = given::json_response(200, &set());
                    keys::parse_refetched(&client, &refetch, Some(&answer), at(second)).unwrap().0
                }
                KeysFor::TooSoon { .. } => continue,
                KeysFor::Use { .. } => panic!("no key has this kid"),
            };
            keys = next;
        }
    }
    assert!(fetched.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 60), "{fetched:?}");
    let mut tokens: Vec<_> = fetched.iter().map(|(_, token)| token).collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!((fetched.len(), tokens.len()), (9, 9), "a token was fetched for twice");
}

/// §3.3 #5: never more than one refetch for one token.
#[test]
fn a_token_is_fetched_for_once() {
    let client = given::client();
    let token = token("unknown");
    let keys = stored();
    let KeysFor::Refetch(refetch) =
        keys::keys_for(&given::provider(), &client, &token, Some(&keys), at(100)).unwrap()
    else {
        panic!("the set is old enough");
    };
    assert_eq!(refetch.request().uri(), "https://idp.example/jwks");
    let answer = given::json_response(200, &set());
    let (keys, _) = keys::parse_refetched(&client, &refetch, Some(&answer), at(100)).unwrap();
    assert_eq!(keys.fetched_at(), at(100));
    // What is stored remembers it.
    let keys = serde_json::from_str(&serde_json::to_string(&keys).unwrap()).unwrap();
    for seconds in [100, 160, 399] {
        assert_eq!(decision(&keys, &token, seconds), "too soon until 400");
    }
    assert_eq!(decision(&keys, &self::token("another"), 160), "refetch");
    assert_eq!(decision(&keys, &self::token("known"), 160), "use");
}

/// §3.3 #5, conformance "signing key rotation just before signing": an unknown kid, the keys anew, the same token.
#[test]
fn a_rotation_is_followed() {
    let client = given::client();
    let mut op = OidcProvider::new(1);
    let provider = given::provider_of(&op);
    let fetch = |op: &mut OidcProvider, seconds| {
        let request = keys::request(&provider, &client).unwrap();
        let answer = op.receive(&request, at(seconds));
        keys::parse_response(&client, &answer, at(seconds)).unwrap().0
    };
    let keys = fetch(&mut op, 0);
    op.rotate(TestKey::P256);
    let token = signed(TestKey::P256, json!({ "alg": "ES256", "kid": TestKey::P256.kid() }));
    let KeysFor::Refetch(refetch) = keys::keys_for(&provider, &client, &token, Some(&keys), at(90)).unwrap()
    else {
        panic!("the key is new");
    };
    let answer = op.receive(&refetch.request(), at(90));
    let (keys, notes) = keys::parse_refetched(&client, &refetch, Some(&answer), at(90)).unwrap();
    assert_eq!(notes, []);
    let found = keys::keys_for(&provider, &client, &token, Some(&keys), at(90)).unwrap();
    assert!(matches!(found, KeysFor::Use { .. }));
}

#[test]
fn without_keys_they_are_fetched() {
    let found = keys::keys_for(&given::provider(), &given::client(), &token("known"), None, now()).unwrap();
    let KeysFor::Refetch(refetch) = found else { panic!("there are none") };
    let (keys, notes) =
        keys::parse_refetched(&given::client(), &refetch, Some(&given::json_response(200, &set())), now())
            .unwrap();
    assert_eq!((keys.fetched_at(), notes.len()), (now(), 0));
    let error = keys::parse_refetched(&given::client(), &refetch, None, now()).unwrap_err();
    assert_eq!(error.code(), "oidc.jwks_unavailable");
    let failed = given::json_response(503, &json!({}));
    let error = keys::parse_refetched(&given::client(), &refetch, Some(&failed), now()).unwrap_err();
    assert_eq!(error.code(), "oidc.http_status");
}

#[test]
fn expired_keys_are_fetched_anew() {
    let keys = stored();
    assert_eq!(decision(&keys, &token("known"), 300), "refetch");
    assert_eq!(decision(&keys, &token("unknown"), 300), "refetch");
}

/// §3.3 #6.
#[test]
fn expired_keys_are_used_for_a_day_while_they_cannot_be_fetched() {
    let day = 24 * 60 * 60;
    let keys = failed_refetch(&stored(), 300).unwrap();
    // A failure waits for a minute, too.
    assert_eq!(decision(&keys, &token("known"), 301), "use: oidc.jwks_stale");
    assert_eq!(decision(&keys, &token("known"), 359), "use: oidc.jwks_stale");
    assert_eq!(decision(&keys, &token("unknown"), 301), "too soon until 360");
    assert_eq!(decision(&keys, &token("known"), 360), "refetch");

    let keys = failed_refetch(&keys, 300 + day - 10).unwrap();
    assert_eq!(decision(&keys, &token("known"), 300 + day - 1), "use: oidc.jwks_stale");
    assert_eq!(decision(&keys, &token("known"), 300 + day), format!("too soon until {}", 300 + day + 50));
    assert_eq!(decision(&keys, &token("known"), 300 + day + 50), "refetch");
    let error = failed_refetch(&keys, 300 + day + 50).unwrap_err();
    assert_eq!(error.code(), "oidc.jwks_unavailable");
}

#[test]
fn a_failed_refetch_leaves_the_keys_of_before() {
    let client = given::client();
    let keys = stored();
    for answer in
        [None, Some(given::json_response(500, &json!({}))), Some(given::json_response(200, &json!({})))]
    {
        for (seconds, codes) in [
            (100, vec!["oidc.jwks_refetch_failed"]),
            (300, vec!["oidc.jwks_refetch_failed", "oidc.jwks_stale"]),
        ] {
            let unknown = token("unknown");
            let found =
                keys::keys_for(&given::provider(), &client, &unknown, Some(&keys), at(seconds)).unwrap();
            let KeysFor::Refetch(refetch) = found else { panic!("old enough") };
            let (after, notes) =
                keys::parse_refetched(&client, &refetch, answer.as_ref(), at(seconds)).unwrap();
            assert_eq!((after.jwks(), after.fetched_at()), (keys.jwks(), now()));
            assert_eq!(notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>(), codes);
        }
    }
}

/// A clock that once was ahead does not keep the keys for ever.
#[test]
fn keys_from_the_future_are_fetched_anew() {
    let (keys, _) =
        keys::parse_response(&given::client(), &given::json_response(200, &set()), at(1_000_000)).unwrap();
    assert_eq!(decision(&keys, &token("known"), 1_000_000 - 60), "use", "clocks of two hosts");
    assert_eq!(decision(&keys, &token("known"), 1_000_000 - 61), "refetch");
}

/// A token without kid is given to validation when a key fits, and fetches the keys anew when none does.
#[test]
fn a_token_without_kid() {
    let keys = stored();
    let fits = signed(TestKey::Rsa, json!({ "alg": "RS256" }));
    assert_eq!(decision(&keys, &fits, 100), "use");
    let no_key = signed(TestKey::P384, json!({ "alg": "ES384" }));
    assert_eq!(decision(&keys, &no_key, 100), "refetch");
}

/// Validation says what is wrong with a token; no key would help.
#[test]
fn a_token_that_no_key_would_help_is_given_to_validation() {
    let keys = stored();
    let none = "eyJhbGciOiJub25lIiwia2lkIjoidW5rbm93biJ9.e30.";
    let hmac = "eyJhbGciOiJIUzI1NiIsImtpZCI6InVua25vd24ifQ.e30.AAAA";
    let wrong_type = signed(TestKey::P256, json!({ "alg": "ES256", "kid": "known" }));
    for token in
        ["", "a", "a.b", "a.b.c", "a.b.c.d", "a.b.c.d.e", none, hmac, &wrong_type, &"a".repeat(70_000)]
    {
        assert_eq!(decision(&keys, token, 100), "use", "{token:.40}");
    }
}

/// §3.1: HMAC is by the client secret, whatever name of a key stands beside it.
#[test]
fn a_token_with_hmac_fetches_no_keys() {
    let mut client = given::client();
    client.policy.algs = Algorithms::new([Algorithm::RS256, Algorithm::HS256]);
    for header in [json!({ "alg": "HS256" }), json!({ "alg": "HS256", "kid": "unknown" })] {
        let header = admittance::encoding::base64url_encode(header.to_string().as_bytes());
        assert_eq!(decision_for(&client, &stored(), &format!("{header}.e30.AAAA"), 100), "use", "{header}");
        assert_eq!(decision_for(&client, &stored(), &format!("{header}.e30.AAAA"), 10), "use", "{header}");
    }
}

/// §6: PingFederate publishes a key twice under one name, with and without alg.
#[test]
fn kid_published_twice() {
    let mut op = OidcProvider::new(1);
    op.style.published = Published::Twice;
    let (keys, notes) = parsed(&given::json_response(200, &op.key_set())).unwrap();
    assert_eq!((keys.jwks().keys().len(), notes.len()), (2, 0));
    let token = signed(TestKey::Rsa, json!({ "alg": "RS256", "kid": TestKey::Rsa.kid() }));
    assert_eq!(decision(&keys, &token, 100), "use");
}

/// §6: a content type with a character set.
#[test]
fn content_type_with_charset() {
    parsed(&given::response(200, "application/json;charset=UTF-8", set().to_string())).unwrap();
}

/// Keys fetched at [`now`], fresh for 300 s, with an RSA key that is named `known`.
fn stored() -> FetchedKeys {
    parsed(&given::json_response(200, &set())).unwrap().0
}

fn set() -> Value {
    json!({ "keys": [named(TestKey::Rsa, "known")] })
}

fn named(key: TestKey, kid: &str) -> Value {
    let mut jwk = key.jwk();
    jwk["kid"] = json!(kid);
    jwk
}

fn token(kid: &str) -> String {
    signed(TestKey::Rsa, json!({ "alg": "RS256", "kid": kid }))
}

fn signed(key: TestKey, header: Value) -> String {
    let algorithm = match header["alg"].as_str().unwrap() {
        "RS256" => SigningAlgorithm::Rs256,
        "ES256" => SigningAlgorithm::Es256,
        _ => SigningAlgorithm::Es384,
    };
    let part = |value: &str| admittance::encoding::base64url_encode(value.as_bytes());
    let signed = format!("{}.{}", part(&header.to_string()), part("{}"));
    let tag = key.sign(algorithm, signed.as_bytes()).unwrap();
    format!("{signed}.{}", admittance::encoding::base64url_encode(&tag))
}

fn parsed(response: &Response<Vec<u8>>) -> Result<(FetchedKeys, Vec<Note>), Error> {
    keys::parse_response(&given::client(), response, now())
}

fn failed_refetch(keys: &FetchedKeys, seconds: u64) -> Result<FetchedKeys, Error> {
    let client = given::client();
    let token = token("known");
    let found = keys::keys_for(&given::provider(), &client, &token, Some(keys), at(seconds)).unwrap();
    let KeysFor::Refetch(refetch) = found else { panic!("no refetch at {seconds}") };
    keys::parse_refetched(&client, &refetch, None, at(seconds)).map(|(keys, _)| keys)
}

fn decision(keys: &FetchedKeys, token: &str, seconds: u64) -> String {
    decision_for(&given::client(), keys, token, seconds)
}

fn decision_for(client: &Client, keys: &FetchedKeys, token: &str, seconds: u64) -> String {
    match keys::keys_for(&given::provider(), client, token, Some(keys), at(seconds)).unwrap() {
        KeysFor::Use { notes, .. } if notes.is_empty() => "use".to_owned(),
        KeysFor::Use { notes, .. } => format!("use: {}", notes[0].code),
        KeysFor::Refetch(_) => "refetch".to_owned(),
        KeysFor::TooSoon { until } => {
            format!("too soon until {}", until.duration_since(now()).unwrap().as_secs())
        }
    }
}

fn at(seconds: u64) -> Timestamp {
    now().checked_add(Duration::from_secs(seconds)).unwrap()
}
