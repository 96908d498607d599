//! The token request, and each check of §2.3 with an answer that fails only that one.

use admittance::jose::PrivateKey;
use admittance::oidc::authorization::{self, AuthorizationCode, Options, Start};
use admittance::oidc::client::ClientAuthentication;
use admittance::oidc::dpop::{Dpop, DpopKey, DpopNonce};
use admittance::oidc::token::{self, TokenType, UnverifiedTokens, exchange, refresh, revocation};
use admittance::oidc::{Client, Error, Pending, Provider};
use admittance::testing::oidc_provider::{ExpiresIn, OidcProvider, RegisteredClient, TestKey, User};
use http::{Method, Response};
use serde_json::{Value, json};
use url::Url;

use super::given::{self, Counter, form, now};

#[test]
fn the_request_exchanges_the_code_with_its_verifier() {
    let signed_in = Begun::new(Options::default());
    let request = signed_in.request(Dpop::Off).unwrap();
    assert_eq!(
        (request.method(), request.uri().to_string().as_str()),
        (&Method::POST, "https://idp.example/token")
    );
    let form = form(&request);
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code"], "code 1/+&");
    assert_eq!(form["redirect_uri"], "https://rp.example/callback");
    assert_eq!(form["code_verifier"], signed_in.stored()["code_verifier"].as_str().unwrap());
    assert_eq!(form["client_id"], "client-1");
    assert_eq!(form.len(), 5);
}

/// RFC 7636: the verifier is the one whose hash was sent, computed here with `ring` and `base64`.
#[test]
fn the_verifier_fits_the_challenge() {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    let challenge = |verifier: &str| {
        URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()))
    };
    // The example of RFC 7636 appendix B.
    assert_eq!(
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    );
    let signed_in = Begun::new(Options::default());
    let sent = signed_in.url.query_pairs().find(|(name, _)| name == "code_challenge").unwrap().1;
    assert_eq!(challenge(&form(&signed_in.request(Dpop::Off).unwrap())["code_verifier"]), sent);
}

/// RFC 9700 §4.4: the code goes to nobody but the provider that it came from.
#[test]
fn no_code_goes_to_another_provider() {
    let signed_in = Begun::new(Options::default());
    let request = |provider: &Provider, client: &Client| {
        let Begun { pending, code, .. } = &signed_in;
        token::request(provider, client, pending, code, Dpop::Off, &mut Counter::default(), now())
    };
    let mut other = given::provider();
    other.issuer = "https://other.example".to_owned();
    other.token_endpoint = "https://other.example/token".to_owned();
    let error = request(&other, &given::client()).unwrap_err();
    assert_eq!(error.code(), "oidc.mix_up");
    assert_eq!(error.expected().as_deref(), Some("https://other.example"));
    assert_eq!(error.actual().as_deref(), Some("https://idp.example"));
    let mut client = given::client();
    client.client_id = "client-2".to_owned();
    assert_eq!(request(&given::provider(), &client).unwrap_err().code(), "oidc.mix_up");
}

/// RFC 9449 §10: a code that is bound to a key is exchanged with a proof by that key.
#[test]
fn a_bound_code_needs_its_key() {
    let (key, other) = (dpop_key(TestKey::P256), dpop_key(TestKey::OtherP256));
    let with = |key| Dpop::With { key, nonce: DpopNonce::None };
    let mut options = Options::default();
    options.dpop = with(&key);
    let bound = Begun::new(options);
    bound.request(with(&key)).unwrap();
    for dpop in [Dpop::Off, with(&other)] {
        assert_eq!(bound.request(dpop).unwrap_err().code(), "oidc.configuration_invalid");
    }
    // A code that is bound to nothing may be exchanged for a token that is.
    Begun::new(Options::default()).request(with(&key)).unwrap();
}

#[test]
fn tokens_come_out_as_they_are() {
    let tokens = judged(&with("refresh_token", json!("refresh-1"))).unwrap();
    assert_eq!(tokens.access_token().expose(), "access-1");
    assert_eq!(tokens.id_token().unwrap().expose(), "id-1");
    assert_eq!(tokens.refresh_token().unwrap().expose(), "refresh-1");
    assert_eq!(tokens.token_type(), TokenType::Bearer);
    assert_eq!(tokens.expires_in().unwrap().as_secs(), 3600);
    assert_eq!((tokens.scopes(), tokens.notes()), (None, [].as_slice()));
    assert!(judged(&answer()).unwrap().refresh_token().is_none());
}

/// §2.3 #1.
#[test]
fn another_content_type() {
    let body = answer().to_string();
    for fine in ["application/json", "APPLICATION/JSON", "application/json;charset=UTF-8"] {
        judged_response(&given::response(200, fine, body.clone())).unwrap();
    }
    for wrong in ["text/html", "application/jwt", "application/x-www-form-urlencoded", ""] {
        let error = judged_response(&given::response(200, wrong, body.clone())).unwrap_err();
        assert_eq!((error.code(), error.actual().as_deref()), ("oidc.content_type", Some(wrong)));
        assert_eq!(error.expected().as_deref(), Some("application/json"));
    }
}

/// §2.3 #1.
#[test]
fn a_body_that_is_too_large() {
    let padded = |length: usize| {
        let mut body = answer().to_string();
        body.extend(std::iter::repeat_n(' ', length - body.len()));
        judged_response(&given::response(200, "application/json", body))
    };
    padded(1024 * 1024).unwrap();
    let error = padded(1024 * 1024 + 1).unwrap_err();
    assert_eq!((error.code(), error.actual().as_deref()), ("oidc.body_too_large", Some("1048577 bytes")));
}

/// §2.3 #1, §3.5.
#[test]
fn a_body_that_is_no_strict_json_object() {
    let body = answer().to_string();
    let deep = format!("{{\"x\":{}1{},{}", "[".repeat(40), "]".repeat(40), body.trim_start_matches('{'));
    for (name, body, code) in [
        ("json_trailing", format!("{body}x"), "oidc.json_invalid"),
        ("json_bom", format!("\u{feff}{body}"), "oidc.json_invalid"),
        ("json_deep", deep, "oidc.json_invalid"),
        ("duplicate", body.replacen('{', "{\"id_token\":\"other\",", 1), "oidc.json_duplicate_member"),
        (
            "duplicate_nested",
            body.replacen('{', "{\"x\":{\"a\":1,\"a\":2},", 1),
            "oidc.json_duplicate_member",
        ),
        ("array", format!("[{body}]"), "oidc.json_invalid"),
        ("empty", String::new(), "oidc.json_invalid"),
        ("form", "access_token=a&token_type=Bearer".to_owned(), "oidc.json_invalid"),
    ] {
        let error = judged_response(&given::response(200, "application/json", body)).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
    }
}

/// §2.3 #3.
#[test]
fn a_refusal_says_why() {
    let body = json!({ "error": "invalid_grant", "error_description": "used\u{7}\n", "error_uri": "x" });
    for status in [400, 401, 403, 429, 500, 201, 302] {
        let error = judged_response(&given::json_response(status, &body)).unwrap_err();
        assert_eq!(error.code(), "oidc.token_error");
        assert_eq!(error.actual().as_deref(), Some("invalid_grant, used"), "control characters are left out");
        assert!(!error.is_retryable());
    }
    let long = json!({ "error": "e".repeat(3000), "error_description": "ä".repeat(3000) });
    let error = judged_response(&given::json_response(400, &long)).unwrap_err();
    assert_eq!(error.actual().unwrap().len(), 1024 + 2 + 1024);
}

/// §2.3 #3: a body that is not JSON gives the status only.
#[test]
fn a_failure_without_reason() {
    let json = "application/json";
    for (status, media_type, body) in [
        (502, "text/html", "<h1>Bad Gateway"),
        (400, json, "{\"error\":"),
        (400, json, "[]"),
        (400, json, "{}"),
        (400, json, "{\"error\":7}"),
        (400, json, "{\"error\":\"a\",\"error\":\"b\"}"),
        (204, json, ""),
        (302, "", ""),
    ] {
        let error = judged_response(&given::response(status, media_type, body)).unwrap_err();
        assert_eq!((error.code(), error.actual()), ("oidc.http_status", Some(status.to_string())), "{body}");
        assert_eq!(error.expected().as_deref(), Some("200"));
    }
    // A success that looks like a failure is judged as a success.
    let error =
        judged_response(&given::json_response(200, &json!({ "error": "invalid_grant" }))).unwrap_err();
    assert_eq!(error.code(), "oidc.access_token_missing");
}

/// §2.3 #4.
#[test]
fn no_access_token() {
    for wrong in [json!(""), json!(1), json!(["a"]), Value::Null] {
        assert_eq!(judged(&with("access_token", wrong)).unwrap_err().code(), "oidc.access_token_missing");
    }
    assert_eq!(judged(&without("access_token")).unwrap_err().code(), "oidc.access_token_missing");
}

/// §2.3 #5.
#[test]
fn another_token_type() {
    for fine in ["Bearer", "bearer", "BEARER"] {
        judged(&with("token_type", json!(fine))).unwrap();
    }
    for wrong in ["mac", "DPoP", "N_A", "Bearer ", ""] {
        let error = judged(&with("token_type", json!(wrong))).unwrap_err();
        assert_eq!((error.code(), error.actual().as_deref()), ("oidc.token_type", Some(wrong)));
        assert_eq!(error.expected().as_deref(), Some("Bearer"));
    }
    for wrong in
        [with("token_type", json!(["Bearer"])), with("token_type", Value::Null), without("token_type")]
    {
        let error = judged(&wrong).unwrap_err();
        assert_eq!((error.code(), error.actual()), ("oidc.token_type", None));
    }
}

/// §2.3 #6.
#[test]
fn expires_in_is_a_number_or_digits() {
    let ten_years = 10 * 365 * 24 * 60 * 60;
    for (fine, seconds) in [
        (json!(0), 0),
        (json!(3599), 3599),
        (json!(3599.9), 3599),
        (json!(1e3), 1000),
        (json!("3599"), 3599),
        (json!("0007"), 7),
        (json!(ten_years), ten_years),
        (json!(ten_years.to_string()), ten_years),
    ] {
        let tokens = judged(&with("expires_in", fine)).unwrap();
        assert_eq!(tokens.expires_in().unwrap().as_secs(), seconds);
    }
    assert_eq!(judged(&without("expires_in")).unwrap().expires_in(), None);
    for wrong in [
        json!(-1),
        json!(-0.5),
        json!(ten_years + 1),
        json!((ten_years + 1).to_string()),
        json!(1e300),
        json!("-1"),
        json!("3599.0"),
        json!(" 3599"),
        json!("1e3"),
        json!(""),
        json!("99999999999999999999999"),
        json!(true),
        json!([3599]),
        Value::Null,
    ] {
        assert_eq!(
            judged(&with("expires_in", wrong.clone())).unwrap_err().code(),
            "oidc.expires_in",
            "{wrong}"
        );
    }
    let error = judged(&with("expires_in", json!("soon"))).unwrap_err();
    assert_eq!(error.actual().as_deref(), Some("soon"));
}

/// §2.3 #7.
#[test]
fn no_id_token() {
    assert_eq!(judged(&without("id_token")).unwrap_err().code(), "oidc.id_token_missing");
    assert_eq!(judged(&with("id_token", Value::Null)).unwrap_err().code(), "oidc.id_token_missing");
}

/// A member of another type is not read as absent.
#[test]
fn a_token_or_scope_of_another_type() {
    for member in ["id_token", "refresh_token", "scope"] {
        for wrong in [json!(1), json!(["x"]), json!({}), json!(true)] {
            let error = judged(&with(member, wrong)).unwrap_err();
            assert_eq!(error.code(), "oidc.claim_type", "{member}");
        }
    }
}

/// §2.3 #8.
#[test]
fn a_scope_that_is_missing_is_noted() {
    for fine in ["openid profile email", "email  openid profile more "] {
        let tokens = judged(&with("scope", json!(fine))).unwrap();
        assert_eq!(tokens.notes(), []);
        assert!(tokens.scopes().unwrap().contains(&"openid".to_owned()));
    }
    let tokens = judged(&with("scope", json!("openid email"))).unwrap();
    let [note] = tokens.notes() else { panic!("one note") };
    assert_eq!((note.code.as_str(), note.actual.as_deref()), ("oidc.scope_reduced", Some("openid email")));
    assert_eq!(note.expected.as_deref(), Some("openid profile email"));
    assert_eq!(tokens.scopes().unwrap(), ["openid", "email"]);
    assert_eq!(judged(&with("scope", Value::Null)).unwrap().scopes(), None);
}

/// The order of §2.3: of two faults the earlier is named.
#[test]
fn the_first_fault_is_named() {
    let mut worse = json!({ "scope": 1 });
    for (member, value, code) in [
        ("access_token", json!("access-1"), "oidc.access_token_missing"),
        ("token_type", json!("Bearer"), "oidc.token_type"),
        ("expires_in", json!(1), "oidc.expires_in"),
        ("id_token", json!("id-1"), "oidc.id_token_missing"),
        ("scope", json!("openid profile email"), "oidc.claim_type"),
    ] {
        if member == "expires_in" {
            worse[member] = json!("x");
        }
        assert_eq!(judged(&worse).unwrap_err().code(), code);
        worse[member] = value;
    }
    judged(&worse).unwrap();
}

/// §4, `secret_in_debug`: neither values nor errors show a token or a code.
#[test]
fn secret_in_debug() {
    let Begun { code, .. } = Begun::new(Options::default());
    let tokens = judged(&with("refresh_token", json!("refresh-1"))).unwrap();
    let shown = format!("{tokens:?} {code:?}");
    for secret in ["access-1", "refresh-1", "id-1", "code 1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    for member in ["token_type", "expires_in", "scope"] {
        let error = judged(&with(member, json!({ "x": 1 }))).unwrap_err();
        let shown = format!("{error:?} {error} {:?} {:?}", error.expected(), error.actual());
        assert!(!shown.contains("access-1") && !shown.contains("id-1"), "{shown}");
    }
}

/// §6: Entra ID's first version writes `expires_in` as a text.
#[test]
fn expires_in_string() {
    let mut trip = Trip::new();
    trip.op.style.expires_in = ExpiresIn::Text;
    assert_eq!(trip.tokens(Dpop::Off).unwrap().expires_in().unwrap().as_secs(), 3600);
}

/// §6.
#[test]
fn token_type_bearer_lower_case() {
    let mut trip = Trip::new();
    trip.op.style.token_type = "bearer".to_owned();
    assert_eq!(trip.tokens(Dpop::Off).unwrap().token_type(), TokenType::Bearer);
}

/// §6.
#[test]
fn content_type_with_charset() {
    let mut trip = Trip::new();
    trip.op.style.content_type = "application/json;charset=UTF-8".to_owned();
    trip.tokens(Dpop::Off).unwrap();
}

/// §6: ADFS refuses two client authentications; each request has one. See `client_auth` for every method.
#[test]
fn a_provider_takes_the_whole_way() {
    let mut trip = Trip::new();
    let tokens = trip.tokens(Dpop::Off).unwrap();
    assert_eq!(tokens.id_token().unwrap().expose().split('.').count(), 3);
    assert_eq!(tokens.scopes().unwrap(), ["openid", "offline_access"]);
    assert_eq!(tokens.notes(), []);

    // The code was good once.
    let error = trip.exchange(Dpop::Off).unwrap_err();
    assert_eq!((error.code(), error.actual().unwrap().contains("invalid_grant")), ("oidc.token_error", true));

    // New tokens for old ones; the provider gives each refresh token once.
    let Trip { op, provider, client, .. } = &mut trip;
    let (old, mut entropy) = (tokens.refresh_token().unwrap(), Counter(7));
    let request = refresh::request(provider, client, old, &[], Dpop::Off, &mut entropy, now()).unwrap();
    let fresh = refresh::parse_response(client, old, &[], Dpop::Off, &op.receive(&request, now())).unwrap();
    assert_ne!(fresh.refresh_token().unwrap().expose(), old.expose());

    // A token for a token.
    let wanted = exchange::TokenExchange::of(fresh.access_token().clone(), exchange::ACCESS_TOKEN);
    let request = exchange::request(provider, client, &wanted, Dpop::Off, &mut entropy, now()).unwrap();
    let other = exchange::parse_response(client, &wanted, Dpop::Off, &op.receive(&request, now())).unwrap();
    assert_eq!(other.issued_token_type(), exchange::ACCESS_TOKEN);

    // The end of the refresh token.
    let last = fresh.refresh_token().unwrap();
    let kind = revocation::TokenKind::RefreshToken;
    let request = revocation::request(provider, client, last, kind, &mut entropy, now()).unwrap();
    revocation::parse_response(client, &op.receive(&request, now())).unwrap();
    let request = refresh::request(provider, client, last, &[], Dpop::Off, &mut entropy, now()).unwrap();
    let error =
        refresh::parse_response(client, last, &[], Dpop::Off, &op.receive(&request, now())).unwrap_err();
    assert_eq!(error.code(), "oidc.token_error");
}

/// RFC 9449 §8 and §8.2: the provider's nonce is put into a second request; the next one is kept for the next request;
/// when it is out of date that is followed, too.
#[test]
fn a_provider_that_wants_nonces() {
    let key = dpop_key(TestKey::P256);
    let mut trip = Trip::new();
    trip.op.dpop_nonces = true;
    trip.op.clients[0].require_dpop = true;
    let dpop = Dpop::With { key: &key, nonce: DpopNonce::None };
    let error = trip.tokens(dpop).unwrap_err();
    let Error::UseDpopNonce { nonce } = error else { panic!("{error}") };
    let tokens = trip.exchange(dpop.retry(&nonce)).unwrap();
    assert_eq!((tokens.token_type(), tokens.notes()), (TokenType::Dpop, [].as_slice()));

    trip.op.rotate_dpop_nonce();
    let Trip { op, provider, client, .. } = &mut trip;
    let old = tokens.refresh_token().unwrap();
    let mut entropy = Counter(9);
    let mut send = |dpop| {
        let request = refresh::request(provider, client, old, &[], dpop, &mut entropy, now()).unwrap();
        refresh::parse_response(client, old, &[], dpop, &op.receive(&request, now()))
    };
    let kept = Dpop::With { key: &key, nonce: DpopNonce::Kept(&nonce) };
    let Err(Error::UseDpopNonce { nonce: second }) = send(kept) else { panic!("the nonce is out of date") };
    assert_ne!(second, nonce);
    assert_eq!(send(kept.retry(&nonce)).unwrap_err().code(), "oidc.dpop_nonce_repeated");
}

fn answer() -> Value {
    json!({ "access_token": "access-1", "token_type": "Bearer", "expires_in": 3600, "id_token": "id-1" })
}

fn with(member: &str, value: Value) -> Value {
    let mut answer = answer();
    answer[member] = value;
    answer
}

fn without(member: &str) -> Value {
    let mut answer = answer();
    answer.as_object_mut().unwrap().remove(member);
    answer
}

fn judged(answer: &Value) -> Result<UnverifiedTokens, Error> {
    judged_response(&given::json_response(200, answer))
}

fn judged_response(response: &Response<Vec<u8>>) -> Result<UnverifiedTokens, Error> {
    let Begun { pending, code, .. } = Begun::new(Options::default());
    token::parse_response(&given::client(), &pending, &code, Dpop::Off, response)
}

fn dpop_key(key: TestKey) -> DpopKey {
    DpopKey::new(PrivateKey::from_pem(key.key_pem().as_bytes()).unwrap())
}

/// A sign-in whose browser has come back with a code.
struct Begun {
    url: Url,
    pending: Pending,
    code: AuthorizationCode,
}

impl Begun {
    fn new(options: Options<'_>) -> Self {
        let (provider, client) = (given::provider(), given::client());
        let (start, pending) =
            authorization::begin(&provider, &client, &options, &mut Counter::default(), now()).unwrap();
        let Start::Redirect(url) = start else { panic!("a redirect") };
        let query = format!("code=code+1%2F%2B%26&state={}", pending.state().expose());
        let code = authorization::parse_callback(&provider, &client, &pending, query, now()).unwrap();
        Self { url, pending, code }
    }

    fn request(&self, dpop: Dpop<'_>) -> Result<http::Request<Vec<u8>>, Error> {
        let (provider, client) = (given::provider(), given::client());
        token::request(&provider, &client, &self.pending, &self.code, dpop, &mut Counter(100), now())
    }

    fn stored(&self) -> Value {
        serde_json::to_value(&self.pending).unwrap()
    }
}

/// A sign-in at the provider for tests.
struct Trip {
    op: OidcProvider,
    provider: Provider,
    client: Client,
    begun: Option<(Pending, AuthorizationCode)>,
    entropy: Counter,
}

impl Trip {
    fn new() -> Self {
        let registered = RegisteredClient::new("client-1", "https://rp.example/callback", "s&cret");
        let op = OidcProvider::new(1).with_client(registered);
        let provider = given::provider_of(&op);
        let client = given::client()
            .authenticated_by(ClientAuthentication::ClientSecretBasic { secret: "s&cret".into() });
        Self { op, provider, client, begun: None, entropy: Counter::default() }
    }

    fn tokens(&mut self, dpop: Dpop<'_>) -> Result<UnverifiedTokens, Error> {
        let mut options = Options::default();
        options.scopes = vec!["openid".to_owned(), "offline_access".to_owned()];
        options.dpop = dpop;
        let Self { op, provider, client, entropy, .. } = self;
        let (start, pending) = authorization::begin(provider, client, &options, entropy, now()).unwrap();
        let Start::Redirect(url) = start else { panic!("a redirect") };
        let ada = User::new("ada", "Ada Lovelace", "ada@corp.example");
        let callback = op.authorize(&url, &ada, now()).unwrap();
        let code = authorization::parse_callback(provider, client, &pending, callback.parameters(), now());
        self.begun = Some((pending, code.unwrap()));
        self.exchange(dpop)
    }

    /// Exchanges the code of the last sign-in.
    fn exchange(&mut self, dpop: Dpop<'_>) -> Result<UnverifiedTokens, Error> {
        let Self { op, provider, client, begun, entropy } = self;
        let (pending, code) = begun.as_ref().unwrap();
        let request = token::request(provider, client, pending, code, dpop, entropy, now()).unwrap();
        token::parse_response(client, pending, code, dpop, &op.receive(&request, now()))
    }
}
