//! The checks of an ID token (oidc.md §2.4), each at its edge. What attackers have made of their absence is in
//! `pitfalls.rs`.

use std::collections::BTreeSet;
use std::time::Duration;

use admittance::jose::{Algorithm, Algorithms};
use admittance::oidc::Error;
use admittance::time::Skew;
use proptest::prelude::{Strategy, any, proptest};
use proptest::sample::select;
use ring::digest::{SHA256, SHA384, SHA512};
use serde_json::{Value, json};

use super::forge::{ACCESS_TOKEN, CODE, Key, NONCE, SignIn, half_hash, jwks, seconds};
use super::given;

#[test]
fn a_complete_token_is_accepted() {
    let id = SignIn::new()
        .claim("sid", "08a5019c-17e1-4977-8f42-65a12843ea02")
        .claim("auth_time", seconds(given::now()) - 100)
        .claim("acr", "urn:mace:incommon:iap:silver")
        .claim("amr", json!(["pwd", "otp"]))
        .claim("azp", "client-1")
        .accepted();
    assert_eq!((id.issuer(), id.subject()), (given::ISSUER, "248289761001"));
    assert_eq!(id.sid(), Some("08a5019c-17e1-4977-8f42-65a12843ea02"));
    assert_eq!(id.auth_time().unwrap().to_unix_millis(), (seconds(given::now()) - 100) * 1000);
    assert_eq!(id.acr(), Some("urn:mace:incommon:iap:silver"));
    assert_eq!(id.amr(), ["pwd", "otp"]);
    assert_eq!(id.expires_at().to_unix_millis(), (seconds(given::now()) + 300) * 1000);
    assert_eq!(id.notes(), []);
    assert_eq!(id.entra_identity_key(), None);
}

/// RFC 9700 §4.4
#[test]
fn what_the_host_has_kept_is_of_this_connection() {
    let tokens = SignIn::new().tokens();
    for (member, other) in [("issuer", "https://other.example"), ("client_id", "client-2")] {
        let sign_in = SignIn::new().pending(member, other);
        let SignIn { provider, client, now, .. } = &sign_in;
        let (jwks, pending) = (sign_in.parsed_jwks(), sign_in.parsed_pending());
        let judged = admittance::oidc::id_token::validate(&tokens, &jwks, provider, client, &pending, *now);
        assert_eq!(judged.unwrap_err().code(), "oidc.mix_up", "{member}");
    }
}

/// #1, #3
#[test]
fn the_form_comes_first() {
    let token = SignIn::new().token();
    let with = |token: String| SignIn::new().with(|sign_in| sign_in.token = Some(token));
    with(String::new()).rejected("oidc.token_malformed");
    with("a.b".to_owned()).rejected("oidc.token_malformed");
    with(format!("{token}.")).rejected("oidc.token_malformed");
    let longest = |bytes| SignIn::new().with(|sign_in| sign_in.client.policy.limits.token = bytes);
    longest(token.len()).accepted();
    longest(token.len() - 1).rejected("oidc.token_malformed");
    with("a.b.c.d.e".to_owned()).rejected("oidc.decryption_failed");
    with(token.replacen('.', "=.", 1)).rejected("oidc.header_invalid");
    SignIn::new().header("alg", Value::Null).rejected("oidc.header_invalid");
}

/// #2
#[test]
fn a_token_in_plain_text_is_refused_where_encryption_is_registered() {
    let sign_in = SignIn::new().with(|sign_in| sign_in.client.registered.id_token_encrypted = true);
    sign_in.rejected("oidc.token_not_encrypted");
}

/// #4: the policy's algorithms, less those that the provider does not list.
#[test]
fn every_algorithm_is_one_of_the_policy_and_the_provider() {
    for key in [Key::Rs256, Key::Ps384, Key::Es256, Key::Es384, Key::Ed25519] {
        SignIn::new().signed_by(key).accepted();
    }
    let listing = |names: &[&str]| {
        let listed = Some(names.iter().map(|name| (*name).to_owned()).collect());
        SignIn::new().with(|sign_in| sign_in.provider.id_token_signing_alg_values_supported = listed)
    };
    listing(&["none", "RS256"]).accepted();
    let error = listing(&["ES256", "PS256"]).rejected("oidc.algorithm_not_allowed");
    assert_eq!(error.actual().as_deref(), Some("RS256"));
    let error = listing(&["none", "HS256"]).rejected("oidc.no_common_algorithm");
    assert_eq!(error.actual().as_deref(), Some("none, HS256"));
    listing(&[]).rejected("oidc.no_common_algorithm");
    let only_es256 = |sign_in: &mut SignIn| sign_in.client.policy.algs = Algorithms::new([Algorithm::ES256]);
    SignIn::new().with(only_es256).rejected("oidc.algorithm_not_allowed");
    SignIn::new().signed_by(Key::Es256).with(only_es256).accepted();
}

/// #5
#[test]
fn parameters_that_change_how_a_token_is_read_are_refused() {
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        SignIn::new().header(name, value).rejected("oidc.header_critical");
    }
}

/// #6
#[test]
fn the_type_is_that_of_an_id_token() {
    for typ in ["JWT", "jwt", "application/jwt", "APPLICATION/JWT"] {
        SignIn::new().header("typ", typ).accepted();
    }
    for typ in
        ["logout+jwt", "at+jwt", "application/at+jwt", "dpop+jwt", "secevent+jwt", "ID", "", "application/"]
    {
        SignIn::new().header("typ", typ).rejected("oidc.token_wrong_type");
    }
}

/// #7: the one failure that a second try may mend.
#[test]
fn an_unknown_key_is_told_apart_and_leaves_the_tokens_as_they_are() {
    let mut sign_in = SignIn::new().signed_by(Key::OtherRs256);
    let rotated = std::mem::replace(&mut sign_in.jwks, jwks(&[Key::Rs256]));
    let tokens = sign_in.tokens();
    let judge = |sign_in: &SignIn| {
        let SignIn { provider, client, now, .. } = sign_in;
        let pending = sign_in.parsed_pending();
        admittance::oidc::id_token::validate(
            &tokens,
            &sign_in.parsed_jwks(),
            provider,
            client,
            &pending,
            *now,
        )
    };
    let error = judge(&sign_in).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("oidc.key_not_found", true));
    assert_eq!(error.actual().as_deref(), Some("rsa-2"));
    sign_in.jwks = rotated;
    judge(&sign_in).unwrap();

    let error = SignIn::new().header("kid", Key::Es256.kid()).with(|sign_in| {
        sign_in.jwks = jwks(&[Key::Rs256, Key::Es256]);
    });
    assert!(!error.rejected("oidc.key_type_mismatch").is_retryable());
}

/// #8
#[test]
fn the_signature_covers_the_bytes_as_they_came() {
    let token = SignIn::new().token();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = input.split_once('.').unwrap();
    let other = SignIn::new().claim("sub", "somebody else").token();
    let payload = other.split('.').nth(1).unwrap();
    let swapped = format!("{header}.{payload}.{signature}");
    SignIn::new().with(|sign_in| sign_in.token = Some(swapped)).rejected("oidc.signature_invalid");
}

/// #9
#[test]
fn the_payload_is_one_json_object() {
    for payload in [
        "",
        "[]",
        "null",
        "7",
        "\"text\"",
        "{}{}",
        "{\"a\":1,}",
        "\u{feff}{}",
        "{\"a\":01}",
        "{\"a\":\"\\ud800\"}",
    ] {
        SignIn::new()
            .with(|sign_in| sign_in.payload = Some(payload.to_owned()))
            .rejected("oidc.json_invalid");
    }
    let many: serde_json::Map<String, Value> = (0..1_001).map(|n| (format!("claim{n}"), json!(n))).collect();
    SignIn::new().with(|sign_in| sign_in.claims = many.into()).rejected("oidc.json_invalid");
}

/// #11
#[test]
fn the_subject_has_up_to_255_bytes() {
    SignIn::new().claim("sub", "é".repeat(127)).accepted();
    SignIn::new().claim("sub", "x".repeat(255)).accepted();
    SignIn::new().claim("sub", "é".repeat(128)).rejected("oidc.subject_missing");
    SignIn::new().claim("sub", Value::Null).rejected("oidc.subject_missing");
}

/// #12 to #14
#[test]
fn further_audiences_are_named_by_the_policy_and_bring_azp() {
    let two = || SignIn::new().claim("aud", json!(["client-1", "project-7"]));
    let trusting = |sign_in: &mut SignIn| {
        sign_in.client.policy.trusted_audiences = BTreeSet::from(["project-7".to_owned()]);
    };
    SignIn::new().claim("aud", json!(["client-1"])).accepted();
    let error = two().claim("azp", "client-1").rejected("oidc.audience_untrusted");
    assert_eq!(error.actual().as_deref(), Some("project-7"));
    two().with(trusting).claim("azp", "client-1").accepted();
    two().with(trusting).rejected("oidc.authorized_party_mismatch");
    two().with(trusting).claim("azp", "project-7").rejected("oidc.authorized_party_mismatch");
    SignIn::new().claim("aud", json!(["project-7"])).with(trusting).rejected("oidc.audience_mismatch");
    SignIn::new().claim("aud", json!(["client-1", "client-1"])).rejected("oidc.authorized_party_mismatch");
    let error = SignIn::new().claim("aud", json!(["a", "b"])).rejected("oidc.audience_mismatch");
    assert_eq!((error.expected().as_deref(), error.actual().as_deref()), (Some("client-1"), Some("a, b")));
}

/// #15 to #17: the allowed difference of clocks counts once at each end.
#[test]
fn times_are_kept_to_the_second() {
    let now = seconds(given::now());
    for (claim, last, first, code) in [
        ("exp", now - 59, now - 60, "oidc.token_expired"),
        ("nbf", now + 60, now + 61, "oidc.token_not_yet_valid"),
        ("iat", now + 60, now + 61, "oidc.issued_in_future"),
        ("auth_time", now + 60, now + 61, "oidc.authentication_too_old"),
    ] {
        SignIn::new().claim(claim, last).accepted();
        let error = SignIn::new().claim(claim, first).rejected(code);
        assert!(error.expected().is_some() && error.actual().is_some(), "{claim}");
    }
    let no_skew = |sign_in: &mut SignIn| sign_in.client.policy.clock_skew = Skew::ZERO;
    SignIn::new().with(no_skew).claim("exp", now + 1).accepted();
    SignIn::new().with(no_skew).claim("exp", now).rejected("oidc.token_expired");

    let young = |sign_in: &mut SignIn| sign_in.client.policy.max_iat_age = Some(Duration::from_secs(600));
    SignIn::new().with(young).claim("iat", now - 660).accepted();
    SignIn::new().with(young).claim("iat", now - 661).rejected("oidc.issued_too_long_ago");
    SignIn::new().claim("iat", 0).accepted();
}

#[test]
fn numbers_are_finite_and_whole_and_neither_negative_nor_beyond_what_a_double_holds() {
    let now = seconds(given::now());
    for exp in
        [json!(now + 300), json!(now as f64 + 300.75), json!(1_u64 << 53), json!(9.007_199_254_740_992e15)]
    {
        SignIn::new().claim("exp", exp).accepted();
    }
    let raw = |exp: &str| {
        SignIn::new().with(|sign_in| {
            let payload = sign_in.claims.to_string();
            let (before, after) = payload.split_once("\"exp\":").unwrap();
            let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
            sign_in.payload = Some(format!("{before}\"exp\":{exp}{after}"));
        })
    };
    raw("2e9").accepted();
    for exp in ["9007199254740993", "1e300", "-1", "-0.5", "-2e9", "18446744073709551615"] {
        raw(exp).rejected("oidc.claim_type");
    }
    raw("1e999").rejected("oidc.json_invalid");
    // A fraction is dropped: this is the last second.
    SignIn::new().claim("exp", json!((now - 60) as f64 + 0.9)).rejected("oidc.token_expired");
}

/// #18
#[test]
fn an_error_about_the_nonce_shows_neither_of_them() {
    let error = SignIn::new().claim("nonce", "another").rejected("oidc.nonce_mismatch");
    let shown = format!("{error} {error:?} {:?} {:?}", error.expected(), error.actual());
    assert!(!shown.contains(NONCE) && !shown.contains("another"), "{shown}");
}

/// #19
#[test]
fn the_age_of_the_authentication_counts_when_it_was_asked_for() {
    let now = seconds(given::now());
    let asked = || SignIn::new().pending("max_age_seconds", 300);
    asked().claim("auth_time", now - 360).accepted();
    asked().claim("auth_time", now - 361).rejected("oidc.authentication_too_old");
    asked().rejected("oidc.auth_time_missing");
    asked().claim("auth_time", "1").rejected("oidc.claim_type");
    SignIn::new().claim("auth_time", 0).accepted();
    SignIn::new().claim("auth_time", Value::Null).rejected("oidc.claim_type");
}

/// #20
#[test]
fn an_essential_acr_is_there() {
    let asked = || SignIn::new().pending("essential_acr", json!(["silver", "gold"]));
    assert_eq!(asked().claim("acr", "gold").accepted().acr(), Some("gold"));
    let error = asked().rejected("oidc.acr_mismatch");
    assert_eq!((error.expected().as_deref(), error.actual()), (Some("silver, gold"), None));
    asked().claim("acr", "Gold").rejected("oidc.acr_mismatch");
    SignIn::new().claim("acr", "0").accepted();
}

/// #21: the hash goes with the algorithm.
#[test]
fn hashes_are_those_of_the_algorithm() {
    for (key, right, wrong) in [
        (Key::Rs256, &SHA256, &SHA384),
        (Key::Es256, &SHA256, &SHA512),
        (Key::Ps384, &SHA384, &SHA256),
        (Key::Es384, &SHA384, &SHA512),
        (Key::Ed25519, &SHA512, &SHA256),
    ] {
        let signed = || SignIn::new().signed_by(key);
        signed().claim("at_hash", half_hash(right, ACCESS_TOKEN)).accepted();
        signed().claim("at_hash", half_hash(wrong, ACCESS_TOKEN)).rejected("oidc.access_token_hash_mismatch");
    }
    SignIn::new().claim("at_hash", "").rejected("oidc.access_token_hash_mismatch");
    SignIn::new().claim("at_hash", 7).rejected("oidc.access_token_hash_mismatch");
}

/// #22
#[test]
fn other_events_are_not_a_logout() {
    SignIn::new().claim("events", json!({"https://schemas.example/event": {}})).accepted();
    let logout = "http://schemas.openid.net/event/backchannel-logout";
    SignIn::new().claim("events", json!({logout: {}})).rejected("oidc.token_wrong_type");
    SignIn::new().claim("events", json!({logout: null})).rejected("oidc.token_wrong_type");
    SignIn::new().claim("events", json!([logout])).rejected("oidc.claim_type");
}

/// #24
#[test]
fn the_organization_is_the_one_that_was_asked_for() {
    let asked = || SignIn::new().pending("organization", "org_1");
    asked().claim("org_id", "org_1").accepted();
    asked().claim("org_id", "org_2").rejected("oidc.organization_mismatch");
    asked().rejected("oidc.organization_mismatch");
    asked().claim("org_id", json!(["org_1"])).rejected("oidc.organization_mismatch");
    SignIn::new().claim("org_id", "org_2").accepted();
}

#[test]
fn a_large_difference_of_clocks_is_noted() {
    let with =
        |seconds| SignIn::new().with(|sign_in| sign_in.client.policy.clock_skew = Skew::from_secs(seconds));
    assert_eq!(with(600).accepted().notes(), []);
    let noted = with(601).accepted();
    let codes: Vec<&str> = noted.notes().iter().map(|note| note.code.as_str()).collect();
    assert_eq!(codes, ["oidc.clock_skew_large"]);
}

#[test]
fn a_single_method_of_authentication_is_a_list_of_one() {
    assert_eq!(SignIn::new().claim("amr", "pwd").accepted().amr(), ["pwd"]);
    for amr in [json!(7), json!(["pwd", 7]), json!({}), json!(null)] {
        SignIn::new().claim("amr", amr).rejected("oidc.claim_type");
    }
}

/// Every claim that decides something, with the values that it may have in an acceptable token.
fn complete() -> SignIn {
    let now = seconds(given::now());
    SignIn::new()
        .pending("max_age_seconds", 600)
        .pending("essential_acr", json!(["gold"]))
        .pending("hd", "corp.example")
        .pending("organization", "org_1")
        .claim("nbf", now)
        .claim("auth_time", now - 100)
        .claim("acr", "gold")
        .claim("amr", json!(["pwd"]))
        .claim("azp", "client-1")
        .claim("at_hash", half_hash(&SHA256, ACCESS_TOKEN))
        .claim("c_hash", half_hash(&SHA256, CODE))
        .claim("sid", "s1")
        .claim("events", json!({}))
        .claim("hd", "corp.example")
        .claim("org_id", "org_1")
}

/// An acceptable sign-in with this claim.
fn having(claim: &str) -> SignIn {
    match claim {
        "tid" => entra(),
        _ => complete(),
    }
}

/// What each claim may be, by its JSON type.
const TYPES: [(&str, &[&str]); 18] = [
    ("iss", &["text"]),
    ("sub", &["text"]),
    ("aud", &["text", "list"]),
    ("azp", &["text"]),
    ("exp", &["number"]),
    ("nbf", &["number"]),
    ("iat", &["number"]),
    ("nonce", &["text"]),
    ("auth_time", &["number"]),
    ("acr", &["text"]),
    ("amr", &["text", "list"]),
    ("at_hash", &["text"]),
    ("c_hash", &["text"]),
    ("sid", &["text"]),
    ("events", &["object"]),
    ("hd", &["text"]),
    ("org_id", &["text"]),
    ("tid", &["text"]),
];

pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Any small JSON value, among them the right value in a wrong wrapping.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let scalar = || {
        proptest::prop_oneof![
            proptest::strategy::Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<u32>().prop_map(Value::from),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Value::from),
            "[ -~]{0,12}".prop_map(Value::from),
            select(vec![given::ISSUER, "client-1", NONCE, "gold", "org_1"]).prop_map(Value::from),
        ]
    };
    proptest::prop_oneof![
        3 => scalar(),
        1 => proptest::collection::vec(scalar(), 0..3).prop_map(Value::from),
        1 => proptest::collection::btree_map("[a-z]{1,4}", scalar(), 0..2)
            .prop_map(|members| Value::Object(members.into_iter().collect())),
    ]
}

proptest! {
    /// No claim of a wrong type is accepted, whatever stands in it.
    #[test]
    fn no_wrong_type_is_accepted((claim, types) in select(TYPES.to_vec()), value in values()) {
        let sign_in = having(claim);
        let accepted = sign_in.claim(claim, value.clone()).validate().is_ok();
        let right = types.contains(&type_of(&value));
        proptest::prop_assert!(right || !accepted, "{claim}: {value}");
    }

    /// The right value inside of something else is not the right value.
    #[test]
    fn no_wrapped_value_is_accepted((claim, types) in select(TYPES.to_vec()), wrapping in 0..4_usize) {
        let sign_in = having(claim);
        let value = sign_in.claims[claim].clone();
        let wrapped = match wrapping {
            0 => json!([value, "x"]),
            1 => json!([[value]]),
            2 => json!({"value": value}),
            _ => Value::from(value.to_string()),
        };
        // In these, anything of the right type may stand.
        let free = ["amr", "sub", "sid", "events"].contains(&claim);
        let is_right_too = free && types.contains(&type_of(&wrapped));
        proptest::prop_assume!(!is_right_too);
        proptest::prop_assert!(sign_in.claim(claim, wrapped).validate().is_err(), "{claim}");
    }

    /// A claim that is there twice is refused, whichever comes first, and whether or not it is one of ours.
    #[test]
    fn no_duplicate_member_is_accepted(claim in select(TYPES.to_vec()).prop_map(|(claim, _)| claim), first in any::<bool>()) {
        let sign_in = having(claim);
        let value = sign_in.claims[claim].clone();
        let payload = sign_in.payload();
        let inner = &payload[1..payload.len() - 1];
        let payload =
            if first { format!("{{\"{claim}\":{value},{inner}}}") } else { format!("{{{inner},\"{claim}\":{value}}}") };
        let error = sign_in.with(|sign_in| sign_in.payload = Some(payload)).validate().unwrap_err();
        proptest::prop_assert_eq!(error.code(), "oidc.json_duplicate_member");
    }

    /// No further audience is accepted, whatever it is and wherever it stands.
    #[test]
    fn no_further_audience_is_accepted(other in values(), at in 0..2_usize) {
        proptest::prop_assume!(other != json!("client-1"));
        let mut audience = vec![json!("client-1")];
        audience.insert(at, other);
        let error = complete().claim("aud", audience).validate().unwrap_err();
        proptest::prop_assert!(["oidc.audience_untrusted", "oidc.claim_type"].contains(&error.code()));
    }
}

#[test]
fn the_complete_token_is_accepted_as_it_is() {
    complete().accepted();
    entra().accepted();
    assert!(matches!(complete().claim("c_hash", "none").validate(), Err(Error::CodeHashMismatch)));
}

pub(super) use super::pitfalls::entra;
