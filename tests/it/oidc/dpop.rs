//! DPoP: what a proof says, that it verifies, and that a provider's wish for a nonce is followed once.

use admittance::jose::{Algorithm, PrivateKey};
use admittance::oidc::dpop::{self, Dpop, DpopKey, DpopNonce};
use admittance::oidc::token::{TokenType, refresh};
use admittance::oidc::{Client, Error, userinfo};
use http::{Request, Response};
use ring::signature;
use serde_json::{Value, json};

use super::given::{self, Counter, decoded, now};
use admittance::testing::oidc_provider::TestKey;

#[test]
fn a_proof_says_what_it_is_for() {
    let key = key(TestKey::P256);
    let (header, claims) = proof(&sent(with(&key, DpopNonce::None)));
    assert_eq!(header, json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": TestKey::P256.jwk() }));
    assert_eq!(
        (&claims["htm"], &claims["htu"], &claims["iat"]),
        (&json!("POST"), &json!("https://idp.example/token"), &json!(now().to_unix_millis() / 1000))
    );
    assert_eq!(claims["jti"].as_str().unwrap().len(), 22, "128 bits");
    assert_eq!(claims.as_object().unwrap().len(), 4, "no nonce, no ath");
}

/// RFC 9449 §4.2: htu is the address without query and fragment.
#[test]
fn htu_has_no_query() {
    let mut provider = given::provider();
    provider.token_endpoint = "https://idp.example/token?tenant=1".to_owned();
    let key = key(TestKey::P256);
    let dpop = with(&key, DpopNonce::None);
    let request =
        refresh::request(&provider, &given::client(), &"r".into(), &[], dpop, &mut Counter::default(), now());
    let request = request.unwrap();
    assert_eq!(request.uri(), "https://idp.example/token?tenant=1");
    assert_eq!(proof(&request).1["htu"], json!("https://idp.example/token"));
}

#[test]
fn a_nonce_is_repeated_in_the_proof() {
    let key = key(TestKey::P256);
    for nonce in [DpopNonce::Kept("n-1"), DpopNonce::Retry("n-1")] {
        assert_eq!(proof(&sent(with(&key, nonce))).1["nonce"], json!("n-1"));
    }
    assert_eq!(proof(&sent(with(&key, DpopNonce::None).retry("n-2"))).1["nonce"], json!("n-2"));
}

#[test]
fn every_proof_has_another_jti() {
    let (key, mut entropy) = (key(TestKey::P256), Counter::default());
    let mut jti = || {
        let (provider, client, dpop) = (given::provider(), given::client(), with(&key, DpopNonce::None));
        let request =
            refresh::request(&provider, &client, &"r".into(), &[], dpop, &mut entropy, now()).unwrap();
        proof(&request).1["jti"].clone()
    };
    assert_ne!(jti(), jti());
}

/// Each algorithm, verified by `ring` alone with the key in the header.
#[test]
fn proofs_verify_with_the_key_in_their_header() {
    let cases: [(TestKey, Option<Algorithm>, &str, &'static dyn signature::VerificationAlgorithm); 5] = [
        (TestKey::P256, None, "ES256", &signature::ECDSA_P256_SHA256_FIXED),
        (TestKey::P384, None, "ES384", &signature::ECDSA_P384_SHA384_FIXED),
        (TestKey::Ed25519, None, "EdDSA", &signature::ED25519),
        (TestKey::Rsa, None, "RS256", &signature::RSA_PKCS1_2048_8192_SHA256),
        (TestKey::Rsa, Some(Algorithm::PS256), "PS256", &signature::RSA_PSS_2048_8192_SHA256),
    ];
    for (test_key, algorithm, name, verification) in cases {
        let key = key(test_key);
        let key = match algorithm {
            Some(algorithm) => key.with_algorithm(algorithm).unwrap(),
            None => key,
        };
        let request = sent(with(&key, DpopNonce::None));
        let (header, _) = proof(&request);
        assert_eq!(header["alg"], json!(name));
        assert_eq!(header["jwk"], test_key.jwk(), "public members alone");
        let text = request.headers()["dpop"].to_str().unwrap();
        let (signed, tag) = text.rsplit_once('.').unwrap();
        let tag = admittance::encoding::base64url_decode(tag.as_bytes()).unwrap();
        given::verify(&header["jwk"], verification, signed.as_bytes(), &tag).unwrap();
    }
}

#[test]
fn an_algorithm_that_does_not_fit_the_key_is_refused() {
    for algorithm in [Algorithm::ES384, Algorithm::RS256, Algorithm::HS256, Algorithm::EdDSA] {
        let error = key(TestKey::P256).with_algorithm(algorithm).unwrap_err();
        assert_eq!(error.code(), "oidc.signing_failed");
    }
}

/// RFC 7638 §3.1 and RFC 9449 §6.1 give keys with their thumbprints; ours is computed by the same rule.
#[test]
fn the_thumbprint_is_the_one_of_the_standard() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    let jwk = TestKey::P256.jwk();
    let members = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]);
    let digest = ring::digest::digest(&ring::digest::SHA256, members.as_bytes());
    let key = key(TestKey::P256);
    assert_eq!(key.thumbprint(), URL_SAFE_NO_PAD.encode(digest.as_ref()));
    assert_eq!(with(&key, DpopNonce::None).thumbprint(), Some(key.thumbprint()));
    assert_eq!(Dpop::Off.thumbprint(), None);
}

/// RFC 9449 §4.2: `ath` is the hash of the access token; the values are those of its §7.1.
#[test]
fn a_proof_for_a_resource_has_the_hash_of_the_token() {
    let key = key(TestKey::P256);
    let dpop = with(&key, DpopNonce::Kept("n-1"));
    let access_token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    let answer = json!({ "access_token": access_token, "token_type": "DPoP" });
    let tokens = judged(dpop, &given::json_response(200, &answer)).unwrap();
    let (provider, client) = (given::provider(), given::client());
    let request =
        userinfo::request(&provider, &client, &tokens, dpop, &mut Counter::default(), now()).unwrap();
    assert_eq!(request.headers()["authorization"], format!("DPoP {access_token}").as_str());
    let (_, claims) = proof(&request);
    assert_eq!(claims["ath"], json!("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"));
    assert_eq!((&claims["htm"], &claims["htu"]), (&json!("GET"), &json!("https://idp.example/userinfo")));
    assert_eq!(claims["nonce"], json!("n-1"));
}

/// §2.3 #2: the wish for a nonce is an error with the value for a second request.
#[test]
fn a_wish_for_a_nonce_is_retryable() {
    let key = key(TestKey::P256);
    for nonce in [DpopNonce::None, DpopNonce::Kept("old")] {
        for status in [400, 401] {
            let error = judged(with(&key, nonce), &wish(status, Some("n-1"))).unwrap_err();
            assert_eq!((error.code(), error.is_retryable()), ("oidc.use_dpop_nonce", true));
            assert!(matches!(error, Error::UseDpopNonce { nonce } if nonce == "n-1"));
        }
    }
}

/// §2.3 #2.
#[test]
fn a_second_wish_for_a_nonce_is_the_end() {
    let key = key(TestKey::P256);
    let error = judged(with(&key, DpopNonce::None).retry("n-1"), &wish(400, Some("n-2"))).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("oidc.dpop_nonce_repeated", false));
}

/// §2.3 #3: a wish that cannot be followed is a failure like any other.
#[test]
fn a_wish_that_cannot_be_followed_is_a_token_error() {
    let key = key(TestKey::P256);
    let dpop = with(&key, DpopNonce::None);
    let long = "n".repeat(1025);
    for nonce in [None, Some(""), Some("a b"), Some("a\"b"), Some("a\\b"), Some(long.as_str())] {
        let error = judged(dpop, &wish(400, nonce)).unwrap_err();
        assert_eq!((error.code(), error.is_retryable()), ("oidc.token_error", false), "{nonce:?}");
    }
    let mut two = wish(400, Some("n-1"));
    two.headers_mut().append("DPoP-Nonce", "n-2".parse().unwrap());
    assert_eq!(judged(dpop, &two).unwrap_err().code(), "oidc.token_error");
    // Without a proof there is nothing to put a nonce into.
    assert_eq!(judged(Dpop::Off, &wish(400, Some("n-1"))).unwrap_err().code(), "oidc.token_error");
    assert_eq!(judged(dpop, &wish(403, Some("n-1"))).unwrap_err().code(), "oidc.token_error");
}

#[test]
fn the_next_nonce_is_read_from_any_answer() {
    let response = |nonce: &str| Response::builder().header("DPoP-Nonce", nonce).body(Vec::new()).unwrap();
    assert_eq!(dpop::next_nonce(&response("abc!~[]")), Some("abc!~[]"));
    assert_eq!(dpop::next_nonce(&response("a b")), None);
    assert_eq!(dpop::next_nonce(&Response::new(Vec::new())), None);
}

/// §2.3 #5: the token type may be DPoP when a proof was sent, in any case; a token that is bound to nothing is noted.
#[test]
fn a_bound_token() {
    let key = key(TestKey::P256);
    let answer = |token_type: &str| {
        given::json_response(200, &json!({ "access_token": "a", "token_type": token_type, "expires_in": 5 }))
    };
    for name in ["DPoP", "dpop", "DPOP"] {
        let tokens = judged(with(&key, DpopNonce::None), &answer(name)).unwrap();
        assert_eq!((tokens.token_type(), tokens.notes().len()), (TokenType::Dpop, 0));
        let error = judged(Dpop::Off, &answer(name)).unwrap_err();
        assert_eq!(error.code(), "oidc.token_type");
        assert_eq!((error.expected().as_deref(), error.actual().as_deref()), (Some("Bearer"), Some(name)));
    }
    let tokens = judged(with(&key, DpopNonce::None), &answer("bearer")).unwrap();
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.notes()[0].code, "oidc.dpop_not_used");
}

#[test]
fn debug_shows_the_thumbprint_alone() {
    let key = key(TestKey::P256);
    let shown = format!("{:?}", with(&key, DpopNonce::Kept("n")));
    assert!(shown.contains(key.thumbprint()) && !shown.contains("BEGIN") && shown.len() < 200, "{shown}");
}

fn key(key: TestKey) -> DpopKey {
    DpopKey::new(PrivateKey::from_pem(key.key_pem().as_bytes()).unwrap())
}

fn with<'k>(key: &'k DpopKey, nonce: DpopNonce<'k>) -> Dpop<'k> {
    Dpop::With { key, nonce }
}

fn sent(dpop: Dpop<'_>) -> Request<Vec<u8>> {
    let (provider, client) = (given::provider(), given::client());
    refresh::request(&provider, &client, &"r".into(), &[], dpop, &mut Counter::default(), now()).unwrap()
}

fn proof(request: &Request<Vec<u8>>) -> (Value, Value) {
    assert_eq!(request.headers().get_all("dpop").iter().count(), 1);
    decoded(request.headers()["dpop"].to_str().unwrap())
}

fn judged(
    dpop: Dpop<'_>,
    response: &Response<Vec<u8>>,
) -> Result<admittance::oidc::token::UnverifiedTokens, Error> {
    let client: Client = given::client();
    refresh::parse_response(&client, &"r".into(), &[], dpop, response)
}

fn wish(status: u16, nonce: Option<&str>) -> Response<Vec<u8>> {
    let mut response = given::json_response(status, &json!({ "error": "use_dpop_nonce" }));
    if let Some(nonce) = nonce {
        response.headers_mut().insert("DPoP-Nonce", nonce.parse().unwrap());
    }
    response
}
