//! Back-channel logout (oidc.md §2.6 #1 to #8).

use std::time::Duration;

use admittance::jose::Jwks;
use admittance::limits::Limits;
use admittance::oidc::logout::backchannel::{self, ValidLogoutToken};
use admittance::oidc::{Client, Error, Provider};
use admittance::time::Timestamp;
use proptest::prelude::proptest;
use proptest::sample::select;
use serde_json::{Value, json};

use super::forge::{Key, SignIn, compact, jwks, seconds};
use super::given;
use super::id_token::{type_of, values};

pub(crate) const LOGOUT_EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token that is accepted, until something in it is changed.
#[derive(Clone)]
pub(crate) struct Logout {
    pub(crate) provider: Provider,
    pub(crate) client: Client,
    pub(crate) jwks: Value,
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) key: Key,
    pub(crate) now: Timestamp,
}

impl Logout {
    pub(crate) fn new() -> Self {
        let SignIn { provider, client, jwks, now, .. } = SignIn::new();
        Self {
            provider,
            client,
            jwks,
            header: json!({"alg": "RS256", "kid": Key::Rs256.kid(), "typ": "logout+jwt"}),
            claims: json!({
                "iss": given::ISSUER,
                "sub": "248289761001",
                "aud": "client-1",
                "iat": seconds(now),
                "exp": seconds(now) + 120,
                "jti": "bWJq",
                "sid": "08a5019c-17e1-4977-8f42-65a12843ea02",
                "events": {LOGOUT_EVENT: {}},
            }),
            key: Key::Rs256,
            now,
        }
    }

    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.claims.as_object_mut().unwrap().remove(name).unwrap_or_else(|| panic!("no {name}"));
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// As providers have it that are older than the type.
    pub(crate) fn untyped(mut self) -> Self {
        self.header.as_object_mut().unwrap().remove("typ");
        self
    }

    pub(crate) fn payload(&self) -> String {
        self.claims.to_string()
    }

    pub(crate) fn token(&self) -> String {
        compact(&self.header.to_string(), &self.payload(), |input| self.key.sign(input))
    }

    /// Judges this token instead of its own.
    pub(crate) fn judge(&self, token: &str) -> Result<ValidLogoutToken, Error> {
        self.judge_body(format!("logout_token={token}").as_bytes())
    }

    pub(crate) fn judge_body(&self, body: &[u8]) -> Result<ValidLogoutToken, Error> {
        let keys = Jwks::parse(self.jwks.to_string().as_bytes(), &Limits::default()).unwrap().0;
        backchannel::validate(body, &keys, &self.provider, &self.client, self.now)
    }

    #[track_caller]
    pub(crate) fn accepted(&self) -> ValidLogoutToken {
        self.judge(&self.token()).unwrap_or_else(|error| panic!("{}: {error}", error.code()))
    }

    #[track_caller]
    pub(crate) fn passes(&self) {
        drop(self.accepted());
    }

    #[track_caller]
    pub(crate) fn rejected(&self, code: &str) -> Error {
        let error = self.judge(&self.token()).expect_err("it is accepted");
        assert_eq!(error.code(), code, "{error}");
        error
    }
}

#[test]
fn a_complete_token_is_accepted() {
    let token = Logout::new().accepted();
    assert_eq!(token.issuer(), given::ISSUER);
    assert_eq!(token.subject(), Some("248289761001"));
    assert_eq!(token.sid(), Some("08a5019c-17e1-4977-8f42-65a12843ea02"));
    let replay = token.replay();
    assert_eq!((replay.issuer.as_str(), replay.jti.as_str()), (given::ISSUER, "bWJq"));
    assert_eq!(replay.keep_until, given::now().saturating_add(Duration::from_secs(360)));
}

/// #1
#[test]
fn the_body_is_a_form_with_one_token() {
    let token = Logout::new().token();
    let judge = |body: String| Logout::new().judge_body(body.as_bytes()).map_err(|error| error.code());
    judge(format!("logout_token={token}")).map(drop).unwrap();
    judge(format!("other=x&logout_token={}&a", token.replace('.', "%2E"))).map(drop).unwrap();
    for body in [
        String::new(),
        token.clone(),
        format!("LOGOUT_TOKEN={token}"),
        format!("logout_token={token}&logout_token={token}"),
        format!("logout_token={token}&logout%5Ftoken=x"),
        "logout_token=%".to_owned(),
        "logout_token=%ff".to_owned(),
        format!("a={}&logout_token={token}", "x".repeat(64 * 1024)),
    ] {
        assert_eq!(
            judge(body.clone()).unwrap_err(),
            "oidc.logout_malformed",
            "{}",
            &body[..body.len().min(80)]
        );
    }
    assert_eq!(judge("logout_token=".to_owned()).unwrap_err(), "oidc.token_malformed");
}

/// #2
#[test]
fn the_type_is_that_of_a_logout_token_or_none() {
    Logout::new().untyped().passes();
    for typ in ["logout+jwt", "JWT", "application/logout+jwt"] {
        Logout::new().with(|logout| logout.header["typ"] = typ.into()).passes();
    }
    for typ in ["at+jwt", "dpop+jwt", "secevent+jwt"] {
        Logout::new().with(|logout| logout.header["typ"] = typ.into()).rejected("oidc.token_wrong_type");
    }
}

/// #2
#[test]
fn it_is_signed_by_the_provider() {
    let error = Logout::new()
        .with(|logout| {
            logout.key = Key::OtherRs256;
            logout.header["kid"] = Key::OtherRs256.kid().into();
        })
        .rejected("oidc.key_not_found");
    assert!(error.is_retryable());
    Logout::new().with(|logout| logout.key = Key::OtherRs256).rejected("oidc.signature_invalid");
    Logout::new()
        .with(|logout| {
            logout.key = Key::Es256;
            logout.header = json!({"alg": "ES256", "kid": "p256"});
            logout.jwks = jwks(&[Key::Es256]);
        })
        .passes();
}

/// #3
#[test]
fn it_is_for_us_and_of_now() {
    Logout::new().without("iss").rejected("oidc.claim_missing");
    Logout::new().claim("aud", json!(["client-1"])).passes();
    Logout::new()
        .claim("aud", json!(["client-1", "client-2"]))
        .claim("azp", "client-1")
        .rejected("oidc.audience_untrusted");
    Logout::new().claim("azp", "client-2").rejected("oidc.authorized_party_mismatch");
    Logout::new().without("iat").rejected("oidc.claim_missing");
    Logout::new().claim("iat", "0").rejected("oidc.claim_type");
    Logout::new().claim("iat", seconds(given::now()) + 61).rejected("oidc.issued_in_future");
    Logout::new().claim("exp", seconds(given::now()) - 60).rejected("oidc.token_expired");
    Logout::new().claim("exp", Value::Null).rejected("oidc.claim_type");
    Logout::new().claim("nbf", seconds(given::now()) + 61).rejected("oidc.token_not_yet_valid");
    // Older providers send no exp.
    Logout::new().without("exp").passes();
}

/// #6
#[test]
fn it_says_whose_session_ends() {
    assert_eq!(Logout::new().without("sid").accepted().sid(), None);
    assert_eq!(Logout::new().without("sub").accepted().subject(), None);
    let required = |logout: &mut Logout| logout.client.registered.backchannel_logout_session_required = true;
    Logout::new().with(required).without("sid").rejected("oidc.logout_subject_missing");
    Logout::new().with(required).without("sub").passes();
    Logout::new().claim("sid", "").rejected("oidc.logout_subject_missing");
}

/// #7
#[test]
fn it_has_a_name() {
    Logout::new().without("jti").rejected("oidc.claim_missing");
    Logout::new().claim("jti", "").rejected("oidc.claim_missing");
    Logout::new().claim("jti", 7).rejected("oidc.claim_type");
}

/// #8
#[test]
fn the_answer_is_stored_nowhere() {
    let done = backchannel::done();
    assert_eq!(
        (done.status().as_u16(), done.headers()["Cache-Control"].as_bytes()),
        (200, b"no-store".as_slice())
    );
    assert!(done.body().is_empty());
    let error = Logout::new().without("events").rejected("oidc.logout_event_missing");
    let refused = backchannel::refused(Some(&error));
    assert_eq!(
        (refused.status().as_u16(), refused.headers()["Cache-Control"].as_bytes()),
        (400, b"no-store".as_slice())
    );
    let body: Value = serde_json::from_slice(refused.body()).unwrap();
    assert_eq!(body, json!({"error": "invalid_request", "error_description": "oidc.logout_event_missing"}));
}

#[test]
fn it_ends_the_session_that_it_names_or_all_of_the_person() {
    let session = |sub: &str, sid: Option<&str>| {
        let mut sign_in = SignIn::new().claim("sub", sub);
        if let Some(sid) = sid {
            sign_in = sign_in.claim("sid", sid);
        }
        sign_in.accepted().session().clone()
    };
    let (this, other) = (session("ada", Some("s1")), session("ada", Some("s2")));
    let (unnamed, foreign) = (session("ada", None), session("bob", Some("s1")));
    let ends = |sub: Option<&str>, sid: Option<&str>| {
        let mut logout = Logout::new().without("sub").without("sid");
        for (name, value) in [("sub", sub), ("sid", sid)] {
            if let Some(value) = value {
                logout = logout.claim(name, value);
            }
        }
        let token = logout.accepted();
        [&this, &other, &unnamed, &foreign].map(|session| token.is_of(session))
    };
    assert_eq!(ends(Some("ada"), Some("s1")), [true, false, false, false]);
    assert_eq!(ends(Some("ada"), None), [true, true, true, false]);
    assert_eq!(ends(None, Some("s1")), [true, false, false, true], "an issuer's sid names one session");
    let elsewhere = Logout::new().with(|logout| logout.provider.issuer = "https://b.example".to_owned());
    let token = elsewhere.claim("iss", "https://b.example").claim("sub", "ada").without("sid").accepted();
    assert!(!token.is_of(&this), "another provider's person of the same name");
}

/// What each claim may be, by its JSON type.
const TYPES: [(&str, &str); 9] = [
    ("iss", "text"),
    ("azp", "text"),
    ("iat", "number"),
    ("exp", "number"),
    ("nbf", "number"),
    ("events", "object"),
    ("sub", "text"),
    ("sid", "text"),
    ("jti", "text"),
];

proptest! {
    /// No claim of a wrong type is accepted, whatever stands in it.
    #[test]
    fn no_wrong_type_is_accepted((claim, right) in select(TYPES.to_vec()), value in values()) {
        let judged = Logout::new().claim(claim, value.clone());
        let accepted = judged.judge(&judged.token()).is_ok();
        proptest::prop_assert!(type_of(&value) == right || !accepted, "{claim}: {value}");
    }
}
