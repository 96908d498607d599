//! The provider without the library on the other side: what it answers, and what it refuses.

use admittance::encoding::{base64_encode, base64url_decode, base64url_encode};
use admittance::testing::oidc_provider::{
    Callback, LogoutError, OidcProvider, RegisteredClient, RequestError, Shape, TestKey, User,
};
use admittance::time::Timestamp;
use http::{Request, Response};
use serde_json::Value;
use url::Url;

const CALLBACK: &str = "https://rp.example/callback";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

#[test]
fn a_sign_in_gives_tokens_and_userinfo() {
    for shape in Shape::ALL {
        let mut provider = OidcProvider::new(1).shaped(shape).with_client(client());
        let metadata = json(&provider.receive(&fetch(&provider.metadata_url()), now()));
        assert!(metadata["issuer"].as_str().unwrap().starts_with("https://"), "{shape:?}");
        let keys = json(&provider.receive(&fetch(metadata["jwks_uri"].as_str().unwrap()), now()));
        assert!(!keys["keys"].as_array().unwrap().is_empty());

        let callback = provider.authorize(&request(&provider), &ada(), now()).unwrap();
        let Callback::Redirect(url) = &callback else { panic!("{callback:?}") };
        let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let tokens = json(&provider.receive(&redeem(&provider, &code, VERIFIER), now()));
        let id_token = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!(id_token["nonce"], "n-1", "{shape:?}");
        let userinfo = json(&provider.receive(&userinfo(&provider, &tokens), now()));
        assert_eq!(userinfo["sub"], id_token["sub"], "{shape:?}");
        assert_eq!(
            provider.receive(&redeem(&provider, &code, VERIFIER), now()).status(),
            400,
            "a code is good for once"
        );
    }
}

#[test]
fn a_wrong_verifier_client_secret_or_address_gives_nothing() {
    let mut provider = OidcProvider::new(2).with_client(client());
    let mut code = || {
        let callback = provider.authorize(&request(&provider), &ada(), now()).unwrap();
        Url::parse(&format!("https://x.example/?{}", callback.parameters()))
            .unwrap()
            .query_pairs()
            .next()
            .unwrap()
            .1
            .into_owned()
    };
    let (first, second, third) = (code(), code(), code());
    assert_ne!(first, second);
    let mut refused = |request: &Request<Vec<u8>>, error: &str| {
        let response = provider.receive(request, now());
        assert_eq!(json(&response)["error"], error, "{request:?}");
    };
    let other = base64url_encode(&[1; 32]);
    refused(&redeem(&OidcProvider::new(2), &first, &other), "invalid_grant");
    let mut request = redeem(&OidcProvider::new(2), &second, VERIFIER);
    request.headers_mut().remove("authorization");
    refused(&request, "invalid_client");
    let body = String::from_utf8(redeem(&OidcProvider::new(2), &third, VERIFIER).into_body()).unwrap();
    let mut request = redeem(&OidcProvider::new(2), &third, VERIFIER);
    *request.body_mut() = format!("{body}&client_secret=s3cret").into_bytes();
    refused(&request, "invalid_request");
    let mut request = redeem(&OidcProvider::new(2), &third, VERIFIER);
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    refused(&request, "invalid_request");
    assert_eq!(provider.receive(&redeem(&OidcProvider::new(2), &third, VERIFIER), now()).status(), 200);
}

/// Of several sessions the one that is hinted at ends.
#[test]
fn a_logout_ends_one_session() {
    let mut provider = OidcProvider::new(7).with_client(client());
    let callback = provider.authorize(&request(&provider), &ada(), now()).unwrap();
    let code = Url::parse(&format!("https://x.example/?{}", callback.parameters())).unwrap();
    let code = code.query_pairs().next().unwrap().1.into_owned();
    let tokens = json(&provider.receive(&redeem(&provider, &code, VERIFIER), now()));
    provider.authorize(&request(&provider), &ada(), now()).unwrap();
    assert_eq!(provider.sessions.len(), 2);

    let mut url = Url::parse(&provider.endpoints.end_session).unwrap();
    url.query_pairs_mut().append_pair("id_token_hint", "e30.e30.AAAA");
    assert_eq!(provider.end_session(&url), Err(LogoutError::IdTokenHint));
    url.query_pairs_mut().clear().append_pair("id_token_hint", tokens["id_token"].as_str().unwrap());
    url.query_pairs_mut().append_pair("post_logout_redirect_uri", "https://elsewhere.example/");
    assert_eq!(provider.end_session(&url), Err(LogoutError::PostLogoutRedirectUri));
    url.query_pairs_mut().clear().append_pair("id_token_hint", tokens["id_token"].as_str().unwrap());
    assert_eq!(provider.end_session(&url), Ok(None));
    assert_eq!(provider.sessions.len(), 1);
    assert_ne!(claims(tokens["id_token"].as_str().unwrap())["sid"], provider.sessions[0].sid);
}

#[test]
fn a_request_must_be_of_the_code_flow_with_pkce_state_and_nonce() {
    let mut provider = OidcProvider::new(3).with_client(client());
    let whole = request(&provider);
    for name in [
        "client_id",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
    ] {
        let mut url = whole.clone();
        let kept: Vec<_> = whole.query_pairs().into_owned().filter(|(other, _)| other != name).collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
        let refused = provider.authorize(&url, &ada(), now()).unwrap_err();
        assert!(
            matches!(&refused, RequestError::Parameter { name: named, .. } if *named == name),
            "{refused:?}"
        );
    }
    let mut twice = whole.clone();
    twice.query_pairs_mut().append_pair("state", "other");
    assert_eq!(
        provider.authorize(&twice, &ada(), now()),
        Err(RequestError::Repeated { name: "state".to_owned() })
    );
}

#[test]
fn the_seed_decides_every_byte() {
    let run = |seed| {
        let mut provider = OidcProvider::new(seed).with_client(client());
        let callback = provider.authorize(&request(&provider), &ada(), now()).unwrap();
        let code = Url::parse(&format!("https://x.example/?{}", callback.parameters())).unwrap();
        let code = code.query_pairs().next().unwrap().1.into_owned();
        let tokens = provider.receive(&redeem(&provider, &code, VERIFIER), now());
        (callback, tokens.into_body())
    };
    assert_eq!(run(4), run(4));
    assert_ne!(run(4), run(5));
}

#[test]
fn a_rotation_shows_both_keys() {
    let mut provider = OidcProvider::new(6);
    provider.rotate(TestKey::P256);
    let keys = provider.key_set();
    let kids: Vec<_> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids, ["p256-1", "rsa-1"]);
}

fn client() -> RegisteredClient {
    RegisteredClient::new("client 1", CALLBACK, "s3cret&=")
}

fn ada() -> User {
    User::new("ada", "Ada Lovelace", "ada@corp.example").in_groups(["Engineers", "Küche & Bar"])
}

fn request(provider: &OidcProvider) -> Url {
    let mut url = Url::parse(&provider.endpoints.authorization).unwrap();
    url.query_pairs_mut().extend_pairs([
        ("client_id", "client 1"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ]);
    url
}

fn redeem(provider: &OidcProvider, code: &str, verifier: &str) -> Request<Vec<u8>> {
    let body =
        format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={verifier}");
    let secret = base64_encode(b"client+1:s3cret%26%3D");
    Request::post(&provider.endpoints.token)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Authorization", format!("Basic {secret}"))
        .body(body.into_bytes())
        .unwrap()
}

fn userinfo(provider: &OidcProvider, tokens: &Value) -> Request<Vec<u8>> {
    let token = tokens["access_token"].as_str().unwrap();
    Request::get(&provider.endpoints.userinfo)
        .header("Authorization", format!("Bearer {token}"))
        .body(Vec::new())
        .unwrap()
}

fn fetch(url: &str) -> Request<Vec<u8>> {
    Request::get(url).body(Vec::new()).unwrap()
}

fn json(response: &Response<Vec<u8>>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

fn claims(token: &str) -> Value {
    let payload = base64url_decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T00:01:00Z").unwrap().at
}
